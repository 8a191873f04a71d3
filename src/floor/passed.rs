//! A pass through a portal, as a step of a session is told it: which one, which way, and what the lights of the door show
//! for it.
//!
//! The tags of a pass are thousands of sightings, as those of a sweep are. They lie beside the session, and the step that is
//! told of the pass asks the [catalogue](crate::Catalogue::swept_tags) for them: under the receipt and its dock.

use std::collections::HashSet;

use tallyman_codes::EpcBytes;

use crate::catalogue::Catalogue;
use crate::confirmation::PassReference;
use crate::ids::{LocationId, TaskId};
use crate::plan::Against;
use crate::rfid::{Class, Direction, Known};
use crate::session::radio::gtins_of;
use crate::swept::{Named, SweptTag};
use crate::task::TaskKind;

/// A pass that is over and judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Passed {
    /// Which one.
    pub pass: PassReference,
    /// Which way the goods went; `None` where the portal cannot tell, or they went both ways.
    pub way: Option<Direction>,
    /// Whether every tag that was heard is among those told: not where there were more than a pass keeps.
    pub is_whole: bool,
}

/// What the light stack of a door shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Light {
    /// No receipt is open: nothing that passes is recorded.
    #[default]
    Off,
    /// Goods can come.
    Ready,
    /// Goods pass.
    Reading,
    /// The pass is recorded, and nobody has to look at anything.
    Good,
    /// Something of the pass is to be looked at.
    Doubt,
    /// Nothing was recorded, or nothing can be.
    Stop,
}

impl Light {
    /// Every one, for tables and tests.
    pub const ALL: [Self; 6] = [
        Self::Off,
        Self::Ready,
        Self::Reading,
        Self::Good,
        Self::Doubt,
        Self::Stop,
    ];

    /// The word of configurations.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Ready => "ready",
            Self::Reading => "reading",
            Self::Good => "good",
            Self::Doubt => "doubt",
            Self::Stop => "stop",
        }
    }
}

/// A receipt that is worked at a portal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PortalWish {
    /// The receipt.
    pub task: TaskId,
    /// Where its goods are put down.
    pub dock: LocationId,
    /// Whether something has to be looked at before the first goods: until then none may pass.
    pub is_held_up: bool,
}

/// What a receipt announces, as tags name it.
#[derive(Debug, Clone, Default)]
pub struct Announced {
    gtins: HashSet<String>,
    units: HashSet<String>,
}

impl Announced {
    /// What the lines of a receipt name; nothing where it is blind.
    pub fn of(catalogue: &dyn Catalogue, task: &TaskId) -> Self {
        let mut announced = Self::default();
        let Some(task) = catalogue.task(task) else {
            return announced;
        };
        if matches!(&task.kind, TaskKind::Receive(plan) if plan.against == Against::Blind) {
            return announced;
        }
        let items: HashSet<_> = task.lines.iter().filter_map(|line| line.item.as_ref()).collect();
        for item in items {
            announced.gtins.extend(gtins_of(catalogue, item));
        }
        let units = task.lines.iter().filter_map(|line| line.handling_unit.as_ref());
        announced.units = units.map(ToString::to_string).collect();
        announced
    }

    /// What is known of a tag before anything was heard of it.
    pub fn knows(&self, epc: &EpcBytes, pc: Option<u16>) -> Known {
        let tag = SweptTag {
            epc: *epc,
            epc_bits: None,
            pc,
            class: Class::Maybe,
        };
        let is_announced = match tag.named() {
            Named::Piece { gtin, .. } => self.gtins.contains(&gtin),
            Named::Unit(unit) => self.units.contains(&unit),
            Named::Place | Named::Other => false,
        };
        match is_announced {
            true => Known::Here,
            false => Known::Nothing,
        }
    }
}
