//! Virtual scanners, networks and operators: what the demo and the tests share.
//!
//! [`station`] is a device as a real process, [`network`] what lies between it and the hub, [`house`] all of it
//! together. [`operator`] works a device by the plans of a [`warehouse`]; a [`shift`] is three of them, and
//! [`checker`] says afterwards whether every promise held. [`air`] is what radio does
//! between readers and tags, [`doorway`] a dock door with a portal in it, [`scripted`] the same by the steps of a script. [`world`] is agents, hub and all that breaks on one thread and
//! virtual time.

pub mod air;
pub mod checker;
pub mod demo;
pub mod doorway;
pub mod heard;
pub mod house;
pub mod network;
pub mod operator;
pub mod plugged;
pub mod plugged_reader;
pub mod printer;
pub mod pty;
pub mod reader;
pub mod rfid_config;
pub mod scanner;
pub mod scripted;
pub mod shift;
pub mod station;
pub mod warehouse;
pub mod world;
