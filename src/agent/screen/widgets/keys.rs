//! What to press: the keys that mean something now, as fields along the bottom.

use embedded_graphics::prelude::{Point, Size};
use embedded_graphics::primitives::Rectangle;
use tallyman_floor::KeyHint;

use super::button::{self, Button, Form};
use crate::screen::canvas::{Canvas, part};
use crate::screen::fonts::Fonts;
use crate::screen::layout::{Widget, Wish};
use crate::screen::panel::{Look, TARGET_MIN_PX};

/// Keys that are shown. More would be no help; keys without a field still work.
pub(super) const KEYS_MAX: usize = 12;

#[derive(Debug)]
pub(in crate::screen) struct Keys<'a> {
    pub hints: &'a [KeyHint],
    /// Rows they may take; where they need more, the last field shows all of them.
    pub rows_max: u32,
}

impl Widget for Keys<'_> {
    fn wish(&self, _: &mut Fonts, look: &Look, width: u32) -> Wish {
        let grid = self.grid(look, width);
        let high = |each: u32| grid.rows * each.max(TARGET_MIN_PX) + (grid.rows - 1) * grid.gap;
        let each = look.px(look.measures.key_height);
        Wish {
            least: high(0),
            good: high(each * 7 / 8),
            most: high(each),
        }
    }

    fn paint(&self, canvas: &mut Canvas<'_>, look: &Look, area: Rectangle) {
        let grid = self.grid(look, area.size.width);
        let buttons = self.buttons(look, area.size.width);
        let equal: Vec<_> = grid.cells(area, buttons.len()).collect();
        let wanted: Vec<_> = buttons
            .iter()
            .map(|button| button::width(canvas.fonts, look, button))
            .collect();
        let cells = grid.fitted(equal, &wanted);
        button::paint(canvas, look, &buttons, Form::Upright, &cells);
    }
}

impl Keys<'_> {
    /// The keys, or the first of them and the field that shows all.
    fn buttons(&self, look: &Look, width: u32) -> Vec<Button<'_>> {
        let most = (self.fit(look, width) * self.rows_max) as usize;
        let mut buttons: Vec<_> = self.hints.iter().take(KEYS_MAX).map(Button::of).collect();
        if buttons.len() > most {
            buttons.truncate(most.saturating_sub(1));
            buttons.push(Button::more());
        }
        buttons
    }

    /// Fields in a row.
    fn fit(&self, look: &Look, width: u32) -> u32 {
        let gap = look.px(look.measures.gap).max(GAP_MIN_PX);
        let wide = look.px(look.measures.key_width_min).max(TARGET_MIN_PX);
        ((width + gap) / (wide + gap)).max(1)
    }

    fn grid(&self, look: &Look, width: u32) -> Grid {
        let gap = look.px(look.measures.gap).max(GAP_MIN_PX);
        let fit = self.fit(look, width);
        let count = self.buttons(look, width).len().max(1) as u32;
        let rows = count.div_ceil(fit);
        Grid {
            columns: count.div_ceil(rows),
            rows,
            gap,
        }
    }
}

/// Between two fields, so that a glove does not touch both.
const GAP_MIN_PX: u32 = 4;

/// Fields in rows of equal ones.
#[derive(Debug, Clone, Copy)]
pub(super) struct Grid {
    pub columns: u32,
    pub rows: u32,
    pub gap: u32,
}

impl Grid {
    /// The same places, but in a row where a field is too narrow for its words, those with few words give way to
    /// those with many. Fields stay where they are wherever they can, so that hands find them.
    fn fitted(self, equal: Vec<Rectangle>, wanted: &[u32]) -> Vec<Rectangle> {
        let rows = equal
            .chunks(self.columns.max(1) as usize)
            .zip(wanted.chunks(self.columns.max(1) as usize));
        let fit = |(cells, wanted): (&[Rectangle], &[u32])| {
            if cells
                .iter()
                .zip(wanted)
                .all(|(cell, &wide)| wide <= cell.size.width)
            {
                return cells.to_vec();
            }
            let room: u32 = cells.iter().map(|cell| cell.size.width).sum();
            let least = TARGET_MIN_PX.min(room / cells.len() as u32);
            let spare = room - least * cells.len() as u32;
            let shares: Vec<u32> = wanted
                .iter()
                .map(|wide| wide.saturating_sub(least).max(1))
                .collect();
            let all: u32 = shares.iter().sum();
            let mut left = cells[0].top_left.x;
            let place = |(cell, share): (&Rectangle, &u32)| {
                let wide = least + (u64::from(spare) * u64::from(*share) / u64::from(all)) as u32;
                let place = Rectangle::new(
                    Point::new(left, cell.top_left.y),
                    Size::new(wide, cell.size.height),
                );
                left += (wide + self.gap) as i32;
                place
            };
            cells.iter().zip(&shares).map(place).collect()
        };
        rows.flat_map(fit).collect()
    }

    /// The places of `count` fields, row after row; a last row with fewer fields has wider ones.
    pub fn cells(self, area: Rectangle, count: usize) -> impl Iterator<Item = Rectangle> {
        let (gap, count) = (self.gap, count as u32);
        let rows = self.rows.max(1);
        let high = area.size.height.saturating_sub(gap * (rows - 1)) / rows;
        (0..count).map(move |index| {
            let (row, column) = (index / self.columns, index % self.columns);
            let in_row = (count - row * self.columns).min(self.columns).max(1);
            let room = area.size.width.saturating_sub(gap * (in_row - 1));
            let edge = |column: u32| room * column / in_row;
            part(
                area,
                edge(column) + gap * column,
                row * (high + gap),
                edge(column + 1) - edge(column),
                high,
            )
        })
    }
}
