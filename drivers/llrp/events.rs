//! What a reader tells by itself: who may talk to it, inputs, antennas, buffers, faults.

use super::numbers::{message as m, parameter as p};
use super::tree::{Message, Parameter};
use crate::contract::{Output, Outputs};

/// 2026-01-01T00:00:00Z in microseconds since 1970: no reader that is read by this program reports before it.
const CLOCK_US_MIN: u64 = 1_767_225_600_000_000;
const DAY_US: u64 = 86_400_000_000;
/// Characters of a reader's own text that are passed on.
const TEXT_MAX: usize = 200;

/// What an event says about the connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Connection {
    /// It is ours.
    Made,
    /// The reader does not take it; why, as a sentence.
    Refused(String),
    /// The reader closes it.
    Closed(String),
}

/// What becomes of a ROSpec.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RoSpecEvent {
    Started,
    Ended,
}

/// What the conversation needs to know of a notification.
#[derive(Debug, Default)]
pub(super) struct Told {
    pub(super) connection: Option<Connection>,
    pub(super) ro_spec: Option<(u32, RoSpecEvent)>,
}

/// Tells what is in a notification. `is_first` says that the reader has not greeted before: then its clock is looked at.
pub(super) fn tell(message: &Message, is_first: bool, out: &mut Outputs) -> Told {
    let mut told = Told::default();
    let Some(data) = message.child(p::READER_EVENT_NOTIFICATION_DATA) else {
        return told;
    };
    for event in &data.parameters {
        match event.kind {
            p::GPI_EVENT => input(event, out),
            p::RO_SPEC_EVENT => told.ro_spec = ro_spec(event),
            p::CONNECTION_ATTEMPT_EVENT => told.connection = connection(event, out),
            p::CONNECTION_CLOSE_EVENT => {
                out.push(Output::notice(
                    "reader_closes",
                    "The reader closes the connection.",
                ));
                told.connection = Some(Connection::Closed("the reader closed the connection.".to_owned()));
            }
            _ => {
                if let Some((code, message)) = notice(event) {
                    out.push(Output::notice(code, message));
                }
            }
        }
    }
    if is_first && told.connection == Some(Connection::Made) {
        clock(data, out);
    }
    told
}

/// The levels in a GET_READER_CONFIG_RESPONSE.
pub(super) fn inputs(message: &Message, out: &mut Outputs) {
    if message.kind != m::GET_READER_CONFIG_RESPONSE {
        return;
    }
    let states = message
        .parameters
        .iter()
        .filter(|parameter| parameter.kind == p::GPI_PORT_CURRENT_STATE);
    for state in states {
        let (port, level) = (state.number("GPIPortNum"), state.number("State"));
        // 2 is unknown: the input is not used.
        if let (Some(port), Some(level @ (0 | 1))) = (port.and_then(|port| u16::try_from(port).ok()), level) {
            out.push(Output::Input {
                port,
                high: level == 1,
            });
        }
    }
}

fn input(event: &Parameter, out: &mut Outputs) {
    let port = event
        .number("GPIPortNumber")
        .and_then(|port| u16::try_from(port).ok());
    if let (Some(port), Some(level)) = (port, event.number("GPIEvent")) {
        out.push(Output::Input {
            port,
            high: level == 1,
        });
    }
}

fn ro_spec(event: &Parameter) -> Option<(u32, RoSpecEvent)> {
    let id = |name| event.number(name).and_then(|id| u32::try_from(id).ok());
    Some(match event.number("EventType")? {
        0 => (id("ROSpecID")?, RoSpecEvent::Started),
        1 => (id("ROSpecID")?, RoSpecEvent::Ended),
        _ => (id("ROSpecID")?, RoSpecEvent::Ended),
    })
}

fn connection(event: &Parameter, out: &mut Outputs) -> Option<Connection> {
    let refused = |code, message: &str, out: &mut Outputs| {
        out.push(Output::notice(code, message));
        Some(Connection::Refused(message.to_owned()))
    };
    match event.number("Status")? {
        0 => Some(Connection::Made),
        1 => refused(
            "reader_in_use",
            "The reader serves a program that it connected to by itself: end that one, or switch the reader's own \
             connecting off.",
            out,
        ),
        2 => refused(
            "reader_in_use",
            "The reader serves another program already: end that one. If it has crashed, the reader notices after a while \
             and takes this one.",
            out,
        ),
        4 => {
            // Ours goes on.
            out.push(Output::notice(
                "second_program",
                "Another program tried to connect to this reader and was refused; one reader serves one program.",
            ));
            None
        }
        _ => refused(
            "reader_refuses",
            "The reader refuses the connection for a reason of its own: start it anew.",
            out,
        ),
    }
}

fn notice(event: &Parameter) -> Option<(&'static str, String)> {
    Some(match event.kind {
        p::REPORT_BUFFER_LEVEL_WARNING_EVENT => {
            let percent = event.number("ReportBufferPercentageFull").unwrap_or_default();
            (
                "buffer_fills",
                format!(
                    "The reader's memory for reports is {percent} % full: the network is too slow for what it sees."
                ),
            )
        }
        p::REPORT_BUFFER_OVERFLOW_ERROR_EVENT => (
            "buffer_overflow",
            "The reader's memory for reports was full and reads are lost: read this place again.".to_owned(),
        ),
        p::READER_EXCEPTION_EVENT => {
            let text = event.text("Message").unwrap_or_default();
            let text: String = text
                .chars()
                .filter(|character| !character.is_control())
                .take(TEXT_MAX)
                .collect();
            let antenna = event.child(p::ANTENNA_ID).and_then(|id| id.number("AntennaID"));
            let place = antenna
                .map(|antenna| format!(" at antenna {antenna}"))
                .unwrap_or_default();
            (
                "reader_exception",
                format!("The reader reports a fault{place}: {text:?}."),
            )
        }
        p::ANTENNA_EVENT => {
            let antenna = event.number("AntennaID").unwrap_or_default();
            if event.number("EventType") == Some(0) {
                (
                    "antenna_lost",
                    format!(
                        "Antenna {antenna} is disconnected: look at its cable. What passes it is not seen."
                    ),
                )
            } else {
                ("antenna_back", format!("Antenna {antenna} is connected."))
            }
        }
        _ => return None,
    })
}

/// Whether the reader knows what time it is.
fn clock(data: &Parameter, out: &mut Outputs) {
    let micros = |kind| {
        data.child(kind)
            .and_then(|time| time.number("Microseconds"))
            .and_then(|micros| u64::try_from(micros).ok())
    };
    if let Some(utc_us) = micros(p::UTC_TIMESTAMP) {
        out.push(Output::Answer {
            name: "clock_us".into(),
            text: utc_us.to_string(),
            bytes: utc_us.to_be_bytes().to_vec(),
        });
        if utc_us < CLOCK_US_MIN {
            let days = (CLOCK_US_MIN - utc_us) / DAY_US;
            out.push(Output::notice(
                "reader_clock",
                format!(
                    "The reader's clock says day {} after 1970-01-01 and is behind by {days} days at least: set it, or give \
                     it a time server. Until then only the moment of arrival counts.",
                    utc_us / DAY_US
                ),
            ));
        }
    } else if let Some(uptime_us) = micros(p::UPTIME) {
        out.push(Output::Answer {
            name: "uptime_us".into(),
            text: uptime_us.to_string(),
            bytes: uptime_us.to_be_bytes().to_vec(),
        });
    }
}
