//! The kinds of work beside receipts, orders and counts: a round of each, with goods that nothing else touches.

use jiff::civil::Date;

use super::{Maker, PICK_BIN_PIECES, Receipt, Warehouse};

/// A round of every other kind of work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rounds {
    /// What was received and is brought to a place.
    pub putaway: Transport,
    /// What is brought from the reserve to where it is picked.
    pub replenish: Transport,
    /// What is planned to lie elsewhere.
    pub relocate: Transport,
    /// What a worker moves without a plan.
    pub unplanned: Transport,
    /// An empty place that a worker counts without a plan.
    pub empty_place: String,
    /// What is picked into two totes of a cart, with a whole pallet, and handed over at a door.
    pub cart: Cart,
    /// What is packed out of the cart's first tote.
    pub pack: Pack,
    /// What is loaded: the carton and the pallet.
    pub load: Load,
    /// What comes back.
    pub returned: Returned,
    /// What is looked at where it lies.
    pub inspection: Inspection,
}

/// Goods of one kind that go from one place to another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transport {
    /// The task; empty for what is begun on the floor.
    pub task: String,
    /// The document; empty for what is begun on the floor.
    pub reference: String,
    /// The word of the kind.
    pub kind: &'static str,
    /// The article.
    pub article: usize,
    /// What is scanned for each packaging.
    pub label: String,
    /// How often it is scanned.
    pub scans: u32,
    /// Pieces in all.
    pub pieces: u32,
    /// Where they lie.
    pub from: String,
    /// Where they go.
    pub to: String,
}

/// Goods for two orders, picked on one way, and a whole pallet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cart {
    /// The task.
    pub task: String,
    /// The document.
    pub reference: String,
    /// Where the totes are put down.
    pub hand_over: String,
    /// For each tote: the bin, and pieces from it.
    pub lines: Vec<(String, usize, u32)>,
    /// The bin that the pallet stands in, which holds nothing else.
    pub pallet_bin: usize,
    /// The number of the pallet.
    pub pallet: String,
}

/// Goods of one tote that go into a carton.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pack {
    /// The task.
    pub task: String,
    /// The document.
    pub reference: String,
    /// The tote.
    pub tote: String,
    /// The carton.
    pub carton: String,
    /// The bin that the goods came from.
    pub bin: usize,
    /// Pieces.
    pub pieces: u32,
}

/// Units that go onto a truck.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Load {
    /// The task.
    pub task: String,
    /// The document.
    pub reference: String,
    /// The door.
    pub door: String,
    /// The truck.
    pub vehicle: String,
    /// The units.
    pub units: Vec<String>,
}

/// Two pieces that come back: one as new, one broken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Returned {
    /// The task.
    pub task: String,
    /// The document.
    pub reference: String,
    /// Where they are looked at, and what is broken stays.
    pub dock: String,
    /// Where what is as new goes.
    pub shelf: String,
    /// The article.
    pub article: usize,
    /// The label on a piece.
    pub label: String,
}

/// Pieces that are looked at where they lie: one is in order, one goes on hold, the rest is broken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inspection {
    /// The task.
    pub task: String,
    /// The document.
    pub reference: String,
    /// The bin that they lie in.
    pub bin: usize,
    /// Pieces that are looked at.
    pub pieces: u32,
}

/// Tasks that a shift's rounds are planned as.
pub const ROUND_TASKS: usize = 8;

const DOOR: &str = "DOCK-1";
const RETURNS_DOCK: &str = "DOCK-2";

impl Maker {
    /// A round of every other kind. What is put away came with the first line of this receipt.
    pub(super) fn rounds(&mut self, receipt: &Receipt) -> Rounds {
        let bins = [0, 1].map(|place| self.full_bin(format!("W-01-{:02}", 1 + place)));
        let cart_lines =
            [("31", bins[0]), ("32", bins[1])].map(|(tote, bin)| (tote.to_owned(), bin, 1 + self.pieces(2)));
        let packed = cart_lines[0].2;
        let pallet_bin = self.pallet_bin("W-01-03".to_owned());
        let shelf = self.empty_bin("W-03-01");
        Rounds {
            putaway: self.putaway(receipt),
            replenish: self.transport("N-5001", "RE-5001", "replenish", 2),
            relocate: self.transport("M-6001", "MO-6001", "move", 3),
            unplanned: self.transport("", "", "move", 4),
            empty_place: self.empty_bin("W-03-02"),
            cart: Cart {
                task: "P-7001".to_owned(),
                reference: "WAVE-7001".to_owned(),
                hand_over: DOOR.to_owned(),
                lines: cart_lines.to_vec(),
                pallet_bin,
                pallet: "50".to_owned(),
            },
            pack: Pack {
                task: "K-8001".to_owned(),
                reference: "PK-8001".to_owned(),
                tote: "31".to_owned(),
                carton: "41".to_owned(),
                bin: bins[0],
                pieces: packed,
            },
            load: Load {
                task: "L-9001".to_owned(),
                reference: "TOUR-9001".to_owned(),
                door: DOOR.to_owned(),
                vehicle: "TRUCK-7".to_owned(),
                units: vec!["41".to_owned(), "50".to_owned()],
            },
            returned: self.returned(shelf),
            inspection: Inspection {
                task: "Q-9701".to_owned(),
                reference: "QC-9701".to_owned(),
                bin: self.full_bin("X-01-05".to_owned()),
                pieces: 2 + self.pieces(2),
            },
        }
    }

    fn putaway(&mut self, receipt: &Receipt) -> Transport {
        let line = &receipt.lines[0];
        let article = &self.articles[line.article];
        Transport {
            task: "U-4001".to_owned(),
            reference: "PA-4001".to_owned(),
            kind: "putaway",
            article: line.article,
            label: article.pack_label(line.lot.as_deref(), line.expiry),
            scans: line.packs,
            pieces: line.packs * article.pack_pieces(),
            from: receipt.dock.clone(),
            to: self.empty_bin("W-02-01"),
        }
    }

    fn transport(&mut self, task: &str, reference: &str, kind: &'static str, place: u32) -> Transport {
        let bin = self.full_bin(format!("X-01-{place:02}"));
        let pieces = 1 + self.pieces(3);
        let from = &self.bins[bin];
        let article = &self.articles[from.article];
        Transport {
            task: task.to_owned(),
            reference: reference.to_owned(),
            kind,
            article: from.article,
            label: article.piece_label(from.lot.as_deref(), from.expiry),
            scans: pieces,
            pieces,
            from: from.location.clone(),
            to: self.empty_bin(&format!("W-02-{place:02}")),
        }
    }

    fn returned(&mut self, shelf: String) -> Returned {
        let article = self.some_articles(1)[0];
        let (lot, expiry): (Option<String>, Option<Date>) = (self.lot(article), self.expiry(article));
        Returned {
            task: "B-9501".to_owned(),
            reference: "RMA-9501".to_owned(),
            dock: RETURNS_DOCK.to_owned(),
            shelf,
            article,
            label: self.articles[article].piece_label(lot.as_deref(), expiry),
        }
    }

    fn full_bin(&mut self, location: String) -> usize {
        let article = self.some_articles(1)[0];
        self.bin(location, article, PICK_BIN_PIECES)
    }

    /// Goods without lots: a pallet is taken as its line says, and lines of this shift name no lots.
    fn pallet_bin(&mut self, location: String) -> usize {
        let plain = |article: &usize| !self.articles[*article].lot && !self.articles[*article].expiry;
        let places: Vec<usize> = (0..self.articles.len()).filter(plain).collect();
        let chosen = self.below(places.len() as u64) as usize;
        self.bin(location, places[chosen], PICK_BIN_PIECES)
    }

    fn empty_bin(&mut self, location: &str) -> String {
        self.bin(location.to_owned(), 0, 0);
        location.to_owned()
    }
}

impl Warehouse {
    /// The rounds as a file of tasks; `None` where there are none.
    pub(super) fn rounds_csv(&self) -> Option<String> {
        let rounds = self.rounds.as_ref()?;
        let mut csv = String::from(
            "task,kind,reference,dock,tote,hand_over,weigh,vehicle,checks,dispositions,line,item,quantity,location,to,\
             handling_unit,into\n",
        );
        for transport in [&rounds.putaway, &rounds.replenish, &rounds.relocate] {
            let Transport {
                task,
                kind,
                reference,
                ..
            } = transport;
            csv.push_str(&format!(
                "{task},{kind},{reference},,,,,,,,1,{},{},{},{},,\n",
                self.articles[transport.article].number, transport.pieces, transport.from, transport.to
            ));
        }
        let Cart {
            task,
            reference,
            hand_over,
            ..
        } = &rounds.cart;
        for (number, (tote, bin, pieces)) in (1..).zip(&rounds.cart.lines) {
            csv.push_str(&format!(
                "{task},pick,{reference},,,{hand_over},,,,,{number},{},{pieces},{},,,{tote}\n",
                self.article_in(*bin).number,
                self.bins[*bin].location
            ));
        }
        csv.push_str(&format!(
            "{task},pick,{reference},,,{hand_over},,,,,{},{},{PICK_BIN_PIECES},{},,{},\n",
            rounds.cart.lines.len() + 1,
            self.article_in(rounds.cart.pallet_bin).number,
            self.bins[rounds.cart.pallet_bin].location,
            rounds.cart.pallet
        ));
        let Pack {
            task,
            reference,
            tote,
            pieces,
            bin,
            ..
        } = &rounds.pack;
        let item = self.article_in(*bin).number;
        csv.push_str(&format!(
            "{task},pack,{reference},,{tote},,yes,,,,1,{item},{pieces},,,,\n"
        ));
        let Load {
            task,
            reference,
            door,
            vehicle,
            units,
        } = &rounds.load;
        for (number, unit) in (1..).zip(units) {
            csv.push_str(&format!(
                "{task},load,{reference},{door},,,,{vehicle},seal,,{number},,,,,{unit},\n"
            ));
        }
        let Returned {
            task,
            reference,
            dock,
            shelf,
            article,
            ..
        } = &rounds.returned;
        csv.push_str(&format!(
            "{task},return,{reference},{dock},,,,,,as new=available>{shelf}; broken=damaged>{dock},1,{},2,,,,\n",
            self.articles[*article].number
        ));
        let Inspection {
            task,
            reference,
            bin,
            pieces,
        } = &rounds.inspection;
        csv.push_str(&format!(
            "{task},inspect,{reference},,,,,,,,1,{},{pieces},{},,,\n",
            self.article_in(*bin).number,
            self.bins[*bin].location
        ));
        Some(csv)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use tallyman_floor::TaskKind;

    use crate::warehouse::{FIRST_LOOK, ROUND_TASKS, SHIFT, Warehouse};

    #[test]
    fn a_shift_has_a_task_of_every_kind_and_a_first_look_has_not() {
        for seed in 0..64 {
            let files = Warehouse::new(seed, SHIFT).files();
            let rounds = files.rounds.expect("rounds");
            let column = |place: usize| -> BTreeSet<String> {
                let rows = rounds.lines().skip(1);
                rows.filter_map(|row| row.split(',').nth(place).map(str::to_owned))
                    .collect()
            };
            let kinds = column(1);
            // Receipts and counts are files of their own.
            let others = TaskKind::WORDS
                .into_iter()
                .filter(|word| !["receive", "count"].contains(word));
            for kind in others {
                assert!(kinds.contains(kind), "seed {seed}: no {kind}");
            }
            assert_eq!(column(0).len(), ROUND_TASKS);
            let columns = rounds.lines().map(|row| row.split(',').count());
            assert_eq!(columns.collect::<BTreeSet<_>>().len(), 1, "{rounds}");
        }
        assert_eq!(Warehouse::new(7, FIRST_LOOK).files().rounds, None);
    }
}
