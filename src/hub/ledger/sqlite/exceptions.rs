//! Exceptions in the store: raising, withdrawing, showing, resolving.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, params};
use tallyman_floor::Quantity;
use tallyman_floor::wire::v1::{ConfirmationBody, Outcome};

use super::apply::Desk;
use super::{counts, post};
use crate::ledger::exception::{ExceptionKind, Resolution};
use crate::ledger::views::{EXCEPTIONS_SHOWN_MAX, Exception, ExceptionFilter};

/// An exception about to be raised.
pub(super) struct Raise<'a> {
    pub(super) kind: ExceptionKind,
    pub(super) body: Option<&'a ConfirmationBody>,
    pub(super) location: &'a str,
    pub(super) item: String,
    pub(super) lot: &'a str,
    pub(super) serial: &'a str,
    pub(super) found: Option<Quantity>,
    pub(super) wanted: Option<Quantity>,
    pub(super) message: &'a str,
}

impl<'a> Raise<'a> {
    /// About nothing that is understood.
    pub(super) fn new(kind: ExceptionKind) -> Self {
        Raise {
            kind,
            body: None,
            location: "",
            item: String::new(),
            lot: "",
            serial: "",
            found: None,
            wanted: None,
            message: "",
        }
    }

    /// About a fact.
    pub(super) fn about(kind: ExceptionKind, body: &'a ConfirmationBody) -> Self {
        Raise {
            body: Some(body),
            location: post::place_for_people(body),
            item: post::item_for_people(body),
            lot: body
                .goods
                .as_ref()
                .and_then(|goods| goods.lot.as_deref())
                .unwrap_or_default(),
            ..Raise::new(kind)
        }
    }
}

pub(super) fn raise(desk: &Desk<'_>, journal: Option<i64>, raise: &Raise<'_>) -> rusqlite::Result<()> {
    let body = raise.body;
    let reported = body.and_then(|body| body.exception.as_ref());
    desk.tx
        .prepare_cached(
            "INSERT INTO exception (site, kind, state, raised_us, journal, device, worker, task, line, location, item,
                                    lot, serial, found_micro, wanted_micro, reason, message, resolution)
             VALUES (?1, ?2, 'open', ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, '')",
        )?
        .execute(params![
            desk.from.site,
            raise.kind.word(),
            desk.now_us,
            journal,
            desk.from.device,
            body.and_then(|body| body.worker.as_deref()).unwrap_or_default(),
            body.and_then(|body| body.task.as_deref()).unwrap_or_default(),
            body.and_then(|body| body.line),
            raise.location,
            raise.item,
            raise.lot,
            raise.serial,
            raise.found.map(Quantity::micro),
            raise.wanted.map(Quantity::micro),
            reported.and_then(|reported| reported.reason.as_deref()).unwrap_or_default(),
            raise.message,
        ])?;
    Ok(())
}

/// What a record's exceptions are to its device: the first of them, as the answer has one place for each record.
pub(super) fn outcomes_of(desk: &Desk<'_>, seq: u64) -> rusqlite::Result<Option<Outcome>> {
    let raised: Option<(String, String)> = desk
        .tx
        .prepare_cached(
            "SELECT kind, message FROM exception
             WHERE journal = (SELECT place FROM journal WHERE site = ?1 AND device = ?2 AND epoch = ?3 AND seq = ?4)
             ORDER BY exception LIMIT 1",
        )?
        .query_row(params![desk.from.site, desk.from.device, desk.epoch, seq], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    Ok(raised.map(|(code, message)| {
        let kind = ExceptionKind::from_word(&code);
        let outcome = if kind == Some(ExceptionKind::Quarantined) {
            "quarantined"
        } else {
            "exception"
        };
        let message = if message.is_empty() {
            kind.map_or("", ExceptionKind::sentence).to_owned()
        } else {
            message
        };
        Outcome {
            seq,
            kind: outcome.to_owned(),
            code,
            message,
        }
    }))
}

/// Withdraws what a fact had raised. True when a supervisor had already let the hub post something because of it.
pub(super) fn withdraw(desk: &Desk<'_>, journal: i64) -> rusqlite::Result<bool> {
    desk.tx
        .prepare_cached("UPDATE exception SET state = 'withdrawn', resolved_us = ?2 WHERE journal = ?1 AND state = 'open'")?
        .execute(params![journal, desk.now_us])?;
    desk.tx
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM exception WHERE journal = ?1 AND document IS NOT NULL)",
        )?
        .query_row([journal], |row| row.get(0))
}

/// Ends an exception. False when it is not open, or cannot be ended so.
pub(super) fn resolve(
    tx: &Connection,
    site: &str,
    exception: i64,
    resolution: Resolution,
    now: Timestamp,
) -> rusqlite::Result<bool> {
    let found = tx
        .prepare_cached(
            "SELECT kind, location, item, lot, serial, coalesce(found_micro, 0) - coalesce(wanted_micro, 0)
             FROM exception WHERE site = ?1 AND exception = ?2 AND state = 'open'",
        )?
        .query_row(params![site, exception], |row| {
            let key: (String, String, String) = (row.get(2)?, row.get(3)?, row.get(4)?);
            Ok((
                row.get::<_, String>(0)?,
                row.get::<_, String>(1)?,
                key,
                row.get::<_, i64>(5)?,
            ))
        })
        .optional()?;
    let Some((kind, location, key, difference_micro)) = found else {
        return Ok(false);
    };
    let mut document = None;
    if resolution == Resolution::AcceptCount {
        if !ExceptionKind::from_word(&kind).is_some_and(ExceptionKind::can_accept_count) {
            return Ok(false);
        }
        let number = tx
            .prepare_cached(
                "INSERT INTO document (site, kind, reason, posted_us) VALUES (?1, 'adjustment', ?2, ?3)",
            )?
            .insert(params![
                site,
                format!("count of {location} accepted"),
                now.as_microsecond()
            ])?;
        counts::adjust(tx, site, number, &location, &key, difference_micro)?;
        document = Some(number);
    }
    tx.prepare_cached(
        "UPDATE exception SET state = 'resolved', resolution = ?3, resolved_us = ?4, document = ?5
         WHERE site = ?1 AND exception = ?2",
    )?
    .execute(params![
        site,
        exception,
        resolution.word(),
        now.as_microsecond(),
        document
    ])?;
    Ok(true)
}

pub(super) fn list(
    tx: &Connection,
    site: &str,
    filter: &ExceptionFilter,
) -> rusqlite::Result<Vec<Exception>> {
    let mut statement = tx.prepare_cached(
        "SELECT exception, exception.kind, exception.state, raised_us, coalesce(device.name, exception.device),
                exception.worker, exception.task, coalesce(task.reference, ''), line, location, exception.item,
                coalesce(item.name, ''), exception.lot, exception.serial, found_micro, wanted_micro, reason, message,
                resolution
         FROM exception
         LEFT JOIN device ON device.site = exception.site AND device.device = exception.device
         LEFT JOIN task ON task.site = exception.site AND task.task = exception.task
         LEFT JOIN item ON item.site = exception.site AND item.item = exception.item
         WHERE exception.site = ?1 AND (?2 IS NULL OR exception.state = ?2) AND (?3 IS NULL OR exception.kind = ?3)
         ORDER BY exception DESC LIMIT ?4",
    )?;
    let rows = statement.query_map(
        params![site, filter.state, filter.kind, EXCEPTIONS_SHOWN_MAX],
        |row| {
            Ok(Exception {
                exception: row.get(0)?,
                kind: row.get(1)?,
                state: row.get(2)?,
                raised: super::moment(row.get(3)?),
                device: row.get(4)?,
                worker: row.get(5)?,
                task: row.get(6)?,
                reference: row.get(7)?,
                line: row.get(8)?,
                location: row.get(9)?,
                item: row.get(10)?,
                item_name: row.get(11)?,
                lot: row.get(12)?,
                serial: row.get(13)?,
                found: row.get::<_, Option<i64>>(14)?.map(Quantity::from_micro),
                wanted: row.get::<_, Option<i64>>(15)?.map(Quantity::from_micro),
                reason: row.get(16)?,
                message: row.get(17)?,
                resolution: row.get(18)?,
            })
        },
    )?;
    rows.collect()
}
