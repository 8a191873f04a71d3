//! Pictures as they are fetched: after tasks and confirmations, one at a time, checked, and never again and again.

use std::path::Path;
use std::sync::Mutex;

use tallyman_floor::{PictureId, TaskId, View};

use super::*;
use crate::pictures::{PictureKeeper, Shelf};
use crate::seams::{PictureWishes, StoreError};
use crate::testing::PictureMishap;

/// What the tasks want is what a test says.
#[derive(Clone, Default)]
struct Wished(Arc<Mutex<Vec<PictureId>>>);

impl PictureWishes for Wished {
    fn wishes(&self, _open: Option<&TaskId>, pictures_max: usize) -> Result<Vec<PictureId>, StoreError> {
        let wished = self.0.lock().unwrap();
        Ok(wished.iter().take(pictures_max).cloned().collect())
    }
}

/// A device that keeps pictures in a folder.
struct Shown {
    device: Device,
    keeper: PictureKeeper,
    wished: Wished,
    view: watch::Sender<Arc<View>>,
}

impl Shown {
    async fn start(hub: &Arc<FakeHub>, folder: &Path, wished: &[&PictureId]) -> Self {
        let wishes = Wished(Arc::new(Mutex::new(wished.iter().copied().cloned().collect())));
        let view = watch::Sender::new(Arc::new(View::default()));
        let (_, work) = watch::channel(AtWork::default());
        let shelf = Shelf::open(folder, 1 << 20, 0);
        let keeper = PictureKeeper::new(shelf, Box::new(wishes.clone()), view.subscribe(), work);
        hub.with_shelf(Arc::new(keeper.clone()));
        let device = Device::start(hub, Arc::new(store_with(0).await), None, 5).await;
        Self {
            device,
            keeper,
            wished: wishes,
            view,
        }
    }

    fn shows(&self, picture: Option<&PictureId>) {
        self.view.send_replace(Arc::new(View {
            picture: picture.cloned(),
            ..View::default()
        }));
    }

    /// Waits until so many are kept.
    async fn keeps(&self, count: usize) {
        let mut came = self.keeper.came();
        while self.keeper.figures().count < count {
            came.changed().await.unwrap();
        }
    }
}

/// What the hub says when an item has changed.
fn news(cursor: &str) -> Delta {
    use crate::store::tests::cache::{delta, item};
    Delta {
        // The life that the rest of this hub's answers are of.
        generation: "g0".to_owned(),
        items: vec![item("I", "X")],
        ..delta(cursor, at(1, 0))
    }
}

/// What was asked of pictures, and batches of confirmations, in their order.
fn asked(hub: &FakeHub) -> Vec<String> {
    let requests = hub.requests().into_iter();
    requests
        .filter(|request| request.starts_with("picture") || request == "batch of 1")
        .collect()
}

fn of(picture: &PictureId) -> String {
    format!("picture {picture}")
}

#[tokio::test(start_paused = true)]
async fn pictures_come_one_by_one_the_one_on_the_screen_first() {
    let (hub, folder) = (FakeHub::new(), tempfile::tempdir().unwrap());
    let [a, b, c] = [b"a", b"b", b"c"].map(|png| hub.put_picture(png));
    let shown = Shown::start(&hub, folder.path(), &[&a, &b]).await;
    shown.shows(Some(&c));
    hub.put_delta(news("c1"));
    shown.keeps(3).await;
    let pictures: Vec<String> = asked(&hub)
        .into_iter()
        .filter(|what| what.starts_with("picture"))
        .collect();
    assert_eq!(pictures, [of(&c), of(&a), of(&b)]);
    assert_eq!(shown.keeper.get(a.clone()).await.unwrap(), b"a");
    // The same again asks for nothing.
    shown.shows(Some(&a));
    shown.shows(None);
    hub.put_delta(news("c2"));
    tokio::time::sleep(std::time::Duration::from_secs(600)).await;
    assert_eq!(
        asked(&hub)
            .iter()
            .filter(|what| what.starts_with("picture"))
            .count(),
        3
    );
    shown.device.stop().await;
}

#[tokio::test(start_paused = true)]
async fn confirmations_go_first() {
    let (hub, folder) = (FakeHub::new(), tempfile::tempdir().unwrap());
    let [a, b] = [b"a", b"b"].map(|png| hub.put_picture(png));
    let shown = Shown::start(&hub, folder.path(), &[&a]).await;
    hub.put_delta(news("c1"));
    shown.keeps(1).await;
    // From now on every batch gets lost for a while: what is wanted meanwhile waits.
    let lost = std::iter::repeat_n(Mishap::Lost, 6);
    hub.mishaps(lost);
    shown.device.pick(1).await;
    shown.wished.0.lock().unwrap().push(b.clone());
    shown.shows(Some(&b));
    shown.keeps(2).await;
    assert!(hub.is_calm());
    let asked = asked(&hub);
    let last_batch = asked.iter().rposition(|what| what == "batch of 1");
    let picture = asked.iter().position(|what| *what == of(&b)).unwrap();
    assert!(last_batch.is_some_and(|batch| batch < picture), "{asked:?}");
    assert_eq!(hub.journal(1).len(), 1);
    shown.device.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_picture_that_is_not_what_its_name_says_is_asked_for_again() {
    let (hub, folder) = (FakeHub::new(), tempfile::tempdir().unwrap());
    let a = hub.put_picture(b"a");
    hub.picture_mishaps([
        PictureMishap::Damaged,
        PictureMishap::Refused(Fault::Timeout(30_000)),
        PictureMishap::Refused(Fault::Busy {
            retry_after_ms: Some(5_000),
        }),
        PictureMishap::Damaged,
    ]);
    let shown = Shown::start(&hub, folder.path(), &[&a]).await;
    hub.put_delta(news("c1"));
    shown.keeps(1).await;
    assert_eq!(asked(&hub).iter().filter(|what| **what == of(&a)).count(), 5);
    assert_eq!(shown.keeper.get(a).await.unwrap(), b"a");
    shown.device.stop().await;
}

#[tokio::test(start_paused = true)]
async fn one_that_the_hub_does_not_have_holds_up_none_and_is_asked_for_once() {
    let (hub, folder) = (FakeHub::new(), tempfile::tempdir().unwrap());
    let gone = tallyman_floor::wire::picture::id_of(b"gone");
    let a = hub.put_picture(b"a");
    let shown = Shown::start(&hub, folder.path(), &[&gone, &a]).await;
    shown.shows(Some(&gone));
    hub.put_delta(news("c1"));
    shown.keeps(1).await;
    assert_eq!(shown.keeper.get(gone.clone()).await, None);
    tokio::time::sleep(std::time::Duration::from_secs(600)).await;
    assert_eq!(asked(&hub).iter().filter(|what| **what == of(&gone)).count(), 1);
    // The tasks have changed: it may be there now.
    hub.put_picture(b"gone");
    hub.put_delta(news("c2"));
    shown.keeps(2).await;
    shown.device.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_folder_that_cannot_be_written_shows_what_came_and_asks_seldom() {
    let (hub, folder) = (FakeHub::new(), tempfile::tempdir().unwrap());
    let a = hub.put_picture(b"a");
    let file = folder.path().join("file");
    std::fs::write(&file, b"").unwrap();
    let shown = Shown::start(&hub, &file.join("pictures"), &[&a]).await;
    let mut came = shown.keeper.came();
    hub.put_delta(news("c1"));
    came.changed().await.unwrap();
    assert_eq!(
        shown.keeper.get(a.clone()).await.unwrap(),
        b"a",
        "it is in memory"
    );
    tokio::time::sleep(std::time::Duration::from_secs(3_600)).await;
    let times = asked(&hub).iter().filter(|what| **what == of(&a)).count();
    assert!((2..=8).contains(&times), "{times} times in an hour");
    // Work goes on as ever.
    shown.device.pick(1).await;
    hub.until(|hub| hub.journal(1).len() == 1).await;
    shown.device.stop().await;
}

#[tokio::test(start_paused = true)]
async fn what_a_power_cut_left_of_a_picture_is_fetched_again() {
    let (hub, folder) = (FakeHub::new(), tempfile::tempdir().unwrap());
    let a = hub.put_picture(b"a picture");
    std::fs::write(folder.path().join(format!("{a}.png")), b"a pic").unwrap();
    let shown = Shown::start(&hub, folder.path(), &[&a]).await;
    hub.put_delta(news("c1"));
    shown.shows(Some(&a));
    // Whoever wants to show it finds out.
    let mut came = shown.keeper.came();
    assert_eq!(shown.keeper.get(a.clone()).await, None);
    came.changed().await.unwrap();
    assert_eq!(shown.keeper.get(a).await.unwrap(), b"a picture");
    shown.device.stop().await;
}

#[tokio::test(start_paused = true)]
async fn many_pictures_leave_the_hub_time_for_other_requests_of_the_device() {
    let (hub, folder) = (FakeHub::new(), tempfile::tempdir().unwrap());
    let pictures: Vec<PictureId> = (0..60_u8).map(|nth| hub.put_picture(&[nth])).collect();
    let before = tokio::time::Instant::now();
    // As many as the shelf holds for sure are wanted, and no more.
    let shown = Shown::start(&hub, folder.path(), &pictures.iter().collect::<Vec<_>>()).await;
    hub.put_delta(news("c1"));
    let fitting = (1 << 20) / (48 << 10);
    shown.keeps(fitting).await;
    let rate = fitting as f64 / before.elapsed().as_secs_f64();
    assert!(rate < 1_200.0 / 60.0 / 3.0, "{rate} in a second");
    tokio::time::sleep(std::time::Duration::from_secs(600)).await;
    let asked = asked(&hub)
        .iter()
        .filter(|what| what.starts_with("picture"))
        .count();
    assert_eq!(asked, fitting);
    shown.device.stop().await;
}
