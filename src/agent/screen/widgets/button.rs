//! Keys as fields to touch: what each does, large, and what is printed on the key, small. All fields of a group are
//! written in one size.

use embedded_graphics::primitives::Rectangle;
use tallyman_floor::KeyHint;
use tallyman_floor::event::Key;

use crate::screen::canvas::{Align, Canvas, inset, part};
use crate::screen::fonts::{Face, Fonts};
use crate::screen::panel::Look;
use crate::screen::text::{Block, Style, fit, line_height};
use crate::screen::theme::Pair;

/// How the name of the key stands to what it does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// Above it: for keys in a row.
    Upright,
    /// Before it: for answers to choose from.
    Lying,
}

/// Paints a group of keys, each into its cell.
pub(super) fn paint(
    canvas: &mut Canvas<'_>,
    look: &Look,
    hints: &[KeyHint],
    form: Form,
    cells: &[Rectangle],
) {
    let fields = || {
        hints.iter().zip(cells).map(|(hint, &cell)| Field {
            look,
            hint,
            form,
            cell,
        })
    };
    let largest = look.size(look.measures.key);
    let size = fields()
        .map(|field| field.label(canvas.fonts, largest).size)
        .min()
        .unwrap_or(largest);
    for field in fields() {
        field.paint(canvas, size);
    }
}

/// How wide a key in a row wants to be, in pixels: its words on one line.
pub(super) fn width(fonts: &mut Fonts, look: &Look, hint: &KeyHint) -> u32 {
    let label = fonts
        .width(Face::Strong, look.size(look.measures.key), &hint.label)
        .ceil() as u32;
    label + look.px(look.measures.padding) * 5 / 4
}

struct Field<'a> {
    look: &'a Look,
    hint: &'a KeyHint,
    form: Form,
    cell: Rectangle,
}

impl Field<'_> {
    fn paint(&self, canvas: &mut Canvas<'_>, size: u16) {
        let (look, pair) = (self.look, self.pair());
        canvas.framed(
            self.cell,
            look.px(look.measures.radius),
            look.hairline(),
            look.colours.edge,
            pair.ground,
        );
        canvas.target(self.hint.key, self.cell);
        let (area, name) = (self.inner(), self.name());
        let label = self.label(canvas.fonts, size);
        if name.is_empty() {
            return canvas.text(&label, area, Align::Middle, pair);
        }
        match self.form {
            Form::Upright => {
                let above = line_height(self.small());
                let style = Style::line(Face::Regular, self.small(), self.small() / 2);
                let cap = fit(canvas.fonts, style, &name, area.size.width, above);
                let free = area.size.height.saturating_sub(above + label.height()) / 2;
                canvas.text(
                    &cap,
                    part(area, 0, free, area.size.width, above),
                    Align::Middle,
                    pair,
                );
                let below = part(area, 0, free + above, area.size.width, label.height());
                canvas.text(&label, below, Align::Middle, pair);
            }
            Form::Lying => {
                let style = Style::line(Face::Code, look.size(look.measures.key), size / 2);
                let cap = fit(canvas.fonts, style, &name, self.name_width(), area.size.height);
                canvas.text(
                    &cap,
                    part(area, 0, 0, self.name_width(), area.size.height),
                    Align::Left,
                    pair,
                );
                let beside = part(area, self.name_width(), 0, area.size.width, area.size.height);
                canvas.text(&label, beside, Align::Left, pair);
            }
        }
    }

    /// What the key does, at a size or smaller.
    fn label(&self, fonts: &mut Fonts, size: u16) -> Block {
        let least = self.look.size(self.look.measures.key) * 5 / 8;
        let style = Style::line(Face::Strong, size, least).lines(3);
        let Rectangle { size: room, .. } = self.inner();
        let (wide, high) = match self.form {
            _ if self.name().is_empty() => (room.width, room.height),
            Form::Upright => (room.width, room.height.saturating_sub(line_height(self.small()))),
            Form::Lying => (room.width.saturating_sub(self.name_width()), room.height),
        };
        fit(fonts, style, &self.hint.label, wide, high)
    }

    /// What is printed on the key; empty where that is what it does.
    fn name(&self) -> String {
        let name = name(self.hint.key);
        if name.eq_ignore_ascii_case(&self.hint.label) {
            String::new()
        } else {
            name
        }
    }

    fn inner(&self) -> Rectangle {
        let padding = self.look.px(self.look.measures.padding);
        let beside = if self.form == Form::Lying {
            padding
        } else {
            padding / 2
        };
        inset(self.cell, beside, self.look.hairline() * 2)
    }

    fn name_width(&self) -> u32 {
        u32::from(self.look.size(self.look.measures.key)) * 5 / 4
    }

    fn small(&self) -> u16 {
        self.look.size(self.look.measures.key_name)
    }

    const fn pair(&self) -> Pair {
        match self.hint.key {
            Key::Enter => self.look.colours.key_main,
            _ => self.look.colours.key,
        }
    }
}

/// What is printed on a key.
fn name(key: Key) -> String {
    match key {
        Key::Digit(digit) => digit.to_string(),
        Key::Character(character) => character.to_string(),
        Key::Point => ".".to_owned(),
        Key::Backspace => "Back".to_owned(),
        Key::Enter => "Enter".to_owned(),
        Key::Escape => "Esc".to_owned(),
        Key::Undo => "Undo".to_owned(),
        Key::Done => "Done".to_owned(),
        Key::Short => "Short".to_owned(),
        Key::Exception => "Problem".to_owned(),
        Key::Skip => "Skip".to_owned(),
        Key::Menu => "Menu".to_owned(),
        Key::Type => "Type".to_owned(),
    }
}
