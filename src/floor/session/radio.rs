//! What the device's RFID reader is wanted for: it follows from where the worker stands.

use crate::catalogue::Catalogue;
use crate::ids::{ItemId, LocationId};
use crate::item::Item;
use crate::passed::PortalWish;
use crate::plan::Check;
use crate::standing::Standing;
use crate::swept::{Radio, SweepWish};
use crate::task::{Line, Task, TaskKind};
use crate::verdict::Question;

use super::Session;

impl Session {
    /// What the RFID reader is wanted for now. In a place of a count it sweeps; while a piece is looked for it finds; else
    /// a tag is read as a label is.
    pub fn radio(&self, catalogue: &dyn Catalogue) -> Radio {
        if let Some(Question::Locate { piece }) = self.stage.open.as_ref().map(|open| &open.question) {
            return Radio::Find {
                gtins: gtins_of(catalogue, &piece.item),
                serial: piece.serial.clone(),
            };
        }
        if let Some(wish) = self.portal_wish(catalogue) {
            return Radio::Portal(wish);
        }
        self.sweep_wish(catalogue).map_or(Radio::Scan, Radio::Sweep)
    }

    fn portal_wish(&self, catalogue: &dyn Catalogue) -> Option<PortalWish> {
        let task = catalogue.task(self.stage.task.as_ref()?)?;
        let TaskKind::Receive(plan) = &task.kind else {
            return None;
        };
        let observed = &self.stage.observed;
        let is_before_goods = |check: &&Check| **check != Check::Signature && !observed.contains(check);
        Some(PortalWish {
            task: task.id.clone(),
            dock: plan.dock.clone(),
            is_held_up: plan.checks.iter().any(|check| is_before_goods(&check))
                && !self.has_begun(&task, catalogue),
        })
    }

    fn has_begun(&self, task: &Task, catalogue: &dyn Catalogue) -> bool {
        let progress = catalogue.progress(&task.id);
        !self.stage.tally.is_empty() || progress.lines().any(|(_, line)| line.quantity.is_positive())
    }

    fn sweep_wish(&self, catalogue: &dyn Catalogue) -> Option<SweepWish> {
        let location = self.stage.location.as_ref()?;
        let task = catalogue.task(self.stage.task.as_ref()?)?;
        if !matches!(task.kind, TaskKind::Count(_)) {
            return None;
        }
        let standing = Standing::new(task.clone(), catalogue.progress(&task.id));
        let is_open = |line: &&Line| is_at(line, location) && !standing.is_done(line);
        let lines: Vec<&Line> = task.lines.iter().filter(is_open).collect();
        let items: Vec<ItemId> = lines.iter().filter_map(|line| line.item.clone()).collect();
        let is_tagged = |item: &ItemId| {
            let known = catalogue.item(item);
            known.is_some_and(|item| item.tracking.tag)
        };
        let is_whole = items.len() < lines.len();
        let gtins = items.iter().flat_map(|item| gtins_of(catalogue, item));
        (!lines.is_empty()).then(|| SweepWish {
            task: task.id.clone(),
            location: location.clone(),
            gtins: gtins.filter(|_| !is_whole).collect(),
            is_expected: items.iter().any(is_tagged),
            is_paused: self.stage.open.is_some() || self.stage.typing || self.stage.digits,
        })
    }
}

fn is_at(line: &Line, location: &LocationId) -> bool {
    line.location.as_ref() == Some(location)
}

/// The GTINs of an item: what its tags may carry.
pub(crate) fn gtins_of(catalogue: &dyn Catalogue, item: &ItemId) -> Vec<String> {
    let known = catalogue.item(item);
    let codes = known.iter().flat_map(|item: &std::sync::Arc<Item>| &item.codes);
    let is_gtin = |code: &str| code.len() == 14 && code.bytes().all(|byte| byte.is_ascii_digit());
    codes
        .map(|code| code.code.clone())
        .filter(|code| is_gtin(code))
        .collect()
}
