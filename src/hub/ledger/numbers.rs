//! Leases of numbers: which a device gets, decided apart from any database.
//!
//! A store keeps one row for each block that was ever leased or passed over, and rows of one form never overlap. The next
//! number of a range is behind the highest row in it, so nothing has to be counted, and a range that was made longer, or
//! shorter and longer again, goes on where it was.

use jiff::Timestamp;
use tallyman_floor::wire::v1::{NumberBlockBody, Numbers};
use tallyman_floor::{NumberBlock, NumberKind};

/// What a device asks for, and what there is.
#[derive(Debug, Clone)]
pub struct NumberWish {
    /// The kind.
    pub kind: NumberKind,
    /// How many.
    pub count: u64,
    /// What tells the request from others of the device.
    pub key: String,
    /// The epoch of the device's journal.
    pub epoch: u32,
    /// The last seq in it.
    pub last_seq: u64,
    /// What the device was leased before.
    pub held: Vec<NumberBlock>,
    /// The ranges of its site, of every kind, in their order.
    pub ranges: Vec<NumberBlock>,
    /// Numbers passed over in each range after a restore.
    pub restore_gap: u64,
}

/// The highest row of a range.
#[derive(Debug, Clone)]
pub(crate) struct Top {
    pub(crate) last: u64,
    /// The life of the hub that wrote it.
    pub(crate) generation: String,
}

/// The lives of a hub that matter here.
#[derive(Debug, Clone)]
pub(crate) struct Lives {
    /// The life it is in.
    pub(crate) now: String,
    /// The life in which it began to keep leases; empty where that is not known.
    pub(crate) origin: String,
}

/// Why there is a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Why {
    /// A device asked for it.
    Lease,
    /// A device said that it has it from an earlier life of the hub.
    Told,
    /// It was passed over after a restore.
    Gap,
}

impl Why {
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Lease => "lease",
            Self::Told => "told",
            Self::Gap => "gap",
        }
    }

    /// What the row says of the request: only what was asked for is its answer.
    pub(crate) fn request(self, key: &str) -> &str {
        if self == Self::Lease { key } else { "" }
    }
}

/// What is to be written, and answered.
#[derive(Debug, Default)]
pub(crate) struct Plan {
    /// The rows, none of which overlaps another or one that is there.
    pub(crate) rows: Vec<(NumberBlock, Why)>,
    /// How many numbers of the kind are left.
    pub(crate) left: u64,
}

impl Plan {
    /// Decides. `tops` are the highest rows of the ranges, in their order.
    pub(crate) fn of(wish: &NumberWish, tops: &[Option<Top>], lives: &Lives) -> Self {
        let mut plan = Self::default();
        let mut left = wish.count;
        for (index, range) in wish.ranges.iter().enumerate() {
            let top = tops.get(index).and_then(Option::as_ref);
            let top = top.filter(|top| top.last >= range.first);
            let mut next = top.map_or(range.first, |top| top.last.saturating_add(1));
            let is_known = lives.now == lives.origin || top.is_some_and(|top| top.generation == lives.now);
            if !is_known {
                // What was leased after the copy was made is not in it.
                plan.add(range, &mut next, wish.restore_gap, Why::Gap);
            }
            for held in wish.held.iter().filter_map(|held| held.common(range)) {
                if held.last >= next {
                    next = next.max(held.first);
                    let count = held.last - next + 1;
                    plan.add(range, &mut next, count, Why::Told);
                }
            }
            if range.form.kind() == wish.kind {
                left -= plan.add(range, &mut next, left, Why::Lease);
                plan.left = plan
                    .left
                    .saturating_add(range.last.saturating_add(1).saturating_sub(next));
            }
        }
        plan
    }

    /// Takes so many numbers of a range, or as many as there are.
    fn add(&mut self, range: &NumberBlock, next: &mut u64, count: u64, why: Why) -> u64 {
        let there = range.last.saturating_add(1).saturating_sub(*next);
        let count = count.min(there);
        if count > 0 {
            let block = NumberBlock {
                form: range.form.clone(),
                first: *next,
                last: *next + (count - 1),
            };
            *next += count;
            self.rows.push((block, why));
        }
        count
    }

    /// The blocks that the device gets.
    pub(crate) fn leased(&self) -> Vec<NumberBlock> {
        let leased = self.rows.iter().filter(|(_, why)| *why == Why::Lease);
        leased.map(|(block, _)| block.clone()).collect()
    }
}

/// The answer to a device.
pub(crate) fn answer(generation: String, blocks: &[NumberBlock], left: u64, now: Timestamp) -> Numbers {
    Numbers {
        generation,
        blocks: blocks.iter().map(NumberBlockBody::from).collect(),
        left,
        server_time: now,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use tallyman_floor::NumberForm;

    use super::*;

    fn block(first: u64, last: u64) -> NumberBlock {
        NumberBlock::new(NumberForm::lpn("P", 3).unwrap(), first, last).unwrap()
    }

    fn wish(count: u64, ranges: Vec<NumberBlock>) -> NumberWish {
        NumberWish {
            kind: NumberKind::Lpn,
            count,
            key: "k".to_owned(),
            epoch: 1,
            last_seq: 0,
            held: Vec::new(),
            ranges,
            restore_gap: 10,
        }
    }

    fn lives(now: &str, origin: &str) -> Lives {
        Lives {
            now: now.to_owned(),
            origin: origin.to_owned(),
        }
    }

    fn top(last: u64, generation: &str) -> Option<Top> {
        Some(Top {
            last,
            generation: generation.to_owned(),
        })
    }

    #[test]
    fn a_range_is_used_to_its_last_number_and_then_the_next_one() {
        let wish = wish(8, vec![block(0, 4), block(100, 999)]);
        let plan = Plan::of(&wish, &[top(1, "g"), None], &lives("g", "g"));
        assert_eq!(plan.leased(), [block(2, 4), block(100, 104)]);
        assert_eq!(plan.left, 895);
        let plan = Plan::of(&wish, &[top(4, "g"), top(999, "g")], &lives("g", "g"));
        assert_eq!((plan.leased(), plan.left), (Vec::new(), 0));
    }

    #[test]
    fn after_a_restore_each_range_has_one_gap() {
        let mut wish = wish(5, vec![block(0, 99)]);
        let plan = Plan::of(&wish, &[top(19, "old")], &lives("new", "old"));
        assert_eq!(
            plan.rows,
            [(block(20, 29), Why::Gap), (block(30, 34), Why::Lease)]
        );
        let plan = Plan::of(&wish, &[top(34, "new")], &lives("new", "old"));
        assert_eq!(plan.rows, [(block(35, 39), Why::Lease)]);
        // The copy may be older than the first lease.
        let plan = Plan::of(&wish, &[None], &lives("new", "old"));
        assert_eq!(plan.rows, [(block(0, 9), Why::Gap), (block(10, 14), Why::Lease)]);
        // What a device has lies beyond the gap, or in it.
        wish.held = vec![block(25, 27), block(40, 49)];
        let plan = Plan::of(&wish, &[top(19, "old")], &lives("new", "old"));
        assert_eq!(
            plan.rows,
            [
                (block(20, 29), Why::Gap),
                (block(40, 49), Why::Told),
                (block(50, 54), Why::Lease)
            ]
        );
    }

    proptest! {
        /// A hub that is set back to any of its copies leases nothing twice that a device has told of, or that lies within
        /// the gap; and rows never overlap.
        #[test]
        fn nothing_is_leased_twice(
            counts in proptest::collection::vec(0u64..12, 1..12), back in 0usize..12, told in any::<bool>(),
        ) {
            let ranges = vec![block(5, 60), block(70, 99)];
            let mut leased: Vec<NumberBlock> = Vec::new();
            let mut rows: Vec<(NumberBlock, String)> = Vec::new();
            let mut copy = None;
            let mut life = "one";
            for (step, count) in counts.iter().enumerate() {
                if step == back {
                    copy = Some(rows.clone());
                }
                let mut wish = wish(*count, ranges.clone());
                wish.restore_gap = 200;
                if step == counts.len() - 1 && let Some(copy) = copy.take() {
                    rows = copy;
                    life = "two";
                    wish.restore_gap = if told { 0 } else { 200 };
                    wish.held = leased.clone();
                }
                let tops: Vec<Option<Top>> = ranges.iter().map(|range| {
                    let below = rows.iter().filter(|(row, _)| row.first <= range.last);
                    let (row, generation) = below.max_by_key(|(row, _)| row.first)?;
                    Some(Top { last: row.last, generation: generation.clone() })
                }).collect();
                let plan = Plan::of(&wish, &tops, &lives(life, "one"));
                for (row, _) in &plan.rows {
                    prop_assert!(rows.iter().all(|(earlier, _)| earlier.common(row).is_none()), "{row:?}");
                    prop_assert!(ranges.iter().any(|range| range.common(row).as_ref() == Some(row)));
                    rows.push((row.clone(), life.to_owned()));
                }
                for block in plan.leased() {
                    prop_assert!(leased.iter().all(|earlier| earlier.common(&block).is_none()), "{block:?} twice");
                    leased.push(block);
                }
            }
        }
    }
}
