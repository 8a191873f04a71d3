//! The interface for devices and programs: version 1 of the messages in `floor::wire::v1`, as JSON over HTTP.
//!
//! | request | who may | does |
//! |---|---|---|
//! | `POST /v1/enrol` | who has a one-time code | gives a device its identity, or another key |
//! | `POST /v1/device/challenge` | anyone | gives something to sign |
//! | `POST /v1/device/token` | who signs it with a device's key | gives a token |
//! | `POST /v1/confirmations` | a device | takes a batch |
//! | `GET /v1/tasks?cursor=…&wait_ms=…` | a device | what changed; waits for a change where asked to |
//! | `GET /v1/stock?item=…` | a device | what is in stock of an item, in a location or in a handling unit |
//! | `GET /v1/pictures/{digest}` | a device | a picture of an item, as PNG |
//! | `GET /v1/device/cursor` | a device | where the hub stands with it |
//! | `POST /v1/device/epoch` | a device | a new epoch |
//! | `POST /v1/traces` | a device | keeps inputs of steps |
//! | `POST /v1/screen` | a device | keeps a picture of its screen that was asked for |
//! | `POST /v1/claims` | a device | leases on tasks, and work to take along |
//! | `POST /v1/claims/release` | a device | gives leases back |
//! | `POST /v1/numbers` | a device | leases numbers for handling units |
//! | `POST /v1/portals/neighbours` | a device | asks neighbouring portals of other devices what they heard |
//! | `POST /v1/portals/questions` | a device | waits for such questions |
//! | `POST /v1/portals/answers` | a device | answers one |
//! | `POST /v1/import/{kind}?site=…` | who has an API key of the site | takes a file, or a picture where the kind is `pictures` |
//! | `GET /v1/meta` | anyone | versions and limits |
//! | `GET /healthz` | anyone | 200 while the store answers and takes writes |
//! | `GET /metrics` | who has an API key, or is an administrator | figures for Prometheus |
//!
//! Answers that are no success are a `Problem`. 401: no token, a wrong one, or one that has ended. 403: not signed
//! as it has to be, or not allowed. 413: too large. 422: not understood.
//! 429 and 503 carry `Retry-After`; nothing of the request was stored.

mod caller;
mod claims;
mod content;
mod credentials;
mod devices;
mod files;
mod metrics;
mod numbers;
mod pictures;
mod portals;
mod problem;
mod stock;
mod tasks;
mod web;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};
use tower_http::compression::CompressionLayer;
use tower_http::decompression::RequestDecompressionLayer;
use tower_http::limit::RequestBodyLimitLayer;

use crate::Hub;
use crate::access::door;

pub(crate) use problem::ApiProblem;
pub(crate) use web::guard;

pub(crate) fn routes(hub: &Hub) -> Router {
    let limits = &hub.config().limits;
    let devices = Router::new()
        .route("/v1/enrol", post(credentials::enrol))
        .route("/v1/device/challenge", post(credentials::challenge))
        .route("/v1/device/token", post(credentials::token))
        .route("/v1/confirmations", post(devices::confirmations))
        .route("/v1/tasks", get(tasks::tasks))
        .route("/v1/stock", get(stock::stock))
        .route("/v1/pictures/{picture}", get(pictures::picture))
        .route("/v1/device/cursor", get(devices::cursor))
        .route("/v1/device/epoch", post(devices::epoch))
        .route("/v1/traces", post(devices::traces))
        .route("/v1/screen", post(devices::screen))
        .route("/v1/claims", post(claims::claim))
        .route("/v1/claims/release", post(claims::release))
        .route("/v1/numbers", post(numbers::lease))
        .route("/v1/portals/neighbours", post(portals::neighbours))
        .route("/v1/portals/questions", post(portals::questions))
        .route("/v1/portals/answers", post(portals::answers))
        .layer(RequestDecompressionLayer::new())
        .layer(axum::middleware::from_fn(content::count_packed))
        .layer(RequestBodyLimitLayer::new(limits.body_bytes_max))
        .layer(axum::middleware::map_response(too_large_as_problem));
    // Files come from programs that have shown a key: only what they unpack to is limited.
    let programs = Router::new()
        .route("/v1/import/{kind}", post(files::import))
        .route("/v1/meta", get(files::meta))
        .route("/healthz", get(files::health))
        .route("/metrics", get(metrics::metrics))
        .layer(RequestDecompressionLayer::new());
    devices
        .merge(programs)
        .layer(axum::middleware::from_fn_with_state(hub.clone(), door))
        .layer(DefaultBodyLimit::disable())
        .layer(CompressionLayer::new())
        .layer(axum::middleware::from_fn_with_state(hub.clone(), guard))
        .with_state(hub.clone())
}

/// The limit's own answer is plain text; programs get a `Problem` instead.
async fn too_large_as_problem(response: Response) -> Response {
    let is_json = response
        .headers()
        .get("content-type")
        .is_some_and(|kind| kind == "application/json");
    if response.status() == StatusCode::PAYLOAD_TOO_LARGE && !is_json {
        return ApiProblem::too_large().into();
    }
    response
}
