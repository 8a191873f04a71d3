//! What a screen costs: a whole view painted at 480x800, and one field of it brought up to date.
//!
//! The yardstick is filling as many pixels with one colour, once, in the same run: what any painter has to do at least.
//! Yardstick and paintings take turns, so that what else the machine does falls on all of them; of each the fastest
//! counts. Times are published, never asserted; the bench fails where a ratio is above its limit.
//!
//! ```text
//! cargo bench -p tallyman-agent --bench screen
//! ```

use std::hint::black_box;
use std::time::{Duration, Instant};

use tallyman_agent::screen::samples::{Sample, picture, samples};
use tallyman_agent::screen::{Painter, Panel, Picture, Sheet, Theme};

/// How long all of it takes.
const MEASURED: Duration = Duration::from_secs(3);
/// A whole view may cost so many fills.
const WHOLE_MAX: f64 = 60.0;
/// A view with more text than any panel can show may cost so many fills.
const OVERFULL_MAX: f64 = 200.0;
/// A changed field may cost so many fills.
const FIELD_MAX: f64 = 25.0;

const PANEL: Panel = Panel::new(480, 800, Theme::Light);

fn named(name: &str) -> Sample {
    let mut all = samples().into_iter();
    all.find(|sample| sample.name == name).expect("a sample")
}

/// The fastest of some runs.
#[derive(Debug, Clone, Copy)]
struct Fastest(f64);

impl Fastest {
    fn time<T>(&mut self, work: impl FnOnce() -> T) -> T {
        let start = Instant::now();
        let done = black_box(work());
        self.0 = self.0.min(start.elapsed().as_secs_f64() * 1e6);
        done
    }
}

fn main() {
    let mut painter = Painter::default();
    let whole = [
        "pick_item",
        "wrong_item",
        "short_reason",
        "task_list",
        "long_texts",
    ]
    .map(named);
    let mut whole: Vec<_> = whole
        .into_iter()
        .map(|sample| (sample, Fastest(f64::MAX)))
        .collect();
    // A view with room for a picture, and one that is full without.
    let pictured = named("german");
    let mut with_picture = Painter::default();
    with_picture.show_picture(Some(picture()));
    let (mut fill, mut cold, mut field, mut clock, mut bare, mut shown) = (
        Fastest(f64::MAX),
        Fastest(f64::MAX),
        Fastest(f64::MAX),
        Fastest(f64::MAX),
        Fastest(f64::MAX),
        Fastest(f64::MAX),
    );

    let asking = named("quantity_question");
    let mut painting = painter.paint(&asking.view, &asking.status, &PANEL);
    let (mut view, mut status) = (asking.view.clone(), asking.status.clone());
    let mut sent = (0, 0);
    let start = Instant::now();
    for round in 0_u64.. {
        if start.elapsed() >= MEASURED {
            break;
        }
        // A colour whose parts differ: one that has them equal is filled as bytes, which no picture is.
        let ground = PANEL.theme.colours().calm.ground;
        fill.time(|| Picture::new(PANEL.width, PANEL.height, ground));
        for (sample, fastest) in &mut whole {
            fastest.time(|| painter.paint(&sample.view, &sample.status, &PANEL));
        }
        bare.time(|| painter.paint(&pictured.view, &pictured.status, &PANEL));
        shown.time(|| with_picture.paint(&pictured.view, &pictured.status, &PANEL));
        // Painters are made new a hundred times less often: it is what the first screen after the start costs.
        if round % 100 == 0 {
            cold.time(|| Painter::default().paint(&asking.view, &asking.status, &PANEL));
        }
        if let Some(question) = &mut view.question {
            question.typed = Some((10 + round % 90).to_string());
        }
        let changed = field.time(|| painter.repaint(&mut painting, &view, Sheet::Plain, &status, &PANEL));
        sent.0 = changed
            .iter()
            .map(|area| area.size.width * area.size.height)
            .sum();
        status.clock = format!("14:{:02}", round % 60);
        let changed = clock.time(|| painter.repaint(&mut painting, &view, Sheet::Plain, &status, &PANEL));
        sent.1 = changed
            .iter()
            .map(|area| area.size.width * area.size.height)
            .sum();
    }

    let pixels = PANEL.width * PANEL.height;
    println!("yardstick: filling {pixels} pixels once takes {:.0} us", fill.0);
    let mut is_over = false;
    let mut row = |what: &str, time: Fastest, max: f64| {
        let ratio = time.0 / fill.0;
        println!("{what:<44} {:>7.0} us {ratio:>6.2} fills, limit {max}", time.0);
        is_over |= ratio > max;
    };
    for (sample, fastest) in &whole {
        let max = if sample.name == "long_texts" {
            OVERFULL_MAX
        } else {
            WHOLE_MAX
        };
        row(&format!("a whole view, {}", sample.name), *fastest, max);
    }
    row("a whole view, whose picture is not here", bare, WHOLE_MAX);
    row("the same with its picture", shown, WHOLE_MAX);
    row("a whole view, with nothing kept", cold, f64::INFINITY);
    row(
        &format!("a typed digit, {} pixels sent", sent.0),
        field,
        FIELD_MAX,
    );
    row(&format!("the clock, {} pixels sent", sent.1), clock, FIELD_MAX);
    if is_over {
        eprintln!("a screen costs more than its limit");
        std::process::exit(1);
    }
}
