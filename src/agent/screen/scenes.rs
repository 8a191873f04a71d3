//! Every screen that the rules of the work make, in every language: sessions are played step by step, and what they
//! show is kept. So the checks see the screens that workers see, and none that somebody has only thought of.
//!
//! A scene is one line of a table in `scenes/table.rs`: its name, the task, and what the worker does.

mod checks;
mod goods;
mod table;
mod tasks;

use jiff::Timestamp;
use jiff::civil::date;
use tallyman_codes::epc::Identity;
use tallyman_codes::{Element, EpcBytes, Rules, Scan, SiteCodeKind, SiteRule, SiteRules, check_digit};
use tallyman_floor::event::{Effect, Event, HubTime, Key, Now, Scanning};
use tallyman_floor::rfid::{Class, Direction};
use tallyman_floor::{
    Act, Catalogue, Claim, Doubt, HandlingUnitId, Hold, Holder, Holds, Inquiry, InquiryAnswer, ItemId,
    Language, Lease, LineNumber, Location, LocationId, MapCatalogue, PassReference, Passed, Quantity, Radio,
    Session, SiteId, StockRow, SweepFigures, Swept, SweptTag, TaskId, Times, View, Worker, WorkerId,
};

use super::samples::{Sample, bars};

/// Every scene in a language.
pub(super) fn scenes(language: Language) -> Vec<Sample> {
    let bars = bars(language);
    let scenes = table::SCENES.iter().enumerate();
    let sample = |(nth, scene): (usize, &table::Scene)| Sample {
        name: scene.name,
        view: Device::playing(language, scene),
        status: bars[nth % bars.len()].clone(),
    };
    scenes.map(sample).collect()
}

/// A device with a session and a cached world.
struct Device {
    session: Session,
    catalogue: MapCatalogue,
    view: View,
    minutes: i64,
    facts: u64,
    asked: Option<Inquiry>,
}

/// The labels that tables use, and the GTINs that stand for them.
fn label(word: &str) -> String {
    let body = match word {
        "BOLT" => "0400638133393",
        "CASE" => "1400638133393",
        "NUT" => "0401234567890",
        "MILK" => "0400041702500",
        "DRILL" => "0503030303030",
        "CHEESE" => "0400041702600",
        "GHOST" => "0999999999999",
        other => return other.to_owned(),
    };
    let check = check_digit::of(body.as_bytes()).map(char::from);
    body.chars().chain(check).collect()
}

fn at(minutes: i64) -> Timestamp {
    Timestamp::from_second(1_795_000_000 + minutes * 60).expect("a time of this century")
}

impl Device {
    fn playing(language: Language, scene: &table::Scene) -> View {
        let mut device = Self::new(language, scene);
        device.step(Event::Refresh);
        for action in scene
            .actions
            .split(';')
            .map(str::trim)
            .filter(|action| !action.is_empty())
        {
            device.act(action);
        }
        device.view
    }

    fn new(language: Language, scene: &table::Scene) -> Self {
        let mut catalogue = MapCatalogue::new(SiteId::from("MAIN"));
        catalogue.put_language(language);
        let rule = |pattern: &str, kind| SiteRule {
            pattern: pattern.to_owned(),
            kind,
        };
        let site = SiteRules::new(vec![
            rule("[A-Z]-[0-9]{2}-[0-9]{2}", SiteCodeKind::Location),
            rule("DOCK-[0-9]", SiteCodeKind::Location),
            rule("PACK-[0-9]", SiteCodeKind::Location),
            rule("T-[0-9]+", SiteCodeKind::HandlingUnit),
            rule("BADGE-<[0-9]+>", SiteCodeKind::Badge),
        ]);
        catalogue.put_rules(Rules {
            site: site.expect("rules that do not overlap"),
            ..Rules::new(date(2026, 11, 23))
        });
        for item in goods::items(language) {
            catalogue.put_item(item);
        }
        for task in tasks::tasks(scene.tasks, language) {
            catalogue.put_task(task);
        }
        let mut device = Self {
            session: Session::new(),
            catalogue,
            view: View::default(),
            minutes: 0,
            facts: 0,
            asked: None,
        };
        device.furnish(language, scene.tasks);
        device
    }

    /// People, places, numbers, and what other devices and the office have said.
    fn furnish(&mut self, language: Language, tasks: &str) {
        let worker = |id: &str, has_pin| Worker {
            id: WorkerId::from(id),
            name: goods::person(language).to_owned(),
            language: None,
            has_pin,
        };
        self.catalogue.put_worker(worker("7", true), Some("4719"));
        self.catalogue.put_worker(worker("8", false), None);
        self.catalogue
            .put_handling_unit(HandlingUnitId::from("095212345678912347"));
        self.catalogue.put_location(Location {
            id: LocationId::from("A-01-02"),
            check_digits: Some("47".to_owned()),
            zone: None,
        });
        let lease = |fence| Lease {
            fence,
            until: at(4),
            renewed_ms: 15 * 60_000,
        };
        if tasks.contains("held") {
            let holder = Holder {
                name: "handheld-12 (Maria)".to_owned(),
                heard: at(-14),
                lease: lease(4),
            };
            let claim = Claim {
                holder: Some(holder),
                ..Claim::default()
            };
            self.catalogue.put_claim(TaskId::from("pick"), claim);
        }
        if tasks.contains("doubt") {
            let doubt = Doubt {
                name: "handheld-12".to_owned(),
                lines: vec![LineNumber(1)],
            };
            let claim = Claim {
                own: Some(lease(7)),
                doubts: vec![doubt],
                ..Claim::default()
            };
            self.catalogue.put_claim(TaskId::from("pick"), claim);
        }
        let milk_is_held = tasks.contains("recall").then(|| Hold {
            item: ItemId::from("milk"),
            lot: None,
            reason: "2026-14".to_owned(),
        });
        self.catalogue.put_holds(Holds {
            version: 1,
            heard: Some(at(if tasks.contains("stale") { -190 } else { 0 })),
            entries: milk_is_held.into_iter().collect(),
        });
    }

    /// `scan A + B`, `keys 12 enter`, `choose ENTRY` of the menu, `type LABEL`, `told`, `wait MINUTES`, `swept SURE MAYBE [done]`,
    /// `heard PERCENT`, `passing SURE MAYBE [done]` through a portal, `passed in` or `out`.
    fn act(&mut self, action: &str) {
        let (verb, rest) = action.split_once(' ').unwrap_or((action, ""));
        match verb {
            "scan" => {
                let scans = rest.split(" + ").map(|text| self.scanning(text)).collect();
                self.step(Event::Scans(scans));
            }
            "keys" => rest
                .split(' ')
                .flat_map(keys_of)
                .for_each(|key| self.step(Event::Key(key))),
            "told" => self.tell(rest),
            "swept" => self.sweep(rest),
            "passing" => self.sweep(rest),
            "passed" => self.step(Event::Passed(Passed {
                pass: PassReference {
                    portal: "door-3".to_owned(),
                    number: 17,
                },
                way: Direction::of_word(rest),
                is_whole: true,
            })),
            "heard" => {
                self.catalogue.put_signal(rest.parse().ok());
                self.step(Event::Refresh);
            }
            "urgent" => {
                let urgent = tasks::tasks("urgent", self.catalogue.language());
                urgent.into_iter().for_each(|task| self.catalogue.put_task(task));
            }
            "wait" => self.minutes += rest.parse::<i64>().expect("minutes"),
            other => panic!("no such verb: {other}"),
        }
    }

    fn scanning(&self, text: &str) -> Scanning {
        let rules = self.catalogue.rules();
        let scan = if text.starts_with('(') {
            let mut expanded = text.to_owned();
            for word in ["BOLT", "MILK", "DRILL"] {
                expanded = expanded.replace(word, &label(word));
            }
            tallyman_codes::understand_bracketed(&expanded, rules)
        } else {
            Scan::of(&label(text), rules)
        };
        Scanning {
            scanner: "scanner-1".to_owned(),
            raw: label(text),
            symbology: None,
            scan,
            rfid: false,
        }
    }

    /// So many tags of drills were heard in the place in hand, or at the portal, the first of them sure.
    fn sweep(&mut self, told: &str) {
        let mut told = told.split(' ');
        let mut count = || {
            told.next()
                .and_then(|count| count.parse::<u32>().ok())
                .expect("a count")
        };
        let (sure, maybe) = (count(), count());
        let tag = |serial: u32| {
            let element = |ai: &str, value: String| Element {
                ai: ai.to_owned(),
                value,
            };
            let elements = [element("01", label("DRILL")), element("21", serial.to_string())];
            let epc = Identity::from_elements(&elements, 7).expect("a piece");
            let epc = epc.encode("sgtin-96", 0).expect("a tag");
            SweptTag {
                epc: EpcBytes::new(epc.bytes()).expect("96 bits"),
                epc_bits: None,
                pc: None,
                class: if serial <= sure { Class::Sure } else { Class::Maybe },
            }
        };
        let figures = SweepFigures {
            sure,
            maybe,
            stray: 3,
            kept: sure + maybe,
            is_done: told.next().is_some(),
        };
        let (task, location) = match self.session.radio(&self.catalogue) {
            Radio::Sweep(wish) => (wish.task, wish.location),
            Radio::Portal(wish) => (wish.task, wish.dock),
            other => panic!("nothing is read: {other:?}"),
        };
        let swept = Swept {
            figures,
            tags: (1..=sure + maybe).map(tag).collect(),
        };
        self.catalogue.put_sweep(task, location, swept);
        self.step(Event::Refresh);
    }

    /// The hub's answer to what was asked: rows, none, or nothing at all.
    fn tell(&mut self, what: &str) {
        let row = |item: &str, place: &str, quantity: Option<i64>| StockRow {
            item: ItemId::from(item),
            place: place.to_owned(),
            lot: Some("LX-20417".to_owned()),
            quantity: quantity.and_then(Quantity::whole),
            handling_unit: None,
            location: Some(place.to_owned()),
            serial: None,
        };
        let in_tote = |row: StockRow| StockRow {
            place: "T-417".to_owned(),
            handling_unit: Some("T-417".to_owned()),
            ..row
        };
        let rows = match what {
            "rows" => Some(vec![
                row("bolt", "A-01-02", Some(1_240)),
                row("bolt", "R-04-01", Some(4_800)),
                row("bolt", "B-02-03", None),
                in_tote(row("bolt", "PACK-3", Some(12))),
            ]),
            "missing" => {
                let missing = |serial: &str| StockRow {
                    serial: Some(serial.to_owned()),
                    ..row("drill", "A-02-05", Some(1))
                };
                Some(
                    ["700004711", "700004712", "12345678901234567890"]
                        .map(missing)
                        .to_vec(),
                )
            }
            "nothing" => Some(Vec::new()),
            _ => None,
        };
        let inquiry = self.asked.take().expect("something was asked");
        self.step(Event::Told(InquiryAnswer {
            inquiry,
            rows,
            is_being_counted: false,
        }));
    }

    fn step(&mut self, event: Event) {
        self.minutes += 1;
        self.catalogue.put_next_confirmation(1, self.facts + 1);
        let now = Now {
            times: Times {
                boot: "b".to_owned(),
                boottime_us: u64::try_from(self.minutes).expect("time goes on") * 60_000_000,
                wall: at(self.minutes),
            },
            today: date(2026, 11, 23),
            hub: Some(HubTime {
                now: at(0),
                heard: at(0),
            }),
            waited_us: 0,
        };
        for effect in self.session.step(event, &now, &self.catalogue).effects {
            match effect {
                Effect::Persist(draft) => self.commit(&draft),
                Effect::Show(view) => self.view = view,
                Effect::Inquire(inquiry) => self.asked = Some(inquiry),
                Effect::SaveSession | Effect::Sound(_) | Effect::Print(_) | Effect::Light(_) => {}
            }
        }
    }

    fn commit(&mut self, draft: &tallyman_floor::Draft) {
        self.facts += 1;
        self.catalogue.committed(draft);
        let Some(work) = draft.work.as_ref().filter(|_| draft.act != Act::TaskStarted) else {
            return;
        };
        let mut progress = (*self.catalogue.progress(&work.task)).clone();
        progress.apply(draft);
        self.catalogue.put_progress(work.task.clone(), progress);
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
        typed => typed
            .chars()
            .map(|character| match character.to_digit(10) {
                Some(digit) => Key::Digit(digit as u8),
                None => Key::Character(character),
            })
            .collect(),
    }
}
