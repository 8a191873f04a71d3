//! The daemon on a handheld or dock reader.

pub mod screen;
pub mod sound;
