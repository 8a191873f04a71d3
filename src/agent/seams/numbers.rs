//! What the agent keeps of the numbers that the hub leased to it.

use futures_util::future::BoxFuture;
use tallyman_floor::{NumberBlock, NumberKind};

use super::StoreError;

/// Where leased numbers are kept. What a step uses up, its commit notes.
pub trait NumberStore: Send + Sync {
    /// What is held now.
    ///
    /// # Errors
    /// [`StoreError`] where the store cannot be read.
    fn numbers(&self) -> Result<HeldNumbers, StoreError>;

    /// Notes that numbers are asked for, before they are, and answers with the key to ask with: the one of the request that
    /// was not answered, else `fresh`.
    fn ask_numbers(&self, kind: NumberKind, fresh: String) -> BoxFuture<'_, Result<String, StoreError>>;

    /// Keeps what the request with this key was answered. Blocks of a request that nobody waits for are not taken.
    fn keep_numbers(&self, key: String, blocks: Vec<NumberBlock>) -> BoxFuture<'_, Result<(), StoreError>>;
}

/// A block, and how far it is used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldBlock {
    /// The block as it was leased.
    pub block: NumberBlock,
    /// The first number that is not used; behind the last one where all are.
    pub next: u64,
}

impl HeldBlock {
    /// How many are left.
    pub const fn left(&self) -> u64 {
        self.block.last.saturating_add(1).saturating_sub(self.next)
    }
}

/// The numbers that a device holds.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct HeldNumbers {
    /// The blocks, as they came.
    pub blocks: Vec<HeldBlock>,
    /// Requests that were not answered yet: of which kind, with which key.
    pub asked: Vec<(NumberKind, String)>,
}

impl HeldNumbers {
    /// How many of a kind are left.
    pub fn left(&self, kind: NumberKind) -> u64 {
        self.of(kind).map(HeldBlock::left).sum()
    }

    fn of(&self, kind: NumberKind) -> impl Iterator<Item = &HeldBlock> {
        self.blocks
            .iter()
            .filter(move |held| held.block.form.kind() == kind)
    }

    /// The number that is given next: an SSCC where there is one, else an LPN.
    pub fn next(&self) -> Option<String> {
        NumberKind::ALL.into_iter().find_map(|kind| self.next_of(kind))
    }

    /// The next number of a kind.
    pub fn next_of(&self, kind: NumberKind) -> Option<String> {
        let held = self.of(kind).find(|held| held.left() > 0)?;
        held.block.form.write(held.next)
    }

    /// Uses a number up, where it is the next one of its kind. Answers whether it was.
    pub fn spend(&mut self, number: &str) -> bool {
        let kind = NumberKind::ALL
            .into_iter()
            .find(|kind| self.next_of(*kind).as_deref() == Some(number));
        let Some(kind) = kind else { return false };
        let mut blocks = self.blocks.iter_mut();
        match blocks.find(|held| held.block.form.kind() == kind && held.left() > 0) {
            Some(held) => {
                held.next += 1;
                true
            }
            None => false,
        }
    }

    /// Takes blocks in. Used ones are forgotten, but for the highest of each form: the hub is told of it.
    pub fn add(&mut self, blocks: Vec<NumberBlock>) {
        self.blocks.extend(blocks.into_iter().map(|block| HeldBlock {
            next: block.first,
            block,
        }));
        let all = self.blocks.clone();
        self.blocks.retain(|held| {
            let is_highest = |other: &HeldBlock| {
                other.block.form != held.block.form || other.block.last <= held.block.last
            };
            held.left() > 0 || all.iter().all(is_highest)
        });
    }

    /// Uses everything up, and forgets what was asked: another copy of this store may have gone on with it.
    pub fn burn(&mut self) {
        self.asked.clear();
        for held in &mut self.blocks {
            held.next = held.block.last.saturating_add(1);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use tallyman_floor::NumberForm;

    use super::*;

    fn sscc(first: u64, last: u64) -> NumberBlock {
        NumberBlock::new(NumberForm::sscc(3, "4012345").unwrap(), first, last).unwrap()
    }

    fn lpn(first: u64, last: u64) -> NumberBlock {
        NumberBlock::new(NumberForm::lpn("P", 4).unwrap(), first, last).unwrap()
    }

    #[test]
    fn containers_go_before_plates_and_only_the_next_number_is_used_up() {
        let mut held = HeldNumbers::default();
        assert_eq!(held.next(), None);
        held.add(vec![lpn(7, 8), sscc(0, 1)]);
        let first = held.next().unwrap();
        assert!(first.starts_with("34012345"), "{first}");
        assert!(!held.spend("TOTE-1") && !held.spend("P0008"));
        assert!(
            held.spend("P0007"),
            "a plate that was shown before the containers came"
        );
        assert!(held.spend(&first) && !held.spend(&first));
        assert!(held.spend(&held.next().unwrap()));
        assert_eq!(held.next().as_deref(), Some("P0008"));
        assert!(held.spend("P0008"));
        assert_eq!((held.next(), held.left(NumberKind::Lpn)), (None, 0));
        held.add(vec![lpn(100, 100)]);
        assert_eq!(held.blocks.len(), 2, "the highest of each form stays");
        held.burn();
        assert_eq!(held.next(), None);
    }

    proptest! {
        #[test]
        fn no_number_comes_twice(lengths in proptest::collection::vec(1u64..5, 1..6), uses in 0usize..40) {
            let mut held = HeldNumbers::default();
            let mut first = 0;
            for length in lengths {
                held.add(vec![sscc(first, first + length - 1)]);
                first += length;
            }
            let mut given = std::collections::BTreeSet::new();
            for _ in 0..uses {
                let before = held.left(NumberKind::Sscc);
                let Some(number) = held.next() else { break };
                prop_assert!(held.spend(&number));
                prop_assert_eq!(held.left(NumberKind::Sscc), before - 1);
                prop_assert!(given.insert(number));
            }
            prop_assert_eq!(given.len() as u64, first.min(uses as u64));
        }
    }
}
