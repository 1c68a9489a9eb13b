//! Where the model files come from: compiled in, or a folder whose manifest is checked.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::ops::Deref;
use std::path::Path;
use std::sync::Arc;

use sha2::{Digest, Sha256};

use crate::error::ModelError;

pub(crate) const TABLE: &str = "use-multilingual/table.bin";
pub(crate) const ENCODER: &str = "use-multilingual/encoder.bin";
pub(crate) const PIECES: &str = "use-multilingual/pieces.bin";
pub(crate) const HEADS: &str = "heads/heads.bin";
pub(crate) const PII: &str = "heads/pii.bin";
pub(crate) const CUES: &str = "heads/cues.bin";
pub(crate) const CUE_WORDS: &str = "lexicon/cues.tsv";
pub(crate) const LEXICON: &str = "lexicon/sensitive.tsv";
pub(crate) const THRESHOLDS: &str = "heads/thresholds.json";
const MANIFEST: &str = "MANIFEST";

/// The bytes of a file that is read from for as long as the program runs. Cheap to clone.
#[derive(Clone)]
pub(crate) enum Blob {
    /// Compiled in: the system reads only the pages that are used.
    #[cfg_attr(not(feature = "embedded"), allow(dead_code, reason = "nothing is compiled in"))]
    Embedded(&'static [u8]),
    Read(Arc<Vec<u8>>),
}

impl Deref for Blob {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Self::Embedded(bytes) => bytes,
            Self::Read(bytes) => bytes,
        }
    }
}

/// The bytes of every model file.
pub(crate) struct ModelFiles {
    pub table: Blob,
    pub encoder: Blob,
    pub pieces: Cow<'static, [u8]>,
    pub heads: Cow<'static, [u8]>,
    pub pii: Cow<'static, [u8]>,
    pub cues: Cow<'static, [u8]>,
    pub cue_words: Cow<'static, [u8]>,
    pub lexicon: Cow<'static, [u8]>,
    pub thresholds: Cow<'static, [u8]>,
    /// First 12 hexadecimal digits of the manifest's SHA-256: changes whenever any file does.
    pub version: String,
}

impl ModelFiles {
    /// The files that were in the repository when this program was compiled.
    #[cfg(feature = "embedded")]
    pub fn embedded() -> Self {
        macro_rules! bytes {
            ($name:literal) => {
                include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../models/", $name))
            };
        }
        macro_rules! file {
            ($name:literal) => {
                Cow::Borrowed(bytes!($name).as_slice())
            };
        }
        let manifest: Cow<'static, [u8]> = file!("MANIFEST");
        Self {
            table: Blob::Embedded(bytes!("use-multilingual/table.bin")),
            encoder: Blob::Embedded(bytes!("use-multilingual/encoder.bin")),
            pieces: file!("use-multilingual/pieces.bin"),
            heads: file!("heads/heads.bin"),
            pii: file!("heads/pii.bin"),
            cues: file!("heads/cues.bin"),
            cue_words: file!("lexicon/cues.tsv"),
            lexicon: file!("lexicon/sensitive.tsv"),
            thresholds: file!("heads/thresholds.json"),
            version: version(&manifest),
        }
    }

    /// Reads a models folder and checks every file against its `MANIFEST`.
    pub fn read(dir: &Path) -> Result<Self, ModelError> {
        let manifest = read(dir, MANIFEST)?;
        let listed = String::from_utf8_lossy(&manifest).into_owned();
        let checked = |name: &str| {
            let bytes = read(dir, name)?;
            check(&listed, name, &bytes)?;
            Ok::<_, ModelError>(bytes)
        };
        Ok(Self {
            table: Blob::Read(Arc::new(checked(TABLE)?)),
            encoder: Blob::Read(Arc::new(checked(ENCODER)?)),
            pieces: checked(PIECES)?.into(),
            heads: checked(HEADS)?.into(),
            pii: checked(PII)?.into(),
            cues: checked(CUES)?.into(),
            cue_words: checked(CUE_WORDS)?.into(),
            lexicon: checked(LEXICON)?.into(),
            thresholds: checked(THRESHOLDS)?.into(),
            version: version(&manifest),
        })
    }
}

fn read(dir: &Path, name: &str) -> Result<Vec<u8>, ModelError> {
    let path = dir.join(name);
    std::fs::read(&path).map_err(|source| ModelError::Unreadable { path, source })
}

fn check(manifest: &str, name: &str, bytes: &[u8]) -> Result<(), ModelError> {
    let expected = manifest
        .lines()
        .filter_map(|line| line.split_once("  "))
        .find_map(|(digest, file)| (file == name).then_some(digest))
        .ok_or_else(|| ModelError::Unlisted { name: name.into() })?;
    let found = hex(&Sha256::digest(bytes));
    if found == expected {
        return Ok(());
    }
    Err(ModelError::Damaged { name: name.into(), found, expected: expected.into() })
}

fn version(manifest: &[u8]) -> String {
    hex(&Sha256::digest(manifest)[..6])
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a String can't fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
