//! The daemon on a handheld or dock reader.
//!
//! A device's bytes come in through `drivers`, are judged by `floor` and are on disk before anything sounds. The parts
//! meet in [`wiring`] and nowhere else:
//!
//! ```text
//! devices ─▶ intake ─▶ floor_loop ─▶ store        (commit, then show, then sound)
//!                          │  ▲
//!             views, sounds▼  │deltas, epochs
//!                 control, screen  sync ══▶ hub
//! ```

pub mod calendar;
pub mod checks;
pub mod config;
pub mod control;
pub mod daemon;
pub mod floor_loop;
mod housekeeping;
pub mod idle;
pub mod input_nodes;
pub mod intake;
pub mod keys;
pub mod panel;
pub mod pictures;
pub mod portals;
pub mod power;
pub mod printing;
pub mod rfid;
mod running;
pub mod screen;
pub mod seams;
pub mod set_up;
mod showing;
pub mod sound;
pub mod status;
pub mod store;
pub mod sync;
#[cfg(test)]
mod testing;
pub mod wiring;

pub use config::AgentConfig;
pub use running::RunningAgent;
pub use wiring::{Agent, Machine, Seams, StartError};
