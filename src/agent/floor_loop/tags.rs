//! Tags in the floor loop: a sweep takes them, or the search for one piece; else they are scans, one window at a time.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use tallyman_codes::{DeviceName, EpcBytes, Moment, Seen, Sighting, understand};
use tallyman_drivers::Inventory;
use tallyman_drivers::burst::Window;
use tallyman_floor::rfid::Rules;
use tallyman_floor::{Act, Draft, Event, Place, Radio, Scanning, Tone};
use tokio::sync::watch;

use super::beside::Beside;
use super::finding::{Finding, filter};
use super::sweeping::{PlaceSweep, place_of};
use super::{Asked, FloorLoop};
use crate::seams::{ReaderWish, SweepStore, World};

/// Milliseconds between two screens of a sweep or a search: faster than anybody reads.
const SHOWN_MS: u64 = 250;

/// Milliseconds between two clicks of a sweep.
const CLICK_MS: u64 = 150;

/// Milliseconds after the work has changed in which tags are those of the work before: a reader that was told to stop needs
/// a moment for it.
const AFTERWARDS_MS: u64 = 500;

/// Milliseconds after which a tag that was not seen has left, and counts as scanned when it comes again.
const GONE_MS: u64 = 2_000;

/// Tags in view that are remembered; a reader that sees more sees a whole shelf, and that is a question anyway.
const IN_VIEW_MAX: usize = 1_024;

/// Tags of one window that are judged: two are a question.
const SCANS_MAX: usize = 8;

/// GTINs of which a tag is remembered, to look for others of the kind.
const KINDS_MAX: usize = 256;

/// What the loop needs where the device has an RFID reader.
pub struct Readers {
    /// Where sweeps are kept.
    pub store: Arc<dyn SweepStore>,
    /// What is wanted of the readers.
    pub wish: watch::Sender<ReaderWish>,
    /// How tags are judged.
    pub rules: Rules,
    /// How a place is swept.
    pub sweep: Inventory,
    /// How one piece is looked for.
    pub find: Inventory,
    /// Whether readers start in every place of a count, and not only where goods are known to carry tags.
    pub start_at_place: bool,
}

/// Where the tags go.
#[derive(Default)]
pub(super) struct Tags {
    readers: Option<Readers>,
    radio: Radio,
    /// Since when it is so.
    since: Option<Moment>,
    sweep: Option<PlaceSweep>,
    /// What was counted in other places.
    beside: Beside,
    finding: Option<Finding>,
    /// Tags that were scanned and are still in view.
    in_view: HashMap<EpcBytes, Moment>,
    pull: u64,
    /// A tag of each GTIN that was swept.
    kinds: HashMap<String, EpcBytes>,
    shown: Moment,
    /// Whether the screen lacks something.
    is_stale: bool,
    clicked: Moment,
}

impl Tags {
    /// Facts were written: a place that they close is swept no more.
    pub fn ended(&mut self, drafts: &[Draft]) {
        let Some(sweep) = &mut self.sweep else { return };
        let place = sweep.place.clone();
        let is_end = |draft: &Draft| {
            let is_of_task = draft.work.as_ref().is_some_and(|work| work.task == place.task);
            let ends_place = |end: &Option<Place>| matches!(end, Some(Place::Location(location)) if *location == place.location);
            is_of_task
                && match draft.act {
                    Act::TaskClosed => true,
                    Act::LocationCounted => ends_place(&draft.to),
                    Act::LineClosed => ends_place(&draft.from),
                    _ => false,
                }
        };
        let mut ends = drafts.iter().filter(|draft| is_end(draft)).peekable();
        if ends.peek().is_some() {
            if ends.any(|draft| draft.act == Act::LocationCounted) {
                let sure = sweep.sure(&self.beside);
                self.beside.remember(&place, sure.into_iter());
            }
            for (gtin, epc) in sweep.known() {
                if self.kinds.len() < KINDS_MAX {
                    self.kinds.entry(gtin).or_insert(epc);
                }
            }
            self.sweep = None;
        }
    }

    /// When something is to be done without an input.
    fn due(&self, now: Moment) -> Option<Moment> {
        let stale = self.is_stale.then(|| self.shown.plus_ms(SHOWN_MS));
        let sweep = self.sweep.as_ref().and_then(PlaceSweep::due);
        let finding = self.finding.as_ref();
        let tone = finding.and_then(|finding| finding.tone_due(now));
        let silent =
            finding.and_then(|finding| finding.silent_at().filter(|_| finding.signal(now).is_some()));
        [stale, sweep, tone, silent].into_iter().flatten().min()
    }

    /// Whether a window holds a tag that was not in view before; all of them are in view now.
    fn is_new(&mut self, pull: u64, at: Moment, sightings: &[Sighting]) -> bool {
        if pull != self.pull || self.in_view.len() >= IN_VIEW_MAX {
            self.pull = pull;
            self.in_view.clear();
        }
        self.in_view
            .retain(|_, seen| at.since_us(*seen) < GONE_MS * 1_000);
        let mut is_new = false;
        for sighting in sightings {
            is_new |= self.in_view.insert(sighting.epc, at).is_none();
        }
        is_new
    }
}

impl<W: World> FloorLoop<W> {
    /// The same loop on a device with RFID readers.
    #[must_use]
    pub fn with_readers(mut self, readers: Readers) -> Self {
        self.tags.readers = Some(readers);
        self
    }

    /// Tags of one window.
    pub(super) async fn take_tags(&mut self, device: &DeviceName, pull: u64, window: Window) {
        if self.take_portal_tags(device, &window) {
            self.tick().await;
            return;
        }
        let since = self.tags.since;
        let is_of_before = since.is_some_and(|since| window.from <= since.plus_ms(AFTERWARDS_MS));
        match &self.tags.radio {
            Radio::Sweep(wish) if wish.is_paused => {}
            // What was read before the place was entered is none of its tags.
            Radio::Sweep(_) | Radio::Find { .. } if since.is_some_and(|since| window.from < since) => {}
            Radio::Sweep(_) => self.sweep_tags(&window),
            Radio::Find { .. } => {
                if let Some(finding) = &mut self.tags.finding
                    && finding.take(window.to, &window.sightings)
                {
                    self.tags.is_stale = true;
                }
            }
            Radio::Scan | Radio::Portal(_) if is_of_before => {}
            Radio::Scan | Radio::Portal(_) => self.scan_tags(device, pull, &window).await,
        }
        self.tick().await;
    }

    fn sweep_tags(&mut self, window: &Window) {
        let now = self.moment();
        let Some(sweep) = &mut self.tags.sweep else { return };
        let fresh = sweep.take(window.to, &window.sightings);
        self.tags.is_stale = true;
        if fresh > 0 && now.since_us(self.tags.clicked) >= CLICK_MS * 1_000 {
            self.tags.clicked = now;
            self.outlets.sound(Tone::Calm, "tag", None, Vec::new());
        }
    }

    /// One tag is a scan; several different ones are asked about.
    async fn scan_tags(&mut self, device: &DeviceName, pull: u64, window: &Window) {
        if !self.tags.is_new(pull, window.to, &window.sightings) {
            return;
        }
        let rules = self.outlets.rules_of(self.calendar.now().today);
        let scanning = |sighting: &Sighting| Scanning {
            scanner: device.as_str().to_owned(),
            raw: sighting.epc.to_string(),
            symbology: None,
            scan: understand(&Seen::Tag(sighting.to_tag()), &rules),
            rfid: true,
        };
        let scans = window.sightings.iter().take(SCANS_MAX).map(scanning).collect();
        self.pulls.others_happened();
        self.step(Asked {
            event: Event::Scans(scans),
            device: Some(device),
        })
        .await;
    }

    /// Does what is due: keeps what changed, shows it, and sounds.
    pub async fn tick(&mut self) {
        self.tick_portals().await;
        let now = self.moment();
        if self
            .tags
            .sweep
            .as_ref()
            .and_then(PlaceSweep::due)
            .is_some_and(|due| due <= now)
        {
            self.keep_sweep().await;
        }
        if let Some(finding) = &mut self.tags.finding {
            if finding.tone_due(now).is_some_and(|due| due <= now) {
                finding.sounded(now);
                self.outlets.sound(Tone::Calm, "near", None, Vec::new());
            }
            self.tags.is_stale |= finding
                .silent_at()
                .is_some_and(|at| at <= now && at > self.tags.shown);
        }
        if self.tags.is_stale && now.since_us(self.tags.shown) >= SHOWN_MS * 1_000 {
            self.refresh().await;
        }
    }

    /// For how long nothing is due; `None` where nothing is.
    pub fn due_in(&self) -> Option<Duration> {
        let now = self.moment();
        let due = [self.tags.due(now), self.portals.due()]
            .into_iter()
            .flatten()
            .min()?;
        Some(Duration::from_micros(due.since_us(now)))
    }

    /// Keeps what changed of the sweep.
    pub(super) async fn keep_sweep(&mut self) {
        let now = self.moment();
        let (Some(readers), Some(sweep)) = (&self.tags.readers, &mut self.tags.sweep) else {
            return;
        };
        if sweep.due().is_none() {
            return;
        }
        let store = Arc::clone(&readers.store);
        if let Err(error) = sweep.keep(&*store, now).await {
            tracing::error!(%error, "the tags of a sweep are not kept; it is tried again");
            self.outlets.store_failed(&error);
        }
        self.tags.is_stale = true;
    }

    /// Says how the sweep stands to the world that the next step asks.
    pub(super) fn tell_world_of_tags(&mut self) {
        let now = self.moment();
        let Some(world) = &mut self.world else { return };
        let (sweep, beside) = (&mut self.tags.sweep, &self.tags.beside);
        let swept = sweep
            .as_mut()
            .map(|sweep| (sweep.place.clone(), sweep.stands(beside)));
        world.set_sweep(swept.or_else(|| self.portals.stands()));
        let finding = self.tags.finding.as_ref();
        world.set_signal(finding.and_then(|finding| finding.signal(now)));
    }

    /// The screen shows all there is.
    pub(super) fn tags_shown(&mut self) {
        self.tags.shown = self.moment();
        self.tags.is_stale = false;
    }

    /// The work may be another one now: so is what the readers do.
    pub(super) async fn follow_work(&mut self) {
        let radio = match &self.world {
            Some(world) if self.tags.readers.is_some() => self.session.radio(world),
            _ => Radio::Scan,
        };
        self.follow_portal_work(&radio).await;
        let Some(readers) = &self.tags.readers else { return };
        if radio == self.tags.radio {
            return;
        }
        let (store, rules) = (Arc::clone(&readers.store), readers.rules);
        let now = self.moment();
        let is_other_place = match (&self.tags.radio, &radio) {
            (Radio::Sweep(before), Radio::Sweep(wish)) => place_of(before) != place_of(wish),
            _ => true,
        };
        if is_other_place {
            self.tags.since = Some(now);
        }
        match &radio {
            Radio::Sweep(wish) if self.tags.sweep.as_ref().is_some_and(|sweep| sweep.is_of(wish)) => {}
            Radio::Sweep(wish) => {
                self.keep_sweep().await;
                let sweep = PlaceSweep::take_up(wish, rules, &*store, now);
                self.tags.is_stale |= !sweep.is_empty();
                self.tags.sweep = Some(sweep);
            }
            Radio::Scan | Radio::Portal(_) | Radio::Find { .. } => {
                self.keep_sweep().await;
                self.tags.sweep = None;
            }
        }
        self.tags.finding = match &radio {
            Radio::Find { gtins, serial } => {
                let before = self.tags.finding.take();
                let same = before.filter(|finding| finding.is_of(gtins, serial));
                Some(same.unwrap_or_else(|| Finding::new(gtins.clone(), serial.clone(), now)))
            }
            Radio::Scan | Radio::Portal(_) | Radio::Sweep(_) => None,
        };
        self.tags.radio = radio;
        self.wish();
        if self.tags.is_stale {
            self.refresh().await;
        }
    }

    /// Tells the readers what they are wanted for.
    fn wish(&self) {
        let Some(readers) = &self.tags.readers else { return };
        let wish = match &self.tags.radio {
            Radio::Scan | Radio::Portal(_) => ReaderWish::Scan,
            Radio::Sweep(wish) if wish.is_paused => ReaderWish::Rest,
            Radio::Sweep(wish) => ReaderWish::Read {
                inventory: readers.sweep,
                at_once: wish.is_expected || readers.start_at_place,
            },
            Radio::Find { gtins, serial } => {
                let like = gtins.iter().find_map(|gtin| self.tags.kinds.get(gtin));
                ReaderWish::Read {
                    inventory: Inventory {
                        filter: like.and_then(|like| filter(like, serial)),
                        ..readers.find
                    },
                    at_once: true,
                }
            }
        };
        readers.wish.send_if_modified(|before| {
            let changed = *before != wish;
            *before = wish;
            changed
        });
    }

    /// The screen lacks how the portals stand.
    pub(super) const fn portals_changed(&mut self) {
        self.tags.is_stale = true;
    }

    pub(super) fn moment(&self) -> Moment {
        Moment::from_us(self.calendar.clock().now().us)
    }
}
