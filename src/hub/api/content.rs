//! The body of a request: unpacked, and no larger than it may be before and after that.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::body::Body;
use axum::extract::{FromRequest, Request};
use axum::middleware::Next;
use axum::response::Response;
use futures_util::{StreamExt as _, TryStreamExt as _};

use super::problem::ApiProblem;
use crate::Hub;

/// A body of a device may unpack to so many times its size; real ones do to about five times. What is made to unpack to
/// more costs its sender as much as the hub.
const UNPACKED_TIMES_MAX: u64 = 200;

/// Below this the times do not matter.
const UNPACKED_BYTES_FREE: u64 = 64 << 10;

/// Bytes of a body that have come so far, as they came.
#[derive(Debug, Clone, Default)]
struct Packed(Arc<AtomicU64>);

/// Counts the bytes of a body before it is unpacked.
pub(super) async fn count_packed(mut request: Request, next: Next) -> Response {
    let packed = Packed::default();
    let counter = packed.clone();
    request.extensions_mut().insert(packed);
    let request = request.map(|body| {
        let counted = body.into_data_stream().inspect_ok(move |piece| {
            counter.0.fetch_add(piece.len() as u64, Ordering::Relaxed);
        });
        Body::from_stream(counted)
    });
    next.run(request).await
}

/// The body as bytes, unpacked and within the limits.
pub(super) struct Content(pub(super) Vec<u8>);

impl FromRequest<Hub> for Content {
    type Rejection = ApiProblem;

    async fn from_request(request: Request, hub: &Hub) -> Result<Self, ApiProblem> {
        let bytes_max = hub.config().limits.unpacked_bytes_max;
        let packed = request.extensions().get::<Packed>().cloned();
        let mut pieces = request.into_body().into_data_stream();
        let mut bytes = Vec::new();
        while let Some(piece) = pieces.next().await {
            match piece {
                Ok(piece) => bytes.extend_from_slice(&piece),
                Err(error) if is_length_limit(&error) => return Err(ApiProblem::too_large()),
                Err(error) => return Err(ApiProblem::unreadable(error)),
            }
            if bytes.len() > bytes_max || packed.as_ref().is_some_and(|packed| packed.is_bomb(&bytes)) {
                return Err(ApiProblem::too_large());
            }
        }
        Ok(Self(bytes))
    }
}

impl Packed {
    fn is_bomb(&self, unpacked: &[u8]) -> bool {
        let came = self.0.load(Ordering::Relaxed);
        let allowed = came.saturating_mul(UNPACKED_TIMES_MAX).max(UNPACKED_BYTES_FREE);
        unpacked.len() as u64 > allowed
    }
}

/// The limit before unpacking shows as this error somewhere down the chain.
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
