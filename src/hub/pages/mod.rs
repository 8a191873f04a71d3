//! The pages for people: plain HTML made on the server, kept current by server-sent events, readable without scripts.
//!
//! Each page is a function from rows of the ledger to markup. Its part `#live` is fetched again when the site changes
//! ([`events`]); everything a person types into stays outside of it. Every change is a form that is posted and answered
//! with a redirect. The pages are behind the access key, where one is set.

pub(crate) mod access;
mod answer;
mod assets;
mod devices;
mod events;
mod exceptions;
mod frame;
mod imports;
mod overview;
mod sign_in;
mod stock;
mod tasks;
mod words;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::{HeaderValue, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::{get, post};
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{NotForContentType, Predicate as _, SizeAbove};
use tower_http::set_header::SetResponseHeaderLayer;

use crate::Hub;
use crate::api::guard;

/// Nothing from elsewhere, no script or style in the text of a page, no page of ours inside another.
const CONTENT_SECURITY_POLICY: &str = "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; \
                                       object-src 'none'";

pub(crate) fn routes(hub: &Hub) -> Router {
    let behind_the_key = Router::new()
        .route("/", get(frame::first_site))
        .route("/site/{site}", get(overview::page))
        .route("/site/{site}/tasks", get(tasks::list))
        .route("/site/{site}/tasks/{task}", get(tasks::one))
        .route("/site/{site}/tasks/{task}/cancel", post(tasks::cancel))
        .route("/site/{site}/stock", get(stock::page))
        .route("/site/{site}/devices", get(devices::page).post(devices::add))
        .route("/site/{site}/devices/{device}/revoke", post(devices::revoke))
        .route("/site/{site}/devices/{device}/readmit", post(devices::readmit))
        .route(
            "/site/{site}/devices/{device}/enrol-again",
            post(devices::enrol_again),
        )
        .route("/site/{site}/exceptions", get(exceptions::page))
        .route("/site/{site}/exceptions/{exception}", post(exceptions::resolve))
        .route("/site/{site}/import", get(imports::page).post(imports::take))
        .route("/site/{site}/events", get(events::stream))
        .layer(from_fn_with_state(hub.clone(), ask_for_key));
    let open = Router::new()
        .route("/sign-in", get(sign_in::page).post(sign_in::take))
        .route("/sign-out", post(sign_in::end))
        .route("/assets/{name}", get(assets::serve));
    let header = |name, value| SetResponseHeaderLayer::if_not_present(name, HeaderValue::from_static(value));
    behind_the_key
        .merge(open)
        .fallback(frame::not_found)
        .layer(DefaultBodyLimit::max(hub.config().limits.unpacked_bytes_max))
        // A stream that is compressed is held back until there is enough of it.
        .layer(CompressionLayer::new().compress_when(SizeAbove::new(512).and(NotForContentType::SSE)))
        .layer(header(header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY))
        .layer(header(header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .layer(header(header::X_FRAME_OPTIONS, "DENY"))
        .layer(header(header::REFERRER_POLICY, "same-origin"))
        .layer(header(header::CACHE_CONTROL, "no-store"))
        .layer(from_fn_with_state(hub.clone(), guard))
        .with_state(hub.clone())
}

/// Sends whoever has not shown the key to where it is asked for.
async fn ask_for_key(State(hub): State<Hub>, request: Request, next: Next) -> Response {
    if access::may_see(&hub, request.headers()) {
        return next.run(request).await;
    }
    Redirect::to("/sign-in").into_response()
}
