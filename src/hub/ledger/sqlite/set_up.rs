//! Codes that still work, devices that wait for approval, and pictures of screens, in the store.

use rusqlite::{Connection, OptionalExtension as _, params};

use crate::ledger::DeviceIdentity;
use crate::ledger::views::SetUp;

pub(super) fn is_awaiting(
    tx: &Connection,
    code_hash: &[u8; 32],
    public_key: &[u8; 32],
) -> rusqlite::Result<bool> {
    tx.query_row(
        "SELECT EXISTS (SELECT 1 FROM device
                        WHERE public_key = ?1 AND code_hash = ?2 AND awaits_us IS NOT NULL AND revoked_us IS NULL)",
        params![public_key, code_hash],
        |row| row.get(0),
    )
}

/// The codes of a site that still work, the next to end first.
pub(super) fn codes(tx: &Connection, site: &str, now_us: i64) -> rusqlite::Result<Vec<SetUp>> {
    tx.prepare_cached(
        "SELECT code_hash, coalesce((SELECT name FROM device WHERE device.device = code.device), name), device,
                expires_us, uses, uses_max, approval, profile
         FROM enrolment_code AS code
         WHERE site = ?1 AND expires_us > ?2 AND ended_us IS NULL AND uses < uses_max
         ORDER BY expires_us, code_hash",
    )?
    .query_map(params![site, now_us], |row| {
        Ok(SetUp {
            code_hash: row.get(0)?,
            name: row.get(1)?,
            device: row.get(2)?,
            expires: super::moment(row.get(3)?),
            uses: row.get(4)?,
            uses_max: row.get(5)?,
            approval: row.get(6)?,
            profile: row.get(7)?,
        })
    })?
    .collect()
}

pub(super) fn end_code(
    tx: &Connection,
    site: &str,
    code_hash: &[u8; 32],
    now_us: i64,
) -> rusqlite::Result<bool> {
    let ended = tx.execute(
        "UPDATE enrolment_code SET ended_us = ?3
         WHERE site = ?1 AND code_hash = ?2 AND expires_us > ?3 AND ended_us IS NULL AND uses < uses_max",
        params![site, code_hash, now_us],
    )?;
    Ok(ended > 0)
}

pub(super) fn approve(tx: &Connection, device: &DeviceIdentity) -> rusqlite::Result<bool> {
    let changed = tx.execute(
        "UPDATE device SET awaits_us = NULL, revoked_us = NULL
             WHERE site = ?1 AND device = ?2 AND awaits_us IS NOT NULL",
        params![device.site, device.device],
    )?;
    Ok(changed > 0)
}

/// Turns a device away that waits for approval. Its row stays, so that its key does not come again with the same code.
pub(super) fn refuse(tx: &Connection, device: &DeviceIdentity, now_us: i64) -> rusqlite::Result<bool> {
    let changed = tx.execute(
        "UPDATE device SET revoked_us = ?3
         WHERE site = ?1 AND device = ?2 AND awaits_us IS NOT NULL AND revoked_us IS NULL",
        params![device.site, device.device, now_us],
    )?;
    Ok(changed > 0)
}

pub(super) fn ask_for_screen(
    tx: &Connection,
    device: &DeviceIdentity,
    now_us: i64,
) -> rusqlite::Result<bool> {
    let asked = tx.execute(
        "INSERT OR REPLACE INTO device_screen (site, device, asked_us)
         SELECT site, device, ?3 FROM device WHERE site = ?1 AND device = ?2",
        params![device.site, device.device, now_us],
    )?;
    Ok(asked > 0)
}

pub(super) fn is_screen_wanted(tx: &Connection, device: &DeviceIdentity) -> rusqlite::Result<bool> {
    tx.prepare_cached(
        "SELECT EXISTS (SELECT 1 FROM device_screen WHERE site = ?1 AND device = ?2 AND taken_us IS NULL)",
    )?
    .query_row(params![device.site, device.device], |row| row.get(0))
}

pub(super) fn keep_screen(
    tx: &Connection,
    device: &DeviceIdentity,
    picture: &[u8],
    now_us: i64,
) -> rusqlite::Result<bool> {
    let kept = tx.execute(
        "UPDATE device_screen SET picture = ?3, taken_us = ?4 WHERE site = ?1 AND device = ?2 AND taken_us IS NULL",
        params![device.site, device.device, picture, now_us],
    )?;
    Ok(kept > 0)
}

/// The picture, which is here no more afterwards.
pub(super) fn take_screen(tx: &Connection, device: &DeviceIdentity) -> rusqlite::Result<Option<Vec<u8>>> {
    let of_device = params![device.site, device.device];
    let picture = tx
        .query_row(
            "SELECT picture FROM device_screen WHERE site = ?1 AND device = ?2 AND picture IS NOT NULL",
            of_device,
            |row| row.get(0),
        )
        .optional()?;
    tx.execute(
        "UPDATE device_screen SET picture = NULL WHERE site = ?1 AND device = ?2",
        of_device,
    )?;
    Ok(picture)
}
