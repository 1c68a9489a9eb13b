//! `rapport eval redial`: films that people liked in conversations, found from what was said before.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use rapport_core::time::{HOUR, SECOND, UnixMillis};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::cli::eval::metrics::Mean;
use crate::cli::eval::query::{self, Query};
use crate::cli::eval::rank::Measured;
use crate::cli::eval::{settings, world::World};
use crate::cli::{models, output, policy};

/// Ranks films after conversations of ReDial (Li et al. 2018), and prints a Markdown report.
#[derive(clap::Args)]
pub struct Args {
    /// The folder of `c_redial_catalogue.jsonl`, `c_redial_dialogues.jsonl` and `c_redial_rank_task.jsonl`.
    #[arg(long, value_name = "DIR", default_value = "../shared/data")]
    data: PathBuf,
    /// A preset or a policy's folder.
    #[arg(long, value_name = "NAME|DIR", default_value = "announced")]
    policy: String,
    /// Weights of the feed to try, as JSON: those of `FeedSettings` that it names.
    #[arg(long, value_name = "FILE")]
    settings: Option<PathBuf>,
    /// Answer in JSON.
    #[arg(long)]
    json: bool,
}

/// A conversation is never learnt from in the fold that it is asked about.
const FOLDS: usize = 10;
const DEPTHS: [usize; 3] = [1, 10, 50];
/// When what is learnt from happened, a minute apart.
const LEARNT: &str = "2026-01-05T00:00:00Z";
/// When the conversations asked about took place, a minute a turn.
const ASKED: &str = "2026-02-01T00:00:00Z";

#[derive(Deserialize)]
struct Film {
    id: String,
    title: String,
    genres: Vec<String>,
    director: Vec<String>,
    stars: Vec<String>,
}

#[derive(Deserialize)]
struct Dialogue {
    id: String,
    turns: Vec<Turn>,
    labels: BTreeMap<String, Label>,
}

#[derive(Deserialize)]
struct Turn {
    speaker: String,
    text: String,
    items: Vec<String>,
}

#[derive(Deserialize)]
struct Label {
    liked: String,
}

#[derive(Deserialize)]
struct Task {
    id: String,
    context: Vec<(String, String)>,
    mentioned: Vec<String>,
    liked: Vec<String>,
}

/// Runs the command.
pub fn run(args: &Args) -> Result<ExitCode> {
    let films: Vec<Film> = read(&args.data, "c_redial_catalogue.jsonl")?;
    let dialogues: Vec<Dialogue> = read(&args.data, "c_redial_dialogues.jsonl")?;
    let tasks: Vec<Task> = read(&args.data, "c_redial_rank_task.jsonl")?;
    let policy = policy::open(&args.policy)?;
    let models = models::open()?;
    let mut catalogue = World::new(&policy, &models, settings(args.settings.as_deref())?)?;
    catalogue.add_items(placed(films.iter().map(item)));
    let mut measured = Measured { pipeline: Mean::new(&DEPTHS), popularity: Mean::new(&DEPTHS) };
    for fold in 0..FOLDS {
        ask(&catalogue, &dialogues, &tasks, fold, &mut measured)?;
    }
    if args.json {
        output::json(&measured.as_json())?;
    } else {
        output::line(INTRODUCTION)?;
        output::line(measured.as_text())?;
    }
    Ok(ExitCode::SUCCESS)
}

const INTRODUCTION: &str = "\
For each film that a seeker liked: the catalogue of 6,589 films ranked from what was said before it. Likes of other
conversations are events of other people; each conversation is asked about in one of ten folds, and nothing of that
fold is learnt from. What the seeker said are prompts; a film that the seeker brought up is a like. Films already
mentioned are left out. A film's topics are its genres, where the taxonomy has them. Two weights of the feed,
`meaning` and `popular`, were chosen on these same queries, so expect a little less on others.
";

/// Learns from the other folds and asks about this one.
fn ask(
    catalogue: &World<'_>,
    dialogues: &[Dialogue],
    tasks: &[Task],
    fold: usize,
    measured: &mut Measured,
) -> Result<()> {
    let by_number: HashMap<&str, &Dialogue> = dialogues.iter().map(|d| (number(&d.id), d)).collect();
    let queries = tasks
        .iter()
        .filter(|task| fold_of(number(&task.id)) == fold)
        .map(|task| {
            let dialogue = by_number.get(number(&task.id)).context("a task without its conversation")?;
            query(task, dialogue)
        })
        .collect::<Result<Vec<Query>>>()?;
    let learnt = dialogues.iter().filter(|dialogue| fold_of(number(&dialogue.id)) != fold);
    let mut world = catalogue.emptied();
    world.add_events(placed(likes(learnt)?.into_iter()), &queries);
    let rankings = world.rank_all(&queries, DEPTHS[DEPTHS.len() - 1])?;
    let popular = world.popular();
    for (query, ranking) in queries.iter().zip(&rankings) {
        measured.add(query, ranking, &popular);
    }
    Ok(())
}

/// The conversation's number: `redial-15266` and `redialtask-15266-2` are of one.
fn number(id: &str) -> &str {
    id.split('-').nth(1).unwrap_or(id)
}

/// The fold of a conversation, the same for all that is of it.
fn fold_of(number: &str) -> usize {
    number.bytes().fold(7, |hash: usize, byte| hash.wrapping_mul(31).wrapping_add(byte.into())) % FOLDS
}

fn item(film: &Film) -> Value {
    let topics: Vec<&str> = film.genres.iter().filter_map(|genre| topic(genre)).collect();
    let text = format!(
        "A {} film directed by {}, with {}.",
        film.genres.join(", "),
        film.director.join(", "),
        film.stars.join(", ")
    );
    json!({
        "id": film.id, "kind": "film", "title": film.title, "text": text, "topics": topics,
        "created_at": "2025-01-01T00:00:00Z", "visibility": "public",
    })
}

/// The taxonomy's id of a genre (`Genres` and its children).
fn topic(genre: &str) -> Option<&'static str> {
    Some(match genre {
        "action" | "adventure" => "325",
        "animation" => "641",
        "biography" => "44",
        "comedy" => "646",
        "crime" => "KHPC5A",
        "documentary" => "332",
        "drama" => "647",
        "family" => "645",
        "fantasy" => "335",
        "history" => "EZWB7V",
        "horror" => "336",
        "musical" | "music" => "156",
        "mystery" | "film-noir" => "331",
        "reality-tv" => "651",
        "romance" => "326",
        "sci-fi" => "652",
        "talk-show" => "A0AH3G",
        "thriller" => "700",
        "western" => "KHPC6A",
        _ => return None,
    })
}

/// What the seekers of `dialogues` liked, as events.
fn likes<'d>(dialogues: impl Iterator<Item = &'d Dialogue>) -> Result<Vec<Value>> {
    let start = UnixMillis::parse(LEARNT)?;
    let liked = dialogues.flat_map(|dialogue| {
        let liked = dialogue.labels.iter().filter(|(_, label)| label.liked == "like");
        liked.map(move |(item, _)| (dialogue, item))
    });
    Ok(liked
        .zip(0i64..)
        .map(|((dialogue, item), minute)| {
            json!({
                "id": format!("{}-{item}", dialogue.id), "type": "like", "person": dialogue.id,
                "product": "main", "at": start.plus(minute * 60 * SECOND).to_string(), "item": item,
            })
        })
        .collect())
}

/// The question that a task asks: the turns before it are the context.
fn query(task: &Task, dialogue: &Dialogue) -> Result<Query> {
    let before = dialogue.turns.get(..task.context.len());
    let before =
        before.filter(|turns| turns.iter().zip(&task.context).all(|(turn, (_, text))| turn.text == *text));
    let Some(before) = before else { bail!("task `{}` does not fit its conversation", task.id) };
    let start = UnixMillis::parse(ASKED)?.plus(HOUR);
    let mut context = Vec::new();
    for (place, turn) in before.iter().enumerate() {
        let at = start.plus(place as i64 * 60 * SECOND).to_string();
        let id = format!("{}-{place}", task.id);
        let seeker = turn.speaker == "seeker";
        let kind = if seeker { "assistant.prompt" } else { "assistant.response" };
        context.push(json!({
            "id": id, "type": kind, "person": task.id, "product": "main", "at": at,
            "text": turn.text, "conversation": dialogue.id,
        }));
        for item in turn.items.iter().filter(|_| seeker) {
            context.push(json!({
                "id": format!("{id}-{item}"), "type": "like", "person": task.id, "product": "main", "at": at,
                "item": item,
            }));
        }
    }
    Ok(Query {
        id: task.id.clone(),
        person: task.id.clone(),
        context,
        exclude: task.mentioned.iter().cloned().collect(),
        relevant: Some(task.liked.iter().cloned().collect()),
    })
}

/// Values with their number as place.
fn placed(values: impl Iterator<Item = Value>) -> Vec<(String, Value)> {
    values.enumerate().map(|(number, value)| (format!("record {number}"), value)).collect()
}

fn read<T: DeserializeOwned>(folder: &Path, name: &str) -> Result<Vec<T>> {
    let (lines, bad) = query::values(&folder.join(name))?;
    if let Some(first) = bad.first() {
        bail!("{first}");
    }
    lines.into_iter().map(|(at, value)| serde_json::from_value(value).context(at)).collect()
}
