//! Sample questions: one that everything speaks for, and those one step away from it.

use rapport_core::country::Country;
use rapport_core::event::Modality;
use rapport_core::gate::{Age, GateKey, Purpose, Terms};
use rapport_core::signal::{Marks, Source};
use rapport_core::topic::Categories;

/// Something that speaks against a use.
type Step = fn(&mut GateKey);

const STEPS: [Step; 20] = [
    |_| (),
    |key| key.marks.sensitive = Categories::ALL,
    |key| (key.marks.sensitive, key.sensitive_asked) = (Categories::ALL, false),
    |key| key.marks.about_other = true,
    |key| key.marks.about_child = true,
    |key| key.marks.low_confidence = true,
    |key| key.country_then = Country::UNKNOWN,
    |key| key.country_now = Country::UNKNOWN,
    |key| (key.country_now, key.region_now) = (Country::from_code("DE"), false),
    |key| (key.country_now, key.region_now) = (Country::from_code("GB"), false),
    |key| (key.country_now, key.region_now) = (Country::from_code("KR"), false),
    |key| (key.country_then, key.region_then) = (Country::from_code("DE"), false),
    |key| key.after_notice = false,
    |key| key.after_effective = false,
    |key| key.effective_now = false,
    |key| (key.same_product, key.linked) = (false, false),
    |key| (key.objected, key.consented) = (true, false),
    |key| key.gpc = true,
    |key| key.age = Age::Minor,
    |key| key.age = Age::Unknown,
];

/// A typed signal of a grown-up who was told in time, where the policy is rolled out, in one product; without consent.
pub(crate) fn favourable(purpose: Purpose, source: Source, terms: &Terms) -> GateKey {
    let open = terms.regions.keys().next().copied().unwrap_or_default();
    GateKey {
        purpose,
        source,
        modality: Modality::Text,
        marks: Marks::default(),
        country_then: open,
        country_now: open,
        region_then: true,
        region_now: true,
        same_product: true,
        linked: true,
        after_notice: true,
        after_effective: true,
        effective_now: true,
        objected: false,
        consented: false,
        gpc: false,
        age: Age::Adult,
        sensitive_asked: true,
    }
}

/// Every purpose and source, with consent and without, with at most one thing against the use: 2,200 questions.
pub(crate) fn one_step_away(terms: &Terms) -> impl Iterator<Item = GateKey> {
    let uses = Purpose::ALL.into_iter().flat_map(|purpose| Source::ALL.map(|source| (purpose, source)));
    let consents = uses.flat_map(|(purpose, source)| [true, false].map(|consent| (purpose, source, consent)));
    consents.flat_map(move |(purpose, source, consented)| {
        let key = GateKey { consented, ..favourable(purpose, source, terms) };
        STEPS.into_iter().map(move |step| {
            let mut key = key;
            step(&mut key);
            key
        })
    })
}
