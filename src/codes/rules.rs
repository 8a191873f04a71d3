//! Everything besides the read that its meaning depends on.

use jiff::civil::Date;

use crate::in_house::InHouseRule;
use crate::repair::RepairRule;
use crate::site::SiteRules;

/// Everything besides the read that its meaning depends on. Agent and hub keep one each and replace it whole
/// when the configuration changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rules {
    /// The day dates with two-digit years are resolved against.
    pub today: Date,
    /// The site's own codes.
    pub site: SiteRules,
    /// What is accepted and what is refused, where users differ.
    pub settings: Settings,
    /// What in-house item numbers with a price or weight in them mean here.
    pub in_house: Vec<InHouseRule>,
    /// What the broken labels of known suppliers mean.
    pub repairs: Vec<RepairRule>,
}

impl Rules {
    /// The rules of a site without codes of its own, every setting at its default.
    pub fn new(today: Date) -> Self {
        Self {
            today,
            site: SiteRules::default(),
            settings: Settings::default(),
            in_house: Vec::new(),
            repairs: Vec::new(),
        }
    }
}

/// What is accepted and what is refused, where users differ. All off by default.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Settings {
    /// What otherwise warns refuses: fields that should or should not stand together, unknown fields.
    pub strict: bool,
    /// Digital Links may say `/gtin/` for `/01/`, as version 1.0 of the standard did.
    pub digital_link_aliases: bool,
    /// Digital Links may carry GTINs of 8, 12 or 13 digits.
    pub digital_link_short_gtin: bool,
    /// 18 bare digits with a right check digit are an SSCC.
    pub bare_sscc: bool,
}
