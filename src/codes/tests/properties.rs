//! What is built is read back, and no input of any kind panics. Failing inputs are printed by proptest.

use std::str;

use jiff::civil::{Date, date};
use proptest::prelude::*;

use super::sample::{self, Chance};
use crate::date::Century;
use crate::fault::FaultCode;
use crate::repair::{self, RepairRule};
use crate::site::pattern::Pattern;
use crate::{
    Barcode, Element, Refusal, Rules, Scan, Seen, Settings, ai, bracketed, code_id, digital_link,
    element_string, gs_alias, gtin, understand, understand_bracketed, understand_element_string,
    understand_text, understand_uri,
};

const TODAY: Date = date(2026, 11, 23);

fn century() -> Century {
    Century::of(TODAY)
}

/// Up to six fields, no AI twice.
fn elements(seed: u64) -> Vec<Element> {
    let mut chance = Chance(seed);
    let mut elements: Vec<Element> = Vec::new();
    for _ in 0..1 + chance.below(6) {
        let element = sample::element(&mut chance);
        if elements.iter().all(|known| known.ai != element.ai) {
            elements.push(element);
        }
    }
    elements
}

/// A message near to a right one: some characters replaced, taken out or put in.
fn damaged(seed: u64) -> String {
    let mut chance = Chance(seed);
    let mut text = element_string::build(&elements(seed), century())
        .unwrap()
        .into_bytes();
    for _ in 0..chance.below(4) {
        let at = chance.below(text.len().max(1));
        let byte = b"0123456789AZaz()|]~^\x1d%/&?=+ "[chance.below(28)];
        match chance.below(3) {
            0 if !text.is_empty() => text[at] = byte,
            1 if !text.is_empty() => drop(text.remove(at)),
            _ => text.insert(at, byte),
        }
    }
    let prefix = ["", "]C1", "]d2", "]E0", "]Q3", "]e0", "]X0"][chance.below(7)];
    prefix.to_owned() + &String::from_utf8_lossy(&text)
}

/// A refusal tells a person what is wrong, where, and what to do.
fn check_refusal(understood: &Result<Scan, Refusal>, text: &str) {
    if let Err(refusal) = understood {
        assert!(
            FaultCode::ALL.iter().any(|code| code.as_str() == refusal.code),
            "{refusal:?}"
        );
        assert!(refusal.at <= text.chars().count(), "{refusal:?}");
        assert!(
            refusal.message.ends_with('.') && refusal.message.len() > 20,
            "{refusal:?}"
        );
        let whole = [
            "empty",
            "separator",
            "too_many",
            "bracket",
            "digital_link",
            "unknown_ai",
            "charset",
            "too_long",
        ];
        assert!(
            refusal.ai.is_some() || whole.contains(&refusal.code),
            "{refusal:?}"
        );
    }
}

/// Every entry of the room that takes text.
fn feed(text: &str) {
    let open = Settings {
        digital_link_aliases: true,
        digital_link_short_gtin: true,
        bare_sscc: true,
        strict: false,
    };
    let strict = Settings {
        strict: true,
        ..Settings::default()
    };
    for settings in [Settings::default(), open, strict] {
        let rules = Rules {
            settings,
            ..Rules::new(TODAY)
        };
        check_refusal(&understand_text(text, &rules), text);
        check_refusal(&understand_element_string(text, &rules), text);
        check_refusal(&understand_bracketed(text, &rules), text);
        check_refusal(&understand_uri(text, &rules), text);
    }
    let _ = repair::readings(text, century());
    let _ = repair::is_suspicious(text, century());
    let _ = text.parse::<RepairRule>().map(|rule| rule.read(text, century()));
    if let Ok(pattern) = Pattern::new(text) {
        let _ = pattern.identity(text);
        assert!(
            pattern
                .common_code(&pattern)
                .is_none_or(|code| pattern.identity(&code).is_some())
        );
    }
    if let Ok(alias) = gs_alias::GsAlias::new(text) {
        let _ = alias.apply(text.as_bytes());
    }
    let _ = gtin::Gtin::from_upc_e(text.as_bytes());
    let _ = ai::find(text.as_bytes());
    let _ = crate::date::resolve_yymmdd(text, TODAY);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_built_element_string_is_read_back(seed: u64) {
        let mut elements = elements(seed);
        let text = element_string::build(&elements, century()).unwrap();
        let scan = understand_element_string(&text, &Rules::new(TODAY)).unwrap();
        elements.sort_by_key(|element| ai::find(element.ai.as_bytes()).unwrap().predefined == 0);
        prop_assert_eq!(&scan.elements, &elements);
        prop_assert_eq!(element_string::build(&scan.elements, century()).unwrap(), text);
    }

    #[test]
    fn built_brackets_are_read_back(seed: u64) {
        let elements = elements(seed);
        let scan = understand_bracketed(&bracketed::build(&elements), &Rules::new(TODAY)).unwrap();
        prop_assert_eq!(scan.elements, elements);
    }

    #[test]
    fn a_built_digital_link_is_read_back(seed: u64) {
        let mut chance = Chance(seed);
        let keys: Vec<_> = ai::ENTRIES.iter().filter(|entry| entry.is_key).collect();
        let key = keys[chance.below(keys.len())];
        let list = key.qualifiers[chance.below(2)];
        let mut elements = vec![Element { ai: key.ais.to_owned(), value: sample::value(key, &mut chance) }];
        for entry in list.iter().filter_map(|&row| ai::ENTRIES.get(usize::from(row))) {
            if chance.below(2) == 0 {
                elements.push(Element { ai: entry.ais.to_owned(), value: sample::value(entry, &mut chance) });
            }
        }
        let qualifies = |ai: &str| key.qualifiers.iter().flatten().any(|&row| row == ai::row_of(ai.as_bytes()));
        for _ in 0..chance.below(4) {
            let element = sample::element(&mut chance);
            let in_query = ai::find(element.ai.as_bytes()).unwrap().in_query && !qualifies(&element.ai);
            if in_query && elements.iter().all(|known| known.ai != element.ai) {
                elements.push(element);
            }
        }
        let link = digital_link::build(&elements, "https://a.example/x").unwrap();
        let scan = understand_uri(&link, &Rules::new(TODAY)).unwrap();
        let sorted = |mut elements: Vec<Element>| { elements.sort_by(|a, b| a.ai.cmp(&b.ai)); elements };
        prop_assert_eq!(sorted(scan.elements.clone()), sorted(elements));
        prop_assert_eq!(digital_link::build(&scan.elements, "https://a.example/x").unwrap(), link);
    }

    #[test]
    fn no_text_panics(text in ".{0,120}") {
        feed(&text);
    }

    #[test]
    fn no_text_of_gs1_characters_panics(text in "[0-9A-Za-z()\\\\|%&/?=+\u{1d}<>\\[\\]{},*.:-]{0,100}") {
        feed(&text);
        feed(&format!("https://a.example/{text}"));
    }

    #[test]
    fn no_damaged_message_panics(seed: u64) {
        let text = damaged(seed);
        feed(&text);
        feed(&text.replace('\u{1d}', ""));
    }

    #[test]
    fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..100), code: u8, modifier: u8) {
        let symbology = Some(crate::SymbologyId::new(code, modifier));
        for symbology in [None, symbology, Some(crate::SymbologyId::new(b'Q', b'2'))] {
            let barcode = Barcode { symbology, ..Barcode::plain(bytes.clone()) };
            let text = barcode.text();
            check_refusal(&understand(&Seen::Barcode(barcode), &Rules::new(TODAY)), &text);
        }
        for vendor in [code_id::Vendor::Zebra, code_id::Vendor::Honeywell, code_id::Vendor::DatalogicEu] {
            let _ = vendor.split(&bytes);
        }
        let _ = str::from_utf8(&bytes).map(feed);
    }
}
