//! Tasks that the floor itself began: known at once, after a restart, and until the hub's own word comes.

use tallyman_floor::wire::v1::TaskBody;
use tallyman_floor::{Catalogue as _, Line, LocationId, Task, TaskKind, TaskState};

use crate::seams::World as _;
use crate::store::StoreCatalogue;

use super::cache::{catalogue, delta};
use super::*;

const ID: &str = "dev-7-1-1";

fn begun() -> Draft {
    let mut line = Line::new(LineNumber(1));
    line.location = Some(LocationId::new("A-01-01"));
    let task = Task {
        id: TaskId::new(ID),
        site: SiteId::new("north"),
        kind: TaskKind::Move,
        revision: 1,
        state: TaskState::Open,
        reference: "A-01-01 1".to_owned(),
        priority: 0,
        assigned_to: None,
        quantity_entry: tallyman_floor::QuantityEntry::EachScan,
        lines: vec![line],
    };
    let mut draft = about_the_task(Act::TaskStarted);
    draft.started = Some(Arc::new(task));
    draft
}

fn about_the_task(act: Act) -> Draft {
    let mut draft = picked(ID, 1, 1);
    draft.act = act;
    draft.goods = None;
    if let Some(work) = &mut draft.work {
        work.line = None;
    }
    draft
}

async fn write(fixture: &Fixture, world: &mut StoreCatalogue, draft: Draft) -> Place {
    let places = fixture.commit(vec![draft.clone()]).await.unwrap();
    world.committed(&places, &[draft]);
    places[0]
}

fn moved(world: &StoreCatalogue) -> Option<i64> {
    let progress = world.progress(&TaskId::new(ID));
    progress.line(LineNumber(1)).quantity.as_whole()
}

async fn hub_says(fixture: &Fixture, world: &mut StoreCatalogue, part: Delta) {
    let change = CacheChange {
        part: part.clone(),
        last: true,
    };
    let swept = fixture.store.cache(change).await.unwrap();
    world.cached(&part);
    if swept {
        world.rebuild(fixture.store.next_place()).unwrap();
    }
}

fn is_offered(world: &StoreCatalogue) -> bool {
    let offered = world.open_tasks();
    let is_it = |task: &Arc<Task>| task.id.as_str() == ID;
    offered.iter().any(is_it) && world.find_reference("a-01-01 1").is_some_and(|task| is_it(&task))
}

#[tokio::test]
async fn a_task_that_was_begun_is_known_at_once_and_after_a_restart() {
    let fixture = store_with(0).await;
    let mut world = catalogue(&fixture);
    assert_eq!(world.device().as_str(), "dev-7");
    write(&fixture, &mut world, begun()).await;
    write(&fixture, &mut world, picked(ID, 1, 4)).await;
    assert!(is_offered(&world));
    assert_eq!(moved(&world), Some(4));
    let (fixture, _) = fixture.reopen_after(|_| ());
    let world = catalogue(&fixture);
    assert!(is_offered(&world));
    assert_eq!(moved(&world), Some(4));
    assert_eq!(world.task(&TaskId::new(ID)).unwrap().lines.len(), 1);
}

#[tokio::test]
async fn a_new_round_of_the_hub_forgets_none_before_it_is_brought() {
    let fixture = store_with(0).await;
    let mut world = catalogue(&fixture);
    write(&fixture, &mut world, begun()).await;
    write(&fixture, &mut world, picked(ID, 1, 4)).await;
    let round = |cursor: &str, applied: u64| Delta {
        reset: true,
        ..delta(cursor, at(1, applied))
    };
    hub_says(&fixture, &mut world, round("c1", 2)).await;
    assert!(
        is_offered(&world),
        "the hub has the facts, and has not brought the task"
    );
    assert_eq!(moved(&world), Some(4));

    // The hub's word is the one that counts, and a later round may forget it.
    let task = begun().started.unwrap();
    let mut body = TaskBody::new(&task, &tallyman_floor::Progress::default());
    body.revision = 2;
    body.lines[0].confirmed_micro = 4_000_000;
    let brought = Delta {
        tasks: vec![body],
        ..delta("c2", at(1, 2))
    };
    hub_says(&fixture, &mut world, brought).await;
    assert_eq!(world.task(&TaskId::new(ID)).unwrap().revision, 2);
    assert_eq!(moved(&world), Some(4), "counted once");
    hub_says(&fixture, &mut world, round("c3", 2)).await;
    assert!(world.task(&TaskId::new(ID)).is_none());
}

#[tokio::test]
async fn what_is_over_is_not_offered_and_the_facts_may_be_forgotten() {
    for end in [Act::TaskClosed, Act::TaskStarted] {
        let fixture = store_with(0).await;
        let mut world = catalogue(&fixture);
        let place = write(&fixture, &mut world, begun()).await;
        let over = match end {
            Act::TaskStarted => reversed(&begun(), place),
            _ => about_the_task(end),
        };
        write(&fixture, &mut world, over).await;
        assert!(world.progress(&TaskId::new(ID)).task_closed());
        // A week later the journal is empty.
        let (fixture, _) = fixture.reopen_after(|path| meddle(path, "DELETE FROM journal"));
        assert!(!is_offered(&catalogue(&fixture)), "{end:?}");
    }
}

#[tokio::test]
async fn a_task_stays_known_when_the_fact_that_began_it_is_forgotten() {
    let fixture = store_with(0).await;
    let mut world = catalogue(&fixture);
    write(&fixture, &mut world, begun()).await;
    let (fixture, _) = fixture.reopen_after(|path| meddle(path, "DELETE FROM journal"));
    assert!(is_offered(&catalogue(&fixture)));
}

#[tokio::test]
async fn the_end_that_is_taken_back_offers_it_again() {
    let fixture = store_with(0).await;
    let mut world = catalogue(&fixture);
    write(&fixture, &mut world, begun()).await;
    let end = about_the_task(Act::TaskClosed);
    let place = write(&fixture, &mut world, end.clone()).await;
    assert!(!is_offered(&world));
    write(&fixture, &mut world, reversed(&end, place)).await;
    assert!(is_offered(&world));
}

#[tokio::test]
async fn a_salvaged_store_knows_what_the_floor_began() {
    let fixture = store_with(0).await;
    let mut world = catalogue(&fixture);
    write(&fixture, &mut world, begun()).await;
    write(&fixture, &mut world, picked(ID, 1, 4)).await;
    drop(world);
    let (fixture, _) = fixture.reopen_after(|path| {
        crate::store::salvage(path, "2026-11-29T08:00:00Z".parse().unwrap()).unwrap();
    });
    let world = catalogue(&fixture);
    assert!(is_offered(&world));
    assert_eq!(moved(&world), Some(4));
}
