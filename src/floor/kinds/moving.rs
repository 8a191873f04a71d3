//! What putaway, replenish and move have in common: goods are taken in hand, and set down where a place is scanned.
//!
//! What is in hand is no fact yet: the worker may take more of it, and nothing is recorded before it lies somewhere.
//! A place other than the proposed one is taken with its reason.

use crate::confirmation::{Act, Draft, ExceptionCode, ExceptionReport, Place};
use crate::ids::{HandlingUnitId, LineNumber, LocationId};
use crate::quantity::Quantity;
use crate::session::linking;
use crate::session::pieces::label_or_rest;
use crate::session::stage::Piece;
use crate::session::work::{Outcome, Work, scanned};
use crate::task::Line;
use crate::verdict::{Question, Reason, Scanned, Verdict, Wanted, Where};
use crate::words::{Instruction, Label, Names};

use super::exceptions::ask_reason;
use super::set_down::{self, damaged, set_down};
use super::{BigThing, Judge, Movement, Picture, end_task, exceptions};

/// What one kind of moving says beside what all of them do.
pub(crate) trait Carry: Sync {
    /// What is wanted next, with nothing in hand.
    fn wanted_next(&self, work: &Work<'_>) -> Wanted;

    /// A place was scanned, with nothing in hand.
    fn source(&self, work: &mut Work<'_>, scanned: LocationId) -> Outcome;

    /// The line that a piece is taken in hand for; none for what is on no list and recorded all the same.
    fn line_for(&self, work: &Work<'_>, piece: &Piece) -> Result<Option<LineNumber>, Verdict>;

    /// The line that a whole handling unit is taken in hand for.
    fn line_of_unit(&self, work: &Work<'_>, unit: &HandlingUnitId) -> Result<LineNumber, Reason>;

    /// The exception codes that mean something with nothing in hand.
    fn exceptions_at_rest(&self) -> Vec<ExceptionCode>;

    /// Leaves the line for later.
    fn skip_line(&self, _work: &mut Work<'_>) -> Outcome {
        Outcome::reject(Reason::KeyUnused)
    }

    /// Whether a code that no item has may be linked to one on the spot.
    fn links_codes(&self) -> bool {
        false
    }

    /// Whether a line can be left for later.
    fn may_skip(&self) -> bool {
        false
    }
}

impl<K: Carry> Judge for K {
    fn opened(&self, work: &mut Work<'_>) {
        go_on(work);
    }

    fn changed(&self, work: &mut Work<'_>) {
        let task = work.task.clone();
        for piece in &mut work.stage.hand.pieces {
            piece.line = piece.line.filter(|number| task.line(*number).is_some());
        }
        if work.stage.hand.unit.is_some() && hand_line(work).is_none() {
            work.stage.hand.unit = None;
        }
        if work.stage.hand.is_empty() {
            go_on(work);
        }
    }

    fn wanted(&self, work: &Work<'_>) -> Wanted {
        if work.stage.hand.is_empty() {
            return self.wanted_next(work);
        }
        proposed_place(work).map_or(Wanted::Destination, Wanted::Location)
    }

    /// With nothing in hand, where goods are taken from; else where they are set down.
    fn location(&self, work: &mut Work<'_>, scanned: LocationId) -> Outcome {
        if work.desk.catalogue.has_location(&scanned) == Some(false) {
            let code = scanned.to_string();
            return Outcome::reject(Reason::UnknownCode { code });
        }
        if work.stage.hand.is_empty() {
            return self.source(work, scanned);
        }
        let planned = planned_place(work);
        let is_other = planned.as_ref().is_some_and(|planned| *planned != scanned);
        let stays = source_of(work, hand_line(work)).as_ref() == Some(&scanned);
        if stays && planned.as_ref() != Some(&scanned) {
            return Outcome::not_wanted(Scanned::Location(scanned), self.wanted(work));
        }
        if !is_other || work.stage.hand.is_damaged() {
            return set_down(work, scanned, None);
        }
        match work
            .stage
            .full
            .clone()
            .filter(|full| Some(&full.place) == planned.as_ref())
        {
            Some(full) => set_down(work, scanned, Some(full.reason)),
            None => {
                work.stage.hand.to = Some(scanned);
                ask_reason(work, self, ExceptionCode::OtherPlace, None)
            }
        }
    }

    fn handling_unit(&self, work: &mut Work<'_>, scanned: HandlingUnitId) -> Outcome {
        let hand = &work.stage.hand;
        if !hand.is_empty() && hand.unit.as_ref() != Some(&scanned) {
            return Outcome::not_wanted(Scanned::HandlingUnit(scanned.to_string()), self.wanted(work));
        }
        let line = match self.line_of_unit(work, &scanned) {
            Ok(line) => line,
            Err(reason) => return Outcome::reject(reason),
        };
        if let Some(question) = work.doubt(Some(line)) {
            return work.ask(question, None);
        }
        work.stage.line = Some(line);
        work.stage.hand.unit = Some(scanned.clone());
        Outcome::go(Where::UnitInHand(scanned))
    }

    fn place(&self, work: &Work<'_>, piece: &mut Piece) -> Result<(), Verdict> {
        if let Some(line) = unit_found(work) {
            return place_found(work, line, piece);
        }
        if piece.item.is_none() && !work.stage.hand.knows(piece) {
            let code = piece.code.clone();
            return Err(Verdict::Reject(match self.links_codes() {
                true => linking::unknown(piece),
                false => Reason::UnknownCode { code },
            }));
        }
        if let Some(serial) = work.stage.hand.serial_of(piece) {
            return Err(Verdict::Reject(Reason::SerialRepeated { serial }));
        }
        let line = self.line_for(work, piece);
        if line.is_ok() || work.stage.hand.unit.is_none() {
            piece.line = line?;
            if fits_in_hand(work, piece) {
                return Ok(());
            }
        }
        let (scanned, wanted) = (scanned(piece), self.wanted(work));
        Err(Verdict::Reject(Reason::NotWanted { scanned, wanted }))
    }

    fn proposed(&self, work: &Work<'_>, piece: &Piece) -> Option<Quantity> {
        label_or_rest(piece, left(work, work.task.line(piece.line?)?))
    }

    /// More than the list says is asked about, once, when it is taken.
    fn limit(
        &self,
        work: &Work<'_>,
        piece: &Piece,
        quantity: Quantity,
    ) -> Result<Option<ExceptionReport>, Verdict> {
        if unit_found(work).is_some() {
            return Ok(Some(set_down::found(Some(quantity))));
        }
        let line = piece.line.and_then(|number| work.task.line(number));
        let Some((line, expected)) = line.and_then(|line| Some((line, line.expected?))) else {
            return Ok(None);
        };
        let after =
            work.standing.line(line.number).quantity + work.stage.hand.of_line(line.number) + quantity;
        if after <= expected || piece.agreed == Some(ExceptionCode::Over) {
            return Ok(None);
        }
        let (item, by) = (piece.called(), after - expected);
        Err(Verdict::Ask(Question::Over { item, by }))
    }

    /// Into the hand; what lies on a unit that was found is a fact at once.
    fn holds_back(&self, work: &mut Work<'_>, piece: &Piece, quantity: Quantity) -> Option<Outcome> {
        if unit_found(work).is_some() {
            return None;
        }
        work.stage.line = piece.line;
        work.stage.hand.add(piece, quantity);
        work.stage.last = piece.serial.is_none().then(|| piece.more_of_the_same());
        let (item, quantity) = (piece.called(), work.stage.hand.quantity());
        Some(Outcome::go(Where::InHand { item, quantity }))
    }

    /// Of what lies on a unit that was found; nothing else is recorded before it is set down.
    fn movement(&self, work: &Work<'_>, piece: &Piece) -> Movement {
        let line = piece.line.and_then(|number| work.task.line(number));
        Movement {
            act: Act::Moved,
            from: None,
            to: work.stage.location.clone().map(Place::Location),
            handling_unit: line.and_then(|line| line.handling_unit.clone()),
        }
    }

    fn recorded(&self, _work: &mut Work<'_>, _piece: &Piece, _quantity: Quantity) -> bool {
        true
    }

    fn short(&self, work: &mut Work<'_>) -> Outcome {
        match line_in_work(work).map(|line| left(work, line)) {
            Some(missing) if missing.is_positive() => {
                ask_reason(work, self, ExceptionCode::Short, Some(missing))
            }
            _ => Outcome::reject(Reason::KeyUnused),
        }
    }

    fn exceptions(&self, work: &Work<'_>) -> Vec<ExceptionCode> {
        let hand = &work.stage.hand;
        if hand.is_empty() {
            return self.exceptions_at_rest();
        }
        let offered = [
            (proposed_place(work).is_some(), ExceptionCode::LocationFull),
            (hand.unit.is_none() && !hand.is_damaged(), ExceptionCode::Damaged),
            (hand.unit.is_none(), ExceptionCode::Short),
            (true, ExceptionCode::Unreadable),
        ];
        let offered = offered.into_iter().filter(|(is_offered, _)| *is_offered);
        offered.map(|(_, code)| code).collect()
    }

    fn exception(&self, work: &mut Work<'_>, report: ExceptionReport) -> Outcome {
        match report.code {
            ExceptionCode::OtherPlace => match work.stage.hand.to.take() {
                Some(to) => set_down(work, to, Some(report.reason)),
                None => Outcome::reject(Reason::KeyUnused),
            },
            ExceptionCode::LocationFull if !work.stage.hand.is_empty() => set_down::full(work, report),
            ExceptionCode::Damaged if !work.stage.hand.pieces.is_empty() => damaged(work, report),
            ExceptionCode::Short | ExceptionCode::LocationEmpty => close_line(work, report),
            _ => exceptions::reported(work, report),
        }
    }

    fn skip(&self, work: &mut Work<'_>) -> Outcome {
        match work.stage.hand.is_empty() {
            true => self.skip_line(work),
            false => Outcome::reject(Reason::KeyUnused),
        }
    }

    /// The end; what is in hand is set down first.
    fn done(&self, work: &mut Work<'_>) -> Outcome {
        if !work.stage.hand.is_empty() {
            return Outcome::not_wanted(set_down::told(work), self.wanted(work));
        }
        match open_lines(work).count() {
            0 => end_task(work, Vec::new(), None),
            open_lines => work.ask(Question::EndTask { open_lines }, None),
        }
    }

    fn agreed(&self, work: &mut Work<'_>, question: &Question) -> Outcome {
        match question {
            Question::EndTask { .. } => {
                let close = |line: &Line| {
                    let from = source_of(work, Some(line)).map(Place::Location);
                    super::short_line(work, line, from, None)
                };
                let drafts = open_lines(work).map(close).collect();
                end_task(work, drafts, None)
            }
            _ => Outcome::quiet(),
        }
    }

    fn picture(&self, work: &Work<'_>) -> Picture {
        let picture = match work.stage.hand.is_empty() {
            true => picture_at_rest(work, self.wanted_next(work)),
            false => picture_in_hand(work),
        };
        Picture {
            short: line_in_work(work).is_some_and(|line| left(work, line).is_positive()),
            skip: self.may_skip() && work.stage.hand.is_empty(),
            done: work.stage.hand.is_empty(),
            ..picture
        }
    }
}

/// Goes to the line that is wanted now; a confirmed place stays confirmed while its lines last.
pub(super) fn go_on(work: &mut Work<'_>) {
    let wanted = work.line_wanted();
    let number = wanted.map(|line| line.number);
    let leaves = wanted.is_some_and(|line| line.location.is_some() && line.location != work.stage.location);
    work.stage.line = number;
    if leaves || number.is_none() {
        work.stage.location = None;
    }
}

/// How much of a line is neither confirmed nor in hand; none where no quantity is expected.
pub(super) fn left(work: &Work<'_>, line: &Line) -> Quantity {
    let is_in_unit = work.stage.hand.unit.is_some() && line.handling_unit == work.stage.hand.unit;
    if is_in_unit || work.standing.is_done(line) {
        return Quantity::ZERO;
    }
    let left = work.standing.open(line) - work.stage.hand.of_line(line.number);
    if left.is_positive() { left } else { Quantity::ZERO }
}

/// The line of what is in hand.
pub(super) fn hand_line<'w>(work: &'w Work<'_>) -> Option<&'w Line> {
    let hand = &work.stage.hand;
    match (&hand.unit, hand.pieces.first()) {
        (Some(unit), _) => unit_lines(work, unit).next().or_else(|| {
            let takes_any = |line: &&Line| line.item.is_none() && line.handling_unit.is_none();
            work.line().filter(takes_any)
        }),
        (None, Some(piece)) => work.task.line(piece.line?),
        (None, None) => None,
    }
}

/// The line of what is in hand, or the one that is wanted.
fn line_in_work<'w>(work: &'w Work<'_>) -> Option<&'w Line> {
    match work.stage.hand.is_empty() {
        true => work.line_wanted(),
        false => hand_line(work),
    }
}

/// The open lines that name a handling unit.
pub(super) fn unit_lines<'w>(work: &'w Work<'_>, unit: &HandlingUnitId) -> impl Iterator<Item = &'w Line> {
    let names = move |line: &&Line| line.handling_unit.as_ref() == Some(unit);
    let lines = work.task.lines.iter().filter(names);
    let open: Vec<_> = lines.filter(|line| !work.standing.is_done(line)).collect();
    open.into_iter()
}

/// Where the goods of a line lie: as planned, else as the worker told.
pub(super) fn source_of(work: &Work<'_>, line: Option<&Line>) -> Option<LocationId> {
    if line.is_some_and(is_found) {
        return None;
    }
    let planned = line.and_then(|line| line.location.clone());
    planned.or_else(|| work.stage.location.clone())
}

/// Where the goods in hand are to go.
fn planned_place(work: &Work<'_>) -> Option<LocationId> {
    hand_line(work)?.to.clone()
}

/// Where the goods in hand are to go, unless that place takes no more or they are broken.
pub(super) fn proposed_place(work: &Work<'_>) -> Option<LocationId> {
    let is_full = |place: &LocationId| work.stage.full.as_ref().is_some_and(|full| full.place == *place);
    planned_place(work)
        .filter(|place| !is_full(place))
        .filter(|_| !work.stage.hand.is_damaged())
}

/// Whether a line is a handling unit that was found: it says neither what is in it, nor from where, nor to where.
pub(super) const fn is_found(line: &Line) -> bool {
    line.handling_unit.is_some() && line.item.is_none() && line.location.is_none() && line.to.is_none()
}

/// The line of a found unit that has its place already, so that its contents may be told.
pub(super) fn unit_found<'w>(work: &'w Work<'_>) -> Option<&'w Line> {
    let line = work.line_wanted().filter(|line| is_found(line))?;
    let is_placed = work.standing.line(line.number).quantity.is_positive();
    (is_placed && work.stage.hand.is_empty()).then_some(line)
}

/// A piece that lies on a unit that was found. A code that no item has is asked about.
fn place_found(work: &Work<'_>, line: &Line, piece: &mut Piece) -> Result<(), Verdict> {
    if work.stage.location.is_none() {
        let (scanned, wanted) = (scanned(piece), Wanted::AnyPlace);
        return Err(Verdict::Reject(Reason::NotWanted { scanned, wanted }));
    }
    piece.line = Some(line.number);
    if piece.item.is_none() && piece.agreed != Some(ExceptionCode::Found) {
        let code = piece.code.clone();
        return Err(Verdict::Ask(Question::Found { code }));
    }
    Ok(())
}

/// Whether a piece goes where everything else in hand goes, comes from where it came from, and has room there.
fn fits_in_hand(work: &Work<'_>, piece: &Piece) -> bool {
    let hand = &work.stage.hand;
    let line = piece.line.and_then(|number| work.task.line(number));
    if let Some(unit) = &hand.unit {
        return line.is_some_and(|line| line.handling_unit.as_ref() == Some(unit));
    }
    let Some(first) = hand.pieces.first() else {
        return true;
    };
    let way = |line: Option<&Line>| {
        line.map(|line| (line.location.clone(), line.to.clone(), line.handling_unit.clone()))
    };
    let is_same_way = way(line) == way(first.line.and_then(|number| work.task.line(number)));
    is_same_way && !hand.is_damaged() && hand.has_room_for(piece)
}

/// The lines with something left to do. One without a quantity is done once something was moved for it.
fn open_lines<'w>(work: &'w Work<'_>) -> impl Iterator<Item = &'w Line> {
    let is_begun =
        |line: &Line| line.expected.is_none() && work.standing.line(line.number).quantity.is_positive();
    let lines = work.task.lines.iter();
    lines.filter(move |line| !work.standing.is_done(line) && !is_begun(line))
}

/// Ends a line with less than expected; what is in hand is not missing.
fn close_line(work: &mut Work<'_>, report: ExceptionReport) -> Outcome {
    let Some(line) = line_in_work(work) else {
        return Outcome::reject(Reason::KeyUnused);
    };
    let missing = left(work, line);
    let draft = Draft {
        from: source_of(work, Some(line)).map(Place::Location),
        exception: Some(ExceptionReport {
            quantity: Some(missing).filter(|missing| missing.is_positive()),
            ..report
        }),
        ..work.draft(Act::LineClosed, Some(line.number))
    };
    work.standing.apply(&draft);
    if work.stage.hand.is_empty() {
        go_on(work);
    }
    Outcome::accept(vec![draft])
}

fn picture_in_hand(work: &Work<'_>) -> Picture {
    let hand = &work.stage.hand;
    let line = hand_line(work);
    let place = proposed_place(work);
    let why = line.and_then(|line| line.why.clone()).filter(|_| place.is_some());
    let mut more = Vec::new();
    more.extend(hand.unit.iter().map(|unit| (Label::InHand, unit.to_string())));
    if hand.unit.is_none() {
        let names = Names::new(work.desk.catalogue);
        more.push((Label::InHand, names.quantity(hand.quantity())));
    }
    more.extend(why.map(|why| (Label::Why, why)));
    more.extend(source_of(work, line).map(|place| (Label::From, place.to_string())));
    let first = hand.pieces.first().cloned();
    Picture {
        piece: first.map(|piece| Piece {
            quantity: None,
            ..piece
        }),
        more,
        ..match place {
            Some(place) => Picture {
                big: Some(BigThing::Location(place)),
                ..Picture::of(Instruction::BringTo)
            },
            None => Picture::of(Instruction::ScanDestination),
        }
    }
}

fn picture_at_rest(work: &Work<'_>, wanted: Wanted) -> Picture {
    let line = work.line_wanted();
    let progress = line.and_then(|line| {
        let moved = work.standing.line(line.number).quantity;
        Some(BigThing::Of(moved, line.expected?))
    });
    let (instruction, big) = match wanted {
        Wanted::Done => return Picture::of(Instruction::Complete),
        Wanted::Location(place) => (Instruction::GoTo, Some(BigThing::Location(place))),
        Wanted::AnyPlace => (Instruction::ScanSource, None),
        Wanted::HandlingUnit(unit) => (Instruction::ScanUnit, Some(BigThing::HandlingUnit(unit))),
        Wanted::AnyUnit => (Instruction::ScanUnit, None),
        Wanted::Item(_) => (Instruction::ScanItem, progress),
        _ => (Instruction::ScanAnyItem, progress),
    };
    let to = line.and_then(|line| line.to.as_ref());
    Picture {
        big,
        piece: line.map(|line| Piece {
            item: line.item.clone(),
            lot: line.lot.clone(),
            quantity: Some(work.standing.open(line)),
            ..Piece::default()
        }),
        more: to
            .map(|place| (Label::To, place.to_string()))
            .into_iter()
            .collect(),
        ..Picture::of(instruction)
    }
}
