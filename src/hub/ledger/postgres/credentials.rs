//! What proves devices, in the database: one-time codes, keys, tokens.

use super::devices::{insert_epoch, take_identity};
use super::error::Refused;
use super::transaction::Transaction;
use crate::ledger::enrolment::{CodeRow, Enrolment, Holder, Owner, decide};
use crate::ledger::text::cut;
use crate::ledger::{
    EPOCH_FIRST, EnrolledDevice, EnrolmentCode, KnownDevice, LedgerError, NewDevice, NewToken, TOKENS_MAX,
};

pub(super) async fn keep_code(tx: &Transaction, code: &EnrolmentCode) -> Result<(), Refused> {
    tx.execute(
        "INSERT INTO enrolment_code (code_hash, site, name, expires_us, device, uses_max, approval, profile)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
         ON CONFLICT (code_hash) DO UPDATE SET site = excluded.site, name = excluded.name, device = excluded.device,
                                               expires_us = excluded.expires_us, used_by = '', uses = 0, ended_us = NULL,
                                               uses_max = excluded.uses_max, approval = excluded.approval,
                                               profile = excluded.profile",
        &[
            &code.code_hash.as_slice(),
            &code.site,
            &cut(&code.name),
            &code.expires.as_microsecond(),
            &code.device,
            &i64::from(code.uses_max),
            &code.approval,
            &code.profile,
        ],
    )
    .await?;
    Ok(())
}

/// Uses a code up for the device that it is for. Whoever else shows the same code meanwhile waits for the row, and finds
/// it used.
pub(super) async fn enrol(tx: &Transaction, request: &NewDevice) -> Result<EnrolledDevice, Refused> {
    let code = find_code(tx, request).await?.ok_or(LedgerError::CodeRefused)?;
    let holder = code.holder.as_ref().map_or("", |holder| &holder.device);
    let known = request.device.as_deref().unwrap_or(holder);
    let owner = find_owner(tx, &code.site, request, known).await?;
    let enrolment = decide(&code, request)?;
    let (device, awaits) = match (enrolment, owner) {
        (Enrolment::New, None) => (insert_device(tx, &code, request).await?, code.approval),
        (Enrolment::New, Some(owner)) if owner.turned_away => {
            let device = reconsider(tx, owner.device, &code, request).await?;
            (device, code.approval)
        }
        (_, Some(_)) => return Err(LedgerError::KeyTaken.into()),
        (Enrolment::Again(device), None) => {
            change_key(tx, &code.site, &device, request).await?;
            (device, false)
        }
        (Enrolment::Repeated(holder), None) => {
            return enrolled(tx, code, holder.device, holder.awaits).await;
        }
    };
    tx.execute(
        "UPDATE enrolment_code SET used_by = $2, uses = uses + 1 WHERE code_hash = $1",
        &[&request.code_hash.as_slice(), &device],
    )
    .await?;
    enrolled(tx, code, device, awaits).await
}

/// Another device than the known one that has the key.
async fn find_owner(
    tx: &Transaction,
    site: &str,
    request: &NewDevice,
    known: &str,
) -> Result<Option<Owner>, Refused> {
    let row = tx
        .find(
            "SELECT device, site = $3 AND awaits_us IS NOT NULL AND revoked_us IS NOT NULL
             FROM device WHERE public_key = $1 AND device <> $2 LIMIT 1",
            &[&request.public_key.as_slice(), &known, &site],
        )
        .await?;
    let Some(row) = row else { return Ok(None) };
    Ok(Some(Owner {
        device: row.try_get(0)?,
        turned_away: row.try_get(1)?,
    }))
}

async fn find_code(tx: &Transaction, request: &NewDevice) -> Result<Option<CodeRow>, Refused> {
    let code_hash = request.code_hash.as_slice();
    let locked = tx
        .find(
            "SELECT site, name, device, profile, approval, expires_us > $2 AND ended_us IS NULL AND uses < uses_max,
                    CASE WHEN uses_max > 1 THEN uses + 1 END
             FROM enrolment_code WHERE code_hash = $1 FOR UPDATE",
            &[&code_hash, &request.now.as_microsecond()],
        )
        .await?;
    let Some(row) = locked else { return Ok(None) };
    // Only now: what another one did with the code before the row was locked has to be seen.
    let holder = tx
        .find(
            "SELECT device, awaits_us IS NOT NULL, awaits_us IS NOT NULL AND revoked_us IS NOT NULL
             FROM device WHERE public_key = $1 AND code_hash = $2 LIMIT 1",
            &[&request.public_key.as_slice(), &code_hash],
        )
        .await?;
    let holder = holder.map(|row| {
        Ok::<_, Refused>(Holder {
            device: row.try_get(0)?,
            awaits: row.try_get(1)?,
            refused: row.try_get(2)?,
        })
    });
    Ok(Some(CodeRow {
        site: row.try_get(0)?,
        name: row.try_get(1)?,
        device: row.try_get(2)?,
        profile: row.try_get(3)?,
        approval: row.try_get(4)?,
        works: row.try_get(5)?,
        number: row.try_get::<_, Option<i64>>(6)?.map(u32::try_from).transpose()?,
        holder: holder.transpose()?,
    }))
}

async fn enrolled(
    tx: &Transaction,
    code: CodeRow,
    device: String,
    awaits: bool,
) -> Result<EnrolledDevice, Refused> {
    let row = tx
        .one(
            "SELECT epoch, (SELECT generation FROM hub) FROM device WHERE site = $1 AND device = $2",
            &[&code.site, &device],
        )
        .await?;
    Ok(EnrolledDevice {
        epoch: u32::try_from(row.try_get::<_, i64>(0)?)?,
        generation: row.try_get(1)?,
        device,
        site: code.site,
        profile: code.profile,
        awaits,
    })
}

async fn insert_device(tx: &Transaction, code: &CodeRow, request: &NewDevice) -> Result<String, Refused> {
    let name = code.name_for(request);
    let device = take_identity(tx, &code.site, &name, request.salt).await?;
    tx.execute(
        "INSERT INTO device (site, device, name, public_key, epoch, enrolled_us, contact_us, version, waiting, worker,
                             open_task, scanners, wall_us, code_hash, profile, awaits_us)
         VALUES ($1, $2, $3, $4, $5, $6, $6, $7, 0, '', '', '', $6, $8, $9, $10)",
        &[
            &code.site,
            &device,
            &name,
            &request.public_key.as_slice(),
            &i64::from(EPOCH_FIRST),
            &request.now.as_microsecond(),
            &cut(&request.version),
            &request.code_hash.as_slice(),
            &code.profile,
            &code.approval.then_some(request.now.as_microsecond()),
        ],
    )
    .await?;
    insert_epoch(tx, &code.site, &device, EPOCH_FIRST).await?;
    Ok(device)
}

/// A device that was turned away shows another code: what goes for that one goes for the device.
async fn reconsider(
    tx: &Transaction,
    device: String,
    code: &CodeRow,
    request: &NewDevice,
) -> Result<String, Refused> {
    tx.execute(
        "UPDATE device SET name = $3, code_hash = $4, profile = $5, awaits_us = $6, revoked_us = NULL
         WHERE site = $1 AND device = $2",
        &[
            &code.site,
            &device,
            &code.name_for(request),
            &request.code_hash.as_slice(),
            &code.profile,
            &code.approval.then_some(request.now.as_microsecond()),
        ],
    )
    .await?;
    Ok(device)
}

/// Another key for a device, which may work again with it; what the key before got works no more.
async fn change_key(tx: &Transaction, site: &str, device: &str, request: &NewDevice) -> Result<(), Refused> {
    tx.execute(
        "UPDATE device SET public_key = $3, code_hash = $4, revoked_us = NULL, awaits_us = NULL
         WHERE site = $1 AND device = $2",
        &[
            &site,
            &device,
            &request.public_key.as_slice(),
            &request.code_hash.as_slice(),
        ],
    )
    .await?;
    tx.execute("DELETE FROM device_token WHERE device = $1", &[&device])
        .await?;
    Ok(())
}

pub(super) async fn find(
    tx: &Transaction,
    device: &str,
    token_hash: &[u8; 32],
) -> Result<Option<KnownDevice>, Refused> {
    let row = tx
        .find(
            "SELECT site, public_key, revoked_us IS NOT NULL, expires_us
             FROM device_site JOIN device USING (site, device)
             LEFT JOIN device_token AS token ON token.device = device_site.device AND token_hash = $2
             WHERE device_site.device = $1 AND awaits_us IS NULL",
            &[&device, &token_hash.as_slice()],
        )
        .await?;
    let Some(row) = row else { return Ok(None) };
    Ok(Some(KnownDevice {
        site: row.try_get(0)?,
        public_key: row.try_get(1)?,
        revoked: row.try_get(2)?,
        token_expires: row.try_get::<_, Option<i64>>(3)?.map(super::moment),
    }))
}

pub(super) async fn challenge_key(tx: &Transaction) -> Result<Option<[u8; 32]>, Refused> {
    let row = tx.one("SELECT challenge_key FROM hub", &[]).await?;
    let key: Option<&[u8]> = row.try_get(0)?;
    Ok(key.and_then(|key| key.try_into().ok()))
}

pub(super) async fn keep_challenge_key(tx: &Transaction, fresh: &[u8; 32]) -> Result<[u8; 32], Refused> {
    tx.execute(
        "UPDATE hub SET challenge_key = $1 WHERE challenge_key IS NULL",
        &[&fresh.as_slice()],
    )
    .await?;
    let kept = challenge_key(tx).await?;
    kept.ok_or_else(|| LedgerError::Broken("the key of challenges is not as long as a key".to_owned()).into())
}

/// The newest tokens of a device stay.
pub(super) async fn keep_token(tx: &Transaction, token: &NewToken) -> Result<(), Refused> {
    tx.execute(
        "DELETE FROM device_token WHERE device = $1 AND expires_us <= $2",
        &[&token.device, &token.now.as_microsecond()],
    )
    .await?;
    tx.execute(
        "DELETE FROM device_token WHERE device = $1 AND token_hash NOT IN (
             SELECT token_hash FROM device_token WHERE device = $1 ORDER BY expires_us DESC, token_hash LIMIT $2)",
        &[&token.device, &i64::from(TOKENS_MAX - 1)],
    )
    .await?;
    tx.execute(
        "INSERT INTO device_token (device, token_hash, expires_us) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
        &[
            &token.device,
            &token.token_hash.as_slice(),
            &token.expires.as_microsecond(),
        ],
    )
    .await?;
    Ok(())
}
