//! The embedded ledger against the double, which adds everything up each time: any sequence of operations
//! gives the same answers, and never more than the budget.
#![allow(clippy::unwrap_used, clippy::panic, reason = "test code")]

mod given;

use given::{NOON, campaign, nonce};
use proptest::prelude::*;
use rapport_core::time::{DAY, UnixMillis};
use rapport_store::{
    Campaign, EmbeddedStore, MemoryStore, Reservation, Reserved, Settle, Settled, Store, Totals,
};

#[derive(Clone, Debug)]
enum Step {
    Campaign { which: usize, budget: i64, daily: Option<i64> },
    Account { budget: Option<i64> },
    Reserve { which: usize, price: i64, at: i64, lasts: i64 },
    Settle { which: usize, click: bool, at: i64 },
    Prune { before: i64 },
}

const CAMPAIGNS: [&str; 3] = ["a", "b", "c"];

fn step() -> impl Strategy<Value = Step> {
    // Minutes around a midnight, so that days, expiries and clocks that go back all happen.
    let at = 700..740i64;
    prop_oneof![
        1 => (0..3usize, 0..120i64, prop::option::of(0..60i64))
            .prop_map(|(which, budget, daily)| Step::Campaign { which, budget, daily }),
        1 => prop::option::of(0..150i64).prop_map(|budget| Step::Account { budget }),
        6 => (0..3usize, 1..40i64, at.clone(), 1..8i64)
            .prop_map(|(which, price, at, lasts)| Step::Reserve { which, price, at, lasts }),
        6 => (0..40usize, prop::bool::weighted(0.3), at.clone())
            .prop_map(|(which, click, at)| Step::Settle { which, click, at }),
        1 => at.prop_map(|before| Step::Prune { before }),
    ]
}

fn minute(minute: i64) -> UnixMillis {
    UnixMillis(NOON.day() * DAY + (minute + 720) * 60_000)
}

#[derive(Debug, PartialEq)]
enum Answer {
    Done,
    Reserved(Vec<Reserved>),
    Settled(Settled),
    Pruned(u64),
}

fn take(store: &dyn Store, number: usize, step: &Step) -> Answer {
    match *step {
        Step::Campaign { which, budget, daily } => {
            // Two of the three share an account.
            let advertiser = if which < 2 { "acme" } else { "other" }.to_owned();
            let changed =
                Campaign { advertiser, daily_budget_micros: daily, ..campaign(CAMPAIGNS[which], budget) };
            store.put_campaign(&changed).unwrap();
            Answer::Done
        }
        Step::Account { budget } => {
            store.put_account("acme", budget).unwrap();
            Answer::Done
        }
        Step::Reserve { which, price, at, lasts } => {
            let want = Reservation {
                at: minute(at),
                expires: minute(at + lasts),
                ..given::want(number as u64, CAMPAIGNS[which], price)
            };
            Answer::Reserved(store.reserve(vec![want]).unwrap())
        }
        Step::Settle { which, click, at } => {
            let what = if click { Settle::Click } else { Settle::Impression };
            Answer::Settled(store.settle(nonce(which as u64), what, minute(at)).unwrap())
        }
        Step::Prune { before } => Answer::Pruned(store.prune_decisions(minute(before)).unwrap()),
    }
}

fn totals(store: &dyn Store, at: i64) -> Vec<(String, Totals)> {
    let mut totals = store.all_totals(minute(at)).unwrap();
    totals.sort_by(|a, b| a.0.cmp(&b.0));
    totals
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn the_ledger_answers_as_its_model_does(steps in prop::collection::vec(step(), 1..60)) {
        let dir = tempfile::tempdir().unwrap();
        let (embedded, model) = (EmbeddedStore::open(dir.path()).unwrap(), MemoryStore::new());
        for (which, id) in CAMPAIGNS.iter().enumerate() {
            let open = Step::Campaign { which, budget: 100, daily: None };
            prop_assert_eq!(take(&embedded, 0, &open), take(&model, 0, &open), "{}", id);
        }
        for (number, step) in steps.iter().enumerate() {
            prop_assert_eq!(take(&embedded, number, step), take(&model, number, step), "step {}: {:?}", number, step);
        }
        for at in [700, 719, 720, 739] {
            prop_assert_eq!(totals(&embedded, at), totals(&model, at));
        }
    }
}
