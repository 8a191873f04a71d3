//! Pictures of items, between those who want them, fetch them and keep them. Nothing depends on one: where none can be had
//! or kept, the device works on without.

use futures_util::future::BoxFuture;
use tallyman_floor::{PictureId, TaskId};

use super::StoreError;

/// What the cached tasks say about pictures.
pub trait PictureWishes: Send + Sync {
    /// The pictures of what is worked on, the most urgent first, at most so many: of the items of the task that is open, of
    /// those that this device holds, and of the tasks at the top of the list. It may take a while.
    fn wishes(&self, open: Option<&TaskId>, pictures_max: usize) -> Result<Vec<PictureId>, StoreError>;
}

/// Pictures that were fetched. Clones of what is behind it share it.
pub trait PictureStore: Send + Sync {
    /// The pictures that are wanted and not here, the most urgent first.
    fn missing(&self) -> BoxFuture<'_, Vec<PictureId>>;

    /// Answers when what is wanted may have changed.
    fn changed(&self) -> BoxFuture<'_, ()>;

    /// The cached tasks have changed: what is wanted is found out anew.
    fn tasks_changed(&self);

    /// Keeps a picture whose digest was checked. It can be shown from now on, also where it could not be kept.
    fn keep(&self, picture: PictureId, png: Vec<u8>) -> BoxFuture<'_, Result<(), PictureFault>>;
}

/// Why a picture is not kept.
#[derive(Debug, thiserror::Error)]
pub enum PictureFault {
    /// What little room there is belongs to confirmations.
    #[error("there is no room to spare for pictures")]
    NoRoom,
    /// The folder cannot be written.
    #[error("the folder of pictures cannot be written: {0}")]
    Folder(#[from] std::io::Error),
}
