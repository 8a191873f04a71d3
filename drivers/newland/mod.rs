//! Newland scanners: text with a suffix, and the command set of their engines and handhelds.

pub mod decode;
pub mod set_up;
pub mod wire;

use decode::NewlandDecoder;
use set_up::{SetUp, Wanted};
use wire::TAG_BYTES;

use crate::contract::{Driver, LinkKind, SettingError, SettingForm, SettingSpec, Settings};
use crate::plain_text::{TextRules, rules};

/// The row in the catalogue.
pub const DRIVER: Driver = Driver {
    name: "newland",
    summary: "Newland scanners and engines with their command set",
    settings: &[
        SETUP,
        AIM_COMMAND,
        BEEP_COMMAND,
        TRIGGER_TAG,
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
    links: &[LinkKind::Serial, LinkKind::Usb],
    filters_repeats: false,
    beeps_on_command: false,
    checksummed: false,
    devices_toml: include_str!("devices.toml"),
    programming_toml: include_str!("programming.toml"),
    make: |settings| {
        Ok(Box::new(NewlandDecoder::new(
            TextRules::of(settings),
            SetUp::new(wanted(settings)?),
            trigger_tag(settings)?,
        )))
    },
};

/// Longest command: a tag and a value. Values of one digit to a short text are known.
const COMMAND_BYTES_MAX: usize = 32;

const SETUP: SettingSpec = SettingSpec {
    key: "setup",
    form: SettingForm::OneOf(&["on", "off"]),
    default: "on",
    about: "`on` asks the scanner for its settings when the link opens and changes those that differ; `off` leaves it alone.",
};

const AIM_COMMAND: SettingSpec = SettingSpec {
    key: "aim_command",
    form: SettingForm::Text {
        bytes_max: COMMAND_BYTES_MAX,
    },
    default: "AIDENA1",
    about: "The command that switches AIM identifiers on, used with `code_id=aim`; empty leaves them alone. The default is from memory.",
};

const BEEP_COMMAND: SettingSpec = SettingSpec {
    key: set_up::BEEP_COMMAND,
    form: SettingForm::Text {
        bytes_max: COMMAND_BYTES_MAX,
    },
    default: "GRBENA0",
    about: "The command that switches the good-read beep off; empty leaves it alone. The default is from memory.",
};

const TRIGGER_TAG: SettingSpec = SettingSpec {
    key: "trigger_tag",
    form: SettingForm::Text { bytes_max: TAG_BYTES },
    default: "",
    about: "The tag that pulls the trigger with 1 and lets it go with 0, as the guide has it; empty where there is none.",
};

/// What the set-up wants. An identifier that would not be taken off is not asked for.
fn wanted(settings: &Settings) -> Result<Vec<Wanted>, SettingError> {
    let aim = Wanted::of(settings, "aim_command", "the AIM identifiers")?;
    let beep = Wanted::of(settings, set_up::BEEP_COMMAND, "the good-read beep")?;
    let aim = aim.filter(|_| settings.word("code_id") == "aim");
    let is_on = settings.word("setup") == "on";
    Ok(aim.into_iter().chain(beep).filter(|_| is_on).collect())
}

fn trigger_tag(settings: &Settings) -> Result<Option<String>, SettingError> {
    let bytes = settings.bytes("trigger_tag");
    let text = String::from_utf8_lossy(bytes).into_owned();
    match bytes.len() {
        0 => Ok(None),
        TAG_BYTES if bytes.iter().all(u8::is_ascii_alphanumeric) => Ok(Some(text)),
        _ => Err(SettingError::Value {
            key: "trigger_tag".to_owned(),
            value: text,
            allowed: "three letters of a tag and three of a subtag, or nothing".to_owned(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use tallyman_codes::Moment;

    use super::*;
    use crate::contract::{Command, Output, Pump};

    fn pump(settings: &[(&str, &str)]) -> Pump {
        Pump::new(DRIVER.decoder(settings.iter().copied()).unwrap())
    }

    fn writes(pump: &mut Pump) -> Vec<String> {
        std::iter::from_fn(|| pump.take())
            .filter_map(|output| match output {
                Output::Write(bytes) => Some(String::from_utf8(bytes).unwrap()),
                _ => None,
            })
            .collect()
    }

    /// Settings, and what is asked.
    type Row = (&'static [(&'static str, &'static str)], &'static [&'static str]);

    #[test]
    fn what_is_asked_follows_the_settings() {
        let cases: &[Row] = &[
            (&[], &["~\u{1}0000#AIDENA*;GRBENA*;\u{3}"]),
            (&[("setup", "off")], &[]),
            (&[("aim_command", ""), (set_up::BEEP_COMMAND, "")], &[]),
            (&[(set_up::BEEP_COMMAND, "")], &["~\u{1}0000#AIDENA*;\u{3}"]),
            (&[("code_id", "none")], &["~\u{1}0000#GRBENA*;\u{3}"]),
            (
                &[("aim_command", "AIMENA1"), (set_up::BEEP_COMMAND, "")],
                &["~\u{1}0000#AIMENA*;\u{3}"],
            ),
        ];
        for (settings, expected) in cases {
            let mut pump = pump(settings);
            pump.opened(Moment::default());
            assert_eq!(writes(&mut pump), *expected, "{settings:?}");
        }
    }

    #[test]
    fn the_trigger_is_pulled_only_where_its_tag_is_known() {
        assert!(!pump(&[]).command(Command::TriggerOn, Moment::default()));
        let mut pump = pump(&[("trigger_tag", "SCNTRG")]);
        assert!(pump.command(Command::TriggerOn, Moment::default()));
        assert!(pump.command(Command::TriggerOff, Moment::default()));
        assert_eq!(
            writes(&mut pump),
            ["~\u{1}0000#SCNTRG1;\u{3}", "~\u{1}0000#SCNTRG0;\u{3}"]
        );
    }

    #[test]
    fn what_can_be_no_command_is_refused() {
        for (key, value) in [
            ("aim_command", "AIDENA"),
            ("aim_command", "AID ENA1"),
            (set_up::BEEP_COMMAND, "GRBENA0;FACDEF"),
            (set_up::BEEP_COMMAND, "GRBENA\\x03"),
            ("trigger_tag", "SCN"),
            ("trigger_tag", "SCN;RG"),
        ] {
            let error = DRIVER.decoder([(key, value)]).err().unwrap().to_string();
            assert!(error.starts_with(&format!("`{key}` cannot be")), "{error}");
        }
    }
}
