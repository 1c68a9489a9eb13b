//! Searches raw files, piece by piece.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use memchr::memmem::Finder;

use super::context::Context;
use super::spelling::Spelling;
use crate::StoreError;

/// Bytes read at a time.
const PIECE: usize = 1 << 20;

/// Calls `each` with every piece of `file`: the offset of its first byte, its bytes, and whether it is the
/// last. Consecutive pieces share `overlap` bytes. A file that has gone is empty.
fn pieces(file: &Path, overlap: usize, each: &mut dyn FnMut(u64, &[u8], bool)) -> Result<u64, StoreError> {
    let failed = |error: std::io::Error| StoreError::Io { path: file.to_owned(), source: error.into() };
    let mut input = match File::open(file) {
        Ok(input) => input,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(0),
        Err(error) => return Err(failed(error)),
    };
    let (mut piece, mut start, mut total) = (Vec::new(), 0, 0);
    loop {
        let read = (&mut input).take(PIECE as u64).read_to_end(&mut piece).map_err(failed)?;
        total += read as u64;
        let last = read < PIECE;
        each(start, &piece, last);
        if last {
            return Ok(total);
        }
        let kept = piece.len().min(overlap);
        start += (piece.len() - kept) as u64;
        piece.drain(..piece.len() - kept);
    }
}

/// Whether `file` holds `needle` anywhere.
pub fn holds(file: &Path, needle: &[u8]) -> Result<bool, StoreError> {
    let finder = Finder::new(needle);
    let mut found = false;
    pieces(file, needle.len(), &mut |_, piece, _| found = found || finder.find(piece).is_some())?;
    Ok(found)
}

/// Offset and name of every spelling that `file` holds and `context` doesn't explain; adds what it read to
/// `bytes`.
pub fn search(
    file: &Path,
    spellings: &[Spelling],
    context: &Context,
    bytes: &mut u64,
) -> Result<Vec<(u64, &'static str)>, StoreError> {
    let finders: Vec<_> = spellings.iter().map(|spelling| Finder::new(&spelling.bytes)).collect();
    let longest = spellings.iter().map(|spelling| spelling.bytes.len()).max().unwrap_or(0);
    let reach = longest + context.reach();
    let mut found = Vec::new();
    let read = pieces(file, 2 * reach, &mut |start, piece, last| {
        // A hit is judged in the piece that has its surroundings on both sides, and only there.
        let from = if start == 0 { 0 } else { reach };
        let to = if last { piece.len() } else { piece.len().saturating_sub(reach) };
        for (index, (finder, spelling)) in finders.iter().zip(spellings).enumerate() {
            let hits = finder.find_iter(piece).filter(|at| (from..to).contains(at));
            let hits = hits.filter(|at| context.counts(piece, *at, *at + spelling.bytes.len(), index == 0));
            found.extend(hits.map(|at| (start + at as u64, spelling.name)));
        }
    })?;
    *bytes += read;
    found.sort_unstable();
    Ok(found)
}
