//! The contract of the store, over every implementation.
#![allow(clippy::unwrap_used, clippy::panic, reason = "test code")]

mod given;
mod suite;

use std::sync::Arc;

use rapport_store::{EmbeddedStore, MemoryStore, Store};

/// Stamps every test of the suite on one implementation.
macro_rules! suite {
    ($name:ident, $make:expr, [$($part:ident: [$($test:ident),* $(,)?]),* $(,)?]) => {
        mod $name {
            $($(
                #[test]
                fn $test() {
                    let (store, _kept) = $make;
                    crate::suite::$part::$test(store);
                }
            )*)*
        }
    };
}

macro_rules! suites {
    ($($tests:tt)*) => {
        suite!(memory, super::memory(), [$($tests)*]);
        suite!(embedded, super::embedded(), [$($tests)*]);
    };
}

fn memory() -> (Arc<dyn Store>, ()) {
    (Arc::new(MemoryStore::new()), ())
}

fn embedded() -> (Arc<dyn Store>, tempfile::TempDir) {
    let dir = tempfile::tempdir().unwrap();
    (Arc::new(EmbeddedStore::open(dir.path()).unwrap()), dir)
}

suites! {
    log: [
        appended_events_come_back_equal_and_in_order,
        an_id_counts_once_whoever_sends_it_again,
        the_first_of_two_equal_ids_in_a_batch_wins,
        an_event_about_nobody_known_is_refused_alone,
        a_mutual_event_stands_in_both_logs,
        nobody_is_their_own_mirror,
        observers_see_the_log_grow_in_order_before_append_returns,
        an_observer_may_read_but_not_write,
        reading_after_an_offset_leaves_out_what_came_before,
        an_event_is_found_by_its_id,
        a_scan_sees_the_whole_log_in_order,
        concurrent_appends_all_land_once,
    ],
    undo: [
        an_undone_event_is_gone_and_its_retry_a_duplicate,
        a_conversation_is_undone_whole_and_alone,
        a_source_is_undone_whole_and_alone,
        undoing_either_side_of_a_friendship_undoes_both,
        somebody_elses_event_is_left_alone,
        a_checkpoint_from_before_an_undo_is_ignored,
    ],
    vault: [
        a_person_keeps_their_surrogate_when_facts_change,
        an_alias_is_nobody_until_registered,
        surrogates_are_random,
        an_id_that_is_no_name_is_refused,
        only_registered_people_are_listed,
        the_secret_stays_the_same,
    ],
    erasure: [
        nobody_known_is_nothing_to_erase,
        an_erased_person_is_gone_from_the_vault_and_the_log,
        a_late_retry_brings_nobody_back,
        a_new_registration_starts_afresh,
        others_events_lose_their_target_and_mirrored_ones_go,
        others_receipts_are_masked_and_own_ones_go,
        authored_items_go_with_their_author,
        the_ledger_keeps_amounts_without_the_person,
        nothing_is_written_about_the_erased_any_more,
        two_who_mention_each_other_can_both_be_erased_at_once,
        a_checkpoint_of_a_friend_from_before_an_erasure_is_ignored,
    ],
    ledger: [
        a_reservation_holds_its_price_until_it_is_billed,
        each_token_does_its_work_once,
        a_budget_is_never_reserved_beyond,
        a_daily_budget_counts_by_the_day_of_the_decision,
        an_account_caps_all_its_campaigns,
        an_expired_hold_gives_its_room_back,
        a_hold_released_too_early_is_billed_only_if_there_is_room,
        a_lowered_budget_withdraws_what_it_no_longer_covers,
        a_click_counts_without_and_after_an_impression_but_not_after_expiry,
        misuse_of_the_ledger_is_refused_whole,
        decisions_are_remembered_per_person_oldest_first,
        pruning_keeps_the_amounts,
        eight_threads_never_overspend,
    ],
    shelf: [
        items_are_replaced_and_deleted_by_id,
        campaigns_keep_their_totals_when_replaced,
        receipts_come_back_with_whom_they_mention,
        old_receipts_are_pruned,
        the_latest_checkpoint_wins,
        settings_are_put_and_taken,
        a_closed_store_writes_no_more,
    ],
}
