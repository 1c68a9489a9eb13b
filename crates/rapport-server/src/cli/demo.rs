//! `rapport demo`: the playground over a fresh sample world.

use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, Result};
use rapport_server::app::Mode;
use rapport_server::{http, log, playground};

use crate::cli::client::Client;
use crate::cli::load::{self, Input};
use crate::cli::serve::{self, demo_config};
use crate::cli::{open, output};

/// Serves the playground over a fresh sample world, and says which page to open.
///
/// The world is in a temporary folder that goes when the demo ends.
#[derive(clap::Args)]
pub struct Args {
    /// Address and port; port 0 takes a free one.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:7700")]
    listen: SocketAddr,
}

/// The sample world: the files of `rapport load`, compiled in.
const WORLD: [(&str, &str); 4] = [
    ("people.jsonl", include_str!("../../world/people.jsonl")),
    ("items.jsonl", include_str!("../../world/items.jsonl")),
    ("campaigns.jsonl", include_str!("../../world/campaigns.jsonl")),
    ("events.jsonl", include_str!("../../world/events.jsonl")),
];

/// Runs the command.
pub fn run(args: &Args) -> Result<ExitCode> {
    let config = demo_config(args.listen)?;
    config.check(true)?;
    log::start(rapport_server::config::Level::Warn);
    let folder = tempfile::tempdir().context("no temporary folder for the sample world")?;
    let mode = Mode { dev: true, demo: true };
    let app = open::app(folder.path(), config, mode)?;
    let router = http::router(Arc::clone(&app));
    output::note("loading the sample world");
    load_world(&Client::local(router.clone(), None)?)?;
    let page = playground::beside(router, Arc::clone(&app));
    serve::serve(&app, page, folder.path(), |address| {
        output::line(format!("listening on {address}"))?;
        output::line(format!("open http://{address}/ in a browser; Ctrl-C ends the demo"))
    })?;
    Ok(ExitCode::SUCCESS)
}

/// Loads the sample world the way `rapport load` does.
fn load_world(client: &Client) -> Result<()> {
    let inputs: Vec<Input> = WORLD.into_iter().map(|(name, text)| Input::text(name, text)).collect();
    let tally = load::load(client, &inputs)?;
    if tally.rejected > 0 {
        // The models judge the ads anew each time; a world with some campaigns less is still one to look at.
        output::note(format!(
            "{} lines of the sample world were rejected, the rest is there",
            tally.rejected
        ));
    }
    Ok(())
}
