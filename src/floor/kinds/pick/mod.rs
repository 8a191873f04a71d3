//! Picking: place by place in the order of the list, each confirmed by its label, then its goods, into one tote or into
//! the totes of a cart; whole pallets as they are.

mod goods;
mod pallets;
mod screen;
mod totes;

use crate::confirmation::{Act, Draft, ExceptionCode, ExceptionReport, Place, StockStatus};
use crate::ids::{HandlingUnitId, LocationId};
use crate::quantity::Quantity;
use crate::session::pieces::label_or_rest;
use crate::session::stage::Piece;
use crate::session::work::{Outcome, Work, scanned};
use crate::task::Line;
use crate::verdict::{Question, Reason, Scanned, Verdict, Wanted};

use super::exceptions::{ask_reason, reported_at, unusable};
use super::{Judge, Movement, Picture, close_open_lines, done_or_ask, end_task, short_line, skip_line};

pub(crate) struct Pick;

impl Judge for Pick {
    fn opened(&self, work: &mut Work<'_>) {
        work.stage.unit = totes::of_task(work);
        work.stage.line = work.line_wanted().map(|line| line.number);
    }

    fn changed(&self, work: &mut Work<'_>) {
        if let Some(tote) = totes::of_task(work) {
            work.stage.unit = Some(tote);
        }
        totes::drop_what_is_gone(work);
        self.go_on(work);
    }

    fn wanted(&self, work: &Work<'_>) -> Wanted {
        if let Some(wanted) = totes::wanted_in_hand(work) {
            return wanted;
        }
        let Some(line) = work.line_wanted() else {
            return totes::hand_over(work).map_or(Wanted::Done, Wanted::Location);
        };
        let is_whole = line.handling_unit.is_some();
        if !is_whole && line.into.is_none() && work.stage.unit.is_none() {
            return Wanted::Tote;
        }
        if let Some(location) = &line.location
            && work.stage.location.as_ref() != Some(location)
        {
            return Wanted::Location(location.clone());
        }
        if let Some(unit) = &line.handling_unit {
            return Wanted::HandlingUnit(unit.clone());
        }
        if totes::of_line(work, line).is_none() {
            return Wanted::Tote;
        }
        line.item.clone().map_or(Wanted::AnyItem, Wanted::Item)
    }

    fn location(&self, work: &mut Work<'_>, scanned: LocationId) -> Outcome {
        if let Some(place) = totes::hand_over(work) {
            return put_down_at(work, self, place, scanned);
        }
        let place = work.line_wanted().and_then(|line| line.location.clone());
        match (self.wanted(work), place) {
            (wanted, _) if work.stage.in_hand.is_some() => {
                Outcome::not_wanted(Scanned::Location(scanned), wanted)
            }
            (
                Wanted::Location(_) | Wanted::Item(_) | Wanted::AnyItem | Wanted::HandlingUnit(_),
                Some(wanted),
            ) => {
                if scanned != wanted {
                    return Outcome::reject(Reason::WrongLocation { scanned, wanted });
                }
                self.go_on(work);
                work.go_to(scanned)
            }
            (wanted, _) => Outcome::not_wanted(Scanned::Location(scanned), wanted),
        }
    }

    /// A pallet that is taken as it is, or a tote. Another tote may take the place of the worker's own.
    fn handling_unit(&self, work: &mut Work<'_>, scanned: HandlingUnitId) -> Outcome {
        if pallets::is_meant(work, &scanned) {
            let wanted = self.wanted(work);
            return pallets::scanned(work, self, scanned, wanted);
        }
        totes::scanned(work, self, scanned)
    }

    fn place(&self, work: &Work<'_>, piece: &mut Piece) -> Result<(), Verdict> {
        let reject = |reason| Err(Verdict::Reject(reason));
        let wanted = self.wanted(work);
        match (&piece.item, &wanted) {
            (None, Wanted::Item(_) | Wanted::AnyItem) => {
                let code = piece.code.clone();
                return reject(Reason::UnknownCode { code });
            }
            (_, Wanted::Item(_) | Wanted::AnyItem) => {}
            (Some(item), Wanted::Done) => {
                let scanned = item.clone();
                let is_listed = work
                    .task
                    .lines
                    .iter()
                    .any(|line| line.item.as_ref() == Some(item));
                return reject(match is_listed {
                    true => Reason::LineFull { item: scanned },
                    false => Reason::NotOnList { scanned },
                });
            }
            _ => {
                let scanned = scanned(piece);
                return reject(Reason::NotWanted { scanned, wanted });
            }
        }
        let Some(line) = work.line_wanted() else {
            return Ok(());
        };
        piece.line = Some(line.number);
        goods::is_right(work, line, piece)
    }

    fn proposed(&self, work: &Work<'_>, piece: &Piece) -> Option<Quantity> {
        label_or_rest(piece, work.standing.open(work.task.line(piece.line?)?))
    }

    /// More than the line wants is not taken: it would be missing elsewhere.
    fn limit(
        &self,
        work: &Work<'_>,
        piece: &Piece,
        quantity: Quantity,
    ) -> Result<Option<ExceptionReport>, Verdict> {
        let Some(line) = piece.line.and_then(|number| work.task.line(number)) else {
            return Ok(None);
        };
        let open = work.standing.open(line);
        if line.expected.is_some() && quantity > open {
            let item = piece.called();
            return Err(Verdict::Reject(Reason::TooMany { item, quantity, open }));
        }
        let substitute = ExceptionReport {
            code: ExceptionCode::Substitute,
            reason: None,
            quantity: Some(quantity),
        };
        Ok(goods::is_other_item(line, piece).then_some(substitute))
    }

    fn takes_what_is_on_hold(&self) -> bool {
        false
    }

    fn holds_back(&self, work: &mut Work<'_>, piece: &Piece, quantity: Quantity) -> Option<Outcome> {
        totes::in_hand(work, piece, quantity)
    }

    fn movement(&self, work: &Work<'_>, piece: &Piece) -> Movement {
        let line = piece.line.and_then(|number| work.task.line(number));
        let is_of_cart = line.is_some_and(|line| line.into.is_some());
        let tote = if is_of_cart {
            &work.stage.into
        } else {
            &work.stage.unit
        };
        Movement {
            act: Act::Picked,
            from: line.and_then(place_of),
            to: tote.clone().map(Place::HandlingUnit),
            handling_unit: None,
        }
    }

    fn recorded(&self, work: &mut Work<'_>, piece: &Piece, _quantity: Quantity) -> bool {
        let line = piece.line.and_then(|number| work.task.line(number));
        let substitute = line
            .filter(|line| goods::is_other_item(line, piece))
            .and_then(|line| Some((line.number, piece.item.clone()?)));
        work.stage.substitute = substitute.or_else(|| work.stage.substitute.take());
        self.go_on(work);
        work.stage.line == piece.line
    }

    fn short(&self, work: &mut Work<'_>) -> Outcome {
        if let Some(refused) = totes::hands_are_full(work) {
            return refused;
        }
        let Some(line) = work.line_wanted() else {
            return Outcome::reject(Reason::KeyUnused);
        };
        let missing = work.standing.open(line);
        ask_reason(work, self, ExceptionCode::Short, Some(missing))
    }

    fn exceptions(&self, work: &Work<'_>) -> Vec<ExceptionCode> {
        use ExceptionCode::{
            Blocked, Damaged, Expired, LocationEmpty, Short, UnitFull, Unreadable, WrongGoods,
        };
        match work.line_wanted() {
            Some(_) if work.stage.in_hand.is_some() => vec![UnitFull],
            Some(line) if line.handling_unit.is_some() => {
                vec![Short, Damaged, WrongGoods, Blocked, LocationEmpty, Unreadable]
            }
            Some(_) => vec![
                Short,
                Damaged,
                WrongGoods,
                Expired,
                Blocked,
                LocationEmpty,
                UnitFull,
                Unreadable,
            ],
            None => Vec::new(),
        }
    }

    fn exception(&self, work: &mut Work<'_>, report: ExceptionReport) -> Outcome {
        if report.code == ExceptionCode::OtherPlace {
            let place = totes::hand_over(work).and(work.stage.to.clone());
            return place.map_or_else(Outcome::quiet, |place| {
                totes::put_down(work, &place, Some(report))
            });
        }
        // The line that was asked about: another device may have done it meanwhile.
        let line = work.line().or_else(|| work.line_wanted());
        let Some((number, place)) = line.map(|line| (line.number, place_of(line))) else {
            return Outcome::reject(Reason::KeyUnused);
        };
        match report.code {
            ExceptionCode::Short | ExceptionCode::LocationEmpty => self.close_short(work, &report),
            ExceptionCode::Damaged => unusable(work, number, place, StockStatus::Damaged, report),
            ExceptionCode::Expired => unusable(work, number, place, StockStatus::Hold, report),
            ExceptionCode::UnitFull => totes::full(work, report),
            _ => reported_at(work, report, place, Some(number)),
        }
    }

    fn skip(&self, work: &mut Work<'_>) -> Outcome {
        if let Some(refused) = totes::hands_are_full(work) {
            return refused;
        }
        let outcome = skip_line(work);
        if matches!(outcome.verdict, Verdict::Go(_)) {
            work.stage.into = None;
            self.go_on(work);
        }
        outcome
    }

    fn done(&self, work: &mut Work<'_>) -> Outcome {
        if let Some(refused) = totes::hands_are_full(work) {
            return refused;
        }
        // The next zone looks for the tote where it is put down.
        if totes::hand_over(work).is_some() {
            return Outcome::reject(Reason::KeyUnused);
        }
        done_or_ask(work)
    }

    fn agreed(&self, work: &mut Work<'_>, question: &Question) -> Outcome {
        if !matches!(question, Question::EndTask { .. }) {
            return Outcome::quiet();
        }
        let drafts = close_open_lines(work, place_of);
        for draft in &drafts {
            work.standing.apply(draft);
        }
        self.go_on(work);
        match totes::hand_over(work) {
            Some(_) if !drafts.is_empty() => Outcome::accept(drafts),
            _ => end_task(work, drafts, None),
        }
    }

    fn picture(&self, work: &Work<'_>) -> Picture {
        screen::picture(work, self.wanted(work))
    }
}

impl Pick {
    /// Goes to the line that is wanted now; a confirmed place stays confirmed while its lines last, and a tote of the
    /// cart for one line.
    fn go_on(&self, work: &mut Work<'_>) {
        let wanted = work.line_wanted();
        let (number, place) = (
            wanted.map(|line| line.number),
            wanted.and_then(|line| line.location.clone()),
        );
        if work.stage.line != number {
            work.stage.into = None;
        }
        work.stage.line = number;
        if work.stage.location != place {
            work.stage.location = None;
        }
    }

    /// Ends the line with what was picked so far.
    fn close_short(&self, work: &mut Work<'_>, report: &ExceptionReport) -> Outcome {
        let line = work.line().filter(|line| !work.standing.is_done(line));
        let Some(line) = line else {
            return Outcome::reject(Reason::KeyUnused);
        };
        let short = short_line(work, line, place_of(line), report.reason.as_deref());
        let exception = short.exception.clone();
        let draft = Draft {
            exception: exception.map(|known| ExceptionReport {
                code: report.code,
                ..known
            }),
            ..short
        };
        work.standing.apply(&draft);
        self.go_on(work);
        Outcome::accept(vec![draft])
    }
}

/// The place for the next zone was scanned; another one is taken with a reason.
fn put_down_at(work: &mut Work<'_>, pick: &Pick, wanted: LocationId, scanned: LocationId) -> Outcome {
    if scanned == wanted {
        return totes::put_down(work, &scanned, None);
    }
    if work.desk.catalogue.reasons(ExceptionCode::OtherPlace).is_empty() {
        return Outcome::reject(Reason::WrongLocation { scanned, wanted });
    }
    work.stage.to = Some(scanned);
    ask_reason(work, pick, ExceptionCode::OtherPlace, None)
}

fn place_of(line: &Line) -> Option<Place> {
    line.location.clone().map(Place::Location)
}
