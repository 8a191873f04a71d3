//! Panels: the painted screen on the display of the device.
//!
//! [`output`] is what all panels can do, with one file for each kind; [`pixels`] is how colours and places become those
//! of a panel; [`worker`] is the thread that paints. The calls to the kernel are in `kernel/`, behind safe functions.

mod console;
pub mod damage;
mod drm;
mod framebuffer;
mod kernel;
pub mod output;
pub mod pixels;
pub mod worker;

pub use output::{OutputKind, PanelError};
pub use pixels::Rotation;
pub use worker::{Frame, Hit, PanelHandle, PanelThread};
