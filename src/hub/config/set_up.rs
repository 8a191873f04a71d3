//! How devices are set up: what their codes say of the hub, and the profiles that they can be given.

use serde::Deserialize;
use tallyman_floor::wire::v1::ProfileBody;
use tallyman_floor::words::Language;
use tallyman_platform::tls::Pin;

/// Characters of a profile's name.
const NAME_CHARACTERS_MAX: usize = 40;

/// Scanners of a profile.
const SCANNERS_MAX: usize = 16;

/// What set-up codes say of the hub.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SetUpConfig {
    /// The hub's address for devices; empty for the one by which the administrator's browser reached it.
    pub address: String,
    /// `auto` for the pin of the hub's own certificate where nobody vouches for it, `none`, or a pin.
    pub certificate_pin: String,
}

impl Default for SetUpConfig {
    fn default() -> Self {
        Self {
            address: String::new(),
            certificate_pin: "auto".to_owned(),
        }
    }
}

/// Settings that devices get with their enrolment.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProfileConfig {
    /// What it is called.
    pub name: String,
    /// The language of the screen, as its code.
    pub language: Option<String>,
    /// How loud sounds are, 0 to 100.
    pub volume: Option<u8>,
    /// The name of the layout of keys.
    pub keymap: Option<String>,
    /// The scanners, each as a `[[device]]` of the agent's configuration.
    pub scanners: Option<Vec<serde_json::Value>>,
}

/// Why devices cannot be set up like this.
#[derive(Debug, thiserror::Error)]
pub enum SetUpError {
    /// No address.
    #[error(
        "set_up.address {0:?} must be https:// or http:// and a host, as \"https://hub.example.net:7070\"."
    )]
    Address(String),
    /// No pin.
    #[error("set_up.certificate_pin {0:?} must be \"auto\", \"none\" or the SHA-256 of a public key.")]
    Pin(String),
    /// A name that is empty, long or there twice.
    #[error("the profile name {0:?} must be 1 to {NAME_CHARACTERS_MAX} characters, and there once.")]
    Name(String),
    /// A setting that no device could take.
    #[error("profile {profile}: {what}.")]
    Setting {
        /// The profile.
        profile: String,
        /// What is wrong.
        what: String,
    },
}

impl SetUpConfig {
    pub(super) fn check(&self) -> Result<(), SetUpError> {
        let is_one = |address: &str| {
            let host = ["https://", "http://"]
                .iter()
                .find_map(|scheme| address.strip_prefix(scheme));
            host.is_some_and(|host| !host.is_empty() && host.bytes().all(|byte| byte.is_ascii_graphic()))
        };
        if !self.address.is_empty() && !is_one(&self.address) {
            return Err(SetUpError::Address(self.address.clone()));
        }
        let known = matches!(self.certificate_pin.as_str(), "auto" | "none");
        if !known && self.certificate_pin.parse::<Pin>().is_err() {
            return Err(SetUpError::Pin(self.certificate_pin.clone()));
        }
        Ok(())
    }
}

pub(super) fn check_profiles(profiles: &[ProfileConfig]) -> Result<(), SetUpError> {
    for (index, profile) in profiles.iter().enumerate() {
        let name = &profile.name;
        let is_twice = profiles.iter().take(index).any(|earlier| earlier.name == *name);
        let is_text = name.trim() == name && !name.is_empty() && !name.chars().any(char::is_control);
        if is_twice || !is_text || name.chars().count() > NAME_CHARACTERS_MAX {
            return Err(SetUpError::Name(name.clone()));
        }
        let wrong = |what: String| {
            Err(SetUpError::Setting {
                profile: name.clone(),
                what,
            })
        };
        if let Some(code) = profile
            .language
            .as_deref()
            .filter(|code| Language::of_code(code).is_none())
        {
            let codes = Language::ALL.map(Language::code).join(", ");
            return wrong(format!("there are no texts in {code:?}, only in {codes}"));
        }
        if let Some(volume) = profile.volume.filter(|volume| *volume > 100) {
            return wrong(format!("volume is {volume}, and must be 0 to 100"));
        }
        let scanners = profile.scanners.as_deref().unwrap_or_default();
        if scanners.len() > SCANNERS_MAX {
            return wrong(format!("it has more than {SCANNERS_MAX} scanners"));
        }
        let is_named = |scanner: &serde_json::Value| {
            ["name", "driver"]
                .iter()
                .all(|key| scanner.get(key).is_some_and(serde_json::Value::is_string))
        };
        if !scanners.iter().all(is_named) {
            return wrong(
                "each scanner needs a name, a driver and a link, as in the agent's configuration".to_owned(),
            );
        }
    }
    Ok(())
}

impl ProfileConfig {
    /// As devices get it.
    pub(crate) fn body(&self) -> ProfileBody {
        ProfileBody {
            name: self.name.clone(),
            language: self.language.clone(),
            volume: self.volume,
            keymap: self.keymap.clone(),
            scanners: self.scanners.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::HubConfig;
    use tallyman_platform::config::File;

    fn told(text: &str) -> String {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("hub.toml");
        std::fs::write(&path, text).unwrap();
        let config = match HubConfig::load(File::Required(&path), &|_| None) {
            Ok(config) => config,
            Err(error) => return error.to_string(),
        };
        config
            .check()
            .err()
            .map(|error| error.to_string())
            .unwrap_or_default()
    }

    #[test]
    fn a_profile_that_no_device_could_take_is_told_when_the_hub_starts() {
        let profile = |rest: &str| format!("[[profiles]]\nname = \"dock\"\n{rest}\n");
        let scanner = "scanners = [{ name = \"s\", driver = \"plain_text\", link = { serial = { path = \"/dev/s\" } } }]";
        for (text, wanted) in [
            (
                profile(&format!(
                    "language = \"de\"\nvolume = 80\nkeymap = \"h7\"\n{scanner}"
                )),
                "",
            ),
            (profile("language = \"xx\""), "there are no texts in \"xx\""),
            (profile("volume = 101"), "volume is 101"),
            (profile("scanners = [{ name = \"s\" }]"), "each scanner needs"),
            (profile("") + &profile(""), "\"dock\" must be 1 to 40"),
            (profile("colour = 1"), "colour"),
            ("[set_up]\naddress = \"hub:7070\"".to_owned(), "set_up.address"),
            (
                "[set_up]\ncertificate_pin = \"abc\"".to_owned(),
                "set_up.certificate_pin",
            ),
            (
                "[set_up]\ncertificate_pin = \"none\"\naddress = \"http://h:1\"".to_owned(),
                "",
            ),
        ] {
            let found = told(&text);
            assert!(
                found.contains(wanted) && found.is_empty() == wanted.is_empty(),
                "{text}\ngave {found}"
            );
        }
    }
}
