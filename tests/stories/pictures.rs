//! Pictures of items, from a folder on somebody's desk to the picker's screen, and back there after everything that can
//! happen to a cache.

use std::path::{Path, PathBuf};
use std::process::Command;

use tallyman_platform::image::{Bounds, Image};

use crate::house::{BOLT, House, NUT, Worker, pieces, program};

/// Colours that nothing else on a screen has.
const OF_BOLT: [u8; 3] = [230, 0, 230];
const OF_NUT: [u8; 3] = [0, 200, 30];

fn plain(colour: [u8; 3]) -> Vec<u8> {
    let rgb = std::iter::repeat_n(colour, 300 * 300).flatten().collect();
    Image::of_rgb(300, 300, rgb).expect("an image").to_png()
}

/// How much of the screen has this colour, within what a panel can tell apart.
async fn shows(worker: &Worker, colour: [u8; 3]) -> usize {
    let shot = worker.station.shot().await.expect("a shot");
    let bounds = Bounds {
        bytes_max: 16 << 20,
        pixels_max: 1 << 22,
    };
    let shot = Image::from_png(&shot, bounds).expect("a picture of the screen");
    let alike = |pixel: &&[u8]| {
        pixel
            .iter()
            .zip(colour)
            .all(|(is, wanted)| is.abs_diff(wanted) <= 8)
    };
    shot.rgb().chunks_exact(3).filter(alike).count()
}

/// Waits until the screen shows it, large enough to recognise something.
async fn until_shown(worker: &Worker, colour: [u8; 3]) {
    while shows(worker, colour).await < 40 * 40 {
        tokio::task::yield_now().await;
    }
}

async fn status_until(worker: &Worker, count: u64) {
    loop {
        let status = worker.station.status().await.expect("a status");
        if status["pictures"]["count"] == count {
            return;
        }
        tokio::task::yield_now().await;
    }
}

async fn import(folder: PathBuf, hub: String) -> (bool, String, String) {
    let running = tokio::task::spawn_blocking(move || {
        let mut command = Command::new(program());
        command
            .args(["import", "pictures"])
            .arg(folder)
            .args(["--hub", &hub]);
        command.output().expect("the program runs")
    });
    let output = running.await.expect("an end");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("text");
    (output.status.success(), text(output.stdout), text(output.stderr))
}

fn cache_of(worker: &Worker) -> PathBuf {
    let mut name = worker.station.store_path().into_os_string();
    name.push(".pictures");
    PathBuf::from(name)
}

fn write(folder: &Path, name: &str, bytes: &[u8]) {
    std::fs::write(folder.join(name), bytes).expect("a file");
}

#[tokio::test]
async fn from_a_folder_to_the_screen_of_the_picker() {
    let house = House::open().await;
    let folder = tempfile::tempdir().expect("a folder");
    write(folder.path(), "BOLT.png", &plain(OF_BOLT));
    write(folder.path(), "9521101530018.png", &plain(OF_NUT));
    write(folder.path(), "GHOST.png", &plain(OF_NUT));
    write(
        folder.path(),
        "MILK.png",
        b"\xff\xd8\xff\xe0 a photo of another form",
    );
    write(folder.path(), "notes.txt", b"not a picture");
    let hub = format!("http://{}", house.network().address());
    let (is_whole, told, refused) = import(folder.path().to_path_buf(), hub.clone()).await;
    assert!(
        !is_whole && told.contains("2 pictures added") && told.contains("3 refused"),
        "{told}{refused}"
    );
    for named in [
        "GHOST.png: no item",
        "MILK.png: it is no PNG",
        "notes.txt: a picture is called",
    ] {
        assert!(refused.contains(named), "{refused}");
    }
    // The same again loses and doubles nothing.
    let (_, told, _) = import(folder.path().to_path_buf(), hub).await;
    assert!(
        told.contains("0 pictures added, 0 changed, 2 as before"),
        "{told}"
    );

    let mut picker = house.device("picker").await;
    status_until(&picker, 2).await;
    picker
        .scans(&["]C0SO-1", "]C0TOTE-17", "]C0LOC-A-01"], "go")
        .await;
    until_shown(&picker, OF_BOLT).await;
    picker.picture("pick-with-picture").await;

    // Without a network, and after the battery was out, it is there as well; and so is the next one, which nobody has seen yet.
    house.network().cut();
    picker.scans(&[BOLT], "accept").await;
    picker.station.kill().await.expect("a pulled battery");
    picker.station.restart().await.expect("a start");
    until_shown(&picker, OF_BOLT).await;
    picker.scans(&[BOLT], "accept").await;
    picker.scans(&["]C0LOC-A-02"], "go").await;
    until_shown(&picker, OF_NUT).await;
    assert_eq!(shows(&picker, OF_BOLT).await, 0, "one item, one picture");

    // What is left of the folder after a power cut is no picture: the work goes on, and it comes again with the network.
    picker.station.kill().await.expect("a pulled battery");
    for file in std::fs::read_dir(cache_of(&picker)).expect("a folder of pictures") {
        let path = file.expect("a file").path();
        let half = std::fs::read(&path).expect("a picture");
        std::fs::write(&path, &half[..half.len() / 2]).expect("half a picture");
    }
    picker.station.restart().await.expect("a start");
    picker.scans(&[NUT], "accept").await;
    assert_eq!(shows(&picker, OF_NUT).await, 0);
    house.network().mend();
    until_shown(&picker, OF_NUT).await;
    picker.scans(&[NUT, NUT], "accept").await;

    house.synced(&[&picker]).await;
    assert_eq!(
        house.stock("handling_unit", "17").await,
        pieces(&[("BOLT", 2), ("NUT", 3)])
    );
    house.close(vec![picker]).await;
}

#[tokio::test]
async fn a_device_whose_cache_cannot_be_written_works_on_and_shows_what_comes() {
    let house = House::open().await;
    let set = house.hub().set_picture("main", "BOLT", plain(OF_BOLT));
    set.await.expect("a picture");
    let mut picker = house.device("picker").await;
    status_until(&picker, 1).await;
    picker.station.kill().await.expect("a pulled battery");
    let cache = cache_of(&picker);
    std::fs::remove_dir_all(&cache).expect("a folder of pictures");
    std::fs::write(&cache, b"somebody put a file here").expect("a file");
    picker.station.restart().await.expect("a start");
    picker
        .scans(&["]C0SO-1", "]C0TOTE-17", "]C0LOC-A-01"], "go")
        .await;
    until_shown(&picker, OF_BOLT).await;
    picker.scans(&[BOLT, BOLT], "accept").await;
    house.synced(&[&picker]).await;
    house.close(vec![picker]).await;
}
