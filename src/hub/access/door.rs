//! The door: who asks, whether they may, whether a form is ours; and the row of the audit trail around what is done.

use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::extract::{
    Form, FromRequest as _, FromRequestParts as _, MatchedPath, Multipart, Query, RawPathParams,
};
use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use jiff::SignedDuration;

use super::session::{self, FORM_TOKEN, Token};
use super::source::Source;
use super::table::{self, Found, Needs, Row};
use super::visitor::{self, Visitor, Who};
use crate::Hub;
use crate::api::ApiProblem;
use crate::hub::hash_of_api_key;
use crate::ledger::LedgerError;
use crate::ledger::audit::{AuditNote, Outcome, Pending};
use crate::pages::{self, Shut};

/// What every API key begins with, so that one that leaked is recognised.
pub(crate) const API_KEY_MARK: &str = "tlk_";

/// The use of a key is noted this often: each note is a write.
const KEY_USE_NOTED_EVERY: SignedDuration = SignedDuration::from_secs(60);

/// Lets a request through, or says why not.
pub(crate) async fn door(State(hub): State<Hub>, request: Request, next: Next) -> Response {
    let Some(path) = request.extensions().get::<MatchedPath>().cloned() else {
        // There is no such route, and what says so needs nothing.
        return next.run(request).await;
    };
    let row = match table::find(request.method().as_str(), path.as_str()) {
        Found::Row(row) => row,
        Found::OtherMethod => return StatusCode::METHOD_NOT_ALLOWED.into_response(),
        Found::Nothing => {
            tracing::error!(
                path = path.as_str(),
                "this route has no row in the table of access"
            );
            return StatusCode::FORBIDDEN.into_response();
        }
    };
    let (mut parts, body) = request.into_parts();
    let source = Source::of(&parts, hub.config());
    let (visitor, whereto) = match arrive(&hub, row, &mut parts, source).await {
        Ok(arrived) => arrived,
        Err(error) => return unavailable(row, error),
    };
    let mut note = AuditNote::new(hub.now(), visitor.actor(), row.action);
    note.source.clone_from(&visitor.source.address);
    note.site = whereto.sites.first().cloned().unwrap_or_default();
    note.subject.clone_from(&whereto.subject);
    if !row.needs.is_met(&visitor, &whereto.sites) {
        return shut(&hub, row, &visitor, &parts, note).await;
    }
    let request = if is_to_be_ours(row, &visitor) {
        match checked_form(&hub, &visitor, parts, body).await {
            Ok(request) => request,
            Err(shut) => {
                note.detail = "the form was not this session's".to_owned();
                refused(&hub, note).await;
                return pages::shut(shut);
            }
        }
    } else {
        Request::from_parts(parts, body)
    };
    let visitor = Arc::new(visitor);
    if row.action.is_empty() {
        return visitor::serving(visitor, next.run(request)).await;
    }
    let pending = Pending::new(note);
    let response = visitor::serving(visitor, pending.around(next.run(request))).await;
    if let Some(note) = pending.unwritten() {
        settle(&hub, note, response.status()).await;
    }
    response
}

/// Where a request goes: the sites it is about, and what of them.
#[derive(Debug, Default)]
struct Whereto {
    sites: Vec<String>,
    subject: String,
}

async fn arrive(
    hub: &Hub,
    row: &Row,
    parts: &mut Parts,
    source: Source,
) -> Result<(Visitor, Whereto), LedgerError> {
    let whereto = whereto(hub, row, parts).await;
    let visitor = match row.needs {
        Needs::Integrate => program(hub, parts, source).await?,
        Needs::Metrics if bearer(parts).is_some() => program(hub, parts, source).await?,
        Needs::DeviceToken => Visitor::new(Who::Nobody, source),
        Needs::Nothing if row.is_for_programs() || row.is_asset() => Visitor::new(Who::Nobody, source),
        _ => person(hub, parts, source).await?,
    };
    Ok((visitor, whereto))
}

async fn whereto(hub: &Hub, row: &Row, parts: &mut Parts) -> Whereto {
    let mut whereto = Whereto::default();
    if let Ok(given) = RawPathParams::from_request_parts(parts, &()).await {
        for (name, value) in &given {
            if name == "site" {
                whereto.sites.push(value.to_owned());
            } else {
                whereto.subject = value.to_owned();
            }
        }
    }
    if row.needs == Needs::Integrate {
        let asked = Query::<Vec<(String, String)>>::try_from_uri(&parts.uri).map(|Query(asked)| asked);
        let named = asked
            .unwrap_or_default()
            .into_iter()
            .filter(|(name, _)| name == "site");
        whereto.sites.extend(named.map(|(_, site)| site));
        if let ([], [only]) = (whereto.sites.as_slice(), hub.config().sites.as_slice()) {
            whereto.sites.push(only.id.clone());
        }
    }
    whereto
}

/// Who a browser's session belongs to.
async fn person(hub: &Hub, parts: &Parts, source: Source) -> Result<Visitor, LedgerError> {
    if let Some(token) = Token::shown(&parts.headers, &source) {
        let hash = token.hash();
        let found = hub.ledger().find_session(hash).await?;
        if let Some(session) = found.filter(|session| session::lives(hub, session.began, session.seen)) {
            // What a page fetches by itself is nobody's work, and keeps no session awake.
            let by_hand = !parts.headers.contains_key("hx-request");
            if by_hand && session::is_to_be_noted(&session, hub.now()) {
                hub.ledger().touch_session(hash, hub.now()).await?;
            }
            return Ok(Visitor {
                who: Who::Person(Box::new(session.person)),
                source,
                session: Some(hash),
                form_key: Some(token.form_key(hub.random())),
            });
        }
    }
    let who = if hub.is_open().await? {
        Who::Anybody
    } else {
        Who::Nobody
    };
    Ok(Visitor::new(who, source))
}

/// Which program shows which key.
async fn program(hub: &Hub, parts: &Parts, source: Source) -> Result<Visitor, LedgerError> {
    if hub.is_open().await? {
        return Ok(Visitor::new(Who::Anybody, source));
    }
    let nobody = |source| Ok(Visitor::new(Who::Nobody, source));
    let Some(shown) = bearer(parts) else {
        return nobody(source);
    };
    let Some((key, secret)) = shown
        .strip_prefix(API_KEY_MARK)
        .and_then(|rest| rest.split_once('_'))
    else {
        let counts = super::is_access_key(hub, shown) && !hub.people_exist().await?;
        return if counts {
            Ok(Visitor::new(Who::AccessKey, source))
        } else {
            nobody(source)
        };
    };
    let is_key = key.len() <= 40 && key.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let found = if is_key {
        hub.ledger().find_api_key(key.to_owned()).await?
    } else {
        None
    };
    let Some(found) = found else { return nobody(source) };
    // blake3::Hash compares in constant time.
    if blake3::Hash::from(hash_of_api_key(secret)) != blake3::Hash::from(found.secret_hash) {
        return nobody(source);
    }
    let now = hub.now();
    if found
        .used
        .is_none_or(|used| now.duration_since(used) >= KEY_USE_NOTED_EVERY)
    {
        let address = source.address.clone();
        hub.ledger()
            .note_api_key_use(key.to_owned(), address, now)
            .await?;
    }
    let who = Who::Program {
        key: key.to_owned(),
        sites: found.sites,
    };
    Ok(Visitor::new(who, source))
}

fn bearer(parts: &Parts) -> Option<&str> {
    let value = parts.headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
}

/// Whether a request changes something in the name of a session: then it has to come from a form of that session.
fn is_to_be_ours(row: &Row, visitor: &Visitor) -> bool {
    visitor.form_key.is_some() && row.method != "GET" && row.needs != Needs::Nothing
}

/// The request, read and found to hold the session's form token.
async fn checked_form(hub: &Hub, visitor: &Visitor, parts: Parts, body: Body) -> Result<Request, Shut> {
    let bytes_max = hub.config().limits.unpacked_bytes_max;
    let bytes = to_bytes(body, bytes_max).await.map_err(|_| Shut::TooLarge)?;
    let whole = || Request::from_parts(parts.clone(), Body::from(bytes.clone()));
    let kind = parts
        .headers
        .get(header::CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok());
    let carried = if kind.is_some_and(|kind| kind.starts_with("multipart/form-data")) {
        token_of_upload(whole()).await
    } else {
        token_of_form(whole()).await
    };
    let fits = carried
        .zip(visitor.form_key.as_ref())
        .is_some_and(|(carried, key)| key.fits(&carried));
    if fits { Ok(whole()) } else { Err(Shut::ForeignForm) }
}

async fn token_of_form(request: Request) -> Option<String> {
    let Form(fields) = Form::<Vec<(String, String)>>::from_request(request, &())
        .await
        .ok()?;
    fields
        .into_iter()
        .find_map(|(name, value)| (name == FORM_TOKEN).then_some(value))
}

/// Our forms for files have the token first, so that nothing has to be unpacked to find it.
async fn token_of_upload(request: Request) -> Option<String> {
    let mut upload = Multipart::from_request(request, &()).await.ok()?;
    let first = upload.next_field().await.ok()??;
    if first.name() == Some(FORM_TOKEN) {
        first.text().await.ok()
    } else {
        None
    }
}

/// Says that somebody may not.
async fn shut(hub: &Hub, row: &Row, visitor: &Visitor, parts: &Parts, mut note: AuditNote) -> Response {
    let is_nobody = matches!(visitor.who, Who::Nobody);
    if row.method == "GET" && is_nobody && !row.is_for_programs() {
        // Who has yet to sign in is no news.
        return pages::sign_in_first(&parts.headers);
    }
    if note.action.is_empty() {
        note.action = if row.is_for_programs() {
            "api.call"
        } else {
            "page.open"
        }
        .to_owned();
    }
    note.detail = format!("{} {}", row.method, row.path);
    refused(hub, note).await;
    match (row.is_for_programs(), is_nobody) {
        (true, true) => match hub.people_exist().await {
            Ok(people_exist) => ApiProblem::no_key(people_exist).into_response(),
            Err(error) => ApiProblem::from(error).into_response(),
        },
        (true, false) => ApiProblem::not_this_site().into_response(),
        (false, true) => pages::sign_in_first(&parts.headers),
        (false, false) => pages::shut(Shut::NotTheirs),
    }
}

/// Writes what became of an action whose change did not do so itself.
async fn settle(hub: &Hub, mut note: AuditNote, status: StatusCode) {
    if status.is_server_error() {
        note.outcome = Outcome::Failed;
    } else if status.is_client_error() {
        note.outcome = Outcome::Refused;
    }
    let rows = match note.outcome {
        Outcome::Refused | Outcome::Failed => hub.inner.refusals.take(note),
        Outcome::Done | Outcome::Unchanged => vec![note],
    };
    hub.write_audit(rows).await;
}

async fn refused(hub: &Hub, mut note: AuditNote) {
    note.outcome = Outcome::Refused;
    hub.write_audit(hub.inner.refusals.take(note)).await;
}

fn unavailable(row: &Row, error: LedgerError) -> Response {
    if row.is_for_programs() {
        ApiProblem::from(error).into_response()
    } else {
        pages::shut(Shut::Store(error))
    }
}
