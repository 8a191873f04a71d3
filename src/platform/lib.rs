//! What agent and hub share of the impure world: SQLite files and their one writer, configuration files,
//! clock, randomness, logs, TLS, folders and disk space.
//!
//! The rules of the work live elsewhere; this room knows no task and no code. Everything here can be replaced
//! by a deterministic twin, so that a simulator runs agent and hub on one thread and virtual time: the writer
//! runs inline ([`sqlite::Writer::inline`]), time comes from a [`clock::Clock`], chance from an
//! [`entropy::Entropy`].

pub mod ballast;
#[cfg(test)]
mod child;
pub mod clock;
pub mod config;
pub mod device_key;
pub mod disk;
pub mod entropy;
pub mod files;
pub mod image;
pub mod logs;
pub mod metrics;
pub mod paths;
pub mod service;
pub mod sqlite;
pub mod tls;
