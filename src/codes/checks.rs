//! The checks of a value: lengths and character sets by its parts, then what each part's meaning demands.

use crate::ai::{Check, Entry, Part};
use crate::charset::CharSet;
use crate::check_digit;
use crate::coupon;
use crate::date::{self, Century};
use crate::fault::FaultCode;
use crate::lists;

/// What a broken value is told with: the code, and where in the value the part concerned begins.
pub(crate) type Broken = (FaultCode, usize);

/// Checks a value against its entry. `Ok(true)` where it breaks a rule that is tolerated.
pub(crate) fn value(entry: &Entry, value: &[u8], century: Century) -> Result<bool, Broken> {
    if let [part] = entry.parts {
        if value.len() < usize::from(part.min) {
            return Err((FaultCode::TooShort, 0));
        }
        if value.len() > usize::from(part.max) {
            return Err((FaultCode::TooLong, 0));
        }
        return check_part(part, value, century);
    }
    parts(entry, value, century)
}

/// A value of several parts, cut one after the other.
fn parts(entry: &Entry, value: &[u8], century: Century) -> Result<bool, Broken> {
    let (mut rest, mut at, mut tolerated) = (value, 0, false);
    for part in entry.parts {
        if rest.is_empty() && part.optional {
            break;
        }
        let length = rest.len().min(usize::from(part.max));
        let (head, tail) = rest.split_at(length);
        if length < usize::from(part.min) {
            let code = if part.set.has_all(head) {
                FaultCode::TooShort
            } else {
                FaultCode::Charset
            };
            return Err((
                code,
                if code == FaultCode::TooShort {
                    0
                } else {
                    at + foreign(part, head)
                },
            ));
        }
        tolerated |= check_part(part, head, century).map_err(|(code, inner)| (code, at + inner))?;
        (rest, at) = (tail, at + length);
    }
    if rest.is_empty() {
        Ok(tolerated)
    } else {
        Err((FaultCode::TooLong, 0))
    }
}

fn check_part(part: &Part, text: &[u8], century: Century) -> Result<bool, Broken> {
    if !part.set.has_all(text) {
        return Err((FaultCode::Charset, foreign(part, text)));
    }
    if part.set == CharSet::Set64
        && let Some(at) = misplaced_padding(text)
    {
        return Err((FaultCode::Charset, at));
    }
    for check in part.checks {
        if let Err(code) = passes(*check, text, century) {
            return if is_no_time(*check, text) {
                Ok(true)
            } else {
                Err((code, 0))
            };
        }
    }
    Ok(false)
}

/// Where a `=` of base64url stands that is not one of at most two at the end.
fn misplaced_padding(text: &[u8]) -> Option<usize> {
    const PADDING_MAX: usize = 2;
    let padding = text.iter().rev().take_while(|&&byte| byte == b'=').count();
    let body = text.len() - padding.min(PADDING_MAX);
    text.iter().take(body).position(|&byte| byte == b'=')
}

/// Delivery times are often written as 9999 for none: their date counts all the same. Only those have an entry
/// with this check.
fn is_no_time(check: Check, text: &[u8]) -> bool {
    check == Check::HourMinuteOrNone && text == b"9999"
}

/// Where the first character stands that is not of the part's set.
fn foreign(part: &Part, text: &[u8]) -> usize {
    text.iter()
        .position(|&byte| !part.set.has(byte))
        .unwrap_or_default()
}

fn passes(check: Check, text: &[u8], century: Century) -> Result<(), FaultCode> {
    let (right, code) = match check {
        Check::CheckDigit => (check_digit::is_valid(text), FaultCode::CheckDigit),
        Check::CheckPair => (check_digit::is_pair_valid(text), FaultCode::CheckCharacters),
        Check::Prefix => (has_prefix(text), FaultCode::CompanyPrefix),
        Check::PrefixAfterFirst => (text.get(1..).is_some_and(has_prefix), FaultCode::CompanyPrefix),
        Check::Day => (century.is_yymmdd(text, false), FaultCode::Date),
        Check::DayOrMonth => (century.is_yymmdd(text, true), FaultCode::Date),
        Check::LongDay => (date::is_yyyymmdd(text), FaultCode::Date),
        Check::HourMinute | Check::HourMinuteOrNone => (is_hour_minute(text), FaultCode::Time),
        Check::Hour => (below(text, 24), FaultCode::Time),
        Check::Minute | Check::Second => (below(text, 60), FaultCode::Time),
        Check::Country => (lists::is_country(text), FaultCode::Country),
        Check::CountryOr999 => (text == b"999" || lists::is_country(text), FaultCode::Country),
        Check::CountryLetters => (lists::is_country_letters(text), FaultCode::Country),
        Check::Currency => (lists::is_currency(text), FaultCode::Currency),
        Check::Iban => (is_iban(text), FaultCode::Iban),
        Check::Latitude => (number(text) <= 1_800_000_000, FaultCode::Coordinate),
        Check::Longitude => (number(text) <= 3_600_000_000, FaultCode::Coordinate),
        Check::PieceOfTotal => (is_piece_of_total(text), FaultCode::PieceOfTotal),
        Check::PositionInSequence => (is_position_in_sequence(text), FaultCode::PieceOfTotal),
        Check::HasNonDigit => (!text.iter().all(u8::is_ascii_digit), FaultCode::Value),
        Check::NonZero => (text.iter().any(|&byte| byte != b'0'), FaultCode::Value),
        Check::Zero => (text.iter().all(|&byte| byte == b'0'), FaultCode::Value),
        Check::NoLeadingZero => (text.first() != Some(&b'0'), FaultCode::Value),
        Check::YesNo => (matches!(text, b"0" | b"1"), FaultCode::Value),
        Check::Winding => (matches!(text, b"0" | b"1" | b"9"), FaultCode::Value),
        Check::Hyphen => (text.iter().all(|&byte| byte == b'-'), FaultCode::Value),
        Check::Sex => (matches!(text, b"0" | b"1" | b"2" | b"9"), FaultCode::Value),
        Check::ImporterIndex => (is_importer_index(text), FaultCode::Value),
        Check::MediaType => (lists::is_media_type(text), FaultCode::Value),
        Check::PackageType => (lists::is_package_type(text), FaultCode::Value),
        Check::PercentEncoded => (is_percent_encoded(text), FaultCode::PercentEncoding),
        Check::Coupon => (coupon::is_coupon(text), FaultCode::Coupon),
        Check::CouponOffer => (coupon::is_offer(text), FaultCode::Coupon),
    };
    if right { Ok(()) } else { Err(code) }
}

fn has_prefix(text: &[u8]) -> bool {
    text.get(..4)
        .is_some_and(|digits| digits.iter().all(u8::is_ascii_digit))
}

/// The number that at most 19 digits make; the character set was checked before.
fn number(digits: &[u8]) -> u64 {
    digits.iter().fold(0u64, |number, byte| {
        number
            .wrapping_mul(10)
            .wrapping_add(u64::from(byte.wrapping_sub(b'0')))
    })
}

fn below(digits: &[u8], limit: u64) -> bool {
    number(digits) < limit
}

fn is_hour_minute(digits: &[u8]) -> bool {
    matches!(digits.split_at_checked(2), Some((hour, minute)) if below(hour, 24) && below(minute, 60))
}

fn is_piece_of_total(digits: &[u8]) -> bool {
    let (piece, total) = digits.split_at(digits.len() / 2);
    piece.len() == total.len() && number(piece) > 0 && number(piece) <= number(total)
}

fn is_position_in_sequence(text: &[u8]) -> bool {
    let Some(slash) = text.iter().position(|&byte| byte == b'/') else {
        return false;
    };
    let (position, end) = (
        text.get(..slash).unwrap_or_default(),
        text.get(slash + 1..).unwrap_or_default(),
    );
    let is_number = |text: &[u8]| {
        text.first().is_some_and(|&first| first != b'0')
            && text.len() <= 19
            && text.iter().all(u8::is_ascii_digit)
    };
    is_number(position) && is_number(end) && number(position) <= number(end)
}

fn is_importer_index(text: &[u8]) -> bool {
    matches!(text, [byte] if byte.is_ascii_alphanumeric() || *byte == b'-' || *byte == b'_')
}

fn is_percent_encoded(text: &[u8]) -> bool {
    let mut rest = text.iter();
    while let Some(&byte) = rest.next() {
        if byte == b'%'
            && !(rest.next().is_some_and(u8::is_ascii_hexdigit)
                && rest.next().is_some_and(u8::is_ascii_hexdigit))
        {
            return false;
        }
    }
    true
}

/// ISO 13616: country, check digits, account; mod 97 of the rearranged number is 1.
fn is_iban(text: &[u8]) -> bool {
    let Some((head, account)) = text.split_at_checked(4) else {
        return false;
    };
    if !(11..=34).contains(&text.len()) || !head.get(..2).is_some_and(lists::is_country_letters) {
        return false;
    }
    let mut rest = 0u32;
    for &byte in account.iter().chain(head) {
        rest = match byte {
            b'0'..=b'9' => rest * 10 + u32::from(byte - b'0'),
            b'A'..=b'Z' => rest * 100 + u32::from(byte - b'A') + 10,
            _ => return false,
        } % 97;
    }
    rest == 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn padding_stands_at_the_end() {
        assert_eq!(misplaced_padding(b"abc"), None);
        assert_eq!(misplaced_padding(b"abc=="), None);
        assert_eq!(misplaced_padding(b"abc==="), Some(3));
        assert_eq!(misplaced_padding(b"a=bc="), Some(1));
        assert_eq!(misplaced_padding(b"==="), Some(0));
    }
}
