//! Sessions: another one at each sign-in, and what ends one.

use std::time::Duration;

use axum::http::{StatusCode, header};

use super::bench::{Bench, Store, config, on_both_stores, text};
use super::browser::{Browser, PASSWORD};
use crate::ledger::people::Role;
use crate::ledger::sessions::Which;

on_both_stores![
    a_session_is_another_one_each_time_and_ends_by_the_clock,
    sessions_end_with_what_they_rest_on,
    a_session_is_taken_by_every_hub_on_the_store,
    a_person_signs_out_elsewhere_and_changes_their_password,
];

async fn a_session_is_another_one_each_time_and_ends_by_the_clock(store: Store) {
    let bench = Bench::empty(store, config()).await;
    bench.person_at_the_door("anna", Role::Supervisor, "main").await;
    let (response, one) = Browser::of_nobody().sign_in(&bench, "anna", PASSWORD).await;
    let cookie = response.headers()[header::SET_COOKIE].to_str().unwrap();
    assert!(
        cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"),
        "{cookie}"
    );
    // Whoever planted a session in the browser does not get the one that begins.
    let (_, two) = one.sign_in(&bench, "anna", PASSWORD).await;
    assert!(one.token != two.token);
    let minutes = |minutes: u64| Duration::from_secs(60 * minutes);
    // Used again and again it stays, until it is old.
    for _ in 0..16 {
        bench.clock.advance(minutes(50));
        assert_eq!(two.status(&bench, "/account").await, StatusCode::OK);
    }
    assert_eq!(
        one.status(&bench, "/account").await,
        StatusCode::SEE_OTHER,
        "it rested"
    );
    bench.clock.advance(minutes(50));
    assert_eq!(
        two.status(&bench, "/account").await,
        StatusCode::SEE_OTHER,
        "14 hours are over"
    );

    // What a page fetches by itself keeps nothing awake, and is told where to sign in.
    let three = Browser::of(&bench, "anna").await;
    let fetch = async || {
        let request = three.request("GET", "/site/main").header("hx-request", "true");
        bench.ask(request.body(axum::body::Body::empty()).unwrap()).await
    };
    bench.clock.advance(minutes(40));
    assert_eq!(fetch().await.status(), StatusCode::OK);
    bench.clock.advance(minutes(40));
    let response = fetch().await;
    assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(response.headers()["hx-redirect"], "/sign-in");
}

async fn sessions_end_with_what_they_rest_on(store: Store) {
    let bench = Bench::empty(store, config()).await;
    bench.person("root", Role::Administrator, "*").await;
    bench.person("anna", Role::Supervisor, "main").await;
    let root = Browser::of(&bench, "root").await;
    let setting = |role: &'static str, site: &'static str| {
        [("name", "Anna"), ("role", role), ("site", site), ("badge", "")]
    };
    for (what, path, fields, ends) in [
        (
            "a name",
            "/people/anna",
            &setting("supervisor", "main")[..],
            false,
        ),
        ("a role", "/people/anna", &setting("integrator", "main")[..], true),
        (
            "other sites",
            "/people/anna",
            &setting("integrator", "north")[..],
            true,
        ),
        (
            "a password",
            "/people/anna/password",
            &[
                ("new_password", "another good one"),
                ("repeated", "another good one"),
            ],
            true,
        ),
        ("an administrator", "/people/anna/sign-out", &[], true),
        (
            "disabling",
            "/people/anna",
            &[
                ("name", "Anna"),
                ("role", "integrator"),
                ("site", "north"),
                ("disabled", "on"),
            ],
            true,
        ),
    ] {
        let anna = Browser::of(&bench, "anna").await;
        let response = root.post(&bench, path, fields).await;
        assert_eq!(
            response.status(),
            StatusCode::SEE_OTHER,
            "{what}: {}",
            text(response).await
        );
        let status = anna.status(&bench, "/account").await;
        assert_eq!(status == StatusCode::SEE_OTHER, ends, "{what}");
    }
    let root_again = Browser::of(&bench, "root").await;
    let response = root_again.post(&bench, "/sign-out", &[]).await;
    assert!(
        response.headers()[header::SET_COOKIE]
            .to_str()
            .unwrap()
            .contains("Max-Age=0")
    );
    assert_eq!(root_again.status(&bench, "/people").await, StatusCode::SEE_OTHER);
    assert_eq!(
        root.status(&bench, "/people").await,
        StatusCode::OK,
        "the other session goes on"
    );
}

async fn a_session_is_taken_by_every_hub_on_the_store(store: Store) {
    let bench = Bench::empty(store, config()).await;
    bench.person("anna", Role::Supervisor, "main").await;
    let anna = Browser::of(&bench, "anna").await;
    let other = match store {
        Store::Postgres => bench.beside().await,
        // A file has one hub at a time: the same one, started anew.
        Store::File => bench.reopened().await,
    };
    assert_eq!(anna.status(&other, "/site/main").await, StatusCode::OK);
    let found = other
        .hub
        .ledger()
        .end_sessions("anna".to_owned(), Which::All)
        .await
        .unwrap();
    assert!(found);
    assert_eq!(anna.status(&other, "/site/main").await, StatusCode::SEE_OTHER);
}

async fn a_person_signs_out_elsewhere_and_changes_their_password(store: Store) {
    let bench = Bench::empty(store, config()).await;
    bench.person_at_the_door("anna", Role::Worker, "main").await;
    bench.person("bo", Role::Worker, "main").await;
    let (here, there) = (
        Browser::of(&bench, "anna").await,
        Browser::of(&bench, "anna").await,
    );
    let bo = Browser::of(&bench, "bo").await;
    let page = here.page(&bench, "/account").await;
    assert_eq!(page.matches("name=\"session\"").count(), 3, "{page}");
    // A session of somebody else is none of theirs.
    let sessions = bench.hub.ledger().sessions("bo".to_owned()).await.unwrap();
    let of_bo = crate::access::session::hex(&sessions[0].token_hash);
    here.post(&bench, "/account/sessions", &[("session", &of_bo)])
        .await;
    assert_eq!(bo.status(&bench, "/account").await, StatusCode::OK);
    here.post(&bench, "/account/sessions", &[("session", "others")])
        .await;
    assert_eq!(there.status(&bench, "/account").await, StatusCode::SEE_OTHER);

    let there = Browser::of(&bench, "anna").await;
    for (old, new, repeated, status) in [
        (
            "wrong",
            "a much better one",
            "a much better one",
            StatusCode::FORBIDDEN,
        ),
        (PASSWORD, "short", "short", StatusCode::UNPROCESSABLE_ENTITY),
        (
            PASSWORD,
            "my name is anna",
            "my name is anna",
            StatusCode::UNPROCESSABLE_ENTITY,
        ),
        (
            PASSWORD,
            "a much better one",
            "another one",
            StatusCode::UNPROCESSABLE_ENTITY,
        ),
        (
            PASSWORD,
            "a much better one",
            "a much better one",
            StatusCode::SEE_OTHER,
        ),
    ] {
        let fields = [("password", old), ("new_password", new), ("repeated", repeated)];
        let response = here.post(&bench, "/account/password", &fields).await;
        assert_eq!(response.status(), status, "{old} {new}");
    }
    assert_eq!(here.status(&bench, "/account").await, StatusCode::OK);
    assert_eq!(there.status(&bench, "/account").await, StatusCode::SEE_OTHER);
    let (response, _) = Browser::of_nobody().sign_in(&bench, "anna", PASSWORD).await;
    assert_eq!(response.status(), StatusCode::FORBIDDEN);
    let (response, _) = Browser::of_nobody()
        .sign_in(&bench, "anna", "a much better one")
        .await;
    assert_eq!(response.status(), StatusCode::SEE_OTHER);
}
