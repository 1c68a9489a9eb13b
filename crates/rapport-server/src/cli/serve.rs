//! `rapport serve`: the server.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Result;
use axum::Router;
use rapport_server::app::{App, Mode};
use rapport_server::config::Config;
use rapport_server::{http, log};

use crate::cli::open::Address;
use crate::cli::{open, output};

/// Serves the HTTP API; prints `listening on ADDR` once ready.
#[derive(clap::Args)]
pub struct Args {
    /// The data folder; made if it is missing.
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// Address and port; port 0 takes a free one.
    #[arg(long, value_name = "ADDR")]
    listen: Option<SocketAddr>,
    /// For developing: loopback only, no key, and requests may bring their own clock, seed and policy.
    #[arg(long)]
    dev: bool,
    /// A preset (`announced`, `careful`) or a policy's folder.
    #[arg(long, value_name = "NAME|DIR")]
    policy: Option<String>,
    /// A configuration file: it changes the keys of the default that it names.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

/// Runs the command.
pub fn run(args: &Args) -> Result<ExitCode> {
    let mut config = open::config(args.config.as_deref())?;
    if let Some(listen) = args.listen {
        config.server.listen = listen;
    }
    if let Some(policy) = &args.policy {
        config.policy.name.clone_from(policy);
    }
    let mode = Mode { dev: args.dev, demo: false };
    config.check(args.dev)?;
    log::start(config.log.level);
    let app = open::app(&args.data, config, mode)?;
    serve(&app, http::router(Arc::clone(&app)), &args.data, |address| {
        output::line(format!("listening on {address}"))
    })?;
    Ok(ExitCode::SUCCESS)
}

/// Serves until told to stop; `ready` is told the address.
///
/// # Errors
/// When the address can't be listened on, or the store does not close.
pub fn serve(
    app: &Arc<App>,
    router: Router,
    data: &Path,
    ready: impl FnOnce(SocketAddr) -> std::io::Result<()>,
) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let mut left = None;
    let told = |address: SocketAddr| {
        left = Some(Address::leave(data, &format!("http://{address}")));
        // Nobody reads along: the server serves all the same.
        let _ = ready(address);
    };
    let never = std::future::pending();
    let served = runtime.block_on(http::serve(Arc::clone(app), router, never, told));
    if let Some(Err(problem)) = left {
        output::note(format!("`erase` and `why` won't find this server: {problem:#}"));
    }
    Ok(served?)
}

/// The configuration of a demo.
///
/// # Errors
/// Never in practice.
pub fn demo_config(listen: SocketAddr) -> Result<Config> {
    let mut config = open::config(None)?;
    config.server.listen = listen;
    Ok(config)
}
