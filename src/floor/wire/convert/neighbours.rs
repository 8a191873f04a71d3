//! What neighbouring portals heard.

use tallyman_codes::{EPC_BYTES_MAX, EpcBytes};

use crate::rfid::{Class, HeardAt, HeardTag};
use crate::wire::v1::HeardTagBody;

impl From<&HeardTag> for HeardTagBody {
    fn from(tag: &HeardTag) -> Self {
        Self {
            epc: tag.epc.to_string(),
            best_centi_dbm: tag.heard.best_centi_dbm,
            class: tag.heard.class.as_str().to_owned(),
            goes_on: tag.goes_on,
        }
    }
}

impl HeardTagBody {
    /// The tag; `None` where its EPC is none. A class that this program does not know may be any: it is *maybe*.
    pub fn to_heard(&self) -> Option<HeardTag> {
        let class = match self.class.as_str() {
            "stray" => Class::Stray,
            "sure" => Class::Sure,
            _ => Class::Maybe,
        };
        Some(HeardTag {
            epc: epc_of_hex(&self.epc)?,
            heard: HeardAt {
                best_centi_dbm: self.best_centi_dbm,
                class,
            },
            goes_on: self.goes_on,
        })
    }
}

fn epc_of_hex(hex: &str) -> Option<EpcBytes> {
    let mut bytes = [0; EPC_BYTES_MAX];
    let is_whole = hex.len().is_multiple_of(2) && hex.bytes().all(|digit| digit.is_ascii_hexdigit());
    let epc = bytes.get_mut(..hex.len() / 2).filter(|_| is_whole)?;
    for (place, byte) in epc.iter_mut().enumerate() {
        *byte = u8::from_str_radix(hex.get(2 * place..2 * place + 2)?, 16).ok()?;
    }
    EpcBytes::new(epc)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_heard_tag_survives_the_wire() {
        for (class, best_centi_dbm, goes_on) in [
            (Class::Sure, Some(-4_512), false),
            (Class::Maybe, None, true),
            (Class::Stray, Some(i16::MAX), false),
        ] {
            let tag = HeardTag {
                epc: EpcBytes::new(&[0x30, 0, 0xff, 1]).unwrap(),
                heard: HeardAt {
                    best_centi_dbm,
                    class,
                },
                goes_on,
            };
            let json = serde_json::to_string(&HeardTagBody::from(&tag)).unwrap();
            let body: HeardTagBody = serde_json::from_str(&json).unwrap();
            assert_eq!(body.to_heard(), Some(tag), "{json}");
        }
    }

    #[test]
    fn what_is_no_epc_is_none_and_an_unknown_class_may_be_any() {
        let body = |epc: &str| HeardTagBody {
            epc: epc.to_owned(),
            best_centi_dbm: None,
            class: "certain".to_owned(),
            goes_on: false,
        };
        for epc in ["3", "3G", "é0", "+1", &"00".repeat(EPC_BYTES_MAX + 1)] {
            assert_eq!(body(epc).to_heard(), None, "{epc}");
        }
        assert_eq!(body("30").to_heard().unwrap().heard.class, Class::Maybe);
    }
}
