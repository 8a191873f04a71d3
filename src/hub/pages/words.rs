//! How figures, times and facts read.

use jiff::Timestamp;
use maud::{Markup, html};
use tallyman_floor::Quantity;
use tallyman_floor::wire::v1::{ConfirmationBody, PlaceBody};

use super::frame::Place;
use super::why;
use crate::ledger::views::Happening;

/// How long ago something was, with the moment itself for who looks closer.
pub(super) fn ago(then: Timestamp, now: Timestamp) -> Markup {
    let seconds = now.as_second().saturating_sub(then.as_second());
    let words = match seconds {
        ..=4 => "just now".to_owned(),
        5..=59 => format!("{seconds} s ago"),
        60..=3_599 => format!("{} min ago", seconds / 60),
        3_600..=86_399 => format!("{} h ago", seconds / 3_600),
        _ => format!("{} days ago", seconds / 86_400),
    };
    let exact = then.strftime("%Y-%m-%d %H:%M:%S UTC").to_string();
    html! { time datetime=(then.to_string()) title=(exact) { (words) } }
}

/// For how long something lasted: `40 s`, `12 min`, `3 h`, `2 days`.
pub(super) fn lasted(seconds: u64) -> String {
    match seconds {
        ..=59 => format!("{seconds} s"),
        60..=3_599 => format!("{} min", seconds / 60),
        3_600..=172_799 => format!("{} h", seconds / 3_600),
        _ => format!("{} days", seconds / 86_400),
    }
}

/// `1 line`, `7 lines`.
pub(super) fn count(number: u64, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

/// A quantity with its unit.
pub(super) fn amount(quantity: Quantity, unit: &str) -> Markup {
    html! { span.number { (quantity) } @if !unit.is_empty() { " " span.unit { (unit) } } }
}

/// What people call a kind of work.
pub(super) fn kind_of_work(kind: &str) -> &'static str {
    match kind {
        "receive" => "Receiving",
        "pick" => "Picking",
        _ => "Counting",
    }
}

/// What people call the state of a task.
pub(super) fn state_of_task(state: &str, lines_done: u64) -> (&'static str, &'static str) {
    match (state, lines_done) {
        ("done", _) => ("Done", "good"),
        ("cancelled", _) => ("Cancelled", "muted"),
        (_, 0) => ("Open", "plain"),
        _ => ("In work", "busy"),
    }
}

/// A bar that says how far something is.
pub(super) fn bar(done: u64, all: u64) -> Markup {
    html! {
        progress value=(done) max=(all.max(1)) { (done) " of " (all) }
    }
}

/// The newest facts, as a list of sentences.
pub(super) fn happenings(place: &Place, recent: &[Happening], now: Timestamp) -> Markup {
    html! {
        ol.feed {
            @for happening in recent {
                li.taken-back[happening.reversed] {
                    span.what { (sentence(place, happening)) }
                    span.by {
                        (happening.device_name) " · " (ago(happening.received, now))
                        @if happening.reversed { " · taken back" }
                        " · " a href=(why::address(place, &happening.device, happening.epoch, happening.seq)) { "why?" }
                    }
                }
            }
        }
    }
}

/// How sure the goods of a count are that were seen by their RFID tags; nothing of a barcode, which somebody had in hand.
fn seen_by_tags(body: &ConfirmationBody) -> Option<&'static str> {
    let raw = body.raw.as_ref().filter(|raw| raw.source == "rfid")?;
    let is_one = !raw.text.contains(' ');
    match (body.act.as_str(), is_one) {
        ("counted", true) => Some("by an RFID tag that is sure"),
        ("counted", false) => Some("by RFID tags that are sure"),
        ("reported", true) => Some("by an RFID tag"),
        ("reported", false) => Some("by RFID tags that are not sure"),
        _ => None,
    }
}

fn sentence(place: &Place, happening: &Happening) -> Markup {
    let Some(body) = &happening.body else {
        return html! { "Record " (happening.seq) " was set aside" };
    };
    let who = body
        .worker
        .as_deref()
        .map_or("Somebody", |badge| place.name_of(badge));
    let act = body
        .reverses
        .as_ref()
        .map_or(body.act.as_str(), |reverses| reverses.act.as_str());
    let verb = match act {
        "received" => "received",
        "picked" => "picked",
        "counted" => "counted",
        "location_counted" => "finished counting",
        "line_closed" => "closed a line",
        "task_closed" => "finished task",
        _ => "did something",
    };
    html! {
        b { (who) } " "
        @if body.act == "reversed" { "took back: " }
        (verb)
        @if let Some(goods) = &body.goods {
            " " (Quantity::from_micro(goods.quantity_micro)) " × "
            (goods.item.as_deref().unwrap_or(&goods.code))
        }
        (places(body, act))
        @if let Some(how) = seen_by_tags(body) { ", " (how) }
        @if let Some(task) = &body.task {
            (if act == "task_closed" { " " } else { " for " })
            span.code { (task) }
        }
    }
}

fn places(body: &ConfirmationBody, act: &str) -> Markup {
    let name = |place: &Option<PlaceBody>| match place {
        Some(PlaceBody::Location(name) | PlaceBody::HandlingUnit(name)) => Some(name.clone()),
        _ => None,
    };
    html! {
        @if let Some(from) = name(&body.from) {
            (if act == "line_closed" { " at " } else { " from " })
            span.code { (from) }
        }
        @if let Some(to) = name(&body.to) {
            (if matches!(act, "counted" | "location_counted") { " at " } else { " into " })
            span.code { (to) }
        }
    }
}
