//! What the auction reads of one request, computed once: the facts for targeting and the pulls for scoring.

use crate::auction::affinity::{self, Direction, Origin, Pull, Pulls};
use crate::auction::targeting::{Audience, Language, TopicSet};
use crate::auction::{Beside, Request};
use crate::country::Country;
use crate::gate::{Ads, TopicChoice, View};
use crate::profile::ClassProfile;
use crate::profile::weight::{DISLIKES, HalfLives, LIKES};
use crate::topic::TopicId;

/// From this sum of both half-lives on, less what speaks against, a topic is one that targeting may find: a like of
/// something that is probably about it lasts about three months, a glance at it never gets there.
const TARGETABLE: f32 = 0.10;
/// What an item beside the ad pulls towards each of its topics, times their scores; half of a fresh request.
const BESIDE_TOPIC: f32 = 0.5;
/// How much the meaning of the item beside the ad counts; a fresh request counts about 0.85.
const BESIDE_MEANING: f32 = 0.6;
/// The weight of an interest at which its meaning counts half.
const HALF_MEANING: f32 = 0.1;

/// Everything that matching and scoring read.
pub(super) struct Features<'a> {
    pub country: Country,
    pub languages: Vec<Language>,
    pub years: Option<u8>,
    /// For targeting.
    pub topics: TopicSet,
    /// For ads that are not sensitive.
    pub pulls: Pulls<'a>,
    /// For ads that are sensitive: the item beside them, and nothing of the person.
    pub context: Pulls<'a>,
    pub request: &'a Request<'a>,
}

impl<'a> Features<'a> {
    pub fn new(request: &'a Request<'a>) -> Self {
        let mut pulls: Vec<Pull<'a>> = Vec::new();
        let mut against: Vec<Pull<'a>> = Vec::new();
        let mut directions = Vec::new();
        if let Some(view) = request.view {
            for class in view.classes().iter().filter(|c| c.class.marks.sensitive.is_empty()) {
                pulls.extend(topic_pulls(view, class, false));
                against.extend(topic_pulls(view, class, true));
                directions.extend(interests(view, class));
            }
        }
        let mut topics = targetable(&pulls, &against);
        if let Some(beside) = &request.beside {
            let plain = beside.topics.iter().filter(|t| t.topic.sensitive().is_empty());
            plain.for_each(|t| topics.insert_lineage(t.topic));
            pulls.extend(context_pulls(beside).filter(|pull| pull.topic.sensitive().is_empty()));
            directions.extend(context_direction(beside).filter(|_| beside.categories().is_empty()));
        }
        let facts = request.view.map(View::facts);
        Self {
            country: facts.map_or(Country::UNKNOWN, |f| f.country),
            languages: facts
                .map(|f| f.languages.iter().filter_map(|l| Language::from_code(l)).collect())
                .unwrap_or_default(),
            years: facts.and_then(|f| f.years),
            topics,
            pulls: Pulls::new(pulls, against, directions),
            context: context_only(request.beside.as_ref()),
            request,
        }
    }

    pub fn audience(&self) -> Audience<'_> {
        Audience {
            country: self.country,
            languages: &self.languages,
            years: self.years,
            product: self.request.product,
            topics: &self.topics,
        }
    }

    /// The most that any ad's topics and meaning can add to its score.
    pub fn ceiling(&self) -> i64 {
        self.pulls.ceiling().max(self.context.ceiling())
    }
}

fn context_only<'a>(beside: Option<&Beside<'a>>) -> Pulls<'a> {
    let Some(beside) = beside else { return Pulls::default() };
    Pulls::new(context_pulls(beside).collect(), Vec::new(), context_direction(beside).into_iter().collect())
}

/// What speaks for (or against) each topic of one class.
fn topic_pulls<'a>(
    view: &'a View<'a, Ads>,
    class: &'a ClassProfile,
    against: bool,
) -> impl Iterator<Item = Pull<'a>> {
    let (list, half_lives) = if against { (&class.negatives, DISLIKES) } else { (&class.topics, LIKES) };
    list.iter().filter(|w| w.topic.sensitive().is_empty()).filter_map(move |of| {
        let factor = if against { 1.0 } else { liking(view, of.topic)? };
        let (fast, slow) = of.weight.at(view.now(), half_lives);
        Some(Pull {
            topic: of.topic,
            weight: factor * (fast + slow) / 2.0,
            origin: Origin::Person { of, source: class.class.source, now: view.now(), half_lives },
        })
    })
}

/// What the person's own choice makes of a topic's weight; nothing is left of a topic that they never want.
fn liking(view: &View<'_, Ads>, topic: TopicId) -> Option<f32> {
    match view.choice(topic) {
        Some(TopicChoice::Never) => None,
        Some(TopicChoice::Less) => Some(0.25),
        Some(TopicChoice::More) => Some(1.5),
        None => Some(1.0),
    }
}

fn interests<'a>(view: &'a View<'a, Ads>, class: &'a ClassProfile) -> impl Iterator<Item = Direction<'a>> {
    class.vectors.iter().map(move |interest| {
        let weight = interest.weight_at(view.now());
        Direction::new(
            &interest.vector,
            weight / (weight + HALF_MEANING),
            Some((&interest.event, interest.deed, class.class.source)),
        )
    })
}

fn context_pulls<'a>(beside: &Beside<'a>) -> impl Iterator<Item = Pull<'a>> + use<'a> {
    beside.topics.iter().map(|t| Pull {
        topic: t.topic,
        weight: BESIDE_TOPIC * t.score.clamp(0.0, 1.0),
        origin: Origin::Beside,
    })
}

fn context_direction<'a>(beside: &Beside<'a>) -> Option<Direction<'a>> {
    beside.vector.map(|vector| Direction::new(vector, BESIDE_MEANING, None))
}

/// The person's topics with everything above them. A topic below a sensitive one never comes here, so a node above
/// sensitive ones is found only through its other descendants.
fn targetable(pulls: &[Pull<'_>], against: &[Pull<'_>]) -> TopicSet {
    let mut set = TopicSet::default();
    for pull in pulls {
        let of_topic = |list: &[Pull<'_>]| -> f32 {
            list.iter().filter(|p| p.topic == pull.topic).map(affinity::Pull::unchosen).sum()
        };
        if of_topic(pulls) - of_topic(against) >= TARGETABLE {
            set.insert_lineage(pull.topic);
        }
    }
    set
}

/// Both half-lives of a weight, for the threshold.
pub(super) fn both(
    of: &crate::profile::TopicWeight,
    now: crate::time::UnixMillis,
    half_lives: HalfLives,
) -> f32 {
    let (fast, slow) = of.weight.at(now, half_lives);
    fast + slow
}
