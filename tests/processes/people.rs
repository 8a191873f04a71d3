//! People by command, as an administrator on the hub's machine makes them: the password comes by standard input, and the
//! hub that is started then asks for it.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

const PASSWORD: &str = "correct horse battery";

fn command(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tallyman"));
    command
        .current_dir(folder)
        // As for an installed package: root's own store is another one.
        .env("STATE_DIRECTORY", folder)
        .env("XDG_RUNTIME_DIR", folder)
        .env("USER", "tester")
        .env_remove("SUDO_USER")
        .env_remove("TALLYMAN_HUB_DATABASE");
    command
}

/// Runs `tallyman person …` with this on its standard input.
fn person(folder: &Path, arguments: &[&str], input: &str) -> Output {
    let mut child = command(folder)
        .arg("person")
        .args(arguments)
        .args(["--config", "hub.toml"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program runs");
    let mut stdin = child.stdin.take().expect("its standard input");
    // A command that needs no password has gone by now.
    let _ = stdin.write_all(input.as_bytes());
    drop(stdin);
    child.wait_with_output().expect("it ends")
}

fn told(output: &Output) -> String {
    let said =
        String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(
        !said.contains(PASSWORD) && !said.contains("panicked at"),
        "{said}"
    );
    said
}

/// A hub on the folder's store, ended when it is dropped.
struct HubProcess {
    child: Child,
    address: String,
}

impl HubProcess {
    fn start(folder: &Path) -> Self {
        let mut child = command(folder)
            .args(["hub", "--config", "hub.toml"])
            .stderr(Stdio::piped())
            .spawn()
            .expect("a hub");
        let mut lines = BufReader::new(child.stderr.take().expect("its standard error")).lines();
        let address = loop {
            let line = lines.next().expect("the hub goes on").expect("a line");
            if let Some((_, rest)) = line.split_once("The hub is ready: http://") {
                break rest.trim_end_matches('/').to_owned();
            }
        };
        std::thread::spawn(move || lines.for_each(drop));
        Self { child, address }
    }

    /// The head of an answer.
    fn ask(&self, request: &str, headers: &str, body: &str) -> String {
        let mut stream = TcpStream::connect(&self.address).expect("the hub listens");
        let address = &self.address;
        write!(
            stream,
            "{request} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\ncontent-length: {}\r\n{headers}\r\n{body}",
            body.len()
        )
        .expect("sent");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("an answer");
        answer.split("\r\n\r\n").next().unwrap_or_default().to_owned()
    }

    fn sign_in(&self, login: &str, password: &str) -> String {
        let form = format!("login={login}&password={}", password.replace(' ', "+"));
        self.ask(
            "POST /sign-in",
            "content-type: application/x-www-form-urlencoded\r\n",
            &form,
        )
    }
}

impl Drop for HubProcess {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn an_administrator_is_made_and_helped_by_command() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    std::fs::write(
        folder.join("hub.toml"),
        "listen = \"127.0.0.1:0\"\nstore = \"hub.db\"\n",
    )
    .expect("written");
    let add = ["add", "--role", "administrator", "--name", "Anna K.", "anna"];
    let short = person(folder, &add, "short\n");
    assert_eq!(short.status.code(), Some(1), "{}", told(&short));
    assert!(told(&short).contains("at least 12 characters"));
    let added = person(folder, &add, &format!("{PASSWORD}\n"));
    assert_eq!(added.status.code(), Some(0), "{}", told(&added));
    let again = person(folder, &add, &format!("{PASSWORD}\n"));
    assert_eq!(again.status.code(), Some(1));
    assert!(told(&again).contains("Somebody has the login name anna already"));
    let last = person(folder, &["disable", "anna"], "");
    assert!(told(&last).contains("last administrator"), "{}", told(&last));
    let listed = person(folder, &["list", "--jsonl"], "");
    let line: serde_json::Value = serde_json::from_slice(&listed.stdout).expect("one object");
    assert_eq!(
        (line["login"].as_str(), line["role"].as_str()),
        (Some("anna"), Some("administrator"))
    );

    let hub = HubProcess::start(folder);
    assert!(hub.ask("GET /site/main", "", "").contains("location: /sign-in"));
    assert!(hub.sign_in("anna", "a wrong guess").starts_with("HTTP/1.1 403"));
    let head = hub.sign_in("anna", PASSWORD);
    assert!(head.starts_with("HTTP/1.1 303"), "{head}");
    let cookie = head
        .split("set-cookie: ")
        .nth(1)
        .and_then(|rest| rest.split(';').next())
        .expect("a cookie");
    assert!(
        hub.ask("GET /people", &format!("cookie: {cookie}\r\n"), "")
            .starts_with("HTTP/1.1 200")
    );
    let listed = person(folder, &["list"], "");
    assert!(told(&listed).contains("Anna K."), "{}", told(&listed));
    // A file has one owner, and the command says so instead of waiting.
    let busy = person(folder, &["password", "anna"], "a much better one\n");
    assert_eq!(busy.status.code(), Some(2), "{}", told(&busy));
    drop(hub);

    let reset = person(folder, &["password", "anna"], "a much better one\n");
    assert_eq!(reset.status.code(), Some(0), "{}", told(&reset));
    let hub = HubProcess::start(folder);
    assert!(
        hub.ask("GET /people", &format!("cookie: {cookie}\r\n"), "")
            .contains("location: /sign-in")
    );
    assert!(hub.sign_in("anna", PASSWORD).starts_with("HTTP/1.1 403"));
    assert!(
        hub.sign_in("anna", "a much better one")
            .starts_with("HTTP/1.1 303")
    );
    drop(hub);

    let verified = command(folder)
        .args(["verify", "--config", "hub.toml"])
        .output()
        .expect("the program runs");
    let said = told(&verified);
    assert!(
        said.contains("Everything holds") && said.contains("rows of the audit trail"),
        "{said}"
    );
}
