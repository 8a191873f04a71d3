//! Keys as fields to touch: what each does, large, and what is printed on the key, small. All fields of a group are
//! written in one size.

use embedded_graphics::primitives::Rectangle;
use tallyman_floor::KeyHint;
use tallyman_floor::event::Key;

use crate::screen::canvas::{Align, Canvas, inset, part};
use crate::screen::fonts::{Face, Fonts};
use crate::screen::panel::Look;
use crate::screen::sheet::{Sheet, Touch};
use crate::screen::text::{Block, ELLIPSIS, Style, fit, line_height};
use crate::screen::theme::Pair;

/// A field: what it does, what is printed on its key, and what it stands for.
#[derive(Debug, Clone)]
pub(super) struct Button<'a> {
    pub label: &'a str,
    /// Empty where it is the label, or nothing is printed.
    pub name: String,
    pub touch: Touch,
}

impl<'a> Button<'a> {
    /// The field of a key.
    pub fn of(hint: &'a KeyHint) -> Self {
        let name = name(hint.key);
        let says_the_same = name.eq_ignore_ascii_case(&hint.label);
        Self {
            label: &hint.label,
            name: if says_the_same { String::new() } else { name },
            touch: Touch::Key(hint.key),
        }
    }

    /// A field that is its own label.
    pub const fn plain(label: &'a str, touch: Touch) -> Self {
        Self {
            label,
            name: String::new(),
            touch,
        }
    }

    /// The field that shows the keys there is no room for.
    pub const fn more() -> Self {
        Self::plain("•••", Touch::Sheet(Sheet::Keys))
    }
}

/// How the name of the key stands to what it does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// Above it: for keys in a row.
    Upright,
    /// Before it: for answers to choose from.
    Lying,
}

/// Paints a group of fields, each into its cell.
pub(super) fn paint(
    canvas: &mut Canvas<'_>,
    look: &Look,
    buttons: &[Button<'_>],
    form: Form,
    cells: &[Rectangle],
) {
    let buttons: Vec<_> = buttons
        .iter()
        .zip(cells)
        .map(|(button, &cell)| without_name_if_crowded(canvas.fonts, look, button, form, cell))
        .collect();
    let fields = || {
        buttons.iter().zip(cells).map(|(button, &cell)| Field {
            look,
            button,
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

/// How wide a field in a row wants to be, in pixels: its words on one line.
pub(super) fn width(fonts: &mut Fonts, look: &Look, button: &Button<'_>) -> u32 {
    let label = fonts
        .width(Face::Strong, look.size(look.measures.key), button.label)
        .ceil() as u32;
    label + look.px(look.measures.padding) * 5 / 4
}

/// What a key does is worth more than what is printed on it.
fn without_name_if_crowded<'a>(
    fonts: &mut Fonts,
    look: &Look,
    button: &Button<'a>,
    form: Form,
    cell: Rectangle,
) -> Button<'a> {
    let field = Field {
        look,
        button,
        form,
        cell,
    };
    let is_digit = matches!(button.touch, Touch::Key(Key::Digit(_)));
    let label = field.label(fonts, look.size(look.measures.key));
    let is_cut = label.lines.last().is_some_and(|line| line.ends_with(ELLIPSIS));
    match is_cut && !is_digit {
        true => Button::plain(button.label, button.touch),
        false => button.clone(),
    }
}

struct Field<'a> {
    look: &'a Look,
    button: &'a Button<'a>,
    form: Form,
    cell: Rectangle,
}

impl Field<'_> {
    fn paint(&self, canvas: &mut Canvas<'_>, size: u16) {
        let pair = frame(canvas, self.look, self.button.touch, self.cell);
        let (area, name) = (self.inner(), self.button.name.as_str());
        let label = self.label(canvas.fonts, size);
        if name.is_empty() {
            return canvas.text(&label, area, Align::Middle, pair);
        }
        match self.form {
            Form::Upright => {
                let above = line_height(self.name_size());
                let (face, largest) = self.name_style();
                let style = Style::line(face, largest.min(self.name_size()), self.name_size() / 2);
                let cap = fit(canvas.fonts, style, name, area.size.width, above);
                let free = area.size.height.saturating_sub(above + label.height()) / 2;
                let on_top = part(area, 0, free, area.size.width, above);
                canvas.text(&cap, on_top, Align::Middle, pair);
                let below = part(area, 0, free + above, area.size.width, label.height());
                canvas.text(&label, below, Align::Middle, pair);
            }
            Form::Lying => {
                let left = self.name_width(canvas.fonts);
                let (face, largest) = self.name_style();
                let style = Style::line(face, largest, largest / 2);
                let cap = fit(canvas.fonts, style, name, left, area.size.height);
                let before = part(area, 0, 0, left, area.size.height);
                canvas.text(&cap, before, Align::Left, pair);
                let beside = part(area, left, 0, area.size.width, area.size.height);
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
            _ if self.button.name.is_empty() => (room.width, room.height),
            Form::Upright => (
                room.width,
                room.height.saturating_sub(line_height(self.name_size())),
            ),
            Form::Lying => (room.width.saturating_sub(self.name_width(fonts)), room.height),
        };
        fit(fonts, style, self.button.label, wide, high)
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

    /// How the name of the key is written: a digit large, a word small.
    fn name_style(&self) -> (Face, u16) {
        match self.button.touch {
            Touch::Key(Key::Digit(_)) => (Face::Code, self.look.size(self.look.measures.key)),
            _ => (Face::Regular, self.name_size()),
        }
    }

    /// The room for the name of the key before what it does.
    fn name_width(&self, fonts: &mut Fonts) -> u32 {
        let (face, size) = self.name_style();
        let wide = fonts.width(face, size, &self.button.name).ceil() as u32;
        if wide == 0 {
            0
        } else {
            wide + u32::from(size) * 5 / 8
        }
    }

    fn name_size(&self) -> u16 {
        self.look.size(self.look.measures.key_name)
    }
}

/// Draws the frame of a field, makes it one, and says what to write in it.
pub(super) fn frame(canvas: &mut Canvas<'_>, look: &Look, touch: Touch, cell: Rectangle) -> Pair {
    let pair = match touch {
        Touch::Key(Key::Enter) => look.colours.key_main,
        _ => look.colours.key,
    };
    canvas.framed(
        cell,
        look.px(look.measures.radius),
        look.hairline(),
        look.colours.edge,
        pair.ground,
    );
    canvas.target(touch, cell);
    pair
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
