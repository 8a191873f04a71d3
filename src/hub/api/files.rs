//! What programs and administrators ask: to import a file, what this hub is, whether it lives.

use axum::Json;
use axum::extract::{FromRequestParts, Path, Query, State};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::http::request::Parts;
use serde::{Deserialize, Serialize};
use tallyman_floor::wire::v1::BATCH_RECORDS_MAX;

use super::content::Content;
use super::problem::ApiProblem;
use crate::Hub;
use crate::import::{ImportError, ImportFile, ImportFormat, ImportKind};
use crate::ledger::{Imported, audit};

#[derive(Debug, Deserialize)]
pub(super) struct ImportQuery {
    site: Option<String>,
    format: Option<String>,
    name: Option<String>,
}

/// The answer to an import that was taken.
#[derive(Debug, Serialize)]
pub(super) struct ImportDone {
    site: String,
    #[serde(flatten)]
    imported: Imported,
}

pub(super) async fn import(
    State(hub): State<Hub>,
    Path(kind): Path<String>,
    Query(query): Query<ImportQuery>,
    parts: ContentType,
    Content(bytes): Content,
) -> Result<Json<ImportDone>, ApiProblem> {
    if kind == PICTURES {
        return import_picture(&hub, query, bytes).await;
    }
    let kind = ImportKind::from_word(&kind).ok_or_else(|| {
        let message = "Only items, locations, tasks, stock, holds, reasons and pictures can be imported.";
        ApiProblem::new(StatusCode::NOT_FOUND, "unknown_kind", message)
    })?;
    let name = query
        .name
        .unwrap_or_else(|| format!("{}.{}", kind.word(), if parts.is_json { "json" } else { "csv" }));
    let format = match query.format.as_deref() {
        Some("json") => ImportFormat::Json,
        Some("csv") => ImportFormat::Csv,
        Some(other) => {
            return Err(ApiProblem::unreadable(format!(
                "the format is csv or json, not {other}"
            )));
        }
        None if parts.is_json => ImportFormat::Json,
        None => ImportFormat::of_name(&name),
    };
    let site = match query.site {
        Some(site) => site,
        None => only_site(&hub)?,
    };
    let file = ImportFile {
        name: &name,
        format,
        content: &bytes,
    };
    audit::amend(|note| {
        note.site.clone_from(&site);
        note.subject = kind.word().to_owned();
        note.detail.clone_from(&name);
    });
    match hub.import(&site, kind, &file).await {
        Ok(imported) => Ok(Json(ImportDone { site, imported })),
        Err(ImportError::Ledger(error)) => Err(error.into()),
        Err(error) => Err(ApiProblem::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "import_mistakes",
            error.to_string(),
        )),
    }
}

/// The kind of import that is a picture for an item, and no table.
const PICTURES: &str = "pictures";

/// Takes a picture for the item that its name says.
async fn import_picture(
    hub: &Hub,
    query: ImportQuery,
    bytes: Vec<u8>,
) -> Result<Json<ImportDone>, ApiProblem> {
    let site = match query.site {
        Some(site) => site,
        None => only_site(hub)?,
    };
    let name = query.name.unwrap_or_default();
    audit::amend(|note| {
        note.site.clone_from(&site);
        PICTURES.clone_into(&mut note.subject);
        note.detail.clone_from(&name);
    });
    let imported = hub.import_picture(&site, &name, bytes).await?;
    Ok(Json(ImportDone { site, imported }))
}

/// The site, where there is only one to mean.
fn only_site(hub: &Hub) -> Result<String, ApiProblem> {
    match hub.config().sites.as_slice() {
        [site] => Ok(site.id.clone()),
        _ => {
            let message = "This hub serves several sites. Say which one is meant with ?site=ID.";
            Err(ApiProblem::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "site_missing",
                message,
            ))
        }
    }
}

/// What the request says its body is.
pub(super) struct ContentType {
    is_json: bool,
}

impl FromRequestParts<Hub> for ContentType {
    type Rejection = ApiProblem;

    async fn from_request_parts(parts: &mut Parts, _: &Hub) -> Result<Self, ApiProblem> {
        let kind = parts
            .headers
            .get(CONTENT_TYPE)
            .and_then(|kind| kind.to_str().ok())
            .unwrap_or_default();
        Ok(Self {
            is_json: kind.starts_with("application/json"),
        })
    }
}

/// What this hub is.
#[derive(Debug, Serialize)]
pub(super) struct Meta {
    program: &'static str,
    version: &'static str,
    generation: String,
    protocols: [u32; 1],
    records_max: usize,
    body_bytes_max: usize,
    unpacked_bytes_max: usize,
    server_time: jiff::Timestamp,
}

pub(super) async fn meta(State(hub): State<Hub>) -> Json<Meta> {
    let limits = &hub.config().limits;
    Json(Meta {
        program: "tallyman",
        version: env!("CARGO_PKG_VERSION"),
        generation: hub.ledger().generation(),
        protocols: [1],
        records_max: BATCH_RECORDS_MAX,
        body_bytes_max: limits.body_bytes_max,
        unpacked_bytes_max: limits.unpacked_bytes_max,
        server_time: hub.now(),
    })
}

pub(super) async fn health(State(hub): State<Hub>) -> Result<&'static str, ApiProblem> {
    hub.ledger().check_writing()?;
    hub.ledger().sites().await?;
    Ok("ok\n")
}
