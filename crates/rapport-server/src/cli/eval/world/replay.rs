//! Replaying: events become records, records profiles, and a context is folded on top for one query.

use std::collections::HashMap;

use anyhow::{Result, anyhow};
use rapport_core::country::Country;
use rapport_core::event::{Body, Deed, Event, Object, Record, Target};
use rapport_core::gate::{Account, Decider, NoticeSeen, Person};
use rapport_core::ids::{Name, Surrogate};
use rapport_core::time::UnixMillis;
use rapport_core::understanding::Understanding;
use rapport_server::app::{About, mentions, record};
use serde_json::Value;

use crate::cli::eval::query::Query;
use crate::cli::eval::world::{Member, World, just_after, noted};

/// No event of an evaluation is in the future.
const NO_CLOCK: UnixMillis = UnixMillis(i64::MAX);
/// Longest text of an event, in bytes: the default of `ingest.max_text_bytes`.
const MAX_TEXT: usize = 16_384;

/// What texts mean, by text.
pub type Meanings = HashMap<String, Understanding>;

impl World<'_> {
    /// Replays events in order, each with its place for messages; a bad one is named and left out, as the server
    /// would. The queries tell when a person is first heard of: the notice was seen before that.
    pub fn add_events(&mut self, lines: Vec<(String, Value)>, queries: &[Query]) {
        let read = |(at, value): &(String, Value)| Some((at.clone(), noted(at, self.read(value))?));
        let events: Vec<(String, Event)> = lines.iter().filter_map(read).collect();
        self.meet_everybody(&events, queries);
        let meanings = self.meanings_of(lines.iter().map(|(_, value)| value));
        for (at, event) in &events {
            noted(at, self.append(event, &meanings));
        }
        let profiles: Vec<(Name, _)> =
            self.people.iter().map(|(id, who)| (id.clone(), self.fold(&who.facts, &who.log))).collect();
        for (id, profile) in profiles {
            if let Some(who) = self.people.get_mut(&id) {
                who.profile = profile;
            }
        }
        self.end = just_after(events.iter().map(|(_, event)| event.at).max().unwrap_or(self.end));
        self.count_votes();
    }

    /// Ranks for one query: its context on top of the person's log, for this once.
    ///
    /// # Errors
    /// When an event of the context is refused.
    pub fn rank(&self, query: &Query, meanings: &Meanings, depth: usize) -> Result<Vec<String>> {
        let failed = |why: String| anyhow!("query `{}`: {why}", query.id);
        let person = Name::new(&query.person).map_err(|problem| failed(format!("`person` {problem}")))?;
        let stranger = self.stranger(NO_CLOCK);
        let who = self.people.get(&person).unwrap_or(&stranger);
        let mut context = Vec::with_capacity(query.context.len());
        for (place, value) in query.context.iter().enumerate() {
            let event = self.read(&framed(value, query, place)).map_err(failed)?;
            context.push(self.record(&event, meanings).map_err(failed)?);
        }
        let last = context.iter().chain(who.log.iter().filter(|_| context.is_empty())).map(|r| r.at).max();
        let now = last.map_or(self.end, just_after);
        let mut profile = who.profile.clone();
        let folder = self.folder(&who.facts);
        if context.iter().any(|record| folder.apply(&mut profile, record).is_err()) {
            // Something is taken back: only a fold of all gives what would have been without it.
            let log: Vec<Record> = who.log.iter().chain(&context).cloned().collect();
            profile = folder.fold(&log);
        }
        let mut ranked = self.feed(who, &profile, now, depth + query.exclude.len());
        ranked.retain(|item| !query.exclude.contains(item));
        ranked.truncate(depth);
        Ok(ranked)
    }

    /// What every text among `events` means; each is understood once.
    pub fn meanings_of<'v>(&self, events: impl Iterator<Item = &'v Value>) -> Meanings {
        let mut texts: Vec<&str> = events.filter_map(|event| event.get("text")?.as_str()).collect();
        texts.sort_unstable();
        texts.dedup();
        texts.retain(|text| text.len() <= MAX_TEXT);
        let meanings = self.models.understand_all(&texts);
        texts.into_iter().map(str::to_owned).zip(meanings).collect()
    }

    /// Reads an event; whatever product it names, there is one.
    fn read(&self, value: &Value) -> Result<Event, String> {
        let mut event = Event::parse(value, NO_CLOCK, MAX_TEXT).map_err(|problem| problem.to_string())?;
        event.product = self.product.clone();
        Ok(event)
    }

    fn meet_everybody(&mut self, events: &[(String, Event)], queries: &[Query]) {
        let mut first = HashMap::<Name, UnixMillis>::new();
        let mut heard = |person: Name, at: UnixMillis| {
            first.entry(person).and_modify(|known| *known = at.min(*known)).or_insert(at);
        };
        for (_, event) in events {
            heard(event.person.clone(), event.at);
            if let Body::Social { target: Target::Person(target), .. } = &event.body {
                heard(target.clone(), event.at);
            }
        }
        for query in queries {
            for (place, value) in query.context.iter().enumerate() {
                if let Ok(event) = self.read(&framed(value, query, place)) {
                    heard(event.person, event.at);
                }
            }
        }
        for (id, at) in first {
            let surrogate = self.surrogate(&id);
            let member = Member { surrogate, ..self.stranger(at) };
            self.people.insert(id, member);
        }
    }

    /// Somebody in the US who saw the notice in force just before `first`.
    fn stranger(&self, first: UnixMillis) -> Member {
        let notice = self.policy.facts().notice_in_force().map(|notice| NoticeSeen {
            notice: notice.id.clone(),
            at: first.plus(-1),
            channel: "in_app".to_owned(),
        });
        let facts = Person {
            country: Country::from_code("US"),
            accounts: vec![Account { product: self.product.clone(), linked: true }],
            notices: notice.into_iter().collect(),
            ..Person::default()
        };
        Member { surrogate: Surrogate([0; 16]), facts, log: Vec::new(), profile: Default::default() }
    }

    /// Adds an event to the log of its person and, where it is mutual, of the other.
    fn append(&mut self, event: &Event, meanings: &Meanings) -> Result<(), String> {
        let record = self.record(event, meanings)?;
        let mutual = matches!(record.deed, Deed::Befriended | Deed::Unfriended);
        if let (true, Body::Social { target: Target::Person(target), .. }) = (mutual, &event.body) {
            let object = self.people.get(&event.person).map(|who| Object::Person(who.surrogate));
            if let Some(other) = self.people.get_mut(target) {
                other.log.push(Record { object, ..record.clone() });
            }
        }
        if let Some(who) = self.people.get_mut(&event.person) {
            who.log.push(record);
        }
        Ok(())
    }

    fn record(&self, event: &Event, meanings: &Meanings) -> Result<Record, String> {
        let about = match &event.body {
            Body::Words { text, .. } | Body::Partner { text: Some(text), .. } if !text.is_empty() => {
                let words = meanings.get(text);
                let named = match (&event.body, words) {
                    (Body::Words { deed, .. }, Some(words)) => {
                        mentions(&self.catalog, self.models, *deed, text, words)
                    }
                    _ => Vec::new(),
                };
                About::Words(words.cloned(), named)
            }
            Body::Social { target: Target::Item(item), .. } => {
                let known = self.catalog.get(item.as_str()).cloned();
                About::Item(known.ok_or_else(|| format!("item `{}` is not in the catalogue", item.as_str()))?)
            }
            Body::Social { target: Target::Person(target), .. } => {
                let known = self.people.get(target).map(|who| who.surrogate);
                About::Person(
                    known.or_else(|| self.authors.get(target).copied()).ok_or("`target` is unknown")?,
                )
            }
            Body::Social { target: Target::Ad(_), .. } => {
                return Err("it is about an ad, and there are no campaigns here".to_owned());
            }
            Body::Words { .. } | Body::Partner { .. } | Body::Feedback { .. } => About::Nothing,
        };
        Ok(record(event, about, Country::from_code("US"), 0))
    }
}

/// An event of a context; what it leaves out follows from the query.
fn framed(value: &Value, query: &Query, place: usize) -> Value {
    let mut framed = value.clone();
    if let Some(map) = framed.as_object_mut() {
        map.entry("id").or_insert_with(|| format!("{}#{place}", query.id).into());
        map.entry("person").or_insert_with(|| query.person.clone().into());
        map.entry("product").or_insert_with(|| "main".into());
    }
    framed
}
