//! The answer to what was just done: in a box of its own, its tone told by a sign, an outline and a colour. What was
//! scanned stands out, what was wanted follows, and what to press stands out again.

use embedded_graphics::primitives::Rectangle;
use tallyman_floor::Message;

use crate::screen::canvas::{Align, Canvas, inset, part};
use crate::screen::fonts::{Face, Fonts};
use crate::screen::layout::{Widget, Wish};
use crate::screen::panel::Look;
use crate::screen::symbol::Symbol;
use crate::screen::text::{Block, Style, fit, line_height};

/// Sentences that are shown: what was scanned, what was wanted, what to press.
const SENTENCES_MAX: usize = 3;

/// Lines that one sentence may take.
const WRAP_MAX: usize = 4;

/// How small the sentences may get, in eighths, before they are cut.
const LEAST_EIGHTHS: u16 = 6;

#[derive(Debug)]
pub(in crate::screen) struct Answer<'a>(pub &'a Message);

impl Widget for Answer<'_> {
    fn wish(&self, fonts: &mut Fonts, look: &Look, width: u32) -> Wish {
        let (wide, padding) = (text_width(look, width), 2 * padding(look));
        let largest = total(&self.blocks(fonts, look, wide, 8, WRAP_MAX), look);
        let least = total(&self.blocks(fonts, look, wide, LEAST_EIGHTHS, 1), look);
        let sign = symbol_side(look);
        let eighths = look.measures.answer_good_eighths;
        let good = total(&self.blocks(fonts, look, wide, eighths, WRAP_MAX), look);
        let around = |text: u32| text.max(sign) + padding;
        Wish {
            least: around(least),
            good: around(good.max(least)),
            most: around(largest.max(good)),
        }
    }

    fn paint(&self, canvas: &mut Canvas<'_>, look: &Look, area: Rectangle) {
        let pair = look.colours.tone(self.0.tone);
        canvas.rounded(area, look.px(look.measures.radius), pair.ground);
        let inner = inset(area, padding(look), padding(look));
        let (wide, high) = (inner.size.width, inner.size.height);
        let sign = symbol_side(look);
        canvas.symbol(Symbol::Answer(self.0.tone), part(inner, 0, 0, sign, high), pair);
        let text_wide = text_width(look, area.size.width);
        let blocks = self.fitting(canvas.fonts, look, text_wide, high);
        let mut top = high.saturating_sub(total(&blocks, look)) / 2;
        for block in &blocks {
            let place = part(inner, wide - text_wide, top, text_wide, block.height());
            canvas.text(block, place, Align::Left, pair);
            top += block.height() + sentence_gap(look);
        }
    }
}

impl Answer<'_> {
    /// The sentences, as large as the height allows.
    fn fitting(&self, fonts: &mut Fonts, look: &Look, width: u32, height: u32) -> Vec<Block> {
        for eighths in (LEAST_EIGHTHS..=8).rev() {
            let blocks = self.blocks(fonts, look, width, eighths, WRAP_MAX);
            if total(&blocks, look) <= height {
                return blocks;
            }
        }
        let fewer_lines = (1..WRAP_MAX).rev();
        let mut tighter = fewer_lines.map(|lines| self.blocks(fonts, look, width, LEAST_EIGHTHS, lines));
        let fitting = tighter.find(|blocks| total(blocks, look) <= height);
        fitting.unwrap_or_else(|| self.blocks(fonts, look, width, LEAST_EIGHTHS, 1))
    }

    fn blocks(&self, fonts: &mut Fonts, look: &Look, width: u32, eighths: u16, lines: usize) -> Vec<Block> {
        let count = self.0.sentences.len().min(SENTENCES_MAX);
        let block = |(index, sentence): (usize, &String)| {
            let measure = if index == 0 {
                look.measures.answer
            } else {
                look.measures.sentence
            };
            let size = (look.size(measure) * eighths / 8).max(1);
            let face = if index == 0 || index == SENTENCES_MAX - 1 {
                Face::Strong
            } else {
                Face::Regular
            };
            let room = line_height(size) * lines as u32;
            fit(
                fonts,
                Style::line(face, size, size).lines(lines),
                sentence,
                width,
                room,
            )
        };
        self.0
            .sentences
            .iter()
            .take(count)
            .enumerate()
            .map(block)
            .collect()
    }
}

fn total(blocks: &[Block], look: &Look) -> u32 {
    let gaps = sentence_gap(look) * (blocks.len() as u32).saturating_sub(1);
    blocks.iter().map(Block::height).sum::<u32>() + gaps
}

fn text_width(look: &Look, width: u32) -> u32 {
    width.saturating_sub(3 * padding(look) + symbol_side(look))
}

fn symbol_side(look: &Look) -> u32 {
    look.px(look.measures.answer_symbol)
}

fn padding(look: &Look) -> u32 {
    look.px(look.measures.padding)
}

fn sentence_gap(look: &Look) -> u32 {
    look.px(look.measures.gap) / 3
}
