//! How a scanner behaves: by the book, or by a script or by chance as no book allows.
//!
//! What can go wrong is told apart by where it does: on the way of a command, in the answer to it, on the way of an
//! acknowledgement of the host, and on the way of a code. Each has a script of its own: what happens to the first, the
//! second, and so on. The same seed gives the same misbehaviour.

use std::collections::BTreeMap;

use tallyman_platform::entropy::{Entropy as _, SeededEntropy};

/// How a command of the host is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Manner {
    /// By the book.
    #[default]
    Proper,
    /// It is refused, and not done.
    Refuse,
    /// It is done at once, and answered so many milliseconds later.
    Late(u64),
    /// It is done and not answered.
    Never,
    /// It is answered twice.
    Twice,
    /// A bit of the answer flips on the way.
    Damaged,
}

/// How a frame travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Travel {
    /// It arrives.
    #[default]
    Whole,
    /// It does not.
    Lost,
    /// It arrives twice.
    Doubled,
    /// It arrives with a bit flipped.
    Damaged,
}

/// What happens to one after another of a kind.
#[derive(Debug, Clone, Default)]
struct Script<T> {
    at: BTreeMap<u64, T>,
    otherwise: T,
    by_chance: Option<(u64, Vec<T>)>,
    next: u64,
}

impl<T: Copy + Default> Script<T> {
    fn by_chance(percent: u64, bad: &[T]) -> Self {
        Self {
            by_chance: (percent > 0 && !bad.is_empty()).then(|| (percent, bad.to_vec())),
            ..Self::default()
        }
    }

    fn next(&mut self, chance: &mut SeededEntropy) -> T {
        let number = self.next;
        self.next += 1;
        if let Some(scripted) = self.at.get(&number) {
            return *scripted;
        }
        match &self.by_chance {
            Some((percent, bad)) if chance.below(100) < *percent => {
                let which = usize::try_from(chance.below(bad.len() as u64)).unwrap_or(0);
                bad.get(which).copied().unwrap_or(self.otherwise)
            }
            _ => self.otherwise,
        }
    }
}

/// How a scanner and its line behave.
#[derive(Debug, Clone)]
pub struct Manners {
    commands: Script<Travel>,
    answers: Script<Manner>,
    acknowledgements: Script<Travel>,
    codes: Script<Travel>,
    chance: SeededEntropy,
}

impl Default for Manners {
    fn default() -> Self {
        Self::good()
    }
}

/// What can go wrong with an answer, where chance decides. The late one comes after the host has asked again.
const BAD_ANSWERS: [Manner; 5] = [
    Manner::Late(2_500),
    Manner::Never,
    Manner::Twice,
    Manner::Damaged,
    Manner::Refuse,
];

/// What can go wrong on the way, where chance decides.
const BAD_TRAVELS: [Travel; 3] = [Travel::Lost, Travel::Doubled, Travel::Damaged];

/// The same for an acknowledgement. Nobody doubles one: it would acknowledge what has not come yet.
const BAD_ACKNOWLEDGEMENTS: [Travel; 2] = [Travel::Lost, Travel::Damaged];

impl Manners {
    /// By the book.
    pub fn good() -> Self {
        Self::by_chance(0, 0)
    }

    /// So many of a hundred commands, answers, acknowledgements and codes go wrong, each in a way that chance picks.
    pub fn by_chance(seed: u64, percent: u64) -> Self {
        Self {
            commands: Script::by_chance(percent, &BAD_TRAVELS),
            answers: Script::by_chance(percent, &BAD_ANSWERS),
            acknowledgements: Script::by_chance(percent, &BAD_ACKNOWLEDGEMENTS),
            codes: Script::by_chance(percent, &BAD_TRAVELS),
            chance: SeededEntropy::new(seed),
        }
    }

    /// So many of a hundred frames with codes travel badly, each in one of these ways.
    #[must_use]
    pub fn codes_by_chance(mut self, percent: u64, bad: &[Travel]) -> Self {
        self.codes = Script::by_chance(percent, bad);
        self
    }

    /// So many of a hundred commands are answered badly, each in one of these ways.
    #[must_use]
    pub fn answers_by_chance(mut self, percent: u64, bad: &[Manner]) -> Self {
        self.answers = Script::by_chance(percent, bad);
        self
    }

    /// What happens to command number `number`, counted from 0, on its way.
    #[must_use]
    pub fn command(mut self, number: u64, travel: Travel) -> Self {
        self.commands.at.insert(number, travel);
        self
    }

    /// How command number `number` of those that arrived, counted from 0, is answered.
    #[must_use]
    pub fn answer(mut self, number: u64, manner: Manner) -> Self {
        self.answers.at.insert(number, manner);
        self
    }

    /// How every command is answered that the script does not name.
    #[must_use]
    pub fn answers(mut self, manner: Manner) -> Self {
        self.answers.otherwise = manner;
        self.answers.by_chance = None;
        self
    }

    /// What happens to the host's acknowledgement number `number`, counted from 0.
    #[must_use]
    pub fn acknowledgement(mut self, number: u64, travel: Travel) -> Self {
        self.acknowledgements.at.insert(number, travel);
        self
    }

    /// What happens to every acknowledgement that the script does not name.
    #[must_use]
    pub fn acknowledgements(mut self, travel: Travel) -> Self {
        self.acknowledgements.otherwise = travel;
        self.acknowledgements.by_chance = None;
        self
    }

    /// What happens to frame number `number` with a code, counted from 0, repetitions included.
    #[must_use]
    pub fn code(mut self, number: u64, travel: Travel) -> Self {
        self.codes.at.insert(number, travel);
        self
    }

    /// What happens to every frame with a code that the script does not name.
    #[must_use]
    pub fn codes(mut self, travel: Travel) -> Self {
        self.codes.otherwise = travel;
        self.codes.by_chance = None;
        self
    }

    pub(super) fn next_command(&mut self) -> Travel {
        self.commands.next(&mut self.chance)
    }

    pub(super) fn next_answer(&mut self) -> Manner {
        self.answers.next(&mut self.chance)
    }

    pub(super) fn next_acknowledgement(&mut self) -> Travel {
        self.acknowledgements.next(&mut self.chance)
    }

    pub(super) fn next_code(&mut self) -> Travel {
        self.codes.next(&mut self.chance)
    }

    /// Flips one bit, chosen by chance.
    pub(super) fn damage(&mut self, frame: &mut [u8]) {
        let place = usize::try_from(self.chance.below(frame.len() as u64)).unwrap_or(0);
        let bit = self.chance.below(8);
        if let Some(byte) = frame.get_mut(place) {
            *byte ^= 1 << bit;
        }
    }

    /// What arrives of a frame that travels so.
    pub(super) fn arrivals(&mut self, mut frame: Vec<u8>, travel: Travel) -> Vec<Vec<u8>> {
        match travel {
            Travel::Whole => vec![frame],
            Travel::Lost => Vec::new(),
            Travel::Doubled => vec![frame.clone(), frame],
            Travel::Damaged => {
                self.damage(&mut frame);
                vec![frame]
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_goes_before_chance_and_the_same_seed_is_the_same_chance() {
        let played = |seed| {
            let mut manners = Manners::by_chance(seed, 50)
                .code(1, Travel::Whole)
                .answers(Manner::Never);
            let codes: Vec<Travel> = (0..200).map(|_| manners.next_code()).collect();
            assert_eq!(manners.next_answer(), Manner::Never);
            codes
        };
        let codes = played(3);
        assert_eq!(codes, played(3));
        assert_ne!(codes, played(4));
        assert_eq!(codes[1], Travel::Whole);
        for travel in [Travel::Whole, Travel::Lost, Travel::Doubled, Travel::Damaged] {
            assert!(codes.contains(&travel), "{travel:?}");
        }
    }

    #[test]
    fn damage_is_one_bit() {
        let mut manners = Manners::by_chance(5, 0);
        for _ in 0..100 {
            let mut frame = [0_u8; 9];
            manners.damage(&mut frame);
            let bits: u32 = frame.iter().map(|byte| byte.count_ones()).sum();
            assert_eq!(bits, 1);
        }
    }
}
