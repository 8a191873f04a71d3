//! The life of one device: open, pump, lost, back-off, open; for as long as the program runs.
//!
//! A device's fault stays at its own edge: a link that fails is opened again, a decoder that panics is made anew,
//! and neither ends the program or touches another device. The future wakes for bytes, commands, cancellation and
//! the timers a decoder or a wait asked for, and for nothing else.

use std::sync::Arc;
use std::time::Duration;

use tallyman_codes::{DeviceName, Moment, Read, Seen};
use tokio::sync::{Notify, mpsc, watch};
use tokio_util::sync::CancellationToken;

use super::backoff::Backoff;
use super::deliver::{End, Pumping};
use super::state::{DeviceState, Phase};
use super::{Clock, Entropy, Opener, opener_for};
use crate::burst::{Burst, BurstSettings};
use crate::config::{DeviceConfig, DeviceConfigError};
use crate::contract::{Command, Decoder, Output};

/// Commands that may wait for a device. Verdicts come one a second; what does not fit is stale.
const COMMANDS_MAX: usize = 8;

/// A link that stood this long was good: the next failure begins with short waits again.
const STOOD_US: u64 = 5_000_000;

/// What a device said, on its way to the program.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    /// The device.
    pub device: DeviceName,
    /// When its last byte came.
    pub at: Moment,
    /// A read, a trigger, a notice or an answer; the other outputs end at the supervisor.
    pub output: Output,
}

impl Report {
    /// The read, if it is one.
    pub fn into_read(self) -> Option<Read> {
        let (pull, again, seen) = match self.output {
            Output::Barcode { barcode, pull, again } => (pull, again, Seen::Barcode(barcode)),
            _ => return None,
        };
        Some(Read {
            device: self.device,
            at: self.at,
            pull,
            again,
            seen,
        })
    }
}

/// What the program gives to every device.
pub struct Surroundings {
    /// Where reports go; bounded by [`super::REPORTS_MAX`]. While it is full the device is not read.
    pub reports: mpsc::Sender<Report>,
    /// The program's monotonic clock.
    pub clock: Arc<dyn Clock>,
    /// Jitter for the waits.
    pub entropy: Box<dyn Entropy>,
    /// Ends the device's life.
    pub cancel: CancellationToken,
}

/// What the program keeps of a device.
#[derive(Debug, Clone)]
pub struct DeviceHandle {
    /// Its name.
    pub name: DeviceName,
    /// How it is doing.
    pub state: watch::Receiver<DeviceState>,
    /// What is asked of it. Use `try_send`: a command for a device that is gone or busy is stale, and the program
    /// must not wait for a device that waits for the program. Commands are dropped while the link is not open.
    pub commands: mpsc::Sender<Command>,
    /// Ends a wait at once, for when the kernel says that a device came.
    pub retry_now: Arc<Notify>,
    /// Closes the link, so that it is opened anew: for when the machine has slept, and what was set in a device may be lost.
    pub reopen: Arc<Notify>,
}

/// Makes a fresh decoder for each connection, from what opening found out at the device. The error is a sentence.
pub type MakeDecoder = Box<dyn Fn(&[(&'static str, String)]) -> Result<Box<dyn Decoder>, String> + Send>;

/// A configured device's life: a handle to it, and the future that leads it, to be spawned.
///
/// # Errors
/// [`DeviceConfigError`] when the configuration names no driver or a wrong setting.
pub fn supervise(
    config: &DeviceConfig,
    surroundings: Surroundings,
) -> Result<(DeviceHandle, impl Future<Output = ()> + Send + use<>), DeviceConfigError> {
    config.check()?;
    let copy = config.clone();
    let make: MakeDecoder =
        Box::new(move |discovered| copy.decoder_with(discovered).map_err(|error| error.to_string()));
    let name = DeviceName::new(config.name.as_str());
    Ok(supervise_with(name, make, opener_for(config)?, surroundings))
}

/// The same for any decoder and any link, as tests and the simulator need it.
pub fn supervise_with(
    name: DeviceName,
    make_decoder: MakeDecoder,
    opener: Box<dyn Opener>,
    surroundings: Surroundings,
) -> (DeviceHandle, impl Future<Output = ()> + Send + use<>) {
    let (state_sender, state) = watch::channel(DeviceState::new(surroundings.clock.now()));
    let (commands_sender, commands) = mpsc::channel(COMMANDS_MAX);
    let (retry_now, reopen) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let handle = DeviceHandle {
        name: name.clone(),
        state,
        commands: commands_sender,
        retry_now: Arc::clone(&retry_now),
        reopen: Arc::clone(&reopen),
    };
    let supervisor = Supervisor {
        name,
        make_decoder,
        opener,
        reports: surroundings.reports,
        clock: surroundings.clock,
        entropy: surroundings.entropy,
        cancel: surroundings.cancel,
        state: state_sender,
        commands,
        burst: Burst::new(BurstSettings::default()),
        retry_now,
        reopen,
    };
    (handle, supervisor.run())
}

struct Supervisor {
    name: DeviceName,
    make_decoder: MakeDecoder,
    opener: Box<dyn Opener>,
    reports: mpsc::Sender<Report>,
    clock: Arc<dyn Clock>,
    entropy: Box<dyn Entropy>,
    cancel: CancellationToken,
    state: watch::Sender<DeviceState>,
    commands: mpsc::Receiver<Command>,
    burst: Burst,
    retry_now: Arc<Notify>,
    reopen: Arc<Notify>,
}

impl Supervisor {
    async fn run(mut self) {
        let mut backoff = Backoff::default();
        loop {
            self.enter(Phase::Opening);
            let begun = self.clock.now();
            match self.once().await {
                End::Cancelled => break,
                End::Lost(reason) => self.fault(reason),
                End::Panicked(reason) => {
                    self.state.send_modify(|state| state.panics += 1);
                    self.fault(format!("the decoder failed and was started anew: {reason}"));
                }
            }
            if self.clock.now().since_us(begun) >= STOOD_US {
                backoff.reset();
            }
            let retry_ms = backoff.next_ms(self.entropy.as_mut());
            if self.wait(retry_ms).await.is_none() {
                break;
            }
        }
        self.enter(Phase::Stopped);
    }

    /// One connection, from opening to its end.
    async fn once(&mut self) -> End {
        let opened = tokio::select! {
            () = self.cancel.cancelled() => return End::Cancelled,
            opened = self.opener.open() => opened,
        };
        let link = match opened {
            Ok(link) => link,
            Err(error) => return End::Lost(error.to_string()),
        };
        let decoder = match (self.make_decoder)(&self.opener.discovered()) {
            Ok(decoder) => decoder,
            Err(reason) => return End::Lost(reason),
        };
        // What was asked of a device that was not there is stale.
        while self.commands.try_recv().is_ok() {}
        let node = self.opener.node();
        let shown = node.as_deref().unwrap_or("the network");
        tracing::info!(device = %self.name, node = shown, "the device is open");
        self.state.send_modify(|state| state.opened_at(node));
        self.enter(Phase::Open);
        let (garbage_bytes, pulls_before) = {
            let state = self.state.borrow();
            (state.garbage_bytes, state.pulls)
        };
        Pumping {
            at: self.clock.now(),
            garbage_bytes,
            pulls_before,
            name: &self.name,
            link,
            reports: &self.reports,
            clock: self.clock.as_ref(),
            cancel: &self.cancel,
            state: &self.state,
            commands: &mut self.commands,
            burst: &mut self.burst,
            reopen: &self.reopen,
        }
        .run(decoder)
        .await
    }

    /// Waits before the next attempt. `None`: the program ends.
    async fn wait(&mut self, retry_ms: u64) -> Option<()> {
        self.enter(Phase::Waiting { retry_ms });
        tokio::select! {
            () = self.cancel.cancelled() => None,
            () = tokio::time::sleep(Duration::from_millis(retry_ms)) => Some(()),
            () = self.retry_now.notified() => Some(()),
        }
    }

    fn enter(&self, phase: Phase) {
        let now = self.clock.now();
        self.state.send_modify(|state| state.enter(phase, now));
    }

    /// Keeps the reason, and logs it unless it is the same as before: a reader that is off all night is one line.
    fn fault(&self, reason: String) {
        let is_new = self.state.borrow().last_error.as_ref() != Some(&reason);
        if is_new {
            tracing::warn!(device = %self.name, %reason, "the device is lost and will be opened again");
        }
        self.state.send_modify(|state| state.last_error = Some(reason));
    }
}
