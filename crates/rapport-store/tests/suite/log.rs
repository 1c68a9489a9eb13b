use std::sync::{Arc, Mutex, OnceLock};

use rapport_core::event::{Object, Record};
use rapport_core::signal::{Marks, TopicStrength};
use rapport_core::topic::{Categories, TopicId};
use rapport_core::understanding::{VECTOR_DIM, Vector};
use rapport_store::{Appended, Committed, Observer, Store, StoreError};

use crate::given::*;

/// A record that uses every field.
fn full(id: &str) -> Record {
    let mut values = [0.0; VECTOR_DIM];
    values.iter_mut().enumerate().for_each(|(at, value)| *value = at as f32 - 100.0);
    Record {
        dwell_ms: 1_234,
        signals: vec![TopicStrength { topic: TopicId::from_code("483").unwrap(), strength: -0.25 }],
        marks: Marks { sensitive: Categories::default(), about_other: true, ..Marks::default() },
        vector: Vector::quantize(&values),
        ..said(id, "a talk")
    }
}

pub fn appended_events_come_back_equal_and_in_order(store: Arc<dyn Store>) {
    let (ann, bob) = (person(&*store, "ann"), person(&*store, "bob"));
    let about_bob = Record { object: Some(Object::Person(bob)), ..liked("e3") };
    let records = [full("e1"), liked("e2"), about_bob];
    let answers = store.append(records.iter().cloned().map(|record| event(ann, record)).collect()).unwrap();
    let seqs: Vec<u64> = answers
        .iter()
        .map(|answer| match answer {
            Appended::Accepted { seq } => *seq,
            other => panic!("{other:?}"),
        })
        .collect();
    assert!(seqs.is_sorted_by(|a, b| a < b));
    assert_eq!(store.read(ann).unwrap(), seqs.into_iter().zip(records).collect::<Vec<_>>());
    assert_eq!(store.read(bob).unwrap(), []);
}

pub fn an_id_counts_once_whoever_sends_it_again(store: Arc<dyn Store>) {
    let (ann, bob) = (person(&*store, "ann"), person(&*store, "bob"));
    assert!(matches!(append_one(&*store, event(ann, liked("e1"))), Appended::Accepted { .. }));
    assert_eq!(append_one(&*store, event(ann, said("e1", "another body"))), Appended::Duplicate);
    assert_eq!(append_one(&*store, event(bob, liked("e1"))), Appended::Duplicate);
    assert_eq!((ids(&*store, ann), ids(&*store, bob)), (vec!["e1".to_owned()], vec![]));
}

pub fn the_first_of_two_equal_ids_in_a_batch_wins(store: Arc<dyn Store>) {
    let ann = person(&*store, "ann");
    let first = said("e1", "first");
    let answers = store.append(vec![event(ann, first.clone()), event(ann, liked("e1"))]).unwrap();
    assert!(matches!(answers[..], [Appended::Accepted { .. }, Appended::Duplicate]), "{answers:?}");
    assert_eq!(store.read(ann).unwrap()[0].1, first);
}

pub fn an_event_about_nobody_known_is_refused_alone(store: Arc<dyn Store>) {
    let (ann, nobody) = (person(&*store, "ann"), Surrogate([9; 16]));
    let events = vec![
        event(ann, liked("e1")),
        event(nobody, liked("e2")),
        event(ann, befriended("e3", nobody)),
        NewEvent { mirror: Some(nobody), ..event(ann, liked("e4")) },
        event(ann, liked("e5")),
    ];
    use Appended::{Accepted, UnknownPerson};
    let answers = store.append(events).unwrap();
    assert!(
        matches!(
            answers[..],
            [Accepted { .. }, UnknownPerson, UnknownPerson, UnknownPerson, Accepted { .. }]
        ),
        "{answers:?}"
    );
    assert_eq!(ids(&*store, ann), ["e1", "e5"]);
    assert_eq!(store.read(nobody).unwrap(), []);
    // What was refused does not count: it is accepted once its people are known.
    assert!(matches!(append_one(&*store, event(ann, liked("e2"))), Accepted { .. }));
}

pub fn a_mutual_event_stands_in_both_logs(store: Arc<dyn Store>) {
    let (ann, bob) = (person(&*store, "ann"), person(&*store, "bob"));
    append_one(&*store, friendship("e1", ann, bob));
    assert_eq!(store.read(ann).unwrap()[0].1, befriended("e1", bob));
    assert_eq!(store.read(bob).unwrap()[0].1, befriended("e1", ann));
    assert_eq!(append_one(&*store, friendship("e1", bob, ann)), Appended::Duplicate);
    let (owner, _, record) = store.find(&name("e1")).unwrap().unwrap();
    assert_eq!((owner, record), (ann, befriended("e1", bob)));
}

pub fn nobody_is_their_own_mirror(store: Arc<dyn Store>) {
    let ann = person(&*store, "ann");
    assert!(matches!(store.append(vec![friendship("e1", ann, ann)]), Err(StoreError::Invalid { .. })));
}

#[derive(Default)]
struct Seen(Mutex<Vec<(u64, Surrogate, Record)>>);

impl Observer for Seen {
    fn committed(&self, events: &[Committed]) {
        let rows = events.iter().map(|event| (event.seq, event.person, (*event.record).clone()));
        self.0.lock().unwrap().extend(rows);
    }
}

pub fn observers_see_the_log_grow_in_order_before_append_returns(store: Arc<dyn Store>) {
    let seen = Arc::new(Seen::default());
    let (ann, bob) = (person(&*store, "ann"), person(&*store, "bob"));
    store.append(vec![event(ann, liked("before"))]).unwrap();
    store.observe(seen.clone());
    store.append(vec![event(ann, liked("e1")), event(ann, liked("e1")), friendship("e2", bob, ann)]).unwrap();
    let rows = seen.0.lock().unwrap().clone();
    let logged: Vec<_> = rows.iter().map(|(_, who, record)| (*who, record.clone())).collect();
    assert_eq!(logged, [(ann, liked("e1")), (bob, befriended("e2", ann)), (ann, befriended("e2", bob))]);

    std::thread::scope(|scope| {
        for thread in 0..4 {
            let (store, seen) = (&store, &seen);
            scope.spawn(move || {
                for number in 0..25 {
                    let id = format!("t{thread}-{number}");
                    store.append(vec![event(ann, liked(&id))]).unwrap();
                    assert!(seen.0.lock().unwrap().iter().any(|(.., record)| record.event.as_str() == id));
                }
            });
        }
    });
    let rows = seen.0.lock().unwrap();
    assert_eq!(rows.len(), 103);
    assert!(rows.is_sorted_by(|a, b| a.0 < b.0));
}

/// Tries to write, then to read, from inside of a commit.
#[derive(Default)]
struct Meddler {
    store: OnceLock<Arc<dyn Store>>,
    found: Mutex<Option<(bool, usize)>>,
}

impl Observer for Meddler {
    fn committed(&self, events: &[Committed]) {
        let store = self.store.get().unwrap();
        let refused = matches!(store.append(vec![]), Err(StoreError::Invalid { .. }));
        let read = store.read(events[0].person).unwrap().len();
        *self.found.lock().unwrap() = Some((refused, read));
    }
}

pub fn an_observer_may_read_but_not_write(store: Arc<dyn Store>) {
    let meddler = Arc::new(Meddler::default());
    let ann = person(&*store, "ann");
    store.observe(meddler.clone());
    assert!(meddler.store.set(store.clone()).is_ok());
    store.append(vec![event(ann, liked("e1"))]).unwrap();
    assert_eq!(*meddler.found.lock().unwrap(), Some((true, 1)));
}

pub fn reading_after_an_offset_leaves_out_what_came_before(store: Arc<dyn Store>) {
    let ann = person(&*store, "ann");
    for id in ["e1", "e2", "e3"] {
        append_one(&*store, event(ann, liked(id)));
    }
    let all = store.read(ann).unwrap();
    assert_eq!(store.read_after(ann, all[0].0).unwrap(), all[1..]);
    assert_eq!(store.read_after(ann, store.last_seq().unwrap()).unwrap(), []);
}

pub fn an_event_is_found_by_its_id(store: Arc<dyn Store>) {
    let ann = person(&*store, "ann");
    assert_eq!(store.find(&name("e1")).unwrap(), None);
    let Appended::Accepted { seq } = append_one(&*store, event(ann, full("e1"))) else { panic!() };
    assert_eq!(store.find(&name("e1")).unwrap(), Some((ann, seq, full("e1"))));
}

pub fn a_scan_sees_the_whole_log_in_order(store: Arc<dyn Store>) {
    let (ann, bob) = (person(&*store, "ann"), person(&*store, "bob"));
    let who = |number: usize| if number.is_multiple_of(3) { ann } else { bob };
    let events = (0..2_500).map(|number| event(who(number), liked(&format!("e{number}"))));
    store.append(events.collect()).unwrap();
    store.undo(bob, rapport_store::Undo::Event(name("e1"))).unwrap();
    let mut seen = Vec::new();
    store.scan(&mut |person, seq, record| seen.push((seq, person, record.event))).unwrap();
    assert!(seen.is_sorted_by(|a, b| a.0 < b.0));
    let expected = (0..2_500).filter(|number| *number != 1).map(|n| (who(n), name(&format!("e{n}"))));
    assert!(seen.into_iter().map(|(_, person, id)| (person, id)).eq(expected));
}

pub fn concurrent_appends_all_land_once(store: Arc<dyn Store>) {
    let ann = person(&*store, "ann");
    let accepted: usize = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..8)
            .map(|thread| {
                let store = &store;
                scope.spawn(move || {
                    // Half of the ids are everybody's, half are this thread's own.
                    let ids = (0..100).map(|n| match n % 2 {
                        0 => format!("shared-{n}"),
                        _ => format!("own-{thread}-{n}"),
                    });
                    let answers = ids.map(|id| append_one(&**store, event(ann, liked(&id))));
                    answers.filter(|answer| matches!(answer, Appended::Accepted { .. })).count()
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).sum()
    });
    assert_eq!(accepted, 50 + 8 * 50);
    let mut logged = ids(&*store, ann);
    logged.sort();
    logged.dedup();
    assert_eq!(logged.len(), accepted);
}
