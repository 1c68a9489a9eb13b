//! Opens a data folder: as a server in this process, or through the server that has it open.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use rapport_server::app::{App, Mode, SystemClock};
use rapport_server::config::Config;
use rapport_server::http;
use rapport_store::{EmbeddedStore, StoreError};

use crate::cli::client::Client;
use crate::cli::models;

/// Where a server leaves its address, in its data folder.
const ADDRESS: &str = "server.addr";

/// The configuration: the default, or that of a file.
///
/// # Errors
/// When the file can't be read or holds something unknown.
pub fn config(file: Option<&Path>) -> Result<Config> {
    Ok(match file {
        Some(file) => Config::read(file)?,
        None => Config::standard()?,
    })
}

/// The operator's key in a configuration file, if it has one.
///
/// # Errors
/// As [`config`].
pub fn operator_key(file: Option<&Path>) -> Result<Option<String>> {
    let key = config(file)?.server.operator_key.reveal().to_owned();
    Ok((!key.is_empty()).then_some(key))
}

/// The models folder: the one named, else the configuration's, else one in the user's cache.
///
/// # Errors
/// As [`config`], and where none is named and there is no home folder.
pub fn models_folder(named: Option<&Path>, config_file: Option<&Path>) -> Result<PathBuf> {
    match named {
        Some(folder) => Ok(folder.to_owned()),
        None => Ok(config(config_file)?.speech.folder()?),
    }
}

/// Opens everything over `data`, which is made if it is missing.
///
/// # Errors
/// When another process has the folder open, or something in it, the policy or the models can't be used.
pub fn app(data: &Path, config: Config, mode: Mode) -> Result<Arc<App>> {
    over(store(data)?, config, mode)
}

/// A server in this process over `data`: for loading and the like, where nobody else asks.
///
/// # Errors
/// When a server has the folder open, and as [`app`].
pub fn folder(data: &Path, config_file: Option<&Path>) -> Result<Client> {
    let store = EmbeddedStore::open(data).map_err(|problem| match (&problem, address(data)) {
        (StoreError::InUse(_), Some(url)) => {
            anyhow::anyhow!("a server has `{}` open; go through it with `--url {url}`", data.display())
        }
        _ => problem.into(),
    })?;
    local(store, config(config_file)?)
}

/// The same, or the server that has the folder open.
///
/// # Errors
/// When there is neither.
pub fn folder_or_its_server(data: &Path, config_file: Option<&Path>) -> Result<Client> {
    if !data.is_dir() {
        bail!("`{}` is no folder", data.display());
    }
    match EmbeddedStore::open(data) {
        Ok(store) => local(store, config(config_file)?),
        Err(problem @ StoreError::InUse(_)) => match address(data) {
            Some(url) => Client::remote(&url, operator_key(config_file)?),
            None => Err(problem.into()),
        },
        Err(problem) => Err(problem.into()),
    }
}

/// Leaves a server's address in its folder; the file goes when this is dropped.
#[derive(Debug)]
pub struct Address(PathBuf);

impl Address {
    /// Writes it.
    ///
    /// # Errors
    /// When the folder can't be written to.
    pub fn leave(data: &Path, url: &str) -> Result<Self> {
        let file = data.join(ADDRESS);
        std::fs::write(&file, url).with_context(|| format!("`{}` can't be written", file.display()))?;
        Ok(Self(file))
    }
}

impl Drop for Address {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

/// The address of the server that has `data` open, or had it open when it was killed.
fn address(data: &Path) -> Option<String> {
    std::fs::read_to_string(data.join(ADDRESS)).ok()
}

fn local(store: EmbeddedStore, config: Config) -> Result<Client> {
    let app = over(store, config, Mode { dev: true, demo: false })?;
    Client::local(http::router(Arc::clone(&app)), Some(app))
}

fn over(store: EmbeddedStore, config: Config, mode: Mode) -> Result<Arc<App>> {
    let words = Arc::new(models::of(&config)?);
    Ok(App::open(config, mode, Arc::new(store), words, Arc::new(SystemClock))?)
}

fn store(data: &Path) -> Result<EmbeddedStore> {
    Ok(EmbeddedStore::open(data)?)
}
