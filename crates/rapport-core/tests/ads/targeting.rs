use proptest::prelude::*;
use rapport_core::auction::targeting::{Audience, Language, Targeting, TopicSet};
use rapport_core::country::Country;
use rapport_core::ids::Product;

use crate::person::{name, topic};

/// Facts of somebody, owned.
#[derive(Clone, Debug)]
pub struct Somebody {
    pub country: Country,
    pub languages: Vec<Language>,
    pub years: Option<u8>,
    pub product: Product,
    pub topics: TopicSet,
}

impl Somebody {
    pub fn audience(&self) -> Audience<'_> {
        Audience {
            country: self.country,
            languages: &self.languages,
            years: self.years,
            product: &self.product,
            topics: &self.topics,
        }
    }
}

fn somebody(country: &str, languages: &[&str], years: Option<u8>, topics: &[&str]) -> Somebody {
    let mut set = TopicSet::default();
    topics.iter().for_each(|code| set.insert_lineage(topic(code)));
    Somebody {
        country: Country::from_code(country),
        languages: languages.iter().filter_map(|l| Language::from_code(l)).collect(),
        years,
        product: name("main"),
        topics: set,
    }
}

fn fits(text: &str, who: &Somebody) -> bool {
    Targeting::parse(text).unwrap().matches(&who.audience())
}

#[test]
fn each_test_of_the_language_finds_whom_it_says() {
    let hiker = somebody("US", &["en", "de"], Some(30), &["542"]);
    for text in [
        "",
        "  ",
        r#"country in ["US","CA"]"#,
        r#"country == "US""#,
        r#"language == "de""#,
        r#"language in ["fr","en"]"#,
        "age >= 25 and age < 31 and age > 29 and age <= 30 and age == 30",
        r#"topics has "483""#,
        r#"product == "main""#,
        r#"not (country == "DE" or age < 18)"#,
        r#"country == "DE" or topics has "542" and age >= 25"#,
        r#"not topics has "1""#,
        r#"language == "en" and language == "de" and not language == "fr""#,
    ] {
        assert!(fits(text, &hiker), "{text}");
    }
    for text in [
        r#"country == "CA""#,
        r#"not (language == "en")"#,
        "age > 30",
        r#"topics has "525""#,
        r#"product in ["shop"]"#,
        r#"(country == "US" or age >= 25) and topics has "1""#,
    ] {
        assert!(!fits(text, &hiker), "{text}");
    }
}

#[test]
fn a_fact_that_is_not_known_satisfies_neither_a_test_nor_its_opposite() {
    let unknown = somebody("", &[], None, &[]);
    for text in ["age >= 18", "not age < 18", r#"not country == "DE""#, r#"not language == "fr""#] {
        assert!(!fits(text, &unknown), "{text}");
    }
    assert!(fits(r#"not topics has "483""#, &unknown));
}

#[test]
fn sensitive_topics_and_their_descendants_cannot_be_written() {
    for code in ["286", "317", "386", "387", "453", "461", "307", "Rm3SiT", "457"] {
        let said = Targeting::parse(&format!("topics has \"{code}\"")).unwrap_err().to_string();
        assert!(said.contains("is sensitive"), "{said}");
        assert!(Targeting::parse(&format!("not topics has \"{code}\"")).is_err());
    }
    let said = Targeting::parse(r#"age >= 18 and topics has "317""#).unwrap_err().to_string();
    assert!(said.starts_with("topic `317` (Diabetes) at column 26 is sensitive (health)"), "{said}");
}

#[test]
fn a_refusal_says_where_and_what_was_expected() {
    for (text, says) in [
        (r#"country in ["US","CA""#, "expected `,` or `]` at column 22, found the end"),
        (r#"country = "US""#, "holds `=` at column 9, which the targeting language does not know"),
        (r#"country == US"#, "expected a text in double quotes at column 12, found `US`"),
        (r#"country == "XX""#, "`XX` at column 12 is no ISO 3166 country code"),
        (
            r#"gender == "f""#,
            "expected `country`, `language`, `age`, `topics`, `product`, `not` or `(` at column 1, found `gender`",
        ),
        ("age >= 25 age", "expected `and`, `or` or the end at column 11, found `age`"),
        ("age >= 200", "`200` at column 8 is no age from 0 to 120"),
        (r#"topics has "nope""#, "`nope` at column 12 is no id of the IAB Content Taxonomy 3.1"),
        (r#"product == "main"#, "opens a quote at column 12 that is never closed"),
        ("(age >= 25", "expected `)` at column 11, found the end"),
    ] {
        assert_eq!(Targeting::parse(text).unwrap_err().to_string(), says, "{text}");
    }
}

#[test]
fn length_depth_and_alternatives_are_bounded() {
    assert!(Targeting::parse(&" ".repeat(8_193)).is_err());
    let nested = |depth: usize| format!("{}age >= 1{}", "(".repeat(depth), ")".repeat(depth));
    assert!(Targeting::parse(&nested(32)).is_ok());
    assert!(Targeting::parse(&nested(33)).unwrap_err().to_string().contains("nested deeper than 32"));
    let pairs = |n: usize| vec![r#"(age >= 50 or topics has "483")"#; n].join(" and ");
    assert!(Targeting::parse(&pairs(2)).is_ok());
    let many: Vec<String> = (0..20).map(|a| format!(r#"(age == {a} and topics has "{}")"#, a + 1)).collect();
    let said = Targeting::parse(&many.join(" or ")).unwrap_err().to_string();
    assert!(said.contains("(limit: 16); split the campaign"), "{said}");
}

#[test]
fn many_topics_of_one_kind_are_one_alternative() {
    let any: Vec<String> = (1..40).map(|code| format!("topics has \"{code}\"")).collect();
    assert_eq!(Targeting::parse(&any.join(" or ")).unwrap().conjunctions().len(), 1);
    let none = format!("not ({}) and age >= 18", any.join(" or "));
    assert_eq!(Targeting::parse(&none).unwrap().conjunctions().len(), 1);
}

const COUNTRIES: [&str; 5] = ["US", "CA", "DE", "KR", "GB"];
const LANGUAGES: [&str; 4] = ["en", "de", "ko", "fr"];
const TOPICS: [&str; 6] = ["483", "542", "525", "1", "2", "159"];
const PRODUCTS: [&str; 3] = ["main", "shop", "chat"];

/// Any text of the language, some with more alternatives than the limit.
pub fn texts() -> impl Strategy<Value = String> {
    let list = |of: &'static [&'static str]| {
        prop::sample::subsequence(of.to_vec(), 1..=of.len())
            .prop_map(|some| some.iter().map(|v| format!("\"{v}\"")).collect::<Vec<_>>().join(","))
    };
    let one = |of: &'static [&'static str]| prop::sample::select(of.to_vec());
    let leaf = prop_oneof![
        list(&COUNTRIES).prop_map(|l| format!("country in [{l}]")),
        one(&COUNTRIES).prop_map(|v| format!("country == \"{v}\"")),
        list(&LANGUAGES).prop_map(|l| format!("language in [{l}]")),
        one(&LANGUAGES).prop_map(|v| format!("language == \"{v}\"")),
        list(&PRODUCTS).prop_map(|l| format!("product in [{l}]")),
        (one(&[">=", "<=", "<", ">", "=="]), 0u8..=120).prop_map(|(sign, age)| format!("age {sign} {age}")),
        one(&TOPICS).prop_map(|v| format!("topics has \"{v}\"")),
        one(&TOPICS).prop_map(|v| format!("topics has \"{v}\"")),
    ];
    leaf.prop_recursive(4, 12, 3, |inner| {
        prop_oneof![
            inner.clone().prop_map(|e| format!("not ({e})")),
            prop::collection::vec(inner.clone(), 2..4).prop_map(|all| format!("({})", all.join(" and "))),
            prop::collection::vec(inner, 2..4).prop_map(|all| format!("({})", all.join(" or "))),
        ]
    })
}

/// Anybody, about whom anything may be unknown.
pub fn anybody() -> impl Strategy<Value = Somebody> {
    let country = prop::sample::select(vec!["US", "CA", "DE", "KR", "FR", ""]);
    let languages = prop::sample::subsequence(vec!["en", "de", "ko", "it"], 0..3);
    let product = prop::sample::select(vec!["main", "shop", "else"]);
    let topics = prop::sample::subsequence(vec!["483", "542", "525", "1", "3", "159", "30"], 0..4);
    (country, languages, prop::option::of(0u8..=125), product, topics).prop_map(
        |(country, languages, years, product, topics)| Somebody {
            product: name(product),
            ..somebody(country, &languages, years, &topics)
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn the_alternatives_say_what_the_tree_says(text in texts(), who in anybody()) {
        let Ok(targeting) = Targeting::parse(&text) else { return Ok(()) };
        let any = targeting.conjunctions().iter().any(|c| c.matches(&who.audience()));
        prop_assert_eq!(any, targeting.matches(&who.audience()), "{}", text);
    }

    #[test]
    fn no_text_makes_the_parser_fall_over(text in "\\PC{0,200}") {
        let _ = Targeting::parse(&text);
    }

    #[test]
    fn words_of_the_language_in_any_order_never_make_it_fall_over(
        words in prop::collection::vec(prop::sample::select(vec![
            "country", "in", "[", "]", "\"US\"", ",", "==", "age", ">=", "7", "not", "(", ")", "and", "or", "topics", "has", "\"1\"",
        ]), 0..30)
    ) {
        let _ = Targeting::parse(&words.join(" "));
    }
}
