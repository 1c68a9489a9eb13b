//! The container that every weight file uses; `training/convert.py` describes its bytes.

use std::collections::HashMap;

use crate::error::ModelError;

const MAGIC: &[u8; 8] = b"RPUSE1\0\0";

/// Named tensors, decoded on demand.
pub(crate) struct Tensors<'a> {
    file: &'static str,
    entries: HashMap<String, Entry>,
    body: &'a [u8],
    /// Where the body begins in the file.
    begin: usize,
}

#[derive(serde::Deserialize)]
struct Entry {
    kind: String,
    shape: Vec<usize>,
    at: usize,
}

impl Entry {
    fn count(&self) -> usize {
        self.shape.iter().product()
    }
}

impl<'a> Tensors<'a> {
    /// Reads the header of `bytes`, the content of `file`.
    pub fn parse(file: &'static str, bytes: &'a [u8]) -> Result<Self, ModelError> {
        let layout = |reason: &str| ModelError::layout(file, reason);
        let rest = bytes.strip_prefix(MAGIC).ok_or_else(|| layout("it does not begin with `RPUSE1`"))?;
        let (length, rest) =
            rest.split_first_chunk::<4>().ok_or_else(|| layout("it ends within the header"))?;
        let (header, body) = rest
            .split_at_checked(u32::from_le_bytes(*length) as usize)
            .ok_or_else(|| layout("it ends within the header"))?;
        let entries = serde_json::from_slice(header)
            .map_err(|error| layout(&format!("its header is not JSON: {error}")))?;
        Ok(Self { file, entries, body, begin: bytes.len() - body.len() })
    }

    /// The values of tensor `name`, which must have `shape` (row-major).
    pub fn floats(&self, name: &str, shape: &[usize]) -> Result<Vec<f32>, ModelError> {
        self.decode(name, self.shaped(name, shape)?)
    }

    /// The values of tensor `name`, which has one dimension.
    pub fn list(&self, name: &str) -> Result<Vec<f32>, ModelError> {
        let entry = self.entry(name)?;
        if entry.shape.len() != 1 {
            return Err(self.wrong(name, "it is not a list"));
        }
        self.decode(name, entry)
    }

    /// The raw bytes of an 8-bit tensor of `len` values.
    pub fn bytes(&self, name: &str, len: usize) -> Result<&'a [u8], ModelError> {
        let bytes = self.raw(name, "u8", 1)?;
        if bytes.len() == len {
            Ok(bytes)
        } else {
            Err(self.wrong(name, &format!("{} values, expected {len}", bytes.len())))
        }
    }

    /// The raw bytes of a tensor of kind `kind`, whose values take `size` bytes each; any shape.
    pub fn raw(&self, name: &str, kind: &str, size: usize) -> Result<&'a [u8], ModelError> {
        let entry = self.entry(name)?;
        if entry.kind != kind {
            return Err(self.wrong(name, &format!("kind `{}`, expected `{kind}`", entry.kind)));
        }
        self.slice(name, entry.at, entry.count() * size)
    }

    /// Where [`raw`](Self::raw) bytes lie in the file.
    pub fn range(&self, name: &str, kind: &str, size: usize) -> Result<std::ops::Range<usize>, ModelError> {
        let len = self.raw(name, kind, size)?.len();
        let from = self.begin + self.entry(name)?.at;
        Ok(from..from + len)
    }

    /// The values of the 8-bit tensor `name`, which must have `shape` (row-major), and the step that they count.
    pub fn steps(&self, name: &str, shape: &[usize]) -> Result<(Vec<i8>, f32), ModelError> {
        let entry = self.shaped(name, shape)?;
        if entry.kind != "i8" {
            return Err(self.wrong(name, &format!("kind `{}`, expected `i8`", entry.kind)));
        }
        let step = floats(self.slice(name, entry.at, 4)?)[0];
        let values = self.slice(name, entry.at + 4, entry.count())?;
        Ok((values.iter().map(|value| value.cast_signed()).collect(), step))
    }

    /// [`steps`](Self::steps) of a tensor that has any number of rows of `width` values.
    pub fn all_steps(&self, name: &str, width: usize) -> Result<(Vec<i8>, f32), ModelError> {
        match self.entry(name)?.shape.as_slice() {
            &[rows, found] if found == width => self.steps(name, &[rows, width]),
            other => Err(self.wrong(name, &format!("shape {other:?}, expected rows of {width}"))),
        }
    }

    fn decode(&self, name: &str, entry: &Entry) -> Result<Vec<f32>, ModelError> {
        let count = entry.count();
        match entry.kind.as_str() {
            "f32" => Ok(floats(self.slice(name, entry.at, count * 4)?)),
            "codebook" => self.decode_codebook(name, entry.at, count),
            other => Err(self.wrong(name, &format!("unknown kind `{other}`"))),
        }
    }

    fn decode_codebook(&self, name: &str, at: usize, count: usize) -> Result<Vec<f32>, ModelError> {
        let head = self.slice(name, at, 2)?;
        let size = usize::from(u16::from_le_bytes([head[0], head[1]]));
        let mut values = floats(self.slice(name, at + 2, size * 4)?);
        values.resize(256, f32::NAN);
        let index = self.slice(name, at + 2 + size * 4, count)?;
        Ok(index.iter().map(|&i| values[usize::from(i)]).collect())
    }

    fn shaped(&self, name: &str, shape: &[usize]) -> Result<&Entry, ModelError> {
        let entry = self.entry(name)?;
        if entry.shape != shape {
            return Err(self.wrong(name, &format!("shape {:?}, expected {shape:?}", entry.shape)));
        }
        Ok(entry)
    }

    fn entry(&self, name: &str) -> Result<&Entry, ModelError> {
        self.entries.get(name).ok_or_else(|| self.wrong(name, "it is missing"))
    }

    fn slice(&self, name: &str, at: usize, len: usize) -> Result<&'a [u8], ModelError> {
        at.checked_add(len)
            .and_then(|end| self.body.get(at..end))
            .ok_or_else(|| self.wrong(name, "it reaches past the end of the file"))
    }

    fn wrong(&self, name: &str, reason: &str) -> ModelError {
        ModelError::layout(self.file, format!("tensor `{name}`: {reason}"))
    }
}

fn floats(bytes: &[u8]) -> Vec<f32> {
    bytes.as_chunks::<4>().0.iter().map(|four| f32::from_le_bytes(*four)).collect()
}
