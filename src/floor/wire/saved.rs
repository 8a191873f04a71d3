//! The stored form of a session: what a device needs to go on at the exact step after a restart.
//!
//! A form that cannot be read is no disaster: every fact is in the journal, so the agent starts a fresh session
//! and the worker scans the task again.

use serde::{Deserialize, Serialize};

use crate::ids::{TaskId, WorkerId};
use crate::session::Session;

/// The version of the stored form that this program writes and reads.
const VERSION: u32 = 1;

/// Why a stored session cannot be taken up again.
#[derive(Debug, thiserror::Error)]
pub enum SavedError {
    /// Another version of the program wrote it.
    #[error(
        "the stored session has version {found}, and this program reads version {VERSION}: a new session starts"
    )]
    Version {
        /// The version found.
        found: u32,
    },
    /// It is damaged, or no stored session at all.
    #[error("the stored session cannot be read ({0}): a new session starts")]
    Unreadable(#[from] serde_json::Error),
}

#[derive(Deserialize)]
struct Version {
    v: u32,
}

#[derive(Serialize, Deserialize)]
struct SessionForm {
    v: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    worker: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    task: Option<String>,
}

impl Session {
    /// The session as it is stored, with every commit.
    pub fn to_saved(&self) -> String {
        let form = SessionForm {
            v: VERSION,
            worker: self.worker.as_ref().map(ToString::to_string),
            task: self.task.as_ref().map(ToString::to_string),
        };
        serde_json::to_string(&form).unwrap_or_default()
    }

    /// Takes a stored session up again.
    ///
    /// # Errors
    /// [`SavedError`] where it is damaged or of another version; the caller then starts with [`Session::new`].
    pub fn from_saved(saved: &str) -> Result<Self, SavedError> {
        let Version { v } = serde_json::from_str(saved)?;
        if v != VERSION {
            return Err(SavedError::Version { found: v });
        }
        let form: SessionForm = serde_json::from_str(saved)?;
        Ok(Self {
            worker: form.worker.map(WorkerId::new),
            task: form.task.map(TaskId::new),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_session_is_refused() {
        assert!(Session::from_saved(&Session::new().to_saved()).is_ok());
        assert!(matches!(
            Session::from_saved(r#"{"v":99}"#),
            Err(SavedError::Version { found: 99 })
        ));
        for text in ["", "{}", "null", r#"{"v":"1"}"#, r#"{"v":1,"worker":5}"#] {
            assert!(
                matches!(Session::from_saved(text), Err(SavedError::Unreadable(_))),
                "{text}"
            );
        }
    }
}
