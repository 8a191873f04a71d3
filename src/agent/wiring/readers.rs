//! The RFID readers follow the work: each is told to look for tags or to stop, and told anew when its link was lost.

use std::collections::HashMap;

use tallyman_codes::{DeviceName, Moment};
use tallyman_drivers::config::DeviceConfig;
use tallyman_drivers::link::{DeviceHandle, Phase};
use tallyman_drivers::{Command, Inventory, Outputs};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::seams::ReaderWish;

/// Whether a device can look for tags: its decoder says whether it takes the command.
pub(super) fn is_reader(device: &DeviceConfig) -> bool {
    let looks = Command::StartInventory(Inventory::default());
    let decoder = device.decoder();
    decoder.is_ok_and(|mut decoder| {
        let mut out = Outputs::new();
        // A driver that converses with its reader takes commands once its link is open.
        decoder.opened(Moment::default(), &mut out);
        decoder.command(looks, Moment::default(), &mut out)
    })
}

/// The triggers of these devices, to be told of and to be read.
pub(super) fn triggers<'a>(
    names: impl Iterator<Item = &'a DeviceName>,
) -> HashMap<DeviceName, watch::Sender<bool>> {
    names
        .map(|name| (name.clone(), watch::Sender::new(false)))
        .collect()
}

/// Tells one reader what to do, for as long as the agent runs.
pub(super) async fn follow(
    reader: DeviceHandle,
    mut wish: watch::Receiver<ReaderWish>,
    mut trigger: watch::Receiver<bool>,
    cancel: CancellationToken,
) {
    let mut state = reader.state.clone();
    let mut does = Does::default();
    loop {
        let opened = {
            let state = state.borrow_and_update();
            (state.phase == Phase::Open).then_some(state.opened)
        };
        let wanted = wanted(*wish.borrow_and_update(), *trigger.borrow_and_update());
        if let Some(command) = does.next(opened, wanted) {
            // It waits for the device, and not for what comes of it: a reader that takes no commands is lost soon.
            tokio::select! {
                () = cancel.cancelled() => return,
                sent = reader.commands.send(command) => if sent.is_err() { return },
            }
        }
        let changed = tokio::select! {
            () = cancel.cancelled() => return,
            changed = wish.changed() => changed,
            changed = trigger.changed() => changed,
            changed = state.changed() => changed,
        };
        if changed.is_err() {
            return;
        }
    }
}

/// How a reader is to look for tags; `None` where it is not to.
const fn wanted(wish: ReaderWish, is_pulled: bool) -> Option<Inventory> {
    const AS_SET_UP: Inventory = Inventory {
        power_centi_dbm: None,
        session: None,
        antennas: 0,
        filter: None,
    };
    match wish {
        ReaderWish::Scan if is_pulled => Some(AS_SET_UP),
        ReaderWish::Read { inventory, at_once } if at_once || is_pulled => Some(inventory),
        ReaderWish::Scan | ReaderWish::Read { .. } | ReaderWish::Rest => None,
    }
}

/// What a reader was told, on which connection.
#[derive(Debug, Default)]
struct Does {
    opened: Option<u64>,
    told: Option<Inventory>,
}

impl Does {
    /// What to tell it, where that is something new. A reader that was opened anew does what it was set up for.
    fn next(&mut self, opened: Option<u64>, wanted: Option<Inventory>) -> Option<Command> {
        if self.opened != opened {
            self.opened = opened;
            self.told = None;
        }
        opened?;
        if self.told == wanted {
            return None;
        }
        self.told = wanted;
        Some(match wanted {
            Some(inventory) => Command::StartInventory(inventory),
            None => Command::StopInventory,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_session(session: u8) -> Inventory {
        Inventory {
            session: Some(session),
            ..Inventory::default()
        }
    }

    #[test]
    fn every_driver_that_looks_for_tags_is_a_reader() {
        let is = |driver: &str| {
            let text = format!(
                "name = \"dock\"\ndriver = \"{driver}\"\nlink = {{ tcp_client = {{ address = \"192.0.2.1:5084\" }} }}"
            );
            is_reader(&toml::from_str(&text).unwrap())
        };
        for driver in ["llrp", "uhf_m100", "uhf_r2000", "uhf_chafon", "thingmagic"] {
            assert!(is(driver), "{driver}");
        }
        for driver in ["plain_text", "zebra_ssi", "honeywell"] {
            assert!(!is(driver), "{driver}");
        }
    }

    #[test]
    fn a_reader_reads_while_it_is_wanted_and_its_trigger_or_the_work_says_so() {
        let read = |at_once| ReaderWish::Read {
            inventory: with_session(1),
            at_once,
        };
        for (wish, is_pulled, expected) in [
            (ReaderWish::Scan, false, None),
            (ReaderWish::Scan, true, Some(Inventory::default())),
            (read(false), false, None),
            (read(false), true, Some(with_session(1))),
            (read(true), false, Some(with_session(1))),
            (ReaderWish::Rest, true, None),
        ] {
            assert_eq!(wanted(wish, is_pulled), expected, "{wish:?} {is_pulled}");
        }
    }

    #[test]
    fn it_is_told_what_is_new_and_again_after_its_link_was_lost() {
        let mut does = Does::default();
        let start = |session| Some(Command::StartInventory(with_session(session)));
        for (opened, wanted, told) in [
            (None, None, None),
            (None, Some(1), None),
            (Some(1), Some(1), start(1)),
            (Some(1), Some(1), None),
            (Some(1), Some(2), start(2)),
            (None, Some(2), None),
            (Some(2), Some(2), start(2)),
            (Some(2), None, Some(Command::StopInventory)),
            (Some(2), None, None),
            (Some(3), None, None),
        ] {
            assert_eq!(
                does.next(opened, wanted.map(with_session)),
                told,
                "{opened:?} {wanted:?}"
            );
        }
    }
}
