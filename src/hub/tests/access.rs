//! Who may do what: every route for every role, own and foreign sites, and whoever shows a key or nothing.

use std::collections::BTreeSet;
use std::path::Path;

use axum::body::Body;
use axum::http::{StatusCode, header};

use super::bench::{Bench, Store, config, on_both_stores, text};
use super::browser::Browser;
use crate::access::table::{Needs, Row, TABLE};
use crate::ledger::people::Role;

on_both_stores![
    every_route_is_open_to_those_of_its_row_and_shut_to_all_others,
    no_way_of_writing_an_address_opens_a_foreign_site,
    a_form_of_another_session_does_nothing,
    an_api_key_is_shown_once_and_opens_imports_of_its_sites,
    figures_are_told_to_who_has_a_key_and_name_nobody,
];

/// The request of a row, in a site.
fn address(row: &Row, site: &str) -> String {
    let path = row.path.replace("{site}", site);
    let path = path
        .replace("{task}", "P-1")
        .replace("{exception}", "1")
        .replace("{login}", "somebody")
        .replace("{device}", "none")
        .replace("{key}", "NONE")
        .replace("{name}", "tallyman.css")
        .replace("{kind}", "locations");
    if row.needs == Needs::Integrate {
        format!("{path}?site={site}")
    } else {
        path
    }
}

/// What the table promises a person.
fn is_allowed(row: &Row, role: Option<Role>, is_own_site: bool) -> bool {
    let of_a_site = row.path.contains("{site}");
    match role {
        None => row.needs == Needs::Nothing,
        Some(role) => row.needs.is_met_by(role) && (!of_a_site || is_own_site || role == Role::Administrator),
    }
}

async fn every_route_is_open_to_those_of_its_row_and_shut_to_all_others(store: Store) {
    let bench = Bench::new(store).await;
    bench.person("somebody", Role::Worker, "main").await;
    for role in Role::ALL {
        // An administrator has no sites of their own: all are theirs.
        let sites = if role == Role::Administrator { "*" } else { "main" };
        bench.person(role.word(), role, sites).await;
    }
    let (mut opened, mut kept_out) = (0, 0);
    for row in TABLE {
        for role in [None].into_iter().chain(Role::ALL.map(Some)) {
            for (site, is_own_site) in [("main", true), ("north", false)] {
                // A new session for each: some of these end it.
                let browser = match role {
                    None => Browser::of_nobody(),
                    Some(role) => Browser::of(&bench, role.word()).await,
                };
                let path = address(row, site);
                let response = match row.method {
                    "GET" => browser.get(&bench, &path).await,
                    _ => browser.post(&bench, &path, &[]).await,
                };
                let what = format!("{} {path} as {role:?}: {}", row.method, response.status());
                let refused = matches!(
                    response.status(),
                    StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN
                ) || response
                    .headers()
                    .get(header::LOCATION)
                    .is_some_and(|whereto| whereto == "/sign-in");
                if !is_allowed(row, role, is_own_site) {
                    assert!(refused && !response.status().is_success(), "{what}");
                    kept_out += 1;
                } else if row.needs != Needs::Nothing && row.action != "sign-out" {
                    assert!(!refused && !response.status().is_server_error(), "{what}");
                    opened += 1;
                }
                bench.clock.advance(std::time::Duration::from_secs(61));
            }
        }
    }
    assert!(opened > 50 && kept_out > 200, "{opened} {kept_out}");
    bench.check().await;
}

async fn no_way_of_writing_an_address_opens_a_foreign_site(store: Store) {
    let bench = Bench::new(store).await;
    bench.person("lead", Role::Supervisor, "main").await;
    let lead = Browser::of(&bench, "lead").await;
    for (path, is_theirs) in [
        ("/site/main/tasks", true),
        ("/site/main/tasks?site=north", true),
        ("/site/north/tasks", false),
        ("/site/north/tasks?site=main", false),
        ("/site/%6eorth/tasks", false),
        ("/site/NORTH/tasks", false),
        ("/site/main%2F..%2Fnorth/tasks", false),
        ("/site/main/../north/tasks", false),
        ("/site//north/tasks", false),
        ("//site/north/tasks", false),
        ("/site/north/tasks/", false),
        ("/site/main%00/tasks", false),
        ("/people", false),
        ("/people/", false),
        ("/%70eople", false),
        ("/site/main/import", false),
    ] {
        for method in ["GET", "HEAD"] {
            let request = lead.request(method, path).body(Body::empty()).unwrap();
            let status = bench.ask(request).await.status();
            assert_eq!(status.is_success(), is_theirs, "{method} {path}: {status}");
        }
    }
    for method in ["PUT", "DELETE", "PATCH", "OPTIONS", "POST"] {
        let request = lead
            .request(method, "/site/north/tasks")
            .body(Body::empty())
            .unwrap();
        assert!(!bench.ask(request).await.status().is_success(), "{method}");
    }
    // The switch of sites names none of the others.
    assert!(!lead.page(&bench, "/site/main").await.contains("North hall"));
}

async fn a_form_of_another_session_does_nothing(store: Store) {
    let bench = Bench::new(store).await;
    bench.person("root", Role::Administrator, "*").await;
    let (one, other) = (
        Browser::of(&bench, "root").await,
        Browser::of(&bench, "root").await,
    );
    let cancel = "/site/main/tasks/P-1/cancel";
    let foreign = other.form_token();
    for fields in [
        &[][..],
        &[("form_token", "")],
        &[("form_token", foreign.as_str())],
    ] {
        let response = one.send(&bench, cancel, fields).await;
        assert_eq!(response.status(), StatusCode::FORBIDDEN, "{fields:?}");
    }
    let state = async || {
        let task = bench.hub.ledger().task("main".to_owned(), "P-1".to_owned()).await;
        task.unwrap().unwrap().summary.state
    };
    assert_eq!(state().await, "open");
    assert_eq!(
        one.post(&bench, cancel, &[]).await.status(),
        StatusCode::SEE_OTHER
    );
    assert_eq!(state().await, "cancelled");

    // A file carries the token as its first part.
    let upload = async |token: Option<&str>| {
        let part = |name: &str, rest: &str, value: &str| {
            format!("--edge\r\ncontent-disposition: form-data; name=\"{name}\"{rest}\r\n\r\n{value}\r\n")
        };
        let mut body = token
            .map(|token| part("form_token", "", token))
            .unwrap_or_default();
        body += &part("kind", "", "locations");
        body += &part("file", "; filename=\"places.csv\"", "location\nZ-99\n");
        body += "--edge--\r\n";
        let request = one
            .request("POST", "/site/main/import")
            .header(header::CONTENT_TYPE, "multipart/form-data; boundary=edge");
        bench.ask(request.body(Body::from(body)).unwrap()).await.status()
    };
    let has_place = async || {
        let names = bench.hub.ledger().names("main".to_owned()).await.unwrap();
        names.locations.contains("Z-99")
    };
    assert_eq!(upload(None).await, StatusCode::FORBIDDEN);
    assert_eq!(upload(Some(&foreign)).await, StatusCode::FORBIDDEN);
    assert!(!has_place().await);
    assert_eq!(upload(Some(&one.form_token())).await, StatusCode::OK);
    assert!(has_place().await);
}

async fn an_api_key_is_shown_once_and_opens_imports_of_its_sites(store: Store) {
    let bench = Bench::empty(store, config()).await;
    bench.person("root", Role::Administrator, "*").await;
    bench.person("erp", Role::Integrator, "main").await;
    bench.person("bo", Role::Integrator, "main north").await;
    let (root, erp, bo) = (
        Browser::of(&bench, "root").await,
        Browser::of(&bench, "erp").await,
        Browser::of(&bench, "bo").await,
    );
    let make = async |browser: &Browser, sites: &[(&str, &str)]| {
        let mut fields = vec![("name", "goods of the night")];
        fields.extend(sites);
        let page = text(browser.post(&bench, "/api-keys", &fields).await).await;
        let (_, rest) = page.split_once("class=\"secret\">").expect("a key");
        rest.split('<').next().unwrap().to_owned()
    };
    let import = async |key: &str, site: &str| {
        let request = Browser::at("10.0.0.7")
            .request("POST", &format!("/v1/import/locations?site={site}&format=csv"))
            .header(header::AUTHORIZATION, format!("Bearer {key}"));
        bench
            .ask(request.body(Body::from("location\nA-1\n")).unwrap())
            .await
            .status()
    };
    // What is not the maker's own is left out.
    let key = make(&erp, &[("site", "main"), ("site", "north")]).await;
    assert_eq!(import(&key, "main").await, StatusCode::OK);
    assert_eq!(import(&key, "north").await, StatusCode::FORBIDDEN);
    assert_eq!(import(&key, "main&site=north").await, StatusCode::FORBIDDEN);
    assert_eq!(import(&format!("{key}X"), "main").await, StatusCode::UNAUTHORIZED);
    assert_eq!(import("tlk_", "main").await, StatusCode::UNAUTHORIZED);
    let page = erp.page(&bench, "/api-keys").await;
    assert!(page.contains("goods of the night") && page.contains("from 10.0.0.7") && !page.contains(&key));
    assert!(
        !bo.page(&bench, "/api-keys").await.contains("goods of the night"),
        "it is another's"
    );

    // A key opens no page, and no device's route.
    for path in ["/site/main", "/v1/tasks"] {
        let request = Browser::of_nobody().request("GET", path);
        let request = request.header(header::AUTHORIZATION, format!("Bearer {key}"));
        let status = bench.ask(request.body(Body::empty()).unwrap()).await.status();
        assert!(!status.is_success(), "{path}");
    }

    // It does no more than its owner may.
    let wide = make(&bo, &[("site", "main"), ("site", "north")]).await;
    assert_eq!(import(&wide, "north").await, StatusCode::OK);
    let narrowed = [("name", "Bo"), ("role", "integrator"), ("site", "main")];
    root.post(&bench, "/people/bo", &narrowed).await;
    assert_eq!(import(&wide, "north").await, StatusCode::FORBIDDEN);
    let disabled = [
        ("name", "Bo"),
        ("role", "integrator"),
        ("site", "main"),
        ("disabled", "on"),
    ];
    root.post(&bench, "/people/bo", &disabled).await;
    assert_eq!(import(&wide, "main").await, StatusCode::UNAUTHORIZED);

    let public = key.split('_').nth(1).unwrap().to_owned();
    let of_bo = wide.split('_').nth(1).unwrap().to_owned();
    erp.post(&bench, &format!("/api-keys/{of_bo}/end"), &[]).await;
    let keys = bench.hub.ledger().api_keys(None).await.unwrap();
    assert!(
        keys.iter().all(|key| key.ended.is_none()),
        "nobody ends another's"
    );
    root.post(&bench, &format!("/api-keys/{public}/end"), &[]).await;
    assert_eq!(import(&key, "main").await, StatusCode::UNAUTHORIZED);
}

/// The routes that the sources register, as method and path.
fn routes_in(folder: &Path, found: &mut BTreeSet<(String, String)>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            routes_in(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs")
            && !path.ends_with("tests/access.rs")
        {
            let source = std::fs::read_to_string(&path).unwrap();
            for piece in source.split(".route(").skip(1) {
                let (_, rest) = piece.split_once('"').expect("a route's path");
                let (route, rest) = rest.split_once('"').expect("the path's end");
                let methods = rest
                    .split(".route(")
                    .next()
                    .unwrap()
                    .split(".layer(")
                    .next()
                    .unwrap();
                let methods = methods.split(';').next().unwrap();
                for method in ["get", "post", "put", "delete", "patch", "any"] {
                    let is_word =
                        |at: usize| !methods[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_');
                    let call = format!("{method}(");
                    if methods.match_indices(&call).any(|(at, _)| is_word(at)) {
                        found.insert((method.to_uppercase(), route.to_owned()));
                    }
                }
            }
        }
    }
}

#[test]
fn every_route_has_a_row_and_every_row_a_route() {
    let mut routes = BTreeSet::new();
    routes_in(Path::new(env!("CARGO_MANIFEST_DIR")), &mut routes);
    let rows: BTreeSet<(String, String)> = TABLE
        .iter()
        .map(|row| (row.method.to_owned(), row.path.to_owned()))
        .collect();
    assert_eq!(rows.len(), TABLE.len(), "a row is there twice");
    let without_row: Vec<_> = routes.difference(&rows).collect();
    assert!(
        without_row.is_empty(),
        "these routes are shut, because access/table.rs has no row that says who may use them: {without_row:?}"
    );
    let without_route: Vec<_> = rows.difference(&routes).collect();
    assert!(
        without_route.is_empty(),
        "these rows are for no route: {without_route:?}"
    );
}

async fn figures_are_told_to_who_has_a_key_and_name_nobody(store: Store) {
    let bench = Bench::new(store).await;
    bench.person("erp", Role::Integrator, "main").await;
    let erp = Browser::of(&bench, "erp").await;
    let fields = [("name", "monitoring"), ("site", "main")];
    let page = text(erp.post(&bench, "/api-keys", &fields).await).await;
    let (_, rest) = page.split_once("class=\"secret\">").expect("a key");
    let key = rest.split('<').next().unwrap().to_owned();
    let asked = async |key: &str| {
        let request = Browser::at("10.0.0.8").request("GET", "/metrics");
        let request = request.header(header::AUTHORIZATION, format!("Bearer {key}"));
        bench.ask(request.body(Body::empty()).unwrap()).await
    };
    assert_eq!(asked("tlk_WRONG_KEY").await.status(), StatusCode::UNAUTHORIZED);
    let told = text(asked(&key).await).await;
    for wanted in [
        "tallyman_hub_store_writable 1",
        "tallyman_hub_devices{site=\"main\"}",
        "tallyman_hub_tasks_open{site=\"main\",kind=",
    ] {
        assert!(told.contains(wanted), "{wanted} in\n{told}");
    }
    assert!(!told.contains("site=\"north\""), "another's site:\n{told}");
    assert!(!told.contains("erp"), "a person:\n{told}");
    let guide = include_str!("../../../docs/metrics.md");
    for line in told.lines().filter_map(|line| line.strip_prefix("# HELP ")) {
        let name = line.split(' ').next().unwrap();
        assert!(
            guide.contains(&format!("`{name}`")),
            "docs/metrics.md lacks {name}"
        );
    }
}

#[test]
fn what_changes_something_has_a_name_in_the_trail() {
    for row in TABLE {
        // What devices do is in their journals, and getting a token changes nothing that anybody sees.
        let of_devices = row.needs == Needs::DeviceToken || row.path.starts_with("/v1/device/");
        assert_eq!(
            row.action.is_empty(),
            row.method == "GET" || of_devices,
            "{row:?}"
        );
    }
}

/// The table as docs/people.md shows it.
fn as_markdown() -> String {
    let mut shown = String::from(
        "| request | nobody | worker | supervisor | administrator | integrator | program | in the trail |\n|---|---|---|---|---|---|---|---|\n",
    );
    for row in TABLE {
        let of_a_site = row.path.contains("{site}");
        let mark = |allowed: bool, all_sites: bool| match (allowed, of_a_site && !all_sites) {
            (false, _) => "",
            (true, false) => "yes",
            (true, true) => "own sites",
        };
        let roles: Vec<&str> = Role::ALL
            .iter()
            .map(|role| mark(row.needs.is_met_by(*role), *role == Role::Administrator))
            .collect();
        let program = match row.needs {
            Needs::Nothing => "yes",
            Needs::Integrate | Needs::Metrics => "its sites, by API key",
            Needs::DeviceToken => "a device, by its token",
            _ => "",
        };
        let action = if row.action.is_empty() {
            String::new()
        } else {
            format!("`{}`", row.action)
        };
        shown.push_str(&format!(
            "| `{} {}` | {} | {} | {program} | {action} |\n",
            row.method,
            row.path,
            mark(row.needs == Needs::Nothing, true),
            roles.join(" | "),
        ));
    }
    shown.lines().map(|line| line.replace("  ", " ") + "\n").collect()
}

#[test]
fn the_guide_shows_the_table() {
    let guide = include_str!("../../../docs/people.md");
    let table = as_markdown();
    assert!(
        guide.contains(&table),
        "docs/people.md has to show this table:\n{table}"
    );
}
