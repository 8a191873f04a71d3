//! One object under several encodings, and identities that no tag carries.

use super::super::{Epc, Identity, encode};
use super::examples::read;
use crate::scan::Element;

#[test]
fn the_same_object_is_known_in_every_encoding() {
    let short = read("3074257BF7194E4000001A85");
    let identity = short.identity().unwrap();
    let long = identity.encode("sgtin-198", 1).unwrap();
    assert_eq!(long.uri(), short.uri());
    assert!(long.names_same_object(&short));
    assert_eq!(long.identity(), short.identity());
    let plus = encode("sgtin+", 0, None, &short.elements()).unwrap();
    assert!(plus.names_same_object(&short) && short.names_same_object(&plus));
    let other: Epc = "urn:epc:tag:sgtin-96:3.0614141.812345.6790".parse().unwrap();
    assert!(!other.names_same_object(&short));
    // The same digits under a longer prefix are another identity.
    let longer: Epc = "urn:epc:tag:sgtin-96:3.06141411.82345.6789".parse().unwrap();
    assert_eq!(longer.elements(), short.elements());
    assert!(!longer.names_same_object(&short));
    assert_eq!(Identity::from_elements(&plus.elements(), 7), Ok(identity));
}

#[test]
fn uris_without_a_tag_stand_for_keys_too() {
    for (uri, fields) in [
        ("urn:epc:id:ginc:0614141.xyz3311cba", "401=0614141xyz3311cba"),
        ("urn:epc:id:gsin:0614141.123456789", "402=06141411234567890"),
        ("urn:epc:id:pgln:0614141.12345", "417=0614141123452"),
        ("urn:epc:id:upui:0614141.812345.T1", "01=80614141123458 235=T1"),
        ("urn:epc:class:lgtin:0614141.812345.L1", "01=80614141123458 10=L1"),
        ("urn:epc:idpat:sgtin:0614141.812345.*", "01=80614141123458"),
        ("urn:epc:id:imovn:9176187", ""),
        ("urn:epc:id:bic:CSQU3054383", ""),
        ("urn:epc:id:sgtin:0614141.812345.a.b", "01=80614141123458 21=a.b"),
    ] {
        let identity: Identity = uri.parse().unwrap();
        assert_eq!(identity.to_string(), uri);
        let pairs: Vec<String> = identity
            .elements()
            .iter()
            .map(|element| format!("{}={}", element.ai, element.value))
            .collect();
        assert_eq!(pairs.join(" "), fields);
        if !fields.is_empty() {
            assert_eq!(Identity::from_elements(&identity.elements(), 7), Ok(identity));
        }
    }
}

#[test]
fn short_prefixes_take_digits_of_the_reference() {
    let item = [
        Element {
            ai: "01".to_owned(),
            value: "80614141123458".to_owned(),
        },
        Element {
            ai: "21".to_owned(),
            value: "7".to_owned(),
        },
    ];
    let of = |digits| Identity::from_elements(&item, digits).map(|identity| identity.to_string());
    assert_eq!(of(4), of(6));
    assert_eq!(of(5).unwrap(), "urn:epc:id:sgtin:061414.8112345.7");
    assert_eq!(of(12).unwrap(), "urn:epc:id:sgtin:061414112345.8.7");
    assert_eq!(of(3).unwrap_err().code, "value");
    assert_eq!(of(13).unwrap_err().code, "value");
}
