//! Receipts: the stored record of each answer, and `GET /receipts/{id}`.

use std::collections::BTreeMap;

use rapport_core::catalog::Catalog;
use rapport_core::event::Object;
use rapport_core::explain::{ClassUse, Receipt, Row};
use rapport_core::gate::{PolicyFacts, View};
use rapport_core::ids::{EventId, ItemId, Name, Surrogate};
use serde_json::{Value, json};

use crate::app::call::random;
use crate::app::{App, Problem};

/// What an erased person's ids are replaced by in others' receipts.
const ERASED: &str = "erased";

/// A receipt as the store keeps it: the record, and which parts of it are about other people.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct StoredReceipt {
    /// The record.
    pub receipt: Receipt,
    /// The campaigns that were considered and not shown, and the stage that each ended at.
    pub lost: Vec<(Name, String)>,
    /// Other people who appear in it, for masking.
    pub others: Vec<Other>,
}

/// Somebody else's part in a receipt.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Other {
    /// Who.
    pub person: Surrogate,
    /// Items of theirs that were shown.
    pub items: Vec<ItemId>,
    /// Events of theirs that counted.
    pub events: Vec<EventId>,
}

impl App {
    /// Stores a receipt before its answer is given; its id.
    pub(super) fn put_receipt(&self, who: Surrogate, stored: &StoredReceipt) -> Result<String, Problem> {
        let id: [u8; 16] = random()?;
        let payload = serde_json::to_vec(stored).map_err(|_| Problem::internal())?;
        let mentions = stored.others.iter().map(|other| other.person).collect();
        let at = stored.receipt.at;
        self.store.put_receipts(vec![rapport_store::Receipt {
            id,
            person: Some(who),
            at,
            payload,
            mentions,
        }])?;
        Ok(hex(&id))
    }

    /// The whole why of one answer.
    ///
    /// # Errors
    /// `not-found` if there is no such receipt (any more).
    pub fn receipt(&self, id: &str) -> Result<Value, Problem> {
        let unknown = || Problem::not_found("no receipt by that id; it may have gone with its person");
        let bytes = unhex(id).ok_or_else(unknown)?;
        let row = self.store.receipt(bytes)?.ok_or_else(unknown)?;
        let stored: StoredReceipt = serde_json::from_slice(&row.payload).map_err(|_| Problem::internal())?;
        Ok(describe(id, &stored))
    }
}

/// Rewrites somebody's receipt so that the erased person is no longer in it.
pub(super) fn mask(erased: Surrogate, payload: &[u8]) -> Vec<u8> {
    let Ok(mut stored) = serde_json::from_slice::<StoredReceipt>(payload) else {
        // What can't be read can't be masked: nothing of it may stay.
        return Vec::new();
    };
    let Ok(nobody) = Name::new(ERASED) else { return Vec::new() };
    for other in stored.others.extract_if(.., |other| other.person == erased) {
        for row in &mut stored.receipt.rows {
            if other.items.iter().any(|item| item.as_str() == row.id.as_str()) {
                row.id = nobody.clone();
            }
            for part in &mut row.contributions {
                if part.event.as_ref().is_some_and(|event| other.events.contains(event)) {
                    part.event = None;
                }
            }
        }
    }
    serde_json::to_vec(&stored).unwrap_or_default()
}

/// Every class of a view's profile, and what the policy said.
pub(super) fn class_uses<P>(view: &View<'_, P>, policy: &PolicyFacts) -> Vec<ClassUse>
where
    P: rapport_core::gate::PurposeTag,
{
    let rule = |id| policy.rule(id).map_or_else(String::new, |rule| rule.id.clone());
    view.judged()
        .iter()
        .map(|judged| ClassUse {
            class: judged.class.clone(),
            allowed: judged.decision.allowed,
            rule: rule(judged.decision.rule),
        })
        .collect()
}

/// Whom else the rows speak of: authors of what is shown, and friends whose side of a friendship counted.
pub(super) fn others<'v, P>(who: Surrogate, rows: &[Row], catalog: &Catalog, view: &View<'v, P>) -> Vec<Other>
where
    P: rapport_core::gate::PurposeTag + 'v,
{
    let mut found: BTreeMap<Surrogate, Other> = BTreeMap::new();
    let mut of = |person: Surrogate, add: &mut dyn FnMut(&mut Other)| {
        let fresh = || Other { person, items: Vec::new(), events: Vec::new() };
        add(found.entry(person).or_insert_with(fresh));
    };
    for row in rows {
        let author = catalog.get(row.id.as_str()).and_then(|item| item.author_surrogate);
        if let Some(author) = author.filter(|author| *author != who) {
            of(author, &mut |other| other.items.push(row.id.clone()));
        }
    }
    let counted = |event: &EventId| {
        rows.iter().flat_map(|row| &row.contributions).any(|part| part.event.as_ref() == Some(event))
    };
    for relation in view.relations() {
        if let Object::Person(person) = &relation.object
            && counted(&relation.event)
        {
            of(*person, &mut |other| other.events.push(relation.event.clone()));
        }
    }
    found.into_values().collect()
}

/// A receipt as it is answered.
pub(super) fn describe(id: &str, stored: &StoredReceipt) -> Value {
    let Receipt { at, purpose, product, policy, seed, personalised, classes, stages, rows } = &stored.receipt;
    let rows: Vec<Value> = rows.iter().map(|row| describe_row(row, purpose.name() == "ads")).collect();
    json!({
        "id": id, "at": at.to_string(), "purpose": purpose.name(), "product": product, "policy": policy,
        "seed": seed, "personalised": personalised, "unit": "nats",
        "classes": classes.iter().map(describe_class).collect::<Vec<_>>(),
        "stages": stages,
        "rows": rows,
        "lost": stored.lost.iter().map(|(campaign, stage)| json!({"campaign": campaign, "stage": stage}))
            .collect::<Vec<_>>(),
    })
}

fn describe_class(used: &ClassUse) -> Value {
    json!({ "class": class(&used.class), "allowed": used.allowed, "rule": used.rule })
}

/// A class in the contract's words.
pub(super) fn class(class: &rapport_core::signal::Class) -> Value {
    json!({
        "source": class.source.name(), "product": class.product, "modality": class.modality.name(),
        "sensitive": class.marks.sensitive.iter().map(|c| c.name()).collect::<Vec<_>>(),
        "about_other": class.marks.about_other, "about_child": class.marks.about_child,
        "low_confidence": class.marks.low_confidence,
        "country": class.country.code(), "region_open": class.region_open,
        "notices_seen": class.notices_seen, "notices_effective": class.notices_effective, "epoch": class.epoch,
    })
}

fn describe_row(row: &Row, ad: bool) -> Value {
    let contributions: Vec<Value> = row
        .contributions
        .iter()
        .map(|part| {
            json!({
                "kind": part.kind.name(), "topic": part.topic.map(|t| t.code()),
                "topic_name": part.topic.map(|t| t.name()),
                "source": part.source.map(|s| s.name()), "event": part.event, "value": part.value.nats(),
                "value_micro": part.value.0,
            })
        })
        .collect();
    let mut out = json!({
        "score": row.score.nats(), "score_micro": row.score.0, "contributions": contributions, "moved": row.moved,
    });
    out[if ad { "ad" } else { "item" }] = json!(row.id);
    if let Some(price) = row.price_micros {
        out["price_micros"] = price.into();
    }
    out
}

/// Lower-case hexadecimal.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The bytes of lower-case or upper-case hexadecimal; `None` if it is not exactly `N` of them.
pub(super) fn unhex<const N: usize>(text: &str) -> Option<[u8; N]> {
    if text.len() != 2 * N || !text.is_ascii() {
        return None;
    }
    let mut out = [0; N];
    for (to, at) in out.iter_mut().zip((0..text.len()).step_by(2)) {
        *to = u8::from_str_radix(text.get(at..at + 2)?, 16).ok()?;
    }
    Some(out)
}
