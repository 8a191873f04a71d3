//! Jobs that share a commit: one that fails does not spoil the others, and no answer runs ahead of the
//! commit.

use super::*;

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
