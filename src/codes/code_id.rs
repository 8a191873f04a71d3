//! The one or few characters that scanners of a vendor put before a message to name its symbology.
//!
//! The same character means different things with different vendors, so a device's vendor is a setting, and
//! nothing is guessed. Where a vendor's character does not tell a GS1 symbol from a plain one (Data Matrix with
//! Honeywell), it yields no AIM identifier, and the message is understood by its form.
//!
//! Sources: Zebra Product Reference Guide, appendix "AIM code identifiers, Symbol code characters"; Honeywell
//! user's guides, "Symbology charts"; Datalogic product reference guides, "Label ID: pre-loaded sets".

use crate::symbology::SymbologyId;

/// Whose characters a device sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Vendor {
    /// Zebra, formerly Symbol: one character, or `P` and two.
    Zebra,
    /// Honeywell, formerly Hand Held Products: one character.
    Honeywell,
    /// Datalogic with the label IDs of the USA set.
    DatalogicUsa,
    /// Datalogic with the label IDs of the EU set.
    DatalogicEu,
}

/// A row of a vendor's table: the characters, and the AIM identifier they mean, `""` for none.
type Row = (&'static str, &'static str);

impl Vendor {
    /// Splits the code id off a message: the id, the identifier it means, and the rest. `None` where the message
    /// begins with no code id of this vendor. The longest id that fits is taken.
    pub fn split(self, message: &[u8]) -> Option<(&'static str, Option<SymbologyId>, &[u8])> {
        let fits = self
            .rows()
            .iter()
            .filter(|(code_id, _)| message.starts_with(code_id.as_bytes()));
        let (code_id, aim) = fits.max_by_key(|(code_id, _)| code_id.len())?;
        Some((code_id, identifier(aim), message.get(code_id.len()..)?))
    }

    /// The identifier that a code id means, where it means one.
    pub fn symbology(self, code_id: &str) -> Option<SymbologyId> {
        let (_, aim) = self.rows().iter().find(|(known, _)| *known == code_id)?;
        identifier(aim)
    }

    /// All code ids of the vendor.
    pub fn code_ids(self) -> impl Iterator<Item = &'static str> {
        self.rows().iter().map(|(code_id, _)| *code_id)
    }

    const fn rows(self) -> &'static [Row] {
        match self {
            Vendor::Zebra => &ZEBRA,
            Vendor::Honeywell => &HONEYWELL,
            Vendor::DatalogicUsa => &DATALOGIC_USA,
            Vendor::DatalogicEu => &DATALOGIC_EU,
        }
    }
}

fn identifier(aim: &str) -> Option<SymbologyId> {
    SymbologyId::split(aim.as_bytes()).map(|(id, _)| id)
}

#[rustfmt::skip]
const ZEBRA: [Row; 38] = [
    ("A", "]E0"), ("B", "]A0"), ("C", "]F0"), ("D", "]C0"), ("E", "]G0"), ("F", "]I0"), ("G", "]S0"), ("H", "]H0"),
    ("J", "]M0"), ("K", "]C1"), ("L", "]X0"), ("M", "]X0"), ("N", "]X0"), ("R", "]e0"), ("S", "]X0"), ("T", ""),
    ("U", "]X0"), ("V", "]X0"), ("X", "]L0"), ("z", "]z0"), ("P00", "]d1"), ("P01", "]Q1"), ("P02", "]U0"),
    ("P03", "]X0"), ("P04", "]X0"), ("P05", "]X0"), ("P06", "]X0"), ("P07", "]X0"), ("P08", "]X0"), ("P09", "]X0"),
    ("P0A", "]X0"), ("P0B", "]X0"), ("P0C", "]X0"), ("P0D", "]g0"), ("P0G", "]d2"), ("P0H", "]h0"), ("P0Q", "]Q3"),
    ("P0X", "]Z0"),
];

#[rustfmt::skip]
const HONEYWELL: [Row; 50] = [
    (",", "]X0"), (".", ""), ("1", "]D0"), ("<", "]A0"), ("=", "]X0"), ("?", "]X0"), ("A", "]X0"), ("B", "]X0"),
    ("C", "]X0"), ("D", "]E4"), ("E", "]E0"), ("H", "]h0"), ("I", "]C1"), ("J", "]X0"), ("K", "]X0"), ("L", "]X0"),
    ("M", "]X0"), ("N", "]X0"), ("O", "]o0"), ("P", "]X0"), ("Q", "]X0"), ("R", "]L3"), ("T", ""), ("V", "]O0"),
    ("X", "]g0"), ("Y", "]X0"), ("a", "]F0"), ("b", "]A0"), ("c", "]E0"), ("d", "]E0"), ("e", "]I0"), ("f", "]S0"),
    ("g", "]M0"), ("h", "]H0"), ("i", "]G0"), ("j", "]C0"), ("l", "]T0"), ("m", "]X0"), ("n", "]P0"), ("o", "]K0"),
    ("q", "]O4"), ("r", "]L0"), ("s", ""), ("t", "]B0"), ("w", ""), ("x", "]U0"), ("y", "]e0"), ("{", "]e0"),
    ("}", "]e0"), ("z", "]z0"),
];

#[rustfmt::skip]
const DATALOGIC_USA: [Row; 11] = [
    ("%", "]F0"), ("S", "]F1"), ("*", "]A0"), ("A", "]A0"), ("&", "]G0"), ("#", ""), ("CE", "]H0"), ("F", "]E0"),
    ("FF", "]E4"), ("RX", "]e0"), ("RL", "]e0"),
];

#[rustfmt::skip]
const DATALOGIC_EU: [Row; 13] = [
    ("R", "]F0"), ("S", "]F1"), ("V", "]A0"), ("X", "]A0"), ("U", "]G0"), ("T", ""), ("b", "]H0"), ("B", "]E0"),
    ("L", "]E3"), ("M", "]E3"), ("A", "]E4"), ("t", "]e0"), ("v", "]e0"),
];

#[cfg(test)]
mod tests {
    use super::*;

    const VENDORS: [Vendor; 4] = [
        Vendor::Zebra,
        Vendor::Honeywell,
        Vendor::DatalogicUsa,
        Vendor::DatalogicEu,
    ];

    #[test]
    fn each_code_id_is_in_the_table_once_and_leads_to_an_identifier_or_none() {
        for vendor in VENDORS {
            for (place, (code_id, aim)) in vendor.rows().iter().enumerate() {
                assert!(
                    vendor
                        .rows()
                        .iter()
                        .skip(place + 1)
                        .all(|(other, _)| other != code_id),
                    "{vendor:?} {code_id}"
                );
                assert_eq!(identifier(aim).is_none(), aim.is_empty(), "{vendor:?} {code_id}");
                let message = format!("{code_id}\u{1}");
                assert_eq!(
                    vendor.split(message.as_bytes()).map(|(found, ..)| found),
                    Some(*code_id)
                );
            }
        }
    }

    #[test]
    fn one_character_means_different_things() {
        let split = |vendor: Vendor, text: &'static str| {
            let (_, id, rest) = vendor.split(text.as_bytes()).unwrap();
            (id.map(|id| id.to_string()), std::str::from_utf8(rest).unwrap())
        };
        assert_eq!(
            split(Vendor::Zebra, "K0109521234543213"),
            (Some("]C1".to_owned()), "0109521234543213")
        );
        assert_eq!(split(Vendor::Zebra, "P0GX"), (Some("]d2".to_owned()), "X"));
        assert_eq!(split(Vendor::Honeywell, "wX"), (None, "X"));
        assert_eq!(
            split(Vendor::DatalogicUsa, "FF96385074"),
            (Some("]E4".to_owned()), "96385074")
        );
        assert_eq!(
            split(Vendor::DatalogicEu, "A96385074"),
            (Some("]E4".to_owned()), "96385074")
        );
        assert_eq!(Vendor::Zebra.split(b"P9"), None);
    }
}
