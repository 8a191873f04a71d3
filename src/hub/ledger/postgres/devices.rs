//! Devices in the store: epochs, marks.

use tallyman_floor::wire::chain::ChainHash;
use tallyman_floor::wire::v1::{DeviceCursor, EpochGranted, EpochMark, EpochRequest, Mark};
use tokio_postgres::Row;

use super::error::Refused;
use super::moved;
use super::take::Site;
use super::transaction::Transaction;
use crate::ledger::text::{self, cut};
use crate::ledger::views::{Device, ScreenState};
use crate::ledger::{DeviceIdentity, LedgerError};

/// An identity that people recognise and no other device has, in any site.
pub(super) async fn take_identity(
    tx: &Transaction,
    site: &str,
    name: &str,
    salt: u32,
) -> Result<String, Refused> {
    let stem = text::stem(name);
    let mut number = salt;
    loop {
        let identity = text::identity(&stem, number);
        let taken = tx
            .execute(
                "INSERT INTO device_site (device, site) VALUES ($1, $2) ON CONFLICT DO NOTHING",
                &[&identity, &site],
            )
            .await?;
        if taken > 0 {
            return Ok(identity);
        }
        number = number.wrapping_add(1);
    }
}

pub(super) async fn cursor(tx: &Transaction, from: &DeviceIdentity) -> Result<DeviceCursor, Refused> {
    let row = tx
        .one(
            "SELECT (SELECT generation FROM hub), device.epoch, coalesce(marks.applied_seq, 0),
                    coalesce(marks.stable_seq, 0)
             FROM device LEFT JOIN device_epoch AS marks USING (site, device, epoch)
             WHERE device.site = $1 AND device.device = $2",
            &[&from.site, &from.device],
        )
        .await?;
    Ok(DeviceCursor {
        generation: row.try_get(0)?,
        epoch: u32::try_from(row.try_get::<_, i64>(1)?)?,
        applied_seq: u64::try_from(row.try_get::<_, i64>(2)?)?,
        stable_seq: u64::try_from(row.try_get::<_, i64>(3)?)?,
    })
}

/// The life of the hub, and up to where everything of the device is in the figures: the end of the newest epoch that has
/// facts. An epoch that was granted and has none yet says nothing, for the device may never have heard of it.
pub(super) async fn newest_fact(tx: &Transaction, from: &DeviceIdentity) -> Result<(String, Mark), Refused> {
    let row = tx
        .one(
            "SELECT (SELECT generation FROM hub), newest.epoch, newest.applied_seq
             FROM (SELECT 1) AS always
             LEFT JOIN LATERAL (
                 SELECT epoch, applied_seq FROM device_epoch
                 WHERE site = $1 AND device = $2 AND applied_seq > 0 ORDER BY epoch DESC LIMIT 1
             ) AS newest ON true",
            &[&from.site, &from.device],
        )
        .await?;
    let mark = match row.try_get::<_, Option<i64>>(1)? {
        Some(epoch) => Mark {
            epoch: u32::try_from(epoch)?,
            seq: u64::try_from(row.try_get::<_, i64>(2)?)?,
        },
        None => Mark::default(),
    };
    Ok((row.try_get(0)?, mark))
}

/// The next epoch after all that hub and device know of. A request that is repeated because its answer was lost gets
/// another one, which costs nothing.
pub(super) async fn grant_epoch(
    tx: &Transaction,
    from: &DeviceIdentity,
    request: &EpochRequest,
) -> Result<EpochGranted, Refused> {
    lock(tx, &from.site).await?;
    let row = tx
        .one(
            "SELECT epoch FROM device WHERE site = $1 AND device = $2",
            &[&from.site, &from.device],
        )
        .await?;
    let known = u32::try_from(row.try_get::<_, i64>(0)?)?;
    let epoch = known.max(request.epoch).saturating_add(1);
    let marks = epoch_marks(tx, from).await?;
    let moved = moved::records(tx, from).await?;
    // What lies after the marks is written again in the next epoch, and a batch that is still on its way must not bring it
    // a second time. Who asks may be a copy of the store from before the newest epoch, so that one is closed too.
    tx.execute(
        "UPDATE device_epoch SET forked = true WHERE site = $1 AND device = $2",
        &[&from.site, &from.device],
    )
    .await?;
    insert_epoch(tx, &from.site, &from.device, epoch).await?;
    tx.execute(
        "UPDATE device SET epoch = $3 WHERE site = $1 AND device = $2",
        &[&from.site, &from.device, &i64::from(epoch)],
    )
    .await?;
    let applied = tx
        .find(
            "SELECT applied_seq FROM device_epoch WHERE site = $1 AND device = $2 AND epoch = $3",
            &[&from.site, &from.device, &i64::from(request.epoch)],
        )
        .await?;
    let applied = applied.map(|row| row.try_get::<_, i64>(0)).transpose()?;
    tracing::info!(
        device = from.device,
        epoch,
        reason = cut(&request.reason),
        "a device got a new epoch"
    );
    Ok(EpochGranted {
        epoch,
        applied_seq: Some(u64::try_from(applied.unwrap_or(0))?),
        marks,
        moved,
    })
}

/// How far the hub is in each epoch of a device.
async fn epoch_marks(tx: &Transaction, from: &DeviceIdentity) -> Result<Vec<EpochMark>, Refused> {
    let rows = tx
        .query(
            "SELECT epoch, applied_seq, last_hash FROM device_epoch WHERE site = $1 AND device = $2 ORDER BY epoch",
            &[&from.site, &from.device],
        )
        .await?;
    let mark = |row: &Row| {
        let hash: &[u8] = row.try_get(2)?;
        Ok(EpochMark {
            epoch: u32::try_from(row.try_get::<_, i64>(0)?)?,
            applied_seq: u64::try_from(row.try_get::<_, i64>(1)?)?,
            last_hash: ChainHash::from_slice(hash)
                .unwrap_or(ChainHash::START)
                .to_string(),
        })
    };
    rows.iter().map(mark).collect()
}

/// Locks the row of a site that has to be there.
pub(super) async fn lock(tx: &Transaction, site: &str) -> Result<Site, Refused> {
    let found = Site::lock(tx, site).await?;
    found.ok_or_else(|| LedgerError::UnknownSite(site.to_owned()).into())
}

pub(super) async fn insert_epoch(
    tx: &Transaction,
    site: &str,
    device: &str,
    epoch: u32,
) -> Result<(), Refused> {
    tx.execute(
        "INSERT INTO device_epoch (site, device, epoch, applied_seq, stable_seq, last_hash, forked)
         VALUES ($1, $2, $3, 0, 0, $4, false) ON CONFLICT DO NOTHING",
        &[
            &site,
            &device,
            &i64::from(epoch),
            &ChainHash::START.as_bytes().as_slice(),
        ],
    )
    .await?;
    Ok(())
}

/// The devices that have this identity or this name.
pub(super) async fn named(tx: &Transaction, named: &str) -> Result<Vec<DeviceIdentity>, Refused> {
    let rows = tx
        .query(
            "SELECT site, device FROM device WHERE device = $1 OR name = $1 ORDER BY device <> $1, site, device",
            &[&named],
        )
        .await?;
    rows.iter()
        .map(|row| {
            Ok(DeviceIdentity {
                site: row.try_get(0)?,
                device: row.try_get(1)?,
            })
        })
        .collect()
}

pub(super) async fn list(tx: &Transaction, site: &str) -> Result<Vec<Device>, Refused> {
    let rows = tx
        .query(
            "SELECT device, name, version, waiting, worker, open_task, scanners, contact_us, wall_us, device.epoch,
                    coalesce(marks.applied_seq, 0), coalesce(marks.stable_seq, 0), coalesce(marks.forked, false),
                    revoked_us, public_key <> '', awaits_us, profile, battery_percent, oldest_seconds,
                    screen.asked_us, screen.taken_us, screen.picture IS NOT NULL
             FROM device LEFT JOIN device_epoch AS marks USING (site, device, epoch)
             LEFT JOIN device_screen AS screen USING (site, device)
             WHERE site = $1 ORDER BY name, device",
            &[&site],
        )
        .await?;
    rows.iter().map(device).collect()
}

fn device(row: &Row) -> Result<Device, Refused> {
    let scanners: &str = row.try_get(6)?;
    Ok(Device {
        device: row.try_get(0)?,
        name: row.try_get(1)?,
        version: row.try_get(2)?,
        waiting: u64::try_from(row.try_get::<_, i64>(3)?)?,
        worker: row.try_get(4)?,
        task: row.try_get(5)?,
        scanners: scanners.lines().map(str::to_owned).collect(),
        contact: super::moment(row.try_get(7)?),
        wall: super::moment(row.try_get(8)?),
        epoch: u32::try_from(row.try_get::<_, i64>(9)?)?,
        applied_seq: u64::try_from(row.try_get::<_, i64>(10)?)?,
        stable_seq: u64::try_from(row.try_get::<_, i64>(11)?)?,
        forked: row.try_get(12)?,
        revoked: row.try_get::<_, Option<i64>>(13)?.map(super::moment),
        has_key: row.try_get(14)?,
        awaits: row.try_get::<_, Option<i64>>(15)?.map(super::moment),
        profile: row.try_get(16)?,
        battery_percent: row.try_get::<_, Option<i64>>(17)?.map(u8::try_from).transpose()?,
        oldest_seconds: row
            .try_get::<_, Option<i64>>(18)?
            .map(u64::try_from)
            .transpose()?,
        screen: ScreenState::of(
            row.try_get::<_, Option<i64>>(19)?.map(super::moment),
            row.try_get::<_, Option<i64>>(20)?.map(super::moment),
            row.try_get(21)?,
        ),
    })
}
