//! Holds: what may not be used, and the forms with which a supervisor holds and releases. Devices hear of a change at once,
//! or when they next reach the hub.

use axum::extract::{OriginalUri, Path, State};
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Redirect, Response};
use maud::{Markup, html};

use super::answer::NoPage;
use super::fields::{Fields, line, told};
use super::frame::{Part, Place};
use super::words::{ago, count};
use crate::Hub;
use crate::access::table::Needs;
use crate::access::visitor::form_token;
use crate::ledger::lists::{Hold, HoldSetting, Holds};
use crate::ledger::{LedgerError, audit};

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
    let holds = hub.ledger().holds(place.site.site.clone()).await?;
    let fixed = html! {
        h1 { "Holds" }
        @if place.may(Needs::Hold) { (form(place, typed, mistake)) }
    };
    let live = html! {
        @if holds.holds.is_empty() {
            section.empty { p { "Nothing is on hold." } }
        } @else {
            (table(hub, place, &holds))
        }
        p.foot { "List " (holds.version) ", with " (count(holds.holds.len() as u64, "hold", "holds")) ". Devices say which list they have." }
    };
    Ok(place.page(Part::Holds, "Holds", address, fixed, live))
}

fn form(place: &Place, typed: &Fields, mistake: Option<&str>) -> Markup {
    html! {
        details.card open[mistake.is_some()] {
            summary.strong { "Put goods on hold" }
            (told(mistake))
            form.fields.two method="post" action=(place.at("/holds")) {
                (form_token())
                div {
                    (line("Item", "item", typed.get("item"), "The article number."))
                    (line("Lot", "lot", typed.get("lot"), "Empty for every lot."))
                }
                div { (line("Reason", "reason", typed.get("reason"), "As workers read it: recall 2026-14.")) }
                button type="submit" { "Hold" }
            }
        }
    }
}

fn table(hub: &Hub, place: &Place, holds: &Holds) -> Markup {
    html! {
        table {
            thead { tr { th.grow { "Item" } th { "Lot" } th { "Reason" } th.wide { "Since" } @if place.may(Needs::Hold) { th {} } } }
            tbody {
                @for hold in &holds.holds {
                    tr {
                        td {
                            @if hold.item_name.is_empty() { span.strong { (hold.setting.item) } div.by { "not in the item list" } }
                            @else { span.strong { (hold.item_name) } div.by { (hold.setting.item) } }
                        }
                        td { @if hold.setting.lot.is_empty() { "every lot" } @else { span.code { (hold.setting.lot) } } }
                        td { (hold.setting.reason) }
                        td.wide { (ago(hold.created, hub.now())) }
                        @if place.may(Needs::Hold) { td { (release_form(place, hold)) } }
                    }
                }
            }
        }
    }
}

fn release_form(place: &Place, hold: &Hold) -> Markup {
    html! {
        form method="post" action=(place.at("/holds/release")) {
            (form_token())
            input type="hidden" name="item" value=(hold.setting.item);
            input type="hidden" name="lot" value=(hold.setting.lot);
            button.quiet type="submit" { "Release" }
        }
    }
}

/// Characters of a reason, as in an import.
const REASON_CHARACTERS_MAX: usize = 60;

pub(super) async fn set(
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
    let hold = setting(&typed);
    audit::amend(|note| {
        note.subject = goods(&hold);
        note.detail.clone_from(&hold.reason);
    });
    if let Some(mistake) = mistake_in(&hub, &site, &hold).await? {
        return refuse(mistake).await;
    }
    match hub.ledger().set_hold(site.clone(), hold, hub.now()).await {
        Ok(_) => {}
        Err(full @ LedgerError::TooManyHolds) => return refuse(&full.to_string()).await,
        Err(error) => return Err(error.into()),
    }
    hub.changed(&site);
    Ok(Redirect::to(&place.at("/holds")).into_response())
}

fn setting(typed: &Fields) -> HoldSetting {
    let text = |name| typed.get(name).trim().to_owned();
    HoldSetting {
        item: text("item"),
        lot: text("lot"),
        reason: text("reason"),
    }
}

/// What is on hold, for the audit trail.
fn goods(hold: &HoldSetting) -> String {
    if hold.lot.is_empty() {
        hold.item.clone()
    } else {
        format!("{} lot {}", hold.item, hold.lot)
    }
}

/// What keeps goods from being put on hold so.
async fn mistake_in(hub: &Hub, site: &str, hold: &HoldSetting) -> Result<Option<&'static str>, NoPage> {
    let fits =
        |text: &str| text.chars().count() <= REASON_CHARACTERS_MAX && !text.chars().any(char::is_control);
    if hold.reason.is_empty() {
        return Ok(Some("Say why, so that workers can read it."));
    }
    if !fits(&hold.reason) || !fits(&hold.lot) {
        return Ok(Some("A lot and a reason have at most 60 characters."));
    }
    let names = hub.ledger().names(site.to_owned()).await?;
    Ok(match names.items.get(&hold.item) {
        None => Some("There is no such item in the item list. Type its article number."),
        Some(tracked) if !tracked.lot && !hold.lot.is_empty() => {
            Some("Lots of this item are not recorded. Leave the lot empty to hold all of it.")
        }
        Some(_) => None,
    })
}

pub(super) async fn release(
    State(hub): State<Hub>,
    Path(site): Path<String>,
    typed: Fields,
) -> Result<Redirect, NoPage> {
    let place = Place::find(&hub, &site).await?;
    let hold = setting(&typed);
    audit::amend(|note| note.subject = goods(&hold));
    // One that somebody else released meanwhile is simply gone from the list.
    hub.ledger()
        .release_hold(site.clone(), hold.item, hold.lot)
        .await?;
    hub.changed(&site);
    Ok(Redirect::to(&place.at("/holds")))
}
