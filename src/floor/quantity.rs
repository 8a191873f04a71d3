//! Quantities: exact, in millionths of the item's base unit, never floating point.

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, AddAssign, Neg, Sub, SubAssign};

use serde::{Deserialize, Serialize};

/// How much of an item, in its base unit. Counts pieces exactly and weights to the millionth, which covers
/// every decimal GS1 application identifier; sums of it are plain integer sums in both databases.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Quantity(i64);

/// Millionths in one.
const MICRO: i64 = 1_000_000;

impl Quantity {
    /// None.
    pub const ZERO: Self = Self(0);
    /// One base unit.
    pub const ONE: Self = Self(MICRO);
    /// The most one confirmation may carry: a billion base units. A larger number is a typing error.
    pub const MAX: Self = Self(1_000_000_000 * MICRO);

    /// A whole number of base units; `None` beyond what fits (about 9.2 million million).
    pub const fn whole(units: i64) -> Option<Self> {
        match units.checked_mul(MICRO) {
            Some(micro) => Some(Self(micro)),
            None => None,
        }
    }

    /// From millionths of the base unit.
    pub const fn from_micro(micro: i64) -> Self {
        Self(micro)
    }

    /// In millionths of the base unit: the form that is stored.
    pub const fn micro(self) -> i64 {
        self.0
    }

    /// The number of whole base units, if it is whole.
    pub const fn as_whole(self) -> Option<i64> {
        if self.0 % MICRO == 0 {
            Some(self.0 / MICRO)
        } else {
            None
        }
    }

    /// Whether it is none.
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// Whether it is more than none.
    pub const fn is_positive(self) -> bool {
        self.0 > 0
    }

    /// This quantity `times` over; `None` when it does not fit.
    pub const fn times(self, times: i64) -> Option<Self> {
        match self.0.checked_mul(times) {
            Some(micro) => Some(Self(micro)),
            None => None,
        }
    }

    /// Without its sign.
    pub const fn abs(self) -> Self {
        Self(self.0.saturating_abs())
    }

    /// Reads a decimal number as people type it: digits, at most one `.` or `,`, at most six decimals.
    /// `None` for anything else, a sign included.
    pub fn parse(text: &str) -> Option<Self> {
        let (whole, decimals) = text.split_once(['.', ',']).unwrap_or((text, ""));
        let digits_only = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if (whole.is_empty() && decimals.is_empty()) || decimals.len() > 6 {
            return None;
        }
        if !digits_only(whole) || !digits_only(decimals) {
            return None;
        }
        let units: i64 = if whole.is_empty() { 0 } else { whole.parse().ok()? };
        let micro: i64 = format!("{decimals:0<6}").parse().ok()?;
        units.checked_mul(MICRO)?.checked_add(micro).map(Self)
    }
}

impl Quantity {
    /// Reads a sum as people type it on a keypad: numbers as [`Self::parse`] takes them, joined by `+`, `-` and `*`
    /// (`3*12+4`); a product goes before a sum. `None` for anything else, and where the result is negative, no exact
    /// figure, or too large.
    pub fn evaluate(text: &str) -> Option<Self> {
        let mut sum: i128 = 0;
        let mut rest = text;
        let mut sign = 1;
        loop {
            let end = rest.find(['+', '-']).unwrap_or(rest.len());
            let (term, behind) = rest.split_at_checked(end)?;
            sum = sum.checked_add(sign * product(term)?)?;
            let Some(operator) = behind.chars().next() else {
                break;
            };
            sign = if operator == '+' { 1 } else { -1 };
            rest = behind.get(1..)?;
        }
        let micro = i64::try_from(sum).ok().filter(|micro| *micro >= 0)?;
        Some(Self(micro))
    }
}

/// The product of numbers joined by `*`, in millionths; `None` where it is no exact figure or far too large.
fn product(text: &str) -> Option<i128> {
    let mut factors = text.split('*').map(Quantity::parse);
    let first = i128::from(factors.next()??.micro());
    factors.try_fold(first, |product, factor| {
        let product = product.checked_mul(i128::from(factor?.micro()))?;
        let is_exact = product % i128::from(MICRO) == 0;
        is_exact.then_some(product / i128::from(MICRO))
    })
}

impl fmt::Display for Quantity {
    /// As people read it: no trailing zeros, a point before decimals.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let absolute = self.0.unsigned_abs();
        let (whole, micro) = (absolute / MICRO.unsigned_abs(), absolute % MICRO.unsigned_abs());
        if micro == 0 {
            return formatter.pad(&format!("{sign}{whole}"));
        }
        let decimals = format!("{micro:06}");
        formatter.pad(&format!("{sign}{whole}.{}", decimals.trim_end_matches('0')))
    }
}

impl Add for Quantity {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl Sub for Quantity {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

impl Neg for Quantity {
    type Output = Self;
    fn neg(self) -> Self {
        Self(self.0.saturating_neg())
    }
}

impl AddAssign for Quantity {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl SubAssign for Quantity {
    fn sub_assign(&mut self, other: Self) {
        *self = *self - other;
    }
}

impl Sum for Quantity {
    fn sum<I: Iterator<Item = Self>>(quantities: I) -> Self {
        quantities.fold(Self::ZERO, Add::add)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_are_understood_as_people_type_them() {
        for (text, expected) in [
            ("12", "12"),
            ("3*12+4", "40"),
            ("4+3*12", "40"),
            ("2*3*4-20", "4"),
            ("0,5*3", "1.5"),
            ("5-5", "0"),
            ("1.25+1.25", "2.5"),
        ] {
            let sum = Quantity::evaluate(text).map(|sum| sum.to_string());
            assert_eq!(sum.as_deref(), Some(expected), "{text}");
        }
        for text in [
            "",
            "+",
            "3*",
            "*3",
            "1--2",
            "3-4",
            "1e3",
            "0.001*0.0001",
            "12 + 4",
            "9999999999999999999",
            "9000000000000*9000000000000",
        ] {
            assert_eq!(Quantity::evaluate(text), None, "{text}");
        }
    }
}
