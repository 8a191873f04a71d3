//! People in the store: adding, changing, and their passwords.

use tallyman_floor::wire::v1::WorkerBody;
use tokio_postgres::Row;

use super::audit;
use super::error::Refused;
use super::transaction::Transaction;
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

pub(super) fn person(row: &Row) -> Result<Person, Refused> {
    let signed_in: Option<i64> = row.try_get(8)?;
    Ok(Person {
        setting: PersonSetting {
            login: row.try_get(0)?,
            name: row.try_get(1)?,
            // The table takes no other word; the least is what one that is unknown would mean.
            role: Role::from_word(row.try_get(2)?).unwrap_or(Role::Worker),
            sites: SiteScope::from_text(row.try_get(3)?),
            badge: row.try_get(4)?,
            language: row.try_get(9)?,
            disabled: row.try_get(5)?,
        },
        has_password: row.try_get(6)?,
        has_pin: row.try_get(10)?,
        added: super::moment(row.try_get(7)?),
        signed_in: signed_in.map(super::moment),
    })
}

pub(super) async fn list(tx: &Transaction) -> Result<Vec<Person>, Refused> {
    let sql = concat!(
        "SELECT ",
        columns!(),
        " FROM person ORDER BY disabled, name, login"
    );
    tx.query(sql, &[]).await?.iter().map(person).collect()
}

pub(super) async fn exist(tx: &Transaction) -> Result<bool, Refused> {
    Ok(tx
        .one("SELECT EXISTS (SELECT 1 FROM person)", &[])
        .await?
        .try_get(0)?)
}

/// What people are called, by their badge.
pub(super) async fn names(tx: &Transaction) -> Result<Vec<(String, String)>, Refused> {
    let rows = tx
        .query("SELECT badge, name FROM person WHERE badge <> ''", &[])
        .await?;
    rows.iter()
        .map(|row| Ok((row.try_get(0)?, row.try_get(1)?)))
        .collect()
}

pub(super) async fn at_door(tx: &Transaction, login: &str) -> Result<Option<PersonAtDoor>, Refused> {
    let sql = concat!(
        "SELECT ",
        columns!(),
        ", password, signed_in_from FROM person WHERE login = $1"
    );
    // No stored text holds this character, and the database takes none that does.
    if login.contains('\0') {
        return Ok(None);
    }
    let Some(row) = tx.find(sql, &[&login]).await? else {
        return Ok(None);
    };
    Ok(Some(PersonAtDoor {
        person: person(&row)?,
        password: row.try_get(11)?,
        signed_in_from: row.try_get(12)?,
    }))
}

pub(super) async fn add(tx: &Transaction, new: &NewPerson) -> Result<PersonAnswer, Refused> {
    // Two first administrators, or two people with one badge, come one after the other.
    audit::lock(tx).await?;
    let setting = &new.setting;
    let people: i64 = tx.one("SELECT count(*) FROM person", &[]).await?.try_get(0)?;
    if new.only_as_first && people > 0 {
        return Ok(PersonAnswer::NotFirst);
    }
    if usize::try_from(people)? >= PEOPLE_MAX {
        return Ok(PersonAnswer::Full);
    }
    if at_door(tx, &setting.login).await?.is_some() {
        return Ok(PersonAnswer::LoginTaken(setting.login.clone()));
    }
    if let Some(taken) = badge_taken(tx, setting).await? {
        return Ok(taken);
    }
    tx.execute(
        "INSERT INTO person (login, name, role, sites, badge, language, disabled, password, added_us)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        &[
            &setting.login,
            &setting.name,
            &setting.role.word(),
            &setting.sites.to_text(),
            &setting.badge,
            &setting.language,
            &setting.disabled,
            &new.password,
            &new.now.as_microsecond(),
        ],
    )
    .await?;
    if !setting.badge.is_empty() {
        count_change(tx).await?;
    }
    Ok(PersonAnswer::Done)
}

async fn badge_taken(tx: &Transaction, setting: &PersonSetting) -> Result<Option<PersonAnswer>, Refused> {
    let taken = tx
        .find(
            "SELECT login FROM person WHERE badge = $1 AND badge <> '' AND login <> $2",
            &[&setting.badge, &setting.login],
        )
        .await?;
    let Some(row) = taken else { return Ok(None) };
    Ok(Some(PersonAnswer::BadgeTaken {
        badge: setting.badge.clone(),
        login: row.try_get(0)?,
    }))
}

/// Changes what an administrator says about a person. Their sessions end where they may do another thing than before.
pub(super) async fn change(tx: &Transaction, setting: &PersonSetting) -> Result<PersonAnswer, Refused> {
    // Two administrators who disable each other come one after the other.
    audit::lock(tx).await?;
    let Some(before) = at_door(tx, &setting.login).await? else {
        return Ok(PersonAnswer::Missing(setting.login.clone()));
    };
    let before = before.person.setting;
    if before == *setting {
        return Ok(PersonAnswer::Unchanged);
    }
    if let Some(taken) = badge_taken(tx, setting).await? {
        return Ok(taken);
    }
    let opens = setting.role == Role::Administrator && !setting.disabled;
    if !opens && is_last_administrator(tx, &setting.login).await? {
        return Ok(PersonAnswer::LastAdministrator);
    }
    tx.execute(
        "UPDATE person SET name = $2, role = $3, sites = $4, badge = $5, disabled = $6, language = $7
         WHERE login = $1",
        &[
            &setting.login,
            &setting.name,
            &setting.role.word(),
            &setting.sites.to_text(),
            &setting.badge,
            &setting.disabled,
            &setting.language,
        ],
    )
    .await?;
    if setting.differs_for_devices(&before) {
        count_change(tx).await?;
    }
    let same =
        (before.role, &before.sites, before.disabled) == (setting.role, &setting.sites, setting.disabled);
    if !same {
        tx.execute("DELETE FROM session WHERE login = $1", &[&setting.login])
            .await?;
    }
    Ok(PersonAnswer::Done)
}

/// Whether this person can sign in as an administrator, and nobody else can.
async fn is_last_administrator(tx: &Transaction, login: &str) -> Result<bool, Refused> {
    let row = tx
        .one(
            "SELECT count(*) FILTER (WHERE login = $1) > 0 AND count(*) FILTER (WHERE login <> $1) = 0 FROM person
             WHERE role = 'administrator' AND NOT disabled AND password <> ''",
            &[&login],
        )
        .await?;
    Ok(row.try_get(0)?)
}

/// Gives a person another password, and ends their sessions but the one that is kept.
pub(super) async fn set_password(
    tx: &Transaction,
    login: &str,
    password: &str,
    kept: Option<[u8; 32]>,
) -> Result<PersonAnswer, Refused> {
    audit::lock(tx).await?;
    let kept = kept.as_ref().map(<[u8; 32]>::as_slice);
    let changed = tx
        .execute(
            "UPDATE person SET password = $2 WHERE login = $1",
            &[&login, &password],
        )
        .await?;
    if changed == 0 {
        return Ok(PersonAnswer::Missing(login.to_owned()));
    }
    tx.execute(
        "DELETE FROM session WHERE login = $1 AND token_hash IS DISTINCT FROM $2::bytea",
        &[&login, &kept],
    )
    .await?;
    Ok(PersonAnswer::Done)
}

/// Gives a person another PIN, or none.
pub(super) async fn set_pin(tx: &Transaction, login: &str, pin: &str) -> Result<PersonAnswer, Refused> {
    audit::lock(tx).await?;
    let changed = tx
        .execute("UPDATE person SET pin = $2 WHERE login = $1", &[&login, &pin])
        .await?;
    if changed == 0 {
        return Ok(PersonAnswer::Missing(login.to_owned()));
    }
    count_change(tx).await?;
    Ok(PersonAnswer::Done)
}

/// Counts a change that devices are told. The trail's head is locked.
async fn count_change(tx: &Transaction) -> Result<(), Refused> {
    tx.execute("UPDATE hub SET people_change = people_change + 1", &[])
        .await?;
    Ok(())
}

/// Who works with the devices of a site.
pub(super) async fn workers(tx: &Transaction, site: &str) -> Result<Vec<WorkerBody>, Refused> {
    let rows = tx
        .query(
            "SELECT badge, name, language, pin, sites FROM person WHERE badge <> '' AND NOT disabled ORDER BY badge",
            &[],
        )
        .await?;
    let rows = rows.iter().map(|row| {
        let worker = WorkerBody {
            id: row.try_get(0)?,
            name: row.try_get(1)?,
            language: some(row.try_get(2)?),
            pin_hash: some(row.try_get(3)?),
        };
        Ok((worker, row.try_get(4)?))
    });
    Ok(workers_of(site, rows.collect::<Result<Vec<_>, Refused>>()?))
}

/// Notes that a person signed in, and keeps the newer hash of their password where there is one.
pub(super) async fn note_sign_in(tx: &Transaction, session: &NewSession) -> Result<(), Refused> {
    tx.execute(
        "UPDATE person SET signed_in_us = $2, signed_in_from = $3, password = CASE $4 WHEN '' THEN password ELSE $4 END
         WHERE login = $1",
        &[
            &session.login,
            &session.now.as_microsecond(),
            &session.source,
            &session.password_anew,
        ],
    )
    .await?;
    Ok(())
}
