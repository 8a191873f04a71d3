//! What lies on the bench beside a device: the labels that make sense now, and a hint what to do next.
//!
//! It is worked out from the device's own screen and the plans of the warehouse, as a person at the shelf would.

mod tagged;

use crate::demo::desk::{Role, Shown};
use crate::heard::Screen;
use crate::warehouse::{CountSheet, Order, Receipt, ReceiptLine, Warehouse};

/// Labels and hint.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Bench {
    /// What to do next.
    pub hint: String,
    /// The key that the hint means.
    pub next_key: Option<&'static str>,
    /// Whether it means the pallet that is to be driven through the door.
    pub next_drive: bool,
    /// The labels, by what they are.
    pub groups: Vec<Group>,
}

/// Labels of one kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Group {
    pub title: &'static str,
    pub labels: Vec<Label>,
}

/// A label to scan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Label {
    /// What the scanner sends.
    pub code: String,
    /// What stands on it in large letters.
    pub title: String,
    /// What stands below.
    pub note: String,
    /// Whether the hint means it.
    pub is_next: bool,
}

impl Label {
    fn new(code: impl Into<String>, title: impl Into<String>, note: impl Into<String>) -> Self {
        Self {
            code: code.into(),
            title: title.into(),
            note: note.into(),
            is_next: false,
        }
    }

    fn next_if(mut self, is_next: bool) -> Self {
        self.is_next = is_next;
        self
    }
}

/// The bench of a device as it stands.
pub(super) fn bench(role: Role, warehouse: &Warehouse, shown: &Shown) -> Bench {
    let screen = &shown.screen;
    if !shown.is_on {
        return Bench {
            hint: "The battery is out, and the screen is dark. Put it back: the device goes on exactly where it was."
                .to_owned(),
            ..Bench::default()
        };
    }
    let mut bench = Bench::default();
    let of_screen = |reference: &str| screen.title.ends_with(reference);
    let receipt = warehouse
        .receipts
        .iter()
        .find(|receipt| of_screen(&receipt.reference));
    let order = warehouse.orders.iter().find(|order| of_screen(&order.reference));
    let sheet = warehouse.counts.iter().find(|sheet| of_screen(&sheet.reference));
    let zone = warehouse
        .tagged
        .as_ref()
        .filter(|zone| of_screen(&zone.reference));
    if let Some(zone) = zone {
        tagged::sweeping(&mut bench, zone, shown);
    }
    let delivered = warehouse
        .tagged
        .as_ref()
        .filter(|zone| of_screen(&zone.delivery.reference));
    if let Some(zone) = delivered {
        tagged::driving_in(&mut bench, zone, screen);
    }
    match (receipt, order, sheet) {
        _ if zone.is_some() || delivered.is_some() => {}
        (Some(receipt), ..) => receiving(&mut bench, warehouse, receipt, screen),
        (_, Some(order), _) => picking(&mut bench, warehouse, order, screen),
        (_, _, Some(sheet)) => counting(&mut bench, warehouse, sheet, screen),
        _ => choosing(&mut bench, role, warehouse, shown),
    }
    if let Some(question) = screen.question.as_ref().filter(|_| has_task(screen)) {
        answering(&mut bench, question);
    }
    if !shown.scanner.is_plugged_in {
        bench.hint =
            "The scanner is unplugged: clicking labels does nothing now. Plug it in again.".to_owned();
    }
    bench
}

/// Whether a task is open: then the screen counts its lines.
fn has_task(screen: &Screen) -> bool {
    screen.done_of.is_some()
}

/// Before a task: badge and documents.
fn choosing(bench: &mut Bench, role: Role, warehouse: &Warehouse, shown: &Shown) {
    let (badge, name) = match role {
        Role::Picker => ("BADGE-BEN", "Ben"),
        Role::Dock => ("BADGE-ANNA", "Anna"),
        Role::Stocktaker => ("BADGE-CLEO", "Cleo"),
    };
    let is_in = shown.worker.is_some();
    let badge = Label::new(format!("]C0{badge}"), name, "badge");
    let document = |reference: &str, note: &str| Label::new(format!("]C0{reference}"), reference, note);
    let documents: Vec<Label> = match role {
        Role::Picker => warehouse
            .orders
            .iter()
            .map(|order| document(&order.reference, "order"))
            .collect(),
        Role::Dock => warehouse
            .receipts
            .iter()
            .map(|receipt| document(&receipt.reference, "purchase order"))
            .chain(
                warehouse
                    .tagged
                    .iter()
                    .map(|zone| document(&zone.delivery.reference, "delivery by portal")),
            )
            .collect(),
        Role::Stocktaker => warehouse
            .counts
            .iter()
            .map(|sheet| document(&sheet.reference, "count sheet"))
            .chain(
                warehouse
                    .tagged
                    .iter()
                    .map(|zone| document(&zone.reference, "count by RFID")),
            )
            .collect(),
    };
    let is_open = |label: &Label| {
        let choices = shown
            .screen
            .question
            .iter()
            .flat_map(|question| &question.choices);
        choices
            .into_iter()
            .any(|choice| choice.label.ends_with(&label.title))
    };
    let first = documents.iter().position(is_open);
    let documents = documents.into_iter().enumerate().map(|(place, label)| {
        let label = match is_open(&label) {
            true => label,
            false => Label {
                note: format!("{}, done", label.note),
                ..label
            },
        };
        label.next_if(is_in && first == Some(place))
    });
    bench.hint = match (is_in, first) {
        (false, _) if role == Role::Picker => {
            format!("Start here. Click {name}'s badge: it is scanned, and {name} is logged in.")
        }
        (false, _) => format!("Click {name}'s badge: it is scanned, and {name} is logged in."),
        (true, Some(_)) => "Now a document. Click the marked one: the device opens its task.".to_owned(),
        (true, None) => {
            "All of this device's tasks are done. Look at the hub: stock, tasks and exceptions have followed."
                .to_owned()
        }
    };
    bench.groups = vec![
        Group {
            title: "Badge",
            labels: vec![badge.next_if(!is_in)],
        },
        Group {
            title: "Documents",
            labels: documents.collect(),
        },
    ];
}

fn receiving(bench: &mut Bench, warehouse: &Warehouse, receipt: &Receipt, screen: &Screen) {
    let labels = receipt.lines.iter().map(|line| {
        let article = &warehouse.articles[line.article];
        let pack = article
            .case
            .as_ref()
            .map_or("one piece".to_owned(), |case| format!("case of {}", case.pieces));
        let code = article.pack_label(line.lot.as_deref(), line.expiry);
        let lot = line
            .lot
            .as_deref()
            .map(|lot| format!(", lot {lot}"))
            .unwrap_or_default();
        Label::new(code, article.name, format!("{pack}{lot}")).next_if(!is_complete(screen))
    });
    let goods: Vec<Label> = labels.collect();
    let is_listed = |place: usize| receipt.lines.iter().any(|line| line.article == place);
    let mut strays = strays(warehouse, is_listed);
    // A piece instead of its case: its EAN carries no lot, so the device asks for it.
    let tracked = receipt
        .lines
        .iter()
        .find(|line| warehouse.articles[line.article].lot);
    let single = tracked.or_else(|| receipt.lines.first());
    let bare = single.map(|line| &warehouse.articles[line.article]);
    strays.extend(bare.map(|article| Label::new(article.ean(), article.name, "single piece, bare EAN")));
    bench.groups = vec![
        Group {
            title: "On the pallet",
            labels: goods,
        },
        Group {
            title: "Try what should not be",
            labels: strays,
        },
        Group {
            title: "Printed on the single piece",
            labels: tracked.map(small_print).unwrap_or_default(),
        },
        cards(),
    ];
    if is_complete(screen) {
        bench.next_key = Some("done");
        bench.hint = "Everything has come. Press Done to close the receipt.".to_owned();
    } else {
        bench.hint = "Goods come off the lorry. Click any case on the pallet, once for each case. Too many? Try it. When \
                      the rest does not come, press Done."
            .to_owned();
    }
}

/// Lot and date as labels of their own: what answers the question that a bare EAN leads to.
fn small_print(line: &ReceiptLine) -> Vec<Label> {
    let lot = line
        .lot
        .iter()
        .map(|lot| Label::new(format!("]C110{lot}"), format!("Lot {lot}"), "lot"));
    let expiry = line.expiry.iter().map(|expiry| {
        let code = format!("]C117{}", expiry.strftime("%y%m%d"));
        Label::new(code, expiry.strftime("%d %b %Y").to_string(), "use by")
    });
    lot.chain(expiry).collect()
}

fn picking(bench: &mut Bench, warehouse: &Warehouse, order: &Order, screen: &Screen) {
    let has_tote = screen.lines.iter().any(|line| order.tote.ends_with(&line.text));
    let place = screen
        .big
        .as_ref()
        .map(|big| big.text.as_str())
        .unwrap_or_default();
    let wanted = order
        .lines
        .iter()
        .find(|line| warehouse.bins[line.bin].location == place);
    let in_hand = order
        .lines
        .iter()
        .find(|line| screen.names(warehouse.article_in(line.bin).number));
    let is_going = has_tote && wanted.is_some();
    let is_taking = has_tote && !is_going && !is_complete(screen);
    let places = order.lines.iter().map(|line| {
        let location = &warehouse.bins[line.bin].location;
        let is_next = is_going && location == place;
        Label::new(format!("]C0LOC-{location}"), location, "shelf").next_if(is_next)
    });
    let goods = order.lines.iter().map(|line| {
        let (bin, article) = (&warehouse.bins[line.bin], warehouse.article_in(line.bin));
        let code = article.piece_label(bin.lot.as_deref(), bin.expiry);
        let is_next = is_taking && in_hand.is_some_and(|wanted| wanted.bin == line.bin);
        Label::new(code, article.name, format!("lies in {}", bin.location)).next_if(is_next)
    });
    let is_listed = |place: usize| {
        order
            .lines
            .iter()
            .any(|line| warehouse.bins[line.bin].article == place)
    };
    bench.groups = vec![
        Group {
            title: "Tote",
            labels: vec![
                Label::new(format!("]C0{}", order.tote), &order.tote, "tote")
                    .next_if(!has_tote && !is_complete(screen)),
            ],
        },
        Group {
            title: "Shelves",
            labels: places.collect(),
        },
        Group {
            title: "Goods",
            labels: goods.collect(),
        },
        Group {
            title: "Try what should not be",
            labels: strays(warehouse, is_listed),
        },
        cards(),
    ];
    bench.hint = if is_complete(screen) {
        bench.next_key = Some("done");
        "The order is complete. Press Done.".to_owned()
    } else if !has_tote {
        "Take a tote for the goods: click it.".to_owned()
    } else if is_going {
        format!("The device sends Ben to {place}. He walks there and scans the shelf: click {place}.")
    } else {
        "Take the goods the screen shows, and scan each piece: click the marked label once for each."
            .to_owned()
    };
}

fn counting(bench: &mut Bench, warehouse: &Warehouse, sheet: &CountSheet, screen: &Screen) {
    let place = screen
        .big
        .as_ref()
        .map(|big| big.text.as_str())
        .unwrap_or_default();
    let next = sheet
        .places
        .iter()
        .find(|found| warehouse.bins[found.bin].location == place);
    let is_going = next.is_some();
    let places = sheet.places.iter().map(|found| {
        let location = &warehouse.bins[found.bin].location;
        let is_next = is_going && location == place;
        Label::new(format!("]C0LOC-{location}"), location, "shelf").next_if(is_next)
    });
    let goods = sheet.places.iter().map(|found| {
        let (bin, article) = (&warehouse.bins[found.bin], warehouse.article_in(found.bin));
        let code = article.piece_label(bin.lot.as_deref(), bin.expiry);
        let pieces = match found.pieces {
            0 => "none left".to_owned(),
            1 => "1 piece".to_owned(),
            pieces => format!("{pieces} pieces"),
        };
        Label::new(code, article.name, format!("{pieces} in {}", bin.location))
    });
    bench.groups = vec![
        Group {
            title: "Shelves",
            labels: places.collect(),
        },
        Group {
            title: "What lies there",
            labels: goods.collect(),
        },
        Group {
            title: "Try what should not be",
            labels: strays(warehouse, |_| false),
        },
        cards(),
    ];
    bench.hint = if is_complete(screen) {
        bench.next_key = Some("done");
        "Every shelf is counted. Press Done.".to_owned()
    } else if is_going {
        format!("Go to a shelf and scan it: click {place}.")
    } else {
        bench.next_key = Some("done");
        "Click each piece that lies on this shelf, then press Done. The device does not say how many the hub expects: a \
         count is blind."
            .to_owned()
    };
}

/// An open question goes before everything else.
fn answering(bench: &mut Bench, question: &crate::heard::Question) {
    for label in bench.groups.iter_mut().flat_map(|group| &mut group.labels) {
        label.is_next = false;
    }
    bench.next_key = None;
    bench.next_drive = false;
    bench.hint = match (&question.typed, question.choices.is_empty()) {
        (Some(_), _) => {
            "The device asks. Scan the label that says it, or type it and press Enter. Esc leaves the question."
        }
        (None, false) => "The device asks. Press one of the marked keys.",
        (None, true) => "The device asks. Enter is yes, Esc is no.",
    }
    .to_owned();
}

/// Goods that do not belong here, and labels that cannot be read.
fn strays(warehouse: &Warehouse, is_listed: impl Fn(usize) -> bool) -> Vec<Label> {
    let stray = warehouse
        .articles
        .iter()
        .enumerate()
        .find(|(place, _)| !is_listed(*place));
    let stray = stray.map(|(_, article)| {
        vec![
            Label::new(article.ean(), article.name, "something else"),
            Label::new(article.misread(), article.name, "misprinted label"),
        ]
    });
    stray.unwrap_or_default()
}

/// The commands that hang as a card at every cart.
fn cards() -> Group {
    let card = |word: &str, title: &str, note: &str| Label::new(format!("]C0CMD-{word}"), title, note);
    Group {
        title: "Command card",
        labels: vec![
            card("UNDO", "Undo", "takes the last step back"),
            card("DONE", "Done", "same as the key"),
        ],
    }
}

fn is_complete(screen: &Screen) -> bool {
    screen.done_of.is_some_and(|(done, of)| done >= of)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::heard::{Big, KeyLabel, Labelled, Question};
    use crate::plugged::ScannerState;
    use crate::warehouse::FIRST_LOOK;

    pub(super) fn shown(screen: Screen) -> Shown {
        Shown {
            screen,
            is_on: true,
            scanner: ScannerState {
                is_plugged_in: true,
                ..ScannerState::default()
            },
            is_online: true,
            worker: Some("BEN".to_owned()),
            ..Shown::default()
        }
    }

    /// Titles of the labels that the hint means.
    pub(super) fn next(bench: &Bench) -> Vec<&str> {
        let labels = bench.groups.iter().flat_map(|group| &group.labels);
        labels
            .filter(|label| label.is_next)
            .map(|label| label.title.as_str())
            .collect()
    }

    #[test]
    fn a_newcomer_is_led_from_the_badge_to_the_first_piece() {
        let warehouse = Warehouse::new(7, FIRST_LOOK);
        let order = &warehouse.orders[0];
        let list = Screen {
            question: Some(Question {
                prompt: "Which task?".to_owned(),
                typed: None,
                choices: vec![KeyLabel {
                    key: "1".to_owned(),
                    label: format!("Pick {}", order.reference),
                }],
            }),
            ..Screen::default()
        };
        let stranger = Shown {
            worker: None,
            ..shown(list.clone())
        };
        assert_eq!(next(&bench(Role::Picker, &warehouse, &stranger)), ["Ben"]);
        assert_eq!(
            next(&bench(Role::Picker, &warehouse, &shown(list))),
            [order.reference.as_str()]
        );

        let mut screen = Screen {
            title: format!("Pick {}", order.reference),
            done_of: Some((0, 3)),
            ..Screen::default()
        };
        assert_eq!(
            next(&bench(Role::Picker, &warehouse, &shown(screen.clone()))),
            [order.tote.as_str()]
        );

        let bin = &warehouse.bins[order.lines[0].bin];
        screen.lines.push(Labelled {
            label: "Into".to_owned(),
            text: order.tote.trim_start_matches("TOTE-").to_owned(),
        });
        screen.big = Some(Big {
            text: bin.location.clone(),
            caption: String::new(),
        });
        assert_eq!(
            next(&bench(Role::Picker, &warehouse, &shown(screen.clone()))),
            [bin.location.as_str()]
        );

        let article = warehouse.article_in(order.lines[0].bin);
        screen.big = None;
        screen.lines.push(Labelled {
            label: "Number".to_owned(),
            text: article.number.to_owned(),
        });
        assert_eq!(
            next(&bench(Role::Picker, &warehouse, &shown(screen.clone()))),
            [article.name]
        );

        screen.done_of = Some((3, 3));
        let bench = bench(Role::Picker, &warehouse, &shown(screen));
        assert_eq!((next(&bench).len(), bench.next_key), (0, Some("done")));
    }

    #[test]
    fn what_is_pulled_is_told_first() {
        let warehouse = Warehouse::new(7, FIRST_LOOK);
        let off = Shown {
            is_on: false,
            ..shown(Screen::default())
        };
        assert!(bench(Role::Dock, &warehouse, &off).hint.contains("battery"));
        let unplugged = Shown {
            scanner: ScannerState {
                is_plugged_in: false,
                ..ScannerState::default()
            },
            ..shown(Screen::default())
        };
        assert!(bench(Role::Dock, &warehouse, &unplugged).hint.contains("scanner"));
    }
}
