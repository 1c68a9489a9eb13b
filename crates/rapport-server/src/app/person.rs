//! `PUT /people/{id}`.

use rapport_core::country::Country;
use rapport_core::gate::{Account, Person};
use rapport_core::ids::Name;

use crate::app::people::{facts, write_facts};
use crate::app::{App, Call, Problem, name};

/// Most languages and accounts of one person.
const MOST: usize = 64;

/// What an app knows of a person.
#[derive(Clone, Debug, Default, serde::Deserialize, utoipa::ToSchema)]
pub struct PersonBody {
    /// ISO 3166-1 alpha-2; missing, empty or unknown fails closed.
    pub country: Option<String>,
    /// The year they were born in.
    pub birth_year: Option<i64>,
    /// ISO 639-1 codes, best first.
    pub languages: Option<Vec<String>>,
    /// Their accounts in the house's products.
    pub accounts: Option<Vec<AccountBody>>,
    /// For notices.
    pub email: Option<String>,
}

/// An account in one product.
#[derive(Clone, Debug, serde::Deserialize, utoipa::ToSchema)]
pub struct AccountBody {
    /// The product.
    pub product: String,
    /// Whether the person linked it with their others.
    #[serde(default)]
    pub linked: bool,
}

impl App {
    /// Registers a person, or replaces their facts; their choices and what they were told stay.
    ///
    /// # Errors
    /// The first field that is wrong, or a fault of the store.
    pub fn put_person(&self, id: &str, body: PersonBody, call: &Call) -> Result<(), Problem> {
        let id = name("id", id)?;
        let fresh = body.check(call)?;
        let _turn = self.edit(id.as_str());
        let person = match self.store.person(id.as_str())? {
            Some(known) => {
                let before = facts(self.store.as_ref(), known.surrogate)?;
                Person { choices: before.choices, notices: before.notices, ..fresh }
            }
            None => fresh,
        };
        self.save(&id, &person)
    }

    /// Writes a person's facts; the next request reads them.
    pub(super) fn save(&self, id: &Name, person: &Person) -> Result<(), Problem> {
        let surrogate = self.store.put_person(id.as_str(), &write_facts(person)?)?;
        self.people.invalidate(surrogate);
        Ok(())
    }
}

impl PersonBody {
    fn check(self, call: &Call) -> Result<Person, Problem> {
        Ok(Person {
            country: Country::from_code(&self.country.unwrap_or_default()),
            birth_year: birth_year(self.birth_year, call)?,
            languages: languages(self.languages.unwrap_or_default())?,
            accounts: accounts(self.accounts.unwrap_or_default())?,
            email: email(self.email)?,
            ..Person::default()
        })
    }
}

fn birth_year(year: Option<i64>, call: &Call) -> Result<Option<i16>, Problem> {
    let Some(year) = year else { return Ok(None) };
    let this_year = call.now.year();
    i16::try_from(year)
        .ok()
        .filter(|y| (1900..=this_year).contains(y))
        .map(Some)
        .ok_or_else(|| Problem::invalid(format!("`birth_year` is no year from 1900 to {this_year}")))
}

fn languages(codes: Vec<String>) -> Result<Vec<String>, Problem> {
    let right =
        |code: &String| (2..=3).contains(&code.len()) && code.bytes().all(|b| b.is_ascii_alphabetic());
    if codes.len() > MOST || !codes.iter().all(right) {
        let detail =
            format!("`languages` is no list of at most {MOST} ISO 639-1 codes, for example `[\"en\"]`");
        return Err(Problem::invalid(detail));
    }
    Ok(codes.into_iter().map(|code| code.to_ascii_lowercase()).collect())
}

fn accounts(accounts: Vec<AccountBody>) -> Result<Vec<Account>, Problem> {
    if accounts.len() > MOST {
        return Err(Problem::invalid(format!("`accounts` has {} entries (limit: {MOST})", accounts.len())));
    }
    accounts
        .into_iter()
        .map(|a| Ok(Account { product: name("accounts.product", &a.product)?, linked: a.linked }))
        .collect()
}

fn email(email: Option<String>) -> Result<Option<String>, Problem> {
    match email {
        Some(text) if text.len() > 320 || !text.contains('@') => {
            Err(Problem::invalid("`email` is no address of at most 320 bytes with an `@`"))
        }
        email => Ok(email),
    }
}
