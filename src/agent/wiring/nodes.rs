//! Starts the life of each keypad and of the touch panel, and hands what they say to the floor loop.

use std::sync::Arc;

use embedded_graphics::prelude::Size;
use futures_util::future::BoxFuture;
use tallyman_codes::Moment;
use tallyman_drivers::link;
use tallyman_floor::Key;
use tallyman_platform::entropy::Entropy as _;
use tokio::sync::{Notify, watch};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::{Machine, Seams};
use crate::config::{AgentConfig, AgentConfigError};
use crate::input_nodes::life::{Life, Pressed, Use};
use crate::panel::{PanelHandle, Rotation};
use crate::running::Shared;
use crate::screen::Touch;
use crate::seams::{Incoming, Input};
use crate::status::InputNodeReport;

/// An input node that is to be started.
pub(super) struct Seat {
    name: String,
    used_for: Use,
    report: watch::Sender<InputNodeReport>,
}

/// The input nodes of a configuration, with where they say how they do.
pub(super) fn seats(config: &AgentConfig, seams: &Seams) -> Result<Vec<Seat>, AgentConfigError> {
    if seams.machine == Machine::StoreOnly {
        return Ok(Vec::new());
    }
    let mut seats = Vec::new();
    if !config.keys.device.is_empty() {
        let used_for = config
            .keys
            .used_for()
            .map_err(|error| AgentConfigError::Value(error.to_string()))?;
        let keypads = config.keys.device.iter();
        seats.extend(keypads.map(|name| Seat::new(name, used_for.clone(), "keys")));
    }
    if !config.touch.device.is_empty() {
        seats.push(Seat::new(&config.touch.device, Use::Touch, "touch"));
    }
    Ok(seats)
}

impl Seat {
    fn new(name: &str, used_for: Use, word: &str) -> Self {
        let report = watch::Sender::new(InputNodeReport {
            name: name.to_owned(),
            used_for: word.to_owned(),
            phase: "opening".to_owned(),
            ..InputNodeReport::default()
        });
        Self {
            name: name.to_owned(),
            used_for,
            report,
        }
    }

    pub(super) fn reports(&self) -> watch::Receiver<InputNodeReport> {
        self.report.subscribe()
    }
}

/// Starts them all. A device that comes is opened at once.
pub(super) fn start(
    seats: Vec<Seat>,
    seams: &mut Seams,
    shared: &Arc<Shared>,
    cancel: &CancellationToken,
    tasks: &TaskTracker,
) {
    if seats.is_empty() {
        return;
    }
    let mut waiting = Vec::with_capacity(seats.len());
    for seat in seats {
        let mut chance = seams.chance();
        let retry_now = Arc::new(Notify::new());
        waiting.push(Arc::clone(&retry_now));
        let life = Life {
            name: seat.name,
            used_for: seat.used_for,
            pressed: Arc::<Shared>::clone(shared),
            chance: Box::new(move || chance.u64()),
            retry_now,
            reopen: Arc::clone(&shared.reopen),
            report: seat.report,
            cancel: cancel.clone(),
        };
        tasks.spawn(life.run());
    }
    tasks.spawn(link::hotplug::wake_on_arrival(waiting, cancel.clone()));
}

impl Pressed for Shared {
    fn now(&self) -> Moment {
        Moment::from_us(self.calendar.clock().now().us)
    }

    fn is_active(&self) {
        self.active.send_replace(Pressed::now(self));
    }

    fn is_dark(&self) -> bool {
        self.panel.as_ref().is_some_and(PanelHandle::is_dark)
    }

    fn press(&self, key: Key, at: Moment) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            let incoming = Incoming {
                at,
                input: Input::Key(key),
            };
            // An error means that the agent ends.
            let _ = self.inputs.send(incoming).await;
        })
    }

    fn hit(&self, x: u32, y: u32) -> Option<Touch> {
        self.panel.as_ref()?.hit(x, y)
    }

    fn touched(&self, touch: Touch) {
        if let Some(panel) = &self.panel {
            panel.touched(touch);
        }
    }

    fn shown(&self) -> Option<(Size, Rotation)> {
        let report = self.panel.as_ref().map(PanelHandle::report)?;
        let size = Size::new(report.width, report.height);
        (report.state == "open").then_some((size, self.config.screen.rotation))
    }
}
