//! Salvage of a damaged store: what can still be read of it goes into a new one, and the damaged file is kept.
//!
//! A damaged page hides the rows on it, and every row behind it from a reader that stops at the first error. Here the
//! journal is read from both sides of each damage. Rows are taken as they lie, under the places they had: what is
//! missing between them, and what the hub has beyond their end, sync finds by itself, and the journal goes on in a new
//! epoch then (see [`super::epochs`]). The cache of tasks is left behind; the hub sends it again, and what
//! this device began itself is in the journal.

use std::io;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use rusqlite::{Connection, OpenFlags, Transaction, params};
use tallyman_floor::wire::chain::ChainHash;
use tallyman_platform::sqlite::Database;

use crate::seams::{Identity, Place, SyncMarks};

use super::mark_rows::{self, IdentityForm, MarksForm, Name};
use super::reading::JournalRow;
use super::set_aside::{SetAsideError, set_aside, with_suffix};
use super::trouble::{Trouble, integer};
use super::{begun, options, reading, session_row};

/// Places tried one by one behind a damage before larger steps are taken: a page holds a handful of rows, a page of
/// pages some hundreds of them.
const PROBES_ONE_BY_ONE: u64 = 4_096;

/// A place further than this behind the one before it was never given: no journal loses so many rows and has more.
const GAP_ROWS_MAX: u64 = 100_000;

/// Rows read in one go.
const ROWS_MAX: usize = 500;

/// What was saved, and what was not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Salvaged {
    /// The damaged file's new name.
    pub aside: PathBuf,
    /// Who the device is.
    pub device: String,
    /// Records in the new store.
    pub records: u64,
    /// Records that could not be read and that the hub had not acknowledged, as ranges of their places in the journal's
    /// epoch. What lay behind the last readable record nobody can count.
    pub lost: Vec<RangeInclusive<u64>>,
    /// Records that were read and whose bytes no longer match their hash; the hub will keep them aside.
    pub damaged: u64,
    /// Whether the worker's session could be read.
    pub session: bool,
}

/// Why nothing could be saved. The damaged store is there, under the name that is said.
#[derive(Debug, thiserror::Error)]
pub enum SalvageError {
    /// The store could not be set aside first.
    #[error(transparent)]
    SetAside(#[from] SetAsideError),
    /// The row that says who the device is cannot be read: nobody could vouch for its records.
    #[error(
        "who this device is cannot be read from {}: {cause}. The file is kept; the device has to be enrolled anew, and \
         its records need a person with SQLite's own `.recover`.",
        .aside.display()
    )]
    Identity {
        /// The damaged file's new name.
        aside: PathBuf,
        /// What is wrong.
        cause: String,
    },
    /// The new store could not be made.
    #[error("{} is kept; no new store could be made: {cause}", .aside.display())]
    NewStore {
        /// The damaged file's new name.
        aside: PathBuf,
        /// Why.
        cause: String,
    },
    /// The new store could not be filled.
    #[error("{} is kept; the new store could not be filled: {cause}", .aside.display())]
    Filling {
        /// The damaged file's new name.
        aside: PathBuf,
        /// Why.
        cause: String,
    },
    /// The copy to read from could not be made.
    #[error("{} is kept; it could not be copied for reading: {cause}", .aside.display())]
    Copy {
        /// The damaged file's new name.
        aside: PathBuf,
        /// Why.
        cause: io::Error,
    },
}

/// Sets the store at `path` aside and makes a new one of what can be read of it.
///
/// # Errors
/// [`SalvageError`] says what could not be done and where the damaged file is.
pub fn salvage(path: &Path, now: Timestamp) -> Result<Salvaged, SalvageError> {
    let aside = set_aside(path, now)?;
    // Reading a log takes part of it up into the file: the copy changes, the evidence does not.
    let copy = Copy::of(&aside).map_err(|cause| SalvageError::Copy {
        aside: aside.clone(),
        cause,
    })?;
    let unreadable = |cause: String| SalvageError::Identity {
        aside: aside.clone(),
        cause,
    };
    let old = copy.open().map_err(|error| unreadable(error.to_string()))?;
    let identity: Identity = match mark_rows::get_form::<IdentityForm>(&old, Name::Identity) {
        Ok(Some(identity)) => identity.into(),
        Ok(None) => return Err(unreadable("it was never enrolled".to_owned())),
        Err(trouble) => return Err(unreadable(trouble.to_string())),
    };
    let mut new = Database::open(path, &options()).map_err(|cause| SalvageError::NewStore {
        aside: aside.clone(),
        cause: cause.to_string(),
    })?;
    let filling = |cause: Trouble| SalvageError::Filling {
        aside: aside.clone(),
        cause: cause.to_string(),
    };
    let transaction = new
        .connection_mut()
        .transaction()
        .map_err(|error| filling(error.into()))?;
    let mut salvaged = Salvaged {
        aside: aside.clone(),
        device: identity.device.clone(),
        records: 0,
        lost: Vec::new(),
        damaged: 0,
        session: false,
    };
    fill(&old, &transaction, &identity, &mut salvaged).map_err(filling)?;
    transaction.commit().map_err(|error| filling(error.into()))?;
    Ok(salvaged)
}

fn fill(
    old: &Connection,
    new: &Transaction<'_>,
    identity: &Identity,
    salvaged: &mut Salvaged,
) -> Result<(), Trouble> {
    mark_rows::put_form(new, Name::Identity, &IdentityForm::from(identity))?;
    if let Some(session) = session_row::salvage(old) {
        session_row::put(new, &session)?;
        salvaged.session = true;
    }
    let moved = moved(old);
    // A row of an earlier epoch may have been written again under a later one. Where that cannot be known, sending it to a
    // restored hub could count it twice, so it stays in the file that is kept.
    let first_epoch = if moved.is_ok() { 1 } else { identity.epoch };
    for epoch in first_epoch..=identity.epoch {
        let rows = rows(old, epoch);
        for row in &rows {
            insert(new, epoch, row)?;
            let place = Place { epoch, seq: row.seq };
            begun::follow_text(new, place, &row.body)?;
        }
        salvaged.records += rows.len() as u64;
        // What an earlier epoch had is at the hub, or was written again at the start of a later one.
        if epoch == identity.epoch {
            let applied = applied_seq(old, epoch).or(rows.first().map(|row| row.seq - 1));
            let after = Place {
                epoch,
                seq: applied.unwrap_or(0),
            };
            salvaged.lost = gaps(after.seq, &rows);
            salvaged.damaged = reading::damaged(new, &identity.device, after)?.len() as u64;
        }
    }
    for row in moved.unwrap_or_default() {
        new.prepare_cached("INSERT INTO moved (epoch, seq, epoch_new, seq_new) VALUES (?1, ?2, ?3, ?4)")?
            .execute(row)?;
    }
    Ok(())
}

/// Which records were written again under a later epoch.
fn moved(old: &Connection) -> rusqlite::Result<Vec<[i64; 4]>> {
    old.prepare("SELECT epoch, seq, epoch_new, seq_new FROM moved")?
        .query_map([], |row| Ok([row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?]))?
        .collect()
}

/// What the hub has acknowledged of an epoch, as noted last; `None` where that cannot be read.
fn applied_seq(old: &Connection, epoch: u32) -> Option<u64> {
    let marks = mark_rows::get_form::<MarksForm>(old, Name::Marks).ok()?;
    let applied = marks
        .map(|marks| SyncMarks::from(marks).applied)
        .unwrap_or_default();
    Some(if applied.epoch == epoch { applied.seq } else { 0 })
}

/// The places after `after` that no row has, up to the last row.
fn gaps(after: u64, rows: &[JournalRow]) -> Vec<RangeInclusive<u64>> {
    let mut gaps = Vec::new();
    let mut wanted = after + 1;
    for row in rows.iter().filter(|row| row.seq > after) {
        if row.seq > wanted {
            gaps.push(wanted..=row.seq - 1);
        }
        wanted = row.seq + 1;
    }
    gaps
}

fn insert(new: &Connection, epoch: u32, row: &JournalRow) -> Result<(), Trouble> {
    // A hash that is none is no proof of anything; one of zeros makes the record a damaged one, which the hub keeps aside.
    let hash = row.hash.unwrap_or(ChainHash::START);
    new.prepare_cached("INSERT OR IGNORE INTO journal (epoch, seq, hash, body) VALUES (?1, ?2, ?3, ?4)")?
        .execute(params![epoch, integer(row.seq), hash.as_bytes(), row.body])?;
    Ok(())
}

/// All rows of an epoch that can be read, by seq.
fn rows(old: &Connection, epoch: u32) -> Vec<JournalRow> {
    let mut rows = Vec::new();
    let mut after = 0;
    loop {
        match reading::rows_after(old, Place { epoch, seq: after }, ROWS_MAX) {
            Ok(found) if found.is_empty() => return rows,
            Ok(found) => {
                let begins = after;
                after = found.last().map_or(after, |row| row.seq);
                // A page that lies about its rows gives places that never were.
                let is_likely = |row: &JournalRow| row.seq.saturating_sub(begins) <= GAP_ROWS_MAX;
                let count = found.len();
                rows.extend(found.into_iter().filter(is_likely));
                if count < ROWS_MAX {
                    return rows;
                }
            }
            // One of these rows is on a damaged page, or the way to it is.
            Err(_) => match next_readable(old, epoch, after) {
                Some(row) if row.seq - after <= GAP_ROWS_MAX => {
                    after = row.seq;
                    rows.push(row);
                }
                _ => return rows,
            },
        }
    }
}

/// The first row behind `after` that can be read.
fn next_readable(old: &Connection, epoch: u32, after: u64) -> Option<JournalRow> {
    let (mut step, mut probe) = (1, after);
    loop {
        match reading::rows_after(old, Place { epoch, seq: probe }, 1) {
            Ok(mut found) => return found.pop(),
            Err(_) if probe - after < PROBES_ONE_BY_ONE => probe += 1,
            Err(_) => {
                step *= 2;
                // No journal is that long: the damage reaches to its end.
                probe = probe
                    .checked_add(step)
                    .filter(|probe| i64::try_from(*probe).is_ok())?;
            }
        }
    }
}

/// A copy of the damaged file with its log, to read from; gone when dropped.
struct Copy {
    path: PathBuf,
}

impl Copy {
    fn of(aside: &Path) -> io::Result<Self> {
        let copy = Self {
            path: with_suffix(aside, ".reading"),
        };
        for suffix in ["", "-wal"] {
            let from = with_suffix(aside, suffix);
            if from.exists() {
                std::fs::copy(&from, with_suffix(&copy.path, suffix))?;
            }
        }
        Ok(copy)
    }

    fn open(&self) -> rusqlite::Result<Connection> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(&self.path, flags)?;
        // Every page says for itself whether it can be read; the file is not ours to trust.
        connection.pragma_update(None, "trusted_schema", false)?;
        connection.pragma_update(None, "cell_size_check", true)?;
        Ok(connection)
    }
}

impl Drop for Copy {
    fn drop(&mut self) {
        for suffix in ["", "-wal", "-shm"] {
            // A copy that stays behind costs room and nothing else.
            let _ = std::fs::remove_file(with_suffix(&self.path, suffix));
        }
    }
}
