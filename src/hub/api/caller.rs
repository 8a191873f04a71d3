//! Who asks, and what they sent.

use axum::body::{Body, to_bytes};
use axum::extract::{FromRequest, FromRequestParts};
use axum::http::request::Parts;
use axum::http::{Request, header};
use serde::de::DeserializeOwned;

use super::problem::ApiProblem;
use crate::Hub;
use crate::hub::hash_of_secret;
use crate::ledger::DeviceIdentity;

/// What parts a token: the device's identity, then its secret.
pub(super) const TOKEN_SEPARATOR: char = '.';

/// A device that has proved itself with its token.
pub(super) struct Caller(pub(super) DeviceIdentity);

impl FromRequestParts<Hub> for Caller {
    type Rejection = ApiProblem;

    async fn from_request_parts(parts: &mut Parts, hub: &Hub) -> Result<Self, ApiProblem> {
        let token = bearer(parts).ok_or_else(ApiProblem::unauthorized)?;
        let (device, secret) = token
            .split_once(TOKEN_SEPARATOR)
            .ok_or_else(ApiProblem::unauthorized)?;
        let kept = hub
            .ledger()
            .find_device(device.to_owned())
            .await?
            .ok_or_else(ApiProblem::unauthorized)?;
        // blake3::Hash compares in constant time.
        if blake3::Hash::from(hash_of_secret(secret)) != blake3::Hash::from(kept.secret_hash) {
            return Err(ApiProblem::unauthorized());
        }
        Ok(Self(DeviceIdentity {
            site: kept.site,
            device: device.to_owned(),
        }))
    }
}

/// The token of `Authorization: Bearer …`.
pub(super) fn bearer(parts: &Parts) -> Option<&str> {
    let value = parts.headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
}

/// The body as bytes, unpacked and within the limit.
pub(super) struct Content(pub(super) Vec<u8>);

impl FromRequest<Hub> for Content {
    type Rejection = ApiProblem;

    async fn from_request(request: Request<Body>, hub: &Hub) -> Result<Self, ApiProblem> {
        let bytes_max = hub.config().limits.unpacked_bytes_max;
        match to_bytes(request.into_body(), bytes_max).await {
            Ok(bytes) => Ok(Self(bytes.into())),
            Err(error) if is_length_limit(&error) => Err(ApiProblem::too_large()),
            Err(error) => Err(ApiProblem::unreadable(error)),
        }
    }
}

/// Both limits, before and after unpacking, show as this error somewhere down the chain.
fn is_length_limit(error: &(dyn std::error::Error + 'static)) -> bool {
    let mut next = Some(error);
    while let Some(error) = next {
        if error.to_string().contains("length limit exceeded") {
            return true;
        }
        next = error.source();
    }
    false
}

/// A message of the wire.
pub(super) struct Message<T>(pub(super) T);

impl<T: DeserializeOwned> FromRequest<Hub> for Message<T> {
    type Rejection = ApiProblem;

    async fn from_request(request: Request<Body>, hub: &Hub) -> Result<Self, ApiProblem> {
        let Content(bytes) = Content::from_request(request, hub).await?;
        serde_json::from_slice(&bytes)
            .map(Self)
            .map_err(ApiProblem::unreadable)
    }
}
