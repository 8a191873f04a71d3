//! The mistakes of a shift: dealt out by chance, so many of each kind in every task.

use tallyman_platform::entropy::SeededEntropy;

use crate::warehouse::shuffle;

/// What goes wrong at a line, by the worker's hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Mistake {
    /// Another item is scanned.
    WrongItem,
    /// Another place is scanned.
    WrongPlace,
    /// The label is misread: its check digit is wrong.
    Misread,
    /// The code is of no item at all.
    UnknownCode,
    /// The trigger bounces.
    Bounce,
    /// The piece is taken back, and scanned again.
    Undo,
    /// Only the bare EAN is scanned; what it does not tell is asked.
    BareLabel,
    /// Less is there than expected.
    Short,
}

impl Mistake {
    /// Every mistake, for tables.
    pub const ALL: [Self; 8] = [
        Self::WrongItem,
        Self::WrongPlace,
        Self::Misread,
        Self::UnknownCode,
        Self::Bounce,
        Self::Undo,
        Self::BareLabel,
        Self::Short,
    ];

    /// What it is called in reports.
    pub const fn title(self) -> &'static str {
        match self {
            Self::WrongItem => "wrong item",
            Self::WrongPlace => "wrong place",
            Self::Misread => "label misread",
            Self::UnknownCode => "unknown code",
            Self::Bounce => "trigger bounced",
            Self::Undo => "taken back",
            Self::BareLabel => "label without lot",
            Self::Short => "short",
        }
    }

    /// Deals mistakes to lines: as many of each kind as the line count has room for, the rest without any.
    pub(super) fn deal(chance: &mut SeededEntropy, kinds: &[Self], lines: usize) -> Vec<Option<Self>> {
        let each = (lines / LINES_A_MISTAKE / kinds.len().max(1)).max(1);
        let mut dealt: Vec<_> = kinds
            .iter()
            .flat_map(|kind| std::iter::repeat_n(Some(*kind), each))
            .take(lines)
            .collect();
        dealt.resize(lines, None);
        shuffle(chance, &mut dealt);
        dealt
    }
}

/// A mistake at every third line: far more than people make, so that each kind is seen often.
const LINES_A_MISTAKE: usize = 3;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_is_dealt_to_a_task_that_has_room_for_it() {
        for seed in 0..64 {
            let dealt = Mistake::deal(&mut SeededEntropy::new(seed), &Mistake::ALL, 24);
            assert_eq!(dealt.len(), 24);
            for kind in Mistake::ALL {
                assert!(dealt.contains(&Some(kind)), "seed {seed}: no {kind:?}");
            }
        }
    }
}
