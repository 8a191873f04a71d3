//! What a screen is painted for: the panel's size and theme, and the measures that follow from them.

use super::theme::{Colours, Theme};

/// The least side of what is touched, in pixels: a finger in a glove.
pub const TARGET_MIN_PX: u32 = 44;

/// A panel: its size in pixels and its theme.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Panel {
    /// The width in pixels.
    pub width: u32,
    /// The height in pixels.
    pub height: u32,
    /// Light or dark.
    pub theme: Theme,
}

/// The kinds of panel that have a layout of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PanelClass {
    /// 240x320 and its like: one column, everything close.
    Small,
    /// 480x800 and larger, upright: one column.
    Tall,
    /// 800x480 and larger, lying: two columns.
    Wide,
}

/// Panels with a side below this are small.
const SMALL_BELOW_PX: u32 = 360;

impl Panel {
    /// A panel of a size, in a theme.
    pub const fn new(width: u32, height: u32, theme: Theme) -> Self {
        Self { width, height, theme }
    }

    /// The layout that suits it.
    pub const fn class(&self) -> PanelClass {
        if self.width < SMALL_BELOW_PX || self.height < SMALL_BELOW_PX {
            PanelClass::Small
        } else if self.width > self.height {
            PanelClass::Wide
        } else {
            PanelClass::Tall
        }
    }

    /// The measures for it.
    pub(super) fn look(&self) -> Look {
        let (measures, width, height) = match self.class() {
            PanelClass::Small => (&SMALL, 240.0, 320.0),
            PanelClass::Tall => (&TALL, 480.0, 800.0),
            PanelClass::Wide => (&WIDE, 800.0, 480.0),
        };
        let scale = (self.width as f32 / width)
            .min(self.height as f32 / height)
            .clamp(SCALE_MIN, SCALE_MAX);
        Look {
            measures,
            scale,
            colours: self.theme.colours(),
        }
    }
}

/// How far a layout may be drawn smaller than it was made for; beyond that it leaves things out.
const SCALE_MIN: f32 = 0.9;

/// How far a layout may be drawn larger than it was made for.
const SCALE_MAX: f32 = 5.0;

/// The measures of a panel class, in pixels of the size it was made for.
#[derive(Debug)]
pub(super) struct Measures {
    /// Between the panel's edge and what is in it.
    pub margin: u16,
    /// Between two parts.
    pub gap: u16,
    /// Inside a raised part.
    pub padding: u16,
    /// Of round corners.
    pub radius: u16,
    pub status: u16,
    pub title: u16,
    pub progress_height: u16,
    pub instruction: u16,
    pub big: u16,
    pub caption: u16,
    pub label: u16,
    pub line: u16,
    pub answer: u16,
    pub sentence: u16,
    /// How small an answer may be written for others to get room, in eighths of its size.
    pub answer_good_eighths: u16,
    pub answer_symbol: u16,
    pub prompt: u16,
    pub typed: u16,
    pub key: u16,
    pub key_name: u16,
    pub key_height: u16,
    pub key_width_min: u16,
    pub next: u16,
    pub shift: u16,
    /// Of a picture in a place of its own, at least.
    pub picture_least: u16,
    /// Of one beside the big thing, at least.
    pub picture_beside_least: u16,
}

static SMALL: Measures = Measures {
    margin: 8,
    gap: 5,
    padding: 7,
    radius: 6,
    status: 13,
    title: 15,
    progress_height: 6,
    instruction: 20,
    big: 58,
    caption: 15,
    label: 13,
    line: 16,
    answer: 17,
    sentence: 15,
    answer_good_eighths: 6,
    answer_symbol: 34,
    prompt: 18,
    typed: 46,
    key: 16,
    key_name: 12,
    key_height: 46,
    key_width_min: 52,
    next: 13,
    shift: 12,
    picture_least: 56,
    picture_beside_least: 46,
};

static TALL: Measures = Measures {
    margin: 16,
    gap: 10,
    padding: 14,
    radius: 12,
    status: 20,
    title: 26,
    progress_height: 12,
    instruction: 38,
    big: 112,
    caption: 28,
    label: 21,
    line: 27,
    answer: 30,
    sentence: 25,
    answer_good_eighths: 8,
    answer_symbol: 60,
    prompt: 34,
    typed: 104,
    key: 27,
    key_name: 18,
    key_height: 88,
    key_width_min: 104,
    next: 23,
    shift: 20,
    picture_least: 72,
    picture_beside_least: 80,
};

static WIDE: Measures = Measures {
    margin: 16,
    gap: 10,
    padding: 12,
    radius: 12,
    status: 20,
    title: 25,
    progress_height: 10,
    instruction: 36,
    big: 112,
    caption: 26,
    label: 20,
    line: 25,
    answer: 28,
    sentence: 24,
    answer_good_eighths: 7,
    answer_symbol: 56,
    prompt: 30,
    typed: 96,
    key: 26,
    key_name: 17,
    key_height: 76,
    key_width_min: 104,
    next: 22,
    shift: 19,
    picture_least: 72,
    picture_beside_least: 80,
};

/// The measures and colours that widgets are painted with.
#[derive(Debug, Clone, Copy)]
pub(super) struct Look {
    pub measures: &'static Measures,
    pub colours: Colours,
    scale: f32,
}

impl Look {
    /// A font size for this panel.
    pub fn size(&self, measure: u16) -> u16 {
        (f32::from(measure) * self.scale).round() as u16
    }

    /// A length in pixels for this panel.
    pub fn px(&self, measure: u16) -> u32 {
        u32::from(self.size(measure))
    }

    /// Whether it is that of a small panel.
    pub fn is_small(&self) -> bool {
        std::ptr::eq(self.measures, &SMALL)
    }

    /// The width of a thin line, in pixels.
    pub fn hairline(&self) -> u32 {
        (self.px(self.measures.radius) / 6).max(1)
    }
}
