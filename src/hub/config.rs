//! The hub's configuration. `config/hub.toml` is its shipped form, with every key, its default and a comment.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use tallyman_codes::{SiteCodeKind, SiteRule, SiteRules, SiteRulesError};
use tallyman_floor::wire::v1::SiteRuleBody;
use tallyman_platform::config::{self, ConfigError, File, Secret, Sources, Variable, VariableValue};

use crate::ledger::SiteSetting;
use crate::ledger::counts::CountLimits;

mod numbers;
mod reach;
mod set_up;

pub use numbers::{NumberConfig, NumberKindName, NumberRangeConfig, NumberRangeError};
pub use reach::{CredentialConfig, ProxyConfig, TlsConfig};
pub use set_up::{ProfileConfig, SetUpConfig, SetUpError};

/// The shipped configuration.
pub const SHIPPED: &str = include_str!("../../config/hub.toml");

/// What the environment may set, for containers and secrets.
const VARIABLES: &[Variable] = &[
    Variable {
        name: "TALLYMAN_HUB_LISTEN",
        key: "listen",
        value: VariableValue::Text,
    },
    Variable {
        name: "TALLYMAN_HUB_STORE",
        key: "store",
        value: VariableValue::Text,
    },
    Variable {
        name: "TALLYMAN_HUB_DATABASE",
        key: "database.url",
        value: VariableValue::Text,
    },
    Variable {
        name: "TALLYMAN_HUB_ACCESS_KEY",
        key: "access_key",
        value: VariableValue::Text,
    },
];

/// The hub's configuration.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HubConfig {
    /// Where the hub listens.
    pub listen: SocketAddr,
    /// The store; empty for the usual place.
    pub store: PathBuf,
    /// What makes the first administrator, and opens imports until then; empty for none.
    pub access_key: Secret,
    /// Host names by which browsers reach the hub.
    pub host_names: Vec<String>,
    /// The sites.
    pub sites: Vec<SiteConfig>,
    /// How people sign in.
    pub people: PeopleConfig,
    /// The database.
    pub database: DatabaseConfig,
    /// Backups.
    pub backups: BackupConfig,
    /// Limits.
    pub limits: LimitConfig,
    /// TLS of the hub itself.
    pub tls: TlsConfig,
    /// A proxy before the hub.
    pub proxy: ProxyConfig,
    /// What devices prove themselves with.
    pub credentials: CredentialConfig,
    /// Numbers that devices give to handling units.
    pub numbers: NumberConfig,
    /// What set-up codes say of the hub.
    pub set_up: SetUpConfig,
    /// Settings that devices can get with their enrolment.
    #[serde(default)]
    pub profiles: Vec<ProfileConfig>,
    /// Logs.
    pub log: LogConfig,
}

/// One site.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SiteConfig {
    /// Its identity.
    pub id: String,
    /// Its name for people.
    pub name: String,
    /// Its own codes.
    #[serde(default)]
    pub codes: Vec<SiteCodeConfig>,
    /// What follows from its counts.
    #[serde(default)]
    pub counts: CountConfig,
}

/// What follows from the counts of a site. A place is counted again by somebody else where its count differs from the book
/// by more than both figures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CountConfig {
    /// In percent of the book.
    pub recount_over_percent: u32,
    /// In base units of the item.
    pub recount_over_quantity: u32,
}

impl CountConfig {
    /// As the ledger uses them.
    pub(crate) fn limits(self) -> CountLimits {
        CountLimits {
            percent: self.recount_over_percent,
            quantity_micro: i64::from(self.recount_over_quantity) * 1_000_000,
        }
    }
}

impl Default for CountConfig {
    fn default() -> Self {
        Self {
            recount_over_percent: 5,
            recount_over_quantity: 1,
        }
    }
}

/// One rule of a site's own codes.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SiteCodeConfig {
    /// The pattern.
    pub pattern: String,
    /// What a code of that form is.
    pub kind: CodeKind,
}

/// What a site's own code is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CodeKind {
    /// A location.
    Location,
    /// A person's badge.
    Badge,
    /// A handling unit.
    HandlingUnit,
    /// A command.
    Command,
}

/// How people sign in.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PeopleConfig {
    /// Minutes without a click after which a session ends.
    pub session_idle_minutes: u32,
    /// Hours after which a session ends.
    pub session_hours: u32,
    /// Characters of a password.
    pub password_characters_min: usize,
}

/// A PostgreSQL database in place of the store file.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DatabaseConfig {
    /// Its address; empty for the store file.
    pub url: Secret,
    /// Connections that this process makes.
    pub connections_max: usize,
    /// Certificates that the server's is checked against; empty for the system's.
    pub ca_file: PathBuf,
    /// How long a connection may take.
    pub connect_timeout_ms: u32,
    /// How long a statement may take.
    pub statement_timeout_ms: u32,
    /// How long a transaction waits for another.
    pub lock_timeout_ms: u32,
    /// When devices may rely on what was applied.
    pub stable: StablePolicy,
    /// Replicas that have to hold it.
    pub replicas_min: u32,
    /// Seconds between looks at what nobody told.
    pub look_every_seconds: u32,
}

/// When a device may rely on what was applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StablePolicy {
    /// When `tallyman backup --confirmed-by` says that a copy holds it.
    Backup,
    /// When replicas have flushed it.
    Replicas,
    /// At once.
    Applied,
}

/// Backups.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BackupConfig {
    /// Whether the hub makes them.
    pub enabled: bool,
    /// Where; empty for beside the store.
    pub folder: PathBuf,
    /// Minutes between two.
    pub interval_minutes: u32,
    /// How many are kept.
    pub keep: usize,
}

/// Limits.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LimitConfig {
    /// Bytes of a request as it comes.
    pub body_bytes_max: usize,
    /// Bytes of a request after unpacking.
    pub unpacked_bytes_max: usize,
    /// Tries to enrol, in a minute and from one address.
    pub tries_per_minute: u32,
    /// Requests for something to sign, in a minute and from one address.
    pub challenges_per_minute: u32,
    /// Requests of one device in a minute.
    pub device_requests_per_minute: u32,
    /// How long a one-time code works.
    pub enrolment_code_minutes: u32,
}

/// Logs.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogConfig {
    /// The level.
    pub level: String,
    /// The form.
    pub form: LogForm,
}

/// The form of the logs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogForm {
    /// The journal under systemd, else lines for people.
    Auto,
    /// Lines for people.
    Human,
    /// One JSON object a line.
    Json,
}

impl Default for HubConfig {
    fn default() -> Self {
        let code = |pattern: &str, kind| SiteCodeConfig {
            pattern: pattern.to_owned(),
            kind,
        };
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 7070)),
            store: PathBuf::new(),
            access_key: Secret::new(""),
            host_names: Vec::new(),
            sites: vec![SiteConfig {
                id: "main".to_owned(),
                name: "Main warehouse".to_owned(),
                codes: vec![
                    code("LOC-<[A-Z0-9-]{1,30}>", CodeKind::Location),
                    code("BADGE-<[A-Z0-9]{1,20}>", CodeKind::Badge),
                    code("TOTE-<[A-Z0-9-]{1,30}>", CodeKind::HandlingUnit),
                    code("CMD-<[A-Z]{1,20}>", CodeKind::Command),
                ],
                counts: CountConfig::default(),
            }],
            people: PeopleConfig {
                session_idle_minutes: 60,
                session_hours: 14,
                password_characters_min: 12,
            },
            database: DatabaseConfig {
                url: Secret::new(""),
                connections_max: 16,
                ca_file: PathBuf::new(),
                connect_timeout_ms: 5_000,
                statement_timeout_ms: 30_000,
                lock_timeout_ms: 10_000,
                stable: StablePolicy::Backup,
                replicas_min: 1,
                look_every_seconds: 5,
            },
            backups: BackupConfig {
                enabled: true,
                folder: PathBuf::new(),
                interval_minutes: 60,
                keep: 48,
            },
            limits: LimitConfig {
                body_bytes_max: 1 << 20,
                unpacked_bytes_max: 8 << 20,
                tries_per_minute: 20,
                challenges_per_minute: 600,
                device_requests_per_minute: 1_200,
                enrolment_code_minutes: 15,
            },
            tls: TlsConfig::default(),
            proxy: ProxyConfig::default(),
            credentials: CredentialConfig::default(),
            numbers: NumberConfig::default(),
            set_up: SetUpConfig::default(),
            profiles: Vec::new(),
            log: LogConfig {
                level: "info".to_owned(),
                form: LogForm::Auto,
            },
        }
    }
}

/// Why a configuration that can be read cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SettingError {
    /// Anyone on the network could change stock.
    #[error(
        "others can reach the hub (listen = {0}, a proxy, or host_names), and there are neither people nor an access key. Set \
         access_key (or the variable TALLYMAN_HUB_ACCESS_KEY) to a long random text, make the first administrator with \
         tallyman person add, or listen on 127.0.0.1 without proxy and host_names."
    )]
    KeyMissing(SocketAddr),
    /// A key that can be guessed.
    #[error(
        "the access key has fewer than {ACCESS_KEY_CHARACTERS_MIN} characters and could be guessed. Use a long random text."
    )]
    KeyShort,
    /// No site.
    #[error("no site is configured. Add at least one [[sites]] with an id and a name.")]
    NoSite,
    /// An identity that cannot stand in a path.
    #[error("the site id {0:?} must be 1 to 32 characters of a-z, 0-9 and '-'.")]
    SiteId(String),
    /// The same identity twice.
    #[error("the site id {0:?} is there twice.")]
    SiteTwice(String),
    /// A site's codes clash or cannot be read.
    #[error("site {site}: {source}.")]
    Codes {
        /// The site.
        site: String,
        /// What is wrong.
        source: SiteRulesError,
    },
    /// Ranges of numbers that cannot be.
    #[error(transparent)]
    Numbers(#[from] NumberRangeError),
    /// Devices cannot be set up like this.
    #[error(transparent)]
    SetUp(#[from] set_up::SetUpError),
    /// How the hub is reached cannot be.
    #[error(transparent)]
    Reach(#[from] reach::ReachError),
    /// A figure outside its range.
    #[error("{key} is {value}, and must be {range}.")]
    Range {
        /// The key.
        key: &'static str,
        /// The value.
        value: u64,
        /// What is allowed.
        range: &'static str,
    },
}

/// A key shorter than this can be tried out.
const ACCESS_KEY_CHARACTERS_MIN: usize = 16;

impl HubConfig {
    /// Loads the configuration: the shipped one, the file, then the environment.
    ///
    /// # Errors
    /// The place, the key, and what to do.
    pub fn load(
        file: File<'_>,
        environment: &dyn Fn(&str) -> Option<std::ffi::OsString>,
    ) -> Result<Self, ConfigError> {
        config::load(&Sources {
            defaults: SHIPPED,
            file,
            variables: VARIABLES,
            environment,
        })
    }

    /// Checks what no type can.
    ///
    /// # Errors
    /// What is wrong and what to do.
    pub fn check(&self) -> Result<(), SettingError> {
        let key = self.access_key.expose();
        if !key.is_empty() && key.chars().count() < ACCESS_KEY_CHARACTERS_MIN {
            return Err(SettingError::KeyShort);
        }
        self.check_sites()?;
        self.check_database()?;
        self.check_reach()?;
        self.check_people()?;
        self.check_numbers()?;
        self.set_up.check()?;
        set_up::check_profiles(&self.profiles)?;
        let within = |key, value: u64, low: u64, high: u64, range| {
            if (low..=high).contains(&value) {
                Ok(())
            } else {
                Err(SettingError::Range { key, value, range })
            }
        };
        let limits = &self.limits;
        within(
            "backups.interval_minutes",
            self.backups.interval_minutes.into(),
            1,
            1_440,
            "1 to 1440",
        )?;
        within(
            "limits.tries_per_minute",
            limits.tries_per_minute.into(),
            1,
            10_000,
            "1 to 10000",
        )?;
        within(
            "limits.challenges_per_minute",
            limits.challenges_per_minute.into(),
            1,
            1_000_000,
            "1 to 1000000",
        )?;
        within(
            "limits.device_requests_per_minute",
            limits.device_requests_per_minute.into(),
            10,
            1_000_000,
            "10 to 1000000",
        )?;
        within(
            "credentials.token_minutes",
            self.credentials.token_minutes.into(),
            5,
            10_080,
            "5 to 10080",
        )?;
        within(
            "limits.enrolment_code_minutes",
            limits.enrolment_code_minutes.into(),
            1,
            10_080,
            "1 to 10080",
        )?;
        within(
            "limits.body_bytes_max",
            limits.body_bytes_max as u64,
            1 << 16,
            1 << 28,
            "65536 to 268435456",
        )?;
        within(
            "limits.unpacked_bytes_max",
            limits.unpacked_bytes_max as u64,
            1 << 18,
            1 << 30,
            "262144 to 1073741824",
        )
    }

    /// Checks that not everybody can change stock: a hub that others can reach has people, or a key to make the first
    /// one.
    ///
    /// # Errors
    /// That it has neither.
    pub fn check_guarded(&self, people_exist: bool) -> Result<(), SettingError> {
        if self.access_key.is_empty() && !people_exist && self.is_reached_by_others() {
            return Err(SettingError::KeyMissing(self.listen));
        }
        Ok(())
    }

    /// Whether somebody may reach the hub who is not on its machine: by its address, through a proxy, or, as one who gives
    /// it a name lets us guess, through a proxy that the configuration does not speak of.
    fn is_reached_by_others(&self) -> bool {
        !self.listen.ip().is_loopback() || self.proxy.behind_proxy || !self.host_names.is_empty()
    }

    /// Whether nobody is asked who they are as long as there are no people.
    pub(crate) fn is_open_without_people(&self) -> bool {
        self.access_key.is_empty() && !self.is_reached_by_others()
    }

    fn check_people(&self) -> Result<(), SettingError> {
        let people = &self.people;
        let figures = [
            (
                "people.session_idle_minutes",
                u64::from(people.session_idle_minutes),
                5..=1_440,
                "5 to 1440",
            ),
            (
                "people.session_hours",
                u64::from(people.session_hours),
                1..=168,
                "1 to 168",
            ),
            (
                "people.password_characters_min",
                people.password_characters_min as u64,
                8..=100,
                "8 to 100",
            ),
        ];
        match figures
            .into_iter()
            .find(|(_, value, allowed, _)| !allowed.contains(value))
        {
            Some((key, value, _, range)) => Err(SettingError::Range { key, value, range }),
            None => Ok(()),
        }
    }

    fn check_database(&self) -> Result<(), SettingError> {
        let database = &self.database;
        let figures = [
            (
                "database.connections_max",
                database.connections_max as u64,
                3..=1_000,
                "3 to 1000",
            ),
            (
                "database.connect_timeout_ms",
                database.connect_timeout_ms.into(),
                100..=60_000,
                "100 to 60000",
            ),
            (
                "database.statement_timeout_ms",
                database.statement_timeout_ms.into(),
                1_000..=3_600_000,
                "1000 to 3600000",
            ),
            (
                "database.lock_timeout_ms",
                database.lock_timeout_ms.into(),
                100..=600_000,
                "100 to 600000",
            ),
            (
                "database.replicas_min",
                database.replicas_min.into(),
                1..=100,
                "1 to 100",
            ),
            (
                "database.look_every_seconds",
                database.look_every_seconds.into(),
                1..=600,
                "1 to 600",
            ),
        ];
        match figures
            .into_iter()
            .find(|(_, value, allowed, _)| !allowed.contains(value))
        {
            Some((key, value, _, range)) => Err(SettingError::Range { key, value, range }),
            None => Ok(()),
        }
    }

    fn check_sites(&self) -> Result<(), SettingError> {
        if self.sites.is_empty() {
            return Err(SettingError::NoSite);
        }
        for (index, site) in self.sites.iter().enumerate() {
            let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
            if site.id.is_empty() || site.id.len() > 32 || !site.id.bytes().all(plain) {
                return Err(SettingError::SiteId(site.id.clone()));
            }
            if self.sites.iter().take(index).any(|earlier| earlier.id == site.id) {
                return Err(SettingError::SiteTwice(site.id.clone()));
            }
            let rules = site.codes.iter().map(|code| SiteRule {
                pattern: code.pattern.clone(),
                kind: code.kind.into(),
            });
            SiteRules::new(rules.collect()).map_err(|source| SettingError::Codes {
                site: site.id.clone(),
                source,
            })?;
        }
        Ok(())
    }

    /// The folder for backups of this store; `None` where they are off.
    pub fn backup_folder(&self, store: &Path) -> Option<PathBuf> {
        let beside = || store.parent().unwrap_or(Path::new(".")).join("backups");
        match (self.backups.enabled, self.backups.folder.as_os_str().is_empty()) {
            (false, _) => None,
            (true, true) => Some(beside()),
            (true, false) => Some(self.backups.folder.clone()),
        }
    }

    pub(crate) fn site_settings(&self) -> Vec<SiteSetting> {
        let rule = |code: &SiteCodeConfig| SiteRuleBody {
            pattern: code.pattern.clone(),
            kind: code.kind.word().to_owned(),
        };
        let setting = |site: &SiteConfig| SiteSetting {
            site: site.id.clone(),
            name: site.name.clone(),
            rules: site.codes.iter().map(rule).collect(),
        };
        self.sites.iter().map(setting).collect()
    }
}

impl CodeKind {
    /// The word on the wire.
    const fn word(self) -> &'static str {
        match self {
            Self::Location => "location",
            Self::Badge => "badge",
            Self::HandlingUnit => "handling_unit",
            Self::Command => "command",
        }
    }
}

impl From<CodeKind> for SiteCodeKind {
    fn from(kind: CodeKind) -> Self {
        match kind {
            CodeKind::Location => Self::Location,
            CodeKind::Badge => Self::Badge,
            CodeKind::HandlingUnit => Self::HandlingUnit,
            CodeKind::Command => Self::Command,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(text: &str) -> Result<HubConfig, ConfigError> {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("hub.toml");
        std::fs::write(&file, text).unwrap();
        HubConfig::load(File::Required(&file), &|_| None)
    }

    #[test]
    fn the_shipped_file_is_the_default_and_holds() {
        let shipped: HubConfig = config::parse("config/hub.toml", SHIPPED).unwrap();
        assert_eq!(shipped, HubConfig::default());
        shipped.check().unwrap();
    }

    #[test]
    fn a_misspelt_key_is_told_with_its_place() {
        let text = load("# mine\nlissten = \"0.0.0.0:7070\"\n")
            .unwrap_err()
            .to_string();
        assert!(text.contains("hub.toml:2:1") && text.contains("listen"), "{text}");
    }

    #[test]
    fn an_open_address_needs_a_key_or_people() {
        let mut config = load("listen = \"0.0.0.0:7070\"").unwrap();
        config.check_guarded(true).unwrap();
        let text = config.check_guarded(false).unwrap_err().to_string();
        assert!(
            text.contains("access_key") && text.contains("0.0.0.0:7070"),
            "{text}"
        );
        config.access_key = Secret::new("short");
        assert!(matches!(config.check(), Err(SettingError::KeyShort)));
        config.access_key = Secret::new("correct horse battery");
        let text = config.check().unwrap_err().to_string();
        assert!(text.contains("without TLS"), "{text}");
        config.tls.certificate_file = "hub.pem".into();
        config.tls.key_file = "hub.key".into();
        config.check().unwrap();
        config.check_guarded(false).unwrap();
    }

    #[test]
    fn a_hub_behind_a_proxy_or_with_a_name_is_not_open_to_everybody() {
        let behind = "[proxy]\nbehind_proxy = true\ntrusted_proxies = [\"127.0.0.1\"]";
        for (text, is_open) in [
            ("", true),
            (behind, false),
            ("host_names = [\"hub.example.net\"]", false),
            ("access_key = \"correct horse battery\"", false),
        ] {
            let config = load(text).unwrap();
            assert_eq!(config.is_open_without_people(), is_open, "{text}");
            let needs_somebody = config.check_guarded(false).is_err();
            assert_eq!(needs_somebody, !is_open && config.access_key.is_empty(), "{text}");
            config.check_guarded(true).unwrap();
        }
    }

    #[test]
    fn sites_are_checked() {
        for (text, wanted) in [
            ("sites = []", "no site"),
            ("[[sites]]\nid = \"Main Hall\"\nname = \"x\"", "Main Hall"),
            (
                "[[sites]]\nid = \"a\"\nname = \"x\"\n[[sites]]\nid = \"a\"\nname = \"y\"",
                "twice",
            ),
            (
                "[[sites]]\nid = \"a\"\nname = \"x\"\ncodes = [{ pattern = \"[\", kind = \"badge\" }]",
                "site a",
            ),
        ] {
            let told = load(text).unwrap().check().unwrap_err().to_string();
            assert!(told.contains(wanted), "{text}: {told}");
        }
    }

    #[test]
    fn backups_lie_beside_the_store_unless_told_otherwise() {
        let mut config = HubConfig::default();
        assert_eq!(
            config.backup_folder(Path::new("/var/lib/x/hub.db")),
            Some("/var/lib/x/backups".into())
        );
        config.backups.folder = "/mnt/copies".into();
        assert_eq!(
            config.backup_folder(Path::new("/var/lib/x/hub.db")),
            Some("/mnt/copies".into())
        );
        config.backups.enabled = false;
        assert_eq!(config.backup_folder(Path::new("/var/lib/x/hub.db")), None);
    }
}
