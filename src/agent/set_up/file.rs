//! The file beside the store that a set-up leaves: a layer of the configuration between what is shipped and what an
//! administrator wrote.

use std::io::Read as _;
use std::path::Path;

use serde::{Deserialize, Serialize};
use tallyman_floor::wire::v1::ProfileBody;
use tallyman_platform::config::Secret;
use tallyman_platform::files;
use toml::{Table, Value};

use crate::config::HubConfig;
use crate::seams::SetUpNews;

/// Who may read it: a one-time code may be in it.
const MODE: u32 = 0o600;

/// Most bytes of a file that may be one.
const FILE_BYTES_MAX: u64 = 256 << 10;

/// Where a profile's volume stands in the agent's configuration.
const VOLUME: [&str; 2] = ["sound", "volume"];
/// Where its keymap does.
const KEYMAP: [&str; 2] = ["keys", "map"];

/// What is kept of a set-up.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct SetUpFile {
    /// The hub's address; empty for what the configuration says.
    #[serde(default)]
    pub(super) address: String,
    /// The pin of its certificate; empty for none.
    #[serde(default)]
    pub(super) pin: String,
    /// The one-time code; empty once it is used up.
    #[serde(default)]
    pub(super) code: String,
    /// The settings that came with the identity.
    #[serde(default)]
    pub(super) profile: Option<ProfileBody>,
    /// What has to be told.
    #[serde(default)]
    pub(super) news: Option<SetUpNews>,
    /// What was done about the wireless network, to be told with the rest.
    #[serde(default)]
    pub(super) wifi: SetUpNews,
}

impl SetUpFile {
    /// Reads it. What is no such file, or is not for who asks, is none: a device is set up again by scanning again.
    pub(crate) fn read(path: &Path) -> Option<Self> {
        let mut text = String::new();
        let file = std::fs::File::open(path).ok()?;
        file.take(FILE_BYTES_MAX).read_to_string(&mut text).ok()?;
        serde_json::from_str(&text).ok()
    }

    pub(super) fn write(&self, path: &Path) -> std::io::Result<()> {
        let text = serde_json::to_vec(self).map_err(std::io::Error::other)?;
        files::replace(path, &text, MODE)
    }

    /// The texts that may be laid between what is shipped and what an administrator wrote, the fullest first: where that is
    /// no good configuration, the device is still to find its hub.
    pub(crate) fn layers(&self) -> Vec<String> {
        let mut full = Table::new();
        if let Some(profile) = &self.profile {
            put_profile(&mut full, profile);
        }
        if full.is_empty() {
            return vec![String::new()];
        }
        vec![full.to_string(), String::new()]
    }

    /// Says where the hub is, where nobody else does: an empty key is no other hub.
    pub(crate) fn fill(&self, hub: &mut HubConfig) {
        if hub.url.is_empty() && !self.address.is_empty() {
            hub.url.clone_from(&self.address);
            if hub.certificate_pin.is_empty() {
                hub.certificate_pin.clone_from(&self.pin);
            }
        }
        if hub.enrolment_code.is_empty() {
            hub.enrolment_code = Secret::new(self.code.as_str());
        }
    }
}

fn put_profile(table: &mut Table, profile: &ProfileBody) {
    if let Some(language) = &profile.language {
        put(table, &["language"], Value::from(language.as_str()));
    }
    if let Some(volume) = profile.volume {
        put(table, &VOLUME, Value::from(i64::from(volume)));
    }
    if let Some(keymap) = profile.keymap.as_deref() {
        put(table, &KEYMAP, Value::from(keymap));
    }
    if let Some(scanners) = &profile.scanners
        && let Ok(scanners) = Value::try_from(scanners)
    {
        put(table, &["device"], scanners);
    }
}

fn put(table: &mut Table, path: &[&str], value: Value) {
    let Some((last, folders)) = path.split_last() else {
        return;
    };
    let mut here = table;
    for folder in folders {
        let inner = here.entry(*folder).or_insert_with(|| Value::Table(Table::new()));
        let Value::Table(inner) = inner else { return };
        here = inner;
    }
    here.insert((*last).to_owned(), value);
}
