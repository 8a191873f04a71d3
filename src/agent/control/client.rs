//! The other end of the control socket: asks a running agent.

use std::io::{self, BufRead as _, BufReader, Write as _};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Deserialize;

use crate::status::Status;

use super::forms::{BarForm, FieldForm, Request, SoundForm, ViewForm};

/// How long an answer may take. A running agent answers in milliseconds.
const ANSWER_MS: u64 = 5_000;

/// A connection to a running agent.
#[derive(Debug)]
pub struct ControlClient {
    path: PathBuf,
    stream: BufReader<UnixStream>,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum ControlError {
    /// Nobody answers.
    #[error(
        "no agent answers at {}: {cause}. Start it with `tallyman agent`, or name its configuration with --config.",
        .path.display()
    )]
    NotRunning {
        /// The socket.
        path: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
    /// The socket belongs to another user.
    #[error("{} belongs to another user; ask as the user who runs the agent, or as root", .path.display())]
    Denied {
        /// The socket.
        path: PathBuf,
    },
    /// It answered with an error.
    #[error("the agent answered: {0}")]
    Refused(String),
    /// What came is no answer.
    #[error("what answers at {} is no agent of this version: {reason}", .path.display())]
    NoAnswer {
        /// The socket.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
}

/// One line that a watched agent sends.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Line {
    /// The state.
    Status(Box<Status>),
    /// What the screen shows.
    View(Box<ViewForm>),
    /// What sounded.
    Sound(SoundForm),
    /// What the bar above it says.
    Bar(BarForm),
    /// What a finger can touch.
    Fields(Vec<FieldForm>),
    /// A picture.
    Shot(ShotForm),
    /// It was done.
    Ok(bool),
    /// So many happenings were missed.
    Missed(u64),
    /// It was not done.
    Error(ErrorForm),
}

/// A picture of the screen.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct ShotForm {
    /// The PNG, in hexadecimal digits.
    pub png_hex: String,
}

/// Why something was not done.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct ErrorForm {
    /// A stable word.
    pub code: String,
    /// A sentence.
    pub message: String,
}

impl ControlClient {
    /// Connects to the socket of a running agent.
    ///
    /// # Errors
    /// [`ControlError`] where nobody listens or this user may not ask.
    pub fn connect(path: &Path) -> Result<Self, ControlError> {
        let path = path.to_path_buf();
        let stream = UnixStream::connect(&path).map_err(|cause| match cause.kind() {
            io::ErrorKind::PermissionDenied => ControlError::Denied { path: path.clone() },
            _ => ControlError::NotRunning {
                path: path.clone(),
                cause,
            },
        })?;
        let timeout = Some(Duration::from_millis(ANSWER_MS));
        let set = stream
            .set_read_timeout(timeout)
            .and_then(|()| stream.set_write_timeout(timeout));
        set.map_err(|cause| ControlError::NotRunning {
            path: path.clone(),
            cause,
        })?;
        Ok(Self {
            path,
            stream: BufReader::new(stream),
        })
    }

    /// What the agent is doing.
    ///
    /// # Errors
    /// [`ControlError`]
    pub fn status(&mut self) -> Result<Status, ControlError> {
        match self.ask("status")? {
            Line::Status(status) => Ok(*status),
            other => Err(self.unexpected(&other)),
        }
    }

    /// What its screen shows, as data.
    ///
    /// # Errors
    /// [`ControlError`]
    pub fn view(&mut self) -> Result<ViewForm, ControlError> {
        match self.ask("view")? {
            Line::View(view) => Ok(*view),
            other => Err(self.unexpected(&other)),
        }
    }

    /// What the bar above the view says.
    ///
    /// # Errors
    /// [`ControlError`]
    pub fn bar(&mut self) -> Result<BarForm, ControlError> {
        match self.ask("bar")? {
            Line::Bar(bar) => Ok(bar),
            other => Err(self.unexpected(&other)),
        }
    }

    /// What a finger can touch on its screen.
    ///
    /// # Errors
    /// [`ControlError`]
    pub fn fields(&mut self) -> Result<Vec<FieldForm>, ControlError> {
        match self.ask("fields")? {
            Line::Fields(fields) => Ok(fields),
            other => Err(self.unexpected(&other)),
        }
    }

    /// What its screen shows, as PNG.
    ///
    /// # Errors
    /// [`ControlError`]
    pub fn shot(&mut self) -> Result<Vec<u8>, ControlError> {
        match self.ask("shot")? {
            Line::Shot(shot) => {
                unhex(&shot.png_hex).ok_or_else(|| self.no_answer("the picture is no hexadecimal"))
            }
            other => Err(self.unexpected(&other)),
        }
    }

    /// Presses a key, by its name.
    ///
    /// # Errors
    /// [`ControlError`]
    pub fn press(&mut self, key: &str) -> Result<(), ControlError> {
        self.send(&Request::Key(key.to_owned()))?;
        match self.receive()? {
            Line::Ok(_) => Ok(()),
            other => Err(self.unexpected(&other)),
        }
    }

    /// Orders a test label.
    ///
    /// # Errors
    /// [`ControlError`], also where the device has no printer.
    pub fn print_test(&mut self) -> Result<(), ControlError> {
        self.send(&Request::Print("test".to_owned()))?;
        match self.receive()? {
            Line::Ok(_) => Ok(()),
            other => Err(self.unexpected(&other)),
        }
    }

    /// Asks for everything that happens from now on; take it with [`ControlClient::receive`], which then waits for
    /// as long as it takes.
    ///
    /// # Errors
    /// [`ControlError`]
    pub fn watch(&mut self) -> Result<(), ControlError> {
        let waits = self.stream.get_ref().set_read_timeout(None);
        waits.map_err(|cause| ControlError::NotRunning {
            path: self.path.clone(),
            cause,
        })?;
        self.send(&Request::Ask("watch".to_owned()))
    }

    /// The next line of the agent.
    ///
    /// # Errors
    /// [`ControlError`], also where the agent has ended.
    pub fn receive(&mut self) -> Result<Line, ControlError> {
        let mut text = String::new();
        let read = self
            .stream
            .read_line(&mut text)
            .map_err(|error| self.no_answer(&error.to_string()))?;
        if read == 0 {
            return Err(self.no_answer("it hung up"));
        }
        match serde_json::from_str(&text) {
            Ok(Line::Error(error)) => Err(ControlError::Refused(error.message)),
            Ok(line) => Ok(line),
            Err(error) => Err(self.no_answer(&error.to_string())),
        }
    }

    fn ask(&mut self, what: &str) -> Result<Line, ControlError> {
        self.send(&Request::Ask(what.to_owned()))?;
        self.receive()
    }

    fn send(&mut self, request: &Request) -> Result<(), ControlError> {
        let mut text = serde_json::to_string(request).map_err(|error| self.no_answer(&error.to_string()))?;
        text.push('\n');
        let sent = self.stream.get_mut().write_all(text.as_bytes());
        sent.map_err(|cause| ControlError::NotRunning {
            path: self.path.clone(),
            cause,
        })
    }

    fn unexpected(&self, line: &Line) -> ControlError {
        self.no_answer(&format!("it answered something else ({line:?})"))
    }

    fn no_answer(&self, reason: &str) -> ControlError {
        ControlError::NoAnswer {
            path: self.path.clone(),
            reason: reason.to_owned(),
        }
    }
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
