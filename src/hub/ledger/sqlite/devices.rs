//! Devices in the store: epochs, marks, state.

use rusqlite::{Connection, OptionalExtension as _, params};
use tallyman_floor::wire::chain::ChainHash;
use tallyman_floor::wire::v1::{DeviceCursor, EpochGranted, EpochMark, EpochRequest, Mark};

use super::{boots, moved};
use crate::ledger::DeviceIdentity;
use crate::ledger::moments::Heard;
use crate::ledger::posting::{Marks, ReadBatch};
use crate::ledger::text::{self, cut};
use crate::ledger::views::{Device, ScreenState};

/// An identity that people recognise and no other device has: the name in letters, digits and dashes, and a number.
pub(super) fn free_identity(tx: &Connection, name: &str, salt: u32) -> rusqlite::Result<String> {
    let stem = text::stem(name);
    let mut number = salt;
    loop {
        let identity = text::identity(&stem, number);
        let taken: bool = tx.query_row(
            "SELECT EXISTS (SELECT 1 FROM device WHERE device = ?1)",
            [&identity],
            |row| row.get(0),
        )?;
        if !taken {
            return Ok(identity);
        }
        number = number.wrapping_add(1);
    }
}

pub(super) fn cursor(
    tx: &Connection,
    from: &DeviceIdentity,
    generation: &str,
) -> rusqlite::Result<DeviceCursor> {
    tx.prepare_cached(
        "SELECT device.epoch, coalesce(marks.applied_seq, 0), coalesce(marks.stable_seq, 0)
         FROM device LEFT JOIN device_epoch AS marks USING (site, device, epoch)
         WHERE device.site = ?1 AND device.device = ?2",
    )?
    .query_row(params![from.site, from.device], |row| {
        Ok(DeviceCursor {
            generation: generation.to_owned(),
            epoch: row.get(0)?,
            applied_seq: row.get(1)?,
            stable_seq: row.get(2)?,
        })
    })
}

/// Everything of the device up to here is in the figures: the end of the newest epoch that has facts. An epoch that was
/// granted and has none yet says nothing, for the device may never have heard of it.
pub(super) fn newest_fact(tx: &Connection, from: &DeviceIdentity) -> rusqlite::Result<Mark> {
    let newest = tx
        .prepare_cached(
            "SELECT epoch, applied_seq FROM device_epoch WHERE site = ?1 AND device = ?2 AND applied_seq > 0
             ORDER BY epoch DESC LIMIT 1",
        )?
        .query_row(params![from.site, from.device], |row| {
            Ok(Mark {
                epoch: row.get(0)?,
                seq: row.get(1)?,
            })
        })
        .optional()?;
    Ok(newest.unwrap_or_default())
}

/// The next epoch after all that hub and device know of. A request that is repeated because its answer was lost gets
/// another one, which costs nothing.
pub(super) fn grant_epoch(
    tx: &Connection,
    from: &DeviceIdentity,
    request: &EpochRequest,
) -> rusqlite::Result<EpochGranted> {
    let known: u32 = tx.query_row(
        "SELECT epoch FROM device WHERE site = ?1 AND device = ?2",
        params![from.site, from.device],
        |row| row.get(0),
    )?;
    let epoch = known.max(request.epoch).saturating_add(1);
    let marks = epoch_marks(tx, from)?;
    let moved = moved::records(tx, from)?;
    close_epochs(tx, from)?;
    open_epoch(tx, from, epoch)?;
    tracing::info!(
        device = from.device,
        epoch,
        reason = cut(&request.reason),
        "a device got a new epoch"
    );
    Ok(EpochGranted {
        epoch,
        applied_seq: Some(applied_seq(tx, from, request.epoch)?),
        marks,
        moved,
    })
}

/// Takes nothing more in any epoch there was: what lies after the marks is written again in the next one, and a batch that
/// is still on its way must not bring it a second time. Who asks may be a copy of the store from before the newest epoch,
/// so that one is closed too.
fn close_epochs(tx: &Connection, from: &DeviceIdentity) -> rusqlite::Result<()> {
    tx.prepare_cached("UPDATE device_epoch SET forked = 1 WHERE site = ?1 AND device = ?2")?
        .execute(params![from.site, from.device])?;
    Ok(())
}

/// How far the hub is in each epoch of a device.
fn epoch_marks(tx: &Connection, from: &DeviceIdentity) -> rusqlite::Result<Vec<EpochMark>> {
    tx.prepare_cached(
        "SELECT epoch, applied_seq, last_hash FROM device_epoch WHERE site = ?1 AND device = ?2 ORDER BY epoch",
    )?
    .query_map(params![from.site, from.device], |row| {
        let hash: Vec<u8> = row.get(2)?;
        Ok(EpochMark {
            epoch: row.get(0)?,
            applied_seq: row.get(1)?,
            last_hash: ChainHash::from_slice(&hash).unwrap_or(ChainHash::START).to_string(),
        })
    })?
    .collect()
}

/// Everything up to here is journalled of an epoch, which may be one that the hub never heard of.
fn applied_seq(tx: &Connection, from: &DeviceIdentity, epoch: u32) -> rusqlite::Result<u64> {
    let known = tx
        .prepare_cached(
            "SELECT applied_seq FROM device_epoch WHERE site = ?1 AND device = ?2 AND epoch = ?3",
        )?
        .query_row(params![from.site, from.device, epoch], |row| row.get(0))
        .optional()?;
    Ok(known.unwrap_or(0))
}

/// Notes an epoch, and expects it from now on if it is the newest.
pub(super) fn open_epoch(tx: &Connection, from: &DeviceIdentity, epoch: u32) -> rusqlite::Result<()> {
    insert_epoch(tx, &from.site, &from.device, epoch)?;
    tx.prepare_cached("UPDATE device SET epoch = max(epoch, ?3) WHERE site = ?1 AND device = ?2")?
        .execute(params![from.site, from.device, epoch])?;
    Ok(())
}

pub(super) fn insert_epoch(tx: &Connection, site: &str, device: &str, epoch: u32) -> rusqlite::Result<()> {
    tx.prepare_cached("INSERT OR IGNORE INTO device_epoch VALUES (?1, ?2, ?3, 0, 0, ?4, 0)")?
        .execute(params![site, device, epoch, ChainHash::START.as_bytes()])?;
    Ok(())
}

/// Notes what a device said about itself with a batch. Where nothing waits on it any more, everything that it did until it
/// said so is here: that moment is placed by its boot, for a request may have been under way for long.
pub(super) fn note_contact(
    tx: &Connection,
    batch: &ReadBatch,
    marks: &Marks,
    now_us: i64,
) -> rusqlite::Result<()> {
    boots::note(tx, batch, now_us)?;
    let beat = &batch.heartbeat;
    let scanners = text::scanners(&beat.scanners);
    let scanners = serde_json::to_string(&scanners).unwrap_or_else(|_| "[]".to_owned());
    tx.prepare_cached(
            "UPDATE device SET contact_us = ?3, version = ?4, waiting = ?5, worker = ?6, open_task = ?7, scanners = ?8,
                               wall_us = ?9, battery_percent = ?14, oldest_seconds = ?15,
                               drained_us = CASE WHEN ?10 AND epoch <= ?11 THEN max(drained_us, min(?3, coalesce((
                                   SELECT began_us FROM device_boot
                                   WHERE device_boot.site = ?1 AND device_boot.device = ?2 AND boot = ?12
                               ) + ?13, ?3))) ELSE drained_us END
             WHERE site = ?1 AND device = ?2",
        )?
        .execute(params![
            batch.from.site,
            batch.from.device,
            now_us,
            cut(&beat.version),
            i64::try_from(beat.waiting).unwrap_or(i64::MAX),
            cut(beat.worker.as_deref().unwrap_or_default()),
            cut(beat.task.as_deref().unwrap_or_default()),
            scanners,
            batch.clock.wall.as_microsecond(),
            batch.drains(marks),
            batch.epoch,
            cut(&batch.clock.boot),
            Heard::since_us(&batch.clock),
            beat.battery_percent,
            beat.oldest_seconds.map(|seconds| i64::try_from(seconds).unwrap_or(i64::MAX)),
        ])?;
    Ok(())
}

/// The devices that have this identity or this name.
pub(super) fn named(tx: &Connection, named: &str) -> rusqlite::Result<Vec<DeviceIdentity>> {
    tx.prepare_cached(
        "SELECT site, device FROM device WHERE device = ?1 OR name = ?1 ORDER BY device <> ?1, site, device",
    )?
    .query_map([named], |row| {
        Ok(DeviceIdentity {
            site: row.get(0)?,
            device: row.get(1)?,
        })
    })?
    .collect()
}

pub(super) fn list(tx: &Connection, site: &str) -> rusqlite::Result<Vec<Device>> {
    let mut statement = tx.prepare_cached(
        "SELECT device, name, version, waiting, worker, open_task, scanners, contact_us, wall_us, device.epoch,
                coalesce(marks.applied_seq, 0), coalesce(marks.stable_seq, 0), coalesce(marks.forked, 0), revoked_us, public_key <> x'',
                awaits_us, profile, battery_percent, oldest_seconds, screen.asked_us, screen.taken_us,
                screen.picture IS NOT NULL
         FROM device LEFT JOIN device_epoch AS marks USING (site, device, epoch)
         LEFT JOIN device_screen AS screen USING (site, device)
         WHERE site = ?1 ORDER BY name, device",
    )?;
    let rows = statement.query_map([site], |row| {
        let scanners: String = row.get(6)?;
        Ok(Device {
            device: row.get(0)?,
            name: row.get(1)?,
            version: row.get(2)?,
            waiting: row.get(3)?,
            worker: row.get(4)?,
            task: row.get(5)?,
            scanners: serde_json::from_str(&scanners).unwrap_or_default(),
            contact: super::moment(row.get(7)?),
            wall: super::moment(row.get(8)?),
            epoch: row.get(9)?,
            applied_seq: row.get(10)?,
            stable_seq: row.get(11)?,
            forked: row.get(12)?,
            revoked: row.get::<_, Option<i64>>(13)?.map(super::moment),
            has_key: row.get(14)?,
            awaits: row.get::<_, Option<i64>>(15)?.map(super::moment),
            profile: row.get(16)?,
            battery_percent: row.get(17)?,
            oldest_seconds: row.get(18)?,
            screen: ScreenState::of(
                row.get::<_, Option<i64>>(19)?.map(super::moment),
                row.get::<_, Option<i64>>(20)?.map(super::moment),
                row.get(21)?,
            ),
        })
    })?;
    rows.collect()
}
