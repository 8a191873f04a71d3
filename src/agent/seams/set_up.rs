//! How a device is set up: what a set-up code and a profile say, kept where the next start finds it.

use tallyman_floor::wire::set_up::SetUpCode;
use tallyman_floor::wire::v1::ProfileBody;

/// Where set-up codes are taken. What is taken is on disk when the call returns; the agent starts anew with it.
pub trait SetUp: Send + Sync {
    /// Takes a set-up code.
    ///
    /// # Errors
    /// Why nothing of it was kept.
    fn take(&self, code: &SetUpCode) -> Result<(), SetUpRefusal>;

    /// Takes a one-time code alone, on a device that knows its hub.
    ///
    /// # Errors
    /// Why it was not kept.
    fn take_one_time_code(&self, code: &str) -> Result<(), SetUpRefusal>;

    /// Keeps what the hub gave with the identity. Before the identity is kept: where the program ends between the two, it
    /// asks again and is told the same.
    ///
    /// # Errors
    /// Why it was not kept.
    fn keep(&self, site: &str, profile: Option<&ProfileBody>) -> Result<(), SetUpRefusal>;

    /// The identity is kept: the one-time code is used up, and settings come into force.
    fn done(&self);

    /// What was changed, once: for the first screen of a device that was set up.
    fn take_news(&self) -> Option<SetUpNews>;
}

/// Why a set-up code is not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SetUpRefusal {
    /// The device's own configuration names another hub, and goes before.
    #[error(
        "the configuration of this device names another hub; empty `hub.url` and `hub.certificate_pin` there"
    )]
    OtherHub,
    /// It cannot be written.
    #[error("the set-up cannot be kept: {0}")]
    NotKept(String),
}

/// What keeps a device from being enrolled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EnrolTrouble {
    /// An administrator has to let it in.
    Awaits,
    /// The one-time code is wrong, used up, ended or expired.
    CodeRefused,
    /// Whoever answers has another key than the code names.
    WrongHub,
    /// Nobody answers.
    OutOfReach,
}

/// A part of a device that a set-up changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SetUpPart {
    /// The site it works in.
    Site,
    /// The profile it got.
    Profile,
    /// The language of the screen.
    Language,
    /// How loud it is.
    Volume,
    /// The layout of its keys.
    Keymap,
    /// Its scanners.
    Scanners,
    /// The wireless network.
    Wifi,
}

/// What a set-up changed.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct SetUpNews {
    /// Each part with what it is now.
    pub changed: Vec<(SetUpPart, String)>,
    /// What was wanted and is not so: this device cannot do it, or its own configuration says otherwise.
    pub not_taken: Vec<SetUpPart>,
}
