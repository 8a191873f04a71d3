//! How far a count is covered: each location with how it stands, who counted it and when. What is left comes first, and the
//! whole can be printed.

use std::collections::HashMap;

use axum::extract::{OriginalUri, Path, Query, State};
use maud::{Markup, html};
use serde::Deserialize;

use super::answer::NoPage;
use super::counts::{kind_of_count, moment};
use super::frame::{Part, Place};
use super::tasks;
use super::words::count;
use crate::Hub;
use crate::access::table::Needs;
use crate::access::visitor::form_token;
use crate::ledger::inventory::{Cover, CoverRow, CoverState};

#[derive(Debug, Default, Deserialize)]
pub(super) struct Asked {
    state: Option<String>,
    zone: Option<String>,
}

pub(super) async fn page(
    State(hub): State<Hub>,
    Path((site, number)): Path<(String, i64)>,
    Query(asked): Query<Asked>,
    OriginalUri(address): OriginalUri,
) -> Result<Markup, NoPage> {
    let place = Place::find(&hub, &site).await?;
    hub.tend_counts(&site).await;
    let cover = hub.ledger().cover(site, number).await?.ok_or(NoPage::Missing)?;
    let fixed = html! {
        p.back { a href=(place.at("/counts")) { "← Counts" } }
        h1 { (cover.count.name) }
    };
    let live = html! {
        (about(&cover))
        (figures(&place, &cover))
        (lists(&place, &cover, &asked))
    };
    Ok(place.page(Part::Counts, &cover.count.name, &address, fixed, live))
}

fn about(cover: &Cover) -> Markup {
    let count = &cover.count;
    html! {
        section.card.about {
            dl {
                div { dt { "What" } dd { (kind_of_count(count)) ", " (count.what) } }
                div { dt { "Cut-off" } dd { (moment(count.cut_off)) } }
                div { dt { "Made" } dd { (moment(count.made)) @if !count.made_by.is_empty() { " by " (count.made_by) } } }
            }
        }
    }
}

/// What a state is called, and its tone.
const fn in_words(state: CoverState) -> (&'static str, &'static str) {
    match state {
        CoverState::Open => ("Open", "plain"),
        CoverState::Begun => ("Begun", "busy"),
        CoverState::NotReached => ("Not reached", "warn"),
        CoverState::LeftOut => ("Left out", "warn"),
        CoverState::Differs => ("Differs", "warn"),
        CoverState::Counted => ("Counted", "good"),
    }
}

fn figures(place: &Place, cover: &Cover) -> Markup {
    let zones = cover.zones();
    let mut all: HashMap<CoverState, u64> = HashMap::new();
    for (state, number) in zones.iter().flat_map(|(_, states)| states) {
        *all.entry(*state).or_default() += number;
    }
    html! {
        table.cover {
            thead { tr {
                th.grow { "Zone" } th.right { "Locations" }
                @for state in CoverState::ALL { th.right { (in_words(state).0) } }
            } }
            tbody {
                @for (zone, states) in &zones { (figures_of(place, cover, Some(zone), states)) }
                @if zones.len() > 1 { (figures_of(place, cover, None, &all)) }
            }
        }
    }
}

/// The figures of a zone, or of all.
fn figures_of(place: &Place, cover: &Cover, zone: Option<&str>, states: &HashMap<CoverState, u64>) -> Markup {
    let address = |state: CoverState| {
        let zone = zone.map_or_else(String::new, |zone| format!("&zone={}", tasks::in_address(zone)));
        place.at(&format!(
            "/counts/{}?state={}{zone}",
            cover.count.number,
            state.word()
        ))
    };
    html! {
        tr {
            td.strong { @match zone { Some("") => "without a zone", Some(zone) => (zone), None => "All" } }
            td.right.number { (states.values().sum::<u64>()) }
            @for state in CoverState::ALL {
                td.right.number {
                    @match states.get(&state) {
                        Some(number) => a href=(address(state)) { (number) },
                        None => "–",
                    }
                }
            }
        }
    }
}

fn lists(place: &Place, cover: &Cover, asked: &Asked) -> Markup {
    let state = CoverState::ALL
        .into_iter()
        .find(|state| asked.state.as_deref() == Some(state.word()));
    let in_zone = |row: &&CoverRow| asked.zone.as_ref().is_none_or(|zone| row.place.zone == *zone);
    let rows: Vec<&CoverRow> = cover.rows.iter().filter(in_zone).collect();
    if let Some(state) = state {
        let rows: Vec<&CoverRow> = rows.into_iter().filter(|row| row.state == state).collect();
        return html! {
            h2 { (in_words(state).0) @if let Some(zone) = &asked.zone { ", " (zone) } }
            p { a href=(place.at(&format!("/counts/{}", cover.count.number))) { "Show every location" } }
            (table(place, &rows))
        };
    }
    let left: Vec<&CoverRow> = rows.iter().copied().filter(|row| row.state.is_left()).collect();
    html! {
        @if left.is_empty() { p { "Nothing is left: every location was counted." } }
        @else {
            h2 { (count(left.len() as u64, "location is left", "locations are left")) }
            (again(place, &left))
            (table(place, &left))
        }
        h2 { "Every location" }
        (table(place, &rows))
    }
}

/// A form that has those counted which no open task counts any more.
fn again(place: &Place, left: &[&CoverRow]) -> Markup {
    let lost = left
        .iter()
        .filter(|row| matches!(row.state, CoverState::NotReached | CoverState::LeftOut));
    let lost: Vec<&str> = lost.map(|row| row.place.location.as_str()).collect();
    html! {
        @if !lost.is_empty() && place.may(Needs::Count) {
            form method="post" action=(place.at("/counts")) {
                (form_token())
                input type="hidden" name="kind" value="locations";
                input type="hidden" name="locations" value=(lost.join("\n"));
                button type="submit" { "Have " (count(lost.len() as u64, "location", "locations")) " counted that no open task counts" }
            }
        }
    }
}

fn table(place: &Place, rows: &[&CoverRow]) -> Markup {
    html! {
        table {
            thead { tr {
                th { "Location" } th { "Zone" } th { "State" } th.grow { "Counted by" } th { "When" } th.right { "Differences" } th { "Task" }
            } }
            tbody {
                @for row in rows {
                    @let (words, tone) = in_words(row.state);
                    tr {
                        td { span.code { (row.place.location) } @if !row.item.is_empty() { div.by { (row.item) } } }
                        td { (row.place.zone) }
                        td { span class={ "state " (tone) } { (words) } }
                        td { (place.name_of(&row.worker)) @if !row.device.is_empty() { div.by { (row.device) } } }
                        td { @if let Some(at) = row.counted { (moment(at)) } }
                        td.right.number { @if row.differences > 0 { (row.differences) } }
                        td { a href=(tasks::address_of(place, &row.task)) { (row.task) } }
                    }
                }
            }
        }
    }
}
