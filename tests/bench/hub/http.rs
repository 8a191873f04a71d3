//! The least of a client: one connection that is kept, one request at a time.

use std::fmt::Write as _;
use std::io::Write as _;
use std::net::SocketAddr;

use flate2::Compression;
use flate2::write::GzEncoder;
use tallyman_floor::wire::proof::SIGNATURE_HEADER;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;

use super::signer::Signer;

/// A connection to the hub.
pub struct Connection {
    stream: BufReader<TcpStream>,
}

impl Connection {
    pub async fn open(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).await.expect("the hub listens");
        stream.set_nodelay(true).expect("no delay");
        Self {
            stream: BufReader::with_capacity(16 << 10, stream),
        }
    }

    /// Posts a request; gives the answer's body, and fails where that is no success.
    pub async fn post(&mut self, request: &Post) -> Vec<u8> {
        self.stream
            .write_all(request.head.as_bytes())
            .await
            .expect("sent");
        self.stream.write_all(&request.body).await.expect("sent");
        self.answer().await
    }

    /// Gets something.
    pub async fn get(&mut self, path: &str, token: &str) -> Vec<u8> {
        let head = head("GET", path, token, "", 0);
        self.stream.write_all(head.as_bytes()).await.expect("sent");
        self.answer().await
    }

    async fn answer(&mut self) -> Vec<u8> {
        let mut line = String::new();
        let (mut status, mut bytes) = (String::new(), 0);
        loop {
            line.clear();
            let read = self.stream.read_line(&mut line).await.expect("an answer");
            assert!(read > 0, "the hub closed the connection");
            let text = line.trim_end().to_ascii_lowercase();
            if text.is_empty() {
                break;
            }
            if status.is_empty() {
                status = text;
            } else if let Some(length) = text.strip_prefix("content-length:") {
                bytes = length.trim().parse().expect("a length");
            }
        }
        let mut body = vec![0; bytes];
        self.stream.read_exact(&mut body).await.expect("a body");
        let said = String::from_utf8_lossy(&body);
        assert!(status.contains(" 200 "), "{status}: {said}");
        body
    }
}

/// A request that is ready to be sent.
pub struct Post {
    head: String,
    body: Vec<u8>,
}

impl Post {
    /// A request of a device as an agent sends it: signed, and packed in the quickest way where it is long.
    pub fn new(signer: &Signer, path: &str, body: Vec<u8>) -> Self {
        /// As in the agent's transport.
        const PACKED_BYTES_MIN: usize = 1_024;
        let mut headers = String::new();
        let text = std::str::from_utf8(&body).expect("JSON");
        if let Some(signature) = signer.signature(path, text) {
            let _ = write!(headers, "{SIGNATURE_HEADER}: {signature}\r\n");
        }
        let body = if body.len() < PACKED_BYTES_MIN {
            body
        } else {
            headers.push_str("content-encoding: gzip\r\n");
            packed(&body)
        };
        Self {
            head: head("POST", path, &signer.token, &headers, body.len()),
            body,
        }
    }
}

fn head(method: &str, path: &str, token: &str, headers: &str, bytes: usize) -> String {
    let token = match token {
        "" => String::new(),
        token => format!("authorization: Bearer {token}\r\n"),
    };
    format!(
        "{method} {path} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n{token}{headers}\
         content-length: {bytes}\r\n\r\n"
    )
}

fn packed(body: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::with_capacity(body.len() / 4), Compression::fast());
    encoder.write_all(body).expect("packed");
    encoder.finish().expect("packed")
}
