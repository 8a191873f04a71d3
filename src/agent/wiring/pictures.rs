//! The picture on the screen: read and made ready beside everything else when a view begins to want it, or when it comes.

use std::collections::VecDeque;
use std::sync::Arc;

use tallyman_floor::{PictureId, View};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::config::AgentConfig;
use crate::pictures::{PictureKeeper, Shelf};
use crate::screen::ItemPicture;
use crate::seams::AtWork;
use crate::store::CachedWishes;

/// Pictures that stay ready, for work that goes to and fro: 400 kB each at most.
const READY_MAX: usize = 4;

/// What is left free on the disk beside what new tasks ask for: pictures give way before anything else does.
const FREE_TIMES: u64 = 2;

/// The pictures of a device that shows some.
pub(super) fn keeper(
    config: &AgentConfig,
    view: watch::Receiver<Arc<View>>,
    work: watch::Receiver<AtWork>,
) -> Option<PictureKeeper> {
    let bytes_max = config.screen.pictures_mib << 20;
    if bytes_max == 0 {
        return None;
    }
    let free_bytes_min = (config.store.free_mib_min << 20).saturating_mul(FREE_TIMES);
    let shelf = Shelf::open(&config.pictures_path(), bytes_max, free_bytes_min);
    let wishes = Box::new(CachedWishes::of(&config.store_path()));
    Some(PictureKeeper::new(shelf, wishes, view, work))
}

/// Keeps what is ready to be painted at what the view wants, until cancelled.
pub(super) async fn follow(
    keeper: PictureKeeper,
    mut view: watch::Receiver<Arc<View>>,
    ready: watch::Sender<Option<Arc<ItemPicture>>>,
    cancel: CancellationToken,
) {
    let mut came = keeper.came();
    let mut recent: VecDeque<Arc<ItemPicture>> = VecDeque::new();
    loop {
        let wanted = view.borrow_and_update().picture.clone();
        came.borrow_and_update();
        let found = match wanted {
            Some(wanted) => find(&keeper, &mut recent, wanted).await,
            None => None,
        };
        ready.send_if_modified(|ready| {
            let id =
                |picture: &Option<Arc<ItemPicture>>| picture.as_ref().map(|picture| picture.id().clone());
            let changed = id(ready) != id(&found);
            *ready = found;
            changed
        });
        let ended = tokio::select! {
            biased;
            () = cancel.cancelled() => true,
            changed = view.changed() => changed.is_err(),
            changed = came.changed() => changed.is_err(),
        };
        if ended {
            return;
        }
    }
}

async fn find(
    keeper: &PictureKeeper,
    recent: &mut VecDeque<Arc<ItemPicture>>,
    wanted: PictureId,
) -> Option<Arc<ItemPicture>> {
    if let Some(known) = recent.iter().find(|picture| *picture.id() == wanted) {
        return Some(Arc::clone(known));
    }
    let png = keeper.get(wanted.clone()).await?;
    let read = tokio::task::spawn_blocking(move || ItemPicture::read(wanted, &png));
    match read.await.ok()? {
        Ok(picture) => {
            let picture = Arc::new(picture);
            recent.truncate(READY_MAX - 1);
            recent.push_front(Arc::clone(&picture));
            Some(picture)
        }
        Err(error) => {
            tracing::warn!(%error, "a picture of the hub cannot be shown");
            None
        }
    }
}
