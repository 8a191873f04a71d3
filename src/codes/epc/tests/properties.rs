//! Whatever is written can be read, for every scheme: bits, URIs and GS1 keys of one object agree.

use proptest::prelude::*;

use super::super::build::RawParts;
use super::super::filter;
use super::super::identity::Kind;
use super::super::scheme::{Layout, SCHEMES, Scheme};
use super::super::{Epc, Identity, decode, encode};
use crate::check_digit;
use crate::scan::Element;

const SET_82: &str = r#"[!"%&'()*+,\-./0-9:;<=>?A-Z_a-z]"#;
const SET_39: &str = r"[#\-/0-9A-Z]";

/// Texts that match a regular expression.
fn matching(regex: impl AsRef<str>) -> impl Strategy<Value = String> {
    proptest::string::string_regex(regex.as_ref()).unwrap()
}

/// An identity that the classic scheme can carry.
fn identity(scheme: &'static Scheme) -> impl Strategy<Value = Identity> {
    let kind = scheme.layout.kind();
    (6usize..=12).prop_flat_map(move |prefix| {
        let digits = |count: usize| format!("[0-9]{{{count}}}");
        let text = |set: &str, max: usize| format!("{set}{{1,{max}}}");
        let issuer = match kind {
            Kind::Gid => "[1-9][0-9]{0,7}".to_owned(),
            Kind::Usdod | Kind::Adi => "[A-Z0-9]{5,6}".to_owned(),
            _ => digits(prefix),
        };
        let reference = match scheme.name {
            "gid-96" => "[1-9][0-9]{0,6}".to_owned(),
            "giai-96" | "cpi-96" => format!("0|[1-9][0-9]{{0,{}}}", 13 - prefix),
            "giai-202" => text(SET_82, 30 - prefix),
            "cpi-var" => text(SET_39, 30 - prefix),
            "adi-var" => r"[\-/0-9A-Z]{0,32}".to_owned(),
            "usdod-96" => String::new(),
            _ => digits(usize::from(kind.key_digits().unwrap()) - prefix),
        };
        let serial = match scheme.name {
            "sgtin-198" | "sgln-195" | "itip-212" => text(SET_82, 20),
            "grai-170" => text(SET_82, 16),
            "gdti-174" => text(SET_82, 17),
            "gdti-113" => "[0-9]{1,17}".to_owned(),
            "sgcn-96" => "[0-9]{1,12}".to_owned(),
            "adi-var" => r"#?[\-/0-9A-Z]{1,29}".to_owned(),
            "cpi-96" => "0|[1-9][0-9]{0,8}".to_owned(),
            _ => "0|[1-9][0-9]{0,9}".to_owned(),
        };
        (
            matching(issuer),
            matching(reference),
            matching(serial),
            "[0-9]{2}",
            "[0-9]{2}",
        )
            .prop_map(move |(issuer, reference, serial, piece, total)| {
                let parts = RawParts {
                    issuer: &issuer,
                    reference: Some(&reference),
                    pieces: Some((&piece, &total)),
                    serial: Some(&serial),
                };
                parts
                    .build(kind)
                    .unwrap_or_else(|fault| panic!("{} {parts:?}: {fault:?}", scheme.name))
            })
    })
}

fn schemes(classic: bool) -> impl Strategy<Value = &'static Scheme> {
    let all = SCHEMES
        .iter()
        .filter(|scheme| matches!(scheme.layout, Layout::Classic(_)) == classic);
    prop::sample::select(all.collect::<Vec<_>>())
}

fn classic_tag() -> impl Strategy<Value = (&'static Scheme, u8, Identity)> {
    schemes(true).prop_flat_map(|scheme| {
        let filters: Vec<u8> = (0..64)
            .filter(|&value| filter::is_defined(scheme.layout.kind(), value))
            .collect();
        let filters = if filters.is_empty() { vec![0] } else { filters };
        (Just(scheme), prop::sample::select(filters), identity(scheme))
    })
}

/// Digits with their check digit behind them.
fn checked(digits: &str) -> String {
    format!(
        "{digits}{}",
        char::from(check_digit::of(digits.as_bytes()).unwrap())
    )
}

/// A value that the identifier allows.
fn value(ai: &'static str) -> BoxedStrategy<String> {
    let digits = |count: usize| matching(format!("[0-9]{{{count}}}"));
    let text = |max: usize| matching(format!("{SET_82}{{1,{max}}}"));
    match ai {
        "00" | "8017" | "8018" => digits(17).prop_map(|digits| checked(&digits)).boxed(),
        "01" => digits(13).prop_map(|digits| checked(&digits)).boxed(),
        "414" => digits(12).prop_map(|digits| checked(&digits)).boxed(),
        "253" => (digits(12), text(17))
            .prop_map(|(key, serial)| checked(&key) + &serial)
            .boxed(),
        "255" => (digits(12), "[0-9]{1,12}")
            .prop_map(|(key, serial)| checked(&key) + &serial)
            .boxed(),
        "8003" => (digits(12), text(16))
            .prop_map(|(key, serial)| checked(&format!("0{key}")) + &serial)
            .boxed(),
        "8004" => ("[0-9]{4,20}", text(10))
            .prop_map(|(key, rest)| key + &rest)
            .boxed(),
        "8010" => ("[0-9]{4,20}", matching(format!("{SET_39}{{0,10}}")))
            .prop_map(|(key, rest)| key + &rest)
            .boxed(),
        "8011" => "[1-9][0-9]{0,11}".boxed(),
        "8006" => (digits(13), 1u8..100, 1u8..100)
            .prop_map(|(key, one, other)| {
                format!("{}{:02}{:02}", checked(&key), one.min(other), one.max(other))
            })
            .boxed(),
        "10" | "21" => text(20).boxed(),
        "254" => text(20)
            .prop_filter("0 is no extension", |value| value != "0")
            .boxed(),
        "240" => text(30).boxed(),
        "17" => (0u8..100, 1u8..13, 0u8..29)
            .prop_map(|(year, month, day)| format!("{year:02}{month:02}{day:02}"))
            .boxed(),
        "3103" => digits(6).boxed(),
        "30" => "[0-9]{1,8}".boxed(),
        _ => panic!("no values for {ai}"),
    }
}

fn element(ai: &'static str) -> impl Strategy<Value = Element> {
    value(ai).prop_map(move |value| Element {
        ai: ai.to_owned(),
        value,
    })
}

type Written = (&'static Scheme, Option<String>, Vec<Element>);

fn plus_tag() -> impl Strategy<Value = Written> {
    schemes(false).prop_flat_map(|scheme| {
        let Layout::Plus(plus) = scheme.layout else {
            panic!("only plus schemes were chosen")
        };
        let own: Vec<_> = plus
            .dated
            .then_some("17")
            .into_iter()
            .chain(plus.ais.iter().copied())
            .map(element)
            .collect();
        let more = ["10", "17", "240", "3103", "30"]
            .into_iter()
            .filter(|ai| !plus.dated || *ai != "17");
        let more = prop::sample::subsequence(more.collect::<Vec<_>>(), 0..=3)
            .prop_flat_map(|ais| ais.into_iter().map(element).collect::<Vec<_>>());
        let host = if plus.hosted {
            "[a-z0-9-]{1,12}(\\.com|\\.co\\.uk)?".prop_map(Some).boxed()
        } else {
            Just(None).boxed()
        };
        (Just(scheme), host, own, more)
            .prop_map(|(scheme, host, own, more)| (scheme, host, [own, more].concat()))
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    #[test]
    fn classic_tags_come_back((scheme, filter, identity) in classic_tag()) {
        let written = identity.encode(scheme.name, filter).unwrap();
        let read = decode(written.bytes(), Some(written.bit_length()), written.pc().map(|pc| pc.0)).unwrap();
        prop_assert_eq!(read.scheme(), Some(scheme.name));
        prop_assert_eq!(read.filter().unwrap_or(0), filter);
        prop_assert_eq!(read.identity(), Some(identity));
        prop_assert!(read.names_same_object(&written));
        // The URIs say the same.
        prop_assert_eq!(read.uri().unwrap().parse::<Identity>().unwrap(), identity);
        let again: Epc = read.tag_uri().unwrap().parse().unwrap();
        prop_assert_eq!(again.to_hex(), written.to_hex());
        // Padding to whole words changes nothing.
        let words = (0..written.to_hex().len() / 2).map(|byte| u8::from_str_radix(&written.to_hex()[byte * 2..byte * 2 + 2], 16).unwrap()).collect::<Vec<_>>();
        prop_assert_eq!(decode(&words, None, None).unwrap().tag_uri(), read.tag_uri());
        // The GS1 key leads back once the length of the prefix is known; pieces must be in order for that.
        if let (Some(prefix), Some((1.., _)) | None) = (identity.company_prefix(), identity.pieces) {
            let back = Identity::from_elements(&identity.elements(), prefix.len() as u8);
            match back {
                Ok(back) => prop_assert_eq!(back, identity),
                Err(refusal) => prop_assert!(matches!(refusal.code, "piece_of_total" | "value"), "{:?}", refusal),
            }
        }
    }

    #[test]
    fn plus_tags_come_back((scheme, host, elements) in plus_tag()) {
        let written = match encode(scheme.name, 0, host.as_deref(), &elements) {
            Ok(written) => written,
            // Long texts together are more than a tag can hold.
            Err(refusal) => {
                prop_assert_eq!(refusal.code, "too_long");
                return Ok(());
            }
        };
        let read = decode(written.bytes(), Some(written.bit_length()), written.pc().map(|pc| pc.0)).unwrap();
        prop_assert_eq!(read.scheme(), Some(scheme.name));
        prop_assert_eq!(read.elements(), elements);
        prop_assert_eq!(read.hostname(), host.as_deref());
        prop_assert_eq!(read.warnings(), &[]);
        prop_assert!(read.names_same_object(&written));
    }
}
