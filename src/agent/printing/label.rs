//! What a label says: which template, which texts, and which bars.
//!
//! Bars are Code 128 as `^BC` takes it (ZPL II Programming Guide, `^BC`, "Code 128 Subsets"): the subsets are chosen here,
//! digits in pairs in subset C, everything else in B, so that no firmware has to guess. GS1-128 has FNC1 first.

use jiff::civil::Date;
use tallyman_codes::charset::CharSet;
use tallyman_codes::check_digit;
use tallyman_floor::LabelOrder;

use super::template::{TemplateName, Templates};

/// Characters of a text on a label; longer ones are cut, which shows.
const TEXT_CHARACTERS_MAX: usize = 60;

/// Characters of a code that is printed as bars; a longer one fits no label, and is never cut.
const BARS_CHARACTERS_MAX: usize = 48;

/// Characters of a lot (GS1 General Specifications, application identifier 10).
const LOT_CHARACTERS_MAX: usize = 20;

/// Begins in subset C.
const START_C: &str = ">;";
/// Begins in subset B.
const START_B: &str = ">:";
/// FNC1.
const FNC1: &str = ">8";
/// From subset C to B.
const TO_B: &str = ">6";

/// What is to be printed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Label {
    /// The label of a handling unit.
    HandlingUnit {
        /// Its number: an SSCC in 18 digits, or one of the house.
        unit: String,
        /// What people read besides.
        text: String,
    },
    /// The label of goods that have none.
    Goods {
        /// The item.
        item: String,
        /// Its name.
        name: String,
        /// The code that stands for it.
        code: String,
        /// The lot.
        lot: Option<String>,
        /// The expiry date.
        expiry: Option<Date>,
    },
    /// A label to see whether the printer prints.
    Test {
        /// What the device calls itself.
        name: String,
    },
}

/// Why something cannot be printed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LabelError {
    /// No bars say this.
    #[error("{0:?} cannot be printed as a bar code: it must be 1 to {BARS_CHARACTERS_MAX} plain characters")]
    Bars(String),
}

impl From<LabelOrder> for Label {
    fn from(order: LabelOrder) -> Self {
        match order {
            LabelOrder::HandlingUnit { unit, text } => Self::HandlingUnit {
                unit: unit.to_string(),
                text,
            },
            LabelOrder::Goods {
                item,
                name,
                code,
                lot,
                expiry,
            } => Self::Goods {
                item: item.to_string(),
                name,
                code,
                lot,
                expiry,
            },
        }
    }
}

impl Label {
    /// The label in ZPL II.
    ///
    /// # Errors
    /// [`LabelError`] where its code cannot be bars. A wrong label is worse than none.
    pub fn to_zpl(&self, templates: &Templates) -> Result<String, LabelError> {
        let (name, fields) = match self {
            Self::HandlingUnit { unit, text } => unit_fields(unit, text)?,
            Self::Goods {
                item,
                name,
                code,
                lot,
                expiry,
            } => {
                let (template, bars, bars_text) = goods_bars(code, lot.as_deref(), *expiry)?;
                let expiry = expiry.map(|date| date.to_string()).unwrap_or_default();
                let fields = vec![
                    ("item", cut(item)),
                    ("name", cut(name)),
                    ("code", cut(code)),
                    ("lot", cut(lot.as_deref().unwrap_or_default())),
                    ("expiry", expiry),
                    ("bars", bars),
                    ("bars_text", bars_text),
                ];
                (template, fields)
            }
            Self::Test { name } => {
                let fields = vec![("name", cut(name)), ("bars", plain_bars("TALLYMAN")?)];
                (TemplateName::Test, fields)
            }
        };
        Ok(templates.of(name).fill(&fields))
    }
}

type Fields = Vec<(&'static str, String)>;

fn unit_fields(unit: &str, text: &str) -> Result<(TemplateName, Fields), LabelError> {
    let is_sscc = unit.len() == 18 && check_digit::is_valid(unit.as_bytes());
    if is_sscc {
        let fields = vec![
            ("unit", format!("(00) {unit}")),
            ("bars", format!("{START_C}{FNC1}00{unit}")),
            ("text", cut(text)),
        ];
        return Ok((TemplateName::Sscc, fields));
    }
    let fields = vec![
        ("unit", cut(unit)),
        ("bars", plain_bars(unit)?),
        ("text", cut(text)),
    ];
    Ok((TemplateName::Lpn, fields))
}

/// The template, the bars, and the text below them.
fn goods_bars(
    code: &str,
    lot: Option<&str>,
    expiry: Option<Date>,
) -> Result<(TemplateName, String, String), LabelError> {
    let is_gtin = matches!(code.len(), 8 | 12 | 13 | 14) && check_digit::is_valid(code.as_bytes());
    if !is_gtin {
        return Ok((TemplateName::Goods, plain_bars(code)?, cut(code)));
    }
    let mut bars = format!("{START_C}{FNC1}01{code:0>14}");
    let mut text = format!("(01) {code:0>14}");
    if let Some(date) = expiry {
        let day = date.strftime("%y%m%d").to_string();
        bars.push_str(&format!("17{day}"));
        text.push_str(&format!(" (17) {day}"));
    }
    // The lot has no fixed length, so it comes last. One that GS1 does not allow stands on the label as text only.
    if let Some(lot) = lot.filter(|lot| is_gs1_lot(lot)) {
        bars.push_str(&format!("10{TO_B}{}", in_subset_b(lot)));
        text.push_str(&format!(" (10) {lot}"));
    }
    Ok((TemplateName::GoodsGs1, bars, text))
}

fn is_gs1_lot(lot: &str) -> bool {
    !lot.is_empty() && lot.len() <= LOT_CHARACTERS_MAX && CharSet::Set82.has_all(lot.as_bytes())
}

/// A code of the house as Code 128.
fn plain_bars(code: &str) -> Result<String, LabelError> {
    let is_plain = |byte: u8| (b' '..=b'~').contains(&byte);
    if code.is_empty() || code.len() > BARS_CHARACTERS_MAX || !code.bytes().all(is_plain) {
        return Err(LabelError::Bars(cut(code)));
    }
    let is_pairs =
        code.len() >= 4 && code.len().is_multiple_of(2) && code.bytes().all(|byte| byte.is_ascii_digit());
    if is_pairs {
        return Ok(format!("{START_C}{code}"));
    }
    Ok(format!("{START_B}{}", in_subset_b(code)))
}

/// `>` begins a sign of `^BC` itself, and stands for itself as `>0`.
fn in_subset_b(text: &str) -> String {
    text.replace('>', ">0")
}

fn cut(text: &str) -> String {
    text.chars().take(TEXT_CHARACTERS_MAX).collect()
}
