//! What portals of several devices tell each other before any of them records a pass: questions and answers, passed on in
//! memory alone.
//!
//! Nothing here is a fact, and nothing is kept: a device whose question is lost asks again, and one that gets no answer asks
//! its people to scan labels. Where several hubs work on one database, portals that settle have to be at one of them.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tallyman_floor::wire::v1::{
    NeighbourAnswers, NeighbourHeard, NeighbourQuestion, NeighbourReply, NeighbourRequest, SETTLE_MS_MAX,
    SilentNeighbour,
};
use tallyman_platform::clock::Boottime;
use tokio::sync::watch;

/// Questions of a site at a time: each lasts for seconds.
const QUESTIONS_MAX: usize = 64;

/// Portals that are remembered for a site.
const SEATS_MAX: usize = 256;

/// For how long a name stays with the device that used it last: two devices cannot answer for one portal.
const HELD: Duration = Duration::from_secs(60);

/// The portals of all sites that have neighbours on other devices.
#[derive(Debug)]
pub(crate) struct Neighbours {
    /// This run of the hub.
    run: String,
    all: Mutex<All>,
}

#[derive(Debug, Default)]
struct All {
    last: u64,
    sites: HashMap<String, Site>,
}

#[derive(Debug)]
struct Site {
    seats: HashMap<String, Seat>,
    questions: Vec<Question>,
    bell: watch::Sender<u64>,
}

/// Who answers for a portal.
#[derive(Debug)]
struct Seat {
    device: String,
    seen: Boottime,
}

/// A question about one portal.
#[derive(Debug)]
struct Question {
    number: u64,
    portal: String,
    /// Who asks: the device, its portal, its pass.
    by: (String, String, u64),
    began: Boottime,
    ended: Boottime,
    until: Boottime,
    answer: Option<NeighbourHeard>,
}

/// Why a request is not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NeighbourRefused {
    /// Another device answers for the portal.
    #[error(
        "The device {device} has a portal called {portal} as well: portals of one site that have neighbours need names of \
         their own."
    )]
    Taken {
        /// The portal.
        portal: String,
        /// The other device.
        device: String,
    },
    /// More questions than a site can have.
    #[error("Too many passes wait to be settled. Ask again.")]
    Busy,
    /// A question that is answered, over, of another run of the hub, or about a portal of another device.
    #[error("Nobody waits for this answer any more.")]
    Over,
}

impl Neighbours {
    /// None yet; `run` tells this run of the hub from others.
    pub(crate) fn new(run: String) -> Self {
        Self {
            run,
            all: Mutex::default(),
        }
    }

    /// This run of the hub.
    pub(crate) fn run(&self) -> &str {
        &self.run
    }

    /// Puts the questions of a request to its neighbours, where they are not put yet. What is returned changes when something
    /// is answered.
    pub(crate) fn ask(
        &self,
        site: &str,
        device: &str,
        request: &NeighbourRequest,
        now: Boottime,
    ) -> Result<watch::Receiver<u64>, NeighbourRefused> {
        self.with(site, now, |last, site| {
            let by = by(device, request);
            let is_new = |portal: &&String| !site.questions.iter().any(|known| known.is_it(&by, portal));
            let new: Vec<&String> = request.neighbours.iter().filter(is_new).collect();
            if site.questions.len() + new.len() > QUESTIONS_MAX {
                return Err(NeighbourRefused::Busy);
            }
            let questions = new.into_iter().map(|portal| {
                *last += 1;
                Question {
                    number: *last,
                    portal: portal.clone(),
                    by: by.clone(),
                    began: before(now, request.began_ms_ago),
                    ended: before(now, request.ended_ms_ago),
                    until: now.plus(Duration::from_millis(request.wait_ms.min(SETTLE_MS_MAX))),
                    answer: None,
                }
            });
            site.questions.extend(questions);
            site.ring();
            Ok(site.bell.subscribe())
        })
    }

    /// What has been answered to a request so far, and who is silent.
    pub(crate) fn answers(
        &self,
        site: &str,
        device: &str,
        request: &NeighbourRequest,
        now: Boottime,
    ) -> NeighbourAnswers {
        self.with(site, now, |_, site| {
            let by = by(device, request);
            let mut answers = NeighbourAnswers::default();
            for portal in &request.neighbours {
                let question = site.questions.iter().find(|known| known.is_it(&by, portal));
                match question.and_then(|question| question.answer.clone()) {
                    Some(answer) => answers.answers.push(answer),
                    None => answers.silent.push(SilentNeighbour {
                        portal: portal.clone(),
                        seen_ms_ago: site.seats.get(portal).map(|seat| ms_since(seat.seen, now)),
                    }),
                }
            }
            answers
        })
    }

    /// Says that a device answers for these portals. What is returned changes when something is asked.
    pub(crate) fn watch(
        &self,
        site: &str,
        device: &str,
        portals: &[String],
        now: Boottime,
    ) -> Result<watch::Receiver<u64>, NeighbourRefused> {
        self.with(site, now, |_, site| {
            let is_others = |seat: &Seat| seat.device != device && now.since(seat.seen) < HELD;
            for portal in portals {
                if let Some(seat) = site.seats.get(portal).filter(|seat| is_others(seat)) {
                    return Err(NeighbourRefused::Taken {
                        portal: portal.clone(),
                        device: seat.device.clone(),
                    });
                }
            }
            for portal in portals {
                let seat = Seat {
                    device: device.to_owned(),
                    seen: now,
                };
                site.seats.insert(portal.clone(), seat);
            }
            site.forget_seats();
            Ok(site.bell.subscribe())
        })
    }

    /// The questions about these portals that are not answered, after the last that its device has seen of this run.
    pub(crate) fn questions(
        &self,
        site: &str,
        portals: &[String],
        after: u64,
        now: Boottime,
    ) -> Vec<NeighbourQuestion> {
        self.with(site, now, |_, site| {
            let is_wanted = |question: &&Question| {
                question.number > after && question.answer.is_none() && portals.contains(&question.portal)
            };
            let wanted = site.questions.iter().filter(is_wanted);
            let question = |question: &Question| NeighbourQuestion {
                number: question.number,
                portal: question.portal.clone(),
                by: question.by.1.clone(),
                began_ms_ago: ms_since(question.began, now),
                ended_ms_ago: ms_since(question.ended, now),
                wait_ms: ms_since(now, question.until),
            };
            wanted.map(question).collect()
        })
    }

    /// Takes an answer.
    pub(crate) fn reply(
        &self,
        site: &str,
        device: &str,
        reply: NeighbourReply,
        now: Boottime,
    ) -> Result<(), NeighbourRefused> {
        if reply.run != self.run {
            return Err(NeighbourRefused::Over);
        }
        self.with(site, now, |_, site| {
            let seats = &site.seats;
            let is_own = |portal: &String| seats.get(portal).is_some_and(|seat| seat.device == device);
            let question = site.questions.iter_mut().find(|question| {
                question.number == reply.number
                    && question.answer.is_none()
                    && question.portal == reply.heard.portal
                    && is_own(&question.portal)
            });
            let question = question.ok_or(NeighbourRefused::Over)?;
            question.answer = Some(reply.heard);
            site.ring();
            Ok(())
        })
    }

    fn with<T>(&self, site: &str, now: Boottime, act: impl FnOnce(&mut u64, &mut Site) -> T) -> T {
        let mut all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        let All { last, sites } = &mut *all;
        let site = sites.entry(site.to_owned()).or_insert_with(Site::new);
        site.questions.retain(|question| question.until >= now);
        act(last, site)
    }
}

impl Site {
    fn new() -> Self {
        Self {
            seats: HashMap::new(),
            questions: Vec::new(),
            bell: watch::Sender::new(0),
        }
    }

    fn ring(&self) {
        self.bell.send_modify(|rung| *rung = rung.wrapping_add(1));
    }

    /// Names that nobody has used for longest go first.
    fn forget_seats(&mut self) {
        while self.seats.len() > SEATS_MAX {
            let oldest = self.seats.iter().min_by_key(|(_, seat)| seat.seen);
            let Some(name) = oldest.map(|(name, _)| name.clone()) else {
                return;
            };
            self.seats.remove(&name);
        }
    }
}

impl Question {
    fn is_it(&self, by: &(String, String, u64), portal: &str) -> bool {
        self.portal == portal && self.by == *by
    }
}

fn by(device: &str, request: &NeighbourRequest) -> (String, String, u64) {
    (device.to_owned(), request.portal.clone(), request.pass)
}

fn before(now: Boottime, ms: u64) -> Boottime {
    Boottime {
        us: now.us.saturating_sub(ms.saturating_mul(1_000)),
    }
}

fn ms_since(earlier: Boottime, later: Boottime) -> u64 {
    u64::try_from(later.since(earlier).as_millis()).unwrap_or(u64::MAX)
}
