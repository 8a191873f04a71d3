//! What the warehouse stocks, and the labels on it.

use jiff::civil::Date;
use tallyman_codes::check_digit;

/// An article.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Article {
    /// The article number.
    pub number: &'static str,
    /// What people call it.
    pub name: &'static str,
    /// The GTIN-13 of one piece.
    pub gtin: String,
    /// The case it comes in.
    pub case: Option<Case>,
    /// Whether lots are recorded.
    pub lot: bool,
    /// Whether expiry dates are recorded.
    pub expiry: bool,
}

/// A case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Case {
    /// Its GTIN-14.
    pub gtin: String,
    /// Pieces in it.
    pub pieces: u32,
}

/// Number, name, pieces in a case (0 for none), whether lots and expiry dates are recorded.
const ROWS: &[(&str, &str, u32, bool, bool)] = &[
    ("MILK-1L", "Whole milk 1 l", 12, true, true),
    ("OATS-500", "Rolled oats 500 g", 20, false, true),
    ("COFFEE-1K", "Coffee beans 1 kg", 8, true, true),
    ("YOGURT-150", "Yogurt plain 150 g", 20, true, true),
    ("BUTTER-250", "Butter 250 g", 10, true, true),
    ("RICE-1K", "Basmati rice 1 kg", 10, false, true),
    ("PASTA-500", "Penne 500 g", 24, false, true),
    ("JAM-340", "Apricot jam 340 g", 6, true, true),
    ("WATER-15", "Still water 1.5 l", 6, false, false),
    ("TEA-50", "Black tea 50 bags", 12, false, true),
    ("SALT-1K", "Sea salt 1 kg", 10, false, false),
    ("PAIN-20", "Paracetamol 500 mg, 20 tablets", 50, true, true),
    ("PLASTER-40", "Plasters, 40 pieces", 24, false, false),
    ("SOAP-3", "Hand soap, pack of 3", 18, false, false),
    ("TOWEL-2", "Kitchen towel, 2 rolls", 16, false, false),
    ("BAGS-60", "Bin bags 60 l", 30, false, false),
    ("GLOVE-M", "Work gloves, size M", 0, false, false),
    ("GLOVE-L", "Work gloves, size L", 0, false, false),
    ("BATT-AA4", "Batteries AA, pack of 4", 40, false, false),
    ("LAMP-E27", "LED lamp E27 8 W", 10, false, false),
    ("TAPE-50", "Packing tape 50 mm", 36, false, false),
    ("BOLT-M8", "Hex bolts M8 x 40, bag", 0, false, false),
    ("NUT-M8", "Hex nuts M8, bag", 0, false, false),
    ("WASHER-M8", "Washers M8, bag", 0, false, false),
    ("DRILL-18V", "Cordless drill 18 V", 0, false, false),
    ("CABLE-5M", "Extension cable 5 m", 0, false, false),
    ("PEN-BLUE", "Ball pens blue, box", 20, false, false),
    ("PAPER-A4", "Copy paper A4, 500 sheets", 5, false, false),
    ("MUG-WHITE", "Mug, white", 0, false, false),
    ("LENS-30", "Contact lenses, 30 pieces", 0, true, true),
];

/// The company prefix: 952 is kept for demonstrations, the rest stands for a company.
const PREFIX: &str = "9521101";

/// Every article.
pub(super) fn all() -> Vec<Article> {
    ROWS.iter()
        .enumerate()
        .map(|(place, &(number, name, pieces, lot, expiry))| {
            let reference = format!("{PREFIX}{:05}", 53_000 + place);
            Article {
                number,
                name,
                case: (pieces > 0).then(|| Case {
                    gtin: with_check_digit(&format!("1{reference}")),
                    pieces,
                }),
                gtin: with_check_digit(&reference),
                lot,
                expiry,
            }
        })
        .collect()
}

fn with_check_digit(digits: &str) -> String {
    let check = check_digit::of(digits.as_bytes()).map_or('0', char::from);
    format!("{digits}{check}")
}

impl Article {
    /// The EAN-13 on one piece, as a scanner sends it. It says nothing of lot and date.
    pub fn ean(&self) -> String {
        format!("]E0{}", self.gtin)
    }

    /// The label on one piece: a GS1-128 where lot or date are on it, else the EAN-13.
    pub fn piece_label(&self, lot: Option<&str>, expiry: Option<Date>) -> String {
        match (lot, expiry) {
            (None, None) => self.ean(),
            _ => format!("]C101{:0>14}{}", self.gtin, lot_and_expiry(lot, expiry)),
        }
    }

    /// The label on a case; on a piece where it comes in none.
    pub fn pack_label(&self, lot: Option<&str>, expiry: Option<Date>) -> String {
        match &self.case {
            None => self.piece_label(lot, expiry),
            Some(case) => format!("]C101{}{}", case.gtin, lot_and_expiry(lot, expiry)),
        }
    }

    /// Pieces in what [`Article::pack_label`] is on.
    pub fn pack_pieces(&self) -> u32 {
        self.case.as_ref().map_or(1, |case| case.pieces)
    }

    /// The EAN-13 with a digit misread, so that its check digit is wrong.
    pub fn misread(&self) -> String {
        let (body, check) = self.gtin.split_at(self.gtin.len() - 1);
        let wrong = (check.parse::<u8>().unwrap_or(0) + 1) % 10;
        format!("]E0{body}{wrong}")
    }
}

/// Expiry date (17) first: it has a fixed length, and the lot (10) may end the label without a separator.
fn lot_and_expiry(lot: Option<&str>, expiry: Option<Date>) -> String {
    let expiry = expiry.map_or_else(String::new, |expiry| format!("17{}", expiry.strftime("%y%m%d")));
    let lot = lot.map_or_else(String::new, |lot| format!("10{lot}"));
    format!("{expiry}{lot}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;
    use tallyman_codes::gtin::Gtin;

    #[test]
    fn every_number_is_there_once_and_every_gtin_is_right() {
        let articles = all();
        let numbers: BTreeSet<_> = articles.iter().map(|article| article.number).collect();
        assert_eq!(numbers.len(), articles.len());
        for article in &articles {
            assert!(Gtin::new(article.gtin.as_bytes()).is_some(), "{article:?}");
            let case = article.case.as_ref();
            assert!(
                case.is_none_or(|case| Gtin::new(case.gtin.as_bytes()).is_some()),
                "{article:?}"
            );
            let misread = article.misread();
            assert!(Gtin::new(&misread.as_bytes()[3..]).is_none(), "{misread}");
        }
    }

    #[test]
    fn labels_are_what_scanners_send() {
        let milk = &all()[0];
        assert_eq!(milk.ean(), "]E09521101530001");
        let expiry = Some(jiff::civil::date(2027, 12, 31));
        assert_eq!(
            milk.pack_label(Some("L1"), expiry),
            "]C101195211015300081727123110L1"
        );
        assert_eq!(
            milk.piece_label(Some("L1"), expiry),
            "]C101095211015300011727123110L1"
        );
        assert_eq!(milk.piece_label(None, None), milk.ean());
    }
}
