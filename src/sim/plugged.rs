//! A virtual scanner on a virtual port, in real time: it hears what the agent writes, answers, and sends again.
//!
//! What a hand does with it (pull the trigger, pull the plug) takes effect at once; a task of the runtime does what
//! happens by itself.

use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tallyman_codes::Moment;
use tokio::sync::{Notify, watch};
use tokio::task::JoinHandle;
use tokio::time::Instant;

use crate::pty::VirtualPort;
use crate::scanner::{Beep, Face, Label, Lights, Manners, Scanner, ScannerKind};

/// A scanner at its cable.
#[derive(Debug)]
pub struct PluggedScanner {
    kind: ScannerKind,
    shared: Arc<Shared>,
    life: JoinHandle<()>,
}

/// How a scanner is, at one moment.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ScannerState {
    /// Its kind.
    pub kind: ScannerKind,
    /// What burns.
    pub lights: Lights,
    /// The last beep.
    pub last_beep: Option<Beep>,
    /// How often it beeped.
    pub beeps: u64,
    /// Codes that wait in it for the host.
    pub holds: usize,
    /// Codes that the host has taken.
    pub delivered: u64,
    /// Codes that it gave up.
    pub undelivered: u64,
    /// Whether it sends codes as the program wants them.
    pub is_set_up: bool,
    /// Whether its plug is in.
    pub is_plugged_in: bool,
}

#[derive(Debug)]
struct Shared {
    inside: Mutex<Inside>,
    /// A hand did something, so that there is something else to wait for.
    touched: Notify,
    state: watch::Sender<ScannerState>,
}

#[derive(Debug)]
struct Inside {
    port: VirtualPort,
    scanner: Box<dyn Scanner>,
    start: Instant,
}

impl PluggedScanner {
    /// A scanner as it comes from the factory, behind a port that is found under `path`. Needs an asynchronous runtime
    /// around it, as everything else here.
    ///
    /// # Errors
    /// As [`VirtualPort::plug_in`].
    pub fn plug_in(path: &Path, kind: ScannerKind, manners: Manners) -> io::Result<Self> {
        let inside = Inside {
            port: VirtualPort::plug_in(path)?,
            scanner: kind.make(manners),
            start: Instant::now(),
        };
        let shared = Arc::new(Shared {
            state: watch::Sender::new(inside.state(kind)),
            inside: Mutex::new(inside),
            touched: Notify::new(),
        });
        let life = tokio::spawn(live(Arc::clone(&shared), kind));
        Ok(Self { kind, shared, life })
    }

    /// What it is.
    pub const fn kind(&self) -> ScannerKind {
        self.kind
    }

    /// A finger pulls the trigger over a label.
    ///
    /// # Errors
    /// [`io::ErrorKind::NotConnected`] when the plug is out, [`io::ErrorKind::WouldBlock`] when a scanner that is not
    /// acknowledged finds the line full.
    pub fn pull(&self, label: &Label) -> io::Result<()> {
        self.touch(|inside, at| {
            inside.plugged_in()?;
            inside.scanner.pull(Some(label), at);
            inside.speak()
        })
    }

    /// A finger pulls a trigger that bounces: twice in one moment, unless the scanner keeps the second back.
    ///
    /// # Errors
    /// As [`PluggedScanner::pull`].
    pub fn pull_bouncing(&self, label: &Label) -> io::Result<()> {
        let times = if self.kind.filters_repeats() { 1 } else { 2 };
        self.touch(|inside, at| {
            inside.plugged_in()?;
            for _ in 0..times {
                inside.scanner.pull(Some(label), at);
            }
            inside.speak()
        })
    }

    /// Sends bytes that the scanner itself would not.
    ///
    /// # Errors
    /// As [`PluggedScanner::pull`].
    pub fn send(&self, bytes: &[u8]) -> io::Result<()> {
        self.touch(|inside, _| inside.port.send(bytes))
    }

    /// Pulls the plug, which is also its power.
    ///
    /// # Errors
    /// As [`VirtualPort::pull_out`].
    pub fn unplug(&self) -> io::Result<()> {
        self.touch(|inside, at| {
            inside.scanner.power_off(at);
            inside.port.pull_out()
        })
    }

    /// Plugs it in again, with the settings that it keeps.
    ///
    /// # Errors
    /// As [`VirtualPort::plug_in_again`].
    pub fn plug_in_again(&self) -> io::Result<()> {
        self.touch(|inside, at| {
            inside.port.plug_in_again()?;
            inside.scanner.power_on(at);
            inside.speak()
        })
    }

    /// Another line to the same scanner, which notices nothing: what was under way in the old one is lost.
    ///
    /// # Errors
    /// As [`VirtualPort::plug_in_again`].
    pub fn another_line(&self) -> io::Result<()> {
        self.touch(|inside, _| match inside.port.is_plugged_in() {
            true => inside.port.plug_in_again(),
            false => Ok(()),
        })
    }

    /// From now on it behaves so.
    pub fn behave(&self, manners: Manners) {
        // Nothing here can fail.
        let _ = self.touch(|inside, _| {
            inside.scanner.behave(manners);
            Ok(())
        });
    }

    /// How it is.
    pub fn state(&self) -> ScannerState {
        self.shared.state.borrow().clone()
    }

    /// How it is, as it changes.
    pub fn watch(&self) -> watch::Receiver<ScannerState> {
        self.shared.state.subscribe()
    }

    /// What was seen and heard of it.
    pub fn face(&self) -> Face {
        self.shared.inside().scanner.face().clone()
    }

    fn touch(&self, act: impl FnOnce(&mut Inside, Moment) -> io::Result<()>) -> io::Result<()> {
        let done = self.shared.change(self.kind, act);
        self.shared.touched.notify_one();
        done
    }
}

impl Drop for PluggedScanner {
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
    fn change(
        &self,
        kind: ScannerKind,
        act: impl FnOnce(&mut Inside, Moment) -> io::Result<()>,
    ) -> io::Result<()> {
        let mut inside = self.inside();
        let at = inside.now();
        if inside.scanner.deadline().is_some_and(|deadline| deadline <= at) {
            inside.scanner.idle(at);
        }
        let done = act(&mut inside, at);
        let state = inside.state(kind);
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

    fn plugged_in(&self) -> io::Result<()> {
        match self.port.is_plugged_in() {
            true => Ok(()),
            false => Err(io::ErrorKind::NotConnected.into()),
        }
    }

    /// Sends what is due, in one piece. What a line does not take that nobody reads is lost, as on a serial line.
    fn speak(&mut self) -> io::Result<()> {
        let at = self.now();
        let said: Vec<u8> = std::iter::from_fn(|| self.scanner.said(at)).flatten().collect();
        match said.is_empty() {
            true => Ok(()),
            false => self.port.send(&said),
        }
    }

    fn state(&self, kind: ScannerKind) -> ScannerState {
        let (face, tally) = (self.scanner.face(), self.scanner.tally());
        ScannerState {
            kind,
            lights: face.lights(),
            last_beep: face.last_beep(),
            beeps: face.beeps_all(),
            holds: self.scanner.holds(),
            delivered: tally.delivered,
            undelivered: tally.undelivered,
            is_set_up: self.scanner.is_set_up(),
            is_plugged_in: self.port.is_plugged_in(),
        }
    }
}

/// What happens by itself: the agent writes, or a deadline of the scanner passes.
async fn live(shared: Arc<Shared>, kind: ScannerKind) {
    loop {
        let deadline = {
            let inside = shared.inside();
            let deadline = inside.scanner.deadline();
            deadline.map(|deadline| inside.start + std::time::Duration::from_micros(deadline.us))
        };
        let received = std::future::poll_fn(|context| shared.inside().port.poll_received(context));
        let heard = tokio::select! {
            received = received => received,
            () = shared.touched.notified() => continue,
            () = tokio::time::sleep_until(deadline.unwrap_or_else(Instant::now)), if deadline.is_some() => Ok(Vec::new()),
        };
        let lived = shared.change(kind, |inside, at| match heard {
            Ok(bytes) => {
                if !bytes.is_empty() {
                    inside.scanner.hear(&bytes, at);
                }
                // A line that is full or pulled takes nothing; the scanner does not know.
                let _ = inside.speak();
                Ok(())
            }
            Err(cause) => {
                inside.port.pull_out()?;
                Err(cause)
            }
        });
        if let Err(error) = lived {
            tracing::warn!(%error, "the virtual scanner's line broke");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Read as _, Write as _};

    const ACK: [u8; 6] = [0x04, 0xD0, 0x04, 0x00, 0xFF, 0x28];

    struct Near(std::fs::File);

    impl Near {
        fn open(path: &Path) -> Self {
            let file = std::fs::File::options().read(true).write(true).open(path);
            Self(file.expect("the near end opens"))
        }

        fn read(&mut self, count: usize) -> Vec<u8> {
            let mut bytes = vec![0; count];
            self.0.read_exact(&mut bytes).expect("received");
            bytes
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_code_is_sent_again_until_it_is_acknowledged() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("scanner");
        let scanner =
            PluggedScanner::plug_in(&path, ScannerKind::ZebraSsi, Manners::good()).expect("a scanner");
        let mut near = Near::open(&path);
        // PARAM_SEND: codes in packets.
        near.0
            .write_all(&[0x07, 0xC6, 0x04, 0x00, 0xFF, 0xEE, 0x01, 0xFD, 0x41])
            .expect("written");
        let mut states = scanner.watch();
        states.wait_for(|state| state.is_set_up).await.expect("it lives");
        assert_eq!(near.read(6), [0x04, 0xD0, 0x00, 0x00, 0xFF, 0x2C]);

        scanner.pull(&Label::of("]C0A")).expect("scanned");
        assert_eq!(near.read(8)[..6], [0x06, 0xF3, 0x00, 0x00, 0x03, b'A']);
        assert_eq!(scanner.state().holds, 1);
        // The clock stands still while something can be done, and jumps when nothing can.
        tokio::time::sleep(std::time::Duration::from_millis(2_001)).await;
        assert_eq!(
            near.read(8)[..4],
            [0x06, 0xF3, 0x00, 0x01],
            "marked as sent again"
        );
        near.0.write_all(&ACK).expect("written");
        states.wait_for(|state| state.holds == 0).await.expect("it lives");
        assert_eq!((scanner.state().delivered, scanner.state().undelivered), (1, 0));
    }

    #[tokio::test]
    async fn a_pulled_plug_is_its_power_and_another_line_is_not() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("scanner");
        let scanner =
            PluggedScanner::plug_in(&path, ScannerKind::Honeywell, Manners::good()).expect("a scanner");
        let mut near = Near::open(&path);
        near.0.write_all(b"\x16M\rDECHDR1!").expect("written");
        let mut states = scanner.watch();
        states.wait_for(|state| state.is_set_up).await.expect("it lives");
        scanner.another_line().expect("another line");
        assert!(scanner.state().is_set_up);
        let mut near = Near::open(&path);
        scanner.pull(&Label::of("]C0A")).expect("scanned");
        assert_eq!(near.read(2), [0x16, 0xFE]);

        scanner.unplug().expect("unplugged");
        assert!(!path.exists());
        let refused = scanner.pull(&Label::of("]C0A")).expect_err("no line");
        assert_eq!(refused.kind(), io::ErrorKind::NotConnected);
        scanner.another_line().expect("nothing to do");
        assert!(!scanner.state().is_plugged_in, "nobody plugged it in");
        scanner.plug_in_again().expect("plugged in");
        assert!(!scanner.state().is_set_up, "what was set until power-down");
        let mut near = Near::open(&path);
        scanner.pull_bouncing(&Label::of("]C0A")).expect("scanned");
        assert_eq!(near.read(4), b"A\rA\r");
    }
}
