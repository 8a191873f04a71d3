//! The device's key as a file: beside the store with mode 0600, or one that systemd hands over.

use std::ffi::OsString;
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use tallyman_platform::device_key::DeviceKey;
use tallyman_platform::entropy::{Entropy, SystemEntropy};
use tallyman_platform::files;

use crate::config::AgentConfig;
use crate::seams::{KeyError, Keys};

/// Most bytes of a file that may be a key.
const FILE_BYTES_MAX: u64 = 1_024;

/// Who may read a key.
const MODE: u32 = 0o600;

/// A key that this program makes and keeps beside the store.
pub struct KeyFile {
    path: PathBuf,
    next: PathBuf,
    entropy: Mutex<Box<dyn Entropy>>,
}

/// A key that systemd hands over (`LoadCredential=`, `LoadCredentialEncrypted=`); the program never writes it.
pub struct KeyCredential {
    path: Result<PathBuf, KeyError>,
}

/// The key that a configuration speaks of.
pub fn configured(config: &AgentConfig) -> Box<dyn Keys> {
    match config.hub.key_credential.as_str() {
        "" => Box::new(KeyFile::beside(&config.store_path(), Box::new(SystemEntropy))),
        name => Box::new(KeyCredential::named(name, &|name| std::env::var_os(name))),
    }
}

impl KeyFile {
    /// The key beside this store.
    pub fn beside(store: &Path, entropy: Box<dyn Entropy>) -> Self {
        Self {
            path: with_suffix(store, ".key"),
            next: with_suffix(store, ".key.next"),
            entropy: Mutex::new(entropy),
        }
    }
}

impl KeyCredential {
    /// The credential of this name, in the folder that systemd names in `CREDENTIALS_DIRECTORY`.
    pub fn named(name: &str, environment: &dyn Fn(&str) -> Option<OsString>) -> Self {
        let folder = environment("CREDENTIALS_DIRECTORY").filter(|folder| !folder.is_empty());
        let path = folder
            .map(|folder| PathBuf::from(folder).join(name))
            .ok_or_else(|| KeyError::NoCredential(name.to_owned()));
        Self { path }
    }
}

impl Keys for KeyFile {
    fn enrolled(&self) -> Result<DeviceKey, KeyError> {
        read(&self.path)
    }

    fn next(&self) -> Result<DeviceKey, KeyError> {
        match read(&self.next) {
            // Made before, and its enrolment was not heard of.
            Ok(key) => return Ok(key),
            Err(KeyError::Missing(_) | KeyError::Damaged(_)) => {}
            Err(error) => return Err(error),
        }
        let mut entropy = self.entropy.lock().unwrap_or_else(PoisonError::into_inner);
        let seed = DeviceKey::draw(entropy.as_mut());
        files::replace(&self.next, format!("{seed}\n").as_bytes(), MODE)
            .map_err(|cause| failed(&self.next, &cause))?;
        read(&self.next)
    }

    fn keep_next(&self) -> Result<(), KeyError> {
        std::fs::rename(&self.next, &self.path)
            .and_then(|()| files::sync_folder_of(&self.path))
            .map_err(|cause| failed(&self.path, &cause))
    }
}

impl Keys for KeyCredential {
    fn enrolled(&self) -> Result<DeviceKey, KeyError> {
        let path = self.path.as_ref().map_err(Clone::clone)?;
        match parse(path) {
            Err(KeyError::Missing(_)) => Err(KeyError::NoCredential(
                path.file_name()
                    .unwrap_or_default()
                    .to_string_lossy()
                    .into_owned(),
            )),
            read => read,
        }
    }

    fn next(&self) -> Result<DeviceKey, KeyError> {
        self.enrolled()
    }

    fn keep_next(&self) -> Result<(), KeyError> {
        Ok(())
    }
}

/// Reads a key that nobody else can.
fn read(path: &Path) -> Result<DeviceKey, KeyError> {
    let key = parse(path)?;
    let mode = std::fs::metadata(path)
        .map_err(|cause| failed(path, &cause))?
        .permissions()
        .mode();
    if mode & 0o077 == 0 {
        Ok(key)
    } else {
        Err(KeyError::Open(path.display().to_string()))
    }
}

fn parse(path: &Path) -> Result<DeviceKey, KeyError> {
    use std::io::Read as _;
    let mut text = String::new();
    let file = std::fs::File::open(path).map_err(|cause| failed(path, &cause))?;
    let damaged = || KeyError::Damaged(path.display().to_string());
    match file.take(FILE_BYTES_MAX).read_to_string(&mut text) {
        Err(error) if error.kind() == io::ErrorKind::InvalidData => return Err(damaged()),
        read => read.map_err(|cause| failed(path, &cause))?,
    };
    DeviceKey::from_hex(&text).ok_or_else(damaged)
}

fn failed(path: &Path, cause: &io::Error) -> KeyError {
    let path = path.display().to_string();
    if cause.kind() == io::ErrorKind::NotFound {
        return KeyError::Missing(path);
    }
    KeyError::File {
        path,
        cause: cause.to_string(),
    }
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

#[cfg(test)]
mod tests {
    use tallyman_platform::entropy::SeededEntropy;

    use super::*;

    fn keys(folder: &Path, seed: u64) -> KeyFile {
        KeyFile::beside(&folder.join("agent.db"), Box::new(SeededEntropy::new(seed)))
    }

    #[test]
    fn a_key_is_made_once_and_takes_the_place_of_the_one_before() {
        let folder = tempfile::tempdir().unwrap();
        let missing = keys(folder.path(), 1).enrolled().unwrap_err();
        assert!(
            missing.to_string().contains("Enrol this device again"),
            "{missing}"
        );
        let made = keys(folder.path(), 1).next().unwrap().public_hex();
        // The program ends before it hears whether the key was enrolled, and asks with the same one.
        assert_eq!(keys(folder.path(), 2).next().unwrap().public_hex(), made);
        keys(folder.path(), 3).keep_next().unwrap();
        assert_eq!(keys(folder.path(), 4).enrolled().unwrap().public_hex(), made);
        let other = keys(folder.path(), 5).next().unwrap().public_hex();
        assert_ne!(other, made);
        assert_eq!(
            keys(folder.path(), 6).enrolled().unwrap().public_hex(),
            made,
            "the key stays until another one is enrolled"
        );
        let mode = std::fs::metadata(folder.path().join("agent.db.key")).unwrap();
        assert_eq!(mode.permissions().mode() & 0o777, MODE);
    }

    #[test]
    fn what_is_no_key_or_open_to_others_is_not_used() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("agent.db.key");
        let seed = DeviceKey::draw(&mut SeededEntropy::new(1));
        let longer = format!("{seed}{seed}");
        for (text, mode, wanted) in [
            ("", 0o600, "holds no key"),
            ("secret", 0o600, "holds no key"),
            (longer.as_str(), 0o600, "holds no key"),
            (seed.as_str(), 0o640, "can be read by others"),
            (seed.as_str(), 0o604, "can be read by others"),
            (seed.as_str(), 0o600, ""),
        ] {
            std::fs::write(&path, text).unwrap();
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
            let told = keys(folder.path(), 1).enrolled().err();
            let told = told.map(|error| error.to_string()).unwrap_or_default();
            assert!(
                told.contains(wanted) && told.is_empty() == wanted.is_empty(),
                "{told}"
            );
            assert!(!told.contains(&seed));
        }
        std::fs::write(&path, [0xFF; 64]).unwrap();
        assert!(matches!(
            keys(folder.path(), 1).enrolled(),
            Err(KeyError::Damaged(_))
        ));
    }

    #[test]
    fn a_credential_of_systemd_is_read_where_it_says() {
        let folder = tempfile::tempdir().unwrap();
        let seed = DeviceKey::draw(&mut SeededEntropy::new(1));
        std::fs::write(folder.path().join("key"), &seed).unwrap();
        let given = folder.path().as_os_str().to_owned();
        let environment = |name: &str| (name == "CREDENTIALS_DIRECTORY").then(|| given.clone());
        let keys = KeyCredential::named("key", &environment);
        assert_eq!(
            keys.next().unwrap().public_hex(),
            DeviceKey::from_hex(&seed).unwrap().public_hex()
        );
        for keys in [
            KeyCredential::named("other", &environment),
            KeyCredential::named("key", &|_| None),
        ] {
            let told = keys.enrolled().unwrap_err().to_string();
            assert!(told.contains("LoadCredential="), "{told}");
        }
    }
}
