//! The control socket: how `tallyman status`, `tallyman shot`, the demo and the tests look at a running agent.
//!
//! A Unix socket that only its owner may use (0600). Requests and answers are JSON, one object a line.
//!
//! | request | answer |
//! |---|---|
//! | `{"ask":"status"}` | `{"status":{…}}`, see [`crate::status::Status`] |
//! | `{"ask":"view"}` | `{"view":{…}}`, see [`forms::ViewForm`] |
//! | `{"ask":"bar"}` | `{"bar":{…}}`, see [`forms::BarForm`] |
//! | `{"ask":"fields"}` | `{"fields":[{…}]}`, see [`forms::FieldForm`] |
//! | `{"ask":"shot"}` | `{"shot":{"png_hex":"89504E47…"}}` |
//! | `{"key":"enter"}` | `{"ok":true}` when the key is on its way; see [`forms::key_of`] |
//! | `{"ask":"watch"}` | `{"view":{…}}` now, then `{"view":{…}}` and `{"sound":{…}}` as they happen, for good |
//!
//! A watcher that is too slow is told `{"missed":12}`. What cannot be answered is `{"error":{"code":…,"message":…}}`;
//! the connection stays.

pub mod client;
mod connection;
pub mod forms;
mod socket;

pub use client::{ControlClient, ControlError};
pub use socket::{SocketError, serve};
