//! What is wanted next, in one sentence.

use embedded_graphics::primitives::Rectangle;

use crate::screen::canvas::{Align, Canvas};
use crate::screen::fonts::{Face, Fonts};
use crate::screen::layout::{Widget, Wish};
use crate::screen::panel::Look;
use crate::screen::text::{Style, fit, line_height};

/// Lines it may take; a longer instruction is written smaller.
const LINES_MAX: usize = 3;

pub(in crate::screen) struct Instruction<'a> {
    pub text: &'a str,
    /// Whether the page holds nothing else of weight: then it stands large in the middle.
    pub alone: bool,
}

impl Widget for Instruction<'_> {
    fn wish(&self, fonts: &mut Fonts, look: &Look, width: u32) -> Wish {
        let style = self.style(look);
        let block = fit(fonts, style, self.text, width, u32::MAX);
        let high = block.height();
        Wish {
            least: line_height(style.least).min(high),
            good: high,
            most: high,
        }
    }

    fn paint(&self, canvas: &mut Canvas<'_>, look: &Look, area: Rectangle) {
        let block = fit(
            canvas.fonts,
            self.style(look),
            self.text,
            area.size.width,
            area.size.height,
        );
        let align = if self.alone { Align::Middle } else { Align::Left };
        canvas.text(&block, area, align, look.colours.page);
    }
}

impl Instruction<'_> {
    fn style(&self, look: &Look) -> Style {
        let size = look.size(look.measures.instruction);
        let largest = if self.alone { size * 3 / 2 } else { size };
        Style::line(Face::Strong, largest, size * 3 / 4).lines(LINES_MAX)
    }
}
