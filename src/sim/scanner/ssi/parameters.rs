//! The scanner's parameters: as it leaves the factory, as they are now, and as they are kept.
//!
//! Numbers, values and defaults are those of the parameter tables of the DS4308, DS8108, DS9808 and DS457 product
//! reference guides. Where those differ or are silent the value here is a choice: power mode and trigger mode.

use std::collections::BTreeMap;

/// Host trigger: START_SESSION pulls it.
pub const TRIGGER_MODE: u16 = 138;
/// How long a session looks for a code, in tenths of a second.
pub const SESSION_TIMEOUT: u16 = 136;
/// 1: sleeps when nothing happens.
pub const POWER_MODE: u16 = 128;
/// 1: beeps when it has read a code.
pub const BEEP_AFTER_GOOD_DECODE: u16 = 56;
/// 1: an AIM identifier goes before the code.
pub const TRANSMIT_CODE_ID: u16 = 45;
/// 1: a pull that finds nothing is told.
pub const TRANSMIT_NO_READ: u16 = 94;
/// How long the host may take to acknowledge, in tenths of a second.
pub const HOST_RESPONSE_TIMEOUT: u16 = 155;
/// 1: packets are acknowledged.
pub const SOFTWARE_HANDSHAKING: u16 = 159;
/// 1: programming codes are taken.
pub const PARAMETER_SCANNING: u16 = 236;
/// 1: codes come in packets, 0: as text.
pub const DECODE_DATA_PACKET_FORMAT: u16 = 238;
/// 1: a read code is told by an event as well.
pub const DECODE_EVENT: u16 = 256;
/// 1: the start is told by an event.
pub const BOOT_EVENT: u16 = 258;

/// Number, value from the factory, and the values that it takes.
const FACTORY: [(u16, u8, &[u8]); 22] = [
    (TRIGGER_MODE, 0, &[0, 7, 8, 9]),
    (SESSION_TIMEOUT, 99, &[5, 10, 20, 30, 50, 75, 99]),
    (POWER_MODE, 0, &[0, 1]),
    (BEEP_AFTER_GOOD_DECODE, 1, &[0, 1]),
    (TRANSMIT_CODE_ID, 0, &[0, 1]),
    (TRANSMIT_NO_READ, 0, &[0, 1]),
    (HOST_RESPONSE_TIMEOUT, 20, &[20, 50, 75, 99]),
    (SOFTWARE_HANDSHAKING, 1, &[0, 1]),
    (PARAMETER_SCANNING, 1, &[0, 1]),
    (DECODE_DATA_PACKET_FORMAT, 0, &[0, 1]),
    (DECODE_EVENT, 0, &[0, 1]),
    (BOOT_EVENT, 0, &[0, 1]),
    // Parameter events: this scanner reads no programming codes, so there is nothing to tell.
    (259, 0, &[0, 1]),
    // Multi-packet option: each packet is acknowledged. It knows no other.
    (334, 1, &[1]),
    // Pause between packets, milliseconds.
    (335, 0, &[0]),
    // Picklist.
    (402, 0, &[0, 2]),
    // Host's RTS, stop bits, parity, parity check, baud rate (6 is 9,600): a pseudo terminal has none of these.
    (154, 0, &[0, 1]),
    (157, 1, &[1, 2]),
    (158, 4, &[0, 1, 2, 3, 4]),
    (151, 0, &[0, 1]),
    (156, 6, &[6, 7, 8, 10, 11]),
    // Host's character time-out, in tens of milliseconds.
    (239, 20, &[20]),
];

/// What a scanner does with a parameter that it will not change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Stubborn {
    /// It refuses the whole command.
    Denies,
    /// It acknowledges, and keeps the old value.
    Pretends,
}

/// A parameter write that is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    /// A number that it has not, or bytes that are no list of parameters.
    Unknown,
    /// A value that it does not take, or a parameter that it will not change.
    Denied,
}

/// The parameters of one scanner.
#[derive(Debug, Clone)]
pub struct Parameters {
    now: BTreeMap<u16, u8>,
    kept: BTreeMap<u16, u8>,
    stubborn: BTreeMap<u16, Stubborn>,
}

impl Default for Parameters {
    fn default() -> Self {
        let factory: BTreeMap<u16, u8> = FACTORY
            .iter()
            .map(|(number, value, _)| (*number, *value))
            .collect();
        Self {
            now: factory.clone(),
            kept: factory,
            stubborn: BTreeMap::new(),
        }
    }
}

impl Parameters {
    /// The value of a parameter; 0 for one that it has not.
    pub fn get(&self, number: u16) -> u8 {
        self.now.get(&number).copied().unwrap_or(0)
    }

    /// Whether a parameter is 1.
    pub fn is_on(&self, number: u16) -> bool {
        self.get(number) == 1
    }

    /// From now on it will not change this parameter.
    pub fn hold_on_to(&mut self, number: u16, how: Stubborn) {
        self.stubborn.insert(number, how);
    }

    /// Sets a parameter at the scanner itself, for good, as a programming code does.
    pub fn program(&mut self, number: u16, value: u8) {
        self.now.insert(number, value);
        self.kept.insert(number, value);
    }

    /// The power is gone.
    pub fn power_down(&mut self) {
        self.now.clone_from(&self.kept);
    }

    /// As it left the factory.
    pub fn set_defaults(&mut self) {
        let fresh = Self::default();
        self.now = fresh.now;
        self.kept = fresh.kept;
    }

    /// Writes the numbers and values of a PARAM_SEND, without its beep byte: all of them, or none.
    ///
    /// # Errors
    /// [`Refused`]; nothing is changed then.
    pub fn write(&mut self, list: &[u8], for_good: bool) -> Result<(), Refused> {
        let mut rest = list;
        let mut writes = Vec::new();
        while !rest.is_empty() {
            let (number, after) = number(rest).ok_or(Refused::Unknown)?;
            let (&value, after) = after.split_first().ok_or(Refused::Unknown)?;
            let known = FACTORY.iter().find(|(known, ..)| *known == number);
            let (.., allowed) = known.ok_or(Refused::Unknown)?;
            match self.stubborn.get(&number) {
                Some(Stubborn::Denies) => return Err(Refused::Denied),
                Some(Stubborn::Pretends) => {}
                None if !allowed.contains(&value) => return Err(Refused::Denied),
                None => writes.push((number, value)),
            }
            rest = after;
        }
        for (number, value) in writes {
            self.now.insert(number, value);
            if for_good {
                self.kept.insert(number, value);
            }
        }
        Ok(())
    }

    /// Numbers and values of what a PARAM_REQUEST asks for. What it has not it leaves out.
    pub fn read(&self, list: &[u8]) -> Vec<u8> {
        const ALL: u8 = 0xFE;
        let mut told = Vec::new();
        let mut tell = |number: u16, value: u8| {
            told.extend(wire_number(number));
            told.push(value);
        };
        if list == [ALL] {
            self.now.iter().for_each(|(number, value)| tell(*number, *value));
            return told;
        }
        let mut rest = list;
        while let Some((number, after)) = number(rest) {
            if let Some(value) = self.now.get(&number) {
                tell(number, *value);
            }
            rest = after;
        }
        told
    }
}

/// A number on the wire: up to EF as it is, else with a byte in front that says which 256 numbers it is from.
fn wire_number(number: u16) -> Vec<u8> {
    let [high, low] = number.to_be_bytes();
    match (high, low) {
        (0, 0..=0xEF) => vec![low],
        (1..=3, _) => vec![0xEF + high, low],
        _ => vec![0xF8, high, low],
    }
}

/// The number at the front, and what follows.
fn number(bytes: &[u8]) -> Option<(u16, &[u8])> {
    let (first, rest) = bytes.split_first()?;
    match first {
        0..=0xEF => Some((u16::from(*first), rest)),
        0xF0..=0xF2 => {
            let (low, rest) = rest.split_first()?;
            Some((u16::from_be_bytes([first - 0xEF, *low]), rest))
        }
        0xF8 => {
            let (number, rest) = rest.split_at_checked(2)?;
            Some((u16::from_be_bytes([number[0], number[1]]), rest))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_leaves_the_factory_with_text_handshake_and_beep() {
        let parameters = Parameters::default();
        let asked = parameters.read(&[0xEE, 0x9F, 0x38, 0x5E, 0xEC, 0xF0, 0x4E, 0x9B, 0x01]);
        assert_eq!(
            asked,
            [
                0xEE, 0, 0x9F, 1, 0x38, 1, 0x5E, 0, 0xEC, 1, 0xF0, 0x4E, 1, 0x9B, 20
            ]
        );
        assert_eq!(
            number(&parameters.read(&[0xFE])),
            Some((45, &parameters.read(&[0xFE])[1..]))
        );
    }

    #[test]
    fn what_is_not_kept_is_gone_with_the_power() {
        let mut parameters = Parameters::default();
        assert_eq!(parameters.write(&[0xEE, 1], false), Ok(()));
        assert_eq!(parameters.write(&[0x38, 0], true), Ok(()));
        parameters.power_down();
        assert_eq!(parameters.get(DECODE_DATA_PACKET_FORMAT), 0);
        assert_eq!(parameters.get(BEEP_AFTER_GOOD_DECODE), 0);
        parameters.set_defaults();
        assert_eq!(parameters.get(BEEP_AFTER_GOOD_DECODE), 1);
    }

    #[test]
    fn a_write_is_done_whole_or_not_at_all() {
        // The list, what holds on to 56, the answer, and 238 and 56 afterwards.
        for (list, stubborn, answer, packets, beep) in [
            (&[0xEE, 1, 0x38, 0][..], None, Ok(()), 1, 0),
            (&[0xEE, 1, 0x38], None, Err(Refused::Unknown), 0, 1),
            (&[0xEE, 1, 0x01, 0], None, Err(Refused::Unknown), 0, 1),
            (&[0xEE, 1, 0xF9, 0], None, Err(Refused::Unknown), 0, 1),
            (&[0xEE, 1, 0x38, 7], None, Err(Refused::Denied), 0, 1),
            (
                &[0xEE, 1, 0x38, 0],
                Some(Stubborn::Denies),
                Err(Refused::Denied),
                0,
                1,
            ),
            (&[0xEE, 1, 0x38, 0], Some(Stubborn::Pretends), Ok(()), 1, 1),
        ] {
            let mut parameters = Parameters::default();
            if let Some(how) = stubborn {
                parameters.hold_on_to(BEEP_AFTER_GOOD_DECODE, how);
            }
            assert_eq!(parameters.write(list, false), answer, "{list:?} {stubborn:?}");
            assert_eq!(
                (parameters.get(238), parameters.get(56)),
                (packets, beep),
                "{list:?} {stubborn:?}"
            );
        }
    }

    #[test]
    fn numbers_are_written_as_the_guide_says() {
        for (value, wire) in [
            (0xEF, &[0xEF][..]),
            (256, &[0xF0, 0]),
            (334, &[0xF0, 0x4E]),
            (512, &[0xF1, 0]),
            (1_023, &[0xF2, 0xFF]),
            (1_024, &[0xF8, 4, 0]),
        ] {
            assert_eq!(wire_number(value), wire);
            assert_eq!(number(wire), Some((value, &[][..])));
        }
    }
}
