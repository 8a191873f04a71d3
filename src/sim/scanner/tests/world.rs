//! A driver's decoder and a virtual scanner, joined by a line without a length, in virtual time.

use std::collections::BTreeMap;

use tallyman_codes::{Barcode, Moment};
use tallyman_drivers::contract::report::hex;
use tallyman_drivers::{Command, Output, Pump, Signal, driver};

use crate::scanner::{Label, Scanner};

/// Exchanges without time passing. A question, its answer and its acknowledgement are three.
const TURNS_MAX: usize = 10_000;

/// Driver and scanner.
pub struct World<S> {
    pub scanner: S,
    driver: &'static str,
    pump: Pump,
    pub now: Moment,
    /// What the driver read.
    pub reads: Vec<Barcode>,
    /// Which of them the scanner had sent before, as the driver says.
    pub again: Vec<bool>,
    /// What the driver noticed: codes and sentences.
    pub notices: Vec<(String, String)>,
    /// When a verdict was given, and which.
    pub verdicts: Vec<(Moment, Signal)>,
    /// Everything on the line and everything read.
    pub trace: Vec<String>,
    /// What the scanner sent.
    pub sent: Vec<Vec<u8>>,
    /// What is answered to each read, after so many milliseconds in which it becomes durable.
    pub verdict: Option<(Signal, u64)>,
    due: Vec<(Moment, Signal)>,
    scanned: Vec<String>,
}

impl<S: Scanner> World<S> {
    /// The link opens at the moment 0.
    pub fn open(driver: &'static str, scanner: S) -> Self {
        let mut world = Self {
            scanner,
            driver,
            pump: pump(driver),
            now: Moment::default(),
            reads: Vec::new(),
            again: Vec::new(),
            notices: Vec::new(),
            verdicts: Vec::new(),
            trace: Vec::new(),
            sent: Vec::new(),
            verdict: None,
            due: Vec::new(),
            scanned: Vec::new(),
        };
        world.pump.opened(world.now);
        world.exchange();
        world
    }

    /// The link opens, and the set-up has time to go wrong as often as it can.
    pub fn set_up(driver: &'static str, scanner: S) -> Self {
        let mut world = Self::open(driver, scanner);
        world.run_ms(60_000);
        world
    }

    /// The program ends at once and starts again: what it had not done yet it never does.
    pub fn restart_driver(&mut self) {
        self.trace.push(format!("{} restart", self.now.us));
        self.pump = pump(self.driver);
        self.due.clear();
        self.pump.opened(self.now);
        self.exchange();
    }

    /// The scanner is plugged out and in.
    pub fn replug(&mut self) {
        self.scanner.power_off(self.now);
        self.pump.reset();
        self.exchange();
        self.scanner.power_on(self.now);
        self.restart_driver();
    }

    /// Pulls the trigger over a label. A pull that does nothing is no scan.
    pub fn scan(&mut self, text: &str) {
        self.trace.push(format!("{} scan {text}", self.now.us));
        let decoded = self.scanner.tally().decoded;
        self.scanner.pull(Some(&Label::of(text)), self.now);
        if self.scanner.tally().decoded > decoded {
            self.scanned.push(text.to_owned());
        }
        self.exchange();
    }

    /// Does something at the scanner.
    pub fn at_scanner(&mut self, act: impl FnOnce(&mut S, Moment)) {
        act(&mut self.scanner, self.now);
        self.exchange();
    }

    /// Asks the device for something, as the program does.
    pub fn command(&mut self, command: Command) {
        assert!(self.pump.command(command, self.now), "{command:?}");
        self.exchange();
    }

    /// Lets time pass.
    pub fn run_ms(&mut self, ms: u64) {
        let until = self.now.plus_ms(ms);
        self.exchange();
        while let Some(next) = self.next_deadline().filter(|next| *next <= until) {
            self.now = self.now.max(next);
            self.pump.advance(self.now);
            if self
                .scanner
                .deadline()
                .is_some_and(|deadline| deadline <= self.now)
            {
                self.scanner.idle(self.now);
            }
            let (now, later) = self.due.drain(..).partition(|(at, _)| *at <= self.now);
            self.due = later;
            for (_, signal) in now {
                self.verdicts.push((self.now, signal));
                self.pump.command(Command::Signal(signal), self.now);
            }
            self.exchange();
        }
        self.now = until;
    }

    /// What was read, as text with its identifier.
    pub fn texts(&self) -> Vec<String> {
        self.reads.iter().map(text).collect()
    }

    /// The codes of the notices.
    pub fn notice_codes(&self) -> Vec<&str> {
        self.notices.iter().map(|(code, _)| code.as_str()).collect()
    }

    /// Every code that was scanned arrived once, or the scanner knows that it did not; nothing else arrived, and
    /// nothing overtook what was scanned before it. For codes that are scanned once each.
    pub fn assert_once_or_given_up(&self, told: &str) {
        let mut arrived: BTreeMap<String, usize> = BTreeMap::new();
        for text in self.texts() {
            *arrived.entry(text).or_default() += 1;
        }
        let given_up = self.scanner.tally().given_up();
        for text in &self.scanned {
            let count = arrived.remove(text).unwrap_or(0);
            let is_given_up = given_up.iter().any(|label| label.text == text.as_bytes());
            assert!(
                count == 1 || (count == 0 && is_given_up),
                "{told}: {text} arrived {count} times; the scanner gave {} codes up",
                given_up.len()
            );
        }
        assert!(arrived.is_empty(), "{told}: nobody scanned {arrived:?}");
        let place = |text: &String| self.scanned.iter().position(|scanned| scanned == text);
        assert!(
            self.texts().iter().is_sorted_by_key(place),
            "{told}: out of order"
        );
    }

    fn next_deadline(&self) -> Option<Moment> {
        let due = self.due.iter().map(|(at, _)| *at).min();
        [self.pump.deadline(), self.scanner.deadline(), due]
            .into_iter()
            .flatten()
            .min()
    }

    fn exchange(&mut self) {
        for _ in 0..TURNS_MAX {
            if let Some(output) = self.pump.take() {
                self.take(output);
            } else if let Some(bytes) = self.scanner.said(self.now) {
                self.trace.push(format!("{} < {}", self.now.us, hex(&bytes)));
                self.pump.push(&bytes, self.now);
                self.sent.push(bytes);
            } else {
                return;
            }
        }
        panic!(
            "driver and scanner talk without end: {:#?}",
            self.trace.last_chunk::<12>()
        );
    }

    fn take(&mut self, output: Output) {
        match output {
            Output::Write(bytes) => {
                self.trace.push(format!("{} > {}", self.now.us, hex(&bytes)));
                self.scanner.hear(&bytes, self.now);
            }
            Output::Barcode { barcode, again, .. } => {
                self.trace
                    .push(format!("{} read {}", self.now.us, text(&barcode)));
                self.reads.push(barcode);
                self.again.push(again);
                if let Some((signal, after_ms)) = self.verdict {
                    self.due.push((self.now.plus_ms(after_ms), signal));
                }
            }
            Output::Notice { code, message } => self.notices.push((code.into_owned(), message)),
            _ => {}
        }
    }
}

fn pump(name: &str) -> Pump {
    let driver = driver(name).expect("a driver of the catalogue");
    Pump::new(driver.decoder([]).expect("its settings"))
}

fn text(barcode: &Barcode) -> String {
    let identifier = barcode.symbology.map_or_else(String::new, |id| id.to_string());
    format!("{identifier}{}", barcode.text())
}
