//! What a sweep comes to, as a step of a session is told it: how many tags of a place are sure, and which they are.
//!
//! A sweep is thousands of sightings, and a session is stored whole with every step. So the sightings lie beside it, and
//! the session asks the [catalogue](crate::Catalogue::sweep): for figures while the worker sweeps, for one piece when its
//! barcode is scanned, and for all tags when the place is closed.

use std::sync::Arc;

use tallyman_codes::{EpcBytes, epc};

use crate::ids::{LocationId, TaskId};
use crate::passed::PortalWish;
use crate::rfid::Class;

/// The figures of a sweep.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SweepFigures {
    /// Tags that are sure.
    pub sure: u32,
    /// Tags that are not.
    pub maybe: u32,
    /// Tags that were heard from elsewhere.
    pub stray: u32,
    /// How many of all of them a dead battery would not take.
    pub kept: u32,
    /// Whether hardly anything new is to be expected from going on.
    pub is_done: bool,
}

/// A tag as it is when the place is closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SweptTag {
    /// The EPC memory after CRC and PC.
    pub epc: EpcBytes,
    /// The EPC's length in bits, where it is no whole number of bytes.
    pub epc_bits: Option<u16>,
    /// The protocol control word, where the reader told it.
    pub pc: Option<u16>,
    /// How sure it is.
    pub class: Class,
}

/// A sweep as it stands: its figures and its tags.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Swept {
    /// The figures.
    pub figures: SweepFigures,
    /// The tags of every class, in no order that means anything.
    pub tags: Arc<[SweptTag]>,
}

impl Swept {
    /// How sure the tag of a piece is, by its GTIN in 14 digits and its serial number; `None` where it was not heard.
    pub fn class_of(&self, gtin: &str, serial: &str) -> Option<Class> {
        let is_it = |tag: &&SweptTag| matches!(tag.named(), Named::Piece { gtin: told, serial: number, .. } if told == gtin && number == serial);
        self.tags.iter().filter(is_it).map(|tag| tag.class).max()
    }
}

/// What a tag names.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Named {
    /// A piece: GTIN and serial number, and the lot where the tag tells one.
    Piece {
        gtin: String,
        serial: String,
        lot: Option<String>,
    },
    /// A handling unit, by its SSCC.
    Unit(String),
    /// A place: the label of a shelf.
    Place,
    /// Something else, or nothing that anybody knows.
    Other,
}

impl SweptTag {
    /// What it names.
    pub(crate) fn named(&self) -> Named {
        let bits = self.epc_bits.map(usize::from);
        let Ok(read) = epc::decode(&self.epc, bits, self.pc) else {
            return Named::Other;
        };
        let mut elements = read.elements();
        let mut take = |ai: &str| {
            let place = elements.iter().position(|element| element.ai == ai)?;
            Some(elements.swap_remove(place).value)
        };
        match (take("01"), take("21")) {
            (Some(gtin), Some(serial)) => {
                let lot = take("10");
                Named::Piece { gtin, serial, lot }
            }
            _ => match (take("00"), take("414")) {
                (Some(sscc), _) => Named::Unit(sscc),
                (None, Some(_)) => Named::Place,
                (None, None) => Named::Other,
            },
        }
    }
}

/// What an RFID reader of the device is wanted for, as the work stands.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Radio {
    /// Tags are read as labels are: one is a scan, several are a question.
    #[default]
    Scan,
    /// A place is swept.
    Sweep(SweepWish),
    /// Goods come in through a portal, where the device has one; else tags are read as labels are.
    Portal(PortalWish),
    /// One piece is looked for by its signal.
    Find {
        /// The GTINs that its tag may have, in 14 digits.
        gtins: Vec<String>,
        /// Its serial number.
        serial: String,
    },
}

/// A place that is swept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SweepWish {
    /// The count.
    pub task: TaskId,
    /// The place.
    pub location: LocationId,
    /// The GTINs of what is counted there; empty for whatever there is.
    pub gtins: Vec<String>,
    /// Tagged goods are counted here by name: the reader starts without a trigger.
    pub is_expected: bool,
    /// A question is open, or something is typed: what is heard meanwhile does not count, so that the answer is about the
    /// figures that were shown.
    pub is_paused: bool,
}

/// The GTIN in 14 digits and the serial number that a tag carries; `None` where it is no piece's.
pub fn piece_of(epc: &EpcBytes, epc_bits: Option<u16>, pc: Option<u16>) -> Option<(String, String)> {
    let tag = SweptTag {
        epc: *epc,
        epc_bits,
        pc,
        class: Class::Maybe,
    };
    match tag.named() {
        Named::Piece { gtin, serial, .. } => Some((gtin, serial)),
        Named::Unit(_) | Named::Place | Named::Other => None,
    }
}
