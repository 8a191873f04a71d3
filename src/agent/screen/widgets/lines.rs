//! What the work is about: labelled lines on a card, labels in a column of their own.

use embedded_graphics::primitives::Rectangle;
use tallyman_floor::ViewLine;

use crate::screen::canvas::{Align, Canvas, inset, part};
use crate::screen::fonts::{Face, Fonts};
use crate::screen::layout::{Widget, Wish};
use crate::screen::panel::Look;
use crate::screen::text::{Block, ELLIPSIS, Style, fit};

/// Lines that are looked at; no panel shows more.
const LINES_MAX: usize = 24;

/// Lines of text that one of them may wrap to.
const WRAP_MAX: usize = 2;

#[derive(Debug)]
pub(in crate::screen) struct Lines<'a>(pub &'a [ViewLine]);

/// A line ready to be painted.
struct Row {
    label: Option<Block>,
    text: Block,
    /// How many lines there is no room for, at the end of the last one.
    more: Option<Block>,
}

impl Widget for Lines<'_> {
    fn wish(&self, fonts: &mut Fonts, look: &Look, width: u32) -> Wish {
        let padding = 2 * padding(look);
        let high = |fonts: &mut Fonts, form: Form, count: usize| {
            let wide = width.saturating_sub(padding);
            let label_wide = label_width(fonts, look, self.0, wide);
            let rows = self.rows(fonts, look, wide, label_wide, form);
            total(&rows[..count.min(rows.len())], look) + padding
        };
        let good = high(fonts, Form::Tight, LINES_MAX);
        // What the work is about is named in full, where the panel is not too small for it.
        let first = if look.is_small() { Form::Tight } else { Form::Roomy };
        let least = high(fonts, first, 1);
        let good = good.max(least);
        Wish {
            least,
            good,
            most: high(fonts, Form::Roomy, LINES_MAX).max(good),
        }
    }

    fn paint(&self, canvas: &mut Canvas<'_>, look: &Look, area: Rectangle) {
        let colours = look.colours;
        canvas.rounded(area, look.px(look.measures.radius), colours.card.ground);
        let inner = inset(area, padding(look), padding(look));
        let (wide, high) = (inner.size.width, inner.size.height);
        let (label_wide, rows) = self.fitting(canvas.fonts, look, wide, high);
        let mut top = high.saturating_sub(total(&rows, look)) / 2;
        for row in rows {
            let row_high = row.height();
            let mut left = 0;
            if let Some(label) = &row.label {
                // The label stands on the baseline of the first line of its text.
                let lower = (row.text.baseline() - label.baseline()).max(0) as u32;
                let beside = part(inner, 0, top + lower, label_wide, label.height());
                canvas.text(label, beside, Align::Left, colours.card_quiet);
                left = label_wide + label_gap(look);
            }
            let place = part(inner, left, top, wide.saturating_sub(left), row_high);
            canvas.text(&row.text, place, Align::Left, colours.card);
            if let Some(more) = &row.more {
                let at_end = part(inner, wide.saturating_sub(more.width), top, more.width, row_high);
                canvas.text(more, at_end, Align::Left, colours.card_quiet);
            }
            top += row_high + row_gap(look);
        }
    }
}

/// How generously the lines are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Roomy,
    Tight,
}

impl Lines<'_> {
    /// As many lines as fit, and the width of their labels: all of them roomy or else tight, or the first ones, the last
    /// of which says how many more there are.
    fn fitting(&self, fonts: &mut Fonts, look: &Look, width: u32, height: u32) -> (u32, Vec<Row>) {
        let label_wide = label_width(fonts, look, self.0, width);
        for form in [Form::Roomy, Form::Tight] {
            let rows = self.rows(fonts, look, width, label_wide, form);
            if rows.len() == self.0.len() && total(&rows, look) <= height {
                return (label_wide, rows);
            }
        }
        let size = look.size(look.measures.label);
        let style_more = Style::line(Face::Strong, size, size);
        let more = fit(fonts, style_more, &format!("+{}", self.0.len()), width, u32::MAX);
        let wide = width.saturating_sub(more.width + label_gap(look));
        let mut rows = self.rows(fonts, look, wide, label_wide, Form::Tight);
        while rows.len() > 1 && total(&rows, look) > height {
            rows.pop();
        }
        // The labels of those that are hidden take no room.
        let shown = Lines(&self.0[..rows.len()]);
        let label_wide = label_width(fonts, look, shown.0, width);
        let mut rows = shown.rows(fonts, look, wide, label_wide, Form::Tight);
        shown.name_in_full(fonts, look, (wide, label_wide, height), &mut rows);
        let hidden = self.0.len() - rows.len();
        if let Some(last) = rows.last_mut().filter(|_| hidden > 0) {
            last.more = Some(fit(fonts, style_more, &format!("+{hidden}"), width, u32::MAX));
        }
        (label_wide, rows)
    }

    /// The item comes first, and takes two lines where it needs them and there is room.
    fn name_in_full(
        &self,
        fonts: &mut Fonts,
        look: &Look,
        (wide, label_wide, height): (u32, u32, u32),
        rows: &mut [Row],
    ) {
        let roomy = self
            .rows(fonts, look, wide, label_wide, Form::Roomy)
            .into_iter()
            .next();
        let (Some(first), Some(roomy)) = (rows.first_mut(), roomy) else {
            return;
        };
        if first.text.lines.concat().ends_with(ELLIPSIS) {
            let tight = std::mem::replace(first, roomy);
            if total(rows, look) > height {
                rows[0] = tight;
            }
        }
    }

    fn rows(&self, fonts: &mut Fonts, look: &Look, width: u32, label_wide: u32, form: Form) -> Vec<Row> {
        let text_wide = width.saturating_sub(label_wide + label_gap(look));
        let size = look.size(look.measures.label);
        let label_style = Style::line(Face::Regular, size, size * 3 / 4);
        let row = |line: &ViewLine| {
            let label =
                (!line.label.is_empty()).then(|| fit(fonts, label_style, &line.label, label_wide, u32::MAX));
            let wide = if label.is_some() { text_wide } else { width };
            Row {
                label,
                text: fit(fonts, style(look, form), &line.text, wide, u32::MAX),
                more: None,
            }
        };
        self.0.iter().take(LINES_MAX).map(row).collect()
    }
}

impl Row {
    fn height(&self) -> u32 {
        let label = self.label.as_ref().map_or(0, |label| {
            label.height() + (self.text.baseline() - label.baseline()).max(0) as u32
        });
        self.text.height().max(label)
    }
}

fn total(rows: &[Row], look: &Look) -> u32 {
    let gaps = row_gap(look) * (rows.len() as u32).saturating_sub(1);
    rows.iter().map(Row::height).sum::<u32>() + gaps
}

/// The column of labels: as wide as the widest, up to two fifths.
fn label_width(fonts: &mut Fonts, look: &Look, lines: &[ViewLine], width: u32) -> u32 {
    let size = look.size(look.measures.label);
    let wide = |line: &ViewLine| fonts.width(Face::Regular, size, &line.label).ceil() as u32;
    lines
        .iter()
        .take(LINES_MAX)
        .map(wide)
        .max()
        .unwrap_or(0)
        .min(width * 2 / 5)
}

fn style(look: &Look, form: Form) -> Style {
    let size = look.size(look.measures.line);
    match form {
        Form::Roomy => Style::line(Face::Strong, size, size * 4 / 5).lines(WRAP_MAX),
        Form::Tight => Style::line(Face::Strong, size * 9 / 10, size * 3 / 4),
    }
}

fn padding(look: &Look) -> u32 {
    look.px(look.measures.padding)
}

fn row_gap(look: &Look) -> u32 {
    look.px(look.measures.gap) / 2
}

fn label_gap(look: &Look) -> u32 {
    look.px(look.measures.padding)
}
