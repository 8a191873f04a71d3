//! The status bar across the top: link, what waits, worker, scanner, battery, clock.

use embedded_graphics::primitives::Rectangle;

use crate::screen::canvas::{Align, Canvas, inset, part};
use crate::screen::fonts::{Face, Fonts};
use crate::screen::layout::{Widget, Wish};
use crate::screen::panel::Look;
use crate::screen::status::{Link, ScannerState, StatusBar, StoreState};
use crate::screen::symbol::Symbol;
use crate::screen::text::{Block, Style, fit, line_height};

#[derive(Debug)]
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
        let bar = inset(area, margin, 0);

        let sign = u32::from(size);
        canvas.symbol(self.link_symbol(), part(bar, 0, 0, sign, high), pair);
        let bar = part(bar, sign + gap, 0, bar.size.width, high);

        let mut room = bar.size.width;
        let clock = fit(
            canvas.fonts,
            Style::line(Face::Strong, size, size),
            &self.0.clock,
            room,
            high,
        );
        if room > clock.width + gap {
            canvas.text(
                &clock,
                part(bar, room - clock.width, 0, clock.width, high),
                Align::Left,
                pair,
            );
            room -= clock.width + gap;
        }
        // The sentence in full is worth more than the sign of a scanner that works, or the figure of a battery that lasts.
        let full = self.sentence(canvas.fonts, size, room).width;
        let is_low = self.0.battery.is_some_and(|battery| battery.is_low());
        if let Some(symbol) = self.battery_symbol().filter(|_| room > sign + gap) {
            let style = Style::line(Face::Strong, size, size);
            let mut figures = self.0.battery_sentences().into_iter();
            let figure = figures.find_map(|text| {
                let block = fit(canvas.fonts, style, &text, room, high);
                let taken = block.width + 2 * gap + sign;
                let fits = taken + full <= room || (is_low && taken + room / 2 <= room && text.len() < 6);
                fits.then_some(block)
            });
            let figure_wide = figure.as_ref().map_or(0, |block| block.width + gap / 2);
            if figure.is_some() || is_low || full + sign + gap <= room {
                if let Some(block) = figure {
                    let place = part(bar, room - block.width, 0, block.width, high);
                    canvas.text(&block, place, Align::Left, pair);
                }
                let place = part(bar, room - figure_wide - sign, 0, sign, high);
                canvas.symbol(symbol, place, pair);
                room -= figure_wide + sign + gap;
            }
        }
        let scanner_fits = full + gap + sign <= room || self.0.scanner == ScannerState::Lost;
        if let Some(symbol) = self
            .scanner_symbol()
            .filter(|_| scanner_fits && room > sign + gap)
        {
            canvas.symbol(symbol, part(bar, room - sign, 0, sign, high), pair);
            room -= sign + gap;
        }
        let sentence = self.sentence(canvas.fonts, size, room);
        canvas.text(&sentence, part(bar, 0, 0, room, high), Align::Left, pair);
        let worker = fit(
            canvas.fonts,
            Style::line(Face::Regular, size, size),
            &self.0.worker,
            room,
            high,
        );
        if sentence.width + 2 * gap + worker.width <= room {
            canvas.text(
                &worker,
                part(bar, room - worker.width, 0, worker.width, high),
                Align::Left,
                pair,
            );
        }
    }
}

impl Status<'_> {
    const fn link_symbol(&self) -> Symbol {
        match self.0.link {
            _ if !matches!(self.0.store, StoreState::Safe) => Symbol::Alarm,
            Link::Online => Symbol::Online,
            Link::Offline => Symbol::Offline,
            Link::Unenrolled | Link::Refused | Link::Revoked => Symbol::Alarm,
        }
    }

    const fn scanner_symbol(&self) -> Option<Symbol> {
        match self.0.scanner {
            ScannerState::Ready => Some(Symbol::Scanner),
            ScannerState::Lost => Some(Symbol::ScannerLost),
            ScannerState::None => None,
        }
    }

    fn battery_symbol(&self) -> Option<Symbol> {
        let battery = self.0.battery?;
        let tenths = (battery.percent.min(100) + 5) / 10;
        Some(if battery.charging {
            Symbol::Charging
        } else {
            Symbol::Battery(tenths)
        })
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
