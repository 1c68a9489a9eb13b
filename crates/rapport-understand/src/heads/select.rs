//! Which topics are reported.

use rapport_core::topic::TopicId;
use rapport_core::understanding::ScoredTopic;

/// A node is reported from this probability on; below it its ancestors may still be.
const TOPIC_THRESHOLD: f32 = 0.15;
/// A node this much less likely than the best is noise beside it.
const TOPIC_RATIO: f32 = 0.35;
/// Most topics in one message.
pub(crate) const MAX_TOPICS: usize = 5;

/// The topics to report: the most specific nodes that are likely enough, best first. A doubtful node is left out, and its
/// parent, whose probability is never smaller by much, stands for it. May be empty: an honest "none".
pub(crate) fn select_topics(scores: &[f32]) -> Vec<ScoredTopic> {
    let best = scores.iter().copied().fold(0.0, f32::max);
    let floor = TOPIC_THRESHOLD.max(best * TOPIC_RATIO);
    let mut likely: Vec<ScoredTopic> = TopicId::all()
        .zip(scores)
        .filter(|(_, score)| **score >= floor)
        .map(|(topic, &score)| ScoredTopic::new(topic, score))
        .collect();
    let covered: Vec<TopicId> = likely.iter().flat_map(|found| found.topic.lineage().skip(1)).collect();
    likely.retain(|found| !covered.contains(&found.topic));
    likely.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.topic.cmp(&b.topic)));
    likely.truncate(MAX_TOPICS);
    likely
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scores(of: &[(&str, f32)]) -> Vec<f32> {
        let mut scores = vec![0.0; TopicId::all().count()];
        for (code, score) in of {
            scores[usize::from(TopicId::from_code(code).unwrap().index())] = *score;
        }
        scores
    }

    #[test]
    fn the_most_specific_likely_node_is_reported_and_implies_its_ancestors() {
        let found = select_topics(&scores(&[("483", 0.9), ("542", 0.8)]));
        assert_eq!(found.iter().map(|t| t.topic.code()).collect::<Vec<_>>(), ["542"]);
    }

    #[test]
    fn a_doubtful_leaf_answers_with_its_parent() {
        let found = select_topics(&scores(&[("483", 0.7), ("542", 0.2)]));
        assert_eq!(found.iter().map(|t| t.topic.code()).collect::<Vec<_>>(), ["483"]);
    }

    #[test]
    fn nothing_likely_is_an_honest_none() {
        assert!(select_topics(&scores(&[("483", 0.1)])).is_empty());
    }
}
