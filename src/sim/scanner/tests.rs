//! Each virtual scanner against the real driver, in virtual time: whatever goes wrong between them, every code arrives
//! once or the scanner knows that it did not.

mod chain;
mod honeywell;
mod ssi;
mod ssi_codes;
mod text;
mod world;
