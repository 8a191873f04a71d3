//! Trees to bytes, and whether a tree is as the standard says.

use super::schema::{CUSTOM, Child, Count, Field, TV_END};
use super::tree::{Message, NESTING_MAX, Parameter, TreeError, Value};
use super::{message_spec, parameter_name, parameter_spec};

impl Message {
    /// The bytes of the message.
    ///
    /// # Errors
    /// [`TreeError::TooLong`] where a parameter, a list or the message is longer than its length can say, and
    /// [`TreeError::Deep`].
    pub fn encode(&self) -> Result<Vec<u8>, TreeError> {
        let mut bytes = Vec::new();
        let word = u16::from(self.reserved & 7) << 13 | u16::from(self.version & 7) << 10 | self.kind & 0x3FF;
        bytes.extend(word.to_be_bytes());
        bytes.extend([0; 4]);
        bytes.extend(self.id.to_be_bytes());
        fields(&self.fields, self.name(), &mut bytes)?;
        for parameter in &self.parameters {
            write(parameter, NESTING_MAX, &mut bytes)?;
        }
        let too_long = TreeError::TooLong { within: self.name() };
        let length = u32::try_from(bytes.len()).map_err(|_| too_long)?;
        put(&mut bytes, 2, &length.to_be_bytes());
        Ok(bytes)
    }

    /// Whether fields and parameters are those that the standard asks for. What it does not know may hold anything, and
    /// vendors' parameters may stand everywhere.
    ///
    /// # Errors
    /// [`TreeError`] names the first that is missing, too many, or in a wrong place.
    pub fn check(&self) -> Result<(), TreeError> {
        match message_spec(self.kind) {
            Some(spec) => check(
                spec.name,
                (spec.fields, &self.fields),
                (spec.children, &self.parameters),
            ),
            None => Ok(()),
        }
    }
}

fn write(parameter: &Parameter, depth: usize, bytes: &mut Vec<u8>) -> Result<(), TreeError> {
    let depth = depth.checked_sub(1).ok_or(TreeError::Deep)?;
    if let Some(kind) = u8::try_from(parameter.kind)
        .ok()
        .filter(|kind| u16::from(*kind) < TV_END)
    {
        bytes.push(0x80 | kind);
        return fields(&parameter.fields, parameter.name(), bytes);
    }
    let start = bytes.len();
    let word = u16::from(parameter.reserved & 0x1F) << 10 | parameter.kind & 0x3FF;
    bytes.extend(word.to_be_bytes());
    bytes.extend([0; 2]);
    fields(&parameter.fields, parameter.name(), bytes)?;
    for inner in &parameter.parameters {
        write(inner, depth, bytes)?;
    }
    let length = count(bytes.len() - start, parameter.name())?;
    put(bytes, start + 2, &length);
    Ok(())
}

fn fields(values: &[Value], within: &'static str, bytes: &mut Vec<u8>) -> Result<(), TreeError> {
    let (mut held, mut bits) = (0_u32, 0_u8);
    for value in values {
        match value {
            Value::Bits(more, value) => {
                let more = (*more).min(16);
                held = held << more | u32::from(*value) & ((1 << more) - 1);
                bits += more;
                while bits >= 8 {
                    bits -= 8;
                    bytes.push((held >> bits & 0xFF) as u8);
                }
            }
            Value::U8(value) => bytes.push(*value),
            Value::U16(value) => bytes.extend(value.to_be_bytes()),
            Value::U32(value) => bytes.extend(value.to_be_bytes()),
            Value::U64(value) => bytes.extend(value.to_be_bytes()),
            Value::S8(value) => bytes.extend(value.to_be_bytes()),
            Value::S16(value) => bytes.extend(value.to_be_bytes()),
            Value::U96(value) => bytes.extend(value),
            Value::Utf8(list) | Value::U8s(list) => {
                bytes.extend(count(list.len(), within)?);
                bytes.extend(list);
            }
            Value::U16s(list) => {
                bytes.extend(count(list.len(), within)?);
                bytes.extend(list.iter().flat_map(|value| value.to_be_bytes()));
            }
            Value::U32s(list) => {
                bytes.extend(count(list.len(), within)?);
                bytes.extend(list.iter().flat_map(|value| value.to_be_bytes()));
            }
            Value::BitString(bits, list) => {
                bytes.extend(bits.to_be_bytes());
                bytes.extend(list);
            }
            Value::Rest(list) => bytes.extend(list),
        }
    }
    Ok(())
}

fn count(count: usize, within: &'static str) -> Result<[u8; 2], TreeError> {
    let count = u16::try_from(count).map_err(|_| TreeError::TooLong { within })?;
    Ok(count.to_be_bytes())
}

fn put(bytes: &mut [u8], start: usize, what: &[u8]) {
    if let Some(place) = bytes.get_mut(start..start + what.len()) {
        place.copy_from_slice(what);
    }
}

fn check(
    within: &'static str,
    (specs, values): (&[Field], &[Value]),
    (places, parameters): (&[Child], &[Parameter]),
) -> Result<(), TreeError> {
    let fits = |(spec, value): (&Field, &Value)| value.has_form(spec.form);
    if specs.len() != values.len() || !specs.iter().zip(values).all(fits) {
        return Err(TreeError::Fields { within });
    }
    for parameter in parameters {
        let extra = TreeError::Extra {
            within,
            what: parameter.name(),
        };
        let Some(spec) = parameter_spec(parameter.kind) else {
            continue;
        };
        let place = places.iter().find(|place| place.of.takes(parameter.kind));
        if place.is_none() && parameter.kind != CUSTOM {
            return Err(extra);
        }
        check(
            spec.name,
            (spec.fields, &parameter.fields),
            (spec.children, &parameter.parameters),
        )?;
    }
    for place in places {
        let taken = parameters
            .iter()
            .filter(|parameter| place.of.takes(parameter.kind))
            .count();
        let what = match place.of {
            super::schema::Of::Parameter(kind) => parameter_name(kind),
            super::schema::Of::Choice(choice) => choice.name,
        };
        match place.count {
            Count::One | Count::Many if taken == 0 => return Err(TreeError::Missing { within, what }),
            Count::One | Count::Optional if taken > 1 => return Err(TreeError::Extra { within, what }),
            _ => {}
        }
    }
    Ok(())
}
