//! How values look in bytes, before they are sealed.

use rapport_core::event::{Object, Record};
use rapport_core::ids::Surrogate;

use crate::StoreError;

/// First byte of every stored record; a change of [`Record`] that postcard can't read takes the next number.
const RECORD_FORMAT: u8 = 2;
/// The format before: without the items that words name, which come last.
const RECORD_FORMAT_UNNAMED: u8 = 1;

/// The person that a record is about: kept in a column of its own, where erasure finds it.
pub fn target_of(record: &Record) -> Option<Surrogate> {
    match record.object {
        Some(Object::Person(target)) => Some(target),
        _ => None,
    }
}

/// A record in bytes, without the person that it is about.
pub fn encode_record(record: &Record) -> Result<Vec<u8>, StoreError> {
    let bare;
    let record = match record.object {
        Some(Object::Person(_)) => {
            bare = Record { object: None, ..record.clone() };
            &bare
        }
        _ => record,
    };
    postcard::to_extend(record, vec![RECORD_FORMAT])
        .map_err(|error| StoreError::Invalid { what: "record", problem: error.to_string() })
}

/// The record that `bytes` hold, about `target`.
pub fn decode_record(bytes: &[u8], target: Option<Surrogate>) -> Result<Record, StoreError> {
    let read = match bytes.split_first() {
        Some((&RECORD_FORMAT, body)) => postcard::from_bytes::<Record>(body),
        // An empty list is one zero byte.
        Some((&RECORD_FORMAT_UNNAMED, body)) => postcard::from_bytes([body, &[0]].concat().as_slice()),
        _ => return Err(StoreError::Unreadable("event")),
    };
    let mut record = read.map_err(|_| StoreError::Unreadable("event"))?;
    record.object = target.map(Object::Person).or(record.object);
    Ok(record)
}

/// The record as it stands in the log of its mirror.
pub fn mirrored(record: &Record, person: Surrogate) -> Record {
    Record { object: Some(Object::Person(person)), ..record.clone() }
}

/// Texts and a payload in one run of bytes: each text behind its length in four bytes, then the payload.
pub fn frame(texts: &[&str], payload: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(payload.len() + texts.iter().map(|t| t.len() + 4).sum::<usize>());
    for text in texts {
        out.extend_from_slice(&(text.len() as u32).to_le_bytes());
        out.extend_from_slice(text.as_bytes());
    }
    out.extend_from_slice(payload);
    out
}

/// The `N` texts and the payload that [`frame`] joined; `None` if `bytes` are no such thing.
pub fn unframe<const N: usize>(mut bytes: &[u8]) -> Option<([&str; N], &[u8])> {
    let mut texts = [""; N];
    for text in &mut texts {
        let (length, rest) = bytes.split_first_chunk::<4>()?;
        let (head, tail) = rest.split_at_checked(u32::from_le_bytes(*length) as usize)?;
        *text = std::str::from_utf8(head).ok()?;
        bytes = tail;
    }
    Some((texts, bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn framed_texts_come_back() {
        let bytes = frame(&["an id", ""], b"payload");
        assert_eq!(unframe::<2>(&bytes), Some((["an id", ""], &b"payload"[..])));
        assert_eq!(unframe::<2>(&bytes[..6]), None);
    }
}
