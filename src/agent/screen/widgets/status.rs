//! The status bar across the top: link, what waits, worker, scanner, clock.

use embedded_graphics::primitives::Rectangle;

use crate::screen::canvas::{Align, Canvas, part};
use crate::screen::fonts::{Face, Fonts};
use crate::screen::layout::{Widget, Wish};
use crate::screen::panel::Look;
use crate::screen::status::{Link, ScannerState, StatusBar};
use crate::screen::symbol::Symbol;
use crate::screen::text::{Block, Style, fit, line_height};
use crate::screen::theme::Pair;

pub(in crate::screen) struct Status<'a>(pub &'a StatusBar);

impl Widget for Status<'_> {
    fn wish(&self, _: &mut Fonts, look: &Look, _: u32) -> Wish {
        let size = look.size(look.measures.status);
        Wish::exactly(line_height(size) + 2 * (u32::from(size) / 4))
    }

    fn paint(&self, canvas: &mut Canvas<'_>, look: &Look, area: Rectangle) {
        let pair = if self.0.alarms() {
            look.colours.status_alarm
        } else {
            look.colours.status
        };
        canvas.fill(area, pair.ground);
        let size = look.size(look.measures.status);
        let (high, margin, gap) = (
            area.size.height,
            look.px(look.measures.margin),
            u32::from(size) / 2,
        );
        let (mut left, mut right) = (margin, area.size.width.saturating_sub(margin));

        let sign = u32::from(size);
        canvas.symbol(self.link_symbol(), part(area, left, 0, sign, high), pair);
        left += sign + gap;

        let clock = Piece {
            size,
            gap,
            pair,
            face: Face::Strong,
        };
        right = clock.at_right(canvas, area, left, right, &self.0.clock);
        if self.0.scanner != ScannerState::None && right > left + sign {
            let lost = self.0.scanner == ScannerState::Lost;
            let symbol = if lost {
                Symbol::ScannerLost
            } else {
                Symbol::Scanner
            };
            canvas.symbol(symbol, part(area, right - sign, 0, sign, high), pair);
            right -= sign + gap;
        }
        let room = right.saturating_sub(left);
        let sentence = self.sentence(canvas.fonts, size, room);
        let worker = Piece {
            size,
            gap: gap * 2,
            pair,
            face: Face::Regular,
        };
        if worker.width(canvas.fonts, &self.0.worker) + worker.gap + sentence.width <= room {
            worker.at_right(canvas, area, left, right, &self.0.worker);
        }
        canvas.text(&sentence, part(area, left, 0, room, high), Align::Left, pair);
    }
}

impl Status<'_> {
    const fn link_symbol(&self) -> Symbol {
        match self.0.link {
            _ if !matches!(self.0.store, crate::screen::status::StoreState::Safe) => Symbol::Alarm,
            Link::Online => Symbol::Online,
            Link::Offline => Symbol::Offline,
            Link::Unenrolled | Link::Refused => Symbol::Alarm,
        }
    }

    /// The longest sentence that fits.
    fn sentence(&self, fonts: &mut Fonts, size: u16, room: u32) -> Block {
        let sentences = self.0.sentences();
        let whole = sentences
            .iter()
            .find(|text| fonts.width(Face::Strong, size, text) <= room as f32);
        let text = whole.or(sentences.last()).map_or("", String::as_str);
        fit(
            fonts,
            Style::line(Face::Strong, size, size * 3 / 4),
            text,
            room,
            u32::MAX,
        )
    }
}

/// A short text at the right of what is left of the bar.
struct Piece {
    size: u16,
    gap: u32,
    pair: Pair,
    face: Face,
}

impl Piece {
    fn width(&self, fonts: &mut Fonts, text: &str) -> u32 {
        fonts.width(self.face, self.size, text).ceil() as u32
    }

    /// Paints it where it fits between two edges, and says where the free part ends then.
    fn at_right(&self, canvas: &mut Canvas<'_>, bar: Rectangle, left: u32, right: u32, text: &str) -> u32 {
        let wide = self.width(canvas.fonts, text);
        if text.is_empty() || left + wide + self.gap > right {
            return right;
        }
        let block = fit(
            canvas.fonts,
            Style::line(self.face, self.size, self.size),
            text,
            wide,
            u32::MAX,
        );
        let area = part(bar, right - wide, 0, wide, bar.size.height);
        canvas.text(&block, area, Align::Left, self.pair);
        right - wide - self.gap
    }
}
