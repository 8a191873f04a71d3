//! People as devices know them: by their badge, with a language and a PIN.

use argon2::Argon2;
use argon2::PasswordVerifier as _;
use argon2::password_hash::phc::PasswordHash;
use axum::http::StatusCode;
use tallyman_floor::wire::v1::WorkerBody;

use super::bench::{Bench, Handheld, Store, config, on_both_stores};
use super::browser::Browser;
use crate::ledger::people::Role;

on_both_stores![
    devices_hear_of_people_with_a_badge,
    a_pin_goes_to_devices_as_a_hash
];

/// What changed for a device since it last asked: nothing, or everybody as `badge name language`.
async fn told(bench: &Bench, device: &Handheld, cursor: &mut Option<String>) -> Option<Vec<String>> {
    let delta = device.delta(bench, cursor.as_deref()).await;
    *cursor = Some(delta.cursor);
    let shown = |worker: &WorkerBody| {
        let language = worker.language.as_deref().unwrap_or("-");
        format!("{} {} {language}", worker.id, worker.name)
    };
    delta.workers.map(|workers| workers.iter().map(shown).collect())
}

async fn devices_hear_of_people_with_a_badge(store: Store) {
    let bench = Bench::new(store).await;
    bench.person("root", Role::Administrator, "*").await;
    let root = Browser::of(&bench, "root").await;
    let (main, north) = (
        bench.device("main", "Handheld 1").await,
        bench.device("north", "Handheld 2").await,
    );
    let (mut of_main, mut of_north) = (None, None);
    assert_eq!(
        told(&bench, &main, &mut of_main).await,
        Some(Vec::new()),
        "nobody has a badge"
    );
    assert_eq!(told(&bench, &north, &mut of_north).await, Some(Vec::new()));
    let add = async |login: &str, badge: &str, language: &str, site: &str| {
        let fields = [
            ("name", login),
            ("login", login),
            ("badge", badge),
            ("language", language),
            ("role", "worker"),
            ("site", site),
        ];
        root.post(&bench, "/people", &fields).await.status()
    };
    assert_eq!(add("jan", "B2", "de", "main").await, StatusCode::SEE_OTHER);
    assert_eq!(add("ida", "B1", "", "north").await, StatusCode::SEE_OTHER);
    assert_eq!(
        add("olaf", "B3", "tlh", "main").await,
        StatusCode::UNPROCESSABLE_ENTITY
    );
    let of_jan = |rest: &str| Some(vec![format!("B2 {rest}")]);
    assert_eq!(told(&bench, &main, &mut of_main).await, of_jan("jan de"));
    assert_eq!(
        told(&bench, &north, &mut of_north).await,
        Some(vec!["B1 ida -".to_owned()])
    );
    assert_eq!(told(&bench, &main, &mut of_main).await, None, "they were told");

    let change = async |fields: &[(&str, &str)]| {
        let mut all = vec![("name", "Jan P."), ("role", "worker"), ("site", "main")];
        all.extend(fields);
        let response = root.post(&bench, "/people/jan", &all).await;
        assert_eq!(response.status(), StatusCode::SEE_OTHER);
    };
    change(&[("badge", "B2"), ("language", "en")]).await;
    assert_eq!(told(&bench, &main, &mut of_main).await, of_jan("Jan P. en"));
    change(&[("badge", "B2"), ("language", "en")]).await;
    assert_eq!(
        told(&bench, &main, &mut of_main).await,
        None,
        "nothing was different"
    );
    change(&[("badge", "B2"), ("language", "en"), ("disabled", "on")]).await;
    assert_eq!(
        told(&bench, &main, &mut of_main).await,
        Some(Vec::new()),
        "who is disabled goes"
    );
    // A change of the plan says nothing of people.
    bench
        .import("main", crate::ImportKind::Locations, "location\nZ-9\n")
        .await;
    assert_eq!(told(&bench, &main, &mut of_main).await, None);
}

async fn a_pin_goes_to_devices_as_a_hash(store: Store) {
    let bench = Bench::empty(store, config()).await;
    bench.person("root", Role::Administrator, "*").await;
    let root = Browser::of(&bench, "root").await;
    let fields = [
        ("name", "Jan"),
        ("login", "jan"),
        ("badge", "B2"),
        ("role", "worker"),
        ("site", "main"),
    ];
    root.post(&bench, "/people", &fields).await;
    let device = bench.device("main", "Handheld 1").await;
    let mut cursor = None;
    let mut pin = async || {
        let delta = device.delta(&bench, cursor.as_deref()).await;
        cursor = Some(delta.cursor);
        delta.workers.map(|workers| workers[0].pin_hash.clone())
    };
    let set = async |pin: &str| {
        root.post(&bench, "/people/jan/pin", &[("pin", pin)])
            .await
            .status()
    };
    assert_eq!(pin().await, Some(None));
    assert_eq!(set("123").await, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(set("4711").await, StatusCode::SEE_OTHER);
    let stored = pin().await.unwrap().unwrap();
    let parsed = PasswordHash::new(&stored).unwrap();
    assert!(Argon2::default().verify_password(b"4711", &parsed).is_ok());
    assert!(Argon2::default().verify_password(b"4712", &parsed).is_err());
    assert_eq!(pin().await, None);
    assert!(
        root.page(&bench, "/people/jan")
            .await
            .contains("Devices ask for a PIN")
    );
    assert_eq!(set("").await, StatusCode::SEE_OTHER);
    assert_eq!(pin().await, Some(None), "it is taken away");
    let trail = bench.trail().await;
    let of_pins: Vec<(&str, &str)> = trail
        .iter()
        .filter(|row| row.action == "person.pin")
        .map(|row| (row.outcome.as_str(), row.detail.as_str()))
        .collect();
    assert_eq!(of_pins, [("refused", ""), ("done", ""), ("done", "none")]);
    assert!(trail.iter().all(|row| !row.detail.contains("4711")));
}
