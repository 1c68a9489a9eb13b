//! `PUT` and `DELETE /items/{id}`.

use std::sync::Arc;

use rapport_core::catalog::{Change, Item};
use rapport_core::signal::Marks;
use serde_json::Value;

use crate::app::{App, Problem, name};

impl App {
    /// Adds an item or replaces the one of that id; it can be recommended when this returns.
    ///
    /// # Errors
    /// The first field that is missing or wrong, or a fault of the store.
    pub fn put_item(&self, id: &str, body: &Value) -> Result<(), Problem> {
        self.put_items(vec![(id.to_owned(), body.clone())]).pop().unwrap_or(Ok(()))
    }

    /// Adds or replaces many items in one commit, understood together; each is judged by itself.
    pub fn put_items(&self, bodies: Vec<(String, Value)>) -> Vec<Result<(), Problem>> {
        let parsed: Vec<Result<Item, Problem>> = bodies
            .iter()
            .map(|(id, body)| Item::parse(name("id", id)?, body).map_err(|e| Problem::invalid(e.to_string())))
            .collect();
        let items: Vec<Item> = parsed.iter().filter_map(|item| item.as_ref().ok().cloned()).collect();
        let stored = self.store_items(items);
        parsed.into_iter().map(|item| item.and_then(|_| stored.clone())).collect()
    }

    /// Removes an item.
    ///
    /// # Errors
    /// `unknown-item` if there is none.
    pub fn delete_item(&self, id: &str) -> Result<(), Problem> {
        let id = name("id", id)?;
        if !self.store.delete_item(&id)? {
            return Err(Problem::unknown_item());
        }
        self.items.publish(vec![Change::Remove(id)]);
        Ok(())
    }

    fn store_items(&self, items: Vec<Item>) -> Result<(), Problem> {
        if items.is_empty() {
            return Ok(());
        }
        let items = self.with_authors(self.with_meaning(items))?;
        let rows = items.iter().map(to_row).collect::<Result<Vec<_>, _>>()?;
        self.store.put_items(rows)?;
        self.items.publish(items.into_iter().map(|item| Change::Put(Arc::new(item))).collect());
        Ok(())
    }

    fn with_meaning(&self, items: Vec<Item>) -> Vec<Item> {
        let words: Vec<String> = items.iter().map(Item::words).collect();
        let texts: Vec<&str> = words.iter().map(String::as_str).collect();
        let meanings = self.words.study(&texts);
        items
            .into_iter()
            .zip(meanings)
            .map(|(item, meaning)| match meaning {
                Some(meaning) => item.understood(&meaning),
                // The models failed: what the caller said stands, and what a policy must know is unknown.
                None => {
                    let marks =
                        Marks { low_confidence: true, sensitive: of_topics(&item), ..Marks::default() };
                    Item { marks, ..item }
                }
            })
            .collect()
    }

    fn with_authors(&self, mut items: Vec<Item>) -> Result<Vec<Item>, Problem> {
        let ids: Vec<&str> =
            items.iter().filter_map(|item| item.author.as_ref()).map(|a| a.as_str()).collect();
        let mut surrogates = self.store.aliases(&ids)?.into_iter();
        for item in &mut items {
            // The snapshot holds no id in clear, so that an erasure has one place less to look.
            item.author_surrogate = item.author.take().and_then(|_| surrogates.next());
        }
        Ok(items)
    }
}

fn of_topics(item: &Item) -> rapport_core::topic::Categories {
    item.topics.iter().fold(Default::default(), |all, scored| all | scored.topic.sensitive())
}

fn to_row(item: &Item) -> Result<rapport_store::Item, Problem> {
    let payload = postcard::to_stdvec(item).map_err(|_| Problem::internal())?;
    Ok(rapport_store::Item { id: item.id.clone(), author: item.author_surrogate, payload })
}
