//! A pass through a portal within its receipt: what is sure and announced is recorded, once, whichever way it was seen
//! before; everything else that went through is a barcode check, and never a fact by itself.

use std::collections::{BTreeMap, HashMap};

use crate::confirmation::{Act, Draft, ExceptionCode, ExceptionReport, Goods, PassReference, Place};
use crate::ids::{HandlingUnitId, ItemId, LineNumber};
use crate::passed::{Light, Passed};
use crate::quantity::Quantity;
use crate::rfid::{Class, Direction};
use crate::session::pieces::goods_of;
use crate::session::stage::{CheckWhy, PassCheck, Piece};
use crate::session::work::{Outcome, PassTold, Work};
use crate::swept::{Named, SweepFigures, SweptTag};
use crate::task::Line;
use crate::verdict::{Question, Reason, Verdict};
use crate::words::{Instruction, Label, Names};

use super::super::tagged::{Goodly, chunk_max, goods, piece_of, raw};
use super::super::{BigThing, Picture};
use super::{checks, dock, is_blind, lines, over_tolerance, units};

/// Barcode checks that are kept at most: each is stored with every step. Goods with more of them pass again.
pub(super) const CHECKS_MAX: usize = 60;

/// The figures of the portal; `None` where none takes part.
pub(super) fn figures(work: &Work<'_>) -> Option<SweepFigures> {
    work.desk.catalogue.sweep(&work.task.id, dock(work)?)
}

/// Goods went through.
pub(super) fn passed(work: &mut Work<'_>, passed: &Passed) -> Outcome {
    let stop = Some(Light::Stop);
    if let Some(check) = checks::pending(work) {
        let outcome = work.ask(Question::Observe { check, unit: None }, None);
        return Outcome {
            light: stop,
            ..outcome
        };
    }
    if passed.way == Some(Direction::Out) {
        return Outcome {
            light: stop,
            ..Outcome::reject(Reason::WrongWay)
        };
    }
    let read = Read::of(work, &Heard::of(work));
    let drafts = read.drafts(work, passed);
    for draft in &drafts {
        work.standing.apply(draft);
    }
    let new_checks = keep_checks(work, &read, passed);
    let is_incomplete = is_incomplete(work, &drafts);
    let told = PassTold {
        number: passed.pass.number,
        pieces: count(read.sure.values().map(Vec::len).sum()),
        units: count(read.units.len()),
        checks: count(new_checks),
        stray: read.stray,
        is_whole: passed.is_whole,
        is_incomplete,
    };
    work.stage.portal.stray = read.stray;
    let light = match told.is_in_doubt() {
        true => Light::Doubt,
        false if drafts.is_empty() && read.known == 0 => Light::Ready,
        false => Light::Good,
    };
    let outcome = match drafts.is_empty() {
        true => Outcome::quiet(),
        false => Outcome::accept(drafts),
    };
    Outcome {
        light: Some(light),
        pass: Some(told),
        ..outcome
    }
}

fn count(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

/// A handling unit of which something came in lacks the rest of what is announced on it.
fn is_incomplete(work: &Work<'_>, drafts: &[Draft]) -> bool {
    let came = drafts.iter().filter_map(|draft| draft.goods.as_ref());
    let mut units: Vec<&HandlingUnitId> = came.filter_map(|goods| goods.handling_unit.as_ref()).collect();
    units.sort_unstable();
    units.dedup();
    units.into_iter().any(|unit| !units::is_done(work, unit))
}

/// Puts what is to be looked at behind what is already. Answers how much of it there is.
fn keep_checks(work: &mut Work<'_>, read: &Read, passed: &Passed) -> usize {
    for (goodly, pieces) in &read.sure {
        for (serial, _) in pieces {
            looked_at(work, &goodly.gtin, Some(serial));
        }
    }
    for (unit, _) in &read.units {
        looked_at(work, unit, None);
    }
    let mut new = 0;
    for found in &read.checks {
        new += 1;
        let check = PassCheck {
            pass: passed.pass.clone(),
            ..found.clone()
        };
        let portal = &mut work.stage.portal;
        let is_same = |known: &PassCheck| known.is_of(&found.code, found.serial.as_deref());
        if let Some(known) = portal.checks.iter_mut().find(|known| is_same(known)) {
            *known = check;
        } else if portal.checks.len() < CHECKS_MAX {
            portal.checks.push(check);
        } else {
            portal.more = portal.more.saturating_add(1);
        }
    }
    new
}

/// A piece or unit was recorded: it needs no look any more.
pub(super) fn looked_at(work: &mut Work<'_>, code: &str, serial: Option<&str>) {
    work.stage
        .portal
        .checks
        .retain(|check| !check.is_of(code, serial));
}

/// What is left unlooked at when the receipt ends is told with all that its tags say, and moves nothing.
pub(super) fn reports(work: &mut Work<'_>) -> Vec<Draft> {
    let checks = std::mem::take(&mut work.stage.portal.checks);
    work.stage.portal.more = 0;
    checks.into_iter().map(|check| report(work, check)).collect()
}

fn report(work: &Work<'_>, check: PassCheck) -> Draft {
    let dock = dock(work).cloned().map(Place::Location);
    let (from, to, goods) = match &check.serial {
        None => {
            let unit = HandlingUnitId::from(check.code.as_str());
            (Some(Place::HandlingUnit(unit)), dock, None)
        }
        Some(serial) => {
            let goodly = Goodly {
                line: None,
                item: item_of(work, &check.code),
                gtin: check.code.clone(),
                lot: None,
            };
            let piece = Piece {
                serial: Some(serial.clone()),
                ..piece_of(work, &goodly)
            };
            (dock, None, Some(goods_of(&piece, None, piece.pack, None)))
        }
    };
    let quantity = goods.as_ref().map(|goods| goods.quantity);
    Draft {
        goods,
        from,
        to,
        exception: Some(ExceptionReport {
            code: ExceptionCode::Unsure,
            reason: Some(check.why.word().to_owned()),
            quantity,
        }),
        pass: Some(check.pass),
        ..work.draft(Act::Reported, None)
    }
}

/// The question about what was not looked at, where there is something.
pub(super) fn unsure(work: &Work<'_>) -> Option<Question> {
    let portal = &work.stage.portal;
    let mut items: BTreeMap<ItemId, u32> = BTreeMap::new();
    for check in &portal.checks {
        let called = item_of(work, &check.code).unwrap_or_else(|| ItemId::from(check.code.as_str()));
        *items.entry(called).or_default() += 1;
    }
    let mut items: Vec<(ItemId, u32)> = items.into_iter().collect();
    items.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    items.truncate(UNSURE_ITEMS_MAX);
    let tags = count(portal.checks.len()).saturating_add(portal.more);
    let location = dock(work)?.clone();
    (tags > 0).then_some(Question::Unsure {
        location,
        tags,
        items,
    })
}

/// Articles that are named when it is asked about tags that are not sure.
const UNSURE_ITEMS_MAX: usize = 3;

fn item_of(work: &Work<'_>, gtin: &str) -> Option<ItemId> {
    let found = work.desk.catalogue.find_code(gtin);
    found.map(|(item, _)| item.id.clone())
}

/// The tags of a pass by what they name. What carries two tags is as sure as the better of them.
#[derive(Debug, Default)]
struct Heard {
    /// By GTIN and lot: each serial number.
    pieces: BTreeMap<(String, Option<String>), BTreeMap<String, SweptTag>>,
    /// By SSCC.
    units: BTreeMap<String, SweptTag>,
    stray: u32,
}

impl Heard {
    fn of(work: &Work<'_>) -> Self {
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
struct Read {
    /// Pieces that are recorded, by what one fact can say of them.
    sure: BTreeMap<Goodly, Vec<(String, SweptTag)>>,
    /// Units that are recorded as a whole.
    units: Vec<(String, SweptTag)>,
    /// What is to be looked at.
    checks: Vec<PassCheck>,
    /// What was recorded before.
    known: u32,
    stray: u32,
    /// What this pass adds to each line.
    taken: HashMap<LineNumber, Quantity>,
}

impl Read {
    fn of(work: &Work<'_>, heard: &Heard) -> Self {
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

    fn drafts(&self, work: &Work<'_>, passed: &Passed) -> Vec<Draft> {
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

/// Judges a piece whose label was scanned: its tag may have recorded it.
pub(super) fn look_at(work: &Work<'_>, piece: &Piece) -> Result<(), Verdict> {
    let called = piece.called();
    if let Some(serial) = &piece.serial {
        return match work.standing.has_serial(&called, serial) {
            true => Err(Verdict::Reject(Reason::SerialRepeated {
                serial: serial.clone(),
            })),
            false => Ok(()),
        };
    }
    let known = work.desk.catalogue.item(&called);
    let is_tagged = || known.is_some_and(|item| item.tracking.tag) || work.standing.has_serials_of(&called);
    if figures(work).is_some() && is_tagged() {
        return Err(Verdict::Ask(Question::Serial { item: called }));
    }
    Ok(())
}

/// Lines of a longer list whose figures are shown: the screen does not look through more with each step.
const SUMMED_LINES_MAX: usize = 2_000;

/// The screen where a portal takes part.
pub(super) fn picture(work: &Work<'_>, figures: SweepFigures, picture: Picture) -> Picture {
    let names = Names::new(work.desk.catalogue);
    let portal = &work.stage.portal;
    let of =
        |why: &dyn Fn(CheckWhy) -> bool| count(portal.checks.iter().filter(|check| why(check.why)).count());
    let surplus = of(&|why| why == CheckWhy::Surplus);
    let doubts = of(&|why| why != CheckWhy::Surplus).saturating_add(portal.more);
    let mut more = Vec::new();
    if work.task.lines.len() <= SUMMED_LINES_MAX && !is_blind(work) {
        let (matched, missing) = sums(work);
        more.push((Label::Matched, names.quantity(matched)));
        if missing.is_positive() {
            more.push((Label::Missing, names.quantity(missing)));
        }
    }
    let told = [
        (Label::ToCheck, doubts),
        (Label::Surplus, surplus),
        (Label::Stray, portal.stray),
    ];
    let told = told.into_iter().filter(|(_, count)| *count > 0);
    more.extend(told.map(|(label, count)| (label, names.count(count))));
    let (instruction, big, piece) = match portal.checks.first().filter(|_| figures.is_done) {
        _ if !figures.is_done => (Instruction::Passing, Some(BigThing::Tags(heard(figures))), None),
        Some(check) => {
            let item = item_of(work, &check.code).unwrap_or_else(|| ItemId::from(check.code.as_str()));
            let big = match &check.serial {
                Some(serial) => BigThing::Serial(serial.clone(), item),
                None => BigThing::HandlingUnit(HandlingUnitId::from(check.code.as_str())),
            };
            (Instruction::CheckLabel, Some(big), None)
        }
        None if picture.instruction == Instruction::ScanAnyItem => {
            (Instruction::DriveThrough, picture.big, picture.piece)
        }
        None => (picture.instruction, picture.big, picture.piece),
    };
    // What is missing while the end is asked about stands before the sums.
    let more = match picture.more.is_empty() {
        true => more,
        false => picture.more,
    };
    Picture {
        instruction,
        big,
        piece,
        more,
        skip: portal.checks.len() > 1,
        open_unit: picture.open_unit && portal.checks.len() <= 1,
        ..picture
    }
}

const fn heard(figures: SweepFigures) -> u32 {
    figures
        .sure
        .saturating_add(figures.maybe)
        .saturating_add(figures.stray)
}

/// How much of what is announced has come, and how much has not.
fn sums(work: &Work<'_>) -> (Quantity, Quantity) {
    let mut sums = (Quantity::ZERO, Quantity::ZERO);
    for line in &work.task.lines {
        let Some(expected) = line.expected else { continue };
        let open = work.standing.open(line);
        sums = (sums.0 + (expected - open), sums.1 + open);
    }
    sums
}
