//! What the stages know of a request, worked out once.

use std::collections::{HashMap, HashSet};

use crate::catalog::{Item, Visibility};
use crate::event::{Deed, Object};
use crate::gate::{Feed, View};
use crate::ids::{EventId, ItemId, Surrogate};
use crate::pipeline::{FeedRequest, FeedWorld};
use crate::profile::{InterestVector, Relation};
use crate::rank::{Affinities, FeedSettings};
use crate::signal::Source;
use crate::time::{HOUR, UnixMillis};
use crate::topic::TopicId;

/// A request with everything that its stages ask for.
#[derive(Debug)]
pub struct Query<'a> {
    /// What there is to show.
    pub world: &'a FeedWorld<'a>,
    /// What may be known of the person.
    pub view: &'a View<'a, Feed>,
    /// Whose own items need not be shown.
    pub viewer: Option<Surrogate>,
    /// Rows wanted.
    pub limit: usize,
    /// Decides ties.
    pub seed: u64,
    /// The scorers' weights.
    pub settings: &'a FeedSettings,
    /// What the person is drawn to.
    pub liked: Affinities<'a>,
    /// What the person is not.
    pub disliked: Affinities<'a>,
    /// Interests as directions of meaning: the latest first, then the strongest, at most four.
    pub interests: Vec<(&'a InterestVector, f32, Source)>,
    /// Friends, and the event that made each.
    pub friends: HashMap<Surrogate, &'a EventId>,
    /// People followed.
    pub followed: HashMap<Surrogate, &'a EventId>,
    /// Groups joined and pages followed.
    pub member: HashMap<&'a ItemId, &'a Relation>,
    /// Items hidden or reported.
    pub hidden: HashSet<&'a ItemId>,
    /// People blocked.
    pub blocked: HashSet<Surrogate>,
    /// Hashes of items seen, over all permitted classes.
    pub seen: HashSet<u64>,
    /// Topics spoken of in the last hour.
    pub spoken: HashSet<TopicId>,
    /// The most votes that any item has.
    pub most_votes: f32,
}

/// Interests that score: each costs a look at every candidate.
const INTERESTS: usize = 4;
/// Of these, interests that retrieve: each is one scan over the catalogue.
const RETRIEVING: usize = 2;

impl<'a> Query<'a> {
    pub(crate) fn new(
        world: &'a FeedWorld<'a>,
        request: &FeedRequest<'a>,
        settings: &'a FeedSettings,
    ) -> Self {
        let view = request.view;
        let best = world.popular.first().and_then(|row| world.catalog.item(*row));
        let mut query = Self {
            world,
            view,
            viewer: request.viewer,
            limit: request.limit,
            seed: request.seed,
            settings,
            liked: Affinities::liked(view),
            disliked: Affinities::disliked(view),
            interests: strongest(view),
            friends: HashMap::new(),
            followed: HashMap::new(),
            member: HashMap::new(),
            hidden: HashSet::new(),
            blocked: HashSet::new(),
            seen: view.classes().iter().flat_map(|class| class.seen.iter().copied()).collect(),
            spoken: spoken(view),
            most_votes: best.map_or(0.0, |item| world.popularity.of(&item.id)),
        };
        view.relations().for_each(|relation| query.relate(relation));
        view.limits().for_each(|relation| query.restrain(relation));
        query
    }

    /// The interests that are worth a scan of the catalogue.
    pub fn retrieving(&self) -> impl Iterator<Item = &'a InterestVector> + '_ {
        self.interests.iter().take(RETRIEVING).map(|(interest, ..)| *interest)
    }

    /// Whether the person may see `item` at all.
    pub fn may_see(&self, item: &Item) -> bool {
        let of_friend = || item.author_surrogate.is_some_and(|author| self.friends.contains_key(&author));
        let own = || item.author_surrogate.is_some() && item.author_surrogate == self.viewer;
        match item.visibility {
            Visibility::Public => true,
            Visibility::Friends => of_friend() || own(),
            Visibility::Group => {
                item.group.as_ref().is_some_and(|group| self.member.contains_key(group)) || own()
            }
        }
    }

    fn relate(&mut self, relation: &'a Relation) {
        match (&relation.deed, &relation.object) {
            (Deed::Befriended, Object::Person(person)) => {
                self.friends.insert(*person, &relation.event);
            }
            (Deed::Followed, Object::Person(person)) => {
                self.followed.insert(*person, &relation.event);
            }
            (Deed::Joined | Deed::Followed, Object::Item(item)) => {
                self.member.insert(item, relation);
            }
            _ => {}
        }
    }

    fn restrain(&mut self, relation: &'a Relation) {
        match (&relation.deed, &relation.object) {
            (Deed::Blocked | Deed::Reported, Object::Person(person)) => {
                self.blocked.insert(*person);
            }
            (Deed::Hid | Deed::Reported, Object::Item(item)) => {
                self.hidden.insert(item);
            }
            _ => {}
        }
    }
}

fn strongest<'p>(view: &View<'p, Feed>) -> Vec<(&'p InterestVector, f32, Source)> {
    let mut all: Vec<_> = view
        .classes()
        .iter()
        .flat_map(|class| class.vectors.iter().map(|v| (v, v.weight_at(view.now()), class.class.source)))
        .collect();
    all.sort_by(|a, b| b.1.total_cmp(&a.1).then(b.0.last.cmp(&a.0.last)));
    // What was just said counts now, however much there was before it.
    if let Some(latest) = (0..all.len()).max_by_key(|&i| (all[i].0.last, std::cmp::Reverse(i))) {
        all[..=latest].rotate_right(1);
    }
    all.truncate(INTERESTS);
    all
}

fn spoken(view: &View<'_, Feed>) -> HashSet<TopicId> {
    let recent = |at: UnixMillis| (0..=HOUR).contains(&view.now().since(at));
    view.classes()
        .iter()
        .flat_map(|class| &class.topics)
        .filter(|weight| weight.evidence.iter().any(|e| e.deed == Deed::Said && recent(e.at)))
        .map(|weight| weight.topic)
        .collect()
}
