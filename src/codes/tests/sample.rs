//! Values made for a field by its entry: right ones, and ones that break a given check.

use crate::ai::{Check, Entry, Part};
use crate::charset::CharSet;
use crate::check_digit;
use crate::scan::Element;
use crate::{ai, lists};

/// A generator of numbers that is the same everywhere: SplitMix64.
pub(super) struct Chance(pub(super) u64);

impl Chance {
    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ mixed >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ mixed >> 31
    }

    pub(super) fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit as u64) as usize
    }

    fn text(&mut self, set: CharSet, length: usize) -> String {
        let all: Vec<u8> = (0..=127).filter(|&byte| set.has(byte) && byte != b'=').collect();
        (0..length)
            .map(|_| char::from(all[self.below(all.len())]))
            .collect()
    }

    fn digits(&mut self, length: usize) -> String {
        self.text(CharSet::Numeric, length)
    }
}

/// A right value of an entry.
pub(super) fn value(entry: &Entry, chance: &mut Chance) -> String {
    let mut value = String::new();
    for part in entry.parts {
        if part.optional && chance.below(2) == 0 {
            break;
        }
        value.push_str(&part_value(part, chance));
    }
    value
}

/// A right element of any AI of the table.
pub(super) fn element(chance: &mut Chance) -> Element {
    let entry = &ai::ENTRIES[chance.below(ai::ENTRIES.len())];
    let ais: Vec<String> = entry.each_ai().collect();
    let ai = ais[chance.below(ais.len())].clone();
    Element {
        ai,
        value: value(entry, chance),
    }
}

/// A right value of a part.
pub(super) fn part_value(part: &Part, chance: &mut Chance) -> String {
    let (min, max) = (usize::from(part.min), usize::from(part.max));
    let length = min + chance.below(max - min + 1);
    let has = |check| part.checks.contains(&check);
    match part.checks.first() {
        None => chance.text(part.set, length),
        Some(Check::CheckDigit) => {
            let body = chance.digits(max - 1);
            let check = check_digit::of(body.as_bytes()).unwrap();
            format!("{body}{}", char::from(check))
        }
        Some(Check::CheckPair) => {
            let body = format!("9521{}A", chance.text(part.set, length.saturating_sub(7)));
            let pair = check_digit::pair_of(body.as_bytes()).unwrap();
            format!("{body}{}", String::from_utf8_lossy(&pair))
        }
        Some(Check::Prefix) => format!("9521{}", chance.text(part.set, length.saturating_sub(4))),
        Some(Check::PercentEncoded) => {
            let plain = chance.text(part.set, length).replace('%', "a");
            if length > 3 {
                format!("{}%C3", &plain[3..])
            } else {
                plain
            }
        }
        Some(check) => {
            assert!(!has(Check::PrefixAfterFirst), "only check digits come with it");
            checked_value(*check, part, chance)
        }
    }
}

fn checked_value(check: Check, part: &Part, chance: &mut Chance) -> String {
    let any_of = |chance: &mut Chance, list: &[&str]| list[chance.below(list.len())].to_owned();
    match check {
        Check::Day => format!(
            "{:02}{:02}{:02}",
            chance.below(100),
            1 + chance.below(12),
            1 + chance.below(28)
        ),
        Check::DayOrMonth => format!(
            "{:02}{:02}{:02}",
            chance.below(100),
            1 + chance.below(12),
            chance.below(29)
        ),
        Check::LongDay => format!(
            "{:04}{:02}{:02}",
            1900 + chance.below(200),
            1 + chance.below(12),
            1 + chance.below(28)
        ),
        Check::HourMinute | Check::HourMinuteOrNone => {
            format!("{:02}{:02}", chance.below(24), chance.below(60))
        }
        Check::Hour => format!("{:02}", chance.below(24)),
        Check::Minute | Check::Second => format!("{:02}", chance.below(60)),
        Check::Country | Check::CountryOr999 => any_of(chance, &["004", "276", "616", "840", "894"]),
        Check::CountryLetters => any_of(chance, &["AD", "DE", "PL", "US", "ZW"]),
        Check::Currency => any_of(chance, &["008", "840", "978", "999"]),
        Check::Iban => any_of(
            chance,
            &[
                "DE89370400440532013000",
                "GB82WEST12345698765432",
                "NO9386011117947",
            ],
        ),
        Check::Latitude => format!("{:010}", chance.below(1_800_000_001)),
        Check::Longitude => format!("{:010}", chance.below(3_600_000_001)),
        Check::PieceOfTotal => any_of(chance, &["0101", "0102", "9999"]),
        Check::PositionInSequence => any_of(chance, &["1/1", "1/3", "9/9"]),
        Check::NonZero => format!("{:0width$}", 1 + chance.below(900), width = usize::from(part.max)),
        Check::Zero => "0".repeat(usize::from(part.max)),
        Check::NoLeadingZero => format!("{}", 1 + chance.below(999_999_999)),
        Check::YesNo => any_of(chance, &["0", "1"]),
        Check::Winding => any_of(chance, &["0", "1", "9"]),
        Check::Hyphen => "-".to_owned(),
        Check::Sex => any_of(chance, &["0", "1", "2", "9"]),
        Check::ImporterIndex => any_of(chance, &["-", "0", "A", "_", "a"]),
        Check::MediaType => any_of(chance, &["01", "10", "80", "99"]),
        Check::PackageType => any_of(chance, &["PX", "8", "43", "X20", "APE"]),
        Check::Coupon => "0614141123456250110000".to_owned(),
        Check::CouponOffer => "006141411234560654321".to_owned(),
        other => panic!("{other:?} comes with no such part"),
    }
}

/// A value of the part's length and characters that breaks this check; `None` where the alphabet leaves none.
pub(super) fn broken(check: Check, part: &Part, right: &str) -> Option<String> {
    let with_last = |byte: u8| {
        let mut bytes = right.as_bytes().to_vec();
        *bytes.last_mut().unwrap() = byte;
        String::from_utf8(bytes).unwrap()
    };
    let fixed = |text: &str| Some(text.to_owned());
    let zeros = "0".repeat(usize::from(part.max));
    match check {
        Check::CheckDigit => Some(with_last(if right.ends_with('0') { b'1' } else { b'0' })),
        Check::CheckPair => Some(with_last(if right.ends_with('2') { b'3' } else { b'2' })),
        // A company prefix that is no digits is caught by the alphabet where the part is numeric.
        Check::Prefix if part.set == CharSet::Numeric => None,
        Check::PrefixAfterFirst => None,
        Check::Prefix if part.checks.contains(&Check::CheckPair) => {
            let body = "95A1B";
            let pair = check_digit::pair_of(body.as_bytes()).unwrap();
            Some(format!("{body}{}", String::from_utf8_lossy(&pair)))
        }
        Check::Prefix => fixed("95A1B"),
        Check::HasNonDigit => digits_with_numeric_pair(),
        Check::Day => fixed("270100"),
        Check::DayOrMonth => fixed("271300"),
        Check::LongDay => fixed("20270229"),
        Check::HourMinute => fixed("9999"),
        Check::HourMinuteOrNone => fixed("2400"),
        Check::Hour => fixed("24"),
        Check::Minute | Check::Second => fixed("60"),
        Check::Country => fixed("999"),
        Check::CountryOr999 => fixed("998"),
        Check::CountryLetters => fixed("de"),
        Check::Currency => fixed("000"),
        Check::Iban => fixed("DE89370400440532013001"),
        Check::Latitude => fixed("1800000001"),
        Check::Longitude => fixed("3600000001"),
        Check::PieceOfTotal => fixed("0201"),
        Check::PositionInSequence => fixed("2/1"),
        Check::NonZero => Some(zeros),
        Check::Zero => fixed("1"),
        Check::NoLeadingZero => fixed("0"),
        Check::YesNo => fixed("2"),
        Check::Winding => fixed("2"),
        Check::Hyphen => fixed("+"),
        Check::Sex => fixed("3"),
        Check::ImporterIndex => fixed("+"),
        Check::MediaType => fixed("11"),
        Check::PackageType => fixed("~~")
            .map(|_| "zz".to_owned())
            .filter(|code| !lists::is_package_type(code.as_bytes())),
        Check::PercentEncoded => fixed("a%C"),
        Check::Coupon => fixed("9"),
        Check::CouponOffer => fixed("9"),
    }
}

/// Digits whose check character pair is digits too.
fn digits_with_numeric_pair() -> Option<String> {
    (0..100_000).find_map(|number| {
        let body = format!("9521{number:05}");
        let pair = check_digit::pair_of(body.as_bytes())?;
        pair.iter()
            .all(u8::is_ascii_digit)
            .then(|| format!("{body}{}", String::from_utf8_lossy(&pair)))
    })
}
