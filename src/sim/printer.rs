//! A virtual label printer: a TCP port that takes ZPL II, answers `~HS`, runs out of labels, and says what it printed.
//!
//! It reads ZPL by itself, as a printer does, and knows nothing of who wrote it: bars are given as a scanner would send them.

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio::task::JoinHandle;

/// Bytes that the printer keeps while they make no label yet.
const PENDING_BYTES_MAX: usize = 256 << 10;

/// A label as it came out.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PrintedLabel {
    /// The texts, in their order.
    pub texts: Vec<String>,
    /// The bar codes, in their order.
    pub bars: Vec<PrintedBars>,
}

/// A bar code on a label, as a scanner reads it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PrintedBars {
    /// The symbology identifier: `]C1` with FNC1 first, else `]C0`.
    pub symbology: String,
    /// What is read; FNC1 within it is a group separator.
    pub text: String,
}

/// The printer. Dropping it switches it off.
#[derive(Debug)]
pub struct VirtualPrinter {
    address: SocketAddr,
    shared: Arc<Shared>,
    serving: JoinHandle<()>,
}

#[derive(Debug, Default)]
struct Shared {
    inner: Mutex<Inner>,
    printed: Notify,
}

#[derive(Debug, Default)]
struct Inner {
    is_out_of_paper: bool,
    /// Labels that were taken and wait for paper.
    held: Vec<PrintedLabel>,
    printed: Vec<PrintedLabel>,
}

impl VirtualPrinter {
    /// Switches a printer on, on a port that the system chooses.
    ///
    /// # Errors
    /// What the system says.
    pub async fn start() -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared::default());
        let serving = tokio::spawn({
            let shared = Arc::clone(&shared);
            async move {
                // One connection at a time, as label printers do.
                while let Ok((stream, _)) = listener.accept().await {
                    let _ = serve(stream, &shared).await;
                }
            }
        });
        Ok(Self {
            address,
            shared,
            serving,
        })
    }

    /// Where it listens.
    pub fn address(&self) -> String {
        self.address.to_string()
    }

    /// Takes its labels away, or puts some in: then what it holds is printed.
    pub fn set_paper(&self, is_there: bool) {
        let mut inner = self.shared.inner();
        inner.is_out_of_paper = !is_there;
        if is_there {
            let held = std::mem::take(&mut inner.held);
            inner.printed.extend(held);
        }
        drop(inner);
        self.shared.printed.notify_waiters();
    }

    /// What was printed so far.
    pub fn printed(&self) -> Vec<PrintedLabel> {
        self.shared.inner().printed.clone()
    }

    /// Waits until so many labels were printed.
    pub async fn until_printed(&self, count: usize) -> Vec<PrintedLabel> {
        loop {
            let changed = self.shared.printed.notified();
            let printed = self.printed();
            if printed.len() >= count {
                return printed;
            }
            changed.await;
        }
    }
}

impl Drop for VirtualPrinter {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

impl Shared {
    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take(&self, label: PrintedLabel) {
        let mut inner = self.inner();
        if inner.is_out_of_paper {
            inner.held.push(label);
        } else {
            inner.printed.push(label);
        }
        drop(inner);
        self.printed.notify_waiters();
    }

    fn status(&self) -> String {
        let inner = self.inner();
        let (out, formats) = (u8::from(inner.is_out_of_paper), inner.held.len().min(999));
        format!(
            "\x02030,{out},0,0560,{formats:03},0,0,0,000,0,0,0\x03\r\n\x02000,0,0,0,0,2,4,0,00000000,1,000\x03\r\n\x021234,0\x03\r\n"
        )
    }
}

async fn serve(mut stream: TcpStream, shared: &Shared) -> io::Result<()> {
    let mut pending = Vec::new();
    let mut bytes = [0; 4_096];
    loop {
        let read = stream.read(&mut bytes).await?;
        if read == 0 {
            return Ok(());
        }
        pending.extend_from_slice(&bytes[..read]);
        while let Some((command, length)) = next_command(&pending) {
            match command {
                Command::Status => stream.write_all(shared.status().as_bytes()).await?,
                Command::Label(label) => shared.take(label),
            }
            pending.drain(..length);
        }
        if pending.len() > PENDING_BYTES_MAX {
            return Err(io::Error::other("no label is that long"));
        }
    }
}

enum Command {
    Status,
    Label(PrintedLabel),
}

/// The next whole command, and how many bytes it and what is before it are.
fn next_command(pending: &[u8]) -> Option<(Command, usize)> {
    let find = |wanted: &[u8]| pending.windows(wanted.len()).position(|window| window == wanted);
    let status = find(b"~HS");
    let begin = find(b"^XA");
    match (status, begin) {
        // Immediate commands are answered where they stand, also before a label that is not whole yet.
        (Some(status), begin) if begin.is_none_or(|begin| status < begin) => {
            Some((Command::Status, status + 3))
        }
        (_, Some(begin)) => {
            let end = find(b"^XZ").filter(|end| *end > begin)?;
            let text = String::from_utf8_lossy(&pending[begin..end]);
            Some((Command::Label(label_of(&text)), end + 3))
        }
        _ => None,
    }
}

/// Reads a label between `^XA` and `^XZ`.
fn label_of(zpl: &str) -> PrintedLabel {
    let mut label = PrintedLabel::default();
    for field in zpl.split("^FS") {
        let Some((commands, data)) = field.rsplit_once("^FD") else {
            continue;
        };
        let data = data.trim_end_matches(['\r', '\n']);
        let data = if commands.contains("^FH") {
            unescaped(data)
        } else {
            data.to_owned()
        };
        if commands.contains("^BC") {
            label.bars.push(bars_of(&data));
        } else {
            label.texts.push(data);
        }
    }
    label
}

/// `_5E` as `^`, as `^FH` says.
fn unescaped(data: &str) -> String {
    let mut bytes = Vec::with_capacity(data.len());
    let mut rest = data.as_bytes();
    while let Some((first, behind)) = rest.split_first() {
        let hexadecimal = behind.get(..2).filter(|_| *first == b'_');
        let value = hexadecimal.and_then(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok());
        match value {
            Some(value) => {
                bytes.push(value);
                rest = &behind[2..];
            }
            None => {
                bytes.push(*first);
                rest = behind;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Code 128 as `^BC` takes it, with its signs for subsets and functions.
fn bars_of(data: &str) -> PrintedBars {
    let mut symbology = "]C0";
    let mut text = String::new();
    let mut characters = data.chars();
    while let Some(character) = characters.next() {
        if character != '>' {
            text.push(character);
            continue;
        }
        match characters.next() {
            Some('0') => text.push('>'),
            Some('8') if text.is_empty() => symbology = "]C1",
            Some('8') => text.push('\u{1d}'),
            // Starts and changes of a subset leave nothing to read.
            _ => {}
        }
    }
    PrintedBars {
        symbology: symbology.to_owned(),
        text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_is_read_as_a_printer_reads_it() {
        let zpl =
            b"~HS\r\n^XA^CI28^FO1,1^A0N,20^FH^FDa_5Eb^FS\n^BCN,100,N,N,N,N^FH^FD>;>801>6x>0y>81_5F^FS^XZ^XA";
        let (command, first) = next_command(zpl).unwrap();
        assert!(matches!(command, Command::Status));
        let (command, second) = next_command(&zpl[first..]).unwrap();
        let Command::Label(label) = command else {
            panic!("no label")
        };
        assert_eq!(label.texts, ["a^b"]);
        assert_eq!(
            (label.bars[0].symbology.as_str(), label.bars[0].text.as_str()),
            ("]C1", "01x>y\u{1d}1_")
        );
        assert!(next_command(&zpl[first + second..]).is_none());
    }
}
