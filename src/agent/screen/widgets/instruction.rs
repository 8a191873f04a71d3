//! What is wanted next, in one sentence.

use embedded_graphics::primitives::Rectangle;

use crate::screen::canvas::{Align, Canvas};
use crate::screen::fonts::{Face, Fonts};
use crate::screen::layout::{Widget, Wish};
use crate::screen::panel::Look;
use crate::screen::text::{Style, fit, line_height};

/// Lines it may take; a longer instruction is written smaller.
const LINES_MAX: usize = 3;

pub(in crate::screen) struct Instruction<'a>(pub &'a str);

impl Widget for Instruction<'_> {
    fn wish(&self, fonts: &mut Fonts, look: &Look, width: u32) -> Wish {
        let style = style(look);
        let block = fit(fonts, style, self.0, width, u32::MAX);
        let high = block.height();
        Wish {
            least: line_height(style.least).min(high),
            good: high * 3 / 4,
            most: high,
        }
    }

    fn paint(&self, canvas: &mut Canvas<'_>, look: &Look, area: Rectangle) {
        let block = fit(
            canvas.fonts,
            style(look),
            self.0,
            area.size.width,
            area.size.height,
        );
        canvas.text(&block, area, Align::Left, look.colours.page);
    }
}

fn style(look: &Look) -> Style {
    let size = look.size(look.measures.instruction);
    Style::line(Face::Strong, size, size * 3 / 4).lines(LINES_MAX)
}
