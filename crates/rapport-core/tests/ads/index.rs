use std::sync::Arc;

use proptest::prelude::*;
use rapport_core::auction::targeting::Targeting;
use rapport_core::auction::{AdFacts, Listing, Snapshot};

use crate::person::{body, listing};
use crate::targeting::{anybody, texts};

fn listings(of: Vec<(String, i64)>) -> Vec<Arc<Listing>> {
    let fitting = of.into_iter().filter(|(text, _)| Targeting::parse(text).is_ok());
    fitting
        .enumerate()
        .map(|(at, (text, bid))| listing(&format!("c{at}"), body(bid, &text), AdFacts::default()))
        .collect()
}

proptest! {
    #[test]
    fn the_index_finds_exactly_whom_the_trees_find_by_descending_bid(
        all in prop::collection::vec((texts(), 1i64..50), 0..150),
        people in prop::collection::vec(anybody(), 20),
    ) {
        let all = listings(all);
        let index = Snapshot::new(all.clone());
        for who in &people {
            let found: Vec<&str> = index.matching(&who.audience()).iter().map(|l| l.campaign.id.as_str()).collect();
            let mut naive: Vec<&Arc<Listing>> =
                all.iter().filter(|l| l.campaign.targeting.matches(&who.audience())).collect();
            naive.sort_by(|a, b| b.campaign.bid.cmp(&a.campaign.bid).then(a.campaign.id.cmp(&b.campaign.id)));
            let naive: Vec<&str> = naive.iter().map(|l| l.campaign.id.as_str()).collect();
            prop_assert_eq!(found, naive);
        }
    }
}

#[test]
fn hundreds_of_products_are_found_without_a_row_for_each() {
    let of = |at: usize| (format!(r#"product == "p{at}" and topics has "1""#), 5);
    let all = listings((0..400).map(of).collect());
    let index = Snapshot::new(all);
    let mut who = crate::targeting::Somebody {
        country: rapport_core::country::Country::UNKNOWN,
        languages: vec![],
        years: None,
        product: crate::person::name("p399"),
        topics: Default::default(),
    };
    assert_eq!(index.matching(&who.audience()).len(), 0);
    who.topics.insert_lineage(crate::person::topic("2"));
    assert_eq!(index.matching(&who.audience()).len(), 1);
    assert!(index.index_bytes() < 200_000, "{}", index.index_bytes());
}

#[test]
fn a_campaign_put_again_replaces_its_former_self() {
    let index = Snapshot::new([crate::person::plain("a", 5), crate::person::plain("b", 4)]);
    let next = index.with(crate::person::plain("b", 9));
    assert_eq!((next.len(), next.get("b").unwrap().campaign.bid.0), (2, 9));
    assert_eq!(next.listings().next().unwrap().campaign.id.as_str(), "b");
    assert_eq!(index.get("b").unwrap().campaign.bid.0, 4);
}
