//! What a device's screen shows: asked for by an administrator, said on the screen, shown once.

use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Redirect, Response};
use maud::{Markup, html};

use super::answer::NoPage;
use super::frame::Place;
use super::words::ago;
use crate::Hub;
use crate::access::visitor::form_token;
use crate::ledger::DeviceIdentity;
use crate::ledger::views::{Device, ScreenState};

pub(super) async fn ask(
    State(hub): State<Hub>,
    Path((site, device)): Path<(String, String)>,
) -> Result<Redirect, NoPage> {
    let place = Place::find(&hub, &site).await?;
    let from = DeviceIdentity {
        site: site.clone(),
        device,
    };
    if !hub.ledger().ask_for_screen(from, hub.now()).await? {
        return Err(NoPage::Missing);
    }
    hub.changed(&site);
    Ok(Redirect::to(&place.at("/devices")))
}

/// The picture itself, which is gone from the hub with this answer.
pub(super) async fn look(
    State(hub): State<Hub>,
    Path((site, device)): Path<(String, String)>,
) -> Result<Response, NoPage> {
    Place::find(&hub, &site).await?;
    let from = DeviceIdentity {
        site: site.clone(),
        device,
    };
    let picture = hub.ledger().take_screen(from).await?.ok_or(NoPage::Missing)?;
    hub.changed(&site);
    Ok(([(header::CONTENT_TYPE, "image/png")], picture).into_response())
}

/// What stands on a device's card.
pub(super) fn part(hub: &Hub, place: &Place, device: &Device) -> Markup {
    let at = |what: &str| place.at(&format!("/devices/{}/{what}", device.device));
    let now = hub.now();
    html! {
        div.decisions {
            @match device.screen {
                ScreenState::None => {}
                ScreenState::Wanted(asked) => p.by { "Its screen was asked for " (ago(asked, now)) ", and comes when it next reports." },
                ScreenState::Taken(taken) => {
                    p.by { "Its screen of " (ago(taken, now)) " can be looked at once." }
                    form method="post" action=(at("screen/look")) target="_blank" {
                        (form_token())
                        button type="submit" { "Look at it" }
                    }
                }
                ScreenState::Seen(taken) => p.by { "Its screen of " (ago(taken, now)) " was looked at." },
            }
            @if !matches!(device.screen, ScreenState::Wanted(_)) && device.awaits.is_none() {
                form method="post" action=(at("screen")) { (form_token()) button.quiet type="submit" { "Ask for its screen" } }
            }
        }
    }
}
