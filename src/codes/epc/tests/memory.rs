//! What stands around an EPC: tags without a scheme, AFI tags, PC words, control fields, lengths.

use super::super::{Epc, Pc, Warning, decode, raw_uri};
use super::examples::{bytes, read};

#[test]
fn tags_without_a_known_scheme_are_told_as_they_are() {
    for (hex, warnings) in [
        ("42A5A5A5A5A5A5A5A5A5A5A5", &[][..]),
        ("FF", &[]),
        ("000000000000000000000000", &[Warning::Unprogrammed]),
        ("E280116020007A01", &[Warning::Tid]),
    ] {
        let epc = read(hex);
        assert_eq!(epc.scheme(), None);
        assert_eq!(
            (epc.filter(), epc.uri(), epc.tag_uri(), epc.digital_link()),
            (None, None, None, None)
        );
        assert_eq!(epc.raw_uri(), format!("urn:epc:raw:{}.x{hex}", hex.len() * 4));
        assert_eq!(epc.warnings(), warnings);
        assert!(!epc.names_same_object(&epc));
        assert_eq!(epc.raw_uri().parse::<Epc>().unwrap().bytes(), epc.bytes());
    }
}

#[test]
fn a_tag_with_an_afi_is_no_epc() {
    // The bits would be a fine SGTIN-96; the PC word says that they are none.
    let epc = decode(&bytes("3035682EC8789040000181CD"), None, Some(0x31A1)).unwrap();
    assert_eq!(
        (epc.scheme(), epc.afi(), epc.elements()),
        (None, Some(0xA1), Vec::new())
    );
    assert_eq!(epc.raw_uri(), "urn:epc:raw:96.xA1.x3035682EC8789040000181CD");
    let back: Epc = epc.raw_uri().parse().unwrap();
    assert_eq!(
        (back.afi(), back.bytes(), back.pc()),
        (epc.afi(), epc.bytes(), Some(Pc(0x31A1)))
    );
}

#[test]
fn the_pc_word_sets_control_fields_and_length() {
    let item = bytes("3035682EC8789040000181CD");
    let plain = "sgtin-96:1.5901234.123457.98765";
    for (pc, xpc, control) in [
        (0x3000, None, ""),
        (0x3400, None, "[umi=1]:"),
        (0x3001, None, "[att=x01]:"),
        (0x3601, Some(0x0004), "[att=x01][umi=1][xpc=x0004]:"),
    ] {
        let epc = decode(&item, None, Some(pc)).unwrap().with_xpc(xpc);
        let uri = format!("urn:epc:tag:{control}{plain}");
        assert_eq!(epc.tag_uri().as_deref(), Some(&*uri));
        let back: Epc = uri.parse().unwrap();
        assert_eq!((back.tag_uri(), back.xpc()), (Some(uri), xpc));
    }
    // More words than the PC word tells are no part of the EPC.
    let long = [item.as_slice(), &[0xFF, 0xFF]].concat();
    let epc = decode(&long, None, Some(0x3000)).unwrap();
    assert_eq!((epc.bit_length(), epc.warnings()), (96, &[Warning::PcLength][..]));
    let epc = decode(&item, None, Some(0x3800)).unwrap();
    assert_eq!((epc.bit_length(), epc.warnings()), (96, &[Warning::PcLength][..]));
}

#[test]
fn lengths_that_are_no_whole_bytes_are_kept() {
    let text = "3974257BF46072CD9615F8800000000000000000000000000000";
    let epc = decode(&bytes(text), Some(195), Some(0x6800)).unwrap();
    assert_eq!((epc.bit_length(), epc.warnings().len()), (195, 0));
    assert_eq!(epc.raw_uri(), format!("urn:epc:raw:208.x{text}"));
    assert_eq!(
        raw_uri(&bytes("3974257A"), Some(30), None).unwrap(),
        "urn:epc:raw:30.x0E5D095E"
    );
    let back: Epc = "urn:epc:raw:30.x025D095E".parse().unwrap();
    assert_eq!(
        (back.bit_length(), back.bytes()),
        (30, bytes("09742578").as_slice())
    );
}
