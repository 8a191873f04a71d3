//! USB scanners in HID point-of-sale mode: scanned-data reports through hidraw, laid out as their descriptor says.

pub mod decode;
pub mod descriptor;
pub mod layout;

pub use decode::HidPosDecoder;

use crate::contract::{Driver, LinkKind, SettingError, SettingForm, SettingSpec, Settings};
use crate::plain_text::rules;

/// The row in the catalogue.
pub const DRIVER: Driver = Driver {
    name: "hid_pos",
    summary: "USB scanners in HID point-of-sale mode, any maker",
    settings: &[DESCRIPTOR, rules::GS_ALIAS],
    links: &[LinkKind::Hidraw],
    filters_repeats: false,
    beeps_on_command: false,
    checksummed: false,
    devices_toml: include_str!("devices.toml"),
    programming_toml: include_str!("programming.toml"),
    make: |settings| {
        let gs_alias = settings.bytes("gs_alias").to_vec();
        Ok(Box::new(HidPosDecoder::new(layouts(settings)?, gs_alias)))
    },
};

/// `descriptor`
pub const DESCRIPTOR: SettingSpec = SettingSpec {
    key: "descriptor",
    form: SettingForm::Text { bytes_max: 8_192 },
    default: "",
    about: "The HID report descriptor in hexadecimal digits; the hidraw link fills it in. Empty: the known layouts.",
};

/// The layouts that the settings ask for.
///
/// # Errors
/// [`SettingError`] when `descriptor` is no descriptor with a scanned-data report.
pub fn layouts(settings: &Settings) -> Result<Vec<layout::Layout>, SettingError> {
    let text = settings.bytes("descriptor");
    if text.is_empty() {
        return Ok(layout::KNOWN.to_vec());
    }
    let digits: Option<Vec<u8>> = text
        .iter()
        .map(|digit| {
            char::from(*digit)
                .to_digit(16)
                .and_then(|digit| u8::try_from(digit).ok())
        })
        .collect();
    let bytes: Vec<u8> = digits
        .unwrap_or_default()
        .chunks_exact(2)
        .map(|pair| pair.iter().fold(0, |byte, digit| byte << 4 | digit))
        .collect();
    match descriptor::layout(&bytes) {
        Some(layout) => Ok(vec![layout]),
        None => Err(SettingError::Value {
            key: "descriptor".to_owned(),
            value: String::from_utf8_lossy(text).into_owned(),
            allowed: "hexadecimal digits of a descriptor with a scanned-data report (page 8C, usage FE)"
                .to_owned(),
        }),
    }
}
