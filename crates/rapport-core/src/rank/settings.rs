//! The weights of the feed's scorers and the sizes of its sources.

/// How the feed is made. Weights are in nats for a feature of 1.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct FeedSettings {
    /// Topic affinity: ln(1 + the topic's weight).
    pub topic: f32,
    /// Likeness of meaning: cosine above [`FeedSettings::meaning_floor`].
    pub meaning: f32,
    /// Cosine that unrelated texts reach.
    pub meaning_floor: f32,
    /// A friend's update: what a feed is for.
    pub friend_update: f32,
    /// Anything else made by a friend.
    pub friend: f32,
    /// Made by somebody followed, or of a group joined.
    pub followed: f32,
    /// Votes: ln(1 + votes) ÷ ln(1 + the most votes, at least 10).
    pub popular: f32,
    /// Newness: halves every [`FeedSettings::fresh_half_life_hours`].
    pub fresh: f32,
    /// Hours.
    pub fresh_half_life_hours: u32,
    /// Dislike: ln(1 + the topic's negative weight).
    pub dislike: f32,
    /// Items taken from each source (a topic, a friend, a vector …).
    pub per_source: usize,
    /// Topics and vectors of the person that retrieve.
    pub topics: usize,
    /// Taken off for each of up to two earlier rows by the same author.
    pub same_author: f32,
    /// Taken off for each of up to two earlier rows of the same topic and kind.
    pub same_kind: f32,
}

/// `meaning` and `popular` were raised until ranking by conversation stopped gaining (ReDial, ten folds); the others
/// are set by hand.
impl Default for FeedSettings {
    fn default() -> Self {
        Self {
            topic: 1.6,
            meaning: 5.0,
            meaning_floor: 0.25,
            friend_update: 1.4,
            friend: 0.6,
            followed: 0.7,
            popular: 1.5,
            fresh: 0.5,
            fresh_half_life_hours: 72,
            dislike: 2.4,
            per_source: 200,
            topics: 8,
            same_author: 0.3,
            same_kind: 0.9,
        }
    }
}
