//! Which purposes a policy lets a person object to: asked of the policy, not written down beside it.

use rapport_core::country::Country;
use rapport_core::event::Modality;
use rapport_core::gate::{Age, Decision, GateKey, Purpose, RuleId, Terms};
use rapport_core::signal::{Marks, Source};

/// For each purpose, the rule that uses a signal of somebody who objected; none if an objection is honoured.
pub(crate) fn overriding_rules(
    terms: &Terms,
    decide: impl Fn(&GateKey) -> Decision,
) -> Vec<(Purpose, Option<RuleId>)> {
    let overriding = |purpose| {
        let answers = objecting(terms, purpose).map(|key| decide(&key));
        answers.into_iter().find(|answer| answer.allowed).map(|answer| answer.rule)
    };
    Purpose::ALL.map(|purpose| (purpose, overriding(purpose))).to_vec()
}

/// Questions about grown-ups who object, with nothing else against the use: where the assistant's signals are open
/// and where they are not, and from every source.
fn objecting(terms: &Terms, purpose: Purpose) -> impl Iterator<Item = GateKey> {
    let open = terms.regions.keys().next().copied().unwrap_or_default();
    let countries = [open, Country::from_code("DE"), Country::UNKNOWN];
    countries.into_iter().flat_map(move |country| {
        Source::ALL.map(|source| GateKey {
            purpose,
            source,
            modality: Modality::Text,
            marks: Marks::default(),
            country_then: country,
            country_now: country,
            region_then: true,
            region_now: true,
            same_product: true,
            linked: true,
            after_notice: true,
            after_effective: true,
            effective_now: true,
            objected: true,
            consented: false,
            gpc: false,
            age: Age::Adult,
            sensitive_asked: true,
        })
    })
}
