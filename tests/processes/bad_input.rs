//! Bad input, as a user meets it: the program says what is wrong and what to do, ends with the documented code, and
//! leaves what it was given as it was.

use std::path::Path;
use std::process::{Command, Output};

/// Runs the program in a folder of its own.
fn run(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_tallyman"))
        .args(arguments)
        .current_dir(folder)
        .env("XDG_STATE_HOME", folder)
        .env("XDG_RUNTIME_DIR", folder)
        .output()
        .expect("the program runs")
}

/// A command that must end with a code and say all of these.
fn says(folder: &Path, arguments: &[&str], code: i32, wanted: &[&str]) {
    let output = run(folder, arguments);
    let told = format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    assert_eq!(output.status.code(), Some(code), "{arguments:?}: {told}");
    assert!(!told.contains("panicked at"), "{arguments:?}: {told}");
    for part in wanted {
        assert!(told.contains(part), "{arguments:?} must say {part:?}: {told}");
    }
}

#[test]
fn configurations_that_cannot_be_used_are_told_with_file_place_and_key() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    let cases: &[(&str, &str, &[&str])] = &[
        ("agent", "nmae = \"x\"\n", &["bad.toml:1:1", "nmae", "name"]),
        ("agent", "[hub]\nurl = 7\n", &["bad.toml:2", "url"]),
        ("agent", "name = \"x\n", &["bad.toml:1"]),
        (
            "hub",
            "lissten = \"127.0.0.1:0\"\n",
            &["bad.toml:1:1", "lissten", "listen"],
        ),
        ("hub", "listen = \"0.0.0.0:7070\"\n", &["access_key"]),
        (
            "hub",
            "[limits]\ntries_per_minute = \"many\"\n",
            &["bad.toml:2", "tries_per_minute"],
        ),
    ];
    for (program, text, wanted) in cases {
        std::fs::write(folder.join("bad.toml"), text).expect("written");
        says(folder, &[program, "--config", "bad.toml"], 2, wanted);
    }
    says(
        folder,
        &["agent", "--config", "missing.toml"],
        2,
        &["missing.toml"],
    );
    says(folder, &["hub", "--config", "missing.toml"], 2, &["missing.toml"]);
}

#[test]
fn stores_that_are_no_stores_are_refused_and_left_as_they_are() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    let foreign = folder.join("foreign.db");
    let database = rusqlite::Connection::open(&foreign).expect("a database");
    database
        .execute_batch("CREATE TABLE shopping (item TEXT); INSERT INTO shopping VALUES ('milk')")
        .expect("made");
    drop(database);
    std::fs::write(
        folder.join("garbage.db"),
        "this is no database, it only looks like a file\n".repeat(400),
    )
    .expect("written");
    for store in ["foreign.db", "garbage.db"] {
        let before = std::fs::read(folder.join(store)).expect("read");
        let agent =
            format!("[store]\npath = \"{store}\"\nfree_mib_min = 0\n[hub]\nurl = \"http://127.0.0.1:1\"\n");
        std::fs::write(folder.join("agent.toml"), agent).expect("written");
        says(folder, &["agent", "--config", "agent.toml"], 2, &[store]);
        says(folder, &["hub", "--store", store], 2, &[store]);
        says(folder, &["verify", "--store", store], 2, &[store]);
        assert_eq!(
            std::fs::read(folder.join(store)).expect("read"),
            before,
            "{store} was changed"
        );
    }
}

#[test]
fn codes_and_captures_that_make_no_sense_are_answered() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    std::fs::write(folder.join("noise.capture"), [0_u8, 159, 146, 150, 255]).expect("written");
    says(folder, &["decode", "(01)09521234543214"], 1, &["check_digit"]);
    says(folder, &["decode", ""], 1, &["empty"]);
    says(
        folder,
        &["replay", "no_such_driver", "file"],
        2,
        &["no_such_driver", "plain_text"],
    );
    says(
        folder,
        &["replay", "plain_text", "missing.capture"],
        2,
        &["missing.capture"],
    );
    says(
        folder,
        &[
            "replay",
            "plain_text",
            "--raw",
            "--set",
            "sufix=cr",
            "noise.capture",
        ],
        2,
        &["sufix"],
    );
    says(
        folder,
        &["replay", "plain_text", "noise.capture"],
        2,
        &["noise.capture"],
    );
    says(folder, &["status"], 2, &["agent"]);
}
