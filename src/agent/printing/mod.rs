//! Labels: orders in, ZPL II out, over a network or USB. Nobody waits for a printer: an order is put into a bounded queue, and
//! what hinders it is told.
//!
//! * [`label`] says what a label has to say, [`template`] how it is laid out; together they make the ZPL.
//! * [`link`](self) carries bytes, `host_status` reads what a printer says of itself, `worker` does one label after the other.
//!
//! Only ZPL II is written: label printers of other makes understand it by an emulation of theirs; EPL, its predecessor, is not
//! written.

mod config;
mod host_status;
pub mod label;
mod link;
pub mod template;
mod worker;

pub use config::{PrinterConfig, PrinterConfigError, PrinterLink};
pub use label::{Label, LabelError};
pub use template::{Dpi, TemplateError, Templates};
pub(crate) use worker::LABELS_MAX;
pub use worker::{PrintWorker, Printing};

#[cfg(test)]
mod tests;
