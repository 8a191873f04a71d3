//! Ranges of numbers that devices give to handling units by themselves.

use serde::Deserialize;
use tallyman_codes::{SiteCode, SiteRule, SiteRules};
use tallyman_floor::wire::convert::NumberBlockError;
use tallyman_floor::wire::v1::{NUMBERS_MAX, NumberBlockBody};
use tallyman_floor::{NumberBlock, NumberForm, NumberKind};

use super::{HubConfig, SettingError, SiteConfig};

/// Numbers that devices are leased.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NumberConfig {
    /// Numbers passed over in each range after the hub was put back from a copy.
    pub restore_gap: u64,
    /// Numbers that a device gets at a time.
    pub lease_max: u64,
    /// The ranges.
    pub ranges: Vec<NumberRangeConfig>,
}

/// One range.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NumberRangeConfig {
    /// The site whose devices use it.
    pub site: String,
    /// What the numbers are.
    pub kind: NumberKindName,
    /// The GS1 company prefix of SSCCs.
    #[serde(default)]
    pub company_prefix: Option<String>,
    /// The extension digit of SSCCs.
    #[serde(default)]
    pub extension: Option<u8>,
    /// The text before the digits of LPNs.
    #[serde(default)]
    pub prefix: Option<String>,
    /// How many digits LPNs have.
    #[serde(default)]
    pub digits: Option<u8>,
    /// The first serial reference or number.
    pub first: u64,
    /// The last one.
    pub last: u64,
}

/// The kinds of numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NumberKindName {
    /// Serial shipping container codes.
    Sscc,
    /// Licence plate numbers.
    Lpn,
}

/// Why ranges cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NumberRangeError {
    /// Another site than those there are.
    #[error("numbers.ranges: there is no site {0:?}.")]
    Site(String),
    /// A form or bounds that are none.
    #[error("numbers.ranges of site {site}: {source}.")]
    Block {
        /// The site.
        site: String,
        /// What is wrong.
        source: NumberBlockError,
    },
    /// Two ranges have a number in common.
    #[error(
        "numbers.ranges: {0} is in two ranges. A number is given once, whatever the site: make one of them end before the other."
    )]
    Overlap(String),
    /// Nobody could scan the label.
    #[error(
        "numbers.ranges of site {site}: a label with {number} would not be read as that handling unit. Add a rule to the site's \
         codes, as {{ pattern = {pattern:?}, kind = \"handling_unit\" }}."
    )]
    Unread {
        /// The site.
        site: String,
        /// The first number of the range.
        number: String,
        /// A rule that would do.
        pattern: String,
    },
}

impl Default for NumberConfig {
    fn default() -> Self {
        Self {
            restore_gap: 10_000,
            lease_max: 1_000,
            ranges: Vec::new(),
        }
    }
}

impl NumberRangeConfig {
    fn block(&self) -> Result<NumberBlock, NumberRangeError> {
        let kind = match self.kind {
            NumberKindName::Sscc => NumberKind::Sscc,
            NumberKindName::Lpn => NumberKind::Lpn,
        };
        let body = NumberBlockBody {
            kind: kind.word().to_owned(),
            extension: self.extension,
            company_prefix: self.company_prefix.clone(),
            prefix: self.prefix.clone(),
            digits: self.digits,
            first: self.first,
            last: self.last,
        };
        NumberBlock::try_from(&body).map_err(|source| NumberRangeError::Block {
            site: self.site.clone(),
            source,
        })
    }
}

impl NumberConfig {
    /// The ranges of a site, in the order of the configuration.
    pub(crate) fn of_site(&self, site: &str) -> Vec<NumberBlock> {
        let theirs = self.ranges.iter().filter(|range| range.site == site);
        theirs.filter_map(|range| range.block().ok()).collect()
    }
}

impl HubConfig {
    pub(super) fn check_numbers(&self) -> Result<(), SettingError> {
        let numbers = &self.numbers;
        if !(1..=NUMBERS_MAX).contains(&numbers.lease_max) {
            return Err(SettingError::Range {
                key: "numbers.lease_max",
                value: numbers.lease_max,
                range: "1 to 100000",
            });
        }
        let mut known: Vec<NumberBlock> = Vec::new();
        for range in &numbers.ranges {
            let site = self.sites.iter().find(|site| site.id == range.site);
            let site = site.ok_or_else(|| NumberRangeError::Site(range.site.clone()))?;
            let block = range.block()?;
            if let Some(common) = known.iter().find_map(|earlier| earlier.common(&block)) {
                let number = common.form.write(common.first).unwrap_or_default();
                return Err(NumberRangeError::Overlap(number).into());
            }
            check_readable(site, &block)?;
            known.push(block);
        }
        Ok(())
    }
}

/// An LPN is only worth its label where the site's codes say that it is a handling unit of that name.
fn check_readable(site: &SiteConfig, block: &NumberBlock) -> Result<(), NumberRangeError> {
    let NumberForm::Lpn { prefix, digits } = &block.form else {
        return Ok(());
    };
    let rules = site.codes.iter().map(|code| SiteRule {
        pattern: code.pattern.clone(),
        kind: code.kind.into(),
    });
    // Rules that cannot be read are told of elsewhere.
    let Ok(rules) = SiteRules::new(rules.collect()) else {
        return Ok(());
    };
    for serial in [block.first, block.last] {
        let number = block.form.write(serial).unwrap_or_default();
        if rules.claim(&number) != Some(SiteCode::HandlingUnit(number.clone())) {
            return Err(NumberRangeError::Unread {
                site: site.id.clone(),
                pattern: format!("{}[0-9]{{{digits}}}", prefix.replace('.', "\\.")),
                number,
            });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(ranges: &str) -> String {
        let text = format!(
            "[[sites]]\nid = \"main\"\nname = \"Main\"\ncodes = [{{ pattern = \"LPN-[0-9]{{6}}\", kind = \"handling_unit\" }}]\n\
             [numbers]\nranges = [{ranges}]\n"
        );
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("hub.toml");
        std::fs::write(&file, text).unwrap();
        let config = HubConfig::load(tallyman_platform::config::File::Required(&file), &|_| None).unwrap();
        config
            .check()
            .err()
            .map(|error| error.to_string())
            .unwrap_or_default()
    }

    #[test]
    fn ranges_are_checked() {
        let sscc = r#"{ site = "main", kind = "sscc", company_prefix = "4012345", extension = 3, first = 0, last = 999 }"#;
        let more = r#"{ site = "main", kind = "sscc", company_prefix = "4012345", extension = 3, first = 999, last = 5000 }"#;
        let other = r#"{ site = "main", kind = "sscc", company_prefix = "4012345", extension = 4, first = 0, last = 999999999 }"#;
        let lpn = r#"{ site = "main", kind = "lpn", prefix = "LPN-", digits = 6, first = 1, last = 999999 }"#;
        let unread =
            r#"{ site = "main", kind = "lpn", prefix = "LPN.", digits = 6, first = 1, last = 999999 }"#;
        let beyond =
            r#"{ site = "main", kind = "lpn", prefix = "LPN-", digits = 6, first = 1, last = 1000000 }"#;
        let nowhere = r#"{ site = "south", kind = "lpn", prefix = "LPN-", digits = 6, first = 1, last = 9 }"#;
        let nobody = r#"{ site = "main", kind = "sscc", first = 1, last = 9 }"#;
        for (ranges, wanted) in [
            (vec![sscc, other, lpn], ""),
            (vec![sscc, more], "is in two ranges"),
            (vec![unread], "LPN\\\\.[0-9]{6}"),
            (vec![beyond], "not above 999999"),
            (vec![nowhere], "no site \"south\""),
            (vec![nobody], "company prefix"),
        ] {
            let told = with(&ranges.join(", "));
            assert_eq!(wanted.is_empty(), told.is_empty(), "{told}");
            assert!(told.contains(wanted), "{told}");
        }
    }
}
