//! Bad input, as a user meets it: the program says what is wrong and what to do, ends with the documented code, and
//! leaves what it was given as it was.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

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
        (
            "hub",
            "listen = \"0.0.0.0:7070\"\n",
            &["without TLS", "certificate_file"],
        ),
        (
            "hub",
            "store = \"bad.db\"\n[proxy]\nbehind_proxy = true\ntrusted_proxies = [\"127.0.0.1\"]\n",
            &["access_key", "tallyman person add"],
        ),
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

/// A hub or agent that runs until it is dropped.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Starts a daemon and waits until it says that it is ready.
fn start(folder: &Path, arguments: &[&str]) -> Running {
    let child = Command::new(env!("CARGO_BIN_EXE_tallyman"))
        .args(arguments)
        .current_dir(folder)
        .env("XDG_STATE_HOME", folder)
        .env("XDG_RUNTIME_DIR", folder)
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut running = Running(child);
    let said = running.0.stderr.take().expect("its standard error");
    let mut lines = BufReader::new(said).lines().map(|line| line.expect("a line"));
    assert!(lines.any(|line| line.contains("is ready")), "{arguments:?} ended");
    running
}

/// A folder with a store of each kind, as a hub and an agent leave them.
fn folder_with_stores() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("hub.toml"), "listen = \"127.0.0.1:0\"\n").expect("written");
    for (name, store) in [("agent", "agent.db"), ("wrong", "hub.db"), ("newer", "newer.db")] {
        let text = format!(
            "[hub]\nurl = \"http://127.0.0.1:1\"\n[store]\npath = \"{store}\"\n[control]\nsocket = \"{name}.sock\"\n"
        );
        std::fs::write(folder.path().join(name).with_extension("toml"), text).expect("written");
    }
    drop(start(
        folder.path(),
        &["hub", "--config", "hub.toml", "--store", "hub.db"],
    ));
    drop(start(folder.path(), &["agent", "--config", "agent.toml"]));
    for store in ["hub.db", "agent.db"] {
        let database = rusqlite::Connection::open(folder.path().join(store)).expect("a store");
        let done = database.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get::<_, i64>(0));
        assert_eq!(done.expect("copied"), 0);
    }
    folder
}

#[test]
fn stores_of_another_kind_or_a_newer_program_are_refused_with_what_to_do() {
    let folder = folder_with_stores();
    let folder = folder.path();
    std::fs::copy(folder.join("agent.db"), folder.join("newer.db")).expect("copied");
    let database = rusqlite::Connection::open(folder.join("newer.db")).expect("a store");
    database
        .pragma_update(None, "user_version", 99)
        .expect("made newer");
    drop(database);
    says(
        folder,
        &["agent", "--config", "wrong.toml"],
        2,
        &[
            "hub.db is no agent store: it is a Tallyman hub store",
            "set another path",
        ],
    );
    says(
        folder,
        &["hub", "--config", "hub.toml", "--store", "agent.db"],
        2,
        &[
            "agent.db is no hub store: it is a Tallyman agent store",
            "set another path",
        ],
    );
    says(
        folder,
        &["agent", "--config", "newer.toml"],
        2,
        &["schema version 99", "Install the newer program"],
    );
}

#[test]
fn what_somebody_else_uses_is_refused_with_who_and_what_to_do() {
    let folder = folder_with_stores();
    let folder = folder.path();
    let agent = start(folder, &["agent", "--config", "agent.toml"]);
    let holder = format!("process {}", agent.0.id());
    says(
        folder,
        &["agent", "--config", "agent.toml"],
        2,
        &["agent.db is in use", &holder, "Stop the other one"],
    );
    says(
        folder,
        &["agent", "--config", "agent.toml", "--set-store-aside"],
        2,
        &["in use", &holder, "stop the agent first"],
    );
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = taken.local_addr().expect("an address").to_string();
    std::fs::write(folder.join("taken.toml"), format!("listen = \"{address}\"\n")).expect("written");
    says(
        folder,
        &["hub", "--config", "taken.toml", "--store", "hub.db"],
        2,
        &[&address, "Stop what uses it, or set another address"],
    );
}

#[test]
fn a_damaged_hub_store_does_not_hold_and_is_not_served() {
    let folder = folder_with_stores();
    let folder = folder.path();
    let mut bytes = std::fs::read(folder.join("hub.db")).expect("read");
    // Every page but the first, which says what the file is.
    for page in bytes.chunks_mut(4_096).skip(1) {
        page.iter_mut().take(64).for_each(|byte| *byte = 0xde);
    }
    std::fs::write(folder.join("hub.db"), &bytes).expect("written");
    says(
        folder,
        &["verify", "--store", "hub.db"],
        1,
        &["hub.db is damaged", "restore a backup", "It does not hold."],
    );
    says(
        folder,
        &["verify", "--store", "hub.db", "--json"],
        1,
        &["\"findings\":[", "hub.db is damaged"],
    );
    says(
        folder,
        &["hub", "--config", "hub.toml", "--store", "hub.db"],
        2,
        &["hub.db is damaged", "restore a backup"],
    );
    assert_eq!(
        std::fs::read(folder.join("hub.db")).expect("read"),
        bytes,
        "it was changed"
    );
}

#[test]
fn a_damaged_agent_store_names_the_command_that_saves_what_can_be_read() {
    let folder = folder_with_stores();
    let folder = folder.path();
    let mut bytes = std::fs::read(folder.join("agent.db")).expect("read");
    for page in bytes.chunks_mut(1_024).skip(1) {
        page.iter_mut().take(64).for_each(|byte| *byte = 0xde);
    }
    std::fs::write(folder.join("agent.db"), &bytes).expect("written");
    says(
        folder,
        &["agent", "--config", "agent.toml"],
        2,
        &["agent.db is damaged", "tallyman agent --salvage-store"],
    );
    assert_eq!(
        std::fs::read(folder.join("agent.db")).expect("read"),
        bytes,
        "it was changed"
    );
    // Nothing of this one can be read, not even whose it is: that is said, and the file is kept.
    says(
        folder,
        &["agent", "--config", "agent.toml", "--salvage-store"],
        2,
        &["agent.db.aside-", "The file is kept", "enrolled anew"],
    );
}

#[test]
fn a_folder_that_may_not_be_written_is_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    let closed = folder.join("closed");
    std::fs::create_dir(&closed).expect("a folder");
    let text = "[hub]\nurl = \"http://127.0.0.1:1\"\n[store]\npath = \"closed/agent.db\"\n";
    std::fs::write(folder.join("agent.toml"), text).expect("written");
    std::fs::write(folder.join("gone.toml"), text.replace("closed", "gone")).expect("written");
    says(
        folder,
        &["agent", "--config", "gone.toml"],
        2,
        &["gone does not exist", "Create it, or set another path"],
    );
    std::fs::set_permissions(&closed, std::fs::Permissions::from_mode(0o500)).expect("closed");
    if std::fs::write(closed.join("probe"), "").is_ok() {
        eprintln!(
            "SKIPPED: this user may write anywhere; src/platform/sqlite/open_tests.rs shows it for one who may not."
        );
        return;
    }
    says(
        folder,
        &["agent", "--config", "agent.toml"],
        2,
        &[
            "this user may not open",
            "must belong to the user who runs the program",
        ],
    );
}

#[test]
fn lines_that_are_no_requests_are_answered_one_by_one() {
    let mut input = b"no json\n[]\n{\"epc\":\"zz\"}\n\xff\xfe\n".to_vec();
    input.extend(std::iter::repeat_n(b'a', 1 << 20));
    input.extend(b"\n{\"scan\":\"]E04006381333931\"}\n");
    let mut child = Command::new(env!("CARGO_BIN_EXE_tallyman"))
        .args(["decode", "--jsonl"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut stdin = child.stdin.take().expect("its standard input");
    let writing = std::thread::spawn(move || stdin.write_all(&input));
    let output = child.wait_with_output().expect("it ends");
    writing.join().expect("no panic").expect("all of it is read");
    assert!(output.status.success(), "{output:?}");
    let text = String::from_utf8(output.stdout).expect("text");
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 6, "{text}");
    for line in &lines[..5] {
        assert!(
            line.starts_with("{\"ok\":false,\"error\":{\"code\":\"input\""),
            "{line}"
        );
    }
    assert!(lines[4].contains("longer than 64 KiB"), "{}", lines[4]);
    assert!(lines[5].starts_with("{\"ok\":true"), "{}", lines[5]);
}
