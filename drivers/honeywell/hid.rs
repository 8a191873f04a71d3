//! Honeywell's own reports beside the standard ones: commands go out in report FD.

use crate::contract::{Command, Settings};
use crate::hid_pos::HidPosDecoder;
use crate::hid_pos::layout::KNOWN;

use super::decode::command_bytes;

/// The report that carries commands to the scanner: id, length, bytes.
const COMMAND_REPORT: u8 = 0xFD;
/// The feature report some models need before they send anything.
const ENABLE: [u8; 2] = [0xFE, 0x01];

/// The decoder for a Honeywell scanner in HID point-of-sale mode.
pub fn decoder(settings: &Settings) -> HidPosDecoder {
    let greeting = if settings.word("setup") == "on" {
        ENABLE.to_vec()
    } else {
        Vec::new()
    };
    HidPosDecoder::new(KNOWN.to_vec(), settings.bytes("gs_alias").to_vec()).with_commands(report, greeting)
}

fn report(command: Command) -> Option<Vec<u8>> {
    let bytes = command_bytes(command)?;
    let length = u8::try_from(bytes.len()).ok()?;
    Some([&[COMMAND_REPORT, length], bytes.as_slice()].concat())
}
