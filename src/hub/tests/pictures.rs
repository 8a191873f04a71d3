//! Pictures of items: given in on a page and by a program, refused with a reason, shared, replaced, removed, and told to
//! devices by their digest.

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use axum::response::Response;
use serde_json::Value;
use tallyman_floor::wire::picture::{PICTURE_BYTES_MAX, PICTURE_SIDE_MAX_PX, id_of};
use tallyman_floor::wire::v1::Problem;
use tallyman_platform::image::{Bounds, Image};

use super::bench::{Bench, Handheld, Store, get, on_both_stores, read};
use super::browser::Browser;
use crate::ledger::people::Role;
use crate::ledger::{Imported, LedgerError};
use crate::pictures::{PictureRefused, UPLOAD_BYTES_MAX};

on_both_stores![
    a_device_is_told_of_a_picture_and_gets_it_by_its_digest,
    a_picture_that_no_item_has_any_more_is_forgotten,
    a_file_that_becomes_no_picture_changes_nothing,
    an_import_of_items_leaves_their_pictures,
    a_supervisor_gives_replaces_and_removes_a_picture,
    a_program_gives_pictures_by_number_and_by_code,
    a_store_of_before_gets_room_for_pictures,
];

/// A picture with something in it, as a PNG.
pub(super) fn png(width: u32, height: u32) -> Vec<u8> {
    let rgb = (0..width * height).flat_map(|at| [at % width, at / width, width].map(|value| value as u8));
    Image::of_rgb(width, height, rgb.collect()).unwrap().to_png()
}

async fn bytes(response: Response) -> Vec<u8> {
    let body = axum::body::to_bytes(response.into_body(), 16 << 20).await;
    body.unwrap().to_vec()
}

/// The digests that a delta tells, by item.
async fn told(
    bench: &Bench,
    device: &Handheld,
    cursor: &mut Option<String>,
) -> Vec<(String, Option<String>)> {
    let delta = device.delta(bench, cursor.as_deref()).await;
    *cursor = Some(delta.cursor);
    delta
        .items
        .into_iter()
        .map(|item| (item.id, item.picture))
        .collect()
}

async fn picture_of(bench: &Bench, item: &str) -> Option<String> {
    let item = bench.hub.ledger().item("main".to_owned(), item.to_owned());
    item.await.unwrap().unwrap().picture
}

const ADDED: Imported = Imported {
    added: 1,
    changed: 0,
    unchanged: 0,
    removed: 0,
};
const CHANGED: Imported = Imported {
    added: 0,
    changed: 1,
    unchanged: 0,
    removed: 0,
};
const UNCHANGED: Imported = Imported {
    added: 0,
    changed: 0,
    unchanged: 1,
    removed: 0,
};

async fn a_device_is_told_of_a_picture_and_gets_it_by_its_digest(store: Store) {
    let bench = Bench::new(store).await;
    let device = bench.device("main", "Handheld 1").await;
    let elsewhere = bench.device("north", "Handheld 2").await;
    let mut cursor = None;
    let first = told(&bench, &device, &mut cursor).await;
    assert!(first.iter().all(|(_, picture)| picture.is_none()), "{first:?}");

    assert_eq!(
        bench
            .hub
            .set_picture("main", "MILK", png(900, 600))
            .await
            .unwrap(),
        ADDED
    );
    assert_eq!(
        bench
            .hub
            .set_picture("main", "MILK", png(900, 600))
            .await
            .unwrap(),
        UNCHANGED
    );
    let now = told(&bench, &device, &mut cursor).await;
    let [(item, Some(digest))] = &now[..] else {
        panic!("{now:?}")
    };
    assert_eq!(item, "MILK", "no other item was changed");
    assert_eq!(told(&bench, &device, &mut cursor).await, [], "nothing new");

    let path = format!("/v1/pictures/{digest}");
    let response = bench.ask(device.get(&path)).await;
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(response.headers()[header::CONTENT_TYPE], "image/png");
    let caching = response.headers()[header::CACHE_CONTROL]
        .to_str()
        .unwrap()
        .to_owned();
    assert!(
        caching.contains("immutable") && caching.contains("private"),
        "{caching}"
    );
    let png = bytes(response).await;
    assert_eq!(id_of(&png).as_str(), digest);
    assert!(png.len() <= PICTURE_BYTES_MAX);
    let shown = Image::from_png(
        &png,
        Bounds {
            bytes_max: PICTURE_BYTES_MAX,
            pixels_max: 240 * 240,
        },
    )
    .unwrap();
    assert_eq!((shown.width(), shown.height()), (PICTURE_SIDE_MAX_PX, 160));

    for (request, status, code) in [
        (elsewhere.get(&path), StatusCode::NOT_FOUND, "unknown_picture"),
        (
            device.get("/v1/pictures/0123456789abcdef0123456789abcdef"),
            StatusCode::NOT_FOUND,
            "unknown_picture",
        ),
        (
            device.get("/v1/pictures/..%2F..%00"),
            StatusCode::NOT_FOUND,
            "unknown_picture",
        ),
        (get(&path, None), StatusCode::UNAUTHORIZED, "unauthorized"),
    ] {
        let problem: Problem = read(bench.ask(request).await, status).await;
        assert_eq!(problem.code, code);
    }
    let identity = crate::ledger::DeviceIdentity {
        site: "main".to_owned(),
        device: device.enrolled.device.clone(),
    };
    bench
        .hub
        .ledger()
        .set_revoked(identity, true, bench.hub.now())
        .await
        .unwrap();
    let problem: Problem = read(bench.ask(device.get(&path)).await, StatusCode::FORBIDDEN).await;
    assert_eq!(problem.code, "device_revoked");
    bench.check().await;
}

async fn a_picture_that_no_item_has_any_more_is_forgotten(store: Store) {
    let bench = Bench::new(store).await;
    let set =
        async |item: &str, picture: Vec<u8>| bench.hub.set_picture("main", item, picture).await.unwrap();
    let kept = async |digest: &str| bench.hub.picture("main", digest).await.unwrap().is_some();
    assert_eq!(set("MILK", png(50, 50)).await, ADDED);
    assert_eq!(set("CREAM", png(50, 50)).await, ADDED);
    let shared = picture_of(&bench, "MILK").await.unwrap();
    assert_eq!(
        picture_of(&bench, "CREAM").await.as_ref(),
        Some(&shared),
        "kept once"
    );
    assert_eq!(set("MILK", png(60, 50)).await, CHANGED);
    let other = picture_of(&bench, "MILK").await.unwrap();
    assert!(kept(&shared).await && kept(&other).await && shared != other);
    let remove = async |item: &str| {
        let removed = bench
            .hub
            .ledger()
            .remove_picture("main".to_owned(), item.to_owned());
        removed.await.unwrap()
    };
    assert!(remove("CREAM").await);
    assert!(!kept(&shared).await && kept(&other).await);
    assert!(!remove("CREAM").await && !remove("GHOST").await);
    assert!(remove("MILK").await && !kept(&other).await);
    bench.check().await;
}

async fn a_file_that_becomes_no_picture_changes_nothing(store: Store) {
    let bench = Bench::new(store).await;
    bench.hub.set_picture("main", "MILK", png(50, 50)).await.unwrap();
    let before = picture_of(&bench, "MILK").await;
    let damaged = png(50, 50)[..90].to_vec();
    for (file, why) in [
        (vec![0; UPLOAD_BYTES_MAX + 1], "bytes"),
        (b"\xff\xd8\xff\xe0 a photo".to_vec(), "no PNG"),
        (Vec::new(), "no PNG"),
        (damaged, "damaged"),
        (
            Image::of_rgb(3_000, 1_500, vec![0; 13_500_000]).unwrap().to_png(),
            "pixels",
        ),
    ] {
        let refused = bench.hub.set_picture("main", "MILK", file).await.unwrap_err();
        let sentence = refused.to_string();
        assert!(
            matches!(refused, PictureRefused::Picture(_)) && sentence.contains(why),
            "{sentence}"
        );
        assert!(sentence.contains("1 MiB"), "it says what is taken: {sentence}");
    }
    for (site, item, is_of_site) in [
        ("main", "GHOST", true),
        ("north", "MILK", true),
        ("nowhere", "MILK", false),
    ] {
        let refused = bench.hub.set_picture(site, item, png(50, 50)).await.unwrap_err();
        let is_right = match &refused {
            PictureRefused::Ledger(LedgerError::UnknownItem(_)) => is_of_site,
            PictureRefused::Ledger(LedgerError::UnknownSite(_)) => !is_of_site,
            _ => false,
        };
        assert!(is_right, "{site} {item}: {refused}");
    }
    assert_eq!(picture_of(&bench, "MILK").await, before);
    bench.check().await;
}

async fn an_import_of_items_leaves_their_pictures(store: Store) {
    let bench = Bench::new(store).await;
    bench.hub.set_picture("main", "MILK", png(50, 50)).await.unwrap();
    let before = picture_of(&bench, "MILK").await;
    let import = async |text: &str| {
        let file = crate::ImportFile::named("items.csv", text.as_bytes());
        bench
            .hub
            .import("main", crate::ImportKind::Items, &file)
            .await
            .unwrap()
    };
    let done = import(super::bench::ITEMS).await;
    assert_eq!(
        (done.changed, done.unchanged),
        (0, 3),
        "the picture is no difference"
    );
    assert_eq!(import("item,name,unit\nMILK,Milk,each\n").await.changed, 1);
    assert!(before.is_some());
    assert_eq!(picture_of(&bench, "MILK").await, before);
    bench.check().await;
}

/// A form with a file, as a browser sends it.
fn upload(browser: &Browser, path: &str, file: &[u8]) -> Request<Body> {
    let mut body = Vec::new();
    let token = browser.form_token();
    body.extend_from_slice(
        format!("--X\r\ncontent-disposition: form-data; name=\"form_token\"\r\n\r\n{token}\r\n").as_bytes(),
    );
    body.extend_from_slice(
        b"--X\r\ncontent-disposition: form-data; name=\"file\"; filename=\"milk.png\"\r\n\r\n",
    );
    body.extend_from_slice(file);
    body.extend_from_slice(b"\r\n--X--\r\n");
    browser
        .request("POST", path)
        .header(header::ORIGIN, "http://127.0.0.1:7070")
        .header(header::CONTENT_TYPE, "multipart/form-data; boundary=X")
        .body(Body::from(body))
        .unwrap()
}

async fn a_supervisor_gives_replaces_and_removes_a_picture(store: Store) {
    let bench = Bench::new(store).await;
    bench.person("lena", Role::Supervisor, "main").await;
    bench.person("nora", Role::Supervisor, "north").await;
    let (lena, nora) = (
        Browser::of(&bench, "lena").await,
        Browser::of(&bench, "nora").await,
    );
    let path = "/site/main/items/MILK/picture";
    let send = async |by: &Browser, file: &[u8]| bench.ask(upload(by, path, file)).await;
    assert_eq!(send(&nora, &png(50, 50)).await.status(), StatusCode::FORBIDDEN);
    assert_eq!(picture_of(&bench, "MILK").await, None);
    // Refusals of one minute are counted in one row.
    bench.clock.advance(std::time::Duration::from_secs(61));

    assert_eq!(send(&lena, &png(50, 50)).await.status(), StatusCode::SEE_OTHER);
    let first = picture_of(&bench, "MILK").await.unwrap();
    let page = lena.page(&bench, "/site/main/items/MILK").await;
    assert!(
        page.contains(&first) && page.contains("Replace the picture"),
        "{page}"
    );
    let list = lena.page(&bench, "/site/main/items?text=whole%20MILK").await;
    assert!(list.contains(&first) && !list.contains("Cordless"), "{list}");
    let shown = lena.get(&bench, &format!("/site/main/pictures/{first}")).await;
    assert_eq!(id_of(&bytes(shown).await).as_str(), first);
    let foreign = nora.status(&bench, &format!("/site/main/pictures/{first}")).await;
    assert_eq!(foreign, StatusCode::FORBIDDEN);

    assert_eq!(send(&lena, &png(60, 50)).await.status(), StatusCode::SEE_OTHER);
    let second = picture_of(&bench, "MILK").await.unwrap();
    assert_ne!(first, second);
    let refused = send(&lena, b"GIF89a").await;
    assert_eq!(refused.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let page = super::bench::text(refused).await;
    assert!(page.contains("Nothing was stored: it is no PNG"), "{page}");
    assert_eq!(picture_of(&bench, "MILK").await.as_ref(), Some(&second));
    let missing = bench
        .ask(upload(&lena, "/site/main/items/GHOST/picture", &png(9, 9)))
        .await;
    assert_eq!(missing.status(), StatusCode::NOT_FOUND);

    let gone = lena
        .post(&bench, "/site/main/items/MILK/picture/remove", &[])
        .await;
    assert_eq!(gone.status(), StatusCode::SEE_OTHER);
    assert_eq!(picture_of(&bench, "MILK").await, None);
    let trail = bench.trail_in_short().await;
    let of_pictures: Vec<&str> = trail
        .iter()
        .map(String::as_str)
        .filter(|row| row.contains(" picture.") && row.starts_with("lena"))
        .collect();
    assert_eq!(
        of_pictures[..3],
        [
            "lena picture.set MILK done",
            "lena picture.set MILK done",
            "lena picture.set MILK refused"
        ],
        "{trail:?}"
    );
    assert_eq!(of_pictures.last(), Some(&"lena picture.remove MILK done"));
    bench.check().await;
}

async fn a_program_gives_pictures_by_number_and_by_code(store: Store) {
    let bench = Bench::new(store).await;
    let send = async |name: &str, file: Vec<u8>| {
        let path = format!("/v1/import/pictures?site=main&name={name}");
        let request = Request::post(path).header("host", "127.0.0.1:7070");
        bench.ask(request.body(Body::from(file)).unwrap()).await
    };
    for (name, item, added) in [
        ("CREAM.png", "CREAM", 1),
        ("CREAM-1.png", "CREAM", 0),
        ("4006381333931.PNG", "MILK", 1),
        ("04006381333931.png", "MILK", 0),
        ("TRAY-MILK.png", "MILK", 0),
    ] {
        let done: Value = read(send(name, png(50, 40)).await, StatusCode::OK).await;
        assert_eq!(done["added"], added, "{name}: {done}");
        assert!(picture_of(&bench, item).await.is_some(), "{name}");
    }
    for (name, file, why) in [
        ("GHOST.png", png(9, 9), "GHOST.png: no item of this site"),
        ("12345678.png", png(9, 9), "12345678.png: no item"),
        ("MILK.jpg", png(9, 9), "MILK.jpg: a picture is called"),
        ("MILK.png", b"GIF89a".to_vec(), "MILK.png: it is no PNG"),
        ("", png(9, 9), "a picture is called"),
    ] {
        let problem: Problem = read(send(name, file).await, StatusCode::UNPROCESSABLE_ENTITY).await;
        assert_eq!(problem.code, "picture_refused");
        assert!(problem.message.contains(why), "{}", problem.message);
    }
    bench.check().await;
}

async fn a_store_of_before_gets_room_for_pictures(store: Store) {
    let bench = Bench::new(store).await.without_tables(&[], 12).await;
    assert_eq!(picture_of(&bench, "MILK").await, None);
    assert_eq!(
        bench.hub.set_picture("main", "MILK", png(50, 50)).await.unwrap(),
        ADDED
    );
    let bench = bench.reopened().await;
    assert!(picture_of(&bench, "MILK").await.is_some());
    bench.check().await;
}
