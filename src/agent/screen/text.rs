//! How a text fits into a box: it wraps, then takes a smaller size, and at last is cut with an ellipsis.
//!
//! Where a line may end is in [`super::breaks`].

use super::breaks::{is_wide, pieces};
use super::fonts::{ASCENT, Face, Fonts, LEADING};

/// How much of one text is looked at, in characters: more than any panel can show, little enough that a label
/// of a megabyte costs nothing.
const CHARACTERS_MAX: usize = 500;

/// The width of the narrowest letters, in parts of the size.
const NARROWEST: f32 = 0.2;

/// What stands for the part of a text that was cut.
pub(super) const ELLIPSIS: char = '…';

/// How a text may be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Style {
    pub face: Face,
    /// The size in pixels to start from.
    pub largest: u16,
    /// The size in pixels below which it is cut rather than written smaller.
    pub least: u16,
    /// How many lines it may take.
    pub lines_max: usize,
    /// Whether one small line is better than two large ones: for locations and numbers.
    pub one_line_first: bool,
}

/// A text that fits: its lines, and the size they are written in.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Block {
    pub face: Face,
    pub size: u16,
    pub lines: Vec<String>,
    /// The longest line's width in pixels.
    pub width: u32,
    /// From the top of a line to its baseline, in parts of the size.
    pub ascent: f32,
    /// From one line to the next, in parts of the size.
    pub leading: f32,
}

impl Style {
    /// One line, as large as it goes.
    pub const fn line(face: Face, largest: u16, least: u16) -> Self {
        Self {
            face,
            largest,
            least,
            lines_max: 1,
            one_line_first: false,
        }
    }

    /// Several lines.
    pub const fn lines(self, lines_max: usize) -> Self {
        Self { lines_max, ..self }
    }

    /// One line rather than several, as long as the least size allows.
    pub const fn one_line_first(self) -> Self {
        Self {
            one_line_first: true,
            ..self
        }
    }

    /// The sizes to try, largest first, in steps that can be told apart.
    fn sizes(self) -> impl Iterator<Item = u16> {
        let least = self.least.clamp(1, self.largest.max(1));
        let smaller = move |&size: &u16| (size > least).then(|| (size - (size / 12).max(1)).max(least));
        std::iter::successors(Some(self.largest.max(1)), smaller)
    }
}

impl Block {
    /// Its height in pixels.
    pub fn height(&self) -> u32 {
        self.line_height() * self.lines.len() as u32
    }

    /// The height of one of its lines in pixels.
    pub fn line_height(&self) -> u32 {
        (f32::from(self.size) * self.leading).ceil() as u32
    }

    /// From the top of a line to its baseline, in pixels.
    pub fn baseline(&self) -> i32 {
        (f32::from(self.size) * self.ascent).round() as i32
    }
}

/// The height of one line, in pixels.
pub(super) fn line_height(size: u16) -> u32 {
    (f32::from(size) * LEADING).ceil() as u32
}

/// Fits a text into a box.
pub(super) fn fit(fonts: &mut Fonts, style: Style, text: &str, width: u32, height: u32) -> Block {
    let text = shorten(text, style, width);
    if style.one_line_first && style.lines_max > 1 {
        let single = Style {
            lines_max: 1,
            ..style
        };
        if let Some(block) = fit_whole(fonts, single, &text, width, height) {
            return block;
        }
    }
    fit_whole(fonts, style, &text, width, height).unwrap_or_else(|| cut(fonts, style, &text, width, height))
}

/// The largest size at which the whole text fits without a broken word; at the least size words may break.
fn fit_whole(fonts: &mut Fonts, style: Style, text: &str, width: u32, height: u32) -> Option<Block> {
    style.sizes().find_map(|size| {
        let wrapped = wrap(fonts, style.face, size, text, width, style.lines_max);
        let may_break = size <= style.least && style.lines_max > 1;
        if wrapped.lines.len() > style.lines_max || (wrapped.broken && !may_break) {
            return None;
        }
        let block = block(fonts, style.face, size, wrapped.lines);
        (block.height() <= height).then_some(block)
    })
}

/// As many lines as fit at the least size, the last one ending in an ellipsis. A box too low for one line gets one
/// all the same; the canvas keeps it inside.
fn cut(fonts: &mut Fonts, style: Style, text: &str, width: u32, height: u32) -> Block {
    let size = style.least.min(style.largest).max(1);
    let room = (height / line_height(size)).max(1) as usize;
    let room = room.min(style.lines_max.max(1));
    let mut lines = wrap(fonts, style.face, size, text, width, room).lines;
    if lines.len() > room {
        let rest = lines.drain(room - 1..).reduce(joined).unwrap_or_default();
        lines.push(ellipsis(fonts, style.face, size, &rest, width));
    }
    block(fonts, style.face, size, lines)
}

/// Two lines of a text as one: with the space between them that the end of the line stood for.
fn joined(mut one: String, other: String) -> String {
    let is_spaced = match (one.chars().next_back(), other.chars().next()) {
        (Some(before), Some(after)) => !is_wide(before) && !is_wide(after),
        _ => false,
    };
    one.push_str(if is_spaced { " " } else { "" });
    one.push_str(&other);
    one
}

fn block(fonts: &mut Fonts, face: Face, size: u16, lines: Vec<String>) -> Block {
    let width = lines
        .iter()
        .map(|line| fonts.width(face, size, line))
        .fold(0.0, f32::max)
        .ceil() as u32;
    let flat = lines.iter().all(|line| line.chars().all(is_flat));
    let (ascent, leading) = if face == Face::Code && flat {
        FLAT
    } else {
        (ASCENT, LEADING)
    };
    Block {
        face,
        size,
        lines,
        width,
        ascent,
        leading,
    }
}

/// Ascent and leading of codes that are all capitals and digits: nothing hangs below the line and no accent stands
/// above it, so that the room for these goes to larger letters.
const FLAT: (f32, f32) = (0.80, 0.90);

/// Whether a character stays between the baseline and the height of capitals.
const fn is_flat(character: char) -> bool {
    matches!(character, 'A'..='P' | 'R'..='Z' | '0'..='9' | ' ' | '-' | '+' | '.' | ':' | '=')
}

/// The start of a text, as long as it fits with an ellipsis behind it.
fn ellipsis(fonts: &mut Fonts, face: Face, size: u16, text: &str, width: u32) -> String {
    let room = width as f32 - fonts.advance(face, size, ELLIPSIS);
    let mut used = 0.0;
    let mut kept: String = text
        .chars()
        .take_while(|&character| {
            used += fonts.advance(face, size, character);
            used <= room
        })
        .collect();
    kept.truncate(kept.trim_end().len());
    kept.push(ELLIPSIS);
    kept
}

/// Takes away what could not be shown even if all characters were narrow ones.
fn shorten(text: &str, style: Style, width: u32) -> String {
    let in_line = width as f32 / (f32::from(style.least.max(1)) * NARROWEST);
    let most = (in_line as usize + 1)
        .saturating_mul(style.lines_max)
        .min(CHARACTERS_MAX);
    let mut characters = text.chars();
    let mut kept: String = characters.by_ref().take(most).collect();
    if characters.next().is_some() {
        kept.push(ELLIPSIS);
    }
    kept
}

struct Wrapped {
    lines: Vec<String>,
    /// Whether a word had to be broken.
    broken: bool,
}

/// Breaks a text into lines of at most `width` pixels, at spaces and line ends, between ideographs, and inside words
/// that are longer than a line. It stops at the first line beyond `lines_max`: what comes then is not shown in any case.
fn wrap(fonts: &mut Fonts, face: Face, size: u16, text: &str, width: u32, lines_max: usize) -> Wrapped {
    let room = width as f32;
    let blank = fonts.advance(face, size, ' ');
    let mut wrapped = Wrapped {
        lines: Vec::new(),
        broken: false,
    };
    for paragraph in text.split(['\n', '\r']) {
        let mut line = String::new();
        let mut used = 0.0;
        for (is_spaced, piece) in pieces(paragraph) {
            let wide = fonts.width(face, size, piece);
            let before = if is_spaced { blank } else { 0.0 };
            if !line.is_empty() && used + before + wide <= room {
                line.push_str(if is_spaced { " " } else { "" });
                line.push_str(piece);
                used += before + wide;
                continue;
            }
            if !line.is_empty() {
                wrapped.lines.push(std::mem::take(&mut line));
            }
            if wrapped.lines.len() > lines_max {
                return wrapped;
            }
            let (head, tail, tail_wide) = break_word(fonts, face, size, piece, room);
            wrapped.broken |= !head.is_empty();
            wrapped.lines.extend(head);
            (line, used) = (tail, tail_wide);
        }
        if !line.is_empty() {
            wrapped.lines.push(line);
        }
    }
    wrapped
}

/// A word in pieces that fit a line: the full ones, and the rest with its width.
fn break_word(fonts: &mut Fonts, face: Face, size: u16, word: &str, room: f32) -> (Vec<String>, String, f32) {
    let mut full = Vec::new();
    let (mut piece, mut used) = (String::new(), 0.0);
    for character in word.chars() {
        let wide = fonts.advance(face, size, character);
        if used + wide > room && !piece.is_empty() {
            full.push(std::mem::take(&mut piece));
            used = 0.0;
        }
        piece.push(character);
        used += wide;
    }
    (full, piece, used)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const STYLE: Style = Style::line(Face::Regular, 30, 12).lines(3);

    fn fitted(style: Style, text: &str, width: u32, height: u32) -> Block {
        fit(&mut Fonts::default(), style, text, width, height)
    }

    #[test]
    fn a_short_text_stays_large_and_on_one_line() {
        let block = fitted(STYLE, "Scan the item", 400, 200);
        assert_eq!((block.size, block.lines), (30, vec!["Scan the item".to_owned()]));
    }

    #[test]
    fn a_longer_text_wraps_then_shrinks_then_is_cut() {
        let text = "Scan the label of the place that is written in large letters above";
        let wrapped = fitted(STYLE, text, 400, 200);
        assert_eq!((wrapped.size, wrapped.lines.len() > 1), (30, true), "{wrapped:?}");
        let shrunk = fitted(STYLE, text, 220, 80);
        assert!(shrunk.size < 30 && shrunk.lines.join(" ") == text, "{shrunk:?}");
        let cut = fitted(STYLE, text, 90, 40);
        assert_eq!((cut.size, cut.lines.len()), (12, 2), "{cut:?}");
        assert!(cut.lines.concat().ends_with(ELLIPSIS), "{cut:?}");
    }

    #[test]
    fn a_word_is_written_smaller_before_it_is_broken() {
        let block = fitted(STYLE, "Ladungsträgernummer", 140, 200);
        assert_eq!(block.lines, ["Ladungsträgernummer"], "{block:?}");
    }

    #[test]
    fn a_chinese_text_wraps_at_its_size_before_it_shrinks() {
        let text = "把货物放到那里，然后扫描货位标签，再按确认键继续";
        let block = fitted(STYLE, text, 300, 200);
        assert_eq!(
            (block.size, block.lines.concat().as_str()),
            (30, text),
            "{block:?}"
        );
        assert!(
            block.lines.len() > 1 && !block.lines[1].starts_with('，'),
            "{block:?}"
        );
        let cut = fitted(STYLE, text, 90, 40);
        assert!(cut.lines.concat().ends_with(ELLIPSIS), "{cut:?}");
        assert!(!cut.lines.concat().contains(' '), "{cut:?}");
    }

    #[test]
    fn a_location_takes_one_small_line_rather_than_two_large_ones() {
        let style = Style::line(Face::Code, 100, 30).lines(2).one_line_first();
        assert_eq!(fitted(style, "A-01 02", 300, 400).lines, ["A-01 02"]);
        assert_eq!(fitted(style, "HALL-7 A-01-02-03-04", 300, 400).lines.len(), 2);
    }

    #[test]
    fn a_text_without_end_is_read_to_a_limit() {
        let endless = "x".repeat(5_000_000);
        let block = fitted(
            Style {
                lines_max: usize::MAX,
                ..STYLE
            },
            &endless,
            300,
            u32::MAX,
        );
        assert_eq!(block.lines.concat().chars().count(), CHARACTERS_MAX + 1);
    }

    proptest! {
        #[test]
        fn nothing_is_dropped_silently_and_nothing_is_wider_than_the_box(
            text in "[ a-zA-ZäöüßŁżğ0-9\\-\u{1d}漢，（货）]{0,80}", width in 30u32..500, height in 15u32..200,
        ) {
            let mut fonts = Fonts::default();
            let block = fit(&mut fonts, STYLE, &text, width, height);
            prop_assert!(block.lines.len() <= 3);
            prop_assert!(block.height() <= height.max(line_height(12)));
            for line in &block.lines {
                prop_assert!(fonts.width(block.face, block.size, line) <= width as f32 + 0.01, "{line:?}");
            }
            let squeeze = |text: &str| text.chars().filter(|c| *c != ' ').collect::<String>();
            let shown = squeeze(&block.lines.concat());
            match shown.strip_suffix(ELLIPSIS) {
                Some(start) => prop_assert!(squeeze(&text).starts_with(start)),
                None => prop_assert_eq!(shown, squeeze(&text)),
            }
        }
    }
}
