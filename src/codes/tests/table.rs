//! The whole table walked: for each AI values that pass, and for each rule of its format one that breaks it.

use jiff::civil::date;

use super::sample::{self, Chance};
use crate::ai::{ENTRIES, Entry};
use crate::date::Century;
use crate::element_string::{self, GS};
use crate::fault::{Fault, FaultCode};
use crate::fields::Fields;

const SEED: u64 = 1;

fn parse(ai: &str, value: &str) -> Result<(), Fault> {
    let message = format!("{ai}{value}");
    let mut fields = Fields::new();
    element_string::parse(message.as_bytes(), Century::of(date(2026, 11, 23)), &mut fields)?;
    let [field] = fields.iter().collect::<Vec<_>>()[..] else {
        panic!("({ai}){value}: not one field")
    };
    assert_eq!((field.ai, field.value), (ai.as_bytes(), value.as_bytes()));
    assert!(!field.tolerated, "({ai}){value}");
    Ok(())
}

fn each() -> impl Iterator<Item = (&'static Entry, String)> {
    ENTRIES
        .iter()
        .flat_map(|entry| entry.each_ai().map(move |ai| (entry, ai)))
}

#[test]
fn right_values_pass() {
    let mut chance = Chance(SEED);
    for (entry, ai) in each() {
        for _ in 0..50 {
            let value = sample::value(entry, &mut chance);
            assert_eq!(parse(&ai, &value), Ok(()), "({ai}){value}");
        }
    }
}

#[test]
fn values_too_short_or_too_long_fail() {
    let mut chance = Chance(SEED);
    for (entry, ai) in each() {
        let (min, max) = (usize::from(entry.min), usize::from(entry.max));
        let fault = parse(&ai, "").unwrap_err();
        assert_eq!((fault.code, fault.at), (FaultCode::TooShort, ai.len()), "({ai})");
        let whole: String = entry
            .parts
            .iter()
            .map(|part| sample::part_value(part, &mut chance))
            .collect();
        if entry.predefined > 0 {
            let fault = parse(&ai, &whole[..max - 1]).unwrap_err();
            assert_eq!((fault.code, fault.at), (FaultCode::TooShort, ai.len()), "({ai})");
            let separated = format!("{}{}", &whole[..max - 1], char::from(GS));
            assert_eq!(
                parse(&ai, &separated).unwrap_err().code,
                FaultCode::TooShort,
                "({ai})"
            );
            continue;
        }
        if min > 1 && !entry.is_variable() {
            let fault = parse(&ai, &whole[..max - 1]).unwrap_err();
            assert_eq!((fault.code, fault.at), (FaultCode::TooShort, ai.len()), "({ai})");
        }
        let longer = format!("{whole}{}", "0".repeat(max + 1 - whole.len()));
        let fault = parse(&ai, &longer).unwrap_err();
        // A value that was filled up may break a check of its last part before its length is known to be wrong.
        assert!(
            whole.len() < max || fault.code == FaultCode::TooLong,
            "({ai}){longer}: {fault:?}"
        );
    }
}

#[test]
fn characters_of_another_set_fail_where_they_stand() {
    let mut chance = Chance(SEED);
    for (entry, ai) in each() {
        let parts: Vec<String> = entry
            .parts
            .iter()
            .map(|part| sample::part_value(part, &mut chance))
            .collect();
        let mut start = 0;
        for (place, part) in entry.parts.iter().enumerate() {
            let foreign = (32..127)
                .find(|&byte| !part.set.has(byte))
                .map(char::from)
                .unwrap();
            let mut broken = parts.clone();
            broken[place].replace_range(..1, &foreign.to_string());
            let value = broken.concat();
            let fault = parse(&ai, &value).unwrap_err();
            assert_eq!(
                (fault.code, fault.at),
                (FaultCode::Charset, ai.len() + start),
                "({ai}){value}"
            );
            start += parts[place].len();
        }
    }
}

#[test]
fn each_check_of_each_part_is_made() {
    let mut chance = Chance(SEED);
    let mut made = 0;
    for (entry, ai) in each() {
        let parts: Vec<String> = entry
            .parts
            .iter()
            .map(|part| sample::part_value(part, &mut chance))
            .collect();
        for (place, part) in entry.parts.iter().enumerate() {
            for &check in part.checks {
                let Some(wrong) = sample::broken(check, part, &parts[place]) else {
                    continue;
                };
                let mut broken = parts.clone();
                broken[place] = wrong;
                let value = broken.concat();
                let fault = parse(&ai, &value).expect_err(&format!("({ai}){value}: {check:?} was not made"));
                let at = ai.len() + parts[..place].concat().len();
                assert_eq!(fault.at, at, "({ai}){value}: {check:?}");
                assert_eq!(fault.ai.map(|ai| ai.as_str().to_owned()), Some(ai.clone()));
                assert!(!matches!(
                    fault.code,
                    FaultCode::TooShort | FaultCode::TooLong | FaultCode::Charset
                ));
                made += 1;
            }
        }
    }
    // So many checks are in the table, those left out that the alphabet makes first.
    assert_eq!(made, 144);
}
