//! `tallyman record`: writes what goes over a device's wire into a capture, until interrupted.

use std::fs::File;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context as _, bail};
use clap::Args;
use tallyman_codes::Moment;
use tallyman_drivers::capture::{Chunk, Direction, Header, Origin, Starts, write_chunk, write_header};
use tallyman_drivers::config::{LinkConfig, NodeConfig, SerialConfig, TcpClientConfig, UsbConfig};
use tallyman_drivers::contract::ReportLine;
use tallyman_drivers::link::{Clock, Link, TokioClock, opener};
use tallyman_drivers::{Output, Pump};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

/// Bytes taken by one read.
const READ_BYTES: usize = 4 * 1024;

/// Records a device's bytes, with times, into a capture file that `replay` and the tests read.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  tallyman record /dev/ttyACM0 --driver zebra_ssi --out scanner.capture\n\n\
    The driver runs along and acknowledges what it reads; both directions are recorded. Stop the agent first: a \
    device has one reader. Ctrl-C ends the recording."
)]
pub struct Arguments {
    /// A device node, HOST:PORT of a network scanner, or a USB id as `05e0:1701`.
    device: String,
    /// The driver that runs along.
    #[arg(long, default_value = "plain_text")]
    driver: String,
    /// A setting of the driver. May be given several times.
    #[arg(long = "set", value_name = "KEY=VALUE", value_parser = crate::replay::key_value)]
    set: Vec<(String, String)>,
    /// Bits per second of a serial line.
    #[arg(long, default_value_t = 9_600)]
    baud: u32,
    /// The capture file; standard output if left out.
    #[arg(long)]
    out: Option<PathBuf>,
    /// Maker, model and interface, for the header.
    #[arg(long, default_value = "unknown")]
    model: String,
    /// The scanner's firmware, for the header.
    #[arg(long, default_value = "unknown")]
    firmware: String,
    /// Who records, for the header.
    #[arg(long, default_value = "unknown")]
    who: String,
    /// The licence the capture may be used under, for the header.
    #[arg(long, default_value = "unknown")]
    licence: String,
    /// Ends the recording after so many reads.
    #[arg(long)]
    reads: Option<u64>,
}

/// Runs the command.
///
/// # Errors
/// When the device cannot be opened, or the capture cannot be written.
pub fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(record(arguments))
}

async fn record(arguments: Arguments) -> anyhow::Result<ExitCode> {
    let driver = tallyman_drivers::driver(&arguments.driver).with_context(|| {
        format!(
            "There is no driver `{}`. There are {}.",
            arguments.driver,
            tallyman_drivers::driver_names()
        )
    })?;
    let mut opener = opener(&link_of(&arguments), driver);
    let mut link = opener.open().await?;
    let discovered = opener.discovered();
    let has = |key: &str| driver.settings.iter().any(|setting| setting.key == key);
    let found = discovered
        .iter()
        .filter(|(key, _)| has(key))
        .map(|(key, value)| (*key, value.as_str()));
    let own = arguments
        .set
        .iter()
        .map(|(key, value)| (key.as_str(), value.as_str()));
    let settings: Vec<(&str, &str)> = found.chain(own).collect();
    let pump = Pump::new(driver.decoder(settings.iter().copied())?);
    let header = Header {
        driver: driver.name.to_owned(),
        device: arguments.model.clone(),
        firmware: arguments.firmware.clone(),
        who: arguments.who.clone(),
        when: jiff::Zoned::now().date().to_string(),
        licence: arguments.licence.clone(),
        origin: Origin::Recorded,
        settings: settings
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
            .collect(),
        starts: Starts::Opened,
        notes: String::new(),
    };
    let mut recording = Recording::begin(arguments.out.as_deref(), &header, pump, arguments.reads)?;
    eprintln!("Recording {}. Scan; Ctrl-C ends.", arguments.device);
    recording.pump.opened(Moment::default());
    recording.run(link.as_mut()).await?;
    eprintln!("{} bytes, {} reads.", recording.bytes, recording.reads);
    Ok(ExitCode::SUCCESS)
}

/// How a device is reached, by the form of its name.
fn link_of(arguments: &Arguments) -> LinkConfig {
    let device = arguments.device.as_str();
    let is_id = |id: &str| id.len() == 4 && id.bytes().all(|digit| digit.is_ascii_hexdigit());
    match device.split_once(':') {
        Some((vendor, product)) if is_id(vendor) && is_id(product) => LinkConfig::Usb(UsbConfig {
            baud: arguments.baud,
            ..UsbConfig::new(device.to_ascii_lowercase())
        }),
        _ if device.contains("hidraw") => LinkConfig::Hidraw(NodeConfig {
            path: device.to_owned(),
        }),
        _ if device.starts_with("/dev/input/") => LinkConfig::Evdev(NodeConfig {
            path: device.to_owned(),
        }),
        Some(_) if !device.starts_with('/') => LinkConfig::TcpClient(TcpClientConfig {
            address: device.to_owned(),
        }),
        _ => LinkConfig::Serial(SerialConfig {
            baud: arguments.baud,
            ..SerialConfig::new(device)
        }),
    }
}

/// A capture being written.
struct Recording {
    out: Box<dyn Write>,
    pump: Pump,
    clock: TokioClock,
    bytes: u64,
    reads: u64,
    reads_max: Option<u64>,
}

impl Recording {
    fn begin(
        path: Option<&std::path::Path>,
        header: &Header,
        pump: Pump,
        reads_max: Option<u64>,
    ) -> anyhow::Result<Self> {
        let mut out: Box<dyn Write> = match path {
            // A capture is evidence: none is written over.
            Some(path) => Box::new(
                File::create_new(path).with_context(|| format!("{} cannot be created", path.display()))?,
            ),
            None => Box::new(io::stdout()),
        };
        let mut text = String::new();
        write_header(&mut text, header);
        out.write_all(text.as_bytes())?;
        Ok(Self {
            out,
            pump,
            clock: TokioClock::start(),
            bytes: 0,
            reads: 0,
            reads_max,
        })
    }

    /// Reads until the device goes, enough was read, or the user interrupts.
    async fn run(&mut self, link: &mut dyn Link) -> anyhow::Result<()> {
        let mut buffer = vec![0; READ_BYTES];
        loop {
            self.drain(link).await?;
            if self.reads_max.is_some_and(|most| self.reads >= most) {
                return Ok(());
            }
            let gap = self
                .pump
                .deadline()
                .map(|deadline| deadline.since_us(self.clock.now()));
            tokio::select! {
                interrupted = tokio::signal::ctrl_c() => return Ok(interrupted?),
                count = link.read(&mut buffer) => {
                    let at = self.clock.now();
                    let Some(bytes) = buffer.get(..count?).filter(|bytes| !bytes.is_empty()) else {
                        bail!("the device hung up");
                    };
                    self.bytes += bytes.len() as u64;
                    self.chunk(Direction::FromDevice, at, bytes)?;
                    self.pump.push(bytes, at);
                }
                () = tokio::time::sleep(Duration::from_micros(gap.unwrap_or(0))), if gap.is_some() => {
                    self.pump.advance(self.clock.now());
                }
            }
        }
    }

    /// Sends what the driver answers, and shows what it reads on standard error.
    async fn drain(&mut self, link: &mut dyn Link) -> anyhow::Result<()> {
        while let Some(output) = self.pump.take() {
            match &output {
                Output::Write(bytes) => {
                    link.write_all(bytes).await?;
                    self.chunk(Direction::ToDevice, self.clock.now(), bytes)?;
                }
                Output::Baud(baud) => link.set_baud(*baud)?,
                Output::Message { .. } => {}
                other => {
                    self.reads += u64::from(other.is_read());
                    eprintln!("{}", serde_json::to_string(&ReportLine::from(other))?);
                }
            }
        }
        Ok(())
    }

    fn chunk(&mut self, direction: Direction, at: Moment, bytes: &[u8]) -> anyhow::Result<()> {
        let mut text = String::new();
        write_chunk(
            &mut text,
            &Chunk {
                direction,
                at,
                bytes: bytes.to_vec(),
            },
        );
        self.out
            .write_all(text.as_bytes())
            .context("the capture cannot be written")?;
        Ok(self.out.flush()?)
    }
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;

    fn arguments(device: String, out: PathBuf, reads: u64) -> Arguments {
        Arguments {
            device,
            driver: "plain_text".to_owned(),
            set: vec![("prefix".to_owned(), "a b".to_owned())],
            baud: 9_600,
            out: Some(out),
            model: "Tunnel reader, TCP".to_owned(),
            firmware: "1.2".to_owned(),
            who: "a test".to_owned(),
            licence: "CC0-1.0".to_owned(),
            reads: Some(reads),
        }
    }

    #[test]
    fn what_is_recorded_can_be_replayed_and_no_file_is_written_over() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let device = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            stream.write_all(b"a b]C0ONE\r\na b]C0TWO\r\n").unwrap();
            stream
        });
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().join("new.capture");
        run(arguments(address.clone(), out.clone(), 2)).unwrap();
        drop(device.join().unwrap());
        let capture = tallyman_drivers::capture::parse(&std::fs::read_to_string(&out).unwrap()).unwrap();
        let driver = tallyman_drivers::driver("plain_text").unwrap();
        let mut pump = Pump::new(driver.decoder(capture.settings()).unwrap());
        capture.play(&mut pump);
        let reads = std::iter::from_fn(|| pump.take()).filter(Output::is_read).count();
        assert_eq!((reads, capture.header.origin), (2, Origin::Recorded));

        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let error = run(arguments(address, out, 1)).unwrap_err();
        assert!(
            error.to_string().ends_with("new.capture cannot be created"),
            "{error}"
        );
    }
}
