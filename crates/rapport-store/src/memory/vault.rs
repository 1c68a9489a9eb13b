//! Who is who.

use std::collections::HashMap;

use rapport_core::ids::Surrogate;

use crate::seal::random;
use crate::{Person, StoreError};

/// Ids in clear, and nothing to hide them from.
#[derive(Default)]
pub struct Vault {
    by_id: HashMap<String, Entry>,
    ids: HashMap<Surrogate, String>,
}

struct Entry {
    surrogate: Surrogate,
    /// `None` for an alias.
    facts: Option<Vec<u8>>,
}

impl Vault {
    pub fn knows(&self, person: Surrogate) -> bool {
        self.ids.contains_key(&person)
    }

    pub fn put(&mut self, id: &str, facts: &[u8]) -> Result<Surrogate, StoreError> {
        let surrogate = self.alias(id)?;
        self.by_id.insert(id.to_owned(), Entry { surrogate, facts: Some(facts.to_vec()) });
        Ok(surrogate)
    }

    pub fn alias(&mut self, id: &str) -> Result<Surrogate, StoreError> {
        if let Some(entry) = self.by_id.get(id) {
            return Ok(entry.surrogate);
        }
        let surrogate = Surrogate(random()?);
        self.by_id.insert(id.to_owned(), Entry { surrogate, facts: None });
        self.ids.insert(surrogate, id.to_owned());
        Ok(surrogate)
    }

    pub fn person(&self, id: &str) -> Option<Person> {
        let Entry { surrogate, facts } = self.by_id.get(id)?;
        Some(Person { surrogate: *surrogate, facts: facts.clone()? })
    }

    pub fn id_of(&self, person: Surrogate) -> Option<&str> {
        self.ids.get(&person).map(String::as_str)
    }

    pub fn registered(&self) -> Vec<(String, Person)> {
        self.by_id.keys().filter_map(|id| Some((id.clone(), self.person(id)?))).collect()
    }

    pub fn remove(&mut self, id: &str) -> Option<Surrogate> {
        let surrogate = self.by_id.remove(id)?.surrogate;
        self.ids.remove(&surrogate);
        Some(surrogate)
    }
}
