//! Set-up codes: made for one device or for a group, printed once as a symbol, as a text to type and in words, and ended.

use axum::extract::{FromRequestParts, OriginalUri, Path, State};
use axum::http::request::Parts;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use jiff::{SignedDuration, Timestamp};
use maud::{Markup, html};
use tallyman_floor::wire::set_up::{SetUpCode, Wifi, in_groups, plain_code};
use tallyman_platform::device_key::{from_hex, to_hex};
use tallyman_platform::tls::Pin;

use super::answer::NoPage;
use super::devices::{self, Shown};
use super::fields::{Fields, line, told};
use super::frame::Place;
use super::symbol::symbol;
use super::words::count;
use crate::hub::GroupOrder;
use crate::ledger::audit;
use crate::ledger::views::SetUp;
use crate::{Hub, access::visitor::form_token, source};

/// Devices that may enrol with one code.
const DEVICES_MAX: u32 = 1_000;

/// Hours for which a code for a group may work: thirty days.
const HOURS_MAX: u32 = 720;

/// The address by which the browser reached the hub.
pub(super) struct Reached(String);

impl FromRequestParts<Hub> for Reached {
    type Rejection = NoPage;

    async fn from_request_parts(parts: &mut Parts, hub: &Hub) -> Result<Self, NoPage> {
        let host = match parts.uri.authority() {
            Some(authority) => authority.as_str(),
            None => {
                let host = parts.headers.get(header::HOST);
                host.and_then(|host| host.to_str().ok()).unwrap_or_default()
            }
        };
        let over_tls = source::is_over_tls(hub.config(), &parts.headers, &parts.extensions);
        let scheme = if over_tls { "https" } else { "http" };
        Ok(Self(format!("{scheme}://{host}")))
    }
}

/// A code that was made just now, and what is printed with it.
pub(super) struct Printed {
    code: String,
    title: String,
    devices_max: u32,
    approval: bool,
    profile: String,
    expires: Timestamp,
    wifi: Option<Wifi>,
}

impl Printed {
    fn until(hub: &Hub, code: &str, minutes: u32) -> Self {
        let valid = SignedDuration::from_mins(minutes.into());
        Self {
            code: code.to_owned(),
            title: String::new(),
            devices_max: 1,
            approval: false,
            profile: String::new(),
            expires: hub.now().saturating_add(valid).unwrap_or(Timestamp::MAX),
            wifi: None,
        }
    }

    /// For one new device.
    pub(super) fn for_one(hub: &Hub, code: &str, name: &str) -> Self {
        Self {
            title: name.trim().to_owned(),
            ..Self::until(hub, code, hub.config().limits.enrolment_code_minutes)
        }
    }

    /// For a device that is known.
    pub(super) fn again(hub: &Hub, code: &str, name: &str) -> Self {
        Self {
            title: format!("{name}, again"),
            ..Self::until(hub, code, hub.config().limits.enrolment_code_minutes)
        }
    }
}

/// The form for codes that are more than one device and a quarter of an hour.
pub(super) fn form(hub: &Hub, place: &Place, mistake: Option<(&Fields, &str)>) -> Markup {
    let none = Fields::none();
    let (typed, mistake) = mistake.map_or((&none, None), |(typed, mistake)| (typed, Some(mistake)));
    let or = |name: &'static str, usual: &'static str| match typed.get(name) {
        "" => usual.to_owned(),
        value => value.to_owned(),
    };
    let profiles = &hub.config().profiles;
    html! {
        details.card open[mistake.is_some()] {
            summary.strong { "Set up several devices, or with a profile or a wireless network" }
            (told(mistake))
            form.fields.two method="post" action=(place.at("/set-up-codes")) {
                (form_token())
                div {
                    (line("Name", "name", typed.get("name"), "Each gets a number behind it. Empty for the device's own name."))
                    (line("How many", "devices", &or("devices", "10"), "Devices that may be set up with this code."))
                    (line("For how many hours", "hours", &or("hours", "8"), "The code works until then, or until it is used up."))
                    label.tick {
                        input type="checkbox" name="approval" checked[typed.has("approval")];
                        "Each device waits until an administrator lets it in"
                    }
                }
                div {
                    @if !profiles.is_empty() {
                        label { "Profile"
                            select name="profile" {
                                option value="" { "None" }
                                @for profile in profiles {
                                    option value=(profile.name) selected[typed.get("profile") == profile.name] { (profile.name) }
                                }
                            }
                            small { "Language, sound, keys and scanners, as in the hub's configuration." }
                        }
                    }
                    (line("Wireless network", "wifi_name", typed.get("wifi_name"), "Its name (SSID). Empty for none."))
                    label { "Its password"
                        input type="password" name="wifi_password" autocomplete="off" maxlength="63";
                        small { "Only printed in the code: the hub does not keep it." }
                    }
                }
                button type="submit" { "Make a set-up code" }
            }
        }
    }
}

pub(super) async fn make(
    State(hub): State<Hub>,
    Path(site): Path<String>,
    OriginalUri(_): OriginalUri,
    reached: Reached,
    typed: Fields,
) -> Result<Response, NoPage> {
    let place = Place::find(&hub, &site).await?;
    let address = place.at("/devices").parse().map_err(|_| NoPage::Missing)?;
    let order = order(&hub, &typed);
    audit::amend(|note| note.subject = typed.get("name").trim().to_owned());
    let (group, wifi) = match order {
        Ok(order) => order,
        Err(mistake) => {
            audit::amend(|note| mistake.clone_into(&mut note.detail));
            let shown = Shown {
                code: None,
                mistake: Some((&typed, mistake)),
            };
            let page = devices::show(&hub, &place, &address, shown).await?;
            return Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response());
        }
    };
    let approval = if group.approval {
        ", each let in by hand"
    } else {
        ""
    };
    let detail = format!(
        "{}, {} h{approval}",
        devices_of(group.devices_max),
        group.minutes / 60
    );
    audit::amend(|note| note.detail = detail);
    let code = hub.create_group_code(&site, group.clone()).await?;
    let printed = Printed {
        title: group.name,
        devices_max: group.devices_max,
        approval: group.approval,
        profile: group.profile,
        wifi,
        ..Printed::until(&hub, &code, group.minutes)
    };
    let printed = print(&hub, &place, &reached, printed);
    let page = devices::show(&hub, &place, &address, Shown::code(printed)).await?;
    Ok(page.into_response())
}

fn order(hub: &Hub, typed: &Fields) -> Result<(GroupOrder, Option<Wifi>), &'static str> {
    let number = |name: &'static str, max: u32| {
        let number = typed.get(name).trim().parse::<u32>().ok();
        number.filter(|number| (1..=max).contains(number))
    };
    let profile = typed.get("profile").to_owned();
    if !profile.is_empty() && hub.profile(&profile).is_none() {
        return Err("There is no such profile in the hub's configuration any more.");
    }
    let wifi = match typed.get("wifi_name").trim() {
        "" => None,
        name => Some(Wifi {
            name: name.to_owned(),
            password: typed.get("wifi_password").to_owned(),
        }),
    };
    if wifi.as_ref().is_some_and(|wifi| !wifi.is_one()) {
        return Err(
            "A network's name has 1 to 32 characters, its password 8 to 63 (letters, digits and signs of ASCII).",
        );
    }
    let group = GroupOrder {
        name: typed.get("name").trim().to_owned(),
        devices_max: number("devices", DEVICES_MAX).ok_or("How many devices? From 1 to 1000.")?,
        minutes: number("hours", HOURS_MAX)
            .ok_or("For how many hours? From 1 to 720, which is thirty days.")?
            * 60,
        approval: typed.has("approval"),
        profile,
    };
    Ok((group, wifi))
}

pub(super) async fn end(
    State(hub): State<Hub>,
    Path((site, code)): Path<(String, String)>,
) -> Result<Redirect, NoPage> {
    let place = Place::find(&hub, &site).await?;
    let code_hash = from_hex::<32>(&code).ok_or(NoPage::Missing)?;
    // What people know it by, and not its whole hash.
    audit::amend(|note| note.subject = code.chars().take(8).collect());
    if hub
        .ledger()
        .end_enrolment_code(site.clone(), code_hash, hub.now())
        .await?
    {
        hub.changed(&site);
    }
    Ok(Redirect::to(&place.at("/devices")))
}

/// The codes that still work.
pub(super) fn codes(_: &Hub, place: &Place, codes: &[SetUp]) -> Markup {
    html! {
        @if !codes.is_empty() {
            table {
                thead { tr { th.grow { "Set-up codes that work" } th { "Used" } th.wide { "Until" } th {} } }
                tbody {
                    @for code in codes {
                        tr {
                            td {
                                span.strong { @if code.name.is_empty() { "For any device" } @else { (code.name) } }
                                div.by {
                                    @if !code.device.is_empty() { "again " span.code { (code.device) } " " }
                                    @if !code.profile.is_empty() { "profile " (code.profile) " " }
                                    @if code.approval { "each is let in by hand" }
                                }
                            }
                            td { (code.uses) " of " (code.uses_max) }
                            td.wide { (moment(code.expires)) }
                            td.right {
                                form method="post" action={ (place.at("/set-up-codes/")) (to_hex(&code.code_hash)) "/end" } {
                                    (form_token())
                                    button.quiet type="submit" { "End" }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// What is printed and put beside the devices: shown once, because the hub keeps only the code's hash.
pub(super) fn print(hub: &Hub, place: &Place, reached: &Reached, printed: Printed) -> Markup {
    let settings = &hub.config().set_up;
    let address = match settings.address.as_str() {
        "" => reached.0.clone(),
        configured => configured.to_owned(),
    };
    let pin = match settings.certificate_pin.as_str() {
        "none" => None,
        "auto" => hub.own_pin(),
        pin => pin.parse::<Pin>().ok(),
    };
    let code = SetUpCode {
        pin: pin
            .filter(|_| address.starts_with("https://"))
            .map(|pin| *pin.as_bytes()),
        address,
        code: plain_code(&printed.code),
        site: place.site.site.clone(),
        profile: printed.profile.clone(),
        wifi: printed.wifi.clone(),
    };
    let texts = code.to_text().and_then(|text| Ok((code.to_typed()?, text)));
    let symbol = texts.as_ref().ok().and_then(|(_, text)| symbol(text));
    html! {
        section.card.code-card.set-up role="status" {
            @if let Some(symbol) = &symbol { (symbol) }
            div {
                h2 { "Set-up code" @if !printed.title.is_empty() { ": " (printed.title) } }
                @match &texts {
                    Ok((typed, text)) => {
                        p { "Scan it on the first screen of a new device." }
                        p.by { "Or type it there, or with " code { "tallyman set-up" } ":" }
                        p.typed { (in_groups(typed)) }
                        details {
                            summary { "For a USB stick" }
                            p.by { "This line as the file " code { "tallyman-set-up.txt" } ":" }
                            p.typed { (text) }
                        }
                    }
                    Err(fault) => p.negative { (fault) ". Set " code { "[set_up] address" } " in the hub's configuration." }
                }
                (in_words(&code, &printed))
                p.by { "The one-time code alone, for a device that knows the hub (" code { "enrolment_code" } "):" }
                p.one-time { (printed.code) }
                p.by { "It is not shown again: print it now, or make another one." }
            }
        }
    }
}

fn in_words(code: &SetUpCode, printed: &Printed) -> Markup {
    html! {
        dl {
            div { dt { "Hub" } dd { (code.address) } }
            div { dt { "Site" } dd { (code.site) } }
            div { dt { "Certificate" } dd {
                @if let Some(pin) = code.pin { "only the key " span.code { (to_hex(&pin).chars().take(16).collect::<String>()) "…" } }
                @else if code.address.starts_with("https://") { "one that an authority vouches for" }
                @else { "none: not encrypted" }
            } }
            div { dt { "Works for" } dd { (devices_of(printed.devices_max)) } }
            div { dt { "Until" } dd { (moment(printed.expires)) } }
            @if printed.approval { div { dt { "Then" } dd { "an administrator lets each device in" } } }
            @if !printed.profile.is_empty() { div { dt { "Profile" } dd { (printed.profile) } } }
            @if let Some(wifi) = &printed.wifi {
                div { dt { "Wireless network" } dd { (wifi.name) @if wifi.password.is_empty() { ", open" } @else { ", with its password" } } }
            }
        }
    }
}

fn devices_of(number: u32) -> String {
    count(number.into(), "device", "devices")
}

fn moment(moment: Timestamp) -> String {
    moment.strftime("%Y-%m-%d %H:%M UTC").to_string()
}
