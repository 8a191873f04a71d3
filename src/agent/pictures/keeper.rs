//! What is wanted and what is here, together: the picture on the screen first, then those of the work.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures_util::future::BoxFuture;
use tallyman_floor::{PictureId, TaskId, View};
use tokio::sync::{Notify, watch};

use crate::seams::AtWork;
use crate::seams::pictures::{PictureFault, PictureStore, PictureWishes};

use super::shelf::{Shelf, ShelfFigures};

/// Pictures that are wanted at once at most: more than a worker meets in a shift, and what is looked up in no time.
const WISHES_MAX: usize = 500;

/// The pictures of a device. Clones share them.
#[derive(Clone)]
pub struct PictureKeeper {
    inner: Arc<Inner>,
}

struct Inner {
    shelf: Mutex<Shelf>,
    wishes: Box<dyn PictureWishes>,
    known: Mutex<Known>,
    view: watch::Receiver<Arc<View>>,
    work: watch::Receiver<AtWork>,
    /// Rings when a picture has come, or what is wanted may be something else.
    rings: Notify,
    came: watch::Sender<u64>,
}

#[derive(Default)]
struct Known {
    /// What the tasks said last, and which one was open.
    of_tasks: Option<(Option<TaskId>, Vec<PictureId>)>,
    /// The picture on the screen and the task that were there when it was found out last.
    looked_at: (Option<PictureId>, Option<TaskId>),
    /// The one that came last, to be shown also where it cannot be kept.
    newest: Option<(PictureId, Vec<u8>)>,
}

impl PictureKeeper {
    /// Keeps pictures on a shelf.
    pub fn new(
        shelf: Shelf,
        wishes: Box<dyn PictureWishes>,
        view: watch::Receiver<Arc<View>>,
        work: watch::Receiver<AtWork>,
    ) -> Self {
        let inner = Inner {
            shelf: Mutex::new(shelf),
            wishes,
            known: Mutex::default(),
            view,
            work,
            rings: Notify::new(),
            came: watch::Sender::new(0),
        };
        Self {
            inner: Arc::new(inner),
        }
    }

    /// How much is here.
    pub fn figures(&self) -> ShelfFigures {
        self.inner.shelf().figures()
    }

    /// Counts the pictures that came, so that whoever waits for one looks again.
    pub fn came(&self) -> watch::Receiver<u64> {
        self.inner.came.subscribe()
    }

    /// A picture, read and checked on a thread that nobody waits for.
    pub async fn get(&self, picture: PictureId) -> Option<Vec<u8>> {
        let inner = Arc::clone(&self.inner);
        let got = tokio::task::spawn_blocking(move || {
            let got = inner.shelf().get(&picture);
            got.or_else(|| {
                let known = inner.known();
                let newest = known.newest.as_ref().filter(|(newest, _)| *newest == picture);
                newest.map(|(_, png)| png.clone())
            })
        });
        let got = got.await.ok().flatten();
        if got.is_none() {
            self.inner.rings.notify_one();
        }
        got
    }
}

impl Inner {
    fn shelf(&self) -> MutexGuard<'_, Shelf> {
        self.shelf.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is wanted, the most urgent first; no more than the shelf has room for, so that none is fetched again and again.
    fn wanted(&self) -> Vec<PictureId> {
        let pictures_max = self.shelf().pictures_max().min(WISHES_MAX);
        let open = self.work.borrow().task.clone();
        let on_screen = self.view.borrow().picture.clone();
        self.known().looked_at = (on_screen.clone(), open.clone());
        let known = self.known().of_tasks.clone();
        let of_tasks = match known.filter(|(task, _)| *task == open) {
            Some((_, wishes)) => wishes,
            None => self.ask_tasks(open, pictures_max),
        };
        let mut wanted: Vec<PictureId> = Vec::with_capacity(of_tasks.len() + 1);
        for picture in on_screen.into_iter().chain(of_tasks) {
            if wanted.len() < pictures_max && !wanted.contains(&picture) {
                wanted.push(picture);
            }
        }
        wanted
    }

    fn ask_tasks(&self, open: Option<TaskId>, pictures_max: usize) -> Vec<PictureId> {
        match self.wishes.wishes(open.as_ref(), pictures_max) {
            Ok(wishes) => {
                self.known().of_tasks = Some((open, wishes.clone()));
                wishes
            }
            Err(error) => {
                tracing::debug!(%error, "it is not known which pictures are wanted");
                Vec::new()
            }
        }
    }
}

/// Waits until a value is so. Where nobody will ever change it, for good.
async fn until<T>(watched: &mut watch::Receiver<T>, is_so: impl FnMut(&T) -> bool) {
    if watched.wait_for(is_so).await.is_err() {
        std::future::pending::<()>().await;
    }
}

impl PictureStore for PictureKeeper {
    fn missing(&self) -> BoxFuture<'_, Vec<PictureId>> {
        let inner = Arc::clone(&self.inner);
        Box::pin(async move {
            let looking = tokio::task::spawn_blocking(move || {
                let wanted = inner.wanted();
                inner.shelf().missing(&wanted)
            });
            looking.await.unwrap_or_default()
        })
    }

    fn changed(&self) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            let (mut view, mut work) = (self.inner.view.clone(), self.inner.work.clone());
            let (picture, task) = self.inner.known().looked_at.clone();
            tokio::select! {
                biased;
                () = self.inner.rings.notified() => {}
                () = until(&mut view, |view| view.picture != picture) => {}
                () = until(&mut work, |work| work.task != task) => {}
            }
        })
    }

    fn tasks_changed(&self) {
        self.inner.known().of_tasks = None;
        self.inner.rings.notify_one();
    }

    fn keep(&self, picture: PictureId, png: Vec<u8>) -> BoxFuture<'_, Result<(), PictureFault>> {
        let inner = Arc::clone(&self.inner);
        Box::pin(async move {
            let keeping = tokio::task::spawn_blocking(move || {
                let kept = inner.shelf().keep(&picture, &png);
                inner.known().newest = Some((picture, png));
                inner.came.send_modify(|count| *count += 1);
                kept
            });
            let ended = |_| PictureFault::Folder(std::io::Error::other("the program is ending"));
            keeping.await.map_err(ended)?
        })
    }
}
