//! The audit trail: what is in it, that it cannot be changed unseen, and that nothing secret gets into it.

use std::time::Duration;

use axum::body::Body;
use axum::http::{StatusCode, header};

use super::bench::{Bench, Store, config, counted, on_both_stores, text};
use super::browser::{Browser, PASSWORD};
use super::server::Server;
use crate::ledger::audit::{AuditNote, Outcome, Pending};
use crate::ledger::people::Role;
use crate::ledger::sqlite::SqliteLedger;

on_both_stores![
    what_is_done_is_written_with_the_change,
    what_is_refused_is_counted_by_minute_and_address,
    a_change_that_fails_leaves_a_row_that_says_so,
    rows_are_found_by_person_action_and_time_and_saved_as_a_file,
    a_row_that_was_changed_or_removed_is_noticed,
    nothing_secret_is_written_down,
];

async fn what_is_done_is_written_with_the_change(store: Store) {
    let bench = Bench::new(store).await;
    bench.person_at_the_door("root", Role::Administrator, "*").await;
    let mut device = bench.device("main", "Handheld 1").await;
    device.confirm(counted("C-1", 1, "MILK", 13, "A-01"));
    device.confirm(serde_json::json!({
        "act": "location_counted", "task": "C-1", "line": 1, "to": { "location": "A-01" }
    }));
    device.send_all(&bench).await;
    let before = bench.trail().await.len();
    let (_, root) = Browser::at("10.0.0.5").sign_in(&bench, "root", PASSWORD).await;
    let exceptions = bench
        .hub
        .ledger()
        .exceptions("main".to_owned(), Default::default())
        .await
        .unwrap();
    let number = exceptions[0].exception.to_string();
    let resolve = format!("/site/main/exceptions/{number}");
    for _ in 0..2 {
        root.post(&bench, &resolve, &[("resolution", "noted")]).await;
    }
    root.post(&bench, "/site/main/tasks/P-1/cancel", &[]).await;
    root.post(&bench, "/site/main/devices", &[("name", "Dock 1")])
        .await;
    let add = [
        ("name", "Bo"),
        ("login", "bo"),
        ("role", "supervisor"),
        ("site", "main"),
        ("new_password", PASSWORD),
        ("repeated", PASSWORD),
    ];
    root.post(&bench, "/people", &add).await;
    root.post(&bench, "/people", &add).await;
    root.post(
        &bench,
        "/people/bo",
        &[("name", "Bo"), ("role", "worker"), ("site", "main")],
    )
    .await;
    root.post(&bench, "/sign-out", &[]).await;
    let trail = bench.trail_in_short().await;
    assert_eq!(
        trail[before..],
        [
            "root sign-in root done".to_owned(),
            format!("root exception.resolve {number} done"),
            format!("root exception.resolve {number} unchanged"),
            "root task.cancel P-1 done".to_owned(),
            "root device.code Dock 1 done".to_owned(),
            "root person.add bo done".to_owned(),
            "root person.add bo refused".to_owned(),
            "root person.change bo done".to_owned(),
            "root sign-out  done".to_owned(),
        ]
    );
    let rows = bench.trail().await;
    assert!(rows.iter().rev().take(9).all(|row| row.source == "10.0.0.5"));
    let change = rows.iter().find(|row| row.action == "person.change").unwrap();
    assert!(change.detail == "role supervisor → worker", "{}", change.detail);
    let resolved = rows.iter().find(|row| row.action == "exception.resolve").unwrap();
    assert_eq!(resolved.site, "main");
    // The device's own request is there too, and its facts are not: they have a journal.
    assert!(
        trail.contains(&"nobody device.enrol  done".to_owned()),
        "{trail:?}"
    );
    bench.check().await;
}

async fn what_is_refused_is_counted_by_minute_and_address(store: Store) {
    let bench = Bench::empty(store, config()).await;
    bench.person_at_the_door("anna", Role::Worker, "main").await;
    let stranger = Browser::at("10.9.0.1");
    for _ in 0..8 {
        stranger.sign_in(&bench, "anna", "a wrong guess").await;
    }
    let anna = Browser::of(&bench, "anna").await;
    assert_eq!(anna.status(&bench, "/people").await, StatusCode::FORBIDDEN);
    let trail = bench.trail_in_short().await;
    assert_eq!(trail, ["nobody sign-in anna refused", "anna page.open  refused"]);
    bench.clock.advance(Duration::from_secs(60));
    anna.status(&bench, "/audit").await;
    let rows = bench.trail().await;
    let counted = rows.iter().find(|row| row.times > 1).unwrap();
    assert_eq!(
        (counted.times, counted.action.as_str(), counted.source.as_str()),
        (7, "sign-in", "10.9.0.1")
    );
    assert_eq!(rows.len(), 4);
    bench.check().await;
}

async fn a_change_that_fails_leaves_a_row_that_says_so(store: Store) {
    let bench = Bench::new(store).await;
    bench.person("root", Role::Administrator, "*").await;
    let root = Browser::of(&bench, "root").await;
    // Two items with one code: found inside the transaction, which leaves nothing.
    let body = "--edge\r\ncontent-disposition: form-data; name=\"form_token\"\r\n\r\nTOKEN\r\n--edge\r\n\
                content-disposition: form-data; name=\"kind\"\r\n\r\nitems\r\n--edge\r\n\
                content-disposition: form-data; name=\"file\"; filename=\"items.csv\"\r\n\r\n\
                item,name,code\nNEW,New,CREAM-1\n\r\n--edge--\r\n";
    let request = root
        .request("POST", "/site/main/import")
        .header(header::CONTENT_TYPE, "multipart/form-data; boundary=edge")
        .body(Body::from(body.replace("TOKEN", &root.form_token())))
        .unwrap();
    let page = text(bench.ask(request).await).await;
    assert!(page.contains("Nothing was imported"), "{page}");
    let rows = bench.trail().await;
    let last = rows.last().unwrap();
    assert_eq!(
        (last.action.as_str(), last.outcome.as_str()),
        ("import", "refused")
    );
    assert_eq!(
        (last.subject.as_str(), last.detail.as_str()),
        ("items", "items.csv")
    );

    // One note is stored with one change: the second finds it taken.
    let note = AuditNote::new(bench.hub.now(), "root", "task.cancel");
    let pending = Pending::new(note);
    let cancel = |task: &'static str| {
        bench
            .hub
            .ledger()
            .cancel_task("main".to_owned(), task.to_owned(), bench.hub.now())
    };
    pending
        .around(async {
            cancel("P-1").await.unwrap();
            cancel("R-1").await.unwrap();
        })
        .await;
    assert!(pending.unwritten().is_none());
    assert_eq!(bench.trail().await.len(), rows.len() + 1);
    bench.check().await;
}

async fn rows_are_found_by_person_action_and_time_and_saved_as_a_file(store: Store) {
    let bench = Bench::empty(store, config()).await;
    bench.person("root", Role::Administrator, "*").await;
    for day in 0..3_i64 {
        for (actor, action) in [
            ("anna", "person.add"),
            ("bo", "person.change"),
            ("bo", "personal"),
        ] {
            let at = bench
                .hub
                .now()
                .saturating_add(jiff::SignedDuration::from_hours(24 * day))
                .unwrap();
            let mut note = AuditNote::new(at, actor, action);
            note.subject = "=HYPERLINK(\"evil\")".to_owned();
            note.outcome = Outcome::Done;
            bench.hub.audit(note).await.unwrap();
        }
    }
    let root = Browser::of(&bench, "root").await;
    for (asked, rows) in [
        ("", 9),
        ("actor=bo", 6),
        ("action=person", 6),
        ("action=person.add", 3),
        ("action=personal", 3),
        ("actor=bo&action=person&from=2026-11-24", 2),
        ("until=2026-11-23", 3),
        ("from=2026-11-24&until=2026-11-24", 3),
        ("actor=nobody-of-that-name", 0),
        ("actor=%00&action=%00", 0),
    ] {
        let page = root.page(&bench, &format!("/audit?{asked}")).await;
        assert_eq!(page.matches("class=\"state good\"").count(), rows, "{asked}");
        let file = root.page(&bench, &format!("/audit.csv?{asked}")).await;
        assert_eq!(file.lines().count(), rows + 1, "{asked}: {file}");
        assert!(!file.contains(",=") && !file.contains(",\"="), "{file}");
    }
    let file = root.page(&bench, "/audit.csv").await;
    assert!(file.contains("'=HYPERLINK"), "{file}");
}

async fn a_row_that_was_changed_or_removed_is_noticed(store: Store) {
    let bench = Bench::empty(store, config()).await;
    for number in 0..4 {
        let note = AuditNote::new(bench.hub.now(), format!("person-{number}"), "test");
        bench.hub.audit(note).await.unwrap();
    }
    assert_eq!(bench.hub.verify().await.unwrap().audit_rows, 4);
    let tampering = [
        (
            "UPDATE audit SET actor = 'somebody' WHERE number = 2",
            "does not fit the chain",
        ),
        ("DELETE FROM audit WHERE number = 3", "goes from row 2 to 4"),
        ("DELETE FROM audit WHERE number = 4", "ends with row 2"),
    ];
    match store {
        Store::File => {
            let Bench { hub, folder, .. } = bench;
            drop(hub);
            let file = folder.path().join("hub.db");
            let connection = rusqlite::Connection::open(&file).unwrap();
            for (sql, _) in tampering {
                assert!(
                    connection.execute(sql, []).is_err(),
                    "the store itself refuses: {sql}"
                );
            }
            connection
                .execute_batch("DROP TRIGGER audit_is_never_changed; DROP TRIGGER audit_is_never_cut")
                .unwrap();
            for (sql, said) in tampering {
                connection.execute(sql, []).unwrap();
                let proof = SqliteLedger::verify_file(&file).unwrap();
                assert!(
                    proof.findings.iter().any(|finding| finding.contains(said)),
                    "{sql}: {proof:#?}"
                );
            }
        }
        Store::Postgres => {
            let server = Server::shared().unwrap();
            let url = bench.hub.config().database.url.expose().to_owned();
            let database = url
                .split_once(":///")
                .unwrap()
                .1
                .split('?')
                .next()
                .unwrap()
                .to_owned();
            server.sql(
                &database,
                "ALTER TABLE tallyman.audit DISABLE TRIGGER audit_is_never_changed",
            );
            for (sql, said) in tampering {
                server.sql(&database, &sql.replace(" audit ", " tallyman.audit "));
                let proof = bench.hub.verify().await.unwrap();
                assert!(
                    proof.findings.iter().any(|finding| finding.contains(said)),
                    "{sql}: {proof:#?}"
                );
            }
        }
    }
}

async fn nothing_secret_is_written_down(store: Store) {
    let bench = Bench::empty(store, config()).await;
    bench.person_at_the_door("root", Role::Administrator, "*").await;
    let nobody = Browser::of_nobody();
    // A password in the field of the name.
    nobody.sign_in(&bench, "hunter2-in-the-wrong-field", "x").await;
    let (_, root) = nobody.sign_in(&bench, "root", PASSWORD).await;
    let fields = [
        ("new_password", "a much better one"),
        ("repeated", "a much better one"),
    ];
    bench.person("bo", Role::Worker, "main").await;
    root.post(&bench, "/people/bo/password", &fields).await;
    let page = text(
        root.post(&bench, "/api-keys", &[("name", "x"), ("all_sites", "on")])
            .await,
    )
    .await;
    let key = page
        .split_once("class=\"secret\">")
        .unwrap()
        .1
        .split('<')
        .next()
        .unwrap()
        .to_owned();
    let secret = key.rsplit('_').next().unwrap();
    let page = text(root.post(&bench, "/site/main/devices", &[("name", "Dock")]).await).await;
    let code = page
        .split_once("class=\"one-time\">")
        .unwrap()
        .1
        .split('<')
        .next()
        .unwrap()
        .to_owned();
    bench.device("main", "Handheld 1").await;
    let trail = format!("{:?}", bench.trail().await);
    let token = root.form_token();
    for secret in [PASSWORD, "hunter2", "a much better one", secret, &code, &token] {
        assert!(!trail.contains(secret), "{secret}");
    }
    assert!(
        trail.contains("api-key.make") && trail.contains("person.password"),
        "{trail}"
    );
}
