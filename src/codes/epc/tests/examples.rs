//! Worked examples, each tag with everything it means.

use super::super::{Epc, decode, decode_96};

/// Reads hexadecimal text.
pub(super) fn bytes(hex: &str) -> Vec<u8> {
    (0..hex.len() / 2)
        .map(|byte| u8::from_str_radix(&hex[byte * 2..byte * 2 + 2], 16).unwrap())
        .collect()
}

fn read(hex: &str) -> Epc {
    decode(&bytes(hex), None, None).unwrap_or_else(|refusal| panic!("{hex}: {refusal:?}"))
}

/// The elements as `01=… 21=…`.
pub(super) fn elements(epc: &Epc) -> String {
    let pairs: Vec<String> = epc
        .elements()
        .iter()
        .map(|element| format!("{}={}", element.ai, element.value))
        .collect();
    pairs.join(" ")
}

#[test]
fn classic_tags_mean_what_the_standard_says() {
    let cases = [
        (
            "3035682EC8789040000181CD",
            "urn:epc:id:sgtin:5901234.123457.98765",
            "urn:epc:tag:sgtin-96:1.5901234.123457.98765",
            "01=15901234234570 21=98765",
        ),
        (
            "31D5682EC8B2D05E2A000000",
            "urn:epc:id:sscc:5901234.3000000042",
            "urn:epc:tag:sscc-96:6.5901234.3000000042",
            "00=359012340000000421",
        ),
        (
            "362E32C91C0013A66FE8BDBADC2000000000000000000000000000",
            "urn:epc:id:sgtin:590123456.0078.Lot%2F7-a",
            "urn:epc:tag:sgtin-198:1.590123456.0078.Lot%2F7-a",
            "01=05901234560788 21=Lot/7-a",
        ),
        (
            "3074257BF7194E4000001A85",
            "urn:epc:id:sgtin:0614141.812345.6789",
            "urn:epc:tag:sgtin-96:3.0614141.812345.6789",
            "01=80614141123458 21=6789",
        ),
    ];
    for (hex, uri, tag_uri, fields) in cases {
        let epc = read(hex);
        assert_eq!(epc.uri().as_deref(), Some(uri));
        assert_eq!(epc.tag_uri().as_deref(), Some(tag_uri));
        assert_eq!(elements(&epc), fields);
        assert!(epc.warnings().is_empty(), "{hex}: {:?}", epc.warnings());
    }
}

#[test]
fn the_fast_way_gives_the_same_keys() {
    for hex in [
        "3035682EC8789040000181CD",
        "31D5682EC8B2D05E2A000000",
        "3074257BF7194E4000001A85",
    ] {
        let key = decode_96(bytes(hex).as_slice().try_into().unwrap()).unwrap();
        let epc = read(hex);
        assert_eq!(Some(key.scheme), epc.scheme());
        assert_eq!(Some(key.filter), epc.filter());
        assert_eq!(key.key(), epc.elements()[0].value);
    }
}
