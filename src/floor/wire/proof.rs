//! What a device signs with its key: which bytes prove a request. The signature itself (Ed25519, RFC 8032) is made and
//! checked elsewhere; here it is only said over what.
//!
//! Each signed request says what it is for, who sends it, and which part of the journal it speaks of, and covers its
//! body by a hash. So a signature fits one request alone: one for a batch cannot be shown as one for a token.

use super::v1::{
    Batch, ClaimRequest, EnrolRequest, EpochRequest, NeighbourReply, NeighbourRequest, NumbersRequest,
    PortalWatch, ReleaseRequest, ScreenUpload, TokenRequest, TraceUpload,
};

/// The header that carries a signature, as 128 lower-case hexadecimal digits.
pub const SIGNATURE_HEADER: &str = "tallyman-signature";

/// What stands before everything that is signed, so that no signature of another program fits.
const CONTEXT: &[u8] = b"tallyman signed request v1\0";

/// A request that is signed.
pub trait Proved {
    /// The word for what it is.
    const PURPOSE: &'static str;

    /// The part of the device's journal that it speaks of.
    fn span(&self) -> Span {
        Span::default()
    }
}

/// A part of a journal. Zeros where a request speaks of none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Span {
    /// The epoch.
    pub epoch: u32,
    /// The first seq, or number of a trace entry.
    pub first: u64,
    /// The last one.
    pub last: u64,
}

impl Proved for EnrolRequest {
    const PURPOSE: &'static str = "enrol";
}

impl Proved for ScreenUpload {
    const PURPOSE: &'static str = "screen";
}

impl Proved for TokenRequest {
    const PURPOSE: &'static str = "token";
}

impl Proved for Batch {
    const PURPOSE: &'static str = "confirmations";

    fn span(&self) -> Span {
        Span {
            epoch: self.epoch,
            first: self.records.first().map_or(0, |record| record.seq),
            last: self.records.last().map_or(0, |record| record.seq),
        }
    }
}

impl Proved for EpochRequest {
    const PURPOSE: &'static str = "epoch";

    fn span(&self) -> Span {
        Span {
            epoch: self.epoch,
            first: 0,
            last: self.last_seq,
        }
    }
}

impl Proved for TraceUpload {
    const PURPOSE: &'static str = "traces";

    fn span(&self) -> Span {
        Span {
            epoch: 0,
            first: self.entries.first().map_or(0, |entry| entry.number),
            last: self.entries.last().map_or(0, |entry| entry.number),
        }
    }
}

impl Proved for ClaimRequest {
    const PURPOSE: &'static str = "claims";
}

impl Proved for NeighbourRequest {
    const PURPOSE: &'static str = "neighbours";
}

impl Proved for PortalWatch {
    const PURPOSE: &'static str = "questions";
}

impl Proved for NeighbourReply {
    const PURPOSE: &'static str = "answers";
}

impl Proved for NumbersRequest {
    const PURPOSE: &'static str = "numbers";

    fn span(&self) -> Span {
        Span {
            epoch: self.epoch,
            first: 0,
            last: self.last_seq,
        }
    }
}

impl Proved for ReleaseRequest {
    const PURPOSE: &'static str = "release";
}

/// The bytes to sign for a request of this device, whose body is sent as `body` (before any compression). `device` is
/// empty at enrolment.
pub fn message<R: Proved>(request: &R, device: &str, body: &[u8]) -> Vec<u8> {
    bytes(R::PURPOSE, device, request.span(), body)
}

fn bytes(purpose: &str, device: &str, span: Span, body: &[u8]) -> Vec<u8> {
    let mut message = Vec::with_capacity(128);
    message.extend_from_slice(CONTEXT);
    for text in [purpose, device] {
        // The length keeps a text apart from what follows it.
        message.extend_from_slice(&(text.len() as u64).to_le_bytes());
        message.extend_from_slice(text.as_bytes());
    }
    message.extend_from_slice(&span.epoch.to_le_bytes());
    message.extend_from_slice(&span.first.to_le_bytes());
    message.extend_from_slice(&span.last.to_le_bytes());
    message.extend_from_slice(blake3::hash(body).as_bytes());
    message
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn no_two_requests_are_signed_alike(
            one in (".{0,8}", ".{0,8}", any::<u32>(), any::<u64>(), any::<u64>(), ".{0,8}"),
            other in (".{0,8}", ".{0,8}", any::<u32>(), any::<u64>(), any::<u64>(), ".{0,8}"),
        ) {
            let of = |(purpose, device, epoch, first, last, body): &(String, String, u32, u64, u64, String)| {
                bytes(purpose, device, Span { epoch: *epoch, first: *first, last: *last }, body.as_bytes())
            };
            prop_assert_eq!(one == other, of(&one) == of(&other));
            // The same texts with their border moved are other texts.
            let joined = format!("{}{}", one.0, one.1);
            let moved = (String::new(), joined, one.2, one.3, one.4, one.5.clone());
            prop_assert_eq!(one == moved, of(&one) == of(&moved));
        }
    }
}
