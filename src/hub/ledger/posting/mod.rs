//! Posting: from the facts of some batches to the rows they become, in memory and apart from any database.
//!
//! A store asks its database little and at once, and leaves the thinking to this module:
//!
//! 1. A batch is read ([`ReadBatch`]) before anything is locked.
//! 2. The store locks what it has to, and reads where the hub stands ([`Standing`]) and what the facts name
//!    ([`Wanted`]) into an [`Excerpt`] of the ledger.
//! 3. The new records are prepared ([`Excerpt::prepare`]): their pairs tell which balances matter ([`More`]).
//! 4. [`Posting`] takes record after record on the excerpt, each with what those before it changed, and gives [`Rows`].
//! 5. The store writes the rows and commits.
//!
//! So both stores post alike by construction, and neither pays a statement for each question of each record.

mod adjustment;
mod batch;
mod count;
mod excerpt;
mod load;
mod post;
mod reversal;
mod rows;
mod units;

pub use adjustment::{CountKey, adjustment};
pub use batch::{Aside, Content, Earlier, Hold, Marks, ReadBatch, ReadRecord, Sifted, Standing};
pub use excerpt::{
    BalanceKey, BinKey, Excerpt, More, Original, PlannedLine, PlannedTask, Prepared, Progress, RecordKey,
    Wanted,
};
pub use post::{LEFT_OUT, Posting, SET_ASIDE};
pub use rows::{
    Cause, CountRow, EntryRow, ExceptionRow, ForkRow, JournalRow, LinkedCode, Numbers, PostedPair, Rows,
    outcome, post_documents,
};
pub use units::{UnitRow, Units, contents_of};
