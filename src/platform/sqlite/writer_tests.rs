//! The writer: answers after commits, failures that leave nothing, memory that follows the file, checkpoints.

use super::*;
use crate::sqlite::{FileKind, Migration, Options, open_reader};

#[path = "writer_disk_tests.rs"]
mod disk;
#[path = "writer_group_tests.rs"]
mod group;

const SCHEMA: &[Migration] = &[Migration {
    version: 1,
    name: "notes",
    sql: "CREATE TABLE note (id INTEGER PRIMARY KEY, text TEXT NOT NULL) STRICT;
          CREATE TABLE child (note INTEGER NOT NULL REFERENCES note (id) DEFERRABLE INITIALLY DEFERRED) STRICT;",
}];

#[derive(Debug, thiserror::Error)]
enum NoteError {
    #[error("the note is refused")]
    Refused,
    #[error(transparent)]
    Sqlite(#[from] rusqlite::Error),
}

struct Place {
    folder: tempfile::TempDir,
    options: Options,
}

impl Place {
    fn new() -> Place {
        Place {
            folder: tempfile::tempdir().unwrap(),
            options: Options::new(FileKind::AGENT_STORE, SCHEMA),
        }
    }

    fn path(&self) -> std::path::PathBuf {
        self.folder.path().join("store.db")
    }

    fn database(&self) -> Database {
        Database::open(self.path(), &self.options).unwrap()
    }

    /// The ids in the file, as another connection sees them.
    fn stored(&self) -> Vec<i64> {
        let reader = open_reader(self.path(), &self.options).unwrap();
        let mut ids = reader.prepare("SELECT id FROM note ORDER BY id").unwrap();
        ids.query_map([], |row| row.get(0))
            .unwrap()
            .collect::<Result<_, _>>()
            .unwrap()
    }
}

fn insert(id: i64) -> impl FnOnce(&Transaction<'_>) -> Result<i64, NoteError> {
    move |transaction| {
        transaction.execute("INSERT INTO note (id, text) VALUES (?1, 'x')", [id])?;
        Ok(id)
    }
}

/// Both kinds of writer over the same place, one after the other.
fn with_each_kind(test: impl Fn(&Place, Writer<i64>)) {
    let place = Place::new();
    test(&place, Writer::inline(place.database(), 0).unwrap());
    let place = Place::new();
    test(
        &place,
        Writer::spawn(place.database(), 0, &WriterOptions::one_by_one("test-writer")).unwrap(),
    );
}

#[test]
fn an_answer_means_that_another_connection_sees_it() {
    with_each_kind(|place, writer| {
        for id in 1..=3 {
            assert_eq!(writer.run_blocking(insert(id)).unwrap(), id);
            assert_eq!(place.stored(), (1..=id).collect::<Vec<_>>());
        }
        let status = writer.status();
        assert_eq!(
            (status.commits, status.jobs, status.queued, status.dead),
            (3, 3, 0, None)
        );
        assert!(status.wal_pages > 0 && status.last_commit > Duration::ZERO);
    });
}

#[test]
fn a_job_that_fails_leaves_nothing_and_the_writer_lives() {
    with_each_kind(|place, writer| {
        let refused = writer.run_blocking(|transaction| {
            insert(1)(transaction)?;
            Err::<(), _>(NoteError::Refused)
        });
        assert!(
            matches!(refused, Err(WriteError::Job(NoteError::Refused))),
            "{refused:?}"
        );
        let twice = writer.run_blocking(|transaction| {
            insert(2)(transaction)?;
            insert(2)(transaction)
        });
        assert!(
            matches!(twice, Err(WriteError::Job(NoteError::Sqlite(_)))),
            "{twice:?}"
        );
        writer.run_blocking(insert(3)).unwrap();
        assert_eq!(place.stored(), [3]);
        assert_eq!(writer.status().commits, 1);
    });
}

#[test]
fn a_job_that_panics_leaves_nothing_and_the_writer_lives() {
    with_each_kind(|place, writer| {
        let panicked = writer.run_blocking(|transaction| {
            insert(1)(transaction)?;
            if transaction.last_insert_rowid() == 1 {
                panic!("off by {}", 1);
            }
            Ok::<_, NoteError>(())
        });
        match panicked {
            Err(WriteError::Panicked { message }) => assert_eq!(message, "off by 1"),
            other => panic!("expected a caught panic, got {other:?}"),
        }
        writer.run_blocking(insert(2)).unwrap();
        assert_eq!(place.stored(), [2]);
    });
}

#[test]
fn what_the_writer_remembers_follows_the_file() {
    with_each_kind(|_, writer| {
        let next = |fail: bool| {
            move |transaction: &Transaction<'_>, last: &mut i64| {
                *last += 1;
                insert(*last)(transaction)?;
                if fail { Err(NoteError::Refused) } else { Ok(*last) }
            }
        };
        assert_eq!(writer.run_blocking_with(next(false)).unwrap(), 1);
        assert!(writer.run_blocking_with(next(true)).is_err());
        assert_eq!(writer.run_blocking_with(next(false)).unwrap(), 2);
        let panicked = writer.run_blocking_with(|_, last| {
            *last = 99;
            if *last == 99 {
                panic!("after changing it");
            }
            Ok::<_, NoteError>(())
        });
        assert!(panicked.is_err());
        assert_eq!(writer.run_blocking_with(next(false)).unwrap(), 3);
    });
}

#[test]
fn a_transaction_that_fails_at_commit_is_taken_back() {
    with_each_kind(|place, writer| {
        let dangling = writer.run_blocking(|transaction| {
            insert(1)(transaction)?;
            transaction.execute("INSERT INTO child VALUES (77)", [])?;
            Ok::<_, NoteError>(())
        });
        assert!(
            matches!(dangling, Err(WriteError::Aborted { .. })),
            "{dangling:?}"
        );
        writer.run_blocking(insert(2)).unwrap();
        assert_eq!(place.stored(), [2]);
    });
}

#[test]
fn a_file_locked_by_a_stranger_is_busy_and_passes() {
    let mut place = Place::new();
    place.options.busy_timeout_ms = 1;
    let writer = Writer::inline(place.database(), 0).unwrap();
    writer.run_blocking(insert(1)).unwrap();
    let stranger = rusqlite::Connection::open(place.path()).unwrap();
    stranger.execute_batch("BEGIN IMMEDIATE").unwrap();
    let busy = writer.run_blocking(insert(2));
    assert!(
        matches!(&busy, Err(WriteError::Busy { path }) if *path == place.path()),
        "{busy:?}"
    );
    stranger.execute_batch("ROLLBACK").unwrap();
    writer.run_blocking(insert(3)).unwrap();
    assert_eq!(place.stored(), [1, 3]);
}

#[test]
fn the_last_handle_finishes_the_queue_and_gives_the_file_up() {
    let place = Place::new();
    let writer = Writer::spawn(place.database(), (), &WriterOptions::one_by_one("test-writer")).unwrap();
    let clone = writer.clone();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        for id in 1..=5 {
            // Queued when first polled; nobody waits for the answer.
            let mut job = Box::pin(clone.run(insert(id)));
            std::future::poll_fn(|context| {
                let _ = job.as_mut().poll(context);
                std::task::Poll::Ready(())
            })
            .await;
        }
    });
    drop(writer);
    drop(clone);
    drop(place.database());
    assert_eq!(place.stored(), [1, 2, 3, 4, 5]);
}

#[test]
fn a_job_that_asks_its_own_writer_is_a_mistake_and_not_a_hang() {
    with_each_kind(|_, writer| {
        let own = writer.clone();
        let asked = writer.run_blocking(move |_| own.run_blocking(insert(1)).map_err(|_| NoteError::Refused));
        match asked {
            Err(WriteError::Panicked { message }) => assert!(message.contains("its own writer"), "{message}"),
            other => panic!("expected a caught mistake, got {other:?}"),
        }
    });
}

#[test]
fn checkpoints_happen_by_themselves_and_on_request() {
    let place = Place::new();
    let options = WriterOptions {
        checkpoint_pages: 20,
        ..WriterOptions::one_by_one("test-writer")
    };
    let writer = Writer::spawn(place.database(), (), &options).unwrap();
    for id in 1..=200 {
        writer.run_blocking(insert(id)).unwrap();
    }
    let wal = place.folder.path().join("store.db-wal");
    let before = wal.metadata().unwrap().len();
    assert!(
        before < 60 * 4200,
        "200 commits of a page or more each, but the log has {before} bytes"
    );
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let done = runtime.block_on(writer.checkpoint_truncate()).unwrap();
    assert_eq!(
        done,
        Checkpoint {
            complete: true,
            log_pages: 0,
            copied_pages: 0
        }
    );
    assert_eq!(wal.metadata().unwrap().len(), 0);
    assert_eq!(writer.status().wal_pages, 0);
    assert_eq!(place.stored().len(), 200);
}

#[test]
fn a_reader_in_the_way_delays_the_checkpoint_and_nothing_else() {
    with_each_kind(|place, writer| {
        writer.run_blocking(insert(1)).unwrap();
        let reader = open_reader(place.path(), &place.options).unwrap();
        reader.execute_batch("BEGIN; SELECT count(*) FROM note;").unwrap();
        writer.run_blocking(insert(2)).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let blocked = runtime.block_on(writer.checkpoint_truncate()).unwrap();
        assert!(!blocked.complete && blocked.log_pages > 0, "{blocked:?}");
        writer.run_blocking(insert(3)).unwrap();
        drop(reader);
        assert!(runtime.block_on(writer.checkpoint_truncate()).unwrap().complete);
        assert_eq!(place.stored(), [1, 2, 3]);
    });
}
