//! Bad input of every kind, in the middle of the work: files with mistakes, a scanner that is not there, a disk that is
//! full or fails, and somebody else who answers in the hub's place. What is wrong is told with what to do, and nothing
//! that was promised is lost.

mod disk;
mod stranger;

use std::path::Path;
use std::process::Output;

use tokio::process::Command;

use crate::house::{BOLT, House, Worker, pieces, program};

/// Runs the program beside the story. What it says holds no panic.
async fn run(folder: &Path, arguments: &[&str]) -> (Option<i32>, String) {
    let ended = Command::new(program())
        .args(arguments)
        .current_dir(folder)
        .kill_on_drop(true)
        .output()
        .await;
    let Output {
        status,
        stdout,
        stderr,
    } = ended.expect("the program runs");
    let told = String::from_utf8_lossy(&stdout).into_owned() + &String::from_utf8_lossy(&stderr);
    assert!(!told.contains("panicked at"), "{arguments:?}: {told}");
    (status.code(), told)
}

/// Runs a command that asks about a device's agent.
async fn ask(worker: &Worker, command: &str) -> (Option<i32>, String) {
    let store = worker.station.store_path();
    let folder = store.parent().expect("a folder");
    run(folder, &[command, "--config", "agent.toml"]).await
}

/// Each file, and what is said about it. The good items around the mistake must not come alone.
#[tokio::test]
async fn a_file_with_a_mistake_is_told_by_line_and_column_and_not_imported() {
    let house = House::open().await;
    let folder = tempfile::tempdir().expect("a folder");
    let hub = format!("http://{}", house.network().address());
    let table: [(&str, &[u8], &str); 10] = [
        (
            "a wrong column",
            b"item,nmae\nX-1,One\n",
            "line 1, column nmae: There is no such column",
        ),
        (
            "a missing column",
            b"name,unit\nOne,each\n",
            "line 1, column item: The column is missing",
        ),
        (
            "a bad number",
            b"item,code,pack\nX-1,X1,1\nX-2,X2,a dozen\nX-3,X3,1\n",
            "line 3, column pack: \"a dozen\": is no quantity. Allowed is a number above 0",
        ),
        (
            "a wrong check digit",
            b"item,code\nX-1,9521101530002\n",
            "line 2, column code: \"9521101530002\": has the length of a GTIN and a wrong check digit. Correct it",
        ),
        (
            "a quotation mark that is never closed",
            b"item,name\nX-1,\"One\nX-2,Two\nX-3,Three\n",
            "line 2: A quotation mark is opened and never closed. Close it",
        ),
        (
            "a file cut off in its last cell",
            b"item,name\nX-1,One\nX-2,\"Tw",
            "line 3: A quotation mark is opened and never closed.",
        ),
        (
            "another encoding",
            b"item,name\nX-1,One\nX-2,Gr\xf6\xdfe 2\n",
            "line 3: The file is not UTF-8 from here on. Save it as \"CSV UTF-8\".",
        ),
        (
            "a spreadsheet as it is stored",
            b"PK\x03\x04\x14\x00\x06\x00\x08\x00\x00\x00!\x00\x9b\xd1",
            "line 1: The file is not UTF-8 from here on.",
        ),
        ("nothing", b"", "The file has no rows."),
        (
            "a byte order mark and nothing",
            b"\xef\xbb\xbf",
            "The file has no rows.",
        ),
    ];
    for (what, content, wanted) in table {
        std::fs::write(folder.path().join("items.csv"), content).expect("written");
        let (code, told) = run(folder.path(), &["import", "items", "items.csv", "--hub", &hub]).await;
        assert_eq!(code, Some(1), "{what}: {told}");
        assert!(told.contains(wanted), "{what} must say {wanted:?}: {told}");
        assert!(told.contains("items.csv was not imported"), "{what}: {told}");
    }
    // What is unusual and right is taken. Items that had come in before would be told as changed or as before.
    std::fs::write(
        folder.path().join("items.csv"),
        "\u{feff}item;name;code\r\nX-1;\"One; or two\";X1\r\nX-2;Two;X2\r\nX-3;Three;X3\r\n",
    )
    .expect("written");
    let (code, told) = run(folder.path(), &["import", "items", "items.csv", "--hub", &hub]).await;
    assert_eq!(code, Some(0), "{told}");
    assert!(told.contains("3 added, 0 changed, 0 as before"), "{told}");
}

#[tokio::test]
async fn an_agent_without_its_scanner_runs_says_so_and_takes_it_when_it_comes() {
    let house = House::open().await;
    let mut picker = house.device("picker").await;
    picker.station.stop().await.expect("an orderly end");
    picker.station.unplug_scanner().expect("unplugged");
    picker
        .station
        .restart()
        .await
        .expect("it starts without a scanner");
    let path = picker.station.store_path().with_file_name("scanner");
    let path = path.to_str().expect("a path");
    // Until it was tried for the first time there is nothing to say.
    loop {
        let (code, told) = ask(&picker, "status").await;
        assert_eq!(code, Some(1), "{told}");
        if told.contains(path) {
            assert!(told.contains("plug the device in"), "{told}");
            break;
        }
    }
    let (code, told) = ask(&picker, "doctor").await;
    assert_eq!(code, Some(1), "{told}");
    assert!(
        told.contains("WRONG device scanner") && told.contains(path) && told.contains("plug the device in"),
        "{told}"
    );
    picker.station.plug_in_scanner().expect("plugged in");
    picker
        .scans(&["]C0SO-1", "]C0TOTE-17", "]C0LOC-A-01"], "go")
        .await;
    picker.scans(&[BOLT], "accept").await;
    let (code, told) = ask(&picker, "status").await;
    assert_eq!(code, Some(0), "{told}");
    house.synced(&[&picker]).await;
    assert_eq!(house.stock("handling_unit", "17").await, pieces(&[("BOLT", 1)]));
    house.close(vec![picker]).await;
}
