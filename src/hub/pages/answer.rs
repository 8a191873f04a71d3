//! What a page function may end with besides a page.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use maud::html;

use super::frame;
use crate::ledger::LedgerError;

/// Why there is no page.
#[derive(Debug)]
pub(super) enum NoPage {
    /// There is no such thing.
    Missing,
    /// The store did not answer.
    Ledger(LedgerError),
}

impl From<LedgerError> for NoPage {
    fn from(error: LedgerError) -> Self {
        match error {
            LedgerError::UnknownSite(_) => Self::Missing,
            error => Self::Ledger(error),
        }
    }
}

impl IntoResponse for NoPage {
    fn into_response(self) -> Response {
        let (status, title, sentence) = match self {
            Self::Missing => (
                StatusCode::NOT_FOUND,
                "Nothing here",
                "There is no such page, site or task. It may have another name; look for it from the overview.".to_owned(),
            ),
            Self::Ledger(error @ LedgerError::Unavailable(_)) => (
                StatusCode::SERVICE_UNAVAILABLE,
                "The store does not answer",
                format!("{error} Load this page again in a moment."),
            ),
            Self::Ledger(error) => {
                tracing::error!(%error, "a page could not be shown");
                (StatusCode::INTERNAL_SERVER_ERROR, "The store does not answer", error.to_string())
            }
        };
        let body = html! {
            section.empty {
                h1 { (title) }
                p { (sentence) }
                p { a.button href="/" { "To the overview" } }
            }
        };
        (status, frame::bare(title, &body)).into_response()
    }
}
