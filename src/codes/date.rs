//! GS1 dates: six digits, a sliding century, and day 00.

use jiff::civil::Date;

/// Resolves YYMMDD against `today` by the century rule of the GS1 General Specifications, section 7.12: a year
/// 51 or more ahead belongs to the last century, one 50 or more behind to the next. Day 00 is the last day of
/// the month. `None` unless it is a calendar date.
pub fn resolve_yymmdd(digits: &str, today: Date) -> Option<Date> {
    if digits.len() != 6 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let yy: i16 = digits[0..2].parse().ok()?;
    let month: i8 = digits[2..4].parse().ok()?;
    let day: i8 = digits[4..6].parse().ok()?;
    let century = today.year() - today.year().rem_euclid(100);
    let ahead = yy - today.year().rem_euclid(100);
    let year = century
        + yy
        + if ahead >= 51 {
            -100
        } else if ahead <= -50 {
            100
        } else {
            0
        };
    if day == 0 {
        return Date::new(year, month, 1).ok().map(|first| first.last_of_month());
    }
    Date::new(year, month, day).ok()
}
