//! Scanners that are keyboards: key events of a node that is grabbed for the program alone, so that no keystroke
//! reaches anything else.

pub mod code_page;
pub mod decode;
pub mod event;
pub mod layout;

use decode::WedgeDecoder;
use event::key;
use layout::Layout;

use crate::contract::{Driver, LinkKind, SettingError, SettingForm, SettingSpec};
use crate::plain_text::{TextRules, rules};

/// The row in the catalogue.
pub const DRIVER: Driver = Driver {
    name: "keyboard_wedge",
    summary: "Scanners that are keyboards, grabbed exclusively",
    settings: &[
        LAYOUT,
        GS_KEY,
        rules::PREFIX,
        rules::SUFFIX,
        rules::IDLE_MS,
        rules::SETTLE_MS,
        rules::MULTI_LINE,
        rules::CODE_ID,
        rules::GS_ALIAS,
        rules::NO_READ,
        rules::HEARTBEAT,
        rules::TRIGGER,
        rules::SEPARATOR,
    ],
    links: &[LinkKind::Evdev],
    filters_repeats: false,
    beeps_on_command: false,
    checksummed: false,
    devices_toml: include_str!("devices.toml"),
    programming_toml: include_str!("programming.toml"),
    make: |settings| {
        let name = settings.word("layout");
        let (Some(layout), Some(us)) = (Layout::named(name), Layout::named("us")) else {
            return Err(SettingError::Value {
                key: "layout".to_owned(),
                value: name.to_owned(),
                allowed: LAYOUT.form.allowed(),
            });
        };
        let rules = TextRules::of(settings);
        Ok(Box::new(WedgeDecoder::new(
            layout,
            us,
            gs_key(settings.word("gs_key")),
            rules,
        )))
    },
};

const LAYOUT: SettingSpec = SettingSpec {
    key: "layout",
    form: SettingForm::OneOf(layout::WORDS),
    default: "us",
    about: "The country keyboard that the scanner is set to.",
};

const GS_KEY: SettingSpec = SettingSpec {
    key: "gs_key",
    form: SettingForm::OneOf(&[
        "none", "f1", "f2", "f3", "f4", "f5", "f6", "f7", "f8", "f9", "f10", "f11", "f12",
    ]),
    default: "none",
    about: "The function key that the scanner sends for GS, the separator of GS1 codes.",
};

fn gs_key(word: &str) -> Option<u16> {
    match word.strip_prefix('f')?.parse::<u16>().ok()? {
        number @ 1..=10 => Some(key::F1 + number - 1),
        11 => Some(key::F11),
        12 => Some(key::F12),
        _ => None,
    }
}
