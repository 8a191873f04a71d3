//! What presses of a keypad mean: contacts that bounce, keys that repeat, keys that are stuck. No device is touched here.

use std::collections::BTreeMap;

use tallyman_codes::Moment;
use tallyman_floor::Key;

use super::keymap::Keymap;

/// How a keypad is listened to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeypadOptions {
    /// A press so soon after the release of the same key is a contact that bounces, in microseconds.
    pub debounce_us: u64,
    /// A key that is down for so long is stuck, in microseconds.
    pub stuck_us: u64,
    /// The keys that go on while they are held.
    pub repeat: Vec<Key>,
}

/// What happened to a key, as the kernel says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Move {
    /// It was let go.
    Up,
    /// It was pressed.
    Down,
    /// It is held, and the kernel repeats it.
    Held,
}

impl Move {
    /// The value of a key event.
    pub const fn of_value(value: i32) -> Option<Self> {
        match value {
            0 => Some(Self::Up),
            1 => Some(Self::Down),
            2 => Some(Self::Held),
            _ => None,
        }
    }
}

#[derive(Debug, Clone, Copy, Default)]
struct State {
    down_since: Option<Moment>,
    up_at: Option<Moment>,
    /// The press was a bounce: what follows of it means nothing.
    is_bounce: bool,
    is_told: bool,
}

/// The keys of one keypad.
#[derive(Debug)]
pub struct Keypad {
    map: Keymap,
    options: KeypadOptions,
    states: BTreeMap<u16, State>,
    bounces: u64,
}

impl Keypad {
    /// A keypad with every key up.
    pub fn new(map: Keymap, options: KeypadOptions) -> Self {
        Self {
            map,
            options,
            states: BTreeMap::new(),
            bounces: 0,
        }
    }

    /// What a move means to the agent.
    pub fn moved(&mut self, code: u16, moved: Move, at: Moment) -> Option<Key> {
        let key = self.map.key(code);
        let state = self.states.entry(code).or_default();
        match moved {
            Move::Up => {
                state.down_since = None;
                state.up_at = Some(at);
                state.is_told = false;
                None
            }
            Move::Down => {
                let is_soon = |up_at: Moment| {
                    self.options.debounce_us > 0 && at.since_us(up_at) < self.options.debounce_us
                };
                state.is_bounce = state.up_at.is_some_and(is_soon);
                state.down_since = Some(at);
                if state.is_bounce {
                    self.bounces += 1;
                    return None;
                }
                key
            }
            Move::Held => key.filter(|key| {
                // A key that is stuck would type for ever.
                !state.is_bounce && !state.is_told && self.options.repeat.contains(key)
            }),
        }
    }

    /// Events were lost, or the node was closed: every key may be up.
    pub fn forget(&mut self) {
        self.states.clear();
    }

    /// The keys that are stuck at this moment and were not before.
    pub fn newly_stuck(&mut self, now: Moment) -> Vec<u16> {
        let stuck_us = self.options.stuck_us;
        let is_due = |since: Moment| now.since_us(since) >= stuck_us;
        let mut stuck = Vec::new();
        for (code, state) in &mut self.states {
            if !state.is_told && state.down_since.is_some_and(is_due) {
                state.is_told = true;
                stuck.push(*code);
            }
        }
        stuck
    }

    /// The keys that were found stuck and are still down.
    pub fn stuck(&self) -> Vec<u16> {
        let told = self.states.iter().filter(|(_, state)| state.is_told);
        told.map(|(code, _)| *code).collect()
    }

    /// After how many microseconds a key that is down now will be stuck, at the earliest.
    pub fn stuck_in_us(&self, now: Moment) -> Option<u64> {
        let waiting = self.states.values().filter(|state| !state.is_told);
        let since = waiting.filter_map(|state| state.down_since).min()?;
        Some(self.options.stuck_us.saturating_sub(now.since_us(since)))
    }

    /// Presses that were contacts that bounce.
    pub const fn bounces(&self) -> u64 {
        self.bounces
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ENTER: u16 = 28;
    const BACKSPACE: u16 = 14;
    const OTHER: u16 = 200;

    fn keypad() -> Keypad {
        let options = KeypadOptions {
            debounce_us: 30_000,
            stuck_us: 20_000_000,
            repeat: vec![Key::Backspace],
        };
        Keypad::new(Keymap::load("numeric_keypad").unwrap(), options)
    }

    const fn ms(ms: u64) -> Moment {
        Moment::from_us(ms * 1_000)
    }

    #[test]
    fn a_press_is_one_key_however_its_contact_bounces() {
        use Move::{Down, Held, Up};
        type Row<'a> = (&'a str, &'a [(u16, Move, u64)], &'a [Key]);
        let table: [Row<'_>; 8] = [
            ("a press", &[(ENTER, Down, 0), (ENTER, Up, 80)], &[Key::Enter]),
            (
                "two presses",
                &[
                    (ENTER, Down, 0),
                    (ENTER, Up, 80),
                    (ENTER, Down, 110),
                    (ENTER, Up, 180),
                ],
                &[Key::Enter, Key::Enter],
            ),
            (
                "a bounce at the press",
                &[
                    (ENTER, Down, 0),
                    (ENTER, Up, 2),
                    (ENTER, Down, 4),
                    (ENTER, Up, 90),
                ],
                &[Key::Enter],
            ),
            (
                "a bounce at the release",
                &[
                    (ENTER, Down, 0),
                    (ENTER, Up, 90),
                    (ENTER, Down, 93),
                    (ENTER, Up, 95),
                ],
                &[Key::Enter],
            ),
            (
                "another key is no bounce",
                &[(ENTER, Down, 0), (ENTER, Up, 9), (BACKSPACE, Down, 12)],
                &[Key::Enter, Key::Backspace],
            ),
            (
                "held, and the key does not repeat",
                &[(ENTER, Down, 0), (ENTER, Held, 500), (ENTER, Held, 530)],
                &[Key::Enter],
            ),
            (
                "held, and the key repeats",
                &[
                    (BACKSPACE, Down, 0),
                    (BACKSPACE, Held, 500),
                    (BACKSPACE, Held, 530),
                ],
                &[Key::Backspace; 3],
            ),
            (
                "a key that means nothing",
                &[(OTHER, Down, 0), (OTHER, Up, 80)],
                &[],
            ),
        ];
        for (what, moves, wanted) in table {
            let mut keypad = keypad();
            let keys: Vec<Key> = moves
                .iter()
                .filter_map(|&(code, moved, at)| keypad.moved(code, moved, ms(at)))
                .collect();
            assert_eq!(keys, wanted, "{what}");
        }
    }

    #[test]
    fn a_stuck_key_is_told_once_and_types_no_more_until_it_is_let_go() {
        let mut keypad = keypad();
        keypad.moved(BACKSPACE, Move::Down, ms(0));
        keypad.moved(ENTER, Move::Down, ms(5_000));
        assert_eq!(keypad.stuck_in_us(ms(6_000)), Some(14_000_000));
        assert!(keypad.newly_stuck(ms(19_999)).is_empty());
        assert_eq!(keypad.newly_stuck(ms(20_000)), [BACKSPACE]);
        assert!(keypad.newly_stuck(ms(21_000)).is_empty(), "told already");
        assert_eq!(keypad.stuck(), [BACKSPACE]);
        assert_eq!(keypad.stuck_in_us(ms(21_000)), Some(4_000_000));
        assert_eq!(keypad.moved(BACKSPACE, Move::Held, ms(21_000)), None);
        keypad.moved(BACKSPACE, Move::Up, ms(22_000));
        keypad.moved(ENTER, Move::Up, ms(22_000));
        assert_eq!(keypad.stuck(), [] as [u16; 0]);
        assert_eq!(keypad.stuck_in_us(ms(23_000)), None);
        assert_eq!(
            keypad.moved(BACKSPACE, Move::Down, ms(23_000)),
            Some(Key::Backspace)
        );
    }

    #[test]
    fn bounces_are_counted_and_lost_events_leave_no_key_down() {
        let mut keypad = keypad();
        keypad.moved(ENTER, Move::Down, ms(0));
        keypad.moved(ENTER, Move::Up, ms(1));
        keypad.moved(ENTER, Move::Down, ms(2));
        assert_eq!(keypad.bounces(), 1);
        keypad.forget();
        assert!(keypad.newly_stuck(ms(100_000)).is_empty());
    }
}
