//! How a device comes to prove itself: enrolment with a one-time code and a key of its own, something to sign, and a token
//! for the signature.

use axum::Json;
use axum::extract::{FromRequestParts, State};
use axum::http::request::Parts;
use jiff::SignedDuration;
use tallyman_floor::wire::v1::{
    Challenge, ChallengeRequest, EnrolRequest, Enrolled, TokenGranted, TokenRequest,
};
use tallyman_platform::device_key::{PUBLIC_KEY_BYTES, from_hex, to_hex};

use super::caller::{Message, SignedMessage, TOKEN_SEPARATOR, find};
use super::problem::ApiProblem;
use crate::Hub;
use crate::challenge::{self, CHALLENGE_SECONDS};
use crate::config::ProfileConfig;
use crate::hub::{hash_of_code, hash_of_secret};
use crate::ledger::{NewDevice, NewToken};
use crate::source;

/// The right to try a one-time code, of which there are so many a minute.
pub(super) struct TryOfCode;

impl FromRequestParts<Hub> for TryOfCode {
    type Rejection = ApiProblem;

    async fn from_request_parts(parts: &mut Parts, hub: &Hub) -> Result<Self, ApiProblem> {
        let limits = &hub.inner.guards;
        let taken = limits.codes.take(&from(parts, hub), hub.inner.clock.now());
        taken.map(|()| Self).map_err(ApiProblem::too_often)
    }
}

/// The right to ask for something to sign.
pub(super) struct TryOfChallenge;

impl FromRequestParts<Hub> for TryOfChallenge {
    type Rejection = ApiProblem;

    async fn from_request_parts(parts: &mut Parts, hub: &Hub) -> Result<Self, ApiProblem> {
        let limits = &hub.inner.guards;
        let taken = limits.challenges.take(&from(parts, hub), hub.inner.clock.now());
        taken.map(|()| Self).map_err(ApiProblem::too_often)
    }
}

fn from(parts: &Parts, hub: &Hub) -> String {
    let proxy = &hub.config().proxy;
    source::counted_as(source::address(proxy, &parts.headers, &parts.extensions))
}

pub(super) async fn enrol(
    State(hub): State<Hub>,
    _try: TryOfCode,
    signed: SignedMessage<EnrolRequest>,
) -> Result<Json<Enrolled>, ApiProblem> {
    let public_key = from_hex::<PUBLIC_KEY_BYTES>(&signed.message.public_key)
        .ok_or_else(|| ApiProblem::unreadable("public_key is no key"))?;
    // Whoever signs for a known device signs for that one.
    let device = signed.message.device.clone().unwrap_or_default();
    let request = signed.proved(&public_key, &device)?;
    let again = request.device.is_some();
    let device = NewDevice {
        code_hash: hash_of_code(&request.code),
        name: request.name,
        version: request.version,
        public_key,
        device: request.device,
        salt: u32::from_le_bytes(hub.random::<4>()),
        now: hub.now(),
    };
    // Asking again changes nothing, and is no row of the audit trail.
    if hub.ledger().is_awaiting(device.code_hash, public_key).await? {
        return Err(ApiProblem::approval_pending());
    }
    let enrolled = hub.ledger().enrol(device).await?;
    hub.changed(&enrolled.site);
    if enrolled.awaits {
        tracing::info!(
            device = enrolled.device,
            site = enrolled.site,
            "a device waits for approval"
        );
        return Err(ApiProblem::approval_pending());
    }
    tracing::info!(
        device = enrolled.device,
        site = enrolled.site,
        again,
        "a device was enrolled"
    );
    Ok(Json(Enrolled {
        device: enrolled.device,
        site: enrolled.site,
        epoch: enrolled.epoch,
        generation: enrolled.generation,
        profile: hub.profile(&enrolled.profile).map(ProfileConfig::body),
    }))
}

/// Something to sign, for any name: who asks learns nothing of which devices there are.
pub(super) async fn challenge(
    State(hub): State<Hub>,
    _try: TryOfChallenge,
    Message(request): Message<ChallengeRequest>,
) -> Result<Json<Challenge>, ApiProblem> {
    let key = hub.ledger().challenge_key(hub.random()).await?;
    Ok(Json(Challenge {
        challenge: challenge::make(&key, &request.device, hub.random(), hub.now()),
        expires_seconds: CHALLENGE_SECONDS.into(),
    }))
}

pub(super) async fn token(
    State(hub): State<Hub>,
    _try: TryOfChallenge,
    signed: SignedMessage<TokenRequest>,
) -> Result<Json<TokenGranted>, ApiProblem> {
    let (device, now) = (signed.message.device.clone(), hub.now());
    let key = hub.ledger().challenge_key(hub.random()).await?;
    if !challenge::holds(&key, &device, &signed.message.challenge, now) {
        return Err(ApiProblem::challenge_expired());
    }
    let known = find(&hub, &device, "")
        .await
        .map_err(ApiProblem::or_key_unknown)?;
    signed
        .proved(&known.public_key, &device)
        .map_err(|_| ApiProblem::key_unknown())?;
    let secret = to_hex(&hub.random::<32>());
    let minutes = hub.config().credentials.token_minutes;
    let valid = SignedDuration::from_mins(minutes.into());
    let token = NewToken {
        device: device.clone(),
        token_hash: hash_of_secret(&secret),
        expires: now.saturating_add(valid).unwrap_or(jiff::Timestamp::MAX),
        now,
    };
    hub.ledger().keep_token(token).await?;
    Ok(Json(TokenGranted {
        token: format!("{device}{TOKEN_SEPARATOR}{secret}"),
        expires_seconds: u64::from(minutes) * 60,
        generation: hub.ledger().generation(),
        server_time: now,
    }))
}
