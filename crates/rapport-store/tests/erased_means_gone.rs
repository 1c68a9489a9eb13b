//! What an erasure leaves on the disk, judged by reading the files.
#![allow(clippy::unwrap_used, clippy::panic, reason = "test code")]

mod given;

use std::path::Path;

use given::{befriended, campaign, event, friendship, liked, name, nonce, said, want};
use rapport_core::ids::Surrogate;
use rapport_store::{
    Appended, Checkpoint, EmbeddedStore, EventLog, Item, Receipt, Reservation, Store, Trace, verify_erasure,
};

const ANN: &str = "ann-of-green-gables";

fn open(dir: &Path) -> EmbeddedStore {
    EmbeddedStore::open(dir).unwrap()
}

/// Everything that the store can hold about somebody, among others who are much like them.
fn live(store: &EmbeddedStore) -> Surrogate {
    let ann = store.put_person(ANN, b"{\"email\":\"ann@example.org\"}").unwrap();
    let bob = store.put_person("bob-the-builder", b"{}").unwrap();
    store.put_person("ann-of-green-gables-2", b"{}").unwrap();
    let own = (0..200).map(|n| event(ann, said(&format!("event-of-ann-{n}"), "a talk")));
    let others = (0..200).map(|n| event(bob, liked(&format!("event-of-bob-{n}"))));
    store.append(own.zip(others).flat_map(|(a, b)| [a, b]).collect()).unwrap();
    store
        .append(vec![
            friendship("ann-befriends", ann, bob),
            friendship("bob-befriends", bob, ann),
            event(bob, befriended("bob-about-ann", ann)),
        ])
        .unwrap();
    let item = |id: &str, author| Item { id: name(id), author, payload: b"a text".to_vec() };
    store.put_items(vec![item("post-by-ann", Some(ann)), item("post-by-nobody", None)]).unwrap();
    store.put_campaign(&campaign("c", 100)).unwrap();
    store.reserve(vec![Reservation { person: Some(ann), ..want(1, "c", 10) }]).unwrap();
    let receipt = |number, person, mentions| Receipt {
        id: nonce(number),
        person: Some(person),
        at: given::NOON,
        payload: ANN.as_bytes().to_vec(),
        mentions,
    };
    store.put_receipts(vec![receipt(1, ann, vec![bob]), receipt(2, bob, vec![ann])]).unwrap();
    let offset = store.last_seq().unwrap();
    let checkpoint = |person| Checkpoint { person, offset, payload: ANN.as_bytes().to_vec() };
    store.put_checkpoints(vec![checkpoint(ann), checkpoint(bob)]).unwrap();
    ann
}

fn erase(store: &EmbeddedStore, id: &str) {
    store.erase(id, &|_, _| b"masked".to_vec()).unwrap().unwrap();
}

/// Files of `dir` that hold `needle`.
fn holding(dir: &Path, needle: &[u8]) -> Vec<String> {
    let files = std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap());
    files
        .filter(|file| std::fs::read(file.path()).unwrap().windows(needle.len()).any(|part| part == needle))
        .map(|file| file.file_name().into_string().unwrap())
        .collect()
}

fn assert_gone(dir: &Path, surrogate: Surrogate) {
    let verdict = verify_erasure(dir, ANN).unwrap();
    assert!(verdict.is_erased(), "{:?}", verdict.findings);
    assert!(verdict.files >= 3 && verdict.bytes > 8_192, "{verdict:?}");
    let others = b"ann-of-green-gables-2";
    assert!(holding(dir, others).iter().all(|file| file.starts_with("vault.db")));
    for needle in [&surrogate.0[..], b"event-of-ann", b"ann-befriends", b"post-by-ann", b"ann@example"] {
        assert_eq!(holding(dir, needle), [""; 0]);
    }
}

#[test]
fn before_an_erasure_the_verdict_says_that_somebody_is_there() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    live(&store);
    for _ in 0..2 {
        let found = verify_erasure(dir.path(), ANN).unwrap().findings;
        assert!(found.iter().any(|finding| finding.kind == Trace::VaultEntry), "{found:?}");
        assert!(found.iter().any(|finding| finding.kind == Trace::Bytes("UTF-8")), "{found:?}");
        // Once in the journal, once merged into the file.
        let _ = store.close();
    }
}

#[test]
fn only_the_vault_ever_names_anybody() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    live(&store);
    for needle in [ANN, "ann@example", "event-of-ann", "post-by", "an ad"] {
        let files = holding(dir.path(), needle.as_bytes());
        assert!(
            files.iter().all(|file| needle == ANN && file.starts_with("vault.db")),
            "{needle}: {files:?}"
        );
    }
}

#[test]
fn an_erased_person_is_in_no_file_before_and_after_a_restart_and_a_late_retry() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let ann = live(&store);
    erase(&store, ANN);
    assert_gone(dir.path(), ann);

    let retry = store.append(vec![event(ann, liked("event-of-ann-0"))]).unwrap();
    assert_eq!(retry, [Appended::UnknownPerson]);
    assert_gone(dir.path(), ann);

    drop(store);
    assert_gone(dir.path(), ann);
    let store = open(dir.path());
    assert_eq!(store.append(vec![event(ann, liked("event-of-ann-1"))]).unwrap(), [Appended::UnknownPerson]);
    assert!(store.person(ANN).unwrap().is_none());
    assert_gone(dir.path(), ann);
}

#[test]
fn nothing_is_left_in_a_large_log_that_has_been_moved_about_much() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let people: Vec<_> = (0..60).map(|n| store.put_person(&format!("person-{n}"), b"{}").unwrap()).collect();
    for round in 0..40 {
        let events = people.iter().enumerate().map(|(n, person)| {
            let friend = people[(n * 7 + round + 1) % people.len()];
            let id = format!("e{round}-{n}");
            if friend == *person { event(*person, liked(&id)) } else { friendship(&id, *person, friend) }
        });
        store.append(events.collect()).unwrap();
        let receipts = people.iter().enumerate().map(|(n, person)| Receipt {
            id: nonce((round * 100 + n) as u64),
            person: Some(*person),
            at: given::NOON,
            payload: vec![0; 300],
            mentions: vec![people[(n + round) % people.len()]],
        });
        store.put_receipts(receipts.collect()).unwrap();
    }
    for n in (0..60).step_by(5) {
        erase(&store, &format!("person-{n}"));
        assert_eq!(holding(dir.path(), &people[n].0), [""; 0], "person-{n}");
        let verdict = verify_erasure(dir.path(), &format!("person-{n}")).unwrap();
        assert!(verdict.is_erased(), "person-{n}: {:?}", verdict.findings);
    }
}

#[test]
fn an_interrupted_erasure_is_seen_and_finished_by_the_next_opening() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let ann = live(&store);
    drop(store);
    // As if the power had failed between the two databases.
    let db = rusqlite::Connection::open(dir.path().join("rapport.db")).unwrap();
    db.execute("INSERT INTO erasing VALUES (?1)", [ann.0]).unwrap();
    drop(db);
    let found = verify_erasure(dir.path(), ANN).unwrap().findings;
    assert!(found.iter().any(|finding| finding.kind == Trace::Unfinished), "{found:?}");

    let store = open(dir.path());
    assert!(store.person(ANN).unwrap().is_none());
    let found = verify_erasure(dir.path(), ANN).unwrap().findings;
    assert!(!found.iter().any(|f| matches!(f.kind, Trace::Unfinished | Trace::VaultEntry)), "{found:?}");
}

/// The scan can fail: each of these is something that it must find.
#[test]
fn a_planted_canary_is_found_in_every_spelling() {
    let id = "zoë \"z\" 77/x";
    let utf16 =
        |text: &str, bytes: fn(u16) -> [u8; 2]| -> Vec<u8> { text.encode_utf16().flat_map(bytes).collect() };
    let binary = [&[0x93, 0x01][..], id.as_bytes(), &[0xfe, 0x00, 0x41]].concat();
    let canaries: [(&str, Vec<u8>); 10] = [
        ("UTF-8", format!("a line about {id}, in a log").into_bytes()),
        ("UTF-8", binary),
        ("JSON", br#"{"person":"zo\u00eb \"z\" 77/x"}"#.to_vec()),
        ("URL", b"GET /v1/people/zo%C3%AB%20%22z%22%2077%2Fx/profile".to_vec()),
        ("hex", data_encoding::HEXLOWER.encode(id.as_bytes()).into_bytes()),
        ("hex", data_encoding::HEXUPPER.encode(format!("..{id}..").as_bytes()).into_bytes()),
        ("base64", data_encoding::BASE64.encode(format!("12{id}34").as_bytes()).into_bytes()),
        ("base64", data_encoding::BASE64URL.encode(format!("1{id}").as_bytes()).into_bytes()),
        ("UTF-16", utf16(id, u16::to_le_bytes)),
        ("UTF-16", utf16(&format!("x{id}"), u16::to_be_bytes)),
    ];
    let dir = tempfile::tempdir().unwrap();
    drop(open(dir.path()));
    assert!(verify_erasure(dir.path(), id).unwrap().is_erased());
    std::fs::create_dir(dir.path().join("logs")).unwrap();
    let file = dir.path().join("logs/planted");
    for (spelling, canary) in canaries {
        // At the start, across the border of what is read at once, and at the end of a large file.
        for before in [0, (1 << 20) - 5, 3 << 20] {
            let planted = [vec![b'\n'; before], canary.clone()].concat();
            std::fs::write(&file, planted).unwrap();
            let found = verify_erasure(dir.path(), id).unwrap().findings;
            let hit = found.iter().find(|finding| finding.kind == Trace::Bytes(spelling));
            assert!(hit.is_some_and(|hit| hit.offset >= Some(before as u64)), "{spelling}: {found:?}");
        }
    }
    std::fs::remove_file(&file).unwrap();
    let named = dir.path().join("logs/person-77.txt");
    std::fs::write(&named, "").unwrap();
    let found = verify_erasure(dir.path(), "person-77").unwrap().findings;
    assert_eq!(found.iter().map(|finding| finding.kind).collect::<Vec<_>>(), [Trace::FileName]);
}

#[test]
fn somebody_with_a_longer_name_is_no_trace() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    for n in 0..300 {
        store.put_person(&format!("person-{n}"), b"{}").unwrap();
    }
    for id in ["person-1", "person-29", "person-2"] {
        assert!(!verify_erasure(dir.path(), id).unwrap().is_erased());
        erase(&store, id);
        let found = verify_erasure(dir.path(), id).unwrap().findings;
        assert!(found.is_empty(), "{id}: {found:?}");
    }
    std::fs::write(dir.path().join("a.log"), "served person-11 and person-299 well").unwrap();
    assert!(verify_erasure(dir.path(), "person-1").unwrap().is_erased());
    std::fs::write(dir.path().join("a.log"), "served person-1 well").unwrap();
    assert!(!verify_erasure(dir.path(), "person-1").unwrap().is_erased());
}

#[test]
fn short_ids_and_words_of_the_schema_give_no_false_alarm_and_are_still_found() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    live(&store);
    for id in ["a", "bo", "ana", "person", "event", "key", "seq", "campaign", "BLOB", "ROWID"] {
        store.put_person(id, b"{}").unwrap();
        let found = verify_erasure(dir.path(), id).unwrap().findings;
        assert!(found.iter().any(|finding| finding.kind == Trace::VaultEntry));
        assert!(found.iter().any(|finding| finding.kind == Trace::Bytes("UTF-8")), "{id}");
        erase(&store, id);
        let found = verify_erasure(dir.path(), id).unwrap().findings;
        assert!(found.is_empty(), "{id}: {found:?}");
    }
}

#[test]
fn rows_of_somebody_whom_the_vault_does_not_know_are_found() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    live(&store);
    drop(store);
    let db = rusqlite::Connection::open(dir.path().join("rapport.db")).unwrap();
    let orphan = [5u8; 16];
    db.execute("INSERT INTO event (person, payload) VALUES (?1, x'00')", [orphan]).unwrap();
    db.execute("UPDATE event SET target = ?1 WHERE target IS NOT NULL", [orphan]).unwrap();
    db.execute("INSERT INTO mention VALUES (?1, x'00')", [orphan]).unwrap();
    drop(db);
    let found = verify_erasure(dir.path(), "nobody-at-all").unwrap().findings;
    let orphans: Vec<_> = found
        .iter()
        .filter_map(|finding| match finding.kind {
            Trace::Orphan { table, column, rows } => Some((table, column, rows)),
            _ => None,
        })
        .collect();
    assert_eq!(orphans, [("event", "person", 1), ("event", "target", 5), ("mention", "person", 1)]);
}

#[test]
fn looking_changes_nothing_and_needs_data_to_look_at() {
    let dir = tempfile::tempdir().unwrap();
    let refused = verify_erasure(dir.path(), ANN).unwrap_err();
    assert!(refused.to_string().contains("--data"), "{refused}");
    drop(open(dir.path()));
    let files =
        || -> Vec<_> { std::fs::read_dir(dir.path()).unwrap().map(|e| e.unwrap().file_name()).collect() };
    let before = files();
    assert!(verify_erasure(dir.path(), ANN).unwrap().is_erased());
    assert_eq!(files(), before);
}
