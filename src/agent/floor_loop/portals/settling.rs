//! Passes that are over, and what neighbours have to say of them: those of this device at once, those of other devices
//! through the hub. And the other way round: what was heard here, for as long as somebody may ask.

use std::collections::{BTreeSet, HashMap, VecDeque};

use tallyman_codes::{EpcBytes, Moment};
use tallyman_floor::Announced;
use tallyman_floor::rfid::{EndedPass, HeardTag, Pass};

use super::neighbours::{Other, heard_tags};
use super::{AtPortals, Door};
use crate::floor_loop::FloorLoop;
use crate::floor_loop::door::DoorPass;
use crate::seams::World;
use crate::seams::neighbours::{Heard, NeighbourAsks, NeighbourInquiry};

/// Passes that wait to be told at most: so many portals end two each while the store is busy.
const ENDED_MAX: usize = 16;

/// For how long a pass is remembered after it ended, in milliseconds: a neighbour's that was longer is compared with it.
const REMEMBERED_MS: u64 = 120_000;

/// What is remembered for neighbours on other devices: passes at most.
const HEARD_MAX: usize = 64;

/// How far apart what two devices say of one moment may be, in milliseconds: messages take their time.
const APART_MS: u64 = 2_000;

/// A pass that is over.
pub(in crate::floor_loop) struct Over {
    /// Its portal, by its place.
    pub door: usize,
    pub number: u64,
    pub ended: EndedPass,
    /// By when it is told, whatever the neighbours say.
    pub by: Moment,
    /// Not before this: it could not be stored.
    pub not_before: Moment,
    /// Whether it was told; it is remembered for its neighbours.
    pub is_told: bool,
    /// Its portal's neighbours on other devices, and what they heard.
    elsewhere: Vec<(String, Option<Other>)>,
    /// It went on after a restart, so that nobody knows when it was: neighbours on other devices cannot be asked.
    is_taken_up: bool,
}

impl Over {
    /// A pass of a door that waits for its neighbours for so long.
    pub fn new(place: usize, door: &Door, pass: DoorPass, settle_ms: u64) -> Self {
        let elsewhere = door.config.neighbours_elsewhere.iter();
        Self {
            door: place,
            number: pass.number,
            by: pass.ended.ended.plus_ms(settle_ms),
            not_before: Moment::default(),
            is_told: false,
            elsewhere: elsewhere.map(|portal| (portal.clone(), None)).collect(),
            is_taken_up: pass.is_taken_up,
            ended: pass.ended,
        }
    }

    /// Whether neighbours on other devices are still to be heard.
    fn waits_elsewhere(&self) -> bool {
        !self.is_taken_up && self.elsewhere.iter().any(|(_, heard)| heard.is_none())
    }

    /// Whether its portal has neighbours on other devices.
    pub fn has_elsewhere(&self) -> bool {
        !self.elsewhere.is_empty()
    }

    /// What neighbours on other devices heard; of those that are silent nothing is known.
    pub fn elsewhere<'a>(&'a self, silent: &'a Other) -> impl Iterator<Item = &'a Other> + Clone {
        self.elsewhere
            .iter()
            .map(move |(_, heard)| heard.as_ref().unwrap_or(silent))
    }

    /// The neighbours on other devices that said nothing, or not all.
    pub fn silent(&self) -> impl Iterator<Item = &String> {
        let is_silent = |heard: &Option<Other>| !heard.as_ref().is_some_and(Other::knows_all);
        let silent = self.elsewhere.iter().filter(move |(_, heard)| is_silent(heard));
        silent.map(|(portal, _)| portal)
    }
}

/// What was heard in a pass, for neighbours on other devices.
struct HeardPass {
    portal: String,
    began: Moment,
    ended: Moment,
    tags: Vec<HeardTag>,
}

impl HeardPass {
    /// What was heard at a door in a pass, from when to when.
    fn of(door: &Door, pass: &Pass, time: (Moment, Moment), announced: &Announced, goes_on: bool) -> Self {
        Self {
            portal: door.config.name.clone(),
            began: time.0,
            ended: time.1,
            tags: heard_tags(pass, announced, goes_on),
        }
    }
}

fn has_elsewhere(door: &Door) -> bool {
    !door.config.neighbours_elsewhere.is_empty()
}

/// What is remembered for neighbours on other devices, and what they ask.
#[derive(Default)]
pub(super) struct Memory {
    passes: VecDeque<HeardPass>,
    /// Of what was before this, something may be forgotten.
    since: Moment,
    asked: Vec<NeighbourAsks>,
}

impl Memory {
    /// Nothing, of a program that began at this moment.
    pub fn since(moment: Moment) -> Self {
        Self {
            since: moment,
            ..Self::default()
        }
    }

    fn keep(&mut self, pass: HeardPass) {
        self.passes.push_back(pass);
        if self.passes.len() > HEARD_MAX {
            self.forget_first();
        }
    }

    fn forget(&mut self, now: Moment) {
        let is_old = |pass: &HeardPass| now.since_us(pass.ended) > REMEMBERED_MS * 1_000;
        while self.passes.front().is_some_and(is_old) {
            self.forget_first();
        }
    }

    fn forget_first(&mut self) {
        if let Some(pass) = self.passes.pop_front() {
            self.since = self.since.max(pass.ended);
        }
    }

    /// Whether a question waits.
    pub fn is_asked(&self) -> bool {
        !self.asked.is_empty()
    }

    /// When a question has to be answered, whatever goes on.
    pub fn due(&self) -> Option<Moment> {
        self.asked.iter().map(|asks| asks.by).min()
    }

    /// What was heard at a portal in a time: the strongest of each tag.
    fn heard(&self, portal: &str, from: Moment, to: Moment, open: Vec<HeardTag>) -> Heard {
        let is_meant = |pass: &&HeardPass| pass.portal == portal && pass.began <= to && from <= pass.ended;
        let passes = self.passes.iter().filter(is_meant);
        let mut tags: HashMap<EpcBytes, HeardTag> = HashMap::new();
        for tag in passes.flat_map(|pass| &pass.tags).chain(&open) {
            let known = tags.entry(tag.epc).or_insert(*tag);
            known.goes_on |= tag.goes_on;
            known.heard.class = known.heard.class.max(tag.heard.class);
            known.heard.best_centi_dbm = known.heard.best_centi_dbm.max(tag.heard.best_centi_dbm);
        }
        Heard {
            portal: portal.to_owned(),
            knows_all: self.since <= from,
            tags: tags.into_values().collect(),
        }
    }
}

impl AtPortals {
    /// When a pass is told: at once where no neighbour has anything to say of it yet.
    pub(super) fn due_of(&self, over: &Over) -> Moment {
        let waits = self.waits_for_neighbour(over) || over.waits_elsewhere();
        let due = if waits {
            over.by
        } else {
            over.by.min(over.ended.ended)
        };
        due.max(over.not_before)
    }

    /// Whether a neighbour on this device has a pass that goes on and began before this one ended.
    fn waits_for_neighbour(&self, over: &Over) -> bool {
        self.neighbours(over.door)
            .any(|door| door.pass_begun_by(over.ended.ended).is_some())
    }

    /// The portals of this device that may hear the same goods.
    fn neighbours(&self, of: usize) -> impl Iterator<Item = &Door> {
        let own = self.doors.get(of);
        self.doors.iter().filter(move |door| {
            own.is_some_and(|own| {
                own.config.neighbours.contains(&door.config.name)
                    || door.config.neighbours.contains(&own.config.name)
            })
        })
    }

    /// What neighbours on this device heard while a pass went on.
    pub(super) fn heard_by_neighbours(&self, over: &Over, announced: &Announced) -> Vec<Other> {
        let names: Vec<&str> = self
            .neighbours(over.door)
            .map(|door| door.config.name.as_str())
            .collect();
        let open = self
            .neighbours(over.door)
            .filter_map(|door| door.pass_begun_by(over.ended.ended))
            .map(|(pass, _)| Other::of(pass, announced, true));
        let is_neighbour = |other: &&Over| {
            let name = self.doors.get(other.door).map(|door| door.config.name.as_str());
            name.is_some_and(|name| names.contains(&name))
                && other.ended.began <= over.ended.ended
                && over.ended.began <= other.ended.ended
        };
        let ended = self.over.iter().filter(is_neighbour);
        open.chain(ended.map(|other| Other::of(&other.ended.pass, announced, false)))
            .collect()
    }

    /// Whether neighbours on other devices may ask what was heard at a door.
    pub(super) fn is_asked_elsewhere(&self) -> bool {
        self.doors.iter().any(has_elsewhere)
    }

    /// A pass is over: neighbours on other devices may ask what was heard in it.
    pub(super) fn remember(&mut self, over: &Over, announced: &Announced) {
        let EndedPass { pass, began, ended } = &over.ended;
        let door = self.doors.get(over.door).filter(|door| has_elsewhere(door));
        let heard = door.map(|door| HeardPass::of(door, pass, (*began, *ended), announced, false));
        heard.into_iter().for_each(|heard| self.memory.keep(heard));
    }

    /// The receipt is left while goods pass: whoever asks is told that they may be heard more strongly yet.
    pub(super) fn remember_open(&mut self, announced: &Announced, now: Moment) {
        for door in self.doors.iter().filter(|door| has_elsewhere(door)) {
            if let Some((pass, began)) = door.pass_begun_by(now) {
                let heard = HeardPass::of(door, pass, (began, now), announced, true);
                self.memory.keep(heard);
            }
        }
    }

    /// Answers the questions that can be answered: those about a portal whose pass goes on wait for its end, while there is
    /// time.
    pub(super) fn answer_neighbours(&mut self, announced: &Announced, now: Moment) {
        let asked = std::mem::take(&mut self.memory.asked);
        for asks in asked {
            let from = Moment::from_us(asks.began.us.saturating_sub(APART_MS * 1_000));
            let to = asks.ended.plus_ms(APART_MS);
            let door = self.doors.iter().find(|door| door.config.name == asks.portal);
            let open = door.and_then(|door| door.pass_begun_by(to));
            if open.is_some() && now < asks.by {
                self.memory.asked.push(asks);
                continue;
            }
            let open = open.map(|(pass, _)| heard_tags(pass, announced, true));
            let mut heard = self
                .memory
                .heard(&asks.portal, from, to, open.unwrap_or_default());
            heard.knows_all &= door.is_some();
            // Where nobody waits for it any more, nobody misses it.
            let _ = asks.answer.send(heard);
        }
    }

    /// Says which passes wait for what neighbours on other devices heard.
    pub(super) fn tell_inquiries(&self) {
        let Some(settings) = &self.settings else { return };
        let waiting = self
            .over
            .iter()
            .filter(|over| !over.is_told && over.waits_elsewhere());
        let inquiry = |over: &Over| {
            let door = self.doors.get(over.door)?;
            Some(NeighbourInquiry {
                portal: door.config.name.clone(),
                pass: over.number,
                neighbours: door.config.neighbours_elsewhere.clone(),
                began: over.ended.began,
                ended: over.ended.ended,
                by: over.by,
            })
        };
        let inquiries: Vec<_> = waiting.filter_map(inquiry).collect();
        settings.inquiries.send_if_modified(|before| {
            let changed = *before != inquiries;
            *before = inquiries;
            changed
        });
    }

    /// Passes that were told so long ago that no neighbour's is compared with them are forgotten.
    pub(super) fn forget(&mut self, now: Moment) {
        self.memory.forget(now);
        self.over
            .retain(|over| !over.is_told || now.since_us(over.ended.ended) < REMEMBERED_MS * 1_000);
        while self.over.len() > ENDED_MAX {
            let told = self.over.iter().position(|over| over.is_told);
            self.over.remove(told.unwrap_or(0));
        }
    }
}

impl<W: World> FloorLoop<W> {
    /// What the receipt at the portals announces, where it matters to neighbours on other devices: to look through a long receipt takes
    /// its time.
    pub(super) fn announced_elsewhere(&self) -> Announced {
        match self.portals.is_asked_elsewhere() {
            true => self.announced(),
            false => Announced::default(),
        }
    }

    /// What the receipt at the portals announces.
    pub(super) fn announced(&self) -> Announced {
        match (&self.portals.wish, &self.world) {
            (Some(wish), Some(world)) => Announced::of(world, &wish.task),
            _ => Announced::default(),
        }
    }

    /// Neighbours on other devices have said what they heard in a pass.
    pub(in crate::floor_loop) async fn neighbours_heard(&mut self, number: u64, heard: Vec<Heard>) {
        let mut waiting = self.portals.over.iter_mut();
        if let Some(over) = waiting.find(|over| over.number == number && !over.is_told) {
            for heard in heard {
                let mut elsewhere = over.elsewhere.iter_mut();
                if let Some((_, known)) = elsewhere.find(|(portal, _)| *portal == heard.portal) {
                    *known = Some(Other::told(heard));
                }
            }
            // Whoever has not answered by now does not.
            for (_, known) in &mut over.elsewhere {
                known.get_or_insert_with(Other::silent);
            }
        }
        self.tick().await;
    }

    /// Answers what neighbours on other devices ask, as far as it can be told now.
    pub(super) fn answer_questions(&mut self, now: Moment) {
        if self.portals.memory.is_asked() {
            let announced = self.announced();
            self.portals.answer_neighbours(&announced, now);
        }
    }

    /// A neighbour on another device asks what was heard here.
    pub(in crate::floor_loop) async fn neighbour_asks(&mut self, asks: NeighbourAsks) {
        self.portals.memory.asked.push(asks);
        self.tick().await;
    }

    /// Tells who watches which neighbours are silent, and the worker why so much is asked about.
    pub(super) fn tell_silent(&mut self, number: u64, silent: BTreeSet<String>, is_asked: bool) {
        if silent.is_empty() {
            self.outlets.silent_neighbours(silent);
            return;
        }
        tracing::warn!(
            pass = number,
            ?silent,
            "neighbouring portals do not answer: what was heard is checked by label"
        );
        self.outlets.silent_neighbours(silent);
        if is_asked {
            self.outlets.show_silent_neighbour();
        }
    }
}
