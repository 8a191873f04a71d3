//! What somebody on the hub's machine does about people, without any page: make an administrator, reset a password.
//!
//! Whoever may open the store may do this, as they could write into it with any other tool. It is in the audit trail.

use std::path::Path;
use std::sync::Arc;

use jiff::Timestamp;
use tallyman_platform::entropy::Entropy;

use super::password::{self, PasswordMistake, SALT_BYTES};
use super::pin::{self, PinMistake};
use crate::config::HubConfig;
use crate::hub::{open_ledger, random_text};
use crate::ledger::audit::{AuditNote, Outcome, Pending};
use crate::ledger::people::{NewPerson, Person, PersonAnswer, PersonMistake, PersonSetting, login_of};
use crate::ledger::postgres::PostgresLedger;
use crate::ledger::sqlite::SqliteLedger;
use crate::ledger::{Answer, Ledger, LedgerError};
use crate::{OpenHubError, Opening, Threads};

/// The people of a store, for a command.
pub struct PeopleDesk {
    ledger: Arc<dyn Ledger>,
    entropy: Box<dyn Entropy>,
    password_characters_min: usize,
    actor: String,
}

/// Why a command was not done.
#[derive(Debug, thiserror::Error)]
pub enum DeskError {
    /// The person cannot be so.
    #[error("{0}")]
    Person(#[from] PersonMistake),
    /// The password is none to have.
    #[error("{0}")]
    Password(#[from] PasswordMistake),
    /// The PIN is none to have.
    #[error("{0}")]
    Pin(#[from] PinMistake),
    /// Others stand against it.
    #[error("{0}")]
    Refused(PersonAnswer),
    /// The password could not be hashed.
    #[error("the password could not be hashed: {0}")]
    NotHashed(String),
    /// The store did not take it.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

impl std::fmt::Debug for PeopleDesk {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("PeopleDesk")
            .field("actor", &self.actor)
            .finish_non_exhaustive()
    }
}

impl PeopleDesk {
    /// Opens the store or database of a configuration. `user` is who runs the command, for the audit trail.
    ///
    /// # Errors
    /// What is wrong with it; a store file that a hub has open is in use.
    pub async fn open(
        config: &HubConfig,
        store: &Path,
        mut entropy: Box<dyn Entropy>,
        user: &str,
    ) -> Result<Self, OpenHubError> {
        let generation = random_text(entropy.as_mut(), 12);
        let now = Timestamp::now();
        let ledger = open_ledger(config, store, generation, now, Threads::None, Opening::AsBefore).await?;
        Ok(Self {
            ledger,
            entropy,
            password_characters_min: config.people.password_characters_min,
            actor: format!("command:{user}"),
        })
    }

    /// Everybody in the store or database of a configuration. Nothing is changed, and its hub may be running.
    ///
    /// # Errors
    /// Why it cannot be read, as one that a newer hub has yet to bring up to date.
    pub async fn people(config: &HubConfig, store: &Path) -> Result<Vec<Person>, OpenHubError> {
        if config.database.url.is_empty() {
            return Ok(SqliteLedger::people_of_file(store)?);
        }
        let ledger = PostgresLedger::open_to_read(&config.database).await?;
        Ok(ledger.people().await?)
    }

    /// Adds a person; with `None` as password one who cannot sign in.
    ///
    /// # Errors
    /// What is wrong with the person or the password, or who stands against it.
    pub async fn add(&mut self, setting: PersonSetting, password: Option<&str>) -> Result<(), DeskError> {
        let setting = setting.checked()?;
        let password = match password {
            Some(password) => self.hashed(password, &setting.login)?,
            None => String::new(),
        };
        let login = setting.login.clone();
        let role = setting.role.word();
        let person = NewPerson {
            setting,
            password,
            only_as_first: false,
            now: Timestamp::now(),
        };
        self.noted("person.add", &login, role, |ledger| ledger.add_person(person))
            .await
    }

    /// Gives a person another password, and ends their sessions.
    ///
    /// # Errors
    /// What is wrong with the password, or that there is no such person.
    pub async fn set_password(&mut self, login: &str, password: &str) -> Result<(), DeskError> {
        let login = login_of(login);
        let password = self.hashed(password, &login)?;
        let whose = login.clone();
        self.noted("person.password", &login, "", |ledger| {
            ledger.set_password(whose, password, None)
        })
        .await
    }

    /// Lets a person sign in no more, or again.
    ///
    /// # Errors
    /// That there is no such person, or that they are the last administrator.
    pub async fn disable(&mut self, login: &str, disabled: bool) -> Result<(), DeskError> {
        let what = if disabled { "disabled" } else { "enabled" };
        self.change(login, what, |setting| setting.disabled = disabled)
            .await
    }

    /// Gives a person another badge or another language on devices, or none; `None` leaves it as it is.
    ///
    /// # Errors
    /// That there is no such person, what is wrong with it, or that somebody else has the badge.
    pub async fn set_badge(
        &mut self,
        login: &str,
        badge: Option<String>,
        language: Option<String>,
    ) -> Result<(), DeskError> {
        let told = [("badge", &badge), ("language", &language)];
        let told = told
            .iter()
            .filter_map(|(what, text)| text.as_ref().map(|text| format!("{what} {text}")));
        let what = told.collect::<Vec<_>>().join("; ");
        self.change(login, &what, |setting| {
            if let Some(badge) = badge {
                setting.badge = badge;
            }
            if let Some(language) = language {
                setting.language = language;
            }
        })
        .await
    }

    async fn change(
        &mut self,
        login: &str,
        what: &str,
        how: impl FnOnce(&mut PersonSetting),
    ) -> Result<(), DeskError> {
        let login = login_of(login);
        let found = self.ledger.person_at_door(login.clone()).await?;
        let Some(found) = found else {
            return Err(DeskError::Refused(PersonAnswer::Missing(login)));
        };
        let mut setting = found.person.setting;
        how(&mut setting);
        let setting = setting.checked()?;
        self.noted("person.change", &login, what, |ledger| {
            ledger.change_person(setting)
        })
        .await
    }

    /// Gives a person another PIN for devices, or none.
    ///
    /// # Errors
    /// What is wrong with the PIN, or that there is no such person.
    pub async fn set_pin(&mut self, login: &str, pin: Option<&str>) -> Result<(), DeskError> {
        let stored = match pin {
            Some(pin) => {
                pin::check(pin)?;
                let mut salt = [0; SALT_BYTES];
                self.entropy.fill(&mut salt);
                pin::hash(pin, &salt).map_err(DeskError::NotHashed)?
            }
            None => String::new(),
        };
        let what = if pin.is_none() { "none" } else { "" };
        let login = login_of(login);
        let whose = login.clone();
        self.noted("person.pin", &login, what, |ledger| ledger.set_pin(whose, stored))
            .await
    }

    fn hashed(&mut self, password: &str, login: &str) -> Result<String, DeskError> {
        password::check(password, login, self.password_characters_min)?;
        let mut salt = [0; SALT_BYTES];
        self.entropy.fill(&mut salt);
        password::hash(password, &salt).map_err(DeskError::NotHashed)
    }

    /// Does something with its row in the audit trail.
    async fn noted<'a>(
        &'a self,
        action: &str,
        login: &str,
        detail: &str,
        change: impl FnOnce(&'a dyn Ledger) -> Answer<'a, PersonAnswer>,
    ) -> Result<(), DeskError> {
        let mut note = AuditNote::new(Timestamp::now(), self.actor.as_str(), action);
        note.subject = login.to_owned();
        note.detail = detail.to_owned();
        let pending = Pending::new(note);
        // Stores take the note when they are asked: that has to happen inside.
        let answer = pending.around(async { change(self.ledger.as_ref()).await }).await;
        if let Some(mut note) = pending.unwritten() {
            note.outcome = if answer.is_ok() {
                Outcome::Done
            } else {
                Outcome::Failed
            };
            self.ledger.append_audit(vec![note]).await?;
        }
        match answer? {
            PersonAnswer::Done | PersonAnswer::Unchanged => Ok(()),
            answer => Err(DeskError::Refused(answer)),
        }
    }
}
