//! Stance: does a message like, dislike or merely name a thing? Then whose interest it speaks of and what for.

use std::collections::HashMap;
use std::ops::Range;
use std::path::Path;

use rapport_core::understanding::{Intent, Subject};

use super::rows::{is_held_out, read_lines};
use super::written::{Felt, LANGUAGES, Owned, felt, owned};
use super::{EvalError, Report, Table};
use crate::Understander;

/// A stance beyond this is a like, and beyond its negative a dislike, as where signals are made of it.
const DECIDED: f32 = 0.2;
const HANDLABELLED: &str = "c_polarity_handlabelled";
const DIALOGUES: &str = "c_redial_dialogues";
const CATALOGUE: &str = "c_redial_catalogue";
const HANDWRITTEN: [&str; 2] = ["b_handwritten_en", "b_handwritten_multilingual"];

/// Evaluates stance, subject and intent on the messages of `texts` (the project's `training/texts`) that training leaves
/// out, and on sets of the data folder `data` that training never reads.
///
/// # Errors
/// If the data or the texts can't be read.
pub fn stance(u: &Understander, data: &Path, texts: &Path) -> Result<Report, EvalError> {
    let (messages, owned) = (felt(texts)?, owned(texts)?);
    let polarity = handlabelled(data)?;
    let title = "Stance, subject and intent. Own texts: the fifth of the hand-written messages that training leaves \
                 out. The other sets are never trained on. *Right*: like, dislike or neither as labelled (mixed counts \
                 as neither). *Word list alone*: the sign of the telling words in the clause.";
    let tables = vec![
        towards(u, &messages, &polarity, &dialogues(data)?),
        whole(u, &polarity),
        subjects(u, &owned, data)?,
        intents(u, &owned),
        children(u, &owned),
    ];
    Ok(Report { title: title.into(), tables })
}

/// Likes, dislikes and neither: how many there are, and how many were found.
#[derive(Default)]
struct Tally {
    rows: [usize; 3],
    right: [usize; 3],
    listed: usize,
}

impl Tally {
    fn of<'f>(u: &Understander, messages: impl Iterator<Item = &'f Felt>) -> Self {
        let mut tally = Self::default();
        for message in messages {
            let cues = u.cues(&message.text);
            for (at, truth) in &message.targets {
                let class = (truth + 1) as usize;
                tally.rows[class] += 1;
                tally.right[class] += usize::from(sign(cues.stance_at(at.clone())) == *truth);
                tally.listed += usize::from(sign(cues.listed_stance_at(at)) == *truth);
            }
        }
        tally
    }

    fn values(&self) -> Vec<Option<f64>> {
        let n: usize = self.rows.iter().sum();
        let [dislike, neither, like] = [0, 1, 2].map(|class| share(self.right[class], self.rows[class]));
        vec![
            Some(n as f64),
            share(self.right.iter().sum(), n),
            like,
            dislike,
            neither,
            share(self.rows[2], n),
            share(self.listed, n),
        ]
    }
}

fn towards(u: &Understander, own: &[Felt], polarity: &[Felt], dialogues: &[Felt]) -> Table {
    let columns =
        ["n", "right", "likes right", "dislikes right", "neither right", "always like", "word list alone"];
    let mut table = Table::new("stance towards each thing named", &columns);
    table.push("own texts", Tally::of(u, own.iter()).values());
    for language in LANGUAGES {
        let spoken = own.iter().filter(|message| message.language == language);
        table.push(language, Tally::of(u, spoken).values());
    }
    table.push(format!("{HANDLABELLED} (all rows)"), Tally::of(u, polarity.iter()).values());
    table.push("ReDial, the seeker's own answer (like or dislike)", Tally::of(u, dialogues.iter()).values());
    table
}

/// The stance of a whole message, where all that it names is felt alike.
fn whole(u: &Understander, polarity: &[Felt]) -> Table {
    let mut table = Table::new("stance of a whole message", &["n", "right", "always like"]);
    let alike = polarity.iter().filter_map(|message| {
        let (_, first) = message.targets.first()?;
        (*first != 0 && message.targets.iter().all(|(_, sign)| sign == first)).then_some((message, *first))
    });
    let alike: Vec<_> = alike.collect();
    let right =
        alike.iter().filter(|(message, truth)| sign(u.cues(&message.text).stance()) == *truth).count();
    let likes = alike.iter().filter(|(_, truth)| *truth == 1).count();
    let n = alike.len();
    table.push(format!("{HANDLABELLED}, all alike"), vec![Some(n as f64), share(right, n), share(likes, n)]);
    table
}

fn subjects(u: &Understander, own: &[Owned], data: &Path) -> Result<Table, EvalError> {
    let columns = ["n", "right", "self right", "other right", "none right", "always self", "word list alone"];
    let mut table = Table::new("whose interest", &columns);
    table.push("own texts", judged_subjects(u, own.iter()));
    for language in LANGUAGES {
        table.push(language, judged_subjects(u, own.iter().filter(|message| message.language == language)));
    }
    for set in HANDWRITTEN {
        // Only a sensitive message of these sets is labelled by whether it tells of the speaker.
        let rows = read_lines::<Disclosure>(data, set)?.into_iter().filter(|row| !row.sensitive.is_empty());
        let rows: Vec<Disclosure> = rows.collect();
        let right = |row: &&Disclosure| (u.cues(&row.text).subject() == Subject::Own) == row.own;
        let own = rows.iter().filter(|row| row.own).count();
        let found = rows.iter().filter(|row| row.own).filter(right).count();
        let all = rows.iter().filter(right).count();
        let n = rows.len();
        let values = vec![Some(n as f64), share(all, n), share(found, own), None, None, share(own, n), None];
        table.push(format!("{set}, sensitive rows (self or not)"), values);
    }
    Ok(table)
}

fn judged_subjects<'o>(u: &Understander, messages: impl Iterator<Item = &'o Owned>) -> Vec<Option<f64>> {
    let mut counts: HashMap<&str, [usize; 2]> = HashMap::new();
    let (mut n, mut right, mut listed) = (0, 0, 0);
    for message in messages {
        let cues = u.cues(&message.text);
        let hit = usize::from(cues.subject().name() == message.subject);
        let [rows, hits] = counts.entry(&message.subject).or_default();
        (*rows, *hits) = (*rows + 1, *hits + hit);
        (n, right) = (n + 1, right + hit);
        listed += usize::from(cues.listed_subject().name() == message.subject);
    }
    let of = |name: &str| counts.get(name).copied().unwrap_or_default();
    let by_name = ["self", "other", "none"].map(|name| share(of(name)[1], of(name)[0]));
    let mut values = vec![Some(n as f64), share(right, n)];
    values.extend(by_name);
    values.extend([share(of("self")[0], n), share(listed, n)]);
    values
}

fn intents(u: &Understander, own: &[Owned]) -> Table {
    let mut table = Table::new("intent", &["n", "right", "always none"]);
    let mut push = |name: &str, chosen: Vec<&Owned>| {
        let found = |message: &&&Owned| u.cues(&message.text).intent().map_or("none", Intent::name);
        let right = chosen.iter().filter(|message| found(message) == message.intent).count();
        let none = chosen.iter().filter(|message| message.intent == "none").count();
        let n = chosen.len();
        table.push(name, vec![Some(n as f64), share(right, n), share(none, n)]);
    };
    push("own texts", own.iter().collect());
    for language in LANGUAGES {
        push(language, own.iter().filter(|message| message.language == language).collect());
    }
    for intent in ["buy", "plan", "learn", "fix", "go", "none"] {
        push(&format!("of them `{intent}`"), own.iter().filter(|message| message.intent == intent).collect());
    }
    table
}

fn children(u: &Understander, own: &[Owned]) -> Table {
    let mut table = Table::new("about a child", &["n", "found"]);
    for (name, about) in [("about a child", true), ("not about a child (falsely found)", false)] {
        let rows: Vec<&Owned> = own.iter().filter(|message| message.child == about).collect();
        let found = rows.iter().filter(|message| u.cues(&message.text).about_child()).count();
        table.push(name, vec![Some(rows.len() as f64), share(found, rows.len())]);
    }
    table
}

#[derive(serde::Deserialize)]
struct Disclosure {
    text: String,
    sensitive: Vec<String>,
    #[serde(rename = "self")]
    own: bool,
}

#[derive(serde::Deserialize)]
struct Labelled {
    text: String,
    targets: Vec<Target>,
}

#[derive(serde::Deserialize)]
struct Target {
    target: String,
    polarity: String,
}

fn handlabelled(data: &Path) -> Result<Vec<Felt>, EvalError> {
    let rows = read_lines::<Labelled>(data, HANDLABELLED)?;
    Ok(rows
        .into_iter()
        .map(|row| {
            let targets = row.targets.iter().filter_map(|target| {
                Some((position(&row.text, &target.target)?, polarity(&target.polarity)))
            });
            Felt { language: "en", targets: targets.collect(), text: row.text }
        })
        .collect())
}

#[derive(serde::Deserialize)]
struct Film {
    id: serde_json::Value,
    title: String,
}

#[derive(serde::Deserialize)]
struct Dialogue {
    id: String,
    turns: Vec<Turn>,
    labels: HashMap<String, Answer>,
}

#[derive(serde::Deserialize)]
struct Turn {
    speaker: String,
    text: String,
    items: Vec<String>,
}

#[derive(serde::Deserialize)]
struct Answer {
    liked: String,
}

/// What the seekers of the held-out dialogues say of a film that they liked or disliked by their own form.
fn dialogues(data: &Path) -> Result<Vec<Felt>, EvalError> {
    let films = read_lines::<Film>(data, CATALOGUE)?;
    let id = |value: &serde_json::Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let titles: HashMap<String, String> = films.into_iter().map(|film| (id(&film.id), film.title)).collect();
    let mut found = Vec::new();
    let dialogues = read_lines::<Dialogue>(data, DIALOGUES)?;
    for dialogue in dialogues.into_iter().filter(|dialogue| is_held_out(DIALOGUES, &dialogue.id)) {
        for turn in dialogue.turns.into_iter().filter(|turn| turn.speaker == "seeker") {
            let targets = turn.items.iter().filter_map(|item| {
                let sign = polarity(&dialogue.labels.get(item)?.liked);
                Some((position(&turn.text, titles.get(item)?)?, sign)).filter(|(_, sign)| *sign != 0)
            });
            found.push(Felt { language: "en", targets: targets.collect(), text: turn.text });
        }
    }
    Ok(found)
}

fn position(text: &str, name: &str) -> Option<Range<usize>> {
    // Labels differ from the text in case only; where lowering changes lengths, the position is not known.
    let (low, name) = (text.to_lowercase(), name.to_lowercase());
    let at = low.find(&name).filter(|_| low.len() == text.len())?;
    Some(at..at + name.len())
}

fn polarity(name: &str) -> i8 {
    match name {
        "like" => 1,
        "dislike" => -1,
        _ => 0,
    }
}

fn sign(stance: f32) -> i8 {
    i8::from(stance > DECIDED) - i8::from(stance < -DECIDED)
}

fn share(count: usize, of: usize) -> Option<f64> {
    (of > 0).then(|| count as f64 / of as f64)
}
