//! From a read to a scan: the one entry that agent and hub both use.

use jiff::civil::Date;

use crate::ai::Ai;
use crate::date::Century;
use crate::element_string;
use crate::fault::{Fault, FaultCode};
use crate::fields::Fields;
use crate::gtin::Gtin;
use crate::read::Seen;
use crate::scan::{Element, Scan, ScanKind};
use crate::site::SiteRules;
use crate::symbology::SymbologyId;

/// Everything besides the read that its meaning depends on. Agent and hub keep one each and replace it whole
/// when the configuration changes.
#[derive(Debug, Clone)]
pub struct Rules {
    /// The day dates with two-digit years are resolved against.
    pub today: Date,
    /// The site's own codes.
    pub site: SiteRules,
}

impl Rules {
    /// The rules of a site without codes of its own, every setting at its default.
    pub fn new(today: Date) -> Self {
        Self {
            today,
            site: SiteRules::default(),
        }
    }
}

/// Why a code is refused: a fault of the label or of the scanner's settings, told so that a person can act.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Refusal {
    /// A stable word for programs, as `check_digit`.
    pub code: &'static str,
    /// The application identifier concerned, where there is one.
    pub ai: Option<String>,
    /// The character of the given text, identifier included, counted from 0.
    pub at: usize,
    /// One sentence: what is wrong and what to do.
    pub message: String,
    /// The fields found before the fault.
    pub elements: Vec<Element>,
}

impl Refusal {
    fn new(fault: &Fault, elements: Vec<Element>) -> Self {
        Self {
            code: fault.code.as_str(),
            ai: fault.ai.map(|ai| ai.as_str().to_owned()),
            at: fault.at,
            message: fault.sentence(),
            elements,
        }
    }
}

/// Says what a read means.
///
/// # Errors
/// A [`Refusal`] when the code claims a GS1 form and breaks its rules. Text of no known form is no fault: it is
/// a scan of kind [`ScanKind::Text`].
pub fn understand(seen: &Seen, rules: &Rules) -> Result<Scan, Refusal> {
    match seen {
        Seen::Barcode(barcode) => understand_message(&barcode.text(), barcode.symbology, rules),
        Seen::Tag(_) => Ok(blank(String::new(), None, ScanKind::Epc)),
    }
}

/// Says what a text means that may begin with a symbology identifier, as scanners send it.
///
/// # Errors
/// As [`understand`].
pub fn understand_text(text: &str, rules: &Rules) -> Result<Scan, Refusal> {
    let split = SymbologyId::split(text.as_bytes()).and_then(|(id, _)| Some((id, text.get(3..)?)));
    let Some((id, message)) = split else {
        return understand_message(text, None, rules);
    };
    understand_message(message, Some(id), rules).map_err(|mut refusal| {
        refusal.at += 3;
        refusal
    })
}

fn understand_message(text: &str, symbology: Option<SymbologyId>, rules: &Rules) -> Result<Scan, Refusal> {
    let message = text.as_bytes();
    if message.is_empty() {
        return Err(Refusal::new(&Fault::new(FaultCode::Empty, 0), Vec::new()));
    }
    let site_code = rules.site.claim(text);
    let scan = match symbology.map(|id| (id.code, id.modifier)) {
        Some((b'C', b'1') | (b'e', b'0') | (b'd', b'2') | (b'Q', b'3') | (b'J', b'1')) => {
            element_scan(text, symbology, rules)?
        }
        Some((b'E', b'0' | b'4') | (b'I', b'1')) => gtin_scan(text, symbology)?,
        Some(_) => blank(text.to_owned(), symbology, ScanKind::Text),
        None if site_code.is_some() => blank(text.to_owned(), symbology, ScanKind::Text),
        None if Gtin::new(message).is_some() => gtin_scan(text, symbology)?,
        None if message.contains(&element_string::GS) => element_scan(text, symbology, rules)?,
        None => match element_scan(text, symbology, rules) {
            Ok(scan) if matches!(scan.elements.first(), Some(first) if matches!(first.ai.as_str(), "00" | "01" | "02")) => {
                scan
            }
            _ => blank(text.to_owned(), symbology, ScanKind::Text),
        },
    };
    Ok(Scan { site_code, ..scan })
}

fn blank(text: String, symbology: Option<SymbologyId>, kind: ScanKind) -> Scan {
    Scan {
        text,
        symbology,
        kind,
        elements: Vec::new(),
        site_code: None,
    }
}

fn gtin_scan(text: &str, symbology: Option<SymbologyId>) -> Result<Scan, Refusal> {
    let Some(gtin) = Gtin::new(text.as_bytes()) else {
        let fault = Fault {
            code: FaultCode::CheckDigit,
            ai: Ai::new(b"01"),
            at: 0,
        };
        return Err(Refusal::new(&fault, Vec::new()));
    };
    let elements = vec![Element {
        ai: "01".to_owned(),
        value: gtin.as_str().to_owned(),
    }];
    Ok(Scan {
        elements,
        ..blank(text.to_owned(), symbology, ScanKind::Gtin)
    })
}

fn element_scan(text: &str, symbology: Option<SymbologyId>, rules: &Rules) -> Result<Scan, Refusal> {
    let mut fields = Fields::new();
    let parsed = element_string::parse(text.as_bytes(), Century::of(rules.today), &mut fields);
    let elements = fields.iter().map(|field| Element {
        ai: String::from_utf8_lossy(field.ai).into_owned(),
        value: String::from_utf8_lossy(field.value).into_owned(),
    });
    let elements = elements.collect();
    match parsed {
        Ok(()) => Ok(Scan {
            elements,
            ..blank(text.to_owned(), symbology, ScanKind::ElementString)
        }),
        Err(fault) => {
            let mut refusal = Refusal::new(&fault, elements);
            refusal.at = text
                .bytes()
                .take(fault.at)
                .filter(|&byte| byte & 0xC0 != 0x80)
                .count();
            Err(refusal)
        }
    }
}
