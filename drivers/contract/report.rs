//! Outputs as JSON Lines: the shape that `tallyman replay` prints and that expected reads are kept in.

use serde::Serialize;
use tallyman_codes::{Barcode, Tag};

use super::output::Output;

/// One output as one JSON object, as `{"barcode":{…}}`.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "each variant is the output of the same name")]
pub enum ReportLine {
    Barcode(BarcodeLine),
    Tag(TagLine),
    Trigger {
        pressed: bool,
    },
    Notice {
        code: String,
        message: String,
    },
    Garbage {
        bytes: u64,
        reason: &'static str,
    },
    Answer {
        name: String,
        text: String,
        hex: String,
    },
    Message {
        r#type: u32,
        name: String,
        id: Option<u32>,
        bytes: usize,
    },
    Write {
        hex: String,
    },
    Summary {
        bytes: u64,
        messages: u64,
        reads: u64,
        garbage_bytes: u64,
    },
}

/// A barcode in JSON.
#[derive(Debug, Clone, Serialize)]
#[allow(missing_docs, reason = "each member is the field of the same name")]
pub struct BarcodeLine {
    pub text: String,
    pub hex: String,
    pub symbology: Option<String>,
    pub code_id: Option<String>,
}

/// A tag report in JSON. Members that always exist are `null` when the reader left them out.
#[derive(Debug, Clone, Serialize)]
#[allow(missing_docs, reason = "each member is the field of the same name")]
pub struct TagLine {
    pub epc: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub epc_bits: Option<u16>,
    pub pc: Option<String>,
    pub crc: Option<String>,
    pub antenna: Option<u16>,
    pub rssi_dbm: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rssi_raw: Option<i32>,
    pub phase_deg: Option<f64>,
    pub channel: Option<u16>,
    pub count: Option<u32>,
    pub first_seen_us: Option<u64>,
    pub last_seen_us: Option<u64>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub uptime: bool,
    pub tid: Option<String>,
}

impl ReportLine {
    fn notice(code: &str, message: &str) -> Self {
        Self::Notice {
            code: code.to_owned(),
            message: message.to_owned(),
        }
    }
}

impl From<&Output> for ReportLine {
    fn from(output: &Output) -> Self {
        match output {
            Output::Barcode { barcode, .. } => Self::Barcode(barcode.into()),
            Output::Tag(tag) => Self::Tag(tag.into()),
            Output::Sightings(window) => Self::notice(
                "sightings",
                &format!("{} tags were seen in a window.", window.sightings.len()),
            ),
            Output::Trigger { pressed } => Self::Trigger { pressed: *pressed },
            Output::Inventory { running: true } => {
                Self::notice("inventory_started", "The reader looks for tags.")
            }
            Output::Inventory { running: false } => {
                Self::notice("inventory_stopped", "The reader stopped looking for tags.")
            }
            Output::Input { port, high } => Self::notice(
                "input",
                &format!("Input {port} is {}.", if *high { "high" } else { "low" }),
            ),
            Output::Notice { code, message } => Self::Notice {
                code: code.clone().into_owned(),
                message: message.clone(),
            },
            Output::Garbage { bytes, reason } => Self::Garbage {
                bytes: *bytes,
                reason: reason.as_str(),
            },
            Output::Answer { name, text, bytes } => Self::Answer {
                name: name.clone().into_owned(),
                text: text.clone(),
                hex: hex(bytes),
            },
            Output::Message {
                kind,
                name,
                id,
                bytes,
            } => Self::Message {
                r#type: *kind,
                name: name.clone().into_owned(),
                id: *id,
                bytes: *bytes,
            },
            Output::Write(bytes) => Self::Write { hex: hex(bytes) },
            Output::Baud(baud) => Self::notice("baud", &format!("The line is tried at {baud} baud.")),
        }
    }
}

impl From<&Barcode> for BarcodeLine {
    fn from(barcode: &Barcode) -> Self {
        Self {
            text: barcode.text(),
            hex: hex(&barcode.bytes),
            symbology: barcode.symbology.map(|symbology| symbology.to_string()),
            code_id: barcode.code_id.clone(),
        }
    }
}

impl From<&Tag> for TagLine {
    fn from(tag: &Tag) -> Self {
        Self {
            epc: hex(&tag.epc),
            epc_bits: tag.epc_bits,
            pc: tag.pc.map(|word| format!("{word:04X}")),
            crc: tag.crc.map(|word| format!("{word:04X}")),
            antenna: tag.antenna,
            rssi_dbm: tag.rssi_centi_dbm.map(|centi| f64::from(centi) / 100.0),
            rssi_raw: tag.rssi_raw,
            phase_deg: tag.phase_centi_deg.map(|centi| f64::from(centi) / 100.0),
            channel: tag.channel,
            count: tag.count,
            first_seen_us: tag.first_seen_us,
            last_seen_us: tag.last_seen_us,
            uptime: tag.uptime,
            tid: tag.tid.as_deref().map(hex),
        }
    }
}

/// Bytes as upper-case hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes
        .iter()
        .fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
            let _ = write!(text, "{byte:02X}");
            text
        })
}
