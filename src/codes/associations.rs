//! Which fields may or must stand together on an item (GS1 General Specifications, section 4.14).
//!
//! Labels in the field break these rules every day (a lot on a second symbol of its own), so what is found here
//! warns, and refuses only where strict reading is asked for.

use crate::ai::{self, NONE, Requirement, RowSet};
use crate::fault::{Fault, FaultCode};
use crate::fields::{Field, Fields};

/// A rule between fields that a code breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Finding<'a> {
    /// Which rule: `excludes`, `requires`, `unknown_ai`, `signature` or `time`.
    pub code: FaultCode,
    /// The AI that breaks it.
    pub ai: &'a [u8],
    /// The byte of the message where its value begins.
    pub at: usize,
    /// What is missing, as the table writes it: `01 02` for one of both, `01+21` for both.
    needed: &'static str,
    /// The AI it may not stand with.
    other: &'a [u8],
}

impl Finding<'_> {
    /// One sentence: what is wrong and what to do.
    pub fn sentence(&self) -> String {
        let fault = self.fault();
        let field = fault.field();
        match self.code {
            FaultCode::Excludes => {
                format!(
                    "{field} may not stand on one item with ({}): ask the supplier for a right label.",
                    String::from_utf8_lossy(self.other)
                )
            }
            FaultCode::Requires => {
                let needed = self.needed.replace('+', ") with (").replace(' ', ") or (");
                format!("{field} needs ({needed}) on the same item: scan the label's other code too.")
            }
            FaultCode::UnknownAi => {
                format!("No table knows {field}: its value is kept, and nothing is read from it.")
            }
            FaultCode::Time => {
                format!("The time of {field} is 9999, which stands for none: only the date is read.")
            }
            _ => fault.sentence(),
        }
    }

    /// The finding as a fault, for strict reading.
    pub fn fault(&self) -> Fault {
        Fault::of(self.code, self.ai, self.at)
    }
}

/// The rules that these fields break together, field by field. Fields of several symbols of one item are joined
/// before.
pub fn findings<'f, 'a: 'f>(fields: &'f Fields<'a>) -> impl Iterator<Item = Finding<'a>> + 'f {
    fields.iter().flat_map(move |field| of_field(field, fields))
}

/// Whether the fields break no rule: the same as [`findings`] yielding nothing, and faster.
pub fn are_kept(fields: &Fields<'_>) -> bool {
    let present = fields.present();
    fields.iter().all(|field| match field.entry() {
        Some(entry) => {
            !field.tolerated
                && !entry.excludes.meets(present)
                && (!entry.alone || other_of_row(field, fields).is_none())
                && entry
                    .requires
                    .iter()
                    .all(|requirement| is_met(requirement, present))
                && (!entry.is_signature || unsigned_key(fields).is_none())
        }
        None => false,
    })
}

fn of_field<'f, 'a: 'f>(
    field: &'f Field<'a>,
    fields: &'f Fields<'a>,
) -> impl Iterator<Item = Finding<'a>> + 'f {
    let blank = Finding {
        code: FaultCode::UnknownAi,
        ai: field.ai,
        at: field.at,
        needed: "",
        other: b"",
    };
    let unknown = field.entry().is_none().then_some(blank);
    let tolerated = field.tolerated.then_some(Finding {
        code: FaultCode::Time,
        ..blank
    });
    let excluded = excluded_by(field, fields).map(|other| Finding {
        code: FaultCode::Excludes,
        other,
        ..blank
    });
    let required = field.entry().into_iter().flat_map(|entry| &entry.requires);
    let missing = required
        .filter(|requirement| !is_met(requirement, fields.present()))
        .map(move |requirement| Finding {
            code: FaultCode::Requires,
            needed: requirement.written,
            ..blank
        });
    let signs = field.entry().is_some_and(|entry| entry.is_signature);
    let unsigned = signs.then(|| unsigned_key(fields)).flatten().map(|key| Finding {
        code: FaultCode::Signature,
        ai: key.ai,
        at: key.at,
        ..blank
    });
    unknown
        .into_iter()
        .chain(tolerated)
        .chain(excluded)
        .chain(missing)
        .chain(unsigned)
}

/// The first field that may not stand with this one.
fn excluded_by<'a>(field: &Field<'a>, fields: &Fields<'a>) -> Option<&'a [u8]> {
    let entry = field.entry()?;
    let other = fields
        .iter()
        .find(|other| other.row != NONE && entry.excludes.has(other.row));
    match other {
        Some(other) => Some(other.ai),
        None if entry.alone => other_of_row(field, fields),
        None => None,
    }
}

/// Another AI of the same range, as 3102 beside 3103.
fn other_of_row<'a>(field: &Field<'a>, fields: &Fields<'a>) -> Option<&'a [u8]> {
    fields
        .iter()
        .find(|other| other.row == field.row && other.ai != field.ai)
        .map(|other| other.ai)
}

fn is_met(requirement: &Requirement, present: &RowSet) -> bool {
    requirement.written.is_empty()
        || requirement.any.meets(present)
        || requirement
            .all
            .iter()
            .any(|all| all.first() != Some(&NONE) && all.iter().all(|&row| row == NONE || present.has(row)))
}

/// A key that a digital signature covers although it lacks its serial part: GDTI, GCN and GRAI may.
fn unsigned_key<'f, 'a>(fields: &'f Fields<'a>) -> Option<&'f Field<'a>> {
    fields.iter().find(|field| {
        matches!(field.ai, b"253" | b"255" | b"8003")
            && ai::find(field.ai).is_some_and(|entry| field.value.len() == usize::from(entry.min))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::date::Century;
    use crate::element_string;
    use jiff::civil::date;

    fn codes(message: &str) -> Vec<String> {
        let mut fields = Fields::new();
        element_string::parse(message.as_bytes(), Century::of(date(2026, 11, 23)), &mut fields).unwrap();
        let found: Vec<String> = findings(&fields)
            .map(|finding| {
                format!(
                    "{} {}",
                    finding.code.as_str(),
                    String::from_utf8_lossy(finding.ai)
                )
            })
            .collect();
        assert_eq!(are_kept(&fields), found.is_empty(), "{message}");
        found
    }

    #[test]
    fn fields_that_must_stand_together() {
        assert_eq!(codes("0109521234543213"), [""; 0]);
        assert_eq!(codes("10AB"), ["requires 10"]);
        assert_eq!(codes("010952123454321310AB"), [""; 0]);
        assert_eq!(codes("01095212345432137004100\x1d10AB"), [""; 0]);
        assert_eq!(codes("01095212345432137004100"), ["requires 7004"]);
        assert_eq!(codes("010952123454321321A\x1d250B"), [""; 0]);
        assert_eq!(codes("0109521234543213250B"), ["requires 250"]);
        assert_eq!(
            codes("010952123454321321A\x1d8041490154203237518\x1d8040490154203237518"),
            [""; 0]
        );
        assert_eq!(
            codes("010952123454321321A\x1d8041490154203237518"),
            ["requires 8041"]
        );
    }

    #[test]
    fn fields_that_may_not_stand_together() {
        assert_eq!(
            codes("0109521234543213371"),
            ["excludes 01", "requires 37", "requires 37"]
        );
        assert_eq!(
            codes("010952123454321331020012503103001250"),
            ["excludes 3102", "excludes 3103"]
        );
        assert_eq!(codes("010952123454321331030012503103001250"), [""; 0]);
    }

    #[test]
    fn unknown_identifiers_of_known_length_and_signatures() {
        assert_eq!(codes("01095212345432133109001250"), ["unknown_ai 3109"]);
        assert_eq!(codes("2539521234543213\x1d8030ABC"), ["signature 253"]);
        assert_eq!(codes("2539521234543213X\x1d8030ABC"), [""; 0]);
    }
}
