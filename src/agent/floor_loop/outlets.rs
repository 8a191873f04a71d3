//! Where the loop's answers go: the screen, the sounds, and those who watch.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::civil::Date;
use tallyman_codes::{DeviceName, Rules, SiteRules};
use tallyman_floor::wire::v1::SiteRuleBody;
use tallyman_floor::words::Language;
use tallyman_floor::{Inquiry, LabelOrder, Session, SinceLogIn, TaskId, Tone, View, WorkerId};
use tokio::sync::{Notify, broadcast, mpsc, watch};

use crate::seams::{AtWork, Happening, Identity, Place, PrinterNotice, SetUp, Sounded, StoreError};

use super::notices;

/// What is known of the work, for `status` and heartbeats.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Presence {
    /// Who is logged in.
    pub worker: Option<WorkerId>,
    /// The language of whoever is logged in, else the device's.
    pub language: Language,
    /// What was done since log-in; `None` where nobody is logged in.
    pub since_log_in: Option<SinceLogIn>,
    /// The task that is open.
    pub task: Option<TaskId>,
    /// How the store did the last time it was asked.
    pub store: StoreHealth,
    /// The longest an input has waited for the loop, in microseconds.
    pub worst_wait_us: u64,
    /// Reads of a trigger pull that came after its answer and changed nothing.
    pub late_reads: u64,
    /// Neighbouring portals on other devices that did not answer the last time they were asked.
    pub silent_neighbours: BTreeSet<String>,
}

/// How the store did the last time it was asked.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum StoreHealth {
    /// It stored what it was given.
    #[default]
    Good,
    /// There was no room.
    Full,
    /// It failed, with this message.
    Failing(String),
}

/// The loop's outlets. All are channels; none is waited for.
pub struct Outlets {
    /// What the screen shows.
    pub view: watch::Sender<Arc<View>>,
    /// What happens, for those who watch.
    pub happenings: broadcast::Sender<Happening>,
    /// What sounds. The player takes them as they come.
    pub sounds: mpsc::Sender<Sounded>,
    /// What is known of the work.
    pub presence: watch::Sender<Presence>,
    /// Who works on what, for claims.
    pub at_work: watch::Sender<AtWork>,
    /// Who this device is.
    pub identity: watch::Sender<Option<Identity>>,
    /// What codes mean, as of now.
    pub rules: watch::Sender<Arc<Rules>>,
    /// The device's language.
    pub language: Language,
    /// The configuration has rules of its own, so the hub's do not count.
    pub rules_are_local: bool,
    /// Labels that are to be printed; `None` where there is no printer.
    pub labels: Option<mpsc::Sender<LabelOrder>>,
    /// Something was committed: sync may go.
    pub committed: Arc<Notify>,
    /// What somebody wants to know about stock, the newest.
    pub inquiries: watch::Sender<Option<Inquiry>>,
    /// Where set-up codes are taken.
    pub set_up: Arc<dyn SetUp>,
    /// Whether the device knows where its hub is, so that a one-time code is enough.
    pub knows_hub: bool,
}

impl Outlets {
    pub(super) fn show(&self, view: View) {
        let view = Arc::new(view);
        let changed = self.view.send_if_modified(|shown| {
            let changed = *shown != view;
            *shown = Arc::clone(&view);
            changed
        });
        if changed {
            // An error means that nobody watches.
            let _ = self.happenings.send(Happening::View(view));
        }
    }

    pub(super) fn sound(
        &self,
        tone: Tone,
        verdict: &'static str,
        device: Option<&DeviceName>,
        confirmed: Vec<Place>,
    ) {
        let sounded = Sounded {
            tone,
            verdict,
            device: device.cloned(),
            confirmed,
        };
        // A sound that cannot be played now would come too late to mean anything.
        let _ = self.sounds.try_send(sounded.clone());
        let _ = self.happenings.send(Happening::Sound(sounded));
    }

    /// A mechanical repetition was dropped: it is shown and sounded, and changes nothing.
    pub(super) fn repeated(&self, device: &DeviceName) {
        let view = notices::with_repetition(&self.view.borrow().clone(), self.language());
        self.show(view);
        self.sound(Tone::Calm, "repeated", Some(device), Vec::new());
    }

    /// A label is handed on; its fact is on disk. What became of it is told later.
    pub(super) fn print(&self, order: LabelOrder) {
        let refused = match &self.labels {
            None => Some(PrinterNotice::NoPrinter),
            Some(labels) => labels.try_send(order).is_err().then_some(PrinterNotice::TooMany),
        };
        if let Some(notice) = refused {
            tracing::error!(?notice, "a label is not printed");
            self.printer(notice);
        }
    }

    /// Something about labels is told, and changes nothing.
    pub(super) fn printer(&self, notice: PrinterNotice) {
        let view = notices::with_printer(&self.view.borrow().clone(), notice, self.language());
        self.show(view);
        if notice != PrinterNotice::Prints {
            self.sound(Tone::Ask, "printer", None, Vec::new());
        }
    }

    /// Shows a view, and that the battery is to be changed.
    pub(super) fn show_with_battery(&self, view: &View) {
        self.show(notices::with_battery(view, self.language()));
    }

    /// Tells that the battery is to be changed, on its own.
    pub(super) fn ask_for_battery(&self) {
        let view = self.view.borrow().clone();
        self.show_with_battery(&view);
        self.sound(Tone::Ask, "battery", None, Vec::new());
    }

    /// What neighbours on other devices heard is not known: the worker is told why labels are asked for.
    pub(super) fn show_silent_neighbour(&self) {
        let view = notices::with_silent_neighbour(&self.view.borrow().clone(), self.language());
        self.show(view);
    }

    /// Which neighbouring portals on other devices did not answer; none where all did.
    pub(super) fn silent_neighbours(&self, silent: BTreeSet<String>) {
        self.presence.send_if_modified(|presence| {
            let changed = presence.silent_neighbours != silent;
            presence.silent_neighbours = silent;
            changed
        });
    }

    /// Asks the hub about stock. What was asked before is not waited for any more.
    pub(super) fn inquire(&self, inquiry: Inquiry) {
        self.inquiries.send_replace(Some(inquiry));
    }

    /// The language of whoever is logged in, else the device's: that of the loop's own screens.
    pub(super) fn language(&self) -> Language {
        self.presence.borrow().language
    }

    pub(super) fn presence(&self, session: &Session, language: Language) {
        self.presence.send_if_modified(|presence| {
            let now = Presence {
                worker: session.worker().cloned(),
                language,
                since_log_in: session.since_log_in(),
                task: session.task().cloned(),
                ..presence.clone()
            };
            let changed = *presence != now;
            *presence = now;
            changed
        });
        let now = AtWork {
            worker: session.worker().cloned(),
            task: session.planned_task().cloned(),
            take_over: session.takes_over(),
        };
        self.at_work.send_if_modified(|at_work| {
            let changed = *at_work != now;
            *at_work = now;
            changed
        });
    }

    pub(super) fn waited(&self, waited_us: u64) {
        self.presence.send_if_modified(|presence| {
            presence.worst_wait_us = presence.worst_wait_us.max(waited_us);
            false
        });
    }

    pub(super) fn late_read(&self) {
        self.presence.send_if_modified(|presence| {
            presence.late_reads += 1;
            false
        });
    }

    pub(super) fn committed(&self) {
        self.health(StoreHealth::Good);
        self.committed.notify_one();
    }

    pub(super) fn store_failed(&self, error: &StoreError) {
        self.health(match error {
            StoreError::Full(_) => StoreHealth::Full,
            other => StoreHealth::Failing(other.to_string()),
        });
    }

    fn health(&self, health: StoreHealth) {
        self.presence.send_if_modified(|presence| {
            let changed = presence.store != health;
            presence.store = health;
            changed
        });
    }

    pub(super) fn identity(&self, identity: Option<Identity>) {
        self.identity.send_replace(identity);
    }

    pub(super) fn epoch(&self, epoch: u32) {
        self.identity.send_modify(|identity| {
            if let Some(identity) = identity {
                identity.epoch = epoch;
            }
        });
    }

    /// What codes mean on this day.
    pub(super) fn rules_of(&self, today: Date) -> Arc<Rules> {
        self.rules.send_if_modified(|rules| {
            let changed = rules.today != today;
            if changed {
                *rules = Arc::new(Rules {
                    today,
                    ..Rules::clone(rules)
                });
            }
            changed
        });
        Arc::clone(&self.rules.borrow())
    }

    pub(super) fn site_rules(&self, bodies: &[SiteRuleBody]) {
        if self.rules_are_local {
            return;
        }
        match rules_of(bodies) {
            Ok(site) => self.rules.send_modify(|rules| {
                *rules = Arc::new(Rules {
                    site,
                    ..Rules::clone(rules)
                });
            }),
            Err(reason) => tracing::error!(reason, "the hub's site rules cannot be used; those before stay"),
        }
    }
}

/// The site's own codes, ready to use.
///
/// # Errors
/// A sentence that names the rule that cannot be read, or the two that contradict each other.
pub fn rules_of(bodies: &[SiteRuleBody]) -> Result<SiteRules, String> {
    tallyman_floor::wire::convert::site_rules(bodies.iter().cloned()).map_err(|error| error.to_string())
}
