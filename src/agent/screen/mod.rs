//! The screen: a [`View`](tallyman_floor::View) and a [`StatusBar`] become a [`Picture`] for a [`Panel`].
//!
//! A painter holds no rules of the work. It decides what stands out: one big thing that is read from two metres,
//! one instruction or question, the answer to the last scan, what to press, what comes next. Every answer is told
//! by a sign and an outline as well as by colour. A text wraps, then shrinks, then ends in an ellipsis; a character
//! without a glyph is painted as a box; nothing is painted outside its place.
//!
//! What lies under a finger is asked of a [`Painting`]; a [`Sheet`] over the view has every key, a keypad or letters, so
//! that everything can be done by touch alone. [`Painter::repaint`] paints what has changed, and says where.
//!
//! To look at every screen on every panel: `TALLYMAN_SCREENS=FOLDER cargo test -p tallyman-agent screen`.
//!
//! Where things go is one tree per class of panels, in [`parts`]. How a part looks is one file each in `widgets/`.

mod breaks;
mod canvas;
mod code;
mod fonts;
mod item_picture;
mod layout;
mod paint;
mod panel;
mod parts;
mod picture;
mod repaint;
pub mod samples;
#[cfg(test)]
mod scenes;
mod sheet;
mod status;
mod status_words;
mod symbol;
#[cfg(test)]
mod tests;
mod text;
mod theme;
mod widgets;

pub use canvas::{Placed, Target};
pub use code::PlacedCode;
pub use fonts::{Face, Fonts};
pub use item_picture::ItemPicture;
pub use layout::Slot;
pub use paint::{Painter, Painting, paint};
pub use panel::{Panel, PanelClass, TARGET_MIN_PX};
pub use picture::{Picture, SIDE_MAX};
pub use sheet::{Sheet, Touch};
pub use status::{Battery, Link, ScannerState, Shift, StatusBar, StoreState};
pub use theme::{Colours, Pair, Theme, contrast};
