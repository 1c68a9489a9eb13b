//! `GET /people/{id}/export`: everything about a person, machine-readable.

use rapport_core::gate::Decider;
use serde_json::{Value, json};

use crate::app::receipts::{StoredReceipt, hex};
use crate::app::{App, Call, Problem};

impl App {
    /// Everything that is kept about a person. Items and people are named by the ids that the app gave.
    ///
    /// # Errors
    /// `unknown-person`, or a fault of the store.
    pub fn export(&self, id: &str, call: &Call) -> Result<Value, Problem> {
        let policy = self.policies.for_call(call)?;
        let (who, ready) = self.person(id, policy)?;
        let person = &ready.person;
        let mut records = Vec::new();
        for (_, record) in self.store.read(who)? {
            records.push(self.describe_record(&record)?);
        }
        let mut receipts = Vec::new();
        for row in self.store.receipts_of(who)? {
            let stored: StoredReceipt =
                serde_json::from_slice(&row.payload).map_err(|_| Problem::internal())?;
            receipts.push(super::receipts::describe(&hex(&row.id), &stored));
        }
        let mut items = Vec::new();
        for (_, item) in self.items.snapshot().items() {
            if item.author_surrogate == Some(who) {
                items.push(json!({
                    "id": item.id, "kind": item.kind, "title": item.title, "text": item.text,
                    "created_at": item.created_at.to_string(),
                }));
            }
        }
        Ok(json!({
            "id": id,
            "exported_at": call.now.to_string(),
            "policy": policy.facts().version,
            "facts": {
                "country": person.country.code(), "birth_year": person.birth_year,
                "languages": person.languages, "accounts": person.accounts, "email": person.email,
            },
            "choices": self.choices(id, call)?,
            "notices": self.notices(id, call)?,
            "events": records,
            "profile": self.profile(id, None, call)?,
            "items": items,
            "receipts": receipts,
        }))
    }

    fn describe_record(&self, record: &rapport_core::event::Record) -> Result<Value, Problem> {
        use rapport_core::event::Object;
        let object = match &record.object {
            None => Value::Null,
            Some(Object::Item(item)) => json!({ "item": item }),
            Some(Object::Ad(ad)) => json!({ "ad": ad }),
            Some(Object::Person(person)) => json!({ "person": self.store.id_of(*person)? }),
            Some(Object::Event(event)) => json!({ "event": event }),
        };
        let named: Vec<Value> = record
            .named
            .iter()
            .map(|named| {
                let sensitive: Vec<_> = named.marks.sensitive.iter().map(|c| c.name()).collect();
                json!({ "signals": describe_signals(&named.signals), "sensitive": sensitive })
            })
            .collect();
        Ok(json!({
            "id": record.event, "product": record.product, "at": record.at.to_string(),
            "country": record.country.code(), "deed": record.deed, "source": record.source.name(),
            "modality": record.modality.name(), "conversation": record.conversation, "object": object,
            "dwell_ms": record.dwell_ms, "signals": describe_signals(&record.signals), "named": named,
            "sensitive": record.marks.sensitive.iter().map(|c| c.name()).collect::<Vec<_>>(),
            "about_other": record.marks.about_other, "about_child": record.marks.about_child,
            "low_confidence": record.marks.low_confidence,
        }))
    }
}

fn describe_signals(signals: &[rapport_core::signal::TopicStrength]) -> Vec<Value> {
    let one = |s: &rapport_core::signal::TopicStrength| json!({ "topic": s.topic.code(), "name": s.topic.name(), "strength": s.strength });
    signals.iter().map(one).collect()
}
