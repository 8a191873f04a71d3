//! The picture of the item in a place of its own. It gets room that nothing else has a use for, and no text gives way to it.

use embedded_graphics::prelude::*;
use embedded_graphics::primitives::Rectangle;

use crate::screen::canvas::Canvas;
use crate::screen::fonts::Fonts;
use crate::screen::item_picture::ItemPicture;
use crate::screen::layout::{Widget, Wish};
use crate::screen::panel::Look;

#[derive(Debug)]
pub(in crate::screen) struct Beside<'a>(pub &'a ItemPicture);

impl Widget for Beside<'_> {
    fn wish(&self, _fonts: &mut Fonts, look: &Look, width: u32) -> Wish {
        // A picture in which nobody recognises anything is left out; one that is small itself is shown as it is.
        let least = self.0.least_size(look, look.px(look.measures.picture_least));
        if least.width > width {
            return Wish::exactly(u32::MAX);
        }
        let most = self.0.size_within(look, Size::new(width, u32::MAX));
        let least = least.height;
        let most = most.map_or(least, |most| most.height);
        Wish {
            least,
            good: least,
            most,
        }
    }

    fn paint(&self, canvas: &mut Canvas<'_>, look: &Look, area: Rectangle) {
        self.0.paint(canvas, look, area);
    }
}
