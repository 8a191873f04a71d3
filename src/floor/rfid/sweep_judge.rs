//! How a tag of a sweep is judged: what its evidence weighs, whom it was heard with, and whether the sweep tells bins apart at all.

use super::class::{Class, Known};
use super::company::Company;
use super::level::Levels;
use super::rules::Rules;
use super::sweep::Sweep;
use super::sweep_evidence::SweepEvidence;

/// As near as a tag can be by itself, in thousandths.
const NEAR: i64 = 1_000;

/// What the tags of a sweep have in common, and the points of each.
pub(super) struct Judge<'a> {
    rules: &'a Rules,
    tags: Vec<Weighed<'a>>,
    /// The strength that tags are compared with.
    pub(super) level_centi_dbm: i16,
    /// How much this bin and what lies beside it run into each other, in thousandths; 0 where nothing does.
    pub(super) overlap: i64,
}

/// A tag and its points, as if nothing were known of it.
struct Weighed<'a> {
    tag: &'a SweepEvidence,
    /// `None` where the reader told no strength.
    points: Option<i64>,
    /// By itself it is of this bin, by its company it is not.
    is_parted: bool,
}

/// The points with which a tag is sure.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bar {
    /// Of one that is expected here.
    expected: i64,
    /// Of any other; `None`: none is.
    others: Option<i64>,
}

impl Bar {
    const fn of(self, known: Known) -> Option<i64> {
        match known {
            Known::Here => Some(self.expected),
            Known::Nothing | Known::Elsewhere => self.others,
        }
    }
}

impl<'a> Judge<'a> {
    /// Weighs the tags of a sweep; `None` where no tag told a strength.
    pub(super) fn of(sweep: &'a Sweep) -> Option<Self> {
        let rules = sweep.rules();
        let levels = Levels::of(sweep.tags().filter_map(SweepEvidence::best));
        let level = levels.strongest(rules.level_per_mille.unsigned_abs())?;
        let alone = |tag| alone(rules, tag, level, sweep.windows());
        let alone: Vec<i64> = sweep.tags().map(alone).collect();
        let heard = sweep.tags().zip(&alone).filter(|(tag, _)| tag.best().is_some());
        let company = Company::of(heard.map(|(tag, by_itself)| (tag, near(rules, *by_itself))));
        let weighed = |(tag, &by_itself): (&'a SweepEvidence, &i64)| {
            let around = company.of_tag(tag, near(rules, by_itself));
            let is_told = tag.best().is_some();
            Weighed {
                tag,
                points: is_told.then(|| in_company(rules, tag, by_itself, around)),
                is_parted: is_told
                    && by_itself > i64::from(rules.sweep_parted_alone)
                    && around < i64::from(rules.sweep_parted_company),
            }
        };
        let mut judge = Self {
            rules,
            tags: sweep.tags().zip(&alone).map(weighed).collect(),
            level_centi_dbm: level,
            overlap: 0,
        };
        judge.overlap = judge.overlap();
        Some(judge)
    }

    /// The class of each tag.
    pub(super) fn classes(&self, known: impl Fn(&SweepEvidence) -> Known) -> Vec<Class> {
        let bar = self.bar(&known);
        let class = |weighed: &Weighed<'_>| self.class(weighed, known(weighed.tag), bar);
        self.tags.iter().map(class).collect()
    }

    /// How much this bin and what lies beside it run into each other, as the sweep says by itself. Between the goods of a bin and those of the next one lies a gap, and hardly a
    /// tag has points between theirs. Where many have, the goods go on beyond the bin; and so they do where the sure ones are of all
    /// kinds. It is less where company has parted tags that strength alone would not have.
    fn overlap(&self) -> i64 {
        let rules = self.rules;
        let usual = i64::from(rules.sweep_sure_points);
        let (mut sure, mut maybe) = (Vec::new(), 0i64);
        for weighed in &self.tags {
            match weighed.points {
                Some(points) if points >= usual && self.is_heard_enough(weighed.tag) => sure.push(points),
                Some(points) if points > i64::from(rules.sweep_stray_points) => maybe += 1,
                _ => {}
            }
        }
        if maybe < i64::from(rules.sweep_overlap_least) {
            return 0;
        }
        let tags = i64::try_from(sure.len()).unwrap_or(i64::MAX).max(1);
        let parted = self.tags.iter().filter(|weighed| weighed.is_parted).count() as i64;
        let mean = sure.iter().sum::<i64>() / tags;
        let spread = sure.iter().map(|points| (points - mean).abs()).sum::<i64>() / tags;
        let of_sure =
            |count: i64| log2_thousandths(u32::try_from(1 + count * 1_000 / tags).unwrap_or(u32::MAX));
        of_sure(maybe) + spread * i64::from(rules.sweep_overlap_spread) / 1_000
            - of_sure(parted) * i64::from(rules.sweep_overlap_parted) / 1_000
    }

    /// What a tag must have to be sure. It is more where bins overlap in the sweep, and where a tag that is known to lie elsewhere
    /// fared well: those are the control of the sweep. Where the radio alone would have them sure, it does not tell this bin from theirs.
    fn bar(&self, known: &impl Fn(&SweepEvidence) -> Known) -> Bar {
        let rules = self.rules;
        let usual = i64::from(rules.sweep_sure_points);
        let beyond = (self.overlap - i64::from(rules.sweep_overlap_usual)).max(0);
        // With twice the overlap four times the points: a little costs few maybes, and much leaves hardly a tag sure.
        let parted = usual + beyond * beyond / 1_000 * i64::from(rules.sweep_overlap_points) / 1_000;
        let (mut sure, mut highest) = (0i64, None);
        for weighed in &self.tags {
            let Some(points) = weighed.points else { continue };
            if known(weighed.tag) != Known::Elsewhere {
                continue;
            }
            sure += i64::from(points >= usual);
            highest = highest.max((points >= usual - i64::from(rules.sweep_control_near)).then_some(points));
        }
        let raised = highest.map_or(parted, |highest| {
            parted.max(highest + i64::from(rules.sweep_control_margin))
        });
        let is_told = sure <= i64::from(rules.sweep_controls_most);
        Bar {
            expected: usual,
            others: is_told.then_some(raised),
        }
    }

    fn class(&self, weighed: &Weighed<'_>, known: Known, bar: Bar) -> Class {
        let Some(points) = weighed.points else {
            return Class::Maybe;
        };
        let known_points = i64::from(self.rules.sweep_known_points);
        let points = match known {
            Known::Nothing => points,
            Known::Here => points + known_points,
            Known::Elsewhere => points - known_points,
        };
        if points <= i64::from(self.rules.sweep_stray_points) {
            Class::Stray
        } else if bar.of(known).is_some_and(|bar| points >= bar)
            && i32::from(self.level_centi_dbm) + self.rules.signal_offset >= self.rules.sweep_sure_level
            && self.is_heard_enough(weighed.tag)
        {
            Class::Sure
        } else {
            Class::Maybe
        }
    }

    fn is_heard_enough(&self, tag: &SweepEvidence) -> bool {
        i32::from(tag.windows) >= self.rules.sweep_sure_windows
    }
}

/// What the evidence of one tag alone weighs, in thousandths of natural log-odds: 0 where it is as likely here as elsewhere.
/// Found by logistic regression over simulated sweeps; `docs/rfid.md` tells each part.
fn alone(rules: &Rules, tag: &SweepEvidence, level_centi_dbm: i16, windows: u32) -> i64 {
    let level = (i32::from(level_centi_dbm) + rules.signal_offset).max(rules.sweep_level_least);
    let gap = level - i32::from(tag.best_centi_dbm) - rules.signal_offset;
    let area = tag.area / windows.max(1);
    i64::from(rules.sweep_base_points)
        + in_db(tag.top_mean() + rules.signal_offset, rules.sweep_top_points)
        + log2_thousandths(1 + area) * i64::from(rules.sweep_area_points) / 1_000
        + in_db(i32::from(tag.least_gap), rules.sweep_near_points)
        - in_db(gap, rules.sweep_gap_points)
}

/// How near a tag with so many points is by itself, in thousandths.
fn near(rules: &Rules, alone: i64) -> u32 {
    let span = i64::from(rules.sweep_company_span).max(1);
    let near = ((alone + span) * NEAR / (2 * span)).clamp(0, NEAR);
    near.unsigned_abs() as u32
}

/// The same with its company weighed, which was found in a second regression.
fn in_company(rules: &Rules, tag: &SweepEvidence, alone: i64, company: i64) -> i64 {
    i64::from(rules.sweep_company_base)
        + alone * i64::from(rules.sweep_alone_per_mille) / 1_000
        + company * i64::from(rules.sweep_company_points) / NEAR
        - in_db(i32::from(tag.least_gap), rules.sweep_beside_points)
}

fn in_db(centi_db: i32, points_per_db: i32) -> i64 {
    i64::from(centi_db) * i64::from(points_per_db) / 100
}

/// The logarithm to base 2, in thousandths, straight between the powers: at most 0.09 too little. 0 for 0.
fn log2_thousandths(value: u32) -> i64 {
    let Some(power) = value.checked_ilog2() else {
        return 0;
    };
    let above = i64::from(value) - (1i64 << power);
    i64::from(power) * 1_000 + above * 1_000 / (1i64 << power)
}
