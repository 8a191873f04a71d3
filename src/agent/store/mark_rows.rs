//! The rows of `state`: identity, marks, cursor and what the hub said of the site, each a small JSON text with a hash of its own.
//!
//! A flipped bit passes every check of the database file; the hash is what notices it.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, params};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use tallyman_floor::wire::chain::ChainHash;
use tallyman_floor::wire::v1::{Mark, SiteRuleBody};

use crate::seams::{Identity, SyncMarks};

use super::trouble::Trouble;

/// The rows there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Name {
    Identity,
    Marks,
    Cache,
    SiteRules,
    Holds,
    Workers,
    Reasons,
    Numbers,
}

impl Name {
    const fn word(self) -> &'static str {
        match self {
            Self::Identity => "identity",
            Self::Marks => "marks",
            Self::Cache => "cache",
            Self::SiteRules => "site_rules",
            Self::Holds => "holds",
            Self::Workers => "workers",
            Self::Reasons => "reasons",
            Self::Numbers => "numbers",
        }
    }
}

/// Writes a row.
pub(super) fn put(connection: &Connection, name: Name, body: &str) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO state (name, body, hash) VALUES (?1, ?2, ?3)
             ON CONFLICT (name) DO UPDATE SET body = excluded.body, hash = excluded.hash",
        )?
        .execute(params![name.word(), body, hash_of(name, body).as_bytes()])
        .map(drop)
}

/// Reads a row: `None` where there is none, `Some(None)` where its hash does not match.
pub(super) fn get(connection: &Connection, name: Name) -> rusqlite::Result<Option<Option<String>>> {
    let row: Option<(String, Vec<u8>)> = connection
        .prepare_cached("SELECT body, hash FROM state WHERE name = ?1")
        .and_then(|mut select| {
            select
                .query_row([name.word()], |row| Ok((row.get(0)?, row.get(1)?)))
                .optional()
        })?;
    Ok(row.map(|(body, hash)| (hash == hash_of(name, &body).as_bytes()).then_some(body)))
}

/// Writes a row from its stored form.
pub(super) fn put_form<T: Serialize>(connection: &Connection, name: Name, form: &T) -> Result<(), Trouble> {
    let body = serde_json::to_string(form).map_err(|error| Trouble::damaged(error.to_string()))?;
    put(connection, name, &body).map_err(Trouble::from)
}

/// Reads a row as its stored form.
///
/// # Errors
/// [`Trouble`] where the row is damaged.
pub(super) fn get_form<T: DeserializeOwned>(
    connection: &Connection,
    name: Name,
) -> Result<Option<T>, Trouble> {
    let damaged = || {
        Trouble::damaged(format!(
            "the row `{}` of the table `state` is damaged",
            name.word()
        ))
    };
    match get(connection, name)? {
        None => Ok(None),
        Some(None) => Err(damaged()),
        Some(Some(body)) => serde_json::from_str(&body).map(Some).map_err(|_| damaged()),
    }
}

fn hash_of(name: Name, body: &str) -> ChainHash {
    ChainHash::of_record(ChainHash::START, name.word(), 0, 0, body.as_bytes())
}

/// The stored form of [`Identity`]. Rows of devices that were enrolled before they had keys hold a `token` besides, which
/// proves nothing any more.
#[derive(Serialize, Deserialize)]
pub(super) struct IdentityForm {
    device: String,
    site: String,
    epoch: u32,
}

impl From<&Identity> for IdentityForm {
    fn from(identity: &Identity) -> Self {
        Self {
            device: identity.device.clone(),
            site: identity.site.clone(),
            epoch: identity.epoch,
        }
    }
}

impl From<IdentityForm> for Identity {
    fn from(form: IdentityForm) -> Self {
        Self {
            device: form.device,
            site: form.site,
            epoch: form.epoch,
        }
    }
}

/// The stored form of [`SyncMarks`].
#[derive(Serialize, Deserialize)]
pub(super) struct MarksForm {
    generation: Option<String>,
    applied: Mark,
    stable: Mark,
    trace_sent: u64,
    hub_time: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    withheld: Option<Mark>,
}

impl From<&SyncMarks> for MarksForm {
    fn from(marks: &SyncMarks) -> Self {
        Self {
            generation: marks.generation.clone(),
            applied: marks.applied,
            stable: marks.stable,
            trace_sent: marks.trace_sent,
            hub_time: marks.hub_time,
            withheld: marks.withheld,
        }
    }
}

impl From<MarksForm> for SyncMarks {
    fn from(form: MarksForm) -> Self {
        Self {
            generation: form.generation,
            applied: form.applied,
            stable: form.stable,
            trace_sent: form.trace_sent,
            hub_time: form.hub_time,
            withheld: form.withheld,
        }
    }
}

/// Where the cache of tasks stands.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct CacheForm {
    /// Where the next delta goes on from.
    pub(super) cursor: Option<String>,
    /// Counts resets.
    pub(super) round: u64,
    /// A reset is under way: rows of earlier rounds are forgotten when its last part has come.
    pub(super) sweeping: bool,
    /// The hub told the site's locations.
    pub(super) locations_known: bool,
    /// This device's mark in the newest delta.
    pub(super) applied: Mark,
    /// What the program that began this round kept of what the hub says, see [`CacheForm::KEPT`].
    #[serde(default)]
    pub(super) kept: u32,
}

impl CacheForm {
    /// Counts up when a program keeps more of what a hub may have said before: 1 with the pictures of items. A cache of before
    /// is filled anew.
    pub(super) const KEPT: u32 = 1;

    /// Where to go on; nowhere for a cache that lacks what this program would have kept.
    pub(super) fn cursor_to_go_on_from(self) -> Option<String> {
        self.cursor.filter(|_| self.kept >= Self::KEPT)
    }
}

/// The site's own codes, as the hub sent them.
pub(super) type SiteRulesForm = Vec<SiteRuleBody>;
