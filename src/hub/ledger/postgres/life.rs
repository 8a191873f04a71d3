//! The hub's life in a database that other programs back up and restore: noticing that it was set back.
//!
//! Devices trust a life (`generation`): within one, nothing that was applied is ever forgotten. A restore breaks that,
//! so it has to begin another life, and nobody tells the hub of one. What is compared, whenever a connection is made:
//!
//! - the cluster's system identifier: another one after `pg_dump` and `pg_restore` into another cluster, or `initdb`;
//! - the timeline: another one after point-in-time recovery and after the promotion of a standby (PostgreSQL
//!   documentation, section 26.3.5, "Timelines");
//! - the object identifiers of the database and of the table `hub`: others after a restore into the same cluster;
//! - how far the write-ahead log was flushed: less than this process has seen before is a copy of the files that was
//!   put back without recovery.
//!
//! Another life too many costs each device one question and a new list of tasks; one too few would let a device believe
//! that the hub has what it lost. A copy of the files that was put back while no hub ran is noticed by nothing here:
//! `tallyman hub --restored` says so.

use std::sync::{Mutex, PoisonError};

use tallyman_platform::entropy::{Entropy as _, SystemEntropy};
use tokio_postgres::{Client, Row};

/// What tells one database from another, or from its own past.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Body {
    system_identifier: i64,
    timeline: i64,
    database_oid: i64,
    table_oid: i64,
}

/// What this process remembers.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Memory {
    generation: String,
    life: i64,
    /// The timeline on which the log was seen flushed, and how far.
    flushed: Option<(Body, i64)>,
}

/// The life, shared by all connections of a process.
#[derive(Debug)]
pub(super) struct Life {
    memory: Mutex<Memory>,
}

/// What a connection sees.
struct Seen {
    body: Body,
    flushed: i64,
    /// The life that is stored, and the body it was seen in.
    generation: String,
    life: i64,
    stored: Body,
}

const SEE: &str = "
    SELECT (SELECT system_identifier FROM pg_control_system()),
           ('x' || lpad(substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8), 16, '0'))::bit(64)::bigint,
           (SELECT oid::bigint FROM pg_database WHERE datname = current_database()),
           'tallyman.hub'::regclass::oid::bigint,
           (pg_current_wal_flush_lsn() - '0/0'::pg_lsn)::bigint,
           generation, life, system_identifier, timeline, database_oid, table_oid
    FROM tallyman.hub";

const BEGIN_NEXT: &str = "
    UPDATE tallyman.hub SET generation = $1, life = $2, system_identifier = $3, timeline = $4, database_oid = $5,
                            table_oid = $6
    WHERE life = $7";

impl Life {
    /// Reads the life of a database; a new one gets the first. `restored` says that the database was put back from a
    /// copy, which begins another.
    pub(super) async fn open(
        client: &Client,
        first: &str,
        now_us: i64,
        restored: bool,
    ) -> Result<Self, tokio_postgres::Error> {
        client
            .execute(
                "INSERT INTO tallyman.hub (id, generation, life, system_identifier, timeline, database_oid, table_oid,
                                           created_us)
                 SELECT 1, $1, 1, (SELECT system_identifier FROM pg_control_system()),
                        ('x' || lpad(substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8), 16, '0'))::bit(64)::bigint,
                        (SELECT oid::bigint FROM pg_database WHERE datname = current_database()),
                        'tallyman.hub'::regclass::oid::bigint, $2
                 ON CONFLICT DO NOTHING",
                &[&first, &now_us],
            )
            .await?;
        client
            .execute(
                "INSERT INTO tallyman.number_origin (id, generation) SELECT 1, generation FROM tallyman.hub
                 ON CONFLICT DO NOTHING",
                &[],
            )
            .await?;
        let seen = see(client).await?;
        let life = Self {
            memory: Mutex::new(Memory {
                generation: seen.generation.clone(),
                life: seen.life,
                flushed: None,
            }),
        };
        if restored {
            life.begin_next(client, seen, "an administrator says that it was restored")
                .await?;
        }
        life.check(client).await?;
        Ok(life)
    }

    /// The name of the life.
    pub(super) fn generation(&self) -> String {
        self.memory().generation.clone()
    }

    fn memory(&self) -> std::sync::MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Looks at the database through a connection, and begins another life where it is not what it was.
    pub(super) async fn check(&self, client: &Client) -> Result<(), tokio_postgres::Error> {
        let mut seen = see(client).await?;
        // Each round either ends, or another hub has begun a life meanwhile: then that one is looked at.
        while let Some(why) = self.why_another(&seen) {
            self.begin_next(client, seen, why).await?;
            seen = see(client).await?;
        }
        let mut memory = self.memory();
        memory.generation = seen.generation;
        memory.life = seen.life;
        let before = memory.flushed.filter(|(body, _)| *body == seen.body);
        let flushed = before.map_or(seen.flushed, |(_, flushed)| flushed.max(seen.flushed));
        memory.flushed = Some((seen.body, flushed));
        Ok(())
    }

    fn why_another(&self, seen: &Seen) -> Option<&'static str> {
        let memory = self.memory();
        if seen.body.system_identifier != seen.stored.system_identifier {
            return Some("it is another cluster");
        }
        if (seen.body.database_oid, seen.body.table_oid) != (seen.stored.database_oid, seen.stored.table_oid)
        {
            return Some("it was restored into its cluster");
        }
        if seen.body.timeline != seen.stored.timeline {
            return Some("it is on another timeline: recovered, or a standby that was promoted");
        }
        if seen.life < memory.life {
            return Some("it is from an earlier life");
        }
        // A later life was begun by another hub, which has noticed what there was to notice.
        let same_life = seen.life == memory.life;
        let went_back = |(body, flushed): (Body, i64)| body == seen.body && seen.flushed < flushed;
        if same_life && memory.flushed.is_some_and(went_back) {
            return Some("its log ends before where it ended already");
        }
        None
    }

    /// Begins another life, unless another hub was faster.
    async fn begin_next(&self, client: &Client, seen: Seen, why: &str) -> Result<(), tokio_postgres::Error> {
        let next = seen.life.max(self.memory().life).saturating_add(1);
        let mut number = [0; 6];
        SystemEntropy.fill(&mut number);
        let generation: String = number.iter().map(|byte| format!("{byte:02X}")).collect();
        let body = seen.body;
        let begun = client
            .execute(
                BEGIN_NEXT,
                &[
                    &generation,
                    &next,
                    &body.system_identifier,
                    &body.timeline,
                    &body.database_oid,
                    &body.table_oid,
                    &seen.life,
                ],
            )
            .await?;
        if begun > 0 {
            tracing::warn!(
                why,
                generation,
                "the database is not what it was: another life begins, and devices are asked again for what it lacks"
            );
            let mut memory = self.memory();
            memory.life = next;
            memory.generation = generation;
            memory.flushed = None;
        }
        Ok(())
    }
}

async fn see(client: &Client) -> Result<Seen, tokio_postgres::Error> {
    let row = client.query_one(SEE, &[]).await?;
    Ok(Seen {
        body: body(&row, 0)?,
        flushed: row.try_get(4)?,
        generation: row.try_get(5)?,
        life: row.try_get(6)?,
        stored: body(&row, 7)?,
    })
}

fn body(row: &Row, column: usize) -> Result<Body, tokio_postgres::Error> {
    Ok(Body {
        system_identifier: row.try_get(column)?,
        timeline: row.try_get(column + 1)?,
        database_oid: row.try_get(column + 2)?,
        table_oid: row.try_get(column + 3)?,
    })
}
