//! Verdicts and facts as the right side of a row says them.

use crate::confirmation::{Act, Draft, Place, StockStatus};
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
        Where::Unit(unit) => format!("unit {unit}"),
        Where::Vehicle(vehicle) => format!("vehicle {vehicle}"),
        Where::Skipped => "skipped".to_owned(),
        Where::Kept(task) => format!("kept {task}"),
        Where::Back => "back".to_owned(),
        Where::Opening => "opening".to_owned(),
        Where::InHand { item, quantity } => format!("in hand {quantity} {item}"),
        Where::UnitInHand(unit) => format!("in hand {unit}"),
        Where::PutInto(Some(unit)) => format!("put into {unit}"),
        Where::PutInto(None) => "put into a new tote".to_owned(),
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
        Question::Exception { codes } => {
            let codes = codes.iter().map(|code| code.word()).collect::<Vec<_>>();
            format!("which exception {}", codes.join(" "))
        }
        Question::Reason { code, quantity, .. } => {
            let quantity = quantity.map_or_else(String::new, |quantity| format!(" {quantity}"));
            format!("why {}{quantity}", code.word())
        }
        Question::HowMuch { item, code, .. } => format!("how much {item} {}", code.word()),
        Question::Weight { item } => format!("weight of {item}"),
        Question::Observe { check, unit } => {
            let unit = unit
                .as_ref()
                .map_or_else(String::new, |unit| format!(" of {unit}"));
            format!("{}{unit}", check.word())
        }
        Question::Substitute { item, wanted } => format!("{item} for {wanted}"),
        Question::ShelfLife { item, expiry } => format!("shelf life of {item} {expiry}"),
        Question::Condition { item, conditions } => {
            format!("condition of {item}: {}", conditions.join(", "))
        }
        Question::State { item } => format!("state of {item}"),
        Question::StaleHolds { minutes } => match minutes {
            Some(minutes) => format!("holds of {minutes} min ago"),
            None => "holds of nobody knows when".to_owned(),
        },
        Question::LinkItem { code } => format!("item of {code}"),
        Question::LinkPack { code, item } => format!("how many {item} in {code}"),
        Question::Menu { entries } => {
            let entries = entries.iter().map(|entry| entry.word()).collect::<Vec<_>>();
            format!("menu {}", entries.join(" "))
        }
        Question::Pin { worker } => format!("pin of {worker}"),
        Question::Interrupt { task } => format!("change to {task}"),
        Question::Empty { location } => format!("is {location} empty"),
        Question::CountComplete { location } => format!("is {location} complete"),
        Question::EndTask { open_lines } => format!("end with {open_lines} open"),
        Question::Found { code } => format!("found {code}"),
        Question::TakeOver { task, holder, .. } => format!("take over {task} from {holder}"),
        Question::MaybeDone { line, holder } => format!("is line {line} done by {holder}"),
        Question::TwoInView { seen } => format!("two in view {}", seen.join(" ")),
        Question::WhichItem { code } => format!("which item {}", code.word()),
        Question::NewUnit => "new unit".to_owned(),
        Question::Begin { entry } => format!("begin {}", entry.word()),
        Question::LookUp => "what to look up".to_owned(),
        Question::TagMissing { item } => format!("is the tag of {item} missing"),
        Question::Unsure {
            location,
            tags,
            items,
        } => {
            let items = items.iter().map(|(item, count)| format!("{count} {item}"));
            let items = items.collect::<Vec<_>>().join(", ");
            format!("unsure of {tags} in {location}: {items}")
        }
        Question::Missing {
            location,
            pieces,
            more,
        } => {
            let serials = pieces
                .iter()
                .map(|piece| piece.serial.as_str())
                .collect::<Vec<_>>();
            format!("missing in {location}: {} + {more}", serials.join(" "))
        }
        Question::Locate { piece } => format!("is {} {} found", piece.item, piece.serial),
        Question::HandOver { code } => format!("hand over {code}"),
        Question::Figures => "figures".to_owned(),
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
        Reason::Blocked { item, lot, reason } => {
            let lot = lot.as_ref().map_or_else(String::new, |lot| format!(" lot {lot}"));
            format!("{item}{lot} blocked: {reason}")
        }
        Reason::MayNotRelease { item, lot, reason } => {
            let lot = lot.as_ref().map_or_else(String::new, |lot| format!(" lot {lot}"));
            format!("{item}{lot} may not be released: {reason}")
        }
        Reason::WrongUnit { scanned, wanted } => format!("unit {scanned}, wanted {wanted}"),
        Reason::UnitNotOnList { unit } => format!("unit {unit} not on list"),
        Reason::UnitDone { unit } => format!("unit {unit} done already"),
        Reason::WrongVehicle { scanned, wanted } => format!("vehicle {scanned}, wanted {wanted}"),
        Reason::WrongCheckDigits { location } => format!("check digits of {location}"),
        Reason::WrongPin => "wrong pin".to_owned(),
        Reason::CountedBefore { task } => format!("counted {task} before"),
        Reason::NoHandlingUnitNumber => "no number for a unit".to_owned(),
        Reason::CodeKnown { code, item } => format!("{code} is {item}"),
        Reason::HubUnreachable => "hub unreachable".to_owned(),
        Reason::PlaceCounted { location } => format!("{location} counted already"),
        Reason::CountedByTag { serial } => format!("serial {serial} counted by tag"),
        Reason::SerialRepeated { serial } => format!("serial {serial} repeated"),
        Reason::BadEntry { typed, wanted } => format!("entry \"{typed}\", wanted {}", told_wanted(wanted)),
        Reason::NothingToUndo => "nothing to undo".to_owned(),
        Reason::KeyUnused => "key unused".to_owned(),
        Reason::TaskWithdrawn { task } => format!("{task} withdrawn"),
        Reason::TaskDone { task } => format!("{task} done"),
        Reason::LinkableCode { code } => format!("unknown {code}, link it"),
        Reason::PlacesOpen { open_lines } => format!("{open_lines} places open"),
        Reason::PinRefused => "pin refused".to_owned(),
        Reason::WrongWay => "wrong way".to_owned(),
        Reason::HandOverUnreadable => "hand-over unreadable".to_owned(),
        Reason::HandOverUnknown => "hand-over unknown".to_owned(),
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
        Wanted::AnyUnit => "a unit".to_owned(),
        Wanted::HandlingUnit(unit) => format!("unit {unit}"),
        Wanted::Carton => "a carton".to_owned(),
        Wanted::Destination => "where it goes".to_owned(),
        Wanted::Vehicle(vehicle) => format!("vehicle {vehicle}"),
        Wanted::Weight => "a weight".to_owned(),
        Wanted::Check(check) => format!("a {}", check.word()),
        Wanted::Pin => "a pin".to_owned(),
        Wanted::Badge => "a badge".to_owned(),
        Wanted::Quantity => "a number".to_owned(),
        Wanted::Lot => "a lot".to_owned(),
        Wanted::Date => "a date".to_owned(),
        Wanted::Serial => "a serial".to_owned(),
        Wanted::Answer => "an answer".to_owned(),
        Wanted::Done => "done".to_owned(),
        Wanted::AnyPlace => "any place".to_owned(),
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
        words.extend(goods.weight.iter().map(|weight| format!("weighing {weight}")));
        words.extend(goods.handling_unit.iter().map(|unit| format!("on {unit}")));
        if goods.status != StockStatus::Available {
            words.push(goods.status.word().to_owned());
        }
    }
    let place = |place: &Place| match place {
        Place::Location(location) => location.to_string(),
        Place::HandlingUnit(unit) => unit.to_string(),
        Place::Vehicle(vehicle) => vehicle.clone(),
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
    if let Some(observation) = &draft.observed {
        words.push(format!("{} {}", observation.check.word(), observation.value));
    }
    if let Some(task) = &draft.started {
        words.push(format!("{} {}", task.kind.word(), task.reference));
    }
    words.extend(draft.pass.iter().map(|pass| format!("pass {}", pass.number)));
    if let Some(report) = &draft.exception {
        words.push(report.code.word().to_owned());
        words.extend(report.quantity.map(|quantity| quantity.to_string()));
        words.extend(report.reason.clone());
    }
    words.join(" ")
}
