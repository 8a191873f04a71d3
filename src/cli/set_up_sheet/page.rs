//! The page: one file without anything from elsewhere, for A4 and Letter, readable in black and white.

use maud::{DOCTYPE, Markup, PreEscaped, html};
use tallyman_codes::Bars;
use tallyman_drivers::programming::{Certainty, Code, Host, Sheet, Step};

/// The page's style. Colours, backgrounds and shadows carry nothing: printers leave them out.
const STYLE: &str = include_str!("page.css");

/// Height of the bars, in the unit of the picture's own box; the style gives the height on paper.
const BAR_HEIGHT: u32 = 10;

/// Widest code in modules that is printed with 0.508 mm (20 mil) a module, which the weakest scanner reads from
/// paper; what is wider has modules of half of that.
const WIDE_MODULES_MAX: u32 = 350;

/// What is scanned last: GTIN, lot, the separator GS and a serial number, in a GS1-128. It comes right only if the
/// identifiers are on, control characters pass, and the keyboard layout is the right one.
const PROOF: &str = "]C1010952123454321310PROOF\u{1D}21YES-1/2";

/// The sheet for one way of connecting.
pub(super) fn page(sheet: &Sheet, host: &Host) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { "Set-up sheet: " (sheet.title) ", " (host.name) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                (head(sheet, host))
                @for (place, step) in sheet.steps_for(host).enumerate() { (step_box(sheet, place + 1, step)) }
                (after(sheet, host))
            }
        }
    }
}

fn head(sheet: &Sheet, host: &Host) -> Markup {
    let others = || sheet.hosts.iter().filter(|other| other.word != host.word);
    let is_unsure = |step: &Step| step.code.is_some() && sheet.certainty(step) == Certainty::Unsure;
    let has_unsure = sheet.steps_for(host).any(is_unsure);
    let has_look_up = sheet.steps_for(host).any(|step| step.code.is_none());
    html! {
        header {
            h1 { "Set-up sheet: " (sheet.title) }
            p.host { "Connected by " strong { (host.name) } }
            p { "For " (sheet.devices) ". " (marked(&sheet.why)) }
        }
        section.before {
            h2 { "Before you begin" }
            ul {
                li { "Print this page at 100 %, black on white. Scan the steps from top to bottom, one at a time: fold the \
                      paper or cover the other codes." }
                li { "Have at hand: " (sheet.guide) "." }
                @if has_unsure {
                    li { strong { "UNSURE" } " means: we have not seen it work, and your model may have another code. Compare \
                         the text under the bars with the guide before you scan it: it may be the command that is wrong, or \
                         only the way we draw it." }
                }
                @if has_look_up {
                    li { strong { "NO CODE HERE" } " means: the bars are not known to us, so none are printed. Scan the \
                         code of the guide; write its page down for the next time." }
                }
                @if let Some(encoding) = &sheet.encoding {
                    li { "The bars are " (encoding.symbology.as_str()) ". Source: " (marked(&encoding.source)) " ("
                        (sureness(encoding.certainty)) ")." }
                }
                @for note in &sheet.notes { li { (marked(note)) } }
                @if others().next().is_some() {
                    li { "Connected otherwise? Print another sheet: "
                        @for (place, other) in others().enumerate() {
                            @if place > 0 { ", " }
                            code.whole { "--host " (other.word) } " (" (other.name) ")"
                        }
                        "."
                    }
                }
            }
        }
    }
}

fn step_box(sheet: &Sheet, number: usize, step: &Step) -> Markup {
    html! {
        section.step {
            h2 {
                span.tick aria-hidden="true" {} span.number { (number) } " " (step.title)
                @if step.only_if.is_some() { small { " only if needed" } }
            }
            @if let Some(condition) = &step.only_if { p.only { strong { "Only if " } (marked(condition)) "." } }
            p { (marked(&step.does)) }
            @match &step.code {
                Some(code) => { (doubt(sheet, step)) (figure(code)) }
                None => { (look_up(step)) }
            }
            dl {
                dt { "Why" } dd { (marked(&step.why)) }
                @if step.code.is_some() {
                    dt { "In the guide" } dd { (step.setting) "; chapter " (step.chapter) }
                }
                dt { "Source" } dd {
                    (marked(&step.source))
                    // A setting to look up is found or not; only a code has to be believed.
                    @if step.code.is_some() { " (" (sureness(step.certainty)) ")" }
                    @if let Some(file) = sheet.site_file.as_ref().filter(|_| step.from_site) { "; by " (file) }
                }
            }
        }
    }
}

/// The mark of a code that must be checked first, with what is doubtful about it.
fn doubt(sheet: &Sheet, step: &Step) -> Markup {
    if sheet.certainty(step) != Certainty::Unsure {
        return html! {};
    }
    let what = match step.certainty {
        Certainty::Unsure => "(command)",
        Certainty::Stated | Certainty::Seen => "(bars)",
    };
    html! { p.unsure { strong { "UNSURE: check against the guide of your model before scanning " } (what) } }
}

fn look_up(step: &Step) -> Markup {
    html! {
        div.lookup {
            p { strong { "NO CODE HERE: scan the one in the guide. " } @if step.certainty == Certainty::Unsure {
                "Its name is from memory and may be another in your model." } }
            p.setting { (step.setting) }
            p { "Chapter: " (step.chapter) span.page { "page" } }
        }
    }
}

fn figure(code: &Code) -> Markup {
    html! {
        figure { (bars(&code.bars)) figcaption { (visible(&code.command)) } }
    }
}

/// Bars with whole modules: the style makes each as wide as two pixels, or a whole number of a printer's dots.
fn bars(bars: &Bars) -> Markup {
    let across = bars.modules();
    html! {
        svg.narrow[across > WIDE_MODULES_MAX] viewBox=(format!("0 0 {across} {BAR_HEIGHT}")) style=(format!("--modules:{across}"))
            preserveAspectRatio="none" shape-rendering="crispEdges" role="img" aria-label="barcode" {
            path d=(bars.svg_path(BAR_HEIGHT)) {}
        }
    }
}

fn after(sheet: &Sheet, host: &Host) -> Markup {
    html! {
        section.step {
            h2 { span.tick aria-hidden="true" {} "Then" }
            p { (marked(&host.then)) }
            p { "In the agent's configuration:" }
            pre { "[[device]]\nname = \"scanner\"\n" (host.configuration.trim_end()) }
        }
        @if let Some(proof) = Bars::of_scan(PROOF) {
            section.step {
                h2 { span.tick aria-hidden="true" {} "Proof" }
                p { "Stop the agent, run this, and scan the code below. Write the device's own id or path if it differs." }
                pre { "tallyman record " (host.record) " --reads 1" }
                p { "The scanner must stay silent, and the answer must have exactly this: " code { (answer()) } }
                figure { (bars(&proof)) figcaption { "(01)09521234543213(10)PROOF(21)YES-1/2" } }
                dl {
                    dt { "Not so?" }
                    dd { "A beep: the good-read beep is on. Other symbology or none: identifiers are off. No \\u001d: the \
                        scanner drops control characters. Other characters: the keyboard layout differs." }
                }
            }
        }
        footer {
            p { "Made by tallyman " (env!("CARGO_PKG_VERSION")) " from drivers/" (sheet.driver) "/programming.toml"
                @if let Some(file) = &sheet.site_file { " and " (file) }
                ". Names of makers and products are those of their owners." }
        }
    }
}

/// What `tallyman record` shows of the proof code.
fn answer() -> String {
    let (symbology, text) = PROOF.split_at(3);
    let text = text.replace('\u{1D}', "\\u001d");
    format!("\"text\":\"{text}\" … \"symbology\":\"{symbology}\"")
}

const fn sureness(certainty: Certainty) -> &'static str {
    match certainty {
        Certainty::Unsure => "unsure",
        Certainty::Stated => "stated there, not tried by us",
        Certainty::Seen => "seen to work",
    }
}

/// Text with pieces in backticks as code.
fn marked(text: &str) -> Markup {
    html! {
        @for (place, piece) in text.split('`').enumerate() {
            @if place % 2 == 1 { code { (piece) } } @else { (piece) }
        }
    }
}

/// A command as text: control characters by their names' first letters are of no help, so they stand as `<0D>`.
fn visible(command: &str) -> String {
    command
        .chars()
        .map(|character| match character {
            control if control.is_ascii_control() => format!("<{:02X}>", u32::from(control)),
            printable => printable.to_string(),
        })
        .collect()
}
