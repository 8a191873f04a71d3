//! One device of the demo, as the pages see it: its picture, its last answers, and what is pulled or cut.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tallyman_agent::sound::Cue;
use tokio::sync::broadcast::error::{RecvError, TryRecvError};
use tokio::sync::{Mutex, broadcast, watch};

use crate::heard::{Heard, Screen, Sound};
use crate::house::Seat;
use crate::network::Network;
use crate::plugged::ScannerState;
use crate::station::{Station, StationError};

use super::door::AtDoor;
use super::sled::Sled;
use crate::doorway::Doorway;

/// What the device is used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Picker,
    Dock,
    Stocktaker,
}

/// One device.
#[derive(Debug)]
pub(super) struct Desk {
    pub role: Role,
    pub seat: Seat,
    station: Mutex<Station>,
    scanner: watch::Receiver<ScannerState>,
    network: Network,
    /// The RFID reader that is with it.
    sled: Option<Sled>,
    /// The door with a portal that it stands at.
    door: Option<Arc<Doorway>>,
    /// A pallet is on its way through it.
    is_driven: Arc<AtomicBool>,
    shown: watch::Sender<Shown>,
    changes: broadcast::Sender<Change>,
}

/// What the pages show of a device.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Shown {
    /// Counts the changes, so that a browser knows what it has.
    pub version: u64,
    /// The device's own picture of its screen, as PNG; empty while the battery is out.
    pub picture: Arc<Vec<u8>>,
    /// The same as data.
    pub screen: Screen,
    /// Who is logged in.
    pub worker: Option<String>,
    /// How much waits for the hub, in a sentence.
    pub outbox: String,
    /// The last answers, the newest first.
    pub answers: VecDeque<Answered>,
    /// How the scanner is: it has a beeper and a light of its own.
    pub scanner: ScannerState,
    pub is_on: bool,
    pub is_online: bool,
    /// The door with a portal that it stands at.
    pub door: Option<AtDoor>,
    /// The bay that the worker with the RFID reader stands before.
    pub bay: Option<usize>,
}

/// An answer of the device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Answered {
    pub tone: String,
    pub sentences: Vec<String>,
    /// Facts that were on disk before it sounded.
    pub facts: usize,
}

impl Answered {
    /// Notes it before the others. What a pass leaves to be looked at sounds after what it recorded, and says the same: it is one answer.
    fn note(self, answers: &mut VecDeque<Self>) {
        match answers.front_mut() {
            Some(last) if last.facts > 0 && self.facts == 0 && last.sentences == self.sentences => {
                last.tone = self.tone;
            }
            _ => answers.push_front(self),
        }
        answers.truncate(ANSWERS_MAX);
    }
}

/// What browsers are told.
#[derive(Debug, Clone)]
pub(super) enum Change {
    /// Something about the device looks different.
    Shown { name: &'static str, version: u64 },
    /// The device sounded.
    Sounded { name: &'static str, cue: &'static str },
}

/// Answers that are kept to be read.
const ANSWERS_MAX: usize = 6;

/// How often a device is looked at for what makes no sound: the clock, the network, what waits.
const LOOK_AGAIN: Duration = Duration::from_millis(700);

impl Desk {
    pub fn new(
        role: Role,
        seat: Seat,
        station: Station,
        network: Network,
        changes: broadcast::Sender<Change>,
    ) -> Self {
        let scanner = station.scanner_changes();
        // Before the first look at the device its scanner is known all the same.
        let first = Shown {
            scanner: scanner.borrow().clone(),
            ..Shown::default()
        };
        Self {
            role,
            seat,
            scanner,
            station: Mutex::new(station),
            network,
            sled: None,
            door: None,
            is_driven: Arc::default(),
            shown: watch::Sender::new(first),
            changes,
        }
    }

    /// The same with the RFID readers that are with it.
    pub fn with(mut self, sled: Option<Sled>, door: Option<Arc<Doorway>>) -> Self {
        (self.sled, self.door) = (sled, door);
        let (door, bay) = (self.at_door(), self.sled.as_ref().map(Sled::bay));
        self.shown
            .send_modify(|shown| (shown.door, shown.bay) = (door, bay));
        self
    }

    /// How the door is, where it stands at one.
    fn at_door(&self) -> Option<AtDoor> {
        let is_driven = self.is_driven.load(Ordering::Relaxed);
        let door = self.door.as_ref();
        door.map(|door| AtDoor::of(&door.reader().state(), is_driven))
    }

    /// A pallet is driven through the door, unless one is on its way; it goes on when the click is forgotten. Answers whether there is
    /// a door.
    pub fn drive(&self) -> bool {
        let Some(door) = self.door.clone() else {
            return false;
        };
        if !self.is_driven.swap(true, Ordering::Relaxed) {
            let is_driven = Arc::clone(&self.is_driven);
            tokio::spawn(async move {
                door.drive_through(0).await;
                is_driven.store(false, Ordering::Relaxed);
            });
        }
        true
    }

    /// What the pages show now.
    pub fn shown(&self) -> Shown {
        self.shown.borrow().clone()
    }

    /// Follows the device for as long as the demo is open.
    pub async fn watch(self: Arc<Self>) {
        let mut heard = self.station.lock().await.listen();
        let mut scanner = self.scanner.clone();
        let mut looks = tokio::time::interval(LOOK_AGAIN);
        looks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                next = heard.recv() => match next {
                    Ok(line) => self.take(line),
                    Err(RecvError::Lagged(_)) => {}
                    Err(RecvError::Closed) => return,
                },
                changed = scanner.changed() => match changed {
                    // A scan makes several beeps and lights: they need no look at the whole device.
                    Ok(()) => {
                        self.look_at_scanner();
                        continue;
                    }
                    Err(_) => return,
                },
                _ = looks.tick() => {}
            }
            loop {
                match heard.try_recv() {
                    Ok(line) => self.take(line),
                    Err(TryRecvError::Lagged(_)) => {}
                    Err(_) => break,
                }
            }
            self.look().await;
        }
    }

    fn take(&self, heard: Heard) {
        match heard {
            Heard::View(screen) => {
                if let Some(sled) = &self.sled {
                    sled.follow(&screen);
                }
                self.shown.send_modify(|shown| shown.screen = *screen);
            }
            Heard::Sound(sound) => self.sounded(&sound),
            Heard::Missed(_) => {}
        }
    }

    fn sounded(&self, sound: &Sound) {
        let sentences = match &self.shown.borrow().screen {
            Screen {
                message: Some(message),
                ..
            } => message.sentences.clone(),
            Screen {
                question: Some(question),
                ..
            } => vec![question.prompt.clone()],
            _ => Vec::new(),
        };
        let answered = Answered {
            tone: sound.tone.clone(),
            sentences,
            facts: sound.confirmed.len(),
        };
        if !is_click(sound) {
            self.shown.send_modify(|shown| answered.note(&mut shown.answers));
        }
        let cue = cue_of(sound).word();
        // An error means that no page is open.
        let _ = self.changes.send(Change::Sounded {
            name: self.seat.name,
            cue,
        });
    }

    /// Looks at the device, and tells the browsers where something changed.
    async fn look(&self) {
        let before = self.shown();
        let mut now = before.clone();
        {
            let station = self.station.lock().await;
            now.is_on = station.is_on();
            now.is_online = self.network.is_up();
            now.screen = station.screen();
            match (station.status().await, station.shot().await) {
                (Ok(status), Ok(picture)) => {
                    now.worker = status["worker"].as_str().map(str::to_owned);
                    now.outbox = status["outbox"]["sentence"]
                        .as_str()
                        .unwrap_or_default()
                        .to_owned();
                    if *now.picture != picture {
                        now.picture = Arc::new(picture);
                    }
                }
                // Off, or just ending: it shows nothing.
                _ => {
                    now.picture = Arc::default();
                    now.outbox.clear();
                }
            }
        }
        now.bay = self.sled.as_ref().map(Sled::bay);
        now.door = self.at_door();
        now.answers.clone_from(&self.shown.borrow().answers);
        now.scanner.clone_from(&self.scanner.borrow());
        if now == before && before.version > 0 {
            return;
        }
        self.show(now);
    }

    fn look_at_scanner(&self) {
        let mut now = self.shown();
        now.scanner.clone_from(&self.scanner.borrow());
        self.show(now);
    }

    fn show(&self, mut now: Shown) {
        now.version += 1;
        let version = now.version;
        self.shown.send_replace(now);
        // An error means that no page is open.
        let _ = self.changes.send(Change::Shown {
            name: self.seat.name,
            version,
        });
    }

    /// Pulls the trigger over a label.
    pub async fn scan(&self, text: &str) -> Result<(), StationError> {
        self.station.lock().await.scan(text)
    }

    /// Presses a key of the device.
    pub async fn press(&self, key: &str) -> Result<(), StationError> {
        self.station.lock().await.press(key).await
    }

    /// Cuts the network, or mends it.
    pub async fn toggle_network(&self) {
        match self.network.is_up() {
            true => self.network.cut(),
            false => self.network.mend(),
        }
        self.look().await;
    }

    /// Pulls the battery, or puts it back.
    pub async fn toggle_battery(&self) -> Result<(), StationError> {
        {
            let mut station = self.station.lock().await;
            match station.is_on() {
                true => station.kill().await?,
                false => station.restart().await?,
            }
            if let Some(sled) = &self.sled {
                sled.another_line();
            }
        }
        self.look().await;
        Ok(())
    }

    /// Unplugs the scanner, or plugs it in.
    pub async fn toggle_scanner(&self) -> Result<(), StationError> {
        {
            let mut station = self.station.lock().await;
            match station.scanner().is_plugged_in {
                true => station.unplug_scanner()?,
                false => station.plug_in_scanner()?,
            }
        }
        self.look().await;
        Ok(())
    }

    /// Ends the device in an orderly way.
    pub async fn end(&self) -> Result<(), StationError> {
        let mut station = self.station.lock().await;
        match station.is_on() {
            true => station.stop().await.map(drop),
            false => Ok(()),
        }
    }
}

/// Whether it is a click of a reader that hears tags, and answers nothing.
fn is_click(sound: &Sound) -> bool {
    ["tag", "near"].contains(&sound.verdict.as_str())
}

/// The sound that the device's own speaker makes.
fn cue_of(sound: &Sound) -> Cue {
    match (sound.tone.as_str(), sound.verdict.as_str()) {
        (_, "repeated") => Cue::Duplicate,
        (_, "failed") => Cue::StorageFailure,
        (_, "tag") => Cue::Tag,
        (_, "near") => Cue::Near,
        ("good", _) => Cue::Good,
        ("ask", _) => Cue::Ask,
        ("bad", _) => Cue::Bad,
        _ => Cue::Calm,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pass_is_one_answer_and_the_same_answer_twice_is_two() {
        let answer = |tone: &str, text: &str, facts| Answered {
            tone: tone.to_owned(),
            sentences: vec![text.to_owned()],
            facts,
        };
        let mut answers = VecDeque::new();
        let told = [
            answer("bad", "Not here.", 0),
            answer("bad", "Not here.", 0),
            answer("good", "Pass 1: 32 recorded. To check: 1.", 32),
            answer("ask", "Pass 1: 32 recorded. To check: 1.", 0),
            answer("good", "1 of 2.", 1),
            answer("good", "1 of 2.", 1),
        ];
        told.into_iter().for_each(|told| told.note(&mut answers));
        let kept: Vec<_> = answers
            .iter()
            .map(|kept| (kept.tone.as_str(), kept.facts))
            .collect();
        assert_eq!(
            kept,
            [("good", 1), ("good", 1), ("ask", 32), ("bad", 0), ("bad", 0)]
        );
    }
}
