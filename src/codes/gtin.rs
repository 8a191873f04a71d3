//! The GTIN family: bare item numbers in 8, 12, 13 or 14 digits, UPC-E, and printed add-ons.

use std::fmt;

use crate::check_digit;
use crate::fault::FaultCode;
use crate::in_house;

/// A GTIN in 14 digits, the form in which items are compared.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Gtin([u8; 14]);

/// What the indicator, the first of 14 digits, says of an item's packaging.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Packaging {
    /// 0: the item itself, numbered in 13 digits or fewer.
    Item,
    /// 1 to 8: a grouping of items, told apart by this digit.
    Grouping(u8),
    /// 9: an item of variable measure; its weight or size stands in another field.
    VariableMeasure,
}

/// What a GTIN's prefix reserves it for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Usage {
    /// An item known by this number everywhere.
    Global,
    /// For use inside a company or region only: it means nothing elsewhere, and is no key of an EPC.
    InHouse,
    /// A coupon or refund receipt.
    Coupon,
    /// A serial publication: the digits hold an ISSN.
    Issn,
    /// A book or printed music: the number is an ISBN or ISMN.
    Isbn,
}

impl Usage {
    /// The stable word for programs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Usage::Global => "global",
            Usage::InHouse => "in_house",
            Usage::Coupon => "coupon",
            Usage::Issn => "issn",
            Usage::Isbn => "isbn",
        }
    }
}

impl Gtin {
    /// Takes 8, 12, 13 or 14 digits with their check digit. `None` for anything else.
    pub fn new(digits: &[u8]) -> Option<Self> {
        if !matches!(digits.len(), 8 | 12 | 13 | 14) || !check_digit::is_valid(digits) {
            return None;
        }
        Some(Self::padded(digits))
    }

    fn padded(digits: &[u8]) -> Self {
        let mut padded = [b'0'; 14];
        for (slot, digit) in padded.iter_mut().rev().zip(digits.iter().rev()) {
            *slot = *digit;
        }
        Self(padded)
    }

    /// The 14 digits.
    pub fn as_bytes(&self) -> &[u8; 14] {
        &self.0
    }

    /// The 14 digits as text.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// The digits as they are printed under a bar code: 14, or the leading zeros taken off down to 13, 12 or 8.
    pub fn shortest(&self) -> &str {
        let digits = self.as_str();
        let zeros = digits.bytes().take_while(|&digit| digit == b'0').count();
        let cut = match zeros {
            0 => 0,
            1 => 1,
            2..=5 => 2,
            _ => 6,
        };
        digits.get(cut..).unwrap_or(digits)
    }

    /// What the indicator says of the item's packaging.
    pub fn packaging(&self) -> Packaging {
        match self.0.first().map_or(0, |digit| digit.wrapping_sub(b'0')) {
            0 => Packaging::Item,
            9 => Packaging::VariableMeasure,
            indicator => Packaging::Grouping(indicator),
        }
    }

    /// What the prefix reserves the number for (GS1 General Specifications, section 1.4.3).
    pub fn usage(&self) -> Usage {
        let [_, digits @ ..] = &self.0;
        match digits {
            // GTIN-8, padded: those that begin with 0 or 2 are for use inside a company.
            [b'0', b'0', b'0', b'0', b'0', b'0' | b'2', ..] => Usage::InHouse,
            [b'0', b'0', b'0', b'0', b'0', ..] => Usage::Global,
            _ if in_house::is_restricted(digits) => Usage::InHouse,
            [b'0', b'5', ..] | [b'9', b'9', ..] | [b'9', b'8', b'1'..=b'4', ..] => Usage::Coupon,
            [b'9', b'7', b'7', ..] => Usage::Issn,
            [b'9', b'7', b'8' | b'9', ..] => Usage::Isbn,
            _ => Usage::Global,
        }
    }

    /// The ISSN of a serial publication, as `1234-5679`; its own check character is worked out.
    pub fn issn(&self) -> Option<String> {
        if self.usage() != Usage::Issn {
            return None;
        }
        let body = self.0.get(4..11)?;
        let sum: u32 = body
            .iter()
            .zip((2..=8).rev())
            .map(|(digit, weight)| u32::from(digit - b'0') * weight)
            .sum();
        let check = match (11 - sum % 11) % 11 {
            10 => 'X',
            digit => char::from_digit(digit, 10)?,
        };
        let digits = std::str::from_utf8(body).ok()?;
        let (first, second) = digits.split_at_checked(4)?;
        Some(format!("{first}-{second}{check}"))
    }

    /// Reads the digits of a UPC-E symbol, 6 to 8 of them, and expands them (GS1 General Specifications, section
    /// 5.2.2.4): number system and check digit may be left out, as scanners do. Six digits have neither, and the
    /// number system is 0; seven that begin with 0 or 1 have the number system, others the check digit.
    ///
    /// # Errors
    /// [`FaultCode::CheckDigit`] where a sent check digit is wrong, [`FaultCode::Charset`],
    /// [`FaultCode::TooShort`] or [`FaultCode::TooLong`] for text that is no 6 to 8 digits,
    /// [`FaultCode::Value`] for a number system that UPC-E does not have.
    pub fn from_upc_e(digits: &[u8]) -> Result<UpcE, FaultCode> {
        if !digits.iter().all(u8::is_ascii_digit) {
            return Err(FaultCode::Charset);
        }
        let sure = |gtin| UpcE { gtin, other: None };
        match (digits.len(), digits) {
            (0..6, _) => Err(FaultCode::TooShort),
            (6, body) => expand(b'0', body).map(sure),
            (7, [system @ (b'0' | b'1'), body @ ..]) => {
                let gtin = expand(*system, body)?;
                Ok(UpcE {
                    gtin,
                    other: checked(b'0', digits).ok().filter(|other| *other != gtin),
                })
            }
            (7, _) => checked(b'0', digits).map(sure),
            (8, [system @ (b'0' | b'1'), body @ ..]) => checked(*system, body).map(sure),
            (8, _) => Err(FaultCode::Value),
            _ => Err(FaultCode::TooLong),
        }
    }
}

/// A UPC-E symbol expanded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UpcE {
    /// The item number.
    pub gtin: Gtin,
    /// What the digits mean if the scanner sent the check digit and left out the number system, where that fits
    /// too. Who cares sets the scanner to send both.
    pub other: Option<Gtin>,
}

/// Expands six digits, and compares the check digit that stands behind them.
fn checked(system: u8, digits: &[u8]) -> Result<Gtin, FaultCode> {
    let (check, body) = digits.split_last().ok_or(FaultCode::TooShort)?;
    let gtin = expand(system, body)?;
    if gtin.0.last() == Some(check) {
        Ok(gtin)
    } else {
        Err(FaultCode::CheckDigit)
    }
}

/// UPC-A from number system and six digits, with its check digit.
fn expand(system: u8, body: &[u8]) -> Result<Gtin, FaultCode> {
    let &[a, b, c, d, e, last] = body else {
        return Err(FaultCode::Value);
    };
    let mut upc = match last {
        b'0'..=b'2' => [system, a, b, last, b'0', b'0', b'0', b'0', c, d, e, 0],
        b'3' => [system, a, b, c, b'0', b'0', b'0', b'0', b'0', d, e, 0],
        b'4' => [system, a, b, c, d, b'0', b'0', b'0', b'0', b'0', e, 0],
        _ => [system, a, b, c, d, e, b'0', b'0', b'0', b'0', last, 0],
    };
    if let Some((check, digits)) = upc.split_last_mut() {
        *check = check_digit::of(digits).ok_or(FaultCode::Value)?;
    }
    Ok(Gtin::padded(&upc))
}

impl fmt::Debug for Gtin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

impl fmt::Display for Gtin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gtin(digits: &str) -> Gtin {
        Gtin::new(digits.as_bytes()).unwrap()
    }

    #[test]
    fn all_forms_are_one_number() {
        assert_eq!(gtin("4006381333931"), gtin("04006381333931"));
        assert_eq!(gtin("96385074").as_str(), "00000096385074");
        assert_eq!(Gtin::new(b"4006381333932"), None);
        assert_eq!(Gtin::new(b"40063813339"), None);
        for digits in ["96385074", "036000291452", "4006381333931", "14006381333938"] {
            assert_eq!(gtin(digits).shortest(), digits);
        }
    }

    #[test]
    fn upc_e_expands_by_its_last_digit() {
        let cases = [
            ("04252614", "042100005264"),
            ("01234505", "012000003455"),
            ("01234531", "012300000451"),
            ("01234543", "012340000053"),
            ("01234565", "012345000065"),
        ];
        for (short, long) in cases {
            let check = long.as_bytes()[11];
            let short = [&short.as_bytes()[..7], &[check]].concat();
            let expanded = |digits: &[u8]| Gtin::from_upc_e(digits).map(|upc_e| upc_e.gtin);
            assert_eq!(expanded(&short), Ok(gtin(long)), "{long}");
            assert_eq!(expanded(&short[..7]), Ok(gtin(long)), "{long}");
            assert_eq!(expanded(&short[1..7]), Ok(gtin(long)), "{long}");
        }
        let refused = |digits: &str| Gtin::from_upc_e(digits.as_bytes()).unwrap_err();
        assert_eq!(refused("04252615"), FaultCode::CheckDigit);
        assert_eq!(refused("94252614"), FaultCode::Value);
        assert_eq!(refused("42526"), FaultCode::TooShort);
        assert_eq!(refused("042526140"), FaultCode::TooLong);
        assert_eq!(refused("42x261"), FaultCode::Charset);
    }

    #[test]
    fn seven_digits_that_read_both_ways_say_so() {
        let both = Gtin::from_upc_e(b"0425261").unwrap();
        assert_eq!((both.gtin, both.other.is_some()), (gtin("042100005264"), true));
        assert_eq!(
            Gtin::from_upc_e(b"4252614").map(|upc_e| upc_e.gtin),
            Ok(gtin("042100005264"))
        );
        let readings =
            (0..1_000_000).map(|number| Gtin::from_upc_e(format!("0{number:06}").as_bytes()).unwrap());
        assert!((90_000..110_000).contains(&readings.filter(|upc_e| upc_e.other.is_some()).count()));
    }

    #[test]
    fn prefixes_tell_the_usage() {
        assert_eq!(gtin("4006381333931").usage(), Usage::Global);
        assert_eq!(gtin("2112345012506").usage(), Usage::InHouse);
        assert_eq!(gtin("9780306406157").usage(), Usage::Isbn);
        assert_eq!(gtin("9771234567003").usage(), Usage::Issn);
        assert_eq!(gtin("9771234567003").issn().as_deref(), Some("1234-5679"));
        assert_eq!(gtin("96385074").usage(), Usage::Global);
        assert_eq!(gtin("20123451").usage(), Usage::InHouse);
        assert_eq!(gtin("14006381333938").packaging(), Packaging::Grouping(1));
        assert_eq!(gtin("4006381333931").packaging(), Packaging::Item);
    }
}
