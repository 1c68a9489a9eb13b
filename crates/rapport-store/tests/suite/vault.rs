use std::sync::Arc;

use rapport_core::ids::Surrogate;
use rapport_store::{Person, Store, StoreError};

use crate::given::person;

pub fn a_person_keeps_their_surrogate_when_facts_change(store: Arc<dyn Store>) {
    let ann = store.put_person("ann", b"old").unwrap();
    assert_eq!(store.put_person("ann", b"new").unwrap(), ann);
    let known = Person { surrogate: ann, facts: b"new".to_vec() };
    assert_eq!(store.person("ann").unwrap(), Some(known));
    assert_eq!(store.person_by_surrogate(ann).unwrap(), Some(b"new".to_vec()));
    assert_eq!(store.id_of(ann).unwrap().as_deref(), Some("ann"));
}

pub fn an_alias_is_nobody_until_registered(store: Arc<dyn Store>) {
    let ann = store.alias("ann").unwrap();
    assert_eq!(store.alias("ann").unwrap(), ann);
    assert_eq!(store.person("ann").unwrap(), None);
    assert_eq!(store.person_by_surrogate(ann).unwrap(), None);
    assert_eq!(store.id_of(ann).unwrap().as_deref(), Some("ann"));
    assert_eq!(store.put_person("ann", b"{}").unwrap(), ann);
    assert!(store.person("ann").unwrap().is_some());
    assert_eq!(store.alias("ann").unwrap(), ann);
    assert_eq!(store.person_by_surrogate(ann).unwrap(), Some(b"{}".to_vec()));
}

pub fn surrogates_are_random(store: Arc<dyn Store>) {
    let people: Vec<(String, &[u8])> = (0..100).map(|n| (format!("p{n}"), &b"{}"[..])).collect();
    let people: Vec<(&str, &[u8])> = people.iter().map(|(id, facts)| (id.as_str(), *facts)).collect();
    let mut surrogates = store.put_people(&people).unwrap();
    let of = |id| store.person(id).unwrap().unwrap().surrogate;
    assert_eq!((surrogates[0], surrogates[99]), (of("p0"), of("p99")));
    assert!(!surrogates.is_sorted());
    surrogates.sort();
    surrogates.dedup();
    assert_eq!(surrogates.len(), 100);
}

pub fn an_id_that_is_no_name_is_refused(store: Arc<dyn Store>) {
    for id in ["", "a\u{1f}b", &"x".repeat(201)] {
        let refused = store.put_people(&[("fine", b"{}"), (id, b"{}")]);
        assert!(matches!(refused, Err(StoreError::Invalid { .. })));
        assert!(store.alias(id).is_err());
    }
    assert_eq!(store.person("fine").unwrap(), None);
}

pub fn only_registered_people_are_listed(store: Arc<dyn Store>) {
    let (ann, bob) = (person(&*store, "ann"), person(&*store, "bob"));
    store.alias("an author").unwrap();
    let mut listed = Vec::new();
    store.people(&mut |id, person| listed.push((id.to_owned(), person.surrogate))).unwrap();
    listed.sort();
    assert_eq!(listed, [("ann".to_owned(), ann), ("bob".to_owned(), bob)]);
    assert_eq!(store.id_of(Surrogate([0; 16])).unwrap(), None);
}

pub fn the_secret_stays_the_same(store: Arc<dyn Store>) {
    let secret = store.secret().unwrap();
    assert_eq!(store.secret().unwrap(), secret);
    assert_ne!(secret, [0; 32]);
}
