//! The painting thread with panels in memory.

use tallyman_floor::Key;
use tallyman_floor::view::KeyHint;

use super::super::output::tests::Twin;
use super::*;

fn frame(title: &str) -> Frame {
    let view = View {
        title: title.to_owned(),
        keys: vec![KeyHint {
            key: Key::Undo,
            label: "Undo".to_owned(),
        }],
        ..View::default()
    };
    Frame {
        view: Arc::new(view),
        status: StatusBar::default(),
        picture: None,
    }
}

/// A thread whose panel is this one, each time.
fn start(twin: &Twin, rotation: Rotation) -> (PanelThread, PanelHandle) {
    let twin = twin.clone();
    let open: OpenPanel = Box::new(move || {
        let mut seen = twin.seen.lock().unwrap();
        seen.opened += 1;
        match seen.fails {
            Some(io::ErrorKind::NotFound) => Err(PanelError::Missing("/dev/twin".into())),
            _ => Ok(Box::new(twin.clone())),
        }
    });
    PanelThread::start(Options {
        rotation,
        theme: Theme::Light,
        console: PathBuf::new(),
        open,
        chance: Box::new(|| 0),
    })
    .unwrap()
}

async fn wait(handle: &PanelHandle, until: impl FnMut(&PanelReport) -> bool) {
    handle.reports().wait_for(until).await.unwrap();
}

fn painted(frame: &Frame, width: u32, height: u32) -> Picture {
    let panel = Panel::new(width, height, Theme::Light);
    crate::screen::paint(&frame.view, &frame.status, &panel)
}

#[tokio::test]
async fn the_panel_shows_the_newest_picture_turned_as_it_is_built_in() {
    let twin = Twin::new(320, 240);
    let (_thread, handle) = start(&twin, Rotation::Right);
    handle.show(frame("Pick"));
    wait(&handle, |report| report.pictures == 1).await;
    let mut fresh = Twin::new(320, 240);
    let picture = painted(&frame("Pick"), 240, 320);
    show(&mut fresh, Rotation::Right, None, &picture).unwrap();
    assert_eq!(
        twin.seen.lock().unwrap().pixels,
        fresh.seen.lock().unwrap().pixels
    );
    let report = handle.report();
    assert_eq!((report.width, report.height, report.rotation), (240, 320, 90));
    assert_eq!((report.state.as_str(), report.output.as_str()), ("open", "twin"));
}

#[tokio::test]
async fn a_panel_that_is_lost_is_told_and_comes_back_with_the_newest_picture() {
    let twin = Twin::new(240, 320);
    let (_thread, handle) = start(&twin, Rotation::Upright);
    handle.show(frame("first"));
    wait(&handle, |report| report.pictures == 1).await;
    twin.seen.lock().unwrap().fails = Some(io::ErrorKind::NotFound);
    handle.show(frame("second"));
    wait(&handle, |report| report.state == "waiting").await;
    wait(&handle, |report| {
        let told = report.last_error.as_deref().unwrap_or_default();
        told.contains("screen.path")
    })
    .await;
    assert_eq!(
        handle.hit(10, 10),
        None,
        "nothing is shown, so nothing is touched"
    );
    handle.show(frame("third"));
    twin.seen.lock().unwrap().fails = None;
    wait(&handle, |report| report.state == "open" && report.pictures == 2).await;
    let wanted = painted(&frame("third"), 240, 320);
    let mut fresh = Twin::new(240, 320);
    show(&mut fresh, Rotation::Upright, None, &wanted).unwrap();
    assert_eq!(
        twin.seen.lock().unwrap().pixels,
        fresh.seen.lock().unwrap().pixels
    );
    assert_eq!(handle.report().last_error, None);
}

#[tokio::test]
async fn a_dark_panel_wakes_with_the_whole_picture() {
    let twin = Twin::new(240, 320);
    let (thread, handle) = start(&twin, Rotation::Upright);
    handle.show(frame("first"));
    wait(&handle, |report| report.pictures == 1).await;
    handle.blank(true);
    wait(&handle, |report| report.state == "dark").await;
    assert_eq!(handle.hit(10, 310), None, "what cannot be seen cannot be touched");
    handle.show(frame("second"));
    handle.blank(false);
    wait(&handle, |report| report.state == "open" && report.pictures == 2).await;
    drop(thread);
    let wanted = painted(&frame("second"), 240, 320);
    let mut fresh = Twin::new(240, 320);
    show(&mut fresh, Rotation::Upright, None, &wanted).unwrap();
    let seen = twin.seen.lock().unwrap();
    assert_eq!(seen.pixels, fresh.seen.lock().unwrap().pixels);
    assert_eq!((seen.opened, seen.dark.as_slice()), (1, [true, false].as_slice()));
}

#[tokio::test]
async fn what_is_touched_is_what_is_shown() {
    let twin = Twin::new(240, 320);
    let (_thread, handle) = start(&twin, Rotation::Upright);
    assert_eq!(handle.hit(1, 1), None);
    handle.show(frame("first"));
    wait(&handle, |report| report.pictures == 1).await;
    let places = (0..320).flat_map(|y| (0..240).map(move |x| (x, y)));
    let touches: Vec<Touch> = places.filter_map(|(x, y)| handle.hit(x, y)).collect();
    assert!(!touches.is_empty() && touches.iter().all(|touch| *touch == Touch::Key(Key::Undo)));
}

#[tokio::test]
async fn a_touched_sheet_lies_over_the_view_until_a_key_of_it_is_touched() {
    let twin = Twin::new(240, 320);
    let (_thread, handle) = start(&twin, Rotation::Upright);
    handle.show(frame("first"));
    wait(&handle, |report| report.pictures == 1).await;
    let plain = twin.seen.lock().unwrap().pixels.clone();
    handle.touched(Touch::Sheet(Sheet::Keys));
    assert_eq!(handle.sheet(), Sheet::Keys);
    wait(&handle, |report| report.pictures == 2).await;
    assert_ne!(twin.seen.lock().unwrap().pixels, plain);
    handle.touched(Touch::Key(Key::Undo));
    assert_eq!(handle.sheet(), Sheet::Plain);
    wait(&handle, |report| report.pictures == 3).await;
    assert_eq!(twin.seen.lock().unwrap().pixels, plain);
}

/// A painted screen that somebody else made.
struct Half;

impl Hit for Half {
    fn hit(&self, x: u32, _: u32) -> Option<Touch> {
        (x < 120).then_some(Touch::Key(Key::Enter))
    }
}

#[test]
fn any_screen_that_says_what_lies_where_can_be_touched() {
    let screen: &dyn Hit = &Half;
    let enter = Touch::Key(Key::Enter);
    assert_eq!((screen.hit(119, 0), screen.hit(120, 0)), (Some(enter), None));
}

#[tokio::test]
async fn a_panel_is_opened_anew_when_it_is_told_so() {
    let twin = Twin::new(240, 320);
    let (_thread, handle) = start(&twin, Rotation::Upright);
    handle.show(frame("first"));
    wait(&handle, |report| report.pictures == 1).await;
    handle.reopen();
    wait(&handle, |report| report.pictures == 2).await;
    assert_eq!(twin.seen.lock().unwrap().opened, 2);
}

#[tokio::test]
async fn a_bug_in_a_panel_ends_neither_the_thread_nor_the_panel() {
    let mut attempts = 0;
    let twin = Twin::new(240, 320);
    let open: OpenPanel = Box::new(move || {
        attempts += 1;
        assert!(attempts > 1, "the first attempt is a bug");
        Ok(Box::new(twin.clone()))
    });
    let (_thread, handle) = PanelThread::start(Options {
        rotation: Rotation::Upright,
        theme: Theme::Dark,
        console: PathBuf::new(),
        open,
        chance: Box::new(|| 0),
    })
    .unwrap();
    handle.show(frame("first"));
    wait(&handle, |report| report.pictures == 1).await;
}
