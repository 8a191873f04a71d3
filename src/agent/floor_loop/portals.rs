//! Portals in the floor loop: while a receipt is open that is worked at one, its readers read, its passes are kept, settled
//! with those of its neighbours, and told to the session; its lamps show what came of them.

mod neighbours;
mod settling;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use tallyman_codes::{DeviceName, Moment};
use tallyman_drivers::Inventory;
use tallyman_drivers::burst::Window;
use tallyman_floor::rfid::Rules;
use tallyman_floor::{Event, Light, PassReference, Passed, PortalWish, Radio, SweepFigures, Swept, Tone};
use tokio::sync::watch;

use super::door::Door;
use super::{Asked, FloorLoop};
use crate::portals::PortalConfig;
use crate::seams::neighbours::NeighbourInquiry;
use crate::seams::{Lamps, PassStore, ReaderWish, SweptPlace, World};
use neighbours::Other;
use settling::{Memory, Over};

/// Milliseconds after which a pass is told again that could not be stored.
const AGAIN_MS: u64 = 2_000;

/// What the loop needs where the device has portals.
pub struct Portals {
    /// Where passes are kept.
    pub store: Arc<dyn PassStore>,
    /// The portals.
    pub portals: Vec<PortalConfig>,
    /// How tags are judged.
    pub rules: Rules,
    /// What is wanted of their readers.
    pub readers: Vec<(DeviceName, watch::Sender<ReaderWish>)>,
    /// What their outputs are.
    pub lamps: watch::Sender<Lamps>,
    /// Passes that wait for what neighbours on other devices heard.
    pub inquiries: watch::Sender<Vec<NeighbourInquiry>>,
}

/// The portals at work.
#[derive(Default)]
pub(super) struct AtPortals {
    settings: Option<Portals>,
    doors: Vec<Door>,
    /// The receipt that is open.
    wish: Option<PortalWish>,
    since: Moment,
    over: VecDeque<Over>,
    /// What was heard here, for neighbours on other devices.
    memory: Memory,
    /// The portal whose pass is told, and its tags.
    telling: Option<(usize, Arc<Swept>)>,
    /// Whether the step said what the lights show.
    is_shown: bool,
}

impl AtPortals {
    /// Whether passes are taken now.
    const fn is_at_work(&self) -> bool {
        matches!(&self.wish, Some(wish) if !wish.is_held_up)
    }

    fn works(&self, door: &Door) -> bool {
        self.wish
            .as_ref()
            .is_some_and(|wish| door.config.works_at(&wish.dock))
    }

    /// Of each door, in their order, whether it works for what is done.
    fn which_work(&self) -> Vec<bool> {
        self.doors.iter().map(|door| self.works(door)).collect()
    }

    /// What the next step is told of a receipt: the pass in hand, or how many tags were heard of one that goes on.
    pub fn stands(&self) -> Option<(SweptPlace, Arc<Swept>)> {
        let wish = self.wish.as_ref()?;
        let place = SweptPlace {
            task: wish.task.clone(),
            location: wish.dock.clone(),
        };
        if let Some((_, swept)) = &self.telling {
            return Some((place, Arc::clone(swept)));
        }
        let own = || self.doors.iter().filter(|door| self.works(door));
        if !own().any(Door::is_connected) {
            return None;
        }
        let heard: Vec<usize> = own().filter_map(Door::heard).collect();
        let is_waiting = self.over.iter().any(|over| !over.is_told);
        let figures = SweepFigures {
            maybe: u32::try_from(heard.iter().sum::<usize>()).unwrap_or(u32::MAX),
            is_done: heard.is_empty() && !is_waiting,
            ..SweepFigures::default()
        };
        let tags = Arc::default();
        Some((place, Arc::new(Swept { figures, tags })))
    }

    /// When something is to be done without an input.
    pub fn due(&self) -> Option<Moment> {
        self.settings.as_ref()?;
        let of_doors = self.doors.iter().flat_map(|door| {
            let is_kept = door.checkpoint_due().is_none();
            // A pass ends once all of it is kept.
            let end = door.gate.due().filter(|_| is_kept);
            [door.checkpoint_due(), end, door.shown_until()]
        });
        let waiting = self.over.iter().filter(|over| !over.is_told);
        let of_passes = waiting.map(|over| Some(self.due_of(over)));
        let asked = std::iter::once(self.memory.due());
        of_doors.chain(of_passes).chain(asked).flatten().min()
    }

    fn show_lamps(&self) {
        let Some(settings) = &self.settings else { return };
        let mut lamps: Lamps = BTreeMap::new();
        for door in &self.doors {
            for port in door.config.lamps.all() {
                lamps.entry((port.reader.clone(), port.number)).or_default();
            }
        }
        for door in &self.doors {
            for port in door.config.lamps.of(door.light()) {
                lamps.insert((port.reader.clone(), port.number), true);
            }
        }
        settings.lamps.send_if_modified(|before| {
            let changed = *before != lamps;
            *before = lamps;
            changed
        });
    }

    /// Tells the readers to look for tags, or to do again what they were set up for.
    fn tell_readers(&self) {
        let Some(settings) = &self.settings else { return };
        let is_at_work = self.is_at_work();
        for (reader, wish) in &settings.readers {
            let wanted = match is_at_work {
                false => ReaderWish::Scan,
                true => ReaderWish::Read {
                    inventory: inventory(&settings.portals, reader),
                    at_once: true,
                },
            };
            wish.send_if_modified(|before| {
                let changed = *before != wanted;
                *before = wanted;
                changed
            });
        }
    }

    /// What the lights show when nothing passes.
    const fn light_at_rest(&self) -> Light {
        match &self.wish {
            None => Light::Off,
            Some(wish) if wish.is_held_up => Light::Stop,
            Some(_) => Light::Ready,
        }
    }

    /// Lets the lights of a portal show what came of its pass no longer.
    fn tick_lights(&mut self, now: Moment) {
        let at_rest = self.light_at_rest();
        let works: Vec<bool> = self.doors.iter().map(|door| self.works(door)).collect();
        for (door, works) in self.doors.iter_mut().zip(works) {
            if door.shown_until().is_some_and(|until| until <= now) {
                door.show(if works { at_rest } else { Light::Off });
            }
        }
        self.show_lamps();
    }
}

/// How a reader looks for tags for all portals that it takes part in: with the antennas of all, and otherwise as the first
/// says.
fn inventory(portals: &[PortalConfig], reader: &DeviceName) -> Inventory {
    let own = portals.iter().map(|portal| portal.inventory(reader));
    let mut own = own.filter(|inventory| inventory.antennas != 0);
    let first = own.next().unwrap_or_default();
    own.fold(first, |all, more| Inventory {
        antennas: all.antennas | more.antennas,
        ..all
    })
}

impl<W: World> FloorLoop<W> {
    /// The same loop on a device with portals.
    #[must_use]
    pub fn with_portals(mut self, portals: Portals) -> Self {
        let doors = portals.portals.iter().cloned();
        self.portals.doors = doors.map(|portal| Door::new(portal, portals.rules)).collect();
        self.portals.memory = Memory::since(self.moment());
        self.portals.settings = Some(portals);
        self
    }

    /// The work may be another one now: so is what the portals do.
    pub(super) async fn follow_portal_work(&mut self, radio: &Radio) {
        if self.portals.settings.is_none() {
            return;
        }
        let wish = match radio {
            Radio::Portal(wish)
                if self
                    .portals
                    .doors
                    .iter()
                    .any(|door| door.config.works_at(&wish.dock)) =>
            {
                Some(wish.clone())
            }
            _ => None,
        };
        if wish == self.portals.wish {
            return;
        }
        let place =
            |wish: &Option<PortalWish>| wish.as_ref().map(|wish| (wish.task.clone(), wish.dock.clone()));
        let is_other = place(&wish) != place(&self.portals.wish);
        let now = self.moment();
        if is_other {
            self.keep_passes(now).await;
            let announced = self.announced_elsewhere();
            self.portals.remember_open(&announced, now);
            self.portals.doors.iter_mut().for_each(Door::rest);
            self.portals.over.clear();
            self.portals.answer_neighbours(&announced, now);
        }
        self.portals.wish = wish;
        self.portals.since = now;
        if is_other {
            self.take_up_passes(now);
        }
        let at_rest = self.portals.light_at_rest();
        let works = self.portals.which_work();
        for (door, works) in self.portals.doors.iter_mut().zip(works) {
            let light = match door.gate.pass() {
                Some(_) => Light::Reading,
                None => at_rest,
            };
            door.show(if works { light } else { Light::Off });
        }
        self.portals.tell_readers();
        self.portals.tell_inquiries();
        self.portals.show_lamps();
        self.portals_changed();
    }

    /// The passes of the receipt that were kept and not recorded: the last of each portal goes on, and what was before it is
    /// over.
    fn take_up_passes(&mut self, now: Moment) {
        let (Some(settings), Some(wish)) = (&self.portals.settings, &self.portals.wish) else {
            return;
        };
        let kept = settings.store.kept_passes(&wish.task).unwrap_or_else(|error| {
            tracing::error!(%error, "passes that were kept cannot be read: the goods have to pass again");
            Vec::new()
        });
        let rules = settings.rules;
        for pass in &kept {
            let is_its = |door: &Door| door.config.name == pass.portal;
            let Some(place) = self.portals.doors.iter().position(is_its) else {
                continue;
            };
            let Some(door) = self.portals.doors.get_mut(place) else {
                continue;
            };
            if let Some(pass) = door.end_at_once(now) {
                self.portals.over.push_back(Over::new(place, door, pass, 0));
            }
            if let Err(error) = door.take_up(pass, rules, now) {
                tracing::error!(%error, pass = pass.number, "a pass that was kept is lost: the goods have to pass again");
            }
        }
    }

    /// Tags of a window of a portal's reader. Answers whether they were: else they are scans.
    pub(super) fn take_portal_tags(&mut self, device: &DeviceName, window: &Window) -> bool {
        let portals = &mut self.portals;
        if !portals.doors.iter().any(|door| door.has_reader(device)) || portals.wish.is_none() {
            return false;
        }
        // What was read before the receipt was opened is none of its tags.
        if !portals.is_at_work() || window.from < portals.since {
            return true;
        }
        let mut begun = Vec::new();
        let mut is_shown = false;
        for (place, door) in portals.doors.iter_mut().enumerate() {
            if door.take(device, window.to, &window.sightings) {
                begun.push(place);
            }
            is_shown |= door.gate.pass().is_some();
        }
        self.passes_began(&begun);
        if is_shown {
            self.portals_changed();
        }
        true
    }

    /// An input of a reader changed: a photo eye may have been interrupted.
    pub(super) async fn take_line(&mut self, device: &DeviceName, port: u16, high: bool, at: Moment) {
        let is_at_work = self.portals.is_at_work();
        let mut begun = Vec::new();
        for (place, door) in self.portals.doors.iter_mut().enumerate() {
            let began = door.input(device, port, high, at);
            match is_at_work {
                true if began => begun.push(place),
                true => {}
                false => door.gate.rest(),
            }
        }
        self.passes_began(&begun);
        self.tick().await;
    }

    fn passes_began(&mut self, places: &[usize]) {
        let wish = self.portals.wish.clone();
        for place in places {
            let door = self.portals.doors.get_mut(*place);
            if let (Some(door), Some(wish)) = (door, &wish)
                && door.config.works_at(&wish.dock)
            {
                door.show(Light::Reading);
            }
        }
        if !places.is_empty() {
            self.portals.show_lamps();
            self.portals_changed();
        }
    }

    /// A reader was connected, or lost.
    pub(super) async fn reader_changed(&mut self, device: &DeviceName, is_open: bool) {
        let now = self.moment();
        for door in &mut self.portals.doors {
            door.connected(device, is_open, now);
        }
        if self.portals.wish.is_some() {
            self.refresh().await;
        }
    }

    /// Does what is due at the portals: keeps what changed, ends passes, tells those that are settled.
    pub(super) async fn tick_portals(&mut self) {
        if self.portals.settings.is_none() {
            return;
        }
        let now = self.moment();
        if self
            .portals
            .doors
            .iter()
            .any(|door| door.checkpoint_due().is_some_and(|due| due <= now))
        {
            self.keep_passes(now).await;
        }
        self.end_passes(now).await;
        self.answer_questions(now);
        self.portals.tell_inquiries();
        let portals = &self.portals;
        let is_due = |over: &Over| !over.is_told && portals.due_of(over) <= now;
        let due: Vec<u64> = portals
            .over
            .iter()
            .filter(|over| is_due(over))
            .map(|over| over.number)
            .collect();
        for number in due {
            self.tell_pass(number).await;
        }
        self.portals.tell_inquiries();
        self.portals.forget(now);
        self.portals.tick_lights(now);
    }

    /// Passes that are over are kept whole, and wait for their neighbours.
    async fn end_passes(&mut self, now: Moment) {
        let is_over = |door: &Door| door.gate.due().is_some_and(|due| due <= now);
        if !self.portals.doors.iter().any(is_over) {
            return;
        }
        self.keep_passes(now).await;
        let at_rest = self.portals.light_at_rest();
        let works = self.portals.which_work();
        for (door, works) in self.portals.doors.iter_mut().zip(works) {
            if door.end_empty(now) {
                door.show(if works { at_rest } else { Light::Off });
            }
        }
        let announced = self.announced_elsewhere();
        for place in 0..self.portals.doors.len() {
            let Some(door) = self.portals.doors.get_mut(place) else {
                continue;
            };
            // A pass that the store did not take goes on until it does.
            if door.checkpoint_due().is_some() {
                continue;
            }
            let settle_ms = u64::from(door.config.settle_ms);
            if let Some(pass) = door.end(now) {
                let over = Over::new(place, door, pass, settle_ms);
                self.portals.remember(&over, &announced);
                self.portals.over.push_back(over);
            }
        }
        self.portals_changed();
    }

    /// Keeps what changed of every pass that goes on.
    pub(super) async fn keep_passes(&mut self, now: Moment) {
        let (Some(settings), Some(wish)) = (&self.portals.settings, &self.portals.wish) else {
            return;
        };
        let (store, task) = (Arc::clone(&settings.store), wish.task.clone());
        for door in &mut self.portals.doors {
            while door.has_changed() {
                if let Err(error) = door.keep(&*store, &task, now).await {
                    tracing::error!(%error, "the tags of a pass are not kept; it is tried again");
                    self.outlets.store_failed(&error);
                    break;
                }
            }
        }
    }

    /// Tells the session of a pass, with what its neighbours heard taken into account.
    async fn tell_pass(&mut self, number: u64) {
        let Some(place) = self.portals.over.iter().position(|over| over.number == number) else {
            return;
        };
        let (Some(settings), Some(_), Some(_)) = (&self.portals.settings, &self.portals.wish, &self.world)
        else {
            return;
        };
        let (store, rules) = (Arc::clone(&settings.store), settings.rules);
        let announced = self.announced();
        let Some(over) = self.portals.over.get(place) else {
            return;
        };
        let others = self.portals.heard_by_neighbours(over, &announced);
        let silent = Other::silent();
        let others = others.iter().chain(over.elsewhere(&silent));
        let (swept, way) = neighbours::settled(&over.ended.pass, &announced, others, &rules);
        let silent: BTreeSet<String> = over.silent().cloned().collect();
        let has_elsewhere = over.has_elsewhere();
        let is_asked = swept.figures.maybe > 0;
        let is_whole = over.ended.pass.not_kept() == 0;
        let door = over.door;
        if let Some(over) = self.portals.over.get_mut(place) {
            over.is_told = true;
        }
        let now = self.moment();
        let Some((name, works)) = self
            .portals
            .doors
            .get(door)
            .map(|at| (at.config.name.clone(), self.portals.works(at)))
        else {
            return;
        };
        self.portals.is_shown = !works;
        if works {
            self.portals.telling = Some((door, Arc::new(swept)));
            self.pulls.others_happened();
            self.step(Asked {
                event: Event::Passed(Passed {
                    pass: PassReference { portal: name, number },
                    way,
                    is_whole,
                }),
                device: None,
            })
            .await;
            self.portals.telling = None;
        }
        match self.portals.is_shown {
            true => {
                if has_elsewhere {
                    self.tell_silent(number, silent, is_asked && works);
                }
                if let Err(error) = store.forget_pass(number).await {
                    tracing::error!(%error, "a pass that is told is kept; it is told again after a restart");
                }
            }
            false => {
                // Nothing was stored: it is told again, and whoever passes sees that it is not.
                if let Some(over) = self.portals.over.iter_mut().find(|over| over.number == number) {
                    over.is_told = false;
                    over.not_before = now.plus_ms(AGAIN_MS);
                }
                if let Some(door) = self.portals.doors.get_mut(door) {
                    door.show(Light::Stop);
                }
            }
        }
        self.portals.show_lamps();
        self.portals_changed();
    }

    /// The lights show what came of the pass that is told.
    pub(super) fn show_light(&mut self, light: Light) {
        let now = self.moment();
        self.portals.is_shown = true;
        let Some((door, _)) = &self.portals.telling else {
            return;
        };
        if let Some(door) = self.portals.doors.get_mut(*door) {
            // Goods that pass already are shown as such.
            if door.gate.pass().is_none() {
                door.show_result(light, now);
            }
        }
        self.portals.show_lamps();
        if light == Light::Doubt {
            self.outlets.sound(Tone::Ask, "ask", None, Vec::new());
        }
    }
}
