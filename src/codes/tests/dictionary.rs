//! The table compared with GS1's own Barcode Syntax Dictionary, where that file is at hand.

#![expect(
    clippy::disallowed_methods,
    clippy::disallowed_macros,
    reason = "the file is named by the environment, and its absence must be heard"
)]

use std::collections::BTreeSet;

use crate::ai::{Check, ENTRIES, Entry, NONE, Part, find, row_of};
use crate::charset::CharSet;

const VARIABLE: &str = "TALLYMAN_GS1_DICTIONARY";

/// What the dictionary calls each check.
fn linter(check: Check) -> &'static str {
    match check {
        Check::CheckDigit => "csum",
        Check::CheckPair => "csumalpha",
        Check::Prefix => "gcppos1",
        Check::PrefixAfterFirst => "gcppos2",
        Check::Day => "yymmdd",
        Check::DayOrMonth => "yymmd0",
        Check::LongDay => "yyyymmdd",
        Check::HourMinute | Check::HourMinuteOrNone => "hhmi",
        Check::Hour => "hh",
        Check::Minute => "mi",
        Check::Second => "ss",
        Check::Country => "iso3166",
        Check::CountryOr999 => "iso3166999",
        Check::CountryLetters => "iso3166alpha2",
        Check::Currency => "iso4217",
        Check::Iban => "iban",
        Check::Latitude => "latitude",
        Check::Longitude => "longitude",
        Check::PieceOfTotal => "pieceoftotal",
        Check::PositionInSequence => "posinseqslash",
        Check::HasNonDigit => "hasnondigit",
        Check::NonZero => "nonzero",
        Check::Zero => "zero",
        Check::NoLeadingZero => "nozeroprefix",
        Check::YesNo => "yesno",
        Check::Winding => "winding",
        Check::Hyphen => "hyphen",
        Check::Sex => "iso5218",
        Check::ImporterIndex => "importeridx",
        Check::MediaType => "mediatype",
        Check::PackageType => "packagetype",
        Check::PercentEncoded => "pcenc",
        Check::Coupon => "couponcode",
        Check::CouponOffer => "couponposoffer",
    }
}

/// A part as the dictionary writes it.
fn written(part: &Part) -> String {
    let set = match part.set {
        CharSet::Numeric => 'N',
        CharSet::Set82 => 'X',
        CharSet::Set39 => 'Y',
        CharSet::Set64 => 'Z',
    };
    let length = if part.min == part.max {
        format!("{set}{}", part.max)
    } else {
        format!("{set}..{}", part.max)
    };
    let linters: String = part
        .checks
        .iter()
        .map(|&check| format!(",{}", linter(check)))
        .collect();
    if part.optional {
        format!("[{length}]{linters}")
    } else {
        format!("{length}{linters}")
    }
}

/// The AIs that a list of patterns names, as `01,31nn`.
fn named(patterns: &str) -> BTreeSet<String> {
    let matches = |pattern: &str, ai: &str| {
        pattern.len() == ai.len() && pattern.bytes().zip(ai.bytes()).all(|(p, a)| p == b'n' || p == a)
    };
    let all: Vec<String> = ENTRIES.iter().flat_map(Entry::each_ai).collect();
    let named = patterns
        .split(',')
        .flat_map(|pattern| all.iter().filter(move |ai| matches(pattern, ai)));
    named.cloned().collect()
}

#[test]
fn the_table_says_what_the_dictionary_says() {
    let Ok(path) = std::env::var(VARIABLE) else {
        eprintln!(
            "SKIPPED: set {VARIABLE} to the path of GS1's syntax dictionary to compare the table with it."
        );
        return;
    };
    let dictionary = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    let lines = dictionary
        .lines()
        .filter(|line| !line.trim().is_empty() && !line.starts_with('#'));
    let mut compared = 0;
    for line in lines {
        compare(line);
        compared += 1;
    }
    assert_eq!(compared, ENTRIES.len());
}

fn compare(line: &str) {
    let (body, title) = line.split_once('#').unwrap_or((line, ""));
    let mut words = body.split_whitespace().peekable();
    let ais = words.next().unwrap();
    let entry = ENTRIES
        .iter()
        .find(|entry| entry.ais == ais)
        .unwrap_or_else(|| panic!("{ais} has no row"));
    let flags = words
        .next_if(|word| !word.starts_with(['N', 'X', 'Y', 'Z', '[']))
        .unwrap_or("");
    assert_eq!(
        entry.predefined > 0,
        flags.contains('*'),
        "{ais}: predefined length"
    );
    assert_eq!(entry.in_query, flags.contains('?'), "{ais}: query");
    if !title.is_empty() {
        assert_eq!(entry.title, title.trim(), "{ais}: title");
    }
    for part in entry.parts {
        assert_eq!(words.next(), Some(written(part).as_str()), "{ais}");
    }
    let attributes: Vec<&str> = words.collect();
    compare_associations(entry, &attributes);
    compare_keys(entry, &attributes);
}

fn compare_associations(entry: &Entry, attributes: &[&str]) {
    let of = |key: &str| -> Vec<String> {
        attributes
            .iter()
            .filter_map(|attribute| attribute.strip_prefix(key))
            .map(str::to_owned)
            .collect()
    };
    let required: Vec<String> = entry
        .requires
        .iter()
        .map(|condition| condition.written.replace(' ', ","))
        .collect();
    let required: Vec<String> = required
        .into_iter()
        .filter(|condition| !condition.is_empty())
        .collect();
    assert_eq!(required, of("req="), "{}", entry.ais);
    for condition in entry
        .requires
        .iter()
        .filter(|condition| !condition.written.is_empty())
    {
        for alternative in condition.written.split(' ') {
            let joined: Vec<u8> = alternative.split('+').map(|ai| row_of(ai.as_bytes())).collect();
            match joined.as_slice() {
                [_] => assert!(
                    named(alternative)
                        .iter()
                        .all(|ai| condition.any.has(row_of(ai.as_bytes())))
                ),
                rows => assert!(
                    condition
                        .all
                        .iter()
                        .any(|all| all.iter().filter(|&&row| row != NONE).eq(rows))
                ),
            }
        }
    }
    let own: BTreeSet<String> = entry.each_ai().collect();
    let excluded: BTreeSet<String> = of("ex=").iter().flat_map(|patterns| named(patterns)).collect();
    for other in ENTRIES
        .iter()
        .flat_map(Entry::each_ai)
        .filter(|other| !own.contains(other))
    {
        let excludes = entry.excludes.has(row_of(other.as_bytes()));
        assert_eq!(excludes, excluded.contains(&other), "{} and {other}", entry.ais);
    }
    assert_eq!(
        entry.alone,
        own.len() > 1 && own.is_subset(&excluded),
        "{}",
        entry.ais
    );
}

fn compare_keys(entry: &Entry, attributes: &[&str]) {
    let key = attributes
        .iter()
        .find_map(|attribute| attribute.strip_prefix("dlpkey"));
    assert_eq!(entry.is_key, key.is_some(), "{}: key", entry.ais);
    let lists = key.unwrap_or_default().trim_start_matches('=').split('|');
    for (list, ours) in lists.zip(&entry.qualifiers) {
        let theirs: Vec<u8> = list
            .split(',')
            .filter(|ai| !ai.is_empty())
            .map(|ai| row_of(ai.as_bytes()))
            .collect();
        let ours: Vec<u8> = ours.iter().copied().filter(|&row| row != NONE).collect();
        assert_eq!(ours, theirs, "{}: qualifiers {list}", entry.ais);
        assert!(
            list.split(',')
                .all(|ai| ai.is_empty() || find(ai.as_bytes()).is_some())
        );
    }
}
