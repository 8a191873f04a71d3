//! Signing in: the same answer, after the same time, whether a name is unknown or a password wrong.

use super::password::{self, Busy, Found, PasswordMistake, SALT_BYTES};
use super::session::{self, Token};
use super::source::Source;
use crate::Hub;
use crate::ledger::LedgerError;
use crate::ledger::audit;
use crate::ledger::people::{LOGIN_CHARACTERS_MAX, NewPerson, PersonAnswer, PersonSetting, login_of};
use crate::ledger::sessions::NewSession;

/// What became of a try to sign in.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum SignIn {
    /// A session has begun.
    Welcome(Token),
    /// The name or the password is wrong, or the person may no longer sign in.
    Wrong,
    /// There were too many tries; so many seconds until the next.
    TooOften(u64),
    /// Too many sign in at this moment.
    Busy,
}

/// Tries to sign in.
pub(crate) async fn sign_in(
    hub: &Hub,
    typed: &str,
    password: String,
    source: &Source,
    browser: &str,
) -> Result<SignIn, LedgerError> {
    let limits = &hub.inner.sign_in_limits;
    let moment = hub.inner.clock.now();
    if let Err(seconds) = limits.try_source(&source.counted, moment) {
        return Ok(SignIn::TooOften(seconds));
    }
    let login: String = login_of(typed).chars().take(LOGIN_CHARACTERS_MAX + 1).collect();
    let found = hub.ledger().person_at_door(login.clone()).await?;
    let last_from = found.as_ref().map_or("", |found| found.signed_in_from.as_str());
    let is_known_here = !source.address.is_empty() && last_from == source.address;
    if found.is_some() {
        // A name that nobody has may be a password that went into the wrong field: it is not written down.
        audit::amend(|note| note.subject.clone_from(&login));
    }
    if !is_known_here && let Err(seconds) = limits.try_name(&login, moment) {
        return Ok(SignIn::TooOften(seconds));
    }
    let (stored, disabled) = found.map_or((String::new(), true), |found| {
        (found.password, found.person.setting.disabled)
    });
    let outdated = match hub.inner.hashing.verify(password.clone(), stored.clone()).await {
        Err(Busy) => return Ok(SignIn::Busy),
        Ok(Found::Right { outdated }) if !disabled => outdated,
        Ok(_) => return Ok(SignIn::Wrong),
    };
    let password_anew = if outdated {
        hash(hub, password).await.unwrap_or_default()
    } else {
        String::new()
    };
    audit::amend(|note| note.actor.clone_from(&login));
    begin(hub, login, stored, password_anew, source, browser).await
}

/// Begins a session for somebody whose password was found right.
async fn begin(
    hub: &Hub,
    login: String,
    password: String,
    password_anew: String,
    source: &Source,
    browser: &str,
) -> Result<SignIn, LedgerError> {
    let token = Token::new(hub);
    let session = NewSession {
        token_hash: token.hash(),
        login,
        password,
        password_anew,
        source: source.address.clone(),
        browser: browser.to_owned(),
        now: hub.now(),
        began_after: session::oldest(hub),
    };
    let begun = hub.ledger().begin_session(session).await?;
    Ok(if begun {
        SignIn::Welcome(token)
    } else {
        SignIn::Wrong
    })
}

/// Hashes a new password.
pub(crate) async fn hash(hub: &Hub, password: String) -> Result<String, Busy> {
    hub.inner.hashing.hash(password, hub.random::<SALT_BYTES>()).await
}

/// Hashes a new PIN.
pub(crate) async fn hash_pin(hub: &Hub, pin: String) -> Result<String, Busy> {
    hub.inner.hashing.hash_pin(pin, hub.random::<SALT_BYTES>()).await
}

/// Checks a new password against the hub's settings.
pub(crate) fn check_password(hub: &Hub, password: &str, login: &str) -> Result<(), PasswordMistake> {
    password::check(password, login, hub.config().people.password_characters_min)
}

/// Makes the first administrator, and signs them in.
pub(crate) async fn add_first(
    hub: &Hub,
    setting: PersonSetting,
    password: String,
    source: &Source,
    browser: &str,
) -> Result<(PersonAnswer, SignIn), LedgerError> {
    let Ok(password) = hash(hub, password).await else {
        return Ok((PersonAnswer::Unchanged, SignIn::Busy));
    };
    let login = setting.login.clone();
    audit::amend(|note| note.subject.clone_from(&login));
    let person = NewPerson {
        setting,
        password: password.clone(),
        only_as_first: true,
        now: hub.now(),
    };
    let answer = hub.ledger().add_person(person).await?;
    if answer != PersonAnswer::Done {
        return Ok((answer, SignIn::Wrong));
    }
    let signed_in = begin(hub, login, password, String::new(), source, browser).await?;
    Ok((answer, signed_in))
}
