//! Code 128 (ISO/IEC 15417:2007): any ASCII text with function characters, in as few symbol characters as there can
//! be.
//!
//! Three sets share the bars: A has capitals and control characters, B capitals and small letters, C two digits at
//! a time. Which set to be in, when to change and when to shift for one character is found by looking at every way
//! from the end of the message backwards.

use super::Bars;

/// White on both sides of the bars, in modules (ISO/IEC 15417, section 4.2).
const QUIET: (u32, u32) = (10, 10);

/// The longest message. Scanners read little more, and no page is wide enough.
pub const CHARACTERS_MAX: usize = 128;

/// One character of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Character {
    /// An ASCII character, 0 to 127.
    Ascii(u8),
    /// Function character 1: first it makes a GS1-128, later it separates fields.
    Fnc1,
    /// Function character 2: the reader keeps the message and joins it to the next.
    Fnc2,
    /// Function character 3: the message is meant for the reader itself; programming codes begin with it.
    Fnc3,
}

/// A message that has no bars.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Code128Error {
    /// There is nothing to draw.
    #[error("an empty text has no bars; give at least one character")]
    Empty,
    /// A character that Code 128 does not have.
    #[error("`{character}` at character {at} has no bars in Code 128; use ASCII characters only")]
    NotAscii {
        /// The character.
        character: char,
        /// Its place, counted from 0.
        at: usize,
    },
    /// More than [`CHARACTERS_MAX`].
    #[error("{characters} characters are too many for one Code 128; use at most {CHARACTERS_MAX}")]
    TooLong {
        /// How many there are.
        characters: usize,
    },
}

/// The bars of a text.
///
/// # Errors
/// [`Code128Error`] where the text is empty, too long, or not ASCII.
pub fn plain(text: &str) -> Result<Bars, Code128Error> {
    bars(&characters(text)?)
}

/// The bars of a GS1 element string: FNC1 first, and in place of each GS.
///
/// # Errors
/// [`Code128Error`] as for [`plain`].
pub fn gs1(element_string: &str) -> Result<Bars, Code128Error> {
    const GS: Character = Character::Ascii(0x1D);
    let mut message = characters(element_string)?;
    for separator in message.iter_mut().filter(|character| **character == GS) {
        *separator = Character::Fnc1;
    }
    message.insert(0, Character::Fnc1);
    bars(&message)
}

/// The bars of a message for the reader itself: FNC3 first.
///
/// # Errors
/// [`Code128Error`] as for [`plain`].
pub fn programming(command: &str) -> Result<Bars, Code128Error> {
    let mut message = vec![Character::Fnc3];
    message.extend(characters(command)?);
    bars(&message)
}

fn characters(text: &str) -> Result<Vec<Character>, Code128Error> {
    if text.is_empty() {
        return Err(Code128Error::Empty);
    }
    let character = |(at, character): (usize, char)| match u8::try_from(character) {
        Ok(byte) if byte.is_ascii() => Ok(Character::Ascii(byte)),
        _ => Err(Code128Error::NotAscii { character, at }),
    };
    text.chars().enumerate().map(character).collect()
}

/// The bars of a message.
///
/// # Errors
/// [`Code128Error`] where the message is empty or too long, or a character is above 127.
pub fn bars(message: &[Character]) -> Result<Bars, Code128Error> {
    let mut values = values(message)?;
    values.push(check(&values));
    values.push(STOP);
    let widths = values
        .iter()
        .flat_map(|value| WIDTHS[usize::from(*value)].bytes());
    Ok(Bars {
        widths: widths.map(|width| width - b'0').collect(),
        quiet: QUIET,
    })
}

/// The check character: the sum of all values, each times its place, the start character counted once.
fn check(values: &[u8]) -> u8 {
    let weights = std::iter::once(1).chain(1_u32..);
    let sum: u32 = values
        .iter()
        .zip(weights)
        .map(|(value, weight)| u32::from(*value) * weight)
        .sum();
    (sum % 103) as u8
}

/// A character set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Set {
    A,
    B,
    C,
}

/// The sets, the usual one first: of ways that are equally short, the first is taken.
const SETS: [Set; 3] = [Set::B, Set::A, Set::C];

/// The next character, or two, in the other of A and B.
const SHIFT: u8 = 98;
/// The last symbol character.
const STOP: u8 = 106;

impl Set {
    const fn start(self) -> u8 {
        match self {
            Self::A => 103,
            Self::B => 104,
            Self::C => 105,
        }
    }

    /// The value that changes to this set from both others.
    const fn change(self) -> u8 {
        match self {
            Self::A => 101,
            Self::B => 100,
            Self::C => 99,
        }
    }

    /// What `SHIFT` leads to.
    const fn shifted(self) -> Option<Self> {
        match self {
            Self::A => Some(Self::B),
            Self::B => Some(Self::A),
            Self::C => None,
        }
    }

    /// The value of what stands first, and of how many characters it is; `None` where this set does not have it.
    fn value(self, rest: &[Character]) -> Option<(u8, usize)> {
        use Character::{Ascii, Fnc1, Fnc2, Fnc3};
        match (self, rest) {
            (_, [Fnc1, ..]) => Some((102, 1)),
            (Self::A | Self::B, [Fnc2, ..]) => Some((97, 1)),
            (Self::A | Self::B, [Fnc3, ..]) => Some((96, 1)),
            (Self::A, [Ascii(byte @ 0..=31), ..]) => Some((byte + 64, 1)),
            (Self::A, [Ascii(byte @ 32..=95), ..]) => Some((byte - 32, 1)),
            (Self::B, [Ascii(byte @ 32..=127), ..]) => Some((byte - 32, 1)),
            (Self::C, [Ascii(tens @ b'0'..=b'9'), Ascii(ones @ b'0'..=b'9'), ..]) => {
                Some(((tens - b'0') * 10 + (ones - b'0'), 2))
            }
            _ => None,
        }
    }
}

/// One step through a message: an optional symbol character that leads into a set, and one that carries characters.
#[derive(Debug, Clone, Copy)]
struct Step {
    lead: Option<u8>,
    value: u8,
    taken: usize,
    after: Set,
}

/// Every way to go on from `set`: stay, change, shift.
fn steps(set: Set, rest: &[Character]) -> impl Iterator<Item = Step> {
    let change = SETS.into_iter().filter(move |other| *other != set);
    let ways = std::iter::once((None, set, set))
        .chain(change.map(|other| (Some(other.change()), other, other)))
        .chain(set.shifted().map(|other| (Some(SHIFT), other, set)));
    ways.filter_map(|(lead, used, after)| {
        let (value, taken) = used.value(rest)?;
        Some(Step {
            lead,
            value,
            taken,
            after,
        })
    })
}

/// The values of a message from the start character on, without check and stop.
fn values(message: &[Character]) -> Result<Vec<u8>, Code128Error> {
    if message.is_empty() {
        return Err(Code128Error::Empty);
    }
    if message.len() > CHARACTERS_MAX {
        return Err(Code128Error::TooLong {
            characters: message.len(),
        });
    }
    // For each place, from the end: how many symbol characters the rest takes from each set, and the step to take.
    let mut best: Vec<[(usize, Option<Step>); 3]> = vec![[(0, None); 3]; message.len() + 1];
    for at in (0..message.len()).rev() {
        for set in SETS {
            let ways = steps(set, &message[at..]).map(|step| {
                let behind = best[at + step.taken][step.after as usize].0;
                (behind + 1 + usize::from(step.lead.is_some()), Some(step))
            });
            let Some(way) = ways.min_by_key(|(count, _)| *count) else {
                return Err(no_bars(message[at], at));
            };
            best[at][set as usize] = way;
        }
    }
    // The start character leads into a set; to begin with a change is never shorter than to start there.
    let mut set = SETS[0];
    for other in SETS {
        if best[0][other as usize].0 < best[0][set as usize].0 {
            set = other;
        }
    }
    let mut values = vec![set.start()];
    let mut at = 0;
    while let Some(step) = best[at][set as usize].1 {
        values.extend(step.lead);
        values.push(step.value);
        at += step.taken;
        set = step.after;
    }
    Ok(values)
}

fn no_bars(character: Character, at: usize) -> Code128Error {
    match character {
        Character::Ascii(byte) => Code128Error::NotAscii {
            character: char::from(byte),
            at,
        },
        _ => unreachable!("sets A and B have every function character"),
    }
}

/// Widths of each symbol character (ISO/IEC 15417:2007, table 1): bar, gap, bar, gap, bar, gap, and for the stop one
/// bar more.
pub(super) const WIDTHS: [&str; 107] = [
    "212222", "222122", "222221", "121223", "121322", "131222", "122213", "122312", "132212", "221213",
    "221312", "231212", "112232", "122132", "122231", "113222", "123122", "123221", "223211", "221132",
    "221231", "213212", "223112", "312131", "311222", "321122", "321221", "312212", "322112", "322211",
    "212123", "212321", "232121", "111323", "131123", "131321", "112313", "132113", "132311", "211313",
    "231113", "231311", "112133", "112331", "132131", "113123", "113321", "133121", "313121", "211331",
    "231131", "213113", "213311", "213131", "311123", "311321", "331121", "312113", "312311", "332111",
    "314111", "221411", "431111", "111224", "111422", "121124", "121421", "141122", "141221", "112214",
    "112412", "122114", "122411", "142112", "142211", "241211", "221114", "413111", "241112", "134111",
    "111242", "121142", "121241", "114212", "124112", "124211", "411212", "421112", "421211", "212141",
    "214121", "412121", "111143", "111341", "131141", "114113", "114311", "411113", "411311", "113141",
    "114131", "311141", "411131", "211412", "211214", "211232", "2331112",
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_character_is_eleven_modules_and_like_no_other() {
        let different: BTreeSet<_> = WIDTHS.iter().collect();
        assert_eq!(different.len(), WIDTHS.len());
        for (value, widths) in WIDTHS.iter().enumerate() {
            let sum = |from: usize| -> u32 {
                let widths = widths.bytes().skip(from).step_by(if from == 0 { 1 } else { 2 });
                widths.map(|width| u32::from(width - b'0')).sum()
            };
            let is_stop = value == usize::from(STOP);
            assert_eq!(sum(0), if is_stop { 13 } else { 11 }, "{value}");
            // Gaps are odd in sum, and so bars are even, by which a reader finds a misread character.
            assert!(is_stop || sum(1) % 2 == 1, "{value}");
        }
    }

    #[test]
    fn messages_take_as_few_symbol_characters_as_they_can() {
        let cases: &[(&str, &[u8])] = &[
            ("AB", &[104, 33, 34]),
            ("ab1", &[104, 65, 66, 17]),
            // Two digits alone are one symbol character, three are no shorter in pairs.
            ("12", &[105, 12]),
            ("123", &[104, 17, 18, 19]),
            ("1234", &[105, 12, 34]),
            ("A1234", &[104, 33, 99, 12, 34]),
            ("A123456B", &[104, 33, 99, 12, 34, 56, 100, 34]),
            ("A12B", &[104, 33, 17, 18, 34]),
            // A control character amid small letters is a shift, several are a change.
            ("a\rb", &[104, 65, 98, 77, 66]),
            ("\r\nA", &[103, 77, 74, 33]),
            ("a\r\n\r\n", &[104, 65, 101, 77, 74, 77, 74]),
            ("\u{0}\u{1F}_\u{7F}", &[103, 64, 95, 63, 100, 95]),
        ];
        for (text, expected) in cases {
            let values = values(&characters(text).unwrap()).unwrap();
            assert_eq!(values, *expected, "{text:?}");
        }
    }

    #[test]
    fn function_characters_have_their_places() {
        let of = |bars: Result<Bars, Code128Error>| super::super::read_back::values(&bars.unwrap());
        assert_eq!(of(gs1("0109")), [105, 102, 1, 9]);
        assert_eq!(of(gs1("10A\u{1D}21B")), [104, 102, 17, 16, 33, 102, 18, 17, 34]);
        assert_eq!(of(programming("AB")), [104, 96, 33, 34]);
        // GS is FNC1 in an element string only.
        assert_eq!(of(plain("\u{1D}A")), [103, 93, 33]);
        assert_eq!(
            of(bars(&[Character::Fnc2, Character::Ascii(b'A')])),
            [104, 97, 33]
        );
    }

    #[test]
    fn what_has_no_bars_is_told() {
        let told = |text: &str| plain(text).unwrap_err().to_string();
        assert_eq!(told(""), "an empty text has no bars; give at least one character");
        assert_eq!(
            told("Aä"),
            "`ä` at character 1 has no bars in Code 128; use ASCII characters only"
        );
        assert!(plain(&"A".repeat(CHARACTERS_MAX)).is_ok());
        assert_eq!(
            told(&"A".repeat(CHARACTERS_MAX + 1)),
            "129 characters are too many for one Code 128; use at most 128"
        );
        assert!(bars(&[Character::Ascii(200)]).is_err());
    }
}
