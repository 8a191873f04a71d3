//! Where a scanned-data report keeps its parts.
//!
//! ```text
//! 02 0D 5D 45 30 34 30 30 36 33 38 31 33 33 33 39 33 31 00 .. 00 64 00 00      64 bytes, Honeywell
//! |  |  ]  E  0  |                                            |     +- 1: the code goes on in the next report
//! |  |           +- 56 bytes of text, zeros behind it         +- maker's code id
//! |  +- bytes of text; the identifier is not counted
//! +- report id
//! ```
//!
//! Source: USB HID Point of Sale Usage Tables 1.02, section 4 (bar code scanner page 8C); Honeywell Xenon user's
//! guide, "HID POS".

use tallyman_codes::SymbologyId;

/// Longest report of full and high speed interrupt pipes that scanners use.
pub const REPORT_BYTES_MAX: usize = 1_024;

/// Offsets in one report, counted from its first byte, the report id if there is one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Layout {
    /// The report's id, where reports are numbered.
    pub report_id: Option<u8>,
    /// Length of the whole report.
    pub report_bytes: usize,
    /// Where the count of text bytes stands.
    pub length_at: Option<usize>,
    /// Where the three characters of the AIM identifier stand.
    pub symbology_at: usize,
    /// Where the text begins.
    pub text_at: usize,
    /// Room for text.
    pub text_bytes: usize,
    /// Where the maker's code id stands.
    pub code_id_at: Option<usize>,
    /// Where the flag stands that the next report goes on.
    pub more_at: Option<usize>,
}

/// The two layouts in use among scanners whose descriptor is not known here; the identifier tells them apart.
pub const KNOWN: [Layout; 2] = [
    Layout {
        report_id: Some(2),
        report_bytes: 64,
        length_at: Some(1),
        symbology_at: 2,
        text_at: 5,
        text_bytes: 56,
        code_id_at: Some(61),
        more_at: Some(63),
    },
    Layout {
        report_id: Some(2),
        report_bytes: 64,
        length_at: Some(1),
        symbology_at: 3,
        text_at: 6,
        text_bytes: 56,
        code_id_at: None,
        more_at: Some(63),
    },
];

/// What one report says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// The AIM identifier, if one is there.
    pub symbology: Option<SymbologyId>,
    /// The maker's code id, if one is there.
    pub code_id: Option<char>,
    /// The text.
    pub text: Vec<u8>,
    /// The next report goes on.
    pub more: bool,
}

impl Layout {
    /// Whether a report of this layout may begin with this byte.
    pub fn may_begin(&self, first: u8) -> bool {
        self.report_id.is_none_or(|id| id == first)
    }

    /// Reads a whole report. `None`: it is none of this layout.
    pub fn read(&self, report: &[u8]) -> Option<Report> {
        let report = report.get(..self.report_bytes)?;
        if !self.may_begin(*report.first()?) {
            return None;
        }
        let room = report.get(self.text_at..self.text_at + self.text_bytes)?;
        let text = match self.length_at {
            Some(at) => room.get(..usize::from(*report.get(at)?))?,
            None => room.split(|byte| *byte == 0).next()?,
        };
        let marks = report.get(self.symbology_at..self.symbology_at + 3)?;
        let symbology = SymbologyId::split(marks).map(|(symbology, _)| symbology);
        if symbology.is_none() && !self.is_bare(marks, text, room) {
            return None;
        }
        let more = match self.more_at.map(|at| report.get(at)) {
            None | Some(Some(0)) => false,
            Some(Some(1)) => true,
            _ => return None,
        };
        let code_id = self
            .code_id_at
            .and_then(|at| report.get(at))
            .filter(|id| id.is_ascii_graphic());
        Some(Report {
            symbology,
            code_id: code_id.map(|id| char::from(*id)),
            text: text.to_vec(),
            more,
        })
    }

    /// A report without identifier must be one beyond doubt: text, and nothing but zeros around it.
    fn is_bare(&self, marks: &[u8], text: &[u8], room: &[u8]) -> bool {
        let padding = room.get(text.len()..).unwrap_or(&[]);
        !text.is_empty() && text.first() != Some(&0) && marks.iter().chain(padding).all(|byte| *byte == 0)
    }
}
