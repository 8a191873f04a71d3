//! What proves this device: its key, wherever it is kept.

use tallyman_platform::device_key::DeviceKey;

/// Where the device's key is kept. It never goes into the store, which is copied and handed on.
pub trait Keys: Send + Sync {
    /// The key that was enrolled.
    ///
    /// # Errors
    /// [`KeyError`] says why there is none, and what to do.
    fn enrolled(&self) -> Result<DeviceKey, KeyError>;

    /// The key to enrol next: the same one until [`Self::keep_next`], so that a lost answer is no harm.
    ///
    /// # Errors
    /// [`KeyError`] says why none can be made.
    fn next(&self) -> Result<DeviceKey, KeyError>;

    /// The next key was enrolled: it takes the place of the one before.
    ///
    /// # Errors
    /// [`KeyError`]; both are there then.
    fn keep_next(&self) -> Result<(), KeyError>;
}

/// Why a key cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// There is none.
    #[error(
        "the key of this device is not at {0}: it was lost, or the device was enrolled before devices had keys. Ask for a \
         code with \"Enrol this device again\" on its card of the hub's devices page, write it as `hub.enrolment_code` and \
         start the agent again; nothing stored is lost"
    )]
    Missing(String),
    /// What is there is no key.
    #[error(
        "{0} holds no key: 64 lower-case hexadecimal digits. Put the right file back, or move it away and enrol this device \
         again; nothing stored is lost"
    )]
    Damaged(String),
    /// Others could read it.
    #[error("{0} can be read by others; allow only its owner to read it (chmod 600)")]
    Open(String),
    /// A credential that systemd was to give.
    #[error(
        "`hub.key_credential` is {0}, and systemd gave no such credential. Write LoadCredential={0}:/path/of/the/key into \
         the unit, or leave the key empty"
    )]
    NoCredential(String),
    /// The system does not let it be read or written.
    #[error("the key of this device cannot be used at {path}: {cause}")]
    File {
        /// The file.
        path: String,
        /// What the system said.
        cause: String,
    },
}
