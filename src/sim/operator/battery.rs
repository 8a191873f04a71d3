//! A piece that is scanned while the battery falls out: it must become one fact, whatever the device had done with it.

use std::time::Duration;

use tallyman_platform::entropy::Entropy as _;
use tokio::sync::broadcast::error::TryRecvError;

use crate::heard::{Heard, Sound};
use crate::operator::{Answer, Operator, Trouble, WorkError};
use crate::plugged::ScannerState;
use crate::scanner::{Manners, Travel};

/// The longest a battery stays in after the scanner was triggered: within it the agent reads, commits and sounds.
const BATTERY_US_MAX: u64 = 4_000;

impl Operator {
    /// Scans a piece that must become one fact. If the battery is loose it falls out meanwhile; then the operator
    /// looks at scanner and device after the restart, and scans again only where the piece was not counted.
    ///
    /// # Errors
    /// [`WorkError`]
    pub async fn scan_piece(&mut self, code: &str) -> Result<(), WorkError> {
        match self.battery_is_loose.take() {
            None => self.scan(code, Answer::Accept(1)).await,
            Some(trouble) => self.scan_piece_with_a_loose_battery(code, trouble).await,
        }
    }

    async fn scan_piece_with_a_loose_battery(
        &mut self,
        code: &str,
        trouble: Trouble,
    ) -> Result<(), WorkError> {
        let before = self.station.last_seq().await?;
        let screen = self.station.screen();
        if self.last_code == code {
            tokio::time::sleep(self.trigger_pause).await;
        }
        code.clone_into(&mut self.last_code);
        let mut is_heard = false;
        if trouble == Trouble::BatteryBeforeAcknowledgement {
            self.station
                .let_scanner_behave(Manners::good().acknowledgement(0, Travel::Lost));
            self.station.scan(code)?;
            let sound = self.next_answer(true).await?;
            self.record.scanned(&sound);
            self.check(&format!("the scan of {code}"), Answer::Accept(1), sound)?;
            is_heard = true;
        } else {
            self.station.scan(code)?;
            tokio::time::sleep(Duration::from_micros(self.chance.below(BATTERY_US_MAX))).await;
        }
        self.station.kill().await?;
        let scanner = self.station.scanner();
        while let Some(sound) = self.already_heard() {
            self.record.scanned(&sound);
            is_heard |= sound.verdict == "accept";
        }
        self.station.restart().await?;
        let title = screen.title;
        let same_task = |screen: &crate::heard::Screen| screen.title == title;
        self.station
            .screen_that("the task after the restart", same_task)
            .await?;
        if !is_heard {
            self.record.unanswered += 1;
        }
        self.hear_the_repetition(&scanner).await?;
        let after = self.station.last_seq().await?;
        if after > before {
            self.record.facts += usize::from(!is_heard);
            return Ok(());
        }
        // If it was heard and is gone, the record says so, and the checker finds it lost.
        self.scan(code, Answer::Accept(1)).await
    }

    /// A scanner that waited for its acknowledgement when the battery was pulled sends the code again. The agent that
    /// has started counts it, or says that it was counted before; or the scanner says that it gave the code up.
    async fn hear_the_repetition(&mut self, before: &ScannerState) -> Result<(), WorkError> {
        if before.holds == 0 {
            return Ok(());
        }
        let is_idle = |scanner: &ScannerState| scanner.holds == 0;
        let scanner = self
            .station
            .scanner_that("an end of the repetitions", is_idle)
            .await?;
        if scanner.delivered > before.delivered {
            let sound = self.next_answer(true).await?;
            self.record.repeated_by_scanner += 1;
            // The fact itself is counted by who looks at the journal.
            self.record.scanned(&Sound {
                confirmed: Vec::new(),
                ..sound
            });
        }
        Ok(())
    }

    /// A sound that was heard before the battery was out.
    fn already_heard(&mut self) -> Option<Sound> {
        loop {
            match self.heard.try_recv() {
                Ok(Heard::Sound(sound)) => return Some(sound),
                Ok(_) | Err(TryRecvError::Lagged(_)) => {}
                Err(TryRecvError::Empty | TryRecvError::Closed) => return None,
            }
        }
    }
}
