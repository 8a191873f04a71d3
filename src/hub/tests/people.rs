//! People at the hub: the first of them, signing in, and what an administrator does about them.

use std::time::Duration;

use axum::http::{StatusCode, header};
use serde_json::json;
use tallyman_platform::config::Secret;

use super::bench::{Bench, Store, config, on_both_stores, picked, post, text};
use super::browser::{Browser, PASSWORD};
use crate::config::HubConfig;
use crate::ledger::people::{PersonAnswer, Role};

on_both_stores![
    the_first_administrator_is_made_with_the_key_and_only_once,
    a_hub_on_loopback_is_open_until_there_is_somebody,
    an_unknown_name_and_a_wrong_password_get_the_same_answer,
    guessing_is_slowed_and_locks_nobody_out,
    people_are_added_and_changed_with_care,
    there_is_always_an_administrator,
    names_stand_beside_what_was_confirmed,
    a_weaker_hash_is_replaced_when_its_password_is_found_right,
];

const KEY: &str = "a long random access key";

fn with_key() -> HubConfig {
    let mut config = config();
    config.access_key = Secret::new(KEY);
    config
}

fn first(key: &str) -> [(&'static str, String); 5] {
    [
        ("key", key.to_owned()),
        ("name", "Anna K.".to_owned()),
        ("login", "Anna".to_owned()),
        ("new_password", PASSWORD.to_owned()),
        ("repeated", PASSWORD.to_owned()),
    ]
}

async fn make_first(bench: &Bench, key: &str) -> axum::response::Response {
    let fields = first(key);
    let fields: Vec<(&str, &str)> = fields
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    Browser::of_nobody()
        .send(bench, "/first-administrator", &fields)
        .await
}

async fn import_with(bench: &Bench, key: &str) -> StatusCode {
    let path = "/v1/import/locations?site=main&format=csv";
    bench.ask(post(path, Some(key), &json!("x"))).await.status()
}

async fn the_first_administrator_is_made_with_the_key_and_only_once(store: Store) {
    let bench = Bench::empty(store, with_key()).await;
    let nobody = Browser::of_nobody();
    let response = nobody.get(&bench, "/site/main").await;
    assert_eq!(response.headers()[header::LOCATION], "/sign-in");
    assert!(nobody.page(&bench, "/sign-in").await.contains("Access key"));
    // The key is no password: until there is somebody it opens imports, as it always did.
    assert_eq!(import_with(&bench, "wrong").await, StatusCode::UNAUTHORIZED);
    assert_eq!(import_with(&bench, KEY).await, StatusCode::UNPROCESSABLE_ENTITY);

    assert_eq!(make_first(&bench, "wrong").await.status(), StatusCode::FORBIDDEN);
    assert!(!bench.hub.people_exist().await.unwrap());
    let response = make_first(&bench, KEY).await;
    assert_eq!(response.headers()[header::LOCATION], "/people");
    let anna = nobody.after(&response);
    assert!(anna.page(&bench, "/people").await.contains("Anna K."));

    assert_eq!(
        make_first(&bench, KEY).await.status(),
        StatusCode::FORBIDDEN,
        "it is made once"
    );
    assert!(!nobody.page(&bench, "/sign-in").await.contains("Access key"));
    assert_eq!(import_with(&bench, KEY).await, StatusCode::UNAUTHORIZED);
    let (_, anna) = nobody.sign_in(&bench, "anna", PASSWORD).await;
    assert_eq!(anna.status(&bench, "/site/main").await, StatusCode::OK);
}

async fn a_hub_on_loopback_is_open_until_there_is_somebody(store: Store) {
    let bench = Bench::empty(store, config()).await;
    let anybody = Browser::of_nobody();
    assert!(
        anybody
            .page(&bench, "/site/main")
            .await
            .contains("Open to everybody on this machine")
    );
    assert_eq!(import_with(&bench, "any").await, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(!anybody.page(&bench, "/people").await.contains("Access key"));
    let response = make_first(&bench, "").await;
    assert_eq!(response.headers()[header::LOCATION], "/people");
    let response = anybody.get(&bench, "/site/main").await;
    assert_eq!(response.headers()[header::LOCATION], "/sign-in");
    assert_eq!(import_with(&bench, "any").await, StatusCode::UNAUTHORIZED);
    let said = anybody.after(&make_first(&bench, "").await);
    assert!(said.token.is_none());
    // It stays shut when it starts anew.
    let bench = bench.reopened().await;
    assert_eq!(anybody.status(&bench, "/site/main").await, StatusCode::SEE_OTHER);
}

async fn an_unknown_name_and_a_wrong_password_get_the_same_answer(store: Store) {
    let bench = Bench::empty(store, config()).await;
    bench.person_at_the_door("anna", Role::Supervisor, "main").await;
    bench.person_at_the_door("gone", Role::Supervisor, "main").await;
    bench.person("badge", Role::Worker, "main").await;
    let mut gone = bench
        .hub
        .ledger()
        .person_at_door("gone".to_owned())
        .await
        .unwrap()
        .unwrap()
        .person
        .setting;
    gone.disabled = true;
    bench.person("root", Role::Administrator, "*").await;
    assert_eq!(
        bench.hub.ledger().change_person(gone).await.unwrap(),
        PersonAnswer::Done
    );
    let mut answers = Vec::new();
    for (login, password) in [
        ("anna", "wrong horse battery"),
        ("nobody-of-that-name", PASSWORD),
        ("gone", PASSWORD),
        ("badge", PASSWORD),
        ("an\0na", PASSWORD),
        (&"a".repeat(10_000), PASSWORD),
        ("", ""),
    ] {
        let (response, browser) = Browser::of_nobody().sign_in(&bench, login, password).await;
        assert!(browser.token.is_none());
        let status = response.status();
        // What was typed stands in the form again.
        let page = text(response)
            .await
            .replace(&format!("value=\"{login}\""), "value=\"\"");
        answers.push((status, page.replace(" autofocus", "")));
        bench.clock.advance(Duration::from_secs(60));
    }
    assert_eq!(answers[0].0, StatusCode::FORBIDDEN);
    for answer in &answers {
        assert_eq!(answer, &answers[0]);
    }
    let (response, browser) = Browser::of_nobody().sign_in(&bench, " ANNA ", PASSWORD).await;
    assert_eq!(response.status(), StatusCode::SEE_OTHER);
    assert!(browser.token.is_some());
}

async fn guessing_is_slowed_and_locks_nobody_out(store: Store) {
    let bench = Bench::empty(store, config()).await;
    bench.person_at_the_door("anna", Role::Supervisor, "main").await;
    let desk = Browser::at("10.0.0.5");
    let (response, _) = desk.sign_in(&bench, "anna", PASSWORD).await;
    assert_eq!(response.status(), StatusCode::SEE_OTHER);
    // From many addresses, so that only the name's limit can help.
    let strangers = [
        "10.9.0.1", "10.9.0.2", "10.9.0.3", "10.9.0.4", "10.9.0.5", "10.9.0.6", "10.9.0.7",
    ];
    let mut slowed = 0;
    for address in strangers {
        let (response, _) = Browser::at(address)
            .sign_in(&bench, "anna", "a wrong guess")
            .await;
        if response.status() == StatusCode::TOO_MANY_REQUESTS {
            assert!(response.headers().contains_key(header::RETRY_AFTER));
            slowed += 1;
        }
    }
    assert!(slowed >= 2, "{slowed}");
    // A stranger with the right password waits as well: they cannot be told apart.
    let (response, _) = Browser::at("10.9.0.8").sign_in(&bench, "anna", PASSWORD).await;
    assert_eq!(response.status(), StatusCode::TOO_MANY_REQUESTS);
    // Who was here before does not.
    let (response, _) = desk.sign_in(&bench, "anna", PASSWORD).await;
    assert_eq!(response.status(), StatusCode::SEE_OTHER);
    // An address has a limit of its own, whatever the names.
    let mut last = StatusCode::OK;
    for number in 0..11 {
        let (response, _) = Browser::at("10.8.0.1")
            .sign_in(&bench, &format!("name-{number}"), "x")
            .await;
        last = response.status();
    }
    assert_eq!(last, StatusCode::TOO_MANY_REQUESTS);
    bench.clock.advance(Duration::from_secs(60));
    let (response, _) = Browser::at("10.9.0.8").sign_in(&bench, "anna", PASSWORD).await;
    assert_eq!(response.status(), StatusCode::SEE_OTHER, "it is not for good");
}

async fn people_are_added_and_changed_with_care(store: Store) {
    let bench = Bench::empty(store, config()).await;
    bench.person("root", Role::Administrator, "*").await;
    let root = Browser::of(&bench, "root").await;
    let add = async |login: &str, role: &str, badge: &str, password: &str| {
        let fields = [
            ("name", "Somebody"),
            ("login", login),
            ("role", role),
            ("badge", badge),
            ("site", "main"),
            ("new_password", password),
            ("repeated", password),
        ];
        let response = root.post(&bench, "/people", &fields).await;
        (response.status(), text(response).await)
    };
    assert_eq!(add("anna", "worker", "A1", "").await.0, StatusCode::SEE_OTHER);
    assert_eq!(
        add("bo", "supervisor", "", PASSWORD).await.0,
        StatusCode::SEE_OTHER
    );
    for (login, role, badge, password, said) in [
        (
            "anna",
            "worker",
            "",
            "",
            "Somebody has the login name anna already",
        ),
        ("cy", "worker", "A1", "", "The badge A1 belongs to anna already"),
        ("cy", "supervisor", "", "", "at least 12 characters"),
        ("c y", "worker", "", "", "A login name has"),
    ] {
        let (status, page) = add(login, role, badge, password).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{said}");
        assert!(page.contains(said), "{said}: {page}");
    }
    assert_eq!(bench.hub.ledger().people().await.unwrap().len(), 3);
    let change = [
        ("name", "Bo"),
        ("role", "supervisor"),
        ("site", "main"),
        ("badge", "A1"),
    ];
    let response = root.post(&bench, "/people/bo", &change).await;
    assert!(
        text(response)
            .await
            .contains("The badge A1 belongs to anna already")
    );
    assert_eq!(root.status(&bench, "/people/nobody").await, StatusCode::NOT_FOUND);
}

async fn there_is_always_an_administrator(store: Store) {
    let bench = Bench::empty(store, config()).await;
    bench.person("root", Role::Administrator, "*").await;
    let root = Browser::of(&bench, "root").await;
    let less = [("name", "Root"), ("role", "supervisor"), ("all_sites", "on")];
    let disabled = [
        ("name", "Root"),
        ("role", "administrator"),
        ("all_sites", "on"),
        ("disabled", "on"),
    ];
    for fields in [&less[..], &disabled[..]] {
        let response = root.post(&bench, "/people/root", fields).await;
        assert_eq!(response.status(), StatusCode::UNPROCESSABLE_ENTITY);
        assert!(text(response).await.contains("last administrator"));
    }
    bench.person("other", Role::Administrator, "*").await;
    let response = root.post(&bench, "/people/root", &less).await;
    assert_eq!(response.status(), StatusCode::SEE_OTHER);
    assert_eq!(
        root.status(&bench, "/people").await,
        StatusCode::SEE_OTHER,
        "and the session has ended"
    );
}

async fn names_stand_beside_what_was_confirmed(store: Store) {
    let bench = Bench::new(store).await;
    let mut device = bench.device("main", "Handheld 1").await;
    device.confirm(picked("P-1", 1, "MILK", 6, "A-01"));
    device.send_all(&bench).await;
    bench.person("root", Role::Administrator, "*").await;
    let root = Browser::of(&bench, "root").await;
    assert!(root.page(&bench, "/site/main").await.contains("<b>ANNA</b>"));
    let fields = [
        ("name", "Anna K."),
        ("login", "anna"),
        ("role", "worker"),
        ("badge", "ANNA"),
        ("site", "main"),
    ];
    root.post(&bench, "/people", &fields).await;
    for page in ["/site/main", "/site/main/tasks/P-1", "/site/main/devices"] {
        assert!(root.page(&bench, page).await.contains("Anna K."), "{page}");
    }
}

async fn a_weaker_hash_is_replaced_when_its_password_is_found_right(store: Store) {
    use argon2::PasswordHasher as _;
    let bench = Bench::empty(store, config()).await;
    bench.person("anna", Role::Supervisor, "main").await;
    let params = argon2::Params::new(1_024, 1, 1, None).unwrap();
    let weak = argon2::Argon2::new(argon2::Algorithm::Argon2id, argon2::Version::V0x13, params)
        .hash_password_with_salt(PASSWORD.as_bytes(), &[1; 16])
        .unwrap()
        .to_string();
    bench
        .hub
        .ledger()
        .set_password("anna".to_owned(), weak.clone(), None)
        .await
        .unwrap();
    let (_, anna) = Browser::of_nobody().sign_in(&bench, "anna", PASSWORD).await;
    assert_eq!(anna.status(&bench, "/account").await, StatusCode::OK);
    let kept = bench
        .hub
        .ledger()
        .person_at_door("anna".to_owned())
        .await
        .unwrap()
        .unwrap()
        .password;
    assert!(kept != weak && kept.contains("m=19456"), "{kept}");
    let (_, again) = Browser::of_nobody().sign_in(&bench, "anna", PASSWORD).await;
    assert_eq!(again.status(&bench, "/account").await, StatusCode::OK);
}

#[tokio::test]
async fn a_store_of_an_earlier_version_gets_people() {
    use tallyman_platform::sqlite::{FileKind, migrate_to};
    let bench = Bench::empty(Store::File, config()).await;
    let Bench { hub, clock, folder } = bench;
    drop(hub);
    let file = folder.path().join("hub.db");
    std::fs::remove_file(&file).unwrap();
    let mut connection = rusqlite::Connection::open(&file).unwrap();
    let options = crate::ledger::sqlite::options();
    migrate_to(&mut connection, FileKind::HUB_STORE, options.schema, 1).unwrap();
    connection
        .execute(
            "INSERT INTO hub (id, generation, created_us) VALUES (1, 'FIRST', 0)",
            [],
        )
        .unwrap();
    drop(connection);
    let hub = super::bench::open(&folder, &clock, config()).await;
    assert_eq!(hub.ledger().generation(), "FIRST");
    let bench = Bench { hub, clock, folder };
    bench.person("root", Role::Administrator, "*").await;
    bench.check().await;
}
