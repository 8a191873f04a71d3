//! Checked backups: a copy of the store that was read again and found whole before anything depends on it.

use std::path::{Path, PathBuf};

use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, params};
use tallyman_platform::files;
use tallyman_platform::sqlite::{Options, open_reader, quick_check};

use super::verify;
use crate::ledger::proof::DeviceMark;
use crate::ledger::views::Backup;
use crate::ledger::{LedgerError, Proof};

/// What the name of every backup starts with; only files named so are ever removed.
const NAME_PREFIX: &str = "hub-";
/// What the name of every backup ends with.
const NAME_SUFFIX: &str = ".db";
/// What the name of a copy ends with before it is checked.
const UNFINISHED_SUFFIX: &str = ".db.unfinished";
/// What SQLite writes beside such a copy.
const UNFINISHED_JOURNAL_SUFFIX: &str = ".db.unfinished-journal";
/// A copy that was not finished in so long never will be; another program may still be making a younger one.
const UNFINISHED: SignedDuration = SignedDuration::from_hours(24);

/// A folder that is made for backups is for its owner alone: a copy holds what the store holds.
const FOLDER_MODE: u32 = 0o700;

/// A copy that passed its check, and the marks it holds.
pub(super) struct Copied {
    pub(super) backup: Backup,
    pub(super) marks: Vec<DeviceMark>,
}

/// Copies the store, reads the copy again and checks it whole, and makes it durable under its final name.
pub(super) fn copy(
    store: &Path,
    options: &Options,
    folder: &Path,
    now: Timestamp,
) -> Result<Copied, LedgerError> {
    let name = name_of(now);
    let file = folder.join(&name);
    let unfinished = folder.join(name.replace(NAME_SUFFIX, UNFINISHED_SUFFIX));
    let failed = |cause: String| LedgerError::Backup {
        file: file.display().to_string(),
        cause,
    };
    files::create_folder(folder, FOLDER_MODE).map_err(|error| failed(error.to_string()))?;
    remove(&unfinished);
    let copied = write_copy(store, options, &unfinished)
        .and_then(|()| check_copy(&unfinished, options))
        .and_then(|found| make_durable(&unfinished, &file, folder).map(|bytes| (found, bytes)));
    match copied {
        Ok(((proof, marks), bytes)) => Ok(Copied {
            backup: Backup { file, bytes, proof },
            marks,
        }),
        Err(cause) => {
            remove(&unfinished);
            Err(failed(cause))
        }
    }
}

fn write_copy(store: &Path, options: &Options, to: &Path) -> Result<(), String> {
    let reader = open_reader(store, options).map_err(|error| error.to_string())?;
    // The reader may not write, not even into another file, unless told so; the store itself it cannot write to.
    reader
        .pragma_update(None, "query_only", false)
        .map_err(|error| error.to_string())?;
    let to = to.to_str().ok_or("the folder's name is not UTF-8")?;
    reader
        .execute("VACUUM INTO ?1", [to])
        .map_err(|error| error.to_string())?;
    end_life(to).map_err(|error| error.to_string())
}

/// Takes the name of its life from the copy: a hub that starts from it is another one than the hub that went on, and
/// its devices have to ask where it stands. It gets a name when it starts, for it may be started from more than once.
fn end_life(copy: &str) -> rusqlite::Result<()> {
    Connection::open(copy)?.execute("UPDATE hub SET generation = ''", [])?;
    Ok(())
}

fn check_copy(copy: &Path, options: &Options) -> Result<(Proof, Vec<DeviceMark>), String> {
    let found = {
        let reader = open_reader(copy, options).map_err(|error| error.to_string())?;
        quick_check(&reader).map_err(|error| error.to_string())?;
        let proof = verify::verify(&reader).map_err(|error| error.to_string())?;
        let marks = verify::marks(&reader).map_err(|error| error.to_string())?;
        (proof, marks)
    };
    if found.0.holds() {
        return Ok(found);
    }
    Err(format!("the copy does not hold: {}", found.0.findings.join(" ")))
}

/// Only after the copy is closed: no other descriptor of a file that SQLite has open.
fn make_durable(unfinished: &Path, file: &Path, folder: &Path) -> Result<u64, String> {
    let sync = |path: &Path| std::fs::File::open(path).and_then(|file| file.sync_all().map(|()| file));
    let synced = sync(unfinished).map_err(|error| error.to_string())?;
    let bytes = synced.metadata().map_err(|error| error.to_string())?.len();
    std::fs::rename(unfinished, file).map_err(|error| error.to_string())?;
    sync(folder).map_err(|error| error.to_string())?;
    Ok(bytes)
}

/// Moves the stable marks to what a backup holds, and notes the backup.
pub(super) fn note(
    tx: &Connection,
    backup: &Backup,
    marks: &[DeviceMark],
    now: Timestamp,
) -> rusqlite::Result<()> {
    for mark in marks {
        tx.execute(
            "UPDATE device_epoch SET stable_seq = max(stable_seq, ?4) WHERE site = ?1 AND device = ?2 AND epoch = ?3",
            params![mark.site, mark.device, mark.epoch, mark.applied_seq],
        )?;
    }
    let name = backup.file.display().to_string();
    tx.execute(
        "UPDATE hub SET backup_us = ?1, backup_file = ?2",
        params![now.as_microsecond(), name],
    )?;
    Ok(())
}

/// Removes the oldest backups but `keep`, and what power cuts have left of unfinished ones. What cannot be removed stays
/// and is tried again next time.
///
/// Names sort by the hub's clock, which may have been wrong: the backup that was made just now is the one that the
/// stable marks rest on, and stays whatever its name.
pub(super) fn prune(folder: &Path, newest: &Path, keep: usize, now: Timestamp) {
    let mut files = named_so(folder, NAME_SUFFIX);
    files.retain(|file| file != newest);
    files.sort();
    let surplus = files.len().saturating_sub(keep.saturating_sub(1));
    files.iter().take(surplus).for_each(|file| remove(file));
    let Ok(abandoned) = now.checked_sub(UNFINISHED) else {
        return;
    };
    let abandoned = folder.join(name_of(abandoned));
    for suffix in [UNFINISHED_SUFFIX, UNFINISHED_JOURNAL_SUFFIX] {
        let files = named_so(folder, suffix).into_iter();
        files
            .filter(|file| *file < abandoned)
            .for_each(|file| remove(&file));
    }
}

fn name_of(now: Timestamp) -> String {
    format!("{NAME_PREFIX}{}{NAME_SUFFIX}", now.strftime("%Y%m%dT%H%M%S%.fZ"))
}

/// Files that the hub has made, with this end of their names.
fn named_so(folder: &Path, suffix: &str) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return Vec::new();
    };
    let is_named_so = |path: &PathBuf| {
        let name = path.file_name().and_then(|name| name.to_str());
        name.is_some_and(|name| name.starts_with(NAME_PREFIX) && name.ends_with(suffix))
    };
    entries
        .flatten()
        .map(|entry| entry.path())
        .filter(is_named_so)
        .collect()
}

fn remove(file: &Path) {
    match std::fs::remove_file(file) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            tracing::warn!(file = %file.display(), %error, "an old backup could not be removed");
        }
        _ => {}
    }
}
