//! Set-up codes: for one device and for a group, with and without approval; what is printed; and what screens show.

use axum::http::StatusCode;
use serde_json::{Value, json};
use tallyman_floor::wire::set_up::{SetUpCode, Wifi};
use tallyman_floor::wire::v1::{Enrolled, Problem, Receipt};

use super::bench::{Bench, Handheld, Store, config, on_both_stores, read, signed, text};
use super::browser::Browser;
use super::signer::Signer;
use crate::config::ProfileConfig;
use crate::hub::GroupOrder;
use crate::ledger::people::Role;
use crate::ledger::views::ScreenState;

on_both_stores![
    a_code_for_a_group_works_so_often_and_so_long,
    a_code_that_was_ended_works_no_more_and_the_trail_says_who_ended_it,
    a_device_of_a_group_with_approval_is_told_nothing_until_somebody_lets_it_in,
    a_device_that_was_refused_is_a_stranger_until_it_is_let_in_after_all,
    a_device_that_was_refused_is_heard_again_with_another_code,
    a_lost_answer_is_given_again_also_when_the_code_has_ended,
    a_screen_is_asked_for_sent_once_and_shown_once,
];

fn group(devices_max: u32, approval: bool) -> GroupOrder {
    GroupOrder {
        name: "Cart".to_owned(),
        devices_max,
        minutes: 60,
        approval,
        profile: "carts".to_owned(),
    }
}

async fn bench(store: Store) -> Bench {
    let mut settings = config();
    settings.profiles.push(ProfileConfig {
        name: "carts".to_owned(),
        language: Some("pl".to_owned()),
        volume: Some(70),
        keymap: None,
        scanners: None,
    });
    Bench::filled(store, settings).await
}

/// What the hub says to a device that shows a code.
async fn show(bench: &Bench, signer: &Signer, code: &str) -> Result<Enrolled, String> {
    let request = signed(signer, "/v1/enrol", &signer.enrol_body(code, "handheld"));
    let response = bench.ask(request).await;
    match response.status() {
        StatusCode::OK => Ok(read(response, StatusCode::OK).await),
        status => Err(read::<Problem>(response, status).await.code),
    }
}

async fn a_code_for_a_group_works_so_often_and_so_long(store: Store) {
    let bench = bench(store).await;
    let code = bench
        .hub
        .create_group_code("main", group(2, false))
        .await
        .unwrap();
    let first = show(&bench, &Signer::new(801), &code).await.unwrap();
    let profile = first.profile.expect("a profile");
    assert_eq!(
        (profile.name.as_str(), profile.language.as_deref()),
        ("carts", Some("pl"))
    );
    let second = show(&bench, &Signer::new(802), &code.to_lowercase())
        .await
        .unwrap();
    assert_ne!(first.device, second.device);
    assert_eq!(
        show(&bench, &Signer::new(803), &code).await.unwrap_err(),
        "code_refused"
    );
    let devices = bench.hub.ledger().devices("main".to_owned()).await.unwrap();
    let named: Vec<_> = devices
        .iter()
        .map(|device| (device.name.as_str(), device.profile.as_str()))
        .collect();
    assert_eq!(named, [("Cart 1", "carts"), ("Cart 2", "carts")]);

    let late = bench
        .hub
        .create_group_code("main", group(2, false))
        .await
        .unwrap();
    bench.clock.advance(std::time::Duration::from_secs(3_600));
    assert_eq!(
        show(&bench, &Signer::new(804), &late).await.unwrap_err(),
        "code_refused"
    );
}

async fn a_code_that_was_ended_works_no_more_and_the_trail_says_who_ended_it(store: Store) {
    let bench = bench(store).await;
    bench.person("ada", Role::Administrator, "*").await;
    let ada = Browser::of(&bench, "ada").await;
    let fields = [
        ("devices", "5"),
        ("hours", "2"),
        ("name", "Cart"),
        ("approval", "on"),
    ];
    let page = text(ada.post(&bench, "/site/main/set-up-codes", &fields).await).await;
    let (_, code) = page.split_once("class=\"one-time\">").expect("a code");
    let (code, _) = code.split_once('<').unwrap();
    show(&bench, &Signer::new(811), code).await.unwrap_err();
    let kept = bench
        .hub
        .ledger()
        .enrolment_codes("main".to_owned(), bench.hub.now())
        .await
        .unwrap();
    assert_eq!(kept.len(), 1);
    assert_eq!((kept[0].uses, kept[0].uses_max, kept[0].approval), (1, 5, true));
    let hash = tallyman_platform::device_key::to_hex(&kept[0].code_hash);
    let end = format!("/site/main/set-up-codes/{hash}/end");
    // Of another site it is none.
    ada.post(&bench, &end.replace("main", "north"), &[]).await;
    assert_eq!(
        bench
            .hub
            .ledger()
            .enrolment_codes("main".to_owned(), bench.hub.now())
            .await
            .unwrap()
            .len(),
        1
    );
    assert_eq!(ada.post(&bench, &end, &[]).await.status(), StatusCode::SEE_OTHER);
    assert_eq!(
        show(&bench, &Signer::new(812), code).await.unwrap_err(),
        "code_refused"
    );
    assert!(
        !ada.page(&bench, "/site/main/devices")
            .await
            .contains("Set-up codes that work")
    );
    let trail = bench.trail_in_short().await.join("\n");
    assert!(
        trail.contains("device.code-group") && trail.contains("device.code-end"),
        "{trail}"
    );
}

async fn a_device_of_a_group_with_approval_is_told_nothing_until_somebody_lets_it_in(store: Store) {
    let bench = bench(store).await;
    bench.person("ada", Role::Administrator, "*").await;
    let ada = Browser::of(&bench, "ada").await;
    let code = bench.hub.create_group_code("main", group(3, true)).await.unwrap();
    let mut signer = Signer::new(821);
    let rows = bench.trail().await.len();
    for _ in 0..3 {
        assert_eq!(
            show(&bench, &signer, &code).await.unwrap_err(),
            "approval_pending"
        );
    }
    let asked = bench.trail().await.len() - rows;
    assert!(asked <= 2, "asking again fills the trail: {asked} rows");
    let devices = bench.hub.ledger().devices("main".to_owned()).await.unwrap();
    assert_eq!(devices.len(), 1, "one key is one device");
    let device = devices[0].device.clone();
    assert!(devices[0].awaits.is_some());
    assert!(ada.page(&bench, "/site/main/devices").await.contains("Let it in"));

    // It guesses its name: the hub knows no such device.
    signer.device.clone_from(&device);
    let mut handheld = Handheld::of(signer.clone());
    let refused = handheld.try_renew(&bench).await;
    assert_eq!(refused.unwrap_err(), "key_unknown");

    // The code has ended meanwhile; the device was there in time.
    bench.clock.advance(std::time::Duration::from_secs(7_200));
    let ada = Browser::of(&bench, "ada").await;
    let approve = format!("/site/main/devices/{device}/approve");
    assert_eq!(
        ada.post(&bench, &approve, &[]).await.status(),
        StatusCode::SEE_OTHER
    );
    signer.device.clear();
    let enrolled = show(&bench, &signer, &code).await.unwrap();
    assert_eq!(
        (enrolled.device, enrolled.profile.unwrap().volume),
        (device, Some(70))
    );
    handheld.try_renew(&bench).await.unwrap();
    let trail = bench.trail_in_short().await.join("\n");
    assert!(trail.contains("device.approve"), "{trail}");
    bench.check().await;
}

async fn a_device_that_was_refused_is_a_stranger_until_it_is_let_in_after_all(store: Store) {
    let bench = bench(store).await;
    bench.person("ada", Role::Administrator, "*").await;
    let ada = Browser::of(&bench, "ada").await;
    let code = bench.hub.create_group_code("main", group(3, true)).await.unwrap();
    let signer = Signer::new(841);
    assert_eq!(
        show(&bench, &signer, &code).await.unwrap_err(),
        "approval_pending"
    );
    let devices = bench.hub.ledger().devices("main".to_owned()).await.unwrap();
    let at = |what: &str| format!("/site/main/devices/{}/{what}", devices[0].device);
    for _ in 0..2 {
        let answer = ada.post(&bench, &at("refuse"), &[]).await;
        assert_eq!(answer.status(), StatusCode::SEE_OTHER);
    }
    assert_eq!(
        show(&bench, &signer, &code).await.unwrap_err(),
        "code_refused",
        "though the code is good for others"
    );
    assert_eq!(
        show(&bench, &Signer::new(842), &code).await.unwrap_err(),
        "approval_pending"
    );
    let page = ada.page(&bench, "/site/main/devices").await;
    assert_eq!(page.matches("Waits for you").count(), 1);
    assert!(page.contains("1 refused"), "{page}");

    let answer = ada.post(&bench, &at("approve"), &[]).await;
    assert_eq!(answer.status(), StatusCode::SEE_OTHER);
    let enrolled = show(&bench, &signer, &code).await.unwrap();
    assert_eq!(enrolled.device, devices[0].device);
    // One that works cannot be refused: that is what blocking is for.
    ada.post(&bench, &at("refuse"), &[]).await;
    assert_eq!(
        show(&bench, &signer, &code).await.unwrap().device,
        enrolled.device
    );
    let trail = bench.trail_in_short().await.join("\n");
    assert!(trail.contains("device.refuse"), "{trail}");
    bench.check().await;
}

async fn a_device_that_was_refused_is_heard_again_with_another_code(store: Store) {
    let bench = bench(store).await;
    bench.person("ada", Role::Administrator, "*").await;
    let ada = Browser::of(&bench, "ada").await;
    let first_group = bench.hub.create_group_code("main", group(3, true)).await.unwrap();
    let signer = Signer::new(851);
    assert_eq!(
        show(&bench, &signer, &first_group).await.unwrap_err(),
        "approval_pending"
    );
    let devices = bench.hub.ledger().devices("main".to_owned()).await.unwrap();
    let refuse = format!("/site/main/devices/{}/refuse", devices[0].device);
    ada.post(&bench, &refuse, &[]).await;

    // Another group asks again; a code of its own lets it in.
    let other_group = bench.hub.create_group_code("main", group(3, true)).await.unwrap();
    assert_eq!(
        show(&bench, &signer, &other_group).await.unwrap_err(),
        "approval_pending"
    );
    ada.post(&bench, &refuse, &[]).await;
    let own = bench.hub.create_enrolment_code("main", "Dock").await.unwrap();
    let enrolled = show(&bench, &signer, &own).await.unwrap();
    assert_eq!(enrolled.device, devices[0].device, "it is no second device");
    // One that works is no stranger that may begin anew.
    let another = bench.hub.create_enrolment_code("main", "Dock 2").await.unwrap();
    assert_eq!(show(&bench, &signer, &another).await.unwrap_err(), "key_taken");
    let page = ada.page(&bench, "/site/main/devices").await;
    assert!(page.contains("Dock"), "{page}");
    bench.check().await;
}

async fn a_lost_answer_is_given_again_also_when_the_code_has_ended(store: Store) {
    let bench = bench(store).await;
    let code = bench.hub.create_enrolment_code("main", "Dock").await.unwrap();
    let signer = Signer::new(831);
    let first = show(&bench, &signer, &code).await.unwrap();
    bench.clock.advance(std::time::Duration::from_secs(86_400));
    assert_eq!(show(&bench, &signer, &code).await.unwrap().device, first.device);
    assert_eq!(
        show(&bench, &Signer::new(832), &code).await.unwrap_err(),
        "code_refused"
    );
}

async fn a_screen_is_asked_for_sent_once_and_shown_once(store: Store) {
    let bench = bench(store).await;
    bench.person("ada", Role::Administrator, "*").await;
    let ada = Browser::of(&bench, "ada").await;
    let device = bench.device("main", "Cart").await;
    let name = device.enrolled.device.clone();
    let at = |what: &str| format!("/site/main/devices/{name}/{what}");
    let state = async || bench.hub.ledger().devices("main".to_owned()).await.unwrap()[0].screen;
    let upload = |bytes: &[u8]| {
        let png_hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        json!({ "device": name, "png_hex": png_hex })
    };
    let send = async |body: &Value| bench.ask(device.post("/v1/screen", body)).await.status();
    let picture = b"\x89PNG\r\n\x1a\nand so on".as_slice();
    let heard = async || -> Receipt { device.send_with(&bench, 1, 0, 3).await };

    assert!(!heard().await.screen_wanted);
    assert_eq!(send(&upload(picture)).await, StatusCode::NO_CONTENT);
    assert_eq!(state().await, ScreenState::None, "nobody asked");
    assert_eq!(
        ada.post(&bench, &at("screen"), &[]).await.status(),
        StatusCode::SEE_OTHER
    );
    assert!(heard().await.screen_wanted);
    assert!(matches!(state().await, ScreenState::Wanted(_)));
    for (bytes, wanted) in [
        (b"GIF89a".as_slice(), StatusCode::UNPROCESSABLE_ENTITY),
        (&[0x89; (256 << 10) + 1], StatusCode::PAYLOAD_TOO_LARGE),
        (picture, StatusCode::NO_CONTENT),
    ] {
        assert_eq!(send(&upload(bytes)).await, wanted);
    }
    assert!(!heard().await.screen_wanted, "once");
    let page = ada.page(&bench, "/site/main/devices").await;
    assert!(
        page.contains("Look at it") && page.contains("64 %") && page.contains("the oldest for"),
        "{page}"
    );
    let shown = ada.post(&bench, &at("screen/look"), &[]).await;
    assert_eq!(shown.headers()["content-type"], "image/png");
    let bytes = axum::body::to_bytes(shown.into_body(), 1 << 20).await.unwrap();
    assert_eq!(bytes, picture);
    assert_eq!(
        ada.post(&bench, &at("screen/look"), &[]).await.status(),
        StatusCode::NOT_FOUND,
        "once"
    );
    assert!(matches!(state().await, ScreenState::Seen(_)));
    let trail = bench.trail_in_short().await.join("\n");
    assert!(
        trail.contains("device.screen") && trail.contains("device.screen-look"),
        "{trail}"
    );
}

#[tokio::test]
async fn what_is_printed_says_the_same_three_times() {
    let bench = bench(Store::File).await;
    bench.person("ada", Role::Administrator, "*").await;
    let ada = Browser::of(&bench, "ada").await;
    let fields = [
        ("devices", "12"),
        ("hours", "24"),
        ("profile", "carts"),
        ("wifi_name", "Halle 3"),
        ("wifi_password", "correct horse"),
    ];
    let page = text(ada.post(&bench, "/site/main/set-up-codes", &fields).await).await;
    let texts: Vec<&str> = page
        .split("class=\"typed\">")
        .skip(1)
        .filter_map(|rest| rest.split('<').next())
        .collect();
    let [typed, whole] = texts[..] else {
        panic!("{page}")
    };
    let whole = SetUpCode::read(whole).unwrap();
    assert_eq!(
        (
            whole.address.as_str(),
            whole.site.as_str(),
            whole.profile.as_str()
        ),
        ("http://127.0.0.1:7070", "main", "carts")
    );
    let wifi = Wifi {
        name: "Halle 3".to_owned(),
        password: "correct horse".to_owned(),
    };
    assert_eq!(whole.wifi, Some(wifi));
    let typed = SetUpCode::read(typed).unwrap();
    assert_eq!((typed.address, typed.code), (whole.address, whole.code));
    for wanted in [
        "<svg class=\"symbol\"",
        "12 devices",
        "2026-11-24 08:00 UTC",
        "Halle 3, with its password",
        "not encrypted",
    ] {
        assert!(page.contains(wanted), "no {wanted} in {page}");
    }
    assert!(
        !page.contains("correct horse"),
        "the password is in the symbol alone"
    );
    let trail = format!("{:?}", bench.trail().await);
    assert!(
        !trail.contains("correct horse") && trail.contains("12 devices, 24 h"),
        "{trail}"
    );

    for (field, value) in [
        ("devices", "0"),
        ("devices", "x"),
        ("hours", "721"),
        ("profile", "none"),
        ("wifi_password", "short"),
    ] {
        let wrong = fields.map(|(name, usual)| {
            if name == field {
                (name, value)
            } else {
                (name, usual)
            }
        });
        let answer = ada.post(&bench, "/site/main/set-up-codes", &wrong).await;
        assert_eq!(
            answer.status(),
            StatusCode::UNPROCESSABLE_ENTITY,
            "{field} = {value}"
        );
    }
}
