//! Claims on a task line with numbers that only grow. How they correspond to the program is said in `docs/claims.md`.
//!
//! A claim is a lease: the hub gives it a number, judges by its own clock when it has run out, and gives it to somebody
//! else then. A device may be away meanwhile and go on picking. What it did is a fact and is posted; the number on it says
//! what it is. A device that comes back before anybody else has claimed goes on under its number.

use stateright::{Model, Property};

/// Pieces wanted on the line.
const WANTED: u8 = 2;
/// Devices that want to work on it.
const DEVICES: usize = 2;

/// How a hub recognises whose a confirmation is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recognised {
    /// By the number of the lease it was made under.
    ByNumber,
    /// By the device alone: wrong, and shown to be.
    ByDevice,
}

/// The rule, and how much may happen.
#[derive(Debug, Clone)]
pub struct Leases {
    pub recognised: Recognised,
    /// Leases that are given out at most.
    pub leases_max: u8,
    /// Answers that are lost at most.
    pub losses: u8,
}

/// What became of a confirmation. All of them are posted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Posted {
    /// It counts on the line.
    Counted,
    /// It was made under a lease that somebody took over, and there is room for it.
    Late,
    /// It was made under a lease that somebody took over, or fits only because such a one came before it: one of the two
    /// is surplus in a tote, and a supervisor is told that the line was picked twice.
    Twice,
    /// It is more than the newest lease allows, and a supervisor is told.
    Over,
}

/// A device.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
struct Device {
    /// The lease it believes to have, and how many pieces it was told are left.
    lease: Option<(u8, u8)>,
    /// Confirmations that wait, by the number of their lease.
    outbox: Vec<u8>,
}

/// Everything at one moment.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Line {
    devices: [Device; DEVICES],
    /// Who has the lease, and its number; the last number where it has run out.
    holder: Option<usize>,
    number: u8,
    ran_out: bool,
    posted: Vec<(u8, Posted)>,
    picked: u8,
    losses: u8,
    /// A confirmation under the newest lease was called too much.
    wronged: bool,
    /// Pieces that were confirmed under a lease which was not the newest any more.
    late: u8,
    /// Pieces of which a supervisor was told.
    told: u8,
}

/// What can happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Step {
    /// A device claims the line; its answer may be lost.
    Claim { device: usize, heard: bool },
    /// The lease runs out, by the hub's clock.
    RunOut,
    /// A worker picks a piece, whether the lease still is what the device believes or not.
    Pick(usize),
    /// A device sends its oldest confirmation.
    Send(usize),
}

impl Line {
    fn claim(&mut self, device: usize, heard: bool) {
        if self.holder != Some(device) {
            self.number += 1;
            self.holder = Some(device);
        }
        self.ran_out = false;
        if heard {
            let left = WANTED.saturating_sub(self.posted.len() as u8);
            let known = self.devices[device].lease;
            if known.is_none_or(|(number, _)| number != self.number) {
                self.devices[device].lease = Some((self.number, left));
            }
        }
    }

    fn send(&mut self, device: usize, recognised: Recognised) {
        let number = self.devices[device].outbox.remove(0);
        let is_current = match recognised {
            Recognised::ByNumber => number == self.number,
            Recognised::ByDevice => self.holder == Some(device),
        };
        let after = self.posted.len() as u8 + 1;
        let posted = match (after <= WANTED, is_current) {
            (true, true) => Posted::Counted,
            (true, false) => Posted::Late,
            (false, true) if after - self.late > WANTED => Posted::Over,
            (false, _) => Posted::Twice,
        };
        self.late += u8::from(!is_current);
        self.told += u8::from(matches!(posted, Posted::Twice | Posted::Over));
        self.wronged |= number == self.number && posted == Posted::Over;
        self.posted.push((number, posted));
    }
}

impl Model for Leases {
    type State = Line;
    type Action = Step;

    fn init_states(&self) -> Vec<Line> {
        vec![Line {
            devices: Default::default(),
            holder: None,
            number: 0,
            ran_out: true,
            posted: Vec::new(),
            picked: 0,
            losses: self.losses,
            wronged: false,
            late: 0,
            told: 0,
        }]
    }

    fn actions(&self, line: &Line, steps: &mut Vec<Step>) {
        for (device, state) in line.devices.iter().enumerate() {
            let is_free = line.ran_out && line.number < self.leases_max;
            if is_free || line.holder == Some(device) {
                steps.push(Step::Claim { device, heard: true });
                if line.losses > 0 {
                    steps.push(Step::Claim { device, heard: false });
                }
            }
            if state.lease.is_some_and(|(_, left)| left > 0) {
                steps.push(Step::Pick(device));
            }
            if !state.outbox.is_empty() {
                steps.push(Step::Send(device));
            }
        }
        if !line.ran_out {
            steps.push(Step::RunOut);
        }
    }

    fn next_state(&self, before: &Line, step: Step) -> Option<Line> {
        let mut line = before.clone();
        match step {
            Step::Claim { device, heard } => {
                line.losses -= u8::from(!heard);
                line.claim(device, heard);
            }
            Step::RunOut => line.ran_out = true,
            Step::Pick(device) => {
                if let Some((number, left)) = &mut line.devices[device].lease {
                    *left -= 1;
                    let number = *number;
                    line.devices[device].outbox.push(number);
                    line.picked += 1;
                }
            }
            Step::Send(device) => line.send(device, self.recognised),
        }
        (line != *before).then_some(line)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always(POSTED, |_, line: &Line| {
                let waiting: usize = line.devices.iter().map(|device| device.outbox.len()).sum();
                line.posted.len() + waiting == usize::from(line.picked)
            }),
            Property::always(TOLD, |_, line: &Line| {
                line.posted.len().saturating_sub(usize::from(WANTED)) == usize::from(line.told)
            }),
            Property::always(FAIR, |_, line: &Line| !line.wronged),
            Property::sometimes("a late confirmation is posted", |_, line: &Line| {
                line.posted
                    .iter()
                    .any(|(_, posted)| matches!(posted, Posted::Late | Posted::Twice))
            }),
        ]
    }
}

/// Whatever was picked is posted, late or not.
pub const POSTED: &str = "posted";
/// A supervisor is told of every piece that is too much, and of no other.
pub const TOLD: &str = "told";
/// Who picks no more than the newest lease allows is never told to have gone too far.
pub const FAIR: &str = "fair";
