//! What a station is made of: its folder, its scanner, and the configuration that its agent reads.

use std::path::{Path, PathBuf};

use serde_json::json;

use super::SCANNER;
use crate::scanner::ScannerKind;

/// What a station is made of.
#[derive(Debug, Clone)]
pub struct StationPlan {
    /// The program: `tallyman` itself.
    pub program: PathBuf,
    /// The station's own folder; made where it is missing. Keep its path short: a socket's has 107 bytes at most.
    pub folder: PathBuf,
    /// What the device calls itself.
    pub name: String,
    /// Where it reaches the hub.
    pub hub_url: String,
    /// The code it enrols with.
    pub enrolment_code: String,
    /// Pixels across and down.
    pub screen: (u32, u32),
    /// Milliseconds in which the same code is a mechanical repetition.
    pub duplicate_ms: u64,
    /// Its scanner.
    pub scanner: ScannerKind,
    /// More of its configuration, as TOML: an RFID reader, say. The one who holds the station has what it names.
    pub more: String,
}

impl StationPlan {
    pub(super) fn config_path(&self) -> PathBuf {
        self.folder.join("agent.toml")
    }

    pub(super) fn store_path(&self) -> PathBuf {
        self.folder.join("agent.db")
    }

    pub(super) fn scanner_path(&self) -> PathBuf {
        self.folder.join(SCANNER)
    }

    pub(super) fn socket_path(&self) -> PathBuf {
        self.folder.join("agent.sock")
    }

    pub(super) fn log_path(&self) -> PathBuf {
        self.folder.join("agent.log")
    }

    /// The configuration as a file: only what differs from the shipped one.
    pub(super) fn config(&self) -> String {
        let quoted = |path: &Path| json!(path.to_string_lossy()).to_string();
        let (driver, settings) = self.scanner.driver();
        let settings: Vec<String> = settings
            .iter()
            .map(|(key, value)| format!("{key} = {}", json!(value)))
            .collect();
        // JSON strings are TOML strings.
        format!(
            "name = {name}\n\
             [hub]\nurl = {url}\nenrolment_code = {code}\nheartbeat_ms = 5000\npoll_ms = 250\n\
             [store]\npath = {store}\n\
             [control]\nsocket = {socket}\n\
             [screen]\nwidth = {width}\nheight = {height}\n\
             [intake]\nduplicate_ms = {duplicate_ms}\n\
             [log]\nform = \"human\"\n\
             [[device]]\nname = \"{SCANNER}\"\ndriver = \"{driver}\"\n\
             link = {{ serial = {{ path = {port} }} }}\nsettings = {{ {settings} }}\n{more}",
            more = self.more,
            name = json!(self.name),
            url = json!(self.hub_url),
            code = json!(self.enrolment_code),
            store = quoted(&self.store_path()),
            socket = quoted(&self.socket_path()),
            width = self.screen.0,
            height = self.screen.1,
            duplicate_ms = self.duplicate_ms,
            port = quoted(&self.scanner_path()),
            settings = settings.join(", "),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tallyman_agent::config::AgentConfig;

    #[test]
    fn the_configuration_names_the_driver_of_the_scanner() {
        for (scanner, driver) in [
            (ScannerKind::Text, "plain_text"),
            (ScannerKind::ZebraSsi, "zebra_ssi"),
            (ScannerKind::Honeywell, "honeywell"),
        ] {
            let plan = StationPlan {
                program: PathBuf::from("tallyman"),
                folder: PathBuf::from("/tmp/a \"b\""),
                name: "picker \"1\"".to_owned(),
                hub_url: "http://127.0.0.1:1".to_owned(),
                enrolment_code: "K7".to_owned(),
                screen: (240, 320),
                duplicate_ms: 150,
                scanner,
                more: "[rfid]\nstart_at_place = true\n".to_owned(),
            };
            let folder = tempfile::tempdir().expect("a folder");
            let file = folder.path().join("agent.toml");
            std::fs::write(&file, plan.config()).expect("written");
            let config = AgentConfig::load(Some(&file), &|_| None).expect("a good configuration");
            config.check().expect("a good configuration");
            assert_eq!(config.devices[0].driver, driver);
            assert!(config.rfid.start_at_place);
        }
    }
}
