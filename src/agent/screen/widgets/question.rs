//! The open question: what is asked, what was typed so far, and the answers to choose from as fields.

use embedded_graphics::primitives::Rectangle;
use tallyman_floor::{KeyHint, QuestionView};

use super::button::{self, Button, Form};
use super::keys::{Grid, KEYS_MAX};
use crate::screen::canvas::{Align, Canvas, inset, part};
use crate::screen::fonts::{Face, Fonts};
use crate::screen::layout::{Widget, Wish};
use crate::screen::panel::{Look, TARGET_MIN_PX};
use crate::screen::sheet::{Sheet, Touch};
use crate::screen::symbol::Symbol;
use crate::screen::text::{Block, Style, fit, line_height};

/// Lines that the prompt may take.
const WRAP_MAX: usize = 5;

/// Columns of answers: with more, their words would not fit.
const COLUMNS_MAX: u32 = 3;

/// The width in pixels that a column needs for its words.
const COLUMN_MIN_PX: u32 = 68;

/// The width of a field, in sizes of its letters, below which the words need all of it.
const LYING_MIN_SIZES: u32 = 6;

#[derive(Debug)]
pub(in crate::screen) struct OpenQuestion<'a> {
    pub question: &'a QuestionView,
    /// Keys that are shown among the answers, because a small panel has no row for them beside.
    pub keys: &'a [KeyHint],
}

/// The heights of the three parts.
#[derive(Debug, Clone, Copy, Default)]
struct Heights {
    prompt: u32,
    typed: u32,
    choices: u32,
}

impl Widget for OpenQuestion<'_> {
    fn wish(&self, fonts: &mut Fonts, look: &Look, width: u32) -> Wish {
        let least = Heights {
            prompt: line_height(prompt_style(look).least),
            typed: if self.question.typed.is_some() {
                (self.typed_height(look) / 2).max(TARGET_MIN_PX)
            } else {
                0
            },
            choices: self.choices_height(look, self.columns_max(width), TARGET_MIN_PX),
        };
        let most = self.most(fonts, look, width);
        let good = Heights {
            prompt: match look.is_small() {
                true => self.prompt_least(fonts, look, width),
                false => most.prompt,
            },
            choices: self.choices_height(look, self.columns_good(), wordy_height(look)),
            ..most
        };
        Wish {
            least: least.total(look),
            good: good.total(look),
            most: most.total(look),
        }
    }

    fn paint(&self, canvas: &mut Canvas<'_>, look: &Look, area: Rectangle) {
        let (wide, high) = (area.size.width, area.size.height);
        let heights = self.share(canvas.fonts, look, wide, high);
        let gap = look.px(look.measures.gap);
        let mut top = 0;
        self.paint_prompt(canvas, look, part(area, 0, top, wide, heights.prompt));
        top += heights.prompt + gap;
        if let Some(typed) = &self.question.typed {
            let keypad = Some(Touch::Sheet(Sheet::Digits));
            paint_typed(
                canvas,
                look,
                part(area, 0, top, wide, heights.typed),
                typed,
                keypad,
            );
            top += heights.typed + gap;
        }
        if self.count() > 0 {
            self.paint_choices(canvas, look, part(area, 0, top, wide, heights.choices));
        }
    }
}

impl OpenQuestion<'_> {
    fn most(&self, fonts: &mut Fonts, look: &Look, width: u32) -> Heights {
        let prompt = self.prompt(fonts, look, width, u32::MAX).height();
        Heights {
            prompt: prompt.max(symbol_side(look)),
            typed: if self.question.typed.is_some() {
                self.typed_height(look)
            } else {
                0
            },
            choices: self.choices_height(look, 1, choice_height(look)),
        }
    }

    /// Shares the height out. Where there is too little: fields get lower, the prompt smaller, then the entry; then fields
    /// hold one line of words, and at last the prompt is cut. Fields stay high enough for a glove.
    fn share(&self, fonts: &mut Fonts, look: &Look, width: u32, height: u32) -> Heights {
        let most = self.most(fonts, look, width);
        let mut heights = most;
        let excess = |heights: Heights| heights.total(look).saturating_sub(height);
        let give = |excess: u32, part: &mut u32, least: u32| *part -= excess.min(part.saturating_sub(least));
        let (good, all) = (self.columns_good(), self.columns_max(width));
        let wordy = self.choices_height(look, good, wordy_height(look));
        give(excess(heights), &mut heights.choices, wordy);
        let whole = self.prompt_least(fonts, look, width);
        give(excess(heights), &mut heights.prompt, whole);
        give(
            excess(heights),
            &mut heights.typed,
            TARGET_MIN_PX.max(most.typed / 2),
        );
        for columns in [good, all] {
            let low = self.choices_height(look, columns, TARGET_MIN_PX);
            give(excess(heights), &mut heights.choices, low);
        }
        let line = line_height(prompt_style(look).least);
        give(excess(heights), &mut heights.prompt, line);
        heights
    }

    fn prompt(&self, fonts: &mut Fonts, look: &Look, width: u32, height: u32) -> Block {
        let wide = width.saturating_sub(symbol_side(look) + look.px(look.measures.padding));
        fit(fonts, prompt_style(look), &self.question.prompt, wide, height)
    }

    /// The height of the whole prompt, written as small as may be.
    fn prompt_least(&self, fonts: &mut Fonts, look: &Look, width: u32) -> u32 {
        let wide = width.saturating_sub(symbol_side(look) + look.px(look.measures.padding));
        let style = Style {
            largest: prompt_style(look).least,
            ..prompt_style(look)
        };
        fit(fonts, style, &self.question.prompt, wide, u32::MAX).height()
    }

    fn paint_prompt(&self, canvas: &mut Canvas<'_>, look: &Look, area: Rectangle) {
        let (wide, high) = (area.size.width, area.size.height);
        let sign = symbol_side(look).min(high);
        canvas.symbol(
            Symbol::Answer(tallyman_floor::Tone::Ask),
            part(area, 0, 0, sign, high),
            look.colours.page,
        );
        let block = self.prompt(canvas.fonts, look, wide, high);
        let left = symbol_side(look) + look.px(look.measures.padding);
        canvas.text(
            &block,
            part(area, left, 0, wide, high),
            Align::Left,
            look.colours.page,
        );
    }

    fn typed_height(&self, look: &Look) -> u32 {
        look.px(look.measures.typed) * 9 / 8 + look.px(look.measures.padding)
    }

    fn choices_height(&self, look: &Look, columns: u32, each: u32) -> u32 {
        let rows = self.count().div_ceil(columns);
        rows * each + rows.saturating_sub(1) * choice_gap(look)
    }

    /// Columns in which the words of the answers still fit well.
    fn columns_good(&self) -> u32 {
        self.count().clamp(1, 2)
    }

    /// The most columns that hold words at all.
    fn columns_max(&self, width: u32) -> u32 {
        let most = if self.keys.is_empty() {
            COLUMNS_MAX
        } else {
            COLUMNS_MAX + 1
        };
        (width / COLUMN_MIN_PX).clamp(1, most)
    }

    fn count(&self) -> u32 {
        (self.question.choices.len() + self.keys.len()).min(KEYS_MAX) as u32
    }

    fn paint_choices(&self, canvas: &mut Canvas<'_>, look: &Look, area: Rectangle) {
        // One column of comfortable fields, or two; then fields of two lines of words, in more columns if need be; then
        // fields that are just high enough for a glove.
        let (good, most) = (self.columns_good(), self.columns_max(area.size.width));
        let tries = [
            (1, choice_height(look) * 7 / 8),
            (good, choice_height(look) * 7 / 8),
            (1, wordy_height(look)),
            (good, wordy_height(look)),
            (
                most,
                wordy_height(look) + line_height(look.size(look.measures.key_name)),
            ),
            (1, TARGET_MIN_PX),
            (good, TARGET_MIN_PX),
        ];
        let fits = |&(columns, each): &(u32, u32)| {
            self.choices_height(look, columns, each.max(TARGET_MIN_PX)) <= area.size.height
        };
        let columns = tries.into_iter().find(fits).map_or(most, |(columns, _)| columns);
        let hints = self.question.choices.iter().chain(self.keys);
        let buttons: Vec<_> = hints.take(KEYS_MAX).map(Button::of).collect();
        // In narrow fields the words get the whole width, and the digit stands above them.
        let is_narrow = area.size.width / columns < look.px(look.measures.key) * LYING_MIN_SIZES;
        let form = if columns > 2 && is_narrow {
            Form::Upright
        } else {
            Form::Lying
        };
        let grid = Grid {
            columns,
            rows: self.count().div_ceil(columns),
            gap: choice_gap(look),
        };
        let cells: Vec<_> = grid.cells(area, self.count() as usize).collect();
        button::paint(canvas, look, &buttons, form, &cells);
    }
}

impl Heights {
    fn total(self, look: &Look) -> u32 {
        let parts = [self.prompt, self.typed, self.choices];
        let shown = parts.iter().filter(|&&part| part > 0).count() as u32;
        parts.iter().sum::<u32>() + shown.saturating_sub(1) * look.px(look.measures.gap)
    }
}

/// The field where typed characters appear, with a caret behind them; a touch on it brings what it stands for.
pub(super) fn paint_typed(
    canvas: &mut Canvas<'_>,
    look: &Look,
    area: Rectangle,
    typed: &str,
    touch: Option<Touch>,
) {
    if let Some(touch) = touch {
        canvas.target(touch, area);
    }
    let (pair, line) = (look.colours.entry, look.hairline() * 2);
    canvas.framed(
        area,
        look.px(look.measures.radius),
        line,
        look.colours.progress,
        pair.ground,
    );
    let inner = inset(area, look.px(look.measures.padding), line * 2);
    let (wide, high) = (inner.size.width, inner.size.height);
    let size = look.size(look.measures.typed);
    let caret_wide = (u32::from(size) / 14).max(2);
    let room = wide.saturating_sub(caret_wide * 3);
    let style = Style::line(Face::Code, size, size / 3);
    let block = fit(canvas.fonts, style, typed, room, high);
    let left = wide.saturating_sub(block.width + caret_wide * 2) / 2;
    canvas.text(&block, part(inner, left, 0, block.width, high), Align::Left, pair);
    let caret_high = (u32::from(block.size.max(size / 2)) * 7 / 8).min(high);
    let caret_top = (high - caret_high) / 2;
    let caret_left = left + block.width + caret_wide;
    canvas.fill(
        part(inner, caret_left, caret_top, caret_wide, caret_high),
        look.colours.progress,
    );
}

fn prompt_style(look: &Look) -> Style {
    let size = look.size(look.measures.prompt);
    Style::line(Face::Strong, size, size * 5 / 8).lines(WRAP_MAX)
}

fn symbol_side(look: &Look) -> u32 {
    line_height(look.size(look.measures.prompt))
}

fn choice_height(look: &Look) -> u32 {
    (look.px(look.measures.key_height) * 3 / 4).max(TARGET_MIN_PX)
}

/// The height of a field whose words take two lines.
fn wordy_height(look: &Look) -> u32 {
    let line = line_height(look.size(look.measures.key) * 5 / 8);
    (2 * line + 5 * look.hairline()).max(TARGET_MIN_PX)
}

fn choice_gap(look: &Look) -> u32 {
    look.px(look.measures.gap) / 2 + 1
}
