//! The driver `llrp` against a scripted reader in virtual time: by the book, and with every bad habit readers have.
//!
//! The reader is written apart from the driver's codec: it puts its bytes together by hand.

use std::collections::{BTreeMap, VecDeque};

use tallyman_codes::Moment;
use tallyman_drivers::llrp::message_name;
use tallyman_drivers::llrp::numbers::{message as m, parameter as p};
use tallyman_drivers::llrp::tree::{Message, Parameter, Value};
use tallyman_drivers::{Command, EpcFilter, Inventory, Output, Pump};

/// How long the reader takes to answer.
const ANSWER_MS: u64 = 3;
/// How often it reports a tag while it looks.
const TAG_MS: u64 = 10;

fn joined(parts: &[&[u8]]) -> Vec<u8> {
    parts.concat()
}

fn message(kind: u16, id: u32, body: &[u8]) -> Vec<u8> {
    let length = 10 + body.len() as u32;
    joined(&[
        &(0x0400 | kind).to_be_bytes(),
        &length.to_be_bytes(),
        &id.to_be_bytes(),
        body,
    ])
}

fn parameter(kind: u16, body: &[u8]) -> Vec<u8> {
    joined(&[&kind.to_be_bytes(), &(4 + body.len() as u16).to_be_bytes(), body])
}

fn status(code: u16) -> Vec<u8> {
    parameter(287, &joined(&[&code.to_be_bytes(), &[0, 0]]))
}

/// A notification at a moment of 2026.
fn event(body: &[u8]) -> Vec<u8> {
    event_at(1_782_000_000_000_000, body)
}

fn event_at(utc_us: u64, body: &[u8]) -> Vec<u8> {
    let time = parameter(128, &utc_us.to_be_bytes());
    message(63, 0, &parameter(246, &joined(&[&time, body])))
}

fn connection(code: u16) -> Vec<u8> {
    event(&parameter(256, &code.to_be_bytes()))
}

fn ro_spec_event(kind: u8, ro_spec: u32) -> Vec<u8> {
    event(&parameter(
        249,
        &joined(&[&[kind], &ro_spec.to_be_bytes(), &[0; 4]]),
    ))
}

/// A report of one tag whose EPC is a number.
fn report(ro_spec: u32, number: u32) -> Vec<u8> {
    let epc = joined(&[&[0x8D, 0x30, 0x34], &[0; 6], &number.to_be_bytes()]);
    let body = joined(&[&epc, &[0x89], &ro_spec.to_be_bytes(), &[0x81, 0, 1, 0x86, 0xC4]]);
    message(61, 0, &parameter(240, &body))
}

fn capabilities(id: u32) -> Vec<u8> {
    let general = joined(&[
        &4_u16.to_be_bytes(),
        &[0x40, 0],
        &161_u32.to_be_bytes(),
        &9_600_u32.to_be_bytes(),
        &[0, 3],
        b"1.2",
        &parameter(139, &[0, 1, 0, 0]),
        &parameter(141, &[0, 0, 0, 2]),
        &parameter(140, &[0, 1, 0, 1, 1]),
    ]);
    let powers: Vec<u8> = (1..=20_u16)
        .flat_map(|index| {
            let power = 1_000 + 100 * index;
            parameter(145, &joined(&[&index.to_be_bytes(), &power.to_be_bytes()]))
        })
        .collect();
    let hops = parameter(146, &joined(&[&[0x80], &parameter(147, &[1, 0, 0, 0])]));
    let mode = parameter(329, &[0; 28]);
    let band = parameter(144, &joined(&[&powers, &hops, &parameter(328, &mode)]));
    let regulatory = parameter(143, &joined(&[&[0, 0, 0, 0], &band]));
    let gen2 = parameter(327, &[0, 0, 2]);
    let body = joined(&[&status(0), &parameter(137, &general), &regulatory, &gen2]);
    message(11, id, &body)
}

/// What a reader does that is not by the book.
#[derive(Clone, Default)]
struct Habits {
    /// What it says first; a greeting where that is nothing.
    greeting: Option<Vec<u8>>,
    /// Status codes other than 0, by request.
    refuses: BTreeMap<u16, u16>,
    /// Requests that it never answers.
    ignores: Vec<u16>,
    /// It goes on with a ROSpec of another program, whatever it is told.
    old_ro_spec: Option<u32>,
    /// Reports that it still sends after a stop.
    late: u32,
    /// What it says at a moment, in milliseconds, and after that nothing ever.
    last_words: Option<(u64, Vec<u8>)>,
    /// What else it says at moments.
    says: Vec<(u64, Vec<u8>)>,
}

/// A reader, and the driver that talks to it.
struct Rig {
    habits: Habits,
    pump: Pump,
    now_ms: u64,
    answers: VecDeque<(u64, Vec<u8>)>,
    /// ROSpecs, and whether they run.
    ro_specs: BTreeMap<u32, bool>,
    keepalive_ms: u64,
    is_silent: bool,
    tags: u32,
    /// What the driver asked, by name; ROSpecs with their numbers.
    asked: Vec<String>,
    requests: Vec<Vec<u8>>,
    /// What the driver said: notices by their codes, tags as one line for all that followed each other.
    said: Vec<String>,
}

impl Rig {
    fn new(habits: Habits, settings: &[(&str, &str)]) -> Self {
        let decoder = tallyman_drivers::driver("llrp")
            .unwrap()
            .decoder(settings.iter().copied())
            .unwrap();
        let mut rig = Self {
            pump: Pump::new(decoder),
            now_ms: 0,
            answers: VecDeque::new(),
            ro_specs: BTreeMap::new(),
            keepalive_ms: 0,
            is_silent: false,
            tags: 0,
            asked: Vec::new(),
            requests: Vec::new(),
            said: Vec::new(),
            habits,
        };
        rig.pump.opened(Moment::default());
        let greeting = rig.habits.greeting.clone().unwrap_or_else(|| connection(0));
        rig.answers.push_back((1, greeting));
        rig
    }

    /// Lets time pass. Nothing is heard any more once the driver gave the connection up.
    fn until(&mut self, ms: u64) -> &mut Self {
        while self.now_ms < ms && self.pump.hang_up().is_none() {
            self.now_ms += 1;
            self.speak();
            self.pump.advance(Moment::from_ms(self.now_ms));
            self.listen();
        }
        self
    }

    fn command(&mut self, command: Command) -> &mut Self {
        assert!(
            self.pump.command(command, Moment::from_ms(self.now_ms)),
            "{command:?}"
        );
        self.listen();
        self
    }

    fn speak(&mut self) {
        let now = self.now_ms;
        let mut bytes = Vec::new();
        while self.answers.front().is_some_and(|(due, _)| *due <= now) {
            bytes.extend(self.answers.pop_front().unwrap().1);
        }
        if self.keepalive_ms > 0 && now.is_multiple_of(self.keepalive_ms) {
            bytes.extend(message(62, now as u32, &[]));
        }
        if now.is_multiple_of(TAG_MS) {
            let looking = self.ro_specs.iter().filter(|(_, runs)| **runs).map(|(id, _)| *id);
            for ro_spec in looking.chain(self.habits.old_ro_spec) {
                self.tags += 1;
                bytes.extend(report(ro_spec, self.tags));
            }
        }
        for (_, words) in self.habits.says.iter().filter(|(due, _)| *due == now) {
            bytes.extend(words);
        }
        let is_last = self
            .habits
            .last_words
            .as_ref()
            .is_some_and(|(due, _)| *due == now);
        if is_last && let Some((_, words)) = &self.habits.last_words {
            bytes.extend(words);
        }
        if !self.is_silent && !bytes.is_empty() {
            self.pump.push(&bytes, Moment::from_ms(now));
        }
        self.is_silent |= is_last;
    }

    fn listen(&mut self) {
        while let Some(output) = self.pump.take() {
            let line = match output {
                Output::Write(bytes) => {
                    self.asked(&bytes);
                    continue;
                }
                Output::Message { .. } | Output::Answer { .. } => continue,
                Output::Tag(_) => "tags".to_owned(),
                Output::Notice { code, .. } => code.into_owned(),
                Output::Inventory { running } => (if running { "running" } else { "stopped" }).to_owned(),
                Output::Input { port, high } => format!("input {port} {high}"),
                Output::Garbage { bytes, reason } => format!("{bytes} of {}", reason.as_str()),
                other => format!("{other:?}"),
            };
            if line != "tags" || self.said.last() != Some(&line) {
                self.said.push(line);
            }
        }
    }

    fn asked(&mut self, bytes: &[u8]) {
        let mut rest = bytes;
        while !rest.is_empty() {
            let kind = u16::from_be_bytes([rest[0] & 3, rest[1]]);
            let length = u32::from_be_bytes(rest[2..6].try_into().unwrap()) as usize;
            let id = u32::from_be_bytes(rest[6..10].try_into().unwrap());
            let (request, after) = rest.split_at(length);
            rest = after;
            self.requests.push(request.to_vec());
            self.request(kind, id, &request[10..]);
        }
    }

    fn request(&mut self, kind: u16, id: u32, body: &[u8]) {
        let number = |at: usize| u32::from_be_bytes(body[at..at + 4].try_into().unwrap());
        let name = message_name(kind);
        match kind {
            m::KEEPALIVE_ACK | m::ENABLE_EVENTS_AND_REPORTS => return,
            m::ADD_ROSPEC => self.asked.push(format!("{name} {}", number(4))),
            m::DELETE_ROSPEC | m::START_ROSPEC | m::STOP_ROSPEC | m::ENABLE_ROSPEC => {
                self.asked.push(format!("{name} {}", number(0)));
            }
            _ => self.asked.push(name.to_owned()),
        }
        if self.habits.ignores.contains(&kind) {
            return;
        }
        let code = self.habits.refuses.get(&kind).copied().unwrap_or(0);
        let due = self.now_ms + ANSWER_MS;
        if code == 0 {
            match kind {
                m::SET_READER_CONFIG => self.configure(body),
                m::ADD_ROSPEC => self.set(number(4), false),
                m::START_ROSPEC => self.set(number(0), true),
                m::STOP_ROSPEC => {
                    self.set(number(0), false);
                    for _ in 0..self.habits.late {
                        self.tags += 1;
                        self.answers.push_back((due, report(number(0), self.tags)));
                    }
                }
                m::DELETE_ROSPEC if number(0) == 0 => self.ro_specs.clear(),
                m::DELETE_ROSPEC => self.ro_specs.retain(|known, _| *known != number(0)),
                _ => {}
            }
        }
        let answer = match kind {
            m::GET_READER_CAPABILITIES if code == 0 => capabilities(id),
            m::SET_READER_CONFIG => message(13, id, &status(code)),
            m::GET_READER_CAPABILITIES | m::CLOSE_CONNECTION => message(kind + 10, id, &status(code)),
            _ => message(kind + 10, id, &status(code)),
        };
        self.answers.push_back((due, answer));
    }

    fn set(&mut self, ro_spec: u32, runs: bool) {
        self.ro_specs.insert(ro_spec, runs);
    }

    /// Takes the interval of keep-alives out of the request.
    fn configure(&mut self, body: &[u8]) {
        let spec = body.windows(4).position(|window| window == [0, 220, 0, 9]);
        if let Some(at) = spec {
            let interval = u32::from_be_bytes(body[at + 5..at + 9].try_into().unwrap());
            self.keepalive_ms = u64::from(interval);
        }
    }

    fn last_ro_spec(&self) -> Message {
        let add = self.requests.iter().rev().find(|bytes| bytes[1] == 20).unwrap();
        Message::decode(add).unwrap()
    }
}

fn start(inventory: Inventory) -> Command {
    Command::StartInventory(inventory)
}

#[test]
fn a_reader_is_set_up_looks_for_tags_and_stops() {
    let habits = Habits {
        late: 2,
        ..Habits::default()
    };
    let mut rig = Rig::new(habits, &[]);
    rig.until(100).command(start(Inventory::default())).until(300);
    rig.command(Command::StopInventory).until(30_000);
    assert_eq!(
        rig.asked,
        [
            "GET_READER_CAPABILITIES",
            "DELETE_ROSPEC 0",
            "DELETE_ACCESSSPEC",
            "SET_READER_CONFIG",
            "ADD_ROSPEC 7002",
            "ENABLE_ROSPEC 7002",
            "START_ROSPEC 7002",
            "STOP_ROSPEC 7002",
            "DELETE_ROSPEC 7002",
        ]
    );
    // The reports that follow the stop are told as late, and are no tags.
    assert_eq!(
        rig.said,
        ["reader_ready", "running", "tags", "stopped", "late_reports"]
    );
    assert_eq!((rig.ro_specs.len(), rig.pump.hang_up()), (0, None));
}

#[test]
fn the_stop_holds_at_once_whatever_the_reader_still_sends() {
    let habits = Habits {
        ignores: vec![m::STOP_ROSPEC],
        ..Habits::default()
    };
    let mut rig = Rig::new(habits, &[("autostart", "on")]);
    rig.until(200).command(Command::StopInventory);
    assert_eq!(rig.said, ["reader_ready", "running", "tags", "stopped"]);
    // It goes on reporting, and does not answer.
    rig.until(20_000);
    assert_eq!(rig.said[4..], ["no_answer"]);
    assert_eq!(rig.pump.hang_up(), Some("the reader did not answer STOP_ROSPEC."));
}

/// What a reader does, and what comes of it while tags are looked for from the begin to the end.
#[test]
fn readers_with_bad_habits() {
    let half = {
        let mut report = report(7_002, 1);
        report.truncate(25);
        report
    };
    let twice = [connection(0), connection(0)].concat();
    let in_1970 = event_at(60_000_000, &parameter(256, &[0, 0]));
    let uptime = message(
        63,
        0,
        &parameter(
            246,
            &joined(&[&parameter(129, &[0; 8]), &parameter(256, &[0, 0])]),
        ),
    );
    let table: Vec<(&str, Habits, &[&str], Option<&str>)> = vec![
        (
            "sends two connection events",
            Habits {
                greeting: Some(twice),
                ..Habits::default()
            },
            &["reader_ready", "running", "tags"],
            None,
        ),
        (
            "says it once more in the midst of work",
            Habits {
                says: vec![(500, connection(0))],
                ..Habits::default()
            },
            &["reader_ready", "running", "tags"],
            None,
        ),
        (
            "counts its time from its start",
            Habits {
                greeting: Some(uptime),
                ..Habits::default()
            },
            &["reader_ready", "running", "tags"],
            None,
        ),
        (
            "has its clock in 1970",
            Habits {
                greeting: Some(in_1970),
                ..Habits::default()
            },
            &["reader_clock", "reader_ready", "running", "tags"],
            None,
        ),
        (
            "refuses a second client",
            Habits {
                greeting: Some(connection(2)),
                ..Habits::default()
            },
            &["reader_in_use"],
            Some(
                "The reader serves another program already: end that one. If it has crashed, the reader notices after a \
                 while and takes this one.",
            ),
        ),
        (
            "tells of another client that it refused",
            Habits {
                says: vec![(500, connection(4))],
                ..Habits::default()
            },
            &["reader_ready", "running", "tags", "second_program", "tags"],
            None,
        ),
        (
            "says nothing",
            Habits {
                last_words: Some((0, Vec::new())),
                greeting: Some(Vec::new()),
                ..Habits::default()
            },
            &["no_greeting"],
            Some("the reader did not say who it is."),
        ),
        (
            "keeps an old ROSpec",
            Habits {
                old_ro_spec: Some(1),
                ..Habits::default()
            },
            &["foreign_reports", "reader_ready", "running", "tags"],
            None,
        ),
        (
            "will not delete what is old",
            Habits {
                refuses: [(m::DELETE_ROSPEC, 401)].into(),
                ..Habits::default()
            },
            &["old_specs_left", "reader_ready", "running", "tags"],
            None,
        ),
        (
            "stops its keep-alives",
            Habits {
                last_words: Some((5_000, Vec::new())),
                ..Habits::default()
            },
            &["reader_ready", "running", "tags", "no_keepalive", "stopped"],
            Some("the reader stopped its keep-alives."),
        ),
        (
            "dies in the midst of a report, and its connection stays",
            Habits {
                last_words: Some((5_000, half)),
                ..Habits::default()
            },
            &["reader_ready", "running", "tags", "25 of gap", "stopped"],
            Some("it stopped in the middle of a message."),
        ),
        (
            "does not know a word of the configuration",
            Habits {
                refuses: [(m::SET_READER_CONFIG, 107)].into(),
                ..Habits::default()
            },
            &[
                "settings_refused",
                "settings_refused",
                "reader_ready",
                "running",
                "tags",
            ],
            None,
        ),
        (
            "takes no ROSpec at all",
            Habits {
                refuses: [(m::ADD_ROSPEC, 101)].into(),
                ..Habits::default()
            },
            &[
                "reader_ready",
                "settings_refused",
                "settings_refused",
                "inventory_refused",
            ],
            None,
        ),
        (
            "does not start",
            Habits {
                refuses: [(m::START_ROSPEC, 401)].into(),
                ..Habits::default()
            },
            &["reader_ready", "inventory_refused"],
            None,
        ),
        (
            "never answers a request",
            Habits {
                ignores: vec![m::DELETE_ACCESSSPEC],
                ..Habits::default()
            },
            &["no_answer"],
            Some("the reader did not answer DELETE_ACCESSSPEC."),
        ),
        (
            "ends the ROSpec by itself",
            Habits {
                says: vec![(500, ro_spec_event(1, 7_002))],
                ..Habits::default()
            },
            &[
                "reader_ready",
                "running",
                "tags",
                "stopped",
                "inventory_ended",
                "tags",
                "running",
                "tags",
            ],
            None,
        ),
        (
            "closes the connection",
            Habits {
                says: vec![(500, event(&parameter(257, &[])))],
                ..Habits::default()
            },
            &["reader_ready", "running", "tags", "reader_closes", "stopped"],
            Some("the reader closed the connection."),
        ),
        (
            "speaks something else",
            Habits {
                greeting: Some(b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec()),
                last_words: Some((2, Vec::new())),
                ..Habits::default()
            },
            &[],
            Some("what it sends is no LLRP."),
        ),
        (
            "lies about the length of a message",
            Habits {
                says: vec![(500, vec![0x04, 0x3D, 0x7F, 0xFF, 0xFF, 0xFF, 0, 0, 0, 1])],
                ..Habits::default()
            },
            &["reader_ready", "running", "tags", "1 of length", "stopped"],
            Some("what it sends is no LLRP."),
        ),
        (
            "answers what was not asked",
            Habits {
                says: vec![
                    (500, message(12, 77, &status(0))),
                    (510, message(100, 78, &status(109))),
                ],
                ..Habits::default()
            },
            &["reader_ready", "running", "tags", "reader_error", "tags"],
            None,
        ),
    ];
    for (name, habits, said, hang_up) in table {
        let mut rig = Rig::new(habits, &[("autostart", "on")]);
        rig.until(40_000);
        assert_eq!(rig.said, said, "a reader that {name}");
        assert_eq!(rig.pump.hang_up(), hang_up, "a reader that {name}");
        // Whatever it did, the next connection is a new one.
        rig.pump.reset();
        assert_eq!(
            (rig.pump.hang_up(), rig.pump.deadline()),
            (None, None),
            "a reader that {name}"
        );
    }
}

#[test]
fn what_was_refused_is_tried_with_less_and_then_given_up() {
    let habits = Habits {
        refuses: [(m::ADD_ROSPEC, 101)].into(),
        ..Habits::default()
    };
    let mut rig = Rig::new(habits, &[("autostart", "on")]);
    rig.until(1_000);
    let added = rig.asked.iter().filter(|name| name.starts_with("ADD_ROSPEC"));
    // No maker's extensions here: with settings, without them, and without the tag's CRC.
    assert_eq!(added.count(), 3);
    // The program may try again.
    rig.habits.refuses.clear();
    rig.command(start(Inventory::default())).until(2_000);
    assert_eq!(rig.said[rig.said.len() - 2..], ["running", "tags"]);
}

/// The settings in the ROSpec that the driver asked for last: antennas, index of power, session, and the mask.
fn settings(message: &Message) -> (Vec<u16>, Option<i64>, i64, Option<Value>) {
    fn child(parameter: &Parameter, kind: u16) -> &Parameter {
        parameter.child(kind).unwrap_or_else(|| panic!("no {kind}"))
    }
    let spec = child(message.child(p::RO_SPEC).unwrap(), p::AI_SPEC);
    let Some(Value::U16s(antennas)) = spec.field("AntennaIDs") else {
        panic!("no antennas")
    };
    let antenna = child(child(spec, p::INVENTORY_PARAMETER_SPEC), p::ANTENNA_CONFIGURATION);
    let power = antenna
        .child(p::RF_TRANSMITTER)
        .and_then(|transmitter| transmitter.number("TransmitPower"));
    let command = child(antenna, p::C1G2_INVENTORY_COMMAND);
    let session = child(command, p::C1G2_SINGULATION_CONTROL)
        .number("Session")
        .unwrap();
    let mask = command.child(p::C1G2_FILTER).and_then(|filter| {
        filter
            .child(p::C1G2_TAG_INVENTORY_MASK)?
            .field("TagMask")
            .cloned()
    });
    (antennas.clone(), power, session, mask)
}

#[test]
fn settings_follow_the_work_and_return_afterwards() {
    let own = [("session", "2"), ("antennas", "1,3"), ("power_centi_dbm", "2000")];
    let mut rig = Rig::new(Habits::default(), &own);
    rig.until(100).command(start(Inventory::default())).until(200);
    assert_eq!(settings(&rig.last_ro_spec()), (vec![1, 3], Some(10), 2, None));

    let find_one = Inventory {
        power_centi_dbm: Some(1_250),
        session: Some(0),
        antennas: 0b10,
        filter: EpcFilter::new(&[0x30, 0x34], 14),
    };
    rig.command(start(find_one)).until(400);
    let mask = Some(Value::BitString(14, vec![0x30, 0x34]));
    assert_eq!(settings(&rig.last_ro_spec()), (vec![2], Some(2), 0, mask));
    // The reader looked all the time, so nothing is said of it, and the old ROSpec is gone.
    assert_eq!(rig.said, ["reader_ready", "running", "tags"]);
    assert_eq!(rig.ro_specs.keys().copied().collect::<Vec<_>>(), [7_003]);

    rig.command(Command::StopInventory).until(500);
    rig.command(start(Inventory::default())).until(600);
    assert_eq!(settings(&rig.last_ro_spec()), (vec![1, 3], Some(10), 2, None));
}

#[test]
fn a_tag_that_is_not_looked_for_is_no_read_whatever_the_reader_does_with_the_filter() {
    let mut rig = Rig::new(Habits::default(), &[]);
    let others = Inventory {
        filter: EpcFilter::new(&[0xE2], 8),
        ..Inventory::default()
    };
    rig.until(100).command(start(others)).until(1_000);
    assert_eq!(rig.said, ["reader_ready", "running"]);
}

#[test]
fn a_stop_overtakes_a_start_and_quick_changes_end_as_was_wanted_last() {
    for gap_ms in 0..=30 {
        let mut rig = Rig::new(Habits::default(), &[]);
        rig.until(100).command(start(Inventory::default()));
        rig.until(100 + gap_ms).command(Command::StopInventory);
        let said = rig.said.len();
        rig.until(1_000);
        assert!(
            !rig.said[said..].contains(&"tags".to_owned()),
            "stopped after {gap_ms} ms"
        );
        assert_eq!(rig.ro_specs, BTreeMap::new(), "stopped after {gap_ms} ms");

        for step in 0..5 {
            let session = Some(step % 4);
            rig.command(start(Inventory {
                session,
                ..Inventory::default()
            }));
            let now = rig.now_ms;
            rig.until(now + gap_ms);
        }
        rig.until(3_000);
        assert_eq!(settings(&rig.last_ro_spec()).2, 0, "every {gap_ms} ms");
        assert_eq!(
            rig.ro_specs.values().copied().collect::<Vec<_>>(),
            [true],
            "every {gap_ms} ms"
        );
        assert_eq!(rig.said.last().unwrap(), "tags", "every {gap_ms} ms");
    }
}

#[test]
fn what_is_asked_before_the_reader_is_ready_is_done_when_it_is() {
    let mut rig = Rig::new(Habits::default(), &[]);
    rig.command(start(Inventory::default()));
    rig.command(Command::SetOutput { port: 2, high: true });
    rig.command(Command::SetOutput { port: 2, high: false });
    rig.until(200);
    assert_eq!(rig.said, ["reader_ready", "running", "tags"]);
    let output = [0, 0, 219, 0, 7, 0, 2, 0];
    let set: Vec<&Vec<u8>> = rig
        .requests
        .iter()
        .filter(|request| request[1] == 3 && request[10..].starts_with(&output))
        .collect();
    assert_eq!(set.len(), 1, "{:02X?}", rig.requests);
    // The reader has two outputs.
    let at = Moment::from_ms(rig.now_ms);
    assert!(!rig.pump.command(Command::SetOutput { port: 3, high: true }, at));
    assert!(!rig.pump.command(Command::SetOutput { port: 0, high: true }, at));
    assert!(!rig.pump.command(Command::Enable, at));
}

#[test]
fn inputs_are_told_and_a_refused_output_too() {
    let input = |level: u8| event(&parameter(248, &[0, 1, level << 7]));
    let habits = Habits {
        says: vec![(200, input(1)), (300, input(0))],
        ..Habits::default()
    };
    let mut rig = Rig::new(habits, &[]);
    rig.until(150);
    rig.habits.refuses = [(m::SET_READER_CONFIG, 401)].into();
    rig.command(Command::SetOutput { port: 1, high: true }).until(500);
    assert_eq!(
        rig.said,
        ["reader_ready", "output_refused", "input 1 true", "input 1 false"]
    );
}

#[test]
fn a_report_of_four_megabytes_is_read_and_a_longer_message_is_not_waited_for() {
    let tag = parameter(240, &joined(&[&[0x8D], &[7; 12], &[0x81, 0, 1]]));
    let count = 4 * 1024 * 1024 / tag.len();
    let long = message(61, 1, &tag.repeat(count));
    let decoder = || tallyman_drivers::driver("llrp").unwrap().decoder([]).unwrap();
    let mut pump = Pump::new(decoder());
    let mut reads = 0;
    for piece in long.chunks(4_096) {
        pump.push(piece, Moment::default());
        while let Some(output) = pump.take() {
            reads += usize::from(output.is_read());
        }
    }
    assert_eq!(reads, count);

    let mut pump = Pump::new(decoder());
    pump.push(
        &[0x04, 0x3D, 0x00, 0x80, 0x00, 0x01, 0, 0, 0, 1],
        Moment::default(),
    );
    pump.push(&report(1, 1), Moment::default());
    pump.finish();
    let said: Vec<Output> = std::iter::from_fn(|| pump.take()).collect();
    assert!(said.iter().any(Output::is_read), "{said:?}");
}
