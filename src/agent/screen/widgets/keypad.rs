//! A keypad for numbers, and letters for codes: over the view, as large as the panel allows.

use embedded_graphics::prelude::{Point, Size};
use embedded_graphics::primitives::Rectangle;
use tallyman_floor::event::Key;
use tallyman_floor::{QuestionView, View};

use super::button::{self, Button, Form};
use super::keys::Grid;
use super::question::paint_typed;
use crate::screen::canvas::{Align, Canvas, part};
use crate::screen::fonts::{Face, Fonts};
use crate::screen::layout::{Widget, Wish};
use crate::screen::panel::{Look, TARGET_MIN_PX};
use crate::screen::sheet::{Sheet, Touch};
use crate::screen::text::{Style, fit, line_height};

/// What can be typed as letters: what lots, serial numbers and labels are made of.
const LETTERS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ-/.:+*#_ ";

/// Between two fields.
const GAP_PX: u32 = 2;

/// How wide a field may be for one more column to be better than wider fields, in targets.
const COMFORTABLE_EIGHTHS: u32 = 13;

#[derive(Debug)]
pub(in crate::screen) struct Keypad<'a> {
    pub view: &'a View,
    pub question: &'a QuestionView,
    pub sheet: Sheet,
}

impl Widget for Keypad<'_> {
    fn wish(&self, _: &mut Fonts, _: &Look, _: u32) -> Wish {
        Wish {
            least: TARGET_MIN_PX * 3,
            good: TARGET_MIN_PX * 3,
            most: u32::MAX / 4,
        }
    }

    fn paint(&self, canvas: &mut Canvas<'_>, look: &Look, area: Rectangle) {
        // A low panel has the keypad beside what is typed, a high one below it.
        let (wide, high) = (area.size.width, area.size.height);
        let gap = look.px(look.measures.gap);
        let is_low = high < wide && self.sheet == Sheet::Digits;
        let typed_high = (look.px(look.measures.typed) * 3 / 4).clamp(28, (high / 6).max(28));
        let (above, below) = if is_low {
            let half = wide * 3 / 8;
            (
                part(area, 0, 0, half, high),
                part(area, half + gap, 0, wide, high),
            )
        } else {
            let prompt_high = line_height(prompt_size(look));
            let above = if self.sheet == Sheet::Digits && high > 6 * TARGET_MIN_PX {
                prompt_high + typed_high
            } else {
                typed_high
            };
            (
                part(area, 0, 0, wide, above),
                part(area, 0, above + gap, wide, high),
            )
        };
        // A letter may reach a pixel or two to the left of where it stands.
        let free = above.size.height.saturating_sub(typed_high);
        let prompt = part(
            above,
            GAP_PX,
            0,
            above.size.width.saturating_sub(2 * GAP_PX),
            free,
        );
        self.paint_prompt(canvas, look, prompt);
        let field = part(above, 0, prompt.size.height, above.size.width, typed_high);
        let typed = self.question.typed.as_deref().unwrap_or_default();
        paint_typed(canvas, look, field, typed, None);
        let buttons = self.buttons(below.size);
        let columns = self.columns(below.size);
        let grid = Grid {
            columns,
            rows: (buttons.len() as u32).div_ceil(columns),
            gap: GAP_PX,
        };
        let cells: Vec<_> = grid.cells(below, buttons.len()).collect();
        for (button, &cell) in buttons.iter().zip(&cells) {
            paint_key(canvas, look, button, cell);
        }
    }
}

impl Keypad<'_> {
    fn paint_prompt(&self, canvas: &mut Canvas<'_>, look: &Look, area: Rectangle) {
        let size = prompt_size(look);
        if area.size.height < line_height(size * 5 / 8) {
            return;
        }
        let rows = (area.size.height / line_height(size * 5 / 8)).min(5) as usize;
        let style = Style::line(Face::Strong, size, size * 5 / 8).lines(rows);
        let block = fit(
            canvas.fonts,
            style,
            &self.question.prompt,
            area.size.width,
            area.size.height,
        );
        canvas.text(&block, area, Align::Left, look.colours.page);
    }

    /// What the fields of the sheet are, row by row.
    fn buttons(&self, room: Size) -> Vec<Button<'_>> {
        let key = |label, key| Button::plain(label, Touch::Key(key));
        let ok = key(self.label_of(Key::Enter, "OK"), Key::Enter);
        let leave = key(self.label_of(Key::Escape, "Esc"), Key::Escape);
        let back = key("←", Key::Backspace);
        let digit = |digit: usize| key(&DIGITS[digit..=digit], Key::Digit(digit as u8));
        let Sheet::Letters { page } = self.sheet else {
            let letters = Button::plain("ABC", Touch::Sheet(Sheet::Letters { page: 0 }));
            let (point, times) = (key(".", Key::Point), key("*", Key::Character('*')));
            return vec![
                digit(7),
                digit(8),
                digit(9),
                back,
                digit(4),
                digit(5),
                digit(6),
                letters,
                digit(1),
                digit(2),
                digit(3),
                leave,
                point,
                digit(0),
                times,
                ok,
            ];
        };
        let digits = Button::plain("123", Touch::Sheet(Sheet::Digits));
        let fields = self.columns(room) * self.rows(room);
        let mut buttons = Vec::new();
        let all = LETTERS.len();
        let turning = usize::from(all + CONTROLS > fields as usize);
        let on_page = (fields as usize).saturating_sub(CONTROLS + turning).max(1);
        let pages = all.div_ceil(on_page).max(1);
        let first = usize::from(page) % pages * on_page;
        let end = (first + on_page).min(all);
        for at in first..end {
            let letter = &LETTERS[at..=at];
            let character = letter.chars().next().unwrap_or(' ');
            let label = if character == ' ' { "[ ]" } else { letter };
            let pressed = if character == '.' {
                Key::Point
            } else {
                Key::Character(character)
            };
            buttons.push(key(label, pressed));
        }
        if turning > 0 {
            let page = (usize::from(page) % pages + 1) % pages;
            let label = if page == 0 { "A…" } else { "…Z" };
            buttons.push(Button::plain(
                label,
                Touch::Sheet(Sheet::Letters { page: page as u8 }),
            ));
        }
        buttons.extend([back, digits, leave, ok]);
        buttons
    }

    /// The words of a key as the view has them.
    fn label_of(&self, key: Key, usual: &'static str) -> &str {
        let hint = self.view.keys.iter().find(|hint| hint.key == key);
        hint.map_or(usual, |hint| hint.label.as_str())
    }

    fn columns(&self, room: Size) -> u32 {
        match self.sheet {
            Sheet::Letters { .. } => {
                let comfortable = TARGET_MIN_PX * COMFORTABLE_EIGHTHS / 8;
                let least = (room.width + GAP_PX) / (TARGET_MIN_PX + GAP_PX);
                ((room.width + GAP_PX) / (comfortable + GAP_PX))
                    .max(least.min(5))
                    .clamp(1, 10)
            }
            _ => 4,
        }
    }

    fn rows(&self, room: Size) -> u32 {
        ((room.height + GAP_PX) / (TARGET_MIN_PX + GAP_PX)).max(1)
    }
}

const DIGITS: &str = "0123456789";

/// Fields of the letters that are none: back, digits, leave, OK.
const CONTROLS: usize = 4;

fn prompt_size(look: &Look) -> u16 {
    look.size(look.measures.prompt)
}

/// A key of the pad: its sign as large as it goes.
fn paint_key(canvas: &mut Canvas<'_>, look: &Look, button: &Button<'_>, cell: Rectangle) {
    let pair = button::frame(canvas, look, button.touch, cell);
    let is_sign = button.label.chars().count() == 1;
    let largest = look.size(look.measures.key) * if is_sign { 13 } else { 8 } / 8;
    let face = if is_sign { Face::Code } else { Face::Strong };
    let line = look.hairline() + 1;
    let inner = Rectangle::new(
        cell.top_left + Point::new(line as i32, line as i32),
        Size::new(
            cell.size.width.saturating_sub(2 * line),
            cell.size.height.saturating_sub(2 * line),
        ),
    );
    let style = Style::line(face, largest, largest / 3).lines(if is_sign { 1 } else { 2 });
    let block = fit(
        canvas.fonts,
        style,
        button.label,
        inner.size.width,
        inner.size.height,
    );
    canvas.text(&block, inner, Align::Middle, pair);
}

/// Every key that means something now, and the way back.
#[derive(Debug)]
pub(in crate::screen) struct AllKeys<'a>(pub &'a View);

impl Widget for AllKeys<'_> {
    fn wish(&self, _: &mut Fonts, _: &Look, _: u32) -> Wish {
        Wish {
            least: TARGET_MIN_PX,
            good: TARGET_MIN_PX,
            most: u32::MAX / 4,
        }
    }

    fn paint(&self, canvas: &mut Canvas<'_>, look: &Look, area: Rectangle) {
        let mut buttons: Vec<_> = self.0.keys.iter().map(Button::of).collect();
        buttons.push(Button::plain("←", Touch::Sheet(Sheet::Plain)));
        let columns = if area.size.width > area.size.height { 4 } else { 2 };
        let most = (area.size.height + GAP_PX) / (TARGET_MIN_PX + GAP_PX);
        let columns = columns.max((buttons.len() as u32).div_ceil(most.max(1)));
        let grid = Grid {
            columns,
            rows: (buttons.len() as u32).div_ceil(columns),
            gap: GAP_PX.max(look.px(look.measures.gap) / 2),
        };
        let cells: Vec<_> = grid.cells(area, buttons.len()).collect();
        button::paint(canvas, look, &buttons, Form::Upright, &cells);
    }
}
