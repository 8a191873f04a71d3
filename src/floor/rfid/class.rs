//! What is said of a tag.

/// What the evidence says of a tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Class {
    /// It lies elsewhere: it is no part of what is counted, and is not asked about.
    Stray,
    /// It may be either: somebody has to look. Never posted by itself.
    Maybe,
    /// It belongs to what is counted.
    Sure,
}

impl Class {
    /// The stable word for programs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Stray => "stray",
            Self::Maybe => "maybe",
            Self::Sure => "sure",
        }
    }
}

/// What the device may know of a tag beside the radio. In a blind count it does not know what is expected at the place that
/// is counted; it may know what is expected at the places beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Known {
    /// Nothing.
    #[default]
    Nothing,
    /// It is expected here: a count that is not blind, a delivery announced for this pass.
    Here,
    /// It is expected at another place.
    Elsewhere,
}

/// How many tags of each class.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tally {
    /// Sure.
    pub sure: usize,
    /// Maybe.
    pub maybe: usize,
    /// Stray.
    pub stray: usize,
}

impl Tally {
    /// Counts one more.
    pub fn add(&mut self, class: Class) {
        match class {
            Class::Sure => self.sure += 1,
            Class::Maybe => self.maybe += 1,
            Class::Stray => self.stray += 1,
        }
    }

    /// All of them.
    pub const fn all(&self) -> usize {
        self.sure + self.maybe + self.stray
    }
}
