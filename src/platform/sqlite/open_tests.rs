//! Opening: every setting as documented, and every bad file with its own answer.

use super::*;
use crate::child::{in_child, with_files_limited_to};
use crate::sqlite::{AutoVacuum, Migration};
use rusqlite::config::DbConfig;

const SCHEMA: &[Migration] = &[
    Migration {
        version: 1,
        name: "notes",
        sql: "CREATE TABLE note (id INTEGER PRIMARY KEY, text TEXT NOT NULL) STRICT;",
    },
    Migration {
        version: 2,
        name: "notes have a tone",
        sql: "ALTER TABLE note ADD COLUMN tone INTEGER;",
    },
];

fn options() -> Options {
    Options::new(FileKind::AGENT_STORE, SCHEMA)
}

struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    fn new() -> Place {
        Place {
            folder: tempfile::tempdir().unwrap(),
        }
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("store.db")
    }

    /// A store with `rows` notes, closed again.
    fn filled(rows: u32) -> Place {
        let place = Place::new();
        let database = Database::open(place.file(), &options()).unwrap();
        for id in 0..rows {
            database
                .connection()
                .execute(
                    "INSERT INTO note (id, text) VALUES (?1, ?2)",
                    (id, "x".repeat(300)),
                )
                .unwrap();
        }
        place
    }
}

fn pragma(connection: &Connection, name: &str) -> String {
    let value: rusqlite::types::Value = connection
        .pragma_query_value(None, name, |row| row.get(0))
        .unwrap();
    match value {
        rusqlite::types::Value::Integer(number) => number.to_string(),
        rusqlite::types::Value::Text(text) => text,
        other => panic!("{name} is {other:?}"),
    }
}

#[test]
fn every_setting_is_in_force() {
    let place = Place::new();
    let mut options = options();
    options.page_bytes = 1024;
    options.auto_vacuum = AutoVacuum::Incremental;
    options.pages_max = Some(5_000);
    let database = Database::open(place.file(), &options).unwrap();
    assert!(database.was_created());
    for (name, wanted) in [
        ("journal_mode", "wal"),
        ("synchronous", "2"),
        ("foreign_keys", "1"),
        ("cell_size_check", "1"),
        ("trusted_schema", "0"),
        ("mmap_size", "0"),
        ("page_size", "1024"),
        ("auto_vacuum", "2"),
        ("cache_size", "-2048"),
        ("busy_timeout", "5000"),
        ("journal_size_limit", "4194304"),
        ("max_page_count", "5000"),
        ("temp_store", "2"),
        ("secure_delete", "0"),
        ("user_version", "2"),
    ] {
        assert_eq!(pragma(database.connection(), name), wanted, "{name}");
    }
    let reader = open_reader(place.file(), &options).unwrap();
    for (name, wanted) in [
        ("query_only", "1"),
        ("cell_size_check", "1"),
        ("trusted_schema", "0"),
        ("mmap_size", "0"),
    ] {
        assert_eq!(pragma(&reader, name), wanted, "{name} of a reader");
    }
    assert!(
        reader
            .execute("INSERT INTO note (text) VALUES ('x')", [])
            .is_err()
    );
    assert!(
        database
            .connection()
            .prepare("SELECT \"misspelt\" FROM note")
            .is_err()
    );
}

#[test]
fn a_store_opens_again_with_its_rows() {
    let place = Place::filled(10);
    let database = Database::open(place.file(), &options()).unwrap();
    assert!(!database.was_created());
    let rows: u32 = database
        .connection()
        .query_row("SELECT count(*) FROM note", [], |row| row.get(0))
        .unwrap();
    assert_eq!(rows, 10);
    quick_check(database.connection()).unwrap();
}

#[test]
fn every_past_version_opens() {
    for past in 0..=2 {
        let place = Place::new();
        let mut connection = Connection::open(place.file()).unwrap();
        super::super::migrate_to(&mut connection, FileKind::AGENT_STORE, SCHEMA, past).unwrap();
        drop(connection);
        if past < 2 {
            assert!(matches!(
                open_reader(place.file(), &options()),
                Err(OpenError::OlderSchema { found, needed: 2, .. }) if found == past
            ));
        }
        let database = Database::open(place.file(), &options()).unwrap();
        assert_eq!(pragma(database.connection(), "user_version"), "2");
    }
}

#[test]
fn a_newer_store_is_refused_and_left_alone() {
    let place = Place::filled(1);
    Connection::open(place.file())
        .unwrap()
        .pragma_update(None, "user_version", 9)
        .unwrap();
    for opened in [
        Database::open(place.file(), &options()).err(),
        open_reader(place.file(), &options()).err(),
    ] {
        match opened {
            Some(OpenError::NewerSchema {
                found: 9, known: 2, ..
            }) => {}
            other => panic!("expected a newer schema, got {other:?}"),
        }
    }
    assert_eq!(
        pragma(&Connection::open(place.file()).unwrap(), "user_version"),
        "9"
    );
}

#[test]
fn a_store_of_another_kind_is_named() {
    let place = Place::filled(1);
    let hub = Options::new(FileKind::HUB_STORE, SCHEMA);
    let text = Database::open(place.file(), &hub).unwrap_err().to_string();
    assert!(
        text.contains("is no hub store: it is a Tallyman agent store"),
        "{text}"
    );
    let text = open_reader(place.file(), &hub).unwrap_err().to_string();
    assert!(text.contains("Tallyman agent store"), "{text}");
}

#[test]
fn a_database_of_another_program_is_left_byte_for_byte() {
    for application_id in [0, 0x0f05_5111] {
        let place = Place::new();
        let other = Connection::open(place.file()).unwrap();
        other.pragma_update(None, "journal_mode", "WAL").unwrap_or(());
        other
            .pragma_update(None, "application_id", application_id)
            .unwrap();
        other
            .execute_batch("CREATE TABLE theirs (a); INSERT INTO theirs VALUES (1);")
            .unwrap();
        other
            .set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)
            .unwrap();
        drop(other);
        let wal = place.folder.path().join("store.db-wal");
        let before = (std::fs::read(place.file()).unwrap(), std::fs::read(&wal).unwrap());
        assert!(!before.1.is_empty(), "the test needs a log that holds something");
        match Database::open(place.file(), &options()) {
            Err(OpenError::Foreign {
                kind: "agent store", ..
            }) => {}
            other => panic!("expected a foreign database, got {other:?}"),
        }
        assert!(before == (std::fs::read(place.file()).unwrap(), std::fs::read(&wal).unwrap()));
    }
}

#[test]
fn what_is_no_database_is_told_apart_and_left_alone() {
    for (length, byte) in [(5, b'a'), (100, b'b'), (4096, 0xff), (70_000, 0), (65_536, b'S')] {
        let place = Place::new();
        let garbage = vec![byte; length];
        std::fs::write(place.file(), &garbage).unwrap();
        for opened in [
            Database::open(place.file(), &options()).err(),
            open_reader(place.file(), &options()).err(),
        ] {
            match opened {
                Some(OpenError::NotADatabase {
                    kind: "agent store", ..
                }) => {}
                other => panic!("expected no database for {length} bytes of {byte}, got {other:?}"),
            }
        }
        assert_eq!(std::fs::read(place.file()).unwrap(), garbage);
    }
}

#[test]
fn a_destroyed_header_is_no_database() {
    let place = Place::filled(50);
    let mut bytes = std::fs::read(place.file()).unwrap();
    bytes[..100].fill(0x5a);
    std::fs::write(place.file(), &bytes).unwrap();
    assert!(matches!(
        Database::open(place.file(), &options()),
        Err(OpenError::NotADatabase { .. })
    ));
}

#[test]
fn damage_inside_is_found_by_the_check() {
    let place = Place::filled(200);
    let mut bytes = std::fs::read(place.file()).unwrap();
    let length = bytes.len();
    assert!(length > 4 * 4096, "the test needs several pages");
    bytes[length - 4096..].fill(0x5a);
    std::fs::write(place.file(), &bytes).unwrap();
    let database = Database::open(place.file(), &options()).unwrap();
    match quick_check(database.connection()) {
        Err(OpenError::Damaged { findings, path }) => {
            assert!(!findings.is_empty() && findings.len() <= FINDINGS_MAX as usize);
            assert_eq!(path, place.file());
        }
        other => panic!("expected damage, got {other:?}"),
    }
}

#[test]
fn a_second_owner_is_refused_while_readers_are_welcome() {
    let place = Place::filled(1);
    let first = Database::open(place.file(), &options()).unwrap();
    let text = Database::open(place.file(), &options()).unwrap_err().to_string();
    assert!(text.contains("store.db.lock is held by process"), "{text}");
    open_reader(place.file(), &options()).unwrap();
    drop(first);
    Database::open(place.file(), &options()).unwrap();
}

#[test]
fn a_lock_by_a_stranger_is_busy() {
    let place = Place::filled(1);
    let stranger = Connection::open(place.file()).unwrap();
    stranger
        .execute_batch("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; DELETE FROM note;")
        .unwrap();
    let mut impatient = options();
    impatient.busy_timeout_ms = 1;
    assert!(matches!(
        Database::open(place.file(), &impatient),
        Err(OpenError::Busy { waited_ms: 1, .. })
    ));
}

#[test]
fn missing_places_are_named() {
    let place = Place::new();
    assert!(matches!(
        open_reader(place.file(), &options()),
        Err(OpenError::Missing { .. })
    ));
    let nowhere = place.folder.path().join("no/store.db");
    assert!(matches!(
        Database::open(nowhere, &options()),
        Err(OpenError::FolderMissing { .. })
    ));
    // An empty file is as good as none: a crash between creating and writing leaves one.
    std::fs::write(place.file(), b"").unwrap();
    assert!(matches!(
        open_reader(place.file(), &options()),
        Err(OpenError::Missing { .. })
    ));
    assert!(Database::open(place.file(), &options()).unwrap().was_created());
}

#[test]
fn a_folder_is_no_store() {
    let place = Place::new();
    std::fs::create_dir(place.file()).unwrap();
    let error = Database::open(place.file(), &options()).unwrap_err();
    assert!(error.to_string().contains("store.db"), "{error}");
}

#[test]
fn a_name_that_looks_like_an_address_is_a_plain_file() {
    let place = Place::new();
    let odd = place.folder.path().join("file:store.db?mode=memory");
    Database::open(&odd, &options()).unwrap();
    assert!(odd.metadata().unwrap().len() > 0);
}

#[test]
fn a_schema_that_does_not_fit_the_quota_is_a_full_disk_later_not_at_opening() {
    let place = Place::new();
    let mut small = options();
    small.pages_max = Some(4);
    let database = Database::open(place.file(), &small).unwrap();
    let error = database
        .connection()
        .execute("INSERT INTO note (text) VALUES (?1)", ["x".repeat(100_000)])
        .unwrap_err();
    assert!(matches!(
        subject(&place.file(), &small).explain("writing", error),
        OpenError::DiskFull { .. }
    ));
}

#[test]
fn a_library_with_the_corruption_defect_is_refused() {
    check_library(rusqlite::version_number()).unwrap();
    let text = check_library(3_051_002).unwrap_err().to_string();
    assert!(text.contains("3.51.2") && text.contains("3.51.3"), "{text}");
}

#[test]
fn two_names_of_a_store_have_one_owner() {
    let place = Place::filled(1);
    let link = place.folder.path().join("link.db");
    std::os::unix::fs::symlink(place.file(), &link).unwrap();
    let _owner = Database::open(&link, &options()).unwrap();
    assert!(matches!(
        Database::open(place.file(), &options()),
        Err(OpenError::Owned { .. })
    ));
    for name in [link, place.file()] {
        assert!(OwnerLock::take(&name).is_err(), "{name:?}");
    }
}

#[test]
fn a_new_store_is_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let place = Place::new();
    let _owner = Database::open(place.file(), &options()).unwrap();
    for name in ["store.db", "store.db-wal", "store.db-shm", "store.db.lock"] {
        let mode = place
            .folder
            .path()
            .join(name)
            .metadata()
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
}

/// Runs a test as a user whom file permissions bind. Root is not bound by them through two capabilities,
/// which a thread may lay down for itself alone (capabilities(7)).
fn bound_by_permissions<T: Send>(test: impl FnOnce() -> T + Send) -> T {
    use rustix::thread::{CapabilitySet, capabilities, set_capabilities};
    std::thread::scope(|scope| {
        let bound = scope.spawn(|| {
            let mut own = capabilities(None).unwrap();
            own.effective
                .remove(CapabilitySet::DAC_OVERRIDE | CapabilitySet::DAC_READ_SEARCH);
            set_capabilities(None, own).unwrap();
            test()
        });
        bound.join().unwrap()
    })
}

fn set_mode(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}

#[test]
fn a_store_that_may_not_be_read_or_written_says_so() {
    let place = Place::filled(1);
    set_mode(&place.file(), 0o400);
    let opened = bound_by_permissions(|| Database::open(place.file(), &options()).err());
    assert!(matches!(opened, Some(OpenError::ReadOnly { .. })), "{opened:?}");
    set_mode(&place.file(), 0o000);
    for opened in bound_by_permissions(|| {
        [
            Database::open(place.file(), &options()).err(),
            open_reader(place.file(), &options()).err(),
        ]
    }) {
        assert!(matches!(opened, Some(OpenError::Permission { .. })), "{opened:?}");
    }
}

#[test]
fn a_folder_that_may_not_be_written_says_so() {
    let place = Place::new();
    set_mode(place.folder.path(), 0o500);
    let opened = bound_by_permissions(|| Database::open(place.file(), &options()).err());
    set_mode(place.folder.path(), 0o700);
    let text = opened.as_ref().map(ToString::to_string).unwrap_or_default();
    assert!(
        matches!(opened, Some(OpenError::Permission { .. })) && text.contains("store.db.lock"),
        "{opened:?}"
    );
}

#[test]
fn a_disk_without_room_for_the_shared_memory_is_full() {
    let place = Place::filled(1);
    if in_child(
        concat!(
            module_path!(),
            "::a_disk_without_room_for_the_shared_memory_is_full"
        ),
        place.folder.path(),
        |folder| {
            // Room to create a file, not for the 32 KiB that each has at once.
            let opened = with_files_limited_to(1024, || Database::open(folder.join("store.db"), &options()));
            assert!(matches!(opened, Err(OpenError::DiskFull { .. })), "{opened:?}");
        },
    )
    .is_none()
    {
        return;
    }
    Database::open(place.file(), &options()).unwrap();
}
