//! Which pictures the cached tasks want.

use tallyman_floor::wire::picture::id_of;
use tallyman_floor::wire::v1::ClaimBody;
use tallyman_floor::{PictureId, TaskId};

use super::cache::{delta, item, task};
use super::*;
use crate::seams::PictureWishes as _;
use crate::store::CachedWishes;

fn picture(of: &str) -> PictureId {
    id_of(of.as_bytes())
}

fn pictured(id: &str) -> ItemBody {
    ItemBody {
        picture: Some(picture(id).to_string()),
        ..item(id, id)
    }
}

/// A task of these items, a line for each.
fn of_items(id: &str, priority: i32, items: &[&str]) -> TaskBody {
    let mut task = task(id, id, priority, u32::try_from(items.len()).unwrap());
    for (line, item) in task.lines.iter_mut().zip(items) {
        line.item = Some((*item).to_owned());
    }
    task
}

async fn store_of(tasks: Vec<TaskBody>, items: Vec<ItemBody>) -> Fixture {
    let fixture = store_with(0).await;
    let part = Delta {
        tasks,
        items,
        ..delta("c1", at(1, 0))
    };
    fixture
        .store
        .cache(CacheChange { part, last: true })
        .await
        .unwrap();
    fixture
}

#[tokio::test]
async fn the_open_task_comes_first_then_what_is_held_then_the_list() {
    let held_by = |device: &str| {
        Some(ClaimBody {
            device: device.to_owned(),
            device_name: device.to_owned(),
            worker: None,
            fence: 1,
            until: "2026-11-23T09:00:00Z".parse().unwrap(),
            heard: "2026-11-23T09:00:00Z".parse().unwrap(),
            ahead: false,
            lease_ms: 0,
        })
    };
    let mut mine = of_items("MINE", 0, &["D"]);
    mine.claim = held_by("dev-7");
    let mut theirs = of_items("THEIRS", 1, &["E"]);
    theirs.claim = held_by("dev-8");
    let mut half_done = of_items("HALF", 5, &["F", "C"]);
    half_done.lines[0].closed = true;
    let mut done = of_items("DONE", 9, &["G"]);
    done.state = "done".to_owned();
    let tasks = vec![
        of_items("OPEN", 0, &["B", "A", "PLAIN", "B"]),
        mine,
        theirs,
        half_done,
        done,
    ];
    let mut items: Vec<ItemBody> = ["A", "B", "C", "D", "E", "F", "G"].map(pictured).into();
    items.push(item("PLAIN", "PLAIN"));
    items.push(ItemBody {
        picture: Some("of another form".to_owned()),
        ..item("ODD", "ODD")
    });
    let fixture = store_of(tasks, items).await;
    let wishes = CachedWishes::of(&fixture.path());
    let wanted = |open: Option<&str>, max| {
        let open = open.map(TaskId::from);
        wishes.wishes(open.as_ref(), max).unwrap()
    };
    let named = |items: &[&str]| items.iter().map(|item| picture(item)).collect::<Vec<_>>();
    assert_eq!(wanted(Some("OPEN"), 100), named(&["B", "A", "D", "C", "E"]));
    assert_eq!(wanted(None, 100), named(&["D", "C", "E", "B", "A"]));
    assert_eq!(wanted(Some("OPEN"), 2), named(&["B", "A"]));
    assert_eq!(wanted(Some("GHOST"), 0), []);
}

#[tokio::test]
async fn a_store_without_tasks_wants_none_and_one_that_is_gone_says_so() {
    let fixture = store_with(0).await;
    assert_eq!(CachedWishes::of(&fixture.path()).wishes(None, 10).unwrap(), []);
    let gone = CachedWishes::of(&fixture.path().with_extension("gone"));
    assert!(gone.wishes(None, 10).is_err());
}
