//! The own account: what one may, another password, and where one is signed in.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use maud::{Markup, html};

use super::answer::{NoPage, Shut, shut};
use super::fields::{Fields, new_password, told};
use super::frame::{self, HousePart};
use super::people::{sites_shown, what_a_role_may};
use super::words::ago;
use crate::Hub;
use crate::access::password::Found;
use crate::access::session::{hex, lives};
use crate::access::sign_in;
use crate::access::visitor::{self, form_token};
use crate::ledger::people::PersonSetting;
use crate::ledger::sessions::{SessionView, Which};

/// The person whose account it is.
fn own() -> Result<PersonSetting, NoPage> {
    let visitor = visitor::current();
    visitor
        .person()
        .map(|person| person.setting.clone())
        .ok_or(NoPage::Missing)
}

pub(super) async fn page(State(hub): State<Hub>) -> Result<Markup, NoPage> {
    show(&hub, None).await
}

async fn show(hub: &Hub, mistake: Option<&str>) -> Result<Markup, NoPage> {
    let person = own()?;
    let known = hub.ledger().sites().await?;
    let sessions = hub.ledger().sessions(person.login.clone()).await?;
    let characters = hub.config().people.password_characters_min;
    let body = html! {
        h1 { (person.name) }
        section.card.about {
            dl {
                div { dt { "Login name" } dd { (person.login) } }
                div { dt { "Role" } dd { (person.role.title()) } }
                div { dt { "Sites" } dd { (sites_shown(&person.sites, &known)) } }
                @if !person.badge.is_empty() { div { dt { "Badge" } dd.code { (person.badge) } } }
            }
            p.by { (what_a_role_may(person.role)) }
        }
        div.columns.even {
            section.card {
                h2 { "Change the password" }
                (told(mistake))
                form.fields method="post" action="/account/password" {
                    (form_token())
                    input.unseen type="text" name="login" value=(person.login) autocomplete="username" tabindex="-1"
                        aria-hidden="true";
                    label { "Password until now"
                        input type="password" name="password" autocomplete="current-password" required;
                    }
                    (new_password(&format!("At least {characters} characters. Your other sessions end.")))
                    button type="submit" { "Change the password" }
                }
            }
            section.card {
                h2 { "Where you are signed in" }
                (sessions_shown(hub, &sessions))
            }
        }
    };
    Ok(frame::house(HousePart::Account, "Your account", &body))
}

fn sessions_shown(hub: &Hub, sessions: &[SessionView]) -> Markup {
    let own = visitor::current().session;
    let alive: Vec<&SessionView> = sessions
        .iter()
        .filter(|session| lives(hub, session.began, session.seen))
        .collect();
    html! {
        ul.sessions {
            @for session in &alive {
                li {
                    div {
                        span.strong { (browser_shown(&session.browser)) }
                        @if own == Some(session.token_hash) { " " span.state.good { "this one" } }
                        div.by {
                            @if !session.source.is_empty() { (session.source) " · " }
                            "since " (ago(session.began, hub.now())) " · used " (ago(session.seen, hub.now()))
                        }
                    }
                    form method="post" action="/account/sessions" {
                        (form_token())
                        button.quiet type="submit" name="session" value=(hex(&session.token_hash)) { "Sign out" }
                    }
                }
            }
        }
        @if alive.len() > 1 {
            form method="post" action="/account/sessions" {
                (form_token())
                button type="submit" name="session" value="others" { "Sign out everywhere else" }
            }
        }
    }
}

/// A browser as people know it: its name and its system, out of what it calls itself.
pub(super) fn browser_shown(agent: &str) -> String {
    let first = |names: &[(&str, &'static str)]| {
        let found = names.iter().find(|(mark, _)| agent.contains(mark));
        found.map(|(_, name)| *name)
    };
    let browser = first(&[
        ("Edg", "Edge"),
        ("OPR", "Opera"),
        ("Firefox", "Firefox"),
        ("Chrome", "Chrome"),
        ("Safari", "Safari"),
    ]);
    let system = first(&[
        ("Android", "Android"),
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Windows", "Windows"),
        ("Mac OS", "macOS"),
        ("Linux", "Linux"),
    ]);
    match (browser, system) {
        (Some(browser), Some(system)) => format!("{browser} on {system}"),
        (Some(browser), None) => browser.to_owned(),
        _ if agent.is_empty() => "A browser".to_owned(),
        _ => agent.chars().take(40).collect(),
    }
}

pub(super) async fn set_password(State(hub): State<Hub>, fields: Fields) -> Result<Response, NoPage> {
    let person = own()?;
    let visitor = visitor::current();
    let tried = hub
        .inner
        .sign_in_limits
        .try_source(&visitor.source.counted, hub.inner.clock.now());
    if let Err(seconds) = tried {
        let sentence = format!("There were too many tries. Try again in {seconds} s.");
        return refuse(&hub, StatusCode::TOO_MANY_REQUESTS, &sentence).await;
    }
    let new = match fields.new_password() {
        Ok(password) => password.to_owned(),
        Err(mistake) => return refuse(&hub, StatusCode::UNPROCESSABLE_ENTITY, mistake).await,
    };
    if let Err(mistake) = sign_in::check_password(&hub, &new, &person.login) {
        return refuse(&hub, StatusCode::UNPROCESSABLE_ENTITY, &mistake.to_string()).await;
    }
    let found = hub.ledger().person_at_door(person.login.clone()).await?;
    let stored = found.map(|found| found.password).unwrap_or_default();
    match hub
        .inner
        .hashing
        .verify(fields.get("password").to_owned(), stored)
        .await
    {
        Ok(Found::Right { .. }) => {}
        Ok(Found::Wrong) => {
            return refuse(
                &hub,
                StatusCode::FORBIDDEN,
                "The password until now is another one.",
            )
            .await;
        }
        Err(_) => return Ok(shut(Shut::Busy)),
    }
    let Ok(password) = sign_in::hash(&hub, new).await else {
        return Ok(shut(Shut::Busy));
    };
    hub.ledger()
        .set_password(person.login, password, visitor.session)
        .await?;
    Ok(Redirect::to("/account").into_response())
}

async fn refuse(hub: &Hub, status: StatusCode, sentence: &str) -> Result<Response, NoPage> {
    Ok((status, show(hub, Some(sentence)).await?).into_response())
}

pub(super) async fn end_sessions(State(hub): State<Hub>, fields: Fields) -> Result<Redirect, NoPage> {
    let person = own()?;
    let own_session = visitor::current().session.ok_or(NoPage::Missing)?;
    let which = match fields.get("session") {
        "others" => Which::But(own_session),
        one => Which::One(
            *blake3::Hash::from_hex(one)
                .map_err(|_| NoPage::Missing)?
                .as_bytes(),
        ),
    };
    hub.ledger().end_sessions(person.login, which).await?;
    Ok(Redirect::to("/account"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn browsers_are_named_as_people_know_them() {
        for (agent, wanted) in [
            (
                "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36",
                "Chrome on Linux",
            ),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/120.0 Safari/537.36 Edg/120.0",
                "Edge on Windows",
            ),
            (
                "Mozilla/5.0 (X11; Linux x86_64; rv:120.0) Gecko/20100101 Firefox/120.0",
                "Firefox on Linux",
            ),
            ("", "A browser"),
            ("curl/8", "curl/8"),
        ] {
            assert_eq!(browser_shown(agent), wanted);
        }
    }
}
