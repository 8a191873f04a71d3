//! How looks by keys are planned while the planner believes that tables have a handful of rows, as it does for minutes
//! after they have thousands.

use super::{Bench, Store, name_of, server, work};
use crate::ledger::postgres::{BY_KEY_ALONE, LOOKS};

#[tokio::test]
async fn looks_by_keys_never_walk_over_a_site() {
    let Some(server) = server() else { return };
    let bench = Bench::new(Store::Postgres).await;
    let mut device = bench.device("main", "Handheld 1").await;
    work(&mut device, 12);
    device.send_all(&bench).await;
    let database = name_of(&bench);
    server.sql(&database, "ANALYZE");
    for (look, values) in LOOKS {
        let plan = server.sql(
            &database,
            &format!(
                "SET search_path = tallyman {BY_KEY_ALONE}; SET plan_cache_mode = force_generic_plan;
                 PREPARE look AS {look};
                 EXPLAIN (COSTS off) EXECUTE look ({values})"
            ),
        );
        for (sign, what) in [
            ("Join Filter", "rows are compared one by one"),
            ("Materialize", "rows are kept to be compared"),
            ("Seq Scan", "a table is read whole"),
        ] {
            assert!(!plan.contains(sign), "{what}:\n{look}\n{plan}");
        }
        let conditions: Vec<&str> = plan.lines().filter(|line| line.contains("Index Cond")).collect();
        let (first, _) = conditions.split_first().expect("an index is used");
        assert!(first.contains("asked."), "by the key:\n{look}\n{plan}");
    }
    bench.check().await;
}
