//! One portal: what its antennas and photo eyes tell is brought to its gate, what changed of the pass is kept once a second,
//! and its lamps show how it stands.

use std::collections::HashMap;

use tallyman_codes::{Antennas, DeviceName, Moment, Sighting};
use tallyman_floor::rfid::{EndedPass, Gate, Pass, Rules};
use tallyman_floor::{Light, TaskId};

use crate::portals::{Level, PortalConfig};
use crate::seams::{KeptPass, PassPart, PassStore, StoreError};

/// Milliseconds between checkpoints while tags come.
const CHECKPOINT_MS: u64 = 1_000;

/// Changed tags after which a checkpoint does not wait for its time.
const CHECKPOINT_TAGS: usize = 200;

/// Tags of one checkpoint at most: a few milliseconds of writing, so that no scan waits for it.
const CHECKPOINT_TAGS_MAX: usize = 2_000;

/// A pass that a portal has ended.
pub(super) struct DoorPass {
    pub number: u64,
    pub ended: EndedPass,
    /// It went on after a restart.
    pub is_taken_up: bool,
}

/// A portal with its gate.
pub(super) struct Door {
    pub config: PortalConfig,
    pub gate: Gate,
    /// The number of the pass that goes on, once something of it was kept.
    number: Option<u64>,
    /// The pass that goes on was kept by an earlier run of the program.
    is_taken_up: bool,
    /// What was to be kept and could not be.
    waiting: Option<PassPart>,
    /// When a checkpoint was made last, or tried.
    checked: Moment,
    /// How its passes count the antennas of readers.
    antennas: HashMap<(DeviceName, u16), u16>,
    light: Light,
    /// Until when the lights show what came of a pass.
    shown_until: Option<Moment>,
    /// Its readers that are connected, those that have photo eyes alone among them.
    connected: Vec<DeviceName>,
}

impl Door {
    pub fn new(config: PortalConfig, rules: Rules) -> Self {
        let antennas = config.antennas().zip(1..);
        let antennas = antennas
            .map(|((port, _), number)| ((port.reader.clone(), port.number), number))
            .collect();
        let mut gate = Gate::new(rules, config.sides(), config.timing());
        // A pass that goes on after a restart waits for its reader.
        gate.blind(true, Moment::default());
        Self {
            gate,
            config,
            number: None,
            is_taken_up: false,
            waiting: None,
            checked: Moment::default(),
            antennas,
            light: Light::Off,
            shown_until: None,
            connected: Vec::new(),
        }
    }

    /// Whether it has antennas of a reader.
    pub fn has_reader(&self, device: &DeviceName) -> bool {
        self.antennas.keys().any(|(reader, _)| reader == device)
    }

    /// A reader was connected, or lost.
    pub fn connected(&mut self, device: &DeviceName, is_open: bool, now: Moment) {
        if !self.config.readers().any(|reader| reader == device) {
            return;
        }
        self.connected.retain(|known| known != device);
        if is_open {
            self.connected.push(device.clone());
        }
        let eyes = &self.config.photo_eyes;
        let is_blind = match eyes.is_empty() {
            true => !self.is_connected(),
            false => eyes.iter().any(|eye| !self.connected.contains(&eye.reader)),
        };
        self.gate.blind(is_blind, now);
    }

    /// Whether it can hear anything.
    pub fn is_connected(&self) -> bool {
        self.connected.iter().any(|reader| self.has_reader(reader))
    }

    /// Takes what its antennas heard in a window. Answers whether a pass began.
    pub fn take(&mut self, device: &DeviceName, at: Moment, sightings: &[Sighting]) -> bool {
        let own: Vec<Sighting> = sightings
            .iter()
            .filter_map(|sighting| self.own(device, sighting))
            .collect();
        !own.is_empty() && self.gate.take(at, &own)
    }

    /// A sighting as far as antennas of this portal made it; `None` where none did.
    fn own(&self, device: &DeviceName, sighting: &Sighting) -> Option<Sighting> {
        let mut antennas = Antennas::default();
        let mut foreign = 0;
        let mut reader = device.clone();
        for (antenna, best) in sighting.antennas.iter() {
            let key = (reader, antenna);
            match self.antennas.get(&key) {
                Some(own) => antennas.add(*own, best),
                None => foreign += 1,
            }
            reader = key.0;
        }
        if sighting.antennas.is_empty() {
            // A reader with one antenna does not name it.
            let own = self.antennas.get(&(reader, 1))?;
            antennas.add(*own, sighting.signal.map(|signal| signal.best_centi_dbm));
        }
        if antennas.is_empty() {
            return None;
        }
        let mut own = Sighting {
            antennas,
            ..*sighting
        };
        if foreign > 0
            && let Some(signal) = &mut own.signal
        {
            // How strongly others heard it says nothing of this door.
            let best = antennas.best().and_then(|(_, best)| best);
            signal.best_centi_dbm = best.unwrap_or(signal.best_centi_dbm);
        }
        Some(own)
    }

    /// An input changed. Answers whether a pass began.
    pub fn input(&mut self, device: &DeviceName, port: u16, high: bool, at: Moment) -> bool {
        let eyes = &self.config.photo_eyes;
        let is_it = |eye: &crate::portals::Port| eye.reader == *device && eye.number == port;
        let Some(eye) = eyes.iter().position(is_it) else {
            return false;
        };
        let is_interrupted = high == (self.config.interrupted == Level::High);
        self.gate.eye(eye, is_interrupted, at)
    }

    /// Goes on with a pass that was kept.
    ///
    /// # Errors
    /// What was kept cannot be read.
    pub fn take_up(
        &mut self,
        kept: &KeptPass,
        rules: Rules,
        now: Moment,
    ) -> Result<(), tallyman_floor::rfid::NotKept> {
        let tags = kept.tags.iter();
        let tags = tags.map(|(epc, tag)| (epc.as_slice(), tag.as_slice()));
        let pass = Pass::restore(rules, self.gate.sides(), &kept.head, tags)?;
        self.gate.take_up(pass, now);
        self.number = Some(kept.number);
        self.is_taken_up = true;
        Ok(())
    }

    /// The pass that goes on, with when it began, where it began by this moment.
    pub fn pass_begun_by(&self, by: Moment) -> Option<(&Pass, Moment)> {
        let pass = self.gate.pass().zip(self.gate.began());
        pass.filter(|(_, began)| *began <= by)
    }

    /// How many tags were heard in the pass that goes on; `None` where none does.
    pub fn heard(&self) -> Option<usize> {
        let pass = self.gate.pass()?;
        Some(pass.tags().filter(|tag| tag.reads > 0).count())
    }

    /// When the next checkpoint is due; `None` while all is kept.
    pub fn checkpoint_due(&self) -> Option<Moment> {
        let changed = self.gate.pass().map_or(0, Pass::changed);
        let is_much = self.waiting.is_none() && changed >= CHECKPOINT_TAGS;
        (self.waiting.is_some() || changed > 0).then(|| match is_much {
            true => self.checked,
            false => self.checked.plus_ms(CHECKPOINT_MS),
        })
    }

    /// Keeps what changed of the pass that goes on. What could not be kept is tried again with the next checkpoint.
    ///
    /// # Errors
    /// [`StoreError`] where nothing of it was kept.
    pub async fn keep(
        &mut self,
        store: &dyn PassStore,
        task: &TaskId,
        now: Moment,
    ) -> Result<(), StoreError> {
        self.checked = now;
        let part = match self.waiting.take() {
            Some(part) => part,
            None => {
                let Some(pass) = self.gate.pass_mut() else {
                    return Ok(());
                };
                let (head, tags) = pass.take_changed(CHECKPOINT_TAGS_MAX);
                PassPart {
                    number: self.number,
                    portal: self.config.name.clone(),
                    task: task.clone(),
                    head,
                    tags,
                }
            }
        };
        match store.keep_pass(part.clone()).await {
            Ok(number) => {
                self.number = Some(number);
                Ok(())
            }
            Err(error) => {
                self.waiting = Some(part);
                Err(error)
            }
        }
    }

    /// Whether something of the pass that goes on is not kept.
    pub fn has_changed(&self) -> bool {
        self.checkpoint_due().is_some()
    }

    /// The pass that goes on is over, whatever is heard: another one of the same portal was kept after it.
    pub fn end_at_once(&mut self, now: Moment) -> Option<DoorPass> {
        self.number?;
        let ended = self.gate.end_at_once(now);
        self.ended(ended)
    }

    /// A pass in which nothing was heard is over: there is nothing to keep, and nothing to tell. Answers whether it was.
    pub fn end_empty(&mut self, now: Moment) -> bool {
        let is_empty = |pass: &Pass| pass.tags().next().is_none();
        self.number.is_none() && self.gate.pass().is_some_and(is_empty) && self.gate.end(now).is_some()
    }

    /// The pass with its number, where it is over and kept whole.
    pub fn end(&mut self, now: Moment) -> Option<DoorPass> {
        self.number?;
        let ended = self.gate.end(now);
        self.ended(ended)
    }

    fn ended(&mut self, ended: Option<EndedPass>) -> Option<DoorPass> {
        let ended = ended?;
        Some(DoorPass {
            number: self.number.take()?,
            ended,
            is_taken_up: std::mem::take(&mut self.is_taken_up),
        })
    }

    /// Nobody wants passes any more. What was kept of the one that goes on stays kept.
    pub fn rest(&mut self) {
        self.gate.rest();
        self.number = None;
        self.is_taken_up = false;
        self.waiting = None;
    }

    /// What the lights show.
    pub const fn light(&self) -> Light {
        self.light
    }

    /// Shows something until it is shown otherwise.
    pub const fn show(&mut self, light: Light) {
        self.light = light;
        self.shown_until = None;
    }

    /// Shows what came of a pass, for a while.
    pub fn show_result(&mut self, light: Light, now: Moment) {
        self.light = light;
        self.shown_until = Some(now.plus_ms(u64::from(self.config.lamps_s) * 1_000));
    }

    /// Until when the lights show what came of a pass.
    pub const fn shown_until(&self) -> Option<Moment> {
        self.shown_until
    }
}
