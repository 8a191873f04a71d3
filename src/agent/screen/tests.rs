//! Every sample on every class of panels in both themes is held to what a worker needs.

use super::samples::samples;
use super::*;

const SIZES: [(u32, u32); 3] = [(240, 320), (480, 800), (800, 480)];

/// Paints everything, with a name for each painting.
fn paintings() -> Vec<(String, Panel, Painting)> {
    let mut painter = Painter::default();
    let mut all = Vec::new();
    for sample in samples() {
        for (width, height) in SIZES {
            for theme in [Theme::Light, Theme::Dark] {
                let panel = Panel::new(width, height, theme);
                let name = format!("{}_{width}x{height}_{theme:?}", sample.name).to_lowercase();
                all.push((name, panel, painter.paint(&sample.view, &sample.status, &panel)));
            }
        }
    }
    all
}

#[test]
fn pictures_are_written_where_people_can_look_at_them() {
    let Some(folder) = std::env::var_os("TALLYMAN_SCREENS").map(std::path::PathBuf::from) else {
        return;
    };
    std::fs::create_dir_all(&folder).expect("a folder for the pictures");
    for (name, _, painting) in paintings() {
        std::fs::write(folder.join(name).with_extension("png"), painting.picture.to_png())
            .expect("a picture");
    }
}
