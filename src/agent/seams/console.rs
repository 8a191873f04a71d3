//! What can be asked of a running agent from outside its parts.

use std::sync::Arc;

use futures_util::future::BoxFuture;
use tallyman_floor::{Key, View};
use tokio::sync::broadcast;

use crate::screen::{StatusBar, Target};
use crate::status::Status;

use super::happening::Happening;

/// A running agent, as the control socket sees it.
pub trait Console: Send + Sync + 'static {
    /// What it is doing.
    fn status(&self) -> Status;

    /// What the screen shows.
    fn view(&self) -> Arc<View>;

    /// What the screen shows, as PNG.
    fn shot(&self) -> Vec<u8>;

    /// What the bar above it says.
    fn status_bar(&self) -> StatusBar;

    /// The fields of it that a finger can touch.
    fn fields(&self) -> Vec<Target>;

    /// Everything that is shown and sounded from now on.
    fn watch(&self) -> broadcast::Receiver<Happening>;

    /// Orders a test label; false where there is no printer.
    fn print_test(&self) -> bool;

    /// Presses a key, as the keypad does. Answers when the floor loop has room for it; false where it has ended.
    fn press(&self, key: Key) -> BoxFuture<'_, bool>;
}
