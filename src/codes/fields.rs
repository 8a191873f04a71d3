//! The fields a code was split into: slices of the message, kept without allocation.

use crate::ai::{self, Entry, NONE, RowSet};
use crate::fault::{Fault, FaultCode};
use crate::scan::Element;

/// Fields that are kept without allocation. Labels carry two to five; eight is more than any in trade.
pub const FIELDS_INLINE: usize = 8;

/// The most fields a code may have, a bound against hostile input: the reference engine has the same.
pub const FIELDS_MAX: usize = 64;

/// One field of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Field<'a> {
    /// The application identifier's digits.
    pub ai: &'a [u8],
    /// The value as it was encoded.
    pub value: &'a [u8],
    /// The byte of the message where the value begins.
    pub at: usize,
    pub(crate) row: u8,
    /// The value breaks a rule that labels break in practice; see [`crate::associations`].
    pub(crate) tolerated: bool,
}

impl Field<'_> {
    const BLANK: Self = Field {
        ai: b"",
        value: b"",
        at: 0,
        row: NONE,
        tolerated: false,
    };

    /// What the table says of the AI; `None` for one that it does not have.
    pub fn entry(&self) -> Option<&'static Entry> {
        ai::ENTRIES.get(usize::from(self.row))
    }
}

/// The fields of one message, in its order. Made once and used for message after message.
#[derive(Debug, Clone)]
pub struct Fields<'a> {
    inline: [Field<'a>; FIELDS_INLINE],
    len: usize,
    spill: Vec<Field<'a>>,
    present: RowSet,
}

impl Default for Fields<'_> {
    fn default() -> Self {
        Self::new()
    }
}

impl<'a> Fields<'a> {
    /// No fields yet.
    pub const fn new() -> Self {
        Self {
            inline: [Field::BLANK; FIELDS_INLINE],
            len: 0,
            spill: Vec::new(),
            present: RowSet::EMPTY,
        }
    }

    /// The fields in order.
    pub fn iter(&self) -> impl Iterator<Item = &Field<'a>> {
        self.inline.iter().take(self.len).chain(&self.spill)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.len + self.spill.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The value of an AI.
    pub fn value(&self, ai: &[u8]) -> Option<&'a [u8]> {
        self.iter().find(|field| field.ai == ai).map(|field| field.value)
    }

    /// The fields as elements of their own.
    pub fn to_elements(&self) -> Vec<Element> {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        self.iter()
            .map(|field| Element {
                ai: text(field.ai),
                value: text(field.value),
            })
            .collect()
    }

    /// Adds an item number that came without its AI.
    pub(crate) fn push_gtin(&mut self, digits: &'a [u8], at: usize) -> Result<(), Fault> {
        self.push(Field {
            ai: b"01",
            value: digits,
            at,
            row: ai::row_of(b"01"),
            tolerated: false,
        })
    }

    pub(crate) fn clear(&mut self) {
        self.len = 0;
        self.spill.clear();
        self.present = RowSet::EMPTY;
    }

    pub(crate) fn present(&self) -> &RowSet {
        &self.present
    }

    /// Adds a field; one that repeats an earlier one is left out, one that contradicts it is a fault.
    pub(crate) fn push(&mut self, field: Field<'a>) -> Result<(), Fault> {
        if field.row == NONE || self.present.has(field.row) {
            for earlier in self.iter() {
                if earlier.ai == field.ai {
                    return if earlier.value == field.value {
                        Ok(())
                    } else {
                        Err(Fault::of(FaultCode::Repeated, field.ai, field.at))
                    };
                }
            }
        }
        self.present = self.present.with(field.row);
        if let Some(slot) = self.inline.get_mut(self.len) {
            *slot = field;
            self.len += 1;
        } else if self.len() < FIELDS_MAX {
            self.spill.push(field);
        } else {
            return Err(Fault::new(FaultCode::TooMany, field.at));
        }
        Ok(())
    }
}
