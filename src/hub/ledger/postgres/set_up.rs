//! Codes that still work, devices that wait for approval, and pictures of screens, in the database.

use super::devices;
use super::error::Refused;
use super::transaction::Transaction;
use crate::ledger::views::SetUp;
use crate::ledger::{DeviceIdentity, LedgerError};

pub(super) async fn is_awaiting(
    tx: &Transaction,
    code_hash: &[u8; 32],
    public_key: &[u8; 32],
) -> Result<bool, Refused> {
    let row = tx
        .one(
            "SELECT EXISTS (SELECT 1 FROM device
                        WHERE public_key = $1 AND code_hash = $2 AND awaits_us IS NOT NULL AND revoked_us IS NULL)",
            &[&public_key.as_slice(), &code_hash.as_slice()],
        )
        .await?;
    Ok(row.try_get(0)?)
}

/// The codes of a site that still work, the next to end first.
pub(super) async fn codes(tx: &Transaction, site: &str, now_us: i64) -> Result<Vec<SetUp>, Refused> {
    let rows = tx
        .query(
            "SELECT code_hash, coalesce((
                        SELECT device.name FROM device WHERE device.site = code.site AND device.device = code.device
                    ), name), device, expires_us, uses, uses_max, approval, profile
             FROM enrolment_code AS code
             WHERE site = $1 AND expires_us > $2 AND ended_us IS NULL AND uses < uses_max
             ORDER BY expires_us, code_hash",
            &[&site, &now_us],
        )
        .await?;
    rows.iter()
        .map(|row| {
            let hash: &[u8] = row.try_get(0)?;
            let code_hash = hash.try_into();
            Ok(SetUp {
                code_hash: code_hash
                    .map_err(|_| LedgerError::Broken("the hash of a code is none".to_owned()))?,
                name: row.try_get(1)?,
                device: row.try_get(2)?,
                expires: super::moment(row.try_get(3)?),
                uses: u32::try_from(row.try_get::<_, i64>(4)?)?,
                uses_max: u32::try_from(row.try_get::<_, i64>(5)?)?,
                approval: row.try_get(6)?,
                profile: row.try_get(7)?,
            })
        })
        .collect()
}

pub(super) async fn end_code(
    tx: &Transaction,
    site: &str,
    code_hash: &[u8; 32],
    now_us: i64,
) -> Result<bool, Refused> {
    let ended = tx
        .execute(
            "UPDATE enrolment_code SET ended_us = $3
             WHERE site = $1 AND code_hash = $2 AND expires_us > $3 AND ended_us IS NULL AND uses < uses_max",
            &[&site, &code_hash.as_slice(), &now_us],
        )
        .await?;
    Ok(ended > 0)
}

pub(super) async fn approve(tx: &Transaction, device: &DeviceIdentity) -> Result<bool, Refused> {
    devices::lock(tx, &device.site).await?;
    let changed = tx
        .execute(
            "UPDATE device SET awaits_us = NULL, revoked_us = NULL
             WHERE site = $1 AND device = $2 AND awaits_us IS NOT NULL",
            &[&device.site, &device.device],
        )
        .await?;
    Ok(changed > 0)
}

/// Turns a device away that waits for approval. Its row stays, so that its key does not come again with the same code.
pub(super) async fn refuse(tx: &Transaction, device: &DeviceIdentity, now_us: i64) -> Result<bool, Refused> {
    devices::lock(tx, &device.site).await?;
    let changed = tx
        .execute(
            "UPDATE device SET revoked_us = $3
             WHERE site = $1 AND device = $2 AND awaits_us IS NOT NULL AND revoked_us IS NULL",
            &[&device.site, &device.device, &now_us],
        )
        .await?;
    Ok(changed > 0)
}

pub(super) async fn ask_for_screen(
    tx: &Transaction,
    device: &DeviceIdentity,
    now_us: i64,
) -> Result<bool, Refused> {
    let asked = tx
        .execute(
            "INSERT INTO device_screen (site, device, asked_us)
             SELECT site, device, $3::bigint FROM device WHERE site = $1 AND device = $2
             ON CONFLICT (site, device) DO UPDATE SET asked_us = excluded.asked_us, taken_us = NULL, picture = NULL",
            &[&device.site, &device.device, &now_us],
        )
        .await?;
    Ok(asked > 0)
}

pub(super) async fn is_screen_wanted(tx: &Transaction, device: &DeviceIdentity) -> Result<bool, Refused> {
    let row = tx
        .one(
            "SELECT EXISTS (SELECT 1 FROM device_screen WHERE site = $1 AND device = $2 AND taken_us IS NULL)",
            &[&device.site, &device.device],
        )
        .await?;
    Ok(row.try_get(0)?)
}

pub(super) async fn keep_screen(
    tx: &Transaction,
    device: &DeviceIdentity,
    picture: &[u8],
    now_us: i64,
) -> Result<bool, Refused> {
    let kept = tx
        .execute(
            "UPDATE device_screen SET picture = $3, taken_us = $4
             WHERE site = $1 AND device = $2 AND taken_us IS NULL",
            &[&device.site, &device.device, &picture, &now_us],
        )
        .await?;
    Ok(kept > 0)
}

/// The picture, which is here no more afterwards.
pub(super) async fn take_screen(
    tx: &Transaction,
    device: &DeviceIdentity,
) -> Result<Option<Vec<u8>>, Refused> {
    let row = tx
        .find(
            "SELECT picture FROM device_screen WHERE site = $1 AND device = $2 AND picture IS NOT NULL FOR UPDATE",
            &[&device.site, &device.device],
        )
        .await?;
    let Some(row) = row else { return Ok(None) };
    let picture = row.try_get(0)?;
    tx.execute(
        "UPDATE device_screen SET picture = NULL WHERE site = $1 AND device = $2",
        &[&device.site, &device.device],
    )
    .await?;
    Ok(Some(picture))
}
