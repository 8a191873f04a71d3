//! The decoder: key events to characters, characters to codes.

use tallyman_codes::Moment;

use super::code_page;
use super::event::{self, EV_KEY, EV_SYN, Event, SYN_DROPPED, key};
use super::layout::{Layout, keypad_digit, push_character};
use crate::contract::{Decoder, FrameBuffer, GarbageReason, Output, Outputs};
use crate::plain_text::ending::Ending;
use crate::plain_text::{TextDecoder, TextRules};

/// Bytes taken into the buffer at a time.
const PIECE_BYTES: usize = 4_096;
/// GS, the separator of GS1 codes.
const GS: u8 = 0x1D;
/// Largest number an Alt code may have before it is none.
const ALT_CODE_MAX: u32 = 9_999;
/// Keys that change lamps or do nothing to text.
const SILENT_KEYS: [u16; 3] = [key::CAPSLOCK, 69, 70];

/// The decoder of a scanner that is a keyboard.
#[derive(Debug)]
pub struct WedgeDecoder {
    layout: Layout,
    /// Control characters are sent by the keys of this layout, whatever the country.
    us: Layout,
    gs_key: Option<u16>,
    tab_ends: bool,
    text: TextDecoder,
    buffer: FrameBuffer,
    held: Held,
    alt_code: Option<(u32, bool)>,
    /// A key without meaning was in the code: it cannot be believed.
    damaged: bool,
    last_byte_at: Moment,
}

/// Which keys are down.
#[derive(Debug, Default)]
struct Held {
    shift: bool,
    ctrl: bool,
    alt: bool,
    alt_gr: bool,
    caps_lock: bool,
}

impl WedgeDecoder {
    /// A decoder for a layout; `gs_key` is the key that stands for GS.
    pub fn new(layout: Layout, us: Layout, gs_key: Option<u16>, rules: TextRules) -> Self {
        Self {
            layout,
            us,
            gs_key,
            tab_ends: rules.ending == Ending::Auto,
            text: TextDecoder::new(rules),
            buffer: FrameBuffer::default(),
            held: Held::default(),
            alt_code: None,
            damaged: false,
            last_byte_at: Moment::default(),
        }
    }

    fn event(&mut self, event: Event, at: Moment, out: &mut Outputs) {
        match (event.kind, event.value) {
            (EV_SYN, _) if event.code == SYN_DROPPED => {
                self.text.reset(out);
                self.held = Held {
                    caps_lock: self.held.caps_lock,
                    ..Held::default()
                };
                self.alt_code = None;
                out.push(Output::notice(
                    "events_lost",
                    "The kernel lost key events; the code under way was dropped. Scan it again.",
                ));
            }
            (EV_KEY, 0 | 1) => self.key(event.code, event.value == 1, at, out),
            _ => {}
        }
    }

    fn key(&mut self, code: u16, pressed: bool, at: Moment, out: &mut Outputs) {
        match code {
            key::LEFTSHIFT | key::RIGHTSHIFT => self.held.shift = pressed,
            key::LEFTCTRL | key::RIGHTCTRL => self.held.ctrl = pressed,
            key::RIGHTALT => self.held.alt_gr = pressed,
            key::LEFTALT => {
                self.held.alt = pressed;
                if let Some((number, leading_zero)) = self.alt_code.take().filter(|_| !pressed) {
                    match code_page::character(number, leading_zero) {
                        Some(character) => self.character(character, at, out),
                        None => self.unknown(code, out),
                    }
                }
            }
            key::CAPSLOCK if pressed => self.held.caps_lock = !self.held.caps_lock,
            code if !pressed || SILENT_KEYS.contains(&code) => {}
            code if self.gs_key == Some(code) => self.byte(GS, at, out),
            key::ENTER | key::KPENTER => self.end(b'\r', at, out),
            key::TAB => self.end(if self.tab_ends { b'\r' } else { b'\t' }, at, out),
            code => self.pressed(code, at, out),
        }
    }

    fn pressed(&mut self, code: u16, at: Moment, out: &mut Outputs) {
        if self.held.alt {
            match keypad_digit(code) {
                Some(digit) => {
                    let (number, leading_zero) = self.alt_code.unwrap_or((0, digit == 0));
                    self.alt_code = Some(((number * 10 + digit).min(ALT_CODE_MAX), leading_zero));
                }
                None => self.unknown(code, out),
            }
            return;
        }
        let Held {
            shift,
            ctrl,
            alt_gr,
            caps_lock,
            ..
        } = self.held;
        if ctrl {
            match self.control(code) {
                Some(byte) => self.byte(byte, at, out),
                None => self.unknown(code, out),
            }
            return;
        }
        match self.layout.character(code, shift, alt_gr, caps_lock) {
            Some(character) => self.character(character, at, out),
            None => self.unknown(code, out),
        }
    }

    /// Ctrl with a key: the letter's place in the alphabet, and 1B to 1F for `[ \ ] ^ _`.
    fn control(&self, code: u16) -> Option<u8> {
        let own = [
            self.layout
                .character(code, self.held.shift, self.held.alt_gr, false),
            self.layout.base(code),
        ];
        let us = [
            self.us.character(code, self.held.shift, false, false),
            self.us.base(code),
        ];
        own.into_iter()
            .chain(us)
            .flatten()
            .filter_map(|character| u8::try_from(character.to_ascii_uppercase()).ok())
            .find(|byte| (b'@'..=b'_').contains(byte))
            .map(|byte| byte & 0x1F)
    }

    fn character(&mut self, character: char, at: Moment, out: &mut Outputs) {
        let mut bytes = Vec::new();
        push_character(character, &mut bytes);
        for byte in bytes {
            self.byte(byte, at, out);
        }
    }

    /// One byte of text; a line end may come as a character too (Ctrl+M, Ctrl+J, Alt 013).
    fn byte(&mut self, byte: u8, at: Moment, out: &mut Outputs) {
        match byte {
            b'\r' | b'\n' => self.end(byte, at, out),
            byte => self.text.push(&[byte], at, out),
        }
    }

    fn end(&mut self, byte: u8, at: Moment, out: &mut Outputs) {
        if std::mem::take(&mut self.damaged) {
            self.text.reset(out);
        } else {
            self.text.push(&[byte], at, out);
        }
    }

    fn unknown(&mut self, code: u16, out: &mut Outputs) {
        if !std::mem::replace(&mut self.damaged, true) {
            out.push(Output::notice(
                "unknown_key",
                format!(
                    "Key {code} means nothing in this layout, so the code is dropped. Set `layout` to the scanner's \
                     country, or `gs_key` if it stands for GS."
                ),
            ));
        }
    }
}

impl Decoder for WedgeDecoder {
    fn push(&mut self, bytes: &[u8], at: Moment, out: &mut Outputs) {
        self.last_byte_at = at;
        for piece in bytes.chunks(PIECE_BYTES) {
            self.buffer.push(piece);
            while let Some(bytes) = self.buffer.next(event::parse, out) {
                if let Some(event) = Event::of(&bytes) {
                    self.event(event, at, out);
                }
            }
        }
    }

    fn deadline(&self) -> Option<Moment> {
        let half = (!self.buffer.is_empty()).then(|| self.last_byte_at.plus_ms(1_000));
        [half, self.text.deadline()].into_iter().flatten().min()
    }

    fn idle(&mut self, at: Moment, out: &mut Outputs) {
        if self.text.deadline().is_some_and(|deadline| deadline <= at) {
            if std::mem::take(&mut self.damaged) {
                self.text.reset(out);
            } else {
                self.text.idle(at, out);
            }
        } else {
            // Events come whole: half of one is no event.
            while let Some(bytes) = self.buffer.next_at_end(event::parse, GarbageReason::Gap, out) {
                if let Some(event) = Event::of(&bytes) {
                    self.event(event, at, out);
                }
            }
        }
    }

    fn finish(&mut self, out: &mut Outputs) {
        while let Some(bytes) = self
            .buffer
            .next_at_end(event::parse, GarbageReason::Incomplete, out)
        {
            if let Some(event) = Event::of(&bytes) {
                self.event(event, self.last_byte_at, out);
            }
        }
        if std::mem::take(&mut self.damaged) {
            self.text.reset(out);
        }
        self.text.finish(out);
    }

    fn reset(&mut self, out: &mut Outputs) {
        out.garbage(self.buffer.skip(usize::MAX), GarbageReason::Incomplete);
        self.text.reset(out);
        self.held = Held::default();
        self.alt_code = None;
        self.damaged = false;
    }
}
