//! The reader's side of the conversation, asked with the codec and in virtual time.

use tallyman_codes::Moment;
use tallyman_drivers::llrp::numbers::{message as m, parameter as p};
use tallyman_drivers::llrp::tree::{Message, Parameter, Value};

use super::Tags;
use crate::reader::llrp::{Fault, LlrpPlan, LlrpReader, Maker, ReaderClock, SPECS_MAX};

/// A client that says what it likes.
struct Talk {
    reader: LlrpReader,
    air: Tags,
    now: Moment,
    id: u32,
}

impl Talk {
    fn with(plan: LlrpPlan, tags: u32) -> Self {
        let mut talk = Self {
            reader: LlrpReader::new(plan),
            air: Tags(tags),
            now: Moment::from_ms(1_000),
            id: 100,
        };
        talk.reader.connected(talk.now).unwrap();
        assert_eq!(talk.connection(), Some(0));
        talk
    }

    /// What the reader says up to this moment. Each message is as the standard has it.
    fn until(&mut self, end_ms: u64) -> Vec<Message> {
        let end = Moment::from_ms(end_ms);
        let mut said = Vec::new();
        while let Some(due) = self.reader.deadline().filter(|due| *due <= end) {
            self.now = self.now.max(due);
            self.reader.work(self.now, &mut self.air);
            while let Some(spoken) = self.reader.said(self.now) {
                said.push(Message::decode(&spoken.bytes).unwrap());
            }
        }
        self.now = end;
        said
    }

    fn after(&mut self, ms: u64) -> Vec<Message> {
        self.until(self.now.us / 1_000 + ms)
    }

    fn connection(&mut self) -> Option<i64> {
        let said = self.after(1);
        let event = said.first()?.child(p::READER_EVENT_NOTIFICATION_DATA)?;
        event.child(p::CONNECTION_ATTEMPT_EVENT)?.number("Status")
    }

    fn send(&mut self, kind: u16, fields: Vec<Value>, parameters: Vec<Parameter>) {
        self.id += 1;
        let message = Message::new(kind, self.id, fields, parameters);
        assert_eq!(message.check(), Ok(()));
        self.reader.hear(&message.encode().unwrap(), self.now);
    }

    /// The answer to a request, and what else was said meanwhile.
    fn ask(&mut self, kind: u16, fields: Vec<Value>, parameters: Vec<Parameter>) -> (Message, Vec<Message>) {
        self.send(kind, fields, parameters);
        let mut said = self.after(5);
        let place = said.iter().position(|message| message.id == self.id).unwrap();
        (said.remove(place), said)
    }

    /// The status of the answer.
    fn status(&mut self, kind: u16, fields: Vec<Value>, parameters: Vec<Parameter>) -> i64 {
        let (answer, _) = self.ask(kind, fields, parameters);
        answer
            .child(p::LLRP_STATUS)
            .unwrap()
            .number("StatusCode")
            .unwrap()
    }

    fn of_spec(&mut self, kind: u16, id: u32) -> i64 {
        self.status(kind, vec![Value::U32(id)], Vec::new())
    }

    /// Adds and enables a ROSpec.
    fn add(&mut self, spec: &Spec) {
        assert_eq!(self.status(m::ADD_ROSPEC, Vec::new(), vec![spec.parameter()]), 0);
        assert_eq!(self.of_spec(m::ENABLE_ROSPEC, spec.id), 0);
    }

    fn configure(&mut self, parameters: Vec<Parameter>) {
        assert_eq!(self.status(m::SET_READER_CONFIG, flag(false), parameters), 0);
    }

    fn state_of(&mut self, id: u32) -> Option<i64> {
        let (answer, _) = self.ask(m::GET_ROSPECS, Vec::new(), Vec::new());
        let spec = answer
            .parameters
            .iter()
            .find(|spec| spec.number("ROSpecID") == Some(id.into()))?;
        spec.number("CurrentState")
    }
}

fn flag(on: bool) -> Vec<Value> {
    vec![Value::Bits(1, u16::from(on)), Value::Bits(7, 0)]
}

fn leaf(kind: u16, fields: Vec<Value>) -> Parameter {
    Parameter::new(kind, fields, Vec::new())
}

fn input(port: u16, high: bool, timeout_ms: u32) -> Parameter {
    let fields = [vec![Value::U16(port)], flag(high), vec![Value::U32(timeout_ms)]].concat();
    leaf(p::GPI_TRIGGER_VALUE, fields)
}

/// A ROSpec in the words of the standard.
#[derive(Clone)]
struct Spec {
    id: u32,
    start: Parameter,
    stop: Parameter,
    antennas: Vec<u16>,
    report: (u8, u16),
    content: [u16; 10],
}

impl Spec {
    fn new(id: u32) -> Self {
        Self {
            id,
            start: leaf(p::RO_SPEC_START_TRIGGER, vec![Value::U8(0)]),
            stop: leaf(p::RO_SPEC_STOP_TRIGGER, vec![Value::U8(0), Value::U32(0)]),
            antennas: vec![0],
            report: (1, 1),
            content: [1; 10],
        }
    }

    fn parameter(&self) -> Parameter {
        let stop = leaf(p::AI_SPEC_STOP_TRIGGER, vec![Value::U8(0), Value::U32(0)]);
        let inventory = leaf(p::INVENTORY_PARAMETER_SPEC, vec![Value::U16(1), Value::U8(1)]);
        let mut switches: Vec<Value> = self.content.map(|bit| Value::Bits(1, bit)).to_vec();
        switches.push(Value::Bits(6, 0));
        let memory = vec![
            Value::Bits(1, 1),
            Value::Bits(1, 1),
            Value::Bits(1, 0),
            Value::Bits(5, 0),
        ];
        let memory = leaf(p::C1G2_EPC_MEMORY_SELECTOR, memory);
        let selector = Parameter::new(p::TAG_REPORT_CONTENT_SELECTOR, switches, vec![memory]);
        let (trigger, n) = self.report;
        let boundary = vec![self.start.clone(), self.stop.clone()];
        let parts = vec![
            Parameter::new(p::RO_BOUNDARY_SPEC, Vec::new(), boundary),
            Parameter::new(
                p::AI_SPEC,
                vec![Value::U16s(self.antennas.clone())],
                vec![stop, inventory],
            ),
            Parameter::new(
                p::RO_REPORT_SPEC,
                vec![Value::U8(trigger), Value::U16(n)],
                vec![selector],
            ),
        ];
        let fields = vec![Value::U32(self.id), Value::U8(0), Value::U8(0)];
        Parameter::new(p::RO_SPEC, fields, parts)
    }
}

/// How many tags are in each report.
fn reports(said: &[Message]) -> Vec<usize> {
    let reports = said.iter().filter(|message| message.kind == m::RO_ACCESS_REPORT);
    reports.map(|message| message.parameters.len()).collect()
}

fn events(said: &[Message], kind: u16) -> usize {
    let data = said
        .iter()
        .filter_map(|message| message.child(p::READER_EVENT_NOTIFICATION_DATA));
    data.filter(|data| data.child(kind).is_some()).count()
}

fn events_on(kinds: &[u16]) -> Parameter {
    let states = kinds.iter().map(|kind| {
        leaf(
            p::EVENT_NOTIFICATION_STATE,
            [vec![Value::U16(*kind)], flag(true)].concat(),
        )
    });
    Parameter::new(p::READER_EVENT_NOTIFICATION_SPEC, Vec::new(), states.collect())
}

#[test]
fn a_ro_spec_is_added_enabled_started_stopped_and_deleted_and_only_in_that_order() {
    let mut talk = Talk::with(LlrpPlan::default(), 4);
    assert_ne!(talk.of_spec(m::ENABLE_ROSPEC, 5), 0, "there is none yet");
    assert_eq!(
        talk.status(m::ADD_ROSPEC, Vec::new(), vec![Spec::new(5).parameter()]),
        0
    );
    assert_ne!(
        talk.status(m::ADD_ROSPEC, Vec::new(), vec![Spec::new(5).parameter()]),
        0
    );
    assert_eq!(talk.state_of(5), Some(0));
    assert_ne!(talk.of_spec(m::START_ROSPEC, 5), 0, "it is disabled");
    assert_eq!(talk.of_spec(m::ENABLE_ROSPEC, 5), 0);
    assert_eq!(talk.state_of(5), Some(1));
    assert_ne!(talk.of_spec(m::STOP_ROSPEC, 5), 0, "it does not run");
    assert_eq!(talk.of_spec(m::START_ROSPEC, 5), 0);
    assert_eq!(talk.state_of(5), Some(2));
    assert!(!reports(&talk.after(200)).is_empty());
    assert_eq!(talk.of_spec(m::STOP_ROSPEC, 5), 0);
    assert_eq!(talk.state_of(5), Some(1));
    assert!(reports(&talk.after(200)).is_empty());
    assert_eq!(talk.of_spec(m::DISABLE_ROSPEC, 5), 0);
    assert_eq!(talk.of_spec(m::DELETE_ROSPEC, 0), 0);
    assert_eq!(talk.state_of(5), None);
    for id in 0..SPECS_MAX as u32 {
        let spec = Spec::new(id + 1).parameter();
        assert_eq!(talk.status(m::ADD_ROSPEC, Vec::new(), vec![spec]), 0);
    }
    let one_more = Spec::new(1_000).parameter();
    assert_ne!(talk.status(m::ADD_ROSPEC, Vec::new(), vec![one_more]), 0);
}

#[test]
fn an_access_spec_is_kept_enabled_and_deleted() {
    let mut talk = Talk::with(LlrpPlan::default(), 0);
    let mask = vec![
        Value::Bits(2, 1),
        Value::Bits(1, 1),
        Value::Bits(5, 0),
        Value::U16(32),
        Value::BitString(0, Vec::new()),
        Value::BitString(0, Vec::new()),
    ];
    let tag = Parameter::new(p::C1G2_TAG_SPEC, Vec::new(), vec![leaf(p::C1G2_TARGET_TAG, mask)]);
    let read = vec![
        Value::U16(1),
        Value::U32(0),
        Value::Bits(2, 2),
        Value::Bits(6, 0),
        Value::U16(0),
        Value::U16(6),
    ];
    let command = Parameter::new(p::ACCESS_COMMAND, Vec::new(), vec![tag, leaf(p::C1G2_READ, read)]);
    let stop = leaf(p::ACCESS_SPEC_STOP_TRIGGER, vec![Value::U8(0), Value::U16(0)]);
    let fields = [
        vec![Value::U32(9), Value::U16(0), Value::U8(1)],
        flag(false),
        vec![Value::U32(0)],
    ];
    let spec = Parameter::new(p::ACCESS_SPEC, fields.concat(), vec![stop, command]);
    assert_ne!(talk.of_spec(m::ENABLE_ACCESSSPEC, 9), 0);
    assert_eq!(talk.status(m::ADD_ACCESSSPEC, Vec::new(), vec![spec]), 0);
    for (kind, state) in [(m::ENABLE_ACCESSSPEC, 1), (m::DISABLE_ACCESSSPEC, 0)] {
        assert_eq!(talk.of_spec(kind, 9), 0);
        let (told, _) = talk.ask(m::GET_ACCESSSPECS, Vec::new(), Vec::new());
        let told = told
            .child(p::ACCESS_SPEC)
            .and_then(|spec| spec.number("CurrentState"));
        assert_eq!(told, Some(state));
    }
    assert_eq!(talk.of_spec(m::DELETE_ACCESSSPEC, 0), 0);
    let (told, _) = talk.ask(m::GET_ACCESSSPECS, Vec::new(), Vec::new());
    assert!(told.child(p::ACCESS_SPEC).is_none());
}

#[test]
fn reports_come_after_so_many_tags_or_so_much_time_or_at_the_end_or_when_asked() {
    // The trigger of the report, N, tags there are, and how many are in each report within 300 ms.
    let table: [((u8, u16), u32, &[usize]); 4] = [
        ((1, 1), 3, &[1; 3]),
        ((1, 2), 4, &[2, 2]),
        ((2, 0), 4, &[]),
        ((0, 0), 4, &[]),
    ];
    for (report, tags, expected) in table {
        let mut talk = Talk::with(LlrpPlan::default(), tags);
        let spec = Spec {
            report,
            ..Spec::new(1)
        };
        talk.add(&spec);
        assert_eq!(talk.of_spec(m::START_ROSPEC, 1), 0);
        let said = talk.after(300);
        let found = reports(&said);
        assert!(found.starts_with(expected), "{report:?} gives {found:?}");
        assert_eq!(
            found.is_empty(),
            expected.is_empty(),
            "{report:?} gives {found:?}"
        );
        let (_, others) = talk.ask(m::STOP_ROSPEC, vec![Value::U32(1)], Vec::new());
        if report == (2, 0) {
            assert_eq!(reports(&others), [4], "all that it saw, at its end");
        }
    }
    let mut talk = Talk::with(LlrpPlan::default(), 4);
    let by_time = Spec {
        report: (5, 100),
        ..Spec::new(1)
    };
    talk.add(&by_time);
    assert_eq!(talk.of_spec(m::START_ROSPEC, 1), 0);
    let said = talk.after(1_000);
    assert!((8..=10).contains(&reports(&said).len()), "{:?}", reports(&said));
    let counts = said.iter().flat_map(|message| &message.parameters);
    let seen = counts.filter_map(|tag| tag.child(p::TAG_SEEN_COUNT)?.number("TagCount"));
    assert!(
        seen.max() > Some(1),
        "a tag that was seen again is told once, with how often"
    );
}

#[test]
fn what_was_seen_is_told_when_it_is_asked_for() {
    let mut talk = Talk::with(LlrpPlan::default(), 4);
    let only_asked = Spec {
        report: (0, 0),
        ..Spec::new(1)
    };
    talk.add(&only_asked);
    assert_eq!(talk.of_spec(m::START_ROSPEC, 1), 0);
    assert!(reports(&talk.after(300)).is_empty());
    talk.send(m::GET_REPORT, Vec::new(), Vec::new());
    assert_eq!(reports(&talk.after(1)), [4]);
}

#[test]
fn a_tag_is_told_with_what_the_ro_spec_wants_and_no_more() {
    let mut talk = Talk::with(LlrpPlan::default(), 1);
    let everything = Spec::new(1);
    talk.add(&everything);
    assert_eq!(talk.of_spec(m::START_ROSPEC, 1), 0);
    let said = talk.after(100);
    let report = said
        .iter()
        .find(|message| message.kind == m::RO_ACCESS_REPORT)
        .unwrap();
    let tag = &report.parameters[0];
    let number = |kind, name| tag.child(kind).and_then(|part| part.number(name));
    assert_eq!(
        tag.child(p::EPC_96).unwrap().fields,
        [Value::U96(Tags::epc(0)[..].try_into().unwrap())]
    );
    assert_eq!(number(p::RO_SPEC_ID, "ROSpecID"), Some(1));
    assert_eq!(number(p::ANTENNA_ID, "AntennaID"), Some(1));
    assert_eq!(number(p::CHANNEL_INDEX, "ChannelIndex"), Some(3));
    assert_eq!(number(p::PEAK_RSSI, "PeakRSSI"), Some(-47));
    assert_eq!(number(p::C1G2_PC, "PC_Bits"), Some(0x3000));
    let crc = tallyman_codes::tag::gen2_crc(0x3000, &Tags::epc(0));
    assert_eq!(number(p::C1G2_CRC, "CRC"), Some(crc.into()));
    let ReaderClock::Utc(began) = LlrpPlan::default().clock else {
        panic!("the usual reader has a clock")
    };
    let first = number(p::FIRST_SEEN_TIMESTAMP_UTC, "Microseconds").unwrap();
    assert!((began as i64..began as i64 + 2_000_000).contains(&first));

    let mut talk = Talk::with(LlrpPlan::default(), 1);
    let nothing = Spec {
        content: [0; 10],
        ..Spec::new(1)
    };
    talk.add(&nothing);
    assert_eq!(talk.of_spec(m::START_ROSPEC, 1), 0);
    let said = talk.after(100);
    let report = said
        .iter()
        .find(|message| message.kind == m::RO_ACCESS_REPORT)
        .unwrap();
    let kinds: Vec<u16> = report.parameters[0]
        .parameters
        .iter()
        .map(|part| part.kind)
        .collect();
    assert_eq!(kinds, [p::EPC_96, p::C1G2_PC, p::C1G2_CRC]);
}

#[test]
fn an_input_starts_and_ends_what_waits_for_it_and_is_told() {
    let mut talk = Talk::with(LlrpPlan::default(), 4);
    let on = [vec![Value::U16(2)], flag(true), vec![Value::U8(2)]].concat();
    talk.configure(vec![events_on(&[1, 2]), leaf(p::GPI_PORT_CURRENT_STATE, on)]);
    let by_input = Spec {
        start: Parameter::new(
            p::RO_SPEC_START_TRIGGER,
            vec![Value::U8(3)],
            vec![input(2, true, 0)],
        ),
        stop: Parameter::new(
            p::RO_SPEC_STOP_TRIGGER,
            vec![Value::U8(2), Value::U32(0)],
            vec![input(2, false, 10_000)],
        ),
        ..Spec::new(1)
    };
    talk.add(&by_input);
    assert!(reports(&talk.after(300)).is_empty());
    for _ in 0..2 {
        talk.reader.set_input(2, true, talk.now);
        let said = talk.after(300);
        assert_eq!(
            (events(&said, p::GPI_EVENT), events(&said, p::RO_SPEC_EVENT)),
            (1, 1)
        );
        assert!(!reports(&said).is_empty());
        talk.reader.set_input(2, false, talk.now);
        let said = talk.after(300);
        assert_eq!(
            (events(&said, p::GPI_EVENT), events(&said, p::RO_SPEC_EVENT)),
            (1, 1)
        );
        assert!(reports(&talk.after(300)).is_empty());
    }
    // The line stays up: it ends by time.
    talk.reader.set_input(2, true, talk.now);
    assert!(!reports(&talk.after(9_000)).is_empty());
    talk.after(1_100);
    assert!(reports(&talk.after(1_000)).is_empty());
    // An input that nobody asked for is not told.
    talk.reader.set_input(3, true, talk.now);
    assert_eq!(events(&talk.after(10), p::GPI_EVENT), 0);
}

#[test]
fn a_ro_spec_starts_when_it_is_enabled_or_again_and_again_and_ends_by_time() {
    let for_200_ms = leaf(p::RO_SPEC_STOP_TRIGGER, vec![Value::U8(1), Value::U32(200)]);
    let mut talk = Talk::with(LlrpPlan::default(), 4);
    talk.configure(vec![events_on(&[2])]);
    let at_once = Spec {
        start: leaf(p::RO_SPEC_START_TRIGGER, vec![Value::U8(1)]),
        stop: for_200_ms.clone(),
        ..Spec::new(1)
    };
    talk.add(&at_once);
    let said = talk.after(300);
    assert!(!reports(&said).is_empty());
    assert!(reports(&talk.after(300)).is_empty());

    let mut talk = Talk::with(LlrpPlan::default(), 4);
    talk.configure(vec![events_on(&[2])]);
    let times = leaf(
        p::PERIODIC_TRIGGER_VALUE,
        vec![Value::U32(100), Value::U32(1_000)],
    );
    let again = Spec {
        start: Parameter::new(p::RO_SPEC_START_TRIGGER, vec![Value::U8(2)], vec![times]),
        stop: for_200_ms,
        ..Spec::new(1)
    };
    talk.add(&again);
    let said = talk.after(5_000);
    assert_eq!(
        events(&said, p::RO_SPEC_EVENT),
        2 * 5,
        "five starts and five ends"
    );
}

#[test]
fn keep_alives_come_as_often_as_they_were_asked_for_and_must_be_answered() {
    let mut talk = Talk::with(LlrpPlan::default(), 0);
    let often = leaf(p::KEEPALIVE_SPEC, vec![Value::U8(1), Value::U32(500)]);
    talk.configure(vec![often]);
    for _ in 0..5 {
        let said = talk.after(500);
        assert_eq!(
            said.iter().filter(|message| message.kind == m::KEEPALIVE).count(),
            1
        );
        talk.send(m::KEEPALIVE_ACK, Vec::new(), Vec::new());
    }
    let said = talk.after(5_000);
    assert_eq!(
        said.iter().filter(|message| message.kind == m::KEEPALIVE).count(),
        3
    );
    assert_eq!(events(&said, p::CONNECTION_CLOSE_EVENT), 1);
    assert!(talk.reader.hangs_up());
}

#[test]
fn one_client_has_the_reader_and_another_is_told_so() {
    let mut talk = Talk::with(LlrpPlan::default(), 0);
    let refusal = Message::decode(&talk.reader.connected(talk.now).unwrap_err()).unwrap();
    let data = refusal.child(p::READER_EVENT_NOTIFICATION_DATA).unwrap();
    let status = data.child(p::CONNECTION_ATTEMPT_EVENT).unwrap().number("Status");
    assert_eq!((status, talk.connection()), (Some(2), Some(4)));
    talk.reader.disconnected(talk.now);
    talk.reader.connected(talk.now).unwrap();
    assert_eq!(talk.connection(), Some(0));
    talk.reader.suffer(Fault::HoldsItsPlace(2_000));
    talk.reader.disconnected(talk.now);
    assert!(talk.reader.connected(talk.now).is_err());
    assert!(talk.reader.connected(talk.now.plus_ms(2_000)).is_ok());
}

#[test]
fn what_is_held_for_a_client_comes_when_it_asks() {
    let mut talk = Talk::with(LlrpPlan::default(), 4);
    talk.configure(vec![leaf(p::EVENTS_AND_REPORTS, flag(true))]);
    talk.add(&Spec::new(1));
    assert_eq!(talk.of_spec(m::START_ROSPEC, 1), 0);
    talk.reader.disconnected(talk.now);
    talk.after(200);
    talk.reader.connected(talk.now).unwrap();
    assert!(reports(&talk.after(100)).is_empty());
    talk.send(m::ENABLE_EVENTS_AND_REPORTS, Vec::new(), Vec::new());
    assert!(reports(&talk.after(1)).len() > 4);
}

#[test]
fn outputs_are_set_and_told_and_extensions_are_for_impinj_alone() {
    let mut talk = Talk::with(LlrpPlan::default(), 0);
    let third = [vec![Value::U16(3)], flag(true)].concat();
    talk.configure(vec![leaf(p::GPO_WRITE_DATA, third)]);
    assert_eq!(talk.reader.outputs(), [false, false, true, false]);
    let wrong = [vec![Value::U16(9)], flag(true)].concat();
    let wrong = leaf(p::GPO_WRITE_DATA, wrong);
    assert_ne!(talk.status(m::SET_READER_CONFIG, flag(false), vec![wrong]), 0);
    let all = vec![Value::U16(0), Value::U8(0), Value::U16(0), Value::U16(0)];
    let (told, _) = talk.ask(m::GET_READER_CONFIG, all, Vec::new());
    let outputs = told
        .parameters
        .iter()
        .filter(|part| part.kind == p::GPO_WRITE_DATA);
    let levels: Vec<_> = outputs.map(|output| output.number("GPOData").unwrap()).collect();
    assert_eq!(levels, [0, 0, 1, 0]);
    for (maker, answer) in [
        (Maker::Another, m::ERROR_MESSAGE),
        (Maker::SaysImpinj, m::ERROR_MESSAGE),
        (Maker::Impinj, m::CUSTOM_MESSAGE),
    ] {
        let plan = LlrpPlan {
            maker,
            ..LlrpPlan::default()
        };
        let mut talk = Talk::with(plan, 0);
        let enable = vec![Value::U32(25_882), Value::U8(21), Value::Rest(vec![0; 4])];
        let (told, _) = talk.ask(m::CUSTOM_MESSAGE, enable, Vec::new());
        assert_eq!(told.kind, answer, "{maker:?}");
    }
}

#[test]
fn a_client_that_talks_nonsense_is_hung_up_on_and_a_wrong_request_is_refused() {
    let mut talk = Talk::with(LlrpPlan::default(), 0);
    // A ROSpec without its parts.
    let fields = vec![Value::U32(1), Value::U8(0), Value::U8(0)];
    let bare = Message::new(m::ADD_ROSPEC, 7, Vec::new(), vec![leaf(p::RO_SPEC, fields)]);
    talk.reader.hear(&bare.encode().unwrap(), talk.now);
    let said = talk.after(5);
    assert_eq!((said[0].kind, said[0].id), (m::ADD_ROSPEC_RESPONSE, 7));
    assert_ne!(
        said[0].child(p::LLRP_STATUS).unwrap().number("StatusCode"),
        Some(0)
    );
    talk.reader.hear(b"GET / HTTP/1.1\r\n", talk.now);
    assert_eq!(events(&talk.after(5), p::CONNECTION_CLOSE_EVENT), 1);
    assert!(talk.reader.hangs_up());
}

#[test]
fn the_same_seed_says_the_same() {
    let plan = LlrpPlan {
        mixes_order: true,
        ..LlrpPlan::default()
    };
    let say = |seed| {
        let mut talk = Talk::with(LlrpPlan { seed, ..plan.clone() }, 8);
        talk.add(&Spec::new(1));
        assert_eq!(talk.of_spec(m::START_ROSPEC, 1), 0);
        talk.after(1_000)
    };
    assert!(say(1) == say(1) && say(1) != say(2));
}
