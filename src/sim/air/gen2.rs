//! Who answers in an inventory round, and in which slot: framed slotted ALOHA as in the Gen2 air interface, section 6.3.2.
//!
//! A field is begun with few slots and grows from frame to frame, so that hundreds of tags at once are heard slowly at first.
//! Collisions are why a reader does not hear every tag in its field each time; the more there are, the fewer reads each has.

use super::chance::Chance;

/// How long a slot without answer takes, in microseconds, at about the speed of Miller 4 with 250 kHz.
const EMPTY_US: u64 = 130;
/// A slot whose answers drown each other.
const COLLISION_US: u64 = 450;
/// A slot with a tag that was read, EPC included.
const READ_US: u64 = 1_400;
/// An answer that is stronger by so many dB is often understood all the same.
const CAPTURE_DB: f64 = 7.0;
/// How often.
const CAPTURE_PROBABILITY: f64 = 0.6;
/// The field's size a round begins with, as a power of two.
const Q_FIRST: u32 = 4;
const Q_MOST: u32 = 10;

/// A tag that answers.
#[derive(Debug, Clone, Copy)]
pub(super) struct Answer {
    /// Whose.
    pub(super) tag: usize,
    /// How strongly the reader hears it, in dBm.
    pub(super) dbm: f64,
    /// How likely it is understood when nothing disturbs it.
    pub(super) probability: f64,
}

/// One tag read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Singulated {
    pub(super) answer: Answer,
    /// When, from the round's beginning.
    pub(super) at_us: u64,
}

/// One round: frames until all were read or the time is over. Returns how long it took.
pub(super) fn round(
    mut waiting: Vec<Answer>,
    most_us: u64,
    chance: &mut Chance,
    read: &mut Vec<Singulated>,
) -> u64 {
    let (mut now_us, mut q) = (0, Q_FIRST);
    loop {
        let slots = 1usize << q;
        let mut answers: Vec<Vec<Answer>> = vec![Vec::new(); slots];
        for answer in waiting.drain(..) {
            if let Some(slot) = answers.get_mut(chance.below(slots)) {
                slot.push(answer);
            }
        }
        let mut collisions = 0;
        for slot in answers {
            let understood = understood(&slot, chance);
            now_us += match (slot.len(), understood) {
                (0, _) => EMPTY_US,
                (_, Some(_)) => READ_US,
                _ => COLLISION_US,
            };
            collisions += usize::from(slot.len() > 1);
            if let Some(answer) = understood {
                read.push(Singulated {
                    answer,
                    at_us: now_us,
                });
            }
            let rest = slot.into_iter();
            waiting.extend(
                rest.filter(|answer| understood.is_none_or(|understood| understood.tag != answer.tag)),
            );
            if now_us >= most_us {
                return now_us;
            }
        }
        if waiting.is_empty() {
            return now_us;
        }
        // Of each collision 2.39 tags are left on average (Schoute 1983).
        let left = (collisions as f64 * 2.39).max(1.0);
        q = (left.log2().round() as u32).clamp(1, Q_MOST);
    }
}

fn understood(slot: &[Answer], chance: &mut Chance) -> Option<Answer> {
    let strongest = slot.iter().max_by(|a, b| a.dbm.total_cmp(&b.dbm))?;
    let others = slot.iter().filter(|answer| answer.tag != strongest.tag);
    let next = others.map(|answer| answer.dbm).max_by(f64::total_cmp);
    let captured = match next {
        None => true,
        Some(next) => strongest.dbm - next >= CAPTURE_DB && chance.is(CAPTURE_PROBABILITY),
    };
    (captured && chance.is(strongest.probability)).then_some(*strongest)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(tags: usize) -> Vec<Answer> {
        let answer = |tag| Answer {
            tag,
            dbm: -50.0,
            probability: 1.0,
        };
        (0..tags).map(answer).collect()
    }

    #[test]
    fn all_are_read_once_where_there_is_time() {
        for tags in [0, 1, 2, 40, 300] {
            let mut read = Vec::new();
            round(field(tags), u64::MAX, &mut Chance::new(1), &mut read);
            let mut found: Vec<usize> = read.iter().map(|read| read.answer.tag).collect();
            found.sort_unstable();
            assert_eq!(found, (0..tags).collect::<Vec<_>>());
        }
    }

    #[test]
    fn a_round_without_time_for_all_ends() {
        let mut read = Vec::new();
        let took_us = round(field(500), 80_000, &mut Chance::new(1), &mut read);
        assert!(took_us < 85_000, "{took_us}");
        assert!(!read.is_empty() && read.len() < 60, "{} read", read.len());
    }
}
