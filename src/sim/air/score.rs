//! How well tags were told apart: the truth against what was said, and what it comes to.

use std::fmt;

use tallyman_floor::rfid::Class;

/// How often each truth was given each answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Confusion {
    /// Pieces that belong to what is counted: sure, maybe, stray, not heard at all.
    pub belongs: [u64; 4],
    /// Pieces that lie elsewhere and were heard: sure, maybe, stray.
    pub elsewhere: [u64; 3],
    /// Sure pieces that were said to go the wrong way, or no way.
    pub wrong_way: u64,
}

impl Confusion {
    /// Counts a piece that belongs; `None` where it was not heard.
    pub fn belongs(&mut self, class: Option<Class>) {
        let index = class.map_or(3, place);
        if let Some(count) = self.belongs.get_mut(index) {
            *count += 1;
        }
    }

    /// Counts a piece that lies elsewhere and was heard.
    pub fn elsewhere(&mut self, class: Class) {
        if let Some(count) = self.elsewhere.get_mut(place(class)) {
            *count += 1;
        }
    }

    /// Adds another one.
    pub fn add(&mut self, other: &Self) {
        let add = |counts: &mut [u64], others: &[u64]| {
            counts
                .iter_mut()
                .zip(others)
                .for_each(|(count, other)| *count += other);
        };
        add(&mut self.belongs, &other.belongs);
        add(&mut self.elsewhere, &other.elsewhere);
        self.wrong_way += other.wrong_way;
    }

    /// Of the pieces that were decided, sure or stray, those that were decided rightly.
    pub fn right(&self) -> Share {
        let [sure, _, missed, _] = self.belongs;
        let [false_sure, _, stray] = self.elsewhere;
        Share::of(sure + stray, sure + missed + false_sure + stray)
    }

    /// Of the pieces that were said to be sure, those that lie elsewhere.
    pub fn false_sure(&self) -> Share {
        let ([sure, ..], [false_sure, ..]) = (self.belongs, self.elsewhere);
        Share::of(false_sure, sure + false_sure)
    }

    /// Of the pieces that lie elsewhere, those that were said to be sure.
    pub fn elsewhere_sure(&self) -> Share {
        let [false_sure, ..] = self.elsewhere;
        Share::of(false_sure, self.elsewhere.iter().sum())
    }

    /// Of all pieces that were heard, those that somebody has to look at.
    pub fn maybe(&self) -> Share {
        let ([_, maybe, ..], [_, others, _]) = (self.belongs, self.elsewhere);
        Share::of(maybe + others, self.heard())
    }

    /// Of the pieces that belong, those that were not heard at all.
    pub fn unheard(&self) -> Share {
        let [.., unheard] = self.belongs;
        Share::of(unheard, self.belongs.iter().sum())
    }

    fn heard(&self) -> u64 {
        let [sure, maybe, stray, _] = self.belongs;
        sure + maybe + stray + self.elsewhere.iter().sum::<u64>()
    }
}

fn place(class: Class) -> usize {
    match class {
        Class::Sure => 0,
        Class::Maybe => 1,
        Class::Stray => 2,
    }
}

/// A part of a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Share {
    /// The part.
    pub part: u64,
    /// The whole.
    pub whole: u64,
}

impl Share {
    const fn of(part: u64, whole: u64) -> Self {
        Self { part, whole }
    }

    /// In hundredths of a per cent, rounded up; 0 of nothing.
    pub fn per_ten_thousand(self) -> u64 {
        (self.part * 10_000).div_ceil(self.whole.max(1))
    }
}

impl fmt::Display for Share {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let per_cent = 100.0 * self.part as f64 / self.whole.max(1) as f64;
        write!(formatter, "{per_cent:.2} %")
    }
}

/// The head of the table that [`Confusion`] prints rows of.
pub const HEAD: &str = "\
| air | belongs: sure | maybe | stray | unheard | elsewhere: sure | maybe | stray | decided right | false sure | maybe | unheard | wrong way |
|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|";

impl Confusion {
    /// A row of the table.
    pub fn row(&self, name: &str) -> String {
        let counts = self.belongs.iter().chain(&self.elsewhere);
        let counts: Vec<String> = counts.map(u64::to_string).collect();
        format!(
            "| {name} | {} | {} | {} | {} | {} | {} |",
            counts.join(" | "),
            self.right(),
            self.false_sure(),
            self.maybe(),
            self.unheard(),
            self.wrong_way
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_of_what_they_say() {
        let confusion = Confusion {
            belongs: [90, 5, 3, 2],
            elsewhere: [1, 4, 45],
            wrong_way: 0,
        };
        let shares = [
            (confusion.right(), 135, 139),
            (confusion.false_sure(), 1, 91),
            (confusion.elsewhere_sure(), 1, 50),
            (confusion.maybe(), 9, 148),
            (confusion.unheard(), 2, 100),
        ];
        for (share, part, whole) in shares {
            assert_eq!(share, Share { part, whole });
        }
        assert_eq!(confusion.maybe().per_ten_thousand(), 609);
    }
}
