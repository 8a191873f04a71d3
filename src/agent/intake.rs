//! From a device's report to an input of the floor loop: mechanical repetitions are dropped, codes are understood, and the
//! sightings of RFID tags are told with the trigger pull that they belong to.
//!
//! This is the one place where time decides anything, and it does so before a read is a fact: a laser that sees one
//! label twice within a tenth of a second did not see two pieces. Devices that report trigger pulls, or keep
//! repetitions back themselves, are not filtered.
//!
//! Without any clock a repetition is known that the scanner itself marks: it sends a code again whose acknowledgement did
//! not arrive, and the connection or the life of the program that took the code may have ended since. What was taken last
//! of each device is kept here, and over a restart the journal knows it.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tallyman_codes::{DeviceName, Moment, Read, Rules, Seen, understand};
use tallyman_drivers::Output;
use tallyman_drivers::link::Report;
use tallyman_floor::Scanning;
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;

use crate::calendar::Calendar;
use crate::seams::{Incoming, Input};

use tags::Tags;

mod tags;

/// What is set for the intake.
#[derive(Debug, Clone)]
pub struct IntakeOptions {
    /// How long after a counted read the same code from the same device is a repetition; 0 for never.
    pub duplicate_ms: u64,
    /// Devices for which another time holds; 0 for those that keep repetitions back by themselves.
    pub of_device: HashMap<DeviceName, u64>,
}

impl IntakeOptions {
    fn duplicate_ms(&self, device: &DeviceName) -> u64 {
        self.of_device.get(device).copied().unwrap_or(self.duplicate_ms)
    }
}

/// How many repetitions were dropped, by device. Clones share the counts.
#[derive(Debug, Clone, Default)]
pub struct Dropped {
    by_device: Arc<HashMap<DeviceName, AtomicU64>>,
}

impl Dropped {
    /// Counts for these devices.
    pub fn of(devices: impl IntoIterator<Item = DeviceName>) -> Self {
        let by_device = devices
            .into_iter()
            .map(|device| (device, AtomicU64::new(0)))
            .collect();
        Self {
            by_device: Arc::new(by_device),
        }
    }

    /// How many repetitions of a device were dropped.
    pub fn count(&self, device: &DeviceName) -> u64 {
        self.by_device
            .get(device)
            .map_or(0, |count| count.load(Ordering::Relaxed))
    }

    fn add(&self, device: &DeviceName) {
        if let Some(count) = self.by_device.get(device) {
            count.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// The intake of all devices.
pub struct Intake {
    options: IntakeOptions,
    calendar: Calendar,
    rules: watch::Receiver<Arc<Rules>>,
    last: HashMap<DeviceName, (Seen, Moment)>,
    taken: HashMap<DeviceName, Taken>,
    dropped: Dropped,
    tags: Tags,
}

/// What was taken of a device last, as the journal keeps it: the message and its symbology identifier.
pub type Taken = (String, Option<String>);

impl Intake {
    /// An intake that has seen nothing yet in this life of the program. `rules` are what codes mean, as of now; `taken`
    /// is what the journal says was confirmed last by each device.
    pub fn new(
        options: IntakeOptions,
        calendar: Calendar,
        rules: watch::Receiver<Arc<Rules>>,
        taken: HashMap<DeviceName, Taken>,
        dropped: Dropped,
    ) -> Self {
        Self {
            options,
            calendar,
            rules,
            last: HashMap::new(),
            taken,
            dropped,
            tags: Tags::default(),
        }
    }

    /// Tells whether the trigger of each device is pulled, to those who read it.
    #[must_use]
    pub fn telling_triggers(mut self, triggers: HashMap<DeviceName, watch::Sender<bool>>) -> Self {
        self.tags.triggers = triggers;
        self
    }

    /// Takes reports until the devices or the floor loop are gone. While the floor loop's channel is full nothing is
    /// taken, and so no device is read: a scan that cannot be judged is not lost, it waits in the scanner.
    pub async fn run(
        mut self,
        mut reports: mpsc::Receiver<Report>,
        floor: mpsc::Sender<Incoming>,
        cancel: CancellationToken,
    ) {
        let work = async {
            while let Some(report) = reports.recv().await {
                if !self.take_report(report, &floor).await {
                    return;
                }
            }
        };
        tokio::select! {
            biased;
            () = cancel.cancelled() => {}
            () = work => {}
        }
    }

    /// Takes what a device reported. False where the floor loop is gone.
    async fn take_report(&mut self, report: Report, floor: &mpsc::Sender<Incoming>) -> bool {
        let incoming = match report.output {
            Output::Sightings(window) => self.tags.window(report.device, window, report.at),
            Output::Input { port, high } => Incoming {
                at: report.at,
                input: Input::Line {
                    device: report.device,
                    port,
                    high,
                },
            },
            Output::Trigger { pressed } => {
                self.tags.trigger(report.device, pressed);
                return true;
            }
            _ => match report.into_read() {
                Some(read) => self.take(read),
                None => return true,
            },
        };
        floor.send(incoming).await.is_ok()
    }

    /// What a read is to the floor loop.
    pub fn take(&mut self, read: Read) -> Incoming {
        let at = read.at;
        if self.is_repetition(&read) {
            self.dropped.add(&read.device);
            return Incoming {
                at,
                input: Input::Repeated { device: read.device },
            };
        }
        let scanning = self.understand(&read);
        let taken = (scanning.raw.clone(), scanning.symbology.clone());
        if read.again && self.taken.get(&read.device) == Some(&taken) {
            tracing::info!(device = %read.device, "the scanner sent again what was taken before the link was lost");
            self.dropped.add(&read.device);
            return Incoming {
                at,
                input: Input::Repeated { device: read.device },
            };
        }
        self.taken.insert(read.device.clone(), taken);
        if self.filters(&read) {
            self.last.insert(read.device.clone(), (read.seen, at));
        }
        let input = Input::Scan {
            device: read.device,
            pull: read.pull,
            scanning: Box::new(scanning),
        };
        Incoming { at, input }
    }

    fn filters(&self, read: &Read) -> bool {
        let is_barcode = matches!(read.seen, Seen::Barcode(_));
        is_barcode && read.pull.is_none() && self.options.duplicate_ms(&read.device) > 0
    }

    /// The window begins with the read that counted and does not move with those dropped: a scanner that reads on and
    /// on is not silent for ever.
    fn is_repetition(&self, read: &Read) -> bool {
        self.filters(read)
            && self.last.get(&read.device).is_some_and(|(seen, at)| {
                *seen == read.seen
                    && read.at.since_us(*at) <= self.options.duplicate_ms(&read.device).saturating_mul(1_000)
            })
    }

    /// The rules as of today; the floor loop changes them for good when it sees the new day.
    fn rules(&self) -> Arc<Rules> {
        let rules = Arc::clone(&self.rules.borrow());
        let today = self.calendar.today();
        if rules.today == today {
            rules
        } else {
            Arc::new(Rules {
                today,
                ..Rules::clone(&rules)
            })
        }
    }

    fn understand(&self, read: &Read) -> Scanning {
        let rules = self.rules();
        let (raw, symbology, rfid) = match &read.seen {
            Seen::Barcode(barcode) => (barcode.text(), barcode.symbology.map(|id| id.to_string()), false),
            Seen::Tag(tag) => (tag.epc.to_string(), None, true),
        };
        Scanning {
            scanner: read.device.as_str().to_owned(),
            raw,
            symbology,
            scan: understand(&read.seen, &rules),
            rfid,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tallyman_codes::Barcode;
    use tallyman_drivers::burst::{BurstCounts, Window};
    use tallyman_platform::clock::ManualClock;

    fn intake(duplicate_ms: u64) -> (Intake, Dropped) {
        let dropped = Dropped::of(["dock", "ring", "cordless"].map(DeviceName::new));
        let options = IntakeOptions {
            duplicate_ms,
            of_device: ["ring", "cordless"].map(|name| (DeviceName::new(name), 0)).into(),
        };
        let clock = ManualClock::new("2026-11-23T08:00:00Z".parse().unwrap(), "boot");
        let calendar = Calendar::new(Arc::new(clock));
        let (_, rules) = watch::channel(Arc::new(Rules::new(calendar.today())));
        let confirmed = HashMap::from([(DeviceName::new("cordless"), ("A".to_owned(), None))]);
        let intake = Intake::new(options, calendar, rules, confirmed, dropped.clone());
        (intake, dropped)
    }

    fn read(device: &str, code: &str, at_ms: u64, pull: Option<u64>) -> Read {
        Read {
            device: DeviceName::new(device),
            at: Moment::from_ms(at_ms),
            pull,
            again: false,
            seen: Seen::Barcode(Barcode::plain(code)),
        }
    }

    #[test]
    fn repetitions_are_dropped_by_device_code_and_moment() {
        // device, code, moment, pull, whether it is dropped
        let table = [
            ("dock", "A", 1_000, None, false),
            ("dock", "A", 1_100, None, true),
            ("dock", "A", 1_150, None, true),
            // The window began with the first read; the dropped ones did not move it.
            ("dock", "A", 1_151, None, false),
            ("dock", "B", 1_152, None, false),
            ("dock", "A", 1_153, None, false),
            // A device that reports pulls: two equal reads are two pieces.
            ("dock", "P", 2_000, Some(1), false),
            ("dock", "P", 2_001, Some(2), false),
            // A device that filters by itself.
            ("ring", "A", 3_000, None, false),
            ("ring", "A", 3_001, None, false),
        ];
        let (mut intake, dropped) = intake(150);
        for (device, code, at_ms, pull, is_dropped) in table {
            let taken = intake.take(read(device, code, at_ms, pull));
            assert_eq!(
                matches!(taken.input, Input::Repeated { .. }),
                is_dropped,
                "{device} {code} at {at_ms} ms, pull {pull:?}"
            );
        }
        assert_eq!(dropped.count(&DeviceName::new("dock")), 2);
        assert_eq!(dropped.count(&DeviceName::new("ring")), 0);
    }

    #[test]
    fn ten_quick_pulls_on_ten_identical_pieces_count_ten() {
        // Device, how the pulls are told apart, milliseconds between them. A quick worker pulls five times a second; a
        // scanner that filters by itself, or a photo eye, may be faster.
        for (device, tells_pulls, apart_ms) in [("dock", false, 151), ("dock", true, 1), ("ring", false, 1)] {
            let (mut intake, dropped) = intake(150);
            let counted = (1..=10)
                .map(|number| read(device, "A", number * apart_ms, tells_pulls.then_some(number)))
                .filter(|read| matches!(intake.take(read.clone()).input, Input::Scan { .. }))
                .count();
            assert_eq!(counted, 10, "{device}, {apart_ms} ms apart");
            assert_eq!(dropped.count(&DeviceName::new(device)), 0);
        }
    }

    #[test]
    fn what_the_scanner_sends_again_is_dropped_if_it_was_taken_last() {
        // code, whether the scanner marks it as sent again, whether it is dropped; "A" was confirmed before the restart
        let table = [
            ("A", true, true),
            ("A", true, true),
            ("B", true, false),
            ("B", true, true),
            ("B", false, false),
            ("A", true, false),
            ("A", false, false),
        ];
        let (mut intake, dropped) = intake(150);
        for (place, (code, again, is_dropped)) in table.into_iter().enumerate() {
            let taken = intake.take(Read {
                again,
                ..read("cordless", code, 1_000, None)
            });
            let was_dropped = matches!(taken.input, Input::Repeated { .. });
            assert_eq!(was_dropped, is_dropped, "{place}: {code}");
        }
        assert_eq!(dropped.count(&DeviceName::new("cordless")), 3);
        let other = Read {
            again: true,
            ..read("dock", "A", 1_000, None)
        };
        assert!(
            matches!(intake.take(other).input, Input::Scan { .. }),
            "another scanner's"
        );
    }

    #[test]
    fn a_window_of_nothing_drops_nothing() {
        let (mut intake, _) = intake(0);
        for _ in 0..2 {
            let taken = intake.take(read("dock", "A", 1_000, None));
            assert!(matches!(taken.input, Input::Scan { .. }));
        }
    }

    #[test]
    fn a_scan_keeps_what_came_and_says_what_it_means() {
        let (mut intake, _) = intake(150);
        let taken = intake.take(read("dock", "4006381333931", 1_000, None));
        let Input::Scan { scanning, .. } = taken.input else {
            panic!("a scan")
        };
        assert_eq!(scanning.raw, "4006381333931");
        assert_eq!(scanning.scan.unwrap().gtin(), Some("04006381333931"));
        let taken = intake.take(read("dock", "4006381333932", 2_000, None));
        let Input::Scan { scanning, .. } = taken.input else {
            panic!("a scan")
        };
        assert_eq!(
            (scanning.raw.as_str(), scanning.scanner.as_str()),
            ("4006381333932", "dock")
        );
    }

    /// A tag report, a trigger or a barcode of a reader.
    fn report(output: Output) -> Report {
        Report {
            device: DeviceName::new("sled"),
            // As the clock of the test begins.
            at: Moment::from_ms(1_000),
            output,
        }
    }

    /// A window in which each of these tags was read once.
    fn window(numbers: &[u8]) -> Output {
        let sightings = numbers.iter().map(|number| {
            let tag = tallyman_codes::Tag {
                epc: tallyman_codes::EpcBytes::new(&[0x30, *number]).unwrap(),
                ..tallyman_codes::Tag::default()
            };
            tallyman_codes::Sighting::of(&tag, Moment::from_ms(1_000))
        });
        Output::Sightings(Window {
            from: Moment::from_ms(1_000),
            to: Moment::from_ms(1_250),
            sightings: sightings.collect(),
            goes_on: false,
            counts: BurstCounts::default(),
        })
    }

    /// What the floor loop is given, in a few words.
    fn told(incoming: Incoming) -> String {
        match incoming.input {
            Input::Tags { pull, window, .. } => {
                let tags: Vec<String> = window
                    .sightings
                    .iter()
                    .map(|sighting| sighting.epc.to_string())
                    .collect();
                format!("pull {pull}: {}", tags.join(", "))
            }
            Input::Scan { scanning, .. } => format!("scan {}", scanning.raw),
            other => format!("{other:?}"),
        }
    }

    #[tokio::test]
    async fn a_window_of_tags_belongs_to_the_pull_it_came_in() {
        let (intake, _) = intake(150);
        let trigger = watch::Sender::new(false);
        let pulled = trigger.subscribe();
        let mut intake = intake.telling_triggers(HashMap::from([(DeviceName::new("sled"), trigger)]));
        let (floor_in, mut floor) = mpsc::channel(8);
        let code = Output::Barcode {
            barcode: Barcode::plain("A"),
            pull: None,
            again: false,
        };
        // What the reader says, what the floor loop is given, and whether the trigger is pulled then. What was read in a
        // pull may come after its end.
        let table = [
            (window(&[1]), Some("pull 0: 3001"), false),
            (Output::Trigger { pressed: true }, None, true),
            (window(&[2, 3]), Some("pull 1: 3002, 3003"), true),
            (code, Some("scan A"), true),
            (Output::Trigger { pressed: false }, None, false),
            (window(&[4]), Some("pull 1: 3004"), false),
            (Output::Trigger { pressed: true }, None, true),
            (window(&[5]), Some("pull 2: 3005"), true),
            (Output::Inventory { running: false }, None, true),
        ];
        for (row, (output, wanted, is_pulled)) in table.into_iter().enumerate() {
            assert!(intake.take_report(report(output), &floor_in).await);
            let given = floor.try_recv().ok().map(told);
            assert_eq!(given.as_deref(), wanted, "row {row}");
            assert_eq!(*pulled.borrow(), is_pulled, "row {row}");
        }
    }
}
