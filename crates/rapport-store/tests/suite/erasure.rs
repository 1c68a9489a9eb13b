use std::sync::Arc;

use rapport_store::{Appended, Checkpoint, Item, Receipt, Reserved, Settle, Settled, Store, StoreError};

use crate::given::*;

fn keep(_: Surrogate, payload: &[u8]) -> Vec<u8> {
    payload.to_vec()
}

fn receipt(number: u64, person: Option<Surrogate>, mentions: &[Surrogate]) -> Receipt {
    let payload = b"boots by ann".to_vec();
    Receipt { id: nonce(number), person, at: NOON, payload, mentions: mentions.to_vec() }
}

pub fn nobody_known_is_nothing_to_erase(store: Arc<dyn Store>) {
    assert_eq!(store.erase("ann", &keep).unwrap(), None);
}

pub fn an_erased_person_is_gone_from_the_vault_and_the_log(store: Arc<dyn Store>) {
    let (ann, bob) = (person(&*store, "ann"), person(&*store, "bob"));
    append_one(&*store, event(ann, liked("a1")));
    append_one(&*store, event(ann, liked("a2")));
    append_one(&*store, event(bob, liked("b1")));
    let erasure = store.erase("ann", &keep).unwrap().unwrap();
    assert_eq!((erasure.surrogate, erasure.events, erasure.people), (ann, 2, vec![]));
    assert_eq!(store.person("ann").unwrap(), None);
    assert_eq!(store.person_by_surrogate(ann).unwrap(), None);
    assert_eq!(store.id_of(ann).unwrap(), None);
    assert_eq!(store.read(ann).unwrap(), []);
    assert_eq!(store.find(&name("a1")).unwrap(), None);
    let mut left = Vec::new();
    store.scan(&mut |person, _, record| left.push((person, record))).unwrap();
    assert_eq!(left, [(bob, liked("b1"))]);
    assert_eq!(store.erase("ann", &keep).unwrap(), None);
}

pub fn a_late_retry_brings_nobody_back(store: Arc<dyn Store>) {
    let ann = person(&*store, "ann");
    append_one(&*store, event(ann, liked("a1")));
    store.erase("ann", &keep).unwrap().unwrap();
    for id in ["a1", "a2"] {
        assert_eq!(append_one(&*store, event(ann, liked(id))), Appended::UnknownPerson);
    }
    assert_eq!(store.read(ann).unwrap(), []);
    // Not even for whoever takes the same name afterwards.
    let again = person(&*store, "ann");
    assert_eq!(append_one(&*store, event(again, liked("a1"))), Appended::Duplicate);
}

pub fn a_new_registration_starts_afresh(store: Arc<dyn Store>) {
    let ann = person(&*store, "ann");
    append_one(&*store, event(ann, liked("a1")));
    store.erase("ann", &keep).unwrap().unwrap();
    let again = store.put_person("ann", b"new").unwrap();
    assert_ne!(again, ann);
    assert_eq!(store.read(again).unwrap(), []);
    assert!(matches!(append_one(&*store, event(again, liked("a3"))), Appended::Accepted { .. }));
    assert_eq!(ids(&*store, again), ["a3"]);
}

pub fn others_events_lose_their_target_and_mirrored_ones_go(store: Arc<dyn Store>) {
    let (ann, bob, eve) = (person(&*store, "ann"), person(&*store, "bob"), person(&*store, "eve"));
    append_one(&*store, friendship("from-ann", ann, bob));
    append_one(&*store, friendship("from-bob", bob, ann));
    append_one(&*store, event(eve, befriended("eve-bob", bob)));
    append_one(&*store, event(bob, liked("b1")));
    let erasure = store.erase("ann", &keep).unwrap().unwrap();
    assert_eq!((erasure.events, erasure.edges, erasure.people), (2, 2, vec![bob]));
    assert_eq!(ids(&*store, bob), ["from-bob", "b1"]);
    assert_eq!(store.read(bob).unwrap()[0].1.object, None);
    assert_eq!(store.read(eve).unwrap()[0].1, befriended("eve-bob", bob));
    assert!(erasure.position > 0);
}

pub fn others_receipts_are_masked_and_own_ones_go(store: Arc<dyn Store>) {
    let (ann, bob) = (person(&*store, "ann"), person(&*store, "bob"));
    store
        .put_receipts(vec![
            receipt(1, Some(ann), &[bob, ann]),
            receipt(2, Some(bob), &[ann]),
            receipt(3, Some(bob), &[bob]),
            receipt(4, None, &[bob, ann]),
        ])
        .unwrap();
    let mask = |who: Surrogate, payload: &[u8]| {
        assert_eq!((who, payload), (ann, &b"boots by ann"[..]));
        b"boots by somebody".to_vec()
    };
    let erasure = store.erase("ann", &mask).unwrap().unwrap();
    assert_eq!((erasure.receipts, erasure.masked), (1, 2));
    assert_eq!(store.receipt(nonce(1)).unwrap(), None);
    let payload = |number| store.receipt(nonce(number)).unwrap().unwrap().payload;
    assert_eq!(payload(2), b"boots by somebody");
    assert_eq!(payload(3), b"boots by ann");
    assert_eq!(payload(4), b"boots by somebody");
    assert_eq!(store.receipt(nonce(4)).unwrap().unwrap().mentions, [bob]);
    assert_eq!(store.receipts_of(ann).unwrap(), []);
    assert_eq!(store.receipts_of(bob).unwrap().len(), 2);
}

pub fn authored_items_go_with_their_author(store: Arc<dyn Store>) {
    let ann = store.alias("ann").unwrap();
    let item = |id: &str, author| Item { id: name(id), author, payload: b"text".to_vec() };
    store.put_items(vec![item("i1", Some(ann)), item("i2", None), item("i3", Some(ann))]).unwrap();
    let mut items = store.erase("ann", &keep).unwrap().unwrap().items;
    items.sort();
    assert_eq!(items, [name("i1"), name("i3")]);
    let mut left = Vec::new();
    store.items(&mut |item| left.push(item.id)).unwrap();
    assert_eq!(left, [name("i2")]);
    let orphan = store.put_items(vec![item("i4", None), item("i5", Some(ann))]);
    assert!(matches!(orphan, Err(StoreError::UnknownPerson)));
    assert!(!store.delete_item(&name("i4")).unwrap());
}

pub fn the_ledger_keeps_amounts_without_the_person(store: Arc<dyn Store>) {
    let ann = person(&*store, "ann");
    store.put_campaign(&campaign("c", 100)).unwrap();
    let of_ann = |number| Reservation { person: Some(ann), ..want(number, "c", 30) };
    assert_eq!(store.reserve(vec![of_ann(1), of_ann(2)]).unwrap(), [Reserved::Held; 2]);
    assert_eq!(store.settle(nonce(1), Settle::Impression, NOON).unwrap(), Settled::Billed);
    assert_eq!(store.erase("ann", &keep).unwrap().unwrap().decisions, 2);
    assert_eq!(store.decisions(ann, UnixMillis(0)).unwrap(), []);
    let totals = store.totals("c", NOON).unwrap().unwrap();
    assert_eq!((totals.spent_micros, totals.reserved_micros, totals.impressions), (30, 30, 1));
    assert_eq!(store.settle(nonce(2), Settle::Impression, NOON).unwrap(), Settled::Billed);
    assert!(matches!(store.reserve(vec![of_ann(3)]), Err(StoreError::UnknownPerson)));
}

pub fn nothing_is_written_about_the_erased_any_more(store: Arc<dyn Store>) {
    let (ann, bob) = (person(&*store, "ann"), person(&*store, "bob"));
    store.erase("ann", &keep).unwrap().unwrap();
    for refused in [receipt(1, Some(ann), &[]), receipt(2, Some(bob), &[ann])] {
        assert!(matches!(
            store.put_receipts(vec![receipt(3, Some(bob), &[]), refused]),
            Err(StoreError::UnknownPerson)
        ));
    }
    assert_eq!(store.receipt(nonce(3)).unwrap(), None);
    store.put_checkpoints(vec![Checkpoint { person: ann, offset: 0, payload: vec![1] }]).unwrap();
    assert_eq!(store.checkpoint(ann).unwrap(), None);
}

pub fn two_who_mention_each_other_can_both_be_erased_at_once(store: Arc<dyn Store>) {
    let (ann, bob) = (person(&*store, "ann"), person(&*store, "bob"));
    store.put_receipts(vec![receipt(1, Some(ann), &[bob]), receipt(2, Some(bob), &[ann])]).unwrap();
    std::thread::scope(|scope| {
        for id in ["ann", "bob"] {
            let store = &store;
            scope.spawn(move || assert!(store.erase(id, &keep).unwrap().is_some()));
        }
    });
    assert_eq!(store.receipt(nonce(1)).unwrap(), None);
    assert_eq!(store.receipt(nonce(2)).unwrap(), None);
}

pub fn a_checkpoint_of_a_friend_from_before_an_erasure_is_ignored(store: Arc<dyn Store>) {
    let (ann, bob) = (person(&*store, "ann"), person(&*store, "bob"));
    append_one(&*store, friendship("e1", ann, bob));
    let offset = store.last_seq().unwrap();
    let stale = Checkpoint { person: bob, offset, payload: b"friend of ann".to_vec() };
    store.put_checkpoints(vec![stale.clone()]).unwrap();
    store.erase("ann", &keep).unwrap().unwrap();
    assert_eq!(store.checkpoint(bob).unwrap(), None);
    store.put_checkpoints(vec![stale]).unwrap();
    assert_eq!(store.checkpoint(bob).unwrap(), None);
}
