//! What is wanted next, in one sentence.

use embedded_graphics::primitives::Rectangle;

use crate::screen::canvas::{Align, Canvas};
use crate::screen::fonts::{Face, Fonts};
use crate::screen::layout::{Widget, Wish};
use crate::screen::panel::Look;
use crate::screen::text::{Style, fit, line_height};

/// Lines it may take; a longer instruction is written smaller.
const LINES_MAX: usize = 3;

#[derive(Debug)]
pub(in crate::screen) struct Instruction<'a> {
    pub text: &'a str,
    pub weight: Weight,
}

/// How much an instruction weighs on its page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(in crate::screen) enum Weight {
    /// The page holds nothing else of weight: it stands large in the middle.
    Alone,
    /// What is wanted next.
    Usual,
    /// A question comes before it.
    Behind,
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
        let align = match self.weight {
            Weight::Alone => Align::Middle,
            Weight::Usual | Weight::Behind => Align::Left,
        };
        canvas.text(&block, area, align, look.colours.page);
    }
}

impl Instruction<'_> {
    fn style(&self, look: &Look) -> Style {
        let size = look.size(look.measures.instruction);
        match self.weight {
            Weight::Alone => Style::line(Face::Strong, size * 3 / 2, size * 3 / 4).lines(LINES_MAX),
            Weight::Usual => Style::line(Face::Strong, size, size * 3 / 4).lines(LINES_MAX),
            Weight::Behind => Style::line(Face::Regular, size * 3 / 4, size * 5 / 8).lines(LINES_MAX),
        }
    }
}
