//! Virtual scanners, networks and operators: what the demo and the tests share.

pub mod heard;
pub mod network;
pub mod pty;
pub mod station;
