use std::sync::Arc;

use rapport_core::signal::Source;
use rapport_store::{Appended, Checkpoint, Store, Undo, Undone};

use crate::given::*;

pub fn an_undone_event_is_gone_and_its_retry_a_duplicate(store: Arc<dyn Store>) {
    let ann = person(&*store, "ann");
    append_one(&*store, event(ann, liked("e1")));
    append_one(&*store, event(ann, liked("e2")));
    let gone = store.find(&name("e1")).unwrap().unwrap().1;
    let undone = store.undo(ann, Undo::Event(name("e1"))).unwrap();
    assert_eq!((undone.seqs, undone.people), (vec![gone], vec![ann]));
    assert_eq!(ids(&*store, ann), ["e2"]);
    assert_eq!(store.find(&name("e1")).unwrap(), None);
    assert_eq!(append_one(&*store, event(ann, liked("e1"))), Appended::Duplicate);
    assert_eq!(store.undo(ann, Undo::Event(name("e1"))).unwrap(), Undone::default());
    assert_eq!(ids(&*store, ann), ["e2"]);
}

pub fn a_conversation_is_undone_whole_and_alone(store: Arc<dyn Store>) {
    let (ann, bob) = (person(&*store, "ann"), person(&*store, "bob"));
    let events = [(ann, "a1", "x"), (ann, "a2", "y"), (ann, "a3", "x"), (bob, "b1", "x")];
    store.append(events.map(|(who, id, talk)| event(who, said(id, talk))).to_vec()).unwrap();
    let undone = store.undo(ann, Undo::Conversation(name("x"))).unwrap();
    assert_eq!((undone.seqs.len(), undone.people), (2, vec![ann]));
    assert_eq!((ids(&*store, ann), ids(&*store, bob)), (vec!["a2".into()], vec!["b1".into()]));
}

pub fn a_source_is_undone_whole_and_alone(store: Arc<dyn Store>) {
    let ann = person(&*store, "ann");
    store
        .append(vec![event(ann, said("e1", "x")), event(ann, liked("e2")), event(ann, said("e3", "y"))])
        .unwrap();
    store.undo(ann, Undo::Source(Source::Assistant)).unwrap();
    assert_eq!(ids(&*store, ann), ["e2"]);
    assert_eq!(append_one(&*store, event(ann, said("e3", "y"))), Appended::Duplicate);
}

pub fn undoing_either_side_of_a_friendship_undoes_both(store: Arc<dyn Store>) {
    let (ann, bob) = (person(&*store, "ann"), person(&*store, "bob"));
    for (id, undoer) in [("e1", ann), ("e2", bob)] {
        append_one(&*store, friendship(id, ann, bob));
        let undone = store.undo(undoer, Undo::Event(name(id))).unwrap();
        let mut both = vec![ann, bob];
        both.sort();
        assert_eq!((undone.seqs.len(), undone.people), (2, both));
        assert!(ids(&*store, ann).is_empty() && ids(&*store, bob).is_empty());
        assert_eq!(append_one(&*store, friendship(id, ann, bob)), Appended::Duplicate);
    }
}

pub fn somebody_elses_event_is_left_alone(store: Arc<dyn Store>) {
    let (ann, bob) = (person(&*store, "ann"), person(&*store, "bob"));
    append_one(&*store, event(ann, liked("e1")));
    assert_eq!(store.undo(bob, Undo::Event(name("e1"))).unwrap(), Undone::default());
    assert_eq!(ids(&*store, ann), ["e1"]);
}

pub fn a_checkpoint_from_before_an_undo_is_ignored(store: Arc<dyn Store>) {
    let ann = person(&*store, "ann");
    append_one(&*store, event(ann, liked("e1")));
    let offset = store.last_seq().unwrap();
    let stale = Checkpoint { person: ann, offset, payload: b"with e1".to_vec() };
    store.put_checkpoints(vec![stale.clone()]).unwrap();
    let undone = store.undo(ann, Undo::Event(name("e1"))).unwrap();
    assert_eq!(store.checkpoint(ann).unwrap(), None);
    store.put_checkpoints(vec![stale]).unwrap();
    assert_eq!(store.checkpoint(ann).unwrap(), None);
    let fresh = Checkpoint { person: ann, offset: undone.position, payload: b"without".to_vec() };
    store.put_checkpoints(vec![fresh]).unwrap();
    assert_eq!(store.checkpoint(ann).unwrap(), Some((undone.position, b"without".to_vec())));
    append_one(&*store, event(ann, liked("e2")));
    assert_eq!(store.read_after(ann, undone.position).unwrap().len(), 1);
}
