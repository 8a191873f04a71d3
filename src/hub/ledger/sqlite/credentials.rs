//! What proves devices, in the store: one-time codes, keys, tokens.

use rusqlite::{Connection, OptionalExtension as _, params};

use super::Refused;
use super::devices::{free_identity, insert_epoch};
use crate::ledger::enrolment::{CodeRow, Enrolment, Holder, Owner, decide};
use crate::ledger::text::cut;
use crate::ledger::{
    EPOCH_FIRST, EnrolledDevice, EnrolmentCode, KnownDevice, LedgerError, NewDevice, NewToken, TOKENS_MAX,
};

pub(super) fn keep_code(tx: &Connection, code: &EnrolmentCode) -> rusqlite::Result<()> {
    tx.execute(
        "INSERT OR REPLACE INTO enrolment_code (code_hash, site, name, expires_us, device, uses_max, approval, profile)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        params![
            code.code_hash,
            code.site,
            cut(&code.name),
            code.expires.as_microsecond(),
            code.device,
            code.uses_max,
            code.approval,
            code.profile,
        ],
    )?;
    Ok(())
}

/// Uses a code up for the device that it is for.
pub(super) fn enrol(
    tx: &Connection,
    request: &NewDevice,
    generation: String,
) -> Result<EnrolledDevice, Refused> {
    let code = find_code(tx, request)?.ok_or(LedgerError::CodeRefused)?;
    let holder = code.holder.as_ref().map_or("", |holder| &holder.device);
    let known = request.device.as_deref().unwrap_or(holder);
    let owner = find_owner(tx, &code.site, request, known)?;
    let enrolment = decide(&code, request)?;
    let (device, awaits) = match (enrolment, owner) {
        (Enrolment::New, None) => (insert_device(tx, &code, request)?, code.approval),
        (Enrolment::New, Some(owner)) if owner.turned_away => {
            let device = reconsider(tx, owner.device, &code, request)?;
            (device, code.approval)
        }
        (_, Some(_)) => return Err(LedgerError::KeyTaken.into()),
        (Enrolment::Again(device), None) => {
            change_key(tx, &device, request)?;
            (device, false)
        }
        (Enrolment::Repeated(holder), None) => {
            return enrolled(tx, code, holder.device, holder.awaits, generation);
        }
    };
    tx.execute(
        "UPDATE enrolment_code SET used_by = ?2, uses = uses + 1 WHERE code_hash = ?1",
        params![request.code_hash, device],
    )?;
    enrolled(tx, code, device, awaits, generation)
}

/// Another device than the known one that has the key.
fn find_owner(
    tx: &Connection,
    site: &str,
    request: &NewDevice,
    known: &str,
) -> rusqlite::Result<Option<Owner>> {
    tx.query_row(
        "SELECT device, site = ?3 AND awaits_us IS NOT NULL AND revoked_us IS NOT NULL
         FROM device WHERE public_key = ?1 AND device <> ?2",
        params![request.public_key, known, site],
        |row| {
            Ok(Owner {
                device: row.get(0)?,
                turned_away: row.get(1)?,
            })
        },
    )
    .optional()
}

fn find_code(tx: &Connection, request: &NewDevice) -> rusqlite::Result<Option<CodeRow>> {
    let holder = tx
        .query_row(
            "SELECT device, awaits_us IS NOT NULL, awaits_us IS NOT NULL AND revoked_us IS NOT NULL
             FROM device WHERE public_key = ?1 AND code_hash = ?2",
            params![request.public_key, request.code_hash],
            |row| {
                Ok(Holder {
                    device: row.get(0)?,
                    awaits: row.get(1)?,
                    refused: row.get(2)?,
                })
            },
        )
        .optional()?;
    tx.query_row(
        "SELECT site, name, device, profile, approval, expires_us > ?2 AND ended_us IS NULL AND uses < uses_max,
                CASE WHEN uses_max > 1 THEN uses + 1 END
         FROM enrolment_code WHERE code_hash = ?1",
        params![request.code_hash, request.now.as_microsecond()],
        |row| {
            Ok(CodeRow {
                site: row.get(0)?,
                name: row.get(1)?,
                device: row.get(2)?,
                profile: row.get(3)?,
                approval: row.get(4)?,
                works: row.get(5)?,
                number: row.get(6)?,
                holder,
            })
        },
    )
    .optional()
}

fn enrolled(
    tx: &Connection,
    code: CodeRow,
    device: String,
    awaits: bool,
    generation: String,
) -> Result<EnrolledDevice, Refused> {
    let epoch = tx.query_row("SELECT epoch FROM device WHERE device = ?1", [&device], |row| {
        row.get(0)
    })?;
    Ok(EnrolledDevice {
        generation,
        device,
        site: code.site,
        epoch,
        profile: code.profile,
        awaits,
    })
}

fn insert_device(tx: &Connection, code: &CodeRow, request: &NewDevice) -> rusqlite::Result<String> {
    let name = code.name_for(request);
    let device = free_identity(tx, &name, request.salt)?;
    tx.execute(
        "INSERT INTO device (site, device, name, public_key, epoch, enrolled_us, contact_us, version, waiting, worker,
                             open_task, scanners, wall_us, code_hash, profile, awaits_us)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6, ?7, 0, '', '', '[]', ?6, ?8, ?9, ?10)",
        params![
            code.site,
            device,
            name,
            request.public_key,
            EPOCH_FIRST,
            request.now.as_microsecond(),
            cut(&request.version),
            request.code_hash,
            code.profile,
            code.approval.then_some(request.now.as_microsecond()),
        ],
    )?;
    insert_epoch(tx, &code.site, &device, EPOCH_FIRST)?;
    Ok(device)
}

/// A device that was turned away shows another code: what goes for that one goes for the device.
fn reconsider(
    tx: &Connection,
    device: String,
    code: &CodeRow,
    request: &NewDevice,
) -> rusqlite::Result<String> {
    tx.execute(
        "UPDATE device SET name = ?2, code_hash = ?3, profile = ?4, awaits_us = ?5, revoked_us = NULL WHERE device = ?1",
        params![
            device,
            code.name_for(request),
            request.code_hash,
            code.profile,
            code.approval.then_some(request.now.as_microsecond()),
        ],
    )?;
    Ok(device)
}

/// Another key for a device, which may work again with it; what the key before got works no more.
fn change_key(tx: &Connection, device: &str, request: &NewDevice) -> rusqlite::Result<()> {
    tx.execute(
        "UPDATE device SET public_key = ?2, code_hash = ?3, revoked_us = NULL, awaits_us = NULL WHERE device = ?1",
        params![device, request.public_key, request.code_hash],
    )?;
    tx.execute("DELETE FROM device_token WHERE device = ?1", [device])?;
    Ok(())
}

pub(super) fn find(
    tx: &Connection,
    device: &str,
    token_hash: &[u8; 32],
) -> rusqlite::Result<Option<KnownDevice>> {
    tx.prepare_cached(
        "SELECT site, public_key, revoked_us IS NOT NULL, expires_us
         FROM device LEFT JOIN device_token AS token ON token.device = device.device AND token_hash = ?2
         WHERE device.device = ?1 AND awaits_us IS NULL",
    )?
    .query_row(params![device, token_hash], |row| {
        Ok(KnownDevice {
            site: row.get(0)?,
            public_key: row.get(1)?,
            revoked: row.get(2)?,
            token_expires: row.get::<_, Option<i64>>(3)?.map(super::moment),
        })
    })
    .optional()
}

pub(super) fn challenge_key(tx: &Connection) -> rusqlite::Result<Option<[u8; 32]>> {
    tx.query_row("SELECT challenge_key FROM hub", [], |row| row.get(0))
}

pub(super) fn keep_challenge_key(tx: &Connection, fresh: &[u8; 32]) -> rusqlite::Result<[u8; 32]> {
    tx.execute(
        "UPDATE hub SET challenge_key = ?1 WHERE challenge_key IS NULL",
        [fresh],
    )?;
    tx.query_row("SELECT challenge_key FROM hub", [], |row| row.get(0))
}

/// The newest tokens of a device stay.
pub(super) fn keep_token(tx: &Connection, token: &NewToken) -> rusqlite::Result<()> {
    tx.prepare_cached("DELETE FROM device_token WHERE device = ?1 AND expires_us <= ?2")?
        .execute(params![token.device, token.now.as_microsecond()])?;
    tx.prepare_cached(
        "DELETE FROM device_token WHERE device = ?1 AND token_hash NOT IN (
             SELECT token_hash FROM device_token WHERE device = ?1 ORDER BY expires_us DESC, token_hash LIMIT ?2)",
    )?
    .execute(params![token.device, TOKENS_MAX - 1])?;
    tx.prepare_cached(
        "INSERT OR REPLACE INTO device_token (device, token_hash, expires_us) VALUES (?1, ?2, ?3)",
    )?
    .execute(params![
        token.device,
        token.token_hash,
        token.expires.as_microsecond()
    ])?;
    Ok(())
}
