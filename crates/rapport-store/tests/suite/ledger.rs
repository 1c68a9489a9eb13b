use std::sync::Arc;

use rapport_core::time::DAY;
use rapport_store::{PastDecision, Reserved, Settle, Settled, Store, StoreError, Totals};

use crate::given::*;

const IMPRESSION: Settle = Settle::Impression;
const LATE: UnixMillis = UnixMillis(NOON.0 + 600_001);

fn totals(store: &dyn Store, campaign: &str) -> Totals {
    store.totals(campaign, NOON).unwrap().unwrap()
}

fn reserve(store: &dyn Store, want: Reservation) -> Reserved {
    store.reserve(vec![want]).unwrap()[0]
}

pub fn a_reservation_holds_its_price_until_it_is_billed(store: Arc<dyn Store>) {
    assert_eq!(reserve(&*store, want(0, "c", 40)), Reserved::UnknownCampaign);
    assert_eq!(store.totals("c", NOON).unwrap(), None);
    store.put_campaign(&campaign("c", 100)).unwrap();
    assert_eq!(reserve(&*store, want(1, "c", 40)), Reserved::Held);
    let held = Totals { reserved_micros: 40, reserved_today_micros: 40, ..Totals::default() };
    assert_eq!(totals(&*store, "c"), held);
    assert_eq!(store.totals("c", LATE).unwrap(), Some(Totals::default()));
    assert_eq!(store.settle(nonce(1), IMPRESSION, NOON).unwrap(), Settled::Billed);
    let billed = Totals { spent_micros: 40, spent_today_micros: 40, impressions: 1, ..Totals::default() };
    assert_eq!(totals(&*store, "c"), billed);
    assert_eq!(store.all_totals(NOON).unwrap(), [("c".to_owned(), billed)]);
    let tomorrow = store.totals("c", NOON.plus(DAY)).unwrap().unwrap();
    assert_eq!((tomorrow.spent_micros, tomorrow.spent_today_micros), (40, 0));
}

pub fn each_token_does_its_work_once(store: Arc<dyn Store>) {
    store.put_campaign(&campaign("c", 100)).unwrap();
    reserve(&*store, want(1, "c", 40));
    assert_eq!(store.settle(nonce(2), IMPRESSION, NOON).unwrap(), Settled::Unknown);
    assert_eq!(store.settle(nonce(1), IMPRESSION, NOON).unwrap(), Settled::Billed);
    assert_eq!(store.settle(nonce(1), IMPRESSION, NOON).unwrap(), Settled::AlreadyUsed);
    assert_eq!(store.settle(nonce(1), Settle::Click, NOON).unwrap(), Settled::Counted);
    assert_eq!(store.settle(nonce(1), Settle::Click, NOON).unwrap(), Settled::AlreadyUsed);
    let totals = totals(&*store, "c");
    assert_eq!((totals.spent_micros, totals.impressions, totals.clicks), (40, 1, 1));
}

pub fn a_budget_is_never_reserved_beyond(store: Arc<dyn Store>) {
    store.put_campaign(&campaign("c", 100)).unwrap();
    let answers = store.reserve(vec![want(1, "c", 60), want(2, "c", 41), want(3, "c", 40), want(4, "c", 1)]);
    use Reserved::{BudgetSpent, Held};
    assert_eq!(answers.unwrap(), [Held, BudgetSpent, Held, BudgetSpent]);
    store.settle(nonce(1), IMPRESSION, NOON).unwrap();
    assert_eq!(reserve(&*store, want(5, "c", 1)), BudgetSpent);
    assert_eq!(store.settle(nonce(2), IMPRESSION, NOON).unwrap(), Settled::Unknown);
}

pub fn a_daily_budget_counts_by_the_day_of_the_decision(store: Arc<dyn Store>) {
    store.put_campaign(&Campaign { daily_budget_micros: Some(50), ..campaign("c", 1_000) }).unwrap();
    let just_before_midnight = UnixMillis((NOON.day() + 1) * DAY - 1_000);
    let late = Reservation {
        at: just_before_midnight,
        expires: just_before_midnight.plus(60_000),
        ..want(1, "c", 50)
    };
    assert_eq!(reserve(&*store, late), Reserved::Held);
    assert_eq!(reserve(&*store, want(2, "c", 1)), Reserved::DailySpent);
    let next_day = just_before_midnight.plus(2_000);
    assert_eq!(store.settle(nonce(1), IMPRESSION, next_day).unwrap(), Settled::Billed);
    assert_eq!(store.totals("c", next_day).unwrap().unwrap().spent_today_micros, 0);
    let fresh = Reservation { at: next_day, expires: next_day.plus(1), ..want(3, "c", 50) };
    assert_eq!(reserve(&*store, fresh), Reserved::Held);
    assert_eq!(reserve(&*store, want(4, "c", 1)), Reserved::DailySpent);
}

pub fn an_account_caps_all_its_campaigns(store: Arc<dyn Store>) {
    for id in ["a", "b"] {
        store.put_campaign(&Campaign { advertiser: "acme".to_owned(), ..campaign(id, 1_000) }).unwrap();
    }
    store.put_campaign(&campaign("other", 1_000)).unwrap();
    store.put_account("acme", Some(100)).unwrap();
    assert_eq!(reserve(&*store, want(1, "a", 70)), Reserved::Held);
    assert_eq!(reserve(&*store, want(2, "b", 31)), Reserved::AccountSpent);
    assert_eq!(reserve(&*store, want(3, "b", 30)), Reserved::Held);
    assert_eq!(reserve(&*store, want(4, "other", 500)), Reserved::Held);
    store.put_account("acme", None).unwrap();
    assert_eq!(reserve(&*store, want(5, "b", 31)), Reserved::Held);
}

pub fn an_expired_hold_gives_its_room_back(store: Arc<dyn Store>) {
    store.put_campaign(&campaign("c", 100)).unwrap();
    reserve(&*store, want(1, "c", 100));
    let at_expiry = Reservation { at: NOON.plus(600_000), expires: LATE, ..want(2, "c", 100) };
    assert_eq!(reserve(&*store, at_expiry), Reserved::BudgetSpent);
    let after = Reservation { at: LATE, expires: LATE.plus(10), ..want(3, "c", 100) };
    assert_eq!(reserve(&*store, after), Reserved::Held);
    assert_eq!(store.settle(nonce(1), IMPRESSION, LATE).unwrap(), Settled::Expired);
    assert_eq!(store.settle(nonce(3), IMPRESSION, LATE).unwrap(), Settled::Billed);
    assert_eq!(totals(&*store, "c").spent_micros, 100);
}

pub fn a_hold_released_too_early_is_billed_only_if_there_is_room(store: Arc<dyn Store>) {
    store.put_campaign(&campaign("c", 100)).unwrap();
    reserve(&*store, want(1, "c", 60));
    // A clock that is ahead, or a request from the future, releases the first hold.
    let ahead = Reservation { at: LATE, expires: LATE.plus(10), ..want(2, "c", 50) };
    assert_eq!(reserve(&*store, ahead), Reserved::Held);
    assert_eq!(store.settle(nonce(1), IMPRESSION, NOON).unwrap(), Settled::Expired);
    assert_eq!(store.settle(nonce(2), IMPRESSION, LATE.plus(11)).unwrap(), Settled::Expired);
    assert_eq!(store.settle(nonce(1), IMPRESSION, NOON).unwrap(), Settled::Billed);
}

pub fn a_lowered_budget_withdraws_what_it_no_longer_covers(store: Arc<dyn Store>) {
    store.put_campaign(&campaign("c", 100)).unwrap();
    store.reserve(vec![want(1, "c", 40), want(2, "c", 40)]).unwrap();
    store.put_campaign(&campaign("c", 50)).unwrap();
    assert_eq!(reserve(&*store, want(3, "c", 1)), Reserved::BudgetSpent);
    assert_eq!(store.settle(nonce(1), IMPRESSION, NOON).unwrap(), Settled::Billed);
    assert_eq!(store.settle(nonce(2), IMPRESSION, NOON).unwrap(), Settled::Withdrawn);
    assert_eq!((totals(&*store, "c").spent_micros, totals(&*store, "c").reserved_micros), (40, 0));
    assert_eq!(reserve(&*store, want(4, "c", 10)), Reserved::Held);
}

pub fn a_click_counts_without_and_after_an_impression_but_not_after_expiry(store: Arc<dyn Store>) {
    store.put_campaign(&campaign("c", 100)).unwrap();
    store.reserve(vec![want(1, "c", 10), want(2, "c", 10), want(3, "c", 10)]).unwrap();
    store.settle(nonce(1), IMPRESSION, NOON).unwrap();
    assert_eq!(store.settle(nonce(1), Settle::Click, LATE).unwrap(), Settled::Counted);
    assert_eq!(store.settle(nonce(2), Settle::Click, NOON).unwrap(), Settled::Counted);
    assert_eq!(store.settle(nonce(3), Settle::Click, LATE).unwrap(), Settled::Expired);
    assert_eq!((totals(&*store, "c").clicks, totals(&*store, "c").spent_micros), (2, 10));
}

pub fn misuse_of_the_ledger_is_refused_whole(store: Arc<dyn Store>) {
    store.put_campaign(&campaign("c", 100)).unwrap();
    reserve(&*store, want(1, "c", 1));
    let with = |wrong: Reservation| store.reserve(vec![want(9, "c", 1), wrong]);
    assert!(matches!(with(want(2, "c", 0)), Err(StoreError::Invalid { .. })));
    assert!(matches!(with(want(2, "c", -5)), Err(StoreError::Invalid { .. })));
    assert!(matches!(
        with(Reservation { expires: NOON, ..want(2, "c", 1) }),
        Err(StoreError::Invalid { .. })
    ));
    assert!(matches!(with(want(9, "c", 1)), Err(StoreError::Taken(_))));
    assert!(matches!(with(want(1, "c", 1)), Err(StoreError::Taken(_))));
    assert_eq!(totals(&*store, "c").reserved_micros, 1);
    assert!(store.put_campaign(&campaign("d", -1)).is_err());
    assert!(store.put_campaign(&campaign("", 1)).is_err());
    assert!(store.put_account("acme", Some(-1)).is_err());
    assert_eq!(reserve(&*store, want(3, "c", i64::MAX)), Reserved::BudgetSpent);
}

pub fn decisions_are_remembered_per_person_oldest_first(store: Arc<dyn Store>) {
    let (ann, bob) = (person(&*store, "ann"), person(&*store, "bob"));
    store.put_campaign(&campaign("c", 100)).unwrap();
    let at = |number, who, minutes: i64| Reservation {
        person: Some(who),
        at: NOON.plus(minutes * 60_000),
        expires: NOON.plus(minutes * 60_000 + 1),
        ..want(number, "c", 1)
    };
    store.reserve(vec![at(1, ann, 5), at(2, bob, 1), at(3, ann, 2), at(4, ann, 9)]).unwrap();
    store.settle(nonce(4), IMPRESSION, NOON.plus(9 * 60_000)).unwrap();
    let decisions = store.decisions(ann, NOON.plus(5 * 60_000)).unwrap();
    let expected = |minutes: i64, impression| PastDecision {
        campaign: "c".to_owned(),
        advertiser: "advertiser of c".to_owned(),
        ad: "an ad".to_owned(),
        at: NOON.plus(minutes * 60_000),
        expires: NOON.plus(minutes * 60_000 + 1),
        impression,
        clicked: false,
    };
    assert_eq!(decisions, [expected(5, false), expected(9, true)]);
}

pub fn pruning_keeps_the_amounts(store: Arc<dyn Store>) {
    let ann = person(&*store, "ann");
    store.put_campaign(&campaign("c", 100)).unwrap();
    let of_ann = |number| Reservation { person: Some(ann), ..want(number, "c", 30) };
    store.reserve(vec![of_ann(1), of_ann(2)]).unwrap();
    store.settle(nonce(1), IMPRESSION, NOON).unwrap();
    store.settle(nonce(1), Settle::Click, NOON).unwrap();
    assert_eq!(store.prune_decisions(NOON).unwrap(), 0);
    assert_eq!(store.prune_decisions(LATE).unwrap(), 2);
    assert_eq!(store.decisions(ann, UnixMillis(0)).unwrap(), []);
    assert_eq!(store.settle(nonce(2), IMPRESSION, NOON).unwrap(), Settled::Unknown);
    let totals = totals(&*store, "c");
    assert_eq!((totals.spent_micros, totals.reserved_micros, totals.clicks), (30, 0, 1));
    assert_eq!((totals.impressions, totals.spent_today_micros), (1, 30));
    assert_eq!(reserve(&*store, want(3, "c", 71)), Reserved::BudgetSpent);
    assert_eq!(reserve(&*store, want(4, "c", 70)), Reserved::Held);
}

pub fn eight_threads_never_overspend(store: Arc<dyn Store>) {
    for id in ["a", "b"] {
        let advertiser = "acme".to_owned();
        let daily_budget_micros = Some(700);
        store.put_campaign(&Campaign { advertiser, daily_budget_micros, ..campaign(id, 800) }).unwrap();
    }
    store.put_account("acme", Some(1_000)).unwrap();
    let billed: i64 = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..8u64)
            .map(|thread| {
                let store = &store;
                scope.spawn(move || {
                    let mut billed = 0;
                    for number in 0..40 {
                        let (id, price) = (thread * 1_000 + number, 1 + (number as i64 * 7) % 23);
                        let campaign = if number % 2 == 0 { "a" } else { "b" };
                        if reserve(&**store, want(id, campaign, price)) == Reserved::Held
                            && store.settle(nonce(id), IMPRESSION, NOON).unwrap() == Settled::Billed
                        {
                            billed += price;
                        }
                    }
                    billed
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).sum()
    });
    let (a, b) = (totals(&*store, "a"), totals(&*store, "b"));
    assert_eq!(a.spent_micros + b.spent_micros, billed);
    assert_eq!(a.reserved_micros + b.reserved_micros, 0);
    assert!(a.spent_micros <= 700 && b.spent_micros <= 700 && billed <= 1_000);
    assert!(billed > 970, "{billed} of 1000: the demand was 5 times the budget");
}
