//! What every request passes: a hub that is open to everybody answers only to loopback names, and no other web page may
//! make a browser change something here.

use std::net::IpAddr;

use axum::extract::{Request, State};
use axum::http::uri::Authority;
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

use super::problem::ApiProblem;
use crate::Hub;
use crate::ledger::LedgerError;
use crate::source;

/// Lets a request through, or refuses it for where it comes from.
pub(crate) async fn guard(State(hub): State<Hub>, request: Request, next: Next) -> Response {
    let host = match request.uri().authority() {
        Some(authority) => authority.as_str(),
        None => request
            .headers()
            .get(header::HOST)
            .and_then(|host| host.to_str().ok())
            .unwrap_or_default(),
    };
    let over_tls = source::is_over_tls(hub.config(), request.headers(), request.extensions());
    let checked = match host_is_ours(&hub, host).await {
        Ok(true) => check_origin(host, over_tls, request.method(), request.headers()),
        Ok(false) => {
            let message =
                format!("This hub is not called {host:?}. Add the name to host_names in its configuration.");
            Err(ApiProblem::new(StatusCode::MISDIRECTED_REQUEST, "host", message))
        }
        Err(error) => Err(error.into()),
    };
    match checked {
        Ok(()) => next.run(request).await,
        Err(problem) => problem.into_response(),
    }
}

fn check_origin(host: &str, over_tls: bool, method: &Method, headers: &HeaderMap) -> Result<(), ApiProblem> {
    if method.is_safe() {
        return Ok(());
    }
    // Browsers say where a request comes from; programs do not.
    let origin = headers
        .get(header::ORIGIN)
        .map(|origin| origin.to_str().unwrap_or("null"));
    // A page that came without TLS may be somebody else's, under our name.
    let from_here = origin.is_none_or(|origin| {
        let parts = origin.split_once("://");
        parts.is_some_and(|(scheme, from)| from == host && (!over_tls || scheme == "https"))
    });
    let fetched = headers
        .get("sec-fetch-site")
        .map(|site| site.to_str().unwrap_or_default());
    if from_here && fetched.is_none_or(|site| matches!(site, "same-origin" | "none")) {
        return Ok(());
    }
    let message = "Another web page tried to change something here. Nothing was done.";
    Err(ApiProblem::new(StatusCode::FORBIDDEN, "origin", message))
}

/// With names configured, one of them; without names on a hub that is open to everybody, one of loopback's: a name that
/// an attacker points at 127.0.0.1 is none of them.
async fn host_is_ours(hub: &Hub, host: &str) -> Result<bool, LedgerError> {
    let name = match host.parse::<Authority>() {
        Ok(authority) => authority.host().to_ascii_lowercase(),
        // A request without a host comes from no browser.
        Err(_) => return Ok(host.is_empty()),
    };
    let config = hub.config();
    let address = name.trim_matches(['[', ']']).parse::<IpAddr>();
    let is_loopback = name == "localhost" || address.is_ok_and(|address| address.is_loopback());
    let listed = config
        .host_names
        .iter()
        .any(|listed| listed.eq_ignore_ascii_case(&name));
    if is_loopback || listed || !config.host_names.is_empty() {
        return Ok(is_loopback || listed);
    }
    Ok(!hub.is_open().await?)
}
