//! What the shipped models make of texts, end to end.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "test code")]

use std::sync::LazyLock;

use rapport_core::topic::{Category, TopicId};
use rapport_core::understanding::{Intent, Subject};
use rapport_understand::Understander;

static MODELS: LazyLock<Understander> = LazyLock::new(|| Understander::embedded().unwrap());

fn codes(text: &str) -> Vec<&'static str> {
    MODELS.understand(text).topics.iter().map(|topic| topic.topic.code()).collect()
}

#[test]
fn the_hiking_sentence_means_walking_and_outdoors_and_buying() {
    let text = "I want to go hiking next weekend, which boots should I buy?";
    let found = MODELS.understand(text);
    let topics = codes(text);
    assert!(topics.contains(&"542") && topics.contains(&"159"), "{topics:?}");
    let sports = TopicId::from_code("483").unwrap();
    assert!(found.topics.iter().any(|topic| topic.topic.is_within(sports)));
    assert!(found.ads_safe() && !found.low_confidence);
    assert_eq!((found.language, found.subject, found.intent), ("en", Subject::Own, Some(Intent::Buy)));
    assert!(found.vector.is_some());
}

#[test]
fn hiking_is_outdoors_in_every_language() {
    let outdoors = TopicId::from_code("159").unwrap();
    let walking = TopicId::from_code("542").unwrap();
    for text in [
        "Quiero ir de excursión a la montaña el próximo fin de semana, ¿qué botas compro?",
        "Ich möchte nächstes Wochenende wandern gehen, welche Schuhe soll ich kaufen?",
        "Je voudrais faire de la randonnée le week-end prochain, quelles chaussures acheter ?",
        "Quero fazer uma trilha no próximo fim de semana, que botas devo comprar?",
        "मैं अगले सप्ताहांत हाइकिंग पर जाना चाहता हूँ, कौन से जूते खरीदूं?",
        "다음 주말에 등산 가고 싶은데 어떤 등산화를 살까?",
    ] {
        let found = MODELS.understand(text);
        let named = |topic| found.topics.iter().any(|t| t.topic == topic);
        // In Hindi, walking is found, and the kindred topic not yet.
        let both = named(outdoors) || found.language == "hi";
        assert!(both && named(walking), "{text}: {:?}", codes(text));
        assert!(found.ads_safe(), "{text}: {:?}", found.sensitive);
        assert_eq!(found.intent, Some(Intent::Buy), "{text}");
    }
}

#[test]
fn nearly_all_everyday_topics_are_recognised() {
    let cases = [
        ("my sourdough starter is not rising", "210"),
        ("best trail running shoes for mud", "227"),
        ("when should I plant tomatoes", "275"),
        ("which camera lens for portraits", "255"),
        ("how do I beat the last boss in Elden Ring", "680"),
        ("cheap flights to Lisbon in May", "653"),
        ("my puppy bites everything", "425"),
        ("what's a good index fund", "391"),
        ("espresso machine under 300 euros", "222"),
        ("how do I fix a leaking tap", "280"),
        ("when is the next meteor shower", "472"),
        ("Settlers of Catan strategy", "269"),
        ("beginner bouldering tips", "500"),
        ("fly rod for trout", "511"),
        ("watercolour paper for landscapes", "248"),
        ("learn Italian in three months", "147"),
        ("dovetail joint with a hand saw", "257"),
        ("who scored for Arsenal last night", "483"),
    ];
    let wrong = |(text, within): &(&'static str, &str)| {
        let node = TopicId::from_code(within).unwrap();
        let found = MODELS.understand(text);
        let right = found.ads_safe() && found.topics.iter().any(|t| t.topic.is_within(node));
        (!right).then(|| (*text, codes(text), found.sensitive))
    };
    let wrong: Vec<_> = cases.iter().filter_map(wrong).collect();
    assert!(wrong.len() <= 2, "of {}: {wrong:?}", cases.len());
}

#[test]
fn sensitive_messages_are_flagged_in_seven_languages() {
    for (category, text) in [
        (Category::Religion, "what time is Friday prayer at the mosque"),
        (Category::Religion, "¿a qué hora es la misa del domingo?"),
        (Category::Religion, "Wann beginnt der Gottesdienst am Sonntag?"),
        (Category::Religion, "रमज़ान में नमाज़ का समय बताओ"),
        (Category::Religion, "주일 예배 시간 알려 줘"),
        (Category::Philosophy, "I'm an existentialist, recommend books on meaning"),
        (Category::Philosophy, "Je suis athée et humaniste, une cérémonie laïque ?"),
        (Category::Sexuality, "I'm gay and looking for a bar in Madrid"),
        (Category::Sexuality, "Ich bin lesbisch, wie sage ich es meinen Eltern?"),
        (Category::Sexuality, "저는 게이예요, 부모님께 어떻게 말할까요"),
        (Category::Politics, "who should I vote for in the election"),
        (Category::Politics, "Pour qui voter aux élections ?"),
        (Category::Politics, "मुझे किस पार्टी को वोट देना चाहिए"),
        (Category::Health, "I was diagnosed with diabetes last week"),
        (Category::Health, "I can't get out of bed and nothing feels good any more"),
        (Category::Health, "Estoy embarazada de tres meses, ¿puedo comer sushi?"),
        (Category::Health, "मेरी माँ को कैंसर है"),
        (Category::Health, "우울증 약을 먹고 있어요"),
        (Category::Ethnicity, "as a Black woman, which salon understands my hair"),
        (Category::Ethnicity, "Soy gitana y no me alquilan el piso"),
        (Category::Union, "remind me to pay my union dues"),
        (Category::Union, "Wie trete ich der Gewerkschaft bei?"),
        (Category::Union, "Como faço para me filiar ao sindicato?"),
        (Category::Union, "노동조합에 가입하고 싶어요"),
    ] {
        let found = MODELS.understand(text);
        assert!(found.sensitive.contains(category), "{text}: {:?}", found.sensitive);
    }
}

#[test]
fn look_alikes_are_seldom_taken_for_sensitive() {
    let texts = [
        "best workout for building muscle",
        "what should I cook for the kids tonight",
        "my toddler won't nap, bedtime story ideas",
        "when is the next lunar eclipse",
        "which film has the priest who solves murders",
        "Union Jack mug",
        "rugby union fixtures",
        "my laptop has a virus",
        "vote for the best pizza in town",
        "black shoes size 42",
        "learn Japanese",
        "yoga for beginners",
        "how many calories are in a banana",
    ];
    let flagged = |text: &&'static str| {
        let found = MODELS.understand(text);
        (!found.ads_safe()).then_some((*text, found.sensitive))
    };
    let flagged: Vec<_> = texts.iter().filter_map(flagged).collect();
    assert!(flagged.len() <= 1, "of {}: {flagged:?}", texts.len());
}

#[test]
fn disguised_words_are_still_read() {
    for text in ["find me a mos\u{200B}que", "find me a mоsquе", "find me a m0sque", "find me a ｍｏｓｑｕｅ"]
    {
        assert!(MODELS.understand(text).sensitive.contains(Category::Religion), "{text}");
    }
    assert!(MODELS.understand("meals for my d1abetes").sensitive.contains(Category::Health));
    assert!(MODELS.understand("I think I am g a y").sensitive.contains(Category::Sexuality));
}

#[test]
fn hostile_and_empty_texts_are_answered() {
    let page = "the quick brown fox ".repeat(5_000);
    let empty = ["", "   ", "\u{200B}\u{200B}", "🥾🥾🥾", "?!", "\u{0}\u{1}"];
    for text in empty {
        let found = MODELS.understand(text);
        assert!(found.topics.is_empty() && found.low_confidence && found.vector.is_none(), "{text:?}");
    }
    let began = std::time::Instant::now();
    assert!(MODELS.understand(&page).low_confidence, "only part of a long text is judged");
    assert!(began.elapsed().as_secs() < 5);
}

#[test]
fn a_sensitive_sentence_late_in_a_page_is_found() {
    let page =
        format!("{} I was diagnosed with leukemia in May.", "We painted the garden fence. ".repeat(60));
    assert!(MODELS.understand(&page).sensitive.contains(Category::Health));
}

#[test]
fn a_damaged_or_missing_models_folder_says_what_to_do() {
    let nowhere = Understander::from_dir(std::path::Path::new("no-such-folder")).err().unwrap().to_string();
    assert!(nowhere.contains("no-such-folder") && nowhere.contains("cargo xtask models"), "{nowhere}");

    let models = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../models");
    let copy = tempfile::tempdir().unwrap();
    for name in std::fs::read_to_string(models.join("MANIFEST")).unwrap().lines() {
        let name = name.split_once("  ").unwrap().1;
        std::fs::create_dir_all(copy.path().join(name).parent().unwrap()).unwrap();
        std::fs::copy(models.join(name), copy.path().join(name)).unwrap();
    }
    std::fs::copy(models.join("MANIFEST"), copy.path().join("MANIFEST")).unwrap();
    assert!(Understander::from_dir(copy.path()).is_ok());
    std::fs::write(copy.path().join("heads/heads.bin"), b"not it").unwrap();
    let damaged = Understander::from_dir(copy.path()).err().unwrap().to_string();
    assert!(damaged.contains("heads/heads.bin") && damaged.contains("sha256"), "{damaged}");
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(48))]

    #[test]
    fn any_text_is_understood_without_panic(text in "\\PC{0,300}|(?s).{0,200}|[\u{0}-\u{10FFFF}]{0,80}|[0-9A-Z@+.() -]{0,60}") {
        let found = MODELS.understand(&text);
        let length = text.chars().count();
        proptest::prop_assert!(found.pii.iter().all(|span| span.start < span.end && span.end <= length));
        proptest::prop_assert!(found.topics.iter().all(|topic| (0.0..=1.0).contains(&topic.score)));
        proptest::prop_assert!(found.topics.is_sorted_by(|a, b| a.score >= b.score));
        proptest::prop_assert!((-1.0..=1.0).contains(&found.stance));
    }
}

/// Flagged messages in seven languages.
const FLAGGED: [&str; 14] = [
    "which insulin pump fits a desk job",
    "find me a mosque near the office",
    "my union steward called a strike vote",
    "coming out as gay to my parents",
    "who should I vote for in the senate race",
    "as a black woman, which neighbourhoods are safe",
    "I live by stoic philosophy and atheism",
    "necesito una iglesia para la misa del domingo",
    "ich bin in der Gewerkschaft und wir streiken",
    "mon traitement contre le cancer commence lundi",
    "sou gay e quero contar aos meus pais",
    "मुझे मधुमेह है, मैं क्या खाऊँ",
    "다음 주 일요일 교회 예배 시간 알려줘",
    "노조 파업 투표는 언제야",
];

/// Letters that look like the Latin ones, of several alphabets.
const LOOK_ALIKES: [(char, &str); 12] = [
    ('a', "аαɑ"),
    ('c', "сϲ"),
    ('e', "еҽ"),
    ('h', "һ"),
    ('i', "іι"),
    ('j', "ј"),
    ('o', "оοօ"),
    ('p', "рρ"),
    ('s', "ѕ"),
    ('v', "ѵν"),
    ('x', "х"),
    ('y', "у"),
];

fn disguised(text: &str, swaps: &[bool], swap: usize, gaps: &[u8]) -> String {
    const INVISIBLE: [char; 5] = ['\u{200B}', '\u{200D}', '\u{2060}', '\u{FEFF}', '\u{AD}'];
    let mut out = String::new();
    for (at, c) in text.chars().enumerate() {
        let others = LOOK_ALIKES.iter().find(|(latin, _)| *latin == c).map(|(_, others)| others);
        let other = others.and_then(|others| others.chars().nth(swap % others.chars().count()));
        out.push(other.filter(|_| swaps[at % swaps.len()]).unwrap_or(c));
        let gap = usize::from(gaps[at % gaps.len()]);
        out.extend(std::iter::repeat_n(INVISIBLE[(at + gap) % INVISIBLE.len()], gap));
    }
    out
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(200))]

    #[test]
    fn no_disguise_makes_a_flagged_message_safe(
        which in 0..FLAGGED.len(),
        swaps in proptest::collection::vec(proptest::prelude::any::<bool>(), 1..40),
        swap in 0..6usize,
        gaps in proptest::collection::vec(0..12u8, 1..40),
    ) {
        let text = FLAGGED[which];
        proptest::prop_assert!(!MODELS.understand(text).ads_safe(), "`{}` is not flagged as it is", text);
        let disguised = disguised(text, &swaps, swap, &gaps);
        proptest::prop_assert!(!MODELS.understand(&disguised).ads_safe(), "{:?}", disguised);
        let wholly = self::disguised(text, &[true], swap, &gaps);
        proptest::prop_assert!(!MODELS.understand(&wholly).ads_safe(), "{:?}", wholly);
    }
}

#[test]
fn one_message_feels_differently_about_two_topics() {
    let found = MODELS.understand("I'm tired of horror, more comedies please");
    let felt = |code: &str| {
        let topic = TopicId::from_code(code).unwrap();
        found.topics.iter().find(|found| found.topic == topic).map(|found| found.stance)
    };
    assert!(felt("336").is_some_and(|stance| stance < -0.5), "{:?}", found.topics);
    assert!(found.topics.iter().any(|topic| topic.stance > 0.5), "{:?}", found.topics);
}
