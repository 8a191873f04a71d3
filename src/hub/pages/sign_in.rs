//! Signing in, and making the first administrator.

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use maud::{Markup, html};

use super::answer::{NoPage, Shut, shut};
use super::fields::{Fields, line, new_password, told};
use super::frame;
use crate::Hub;
use crate::access::sign_in::{self, SignIn};
use crate::access::source::Source;
use crate::access::visitor::{self, Who};
use crate::access::{is_access_key, session};
use crate::ledger::audit;
use crate::ledger::people::PersonAnswer;
use crate::ledger::sessions::Which;

pub(super) async fn page(State(hub): State<Hub>) -> Result<Response, NoPage> {
    if !matches!(visitor::current().who, Who::Nobody) {
        return Ok(Redirect::to("/").into_response());
    }
    if hub.people_exist().await? {
        return Ok(form("", None).into_response());
    }
    Ok(first_form(&hub, &Fields::none(), None).into_response())
}

pub(super) async fn take(
    State(hub): State<Hub>,
    headers: HeaderMap,
    fields: Fields,
) -> Result<Response, NoPage> {
    let source = &visitor::current().source;
    let login = fields.get("login");
    let password = fields.get("password").to_owned();
    Ok(
        match sign_in::sign_in(&hub, login, password, source, browser(&headers)).await? {
            SignIn::Wrong => {
                let sentence = "The name or the password is wrong.";
                (StatusCode::FORBIDDEN, form(login, Some(sentence))).into_response()
            }
            SignIn::TooOften(seconds) => too_often(seconds, |sentence| form(login, Some(sentence))),
            answer => enter(&hub, source, answer, "/"),
        },
    )
}

fn browser(headers: &HeaderMap) -> &str {
    let named = headers
        .get(header::USER_AGENT)
        .and_then(|name| name.to_str().ok());
    named.unwrap_or_default()
}

/// Gives the browser its session.
fn enter(hub: &Hub, source: &Source, answer: SignIn, whereto: &str) -> Response {
    match answer {
        SignIn::Welcome(token) => {
            let cookie = token.cookie(hub, source);
            ([(header::SET_COOKIE, cookie)], Redirect::to(whereto)).into_response()
        }
        SignIn::Busy => shut(Shut::Busy),
        SignIn::Wrong | SignIn::TooOften(_) => Redirect::to("/sign-in").into_response(),
    }
}

fn too_often(seconds: u64, page: impl FnOnce(&str) -> Markup) -> Response {
    let sentence = format!("There were too many tries. Try again in {seconds} s.");
    let mut response = (StatusCode::TOO_MANY_REQUESTS, page(&sentence)).into_response();
    response
        .headers_mut()
        .insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    response
}

/// Whoever has the access key makes the first administrator; once there is one, the key does nothing here.
pub(super) async fn first_administrator(
    State(hub): State<Hub>,
    headers: HeaderMap,
    fields: Fields,
) -> Result<Response, NoPage> {
    let visitor = visitor::current();
    let (source, now) = (&visitor.source, hub.inner.clock.now());
    let is_open = matches!(visitor.who, Who::Anybody);
    let refuse = |status: StatusCode, sentence: &str| {
        Ok((status, first_form(&hub, &fields, Some(sentence))).into_response())
    };
    let limits = &hub.inner.sign_in_limits;
    let tried = limits
        .try_source(&source.counted, now)
        .and_then(|()| limits.try_name("", now));
    if let Err(seconds) = tried {
        return Ok(too_often(seconds, |sentence| {
            first_form(&hub, &fields, Some(sentence))
        }));
    }
    if hub.people_exist().await? {
        return Ok((
            StatusCode::FORBIDDEN,
            form("", Some(&PersonAnswer::NotFirst.to_string())),
        )
            .into_response());
    }
    if !is_open && !is_access_key(&hub, fields.get("key")) {
        let sentence = "This is not the access key. It stands under access_key in the hub's configuration.";
        return refuse(StatusCode::FORBIDDEN, sentence);
    }
    audit::amend(|note| note.actor = if is_open { "anybody" } else { "access-key" }.to_owned());
    let setting = match fields.first_administrator() {
        Ok(setting) => setting,
        Err(mistake) => return refuse(StatusCode::UNPROCESSABLE_ENTITY, &mistake.to_string()),
    };
    let password = match fields.new_password() {
        Ok(password) => password,
        Err(mistake) => return refuse(StatusCode::UNPROCESSABLE_ENTITY, mistake),
    };
    if let Err(mistake) = sign_in::check_password(&hub, password, &setting.login) {
        return refuse(StatusCode::UNPROCESSABLE_ENTITY, &mistake.to_string());
    }
    match sign_in::add_first(&hub, setting, password.to_owned(), source, browser(&headers)).await? {
        (PersonAnswer::Done | PersonAnswer::Unchanged, signed_in) => {
            Ok(enter(&hub, source, signed_in, "/people"))
        }
        (answer, _) => Ok((StatusCode::FORBIDDEN, form("", Some(&answer.to_string()))).into_response()),
    }
}

pub(super) async fn end(State(hub): State<Hub>) -> Result<Response, NoPage> {
    let visitor = visitor::current();
    if let (Some(person), Some(session)) = (visitor.person(), visitor.session) {
        let login = person.setting.login.clone();
        hub.ledger().end_sessions(login, Which::One(session)).await?;
    }
    let cookie = session::no_cookie(&visitor.source);
    Ok(([(header::SET_COOKIE, cookie)], Redirect::to("/sign-in")).into_response())
}

fn form(login: &str, mistake: Option<&str>) -> Markup {
    let body = html! {
        section.card.sign-in {
            h1 { "Sign in" }
            (told(mistake))
            form.fields method="post" action="/sign-in" {
                label { "Login name"
                    input type="text" name="login" value=(login) autocomplete="username" autocapitalize="none"
                        spellcheck="false" required autofocus[login.is_empty()];
                }
                label { "Password"
                    input type="password" name="password" autocomplete="current-password" required
                        autofocus[!login.is_empty()];
                }
                button type="submit" { "Sign in" }
            }
            p.by { "Forgotten? An administrator gives you another password." }
        }
    };
    frame::bare("Sign in", &body)
}

/// The form for the first administrator; the access key is asked for where there is one.
pub(super) fn first_form(hub: &Hub, typed: &Fields, mistake: Option<&str>) -> Markup {
    let body = first_card(hub, typed, mistake);
    frame::bare("The first administrator", &body)
}

/// The same, as a part of a page.
pub(super) fn first_card(hub: &Hub, typed: &Fields, mistake: Option<&str>) -> Markup {
    let characters = hub.config().people.password_characters_min;
    let asks_for_key = !hub.config().access_key.is_empty();
    html! {
        section.card.sign-in.first {
            h1 { "Make the first administrator" }
            p.by {
                "Nobody can sign in yet. From then on everybody has to"
                @if asks_for_key { ", and the access key opens nothing any more" }
                "."
            }
            (told(mistake))
            form.fields method="post" action="/first-administrator" {
                @if asks_for_key {
                    label { "Access key"
                        input type="password" name="key" autocomplete="off" required autofocus;
                        small { "It stands under access_key in the hub's configuration." }
                    }
                }
                (line("Your name", "name", typed.get("name"), ""))
                label { "Login name"
                    input type="text" name="login" value=(typed.get("login")) autocomplete="username"
                        autocapitalize="none" spellcheck="false" required;
                }
                (new_password(&format!("At least {characters} characters. Several words are easy to remember.")))
                button type="submit" { "Make the first administrator" }
            }
        }
    }
}
