//! What is being done and how far it is: the title, "3 / 12", and a bar.

use embedded_graphics::primitives::Rectangle;

use crate::screen::canvas::{Align, Canvas, part};
use crate::screen::fonts::{Face, Fonts};
use crate::screen::layout::{Widget, Wish};
use crate::screen::panel::Look;
use crate::screen::text::{Style, fit, line_height};

#[derive(Debug)]
pub(in crate::screen) struct Heading<'a> {
    pub title: &'a str,
    pub done_of: Option<(usize, usize)>,
}

impl Widget for Heading<'_> {
    fn wish(&self, _: &mut Fonts, look: &Look, _: u32) -> Wish {
        let bar = if self.done_of.is_some() {
            bar_gap(look) + look.px(look.measures.progress_height)
        } else {
            0
        };
        Wish::exactly(line_height(look.size(look.measures.title)) + bar)
    }

    fn paint(&self, canvas: &mut Canvas<'_>, look: &Look, area: Rectangle) {
        let size = look.size(look.measures.title);
        let (wide, high) = (area.size.width, line_height(size));
        let mut room = wide;
        if let Some((done, of)) = self.done_of {
            let text = format!("{done} / {of}");
            let block = fit(
                canvas.fonts,
                Style::line(Face::Strong, size, size / 2),
                &text,
                wide / 2,
                high,
            );
            canvas.text(
                &block,
                part(area, 0, 0, wide, high),
                Align::Right,
                look.colours.page,
            );
            room = wide.saturating_sub(block.width + u32::from(size));
            self.bar(
                canvas,
                look,
                part(area, 0, high + bar_gap(look), wide, area.size.height),
                done,
                of,
            );
        }
        let style = Style::line(Face::Strong, size, size * 3 / 4);
        let title = fit(canvas.fonts, style, self.title, room, high);
        canvas.text(
            &title,
            part(area, 0, 0, room, high),
            Align::Left,
            look.colours.page_quiet,
        );
    }
}

impl Heading<'_> {
    fn bar(&self, canvas: &mut Canvas<'_>, look: &Look, area: Rectangle, done: usize, of: usize) {
        let (wide, high) = (area.size.width, area.size.height);
        let (line, radius) = (look.hairline(), high / 2);
        canvas.framed(area, radius, line, look.colours.edge, look.colours.page.ground);
        // The first line shows at once, and the bar is full only when all is done.
        let full = match (done, of) {
            (0, _) | (_, 0) => return,
            (done, of) if done >= of => wide,
            (done, of) => (wide as usize * done / of) as u32,
        };
        canvas.rounded(
            part(area, 0, 0, full.max(high), high),
            radius,
            look.colours.progress,
        );
    }
}

fn bar_gap(look: &Look) -> u32 {
    look.px(look.measures.gap) / 2
}
