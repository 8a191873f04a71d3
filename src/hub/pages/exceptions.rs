//! Exceptions: what does not fit the plan, and the click that ends it.

use axum::extract::{Form, OriginalUri, Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use jiff::Timestamp;
use maud::{Markup, html};
use serde::Deserialize;

use super::answer::NoPage;
use super::frame::{Part, Place, bare};
use super::words::ago;
use crate::Hub;
use crate::access::visitor::{current, form_token};
use crate::ledger::audit;
use crate::ledger::moments::Done;
use crate::ledger::resolution::choices;
use crate::ledger::views::{EXCEPTIONS_SHOWN_MAX, Exception, ExceptionFilter};
use crate::ledger::{Decided, Decision, ExceptionKind, Resolution};

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
    // A device that was waited for may have been heard of since.
    hub.tend_counts(&site).await;
    let given = |text: Option<String>| text.filter(|text| !text.is_empty());
    let kind = given(asked.kind);
    let state = given(asked.state).unwrap_or_else(|| "open".to_owned());
    let filter = ExceptionFilter {
        state: Some(state.clone()).filter(|state| state != "all"),
        kind: kind.clone(),
    };
    let exceptions = hub.ledger().exceptions(site.clone(), filter).await?;
    let numbers = exceptions.iter().map(|exception| exception.exception).collect();
    let done = hub.ledger().done(site, numbers).await?;
    let fixed = html! { h1 { "Exceptions" } (filters(&place, &state, kind.as_deref())) };
    let live = html! {
        @if exceptions.is_empty() {
            section.empty {
                @if state == "open" { p { "Nothing waits for a decision. Everything that was done fits the plan." } }
                @else { p { "There is none of that." } }
            }
        }
        @for exception in &exceptions { (card(&place, exception, done.get(&exception.exception), hub.now())) }
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

fn card(place: &Place, exception: &Exception, done: Option<&Done>, now: Timestamp) -> Markup {
    let kind = ExceptionKind::from_word(&exception.kind);
    html! {
        article.card.exception {
            div.said {
                h2 { (kind.map_or(exception.kind.as_str(), |kind| kind.title())) (figures(kind, exception)) }
                p.subject { (subject(exception)) }
                p { (if exception.message.is_empty() { kind.map_or("", |kind| kind.sentence()) } else { exception.message.as_str() }) }
                p.by {
                    @if !exception.worker.is_empty() { (place.name_of(&exception.worker)) " on " }
                    (exception.device) " · " (when(done, exception.raised, now))
                    @if !exception.task.is_empty() {
                        " · " (if exception.reference.is_empty() { &exception.task } else { &exception.reference })
                        @if let Some(line) = exception.line { ", line " (line) }
                    }
                    @if !exception.reason.is_empty() { " · reason: " (exception.reason) }
                    @if exception.has_record {
                        " · " a href=(place.at(&format!("/exceptions/{}/why", exception.exception))) { "why was this accepted?" }
                    }
                }
            }
            @if exception.state == "open" { (decisions(place, exception, kind)) }
            @else { span.state.muted { (ending(exception)) } }
        }
    }
}

/// A fact that is heard of within so many seconds was done just now.
const HEARD_AT_ONCE_SECONDS: i64 = 120;

/// When it was done, and when it was heard of where that is another time.
fn when(done: Option<&Done>, raised: Timestamp, now: Timestamp) -> Markup {
    let heard = ago(raised, now);
    let late = |at: Timestamp| raised.as_second() - at.as_second() > HEARD_AT_ONCE_SECONDS;
    match done {
        Some(Done::At(at)) if late(*at) => html! { "done " (ago(*at, now)) ", heard of " (heard) },
        Some(
            Done::Between {
                likely: Some(likely), ..
            }
            | Done::Before {
                likely: Some(likely), ..
            },
        ) if late(*likely) => html! { "done about " (ago(*likely, now)) ", heard of " (heard) },
        Some(Done::Between { earliest, latest, .. }) if late(*earliest) => {
            html! { "done between " (ago(*earliest, now)) " and " (ago(*latest, now)) ", heard of " (heard) }
        }
        _ => heard,
    }
}

fn figures(kind: Option<ExceptionKind>, exception: &Exception) -> Markup {
    html! {
        @match (kind, exception.found, exception.wanted) {
            (Some(ExceptionKind::CountVariance | ExceptionKind::CountOverlap | ExceptionKind::CountWaits), Some(found), Some(wanted)) => {
                span.figures-inline { "counted " b { (found) } ", book " b { (wanted) } }
            }
            (Some(ExceptionKind::Revoked), Some(found), _) => {
                span.figures-inline { b { (found) } " set aside" }
            }
            (Some(ExceptionKind::Short | ExceptionKind::WaitsForDevice), Some(found), _) => span.figures-inline { b { (found) } " missing" },
            (Some(ExceptionKind::CutOffCrossed), Some(found), _) => span.figures-inline { "movements " b { (found) } },
            (Some(ExceptionKind::CountReopened), Some(found), _) => span.figures-inline { "moved " b { (found) } },
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
    let Some(kind) = kind else { return html! {} };
    let choices = choices(kind, !exception.location.is_empty());
    let (named, plain): (Vec<Resolution>, Vec<Resolution>) =
        choices.iter().partition(|choice| choice.wants_name());
    html! {
        div.choices {
            @for choice in &named {
                form.decisions.named method="post" action=(address) {
                    (form_token())
                    input type="text" name="name" required maxlength="120" value=(proposed(kind, exception))
                        aria-label=(asked_name(kind)) placeholder=(asked_name(kind));
                    button type="submit" name="resolution" value=(choice.word()) { (choice.label(kind)) }
                }
            }
            form.decisions method="post" action=(address) {
                    (form_token())
                @for choice in &plain {
                    button.quiet[choices.first() != Some(choice) || *choice == Resolution::Noted] type="submit"
                        name="resolution" value=(choice.word()) { (choice.label(kind)) }
                }
            }
        }
    }
}

/// What an unknown name is asked for.
const fn asked_name(kind: ExceptionKind) -> &'static str {
    match kind {
        ExceptionKind::UnknownLocation => "Location in the list",
        ExceptionKind::UnknownTask => "Number of the task",
        _ => "Number of the item",
    }
}

/// What stands in the field already: the name itself, which may be in the list by now.
fn proposed(kind: ExceptionKind, exception: &Exception) -> &str {
    match kind {
        ExceptionKind::UnknownLocation => &exception.location,
        ExceptionKind::UnknownTask => &exception.task,
        // A code that no item has is no item's number.
        _ if exception.item.starts_with('?') => "",
        _ => &exception.item,
    }
}

fn ending(exception: &Exception) -> Markup {
    let resolution = Resolution::from_word(&exception.resolution);
    html! {
        @if exception.state == "withdrawn" { "Taken back by the worker" }
        @else {
            (resolution.map_or("Done", Resolution::ending))
            @if !exception.resolved_as.is_empty() { " as " (exception.resolved_as) }
            @if !exception.resolved_by.is_empty() { " · " (exception.resolved_by) }
        }
    }
}

/// A decision, for the audit trail.
fn in_words(decision: &Decision) -> String {
    let word = decision.resolution.word();
    match decision.name.as_str() {
        "" => word.to_owned(),
        name => format!("{word} {name}"),
    }
}

/// Who decides: the name of who is signed in.
fn decided_by() -> String {
    let visitor = current();
    let person = visitor.person();
    person.map_or_else(String::new, |person| person.setting.name.clone())
}

#[derive(Debug, Deserialize)]
pub(super) struct DecisionForm {
    resolution: String,
    #[serde(default)]
    name: String,
}

/// Characters of a name that is typed in.
const NAME_CHARACTERS_MAX: usize = 120;

pub(super) async fn resolve(
    State(hub): State<Hub>,
    Path((site, exception)): Path<(String, i64)>,
    Form(form): Form<DecisionForm>,
) -> Result<Response, NoPage> {
    let place = Place::find(&hub, &site).await?;
    let decision = Decision {
        resolution: Resolution::from_word(&form.resolution).ok_or(NoPage::Missing)?,
        name: form
            .name
            .trim()
            .chars()
            .filter(|character| !character.is_control())
            .take(NAME_CHARACTERS_MAX)
            .collect(),
        by: decided_by(),
    };
    audit::amend(|note| note.detail = in_words(&decision));
    let decided = hub
        .ledger()
        .decide(site.clone(), exception, decision, hub.now())
        .await?;
    hub.changed(&site);
    if let Decided::Refused(sentence) = decided {
        let body = html! {
            section.empty {
                h1 { "Not done" }
                p { (sentence) }
                p { a.button href=(place.at("/exceptions")) { "To the exceptions" } }
            }
        };
        return Ok((StatusCode::CONFLICT, bare("Not done", &body)).into_response());
    }
    // One that somebody else ended meanwhile is simply gone from the list.
    Ok(Redirect::to(&place.at("/exceptions")).into_response())
}
