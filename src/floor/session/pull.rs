//! From the codes of one trigger pull to what a judge is asked about.
//!
//! Two labels of one piece complete each other (a GTIN on one, the lot on the other). Two different codes of one
//! kind are a question, never a choice.

use tallyman_codes::{Scan, SiteCode};

use crate::confirmation::{RawScan, Source};
use crate::event::{Key, Scanning};
use crate::ids::{HandlingUnitId, LocationId, WorkerId};
use crate::label_fault::LabelFault;
use crate::quantity::Quantity;
use crate::verdict::{Question, Reason, Verdict};

use super::hand_over::is_hand_over;
use super::stage::Piece;
use super::work::{Desk, Note, Outcome};

/// A code, the read it came with, and what it says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Seen {
    pub code: Code,
    pub raw: RawScan,
    /// The gross weight in kilograms, where the label says one.
    pub gross_weight: Option<Quantity>,
}

/// What a code is.
#[expect(clippy::large_enum_variant, reason = "one lives for the length of a step")]
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Code {
    /// A command card that stands for a key.
    Key(Key),
    Badge(WorkerId),
    Location(String),
    /// A tote, carton or pallet, by the site's numbering or by SSCC.
    Unit(String),
    Label(Label),
    /// The code by which another device hands its task over.
    HandOver(String),
}

/// A label on goods.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Label {
    /// It names an item, or would: a code that no item has, or text that nobody knows.
    Goods(Piece),
    /// It says only what belongs to a piece: lot, serial, expiry, count.
    Addition(Piece),
}

/// Codes of one pull that are looked at; a scanner that reports more at once reports a whole shelf.
const PULL_CODES_MAX: usize = 32;

/// Understands the codes of one pull, or says what is wrong with all of them.
pub(super) fn read(scans: Vec<Scanning>, desk: &Desk<'_>) -> Result<Vec<Seen>, Outcome> {
    let mut seen: Vec<Seen> = Vec::with_capacity(scans.len().min(PULL_CODES_MAX));
    let mut refused = None;
    if let Some(seen) = two_tags(&scans) {
        return Err(two_in_view(seen));
    }
    for scanning in scans.into_iter().take(PULL_CODES_MAX) {
        let source = if scanning.rfid { Source::Rfid } else { Source::Scan };
        let raw = RawScan {
            scanner: scanning.scanner,
            text: scanning.raw,
            symbology: scanning.symbology,
            source,
        };
        match scanning.scan {
            Ok(scan) => add(&mut seen, understood(&scan, raw, desk))?,
            Err(refusal) => refused = refused.or(Some(LabelFault::from(refusal))),
        }
    }
    // A stray text beside a code that means something is no code of ours.
    if seen.iter().any(|seen| !is_stray(&seen.code)) {
        seen.retain(|seen| !is_stray(&seen.code));
    } else if let [first, second, ..] = seen.as_slice() {
        return Err(two_in_view([first.raw.text.clone(), second.raw.text.clone()]));
    }
    match refused {
        Some(fault) if seen.is_empty() => Err(Outcome::reject(Reason::BadLabel { fault })),
        _ => Ok(seen),
    }
}

/// Two different tags among what was read: an RFID reader hears more than the worker aims at, so that is never a choice.
fn two_tags(scans: &[Scanning]) -> Option<[String; 2]> {
    let mut tags = scans.iter().filter(|scanning| scanning.rfid);
    let first = &tags.next()?.raw;
    let other = tags.find(|scanning| scanning.raw != *first)?;
    Some([first.clone(), other.raw.clone()])
}

/// What one scan is. The order settles what a text means that could be several things.
pub(super) fn understood(scan: &Scan, raw: RawScan, desk: &Desk<'_>) -> Seen {
    let code = match &scan.site_code {
        _ if is_hand_over(&raw.text) => Code::HandOver(raw.text.clone()),
        Some(code) => of_site(code, scan, &raw, desk),
        None => of_label(scan, &raw, desk),
    };
    let gross_weight = scan.gross_weight_micro_kg().map(Quantity::from_micro);
    Seen {
        code,
        raw,
        gross_weight,
    }
}

fn of_site(code: &SiteCode, scan: &Scan, raw: &RawScan, desk: &Desk<'_>) -> Code {
    match code {
        SiteCode::Location(location) => Code::Location(location.clone()),
        SiteCode::Badge(worker) => Code::Badge(WorkerId::from(worker.as_str())),
        SiteCode::HandlingUnit(unit) => Code::Unit(unit.clone()),
        SiteCode::Command(command) => match key_of(command) {
            Some(key) => Code::Key(key),
            None => of_label(scan, raw, desk),
        },
    }
}

/// The key that a command card stands for.
fn key_of(command: &str) -> Option<Key> {
    const COMMANDS: [(&str, Key); 8] = [
        ("undo", Key::Undo),
        ("done", Key::Done),
        ("short", Key::Short),
        ("exception", Key::Exception),
        ("skip", Key::Skip),
        ("menu", Key::Menu),
        ("yes", Key::Enter),
        ("no", Key::Escape),
    ];
    let known = COMMANDS
        .iter()
        .find(|(word, _)| word.eq_ignore_ascii_case(command));
    known.map(|(_, key)| *key)
}

fn of_label(scan: &Scan, raw: &RawScan, desk: &Desk<'_>) -> Code {
    let piece = Piece {
        times: scan.count().and_then(|count| i64::try_from(count).ok()),
        lot: scan.lot().map(str::to_owned),
        serial: scan.serial().map(str::to_owned),
        expiry: scan
            .expiry(desk.now.today)
            .or_else(|| scan.best_before(desk.now.today)),
        weight: scan.net_weight_micro_kg().map(Quantity::from_micro),
        unit_on_label: scan.sscc().map(HandlingUnitId::new),
        raw: Some(raw.clone()),
        ..Piece::default()
    };
    if let Some(gtin) = scan.gtin() {
        return Code::Label(Label::Goods(named(piece, gtin, desk)));
    }
    if let Some(sscc) = scan.sscc() {
        return Code::Unit(sscc.to_owned());
    }
    if piece.lot.is_some()
        || piece.serial.is_some()
        || piece.expiry.is_some()
        || piece.weight.is_some()
        || piece.times.is_some()
    {
        let code = scan.text.clone();
        return Code::Label(Label::Addition(Piece { code, ..piece }));
    }
    let piece = named(piece, &scan.text, desk);
    let location = LocationId::from(scan.text.as_str());
    if piece.item.is_none() && desk.catalogue.has_location(&location) == Some(true) {
        return Code::Location(scan.text.clone());
    }
    Code::Label(Label::Goods(piece))
}

/// A piece of the item that has this code; of none where no item has it.
fn named(piece: Piece, code: &str, desk: &Desk<'_>) -> Piece {
    let code = code.to_owned();
    match desk.catalogue.find_code(&code) {
        Some((item, known)) => Piece {
            item: Some(item.id.clone()),
            owner: item.owner.clone(),
            unit: known.unit,
            pack: known.pack,
            code,
            ..piece
        },
        None => Piece {
            unit: UNKNOWN_UNIT.to_owned(),
            pack: Quantity::ONE,
            code,
            ..piece
        },
    }
}

/// The packaging of goods whose code nobody knows: one scan is one piece.
const UNKNOWN_UNIT: &str = "each";

/// Whether a code is a text that nobody knows: a carrier's sticker beside the label, or a lot without its identifier.
fn is_stray(code: &Code) -> bool {
    matches!(code, Code::Label(Label::Goods(piece)) if is_text(piece))
}

/// Whether a piece is nothing but a text.
pub(super) fn is_text(piece: &Piece) -> bool {
    let is_bare =
        piece.lot.is_none() && piece.serial.is_none() && piece.expiry.is_none() && piece.weight.is_none();
    piece.item.is_none() && is_bare && !is_gtin(&piece.code)
}

fn is_gtin(code: &str) -> bool {
    code.len() == 14 && code.bytes().all(|byte| byte.is_ascii_digit())
}

/// Adds a code to those of its pull: alone, merged with one it completes, or not at all where it says the same.
fn add(seen: &mut Vec<Seen>, new: Seen) -> Result<(), Outcome> {
    for known in seen.iter_mut() {
        match (&mut known.code, &new.code) {
            (Code::Label(known_label), Code::Label(new_label)) => match together(known_label, new_label) {
                Together::Merged(label) => {
                    *known_label = label;
                    return Ok(());
                }
                Together::Apart => {}
                Together::Different(seen) => return Err(two_in_view(seen)),
            },
            (known_code, new_code) if *known_code == *new_code => return Ok(()),
            (known_code, new_code) => {
                if std::mem::discriminant(known_code) == std::mem::discriminant(new_code) {
                    return Err(two_in_view([known.raw.text.clone(), new.raw.text]));
                }
            }
        }
    }
    seen.push(new);
    Ok(())
}

/// How two labels of one pull belong together.
#[expect(clippy::large_enum_variant, reason = "one lives for the length of a step")]
enum Together {
    Merged(Label),
    Apart,
    /// They contradict each other, in these values.
    Different([String; 2]),
}

fn together(known: &Label, new: &Label) -> Together {
    let (known_piece, new_piece) = match (known, new) {
        (Label::Goods(known), Label::Goods(new)) => {
            if known.code == new.code
                || (known.item.is_some() && known.item == new.item && known.pack == new.pack)
            {
                (known, new)
            } else if is_text(known) || is_text(new) {
                return Together::Apart;
            } else {
                return Together::Different([known.code.clone(), new.code.clone()]);
            }
        }
        (Label::Goods(goods), _) | (_, Label::Goods(goods)) if is_text(goods) => return Together::Apart,
        (Label::Addition(addition), Label::Goods(goods)) => (goods, addition),
        (Label::Goods(known) | Label::Addition(known), Label::Addition(new)) => (known, new),
    };
    let piece = match completed(known_piece, new_piece) {
        Ok(piece) => piece,
        Err(seen) => return Together::Different(seen),
    };
    match (known, new) {
        (Label::Addition(_), Label::Addition(_)) => Together::Merged(Label::Addition(piece)),
        _ => Together::Merged(Label::Goods(piece)),
    }
}

/// A piece with what another label adds.
///
/// # Errors
/// The two values in which both contradict each other.
pub(super) fn completed(piece: &Piece, addition: &Piece) -> Result<Piece, [String; 2]> {
    Ok(Piece {
        times: either(&piece.times, &addition.times)?,
        lot: either(&piece.lot, &addition.lot)?,
        serial: either(&piece.serial, &addition.serial)?,
        expiry: either(&piece.expiry, &addition.expiry)?,
        weight: either(&piece.weight, &addition.weight)?,
        unit_on_label: either(&piece.unit_on_label, &addition.unit_on_label)?,
        ..piece.clone()
    })
}

/// The value that one of both has, or both.
fn either<T: Clone + PartialEq + ToString>(
    known: &Option<T>,
    new: &Option<T>,
) -> Result<Option<T>, [String; 2]> {
    match (known, new) {
        (Some(known), Some(new)) if known != new => Err([known.to_string(), new.to_string()]),
        (None, new) => Ok(new.clone()),
        (known, _) => Ok(known.clone()),
    }
}

fn two_in_view(seen: [String; 2]) -> Outcome {
    let seen = Vec::from(seen);
    Outcome::of(Verdict::Ask(Question::TwoInView { seen })).with_note(Note::AimAtOne)
}

/// A label that a worker typed, understood by the same rules as a scanned one.
pub(super) fn typed(text: &str, desk: &Desk<'_>) -> Result<Seen, Outcome> {
    let rules = desk.catalogue.rules();
    let scan = if text.starts_with('(') {
        tallyman_codes::understand_bracketed(text, rules)
    } else {
        Scan::of(text, rules)
    };
    let scan = scan.map_err(|refusal| {
        Outcome::reject(Reason::BadLabel {
            fault: LabelFault::from(refusal),
        })
    })?;
    Ok(understood(&scan, typed_raw(text), desk))
}

pub(super) fn typed_raw(text: &str) -> RawScan {
    RawScan {
        scanner: KEYPAD.to_owned(),
        text: text.to_owned(),
        symbology: None,
        source: Source::Typed,
    }
}

/// What stands for the scanner where a label was typed.
const KEYPAD: &str = "keypad";
