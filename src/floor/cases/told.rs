//! Verdicts and facts as the right side of a row says them.

use crate::confirmation::{Act, Draft, Place};
use crate::event::{Effect, Step};
use crate::verdict::{Question, Reason, Scanned, Verdict, Wanted, Where};

/// A verdict and its facts in one line.
pub(crate) fn told(step: &Step) -> String {
    match &step.verdict {
        Verdict::Quiet => "quiet".to_owned(),
        Verdict::Go(place) => format!("go {}", told_place(place)),
        Verdict::Ask(question) => format!("ask {}", told_question(question)),
        Verdict::Reject(reason) => format!("reject {}", told_reason(reason)),
        Verdict::Accept => {
            let drafts = step.effects.iter().filter_map(|effect| match effect {
                Effect::Persist(draft) => Some(told_draft(draft)),
                _ => None,
            });
            format!("accept {}", drafts.collect::<Vec<_>>().join("; "))
        }
    }
}

fn told_place(place: &Where) -> String {
    match place {
        Where::LoggedIn => "logged in".to_owned(),
        Where::LoggedOut => "logged out".to_owned(),
        Where::Task(task) => format!("task {task}"),
        Where::LeftTask(task) => format!("left {task}"),
        Where::Location(location) => format!("location {location}"),
        Where::Tote(unit) => format!("tote {unit}"),
        Where::Back => "back".to_owned(),
    }
}

fn told_question(question: &Question) -> String {
    match question {
        Question::Quantity { item, proposed: None } => format!("how many {item}"),
        Question::Quantity {
            item,
            proposed: Some(proposed),
        } => format!("how many {item}, {proposed}"),
        Question::Lot { item } => format!("lot of {item}"),
        Question::Expiry { item } => format!("expiry of {item}"),
        Question::Serial { item } => format!("serial of {item}"),
        Question::Over { item, by } => format!("over {item} by {by}"),
        Question::ShortReason { missing } => format!("why short {missing}"),
        Question::Empty { location } => format!("is {location} empty"),
        Question::CountComplete { location } => format!("is {location} complete"),
        Question::EndTask { open_lines } => format!("end with {open_lines} open"),
        Question::Found { code } => format!("found {code}"),
        Question::TakeOver { task, holder, .. } => format!("take over {task} from {holder}"),
        Question::MaybeDone { line, holder } => format!("is line {line} done by {holder}"),
        Question::TwoInView { seen } => format!("two in view {}", seen.join(" ")),
    }
}

fn told_reason(reason: &Reason) -> String {
    match reason {
        Reason::NoWorker => "no worker".to_owned(),
        Reason::NoTask => "no task".to_owned(),
        Reason::UnknownCode { code } => format!("unknown {code}"),
        Reason::BadLabel { .. } => "bad label".to_owned(),
        Reason::NotWanted { scanned, wanted } => {
            format!("{}, wanted {}", told_scanned(scanned), told_wanted(wanted))
        }
        Reason::WrongLocation { scanned, wanted } => format!("at {scanned}, wanted {wanted}"),
        Reason::WrongItem { scanned, wanted } => format!("item {scanned}, wanted {wanted}"),
        Reason::NotOnList { scanned } => format!("{scanned} not on list"),
        Reason::WrongLot { scanned, wanted } => format!("lot {scanned}, wanted {wanted}"),
        Reason::Expired { expiry } => format!("expired {expiry}"),
        Reason::LineFull { item } => format!("{item} full"),
        Reason::TooMany { item, quantity, open } => format!("{quantity} {item}, open {open}"),
        Reason::PlaceCounted { location } => format!("{location} counted already"),
        Reason::SerialRepeated { serial } => format!("serial {serial} repeated"),
        Reason::BadEntry { typed, wanted } => format!("entry \"{typed}\", wanted {}", told_wanted(wanted)),
        Reason::NothingToUndo => "nothing to undo".to_owned(),
        Reason::KeyUnused => "key unused".to_owned(),
        Reason::TaskWithdrawn { task } => format!("{task} withdrawn"),
        Reason::TaskDone { task } => format!("{task} done"),
    }
}

fn told_scanned(scanned: &Scanned) -> String {
    match scanned {
        Scanned::Location(location) => format!("place {location}"),
        Scanned::Item(item) => format!("item {item}"),
        Scanned::HandlingUnit(unit) => format!("unit {unit}"),
        Scanned::Badge => "badge".to_owned(),
        Scanned::Reference(reference) => format!("document {reference}"),
        Scanned::Text(text) => format!("text {text}"),
    }
}

fn told_wanted(wanted: &Wanted) -> String {
    match wanted {
        Wanted::AnyLocation => "a place".to_owned(),
        Wanted::Location(location) => location.to_string(),
        Wanted::AnyItem => "an item".to_owned(),
        Wanted::Item(item) => item.to_string(),
        Wanted::Tote => "a tote".to_owned(),
        Wanted::Quantity => "a number".to_owned(),
        Wanted::Lot => "a lot".to_owned(),
        Wanted::Date => "a date".to_owned(),
        Wanted::Serial => "a serial".to_owned(),
        Wanted::Answer => "an answer".to_owned(),
        Wanted::Done => "done".to_owned(),
    }
}

fn told_draft(draft: &Draft) -> String {
    let act = match draft.act {
        Act::LineClosed => "closed",
        Act::TaskClosed => "task closed",
        Act::LocationCounted => "place counted",
        other => other.word(),
    };
    let mut words = vec![act.to_owned()];
    words.extend(
        draft
            .reverses
            .map(|reverses| format!("#{} {}", reverses.seq, reverses.act.word())),
    );
    if let Some(goods) = &draft.goods {
        let item = goods
            .item
            .as_ref()
            .map_or_else(|| format!("?{}", goods.code), ToString::to_string);
        words.push(format!("{} {item}", goods.quantity));
        words.extend(goods.lot.iter().map(|lot| format!("lot {lot}")));
        words.extend(goods.expiry.iter().map(|expiry| format!("exp {expiry}")));
        words.extend(goods.serials.iter().map(|serial| format!("serial {serial}")));
        words.extend(goods.handling_unit.iter().map(|unit| format!("on {unit}")));
    }
    let place = |place: &Place| match place {
        Place::Location(location) => location.to_string(),
        Place::HandlingUnit(unit) => unit.to_string(),
        Place::Supplier => "supplier".to_owned(),
        Place::Customer => "customer".to_owned(),
    };
    words.extend(draft.from.iter().map(|from| format!("from {}", place(from))));
    words.extend(draft.to.iter().map(|to| format!("to {}", place(to))));
    words.extend(
        draft
            .work
            .as_ref()
            .and_then(|work| work.line)
            .map(|line| format!("line {line}")),
    );
    if let Some(report) = &draft.exception {
        words.push(report.code.word().to_owned());
        words.extend(report.quantity.map(|quantity| quantity.to_string()));
        words.extend(report.reason.clone());
    }
    words.join(" ")
}
