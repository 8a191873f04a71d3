//! `tallyman decode`: says what codes mean, one for a person or many for a program.

mod answer;
#[cfg(test)]
mod documented;
mod request;
mod table;

use std::io::{self, BufRead, IsTerminal, Write};
use std::process::ExitCode;

use anyhow::{Context, bail};
use jiff::civil::Date;
use tallyman_codes::gs_alias::GsAlias;
use tallyman_codes::{Rules, Settings};

use answer::Answer;
use request::Request;
use table::Style;

/// The longest line that is read: a symbol holds at most 7,089 characters, and each takes at most six as JSON.
const LINE_BYTES_MAX: usize = 64 * 1024;

/// Says what codes mean.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  tallyman decode ']C1010952123454321310LOT7'
  tallyman decode '(01)09521234543213(17)271231'
  tallyman decode 'https://id.gs1.org/01/09521234543213?17=271231'
  tallyman decode epc:3074257BF7194E4000001A85
  echo '{\"epc\":\"3074257BF7194E4000001A85\"}' | tallyman decode --jsonl

A code that breaks the rules is told with the field, the place and what to do; the exit code is then 1.
docs/codes.md lists what is supported.")]
pub struct Arguments {
    /// The code: what a scanner sent, bracketed text, a Digital Link, or a tag's EPC as epc:3074257B….
    #[arg(required_unless_present = "jsonl", conflicts_with = "jsonl")]
    text: Option<String>,
    /// Read objects from standard input, one a line, and answer each with one object.
    #[arg(long)]
    jsonl: bool,
    /// Refuse what otherwise warns.
    #[arg(long)]
    strict: bool,
    /// The day that dates with two-digit years are resolved against. Default: today.
    #[arg(long, value_name = "YYYY-MM-DD")]
    today: Option<Date>,
    /// A setting, as in the configuration: digital_link.aliases=on, digital_link.short_gtin=on, bare_sscc=on,
    /// gs_alias=|.
    #[arg(long = "set", value_name = "KEY=VALUE")]
    settings: Vec<String>,
}

/// What every code is read with.
struct Reader {
    rules: Rules,
    gs_alias: GsAlias,
}

/// Runs the command. The exit code is 1 where the one code given as text is refused.
///
/// # Errors
/// A setting that cannot be read, or standard input or output that fails.
pub fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    let style = if io::stdout().is_terminal() {
        Style::Terminal
    } else {
        Style::Plain
    };
    answer_all(
        &arguments,
        style,
        &mut io::stdin().lock(),
        &mut io::stdout().lock(),
    )
}

fn answer_all(
    arguments: &Arguments,
    style: Style,
    input: &mut impl BufRead,
    output: &mut impl Write,
) -> anyhow::Result<ExitCode> {
    let reader = Reader::new(arguments)?;
    let done = match &arguments.text {
        Some(text) => decode_one(text, &reader, style, output),
        None => decode_lines(input, &reader, output).map(|()| ExitCode::SUCCESS),
    };
    match done {
        // The reader of a pipe has enough.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(ExitCode::SUCCESS),
        done => done.context("reading standard input or writing standard output failed"),
    }
}

impl Reader {
    fn new(arguments: &Arguments) -> anyhow::Result<Self> {
        let today = arguments.today.unwrap_or_else(|| jiff::Zoned::now().date());
        let mut gs_alias = GsAlias::default();
        let mut settings = Settings {
            strict: arguments.strict,
            ..Settings::default()
        };
        for setting in &arguments.settings {
            let (key, value) = setting
                .split_once('=')
                .with_context(|| format!("--set {setting}: write KEY=VALUE"))?;
            match key {
                "digital_link.aliases" => settings.digital_link_aliases = on_or_off(key, value)?,
                "digital_link.short_gtin" => settings.digital_link_short_gtin = on_or_off(key, value)?,
                "bare_sscc" => settings.bare_sscc = on_or_off(key, value)?,
                "gs_alias" => gs_alias = GsAlias::new(value)?,
                _ => bail!(
                    "--set {key}: no such setting; there are digital_link.aliases, digital_link.short_gtin, \
                     bare_sscc and gs_alias"
                ),
            }
        }
        Ok(Self {
            rules: Rules {
                settings,
                ..Rules::new(today)
            },
            gs_alias,
        })
    }

    /// Answers one line of input.
    fn answer(&self, line: &[u8]) -> Answer {
        match Request::read(line) {
            Ok(request) => request.answer(self),
            Err(wrong) => Answer::no_request(wrong),
        }
    }
}

fn on_or_off(key: &str, value: &str) -> anyhow::Result<bool> {
    match value {
        "on" => Ok(true),
        "off" => Ok(false),
        _ => bail!("--set {key}={value}: write on or off"),
    }
}

fn decode_one(text: &str, reader: &Reader, style: Style, output: &mut impl Write) -> io::Result<ExitCode> {
    let answer = match Request::of_text(text) {
        Ok(request) => request.answer(reader),
        Err(wrong) => Answer::no_request(wrong),
    };
    output.write_all(table::of(&answer, &reader.rules, style).as_bytes())?;
    Ok(if answer.ok {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(1)
    })
}

fn decode_lines(input: &mut impl BufRead, reader: &Reader, output: &mut impl Write) -> io::Result<()> {
    let mut line = Vec::new();
    while let Some(whole) = read_line(input, &mut line)? {
        let answer = if whole {
            reader.answer(&line)
        } else {
            Answer::no_request(request::TOO_LONG)
        };
        serde_json::to_writer(&mut *output, &answer)?;
        output.write_all(b"\n")?;
        output.flush()?;
    }
    Ok(())
}

/// Reads one line without its end; `Some(false)` for one that was longer than allowed, and is left out.
fn read_line(input: &mut impl BufRead, line: &mut Vec<u8>) -> io::Result<Option<bool>> {
    line.clear();
    let (mut whole, mut any) = (true, false);
    loop {
        let buffer = match input.fill_buf() {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            buffer => buffer?,
        };
        if buffer.is_empty() {
            return Ok(any.then_some(whole));
        }
        any = true;
        let end = buffer.iter().position(|&byte| byte == b'\n');
        let piece = buffer.get(..end.unwrap_or(buffer.len())).unwrap_or_default();
        whole &= line.len() + piece.len() <= LINE_BYTES_MAX;
        if whole {
            line.extend_from_slice(piece);
        }
        let used = piece.len() + usize::from(end.is_some());
        input.consume(used);
        if end.is_some() {
            return Ok(Some(whole));
        }
    }
}
