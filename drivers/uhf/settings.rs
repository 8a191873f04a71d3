//! The settings that UHF readers share, and how they are read.

use super::reader::Plan;
use crate::contract::{Inventory, SettingError, SettingForm, SettingSpec, Settings};

/// Highest power that is taken from the configuration: 36 dBm, more than any module of these protocols has.
const POWER_DBM_MAX: u16 = 36;

/// Transmit power.
pub const POWER_DBM: SettingSpec = SettingSpec {
    key: "power_dbm",
    form: SettingForm::Text { bytes_max: 5 },
    default: "",
    about: "Transmit power in dBm, as 26 or 26.5; empty keeps the reader's own.",
};

/// The Gen2 session.
pub const SESSION: SettingSpec = SettingSpec {
    key: "session",
    form: SettingForm::OneOf(&["keep", "0", "1", "2", "3"]),
    default: "keep",
    about: "The Gen2 session: how long a tag that was read stays silent. `keep` is the reader's own.",
};

/// The antennas in use.
pub const ANTENNAS: SettingSpec = SettingSpec {
    key: "antennas",
    form: SettingForm::Text { bytes_max: 80 },
    default: "",
    about: "The antennas in use, as 1,2,4; empty keeps the reader's own, or antenna 1 where it has none.",
};

/// When the reader looks for tags.
pub const START: SettingSpec = SettingSpec {
    key: "start",
    form: SettingForm::OneOf(&["asked", "open"]),
    default: "asked",
    about: "`asked` looks for tags when the work asks for it; `open` from the opening of the link on, until told to stop.",
};

/// The address of a reader on a shared line.
pub const ADDRESS: SettingSpec = SettingSpec {
    key: "address",
    form: SettingForm::Number { min: 0, max: 255 },
    default: "255",
    about: "The reader's address on its line; 255 speaks to whoever is there.",
};

/// Whether the reader's own beeper is silenced.
pub const BEEP: SettingSpec = SettingSpec {
    key: "beep",
    form: SettingForm::OneOf(&["off", "keep"]),
    default: "off",
    about: "`off` silences the reader's own beeper when the link opens: it says that a tag was seen, not that it is stored.",
};

/// The word of the setting `region` that leaves the reader alone.
pub const KEEP: &str = "keep";

/// The setting `region` with these words, the first of which is [`KEEP`].
pub const fn region(words: &'static [&'static str]) -> SettingSpec {
    SettingSpec {
        key: "region",
        form: SettingForm::OneOf(words),
        default: KEEP,
        about: "The radio region. It is never guessed: `keep` leaves the reader's own, which is told in an answer.",
    }
}

/// What the reader is set up with, and whether it looks for tags by itself.
///
/// # Errors
/// [`SettingError::Value`] for a power or antennas that cannot be.
pub fn plan(settings: &Settings, specs: &[SettingSpec]) -> Result<Plan, SettingError> {
    Ok(Plan {
        set_up: set_up(settings, specs)?,
        starts_by_itself: settings.word(START.key) == "open",
    })
}

/// Power, session and antennas of the set-up, as far as the driver has these settings.
fn set_up(settings: &Settings, specs: &[SettingSpec]) -> Result<Inventory, SettingError> {
    let has = |key: &str| specs.iter().any(|spec| spec.key == key);
    Ok(Inventory {
        power_centi_dbm: power(settings.bytes(POWER_DBM.key))?,
        session: match has(SESSION.key) {
            true => settings.word(SESSION.key).parse().ok(),
            false => None,
        },
        antennas: match has(ANTENNAS.key) {
            true => antennas(settings.bytes(ANTENNAS.key))?,
            false => 0,
        },
        filter: None,
    })
}

fn power(bytes: &[u8]) -> Result<Option<u16>, SettingError> {
    let text = String::from_utf8_lossy(bytes);
    if text.is_empty() {
        return Ok(None);
    }
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, "0"));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let hundredths = match fraction.len() {
        1 => fraction.parse::<u16>().map(|tenths| tenths * 10),
        _ => fraction.parse::<u16>(),
    };
    match (whole.parse::<u16>(), hundredths) {
        (Ok(whole), Ok(hundredths))
            if whole <= POWER_DBM_MAX
                && hundredths < 100
                && fraction.len() <= 2
                && digits(&text.replace('.', "")) =>
        {
            Ok(Some(whole * 100 + hundredths))
        }
        _ => Err(SettingError::Value {
            key: POWER_DBM.key.to_owned(),
            value: text.into_owned(),
            allowed: format!(
                "a number from 0 to {POWER_DBM_MAX} with two decimal places at most, or nothing"
            ),
        }),
    }
}

fn antennas(bytes: &[u8]) -> Result<u32, SettingError> {
    let text = String::from_utf8_lossy(bytes);
    let bit = |word: &str| {
        let number: u32 = word.trim().parse().ok()?;
        1u32.checked_shl(number.checked_sub(1)?)
    };
    if text.is_empty() {
        return Ok(0);
    }
    let bits: Option<Vec<u32>> = text.split(',').map(bit).collect();
    bits.map(|bits| bits.into_iter().fold(0, |all, bit| all | bit))
        .ok_or_else(|| SettingError::Value {
            key: ANTENNAS.key.to_owned(),
            value: text.into_owned(),
            allowed: "numbers from 1 to 32 with commas between them, or nothing".to_owned(),
        })
}

/// The antennas of a mask, 1-based, lowest first.
pub fn numbers(antennas: u32) -> impl Iterator<Item = u8> {
    (0..32)
        .filter(move |bit| antennas & (1 << bit) != 0)
        .map(|bit| bit + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn power_is_read_in_hundredths() {
        for (text, expected) in [
            ("", Some(None)),
            ("26", Some(Some(2_600))),
            ("26.5", Some(Some(2_650))),
            ("26.05", Some(Some(2_605))),
            ("36", Some(Some(3_600))),
            ("37", None),
            ("-3", None),
            ("26.", None),
            ("26.555", None),
            ("+26", None),
            ("26.5dBm", None),
        ] {
            assert_eq!(power(text.as_bytes()).ok(), expected, "{text}");
        }
    }

    #[test]
    fn antennas_are_a_mask() {
        for (text, expected) in [
            ("", Some(0)),
            ("1", Some(1)),
            ("1,3, 4", Some(0b1101)),
            ("32", Some(1 << 31)),
            ("0", None),
            ("33", None),
            ("1;2", None),
        ] {
            assert_eq!(antennas(text.as_bytes()).ok(), expected, "{text}");
        }
        assert_eq!(numbers(0b1101).collect::<Vec<_>>(), [1, 3, 4]);
    }
}
