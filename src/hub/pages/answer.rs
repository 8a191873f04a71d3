//! What a page function may end with besides a page.

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
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
        match self {
            Self::Missing => notice(
                StatusCode::NOT_FOUND,
                "Nothing here",
                "There is no such page, site, task or person. It may have another name; look for it from the overview.",
            ),
            Self::Ledger(error @ LedgerError::Unavailable(_)) => notice(
                StatusCode::SERVICE_UNAVAILABLE,
                "The store does not answer",
                &format!("{error} Load this page again in a moment."),
            ),
            Self::Ledger(error) => {
                tracing::error!(%error, "a page could not be shown");
                notice(
                    StatusCode::INTERNAL_SERVER_ERROR,
                    "The store does not answer",
                    &error.to_string(),
                )
            }
        }
    }
}

/// Why a request did not come as far as a page.
#[derive(Debug)]
pub(crate) enum Shut {
    /// Somebody is signed in, and this is not for them.
    NotTheirs,
    /// A form without the token of the session: another page made it, or somebody signed in anew meanwhile.
    ForeignForm,
    /// More than the hub takes.
    TooLarge,
    /// Too many want to sign in at this moment.
    Busy,
    /// The store did not say who asks.
    Store(LedgerError),
}

/// Seconds after which somebody tries again where too many want something at once.
const BUSY_SECONDS: u64 = 2;

/// The page that says why a request did not come further.
pub(crate) fn shut(why: Shut) -> Response {
    match why {
        Shut::NotTheirs => notice(
            StatusCode::FORBIDDEN,
            "Not for you",
            "Your account may not see or do this. An administrator can change what it may, on the page People.",
        ),
        Shut::ForeignForm => notice(
            StatusCode::FORBIDDEN,
            "Nothing was done",
            "This form belongs to another session. Go back, load the page again, and send it once more.",
        ),
        Shut::TooLarge => notice(
            StatusCode::PAYLOAD_TOO_LARGE,
            "Nothing was done",
            "This is more than the hub takes at once. Split the file.",
        ),
        Shut::Busy => {
            let mut response = notice(
                StatusCode::SERVICE_UNAVAILABLE,
                "Too many at once",
                "Too many people want to sign in at this moment. Try again in a few seconds.",
            );
            let seconds = HeaderValue::from(BUSY_SECONDS);
            response.headers_mut().insert(header::RETRY_AFTER, seconds);
            response
        }
        Shut::Store(error) => NoPage::from(error).into_response(),
    }
}

/// Sends whoever has not signed in to where they can.
pub(crate) fn sign_in_first(headers: &HeaderMap) -> Response {
    if headers.contains_key("hx-request") {
        // A part of a page that fetches itself takes the whole page there.
        return (StatusCode::UNAUTHORIZED, [("hx-redirect", "/sign-in")]).into_response();
    }
    Redirect::to("/sign-in").into_response()
}

fn notice(status: StatusCode, title: &str, sentence: &str) -> Response {
    let body = html! {
        section.empty {
            h1 { (title) }
            p { (sentence) }
            p { a.button href="/" { "To the start" } }
        }
    };
    (status, frame::bare(title, &body)).into_response()
}
