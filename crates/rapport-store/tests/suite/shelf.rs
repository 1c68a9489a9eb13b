use std::sync::Arc;

use rapport_store::{Checkpoint, Item, Receipt, Settle, Store, StoreError};

use crate::given::*;

fn items(store: &dyn Store) -> Vec<Item> {
    let mut items = Vec::new();
    store.items(&mut |item| items.push(item)).unwrap();
    items.sort_by(|a, b| a.id.cmp(&b.id));
    items
}

pub fn items_are_replaced_and_deleted_by_id(store: Arc<dyn Store>) {
    let ann = store.alias("ann").unwrap();
    let item = |id: &str, author, text: &str| Item { id: name(id), author, payload: text.into() };
    store.put_items(vec![item("i1", None, "old"), item("i2", Some(ann), "by ann")]).unwrap();
    store.put_items(vec![item("i1", Some(ann), "new")]).unwrap();
    assert_eq!(items(&*store), [item("i1", Some(ann), "new"), item("i2", Some(ann), "by ann")]);
    assert!(store.delete_item(&name("i1")).unwrap());
    assert!(!store.delete_item(&name("i1")).unwrap());
    assert_eq!(items(&*store), [item("i2", Some(ann), "by ann")]);
    store.put_items((0..2_100).map(|n| item(&format!("n{n}"), None, "")).collect()).unwrap();
    assert_eq!(items(&*store).len(), 2_101);
}

pub fn campaigns_keep_their_totals_when_replaced(store: Arc<dyn Store>) {
    store.put_campaign(&campaign("c", 100)).unwrap();
    store.reserve(vec![want(1, "c", 10)]).unwrap();
    store.settle(nonce(1), Settle::Impression, NOON).unwrap();
    let changed = Campaign { payload: b"new".to_vec(), daily_budget_micros: Some(7), ..campaign("c", 200) };
    store.put_campaign(&changed).unwrap();
    let mut campaigns = Vec::new();
    store.campaigns(&mut |campaign| campaigns.push(campaign)).unwrap();
    assert_eq!(campaigns, [changed]);
    assert_eq!(store.totals("c", NOON).unwrap().unwrap().spent_micros, 10);
}

fn receipt(number: u64, person: Surrogate, minutes: i64) -> Receipt {
    let at = NOON.plus(minutes * 60_000);
    Receipt { id: nonce(number), person: Some(person), at, payload: vec![1, 2, 3], mentions: vec![] }
}

pub fn receipts_come_back_with_whom_they_mention(store: Arc<dyn Store>) {
    let (ann, bob) = (person(&*store, "ann"), person(&*store, "bob"));
    let mut mentions = vec![ann, bob];
    mentions.sort();
    let first = Receipt { mentions, ..receipt(1, ann, 2) };
    let anonymous = Receipt { person: None, ..receipt(2, ann, 0) };
    store.put_receipts(vec![first.clone(), anonymous.clone(), receipt(3, ann, 1)]).unwrap();
    assert_eq!(store.receipt(nonce(1)).unwrap(), Some(first.clone()));
    assert_eq!(store.receipt(nonce(2)).unwrap(), Some(anonymous));
    assert_eq!(store.receipt(nonce(9)).unwrap(), None);
    assert_eq!(store.receipts_of(ann).unwrap(), [receipt(3, ann, 1), first]);
    let again = store.put_receipts(vec![receipt(4, bob, 0), receipt(1, bob, 0)]);
    assert!(matches!(again, Err(StoreError::Taken(_))));
    assert_eq!(store.receipt(nonce(4)).unwrap(), None);
}

pub fn old_receipts_are_pruned(store: Arc<dyn Store>) {
    let ann = person(&*store, "ann");
    let old = Receipt { mentions: vec![ann], ..receipt(1, ann, 0) };
    store.put_receipts(vec![old, receipt(2, ann, 1)]).unwrap();
    assert_eq!(store.prune_receipts(NOON.plus(60_000)).unwrap(), 1);
    assert_eq!(store.receipts_of(ann).unwrap(), [receipt(2, ann, 1)]);
}

pub fn the_latest_checkpoint_wins(store: Arc<dyn Store>) {
    let ann = person(&*store, "ann");
    append_one(&*store, event(ann, liked("e1")));
    let last = store.last_seq().unwrap();
    assert_eq!(store.checkpoint(ann).unwrap(), None);
    let checkpoint = |offset, text: &[u8]| Checkpoint { person: ann, offset, payload: text.to_vec() };
    store.put_checkpoints(vec![checkpoint(0, b"empty")]).unwrap();
    store.put_checkpoints(vec![checkpoint(last, b"one")]).unwrap();
    assert_eq!(store.checkpoint(ann).unwrap(), Some((last, b"one".to_vec())));
    let mut all = Vec::new();
    store.checkpoints(&mut |checkpoint| all.push(checkpoint)).unwrap();
    assert_eq!(all, [checkpoint(last, b"one")]);
    store.clear_checkpoints().unwrap();
    assert_eq!(store.checkpoint(ann).unwrap(), None);
}

pub fn settings_are_put_and_taken(store: Arc<dyn Store>) {
    assert_eq!(store.setting("policy").unwrap(), None);
    store.put_setting("policy", Some(b"careful")).unwrap();
    store.put_setting("policy", Some(b"announced")).unwrap();
    assert_eq!(store.setting("policy").unwrap(), Some(b"announced".to_vec()));
    store.put_setting("policy", None).unwrap();
    assert_eq!(store.setting("policy").unwrap(), None);
}

pub fn a_closed_store_writes_no_more(store: Arc<dyn Store>) {
    let ann = person(&*store, "ann");
    store.close().unwrap();
    assert!(matches!(store.append(vec![event(ann, liked("e1"))]), Err(StoreError::Closed)));
    assert!(matches!(store.put_person("bob", b"{}"), Err(StoreError::Closed)));
    assert!(matches!(store.read(ann), Err(StoreError::Closed)) || store.read(ann).unwrap().is_empty());
    assert!(matches!(store.close(), Err(StoreError::Closed)));
}
