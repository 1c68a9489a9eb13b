//! People, events and campaigns to test with.
#![allow(dead_code, clippy::unwrap_used, reason = "test code; each test file uses its part")]

use rapport_core::country::Country;
use rapport_core::event::{Deed, Modality, Object, Record};
pub use rapport_core::ids::{Name, Surrogate};
use rapport_core::signal::{Marks, Source};
pub use rapport_core::time::UnixMillis;
pub use rapport_store::{Appended, Campaign, NewEvent, Reservation, Store};

pub const NOON: UnixMillis = UnixMillis(1_766_232_000_000);

pub fn name(text: &str) -> Name {
    Name::new(text).unwrap()
}

/// A like of an item by somebody in the US.
pub fn liked(id: &str) -> Record {
    Record {
        event: name(id),
        product: name("main"),
        at: NOON,
        country: Country::from_code("US"),
        epoch: 3,
        deed: Deed::Liked,
        source: Source::Social,
        modality: Modality::None,
        conversation: None,
        object: Some(Object::Item(name("boots"))),
        dwell_ms: 0,
        signals: Vec::new(),
        marks: Marks::default(),
        vector: None,
        named: Vec::new(),
    }
}

/// Something said to the assistant.
pub fn said(id: &str, conversation: &str) -> Record {
    Record {
        deed: Deed::Said,
        source: Source::Assistant,
        modality: Modality::Text,
        conversation: Some(name(conversation)),
        object: None,
        ..liked(id)
    }
}

/// A friendship with `friend`.
pub fn befriended(id: &str, friend: Surrogate) -> Record {
    Record { deed: Deed::Befriended, object: Some(Object::Person(friend)), ..liked(id) }
}

pub fn event(person: Surrogate, record: Record) -> NewEvent {
    NewEvent { person, record, mirror: None }
}

pub fn friendship(id: &str, person: Surrogate, friend: Surrogate) -> NewEvent {
    NewEvent { person, record: befriended(id, friend), mirror: Some(friend) }
}

pub fn person(store: &dyn Store, id: &str) -> Surrogate {
    store.put_person(id, b"{}").unwrap()
}

pub fn append_one(store: &dyn Store, event: NewEvent) -> Appended {
    store.append(vec![event]).unwrap()[0]
}

pub fn ids(store: &dyn Store, person: Surrogate) -> Vec<String> {
    let log = store.read(person).unwrap();
    log.iter().map(|(_, record)| record.event.as_str().to_owned()).collect()
}

pub fn campaign(id: &str, budget: i64) -> Campaign {
    Campaign {
        id: id.to_owned(),
        advertiser: format!("advertiser of {id}"),
        payload: b"{}".to_vec(),
        budget_micros: budget,
        daily_budget_micros: None,
    }
}

pub fn nonce(number: u64) -> [u8; 16] {
    let mut nonce = [7; 16];
    nonce[..8].copy_from_slice(&number.to_le_bytes());
    nonce
}

/// Wants `price` from `campaign` at noon, for ten minutes.
pub fn want(number: u64, campaign: &str, price: i64) -> Reservation {
    Reservation {
        nonce: nonce(number),
        campaign: campaign.to_owned(),
        ad: "an ad".to_owned(),
        person: None,
        price_micros: price,
        at: NOON,
        expires: NOON.plus(600_000),
    }
}
