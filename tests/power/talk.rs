//! What a program said and heard through its sockets, put together from the pieces in which it came: HTTP messages
//! with the hub, lines on the control socket.

use std::collections::HashMap;

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
    let length = head
        .lines()
        .filter_map(|line| line.split_once(':'))
        .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
        .map_or(0, |(_, value)| value.trim().parse().expect("a length"));
    let body = bytes.get(head_end..head_end + length)?;
    let first = head.lines().next().unwrap_or_default().to_owned();
    Some((first, body.to_vec(), head_end + length))
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
