//! The hub as its devices, programs and people meet it: through the router, on a store of its own. Stories are told on
//! both stores, which have to answer alike.

mod access;
mod anything;
mod audit;
mod begun;
mod bench;
mod browser;
mod claims;
mod classes;
mod counts;
mod crawl;
mod credentials;
mod details;
mod explain;
#[path = "../../../tests/postgres/audit.rs"]
mod figures;
mod inspections;
mod inventories;
mod late;
mod lists;
mod moments;
mod numbers;
mod pages;
mod passes;
mod people;
mod pictures;
mod portals;
mod postgres;
mod refusals;
mod revocation;
#[path = "../../../tests/postgres/server.rs"]
#[allow(dead_code, reason = "each test program uses its own part of it")]
mod server;
mod sessions;
mod set_up;
mod signatures;
#[path = "../../../tests/client/signer.rs"]
#[allow(dead_code, reason = "each test program uses its own part of it")]
mod signer;
mod story;
mod sync;
mod units;
mod workers;
