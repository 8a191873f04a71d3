//! What comes after this, in one quiet line.

use embedded_graphics::primitives::Rectangle;

use crate::screen::canvas::{Align, Canvas, part};
use crate::screen::fonts::{Face, Fonts};
use crate::screen::layout::{Widget, Wish};
use crate::screen::panel::Look;
use crate::screen::symbol::Symbol;
use crate::screen::text::{Style, fit, line_height};

#[derive(Debug)]
pub(in crate::screen) struct Next<'a>(pub &'a str);

impl Widget for Next<'_> {
    fn wish(&self, _: &mut Fonts, look: &Look, _: u32) -> Wish {
        Wish::exactly(line_height(look.size(look.measures.next)))
    }

    fn paint(&self, canvas: &mut Canvas<'_>, look: &Look, area: Rectangle) {
        let size = look.size(look.measures.next);
        let (high, sign) = (area.size.height, u32::from(size) * 3 / 4);
        let left = sign + u32::from(size) / 2;
        canvas.symbol(
            Symbol::Next,
            part(area, 0, 0, sign, high),
            look.colours.page_quiet,
        );
        let room = area.size.width.saturating_sub(left);
        let block = fit(
            canvas.fonts,
            Style::line(Face::Regular, size, size * 3 / 4),
            self.0,
            room,
            high,
        );
        canvas.text(
            &block,
            part(area, left, 0, room, high),
            Align::Left,
            look.colours.page_quiet,
        );
    }
}
