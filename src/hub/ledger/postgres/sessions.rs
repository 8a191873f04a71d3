//! Sessions and API keys in the store.

use jiff::Timestamp;

use super::error::Refused;
use super::transaction::Transaction;
use super::{audit, people};
use crate::ledger::people::SiteScope;
use crate::ledger::sessions::{
    API_KEYS_MAX, ApiKey, ApiKeyAtDoor, NewApiKey, NewSession, SESSIONS_MAX, Session, SessionView, Which,
};
use crate::ledger::text::cut;

/// Begins a session; false where the password is no longer the person's, or they may no longer sign in.
pub(super) async fn begin(tx: &Transaction, new: &NewSession) -> Result<bool, Refused> {
    // A password that changes meanwhile ends this session, or comes before it.
    audit::lock(tx).await?;
    let person = tx
        .find(
            "SELECT login FROM person WHERE login = $1 AND password = $2 AND password <> '' AND NOT disabled",
            &[&new.login, &new.password],
        )
        .await?;
    if person.is_none() {
        return Ok(false);
    }
    tx.execute(
        "DELETE FROM session WHERE login = $1 AND began_us <= $2",
        &[&new.login, &new.began_after.as_microsecond()],
    )
    .await?;
    tx.execute(
        "INSERT INTO session (token_hash, login, began_us, seen_us, source, browser) VALUES ($1, $2, $3, $3, $4, $5)",
        &[
            &new.token_hash.as_slice(),
            &new.login,
            &new.now.as_microsecond(),
            &new.source,
            &cut(&new.browser),
        ],
    )
    .await?;
    tx.execute(
        "DELETE FROM session WHERE token_hash IN
             (SELECT token_hash FROM session WHERE login = $1 ORDER BY seen_us DESC, token_hash OFFSET $2)
           AND token_hash <> $3",
        &[
            &new.login,
            &i64::try_from(SESSIONS_MAX)?,
            &new.token_hash.as_slice(),
        ],
    )
    .await?;
    people::note_sign_in(tx, new).await?;
    Ok(true)
}

pub(super) async fn find(tx: &Transaction, token_hash: &[u8; 32]) -> Result<Option<Session>, Refused> {
    let sql = concat!(
        "SELECT ",
        people::columns!(),
        ", began_us, seen_us FROM session JOIN person ON person.login = session.login
         WHERE token_hash = $1 AND NOT disabled"
    );
    let Some(row) = tx.find(sql, &[&token_hash.as_slice()]).await? else {
        return Ok(None);
    };
    Ok(Some(Session {
        person: people::person(&row)?,
        began: super::moment(row.try_get(11)?),
        seen: super::moment(row.try_get(12)?),
    }))
}

pub(super) async fn touch(tx: &Transaction, token_hash: &[u8; 32], now: Timestamp) -> Result<(), Refused> {
    tx.execute(
        "UPDATE session SET seen_us = greatest(seen_us, $2) WHERE token_hash = $1",
        &[&token_hash.as_slice(), &now.as_microsecond()],
    )
    .await?;
    Ok(())
}

pub(super) async fn list(tx: &Transaction, login: &str) -> Result<Vec<SessionView>, Refused> {
    let rows = tx
        .query(
            "SELECT token_hash, began_us, seen_us, source, browser FROM session WHERE login = $1
             ORDER BY seen_us DESC, token_hash",
            &[&login],
        )
        .await?;
    rows.iter()
        .map(|row| {
            Ok(SessionView {
                token_hash: hash(row.try_get(0)?),
                began: super::moment(row.try_get(1)?),
                seen: super::moment(row.try_get(2)?),
                source: row.try_get(3)?,
                browser: row.try_get(4)?,
            })
        })
        .collect()
}

/// A stored hash; bytes that are none fit nothing.
fn hash(stored: &[u8]) -> [u8; 32] {
    stored.try_into().unwrap_or_default()
}

/// Ends sessions of a person; false where there was none.
pub(super) async fn end(tx: &Transaction, login: &str, which: Which) -> Result<bool, Refused> {
    audit::lock(tx).await?;
    let ended = match which {
        Which::All => {
            tx.execute("DELETE FROM session WHERE login = $1", &[&login])
                .await?
        }
        Which::But(kept) => {
            tx.execute(
                "DELETE FROM session WHERE login = $1 AND token_hash <> $2",
                &[&login, &kept.as_slice()],
            )
            .await?
        }
        Which::One(ended) => {
            tx.execute(
                "DELETE FROM session WHERE login = $1 AND token_hash = $2",
                &[&login, &ended.as_slice()],
            )
            .await?
        }
    };
    Ok(ended > 0)
}

/// Keeps an API key; false where its owner has too many.
pub(super) async fn make_key(tx: &Transaction, new: &NewApiKey) -> Result<bool, Refused> {
    audit::lock(tx).await?;
    let row = tx
        .one(
            "SELECT count(*) FROM api_key WHERE owner = $1 AND ended_us IS NULL",
            &[&new.owner],
        )
        .await?;
    if usize::try_from(row.try_get::<_, i64>(0)?)? >= API_KEYS_MAX {
        return Ok(false);
    }
    tx.execute(
        "INSERT INTO api_key (key, secret_hash, name, owner, sites, made_us) VALUES ($1, $2, $3, $4, $5, $6)",
        &[
            &new.key,
            &new.secret_hash.as_slice(),
            &cut(&new.name),
            &new.owner,
            &new.sites.to_text(),
            &new.now.as_microsecond(),
        ],
    )
    .await?;
    Ok(true)
}

/// Keys of one owner, or of all; those that work first, and the newest of those.
pub(super) async fn keys(tx: &Transaction, owner: Option<&str>) -> Result<Vec<ApiKey>, Refused> {
    let rows = tx
        .query(
            "SELECT key, name, owner, sites, made_us, used_us, used_from, ended_us FROM api_key
             WHERE $1::text IS NULL OR owner = $1 ORDER BY ended_us IS NOT NULL, made_us DESC, key",
            &[&owner],
        )
        .await?;
    rows.iter()
        .map(|row| {
            let (used, ended): (Option<i64>, Option<i64>) = (row.try_get(5)?, row.try_get(7)?);
            let from: String = row.try_get(6)?;
            Ok(ApiKey {
                key: row.try_get(0)?,
                name: row.try_get(1)?,
                owner: row.try_get(2)?,
                sites: SiteScope::from_text(row.try_get(3)?),
                made: super::moment(row.try_get(4)?),
                used: used.map(|used| (super::moment(used), from)),
                ended: ended.map(super::moment),
            })
        })
        .collect()
}

/// A key that works: not ended, of somebody who may connect programs.
pub(super) async fn find_key(tx: &Transaction, key: &str) -> Result<Option<ApiKeyAtDoor>, Refused> {
    let found = tx
        .find(
            "SELECT secret_hash, api_key.sites, person.sites, used_us FROM api_key JOIN person ON login = owner
             WHERE key = $1 AND ended_us IS NULL AND NOT disabled AND role IN ('administrator', 'integrator')",
            &[&key],
        )
        .await?;
    let Some(row) = found else { return Ok(None) };
    let used: Option<i64> = row.try_get(3)?;
    let of_owner = SiteScope::from_text(row.try_get(2)?);
    Ok(Some(ApiKeyAtDoor {
        secret_hash: hash(row.try_get(0)?),
        sites: SiteScope::from_text(row.try_get(1)?).within(&of_owner),
        used: used.map(super::moment),
    }))
}

pub(super) async fn note_key_use(
    tx: &Transaction,
    key: &str,
    source: &str,
    now: Timestamp,
) -> Result<(), Refused> {
    tx.execute(
        "UPDATE api_key SET used_us = $2, used_from = $3 WHERE key = $1",
        &[&key, &now.as_microsecond(), &source],
    )
    .await?;
    Ok(())
}

/// Ends a key; false where there is none, of this owner if one is given, or it is ended.
pub(super) async fn end_key(
    tx: &Transaction,
    key: &str,
    owner: Option<&str>,
    now: Timestamp,
) -> Result<bool, Refused> {
    audit::lock(tx).await?;
    let ended = tx
        .execute(
            "UPDATE api_key SET ended_us = $3 WHERE key = $1 AND ($2::text IS NULL OR owner = $2) AND ended_us IS NULL",
            &[&key, &owner, &now.as_microsecond()],
        )
        .await?;
    Ok(ended > 0)
}
