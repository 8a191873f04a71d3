//! Every sample on every class of panels in both themes is held to what a worker needs: nothing is cut off or painted
//! over, every text can be read, every key can be pressed with a glove.

use std::collections::{BTreeSet, HashMap};
use std::fmt::Write as _;
use std::sync::LazyLock;

use embedded_graphics::pixelcolor::{Rgb888, RgbColor};
use embedded_graphics::prelude::*;
use embedded_graphics::primitives::Rectangle;
use proptest::prelude::*;
use tallyman_floor::View;

use super::samples::{Sample, samples};
use super::*;

const SIZES: [(u32, u32); 3] = [(240, 320), (480, 800), (800, 480)];

/// The samples that are made to have too much to say.
const OVERFULL: &str = "long_texts";

/// The sample that holds characters without a glyph.
const FOREIGN: &str = "other_scripts";

struct Shot {
    name: String,
    sample: Sample,
    panel: Panel,
    painting: Painting,
}

/// Everything, painted once for all tests.
static SHOTS: LazyLock<Vec<Shot>> = LazyLock::new(|| {
    let mut painter = Painter::default();
    let mut shots = Vec::new();
    for sample in samples() {
        for (width, height) in SIZES {
            for theme in [Theme::Light, Theme::Dark] {
                let panel = Panel::new(width, height, theme);
                let name = format!("{}_{width}x{height}_{theme:?}", sample.name).to_lowercase();
                let painting = painter.paint(&sample.view, &sample.status, &panel);
                shots.push(Shot {
                    name,
                    sample: sample.clone(),
                    panel,
                    painting,
                });
            }
        }
    }
    shots
});

fn holds(outer: Rectangle, inner: Rectangle) -> bool {
    outer.intersection(&inner) == inner
}

fn overlaps(areas: &[Rectangle]) -> Option<(Rectangle, Rectangle)> {
    let pairs = areas
        .iter()
        .enumerate()
        .flat_map(|(at, one)| areas[at + 1..].iter().map(move |other| (*one, *other)));
    let mut shared = pairs.filter(|(one, other)| !one.intersection(other).is_zero_sized());
    shared.next()
}

#[test]
fn pictures_are_written_where_people_can_look_at_them() {
    let Some(folder) = std::env::var_os("TALLYMAN_SCREENS").map(std::path::PathBuf::from) else {
        return;
    };
    std::fs::create_dir_all(&folder).expect("a folder for the pictures");
    for Shot { name, painting, .. } in SHOTS.iter() {
        std::fs::write(folder.join(name).with_extension("png"), painting.picture.to_png())
            .expect("a picture");
    }
}

#[test]
fn nothing_is_painted_outside_its_place_and_nothing_over_another() {
    for Shot {
        name,
        panel,
        painting,
        ..
    } in SHOTS.iter()
    {
        let whole = Rectangle::new(Point::zero(), Size::new(panel.width, panel.height));
        assert_eq!(painting.picture.size(), whole.size, "{name}");
        assert_eq!(painting.spilled, 0, "{name} paints pixels outside their place");
        let parts: HashMap<Slot, Rectangle> = painting.parts.iter().copied().collect();
        let areas: Vec<_> = parts.values().copied().collect();
        assert!(areas.iter().all(|area| holds(whole, *area)), "{name}: {parts:?}");
        assert_eq!(overlaps(&areas), None, "{name}: parts overlap: {parts:?}");
        let texts: Vec<_> = painting.placed.iter().map(|placed| placed.area).collect();
        assert_eq!(
            overlaps(&texts),
            None,
            "{name}: texts overlap: {:#?}",
            painting.placed
        );
        for placed in &painting.placed {
            assert!(
                holds(parts[&placed.slot], placed.area),
                "{name}: {placed:?} leaves {:?}",
                parts[&placed.slot]
            );
        }
    }
}

#[test]
fn what_a_worker_needs_is_there_on_every_panel() {
    for Shot {
        name,
        sample,
        panel,
        painting,
    } in SHOTS.iter()
    {
        let left_out = &painting.left_out;
        assert!(
            left_out.iter().all(|slot| !slot.is_essential()),
            "{name} leaves out {left_out:?}"
        );
        let crowded = sample.view.message.is_some() || sample.view.question.is_some();
        let may_leave_out = sample.name == OVERFULL || (panel.class() != PanelClass::Tall && crowded);
        // How the shift goes is told where there is room.
        let has_all = left_out.iter().all(|slot| *slot == Slot::Shift);
        assert!(has_all || may_leave_out, "{name} leaves out {left_out:?}");
        let cut: Vec<_> = painting
            .placed
            .iter()
            .filter(|placed| placed.lines.iter().any(|line| line.ends_with(text::ELLIPSIS)))
            .filter(|placed| placed.slot.is_essential() || panel.class() != PanelClass::Small)
            .filter(|placed| placed.slot != Slot::Lines)
            .collect();
        assert!(cut.is_empty() || sample.name == OVERFULL, "{name} cuts {cut:#?}");
    }
}

#[test]
fn every_sentence_of_an_answer_is_shown_in_order() {
    for Shot {
        name,
        sample,
        painting,
        ..
    } in SHOTS.iter()
    {
        let Some(message) = sample.view.message.as_ref().filter(|_| sample.name != OVERFULL) else {
            continue;
        };
        let shown = painting
            .placed
            .iter()
            .filter(|placed| placed.slot == Slot::Message);
        let shown: Vec<_> = shown.map(|placed| placed.lines.join(" ")).collect();
        assert_eq!(shown, message.sentences, "{name}");
    }
}

#[test]
fn every_text_has_a_contrast_of_seven_to_what_is_really_behind_it() {
    for Shot { name, painting, .. } in SHOTS.iter() {
        for placed in &painting.placed {
            let found = contrast(placed.pair.ink, placed.pair.ground);
            assert!(found >= 7.0, "{name}: {found:.1} for {placed:?}");
            let shows = |colour: Rgb888| {
                let points = placed.area.points().step_by(3);
                points
                    .filter(|at| painting.picture.pixel(*at) == Some(colour))
                    .count()
            };
            let total = placed.area.points().step_by(3).count();
            let (ground, ink) = (shows(placed.pair.ground), shows(placed.pair.ink));
            assert!(
                ground * 3 > total && ground > ink,
                "{name}: {ground} of {total} are ground behind {placed:?}"
            );
        }
    }
}

#[test]
fn every_key_has_a_field_that_a_glove_can_press() {
    for Shot {
        name,
        sample,
        panel,
        painting,
    } in SHOTS.iter()
    {
        let whole = Rectangle::new(Point::zero(), Size::new(panel.width, panel.height));
        let choices = sample.view.question.iter().flat_map(|question| &question.choices);
        let wanted: Vec<_> = choices
            .chain(&sample.view.keys)
            .map(|hint| Touch::Key(hint.key))
            .collect();
        let found: Vec<_> = painting.targets.iter().map(|target| target.touch).collect();
        let keys: Vec<_> = found
            .iter()
            .copied()
            .filter(|touch| matches!(touch, Touch::Key(_)))
            .collect();
        if found.contains(&Touch::Sheet(Sheet::Keys)) {
            assert!(wanted.starts_with(&keys), "{name}: {keys:?}");
        } else {
            assert_eq!(keys, wanted, "{name}");
        }
        for target in &painting.targets {
            let Size { width, height } = target.area.size;
            assert!(width.min(height) >= TARGET_MIN_PX, "{name}: {target:?}");
            assert!(holds(whole, target.area), "{name}: {target:?}");
            assert_eq!(
                painting.touch_at(target.area.center()),
                Some(target.touch),
                "{name}: {target:?}"
            );
        }
        let areas: Vec<_> = painting.targets.iter().map(|target| target.area).collect();
        assert_eq!(overlaps(&areas), None, "{name}");
        assert_eq!(
            painting.touch_at(Point::zero()),
            None,
            "{name}: the status bar is no key"
        );
    }
}

#[test]
fn every_character_has_a_glyph_or_a_box() {
    let mut fonts = Fonts::default();
    let mut missing = BTreeSet::new();
    for Shot {
        name,
        sample,
        painting,
        ..
    } in SHOTS.iter()
    {
        for placed in &painting.placed {
            for character in placed.lines.concat().chars() {
                let found = fonts.has(placed.face, character);
                assert!(
                    found || sample.name == FOREIGN,
                    "{name}: no glyph for {character:?} in {placed:?}"
                );
                if !found {
                    missing.insert(character);
                }
            }
        }
    }
    assert_eq!(
        missing,
        BTreeSet::from(['\u{1d}', '漢', '螔']),
        "these are shown as boxes"
    );
}

#[test]
fn a_character_without_a_glyph_leaves_ink() {
    let panel = Panel::new(480, 800, Theme::Light);
    let view = |text: &str| View {
        instruction: text.to_owned(),
        ..View::default()
    };
    let painted = |text| paint(&view(text), &StatusBar::default(), &panel);
    let empty = painted("\u{a0}");
    for text in ["漢", "\u{1d}", "\u{200b}", "🙂"] {
        assert!(painted(text).diff(&empty).is_some(), "{text:?} is dropped");
    }
}

#[test]
fn the_big_thing_can_be_read_from_two_metres() {
    for Shot {
        name,
        sample,
        panel,
        painting,
    } in SHOTS.iter()
    {
        let Some(big) = sample
            .view
            .big
            .as_ref()
            .filter(|big| big.text.chars().count() <= 7)
        else {
            continue;
        };
        let placed = painting
            .placed
            .iter()
            .find(|placed| placed.slot == Slot::Big)
            .expect("the big thing");
        assert_eq!(placed.lines, [big.text.as_str()], "{name}");
        // Normal sight reads letters of 5 minutes of arc (ISO 8596): capitals of 3 mm at 2 m. On 240x320 at 2.8 inch
        // these have a size of 24 pixels, on 480x800 at 4 inch of 38. A third or more is added for tired eyes.
        let least = if panel.class() == PanelClass::Small {
            32
        } else {
            70
        };
        assert!(placed.size >= least, "{name}: {} px", placed.size);
    }
}

#[test]
fn a_warm_painter_paints_what_a_new_one_paints() {
    for Shot {
        name,
        sample,
        panel,
        painting,
    } in SHOTS.iter().step_by(7)
    {
        let fresh = paint(&sample.view, &sample.status, panel);
        assert_eq!(fresh.diff(&painting.picture), None, "{name}");
    }
}

#[test]
fn larger_panels_of_a_class_are_the_same_screen_drawn_larger() {
    let mut painter = Painter::default();
    let sample = &samples()[2];
    for ((width, height), factor) in [((480, 800), 2), ((800, 480), 2), ((240, 320), 1)] {
        let mut sizes = |factor: u32| {
            let panel = Panel::new(width * factor, height * factor, Theme::Light);
            let painting = painter.paint(&sample.view, &sample.status, &panel);
            painting
                .placed
                .into_iter()
                .map(|placed| (placed.lines, placed.size))
                .collect::<Vec<_>>()
        };
        let (small, large) = (sizes(1), sizes(factor));
        for ((lines, size), (larger_lines, larger)) in small.iter().zip(&large) {
            assert_eq!(lines, larger_lines);
            assert!(
                larger.abs_diff(size * factor as u16) <= size / 6,
                "{lines:?}: {size} and {larger}"
            );
        }
    }
}

/// A painting as text: each text with its part, place, size and face.
fn outline(painting: &Painting) -> String {
    let mut text = String::new();
    for placed in &painting.placed {
        let Rectangle {
            top_left: Point { x, y },
            size: Size { width, height },
        } = placed.area;
        let (slot, face, size) = (
            format!("{:?}", placed.slot),
            format!("{:?}", placed.face),
            placed.size,
        );
        let lines = placed.lines.join(" / ");
        writeln!(
            text,
            "{slot:<12}{x:>4},{y:<4}{width:>4}x{height:<4}{face:>8} {size:<4}{lines}"
        )
        .expect("memory");
    }
    for target in &painting.targets {
        let Rectangle {
            top_left: Point { x, y },
            size: Size { width, height },
        } = target.area;
        writeln!(
            text,
            "{:<12}{x:>4},{y:<4}{width:>4}x{height:<4}{:?}",
            "field", target.touch
        )
        .expect("memory");
    }
    if !painting.left_out.is_empty() {
        writeln!(text, "left out: {:?}", painting.left_out).expect("memory");
    }
    text
}

#[test]
fn the_main_screens_are_as_they_were_looked_at() {
    let main = [
        "pick_location",
        "wrong_item",
        "quantity_question",
        "short_reason",
        "storage_full",
    ];
    for shot in SHOTS.iter() {
        if main.contains(&shot.sample.name) && shot.panel.theme == Theme::Light {
            insta::assert_snapshot!(shot.name.clone(), outline(&shot.painting));
        }
    }
}

#[test]
fn a_picture_is_as_it_was_looked_at() {
    // Blocks of 10 by 20 pixels by how dark they are: shapes and fills, which the outline does not tell.
    let panel = Panel::new(480, 800, Theme::Light);
    let sample = samples()
        .into_iter()
        .find(|sample| sample.name == "wrong_item")
        .expect("a sample");
    let picture = paint(&sample.view, &sample.status, &panel);
    let dark = |colour: Rgb888| {
        255 - (u32::from(colour.r()) * 3 + u32::from(colour.g()) * 6 + u32::from(colour.b())) / 10
    };
    let mut text = String::new();
    for row in 0..40 {
        for column in 0..48 {
            let block = Rectangle::new(Point::new(column * 10, row * 20), Size::new(10, 20));
            let sum: u32 = block.points().filter_map(|at| picture.pixel(at)).map(dark).sum();
            text.push([' ', '.', ':', '+', '*', '#', '@'][(sum / 200 * 7 / 256) as usize]);
        }
        text.truncate(text.trim_end_matches(' ').len());
        text.push('\n');
    }
    insta::assert_snapshot!(text);
}

#[test]
fn a_painting_without_the_picture_it_wants_is_that_of_before() {
    let mut painter = Painter::default();
    let sample = samples()
        .into_iter()
        .find(|sample| sample.name == "german")
        .expect("a sample");
    let panel = Panel::new(480, 800, Theme::Light);
    let without = painter.paint(&sample.view, &sample.status, &panel);
    painter.show_picture(Some(super::samples::picture()));
    let with = painter.paint(&sample.view, &sample.status, &panel);
    let mut plain = sample.view.clone();
    plain.picture = None;
    let other = painter.paint(&plain, &sample.status, &panel);
    assert_eq!((without.item_pictures.len(), with.item_pictures.len()), (0, 1));
    assert_eq!(other, without, "a view that wants none shows none");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_panel_gets_a_picture_with_everything_inside(
        nth in 0usize..24, width in 1u32..1000, height in 1u32..1000,
    ) {
        let all = samples();
        let sample = &all[nth % all.len()];
        let painting = Painter::default().paint(&sample.view, &sample.status, &Panel::new(width, height, Theme::Dark));
        let whole = Rectangle::new(Point::zero(), Size::new(width, height));
        prop_assert_eq!(painting.picture.size(), whole.size);
        for target in &painting.targets {
            prop_assert!(holds(whole, target.area), "{:?}", target);
        }
        let areas: Vec<_> = painting.parts.iter().map(|(_, area)| *area).collect();
        prop_assert_eq!(overlaps(&areas), None);
    }
}
