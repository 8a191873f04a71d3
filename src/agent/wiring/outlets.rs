//! What goes out to people: sounds, here and at the scanner that is answered, and labels.

use std::sync::Arc;

use tallyman_codes::Moment;
use tallyman_drivers::{Command, Signal};
use tallyman_floor::LabelOrder;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::StartError;
use crate::config::AgentConfig;
use crate::printing::{LABELS_MAX, PrintWorker, Printing};
use crate::running::Shared;
use crate::seams::{Incoming, Input, PrinterNotice, Sounded};
use crate::sound::{Cue, Sounder};

/// What may wait to be told about labels.
const PRINTER_NOTICES_MAX: usize = 4;

/// The label printer, where there is one, and the ends of what leads to it and back.
pub(super) struct Labels {
    pub(super) printing: Option<Printing>,
    worker: Option<PrintWorker>,
    /// Labels on their way to it; `None` where there is no printer.
    pub(super) orders_in: Option<mpsc::Sender<LabelOrder>>,
    orders: mpsc::Receiver<LabelOrder>,
    notices: mpsc::Receiver<PrinterNotice>,
}

impl Labels {
    pub(super) fn new(config: &AgentConfig) -> Result<Self, StartError> {
        let (notices_in, notices) = mpsc::channel(PRINTER_NOTICES_MAX);
        let (printing, worker) = Printing::new(&config.printer, notices_in)?.unzip();
        let (orders_in, orders) = mpsc::channel(LABELS_MAX);
        Ok(Self {
            orders_in: printing.is_some().then_some(orders_in),
            printing,
            worker,
            orders,
            notices,
        })
    }

    /// Starts what prints, where there is a printer.
    pub(super) fn start(self, shared: &Arc<Shared>, cancel: &CancellationToken, tasks: &TaskTracker) {
        if let Some(worker) = self.worker {
            tasks.spawn(worker.run(cancel.clone()));
            tasks.spawn(hand_on_labels(self.orders, Arc::clone(shared), cancel.clone()));
            tasks.spawn(tell_of_printer(self.notices, Arc::clone(shared), cancel.clone()));
        }
    }
}

/// Plays sounds as they come, here and at the scanner that is answered.
pub(super) async fn play(
    mut sounds: mpsc::Receiver<Sounded>,
    mut sounder: Box<dyn Sounder>,
    shared: Arc<Shared>,
    cancel: CancellationToken,
) {
    loop {
        let sounded = tokio::select! {
            biased;
            () = cancel.cancelled() => return,
            sounded = sounds.recv() => sounded,
        };
        let Some(sounded) = sounded else { return };
        let cue = cue_of(&sounded);
        if let Err(error) = sounder.sound(cue) {
            tracing::warn!(%error, "a sound was not heard");
        }
        if let Some(seat) = shared
            .devices
            .iter()
            .find(|seat| Some(&seat.handle.name) == sounded.device.as_ref())
        {
            // A device that is gone or busy hears it no more.
            let _ = seat.handle.commands.try_send(Command::Signal(signal_of(cue)));
        }
    }
}

/// Hands labels on to the printer's queue, in their order.
async fn hand_on_labels(
    mut labels: mpsc::Receiver<LabelOrder>,
    shared: Arc<Shared>,
    cancel: CancellationToken,
) {
    loop {
        let order = tokio::select! {
            biased;
            () = cancel.cancelled() => return,
            order = labels.recv() => order,
        };
        let (Some(order), Some(printing)) = (order, &shared.printing) else {
            return;
        };
        printing.put(&order.into());
    }
}

/// Brings what there is to know about labels before the worker, between two of their inputs.
async fn tell_of_printer(
    mut notices: mpsc::Receiver<PrinterNotice>,
    shared: Arc<Shared>,
    cancel: CancellationToken,
) {
    let telling = async {
        while let Some(notice) = notices.recv().await {
            let incoming = Incoming {
                at: Moment::from_us(shared.calendar.clock().now().us),
                input: Input::Printer(notice),
            };
            if shared.inputs.send(incoming).await.is_err() {
                return;
            }
        }
    };
    tokio::select! {
        biased;
        () = cancel.cancelled() => {}
        () = telling => {}
    }
}

fn cue_of(sounded: &Sounded) -> Cue {
    match sounded.verdict {
        "repeated" => Cue::Duplicate,
        "failed" => Cue::StorageFailure,
        "tag" => Cue::Tag,
        "near" => Cue::Near,
        _ => sounded.tone.into(),
    }
}

const fn signal_of(cue: Cue) -> Signal {
    match cue {
        Cue::Good | Cue::Calm | Cue::Tag | Cue::Near => Signal::Good,
        Cue::Ask => Signal::Ask,
        Cue::Bad | Cue::StorageFailure => Signal::Bad,
        Cue::Duplicate => Signal::NotCounted,
    }
}
