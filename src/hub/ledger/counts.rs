//! What follows from counts by itself: a place that differs too much is counted again by somebody else, a place that a
//! picker found empty is looked at once, and a difference waits for the devices that may have worked in the place.
//!
//! Nothing here posts to stock: that is a supervisor's click. It is worked out anew whenever somebody looks or a count
//! ends, from what the store has, so that nothing is lost where a process ends between.

use std::collections::BTreeSet;

use tallyman_floor::wire::v1::{CountBody, TaskBody, TaskKindBody};

use super::decide::count_of;
use super::exception::ExceptionKind;
use super::posting::ExceptionRow;

/// Open exceptions that are looked at in one go; the next look takes up the rest.
pub(crate) const LOOKED_AT_MAX: i64 = 500;

/// How much a count may differ from the book before it is counted again. Both have to be exceeded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CountLimits {
    /// In percent of the book.
    pub percent: u32,
    /// In millionths of the base unit.
    pub quantity_micro: i64,
}

impl CountLimits {
    /// Whether so much counted, where so much is in the book, is too far off.
    pub fn are_exceeded(self, counted_micro: i64, book_micro: i64) -> bool {
        let difference = (i128::from(counted_micro) - i128::from(book_micro)).abs();
        let allowed = i128::from(book_micro).abs() * i128::from(self.percent) / 100;
        difference > i128::from(self.quantity_micro) && difference > allowed
    }
}

/// An open exception that something may follow from.
#[derive(Debug, Default)]
pub(crate) struct Waiting {
    pub(crate) exception: i64,
    /// The word of its kind.
    pub(crate) kind: String,
    /// What is said about it.
    pub(crate) message: String,
    /// The place in the journal of the fact that raised it.
    pub(crate) journal: i64,
    /// Who did it; empty for nobody.
    pub(crate) worker: String,
    pub(crate) task: Option<TaskBody>,
    pub(crate) line: Option<u32>,
    pub(crate) location: String,
    pub(crate) found_micro: i64,
    pub(crate) wanted_micro: i64,
    /// The task that follows from it, where that was made: whether its place is counted by now. For a fact that came in late:
    /// whether its place was counted anew since.
    pub(crate) follower: Option<bool>,
    /// Whether a count of the place is open.
    pub(crate) is_to_be_counted: bool,
    /// Devices that may have worked in the place and have not handed in all that they did until it was counted.
    pub(crate) missing: Vec<String>,
}

/// Something that follows.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// A task is made.
    Make(Box<TaskBody>),
    /// The exception is of another kind from now on.
    Turn {
        exception: i64,
        kind: ExceptionKind,
        message: String,
    },
    /// An exception is raised about a fact that came in late.
    Raise(Box<ExceptionRow>),
    /// The exception counts so many movements more.
    More { exception: i64, movements: i64 },
    /// Entries up to here were looked at for late facts.
    Seen(i64),
    /// The exception is ended: somebody else has counted the place again.
    Recounted(i64),
}

/// The number of the task that follows from an exception: one for each place that was counted, and one for each short
/// pick.
pub(crate) fn follower(kind: &str, exception: i64, journal: i64) -> String {
    if is_short(kind) {
        format!("ZERO-{exception}")
    } else {
        format!("RECOUNT-{journal}")
    }
}

fn is_short(kind: &str) -> bool {
    kind == ExceptionKind::Short.word()
}

/// What follows from the open exceptions of a site.
pub(crate) fn steps(waiting: &[Waiting], limits: CountLimits) -> Vec<Step> {
    let mut steps = Vec::new();
    let mut made: BTreeSet<&str> = BTreeSet::new();
    for each in waiting {
        let may_make =
            each.follower.is_none() && !each.is_to_be_counted && !made.contains(each.location.as_str());
        let task = if is_short(&each.kind) {
            may_make.then(|| zero_stock(each))
        } else if each.follower == Some(true) {
            steps.push(Step::Recounted(each.exception));
            None
        } else if [ExceptionKind::CountOverlap, ExceptionKind::CountReopened]
            .iter()
            .any(|kind| each.kind == kind.word())
        {
            // A supervisor was told that it cannot be compared, and decides.
            None
        } else {
            steps.extend(turn(each));
            let is_far_off = limits.are_exceeded(each.found_micro, each.wanted_micro);
            (may_make && is_far_off).then(|| recount(each)).flatten()
        };
        if let Some(task) = task {
            made.insert(&each.location);
            steps.push(Step::Make(Box::new(task)));
        }
    }
    steps
}

/// What is said of a difference that waits for devices.
pub(crate) fn waits_for(missing: &[String]) -> String {
    format!(
        "The count differs from the book. It waits for {}, which may have worked there and has not handed in everything that \
         it did until then.",
        missing.join(" and ")
    )
}

/// A difference waits while a device is missing, and goes on when it is heard of.
fn turn(each: &Waiting) -> Option<Step> {
    let (kind, message) = match each.missing.as_slice() {
        [] => (ExceptionKind::CountVariance, String::new()),
        missing => (ExceptionKind::CountWaits, waits_for(missing)),
    };
    let is_so = each.kind == kind.word() && each.message == message;
    (!is_so).then_some(Step::Turn {
        exception: each.exception,
        kind,
        message,
    })
}

/// A look at a place that a picker found empty.
fn zero_stock(each: &Waiting) -> TaskBody {
    let plan = CountBody {
        scope: "zero_stock".to_owned(),
        ..CountBody::default()
    };
    let id = follower(&each.kind, each.exception, each.journal);
    count_of(id, "EMPTY?", &each.location, None, plan)
}

/// The same count by somebody else; none of a recount, about which a supervisor decides.
fn recount(each: &Waiting) -> Option<TaskBody> {
    let task = each.task.as_ref()?;
    let TaskKindBody::Count(before) = &task.kind else {
        return None;
    };
    if before.recount_of.is_some() || task.id.starts_with("RECOUNT-") {
        return None;
    }
    let mut not_by = before.not_by.clone();
    if !each.worker.is_empty() && !not_by.contains(&each.worker) {
        not_by.push(each.worker.clone());
    }
    let line = task.lines.iter().find(|line| Some(line.number) == each.line);
    let item = line.and_then(|line| line.item.clone());
    let plan = CountBody {
        recount_of: Some(task.id.clone()),
        not_by,
        ..CountBody::default()
    };
    let id = follower(&each.kind, each.exception, each.journal);
    Some(count_of(id, "RECOUNT", &each.location, item, plan))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: CountLimits = CountLimits {
        percent: 5,
        quantity_micro: 1_000_000,
    };

    fn variance(found: i64, wanted: i64) -> Waiting {
        Waiting {
            exception: 4,
            kind: ExceptionKind::CountVariance.word().to_owned(),
            journal: 9,
            worker: "7".to_owned(),
            task: Some(count_of(
                "C-1".to_owned(),
                "COUNT",
                "A-01",
                None,
                CountBody::default(),
            )),
            line: Some(1),
            location: "A-01".to_owned(),
            found_micro: found * 1_000_000,
            wanted_micro: wanted * 1_000_000,
            ..Waiting::default()
        }
    }

    fn made(steps: &[Step]) -> Vec<&TaskBody> {
        let tasks = steps.iter().filter_map(|step| match step {
            Step::Make(task) => Some(task.as_ref()),
            _ => None,
        });
        tasks.collect()
    }

    #[test]
    fn both_limits_have_to_be_exceeded() {
        for (counted, book, expected) in [
            (10, 10, false),
            (9, 10, false),
            (8, 10, true),
            (12, 10, true),
            (98, 100, false),
            (94, 100, true),
            (2, 0, true),
            (1, 0, false),
            (0, -3, true),
        ] {
            let exceeded = LIMITS.are_exceeded(counted * 1_000_000, book * 1_000_000);
            assert_eq!(exceeded, expected, "{counted} of {book}");
        }
        assert!(LIMITS.are_exceeded(i64::MAX, i64::MIN));
    }

    #[test]
    fn what_is_far_off_is_counted_again_by_somebody_else_once() {
        let steps_of = |waiting: &[Waiting]| steps(waiting, LIMITS);
        let steps = steps_of(&[variance(3, 10), variance(2, 10)]);
        let [task] = made(&steps)[..] else {
            panic!("{steps:?}")
        };
        let TaskKindBody::Count(plan) = &task.kind else {
            panic!("{task:?}")
        };
        assert_eq!(task.id, "RECOUNT-9");
        assert_eq!(plan.recount_of.as_deref(), Some("C-1"));
        assert_eq!(plan.not_by, ["7"]);
        assert_eq!(task.lines[0].expected_micro, None, "blind");
        for (what, waiting) in [
            ("near enough", variance(10, 10)),
            (
                "made before",
                Waiting {
                    follower: Some(false),
                    ..variance(3, 10)
                },
            ),
            (
                "to be counted anyway",
                Waiting {
                    is_to_be_counted: true,
                    ..variance(3, 10)
                },
            ),
            (
                "of no task that is known",
                Waiting {
                    task: None,
                    ..variance(3, 10)
                },
            ),
        ] {
            assert_eq!(made(&steps_of(&[waiting])).len(), 0, "{what}");
        }
        let again = TaskBody {
            id: "RECOUNT-9".to_owned(),
            ..task.clone()
        };
        let recounted = Waiting {
            task: Some(again),
            ..variance(3, 10)
        };
        assert!(
            made(&steps_of(&[recounted])).is_empty(),
            "a supervisor decides about a recount"
        );
    }

    #[test]
    fn a_recount_that_came_ends_the_first() {
        let waiting = Waiting {
            follower: Some(true),
            ..variance(3, 10)
        };
        assert_eq!(steps(&[waiting], LIMITS), [Step::Recounted(4)]);
        let overlap = |follower| Waiting {
            kind: ExceptionKind::CountOverlap.word().to_owned(),
            follower,
            ..variance(3, 10)
        };
        assert_eq!(steps(&[overlap(Some(true))], LIMITS), [Step::Recounted(4)]);
        assert!(steps(&[overlap(None)], LIMITS).is_empty());
    }

    #[test]
    fn a_difference_waits_and_goes_on() {
        let missing = Waiting {
            missing: vec!["H2".to_owned()],
            ..variance(10, 10)
        };
        let first = steps(&[missing], LIMITS);
        let [Step::Turn { kind, message, .. }] = first.as_slice() else {
            panic!("{first:?}")
        };
        assert_eq!(*kind, ExceptionKind::CountWaits);
        assert!(message.contains("H2"));
        let waits = |missing: &[&str]| Waiting {
            kind: ExceptionKind::CountWaits.word().to_owned(),
            message: message.clone(),
            missing: missing.iter().map(|&name| name.to_owned()).collect(),
            ..variance(10, 10)
        };
        assert!(steps(&[waits(&["H2"])], LIMITS).is_empty());
        let heard = steps(&[waits(&[])], LIMITS);
        assert!(matches!(
            heard[..],
            [Step::Turn {
                kind: ExceptionKind::CountVariance,
                ..
            }]
        ));
    }

    #[test]
    fn a_place_found_empty_is_looked_at_once() {
        let short = |follower| Waiting {
            exception: 5,
            kind: ExceptionKind::Short.word().to_owned(),
            location: "A-02".to_owned(),
            follower,
            ..Waiting::default()
        };
        let first = steps(&[short(None), short(None)], LIMITS);
        let [task] = made(&first)[..] else {
            panic!("{first:?}")
        };
        let TaskKindBody::Count(plan) = &task.kind else {
            panic!("{task:?}")
        };
        assert_eq!((task.id.as_str(), plan.scope.as_str()), ("ZERO-5", "zero_stock"));
        assert!(steps(&[short(Some(false))], LIMITS).is_empty());
        assert!(steps(&[short(Some(true))], LIMITS).is_empty());
    }
}
