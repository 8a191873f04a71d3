//! Every application identifier that a tag can carry, with values that its rules allow.

use super::super::value_table::forms;
use super::super::{Warning, decode, encode};
use crate::ai::{self, Ai, ENTRIES};
use crate::checks;
use crate::date::Century;
use crate::scan::Element;

/// Values of all shapes; each identifier takes those that pass its rules.
const VALUES: [&str; 46] = [
    "0",
    "1",
    "9",
    "12",
    "DE",
    "A1",
    "1/2",
    "276",
    "AbC",
    "1A3B",
    "0012",
    "2512",
    "276276",
    "276056528",
    "250131",
    "250100",
    "250131250228",
    "001250",
    "000300-",
    "19991231",
    "25013123",
    "2501312359",
    "250131235958",
    "123456789012",
    "978000000000015",
    "97800123",
    "27612345",
    "276AB-12",
    "5901234000048",
    "5901234000048DOC-7",
    "590123400004817",
    "15901234234570",
    "05901234000048A7",
    "12345678901234",
    "359012340000000421",
    "159012342345700102",
    "12345678901234567890",
    "5901234ROBOT1VM",
    "Lot%2F7",
    "DE89370400440532013000",
    "80",
    "0614141123456250110000",
    "006141411234560654321",
    "202501312359",
    "06141411234567890",
    "12345678901210",
];

#[test]
fn every_identifier_is_carried_behind_a_key() {
    let key = Element {
        ai: "00".to_owned(),
        value: "359012340000000421".to_owned(),
    };
    let century = Century::of(jiff::civil::date(2026, 1, 1));
    let mut missing = Vec::new();
    for entry in &ENTRIES {
        for ai in entry.each_ai().filter(|ai| ai != "00") {
            if forms(Ai::new(ai.as_bytes()).unwrap()).is_none() {
                continue;
            }
            let entry = ai::find(ai.as_bytes()).unwrap();
            let passing: Vec<&str> = VALUES
                .into_iter()
                .filter(|value| checks::value(entry, value.as_bytes(), century).is_ok())
                .collect();
            if passing.is_empty() {
                missing.push(ai.clone());
            }
            for value in passing {
                let field = Element {
                    ai: ai.clone(),
                    value: value.to_owned(),
                };
                let written = encode("sscc+", 0, None, &[key.clone(), field.clone()]);
                let written = written.unwrap_or_else(|refusal| panic!("{ai} {value}: {refusal:?}"));
                let read = decode(written.bytes(), Some(written.bit_length()), None).unwrap();
                assert_eq!(read.elements(), [key.clone(), field], "{ai} {value}");
                assert_eq!(read.warnings(), &[] as &[Warning], "{ai} {value}");
            }
        }
    }
    assert_eq!(missing, Vec::<String>::new());
}
