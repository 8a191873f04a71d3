//! Every scene in every language on panels of every class, held to what a worker needs: nothing outside or over another,
//! no missing glyph, nothing cut without a sign, contrast, and fields for gloves.
//!
//! Where things go does not depend on the theme. So English is painted in both, and the other languages in turns, light
//! and dark, unless `TALLYMAN_SCREENS_ALL` is set.

use std::fmt::Write as _;

use embedded_graphics::pixelcolor::Rgb888;
use embedded_graphics::prelude::*;
use embedded_graphics::primitives::Rectangle;
use tallyman_floor::event::Key;
use tallyman_floor::{Language, Tone};

use super::scenes;
use crate::screen::samples::{Sample, bars};
use crate::screen::text::ELLIPSIS;
use crate::screen::{
    Fonts, Painter, Painting, Panel, PanelClass, Sheet, Slot, TARGET_MIN_PX, Target, Theme, Touch, contrast,
};

/// Panels of every class, upright and lying.
const SIZES: [(u32, u32); 5] = [(240, 320), (320, 240), (480, 800), (800, 480), (720, 1280)];

fn check_language(language: Language) {
    let mut painter = Painter::default();
    let mut fonts = Fonts::default();
    let mut faults = Vec::new();
    let mut outlines = String::new();
    for (nth, sample) in scenes(language).iter().enumerate() {
        write!(outlines, "{:<24}", sample.name).expect("memory");
        for (place, (width, height)) in SIZES.into_iter().enumerate() {
            let all = language == Language::English || std::env::var_os("TALLYMAN_SCREENS_ALL").is_some();
            let themes = match (all, (nth + place) % 2) {
                (true, _) => vec![Theme::Light, Theme::Dark],
                (_, 0) => vec![Theme::Light],
                _ => vec![Theme::Dark],
            };
            for &theme in &themes {
                let panel = Panel::new(width, height, theme);
                let painting = painter.paint(&sample.view, &sample.status, &panel);
                keep_picture(language, sample, &panel, &painting);
                if theme == themes[0] {
                    write!(outlines, " {:08x}", outline(&painting)).expect("memory");
                }
                let mut found: Vec<String> = faults_of(sample, &panel, &painting, &mut fonts);
                // Sheets hold few words of a language.
                if language == Language::English || nth % 9 == 0 {
                    found.extend(sheet_faults(&mut painter, sample, &panel, &mut fonts));
                }
                for fault in found {
                    faults.push(format!(
                        "{} {width}x{height} {theme:?} {}: {fault}",
                        language.code(),
                        sample.name
                    ));
                }
            }
        }
        outlines.push('\n');
    }
    assert!(
        faults.is_empty(),
        "{} faults:\n{}",
        faults.len(),
        faults.join("\n")
    );
    insta::assert_snapshot!(format!("scenes_{}", language.code()), outlines);
}

/// What a text is written with, without its place.
fn written(painting: &Painting) -> Vec<String> {
    let of_text = |placed: &crate::screen::Placed| {
        format!(
            "{:?} {:?} {:?} {}",
            placed.slot, placed.lines, placed.face, placed.size
        )
    };
    let mut written: Vec<String> = painting.placed.iter().map(of_text).collect();
    written.sort();
    written
}

/// What a picture may not do to a screen that is complete without it.
fn picture_faults(with: &Painting, without: &Painting, panel: &Panel) -> Vec<String> {
    let mut faults = Vec::new();
    if written(with) != written(without) {
        faults.push("a text changes because of the picture".to_owned());
    }
    let fields = |painting: &Painting| -> Vec<_> {
        painting
            .targets
            .iter()
            .map(|target| (target.touch, target.area.size))
            .collect()
    };
    if fields(with) != fields(without) {
        faults.push("a field changes because of the picture".to_owned());
    }
    if with.item_pictures.len() > 1 {
        faults.push(format!("{} pictures", with.item_pictures.len()));
    }
    let whole = Rectangle::new(Point::zero(), Size::new(panel.width, panel.height));
    for area in &with.item_pictures {
        if area.intersection(&whole) != *area {
            faults.push(format!("the picture at {area:?} leaves the panel"));
        }
        let texts = with.placed.iter().map(|placed| placed.area);
        let taken = texts.chain(with.targets.iter().map(|target| target.area));
        faults.extend(
            taken
                .filter(|other| !other.intersection(area).is_zero_sized())
                .map(|other| format!("the picture at {area:?} lies on {other:?}")),
        );
    }
    faults
}

#[test]
fn a_picture_changes_no_text_and_no_field_and_stands_where_there_is_room() {
    let (mut bare, mut painter, mut fonts) = (Painter::default(), Painter::default(), Fonts::default());
    painter.show_picture(Some(crate::screen::samples::picture()));
    let (mut faults, mut told) = (Vec::new(), String::new());
    let mut shown = [0; SIZES.len()];
    // Where things go does not depend on the theme, so that dark is for those who look.
    let themes = match std::env::var_os("TALLYMAN_SCREENS") {
        Some(_) => &[Theme::Light, Theme::Dark][..],
        None => &[Theme::Light],
    };
    for language in [Language::English, Language::German] {
        for sample in scenes(language)
            .iter()
            .filter(|sample| sample.view.picture.is_some())
        {
            write!(told, "{} {:<24}", language.code(), sample.name).expect("memory");
            for (place, (width, height)) in SIZES.into_iter().enumerate() {
                for &theme in themes {
                    let panel = Panel::new(width, height, theme);
                    let without = bare.paint(&sample.view, &sample.status, &panel);
                    let with = painter.paint(&sample.view, &sample.status, &panel);
                    let mut found = faults_of(sample, &panel, &with, &mut fonts);
                    found.extend(picture_faults(&with, &without, &panel));
                    keep_picture_with(language, sample, &panel, &with);
                    faults.extend(found.into_iter().map(|fault| {
                        format!("{} {width}x{height} {}: {fault}", language.code(), sample.name)
                    }));
                    if theme == Theme::Light {
                        match with.item_pictures.first() {
                            Some(area) => {
                                shown[place] += 1;
                                let (at, size) = (area.top_left, area.size);
                                write!(told, " {}x{}+{}+{}", size.width, size.height, at.x, at.y)
                            }
                            None => write!(told, " -"),
                        }
                        .expect("memory");
                    }
                }
            }
            told.push('\n');
        }
    }
    assert!(
        faults.is_empty(),
        "{} faults:\n{}",
        faults.len(),
        faults.join("\n")
    );
    assert!(shown.iter().all(|count| *count > 0), "{shown:?}");
    insta::assert_snapshot!("pictures", told);
}

/// Writes a picture with the item's picture in it where people can look at it.
fn keep_picture_with(language: Language, sample: &Sample, panel: &Panel, painting: &Painting) {
    let Some(folder) = std::env::var_os("TALLYMAN_SCREENS").map(std::path::PathBuf::from) else {
        return;
    };
    let Panel { width, height, theme } = panel;
    let theme = format!("{theme:?}").to_lowercase();
    let name = format!(
        "pictured_{}_{width}x{height}_{theme}_{}.png",
        language.code(),
        sample.name
    );
    std::fs::create_dir_all(&folder).expect("a folder for the pictures");
    std::fs::write(folder.join(name), painting.picture.to_png()).expect("a picture");
}

/// What is where on a painting, as a number: each text with its place, size and face, and each field. Of every view, panel
/// and language one is kept, so that a change to any of them shows (`INSTA_UPDATE=always` keeps the new ones, once they
/// have been looked at).
fn outline(painting: &Painting) -> u32 {
    let mut text = String::new();
    for placed in &painting.placed {
        let Rectangle { top_left, size } = placed.area;
        let (lines, face) = (&placed.lines, placed.face);
        write!(text, "{lines:?}{top_left:?}{size:?}{face:?}{}", placed.size).expect("memory");
    }
    for target in &painting.targets {
        write!(text, "{:?}{:?}", target.touch, target.area).expect("memory");
    }
    for code in &painting.codes {
        write!(text, "{code:?}").expect("memory");
    }
    // FNV-1a of 32 bits.
    text.bytes().fold(0x811C_9DC5, |hash, byte| {
        (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    })
}

/// Writes the picture where people can look at it, if they said where.
fn keep_picture(language: Language, sample: &Sample, panel: &Panel, painting: &Painting) {
    let Some(folder) = std::env::var_os("TALLYMAN_SCREENS").map(std::path::PathBuf::from) else {
        return;
    };
    let Panel { width, height, theme } = panel;
    let theme = format!("{theme:?}").to_lowercase();
    let name = format!("{}_{width}x{height}_{theme}_{}.png", language.code(), sample.name);
    std::fs::create_dir_all(&folder).expect("a folder for the pictures");
    std::fs::write(folder.join(name), painting.picture.to_png()).expect("a picture");
}

fn faults_of(sample: &Sample, panel: &Panel, painting: &Painting, fonts: &mut Fonts) -> Vec<String> {
    let mut faults = Vec::new();
    places(panel, painting, &mut faults);
    texts(sample, panel, painting, fonts, &mut faults);
    fields(sample, panel, painting, &mut faults);
    codes(sample, panel, painting, &mut faults);
    faults
}

/// A code to scan is on the screen, its modules large enough, and no text stands in it.
fn codes(sample: &Sample, panel: &Panel, painting: &Painting, faults: &mut Vec<String>) {
    let least = match panel.class() {
        PanelClass::Small => 2,
        PanelClass::Tall | PanelClass::Wide => 4,
    };
    if painting.codes.len() != usize::from(sample.view.code.is_some()) {
        faults.push(format!("{} codes", painting.codes.len()));
    }
    for code in &painting.codes {
        if code.module_px < least {
            faults.push(format!("a code with modules of {} pixels", code.module_px));
        }
        let texts = painting.placed.iter().map(|placed| placed.area);
        let others = texts.chain(painting.targets.iter().map(|target| target.area));
        let over = others.filter(|area| !area.intersection(&code.area).is_zero_sized());
        faults.extend(over.map(|area| format!("a code under {area:?}")));
    }
}

/// The sheets over a view are fields for gloves, too, and everything can be typed and pressed on them.
fn sheet_faults(painter: &mut Painter, sample: &Sample, panel: &Panel, fonts: &mut Fonts) -> Vec<String> {
    let types = sample
        .view
        .question
        .iter()
        .any(|question| question.typed.is_some());
    let pages = (0..PAGES_MAX).map(|page| Sheet::Letters { page });
    let sheets: Vec<_> = match types {
        true => [Sheet::Keys, Sheet::Digits].into_iter().chain(pages).collect(),
        false => vec![Sheet::Keys],
    };
    let mut faults = Vec::new();
    let mut pressed = Vec::new();
    for sheet in sheets {
        let painting = painter.paint_sheet(&sample.view, sheet, &sample.status, panel);
        let mut found = Vec::new();
        places(panel, &painting, &mut found);
        legible(&painting, fonts, &mut found);
        touchable(panel, &painting, &mut found);
        if painting.left_out.contains(&Slot::Status) {
            found.push(format!("{:?} left out", painting.left_out));
        }
        faults.extend(found.into_iter().map(|fault| format!("{sheet:?}: {fault}")));
        pressed.extend(painting.targets.iter().map(|target| target.touch));
    }
    let mut wanted: Vec<_> = sample.view.keys.iter().map(|hint| hint.key).collect();
    if types {
        wanted.extend((0..10).map(Key::Digit));
        wanted.extend("ABCXYZ-/+*: ".chars().map(Key::Character));
        wanted.extend([Key::Point, Key::Backspace, Key::Enter, Key::Escape]);
    }
    let lacking = wanted
        .into_iter()
        .filter(|key| !pressed.contains(&Touch::Key(*key)));
    faults.extend(lacking.map(|key| format!("{key:?} is on no sheet")));
    faults
}

/// Pages of letters that are looked at: more than the smallest panel has.
const PAGES_MAX: u8 = 5;

fn places(panel: &Panel, painting: &Painting, faults: &mut Vec<String>) {
    let whole = Rectangle::new(Point::zero(), Size::new(panel.width, panel.height));
    let holds = |outer: Rectangle, inner: Rectangle| outer.intersection(&inner) == inner;
    if painting.spilled > 0 {
        faults.push(format!("{} pixels outside their place", painting.spilled));
    }
    let parts: Vec<_> = painting.parts.iter().map(|(_, area)| *area).collect();
    let texts: Vec<_> = painting.placed.iter().map(|placed| placed.area).collect();
    let targets: Vec<_> = painting.targets.iter().map(|target| target.area).collect();
    for (what, areas) in [("parts", &parts), ("texts", &texts), ("fields", &targets)] {
        if let Some(area) = areas.iter().find(|area| !holds(whole, **area)) {
            faults.push(format!("{what} outside the panel: {area:?}"));
        }
        let pairs = areas
            .iter()
            .enumerate()
            .flat_map(|(at, one)| areas[at + 1..].iter().map(move |other| (one, other)));
        let over = pairs.filter(|(one, other)| !one.intersection(other).is_zero_sized());
        faults.extend(over.map(|(one, other)| format!("{what} overlap: {one:?} {other:?}")));
    }
    for placed in &painting.placed {
        let own = painting.parts.iter().find(|(slot, _)| *slot == placed.slot);
        if !own.is_some_and(|(_, area)| holds(*area, placed.area)) {
            faults.push(format!("{:?} leaves its part", placed.lines));
        }
    }
}

fn texts(sample: &Sample, panel: &Panel, painting: &Painting, fonts: &mut Fonts, faults: &mut Vec<String>) {
    let is_small = panel.class() == PanelClass::Small;
    // With an answer and a question at once, what is told otherwise on the page has to give way.
    let is_crowded = sample.view.message.is_some() || sample.view.question.is_some();
    for slot in &painting.left_out {
        if gives_way(sample, panel, *slot) {
            continue;
        }
        if slot.is_essential() || (panel.class() == PanelClass::Tall && !is_crowded) {
            faults.push(format!("{slot:?} is left out"));
        }
    }
    for placed in &painting.placed {
        let text = placed.lines.concat();
        // The name of a device that holds a task stands last on a field, and may be long.
        let is_answer = is_small && placed.slot == Slot::Question && text.contains('·');
        let may_be_cut = placed.slot == Slot::Lines
            || (is_small && !placed.slot.is_essential())
            || is_answer
            || gives_way(sample, panel, placed.slot);
        if text.ends_with(ELLIPSIS) && !is_own(sample, &text) && !may_be_cut {
            faults.push(format!("{:?} is cut: {text:?}", placed.slot));
        }
    }
    legible(painting, fonts, faults);
    all_is_said(sample, panel, painting, faults);
}

/// Where a small panel holds more than six answers, a greeting gives way to them.
fn gives_way(sample: &Sample, panel: &Panel, slot: Slot) -> bool {
    let answers = sample
        .view
        .question
        .as_ref()
        .map_or(0, |question| question.choices.len());
    let tone = sample.view.message.as_ref().map(|message| message.tone);
    let is_calm = matches!(tone, Some(Tone::Good | Tone::Calm));
    panel.class() == PanelClass::Small && slot == Slot::Message && is_calm && answers > 6
}

/// Every character has a glyph, and stands out from what is really behind it.
fn legible(painting: &Painting, fonts: &mut Fonts, faults: &mut Vec<String>) {
    for placed in &painting.placed {
        let text = placed.lines.concat();
        if let Some(missing) = text.chars().find(|&character| !fonts.has(placed.face, character)) {
            faults.push(format!("no glyph for {missing:?} in {text:?}"));
        }
        let found = contrast(placed.pair.ink, placed.pair.ground);
        if found < 7.0 {
            faults.push(format!("contrast {found:.1} of {text:?}"));
        }
        if !stands_on(painting, placed.area, placed.pair.ground) {
            faults.push(format!("something else than its ground is behind {text:?}"));
        }
    }
}

/// Whether an ellipsis is part of what was to be said.
fn is_own(sample: &Sample, text: &str) -> bool {
    let end = text.trim_end_matches(ELLIPSIS).trim_end();
    let said = [&sample.view.instruction, &sample.view.title];
    said.iter()
        .any(|said| said.ends_with(ELLIPSIS) && said.trim_end_matches(ELLIPSIS).trim_end().ends_with(end))
}

/// Whether the corners and edges of an area show the ground that its text was meant to stand on.
fn stands_on(painting: &Painting, area: Rectangle, ground: Rgb888) -> bool {
    let side = |length: u32| if length > 40 { 4 } else { 1 };
    let Size { width, height } = area.size;
    let rows = (0..height as i32).step_by(side(height));
    let places = rows.flat_map(|y| {
        (0..width as i32)
            .step_by(side(width))
            .map(move |x| Point::new(x, y))
    });
    let (mut on_ground, mut all) = (0, 0);
    for at in places {
        all += 1;
        on_ground += usize::from(painting.picture.pixel(area.top_left + at) == Some(ground));
    }
    on_ground * 10 > all * 2
}

/// Question, instruction, big thing and every sentence of an answer are shown whole.
fn all_is_said(sample: &Sample, panel: &Panel, painting: &Painting, faults: &mut Vec<String>) {
    let squeezed = |text: &str| text.split_whitespace().collect::<String>();
    let shown = |slot: Slot| {
        let texts = painting.placed.iter().filter(|placed| placed.slot == slot);
        squeezed(&texts.map(|placed| placed.lines.concat()).collect::<String>())
    };
    let view = &sample.view;
    let asks = view.question.is_some();
    let message = view.message.iter().flat_map(|message| &message.sentences);
    let prompts = view.question.iter().map(|question| &question.prompt);
    let said = message.map(|text| (Slot::Message, text));
    let said = said.chain(prompts.map(|text| (Slot::Question, text)));
    // A low panel shows an open question alone.
    let is_low = panel.class() != PanelClass::Tall && asks;
    let is_code = view.lines.is_empty() && view.question.iter().any(|question| question.choices.len() == 1);
    let big = view.big.iter().filter(|_| !is_low || is_code);
    let said = said.chain(big.map(|big| (Slot::Big, &big.text)));
    for (slot, text) in said {
        if gives_way(sample, panel, slot) {
            continue;
        }
        if !shown(slot).contains(&squeezed(text)) {
            faults.push(format!("{slot:?} lacks {text:?}"));
        }
    }
}

fn fields(sample: &Sample, panel: &Panel, painting: &Painting, faults: &mut Vec<String>) {
    let choices = sample.view.question.iter().flat_map(|question| &question.choices);
    for hint in choices.chain(&sample.view.keys) {
        let has_more = painting
            .targets
            .iter()
            .any(|target| target.touch == Touch::Sheet(Sheet::Keys));
        let is_key = |target: &Target| target.touch == Touch::Key(hint.key);
        if !painting.targets.iter().any(is_key) && !has_more {
            faults.push(format!("{:?} has no field", hint.key));
        }
    }
    touchable(panel, painting, faults);
}

/// Every field can be pressed with a glove, and is found under the finger.
fn touchable(panel: &Panel, painting: &Painting, faults: &mut Vec<String>) {
    let whole = Rectangle::new(Point::zero(), Size::new(panel.width, panel.height));
    for target in &painting.targets {
        let Size { width, height } = target.area.size;
        if width.min(height) < TARGET_MIN_PX {
            faults.push(format!("{:?} is {width}x{height}", target.touch));
        }
        if painting.touch_at(target.area.center()) != Some(target.touch)
            || !whole.contains(target.area.center())
        {
            faults.push(format!("{:?} is not found where it is", target.touch));
        }
    }
}

/// The pictures of the guide: what it is called there, the scene, the sheet over it, and the panel.
const GUIDE: &[(&str, &str, Sheet, (u32, u32))] = &[
    ("place", "pick_place", Sheet::Plain, (480, 800)),
    ("item", "pick_accepted", Sheet::Plain, (480, 800)),
    ("wrong", "pick_wrong_item", Sheet::Plain, (480, 800)),
    ("quantity", "pick_quantity", Sheet::Plain, (480, 800)),
    ("keys", "pick_accepted", Sheet::Keys, (480, 800)),
    ("keypad", "pick_quantity", Sheet::Digits, (480, 800)),
    ("handover", "hand_over_code", Sheet::Plain, (480, 800)),
    ("letters", "receive_lot", Sheet::Letters { page: 0 }, (480, 800)),
    ("small", "pick_item", Sheet::Plain, (240, 320)),
    ("problem", "pick_problem", Sheet::Plain, (480, 800)),
    ("pack", "pack_item", Sheet::Plain, (480, 800)),
    ("load", "load_missing", Sheet::Plain, (480, 800)),
    ("putaway", "putaway_bring", Sheet::Plain, (480, 800)),
    ("receive", "receive_accepted", Sheet::Plain, (480, 800)),
    ("lot", "receive_expiry", Sheet::Plain, (480, 800)),
    ("return", "return_condition", Sheet::Plain, (480, 800)),
    ("count", "count_items", Sheet::Plain, (480, 800)),
    ("stock", "look_up_rows", Sheet::Plain, (480, 800)),
    ("wide", "count_items", Sheet::Plain, (800, 480)),
];

#[test]
fn the_pictures_of_the_guide_can_be_made_anew() {
    let folder = std::env::var_os("TALLYMAN_GUIDE").map(std::path::PathBuf::from);
    let all = scenes(Language::English);
    let bars = bars(Language::English);
    let mut painter = Painter::default();
    for (nth, (name, scene, sheet, (width, height))) in GUIDE.iter().enumerate() {
        let sample = all.iter().find(|sample| sample.name == *scene).expect("a scene");
        // A usual bar, or one of a device that is offline.
        let bar = &bars[usize::from(nth % 3 == 1)];
        let panel = Panel::new(*width, *height, Theme::Light);
        let painting = painter.paint_sheet(&sample.view, *sheet, bar, &panel);
        if let Some(folder) = &folder {
            let file = folder.join(format!("screen-{name}.png"));
            std::fs::write(file, painting.picture.to_png()).expect("a picture");
        }
    }
}

macro_rules! languages {
    ($($name:ident $language:ident)*) => {$(
        #[test]
        fn $name() {
            check_language(Language::$language);
        }
    )*};
}

languages! {
    every_screen_in_english_is_whole English
    every_screen_in_german_is_whole German
    every_screen_in_spanish_is_whole Spanish
    every_screen_in_polish_is_whole Polish
    every_screen_in_romanian_is_whole Romanian
    every_screen_in_turkish_is_whole Turkish
    every_screen_in_ukrainian_is_whole Ukrainian
    every_screen_in_chinese_is_whole Chinese
}
