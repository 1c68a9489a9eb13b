//! Searches raw files, piece by piece.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use memchr::memmem::Finder;

use crate::StoreError;

/// Bytes read at a time.
const PIECE: usize = 1 << 20;

/// Calls `each` with every piece of `file` and the offset of its first byte. Consecutive pieces share `overlap`
/// bytes, so that nothing shorter is cut in two. A file that goes away meanwhile is empty.
pub fn pieces(
    file: &Path,
    overlap: usize,
    each: &mut dyn FnMut(u64, &[u8]) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    let failed = |error: std::io::Error| StoreError::Io { path: file.to_owned(), source: error.into() };
    let mut input = match File::open(file) {
        Ok(input) => input,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(failed(error)),
    };
    let (mut piece, mut start) = (Vec::new(), 0);
    loop {
        let before = piece.len();
        let read = (&mut input).take(PIECE as u64).read_to_end(&mut piece).map_err(failed)?;
        if read == 0 {
            return Ok(());
        }
        debug_assert_eq!(before + read, piece.len());
        each(start, &piece)?;
        let kept = piece.len().min(overlap);
        start += (piece.len() - kept) as u64;
        piece.drain(..piece.len() - kept);
    }
}

/// Whether `file` holds `needle` anywhere.
pub fn holds(file: &Path, needle: &[u8]) -> Result<bool, StoreError> {
    let finder = Finder::new(needle);
    let mut found = false;
    pieces(file, needle.len().saturating_sub(1), &mut |_, piece| {
        found |= finder.find(piece).is_some();
        Ok(())
    })?;
    Ok(found)
}
