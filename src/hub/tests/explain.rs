//! Why something was accepted: traces that the hub keeps, and the page that tells a step.

use std::time::Duration;

use axum::http::StatusCode;
use serde_json::json;
use serde_json::value::RawValue;
use tallyman_codes::{Rules, understand_text};
use tallyman_floor::trace::{Noted, Recorder, Recording};
use tallyman_floor::wire::convert::site_rules;
use tallyman_floor::wire::v1::{ConfirmationBody, Delta, TraceEntry};
use tallyman_floor::{
    Catalogue as _, Effect, Event, Item, MapCatalogue, Now, Scanning, Session, SiteId, Task, Times,
};

use super::bench::{Bench, Handheld, Store, get, on_both_stores, text};
use crate::ledger::DeviceIdentity;

on_both_stores![
    a_confirmation_is_explained_by_the_step_that_made_it,
    traces_are_kept_for_a_while_and_a_new_store_of_a_device_replaces_them,
];

const MILK: &str = "4006381333931";

/// A device's session over what the hub sent, as an agent runs it.
struct Picker {
    session: Session,
    catalogue: MapCatalogue,
    recorder: Recorder,
    entries: Vec<String>,
    seq: u64,
}

impl Picker {
    fn of(delta: Delta) -> Self {
        let mut catalogue = MapCatalogue::new(SiteId::from("main"));
        let today = "2026-11-23".parse().unwrap();
        catalogue.put_rules(Rules {
            site: site_rules(delta.site_rules.unwrap_or_default()).unwrap(),
            ..Rules::new(today)
        });
        let locations = delta.locations.iter();
        catalogue.put_locations(locations.map(|location| location.as_str().into()).collect());
        for item in delta.items {
            catalogue.put_item(Item::try_from(item).unwrap());
        }
        for task in delta.tasks {
            catalogue.put_task(Task::try_from(task).unwrap());
        }
        Self {
            session: Session::new(),
            catalogue,
            recorder: Recorder::new("test"),
            entries: Vec::new(),
            seq: 0,
        }
    }

    fn scan(&mut self, device: &mut Handheld, raw: &str) -> String {
        let event = Event::Scans(vec![Scanning {
            scanner: "trigger".to_owned(),
            raw: raw.to_owned(),
            symbology: None,
            scan: understand_text(raw, self.catalogue.rules()),
            rfid: false,
        }]);
        let now = Now {
            times: Times {
                boot: "b".to_owned(),
                boottime_us: 1 + self.entries.len() as u64,
                wall: "2026-11-23T08:00:00Z".parse().unwrap(),
            },
            today: "2026-11-23".parse().unwrap(),
            hub: None,
            waited_us: 0,
        };
        self.catalogue.put_next_confirmation(1, self.seq + 1);
        let before = self.session.clone();
        let recording = Recording::of(&self.catalogue);
        let step = self.session.step(event.clone(), &now, &recording);
        let noted = Noted {
            before: &before,
            event: &event,
            now: &now,
            after: &self.session,
            step: &step,
        };
        let entry = self.recorder.note(recording.asked(), &self.catalogue, noted);
        self.entries.push(entry.text);
        for effect in &step.effects {
            if let Effect::Persist(draft) = effect {
                // The bench sends batches with their members in alphabetical order.
                let body = serde_json::to_value(ConfirmationBody::from(draft)).unwrap();
                self.seq = device.write(body.to_string());
                let task = draft.work.as_ref().unwrap().task.clone();
                let mut progress = self.catalogue.progress(&task).as_ref().clone();
                progress.apply(draft);
                self.catalogue.put_progress(task, progress);
            }
        }
        format!("{:?}", step.verdict)
    }
}

fn identity(device: &Handheld) -> DeviceIdentity {
    DeviceIdentity {
        site: "main".to_owned(),
        device: device.enrolled.device.clone(),
    }
}

/// Hands the entries in, byte for byte.
async fn send(bench: &Bench, device: &Handheld, picker: &Picker) {
    let numbered = picker.entries.iter().zip(1..);
    let entries = numbered.map(|(entry, number)| TraceEntry {
        number,
        input: RawValue::from_string(entry.clone()).unwrap(),
    });
    let ledger = bench.hub.ledger();
    let kept = ledger.keep_traces(identity(device), entries.collect(), bench.hub.now());
    kept.await.unwrap();
}

async fn a_confirmation_is_explained_by_the_step_that_made_it(store: Store) {
    let bench = Bench::new(store).await;
    let mut device = bench.device("main", "Handheld 1").await;
    let mut picker = Picker::of(device.delta(&bench, None).await);
    for code in ["ORDER-1", "TOTE-1", "A-01", MILK, "GHOST", MILK] {
        let verdict = picker.scan(&mut device, code);
        assert_eq!(
            verdict.starts_with("Reject"),
            code == "GHOST",
            "{code}: {verdict}"
        );
    }
    let receipt = device.send_all(&bench).await;
    assert_eq!(receipt.outcomes, [], "the facts are posted");
    send(&bench, &device, &picker).await;

    let name = device.enrolled.device.clone();
    let address = |seq: u64| format!("/site/main/devices/{}/confirmations/1/{seq}", name);
    let page = text(bench.ask(get(&address(1), None)).await).await;
    assert!(
        page.contains("comes to the same verdict and makes this confirmation"),
        "{page}"
    );
    assert!(
        page.contains(MILK) && page.contains("Where the worker stood"),
        "{page}"
    );
    assert_eq!(
        bench.ask(get(&address(99), None)).await.status(),
        StatusCode::NOT_FOUND
    );
    let feed = text(bench.ask(get("/site/main/tasks/P-1", None)).await).await;
    assert!(feed.contains(&address(1)), "{feed}");

    // A fact that is not the step's is told.
    let forged = device.confirm(json!({
        "act": "picked", "task": "P-1", "line": 1, "goods": super::bench::goods("MILK", 1),
        "from": { "location": "A-01" }, "to": { "handling_unit": "TOTE-1" }
    }));
    device.send_all(&bench).await;
    let page = text(bench.ask(get(&address(forged), None)).await).await;
    assert!(page.contains("not in the trace that is kept"), "{page}");

    // From an exception there is a way to the fact behind it.
    device.confirm(super::bench::received("R-1", 1, "NOBODY-KNOWS", 1));
    device.send_all(&bench).await;
    let page = text(bench.ask(get("/site/main/exceptions", None)).await).await;
    let link = page
        .split('"')
        .find(|part| part.ends_with("/why"))
        .expect("a link");
    let response = bench.ask(get(link, None)).await;
    assert_eq!(response.status(), StatusCode::SEE_OTHER);
    bench.check().await;
}

async fn traces_are_kept_for_a_while_and_a_new_store_of_a_device_replaces_them(store: Store) {
    let bench = Bench::new(store).await;
    let mut device = bench.device("main", "Handheld 1").await;
    let delta = device.delta(&bench, None).await;
    let of_device = identity(&device);
    let kept = async || bench.hub.ledger().traces(of_device.clone()).await.unwrap();
    let mut picker = Picker::of(serde_json::from_value(serde_json::to_value(&delta).unwrap()).unwrap());
    for code in ["GHOST", "GHOST", "GHOST"] {
        picker.scan(&mut device, code);
    }
    send(&bench, &device, &picker).await;
    let first = kept().await;
    let texts: Vec<_> = first.iter().map(|(_, text)| text.clone()).collect();
    assert_eq!(texts, picker.entries, "byte for byte");

    // The device begins with a new store, and counts from 1 again.
    bench.clock.advance(Duration::from_secs(20 * 24 * 60 * 60));
    let mut again = Picker::of(delta);
    again.scan(&mut device, "GHOST-2");
    send(&bench, &device, &again).await;
    let second = kept().await;
    assert_eq!((second.len(), &second[0].1), (3, &again.entries[0]));

    // A month after the first ones only the newer is left.
    bench.clock.advance(Duration::from_secs(11 * 24 * 60 * 60));
    send(&bench, &device, &again).await;
    assert_eq!(kept().await.len(), 1);
}
