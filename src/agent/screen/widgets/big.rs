//! The one big thing, to be read from two metres: a location or a number, and what it means below it.

use embedded_graphics::primitives::Rectangle;
use tallyman_floor::Big;

use crate::screen::canvas::{Align, Canvas, part};
use crate::screen::fonts::{Face, Fonts};
use crate::screen::layout::{Widget, Wish};
use crate::screen::panel::Look;
use crate::screen::text::{Block, Style, fit};

/// Lines it may take: a code that another device reads has more than a location.
const LINES_MAX: usize = 4;

#[derive(Debug)]
pub(in crate::screen) struct BigThing<'a>(pub &'a Big);

impl Widget for BigThing<'_> {
    fn wish(&self, fonts: &mut Fonts, look: &Look, width: u32) -> Wish {
        let (big, caption) = self.blocks(fonts, look, width, u32::MAX);
        let below = caption.map_or(0, |block| block.height());
        let high = big.height();
        let smallest = Style {
            largest: style(look).least,
            ..style(look)
        };
        let least = fit(fonts, smallest, &self.0.text, width, u32::MAX).height();
        Wish {
            least: (high / 2).max(least).min(high) + below,
            good: high * 3 / 4 + below,
            most: high + below,
        }
    }

    fn paint(&self, canvas: &mut Canvas<'_>, look: &Look, area: Rectangle) {
        let (wide, high) = (area.size.width, area.size.height);
        let (big, caption) = self.blocks(canvas.fonts, look, wide, high);
        let below = caption.as_ref().map_or(0, Block::height);
        let above = high.saturating_sub(below);
        canvas.text(
            &big,
            part(area, 0, 0, wide, above),
            Align::Middle,
            look.colours.page,
        );
        if let Some(caption) = caption {
            canvas.text(
                &caption,
                part(area, 0, above, wide, below),
                Align::Middle,
                look.colours.page_quiet,
            );
        }
    }
}

impl BigThing<'_> {
    fn blocks(&self, fonts: &mut Fonts, look: &Look, width: u32, height: u32) -> (Block, Option<Block>) {
        let size = look.size(look.measures.caption);
        let style_below = Style::line(Face::Regular, size, size * 3 / 4).lines(2);
        let caption =
            (!self.0.caption.is_empty()).then(|| fit(fonts, style_below, &self.0.caption, width, height / 2));
        let below = caption.as_ref().map_or(0, Block::height);
        let big = fit(
            fonts,
            style(look),
            &self.0.text,
            width,
            height.saturating_sub(below),
        );
        (big, caption)
    }
}

fn style(look: &Look) -> Style {
    let size = look.size(look.measures.big);
    Style::line(Face::Code, size, size * 2 / 5)
        .lines(LINES_MAX)
        .one_line_first()
}
