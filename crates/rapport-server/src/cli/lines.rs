//! JSON lines, read one by one and numbered, so that a bad one can be named and the rest go on.

use std::io::{self, BufRead};

use serde_json::Value;

/// One line that is not blank.
pub struct Line {
    /// Counted from 1, blank lines included.
    pub number: usize,
    /// What it holds, or why it is no JSON.
    pub value: Result<Value, serde_json::Error>,
}

/// The lines of a reader that are not blank. Memory: one line at a time.
pub struct Lines<R> {
    reader: R,
    number: usize,
}

/// The lines of `reader` that are not blank.
pub fn lines<R: BufRead>(reader: R) -> Lines<R> {
    Lines { reader, number: 0 }
}

impl<R: BufRead> Iterator for Lines<R> {
    type Item = io::Result<Line>;

    fn next(&mut self) -> Option<io::Result<Line>> {
        loop {
            let mut bytes = Vec::new();
            match self.reader.read_until(b'\n', &mut bytes) {
                Ok(0) => return None,
                Ok(_) => self.number += 1,
                Err(problem) => return Some(Err(problem)),
            }
            let content = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
            if !content.trim_ascii().is_empty() {
                return Some(Ok(Line { number: self.number, value: serde_json::from_slice(content) }));
            }
        }
    }
}

impl<R: io::Read> Lines<io::BufReader<R>> {
    /// Whether the next line is here already, so that reading it does not wait for whoever writes.
    pub fn has_next_at_hand(&self) -> bool {
        self.reader.buffer().contains(&b'\n')
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bad_line_is_numbered_and_its_neighbours_are_kept() {
        let text = "\u{feff}{\"a\":1}\n\n{broken\n\"\u{fffd}\"\n{\"b\":2}";
        let read: Vec<(usize, bool)> = lines(text.as_bytes())
            .map(|line| line.unwrap())
            .map(|line| (line.number, line.value.is_ok()))
            .collect();
        assert_eq!(read, [(1, true), (3, false), (4, true), (5, true)]);
    }

    #[test]
    fn whoever_writes_line_by_line_is_answered_line_by_line() {
        let mut read = lines(io::BufReader::new(&b"1\n2\n3"[..]));
        let mut at_hand = Vec::new();
        while read.next().is_some() {
            at_hand.push(read.has_next_at_hand());
        }
        assert_eq!(at_hand, [true, false, false]);
    }

    #[test]
    fn bytes_that_are_no_text_are_a_bad_line_and_no_failure() {
        let read: Vec<bool> =
            lines(&b"{\"a\":\"\xff\"}\n{}\n"[..]).map(|line| line.unwrap().value.is_ok()).collect();
        assert_eq!(read, [false, true]);
    }
}
