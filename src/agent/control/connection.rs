//! One connection: a request a line, an answer a line.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::UnixStream;
use tokio::net::unix::OwnedWriteHalf;
use tokio::sync::broadcast::error::RecvError;

use crate::seams::{Console, Happening};

use super::forms::{BarForm, FieldForm, Request, SoundForm, ViewForm, key_of};

/// Longest request.
const REQUEST_BYTES_MAX: u64 = 4 * 1024;

/// How long a client may refuse to take an answer.
const WRITE_MS_MAX: u64 = 5_000;

/// Answers until the client leaves, or does what no client does.
pub(super) async fn serve(stream: UnixStream, console: &dyn Console) {
    let (read, mut write) = stream.into_split();
    let mut lines = BufReader::new(read);
    let mut line = Vec::new();
    loop {
        line.clear();
        let taken = (&mut lines)
            .take(REQUEST_BYTES_MAX)
            .read_until(b'\n', &mut line)
            .await;
        if taken.is_err() || line.is_empty() {
            return;
        }
        if !line.ends_with(b"\n") && line.len() as u64 >= REQUEST_BYTES_MAX {
            let message = format!("a request has at most {REQUEST_BYTES_MAX} bytes");
            let _ = send(&mut write, &error("too_long", &message)).await;
            return;
        }
        let going_on = match serde_json::from_slice(&line) {
            Ok(Request::Ask(what)) if what == "watch" => return watch(&mut write, console).await,
            Ok(request) => send(&mut write, &answer(request, console).await).await,
            Err(cause) => send(&mut write, &error("request", &cause.to_string())).await,
        };
        if going_on.is_none() {
            return;
        }
    }
}

async fn answer(request: Request, console: &dyn Console) -> Value {
    match request {
        Request::Ask(what) => match what.as_str() {
            "status" => json!({ "status": console.status() }),
            "view" => json!({ "view": ViewForm::from(console.view().as_ref()) }),
            "bar" => json!({ "bar": BarForm::from(&console.status_bar()) }),
            "fields" => {
                let fields: Vec<FieldForm> = console.fields().iter().map(FieldForm::from).collect();
                json!({ "fields": fields })
            }
            "shot" => {
                json!({ "shot": { "png_hex": tallyman_drivers::contract::report::hex(&console.shot()) } })
            }
            _ => error(
                "request",
                "`ask` is one of status, view, bar, fields, shot, watch",
            ),
        },
        Request::Print(what) if what != "test" => error("request", "`print` is test"),
        Request::Print(_) if console.print_test() => json!({ "ok": true }),
        Request::Print(_) => error(
            "no_printer",
            "this device has no label printer; set `printer.link` in its configuration",
        ),
        Request::Key(name) => match key_of(&name) {
            Some(key) if console.press(key).await => json!({ "ok": true }),
            Some(_) => error("ended", "the agent is ending"),
            None => error(
                "key",
                "`key` is one character, or one of backspace, enter, escape, undo, done, short, type",
            ),
        },
    }
}

async fn watch(write: &mut OwnedWriteHalf, console: &dyn Console) {
    // Subscribed before the view is read, so that nothing falls between.
    let mut happenings = console.watch();
    let mut next = json!({ "view": ViewForm::from(console.view().as_ref()) });
    while send(write, &next).await.is_some() {
        next = match happenings.recv().await {
            Ok(Happening::View(view)) => json!({ "view": ViewForm::from(view.as_ref()) }),
            Ok(Happening::Sound(sounded)) => json!({ "sound": SoundForm::from(&sounded) }),
            Err(RecvError::Lagged(count)) => json!({ "missed": count }),
            Err(RecvError::Closed) => return,
        };
    }
}

/// Sends one line. `None` where the client is gone.
async fn send(write: &mut OwnedWriteHalf, answer: &Value) -> Option<()> {
    let mut line = answer.to_string();
    line.push('\n');
    let written = tokio::time::timeout(
        Duration::from_millis(WRITE_MS_MAX),
        write.write_all(line.as_bytes()),
    )
    .await;
    written.ok()?.ok()
}

fn error(code: &str, message: &str) -> Value {
    json!({ "error": { "code": code, "message": message } })
}
