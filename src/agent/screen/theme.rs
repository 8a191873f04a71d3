//! The colours, for bright halls and for dark ones.
//!
//! A text is never given a colour alone: it is given a [`Pair`] of ink and ground, and a test holds every pair of
//! every theme to the contrast that people with weak sight need (WCAG 2.2, success criterion 1.4.6: 7 to 1).

use embedded_graphics::pixelcolor::{Rgb888, RgbColor};
use tallyman_floor::Tone;

/// Which set of colours a panel uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Theme {
    /// Dark on light: sunlight, docks, bright halls.
    #[default]
    Light,
    /// Light on dark: cold stores, night shifts, and panels that save power on black.
    Dark,
}

/// A colour to write in, and the colour it is written on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pair {
    /// The text.
    pub ink: Rgb888,
    /// What is behind it.
    pub ground: Rgb888,
}

/// The colours of one theme.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Colours {
    /// The page: what matters.
    pub page: Pair,
    /// The page: labels and captions.
    pub page_quiet: Pair,
    /// Raised parts of the page: what matters.
    pub card: Pair,
    /// Raised parts of the page: labels.
    pub card_quiet: Pair,
    /// The status bar while all is well, or merely offline.
    pub status: Pair,
    /// The status bar when somebody should do something about the device.
    pub status_alarm: Pair,
    /// An answer: done and safe.
    pub good: Pair,
    /// An answer: does not count.
    pub bad: Pair,
    /// An answer is wanted.
    pub ask: Pair,
    /// For information.
    pub calm: Pair,
    /// A key.
    pub key: Pair,
    /// The key that goes on.
    pub key_main: Pair,
    /// Where typed characters appear.
    pub entry: Pair,
    /// Lines around keys and entries, and the empty part of a progress bar: no text.
    pub edge: Rgb888,
    /// The full part of a progress bar: no text.
    pub progress: Rgb888,
}

const fn colour(rgb: u32) -> Rgb888 {
    Rgb888::new((rgb >> 16) as u8, (rgb >> 8) as u8, rgb as u8)
}

const fn pair(ink: u32, ground: u32) -> Pair {
    Pair {
        ink: colour(ink),
        ground: colour(ground),
    }
}

const LIGHT: Colours = Colours {
    page: pair(0x0F_14_1A, 0xFF_FF_FF),
    page_quiet: pair(0x42_4D_59, 0xFF_FF_FF),
    card: pair(0x0F_14_1A, 0xEE_F2_F6),
    card_quiet: pair(0x3D_48_54, 0xEE_F2_F6),
    status: pair(0xFF_FF_FF, 0x1B_27_33),
    status_alarm: pair(0xFF_FF_FF, 0x9E_0E_15),
    good: pair(0xFF_FF_FF, 0x00_59_2E),
    bad: pair(0xFF_FF_FF, 0x9E_0E_15),
    ask: pair(0x1A_13_00, 0xFF_C5_33),
    calm: pair(0xFF_FF_FF, 0x1C_4C_86),
    key: pair(0x0F_14_1A, 0xDD_E4_EB),
    key_main: pair(0xFF_FF_FF, 0x1C_4C_86),
    entry: pair(0x0F_14_1A, 0xFF_FF_FF),
    edge: colour(0x76_83_90),
    progress: colour(0x1C_4C_86),
};

const DARK: Colours = Colours {
    page: pair(0xF3_F6_F8, 0x0B_0F_13),
    page_quiet: pair(0xB3_BF_CA, 0x0B_0F_13),
    card: pair(0xF3_F6_F8, 0x1B_23_2B),
    card_quiet: pair(0xBA_C6_D1, 0x1B_23_2B),
    status: pair(0xF3_F6_F8, 0x24_30_3C),
    status_alarm: pair(0xFF_FF_FF, 0xA8_10_18),
    good: pair(0x02_14_0A, 0x4A_D0_86),
    bad: pair(0xFF_FF_FF, 0xA8_10_18),
    ask: pair(0x1A_13_00, 0xFF_C5_33),
    calm: pair(0xFF_FF_FF, 0x1F_50_8C),
    key: pair(0xF3_F6_F8, 0x2B_37_43),
    key_main: pair(0x04_12_22, 0x86_BE_FF),
    entry: pair(0xFF_FF_FF, 0x00_00_00),
    edge: colour(0x6F_7D_8B),
    progress: colour(0x86_BE_FF),
};

impl Theme {
    /// The colours.
    pub const fn colours(self) -> Colours {
        match self {
            Self::Light => LIGHT,
            Self::Dark => DARK,
        }
    }
}

impl Colours {
    /// The pair that an answer is written in.
    pub const fn tone(&self, tone: Tone) -> Pair {
        match tone {
            Tone::Good => self.good,
            Tone::Bad => self.bad,
            Tone::Ask => self.ask,
            Tone::Calm => self.calm,
        }
    }
}

/// The contrast of two colours, from 1 to 21 (WCAG 2.2, definition of contrast ratio).
pub fn contrast(one: Rgb888, other: Rgb888) -> f64 {
    let (one, other) = (luminance(one), luminance(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

/// Relative luminance (WCAG 2.2, definition of relative luminance).
fn luminance(colour: Rgb888) -> f64 {
    let linear = |part: u8| match f64::from(part) / 255.0 {
        low if low <= 0.04045 => low / 12.92,
        high => ((high + 0.055) / 1.055).powf(2.4),
    };
    0.2126 * linear(colour.r()) + 0.7152 * linear(colour.g()) + 0.0722 * linear(colour.b())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contrast_is_that_of_the_definition() {
        assert!((contrast(colour(0), colour(0xFF_FF_FF)) - 21.0).abs() < 1e-9);
        assert!((contrast(colour(0x80_40_20), colour(0x80_40_20)) - 1.0).abs() < 1e-9);
        // The well-known grey that just reaches 4.5 on white.
        let grey = contrast(colour(0x76_76_76), colour(0xFF_FF_FF));
        assert!((grey - 4.54).abs() < 0.01, "{grey}");
    }

    #[test]
    fn every_text_has_a_contrast_of_seven_and_every_edge_of_three() {
        for theme in [Theme::Light, Theme::Dark] {
            let c = theme.colours();
            let texts = [
                ("page", c.page),
                ("page_quiet", c.page_quiet),
                ("card", c.card),
                ("card_quiet", c.card_quiet),
                ("status", c.status),
                ("status_alarm", c.status_alarm),
                ("good", c.good),
                ("bad", c.bad),
                ("ask", c.ask),
                ("calm", c.calm),
                ("key", c.key),
                ("key_main", c.key_main),
                ("entry", c.entry),
            ];
            for (name, pair) in texts {
                let found = contrast(pair.ink, pair.ground);
                assert!(found >= 7.0, "{theme:?} {name}: {found:.2}");
            }
            for (name, colour) in [("edge", c.edge), ("progress", c.progress)] {
                let found = contrast(colour, c.page.ground);
                assert!(found >= 3.0, "{theme:?} {name} on the page: {found:.2}");
            }
        }
    }
}
