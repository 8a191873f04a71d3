//! Devices: which there are, how they are, and how a new one is added.

use axum::extract::{Form, OriginalUri, Path, State};
use axum::response::Redirect;
use maud::{Markup, html};
use serde::Deserialize;

use super::answer::NoPage;
use super::frame::{Part, Place};
use super::words::{ago, count};
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

pub(super) async fn page(
    State(hub): State<Hub>,
    Path(site): Path<String>,
    OriginalUri(address): OriginalUri,
) -> Result<Markup, NoPage> {
    let place = Place::find(&hub, &site).await?;
    show(&hub, &place, &address, None).await
}

#[derive(Debug, Deserialize)]
pub(super) struct Wanted {
    name: String,
}

pub(super) async fn add(
    State(hub): State<Hub>,
    Path(site): Path<String>,
    OriginalUri(address): OriginalUri,
    Form(wanted): Form<Wanted>,
) -> Result<Markup, NoPage> {
    let place = Place::find(&hub, &site).await?;
    audit::amend(|note| note.subject.clone_from(&wanted.name));
    let code = hub.create_enrolment_code(&site, &wanted.name).await?;
    show(&hub, &place, &address, Some(&code)).await
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
) -> Result<Markup, NoPage> {
    let place = Place::find(&hub, &site).await?;
    let devices = hub.ledger().devices(site.clone()).await?;
    if !devices.iter().any(|known| known.device == device) {
        return Err(NoPage::Missing);
    }
    let code = hub.create_code_to_enrol_again(&site, &device).await?;
    show(&hub, &place, &address, Some(&code)).await
}

async fn show(
    hub: &Hub,
    place: &Place,
    address: &axum::http::Uri,
    code: Option<&str>,
) -> Result<Markup, NoPage> {
    let devices = hub.ledger().devices(place.site.site.clone()).await?;
    let fixed = html! {
        h1 { "Devices" }
        @if let Some(code) = code { (new_code(hub, code)) }
        @if place.may(Needs::Devices) {
            form.filters method="post" action=(place.at("/devices")) {
                (form_token())
                input type="text" name="name" placeholder="Name, as Dock 1 handheld" aria-label="Name" maxlength="60";
                button type="submit" { "Add a device" }
            }
        }
    };
    let live = html! {
        @if devices.is_empty() {
            section.empty { p { "No device belongs to this site yet. Name one above; its one-time code is shown once." } }
        }
        div.devices { @for device in &devices { (card(hub, place, device)) } }
    };
    Ok(place.page(Part::Devices, "Devices", address, fixed, live))
}

fn decisions(place: &Place, device: &Device) -> Markup {
    let at = |what: &str| place.at(&format!("/devices/{}/{what}", device.device));
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

fn new_code(hub: &Hub, code: &str) -> Markup {
    let minutes = hub.config().limits.enrolment_code_minutes;
    html! {
        section.card.code-card role="status" {
            h2 { "One-time code" }
            p.one-time { (code) }
            p {
                "On the device, write it as " code { "enrolment_code" } " under " code { "[hub]" }
                " in the agent's configuration, and start the agent."
            }
            p.by { "It works once, within " (count(minutes.into(), "minute", "minutes")) ", and is not shown again." }
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
                @if device.revoked.is_some() { span.state.warn { "Blocked" } }
                @else if !device.has_key { span.state.warn { "Has no key" } }
                @else if device.forked { span.state.warn { "Needs a new start" } }
                @else if away { span.state.muted { "Away" } }
                @else { span.state.good { "Here" } }
            }
            p.big {
                @if device.waiting == 0 { "Nothing waits" } @else { span.number { (device.waiting) } " waiting" }
            }
            dl {
                div { dt { "Last heard" } dd { (ago(device.contact, now)) } }
                @if !device.worker.is_empty() { div { dt { "Worker" } dd { (place.name_of(&device.worker)) } } }
                @if !device.task.is_empty() { div { dt { "Task" } dd { span.code { (device.task) } } } }
                div { dt { "At the hub" } dd { (device.applied_seq) ", " (device.stable_seq) " in a backup" } }
                div { dt { "Version" } dd { (device.version) } }
                @if off.abs() > CLOCK_OFF_SECONDS {
                    div { dt { "Clock" } dd.negative { (off.abs() / 60) " min " (if off > 0 { "slow" } else { "fast" }) } }
                }
            }
            @if device.scanners.is_empty() { p.by { "It reports no scanner." } }
            @for scanner in &device.scanners { p.by { (scanner) } }
            @if place.may(Needs::Devices) { (decisions(place, device)) }
            p.by.code { (device.device) @if device.epoch > 1 { ", epoch " (device.epoch) } }
        }
    }
}
