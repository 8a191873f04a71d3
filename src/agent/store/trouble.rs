//! What can go wrong inside the store, with SQLite's own error kept: the writer looks at it to tell a full disk from
//! a failed one.

use crate::seams::StoreError;

/// Why a job of the store failed.
#[derive(Debug, thiserror::Error)]
pub(super) enum Trouble {
    /// The store itself says no.
    #[error(transparent)]
    Refused(#[from] StoreError),
    /// SQLite says no.
    #[error(transparent)]
    Sqlite(#[from] rusqlite::Error),
}

impl Trouble {
    /// What is stored cannot be what was stored.
    pub(super) fn damaged(what: impl Into<String>) -> Self {
        Self::Refused(StoreError::Unreadable(what.into()))
    }
}

impl From<Trouble> for StoreError {
    fn from(trouble: Trouble) -> Self {
        match trouble {
            Trouble::Refused(error) => error,
            Trouble::Sqlite(error) => Self::Unreadable(error.to_string()),
        }
    }
}

/// A count or place as SQLite keeps it. Larger ones are not reached: a device that scans a thousand times a second
/// would need 292 million years.
pub(super) fn integer(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// A count or place as SQLite gives it; a negative one is damage, and stands before everything.
pub(super) fn natural(integer: i64) -> u64 {
    u64::try_from(integer).unwrap_or(0)
}
