//! The pages: what they say, and what no other web page can make a browser do.

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use serde_json::json;

use super::bench::{Bench, Store, config, counted, get, on_both_stores, picked, text};
use crate::import::ImportKind;

on_both_stores![
    a_new_site_says_what_to_do_next,
    work_shows_with_its_progress,
    a_click_ends_an_exception,
    names_from_outside_stay_text,
    assets_are_served_and_what_is_not_there_is_said,
    other_web_pages_and_other_names_are_kept_out,
    files_come_in_by_page_and_by_program,
];

const PAGES: [&str; 9] = [
    "",
    "/tasks",
    "/stock",
    "/items",
    "/holds",
    "/counts",
    "/devices",
    "/exceptions",
    "/import",
];

/// What a person reads on a page: tags left out, one space for many.
async fn read(bench: &Bench, path: &str) -> String {
    let response = bench.ask(get(path, None)).await;
    assert_eq!(response.status(), StatusCode::OK, "{path}");
    let page = text(response).await;
    let mut words = String::new();
    let mut in_tag = false;
    for character in page.chars() {
        match character {
            '<' => in_tag = true,
            '>' => {
                in_tag = false;
                words.push(' ');
            }
            other if !in_tag => words.push(other),
            _ => {}
        }
    }
    words.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A page without the way around it.
async fn below_the_top(bench: &Bench, path: &str) -> String {
    let words = read(bench, path).await;
    // The foot of the overview is the one thing that differs from store to store.
    let words = words.replace(
        "No backup of the database was confirmed yet: devices keep all that they have. Run tallyman backup --confirmed-by \
         after each.",
        "No backup yet; the first one is made within 60 minutes.",
    );
    words
        .split_once("North hall ")
        .map_or(words.clone(), |(_, words)| words.to_owned())
}

fn form(path: &str, fields: &str) -> Request<Body> {
    Request::post(path)
        .header("host", "127.0.0.1:7070")
        .header("origin", "http://127.0.0.1:7070")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(Body::from(fields.to_owned()))
        .unwrap()
}

async fn a_new_site_says_what_to_do_next(store: Store) {
    let bench = Bench::empty(store, config()).await;
    insta::assert_snapshot!("a_new_site", below_the_top(&bench, "/site/main").await);
    for page in PAGES {
        read(&bench, &format!("/site/north{page}")).await;
    }
}

async fn work_shows_with_its_progress(store: Store) {
    let bench = Bench::new(store).await;
    let mut device = bench.device("main", "Handheld 1").await;
    device.confirm(picked("P-1", 1, "MILK", 6, "A-01"));
    device.confirm(picked("P-1", 2, "MILK", 5, "A-02"));
    device.confirm(counted("C-1", 1, "MILK", 13, "A-01"));
    device.confirm(
        json!({ "act": "location_counted", "task": "C-1", "line": 1, "to": { "location": "A-01" } }),
    );
    device.send_all(&bench).await;
    bench.clock.advance(std::time::Duration::from_secs(90));
    let mut all = String::new();
    for page in [
        "",
        "/tasks",
        "/tasks/P-1",
        "/stock",
        "/stock?by=item&text=milk",
        "/exceptions",
    ] {
        let path = format!("/site/main{page}");
        all.push_str(&format!("{path}\n    {}\n", below_the_top(&bench, &path).await));
    }
    insta::assert_snapshot!("work_with_its_progress", all);
    assert!(
        read(&bench, "/site/main/devices")
            .await
            .contains("Handheld 1 Here 3 waiting the oldest for 12 min Last heard 1 min ago")
    );
}

async fn a_click_ends_an_exception(store: Store) {
    let bench = Bench::new(store).await;
    let mut device = bench.device("main", "Handheld 1").await;
    device.confirm(counted("C-1", 1, "MILK", 13, "A-01"));
    device.confirm(
        json!({ "act": "location_counted", "task": "C-1", "line": 1, "to": { "location": "A-01" } }),
    );
    device.send_all(&bench).await;
    let variances = bench
        .hub
        .ledger()
        .exceptions("main".to_owned(), Default::default())
        .await
        .unwrap();
    let milk = variances
        .iter()
        .find(|exception| exception.item == "MILK")
        .unwrap()
        .exception;
    // Another site's page does not reach it.
    bench
        .ask(form(
            &format!("/site/north/exceptions/{milk}"),
            "resolution=accept_count",
        ))
        .await;
    assert_eq!(bench.balance("location", "A-01", "MILK").await, 20);
    let response = bench
        .ask(form(
            &format!("/site/main/exceptions/{milk}"),
            "resolution=accept_count",
        ))
        .await;
    assert_eq!(response.status(), StatusCode::SEE_OTHER);
    assert_eq!(bench.balance("location", "A-01", "MILK").await, 13);
    bench.check().await;
}

async fn names_from_outside_stay_text(store: Store) {
    let bench = Bench::empty(store, config()).await;
    let evil = "item,name,code\nX,<script>alert(1)</script>,X-1\n";
    bench.import("main", ImportKind::Items, evil).await;
    bench
        .import(
            "main",
            ImportKind::Stock,
            "location,item,quantity\n\"\"\"><b>\",X,1\n",
        )
        .await;
    let page = text(bench.ask(get("/site/main/stock", None)).await).await;
    assert!(
        !page.contains("<script>alert") && !page.contains("\"><b>"),
        "{page}"
    );
    assert!(page.contains("&lt;script&gt;"));
}

async fn assets_are_served_and_what_is_not_there_is_said(store: Store) {
    let bench = Bench::new(store).await;
    for asset in ["tallyman.css", "tallyman.svg", "htmx.min.js", "htmx-sse.min.js"] {
        assert_eq!(
            bench.ask(get(&format!("/assets/{asset}"), None)).await.status(),
            StatusCode::OK
        );
    }
    assert_eq!(
        bench.ask(get("/site/elsewhere", None)).await.status(),
        StatusCode::NOT_FOUND
    );
    assert_eq!(
        bench.ask(get("/nothing", None)).await.status(),
        StatusCode::NOT_FOUND
    );
}

async fn other_web_pages_and_other_names_are_kept_out(store: Store) {
    let bench = Bench::new(store).await;
    let with = |name: &'static str, value: &'static str| {
        let mut request = form("/site/main/devices", "name=x");
        request.headers_mut().insert(name, value.parse().unwrap());
        request
    };
    for (name, value, status) in [
        ("origin", "http://127.0.0.1:7070", StatusCode::OK),
        ("origin", "http://evil.example", StatusCode::FORBIDDEN),
        ("origin", "null", StatusCode::FORBIDDEN),
        ("sec-fetch-site", "cross-site", StatusCode::FORBIDDEN),
        ("host", "evil.example", StatusCode::MISDIRECTED_REQUEST),
        ("host", "127.evil.example", StatusCode::MISDIRECTED_REQUEST),
    ] {
        assert_eq!(
            bench.ask(with(name, value)).await.status(),
            status,
            "{name}: {value}"
        );
    }
}

async fn files_come_in_by_page_and_by_program(store: Store) {
    let bench = Bench::empty(store, config()).await;
    let samples = concat!(env!("CARGO_MANIFEST_DIR"), "/../../config/samples");
    for (kind, name) in [
        ("items", "items.csv"),
        ("items", "items.json"),
        ("locations", "locations.csv"),
        ("stock", "stock.csv"),
        ("tasks", "tasks.csv"),
        ("tasks", "tasks.json"),
        ("holds", "holds.csv"),
        ("reasons", "reasons.csv"),
    ] {
        let content = std::fs::read_to_string(format!("{samples}/{name}")).unwrap();
        let request = Request::post(format!("/v1/import/{kind}?site=main&name={name}"))
            .header("host", "localhost")
            .body(Body::from(content))
            .unwrap();
        let response = bench.ask(request).await;
        let status = response.status();
        assert_eq!(status, StatusCode::OK, "{name}: {}", text(response).await);
    }
    bench.check().await;
    let upload = "--edge\r\ncontent-disposition: form-data; name=\"kind\"\r\n\r\nlocations\r\n--edge\r\n\
                  content-disposition: form-data; name=\"file\"; filename=\"places.csv\"\r\n\r\nlocation,colour\nX,red\n\r\n\
                  --edge--\r\n";
    let mut request = form("/site/main/import", upload);
    request.headers_mut().insert(
        header::CONTENT_TYPE,
        "multipart/form-data; boundary=edge".parse().unwrap(),
    );
    let page = text(bench.ask(request).await).await;
    assert!(
        page.contains("line 1, column colour: There is no such column."),
        "{page}"
    );
}

#[test]
fn the_guide_names_every_column() {
    let guide = include_str!("../../../docs/imports.md");
    for kind in ImportKind::ALL {
        for column in kind.columns() {
            assert!(
                guide.contains(&format!("`{}`", column.name)),
                "docs/imports.md does not name {}",
                column.name
            );
        }
    }
}
