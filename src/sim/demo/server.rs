//! The demo's own small server: pages, pictures, changes as they happen, and what is clicked.
//!
//! It moves a scanner's trigger, so it answers only to this machine's own name and to its own pages.

use std::convert::Infallible;
use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use futures_util::{Stream, stream};
use maud::Markup;
use serde_json::{Map, Value, json};
use tallyman_agent::sound::{self, Cue};
use tokio::net::TcpListener;
use tokio::sync::broadcast::error::RecvError;
use tokio_util::sync::CancellationToken;

use crate::demo::desk::{Change, Desk};
use crate::demo::{Stage, page};
use crate::station::StationError;

const STYLE: &str = include_str!("assets/demo.css");
const SCRIPT: &str = include_str!("assets/demo.js");

/// Nothing from elsewhere, nothing inline.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
                      form-action 'none'; base-uri 'none'; frame-ancestors 'none'";

/// What the demo's script says who it is with. A page of another origin cannot send it unasked.
const OWN_HEADER: &str = "x-tallyman-demo";

/// Longest text that can be scanned: more than any barcode holds that a handheld reads.
const SCAN_BYTES_MAX: usize = 4_096;

/// Serves until stopped.
pub(super) async fn serve(
    listener: TcpListener,
    stage: Arc<Stage>,
    stop: CancellationToken,
) -> std::io::Result<()> {
    let routes = Router::new()
        .route("/", get(all))
        .route("/device/{name}", get(one))
        .route("/device/{name}/screen.png", get(picture))
        .route("/device/{name}/parts", get(parts))
        .route("/device/{name}/{act}", post(act))
        .route("/changes", get(changes))
        .route("/sound/{cue}", get(sound_of))
        // Browsers ask for one; the pages have none.
        .route("/favicon.ico", get(|| async { StatusCode::NO_CONTENT }))
        .route("/demo.css", get(|| async { asset("text/css", STYLE) }))
        .route("/demo.js", get(|| async { asset("text/javascript", SCRIPT) }))
        .layer(from_fn_with_state(Arc::clone(&stage), guard))
        .with_state(stage);
    axum::serve(listener, routes)
        .with_graceful_shutdown(stop.cancelled_owned())
        .await
}

/// Lets in only whoever asks for this machine by its own name, and lets nothing be done from other pages.
async fn guard(State(stage): State<Arc<Stage>>, request: Request, next: Next) -> Response {
    let port = stage.address.port();
    let is_own = |host: &str| host == format!("127.0.0.1:{port}") || host == format!("localhost:{port}");
    let host = request
        .headers()
        .get(header::HOST)
        .and_then(|host| host.to_str().ok());
    if !host.is_some_and(is_own) {
        return (
            StatusCode::FORBIDDEN,
            "Open the demo by the address that it printed.",
        )
            .into_response();
    }
    if request.method() != axum::http::Method::GET && !request.headers().contains_key(OWN_HEADER) {
        return (StatusCode::FORBIDDEN, "This is for the demo's own pages.").into_response();
    }
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

async fn all(State(stage): State<Arc<Stage>>) -> Markup {
    let desks: Vec<&Desk> = stage.desks.iter().map(AsRef::as_ref).collect();
    page::page(&stage, &desks)
}

async fn one(State(stage): State<Arc<Stage>>, Path(name): Path<String>) -> Result<Markup, StatusCode> {
    let desk = find(&stage, &name)?;
    Ok(page::page(&stage, &[desk.as_ref()]))
}

async fn picture(State(stage): State<Arc<Stage>>, Path(name): Path<String>) -> Result<Response, StatusCode> {
    let picture = find(&stage, &name)?.shown().picture;
    if picture.is_empty() {
        return Err(StatusCode::NOT_FOUND);
    }
    Ok((
        [(header::CONTENT_TYPE, "image/png")],
        Bytes::copy_from_slice(&picture),
    )
        .into_response())
}

/// The parts of a device's page that change, as HTML by name.
async fn parts(State(stage): State<Arc<Stage>>, Path(name): Path<String>) -> Result<Response, StatusCode> {
    let desk = find(&stage, &name)?;
    let shown = desk.shown();
    let parts: Map<String, Value> = page::PARTS
        .iter()
        .filter_map(|part| {
            Some((
                (*part).to_owned(),
                page::part(&stage, desk, part)?.into_string().into(),
            ))
        })
        .collect();
    let answer = json!({ "version": shown.version, "on": shown.is_on, "parts": parts });
    Ok(([(header::CONTENT_TYPE, "application/json")], answer.to_string()).into_response())
}

/// Something was clicked.
async fn act(
    State(stage): State<Arc<Stage>>,
    Path((name, act)): Path<(String, String)>,
    body: Bytes,
) -> Result<StatusCode, Response> {
    let desk = find(&stage, &name).map_err(IntoResponse::into_response)?;
    let bad = |why: &'static str| (StatusCode::BAD_REQUEST, why).into_response();
    if body.len() > SCAN_BYTES_MAX {
        return Err(bad("That is longer than any barcode."));
    }
    let text = std::str::from_utf8(&body).map_err(|_| bad("That is no text."))?;
    let done = match act.as_str() {
        "scan" if text.is_empty() => return Err(bad("There is nothing to scan.")),
        "scan" => desk.scan(text).await,
        "key" => desk.press(text).await,
        "battery" => desk.toggle_battery().await,
        "scanner" => desk.toggle_scanner().await,
        "drive" if desk.drive() => Ok(()),
        "network" => {
            desk.toggle_network().await;
            Ok(())
        }
        _ => return Err(StatusCode::NOT_FOUND.into_response()),
    };
    match done {
        Ok(()) => Ok(StatusCode::NO_CONTENT),
        Err(error) => Err((StatusCode::CONFLICT, told(&error)).into_response()),
    }
}

/// What a person reads when a click did nothing.
fn told(error: &StationError) -> String {
    match error {
        StationError::Off { .. } => "The battery is out: put it back first.".to_owned(),
        StationError::System { cause, .. } if cause.kind() == std::io::ErrorKind::NotConnected => {
            "The scanner is unplugged: plug it in first.".to_owned()
        }
        other => other.to_string(),
    }
}

/// Changes as they happen, until the browser leaves or the demo ends.
async fn changes(State(stage): State<Arc<Stage>>) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let listening = (stage.changes.subscribe(), stage.stop.clone());
    let events = stream::unfold(listening, |(mut changes, stop)| async move {
        let change = tokio::select! {
            () = stop.cancelled() => return None,
            change = changes.recv() => change,
        };
        let event = match change {
            Ok(Change::Shown { name, version }) => Event::default()
                .event("shown")
                .data(json!({ "device": name, "version": version }).to_string()),
            Ok(Change::Sounded { name, cue }) => Event::default()
                .event("sounded")
                .data(json!({ "device": name, "cue": cue }).to_string()),
            Err(RecvError::Lagged(_)) => Event::default().event("missed").data("{}"),
            Err(RecvError::Closed) => return None,
        };
        Some((Ok(event), (changes, stop)))
    });
    Sse::new(events).keep_alive(KeepAlive::default())
}

/// The device's own sounds.
async fn sound_of(Path(cue): Path<String>) -> Result<Response, StatusCode> {
    let word = cue.strip_suffix(".wav").unwrap_or_default();
    let cue = Cue::ALL
        .into_iter()
        .find(|cue| cue.word() == word)
        .ok_or(StatusCode::NOT_FOUND)?;
    Ok(([(header::CONTENT_TYPE, "audio/wav")], sound::wav(cue)).into_response())
}

fn asset(kind: &'static str, text: &'static str) -> (HeaderMap, &'static str) {
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    (headers, text)
}

fn find<'s>(stage: &'s Stage, name: &str) -> Result<&'s Arc<Desk>, StatusCode> {
    let found = stage.desks.iter().find(|desk| desk.seat.name == name);
    found.ok_or(StatusCode::NOT_FOUND)
}
