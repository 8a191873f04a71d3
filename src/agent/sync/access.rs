//! How the lanes prove the device: a token that is asked for with the key, kept in memory alone, and renewed long before
//! it ends.
//!
//! No clock has to be right: the hub gives something to sign and ends the token by its own clock, and how long a token has
//! been here is told by the clock that runs since the device's boot. A device that was off for weeks asks anew.

use std::sync::Arc;

use futures_util::future::BoxFuture;
use tallyman_codes::Moment;
use tallyman_floor::wire::v1::{
    Batch, ChallengeRequest, ClaimRequest, Claims, Delta, EpochGranted, EpochRequest, NeighbourAnswers,
    NeighbourQuestions, NeighbourReply, NeighbourRequest, Numbers, NumbersRequest, PortalWatch, Receipt,
    ReleaseRequest, ScreenUpload, StockAnswer, TokenRequest, TraceUpload,
};
use tallyman_floor::{Inquiry, PictureId};
use tallyman_platform::clock::Clock;
use tokio::sync::Mutex;

use crate::seams::{Credential, Fault, Keys, Token, Transport};

/// A renewal that failed while the token still works is tried again after this long.
const RENEW_AGAIN_MS: u64 = 30_000;

/// The longest life of a token that is believed, in seconds: a year.
const LIFE_SECONDS_MAX: u64 = 31_536_000;

/// What proves the device. Clones share it.
#[derive(Clone)]
pub(crate) struct Access {
    transport: Arc<dyn Transport>,
    clock: Arc<dyn Clock>,
    keys: Arc<dyn Keys>,
    held: Arc<Mutex<Option<Held>>>,
}

struct Held {
    credential: Credential,
    renew_at: Moment,
    ends_at: Moment,
}

impl Access {
    pub(crate) fn new(transport: Arc<dyn Transport>, clock: Arc<dyn Clock>, keys: Arc<dyn Keys>) -> Self {
        Self {
            transport,
            clock,
            keys,
            held: Arc::default(),
        }
    }

    /// Where the key is kept.
    pub(super) fn keys(&self) -> &dyn Keys {
        self.keys.as_ref()
    }

    /// Forgets the token: the device has another key.
    pub(super) async fn forget(&self) {
        *self.held.lock().await = None;
    }

    /// [`Transport::confirmations`] as this device.
    pub(super) async fn confirmations(&self, device: &str, batch: &Batch) -> Result<Receipt, Fault> {
        let transport = &self.transport;
        self.send(device, |by| {
            Box::pin(async move { transport.confirmations(&by, batch).await })
        })
        .await
    }

    /// [`Transport::tasks`] as this device.
    pub(super) async fn tasks(
        &self,
        device: &str,
        cursor: Option<&str>,
        wait_ms: u64,
    ) -> Result<Delta, Fault> {
        let transport = &self.transport;
        self.send(device, |by| {
            Box::pin(async move { transport.tasks(&by, cursor, wait_ms).await })
        })
        .await
    }

    /// [`Transport::epoch`] as this device.
    pub(super) async fn epoch(&self, device: &str, request: &EpochRequest) -> Result<EpochGranted, Fault> {
        let transport = &self.transport;
        self.send(device, |by| {
            Box::pin(async move { transport.epoch(&by, request).await })
        })
        .await
    }

    /// [`Transport::traces`] as this device.
    pub(super) async fn traces(&self, device: &str, upload: &TraceUpload) -> Result<(), Fault> {
        let transport = &self.transport;
        self.send(device, |by| {
            Box::pin(async move { transport.traces(&by, upload).await })
        })
        .await
    }

    /// [`Transport::screen`] as this device.
    pub(super) async fn screen(&self, device: &str, upload: &ScreenUpload) -> Result<(), Fault> {
        let transport = &self.transport;
        self.send(device, |by| {
            Box::pin(async move { transport.screen(&by, upload).await })
        })
        .await
    }

    /// [`Transport::claim`] as this device.
    pub(super) async fn claim(&self, device: &str, request: &ClaimRequest) -> Result<Claims, Fault> {
        let transport = &self.transport;
        self.send(device, |by| {
            Box::pin(async move { transport.claim(&by, request).await })
        })
        .await
    }

    /// [`Transport::release`] as this device.
    pub(super) async fn release(&self, device: &str, request: &ReleaseRequest) -> Result<(), Fault> {
        let transport = &self.transport;
        self.send(device, |by| {
            Box::pin(async move { transport.release(&by, request).await })
        })
        .await
    }

    /// [`Transport::numbers`] as this device.
    pub(super) async fn numbers(&self, device: &str, request: &NumbersRequest) -> Result<Numbers, Fault> {
        let transport = &self.transport;
        self.send(device, |by| {
            Box::pin(async move { transport.numbers(&by, request).await })
        })
        .await
    }

    /// [`Transport::picture`] as this device.
    pub(super) async fn picture(&self, device: &str, picture: &PictureId) -> Result<Vec<u8>, Fault> {
        let transport = &self.transport;
        self.send(device, |by| {
            Box::pin(async move { transport.picture(&by, picture).await })
        })
        .await
    }

    /// [`Transport::neighbours`] as this device.
    pub(super) async fn neighbours(
        &self,
        device: &str,
        request: &NeighbourRequest,
    ) -> Result<NeighbourAnswers, Fault> {
        let transport = &self.transport;
        self.send(device, |by| {
            Box::pin(async move { transport.neighbours(&by, request).await })
        })
        .await
    }

    /// [`Transport::portal_questions`] as this device.
    pub(super) async fn portal_questions(
        &self,
        device: &str,
        request: &PortalWatch,
    ) -> Result<NeighbourQuestions, Fault> {
        let transport = &self.transport;
        self.send(device, |by| {
            Box::pin(async move { transport.portal_questions(&by, request).await })
        })
        .await
    }

    /// [`Transport::portal_answer`] as this device.
    pub(super) async fn portal_answer(&self, device: &str, reply: &NeighbourReply) -> Result<(), Fault> {
        let transport = &self.transport;
        self.send(device, |by| {
            Box::pin(async move { transport.portal_answer(&by, reply).await })
        })
        .await
    }

    /// [`Transport::stock`] as this device.
    pub(super) async fn stock(&self, device: &str, inquiry: &Inquiry) -> Result<StockAnswer, Fault> {
        let transport = &self.transport;
        self.send(device, |by| {
            Box::pin(async move { transport.stock(&by, inquiry).await })
        })
        .await
    }

    /// Sends something as this device. Where the hub does not know the token, it is sent once more with another one.
    async fn send<'a, T>(
        &self,
        device: &str,
        mut send: impl FnMut(Credential) -> BoxFuture<'a, Result<T, Fault>>,
    ) -> Result<T, Fault> {
        let credential = self.credential(device).await?;
        let token = credential.token.clone();
        match send(credential).await {
            Err(Fault::Unauthorised { status: 401, .. }) => {
                self.drop_token(&token).await;
                send(self.credential(device).await?).await
            }
            answer => answer,
        }
    }

    /// A token that works, as far as can be known here. Whoever asks while another one renews it waits for that.
    async fn credential(&self, device: &str) -> Result<Credential, Fault> {
        let mut held = self.held.lock().await;
        let now = self.now();
        if held.as_ref().is_some_and(|held| held.credential.device != device) {
            *held = None;
        }
        if let Some(held) = held.as_ref().filter(|held| now < held.renew_at) {
            return Ok(held.credential.clone());
        }
        match self.renew(device).await {
            Ok(renewed) => Ok(held.insert(renewed).credential.clone()),
            Err(fault) => match held.as_mut().filter(|held| now < held.ends_at) {
                Some(held) if !matches!(fault, Fault::Unauthorised { .. }) => {
                    tracing::info!(%fault, "the token is not renewed yet");
                    held.renew_at = now.plus_ms(RENEW_AGAIN_MS);
                    Ok(held.credential.clone())
                }
                _ => Err(fault),
            },
        }
    }

    async fn renew(&self, device: &str) -> Result<Held, Fault> {
        let key = self.keys.enrolled()?;
        let asked = ChallengeRequest {
            device: device.to_owned(),
        };
        let challenge = self.transport.challenge(&asked).await?;
        let request = TokenRequest {
            device: device.to_owned(),
            challenge: challenge.challenge,
        };
        let granted = self.transport.token(&key, &request).await?;
        let now = self.now();
        let life_ms = granted.expires_seconds.min(LIFE_SECONDS_MAX) * 1_000;
        Ok(Held {
            credential: Credential {
                device: device.to_owned(),
                token: Token::new(granted.token),
                key,
            },
            renew_at: now.plus_ms(life_ms / 2),
            ends_at: now.plus_ms(life_ms),
        })
    }

    async fn drop_token(&self, token: &Token) {
        let mut held = self.held.lock().await;
        if held.as_ref().is_some_and(|held| held.credential.token == *token) {
            *held = None;
        }
    }

    fn now(&self) -> Moment {
        Moment::from_us(self.clock.now().us)
    }
}
