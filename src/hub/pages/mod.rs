//! The pages for people: plain HTML made on the server, kept current by server-sent events, readable without scripts.
//!
//! Each page is a function from rows of the ledger to markup. Its part `#live` is fetched again when the site changes
//! ([`events`]); everything a person types into stays outside of it. Every change is a form that is posted and answered
//! with a redirect. Who may see which is not decided here but at the door, [`crate::access`]. Nothing of a page runs or is styled
//! in its text, and every form that changes something holds its session's token.

mod account;
mod answer;
mod api_keys;
mod assets;
mod audit;
mod counts;
mod cover;
mod devices;
mod events;
mod exceptions;
mod fields;
mod frame;
mod holds;
mod imports;
mod items;
mod overview;
mod people;
mod screens;
mod set_up;
mod sign_in;
mod stock;
mod symbol;
mod tasks;
mod why;
mod words;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::{HeaderValue, header};
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{NotForContentType, Predicate as _, SizeAbove};
use tower_http::set_header::SetResponseHeaderLayer;

pub(crate) use answer::{Shut, shut, sign_in_first};

use crate::Hub;
use crate::access::door;
use crate::api::guard;

/// Only what comes from this hub, no script or style in the text of a page, no page of ours inside another.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
                                       base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'";

/// Bytes of a form without a file: several times what any of ours holds.
const FORM_BYTES_MAX: usize = 64 << 10;

pub(crate) fn routes(hub: &Hub) -> Router {
    let of_sites = Router::new()
        .route("/site/{site}", get(overview::page))
        .route("/site/{site}/tasks", get(tasks::list))
        .route("/site/{site}/tasks/{task}", get(tasks::one))
        .route("/site/{site}/tasks/{task}/cancel", post(tasks::cancel))
        .route("/site/{site}/tasks/{task}/free", post(tasks::free))
        .route("/site/{site}/stock", get(stock::page))
        .route("/site/{site}/items", get(items::list))
        .route("/site/{site}/items/{item}", get(items::one))
        .route("/site/{site}/items/{item}/picture", post(items::put))
        .route("/site/{site}/items/{item}/picture/remove", post(items::remove))
        .route("/site/{site}/pictures/{picture}", get(items::png))
        .route("/site/{site}/holds", get(holds::page).post(holds::set))
        .route("/site/{site}/holds/release", post(holds::release))
        .route("/site/{site}/counts", get(counts::page).post(counts::make))
        .route("/site/{site}/counts/{count}", get(cover::page))
        .route("/site/{site}/devices", get(devices::page).post(devices::add))
        .route("/site/{site}/devices/{device}/revoke", post(devices::revoke))
        .route("/site/{site}/devices/{device}/readmit", post(devices::readmit))
        .route(
            "/site/{site}/devices/{device}/enrol-again",
            post(devices::enrol_again),
        )
        .route("/site/{site}/devices/{device}/approve", post(devices::approve))
        .route("/site/{site}/devices/{device}/refuse", post(devices::refuse))
        .route("/site/{site}/devices/{device}/screen", post(screens::ask))
        .route("/site/{site}/devices/{device}/screen/look", post(screens::look))
        .route("/site/{site}/set-up-codes", post(set_up::make))
        .route("/site/{site}/set-up-codes/{code}/end", post(set_up::end))
        .route(
            "/site/{site}/devices/{device}/confirmations/{epoch}/{seq}",
            get(why::page),
        )
        .route("/site/{site}/exceptions/{exception}/why", get(why::of_exception))
        .route("/site/{site}/exceptions", get(exceptions::page))
        .route("/site/{site}/exceptions/{exception}", post(exceptions::resolve))
        .route("/site/{site}/import", get(imports::page).post(imports::take))
        .route("/site/{site}/events", get(events::stream));
    let of_the_house = Router::new()
        .route("/people", get(people::page).post(people::add))
        .route("/people/{login}", get(people::one).post(people::change))
        .route("/people/{login}/password", post(people::set_password))
        .route("/people/{login}/pin", post(people::set_pin))
        .route("/people/{login}/sign-out", post(people::sign_out))
        .route("/api-keys", get(api_keys::page).post(api_keys::make))
        .route("/api-keys/{key}/end", post(api_keys::end))
        .route("/audit", get(audit::page))
        .route("/audit.csv", get(audit::export))
        .route("/account", get(account::page))
        .route("/account/password", post(account::set_password))
        .route("/account/sessions", post(account::end_sessions))
        .route("/sign-out", post(sign_in::end))
        .route("/sign-in", get(sign_in::page).post(sign_in::take))
        .route("/first-administrator", post(sign_in::first_administrator))
        .route("/", get(frame::start))
        .route("/assets/{name}", get(assets::serve))
        .layer(DefaultBodyLimit::max(FORM_BYTES_MAX));
    let header = |name, value| SetResponseHeaderLayer::if_not_present(name, HeaderValue::from_static(value));
    of_sites
        .merge(of_the_house)
        .fallback(frame::not_found)
        .layer(from_fn_with_state(hub.clone(), door))
        .layer(DefaultBodyLimit::max(hub.config().limits.unpacked_bytes_max))
        // A stream that is compressed is held back until there is enough of it.
        .layer(CompressionLayer::new().compress_when(SizeAbove::new(512).and(NotForContentType::SSE)))
        .layer(from_fn_with_state(hub.clone(), guard))
        .layer(header(header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY))
        .layer(header(header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .layer(header(header::X_FRAME_OPTIONS, "DENY"))
        .layer(header(header::REFERRER_POLICY, "same-origin"))
        .layer(header(header::CACHE_CONTROL, "no-store"))
        .with_state(hub.clone())
}
