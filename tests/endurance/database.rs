//! The database of two hubs: restarted, backed up and put back by its own programs, and copied for the independent check.

use std::path::{Path, PathBuf};

use rusqlite::{Connection, params};

use super::server::Server;

/// A PostgreSQL server with one database in use.
pub struct Database {
    server: &'static Server,
    url: String,
    name: String,
}

impl Database {
    /// An empty database on the server of this test program.
    pub fn new() -> Self {
        let server = Server::shared().expect("whoever asks has looked");
        let url = server.database();
        let name = url.split_once(":///").expect("an address").1;
        let name = name.split('?').next().expect("a name").to_owned();
        Self { server, url, name }
    }

    /// Its address.
    pub fn url(&self) -> String {
        self.url.clone()
    }

    /// Ends the server, as a failing machine does or as an administrator does, and starts it again.
    pub async fn restart(&self, is_orderly: bool) {
        let mode = if is_orderly { "fast" } else { "immediate" };
        self.beside(move |server| {
            server.run(
                "pg_ctl",
                &["-D", "data", "-l", "log", "-w", "-s", "-m", mode, "restart"],
            );
        })
        .await;
    }

    /// What a statement says: rows in lines.
    pub fn sql(&self, sql: &str) -> String {
        self.server.sql(&self.name, sql)
    }

    /// Copies the files of the running server.
    pub async fn back_up(&self) -> PathBuf {
        self.beside(|server| {
            let host = server.folder().display().to_string();
            let copy = server.folder().join("copy");
            let _ = std::fs::remove_dir_all(&copy);
            server.run(
                "pg_basebackup",
                &[
                    "-h", &host, "-U", "tallyman", "-D", "copy", "-X", "stream", "-c", "fast",
                ],
            );
            copy
        })
        .await
    }

    /// The server's machine is lost, and another one starts from the copy.
    pub async fn put_back(&self, copy: &Path) {
        let copy = copy.to_path_buf();
        self.beside(move |server| {
            server.stop_at_once();
            std::fs::remove_dir_all(server.data()).expect("lost");
            std::fs::rename(&copy, server.data()).expect("put back");
            server.start_again();
        })
        .await;
    }

    /// Does something slow without holding up whoever else runs on this thread.
    async fn beside<T: Send + 'static>(&self, act: impl FnOnce(&'static Server) -> T + Send + 'static) -> T {
        let server = self.server;
        tokio::task::spawn_blocking(move || act(server))
            .await
            .expect("done")
    }

    /// Copies what the independent check reads into a file, row by row as it lies in the database.
    pub fn copy_to(&self, file: &Path) {
        let copy = Connection::open(file).expect("a file");
        copy.execute_batch(
            "CREATE TABLE device (site, device, name);
             CREATE TABLE journal (place INTEGER PRIMARY KEY, site, device, epoch, seq, hash BLOB, body BLOB);
             CREATE TABLE entry (entry INTEGER PRIMARY KEY, site, journal INTEGER, account, place, item, lot, serial,
                 owner, quantity_micro INTEGER);
             CREATE INDEX entry_journal ON entry (journal);
             CREATE TABLE exception (exception INTEGER PRIMARY KEY, journal INTEGER, kind);
             BEGIN",
        )
        .expect("tables");
        self.rows("device", ["site", "device", "name"], |row| {
            copy.execute("INSERT INTO device VALUES (?1, ?2, ?3)", row)
        });
        let columns = [
            "place",
            "site",
            "device",
            "epoch",
            "seq",
            "encode(hash, 'hex')",
            "encode(body, 'hex')",
        ];
        self.rows(
            "journal",
            columns,
            |[place, site, device, epoch, seq, hash, body]| {
                copy.prepare_cached("INSERT INTO journal VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)")?
                    .execute(params![
                        number(place),
                        site,
                        device,
                        number(epoch),
                        number(seq),
                        unhex(hash),
                        unhex(body)
                    ])
            },
        );
        // Documents have entries as well, which belong to no place in the journal.
        let columns = [
            "entry",
            "site",
            "coalesce(journal, 0)",
            "account",
            "place",
            "item",
            "lot",
            "serial",
            "owner",
            "quantity_micro",
        ];
        self.rows("entry", columns, |row| {
            let [
                entry,
                site,
                journal,
                account,
                place,
                item,
                lot,
                serial,
                owner,
                quantity,
            ] = row;
            let journal = Some(number(journal)).filter(|journal| *journal > 0);
            copy.prepare_cached("INSERT INTO entry VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)")?
                .execute(params![
                    number(entry),
                    site,
                    journal,
                    account,
                    place,
                    item,
                    lot,
                    serial,
                    owner,
                    number(quantity)
                ])
        });
        // One that no record has raised belongs to no place in the journal.
        let columns = ["exception", "coalesce(journal, 0)", "kind"];
        self.rows("exception", columns, |[exception, journal, kind]| {
            copy.execute(
                "INSERT INTO exception VALUES (?1, ?2, ?3)",
                params![number(exception), number(journal), kind],
            )
        });
        copy.execute_batch("COMMIT").expect("copied");
    }

    /// Every row of a table. No column holds a bar or a line's end: what might is in hexadecimal.
    fn rows<const WIDTH: usize>(
        &self,
        table: &str,
        columns: [&str; WIDTH],
        mut take: impl FnMut([&str; WIDTH]) -> rusqlite::Result<usize>,
    ) {
        let sql = format!("SELECT {} FROM tallyman.{table}", columns.join(", "));
        for line in self.sql(&sql).lines() {
            let row: Vec<&str> = line.split('|').collect();
            let row = row.try_into().unwrap_or_else(|row| panic!("{table}: {row:?}"));
            take(row).expect("a row");
        }
    }
}

fn number(text: &str) -> i64 {
    text.parse().expect("a number")
}

fn unhex(text: &str) -> Vec<u8> {
    text.as_bytes()
        .chunks_exact(2)
        .map(|pair| {
            let digits = std::str::from_utf8(pair).expect("digits");
            u8::from_str_radix(digits, 16).expect("digits")
        })
        .collect()
}
