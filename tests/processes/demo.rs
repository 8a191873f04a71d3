//! The demo, as somebody meets it who has just cloned the project.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// So that a test which would hang fails instead.
const HANGS: Duration = Duration::from_secs(60);

/// A demo that is ended with the test, whatever becomes of it.
struct Demo(Child);

impl Drop for Demo {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// One request, as a browser would send it.
fn ask(address: &str, request: &str) -> String {
    let mut stream = TcpStream::connect(address).expect("the demo listens");
    let (line, rest) = request.split_once('\n').unwrap_or((request, ""));
    let text = format!("{line} HTTP/1.1\r\nconnection: close\r\nhost: {address}\r\n{rest}");
    stream.write_all(text.as_bytes()).expect("sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer");
    answer
}

fn status(answer: &str) -> &str {
    answer.split(' ').nth(1).unwrap_or_default()
}

#[test]
fn it_tells_its_address_takes_scans_of_its_own_pages_and_leaves_nothing_behind() {
    let folder = tempfile::tempdir().expect("a folder");
    let (mut demo, address) = open(folder.path());

    let page = ask(&address, "GET /\n\r\n");
    for part in [
        "Picker's handheld",
        "Dock reader",
        "Stocktaker's handheld",
        "Zebra scanner, SSI",
        "Honeywell scanner, serial",
        "Fixed scanner, plain text",
        "Drive the pallet in",
        "dark: no delivery is open here",
        "content-security-policy",
    ] {
        assert!(page.contains(part), "{part} is missing in {page}");
    }
    let own = "x-tallyman-demo: 1\r\n";
    let scan = |header: &str, to: &str| {
        let text = "]C0BADGE-BEN";
        let request = format!("POST {to}\n{header}content-length: {}\r\n\r\n{text}", text.len());
        status(&ask(&address, &request)).to_owned()
    };
    assert_eq!(scan(own, "/device/picker/scan"), "204");
    assert_eq!(
        scan("", "/device/picker/scan"),
        "403",
        "another page has no business here"
    );
    assert_eq!(scan(own, "/device/forklift/scan"), "404");
    let drive = |device: &str| {
        let request = format!("POST /device/{device}/drive\n{own}content-length: 0\r\n\r\n");
        status(&ask(&address, &request)).to_owned()
    };
    assert_eq!(drive("picker"), "404", "there is no door");
    assert_eq!([drive("dock"), drive("dock")], ["204", "204"]);
    let shows = |text: &str| ask(&address, "GET /device/dock/parts\n\r\n").contains(text);
    // The page follows the device several times a second.
    let began = Instant::now();
    while !shows("The pallet is on its way") {
        assert!(began.elapsed() < HANGS, "nothing is on its way");
    }
    let mut foreign = TcpStream::connect(&address).expect("the demo listens");
    foreign
        .write_all(b"GET / HTTP/1.1\r\nhost: evil.example\r\nconnection: close\r\n\r\n")
        .expect("sent");
    let mut refused = String::new();
    foreign.read_to_string(&mut refused).expect("an answer");
    assert_eq!(
        status(&refused),
        "403",
        "another name for this machine is a trick"
    );

    let ended = Command::new("kill")
        .args(["-INT", &demo.0.id().to_string()])
        .status();
    assert!(ended.expect("kill is there").success());
    assert!(
        demo.0.wait().expect("it ends").success(),
        "Ctrl-C is how the demo ends"
    );
    let left: Vec<_> = std::fs::read_dir(folder.path()).expect("the folder").collect();
    assert!(left.is_empty(), "{left:?}");
    assert!(TcpStream::connect(&address).is_err(), "nobody listens any more");
}

/// Starts the demo with a folder of its own for temporary files, and gives the address that it prints first.
fn open(folder: &Path) -> (Demo, String) {
    let mut demo = Command::new(env!("CARGO_BIN_EXE_tallyman"))
        .arg("demo")
        .env("TMPDIR", folder)
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let told = BufReader::new(demo.stderr.take().expect("its words"));
    let demo = Demo(demo);
    let mut address = None;
    for line in told.lines() {
        let line = line.expect("text");
        let found = line
            .trim()
            .strip_prefix("http://")
            .and_then(|rest| rest.split('/').next());
        address = address.or(found.map(str::to_owned));
        if line.starts_with("Ctrl-C") {
            break;
        }
    }
    (demo, address.expect("the demo prints its address"))
}
