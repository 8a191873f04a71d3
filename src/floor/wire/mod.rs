//! The messages between agent and hub, and the forms in which core types are stored.
//!
//! Core types do not serialise themselves: a stored or sent form is a promise, so each is a type of its own here
//! and changes only by addition. [`chain`] ties the confirmations of one journal together,
//! [`proof`] says what a device signs, [`set_up`] is the code with which a device begins, [`picture`] how pictures are named.

pub mod chain;
pub mod convert;
pub mod picture;
pub mod proof;
pub mod saved;
pub mod set_up;
pub mod trace;
pub mod v1;
