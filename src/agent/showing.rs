//! Keeps the panel at what there is to show: the view as it changes, and the bar above it.

use std::sync::Arc;
use std::time::Duration;

use tallyman_platform::entropy::{Entropy as _, SeededEntropy};
use tokio_util::sync::CancellationToken;

use crate::config::ScreenConfig;
use crate::panel::worker::Options;
use crate::panel::{Frame, PanelError, PanelThread, output};
use crate::running::{Shared, theme_of};

/// How often the bar is looked at where nothing else happens: its clock shows minutes, and what waits grows older.
const BAR_EVERY: Duration = Duration::from_secs(2);

/// What the painting thread is to know of a configuration.
pub(crate) fn options(screen: &ScreenConfig, mut chance: SeededEntropy) -> Options {
    let (kind, path) = (screen.output, screen.path.clone());
    Options {
        rotation: screen.rotation,
        theme: theme_of(screen.theme),
        console: screen.console.clone(),
        open: Box::new(move || output::open(kind, &path)?.ok_or(PanelError::Missing(path.clone()))),
        chance: Box::new(move || chance.u64()),
    }
}

/// Hands what is to be shown to the thread, until cancelled. The thread ends with this: also when a panic takes the
/// runtime down, so that panel and console are always given back.
pub(crate) async fn run(thread: PanelThread, shared: Arc<Shared>, cancel: CancellationToken) {
    let _thread = thread;
    let Some(panel) = &shared.panel else { return };
    let (mut view, mut link, mut presence) =
        (shared.view.clone(), shared.link.clone(), shared.presence.clone());
    let mut picture = shared.item_picture.clone();
    let mut every = tokio::time::interval(BAR_EVERY);
    let mut shown: Option<Frame> = None;
    loop {
        let frame = Frame {
            view: Arc::clone(&view.borrow_and_update()),
            status: shared.status_bar(),
            picture: picture.borrow_and_update().clone(),
        };
        if shown.as_ref() != Some(&frame) {
            panel.show(frame.clone());
            shown = Some(frame);
        }
        let ended = tokio::select! {
            biased;
            () = cancel.cancelled() => true,
            changed = view.changed() => changed.is_err(),
            changed = picture.changed() => changed.is_err(),
            changed = link.changed() => changed.is_err(),
            changed = presence.changed() => changed.is_err(),
            _ = every.tick() => false,
        };
        if ended {
            return;
        }
    }
}
