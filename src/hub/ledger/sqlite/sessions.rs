//! Sessions and API keys in the store.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, params};

use super::people;
use crate::ledger::people::SiteScope;
use crate::ledger::sessions::{
    API_KEYS_MAX, ApiKey, ApiKeyAtDoor, NewApiKey, NewSession, SESSIONS_MAX, Session, SessionView, Which,
};
use crate::ledger::text::cut;

/// Begins a session; false where the password is no longer the person's, or they may no longer sign in.
pub(super) fn begin(tx: &Connection, new: &NewSession) -> rusqlite::Result<bool> {
    let begun = tx.execute(
        "INSERT INTO session (token_hash, login, began_us, seen_us, source, browser)
         SELECT ?1, login, ?4, ?4, ?5, ?6 FROM person WHERE login = ?2 AND password = ?3 AND password <> '' AND disabled = 0",
        params![
            new.token_hash,
            new.login,
            new.password,
            new.now.as_microsecond(),
            new.source,
            cut(&new.browser)
        ],
    )?;
    if begun == 0 {
        return Ok(false);
    }
    tx.execute(
        "DELETE FROM session WHERE login = ?1 AND began_us <= ?2",
        params![new.login, new.began_after.as_microsecond()],
    )?;
    tx.execute(
        "DELETE FROM session WHERE token_hash IN
             (SELECT token_hash FROM session WHERE login = ?1 ORDER BY seen_us DESC, token_hash LIMIT -1 OFFSET ?2)
           AND token_hash <> ?3",
        params![new.login, SESSIONS_MAX, new.token_hash],
    )?;
    people::note_sign_in(tx, new)?;
    Ok(true)
}

pub(super) fn find(tx: &Connection, token_hash: &[u8; 32]) -> rusqlite::Result<Option<Session>> {
    tx.prepare_cached(concat!(
        "SELECT ",
        people::columns!(),
        ", began_us, seen_us FROM session JOIN person ON person.login = session.login
         WHERE token_hash = ?1 AND disabled = 0"
    ))?
    .query_row([token_hash], |row| {
        Ok(Session {
            person: people::person(row)?,
            began: super::moment(row.get(11)?),
            seen: super::moment(row.get(12)?),
        })
    })
    .optional()
}

pub(super) fn touch(tx: &Connection, token_hash: &[u8; 32], now: Timestamp) -> rusqlite::Result<()> {
    tx.prepare_cached("UPDATE session SET seen_us = max(seen_us, ?2) WHERE token_hash = ?1")?
        .execute(params![token_hash, now.as_microsecond()])?;
    Ok(())
}

pub(super) fn list(tx: &Connection, login: &str) -> rusqlite::Result<Vec<SessionView>> {
    tx.prepare_cached(
        "SELECT token_hash, began_us, seen_us, source, browser FROM session WHERE login = ?1
         ORDER BY seen_us DESC, token_hash",
    )?
    .query_map([login], |row| {
        Ok(SessionView {
            token_hash: row.get(0)?,
            began: super::moment(row.get(1)?),
            seen: super::moment(row.get(2)?),
            source: row.get(3)?,
            browser: row.get(4)?,
        })
    })?
    .collect()
}

/// Ends sessions of a person; false where there was none.
pub(super) fn end(tx: &Connection, login: &str, which: Which) -> rusqlite::Result<bool> {
    let ended = match which {
        Which::All => tx.execute("DELETE FROM session WHERE login = ?1", [login])?,
        Which::But(kept) => tx.execute(
            "DELETE FROM session WHERE login = ?1 AND token_hash <> ?2",
            params![login, kept],
        )?,
        Which::One(ended) => tx.execute(
            "DELETE FROM session WHERE login = ?1 AND token_hash = ?2",
            params![login, ended],
        )?,
    };
    Ok(ended > 0)
}

/// Keeps an API key; false where its owner has too many.
pub(super) fn make_key(tx: &Connection, new: &NewApiKey) -> rusqlite::Result<bool> {
    let kept: usize = tx.query_row(
        "SELECT count(*) FROM api_key WHERE owner = ?1 AND ended_us IS NULL",
        [&new.owner],
        |row| row.get(0),
    )?;
    if kept >= API_KEYS_MAX {
        return Ok(false);
    }
    tx.execute(
        "INSERT INTO api_key (key, secret_hash, name, owner, sites, made_us) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        params![
            new.key,
            new.secret_hash,
            cut(&new.name),
            new.owner,
            new.sites.to_text(),
            new.now.as_microsecond()
        ],
    )?;
    Ok(true)
}

/// Keys of one owner, or of all; those that work first, and the newest of those.
pub(super) fn keys(tx: &Connection, owner: Option<&str>) -> rusqlite::Result<Vec<ApiKey>> {
    tx.prepare_cached(
        "SELECT key, name, owner, sites, made_us, used_us, used_from, ended_us FROM api_key
         WHERE ?1 IS NULL OR owner = ?1 ORDER BY ended_us IS NOT NULL, made_us DESC, key",
    )?
    .query_map([owner], |row| {
        let (sites, from): (String, String) = (row.get(3)?, row.get(6)?);
        let (used, ended): (Option<i64>, Option<i64>) = (row.get(5)?, row.get(7)?);
        Ok(ApiKey {
            key: row.get(0)?,
            name: row.get(1)?,
            owner: row.get(2)?,
            sites: SiteScope::from_text(&sites),
            made: super::moment(row.get(4)?),
            used: used.map(|used| (super::moment(used), from)),
            ended: ended.map(super::moment),
        })
    })?
    .collect()
}

/// A key that works: not ended, of somebody who may connect programs.
pub(super) fn find_key(tx: &Connection, key: &str) -> rusqlite::Result<Option<ApiKeyAtDoor>> {
    tx.prepare_cached(
        "SELECT secret_hash, api_key.sites, person.sites, used_us FROM api_key JOIN person ON login = owner
         WHERE key = ?1 AND ended_us IS NULL AND disabled = 0 AND role IN ('administrator', 'integrator')",
    )?
    .query_row([key], |row| {
        let (sites, of_owner): (String, String) = (row.get(1)?, row.get(2)?);
        let used: Option<i64> = row.get(3)?;
        Ok(ApiKeyAtDoor {
            secret_hash: row.get(0)?,
            sites: SiteScope::from_text(&sites).within(&SiteScope::from_text(&of_owner)),
            used: used.map(super::moment),
        })
    })
    .optional()
}

pub(super) fn note_key_use(tx: &Connection, key: &str, source: &str, now: Timestamp) -> rusqlite::Result<()> {
    tx.prepare_cached("UPDATE api_key SET used_us = ?2, used_from = ?3 WHERE key = ?1")?
        .execute(params![key, now.as_microsecond(), source])?;
    Ok(())
}

/// Ends a key; false where there is none, of this owner if one is given, or it is ended.
pub(super) fn end_key(
    tx: &Connection,
    key: &str,
    owner: Option<&str>,
    now: Timestamp,
) -> rusqlite::Result<bool> {
    let ended = tx.execute(
        "UPDATE api_key SET ended_us = ?3 WHERE key = ?1 AND (?2 IS NULL OR owner = ?2) AND ended_us IS NULL",
        params![key, owner, now.as_microsecond()],
    )?;
    Ok(ended > 0)
}
