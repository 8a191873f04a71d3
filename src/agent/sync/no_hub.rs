//! The way to a hub that nobody has named yet: there is none. Every request is as good as one that reached nobody.

use futures_util::future::BoxFuture;
use tallyman_floor::Inquiry;
use tallyman_floor::wire::v1::{
    Batch, Challenge, ChallengeRequest, ClaimRequest, Claims, Delta, DeviceCursor, EnrolRequest, Enrolled,
    EpochGranted, EpochRequest, Numbers, NumbersRequest, Receipt, ReleaseRequest, StockAnswer, TokenGranted,
    TokenRequest, TraceUpload,
};
use tallyman_platform::device_key::DeviceKey;

use crate::seams::{Credential, Fault, Transport};

/// See the module.
pub(crate) struct NoHub;

fn nobody<'a, T: Send + 'a>() -> BoxFuture<'a, Result<T, Fault>> {
    let fault = Fault::Unreachable("no hub is known; scan a set-up code".to_owned());
    Box::pin(std::future::ready(Err(fault)))
}

impl Transport for NoHub {
    fn enrol<'a>(&'a self, _: &'a DeviceKey, _: &'a EnrolRequest) -> BoxFuture<'a, Result<Enrolled, Fault>> {
        nobody()
    }

    fn challenge<'a>(&'a self, _: &'a ChallengeRequest) -> BoxFuture<'a, Result<Challenge, Fault>> {
        nobody()
    }

    fn token<'a>(
        &'a self,
        _: &'a DeviceKey,
        _: &'a TokenRequest,
    ) -> BoxFuture<'a, Result<TokenGranted, Fault>> {
        nobody()
    }

    fn confirmations<'a>(&'a self, _: &'a Credential, _: &'a Batch) -> BoxFuture<'a, Result<Receipt, Fault>> {
        nobody()
    }

    fn tasks<'a>(
        &'a self,
        _: &'a Credential,
        _: Option<&'a str>,
        _: u64,
    ) -> BoxFuture<'a, Result<Delta, Fault>> {
        nobody()
    }

    fn cursor<'a>(&'a self, _: &'a Credential) -> BoxFuture<'a, Result<DeviceCursor, Fault>> {
        nobody()
    }

    fn epoch<'a>(
        &'a self,
        _: &'a Credential,
        _: &'a EpochRequest,
    ) -> BoxFuture<'a, Result<EpochGranted, Fault>> {
        nobody()
    }

    fn traces<'a>(&'a self, _: &'a Credential, _: &'a TraceUpload) -> BoxFuture<'a, Result<(), Fault>> {
        nobody()
    }

    fn stock<'a>(&'a self, _: &'a Credential, _: &'a Inquiry) -> BoxFuture<'a, Result<StockAnswer, Fault>> {
        nobody()
    }

    fn claim<'a>(&'a self, _: &'a Credential, _: &'a ClaimRequest) -> BoxFuture<'a, Result<Claims, Fault>> {
        nobody()
    }

    fn release<'a>(&'a self, _: &'a Credential, _: &'a ReleaseRequest) -> BoxFuture<'a, Result<(), Fault>> {
        nobody()
    }

    fn numbers<'a>(
        &'a self,
        _: &'a Credential,
        _: &'a NumbersRequest,
    ) -> BoxFuture<'a, Result<Numbers, Fault>> {
        nobody()
    }
}
