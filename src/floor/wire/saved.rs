//! The stored form of a session: what a device needs to go on at the exact step after a restart.
//!
//! A form that cannot be read is no disaster: every fact is in the journal, so the agent starts a fresh session
//! and the worker scans the task again. Members that say nothing are left out, for the session is written with every
//! commit.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::confirmation::Draft;
use crate::ids::WorkerId;
use crate::session::Session;
use crate::session::login::Shift;
use crate::session::stage::{LeftChecks, Stage, Undo, is_default};
use crate::trace::without_secret;
use crate::view::{Message, Tone};

use super::convert::ConvertError;
use super::v1::ConfirmationBody;

/// The version of the stored form that this program writes and reads.
const VERSION: u32 = 2;

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
    /// It is whole and says something that this program does not know.
    #[error("the stored session cannot be understood ({0}): a new session starts")]
    Unknown(#[from] ConvertError),
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
    #[serde(default)]
    stage: Stage,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    undo: Vec<UndoForm>,
    #[serde(default)]
    done_lines: usize,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    message: Option<MessageForm>,
    #[serde(default, skip_serializing_if = "is_default")]
    shift: Shift,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    left_checks: Option<LeftChecks>,
}

#[derive(Serialize, Deserialize)]
struct UndoForm {
    before: Stage,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    reversals: Vec<ConfirmationBody>,
}

#[derive(Serialize, Deserialize)]
struct MessageForm {
    tone: ToneForm,
    sentences: Vec<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum ToneForm {
    Good,
    Bad,
    Ask,
    Calm,
}

impl Session {
    /// The session as it is stored, with every commit. Of a PIN nothing is stored but how much of it was typed.
    pub fn to_saved(&self) -> String {
        let session = without_secret(self);
        let undo = session.undo.iter().map(|undo| UndoForm {
            before: undo.before.clone(),
            reversals: undo.reversals.iter().map(ConfirmationBody::from).collect(),
        });
        let form = SessionForm {
            v: VERSION,
            worker: session.worker.as_ref().map(ToString::to_string),
            stage: session.stage.clone(),
            undo: undo.collect(),
            done_lines: session.done_lines,
            message: session.message.as_ref().map(MessageForm::from),
            shift: session.shift.clone(),
            left_checks: session.left_checks.clone(),
        };
        // Strings and numbers only: there is nothing in it that JSON cannot say.
        serde_json::to_string(&form).unwrap_or_default()
    }

    /// Takes a stored session up again.
    ///
    /// # Errors
    /// [`SavedError`] where it is damaged or of another version; the caller then starts with [`Session::new`].
    pub fn from_saved(saved: &str) -> Result<Self, SavedError> {
        let mut session = Self::as_written(saved)?;
        if session.asks_for_pin() {
            // What stands there is no part of it: it is typed again.
            session.stage.typed.clear();
        }
        Ok(session)
    }

    /// The session exactly as it was written, for those who play its steps again.
    pub(crate) fn as_written(saved: &str) -> Result<Self, SavedError> {
        let Version { v } = serde_json::from_str(saved)?;
        if v != VERSION {
            return Err(SavedError::Version { found: v });
        }
        let form: SessionForm = serde_json::from_str(saved)?;
        let undo: Result<_, _> = form
            .undo
            .into_iter()
            .map(|undo| Undo::try_from(undo).map(Arc::new))
            .collect();
        Ok(Self {
            worker: form.worker.map(WorkerId::new),
            stage: form.stage,
            undo: undo?,
            done_lines: form.done_lines,
            message: form.message.map(Message::from),
            shift: form.shift,
            left_checks: form.left_checks,
        })
    }
}

impl TryFrom<UndoForm> for Undo {
    type Error = ConvertError;

    fn try_from(form: UndoForm) -> Result<Self, ConvertError> {
        let reversals: Result<_, _> = form.reversals.into_iter().map(Draft::try_from).collect();
        Ok(Self {
            before: form.before,
            reversals: reversals?,
        })
    }
}

impl From<&Message> for MessageForm {
    fn from(message: &Message) -> Self {
        let tone = match message.tone {
            Tone::Good => ToneForm::Good,
            Tone::Bad => ToneForm::Bad,
            Tone::Ask => ToneForm::Ask,
            Tone::Calm => ToneForm::Calm,
        };
        let sentences = message.sentences.clone();
        Self { tone, sentences }
    }
}

impl From<MessageForm> for Message {
    fn from(form: MessageForm) -> Self {
        let tone = match form.tone {
            ToneForm::Good => Tone::Good,
            ToneForm::Bad => Tone::Bad,
            ToneForm::Ask => Tone::Ask,
            ToneForm::Calm => Tone::Calm,
        };
        let sentences = form.sentences;
        Self { tone, sentences }
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
        for text in ["", "{}", "null", r#"{"v":"2"}"#, r#"{"v":2,"worker":5}"#] {
            assert!(
                matches!(Session::from_saved(text), Err(SavedError::Unreadable(_))),
                "{text}"
            );
        }
        let odd = r#"{"v":2,"stage":{"last":{"code":"X","agreed":"lost"}}}"#;
        assert!(matches!(Session::from_saved(odd), Err(SavedError::Unreadable(_))));
    }
}
