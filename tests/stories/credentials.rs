//! Devices whose key is lost, and devices that are blocked, as real agents on a real hub: the work goes on, nothing is lost,
//! and the worker is told.

use serde_json::Value;
use tallyman_hub::ledger::views::ExceptionFilter;
use tallyman_hub::ledger::{DeviceIdentity, Resolution};

use crate::house::{BOLT, House, SITE, Worker, pieces};

/// What an agent says about its link, once it says this.
async fn link_that(worker: &Worker, is: impl Fn(&Value) -> bool) -> Value {
    loop {
        let status = worker.station.status().await.expect("a status");
        if is(&status["link"]) {
            return status;
        }
        tokio::task::yield_now().await;
    }
}

/// Writes another one-time code into the agent's configuration.
fn give_code(worker: &Worker, code: &str) {
    let config = worker.station.store_path().with_file_name("agent.toml");
    let text = std::fs::read_to_string(&config).expect("a configuration");
    let changed = text.lines().map(|line| {
        if line.starts_with("enrolment_code") {
            format!("enrolment_code = \"{code}\"")
        } else {
            line.to_owned()
        }
    });
    let changed: Vec<String> = changed.collect();
    assert_ne!(changed.join("\n"), text.trim_end(), "a code is there");
    std::fs::write(config, changed.join("\n")).expect("written");
}

fn identity(status: &Value) -> DeviceIdentity {
    DeviceIdentity {
        site: SITE.to_owned(),
        device: status["device"].as_str().expect("an identity").to_owned(),
    }
}

#[tokio::test]
async fn a_device_that_lost_its_key_works_on_and_is_enrolled_again_with_its_journal() {
    let house = House::open().await;
    let mut picker = house.device("picker").await;
    picker
        .scans(&["]C0SO-1", "]C0TOTE-17", "]C0LOC-A-01"], "go")
        .await;
    picker.scans(&[BOLT], "accept").await;
    house.synced(&[&picker]).await;
    let before = picker.station.status().await.expect("a status");
    picker.station.stop().await.expect("an end");
    let key = picker.station.store_path();
    let key = key.with_file_name(format!(
        "{}.key",
        key.file_name().expect("a name").to_string_lossy()
    ));
    std::fs::remove_file(&key).expect("the key was there");
    picker.station.restart().await.expect("it starts without a key");
    picker.scans(&[BOLT], "accept").await;
    let told = link_that(&picker, |link| link["state"] == "refused").await;
    let fault = told["link"]["last_fault"].as_str().unwrap_or_default();
    assert!(
        fault.contains("Nothing stored is lost") || fault.contains("nothing stored is lost"),
        "{fault}"
    );
    assert_eq!(picker.station.waiting().await.expect("a status"), 1);

    let device = identity(&before);
    let code = house.hub().create_code_to_enrol_again(SITE, &device.device).await;
    picker.station.stop().await.expect("an end");
    give_code(&picker, &code.expect("a code"));
    picker.station.restart().await.expect("it starts");
    house.synced(&[&picker]).await;
    let after = picker.station.status().await.expect("a status");
    assert_eq!(
        (&after["device"], &after["epoch"]),
        (&before["device"], &before["epoch"])
    );
    assert!(key.exists());
    assert_eq!(house.stock("handling_unit", "17").await, pieces(&[("BOLT", 2)]));
    house.close(vec![picker]).await;
}

#[tokio::test]
async fn a_blocked_device_says_so_and_what_it_sends_waits_for_a_supervisor() {
    let house = House::open().await;
    let mut picker = house.device("picker").await;
    picker
        .scans(&["]C0SO-1", "]C0TOTE-17", "]C0LOC-A-01"], "go")
        .await;
    let device = identity(&picker.station.status().await.expect("a status"));
    let ledger = house.hub().ledger();
    let now = jiff::Timestamp::now();
    assert!(
        ledger
            .set_revoked(device.clone(), true, now)
            .await
            .expect("stored")
    );
    // A change wakes the request that waits for one: it is refused, and the worker is told.
    house
        .plan("task,kind,reference,dock,line,item,quantity,location\nP-2,pick,SO-2,,1,BOLT,1,A-01\n")
        .await;
    link_that(&picker, |link| link["state"] == "blocked").await;
    picker.scans(&[BOLT, BOLT], "accept").await;
    house.synced(&[&picker]).await;
    assert_eq!(house.stock("handling_unit", "17").await, pieces(&[]));
    assert_eq!(house.open_exceptions().await, ["revoked"]);

    assert!(ledger.set_revoked(device, false, now).await.expect("stored"));
    let filter = ExceptionFilter {
        state: Some("open".to_owned()),
        kind: None,
    };
    let found = ledger
        .exceptions(SITE.to_owned(), filter)
        .await
        .expect("exceptions");
    let number = found[0].exception;
    let posted = ledger
        .resolve(SITE.to_owned(), number, Resolution::Release, now)
        .await;
    assert!(posted.expect("stored"));
    assert_eq!(house.stock("handling_unit", "17").await, pieces(&[("BOLT", 2)]));
    house.close(vec![picker]).await;
}
