//! The agent's configuration: every key, its default and its limits. `config/agent.toml` is the same as text.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Deserializer};
use tallyman_drivers::config::DeviceConfig;
use tallyman_floor::wire::v1::SiteRuleBody;
use tallyman_floor::words::Language;
use tallyman_platform::config::{self, ConfigError, File, Secret, Sources, Variable, VariableValue};
use tallyman_platform::logs::LogForm;
use tallyman_platform::paths::Paths;
use tallyman_platform::tls::{PinError, ServerTrust};

use crate::input_nodes::{KeysConfig, TouchConfig};
use crate::panel::{OutputKind, Rotation};
use crate::portals::{self, PortalConfig};
use crate::power::PowerConfig;
use crate::printing::PrinterConfig;
use crate::rfid::RfidConfig;
use crate::set_up::SetUpFile;
use crate::sound::SoundConfig;
use crate::sync::NumberOptions;

/// The shipped configuration: every key with its default and one comment.
pub const SHIPPED: &str = include_str!("../../config/agent.toml");

/// The name of the file in the folder of configurations.
const FILE_NAME: &str = "agent.toml";

/// The environment variables that set a key: what differs between the devices of one site.
pub const VARIABLES: &[Variable] = &[
    Variable {
        name: "TALLYMAN_NAME",
        key: "name",
        value: VariableValue::Text,
    },
    Variable {
        name: "TALLYMAN_HUB_URL",
        key: "hub.url",
        value: VariableValue::Text,
    },
    Variable {
        name: "TALLYMAN_ENROLMENT_CODE",
        key: "hub.enrolment_code",
        value: VariableValue::Text,
    },
];

/// The agent's configuration.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AgentConfig {
    /// What the device calls itself; empty for the host name.
    pub name: String,
    /// The language of the screen, as its code.
    #[serde(deserialize_with = "language_of_code")]
    pub language: Language,
    /// The hub.
    pub hub: HubConfig,
    /// The store.
    pub store: StoreConfig,
    /// The control socket.
    pub control: ControlConfig,
    /// The screen.
    pub screen: ScreenConfig,
    /// Keypads, trigger and side keys.
    pub keys: KeysConfig,
    /// The touch panel.
    pub touch: TouchConfig,
    /// What is heard.
    pub sound: SoundConfig,
    /// The battery.
    pub power: PowerConfig,
    /// Reads before they are facts.
    pub intake: IntakeConfig,
    /// What all scanners have in common.
    pub scanners: ScannersConfig,
    /// RFID readers at work.
    pub rfid: RfidConfig,
    /// Numbers for handling units.
    pub numbers: NumbersConfig,
    /// The label printer.
    pub printer: PrinterConfig,
    /// How the device is set up.
    pub set_up: SetUpConfig,
    /// Logs.
    pub log: LogConfig,
    /// The scanners.
    #[serde(default, rename = "device")]
    pub devices: Vec<DeviceConfig>,
    /// The dock portals.
    #[serde(default, rename = "portal")]
    pub portals: Vec<PortalConfig>,
    /// The site's own codes; where there is a rule here, the hub's are not used.
    #[serde(default, rename = "site_rule")]
    pub site_rules: Vec<SiteRuleBody>,
    /// The file it was read from, where somebody named one: to read it again.
    #[serde(skip)]
    pub file: Option<PathBuf>,
}

/// How the device is set up.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SetUpConfig {
    /// Where a stick with a set-up code is mounted; empty for nowhere.
    pub folder: PathBuf,
    /// What is given a wireless network: its name as the last argument, its password on its input. Empty for nothing.
    pub wifi_command: Vec<String>,
    /// Where NetworkManager's keyfiles lie; empty for nowhere.
    pub wifi_network_manager: PathBuf,
    /// Where iwd's files lie; empty for nowhere.
    pub wifi_iwd: PathBuf,
}

fn language_of_code<'de, D: Deserializer<'de>>(source: D) -> Result<Language, D::Error> {
    let code = String::deserialize(source)?;
    Language::of_code(&code).ok_or_else(|| {
        let codes = Language::ALL.map(Language::code).join(", ");
        serde::de::Error::custom(format!("there are no texts in {code:?}, only in {codes}"))
    })
}

/// The hub.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HubConfig {
    /// Where it is.
    pub url: String,
    /// The one-time code; used once.
    pub enrolment_code: Secret,
    /// The systemd credential that is the device's key; empty for a key beside the store.
    pub key_credential: String,
    /// The pin of the hub's certificate; empty for one that an authority vouches for.
    pub certificate_pin: String,
    /// Certificates of authorities; empty for the system's.
    pub ca_file: PathBuf,
    /// Milliseconds between heartbeats while nothing is to be sent.
    pub heartbeat_ms: u64,
    /// Milliseconds the hub is asked to hold a request for changes.
    pub wait_ms: u64,
    /// Milliseconds between such requests where the hub does not hold them.
    pub poll_ms: u64,
    /// Minutes for which work is taken along at log-in; 0 takes none.
    pub ahead_minutes: u32,
    /// So many tasks that are anybody's are taken along besides those of the worker.
    pub ahead_tasks: u32,
}

/// The store.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StoreConfig {
    /// The file; empty for the usual place.
    pub path: PathBuf,
    /// Mebibytes that must be free before new tasks are taken in.
    pub free_mib_min: u64,
}

/// The control socket.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ControlConfig {
    /// The socket; empty for the usual place.
    pub socket: PathBuf,
}

/// The screen.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScreenConfig {
    /// On what it is shown.
    pub output: OutputKind,
    /// The panel's node; empty for the usual one.
    pub path: PathBuf,
    /// Which way round the panel is built in.
    pub rotation: Rotation,
    /// The virtual terminal that leaves the panel alone while the agent runs; empty for none.
    pub console: PathBuf,
    /// Seconds without a sign of life after which it goes dim; 0 for never.
    pub dim_after_s: u64,
    /// How bright it is then, in percent of what is usual.
    pub dim_percent: u8,
    /// Seconds without a sign of life after which the panel goes dark; 0 for never.
    pub dark_after_s: u64,
    /// The backlight's folder; empty for the first one.
    pub backlight: PathBuf,
    /// Pixels across, where there is no panel.
    pub width: u32,
    /// Pixels down.
    pub height: u32,
    /// The colours.
    pub theme: ThemeName,
    /// Mebibytes that pictures of items may take; 0 for none.
    pub pictures_mib: u64,
}

/// The colours of the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ThemeName {
    /// Dark on light.
    Light,
    /// Light on dark.
    Dark,
}

/// Reads before they are facts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IntakeConfig {
    /// Milliseconds in which the same code from the same device is a mechanical repetition; 0 for never.
    pub duplicate_ms: u64,
}

/// What all scanners have in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScannersConfig {
    /// Whether scanners are asked for their settings and changed where these differ from what their driver wants.
    pub set_up: bool,
}

/// Numbers that this device gives to handling units.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NumbersConfig {
    /// With fewer than these left more are leased.
    pub below: u64,
    /// So many at a time.
    pub count: u64,
}

/// Logs.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogConfig {
    /// What is logged.
    pub level: String,
    /// In which form.
    pub form: LogForm,
}

impl Default for AgentConfig {
    fn default() -> Self {
        Self {
            name: String::new(),
            language: Language::English,
            hub: HubConfig {
                url: String::new(),
                enrolment_code: Secret::new(""),
                key_credential: String::new(),
                certificate_pin: String::new(),
                ca_file: PathBuf::new(),
                heartbeat_ms: 60_000,
                wait_ms: 25_000,
                poll_ms: 5_000,
                ahead_minutes: 0,
                ahead_tasks: 10,
            },
            store: StoreConfig {
                path: PathBuf::new(),
                free_mib_min: 32,
            },
            control: ControlConfig {
                socket: PathBuf::new(),
            },
            screen: ScreenConfig {
                output: OutputKind::None,
                path: PathBuf::new(),
                rotation: Rotation::Upright,
                console: PathBuf::from("/dev/tty0"),
                dim_after_s: 0,
                dim_percent: 20,
                dark_after_s: 0,
                backlight: PathBuf::new(),
                width: 240,
                height: 320,
                theme: ThemeName::Light,
                pictures_mib: 16,
            },
            keys: KeysConfig::default(),
            touch: TouchConfig::default(),
            sound: SoundConfig::default(),
            power: PowerConfig::default(),
            intake: IntakeConfig { duplicate_ms: 150 },
            scanners: ScannersConfig { set_up: true },
            rfid: RfidConfig::default(),
            numbers: NumbersConfig {
                below: 50,
                count: 200,
            },
            printer: PrinterConfig::default(),
            set_up: SetUpConfig::default(),
            log: LogConfig {
                level: "info".to_owned(),
                form: LogForm::Auto,
            },
            devices: Vec::new(),
            portals: Vec::new(),
            site_rules: Vec::new(),
            file: None,
        }
    }
}

/// Longest window of the duplicate filter: beyond it two equal reads are two pieces, whoever configures what.
const DUPLICATE_MS_MAX: u64 = 150;

/// Why a configuration cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum AgentConfigError {
    /// The text.
    #[error(transparent)]
    Text(#[from] ConfigError),
    /// A value that is none; the message names the key.
    #[error("{0}")]
    Value(String),
}

impl AgentConfig {
    /// Reads the configuration: the shipped defaults, the file, the environment. Without a named file the usual one
    /// is read where it exists.
    ///
    /// # Errors
    /// [`AgentConfigError`] names the place, the key and what is allowed.
    pub fn load(
        file: Option<&Path>,
        environment: &dyn Fn(&str) -> Option<OsString>,
    ) -> Result<Self, AgentConfigError> {
        let plain = Self::load_over(file, environment, None)?;
        if let Some(set_up) = SetUpFile::read(&plain.set_up_path())
            && let Some(config) = plain.read_with_in(&set_up, environment)
        {
            return Ok(config);
        }
        plain.check()?;
        Ok(plain)
    }

    fn load_over(
        file: Option<&Path>,
        environment: &dyn Fn(&str) -> Option<OsString>,
        between: Option<(&Path, String)>,
    ) -> Result<Self, AgentConfigError> {
        let usual = Paths::of_this_process().config.join(FILE_NAME);
        let sources = Sources {
            defaults: SHIPPED,
            file: file.map_or(File::IfPresent(&usual), File::Required),
            variables: VARIABLES,
            environment,
        };
        let mut config: Self = config::load_over(&sources, between)?;
        config.file = file.map(Path::to_path_buf);
        Ok(config)
    }

    /// This configuration as it is with a set-up, read again from where it came; `None` where the two do not go together.
    pub(crate) fn read_with(&self, set_up: &SetUpFile) -> Option<Self> {
        self.read_with_in(set_up, &|name| std::env::var_os(name))
    }

    fn read_with_in(
        &self,
        set_up: &SetUpFile,
        environment: &dyn Fn(&str) -> Option<OsString>,
    ) -> Option<Self> {
        let path = self.set_up_path();
        set_up.layers().into_iter().find_map(|layer| {
            let mut config = Self::load_over(self.file.as_deref(), environment, Some((&path, layer))).ok()?;
            set_up.fill(&mut config.hub);
            config.check().ok().map(|()| config)
        })
    }

    /// The same configuration, read again.
    ///
    /// # Errors
    /// As [`Self::load`].
    pub fn read_again(&self) -> Result<Self, AgentConfigError> {
        Self::load(self.file.as_deref(), &|name| std::env::var_os(name))
    }

    /// Checks what the text's form does not.
    ///
    /// # Errors
    /// [`AgentConfigError::Value`] names the first key that is wrong.
    pub fn check(&self) -> Result<(), AgentConfigError> {
        let wrong = |message: String| Err(AgentConfigError::Value(message));
        for (key, value, range) in [
            ("hub.heartbeat_ms", self.hub.heartbeat_ms, 1_000..=3_600_000),
            ("hub.wait_ms", self.hub.wait_ms, 0..=300_000),
            ("hub.poll_ms", self.hub.poll_ms, 250..=3_600_000),
            ("hub.ahead_minutes", self.hub.ahead_minutes.into(), 0..=720),
            ("hub.ahead_tasks", self.hub.ahead_tasks.into(), 0..=200),
            (
                "intake.duplicate_ms",
                self.intake.duplicate_ms,
                0..=DUPLICATE_MS_MAX,
            ),
            ("screen.width", u64::from(self.screen.width), 96..=4_096),
            ("screen.height", u64::from(self.screen.height), 96..=4_096),
            ("screen.dim_after_s", self.screen.dim_after_s, 0..=86_400),
            ("screen.dim_percent", self.screen.dim_percent.into(), 0..=100),
            ("screen.pictures_mib", self.screen.pictures_mib, 0..=4_096),
            ("screen.dark_after_s", self.screen.dark_after_s, 0..=86_400),
            ("keys.debounce_ms", self.keys.debounce_ms, 0..=500),
            ("keys.stuck_s", self.keys.stuck_s, 1..=3_600),
            ("power.swap_below_min", self.power.swap_below_min.into(), 0..=240),
            ("power.empty_mv", self.power.empty_mv.into(), 0..=60_000),
            ("numbers.below", self.numbers.below, 1..=50_000),
            ("numbers.count", self.numbers.count, 1..=100_000),
            ("store.free_mib_min", self.store.free_mib_min, 0..=1_048_576),
        ] {
            if !range.contains(&value) {
                return wrong(format!(
                    "`{key}` is {value}; it must be from {} to {}",
                    range.start(),
                    range.end()
                ));
            }
        }
        if !self.keys.device.is_empty() {
            let keys = self.keys.used_for().map(drop);
            keys.or_else(|error| wrong(error.to_string()))?;
        }
        self.sound.check().or_else(wrong)?;
        self.rfid.check().or_else(wrong)?;
        self.printer.check().or_else(|error| wrong(error.to_string()))?;
        if let Err(error) = self.hub.trust() {
            return wrong(format!("`hub.certificate_pin`: {error}"));
        }
        if self.hub.key_credential.contains(['/', '\0']) || self.hub.key_credential.starts_with('.') {
            return wrong("`hub.key_credential` is the name of a credential, without a folder".to_owned());
        }
        let mut names = BTreeSet::new();
        for device in &self.devices {
            if device.name.trim().is_empty() {
                return wrong("a device has an empty `name`; give it one of its own".to_owned());
            }
            if !names.insert(device.name.as_str()) {
                return wrong(format!(
                    "two devices are called `{}`; give each a name of its own",
                    device.name
                ));
            }
            device.check().or_else(|error| wrong(error.to_string()))?;
            if let Some(duplicate_ms) = device.duplicate_ms.filter(|ms| *ms > DUPLICATE_MS_MAX) {
                return wrong(format!(
                    "device `{}`: `duplicate_ms` is {duplicate_ms}; it must be from 0 to {DUPLICATE_MS_MAX}",
                    device.name
                ));
            }
        }
        portals::check(&self.portals, &|name| names.contains(name)).or_else(wrong)?;
        tallyman_floor::wire::convert::site_rules(self.site_rules.iter().cloned())
            .map(drop)
            .or_else(|error| wrong(format!("`site_rule`: {error}")))
    }

    /// How the device keeps itself in numbers: only one that prints labels gives any.
    pub fn numbers(&self) -> Option<NumberOptions> {
        self.printer.link.is_some().then_some(NumberOptions {
            below: self.numbers.below,
            count: self.numbers.count,
        })
    }

    /// The store's file.
    pub fn store_path(&self) -> PathBuf {
        or_usual(&self.store.path, || {
            Paths::of_this_process().state.join("agent.db")
        })
    }

    /// The folder of pictures of items, beside the store: what is in it may be lost at any time.
    pub fn pictures_path(&self) -> PathBuf {
        let mut name = self.store_path().into_os_string();
        name.push(".pictures");
        PathBuf::from(name)
    }

    /// What a set-up left.
    pub fn set_up_path(&self) -> PathBuf {
        let mut name = self.store_path().into_os_string();
        name.push(".set-up");
        PathBuf::from(name)
    }

    /// The control socket.
    pub fn socket_path(&self) -> PathBuf {
        or_usual(&self.control.socket, || {
            Paths::of_this_process().runtime.join("agent.sock")
        })
    }

    /// What the device calls itself.
    pub fn device_name(&self) -> String {
        if self.name.is_empty() {
            host_name()
        } else {
            self.name.clone()
        }
    }
}

impl HubConfig {
    /// Whom the agent believes to be the hub.
    ///
    /// # Errors
    /// [`PinError`] where the pin is none.
    pub fn trust(&self) -> Result<ServerTrust, PinError> {
        let pin = match self.certificate_pin.as_str() {
            "" => None,
            text => Some(text.parse()?),
        };
        let has_file = !self.ca_file.as_os_str().is_empty();
        Ok(ServerTrust {
            pin,
            ca_file: has_file.then(|| self.ca_file.clone()),
        })
    }
}

fn or_usual(path: &Path, usual: impl FnOnce() -> PathBuf) -> PathBuf {
    if path.as_os_str().is_empty() {
        usual()
    } else {
        path.to_path_buf()
    }
}

fn host_name() -> String {
    let name = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let name = name.trim();
    if name.is_empty() {
        "device".to_owned()
    } else {
        name.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<AgentConfig, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("agent.toml");
        std::fs::write(&path, text).unwrap();
        AgentConfig::load(Some(&path), &|_| None).map_err(|error| error.to_string())
    }

    #[test]
    fn the_shipped_file_is_the_default_and_holds_every_key() {
        assert_eq!(
            config::parse::<AgentConfig>("agent.toml", SHIPPED).unwrap(),
            AgentConfig::default()
        );
        // Every line that sets a key follows a comment that explains it.
        let mut before = "";
        for line in SHIPPED.lines() {
            if line.contains('=') && !line.starts_with('#') {
                assert!(before.starts_with('#'), "no comment before {line}");
            }
            before = line;
        }
    }

    #[test]
    fn a_hub_and_a_device_are_all_a_file_needs() {
        let config = parse(
            "[hub]\nurl = \"http://hub:8080\"\nenrolment_code = \"K7\"\n[[device]]\nname = \"scanner\"\n\
             driver = \"plain_text\"\nlink = { serial = { path = \"/dev/ttyACM0\" } }",
        )
        .unwrap();
        assert_eq!(
            (config.hub.url.as_str(), config.devices.len()),
            ("http://hub:8080", 1)
        );
        assert_eq!(config.intake, AgentConfig::default().intake);
    }

    #[test]
    fn a_mistake_is_told_with_its_key() {
        let device =
            "[[device]]\nname = \"a\"\ndriver = \"plain_text\"\nlink = { serial = { path = \"p\" } }\n";
        for (text, wanted) in [
            ("[hub]\nurll = \"x\"".to_owned(), "urll"),
            (
                "[intake]\nduplicate_ms = 151".to_owned(),
                "`intake.duplicate_ms` is 151; it must be from 0 to 150",
            ),
            ("[screen]\nwidth = 9".to_owned(), "`screen.width` is 9"),
            ("[screen]\nrotation = 45".to_owned(), "45 is no rotation"),
            (
                "[keys]\ndevice = [\"x\"]\nmap = \"/nowhere\"".to_owned(),
                "Correct `keys.map`",
            ),
            (
                "[keys]\ndevice = [\"x\"]\nrepeat = [\"undoo\"]".to_owned(),
                "`keys.repeat` has \"undoo\"",
            ),
            ("[screen]\noutput = \"fb\"".to_owned(), "framebuffer"),
            (
                "[hub]\ncertificate_pin = \"abc\"".to_owned(),
                "`hub.certificate_pin`: \"abc\" is no SHA-256",
            ),
            (
                "[hub]\nkey_credential = \"../key\"".to_owned(),
                "`hub.key_credential` is the name",
            ),
            (device.repeat(2), "two devices are called `a`"),
            (device.replace("\"a\"", "\" \""), "empty `name`"),
            (
                format!("{device}duplicate_ms = 500"),
                "device `a`: `duplicate_ms` is 500; it must be from 0 to 150",
            ),
            (
                device.replace("plain_text", "plain"),
                "there is no driver `plain`",
            ),
            ("language = \"xx\"".to_owned(), "language"),
        ] {
            let error = parse(&text).unwrap_err();
            assert!(error.contains(wanted), "{text}\ngave {error}");
        }
    }

    #[test]
    fn the_environment_sets_what_differs_between_devices() {
        let environment = |name: &str| (name == "TALLYMAN_HUB_URL").then(|| OsString::from("http://other:1"));
        let config = AgentConfig::load(None, &environment).unwrap();
        assert_eq!(config.hub.url, "http://other:1");
    }
}
