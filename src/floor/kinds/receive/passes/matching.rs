//! What the tags of a pass come to, against what is announced: which line each piece belongs to, what came before, and what has
//! to be looked at.

use std::collections::{BTreeMap, HashMap};

use crate::confirmation::{Act, Draft, Goods, PassReference, Place};
use crate::ids::{HandlingUnitId, ItemId, LineNumber};
use crate::passed::Passed;
use crate::quantity::Quantity;
use crate::rfid::Class;
use crate::session::stage::{CheckWhy, PassCheck};
use crate::session::work::Work;
use crate::swept::{Named, SweptTag};
use crate::task::Line;

use super::super::super::tagged::{Goodly, chunk_max, goods, piece_of, raw};
use super::super::{dock, is_blind, lines, over_tolerance, units};
use super::item_of;

/// The tags of a pass by what they name. What carries two tags is as sure as the better of them.
#[derive(Debug, Default)]
pub(super) struct Heard {
    /// By GTIN and lot: each serial number.
    pieces: BTreeMap<(String, Option<String>), BTreeMap<String, SweptTag>>,
    /// By SSCC.
    units: BTreeMap<String, SweptTag>,
    stray: u32,
}

impl Heard {
    pub(super) fn of(work: &Work<'_>) -> Self {
        let mut heard = Self::default();
        let Some(dock) = dock(work) else { return heard };
        let mut tags = work.desk.catalogue.swept_tags(&work.task.id, dock).to_vec();
        // Whatever the order of the sightings was, the facts are the same.
        tags.sort_unstable();
        let better = |known: &mut SweptTag, tag: SweptTag| {
            if tag.class > known.class {
                *known = tag;
            }
        };
        for tag in tags {
            if tag.class == Class::Stray {
                heard.stray = heard.stray.saturating_add(1);
                continue;
            }
            match tag.named() {
                Named::Piece { gtin, serial, lot } => {
                    let pieces = heard.pieces.entry((gtin, lot)).or_default();
                    let known = pieces.entry(serial);
                    known.and_modify(|known| better(known, tag)).or_insert(tag);
                }
                Named::Unit(unit) => {
                    let known = heard.units.entry(unit);
                    known.and_modify(|known| better(known, tag)).or_insert(tag);
                }
                // The label of a place, a crate: nothing that is received.
                Named::Place | Named::Other => {}
            }
        }
        heard
    }
}

/// What a pass comes to.
#[derive(Debug, Default)]
pub(super) struct Read {
    /// Pieces that are recorded, by what one fact can say of them.
    pub(super) sure: BTreeMap<Goodly, Vec<(String, SweptTag)>>,
    /// Units that are recorded as a whole.
    pub(super) units: Vec<(String, SweptTag)>,
    /// What is to be looked at.
    pub(super) checks: Vec<PassCheck>,
    /// What was recorded before.
    pub(super) known: u32,
    pub(super) stray: u32,
    /// What this pass adds to each line.
    taken: HashMap<LineNumber, Quantity>,
}

impl Read {
    pub(super) fn of(work: &Work<'_>, heard: &Heard) -> Self {
        let mut read = Self {
            stray: heard.stray,
            ..Self::default()
        };
        let mut items = Vec::new();
        for ((gtin, lot), pieces) in &heard.pieces {
            let item = item_of(work, gtin);
            items.extend(item.clone());
            let goodly = Goodly {
                line: None,
                item,
                gtin: gtin.clone(),
                lot: lot.clone(),
            };
            read.take_pieces(work, heard, &goodly, pieces);
        }
        for (unit, tag) in &heard.units {
            read.take_unit(work, unit, *tag, &items);
        }
        read
    }

    fn check(&mut self, code: &str, serial: Option<&str>, why: CheckWhy) {
        self.checks.push(PassCheck {
            code: code.to_owned(),
            serial: serial.map(str::to_owned),
            why,
            pass: PassReference::default(),
        });
    }

    /// Pieces of one GTIN and lot.
    fn take_pieces(
        &mut self,
        work: &Work<'_>,
        heard: &Heard,
        goodly: &Goodly,
        pieces: &BTreeMap<String, SweptTag>,
    ) {
        let called = goodly.called();
        let pack = piece_of(work, goodly).pack;
        let open = OpenLines::of(work, heard, goodly);
        for (serial, tag) in pieces {
            let placed = match tag.class {
                _ if work.standing.has_serial(&called, serial) => Placed::Known,
                Class::Sure if goodly.item.is_some() => open.place(work, &self.taken, serial, pack),
                Class::Sure => Placed::Check(CheckWhy::Surplus),
                Class::Maybe | Class::Stray => Placed::Check(CheckWhy::Maybe),
            };
            match placed {
                Placed::Known => self.known = self.known.saturating_add(1),
                Placed::Check(why) => self.check(&goodly.gtin, Some(serial), why),
                Placed::Line(line) if lacks(work, goodly, line) => {
                    self.check(&goodly.gtin, Some(serial), CheckWhy::Details);
                }
                Placed::Line(line) => {
                    if let Some(line) = line {
                        *self.taken.entry(line.number).or_default() += pack;
                    }
                    let of_line = Goodly {
                        line: line.map(|line| line.number),
                        lot: goodly.lot.clone().or_else(|| line?.lot.clone()),
                        ..goodly.clone()
                    };
                    self.sure.entry(of_line).or_default().push((serial.clone(), *tag));
                }
            }
        }
    }

    /// A handling unit: as a whole where the list says all of it and none of its pieces was heard by a tag of its own.
    fn take_unit(&mut self, work: &Work<'_>, unit: &str, tag: SweptTag, items: &[ItemId]) {
        let id = HandlingUnitId::from(unit);
        let mut lines = units::lines_of(work, &id).peekable();
        if lines.peek().is_none() {
            if !is_blind(work) {
                let why = match tag.class {
                    Class::Sure => CheckWhy::Surplus,
                    Class::Maybe | Class::Stray => CheckWhy::Maybe,
                };
                self.check(unit, None, why);
            }
            return;
        }
        let is_begun = |line: &Line| {
            let progress = work.standing.line(line.number);
            progress.closed || progress.quantity.is_positive()
        };
        let by_pieces = |line: &Line| line.item.as_ref().is_some_and(|item| items.contains(item));
        let (mut is_known, mut is_by_pieces) = (false, false);
        for line in lines {
            is_known |= is_begun(line);
            is_by_pieces |= by_pieces(line);
        }
        match tag.class {
            _ if is_by_pieces => {}
            _ if is_known => self.known = self.known.saturating_add(1),
            Class::Sure if units::whole(work, &id).is_some() => self.units.push((unit.to_owned(), tag)),
            Class::Sure => self.check(unit, None, CheckWhy::Details),
            Class::Maybe | Class::Stray => self.check(unit, None, CheckWhy::Maybe),
        }
    }

    pub(super) fn drafts(&self, work: &Work<'_>, passed: &Passed) -> Vec<Draft> {
        let portal = passed.pass.portal.as_str();
        let to = dock(work).cloned().map(Place::Location);
        let mut drafts = Vec::new();
        for (goodly, pieces) in &self.sure {
            let piece = piece_of(work, goodly);
            let line = goodly.line.and_then(|number| work.task.line(number));
            for pieces in pieces.chunks(chunk_max(&piece)) {
                let goods = goods(work, &piece, pieces).map(|goods| Goods {
                    handling_unit: line.and_then(|line| line.handling_unit.clone()),
                    ..goods
                });
                drafts.push(Draft {
                    goods,
                    from: Some(Place::Supplier),
                    to: to.clone(),
                    raw: Some(raw(portal, pieces.iter().map(|(_, tag)| tag))),
                    pass: Some(passed.pass.clone()),
                    ..work.draft(Act::Received, goodly.line)
                });
            }
        }
        for (unit, tag) in &self.units {
            let whole = units::whole(work, &HandlingUnitId::from(unit.as_str()));
            drafts.extend(whole.into_iter().flatten().map(|draft| Draft {
                raw: Some(raw(portal, std::iter::once(tag))),
                pass: Some(passed.pass.clone()),
                ..draft
            }));
        }
        // A fact without goods would be none: its pieces are too many to be said in one.
        drafts.retain(|draft| draft.goods.is_some());
        drafts
    }
}

/// Where a piece belongs.
enum Placed<'w> {
    /// To this line; to none in a blind receipt.
    Line(Option<&'w Line>),
    /// To what was recorded before.
    Known,
    /// To nobody knows what.
    Check(CheckWhy),
}

/// The lines that take goods of one kind.
struct OpenLines<'w> {
    /// Those of handling units that passed as well come first.
    lines: Vec<&'w Line>,
    /// Lines of which something came in by labels that tell no serial number: it may be what is heard now.
    by_label: Vec<&'w Line>,
}

impl<'w> OpenLines<'w> {
    fn of(work: &'w Work<'_>, heard: &Heard, goodly: &Goodly) -> Self {
        let takes = |line: &&Line| {
            let is_lot_right = match (&line.lot, &goodly.lot) {
                (Some(wanted), Some(found)) => wanted == found,
                _ => true,
            };
            goodly.item.is_some() && line.item == goodly.item && is_lot_right
        };
        let has_serials = work.standing.has_serials_of(&goodly.called());
        let is_by_label = |line: &&Line| {
            let is_begun = work.standing.line(line.number).quantity.is_positive();
            is_begun && !has_serials && line.serial.is_none()
        };
        let all = work.task.lines.iter().filter(takes);
        let (by_label, mut lines): (Vec<&Line>, Vec<&Line>) = all.partition(is_by_label);
        lines.sort_by_key(|line| {
            let unit = line.handling_unit.as_ref();
            !unit.is_some_and(|unit| heard.units.contains_key(unit.as_str()))
        });
        Self { lines, by_label }
    }

    /// The line that a piece is put to: the one that names it, else the first with room, else one that may go over.
    fn place(
        &self,
        work: &Work<'_>,
        taken: &HashMap<LineNumber, Quantity>,
        serial: &str,
        pack: Quantity,
    ) -> Placed<'w> {
        let after = |line: &Line| {
            let taken = taken.get(&line.number).copied().unwrap_or_default();
            work.standing.line(line.number).quantity + taken + pack
        };
        let has_room = |line: &&Line| {
            let is_full = line.expected.is_some_and(|expected| after(line) > expected);
            !work.standing.line(line.number).closed && !is_full
        };
        let may_go_over = |line: &&Line| {
            let expected = line.expected.unwrap_or_default();
            after(line) <= expected + lines::share(expected, over_tolerance(work))
        };
        let all = || self.lines.iter().copied();
        if let Some(named) = all().find(|line| line.serial.as_deref() == Some(serial)) {
            return match has_room(&named) {
                true => Placed::Line(Some(named)),
                // Another device has recorded it.
                false => Placed::Known,
            };
        }
        let unnamed = || all().filter(|line| line.serial.is_none());
        match unnamed().find(has_room).or_else(|| unnamed().find(may_go_over)) {
            Some(line) => Placed::Line(Some(line)),
            None if !self.by_label.is_empty() => self.place_by_label(work),
            None if is_blind(work) => Placed::Line(None),
            None => Placed::Check(CheckWhy::Surplus),
        }
    }

    /// Pieces of pallets that came in whole by their labels are known; where single pieces did, somebody has to look.
    fn place_by_label(&self, work: &Work<'_>) -> Placed<'w> {
        let is_whole = |line: &&Line| line.handling_unit.is_some() && work.standing.is_done(line);
        match self.by_label.iter().all(is_whole) {
            true => Placed::Known,
            false => Placed::Check(CheckWhy::Details),
        }
    }
}

/// Whether something has to be known of a piece that no tag says: its label is looked at.
fn lacks(work: &Work<'_>, goodly: &Goodly, line: Option<&Line>) -> bool {
    let known = goodly
        .item
        .as_ref()
        .and_then(|item| work.desk.catalogue.item(item));
    let Some(item) = known else { return true };
    let tracking = item.tracking;
    let is_lot_known = goodly.lot.is_some() || line.is_some_and(|line| line.lot.is_some());
    let wants_date = tracking.expiry || line.is_some_and(|line| line.expiry_min.is_some());
    tracking.weight
        || wants_date
        || (tracking.lot && !is_lot_known)
        || work.doubt(line.map(|line| line.number)).is_some()
}
