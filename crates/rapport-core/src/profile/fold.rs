//! The fold: records in, profile out.

use std::borrow::Cow;
use std::collections::HashMap;

use crate::event::{Deed, Named, Object, Record};
use crate::gate::{NoticeSeen, Terms};
use crate::profile::weight::{DISLIKES, HalfLives, LIKES};
use crate::profile::{
    ClassProfile, Evidence, FlaggedConversation, InterestVector, Limits, Profile, Relation, TopicWeight,
    Weight, conversation, interest, seen_hash,
};
use crate::signal::{Class, Source, TopicStrength};
use crate::time::UnixMillis;

/// Folds records into profiles under one set of terms.
#[derive(Clone, Copy, Debug)]
pub struct Folder<'a> {
    /// The notices and regions of the policy.
    pub terms: &'a Terms,
    /// What the person was told.
    pub notices: &'a [NoticeSeen],
    /// How large the profile may grow.
    pub limits: &'a Limits,
}

/// What a judgement of an event counts beside the event.
const JUDGED: f32 = 0.5;

/// A record that takes back or judges an earlier one: the profile must be folded anew from the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refold;

/// The class of `record`, computed from what the policy and the person's notices say about its time and place.
pub fn class_of(record: &Record, terms: &Terms, notices: &[NoticeSeen]) -> Class {
    let saw_before = |id: &str| notices.iter().any(|seen| seen.notice == id && seen.at < record.at);
    Class {
        source: record.source,
        product: record.product.clone(),
        modality: record.modality,
        marks: record.marks,
        country: record.country,
        region_open: terms.region_open(record.country, record.at),
        notices_seen: terms.bits(|notice| saw_before(&notice.id)),
        notices_effective: terms.effective(record.at),
        epoch: record.epoch,
    }
}

impl Folder<'_> {
    /// Folds a whole log, in log order. What was taken back leaves no trace: the result is equal to a fold
    /// that never saw it.
    pub fn fold(&self, records: &[Record]) -> Profile {
        let gone = taken_back(records);
        let mut profile = Profile::default();
        let standing: Vec<&Record> =
            records.iter().zip(gone).filter(|(_, gone)| !gone).map(|(r, _)| r).collect();
        // What is judged is judged with the marks that it bears, whenever that happens.
        let marked: Vec<Cow<'_, Record>> = standing
            .iter()
            .map(|record| match record.deed.judges() {
                Some(_) => Cow::Borrowed(*record),
                None => self.marked(&mut profile.flagged, record),
            })
            .collect();
        for record in &marked {
            match record.deed.judges() {
                Some(direction) => {
                    if let Some(judgement) = judgement(record, direction, &marked) {
                        self.add(&mut profile, &judgement);
                    }
                }
                None => self.add(&mut profile, record),
            }
        }
        profile
    }

    /// Adds the next record of the log.
    ///
    /// # Errors
    /// [`Refold`] if it takes something back or judges it; the profile is unchanged.
    pub fn apply(&self, profile: &mut Profile, record: &Record) -> Result<(), Refold> {
        if record.deed.takes_back().is_some() || record.deed.judges().is_some() {
            return Err(Refold);
        }
        let record = self.marked(&mut profile.flagged, record);
        self.add(profile, &record);
        Ok(())
    }

    /// The record with what it inherits from its conversation, which remembers it.
    fn marked<'r>(&self, flagged: &mut Vec<FlaggedConversation>, record: &'r Record) -> Cow<'r, Record> {
        let inherited = conversation::inherited(flagged, record, self.limits);
        conversation::note(flagged, record, self.limits);
        let mut record = Cow::Borrowed(record);
        if !inherited.is_subset(record.marks.sensitive) {
            record.to_mut().marks.sensitive = record.marks.sensitive | inherited;
        }
        record
    }

    fn add(&self, profile: &mut Profile, record: &Record) {
        let index = self.class_index(profile, record);
        if repeats(profile, record, index) {
            return;
        }
        let class = &mut profile.classes[index];
        class.last = class.last.max(record.at);
        for signal in &record.signals {
            self.add_topic(class, record, *signal);
        }
        if let (Some(vector), true) = (&record.vector, drawn_to(record)) {
            interest::add(
                &mut class.vectors,
                InterestVector {
                    vector: vector.clone(),
                    weight: record.signals.iter().map(|s| s.strength).fold(0.3, f32::max),
                    last: record.at,
                    event: record.event.clone(),
                    deed: record.deed,
                },
            );
        }
        if let (Some(Object::Item(item)), true) = (&record.object, shows_item(record.deed)) {
            remember_seen(&mut class.seen, seen_hash(item.as_str()), self.limits.seen);
        }
        self.relate(profile, record, index);
        for named in &record.named {
            self.add(profile, &record.of_named(named));
        }
        self.evict_vectors(profile, record.source == Source::Assistant);
    }

    fn class_index(&self, profile: &mut Profile, record: &Record) -> usize {
        let class = class_of(record, self.terms, self.notices);
        if let Some(index) = profile.classes.iter().position(|c| c.class == class) {
            return index;
        }
        if profile.classes.len() >= self.limits.classes {
            evict_class(profile, record.source);
        }
        profile.classes.push(ClassProfile {
            class,
            topics: Vec::new(),
            negatives: Vec::new(),
            vectors: Vec::new(),
            seen: Vec::new(),
            last: record.at,
        });
        profile.classes.len() - 1
    }

    fn add_topic(&self, class: &mut ClassProfile, record: &Record, signal: TopicStrength) {
        let (list, half_lives) =
            if signal.strength < 0.0 { (&mut class.negatives, DISLIKES) } else { (&mut class.topics, LIKES) };
        let at = list.binary_search_by_key(&signal.topic, |w| w.topic).unwrap_or_else(|at| {
            list.insert(
                at,
                TopicWeight { topic: signal.topic, weight: Weight::default(), evidence: Vec::new() },
            );
            at
        });
        let entry = &mut list[at];
        entry.weight.add(signal.strength.abs(), record.at, half_lives);
        if entry.evidence.len() >= self.limits.evidence {
            entry.evidence.remove(0);
        }
        entry.evidence.push(Evidence {
            event: record.event.clone(),
            deed: record.deed,
            at: record.at,
            strength: signal.strength.abs(),
        });
        if list.len() > self.limits.topics {
            evict_weakest(list, record.at, half_lives);
        }
    }

    fn relate(&self, profile: &mut Profile, record: &Record, class: usize) {
        let Some(object) = &record.object else { return };
        if !is_standing(record.deed) {
            return;
        }
        if profile.relations.len() >= self.limits.relations {
            let oldest = profile
                .relations
                .iter()
                .position(|r| matches!(r.deed, Deed::Liked | Deed::Saved | Deed::Purchased));
            profile.relations.remove(oldest.unwrap_or(0));
        }
        profile.relations.push(Relation {
            deed: record.deed,
            object: object.clone(),
            event: record.event.clone(),
            at: record.at,
            class: class as u16,
        });
    }

    /// The assistant and everything else have half of the places each: what was said, which a policy may take
    /// away whole, must not push out what was liked, or its absence would show.
    fn evict_vectors(&self, profile: &mut Profile, of_assistant: bool) {
        let half = |c: &ClassProfile| (c.class.source == Source::Assistant) == of_assistant;
        while profile.classes.iter().filter(|c| half(c)).map(|c| c.vectors.len()).sum::<usize>()
            > self.limits.vectors / 2
        {
            let least = profile
                .classes
                .iter()
                .enumerate()
                .filter(|(_, class)| half(class))
                .flat_map(|(c, class)| {
                    class.vectors.iter().enumerate().map(move |(v, vector)| (vector.last, c, v))
                })
                .min();
            let Some((_, c, v)) = least else { return };
            profile.classes[c].vectors.remove(v);
        }
    }
}

/// What `feedback` comes to: what it judges counts again, half as much, in its direction and with the same marks.
/// Nothing, if that is not in the log (any more).
fn judgement(feedback: &Record, direction: f32, log: &[Cow<'_, Record>]) -> Option<Record> {
    let Some(Object::Event(about)) = &feedback.object else { return None };
    let judged = log.iter().find(|record| record.event == *about && record.deed.judges().is_none())?;
    let again = |s: &TopicStrength| TopicStrength { strength: s.strength.abs() * direction * JUDGED, ..*s };
    let named_again = |n: &Named| Named { signals: n.signals.iter().map(again).collect(), ..n.clone() };
    Some(Record {
        signals: judged.signals.iter().map(again).collect(),
        named: judged.named.iter().map(named_again).collect(),
        marks: judged.marks,
        vector: judged.vector.clone(),
        ..feedback.clone()
    })
}

/// For each record, whether it is cancelled: a deed later taken back, and the taking back itself.
fn taken_back(records: &[Record]) -> Vec<bool> {
    let mut gone = vec![false; records.len()];
    let mut standing: HashMap<(Deed, &Object), Vec<usize>> = HashMap::new();
    for (index, record) in records.iter().enumerate() {
        let Some(object) = &record.object else { continue };
        match record.deed.takes_back() {
            Some(earlier) => {
                gone[index] = true;
                for past in standing.remove(&(earlier, object)).unwrap_or_default() {
                    gone[past] = true;
                }
            }
            None => standing.entry((record.deed, object)).or_default().push(index),
        }
    }
    gone
}

/// A like of what is already liked, a second follow: said once is enough.
fn repeats(profile: &Profile, record: &Record, class: usize) -> bool {
    let same = |r: &Relation| {
        usize::from(r.class) == class && r.deed == record.deed && Some(&r.object) == record.object.as_ref()
    };
    is_standing(record.deed) && record.deed != Deed::Purchased && profile.relations.iter().any(same)
}

fn is_standing(deed: Deed) -> bool {
    use Deed::*;
    matches!(
        deed,
        Liked | Followed | Befriended | Blocked | Joined | Saved | Hid | Reported | Purchased | AdHid
    )
}

/// Deeds after which showing the same item again would be no news.
fn shows_item(deed: Deed) -> bool {
    use Deed::*;
    matches!(deed, Viewed | Liked | Commented | Shared | Saved | Clicked | Purchased | Joined | Followed)
}

/// Whether the record speaks for its meaning at all: dislikes must not turn an interest towards what they dislike.
fn drawn_to(record: &Record) -> bool {
    let sum: f32 = record.signals.iter().map(|s| s.strength).sum();
    sum > 0.0 || (record.deed == Deed::Said && record.signals.is_empty())
}

fn remember_seen(seen: &mut Vec<u64>, hash: u64, limit: usize) {
    seen.retain(|&known| known != hash);
    if seen.len() >= limit {
        seen.remove(0);
    }
    seen.push(hash);
}

fn evict_weakest(list: &mut Vec<TopicWeight>, now: UnixMillis, half_lives: HalfLives) {
    let weakest = list
        .iter()
        .enumerate()
        .min_by(|(_, a), (_, b)| a.weight.at(now, half_lives).1.total_cmp(&b.weight.at(now, half_lives).1))
        .map(|(index, _)| index);
    if let Some(index) = weakest {
        list.remove(index);
    }
}

/// The least recent class of the same source gives way, or of any source if that one has none yet.
fn evict_class(profile: &mut Profile, source: Source) {
    let oldest = |same: bool| {
        let classes = profile.classes.iter().enumerate();
        classes
            .filter(|(_, c)| !same || c.class.source == source)
            .min_by_key(|(i, c)| (c.last, *i))
            .map(|(i, _)| i)
    };
    let Some(gone) = oldest(true).or_else(|| oldest(false)) else { return };
    profile.classes.remove(gone);
    let gone = gone as u16;
    profile.relations.retain(|r| r.class != gone);
    for relation in profile.relations.iter_mut().filter(|r| r.class > gone) {
        relation.class -= 1;
    }
}
