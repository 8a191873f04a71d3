//! Which numbers a device asks for, and when: the pure half of the numbers lane.

use tallyman_codes::Moment;
use tallyman_floor::NumberKind;
use tallyman_platform::entropy::Entropy;

use crate::seams::{Fault, HeldNumbers};

use super::retry::Retry;

/// How often it is looked whether numbers run out.
const LOOK_MS: u64 = 30_000;

/// A hub that has none left, or gives this device none, is asked again after so long.
const NONE_MS: u64 = 600_000;

/// Blocks of one device at most: a hub that leases them one number at a time is not asked for ever.
const BLOCKS_MAX: usize = 32;

/// How a device keeps itself in numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NumberOptions {
    /// With fewer than these left it asks for more.
    pub below: u64,
    /// For so many at a time.
    pub count: u64,
}

/// The memory of the numbers lane.
#[derive(Debug)]
pub struct NumberKeeper {
    options: NumberOptions,
    /// Of each kind, before when it is not asked for.
    not_before: [Moment; 2],
    retry: Retry,
}

/// What is to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NumberWish {
    /// To look again then.
    Rest(Moment),
    /// To ask for numbers of this kind.
    Ask(NumberKind),
}

impl NumberKeeper {
    /// A device that has asked nothing yet.
    pub fn new(options: NumberOptions) -> Self {
        Self {
            options,
            not_before: [Moment::default(); 2],
            retry: Retry::default(),
        }
    }

    /// What is wanted now.
    pub fn wish(&self, now: Moment, held: &HeldNumbers) -> NumberWish {
        let later = now.plus_ms(LOOK_MS);
        if held.blocks.iter().filter(|block| block.left() > 0).count() >= BLOCKS_MAX {
            return NumberWish::Rest(later);
        }
        let mut rest = later;
        for (kind, not_before) in NumberKind::ALL.into_iter().zip(self.not_before) {
            // What was asked and not answered is asked for again, even where there is enough by now.
            let is_asked = held.asked.iter().any(|(asked, _)| *asked == kind);
            if !is_asked && held.left(kind) >= self.options.below {
                continue;
            }
            if now >= not_before {
                return NumberWish::Ask(kind);
            }
            rest = rest.min(not_before);
        }
        NumberWish::Rest(rest)
    }

    /// The hub gave so many numbers.
    pub fn leased(&mut self, now: Moment, kind: NumberKind, given: u64) {
        self.retry.succeeded();
        // Fewer than asked for are the last ones.
        let pause_ms = if given < self.options.below.max(1) {
            NONE_MS
        } else {
            0
        };
        self.wait(kind, now.plus_ms(pause_ms));
    }

    /// There is no answer to go by.
    pub fn failed(&mut self, now: Moment, fault: &Fault, entropy: &mut dyn Entropy) {
        let pause_ms = match fault {
            // A hub that knows no numbers, or a store that has to get a new epoch first.
            Fault::Refused { status, .. } if *status != 409 => NONE_MS,
            Fault::Busy { retry_after_ms } => self.retry.failed(entropy, *retry_after_ms),
            Fault::Refused { .. } | Fault::Unauthorised { .. } => self.retry.failed(entropy, Some(LOOK_MS)),
            _ => self.retry.failed(entropy, None),
        };
        for kind in NumberKind::ALL {
            self.wait(kind, now.plus_ms(pause_ms));
        }
    }

    fn wait(&mut self, kind: NumberKind, until: Moment) {
        let index = usize::from(kind == NumberKind::Lpn);
        self.not_before[index] = self.not_before[index].max(until);
    }

    /// The hub answered somebody else here, or the device has another identity.
    pub fn hub_is_back(&mut self) {
        if self.retry.failures() > 0 {
            self.not_before = [Moment::default(); 2];
        }
    }
}

#[cfg(test)]
mod tests {
    use tallyman_floor::{NumberBlock, NumberForm};
    use tallyman_platform::entropy::SeededEntropy;

    use super::*;

    const NOW: Moment = Moment::from_ms(1_000_000);

    fn holding(count: u64) -> HeldNumbers {
        let mut held = HeldNumbers::default();
        if count > 0 {
            let form = NumberForm::sscc(0, "4012345").unwrap();
            held.add(vec![NumberBlock::new(form, 0, count - 1).unwrap()]);
        }
        held
    }

    fn keeper() -> NumberKeeper {
        NumberKeeper::new(NumberOptions { below: 10, count: 50 })
    }

    #[test]
    fn numbers_are_asked_for_when_few_are_left_and_rarely_where_there_are_none() {
        let mut keeper = keeper();
        assert_eq!(keeper.wish(NOW, &holding(0)), NumberWish::Ask(NumberKind::Sscc));
        keeper.leased(NOW, NumberKind::Sscc, 50);
        assert_eq!(keeper.wish(NOW, &holding(50)), NumberWish::Ask(NumberKind::Lpn));
        keeper.leased(NOW, NumberKind::Lpn, 0);
        assert_eq!(
            keeper.wish(NOW, &holding(50)),
            NumberWish::Rest(NOW.plus_ms(LOOK_MS))
        );
        assert_eq!(
            keeper.wish(NOW, &holding(10)),
            NumberWish::Rest(NOW.plus_ms(LOOK_MS))
        );
        assert_eq!(keeper.wish(NOW, &holding(9)), NumberWish::Ask(NumberKind::Sscc));
        let later = NOW.plus_ms(NONE_MS);
        assert_eq!(keeper.wish(later, &holding(50)), NumberWish::Ask(NumberKind::Lpn));
    }

    #[test]
    fn a_request_without_an_answer_is_made_again_when_the_hub_is_back() {
        let mut keeper = keeper();
        let mut held = holding(50);
        held.asked.push((NumberKind::Sscc, "k".to_owned()));
        let mut entropy = SeededEntropy::new(3);
        keeper.failed(NOW, &Fault::Timeout(1), &mut entropy);
        keeper.failed(
            NOW,
            &Fault::Busy {
                retry_after_ms: Some(5_000),
            },
            &mut entropy,
        );
        assert!(matches!(keeper.wish(NOW, &held), NumberWish::Rest(until) if until > NOW));
        keeper.hub_is_back();
        assert_eq!(keeper.wish(NOW, &held), NumberWish::Ask(NumberKind::Sscc));
    }
}
