//! The folder of the embedded store: what it survives, and what it refuses with a sentence that helps.
#![allow(clippy::unwrap_used, clippy::panic, reason = "test code")]

mod given;

use std::path::Path;

use given::{campaign, event, friendship, liked, name, nonce, said, want};
use rapport_store::{
    Appended, Checkpoint, EmbeddedStore, EventLog, Item, Receipt, Settle, Settled, Store, StoreError,
    verify_erasure,
};

fn refusal(dir: &Path) -> StoreError {
    match EmbeddedStore::open(dir) {
        Ok(_) => panic!("opened"),
        Err(error) => error,
    }
}

/// A folder that was used and closed.
fn used() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    let store = EmbeddedStore::open(dir.path()).unwrap();
    let ann = store.put_person("ann", b"facts").unwrap();
    let events = (0..500).map(|n| event(ann, said(&format!("e{n}"), "a talk")));
    store.append(events.collect()).unwrap();
    dir
}

#[test]
fn everything_is_there_after_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let store = EmbeddedStore::open(dir.path()).unwrap();
    let ann = store.put_person("ann", b"facts").unwrap();
    let author = store.alias("an author").unwrap();
    store.append(vec![event(ann, liked("e1"))]).unwrap();
    let item = Item { id: name("i1"), author: Some(author), payload: b"text".to_vec() };
    store.put_items(vec![item.clone()]).unwrap();
    store.put_campaign(&campaign("c", 100)).unwrap();
    store.reserve(vec![want(1, "c", 60)]).unwrap();
    store.put_setting("policy", Some(b"careful")).unwrap();
    let secret = store.secret().unwrap();
    drop(store);

    let store = EmbeddedStore::open(dir.path()).unwrap();
    let person = store.person("ann").unwrap().unwrap();
    assert_eq!((person.surrogate, person.facts), (ann, b"facts".to_vec()));
    assert_eq!((store.alias("an author").unwrap(), store.person("an author").unwrap()), (author, None));
    assert_eq!(store.read(ann).unwrap()[0].1, liked("e1"));
    let mut items = Vec::new();
    store.items(&mut |item| items.push(item)).unwrap();
    assert_eq!(items, [item]);
    assert_eq!(store.settle(nonce(1), Settle::Impression, given::NOON).unwrap(), Settled::Billed);
    assert_eq!(store.setting("policy").unwrap(), Some(b"careful".to_vec()));
    assert_eq!(store.secret().unwrap(), secret);
}

#[test]
fn a_closed_folder_holds_no_journal() {
    let dir = used();
    let mut files: Vec<_> = std::fs::read_dir(dir.path())
        .unwrap()
        .map(|e| e.unwrap().file_name().into_string().unwrap())
        .collect();
    files.sort();
    assert_eq!(files, ["lock", "rapport.db", "vault.db"]);
}

#[test]
fn a_folder_belongs_to_one_process() {
    let dir = tempfile::tempdir().unwrap();
    let store = EmbeddedStore::open(dir.path()).unwrap();
    let refused = refusal(dir.path());
    assert!(matches!(refused, StoreError::InUse(_)) && refused.to_string().contains("--url"), "{refused}");
    store.close().unwrap();
    EmbeddedStore::open(dir.path()).unwrap();
}

#[test]
fn a_damaged_database_is_refused_by_name() {
    for file in ["rapport.db", "vault.db"] {
        for damage in [damage_header, damage_page, damage_length] {
            let dir = used();
            let path = dir.path().join(file);
            let bytes = std::fs::read(&path).unwrap();
            std::fs::write(&path, damage(bytes)).unwrap();
            let refused = refusal(dir.path());
            let said = refused.to_string();
            assert!(matches!(refused, StoreError::Corrupt { .. }), "{said}");
            assert!(said.contains(file) && said.contains("backup"), "{said}");
        }
    }
}

fn damage_header(mut bytes: Vec<u8>) -> Vec<u8> {
    bytes[..16].fill(b'x');
    bytes
}

fn damage_page(mut bytes: Vec<u8>) -> Vec<u8> {
    let at = bytes.len() - 4_096;
    bytes[at..at + 64].fill(0xff);
    bytes
}

fn damage_length(mut bytes: Vec<u8>) -> Vec<u8> {
    bytes.truncate(bytes.len() - 4_096);
    bytes
}

#[test]
fn a_missing_half_is_refused_by_name() {
    for file in ["rapport.db", "vault.db"] {
        let dir = used();
        std::fs::remove_file(dir.path().join(file)).unwrap();
        let said = refusal(dir.path()).to_string();
        assert!(said.contains(file) && said.contains("missing"), "{said}");
    }
}

#[test]
fn another_format_and_another_program_are_refused() {
    let dir = used();
    let change = |sql: &str| {
        rusqlite::Connection::open(dir.path().join("rapport.db")).unwrap().execute_batch(sql).unwrap();
    };
    change("PRAGMA user_version = 7");
    let refused = refusal(dir.path());
    assert!(matches!(refused, StoreError::Format { found: 7, expected: 1, .. }), "{refused}");
    change("PRAGMA user_version = 1; PRAGMA application_id = 7");
    let refused = refusal(dir.path()).to_string();
    assert!(refused.contains("another program"), "{refused}");
}

#[test]
fn a_swapped_vault_is_refused() {
    let (dir, other) = (used(), used());
    std::fs::copy(other.path().join("vault.db"), dir.path().join("vault.db")).unwrap();
    let said = refusal(dir.path()).to_string();
    assert!(said.contains("vault.db") && said.contains("another"), "{said}");
}

/// A file as it was before an erasure, put back by an operator who restores a backup.
#[test]
fn a_restored_log_brings_nobody_back() {
    let dir = tempfile::tempdir().unwrap();
    let store = EmbeddedStore::open(dir.path()).unwrap();
    let (ann, bob) =
        (store.put_person("ann-of-ann", b"{}").unwrap(), store.put_person("bob", b"{}").unwrap());
    store
        .append(vec![friendship("e1", ann, bob), friendship("e2", bob, ann), event(bob, liked("e3"))])
        .unwrap();
    let receipt = |number, person, mentions| Receipt {
        id: nonce(number),
        person: Some(person),
        at: given::NOON,
        payload: b"ann".to_vec(),
        mentions,
    };
    let receipts = vec![receipt(1, bob, vec![ann]), receipt(2, ann, vec![bob]), receipt(3, bob, vec![])];
    store.put_receipts(receipts).unwrap();
    let offset = store.last_seq().unwrap();
    store.put_checkpoints(vec![Checkpoint { person: bob, offset, payload: b"ann".to_vec() }]).unwrap();
    store.close().unwrap();
    let backup = std::fs::read(dir.path().join("rapport.db")).unwrap();

    let store = EmbeddedStore::open(dir.path()).unwrap();
    assert_eq!(store.swept(), 0);
    store.erase("ann-of-ann", &|_, _| Vec::new()).unwrap().unwrap();
    store.close().unwrap();
    std::fs::write(dir.path().join("rapport.db"), backup).unwrap();
    assert!(!verify_erasure(dir.path(), "ann-of-ann").unwrap().is_erased());

    let store = EmbeddedStore::open(dir.path()).unwrap();
    assert_eq!(store.swept(), 1);
    let verdict = verify_erasure(dir.path(), "ann-of-ann").unwrap();
    assert!(verdict.is_erased(), "{:?}", verdict.findings);
    let log: Vec<_> =
        store.read(bob).unwrap().into_iter().map(|(_, record)| (record.event, record.object)).collect();
    assert_eq!(log, [(name("e2"), None), (name("e3"), liked("e3").object)]);
    // Nobody can mask a receipt without knowing who is in it, so those went.
    let left = store.receipts_of(bob).unwrap();
    assert_eq!(left.iter().map(|receipt| receipt.id).collect::<Vec<_>>(), [nonce(3)]);
    assert_eq!(store.checkpoint(bob).unwrap(), None);
    assert_eq!(store.append(vec![event(bob, liked("e1"))]).unwrap(), [Appended::Duplicate]);
}

/// Its keys would be missing, and everybody registered since would be taken for erased.
#[test]
fn a_vault_older_than_its_log_is_refused() {
    let dir = used();
    let old = std::fs::read(dir.path().join("vault.db")).unwrap();
    let store = EmbeddedStore::open(dir.path()).unwrap();
    store.put_person("bob", b"{}").unwrap();
    drop(store);
    std::fs::write(dir.path().join("vault.db"), old).unwrap();
    let said = refusal(dir.path()).to_string();
    assert!(said.contains("vault.db") && said.contains("older"), "{said}");
}
