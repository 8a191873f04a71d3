//! One view per situation, for tests and for the pictures in the guides.

use std::sync::Arc;

use tallyman_floor::event::Key;
use tallyman_floor::{Big, KeyHint, Language, Message, PictureId, QuestionView, Tone, View, ViewLine};

use tallyman_platform::image::Image;

use super::item_picture::ItemPicture;
use super::status::{Battery, Link, ScannerState, Shift, StatusBar, StoreState};

/// A screen in a situation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sample {
    /// What to call it; fit for a file name.
    pub name: &'static str,
    /// What it shows.
    pub view: View,
    /// The status bar over it.
    pub status: StatusBar,
}

/// Every situation.
pub fn samples() -> Vec<Sample> {
    let calm = online();
    let offline = StatusBar {
        link: Link::Offline,
        waiting: 37,
        oldest_waiting_minutes: Some(12),
        ..online()
    };
    let full = StatusBar {
        store: StoreState::Full,
        waiting: 1204,
        ..offline.clone()
    };
    let unenrolled = StatusBar {
        link: Link::Unenrolled,
        worker: String::new(),
        ..online()
    };
    let lost = StatusBar {
        scanner: ScannerState::Lost,
        ..online()
    };
    let sample = |name, view, status: &StatusBar| Sample {
        name,
        view,
        status: status.clone(),
    };
    vec![
        sample(
            "log_in",
            log_in(),
            &StatusBar {
                worker: String::new(),
                ..online()
            },
        ),
        sample("task_list", task_list(), &calm),
        sample("pick_location", pick_location(), &calm),
        sample("pick_item", pick_item(), &calm),
        sample(
            "accepted",
            accepted(),
            &StatusBar {
                waiting: 1,
                ..online()
            },
        ),
        sample("wrong_item", wrong_item(), &calm),
        sample("wrong_location", wrong_location(), &calm),
        sample("quantity_question", quantity_question(), &calm),
        sample("lot_question", lot_question(), &calm),
        sample("short_reason", short_reason(), &calm),
        sample("receive", receive(), &calm),
        sample("over_receipt", over_receipt(), &calm),
        sample("count", count(), &calm),
        sample("empty_place", empty_place(), &calm),
        sample("two_in_view", two_in_view(), &calm),
        sample("undone", undone(), &calm),
        sample("task_done", task_done(), &calm),
        sample("offline", pick_item(), &offline),
        sample("scanner_lost", scanner_lost(), &lost),
        sample("storage_full", storage_full(), &full),
        sample("not_enrolled", not_enrolled(), &unenrolled),
        sample("long_texts", long_texts(), &offline),
        sample("german", german(), &offline),
        sample("other_scripts", other_scripts(), &calm),
    ]
}

fn online() -> StatusBar {
    StatusBar {
        link: Link::Online,
        worker: "Maria K.".to_owned(),
        scanner: ScannerState::Ready,
        clock: "14:05".to_owned(),
        battery: Some(Battery {
            percent: 62,
            minutes_left: Some(250),
            charging: false,
        }),
        shift: Some(Shift {
            lines: 87,
            of: None,
            lines_per_hour: Some(112),
        }),
        ..StatusBar::default()
    }
}

/// Status bars of all kinds, in a language: the usual first.
pub fn bars(language: Language) -> Vec<StatusBar> {
    let usual = StatusBar { language, ..online() };
    let offline = StatusBar {
        link: Link::Offline,
        waiting: 37,
        oldest_waiting_minutes: Some(12),
        shift: Some(Shift {
            lines: 287,
            of: Some(320),
            lines_per_hour: Some(112),
        }),
        ..usual.clone()
    };
    let low = StatusBar {
        waiting: 3,
        battery: Some(Battery {
            percent: 9,
            minutes_left: Some(25),
            charging: false,
        }),
        ..usual.clone()
    };
    let bare = StatusBar {
        battery: None,
        shift: None,
        clock: String::new(),
        scanner: ScannerState::Lost,
        ..offline.clone()
    };
    let charging = StatusBar {
        battery: Some(Battery {
            percent: 100,
            minutes_left: None,
            charging: true,
        }),
        link: Link::Revoked,
        ..usual.clone()
    };
    let refused = StatusBar {
        link: Link::Refused,
        ..offline.clone()
    };
    let full = StatusBar {
        store: StoreState::Full,
        waiting: 1204,
        ..offline.clone()
    };
    vec![usual, offline, low, bare, charging, refused, full]
}

fn log_in() -> View {
    View {
        title: "Good afternoon".to_owned(),
        instruction: "Scan your badge".to_owned(),
        keys: keys(&[(Key::Type, "Type badge")]),
        ..View::default()
    }
}

fn task_list() -> View {
    View {
        title: "Tasks".to_owned(),
        instruction: "Scan a document or choose".to_owned(),
        question: Some(QuestionView {
            prompt: "Which task?".to_owned(),
            typed: None,
            choices: keys(&[
                (Key::Digit(1), "Pick SO-1001, 12 lines"),
                (Key::Digit(2), "Pick SO-1002, 3 lines"),
                (Key::Digit(3), "Receive PO-5512"),
                (Key::Digit(4), "Count aisle A"),
            ]),
        }),
        keys: keys(&[(Key::Escape, "Log out"), (Key::Type, "Type code")]),
        ..View::default()
    }
}

fn pick(instruction: &str) -> View {
    View {
        title: "Pick SO-1001".to_owned(),
        done_of: Some((3, 12)),
        instruction: instruction.to_owned(),
        lines: lines(&[
            ("Item", "Hex bolt M8 x 40, zinc"),
            ("Take", "12 each"),
            ("Tote", "T-0417"),
        ]),
        next: Some("A-01-04, washer M8, 50 each".to_owned()),
        keys: keys(&[(Key::Short, "Short"), (Key::Undo, "Undo"), (Key::Type, "Type")]),
        ..View::default()
    }
}

fn pick_location() -> View {
    View {
        big: big("A-01-02", "aisle A, bay 01, level 02"),
        ..pick("Go to")
    }
}

fn pick_item() -> View {
    View {
        big: big("12", "of 12 each to pick"),
        lines: lines(&[
            ("Item", "Hex bolt M8 x 40, zinc"),
            ("Number", "100-4711"),
            ("Place", "A-01-02"),
        ]),
        ..pick("Scan the item")
    }
}

fn accepted() -> View {
    View {
        big: big("9", "of 12 each to pick"),
        message: message(Tone::Good, &["3 of 12 picked."]),
        ..pick_item()
    }
}

fn wrong_item() -> View {
    View {
        message: message(
            Tone::Bad,
            &[
                "This is 100-4712, hex bolt M10.",
                "Wanted is 100-4711, hex bolt M8.",
                "Put it back and scan again.",
            ],
        ),
        ..pick_item()
    }
}

fn wrong_location() -> View {
    View {
        message: message(
            Tone::Bad,
            &[
                "This is A-01-03.",
                "Wanted is A-01-02.",
                "Go one bay to the left and scan its label.",
            ],
        ),
        ..pick_location()
    }
}

fn quantity_question() -> View {
    View {
        big: None,
        lines: lines(&[
            ("Item", "Hex bolt M8 x 40, zinc"),
            ("Open", "12 each"),
            ("Place", "A-01-02"),
        ]),
        question: Some(QuestionView {
            prompt: "How many did you take?".to_owned(),
            typed: Some("12".to_owned()),
            choices: Vec::new(),
        }),
        keys: keys(&[
            (Key::Enter, "Confirm"),
            (Key::Backspace, "Delete"),
            (Key::Escape, "Cancel"),
        ]),
        ..pick("How many did you take?")
    }
}

fn lot_question() -> View {
    View {
        title: "Receive PO-5512".to_owned(),
        done_of: Some((1, 4)),
        instruction: "Scan the lot, or type it".to_owned(),
        lines: lines(&[("Item", "Paracetamol 500 mg, 20 tablets"), ("Number", "220-0815")]),
        question: Some(QuestionView {
            prompt: "Which lot is it?".to_owned(),
            typed: Some(String::new()),
            choices: Vec::new(),
        }),
        keys: keys(&[(Key::Enter, "Confirm"), (Key::Escape, "Cancel")]),
        ..View::default()
    }
}

fn short_reason() -> View {
    View {
        big: None,
        lines: lines(&[("Item", "Hex bolt M8 x 40, zinc"), ("Missing", "3 of 12 each")]),
        question: Some(QuestionView {
            prompt: "Why are 3 missing?".to_owned(),
            typed: None,
            choices: keys(&[
                (Key::Digit(1), "Place is empty"),
                (Key::Digit(2), "Goods are damaged"),
                (Key::Digit(3), "Cannot reach it"),
                (Key::Digit(4), "Wrong goods here"),
                (Key::Digit(5), "Other"),
            ]),
        }),
        keys: keys(&[(Key::Escape, "Cancel")]),
        ..pick("")
    }
}

fn receive() -> View {
    View {
        title: "Receive PO-5512".to_owned(),
        done_of: Some((1, 4)),
        instruction: "Scan goods at the dock".to_owned(),
        big: big("48", "of 240 boxes received"),
        lines: lines(&[
            ("Item", "Paracetamol 500 mg, 20 tablets"),
            ("Lot", "LX-20417"),
            ("Expiry", "2028-03-31"),
        ]),
        message: message(Tone::Good, &["1 case of 48 boxes received."]),
        keys: keys(&[(Key::Done, "Done"), (Key::Undo, "Undo"), (Key::Type, "Type")]),
        ..View::default()
    }
}

fn over_receipt() -> View {
    View {
        big: big("+12", "more than ordered"),
        message: None,
        question: Some(QuestionView {
            prompt: "252 boxes, 240 were ordered. Is that right?".to_owned(),
            typed: None,
            choices: Vec::new(),
        }),
        keys: keys(&[(Key::Enter, "Yes, all here"), (Key::Escape, "No")]),
        instruction: String::new(),
        ..receive()
    }
}

fn count() -> View {
    View {
        title: "Count aisle A".to_owned(),
        done_of: Some((17, 40)),
        instruction: "Scan what is here".to_owned(),
        big: big("A-02-05", "3 items counted so far"),
        lines: lines(&[("Last", "Washer M8"), ("Counted", "150 each")]),
        message: message(Tone::Good, &["Washer M8: 150 counted."]),
        next: Some("A-02-06".to_owned()),
        keys: keys(&[
            (Key::Done, "Place done"),
            (Key::Undo, "Undo"),
            (Key::Type, "Type"),
        ]),
        ..View::default()
    }
}

fn empty_place() -> View {
    View {
        instruction: String::new(),
        big: big("A-02-05", "nothing counted here"),
        lines: Vec::new(),
        message: None,
        question: Some(QuestionView {
            prompt: "Is this place empty?".to_owned(),
            typed: None,
            choices: Vec::new(),
        }),
        keys: keys(&[(Key::Enter, "Yes, empty"), (Key::Escape, "No")]),
        ..count()
    }
}

fn two_in_view() -> View {
    View {
        message: message(
            Tone::Ask,
            &[
                "Two items were in view: 100-4711 and 100-4712.",
                "Nothing was counted.",
                "Aim at one label and scan again.",
            ],
        ),
        ..pick_item()
    }
}

fn undone() -> View {
    View {
        message: message(Tone::Calm, &["Taken back: 3 hex bolts M8."]),
        ..pick_item()
    }
}

fn task_done() -> View {
    View {
        title: "Pick SO-1001".to_owned(),
        done_of: Some((12, 12)),
        instruction: "Bring the tote to".to_owned(),
        big: big("PACK-3", "packing table 3"),
        message: message(Tone::Good, &["All 12 lines are picked."]),
        keys: keys(&[(Key::Enter, "Next task"), (Key::Undo, "Undo")]),
        ..View::default()
    }
}

fn scanner_lost() -> View {
    View {
        message: message(
            Tone::Bad,
            &[
                "The scanner does not answer.",
                "It is looked for every few seconds.",
                "Check its plug, or type the code.",
            ],
        ),
        ..pick_item()
    }
}

fn storage_full() -> View {
    View {
        title: "Pick SO-1001".to_owned(),
        done_of: Some((3, 12)),
        instruction: "Stop scanning".to_owned(),
        message: message(
            Tone::Bad,
            &[
                "The last scan was not counted: storage is full.",
                "What was counted before is safe.",
                "Bring this device to your supervisor.",
            ],
        ),
        keys: keys(&[(Key::Enter, "Try again")]),
        ..View::default()
    }
}

fn not_enrolled() -> View {
    View {
        title: "Welcome".to_owned(),
        instruction: "Scan the enrolment code".to_owned(),
        lines: lines(&[
            ("Where", "Your administrator prints it on the hub's page Devices."),
            ("Device", "handheld-07"),
            ("Version", "0.1.0"),
        ]),
        keys: keys(&[(Key::Type, "Type code")]),
        ..View::default()
    }
}

fn long_texts() -> View {
    let endless = "Sechskantschraube mit Flansch und Feingewinde, verzinkt, Güteklasse 10.9, ".repeat(6);
    View {
        title: "Pick SO-2026-11-23-000000417-REPLENISHMENT-NORTH".to_owned(),
        done_of: Some((1_234, 98_765)),
        instruction:
            "Go to the place in the mezzanine above packing, take the stairs beside gate 14, not the lift"
                .to_owned(),
        big: big("HALL-7-MEZZ-A-001-002-003", &endless),
        code: None,
        lines: vec![
            ViewLine {
                label: "A label that is far too long for its column".to_owned(),
                text: endless.clone()
            };
            14
        ],
        picture: Some(picture_id()),
        message: message(Tone::Bad, &[&endless, &endless, &endless]),
        question: None,
        next: Some(endless.clone()),
        keys: keys(&[
            (Key::Done, "This place is finished completely"),
            (Key::Short, "Weniger als erwartet vorhanden"),
            (Key::Undo, "Rückgängig"),
            (Key::Type, "Eingabe"),
            (Key::Escape, "Unterbrechen"),
        ]),
    }
}

fn german() -> View {
    View {
        title: "Kommissionierung SO-1001".to_owned(),
        done_of: Some((3, 12)),
        instruction: "Artikel scannen".to_owned(),
        big: big("12", "von 12 Stück zu entnehmen"),
        code: None,
        lines: lines(&[
            ("Artikel", "Sechskantschraube M8 × 40, weiß verzinkt"),
            ("Nummer", "100-4711"),
            ("Ladungsträger", "Behälter T-0417"),
        ]),
        picture: Some(picture_id()),
        message: message(
            Tone::Bad,
            &[
                "Das ist 100-4712, Schraube M10.",
                "Gesucht ist 100-4711, Schraube M8.",
                "Zurücklegen und erneut scannen.",
            ],
        ),
        question: None,
        next: Some("A-01-04, Unterlegscheibe M8, 50 Stück".to_owned()),
        keys: keys(&[
            (Key::Short, "Fehlmenge"),
            (Key::Undo, "Zurücknehmen"),
            (Key::Type, "Eingeben"),
        ]),
    }
}

fn other_scripts() -> View {
    View {
        title: "Zażółć gęślą jaźń".to_owned(),
        done_of: Some((3, 12)),
        instruction: "Ürünü okutun, ığdır İĞŞ".to_owned(),
        big: big("Ω-Ж7", "Σκανάρετε το προϊόν"),
        lines: lines(&[
            ("Русский", "Отсканируйте товар"),
            ("Українська", "Відскануйте їхній ґудзик"),
            ("No glyph", "漢螔 and \u{1d} are boxes"),
        ]),
        keys: keys(&[(Key::Enter, "Tamam"), (Key::Escape, "Отмена")]),
        ..View::default()
    }
}

/// What a bolt looks like: a head, a thread, and a shadow below it.
fn picture_png() -> Vec<u8> {
    let pixel = |x: i32, y: i32| -> [u8; 3] {
        let is_head = (30..70).contains(&x) && (50..130).contains(&y);
        let is_shank = (70..210).contains(&x) && (72..108).contains(&y);
        let shade = |dark: i32, y: i32| {
            let level = u8::try_from((dark + 120 - (y - 90).abs() * 2).clamp(0, 255)).unwrap_or(u8::MAX);
            [level, level, level.saturating_add(8)]
        };
        match (is_head, is_shank) {
            (true, _) => shade(60, y),
            (_, true) if (x + y / 3) % 8 < 3 => shade(10, y),
            (_, true) => shade(90, y),
            _ if (140..146).contains(&y) && (34..206).contains(&x) => [226, 226, 226],
            _ => [255, 255, 255],
        }
    };
    let rgb = (0..180)
        .flat_map(|y| (0..240).flat_map(move |x| pixel(x, y)))
        .collect();
    let image = Image::of_rgb(240, 180, rgb);
    image.map(|image| image.to_png()).unwrap_or_default()
}

/// The picture that samples show, ready to be painted.
///
/// # Panics
/// Where it cannot be read, which a test would show.
pub fn picture() -> Arc<ItemPicture> {
    let png = picture_png();
    let read = ItemPicture::read(tallyman_floor::wire::picture::id_of(&png), &png);
    Arc::new(read.expect("a picture that was drawn here"))
}

/// What it is called.
pub(super) fn picture_id() -> PictureId {
    tallyman_floor::wire::picture::id_of(&picture_png())
}

fn big(text: &str, caption: &str) -> Option<Big> {
    Some(Big::new(text, caption))
}

fn lines(lines: &[(&str, &str)]) -> Vec<ViewLine> {
    lines
        .iter()
        .map(|(label, text)| ViewLine {
            label: (*label).to_owned(),
            text: (*text).to_owned(),
        })
        .collect()
}

fn message(tone: Tone, sentences: &[&str]) -> Option<Message> {
    Some(Message {
        tone,
        sentences: sentences.iter().map(|&sentence| sentence.to_owned()).collect(),
    })
}

fn keys(hints: &[(Key, &str)]) -> Vec<KeyHint> {
    hints
        .iter()
        .map(|(key, label)| KeyHint {
            key: *key,
            label: (*label).to_owned(),
        })
        .collect()
}
