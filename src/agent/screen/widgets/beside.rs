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
        let high = |height: u32| {
            let size = self.0.size_within(look, Size::new(width, height));
            size.map(|size| size.height)
        };
        let most = high(u32::MAX).unwrap_or(u32::MAX);
        // A picture in which nobody recognises anything is left out; one that is small itself is shown as it is.
        let least = look.px(look.measures.picture_least).min(most);
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
