//! What was found in all images, counted.

use std::collections::BTreeMap;
use std::fmt;

use super::image::Bytes;

/// What was found.
#[derive(Debug, Clone, Default)]
pub struct Tally {
    /// Figures for each way of losing bytes.
    pub by_bytes: BTreeMap<Bytes, Figures>,
    /// Images that were not the same as an earlier one.
    pub distinct: u64,
    /// The first few findings.
    pub examples: Vec<String>,
}

/// Counted images.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Figures {
    /// All of them.
    pub images: u64,
    /// Not opened, or found damaged.
    pub unopenable: u64,
    /// Something is missing that was promised.
    pub lost: u64,
    /// A number that was promised holds something else, or a fact is there twice.
    pub altered: u64,
    /// A state that was never committed.
    pub torn: u64,
}

impl Figures {
    /// Nothing is wrong.
    pub const fn hold(&self) -> bool {
        self.unopenable == 0 && self.lost == 0 && self.altered == 0 && self.torn == 0
    }
}

impl std::ops::AddAssign for Figures {
    fn add_assign(&mut self, other: Self) {
        self.images += other.images;
        self.unopenable += other.unopenable;
        self.lost += other.lost;
        self.altered += other.altered;
        self.torn += other.torn;
    }
}

impl Tally {
    /// The sum over all ways.
    pub fn all(&self) -> Figures {
        let mut all = Figures::default();
        for figures in self.by_bytes.values() {
            all += *figures;
        }
        all
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let line = |formatter: &mut fmt::Formatter<'_>, name: String, figures: &Figures| {
            writeln!(
                formatter,
                "  {name:<16} {:>8} images, {:>6} unopenable, {:>6} lost, {:>6} altered, {:>6} torn",
                figures.images, figures.unopenable, figures.lost, figures.altered, figures.torn
            )
        };
        for (bytes, figures) in &self.by_bytes {
            line(formatter, format!("{bytes:?}"), figures)?;
        }
        line(formatter, format!("all, {} distinct", self.distinct), &self.all())?;
        self.examples
            .iter()
            .try_for_each(|example| writeln!(formatter, "  {example}"))
    }
}
