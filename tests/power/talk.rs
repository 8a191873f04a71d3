//! What a program said and heard through its sockets, put together from the pieces in which it came: HTTP messages
//! with the hub, lines on the control socket.

use std::collections::HashMap;
use std::io::Read as _;

use flate2::read::GzDecoder;

use super::trace::{Act, Record};

/// One connection: the life of the program, and the socket's number in it.
pub type Connection = (usize, u64);

/// A whole message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Where.
    pub connection: Connection,
    /// Said by the recorded program, otherwise heard by it.
    pub said: bool,
    /// The first line of an HTTP message; empty for a line of the control socket.
    pub head: String,
    /// The body, or the line.
    pub body: Vec<u8>,
}

/// What was said and heard so far and is not whole yet.
#[derive(Debug, Default)]
pub struct Talk {
    pieces: HashMap<(Connection, bool), Vec<u8>>,
}

impl Talk {
    /// Takes what happened, and answers the messages that it made whole.
    pub fn take(&mut self, record: &Record) -> Vec<Message> {
        let (socket, data, said) = match &record.act {
            Act::Said { socket, data } => (*socket, data, true),
            Act::Heard { socket, data } => (*socket, data, false),
            Act::Closed { socket } => {
                let connection = (record.life, *socket);
                self.pieces.retain(|(known, _), _| *known != connection);
                return Vec::new();
            }
            _ => return Vec::new(),
        };
        let connection = (record.life, socket);
        let pieces = self.pieces.entry((connection, said)).or_default();
        pieces.extend_from_slice(data);
        let mut messages = Vec::new();
        while let Some((head, body, length)) = whole(pieces) {
            messages.push(Message {
                connection,
                said,
                head,
                body,
            });
            pieces.drain(..length);
        }
        messages
    }
}

/// Head, body and length of the message at the start, where it is whole.
fn whole(bytes: &[u8]) -> Option<(String, Vec<u8>, usize)> {
    if bytes.first() == Some(&b'{') {
        let end = bytes.iter().position(|byte| *byte == b'\n')?;
        return Some((String::new(), bytes[..end].to_vec(), end + 1));
    }
    let head_end = bytes.windows(4).position(|four| four == b"\r\n\r\n")? + 4;
    let head = String::from_utf8_lossy(&bytes[..head_end]).into_owned();
    let field = |wanted: &str| {
        head.lines()
            .filter_map(|line| line.split_once(':'))
            .find(|(name, _)| name.eq_ignore_ascii_case(wanted))
            .map(|(_, value)| value.trim())
    };
    let rest = &bytes[head_end..];
    let (body, length) =
        if field("transfer-encoding").is_some_and(|value| value.eq_ignore_ascii_case("chunked")) {
            chunks(rest)?
        } else {
            let length = field("content-length").map_or(0, |value| value.parse().expect("a length"));
            (rest.get(..length)?.to_vec(), length)
        };
    let body = match field("content-encoding") {
        Some("gzip") => unpacked(&body),
        _ => body,
    };
    let first = head.lines().next().unwrap_or_default().to_owned();
    Some((first, body, head_end + length))
}

/// A body in chunks (RFC 9112, 7.1), and its length on the wire, where it is whole.
fn chunks(bytes: &[u8]) -> Option<(Vec<u8>, usize)> {
    const LINE_END: &[u8] = b"\r\n";
    let (mut body, mut at) = (Vec::new(), 0);
    loop {
        let rest = bytes.get(at..)?;
        let line = rest.windows(LINE_END.len()).position(|two| two == LINE_END)?;
        let size = std::str::from_utf8(&rest[..line]).expect("a size");
        let size = usize::from_str_radix(size, 16).expect("a size");
        let begin = line + LINE_END.len();
        body.extend_from_slice(rest.get(begin..begin + size)?);
        rest.get(begin + size..begin + size + LINE_END.len())?;
        at += begin + size + LINE_END.len();
        if size == 0 {
            return Some((body, at));
        }
    }
}

fn unpacked(body: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    GzDecoder::new(body)
        .read_to_end(&mut bytes)
        .expect("a compressed body");
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heard(messages: &[Message]) -> Vec<(&str, &[u8])> {
        messages
            .iter()
            .map(|message| (message.head.as_str(), message.body.as_slice()))
            .collect()
    }

    #[test]
    fn a_compressed_body_is_unpacked() {
        let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        std::io::Write::write_all(&mut packed, b"{}").unwrap();
        let packed = packed.finish().unwrap();
        let head = format!(
            "POST / HTTP/1.1\r\ncontent-encoding: gzip\r\ncontent-length: {}\r\n\r\n",
            packed.len()
        );
        let (_, body, length) = whole(&[head.as_bytes(), &packed].concat()).unwrap();
        assert_eq!(
            (body.as_slice(), length),
            (b"{}".as_slice(), head.len() + packed.len())
        );
    }

    #[test]
    fn messages_are_put_together_and_a_closed_socket_forgets_its_half() {
        let mut talk = Talk::default();
        let mut say = |socket, text: &str| {
            let data = text.as_bytes().into();
            talk.take(&Record {
                life: 0,
                act: Act::Said { socket, data },
            })
        };
        assert_eq!(say(3, "POST /v1/x HTTP/1.1\r\nContent-Length: 4\r\n\r\nab"), []);
        let found = say(3, "cdGET / HTTP/1.1\r\n\r\nPOST");
        assert_eq!(
            heard(&found),
            [
                ("POST /v1/x HTTP/1.1", b"abcd".as_slice()),
                ("GET / HTTP/1.1", b"")
            ]
        );
        assert_eq!(
            say(
                5,
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n1"
            ),
            []
        );
        assert_eq!(
            heard(&say(5, "\r\nd\r\n0\r\n\r\n")),
            [("HTTP/1.1 200 OK", b"abcd".as_slice())]
        );
        assert_eq!(heard(&say(4, "{\"a\":1}\n{")), [("", b"{\"a\":1}".as_slice())]);
        talk.take(&Record {
            life: 0,
            act: Act::Closed { socket: 3 },
        });
        let mut say = |text: &str| {
            let data = text.as_bytes().into();
            talk.take(&Record {
                life: 0,
                act: Act::Said { socket: 3, data },
            })
        };
        assert_eq!(
            heard(&say("GET /2 HTTP/1.1\r\n\r\n")),
            [("GET /2 HTTP/1.1", b"".as_slice())]
        );
    }
}
