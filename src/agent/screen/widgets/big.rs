//! The one big thing, to be read from two metres: a location or a number, and what it means below it; with a bar where it
//! is how near something is.

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
        let below = caption.map_or(0, |block| block.height()) + self.bar_high(look);
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
        let bar_high = self.bar_high(look);
        let high = high.saturating_sub(bar_high);
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
        if let Some(percent) = self.0.bar {
            bar(canvas, look, part(area, 0, high, wide, bar_high), percent);
        }
    }
}

/// A bar that is full at 100, seen out of the corner of an eye.
fn bar(canvas: &mut Canvas<'_>, look: &Look, area: Rectangle, percent: u8) {
    let thick = area.size.height * 3 / 4;
    let bar = part(
        area,
        0,
        area.size.height.saturating_sub(thick),
        area.size.width,
        thick,
    );
    canvas.rounded(bar, thick / 2, look.colours.edge);
    let full = u64::from(bar.size.width) * u64::from(percent.min(100)) / 100;
    if full > 0 {
        let full = (full as u32).clamp(thick.min(bar.size.width), bar.size.width);
        canvas.rounded(part(bar, 0, 0, full, thick), thick / 2, look.colours.progress);
    }
}

impl BigThing<'_> {
    /// The height of the bar and the gap above it; none without one.
    fn bar_high(&self, look: &Look) -> u32 {
        let high = u32::from(look.size(look.measures.caption)) * 4 / 3;
        self.0.bar.map_or(0, |_| high)
    }

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
