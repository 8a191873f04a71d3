//! A USB interface as a link: a thread that waits for packets, one that sends, and bounded channels between them
//! and the device's life.
//!
//! The USB library blocks, so it has threads of its own. A packet is asked for only when there was room for the one
//! before it: while the program is busy nothing is asked for, and the device holds its bytes. Each transfer is short,
//! so that closing the link ends both threads soon; bytes that came just before a transfer's time was over are bytes
//! like any other.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::thread::{self, JoinHandle};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::mpsc;

use crate::contract::Packets;

/// How long one transfer may take, in milliseconds. Closing a link waits for as long; each end of a transfer wakes
/// an idle machine.
pub(super) const TRANSFER_MS: u64 = 200;
/// Packets that may wait for the device's life: a code of 1 KiB in packets of 64 bytes.
const PACKETS_MAX: usize = 16;
/// Bytes taken by one write; a longer one is several.
const WRITE_BYTES_MAX: usize = 4 * 1024;

/// The pipes of an interface, as the threads use them. Every call blocks for [`TRANSFER_MS`] at most.
pub(super) trait Pipes: Send + Sync + 'static {
    /// Waits for a packet and says how many bytes it has. 0: none came, or an empty one.
    fn receive(&self, packet: &mut [u8]) -> io::Result<usize>;

    /// Sends, and says how many bytes the device took.
    fn send(&self, bytes: &[u8]) -> io::Result<usize>;
}

/// What is known of an interface beside its pipes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Wire {
    /// How bytes stand in packets.
    pub(super) packets: Packets,
    /// Bytes of the largest packet that comes.
    pub(super) packet_bytes: usize,
    /// Whether bytes can be sent.
    pub(super) sends: bool,
    /// What is sent in the end.
    pub(super) close_with: Vec<u8>,
}

/// An open interface. Dropping it ends the threads, which closes the device.
pub(super) struct UsbBulk {
    received: mpsc::Receiver<io::Result<Vec<u8>>>,
    /// What did not fit the reader's buffer.
    rest: Vec<u8>,
    sending: Option<Sending>,
    threads: Vec<JoinHandle<()>>,
}

/// The way to the thread that sends. One write is on its way at a time.
struct Sending {
    bytes: mpsc::Sender<Vec<u8>>,
    sent: mpsc::Receiver<io::Result<()>>,
    on_its_way: bool,
}

impl UsbBulk {
    /// Starts the threads.
    pub(super) fn start(pipes: Arc<dyn Pipes>, wire: &Wire) -> io::Result<Self> {
        let (sender, received) = mpsc::channel(PACKETS_MAX);
        let mut link = Self {
            received,
            rest: Vec::new(),
            sending: None,
            threads: Vec::new(),
        };
        let (packets, packet_bytes) = (wire.packets, wire.packet_bytes);
        let receiving = Arc::clone(&pipes);
        link.threads.push(
            thread::Builder::new()
                .name("usb-receive".to_owned())
                .spawn(move || receive(receiving.as_ref(), packets, packet_bytes, &sender))?,
        );
        if wire.sends {
            let (bytes, to_send) = mpsc::channel(1);
            let (answers, sent) = mpsc::channel(1);
            let close_with = wire.close_with.clone();
            link.threads.push(
                thread::Builder::new()
                    .name("usb-send".to_owned())
                    .spawn(move || send(pipes.as_ref(), to_send, &answers, &close_with))?,
            );
            link.sending = Some(Sending {
                bytes,
                sent,
                on_its_way: false,
            });
        }
        Ok(link)
    }
}

/// Receives until the link is closed or the device is gone.
fn receive(
    pipes: &dyn Pipes,
    packets: Packets,
    packet_bytes: usize,
    received: &mpsc::Sender<io::Result<Vec<u8>>>,
) {
    let mut packet = vec![0; packet_bytes];
    while !received.is_closed() {
        let result = pipes
            .receive(&mut packet)
            .map(|count| packets.content(packet.get(..count).unwrap_or(&packet)).to_vec());
        let is_over = result.is_err();
        if result.as_ref().is_ok_and(Vec::is_empty) {
            continue;
        }
        // Waits for room; closing the link ends the wait.
        if received.blocking_send(result).is_err() || is_over {
            return;
        }
    }
}

/// Sends until the link is closed or the device is gone.
fn send(
    pipes: &dyn Pipes,
    mut to_send: mpsc::Receiver<Vec<u8>>,
    sent: &mpsc::Sender<io::Result<()>>,
    close_with: &[u8],
) {
    while let Some(bytes) = to_send.blocking_recv() {
        let mut rest = bytes.as_slice();
        let mut result = Ok(());
        while result.is_ok() && !rest.is_empty() && !sent.is_closed() {
            match pipes.send(rest) {
                Ok(count) => rest = rest.get(count..).unwrap_or(&[]),
                Err(error) => result = Err(error),
            }
        }
        if sent.blocking_send(result).is_err() {
            break;
        }
    }
    if !close_with.is_empty() {
        // A device that is gone needs no farewell.
        let _ = pipes.send(close_with);
    }
}

impl Sending {
    /// Waits until what was written is with the device.
    fn poll_sent(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if !self.on_its_way {
            return Poll::Ready(Ok(()));
        }
        let result = ready!(self.sent.poll_recv(context));
        self.on_its_way = false;
        Poll::Ready(result.unwrap_or_else(|| Err(io::ErrorKind::BrokenPipe.into())))
    }
}

impl AsyncRead for UsbBulk {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let link = &mut *self;
        if link.rest.is_empty() {
            match ready!(link.received.poll_recv(context)) {
                Some(Ok(bytes)) => link.rest = bytes,
                Some(Err(error)) => return Poll::Ready(Err(error)),
                // The error was told before: the device is gone.
                None => return Poll::Ready(Ok(())),
            }
        }
        let count = link.rest.len().min(buffer.remaining());
        buffer.put_slice(&link.rest[..count]);
        link.rest.drain(..count);
        Poll::Ready(Ok(()))
    }
}

/// Nothing is written to a device that only sends.
impl super::Link for UsbBulk {}

impl AsyncWrite for UsbBulk {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let Some(sending) = &mut self.sending else {
            return Poll::Ready(Ok(bytes.len()));
        };
        ready!(sending.poll_sent(context))?;
        let count = bytes.len().min(WRITE_BYTES_MAX);
        if sending.bytes.try_send(bytes[..count].to_vec()).is_err() {
            return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()));
        }
        sending.on_its_way = true;
        Poll::Ready(Ok(count))
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.sending {
            Some(sending) => sending.poll_sent(context),
            None => Poll::Ready(Ok(())),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.poll_flush(context)
    }
}

/// Waits for the threads, for the time of a transfer: only when they have let the device go can it be opened again.
impl Drop for UsbBulk {
    fn drop(&mut self) {
        self.received.close();
        self.sending = None;
        for thread in self.threads.drain(..) {
            // A thread that panicked is over as well.
            let _ = thread.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;
    use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
    use std::sync::mpsc as blocking;
    use std::time::Duration;

    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    use super::*;

    /// A device in memory: packets to come, and bytes it was given.
    struct Fake {
        packets: Mutex<blocking::Receiver<io::Result<Vec<u8>>>>,
        taken: AtomicUsize,
        given: Mutex<Vec<u8>>,
        /// Bytes it takes of one transfer.
        takes: usize,
        /// Every other time it has no room for more than a byte.
        is_full: AtomicBool,
    }

    impl Fake {
        fn new(takes: usize) -> (blocking::Sender<io::Result<Vec<u8>>>, Arc<Self>) {
            let (sender, packets) = blocking::channel();
            let fake = Self {
                packets: Mutex::new(packets),
                taken: AtomicUsize::new(0),
                given: Mutex::new(Vec::new()),
                takes,
                is_full: AtomicBool::new(false),
            };
            (sender, Arc::new(fake))
        }

        fn given(&self) -> Vec<u8> {
            self.given.lock().unwrap().clone()
        }
    }

    impl Pipes for Fake {
        fn receive(&self, packet: &mut [u8]) -> io::Result<usize> {
            match self
                .packets
                .lock()
                .unwrap()
                .recv_timeout(Duration::from_millis(1))
            {
                Ok(Ok(bytes)) => {
                    packet[..bytes.len()].copy_from_slice(&bytes);
                    self.taken.fetch_add(1, Ordering::SeqCst);
                    Ok(bytes.len())
                }
                Ok(Err(error)) => Err(error),
                Err(_) => Ok(0),
            }
        }

        fn send(&self, bytes: &[u8]) -> io::Result<usize> {
            if self.takes == 0 {
                return Err(io::ErrorKind::NotConnected.into());
            }
            if bytes.len() > 1 && self.is_full.fetch_xor(true, Ordering::SeqCst) {
                return Ok(0);
            }
            let count = bytes.len().min(self.takes);
            self.given.lock().unwrap().extend(&bytes[..count]);
            Ok(count)
        }
    }

    fn wire(packets: Packets) -> Wire {
        Wire {
            packets,
            packet_bytes: 64,
            sends: true,
            close_with: vec![0xFF],
        }
    }

    #[tokio::test]
    async fn packets_come_in_order_whatever_the_readers_buffer_and_an_unplugged_device_is_an_error() {
        let (device, fake) = Fake::new(64);
        let mut link = UsbBulk::start(fake, &wire(Packets::Counted)).unwrap();
        for packet in [b"\x04ABCD" as &[u8], b"\x00", b"", b"\x02EF\0\0"] {
            device.send(Ok(packet.to_vec())).unwrap();
        }
        let mut bytes = [0; 6];
        link.read_exact(&mut bytes[..3]).await.unwrap();
        link.read_exact(&mut bytes[3..]).await.unwrap();
        assert_eq!(&bytes, b"ABCDEF");
        device.send(Err(io::ErrorKind::NotConnected.into())).unwrap();
        let error = link.read(&mut bytes).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::NotConnected);
        assert_eq!(link.read(&mut bytes).await.unwrap(), 0, "and it stays gone");
    }

    #[tokio::test]
    async fn nothing_is_asked_of_the_device_while_the_program_is_busy() {
        let (device, fake) = Fake::new(64);
        let mut link = UsbBulk::start(Arc::clone(&fake) as Arc<dyn Pipes>, &wire(Packets::Plain)).unwrap();
        for number in 0..200_u8 {
            device.send(Ok(vec![number])).unwrap();
        }
        // One packet more than there is room for is in the thread's hand.
        while fake.taken.load(Ordering::SeqCst) < PACKETS_MAX + 1 {
            tokio::task::yield_now().await;
        }
        let mut byte = [0];
        for number in 0..200_u8 {
            let taken = fake.taken.load(Ordering::SeqCst);
            assert!(
                taken <= usize::from(number) + PACKETS_MAX + 1,
                "{taken} taken when {number} were read"
            );
            link.read_exact(&mut byte).await.unwrap();
            assert_eq!(byte, [number]);
        }
    }

    #[tokio::test]
    async fn writes_go_out_whole_and_in_order_and_closing_says_farewell_and_lets_the_device_go() {
        let (_device, fake) = Fake::new(3);
        let mut link = UsbBulk::start(Arc::clone(&fake) as Arc<dyn Pipes>, &wire(Packets::Plain)).unwrap();
        let long = vec![b'x'; 2 * WRITE_BYTES_MAX + 1];
        link.write_all(b"beep twice").await.unwrap();
        link.write_all(&long).await.unwrap();
        link.flush().await.unwrap();
        let mut expected = b"beep twice".to_vec();
        expected.extend(&long);
        assert!(
            fake.given() == expected,
            "{} bytes were given",
            fake.given().len()
        );
        drop(link);
        assert_eq!(fake.given().last(), Some(&0xFF));
        assert_eq!(Arc::strong_count(&fake), 1, "no thread has the device any more");
    }

    #[tokio::test]
    async fn a_failed_write_is_told_and_a_device_that_only_sends_takes_everything() {
        let (_device, fake) = Fake::new(0);
        let mut link = UsbBulk::start(Arc::clone(&fake) as Arc<dyn Pipes>, &wire(Packets::Plain)).unwrap();
        let written = link.write_all(b"lost").await;
        let error = written.and(link.flush().await).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::NotConnected);
        let one_way = Wire {
            sends: false,
            ..wire(Packets::Plain)
        };
        let mut link = UsbBulk::start(fake, &one_way).unwrap();
        link.write_all(b"nobody hears").await.unwrap();
        link.flush().await.unwrap();
    }

    #[tokio::test]
    async fn closing_ends_threads_that_wait_for_room() {
        let (device, fake) = Fake::new(1);
        for number in 0..100_u8 {
            device.send(Ok(vec![number])).unwrap();
        }
        let mut link = UsbBulk::start(Arc::clone(&fake) as Arc<dyn Pipes>, &wire(Packets::Plain)).unwrap();
        while fake.taken.load(Ordering::SeqCst) < PACKETS_MAX + 1 {
            tokio::task::yield_now().await;
        }
        link.write_all(&[b'x'; WRITE_BYTES_MAX]).await.unwrap();
        drop(link);
        assert_eq!(Arc::strong_count(&fake), 1);
    }
}
