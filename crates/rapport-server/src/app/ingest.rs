//! `POST /events`: each event is judged by itself, and what is accepted is durable and folded before the answer.

use rapport_core::country::Country;
use rapport_core::event::{Body, Deed, Event, Target, claimed_id};
use rapport_core::gate::Decider;
use rapport_core::ids::{Name, Surrogate};
use rapport_core::understanding::Understanding;
use rapport_store::{Appended, NewEvent};
use serde_json::Value;

use crate::app::record::{About, record};
use crate::app::voice::{is_spoken, take_audio};
use crate::app::{App, Call, Problem, mentions, name};

/// What became of a batch.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct IngestAnswer {
    /// Events in the log from now on.
    pub accepted: usize,
    /// Events whose id the log had already.
    pub duplicates: usize,
    /// Events that are not in the log, and why.
    pub rejected: Vec<Refused>,
}

/// One event that was refused.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct Refused {
    /// Its place in the batch, from 0.
    pub index: usize,
    /// The id that it claims, if it has one.
    pub id: Option<String>,
    /// Why.
    pub error: Problem,
}

/// One event of a batch: read as JSON, or not.
pub type Line = Result<Value, Problem>;

struct Accepted {
    index: usize,
    event: Event,
    person: Surrogate,
    country: Country,
    about: Found,
}

/// What an event is about, before its words are understood.
enum Found {
    Text,
    Known(About),
}

impl App {
    /// Takes a batch in, in order.
    ///
    /// # Errors
    /// `too-many-events`, or a fault of the store: nothing of the batch is in the log then.
    pub fn ingest(&self, lines: Vec<Line>, call: &Call) -> Result<IngestAnswer, Problem> {
        let most = self.config.ingest.max_events;
        if lines.len() > most {
            let detail = format!("the batch has {} events (limit: {most}); send it in parts", lines.len());
            return Err(Problem::new("too-many-events", "too many events in one request", 413, detail));
        }
        let epoch = self.policies.for_call(call)?.facts().epoch;
        // One place for the whole batch: what is spoken in it is transcribed one after the other.
        let spoken = lines.iter().flatten().any(is_spoken);
        let place = spoken.then(|| self.voice.enter()).transpose()?;
        let mut answer = IngestAnswer::default();
        let mut accepted = Vec::with_capacity(lines.len());
        for (index, line) in lines.into_iter().enumerate() {
            let id = line.as_ref().ok().and_then(claimed_id).map(str::to_owned);
            match line.and_then(|json| self.admit(index, json, call)) {
                Ok(event) => accepted.push(event),
                Err(error) => answer.rejected.push(Refused { index, id, error }),
            }
        }
        drop(place);
        self.append(accepted, epoch, &mut answer)?;
        answer.rejected.sort_by_key(|refused| refused.index);
        Ok(answer)
    }

    fn admit(&self, index: usize, mut json: Value, call: &Call) -> Result<Accepted, Problem> {
        let audio = take_audio(&mut json)?;
        let mut event = Event::parse(&json, call.now, self.config.ingest.max_text_bytes)
            .map_err(|error| Problem::new(error.slug(), "the event is refused", 400, error.to_string()))?;
        let person = self.store.person(event.person.as_str())?.ok_or_else(Problem::unknown_person)?;
        if let Some(audio) = audio {
            self.transcribe(&audio, &mut event)?;
        }
        let about = self.find(&event.body)?;
        Ok(Accepted { index, event, person: person.surrogate, country: country(&person.facts)?, about })
    }

    /// Gives a spoken prompt its words. One that the log has already is a duplicate whatever it says.
    fn transcribe(&self, audio: &str, event: &mut Event) -> Result<(), Problem> {
        if self.store.find(&event.id)?.is_none()
            && let Body::Words { text, .. } = &mut event.body
        {
            *text = self.voice.text(audio)?;
        }
        Ok(())
    }

    fn find(&self, body: &Body) -> Result<Found, Problem> {
        Ok(match body {
            Body::Words { text, .. } if text.is_empty() => Found::Known(About::Nothing),
            Body::Words { .. } | Body::Partner { text: Some(_), .. } => Found::Text,
            Body::Partner { text: None, .. } | Body::Feedback { .. } => Found::Known(About::Nothing),
            Body::Social { target: Target::Item(item), .. } => {
                let item = self.items.snapshot().get(item.as_str()).cloned();
                Found::Known(About::Item(item.ok_or_else(Problem::unknown_item)?))
            }
            Body::Social { target: Target::Person(target), .. } => {
                Found::Known(About::Person(self.target(target)?))
            }
            Body::Social { target: Target::Ad(ad), .. } => {
                let (full, facts) = self.campaigns.ad(ad.as_str()).ok_or_else(Problem::unknown_ad)?;
                Found::Known(About::Ad(name("ad", &full)?, facts))
            }
        })
    }

    /// Another registered person.
    fn target(&self, id: &Name) -> Result<Surrogate, Problem> {
        let detail = "`target` is not registered; `PUT /v1/people/{id}` registers them";
        let unknown = || Problem::new("unknown-person", "nobody by that id", 404, detail);
        Ok(self.store.person(id.as_str())?.ok_or_else(unknown)?.surrogate)
    }

    fn append(&self, accepted: Vec<Accepted>, epoch: u32, answer: &mut IngestAnswer) -> Result<(), Problem> {
        let mut meanings = self.meanings(&accepted).into_iter();
        let mut indices = Vec::with_capacity(accepted.len());
        let mut events = Vec::with_capacity(accepted.len());
        for Accepted { index, event, person, country, about } in accepted {
            let about = match about {
                Found::Known(about) => about,
                Found::Text => self.heard(&event.body, meanings.next().flatten()),
            };
            let mirror = mirror(&event.body, &about);
            indices.push((index, event.id.as_str().to_owned()));
            events.push(NewEvent { person, record: record(&event, about, country, epoch), mirror });
        }
        for ((index, id), appended) in indices.into_iter().zip(self.store.append(events)?) {
            match appended {
                Appended::Accepted { .. } => answer.accepted += 1,
                Appended::Duplicate => answer.duplicates += 1,
                Appended::UnknownPerson => {
                    let error = Problem::unknown_person();
                    answer.rejected.push(Refused { index, id: Some(id), error });
                }
            }
        }
        Ok(())
    }

    /// Words with what they mean and name; nothing of them that could not be judged.
    fn heard(&self, body: &Body, meaning: Option<Understanding>) -> About {
        let named = match (body, &meaning) {
            (Body::Words { deed, text, .. }, Some(words)) => {
                mentions(&self.items.snapshot(), self.words.as_ref(), *deed, text, words)
            }
            _ => Vec::new(),
        };
        About::Words(meaning, named)
    }

    /// What the texts of a batch mean, in order, understood together.
    fn meanings(&self, accepted: &[Accepted]) -> Vec<Option<Understanding>> {
        let texts: Vec<&str> = accepted
            .iter()
            .filter(|a| matches!(a.about, Found::Text))
            .map(|a| match &a.event.body {
                Body::Words { text, .. } | Body::Partner { text: Some(text), .. } => text.as_str(),
                _ => "",
            })
            .collect();
        if texts.is_empty() { Vec::new() } else { self.words.understand(&texts) }
    }
}

/// Friendship is mutual: both logs hear of it.
fn mirror(body: &Body, about: &About) -> Option<Surrogate> {
    match (body, about) {
        (Body::Social { deed: Deed::Befriended | Deed::Unfriended, .. }, About::Person(target)) => {
            Some(*target)
        }
        _ => None,
    }
}

/// The country alone: the rest of the facts is not needed to take an event in.
fn country(facts: &[u8]) -> Result<Country, Problem> {
    #[derive(serde::Deserialize)]
    struct Only {
        country: Country,
    }
    serde_json::from_slice::<Only>(facts).map(|only| only.country).map_err(|_| Problem::internal())
}

/// Splits a body into events: one, an array, or lines (`lines` says that the caller calls it NDJSON).
///
/// # Errors
/// `invalid-json` where nothing in it can be read.
pub fn split(body: &[u8], lines: bool) -> Result<Vec<Line>, Problem> {
    let unreadable = |detail: &str| Problem::new("invalid-json", "the body can't be read", 400, detail);
    if body.trim_ascii().is_empty() {
        return Err(unreadable("the body is empty; send an event, an array of events, or NDJSON"));
    }
    if !lines {
        match serde_json::from_slice::<Value>(body) {
            Ok(Value::Array(events)) => return Ok(events.into_iter().map(Ok).collect()),
            Ok(event @ Value::Object(_)) => return Ok(vec![Ok(event)]),
            Ok(_) => return Err(unreadable("the body is JSON, but neither an event nor an array of events")),
            Err(_) => {}
        }
    }
    let read: Vec<Line> = body
        .split(|byte| *byte == b'\n')
        .filter(|line| !line.trim_ascii().is_empty())
        .enumerate()
        .map(|(index, line)| serde_json::from_slice(line).map_err(|error| malformed(index, &error)))
        .collect();
    if read.iter().all(Result::is_err) {
        return Err(unreadable("the body is neither JSON nor NDJSON; check that it is complete"));
    }
    Ok(read)
}

fn malformed(index: usize, error: &serde_json::Error) -> Problem {
    let detail =
        format!("line {} is no JSON (column {}); its neighbours are kept", index + 1, error.column());
    Problem::new("invalid-json", "a line is no JSON", 400, detail)
}
