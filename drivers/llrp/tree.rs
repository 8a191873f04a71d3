//! A message as a tree of parameters: what every message of the protocol can be read into and written from.
//!
//! A tree holds all that was on the wire, reserved bits and unknown parameters included, so that it can be written
//! again byte by byte. Tag reports have a faster way of their own, see [`super::report`].

use super::schema::{CUSTOM, Field, Form};
use super::{message_spec, parameter_name, parameter_spec};

/// How deep parameters may stand within each other. The standard's deepest place, the mask in a filter of a ROSpec, is the
/// seventh; a list of errors within errors is the only one that has no end of its own.
pub const NESTING_MAX: usize = 16;
/// How many parameters a message may hold: a report of 4 MB whose tags have ten each has eight hundred thousand.
pub const PARAMETERS_MAX: usize = 1 << 20;

/// A message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// The reserved bits before the version, 0 to 7.
    pub reserved: u8,
    /// The version of the protocol: 1 is 1.0.1, 2 is 1.1.
    pub version: u8,
    /// The message type.
    pub kind: u16,
    /// The number by which an answer is found.
    pub id: u32,
    /// Its fields. Of a type that is not known there is one, [`Value::Rest`].
    pub fields: Vec<Value>,
    /// What stands behind the fields, in the order of the wire.
    pub parameters: Vec<Parameter>,
}

/// A parameter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parameter {
    /// The reserved bits before the type, 0 to 31: the first of the six is 0, it tells this form from the short one.
    pub reserved: u8,
    /// The parameter type.
    pub kind: u16,
    /// Its fields. Of a type that is not known there is one, [`Value::Rest`].
    pub fields: Vec<Value>,
    /// What stands behind the fields, in the order of the wire.
    pub parameters: Vec<Parameter>,
}

/// The value of a field, with how it stands on the wire.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs, reason = "each variant is the form of the same name")]
pub enum Value {
    /// Named or reserved bits: how many, and what they say.
    Bits(u8, u16),
    U8(u8),
    U16(u16),
    U32(u32),
    U64(u64),
    S8(i8),
    S16(i16),
    U96([u8; 12]),
    Utf8(Vec<u8>),
    U8s(Vec<u8>),
    U16s(Vec<u16>),
    U32s(Vec<u32>),
    /// How many bits count, and the bytes that hold them.
    BitString(u16, Vec<u8>),
    Rest(Vec<u8>),
}

impl Value {
    /// Whether it stands on the wire as a field of this form does.
    pub fn has_form(&self, form: Form) -> bool {
        match (self, form) {
            (Self::Bits(bits, value), Form::Bits(count) | Form::Reserved(count)) => {
                *bits == count && u32::from(*value) < 1 << count
            }
            (Self::BitString(bits, bytes), Form::BitString) => bytes.len() == usize::from(*bits).div_ceil(8),
            (Self::U8(_), Form::U8)
            | (Self::U16(_), Form::U16)
            | (Self::U32(_), Form::U32)
            | (Self::U64(_), Form::U64)
            | (Self::S8(_), Form::S8)
            | (Self::S16(_), Form::S16)
            | (Self::U96(_), Form::U96)
            | (Self::Utf8(_), Form::Utf8)
            | (Self::U8s(_), Form::U8s)
            | (Self::U16s(_), Form::U16s)
            | (Self::U32s(_), Form::U32s)
            | (Self::Rest(_), Form::Rest) => true,
            _ => false,
        }
    }

    /// The number, of those that are one.
    pub fn number(&self) -> Option<i64> {
        Some(match self {
            Self::Bits(_, value) | Self::U16(value) => i64::from(*value),
            Self::U8(value) => i64::from(*value),
            Self::U32(value) => i64::from(*value),
            Self::U64(value) => i64::try_from(*value).ok()?,
            Self::S8(value) => i64::from(*value),
            Self::S16(value) => i64::from(*value),
            _ => return None,
        })
    }
}

impl Message {
    /// A message of version 1.0.1.
    pub fn new(kind: u16, id: u32, fields: Vec<Value>, parameters: Vec<Parameter>) -> Self {
        Self {
            reserved: 0,
            version: 1,
            kind,
            id,
            fields,
            parameters,
        }
    }

    /// The standard's name, or `UNKNOWN`.
    pub fn name(&self) -> &'static str {
        super::message_name(self.kind)
    }

    /// The number in the field of this name.
    pub fn number(&self, name: &str) -> Option<i64> {
        let spec = message_spec(self.kind)?;
        named(spec.fields, &self.fields, name)?.number()
    }

    /// The first parameter of this type.
    pub fn child(&self, kind: u16) -> Option<&Parameter> {
        self.parameters.iter().find(|parameter| parameter.kind == kind)
    }
}

impl Parameter {
    /// A parameter.
    pub fn new(kind: u16, fields: Vec<Value>, parameters: Vec<Self>) -> Self {
        Self {
            reserved: 0,
            kind,
            fields,
            parameters,
        }
    }

    /// A vendor's own parameter.
    pub fn custom(vendor: u32, subtype: u32, data: Vec<u8>) -> Self {
        Self::new(
            CUSTOM,
            vec![Value::U32(vendor), Value::U32(subtype), Value::Rest(data)],
            Vec::new(),
        )
    }

    /// The standard's name, or `Unknown`.
    pub fn name(&self) -> &'static str {
        parameter_name(self.kind)
    }

    /// The value in the field of this name.
    pub fn field(&self, name: &str) -> Option<&Value> {
        let spec = parameter_spec(self.kind)?;
        named(spec.fields, &self.fields, name)
    }

    /// The number in the field of this name.
    pub fn number(&self, name: &str) -> Option<i64> {
        self.field(name)?.number()
    }

    /// The text in the field of this name; bytes that are no UTF-8 are replaced.
    pub fn text(&self, name: &str) -> Option<String> {
        match self.field(name)? {
            Value::Utf8(bytes) => Some(String::from_utf8_lossy(bytes).into_owned()),
            _ => None,
        }
    }

    /// The first parameter of this type in it.
    pub fn child(&self, kind: u16) -> Option<&Self> {
        self.parameters.iter().find(|parameter| parameter.kind == kind)
    }

    /// The parameters of this type in it.
    pub fn children(&self, kind: u16) -> impl Iterator<Item = &Self> {
        self.parameters
            .iter()
            .filter(move |parameter| parameter.kind == kind)
    }
}

fn named<'a>(fields: &[Field], values: &'a [Value], name: &str) -> Option<&'a Value> {
    let place = fields.iter().position(|field| field.name == name)?;
    values.get(place)
}

/// What is wrong with a message. The names are the standard's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TreeError {
    /// The length in the header is not that of the bytes.
    #[error("the header says {said} bytes, and there are {found}")]
    MessageLength {
        /// What the header says.
        said: u32,
        /// How many there are.
        found: usize,
    },
    /// The bytes end within the header.
    #[error("the bytes end within the message's header")]
    Header,
    /// A field goes beyond the end of what holds it.
    #[error("{within} ends within its field {field}")]
    Short {
        /// The message or parameter.
        within: &'static str,
        /// The field.
        field: &'static str,
    },
    /// A parameter goes beyond the end of what holds it, or is shorter than its own header.
    #[error("{within} holds a parameter {kind} with the length {length}, and {left} bytes are left")]
    ParameterLength {
        /// The message or parameter.
        within: &'static str,
        /// The type of the parameter in it.
        kind: u16,
        /// Its length.
        length: usize,
        /// What is left.
        left: usize,
    },
    /// A parameter without length whose type is not known: where it ends is not known either.
    #[error("{within} holds a parameter of the unknown type {kind}, which has no length")]
    UnknownTv {
        /// The message or parameter.
        within: &'static str,
        /// The type of the parameter in it.
        kind: u16,
    },
    /// A parameter that has no length by the standard is written with one.
    #[error("{within} holds a parameter of type {kind} with a length, and this type has none")]
    TvWithLength {
        /// The message or parameter.
        within: &'static str,
        /// The type of the parameter in it.
        kind: u16,
    },
    /// Bytes are left behind the last field of what can hold no parameters, or too few for a parameter.
    #[error("{within} has {left} bytes too many")]
    Left {
        /// The message or parameter.
        within: &'static str,
        /// How many.
        left: usize,
    },
    /// Parameters stand within each other deeper than [`NESTING_MAX`].
    #[error("parameters stand deeper within each other than {NESTING_MAX}")]
    Deep,
    /// There are more parameters than [`PARAMETERS_MAX`].
    #[error("there are more than {PARAMETERS_MAX} parameters")]
    Many,
    /// A parameter that must be there is not.
    #[error("{within} has no {what}")]
    Missing {
        /// The message or parameter.
        within: &'static str,
        /// The place that is empty.
        what: &'static str,
    },
    /// A parameter that may not be there, or is there too often.
    #[error("{within} may not hold {what}, or not so many")]
    Extra {
        /// The message or parameter.
        within: &'static str,
        /// The parameter.
        what: &'static str,
    },
    /// A field has another form than the table says, or there are more or fewer fields.
    #[error("the fields of {within} are not those of the standard")]
    Fields {
        /// The message or parameter.
        within: &'static str,
    },
    /// What is to be written does not fit the length on the wire.
    #[error("{within} is longer than its length can say")]
    TooLong {
        /// The message or parameter.
        within: &'static str,
    },
}
