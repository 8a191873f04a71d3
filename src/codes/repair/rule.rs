//! A site's decision on what the labels of a supplier mean, as a line of text that the hub hands to every device.
//!
//! `9521234: 01 10 17` says: labels whose item or pallet number has the company prefix 9521234 carry these fields
//! in this order, with or without separators. `10{4}` fixes a length where several would fit; `17=10 10=17` says
//! that the lot stands behind AI 17 and the date behind AI 10.

use std::fmt;
use std::str::FromStr;

use super::{Part, Reading, elements};
use crate::ai::{self, Ai};
use crate::checks;
use crate::date::Century;
use crate::element_string::GS;

/// The most fields of a rule: a label carries fewer.
const FIELDS_MAX: usize = 10;

/// The most ways to cut a label by a rule that are followed before it counts as not settled.
const WAYS_MAX: usize = 10_000;

/// What the labels of one supplier mean.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RepairRule {
    supplier: String,
    fields: Vec<RuleField>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct RuleField {
    printed: Ai,
    meant: Ai,
    length: Option<u8>,
}

/// Why a rule cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RepairRuleError {
    /// Not the form of a rule.
    #[error(
        "label repair rule {rule:?}: write a company prefix and the fields in order, as 9521234: 01 10 17"
    )]
    Form {
        /// The rule as it was written.
        rule: String,
    },
    /// A field that no table knows, or a length that it cannot have.
    #[error("label repair rule {rule:?}: {field:?} is no field, as 10, 10{{4}} or 17=10")]
    Field {
        /// The rule as it was written.
        rule: String,
        /// The part that is wrong.
        field: String,
    },
    /// The fields that mean another are not those that are meant.
    #[error("label repair rule {rule:?}: each AI must be meant once, as in 17=10 10=17")]
    Exchange {
        /// The rule as it was written.
        rule: String,
    },
    /// The first field does not name the supplier.
    #[error("label repair rule {rule:?}: the first field must be 00, 01, 02 or 03, which tells the supplier")]
    First {
        /// The rule as it was written.
        rule: String,
    },
}

impl FromStr for RepairRule {
    type Err = RepairRuleError;

    fn from_str(rule: &str) -> Result<Self, Self::Err> {
        let form = || RepairRuleError::Form {
            rule: rule.to_owned(),
        };
        let (supplier, order) = rule.split_once(':').ok_or_else(form)?;
        let supplier = supplier.trim();
        if !(4..=12).contains(&supplier.len()) || !supplier.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(form());
        }
        let mut fields = Vec::new();
        for field in order.split_whitespace() {
            let read = read_field(field).filter(|_| fields.len() < FIELDS_MAX);
            fields.push(read.ok_or_else(|| RepairRuleError::Field {
                rule: rule.to_owned(),
                field: field.to_owned(),
            })?);
        }
        let first = fields.first().ok_or_else(form)?;
        if first.printed != first.meant || !matches!(first.printed.as_str(), "00" | "01" | "02" | "03") {
            return Err(RepairRuleError::First {
                rule: rule.to_owned(),
            });
        }
        let once = |ai: Ai| {
            let count = |of: fn(&RuleField) -> Ai| fields.iter().filter(|field| of(field) == ai).count();
            count(|field| field.printed) == 1 && count(|field| field.meant) == 1
        };
        if !fields
            .iter()
            .all(|field| once(field.printed) && once(field.meant))
        {
            return Err(RepairRuleError::Exchange {
                rule: rule.to_owned(),
            });
        }
        Ok(Self {
            supplier: supplier.to_owned(),
            fields,
        })
    }
}

/// `10`, `10{4}`, `17=10` or `17=10{4}`.
fn read_field(written: &str) -> Option<RuleField> {
    let (ais, length) = match written.split_once('{') {
        Some((ais, count)) => (ais, Some(count.strip_suffix('}')?.parse().ok()?)),
        None => (written, None),
    };
    let (printed, meant) = ais.split_once('=').unwrap_or((ais, ais));
    let (printed, meant) = (Ai::new(printed.as_bytes())?, Ai::new(meant.as_bytes())?);
    ai::find(printed.as_bytes())?;
    let entry = ai::find(meant.as_bytes())?;
    let fits = length.is_none_or(|length| (entry.min..=entry.max).contains(&length));
    fits.then_some(RuleField {
        printed,
        meant,
        length,
    })
}

impl fmt::Display for RepairRule {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:", self.supplier)?;
        for field in &self.fields {
            write!(formatter, " {}", field.printed.as_str())?;
            if field.meant != field.printed {
                write!(formatter, "={}", field.meant.as_str())?;
            }
            if let Some(length) = field.length {
                write!(formatter, "{{{length}}}")?;
            }
        }
        Ok(())
    }
}

impl RepairRule {
    /// What the rule makes of an element string: `None` where it is not of this supplier, or no reading or more
    /// than one passes all checks.
    pub fn read(&self, message: &str, century: Century) -> Option<Reading> {
        let bytes = message.as_bytes();
        let mut settling = Settling {
            rule: self,
            message: bytes,
            century,
            parts: Vec::new(),
            found: Vec::new(),
            ways: 0,
        };
        if !self.is_of_supplier(bytes) {
            return None;
        }
        settling.read(0);
        match settling.found.as_slice() {
            [parts] if settling.ways < WAYS_MAX => {
                let reason = format!("The site's rule for labels of this supplier says so: {self}.");
                Some(Reading {
                    elements: elements(parts, message),
                    reason,
                })
            }
            _ => None,
        }
    }

    /// The first field's number has the supplier's prefix behind its indicator or extension digit.
    fn is_of_supplier(&self, message: &[u8]) -> bool {
        let number = self
            .fields
            .first()
            .and_then(|first| message.strip_prefix(first.printed.as_bytes()));
        number
            .and_then(|number| number.get(1..))
            .is_some_and(|number| number.starts_with(self.supplier.as_bytes()))
    }
}

/// The search for all cuts of a message that fit a rule.
struct Settling<'m> {
    rule: &'m RepairRule,
    message: &'m [u8],
    century: Century,
    parts: Vec<Part>,
    found: Vec<Vec<Part>>,
    ways: usize,
}

impl Settling<'_> {
    fn read(&mut self, at: usize) {
        let Some(field) = self.rule.fields.get(self.parts.len()).copied() else {
            if at >= self.message.len() {
                self.found.push(self.parts.clone());
            }
            return;
        };
        self.ways += 1;
        let behind = self
            .message
            .get(at..)
            .and_then(|rest| rest.strip_prefix(field.printed.as_bytes()));
        let (Some(rest), Some(entry)) = (behind, ai::find(field.meant.as_bytes())) else {
            return;
        };
        let most = rest.iter().position(|&byte| byte == GS).unwrap_or(rest.len());
        let lengths = match field.length {
            Some(length) => length..=length,
            None => entry.min..=entry.max,
        };
        for length in lengths.map(usize::from).take_while(|&length| length <= most) {
            let value = rest.get(..length).unwrap_or_default();
            if self.found.len() > 1 || self.ways >= WAYS_MAX {
                return;
            }
            if checks::value(entry, value, self.century).is_err() {
                continue;
            }
            let from = at + field.printed.as_bytes().len();
            let to = from + length;
            let closed = length == most && to < self.message.len();
            self.parts.push(Part {
                printed: field.printed,
                meant: field.meant,
                from,
                to,
                glued: false,
            });
            self.read(to + usize::from(closed));
            self.parts.pop();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bracketed;
    use jiff::civil::date;

    fn read(rule: &str, message: &str) -> Option<String> {
        let rule: RepairRule = rule.parse().unwrap();
        assert_eq!(rule.to_string().parse(), Ok(rule.clone()));
        let reading = rule.read(message, Century::of(date(2026, 11, 23)))?;
        Some(bracketed::build(&reading.elements))
    }

    #[test]
    fn a_rule_settles_where_a_field_ends() {
        let glued = "010952123454321310LOT71727123121S17";
        let meant = "(01)09521234543213(10)LOT7(17)271231(21)S17";
        assert_eq!(read("9521234: 01 10 17 21", glued).as_deref(), Some(meant));
        assert_eq!(read("9521234: 01 10{4} 17 21", glued).as_deref(), Some(meant));
        assert_eq!(read("9521234: 01 10{5} 17 21", glued), None);
        assert_eq!(read("4006381: 01 10 17 21", glued), None);
        assert_eq!(
            read("9521234: 01 10", "010952123454321310LOT7").as_deref(),
            Some("(01)09521234543213(10)LOT7")
        );
    }

    #[test]
    fn a_rule_puts_exchanged_fields_back() {
        let swapped = "010952123454321317LOT7\u{1d}10271231";
        assert_eq!(
            read("9521234: 01 17=10 10=17", swapped).as_deref(),
            Some("(01)09521234543213(10)LOT7(17)271231")
        );
    }

    #[test]
    fn a_label_that_the_rule_leaves_open_is_not_settled() {
        let open = "010952123454321310A21B21C";
        assert_eq!(read("9521234: 01 10 21", open), None);
        assert_eq!(
            read("9521234: 01 10{1} 21", open).as_deref(),
            Some("(01)09521234543213(10)A(21)B21C")
        );
    }

    #[test]
    fn rules_that_cannot_be_read_say_why() {
        let error = |rule: &str| rule.parse::<RepairRule>().unwrap_err();
        for rule in ["", "01 10", "952: 01", "9521234:", "abcd: 01"] {
            assert!(matches!(error(rule), RepairRuleError::Form { .. }), "{rule}");
        }
        for rule in [
            "9521234: 01 05",
            "9521234: 01 10{21}",
            "9521234: 01 10{x}",
            "9521234: 01 10{4",
        ] {
            assert!(matches!(error(rule), RepairRuleError::Field { .. }), "{rule}");
        }
        assert!(matches!(
            error("9521234: 01 17=10"),
            RepairRuleError::Exchange { .. }
        ));
        assert!(matches!(error("9521234: 10 17"), RepairRuleError::First { .. }));
    }
}
