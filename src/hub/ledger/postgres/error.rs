//! What an error of the database means: try again at once, later, or never.

use tokio_postgres::error::SqlState;

use crate::ledger::LedgerError;
use crate::ledger::details::UnreadableDetails;

/// Why an operation did not happen: the database's reason, or one of ours.
#[derive(Debug, thiserror::Error)]
pub(super) enum Refused {
    /// What PostgreSQL or the way to it said.
    #[error(transparent)]
    Postgres(#[from] tokio_postgres::Error),
    /// What the operation said.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// A figure that no column holds.
    #[error("a figure does not fit: {0}")]
    Figure(#[from] std::num::TryFromIntError),
}

impl From<UnreadableDetails> for Refused {
    fn from(unreadable: UnreadableDetails) -> Self {
        Self::Ledger(unreadable.into())
    }
}

/// What is to be done about an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    /// Two transactions were in each other's way: the same again, at once.
    Collision,
    /// The database is away, full or too busy: later.
    Away,
    /// It lies in what was to be stored.
    Own,
    /// The store is broken, or the program is.
    Broken,
}

impl Refused {
    /// What kind of error it is.
    pub(super) fn fault(&self) -> Fault {
        match self {
            Self::Postgres(error) => match error.code() {
                Some(code) => of_code(code),
                None if said_by_the_library(error, "error serializing parameter") => Fault::Own,
                // The statement and this program do not agree: no record is to blame for that.
                None if DISAGREEMENTS.iter().any(|what| said_by_the_library(error, what)) => Fault::Broken,
                // No answer of the server: the connection broke, was refused or took too long.
                None => Fault::Away,
            },
            Self::Ledger(LedgerError::Unavailable(_)) => Fault::Away,
            Self::Ledger(_) => Fault::Broken,
            Self::Figure(_) => Fault::Own,
        }
    }
}

/// What the library says where an answer is not what was asked for.
const DISAGREEMENTS: [&str; 5] = [
    "error deserializing column",
    "invalid column",
    "unexpected message",
    "query returned an unexpected number",
    "error parsing response",
];

/// The library tells its own errors apart by their text alone.
fn said_by_the_library(error: &tokio_postgres::Error, what: &str) -> bool {
    error.to_string().starts_with(what)
}

/// By the class of the code, PostgreSQL documentation, appendix A.
fn of_code(code: &SqlState) -> Fault {
    match code.code() {
        // serialization_failure, deadlock_detected.
        "40001" | "40P01" => Fault::Collision,
        // lock_not_available, query_canceled (a time-out), read_only_sql_transaction (a standby),
        // idle_in_transaction_session_timeout.
        "55P03" | "57014" | "25006" | "25P03" => Fault::Away,
        other => match other.get(..2) {
            // Connection, authorization, insufficient resources, operator intervention.
            Some("08" | "28" | "53" | "57") => Fault::Away,
            // Data, integrity, program limits.
            Some("22" | "23" | "54") => Fault::Own,
            _ => Fault::Broken,
        },
    }
}

impl From<Refused> for LedgerError {
    fn from(refused: Refused) -> Self {
        match (refused.fault(), refused) {
            (_, Refused::Ledger(error)) => error,
            (Fault::Collision | Fault::Away, refused) => Self::Unavailable(format!(
                "the database does not take it at the moment: {}. Nothing of it was stored; it may be tried again.",
                said(&refused)
            )),
            (_, refused) => Self::Broken(format!("the database answered: {}", said(&refused))),
        }
    }
}

/// The server's own words without its label, else what the library says.
fn said(refused: &Refused) -> String {
    match refused {
        Refused::Postgres(error) => match error.as_db_error() {
            Some(answer) => format!("{} ({})", answer.message(), answer.code().code()),
            None => super::told(error),
        },
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_told_apart_by_what_is_to_be_done() {
        for (code, fault) in [
            ("40001", Fault::Collision),
            ("40P01", Fault::Collision),
            ("40003", Fault::Broken),
            ("08006", Fault::Away),
            ("28P01", Fault::Away),
            ("53100", Fault::Away),
            ("57P01", Fault::Away),
            ("57P03", Fault::Away),
            ("57014", Fault::Away),
            ("55P03", Fault::Away),
            ("25006", Fault::Away),
            ("22003", Fault::Own),
            ("22021", Fault::Own),
            ("23505", Fault::Own),
            ("54000", Fault::Own),
            ("42P01", Fault::Broken),
            ("XX001", Fault::Broken),
        ] {
            assert_eq!(of_code(&SqlState::from_code(code)), fault, "{code}");
        }
    }
}
