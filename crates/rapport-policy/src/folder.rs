//! The texts of a policy: a folder on disk, or one of the presets compiled in.

use std::path::Path;

use sha2::{Digest, Sha256};

use crate::PolicyError;

/// The policies that ship, by name.
pub const PRESETS: &[&str] = &["announced", "careful"];

/// One text of a policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyFile {
    /// From the policy's folder, with `/`, for example `policy/forbid.cedar`.
    pub path: String,
    /// The text.
    pub text: String,
}

/// All texts of a policy.
#[derive(Clone, Debug)]
pub(crate) struct Folder {
    /// Rules, in the order of their file names.
    pub rules: Vec<PolicyFile>,
    /// Laws, likewise.
    pub laws: Vec<PolicyFile>,
    /// What rules may read.
    pub schema: PolicyFile,
    /// Name, notice, regions.
    pub data: PolicyFile,
}

macro_rules! preset {
    ($name:literal) => {
        Folder {
            rules: vec![preset!($name, "policy/forbid.cedar"), preset!($name, "policy/permit.cedar")],
            laws: vec![preset!($name, "laws/never.cedar")],
            schema: preset!($name, "schema.cedarschema"),
            data: preset!($name, "data.json"),
        }
    };
    ($name:literal, $path:literal) => {
        PolicyFile {
            path: $path.to_owned(),
            text: include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../policies/", $name, "/", $path))
                .to_owned(),
        }
    };
}

impl Folder {
    pub(crate) fn preset(name: &str) -> Result<Self, PolicyError> {
        match name {
            "announced" => Ok(preset!("announced")),
            "careful" => Ok(preset!("careful")),
            _ => Err(PolicyError::NoSuchPolicy { name: name.to_owned() }),
        }
    }

    pub(crate) fn read(dir: &Path) -> Result<Self, PolicyError> {
        Ok(Self {
            data: read(dir, "data.json")?,
            schema: read(dir, "schema.cedarschema")?,
            rules: read_cedar(dir, "policy")?,
            laws: read_cedar(dir, "laws")?,
        })
    }

    /// Every text, in a fixed order.
    pub(crate) fn files(&self) -> impl Iterator<Item = &PolicyFile> {
        [&self.data, &self.schema].into_iter().chain(&self.rules).chain(&self.laws)
    }

    /// Eight hexadecimal digits over all that decides. Laws are left out: they check a policy and change no answer.
    pub(crate) fn digest(&self) -> String {
        let mut hash = Sha256::new();
        for file in [&self.data, &self.schema].into_iter().chain(&self.rules) {
            for part in [&file.path, &file.text] {
                hash.update((part.len() as u64).to_le_bytes());
                hash.update(part);
            }
        }
        hash.finalize().iter().take(4).map(|byte| format!("{byte:02x}")).collect()
    }
}

fn read(dir: &Path, path: &str) -> Result<PolicyFile, PolicyError> {
    let file = dir.join(path);
    match std::fs::read_to_string(&file) {
        // One policy has one version, whatever line ends a checkout gave it.
        Ok(text) => Ok(PolicyFile { path: path.to_owned(), text: text.replace("\r\n", "\n") }),
        Err(source) => Err(PolicyError::Unreadable { file, source }),
    }
}

fn read_cedar(dir: &Path, sub: &str) -> Result<Vec<PolicyFile>, PolicyError> {
    let folder = dir.join(sub);
    let unreadable = |source| PolicyError::Unreadable { file: folder.clone(), source };
    let mut names = Vec::new();
    for entry in std::fs::read_dir(&folder).map_err(unreadable)? {
        let name = entry.map_err(unreadable)?.file_name();
        if let Some(name) = name.to_str().filter(|name| name.ends_with(".cedar") && !name.starts_with('.')) {
            names.push(name.to_owned());
        }
    }
    names.sort();
    if names.is_empty() {
        return Err(PolicyError::NoCedarFile { folder });
    }
    names.iter().map(|name| read(dir, &format!("{sub}/{name}"))).collect()
}
