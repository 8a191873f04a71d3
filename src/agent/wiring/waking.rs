//! Dims the screen while nobody is there, and opens every device anew after the device has slept.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use tallyman_platform::clock;
use tokio::sync::broadcast::error::RecvError;
use tokio_util::sync::CancellationToken;

use crate::idle::{BACKLIGHTS, Backlight, Idle, Light, Sleeps};
use crate::input_nodes::life::Pressed as _;
use crate::running::Shared;
use crate::seams::{Console as _, Happening};

/// How often it is asked whether the device has slept.
const LOOK_EVERY: Duration = Duration::from_secs(2);

/// A wait that nothing ends.
const NEVER: Duration = Duration::from_secs(86_400);

/// Opens devices, keypads and the panel anew each time the device has slept: what a port was set to may be lost, and an
/// open connection may lead nowhere.
pub(super) async fn open_anew_after_sleep(shared: Arc<Shared>, cancel: CancellationToken) {
    let mut sleeps = Sleeps::default();
    let mut every = tokio::time::interval(LOOK_EVERY);
    loop {
        tokio::select! {
            () = cancel.cancelled() => return,
            _ = every.tick() => {}
        }
        let slept_us = u64::try_from(clock::slept().as_micros()).unwrap_or(u64::MAX);
        if sleeps.has_slept(slept_us) {
            tracing::info!("the device has slept: scanners, keys and panel are opened anew");
            shared.open_anew();
        }
    }
}

/// Keeps the screen as bright as the last sign of life says.
pub(super) async fn dim_when_idle(shared: Arc<Shared>, cancel: CancellationToken) {
    let screen = &shared.config.screen;
    let seconds = |seconds: u64| (seconds > 0).then_some(seconds * 1_000_000);
    let idle = Idle {
        dim_after_us: seconds(screen.dim_after_s),
        dark_after_us: seconds(screen.dark_after_s),
    };
    if idle.dim_after_us.is_none() && idle.dark_after_us.is_none() {
        return;
    }
    let mut backlight = idle.dim_after_us.and_then(|_| open_backlight(&screen.backlight));
    let (mut active, mut happenings) = (shared.active.subscribe(), shared.watch());
    loop {
        let since = *active.borrow_and_update();
        let (light, changes_in) = idle.light(since, shared.now());
        if let Some(panel) = &shared.panel {
            panel.blank(light == Light::Dark);
        }
        if let Some(backlight) = &mut backlight
            && let Err(error) = backlight.dim(light != Light::Bright, screen.dim_percent)
        {
            tracing::warn!(%error, "the backlight cannot be changed; the user of the agent must be allowed to write it");
        }
        let wait = changes_in.map_or(NEVER, Duration::from_micros);
        tokio::select! {
            () = cancel.cancelled() => return,
            () = tokio::time::sleep(wait) => {}
            changed = active.changed() => if changed.is_err() { return },
            happened = happenings.recv() => match happened {
                // Each scan sounds; what the hub changes by itself wakes nobody.
                Ok(Happening::Sound(_)) | Err(RecvError::Lagged(_)) => shared.is_active(),
                Ok(Happening::View(_)) => {}
                Err(RecvError::Closed) => return,
            },
        }
    }
}

fn open_backlight(configured: &Path) -> Option<Backlight> {
    let folder = match configured.as_os_str().is_empty() {
        true => Path::new(BACKLIGHTS),
        false => configured,
    };
    match Backlight::open(folder) {
        Ok(Some(backlight)) => return Some(backlight),
        Ok(None) => tracing::warn!(folder = %folder.display(), "there is no backlight to dim"),
        Err(error) => tracing::warn!(%error, "the backlight cannot be dimmed"),
    }
    None
}
