//! Rapport's server: the use cases ([`app`]), their HTTP edge ([`http`]), configuration, metrics and log.
//!
//! A request comes in through [`http`], which knows routes, headers and problem documents, and is answered by one
//! method of [`app::App`], which knows neither.

pub mod app;
pub mod config;
pub mod http;
pub mod log;
mod metrics;
pub mod playground;

pub use metrics::Metrics;
