//! A reader played by a script in virtual time, and what its driver does about it, as lines.

use tallyman_codes::Moment;

use crate::contract::report::hex;
use crate::contract::{Command, Driver, Inventory, Output, Pump};

/// What happens to a driver.
#[derive(Debug, Clone)]
pub(crate) enum Event {
    /// The link is opened.
    Open,
    /// The reader sends this.
    Says(Vec<u8>),
    /// The work wants tags.
    Start(Inventory),
    /// The work has enough.
    Stop,
    /// Nothing, until this moment.
    Quiet,
    /// The link is lost.
    Lost,
}

/// Power in hundredths of a dBm and nothing else.
pub(crate) fn power(centi_dbm: u16) -> Inventory {
    Inventory {
        power_centi_dbm: Some(centi_dbm),
        ..Inventory::default()
    }
}

/// Plays events at their moments, in milliseconds, and tells what the driver did: `300 > BB00…` is written, `tag` with its
/// EPC, `!` a notice's code, `=` an answer, `?` garbage, `baud`, `running` and `still`.
pub(crate) fn play(driver: &Driver, settings: &[(&str, &str)], events: &[(u64, Event)]) -> Vec<String> {
    let mut pump = Pump::new(driver.decoder(settings.iter().copied()).unwrap());
    let mut lines = Vec::new();
    for (ms, event) in events {
        while let Some(deadline) = pump
            .deadline()
            .filter(|deadline| *deadline <= Moment::from_ms(*ms))
        {
            pump.advance(deadline);
            tell(&mut pump, deadline.us / 1_000, &mut lines);
        }
        let at = Moment::from_ms(*ms);
        match event {
            Event::Open => pump.opened(at),
            Event::Says(bytes) => pump.push(bytes, at),
            Event::Start(inventory) => assert!(pump.command(Command::StartInventory(*inventory), at)),
            Event::Stop => assert!(pump.command(Command::StopInventory, at)),
            Event::Quiet => {
                pump.advance(at);
            }
            Event::Lost => pump.reset(),
        }
        tell(&mut pump, *ms, &mut lines);
    }
    lines
}

/// Plays a set-up, which must make the driver do exactly these lines, and then events; tells what it did about those.
pub(crate) fn play_after(
    driver: &Driver,
    settings: &[(&str, &str)],
    (set_up, wanted): (Vec<(u64, Event)>, &[&str]),
    events: Vec<(u64, Event)>,
) -> Vec<String> {
    let lines = play(driver, settings, &[set_up, events].concat());
    assert_eq!(lines[..wanted.len()], *wanted);
    lines[wanted.len()..].to_vec()
}

fn tell(pump: &mut Pump, ms: u64, lines: &mut Vec<String>) {
    while let Some(output) = pump.take() {
        let line = match output {
            Output::Write(bytes) => format!("> {}", hex(&bytes)),
            Output::Tag(tag) => format!("tag {}", tag.epc),
            Output::Notice { code, .. } => format!("! {code}"),
            Output::Answer { name, text, .. } => format!("= {name} {text}"),
            Output::Garbage { bytes, reason } => format!("? {bytes} {}", reason.as_str()),
            Output::Inventory { running: true } => "running".to_owned(),
            Output::Inventory { running: false } => "still".to_owned(),
            Output::Baud(baud) => format!("{baud} baud"),
            Output::Message { .. } => continue,
            other => format!("{other:?}"),
        };
        lines.push(format!("{ms} {line}"));
    }
}

/// Bytes of hexadecimal digits; blanks between them mean nothing.
pub(crate) fn bytes(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
    digits
        .chunks(2)
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap())
        .collect()
}
