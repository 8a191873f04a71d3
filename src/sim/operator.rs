//! Virtual operators: they work a device by their plan, make a worker's mistakes, and know what each must be
//! answered.
//!
//! An operator keeps its own record of what it did and heard, outside the agent's process. The checker counts what
//! was lost or doubled against that record, and not against what the agent says of itself.

mod battery;
mod count;
mod mistakes;
mod pass;
mod pick;
mod receive;
mod record;
mod rounds;
mod sweep;

use std::time::Duration;

use tallyman_platform::entropy::SeededEntropy;
use tokio::sync::broadcast;

use crate::heard::{Heard, Sound};
use crate::network::Network;
use crate::plugged::ScannerState;
use crate::station::{SCANNER, Station, StationError};

pub use mistakes::Mistake;
#[cfg(test)]
pub(crate) use pass::WINDOWS_A_STEP;
pub use record::{Act, Record};

/// What the answer to a scan or a key must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// Good, with so many facts on disk.
    Accept(usize),
    /// Good, without a fact: the work moves on.
    Go,
    /// A question.
    Ask,
    /// It does not count.
    Reject,
    /// A mechanical repetition, dropped.
    Repeated,
}

/// What goes wrong around a worker, by the plan of the shift.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// The network goes.
    Cut,
    /// It comes back.
    Mend,
    /// So many answers of the hub are swallowed.
    Swallow(u32),
    /// The battery is pulled while the next piece is scanned, and put back.
    Battery,
    /// The battery is pulled when the next piece has sounded and is on disk, and the acknowledgement of its packet is
    /// lost: a scanner that waits for one sends the packet again, to the agent that starts.
    BatteryBeforeAcknowledgement,
}

/// Why a shift does not go as it must.
#[derive(Debug, thiserror::Error)]
pub enum WorkError {
    /// The device.
    #[error(transparent)]
    Station(#[from] StationError),
    /// An answer that was not the right one.
    #[error(
        "{station}: {did} must be answered by {wanted:?}, and was by {got:?}. The screen showed: {screen}"
    )]
    Answer {
        /// The station.
        station: String,
        /// What the operator did.
        did: String,
        /// What the answer must be.
        wanted: Answer,
        /// What it was.
        got: Box<Sound>,
        /// What the screen showed.
        screen: String,
    },
    /// A pass recorded more or fewer pieces than were driven through and not asked about.
    #[error(
        "{station}: {driven} pieces were driven through and not asked about, and {recorded} were recorded. The screen showed: {screen}"
    )]
    Pass {
        /// The station.
        station: String,
        /// Pieces on the pallet that were neither recorded before nor asked about.
        driven: usize,
        /// Facts that the pass's sound promised.
        recorded: usize,
        /// What the screen showed.
        screen: String,
    },
    /// The screen does not say what to do.
    #[error("{station}: the screen must name {wanted}. It showed: {screen}")]
    Screen {
        /// The station.
        station: String,
        /// What must be there.
        wanted: String,
        /// What was there.
        screen: String,
    },
}

/// A worker with a device.
#[derive(Debug)]
pub struct Operator {
    /// The device.
    pub station: Station,
    /// The way from the device to the hub.
    pub network: Network,
    /// What was done and heard.
    pub record: Record,
    heard: broadcast::Receiver<Heard>,
    chance: SeededEntropy,
    troubles: Vec<(usize, Trouble)>,
    lines_worked: usize,
    battery_is_loose: Option<Trouble>,
    last_code: String,
    trigger_pause: Duration,
}

impl Operator {
    /// A worker who takes up a device. `troubles` say before which line, counted from 0 over the whole shift, what
    /// goes wrong. `duplicate_ms` is the device's window for mechanical repetitions: nobody pulls a trigger twice
    /// within it.
    pub fn new(
        station: Station,
        network: Network,
        chance: SeededEntropy,
        troubles: Vec<(usize, Trouble)>,
        duplicate_ms: u64,
    ) -> Self {
        Self {
            heard: station.listen(),
            station,
            network,
            record: Record::default(),
            chance,
            troubles,
            lines_worked: 0,
            battery_is_loose: None,
            last_code: String::new(),
            trigger_pause: Duration::from_millis(duplicate_ms + 1),
        }
    }

    /// Logs in with a badge.
    ///
    /// # Errors
    /// [`WorkError`]
    pub async fn log_in(&mut self, name: &str) -> Result<(), WorkError> {
        let is_set_up = |scanner: &ScannerState| scanner.is_set_up;
        self.station
            .scanner_that("the set-up of the scanner", is_set_up)
            .await?;
        self.scan(&format!("]C0BADGE-{name}"), Answer::Go).await
    }

    /// Opens the task of a document, by scanning the document.
    ///
    /// # Errors
    /// [`WorkError`]
    pub async fn open(&mut self, reference: &str) -> Result<(), WorkError> {
        self.scan(&format!("]C0{reference}"), Answer::Go).await?;
        self.is_open(reference)
    }

    /// Opens the task of a document that another device holds, and works on it all the same.
    ///
    /// # Errors
    /// [`WorkError`]
    pub async fn open_held(&mut self, reference: &str) -> Result<(), WorkError> {
        self.scan(&format!("]C0{reference}"), Answer::Ask).await?;
        self.press(&["enter"], Answer::Go).await?;
        self.is_open(reference)
    }

    fn is_open(&self, reference: &str) -> Result<(), WorkError> {
        let title = self.station.screen().title;
        if title.ends_with(reference) {
            return Ok(());
        }
        Err(self.screen_must_name(reference))
    }

    /// Scans, and checks the answer.
    ///
    /// # Errors
    /// [`WorkError::Answer`] where it is another one.
    pub async fn scan(&mut self, code: &str, wanted: Answer) -> Result<(), WorkError> {
        if self.last_code == code {
            tokio::time::sleep(self.trigger_pause).await;
        }
        code.clone_into(&mut self.last_code);
        self.station.scan(code)?;
        let sound = self.next_answer(true).await?;
        self.record.scanned(&sound);
        self.check(&format!("the scan of {code}"), wanted, sound)
    }

    /// Scans with a trigger that bounces: the same code twice at once. The second must be dropped, by the device where
    /// the scanner does not do it.
    ///
    /// # Errors
    /// [`WorkError::Answer`]
    pub async fn scan_with_bounce(&mut self, code: &str, wanted: Answer) -> Result<(), WorkError> {
        if self.last_code == code {
            tokio::time::sleep(self.trigger_pause).await;
        }
        code.clone_into(&mut self.last_code);
        self.station.scan_bouncing(code)?;
        let answers = match self.station.scanner().kind.filters_repeats() {
            true => &[wanted][..],
            false => &[wanted, Answer::Repeated],
        };
        for wanted in answers.iter().copied() {
            let sound = self.next_answer(true).await?;
            self.record.scanned(&sound);
            self.check(&format!("the bouncing scan of {code}"), wanted, sound)?;
        }
        Ok(())
    }

    /// Presses keys. Only the last one is answered by a sound.
    ///
    /// # Errors
    /// [`WorkError::Answer`]
    pub async fn press(&mut self, keys: &[&str], wanted: Answer) -> Result<(), WorkError> {
        for key in keys {
            self.station.press(key).await?;
        }
        let sound = self.next_answer(false).await?;
        self.record.pressed(&sound);
        self.check(&format!("the key {}", keys.join(" ")), wanted, sound)
    }

    /// Presses a key that makes no sound.
    ///
    /// # Errors
    /// [`WorkError::Station`]
    pub async fn press_quietly(&mut self, key: &str) -> Result<(), WorkError> {
        self.station.press(key).await?;
        Ok(())
    }

    /// Checks that the screen names what the plan says comes next.
    ///
    /// # Errors
    /// [`WorkError::Screen`]
    pub fn screen_names(&self, wanted: &str) -> Result<(), WorkError> {
        match self.station.screen().names(wanted) {
            true => Ok(()),
            false => Err(self.screen_must_name(wanted)),
        }
    }

    /// Before each line: whatever is planned to go wrong does.
    async fn next_line(&mut self) {
        let line = self.lines_worked;
        self.lines_worked += 1;
        for (at, trouble) in self.troubles.clone() {
            if at != line {
                continue;
            }
            match trouble {
                Trouble::Cut => self.network.cut(),
                Trouble::Mend => self.network.mend(),
                Trouble::Swallow(count) => self.network.swallow_answers(count),
                Trouble::Battery | Trouble::BatteryBeforeAcknowledgement => {
                    self.battery_is_loose = Some(trouble);
                }
            }
        }
    }

    /// The next answer to a scan, or to a key or a pass. Sounds that answer none of them, as news of the hub and the clicks of a
    /// sweep, are passed over.
    async fn next_answer(&mut self, to_scan: bool) -> Result<Sound, WorkError> {
        loop {
            let sound = self.station.next_sound(&mut self.heard).await?;
            let is_click = sound.verdict == "tag";
            if !is_click && (sound.device.as_deref() == Some(SCANNER)) == to_scan {
                return Ok(sound);
            }
            self.record.news += usize::from(!is_click);
        }
    }

    fn check(&self, did: &str, wanted: Answer, got: Sound) -> Result<(), WorkError> {
        let is_right = match wanted {
            Answer::Accept(facts) => got.verdict == "accept" && got.confirmed.len() == facts,
            Answer::Go => got.verdict == "go" && got.confirmed.is_empty(),
            Answer::Ask => got.verdict == "ask" && got.confirmed.is_empty(),
            Answer::Reject => got.verdict == "reject" && got.confirmed.is_empty(),
            Answer::Repeated => got.verdict == "repeated" && got.confirmed.is_empty(),
        };
        if is_right {
            return Ok(());
        }
        Err(WorkError::Answer {
            station: self.station.name().to_owned(),
            did: did.to_owned(),
            wanted,
            got: Box::new(got),
            screen: self.station.screen().as_text(),
        })
    }

    fn screen_must_name(&self, wanted: &str) -> WorkError {
        WorkError::Screen {
            station: self.station.name().to_owned(),
            wanted: wanted.to_owned(),
            screen: self.station.screen().as_text(),
        }
    }
}
