//! Tasks that a decision makes: to count a location, and to pick what is missing.

use std::collections::BTreeMap;

use tallyman_floor::Quantity;
use tallyman_floor::wire::v1::{CountBody, LineBody, TaskBody, TaskKindBody};

use super::{Case, Plan};
use crate::ledger::account::AccountKind;
use crate::ledger::exception::ExceptionKind;

/// A task to count the location; none where one is open.
pub(super) fn count_task(case: &Case) -> Option<TaskBody> {
    if case.open_count.is_some() || case.location.is_empty() {
        return None;
    }
    let id = format!("COUNT-{}", case.exception);
    Some(count_of(id, "COUNT", &case.location, None, CountBody::default()))
}

/// A task to count one location, or one item there.
pub(crate) fn count_of(
    id: String,
    what: &str,
    location: &str,
    item: Option<String>,
    plan: CountBody,
) -> TaskBody {
    let line = LineBody {
        location: Some(location.to_owned()),
        item,
        ..empty_line(1)
    };
    TaskBody {
        id,
        reference: format!("{what} {location}"),
        lines: vec![line],
        ..empty_task(TaskKindBody::Count(plan))
    }
}

/// An open task without lines.
pub(crate) fn empty_task(kind: TaskKindBody) -> TaskBody {
    TaskBody {
        id: String::new(),
        site: String::new(),
        kind,
        revision: 1,
        state: "open".to_owned(),
        reference: String::new(),
        priority: 0,
        assigned_to: None,
        quantity_entry: "each_scan".to_owned(),
        claim: None,
        doubts: Vec::new(),
        lines: Vec::new(),
    }
}

fn empty_line(number: u32) -> LineBody {
    LineBody {
        number,
        ..LineBody::default()
    }
}

/// A task for what is missing: of a short line from elsewhere, with a count of the location; of a line that was left to
/// another device from where it was planned.
pub(super) fn pick_elsewhere(case: &Case, kind: ExceptionKind) -> Result<Plan, String> {
    let (Some(task), Some(line)) = (&case.task, case.planned_line()) else {
        return Err("The task has no such line any more.".to_owned());
    };
    if !matches!(task.kind, TaskKindBody::Pick(_)) {
        return Err("Only what is to be picked can be picked elsewhere.".to_owned());
    }
    let open = line
        .expected_micro
        .unwrap_or(0)
        .saturating_sub(line.confirmed_micro);
    let missing = case.found_micro.unwrap_or(open).min(open);
    if missing <= 0 {
        return Err("Nothing of the line is missing any more.".to_owned());
    }
    let parts = if kind == ExceptionKind::WaitsForDevice {
        vec![(line.location.clone().unwrap_or_default(), missing)]
    } else {
        elsewhere(case, line, missing)?
    };
    let lines = (1..).zip(parts).map(|(number, (location, micro))| LineBody {
        item: line.item.clone(),
        expected_micro: Some(micro),
        location: Some(location).filter(|location| !location.is_empty()),
        lot: line.lot.clone(),
        expiry_min: line.expiry_min,
        owner: line.owner.clone(),
        ..empty_line(number)
    });
    let rest = TaskBody {
        id: format!("{}+{}", task.id, case.exception),
        reference: format!("{}+{}", task.reference, case.exception),
        priority: task.priority.saturating_add(1).min(1_000),
        quantity_entry: task.quantity_entry.clone(),
        lines: lines.collect(),
        ..empty_task(task.kind.clone())
    };
    let count = count_task(case).filter(|_| kind == ExceptionKind::Short);
    Ok(Plan {
        tasks: std::iter::once(rest).chain(count).collect(),
        ..Plan::default()
    })
}

/// From where so much can be picked instead: one location where one has enough, else the fullest first.
fn elsewhere(case: &Case, line: &LineBody, missing: i64) -> Result<Vec<(String, i64)>, String> {
    let mut usable: BTreeMap<&str, i64> = BTreeMap::new();
    for (account, stock, micro) in &case.stock {
        let fits = account.kind == AccountKind::Location
            && account.place != case.location
            && stock.status == "available"
            && line.lot.as_ref().is_none_or(|lot| *lot == stock.lot)
            && line.owner.as_ref().is_none_or(|owner| *owner == stock.owner);
        if fits {
            *usable.entry(&account.place).or_default() += micro;
        }
    }
    let mut usable: Vec<(&str, i64)> = usable.into_iter().filter(|(_, micro)| *micro > 0).collect();
    usable.sort_by_key(|(_, micro)| std::cmp::Reverse(*micro));
    if let Some((place, _)) = usable.iter().rev().find(|(_, micro)| *micro >= missing) {
        return Ok(vec![((*place).to_owned(), missing)]);
    }
    let mut rest = missing;
    let mut parts = Vec::new();
    for (place, micro) in usable {
        let part = micro.min(rest);
        if part > 0 {
            parts.push((place.to_owned(), part));
            rest -= part;
        }
    }
    if rest == 0 {
        return Ok(parts);
    }
    let there = Quantity::from_micro(missing - rest);
    Err(if there.is_zero() {
        "By the book there is nothing of it in any other location. Have the location counted, or leave it short.".to_owned()
    } else {
        format!(
            "By the book other locations have only {there} of it. Have the location counted, or leave it short."
        )
    })
}
