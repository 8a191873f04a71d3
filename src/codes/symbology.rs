//! AIM symbology identifiers (ISO/IEC 15424): `]cm`, what kind of symbol a message came from.

use std::fmt;

/// An AIM symbology identifier: code character and modifier, as `C` and `1` in `]C1`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SymbologyId {
    /// The code character, case sensitive.
    pub code: u8,
    /// The modifier character, `0` to `9` or `A` to `F` in the standard; devices send others too.
    pub modifier: u8,
}

impl SymbologyId {
    /// The identifier with these two characters, without a check.
    pub const fn new(code: u8, modifier: u8) -> Self {
        Self { code, modifier }
    }

    /// Splits a leading `]cm` off a message: the identifier, and the rest.
    /// `None` unless the message begins with `]`, an ASCII letter and an ASCII letter or digit.
    pub fn split(message: &[u8]) -> Option<(Self, &[u8])> {
        match message {
            [b']', code, modifier, rest @ ..]
                if code.is_ascii_alphabetic() && modifier.is_ascii_alphanumeric() =>
            {
                Some((Self::new(*code, *modifier), rest))
            }
            _ => None,
        }
    }

    /// The kind of symbol.
    pub fn symbology(self) -> Symbology {
        let exact = SYMBOLOGIES
            .iter()
            .find(|(_, code, modifier, _)| (*code, *modifier) == (self.code, self.modifier));
        let of_code = || SYMBOLOGIES.iter().find(|(_, code, _, _)| *code == self.code);
        exact
            .or_else(of_code)
            .map_or(Symbology::Other, |(symbology, ..)| *symbology)
    }

    /// Whether such a message is a GS1 element string (GS1 General Specifications, figure 5.1.2-1).
    pub const fn carries_element_string(self) -> bool {
        matches!(
            (self.code, self.modifier),
            (b'C', b'1') | (b'e', b'0') | (b'd', b'2') | (b'Q', b'3') | (b'J', b'1')
        )
    }

    /// Whether such a message is an element string by its symbol's rules, without being a carrier that GS1
    /// approves: composites beyond the first part, those with extended channel, and Aztec.
    pub const fn may_carry_element_string(self) -> bool {
        matches!(
            (self.code, self.modifier),
            (b'e', b'1' | b'2') | (b'd', b'5') | (b'Q', b'4') | (b'J', b'5') | (b'z', b'1' | b'4')
        )
    }

    /// Whether such a message names its character sets by `\` and six digits, and doubles `\` itself (extended
    /// channel interpretation, AIM ITS/04-001).
    pub const fn has_extended_channel(self) -> bool {
        matches!(
            (self.code, self.modifier),
            (b'Q', b'2' | b'4' | b'6')
                | (b'd', b'4' | b'5' | b'6')
                | (b'z', b'3' | b'4' | b'5')
                | (b'J', b'4' | b'5')
                | (b'L', b'1')
                | (b'U', b'2' | b'3')
                | (b'h', b'1')
        )
    }
}

impl fmt::Display for SymbologyId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "]{}{}",
            char::from(self.code),
            char::from(self.modifier)
        )
    }
}

/// A kind of symbol, by its common name. [`Symbology::id`] gives its usual identifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the names are the names of the symbologies")]
pub enum Symbology {
    Code39,
    Telepen,
    Code128,
    Gs1Code128,
    CodeOne,
    Ean13,
    Ean8,
    EanAddOn2,
    EanAddOn5,
    EanWithAddOn,
    Codabar,
    Code93,
    Code11,
    Interleaved2Of5,
    DotCode,
    Gs1DotCode,
    Code16K,
    Pdf417,
    MicroPdf417,
    Msi,
    Anker,
    Codablock,
    Plessey,
    QrCode,
    Gs1QrCode,
    Straight2Of5,
    Discrete2Of5,
    Code49,
    MaxiCode,
    ChannelCode,
    DataMatrix,
    Gs1DataMatrix,
    Gs1DataBar,
    Gs1Composite,
    GridMatrix,
    HanXin,
    Ocr,
    PosiCode,
    SuperCode,
    Aztec,
    SystemExpansion,
    NoBarcode,
    Other,
}

impl Symbology {
    /// The identifier that scanners usually send for it.
    pub fn id(self) -> SymbologyId {
        let (code, modifier) = SYMBOLOGIES
            .iter()
            .find(|(symbology, ..)| *symbology == self)
            .map_or((b'X', b'0'), |&(_, code, modifier, _)| (code, modifier));
        SymbologyId::new(code, modifier)
    }

    /// Its common name, for people.
    pub fn name(self) -> &'static str {
        SYMBOLOGIES
            .iter()
            .find(|(symbology, ..)| *symbology == self)
            .map_or("other", |(.., name)| name)
    }

    /// All of them.
    pub fn all() -> impl Iterator<Item = Symbology> {
        SYMBOLOGIES.iter().map(|(symbology, ..)| *symbology)
    }
}

/// Each symbology with its usual identifier and name. Of one code character the first row is what a modifier
/// without a row of its own means.
const SYMBOLOGIES: [(Symbology, u8, u8, &str); 43] = [
    (Symbology::Code39, b'A', b'0', "Code 39"),
    (Symbology::Telepen, b'B', b'0', "Telepen"),
    (Symbology::Code128, b'C', b'0', "Code 128"),
    (Symbology::Gs1Code128, b'C', b'1', "GS1-128"),
    (Symbology::CodeOne, b'D', b'0', "Code One"),
    (Symbology::Ean13, b'E', b'0', "EAN-13, UPC-A, UPC-E"),
    (Symbology::EanAddOn2, b'E', b'1', "two-digit add-on"),
    (Symbology::EanAddOn5, b'E', b'2', "five-digit add-on"),
    (Symbology::EanWithAddOn, b'E', b'3', "EAN or UPC with add-on"),
    (Symbology::Ean8, b'E', b'4', "EAN-8"),
    (Symbology::Codabar, b'F', b'0', "Codabar"),
    (Symbology::Code93, b'G', b'0', "Code 93"),
    (Symbology::Code11, b'H', b'0', "Code 11"),
    (Symbology::Interleaved2Of5, b'I', b'0', "Interleaved 2 of 5"),
    (Symbology::DotCode, b'J', b'0', "DotCode"),
    (Symbology::Gs1DotCode, b'J', b'1', "GS1 DotCode"),
    (Symbology::Code16K, b'K', b'0', "Code 16K"),
    (Symbology::Pdf417, b'L', b'0', "PDF417"),
    (Symbology::MicroPdf417, b'L', b'3', "MicroPDF417"),
    (Symbology::Msi, b'M', b'0', "MSI"),
    (Symbology::Anker, b'N', b'0', "Anker Code"),
    (Symbology::Codablock, b'O', b'0', "Codablock"),
    (Symbology::Plessey, b'P', b'0', "Plessey"),
    (Symbology::QrCode, b'Q', b'1', "QR Code"),
    (Symbology::Gs1QrCode, b'Q', b'3', "GS1 QR Code"),
    (Symbology::Straight2Of5, b'R', b'0', "Straight 2 of 5"),
    (Symbology::Discrete2Of5, b'S', b'0', "Discrete 2 of 5"),
    (Symbology::Code49, b'T', b'0', "Code 49"),
    (Symbology::MaxiCode, b'U', b'0', "MaxiCode"),
    (Symbology::Other, b'X', b'0', "other"),
    (Symbology::SystemExpansion, b'Y', b'0', "system expansion"),
    (Symbology::NoBarcode, b'Z', b'0', "no bar code"),
    (Symbology::ChannelCode, b'c', b'0', "Channel Code"),
    (Symbology::DataMatrix, b'd', b'1', "Data Matrix"),
    (Symbology::Gs1DataMatrix, b'd', b'2', "GS1 DataMatrix"),
    (Symbology::Gs1DataBar, b'e', b'0', "GS1 DataBar"),
    (Symbology::Gs1Composite, b'e', b'1', "GS1 Composite"),
    (Symbology::GridMatrix, b'g', b'0', "Grid Matrix"),
    (Symbology::HanXin, b'h', b'0', "Han Xin"),
    (Symbology::Ocr, b'o', b'0', "OCR"),
    (Symbology::PosiCode, b'p', b'0', "PosiCode"),
    (Symbology::SuperCode, b's', b'0', "SuperCode"),
    (Symbology::Aztec, b'z', b'0', "Aztec"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lead_to_identifiers_and_back() {
        for symbology in Symbology::all() {
            assert_eq!(symbology.id().symbology(), symbology, "{symbology:?}");
        }
        assert_eq!(SymbologyId::new(b'Q', b'6').symbology(), Symbology::QrCode);
        assert_eq!(SymbologyId::new(b'd', b'5').symbology(), Symbology::DataMatrix);
        assert_eq!(SymbologyId::new(b'y', b'0').symbology(), Symbology::Other);
    }

    #[test]
    fn an_identifier_is_three_characters() {
        let (id, rest) = SymbologyId::split(b"]C10109521234543213").unwrap();
        assert_eq!(
            (id.to_string().as_str(), rest),
            ("]C1", b"0109521234543213".as_slice())
        );
        for message in ["", "]", "]C", "C10", "]1C0", "] 10"] {
            assert_eq!(SymbologyId::split(message.as_bytes()), None, "{message}");
        }
    }
}
