//! Tasks and lines, with what all devices confirmed of them.

use std::collections::HashSet;

use super::{ConvertError, positive, text};
use crate::claim::{Claim, Doubt, Holder, Lease};
use crate::ids::{HandlingUnitId, ItemId, LineNumber, LocationId, OwnerId, SiteId, TaskId, WorkerId};
use crate::progress::{LineProgress, Progress};
use crate::quantity::Quantity;
use crate::task::{Line, QuantityEntry, Task, TaskKind, TaskState};
use crate::wire::v1::{DoubtBody, LineBody, TaskBody, TaskKindBody};

impl TaskBody {
    /// A task with what is confirmed of it, as the hub sends it.
    pub fn new(task: &Task, progress: &Progress) -> Self {
        let line = |line: &Line| LineBody::new(line, progress.line(line.number));
        Self {
            id: task.id.to_string(),
            site: task.site.to_string(),
            kind: TaskKindBody::from(&task.kind),
            revision: task.revision,
            state: task.state.word().to_owned(),
            reference: task.reference.clone(),
            priority: task.priority,
            assigned_to: text(task.assigned_to.as_ref()),
            quantity_entry: task.quantity_entry.word().to_owned(),
            claim: None,
            doubts: Vec::new(),
            lines: task.lines.iter().map(line).collect(),
        }
    }

    /// What all devices confirmed of the task up to the mark of the delta that brought it.
    pub fn progress(&self) -> Progress {
        let lines = self.lines.iter().map(|line| {
            let progress = LineProgress {
                quantity: Quantity::from_micro(line.confirmed_micro),
                closed: line.closed,
            };
            (LineNumber(line.number), progress)
        });
        Progress::from_lines(lines)
    }
}

impl TaskBody {
    /// Who holds it and what is in doubt, as `device` sees it; `None` where the hub says nothing of either.
    pub fn claim_for(&self, device: &str) -> Option<Claim> {
        if self.claim.is_none() && self.doubts.is_empty() {
            return None;
        }
        let mut claim = Claim {
            doubts: self.doubts.iter().map(Doubt::from).collect(),
            ..Claim::default()
        };
        if let Some(body) = &self.claim {
            let lease = Lease {
                fence: body.fence,
                until: body.until,
                renewed_ms: body.lease_ms,
            };
            if body.device == device {
                claim.own = Some(lease);
            } else {
                claim.holder = Some(Holder {
                    name: called(&body.device_name, body.worker.as_deref()),
                    heard: body.heard,
                    lease,
                });
            }
        }
        Some(claim)
    }
}

/// A device with who works with it.
fn called(device: &str, worker: Option<&str>) -> String {
    match worker {
        Some(worker) => format!("{device} ({worker})"),
        None => device.to_owned(),
    }
}

impl From<&DoubtBody> for Doubt {
    fn from(body: &DoubtBody) -> Self {
        Self {
            name: called(&body.device_name, body.worker.as_deref()),
            lines: body.lines.iter().copied().map(LineNumber).collect(),
        }
    }
}

impl TryFrom<TaskBody> for Task {
    type Error = ConvertError;

    fn try_from(body: TaskBody) -> Result<Self, ConvertError> {
        let mut numbers = HashSet::with_capacity(body.lines.len());
        for number in body.lines.iter().map(|line| line.number) {
            if number == 0 || !numbers.insert(number) {
                return Err(ConvertError::LineNumber { number });
            }
        }
        let lines: Result<_, _> = body.lines.into_iter().map(Line::try_from).collect();
        Ok(Self {
            id: TaskId::new(body.id),
            site: SiteId::new(body.site),
            kind: TaskKind::try_from(body.kind)?,
            revision: body.revision,
            state: TaskState::of_word(&body.state).ok_or_else(|| ConvertError::word("state", &body.state))?,
            reference: body.reference,
            priority: body.priority,
            assigned_to: body.assigned_to.map(WorkerId::new),
            quantity_entry: QuantityEntry::of_word(&body.quantity_entry)
                .ok_or_else(|| ConvertError::word("quantity_entry", &body.quantity_entry))?,
            lines: lines?,
        })
    }
}

impl LineBody {
    /// A line with what is confirmed of it.
    fn new(line: &Line, progress: LineProgress) -> Self {
        Self {
            number: line.number.0,
            item: text(line.item.as_ref()),
            expected_micro: line.expected.map(Quantity::micro),
            location: text(line.location.as_ref()),
            to: text(line.to.as_ref()),
            why: line.why.clone(),
            handling_unit: text(line.handling_unit.as_ref()),
            into: text(line.into.as_ref()),
            lot: line.lot.clone(),
            serial: line.serial.clone(),
            expiry_min: line.expiry_min,
            owner: text(line.owner.as_ref()),
            confirmed_micro: progress.quantity.micro(),
            closed: progress.closed,
        }
    }
}

impl TryFrom<LineBody> for Line {
    type Error = ConvertError;

    fn try_from(body: LineBody) -> Result<Self, ConvertError> {
        let expected = body
            .expected_micro
            .map(|micro| positive("lines.expected_micro", micro))
            .transpose()?;
        Ok(Self {
            number: LineNumber(body.number),
            item: body.item.map(ItemId::new),
            expected,
            location: body.location.map(LocationId::new),
            to: body.to.map(LocationId::new),
            why: body.why,
            handling_unit: body.handling_unit.map(HandlingUnitId::new),
            into: body.into.map(HandlingUnitId::new),
            lot: body.lot,
            serial: body.serial,
            expiry_min: body.expiry_min,
            owner: body.owner.map(OwnerId::new),
        })
    }
}
