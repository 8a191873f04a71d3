//! Sessions of people and the API keys of programs, as the ledger keeps them.

use jiff::Timestamp;

use super::people::{Person, SiteScope};

/// Sessions of one person; beyond that the one that was longest unused ends.
pub const SESSIONS_MAX: usize = 20;

/// API keys that are not ended, of one person.
pub const API_KEYS_MAX: usize = 50;

/// A session that begins.
#[derive(Debug, Clone)]
pub struct NewSession {
    /// The hash of its token.
    pub token_hash: [u8; 32],
    /// Whose.
    pub login: String,
    /// The password's hash that was found right. It has to be the person's still.
    pub password: String,
    /// The same password hashed as passwords are hashed now; empty where it is already.
    pub password_anew: String,
    /// The address it began from.
    pub source: String,
    /// What the browser calls itself.
    pub browser: String,
    /// Now.
    pub now: Timestamp,
    /// Sessions that began before this are forgotten.
    pub began_after: Timestamp,
}

/// A session, with its person as they are now.
#[derive(Debug, Clone)]
pub struct Session {
    /// Whose.
    pub person: Person,
    /// When it began.
    pub began: Timestamp,
    /// When it was last used.
    pub seen: Timestamp,
}

/// A session on its person's page.
#[derive(Debug, Clone)]
pub struct SessionView {
    /// The hash of its token.
    pub token_hash: [u8; 32],
    /// When it began.
    pub began: Timestamp,
    /// When it was last used.
    pub seen: Timestamp,
    /// The address it began from.
    pub source: String,
    /// What the browser calls itself.
    pub browser: String,
}

/// Which sessions of a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// All.
    All,
    /// All but this one.
    But([u8; 32]),
    /// This one.
    One([u8; 32]),
}

/// An API key to keep.
#[derive(Debug, Clone)]
pub struct NewApiKey {
    /// Its public part.
    pub key: String,
    /// The hash of its secret part.
    pub secret_hash: [u8; 32],
    /// What it is for, for people.
    pub name: String,
    /// Whose it is.
    pub owner: String,
    /// What it is for, at most.
    pub sites: SiteScope,
    /// Now.
    pub now: Timestamp,
}

/// An API key, on the page.
#[derive(Debug, Clone)]
pub struct ApiKey {
    /// Its public part.
    pub key: String,
    /// What it is for.
    pub name: String,
    /// Whose it is.
    pub owner: String,
    /// Its sites.
    pub sites: SiteScope,
    /// When it was made.
    pub made: Timestamp,
    /// When it was last used, and from where.
    pub used: Option<(Timestamp, String)>,
    /// When it was ended.
    pub ended: Option<Timestamp>,
}

/// An API key as a request needs it: one that works.
#[derive(Debug, Clone)]
pub struct ApiKeyAtDoor {
    /// The hash of its secret part.
    pub secret_hash: [u8; 32],
    /// The sites of both the key and its owner.
    pub sites: SiteScope,
    /// When it was last used.
    pub used: Option<Timestamp>,
}
