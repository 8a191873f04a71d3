//! Which pictures the cached tasks want: those of the task that is open, then of those that this device holds, then of
//! those at the top of the list. It reads by a connection of its own, so that nothing else waits for it.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use rusqlite::Connection;
use tallyman_floor::{PictureId, TaskId};
use tallyman_platform::sqlite;

use crate::seams::StoreError;
use crate::seams::pictures::PictureWishes;

use super::mark_rows::{self, IdentityForm, Name};
use super::trouble::Trouble;

/// Open tasks that are looked at for whether this device holds them.
const TASKS_LOOKED_AT_MAX: usize = 500;

/// Tasks whose pictures are wanted: what a list shows, and the work of a shift that was taken along.
const TASKS_MAX: usize = 60;

/// Held tasks before the others, each by urgency as the list has them.
const TASKS: &str = "
    SELECT id FROM (
        SELECT id, reference, priority, json_extract(body, '$.claim.device') IS ?1 AS is_held
        FROM task WHERE open = 1 ORDER BY priority DESC, reference, id LIMIT ?2
    ) ORDER BY is_held DESC, priority DESC, reference, id LIMIT ?3";

/// The pictures of a task's lines that are not closed, in their order.
const PICTURES: &str = "
    SELECT json_extract(item.body, '$.picture') AS picture
    FROM task, json_each(task.body, '$.lines') AS line
    JOIN item ON item.id = json_extract(line.value, '$.item')
    WHERE task.id = ?1 AND picture IS NOT NULL AND json_extract(line.value, '$.closed') IS NOT 1
    ORDER BY line.key LIMIT ?2";

/// Reads what is wanted out of a store.
#[derive(Debug)]
pub struct CachedWishes {
    path: PathBuf,
    reader: Mutex<Option<Connection>>,
}

impl CachedWishes {
    /// Of the store at this path; it is opened when somebody asks.
    pub fn of(path: &Path) -> Self {
        Self {
            path: path.to_path_buf(),
            reader: Mutex::new(None),
        }
    }
}

impl PictureWishes for CachedWishes {
    fn wishes(&self, open: Option<&TaskId>, pictures_max: usize) -> Result<Vec<PictureId>, StoreError> {
        let mut reader = self.reader.lock().unwrap_or_else(PoisonError::into_inner);
        let connection = match reader.take() {
            Some(connection) => connection,
            None => sqlite::open_reader(&self.path, &super::options())
                .map_err(|error| StoreError::Unreadable(error.to_string()))?,
        };
        let wishes = read(&connection, open, pictures_max)?;
        *reader = Some(connection);
        Ok(wishes)
    }
}

fn read(
    connection: &Connection,
    open: Option<&TaskId>,
    pictures_max: usize,
) -> Result<Vec<PictureId>, Trouble> {
    let identity = mark_rows::get_form::<IdentityForm>(connection, Name::Identity)?;
    let device = identity
        .map(crate::seams::Identity::from)
        .map(|identity| identity.device);
    let mut tasks: Vec<String> = open.map(ToString::to_string).into_iter().collect();
    let listed = connection
        .prepare_cached(TASKS)?
        .query_map((device, TASKS_LOOKED_AT_MAX, TASKS_MAX), |row| row.get(0))?
        .collect::<Result<Vec<String>, _>>()?;
    tasks.extend(listed);
    let mut wishes: Vec<PictureId> = Vec::new();
    let mut pictures = connection.prepare_cached(PICTURES)?;
    for task in tasks {
        let names = pictures
            .query_map((task, pictures_max), |row| row.get(0))?
            .collect::<Result<Vec<String>, _>>()?;
        for picture in names.iter().filter_map(|name| PictureId::named(name)) {
            if wishes.len() >= pictures_max {
                return Ok(wishes);
            }
            if !wishes.contains(&picture) {
                wishes.push(picture);
            }
        }
    }
    Ok(wishes)
}
