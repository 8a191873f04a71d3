//! How the value of each application identifier is written in a tag of the second generation (EPC Tag Data
//! Standard 2.3, section 15 with tables F, K, B and E).

use crate::ai::Ai;

/// One part of a value and the bits it takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// So many digits, four bits each.
    Bcd(u8),
    /// A number of exactly `digits` digits in `bits` bits.
    Number { digits: u8, bits: u8 },
    /// Encoding indicator, count of characters in `count_bits`, characters.
    Text { count_bits: u8, chars_max: u8 },
    /// Count of digits in `count_bits`, then a number of as many digits.
    Counted { count_bits: u8, digits_max: u8 },
    /// Digits of four bits up to a nibble F, or up to a nibble E and a text.
    Delimited { count_bits: u8, chars_max: u8 },
    /// Year 7 bits, month 4, day 5.
    Date,
    /// A date, hour 5 bits, minute 6.
    DateTime,
    /// One bit, then one date (0) or two (1).
    DateRange,
    /// Two bits that tell how much of hour, minute and second follows the date.
    DateAndTime,
    /// Two capitals, 6 bits each.
    Letters,
    /// 0 or 1.
    Flag,
    /// A bit for a minus behind the number.
    Minus,
    /// Two digits of four bits, written with a slash between.
    Sequence,
}

/// The forms of an identifier's value, one behind the other; `None` where the standard gives none.
pub(super) fn forms(ai: Ai) -> Option<&'static [Form]> {
    let number = ai.as_str().parse::<u16>().ok()?;
    match ai.as_bytes().len() {
        2 => two_digits(number),
        3 => three_digits(number),
        _ => trade_measures(number).or_else(|| four_digits(number)),
    }
}

const fn bcd(digits: u8) -> Form {
    Form::Bcd(digits)
}

const fn number(digits: u8, bits: u8) -> Form {
    Form::Number { digits, bits }
}

const fn text(count_bits: u8, chars_max: u8) -> Form {
    Form::Text {
        count_bits,
        chars_max,
    }
}

const fn counted(count_bits: u8, digits_max: u8) -> Form {
    Form::Counted {
        count_bits,
        digits_max,
    }
}

const fn delimited(count_bits: u8, chars_max: u8) -> Form {
    Form::Delimited {
        count_bits,
        chars_max,
    }
}

/// A number of three digits: country and currency codes.
const CODE: Form = number(3, 10);

fn two_digits(ai: u16) -> Option<&'static [Form]> {
    Some(match ai {
        0 => const { &[bcd(18)] },
        1 | 2 => const { &[bcd(14)] },
        10 | 21 | 22 => const { &[text(5, 20)] },
        11..=13 | 15..=17 => &[Form::Date],
        20 => const { &[number(2, 7)] },
        30 | 37 => const { &[counted(4, 8)] },
        90 => const { &[text(5, 30)] },
        91..=99 => const { &[text(7, 90)] },
        _ => return None,
    })
}

fn three_digits(ai: u16) -> Option<&'static [Form]> {
    Some(match ai {
        235 => const { &[text(5, 28)] },
        240 | 241 | 250 | 251 | 400 | 401 | 403 => const { &[text(5, 30)] },
        242 => const { &[counted(3, 6)] },
        243 | 254 | 420 | 710..=716 => const { &[text(5, 20)] },
        253 => const { &[bcd(13), text(5, 17)] },
        255 => const { &[bcd(13), counted(4, 12)] },
        402 => const { &[number(17, 57)] },
        410..=417 => const { &[bcd(13)] },
        421 => const { &[CODE, text(4, 9)] },
        422 | 424 | 426 => &[CODE],
        423 | 425 => const { &[counted(4, 15)] },
        427 => const { &[text(2, 3)] },
        _ => return None,
    })
}

/// Measures of trade items and logistic units: the last digit is the number of decimals.
fn trade_measures(ai: u16) -> Option<&'static [Form]> {
    let decimals = ai % 10;
    Some(match ai / 10 {
        310..=316 | 320..=337 | 340..=357 | 360..=369 if decimals <= 5 => const { &[number(6, 20)] },
        390 | 392 => const { &[counted(4, 15)] },
        391 | 393 => const { &[CODE, counted(4, 15)] },
        394 if decimals <= 3 => const { &[number(4, 14)] },
        395 if decimals <= 3 => const { &[number(6, 20)] },
        _ => return None,
    })
}

fn four_digits(ai: u16) -> Option<&'static [Form]> {
    Some(match ai {
        4300 | 4301 | 4310 | 4311 | 4320 => const { &[text(6, 35)] },
        4302..=4306 | 4312..=4316 | 7257 | 8110 | 8112 | 8200 => const { &[text(7, 70)] },
        4307 | 4317 => &[Form::Letters],
        4308 | 4319 | 7002 | 7230..=7239 => const { &[text(5, 30)] },
        4309 => const { &[number(20, 67)] },
        4318 | 7020..=7022 | 7240 | 8002 | 8012 => const { &[text(5, 20)] },
        4321..=4323 => &[Form::Flag],
        4324 | 4325 | 7003 => &[Form::DateTime],
        4326 | 7006 => &[Form::Date],
        4330..=4333 => const { &[number(6, 20), Form::Minus] },
        7001 => const { &[number(13, 44)] },
        7004 => const { &[counted(3, 4)] },
        7005 => const { &[text(4, 12)] },
        7007 => &[Form::DateRange],
        7008 => const { &[text(2, 3)] },
        7009 | 7255 => const { &[text(4, 10)] },
        7010 => const { &[text(2, 2)] },
        7011 | 8008 => &[Form::DateAndTime],
        7023 | 8004 | 8010 => const { &[delimited(5, 30)] },
        7030..=7039 => const { &[CODE, text(5, 27)] },
        7040 | 7041 => const { &[text(3, 4)] },
        7241 => const { &[bcd(2)] },
        7242 | 8013 | 8020 => const { &[text(5, 25)] },
        7250 => const { &[number(8, 27)] },
        7251 => const { &[number(12, 40)] },
        7252 => const { &[number(1, 4)] },
        7253 | 7254 | 7259 => const { &[text(6, 40)] },
        7256 | 8030 => const { &[text(7, 90)] },
        7258 => &[Form::Sequence],
        8001 => const { &[number(14, 47)] },
        8003 => const { &[bcd(14), text(5, 16)] },
        8005 => const { &[number(6, 20)] },
        8006 | 8017 | 8018 | 8026 => const { &[bcd(18)] },
        8007 => const { &[text(5, 24)] },
        8009 => const { &[text(6, 50)] },
        8011 => const { &[counted(4, 12)] },
        8019 => const { &[counted(4, 10)] },
        8111 => const { &[number(4, 14)] },
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ai::ENTRIES;

    #[test]
    fn every_identifier_has_forms_but_the_newest() {
        let without: Vec<String> = ENTRIES
            .iter()
            .flat_map(|entry| entry.each_ai())
            .filter(|ai| forms(Ai::new(ai.as_bytes()).unwrap()).is_none())
            .collect();
        assert_eq!(
            without,
            [
                "03", "3954", "3955", "717", "8014", "8040", "8041", "8042", "8043"
            ]
        );
    }

    #[test]
    fn every_form_belongs_to_an_identifier() {
        for digits in [2, 3, 4] {
            for number in 0..10u32.pow(digits) {
                let ai = format!("{number:0width$}", width = digits as usize);
                if forms(Ai::new(ai.as_bytes()).unwrap()).is_some() {
                    assert!(crate::ai::find(ai.as_bytes()).is_some(), "{ai}");
                }
            }
        }
    }

    #[test]
    fn numbers_fit_their_bits() {
        for entry in &ENTRIES {
            for ai in entry.each_ai() {
                for form in forms(Ai::new(ai.as_bytes()).unwrap()).unwrap_or_default() {
                    if let Form::Number { digits, bits } = form {
                        let enough = super::super::decimal::bits_for_digits(usize::from(*digits));
                        assert_eq!(enough, usize::from(*bits), "{ai}");
                    }
                }
            }
        }
    }
}
