//! Datalogic scanners: text with label ids or AIM identifiers on serial lines and USB-COM.

use crate::contract::{Command, Decoder, Driver, LinkKind, Outputs, SettingForm, SettingSpec, Signal};
use crate::plain_text::{TextDecoder, TextRules, rules};
use tallyman_codes::Moment;

/// The row in the catalogue.
pub const DRIVER: Driver = Driver {
    name: "datalogic",
    summary: "Datalogic scanners, label ids and single-character commands",
    settings: &[
        COMMANDS,
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
    links: &[
        LinkKind::Serial,
        LinkKind::TcpClient,
        LinkKind::TcpServer,
        LinkKind::Usb,
    ],
    filters_repeats: false,
    beeps_on_command: false,
    checksummed: false,
    devices_toml: include_str!("devices.toml"),
    programming_toml: include_str!("programming.toml"),
    make: |settings| {
        let takes_commands = settings.word("commands") == "single";
        Ok(Box::new(DatalogicDecoder {
            text: TextDecoder::new(TextRules::of(settings)),
            takes_commands,
        }))
    },
};

const COMMANDS: SettingSpec = SettingSpec {
    key: "commands",
    form: SettingForm::OneOf(&["off", "single"]),
    default: "off",
    about: "`single` sends E, D and B to enable, disable and beep; only for scanners whose manual lists them.",
};

/// Text, and characters that the scanner takes.
#[derive(Debug)]
struct DatalogicDecoder {
    text: TextDecoder,
    takes_commands: bool,
}

impl Decoder for DatalogicDecoder {
    fn push(&mut self, bytes: &[u8], at: Moment, out: &mut Outputs) {
        self.text.push(bytes, at, out);
    }

    fn deadline(&self) -> Option<Moment> {
        self.text.deadline()
    }

    fn idle(&mut self, at: Moment, out: &mut Outputs) {
        self.text.idle(at, out);
    }

    fn finish(&mut self, out: &mut Outputs) {
        self.text.finish(out);
    }

    fn reset(&mut self, out: &mut Outputs) {
        self.text.reset(out);
    }

    fn command(&mut self, command: Command, _at: Moment, out: &mut Outputs) -> bool {
        let bytes: &[u8] = match command {
            Command::Enable => b"E",
            Command::Disable => b"D",
            Command::Signal(Signal::Good) => b"B",
            Command::Signal(Signal::Ask | Signal::NotCounted) => b"BB",
            Command::Signal(Signal::Bad) => b"BBB",
            Command::TriggerOn
            | Command::TriggerOff
            | Command::StartInventory(_)
            | Command::StopInventory
            | Command::SetOutput { .. } => return false,
        };
        if self.takes_commands {
            out.push(crate::Output::Write(bytes.to_vec()));
        }
        self.takes_commands
    }
}
