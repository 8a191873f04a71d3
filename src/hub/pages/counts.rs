//! Counts: what was made to be counted and how far it is, and the form with which a supervisor makes another one.

use axum::extract::{OriginalUri, Path, State};
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Redirect, Response};
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use maud::{Markup, html};

use super::answer::NoPage;
use super::fields::{Fields, line, told};
use super::frame::{Part, Place};
use super::words::{ago, bar, count};
use crate::Hub;
use crate::access::table::Needs;
use crate::access::visitor::{current, form_token};
use crate::ledger::audit;
use crate::ledger::inventory::{CountMade, CountOrder, CountScope, CountSummary, PLACES_PER_TASK, Zone};

/// Locations in a task at most, whatever is typed: what a device gets in one piece.
const PER_TASK_MAX: usize = 500;

/// Days that a cut-off may lie from now.
const CUT_OFF_DAYS_MAX: i64 = 366;

/// What can be made: the word in the form, and what it is called.
const KINDS: [(&str, &str); 5] = [
    ("locations", "Cycle count of locations"),
    ("zone", "Cycle count of a zone"),
    ("item", "Cycle count of an item, wherever it lies"),
    ("inventory_zone", "Physical inventory of a zone"),
    ("inventory", "Physical inventory of the whole site"),
];

pub(super) async fn page(
    State(hub): State<Hub>,
    Path(site): Path<String>,
    OriginalUri(address): OriginalUri,
) -> Result<Markup, NoPage> {
    let place = Place::find(&hub, &site).await?;
    show(&hub, &place, &address, &Fields::none(), None).await
}

async fn show(
    hub: &Hub,
    place: &Place,
    address: &Uri,
    typed: &Fields,
    mistake: Option<&str>,
) -> Result<Markup, NoPage> {
    let site = place.site.site.clone();
    let zones = hub.ledger().zones(site.clone()).await?;
    let made = hub.ledger().counts_made(site).await?;
    let fixed = html! {
        h1 { "Counts" }
        @if place.may(Needs::Count) { (form(place, &zones, typed, mistake)) }
    };
    let live = html! {
        @if made.is_empty() { section.empty { p { "No count was made here yet." } } }
        @else { (table(place, &made, hub.now())) }
    };
    Ok(place.page(Part::Counts, "Counts", address, fixed, live))
}

fn form(place: &Place, zones: &[Zone], typed: &Fields, mistake: Option<&str>) -> Markup {
    let chosen = |name: &'static str, value: &str| typed.get(name) == value;
    html! {
        details.card open[mistake.is_some()] {
            summary.strong { "Make a count" }
            (told(mistake))
            form.fields.two method="post" action=(place.at("/counts")) {
                (form_token())
                div {
                    label { "What"
                        select name="kind" {
                            @for (word, name) in KINDS { option value=(word) selected[chosen("kind", word)] { (name) } }
                        }
                    }
                    label { "Locations"
                        textarea name="locations" maxlength="20000" { (typed.get("locations")) }
                        small { "One beside the other or below. A-01* means all that begin so." }
                    }
                }
                div {
                    label { "Zone"
                        select name="zone" {
                            option value="" { "–" }
                            @for zone in zones.iter().filter(|zone| !zone.zone.is_empty()) {
                                option value=(zone.zone) selected[chosen("zone", &zone.zone)] {
                                    (zone.zone) ", " (count(zone.locations, "location", "locations"))
                                }
                            }
                        }
                    }
                    (line("Item", "item", typed.get("item"), "The article number."))
                    label { "Cut-off, UTC"
                        input type="datetime-local" name="cut_off" value=(typed.get("cut_off"));
                        small { "The moment the book is to be true for; now where empty." }
                    }
                    (line("Locations in a task", "per_task", typed.get("per_task"), &format!("{PLACES_PER_TASK} where empty.")))
                }
                button type="submit" { "Make the tasks" }
            }
        }
    }
}

fn table(place: &Place, made: &[CountSummary], now: Timestamp) -> Markup {
    html! {
        table {
            thead { tr { th { "Count" } th.grow { "Covered" } th { "Of" } th.wide { "Cut-off" } th.wide { "Made" } } }
            tbody {
                @for each in made {
                    tr {
                        td {
                            a.strong href=(place.at(&format!("/counts/{}", each.number))) { (each.name) }
                            div.by { (kind_of_count(each)) }
                        }
                        td { (bar(each.ended, each.locations)) div.by { (each.ended) " of " (count(each.locations, "location", "locations")) } }
                        td { (each.what) }
                        td.wide { (moment(each.cut_off)) }
                        td.wide { (ago(each.made, now)) @if !each.made_by.is_empty() { div.by { (each.made_by) } } }
                    }
                }
            }
        }
    }
}

pub(super) fn kind_of_count(count: &CountSummary) -> &'static str {
    if count.is_inventory {
        "physical inventory"
    } else {
        "cycle count"
    }
}

/// A moment in full, as it stands on paper.
pub(super) fn moment(at: Timestamp) -> Markup {
    html! { time datetime=(at.to_string()) { (at.strftime("%Y-%m-%d %H:%M UTC").to_string()) } }
}

pub(super) async fn make(
    State(hub): State<Hub>,
    Path(site): Path<String>,
    OriginalUri(address): OriginalUri,
    typed: Fields,
) -> Result<Response, NoPage> {
    let place = Place::find(&hub, &site).await?;
    let refuse = async |sentence: &str| {
        let page = show(&hub, &place, &address, &typed, Some(sentence)).await?;
        Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
    };
    let order = match order(&typed, hub.now()) {
        Ok(order) => order,
        Err(sentence) => return refuse(sentence).await,
    };
    audit::amend(|note| {
        note.subject = order.scope_word().to_owned();
        note.detail = order.scope.in_words();
    });
    match hub.ledger().make_count(site.clone(), order, hub.now()).await? {
        CountMade::Refused(sentence) => refuse(&sentence).await,
        CountMade::Made { number, .. } => {
            hub.changed(&site);
            Ok(Redirect::to(&place.at(&format!("/counts/{number}"))).into_response())
        }
    }
}

/// What the form says.
fn order(typed: &Fields, now: Timestamp) -> Result<CountOrder, &'static str> {
    let text = |name| typed.get(name).trim().to_owned();
    let needed = |name, sentence| Some(text(name)).filter(|text| !text.is_empty()).ok_or(sentence);
    let kind = typed.get("kind");
    let scope = match kind {
        "locations" => {
            let signs = |sign: char| sign.is_whitespace() || sign == ',' || sign == ';';
            let names = typed
                .get("locations")
                .split(signs)
                .filter(|name| !name.is_empty());
            let names: Vec<String> = names.map(str::to_owned).collect();
            if names.is_empty() {
                return Err("Say which locations are to be counted.");
            }
            CountScope::Locations(names)
        }
        "item" => CountScope::Item(needed("item", "Say which item is to be counted.")?),
        "zone" | "inventory_zone" => CountScope::Zone(needed("zone", "Say which zone is to be counted.")?),
        "inventory" => CountScope::Site,
        _ => return Err("Say what is to be counted."),
    };
    let per_task = match text("per_task").as_str() {
        "" => PLACES_PER_TASK,
        figures => figures
            .parse()
            .ok()
            .filter(|number| (1..=PER_TASK_MAX).contains(number))
            .ok_or("A task has 1 to 500 locations.")?,
    };
    Ok(CountOrder {
        scope,
        is_inventory: kind.starts_with("inventory"),
        cut_off: cut_off(&text("cut_off"), now)?,
        per_task,
        by: current()
            .person()
            .map_or_else(String::new, |person| person.setting.name.clone()),
    })
}

fn cut_off(text: &str, now: Timestamp) -> Result<Timestamp, &'static str> {
    if text.is_empty() {
        return Ok(now);
    }
    let at: DateTime = text
        .parse()
        .map_err(|_| "The cut-off is a day and a time, as 2026-11-30T06:00.")?;
    let at = TimeZone::UTC
        .to_timestamp(at)
        .map_err(|_| "There is no such cut-off.")?;
    let seconds = at.as_second().saturating_sub(now.as_second()).saturating_abs();
    if seconds > CUT_OFF_DAYS_MAX * 86_400 {
        return Err("The cut-off lies more than a year from now.");
    }
    Ok(at)
}
