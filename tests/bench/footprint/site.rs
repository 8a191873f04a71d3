//! What the hub has sent to a device: tasks and items, in the device's own store.

use std::path::Path;

use tallyman_agent::seams::store::{CacheChange, Identity, Store as _};
use tallyman_agent::store::{SqliteStore, Writing};
use tallyman_codes::check_digit;
use tallyman_floor::wire::v1::{Delta, ItemBody, TaskBody};
use tallyman_floor::{
    Against, Item, ItemCode, ItemId, Line, LineNumber, LocationId, Progress, Quantity, QuantityEntry,
    ReceivePlan, SiteId, Task, TaskId, TaskKind, TaskState, Tracking,
};

const ITEMS: usize = 5_000;
/// Lines of one task.
const LINES_PER_TASK: usize = 1_000;
/// Tasks in one page of the hub.
const TASKS_PER_PAGE: usize = 10;
/// The reference of the task that is worked on.
pub const LAST: &str = "LAST";

/// Makes the store of an enrolled device that has cached so many lines, as the download does: page by page.
pub async fn fill(path: &Path, lines: usize) {
    let (store, _) = SqliteStore::open(path, Writing::Thread).expect("a store");
    let identity = Identity {
        device: "HANDHELD-01".to_owned(),
        site: "MAIN".to_owned(),
        epoch: 1,
    };
    store.enrol(identity).await.expect("enrolled");
    let tasks: Vec<TaskBody> = tasks(lines)
        .iter()
        .map(|task| TaskBody::new(task, &Progress::default()))
        .collect();
    let page = |cursor: usize| Delta {
        generation: "g1".to_owned(),
        cursor: cursor.to_string(),
        ..Delta::default()
    };
    let items = Delta {
        items: (0..ITEMS).map(|number| ItemBody::from(&item(number))).collect(),
        ..page(0)
    };
    let pages = tasks
        .chunks(TASKS_PER_PAGE)
        .enumerate()
        .map(|(number, tasks)| Delta {
            tasks: tasks.to_vec(),
            ..page(number + 1)
        });
    for part in std::iter::once(items).chain(pages) {
        store
            .cache(CacheChange { part, last: true })
            .await
            .expect("cached");
    }
}

/// What a scanner sends for a piece of the task that is worked on.
pub fn scanned(number: usize) -> String {
    format!("]E0{}\r", &gtin(number * 7 % LINES_PER_TASK)[1..])
}

/// Receipts of 1,000 lines each.
fn tasks(lines: usize) -> Vec<Task> {
    let tasks = lines / LINES_PER_TASK;
    let of = |task: usize| {
        let is_last = task + 1 == tasks;
        let line = |line: usize| Line {
            // The task that is worked on has the first items, so that a scan can be any of its lines.
            item: Some(item_id(if is_last {
                line
            } else {
                (task * 37 + line * 3) % ITEMS
            })),
            expected: Some(Quantity::from_micro(1_000_000_000)),
            ..Line::new(LineNumber(line as u32 + 1))
        };
        let id = format!("T-{task}");
        Task {
            id: TaskId::from(id.as_str()),
            site: SiteId::from("MAIN"),
            kind: TaskKind::Receive(ReceivePlan {
                dock: LocationId::from("DOCK-1"),
                against: Against::default(),
                over_tolerance_percent: 0,
                under_tolerance_percent: 0,
                checks: Vec::new(),
            }),
            revision: 1,
            state: TaskState::Open,
            reference: if is_last { LAST.to_owned() } else { id },
            priority: i32::from(is_last),
            assigned_to: None,
            quantity_entry: QuantityEntry::EachScan,
            lines: (0..LINES_PER_TASK).map(line).collect(),
        }
    };
    (0..tasks).map(of).collect()
}

fn item_id(number: usize) -> ItemId {
    ItemId::from(format!("ITEM-{number:05}").as_str())
}

fn item(number: usize) -> Item {
    Item {
        id: item_id(number),
        name: format!("Hex bolt M8 x {number:05}, zinc plated"),
        unit: "each".to_owned(),
        codes: vec![ItemCode {
            code: gtin(number),
            unit: "each".to_owned(),
            pack: Quantity::ONE,
        }],
        tracking: Tracking::default(),
        shelf_life_min_days: None,
        substitutes: Vec::new(),
        owner: None,
        picture: None,
    }
}

/// A GTIN-14 of the range that GS1 keeps for examples, the GTIN-13 behind its zero.
fn gtin(item: usize) -> String {
    let digits = format!("09521101{item:05}");
    let check = check_digit::of(digits.as_bytes()).expect("digits");
    format!("{digits}{}", char::from(check))
}
