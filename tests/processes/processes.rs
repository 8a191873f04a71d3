//! The program as real processes: what the command line promises, and what a kill signal cannot break.

#[path = "../postgres/audit.rs"]
mod audit;
mod bad_input;
mod demo;
mod hubs;
mod people;
mod reach;
#[path = "../postgres/server.rs"]
#[allow(dead_code, reason = "each test program uses its own part of it")]
mod server;
mod shift;
#[path = "../client/signer.rs"]
#[allow(dead_code, reason = "each test program uses its own part of it")]
mod signer;
