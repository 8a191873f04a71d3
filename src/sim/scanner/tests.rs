//! Each virtual scanner against the real driver, in virtual time: whatever goes wrong between them, every code arrives
//! once or the scanner knows that it did not.

mod honeywell;
mod text;
mod world;
