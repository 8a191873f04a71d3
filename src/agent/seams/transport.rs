//! What the agent asks of the hub, whatever carries it.

use std::fmt;

use futures_util::future::BoxFuture;
use tallyman_floor::wire::v1::{
    Batch, Challenge, ChallengeRequest, ClaimRequest, Claims, Delta, DeviceCursor, EnrolRequest, Enrolled,
    EpochGranted, EpochRequest, NeighbourAnswers, NeighbourQuestions, NeighbourReply, NeighbourRequest,
    Numbers, NumbersRequest, PortalWatch, Problem, Receipt, ReleaseRequest, ScreenUpload, StockAnswer,
    TokenGranted, TokenRequest, TraceUpload,
};
use tallyman_floor::{Inquiry, PictureId};
use tallyman_platform::device_key::DeviceKey;
use tallyman_platform::tls::OTHER_PIN;

use super::keys::KeyError;
use super::set_up::EnrolTrouble;

/// The word of the hub for a device that nobody has let in yet.
pub const APPROVAL_PENDING: &str = "approval_pending";

/// A secret that proves a device for a while. It is never shown, and kept in memory alone.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(String);

impl Token {
    /// Takes the secret.
    pub fn new(secret: impl Into<String>) -> Self {
        Self(secret.into())
    }

    /// The secret, for the header of a request.
    pub fn secret(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Token(…)")
    }
}

/// What a request carries to prove its device: the token with each, and the key's signature with what is sent.
#[derive(Debug, Clone)]
pub struct Credential {
    /// The device.
    pub device: String,
    /// The token.
    pub token: Token,
    /// The key.
    pub key: DeviceKey,
}

/// The way to the hub. One request of a kind is under way at a time, those between portals apart; dropping a future gives the request up, and what
/// became of it is unknown then.
pub trait Transport: Send + Sync {
    /// `POST /v1/enrol`, signed with the key that is enrolled.
    fn enrol<'a>(
        &'a self,
        key: &'a DeviceKey,
        request: &'a EnrolRequest,
    ) -> BoxFuture<'a, Result<Enrolled, Fault>>;

    /// `POST /v1/device/challenge`
    fn challenge<'a>(&'a self, request: &'a ChallengeRequest) -> BoxFuture<'a, Result<Challenge, Fault>>;

    /// `POST /v1/device/token`, signed
    fn token<'a>(
        &'a self,
        key: &'a DeviceKey,
        request: &'a TokenRequest,
    ) -> BoxFuture<'a, Result<TokenGranted, Fault>>;

    /// `POST /v1/confirmations`, signed
    fn confirmations<'a>(
        &'a self,
        by: &'a Credential,
        batch: &'a Batch,
    ) -> BoxFuture<'a, Result<Receipt, Fault>>;

    /// `GET /v1/tasks?cursor=…&wait_ms=…`: answers when something changed, or after `wait_ms` at most where the hub
    /// can wait.
    fn tasks<'a>(
        &'a self,
        by: &'a Credential,
        cursor: Option<&'a str>,
        wait_ms: u64,
    ) -> BoxFuture<'a, Result<Delta, Fault>>;

    /// `GET /v1/device/cursor`
    fn cursor<'a>(&'a self, by: &'a Credential) -> BoxFuture<'a, Result<DeviceCursor, Fault>>;

    /// `POST /v1/device/epoch`, signed
    fn epoch<'a>(
        &'a self,
        by: &'a Credential,
        request: &'a EpochRequest,
    ) -> BoxFuture<'a, Result<EpochGranted, Fault>>;

    /// `POST /v1/traces`, signed
    fn traces<'a>(&'a self, by: &'a Credential, upload: &'a TraceUpload) -> BoxFuture<'a, Result<(), Fault>>;

    /// `POST /v1/screen`, signed.
    fn screen<'a>(
        &'a self,
        _by: &'a Credential,
        _upload: &'a ScreenUpload,
    ) -> BoxFuture<'a, Result<(), Fault>> {
        Box::pin(std::future::ready(Err(Fault::no_way("pictures"))))
    }

    /// `GET /v1/stock?item=…`, or `location`, or `handling_unit`.
    fn stock<'a>(
        &'a self,
        by: &'a Credential,
        inquiry: &'a Inquiry,
    ) -> BoxFuture<'a, Result<StockAnswer, Fault>>;

    /// `GET /v1/pictures/{digest}`: the bytes as they came.
    fn picture<'a>(
        &'a self,
        _by: &'a Credential,
        _picture: &'a PictureId,
    ) -> BoxFuture<'a, Result<Vec<u8>, Fault>> {
        Box::pin(std::future::ready(Err(Fault::no_way("pictures"))))
    }

    /// `POST /v1/claims`, signed
    fn claim<'a>(
        &'a self,
        by: &'a Credential,
        request: &'a ClaimRequest,
    ) -> BoxFuture<'a, Result<Claims, Fault>>;

    /// `POST /v1/claims/release`, signed
    fn release<'a>(
        &'a self,
        by: &'a Credential,
        request: &'a ReleaseRequest,
    ) -> BoxFuture<'a, Result<(), Fault>>;

    /// `POST /v1/numbers`, signed
    fn numbers<'a>(
        &'a self,
        by: &'a Credential,
        request: &'a NumbersRequest,
    ) -> BoxFuture<'a, Result<Numbers, Fault>>;

    /// `POST /v1/portals/neighbours`, signed: answers when all neighbours have, or when the time of the request is up.
    fn neighbours<'a>(
        &'a self,
        _by: &'a Credential,
        _request: &'a NeighbourRequest,
    ) -> BoxFuture<'a, Result<NeighbourAnswers, Fault>> {
        Box::pin(std::future::ready(Err(Fault::no_way(
            "questions between portals",
        ))))
    }

    /// `POST /v1/portals/questions`, signed: answers when there is a question, or when the time of the request is up.
    fn portal_questions<'a>(
        &'a self,
        _by: &'a Credential,
        _request: &'a PortalWatch,
    ) -> BoxFuture<'a, Result<NeighbourQuestions, Fault>> {
        Box::pin(std::future::ready(Err(Fault::no_way(
            "questions between portals",
        ))))
    }

    /// `POST /v1/portals/answers`, signed.
    fn portal_answer<'a>(
        &'a self,
        _by: &'a Credential,
        _reply: &'a NeighbourReply,
    ) -> BoxFuture<'a, Result<(), Fault>> {
        Box::pin(std::future::ready(Err(Fault::no_way(
            "questions between portals",
        ))))
    }
}

/// Why there is no answer to go by. Whether the request was done is unknown in every case but
/// [`Fault::Refused`], [`Fault::Unauthorised`] and [`Fault::Busy`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// No connection, or it broke.
    #[error("the hub cannot be reached: {0}")]
    Unreachable(String),
    /// No answer in time.
    #[error("the hub did not answer within {0} ms")]
    Timeout(u64),
    /// 401 or 403: the hub does not take this device's word.
    #[error("the hub does not take this device's word: {message} Nothing stored is lost")]
    Unauthorised {
        /// The status.
        status: u16,
        /// The stable word of the problem, where the hub said one.
        code: Option<String>,
        /// What the hub said, or the status in words.
        message: String,
    },
    /// This device's key cannot be used.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// 429 or 503: later.
    #[error("the hub is busy")]
    Busy {
        /// How long the hub asks to wait, where it says so.
        retry_after_ms: Option<u64>,
    },
    /// 426: this program is too old to be given tasks. Confirmations are still taken.
    #[error("the hub wants a newer program before it hands out tasks; install the update")]
    Outdated,
    /// Another status than success.
    #[error("the hub answered {status}: {message}")]
    Refused {
        /// The status.
        status: u16,
        /// The stable word of the problem, where the hub said one.
        code: Option<String>,
        /// What the hub said, or the status in words.
        message: String,
    },
    /// An answer that is none: not JSON, not of this form, or larger than any answer may be.
    #[error("the hub's answer makes no sense: {0}; check that `hub.url` names a Tallyman hub")]
    Nonsense(String),
}

impl Fault {
    /// What a transport without a way for something answers.
    pub fn no_way(what: &str) -> Self {
        Self::Refused {
            status: 404,
            code: None,
            message: format!("there is no way for {what}"),
        }
    }

    /// What an answer with a status that is no success means. Where its body is no [`Problem`], `words` says what the status is.
    pub fn of_status(status: u16, words: &str, retry_after_ms: Option<u64>, body: &[u8]) -> Self {
        let problem: Option<Problem> = serde_json::from_slice(body).ok();
        let message = problem
            .as_ref()
            .map_or_else(|| words.to_owned(), |problem| problem.message.clone());
        let code = problem.map(|problem| problem.code);
        match status {
            401 | 403 => Self::Unauthorised {
                status,
                code,
                message,
            },
            426 => Self::Outdated,
            429 | 503 => Self::Busy { retry_after_ms },
            status => Self::Refused {
                status,
                code,
                message,
            },
        }
    }

    /// Whether nobody answered, so that any answer to anything else ends the wait.
    pub const fn is_out_of_reach(&self) -> bool {
        matches!(self, Self::Unreachable(_) | Self::Timeout(_))
    }

    /// Whether what was sent is too large (413) or cannot be read (422), so that sending less of it may help.
    pub const fn is_about_the_content(&self) -> bool {
        matches!(
            self,
            Self::Refused {
                status: 413 | 422,
                ..
            }
        )
    }

    /// Whether the device has to be enrolled again: it has no key, or one that the hub does not know.
    pub fn asks_for_enrolment(&self) -> bool {
        match self {
            Self::Key(_) => true,
            Self::Unauthorised { code, .. } => code.as_deref() == Some("key_unknown"),
            _ => false,
        }
    }

    /// What this means for a device that asked for an identity.
    pub fn as_enrol_trouble(&self) -> EnrolTrouble {
        match self {
            Self::Unauthorised { code, .. } if code.as_deref() == Some(APPROVAL_PENDING) => {
                EnrolTrouble::Awaits
            }
            Self::Unauthorised { .. } | Self::Refused { .. } => EnrolTrouble::CodeRefused,
            Self::Unreachable(told) if told.contains(OTHER_PIN) => EnrolTrouble::WrongHub,
            _ => EnrolTrouble::OutOfReach,
        }
    }

    /// Whether the hub keeps what this device sends aside and gives it no work.
    pub fn is_revoked(&self) -> bool {
        matches!(self, Self::Unauthorised { code, .. } if code.as_deref() == Some("device_revoked"))
    }
}
