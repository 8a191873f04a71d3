//! People in the store: adding, changing, and their passwords.

use rusqlite::{Connection, OptionalExtension as _, Row, params};
use tallyman_floor::wire::v1::WorkerBody;

use crate::ledger::people::{
    NewPerson, PEOPLE_MAX, Person, PersonAnswer, PersonAtDoor, PersonSetting, Role, SiteScope, workers_of,
};
use crate::ledger::plan::some;
use crate::ledger::sessions::NewSession;

/// What a person's row holds, in the order that [`person`] reads it.
macro_rules! columns {
    () => {
        "person.login, name, role, sites, badge, disabled, password <> '', added_us, signed_in_us, language, pin <> ''"
    };
}
pub(super) use columns;

pub(super) fn person(row: &Row<'_>) -> rusqlite::Result<Person> {
    let role: String = row.get(2)?;
    let sites: String = row.get(3)?;
    let signed_in: Option<i64> = row.get(8)?;
    Ok(Person {
        setting: PersonSetting {
            login: row.get(0)?,
            name: row.get(1)?,
            // The table takes no other word; the least is what one that is unknown would mean.
            role: Role::from_word(&role).unwrap_or(Role::Worker),
            sites: SiteScope::from_text(&sites),
            badge: row.get(4)?,
            language: row.get(9)?,
            disabled: row.get(5)?,
        },
        has_password: row.get(6)?,
        has_pin: row.get(10)?,
        added: super::moment(row.get(7)?),
        signed_in: signed_in.map(super::moment),
    })
}

pub(super) fn list(tx: &Connection) -> rusqlite::Result<Vec<Person>> {
    tx.prepare_cached(concat!(
        "SELECT ",
        columns!(),
        " FROM person ORDER BY disabled, name, login"
    ))?
    .query_map([], person)?
    .collect()
}

pub(super) fn exist(tx: &Connection) -> rusqlite::Result<bool> {
    tx.prepare_cached("SELECT EXISTS (SELECT 1 FROM person)")?
        .query_row([], |row| row.get(0))
}

/// What people are called, by their badge.
pub(super) fn names(tx: &Connection) -> rusqlite::Result<Vec<(String, String)>> {
    tx.prepare_cached("SELECT badge, name FROM person WHERE badge <> ''")?
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect()
}

pub(super) fn at_door(tx: &Connection, login: &str) -> rusqlite::Result<Option<PersonAtDoor>> {
    tx.prepare_cached(concat!(
        "SELECT ",
        columns!(),
        ", password, signed_in_from FROM person WHERE login = ?1"
    ))?
    .query_row([login], |row| {
        Ok(PersonAtDoor {
            person: person(row)?,
            password: row.get(11)?,
            signed_in_from: row.get(12)?,
        })
    })
    .optional()
}

pub(super) fn add(tx: &Connection, new: &NewPerson) -> rusqlite::Result<PersonAnswer> {
    let setting = &new.setting;
    let people: usize = tx.query_row("SELECT count(*) FROM person", [], |row| row.get(0))?;
    if new.only_as_first && people > 0 {
        return Ok(PersonAnswer::NotFirst);
    }
    if people >= PEOPLE_MAX {
        return Ok(PersonAnswer::Full);
    }
    if at_door(tx, &setting.login)?.is_some() {
        return Ok(PersonAnswer::LoginTaken(setting.login.clone()));
    }
    if let Some(taken) = badge_taken(tx, setting)? {
        return Ok(taken);
    }
    tx.execute(
        "INSERT INTO person (login, name, role, sites, badge, language, disabled, password, added_us)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        params![
            setting.login,
            setting.name,
            setting.role.word(),
            setting.sites.to_text(),
            setting.badge,
            setting.language,
            setting.disabled,
            new.password,
            new.now.as_microsecond()
        ],
    )?;
    if !setting.badge.is_empty() {
        count_change(tx)?;
    }
    Ok(PersonAnswer::Done)
}

fn badge_taken(tx: &Connection, setting: &PersonSetting) -> rusqlite::Result<Option<PersonAnswer>> {
    let taken: Option<String> = tx
        .query_row(
            "SELECT login FROM person WHERE badge = ?1 AND badge <> '' AND login <> ?2",
            [&setting.badge, &setting.login],
            |row| row.get(0),
        )
        .optional()?;
    Ok(taken.map(|login| PersonAnswer::BadgeTaken {
        badge: setting.badge.clone(),
        login,
    }))
}

/// Changes what an administrator says about a person. Their sessions end where they may do another thing than before.
pub(super) fn change(tx: &Connection, setting: &PersonSetting) -> rusqlite::Result<PersonAnswer> {
    let Some(before) = at_door(tx, &setting.login)? else {
        return Ok(PersonAnswer::Missing(setting.login.clone()));
    };
    let before = before.person.setting;
    if before == *setting {
        return Ok(PersonAnswer::Unchanged);
    }
    if let Some(taken) = badge_taken(tx, setting)? {
        return Ok(taken);
    }
    let opens = setting.role == Role::Administrator && !setting.disabled;
    if !opens && is_last_administrator(tx, &setting.login)? {
        return Ok(PersonAnswer::LastAdministrator);
    }
    tx.execute(
        "UPDATE person SET name = ?2, role = ?3, sites = ?4, badge = ?5, disabled = ?6, language = ?7
         WHERE login = ?1",
        params![
            setting.login,
            setting.name,
            setting.role.word(),
            setting.sites.to_text(),
            setting.badge,
            setting.disabled,
            setting.language
        ],
    )?;
    if setting.differs_for_devices(&before) {
        count_change(tx)?;
    }
    let same =
        (before.role, &before.sites, before.disabled) == (setting.role, &setting.sites, setting.disabled);
    if !same {
        tx.execute("DELETE FROM session WHERE login = ?1", [&setting.login])?;
    }
    Ok(PersonAnswer::Done)
}

/// Whether this person can sign in as an administrator, and nobody else can.
fn is_last_administrator(tx: &Connection, login: &str) -> rusqlite::Result<bool> {
    tx.query_row(
        "SELECT count(*) FILTER (WHERE login = ?1) > 0 AND count(*) FILTER (WHERE login <> ?1) = 0 FROM person
         WHERE role = 'administrator' AND disabled = 0 AND password <> ''",
        [login],
        |row| row.get(0),
    )
}

/// Gives a person another password, and ends their sessions but the one that is kept.
pub(super) fn set_password(
    tx: &Connection,
    login: &str,
    password: &str,
    kept: Option<[u8; 32]>,
) -> rusqlite::Result<PersonAnswer> {
    let changed = tx.execute(
        "UPDATE person SET password = ?2 WHERE login = ?1",
        [login, password],
    )?;
    if changed == 0 {
        return Ok(PersonAnswer::Missing(login.to_owned()));
    }
    tx.execute(
        "DELETE FROM session WHERE login = ?1 AND token_hash IS NOT ?2",
        params![login, kept],
    )?;
    Ok(PersonAnswer::Done)
}

/// Gives a person another PIN, or none.
pub(super) fn set_pin(tx: &Connection, login: &str, pin: &str) -> rusqlite::Result<PersonAnswer> {
    let changed = tx.execute("UPDATE person SET pin = ?2 WHERE login = ?1", [login, pin])?;
    if changed == 0 {
        return Ok(PersonAnswer::Missing(login.to_owned()));
    }
    count_change(tx)?;
    Ok(PersonAnswer::Done)
}

/// Counts a change that devices are told.
fn count_change(tx: &Connection) -> rusqlite::Result<()> {
    tx.execute("UPDATE hub SET people_change = people_change + 1", [])?;
    Ok(())
}

/// Who works with the devices of a site.
pub(super) fn workers(tx: &Connection, site: &str) -> rusqlite::Result<Vec<WorkerBody>> {
    let rows: Vec<(WorkerBody, String)> = tx
        .prepare_cached(
            "SELECT badge, name, language, pin, sites FROM person WHERE badge <> '' AND NOT disabled ORDER BY badge",
        )?
        .query_map([], |row| {
            let worker = WorkerBody {
                id: row.get(0)?,
                name: row.get(1)?,
                language: some(row.get(2)?),
                pin_hash: some(row.get(3)?),
            };
            Ok((worker, row.get(4)?))
        })?
        .collect::<rusqlite::Result<_>>()?;
    Ok(workers_of(site, rows))
}

/// Notes that a person signed in, and keeps the newer hash of their password where there is one.
pub(super) fn note_sign_in(tx: &Connection, session: &NewSession) -> rusqlite::Result<()> {
    tx.prepare_cached(
        "UPDATE person SET signed_in_us = ?2, signed_in_from = ?3, password = CASE ?4 WHEN '' THEN password ELSE ?4 END
         WHERE login = ?1",
    )?
    .execute(params![
        session.login,
        session.now.as_microsecond(),
        session.source,
        session.password_anew
    ])?;
    Ok(())
}
