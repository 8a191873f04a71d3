//! Why a code is refused, as programs and people are told.

use crate::fault::Fault;
use crate::fields::Fields;
use crate::scan::Element;

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
    /// The refusal of a whole text, with no field found.
    pub(crate) fn of(fault: &Fault, text: &str) -> Self {
        Self::after(fault, text, &Fields::new())
    }

    /// The refusal of a text in which these fields were found before the fault. The fault counts bytes of the
    /// text, the refusal characters.
    pub(crate) fn after(fault: &Fault, text: &str, fields: &Fields<'_>) -> Self {
        Self {
            code: fault.code.as_str(),
            ai: fault.ai.map(|ai| ai.as_str().to_owned()),
            at: characters_before(text, fault.at),
            message: fault.sentence(),
            elements: fields.to_elements(),
        }
    }
}

/// How many characters of the text begin before this byte.
fn characters_before(text: &str, at: usize) -> usize {
    const CONTINUATION: u8 = 0b1000_0000;
    text.bytes()
        .take(at)
        .filter(|byte| byte & 0b1100_0000 != CONTINUATION)
        .count()
}
