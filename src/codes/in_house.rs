//! Item numbers for use inside a company or region, with a price, weight or count in them.
//!
//! Numbers that begin with 02, 04 or 20 to 29 (restricted circulation, GS1 General Specifications, section 2.1.12)
//! are laid out by national rules, so nothing is built in: a site gives templates for its region.

use crate::check_digit;
use crate::gtin::Gtin;

/// What a template says the embedded value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Measured {
    /// A price in the site's currency.
    Price,
    /// A net weight in kilograms.
    Kilograms,
    /// A number of pieces.
    Pieces,
}

/// One layout of in-house item numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InHouseRule {
    /// 13 characters: digits stand for themselves, `I` for the item, `V` for the value, `K` for the value's own
    /// check digit, `C` for the check digit, which is last. As `21IIIIIVVVVVC`.
    pub template: String,
    /// What the value is.
    pub measured: Measured,
    /// How many of the value's digits are decimals.
    pub decimals: u8,
}

/// An in-house item number taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InHouse {
    /// The item's digits, without the prefix.
    pub item: String,
    /// What the value is.
    pub measured: Measured,
    /// The value, in units of its last decimal.
    pub value: u32,
    /// How many decimals it has: 1234 with 3 is 1.234.
    pub decimals: u8,
}

/// Why a template cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "in-house template {template:?}: write 13 characters, digits first, then I, V and perhaps one K, C last, as 21IIIIIVVVVVC"
)]
pub struct TemplateError {
    /// The template as it was written.
    pub template: String,
}

impl InHouseRule {
    /// Checks the rule when the configuration is loaded.
    ///
    /// # Errors
    /// A [`TemplateError`] where the template is not of the form that the field's documentation gives.
    pub fn check(&self) -> Result<(), TemplateError> {
        let written = self.template.as_bytes();
        let count = |wanted: u8| written.iter().filter(|&&byte| byte == wanted).count();
        let known = written
            .iter()
            .all(|byte| byte.is_ascii_digit() || b"IVKC".contains(byte));
        let right = known
            && written.len() == 13
            && is_restricted(written)
            && written.last() == Some(&b'C')
            && count(b'C') == 1
            && count(b'I') > 0
            && (1..=8).contains(&count(b'V'))
            && (count(b'K') == 0 || (count(b'K') == 1 && matches!(count(b'V'), 4 | 5)))
            && usize::from(self.decimals) <= count(b'V');
        if right {
            Ok(())
        } else {
            Err(TemplateError {
                template: self.template.clone(),
            })
        }
    }

    /// Takes an item number apart; `None` where it is not of this layout, or its value's check digit is wrong.
    pub fn read(&self, gtin: Gtin) -> Option<InHouse> {
        let [_, digits @ ..] = gtin.as_bytes();
        if self.template.len() != digits.len() || !is_restricted(digits) {
            return None;
        }
        let (mut item, mut value, mut value_check) = (String::new(), Vec::new(), None);
        for (layout, &digit) in self.template.bytes().zip(digits) {
            match layout {
                b'I' => item.push(char::from(digit)),
                b'V' => value.push(digit),
                b'K' => value_check = Some(digit),
                b'C' => {}
                literal if literal == digit => {}
                _ => return None,
            }
        }
        if value_check.is_some_and(|check| check_digit::of_price(&value) != Some(check)) {
            return None;
        }
        let number = std::str::from_utf8(&value).ok()?.parse().ok()?;
        Some(InHouse {
            item,
            measured: self.measured,
            value: number,
            decimals: self.decimals,
        })
    }
}

/// Whether 13 digits begin with a prefix of restricted circulation.
pub(crate) fn is_restricted(digits: &[u8]) -> bool {
    matches!(digits, [b'0', b'2' | b'4', ..] | [b'2', ..])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(template: &str, measured: Measured, decimals: u8) -> InHouseRule {
        InHouseRule {
            template: template.to_owned(),
            measured,
            decimals,
        }
    }

    fn gtin(body: &str) -> Gtin {
        let check = check_digit::of(body.as_bytes()).unwrap();
        Gtin::new(&[body.as_bytes(), &[check]].concat()).unwrap()
    }

    #[test]
    fn a_template_finds_item_and_weight() {
        let weight = rule("21IIIIIVVVVVC", Measured::Kilograms, 3);
        assert_eq!(weight.check(), Ok(()));
        let found = weight.read(gtin("211234501250")).unwrap();
        assert_eq!(
            (found.item.as_str(), found.value, found.decimals),
            ("12345", 1250, 3)
        );
        assert_eq!(weight.read(gtin("221234501250")), None);
        assert_eq!(weight.read(gtin("400638133393")), None);
    }

    #[test]
    fn a_price_has_its_own_check_digit() {
        let price = rule("20IIIIIKVVVVC", Measured::Price, 2);
        assert_eq!(price.check(), Ok(()));
        assert_eq!(
            price.read(gtin("201234592875")).map(|found| found.value),
            Some(2875)
        );
        assert_eq!(price.read(gtin("201234582875")), None);
    }

    #[test]
    fn templates_of_another_form_are_refused() {
        for template in [
            "",
            "21IIIIIVVVVV",
            "21IIIIIIIIIIC",
            "21IIIIIVVVVVX",
            "40IIIIIVVVVVC",
            "21VVVVVVVVVVC",
            "21IIKIIKVVVVC",
        ] {
            assert!(rule(template, Measured::Price, 2).check().is_err(), "{template}");
        }
    }
}
