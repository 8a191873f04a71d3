//! Setting a device up: a set-up code is checked against the device's own configuration, kept in a file beside the store,
//! and the agent starts anew with it. What the hub gives with the identity comes the same way.

mod file;
mod stick;
mod wifi;

use std::io;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tallyman_floor::wire::set_up::{SetUpCode, Wifi, plain_code};
use tallyman_floor::wire::v1::ProfileBody;
use tallyman_platform::tls::Pin;
use tokio::sync::watch;

use crate::config::AgentConfig;
use crate::input_nodes::keymap::Keymap;
use crate::seams::{SetUp, SetUpNews, SetUpPart, SetUpRefusal};

pub(crate) use file::SetUpFile;

/// Takes set-up codes for one device.
pub struct Desk {
    config: AgentConfig,
    path: PathBuf,
    /// What is in the file; one at a time changes it.
    kept: Mutex<SetUpFile>,
    changed: watch::Sender<bool>,
    /// Why the code on a stick was not taken when it was looked at last.
    not_taken: Mutex<Option<String>>,
}

impl Desk {
    /// The desk of an agent that runs with this configuration.
    pub fn of(config: &AgentConfig) -> Self {
        let path = config.set_up_path();
        Self {
            kept: Mutex::new(SetUpFile::read(&path).unwrap_or_default()),
            config: config.clone(),
            path,
            changed: watch::Sender::new(false),
            not_taken: Mutex::default(),
        }
    }

    /// Turns true when the agent has to start anew with what was taken.
    pub fn subscribe(&self) -> watch::Receiver<bool> {
        self.changed.subscribe()
    }

    /// Whether a device without an identity is set up by a stick: a folder is configured, and it has no code yet.
    pub(crate) fn looks_at_sticks(&self) -> bool {
        !self.config.set_up.folder.as_os_str().is_empty() && self.config.hub.enrolment_code.is_empty()
    }

    /// Takes the code that lies in the configured folder, where there is one. What is not taken is logged once, however
    /// often it is looked at.
    pub(crate) fn look_at_stick(&self) {
        if !self.looks_at_sticks() {
            return;
        }
        let folder = &self.config.set_up.folder;
        let taken = match stick::find(folder) {
            None => Ok(()),
            Some(Err(fault)) => Err(fault.to_string()),
            Some(Ok(code)) => self
                .take(&code)
                .inspect(
                    |()| tracing::info!(folder = %folder.display(), "the set-up code of the stick is taken"),
                )
                .map_err(|refusal| refusal.to_string()),
        };
        let mut told = self.not_taken.lock().unwrap_or_else(PoisonError::into_inner);
        let reason = taken.err();
        if let Some(reason) = reason.as_ref().filter(|reason| told.as_ref() != Some(reason)) {
            tracing::error!(reason, "the set-up code of the stick is not taken");
        }
        *told = reason;
    }

    /// A device that has its identity needs no code any more.
    pub(crate) fn forget_code(&self) {
        let mut kept = self.kept();
        if !kept.code.is_empty() {
            let next = SetUpFile {
                code: String::new(),
                ..kept.clone()
            };
            if let Err(error) = self.write(&mut kept, next) {
                tracing::warn!(%error, "the used code stays in the set-up");
            }
        }
    }

    fn kept(&self) -> MutexGuard<'_, SetUpFile> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes what is to be kept; on disk when it returns.
    fn write(&self, kept: &mut SetUpFile, next: SetUpFile) -> Result<(), SetUpRefusal> {
        let failed = |cause: io::Error| SetUpRefusal::NotKept(format!("{}: {cause}", self.path.display()));
        next.write(&self.path).map_err(failed)?;
        *kept = next;
        Ok(())
    }

    /// The network is handed on before anything is kept: what came of it is told with the rest.
    fn hand_on(&self, wifi: Option<&Wifi>) -> SetUpNews {
        let mut told = SetUpNews::default();
        let Some(wifi) = wifi else { return told };
        match wifi::hand_on(&self.config.set_up, wifi) {
            Ok(true) => told.changed.push((SetUpPart::Wifi, wifi.name.clone())),
            Ok(false) => told.not_taken.push(SetUpPart::Wifi),
            Err(error) => {
                tracing::error!(%error, network = wifi.name, "the wireless network of the set-up code is not set");
                told.not_taken.push(SetUpPart::Wifi);
            }
        }
        told
    }
}

impl SetUp for Desk {
    fn take(&self, code: &SetUpCode) -> Result<(), SetUpRefusal> {
        let mut kept = self.kept();
        let pin = code.pin.map(Pin::from_bytes);
        let mut next = SetUpFile {
            address: code.address.clone(),
            pin: pin.map(|pin| pin.to_string()).unwrap_or_default(),
            code: code.code.clone(),
            ..SetUpFile::default()
        };
        let with_it = self.config.read_with(&next).ok_or(SetUpRefusal::OtherHub)?;
        let trust = with_it.hub.trust().ok().and_then(|trust| trust.pin);
        let is_same = with_it.hub.url == code.address
            && trust == pin
            && plain_code(with_it.hub.enrolment_code.expose()) == code.code;
        if !is_same {
            return Err(SetUpRefusal::OtherHub);
        }
        next.wifi = self.hand_on(code.wifi.as_ref());
        self.write(&mut kept, next)?;
        self.changed.send_replace(true);
        Ok(())
    }

    fn take_one_time_code(&self, code: &str) -> Result<(), SetUpRefusal> {
        let mut kept = self.kept();
        let next = SetUpFile {
            code: plain_code(code),
            ..kept.clone()
        };
        let with_it = self.config.read_with(&next).ok_or(SetUpRefusal::OtherHub)?;
        if self.config.hub.url.is_empty() || plain_code(with_it.hub.enrolment_code.expose()) != next.code {
            return Err(SetUpRefusal::OtherHub);
        }
        self.write(&mut kept, next)?;
        self.changed.send_replace(true);
        Ok(())
    }

    fn keep(&self, site: &str, profile: Option<&ProfileBody>) -> Result<(), SetUpRefusal> {
        let mut kept = self.kept();
        if profile.is_none() && *kept == SetUpFile::default() {
            // Enrolled by the configuration alone: there is nothing to keep.
            return Ok(());
        }
        let mut next = kept.clone();
        let mut news = SetUpNews::default();
        news.changed.push((SetUpPart::Site, site.to_owned()));
        if let Some(profile) = profile {
            news.changed.push((SetUpPart::Profile, profile.name.clone()));
            next.profile = Some(self.accept(&next, profile, &mut news));
        }
        news.changed.append(&mut next.wifi.changed.clone());
        news.not_taken.append(&mut next.wifi.not_taken.clone());
        next.news = Some(news);
        self.write(&mut kept, next)
    }

    fn done(&self) {
        let mut kept = self.kept();
        let next = SetUpFile {
            code: String::new(),
            wifi: SetUpNews::default(),
            ..kept.clone()
        };
        if next == *kept {
            return;
        }
        if let Err(error) = self.write(&mut kept, next) {
            // It is used up; what is left of it does nothing.
            tracing::warn!(%error, "the used code stays in the set-up");
        }
        self.changed.send_replace(true);
    }

    fn take_news(&self) -> Option<SetUpNews> {
        let mut kept = self.kept();
        let news = kept.news.clone()?;
        let next = SetUpFile {
            news: None,
            ..kept.clone()
        };
        if let Err(error) = self.write(&mut kept, next) {
            tracing::warn!(%error, "what was set up is told again");
        }
        Some(news)
    }
}

impl Desk {
    /// What of a profile this device can take: each setting is tried alone, so that one that cannot be does not take the
    /// others along.
    fn accept(&self, file: &SetUpFile, profile: &ProfileBody, news: &mut SetUpNews) -> ProfileBody {
        let mut accepted = ProfileBody {
            name: profile.name.clone(),
            ..ProfileBody::default()
        };
        let mut settle =
            |part: SetUpPart, with: ProfileBody, shown: String, holds: &dyn Fn(&AgentConfig) -> bool| {
                let tried = SetUpFile {
                    profile: Some(with.clone()),
                    ..file.clone()
                };
                if self.config.read_with(&tried).is_some_and(|config| holds(&config)) {
                    accepted = with;
                    news.changed.push((part, shown));
                } else {
                    news.not_taken.push(part);
                }
                accepted.clone()
            };
        let mut so_far = settle_start(&profile.name);
        if let Some(language) = &profile.language {
            let with = ProfileBody {
                language: Some(language.clone()),
                ..so_far
            };
            let holds = |config: &AgentConfig| config.language.code() == language;
            so_far = settle(SetUpPart::Language, with, language.clone(), &holds);
        }
        if let Some(volume) = profile.volume {
            let with = ProfileBody {
                volume: Some(volume),
                ..so_far
            };
            let shown = format!("{volume} %");
            let holds = |config: &AgentConfig| config.sound.volume == volume;
            so_far = settle(SetUpPart::Volume, with, shown, &holds);
        }
        if let Some(keymap) = &profile.keymap {
            let with = ProfileBody {
                keymap: Some(keymap.clone()),
                ..so_far
            };
            let holds = |config: &AgentConfig| config.keys.map == *keymap && Keymap::load(keymap).is_ok();
            so_far = settle(SetUpPart::Keymap, with, keymap.clone(), &holds);
        }
        if let Some(scanners) = &profile.scanners {
            let names: Vec<&str> = scanners
                .iter()
                .filter_map(|scanner| scanner.get("name")?.as_str())
                .collect();
            let with = ProfileBody {
                scanners: Some(scanners.clone()),
                ..so_far
            };
            let holds = |config: &AgentConfig| {
                config
                    .devices
                    .iter()
                    .map(|device| device.name.as_str())
                    .eq(names.iter().copied())
            };
            settle(SetUpPart::Scanners, with, names.join(", "), &holds);
        }
        accepted
    }
}

fn settle_start(name: &str) -> ProfileBody {
    ProfileBody {
        name: name.to_owned(),
        ..ProfileBody::default()
    }
}

#[cfg(test)]
mod tests;
