//! Answers that are no success: a status, a word for programs and a sentence for people.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use tallyman_floor::wire::v1::Problem;

use crate::ledger::LedgerError;

/// Seconds after which a device tries again when the store could not take something.
const RETRY_SECONDS: u64 = 5;

/// Why a request was not done.
#[derive(Debug)]
pub(crate) struct ApiProblem {
    pub(crate) status: StatusCode,
    pub(crate) code: &'static str,
    pub(crate) message: String,
    pub(crate) retry_seconds: Option<u64>,
}

impl ApiProblem {
    pub(crate) fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            status,
            code,
            message: message.into(),
            retry_seconds: None,
        }
    }

    pub(crate) fn unauthorized() -> Self {
        let message = "The token is missing or wrong. Enrol the device again; its journal stays as it is.";
        Self::new(StatusCode::UNAUTHORIZED, "unauthorized", message)
    }

    pub(crate) fn too_large() -> Self {
        let message = "The request is larger than this hub takes. Send fewer records at once.";
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", message)
    }

    pub(crate) fn unreadable(why: impl std::fmt::Display) -> Self {
        let message = format!("The request cannot be understood: {why}.");
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "unreadable", message)
    }

    pub(crate) fn too_often(seconds: u64) -> Self {
        let message = format!("There were too many tries. Try again in {seconds} s.");
        let mut problem = Self::new(StatusCode::TOO_MANY_REQUESTS, "too_often", message);
        problem.retry_seconds = Some(seconds);
        problem
    }
}

impl From<LedgerError> for ApiProblem {
    fn from(error: LedgerError) -> Self {
        let message = error.to_string();
        match error {
            LedgerError::Unavailable(_) => {
                let mut problem = Self::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", message);
                problem.retry_seconds = Some(RETRY_SECONDS);
                problem
            }
            LedgerError::CodeRefused => Self::new(StatusCode::FORBIDDEN, "code_refused", message),
            LedgerError::UnknownSite(_) => Self::new(StatusCode::NOT_FOUND, "unknown_site", message),
            LedgerError::CodeTaken { .. } => {
                Self::new(StatusCode::UNPROCESSABLE_ENTITY, "code_taken", message)
            }
            LedgerError::Unknown => Self::new(StatusCode::SERVICE_UNAVAILABLE, "unknown", message),
            LedgerError::Broken(_) | LedgerError::Backup { .. } => {
                tracing::error!(message, "a request failed");
                Self::new(StatusCode::INTERNAL_SERVER_ERROR, "broken", message)
            }
        }
    }
}

impl IntoResponse for ApiProblem {
    fn into_response(self) -> Response {
        let body = Problem {
            code: self.code.to_owned(),
            message: self.message,
        };
        let mut response = (self.status, Json(body)).into_response();
        if let Some(seconds) = self.retry_seconds {
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if self.status == StatusCode::UNAUTHORIZED {
            response
                .headers_mut()
                .insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}

impl From<ApiProblem> for Response {
    fn from(problem: ApiProblem) -> Self {
        problem.into_response()
    }
}
