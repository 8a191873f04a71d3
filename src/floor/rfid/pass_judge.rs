//! How a tag of a pass is judged: what its evidence weighs, and which way it went.
//!
//! What goes through is near as long as it is in the door and no longer: it rises and falls, one side of the portal hears it
//! after the other, and so do all goods of the pass. What is staged beside the door is heard on and on by both.

use super::class::{Class, Known};
use super::level::Levels;
use super::pass::{Direction, Pass, PassSays};
use super::pass_evidence::PassEvidence;
use super::rules::Rules;

/// Nothing was heard: taken for as weak as the weakest that is.
const SILENCE_CENTI_DBM: i32 = -8_000;

/// The largest part of a pass that can lie between its sides.
const APART_PER_MILLE_MAX: i64 = 500;

/// What the tags of a pass have in common, and the rules.
pub(super) struct Judge<'a> {
    rules: &'a Rules,
    pass_ms: i64,
    pieces: usize,
    tells_directions: bool,
    /// The strength that tags are compared with.
    pub(super) level_centi_dbm: Option<i16>,
    /// Which way the strong tags went.
    pub(super) direction: Option<Direction>,
}

impl<'a> Judge<'a> {
    pub(super) fn of(pass: &'a Pass) -> Self {
        let rules = pass.rules();
        let level = Levels::of(pass.tags().filter_map(PassEvidence::best));
        let mut judge = Self {
            rules,
            pass_ms: i64::from(pass.time_ms().max(1)),
            pieces: pass.pieces(),
            tells_directions: pass.tells_directions(),
            level_centi_dbm: level.strongest(rules.level_per_mille.unsigned_abs()),
            direction: None,
        };
        let mut apart: Vec<i64> = pass
            .tags()
            .filter(|tag| {
                judge
                    .gap(tag)
                    .is_some_and(|gap| gap <= i64::from(rules.pass_crowd_gap))
            })
            .filter_map(|tag| judge.apart_per_mille(tag))
            .collect();
        apart.sort_unstable();
        let middle = apart.get(apart.len() / 2).copied();
        judge.direction = middle.and_then(|apart| judge.direction_of(apart));
        judge
    }

    pub(super) fn says(&self, tag: &PassEvidence, known: Known) -> PassSays {
        let direction = self
            .apart_per_mille(tag)
            .and_then(|apart| self.direction_of(apart));
        PassSays {
            class: self.class(tag, direction, known),
            direction,
        }
    }

    fn class(&self, tag: &PassEvidence, direction: Option<Direction>, known: Known) -> Class {
        let Some(points) = self.points(tag, known) else {
            // A resident that was not heard in the pass did not go through it; without strengths nothing is known.
            return if tag.reads == 0 {
                Class::Stray
            } else {
                Class::Maybe
            };
        };
        let goes_with_the_others =
            !self.tells_directions || direction.is_some() && direction == self.direction;
        if points <= i64::from(self.rules.pass_stray_points) {
            Class::Stray
        } else if points >= i64::from(self.rules.pass_sure_points)
            && i32::from(tag.windows) >= self.rules.pass_sure_windows
            && goes_with_the_others
        {
            Class::Sure
        } else {
            Class::Maybe
        }
    }

    /// What the evidence of one tag weighs, in thousandths of natural log-odds: 0 where it is as likely to have gone through as
    /// not. Found by logistic regression over simulated passes; `docs/rfid.md` tells each part. `None` without strengths.
    fn points(&self, tag: &PassEvidence, known: Known) -> Option<i64> {
        let rules = self.rules;
        let presence = i64::from(tag.last_ms.saturating_sub(tag.first_ms)) * 1_000 / self.pass_ms;
        let known = match known {
            Known::Nothing => 0,
            Known::Here => i64::from(rules.pass_known_points),
            Known::Elsewhere => -i64::from(rules.pass_known_points),
        };
        let resident = tag
            .resident()
            .map_or(0, |_| i64::from(rules.pass_resident_points));
        let points = i64::from(rules.pass_base_points)
            - self.gap(tag)? * i64::from(rules.pass_gap_points) / 100
            + self.rise_and_fall(tag) * i64::from(rules.pass_course_points) / 100
            + self.apart_with_the_others(tag) * i64::from(rules.pass_apart_points) / 100
            - presence * i64::from(rules.pass_presence_points) / 100
            + known
            - resident;
        Some(points)
    }

    /// How far below the level of the pass a tag was at best, in hundredths of a dB.
    fn gap(&self, tag: &PassEvidence) -> Option<i64> {
        let offset = self.rules.signal_offset;
        let level = (i32::from(self.level_centi_dbm?) + offset).max(self.rules.pass_level_least);
        Some(i64::from(level - i32::from(tag.best()?) - offset))
    }

    /// How much a tag's strength rose from the first quarter of the pass to its best, and fell from there to the last quarter:
    /// the lesser of the two, in hundredths of a dB.
    fn rise_and_fall(&self, tag: &PassEvidence) -> i64 {
        let quarter = self.pieces.div_ceil(4);
        let strongest = |from: usize, count: usize| {
            let heard = tag.course().skip(from).take(count).flatten().max();
            heard.map_or(SILENCE_CENTI_DBM, |dbm| i32::from(dbm) * 100)
        };
        let best = strongest(0, self.pieces);
        let first = strongest(0, quarter);
        let last = strongest(self.pieces.saturating_sub(quarter), quarter);
        i64::from(best - first.max(last))
    }

    /// How much later the inner side heard a tag than the outer, in thousandths of the pass; negative where it was sooner.
    /// `None` where only one side heard it.
    fn apart_per_mille(&self, tag: &PassEvidence) -> Option<i64> {
        let (outer, outer_ms) = tag.sides().next()?;
        let (inner, inner_ms) = tag.sides().last()?;
        let apart = (i64::from(inner_ms) - i64::from(outer_ms)) * 1_000 / self.pass_ms;
        (outer != inner).then_some(apart.clamp(-APART_PER_MILLE_MAX, APART_PER_MILLE_MAX))
    }

    /// The same, positive where it is the way of the others.
    fn apart_with_the_others(&self, tag: &PassEvidence) -> i64 {
        if !self.tells_directions {
            return i64::from(self.rules.pass_one_sided);
        }
        let apart = self.apart_per_mille(tag).unwrap_or(0);
        match self.direction {
            Some(Direction::In) => apart,
            Some(Direction::Out) => -apart,
            // They went no way, and so nothing went through.
            None => 0,
        }
    }

    fn direction_of(&self, apart_per_mille: i64) -> Option<Direction> {
        if apart_per_mille.abs() < i64::from(self.rules.pass_apart_least).max(1) {
            None
        } else if apart_per_mille > 0 {
            Some(Direction::In)
        } else {
            Some(Direction::Out)
        }
    }
}
