//! The sweep of a place within its count: what its tags come to when the place is closed, and what a barcode means beside
//! it.
//!
//! The key of a piece is its GTIN and serial number, whichever way it was seen: what was counted by barcode is not counted
//! by tag, and the reverse. Only a tag that is sure counts by itself; one that is not is a barcode check, or is reported.

use std::collections::BTreeMap;

use crate::confirmation::{Act, Draft, ExceptionCode, ExceptionReport, Place, Source};
use crate::ids::{HandlingUnitId, ItemId, LineNumber, LocationId};
use crate::rfid::Class;
use crate::session::stage::Piece;
use crate::session::work::Work;
use crate::swept::{Named, SweepFigures, SweptTag};
use crate::verdict::{Question, Reason, Verdict};

use super::super::tagged::{Goodly, SERIALS_MAX, chunk_max, goods, piece_of, raw};
use super::places;

/// What stands for the scanner in a fact that a sweep made: the tags may be from more than one reader.
const SWEEP: &str = "sweep";

/// Articles that are named when it is asked about tags that are not sure.
const UNSURE_ITEMS_MAX: usize = 3;

/// The figures of the sweep of a place; `None` where no RFID reader takes part.
pub(super) fn figures(work: &Work<'_>, location: &LocationId) -> Option<SweepFigures> {
    work.desk.catalogue.sweep(&work.task.id, location)
}

/// Judges a piece whose label was scanned where a place is swept: its tag may count it, or be missing.
pub(super) fn look_at(work: &Work<'_>, location: &LocationId, piece: &Piece) -> Result<(), Verdict> {
    let is_tag = piece.raw.as_ref().is_some_and(|raw| raw.source == Source::Rfid);
    if is_tag || figures(work, location).is_none() {
        return Ok(());
    }
    let heard = piece.serial.as_ref().and_then(|serial| {
        let catalogue = work.desk.catalogue;
        catalogue.swept_piece(&work.task.id, location, &piece.code, serial)
    });
    if let (Some(Class::Sure), Some(serial)) = (heard, piece.serial.clone()) {
        return Err(Verdict::Reject(Reason::CountedByTag { serial }));
    }
    let known = piece.item.as_ref();
    let known = known.and_then(|item| work.desk.catalogue.item(item));
    let is_tagged = known.is_some_and(|item| item.tracking.tag);
    if is_tagged && heard.is_none() && !piece.has_agreed(ExceptionCode::TagMissing) {
        let item = piece.called();
        return Err(Verdict::Ask(Question::TagMissing { item }));
    }
    Ok(())
}

/// What the tags of a place come to.
#[derive(Debug, Default)]
pub(super) struct Read {
    /// Pieces that count, by what one fact can say of them.
    sure: BTreeMap<Goodly, Vec<(String, SweptTag)>>,
    /// Pieces that may lie elsewhere.
    maybe: BTreeMap<Goodly, Vec<(String, SweptTag)>>,
    /// Handling units that stand there.
    units: BTreeMap<String, SweptTag>,
    /// Tags that name no goods.
    others: Vec<SweptTag>,
}

/// The line and the item that a GTIN is counted for in a place; `None` where it is not counted there.
fn counted_as(work: &Work<'_>, location: &LocationId, gtin: &str) -> Option<(LineNumber, Option<ItemId>)> {
    let item = work
        .desk
        .catalogue
        .find_code(gtin)
        .map(|(item, _)| item.id.clone());
    let line = places::line_for(work, location, item.as_ref())?;
    Some((line.number, item))
}

impl Read {
    /// Reads the tags of a place. Those of goods that are not counted here are left out, as are those that were counted
    /// already.
    pub(super) fn of(work: &Work<'_>, location: &LocationId) -> Self {
        let mut tags = work.desk.catalogue.swept_tags(&work.task.id, location).to_vec();
        // Whatever the order of the sightings was, the facts are the same.
        tags.sort_unstable();
        let mut read = Self::default();
        let whole = places::line_for(work, location, None);
        let mut known = BTreeMap::new();
        for tag in tags.into_iter().filter(|tag| tag.class != Class::Stray) {
            match tag.named() {
                Named::Piece { gtin, serial, lot } => {
                    let kept = known.entry(gtin.clone());
                    let Some((line, item)) =
                        kept.or_insert_with(|| counted_as(work, location, &gtin)).clone()
                    else {
                        continue;
                    };
                    let line = Some(line);
                    let goodly = Goodly {
                        line,
                        item,
                        gtin,
                        lot,
                    };
                    if !work.standing.has_serial(&goodly.called(), &serial) {
                        read.pieces(tag.class)
                            .entry(goodly)
                            .or_default()
                            .push((serial, tag));
                    }
                }
                Named::Unit(unit) if whole.is_some() && tag.class == Class::Sure => {
                    if !work.stage.tally.has(&ItemId::from(unit.as_str())) {
                        read.units.insert(unit, tag);
                    }
                }
                Named::Other if whole.is_some() && tag.class == Class::Sure => read.others.push(tag),
                Named::Unit(_) | Named::Place | Named::Other => {}
            }
        }
        read.settle();
        read
    }

    const fn pieces(&mut self, class: Class) -> &mut BTreeMap<Goodly, Vec<(String, SweptTag)>> {
        match class {
            Class::Sure => &mut self.sure,
            Class::Maybe | Class::Stray => &mut self.maybe,
        }
    }

    /// One piece may carry two tags: it counts once, and is as sure as the better of them.
    fn settle(&mut self) {
        for pieces in self.sure.values_mut().chain(self.maybe.values_mut()) {
            pieces.sort_unstable();
            pieces.dedup_by(|one, other| one.0 == other.0);
        }
        for (goodly, sure) in &self.sure {
            if let Some(maybe) = self.maybe.get_mut(goodly) {
                let is_sure = |serial: &str| {
                    let found = sure.binary_search_by(|(known, _)| known.as_str().cmp(serial));
                    found.is_ok()
                };
                maybe.retain(|(serial, _)| !is_sure(serial));
            }
        }
        self.maybe.retain(|_, pieces| !pieces.is_empty());
    }

    /// Whether nothing of it counts or is to be checked.
    pub(super) fn is_empty(&self) -> bool {
        self.sure.is_empty() && self.maybe.is_empty() && self.units.is_empty()
    }

    /// The question about tags that are not sure, where there are some.
    pub(super) fn unsure(&self, location: &LocationId) -> Option<Question> {
        let mut items: BTreeMap<ItemId, u32> = BTreeMap::new();
        for (goodly, pieces) in &self.maybe {
            *items.entry(goodly.called()).or_default() += u32::try_from(pieces.len()).unwrap_or(u32::MAX);
        }
        let tags: u32 = items.values().sum();
        let mut items: Vec<(ItemId, u32)> = items.into_iter().collect();
        items.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        items.truncate(UNSURE_ITEMS_MAX);
        (tags > 0).then(|| Question::Unsure {
            location: location.clone(),
            tags,
            items,
        })
    }

    /// The facts: what is sure is counted, what is not is reported.
    pub(super) fn drafts(&self, work: &Work<'_>, location: &LocationId) -> Vec<Draft> {
        let mut drafts = Vec::new();
        for (goodly, pieces) in &self.sure {
            drafts.extend(counted(work, location, goodly, pieces));
        }
        for (unit, tag) in &self.units {
            drafts.push(unit_seen(work, location, unit, tag));
        }
        for (goodly, pieces) in &self.maybe {
            drafts.extend(reported(work, location, goodly, pieces));
        }
        for tags in self.others.chunks(SERIALS_MAX) {
            drafts.push(Draft {
                from: Some(Place::Location(location.clone())),
                exception: Some(ExceptionReport {
                    code: ExceptionCode::Unsure,
                    reason: Some(NO_GOODS.to_owned()),
                    quantity: None,
                }),
                raw: Some(raw(SWEEP, tags.iter())),
                ..work.draft(Act::Reported, None)
            });
        }
        drafts
    }
}

/// Why tags are reported that name no goods: the word of the exception report.
const NO_GOODS: &str = "no_goods";

fn counted(
    work: &Work<'_>,
    location: &LocationId,
    goodly: &Goodly,
    pieces: &[(String, SweptTag)],
) -> Vec<Draft> {
    let piece = piece_of(work, goodly);
    let is_found = piece.item.is_none();
    let chunks = pieces.chunks(chunk_max(&piece));
    let draft = |pieces: &[(String, SweptTag)]| {
        let goods = goods(work, &piece, pieces)?;
        let quantity = goods.quantity;
        Some(Draft {
            goods: Some(goods),
            to: Some(Place::Location(location.clone())),
            exception: is_found.then_some(ExceptionReport {
                code: ExceptionCode::Found,
                reason: None,
                quantity: Some(quantity),
            }),
            raw: Some(raw(SWEEP, pieces.iter().map(|(_, tag)| tag))),
            ..work.draft(Act::Counted, goodly.line)
        })
    };
    chunks.filter_map(draft).collect()
}

/// Tags that may lie elsewhere are told with all that they say, and move nothing.
fn reported(
    work: &Work<'_>,
    location: &LocationId,
    goodly: &Goodly,
    pieces: &[(String, SweptTag)],
) -> Vec<Draft> {
    let piece = piece_of(work, goodly);
    let draft = |pieces: &[(String, SweptTag)]| {
        let goods = goods(work, &piece, pieces)?;
        let quantity = goods.quantity;
        Some(Draft {
            goods: Some(goods),
            from: Some(Place::Location(location.clone())),
            exception: Some(ExceptionReport {
                code: ExceptionCode::Unsure,
                reason: None,
                quantity: Some(quantity),
            }),
            raw: Some(raw(SWEEP, pieces.iter().map(|(_, tag)| tag))),
            ..work.draft(Act::Reported, goodly.line)
        })
    };
    pieces.chunks(chunk_max(&piece)).filter_map(draft).collect()
}

fn unit_seen(work: &Work<'_>, location: &LocationId, unit: &str, tag: &SweptTag) -> Draft {
    let line = places::line_for(work, location, None).map(|line| line.number);
    Draft {
        from: Some(Place::HandlingUnit(HandlingUnitId::from(unit))),
        to: Some(Place::Location(location.clone())),
        exception: Some(ExceptionReport {
            code: ExceptionCode::Found,
            reason: None,
            quantity: None,
        }),
        raw: Some(raw(SWEEP, std::iter::once(tag))),
        ..work.draft(Act::Reported, line)
    }
}
