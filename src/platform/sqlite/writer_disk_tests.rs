//! The writer on a disk that is full, and on one that fails.

use super::*;
use crate::child::{in_child, with_files_limited_to};

#[test]
fn a_full_disk_is_said_and_passes() {
    with_each_kind(|place, writer| {
        writer.run_blocking(insert(1)).unwrap();
        let quota = |pages: u32| {
            move |transaction: &Transaction<'_>| {
                transaction
                    .pragma_update_and_check(None, "max_page_count", pages, |row| row.get::<_, u32>(0))?;
                Ok::<_, NoteError>(())
            }
        };
        writer.run_blocking(quota(1)).unwrap();
        let fill = |transaction: &Transaction<'_>| {
            transaction.execute("INSERT INTO note (id, text) VALUES (2, ?1)", ["x".repeat(50_000)])?;
            Ok::<_, NoteError>(())
        };
        for _ in 0..2 {
            let full = writer.run_blocking(fill);
            assert!(
                matches!(&full, Err(WriteError::Full { path }) if *path == place.path()),
                "{full:?}"
            );
            assert!(full.unwrap_err().to_string().contains("Free some space"));
        }
        assert_eq!(place.stored(), [1]);
        assert_eq!(writer.status().dead, None);
        writer.run_blocking(quota(10_000)).unwrap();
        writer.run_blocking(fill).unwrap();
        assert_eq!(place.stored(), [1, 2]);
    });
}

#[test]
fn after_a_failed_write_nothing_more_is_stored() {
    let place = Place::new();
    if in_child(
        concat!(module_path!(), "::after_a_failed_write_nothing_more_is_stored"),
        place.folder.path(),
        write_past_the_limit,
    )
    .is_none()
    {
        return;
    }
    let log = place.folder.path().join("store.db-wal");
    assert!(
        log.metadata().unwrap().len() > 0,
        "the log was left for the next start"
    );
    assert_eq!(place.stored(), [1, 2]);
    Writer::inline(place.database(), ())
        .unwrap()
        .run_blocking(insert(3))
        .unwrap();
    assert_eq!(place.stored(), [1, 2, 3]);
}

/// Two notes, then a disk that takes no more, then one that does again.
fn write_past_the_limit(folder: &std::path::Path) {
    let path = folder.join("store.db");
    let database = Database::open(&path, &Options::new(FileKind::AGENT_STORE, SCHEMA)).unwrap();
    let writer = Writer::spawn(database, 0_i64, &WriterOptions::one_by_one("test-writer")).unwrap();
    for id in 1..=2 {
        writer.run_blocking(insert(id)).unwrap();
    }
    let log_bytes = folder.join("store.db-wal").metadata().unwrap().len();
    match with_files_limited_to(log_bytes, || writer.run_blocking(insert(3))) {
        Err(WriteError::Dead(death)) => {
            assert_eq!(death.path, path);
            assert!(
                death.to_string().contains("until the program is started again"),
                "{death}"
            );
        }
        other => panic!("expected a dead writer, got {other:?}"),
    }
    // The disk works again, and that is exactly when nobody may believe it.
    assert!(matches!(writer.run_blocking(insert(4)), Err(WriteError::Dead(_))));
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    assert!(matches!(
        runtime.block_on(writer.checkpoint_truncate()),
        Err(WriteError::Dead(_))
    ));
    assert!(writer.status().dead.is_some());
}

#[test]
fn a_checkpoint_that_fails_is_not_overheard() {
    let place = Place::new();
    if in_child(
        concat!(module_path!(), "::a_checkpoint_that_fails_is_not_overheard"),
        place.folder.path(),
        checkpoint_past_the_limit,
    )
    .is_none()
    {
        return;
    }
    assert_eq!(place.stored().len(), 50);
}

/// The log has room, and the file it is copied into has none: the answer stands, and the writer is dead after
/// it.
fn checkpoint_past_the_limit(folder: &std::path::Path) {
    let path = folder.join("store.db");
    let database = Database::open(&path, &Options::new(FileKind::AGENT_STORE, SCHEMA)).unwrap();
    let options = WriterOptions {
        checkpoint_pages: 3,
        ..WriterOptions::one_by_one("test-writer")
    };
    let writer = Writer::spawn(database, (), &options).unwrap();
    let long = |id: i64| {
        move |transaction: &Transaction<'_>| {
            transaction.execute("INSERT INTO note VALUES (?1, ?2)", (id, "x".repeat(30_000)))?;
            Ok::<_, NoteError>(())
        }
    };
    for id in 1..50 {
        writer.run_blocking(long(id)).unwrap();
    }
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(writer.checkpoint_truncate()).unwrap();
    let file_bytes = path.metadata().unwrap().len();
    with_files_limited_to(file_bytes, || {
        writer.run_blocking(long(50)).unwrap();
        assert!(matches!(
            writer.run_blocking(insert(51)),
            Err(WriteError::Dead(_))
        ));
    });
}
