//! What a driver is: a row of facts, checked settings, and a decoder that takes bytes and gives reads.
//!
//! Nothing in here does I/O or reads a clock. A decoder is given bytes with the moment they came; the caller
//! carries its [`Output`]s to the device and to the program. The same decoder runs on a port, in a fuzz target,
//! in a replayed capture and in the simulator.

pub mod conversation;
pub mod decoder;
pub mod devices;
pub mod driver;
pub mod frame;
pub mod inventory;
pub mod output;
pub mod pump;
pub mod report;
pub mod setting;
pub mod udev;

pub use conversation::{Conversation, Silence};
pub use decoder::{Command, Decoder, OwnBeep, Signal};
pub use devices::{Device, DevicesError, Packets, devices};
pub use driver::{Driver, LinkKind};
pub use frame::{FrameBuffer, Parsed};
pub use inventory::{EpcFilter, FILTER_BYTES_MAX, Inventory};
pub use output::{GarbageReason, Output, Outputs};
pub use pump::Pump;
pub use report::ReportLine;
pub use setting::{SettingError, SettingForm, SettingSpec, Settings};
