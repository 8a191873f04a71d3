//! Who works: logging in by badge, with a PIN where one is set, and what is kept from log-in to log-out.

use serde::{Deserialize, Serialize};

use crate::catalogue::Catalogue;
use crate::ids::{TaskId, WorkerId};
use crate::verdict::{Question, Reason, Verdict, Where};
use crate::words::Language;

use super::Session;
use super::figures::Figures;
use super::stage::{Open, is_default};
use super::work::{Desk, Outcome};

/// Wrong PINs in a row after which the badge has to be scanned again: enough for a slip with gloves on, few for trying.
const WRONG_PINS_MAX: u8 = 5;

/// What is kept from log-in to log-out. Undo changes nothing of it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Shift {
    /// The worker's own figures.
    #[serde(skip_serializing_if = "is_default")]
    pub figures: Figures,
    /// Wrong PINs since the badge was scanned.
    #[serde(skip_serializing_if = "is_default")]
    pub wrong_pins: u8,
    /// More urgent tasks that the worker did not want to change to, the newest last.
    #[serde(skip_serializing_if = "is_default")]
    pub declined: Vec<TaskId>,
}

/// The language that a screen speaks: that of whoever is logged in, else the device's.
pub(crate) fn language_of(catalogue: &dyn Catalogue, worker: Option<&WorkerId>) -> Language {
    let person = worker.and_then(|worker| catalogue.worker(worker));
    let own = person.and_then(|person| person.language);
    own.unwrap_or_else(|| catalogue.language())
}

impl Session {
    /// A badge was scanned. The open task stays open, and so does a question: its facts carry the new worker.
    pub(super) fn log_in(&mut self, worker: WorkerId, desk: &Desk<'_>) -> Outcome {
        let is_at_work = self.worker.as_ref() == Some(&worker);
        let person = desk.catalogue.worker(&worker);
        if is_at_work || !person.is_some_and(|person| person.has_pin) {
            if self.asks_for_pin() {
                self.stage.drop_question();
            }
            return self.logged_in(worker, desk);
        }
        let under = match self.stage.open.take() {
            Some(Open {
                question: Question::Pin { .. },
                ..
            }) => self.stage.under.take(),
            open => open.map(Box::new),
        };
        self.shift.wrong_pins = 0;
        let question = Question::Pin { worker };
        self.stage.ask(question.clone(), None);
        self.stage.under = under;
        Outcome::of(Verdict::Ask(question))
    }

    /// A PIN was typed to its end.
    pub(super) fn pin_typed(&mut self, worker: &WorkerId, desk: &Desk<'_>) -> Outcome {
        let typed = std::mem::take(&mut self.stage.typed);
        if typed.is_empty() {
            return Outcome::reject(Reason::WrongPin);
        }
        if desk.catalogue.is_pin_of(worker, &typed) {
            self.stage.drop_question();
            return self.logged_in(worker.clone(), desk);
        }
        self.shift.wrong_pins = self.shift.wrong_pins.saturating_add(1);
        if self.shift.wrong_pins < WRONG_PINS_MAX {
            return Outcome::reject(Reason::WrongPin);
        }
        self.shift.wrong_pins = 0;
        self.stage.drop_question();
        Outcome::reject(Reason::PinRefused)
    }

    fn logged_in(&mut self, worker: WorkerId, desk: &Desk<'_>) -> Outcome {
        if self.worker.as_ref() != Some(&worker) {
            self.shift = Shift {
                figures: Figures::since(desk.now),
                ..Shift::default()
            };
        }
        self.worker = Some(worker);
        Outcome::go(Where::LoggedIn)
    }

    /// Whether a PIN is being typed: a secret.
    pub(crate) fn asks_for_pin(&self) -> bool {
        let open = self.stage.open.as_ref();
        open.is_some_and(|open| matches!(open.question, Question::Pin { .. }))
    }
}
