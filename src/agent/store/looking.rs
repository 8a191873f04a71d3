//! Looking into a store without changing anything: the agent may be running.

use std::path::Path;

use rusqlite::OptionalExtension as _;
use tallyman_platform::sqlite;

use crate::seams::{Identity, StoreError};

use super::catalogue::CatalogueError;
use super::mark_rows::{self, IdentityForm, Name};
use super::trouble::{Trouble, integer};
use super::{options, trace_rows};

/// What a store says of the steps that were taken.
#[derive(Debug)]
pub struct Look {
    reader: rusqlite::Connection,
}

impl Look {
    /// Opens a store to look into it.
    ///
    /// # Errors
    /// Why it cannot be read, as where it is no agent's store.
    pub fn into(path: &Path) -> Result<Self, CatalogueError> {
        let reader = sqlite::open_reader(path, &options())?;
        Ok(Self { reader })
    }

    /// Whose store it is; `None` before enrolment.
    ///
    /// # Errors
    /// [`StoreError::Unreadable`].
    pub fn identity(&self) -> Result<Option<Identity>, StoreError> {
        let form = mark_rows::get_form::<IdentityForm>(&self.reader, Name::Identity)?;
        Ok(form.map(Identity::from))
    }

    /// The trace entries, by their numbers.
    ///
    /// # Errors
    /// [`StoreError::Unreadable`].
    pub fn traces(&self) -> Result<Vec<(u64, String)>, StoreError> {
        let rows = trace_rows::after(&self.reader, 0, usize::MAX).map_err(Trouble::from)?;
        Ok(rows.into_iter().map(|row| (row.number, row.input)).collect())
    }

    /// The epoch and the body of a record, of the newest epoch that has one where none is given.
    ///
    /// # Errors
    /// [`StoreError::Unreadable`].
    pub fn record(&self, epoch: Option<u32>, seq: u64) -> Result<Option<(u32, String)>, StoreError> {
        const RECORD: &str = "SELECT epoch, body FROM journal WHERE (?1 IS NULL OR epoch = ?1) AND seq = ?2
             ORDER BY epoch DESC LIMIT 1";
        let row = self.reader.query_row(RECORD, (epoch, integer(seq)), |row| {
            Ok((row.get(0)?, row.get(1)?))
        });
        Ok(row.optional().map_err(Trouble::from)?)
    }
}
