//! A small warehouse with believable goods and a shift's work, made from a seed.
//!
//! It exists in two forms that say the same: as files in the hub's import formats, and as typed plans for virtual
//! operators, who must know what they hold in their hands. Numbers are from the GS1 prefix 952, which is kept for
//! demonstrations (GS1 General Specifications, section 1.4.1).

mod articles;
mod files;
pub mod pictures;
mod rounds;
mod tagged;

use jiff::civil::Date;
use jiff::{ToSpan as _, Zoned};
use tallyman_platform::entropy::{Entropy as _, SeededEntropy};

pub use articles::{Article, Case};
pub use files::Files;
pub use rounds::{Cart, Inspection, Load, Pack, ROUND_TASKS, Returned, Rounds, Transport};
pub use tagged::{Loads, SweptBay, TaggedBay, TaggedDelivery, TaggedZone};

/// The site that everything belongs to: the one of the hub's shipped configuration.
pub const SITE: &str = "main";

/// The warehouse and its work.
#[derive(Debug, Clone)]
pub struct Warehouse {
    /// What is stocked.
    pub articles: Vec<Article>,
    /// What lies where before the shift.
    pub bins: Vec<Bin>,
    /// Goods that come in.
    pub receipts: Vec<Receipt>,
    /// Goods that go out.
    pub orders: Vec<Order>,
    /// Places to be counted.
    pub counts: Vec<CountSheet>,
    /// A round of each other kind of work; `None` for none.
    pub rounds: Option<Rounds>,
    /// A zone whose goods carry tags; `None` for none.
    pub tagged: Option<TaggedZone>,
}

/// How much work there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size {
    /// Receipts, and lines in each.
    pub receipts: (usize, usize),
    /// Orders, and lines in each.
    pub orders: (usize, usize),
    /// Count sheets, and places on each.
    pub counts: (usize, usize),
    /// Lines of one more order, which two devices work at the same time; 0 for none.
    pub shared_lines: usize,
    /// Whether there is a round of each other kind of work. It needs a receipt.
    pub rounds: bool,
    /// Bays of a zone whose goods carry tags; 0 for none.
    pub tagged_bays: u64,
}

/// A shift of 228 lines, in no more tasks than a screen lists, a round of each other kind of work, and goods with tags.
pub const SHIFT: Size = Size {
    receipts: (3, 24),
    orders: (3, 30),
    counts: (2, 30),
    shared_lines: 6,
    rounds: true,
    tagged_bays: 2,
};

/// Enough for a newcomer's first minutes.
pub const FIRST_LOOK: Size = Size {
    receipts: (2, 3),
    orders: (3, 3),
    counts: (1, 3),
    shared_lines: 0,
    rounds: false,
    tagged_bays: 2,
};

/// A place with goods of one kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bin {
    /// Its address.
    pub location: String,
    /// The article, by its place in [`Warehouse::articles`].
    pub article: usize,
    /// Base units by the book.
    pub quantity: u32,
    /// The lot, where the article has lots.
    pub lot: Option<String>,
    /// The expiry date, where the article has them.
    pub expiry: Option<Date>,
}

/// Goods that come in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// The task.
    pub task: String,
    /// The document.
    pub reference: String,
    /// Where they are put down.
    pub dock: String,
    /// What is expected: each article once.
    pub lines: Vec<ReceiptLine>,
}

/// One article that comes in, in whole packagings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReceiptLine {
    /// The article.
    pub article: usize,
    /// Cases where the article has them, else pieces.
    pub packs: u32,
    /// The lot, where the article has lots.
    pub lot: Option<String>,
    /// The expiry date, where the article has them.
    pub expiry: Option<Date>,
}

/// Goods that go out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// The task.
    pub task: String,
    /// The document.
    pub reference: String,
    /// The tote the goods go into.
    pub tote: String,
    /// What is wanted, place by place.
    pub lines: Vec<OrderLine>,
}

/// Pieces from one bin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OrderLine {
    /// The bin, by its place in [`Warehouse::bins`].
    pub bin: usize,
    /// Pieces.
    pub pieces: u32,
}

/// Places to be counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CountSheet {
    /// The task.
    pub task: String,
    /// The document.
    pub reference: String,
    /// What the counter will find, place by place.
    pub places: Vec<CountPlace>,
}

/// What lies in a place when it is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CountPlace {
    /// The bin.
    pub bin: usize,
    /// Pieces that are really there; the book may say something else.
    pub pieces: u32,
}

/// Pieces in a bin that is picked from: no order can empty it.
const PICK_BIN_PIECES: u32 = 200;

/// The most pieces in a bin that is counted piece by piece.
const COUNT_BIN_PIECES_MAX: u64 = 3;

/// One place in so many holds something else than the book says.
const VARIANCE_ONE_IN: u64 = 10;

impl Warehouse {
    /// The warehouse of a seed, with expiry dates that are in the future today.
    pub fn new(seed: u64, size: Size) -> Self {
        Self::on(Zoned::now().date(), seed, size)
    }

    /// The warehouse of a seed, with expiry dates that are in the future on this day.
    pub fn on(today: Date, seed: u64, size: Size) -> Self {
        let mut maker = Maker {
            chance: SeededEntropy::new(seed),
            articles: articles::all(),
            bins: Vec::new(),
            today,
        };
        let receipts: Vec<Receipt> = (0..size.receipts.0)
            .map(|number| maker.receipt(number, size.receipts.1))
            .collect();
        let orders_of_one = (0..size.orders.0).map(|_| size.orders.1);
        let orders = orders_of_one
            .chain((size.shared_lines > 0).then_some(size.shared_lines))
            .enumerate()
            .map(|(number, lines)| maker.order(number, lines))
            .collect();
        let counts = (0..size.counts.0)
            .map(|number| maker.count(number, size.counts.1))
            .collect();
        let first = receipts.first().filter(|_| size.rounds);
        let rounds = first.map(|receipt| maker.rounds(receipt));
        Self {
            articles: maker.articles,
            bins: maker.bins,
            receipts,
            orders,
            counts,
            rounds,
            tagged: (size.tagged_bays > 0).then(|| TaggedZone::new(seed, size.tagged_bays)),
        }
    }

    /// The article of a bin.
    pub fn article_in(&self, bin: usize) -> &Article {
        &self.articles[self.bins[bin].article]
    }

    /// Lines of receipts, orders and counts.
    pub fn lines(&self) -> usize {
        let receipts = self.receipts.iter().map(|receipt| receipt.lines.len());
        let orders = self.orders.iter().map(|order| order.lines.len());
        let counts = self.counts.iter().map(|sheet| sheet.places.len());
        receipts.chain(orders).chain(counts).sum()
    }

    /// Receipts, orders and counts.
    pub fn tasks(&self) -> usize {
        self.receipts.len() + self.orders.len() + self.counts.len()
    }
}

/// Makes one part after the other.
struct Maker {
    chance: SeededEntropy,
    articles: Vec<Article>,
    bins: Vec<Bin>,
    today: Date,
}

impl Maker {
    fn below(&mut self, n: u64) -> u64 {
        self.chance.below(n)
    }

    /// A number from 1 to `most`.
    fn pieces(&mut self, most: u64) -> u32 {
        1 + self.below(most) as u32
    }

    /// So many different articles, in chance order.
    fn some_articles(&mut self, count: usize) -> Vec<usize> {
        let mut places: Vec<usize> = (0..self.articles.len()).collect();
        shuffle(&mut self.chance, &mut places);
        places.truncate(count);
        places
    }

    fn lot(&mut self, article: usize) -> Option<String> {
        let number = self.below(9_000) + 1_000;
        self.articles[article].lot.then(|| format!("L{number}"))
    }

    fn expiry(&mut self, article: usize) -> Option<Date> {
        let days = 120 + self.below(500) as i64;
        let wanted = self.articles[article].expiry;
        wanted.then(|| self.today.saturating_add(days.days()))
    }

    fn receipt(&mut self, number: usize, lines: usize) -> Receipt {
        let articles = self.some_articles(lines);
        let lines = articles
            .into_iter()
            .map(|article| ReceiptLine {
                article,
                packs: self.pieces(3),
                lot: self.lot(article),
                expiry: self.expiry(article),
            })
            .collect();
        Receipt {
            task: format!("R-{}", 1001 + number),
            reference: format!("PO-{}", 4711 + number),
            dock: format!("DOCK-{}", 1 + number % 2),
            lines,
        }
    }

    fn order(&mut self, number: usize, lines: usize) -> Order {
        let aisle = char::from(b'A' + (number % 8) as u8);
        // An article may come up twice in a long order, from another bin.
        let mut articles = self.some_articles(lines);
        let again = articles.clone();
        articles.extend(again.into_iter().cycle().take(lines - articles.len()));
        let lines = articles
            .into_iter()
            .enumerate()
            .map(|(line, article)| OrderLine {
                bin: self.bin(
                    format!("{aisle}-{:02}-{:02}", 1 + line / 3, 1 + line % 3),
                    article,
                    PICK_BIN_PIECES,
                ),
                pieces: self.pieces(3),
            })
            .collect();
        Order {
            task: format!("P-{}", 2001 + number),
            reference: format!("SO-{}", 5001 + number),
            tote: format!("TOTE-{}", 17 + number),
            lines,
        }
    }

    fn count(&mut self, number: usize, places: usize) -> CountSheet {
        let aisle = char::from(b'S' + (number % 8) as u8);
        let mut articles = self.some_articles(places);
        let again = articles.clone();
        articles.extend(again.into_iter().cycle().take(places - articles.len()));
        let places = articles
            .into_iter()
            .enumerate()
            .map(|(place, article)| {
                let pieces = self.pieces(COUNT_BIN_PIECES_MAX);
                let missing = u32::from(self.below(VARIANCE_ONE_IN) == 0);
                let location = format!("{aisle}-{:02}-{:02}", 1 + place / 3, 1 + place % 3);
                CountPlace {
                    bin: self.bin(location, article, pieces),
                    pieces: pieces - missing,
                }
            })
            .collect();
        CountSheet {
            task: format!("C-{}", 3001 + number),
            reference: format!("COUNT-{aisle}"),
            places,
        }
    }

    fn bin(&mut self, location: String, article: usize, quantity: u32) -> usize {
        let bin = Bin {
            location,
            article,
            quantity,
            lot: self.lot(article),
            expiry: self.expiry(article),
        };
        self.bins.push(bin);
        self.bins.len() - 1
    }
}

/// Puts things into chance order (Fisher and Yates).
pub(crate) fn shuffle<T>(chance: &mut SeededEntropy, things: &mut [T]) {
    for last in (1..things.len()).rev() {
        things.swap(last, chance.below(last as u64 + 1) as usize);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn a_shift_is_at_least_200_lines_and_fits_a_screen() {
        let warehouse = Warehouse::new(7, SHIFT);
        assert!(warehouse.lines() >= 200, "{}", warehouse.lines());
        assert!(warehouse.tasks() <= 9, "{}", warehouse.tasks());
    }

    #[test]
    fn the_same_seed_makes_the_same_work_and_another_one_other_work() {
        let files = |seed| Warehouse::new(seed, SHIFT).files().tasks;
        assert_eq!(files(7), files(7));
        assert_ne!(files(7), files(8));
    }

    #[test]
    fn every_place_and_document_is_there_once_and_no_order_can_empty_its_bin() {
        for seed in 0..64 {
            let warehouse = Warehouse::new(seed, SHIFT);
            let bays = warehouse.tagged.iter().flat_map(|zone| &zone.bays);
            let bays: Vec<_> = bays.map(|bay| &bay.location).collect();
            let bins = warehouse.bins.iter().map(|bin| &bin.location);
            let places: BTreeSet<_> = bins.chain(bays.iter().copied()).collect();
            assert_eq!(places.len(), warehouse.bins.len() + bays.len(), "seed {seed}");
            let documents = warehouse.receipts.iter().map(|receipt| &receipt.reference);
            let documents = documents.chain(warehouse.orders.iter().map(|order| &order.reference));
            let documents = documents.chain(warehouse.counts.iter().map(|sheet| &sheet.reference));
            let zone = warehouse.tagged.iter();
            let tagged = zone.flat_map(|zone| [&zone.reference, &zone.delivery.reference]);
            let documents: BTreeSet<_> = documents.chain(tagged).collect();
            assert_eq!(documents.len(), warehouse.tasks() + 2, "seed {seed}");
            for line in warehouse.orders.iter().flat_map(|order| &order.lines) {
                assert!(
                    line.pieces * 10 < warehouse.bins[line.bin].quantity,
                    "seed {seed}"
                );
            }
        }
    }
}
