//! The pages: three devices side by side, or one alone.

use maud::{DOCTYPE, Markup, html};
use tallyman_codes::Bars;

use crate::demo::Stage;
use crate::demo::bench::{Bench, Group, Label, bench};
use crate::demo::desk::{Answered, Desk, Role, Shown};
use crate::heard::KeyLabel;
use crate::plugged::ScannerState;
use crate::rfid_config::LAMPS;

/// From so many labels on a group shows them small and scrolls: as a list, not as a wall.
const LABELS_LARGE_MAX: usize = 12;

/// Height of bars in modules; only the picture's proportions depend on it.
const BAR_HEIGHT: u32 = 24;

/// Keys that every device has, whatever they mean now. Names as the control socket takes them.
const KEYPAD: [(&str, &str); 14] = [
    ("1", "1"),
    ("2", "2"),
    ("3", "3"),
    ("4", "4"),
    ("5", "5"),
    ("6", "6"),
    ("7", "7"),
    ("8", "8"),
    ("9", "9"),
    ("0", "0"),
    (".", "."),
    ("backspace", "⌫"),
    ("escape", "Esc"),
    ("enter", "Enter"),
];

/// The page with these devices.
pub(super) fn page(stage: &Stage, desks: &[&Desk]) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { "Tallyman demo" }
                link rel="stylesheet" href="/demo.css";
                script src="/demo.js" defer {}
            }
            body {
                header {
                    div {
                        h1 { "Tallyman demo" }
                        p {
                            "Three devices of a small warehouse. " strong { "A click on a label is a pull of the trigger." }
                            " The good sound means: it is on disk, whatever is pulled next."
                        }
                    }
                    nav {
                        a href="/" { "Devices" }
                        a.hub href=(format!("http://{}/", stage.hub)) target="_blank" rel="noopener" {
                            "Open the hub: tasks, stock, exceptions"
                        }
                    }
                }
                main.alone[desks.len() == 1] {
                    @for desk in desks { (device(stage, desk)) }
                }
                p #trouble role="status" {}
            }
        }
    }
}

fn device(stage: &Stage, desk: &Desk) -> Markup {
    let name = desk.seat.name;
    let (title, about) = match desk.role {
        Role::Picker => ("Picker's handheld", "takes goods from the shelves"),
        Role::Dock => ("Dock reader", "takes goods in from lorries"),
        Role::Stocktaker => ("Stocktaker's handheld", "counts what is there"),
    };
    let (width, height) = desk.seat.screen;
    html! {
        section.device data-device=(name) data-role=(title) {
            h2 { a href=(format!("/device/{name}")) { (title) } " " small { (about) } }
            div.hint-place data-part="hint" { (hint(stage, desk)) }
            div.work {
                div.case data-part="case" data-wide[width > height] {
                    img.screen alt=(format!("The screen of the {title}")) width=(width) height=(height)
                        src=(format!("/device/{name}/screen.png?v={}", desk.shown().version));
                    div.dark { "battery out" }
                }
                div.keys data-part="keys" { (keys(stage, desk)) }
            }
            div data-part="door" { (door(stage, desk)) }
            div data-part="scanner" { (scanner(&desk.shown().scanner)) }
            div.bench data-part="bench" { (labels(stage, desk)) }
            form.typed data-act="scan" {
                label {
                    span { "Scan any text" }
                    input name="text" autocomplete="off" placeholder="]C0LOC-A-01-01" maxlength="200";
                }
                button { "Scan" }
            }
            div.log data-part="log" { (log(&desk.shown())) }
        }
    }
}

/// One part of a device, to be put in place of the one before.
pub(super) fn part(stage: &Stage, desk: &Desk, part: &str) -> Option<Markup> {
    Some(match part {
        "hint" => hint(stage, desk),
        "keys" => keys(stage, desk),
        "door" => door(stage, desk),
        "scanner" => scanner(&desk.shown().scanner),
        "bench" => labels(stage, desk),
        "log" => log(&desk.shown()),
        _ => return None,
    })
}

/// All parts that can change.
pub(super) const PARTS: [&str; 6] = ["hint", "keys", "door", "scanner", "bench", "log"];

fn bench_of(stage: &Stage, desk: &Desk) -> Bench {
    bench(desk.role, &stage.warehouse, &desk.shown())
}

fn hint(stage: &Stage, desk: &Desk) -> Markup {
    let shown = desk.shown();
    html! {
        p.hint { span.hand aria-hidden="true" { "☞" } (bench_of(stage, desk).hint) }
        p.outbox.cut[!shown.is_online] {
            @if !shown.is_online { strong { "Network cut. " } @if shown.is_on { "Work goes on. " } }
            @if !shown.outbox.is_empty() { "For the hub: " (shown.outbox) "." }
        }
    }
}

/// The keys that mean something now, the keypad, and what can be pulled.
fn keys(stage: &Stage, desk: &Desk) -> Markup {
    let shown = desk.shown();
    let next = bench_of(stage, desk).next_key;
    // Choosing from the list is done on the keypad; its choices stand on the screen.
    let asked = shown
        .screen
        .question
        .as_ref()
        .filter(|_| shown.screen.done_of.is_some());
    let answers = asked
        .map(|question| question.choices.as_slice())
        .unwrap_or_default();
    html! {
        @if shown.is_on {
            div.meant {
                @for answer in answers { (key(answer, true)) }
                @for hint in &shown.screen.keys { (key(hint, next == Some(hint.key.as_str()))) }
            }
            div.keypad {
                @for (name, label) in KEYPAD { button data-act="key" data-value=(name) { (label) } }
            }
        }
        div.pull {
            (pull("network", shown.is_online, "Cut the network", "Mend the network"))
            (pull("battery", shown.is_on, "Pull the battery", "Put the battery back"))
            (pull("scanner", shown.scanner.is_plugged_in, "Unplug the scanner", "Plug the scanner in"))
        }
    }
}

/// The door with a portal: its light stack, and the pallet that waits before it.
fn door(stage: &Stage, desk: &Desk) -> Markup {
    let Some(door) = desk.shown().door else {
        return html! {};
    };
    html! {
        div.door {
            div.stack aria-hidden="true" {
                @for light in LAMPS { span.lamp.on[light == door.light] data-lamp=(light.word()) {} }
            }
            button.next[bench_of(stage, desk).next_drive && !door.is_driven] data-act="drive" disabled[door.is_driven] {
                @if door.is_driven { "The pallet is on its way" } @else { "Drive the pallet in" }
            }
            p { strong { "Light at the door" } " " (door.says()) "." }
        }
    }
}

fn key(key: &KeyLabel, is_next: bool) -> Markup {
    let is_digit = key.key.len() == 1;
    html! {
        button.next[is_next] data-act="key" data-value=(key.key) {
            @if is_digit { b { (key.key) } " " }
            (key.label)
        }
    }
}

fn pull(act: &str, is_whole: bool, break_it: &str, mend_it: &str) -> Markup {
    html! {
        button.broken[!is_whole] data-act=(act) { @if is_whole { (break_it) } @else { (mend_it) } }
    }
}

/// The scanner itself: what it is, its light, and its last beep.
fn scanner(scanner: &ScannerState) -> Markup {
    let lights = scanner.lights;
    html! {
        p.scanner {
            span.lamp.green[lights.green].red[lights.red] aria-hidden="true" {}
            strong { (scanner.kind.title()) } ": " (how_it_is(scanner)) "."
        }
    }
}

fn how_it_is(scanner: &ScannerState) -> String {
    match (scanner.last_beep, scanner.holds) {
        _ if !scanner.is_plugged_in => "unplugged".to_owned(),
        _ if !scanner.is_set_up => "the program sets it up".to_owned(),
        (_, 1..) => "a code waits until the program has taken it".to_owned(),
        (None, _) => "ready".to_owned(),
        (Some(beep), _) => format!("last beep {beep}"),
    }
}

fn labels(stage: &Stage, desk: &Desk) -> Markup {
    html! {
        @for Group { title, labels } in bench_of(stage, desk).groups.iter().filter(|group| !group.labels.is_empty()) {
            h3 { (title) @if is_long(labels) { " (" (labels.len()) ")" } }
            div.labels.many[is_long(labels)] {
                @for label in next_first(labels) { (card(label, is_long(labels))) }
            }
        }
    }
}

const fn is_long(labels: &[Label]) -> bool {
    labels.len() > LABELS_LARGE_MAX
}

/// What the hint means is in sight, however long the list is.
fn next_first(labels: &[Label]) -> impl Iterator<Item = &Label> {
    let (next, others): (Vec<&Label>, Vec<&Label>) = match is_long(labels) {
        true => labels.iter().partition(|label| label.is_next),
        false => (labels.iter().collect(), Vec::new()),
    };
    next.into_iter().chain(others)
}

fn card(label: &Label, is_small: bool) -> Markup {
    html! {
        button.label.next[label.is_next] data-act="scan" data-value=(label.code) title=(label.code) {
            span.title { (label.title) }
            @if !is_small {
                @if let Some(bars) = Bars::of_scan(&label.code) { (drawn(&bars)) }
                span.note { (label.note) }
            }
        }
    }
}

fn drawn(bars: &Bars) -> Markup {
    let across = bars.modules();
    html! {
        svg.bars viewBox=(format!("0 0 {across} {BAR_HEIGHT}")) width=(across) height=(BAR_HEIGHT)
            preserveAspectRatio="none" shape-rendering="crispEdges" aria-hidden="true" {
            path d=(bars.svg_path(BAR_HEIGHT)) {}
        }
    }
}

fn log(shown: &Shown) -> Markup {
    html! {
        h3 { "Last answers" }
        ol {
            @for Answered { tone, sentences, facts } in &shown.answers {
                li class=(tone) {
                    (sentences.join(" "))
                    @if *facts > 0 { span.safe { " on disk" } }
                }
            }
        }
    }
}
