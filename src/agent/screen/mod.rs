//! The screen: a [`View`](tallyman_floor::View) and a [`StatusBar`] become a [`Picture`] for a [`Panel`].
//!
//! A painter holds no rules of the work. It decides what stands out: one big thing that is read from two metres,
//! one instruction or question, the answer to the last scan, what to press, what comes next. Every answer is told
//! by a sign and an outline as well as by colour. A text wraps, then shrinks, then ends in an ellipsis; a character
//! without a glyph is painted as a box; nothing is painted outside its place.
//!
//! To look at every sample view on every panel: `TALLYMAN_SCREENS=FOLDER cargo test -p tallyman-agent pictures`.
//!
//! Where things go is one tree per class of panels, in [`paint`]. How a part looks is one file each in `widgets/`.

mod canvas;
mod fonts;
mod layout;
mod paint;
mod panel;
mod picture;
pub mod samples;
mod status;
mod symbol;
#[cfg(test)]
mod tests;
mod text;
mod theme;
mod widgets;

pub use canvas::{Placed, Target};
pub use fonts::{Face, Fonts};
pub use layout::Slot;
pub use paint::{Painter, Painting, paint};
pub use panel::{Panel, PanelClass, TARGET_MIN_PX};
pub use picture::{Picture, SIDE_MAX};
pub use status::{Battery, Link, ScannerState, StatusBar, StoreState};
pub use theme::{Colours, Pair, Theme, contrast};
