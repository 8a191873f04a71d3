//! A device's life over real pseudo terminals and sockets: reads in order, hang-up and return, back-pressure,
//! panics and cancellation.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::future::BoxFuture;
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{self, ControlModes, LocalModes};
use tallyman_codes::{DeviceName, Moment, Seen};
use tallyman_drivers::config::{
    DeviceConfig, LinkConfig, Parity, SerialConfig, SettingValue, TcpClientConfig, TcpServerConfig,
};
use tallyman_drivers::contract::{Decoder, Output, Outputs};
use tallyman_drivers::link::tcp_server::TcpServerOpener;
use tallyman_drivers::link::{
    DeviceHandle, Link, LinkError, Opener, Phase, Report, Surroundings, TokioClock, serial, supervise,
    supervise_with,
};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// A pseudo terminal: our end, and the path of the end a program opens.
struct Pty {
    ours: OwnedFd,
    path: String,
}

impl Pty {
    fn open() -> Self {
        let ours = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&ours).unwrap();
        unlockpt(&ours).unwrap();
        let path = ptsname(&ours, Vec::new()).unwrap().into_string().unwrap();
        Self { ours, path }
    }

    /// A writer for a thread of its own: it blocks while the line is full, as a real line does.
    fn file(&self) -> File {
        File::from(self.ours.try_clone().unwrap())
    }
}

/// Makes a decoder of text lines.
fn plain_text(_discovered: &[(&'static str, String)]) -> Result<Box<dyn Decoder>, String> {
    let driver = tallyman_drivers::driver("plain_text").unwrap();
    driver.decoder([]).map_err(|error| error.to_string())
}

struct Rig {
    reports: mpsc::Receiver<Report>,
    cancel: CancellationToken,
    sender: mpsc::Sender<Report>,
}

impl Rig {
    fn new(room: usize) -> Self {
        let (sender, reports) = mpsc::channel(room);
        Self {
            reports,
            cancel: CancellationToken::new(),
            sender,
        }
    }

    fn surroundings(&self) -> Surroundings {
        Surroundings {
            reports: self.sender.clone(),
            clock: Arc::new(TokioClock::start()),
            entropy: Box::new(|| 0),
            cancel: self.cancel.clone(),
        }
    }

    fn start(&self, name: &str, link: LinkConfig) -> DeviceHandle {
        let config = DeviceConfig {
            name: name.to_owned(),
            driver: "plain_text".to_owned(),
            link,
            settings: std::iter::empty().collect(),
            duplicate_ms: None,
        };
        let (handle, life) = supervise(&config, self.surroundings()).unwrap();
        tokio::spawn(life);
        handle
    }

    async fn text(&mut self) -> String {
        let report = self.reports.recv().await.unwrap();
        match report.into_read().unwrap().seen {
            Seen::Barcode(barcode) => barcode.text(),
            Seen::Tag(_) => panic!("a text scanner reads no tags"),
        }
    }
}

async fn phase(handle: &DeviceHandle, wanted: fn(&Phase) -> bool) {
    handle
        .state
        .clone()
        .wait_for(|state| wanted(&state.phase))
        .await
        .unwrap();
}

fn is_open(phase: &Phase) -> bool {
    *phase == Phase::Open
}

#[tokio::test]
async fn a_port_is_opened_with_its_line_settings() {
    let pty = Pty::open();
    let mut config = SerialConfig::new(&pty.path);
    config.baud = 19_200;
    config.parity = Parity::Even;
    config.data_bits = 7;
    config.stop_bits = 2;
    let _port = serial::open(&config).unwrap();
    let set = termios::tcgetattr(&pty.ours).unwrap();
    assert_eq!(set.input_speed(), 19_200);
    assert_eq!(set.output_speed(), 19_200);
    assert!(
        set.control_modes
            .contains(ControlModes::CSTOPB | ControlModes::CREAD | ControlModes::CLOCAL)
    );
    assert!(!set.control_modes.contains(ControlModes::PARODD));
    assert!(
        !set.local_modes.intersects(LocalModes::ECHO | LocalModes::ICANON),
        "the line is raw"
    );
    // The kernel's pseudo terminal forces 8 data bits without parity back on; what was asked is seen on a real line.
}

#[tokio::test]
async fn an_open_line_is_set_to_another_rate_and_a_pipe_has_none() {
    let pty = Pty::open();
    let mut port = serial::open(&SerialConfig::new(&pty.path)).unwrap();
    let link: &mut dyn Link = &mut port;
    link.set_baud(115_200).unwrap();
    assert_eq!(termios::tcgetattr(&pty.ours).unwrap().output_speed(), 115_200);
    let (mut pipe, _other_end) = tokio::io::duplex(16);
    Link::set_baud(&mut pipe, 115_200).unwrap();
}

#[tokio::test]
async fn a_missing_port_says_what_to_do() {
    let error = serial::open(&SerialConfig::new("/dev/no-such-scanner")).unwrap_err();
    assert!(matches!(error, LinkError::Missing { .. }), "{error}");
    assert_eq!(
        error.to_string(),
        "there is no /dev/no-such-scanner: plug the device in, or correct the path"
    );
}

#[tokio::test]
async fn a_thousand_scans_as_fast_as_the_line_carries_them_all_come_in_order() {
    let pty = Pty::open();
    let mut rig = Rig::new(8);
    let handle = rig.start("fast", LinkConfig::Serial(SerialConfig::new(&pty.path)));
    phase(&handle, is_open).await;
    let mut line = pty.file();
    let writer = std::thread::spawn(move || {
        for number in 0..1_000 {
            write!(line, "]C0SCAN-{number:04}\r\n").unwrap();
        }
    });
    for number in 0..1_000 {
        assert_eq!(rig.text().await, format!("SCAN-{number:04}"));
    }
    writer.join().unwrap();
    let state = handle.state.borrow().clone();
    assert_eq!((state.reads, state.garbage_bytes), (1_000, 0));
}

#[tokio::test]
async fn a_hang_up_drops_the_half_code_and_the_device_returns() {
    let folder = tempfile::tempdir().unwrap();
    let node = folder.path().join("scanner");
    let first = Pty::open();
    std::os::unix::fs::symlink(&first.path, &node).unwrap();
    let mut rig = Rig::new(8);
    let handle = rig.start(
        "dock",
        LinkConfig::Serial(SerialConfig::new(node.to_str().unwrap())),
    );
    phase(&handle, is_open).await;
    first.file().write_all(b"WHOLE\rHALF-OF-A-CO").unwrap();
    assert_eq!(rig.text().await, "WHOLE");
    handle
        .state
        .clone()
        .wait_for(|state| state.bytes == 18)
        .await
        .unwrap();

    std::fs::remove_file(&node).unwrap();
    drop(first);
    handle
        .state
        .clone()
        .wait_for(|state| !is_open(&state.phase))
        .await
        .unwrap();
    handle
        .state
        .clone()
        .wait_for(|state| state.garbage_bytes == 12)
        .await
        .unwrap();

    let second = Pty::open();
    std::os::unix::fs::symlink(&second.path, &node).unwrap();
    phase(&handle, is_open).await;
    second.file().write_all(b"AFTER\r").unwrap();
    assert_eq!(rig.text().await, "AFTER");
    assert_eq!(handle.state.borrow().opened, 2);
}

#[tokio::test]
async fn a_device_that_is_to_be_opened_anew_drops_its_half_code_and_is() {
    let pty = Pty::open();
    let mut rig = Rig::new(8);
    let handle = rig.start("dock", LinkConfig::Serial(SerialConfig::new(&pty.path)));
    phase(&handle, is_open).await;
    pty.file().write_all(b"HALF-OF-A-CO").unwrap();
    let mut state = handle.state.clone();
    state.wait_for(|state| state.bytes == 12).await.unwrap();
    handle.reopen.notify_waiters();
    state
        .wait_for(|state| state.opened == 2 && is_open(&state.phase))
        .await
        .unwrap();
    pty.file().write_all(b"AFTER\r").unwrap();
    assert_eq!(rig.text().await, "AFTER");
    assert_eq!(handle.state.borrow().garbage_bytes, 12);
}

#[tokio::test]
async fn while_the_program_is_busy_the_line_is_not_read_and_nothing_is_lost() {
    let pty = Pty::open();
    let mut rig = Rig::new(1);
    let handle = rig.start("held", LinkConfig::Serial(SerialConfig::new(&pty.path)));
    phase(&handle, is_open).await;
    let mut line = pty.file();
    // Far more than the kernel's buffer for a line and one read: the writer must be held off.
    let writer = std::thread::spawn(move || {
        for number in 0..5_000 {
            write!(line, "CODE-{number:06}\r").unwrap();
        }
    });
    handle
        .state
        .clone()
        .wait_for(|state| state.waiting > 0)
        .await
        .unwrap();
    let read = handle.state.borrow().bytes;
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    assert_eq!(
        handle.state.borrow().bytes,
        read,
        "a busy program reads no further"
    );
    assert!(!writer.is_finished(), "the line holds the scanner off");
    for number in 0..5_000 {
        assert_eq!(rig.text().await, format!("CODE-{number:06}"));
    }
    writer.join().unwrap();
    handle
        .state
        .clone()
        .wait_for(|state| state.waiting == 0 && state.waiting_since.is_none())
        .await
        .unwrap();
}

#[tokio::test]
async fn a_scanner_that_never_stops_sending_does_not_starve_another() {
    let (noisy, quiet) = (Pty::open(), Pty::open());
    let mut rig = Rig::new(4);
    let noisy_handle = rig.start("noisy", LinkConfig::Serial(SerialConfig::new(&noisy.path)));
    let quiet_handle = rig.start("quiet", LinkConfig::Serial(SerialConfig::new(&quiet.path)));
    phase(&noisy_handle, is_open).await;
    phase(&quiet_handle, is_open).await;
    let mut line = noisy.file();
    // Ends when the program hangs up.
    let writer = std::thread::spawn(move || while line.write_all(b"NOISE\r").is_ok() {});
    for _ in 0..1_000 {
        assert_eq!(rig.text().await, "NOISE");
    }
    quiet.file().write_all(b"QUIET\r").unwrap();
    let mut noise = 0;
    while rig.text().await == "NOISE" {
        noise += 1;
        assert!(noise < 20_000, "the quiet scanner is starved");
    }
    rig.cancel.cancel();
    phase(&noisy_handle, |phase| *phase == Phase::Stopped).await;
    // Drain what the terminal still holds, so that the writer sees the end.
    drop(rig);
    let mut drain = File::from(
        rustix::fs::open(
            &*noisy.path,
            rustix::fs::OFlags::RDONLY | rustix::fs::OFlags::NOCTTY | rustix::fs::OFlags::NONBLOCK,
            rustix::fs::Mode::empty(),
        )
        .unwrap(),
    );
    drop(noisy);
    let mut rest = [0; 4096];
    while drain.read(&mut rest).is_ok_and(|count| count > 0) {}
    drop(drain);
    drop(writer);
}

#[tokio::test]
async fn a_network_scanner_that_connects_again_is_the_device() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let mut rig = Rig::new(8);
    let make = plain_text;
    let (handle, life) = supervise_with(
        DeviceName::new("tunnel"),
        Box::new(make),
        Box::new(TcpServerOpener::bound(listener)),
        rig.surroundings(),
    );
    tokio::spawn(life);
    let mut first = TcpStream::connect(address).await.unwrap();
    first.write_all(b"ONE\r\nHALF").await.unwrap();
    assert_eq!(rig.text().await, "ONE");
    // It lost its power: the first connection is never closed.
    let mut second = TcpStream::connect(address).await.unwrap();
    second.write_all(b"TWO\r\n").await.unwrap();
    assert_eq!(rig.text().await, "TWO");
    assert_eq!(handle.state.borrow().garbage_bytes, 4);
    assert_eq!(
        first.read(&mut [0; 8]).await.unwrap(),
        0,
        "the old connection is closed"
    );
}

#[tokio::test]
async fn a_network_scanner_that_listens_is_called_until_it_answers() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let mut rig = Rig::new(8);
    let handle = rig.start(
        "reader",
        LinkConfig::TcpClient(TcpClientConfig {
            address: address.to_string(),
        }),
    );
    for text in ["A", "B"] {
        let (mut device, _) = listener.accept().await.unwrap();
        device.write_all(format!("{text}\r\n").as_bytes()).await.unwrap();
        assert_eq!(rig.text().await, text);
    }
    assert!(handle.state.borrow().opened >= 2);
}

#[tokio::test]
async fn each_line_of_a_network_scanner_is_a_trigger_of_its_own_also_after_a_new_connection() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let mut rig = Rig::new(8);
    let handle = rig.start("tunnel", LinkConfig::TcpClient(TcpClientConfig { address }));
    let mut pulls = Vec::new();
    for _ in 0..2 {
        let (mut device, _) = listener.accept().await.unwrap();
        device.write_all(b"SAME\r\nSAME\r\n").await.unwrap();
        for _ in 0..2 {
            let read = rig.reports.recv().await.unwrap().into_read().unwrap();
            pulls.push(read.pull);
        }
    }
    assert_eq!(pulls, [Some(1), Some(2), Some(3), Some(4)]);
    assert_eq!(handle.state.borrow().pulls, 4);
}

#[tokio::test]
async fn what_a_scanner_says_of_itself_is_kept_with_how_often_it_was_said() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut rig = Rig::new(8);
    let config = DeviceConfig {
        name: "tunnel".to_owned(),
        driver: "plain_text".to_owned(),
        link: LinkConfig::TcpClient(TcpClientConfig {
            address: listener.local_addr().unwrap().to_string(),
        }),
        settings: [("no_read".to_owned(), SettingValue::Text("NOREAD".to_owned()))].into(),
        duplicate_ms: None,
    };
    let (handle, life) = supervise(&config, rig.surroundings()).unwrap();
    tokio::spawn(life);
    let (mut device, _) = listener.accept().await.unwrap();
    device.write_all(b"NOREAD\r\nNOREAD\r\nA\r\n").await.unwrap();
    for _ in 0..2 {
        assert!(matches!(
            rig.reports.recv().await.unwrap().output,
            Output::Notice { .. }
        ));
    }
    assert_eq!(rig.text().await, "A");
    let notices = handle.state.borrow().notices.clone();
    let told: Vec<(&str, u64)> = notices
        .iter()
        .map(|noticed| (noticed.code.as_str(), noticed.count))
        .collect();
    assert_eq!(told, [("no_read", 2)]);
}

#[tokio::test]
async fn a_taken_address_is_reported_and_tried_again() {
    let taken = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let listen = taken.local_addr().unwrap().to_string();
    let rig = Rig::new(8);
    let handle = rig.start(
        "server",
        LinkConfig::TcpServer(TcpServerConfig {
            listen: listen.clone(),
        }),
    );
    let mut state = handle.state.clone();
    let seen = state
        .wait_for(|state| state.last_error.is_some())
        .await
        .unwrap()
        .last_error
        .clone()
        .unwrap();
    assert!(
        seen.starts_with(&format!("cannot listen at {listen}: ")),
        "{seen}"
    );
    drop(taken);
    let mut device = loop {
        match TcpStream::connect(&listen).await {
            Ok(stream) => break stream,
            Err(_) => tokio::task::yield_now().await,
        }
    };
    device.write_all(b"X\r").await.unwrap();
    phase(&handle, is_open).await;
}

/// Panics at the second byte it sees in all its lives.
struct Fragile(Arc<AtomicUsize>);

impl Decoder for Fragile {
    fn push(&mut self, bytes: &[u8], _at: Moment, out: &mut Outputs) {
        for byte in bytes {
            assert!(self.0.fetch_add(1, Ordering::Relaxed) != 1, "a bug");
            let barcode = tallyman_codes::Barcode::plain(vec![*byte]);
            out.push(tallyman_drivers::Output::Barcode {
                barcode,
                pull: None,
                again: false,
            });
        }
    }
    fn finish(&mut self, _out: &mut Outputs) {}
    fn reset(&mut self, _out: &mut Outputs) {}
}

/// Hands out the device ends of in-memory pipes.
struct Pipes(mpsc::UnboundedReceiver<tokio::io::DuplexStream>);

impl Opener for Pipes {
    fn open(&mut self) -> BoxFuture<'_, Result<Box<dyn Link>, LinkError>> {
        Box::pin(async {
            match self.0.recv().await {
                Some(pipe) => Ok(Box::new(pipe) as Box<dyn Link>),
                None => std::future::pending().await,
            }
        })
    }
}

#[tokio::test(start_paused = true)]
async fn a_decoder_that_panics_is_made_anew_and_what_it_read_before_is_kept() {
    let (pipes, opener) = mpsc::unbounded_channel();
    let mut rig = Rig::new(8);
    let count = Arc::new(AtomicUsize::new(0));
    let make = move |_: &[(&str, String)]| Ok(Box::new(Fragile(Arc::clone(&count))) as Box<dyn Decoder>);
    let (handle, life) = supervise_with(
        DeviceName::new("f"),
        Box::new(make),
        Box::new(Pipes(opener)),
        rig.surroundings(),
    );
    tokio::spawn(life);
    let (mut device, host) = tokio::io::duplex(64);
    pipes.send(host).unwrap();
    device.write_all(b"AB").await.unwrap();
    assert_eq!(rig.text().await, "A");
    let (mut device, host) = tokio::io::duplex(64);
    pipes.send(host).unwrap();
    device.write_all(b"C").await.unwrap();
    assert_eq!(rig.text().await, "C");
    let state = handle.state.borrow().clone();
    assert_eq!(state.panics, 1);
    assert_eq!(
        state.last_error.as_deref(),
        Some("the decoder failed and was started anew: a bug")
    );
}

#[tokio::test(start_paused = true)]
async fn silence_ends_a_code_and_an_idle_device_sets_no_timer() {
    let (pipes, opener) = mpsc::unbounded_channel();
    let mut rig = Rig::new(8);
    let make = plain_text;
    let (_handle, life) = supervise_with(
        DeviceName::new("f"),
        Box::new(make),
        Box::new(Pipes(opener)),
        rig.surroundings(),
    );
    tokio::spawn(life);
    let (mut device, host) = tokio::io::duplex(64);
    pipes.send(host).unwrap();
    let start = tokio::time::Instant::now();
    device.write_all(b"NO-SUFFIX").await.unwrap();
    assert_eq!(rig.text().await, "NO-SUFFIX");
    assert_eq!(start.elapsed(), Duration::from_millis(80));
    // Time held still moves to the next timer: if the device had one, this long sleep would not be the next.
    let before = tokio::time::Instant::now();
    tokio::time::sleep(Duration::from_secs(3_600)).await;
    assert_eq!(before.elapsed(), Duration::from_secs(3_600));
}
