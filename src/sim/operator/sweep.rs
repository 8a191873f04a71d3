//! Counting by RFID: the reader is moved along a bay until the device says what is there; the battery falls out in the middle, and
//! what may hang in the next bay is looked at by its label.

use tallyman_codes::EpcBytes;

use crate::heard::Screen;
use crate::operator::{Act, Answer, Operator, WorkError};
use crate::scripted::ScriptedShelf;
use crate::warehouse::{SweptBay, TaggedZone};

impl Operator {
    /// Counts every bay of a zone by its tags: the first without the network and with a battery that falls out, the others without
    /// troubles.
    ///
    /// # Errors
    /// [`WorkError`]
    pub async fn sweep_zone(&mut self, zone: &TaggedZone, shelf: &ScriptedShelf) -> Result<(), WorkError> {
        self.open(&zone.reference).await?;
        for (number, bay) in zone.bays.iter().enumerate() {
            let Some(swept) = zone.swept(number) else { continue };
            let tags = |serials: &[u64]| serials.iter().map(|serial| zone.tag(*serial)).collect::<Vec<_>>();
            shelf.go_before(tags(&swept.beside));
            let is_first = number == 0;
            if is_first {
                self.network.cut();
            }
            self.scan(&format!("]C0LOC-{}", bay.location), Answer::Go).await?;
            let sure = tags(&swept.sure);
            if is_first {
                self.sweep_with_a_loose_battery(shelf, &sure).await?;
            } else {
                shelf.reach(&sure);
            }
            self.shows(&Figures::of(swept.sure.len(), 0)).await?;
            if !swept.glimpsed.is_empty() {
                shelf.glimpse(&tags(&swept.glimpsed));
                self.shows(&Figures::of(swept.sure.len(), swept.glimpsed.len()))
                    .await?;
            }
            self.close_bay(zone, &swept, &bay.location).await?;
            if is_first {
                self.network.mend();
            }
        }
        self.press(&["done"], Answer::Accept(1)).await
    }

    /// Half of the bay is swept and safe when the battery falls out; it is there again afterwards, and so is the rest.
    async fn sweep_with_a_loose_battery(
        &mut self,
        shelf: &ScriptedShelf,
        sure: &[EpcBytes],
    ) -> Result<(), WorkError> {
        let (first, rest) = sure.split_at(sure.len() / 2);
        shelf.reach(first);
        let before = Figures {
            safe: first.len(),
            ..Figures::of(first.len(), 0)
        };
        self.shows(&before).await?;
        let title = self.station.screen().title;
        self.station.kill().await?;
        shelf.another_line().map_err(|cause| self.broken_line(cause))?;
        self.station.restart().await?;
        let same_task = |screen: &Screen| screen.title == title;
        self.station
            .screen_that("the task after the restart", same_task)
            .await?;
        self.shows(&before).await?;
        shelf.reach(rest);
        Ok(())
    }

    /// Closes a bay: one piece that may hang elsewhere is found by its label, the others are left; what the tag has counted counts no
    /// second time.
    async fn close_bay(
        &mut self,
        zone: &TaggedZone,
        swept: &SweptBay,
        location: &str,
    ) -> Result<(), WorkError> {
        let article = zone.article_number();
        if let Some(found) = swept.glimpsed.first() {
            self.press(&["done"], Answer::Ask).await?;
            self.scan(&zone.label(*found), Answer::Accept(1)).await?;
            self.record.piece(Act::Counted, article, *found, location);
            if let Some(counted) = swept.sure.first() {
                self.scan(&zone.label(*counted), Answer::Reject).await?;
            }
        }
        self.press(&["done"], Answer::Ask).await?;
        // What the tags say, the end of the place, and what nobody looked at.
        let is_left = swept.glimpsed.len() > 1;
        self.press(&["enter"], Answer::Accept(2 + usize::from(is_left)))
            .await?;
        for serial in &swept.sure {
            self.record.piece(Act::Counted, article, *serial, location);
        }
        self.record.sure += swept.sure.len();
        self.record.maybe += swept.glimpsed.len();
        self.record.sweeps += 1;
        self.record.lines += 1;
        Ok(())
    }

    /// Waits until the screen tells what is there.
    async fn shows(&self, wanted: &Figures) -> Result<(), WorkError> {
        let is_there = |screen: &Screen| {
            let told = Figures::on(screen);
            (told.sure, told.maybe) == (wanted.sure, wanted.maybe) && told.safe >= wanted.safe
        };
        let what = format!("{wanted:?}");
        self.station.screen_that(&what, is_there).await?;
        Ok(())
    }

    fn broken_line(&self, cause: std::io::Error) -> WorkError {
        crate::station::StationError::System {
            station: self.station.name().to_owned(),
            what: "its RFID reader".to_owned(),
            cause,
        }
        .into()
    }
}

/// What the screen tells of a sweep.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Figures {
    sure: usize,
    maybe: usize,
    /// Tags that a pulled battery would not take.
    safe: usize,
}

impl Figures {
    const fn of(sure: usize, maybe: usize) -> Self {
        Self { sure, maybe, safe: 0 }
    }

    fn on(screen: &Screen) -> Self {
        let line = |label: &str| {
            let line = screen.lines.iter().find(|line| line.label == label);
            line.and_then(|line| line.text.parse().ok()).unwrap_or(0)
        };
        let big = screen.big.as_ref().and_then(|big| big.text.parse().ok());
        Self {
            sure: big.unwrap_or(0),
            maybe: line("Maybe next bay"),
            safe: line("Safe"),
        }
    }
}
