//! A policy's schema, held against the questions that Rapport asks: same attributes, same types, same words.

use cedar_policy::{Schema, SchemaFragment};
use rapport_core::event::Modality;
use rapport_core::gate::{Age, GateKey, Purpose, Terms};
use rapport_core::signal::{Marks, Source};
use rapport_core::topic::Categories;

use crate::question::{Questions, attributes};
use crate::sample::favourable;
use crate::{Place, PolicyError, PolicyFile};

const MODALITIES: [Modality; 5] =
    [Modality::None, Modality::Text, Modality::Voice, Modality::Image, Modality::Video];
const AGES: [Age; 3] = [Age::Adult, Age::Minor, Age::Unknown];

/// The schema of `file`, if every question fits it and it leaves no room for others.
pub(crate) fn parse(file: &PolicyFile, questions: &Questions) -> Result<Schema, PolicyError> {
    let text_error = |e: &(dyn miette::Diagnostic + 'static)| PolicyError::Text {
        file: file.path.clone(),
        place: Place::of(&file.text, e),
        problem: e.to_string(),
    };
    let (fragment, _) = SchemaFragment::from_cedarschema_str(&file.text).map_err(|e| text_error(&e))?;
    let (schema, _) = Schema::from_cedarschema_str(&file.text).map_err(|e| text_error(&e))?;
    check_attributes(file, fragment)?;
    for key in samples() {
        questions.ask(&key, Some(&schema)).map_err(|e| misfit(file, &causes(e.as_ref())))?;
    }
    Ok(schema)
}

/// An attribute that is missing, optional or unknown would let a rule error, and an erroring `forbid` fails open.
fn check_attributes(file: &PolicyFile, fragment: SchemaFragment) -> Result<(), PolicyError> {
    let json = fragment.to_json_value().map_err(|e| misfit(file, &e.to_string()))?;
    let Some(declared) = json.pointer("//entityTypes/Signal/shape/attributes").and_then(|a| a.as_object())
    else {
        return Err(misfit(file, "there is no `entity Signal` with attributes"));
    };
    let unknown = declared.keys().find(|name| !attributes().any(|known| known == name.as_str()));
    if let Some(attribute) = unknown {
        return Err(PolicyError::UnknownAttribute {
            file: file.path.clone(),
            attribute: attribute.clone(),
            known: attributes().collect(),
        });
    }
    let required = |name: &str| {
        declared.get(name).is_some_and(|a| a.get("required") != Some(&serde_json::Value::Bool(false)))
    };
    match attributes().find(|name| !required(name)) {
        Some(attribute) => Err(PolicyError::MissingAttribute { file: file.path.clone(), attribute }),
        None => Ok(()),
    }
}

/// Keys that use every word of every enumeration.
fn samples() -> impl Iterator<Item = GateKey> {
    let purposes = Purpose::ALL.map(|purpose| GateKey { purpose, ..plain() });
    let sources = Source::ALL.map(|source| GateKey { source, ..plain() });
    let modalities = MODALITIES.map(|modality| GateKey { modality, ..plain() });
    let ages = AGES.map(|age| GateKey { age, ..plain() });
    purposes.into_iter().chain(sources).chain(modalities).chain(ages)
}

fn plain() -> GateKey {
    let marks = Marks { sensitive: Categories::ALL, ..Marks::default() };
    GateKey { marks, ..favourable(Purpose::Feed, Source::Assistant, &Terms::default()) }
}

fn misfit(file: &PolicyFile, problem: &str) -> PolicyError {
    PolicyError::SchemaMisfit { file: file.path.clone(), problem: problem.to_owned() }
}

/// An error and what lies beneath it: Cedar tells the attribute only there.
fn causes(error: &dyn std::error::Error) -> String {
    let chain = std::iter::successors(Some(error), |error| error.source());
    chain.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}
