//! Fields that hold a number with decimals: measures, prices, amounts, percentages.
//!
//! The last digit of their AI says how many of the value's digits are decimals. Numbers stay whole, with their
//! scale beside them: nothing is rounded.

use std::fmt;

use crate::ai;

/// A number with decimals, as a field holds it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Amount<'a> {
    /// The numeric currency code (ISO 4217), where the field has one.
    pub currency: Option<&'a str>,
    /// The number in units of its last decimal.
    pub units: u64,
    /// How many decimals it has.
    pub decimals: u8,
}

impl<'a> Amount<'a> {
    /// The number in a field; `None` where the AI holds none, or the value is no number.
    pub fn of(ai: &str, value: &'a str) -> Option<Self> {
        let entry = ai::find(ai.as_bytes()).filter(|entry| entry.decimals)?;
        let decimals = ai.bytes().last()?.checked_sub(b'0')?;
        let (currency, digits) = match entry.parts {
            [_, _] => value
                .split_at_checked(3)
                .map(|(currency, digits)| (Some(currency), digits))?,
            _ => (None, value),
        };
        let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        let units = digits.parse().ok().filter(|_| plain)?;
        Some(Self {
            currency,
            units,
            decimals,
        })
    }
}

impl fmt::Display for Amount<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let places = usize::from(self.decimals);
        let scale = 10u64.saturating_pow(u32::from(self.decimals));
        if places == 0 {
            return write!(formatter, "{}", self.units);
        }
        write!(
            formatter,
            "{}.{:0places$}",
            self.units / scale,
            self.units % scale
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(ai: &str, value: &str) -> Option<String> {
        Amount::of(ai, value).map(|amount| amount.to_string())
    }

    #[test]
    fn the_last_digit_counts_the_decimals() {
        assert_eq!(text("3103", "001250").as_deref(), Some("1.250"));
        assert_eq!(text("3100", "001250").as_deref(), Some("1250"));
        assert_eq!(text("3922", "5").as_deref(), Some("0.05"));
        assert_eq!(
            text("3909", "999999999999999").as_deref(),
            Some("999999.999999999")
        );
        assert_eq!(
            Amount::of("3932", "9781250").and_then(|amount| amount.currency),
            Some("978")
        );
        assert_eq!(text("3932", "9781250").as_deref(), Some("12.50"));
        for (ai, value) in [
            ("37", "12"),
            ("3932", "97"),
            ("3103", "00x250"),
            ("3103", ""),
            ("", ""),
            ("8005", "000123"),
        ] {
            assert_eq!(text(ai, value), None, "{ai} {value}");
        }
    }
}
