//! Boots of devices, and when facts were done by them.

use std::collections::HashMap;

use tokio_postgres::Row;

use super::error::Refused;
use super::moment;
use super::transaction::Transaction;
use crate::ledger::moments::{self, Boot, Done};

/// Notes which boot a device is in, and since when by the hub's clock: of a new one those that were heard of longest ago
/// are forgotten.
pub(super) const NOTE: &str = "
    WITH noted AS (
        INSERT INTO device_boot (site, device, boot, began_us, last_us) VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (site, device, boot) DO UPDATE
            SET began_us = least(device_boot.began_us, excluded.began_us),
                last_us = greatest(device_boot.last_us, excluded.last_us)
        RETURNING xmax = 0 AS is_new
    )
    DELETE FROM device_boot WHERE site = $1 AND device = $2 AND (SELECT is_new FROM noted) AND boot NOT IN
        (SELECT boot FROM device_boot WHERE site = $1 AND device = $2 ORDER BY last_us DESC, boot LIMIT $6)";

/// When the facts behind these exceptions were done. Those without a fact that can be read are left out.
pub(super) async fn done(
    tx: &Transaction,
    site: &str,
    exceptions: &[i64],
) -> Result<HashMap<i64, Done>, Refused> {
    let rows = tx
        .query(
            "SELECT exception.exception, journal.device, journal.body, journal.received_us
             FROM exception JOIN journal ON journal.site = exception.site AND journal.place = exception.journal
             WHERE exception.site = $1 AND exception.exception = ANY($2)",
            &[&site, &exceptions],
        )
        .await?;
    placed(tx, site, &rows).await
}

/// When the facts at these places of the journal were done. Those that cannot be read are left out.
pub(super) async fn done_at(
    tx: &Transaction,
    site: &str,
    places: &[i64],
) -> Result<HashMap<i64, Done>, Refused> {
    let rows = tx
        .query(
            "SELECT place, device, body, received_us FROM journal WHERE site = $1 AND place = ANY($2)",
            &[&site, &places],
        )
        .await?;
    placed(tx, site, &rows).await
}

/// When facts were done, given rows of a number of their own, the device, the body, and when it was received.
async fn placed(tx: &Transaction, site: &str, rows: &[Row]) -> Result<HashMap<i64, Done>, Refused> {
    let devices: Vec<&str> = rows.iter().map(|row| row.try_get(1)).collect::<Result<_, _>>()?;
    let known = boots(tx, site, &devices).await?;
    let mut done = HashMap::new();
    for row in rows {
        let device: &str = row.try_get(1)?;
        let boots = known.get(device).map_or(&[][..], Vec::as_slice);
        if let Some(when) = moments::done_of(row.try_get(2)?, moment(row.try_get(3)?), boots) {
            done.insert(row.try_get(0)?, when);
        }
    }
    Ok(done)
}

async fn boots(
    tx: &Transaction,
    site: &str,
    devices: &[&str],
) -> Result<HashMap<String, Vec<Boot>>, Refused> {
    let rows = tx
        .query(
            "SELECT device, boot, began_us, last_us FROM device_boot WHERE site = $1 AND device = ANY($2)",
            &[&site, &devices],
        )
        .await?;
    let mut known: HashMap<String, Vec<Boot>> = HashMap::new();
    for row in &rows {
        known.entry(row.try_get(0)?).or_default().push(Boot {
            boot: row.try_get(1)?,
            began: moment(row.try_get(2)?),
            last: moment(row.try_get(3)?),
        });
    }
    Ok(known)
}
