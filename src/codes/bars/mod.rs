//! Bars: how a code is drawn, so that what a page shows can be scanned from it.
//!
//! Widths are whole modules, the unit of which every bar and gap is a multiple. How wide a module is, is the
//! caller's business: a page of labels takes pixels, a printed one takes a part of an inch.

pub mod code_128;
mod ean_13;

#[cfg(test)]
mod read_back;

/// A linear code as the widths of its bars and gaps, with the white it needs on both sides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bars {
    widths: Vec<u8>,
    quiet: (u32, u32),
}

impl Bars {
    /// The bars of what a scanner would send: an AIM identifier and the message, as `]E04006381333931`. `None` where
    /// no symbol here carries it: `]E0` is an EAN-13, `]C0` a Code 128, `]C1` a GS1-128 with GS between its fields.
    pub fn of_scan(scanned: &str) -> Option<Self> {
        match scanned.split_at_checked(3)? {
            ("]E0", digits) => ean_13::bars(digits),
            ("]C1", message) => code_128::gs1(message).ok(),
            ("]C0", message) => code_128::plain(message).ok(),
            _ => None,
        }
    }

    /// The widths of bars and gaps in turn, in modules, beginning and ending with a bar.
    pub fn widths(&self) -> &[u8] {
        &self.widths
    }

    /// Modules across, the quiet zones on both sides included.
    pub fn modules(&self) -> u32 {
        self.quiet.0 + self.widths.iter().copied().map(u32::from).sum::<u32>() + self.quiet.1
    }

    /// The data of an SVG path that fills the bars, one unit a module, in a box of [`Bars::modules`] by `height`.
    /// The box must be white, or the quiet zones are none.
    pub fn svg_path(&self, height: u32) -> String {
        let mut path = String::new();
        let mut at = self.quiet.0;
        for (place, width) in self.widths.iter().enumerate() {
            if place % 2 == 0 {
                path.push_str(&format!("M{at} 0h{width}v{height}h-{width}z"));
            }
            at += u32::from(*width);
        }
        path
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_path_draws_bars_and_leaves_gaps_and_quiet_zones() {
        let bars = Bars {
            widths: vec![2, 1, 1],
            quiet: (10, 7),
        };
        assert_eq!(bars.modules(), 21);
        assert_eq!(bars.svg_path(5), "M10 0h2v5h-2zM13 0h1v5h-1z");
    }

    #[test]
    fn what_a_scanner_sends_chooses_the_symbol() {
        for (scanned, modules) in [
            ("]E04006381333931", 11 + 95 + 7),
            // Start, FNC1, 01, 23, check: 11 each; stop: 13.
            ("]C10123", 10 + 5 * 11 + 13 + 10),
            // Start, 01, 23, the other set, 4, check; stop.
            ("]C001234", 10 + 6 * 11 + 13 + 10),
        ] {
            let bars = Bars::of_scan(scanned).map(|bars| bars.modules());
            assert_eq!(bars, Some(modules), "{scanned}");
        }
        for none in [
            "]E0400638133393",
            "]E0400638133393X",
            "]E04006381333932",
            "]C0",
            "]C0ä",
            "]Q1A",
            "AB",
            "",
        ] {
            assert_eq!(Bars::of_scan(none), None, "{none}");
        }
    }
}
