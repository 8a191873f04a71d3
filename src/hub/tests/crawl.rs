//! Every page that a link leads to: its headers, its forms, and that nothing in its text runs or is styled.

use std::collections::{BTreeSet, VecDeque};

use axum::http::{HeaderMap, StatusCode, header};
use axum::response::Response;
use tallyman_platform::config::Secret;

use super::bench::{Bench, Store, config, counted, on_both_stores, text};
use super::browser::{Browser, pages_of_the_table};
use crate::ledger::people::Role;

on_both_stores![
    every_page_that_a_link_leads_to_is_safe,
    pages_for_who_is_not_signed_in_are_safe_as_well,
];

/// The headers of a page.
fn check_headers(path: &str, headers: &HeaderMap) {
    let value = |name: &str| {
        let value = headers
            .get(name)
            .unwrap_or_else(|| panic!("{path} has no {name}"));
        value.to_str().unwrap().to_owned()
    };
    let policy = value("content-security-policy");
    for directive in [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    ] {
        assert!(policy.contains(directive), "{path}: {policy}");
    }
    assert!(
        !policy.contains("unsafe") && !policy.contains('*'),
        "{path}: {policy}"
    );
    assert_eq!(value("x-content-type-options"), "nosniff", "{path}");
    assert_eq!(value("x-frame-options"), "DENY", "{path}");
    assert_eq!(value("referrer-policy"), "same-origin", "{path}");
    assert_eq!(value("cache-control"), "no-store", "{path}");
}

/// The text of a page: nothing runs or is styled in it, and a form that changes something holds the token.
fn check_text(path: &str, page: &str, is_signed_in: bool) {
    for forbidden in [
        "style=\"",
        "<style",
        " onclick",
        " onload",
        " onsubmit",
        "javascript:",
        " hx-on",
    ] {
        assert!(!page.contains(forbidden), "{path} has {forbidden}");
    }
    let scripts = page.matches("<script").count();
    assert_eq!(scripts, page.matches("<script src=\"/assets/").count(), "{path}");
    for form in page.split("<form").skip(1) {
        let form = form.split("</form>").next().unwrap();
        if is_signed_in && form.contains("method=\"post\"") {
            let first = form.split_once('>').unwrap().1;
            // First, so that a form for a file need not be read whole to find it.
            assert!(
                first.starts_with("<input type=\"hidden\" name=\"form_token\" value=\""),
                "{path}: a form without its token: {form}"
            );
        }
    }
}

fn links(page: &str) -> impl Iterator<Item = String> {
    let after = |mark| page.split(mark).skip(1);
    let quoted = after("href=\"").chain(after("<img src=\""));
    let quoted = quoted.filter_map(|rest| rest.split('"').next());
    let here = quoted.filter(|link| link.starts_with('/') && !link.starts_with("/assets/"));
    here.map(|link| link.replace("&amp;", "&"))
}

async fn read(response: Response, path: &str, is_signed_in: bool) -> String {
    check_headers(path, response.headers());
    let is_page = response
        .headers()
        .get(header::CONTENT_TYPE)
        .is_some_and(|kind| kind.to_str().unwrap().starts_with("text/html"));
    let page = text(response).await;
    if is_page {
        check_text(path, &page, is_signed_in);
        keep_to_look_at(path, &page);
    }
    page
}

/// Writes a page into the folder that `TALLYMAN_PAGES` names, to look at it in a browser without a hub.
fn keep_to_look_at(path: &str, page: &str) {
    let Some(folder) = std::env::var_os("TALLYMAN_PAGES").map(std::path::PathBuf::from) else {
        return;
    };
    let name: String = path
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '_' })
        .collect();
    std::fs::create_dir_all(folder.join("assets")).unwrap();
    std::fs::write(
        folder.join(format!("{name}.html")),
        page.replace("\"/assets/", "\"assets/"),
    )
    .unwrap();
    let assets = concat!(env!("CARGO_MANIFEST_DIR"), "/pages/assets");
    for asset in std::fs::read_dir(assets).unwrap() {
        let asset = asset.unwrap();
        std::fs::copy(asset.path(), folder.join("assets").join(asset.file_name())).unwrap();
    }
}

async fn every_page_that_a_link_leads_to_is_safe(store: Store) {
    let bench = Bench::new(store).await;
    let mut device = bench.device("main", "Handheld 1").await;
    device.confirm(counted("C-1", 1, "MILK", 13, "A-01"));
    device.confirm(serde_json::json!({
        "act": "location_counted", "task": "C-1", "line": 1, "to": { "location": "A-01" }
    }));
    device.send_all(&bench).await;
    let picture = super::pictures::png(300, 200);
    bench.hub.set_picture("main", "MILK", picture).await.unwrap();
    bench.person("root", Role::Administrator, "*").await;
    bench.person("login", Role::Supervisor, "main").await;
    let root = Browser::of(&bench, "root").await;
    let other = Browser::of(&bench, "root").await;
    other
        .post(&bench, "/api-keys", &[("name", "ERP"), ("all_sites", "on")])
        .await;
    other
        .post(&bench, "/site/main/counts", &[("kind", "inventory")])
        .await;
    for _ in 0..120 {
        other
            .post(
                &bench,
                "/people/login",
                &[("name", "A"), ("role", "supervisor"), ("site", "main")],
            )
            .await;
    }

    let mut waiting = VecDeque::from([
        "/".to_owned(),
        "/nothing".to_owned(),
        "/site/elsewhere".to_owned(),
    ]);
    let mut seen: BTreeSet<String> = waiting.iter().cloned().collect();
    let mut forms = 0;
    while let Some(path) = waiting.pop_front() {
        let response = root.get(&bench, &path).await;
        if path.contains("/pictures/") {
            assert_eq!(response.status(), StatusCode::OK, "{path}");
            assert_eq!(response.headers()["content-type"], "image/png", "{path}");
            assert_eq!(response.headers()["x-content-type-options"], "nosniff", "{path}");
            continue;
        }
        let status = response.status();
        let whereto = response
            .headers()
            .get(header::LOCATION)
            .map(|to| to.to_str().unwrap().to_owned());
        let page = read(response, &path, true).await;
        let expected = ["/nothing", "/site/elsewhere"].contains(&path.as_str());
        assert_eq!(status == StatusCode::NOT_FOUND, expected, "{path}: {status}");
        assert!(!status.is_server_error(), "{path}");
        forms += page.matches("name=\"form_token\"").count();
        for link in links(&page).chain(whereto) {
            if seen.insert(link.clone()) {
                waiting.push_back(link);
            }
        }
    }
    assert!(forms > 10, "{forms}");
    // Nothing is there that no link leads to.
    for path in pages_of_the_table().filter(|path| !["/sign-in"].contains(path)) {
        let wanted = path
            .replace("{site}", "main")
            .replace("{task}", "P-1")
            .replace("{login}", "login");
        // What else a path names, as a device or an exception, may be any one.
        let is_wanted = |link: &str| {
            let (link, wanted) = (link.split('/'), wanted.split('/'));
            link.clone().count() == wanted.clone().count()
                && link
                    .zip(wanted)
                    .all(|(part, wanted)| wanted.starts_with('{') || part == wanted)
        };
        let found = seen
            .iter()
            .any(|link| is_wanted(link.split('?').next().unwrap_or_default()));
        assert!(found, "no link leads to {path}: {seen:?}");
    }
    assert!(
        seen.iter().any(|link| link.contains("before=")),
        "the second page of the trail"
    );
    // Answers to forms are pages as well.
    for (path, fields) in [
        ("/people", &[("name", "")][..]),
        ("/people/login", &[("name", "")]),
        (
            "/people/login/password",
            &[("new_password", "x"), ("repeated", "y")],
        ),
        ("/api-keys", &[("name", "again"), ("all_sites", "on")]),
        ("/api-keys", &[("name", "")]),
        ("/account/password", &[("password", "x")]),
        ("/site/main/devices", &[("name", "Dock 2")]),
        ("/site/main/tasks/NONE/cancel", &[]),
    ] {
        let response = root.post(&bench, path, fields).await;
        assert_ne!(response.status(), StatusCode::SEE_OTHER, "{path}");
        read(response, path, true).await;
    }
    let response = root.send(&bench, "/people", &[]).await;
    assert_eq!(response.status(), StatusCode::FORBIDDEN);
    read(response, "/people without a token", true).await;
    bench.person("worker", Role::Worker, "main").await;
    let worker = Browser::of(&bench, "worker").await;
    let response = worker.get(&bench, "/audit").await;
    assert_eq!(response.status(), StatusCode::FORBIDDEN);
    read(response, "/audit for a worker", true).await;
}

async fn pages_for_who_is_not_signed_in_are_safe_as_well(store: Store) {
    let mut keyed = config();
    keyed.access_key = Secret::new("a long random access key");
    let open = Bench::empty(store, config()).await;
    let keyed = Bench::empty(store, keyed).await;
    let peopled = Bench::empty(store, config()).await;
    peopled.person("root", Role::Administrator, "*").await;
    for (what, bench) in [("open", &open), ("keyed", &keyed), ("peopled", &peopled)] {
        let nobody = Browser::of_nobody();
        for path in pages_of_the_table() {
            let path = path
                .replace("{site}", "main")
                .replace("{task}", "P-1")
                .replace("{login}", "x");
            let response = nobody.get(bench, &path).await;
            read(response, &format!("{what} {path}"), false).await;
        }
        for path in ["/sign-in", "/first-administrator", "/site/main/devices"] {
            let response = nobody.send(bench, path, &[]).await;
            read(response, &format!("{what} {path}"), false).await;
        }
    }
}
