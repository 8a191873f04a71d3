//! Cutting a delta into parts small enough that a scan need not wait for the whole.

use std::collections::VecDeque;

use tallyman_floor::wire::v1::Delta;

use crate::seams::CacheChange;

/// Lines of tasks, items or locations in one part: about ten milliseconds of work on a handheld.
const ROWS_MAX: usize = 400;

/// The parts of a delta, in order. The first carries what is not a list; the last moves the cursor.
pub(super) fn split(mut delta: Delta) -> VecDeque<CacheChange> {
    let tasks = std::mem::take(&mut delta.tasks);
    let items = std::mem::take(&mut delta.items);
    let locations = std::mem::take(&mut delta.locations);
    let details = std::mem::take(&mut delta.location_details);
    let mut parts = VecDeque::from([delta]);
    fill(
        &mut parts,
        tasks,
        |task| task.lines.len() + 1,
        |part| &mut part.tasks,
    );
    fill(&mut parts, items, |_| 1, |part| &mut part.items);
    fill(&mut parts, locations, |_| 1, |part| &mut part.locations);
    fill(&mut parts, details, |_| 1, |part| &mut part.location_details);
    let count = parts.len();
    parts
        .into_iter()
        .enumerate()
        .map(|(index, part)| CacheChange {
            part,
            last: index + 1 == count,
        })
        .collect()
}

fn fill<T>(
    parts: &mut VecDeque<Delta>,
    rows: Vec<T>,
    weight_of: impl Fn(&T) -> usize,
    list: impl Fn(&mut Delta) -> &mut Vec<T>,
) {
    let mut weight = 0;
    for row in rows {
        let more = weight_of(&row);
        let begin = weight + more > ROWS_MAX && weight > 0;
        weight = if begin { more } else { weight + more };
        if begin && let Some(next) = parts.back().map(bare) {
            parts.push_back(next);
        }
        if let Some(part) = parts.back_mut() {
            list(part).push(row);
        }
    }
}

/// A part without rows, which resets nothing and removes nothing.
fn bare(part: &Delta) -> Delta {
    Delta {
        reset: false,
        tasks: Vec::new(),
        removed_tasks: Vec::new(),
        items: Vec::new(),
        locations: Vec::new(),
        location_details: Vec::new(),
        site_rules: None,
        holds: None,
        workers: None,
        reasons: None,
        ..part.clone()
    }
}
