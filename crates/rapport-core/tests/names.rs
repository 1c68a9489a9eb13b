//! Names of items in what people say: found where they are meant, and only there.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "test code")]

use std::sync::Arc;

use proptest::prelude::*;
use rapport_core::catalog::{Catalog, Change, Item, Rules};
use rapport_core::ids::Name;
use serde_json::json;

const FILMS: &[(&str, &str)] = &[
    ("matrix", "The Matrix (1999)"),
    ("it-1990", "It (1990)"),
    ("it-2017", "It (2017)"),
    ("up", "Up (2009)"),
    ("her", "Her (2013)"),
    ("heat", "Heat (1995)"),
    ("home", "Home (2015)"),
    ("money", "Friends with Money (2006)"),
    ("rings-1", "The Lord of the Rings: The Fellowship of the Ring (2001)"),
    ("rings-2", "The Lord of the Rings: The Two Towers (2002)"),
    ("empire", "Star Wars: Episode V – The Empire Strikes Back (1980)"),
    ("wars", "Star Wars (1977)"),
    ("inception", "Inception (2010)"),
    ("shawshank", "The Shawshank Redemption (1994)"),
    ("spider", "Spider-Man (2002)"),
    ("rocky-2", "Rocky II (1979)"),
    ("fast", "Fast & Furious (2009)"),
    ("amelie", "Amélie (2001)"),
    ("parasite", "기생충"),
    ("spirited", "千と千尋の神隠し"),
    ("dangal", "दंगल (2016)"),
];

fn item(id: &str, title: &str, visibility: &str) -> Arc<Item> {
    let body = json!({"kind": "film", "title": title, "created_at": "2025-01-01T00:00:00Z", "visibility": visibility});
    Arc::new(Item::parse(Name::new(id).unwrap(), &body).unwrap())
}

fn put(id: &str, title: &str) -> Change {
    Change::Put(item(id, title, "public"))
}

fn films() -> Catalog {
    Catalog::default().with(FILMS.iter().map(|(id, title)| put(id, title)))
}

/// What is named, each with the words that name it.
fn named_in(catalog: &Catalog, text: &str) -> Vec<(String, String)> {
    let scalars: Vec<char> = text.chars().collect();
    let mentions = catalog.mentions(text, Rules::Evidence);
    let words = |start, end| scalars[start..end].iter().collect();
    mentions.iter().map(|m| (m.item.id.as_str().to_owned(), words(m.start, m.end))).collect()
}

fn named(text: &str) -> Vec<String> {
    named_in(&films(), text).into_iter().map(|(item, _)| item).collect()
}

#[test]
fn titles_are_found_with_their_place() {
    assert_eq!(
        named_in(&films(), "Héy, I loved The Matrix and watched spiderman twice"),
        [("matrix".into(), "The Matrix".into()), ("spider".into(), "spiderman".into())]
    );
}

#[test]
fn case_accents_articles_and_numerals_do_not_matter() {
    for (text, item) in [
        ("have you seen the movie matrix", "matrix"),
        ("i like the shawshank redemption", "shawshank"),
        ("I watched Rocky 2 yesterday", "rocky-2"),
        ("we saw fast and furious", "fast"),
        ("have you seen amelie?", "amelie"),
        ("I LOVE THE SHAWSHANK REDEMPTION", "shawshank"),
        ("I watched Spider Man with my son", "spider"),
    ] {
        assert_eq!(named(text), [item], "{text}");
    }
}

#[test]
fn everyday_words_are_no_titles() {
    for text in [
        "it is up to her, turn up the heat at home",
        "I want to go home and it is late",
        "can you look it up for me",
        "the heat is unbearable today",
        "I have friends with money problems",
        "set an alarm for seven and wake her up",
        "call her",
        "play it again",
    ] {
        assert!(named(text).is_empty(), "{text}: {:?}", named(text));
    }
}

#[test]
fn everyday_words_are_titles_where_something_says_so() {
    assert_eq!(named("I watched \"Up\" with my kids"), ["up"]);
    assert_eq!(named("my favourite is Her (2013)"), ["her"]);
    assert_eq!(named("have you seen the movie Heat?"), ["heat"]);
    assert_eq!(named("I watched Friends with Money last night"), ["money"]);
}

#[test]
fn the_year_decides_between_films_of_one_name() {
    assert_eq!(named("I liked It (2017)"), ["it-2017"]);
    assert_eq!(named("I liked It (1990)"), ["it-1990"]);
    assert_eq!(named("I liked the movie \"It\""), ["it-1990", "it-2017"]);
    assert!(named("I liked Heat (2013)").is_empty(), "another film of that name");
}

#[test]
fn items_that_share_a_name_share_the_confidence() {
    let mentions = films().mentions("I liked the movie \"It\"", Rules::Evidence);
    assert!(mentions.iter().all(|m| m.confidence <= 0.5), "{mentions:?}");
}

#[test]
fn parts_name_their_title() {
    assert_eq!(named("I liked the fellowship of the ring best"), ["rings-1"]);
    assert_eq!(named("empire strikes back is the best movie"), ["empire"]);
    assert_eq!(named("we watched lord of the rings"), ["rings-1", "rings-2"]);
    assert_eq!(named("I love Star Wars"), ["wars"], "a whole title comes before a part of one");
}

#[test]
fn the_longest_name_wins() {
    let catalog = films();
    let text = "I watched The Lord of the Rings: The Two Towers (2002)";
    assert_eq!(
        named_in(&catalog, text),
        [("rings-2".into(), "The Lord of the Rings: The Two Towers".into())]
    );
}

#[test]
fn misspelt_titles_are_found() {
    assert_eq!(named("I loved the shawshenk redemtion"), ["shawshank"]);
    assert_eq!(named("have you watched Incpetion"), ["inception"]);
    assert_eq!(named("have you seen Spdier-Man"), ["spider"]);
}

#[test]
fn other_scripts_have_names_too() {
    assert_eq!(named_in(&films(), "어제 기생충을 봤어요"), [("parasite".into(), "기생충".into())]);
    assert_eq!(named("昨日千と千尋の神隠しを見た"), ["spirited"]);
    assert_eq!(named("मैंने कल दंगल फिल्म देखी"), ["dangal"]);
}

#[test]
fn what_was_deleted_renamed_or_hidden_is_no_longer_named() {
    let text = "I watched Inception";
    let catalog = films().with([Change::Remove(Name::new("inception").unwrap())]);
    assert!(named_in(&catalog, text).is_empty());
    let catalog = films().with([put("inception", "Tenet (2020)")]);
    assert!(named_in(&catalog, text).is_empty());
    assert_eq!(named_in(&catalog, "I watched Tenet")[0].0, "inception");
    let catalog = films().with([Change::Put(item("inception", "Inception (2010)", "friends"))]);
    assert!(named_in(&catalog, text).is_empty(), "friends' items are not given away");
}

#[test]
fn items_of_any_kind_have_names() {
    let catalog =
        Catalog::default().with([put("g", "Berlin Bouldering Crew"), put("p", "Patagonia Nano Puff")]);
    assert_eq!(named_in(&catalog, "is the berlin bouldering crew meeting today?")[0].0, "g");
    assert_eq!(named_in(&catalog, "should I buy a patagonai nano puff")[0].0, "p");
}

#[test]
fn a_long_text_takes_no_longer_than_its_words() {
    let text = "the matrix inception shawshenk redemtion ".repeat(2_500);
    assert!(!films().mentions(&text, Rules::Evidence).is_empty());
}

fn title() -> impl Strategy<Value = String> {
    proptest::collection::vec("[a-z]{5,9}", 2..5).prop_map(|words| words.join(" "))
}

proptest! {
    #[test]
    fn offsets_are_valid_and_names_do_not_overlap(text in "\\PC{0,120}", rest in title()) {
        let catalog = films().with([put("other", &rest)]);
        for text in [text.clone(), format!("{text} {rest} I watched the matrix {text}")] {
            let mentions = catalog.mentions(&text, Rules::Evidence);
            let scalars = text.chars().count();
            for mention in &mentions {
                prop_assert!(mention.start < mention.end && mention.end <= scalars);
                prop_assert!(mention.confidence > 0.0 && mention.confidence <= 1.0);
            }
            for pair in mentions.windows(2) {
                let same = (pair[0].start, pair[0].end) == (pair[1].start, pair[1].end);
                prop_assert!(same || pair[0].end <= pair[1].start);
            }
        }
    }

    #[test]
    fn a_title_is_found_from_when_it_is_put_until_it_is_removed(
        titles in proptest::collection::btree_set(title(), 1..40), one_by_one: bool,
    ) {
        let changes = titles.iter().enumerate().map(|(n, title)| put(&n.to_string(), title));
        let mut catalog = Catalog::default();
        if one_by_one {
            for change in changes {
                catalog = catalog.with([change]);
            }
        } else {
            catalog = catalog.with(changes);
        }
        for (n, title) in titles.iter().enumerate() {
            let text = format!("I watched \"{title}\" (again)");
            prop_assert!(named_in(&catalog, &text).iter().any(|(id, _)| *id == n.to_string()), "{}", title);
            catalog = catalog.with([Change::Remove(Name::new(&n.to_string()).unwrap())]);
            prop_assert!(named_in(&catalog, &text).iter().all(|(id, _)| *id != n.to_string()), "{}", title);
        }
    }
}
