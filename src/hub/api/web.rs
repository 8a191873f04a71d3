//! What every request passes: a hub without an access key answers only to loopback names, and no other web page may
//! make a browser change something here.

use std::net::IpAddr;

use axum::extract::{Request, State};
use axum::http::uri::Authority;
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

use super::problem::ApiProblem;
use crate::Hub;

/// Lets a request through, or refuses it for where it comes from.
pub(crate) async fn guard(State(hub): State<Hub>, request: Request, next: Next) -> Response {
    match check(
        &hub,
        request.method(),
        request.uri().authority(),
        request.headers(),
    ) {
        Ok(()) => next.run(request).await,
        Err(problem) => problem.into_response(),
    }
}

fn check(
    hub: &Hub,
    method: &Method,
    target: Option<&Authority>,
    headers: &HeaderMap,
) -> Result<(), ApiProblem> {
    let host = match target {
        Some(authority) => authority.as_str(),
        None => headers
            .get(header::HOST)
            .and_then(|host| host.to_str().ok())
            .unwrap_or_default(),
    };
    if !host_is_ours(hub, host) {
        let message =
            format!("This hub is not called {host:?}. Add the name to host_names in its configuration.");
        return Err(ApiProblem::new(StatusCode::MISDIRECTED_REQUEST, "host", message));
    }
    if method.is_safe() {
        return Ok(());
    }
    // Browsers say where a request comes from; programs do not.
    let origin = headers
        .get(header::ORIGIN)
        .map(|origin| origin.to_str().unwrap_or("null"));
    let from_here =
        origin.is_none_or(|origin| origin.split_once("://").is_some_and(|(_, from)| from == host));
    let fetched = headers
        .get("sec-fetch-site")
        .map(|site| site.to_str().unwrap_or_default());
    if from_here && fetched.is_none_or(|site| matches!(site, "same-origin" | "none")) {
        return Ok(());
    }
    let message = "Another web page tried to change something here. Nothing was done.";
    Err(ApiProblem::new(StatusCode::FORBIDDEN, "origin", message))
}

/// With names configured, one of them; without names and without a key, one of loopback's: a name that an attacker
/// points at 127.0.0.1 is none of them.
fn host_is_ours(hub: &Hub, host: &str) -> bool {
    let name = match host.parse::<Authority>() {
        Ok(authority) => authority.host().to_ascii_lowercase(),
        // A request without a host comes from no browser.
        Err(_) => return host.is_empty(),
    };
    let config = hub.config();
    let address = name.trim_matches(['[', ']']).parse::<IpAddr>();
    let is_loopback = name == "localhost" || address.is_ok_and(|address| address.is_loopback());
    let listed = config
        .host_names
        .iter()
        .any(|listed| listed.eq_ignore_ascii_case(&name));
    let any_name = config.host_names.is_empty() && !config.access_key.is_empty();
    is_loopback || listed || any_name
}
