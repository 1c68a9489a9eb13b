//! The two things that we need out of a SentencePiece model file: the pieces, and the map that normalises characters.
//!
//! The file is a Protocol Buffers message (`sentencepiece_model.proto`): field 1 is a piece (1 text, 2 score, 3 type),
//! field 3 the normaliser (2 precompiled character map). The rest is about training and is skipped.

use crate::error::ModelError;
use crate::files::PIECES;

/// The content of a SentencePiece model.
pub(crate) struct PieceFile<'a> {
    /// In the order of their ids.
    pub pieces: Vec<Piece<'a>>,
    /// `u32` length of a double array, the double array, then strings that end with a zero byte.
    pub character_map: &'a [u8],
}

/// One piece of the vocabulary.
pub(crate) struct Piece<'a> {
    /// UTF-8, words beginning with `▁`.
    pub text: &'a [u8],
    /// Log probability.
    pub score: f32,
    /// Whether it may stand for text (type 1 normal, 4 user defined); control and unknown pieces may not.
    pub matches_text: bool,
}

impl<'a> PieceFile<'a> {
    /// Reads a model file.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, ModelError> {
        let mut file = Self { pieces: Vec::new(), character_map: &[] };
        for field in Fields(bytes) {
            match field? {
                (1, Value::Bytes(piece)) => file.pieces.push(Piece::parse(piece)?),
                (3, Value::Bytes(normalizer)) => {
                    for field in Fields(normalizer) {
                        if let (2, Value::Bytes(map)) = field? {
                            file.character_map = map;
                        }
                    }
                }
                _ => {}
            }
        }
        Ok(file)
    }
}

impl<'a> Piece<'a> {
    fn parse(bytes: &'a [u8]) -> Result<Self, ModelError> {
        let mut piece = Self { text: &[], score: 0.0, matches_text: true };
        for field in Fields(bytes) {
            match field? {
                (1, Value::Bytes(text)) => piece.text = text,
                (2, Value::Fixed32(bits)) => piece.score = f32::from_bits(bits),
                (3, Value::Number(kind)) => piece.matches_text = matches!(kind, 1 | 4),
                _ => {}
            }
        }
        Ok(piece)
    }
}

enum Value<'a> {
    Number(u64),
    Fixed32(u32),
    Fixed64,
    Bytes(&'a [u8]),
}

/// The fields of one message, in order.
struct Fields<'a>(&'a [u8]);

impl<'a> Iterator for Fields<'a> {
    type Item = Result<(u64, Value<'a>), ModelError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.0.is_empty() {
            return None;
        }
        let field = self.field();
        if field.is_none() {
            self.0 = &[];
        }
        Some(field.ok_or_else(|| ModelError::layout(PIECES, "it is cut off or not a SentencePiece model")))
    }
}

impl<'a> Fields<'a> {
    fn field(&mut self) -> Option<(u64, Value<'a>)> {
        let tag = self.number()?;
        let value = match tag & 7 {
            0 => Value::Number(self.number()?),
            1 => {
                self.take(8)?;
                Value::Fixed64
            }
            2 => {
                let length = self.number()?;
                Value::Bytes(self.take(usize::try_from(length).ok()?)?)
            }
            5 => Value::Fixed32(u32::from_le_bytes(self.take(4)?.try_into().ok()?)),
            _ => return None,
        };
        Some((tag >> 3, value))
    }

    fn number(&mut self) -> Option<u64> {
        let mut value = 0u64;
        for shift in (0..64).step_by(7) {
            let byte = self.take(1)?[0];
            value |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Some(value);
            }
        }
        None
    }

    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }
}
