//! What a site is told, compared with what it was told before; the same for every store.

use tallyman_floor::wire::v1::{CountBody, ItemBody, PickBody, ReceiveBody, TaskBody, TaskKindBody};

/// The columns of a task that depend on its kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct KindColumns<'a> {
    pub(crate) kind: &'static str,
    /// A receipt's dock.
    pub(crate) dock: &'a str,
    pub(crate) over_tolerance_percent: u32,
    /// A pick's tote.
    pub(crate) into_unit: &'a str,
}

impl<'a> KindColumns<'a> {
    pub(crate) fn of(kind: &'a TaskKindBody) -> Self {
        let plain = KindColumns {
            kind: "count",
            dock: "",
            over_tolerance_percent: 0,
            into_unit: "",
        };
        match kind {
            TaskKindBody::Receive(body) => KindColumns {
                kind: "receive",
                dock: &body.dock,
                over_tolerance_percent: body.over_tolerance_percent,
                ..plain
            },
            TaskKindBody::Pick(body) => KindColumns {
                kind: "pick",
                into_unit: body.into.as_deref().unwrap_or_default(),
                ..plain
            },
            _ => plain,
        }
    }
}

/// The kind of a task from its columns.
pub(crate) fn kind_of(
    kind: &str,
    dock: String,
    over_tolerance_percent: u32,
    into_unit: String,
) -> TaskKindBody {
    match kind {
        "receive" => TaskKindBody::Receive(ReceiveBody {
            dock,
            over_tolerance_percent,
            ..ReceiveBody::default()
        }),
        "pick" => TaskKindBody::Pick(PickBody {
            into: some(into_unit),
            ..PickBody::default()
        }),
        _ => TaskKindBody::Count(CountBody::default()),
    }
}

/// A text that may be missing: in the stores nothing is the empty text.
pub(crate) fn some(text: String) -> Option<String> {
    Some(text).filter(|text| !text.is_empty())
}

/// Whether an item says the same as before. Its codes have no order.
pub(crate) fn same_item(before: &ItemBody, after: &ItemBody) -> bool {
    let sorted = |item: &ItemBody| {
        let mut item = item.clone();
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
