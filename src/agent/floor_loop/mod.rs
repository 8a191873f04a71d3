//! The floor loop: one input after the other, each judged to the end. Commit, then show, then sound.
//!
//! A step works on a copy of the session; the copy becomes the session when its commit is through. Where the commit
//! fails nothing has happened: the old session stays, the screen says so, and no good sound is made. Everything that
//! changes the world of a step (a delta, an epoch, an identity) comes through here too, so nothing changes under one.

mod beside;
mod cache_parts;
mod door;
mod finding;
mod first_screen;
mod notices;
mod outlets;
mod portals;
mod pull;
mod sweeping;
mod tags;
mod trace;

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use tallyman_codes::DeviceName;
use tallyman_floor::trace::{Noted, Recording};
use tallyman_floor::wire::set_up::is_meant;
use tallyman_floor::words::Language;
use tallyman_floor::{
    Act, Draft, Effect, Event, Now, Scanning, Session, SiteId, Step, TaskId, Tone, Verdict, View, Where,
};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::calendar::Calendar;
use crate::seams::{
    CacheChange, Change, Done, FromHub, HubStory, Identity, Incoming, Input, Place, StepCommit, Store,
    StoreError, World,
};

use first_screen::FirstScreen;
use notices::Notice;
pub use outlets::{Outlets, Presence, StoreHealth, rules_of};
use portals::AtPortals;
pub use portals::Portals;
use pull::{Judged, Pulls};
pub use tags::Readers;
use tags::Tags;
use trace::Trace;

/// Opens the world of a site, when the device has learned which one it works in.
pub type OpenWorld<W> = Box<dyn FnMut(SiteId, Place) -> Result<W, StoreError> + Send>;

/// The floor loop of one device.
pub struct FloorLoop<W> {
    session: Session,
    /// The session as the store has it.
    saved: Session,
    world: Option<W>,
    open_world: OpenWorld<W>,
    store: Arc<dyn Store>,
    calendar: Calendar,
    outlets: Outlets,
    trace: Trace,
    pulls: Pulls,
    tags: Tags,
    portals: AtPortals,
    parts: VecDeque<CacheChange>,
    parts_done: Option<Done>,
    changed: Vec<TaskId>,
    /// Whether the worker is asked to change the battery when nothing is half done.
    battery_is_low: bool,
    /// Whether it has an identity, whatever became of its tasks.
    is_enrolled: bool,
    first: FirstScreen,
    /// For how long the worker waited for the last answer, in microseconds.
    answered_in_us: u64,
}

/// Who gets the answer, and what may be forgotten of it.
struct Asked<'a> {
    event: Event,
    device: Option<&'a DeviceName>,
}

impl<W: World> FloorLoop<W> {
    /// A loop that takes the session up where it was saved. `identity` is `None` before enrolment.
    pub fn new(
        session: Session,
        open_world: OpenWorld<W>,
        store: Arc<dyn Store>,
        calendar: Calendar,
        outlets: Outlets,
    ) -> Self {
        Self {
            saved: session.clone(),
            session,
            world: None,
            open_world,
            store,
            calendar,
            outlets,
            trace: Trace::default(),
            pulls: Pulls::default(),
            tags: Tags::default(),
            portals: AtPortals::default(),
            parts: VecDeque::new(),
            parts_done: None,
            changed: Vec::new(),
            battery_is_low: false,
            is_enrolled: false,
            first: FirstScreen::default(),
            answered_in_us: 0,
        }
    }

    /// Runs until cancelled. What waits in the channels then was never answered, so nobody takes it for done.
    pub async fn run(
        mut self,
        identity: Option<Identity>,
        mut inputs: mpsc::Receiver<Incoming>,
        mut hub: mpsc::Receiver<FromHub>,
        cancel: CancellationToken,
    ) {
        self.begin(identity).await;
        loop {
            let storing = !self.parts.is_empty();
            let due_in = self.due_in();
            tokio::select! {
                biased;
                () = cancel.cancelled() => break,
                Some(incoming) = inputs.recv() => self.take(incoming).await,
                Some(news) = hub.recv(), if !storing => self.hear(news).await,
                () = std::future::ready(()), if storing => self.store_next_part().await,
                () = tokio::time::sleep(due_in.unwrap_or_default()), if due_in.is_some() => self.tick().await,
                else => break,
            }
        }
        self.keep_sweep().await;
        let now = self.moment();
        self.keep_passes(now).await;
        self.save().await;
    }

    /// Saves where the worker is. Steps that promise something did so themselves; an open question or a number half
    /// typed is only worth it when the program ends in order.
    async fn save(&mut self) {
        if self.world.is_some() && self.session != self.saved {
            let session = self.session.clone();
            if let Err(error) = self.commit(&session, Vec::new()).await {
                tracing::warn!(%error, "the open question is not saved; the step before it is");
            }
        }
    }

    /// Takes the session up: shows what it showed before the restart.
    pub async fn begin(&mut self, identity: Option<Identity>) {
        if let Some(identity) = identity {
            self.is_enrolled = true;
            if let Err(error) = self.enter(&identity) {
                tracing::error!(%error, "the cached tasks cannot be read");
                self.outlets.store_failed(&error);
                self.notify(Notice::of(&error));
                return;
            }
            self.outlets.identity(Some(identity));
        }
        if self.is_enrolled {
            self.first.news = self.outlets.set_up.take_news();
        }
        self.follow_work().await;
        self.refresh().await;
    }

    /// One input of a worker, from the judgement to the sound.
    pub async fn take(&mut self, incoming: Incoming) {
        self.take_input(incoming).await;
        self.follow_work().await;
    }

    async fn take_input(&mut self, incoming: Incoming) {
        if let Input::Ping(ping) = &incoming.input {
            // Whatever the writer answers, it answers; and nobody worked, so nothing is timed.
            self.store.ping().await;
            ping.answer();
            return;
        }
        let came_us = incoming.at.us;
        let waited_us = self.calendar.clock().now().us.saturating_sub(came_us);
        self.outlets.waited(waited_us);
        if matches!(incoming.input, Input::Key(_) | Input::Scan { .. }) {
            self.first.news = None;
        }
        match incoming.input {
            // Nobody waits for the answer to a tag of a sweep.
            Input::Tags { device, pull, window } => {
                let answered_in_us = self.answered_in_us;
                self.take_tags(&device, pull, *window).await;
                self.answered_in_us = answered_in_us;
                return;
            }
            Input::Line { device, port, high } => {
                let answered_in_us = self.answered_in_us;
                self.take_line(&device, port, high, incoming.at).await;
                self.answered_in_us = answered_in_us;
                return;
            }
            Input::Reader { device, is_open } => {
                self.reader_changed(&device, is_open).await;
                return;
            }
            Input::Repeated { device } => self.outlets.repeated(&device),
            Input::Printer(notice) => self.outlets.printer(notice),
            Input::Ping(_) => {}
            Input::BatteryLow(is_low) => self.battery(is_low),
            Input::Key(key) if !self.is_enrolled => self.take_first_key(key),
            Input::Scan { device, scanning, .. } if is_meant(&scanning.raw) => {
                self.pulls.others_happened();
                self.take_set_up(&scanning.raw, Some(&device));
            }
            Input::Key(key) => {
                self.pulls.others_happened();
                self.step(Asked {
                    event: Event::Key(key),
                    device: None,
                })
                .await;
            }
            Input::Scan {
                device,
                pull: None,
                scanning,
            } => {
                self.pulls.others_happened();
                self.step(Asked {
                    event: Event::Scans(vec![*scanning]),
                    device: Some(&device),
                })
                .await;
            }
            Input::Scan {
                device,
                pull: Some(number),
                scanning,
            } => {
                self.take_of_pull(device, number, *scanning).await;
            }
        }
        self.answered_in_us = self.calendar.clock().now().us.saturating_sub(came_us);
    }

    /// News of the hub, stored and then answered.
    pub async fn hear(&mut self, news: FromHub) {
        self.hear_news(news).await;
        self.follow_work().await;
    }

    async fn hear_news(&mut self, news: FromHub) {
        match news {
            FromHub::NotEnrolled(trouble) => self.hear_trouble(trouble),
            FromHub::LookedAt(done) => {
                self.tell_look();
                let _ = done.send(Ok(()));
            }
            FromHub::NeighboursHeard(pass, heard) => self.neighbours_heard(pass, heard).await,
            FromHub::NeighbourAsks(asks) => self.neighbour_asks(asks).await,
            FromHub::Time(time) => self.calendar.hub_says(time),
            FromHub::UpToDate(time) => {
                if let Some(world) = &mut self.world {
                    world.up_to_date(time);
                }
            }
            FromHub::Stock(answer) => {
                self.pulls.others_happened();
                let event = Event::Told(answer);
                self.step(Asked { event, device: None }).await;
            }
            FromHub::Enrolled(identity, done) => {
                let stored = self.take_identity(identity).await;
                let _ = done.send(stored);
                self.refresh().await;
            }
            FromHub::Epoch {
                epoch,
                after,
                story,
                done,
            } => {
                let stored = self.begin_epoch(epoch, after, story).await;
                let _ = done.send(stored);
                self.refresh().await;
            }
            FromHub::Delta(delta, done) => {
                self.calendar.hub_says(delta.server_time);
                self.parts = cache_parts::split(*delta);
                self.parts_done = Some(done);
            }
        }
    }

    /// Whether parts of a delta wait to be stored; inputs go before them.
    pub fn is_storing(&self) -> bool {
        !self.parts.is_empty()
    }

    /// Stores the next part of a delta.
    pub async fn store_next_part(&mut self) {
        self.store_part().await;
        self.follow_work().await;
    }

    async fn store_part(&mut self) {
        let Some(part) = self.parts.pop_front() else {
            return;
        };
        let stored = self.store.cache(part.clone()).await;
        let mut rebuilt = Ok(());
        if let (&Ok(swept), Some(world)) = (&stored, &mut self.world) {
            for change in world.cached(&part.part) {
                if let Change::Task(task) = change {
                    self.changed.push(task);
                }
            }
            if swept {
                // What was forgotten no part has named.
                rebuilt = world.rebuild(self.store.next_place());
                self.changed.extend(self.session.task().cloned());
            }
            if let Some(rules) = &part.part.site_rules {
                self.outlets.site_rules(rules);
            }
        }
        let stored = stored.map(drop).and(rebuilt);
        let failed = stored.is_err();
        if failed {
            self.parts.clear();
        }
        if failed || part.last {
            if let Some(done) = self.parts_done.take() {
                let _ = done.send(stored);
            }
            self.tell_changes().await;
        }
    }

    async fn tell_changes(&mut self) {
        let changed = std::mem::take(&mut self.changed);
        let open = self.session.task().cloned();
        if let Some(task) = open.filter(|task| changed.contains(task)) {
            let event = Event::TaskChanged(task);
            self.pulls.others_happened();
            self.step(Asked { event, device: None }).await;
        } else {
            self.refresh().await;
        }
    }

    async fn take_identity(&mut self, identity: Identity) -> Result<(), StoreError> {
        self.store.enrol(identity.clone()).await?;
        self.is_enrolled = true;
        self.enter(&identity)?;
        self.outlets.identity(Some(identity));
        Ok(())
    }

    async fn begin_epoch(&mut self, epoch: u32, after: Place, story: HubStory) -> Result<(), StoreError> {
        self.store.begin_epoch(epoch, after, story).await?;
        self.pulls.others_happened();
        self.outlets.epoch(epoch);
        self.rebuild()
    }

    fn enter(&mut self, identity: &Identity) -> Result<(), StoreError> {
        self.pulls.others_happened();
        let site = SiteId::new(identity.site.as_str());
        self.world = Some((self.open_world)(site, self.store.next_place())?);
        Ok(())
    }

    fn rebuild(&mut self) -> Result<(), StoreError> {
        match &mut self.world {
            Some(world) => world.rebuild(self.store.next_place()),
            None => Ok(()),
        }
    }

    /// The first read of a trigger pull is judged at once. A later one may improve a reject or a question; after an
    /// accept, or after anything else happened, it does nothing.
    async fn take_of_pull(&mut self, device: DeviceName, number: u64, scanning: Scanning) {
        match self.pulls.place(&device, number, &scanning) {
            pull::Place::Late => self.outlets.late_read(),
            pull::Place::Later(before, scans) => self.take_later_read(&device, *before, scans).await,
            pull::Place::First => {
                self.pulls.others_happened();
                let before = self.session.clone();
                let event = Event::Scans(vec![scanning.clone()]);
                let asked = Asked {
                    event,
                    device: Some(&device),
                };
                let judged = self.step(asked).await;
                self.pulls.begin(device, number, before, scanning, judged);
            }
        }
    }

    async fn take_later_read(&mut self, device: &DeviceName, before: Session, scans: Vec<Scanning>) {
        let now = std::mem::replace(&mut self.session, before);
        let judged = self.judge(&Event::Scans(scans));
        self.session = now;
        match judged {
            Ok((session, step)) if self.pulls.is_improved_by(device, &Judged::of(&step.verdict)) => {
                let judged = self.carry_out(session, step, Some(device)).await;
                self.pulls.judged(device, judged);
            }
            _ => self.outlets.late_read(),
        }
    }

    /// Tells who works on what: before it is shown, so that the bar and the screen change at once.
    fn tell_presence(&self) {
        let devices_own = self.outlets.language;
        let world = self.world.as_ref();
        let language = world.map_or(devices_own, |world| self.session.language(world));
        self.outlets.presence(&self.session, language);
    }

    async fn refresh(&mut self) {
        if self.world.is_none() {
            self.show_first();
            return;
        }
        self.tell_presence();
        if let Ok((_, step)) = self.judge(&Event::Refresh) {
            self.tags_shown();
            for effect in step.effects {
                if let Effect::Show(view) = effect {
                    self.outlets.show(self.with_news(view));
                }
            }
        }
    }

    /// Judges an event and does what follows from it.
    async fn step(&mut self, asked: Asked<'_>) -> Judged {
        if self.world.is_none() {
            self.show_first();
            self.outlets.sound(Tone::Bad, "reject", asked.device, Vec::new());
            return Judged::Nothing;
        }
        // Once more where the journal moved between the judgement and the commit.
        for _ in 0..2 {
            match self.judge(&asked.event) {
                Ok((session, step)) => match self.carry_out(session, step, asked.device).await {
                    Judged::Elsewhere => {
                        if let Err(error) = self.rebuild() {
                            return self.fail(&error, asked.device);
                        }
                    }
                    judged => return judged,
                },
                Err(fault) => return self.fault(fault, asked.device),
            }
        }
        self.fail(
            &StoreError::Busy("the journal moved twice under one step".to_owned()),
            asked.device,
        )
    }

    /// Judges an event on a copy of the session.
    fn judge(&mut self, event: &Event) -> Result<(Session, Step), Fault> {
        self.tell_world_of_tags();
        let Some(world) = &mut self.world else {
            return Err(Fault::Store(StoreError::NotEnrolled));
        };
        let now = Now {
            waited_us: self.answered_in_us,
            ..self.calendar.now()
        };
        world.set_rules(self.outlets.rules_of(now.today));
        let mut session = self.session.clone();
        let recording = Recording::of(&*world);
        let stepped = catch_unwind(AssertUnwindSafe(|| session.step(event.clone(), &now, &recording)));
        let step = stepped.map_err(|panic| Fault::Mistake(panic_message(panic.as_ref())))?;
        let asked = recording.asked();
        if let Some(error) = world.take_fault() {
            return Err(Fault::Store(error));
        }
        let noted = Noted {
            before: &self.session,
            event,
            now: &now,
            after: &session,
            step: &step,
        };
        self.trace.note(asked, &*world, noted);
        Ok((session, step))
    }

    /// Commits, shows and sounds a step.
    async fn carry_out(&mut self, session: Session, step: Step, device: Option<&DeviceName>) -> Judged {
        let judged = Judged::of(&step.verdict);
        // What is done is never refused: only a step that begins a task and writes nothing else waits for room.
        let is_done =
            |effect: &Effect| matches!(effect, Effect::Persist(fact) if fact.act != Act::TaskStarted);
        let is_started =
            |effect: &Effect| matches!(effect, Effect::Persist(fact) if fact.act == Act::TaskStarted);
        // Back to the task that was kept is no begin.
        let is_opened = matches!(step.verdict, Verdict::Go(Where::Task(_)))
            && session.task() != self.session.planned_task();
        let begins_task = is_opened || step.effects.iter().any(is_started);
        if begins_task
            && !step.effects.iter().any(is_done)
            && let Err(error) = self.store.check_room()
        {
            tracing::error!(%error, "the task is not begun");
            self.notify(Notice::NoRoom);
            self.outlets.sound(Tone::Bad, "reject", device, Vec::new());
            return Judged::Nothing;
        }
        let drafts: Vec<Draft> = step
            .effects
            .iter()
            .filter_map(|effect| match effect {
                Effect::Persist(draft) => Some(draft.clone()),
                _ => None,
            })
            .collect();
        let mut confirmed = Vec::new();
        if needs_commit(&step.effects) {
            match self.commit(&session, drafts).await {
                Ok(places) => confirmed = places,
                Err(StoreError::Elsewhere(_)) => return Judged::Elsewhere,
                Err(error) => return self.fail(&error, device),
            }
        }
        self.session = session;
        self.tags_shown();
        self.tell_presence();
        for effect in step.effects {
            match effect {
                Effect::Persist(_) | Effect::SaveSession => {}
                Effect::Print(order) => self.outlets.print(order),
                Effect::Light(light) => self.show_light(light),
                Effect::Inquire(inquiry) => self.outlets.inquire(inquiry),
                Effect::Show(view) if self.asks_for_battery() => self.outlets.show_with_battery(&view),
                Effect::Show(view) => self.outlets.show(view),
                Effect::Sound(tone) => {
                    self.outlets.sound(
                        tone,
                        word_of(&step.verdict),
                        device,
                        std::mem::take(&mut confirmed),
                    );
                }
            }
        }
        judged
    }

    /// A battery that will soon be empty is told at once where nothing is half done, else at the next break; with the answer
    /// to each step until it was changed.
    fn battery(&mut self, is_low: bool) {
        self.battery_is_low = is_low;
        if self.asks_for_battery() {
            self.outlets.ask_for_battery();
        }
    }

    fn asks_for_battery(&self) -> bool {
        self.battery_is_low && self.session.is_at_rest()
    }

    async fn commit(&mut self, session: &Session, drafts: Vec<Draft>) -> Result<Vec<Place>, StoreError> {
        let Some(world) = &mut self.world else {
            return Err(StoreError::NotEnrolled);
        };
        let (epoch, seq) = world.next_confirmation();
        let commit = StepCommit {
            expected: Place { epoch, seq },
            drafts: drafts.clone(),
            session: session.to_saved(),
            trace: self.trace.entries(),
        };
        let places = self.store.commit(commit).await?;
        self.saved = session.clone();
        world.committed(&places, &drafts);
        self.tags.ended(&drafts);
        self.trace.written();
        self.outlets.committed();
        Ok(places)
    }

    fn fault(&mut self, fault: Fault, device: Option<&DeviceName>) -> Judged {
        match fault {
            Fault::Store(error) => self.fail(&error, device),
            Fault::Mistake(message) => {
                tracing::error!(message, "a step panicked; the session stays as it was");
                self.notify(Notice::Mistake);
                self.outlets.sound(Tone::Bad, "failed", device, Vec::new());
                Judged::Nothing
            }
        }
    }

    fn notify(&self, notice: Notice) {
        self.outlets.show(notice.view(self.outlets.language()));
    }

    /// Nothing was stored, so nothing happened.
    fn fail(&mut self, error: &StoreError, device: Option<&DeviceName>) -> Judged {
        tracing::error!(%error, "nothing was stored; the session stays as it was");
        self.outlets.store_failed(error);
        self.notify(Notice::of(error));
        self.outlets.sound(Tone::Bad, "failed", device, Vec::new());
        Judged::Nothing
    }
}

/// Why there is no verdict.
enum Fault {
    Store(StoreError),
    Mistake(String),
}

/// Whether something of the step must be on disk before it is shown. A good sound promises that, whatever else the
/// step says; and the evidence of a pass is forgotten once the session has what is to be looked at of it.
fn needs_commit(effects: &[Effect]) -> bool {
    effects.iter().any(|effect| {
        matches!(
            effect,
            Effect::Persist(_) | Effect::SaveSession | Effect::Sound(Tone::Good) | Effect::Light(_)
        )
    })
}

/// The word for a verdict.
const fn word_of(verdict: &Verdict) -> &'static str {
    match verdict {
        Verdict::Accept => "accept",
        Verdict::Ask(_) => "ask",
        Verdict::Reject(_) => "reject",
        Verdict::Go(_) => "go",
        Verdict::Quiet => "quiet",
    }
}

fn panic_message(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "no message".to_owned())
}

/// What a device shows before anything else.
pub fn first_view(language: Language) -> View {
    notices::starting(language)
}

#[cfg(test)]
mod tests;
