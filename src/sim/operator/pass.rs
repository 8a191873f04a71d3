//! Receiving by driving through a dock portal: what is sure is recorded, what the device asks about is looked at, and a pallet that is
//! driven through again changes nothing.

use std::collections::BTreeSet;
use std::time::Duration;

use tallyman_floor::Light;

use crate::heard::Screen;
use crate::operator::{Act, Answer, Operator, WorkError};
use crate::reader::llrp::ReaderState;
use crate::rfid_config::{GATE, light};
use crate::scripted::ScriptedDoor;
use crate::station::StationError;
use crate::warehouse::TaggedZone;

/// A pallet stays before the antennas of one side until the device has taken so many windows of what they hear; the first of them
/// may have begun before.
pub(crate) const WINDOWS_A_STEP: u32 = 3;

/// Time between two looks at what the device has taken.
const LOOK_AGAIN: Duration = Duration::from_millis(20);

/// How long anything at the door may take on a machine that is busy with other things.
const PATIENCE: Duration = Duration::from_secs(60);

impl Operator {
    /// Works a delivery of tagged goods to its end: the first pallet comes without the network, and again with it; the second is in
    /// order; and one piece does not come.
    ///
    /// # Errors
    /// [`WorkError`]
    pub async fn receive_through_door(
        &mut self,
        zone: &TaggedZone,
        door: &ScriptedDoor,
    ) -> Result<(), WorkError> {
        let delivery = &zone.delivery;
        self.open(&delivery.reference).await?;
        self.lit(door, &[Light::Ready]).await?;
        let hears = |reader: &ReaderState| reader.is_connected && reader.is_looking;
        self.door_that(door, "a portal that looks for tags", hears)
            .await?;
        let [first, second] = delivery.loads().pallets;
        self.network.cut();
        self.drive_through(zone, door, 0, &first).await?;
        self.drive_through(zone, door, 0, &first).await?;
        self.network.mend();
        self.drive_through(zone, door, 1, &second).await?;
        self.press(&["done"], Answer::Ask).await?;
        // The line that is short, and the end of the task.
        self.press(&["enter"], Answer::Accept(2)).await?;
        self.record.lines += delivery.serials.len();
        Ok(())
    }

    /// Drives a pallet through, looks at what the device asks about, and notes what it told as recorded.
    async fn drive_through(
        &mut self,
        zone: &TaggedZone,
        door: &ScriptedDoor,
        pallet: usize,
        on_it: &[u64],
    ) -> Result<(), WorkError> {
        let dock = &zone.delivery.dock;
        let is_new = |serial: &&u64| {
            let serial = serial.to_string();
            !self.record.pieces.iter().any(|known| known.serial == serial)
        };
        let mut new: BTreeSet<u64> = on_it.iter().filter(is_new).copied().collect();
        let before = self.station.last_seq().await?;
        door.comes(pallet);
        self.lit(door, &[Light::Reading]).await?;
        self.windows_taken().await?;
        door.goes_in();
        self.windows_taken().await?;
        door.is_gone();
        let shown = self.lit(door, &[Light::Good, Light::Doubt]).await?;
        self.record.passes += 1;
        let mut recorded = 0;
        if self.station.last_seq().await? > before {
            let sound = self.next_answer(false).await?;
            recorded = sound.confirmed.len();
            self.record.passed(&sound);
            self.check("the pass", Answer::Accept(recorded), sound)?;
        }
        if shown == Light::Doubt {
            let sound = self.next_answer(false).await?;
            self.check("the doubt of the pass", Answer::Ask, sound)?;
            self.look_at_what_is_asked(zone, &mut new).await?;
        }
        // What it did not ask about it told as recorded; each piece has a line, and so a fact, of its own.
        if new.len() != recorded {
            return Err(WorkError::Pass {
                station: self.station.name().to_owned(),
                driven: new.len(),
                recorded,
                screen: self.station.screen().as_text(),
            });
        }
        self.record.sure += recorded;
        for serial in new {
            self.record
                .piece(Act::Received, zone.article_number(), serial, dock);
        }
        Ok(())
    }

    /// Scans the label of each piece that the device asks about, for as long as it asks about those on the pallet, and takes them out of
    /// what the pass recorded. What nobody announced is asked about once more.
    async fn look_at_what_is_asked(
        &mut self,
        zone: &TaggedZone,
        new: &mut BTreeSet<u64>,
    ) -> Result<(), WorkError> {
        let asked = |screen: &Screen, new: &BTreeSet<u64>| {
            let serial = screen.big.as_ref().and_then(|big| big.text.parse().ok());
            serial.filter(|serial| new.contains(serial))
        };
        let asks = |screen: &Screen| asked(screen, new).is_some();
        let screen = self.station.screen_that("what is to be looked at", asks).await?;
        let mut next = asked(&screen, new);
        while let Some(serial) = next {
            let label = zone.label(serial);
            if zone.delivery.serials.contains(&serial) {
                self.scan(&label, Answer::Accept(1)).await?;
            } else {
                self.scan(&label, Answer::Ask).await?;
                self.press(&["enter"], Answer::Accept(1)).await?;
            }
            new.remove(&serial);
            self.record.maybe += 1;
            let dock = &zone.delivery.dock;
            self.record
                .piece(Act::Received, zone.article_number(), serial, dock);
            next = asked(&self.station.screen(), new);
        }
        Ok(())
    }

    /// Waits until the device has taken some windows more of what the portal's reader hears.
    async fn windows_taken(&self) -> Result<(), WorkError> {
        let taken = async {
            let mut before = self.reads().await?;
            for _ in 0..WINDOWS_A_STEP {
                let mut now = before;
                while now == before {
                    tokio::time::sleep(LOOK_AGAIN).await;
                    now = self.reads().await?;
                }
                before = now;
            }
            Ok(())
        };
        let taken = tokio::time::timeout(PATIENCE, taken).await;
        taken.unwrap_or_else(|_| Err(self.too_late("tags of the portal").into()))
    }

    /// Tags that the device has taken of the portal's reader; it counts them window by window.
    async fn reads(&self) -> Result<u64, WorkError> {
        let status = self.station.status().await?;
        let devices = status["devices"]
            .as_array()
            .map(Vec::as_slice)
            .unwrap_or_default();
        let gate = devices.iter().find(|device| device["name"] == GATE);
        Ok(gate.and_then(|gate| gate["reads"].as_u64()).unwrap_or(0))
    }

    /// Waits until one of these lamps burns alone, and tells which.
    async fn lit(&self, door: &ScriptedDoor, wanted: &[Light]) -> Result<Light, WorkError> {
        let is_wanted = |reader: &ReaderState| light(reader).is_some_and(|light| wanted.contains(&light));
        let state = self
            .door_that(door, &format!("the light {wanted:?}"), is_wanted)
            .await?;
        Ok(light(&state).unwrap_or_default())
    }

    /// Waits until the door's reader is as wanted.
    async fn door_that(
        &self,
        door: &ScriptedDoor,
        what: &str,
        wanted: impl FnMut(&ReaderState) -> bool,
    ) -> Result<ReaderState, WorkError> {
        let mut states = door.reader().watch();
        let found = tokio::time::timeout(PATIENCE, states.wait_for(wanted)).await;
        match found {
            Ok(Ok(state)) => Ok(state.clone()),
            _ => Err(self.too_late(what).into()),
        }
    }

    fn too_late(&self, what: &str) -> StationError {
        StationError::TooLate {
            station: self.station.name().to_owned(),
            what: what.to_owned(),
            screen: self.station.screen().as_text(),
        }
    }
}
