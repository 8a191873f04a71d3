//! Bare devices that are set up by a scan: real agents on a real hub that speaks TLS with a certificate of its own.

use std::path::Path;

use tallyman_floor::wire::set_up::{SetUpCode, plain_code};
use tallyman_hub::config::ProfileConfig;
use tallyman_hub::ledger::DeviceIdentity;
use tallyman_hub::{GroupOrder, HubConfig, make_certificate};
use tempfile::TempDir;

use crate::house::{BOLT, House, NUT, SITE, Worker, lists, pieces};

/// How long a screen is waited for: only a failure takes it.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(60);

/// A hub with a certificate of its own, and the pin by which devices know it.
struct Guarded {
    house: House,
    pin: [u8; 32],
    /// Where the certificate lies.
    _folder: TempDir,
}

fn certificate(folder: &Path) -> [u8; 32] {
    let made = make_certificate(&["127.0.0.1".to_owned()], jiff::Timestamp::now()).expect("a certificate");
    std::fs::write(folder.join("hub.pem"), made.certificate).expect("written");
    std::fs::write(folder.join("hub.key"), made.key).expect("written");
    *made.pin.as_bytes()
}

impl Guarded {
    async fn open() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let pin = certificate(folder.path());
        let mut config = HubConfig::default();
        config.tls.certificate_file = folder.path().join("hub.pem");
        config.tls.key_file = folder.path().join("hub.key");
        config.profiles.push(ProfileConfig {
            name: "dock".to_owned(),
            language: Some("de".to_owned()),
            volume: None,
            keymap: Some("of no panel here".to_owned()),
            scanners: None,
        });
        Self {
            house: House::open_with(config).await,
            pin,
            _folder: folder,
        }
    }

    /// The text of a set-up code with this one-time code.
    fn text(&self, one_time: &str) -> String {
        self.text_with(one_time, self.pin)
    }

    fn text_with(&self, one_time: &str, pin: [u8; 32]) -> String {
        let code = SetUpCode {
            address: format!("https://{}", self.house.network().address()),
            pin: Some(pin),
            code: plain_code(one_time),
            site: SITE.to_owned(),
            profile: "dock".to_owned(),
            wifi: None,
        };
        code.to_text().expect("a code")
    }

    async fn group(&self, devices_max: u32, approval: bool) -> String {
        let order = GroupOrder {
            // The name that each gives itself.
            name: String::new(),
            devices_max,
            minutes: 60,
            approval,
            profile: "dock".to_owned(),
        };
        let made = self.house.hub().create_group_code(SITE, order).await;
        made.expect("a code")
    }
}

/// Scans a set-up code, and waits until the screen says this: the agent starts anew meanwhile.
async fn set_up(worker: &mut Worker, text: &str, wanted: &str) {
    worker
        .station
        .scan(&format!("]Q1{text}"))
        .expect("the scanner is plugged in");
    shows(worker, wanted).await;
}

async fn shows(worker: &mut Worker, wanted: &str) {
    let mut seen = String::new();
    let waiting = async {
        while !seen.contains(wanted) {
            // While it starts nobody answers.
            let shown = worker.station.shown().await;
            seen = shown.map(|screen| screen.as_text()).unwrap_or_default();
            tokio::task::yield_now().await;
        }
    };
    let shown = tokio::time::timeout(PATIENCE, waiting).await;
    assert!(shown.is_ok(), "{wanted:?} did not come, but {seen}");
    worker.listen_again().await;
}

async fn has_tasks(worker: &Worker) {
    let has_tasks = |screen: &tallyman_sim::heard::Screen| lists(screen, "SO-1");
    worker
        .station
        .screen_that("the task list", has_tasks)
        .await
        .expect("tasks");
}

#[tokio::test]
async fn a_bare_device_is_set_up_by_one_scan_and_scans_its_first_task() {
    let guarded = Guarded::open().await;
    let code = guarded.group(1, false).await;
    let mut picker = guarded.house.bare_device("picker").await;
    assert!(
        picker.screen().contains("Scan the set-up code"),
        "{}",
        picker.screen()
    );
    assert_eq!(picker.scan(BOLT).await, "reject");
    picker.picture("first-screen").await;
    set_up(&mut picker, &guarded.text(&code), "Dieses Gerät ist eingerichtet").await;
    let told = picker.screen();
    assert!(
        told.contains("Standort main")
            && told.contains("Sprache de")
            && told.contains("Nicht übernommen: Tasten"),
        "{told}"
    );
    picker.picture("set-up").await;
    has_tasks(&picker).await;
    picker
        .scans(&["]C0SO-1", "]C0TOTE-17", "]C0LOC-A-01"], "go")
        .await;
    picker.scans(&[BOLT, BOLT], "accept").await;
    // It is nobody else's from now on.
    assert_eq!(
        picker.scan(&format!("]Q1{}", guarded.text(&code))).await,
        "reject"
    );
    assert!(
        picker.screen().contains("schon eingerichtet"),
        "{}",
        picker.screen()
    );
    picker.scans(&["]C0LOC-A-02"], "go").await;
    picker.scans(&[NUT], "accept").await;
    guarded.house.synced(&[&picker]).await;
    assert_eq!(
        guarded.house.stock("location", "A-01").await,
        pieces(&[("BOLT", 18)])
    );
    guarded.house.close(vec![picker]).await;
}

#[tokio::test]
async fn a_device_of_a_group_with_approval_waits_for_a_yes_and_has_nothing() {
    let guarded = Guarded::open().await;
    let text = guarded.text(&guarded.group(5, true).await);
    let mut cart = guarded.house.bare_device("cart").await;
    set_up(&mut cart, &text, "waits for a yes").await;
    assert_eq!(cart.scan(BOLT).await, "reject");
    let status = cart.station.status().await.expect("a status");
    assert!(status["device"].is_null(), "{status}");
    let ledger = guarded.house.hub().ledger();
    let devices = ledger.devices(SITE.to_owned()).await.expect("devices");
    assert_eq!(devices.len(), 1);
    let device = DeviceIdentity {
        site: SITE.to_owned(),
        device: devices[0].device.clone(),
    };
    assert!(ledger.approve_device(device).await.expect("a ledger"));
    // It asks again by itself now and then; a scan asks at once, and the same device is let in.
    set_up(&mut cart, &text, "Dieses Gerät ist eingerichtet").await;
    has_tasks(&cart).await;
    assert_eq!(ledger.devices(SITE.to_owned()).await.expect("devices").len(), 1);
    guarded.house.close(vec![cart]).await;
}

#[tokio::test]
async fn used_and_ended_codes_are_refused_and_another_one_is_scanned() {
    let guarded = Guarded::open().await;
    let code = guarded.group(1, false).await;
    let mut first = guarded.house.bare_device("first").await;
    set_up(&mut first, &guarded.text(&code), "Dieses Gerät ist eingerichtet").await;
    let mut second = guarded.house.bare_device("second").await;
    set_up(&mut second, &guarded.text(&code), "refuses this code").await;
    let ended = guarded.group(3, false).await;
    let ledger = guarded.house.hub().ledger();
    let now = jiff::Timestamp::now();
    let codes = ledger.enrolment_codes(SITE.to_owned(), now).await.expect("codes");
    assert_eq!(codes.len(), 1);
    assert!(
        ledger
            .end_enrolment_code(SITE.to_owned(), codes[0].code_hash, now)
            .await
            .expect("ended")
    );
    let mut third = guarded.house.bare_device("third").await;
    set_up(&mut third, &guarded.text(&ended), "refuses this code").await;
    let text = guarded.text(&guarded.group(2, false).await);
    for device in [&mut second, &mut third] {
        set_up(device, &text, "Dieses Gerät ist eingerichtet").await;
        has_tasks(device).await;
    }
    guarded.house.close(vec![first, second, third]).await;
}

#[tokio::test]
async fn whoever_answers_with_another_key_is_not_believed() {
    let guarded = Guarded::open().await;
    let code = guarded.group(1, false).await;
    let mut device = guarded.house.bare_device("dock").await;
    set_up(
        &mut device,
        &guarded.text_with(&code, [9; 32]),
        "Somebody else answers",
    )
    .await;
    // The code was not shown to them: it still works, at the hub that it is of.
    set_up(&mut device, &guarded.text(&code), "Dieses Gerät ist eingerichtet").await;
    has_tasks(&device).await;
    guarded.house.close(vec![device]).await;
}

#[tokio::test]
async fn an_administrator_sees_a_screen_and_the_worker_is_told() {
    let house = House::open().await;
    let mut picker = house.device("picker").await;
    picker
        .scans(&["]C0SO-1", "]C0TOTE-17", "]C0LOC-A-01"], "go")
        .await;
    let status = picker.station.status().await.expect("a status");
    let device = DeviceIdentity {
        site: SITE.to_owned(),
        device: status["device"].as_str().expect("an identity").to_owned(),
    };
    let ledger = house.hub().ledger();
    let asked = ledger
        .ask_for_screen(device.clone(), jiff::Timestamp::now())
        .await;
    assert!(asked.expect("a ledger"));
    let is_told = |screen: &tallyman_sim::heard::Screen| {
        screen
            .as_text()
            .contains("An administrator is looking at this screen")
    };
    let told = picker.station.screen_that("the note", is_told).await;
    told.expect("the worker is told");
    let picture = loop {
        if let Some(picture) = ledger.take_screen(device.clone()).await.expect("a ledger") {
            break picture;
        }
        tokio::task::yield_now().await;
    };
    assert!(picture.starts_with(b"\x89PNG\r\n\x1a\n"));
    // And nothing of the work was changed.
    picker.scans(&[BOLT], "accept").await;
    house.close(vec![picker]).await;
}
