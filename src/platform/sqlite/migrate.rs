//! Migrations: numbered steps of SQL that only go forward, all pending ones in one transaction.
//!
//! The version stands in the file's header (`user_version`), so that a program reads it before it knows any
//! table.

use rusqlite::{Connection, TransactionBehavior};

use super::FileKind;

/// One step of a schema. A step that was once released is never changed: the next change is a new step.
#[derive(Debug, Clone, Copy)]
pub struct Migration {
    /// The schema version that this step leads to. The first is 1, and none is left out.
    pub version: u32,
    /// What the step does, for messages: "journal and outbox".
    pub name: &'static str,
    /// The statements. They run inside a transaction with foreign keys checked at its end, not statement by
    /// statement, so that a table can be rebuilt (<https://www.sqlite.org/lang_altertable.html#otheralter>).
    pub sql: &'static str,
}

/// A migration that failed; the file is as it was before.
#[derive(Debug)]
pub(super) struct MigrationFailure {
    pub(super) version: u32,
    pub(super) name: &'static str,
    pub(super) source: rusqlite::Error,
}

/// The schema version of an open file; 0 is a file without a schema.
///
/// # Errors
///
/// What SQLite says when the file cannot be read.
pub fn schema_version(connection: &Connection) -> rusqlite::Result<u32> {
    connection.pragma_query_value(None, "user_version", |row| row.get(0))
}

/// Brings a file from the version it has to `version`, and stamps it with its kind, in one transaction. Does
/// nothing where the file is there already.
///
/// Programs let [`super::Database::open`] do this; this function is public so that the owner of a schema can
/// make a file as each past version left it, and test that it still opens.
///
/// # Errors
///
/// What SQLite says; the file is then as it was before. A foreign key that points nowhere after the last step
/// is SQLite's constraint error.
///
/// # Panics
///
/// If the steps are not numbered 1, 2, 3 …: that is a mistake in the program.
pub fn migrate_to(
    connection: &mut Connection,
    kind: FileKind,
    schema: &[Migration],
    version: u32,
) -> rusqlite::Result<()> {
    apply(connection, kind, schema, version).map_err(|failure| failure.source)
}

pub(super) fn apply(
    connection: &mut Connection,
    kind: FileKind,
    schema: &[Migration],
    version: u32,
) -> Result<(), MigrationFailure> {
    assert_numbered(schema);
    let at = |version, name| {
        move |source| MigrationFailure {
            version,
            name,
            source,
        }
    };
    let preparing = at(version, "preparing");
    // Outside a transaction only: inside, SQLite ignores the switch.
    connection
        .pragma_update(None, "foreign_keys", false)
        .map_err(preparing)?;
    let done = apply_in_transaction(connection, kind, schema, version);
    connection
        .pragma_update(None, "foreign_keys", true)
        .map_err(preparing)?;
    done
}

fn apply_in_transaction(
    connection: &mut Connection,
    kind: FileKind,
    schema: &[Migration],
    version: u32,
) -> Result<(), MigrationFailure> {
    let at = |version, name| {
        move |source| MigrationFailure {
            version,
            name,
            source,
        }
    };
    let preparing = at(version, "preparing");
    let transaction = connection
        .transaction_with_behavior(TransactionBehavior::Immediate)
        .map_err(preparing)?;
    // Read under the lock: another process may have migrated since the file was looked at.
    let from = schema_version(&transaction).map_err(preparing)?;
    let stamped: i32 = transaction
        .pragma_query_value(None, "application_id", |row| row.get(0))
        .map_err(preparing)?;
    if from >= version && stamped == kind.application_id {
        return Ok(());
    }
    transaction
        .pragma_update(None, "application_id", kind.application_id)
        .map_err(preparing)?;
    for step in schema
        .iter()
        .filter(|step| step.version > from && step.version <= version)
    {
        let here = at(step.version, step.name);
        transaction.execute_batch(step.sql).map_err(here)?;
        transaction
            .pragma_update(None, "user_version", step.version)
            .map_err(here)?;
    }
    let finishing = at(version, "checking foreign keys");
    let dangling = transaction
        .prepare("PRAGMA foreign_key_check")
        .and_then(|mut check| check.exists([]))
        .map_err(finishing)?;
    if dangling {
        let code = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_CONSTRAINT_FOREIGNKEY);
        let text = "a row points to a row that is not there".to_owned();
        return Err(finishing(rusqlite::Error::SqliteFailure(code, Some(text))));
    }
    transaction.commit().map_err(at(version, "committing"))
}

/// The last version of a schema.
pub(super) fn latest(schema: &[Migration]) -> u32 {
    schema.last().map_or(0, |step| step.version)
}

fn assert_numbered(schema: &[Migration]) {
    for (number, step) in (1..).zip(schema) {
        assert_eq!(
            step.version, number,
            "migration {:?} must have number {number}",
            step.name
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCHEMA: &[Migration] = &[
        Migration {
            version: 1,
            name: "items",
            sql: "CREATE TABLE item (id INTEGER PRIMARY KEY, name TEXT NOT NULL) STRICT;
                  CREATE TABLE line (item INTEGER NOT NULL REFERENCES item (id)) STRICT;",
        },
        Migration {
            version: 2,
            name: "items have a GTIN",
            sql: "CREATE TABLE item_new (id INTEGER PRIMARY KEY, name TEXT NOT NULL, gtin TEXT) STRICT;
                  INSERT INTO item_new (id, name) SELECT id, name FROM item;
                  DROP TABLE item;
                  ALTER TABLE item_new RENAME TO item;",
        },
        Migration {
            version: 3,
            name: "index",
            sql: "CREATE INDEX line_item ON line (item);",
        },
    ];

    fn at_version(version: u32) -> Connection {
        let mut connection = Connection::open_in_memory().unwrap();
        migrate_to(&mut connection, FileKind::HUB_STORE, SCHEMA, version).unwrap();
        if version >= 1 {
            connection
                .execute_batch("INSERT INTO item (id, name) VALUES (7, 'Bolt'); INSERT INTO line VALUES (7);")
                .unwrap();
        }
        connection
    }

    #[test]
    fn every_past_version_reaches_the_last_with_its_rows() {
        for past in 0..=3 {
            let mut connection = at_version(past);
            assert_eq!(schema_version(&connection).unwrap(), past);
            migrate_to(&mut connection, FileKind::HUB_STORE, SCHEMA, 3).unwrap();
            assert_eq!(schema_version(&connection).unwrap(), 3);
            let stamped: i32 = connection
                .pragma_query_value(None, "application_id", |row| row.get(0))
                .unwrap();
            assert_eq!(stamped, FileKind::HUB_STORE.application_id);
            let names: Vec<String> = connection
                .prepare(
                    "SELECT item.name FROM line JOIN item ON item.id = line.item WHERE item.gtin IS NULL",
                )
                .unwrap()
                .query_map([], |row| row.get(0))
                .unwrap()
                .collect::<Result<_, _>>()
                .unwrap();
            assert_eq!(names.len(), usize::from(past > 0), "from version {past}");
        }
    }

    #[test]
    fn a_failing_step_leaves_the_file_as_it_was() {
        let mut broken = SCHEMA.to_vec();
        broken.push(Migration {
            version: 4,
            name: "broken",
            sql: "CREATE TABLE extra (a) ; NOT SQL;",
        });
        let mut connection = at_version(1);
        let failure = apply(&mut connection, FileKind::HUB_STORE, &broken, 4).unwrap_err();
        assert_eq!((failure.version, failure.name), (4, "broken"));
        assert_eq!(schema_version(&connection).unwrap(), 1);
        assert!(
            connection.prepare("SELECT gtin FROM item").is_err(),
            "step 2 must be rolled back too"
        );
        let foreign_keys: bool = connection
            .pragma_query_value(None, "foreign_keys", |row| row.get(0))
            .unwrap();
        assert!(foreign_keys);
    }

    #[test]
    fn a_step_that_leaves_a_row_pointing_nowhere_is_refused() {
        let mut careless = SCHEMA.to_vec();
        careless.push(Migration {
            version: 4,
            name: "careless",
            sql: "DELETE FROM item;",
        });
        let mut connection = at_version(3);
        let error = migrate_to(&mut connection, FileKind::HUB_STORE, &careless, 4).unwrap_err();
        assert_eq!(
            error.sqlite_error_code(),
            Some(rusqlite::ErrorCode::ConstraintViolation)
        );
        assert_eq!(schema_version(&connection).unwrap(), 3);
    }

    #[test]
    #[should_panic(expected = "must have number 2")]
    fn a_gap_in_the_numbers_is_a_mistake_in_the_program() {
        let gap = [SCHEMA[0], SCHEMA[2]];
        let _ = migrate_to(
            &mut Connection::open_in_memory().unwrap(),
            FileKind::HUB_STORE,
            &gap,
            3,
        );
    }
}
