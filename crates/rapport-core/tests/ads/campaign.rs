use rapport_core::auction::{Campaign, Listing, Pacing, Status};
use rapport_core::time::UnixMillis;
use serde_json::{Value, json};

use crate::person::{about, body};

fn with(extra: Value) -> Value {
    let mut campaign = body(1_000, "");
    for (key, value) in extra.as_object().unwrap() {
        campaign[key] = value.clone();
    }
    campaign
}

fn refusal(extra: Value) -> String {
    Campaign::parse("c", &with(extra)).unwrap_err().to_string()
}

#[test]
fn the_contract_s_example_is_read_whole() {
    let campaign = Campaign::parse(
        "boots",
        &with(json!({
            "daily_budget_micros": 5, "pacing": "even", "reserve_micros": 250, "category": "shoes",
            "targeting": "country in [\"US\"]", "frequency_cap": {"impressions": 3, "per_hours": 24},
            "start": "2026-01-01", "record": "campaign", "id": "ignored",
        })),
    )
    .unwrap();
    assert_eq!(
        (campaign.id.as_str(), campaign.pacing, campaign.status),
        ("boots", Pacing::Even, Status::Active)
    );
    assert_eq!(campaign.start, UnixMillis::parse("2026-01-01T00:00:00Z").unwrap());
    assert_eq!((campaign.reserve.0, campaign.daily_budget.unwrap().0), (250, 5));
    assert_eq!(Campaign::parse("c", &body(1, "")).unwrap().pacing, Pacing::Asap, "asap unless said");
}

#[test]
fn what_is_answered_and_what_is_stored_read_back_the_same() {
    let campaign =
        Campaign::parse("c", &with(json!({"targeting": "not age < 18", "reserve_micros": 3}))).unwrap();
    assert_eq!(Campaign::parse("c", &campaign.to_json()).unwrap(), campaign);
    let stored = serde_json::to_vec(&campaign).unwrap();
    assert_eq!(serde_json::from_slice::<Campaign>(&stored).unwrap(), campaign);
}

#[test]
fn a_refusal_names_the_field_and_the_limit() {
    for (extra, says) in [
        (json!({"advertiser": null}), "`advertiser` is missing; who pays"),
        (json!({"status": "on"}), "`status` is none of `active`, `paused`, `ended`"),
        (json!({"bid_micros": 0}), "`bid_micros` is no whole number from 1 to 1000000000000000000"),
        (json!({"bid_micros": 1.5}), "`bid_micros` is no whole number from 1 to 1000000000000000000"),
        (json!({"budget_micros": -1}), "`budget_micros` is no whole number from 0 to 1000000000000000000"),
        (
            json!({"budget_micros": null}),
            "`budget_micros` is missing; a whole number of millionths of the currency",
        ),
        (json!({"currency": "dollars"}), "`currency` is no ISO 4217 code, for example `USD`"),
        (json!({"pacing": "slow"}), "`pacing` is neither `asap` nor `even`"),
        (
            json!({"start": "soon"}),
            "`start` is no time; RFC 3339 or a date, for example `2026-01-01T00:00:00Z` or `2026-01-01`",
        ),
        (
            json!({"end": "2020-01-01"}),
            "`end` is 2020-01-01T00:00:00Z, and should be after `start`, 2025-01-01T00:00:00Z",
        ),
        (
            json!({"reserve_micros": 1001}),
            "`reserve_micros` is 1001 micros, more than the bid of 1000 micros: it could never be shown",
        ),
        (
            json!({"frequency_cap": {"impressions": 0, "per_hours": 1}}),
            "`frequency_cap.impressions` is no whole number from 1 to 1000000",
        ),
        (json!({"frequency_cap": 3}), "`frequency_cap` is no JSON object"),
        (json!({"ads": []}), "`ads` has 0 entries (limit: 1 to 100)"),
        (
            json!({"ads": [{"id": "a", "title": "t", "body": "b", "url": "javascript:alert(1)"}]}),
            "`ads[0].url` is no `http` or `https` address",
        ),
        (
            json!({"ads": [{"id": "a", "body": "b", "url": "https://x.y"}]}),
            "`ads[0].title` is missing; the headline",
        ),
        (
            json!({"targeting": "age"}),
            "`targeting` expected `>=`, `>`, `<=`, `<` or `==` at column 4, found the end",
        ),
    ] {
        assert_eq!(refusal(extra.clone()), says, "{extra}");
    }
    assert_eq!(
        Campaign::parse("c", &json!([])).unwrap_err().to_string(),
        "a campaign is a JSON object, this is an array"
    );
}

#[test]
fn two_ads_of_one_id_are_refused() {
    let ad = json!({"id": "a", "title": "t", "body": "b", "url": "http://x.y"});
    assert_eq!(refusal(json!({"ads": [ad, ad]})), "`ads` has two ads with the id `a`");
}

#[test]
fn a_sensitive_ad_may_be_targeted_at_country_language_and_product_only() {
    let mut facts = about("317", 0.0);
    facts.sensitive = facts.topics[0].topic.sensitive();
    let put = |targeting: &str| {
        Listing::new(Campaign::parse("c", &body(9, targeting)).unwrap(), vec![facts.clone()])
    };
    assert!(put(r#"country == "US" and language == "en" and product == "main""#).is_ok());
    for personal in ["age >= 18", r#"topics has "483""#, r#"country == "US" or not topics has "1""#] {
        let said = put(personal).unwrap_err().to_string();
        assert!(said.starts_with("ad `a1` is about a sensitive topic"), "{said}");
    }
}
