//! How the tables of the protocol are written: messages and parameters, their fields, and what may stand in them.

use std::fmt;

/// The vendor's own message and parameter (LLRP 1.0.1, sections 8.1 and 8.2), whose bytes only the vendor knows.
pub const CUSTOM: u16 = 1023;
/// Parameters below this number have a type of one byte and no length (LLRP 1.0.1, section 16: TV encoding).
pub const TV_END: u16 = 128;

/// A message type.
#[derive(Debug)]
pub struct MessageSpec {
    /// Its number on the wire.
    pub number: u16,
    /// The standard's name.
    pub name: &'static str,
    /// The message type that answers it, where it is a request.
    pub answer: Option<u16>,
    /// Its fields, in the order of the wire.
    pub fields: &'static [Field],
    /// What may stand behind the fields.
    pub children: &'static [Child],
}

/// A parameter type.
#[derive(Debug)]
pub struct ParameterSpec {
    /// Its number on the wire.
    pub number: u16,
    /// The standard's name.
    pub name: &'static str,
    /// Its fields, in the order of the wire.
    pub fields: &'static [Field],
    /// What may stand behind the fields.
    pub children: &'static [Child],
}

/// One field.
#[derive(Debug, Clone, Copy)]
pub struct Field {
    /// The standard's name; empty for reserved bits.
    pub name: &'static str,
    /// How it stands on the wire.
    pub form: Form,
    /// What its numbers mean, where they are words.
    pub words: Option<&'static Enumeration>,
}

/// How a field stands on the wire; numbers have their high byte first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// So many bits, the highest first.
    Bits(u8),
    /// So many reserved bits, kept as they come.
    Reserved(u8),
    /// 8 bits without sign.
    U8,
    /// 16 bits without sign.
    U16,
    /// 32 bits without sign.
    U32,
    /// 64 bits without sign.
    U64,
    /// 8 bits with sign.
    S8,
    /// 16 bits with sign.
    S16,
    /// 12 bytes.
    U96,
    /// A count of 16 bits and so many bytes of text. Readers send text that is no UTF-8, so it stays bytes.
    Utf8,
    /// A count of 16 bits and so many bytes.
    U8s,
    /// A count of 16 bits and so many numbers of 16 bits.
    U16s,
    /// A count of 16 bits and so many numbers of 32 bits.
    U32s,
    /// A count of bits in 16 bits and the bits, the highest first, filled up to a whole byte.
    BitString,
    /// Everything to the end.
    Rest,
}

impl Form {
    /// How many bits it takes, where that is always the same.
    pub const fn fixed_bits(self) -> Option<usize> {
        Some(match self {
            Self::Bits(count) | Self::Reserved(count) => count as usize,
            Self::U8 | Self::S8 => 8,
            Self::U16 | Self::S16 => 16,
            Self::U32 => 32,
            Self::U64 => 64,
            Self::U96 => 96,
            Self::Utf8 | Self::U8s | Self::U16s | Self::U32s | Self::BitString | Self::Rest => return None,
        })
    }
}

/// What the numbers of a field mean.
#[derive(Debug)]
pub struct Enumeration {
    /// The standard's name.
    pub name: &'static str,
    /// Numbers and their words.
    pub words: &'static [(u16, &'static str)],
}

impl Enumeration {
    /// The word for a number; `None` for one that the standard does not have.
    pub fn word(&self, number: u16) -> Option<&'static str> {
        let found = self.words.iter().find(|(known, _)| *known == number)?;
        Some(found.1)
    }
}

/// A place for parameters in a message or in another parameter.
#[derive(Debug, Clone, Copy)]
pub struct Child {
    /// What may stand there.
    pub of: Of,
    /// How many.
    pub count: Count,
}

/// What may stand in a place.
#[derive(Debug, Clone, Copy)]
pub enum Of {
    /// This parameter.
    Parameter(u16),
    /// One of several.
    Choice(&'static Choice),
}

impl Of {
    /// Whether a parameter of this number may stand there.
    pub fn takes(self, number: u16) -> bool {
        match self {
            Self::Parameter(only) => only == number,
            Self::Choice(choice) => choice.of.contains(&number),
        }
    }
}

impl fmt::Display for Of {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Parameter(number) => formatter.write_str(super::parameter_name(*number)),
            Self::Choice(choice) => formatter.write_str(choice.name),
        }
    }
}

/// Several parameters of which one may stand in a place.
#[derive(Debug)]
pub struct Choice {
    /// The standard's name.
    pub name: &'static str,
    /// Their numbers.
    pub of: &'static [u16],
}

/// How many parameters a place takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Count {
    /// Exactly one.
    One,
    /// None or one.
    Optional,
    /// Any number.
    Any,
    /// At least one.
    Many,
}

/// A row of the table of messages.
pub const fn message(
    number: u16,
    name: &'static str,
    answer: Option<u16>,
    fields: &'static [Field],
    children: &'static [Child],
) -> MessageSpec {
    MessageSpec {
        number,
        name,
        answer,
        fields,
        children,
    }
}

/// A row of the table of parameters.
pub const fn parameter(
    number: u16,
    name: &'static str,
    fields: &'static [Field],
    children: &'static [Child],
) -> ParameterSpec {
    ParameterSpec {
        number,
        name,
        fields,
        children,
    }
}

const fn field(name: &'static str, form: Form) -> Field {
    Field {
        name,
        form,
        words: None,
    }
}

impl Field {
    /// The same, with numbers that stand for words.
    pub const fn of(mut self, words: &'static Enumeration) -> Self {
        self.words = Some(words);
        self
    }
}

/// Makes the short names that the tables are written with.
macro_rules! forms {
    ($($name:ident = $form:ident),+ $(,)?) => {
        $(
            #[doc = concat!("A field of the form [`Form::", stringify!($form), "`].")]
            pub const fn $name(name: &'static str) -> Field {
                field(name, Form::$form)
            }
        )+
    };
}

forms!(
    u8 = U8,
    u16 = U16,
    u32 = U32,
    u64 = U64,
    s8 = S8,
    s16 = S16,
    u96 = U96,
    utf8 = Utf8,
    u8s = U8s,
    u16s = U16s,
    u32s = U32s,
    bit_string = BitString,
    rest = Rest,
);

/// A field of so many bits.
pub const fn bits(count: core::primitive::u8, name: &'static str) -> Field {
    field(name, Form::Bits(count))
}

/// So many reserved bits.
pub const fn reserved(count: core::primitive::u8) -> Field {
    field("", Form::Reserved(count))
}

/// Makes the short names for places of each count.
macro_rules! places {
    ($($name:ident $name_of:ident = $count:ident),+ $(,)?) => {
        $(
            #[doc = concat!("A place for this parameter: [`Count::", stringify!($count), "`].")]
            pub const fn $name(number: core::primitive::u16) -> Child {
                Child {
                    of: Of::Parameter(number),
                    count: Count::$count,
                }
            }

            #[doc = concat!("A place for one of these: [`Count::", stringify!($count), "`].")]
            pub const fn $name_of(choice: &'static Choice) -> Child {
                Child {
                    of: Of::Choice(choice),
                    count: Count::$count,
                }
            }
        )+
    };
}

places!(
    one one_of = One,
    optional optional_of = Optional,
    any any_of = Any,
    many many_of = Many,
);

#[cfg(test)]
mod tests {
    use super::super::messages::MESSAGES;
    use super::super::parameters::PARAMETERS;
    use super::*;

    fn is_ascending(numbers: impl Iterator<Item = core::primitive::u16> + Clone) -> bool {
        numbers.clone().zip(numbers.skip(1)).all(|(one, next)| one < next)
    }

    #[test]
    fn the_tables_are_sorted_and_complete() {
        assert!(is_ascending(MESSAGES.iter().map(|spec| spec.number)));
        assert!(is_ascending(PARAMETERS.iter().map(|spec| spec.number)));
        // 40 and 108 of the common definition of 1.0.1, and those that it leaves out or 1.1 added.
        assert_eq!((MESSAGES.len(), PARAMETERS.len()), (40 + 6, 108 + 15));
        for spec in MESSAGES {
            let is_request = spec.answer.is_some();
            let answer = spec.answer.and_then(super::super::message_spec);
            assert_eq!(
                answer.is_some(),
                is_request,
                "{} is answered by nothing",
                spec.name
            );
        }
    }

    #[test]
    fn fields_fill_whole_bytes_and_what_has_no_length_has_no_variable_part() {
        let parameters = PARAMETERS
            .iter()
            .map(|spec| (spec.name, spec.fields, spec.children, Some(spec.number)));
        let messages = MESSAGES
            .iter()
            .map(|spec| (spec.name, spec.fields, spec.children, None));
        for (name, fields, children, number) in parameters.chain(messages) {
            let mut bits = 0;
            for field in fields {
                let fixed = field.form.fixed_bits();
                if !matches!(field.form, Form::Bits(_) | Form::Reserved(_)) {
                    assert_eq!(bits % 8, 0, "{name}.{} begins within a byte", field.name);
                }
                bits += fixed.unwrap_or(0);
            }
            assert_eq!(bits % 8, 0, "{name} ends within a byte");
            if number.is_some_and(|number| number < TV_END) {
                assert!(children.is_empty(), "{name} has no length and holds parameters");
                assert!(
                    fields.iter().all(|field| field.form.fixed_bits().is_some()),
                    "{name}"
                );
            }
            for child in children {
                let of: &[core::primitive::u16] = match &child.of {
                    Of::Parameter(number) => std::slice::from_ref(number),
                    Of::Choice(choice) => choice.of,
                };
                for number in of {
                    assert!(
                        super::super::parameter_spec(*number).is_some(),
                        "{name} holds {number}"
                    );
                }
            }
        }
    }
}
