//! Somebody else answers in the hub's place: a portal that wants a login, a broken proxy, another program on the port.

use std::net::SocketAddr;

use tokio::io::{self, AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::house::{BOLT, House, Worker, pieces, program};

/// What is answered at the hub's address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Answer {
    /// The hub itself answers.
    Hub,
    /// These bytes, to whatever is asked.
    Bytes(&'static str),
    /// A body without an end.
    Endless,
    /// This receipt for confirmations, and to everything else that there is no such page.
    Receipt(&'static str),
}

/// A server before the hub, which lets it answer or answers itself.
struct Stranger {
    address: SocketAddr,
    answer: watch::Sender<Answer>,
    /// Answers to confirmations that were not the hub's.
    answered: watch::Sender<u64>,
    _serving: DropGuard,
}

impl Stranger {
    async fn before(hub: SocketAddr) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let (answer, answered) = (watch::Sender::new(Answer::Hub), watch::Sender::new(0));
        let serving = CancellationToken::new();
        let (answers, counter) = (answer.clone(), answered.clone());
        let accept = async move {
            while let Ok((device, _)) = listener.accept().await {
                let (mut changes, counter) = (answers.subscribe(), counter.clone());
                let now = *changes.borrow_and_update();
                tokio::spawn(async move {
                    // A change cuts what is under way, so that nobody waits for an answer of the one before.
                    tokio::select! {
                        _ = changes.changed() => {}
                        _ = now.give(device, hub, &counter) => {}
                    }
                });
            }
        };
        tokio::spawn(serving.clone().run_until_cancelled_owned(accept));
        Self {
            address,
            answer,
            answered,
            _serving: serving.drop_guard(),
        }
    }

    /// From now on this is answered.
    fn answers(&self, answer: Answer) {
        self.answered.send_replace(0);
        self.answer.send_replace(answer);
    }

    /// Waits until so many batches of confirmations were answered in the hub's place.
    async fn has_answered(&self, batches: u64) {
        let mut answered = self.answered.subscribe();
        // The sender lives as long as this.
        let _ = answered.wait_for(|answered| *answered >= batches).await;
    }
}

impl Answer {
    async fn give(
        self,
        mut device: TcpStream,
        hub: SocketAddr,
        answered: &watch::Sender<u64>,
    ) -> io::Result<()> {
        if self == Self::Hub {
            let mut hub = TcpStream::connect(hub).await?;
            return io::copy_bidirectional(&mut device, &mut hub).await.map(drop);
        }
        let (read, mut write) = device.split();
        let confirms = request(&mut BufReader::new(read)).await? == "/v1/confirmations";
        let sent = match self {
            Self::Hub => Ok(()),
            Self::Bytes(bytes) => write.write_all(bytes.as_bytes()).await,
            Self::Endless => endless(&mut write).await,
            Self::Receipt(receipt) if confirms => write.write_all(page("200 OK", receipt).as_bytes()).await,
            Self::Receipt(_) => write.write_all(page("404 Not Found", "<html>").as_bytes()).await,
        };
        if confirms {
            answered.send_modify(|answered| *answered += 1);
        }
        sent?;
        write.shutdown().await
    }
}

/// Ends when nobody reads any more.
async fn endless(write: &mut (impl io::AsyncWrite + Unpin)) -> io::Result<()> {
    write
        .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 99999999999\r\n\r\n[")
        .await?;
    let zeros = vec![b'0'; 1 << 20];
    loop {
        write.write_all(&zeros).await?;
    }
}

fn page(status: &str, body: &str) -> String {
    let length = body.len();
    format!("HTTP/1.1 {status}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}")
}

/// Reads a request to its end, so that the answer is not lost with the connection. Gives its path.
async fn request(read: &mut (impl io::AsyncBufRead + Unpin)) -> io::Result<String> {
    let (mut path, mut length, mut line) = (String::new(), 0, String::new());
    while read.read_line(&mut line).await? > 0 && !line.trim().is_empty() {
        let lower = line.to_ascii_lowercase();
        if let Some(value) = lower.strip_prefix("content-length:") {
            length = value.trim().parse().unwrap_or(0);
        }
        if path.is_empty() {
            path = line.split(' ').nth(1).unwrap_or_default().to_owned();
        }
        line.clear();
    }
    io::copy(&mut read.take(length), &mut io::sink()).await?;
    Ok(path)
}

/// Waits until the status says this about the hub.
async fn until_told(worker: &Worker, wanted: &str) {
    loop {
        let status = worker.station.status().await.expect("a status");
        let fault = status["link"]["last_fault"].as_str().unwrap_or_default();
        if fault.contains(wanted) {
            return;
        }
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn whoever_answers_in_the_hubs_place_loses_and_doubles_nothing() {
    let table: [(&str, Answer, &str); 9] = [
        (
            "a login page",
            Answer::Bytes("HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n<!DOCTYPE html><title>Login</title>"),
            "makes no sense: expected value at line 1",
        ),
        (
            "JSON that breaks off",
            Answer::Bytes(
                "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n{\"generation\":\"g\",\"epoch\":1,\"appl",
            ),
            "makes no sense: EOF while parsing",
        ),
        (
            "an answer that breaks off",
            Answer::Bytes(
                "HTTP/1.1 200 OK\r\ncontent-length: 1000\r\nconnection: close\r\n\r\n{\"generation\":",
            ),
            "the hub cannot be reached: ",
        ),
        (
            "JSON of another kind",
            Answer::Bytes(
                "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n{\"generation\":7,\"epoch\":\"one\",\"cursor\":[]}",
            ),
            "makes no sense: invalid type: integer `7`, expected a string",
        ),
        (
            "no HTTP",
            Answer::Bytes("SSH-2.0-OpenSSH_9.6\r\n"),
            "invalid HTTP version parsed",
        ),
        (
            "an answer without end",
            Answer::Endless,
            "longer than 16777216 bytes",
        ),
        (
            "a server that fails",
            Answer::Bytes("HTTP/1.1 500 Internal Server Error\r\nconnection: close\r\n\r\noops"),
            "the hub answered 500",
        ),
        (
            "a way in circles",
            Answer::Bytes(
                "HTTP/1.1 302 Found\r\nlocation: /v1/confirmations\r\nconnection: close\r\ncontent-length: 0\r\n\r\n",
            ),
            "the hub answered 302",
        ),
        (
            "a receipt of another epoch",
            Answer::Receipt(
                "{\"generation\":\"x\",\"epoch\":9,\"applied_seq\":99,\"stable_seq\":99,\"records_max\":100,\
                 \"server_time\":\"2026-11-24T08:00:00Z\"}",
            ),
            "it is about epoch 9, and epoch 1 was sent; check that `hub.url` names a Tallyman hub",
        ),
    ];
    let scans = table.len() as u64;
    let house = House::open().await;
    let stranger = Stranger::before(house.network().address()).await;
    let mut counter = house.device_at("counter", program(), stranger.address).await;
    counter.scans(&["]C0CS-1", "]C0LOC-A-01"], "go").await;
    for (what, answer, wanted) in table {
        println!("{what}");
        stranger.answers(answer);
        counter.scans(&[BOLT], "accept").await;
        stranger.has_answered(1).await;
        until_told(&counter, wanted).await;
        let waiting = counter.station.waiting().await.expect("a status");
        assert_eq!(waiting, 1, "{what} is no receipt");
        stranger.answers(Answer::Hub);
        house.synced(&[&counter]).await;
    }
    assert_eq!(counter.station.last_seq().await.expect("a status"), scans);
    house.close(vec![counter]).await;
}

#[tokio::test]
async fn a_receipt_for_more_than_there_is_gives_no_record_up() {
    let house = House::open().await;
    let stranger = Stranger::before(house.network().address()).await;
    let mut picker = house.device_at("picker", program(), stranger.address).await;
    picker
        .scans(&["]C0SO-1", "]C0TOTE-17", "]C0LOC-A-01"], "go")
        .await;
    house.synced(&[&picker]).await;
    stranger.answers(Answer::Receipt(
        "{\"generation\":\"x\",\"epoch\":1,\"applied_seq\":99,\"stable_seq\":99,\"records_max\":100,\
         \"server_time\":\"2026-11-24T08:00:00Z\"}",
    ));
    picker.scans(&[BOLT], "accept").await;
    // The device believes that it lost the end of its journal, and will ask for a new epoch.
    stranger.has_answered(1).await;
    picker.scans(&[BOLT], "accept").await;
    stranger.answers(Answer::Hub);
    house.synced(&[&picker]).await;
    assert_eq!(
        house.stock("handling_unit", "17").await,
        pieces(&[("BOLT", 2)]),
        "what the hub never had was written again"
    );
    house.close(vec![picker]).await;
}
