//! How the link to the hub is doing, for the status bar and for `status`.

use tallyman_codes::Moment;
use tokio::sync::watch;

use crate::seams::Fault;

/// What is known of the link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkStatus {
    /// How it is.
    pub state: LinkState,
    /// Since when.
    pub since: Moment,
    /// When the hub answered last.
    pub answered_at: Option<Moment>,
    /// Why there was no answer the last time, in a sentence; kept after the link is back.
    pub last_fault: Option<String>,
    /// Confirmations that the hub took and told a supervisor about.
    pub exceptions: u64,
    /// Confirmations that the hub keeps until they are understood.
    pub quarantined: u64,
    /// The epochs this journal was given since the program started.
    pub epochs_begun: u64,
    /// An administrator has blocked this device: the hub keeps what it sends aside, and gives it no work.
    pub revoked: bool,
}

/// How the link is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkState {
    /// Nothing was tried yet.
    Unknown,
    /// There is no identity and no code to get one with.
    NotEnrolled,
    /// The hub answers.
    Online,
    /// It does not.
    Offline,
    /// It answers and does not take this device's word.
    Refused,
}

impl LinkState {
    /// The word for programs.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::NotEnrolled => "not_enrolled",
            Self::Online => "online",
            Self::Offline => "offline",
            Self::Refused => "refused",
        }
    }
}

/// Where the lanes write what they learn.
#[derive(Debug, Clone)]
pub(crate) struct Link {
    status: watch::Sender<LinkStatus>,
}

impl Link {
    /// A link nobody has tried.
    pub(crate) fn new(now: Moment) -> Self {
        let status = LinkStatus {
            state: LinkState::Unknown,
            since: now,
            answered_at: None,
            last_fault: None,
            exceptions: 0,
            quarantined: 0,
            epochs_begun: 0,
            revoked: false,
        };
        Self {
            status: watch::Sender::new(status),
        }
    }

    /// To look at it, and to wake on changes.
    pub(crate) fn subscribe(&self) -> watch::Receiver<LinkStatus> {
        self.status.subscribe()
    }

    /// The hub answered. True where it had not done so before.
    pub(super) fn reached(&self, now: Moment) -> bool {
        let is_back = self.status.borrow().state != LinkState::Online;
        self.enter(LinkState::Online, now, |status| status.answered_at = Some(now));
        is_back
    }

    /// There is no identity, and no way to one.
    pub(super) fn not_enrolled(&self, now: Moment) {
        self.enter(LinkState::NotEnrolled, now, |_| ());
    }

    /// There is no answer to go by. Told once for each way it fails, not for each try.
    pub(super) fn lost(&self, now: Moment, fault: &Fault) {
        let state = match fault {
            Fault::Unauthorised { .. } | Fault::Key(_) => LinkState::Refused,
            // It lives, and says so.
            Fault::Busy { .. } | Fault::Outdated => LinkState::Online,
            _ => LinkState::Offline,
        };
        let message = fault.to_string();
        if self.status.borrow().state != state {
            tracing::warn!(
                fault = message,
                state = state.word(),
                "the hub gives no answer to go by"
            );
        }
        self.enter(state, now, |status| status.last_fault = Some(message));
    }

    /// The link is good and something else keeps it from being used, told in a sentence.
    pub(super) fn hindered(&self, reason: &str) {
        self.status
            .send_modify(|status| status.last_fault = Some(reason.to_owned()));
    }

    /// Counts what the hub said about single confirmations.
    pub(super) fn outcomes(&self, exceptions: u64, quarantined: u64) {
        if exceptions + quarantined > 0 {
            self.status.send_modify(|status| {
                status.exceptions += exceptions;
                status.quarantined += quarantined;
            });
        }
    }

    /// Whether the device is blocked. Told when it changes.
    pub(super) fn revoked(&self, revoked: bool) {
        if self.status.borrow().revoked != revoked {
            if revoked {
                tracing::warn!(
                    "an administrator has blocked this device: it sends what it has, and gets no work"
                );
            } else {
                tracing::info!("this device may work again");
            }
            self.status.send_modify(|status| status.revoked = revoked);
        }
    }

    /// A new epoch began.
    pub(super) fn epoch_begun(&self) {
        self.status.send_modify(|status| status.epochs_begun += 1);
    }

    fn enter(&self, state: LinkState, now: Moment, change: impl FnOnce(&mut LinkStatus)) {
        self.status.send_modify(|status| {
            if status.state != state {
                status.state = state;
                status.since = now;
            }
            change(status);
        });
    }
}
