//! Scanners that speak: they are set up, beep as the verdict says, and send again what was not acknowledged, also to an
//! agent that has started anew.

use tallyman_platform::entropy::{Entropy as _, SeededEntropy};
use tallyman_sim::plugged::ScannerState;
use tallyman_sim::scanner::{Beep, Manners, ScannerKind, Tones, Travel};

use crate::house::{BOLT, House, NUT, Worker, pieces};

/// A device with a scanner that is at the shelf of the bolts.
async fn at_the_shelf(house: &House, scanner: ScannerKind) -> Worker {
    let mut picker = house.device_with_scanner("picker", scanner).await;
    picker
        .scans(&["]C0SO-1", "]C0TOTE-17", "]C0LOC-A-01"], "go")
        .await;
    picker
}

/// The host's next acknowledgement does not arrive.
fn lost_acknowledgement() -> Manners {
    Manners::good().acknowledgement(0, Travel::Lost)
}

#[tokio::test]
async fn scanners_are_set_up_and_beep_as_the_verdict_says() {
    for (kind, good, bad) in [
        (ScannerKind::ZebraSsi, 1, 1),
        // Honeywell scanners have one beep: one is good, three are bad.
        (ScannerKind::Honeywell, 1, 3),
    ] {
        let house = House::open().await;
        let mut picker = at_the_shelf(&house, kind).await;
        // The way to the shelf was three scans.
        let mut beeps = 3 * good;
        for (code, verdict, more) in [
            (BOLT, "accept", good),
            (NUT, "reject", bad),
            (BOLT, "accept", good),
        ] {
            assert_eq!(picker.scan(code).await, verdict, "{kind:?}");
            beeps += more;
            assert_eq!(heard(&picker, beeps).await.beeps, beeps, "{kind:?}: {verdict}");
        }
        let face = picker.station.scanner_face();
        assert_eq!(
            face.own_beeps(),
            0,
            "{kind:?}: its own beep is off, it knows nothing of the verdict"
        );
        if kind == ScannerKind::ZebraSsi {
            let row = |count, is_long, is_high| {
                Beep::Ordered(Tones::Row {
                    count,
                    is_long,
                    is_high,
                })
            };
            let last: Vec<Beep> = face.beeps().rev().take(3).map(|beeped| beeped.beep).collect();
            let (good, bad) = (row(1, false, true), row(4, true, false));
            assert_eq!(last, [good, bad, good]);
        }
        house.synced(&[&picker]).await;
        assert_eq!(house.stock("handling_unit", "17").await, pieces(&[("BOLT", 2)]));
        house.close(vec![picker]).await;
    }
}

/// Waits until the scanner beeped so often.
async fn heard(worker: &Worker, beeps: u64) -> ScannerState {
    let is_heard = |scanner: &ScannerState| scanner.beeps >= beeps && scanner.holds == 0;
    worker
        .station
        .scanner_that("beeps", is_heard)
        .await
        .expect("the verdict's beeps")
}

#[tokio::test]
async fn a_packet_that_is_sent_again_to_a_restarted_agent_is_counted_once() {
    let house = House::open().await;
    let mut picker = at_the_shelf(&house, ScannerKind::ZebraSsi).await;
    picker.station.let_scanner_behave(lost_acknowledgement());
    picker.scans(&[BOLT], "accept").await;
    assert_eq!(picker.station.scanner().holds, 1, "the scanner does not know");
    picker.station.kill().await.expect("killed");
    picker.station.restart().await.expect("started again");
    assert_eq!(picker.next_verdict().await, "repeated", "{}", picker.screen());
    let is_idle = |scanner: &ScannerState| scanner.holds == 0;
    let scanner = picker.station.scanner_that("the end of it", is_idle).await;
    assert_eq!(scanner.expect("it was acknowledged").undelivered, 0);
    assert_eq!(picker.station.last_seq().await.expect("a status"), 1);
    picker.scans(&[BOLT], "accept").await;
    house.synced(&[&picker]).await;
    assert_eq!(house.stock("handling_unit", "17").await, pieces(&[("BOLT", 2)]));
    house.close(vec![picker]).await;
}

#[tokio::test]
async fn a_packet_that_is_sent_again_over_a_link_that_broke_is_counted_once() {
    let house = House::open().await;
    let mut picker = at_the_shelf(&house, ScannerKind::ZebraSsi).await;
    picker.station.let_scanner_behave(lost_acknowledgement());
    picker.scans(&[BOLT], "accept").await;
    picker.station.break_scanner_line().expect("broken and mended");
    assert_eq!(picker.next_verdict().await, "repeated", "{}", picker.screen());
    picker.scans(&[BOLT], "accept").await;
    house.synced(&[&picker]).await;
    assert_eq!(house.stock("handling_unit", "17").await, pieces(&[("BOLT", 2)]));
    house.close(vec![picker]).await;
}

#[tokio::test]
async fn a_code_that_nobody_heard_is_counted_when_it_is_sent_again() {
    let house = House::open().await;
    let mut picker = at_the_shelf(&house, ScannerKind::ZebraSsi).await;
    picker.scans(&[BOLT], "accept").await;
    picker.station.kill().await.expect("killed");
    // The label of another item: nothing of it was ever confirmed.
    picker
        .station
        .scan(NUT)
        .expect("the scanner has a power of its own");
    picker.station.restart().await.expect("started again");
    assert_eq!(
        picker.next_verdict().await,
        "reject",
        "a wrong item, judged once it arrived"
    );
    house.close(vec![picker]).await;
}

/// Every piece has the same label, so that what is sent again may be the piece that was confirmed last or one that never
/// was. The device prefers to say that it repeats: the worker looks at the count, and scans again.
#[tokio::test]
async fn whenever_the_battery_is_pulled_each_piece_is_one_fact() {
    const PIECES: u64 = 5;
    const SEED: u64 = 11;
    const BATTERY_US_MAX: u64 = 3_000;
    println!("seed {SEED}");
    let mut chance = SeededEntropy::new(SEED);
    let house = House::open().await;
    let mut counter = house.device_with_scanner("counter", ScannerKind::ZebraSsi).await;
    counter.scans(&["]C0CS-1", "]C0LOC-A-01"], "go").await;
    for piece in 1..=PIECES {
        counter.station.let_scanner_behave(lost_acknowledgement());
        let patience = std::time::Duration::from_micros(chance.below(BATTERY_US_MAX));
        let answer = counter.scan_within(BOLT, patience).await;
        counter.station.kill().await.expect("killed");
        let held = counter.station.scanner();
        let answer = counter.heard_meanwhile().pop().or(answer);
        counter.station.restart().await.expect("started again");
        if held.holds > 0 {
            let verdict = counter.next_verdict().await;
            assert!(["accept", "repeated"].contains(&verdict.as_str()), "{verdict}");
        }
        if counter.station.last_seq().await.expect("a status") < piece {
            assert_eq!(answer, None, "it sounded and is lost");
            counter.scans(&[BOLT], "accept").await;
        }
        let is_idle = |scanner: &ScannerState| scanner.holds == 0;
        let idle = counter.station.scanner_that("the end of it", is_idle).await;
        idle.expect("everything is taken");
        let counted = counter.station.last_seq().await.expect("a status");
        assert_eq!(counted, piece, "seed {SEED}: {answer:?}, {held:?}");
    }
    house.close(vec![counter]).await;
}
