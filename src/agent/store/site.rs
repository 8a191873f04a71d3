//! What the hub said of the site beside items and tasks: people, what is on hold, and reasons. It is little, and kept
//! whole in memory.

use std::collections::HashMap;
use std::sync::Arc;

use argon2::password_hash::phc::PasswordHash;
use argon2::{Argon2, PasswordVerifier as _};
use jiff::Timestamp;
use rusqlite::Connection;
use tallyman_floor::site::usual_reasons;
use tallyman_floor::wire::v1::{Delta, HoldsBody, ReasonsBody, WorkerBody};
use tallyman_floor::{ExceptionCode, Holds, Worker, WorkerId};

use super::mark_rows::{self, Name};
use super::trouble::Trouble;

/// The site, as the device knows it.
#[derive(Default)]
pub(super) struct Site {
    holds: Option<Arc<Holds>>,
    workers: HashMap<WorkerId, Known>,
    reasons: HashMap<ExceptionCode, Vec<String>>,
}

struct Known {
    worker: Arc<Worker>,
    pin_hash: Option<String>,
}

impl Site {
    /// The site as it is stored.
    ///
    /// # Errors
    /// [`Trouble`] where a row is damaged; what could be read is not given then.
    pub(super) fn read(connection: &Connection) -> Result<Self, Trouble> {
        let mut site = Self::default();
        site.take_holds(mark_rows::get_form(connection, Name::Holds)?, None);
        site.take_workers(mark_rows::get_form(connection, Name::Workers)?);
        site.take_reasons(mark_rows::get_form(connection, Name::Reasons)?);
        Ok(site)
    }

    /// Takes what a part of a delta says of the site.
    pub(super) fn take(&mut self, part: &Delta) {
        self.take_holds(part.holds.clone(), Some(part.server_time));
        self.take_workers(part.workers.clone());
        self.take_reasons(part.reasons.clone());
    }

    /// The list of holds is the hub's list at this time of its clock.
    pub(super) fn up_to_date(&mut self, hub_time: Timestamp) {
        if let Some(holds) = &mut self.holds {
            Arc::make_mut(holds).heard = Some(hub_time);
        }
    }

    fn take_holds(&mut self, body: Option<HoldsBody>, heard: Option<Timestamp>) {
        if let Some(body) = body {
            self.holds = Some(Arc::new(body.into_holds(heard)));
        }
    }

    fn take_workers(&mut self, bodies: Option<Vec<WorkerBody>>) {
        let Some(bodies) = bodies else { return };
        let known = |body: WorkerBody| {
            let pin_hash = body.pin_hash.clone();
            let worker = Arc::new(Worker::from(body));
            (worker.id.clone(), Known { worker, pin_hash })
        };
        self.workers = bodies.into_iter().map(known).collect();
    }

    fn take_reasons(&mut self, bodies: Option<Vec<ReasonsBody>>) {
        let Some(bodies) = bodies else { return };
        // A code of a newer hub is nothing that this program asks for.
        let known = bodies
            .into_iter()
            .filter_map(|body| Some((ExceptionCode::of_word(&body.code)?, body.reasons)));
        self.reasons = known.collect();
    }

    pub(super) fn holds(&self) -> Option<Arc<Holds>> {
        self.holds.clone()
    }

    pub(super) fn worker(&self, id: &WorkerId) -> Option<Arc<Worker>> {
        self.workers.get(id).map(|known| Arc::clone(&known.worker))
    }

    /// Whether a PIN is the one of a person, by the hash that the hub gave: the cost of it is in the hash itself.
    pub(super) fn is_pin_of(&self, id: &WorkerId, pin: &str) -> bool {
        let hash = self.workers.get(id).and_then(|known| known.pin_hash.as_deref());
        let parsed = hash.and_then(|hash| PasswordHash::new(hash).ok());
        parsed.is_some_and(|hash| Argon2::default().verify_password(pin.as_bytes(), &hash).is_ok())
    }

    pub(super) fn reasons(&self, code: ExceptionCode) -> Vec<String> {
        let own = self.reasons.get(&code).cloned();
        own.unwrap_or_else(|| usual_reasons(code))
    }
}
