//! SQLite as this house uses it: files that know what they are, migrations that only go forward, and one
//! writer that answers after the disk has it.
//!
//! One process owns a file ([`Database::open`] takes its lock), one connection writes to it ([`Writer`]), any
//! number of read-only connections read it ([`open_reader`]). While a file is open it is never touched by
//! plain file I/O: closing any other descriptor of it in the same process would drop SQLite's POSIX locks
//! (<https://www.sqlite.org/howtocorrupt.html>, section 2.2).

mod engine;
mod error;
mod job;
mod kind;
mod lock;
mod migrate;
mod open;
mod settings;
mod write_error;
mod writer;

pub use error::OpenError;
pub use kind::FileKind;
pub use lock::{LockError, OwnerLock};
pub use migrate::{Migration, migrate_to, schema_version};
pub use open::{Database, SQLITE_VERSION_MIN, open_reader, quick_check};
pub use settings::{AutoVacuum, Options};
pub use write_error::{Death, WriteError};
pub use writer::{BATCH_JOBS_MAX, Checkpoint, Writer, WriterOptions, WriterStatus};
