//! Why something was accepted: a confirmation, the step that made it, and what these rules say of it.

use axum::extract::{OriginalUri, Path, State};
use axum::response::Redirect;
use maud::{Markup, html};
use tallyman_floor::trace::{Explained, RecordSays, Traced};

use super::answer::NoPage;
use super::frame::{Part, Place};
use crate::ledger::DeviceIdentity;
use crate::{Hub, explain};

/// The page of a confirmation.
pub(super) fn address(place: &Place, device: &str, epoch: u32, seq: u64) -> String {
    place.at(&format!("/devices/{device}/confirmations/{epoch}/{seq}"))
}

pub(super) async fn page(
    State(hub): State<Hub>,
    Path((site, device, epoch, seq)): Path<(String, String, u32, u64)>,
    OriginalUri(address): OriginalUri,
) -> Result<Markup, NoPage> {
    let place = Place::find(&hub, &site).await?;
    let identity = DeviceIdentity {
        site,
        device: device.clone(),
    };
    let traced = explain::confirmation(hub.ledger(), identity, epoch, seq).await?;
    let traced = traced.ok_or(NoPage::Missing)?;
    let fixed = html! {
        p.back { a href=(place.at("/tasks")) { "← Tasks" } }
        h1 { "Why was this accepted?" }
    };
    let live = html! {
        section.card.about {
            p.by { "Confirmation " (seq) " of epoch " (epoch) ", device " span.code { (device) } }
            (outcome(&traced))
            @if let Some(found) = &traced.found { (step(&found.explained)) }
            p.by {
                "On the hub's machine: " code { "tallyman explain --device " (device) " --epoch " (epoch) " --seq " (seq) }
            }
        }
    };
    Ok(place.page(Part::Tasks, "Why was this accepted?", &address, fixed, live))
}

/// From an exception to the confirmation behind it.
pub(super) async fn of_exception(
    State(hub): State<Hub>,
    Path((site, exception)): Path<(String, i64)>,
) -> Result<Redirect, NoPage> {
    let place = Place::find(&hub, &site).await?;
    let record = hub.ledger().record_of_exception(site, exception).await?;
    let (device, epoch, seq) = record.ok_or(NoPage::Missing)?;
    Ok(Redirect::to(&address(&place, &device.device, epoch, seq)))
}

fn outcome(traced: &Traced) -> Markup {
    let (tone, words) = match (traced.holds(), &traced.found, traced.says) {
        (true, _, _) => (
            "good",
            "Judged again by the rules of this hub, the step comes to the same verdict and makes this confirmation.",
        ),
        (false, None, _) => ("muted", "The step that made it is not in the trace that is kept."),
        (false, Some(_), RecordSays::Unknown) => ("muted", "The step cannot be judged again."),
        (false, Some(_), _) => (
            "warn",
            "Judged again by the rules of this hub, it comes out differently.",
        ),
    };
    html! { p { span class={ "state " (tone) } { (words) } } }
}

fn step(explained: &Explained) -> Markup {
    html! {
        dl {
            @for (what, text) in explained.lines() {
                div { dt { (title(what)) } dd { (text) } }
            }
        }
    }
}

fn title(what: &'static str) -> &'static str {
    match what {
        "when" => "When",
        "key" => "Key",
        "scanned" => "Scanned",
        "means" => "Means",
        "stood" => "Where the worker stood",
        "asked" => "Open question",
        "verdict" => "Verdict",
        "says" => "Screen",
        "makes" => "Makes",
        "replay" => "Judged again",
        what => what,
    }
}
