//! One label after the other: what waits, what hinders it, and what people are told.
//!
//! A label leaves the queue when the printer has it: where the printer answers, when it has answered behind the label; else when
//! all bytes of it were taken. Where the way breaks in between nobody knows, and the label is sent again: twice the same label,
//! with the same number, is better than none.

use std::collections::VecDeque;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Notify, mpsc};
use tokio_util::sync::CancellationToken;

use crate::seams::{PrinterNotice, PrinterState, PrinterStatus};

use super::config::{PrinterConfig, PrinterConfigError, Way};
use super::host_status;
use super::label::Label;
use super::link::Connection;
use super::template::Templates;

/// Orders on their way from the floor loop at most.
pub(crate) const LABELS_MAX: usize = 16;

/// How long an answer may take. A printer that prints answers later than one that waits.
const ANSWER: Duration = Duration::from_secs(3);

/// The printer as others see it. Clones share it.
#[derive(Clone)]
pub struct Printing {
    shared: Arc<Shared>,
}

struct Shared {
    queue_max: usize,
    templates: Templates,
    notices: mpsc::Sender<PrinterNotice>,
    inner: Mutex<Inner>,
    arrived: Notify,
}

#[derive(Default)]
struct Inner {
    /// Labels in ZPL, oldest first, each with its number.
    queue: VecDeque<(u64, Arc<str>)>,
    taken: u64,
    status: PrinterStatus,
}

impl Printing {
    /// The printer of a configuration, and the work behind it; `None` where there is none.
    ///
    /// # Errors
    /// What is wrong with the configuration or a template.
    pub fn new(
        config: &PrinterConfig,
        notices: mpsc::Sender<PrinterNotice>,
    ) -> Result<Option<(Self, PrintWorker)>, PrinterConfigError> {
        let Some(way) = config.link.way()? else {
            return Ok(None);
        };
        let shared = Arc::new(Shared {
            queue_max: config.queue_max,
            templates: config.load_templates()?,
            notices,
            inner: Mutex::default(),
            arrived: Notify::new(),
        });
        let worker = PrintWorker {
            way,
            shared: Arc::clone(&shared),
            retry: Duration::from_millis(config.retry_ms),
            answers: false,
            patience: ANSWER,
        };
        Ok(Some((Self { shared }, worker)))
    }

    /// Puts a label into the queue. Never waits; where too many wait the oldest is dropped, and that is told.
    pub fn put(&self, label: &Label) {
        let shared = &self.shared;
        match label.to_zpl(&shared.templates) {
            Ok(zpl) => shared.put(zpl.into()),
            Err(error) => {
                tracing::error!(%error, "a label cannot be printed");
                let mut inner = shared.inner();
                inner.status.dropped += 1;
                inner.status.last_fault = Some(error.to_string());
                drop(inner);
                shared.tell(PrinterNotice::Unprintable);
            }
        }
    }

    /// What is known of the printer.
    pub fn status(&self) -> PrinterStatus {
        let inner = self.shared.inner();
        PrinterStatus {
            waiting: inner.queue.len(),
            ..inner.status.clone()
        }
    }
}

impl Shared {
    fn inner(&self) -> MutexGuard<'_, Inner> {
        // Nothing panics while it is held; and a queue is a queue.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn put(&self, zpl: Arc<str>) {
        let mut inner = self.inner();
        let is_full = inner.queue.len() >= self.queue_max;
        if is_full {
            inner.queue.pop_front();
            inner.status.dropped += 1;
        }
        inner.taken += 1;
        let number = inner.taken;
        inner.queue.push_back((number, zpl));
        let state = inner.status.state;
        drop(inner);
        self.arrived.notify_one();
        if is_full {
            tracing::error!("a label was dropped: too many wait for the printer");
            self.tell(PrinterNotice::TooMany);
        } else if state.is_trouble() {
            // Told with each label: the worker waits for it.
            self.tell(PrinterNotice::Waits(state));
        }
    }

    /// Tells it where there is room; what is told next is newer.
    fn tell(&self, notice: PrinterNotice) {
        let _ = self.notices.try_send(notice);
    }

    fn first(&self) -> Option<(u64, Arc<str>)> {
        self.inner().queue.front().cloned()
    }

    fn printed(&self, number: u64) {
        let mut inner = self.inner();
        // It may have been dropped meanwhile.
        if inner.queue.front().is_some_and(|(first, _)| *first == number) {
            inner.queue.pop_front();
        }
        inner.status.printed += 1;
    }

    fn note(&self, state: PrinterState, fault: Option<String>) {
        let mut inner = self.inner();
        let before = inner.status.state;
        inner.status.state = state;
        if fault.is_some() {
            inner.status.last_fault = fault;
        }
        drop(inner);
        if before == state {
            return;
        }
        if state.is_trouble() {
            tracing::warn!(state = state.word(), "labels wait for the printer");
            self.tell(PrinterNotice::Waits(state));
        } else if before.is_trouble() {
            tracing::info!("the printer prints again");
            self.tell(PrinterNotice::Prints);
        }
    }
}

/// What prints: the work behind a [`Printing`].
pub struct PrintWorker {
    way: Way,
    shared: Arc<Shared>,
    retry: Duration,
    /// The printer has answered before: then an answer is waited for.
    answers: bool,
    /// How long an answer may take.
    pub(super) patience: Duration,
}

impl PrintWorker {
    /// Prints until cancelled.
    pub async fn run(mut self, cancel: CancellationToken) {
        tokio::select! {
            biased;
            () = cancel.cancelled() => {}
            () = self.go_on() => {}
        }
    }

    async fn go_on(&mut self) {
        loop {
            if self.shared.first().is_none() {
                self.shared.arrived.notified().await;
                continue;
            }
            let is_stuck = match self.print_all().await {
                Ok(state) => {
                    self.shared.note(state, None);
                    state.is_trouble()
                }
                Err(error) => {
                    self.shared
                        .note(PrinterState::Unreachable, Some(error.to_string()));
                    true
                }
            };
            if is_stuck {
                tokio::time::sleep(self.retry).await;
            }
        }
    }

    /// Prints what waits, over one connection: a printer has only one at a time.
    async fn print_all(&mut self) -> io::Result<PrinterState> {
        let mut connection = Connection::open(&self.way).await?;
        let mut state = self.ask(&mut connection).await?;
        while !state.is_trouble()
            && let Some((number, zpl)) = self.shared.first()
        {
            connection.send(zpl.as_bytes()).await?;
            state = self.ask(&mut connection).await?;
            self.shared.printed(number);
            self.shared.note(state, None);
        }
        connection.close().await;
        Ok(state)
    }

    /// The printer's state. One that never answers is taken to be ready.
    async fn ask(&mut self, connection: &mut Connection) -> io::Result<PrinterState> {
        if !self.answers && self.shared.inner().status.printed > 0 {
            // Asked once more after a label, and not for each.
            return Ok(PrinterState::Ready);
        }
        let answer = connection.ask(self.patience).await?;
        match host_status::state_of(&answer) {
            Some(state) => {
                self.answers = true;
                Ok(state)
            }
            None if self.answers => Err(io::Error::new(
                io::ErrorKind::TimedOut,
                "the printer answers no more",
            )),
            None => Ok(PrinterState::Ready),
        }
    }
}
