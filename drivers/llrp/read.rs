//! Bytes to trees.

use super::schema::{Field, Form, TV_END};
use super::tree::{Message, NESTING_MAX, PARAMETERS_MAX, Parameter, TreeError, Value};
use super::wire::{HEADER_BYTES, Header};
use super::{message_spec, parameter_spec};

/// How much is asked of the bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Manner {
    /// Everything is as the standard says.
    Strict,
    /// What is wrong within a parameter is kept as its bytes, and nothing is asked of what is missing.
    Lenient,
}

impl Message {
    /// Reads a message that is as the standard says: every field, every parameter that must be there, and none that may
    /// not. Unknown messages, unknown parameters that have a length, and those of vendors are kept as they are.
    ///
    /// # Errors
    /// [`TreeError`] says what is wrong and where.
    pub fn decode(bytes: &[u8]) -> Result<Self, TreeError> {
        let message = read(bytes, Manner::Strict)?;
        message.check()?;
        Ok(message)
    }

    /// Reads a message of a reader that may have its own idea of the standard. A parameter that cannot be read is kept as
    /// its bytes, in one [`Value::Rest`].
    ///
    /// # Errors
    /// [`TreeError`] where the message's own length or fields are wrong, and beyond the bounds of memory.
    pub fn decode_leniently(bytes: &[u8]) -> Result<Self, TreeError> {
        read(bytes, Manner::Lenient)
    }
}

fn read(bytes: &[u8], manner: Manner) -> Result<Message, TreeError> {
    let header = Header::of(bytes).ok_or(TreeError::Header)?;
    if usize::try_from(header.length) != Ok(bytes.len()) {
        return Err(TreeError::MessageLength {
            said: header.length,
            found: bytes.len(),
        });
    }
    let body = bytes.get(HEADER_BYTES..).ok_or(TreeError::Header)?;
    let mut message = Message {
        reserved: header.reserved,
        version: header.version,
        kind: header.kind,
        id: header.id,
        fields: Vec::new(),
        parameters: Vec::new(),
    };
    let Some(spec) = message_spec(header.kind) else {
        message.fields.push(Value::Rest(body.to_vec()));
        return Ok(message);
    };
    let mut reader = Reader {
        manner,
        parameters_left: PARAMETERS_MAX,
    };
    let mut cursor = Cursor::new(body, spec.name);
    message.fields = cursor.fields(spec.fields)?;
    if spec.children.is_empty() && !cursor.rest.is_empty() && manner == Manner::Strict {
        return Err(cursor.left());
    }
    message.parameters = reader.parameters(cursor, NESTING_MAX)?;
    Ok(message)
}

struct Reader {
    manner: Manner,
    parameters_left: usize,
}

impl Reader {
    /// Reads parameters to the end of the bytes.
    fn parameters(&mut self, mut cursor: Cursor<'_>, depth: usize) -> Result<Vec<Parameter>, TreeError> {
        let mut parameters = Vec::new();
        while let Some(first) = cursor.rest.first() {
            self.parameters_left = self.parameters_left.checked_sub(1).ok_or(TreeError::Many)?;
            let parameter = if first & 0x80 == 0 {
                self.with_length(&mut cursor, depth)?
            } else {
                self.without_length(&mut cursor)?
            };
            parameters.push(parameter);
        }
        Ok(parameters)
    }

    /// The TLV form: six reserved bits, ten of type, 16 of length.
    fn with_length(&mut self, cursor: &mut Cursor<'_>, depth: usize) -> Result<Parameter, TreeError> {
        let Some((&[first, second, high, low], _)) = cursor.rest.split_first_chunk() else {
            return Err(cursor.left());
        };
        let depth = depth.checked_sub(1).ok_or(TreeError::Deep)?;
        let kind = u16::from_be_bytes([first & 0x03, second]);
        let length = usize::from(u16::from_be_bytes([high, low]));
        let Some(body) = cursor.rest.get(4..length) else {
            return Err(TreeError::ParameterLength {
                within: cursor.within,
                kind,
                length,
                left: cursor.rest.len(),
            });
        };
        if kind < TV_END {
            return Err(TreeError::TvWithLength {
                within: cursor.within,
                kind,
            });
        }
        cursor.rest = cursor.rest.get(length..).unwrap_or(&[]);
        let mut parameter = Parameter {
            reserved: first >> 2,
            kind,
            fields: Vec::new(),
            parameters: Vec::new(),
        };
        match self.inside(&mut parameter, body, depth) {
            Ok(()) => {}
            Err(error @ (TreeError::Deep | TreeError::Many)) => return Err(error),
            Err(error) if self.manner == Manner::Strict => return Err(error),
            Err(_) => {
                parameter.fields = vec![Value::Rest(body.to_vec())];
                parameter.parameters = Vec::new();
            }
        }
        Ok(parameter)
    }

    fn inside(&mut self, parameter: &mut Parameter, body: &[u8], depth: usize) -> Result<(), TreeError> {
        let Some(spec) = parameter_spec(parameter.kind) else {
            parameter.fields.push(Value::Rest(body.to_vec()));
            return Ok(());
        };
        let mut cursor = Cursor::new(body, spec.name);
        parameter.fields = cursor.fields(spec.fields)?;
        parameter.parameters = self.parameters(cursor, depth)?;
        Ok(())
    }

    /// The TV form: a bit that is set, seven of type, and the fields.
    fn without_length(&mut self, cursor: &mut Cursor<'_>) -> Result<Parameter, TreeError> {
        let Some((first, rest)) = cursor.rest.split_first() else {
            return Err(cursor.left());
        };
        let kind = u16::from(first & 0x7F);
        let fields = match parameter_spec(kind) {
            Some(spec) => {
                let mut inner = Cursor::new(rest, spec.name);
                let fields = inner.fields(spec.fields)?;
                cursor.rest = inner.rest;
                fields
            }
            None if self.manner == Manner::Lenient => {
                cursor.rest = &[];
                vec![Value::Rest(rest.to_vec())]
            }
            None => {
                return Err(TreeError::UnknownTv {
                    within: cursor.within,
                    kind,
                });
            }
        };
        Ok(Parameter::new(kind, fields, Vec::new()))
    }
}

/// What is left of the bytes of a message or parameter.
struct Cursor<'a> {
    rest: &'a [u8],
    within: &'static str,
}

impl<'a> Cursor<'a> {
    fn new(rest: &'a [u8], within: &'static str) -> Self {
        Self { rest, within }
    }

    fn left(&self) -> TreeError {
        TreeError::Left {
            within: self.within,
            left: self.rest.len(),
        }
    }

    fn fields(&mut self, fields: &[Field]) -> Result<Vec<Value>, TreeError> {
        let mut values = Vec::with_capacity(fields.len());
        // Bits of the last byte that are not taken yet, and how many.
        let (mut held, mut bits) = (0_u32, 0_u8);
        for field in fields {
            let short = TreeError::Short {
                within: self.within,
                field: field.name,
            };
            let value = match field.form {
                Form::Bits(count) | Form::Reserved(count) => {
                    while bits < count {
                        let [byte] = self.take().ok_or(short)?;
                        held = held << 8 | u32::from(byte);
                        bits += 8;
                    }
                    bits -= count;
                    let value = held >> bits & ((1 << count) - 1);
                    Value::Bits(count, u16::try_from(value).map_err(|_| short)?)
                }
                form => self.whole(form).ok_or(short)?,
            };
            values.push(value);
        }
        Ok(values)
    }

    /// A field of whole bytes.
    fn whole(&mut self, form: Form) -> Option<Value> {
        Some(match form {
            Form::U8 => Value::U8(u8::from_be_bytes(self.take()?)),
            Form::U16 => Value::U16(u16::from_be_bytes(self.take()?)),
            Form::U32 => Value::U32(u32::from_be_bytes(self.take()?)),
            Form::U64 => Value::U64(u64::from_be_bytes(self.take()?)),
            Form::S8 => Value::S8(i8::from_be_bytes(self.take()?)),
            Form::S16 => Value::S16(i16::from_be_bytes(self.take()?)),
            Form::U96 => Value::U96(self.take()?),
            Form::Utf8 => Value::Utf8(self.counted(8)?.1.to_vec()),
            Form::U8s => Value::U8s(self.counted(8)?.1.to_vec()),
            Form::U16s => {
                let words = self.counted(16)?.1.chunks_exact(2);
                let number = |word: &[u8]| word.try_into().map(u16::from_be_bytes).unwrap_or_default();
                Value::U16s(words.map(number).collect())
            }
            Form::U32s => {
                let words = self.counted(32)?.1.chunks_exact(4);
                let number = |word: &[u8]| word.try_into().map(u32::from_be_bytes).unwrap_or_default();
                Value::U32s(words.map(number).collect())
            }
            Form::BitString => {
                let (bits, bytes) = self.counted(1)?;
                Value::BitString(bits, bytes.to_vec())
            }
            Form::Rest => Value::Rest(std::mem::take(&mut self.rest).to_vec()),
            Form::Bits(_) | Form::Reserved(_) => return None,
        })
    }

    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (taken, rest) = self.rest.split_first_chunk()?;
        self.rest = rest;
        Some(*taken)
    }

    /// A count of 16 bits, and so many elements of these bits.
    fn counted(&mut self, bits_each: usize) -> Option<(u16, &'a [u8])> {
        let count = u16::from_be_bytes(self.take()?);
        let (elements, rest) = self
            .rest
            .split_at_checked((usize::from(count) * bits_each).div_ceil(8))?;
        self.rest = rest;
        Some((count, elements))
    }
}
