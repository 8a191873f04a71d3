//! The device's store: one SQLite file, one writer, and everything that must survive a pulled battery.
//!
//! * `journal` is the append-only table of confirmations and the outbox in one: what the hub has not acknowledged is
//!   the part after a mark. Its rows are chained by hashes, see [`tallyman_floor::wire::chain`].
//! * `aside` names rows that do not go to the hub under their first place: damaged ones, and those written again
//!   under a later epoch.
//! * `session` is the worker's session, one packed row. `state` holds one row each for identity, marks, cursor and site rules.
//! * `sweep` and `swept_tag` are checkpoints of places that are being swept by RFID, until their facts are written.
//! * `pass` and `passed_tag` are the same of passes through portals.
//! * `trace` is a ring of steps. `task`, `item`, `item_code` and `location` are a cache of what the hub said.
//!
//! The file is created with mode 0600: it holds what workers did. A file that cannot be
//! opened is never replaced by an empty one; see [`set_aside`], and [`salvage`] for what can still be read of it.

mod appending;
mod begun;
mod caching;
mod catalogue;
mod checkpoints;
mod epochs;
mod facts;
mod links;
mod looking;
mod mark_rows;
mod moving;
mod numbers;
mod passes;
mod pruning;
mod reading;
mod recent;
mod salvage;
mod schema;
mod session_row;
mod set_aside;
mod site;
mod sqlite;
mod sweeps;
mod trace_rows;
mod trouble;
mod wishes;

pub use catalogue::{CatalogueError, StoreCatalogue};
pub use looking::Look;
pub use salvage::{SalvageError, Salvaged, salvage};
pub use schema::options;
pub use set_aside::{SetAsideError, set_aside};
pub use sqlite::{OpenStoreError, SqliteStore, Writing};
pub use wishes::CachedWishes;

#[cfg(test)]
pub(crate) mod tests;
