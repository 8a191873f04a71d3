//! Devices: which there are, how they are, and how a new one is added.

use axum::extract::{Form, OriginalUri, Path, State};
use axum::response::Redirect;
use maud::{Markup, html};
use serde::Deserialize;

use super::answer::NoPage;
use super::fields::Fields;
use super::frame::{Part, Place};
use super::screens;
use super::set_up::{self, Printed, Reached};
use super::words::{ago, lasted};
use crate::Hub;
use crate::access::table::Needs;
use crate::access::visitor::form_token;
use crate::ledger::DeviceIdentity;
use crate::ledger::audit;
use crate::ledger::views::Device;

/// Seconds without a word after which a device is shown as away. Devices say something every minute.
const AWAY_SECONDS: i64 = 180;

/// Seconds by which a device's clock may be wrong before it is shown.
const CLOCK_OFF_SECONDS: i64 = 120;

/// Below this a battery is shown as low.
const BATTERY_LOW_PERCENT: u8 = 20;

pub(super) async fn page(
    State(hub): State<Hub>,
    Path(site): Path<String>,
    OriginalUri(address): OriginalUri,
) -> Result<Markup, NoPage> {
    let place = Place::find(&hub, &site).await?;
    show(&hub, &place, &address, Shown::default()).await
}

#[derive(Debug, Deserialize)]
pub(super) struct Wanted {
    name: String,
}

pub(super) async fn add(
    State(hub): State<Hub>,
    Path(site): Path<String>,
    OriginalUri(address): OriginalUri,
    reached: Reached,
    Form(wanted): Form<Wanted>,
) -> Result<Markup, NoPage> {
    let place = Place::find(&hub, &site).await?;
    audit::amend(|note| note.subject.clone_from(&wanted.name));
    let code = hub.create_enrolment_code(&site, &wanted.name).await?;
    let printed = set_up::print(
        &hub,
        &place,
        &reached,
        Printed::for_one(&hub, &code, &wanted.name),
    );
    show(&hub, &place, &address, Shown::code(printed)).await
}

/// Lets a device in that enrolled with a code that asks for it.
pub(super) async fn approve(
    State(hub): State<Hub>,
    Path((site, device)): Path<(String, String)>,
) -> Result<Redirect, NoPage> {
    let place = Place::find(&hub, &site).await?;
    let from = DeviceIdentity {
        site: site.clone(),
        device,
    };
    if hub.ledger().approve_device(from.clone()).await? {
        tracing::info!(device = from.device, "a device was let in");
        hub.changed(&site);
    }
    Ok(Redirect::to(&place.at("/devices")))
}

/// Turns a device away that enrolled with a code that asks for approval.
pub(super) async fn refuse(
    State(hub): State<Hub>,
    Path((site, device)): Path<(String, String)>,
) -> Result<Redirect, NoPage> {
    let place = Place::find(&hub, &site).await?;
    let from = DeviceIdentity {
        site: site.clone(),
        device,
    };
    if hub.ledger().refuse_device(from.clone(), hub.now()).await? {
        tracing::info!(device = from.device, "a device was refused");
        hub.changed(&site);
    }
    Ok(Redirect::to(&place.at("/devices")))
}

/// Blocks a device: what it sends is set aside, and it is told nothing.
pub(super) async fn revoke(
    State(hub): State<Hub>,
    Path((site, device)): Path<(String, String)>,
) -> Result<Redirect, NoPage> {
    set_revoked(&hub, site, device, true).await
}

/// Lets a blocked device work again.
pub(super) async fn readmit(
    State(hub): State<Hub>,
    Path((site, device)): Path<(String, String)>,
) -> Result<Redirect, NoPage> {
    set_revoked(&hub, site, device, false).await
}

async fn set_revoked(hub: &Hub, site: String, device: String, revoked: bool) -> Result<Redirect, NoPage> {
    let place = Place::find(hub, &site).await?;
    let from = DeviceIdentity {
        site: site.clone(),
        device,
    };
    // One that is so already, or not of this site, stays as it is.
    if hub.ledger().set_revoked(from.clone(), revoked, hub.now()).await? {
        tracing::info!(
            device = from.device,
            revoked,
            "a device was blocked, or let work again"
        );
        hub.changed(&site);
    }
    Ok(Redirect::to(&place.at("/devices")))
}

/// A code with which a device that lost its key, or is blocked, works again.
pub(super) async fn enrol_again(
    State(hub): State<Hub>,
    Path((site, device)): Path<(String, String)>,
    OriginalUri(address): OriginalUri,
    reached: Reached,
) -> Result<Markup, NoPage> {
    let place = Place::find(&hub, &site).await?;
    let devices = hub.ledger().devices(site.clone()).await?;
    let Some(known) = devices.iter().find(|known| known.device == device) else {
        return Err(NoPage::Missing);
    };
    let code = hub.create_code_to_enrol_again(&site, &device).await?;
    let printed = set_up::print(&hub, &place, &reached, Printed::again(&hub, &code, &known.name));
    show(&hub, &place, &address, Shown::code(printed)).await
}

/// What stands above the devices.
#[derive(Default)]
pub(super) struct Shown<'a> {
    /// A code that was made now.
    pub(super) code: Option<Markup>,
    /// What was typed into the form for codes, and what is wrong with it.
    pub(super) mistake: Option<(&'a Fields, &'a str)>,
}

impl Shown<'_> {
    pub(super) fn code(code: Markup) -> Self {
        Self {
            code: Some(code),
            mistake: None,
        }
    }
}

pub(super) async fn show(
    hub: &Hub,
    place: &Place,
    address: &axum::http::Uri,
    shown: Shown<'_>,
) -> Result<Markup, NoPage> {
    let site = &place.site.site;
    let devices = hub.ledger().devices(site.clone()).await?;
    let (refused, present): (Vec<&Device>, Vec<&Device>) = devices
        .iter()
        .partition(|device| device.awaits.is_some() && device.revoked.is_some());
    let codes = if place.may(Needs::Devices) {
        hub.ledger().enrolment_codes(site.clone(), hub.now()).await?
    } else {
        Vec::new()
    };
    let fixed = html! {
        h1 { "Devices" }
        @if let Some(code) = &shown.code { (code) }
        @if place.may(Needs::Devices) {
            form.filters method="post" action=(place.at("/devices")) {
                (form_token())
                input type="text" name="name" placeholder="Name, as Dock 1 handheld" aria-label="Name" maxlength="60";
                button type="submit" { "Add a device" }
            }
            (set_up::form(hub, place, shown.mistake))
        }
    };
    let live = html! {
        (set_up::codes(hub, place, &codes))
        @if present.is_empty() {
            section.empty { p { "No device belongs to this site yet. Name one above; its one-time code is shown once." } }
        }
        div.devices { @for device in present { (card(hub, place, device)) } }
        (refused_ones(place, &refused))
    };
    Ok(place.page(Part::Devices, "Devices", address, fixed, live))
}

/// Those that were turned away: they belong to the site no more than a stranger.
fn refused_ones(place: &Place, refused: &[&Device]) -> Markup {
    html! {
        @if !refused.is_empty() && place.may(Needs::Devices) {
            details {
                summary { (refused.len()) " refused" }
                @for device in refused {
                    form method="post" action=(place.at(&format!("/devices/{}/approve", device.device))) {
                        (form_token())
                        p.by {
                            (device.name) " "
                            @if let Some(since) = device.revoked { (since.strftime("%Y-%m-%d %H:%M").to_string()) " UTC " }
                        }
                        button.quiet type="submit" { "Let it in after all" }
                    }
                }
            }
        }
    }
}

fn decisions(place: &Place, device: &Device) -> Markup {
    let at = |what: &str| place.at(&format!("/devices/{}/{what}", device.device));
    if let Some(since) = device.awaits {
        return html! {
            div.decisions {
                p.by {
                    "It has shown a set-up code, " (since.strftime("%Y-%m-%d %H:%M").to_string()) " UTC, and is told nothing until "
                    "somebody lets it in."
                }
                form method="post" action=(at("approve")) { (form_token()) button type="submit" { "Let it in" } }
                form method="post" action=(at("refuse")) { (form_token()) button.quiet type="submit" { "Refuse it" } }
            }
        };
    }
    html! {
        div.decisions {
            form method="post" action=(at("enrol-again")) {
                (form_token())
                button.quiet type="submit" { "Enrol this device again" }
            }
            @if let Some(since) = device.revoked {
                p.by {
                    "Blocked since " (since.strftime("%Y-%m-%d %H:%M").to_string())
                    ". What it sends is set aside under Exceptions, and it is given no work."
                }
                form method="post" action=(at("readmit")) { (form_token()) button type="submit" { "Let it work again" } }
            } @else {
                form method="post" action=(at("revoke")) { (form_token()) button.quiet type="submit" { "Block this device" } }
            }
        }
    }
}

fn card(hub: &Hub, place: &Place, device: &Device) -> Markup {
    let now = hub.now();
    let away = now.as_second().saturating_sub(device.contact.as_second()) > AWAY_SECONDS;
    let off = device.contact.as_second().saturating_sub(device.wall.as_second());
    html! {
        section.card.device {
            header {
                h2 { (device.name) }
                @if device.awaits.is_some() { span.state.warn { "Waits for you" } }
                @else if device.revoked.is_some() { span.state.warn { "Blocked" } }
                @else if !device.has_key { span.state.warn { "Has no key" } }
                @else if device.forked { span.state.warn { "Needs a new start" } }
                @else if away { span.state.muted { "Away" } }
                @else { span.state.good { "Here" } }
            }
            p.big {
                @if device.waiting == 0 { "Nothing waits" } @else { span.number { (device.waiting) } " waiting" }
                @if let Some(seconds) = device.oldest_seconds.filter(|_| device.waiting > 0) {
                    span.by { " the oldest for " (lasted(seconds)) }
                }
            }
            dl {
                div { dt { "Last heard" } dd { (ago(device.contact, now)) } }
                @if !device.worker.is_empty() { div { dt { "Worker" } dd { (place.name_of(&device.worker)) } } }
                @if !device.task.is_empty() { div { dt { "Task" } dd { span.code { (device.task) } } } }
                div { dt { "At the hub" } dd { (device.applied_seq) ", " (device.stable_seq) " in a backup" } }
                div { dt { "Version" } dd { (device.version) } }
                @if let Some(percent) = device.battery_percent {
                    div { dt { "Battery" } dd.negative[percent < BATTERY_LOW_PERCENT] { (percent) " %" } }
                }
                @if !device.profile.is_empty() { div { dt { "Profile" } dd { (device.profile) } } }
                @if off.abs() > CLOCK_OFF_SECONDS {
                    div { dt { "Clock" } dd.negative { (off.abs() / 60) " min " (if off > 0 { "slow" } else { "fast" }) } }
                }
            }
            @if device.scanners.is_empty() { p.by { "It reports no scanner." } }
            @for scanner in &device.scanners { p.by { (scanner) } }
            @if place.may(Needs::Devices) { (screens::part(hub, place, device)) (decisions(place, device)) }
            p.by.code { (device.device) @if device.epoch > 1 { ", epoch " (device.epoch) } }
        }
    }
}
