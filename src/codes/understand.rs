//! From a read to a scan: the one entry that agent and hub both use.

use jiff::civil::Date;

use crate::read::Seen;
use crate::scan::{Element, Scan, ScanKind};
use crate::site::SiteRules;

/// Everything besides the read that its meaning depends on. Agent and hub keep one each and replace it whole
/// when the configuration changes.
#[derive(Debug, Clone)]
pub struct Rules {
    /// The day dates with two-digit years are resolved against.
    pub today: Date,
    /// The site's own codes.
    pub site: SiteRules,
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

/// Says what a read means.
///
/// # Errors
/// A [`Refusal`] when the code claims a GS1 form and breaks its rules. Text of no known form is no fault: it is
/// a scan of kind [`ScanKind::Text`].
pub fn understand(seen: &Seen, rules: &Rules) -> Result<Scan, Refusal> {
    let Seen::Barcode(barcode) = seen else {
        return Ok(Scan {
            text: String::new(),
            symbology: None,
            kind: ScanKind::Epc,
            elements: Vec::new(),
            site_code: None,
        });
    };
    let text = barcode.text();
    let site_code = rules.site.claim(&text);
    Ok(Scan {
        text,
        symbology: barcode.symbology,
        kind: ScanKind::Text,
        elements: Vec::new(),
        site_code,
    })
}
