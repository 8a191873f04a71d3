//! GS1 dates: six digits, a sliding century, and day 00.

use jiff::civil::Date;

/// How two-digit years are resolved: the year of the day they are read on, and nothing else.
///
/// The rule of the GS1 General Specifications, section 7.12: a year 51 or more ahead belongs to the last century,
/// one 50 or more behind to the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Century {
    year: i16,
}

impl Century {
    /// The rule as it holds on this day.
    pub fn of(today: Date) -> Self {
        Self { year: today.year() }
    }

    /// The year that two digits, 0 to 99, mean.
    pub fn year(self, yy: u8) -> i16 {
        let of_century = self.year.rem_euclid(100);
        let ahead = i16::from(yy) - of_century;
        let slide = if ahead >= 51 {
            -100
        } else if ahead <= -50 {
            100
        } else {
            0
        };
        self.year - of_century + i16::from(yy) + slide
    }

    /// Whether six digits are a day of the calendar; day 00 only where `month_allowed`.
    pub(crate) fn is_yymmdd(self, digits: &[u8], month_allowed: bool) -> bool {
        let Some([yy, month, day]) = pairs(digits) else {
            return false;
        };
        is_day(|| self.year(yy), month, day, month_allowed)
    }
}

/// Whether eight digits YYYYMMDD are a day of the calendar.
pub(crate) fn is_yyyymmdd(digits: &[u8]) -> bool {
    let Some([century, yy, month, day]) = pairs(digits) else {
        return false;
    };
    is_day(|| i16::from(century) * 100 + i16::from(yy), month, day, false)
}

/// The longest each month gets; month 0 is none.
const DAYS: [u8; 13] = [0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/// Whether day and month are of the calendar; the year is asked for only on the 29th of February.
fn is_day(year: impl FnOnce() -> i16, month: u8, day: u8, month_allowed: bool) -> bool {
    let Some(&longest) = DAYS.get(usize::from(month)) else {
        return false;
    };
    if longest == 0 || day > longest || (day == 0 && !month_allowed) {
        return false;
    }
    month != 2 || day != 29 || Date::new(year(), 2, 29).is_ok()
}

/// The numbers that N pairs of digits make; `None` for any other text.
fn pairs<const N: usize>(digits: &[u8]) -> Option<[u8; N]> {
    let (pairs, []) = digits.as_chunks::<2>() else {
        return None;
    };
    let mut numbers = [0; N];
    if pairs.len() != N {
        return None;
    }
    for (number, [tens, ones]) in numbers.iter_mut().zip(pairs) {
        if !tens.is_ascii_digit() || !ones.is_ascii_digit() {
            return None;
        }
        *number = (tens - b'0') * 10 + (ones - b'0');
    }
    Some(numbers)
}

/// Resolves YYMMDD against `today` by the century rule of the GS1 General Specifications, section 7.12: a year
/// 51 or more ahead belongs to the last century, one 50 or more behind to the next. Day 00 is the last day of
/// the month. `None` unless it is a calendar date.
pub fn resolve_yymmdd(digits: &str, today: Date) -> Option<Date> {
    let [yy, month, day] = pairs::<3>(digits.as_bytes())?;
    let (month, day) = (i8::try_from(month).ok()?, i8::try_from(day).ok()?);
    let year = Century::of(today).year(yy);
    if day == 0 {
        return Date::new(year, month, 1).ok().map(|first| first.last_of_month());
    }
    Date::new(year, month, day).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn the_century_slides_with_the_year() {
        let today = date(2026, 11, 23);
        let resolved = |digits| resolve_yymmdd(digits, today);
        assert_eq!(resolved("271231"), Some(date(2027, 12, 31)));
        assert_eq!(resolved("760101"), Some(date(2076, 1, 1)));
        assert_eq!(resolved("770101"), Some(date(1977, 1, 1)));
        assert_eq!(resolve_yymmdd("250101", date(2076, 1, 1)), Some(date(2125, 1, 1)));
        assert_eq!(resolve_yymmdd("260101", date(2076, 1, 1)), Some(date(2126, 1, 1)));
        assert_eq!(resolve_yymmdd("270101", date(2076, 1, 1)), Some(date(2027, 1, 1)));
    }

    #[test]
    fn day_00_is_the_end_of_the_month() {
        let today = date(2026, 11, 23);
        assert_eq!(resolve_yymmdd("280200", today), Some(date(2028, 2, 29)));
        assert_eq!(resolve_yymmdd("270200", today), Some(date(2027, 2, 28)));
        for bad in [
            "270229", "271301", "270001", "270132", "27013", "2701311", "27x131", "", "2701é",
        ] {
            assert_eq!(resolve_yymmdd(bad, today), None, "{bad}");
        }
    }

    #[test]
    fn the_fast_test_agrees_with_the_calendar() {
        let today = date(2026, 11, 23);
        let century = Century::of(today);
        for number in 0..1_000_000 {
            let digits = format!("{number:06}");
            assert_eq!(
                century.is_yymmdd(digits.as_bytes(), true),
                resolve_yymmdd(&digits, today).is_some(),
                "{digits}"
            );
        }
    }
}
