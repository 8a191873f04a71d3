//! The inner structure of North American coupon codes: the part that every coupon has.
//!
//! Source: GS1 US, "North American Coupon Application Guideline Using GS1 DataBar Expanded Symbols", the required
//! fields of AI 8110; the same for the positive offer file, AI 8112. The optional fields of 8110 (further
//! purchases, dates, serial, retailer, rules of the offer) are read as digits only: a till judges them, not a
//! warehouse.

/// Takes digits off the front.
struct Digits<'a>(&'a [u8]);

impl<'a> Digits<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (head, tail) = self.0.split_at_checked(count)?;
        self.0 = tail;
        Some(head)
    }

    /// One digit that must be within a range.
    fn one(&mut self, allowed: std::ops::RangeInclusive<u8>) -> Option<usize> {
        let digit = self.take(1)?.first()?.checked_sub(b'0')?;
        allowed.contains(&digit).then_some(usize::from(digit))
    }

    /// Company prefix behind its length indicator (0 for 6 digits to 6 for 12), then the offer code.
    fn prefix_and_offer(&mut self) -> Option<()> {
        let longer = self.one(0..=6)?;
        self.take(6 + longer)?;
        self.take(6).map(|_| ())
    }

    /// A number behind its length indicator, 1 to 5.
    fn number(&mut self) -> Option<()> {
        let length = self.one(1..=5)?;
        self.take(length).map(|_| ())
    }
}

/// Whether a value of AI 8110 has the required fields of a coupon.
pub(crate) fn is_coupon(value: &[u8]) -> bool {
    let required = || {
        let mut digits = Digits(value);
        digits.prefix_and_offer()?;
        digits.number()?;
        digits.number()?;
        digits.one(0..=9).filter(|code| matches!(code, 0..=4 | 9))?;
        digits.take(3)?;
        // Optional fields begin with their number, 1 to 6 or 9.
        digits.0.is_empty().then_some(()).or_else(|| {
            digits
                .one(1..=9)
                .filter(|field| !matches!(field, 7 | 8))
                .map(|_| ())
        })
    };
    value.iter().all(u8::is_ascii_digit) && required().is_some()
}

/// Whether a value of AI 8112 has the fields of a coupon in the positive offer file.
pub(crate) fn is_offer(value: &[u8]) -> bool {
    let required = || {
        let mut digits = Digits(value);
        digits.one(0..=1)?;
        digits.prefix_and_offer()?;
        let longer = digits.one(0..=9)?;
        digits.take(6 + longer)?;
        digits.0.is_empty().then_some(())
    };
    value.iter().all(u8::is_ascii_digit) && required().is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn required_fields_of_coupons() {
        // Prefix 614141, offer 123456, save 50, buy 1, code 0, family 000.
        assert!(is_coupon(b"0614141123456250110000"));
        assert!(is_coupon(b"06141411234562501100003271231"));
        assert!(!is_coupon(b"0614141123456250110"));
        assert!(!is_coupon(b"7614141123456250110000"));
        assert!(!is_coupon(b"0614141123456250115000"));
        assert!(!is_coupon(b"06141411234562501100007"));
        assert!(!is_coupon(b"061414112345625011000A"));
    }

    #[test]
    fn fields_of_the_positive_offer_file() {
        assert!(is_offer(b"006141411234560654321"));
        assert!(!is_offer(b"00614141123456065432"));
        assert!(!is_offer(b"206141411234560654321"));
        assert!(!is_offer(b"0061414112345606543210"));
    }
}
