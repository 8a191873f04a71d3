//! Pictures of items: what devices show, and what programs give in.

use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::caller::Caller;
use super::problem::ApiProblem;
use crate::Hub;
use crate::pictures::{PictureError, PictureRefused};

/// A year: another picture has another name (RFC 8246).
const FOR_GOOD: &str = "private, max-age=31536000, immutable";

/// A picture of the device's site by its digest.
pub(super) async fn picture(
    State(hub): State<Hub>,
    caller: Caller,
    Path(picture): Path<String>,
) -> Result<Response, ApiProblem> {
    if caller.known.revoked {
        return Err(ApiProblem::revoked());
    }
    let png = hub.picture(&caller.identity.site, &picture).await?;
    let png = png.ok_or_else(|| {
        let message = "This site has no such picture. Its item may have another one, or none, by now.";
        ApiProblem::new(StatusCode::NOT_FOUND, "unknown_picture", message)
    })?;
    let headers = [
        (header::CONTENT_TYPE, "image/png"),
        (header::CACHE_CONTROL, FOR_GOOD),
    ];
    Ok((headers, png).into_response())
}

impl From<PictureRefused> for ApiProblem {
    fn from(refused: PictureRefused) -> Self {
        let message = refused.to_string();
        match refused {
            PictureRefused::Ledger(error) => error.into(),
            PictureRefused::Picture(PictureError::Busy) => {
                Self::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", message)
            }
            PictureRefused::Upload(_) | PictureRefused::Picture(_) => {
                Self::new(StatusCode::UNPROCESSABLE_ENTITY, "picture_refused", message)
            }
        }
    }
}
