//! One connection: bytes to the decoder, reports to the program, answers to the device.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use tallyman_codes::{DeviceName, Moment};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::sync::{Notify, mpsc, watch};
use tokio_util::sync::CancellationToken;

use super::state::DeviceState;
use super::supervisor::Report;
use super::{Clock, Link};
use crate::burst::Burst;
use crate::contract::{Command, Decoder, Output, Pump};

/// Bytes taken by one read. Small enough that what one read yields fits a few reports, large enough for a whole
/// LLRP message or a QR code.
const READ_BYTES_MAX: usize = 4 * 1024;

/// How long a device may refuse to take an answer before it counts as lost.
const WRITE_MS_MAX: u64 = 2_000;

/// How soon sightings are offered again to a program that had no room for them.
const ROOM_RETRY_MS: u64 = 20;

/// How a connection ended.
pub(super) enum End {
    /// The program ends.
    Cancelled,
    /// The device is gone, or never came; why, as a sentence.
    Lost(String),
    /// The decoder has a bug; its message.
    Panicked(String),
}

/// Everything one connection needs.
pub(super) struct Pumping<'a> {
    pub(super) name: &'a DeviceName,
    pub(super) link: Box<dyn Link>,
    pub(super) reports: &'a mpsc::Sender<Report>,
    pub(super) clock: &'a dyn Clock,
    pub(super) cancel: &'a CancellationToken,
    pub(super) state: &'a watch::Sender<DeviceState>,
    pub(super) commands: &'a mut mpsc::Receiver<Command>,
    /// Where tag reports become sightings. It outlives connections: a stop holds for what a reader sends after it is back.
    pub(super) burst: &'a mut Burst,
    pub(super) reopen: &'a Notify,
    /// When what is being delivered came.
    pub(super) at: Moment,
    /// Garbage of earlier connections, and what this one has given so far.
    pub(super) garbage_bytes: u64,
    /// Trigger pulls of earlier connections: a decoder counts from 1 again, the device's life does not.
    pub(super) pulls_before: u64,
}

impl Pumping<'_> {
    /// Pumps until the connection ends. Half a code is dropped then, and counted as garbage.
    pub(super) async fn run(mut self, decoder: Box<dyn Decoder>) -> End {
        let mut pump = Pump::new(decoder);
        let end = match self.pump(&mut pump).await {
            Ok(never) => match never {},
            Err(end) => end,
        };
        if matches!(end, End::Cancelled) {
            return end;
        }
        if matches!(end, End::Lost(_))
            && let Err(panicked) = guarded(|| pump.reset())
        {
            return panicked;
        }
        // The link is gone: what the decoder still has goes to the program, answers go nowhere.
        while let Some(output) = pump.take() {
            if matches!(output, Output::Write(_) | Output::Baud(_)) {
                continue;
            }
            if let Err(cancelled) = self.deliver(output, pump.waiting()).await {
                return cancelled;
            }
        }
        while let Some(window) = self.burst.take_rest(self.clock.now()) {
            if let Err(cancelled) = self.report(Output::Sightings(window), 0).await {
                return cancelled;
            }
        }
        end
    }

    async fn pump(&mut self, pump: &mut Pump) -> Result<std::convert::Infallible, End> {
        let mut buffer = vec![0; READ_BYTES_MAX];
        guarded(|| pump.opened(self.at))?;
        loop {
            while let Some(output) = pump.take() {
                self.deliver(output, pump.waiting()).await?;
            }
            if let Some(reason) = pump.hang_up() {
                return Err(End::Lost(reason.to_owned()));
            }
            let wait = self.hand_out()?;
            let now = self.clock.now();
            let gap = pump
                .deadline()
                .into_iter()
                .chain(wait)
                .min()
                .map(|deadline| deadline.since_us(now));
            tokio::select! {
                () = self.cancel.cancelled() => return Err(End::Cancelled),
                () = self.reopen.notified() => return Err(End::Lost("it is opened anew".to_owned())),
                read = self.link.read(&mut buffer) => {
                    self.at = self.clock.now();
                    let bytes = match read {
                        Ok(0) => return Err(End::Lost("the device hung up.".to_owned())),
                        Ok(count) => buffer.get(..count).unwrap_or(&[]),
                        Err(error) => return Err(End::Lost(format!("reading failed: {error}."))),
                    };
                    guarded(|| pump.push(bytes, self.at))?;
                    let own_beep = pump.own_beep();
                    let garbage_bytes = self.garbage_bytes + pump.held_garbage_bytes();
                    self.state.send_modify(|state| {
                        state.bytes += bytes.len() as u64;
                        state.garbage_bytes = state.garbage_bytes.max(garbage_bytes);
                        state.own_beep = own_beep;
                    });
                }
                Some(command) = self.commands.recv() => {
                    self.at = self.clock.now();
                    match command {
                        Command::StartInventory(_) => self.burst.start(),
                        // From now on: whatever the reader and the socket have queued is dropped.
                        Command::StopInventory => self.burst.stop(),
                        _ => {}
                    }
                    let is_taken = guarded(|| pump.command(command, self.at))?;
                    if let (false, Command::SetOutput { port, .. }) = (is_taken, command) {
                        self.notice("no_output", &format!("The reader has no output {port}, or its protocol sets none."));
                    }
                }
                () = tokio::time::sleep(Duration::from_micros(gap.unwrap_or(0))), if gap.is_some() => {
                    self.at = self.clock.now();
                    guarded(|| pump.advance(self.at))?;
                }
            }
        }
    }

    /// Carries one output where it belongs, in order: an acknowledgement that follows a read is written once the
    /// program has taken the read, which is what holds a scanner off that waits for acknowledgements.
    async fn deliver(&mut self, output: Output, waiting: usize) -> Result<(), End> {
        match output {
            Output::Write(bytes) => self.write(&bytes).await,
            Output::Baud(baud) => {
                tracing::debug!(device = %self.name, baud, "the line is set to another rate");
                // A rate that the adapter does not have is one at which nobody answers: the decoder tries the next.
                if let Err(error) = self.link.set_baud(baud) {
                    tracing::debug!(device = %self.name, baud, %error, "the line does not have the rate");
                }
                Ok(())
            }
            Output::Garbage { bytes, .. } => {
                self.garbage_bytes += bytes;
                let garbage_bytes = self.garbage_bytes;
                self.state
                    .send_modify(|state| state.garbage_bytes = state.garbage_bytes.max(garbage_bytes));
                Ok(())
            }
            Output::Message { .. } => Ok(()),
            Output::Barcode { barcode, pull, again } => {
                let pull = pull.map(|number| self.pulls_before.saturating_add(number));
                if let Some(pull) = pull {
                    self.state
                        .send_modify(|state| state.pulls = state.pulls.max(pull));
                }
                let output = Output::Barcode { barcode, pull, again };
                self.report(output, waiting).await
            }
            Output::Tag(tag) => {
                self.burst.fold(&tag, self.at);
                Ok(())
            }
            // With the trigger's release the window ends, and what the reader still has queued is nobody's.
            Output::Trigger { pressed: looks } | Output::Inventory { running: looks } => {
                match looks {
                    true => self.burst.start(),
                    false => self.burst.stop(),
                }
                self.report(output, waiting).await
            }
            Output::Sightings(_) | Output::Input { .. } => self.report(output, waiting).await,
            Output::Notice {
                ref code,
                ref message,
            } => {
                self.notice(code, message);
                self.report(output, waiting).await
            }
            Output::Answer {
                ref name, ref text, ..
            } => {
                self.state.send_modify(|state| state.answered(name, text));
                self.report(output, waiting).await
            }
        }
    }

    /// Gives the program the sightings that are due, as far as it has room, and says when to look again. Nothing waits here:
    /// while the program is behind, the device is read on and the window becomes longer.
    fn hand_out(&mut self) -> Result<Option<Moment>, End> {
        let now = self.clock.now();
        while self.burst.deadline().is_some_and(|deadline| deadline <= now) {
            let permit = match self.reports.try_reserve() {
                Ok(permit) => permit,
                Err(mpsc::error::TrySendError::Full(())) => return Ok(Some(now.plus_ms(ROOM_RETRY_MS))),
                Err(mpsc::error::TrySendError::Closed(())) => return Err(End::Cancelled),
            };
            let Some(window) = self.burst.take_window(now) else {
                break;
            };
            let reads: u64 = window
                .sightings
                .iter()
                .map(|sighting| u64::from(sighting.reads))
                .sum();
            let not_kept = window.counts.not_kept;
            permit.send(Report {
                device: self.name.clone(),
                at: now,
                output: Output::Sightings(window),
            });
            self.state.send_modify(|state| {
                state.reads += reads;
                state.last_read_at = Some(now);
            });
            if not_kept > 0 {
                let message =
                    format!("{not_kept} reads are of more tags than are kept at a time: take smaller parts.");
                self.notice("tags_not_kept", &message);
            }
        }
        Ok(self.burst.deadline())
    }

    /// What a device says about itself is kept for `status`, and logged: what comes with every trigger only for those
    /// who look for it, and what is repeated only once.
    fn notice(&self, code: &str, message: &str) {
        let is_new = !self.state.borrow().says(code, message);
        if matches!(code, "no_read" | "heartbeat") || !is_new {
            tracing::debug!(device = %self.name, code, "{message}");
        } else {
            tracing::info!(device = %self.name, code, "{message}");
        }
        self.state
            .send_modify(|state| state.noticed(code, message, self.at));
    }

    async fn write(&mut self, bytes: &[u8]) -> Result<(), End> {
        let write = async {
            self.link.write_all(bytes).await?;
            self.link.flush().await
        };
        tokio::select! {
            () = self.cancel.cancelled() => Err(End::Cancelled),
            written = tokio::time::timeout(Duration::from_millis(WRITE_MS_MAX), write) => match written {
                Ok(Ok(())) => Ok(()),
                Ok(Err(error)) => Err(End::Lost(format!("writing failed: {error}."))),
                Err(_) => Err(End::Lost("the device takes no bytes.".to_owned())),
            },
        }
    }

    /// Hands a report to the program, and waits for room as long as it takes. The link is not read meanwhile.
    async fn report(&mut self, output: Output, waiting: usize) -> Result<(), End> {
        let at = self.at;
        let is_read = output.is_read();
        let report = Report {
            device: self.name.clone(),
            at,
            output,
        };
        if let Err(mpsc::error::TrySendError::Full(report)) = self.reports.try_send(report) {
            self.state.send_modify(|state| {
                state.waiting = waiting + 1;
                state.waiting_since = Some(at);
            });
            tokio::select! {
                () = self.cancel.cancelled() => return Err(End::Cancelled),
                sent = self.reports.send(report) => if sent.is_err() { return Err(End::Cancelled) },
            }
            let waited_us = self.clock.now().since_us(at);
            self.state.send_modify(|state| {
                state.waiting = 0;
                state.waiting_since = None;
                state.worst_wait_us = state.worst_wait_us.max(waited_us);
            });
        }
        if is_read {
            self.state.send_modify(|state| {
                state.reads += 1;
                state.last_read_at = Some(at);
            });
        }
        Ok(())
    }
}

/// Runs decoder code. A panic is a bug of the decoder and ends this connection only.
fn guarded<T>(code: impl FnOnce() -> T) -> Result<T, End> {
    catch_unwind(AssertUnwindSafe(code)).map_err(|panic| {
        let message = panic
            .downcast_ref::<&str>()
            .map(|text| (*text).to_owned())
            .or_else(|| panic.downcast_ref::<String>().cloned());
        End::Panicked(message.unwrap_or_else(|| "no message".to_owned()))
    })
}
