//! The writer: answers after commits, failures that stay alone, a full disk, panics, and a dead disk.

use super::*;
use crate::child::{in_child, with_files_limited_to};
use crate::sqlite::{FileKind, Migration, Options, open_reader};

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

type BoxedJob<T> = Box<dyn FnOnce(&Transaction<'_>, &mut i64) -> Result<T, NoteError> + Send>;

/// A grouping writer whose thread is held by a first job until the given jobs are queued, so that they share
/// a commit. Answers come in the order of the jobs.
fn in_one_commit<T: Send + 'static>(
    writer: &Writer<i64>,
    jobs: Vec<BoxedJob<T>>,
) -> Vec<Result<T, WriteError<NoteError>>> {
    let (release, held) = std::sync::mpsc::channel::<()>();
    let (begun, first_begun) = oneshot::channel();
    let queued = jobs.len();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let holder = writer.run(move |_| {
            begun.send(()).unwrap();
            held.recv().unwrap();
            Ok::<_, NoteError>(())
        });
        let answers = async {
            first_begun.await.unwrap();
            join_all(jobs.into_iter().map(|job| writer.run_with(job))).await
        };
        let release_when_queued = async {
            while writer.status().queued < queued {
                tokio::task::yield_now().await;
            }
            release.send(()).unwrap();
        };
        let (held, answers, ()) = tokio::join!(biased; holder, answers, release_when_queued);
        held.unwrap();
        answers
    })
}

/// Polls all futures until each has answered.
async fn join_all<F: Future>(futures: impl IntoIterator<Item = F>) -> Vec<F::Output> {
    let mut pending: Vec<_> = futures
        .into_iter()
        .map(|future| (Box::pin(future), None))
        .collect();
    std::future::poll_fn(|waker| {
        for (future, output) in pending.iter_mut().filter(|(_, output)| output.is_none()) {
            if let std::task::Poll::Ready(value) = future.as_mut().poll(waker) {
                *output = Some(value);
            }
        }
        if pending.iter().all(|(_, output)| output.is_some()) {
            std::task::Poll::Ready(())
        } else {
            std::task::Poll::Pending
        }
    })
    .await;
    pending.into_iter().filter_map(|(_, output)| output).collect()
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
fn jobs_share_a_commit_and_one_that_fails_stays_alone() {
    let place = Place::new();
    let writer = Writer::spawn(place.database(), 100, &WriterOptions::grouped("test-writer")).unwrap();
    let answers = in_one_commit(
        &writer,
        (0..10)
            .map(|number| {
                let job: BoxedJob<i64> = Box::new(move |transaction, last| {
                    *last += 1;
                    insert(*last)(transaction)?;
                    match number {
                        3 => Err(NoteError::Refused),
                        6 => panic!("job 6"),
                        7 => insert(*last)(transaction),
                        _ => Ok(*last),
                    }
                });
                job
            })
            .collect(),
    );
    for (number, answer) in answers.iter().enumerate() {
        match (number, answer) {
            (3, Err(WriteError::Job(NoteError::Refused))) => {}
            (6, Err(WriteError::Panicked { .. })) => {}
            (7, Err(WriteError::Job(NoteError::Sqlite(_)))) => {}
            (_, Ok(_)) if ![3, 6, 7].contains(&number) => {}
            other => panic!("job {other:?}"),
        }
    }
    assert_eq!(place.stored(), (101..=107).collect::<Vec<_>>());
    let status = writer.status();
    assert_eq!(
        (status.commits, status.jobs),
        (2, 8),
        "the holding job, then seven in one commit"
    );
}

#[test]
fn a_group_that_fails_at_commit_stores_none_of_it() {
    let place = Place::new();
    let writer = Writer::spawn(place.database(), 0, &WriterOptions::grouped("test-writer")).unwrap();
    let answers = in_one_commit(
        &writer,
        (1..=4)
            .map(|id| {
                let job: BoxedJob<i64> = Box::new(move |transaction, _| match id {
                    2 => {
                        transaction.execute("INSERT INTO child VALUES (77)", [])?;
                        Ok(2)
                    }
                    3 => Err(NoteError::Refused),
                    _ => insert(id)(transaction),
                });
                job
            })
            .collect(),
    );
    // Even the refusal: it may have been about something that is not there now.
    assert!(
        answers
            .iter()
            .all(|answer| matches!(answer, Err(WriteError::Aborted { .. }))),
        "{answers:?}"
    );
    assert_eq!(place.stored(), Vec::<i64>::new());
}

#[test]
fn a_full_disk_in_a_group_spares_those_behind_it() {
    let place = Place::new();
    let writer = Writer::spawn(place.database(), 0, &WriterOptions::grouped("test-writer")).unwrap();
    let answers = in_one_commit(
        &writer,
        (1..=4)
            .map(|id| {
                let job: BoxedJob<i64> = Box::new(move |transaction, _| {
                    let bytes = if id == 2 { 100_000 } else { 1 };
                    let pages: u32 = transaction.pragma_query_value(None, "page_count", |row| row.get(0))?;
                    let quota = if id == 2 { pages } else { 10_000 };
                    transaction
                        .pragma_update_and_check(None, "max_page_count", quota, |row| row.get::<_, u32>(0))?;
                    transaction.execute("INSERT INTO note VALUES (?1, ?2)", (id, "x".repeat(bytes)))?;
                    Ok(id)
                });
                job
            })
            .collect(),
    );
    assert!(matches!(answers[1], Err(WriteError::Full { .. })), "{answers:?}");
    assert!(
        matches!((&answers[2], &answers[3]), (Ok(3), Ok(4))),
        "{answers:?}"
    );
    // SQLite may have taken the first one back with the second; its answer says which.
    let mut expected = vec![3, 4];
    if answers[0].is_ok() {
        expected.insert(0, 1);
    }
    assert_eq!(place.stored(), expected);
    assert_eq!(writer.status().dead, None);
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

/// What a job of the property below does.
#[derive(Debug, Clone, Copy)]
enum Deed {
    Insert(i64),
    InsertThenRefuse(i64),
    Count,
}

impl Deed {
    fn job(self) -> BoxedJob<i64> {
        Box::new(move |transaction, remembered| {
            *remembered += 1;
            match self {
                Deed::Insert(id) => insert(id)(transaction).map(|_| *remembered),
                Deed::InsertThenRefuse(id) => {
                    insert(id)(transaction)?;
                    Err(NoteError::Refused)
                }
                Deed::Count => Ok(transaction.query_row("SELECT count(*) FROM note", [], |row| row.get(0))?),
            }
        })
    }
}

fn deeds() -> impl proptest::strategy::Strategy<Value = Vec<Deed>> {
    use proptest::prelude::*;
    let deed = prop_oneof![
        (0..12_i64).prop_map(Deed::Insert),
        (0..12_i64).prop_map(Deed::InsertThenRefuse),
        Just(Deed::Count)
    ];
    proptest::collection::vec(deed, 1..30)
}

proptest::proptest! {
    #![proptest_config(proptest::test_runner::Config::with_cases(16))]

    /// Sharing a commit changes how often the disk is synced and nothing else.
    #[test]
    fn sharing_a_commit_changes_no_answer(deeds in deeds()) {
        let text = |answer: Result<i64, WriteError<NoteError>>| format!("{answer:?}");
        let alone = Place::new();
        let writer = Writer::inline(alone.database(), 0).unwrap();
        let expected: Vec<String> =
            deeds.iter().map(|deed| text(writer.run_blocking_with(deed.job()))).collect();

        let together = Place::new();
        let writer = Writer::spawn(together.database(), 0, &WriterOptions::grouped("test-writer")).unwrap();
        let answers = in_one_commit(&writer, deeds.iter().map(|deed| deed.job()).collect());
        proptest::prop_assert_eq!(answers.into_iter().map(text).collect::<Vec<_>>(), expected);
        proptest::prop_assert_eq!(together.stored(), alone.stored());
        proptest::prop_assert!(writer.status().commits <= 2);
    }
}
