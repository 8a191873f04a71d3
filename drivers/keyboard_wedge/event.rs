//! Input events as the kernel hands them out, and the key codes this driver knows.
//!
//! ```text
//! E8 03 00 00 00 00 00 00  10 27 00 00 00 00 00 00  01 00  1E 00  01 00 00 00
//! seconds                  microseconds             type   code   value
//!                                                   KEY    A      1 pressed, 0 released, 2 repeated
//! ```
//!
//! Source: Linux `include/uapi/linux/input.h` (struct input_event on 64-bit machines) and
//! `input-event-codes.h`.

use crate::contract::{GarbageReason, Parsed};

/// Bytes of one event.
pub const EVENT_BYTES: usize = 24;

/// Event types.
pub const EV_SYN: u16 = 0;
/// A key moved.
pub const EV_KEY: u16 = 1;
/// Other state: scan codes, lamps. Of no meaning here.
const EV_TYPE_MAX: u16 = 0x1F;
/// Code of the event that says that events were lost.
pub const SYN_DROPPED: u16 = 3;
/// Largest key code.
const KEY_MAX: u16 = 0x2FF;

/// Keys with a meaning of their own.
#[allow(missing_docs, reason = "the names are the kernel's")]
pub mod key {
    pub const BACKSPACE: u16 = 14;
    pub const TAB: u16 = 15;
    pub const ENTER: u16 = 28;
    pub const LEFTCTRL: u16 = 29;
    pub const LEFTSHIFT: u16 = 42;
    pub const RIGHTSHIFT: u16 = 54;
    pub const LEFTALT: u16 = 56;
    pub const CAPSLOCK: u16 = 58;
    pub const F1: u16 = 59;
    pub const F10: u16 = 68;
    pub const F11: u16 = 87;
    pub const F12: u16 = 88;
    pub const KPENTER: u16 = 96;
    pub const RIGHTCTRL: u16 = 97;
    pub const RIGHTALT: u16 = 100;
}

/// One event, its time left out: moments come with the bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Event {
    /// What kind of event.
    pub kind: u16,
    /// Which key.
    pub code: u16,
    /// What happened to it.
    pub value: i32,
}

impl Event {
    /// The event in whole bytes.
    pub fn of(bytes: &[u8]) -> Option<Self> {
        let [k0, k1, c0, c1, v0, v1, v2, v3] = *bytes.get(16..EVENT_BYTES)?.first_chunk::<8>()?;
        Some(Self {
            kind: u16::from_le_bytes([k0, k1]),
            code: u16::from_le_bytes([c0, c1]),
            value: i32::from_le_bytes([v0, v1, v2, v3]),
        })
    }
}

/// Looks for an event at the first byte: what cannot be one is none.
pub fn parse(bytes: &[u8]) -> Parsed {
    let Some(event) = Event::of(bytes) else {
        return Parsed::Incomplete;
    };
    let microseconds = bytes
        .get(8..16)
        .and_then(|bytes| bytes.first_chunk::<8>())
        .map(|bytes| i64::from_le_bytes(*bytes));
    let fits = microseconds.is_some_and(|us| (0..1_000_000).contains(&us))
        && match event.kind {
            EV_SYN => event.code <= 0xF,
            EV_KEY => event.code <= KEY_MAX && (0..=2).contains(&event.value),
            kind => kind <= EV_TYPE_MAX && event.code <= KEY_MAX,
        };
    if fits {
        Parsed::Frame(EVENT_BYTES)
    } else {
        Parsed::Garbage(1, GarbageReason::Malformed)
    }
}
