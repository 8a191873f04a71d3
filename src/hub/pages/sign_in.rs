//! Signing in with the access key.

use axum::extract::{Form, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use maud::{Markup, html};
use serde::Deserialize;

use super::{access, frame};
use crate::Hub;

pub(super) async fn page(State(hub): State<Hub>, headers: HeaderMap) -> Response {
    if access::may_see(&hub, &headers) {
        return Redirect::to("/").into_response();
    }
    form(None).into_response()
}

#[derive(Deserialize)]
pub(super) struct Shown {
    key: String,
}

pub(super) async fn take(State(hub): State<Hub>, headers: HeaderMap, Form(shown): Form<Shown>) -> Response {
    if let Err(seconds) = hub.inner.tries.take(hub.inner.clock.now()) {
        let sentence = format!("There were too many tries. Try again in {seconds} s.");
        return (StatusCode::TOO_MANY_REQUESTS, form(Some(&sentence))).into_response();
    }
    if !access::is_key(&hub, &shown.key) {
        let sentence = "This is not the key. It stands under access_key in the hub's configuration.";
        return (StatusCode::FORBIDDEN, form(Some(sentence))).into_response();
    }
    // Behind a proxy that speaks TLS the cookie is for TLS alone.
    let is_secure = headers
        .get("x-forwarded-proto")
        .is_some_and(|scheme| scheme == "https");
    (
        [(header::SET_COOKIE, access::cookie(&hub, is_secure))],
        Redirect::to("/"),
    )
        .into_response()
}

pub(super) async fn end() -> Response {
    (
        [(header::SET_COOKIE, access::no_cookie())],
        Redirect::to("/sign-in"),
    )
        .into_response()
}

fn form(mistake: Option<&str>) -> Markup {
    let body = html! {
        section.card.sign-in {
            h1 { "Sign in" }
            @if let Some(mistake) = mistake { p.negative role="alert" { (mistake) } }
            form method="post" action="/sign-in" {
                label { "Access key" input type="password" name="key" autocomplete="current-password" required autofocus; }
                button type="submit" { "Sign in" }
            }
        }
    };
    frame::bare("Sign in", &body)
}
