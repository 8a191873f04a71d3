//! The language of the verdict tables: one row is one scan or key, and what the session answers.
//!
//! ```text
//! scan T-1              -> go tote T-1
//! scan BOLT             -> accept picked 1 bolt from A-01-01 to T-1 line 1
//! key short             -> ask why short 2
//! scan A-01-01 + BOLT   -> both in one trigger pull
//! type A-01-01          -> as if scanned, by the Type key
//! keys 12 enter         -> the answer to the last of several keys
//! sweep sure COAT 1 2   -> tags that a sweep of the place in hand heard, see [`tags`]
//! hand P1               -> the code of another device that hands P1 over, at line 1 in A-01-01 with T-1
//! ```
//!
//! Every row, whatever it expects, is also checked for what must always hold (see [`Floor::step`]).

pub(crate) mod tags;
mod told;

use jiff::Timestamp;
use jiff::civil::{Date, date};
use tallyman_codes::{Refusal, Rules, Scan, SiteCodeKind, SiteRule, SiteRules};

use crate::catalogue::{Catalogue, MapCatalogue};
use crate::confirmation::{Act, Draft, Times};
use crate::event::{Effect, Event, HubTime, Key, Now, Scanning, Step};
use crate::ids::{HandlingUnitId, ItemId, LineNumber, LocationId, OwnerId, SiteId, TaskId};
use crate::item::{Item, ItemCode, Tracking};
use crate::passed::Light;
use crate::progress::Progress;
use crate::quantity::Quantity;
use crate::session::Session;
use crate::session::hand_over::{HandOver, task_key};
use crate::task::{Line, QuantityEntry, Task, TaskKind, TaskState};
use crate::trace::tests::Traced;
use crate::trace::{Noted, Recording};
use crate::verdict::Verdict;
use crate::view::{Tone, View};
use crate::wire::v1::ConfirmationBody;

use told::told;

pub(crate) const TODAY: Date = date(2026, 11, 23);

/// A device with a session, a cached world, and a journal.
#[derive(Clone)]
pub(crate) struct Floor {
    pub session: Session,
    pub catalogue: MapCatalogue,
    pub journal: Vec<Draft>,
    pub view: View,
    /// What the lights of the portal show, where a pass has set them.
    pub light: Option<Light>,
    /// What the hub's clock says, where the device was told.
    pub hub: Option<HubTime>,
    /// What the worker waited for the answer to the step before.
    pub waited_us: u64,
    /// Every step, written down and played back.
    pub traced: Traced,
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
        "CHEESE" => "0400041702600",
        "CREAM" => "0400041702700",
        "COAT" => "0400638100001",
        "COATS" => "1400638100001",
        "SCARF" => "0400638100002",
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
            light: None,
            hub: None,
            waited_us: 0,
            traced: Traced::default(),
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
            "hand" => {
                let code = handed_over(rest);
                let scanning = self.scanning(&code);
                self.step(Event::Scans(vec![scanning]))
            }
            "sweep" => {
                let event = self.sweep(rest);
                self.step(event)
            }
            "portal" | "hear" | "pass" => {
                let event = match verb {
                    "portal" => self.portal(),
                    "hear" => self.hear(rest),
                    _ => self.passed(rest),
                };
                self.step(event)
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
            for word in [
                "BOLT", "CASE", "NUT", "MILK", "DRILL", "OIL", "GHOST", "CHEESE", "CREAM", "COATS", "COAT",
                "SCARF",
            ] {
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

    /// So many minutes pass.
    pub const fn pass(&mut self, minutes: i64) {
        self.minutes += minutes;
    }

    pub fn now(&self) -> Now {
        Now {
            times: Times {
                boot: "b".to_owned(),
                boottime_us: u64::try_from(self.minutes).unwrap() * 60_000_000,
                wall: Timestamp::from_second(1_795_000_000 + self.minutes * 60).unwrap(),
            },
            today: TODAY,
            hub: self.hub,
            waited_us: self.waited_us,
        }
    }

    /// One step as the agent takes it: on a clone, committed, and only then shown and sounded. Checks what must hold
    /// after every step.
    pub fn step(&mut self, event: Event) -> Step {
        self.minutes += 1;
        let next = u64::try_from(self.journal.len()).unwrap() + 1;
        self.catalogue.put_next_confirmation(1, next);
        let mut session = self.session.clone();
        let now = self.now();
        let recording = Recording::of(&self.catalogue);
        let step = session.step(event.clone(), &now, &recording);
        check_effects(&step);
        let noted = Noted {
            before: &self.session,
            event: &event,
            now: &now,
            after: &session,
            step: &step,
        };
        self.traced.check(recording.asked(), &self.catalogue, noted);
        for effect in &step.effects {
            match effect {
                Effect::Persist(draft) => self.commit(draft),
                Effect::Show(view) => self.view = view.clone(),
                Effect::Light(light) => self.light = Some(*light),
                Effect::SaveSession | Effect::Sound(_) | Effect::Print(_) | Effect::Inquire(_) => {}
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
        self.follow_catalogue(draft);
        self.catalogue.committed(draft);
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

    /// What a fact changes in the cached world at once: a code that was linked, a number that was used.
    fn follow_catalogue(&mut self, draft: &Draft) {
        let Some(goods) = &draft.goods else { return };
        if let Some(unit) = &goods.handling_unit {
            self.catalogue.use_handling_unit(unit);
        }
        match (draft.progress_act(), &goods.item) {
            ((Act::CodeLinked, true), Some(item)) => {
                let code = ItemCode {
                    code: goods.code.clone(),
                    unit: goods.unit.clone(),
                    pack: goods.pack,
                };
                self.catalogue.put_code(item, code);
            }
            ((Act::CodeLinked, false), Some(item)) => self.catalogue.remove_code(item, &goods.code),
            _ => {}
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
        let mut expected = self.session.clone();
        if expected.asks_for_pin() {
            expected.stage.typed.clear();
        }
        assert_eq!(Session::from_saved(&saved).unwrap(), expected, "{saved}");
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
    let mut rest = rest.peekable();
    let sounded = rest.next_if(|effect| matches!(effect, Effect::Sound(_)));
    assert!(
        rest.all(|effect| matches!(effect, Effect::Print(_) | Effect::Inquire(_) | Effect::Light(_))),
        "{:?}",
        step.effects
    );
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

fn handed_over(task: &str) -> String {
    let handed = HandOver {
        task: task_key(&TaskId::from(task)),
        line: Some(LineNumber(1)),
        place: Some("A-01-01".to_owned()),
        unit: Some("T-1".to_owned()),
    };
    handed.code()
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
        "exception" => vec![Key::Exception],
        "skip" => vec![Key::Skip],
        "menu" => vec![Key::Menu],
        "type" => vec![Key::Type],
        "back" => vec![Key::Backspace],
        typed => typed.chars().map(key_of_character).collect(),
    }
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
            weight: tracking.contains("weight"),
            tag: tracking.contains("tag"),
        },
        shelf_life_min_days: None,
        substitutes: Vec::new(),
        owner: (id == "oil").then(|| OwnerId::from("shell")),
        picture: None,
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
        item(
            "cheese",
            "Cheese",
            "each",
            &[("CHEESE", "each", 1_000_000)],
            "lot weight",
        ),
        item(
            "coat",
            "Coat",
            "each",
            &[("COAT", "each", 1_000_000), ("COATS", "box", 5_000_000)],
            "tag serial",
        ),
        item("scarf", "Scarf", "each", &[("SCARF", "each", 1_000_000)], "tag"),
        Item {
            shelf_life_min_days: Some(10),
            ..item(
                "cream",
                "Cream",
                "each",
                &[("CREAM", "each", 1_000_000)],
                "expiry",
            )
        },
    ]
}

/// A task that anyone may do, one scan for each piece.
pub(crate) fn task(id: &str, kind: TaskKind, lines: Vec<Line>) -> Task {
    // What goes by this list leaves a kind out that is not in it: files, words, the wire, the simulator.
    assert!(
        TaskKind::WORDS.contains(&kind.word()),
        "{kind:?} is in TaskKind::WORDS"
    );
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

/// A line: `bolt 3 @A-01-01 >B-01-01 #SSCC into T-1 lot L1 serial S1 from 2027-01-01`; every part may be left out, in any order.
pub(crate) fn line(number: u32, text: &str) -> Line {
    let mut line = Line::new(LineNumber(number));
    let mut words = text.split(' ');
    while let Some(word) = words.next() {
        if let Some(place) = word.strip_prefix('@') {
            line.location = Some(LocationId::from(place));
        } else if let Some(place) = word.strip_prefix('>') {
            line.to = Some(LocationId::from(place));
        } else if let Some(unit) = word.strip_prefix('#') {
            line.handling_unit = Some(HandlingUnitId::from(unit));
        } else if word == "into" {
            line.into = words.next().map(HandlingUnitId::from);
        } else if word == "lot" {
            line.lot = words.next().map(str::to_owned);
        } else if word == "serial" {
            line.serial = words.next().map(str::to_owned);
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
