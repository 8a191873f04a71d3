//! A virtual UHF module on a virtual port, in real time: it hears what the agent writes, looks for tags in its air, and tells them.

use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tallyman_codes::Moment;
use tokio::sync::{Notify, watch};
use tokio::task::JoinHandle;
use tokio::time::Instant;

use crate::pty::VirtualPort;
use crate::reader::{Air, Module};

/// A module at its cable.
#[derive(Debug)]
pub struct PluggedReader {
    shared: Arc<Shared>,
    life: JoinHandle<()>,
}

/// How a module is, at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ModuleState {
    /// It looks for tags.
    pub is_looking: bool,
    /// Tags that it has told, each as often as it was read.
    pub told: u64,
    /// Tags that nobody took: the line was full, or pulled.
    pub untaken: u64,
}

struct Shared {
    inside: Mutex<Inside>,
    /// A hand did something, so that there is something else to wait for.
    touched: Notify,
    state: watch::Sender<ModuleState>,
}

struct Inside {
    port: VirtualPort,
    module: Box<dyn Module>,
    air: Box<dyn Air + Send>,
    start: Instant,
    told: u64,
    untaken: u64,
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Shared")
            .field("state", &*self.state.borrow())
            .finish_non_exhaustive()
    }
}

impl PluggedReader {
    /// A module behind a port that is found under `path`, with what stands before its antenna. Needs an asynchronous runtime around
    /// it, as everything else here.
    ///
    /// # Errors
    /// As [`VirtualPort::plug_in`].
    pub fn plug_in(
        path: &Path,
        module: impl Module + 'static,
        air: impl Air + Send + 'static,
    ) -> io::Result<Self> {
        let shared = Arc::new(Shared {
            inside: Mutex::new(Inside {
                port: VirtualPort::plug_in(path)?,
                module: Box::new(module),
                air: Box::new(air),
                start: Instant::now(),
                told: 0,
                untaken: 0,
            }),
            touched: Notify::new(),
            state: watch::Sender::default(),
        });
        let life = tokio::spawn(live(Arc::clone(&shared)));
        Ok(Self { shared, life })
    }

    /// Another line to the same module, which notices nothing: what was under way in the old one is lost.
    ///
    /// # Errors
    /// As [`VirtualPort::plug_in_again`].
    pub fn another_line(&self) -> io::Result<()> {
        self.touch(|inside| inside.port.plug_in_again())
    }

    /// The plug is pulled, which is also its power.
    ///
    /// # Errors
    /// As [`VirtualPort::pull_out`].
    pub fn unplug(&self) -> io::Result<()> {
        self.touch(|inside| {
            inside.module.restart();
            inside.port.pull_out()
        })
    }

    /// Plugs it in again, with the settings that it keeps.
    ///
    /// # Errors
    /// As [`VirtualPort::plug_in_again`].
    pub fn plug_in_again(&self) -> io::Result<()> {
        self.touch(|inside| inside.port.plug_in_again())
    }

    /// Something else stands before its antenna.
    pub fn turn_to(&self, air: impl Air + Send + 'static) {
        // Nothing here can fail.
        let _ = self.touch(|inside| {
            inside.air = Box::new(air);
            Ok(())
        });
    }

    /// How it is.
    pub fn state(&self) -> ModuleState {
        *self.shared.state.borrow()
    }

    /// How it is, as it changes.
    pub fn watch(&self) -> watch::Receiver<ModuleState> {
        self.shared.state.subscribe()
    }

    fn touch(&self, act: impl FnOnce(&mut Inside) -> io::Result<()>) -> io::Result<()> {
        let done = self.shared.change(|inside, _| act(inside));
        self.shared.touched.notify_one();
        done
    }
}

impl Drop for PluggedReader {
    fn drop(&mut self) {
        self.life.abort();
        // Nothing can be done about a path that stays behind in a folder of its own.
        let _ = self.shared.inside().port.pull_out();
    }
}

impl Shared {
    fn inside(&self) -> MutexGuard<'_, Inside> {
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes something, after everything that was due before it.
    fn change<T>(&self, act: impl FnOnce(&mut Inside, Moment) -> T) -> T {
        let mut inside = self.inside();
        let at = inside.now();
        inside.work(at);
        let done = act(&mut inside, at);
        let state = ModuleState {
            is_looking: inside.module.is_looking(),
            told: inside.told,
            untaken: inside.untaken,
        };
        drop(inside);
        self.state.send_if_modified(|before| {
            let is_other = *before != state;
            *before = state;
            is_other
        });
        done
    }
}

impl Inside {
    fn now(&self) -> Moment {
        Moment::from_us(u64::try_from(self.start.elapsed().as_micros()).unwrap_or(u64::MAX))
    }

    /// Looks for tags and tells what is due. What a line does not take that nobody reads is lost, as on a serial line.
    fn work(&mut self, at: Moment) {
        self.module.work(at, self.air.as_mut());
        while let Some(spoken) = self.module.said(at) {
            let tags = spoken.tags.len() as u64;
            match self.port.send(&spoken.bytes) {
                Ok(()) => self.told += tags,
                Err(_) => self.untaken += tags,
            }
        }
    }
}

/// What happens by itself: the agent writes, or something of the module is due.
async fn live(shared: Arc<Shared>) {
    loop {
        let deadline = {
            let inside = shared.inside();
            let deadline = inside.module.deadline();
            deadline.map(|deadline| inside.start + Duration::from_micros(deadline.us))
        };
        let received = std::future::poll_fn(|context| shared.inside().port.poll_received(context));
        let heard = tokio::select! {
            received = received => received,
            () = shared.touched.notified() => continue,
            () = tokio::time::sleep_until(deadline.unwrap_or_else(Instant::now)), if deadline.is_some() => Ok(Vec::new()),
        };
        let lived = shared.change(|inside, at| match heard {
            Ok(bytes) => {
                if !bytes.is_empty() {
                    inside.module.hear(&bytes, at);
                }
                Ok(())
            }
            Err(cause) => {
                inside.port.pull_out()?;
                Err(cause)
            }
        });
        if let Err(error) = lived {
            tracing::warn!(%error, "the virtual reader's line broke");
        }
    }
}
