//! Two hubs as real processes on one database: devices go from one to the other, one of them is killed in the middle and
//! started again, and the commands beside them know what a database is.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::{Value, json};
use tallyman_floor::wire::chain::ChainHash;
use tallyman_floor::wire::proof::SIGNATURE_HEADER;

use super::audit::check_figures;
use super::server::Server;
use super::signer::{self, Signer};

/// A hub as a process of its own.
struct HubProcess {
    child: Child,
    address: String,
}

impl HubProcess {
    fn start(folder: &Path, database: &str) -> Self {
        let mut child = command(folder, database)
            .args(["hub", "--config", "hub.toml"])
            .stderr(Stdio::piped())
            .spawn()
            .expect("a hub");
        let mut lines = BufReader::new(child.stderr.take().expect("its standard error")).lines();
        let mut said = Vec::new();
        let address = loop {
            let line = lines
                .next()
                .unwrap_or_else(|| panic!("the hub ended: {said:?}"))
                .expect("a line");
            if let Some((_, rest)) = line.split_once("The hub is ready: http://") {
                break rest.trim_end_matches('/').to_owned();
            }
            said.push(line);
        };
        // Whoever reads nothing would stop it at last.
        std::thread::spawn(move || lines.for_each(drop));
        Self { child, address }
    }

    fn kill(&mut self) {
        self.child.kill().expect("killed");
        self.child.wait().expect("ended");
    }
}

impl Drop for HubProcess {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn command(folder: &Path, database: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tallyman"));
    command
        .current_dir(folder)
        .env("XDG_STATE_HOME", folder)
        .env("XDG_RUNTIME_DIR", folder)
        .env("TALLYMAN_HUB_DATABASE", database);
    command
}

fn run(folder: &Path, database: &str, arguments: &[&str]) -> Output {
    command(folder, database)
        .args(arguments)
        .output()
        .expect("it runs")
}

fn said(output: &Output) -> String {
    format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}

/// One request; the status and the body of the answer, or why there is none.
fn ask(address: &str, method: &str, path: &str, headers: &str, body: &str) -> std::io::Result<(u16, String)> {
    let mut stream = TcpStream::connect(address)?;
    write!(
        stream,
        "{method} {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\ncontent-length: {}\r\n{headers}\r\n{body}",
        body.len()
    )?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    let broken = || std::io::Error::other("the answer broke off");
    let (head, body) = answer.split_once("\r\n\r\n").ok_or_else(broken)?;
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
    Ok((status.ok_or_else(broken)?, body.to_owned()))
}

/// A device that keeps a journal.
struct Device {
    name: String,
    signer: Signer,
    journal: Vec<(ChainHash, String)>,
}

impl Device {
    fn enrol(address: &str, name: &str) -> Self {
        let form = "content-type: application/x-www-form-urlencoded\r\n";
        let (status, page) = ask(
            address,
            "POST",
            "/site/main/devices",
            form,
            &format!("name={name}"),
        )
        .expect("a page");
        assert_eq!(status, 200, "{page}");
        let (_, rest) = page.split_once("class=\"one-time\">").expect("a code");
        let code = rest.split('<').next().expect("a code");
        // Another key for each name.
        let seed = name
            .bytes()
            .fold(0, |seed: u64, byte| seed << 5 ^ u64::from(byte));
        let mut signer = Signer::new(seed);
        let answer = post_signed(address, &signer, "/v1/enrol", &signer.enrol_body(code, name));
        let enrolled: Value = serde_json::from_str(&answer).expect("JSON");
        signer.device = enrolled["device"].as_str().expect("a text").to_owned();
        let challenge = post_signed(address, &signer, signer::CHALLENGE, &signer.challenge_body());
        let granted = post_signed(address, &signer, signer::TOKEN, &signer.token_body(&challenge));
        signer.take_token(&granted);
        Self {
            name: signer.device.clone(),
            signer,
            journal: vec![(ChainHash::START, String::new())],
        }
    }

    /// Receives one piece.
    fn confirm(&mut self) {
        let body = json!({
            "v": 1, "site": "main", "act": "received", "worker": "ANNA", "boot": "b", "boottime_us": 1,
            "wall": "2026-11-23T08:00:00Z", "from": "supplier", "to": { "location": "DOCK-1" },
            "goods": {
                "item": "BOLT", "code": "B-1", "quantity_micro": 1_000_000, "unit": "each", "pack_micro": 1_000_000,
                "status": "available"
            }
        })
        .to_string();
        let seq = self.journal.len() as u64;
        let (previous, _) = self.journal[self.journal.len() - 1];
        let hash = ChainHash::of_record(previous, &self.name, 1, seq, body.as_bytes());
        self.journal.push((hash, body));
    }

    /// Sends the records from `first` to `last`; what was applied and is stable then, or `None` without an answer.
    fn send(&self, address: &str, first: usize, last: usize) -> Option<(usize, usize)> {
        let records: Vec<String> = (first..=last)
            .map(|seq| {
                let (hash, body) = &self.journal[seq];
                format!("{{\"seq\":{seq},\"hash\":\"{hash}\",\"body\":{body}}}")
            })
            .collect();
        let batch = format!(
            "{{\"device\":\"{}\",\"epoch\":1,\"previous_hash\":\"{}\",\"records\":[{}],\
             \"clock\":{{\"boot\":\"b\",\"boottime_us\":1,\"wall\":\"2026-11-23T08:00:00Z\"}},\
             \"heartbeat\":{{\"version\":\"0\",\"waiting\":5,\"scanners\":[]}}}}",
            self.name,
            self.journal[first - 1].0,
            records.join(",")
        );
        let headers = headers(&self.signer, "/v1/confirmations", &batch);
        let (status, answer) = ask(address, "POST", "/v1/confirmations", &headers, &batch).ok()?;
        if status == 503 {
            return None;
        }
        assert_eq!(status, 200, "{answer}");
        let receipt: Value = serde_json::from_str(&answer).expect("JSON");
        assert_eq!(receipt["fork"], json!(false), "{receipt}");
        let mark = |name: &str| usize::try_from(receipt[name].as_u64().expect("a number")).expect("small");
        Some((mark("applied_seq"), mark("stable_seq")))
    }
}

/// What a device's request carries beside its body.
fn headers(signer: &Signer, path: &str, body: &str) -> String {
    let mut headers = format!(
        "content-type: application/json\r\nauthorization: Bearer {}\r\n",
        signer.token
    );
    if let Some(signature) = signer.signature(path, body) {
        headers.push_str(&format!("{SIGNATURE_HEADER}: {signature}\r\n"));
    }
    headers
}

fn post_signed(address: &str, signer: &Signer, path: &str, body: &Value) -> String {
    let body = body.to_string();
    let headers = headers(signer, path, &body);
    let (status, answer) = ask(address, "POST", path, &headers, &body).expect("an answer");
    assert_eq!(status, 200, "{path}: {answer}");
    answer
}

const DEVICES: usize = 4;
const CONFIRMATIONS: usize = 300;

#[test]
fn devices_go_from_hub_to_hub_while_one_is_killed() {
    let Some(server) = Server::shared() else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    std::fs::write(folder.join("hub.toml"), "listen = \"127.0.0.1:0\"\n").expect("written");
    let database = server.database();
    let mut doomed = HubProcess::start(folder, &database);
    let steady = HubProcess::start(folder, &database);
    let items = "item,name,code\nBOLT,Hex bolt,B-1\n";
    let (status, said_of) =
        ask(&steady.address, "POST", "/v1/import/items?format=csv", "", items).expect("an answer");
    assert_eq!(status, 200, "{said_of}");
    let mut devices: Vec<Device> = (0..DEVICES)
        .map(|number| {
            Device::enrol(
                [&doomed.address, &steady.address][number % 2],
                &format!("device-{number}"),
            )
        })
        .collect();
    devices
        .iter_mut()
        .for_each(|device| (0..CONFIRMATIONS).for_each(|_| device.confirm()));

    let addresses = Arc::new(Mutex::new([doomed.address.clone(), steady.address.clone()]));
    let batches = Arc::new(AtomicUsize::new(0));
    let sending: Vec<_> = devices
        .into_iter()
        .map(|device| {
            let (addresses, batches) = (Arc::clone(&addresses), Arc::clone(&batches));
            std::thread::spawn(move || {
                let (mut applied, mut turn) = (0, 0);
                while applied < CONFIRMATIONS {
                    turn += 1;
                    let address = addresses.lock().unwrap_or_else(PoisonError::into_inner)[turn % 2].clone();
                    // Some records again, as after an answer that was lost.
                    let first = (applied + 1).saturating_sub(turn % 3).max(1);
                    let last = (applied + 6).min(CONFIRMATIONS);
                    if let Some((now, _)) = device.send(&address, first, last) {
                        assert!(now >= applied, "a mark went back");
                        applied = now;
                        batches.fetch_add(1, Ordering::Relaxed);
                    }
                }
                device
            })
        })
        .collect();
    for wanted in [30, 70, 110] {
        while batches.load(Ordering::Relaxed) < wanted {
            std::thread::yield_now();
        }
        doomed.kill();
        doomed = HubProcess::start(folder, &database);
        addresses.lock().unwrap_or_else(PoisonError::into_inner)[0].clone_from(&doomed.address);
    }
    let devices: Vec<Device> = sending
        .into_iter()
        .map(|sent| sent.join().expect("a device"))
        .collect();

    let name = database.split_once(":///").expect("an address").1;
    let name = name.split('?').next().expect("a name");
    check_figures(server, name);
    for device in &devices {
        let sql = format!(
            "SELECT encode(hash, 'hex') FROM tallyman.journal WHERE device = '{}' ORDER BY place",
            device.name
        );
        let wrote: Vec<String> = device
            .journal
            .iter()
            .skip(1)
            .map(|(hash, _)| hash.to_string())
            .collect();
        assert_eq!(server.sql(name, &sql).lines().collect::<Vec<_>>(), wrote);
    }
    let expected = format!("{}", DEVICES * CONFIRMATIONS * 1_000_000);
    let sql = "SELECT quantity_micro FROM tallyman.balance WHERE account = 'location' AND place = 'DOCK-1'";
    assert_eq!(server.sql(name, sql), expected);

    let verified = run(folder, &database, &["verify", "--json"]);
    assert!(verified.status.success(), "{}", said(&verified));
    let proof: Value = serde_json::from_slice(&verified.stdout).expect("JSON");
    assert_eq!(proof["records"], json!(DEVICES * CONFIRMATIONS));
    assert_eq!(
        (&proof["ledger_sum"], &proof["findings_total"]),
        (&json!(0), &json!(0))
    );
    commands_know_a_database(folder, &database, &devices[0], &steady.address);

    // What was changed behind the hub's back is found.
    server.sql(
        name,
        "UPDATE tallyman.balance SET quantity_micro = quantity_micro + 1 WHERE account = 'location'",
    );
    let verified = run(folder, &database, &["verify"]);
    assert_eq!(verified.status.code(), Some(1), "{}", said(&verified));
    assert!(said(&verified).contains("It does not hold."));
}

fn commands_know_a_database(folder: &Path, database: &str, device: &Device, hub: &str) {
    for (arguments, code, wanted) in [
        (&["backup", "--to", "copies"][..], 2, "backed up by its own tools"),
        (&["hub", "--store", "hub.db"], 2, "Leave one out"),
        (&["verify", "--site", "nowhere"], 2, "no site"),
        (&["backup", "--confirmed-by", "exit 3"], 1, "keep their records"),
    ] {
        let output = run(folder, database, arguments);
        assert_eq!(
            output.status.code(),
            Some(code),
            "{arguments:?}: {}",
            said(&output)
        );
        assert!(said(&output).contains(wanted), "{arguments:?}: {}", said(&output));
    }
    assert_eq!(
        device.send(hub, CONFIRMATIONS, CONFIRMATIONS),
        Some((CONFIRMATIONS, 0))
    );
    let output = run(folder, database, &["backup", "--confirmed-by", "true"]);
    assert!(output.status.success(), "{}", said(&output));
    assert_eq!(
        device.send(hub, CONFIRMATIONS, CONFIRMATIONS),
        Some((CONFIRMATIONS, CONFIRMATIONS))
    );
    let output = run(folder, "", &["backup", "--confirmed-by", "true"]);
    assert_eq!(output.status.code(), Some(2), "{}", said(&output));
    let output = run(folder, "postgresql://u:secret-word@127.0.0.1:1/x", &["verify"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(!said(&output).contains("secret-word"), "{}", said(&output));
}
