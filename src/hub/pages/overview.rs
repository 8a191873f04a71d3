//! The overview: what needs somebody, how far the work is, what just happened.

use axum::extract::{OriginalUri, Path, State};
use maud::{Markup, html};

use super::answer::NoPage;
use super::frame::{Part, Place};
use super::words::{ago, bar, count, happenings, kind_of_work};
use crate::Hub;
use crate::access::table::Needs;
use crate::ledger::views::{Overview, WorkSummary};
use crate::ledger::{ExceptionKind, Safekeeping};

pub(super) async fn page(
    State(hub): State<Hub>,
    Path(site): Path<String>,
    OriginalUri(address): OriginalUri,
) -> Result<Markup, NoPage> {
    let place = Place::find(&hub, &site).await?;
    let overview = hub.ledger().overview(site).await?;
    let fixed = html! { h1 { (place.site.name) } };
    let live = html! {
        @if place.may(Needs::Import) && (overview.items == 0 || overview.devices == 0) { (first_steps(&place, &overview)) }
        (figures(&place, &overview))
        (work(&place, &overview.work))
        div.columns {
            section.card {
                h2 { "Needs a decision" }
                (exceptions(&place, &overview))
            }
            section.card {
                h2 { "Latest" }
                @if overview.recent.is_empty() {
                    p.empty { "Nothing was confirmed yet. It shows here as soon as a device reports its first scan." }
                } @else {
                    (happenings(&place, &overview.recent, hub.now()))
                }
            }
        }
        (backup(&hub, &overview))
    };
    Ok(place.page(Part::Overview, "Overview", &address, fixed, live))
}

/// What a new site does next, until it has items and a device.
fn first_steps(place: &Place, overview: &Overview) -> Markup {
    let step = |done: bool, words: Markup| html! { li.done[done] { (words) } };
    html! {
        section.card.steps {
            h2 { "First steps" }
            ol {
                (step(overview.items > 0, html! { a href=(place.at("/import")) { "Import items and locations" } ", so that scans mean something." }))
                (step(!overview.work.is_empty(), html! { a href=(place.at("/import")) { "Import tasks" } ": receipts, picks or counts." }))
                (step(overview.devices > 0, html! { a href=(place.at("/devices")) { "Add a device" } " with a one-time code." }))
            }
        }
    }
}

fn figures(place: &Place, overview: &Overview) -> Markup {
    let open: u64 = overview.exceptions.iter().map(|(_, number)| number).sum();
    html! {
        div.figures {
            a.figure.alarm[open > 0] href=(place.at("/exceptions")) {
                strong { (open) } span { (if open == 1 { "exception waits" } else { "exceptions wait" }) }
            }
            a.figure href=(place.at("/devices")) {
                strong { (overview.waiting) } span { "waiting on " (count(overview.devices, "device", "devices")) }
            }
            div.figure { strong { (overview.confirmations) } span { "confirmations, each once" } }
        }
    }
}

fn work(place: &Place, work: &[WorkSummary]) -> Markup {
    html! {
        div.work {
            @for kind in work {
                a.card.kind href={ (place.at("/tasks")) "?kind=" (kind.kind) } {
                    h2 { (kind_of_work(&kind.kind)) }
                    p.big { span.number { (kind.lines_done) } " of " span.number { (kind.lines) } " lines" }
                    (bar(kind.lines_done, kind.lines))
                    p.by { (count(kind.tasks_open, "task open", "tasks open")) ", " (kind.tasks_done) " done" }
                }
            }
        }
    }
}

fn exceptions(place: &Place, overview: &Overview) -> Markup {
    html! {
        @if overview.exceptions.is_empty() {
            p.empty { "Nothing. Everything that was done fits the plan." }
        } @else {
            ul.kinds {
                @for (kind, number) in &overview.exceptions {
                    li {
                        a href={ (place.at("/exceptions")) "?kind=" (kind) } {
                            (ExceptionKind::from_word(kind).map_or(kind.as_str(), |kind| kind.title()))
                        }
                        span.badge { (number) }
                    }
                }
            }
        }
    }
}

fn backup(hub: &Hub, overview: &Overview) -> Markup {
    let minutes = hub.config().backups.interval_minutes.into();
    let last = overview.backup.map(|backup| ago(backup, hub.now()));
    html! {
        p.foot {
            @match (hub.ledger().safekeeping(), last) {
                (Safekeeping::Applied, _) => {
                    strong { "Backups are off. " }
                    "Devices may drop what this hub has applied. Switch them on under [backups] in the configuration."
                }
                (Safekeeping::Backups, Some(last)) => { "Last checked backup " (last) "." }
                (Safekeeping::Backups, None) => {
                    "No backup yet; the first one is made within " (count(minutes, "minute", "minutes")) "."
                }
                (Safekeeping::Command, Some(last)) => { "Last confirmed backup of the database " (last) "." }
                (Safekeeping::Command, None) => {
                    "No backup of the database was confirmed yet: devices keep all that they have. Run "
                    code { "tallyman backup --confirmed-by" } " after each."
                }
                (Safekeeping::Replicas, Some(last)) => { "Replicas held everything " (last) "." }
                (Safekeeping::Replicas, None) => { "No replica of the database holds anything yet." }
            }
        }
    }
}
