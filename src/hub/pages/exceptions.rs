//! Exceptions: what does not fit the plan, and the click that ends it.

use axum::extract::{Form, OriginalUri, Path, Query, State};
use axum::response::Redirect;
use jiff::Timestamp;
use maud::{Markup, html};
use serde::Deserialize;

use super::answer::NoPage;
use super::frame::{Part, Place};
use super::words::ago;
use crate::Hub;
use crate::access::visitor::form_token;
use crate::ledger::views::{EXCEPTIONS_SHOWN_MAX, Exception, ExceptionFilter};
use crate::ledger::{ExceptionKind, Resolution};

#[derive(Debug, Deserialize)]
pub(super) struct Asked {
    state: Option<String>,
    kind: Option<String>,
}

pub(super) async fn page(
    State(hub): State<Hub>,
    Path(site): Path<String>,
    Query(asked): Query<Asked>,
    OriginalUri(address): OriginalUri,
) -> Result<Markup, NoPage> {
    let place = Place::find(&hub, &site).await?;
    let given = |text: Option<String>| text.filter(|text| !text.is_empty());
    let kind = given(asked.kind);
    let state = given(asked.state).unwrap_or_else(|| "open".to_owned());
    let filter = ExceptionFilter {
        state: Some(state.clone()).filter(|state| state != "all"),
        kind: kind.clone(),
    };
    let exceptions = hub.ledger().exceptions(site, filter).await?;
    let fixed = html! { h1 { "Exceptions" } (filters(&place, &state, kind.as_deref())) };
    let live = html! {
        @if exceptions.is_empty() {
            section.empty {
                @if state == "open" { p { "Nothing waits for a decision. Everything that was done fits the plan." } }
                @else { p { "There is none of that." } }
            }
        }
        @for exception in &exceptions { (card(&place, exception, hub.now())) }
        @if exceptions.len() >= EXCEPTIONS_SHOWN_MAX {
            p.foot { "The newest " (EXCEPTIONS_SHOWN_MAX) " are shown." }
        }
    };
    Ok(place.page(Part::Exceptions, "Exceptions", &address, fixed, live))
}

fn filters(place: &Place, state: &str, kind: Option<&str>) -> Markup {
    html! {
        form.filters method="get" action=(place.at("/exceptions")) {
            select name="state" aria-label="state" {
                @for (value, words) in [("open", "Open"), ("resolved", "Resolved"), ("withdrawn", "Withdrawn"), ("all", "All")] {
                    option value=(value) selected[state == value] { (words) }
                }
            }
            select name="kind" aria-label="kind" {
                option value="" { "Every kind" }
                @for each in ExceptionKind::ALL {
                    option value=(each.word()) selected[kind == Some(each.word())] { (each.title()) }
                }
            }
            button type="submit" { "Show" }
        }
    }
}

fn card(place: &Place, exception: &Exception, now: Timestamp) -> Markup {
    let kind = ExceptionKind::from_word(&exception.kind);
    html! {
        article.card.exception {
            div.said {
                h2 { (kind.map_or(exception.kind.as_str(), |kind| kind.title())) (figures(kind, exception)) }
                p.subject { (subject(exception)) }
                p { (if exception.message.is_empty() { kind.map_or("", |kind| kind.sentence()) } else { exception.message.as_str() }) }
                p.by {
                    @if !exception.worker.is_empty() { (place.name_of(&exception.worker)) " on " }
                    (exception.device) " · " (ago(exception.raised, now))
                    @if !exception.task.is_empty() {
                        " · " (if exception.reference.is_empty() { &exception.task } else { &exception.reference })
                        @if let Some(line) = exception.line { ", line " (line) }
                    }
                    @if !exception.reason.is_empty() { " · reason: " (exception.reason) }
                }
            }
            @if exception.state == "open" { (decisions(place, exception, kind)) }
            @else { span.state.muted { (ending(exception)) } }
        }
    }
}

fn figures(kind: Option<ExceptionKind>, exception: &Exception) -> Markup {
    html! {
        @match (kind, exception.found, exception.wanted) {
            (Some(ExceptionKind::CountVariance), Some(found), Some(wanted)) => {
                span.figures-inline { "counted " b { (found) } ", book " b { (wanted) } }
            }
            (Some(ExceptionKind::Revoked), Some(found), _) => {
                span.figures-inline { b { (found) } " set aside" }
            }
            (Some(ExceptionKind::Short), Some(found), _) => span.figures-inline { b { (found) } " missing" },
            (Some(ExceptionKind::NegativeBin), Some(found), _) => span.figures-inline { "book " b { (found) } },
            (_, Some(found), Some(wanted)) => span.figures-inline { b { (found) } " instead of " b { (wanted) } },
            _ => {}
        }
    }
}

fn subject(exception: &Exception) -> Markup {
    let name = if exception.item_name.is_empty() {
        &exception.item
    } else {
        &exception.item_name
    };
    html! {
        @if !exception.item.is_empty() { span.strong { (name) } }
        @if !exception.lot.is_empty() { " lot " (exception.lot) }
        @if !exception.serial.is_empty() { " serial " (exception.serial) }
        @if !exception.location.is_empty() { " at " span.code { (exception.location) } }
    }
}

fn decisions(place: &Place, exception: &Exception, kind: Option<ExceptionKind>) -> Markup {
    let address = place.at(&format!("/exceptions/{}", exception.exception));
    html! {
        form.decisions method="post" action=(address) {
            (form_token())
            @if kind.is_some_and(ExceptionKind::can_release) {
                button type="submit" name="resolution" value=(Resolution::Release.word()) { "Post them all" }
                button.quiet type="submit" name="resolution" value=(Resolution::Noted.word()) { "Leave them out" }
            } @else if kind.is_some_and(ExceptionKind::can_accept_count) {
                button type="submit" name="resolution" value=(Resolution::AcceptCount.word()) { "Accept the count" }
                button.quiet type="submit" name="resolution" value=(Resolution::Noted.word()) { "Leave the book" }
            } @else {
                button.quiet type="submit" name="resolution" value=(Resolution::Noted.word()) { "Done" }
            }
        }
    }
}

fn ending(exception: &Exception) -> &'static str {
    match (
        exception.state.as_str(),
        Resolution::from_word(&exception.resolution),
    ) {
        ("withdrawn", _) => "Taken back by the worker",
        (_, Some(Resolution::AcceptCount)) => "Count accepted",
        (_, Some(Resolution::Release)) => "Records posted",
        _ => "Done",
    }
}

#[derive(Debug, Deserialize)]
pub(super) struct Decision {
    resolution: String,
}

pub(super) async fn resolve(
    State(hub): State<Hub>,
    Path((site, exception)): Path<(String, i64)>,
    Form(decision): Form<Decision>,
) -> Result<Redirect, NoPage> {
    let place = Place::find(&hub, &site).await?;
    let resolution = Resolution::from_word(&decision.resolution).ok_or(NoPage::Missing)?;
    // One that somebody else ended meanwhile is simply gone from the list.
    hub.ledger()
        .resolve(site.clone(), exception, resolution, hub.now())
        .await?;
    hub.changed(&site);
    Ok(Redirect::to(&place.at("/exceptions")))
}
