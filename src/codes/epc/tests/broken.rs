//! Every way to break a tag or a URI: none of them panics, and what is refused is told with its place.

use proptest::prelude::*;

use super::super::scheme::{Layout, SCHEMES};
use super::super::{EPC_BITS_MAX, Epc, Identity, KeyFault, decode, decode_96, encode, raw_uri};
use super::examples::{CLASSIC, bytes};
use crate::scan::Element;

/// Reads anything and asks for everything; whatever comes, nothing panics and places are inside the tag.
fn survive(epc: &[u8], bits: Option<usize>, pc: Option<u16>) {
    match decode(epc, bits, pc) {
        Ok(tag) => {
            let _ = (
                tag.filter_meaning(),
                tag.company_prefix(),
                tag.to_hex(),
                tag.hostname(),
            );
            let _ = (tag.uri(), tag.tag_uri(), tag.digital_link(), format!("{tag:?}"));
            assert_eq!(tag.raw_uri().parse::<Epc>().unwrap().to_hex(), tag.to_hex());
            assert!(tag.bit_length() <= EPC_BITS_MAX);
            if tag.identity().is_some() {
                let back: Epc = tag.tag_uri().unwrap().parse().unwrap();
                assert_eq!(back.identity(), tag.identity());
            }
        }
        Err(refusal) => {
            assert!(refusal.at <= EPC_BITS_MAX.max(epc.len() * 8), "{refusal:?}");
            assert!(refusal.message.ends_with('.') && !refusal.code.is_empty());
        }
    }
    let _ = raw_uri(epc, bits, pc);
}

#[test]
fn every_header_meets_every_length() {
    for header in 0..=u8::MAX {
        for fill in [0x00, 0x11, 0x5A, 0xFF] {
            for length in 1..=64 {
                let mut epc = vec![fill; length];
                epc[0] = header;
                survive(&epc, None, None);
            }
        }
    }
}

#[test]
fn a_classic_tag_cut_short_is_refused_at_its_end() {
    for (hex, name, ..) in CLASSIC {
        let epc = bytes(hex);
        let whole: Epc = decode(&epc, None, None)
            .unwrap()
            .tag_uri()
            .unwrap()
            .parse()
            .unwrap();
        for bits in 8..whole.bit_length() {
            let refusal = decode(&epc, Some(bits), None).unwrap_err();
            assert_eq!((refusal.code, refusal.at), ("too_short", bits), "{name}");
        }
        assert!(decode(&epc, Some(whole.bit_length()), None).is_ok());
    }
}

#[test]
fn every_flip_of_a_good_tag_is_survived() {
    for (hex, ..) in CLASSIC {
        let good = bytes(hex);
        for bit in 0..good.len() * 8 {
            let mut epc = good.clone();
            epc[bit / 8] ^= 0x80 >> (bit % 8);
            survive(&epc, None, None);
        }
    }
}

#[test]
fn tags_that_break_their_scheme_are_refused_where_they_do() {
    for (hex, code, at, ai) in [
        ("303C00000000000000000000", "partition", 11, None),
        // A company prefix of 7 digits with the value 16777215, a reference of 6 with 1048575.
        ("3037FFFFFC00000000000000", "range", 14, None),
        ("3034000003FFFFC000000000", "range", 38, None),
        // An SGTIN-198 with a space in its serial, without a serial, and with bits behind the serial's end.
        (
            "3634000000000010000000000000000000000000000000000000",
            "charset",
            58,
            None,
        ),
        (
            "3634000000000000000000000000000000000000000000000000",
            "empty",
            58,
            None,
        ),
        (
            "3634000000000020800004000000000000000000000000000000",
            "padding",
            72,
            None,
        ),
        // An SGCN-96 whose serial has lost its 1; an ITIP-110 with piece 127.
        ("3F7400000000000000000007", "digit", 55, None),
        ("403400000000003F800000000000", "range", 58, None),
        // A component reference without characters, and one with an unknown code.
        ("3D34000000000000000000000000", "empty", 38, None),
        ("3D34000001F00000000000000000", "charset", 38, None),
        // A CAGE code with a small letter; a # inside a part number.
        ("2F0206100000000000000000", "charset", 20, None),
        ("3B0E0CF5E76C818C0000000000000000", "charset", 56, None),
        // A GTIN with a wrong check digit, and with a nibble of 10.
        ("F70159012342345710254000", "check_digit", 12, Some("01")),
        ("F701590123423457A0254000", "digit", 64, Some("01")),
        // A serial with a reserved encoding, with too many characters, and with none.
        ("F7015901234234570C200000", "encoding", 68, Some("21")),
        (
            "F701590123423457015000000000000000000000000000000000",
            "too_long",
            71,
            Some("21"),
        ),
        ("F70159012342345700000000", "too_short", 68, Some("21")),
        // Month 13; a host name of no characters.
        ("FB143BBE15901234234570029A00", "date", 16, Some("17")),
        ("EF0359012340000000421800", "empty", 84, None),
    ] {
        let refusal = decode(&bytes(hex), None, None).unwrap_err();
        assert_eq!(
            (refusal.code, refusal.at, refusal.ai.as_deref()),
            (code, at, ai),
            "{hex}: {refusal:?}"
        );
    }
}

#[test]
fn what_was_found_before_a_fault_is_told() {
    let refusal = decode(&bytes("F7015901234234570C2A0000"), None, None).unwrap_err();
    assert_eq!(
        refusal.elements,
        [Element {
            ai: "01".to_owned(),
            value: "15901234234570".to_owned()
        }]
    );
}

#[test]
fn lengths_that_no_tag_has_are_refused() {
    assert_eq!(decode(&[], None, None).unwrap_err().code, "empty");
    assert_eq!(decode(&[0x30], Some(0), None).unwrap_err().code, "empty");
    assert_eq!(decode(&[0x30], Some(9), None).unwrap_err().code, "too_short");
    assert_eq!(decode(&[0x30; 63], None, None).unwrap_err().code, "too_long");
    assert_eq!(decode(&[0x42; 63], Some(496), None).unwrap().bit_length(), 496);
}

#[test]
fn uris_that_break_the_rules_are_refused_where_they_do() {
    for (uri, code, at) in [
        ("", "uri", 0),
        ("urn:epc:id:sgtin", "uri", 0),
        ("urn:epc:id:sgtim:0614141.812345.6789", "uri", 0),
        ("urn:epc:id:sgtin:0614141", "uri", 24),
        ("urn:epc:id:sgtin:0614141.812345", "missing", 25),
        ("urn:epc:id:sgtin:06141.81234567.6789", "range", 17),
        ("urn:epc:id:sgtin:0614141.81234.6789", "range", 25),
        ("urn:epc:id:sgtin:0614141.8123a5.6789", "charset", 25),
        ("urn:epc:id:sgtin:0614141.812345.%2", "uri", 32),
        ("urn:epc:id:sgtin:0614141.812345.a%80", "uri", 33),
        ("urn:epc:id:sgtin:0614141.812345.a b", "charset", 32),
        ("urn:epc:id:sgtin:0614141.812345.", "empty", 32),
        (
            "urn:epc:id:sgtin:0614141.812345.123456789012345678901",
            "too_long",
            32,
        ),
        ("urn:epc:id:sgcn:4012345.67890.4a", "charset", 30),
        ("urn:epc:id:gid:031.1.1", "charset", 15),
        ("urn:epc:id:gid:268435456.1.1", "range", 15),
        ("urn:epc:id:itip:4012345.012345.4.04.981", "range", 31),
        ("urn:epc:id:usdod:CAG.1", "charset", 17),
        ("urn:epc:id:adi:CAGEY.A#.1", "charset", 21),
        ("urn:epc:id:bic:CS1U3054383", "charset", 15),
        ("urn:epc:idpat:sgtin:0614141.812345.7", "uri", 36),
        ("urn:epc:id:cpi:0614141.ABC.007", "charset", 27),
    ] {
        let refusal = uri.parse::<Identity>().unwrap_err();
        assert_eq!((refusal.code, refusal.at), (code, at), "{uri}: {refusal:?}");
    }
    for (uri, code, at) in [
        ("urn:epc:id:sgtin:0614141.812345.6789", "uri", 0),
        ("urn:epc:tag:sgtin-97:3.0614141.812345.6789", "scheme", 12),
        ("urn:epc:tag:sgtin+:3.0614141.812345.6789", "scheme", 12),
        ("urn:epc:tag:sgtin-96:8.0614141.812345.6789", "filter", 21),
        ("urn:epc:tag:sgtin-96:3.0614141.812345.06789", "value", 23),
        ("urn:epc:tag:sgtin-96:3.0614141.812345.274877906944", "value", 23),
        ("urn:epc:tag:sgtin-96:3.0614141.81234.6789", "range", 31),
        ("urn:epc:tag:[xyz=1]:sgtin-96:3.0614141.812345.6789", "uri", 12),
        ("urn:epc:tag:[umi=1]sgtin-96:3.0614141.812345.6789", "uri", 19),
        ("urn:epc:tag:[att=x1]:sgtin-96:3.0614141.812345.6789", "uri", 12),
        ("urn:epc:raw:96.x3035", "uri", 12),
        ("urn:epc:raw:497.x0", "too_long", 12),
        ("urn:epc:raw:0.x", "empty", 12),
        ("urn:epc:raw:16.xA1.x3035.x", "uri", 12),
        ("urn:epc:raw:15.xFFFF", "uri", 12),
    ] {
        let refusal = uri.parse::<Epc>().unwrap_err();
        assert_eq!((refusal.code, refusal.at), (code, at), "{uri}: {refusal:?}");
    }
}

#[test]
fn what_a_scheme_cannot_carry_is_not_written() {
    let letters: Identity = "urn:epc:id:sgtin:0614141.812345.A1".parse().unwrap();
    assert_eq!(letters.encode("sgtin-96", 0).unwrap_err().code, "value");
    assert_eq!(letters.encode("sscc-96", 0).unwrap_err().code, "scheme");
    assert_eq!(letters.encode("sgtin+", 0).unwrap_err().code, "scheme");
    // Filter value 3 is reserved: read from tags, never written to new ones.
    assert_eq!(letters.encode("sgtin-198", 3).unwrap_err().code, "filter");
    assert_eq!(letters.encode("sgtin-198", 1).unwrap().filter(), Some(1));
    let element = |ai: &str, value: &str| Element {
        ai: ai.to_owned(),
        value: value.to_owned(),
    };
    let item = [element("01", "15901234234570"), element("21", "7")];
    let refused = |scheme, filter, host, elements: &[Element]| {
        let refusal = encode(scheme, filter, host, elements).unwrap_err();
        (refusal.code, refusal.at, refusal.ai)
    };
    assert_eq!(refused("sgtin-96", 0, None, &item).0, "scheme");
    assert_eq!(refused("sgtin+", 5, None, &item).0, "filter");
    assert_eq!(refused("sgtin++", 0, None, &item).0, "hostname");
    assert_eq!(refused("sgtin+", 0, Some("a.com"), &item).0, "hostname");
    assert_eq!(refused("dsgtin+", 0, None, &item), ("missing", 2, None));
    assert_eq!(
        refused("sgtin+", 0, None, &item[..1]),
        ("missing", 1, Some("21".to_owned()))
    );
    let wrong = [item[0].clone(), element("21", "a b")];
    assert_eq!(
        refused("sgtin+", 0, None, &wrong),
        ("charset", 1, Some("21".to_owned()))
    );
    let twice = [
        item[0].clone(),
        item[1].clone(),
        element("10", "A"),
        element("10", "B"),
    ];
    assert_eq!(refused("sgtin+", 0, None, &twice), ("repeated", 3, None));
    // Zero bits at the end would be read as padding.
    let zeros = [
        item[0].clone(),
        item[1].clone(),
        element("00", "000000000000000000"),
    ];
    assert_eq!(refused("sgtin+", 0, None, &zeros), ("value", 2, None));
    let newest = [item[0].clone(), item[1].clone(), element("717", "A")];
    assert_eq!(
        refused("sgtin+", 0, None, &newest),
        ("unknown_ai", 2, Some("717".to_owned()))
    );
    let long = [item[0].clone(), item[1].clone(), element("8112", &"~".repeat(10))];
    assert_eq!(refused("sgtin+", 0, None, &long).1, 2);
    let full = [item[0].clone(), item[1].clone(), element("99", &"a/".repeat(45))];
    assert_eq!(refused("sgtin+", 0, None, &full).0, "too_long");
}

#[test]
fn the_fast_way_knows_its_headers() {
    for scheme in &SCHEMES {
        let mut epc = [0u8; 12];
        epc[0] = scheme.header;
        let keyed = match scheme.layout {
            Layout::Classic(layout) => {
                layout.bits == Some(96) && !matches!(scheme.name, "gid-96" | "usdod-96")
            }
            Layout::Plus(_) => false,
        };
        assert_eq!(decode_96(&epc) != Err(KeyFault::Header), keyed, "{}", scheme.name);
    }
    assert_eq!(decode_96(&[0; 12]), Err(KeyFault::Header));
    assert_eq!(
        decode_96(&[0x30, 0x1C, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]),
        Err(KeyFault::Partition)
    );
}

/// A tag whose header is of some scheme.
fn tag_of_a_scheme(length: std::ops::Range<usize>) -> impl Strategy<Value = Vec<u8>> {
    let header = prop::sample::select(SCHEMES.iter().map(|scheme| scheme.header).collect::<Vec<_>>());
    (header, prop::collection::vec(any::<u8>(), length)).prop_map(|(header, mut epc)| {
        epc[0] = header;
        epc
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn no_bits_panic(epc in prop::collection::vec(any::<u8>(), 0..80), bits in prop::option::of(0usize..700), pc: Option<u16>) {
        survive(&epc, bits, pc);
    }

    #[test]
    fn no_bits_of_a_known_scheme_panic(epc in tag_of_a_scheme(1..63), cut in 0usize..8) {
        let bits = (epc.len() * 8).saturating_sub(cut);
        survive(&epc, Some(bits), None);
    }

    #[test]
    fn no_text_panics(text in "(urn:epc:(id|tag|raw|class|idpat):)?(sgtin|sscc|adi|cpi|gid|96)?(-96|-var|-198)?[:.x\\[\\]=%0-9A-Za-z#é]{0,40}") {
        let _ = text.parse::<Identity>();
        let _ = text.parse::<Epc>();
    }

    #[test]
    fn the_fast_way_says_what_the_slow_one_does(epc in tag_of_a_scheme(12..13), partition in 0u8..8, small in any::<bool>()) {
        let mut epc: [u8; 12] = epc.try_into().unwrap();
        epc[1] = epc[1] & !0x1C | partition << 2;
        if small {
            // A small prefix and reference, so that most tags are good.
            epc[2..7].fill(0);
        }
        let slow = decode(&epc, None, None);
        match decode_96(&epc) {
            Err(KeyFault::Header) => {}
            Err(_) => prop_assert!(slow.is_err()),
            Ok(key) => {
                let slow = slow.unwrap();
                prop_assert_eq!(Some(key.scheme), slow.scheme());
                prop_assert_eq!(Some(key.filter), slow.filter());
                let elements = slow.elements();
                prop_assert_eq!(key.ai, &elements[0].ai);
                let serial = key.serial.map(|serial| format!("{serial:0width$}", width = usize::from(key.serial_digits)));
                match key.ai {
                    "8003" | "253" | "255" => {
                        prop_assert_eq!(format!("{}{}", key.key(), serial.unwrap()), elements[0].value.clone());
                    }
                    _ => {
                        prop_assert_eq!(key.key(), &elements[0].value);
                        prop_assert_eq!(serial.as_ref(), elements.get(1).map(|element| &element.value));
                    }
                }
            }
        }
    }
}
