//! A read understood: which fields a label carries, or that it is one of the site's own codes.

use jiff::civil::Date;

use crate::in_house::InHouse;
use crate::keys;
use crate::site::SiteCode;
use crate::symbology::SymbologyId;
use crate::understand::{Refusal, Rules, understand_text};

/// What a read means. Made by [`crate::understand()`]; the floor's rules see nothing else of a code.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Scan {
    /// The code's text as it came, without identifier; separators are GS (U+001D).
    pub text: String,
    /// The symbology identifier, where one is known.
    pub symbology: Option<SymbologyId>,
    /// What form of code it is.
    pub kind: ScanKind,
    /// The fields it carries, in the order of the code.
    pub elements: Vec<Element>,
    /// What the site's own rules say the code is, where one of them claims it.
    pub site_code: Option<SiteCode>,
    /// The digits of a printed add-on symbol beside an EAN or UPC: 2 or 5.
    pub add_on: Option<String>,
    /// The item, and the price or weight, in an in-house item number, where a rule of the site says so.
    pub in_house: Option<InHouse>,
    /// What an RFID tag names: its pure identity URI, or the Digital Link of schemes that have none. Two tags with
    /// the same one claim to be the same object, whatever their filter and length.
    pub epc_uri: Option<String>,
    /// How the form of the code was found.
    pub confidence: Confidence,
    /// The rules that real labels break, broken here.
    pub warnings: Vec<Warning>,
}

/// The form of a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum ScanKind {
    /// GS1 element string: fields with application identifiers.
    ElementString,
    /// A bare GTIN, in 8, 12, 13 or 14 digits.
    Gtin,
    /// A GS1 Digital Link URI.
    DigitalLink,
    /// An RFID tag's EPC.
    Epc,
    /// Anything else: opaque text, perhaps one of the site's own codes.
    #[default]
    Text,
}

impl ScanKind {
    /// The stable word for programs.
    pub const fn as_str(self) -> &'static str {
        match self {
            ScanKind::ElementString => "element_string",
            ScanKind::Gtin => "gtin",
            ScanKind::DigitalLink => "digital_link",
            ScanKind::Epc => "epc",
            ScanKind::Text => "text",
        }
    }
}

/// How the form of a code was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Confidence {
    /// The symbology identifier or the form itself says so.
    #[default]
    Stated,
    /// The scanner sent no identifier; the whole text passes all checks of this form.
    Inferred,
    /// The label breaks the rules of GS1, and a rule of the site says what it means.
    Repaired,
}

impl Confidence {
    /// The stable word for programs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Confidence::Stated => "stated",
            Confidence::Inferred => "inferred",
            Confidence::Repaired => "repaired",
        }
    }
}

/// One field of a code: application identifier and value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Element {
    /// The application identifier, 2 to 4 digits.
    pub ai: String,
    /// The value as it was encoded.
    pub value: String,
}

/// A rule that the code breaks and real labels break: told, and refused only where strict reading is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    /// A stable word for programs, as `requires`.
    pub code: &'static str,
    /// The application identifier concerned, where there is one.
    pub ai: Option<String>,
    /// One sentence: what is wrong and what to do.
    pub message: String,
}

impl Scan {
    /// What a text means that may begin with a symbology identifier, as a scanner sends it.
    ///
    /// # Errors
    /// As [`crate::understand()`].
    pub fn of(text: &str, rules: &Rules) -> Result<Self, Refusal> {
        understand_text(text, rules)
    }

    /// The value of an application identifier, where the code carries it.
    pub fn value(&self, ai: &str) -> Option<&str> {
        self.elements
            .iter()
            .find(|element| element.ai == ai)
            .map(|element| element.value.as_str())
    }

    /// The GTIN in 14 digits: AI 01, else 02 (contained trade items).
    pub fn gtin(&self) -> Option<&str> {
        self.value("01").or_else(|| self.value("02"))
    }

    /// The SSCC, AI 00.
    pub fn sscc(&self) -> Option<&str> {
        self.value("00")
    }

    /// The GLN of a physical location, AI 414.
    pub fn gln(&self) -> Option<&str> {
        self.value("414")
    }

    /// The returnable asset, AI 8003: its type, and its serial where it has one.
    pub fn grai(&self) -> Option<(&str, Option<&str>)> {
        self.value("8003")
            .and_then(|value| keys::key_and_serial("8003", value))
    }

    /// The individual asset, AI 8004.
    pub fn giai(&self) -> Option<&str> {
        self.value("8004")
    }

    /// The batch or lot number, AI 10.
    pub fn lot(&self) -> Option<&str> {
        self.value("10")
    }

    /// The serial number, AI 21.
    pub fn serial(&self) -> Option<&str> {
        self.value("21")
    }

    /// The expiry date, AI 17, with the century resolved against `today`.
    pub fn expiry(&self, today: Date) -> Option<Date> {
        self.date("17", today)
    }

    /// The best-before date, AI 15, with the century resolved against `today`.
    pub fn best_before(&self, today: Date) -> Option<Date> {
        self.date("15", today)
    }

    /// The sell-by date, AI 16, with the century resolved against `today`.
    pub fn sell_by(&self, today: Date) -> Option<Date> {
        self.date("16", today)
    }

    /// The net weight in millionths of a kilogram, AI 3100 to 3105: the last digit says how many of the six are decimals
    /// (GS1 General Specifications, section 3.6.2).
    pub fn net_weight_micro_kg(&self) -> Option<i64> {
        self.kilograms("310")
    }

    /// The gross weight in millionths of a kilogram, AI 3300 to 3305 (GS1 General Specifications, section 3.6.3).
    pub fn gross_weight_micro_kg(&self) -> Option<i64> {
        self.kilograms("330")
    }

    fn kilograms(&self, family: &str) -> Option<i64> {
        let (decimals, digits) = self.elements.iter().find_map(|element| {
            let decimals = element.ai.strip_prefix(family)?.parse::<u32>().ok()?;
            (decimals <= 5).then_some((decimals, element.value.as_str()))
        })?;
        digits.parse::<i64>().ok()?.checked_mul(10_i64.pow(6 - decimals))
    }

    fn date(&self, ai: &str, today: Date) -> Option<Date> {
        self.value(ai)
            .and_then(|value| crate::date::resolve_yymmdd(value, today))
    }

    /// The count: AI 30 (variable count) or 37 (count of contained items).
    pub fn count(&self) -> Option<u64> {
        self.value("30")
            .or_else(|| self.value("37"))
            .and_then(|digits| digits.parse().ok())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::site::{SiteCodeKind, SiteRule, SiteRules};
    use jiff::civil::date;

    fn rules() -> Rules {
        Rules::new(date(2026, 11, 23))
    }

    #[test]
    fn the_fields_of_a_label() {
        let text = "]C1010952123454321317271231301\u{1d}10L-7\u{1d}21A1";
        let scan = Scan::of(text, &rules()).unwrap();
        assert_eq!(
            (scan.lot(), scan.serial(), scan.count()),
            (Some("L-7"), Some("A1"), Some(1))
        );
        assert_eq!(scan.expiry(date(2026, 11, 23)), Some(date(2027, 12, 31)));
    }

    #[test]
    fn weights_are_exact() {
        for (text, net, gross) in [
            ("01095212345432133103001250", Some(1_250_000), None),
            ("01095212345432133100001250", Some(1_250_000_000), None),
            ("01095212345432133105000001", Some(10), None),
            ("3301002005", None, Some(200_500_000)),
        ] {
            let scan = Scan::of(&format!("]C1{text}"), &rules()).unwrap();
            let weights = (scan.net_weight_micro_kg(), scan.gross_weight_micro_kg());
            assert_eq!(weights, (net, gross), "{text}");
        }
    }

    #[test]
    fn bare_item_numbers_are_gtins_in_14_digits() {
        for text in [
            "4006381333931",
            "]E04006381333931",
            "]I114006381333938",
            "96385074",
            "]E496385074",
            "036000291452",
        ] {
            let scan = Scan::of(text, &rules()).unwrap();
            assert_eq!(scan.kind, ScanKind::Gtin, "{text}");
            assert_eq!(scan.gtin().map(str::len), Some(14), "{text}");
        }
        let refusal = Scan::of("]E04006381333932", &rules()).unwrap_err();
        assert_eq!((refusal.code, refusal.at), ("check_digit", 3));
    }

    #[test]
    fn refusals_name_field_and_place() {
        let refusal = Scan::of("]C10109521234543214", &rules()).unwrap_err();
        assert_eq!(
            (refusal.code, refusal.ai.as_deref(), refusal.at),
            ("check_digit", Some("01"), 5)
        );
        let refusal = Scan::of("]C101095212345432131799133110A", &rules()).unwrap_err();
        assert_eq!(
            (refusal.code, refusal.ai.as_deref(), refusal.at),
            ("date", Some("17"), 21)
        );
        assert_eq!(refusal.elements.len(), 1);
    }

    #[test]
    fn site_rules_claim_their_codes() {
        let rule = |pattern: &str, kind| SiteRule {
            pattern: pattern.to_owned(),
            kind,
        };
        let site = SiteRules::new(vec![
            rule("LOC-<.+>", SiteCodeKind::Location),
            rule("%<[a-z]{2,10}>", SiteCodeKind::Command),
        ]);
        let rules = Rules {
            site: site.unwrap(),
            ..rules()
        };
        let scan = Scan::of("LOC-A1-03", &rules).unwrap();
        assert_eq!(scan.site_code, Some(SiteCode::Location("A1-03".to_owned())));
        assert_eq!(
            Scan::of("]A0%undo", &rules).unwrap().site_code,
            Some(SiteCode::Command("undo".to_owned()))
        );
        assert_eq!(Scan::of("LOC-", &rules).unwrap().site_code, None);
    }
}
