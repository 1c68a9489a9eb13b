//! Serving until told to stop, and the work behind the requests.

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::app::App;
use crate::config::ConfigError;

/// Why serving failed.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The configuration is not safe to serve.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The address can't be listened on.
    #[error("`{address}` can't be listened on: {source}; choose another with `--listen`")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the system says.
        source: std::io::Error,
    },
    /// The socket failed.
    #[error("serving failed: {0}")]
    Socket(#[from] std::io::Error),
    /// The last writes failed.
    #[error("the store did not close: {0}")]
    Close(#[from] rapport_store::StoreError),
}

/// Serves `router` until `stop` is ready or the process is told to (SIGINT, SIGTERM), then finishes what is under
/// way, writes profiles and closes the store. `ready` hears the address that is listened on.
///
/// # Errors
/// When the configuration is not safe, the address is taken, or the store does not close.
pub async fn serve(
    app: Arc<App>,
    router: Router,
    stop: impl Future<Output = ()> + Send + 'static,
    ready: impl FnOnce(SocketAddr),
) -> Result<(), ServeError> {
    let server = &app.config().server;
    app.config().check(app.mode().dev)?;
    let address = server.listen;
    let listener =
        TcpListener::bind(address).await.map_err(|source| ServeError::Listen { address, source })?;
    let (tell, told) = watch::channel(false);
    let behind = tokio::task::spawn(keep_up(Arc::clone(&app), told.clone()));
    ready(listener.local_addr()?);
    let signal = async move {
        tokio::select! {
            () = stop => {}
            () = interrupted() => {}
        }
        tracing::info!("stopping");
        let _ = tell.send(true);
    };
    let grace = Duration::from_millis(server.shutdown_grace_ms);
    let serving = axum::serve(listener, router).with_graceful_shutdown(signal);
    let mut overdue = told;
    tokio::select! {
        served = serving.into_future() => served?,
        () = async { let _ = overdue.wait_for(|stop| *stop).await; tokio::time::sleep(grace).await } => {
            tracing::warn!("requests were still under way when the time to finish ended");
        }
    }
    let _ = behind.await;
    let closing = Arc::clone(&app);
    match tokio::task::spawn_blocking(move || closing.close()).await {
        Ok(closed) => Ok(closed?),
        Err(_) => Err(ServeError::Socket(std::io::Error::other("the store did not close"))),
    }
}

/// Writes profiles behind the log and counts what is popular, until told to stop.
async fn keep_up(app: Arc<App>, mut told: watch::Receiver<bool>) {
    let checkpoint_every = Duration::from_millis(app.config().people.checkpoint_every_ms.max(10));
    let popular_every = Duration::from_millis(app.config().catalog.popular_every_ms.max(10));
    let mut checkpoints = tokio::time::interval(checkpoint_every);
    let mut popular = tokio::time::interval(popular_every);
    let prune_every = Duration::from_secs(60 * app.config().retention.every_minutes.max(1));
    let mut prune = tokio::time::interval(prune_every);
    loop {
        tokio::select! {
            _ = told.changed() => return,
            _ = checkpoints.tick() => {
                run(&app, |app| if let Err(error) = app.checkpoint() {
                    tracing::warn!(%error, "profiles were not written and will be tried again");
                }).await;
            }
            _ = prune.tick(), if !app.mode().dev => {
                run(&app, |app| if let Err(error) = app.prune(app.clock().now()) {
                    tracing::warn!(%error, "old receipts were not removed and will be tried again");
                }).await;
            }
            // With `--dev` a request may bring any clock, and counts by it.
            _ = popular.tick(), if !app.mode().dev => {
                run(&app, |app| app.refresh_popular(app.clock().now())).await;
            }
        }
    }
}

async fn run(app: &Arc<App>, work: impl FnOnce(&App) + Send + 'static) {
    let app = Arc::clone(app);
    // A round that failed is tried again by the next.
    let _ = tokio::task::spawn_blocking(move || work(&app)).await;
}

#[cfg(unix)]
async fn interrupted() {
    use tokio::signal::unix::{SignalKind, signal};
    match signal(SignalKind::terminate()) {
        Ok(mut terminate) => tokio::select! {
            _ = terminate.recv() => {}
            _ = tokio::signal::ctrl_c() => {}
        },
        Err(_) => {
            let _ = tokio::signal::ctrl_c().await;
        }
    }
}

#[cfg(not(unix))]
async fn interrupted() {
    let _ = tokio::signal::ctrl_c().await;
}
