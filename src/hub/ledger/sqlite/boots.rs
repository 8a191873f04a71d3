//! Boots of devices, and when facts were done by them.

use std::collections::HashMap;

use rusqlite::{Connection, params};

use super::moment;
use crate::ledger::moments::{self, BOOTS_MAX, Boot, Done, Heard};
use crate::ledger::posting::ReadBatch;

/// Notes which boot a device is in, and since when by the hub's clock.
pub(super) fn note(tx: &Connection, batch: &ReadBatch, now_us: i64) -> rusqlite::Result<()> {
    let Some(heard) = Heard::of(&batch.clock, now_us) else {
        return Ok(());
    };
    let (site, device) = (&batch.from.site, &batch.from.device);
    let known = tx
        .prepare_cached(
            "UPDATE device_boot SET began_us = min(began_us, ?4), last_us = max(last_us, ?5)
             WHERE site = ?1 AND device = ?2 AND boot = ?3",
        )?
        .execute(params![site, device, heard.boot, heard.began_us, now_us])?;
    if known > 0 {
        return Ok(());
    }
    tx.prepare_cached(
        "INSERT INTO device_boot (site, device, boot, began_us, last_us) VALUES (?1, ?2, ?3, ?4, ?5)",
    )?
    .execute(params![site, device, heard.boot, heard.began_us, now_us])?;
    tx.prepare_cached(
        "DELETE FROM device_boot WHERE site = ?1 AND device = ?2 AND boot NOT IN
           (SELECT boot FROM device_boot WHERE site = ?1 AND device = ?2 ORDER BY last_us DESC, boot LIMIT ?3)",
    )?
    .execute(params![site, device, BOOTS_MAX])?;
    Ok(())
}

/// When the facts behind these exceptions were done. Those without a fact that can be read are left out.
pub(super) fn done(tx: &Connection, site: &str, exceptions: &[i64]) -> rusqlite::Result<HashMap<i64, Done>> {
    let mut facts = tx.prepare_cached(
        "SELECT journal.device, journal.body, journal.received_us
         FROM exception JOIN journal ON journal.place = exception.journal
         WHERE exception.site = ?1 AND exception.exception = ?2",
    )?;
    let mut boots = Boots::default();
    let mut done = HashMap::new();
    for exception in exceptions {
        let mut rows = facts.query(params![site, exception])?;
        let Some(row) = rows.next()? else { continue };
        let device: String = row.get(0)?;
        if let Some(when) = boots.done(tx, site, &device, row.get_ref(1)?.as_bytes()?, row.get(2)?)? {
            done.insert(*exception, when);
        }
    }
    Ok(done)
}

/// When the fact at a place of the journal was done; `None` where it cannot be read.
pub(super) fn done_at(tx: &Connection, site: &str, place: i64) -> rusqlite::Result<Option<Done>> {
    let mut fact =
        tx.prepare_cached("SELECT device, body, received_us FROM journal WHERE site = ?1 AND place = ?2")?;
    let mut rows = fact.query(params![site, place])?;
    let Some(row) = rows.next()? else { return Ok(None) };
    let device: String = row.get(0)?;
    Boots::default().done(tx, site, &device, row.get_ref(1)?.as_bytes()?, row.get(2)?)
}

/// The boots of devices, each read once.
#[derive(Default)]
pub(super) struct Boots {
    known: HashMap<String, Vec<Boot>>,
}

impl Boots {
    /// When a fact of a device was done; `None` where it cannot be read.
    pub(super) fn done(
        &mut self,
        tx: &Connection,
        site: &str,
        device: &str,
        body: &[u8],
        received_us: i64,
    ) -> rusqlite::Result<Option<Done>> {
        if !self.known.contains_key(device) {
            let boots = boots(tx, site, device)?;
            self.known.insert(device.to_owned(), boots);
        }
        let boots = self.known.get(device).map_or(&[][..], Vec::as_slice);
        Ok(moments::done_of(body, moment(received_us), boots))
    }
}

fn boots(tx: &Connection, site: &str, device: &str) -> rusqlite::Result<Vec<Boot>> {
    tx.prepare_cached("SELECT boot, began_us, last_us FROM device_boot WHERE site = ?1 AND device = ?2")?
        .query_map(params![site, device], |row| {
            Ok(Boot {
                boot: row.get(0)?,
                began: moment(row.get(1)?),
                last: moment(row.get(2)?),
            })
        })?
        .collect()
}
