//! What happened, as the trace has it, and back. A code is written as it was read: what it means is found anew, by the
//! rules that are written beside it.

use tallyman_codes::site::{SiteCode, SiteCodeKind};
use tallyman_codes::{
    Barcode, Element, EpcBytes, Refusal, Rules, Scan, ScanKind, Seen, SymbologyId, Tag, understand,
};

use crate::confirmation::PassReference;
use crate::event::{Event, Key, Scanning};
use crate::ids::{HandlingUnitId, ItemId, LocationId, TaskId};
use crate::label::{Inquiry, InquiryAnswer, StockRow};
use crate::label_fault;
use crate::passed::Passed;
use crate::quantity::Quantity;
use crate::rfid::Direction;
use crate::wire::trace::{EventBody, PassedBody, RefusedBody, ScanBody, ScanningBody, ToldBody};

use super::explained::ScannedCode;

/// The keys that are no character, and their words.
const KEYS: [(Key, &str); 11] = [
    (Key::Point, "point"),
    (Key::Backspace, "backspace"),
    (Key::Enter, "enter"),
    (Key::Escape, "escape"),
    (Key::Undo, "undo"),
    (Key::Done, "done"),
    (Key::Short, "short"),
    (Key::Exception, "exception"),
    (Key::Skip, "skip"),
    (Key::Menu, "menu"),
    (Key::Type, "type"),
];

/// What stands before a typed character, so that it is told from a digit and from a word.
const CHARACTER: char = '\'';

const KINDS: [ScanKind; 5] = [
    ScanKind::ElementString,
    ScanKind::Gtin,
    ScanKind::DigitalLink,
    ScanKind::Epc,
    ScanKind::Text,
];

const SITE_CODES: [(SiteCodeKind, &str); 4] = [
    (SiteCodeKind::Location, "location"),
    (SiteCodeKind::Badge, "badge"),
    (SiteCodeKind::HandlingUnit, "handling_unit"),
    (SiteCodeKind::Command, "command"),
];

/// An event as it is written. A digit of a secret is written as 0.
pub(super) fn written(event: &Event, rules: &Rules, is_secret: bool) -> EventBody {
    match event {
        Event::Refresh => EventBody::Refresh,
        Event::Scans(scans) => EventBody::Scans(scans.iter().map(|scan| scanning(scan, rules)).collect()),
        Event::Key(key) => EventBody::Key(word(if is_secret { without_secret(*key) } else { *key })),
        Event::TaskChanged(task) => EventBody::TaskChanged(task.to_string()),
        Event::Told(answer) => EventBody::Told(told_body(answer)),
        Event::Passed(passed) => EventBody::Passed(PassedBody {
            portal: passed.pass.portal.clone(),
            number: passed.pass.number,
            way: passed.way.map(|way| way.word().to_owned()),
            is_whole: passed.is_whole,
        }),
    }
}

fn told_body(answer: &InquiryAnswer) -> ToldBody {
    let (kind, named) = match &answer.inquiry {
        Inquiry::Item(item) => ("item", item.to_string()),
        Inquiry::Location(location) => ("location", location.to_string()),
        Inquiry::HandlingUnit(unit) => ("handling_unit", unit.to_string()),
        Inquiry::Missing { location, .. } => (MISSING, location.to_string()),
    };
    let of = match &answer.inquiry {
        Inquiry::Missing { task, .. } => Some(task.to_string()),
        _ => None,
    };
    let mut serials: Vec<_> = answer
        .rows
        .iter()
        .flatten()
        .map(|row| row.serial.clone())
        .collect();
    if serials.iter().all(Option::is_none) {
        serials.clear();
    }
    let row = |row: &StockRow| {
        let quantity = row.quantity.map(Quantity::micro);
        (row.item.to_string(), row.place.clone(), row.lot.clone(), quantity)
    };
    let rows = answer.rows.iter().flatten();
    let mut places: Vec<_> = rows
        .map(|row| (row.handling_unit.clone(), row.location.clone()))
        .collect();
    if places.iter().all(|place| *place == (None, None)) {
        places.clear();
    }
    ToldBody {
        kind: kind.to_owned(),
        named,
        of,
        serials,
        is_being_counted: answer.is_being_counted,
        places,
        rows: answer.rows.as_ref().map(|rows| rows.iter().map(row).collect()),
    }
}

fn told_of(body: &ToldBody) -> Result<InquiryAnswer, String> {
    let named = body.named.as_str();
    let inquiry = match body.kind.as_str() {
        "item" => Inquiry::Item(ItemId::from(named)),
        "location" => Inquiry::Location(LocationId::from(named)),
        "handling_unit" => Inquiry::HandlingUnit(HandlingUnitId::from(named)),
        MISSING => Inquiry::Missing {
            task: TaskId::from(body.of.as_deref().unwrap_or_default()),
            location: LocationId::from(named),
        },
        other => return Err(format!("{other:?} is nothing that is asked about")),
    };
    let row = |(item, place, lot, quantity): &(String, String, Option<String>, Option<i64>)| StockRow {
        item: ItemId::from(item.as_str()),
        place: place.clone(),
        lot: lot.clone(),
        quantity: quantity.map(Quantity::from_micro),
        handling_unit: None,
        location: None,
        serial: None,
    };
    let mut rows: Option<Vec<StockRow>> = body.rows.as_ref().map(|rows| rows.iter().map(row).collect());
    for (row, (unit, location)) in rows.iter_mut().flatten().zip(&body.places) {
        row.handling_unit.clone_from(unit);
        row.location.clone_from(location);
    }
    for (row, serial) in rows.iter_mut().flatten().zip(&body.serials) {
        row.serial.clone_from(serial);
    }
    Ok(InquiryAnswer {
        inquiry,
        rows,
        is_being_counted: body.is_being_counted,
    })
}

/// What stands for an inquiry about what a count did not find.
const MISSING: &str = "missing";

/// The event again, or what is wrong with its form.
pub(super) fn read(body: &EventBody, rules: Option<&Rules>) -> Result<Event, String> {
    Ok(match body {
        EventBody::Refresh => Event::Refresh,
        EventBody::Scans(scans) => {
            let scans: Result<_, _> = scans.iter().map(|scan| scanning_of(scan, rules)).collect();
            Event::Scans(scans?)
        }
        EventBody::Key(key) => Event::Key(key_of(key).ok_or_else(|| format!("{key:?} is no key"))?),
        EventBody::TaskChanged(task) => Event::TaskChanged(TaskId::from(task.as_str())),
        EventBody::Told(told) => Event::Told(told_of(told)?),
        EventBody::Passed(passed) => Event::Passed(passed_of(passed)?),
    })
}

fn passed_of(body: &PassedBody) -> Result<Passed, String> {
    let way = body.way.as_deref().map(|word| {
        let known = Direction::of_word(word);
        known.ok_or_else(|| format!("{word:?} is no direction"))
    });
    Ok(Passed {
        pass: PassReference {
            portal: body.portal.clone(),
            number: body.number,
        },
        way: way.transpose()?,
        is_whole: body.is_whole,
    })
}

const fn without_secret(key: Key) -> Key {
    match key {
        Key::Digit(_) => Key::Digit(0),
        Key::Character(_) => Key::Character('0'),
        key => key,
    }
}

fn word(key: Key) -> String {
    match key {
        Key::Digit(digit) => digit.to_string(),
        Key::Character(character) => format!("{CHARACTER}{character}"),
        key => {
            let known = KEYS.iter().find(|(known, _)| *known == key);
            known.map_or_else(String::new, |(_, word)| (*word).to_owned())
        }
    }
}

fn key_of(word: &str) -> Option<Key> {
    if let Some((_, key)) = KEYS
        .iter()
        .map(|(key, word)| (word, key))
        .find(|(known, _)| **known == word)
    {
        return Some(*key);
    }
    let mut characters = word.chars();
    match (characters.next()?, characters.next(), characters.next()) {
        (CHARACTER, Some(character), None) => Some(Key::Character(character)),
        (digit, None, None) => digit
            .to_digit(10)
            .and_then(|digit| u8::try_from(digit).ok())
            .map(Key::Digit),
        _ => None,
    }
}

fn scanning(scanning: &Scanning, rules: &Rules) -> ScanningBody {
    let again = understood(&scanning.raw, scanning.symbology.as_deref(), scanning.rfid, rules);
    let (scan, refused) = match &scanning.scan {
        known if *known == again => (None, None),
        Ok(scan) => (Some(scan_body(scan)), None),
        Err(refusal) => (None, Some(refused_body(refusal))),
    };
    ScanningBody {
        scanner: scanning.scanner.clone(),
        raw: scanning.raw.clone(),
        symbology: scanning.symbology.clone(),
        rfid: scanning.rfid,
        scan,
        refused,
    }
}

fn scanning_of(body: &ScanningBody, rules: Option<&Rules>) -> Result<Scanning, String> {
    let scan = match (&body.scan, &body.refused, rules) {
        (Some(scan), _, _) => Ok(scan_of(scan)?),
        (None, Some(refused), _) => Err(refusal(refused)),
        (None, None, Some(rules)) => understood(&body.raw, body.symbology.as_deref(), body.rfid, rules),
        (None, None, None) => return Err("it does not say what codes meant".to_owned()),
    };
    Ok(Scanning {
        scanner: body.scanner.clone(),
        raw: body.raw.clone(),
        symbology: body.symbology.clone(),
        scan,
        rfid: body.rfid,
    })
}

/// What a message means, as the agent's intake finds it.
fn understood(raw: &str, symbology: Option<&str>, rfid: bool, rules: &Rules) -> Result<Scan, Refusal> {
    let seen = if rfid {
        Seen::Tag(Tag {
            // A trace holds what a tag held; more than that was never read.
            epc: EpcBytes::new(&bytes_of(raw)).unwrap_or_default(),
            ..Tag::default()
        })
    } else {
        let id = symbology.and_then(|id| SymbologyId::split(id.as_bytes()));
        Seen::Barcode(Barcode {
            bytes: raw.as_bytes().to_vec(),
            symbology: id.map(|(id, _)| id),
            code_id: None,
        })
    };
    understand(&seen, rules)
}

pub(super) fn bytes_of(hex: &str) -> Vec<u8> {
    let digits: Vec<u8> = hex
        .chars()
        .filter_map(|digit| digit.to_digit(16))
        .map(|digit| digit as u8)
        .collect();
    digits
        .chunks(2)
        .map(|pair| pair.iter().fold(0, |byte, digit| byte << 4 | digit))
        .collect()
}

fn scan_body(scan: &Scan) -> ScanBody {
    let element = |element: &Element| (element.ai.clone(), element.value.clone());
    ScanBody {
        text: scan.text.clone(),
        kind: scan.kind.as_str().to_owned(),
        elements: scan.elements.iter().map(element).collect(),
        site_code: scan.site_code.as_ref().map(site_code_body),
        epc_uri: scan.epc_uri.clone(),
    }
}

/// A code as it is told to people.
pub(super) fn scanned_code(scanning: &Scanning) -> ScannedCode {
    let body = scanning.scan.as_ref().ok().map(scan_body);
    let elements = match &scanning.scan {
        Ok(scan) => &scan.elements,
        Err(refusal) => &refusal.elements,
    };
    let element = |element: &Element| (element.ai.clone(), element.value.clone());
    ScannedCode {
        scanner: scanning.scanner.clone(),
        raw: scanning.raw.clone(),
        symbology: scanning.symbology.clone(),
        kind: scanning.scan.as_ref().ok().map(|scan| scan.kind.as_str()),
        elements: elements.iter().map(element).collect(),
        site_code: body.and_then(|body| body.site_code),
        refused: scanning
            .scan
            .as_ref()
            .err()
            .map(|refusal| refusal.message.clone()),
    }
}

fn site_code_body(code: &SiteCode) -> (String, String) {
    let (kind, named) = match code {
        SiteCode::Location(named) => (SiteCodeKind::Location, named),
        SiteCode::Badge(named) => (SiteCodeKind::Badge, named),
        SiteCode::HandlingUnit(named) => (SiteCodeKind::HandlingUnit, named),
        SiteCode::Command(named) => (SiteCodeKind::Command, named),
    };
    let word = SITE_CODES.iter().find(|(known, _)| *known == kind);
    (word.map_or("", |(_, word)| *word).to_owned(), named.clone())
}

fn scan_of(body: &ScanBody) -> Result<Scan, String> {
    let kind = KINDS.into_iter().find(|kind| kind.as_str() == body.kind);
    let element = |(ai, value): &(String, String)| Element {
        ai: ai.clone(),
        value: value.clone(),
    };
    Ok(Scan {
        text: body.text.clone(),
        kind: kind.ok_or_else(|| format!("{:?} is no form of code", body.kind))?,
        elements: body.elements.iter().map(element).collect(),
        site_code: body.site_code.as_ref().map(site_code_of).transpose()?,
        epc_uri: body.epc_uri.clone(),
        ..Scan::default()
    })
}

fn site_code_of((word, named): &(String, String)) -> Result<SiteCode, String> {
    let known = SITE_CODES.iter().find(|(_, known)| known == word);
    let named = named.clone();
    Ok(
        match known
            .ok_or_else(|| format!("{word:?} is no kind of site code"))?
            .0
        {
            SiteCodeKind::Location => SiteCode::Location(named),
            SiteCodeKind::Badge => SiteCode::Badge(named),
            SiteCodeKind::HandlingUnit => SiteCode::HandlingUnit(named),
            SiteCodeKind::Command => SiteCode::Command(named),
        },
    )
}

fn refused_body(refusal: &Refusal) -> RefusedBody {
    RefusedBody {
        code: refusal.code.to_owned(),
        ai: refusal.ai.clone(),
        message: refusal.message.clone(),
    }
}

/// A refusal as far as it was kept; the rules of the work look at nothing else.
fn refusal(body: &RefusedBody) -> Refusal {
    let known = label_fault::WORDS.iter().find(|(word, _)| *word == body.code);
    Refusal {
        code: known.map_or("recorded", |(word, _)| word),
        ai: body.ai.clone(),
        at: 0,
        message: body.message.clone(),
        elements: Vec::new(),
    }
}
