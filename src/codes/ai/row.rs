//! What a row of the AI table is made of: parts with their checks, and the words rows are written in.

use crate::charset::CharSet;

/// A check that a part of a value must pass, beyond its character set and length.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Check {
    /// The last digit is the mod 10 check digit.
    CheckDigit,
    /// The last two characters are the check character pair.
    CheckPair,
    /// Begins with a GS1 Company Prefix: four digits at least.
    Prefix,
    /// The same behind one digit of another meaning.
    PrefixAfterFirst,
    /// YYMMDD, a day of the calendar.
    Day,
    /// YYMMDD, where day 00 stands for the whole month.
    DayOrMonth,
    /// YYYYMMDD, a day of the calendar.
    LongDay,
    /// hhmm, 0000 to 2359.
    HourMinute,
    /// The same; 9999 for no time breaks the rule and is tolerated, as labels have it.
    HourMinuteOrNone,
    /// 00 to 23.
    Hour,
    /// 00 to 59.
    Minute,
    /// 00 to 59.
    Second,
    /// An assigned numeric country code (ISO 3166-1).
    Country,
    /// The same, or 999 for several countries.
    CountryOr999,
    /// An assigned two-letter country code (ISO 3166-1).
    CountryLetters,
    /// An assigned numeric currency code (ISO 4217).
    Currency,
    /// An international bank account number (ISO 13616).
    Iban,
    /// Degrees + 90, seven decimals: 0 to 180 0000000.
    Latitude,
    /// Degrees mod 360, seven decimals: 0 to 360 0000000.
    Longitude,
    /// Piece and total: two halves, neither zero, the first not above the second.
    PieceOfTotal,
    /// `p/e`: position and end, neither with a leading zero, the first not above the second.
    PositionInSequence,
    /// At least one character is no digit.
    HasNonDigit,
    /// Not all zeros.
    NonZero,
    /// All zeros.
    Zero,
    /// The first digit is not 0.
    NoLeadingZero,
    /// 0 or 1.
    YesNo,
    /// 0, 1 or 9: winding direction of a roll.
    Winding,
    /// Only hyphens.
    Hyphen,
    /// 0, 1, 2 or 9 (ISO/IEC 5218).
    Sex,
    /// One of `-`, digits, letters, `_`.
    ImporterIndex,
    /// An assigned AIDC media type.
    MediaType,
    /// A package type code (UN/ECE Recommendation 21, and GS1's own).
    PackageType,
    /// Every `%` stands before two hexadecimal digits.
    PercentEncoded,
    /// The inner structure of a North American coupon code.
    Coupon,
    /// The inner structure of a North American positive offer file coupon.
    CouponOffer,
}

/// One part of a value: so many characters of one set, and the checks they must pass.
#[derive(Debug, Clone, Copy)]
pub struct Part {
    /// The set its characters are of.
    pub set: CharSet,
    /// The fewest characters.
    pub min: u8,
    /// The most characters.
    pub max: u8,
    /// The value may end before this part.
    pub optional: bool,
    /// The checks, in the order they are made.
    pub checks: &'static [Check],
}

impl Part {
    const fn new(set: CharSet, min: u8, max: u8) -> Self {
        Self {
            set,
            min,
            max,
            optional: false,
            checks: &[],
        }
    }

    pub(super) const fn checked(self, checks: &'static [Check]) -> Self {
        Self { checks, ..self }
    }

    pub(super) const fn or_none(self) -> Self {
        Self {
            optional: true,
            ..self
        }
    }
}

/// Exactly `length` digits.
pub(super) const fn n(length: u8) -> Part {
    Part::new(CharSet::Numeric, length, length)
}

/// One to `max` digits.
pub(super) const fn n_to(max: u8) -> Part {
    Part::new(CharSet::Numeric, 1, max)
}

/// Exactly `length` characters of set 82.
pub(super) const fn x(length: u8) -> Part {
    Part::new(CharSet::Set82, length, length)
}

/// One to `max` characters of set 82.
pub(super) const fn x_to(max: u8) -> Part {
    Part::new(CharSet::Set82, 1, max)
}

/// One to `max` characters of set 39.
pub(super) const fn y_to(max: u8) -> Part {
    Part::new(CharSet::Set39, 1, max)
}

/// One to `max` characters of set 64.
pub(super) const fn z_to(max: u8) -> Part {
    Part::new(CharSet::Set64, 1, max)
}

/// One row as it is written in the table: an AI or a range of AIs that differ in the last digit.
#[derive(Debug, Clone, Copy)]
pub(super) struct Row {
    pub(super) ais: &'static str,
    pub(super) parts: &'static [Part],
    pub(super) title: &'static str,
    pub(super) predefined: bool,
    pub(super) in_query: bool,
    pub(super) one_of: [&'static str; 2],
    pub(super) never_with: &'static str,
    pub(super) key: Option<&'static str>,
}

/// A row whose values run to the separator.
pub(super) const fn row(ais: &'static str, parts: &'static [Part], title: &'static str) -> Row {
    Row {
        ais,
        parts,
        title,
        predefined: false,
        in_query: false,
        one_of: ["", ""],
        never_with: "",
        key: None,
    }
}

/// A row whose values have a predefined length, so that no separator follows them.
pub(super) const fn predefined(ais: &'static str, parts: &'static [Part], title: &'static str) -> Row {
    Row {
        predefined: true,
        ..row(ais, parts, title)
    }
}

/// A trade or logistic measure: six digits, the AI's last digit 0 to 5 the number of decimals.
pub(super) const fn measure(
    ais: &'static str,
    wants: &'static str,
    never_with: &'static str,
    title: &'static str,
) -> Row {
    const SIX_DIGITS: [Part; 1] = [n(6)];
    predefined(ais, &SIX_DIGITS, title)
        .in_query()
        .one_of(wants)
        .never_with(never_with)
}

impl Row {
    /// The AI may stand in the query of a Digital Link.
    pub(super) const fn in_query(self) -> Self {
        Self {
            in_query: true,
            ..self
        }
    }

    /// One of these must stand on the same item; `+` joins AIs that must stand together. A second call adds a
    /// second condition.
    pub(super) const fn one_of(mut self, ais: &'static str) -> Self {
        let place = if self.one_of[0].is_empty() { 0 } else { 1 };
        self.one_of[place] = ais;
        self
    }

    /// None of these may stand on the same item. `n` is any digit.
    pub(super) const fn never_with(self, ais: &'static str) -> Self {
        Self {
            never_with: ais,
            ..self
        }
    }

    /// The AI is a primary key of Digital Links, with these qualifiers in this order; `|` parts alternatives.
    pub(super) const fn key(self, qualifiers: &'static str) -> Self {
        Self {
            key: Some(qualifiers),
            ..self
        }
    }
}
