//! How a device gets its identity, and the tokens with which it proves it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Asks for an identity, with the one-time code that the hub's page gave. Signed with the key that it names: nobody can
/// enrol a key that is not theirs.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct EnrolRequest {
    /// The one-time code.
    pub code: String,
    /// What the device calls itself, for people: host name or configured name.
    pub name: String,
    /// The program's version.
    pub version: String,
    /// The device's public key (Ed25519), 64 lower-case hexadecimal digits.
    pub public_key: String,
    /// The identity the device has already, where it enrols again: the code must be one for this device.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device: Option<String>,
}

/// A device's identity.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Enrolled {
    /// The device.
    pub device: String,
    /// The site it works in.
    pub site: String,
    /// The epoch its journal starts with; where it enrols again, the one that the hub expects.
    pub epoch: u32,
    /// The hub's life: another one after a restore.
    pub generation: String,
    /// The settings that go with its code; `None` for none, and from older hubs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile: Option<ProfileBody>,
}

/// Asks for something to sign.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ChallengeRequest {
    /// The device.
    pub device: String,
}

/// Something to sign, so that no clock has to be right but the hub's own.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Challenge {
    /// Opaque; any hub process on the same store knows it again.
    pub challenge: String,
    /// Seconds for which it works.
    pub expires_seconds: u64,
}

/// Asks for a token. Signed with the device's key.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct TokenRequest {
    /// The device.
    pub device: String,
    /// What the hub gave to sign.
    pub challenge: String,
}

/// A token for the next requests.
#[derive(Clone, Serialize, Deserialize)]
pub struct TokenGranted {
    /// The secret; the hub keeps only a hash of it.
    pub token: String,
    /// Seconds for which it works, counted from the answer.
    pub expires_seconds: u64,
    /// The hub's life.
    pub generation: String,
    /// The hub's clock.
    pub server_time: Timestamp,
}

impl std::fmt::Debug for TokenGranted {
    /// Without the token.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut shown = formatter.debug_struct("TokenGranted");
        shown
            .field("expires_seconds", &self.expires_seconds)
            .field("generation", &self.generation)
            .finish_non_exhaustive()
    }
}

/// What a device is given with its identity: settings of the profile that its code was made for. Each is left as it is on
/// the device where it is missing here, and where the device's own configuration says something else.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct ProfileBody {
    /// The profile, for people.
    pub name: String,
    /// The language of the screen, as its code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// How loud sounds are, 0 to 100.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub volume: Option<u8>,
    /// The name of the layout of its keys.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keymap: Option<String>,
    /// Its scanners, each as in the agent's configuration.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scanners: Option<Vec<serde_json::Value>>,
}

/// Most bytes of a picture of a screen.
pub const SCREEN_BYTES_MAX: usize = 256 << 10;

/// What a device's screen shows, after the hub asked for it. Signed with the device's key.
#[derive(Clone, Serialize, Deserialize)]
pub struct ScreenUpload {
    /// The device.
    pub device: String,
    /// The picture (PNG), lower-case hexadecimal digits, two a byte; [`SCREEN_BYTES_MAX`] bytes at most.
    pub png_hex: String,
}
