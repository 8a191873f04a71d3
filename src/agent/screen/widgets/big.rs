//! The one big thing, to be read from two metres: a location or a number, and what it means below it; with a bar where it
//! is how near something is. Where another device is to scan it, the symbol for that stands above the text.

use embedded_graphics::prelude::*;
use embedded_graphics::primitives::Rectangle;
use tallyman_floor::Big;

use crate::screen::canvas::{Align, Canvas, part};
use crate::screen::code::Code;
use crate::screen::fonts::{Face, Fonts};
use crate::screen::item_picture::ItemPicture;
use crate::screen::layout::{Widget, Wish};
use crate::screen::panel::Look;
use crate::screen::text::{Block, Style, fit};

/// Lines it may take: a code that another device reads has more than a location.
const LINES_MAX: usize = 4;

#[derive(Debug)]
pub(in crate::screen) struct BigThing<'a> {
    big: &'a Big,
    code: Option<Code>,
    /// Shown beside the text where that leaves room for it at the size that it has without.
    picture: Option<&'a ItemPicture>,
}

impl<'a> BigThing<'a> {
    /// A big thing, with what another device scans instead of typing it.
    pub fn new(big: &'a Big, code: Option<&str>) -> Self {
        Self {
            big,
            code: code.and_then(Code::of),
            picture: None,
        }
    }

    /// The same, with the picture of the item it is about.
    pub fn beside(self, picture: Option<&'a ItemPicture>) -> Self {
        Self { picture, ..self }
    }
}

impl Widget for BigThing<'_> {
    fn wish(&self, fonts: &mut Fonts, look: &Look, width: u32) -> Wish {
        let (big, caption) = self.blocks(fonts, look, width, u32::MAX);
        let below = caption.map_or(0, |block| block.height()) + self.bar_high(look);
        let high = big.height();
        let style = self.style(look);
        let smallest = Style {
            largest: style.least,
            ..style
        };
        let least = fit(fonts, smallest, &self.big.text, width, u32::MAX).height();
        let least = (high / 2).max(least).min(high) + below;
        match &self.code {
            None => Wish {
                least,
                good: high * 3 / 4 + below,
                most: high + below,
            },
            // The symbol as large as the width allows, and the text to type it by below.
            Some(code) => {
                let side = |pixels: u32| code.side_within(width, pixels);
                Wish {
                    least: least + side(u32::from(CODE_PX_MIN)),
                    good: high + below + side(look.px(CODE_PX_GOOD)),
                    most: high + below + side(u32::MAX),
                }
            }
        }
    }

    fn paint(&self, canvas: &mut Canvas<'_>, look: &Look, area: Rectangle) {
        let whole = area;
        let area = self.paint_picture(canvas, look, area);
        let (wide, high) = (area.size.width, area.size.height);
        let bar_high = self.bar_high(look);
        let high = high.saturating_sub(bar_high);
        let smallest = self
            .code
            .as_ref()
            .map_or(0, |code| code.side_within(wide, CODE_PX_MIN.into()));
        let (big, caption) = self.blocks(canvas.fonts, look, wide, high.saturating_sub(smallest));
        let below = caption.as_ref().map_or(0, Block::height);
        let mut top = 0;
        if let Some(code) = &self.code {
            let room = high.saturating_sub(below + big.height());
            let side = code.paint(canvas, part(area, 0, 0, wide, room));
            top = side;
        }
        let above = high.saturating_sub(below + top);
        canvas.text(
            &big,
            part(area, 0, top, wide, above),
            Align::Middle,
            look.colours.page,
        );
        if let Some(caption) = caption {
            canvas.text(
                &caption,
                part(area, 0, high.saturating_sub(below), wide, below),
                Align::Middle,
                look.colours.page_quiet,
            );
        }
        if let Some(percent) = self.big.bar {
            bar(
                canvas,
                look,
                part(whole, 0, high, whole.size.width, bar_high),
                percent,
            );
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

/// Pixels of a module of the symbol at least: what scanners read off a panel.
const CODE_PX_MIN: u16 = 2;

/// The same, where there is room, for a panel of the size that a layout was made for.
const CODE_PX_GOOD: u16 = 4;

impl BigThing<'_> {
    /// The height of the bar and the gap above it; none without one.
    fn bar_high(&self, look: &Look) -> u32 {
        let high = u32::from(look.size(look.measures.caption)) * 4 / 3;
        self.big.bar.map_or(0, |_| high)
    }

    /// Paints the picture at the left, where the texts need the width least. Answers the area that is left for them: in it
    /// they are as large as in all of it.
    fn paint_picture(&self, canvas: &mut Canvas<'_>, look: &Look, area: Rectangle) -> Rectangle {
        let Some(picture) = self.picture.filter(|_| self.code.is_none()) else {
            return area;
        };
        let (wide, high) = (area.size.width, area.size.height);
        let text_high = high.saturating_sub(self.bar_high(look));
        let (big, caption) = self.blocks(canvas.fonts, look, wide, text_high);
        let widest = big.width.max(caption.as_ref().map_or(0, |caption| caption.width));
        let gap = look.px(look.measures.margin);
        // Half of the width belongs to the text, whatever it says, so that it does not jump about as it changes.
        let free = wide.saturating_sub(widest.max(wide / 2) + gap);
        let least = picture.least_size(look, look.px(look.measures.picture_beside_least));
        let size = picture.size_within(look, Size::new(free, text_high));
        let Some(size) = size.filter(|size| size.width >= least.width && size.height >= least.height) else {
            return area;
        };
        let left = size.width + gap;
        let rest = part(area, left, 0, wide - left, high);
        if self.blocks(canvas.fonts, look, rest.size.width, text_high) != (big, caption) {
            return area;
        }
        picture.paint(canvas, look, part(area, 0, 0, size.width, text_high));
        rest
    }

    fn blocks(&self, fonts: &mut Fonts, look: &Look, width: u32, height: u32) -> (Block, Option<Block>) {
        let size = look.size(look.measures.caption);
        let style_below = Style::line(Face::Regular, size, size * 3 / 4).lines(2);
        let caption = (!self.big.caption.is_empty())
            .then(|| fit(fonts, style_below, &self.big.caption, width, height / 2));
        let below = caption.as_ref().map_or(0, Block::height);
        let big = fit(
            fonts,
            self.style(look),
            &self.big.text,
            width,
            height.saturating_sub(below),
        );
        (big, caption)
    }

    /// A text beside a symbol is only typed where the symbol cannot be scanned: it gives its room to it.
    fn style(&self, look: &Look) -> Style {
        let (largest, least) = match self.code {
            None => {
                let size = look.size(look.measures.big);
                (size, size * 2 / 5)
            }
            Some(_) => (look.size(look.measures.line), look.size(look.measures.label)),
        };
        let style = Style::line(Face::Code, largest, least).lines(LINES_MAX);
        match self.code {
            None => style.one_line_first(),
            Some(_) => style,
        }
    }
}
