//! Refusals that every store shares, made before anything is written.

use rapport_core::ids::Name;

use crate::{NewEvent, Receipt, Reservation, StoreError};

fn invalid(what: &'static str, problem: impl Into<String>) -> StoreError {
    StoreError::Invalid { what, problem: problem.into() }
}

/// An event is not mirrored to the one who did it.
pub fn events(events: &[NewEvent]) -> Result<(), StoreError> {
    match events.iter().any(|event| event.mirror == Some(event.person)) {
        true => Err(invalid("mirror", "is the person of the event; it is somebody else, or nobody")),
        false => Ok(()),
    }
}

/// Ids in the vault are names: the scan of raw files relies on it.
pub fn person_ids<'a>(ids: impl IntoIterator<Item = &'a str>) -> Result<(), StoreError> {
    for id in ids {
        Name::new(id).map_err(|error| invalid("person id", error.to_string()))?;
    }
    Ok(())
}

/// Reservations are in range, and no nonce comes twice.
pub fn reservations(wants: &[Reservation]) -> Result<(), StoreError> {
    wants.iter().try_for_each(Reservation::check)?;
    distinct(wants.iter().map(|want| want.nonce), "a nonce")
}

/// No receipt comes twice.
pub fn receipts(receipts: &[Receipt]) -> Result<(), StoreError> {
    distinct(receipts.iter().map(|receipt| receipt.id), "a receipt id")
}

/// A cap is not negative.
pub fn account(budget_micros: Option<i64>) -> Result<(), StoreError> {
    match budget_micros {
        Some(budget) if budget < 0 => {
            Err(invalid("account budget", format!("is {budget} micros; it is at least 0")))
        }
        _ => Ok(()),
    }
}

fn distinct(ids: impl Iterator<Item = [u8; 16]>, what: &'static str) -> Result<(), StoreError> {
    let mut ids: Vec<_> = ids.collect();
    ids.sort_unstable();
    match ids.windows(2).any(|pair| pair[0] == pair[1]) {
        true => Err(StoreError::Taken(what)),
        false => Ok(()),
    }
}
