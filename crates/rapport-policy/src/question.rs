//! The gate's question in Cedar's terms: a purpose (principal) asks to use a signal (resource).

use std::collections::{HashMap, HashSet};
use std::str::FromStr;

use cedar_policy::{
    Context, Entities, Entity, EntityId, EntityTypeName, EntityUid, ParseErrors, Request,
    RestrictedExpression as Value, Schema,
};
use rapport_core::gate::GateKey;

/// A question's attribute, and what a key says about it.
type Attribute = (&'static str, fn(&Questions, &GateKey) -> Value);

/// Every attribute of `Signal`. A key has exactly these and the purpose.
const ATTRIBUTES: [Attribute; 20] = [
    ("source", |q, k| word(&q.source, k.source.name())),
    ("modality", |q, k| word(&q.modality, k.modality.name())),
    ("sensitive", |q, k| {
        Value::new_set(k.marks.sensitive.iter().map(|category| word(&q.category, category.name())))
    }),
    ("about_other", |_, k| Value::new_bool(k.marks.about_other)),
    ("about_child", |_, k| Value::new_bool(k.marks.about_child)),
    ("low_confidence", |_, k| Value::new_bool(k.marks.low_confidence)),
    ("country_then", |_, k| Value::new_string(k.country_then.code().to_owned())),
    ("country_now", |_, k| Value::new_string(k.country_now.code().to_owned())),
    ("region_then", |_, k| Value::new_bool(k.region_then)),
    ("region_now", |_, k| Value::new_bool(k.region_now)),
    ("same_product", |_, k| Value::new_bool(k.same_product)),
    ("linked", |_, k| Value::new_bool(k.linked)),
    ("after_notice", |_, k| Value::new_bool(k.after_notice)),
    ("after_effective", |_, k| Value::new_bool(k.after_effective)),
    ("effective_now", |_, k| Value::new_bool(k.effective_now)),
    ("objected", |_, k| Value::new_bool(k.objected)),
    ("consented", |_, k| Value::new_bool(k.consented)),
    ("gpc", |_, k| Value::new_bool(k.gpc)),
    ("age", |q, k| word(&q.age, k.age.name())),
    ("sensitive_asked", |_, k| Value::new_bool(k.sensitive_asked)),
];

/// The names of a question's attributes.
pub(crate) fn attributes() -> impl Iterator<Item = &'static str> {
    ATTRIBUTES.iter().map(|(name, _)| *name)
}

/// Turns keys into requests. Holds the names parsed, so that asking parses nothing.
#[derive(Debug)]
pub(crate) struct Questions {
    purpose: EntityTypeName,
    source: EntityTypeName,
    modality: EntityTypeName,
    category: EntityTypeName,
    age: EntityTypeName,
    signal: EntityUid,
    action: EntityUid,
}

impl Questions {
    pub(crate) fn new() -> Result<Self, Box<ParseErrors>> {
        Ok(Self {
            purpose: EntityTypeName::from_str("Purpose")?,
            source: EntityTypeName::from_str("Source")?,
            modality: EntityTypeName::from_str("Modality")?,
            category: EntityTypeName::from_str("Category")?,
            age: EntityTypeName::from_str("Age")?,
            signal: EntityUid::from_str("Signal::\"it\"")?,
            action: EntityUid::from_str("Action::\"use\"")?,
        })
    }

    /// The question of `key`; with a schema, checked against it.
    pub(crate) fn ask(
        &self,
        key: &GateKey,
        schema: Option<&Schema>,
    ) -> Result<(Request, Entities), Box<dyn std::error::Error>> {
        let attributes: HashMap<String, Value> =
            ATTRIBUTES.iter().map(|(name, of)| ((*name).to_owned(), of(self, key))).collect();
        let signal = Entity::new(self.signal.clone(), attributes, HashSet::new())?;
        let entities = Entities::from_entities([signal], schema)?;
        let purpose = uid(&self.purpose, key.purpose.name());
        let (action, signal) = (self.action.clone(), self.signal.clone());
        Ok((Request::new(purpose, action, signal, Context::empty(), schema)?, entities))
    }
}

fn uid(kind: &EntityTypeName, name: &str) -> EntityUid {
    EntityUid::from_type_name_and_id(kind.clone(), EntityId::new(name))
}

fn word(kind: &EntityTypeName, name: &str) -> Value {
    Value::new_entity_uid(uid(kind, name))
}
