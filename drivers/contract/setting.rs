//! Settings of a driver: what may be set, and the check that names the key and the allowed values.

use std::collections::BTreeMap;

/// One setting a driver has. The same keys stand in the configuration and behind `--set`.
#[derive(Debug, Clone, Copy)]
pub struct SettingSpec {
    /// The key, in lower case with underscores.
    pub key: &'static str,
    /// What values are allowed.
    pub form: SettingForm,
    /// The value when nothing is set, written as a user would write it.
    pub default: &'static str,
    /// One sentence on what it does.
    pub about: &'static str,
}

/// What values a setting takes.
#[derive(Debug, Clone, Copy)]
pub enum SettingForm {
    /// One of these words.
    OneOf(&'static [&'static str]),
    /// A whole number in this range, both ends included.
    Number {
        /// The smallest value.
        min: u64,
        /// The largest value.
        max: u64,
    },
    /// Text of at most this many bytes; `\r`, `\n`, `\t`, `\\` and `\x02` stand for control characters.
    Text {
        /// The longest value, after the escapes are resolved.
        bytes_max: usize,
    },
}

impl SettingForm {
    /// The allowed values, for people.
    pub fn allowed(&self) -> String {
        match self {
            Self::OneOf(words) => words.join("|"),
            Self::Number { min, max } => format!("a whole number from {min} to {max}"),
            Self::Text { bytes_max } => {
                format!("text of at most {bytes_max} bytes, where \\r \\n \\t \\\\ and \\x02 are escapes")
            }
        }
    }
}

/// A setting that cannot be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SettingError {
    /// The driver has no such key.
    #[error("`{key}` is no setting of this driver; it has {known}")]
    Unknown {
        /// The key as written.
        key: String,
        /// The keys there are.
        known: String,
    },
    /// The value is none of those allowed.
    #[error("`{key}` cannot be `{value}`; allowed: {allowed}")]
    Value {
        /// The key.
        key: String,
        /// The value as written.
        value: String,
        /// What is allowed.
        allowed: String,
    },
    /// Two settings that exclude each other.
    #[error("`{key}` does not go with the other settings: {reason}")]
    Conflict {
        /// The key to change.
        key: String,
        /// Why, as a sentence.
        reason: String,
    },
}

/// Settings of one driver, complete and checked.
#[derive(Debug, Clone)]
pub struct Settings {
    values: BTreeMap<&'static str, Value>,
}

#[derive(Debug, Clone)]
enum Value {
    Word(&'static str),
    Number(u64),
    Bytes(Vec<u8>),
}

impl Settings {
    /// Checks `given` against what the driver has, and fills in the defaults. A later value of a key wins.
    ///
    /// # Errors
    /// [`SettingError`] for an unknown key or a value that is not allowed.
    pub fn check<'a>(
        specs: &'static [SettingSpec],
        given: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Self, SettingError> {
        let mut values = BTreeMap::new();
        for spec in specs {
            values.insert(spec.key, parse(spec, spec.default)?);
        }
        for (key, value) in given {
            let Some(spec) = specs.iter().find(|spec| spec.key == key) else {
                let mut known: Vec<&str> = specs.iter().map(|spec| spec.key).collect();
                known.sort_unstable();
                let known = if known.is_empty() {
                    "none".to_owned()
                } else {
                    known.join(", ")
                };
                return Err(SettingError::Unknown {
                    key: key.to_owned(),
                    known,
                });
            };
            values.insert(spec.key, parse(spec, value)?);
        }
        Ok(Self { values })
    }

    /// The word of a [`SettingForm::OneOf`] setting.
    pub fn word(&self, key: &str) -> &'static str {
        match self.values.get(key) {
            Some(Value::Word(word)) => word,
            _ => unreachable!("the driver's row has no word setting `{key}`"),
        }
    }

    /// The value of a [`SettingForm::Number`] setting.
    pub fn number(&self, key: &str) -> u64 {
        match self.values.get(key) {
            Some(Value::Number(number)) => *number,
            _ => unreachable!("the driver's row has no number setting `{key}`"),
        }
    }

    /// The bytes of a [`SettingForm::Text`] setting, escapes resolved. Empty means off.
    pub fn bytes(&self, key: &str) -> &[u8] {
        match self.values.get(key) {
            Some(Value::Bytes(bytes)) => bytes,
            _ => unreachable!("the driver's row has no text setting `{key}`"),
        }
    }
}

fn parse(spec: &SettingSpec, value: &str) -> Result<Value, SettingError> {
    let parsed = match spec.form {
        SettingForm::OneOf(words) => words
            .iter()
            .find(|word| **word == value)
            .map(|word| Value::Word(word)),
        SettingForm::Number { min, max } => value
            .parse()
            .ok()
            .filter(|number| (min..=max).contains(number))
            .map(Value::Number),
        SettingForm::Text { bytes_max } => unescape(value)
            .filter(|bytes| bytes.len() <= bytes_max)
            .map(Value::Bytes),
    };
    parsed.ok_or_else(|| SettingError::Value {
        key: spec.key.to_owned(),
        value: value.to_owned(),
        allowed: spec.form.allowed(),
    })
}

/// Resolves `\r \n \t \\ \xHH`; `None` for a backslash before anything else.
fn unescape(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'\\' {
            bytes.push(byte);
            continue;
        }
        bytes.push(match rest.next()? {
            b'r' => b'\r',
            b'n' => b'\n',
            b't' => b'\t',
            b'\\' => b'\\',
            b'x' => {
                let high = char::from(rest.next()?).to_digit(16)?;
                let low = char::from(rest.next()?).to_digit(16)?;
                u8::try_from(high * 16 + low).ok()?
            }
            _ => return None,
        });
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SPECS: &[SettingSpec] = &[
        SettingSpec {
            key: "suffix",
            form: SettingForm::OneOf(&["cr", "lf"]),
            default: "cr",
            about: "",
        },
        SettingSpec {
            key: "idle_ms",
            form: SettingForm::Number { min: 0, max: 100 },
            default: "50",
            about: "",
        },
        SettingSpec {
            key: "prefix",
            form: SettingForm::Text { bytes_max: 4 },
            default: "",
            about: "",
        },
    ];

    #[test]
    fn defaults_stand_until_set_and_escapes_are_resolved() {
        let settings =
            Settings::check(SPECS, [("prefix", r"\x02\r"), ("idle_ms", "7"), ("idle_ms", "8")]).unwrap();
        assert_eq!(settings.word("suffix"), "cr");
        assert_eq!(settings.number("idle_ms"), 8);
        assert_eq!(settings.bytes("prefix"), [2, 13]);
    }

    #[test]
    fn a_refusal_names_the_key_and_what_is_allowed() {
        for (key, value, message) in [
            (
                "sufix",
                "cr",
                "`sufix` is no setting of this driver; it has idle_ms, prefix, suffix",
            ),
            ("suffix", "CR", "`suffix` cannot be `CR`; allowed: cr|lf"),
            (
                "idle_ms",
                "101",
                "`idle_ms` cannot be `101`; allowed: a whole number from 0 to 100",
            ),
            (
                "prefix",
                r"\q",
                r"`prefix` cannot be `\q`; allowed: text of at most 4 bytes, where \r \n \t \\ and \x02 are escapes",
            ),
        ] {
            let error = Settings::check(SPECS, [(key, value)]).unwrap_err();
            assert_eq!(error.to_string(), message);
        }
    }
}
