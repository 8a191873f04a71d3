//! The large tables in partitions by site, laid out by the script that the package carries: hubs notice no difference,
//! and each transaction looks into the partitions of its own site alone.

use super::super::bench::{ITEMS, LOCATIONS, TASKS};
use super::audit::audit;
use super::{Bench, Store, name_of, server, work};
use crate::ImportKind;

const SCRIPT: &str = include_str!("../../../../packaging/partition-by-site.sql");

const LARGE: &[&str] = &[
    "journal",
    "entry",
    "balance",
    "line_progress",
    "reversal",
    "exception",
    "fork",
    "trace",
];

#[tokio::test]
async fn hubs_notice_no_difference_when_large_tables_are_parted_by_site() {
    let Some(server) = server() else { return };
    let bench = Bench::new(Store::Postgres).await;
    let database = name_of(&bench);
    let mut before = bench.device("main", "Handheld 1").await;
    work(&mut before, 12);
    before.send_all(&bench).await;
    let sums = "SELECT count(*), sum(quantity_micro * length(item)) FROM tallyman.entry";
    let held = server.sql(&database, sums);
    let indexes = "SELECT indexrelid::regclass::text FROM pg_index JOIN pg_class ON pg_class.oid = indrelid
                   WHERE relnamespace = 'tallyman'::regnamespace AND NOT relispartition ORDER BY 1";
    let named = server.sql(&database, indexes);

    let script = format!("SET tallyman.partitions = 5; {SCRIPT}");
    server.sql(&database, &script);
    // A second run finds nothing to do.
    server.sql(&database, &script);
    assert_eq!(server.sql(&database, sums), held, "every row has moved");
    assert_eq!(server.sql(&database, indexes), named, "indexes keep their names");
    let parted = "SELECT count(*), count(*) FILTER (WHERE relkind = 'p') FROM pg_class
                  WHERE relnamespace = 'tallyman'::regnamespace AND relkind IN ('p', 'r') AND relname = ANY";
    let names = LARGE.join(",");
    let all = format!("{0}|{0}", LARGE.len());
    assert_eq!(server.sql(&database, &format!("{parted} ('{{{names}}}')")), all);

    let bench = bench.reopened().await;
    for (kind, text) in [
        (ImportKind::Items, ITEMS),
        (ImportKind::Locations, LOCATIONS),
        (ImportKind::Tasks, TASKS),
    ] {
        bench.import("north", kind, text).await;
    }
    let mut other = bench.device("north", "Handheld 2").await;
    work(&mut before, 24);
    work(&mut other, 24);
    assert_eq!(before.send_all(&bench).await.applied_seq, before.last_seq());
    assert_eq!(other.send_all(&bench).await.applied_seq, other.last_seq());
    // Sent again, it is known: the unique keys hold over the partitions.
    assert_eq!(other.send_all(&bench).await.applied_seq, other.last_seq());
    bench.check().await;
    audit(server, &database, &[&before, &other]);
}

#[tokio::test]
async fn a_statement_looks_into_the_partition_of_its_site_alone() {
    let Some(server) = server() else { return };
    let bench = Bench::new(Store::Postgres).await;
    let database = name_of(&bench);
    server.sql(&database, &format!("SET tallyman.partitions = 5; {SCRIPT}"));
    // As the hub's statements, prepared, and planned without knowing the site.
    let plan = server.sql(
        &database,
        "SET search_path = tallyman; SET plan_cache_mode = force_generic_plan;
         PREPARE look (text, bigint[]) AS
             SELECT asked.journal, entry FROM unnest($2) AS asked (journal)
             LEFT JOIN entry ON entry.site = $1 AND entry.journal = asked.journal;
         EXPLAIN (COSTS off) EXECUTE look ('main', '{1,2}')",
    );
    assert!(plan.contains("Subplans Removed: 4"), "{plan}");
}
