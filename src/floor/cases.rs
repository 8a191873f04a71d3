//! The language of the verdict tables: one row is one scan or key, and what the session answers.
//!
//! ```text
//! scan T-1              -> go tote T-1
//! scan BOLT             -> accept picked 1 bolt from A-01-01 to T-1 line 1
//! key short             -> ask why short 2
//! scan A-01-01 + BOLT   -> both in one trigger pull
//! type A-01-01          -> as if scanned, by the Type key
//! keys 12 enter         -> the answer to the last of several keys
//! ```
//!
//! Every row, whatever it expects, is also checked for what must always hold (see [`Floor::step`]).

use jiff::Timestamp;
use jiff::civil::{Date, date};
use tallyman_codes::{Refusal, Rules, Scan, SiteCodeKind, SiteRule, SiteRules};

use crate::catalogue::{Catalogue, MapCatalogue};
use crate::confirmation::{Act, Draft, Place, Times};
use crate::event::{Effect, Event, Key, Now, Scanning, Step};
use crate::ids::{ItemId, LineNumber, LocationId, OwnerId, SiteId, TaskId};
use crate::item::{Item, ItemCode, Tracking};
use crate::progress::Progress;
use crate::quantity::Quantity;
use crate::session::Session;
use crate::task::{Line, QuantityEntry, Task, TaskKind, TaskState};
use crate::verdict::{Question, Reason, Scanned, Verdict, Wanted, Where};
use crate::view::{Tone, View};
use crate::wire::v1::ConfirmationBody;

pub(crate) const TODAY: Date = date(2026, 11, 23);

/// A device with a session, a cached world, and a journal.
#[derive(Clone)]
pub(crate) struct Floor {
    pub session: Session,
    pub catalogue: MapCatalogue,
    pub journal: Vec<Draft>,
    pub view: View,
    minutes: i64,
}

/// The labels that tables use, and what they stand for: EAN-13 where a scanner would send one.
pub(crate) fn label(word: &str) -> String {
    let body = match word {
        "BOLT" => "0400638133393",
        "CASE" => "1400638133393",
        "NUT" => "0401234567890",
        "MILK" => "0400041702500",
        "DRILL" => "0503030303030",
        "OIL" => "0761234500001",
        "GHOST" => "0999999999999",
        other => return other.to_owned(),
    };
    let check = tallyman_codes::check_digit::of(body.as_bytes())
        .map(char::from)
        .unwrap();
    format!("{body}{check}")
}

impl Floor {
    /// A device that knows these tasks, and the articles of the tables.
    pub fn new(tasks: Vec<Task>) -> Self {
        let mut catalogue = MapCatalogue::new(SiteId::from("north"));
        let rule = |pattern: &str, kind| SiteRule {
            pattern: pattern.to_owned(),
            kind,
        };
        let site = SiteRules::new(vec![
            rule("[A-Z]-[0-9]{2}-[0-9]{2}", SiteCodeKind::Location),
            rule("DOCK-[0-9]", SiteCodeKind::Location),
            rule("T-[0-9]+", SiteCodeKind::HandlingUnit),
            rule("BADGE-<[0-9]+>", SiteCodeKind::Badge),
            rule("CMD-<[a-z]+>", SiteCodeKind::Command),
        ]);
        catalogue.put_rules(Rules {
            site: site.unwrap(),
            ..Rules::new(TODAY)
        });
        for item in items() {
            catalogue.put_item(item);
        }
        for task in tasks {
            catalogue.put_task(task);
        }
        Self {
            session: Session::new(),
            catalogue,
            journal: Vec::new(),
            view: View::default(),
            minutes: 0,
        }
    }

    /// Plays a table. Each row is `what -> answer`; empty rows and `#` rows are for the reader.
    pub fn play(&mut self, table: &str) {
        let mut played = String::new();
        for row in table.lines().map(str::trim) {
            if row.is_empty() || row.starts_with('#') {
                continue;
            }
            let (what, expected) = row.split_once("->").unwrap_or_else(|| panic!("no arrow: {row}"));
            let answer = self.act(what.trim());
            played.push_str(&format!("{:<28} -> {answer}\n", what.trim()));
            assert_eq!(answer, expected.trim(), "\nplayed so far:\n{played}");
        }
    }

    /// Does what the left side of a row says, and answers its verdict in words.
    pub fn act(&mut self, what: &str) -> String {
        let (verb, rest) = what.split_once(' ').unwrap_or((what, ""));
        let step = match verb {
            "scan" => {
                let codes = rest.split(" + ").map(|text| self.scanning(text)).collect();
                self.step(Event::Scans(codes))
            }
            "type" => {
                let keys = label(rest).chars().map(key_of_character).collect::<Vec<_>>();
                self.step(Event::Key(Key::Type));
                for key in keys {
                    self.step(Event::Key(key));
                }
                self.step(Event::Key(Key::Enter))
            }
            "key" | "keys" => {
                let mut last = None;
                for key in rest.split(' ').flat_map(keys_of) {
                    last = Some(self.step(Event::Key(key)));
                }
                last.unwrap()
            }
            "refresh" => self.step(Event::Refresh),
            "changed" => self.step(Event::TaskChanged(TaskId::from(rest))),
            "restart" => {
                self.session = Session::from_saved(&self.session.to_saved()).unwrap();
                self.step(Event::Refresh)
            }
            other => panic!("no such verb: {other}"),
        };
        told(&step)
    }

    pub fn scanning(&self, text: &str) -> Scanning {
        let text = text.trim();
        let scan = if text.starts_with('(') {
            let mut expanded = text.to_owned();
            for word in ["BOLT", "CASE", "NUT", "MILK", "DRILL", "OIL", "GHOST"] {
                expanded = expanded.replace(word, &label(word));
            }
            tallyman_codes::understand_bracketed(&expanded, self.catalogue.rules())
        } else {
            Scan::of(&label(text), self.catalogue.rules())
        };
        self.scanning_of(text, scan)
    }

    pub fn scanning_of(&self, text: &str, scan: Result<Scan, Refusal>) -> Scanning {
        Scanning {
            scanner: "scanner-1".to_owned(),
            raw: label(text),
            symbology: None,
            scan,
            rfid: false,
        }
    }

    pub fn now(&self) -> Now {
        Now {
            times: Times {
                boot: "b".to_owned(),
                boottime_us: u64::try_from(self.minutes).unwrap() * 60_000_000,
                wall: Timestamp::from_second(1_795_000_000 + self.minutes * 60).unwrap(),
            },
            today: TODAY,
        }
    }

    /// One step as the agent takes it: on a clone, committed, and only then shown and sounded. Checks what must hold
    /// after every step.
    pub fn step(&mut self, event: Event) -> Step {
        self.minutes += 1;
        let next = u64::try_from(self.journal.len()).unwrap() + 1;
        self.catalogue.put_next_confirmation(1, next);
        let mut session = self.session.clone();
        let step = session.step(event, &self.now(), &self.catalogue);
        check_effects(&step);
        for effect in &step.effects {
            match effect {
                Effect::Persist(draft) => self.commit(draft),
                Effect::Show(view) => self.view = view.clone(),
                Effect::SaveSession | Effect::Sound(_) => {}
            }
        }
        self.session = session;
        self.check_session();
        step
    }

    fn commit(&mut self, draft: &Draft) {
        let body = serde_json::to_string(&ConfirmationBody::from(draft)).unwrap();
        let read: ConfirmationBody = serde_json::from_str(&body).unwrap();
        assert_eq!(
            Draft::try_from(read).as_ref(),
            Ok(draft),
            "the wire keeps the fact"
        );
        self.journal.push(draft.clone());
        let task = draft.work.as_ref().map(|work| work.task.clone()).unwrap();
        let mut progress = Progress::clone(&self.catalogue.progress(&task));
        progress.apply(draft);
        assert_eq!(progress, self.fold(&task), "progress is the fold of the journal");
        self.catalogue.put_progress(task, progress);
        if let Some(reverses) = draft.reverses {
            let place = usize::try_from(reverses.seq - 1).unwrap();
            let reversed = &self.journal[place];
            let core = |draft: &Draft| {
                (
                    draft.work.clone(),
                    draft.goods.clone(),
                    draft.from.clone(),
                    draft.to.clone(),
                )
            };
            assert_eq!((reverses.epoch, reverses.act), (1, reversed.act));
            assert_eq!(
                core(reversed),
                core(draft),
                "a reversal repeats what it takes back"
            );
        }
    }

    /// What is confirmed of a task, from the whole journal.
    pub fn fold(&self, task: &TaskId) -> Progress {
        let mut progress = Progress::default();
        let is_of_task = |draft: &&Draft| draft.work.as_ref().is_some_and(|work| work.task == *task);
        self.journal
            .iter()
            .filter(is_of_task)
            .for_each(|draft| progress.apply(draft));
        progress
    }

    fn check_session(&self) {
        let saved = self.session.to_saved();
        assert_eq!(Session::from_saved(&saved).unwrap(), self.session, "{saved}");
        let done_of = self
            .session
            .task()
            .and_then(|id| self.catalogue.task(id))
            .map(|task| {
                let progress = self.catalogue.progress(&task.id);
                let is_done = |line: &&Line| {
                    let confirmed = progress.line(line.number);
                    confirmed.closed
                        || line
                            .expected
                            .is_some_and(|expected| confirmed.quantity >= expected)
                };
                (task.lines.iter().filter(is_done).count(), task.lines.len())
            });
        assert_eq!(
            self.view.done_of, done_of,
            "the screen's figures are those of the progress"
        );
    }

    /// The screen as text, as a worker reads it.
    pub fn screen(&self) -> String {
        let view = &self.view;
        let mut text = vec![view.title.clone(), view.instruction.clone()];
        text.extend(
            view.big
                .iter()
                .map(|big| format!("[{} {}]", big.text, big.caption)),
        );
        text.extend(
            view.lines
                .iter()
                .map(|line| format!("{}: {}", line.label, line.text)),
        );
        text.extend(view.message.iter().flat_map(|message| message.sentences.clone()));
        text.extend(
            view.question
                .iter()
                .map(|question| format!("? {}", question.prompt)),
        );
        text.extend(view.next.clone());
        text.join(" | ")
    }
}

/// What holds for every step: facts before the screen, the screen before the sound, and a good sound exactly after
/// something that is synced.
fn check_effects(step: &Step) {
    let persisted = step
        .effects
        .iter()
        .filter(|effect| matches!(effect, Effect::Persist(_)))
        .count();
    let saves = step
        .effects
        .iter()
        .filter(|effect| matches!(effect, Effect::SaveSession))
        .count();
    let mut rest = step.effects.iter().skip(persisted + saves);
    assert!(matches!(rest.next(), Some(Effect::Show(_))), "{:?}", step.effects);
    let sounded = rest.next();
    assert!(rest.next().is_none(), "{:?}", step.effects);
    let (tone, facts, saved) = match &step.verdict {
        Verdict::Accept => (Some(Tone::Good), true, 0),
        Verdict::Go(_) => (Some(Tone::Good), false, 1),
        Verdict::Ask(_) => (Some(Tone::Ask), false, 0),
        Verdict::Reject(_) => (Some(Tone::Bad), false, 0),
        Verdict::Quiet => (None, false, 0),
    };
    assert_eq!(sounded.cloned(), tone.map(Effect::Sound), "{:?}", step.verdict);
    assert_eq!((persisted > 0, saves), (facts, saved), "{:?}", step.verdict);
}

fn key_of_character(character: char) -> Key {
    match character {
        '.' => Key::Point,
        digit if digit.is_ascii_digit() => Key::Digit(digit as u8 - b'0'),
        other => Key::Character(other),
    }
}

fn keys_of(word: &str) -> Vec<Key> {
    match word {
        "enter" => vec![Key::Enter],
        "escape" => vec![Key::Escape],
        "undo" => vec![Key::Undo],
        "done" => vec![Key::Done],
        "short" => vec![Key::Short],
        "type" => vec![Key::Type],
        "back" => vec![Key::Backspace],
        typed => typed.chars().map(key_of_character).collect(),
    }
}

/// A verdict and its facts in one line.
pub(crate) fn told(step: &Step) -> String {
    match &step.verdict {
        Verdict::Quiet => "quiet".to_owned(),
        Verdict::Go(place) => format!("go {}", told_place(place)),
        Verdict::Ask(question) => format!("ask {}", told_question(question)),
        Verdict::Reject(reason) => format!("reject {}", told_reason(reason)),
        Verdict::Accept => {
            let drafts = step.effects.iter().filter_map(|effect| match effect {
                Effect::Persist(draft) => Some(told_draft(draft)),
                _ => None,
            });
            format!("accept {}", drafts.collect::<Vec<_>>().join("; "))
        }
    }
}

fn told_place(place: &Where) -> String {
    match place {
        Where::LoggedIn => "logged in".to_owned(),
        Where::LoggedOut => "logged out".to_owned(),
        Where::Task(task) => format!("task {task}"),
        Where::LeftTask(task) => format!("left {task}"),
        Where::Location(location) => format!("location {location}"),
        Where::Tote(unit) => format!("tote {unit}"),
        Where::Back => "back".to_owned(),
    }
}

fn told_question(question: &Question) -> String {
    match question {
        Question::Quantity { item, proposed: None } => format!("how many {item}"),
        Question::Quantity {
            item,
            proposed: Some(proposed),
        } => format!("how many {item}, {proposed}"),
        Question::Lot { item } => format!("lot of {item}"),
        Question::Expiry { item } => format!("expiry of {item}"),
        Question::Serial { item } => format!("serial of {item}"),
        Question::Over { item, by } => format!("over {item} by {by}"),
        Question::ShortReason { missing } => format!("why short {missing}"),
        Question::Empty { location } => format!("is {location} empty"),
        Question::CountComplete { location } => format!("is {location} complete"),
        Question::EndTask { open_lines } => format!("end with {open_lines} open"),
        Question::Found { code } => format!("found {code}"),
        Question::TwoInView { seen } => format!("two in view {}", seen.join(" ")),
    }
}

fn told_reason(reason: &Reason) -> String {
    match reason {
        Reason::NoWorker => "no worker".to_owned(),
        Reason::NoTask => "no task".to_owned(),
        Reason::UnknownCode { code } => format!("unknown {code}"),
        Reason::BadLabel { .. } => "bad label".to_owned(),
        Reason::NotWanted { scanned, wanted } => {
            format!("{}, wanted {}", told_scanned(scanned), told_wanted(wanted))
        }
        Reason::WrongLocation { scanned, wanted } => format!("at {scanned}, wanted {wanted}"),
        Reason::WrongItem { scanned, wanted } => format!("item {scanned}, wanted {wanted}"),
        Reason::NotOnList { scanned } => format!("{scanned} not on list"),
        Reason::WrongLot { scanned, wanted } => format!("lot {scanned}, wanted {wanted}"),
        Reason::Expired { expiry } => format!("expired {expiry}"),
        Reason::LineFull { item } => format!("{item} full"),
        Reason::TooMany { item, quantity, open } => format!("{quantity} {item}, open {open}"),
        Reason::PlaceCounted { location } => format!("{location} counted already"),
        Reason::SerialRepeated { serial } => format!("serial {serial} repeated"),
        Reason::BadEntry { typed, wanted } => format!("entry \"{typed}\", wanted {}", told_wanted(wanted)),
        Reason::NothingToUndo => "nothing to undo".to_owned(),
        Reason::KeyUnused => "key unused".to_owned(),
        Reason::TaskWithdrawn { task } => format!("{task} withdrawn"),
        Reason::TaskDone { task } => format!("{task} done"),
    }
}

fn told_scanned(scanned: &Scanned) -> String {
    match scanned {
        Scanned::Location(location) => format!("place {location}"),
        Scanned::Item(item) => format!("item {item}"),
        Scanned::HandlingUnit(unit) => format!("unit {unit}"),
        Scanned::Badge => "badge".to_owned(),
        Scanned::Reference(reference) => format!("document {reference}"),
        Scanned::Text(text) => format!("text {text}"),
    }
}

fn told_wanted(wanted: &Wanted) -> String {
    match wanted {
        Wanted::AnyLocation => "a place".to_owned(),
        Wanted::Location(location) => location.to_string(),
        Wanted::AnyItem => "an item".to_owned(),
        Wanted::Item(item) => item.to_string(),
        Wanted::Tote => "a tote".to_owned(),
        Wanted::Quantity => "a number".to_owned(),
        Wanted::Lot => "a lot".to_owned(),
        Wanted::Date => "a date".to_owned(),
        Wanted::Serial => "a serial".to_owned(),
        Wanted::Answer => "an answer".to_owned(),
        Wanted::Done => "done".to_owned(),
    }
}

fn told_draft(draft: &Draft) -> String {
    let act = match draft.act {
        Act::LineClosed => "closed",
        Act::TaskClosed => "task closed",
        Act::LocationCounted => "place counted",
        other => other.word(),
    };
    let mut words = vec![act.to_owned()];
    words.extend(
        draft
            .reverses
            .map(|reverses| format!("#{} {}", reverses.seq, reverses.act.word())),
    );
    if let Some(goods) = &draft.goods {
        let item = goods
            .item
            .as_ref()
            .map_or_else(|| format!("?{}", goods.code), ToString::to_string);
        words.push(format!("{} {item}", goods.quantity));
        words.extend(goods.lot.iter().map(|lot| format!("lot {lot}")));
        words.extend(goods.expiry.iter().map(|expiry| format!("exp {expiry}")));
        words.extend(goods.serials.iter().map(|serial| format!("serial {serial}")));
        words.extend(goods.handling_unit.iter().map(|unit| format!("on {unit}")));
    }
    let place = |place: &Place| match place {
        Place::Location(location) => location.to_string(),
        Place::HandlingUnit(unit) => unit.to_string(),
        Place::Supplier => "supplier".to_owned(),
        Place::Customer => "customer".to_owned(),
    };
    words.extend(draft.from.iter().map(|from| format!("from {}", place(from))));
    words.extend(draft.to.iter().map(|to| format!("to {}", place(to))));
    words.extend(
        draft
            .work
            .as_ref()
            .and_then(|work| work.line)
            .map(|line| format!("line {line}")),
    );
    if let Some(report) = &draft.exception {
        words.push(report.code.word().to_owned());
        words.extend(report.quantity.map(|quantity| quantity.to_string()));
        words.extend(report.reason.clone());
    }
    words.join(" ")
}

fn item(id: &str, name: &str, unit: &str, codes: &[(&str, &str, i64)], tracking: &str) -> Item {
    let code = |&(code, unit, pack_micro): &(&str, &str, i64)| ItemCode {
        code: label(code),
        unit: unit.to_owned(),
        pack: Quantity::from_micro(pack_micro),
    };
    Item {
        id: ItemId::from(id),
        name: name.to_owned(),
        unit: unit.to_owned(),
        codes: codes.iter().map(code).collect(),
        tracking: Tracking {
            lot: tracking.contains("lot"),
            serial: tracking.contains("serial"),
            expiry: tracking.contains("expiry"),
        },
        owner: (id == "oil").then(|| OwnerId::from("shell")),
    }
}

/// The articles of the tables.
fn items() -> Vec<Item> {
    let bolt = [
        ("BOLT", "each", 1_000_000),
        ("CASE", "case", 12_000_000),
        ("BAG-OF-BOLTS", "bag", 5_000_000),
    ];
    vec![
        item("bolt", "Hex bolt M8", "each", &bolt, ""),
        item("nut", "Hex nut M8", "each", &[("NUT", "each", 1_000_000)], ""),
        item(
            "milk",
            "Milk 1 l",
            "each",
            &[("MILK", "each", 1_000_000)],
            "lot expiry",
        ),
        item(
            "drill",
            "Drill",
            "each",
            &[("DRILL", "each", 1_000_000)],
            "serial",
        ),
        item("oil", "Oil", "kg", &[("OIL", "can", 2_500_000)], ""),
    ]
}

/// A task that anyone may do, one scan for each piece.
pub(crate) fn task(id: &str, kind: TaskKind, lines: Vec<Line>) -> Task {
    Task {
        id: TaskId::from(id),
        site: SiteId::from("north"),
        kind,
        revision: 1,
        state: TaskState::Open,
        reference: format!("DOC-{id}"),
        priority: 0,
        assigned_to: None,
        quantity_entry: QuantityEntry::EachScan,
        lines,
    }
}

/// The same task, with numbers entered.
pub(crate) fn entering(task: Task) -> Task {
    Task {
        quantity_entry: QuantityEntry::ScanThenEnter,
        ..task
    }
}

/// A line: `bolt 3 @A-01-01 lot L1 from 2027-01-01`; the parts after the item in any order.
pub(crate) fn line(number: u32, text: &str) -> Line {
    let mut line = Line {
        number: LineNumber(number),
        item: None,
        expected: None,
        location: None,
        lot: None,
        expiry_min: None,
        owner: None,
    };
    let mut words = text.split(' ');
    while let Some(word) = words.next() {
        if let Some(place) = word.strip_prefix('@') {
            line.location = Some(LocationId::from(place));
        } else if word == "lot" {
            line.lot = words.next().map(str::to_owned);
        } else if word == "from" {
            line.expiry_min = words.next().map(|day| day.parse().unwrap());
        } else if let Some(quantity) = Quantity::parse(word) {
            line.expected = Some(quantity);
        } else {
            line.item = Some(ItemId::from(word));
        }
    }
    line
}

/// Lines numbered from 1.
pub(crate) fn lines(texts: &[&str]) -> Vec<Line> {
    (1..)
        .zip(texts)
        .map(|(number, text)| line(number, text))
        .collect()
}
