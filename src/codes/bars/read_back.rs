//! A small reader of Code 128, which knows the table of bars and nothing else of the encoder: what was drawn is read
//! back.

use proptest::prelude::*;

use super::code_128::{self, Character, WIDTHS};
use super::{Bars, code_128::CHARACTERS_MAX};

/// The values of a symbol without check and stop, both of which must be right.
pub(super) fn values(bars: &Bars) -> Vec<u8> {
    let (body, stop) = bars.widths().split_at(bars.widths().len() - 7);
    assert_eq!(stop, [2, 3, 3, 1, 1, 1, 2], "the stop character");
    let mut values: Vec<u8> = body
        .chunks(6)
        .map(|widths| {
            let text: String = widths.iter().map(|width| char::from(b'0' + width)).collect();
            let value = WIDTHS.iter().position(|known| *known == text);
            u8::try_from(value.unwrap_or_else(|| panic!("{text} is no character"))).unwrap()
        })
        .collect();
    let check = usize::from(values.pop().unwrap());
    let mut sum = usize::from(values[0]);
    for (place, value) in values.iter().enumerate() {
        sum += place * usize::from(*value);
    }
    assert_eq!(sum % 103, check, "the check character");
    values
}

/// What a scanner makes of a symbol: tables of ISO/IEC 15417 by hand, one set after the other.
fn read(bars: &Bars) -> Vec<Character> {
    let values = values(bars);
    let mut set = match values[0] {
        103 => 'A',
        104 => 'B',
        105 => 'C',
        other => panic!("{other} starts nothing"),
    };
    let mut shifted = None;
    let mut message = Vec::new();
    for value in &values[1..] {
        let now = shifted.take().unwrap_or(set);
        match (now, value) {
            (_, 102) => message.push(Character::Fnc1),
            ('C', 0..=99) => {
                message.push(Character::Ascii(b'0' + value / 10));
                message.push(Character::Ascii(b'0' + value % 10));
            }
            ('A', 64..=95) => message.push(Character::Ascii(value - 64)),
            ('A' | 'B', 0..=95) => message.push(Character::Ascii(value + 32)),
            ('A' | 'B', 96) => message.push(Character::Fnc3),
            ('A' | 'B', 97) => message.push(Character::Fnc2),
            ('A', 98) => shifted = Some('B'),
            ('B', 98) => shifted = Some('A'),
            ('A' | 'B', 99) => set = 'C',
            ('A' | 'C', 100) => set = 'B',
            ('B' | 'C', 101) => set = 'A',
            other => panic!("{other:?} is nothing"),
        }
    }
    message
}

fn ascii(text: &str) -> Vec<Character> {
    text.bytes().map(Character::Ascii).collect()
}

#[test]
fn every_ascii_character_is_read_back_alone_and_among_others() {
    for byte in 0..128 {
        for text in [
            vec![byte],
            vec![b'a', byte, b'a'],
            vec![b'1', b'2', byte, b'3', b'4'],
            vec![0, byte],
        ] {
            let message: Vec<Character> = text.into_iter().map(Character::Ascii).collect();
            let bars = code_128::bars(&message).unwrap();
            assert_eq!(read(&bars), message, "{byte}");
        }
    }
}

#[test]
fn a_published_symbol_has_its_bars() {
    // The example of the symbology's public descriptions, drawn there in set A: PJJ123C with check 54. In set B only
    // start and check differ: the start counts one more, and so does the check.
    let dark = [
        "11010010000",
        "11101110110",
        "10110111000",
        "10110111000",
        "10011100110",
        "11001110010",
        "11001011100",
        "10001000110",
        "11101000110",
        "1100011101011",
    ]
    .concat();
    let bars = code_128::plain("PJJ123C").unwrap();
    let drawn: String = bars
        .widths()
        .iter()
        .enumerate()
        .map(|(place, width)| ["1", "0"][place % 2].repeat(usize::from(*width)))
        .collect();
    assert_eq!(drawn, dark);
    assert_eq!(read(&bars), ascii("PJJ123C"));
}

fn character() -> impl Strategy<Value = Character> {
    prop_oneof![
        4 => (b'0'..=b'9').prop_map(Character::Ascii),
        2 => (0..128_u8).prop_map(Character::Ascii),
        1 => (0..32_u8).prop_map(Character::Ascii),
        1 => (b'a'..=b'z').prop_map(Character::Ascii),
        1 => prop_oneof![Just(Character::Fnc1), Just(Character::Fnc2), Just(Character::Fnc3)],
    ]
}

/// What the usual rule of thumb needs: pairs where four digits or more stand together, else set B, and a change to A
/// and back for each control character.
fn by_rule_of_thumb(message: &[Character]) -> usize {
    let mut count = 0;
    let mut at = 0;
    while at < message.len() {
        let is_digit = |character: &&Character| matches!(character, Character::Ascii(b'0'..=b'9'));
        let digits = message[at..].iter().take_while(is_digit).count();
        if digits >= 4 {
            count += 2 + digits / 2;
            at += digits - digits % 2;
            continue;
        }
        count += if matches!(message[at], Character::Ascii(0..=31)) {
            3
        } else {
            1
        };
        at += 1;
    }
    count + 1
}

proptest! {
    #[test]
    fn any_message_is_read_back_and_is_no_longer_than_by_rule_of_thumb(
        message in prop::collection::vec(character(), 1..CHARACTERS_MAX),
    ) {
        let bars = code_128::bars(&message).unwrap();
        prop_assert_eq!(read(&bars), message.clone());
        prop_assert!(values(&bars).len() <= by_rule_of_thumb(&message));
    }
}
