//! The thread that paints: it keeps the panel at the newest picture, and opens it again when it was lost.
//!
//! A panel can be slow (a small one behind SPI takes a tenth of a second for a picture), and painting is work for the
//! processor; neither may hold up a scan. So the agent only says what is to be shown, and the newest counts.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use embedded_graphics::pixelcolor::Rgb888;
use embedded_graphics::prelude::*;
use tallyman_drivers::link::Backoff;
use tallyman_floor::View;
use tokio::sync::watch;

use super::console::Console;
use super::output::{Output, PanelError, show};
use super::pixels::Rotation;
use crate::screen::{ItemPicture, Painter, Painting, Panel, Picture, Sheet, StatusBar, Theme, Touch};
use crate::status::PanelReport;

/// What lies at a place of a painted screen, for touch.
pub trait Hit {
    /// What the field at this place of the picture stands for.
    fn hit(&self, x: u32, y: u32) -> Option<Touch>;
}

impl Hit for Painting {
    fn hit(&self, x: u32, y: u32) -> Option<Touch> {
        let side = |value: u32| i32::try_from(value).unwrap_or(i32::MAX);
        self.touch_at(Point::new(side(x), side(y)))
    }
}

/// What is to be shown.
#[derive(Debug, Clone, PartialEq)]
pub struct Frame {
    /// The view.
    pub view: Arc<View>,
    /// The bar above it.
    pub status: StatusBar,
    /// The picture that the view wants, where it is here.
    pub picture: Option<Arc<ItemPicture>>,
}

/// How a panel is opened, again and again.
pub type OpenPanel = Box<dyn FnMut() -> Result<Box<dyn Output>, PanelError> + Send>;

/// What a panel is used for.
pub struct Options {
    /// Which way round it is built in.
    pub rotation: Rotation,
    /// The colours.
    pub theme: Theme,
    /// The virtual terminal that must leave the panel alone; empty for none.
    pub console: PathBuf,
    /// Opens the panel.
    pub open: OpenPanel,
    /// Chance, for the jitter of waits.
    pub chance: Box<dyn FnMut() -> u64 + Send>,
}

#[derive(Debug, Default)]
struct Orders {
    frame: Option<Frame>,
    /// What a finger has laid over the view.
    sheet: Sheet,
    dark: bool,
    reopen: bool,
    ends: bool,
    /// Something was ordered since the thread looked last.
    is_new: bool,
}

#[derive(Debug, Default)]
struct Shared {
    orders: Mutex<Orders>,
    ordered: Condvar,
    /// What is shown, for touch.
    painting: Mutex<Option<Arc<Painting>>>,
}

impl Shared {
    fn orders(&self) -> MutexGuard<'_, Orders> {
        self.orders.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn order(&self, order: impl FnOnce(&mut Orders)) {
        let mut orders = self.orders();
        order(&mut orders);
        orders.is_new = true;
        self.ordered.notify_one();
    }

    fn painting(&self) -> MutexGuard<'_, Option<Arc<Painting>>> {
        self.painting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The way to the thread. Clones are ways to the same one.
#[derive(Debug, Clone)]
pub struct PanelHandle {
    shared: Arc<Shared>,
    report: watch::Receiver<PanelReport>,
}

impl PanelHandle {
    /// Shows this from now on.
    pub fn show(&self, frame: Frame) {
        self.shared.order(|orders| orders.frame = Some(frame));
    }

    /// Switches the panel dark, or on again with what is to be shown.
    pub fn blank(&self, dark: bool) {
        if self.is_dark() != dark {
            self.shared.order(|orders| orders.dark = dark);
        }
    }

    /// Whether it is dark, or about to be.
    pub fn is_dark(&self) -> bool {
        self.shared.orders().dark
    }

    /// Opens the panel anew: the device slept, and what the panel remembers is not known.
    pub fn reopen(&self) {
        self.shared.order(|orders| orders.reopen = true);
    }

    /// What the field at this place of what is shown stands for.
    pub fn hit(&self, x: u32, y: u32) -> Option<Touch> {
        if self.is_dark() {
            return None;
        }
        self.shared.painting().as_ref()?.hit(x, y)
    }

    /// What a finger has laid over the view.
    pub fn sheet(&self) -> Sheet {
        self.shared.orders().sheet
    }

    /// A field was touched: keys and keypads come over the view with it, or go.
    pub fn touched(&self, touch: Touch) {
        self.shared.order(|orders| {
            let over = orders.frame.as_ref().map(|frame| orders.sheet.over(&frame.view));
            orders.sheet = over.unwrap_or_default().after(touch);
        });
    }

    /// How the panel is doing.
    pub fn report(&self) -> PanelReport {
        self.report.borrow().clone()
    }

    /// The reports as they change.
    pub fn reports(&self) -> watch::Receiver<PanelReport> {
        self.report.clone()
    }
}

/// The thread. It ends, and gives panel and console back, when this is dropped.
#[derive(Debug)]
pub struct PanelThread {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

impl PanelThread {
    /// Starts it.
    ///
    /// # Errors
    /// What the system says where it gives no thread.
    pub fn start(options: Options) -> io::Result<(Self, PanelHandle)> {
        let shared = Arc::new(Shared::default());
        let (reports, report) = watch::channel(PanelReport {
            state: "opening".to_owned(),
            rotation: options.rotation.degrees(),
            ..PanelReport::default()
        });
        let worker = Worker {
            shared: Arc::clone(&shared),
            reports,
            options,
            painter: Painter::default(),
            opened: None,
            backoff: Backoff::default(),
        };
        let thread = std::thread::Builder::new()
            .name("panel".to_owned())
            .spawn(move || worker.run())?;
        let handle = PanelHandle {
            shared: Arc::clone(&shared),
            report,
        };
        let thread = Some(thread);
        Ok((Self { shared, thread }, handle))
    }
}

impl Drop for PanelThread {
    fn drop(&mut self) {
        self.shared.order(|orders| orders.ends = true);
        if let Some(thread) = self.thread.take() {
            // It catches its own panics; one beyond that was logged by the panic itself.
            let _ = thread.join();
        }
    }
}

/// An open panel and what it shows. The panel is closed before the console comes back.
struct Opened {
    panel: Box<dyn Output>,
    shown: Option<Arc<Painting>>,
    is_dark: bool,
    _console: Option<Console>,
}

struct Worker {
    shared: Arc<Shared>,
    reports: watch::Sender<PanelReport>,
    options: Options,
    painter: Painter,
    opened: Option<Opened>,
    backoff: Backoff,
}

/// What the thread was told, once.
struct Told {
    frame: Option<Frame>,
    sheet: Sheet,
    dark: bool,
    reopen: bool,
}

impl Worker {
    fn run(mut self) {
        let mut retry = Some(Duration::ZERO);
        while let Some(told) = self.wait(retry) {
            if told.reopen {
                self.close();
            }
            let turn = catch_unwind(AssertUnwindSafe(|| self.turn(&told)));
            retry = match turn.unwrap_or_else(|panic| Err(PanelError::Bug(words_of(panic.as_ref())))) {
                Ok(()) => None,
                Err(error) => Some(self.fail(&error)),
            };
        }
        self.close();
    }

    /// Waits for an order, or for the time to try again. `None`: the end.
    fn wait(&self, retry: Option<Duration>) -> Option<Told> {
        let until = retry.map(|retry| Instant::now() + retry);
        let mut orders = self.shared.orders();
        loop {
            if orders.ends {
                return None;
            }
            let left = until.map(|until| until.saturating_duration_since(Instant::now()));
            // What is ordered while the panel is lost waits for the next attempt.
            let is_due = match left {
                Some(left) => left.is_zero() || orders.reopen,
                None => orders.is_new,
            };
            if is_due {
                orders.is_new = false;
                return Some(Told {
                    frame: orders.frame.clone(),
                    sheet: orders.sheet,
                    dark: orders.dark,
                    reopen: std::mem::take(&mut orders.reopen),
                });
            }
            orders = match left {
                None => self
                    .shared
                    .ordered
                    .wait(orders)
                    .unwrap_or_else(PoisonError::into_inner),
                Some(left) => {
                    let waited = self.shared.ordered.wait_timeout(orders, left);
                    waited.unwrap_or_else(PoisonError::into_inner).0
                }
            };
        }
    }

    /// Brings the panel to what was told.
    fn turn(&mut self, told: &Told) -> Result<(), PanelError> {
        let mut opened = match self.opened.take() {
            Some(opened) => opened,
            None => self.open()?,
        };
        let path = opened.panel.path().to_path_buf();
        let failed = |cause| PanelError::of(&path, "showing the screen", cause);
        if told.dark {
            self.darken(&mut opened).map_err(failed)?;
            self.opened = Some(opened);
            return Ok(());
        }
        if opened.is_dark {
            opened.panel.blank(false).map_err(failed)?;
            // What a panel that was off remembers is not known.
            (opened.is_dark, opened.shown) = (false, None);
            self.enter("open");
        }
        if let Some(frame) = &told.frame {
            let size = self.options.rotation.picture_size(opened.panel.size());
            let screen = Panel::new(size.width, size.height, self.options.theme);
            let sheet = told.sheet.over(&frame.view);
            self.painter.show_picture(frame.picture.clone());
            let painting = self
                .painter
                .paint_sheet(&frame.view, sheet, &frame.status, &screen);
            let painting = Arc::new(painting);
            let before = opened.shown.as_ref().map(|shown| &shown.picture);
            show(
                opened.panel.as_mut(),
                self.options.rotation,
                before,
                &painting.picture,
            )
            .map_err(failed)?;
            opened.shown = Some(Arc::clone(&painting));
            *self.shared.painting() = Some(painting);
            self.reports.send_modify(|report| report.pictures += 1);
        }
        self.opened = Some(opened);
        Ok(())
    }

    fn open(&mut self) -> Result<Opened, PanelError> {
        let panel = (self.options.open)()?;
        let console = Console::take(&self.options.console);
        let console_error = console.as_ref().err().map(|error| {
            format!(
                "the console may write over the picture, because {} cannot be taken: {error}; give the agent \
                 CAP_SYS_TTY_CONFIG, or set `screen.console`",
                self.options.console.display()
            )
        });
        if let Some(warning) = &console_error {
            tracing::warn!("{warning}");
        }
        let size = self.options.rotation.picture_size(panel.size());
        tracing::info!(
            output = panel.kind(),
            width = size.width,
            height = size.height,
            "the panel is open"
        );
        self.backoff.reset();
        self.reports.send_modify(|report| {
            panel.kind().clone_into(&mut report.output);
            report.node = panel.path().display().to_string();
            "open".clone_into(&mut report.state);
            (report.width, report.height) = (size.width, size.height);
            report.last_error = console_error;
        });
        Ok(Opened {
            panel,
            shown: None,
            is_dark: false,
            _console: console.ok().flatten(),
        })
    }

    fn darken(&mut self, opened: &mut Opened) -> io::Result<()> {
        if opened.is_dark {
            return Ok(());
        }
        // Nobody touches what cannot be seen.
        *self.shared.painting() = None;
        if !opened.panel.blank(true)? {
            let size = self.options.rotation.picture_size(opened.panel.size());
            let dark = Picture::new(size.width, size.height, Rgb888::BLACK);
            show(opened.panel.as_mut(), self.options.rotation, None, &dark)?;
        }
        opened.is_dark = true;
        self.enter("dark");
        Ok(())
    }

    fn enter(&self, state: &str) {
        self.reports
            .send_modify(|report| state.clone_into(&mut report.state));
    }

    fn close(&mut self) {
        self.opened = None;
        *self.shared.painting() = None;
    }

    /// Keeps the reason, and logs it unless it is the same as before. Gives the wait before the next attempt.
    fn fail(&mut self, error: &PanelError) -> Duration {
        self.close();
        let reason = error.to_string();
        self.reports.send_modify(|report| {
            "waiting".clone_into(&mut report.state);
            if report.last_error.as_ref() != Some(&reason) {
                tracing::warn!(%reason, "the panel shows nothing, and is tried again");
                report.last_error = Some(reason);
            }
        });
        Duration::from_millis(self.backoff.next_ms(&mut self.options.chance))
    }
}

fn words_of(panic: &(dyn std::any::Any + Send)) -> String {
    let words = panic.downcast_ref::<&str>().map(|words| (*words).to_owned());
    words
        .or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests;
