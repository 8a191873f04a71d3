//! The central server: it hands out tasks, takes confirmations, keeps the stock ledger, and shows people what happens.
//!
//! [`Hub`] is the door: opened from a [`HubConfig`], it serves the interface for devices ([`api`]) and the pages for
//! people ([`pages`]) over one store, the [`ledger`]; who may do what is decided at one place, [`access`]. Master data and
//! tasks come in as files ([`import`]).

pub mod access;
pub mod api;
mod backup_time;
mod challenge;
mod changes;
pub mod config;
pub mod explain;
mod guards;
mod hub;
pub mod import;
pub mod ledger;
mod limiter;
mod neighbours;
pub mod pages;
pub mod pictures;
mod queue;
mod source;
mod tls;

pub use config::HubConfig;
pub use hub::{GroupOrder, Hub, OpenHubError, Opening, Seams};
pub use import::{ImportError, ImportFile, ImportKind};
pub use ledger::sqlite::Threads;
pub use tls::{OwnCertificate, TlsError, make_certificate};

#[cfg(test)]
mod tests;
