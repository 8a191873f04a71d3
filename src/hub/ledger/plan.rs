//! What a site is told, compared with what it was told before; the same for every store.

use tallyman_floor::StockStatus;
use tallyman_floor::wire::v1::{ItemBody, TaskBody, TaskKindBody};

/// Where the work of a task is done, or what it goes into or comes from, for lists: a receipt's dock, a pick's tote, a load's
/// door; empty for none.
pub(crate) fn place_of(kind: &TaskKindBody) -> &str {
    match kind {
        TaskKindBody::Receive(receive) => &receive.dock,
        TaskKindBody::Pick(pick) => pick.into.as_deref().unwrap_or_default(),
        TaskKindBody::Pack(pack) => pack.from.as_deref().unwrap_or_default(),
        TaskKindBody::Load(load) => &load.door,
        TaskKindBody::Return(returned) => &returned.dock,
        TaskKindBody::Putaway {}
        | TaskKindBody::Replenish {}
        | TaskKindBody::Move {}
        | TaskKindBody::Count(_)
        | TaskKindBody::Inspect(_) => "",
    }
}

/// How much more than expected may be received without a question, in percent.
pub(crate) const fn over_tolerance_percent(kind: &TaskKindBody) -> u32 {
    match kind {
        TaskKindBody::Receive(receive) => receive.over_tolerance_percent,
        _ => 0,
    }
}

/// What goods are before they are looked at: as the inspection says, and available for all other work.
pub(crate) fn status_before(kind: &TaskKindBody) -> StockStatus {
    match kind {
        TaskKindBody::Inspect(inspect) => StockStatus::of_word(&inspect.status).unwrap_or_default(),
        _ => StockStatus::default(),
    }
}

/// A text that may be missing: in the stores nothing is the empty text.
pub(crate) fn some(text: String) -> Option<String> {
    Some(text).filter(|text| !text.is_empty())
}

/// Whether an item says the same as before. Its codes have no order, and its picture is given in by itself.
pub(crate) fn same_item(before: &ItemBody, after: &ItemBody) -> bool {
    let sorted = |item: &ItemBody| {
        let mut item = item.clone();
        item.picture = None;
        item.codes.sort_by(|one, other| one.code.cmp(&other.code));
        item
    };
    sorted(before) == sorted(after)
}

/// Whether a task says the same as before; revision and progress are the hub's, not the file's.
pub(crate) fn same_task(before: &TaskBody, after: &TaskBody) -> bool {
    let plain = |task: &TaskBody| {
        let mut task = task.clone();
        task.revision = 0;
        task.state = String::new();
        (task.claim, task.doubts) = (None, Vec::new());
        for line in &mut task.lines {
            (line.confirmed_micro, line.closed) = (0, false);
        }
        task
    };
    // A task that is done or cancelled and comes again is meant to be worked on again.
    before.state == after.state && plain(before) == plain(after)
}
