//! Worked examples: tags with everything they mean, and tags that are refused with the bit at fault.

use super::super::{Epc, Warning, decode, encode};
use crate::scan::Element;

/// Reads hexadecimal text.
pub(super) fn bytes(hex: &str) -> Vec<u8> {
    (0..hex.len() / 2)
        .map(|byte| u8::from_str_radix(&hex[byte * 2..byte * 2 + 2], 16).unwrap())
        .collect()
}

pub(super) fn read(hex: &str) -> Epc {
    decode(&bytes(hex), None, None).unwrap_or_else(|refusal| panic!("{hex}: {refusal:?}"))
}

/// The elements as `01=… 21=…`.
fn elements(epc: &Epc) -> String {
    let pairs: Vec<String> = epc
        .elements()
        .iter()
        .map(|element| format!("{}={}", element.ai, element.value))
        .collect();
    pairs.join(" ")
}

/// Each tag with its URI, filter value and elements. Most are those of the standard's own appendix E.
pub(super) const CLASSIC: [(&str, &str, u8, &str); 24] = [
    (
        "3035682EC8789040000181CD",
        "sgtin-96:5901234.123457.98765",
        1,
        "01=15901234234570 21=98765",
    ),
    (
        "3074257BF7194E4000001A85",
        "sgtin-96:0614141.812345.6789",
        3,
        "01=80614141123458 21=6789",
    ),
    (
        "362E32C91C0013A66FE8BDBADC2000000000000000000000000000",
        "sgtin-198:590123456.0078.Lot%2F7-a",
        1,
        "01=05901234560788 21=Lot/7-a",
    ),
    (
        "3674257BF6B7A659B2C2BF100000000000000000000000000000",
        "sgtin-198:0614141.712345.32a%2Fb",
        3,
        "01=70614141123451 21=32a/b",
    ),
    (
        "31D5682EC8B2D05E2A000000",
        "sscc-96:5901234.3000000042",
        6,
        "00=359012340000000421",
    ),
    (
        "3174257BF4499602D2000000",
        "sscc-96:0614141.1234567890",
        3,
        "00=106141412345678908",
    ),
    (
        "3274257BF46072000000162E",
        "sgln-96:0614141.12345.5678",
        3,
        "414=0614141123452 254=5678",
    ),
    (
        "3274257BF460720000000000",
        "sgln-96:0614141.12345.0",
        3,
        "414=0614141123452",
    ),
    (
        "3974257BF46072CD9615F8800000000000000000000000000000",
        "sgln-195:0614141.12345.32a%2Fb",
        3,
        "414=0614141123452 254=32a/b",
    ),
    (
        "3374257BF40C0E400000162E",
        "grai-96:0614141.12345.5678",
        3,
        "8003=006141411234525678",
    ),
    (
        "3774257BF40C0E59B2C2BF1000000000000000000000",
        "grai-170:0614141.12345.32a%2Fb",
        3,
        "8003=0061414112345232a/b",
    ),
    (
        "3474257BF40000000000162E",
        "giai-96:0614141.5678",
        3,
        "8004=06141415678",
    ),
    (
        "3874257BF59B2C2BF10000000000000000000000000000000000",
        "giai-202:0614141.32a%2Fb",
        3,
        "8004=061414132a/b",
    ),
    (
        "2D74257BF4499602D2000000",
        "gsrn-96:0614141.1234567890",
        3,
        "8018=061414112345678902",
    ),
    (
        "2E74257BF4499602D2000000",
        "gsrnp-96:0614141.1234567890",
        3,
        "8017=061414112345678902",
    ),
    (
        "2C74257BF46072000000162E",
        "gdti-96:0614141.12345.5678",
        3,
        "253=06141411234525678",
    ),
    (
        "3E74257BF460730614388C59336987163C8D5B377000",
        "gdti-174:0614141.12345.ABCD1234abcd5678",
        3,
        "253=0614141123452ABCD1234abcd5678",
    ),
    (
        "3F74F4E4E612640000019907",
        "sgcn-96:4012345.67890.04711",
        3,
        "255=401234567890104711",
    ),
    (
        "3C74257BF400C0E680003039",
        "cpi-96:0614141.98765.12345",
        3,
        "8010=061414198765 8011=12345",
    ),
    (
        "3D74257BF75411DEF6B4CC00000003039000",
        "cpi-var:0614141.5PQ7%2FZ43.12345",
        3,
        "8010=06141415PQ7/Z43 8011=12345",
    ),
    (
        "4094F4E4E40C0E42040000000F540000",
        "itip-110:4012345.012345.04.04.981",
        4,
        "8006=040123451234560404 21=981",
    ),
    ("350007AB70425D4000000586", "gid-96:31415.271828.1414", 0, ""),
    ("2F320434147455900000162E", "usdod-96:CAGEY.5678", 3, ""),
    (
        "3B0E0CF5E76C9047759AD00373DC7602E7200000",
        "adi-var:35962.PQ7VZ4.M37GXB92",
        3,
        "",
    ),
];

#[test]
fn classic_tags_mean_what_the_standard_says() {
    for (hex, name, filter, fields) in CLASSIC {
        let epc = read(hex);
        let (scheme, parts) = name.split_once(':').unwrap();
        let word = scheme.split_once('-').unwrap().0;
        assert_eq!(epc.scheme(), Some(scheme));
        assert_eq!(epc.uri(), Some(format!("urn:epc:id:{word}:{parts}")));
        let tag_uri = match word {
            "gid" => format!("urn:epc:tag:{name}"),
            _ => format!("urn:epc:tag:{scheme}:{filter}.{parts}"),
        };
        assert_eq!(epc.tag_uri().as_deref(), Some(&*tag_uri));
        assert_eq!(epc.filter(), (word != "gid").then_some(filter));
        assert_eq!(elements(&epc), fields);
        assert!(epc.warnings().is_empty(), "{hex}: {:?}", epc.warnings());
        // And back from the URI to the bits.
        let back: Epc = tag_uri.parse().unwrap();
        assert!(hex.starts_with(&back.to_hex()), "{hex}: {}", back.to_hex());
        assert!(back.names_same_object(&epc));
    }
}

#[test]
fn partition_and_prefix_are_told_where_the_tag_has_them() {
    let item = read("3035682EC8789040000181CD");
    assert_eq!(
        (item.partition(), item.company_prefix().as_deref()),
        (Some(5), Some("5901234"))
    );
    assert_eq!(item.filter_meaning(), Some("point of sale item"));
    assert_eq!(
        item.digital_link().as_deref(),
        Some("/01/15901234234570/21/98765")
    );
    let general = read("350007AB70425D4000000586");
    assert_eq!(
        (
            general.partition(),
            general.company_prefix(),
            general.digital_link()
        ),
        (None, None, None)
    );
    let unit = read("F96359012340000000421000");
    assert_eq!(
        (unit.company_prefix(), unit.uri(), unit.tag_uri()),
        (None, None, None)
    );
    assert_eq!(unit.digital_link().as_deref(), Some("/00/359012340000000421"));
}

/// Tags of the second generation: scheme, filter, host name, elements.
const PLUS: [(&str, &str, u8, Option<&str>, &str); 6] = [
    (
        "F7A1590123423457026AB12CD10642CE4FB173B9F000",
        "sgtin+",
        2,
        None,
        "01=15901234234570 21=AB12CD 10=LOT7 17=291231",
    ),
    (
        "FB143ADE15901234234570029A00",
        "dsgtin+",
        1,
        None,
        "17=290630 01=15901234234570 21=77",
    ),
    (
        "F96359012340000000421000",
        "sscc+",
        6,
        None,
        "00=359012340000000421",
    ),
    ("FA05901234E652884FEEC000", "giai+", 0, None, "8004=5901234KIT-7"),
    ("F2059012340000480100", "sgln+", 0, None, "414=5901234000048"),
    // Header EF, toggle 0, filter 0, 18 digits, then type 1, 2 units: `a` and `.com`.
    (
        "EF03590123400000004218586D80",
        "sscc++",
        0,
        Some("a.com"),
        "00=359012340000000421",
    ),
];

#[test]
fn tags_of_the_second_generation_carry_their_values() {
    for (hex, scheme, filter, hostname, fields) in PLUS {
        let epc = read(hex);
        assert_eq!(
            (epc.scheme(), epc.filter(), epc.hostname()),
            (Some(scheme), Some(filter), hostname)
        );
        assert_eq!(elements(&epc), fields);
        assert!(epc.warnings().is_empty(), "{hex}: {:?}", epc.warnings());
        assert_eq!((epc.partition(), epc.uri(), epc.tag_uri()), (None, None, None));
        let back = encode(scheme, filter, hostname, &epc.elements()).unwrap();
        assert_eq!(back.to_hex(), hex);
    }
}

#[test]
fn odd_tags_are_read_with_a_warning() {
    for (hex, warning) in [
        // Bits behind an SGTIN-96, in the unused field of an SSCC-96, in an empty reference.
        ("3035682EC8789040000181CD0001", Warning::Padding),
        ("31D5682EC8B2D05E2A000001", Warning::Padding),
        ("326000000000020000000000", Warning::Padding),
        // Piece 5 of 4.
        ("4094F4E4E40C0E42840000000F54", Warning::Pieces),
        // A GRAI+ without serial, a DSGTIN+ with a date of type 7.
        ("F1000614141123452000", Warning::NoSerial),
        ("FB173ADE15901234234570029A00", Warning::DateType),
        // Data that ends inside a value; an identifier that no tag table has; a nibble above 9.
        ("F9E359012340000000421173A000", Warning::Appended),
        ("F9E3590123400000004210399999999999999000", Warning::Appended),
        ("F9E3590123400000004211A0", Warning::Appended),
        // Readable data though the toggle is 0, and unreadable bits.
        ("F96359012340000000421173B9F0", Warning::Toggle),
        ("F963590123400000004211A0", Warning::Padding),
    ] {
        let epc = read(hex);
        assert_eq!(epc.warnings(), [warning], "{hex}");
        assert!(!warning.to_string().is_empty() && !warning.code().is_empty());
    }
    assert_eq!(
        elements(&read("F96359012340000000421173B9F0")),
        "00=359012340000000421 17=291231"
    );
    assert_eq!(
        elements(&read("F963590123400000004211A0")),
        "00=359012340000000421"
    );
}

#[test]
fn appended_data_may_repeat_and_may_not_contradict() {
    let element = |ai: &str, value: &str| Element {
        ai: ai.to_owned(),
        value: value.to_owned(),
    };
    let own = [element("01", "15901234234570"), element("21", "77")];
    let with = |more: &str| {
        let dated = [
            own[0].clone(),
            own[1].clone(),
            element("17", "290630"),
            element("11", more),
        ];
        let tag = encode("sgtin+", 0, None, &dated).unwrap();
        // The second date becomes another AI 17: its identifier follows eight bits of the first and its value.
        let mut bytes = tag.bytes().to_vec();
        let at = (8 + 4 + 56 + 8 + 7 + 8 + 16) / 8;
        let shift = (8 + 4 + 56 + 8 + 7 + 8 + 16) % 8;
        bytes[at] = bytes[at] & !(0xFF >> shift) | 0x17 >> shift;
        bytes[at + 1] = bytes[at + 1] & (0xFF >> shift) | (0x17u16 << (8 - shift)) as u8;
        decode(&bytes, None, None).unwrap()
    };
    let same = with("290630");
    assert_eq!(elements(&same), "01=15901234234570 21=77 17=290630");
    assert!(same.warnings().is_empty());
    let other = with("300630");
    assert_eq!(elements(&other), "01=15901234234570 21=77 17=290630");
    assert_eq!(other.warnings(), [Warning::Appended]);
}
