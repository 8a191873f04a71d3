//! How much a store grows with each confirmation: its tables, its indexes, and on PostgreSQL its log.

use std::collections::BTreeMap;

use super::house::House;
use super::{bare_file, bare_postgres};

/// Sizes at the beginning, and what came since.
pub struct Growth {
    sizes: BTreeMap<String, i64>,
    log_bytes: i64,
    records: usize,
}

impl Growth {
    pub async fn begin(house: &House) -> Self {
        let (sizes, log_bytes) = look(house).await;
        Self {
            sizes,
            log_bytes,
            records: 0,
        }
    }

    /// Notes that so many confirmations were taken.
    pub fn add(&mut self, records: usize) {
        self.records += records;
    }

    /// Prints the bytes of each confirmation and how fast they are checked, where asked for with `TALLYMAN_BENCH_GROWTH`.
    pub async fn print(&self, house: &House) {
        if std::env::var_os("TALLYMAN_BENCH_GROWTH").is_none() {
            return;
        }
        let (sizes, log_bytes) = look(house).await;
        let each = |bytes: i64| bytes as f64 / self.records as f64;
        println!("  bytes for each of {} confirmations:", self.records);
        let mut sum = 0;
        for (name, bytes) in &sizes {
            let more = bytes - self.sizes.get(name).copied().unwrap_or_default();
            sum += more;
            if each(more) >= 0.5 {
                println!("    {name:<24} {:>6.0}", each(more));
            }
        }
        println!("    {:<24} {:>6.0}", "all tables and indexes", each(sum));
        let checked = self.records as f64 / house.check().await.as_secs_f64();
        println!("    `verify` reads {checked:.0} of them a second");
        if house.file().is_none() {
            let more = log_bytes - self.log_bytes;
            println!(
                "    {:<24} {:>6.0}  (with the yardstick's, which is as much again)",
                "log",
                each(more)
            );
        }
    }
}

async fn look(house: &House) -> (BTreeMap<String, i64>, i64) {
    match house.file() {
        Some(path) => (bare_file::sizes(&path).into_iter().collect(), 0),
        None => {
            let database = house.database();
            let sizes = bare_postgres::sizes(database).await;
            (
                sizes.into_iter().collect(),
                bare_postgres::log_bytes(database).await,
            )
        }
    }
}
