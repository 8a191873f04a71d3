//! How the shift goes, in one quiet line; where it is known what is expected of it, with a thin bar.

use embedded_graphics::primitives::Rectangle;

use crate::screen::canvas::{Align, Canvas, part};
use crate::screen::fonts::{Face, Fonts};
use crate::screen::layout::{Widget, Wish};
use crate::screen::panel::Look;
use crate::screen::status::StatusBar;
use crate::screen::text::{Style, fit, line_height};

#[derive(Debug)]
pub(in crate::screen) struct ShiftLine<'a>(pub &'a StatusBar);

impl Widget for ShiftLine<'_> {
    fn wish(&self, _: &mut Fonts, look: &Look, _: u32) -> Wish {
        Wish::exactly(line_height(look.size(look.measures.shift)))
    }

    fn paint(&self, canvas: &mut Canvas<'_>, look: &Look, area: Rectangle) {
        let (wide, high) = (area.size.width, area.size.height);
        let size = look.size(look.measures.shift);
        let sentences = self.0.shift_sentences();
        let fitting = sentences
            .iter()
            .find(|text| canvas.fonts.width(Face::Regular, size, text) <= wide as f32);
        let text = fitting.or(sentences.last()).map_or("", String::as_str);
        let style = Style::line(Face::Regular, size, size * 3 / 4);
        let block = fit(canvas.fonts, style, text, wide, high);
        canvas.text(
            &block,
            part(area, 0, 0, wide, high),
            Align::Left,
            look.colours.page_quiet,
        );
        self.bar(canvas, look, area, block.width + u32::from(size));
    }
}

impl ShiftLine<'_> {
    fn bar(&self, canvas: &mut Canvas<'_>, look: &Look, area: Rectangle, left: u32) {
        let Some((done, of)) = self.0.shift.and_then(|shift| Some((shift.lines, shift.of?))) else {
            return;
        };
        let thin = (look.px(look.measures.progress_height) * 2 / 3).max(3);
        let wide = area.size.width.saturating_sub(left);
        let top = (area.size.height.saturating_sub(thin)) / 2;
        let bar = part(area, left, top, wide, thin);
        if bar.size.width < thin * 4 {
            return;
        }
        canvas.rounded(bar, thin / 2, look.colours.edge);
        let full = u64::from(wide) * u64::from(done.min(of)) / u64::from(of.max(1));
        let full = (full as u32).clamp(thin, wide);
        canvas.rounded(part(bar, 0, 0, full, thin), thin / 2, look.colours.progress);
    }
}
