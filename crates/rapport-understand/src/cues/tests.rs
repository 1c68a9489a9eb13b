//! What the shipped models say of messages that were not written for training them.

use proptest::prelude::*;
use rapport_core::understanding::{Intent, Subject};

use super::{CueModel, Cues};

fn model() -> &'static CueModel {
    static MODEL: std::sync::OnceLock<CueModel> = std::sync::OnceLock::new();
    MODEL.get_or_init(|| {
        let weights = include_bytes!("../../../../models/heads/cues.bin");
        let words = include_bytes!("../../../../models/lexicon/cues.tsv");
        CueModel::load(weights, words).unwrap()
    })
}

fn read(text: &str) -> Cues<'static> {
    model().read(text)
}

/// The stance towards `name`, which `text` holds.
fn towards(text: &str, name: &str) -> f32 {
    let at = text.find(name).unwrap();
    read(text).stance_at(at..at + name.len())
}

#[test]
fn one_message_holds_a_dislike_and_a_like() {
    let text = "I'm tired of horror, more comedies please";
    assert!(towards(text, "horror") < -0.5);
    assert!(towards(text, "comedies") > 0.5);
    let sides: Vec<_> = read(text).sides().iter().map(|side| text[side.bytes.clone()].to_owned()).collect();
    assert_eq!(sides, ["I'm tired of horror", "more comedies please"]);
    assert!(read(text).stance().abs() < 0.3, "in balance");
}

#[test]
fn each_of_seven_languages_likes_and_dislikes() {
    let pairs = [
        ("I adore badminton", "I can't stand badminton"),
        ("me encanta el bádminton", "odio el bádminton"),
        ("ich liebe Badminton", "ich hasse Badminton"),
        ("j'adore le badminton", "je déteste le badminton"),
        ("adoro badminton", "não gosto de badminton"),
        ("मुझे बैडमिंटन पसंद है", "मुझे बैडमिंटन पसंद नहीं है"),
        ("배드민턴을 정말 좋아해", "배드민턴은 정말 싫어"),
    ];
    for (like, dislike) in pairs {
        assert!(read(like).stance() > 0.3, "{like}: {}", read(like).stance());
        assert!(read(dislike).stance() < -0.3, "{dislike}: {}", read(dislike).stance());
    }
}

#[test]
fn negation_turns_a_dislike_around_and_a_question_feels_nothing() {
    assert!(read("this ramen is not bad at all").stance() > 0.3);
    assert!(read("who invented the telescope?").stance().abs() < 0.3);
}

#[test]
fn a_list_is_liked_as_a_whole() {
    let text = "I like Fargo (1996) and True Grit (2010)";
    assert!(towards(text, "Fargo (1996)") > 0.3 && towards(text, "True Grit (2010)") > 0.3);
}

#[test]
fn a_gift_is_not_a_hobby() {
    assert_eq!(read("my mother loves weaving").subject(), Subject::Other);
    assert_eq!(read("a birthday present for my uncle").subject(), Subject::Other);
    assert_eq!(read("my wife and I love weaving").subject(), Subject::Own);
    assert_eq!(read("I love weaving").subject(), Subject::Own);
}

#[test]
fn a_question_of_fact_or_a_command_is_nobodys() {
    for text in ["what is the capital of Peru", "set a timer", "turn off the lights", "", "!!!"] {
        assert_eq!(read(text).subject(), Subject::None, "{text}");
    }
}

#[test]
fn what_a_message_is_for_is_told() {
    let intents = [
        ("which hiking boots should I buy?", Some(Intent::Buy)),
        ("my washing machine is broken", Some(Intent::Fix)),
        ("remind me to call the bank on monday", Some(Intent::Plan)),
        ("how does a telescope work", Some(Intent::Learn)),
        ("take me to the nearest train station", Some(Intent::Go)),
        ("thanks", None),
    ];
    for (text, intent) in intents {
        assert_eq!(read(text).intent(), intent, "{text}");
    }
}

#[test]
fn a_daughters_fever_is_about_a_child() {
    assert!(read("my daughter has a fever").about_child());
    assert!(!read("I have a fever").about_child());
}

#[test]
fn a_page_of_64_kib_takes_bounded_time() {
    let page = "I love it, but not that. ".repeat(2_700);
    let began = std::time::Instant::now();
    let cues = read(&page);
    assert!(cues.clauses().len() <= 64 && cues.stance().abs() <= 1.0);
    assert!(began.elapsed().as_secs() < 2, "{:?}", began.elapsed());
}

proptest! {
    #[test]
    fn any_text_is_read(text in "\\PC{0,200}", from in 0usize..300, len in 0usize..50) {
        let cues = read(&text);
        prop_assert!((-1.0..=1.0).contains(&cues.stance()));
        prop_assert!((-1.0..=1.0).contains(&cues.stance_at(from..from + len)));
        for clause in cues.clauses().into_iter().chain(cues.sides()) {
            prop_assert!(text.get(clause.bytes).is_some(), "cut within a letter");
        }
    }
}
