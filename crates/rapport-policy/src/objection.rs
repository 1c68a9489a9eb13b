//! Which purposes a policy lets a person object to: asked of the policy, not written down beside it.

use rapport_core::country::Country;
use rapport_core::gate::{Decision, GateKey, Purpose, RuleId, Terms};
use rapport_core::signal::Source;

use crate::sample::favourable;

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

/// Questions about somebody who objects, with nothing else against the use but maybe the country: an objection that
/// is honoured in some countries only does not count as honoured.
fn objecting(terms: &Terms, purpose: Purpose) -> impl Iterator<Item = GateKey> {
    let keys = Source::ALL.map(|source| GateKey { objected: true, ..favourable(purpose, source, terms) });
    let elsewhere = |key| [Country::from_code("DE"), Country::UNKNOWN].map(|country| moved(key, country));
    keys.into_iter().chain(keys.into_iter().flat_map(elsewhere))
}

fn moved(key: GateKey, country: Country) -> GateKey {
    GateKey { country_then: country, country_now: country, ..key }
}
