//! The part of the false hub that passes on questions between portals: what it is told to answer, and what it was asked.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard};

use tallyman_floor::wire::v1::{
    NeighbourAnswers, NeighbourQuestions, NeighbourReply, NeighbourRequest, PortalWatch,
};
use tokio::sync::{Notify, watch};

use crate::seams::Fault;
use crate::seams::neighbours::{Heard, NeighbourInquiry};
use crate::sync::NeighbourSeat;

/// Questions between portals.
pub(crate) struct PortalDesk {
    told: Mutex<Told>,
    changed: Notify,
    /// What the floor loop asks.
    pub(crate) inquiries: watch::Sender<Vec<NeighbourInquiry>>,
}

/// What is answered next, and what came.
#[derive(Default)]
pub(crate) struct Told {
    /// The device's portals with neighbours on other devices.
    pub(crate) portals: Vec<String>,
    pub(crate) answers: VecDeque<Result<NeighbourAnswers, Fault>>,
    pub(crate) questions: VecDeque<Result<NeighbourQuestions, Fault>>,
    pub(crate) reply_faults: VecDeque<Fault>,
    pub(crate) requests: Vec<NeighbourRequest>,
    pub(crate) watches: Vec<PortalWatch>,
    pub(crate) replies: Vec<NeighbourReply>,
    /// What the floor loop was told of passes.
    pub(crate) heard: Vec<(u64, Vec<Heard>)>,
}

impl Default for PortalDesk {
    fn default() -> Self {
        Self {
            told: Mutex::default(),
            changed: Notify::new(),
            inquiries: watch::Sender::new(Vec::new()),
        }
    }
}

impl PortalDesk {
    pub(crate) fn told(&self) -> MutexGuard<'_, Told> {
        self.told.lock().unwrap()
    }

    /// The device's seat, where it has portals with neighbours elsewhere.
    pub(crate) fn seat(&self) -> Option<NeighbourSeat> {
        let portals = self.told().portals.clone();
        (!portals.is_empty()).then(|| NeighbourSeat {
            portals,
            inquiries: self.inquiries.subscribe(),
        })
    }

    /// Changes what is told, for whoever waits for it.
    pub(crate) fn change(&self, change: impl FnOnce(&mut Told)) {
        change(&mut self.told());
        self.changed.notify_waiters();
    }

    /// Waits until something holds.
    pub(crate) async fn until(&self, holds: impl Fn(&Told) -> bool) {
        self.next(|told| holds(told).then_some(())).await;
    }

    async fn next<T>(&self, take: impl Fn(&mut Told) -> Option<T>) -> T {
        loop {
            let changed = self.changed.notified();
            if let Some(taken) = take(&mut self.told()) {
                return taken;
            }
            changed.await;
        }
    }

    /// As a hub that holds the request until there is an answer.
    pub(crate) async fn neighbours(&self, request: &NeighbourRequest) -> Result<NeighbourAnswers, Fault> {
        self.change(|told| told.requests.push(request.clone()));
        self.next(|told| told.answers.pop_front()).await
    }

    /// As a hub that holds the request until there is a question.
    pub(crate) async fn questions(&self, watch: &PortalWatch) -> Result<NeighbourQuestions, Fault> {
        self.change(|told| told.watches.push(watch.clone()));
        self.next(|told| told.questions.pop_front()).await
    }

    pub(crate) fn reply(&self, reply: &NeighbourReply) -> Result<(), Fault> {
        let fault = self.told().reply_faults.pop_front();
        self.change(|told| told.replies.push(reply.clone()));
        fault.map_or(Ok(()), Err)
    }
}
