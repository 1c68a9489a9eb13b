//! Questions to put to a policy.
#![allow(dead_code, reason = "each test uses a part")]

use proptest::prelude::*;
use rapport_core::country::Country;
use rapport_core::event::Modality;
use rapport_core::gate::{Age, GateKey, Purpose};
use rapport_core::signal::{Marks, Source};
use rapport_core::topic::Categories;

/// The question that everything speaks for: a grown-up in the US, told in time, who neither objects nor consents.
pub fn favourable(purpose: Purpose) -> GateKey {
    let us = Country::from_code("US");
    GateKey {
        purpose,
        source: Source::Assistant,
        modality: Modality::Text,
        marks: Marks::default(),
        country_then: us,
        country_now: us,
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

fn country() -> impl Strategy<Value = Country> {
    let letter = b'A'..=b'Z';
    let any = (letter.clone(), letter).prop_map(|(a, b)| String::from_utf8(vec![a, b]).unwrap());
    let telling =
        prop::sample::select(vec!["US", "CA", "BR", "DE", "FR", "AX", "NO", "CH", "GB", "KR", "--"]);
    prop_oneof![4 => telling.prop_map(Country::from_code), 1 => any.prop_map(|code| Country::from_code(&code))]
}

fn marks() -> impl Strategy<Value = Marks> {
    let sensitive = prop_oneof![3 => Just(0u8), 1 => 0..128u8];
    (sensitive, rarely(), rarely(), rarely()).prop_map(|(bits, about_other, about_child, low_confidence)| {
        Marks { sensitive: Categories::from_bits(bits), about_other, about_child, low_confidence }
    })
}

fn rarely() -> impl Strategy<Value = bool> {
    prop::bool::weighted(0.1)
}

fn mostly() -> impl Strategy<Value = bool> {
    prop::bool::weighted(0.9)
}

/// Any question whatever, but most flags mostly favourable, so that every rule decides some of them alone.
pub fn any_key() -> impl Strategy<Value = GateKey> {
    let modalities = [Modality::None, Modality::Text, Modality::Voice, Modality::Image, Modality::Video];
    let subject = (
        prop::sample::select(Purpose::ALL.to_vec()),
        prop_oneof![Just(Source::Assistant), prop::sample::select(Source::ALL.to_vec())],
        prop::sample::select(modalities.to_vec()),
        marks(),
        country(),
        country(),
    );
    let place = (mostly(), mostly(), any::<bool>(), mostly(), mostly(), mostly(), mostly());
    let ages = prop_oneof![4 => Just(Age::Adult), 1 => Just(Age::Minor), 1 => Just(Age::Unknown)];
    let person = (rarely(), any::<bool>(), rarely(), ages, any::<bool>());
    (subject, place, person).prop_map(|(subject, place, person)| {
        let (purpose, source, modality, marks, country_then, country_now) = subject;
        let (region_then, region_now, same_product, linked, after_notice, after_effective, effective_now) =
            place;
        let (objected, consented, gpc, age, sensitive_asked) = person;
        GateKey {
            purpose,
            source,
            modality,
            marks,
            country_then,
            country_now,
            region_then,
            region_now,
            same_product,
            linked,
            after_notice,
            after_effective,
            effective_now,
            objected,
            consented,
            gpc,
            age,
            sensitive_asked,
        }
    })
}
