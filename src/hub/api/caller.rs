//! Who asks, and what they sent.

use axum::body::Body;
use axum::extract::{FromRequest, FromRequestParts};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Request, header};
use serde::de::DeserializeOwned;
use tallyman_floor::wire::proof::{self, Proved, SIGNATURE_HEADER};
use tallyman_platform::device_key::is_signed;

use super::content::Content;
use super::problem::ApiProblem;
use crate::Hub;
use crate::hub::hash_of_secret;
use crate::ledger::{DeviceIdentity, KnownDevice};

/// What parts a token: the device's identity, then its secret.
pub(super) const TOKEN_SEPARATOR: char = '.';

/// Characters of a device's identity.
const DEVICE_CHARACTERS_MAX: usize = 64;

/// A device that has shown a token that works.
pub(super) struct Caller {
    pub(super) identity: DeviceIdentity,
    pub(super) known: KnownDevice,
}

impl FromRequestParts<Hub> for Caller {
    type Rejection = ApiProblem;

    async fn from_request_parts(parts: &mut Parts, hub: &Hub) -> Result<Self, ApiProblem> {
        let token = bearer(parts).ok_or_else(ApiProblem::unauthorized)?;
        let (device, secret) = token
            .split_once(TOKEN_SEPARATOR)
            .ok_or_else(ApiProblem::unauthorized)?;
        let known = find(hub, device, secret).await?;
        let expires = known.token_expires.ok_or_else(ApiProblem::unauthorized)?;
        if expires <= hub.now() {
            return Err(ApiProblem::token_expired());
        }
        hub.inner
            .of_devices
            .take(device, hub.inner.clock.now())
            .map_err(ApiProblem::too_often)?;
        Ok(Self {
            identity: DeviceIdentity {
                site: known.site.clone(),
                device: device.to_owned(),
            },
            known,
        })
    }
}

/// What is known of a device, and of a token with this secret.
pub(super) async fn find(hub: &Hub, device: &str, secret: &str) -> Result<KnownDevice, ApiProblem> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    if device.len() > DEVICE_CHARACTERS_MAX || !device.bytes().all(plain) {
        return Err(ApiProblem::unauthorized());
    }
    let found = hub
        .ledger()
        .find_device(device.to_owned(), hash_of_secret(secret))
        .await?;
    found.ok_or_else(ApiProblem::unauthorized)
}

/// The token of `Authorization: Bearer …`.
pub(super) fn bearer(parts: &Parts) -> Option<&str> {
    let value = parts.headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
}

/// A message of the wire.
pub(super) struct Message<T>(pub(super) T);

impl<T: DeserializeOwned> FromRequest<Hub> for Message<T> {
    type Rejection = ApiProblem;

    async fn from_request(request: Request<Body>, hub: &Hub) -> Result<Self, ApiProblem> {
        let Content(bytes) = Content::from_request(request, hub).await?;
        read(&bytes).map(Self)
    }
}

fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, ApiProblem> {
    serde_json::from_slice(bytes).map_err(ApiProblem::unreadable)
}

/// A message with the signature it came with, which is not checked yet: who has to have made it, the message says.
pub(super) struct SignedMessage<T> {
    pub(super) message: T,
    bytes: Vec<u8>,
    signature: String,
}

impl<T: DeserializeOwned + Proved> FromRequest<Hub> for SignedMessage<T> {
    type Rejection = ApiProblem;

    async fn from_request(request: Request<Body>, hub: &Hub) -> Result<Self, ApiProblem> {
        let signature = signature(request.headers())?;
        let Content(bytes) = Content::from_request(request, hub).await?;
        Ok(Self {
            message: read(&bytes)?,
            bytes,
            signature,
        })
    }
}

impl<T: Proved> SignedMessage<T> {
    /// The message, where the holder of this key signed it for this device.
    pub(super) fn proved(self, public_key: &[u8], device: &str) -> Result<T, ApiProblem> {
        let signed = proof::message(&self.message, device, &self.bytes);
        if is_signed(public_key, &signed, &self.signature) {
            Ok(self.message)
        } else {
            Err(ApiProblem::signature_wrong())
        }
    }
}

fn signature(headers: &HeaderMap) -> Result<String, ApiProblem> {
    let mut values = headers.get_all(SIGNATURE_HEADER).iter();
    let (Some(value), None) = (values.next(), values.next()) else {
        return Err(ApiProblem::signature_missing());
    };
    value
        .to_str()
        .map(str::to_owned)
        .map_err(|_| ApiProblem::signature_wrong())
}

/// A message of a device that has shown its token, signed with its key: a token alone posts nothing.
pub(super) struct FromDevice<T> {
    pub(super) caller: Caller,
    pub(super) message: T,
}

impl<T: DeserializeOwned + Proved + Send> FromRequest<Hub> for FromDevice<T> {
    type Rejection = ApiProblem;

    async fn from_request(request: Request<Body>, hub: &Hub) -> Result<Self, ApiProblem> {
        let (mut parts, body) = request.into_parts();
        let caller = Caller::from_request_parts(&mut parts, hub).await?;
        let request = Request::from_parts(parts, body);
        let signed = SignedMessage::from_request(request, hub).await?;
        let message = signed.proved(&caller.known.public_key, &caller.identity.device)?;
        Ok(Self { caller, message })
    }
}
