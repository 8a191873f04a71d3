//! The yardstick on PostgreSQL: the rows of the hub's transactions in as many statements, columns as arrays, all sent
//! together with `BEGIN` and `COMMIT`, and nothing read or thought.

use futures_util::future::try_join_all;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, NoTls, Statement};

use super::turns::{BalanceKey, EntryRow, JournalRow, SUMS, Sums, Turn};

/// A connection to a copy of the hub's database, as it was before the first round.
pub struct BarePostgres {
    client: Client,
    statements: Vec<Statement>,
}

const STATEMENTS: &[&str] = &[
    "INSERT INTO journal (site, place, device, epoch, seq, hash, body, received_us, quarantined, task)
     SELECT $1, place, device, epoch, seq, hash, body, $2, '', task
     FROM unnest($3::bigint[], $4::text[], $5::bigint[], $6::bigint[], $7::bytea[], $8::bytea[], $9::text[])
          AS row (place, device, epoch, seq, hash, body, task)",
    "INSERT INTO entry (site, entry, journal, document, account, place, item, lot, serial, expiry, handling_unit, status,
                        owner, quantity_micro)
     SELECT $1, entry, journal, NULL, account, place, item, lot, serial, expiry, handling_unit, status, owner,
            quantity_micro
     FROM unnest($2::bigint[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[],
                 $10::text[], $11::text[], $12::text[], $13::bigint[])
          AS row (entry, journal, account, place, item, lot, serial, status, owner, expiry, handling_unit,
                  quantity_micro)",
    "INSERT INTO balance (site, account, place, item, lot, serial, status, owner, quantity_micro)
     SELECT $1, account, place, item, lot, serial, status, owner, quantity_micro
     FROM unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::bigint[])
          AS row (account, place, item, lot, serial, status, owner, quantity_micro)
     ON CONFLICT (site, account, place, item, lot, serial, status, owner)
     DO UPDATE SET quantity_micro = balance.quantity_micro + excluded.quantity_micro",
    "INSERT INTO line_progress (site, task, number, quantity_micro, closed, last_device, shared)
     SELECT $1, task, number, quantity_micro, false, last_device, false
     FROM unnest($2::text[], $3::bigint[], $4::bigint[], $5::text[]) AS row (task, number, quantity_micro, last_device)
     ON CONFLICT (site, task, number)
     DO UPDATE SET quantity_micro = excluded.quantity_micro, closed = excluded.closed,
                   last_device = excluded.last_device, shared = excluded.shared",
    "INSERT INTO reversal (site, original, reversal)
     SELECT $1, original, reversal FROM unnest($2::bigint[], $3::bigint[]) AS row (original, reversal)",
    "UPDATE task SET change_seq = asked.number, state = CASE WHEN asked.closed THEN 'done' ELSE state END,
                     changed_us = CASE WHEN asked.closed THEN $2 ELSE changed_us END
     FROM unnest($3::text[], $4::bigint[], $5::boolean[]) AS asked (task, number, closed)
     WHERE task.site = $1 AND task.task = asked.task",
    "UPDATE site SET change_seq = $2, journal_last = $2, entry_last = $3, exception_last = 0, document_last = 0
     WHERE site = $1",
    "UPDATE device_epoch SET applied_seq = asked.seq, last_hash = asked.hash
     FROM unnest($2::text[], $3::bigint[], $4::bigint[], $5::bytea[]) AS asked (device, epoch, seq, hash)
     WHERE device_epoch.site = $1 AND device_epoch.device = asked.device AND device_epoch.epoch = asked.epoch",
    "UPDATE device SET contact_us = $2, version = '0.1.0', waiting = 1, worker = 'ANNA', open_task = 'P-000-00000',
                       scanners = 'zebra_ssi on /dev/ttyACM0: ready', wall_us = $2
     FROM unnest($3::text[]) AS asked (device)
     WHERE device.site = $1 AND device.device = asked.device",
];

/// The parameters of one statement.
type Values = Vec<Box<dyn ToSql + Sync + Send>>;

/// A transaction whose parameters are laid out.
pub struct Prepared(Vec<Values>);

macro_rules! values {
    ($($value:expr),* $(,)?) => { vec![$(Box::new($value) as Box<dyn ToSql + Sync + Send>),*] };
}

impl BarePostgres {
    pub async fn open(address: &str) -> Self {
        let client = connect(address).await;
        // As the hub's own connections.
        client
            .batch_execute(
                "SET enable_seqscan = off; SET enable_bitmapscan = off; SET enable_hashjoin = off;
                 SET enable_mergejoin = off",
            )
            .await
            .expect("settings");
        let mut statements = Vec::new();
        for sql in STATEMENTS {
            statements.push(client.prepare(sql).await.expect("a statement"));
        }
        Self { client, statements }
    }

    /// Writes these transactions, one after the other.
    pub async fn write(&self, turns: &[Prepared]) {
        for Prepared(values) in turns {
            let each = self.statements.iter().zip(values);
            let rows = try_join_all(each.map(|(statement, values)| self.run(statement, values)));
            let written = tokio::try_join!(
                biased;
                self.client.batch_execute("BEGIN"),
                rows,
                self.client.batch_execute("COMMIT"),
            );
            written.expect("written");
        }
    }
}

impl BarePostgres {
    async fn run(&self, statement: &Statement, values: &Values) -> Result<(), tokio_postgres::Error> {
        let values: Vec<&(dyn ToSql + Sync)> = values
            .iter()
            .map(|value| &**value as &(dyn ToSql + Sync))
            .collect();
        self.client.execute(statement, &values).await.map(drop)
    }
}

async fn connect(address: &str) -> Client {
    let (client, connection) = tokio_postgres::connect(address, NoTls)
        .await
        .expect("the server answers");
    tokio::spawn(connection);
    client
        .batch_execute("SET search_path = tallyman, pg_catalog")
        .await
        .expect("settings");
    client
}

/// Lays out the parameters of a transaction.
pub fn prepare(site: &str, turn: Turn) -> Prepared {
    let site = site.to_owned();
    let (last_place, last_entry) = (
        turn.journal.last().map_or(0, |row| row.place),
        turn.entries.last().map_or(0, |row| row.entry),
    );
    let closed: Vec<bool> = turn.tasks.iter().map(|(_, closed)| *closed).collect();
    let numbers: Vec<i64> = (last_place..).take(turn.tasks.len()).collect();
    let tasks: Vec<String> = turn.tasks.into_iter().map(|(task, _)| task).collect();
    let contact =
        |of: fn(&super::turns::Contact) -> i64| -> Vec<i64> { turn.contacts.iter().map(of).collect() };
    let devices: Vec<String> = turn.contacts.iter().map(|row| row.device.clone()).collect();
    let hashes: Vec<Vec<u8>> = turn.contacts.iter().map(|row| row.hash.clone()).collect();
    let marks = values![
        site.clone(),
        devices.clone(),
        contact(|row| row.epoch),
        contact(|row| row.seq),
        hashes
    ];
    let (originals, reversals): (Vec<i64>, Vec<i64>) = turn.reversals.into_iter().unzip();
    let (lines, progress): (Vec<_>, Vec<_>) = turn.progress.into_iter().unzip();
    let (line_tasks, line_numbers): (Vec<String>, Vec<i64>) = lines.into_iter().unzip();
    let quantities: Vec<i64> = progress.iter().map(|row| row.quantity_micro).collect();
    let last_devices: Vec<String> = progress.into_iter().map(|row| row.device).collect();
    Prepared(vec![
        journal(&site, turn.now_us, turn.journal, turn.journal_tasks),
        entries(&site, turn.entries),
        balances(&site, turn.balances),
        values![site.clone(), line_tasks, line_numbers, quantities, last_devices],
        values![site.clone(), originals, reversals],
        values![site.clone(), turn.now_us, tasks, numbers, closed],
        values![site.clone(), last_place, last_entry],
        marks,
        values![site, turn.now_us, devices],
    ])
}

fn journal(site: &str, now_us: i64, rows: Vec<JournalRow>, tasks: Vec<String>) -> Values {
    let number = |of: fn(&JournalRow) -> i64| -> Vec<i64> { rows.iter().map(of).collect() };
    let (places, epochs, seqs) = (
        number(|row| row.place),
        number(|row| row.epoch),
        number(|row| row.seq),
    );
    let devices: Vec<String> = rows.iter().map(|row| row.device.clone()).collect();
    let hashes: Vec<Vec<u8>> = rows.iter().map(|row| row.hash.clone()).collect();
    let bodies: Vec<Vec<u8>> = rows.into_iter().map(|row| row.body).collect();
    values![
        site.to_owned(),
        now_us,
        places,
        devices,
        epochs,
        seqs,
        hashes,
        bodies,
        tasks
    ]
}

fn entries(site: &str, rows: Vec<EntryRow>) -> Values {
    let mut values = values![
        site.to_owned(),
        rows.iter().map(|row| row.entry).collect::<Vec<i64>>(),
        rows.iter().map(|row| row.journal).collect::<Vec<i64>>()
    ];
    values.extend(columns(rows.iter().map(|row| &row.key)));
    values.extend(values![
        rows.iter().map(|row| row.expiry.clone()).collect::<Vec<String>>(),
        rows.iter()
            .map(|row| row.handling_unit.clone())
            .collect::<Vec<String>>(),
        rows.iter().map(|row| row.quantity_micro).collect::<Vec<i64>>()
    ]);
    values
}

fn balances(site: &str, rows: Vec<(BalanceKey, i64)>) -> Values {
    let mut values = values![site.to_owned()];
    values.extend(columns(rows.iter().map(|(key, _)| key)));
    values.extend(values![
        rows.iter().map(|(_, micro)| *micro).collect::<Vec<i64>>()
    ]);
    values
}

fn columns<'a>(keys: impl Iterator<Item = &'a BalanceKey>) -> Values {
    let mut columns: [Vec<String>; 7] = Default::default();
    for key in keys {
        for (column, text) in columns.iter_mut().zip(key) {
            column.push(text.clone());
        }
    }
    columns
        .into_iter()
        .map(|column| Box::new(column) as Box<dyn ToSql + Sync + Send>)
        .collect()
}

/// What the hub wrote after these numbers.
pub async fn read(address: &str, site: &str, journal: i64, entry: i64) -> (Vec<JournalRow>, Vec<EntryRow>) {
    let client = connect(address).await;
    let rows = client
        .query(
            "SELECT place, device, epoch, seq, hash, body, received_us FROM journal WHERE site = $1 AND place > $2
             ORDER BY place",
            &[&site, &journal],
        )
        .await
        .expect("rows");
    let journal = rows.iter().map(|row| JournalRow {
        place: row.get(0),
        device: row.get(1),
        epoch: row.get(2),
        seq: row.get(3),
        hash: row.get(4),
        body: row.get(5),
        received_us: row.get(6),
    });
    let rows = client
        .query(
            "SELECT entry, journal, account, place, item, lot, serial, status, owner, expiry, handling_unit, quantity_micro
             FROM entry WHERE site = $1 AND entry > $2 AND journal IS NOT NULL ORDER BY entry",
            &[&site, &entry],
        )
        .await
        .expect("rows");
    let entries = rows.iter().map(|row| EntryRow {
        entry: row.get(0),
        journal: row.get(1),
        key: std::array::from_fn(|index| row.get(index + 2)),
        expiry: row.get(9),
        handling_unit: row.get(10),
        quantity_micro: row.get(11),
    });
    (journal.collect(), entries.collect())
}

/// What a database comes to, to compare.
pub async fn sums(address: &str) -> Sums {
    let client = connect(address).await;
    let mut found = Sums::new();
    for (table, sql) in SUMS {
        let sql = format!("SELECT count, sum::bigint FROM ({}) AS sums (count, sum)", sql);
        let row = client.query_one(&sql, &[]).await.expect("sums");
        let figures: (i64, Option<i64>) = (row.get(0), row.get(1));
        found.insert(((*table).to_owned(), format!("{figures:?}")));
    }
    found
}

/// Bytes of each table and index, as the server counts them.
pub async fn sizes(address: &str) -> Vec<(String, i64)> {
    let client = connect(address).await;
    let rows = client
        .query(
            "SELECT relname::text, pg_relation_size(oid) + coalesce(pg_relation_size(nullif(reltoastrelid, 0)), 0)
             FROM pg_class WHERE relnamespace = 'tallyman'::regnamespace AND relkind IN ('r', 'i') ORDER BY 1",
            &[],
        )
        .await
        .expect("sizes");
    rows.iter().map(|row| (row.get(0), row.get(1))).collect()
}

/// Bytes of log that the server has written so far.
pub async fn log_bytes(address: &str) -> i64 {
    let client = connect(address).await;
    let row = client
        .query_one("SELECT (pg_current_wal_lsn() - '0/0'::pg_lsn)::bigint", &[])
        .await
        .expect("the place in the log");
    row.get(0)
}
