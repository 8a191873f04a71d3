//! The end of a receipt: what is missing is shown and asked about, and closed.

use crate::confirmation::{Act, Draft};
use crate::plan::Check;
use crate::session::work::{Outcome, Work};
use crate::task::Line;
use crate::verdict::Question;
use crate::words::{Label, Names};

use super::super::{end_task, short_line};
use super::{checks, is_blind, lines, passes, plan};

/// Lines of the shortage list that a screen has room for.
const MISSING_LINES_MAX: usize = 4;

/// Asks what is to be asked before the end: whether tags stay unlooked at, who hands over, and whether what is missing is missing. A receipt against
/// nothing has no end of its own: that is asked, too.
pub(super) fn done(work: &mut Work<'_>) -> Outcome {
    if let Some(question) = passes::unsure(work) {
        return work.ask(question, None);
    }
    if checks::wants_signature(work) {
        let check = Check::Signature;
        return work.ask(Question::Observe { check, unit: None }, None);
    }
    let open_lines = short_lines(work).count();
    if open_lines > 0 || is_blind(work) {
        return work.ask(Question::EndTask { open_lines }, None);
    }
    ended(work)
}

/// Tells what of the passes nobody looked at, and closes what is open: what lacks more than is tolerated as short, the rest as
/// it is.
pub(super) fn ended(work: &mut Work<'_>) -> Outcome {
    let open = work.task.lines.iter().filter(|line| is_open(work, line));
    let close = |line: &Line| match is_tolerated(work, line) {
        true => work.draft(Act::LineClosed, Some(line.number)),
        false => short_line(work, line, None, None),
    };
    let closed: Vec<Draft> = open.map(close).collect();
    let mut drafts = passes::reports(work);
    drafts.extend(closed);
    end_task(work, drafts, None)
}

/// What is missing, while the worker is asked about the end.
pub(super) fn missing(work: &Work<'_>) -> Vec<(Label, String)> {
    let question = work.stage.open.as_ref().map(|open| &open.question);
    let is_asked = matches!(
        question,
        Some(
            Question::EndTask { .. }
                | Question::Observe {
                    check: Check::Signature,
                    ..
                }
        )
    );
    if !is_asked {
        return Vec::new();
    }
    let names = Names::new(work.desk.catalogue);
    let told = |line: &Line| {
        let item = line.item.as_ref();
        let missing = names.quantity(work.standing.open(line));
        let name = item.map_or_else(String::new, |item| {
            format!("{} {}", names.unit(item), names.item(item))
        });
        (Label::Missing, format!("{missing} {name}"))
    };
    let listed = short_lines(work).filter(|line| line.expected.is_some());
    let mut missing: Vec<_> = listed.clone().take(MISSING_LINES_MAX).map(told).collect();
    let others = listed.count().saturating_sub(missing.len());
    if others > 0 {
        missing.push((Label::Missing, format!("+ {others}")));
    }
    missing
}

/// The lines that lack more than is tolerated.
fn short_lines<'w>(work: &'w Work<'_>) -> impl Iterator<Item = &'w Line> + Clone {
    let lines = work.task.lines.iter();
    lines.filter(move |line| is_open(work, line) && !is_tolerated(work, line))
}

/// Whether something may still come for a line. What nobody expected is not missing.
fn is_open(work: &Work<'_>, line: &Line) -> bool {
    let is_unexpected = is_blind(work) && line.expected.is_none();
    !is_unexpected && !work.standing.is_done(line)
}

/// Whether what is missing of a line is within the tolerance. Of a line of which nothing came, it is not.
fn is_tolerated(work: &Work<'_>, line: &Line) -> bool {
    let percent = plan(work).map_or(0, |plan| plan.under_tolerance_percent);
    let received = work.standing.line(line.number).quantity;
    let is_near = |expected| received + lines::share(expected, percent) >= expected;
    received.is_positive() && line.expected.is_some_and(is_near)
}
