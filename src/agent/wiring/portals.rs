//! The readers of portals: what is wanted of them, what their outputs show, and whether they are connected.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use tallyman_codes::{DeviceName, Moment};
use tallyman_drivers::Command;
use tallyman_drivers::link::{DeviceHandle, Phase};
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::config::AgentConfig;
use crate::floor_loop::Portals;
use crate::running::DeviceSeat;
use crate::seams::neighbours::NeighbourInquiry;
use crate::seams::{Incoming, Input, Lamps, PassStore, ReaderWish};
use crate::sync::NeighbourSeat;

/// The readers that portals have antennas of.
pub(super) fn readers(config: &AgentConfig) -> BTreeMap<DeviceName, watch::Sender<ReaderWish>> {
    let antennas = config.portals.iter().flat_map(|portal| portal.antennas());
    antennas
        .map(|(port, _)| (port.reader.clone(), watch::Sender::new(ReaderWish::default())))
        .collect()
}

/// What the floor loop needs of the portals; `None` where there are none.
pub(super) fn of_loop(
    config: &AgentConfig,
    store: Arc<dyn PassStore>,
    readers: BTreeMap<DeviceName, watch::Sender<ReaderWish>>,
    lamps: watch::Sender<Lamps>,
    inquiries: watch::Sender<Vec<NeighbourInquiry>>,
) -> Option<Portals> {
    (!config.portals.is_empty()).then(|| Portals {
        store,
        portals: config.portals.clone(),
        rules: config.rfid.judging_rules(),
        readers: readers.into_iter().collect(),
        lamps,
        inquiries,
    })
}

/// What sync needs of the portals that have neighbours on other devices; `None` where there are none.
pub(super) fn seat(
    config: &AgentConfig,
    inquiries: &watch::Sender<Vec<NeighbourInquiry>>,
) -> Option<NeighbourSeat> {
    let portals = config.portals.iter();
    let asked = portals.filter(|portal| !portal.neighbours_elsewhere.is_empty());
    let portals: Vec<String> = asked.map(|portal| portal.name.clone()).collect();
    (!portals.is_empty()).then(|| NeighbourSeat {
        portals,
        inquiries: inquiries.subscribe(),
    })
}

/// Starts what tells outputs to the readers, and the floor loop which of them are connected.
pub(super) fn start(
    config: &AgentConfig,
    devices: &[DeviceSeat],
    lamps: &watch::Sender<Lamps>,
    inputs: &mpsc::Sender<Incoming>,
    now: impl Fn() -> Moment + Clone + Send + 'static,
    cancel: &CancellationToken,
    tasks: &TaskTracker,
) {
    let portals = || config.portals.iter();
    let lit: BTreeSet<&DeviceName> = portals()
        .flat_map(|portal| portal.lamps.all())
        .map(|port| &port.reader)
        .collect();
    let heard: BTreeSet<&DeviceName> = portals().flat_map(|portal| portal.readers()).collect();
    for seat in devices {
        let name = &seat.handle.name;
        if lit.contains(name) {
            let handle = seat.handle.clone();
            tasks.spawn(follow_lamps(handle, lamps.subscribe(), cancel.clone()));
        }
        if heard.contains(name) {
            let handle = seat.handle.clone();
            tasks.spawn(tell_whether_open(
                handle,
                inputs.clone(),
                now.clone(),
                cancel.clone(),
            ));
        }
    }
}

/// Keeps the outputs of one reader as the lamps are to be, for as long as the agent runs.
async fn follow_lamps(reader: DeviceHandle, mut lamps: watch::Receiver<Lamps>, cancel: CancellationToken) {
    let mut state = reader.state.clone();
    let mut shown = Shown::default();
    loop {
        let opened = {
            let state = state.borrow_and_update();
            (state.phase == Phase::Open).then_some(state.opened)
        };
        let wanted: BTreeMap<u16, bool> = {
            let lamps = lamps.borrow_and_update();
            let own = lamps.iter().filter(|((name, _), _)| *name == reader.name);
            own.map(|((_, port), high)| (*port, *high)).collect()
        };
        for (port, high) in shown.next(opened, &wanted) {
            let command = Command::SetOutput { port, high };
            tokio::select! {
                () = cancel.cancelled() => return,
                sent = reader.commands.send(command) => if sent.is_err() { return },
            }
        }
        let changed = tokio::select! {
            () = cancel.cancelled() => return,
            changed = lamps.changed() => changed,
            changed = state.changed() => changed,
        };
        if changed.is_err() {
            return;
        }
    }
}

/// What the outputs of a reader were told, on which connection.
#[derive(Debug, Default)]
struct Shown {
    opened: Option<u64>,
    told: BTreeMap<u16, bool>,
}

impl Shown {
    /// What is to be told: what is new, and all of it to a reader that was opened anew. What goes dark goes first.
    fn next(&mut self, opened: Option<u64>, wanted: &BTreeMap<u16, bool>) -> Vec<(u16, bool)> {
        if self.opened != opened {
            self.opened = opened;
            self.told.clear();
        }
        if opened.is_none() {
            return Vec::new();
        }
        let is_new = |(port, high): &(&u16, &bool)| self.told.get(port) != Some(high);
        let mut new: Vec<(u16, bool)> = wanted
            .iter()
            .filter(is_new)
            .map(|(port, high)| (*port, *high))
            .collect();
        new.sort_by_key(|(port, high)| (*high, *port));
        self.told.clone_from(wanted);
        new
    }
}

/// Tells the floor loop when a reader is connected or lost.
async fn tell_whether_open(
    reader: DeviceHandle,
    inputs: mpsc::Sender<Incoming>,
    now: impl Fn() -> Moment,
    cancel: CancellationToken,
) {
    let mut state = reader.state.clone();
    let mut told = false;
    loop {
        let is_open = state.borrow_and_update().phase == Phase::Open;
        if is_open != told {
            told = is_open;
            let incoming = Incoming {
                at: now(),
                input: Input::Reader {
                    device: reader.name.clone(),
                    is_open,
                },
            };
            tokio::select! {
                () = cancel.cancelled() => return,
                sent = inputs.send(incoming) => if sent.is_err() { return },
            }
        }
        let changed = tokio::select! {
            () = cancel.cancelled() => return,
            changed = state.changed() => changed,
        };
        if changed.is_err() {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reader_is_told_what_is_new_and_all_of_it_after_its_link_was_lost() {
        let lamps = |high: &[u16]| -> BTreeMap<u16, bool> {
            (1..=3).map(|port| (port, high.contains(&port))).collect()
        };
        let mut shown = Shown::default();
        assert_eq!(shown.next(None, &lamps(&[1])), []);
        assert_eq!(
            shown.next(Some(1), &lamps(&[1])),
            [(2, false), (3, false), (1, true)]
        );
        assert_eq!(shown.next(Some(1), &lamps(&[1])), []);
        assert_eq!(shown.next(Some(1), &lamps(&[2])), [(1, false), (2, true)]);
        assert_eq!(shown.next(None, &lamps(&[3])), []);
        assert_eq!(
            shown.next(Some(2), &lamps(&[3])),
            [(1, false), (2, false), (3, true)]
        );
    }
}
