//! Answers that are no success: a status, a word for programs and a sentence for people.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use tallyman_floor::wire::v1::Problem;

use crate::ledger::LedgerError;

/// Seconds after which a device tries again when the store could not take something.
const RETRY_SECONDS: u64 = 5;

/// Seconds after which a device asks again whether it was let in.
const APPROVAL_RETRY_SECONDS: u64 = 30;

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
        let message = "The token is missing or unknown. Ask for another one with the device's key.";
        Self::new(StatusCode::UNAUTHORIZED, "unauthorized", message)
    }

    pub(crate) fn token_expired() -> Self {
        let message = "The token has ended. Ask for another one with the device's key.";
        Self::new(StatusCode::UNAUTHORIZED, "token_expired", message)
    }

    pub(crate) fn challenge_expired() -> Self {
        let message = "What was signed is not the hub's, is for another device, or has ended. Ask for something to sign again.";
        Self::new(StatusCode::UNAUTHORIZED, "challenge_expired", message)
    }

    pub(crate) fn key_unknown() -> Self {
        let message = "The hub knows no device of this name with this key. Enrol the device again, on its card of the \
                       hub's devices page; its journal stays as it is.";
        Self::new(StatusCode::UNAUTHORIZED, "key_unknown", message)
    }

    /// A device that is not known is not told from one whose key is another.
    pub(crate) fn or_key_unknown(self) -> Self {
        if self.status == StatusCode::UNAUTHORIZED {
            Self::key_unknown()
        } else {
            self
        }
    }

    pub(crate) fn signature_missing() -> Self {
        let message = "The request is not signed. Devices sign what they send with their key; nothing of it was stored.";
        Self::new(StatusCode::FORBIDDEN, "signature_missing", message)
    }

    pub(crate) fn signature_wrong() -> Self {
        let message = "The signature does not fit the request: it was changed on its way, or made with another key. \
                       Nothing of it was stored.";
        Self::new(StatusCode::FORBIDDEN, "signature_wrong", message)
    }

    /// A device that asks again while nobody has said yes.
    pub(crate) fn approval_pending() -> Self {
        let message = "An administrator has to let this device in first, on the hub's devices page. It need not be set up \
                       again.";
        let mut problem = Self::new(StatusCode::FORBIDDEN, "approval_pending", message);
        problem.retry_seconds = Some(APPROVAL_RETRY_SECONDS);
        problem
    }

    pub(crate) fn revoked() -> Self {
        let message = "This device is blocked. What it sends is kept for a supervisor, and it is given no work. Ask an \
                       administrator to let it work again, on the hub's devices page.";
        Self::new(StatusCode::FORBIDDEN, "device_revoked", message)
    }

    /// A program without a key that works.
    pub(crate) fn no_key(people_exist: bool) -> Self {
        let message = if people_exist {
            "The API key is missing, wrong or ended. An administrator or integrator makes one on the hub's page API keys; send it \
             as a bearer token. The access key opens nothing once there are people."
        } else {
            "The access key is missing or wrong. Send it as a bearer token."
        };
        Self::new(StatusCode::UNAUTHORIZED, "api_key", message)
    }

    /// A program whose key is for other sites.
    pub(crate) fn not_this_site() -> Self {
        let message = "This API key, or whose it is, has nothing to do with this site.";
        Self::new(StatusCode::FORBIDDEN, "site", message)
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
            LedgerError::CodeForNewDevice(_) => {
                Self::new(StatusCode::FORBIDDEN, "code_for_new_device", message)
            }
            LedgerError::KeyTaken => Self::new(StatusCode::FORBIDDEN, "key_taken", message),
            LedgerError::CodeForOtherDevice => {
                Self::new(StatusCode::FORBIDDEN, "code_for_other_device", message)
            }
            LedgerError::UnknownSite(_) => Self::new(StatusCode::NOT_FOUND, "unknown_site", message),
            LedgerError::CodeTaken { .. } => {
                Self::new(StatusCode::UNPROCESSABLE_ENTITY, "code_taken", message)
            }
            LedgerError::UnknownItem(_) => {
                Self::new(StatusCode::UNPROCESSABLE_ENTITY, "unknown_item", message)
            }
            LedgerError::TooManyPictures => {
                Self::new(StatusCode::UNPROCESSABLE_ENTITY, "too_many_pictures", message)
            }
            LedgerError::TooManyHolds => {
                Self::new(StatusCode::UNPROCESSABLE_ENTITY, "too_many_holds", message)
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
