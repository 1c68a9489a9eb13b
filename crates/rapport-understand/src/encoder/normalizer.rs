//! SentencePiece's normaliser: maps characters by a precompiled table (NFKC and more), squeezes spaces, writes `▁`.

use super::trie::Trie;
use crate::error::ModelError;
use crate::tensors::Tensors;

const SPACE: &str = "\u{2581}";

/// The character map of one model.
pub(crate) struct Normalizer {
    /// Source strings → where their replacement begins.
    trie: Trie,
    /// Replacements, each ended by a zero byte.
    replacements: Vec<u8>,
    /// ASCII characters that stay as they are where another follows, or nothing.
    plain: [bool; 128],
}

impl Normalizer {
    /// Reads the character map.
    pub fn load(tensors: &Tensors<'_>) -> Result<Self, ModelError> {
        let trie = Trie::load(tensors, "characters/trie")?;
        let replacements = tensors.raw("characters/replacements", "u8", 1)?.to_vec();
        let ascii = |byte: usize| (0..128).any(|next| trie.leads(&[byte as u8, next]));
        let plain = std::array::from_fn(|byte| trie.prefixes(&[byte as u8]).next().is_none() && !ascii(byte));
        Ok(Self { trie, replacements, plain })
    }

    /// `text` as the pieces expect it: each run of spaces is one `▁`, and one stands in front.
    pub fn normalize(&self, text: &str) -> String {
        let mut out = String::with_capacity(text.len() + 8);
        let mut after_space = true;
        let mut rest = text;
        while !rest.is_empty() {
            let (mut piece, taken) = self.longest_match(rest);
            rest = &rest[taken..];
            if after_space {
                piece = piece.trim_start_matches(' ');
            }
            if piece.is_empty() {
                continue;
            }
            if out.is_empty() {
                out.push_str(SPACE);
            }
            for character in piece.chars() {
                if character == ' ' { out.push_str(SPACE) } else { out.push(character) }
            }
            after_space = piece.ends_with(' ');
        }
        while out.ends_with(SPACE) {
            out.truncate(out.len() - SPACE.len());
        }
        out
    }

    /// What the beginning of `rest` becomes, and how many bytes of it that uses up (a whole number of characters).
    fn longest_match<'a>(&'a self, rest: &'a str) -> (&'a str, usize) {
        let bytes = rest.as_bytes();
        if self.is_plain(bytes[0]) && bytes.get(1).is_none_or(u8::is_ascii) {
            return (&rest[..1], 1);
        }
        let one = rest.chars().next().map_or(1, char::len_utf8);
        let found = self.trie.prefixes(rest.as_bytes()).last();
        found
            .and_then(|(at, taken)| Some((self.replacement(at as usize)?, taken)))
            .filter(|(_, taken)| rest.is_char_boundary(*taken))
            .unwrap_or((&rest[..one], one))
    }

    fn is_plain(&self, byte: u8) -> bool {
        self.plain.get(usize::from(byte)).copied().unwrap_or(false)
    }

    fn replacement(&self, at: usize) -> Option<&str> {
        let tail = self.replacements.get(at..)?;
        let end = tail.iter().position(|&byte| byte == 0)?;
        std::str::from_utf8(&tail[..end]).ok()
    }
}
