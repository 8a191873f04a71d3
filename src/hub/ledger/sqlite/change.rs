//! The change counter of a site: every changed task, item and location takes a number of its own.
//!
//! The numbers are taken inside the transaction that makes the change, and one writer commits at a time, so a reader
//! that has seen a number has seen every lower one.

use rusqlite::{Connection, params};

/// The counter of one site, for one transaction.
pub(super) struct ChangeCounter<'a> {
    tx: &'a Connection,
    site: &'a str,
    last: i64,
    taken: bool,
}

impl<'a> ChangeCounter<'a> {
    pub(super) fn open(tx: &'a Connection, site: &'a str) -> rusqlite::Result<Self> {
        let last = tx
            .prepare_cached("SELECT change_seq FROM site WHERE site = ?1")?
            .query_row([site], |row| row.get(0))?;
        Ok(Self {
            tx,
            site,
            last,
            taken: false,
        })
    }

    /// The next number.
    pub(super) fn next(&mut self) -> i64 {
        self.taken = true;
        self.last += 1;
        self.last
    }

    /// Keeps the numbers taken. Without it a later change would get the same ones.
    pub(super) fn close(self) -> rusqlite::Result<()> {
        if self.taken {
            self.tx
                .prepare_cached("UPDATE site SET change_seq = ?2 WHERE site = ?1")?
                .execute(params![self.site, self.last])?;
        }
        Ok(())
    }
}
