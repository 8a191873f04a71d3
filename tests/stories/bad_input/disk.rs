//! A disk that is full, and one that fails, under the store of a device.
//!
//! Mounting a small disk needs rights that a test has not everywhere, so a library preloaded into the agent makes the
//! writes to the store fail as the kernel would, for as long as a file says so.

use std::path::PathBuf;

use super::ask;
use crate::house::{BOLT, House, Worker, pieces, preloaded_program};

/// The disk of one device.
struct Disk {
    folder: tempfile::TempDir,
}

impl Disk {
    fn new() -> Self {
        Self {
            folder: tempfile::tempdir().expect("a folder"),
        }
    }

    fn switch(&self) -> PathBuf {
        self.folder.path().join("disk")
    }

    /// The program on this disk.
    fn program(&self) -> PathBuf {
        let variables = [("TALLYMAN_BAD_DISK", self.switch())];
        let variables = variables.each_ref().map(|(name, value)| (*name, value.as_path()));
        preloaded_program(self.folder.path(), "bad_disk.c", &variables)
    }

    /// From now on writes to the store fail: the disk is `full` or has `failed`.
    fn becomes(&self, state: &str) {
        std::fs::write(self.switch().with_extension(state), "").expect("switched");
    }

    /// The disk is no longer `full`, or `failed`.
    fn is_no_longer(&self, state: &str) {
        std::fs::remove_file(self.switch().with_extension(state)).expect("switched");
    }
}

/// A picker at the first shelf, with one bolt picked that the hub has not heard of.
async fn picker_on(disk: &Disk, house: &House) -> Worker {
    let mut picker = house.device_with("picker", disk.program()).await;
    picker
        .scans(&["]C0SO-1", "]C0TOTE-17", "]C0LOC-A-01"], "go")
        .await;
    house.network().cut();
    picker.scans(&[BOLT], "accept").await;
    picker
}

#[tokio::test]
async fn a_scan_on_a_full_disk_is_not_counted_and_everything_before_it_is_safe() {
    let (disk, house) = (Disk::new(), House::open().await);
    let mut picker = picker_on(&disk, &house).await;
    disk.becomes("full");
    for _ in 0..3 {
        assert_eq!(picker.scan(BOLT).await, "failed", "{}", picker.screen());
        let screen = picker.screen();
        assert!(
            screen.contains("The storage of this device is full: the last scan was not counted.")
                && screen.contains("Everything before it is safe. Bring the device to your supervisor."),
            "{screen}"
        );
    }
    let (code, told) = ask(&picker, "status").await;
    assert_eq!(code, Some(1), "{told}");
    assert!(
        told.contains(": full,") && told.contains("nothing more is counted"),
        "{told}"
    );
    assert_eq!(picker.station.waiting().await.expect("a status"), 1);

    // A battery that is pulled on a full disk costs nothing either.
    picker.station.kill().await.expect("killed");
    disk.is_no_longer("full");
    picker.station.restart().await.expect("started again");
    picker.scans(&[BOLT], "accept").await;

    // With room again the running agent goes on by itself.
    disk.becomes("full");
    assert_eq!(picker.scan("]C0LOC-A-02").await, "failed", "{}", picker.screen());
    disk.is_no_longer("full");
    picker.scans(&["]C0LOC-A-02"], "go").await;
    house.network().mend();
    house.synced(&[&picker]).await;
    assert_eq!(house.stock("handling_unit", "17").await, pieces(&[("BOLT", 2)]));
    house.close(vec![picker]).await;
}

#[tokio::test]
async fn an_agent_whose_disk_failed_says_so_ends_and_has_everything_when_it_starts_again() {
    let (disk, house) = (Disk::new(), House::open().await);
    let mut picker = picker_on(&disk, &house).await;
    disk.becomes("failed");
    assert_eq!(picker.scan(BOLT).await, "failed", "{}", picker.screen());
    let screen = picker.screen();
    assert!(
        screen.contains("The storage of this device has failed")
            && screen.contains("bring it to your supervisor"),
        "{screen}"
    );
    // It ends by itself: nothing it could say afterwards would be certain.
    while picker.station.status().await.is_ok() {
        tokio::task::yield_now().await;
    }
    let ended = picker.station.stop().await.expect("an end");
    assert_eq!(
        ended.code(),
        Some(1),
        "whoever started it must hear that it is no mistake of the configuration"
    );
    let log = picker.station.store_path().with_file_name("agent.log");
    let log = std::fs::read_to_string(log).expect("a log");
    assert!(
        log.contains("the storage of this device has failed") && log.contains("Look at the kernel's log"),
        "{log}"
    );
    assert!(!log.contains("panicked at"), "{log}");

    disk.is_no_longer("failed");
    picker.station.restart().await.expect("started again");
    picker.scans(&[BOLT], "accept").await;
    house.network().mend();
    house.synced(&[&picker]).await;
    assert_eq!(house.stock("handling_unit", "17").await, pieces(&[("BOLT", 2)]));
    house.close(vec![picker]).await;
}
