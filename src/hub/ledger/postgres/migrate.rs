//! The steps of the schema: numbered, forward only, each once, however many hubs start at the same moment.

use tokio_postgres::Client;

use super::OpenPostgresError;

/// One step.
struct Step {
    version: i32,
    name: &'static str,
    sql: &'static str,
}

/// The steps, oldest first. One that was released is never changed.
const STEPS: &[Step] = &[
    Step {
        version: 1,
        name: "the hub's store",
        sql: include_str!("schema.sql"),
    },
    Step {
        version: 2,
        name: "keys of devices",
        sql: include_str!("device_keys.sql"),
    },
    Step {
        version: 3,
        name: "people, sessions, API keys, audit trail",
        sql: include_str!("people.sql"),
    },
    Step {
        version: 4,
        name: "claims and decisions",
        sql: include_str!("claims.sql"),
    },
    Step {
        version: 5,
        name: "boots of devices",
        sql: include_str!("boots.sql"),
    },
    Step {
        version: 6,
        name: "details of tasks, lines, items and locations",
        sql: include_str!("details.sql"),
    },
    Step {
        version: 7,
        name: "age of traces",
        sql: include_str!("traces.sql"),
    },
    Step {
        version: 8,
        name: "leases of numbers",
        sql: include_str!("numbers.sql"),
    },
    Step {
        version: 9,
        name: "codes that the floor linked",
        sql: include_str!("linked_codes.sql"),
    },
    Step {
        version: 10,
        name: "counts",
        sql: include_str!("counts.sql"),
    },
    Step {
        version: 11,
        name: "where handling units stand",
        sql: include_str!("units.sql"),
    },
    Step {
        version: 12,
        name: "set-up codes for groups, screens of devices",
        sql: include_str!("set_up.sql"),
    },
    Step {
        version: 13,
        name: "pictures of items",
        sql: include_str!("pictures.sql"),
    },
];

/// The statements of the first steps, each with its row, to make an older database.
#[cfg(test)]
pub(crate) fn sql_of_first(steps: u32) -> String {
    let first = STEPS
        .iter()
        .filter(|step| u32::try_from(step.version).is_ok_and(|version| version <= steps));
    let made = first.map(|step| {
        let Step { version, name, sql } = step;
        format!("{sql}\nINSERT INTO schema_step (version, name) VALUES ({version}, $name${name}$name$);\n")
    });
    made.collect()
}

/// The lock that migrations hold, out of the way of other programs' advisory locks: "tALLYMAN" in ASCII.
pub(super) const SCHEMA_LOCK: i64 = 0x7441_4c4c_594d_414e;

/// Brings the schema to the newest step, in one transaction: a step that fails leaves the database as it was.
pub(super) async fn migrate(client: &mut Client) -> Result<(), OpenPostgresError> {
    let failed = |step: &'static str| move |source| OpenPostgresError::Schema { step, source };
    let transaction = client.transaction().await.map_err(failed("begin"))?;
    // Other hubs that start now wait here, and find everything done.
    transaction
        .execute("SELECT pg_advisory_xact_lock($1)", &[&SCHEMA_LOCK])
        .await
        .map_err(failed("lock"))?;
    transaction
        .batch_execute(
            // An administrator may have made the schema for a role that may not.
            "DO $$ BEGIN
                 IF to_regnamespace('tallyman') IS NULL THEN CREATE SCHEMA tallyman; END IF;
             END $$;
             CREATE TABLE IF NOT EXISTS tallyman.schema_step (
                 version integer PRIMARY KEY, name text NOT NULL, made timestamptz NOT NULL DEFAULT now());
             SET LOCAL search_path = tallyman, pg_catalog",
        )
        .await
        .map_err(failed("begin"))?;
    let row = transaction
        .query_one("SELECT coalesce(max(version), 0) FROM schema_step", &[])
        .await
        .map_err(failed("read the version"))?;
    let version: i32 = row.get(0);
    let newest = STEPS.last().map_or(0, |step| step.version);
    if version > newest {
        return Err(OpenPostgresError::Newer { version, newest });
    }
    for step in STEPS.iter().filter(|step| step.version > version) {
        let made = async {
            transaction.batch_execute(step.sql).await?;
            transaction
                .execute(
                    "INSERT INTO schema_step (version, name) VALUES ($1, $2)",
                    &[&step.version, &step.name],
                )
                .await
        };
        made.await.map_err(failed(step.name))?;
        tracing::info!(
            version = step.version,
            name = step.name,
            "the database's schema has a new step"
        );
    }
    transaction.commit().await.map_err(failed("commit"))
}

/// Whether the schema is the one that this program knows, without changing anything.
pub(super) async fn check(client: &Client) -> Result<(), OpenPostgresError> {
    let failed = |source| OpenPostgresError::Schema {
        step: "read the version",
        source,
    };
    let row = client
        .query_one("SELECT to_regclass('tallyman.schema_step') IS NOT NULL", &[])
        .await
        .map_err(failed)?;
    if !row.get::<_, bool>(0) {
        return Err(OpenPostgresError::NoStore);
    }
    let row = client
        .query_one("SELECT coalesce(max(version), 0) FROM tallyman.schema_step", &[])
        .await
        .map_err(failed)?;
    let version: i32 = row.get(0);
    let newest = STEPS.last().map_or(0, |step| step.version);
    match version.cmp(&newest) {
        std::cmp::Ordering::Equal => Ok(()),
        std::cmp::Ordering::Greater => Err(OpenPostgresError::Newer { version, newest }),
        std::cmp::Ordering::Less => Err(OpenPostgresError::Older { version, newest }),
    }
}
