//! `tallyman replay`: feeds recorded device bytes to a driver and prints what it makes of them.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::str::FromStr;

use anyhow::Context as _;
use clap::Args;
use tallyman_codes::Moment;
use tallyman_drivers::capture::{self, Capture, Starts};
use tallyman_drivers::contract::ReportLine;
use tallyman_drivers::{Driver, Output, Pump};

/// Bytes taken from a raw file at a time.
const READ_BYTES: usize = 64 * 1024;

/// Longest capture file taken into memory: an hour of a busy RFID portal.
const CAPTURE_BYTES_MAX: u64 = 256 * 1024 * 1024;

/// Longest random chunk: what a USB adapter delivers at once.
const RANDOM_CHUNK_BYTES_MAX: usize = 64;

/// Feeds recorded device bytes to a driver; one JSON object a line says what it made of them.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  printf ']E04006381333931\\r' | tallyman replay plain_text --raw -")]
pub struct Arguments {
    /// The driver, as `plain_text`.
    driver: String,
    /// The capture, or with --raw the device's bytes alone; `-` is standard input.
    file: PathBuf,
    /// FILE holds raw bytes from the device, without times.
    #[arg(long)]
    raw: bool,
    /// Cut the bytes into chunks of N, or of random length with `random:SEED`. The output is the same.
    #[arg(long, value_name = "N|random:SEED")]
    chunk: Option<Chunking>,
    /// A setting of the driver. May be given several times.
    #[arg(long = "set", value_name = "KEY=VALUE", value_parser = key_value)]
    set: Vec<(String, String)>,
    /// Also print each whole protocol message.
    #[arg(long)]
    messages: bool,
    /// Also print what the driver would send back.
    #[arg(long)]
    writes: bool,
}

/// How the bytes are cut before the driver gets them.
#[derive(Debug, Clone, Copy)]
enum Chunking {
    Whole,
    Every(usize),
    Random(u64),
}

impl FromStr for Chunking {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let fault = || format!("`{text}` is neither a number from 1 on nor `random:SEED`");
        match text.strip_prefix("random:") {
            Some(seed) => seed.parse().map(Self::Random).map_err(|_| fault()),
            None => text
                .parse()
                .ok()
                .filter(|count| *count > 0)
                .map(Self::Every)
                .ok_or_else(fault),
        }
    }
}

/// Reads `KEY=VALUE`.
pub(crate) fn key_value(text: &str) -> Result<(String, String), String> {
    let (key, value) = text
        .split_once('=')
        .ok_or_else(|| format!("`{text}` is not KEY=VALUE"))?;
    Ok((key.to_owned(), value.to_owned()))
}

/// Runs the command.
///
/// # Errors
/// When there is no such driver, a setting is wrong, or the file cannot be read.
pub fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    let mut printer = Printer {
        out: io::stdout().lock(),
        messages: arguments.messages,
        writes: arguments.writes,
        summary: Summary::default(),
    };
    match replay(&arguments, &mut printer) {
        Ok(()) => Ok(ExitCode::SUCCESS),
        Err(Fault::Arguments(error)) => Err(error),
        // Whoever read the output has seen enough.
        Err(Fault::Output(error)) if error.kind() == io::ErrorKind::BrokenPipe => Ok(ExitCode::SUCCESS),
        Err(Fault::Output(error)) => Err(error).context("standard output cannot be written"),
    }
}

/// What can end a replay early.
enum Fault {
    Arguments(anyhow::Error),
    Output(io::Error),
}

impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Self {
        Self::Output(error)
    }
}

fn replay(arguments: &Arguments, printer: &mut Printer<impl Write>) -> Result<(), Fault> {
    let driver = tallyman_drivers::driver(&arguments.driver)
        .with_context(|| {
            format!(
                "There is no driver `{}`. There are {}.",
                arguments.driver,
                tallyman_drivers::driver_names()
            )
        })
        .map_err(Fault::Arguments)?;
    let mut cutter = Cutter::new(arguments.chunk.unwrap_or(Chunking::Whole));
    if arguments.raw {
        let file = open(&arguments.file).map_err(Fault::Arguments)?;
        let mut pump = make_pump(driver, &arguments.set, None).map_err(Fault::Arguments)?;
        replay_raw(file, &arguments.file, &mut pump, &mut cutter, printer)?;
        return printer.end(&mut pump);
    }
    let capture = read_capture(&arguments.file).map_err(Fault::Arguments)?;
    let mut pump = make_pump(driver, &arguments.set, Some(&capture)).map_err(Fault::Arguments)?;
    if capture.header.starts == Starts::Opened {
        pump.opened(Moment::default());
    }
    for (bytes, at) in capture.from_device() {
        printer.feed(&mut pump, &mut cutter, bytes, at)?;
    }
    printer.end(&mut pump)
}

fn replay_raw(
    mut file: Box<dyn Read>,
    path: &Path,
    pump: &mut Pump,
    cutter: &mut Cutter,
    printer: &mut Printer<impl Write>,
) -> Result<(), Fault> {
    let mut buffer = vec![0; READ_BYTES];
    loop {
        let count = match file.read(&mut buffer) {
            Ok(0) => return Ok(()),
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(Fault::Arguments(unreadable(path, error))),
        };
        printer.feed(
            pump,
            cutter,
            buffer.get(..count).unwrap_or(&[]),
            Moment::default(),
        )?;
    }
}

/// A decoder with the capture's own settings, if it is of this driver, and then those of the command line.
fn make_pump(driver: &Driver, set: &[(String, String)], capture: Option<&Capture>) -> anyhow::Result<Pump> {
    let own = capture.filter(|capture| capture.header.driver == driver.name);
    let settings = own
        .into_iter()
        .flat_map(Capture::settings)
        .chain(set.iter().map(|(key, value)| (key.as_str(), value.as_str())));
    let decoder = driver
        .decoder(settings)
        .with_context(|| format!("The driver `{}` refuses a setting", driver.name))?;
    Ok(Pump::new(decoder))
}

fn open(path: &Path) -> anyhow::Result<Box<dyn Read>> {
    if path.as_os_str() == "-" {
        return Ok(Box::new(io::stdin().lock()));
    }
    let file = File::open(path).map_err(|error| unreadable(path, error))?;
    Ok(Box::new(file))
}

fn read_capture(path: &Path) -> anyhow::Result<Capture> {
    let mut text = String::new();
    open(path)?
        .take(CAPTURE_BYTES_MAX)
        .read_to_string(&mut text)
        .map_err(|error| unreadable(path, error))
        .context("A capture is text; raw bytes are replayed with --raw")?;
    capture::parse(&text).with_context(|| {
        format!(
            "{} is no capture; raw bytes are replayed with --raw",
            path.display()
        )
    })
}

fn unreadable(path: &Path, error: io::Error) -> anyhow::Error {
    anyhow::Error::new(error).context(format!("{} cannot be read", path.display()))
}

/// Cuts bytes into chunks.
struct Cutter {
    chunking: Chunking,
    chance: u64,
}

impl Cutter {
    fn new(chunking: Chunking) -> Self {
        let seed = match chunking {
            Chunking::Random(seed) => seed,
            _ => 0,
        };
        Self {
            chunking,
            chance: seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1,
        }
    }

    fn next_length(&mut self) -> usize {
        match self.chunking {
            Chunking::Whole => usize::MAX,
            Chunking::Every(count) => count,
            Chunking::Random(_) => {
                // xorshift64: cuts need to differ, not to be unpredictable.
                self.chance ^= self.chance << 13;
                self.chance ^= self.chance >> 7;
                self.chance ^= self.chance << 17;
                1 + (self.chance >> 32) as usize % RANDOM_CHUNK_BYTES_MAX
            }
        }
    }
}

#[derive(Default)]
struct Summary {
    bytes: u64,
    messages: u64,
    reads: u64,
    garbage_bytes: u64,
}

/// Prints outputs as they come, and counts them.
struct Printer<W> {
    out: W,
    messages: bool,
    writes: bool,
    summary: Summary,
}

impl<W: Write> Printer<W> {
    fn feed(&mut self, pump: &mut Pump, cutter: &mut Cutter, bytes: &[u8], at: Moment) -> Result<(), Fault> {
        self.summary.bytes += bytes.len() as u64;
        let mut rest = bytes;
        while !rest.is_empty() {
            let (chunk, after) = rest.split_at(cutter.next_length().min(rest.len()));
            pump.push(chunk, at);
            self.drain(pump)?;
            rest = after;
        }
        Ok(())
    }

    fn end(&mut self, pump: &mut Pump) -> Result<(), Fault> {
        pump.finish();
        self.drain(pump)?;
        let Summary {
            bytes,
            messages,
            reads,
            garbage_bytes,
        } = self.summary;
        self.line(&ReportLine::Summary {
            bytes,
            messages,
            reads,
            garbage_bytes,
        })
    }

    fn drain(&mut self, pump: &mut Pump) -> Result<(), Fault> {
        while let Some(output) = pump.take() {
            let wanted = match &output {
                Output::Message { .. } => {
                    self.summary.messages += 1;
                    self.messages
                }
                Output::Write(_) => self.writes,
                Output::Garbage { bytes, .. } => {
                    self.summary.garbage_bytes += bytes;
                    true
                }
                other => {
                    self.summary.reads += u64::from(other.is_read());
                    true
                }
            };
            if wanted {
                self.line(&ReportLine::from(&output))?;
            }
        }
        Ok(())
    }

    fn line(&mut self, line: &ReportLine) -> Result<(), Fault> {
        let text = serde_json::to_string(line).map_err(io::Error::from)?;
        writeln!(self.out, "{text}")?;
        self.out.flush()?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn played(driver: &str, set: &[(&str, &str)], bytes: &[u8], chunking: Chunking) -> String {
        let set: Vec<(String, String)> = set
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
            .collect();
        let mut pump = make_pump(tallyman_drivers::driver(driver).unwrap(), &set, None).unwrap();
        let mut printer = Printer {
            out: Vec::new(),
            messages: false,
            writes: false,
            summary: Summary::default(),
        };
        let mut cutter = Cutter::new(chunking);
        let fed = printer.feed(&mut pump, &mut cutter, bytes, Moment::default());
        assert!(fed.is_ok() && printer.end(&mut pump).is_ok());
        String::from_utf8(printer.out).unwrap()
    }

    #[test]
    fn lines_come_in_order_and_end_with_the_summary() {
        let bytes = b"]E04006381333931\r\nNR\r\n]C1010952123454321310AB|21S\r\nlast";
        let settings = [("suffix", "crlf"), ("no_read", "NR"), ("gs_alias", "|")];
        let whole = played("plain_text", &settings, bytes, Chunking::Whole);
        let lines: Vec<&str> = whole.lines().collect();
        assert_eq!(
            lines[0],
            r#"{"barcode":{"text":"4006381333931","hex":"34303036333831333333393331","symbology":"]E0","code_id":null}}"#
        );
        assert!(lines[1].starts_with(r#"{"notice":{"code":"no_read","#));
        assert!(lines[2].contains(r"AB\u001d21S"));
        assert!(lines[3].contains(r#""text":"last","#));
        assert_eq!(
            lines[4],
            r#"{"summary":{"bytes":55,"messages":4,"reads":3,"garbage_bytes":0}}"#
        );
        for chunking in [Chunking::Every(1), Chunking::Every(3), Chunking::Random(7)] {
            assert_eq!(played("plain_text", &settings, bytes, chunking), whole);
        }
    }

    #[test]
    fn chunks_are_a_number_or_a_seed() {
        assert!(matches!("12".parse(), Ok(Chunking::Every(12))));
        assert!(matches!("random:9".parse(), Ok(Chunking::Random(9))));
        assert!("0".parse::<Chunking>().is_err() && "random:".parse::<Chunking>().is_err());
    }
}
