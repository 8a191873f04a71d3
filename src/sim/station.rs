//! A device as a real process: the agent of this program, with a store, a control socket and a virtual scanner of
//! its own, in a folder of its own.
//!
//! Whoever holds a [`Station`] is the worker: scans travel through a pseudo terminal and the real driver, keys and
//! everything seen and heard through the control socket. The battery can be pulled at any moment ([`Station::kill`]).

mod plan;

use std::io;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::UnixStream;
use tokio::process::{Child, Command};
use tokio::sync::{broadcast, watch};
use tokio::task::JoinHandle;

use crate::heard::{Heard, Place, Screen, Sound};
use crate::plugged::{PluggedScanner, ScannerState};
use crate::scanner::{Face, Label, Manners};

pub use plan::StationPlan;

/// The scanner's name in the configuration, as sounds repeat it.
pub const SCANNER: &str = "scanner";

/// How long anything that takes milliseconds may take on a machine that is busy with other things.
const PATIENCE: Duration = Duration::from_secs(60);

/// Time between two tries to connect to an agent that is starting.
const CONNECT_AGAIN: Duration = Duration::from_millis(5);

/// Lines that an operator may be behind; each scan makes two.
const HEARD_MAX: usize = 4_096;

/// Bytes of one answer of the control socket: a picture of the largest screen in hexadecimal fits.
const ANSWER_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// Facts that are remembered as sounded: a month of work on one device.
const SOUNDED_MAX: usize = 1_000_000;

/// Why a station does not do what it is asked.
#[derive(Debug, thiserror::Error)]
pub enum StationError {
    /// Something of the machine.
    #[error("{station}: {what}: {cause}")]
    System {
        /// The station.
        station: String,
        /// What was tried.
        what: String,
        /// What the system said.
        cause: io::Error,
    },
    /// The agent ended by itself.
    #[error("{station}: the agent ended with {status} while starting. It said:\n{log}")]
    Ended {
        /// The station.
        station: String,
        /// How it ended.
        status: ExitStatus,
        /// The end of its log.
        log: String,
    },
    /// Nothing came in time.
    #[error("{station}: {what} did not come within {} s. The screen showed: {screen}", PATIENCE.as_secs())]
    TooLate {
        /// The station.
        station: String,
        /// What was waited for.
        what: String,
        /// What the screen showed.
        screen: String,
    },
    /// The battery is out.
    #[error("{station}: the device is off; put the battery back first")]
    Off {
        /// The station.
        station: String,
    },
    /// The agent answered with an error, or with something else than it should.
    #[error("{station}: the agent answered {answer}")]
    Answer {
        /// The station.
        station: String,
        /// The answer.
        answer: String,
    },
}

/// A device as a real process. Dropping it kills the process.
#[derive(Debug)]
pub struct Station {
    plan: StationPlan,
    scanner: PluggedScanner,
    running: Option<Running>,
    ears: Arc<Ears>,
    restarts: u64,
}

/// The process and whoever listens to it.
#[derive(Debug)]
struct Running {
    child: Child,
    listening: JoinHandle<()>,
}

/// Everything seen and heard, over all lives of the process.
#[derive(Debug)]
struct Ears {
    sounded: Mutex<Vec<Place>>,
    screen: watch::Sender<Screen>,
    heard: broadcast::Sender<Heard>,
}

impl Station {
    /// Makes the folder, the configuration and the scanner, and starts the agent. It answers when this returns.
    ///
    /// # Errors
    /// [`StationError`] with the agent's own words where it does not start.
    pub async fn start(plan: StationPlan) -> Result<Self, StationError> {
        let failed = |what: &str, cause| StationError::System {
            station: plan.name.clone(),
            what: what.to_owned(),
            cause,
        };
        std::fs::create_dir_all(&plan.folder).map_err(|cause| failed("its folder", cause))?;
        std::fs::write(plan.config_path(), plan.config())
            .map_err(|cause| failed("its configuration", cause))?;
        let scanner = PluggedScanner::plug_in(&plan.scanner_path(), plan.scanner, Manners::good())
            .map_err(|cause| failed("its scanner", cause))?;
        let ears = Ears {
            sounded: Mutex::default(),
            screen: watch::Sender::default(),
            heard: broadcast::Sender::new(HEARD_MAX),
        };
        let mut station = Self {
            plan,
            scanner,
            running: None,
            ears: Arc::new(ears),
            restarts: 0,
        };
        station.launch().await?;
        Ok(station)
    }

    /// The battery is pulled: SIGKILL, at once. What was on its way to and from the scanner is gone with it; what the
    /// agent had already said is still heard. The scanner has a power of its own, and goes on.
    ///
    /// # Errors
    /// [`StationError::System`] where the process cannot be waited for.
    pub async fn kill(&mut self) -> Result<(), StationError> {
        let Some(mut running) = self.running.take() else {
            return Ok(());
        };
        let killed = running.child.kill().await;
        killed.map_err(|cause| self.system("the agent cannot be killed", cause))?;
        // The socket's buffer outlives the process: all that was sounded is heard before this returns.
        let _ = tokio::time::timeout(PATIENCE, running.listening).await;
        self.another_line()
    }

    /// Bytes in the old line are lost, and no claim of the dead process is left on it.
    fn another_line(&self) -> Result<(), StationError> {
        let replugged = self.scanner.another_line();
        replugged.map_err(|cause| self.system("its scanner", cause))
    }

    /// Starts the agent again after [`Station::kill`] or [`Station::stop`], on the store as it was left.
    ///
    /// # Errors
    /// As [`Station::start`].
    pub async fn restart(&mut self) -> Result<(), StationError> {
        if self.running.is_none() {
            // What a scanner sends to a port that nobody has open goes nowhere.
            self.another_line()?;
            self.launch().await?;
            self.restarts += 1;
        }
        Ok(())
    }

    /// Ends the agent in an orderly way: SIGTERM.
    ///
    /// # Errors
    /// [`StationError::TooLate`] where it does not end; it is killed then.
    pub async fn stop(&mut self) -> Result<ExitStatus, StationError> {
        let Some(mut running) = self.running.take() else {
            return Err(self.off());
        };
        let signalled = match running
            .child
            .id()
            .and_then(|id| Pid::from_raw(id.try_into().ok()?))
        {
            Some(pid) => kill_process(pid, Signal::TERM).map_err(io::Error::from),
            None => Ok(()),
        };
        signalled.map_err(|cause| self.system("the agent cannot be ended", cause))?;
        let ended = tokio::time::timeout(PATIENCE, running.child.wait()).await;
        let status = ended.map_err(|_| self.too_late("the end of the agent"))?;
        let _ = tokio::time::timeout(PATIENCE, running.listening).await;
        self.another_line()?;
        status.map_err(|cause| self.system("the agent cannot be waited for", cause))
    }

    /// Pulls the trigger over a label: an AIM identifier and the data, as [`Label::of`] reads them.
    ///
    /// # Errors
    /// [`StationError::System`] where the scanner is unplugged, or nobody reads what it sends.
    pub fn scan(&mut self, text: &str) -> Result<(), StationError> {
        let pulled = self.scanner.pull(&Label::of(text));
        pulled.map_err(|cause| self.system("the scanner", cause))
    }

    /// Pulls a trigger that bounces: the code is sent twice, unless the scanner keeps the second one back by itself.
    ///
    /// # Errors
    /// As [`Station::scan`].
    pub fn scan_bouncing(&mut self, text: &str) -> Result<(), StationError> {
        let pulled = self.scanner.pull_bouncing(&Label::of(text));
        pulled.map_err(|cause| self.system("the scanner", cause))
    }

    /// Sends raw bytes on the scanner's line.
    ///
    /// # Errors
    /// As [`Station::scan`].
    pub fn send(&mut self, bytes: &[u8]) -> Result<(), StationError> {
        let sent = self.scanner.send(bytes);
        sent.map_err(|cause| self.system("the scanner", cause))
    }

    /// How the scanner is.
    pub fn scanner(&self) -> ScannerState {
        self.scanner.state()
    }

    /// How the scanner is, as it changes.
    pub fn scanner_changes(&self) -> watch::Receiver<ScannerState> {
        self.scanner.watch()
    }

    /// What the scanner beeped and lit.
    pub fn scanner_face(&self) -> Face {
        self.scanner.face()
    }

    /// From now on the scanner behaves so.
    pub fn let_scanner_behave(&self, manners: Manners) {
        self.scanner.behave(manners);
    }

    /// Waits until the scanner is as wanted.
    ///
    /// # Errors
    /// [`StationError::TooLate`]
    pub async fn scanner_that(
        &self,
        what: &str,
        wanted: impl FnMut(&ScannerState) -> bool,
    ) -> Result<ScannerState, StationError> {
        let mut states = self.scanner.watch();
        let found = tokio::time::timeout(PATIENCE, states.wait_for(wanted)).await;
        match found {
            Ok(Ok(state)) => Ok(state.clone()),
            _ => Err(self.too_late(what)),
        }
    }

    /// Presses a key, by the name that the control socket knows: a character, or `enter`, `escape`, `backspace`,
    /// `undo`, `done`, `short`, `type`.
    ///
    /// # Errors
    /// [`StationError`] where the agent does not take it.
    pub async fn press(&self, key: &str) -> Result<(), StationError> {
        self.ask(json!({ "key": key })).await.map(drop)
    }

    /// What the agent is doing, as `tallyman status` says it.
    ///
    /// # Errors
    /// [`StationError`] where it does not answer.
    pub async fn status(&self) -> Result<Value, StationError> {
        let mut answer = self.ask(json!({ "ask": "status" })).await?;
        Ok(answer["status"].take())
    }

    /// A picture of the screen, as PNG.
    ///
    /// # Errors
    /// [`StationError`] where the agent does not answer.
    pub async fn shot(&self) -> Result<Vec<u8>, StationError> {
        let answer = self.ask(json!({ "ask": "shot" })).await?;
        let png = answer["shot"]["png_hex"].as_str().and_then(unhex);
        png.ok_or_else(|| self.answered("no picture"))
    }

    /// How many of its confirmations wait for the hub.
    ///
    /// # Errors
    /// [`StationError`] where the agent does not answer.
    pub async fn waiting(&self) -> Result<u64, StationError> {
        let status = self.status().await?;
        status["outbox"]["waiting"]
            .as_u64()
            .ok_or_else(|| self.answered(&status.to_string()))
    }

    /// The last seq of its journal.
    ///
    /// # Errors
    /// [`StationError`] where the agent does not answer.
    pub async fn last_seq(&self) -> Result<u64, StationError> {
        let status = self.status().await?;
        status["outbox"]["last_seq"]
            .as_u64()
            .ok_or_else(|| self.answered(&status.to_string()))
    }

    /// What the screen shows now, asked for over another connection.
    ///
    /// # Errors
    /// [`StationError`] where the agent does not answer.
    pub async fn shown(&self) -> Result<Screen, StationError> {
        let mut answer = self.ask(json!({ "ask": "view" })).await?;
        serde_json::from_value(answer["view"].take()).map_err(|_| self.answered("no screen"))
    }

    /// Listens again to an agent that has started anew by itself, as one does that was set up.
    ///
    /// # Errors
    /// As [`Station::start`].
    pub async fn listen_again(&mut self) -> Result<(), StationError> {
        let Some(mut running) = self.running.take() else {
            return Err(self.off());
        };
        running.listening.abort();
        let stream = self.connect_to(&mut running.child).await?;
        running.listening = self.watch(stream).await?;
        self.running = Some(running);
        Ok(())
    }

    /// Everything seen and heard from now on.
    pub fn listen(&self) -> broadcast::Receiver<Heard> {
        self.ears.heard.subscribe()
    }

    /// What the screen shows.
    pub fn screen(&self) -> Screen {
        self.ears.screen.borrow().clone()
    }

    /// Waits until the screen shows something that is wanted, and gives it.
    ///
    /// # Errors
    /// [`StationError::TooLate`] with what it shows instead.
    pub async fn screen_that(
        &self,
        what: &str,
        wanted: impl FnMut(&Screen) -> bool,
    ) -> Result<Screen, StationError> {
        let mut screens = self.ears.screen.subscribe();
        let found = tokio::time::timeout(PATIENCE, screens.wait_for(wanted)).await;
        match found {
            Ok(Ok(screen)) => Ok(screen.clone()),
            _ => Err(self.too_late(what)),
        }
    }

    /// The next answer to a scan or a key, from a listener of this station.
    ///
    /// # Errors
    /// [`StationError::TooLate`] where none comes.
    pub async fn next_sound(&self, heard: &mut broadcast::Receiver<Heard>) -> Result<Sound, StationError> {
        let answer = async {
            loop {
                match heard.recv().await {
                    Ok(Heard::Sound(sound)) => return Ok(sound),
                    Ok(Heard::View(_)) => {}
                    Ok(Heard::Missed(count)) => {
                        return Err(self.answered(&format!("too fast: {count} missed")));
                    }
                    Err(error) => return Err(self.answered(&error.to_string())),
                }
            }
        };
        let answered = tokio::time::timeout(PATIENCE, answer).await;
        answered.unwrap_or_else(|_| Err(self.too_late("an answer")))
    }

    /// The facts that a good sound has promised so far, in the order in which they were heard.
    pub fn sounded(&self) -> Vec<Place> {
        self.ears.sounded().clone()
    }

    /// The scanner's link breaks and comes back at once, as a wireless one does. The scanner has a power of its own.
    ///
    /// # Errors
    /// [`StationError::System`]
    pub fn break_scanner_line(&mut self) -> Result<(), StationError> {
        self.another_line()
    }

    /// Pulls the scanner's plug.
    ///
    /// # Errors
    /// [`StationError::System`]
    pub fn unplug_scanner(&mut self) -> Result<(), StationError> {
        let pulled = self.scanner.unplug();
        pulled.map_err(|cause| self.system("the scanner", cause))
    }

    /// Plugs the scanner in again.
    ///
    /// # Errors
    /// [`StationError::System`]
    pub fn plug_in_scanner(&mut self) -> Result<(), StationError> {
        let plugged = self.scanner.plug_in_again();
        plugged.map_err(|cause| self.system("the scanner", cause))
    }

    /// Whether the agent was started and not killed or stopped since.
    pub const fn is_on(&self) -> bool {
        self.running.is_some()
    }

    /// How often it was started again.
    pub const fn restarts(&self) -> u64 {
        self.restarts
    }

    /// What it calls itself.
    pub fn name(&self) -> &str {
        &self.plan.name
    }

    /// The store's file.
    pub fn store_path(&self) -> PathBuf {
        self.plan.store_path()
    }

    /// The end of the agent's log.
    pub fn log_tail(&self) -> String {
        tail(&self.plan.log_path())
    }

    async fn launch(&mut self) -> Result<(), StationError> {
        let log = std::fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(self.plan.log_path())
            .map_err(|cause| self.system("its log", cause))?;
        let child = Command::new(&self.plan.program)
            .arg("agent")
            .arg("--config")
            .arg(self.plan.config_path())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            // Ctrl-C at the terminal is for the one who holds the station; the agent is ended by its holder.
            .process_group(0)
            .kill_on_drop(true)
            .spawn();
        let what = format!("{} cannot be started", self.plan.program.display());
        let mut child = child.map_err(|cause| self.system(&what, cause))?;
        let stream = self.connect_to(&mut child).await?;
        let listening = self.watch(stream).await?;
        self.running = Some(Running { child, listening });
        Ok(())
    }

    /// Connects as soon as the agent listens.
    async fn connect_to(&self, child: &mut Child) -> Result<UnixStream, StationError> {
        let connected = async {
            loop {
                if let Ok(stream) = UnixStream::connect(self.plan.socket_path()).await {
                    return Ok(stream);
                }
                if let Ok(Some(status)) = child.try_wait() {
                    let log = self.log_tail();
                    return Err(StationError::Ended {
                        station: self.plan.name.clone(),
                        status,
                        log,
                    });
                }
                tokio::time::sleep(CONNECT_AGAIN).await;
            }
        };
        let connected = tokio::time::timeout(PATIENCE, connected).await;
        connected.unwrap_or_else(|_| Err(self.too_late("the start of the agent")))
    }

    /// Listens to the agent; the first screen is there when this returns.
    async fn watch(&self, stream: UnixStream) -> Result<JoinHandle<()>, StationError> {
        let (read, mut write) = stream.into_split();
        let asked = write.write_all(b"{\"ask\":\"watch\"}\n").await;
        asked.map_err(|cause| self.system("the control socket", cause))?;
        let mut lines = BufReader::new(read).lines();
        let first = tokio::time::timeout(PATIENCE, lines.next_line()).await;
        match first {
            Ok(Ok(Some(line))) if self.ears.hear(&line) => {}
            Ok(Ok(line)) => return Err(self.answered(&format!("{line:?}"))),
            Ok(Err(cause)) => return Err(self.system("the control socket", cause)),
            Err(_) => return Err(self.too_late("the first screen")),
        }
        let ears = Arc::clone(&self.ears);
        Ok(tokio::spawn(async move {
            // The writing half stays open for as long as somebody listens.
            let _write = write;
            while let Ok(Some(line)) = lines.next_line().await {
                ears.hear(&line);
            }
        }))
    }

    async fn ask(&self, request: Value) -> Result<Value, StationError> {
        if self.running.is_none() {
            return Err(self.off());
        }
        let exchange = async {
            let mut stream = UnixStream::connect(self.plan.socket_path()).await?;
            stream.write_all(format!("{request}\n").as_bytes()).await?;
            let mut line = Vec::new();
            let mut answer = BufReader::new(stream.take(ANSWER_BYTES_MAX));
            answer.read_until(b'\n', &mut line).await?;
            serde_json::from_slice::<Value>(&line).map_err(io::Error::from)
        };
        let answered = tokio::time::timeout(PATIENCE, exchange).await;
        let answer = answered
            .map_err(|_| self.too_late("an answer of the control socket"))?
            .map_err(|cause| self.system("the control socket", cause))?;
        match answer.get("error") {
            Some(error) => Err(self.answered(&error.to_string())),
            None => Ok(answer),
        }
    }

    fn system(&self, what: &str, cause: io::Error) -> StationError {
        StationError::System {
            station: self.plan.name.clone(),
            what: what.to_owned(),
            cause,
        }
    }

    fn too_late(&self, what: &str) -> StationError {
        StationError::TooLate {
            station: self.plan.name.clone(),
            what: what.to_owned(),
            screen: self.screen().as_text(),
        }
    }

    fn answered(&self, answer: &str) -> StationError {
        StationError::Answer {
            station: self.plan.name.clone(),
            answer: answer.to_owned(),
        }
    }

    fn off(&self) -> StationError {
        StationError::Off {
            station: self.plan.name.clone(),
        }
    }
}

impl Ears {
    /// Takes one line of the agent. False where it is none.
    fn hear(&self, line: &str) -> bool {
        let Ok(heard) = serde_json::from_str::<Heard>(line) else {
            tracing::warn!(line, "a line of the agent is not understood");
            return false;
        };
        match &heard {
            Heard::View(screen) => {
                self.screen.send_replace(Screen::clone(screen));
            }
            Heard::Sound(sound) if sound.tone == "good" => {
                let mut sounded = self.sounded();
                let room = SOUNDED_MAX.saturating_sub(sounded.len());
                sounded.extend(sound.confirmed.iter().take(room));
            }
            Heard::Sound(_) | Heard::Missed(_) => {}
        }
        // An error means that nobody else listens.
        let _ = self.heard.send(heard);
        true
    }

    fn sounded(&self) -> std::sync::MutexGuard<'_, Vec<Place>> {
        self.sounded.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Bytes of a log that are repeated in an error.
const LOG_TAIL_BYTES: usize = 2_000;

fn tail(path: &Path) -> String {
    let log = std::fs::read(path).unwrap_or_default();
    let from = log.len().saturating_sub(LOG_TAIL_BYTES);
    String::from_utf8_lossy(log.get(from..).unwrap_or_default()).into_owned()
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits = text.as_bytes().chunks_exact(2);
    if !digits.remainder().is_empty() {
        return None;
    }
    digits
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(folder: &Path, program: &str) -> StationPlan {
        StationPlan {
            program: PathBuf::from(program),
            folder: folder.join("picker"),
            name: "picker \"1\"".to_owned(),
            hub_url: "http://127.0.0.1:1".to_owned(),
            enrolment_code: "K7".to_owned(),
            screen: (240, 320),
            duplicate_ms: 150,
            scanner: crate::scanner::ScannerKind::Text,
            more: String::new(),
        }
    }

    #[tokio::test]
    async fn an_agent_that_ends_is_told_with_its_own_words() {
        let folder = tempfile::tempdir().expect("a folder");
        let program = folder.path().join("program");
        std::fs::write(&program, "#!/bin/sh\necho the disk is full >&2\nexit 2\n").expect("a program");
        let runs = std::os::unix::fs::PermissionsExt::from_mode(0o700);
        std::fs::set_permissions(&program, runs).expect("executable");
        let failed = Station::start(plan(folder.path(), &program.to_string_lossy())).await;
        let told = failed.map(drop).expect_err("it ended").to_string();
        assert!(
            told.contains("the disk is full") && told.contains("exit status: 2"),
            "{told}"
        );
    }

    #[tokio::test]
    async fn a_program_that_is_not_there_is_named() {
        let folder = tempfile::tempdir().expect("a folder");
        let failed = Station::start(plan(folder.path(), "/nowhere/tallyman")).await;
        let told = failed.map(drop).expect_err("no such program").to_string();
        assert!(told.contains("/nowhere/tallyman"), "{told}");
    }

    #[test]
    fn a_picture_is_read_from_its_digits() {
        assert_eq!(unhex("89504E47"), Some(vec![0x89, b'P', b'N', b'G']));
        assert_eq!(unhex("8"), None);
        assert_eq!(unhex("zz"), None);
    }
}
