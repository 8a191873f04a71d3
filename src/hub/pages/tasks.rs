//! Tasks with their progress, and one task with its lines.

use axum::extract::{OriginalUri, Path, Query, State};
use axum::response::Redirect;
use jiff::Timestamp;
use maud::{Markup, html};
use serde::Deserialize;

use super::answer::NoPage;
use super::frame::{Part, Place};
use super::words::{ago, amount, bar, count, happenings, kind_of_work, state_of_task};
use crate::Hub;
use crate::access::table::Needs;
use crate::access::visitor::form_token;
use crate::ledger::claims::HeldClaim;
use crate::ledger::views::{LineView, PassView, TASKS_SHOWN_MAX, TaskDetail, TaskFilter, TaskSummary};

#[derive(Debug, Default, Deserialize)]
pub(super) struct Asked {
    kind: Option<String>,
    state: Option<String>,
    text: Option<String>,
}

pub(super) async fn list(
    State(hub): State<Hub>,
    Path(site): Path<String>,
    Query(asked): Query<Asked>,
    OriginalUri(address): OriginalUri,
) -> Result<Markup, NoPage> {
    let place = Place::find(&hub, &site).await?;
    let given = |text: &Option<String>| text.clone().filter(|text| !text.trim().is_empty());
    let filter = TaskFilter {
        kind: given(&asked.kind),
        state: given(&asked.state),
        text: given(&asked.text),
    };
    let tasks = hub.ledger().tasks(site, filter).await?;
    let fixed = html! { h1 { "Tasks" } (filters(&place, &asked)) };
    let live = html! {
        @if tasks.is_empty() { (nothing(&place, &asked)) } @else { (table(&place, &tasks, hub.now())) }
        @if tasks.len() >= TASKS_SHOWN_MAX {
            p.foot { "The first " (TASKS_SHOWN_MAX) " tasks are shown. Search for the others." }
        }
    };
    Ok(place.page(Part::Tasks, "Tasks", &address, fixed, live))
}

fn filters(place: &Place, asked: &Asked) -> Markup {
    let choice = |name: &str, chosen: &Option<String>, choices: &[(&str, &str)]| {
        html! {
            select name=(name) aria-label=(name) {
                @for (value, words) in choices {
                    option value=(value) selected[chosen.as_deref().unwrap_or_default() == *value] { (words) }
                }
            }
        }
    };
    html! {
        form.filters method="get" action=(place.at("/tasks")) {
            input type="search" name="text" placeholder="Reference or number" aria-label="Reference or number"
                value=(asked.text.as_deref().unwrap_or_default());
            (choice("kind", &asked.kind, &[("", "All work"), ("receive", "Receiving"), ("pick", "Picking"), ("count", "Counting")]))
            (choice("state", &asked.state, &[("", "Any state"), ("open", "Open"), ("done", "Done"), ("cancelled", "Cancelled")]))
            button type="submit" { "Show" }
        }
    }
}

fn nothing(place: &Place, asked: &Asked) -> Markup {
    let asked_for = [&asked.kind, &asked.state, &asked.text]
        .iter()
        .any(|text| text.as_ref().is_some_and(|t| !t.is_empty()));
    html! {
        section.empty {
            @if asked_for {
                p { "No task fits. " a href=(place.at("/tasks")) { "Show all tasks" } "." }
            } @else {
                p { "There are no tasks yet." }
                @if place.may(Needs::Import) { p { a.button href=(place.at("/import")) { "Import tasks" } } }
            }
        }
    }
}

fn table(place: &Place, tasks: &[TaskSummary], now: Timestamp) -> Markup {
    html! {
        table {
            thead { tr {
                th { "Task" } th { "Work" } th.grow { "Progress" } th.wide { "Where" } th.wide { "Who" } th { "State" }
            } }
            tbody {
                @for task in tasks {
                    tr {
                        td {
                            a.strong href=(address(place, task)) { (task.reference) }
                            @if task.reference != task.task { div.by { (task.task) } }
                        }
                        td { (kind_of_work(&task.kind)) }
                        td { (bar(task.lines_done, task.lines)) div.by { (task.lines_done) " of " (count(task.lines, "line", "lines")) } }
                        td.wide { (task.place) }
                        td.wide { (who(task, now)) }
                        td { (state(task)) @if task.exceptions > 0 { " " span.badge title="open exceptions" { (task.exceptions) } } }
                    }
                }
            }
        }
    }
}

/// Task numbers are free text: what means something in an address is written as its number.
fn address(place: &Place, task: &TaskSummary) -> String {
    address_of(place, &task.task)
}

/// The address of a task with this number.
pub(super) fn address_of(place: &Place, task: &str) -> String {
    place.at(&format!("/tasks/{}", in_address(task)))
}

/// A text as a part of an address.
pub(super) fn in_address(text: &str) -> String {
    let mut written = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            written.push(char::from(byte));
        } else {
            written.push_str(&format!("%{byte:02X}"));
        }
    }
    written
}

fn who(task: &TaskSummary, now: Timestamp) -> Markup {
    html! {
        @if let Some(claim) = &task.claim {
            (claim.device_name) @if !claim.worker.is_empty() { " (" (claim.worker) ")" }
            div.by { (lease(claim, now)) }
        } @else if !task.devices.is_empty() { (task.devices.join(", ")) } @else { (task.assigned_to) }
    }
}

/// How long somebody has a task, in words.
fn lease(claim: &HeldClaim, now: Timestamp) -> Markup {
    html! {
        @if claim.ahead { "taken along " } @else { "held since " }
        (ago(claim.since, now))
        @if !claim.lasts(now) { ", its lease has ended" }
        @else { ", for " (left(claim.until, now)) }
    }
}

fn left(until: Timestamp, now: Timestamp) -> String {
    let minutes = until.as_second().saturating_sub(now.as_second()).max(0) / 60;
    match minutes {
        0..=90 => format!("{minutes} min"),
        _ => format!("{} h", minutes / 60),
    }
}

fn state(task: &TaskSummary) -> Markup {
    let (words, tone) = state_of_task(&task.state, task.lines_done);
    html! { span class={ "state " (tone) } { (words) } }
}

pub(super) async fn one(
    State(hub): State<Hub>,
    Path((site, task)): Path<(String, String)>,
    OriginalUri(address): OriginalUri,
) -> Result<Markup, NoPage> {
    let place = Place::find(&hub, &site).await?;
    let detail = hub.ledger().task(site, task).await?.ok_or(NoPage::Missing)?;
    let summary = &detail.summary;
    let fixed = html! {
        p.back { a href=(place.at("/tasks")) { "← Tasks" } }
        h1 { (summary.reference) }
    };
    let live = html! {
        (about(&place, &detail, hub.now()))
        (lines(&detail))
        (passes(&detail.passes, hub.now()))
        section.card {
            h2 { "Latest" }
            @if detail.recent.is_empty() { p.empty { "Nobody has confirmed anything of this task yet." } }
            @else { (happenings(&place, &detail.recent, hub.now())) }
        }
    };
    Ok(place.page(Part::Tasks, &summary.reference, &address, fixed, live))
}

fn about(place: &Place, detail: &TaskDetail, now: Timestamp) -> Markup {
    let task = &detail.summary;
    html! {
        section.card.about {
            dl {
                div { dt { "State" } dd { (state(task)) } }
                div { dt { "Work" } dd { (kind_of_work(&task.kind)) } }
                div { dt { "Number" } dd { span.code { (task.task) } ", revision " (task.revision) } }
                @if !task.place.is_empty() { div { dt { "Where" } dd { (task.place) } } }
                @if !task.devices.is_empty() { div { dt { "Open on" } dd { (task.devices.join(", ")) } } }
                @if let Some(claim) = &task.claim {
                    div {
                        dt { "Held by" }
                        dd {
                            (claim.device_name) @if !claim.worker.is_empty() { " (" (claim.worker) ")" }
                            ", " (lease(claim, now)) "; last heard " (ago(claim.heard, now))
                        }
                    }
                }
                @for doubt in &detail.doubts {
                    div {
                        dt { "In doubt" }
                        dd {
                            (doubt.device_name) " may have done " (count(doubt.lines.len() as u64, "line", "lines"))
                            "; its records have not come"
                        }
                    }
                }
                @if !task.assigned_to.is_empty() { div { dt { "Meant for" } dd { (task.assigned_to) } } }
                @if task.exceptions > 0 {
                    div { dt { "Exceptions" } dd { a href=(place.at("/exceptions")) { (task.exceptions) " open" } } }
                }
            }
            (bar(task.lines_done, task.lines))
            p.by { (task.lines_done) " of " (count(task.lines, "line", "lines")) " done" }
            @if task.claim.is_some() {
                form method="post" action={ (address(place, task)) "/free" } {
                    (form_token())
                    button.quiet type="submit" title="Anybody may take it then. What the device did is still taken" { "Free it" }
                }
            }
            @if task.state == "open" {
                form method="post" action={ (address(place, task)) "/cancel" } {
                    (form_token())
                    button.quiet type="submit" title="What was done all the same is still taken" { "Cancel the task" }
                }
            }
        }
    }
}

fn lines(detail: &TaskDetail) -> Markup {
    let is_count = detail.summary.kind == "count";
    html! {
        table {
            thead { tr {
                th { "Line" } th.grow { (if is_count { "Location" } else { "Item" }) }
                @if !is_count { th { "Where" } }
                th.right { (if is_count { "Counted" } else { "Confirmed" }) }
                @if !is_count { th.right { "Expected" } }
                th { "State" }
            } }
            tbody {
                @for line in &detail.lines {
                    tr {
                        td.number { (line.number) }
                        @if is_count {
                            td { span.code { (line.location) } }
                        } @else {
                            td {
                                span.strong { (line.item_name) }
                                div.by {
                                    (line.item)
                                    @if !line.lot.is_empty() { " · lot " (line.lot) }
                                    @if !line.serial.is_empty() { " · serial number " (line.serial) }
                                    @if !line.handling_unit.is_empty() { " · on " (line.handling_unit) }
                                }
                            }
                            td { span.code { (line.location) } }
                        }
                        td.right { (amount(line.confirmed, &line.unit)) }
                        @if let Some(expected) = line.expected { td.right { (amount(expected, "")) } }
                        @else if !is_count { td.right { "–" } }
                        td { (line_state(line)) }
                    }
                }
            }
        }
    }
}

/// What came in through portals, and with which pass.
fn passes(passes: &[PassView], now: Timestamp) -> Markup {
    html! {
        @if !passes.is_empty() {
            section.card {
                h2 { "Through portals" }
                table {
                    thead { tr { th { "Portal" } th { "Pass" } th.right { "By tag" } th.right { "Not looked at" } th.wide { "When" } } }
                    tbody {
                        @for pass in passes {
                            tr {
                                td { span.strong { (pass.portal) } div.by { (pass.device_name) } }
                                td.number { (pass.number) }
                                td.right { (count(pass.tags, "tag", "tags")) }
                                td.right { @if pass.unsure > 0 { span.badge { (pass.unsure) } } @else { "–" } }
                                td.wide { (ago(pass.received, now)) }
                            }
                        }
                    }
                }
                p.foot { "What was not sure, or not announced, was scanned as ever: it is among the lines, and not here." }
            }
        }
    }
}

fn line_state(line: &LineView) -> Markup {
    let over = line.expected.is_some_and(|expected| line.confirmed > expected);
    let short = line.closed && line.expected.is_some_and(|expected| line.confirmed < expected);
    let (words, tone) = if over {
        ("Over", "warn")
    } else if short {
        ("Short", "warn")
    } else if line.is_done() {
        ("Done", "good")
    } else if line.confirmed.is_positive() {
        ("In work", "busy")
    } else {
        ("Open", "plain")
    };
    html! { span class={ "state " (tone) } { (words) } }
}

pub(super) async fn free(
    State(hub): State<Hub>,
    Path((site, task)): Path<(String, String)>,
) -> Result<Redirect, NoPage> {
    let place = Place::find(&hub, &site).await?;
    let detail = hub
        .ledger()
        .task(site.clone(), task.clone())
        .await?
        .ok_or(NoPage::Missing)?;
    hub.ledger().free_claim(site.clone(), task, hub.now()).await?;
    hub.changed(&site);
    Ok(Redirect::to(&address(&place, &detail.summary)))
}

pub(super) async fn cancel(
    State(hub): State<Hub>,
    Path((site, task)): Path<(String, String)>,
) -> Result<Redirect, NoPage> {
    let place = Place::find(&hub, &site).await?;
    let detail = hub
        .ledger()
        .task(site.clone(), task.clone())
        .await?
        .ok_or(NoPage::Missing)?;
    hub.ledger().cancel_task(site.clone(), task, hub.now()).await?;
    hub.changed(&site);
    Ok(Redirect::to(&address(&place, &detail.summary)))
}
