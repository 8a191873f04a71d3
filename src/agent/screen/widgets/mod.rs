//! The parts of a screen, one file each. A widget knows its text and its measures; where it goes is the layout's
//! business, and what it means the floor's.

mod beside;
mod big;
mod button;
mod heading;
mod instruction;
mod keypad;
mod keys;
mod lines;
mod message;
mod next;
mod question;
mod shift;
mod status;

pub(super) use beside::Beside;
pub(super) use big::BigThing;
pub(super) use heading::Heading;
pub(super) use instruction::{Instruction, Weight};
pub(super) use keypad::{AllKeys, Keypad};
pub(super) use keys::Keys;
pub(super) use lines::Lines;
pub(super) use message::Answer;
pub(super) use next::Next;
pub(super) use question::OpenQuestion;
pub(super) use shift::ShiftLine;
pub(super) use status::Status;
