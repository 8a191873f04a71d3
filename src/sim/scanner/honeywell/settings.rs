//! The settings that the virtual scanner has, as they leave the factory.
//!
//! Source: Honeywell user's guides, "Serial Programming Commands" and the chapters of each setting. TRGSTO and the
//! shortest Codabar are unsure.

/// One setting.
#[derive(Debug, Clone, Copy)]
pub struct Setting {
    /// Tag and subtag.
    pub tag: &'static str,
    /// The value from the factory.
    pub value: &'static str,
    /// The lowest and the highest value; `None` for text in hexadecimal digits.
    pub bounds: Option<(u32, u32)>,
}

/// All of them, those of one tag together and in their order.
pub const FACTORY: [Setting; 13] = [
    number("BEPBEP", "1", 0, 1),
    number("DECHDR", "0", 0, 1),
    number("TRGSTO", "30000", 0, 300_000),
    number("SCNAIM", "2", 0, 2),
    number("SCNLED", "1", 0, 1),
    number("232BAD", "9", 0, 9),
    text("SUFBK2", "990D"),
    number("CBRENA", "1", 0, 1),
    number("CBRSSX", "0", 0, 1),
    number("CBRCK2", "0", 0, 2),
    number("CBRCCT", "1", 0, 1),
    number("CBRMIN", "4", 2, 60),
    number("CBRMAX", "60", 2, 60),
];

const fn number(tag: &'static str, value: &'static str, low: u32, high: u32) -> Setting {
    Setting {
        tag,
        value,
        bounds: Some((low, high)),
    }
}

const fn text(tag: &'static str, value: &'static str) -> Setting {
    Setting {
        tag,
        value,
        bounds: None,
    }
}

/// The setting of this tag and subtag.
pub fn setting(tag: &str) -> Option<&'static Setting> {
    FACTORY.iter().find(|setting| setting.tag == tag)
}

impl Setting {
    /// What is allowed, as the scanner tells it.
    pub fn range(&self) -> String {
        self.bounds
            .map_or_else(String::new, |(low, high)| format!("{low}-{high}"))
    }

    /// Whether a value is allowed.
    pub fn allows(&self, value: &str) -> bool {
        match self.bounds {
            Some((low, high)) => value
                .parse()
                .is_ok_and(|number: u32| (low..=high).contains(&number)),
            None => value.bytes().all(|byte| byte.is_ascii_hexdigit()),
        }
    }
}
