//! Numbers of handling units that a device gives by itself: SSCC and LPN, out of blocks that the hub leased to it.
//!
//! Here is what such a number looks like and how blocks of them are counted. Who leases them, and who keeps what was used,
//! is for the hub and the agent.

use tallyman_codes::check_digit;

/// The kinds of numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum NumberKind {
    /// Serial shipping container codes: known all over the world.
    Sscc,
    /// Licence plate numbers: known in the house.
    Lpn,
}

impl NumberKind {
    /// Every kind, in the order in which a device uses them.
    pub const ALL: [Self; 2] = [Self::Sscc, Self::Lpn];

    /// The word that tables and the wire use.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Sscc => "sscc",
            Self::Lpn => "lpn",
        }
    }

    /// The kind with this word.
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }
}

/// Digits of an SSCC without its check digit (GS1 General Specifications, section 3.2: extension digit, company prefix and
/// serial reference are 17 together).
const SSCC_BODY_DIGITS: usize = 17;

/// Characters of an LPN's prefix at most: what fits a label with the digits behind it.
pub const LPN_PREFIX_MAX: usize = 20;

/// Digits of an LPN's number at most: a 64-bit integer holds them.
pub const LPN_DIGITS_MAX: u8 = 18;

/// What the numbers of a range have in common.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum NumberForm {
    /// Extension digit, company prefix, serial reference, check digit.
    Sscc {
        /// The extension digit, 0 to 9.
        extension: u8,
        /// The GS1 company prefix, 4 to 12 digits.
        company_prefix: String,
    },
    /// A text, then digits with leading zeros.
    Lpn {
        /// The text, 1 to [`LPN_PREFIX_MAX`] letters, digits and `-._/`.
        prefix: String,
        /// How many digits, 1 to [`LPN_DIGITS_MAX`].
        digits: u8,
    },
}

/// What is wrong with a form or a block of numbers.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NumberFault {
    /// More than one digit.
    #[error("the extension digit is {0}, and must be 0 to 9")]
    Extension(u8),
    /// No company prefix.
    #[error("the GS1 company prefix is {0:?}, and must be 4 to 12 digits")]
    CompanyPrefix(String),
    /// No prefix of an LPN.
    #[error("the prefix is {0:?}, and must be 1 to {LPN_PREFIX_MAX} letters, digits or any of - . _ /")]
    Prefix(String),
    /// Too many digits, or none.
    #[error("there are {0} digits, and must be 1 to {LPN_DIGITS_MAX}")]
    Digits(u8),
    /// It ends before it begins, or beyond what the form has room for.
    #[error(
        "the numbers {first} to {last} are none: the first must not be above the last, and the last not above {max}"
    )]
    Bounds {
        /// The first number.
        first: u64,
        /// The last one.
        last: u64,
        /// The highest that there is room for.
        max: u64,
    },
}

impl NumberForm {
    /// SSCCs of a company.
    ///
    /// # Errors
    /// [`NumberFault`] says what is none.
    pub fn sscc(extension: u8, company_prefix: &str) -> Result<Self, NumberFault> {
        if extension > 9 {
            return Err(NumberFault::Extension(extension));
        }
        let is_prefix = (4..=12).contains(&company_prefix.len())
            && company_prefix.bytes().all(|byte| byte.is_ascii_digit());
        if !is_prefix {
            return Err(NumberFault::CompanyPrefix(cut(company_prefix)));
        }
        Ok(Self::Sscc {
            extension,
            company_prefix: company_prefix.to_owned(),
        })
    }

    /// LPNs with a prefix.
    ///
    /// # Errors
    /// [`NumberFault`] says what is none.
    pub fn lpn(prefix: &str, digits: u8) -> Result<Self, NumberFault> {
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._/".contains(&byte);
        if prefix.is_empty() || prefix.len() > LPN_PREFIX_MAX || !prefix.bytes().all(is_plain) {
            return Err(NumberFault::Prefix(cut(prefix)));
        }
        if digits == 0 || digits > LPN_DIGITS_MAX {
            return Err(NumberFault::Digits(digits));
        }
        Ok(Self::Lpn {
            prefix: prefix.to_owned(),
            digits,
        })
    }

    /// Which kind they are.
    pub const fn kind(&self) -> NumberKind {
        match self {
            Self::Sscc { .. } => NumberKind::Sscc,
            Self::Lpn { .. } => NumberKind::Lpn,
        }
    }

    /// The highest number there is room for.
    pub fn serial_max(&self) -> u64 {
        let digits = u32::try_from(self.serial_digits()).unwrap_or(u32::MAX);
        10u64.checked_pow(digits).map_or(u64::MAX, |beyond| beyond - 1)
    }

    fn serial_digits(&self) -> usize {
        match self {
            Self::Sscc { company_prefix, .. } => SSCC_BODY_DIGITS.saturating_sub(1 + company_prefix.len()),
            Self::Lpn { digits, .. } => usize::from(*digits),
        }
    }

    /// The number as it stands on a label and in a scan: an SSCC in 18 digits with its check digit, without the (00).
    /// `None` beyond the highest.
    pub fn write(&self, serial: u64) -> Option<String> {
        if serial > self.serial_max() {
            return None;
        }
        let width = self.serial_digits();
        match self {
            Self::Sscc {
                extension,
                company_prefix,
            } => {
                let mut number = format!("{extension}{company_prefix}{serial:0width$}");
                number.push(char::from(check_digit::of(number.as_bytes())?));
                Some(number)
            }
            Self::Lpn { prefix, .. } => Some(format!("{prefix}{serial:0width$}")),
        }
    }

    /// The form in one text that no other form has: what stores tell ranges apart by.
    pub fn key(&self) -> String {
        match self {
            Self::Sscc {
                extension,
                company_prefix,
            } => format!("sscc {extension} {company_prefix}"),
            Self::Lpn { prefix, digits } => format!("lpn {digits} {prefix}"),
        }
    }

    /// The form that has this key.
    pub fn of_key(key: &str) -> Option<Self> {
        let mut parts = key.splitn(3, ' ');
        let kind = NumberKind::of_word(parts.next()?)?;
        let (figure, text) = (parts.next()?.parse().ok()?, parts.next()?);
        match kind {
            NumberKind::Sscc => Self::sscc(figure, text).ok(),
            NumberKind::Lpn => Self::lpn(text, figure).ok(),
        }
    }
}

/// Consecutive numbers of one form.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct NumberBlock {
    /// What they have in common.
    pub form: NumberForm,
    /// The first one.
    pub first: u64,
    /// The last one, which is among them.
    pub last: u64,
}

impl NumberBlock {
    /// Numbers from the first to the last.
    ///
    /// # Errors
    /// [`NumberFault::Bounds`] where there are none, or no room for them.
    pub fn new(form: NumberForm, first: u64, last: u64) -> Result<Self, NumberFault> {
        let max = form.serial_max();
        if first > last || last > max {
            return Err(NumberFault::Bounds { first, last, max });
        }
        Ok(Self { form, first, last })
    }

    /// How many they are.
    pub const fn len(&self) -> u64 {
        (self.last - self.first).saturating_add(1)
    }

    /// Never: a block has at least one number.
    pub const fn is_empty(&self) -> bool {
        false
    }

    /// The numbers that both have.
    pub fn common(&self, other: &Self) -> Option<Self> {
        let (first, last) = (self.first.max(other.first), self.last.min(other.last));
        (self.form == other.form && first <= last).then(|| Self {
            form: self.form.clone(),
            first,
            last,
        })
    }
}

fn cut(text: &str) -> String {
    text.chars().take(40).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn any_form() -> impl Strategy<Value = NumberForm> {
        prop_oneof![
            (0u8..=9, "[0-9]{4,12}")
                .prop_map(|(extension, prefix)| { NumberForm::sscc(extension, &prefix).unwrap() }),
            ("[A-Z0-9-]{1,20}", 1u8..=18)
                .prop_map(|(prefix, digits)| { NumberForm::lpn(&prefix, digits).unwrap() }),
        ]
    }

    #[test]
    fn numbers_are_written_as_labels_carry_them() {
        let short = NumberForm::sscc(3, "5901").unwrap();
        assert_eq!(
            short.write(234_000_000_042).as_deref(),
            Some("359012340000000421"),
            "a prefix of four digits"
        );
        let long = NumberForm::sscc(0, "590123412345").unwrap();
        assert_eq!(long.serial_max(), 9_999);
        assert!(long.write(9_999).unwrap().starts_with("05901234123459999"));
        assert_eq!(long.write(10_000), None);
        let plate = NumberForm::lpn("LPN-", 6).unwrap();
        assert_eq!(plate.write(42).as_deref(), Some("LPN-000042"));
        assert_eq!(plate.write(1_000_000), None);
        assert_eq!(
            NumberForm::lpn("X", 18).unwrap().serial_max(),
            999_999_999_999_999_999
        );
    }

    #[test]
    fn what_is_no_range_is_told() {
        assert_eq!(NumberForm::sscc(10, "5901"), Err(NumberFault::Extension(10)));
        for prefix in ["590", "5901234567890", "59a1", ""] {
            assert!(
                matches!(NumberForm::sscc(0, prefix), Err(NumberFault::CompanyPrefix(_))),
                "{prefix}"
            );
        }
        for prefix in ["", "A B", "^XZ", "ABCDEFGHIJKLMNOPQRSTU"] {
            assert!(
                matches!(NumberForm::lpn(prefix, 5), Err(NumberFault::Prefix(_))),
                "{prefix}"
            );
        }
        for digits in [0, 19, 255] {
            assert_eq!(NumberForm::lpn("P", digits), Err(NumberFault::Digits(digits)));
        }
        let form = NumberForm::lpn("P", 2).unwrap();
        for (first, last) in [(2, 1), (0, 100), (u64::MAX, u64::MAX)] {
            assert!(
                NumberBlock::new(form.clone(), first, last).is_err(),
                "{first} to {last}"
            );
        }
        assert_eq!(NumberBlock::new(form, 0, 99).unwrap().len(), 100);
    }

    proptest! {
        #[test]
        fn every_number_of_a_form_is_another_and_has_its_form(form in any_form(), part in any::<u64>()) {
            let max = form.serial_max();
            let serial = part % max;
            let (one, next) = (form.write(serial).unwrap(), form.write(serial + 1).unwrap());
            prop_assert_ne!(&one, &next);
            prop_assert_eq!(one.len(), next.len());
            prop_assert_eq!(form.write(max).unwrap().len(), one.len());
            prop_assert_eq!(form.write(max.saturating_add(1)), None);
            let read = NumberForm::of_key(&form.key());
            prop_assert_eq!(read.as_ref(), Some(&form));
            if form.kind() == NumberKind::Sscc {
                prop_assert_eq!(one.len(), 18);
                prop_assert!(check_digit::is_valid(one.as_bytes()));
            }
        }

        #[test]
        fn what_two_blocks_have_in_common_is_in_both(
            form in any_form(), ends in proptest::collection::vec(0u64..9, 4),
        ) {
            let block = |a: u64, b: u64| NumberBlock::new(form.clone(), a.min(b), a.max(b)).unwrap();
            let (one, other) = (block(ends[0], ends[1]), block(ends[2], ends[3]));
            let has = |block: &NumberBlock, serial: u64| (block.first..=block.last).contains(&serial);
            let common = one.common(&other);
            for serial in 0..9 {
                let in_both = has(&one, serial) && has(&other, serial);
                prop_assert_eq!(common.as_ref().is_some_and(|common| has(common, serial)), in_both);
            }
        }
    }
}
