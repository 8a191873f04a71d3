//! `tallyman set-up-sheet`: a page to print, with the programming codes that a scanner needs once.

mod page;
#[cfg(test)]
mod tests;

use std::fs;
use std::io::{self, IsTerminal as _, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, bail, ensure};
use clap::Args;
use tallyman_drivers::programming::{self, Certainty, Host, Sheet};
use tallyman_drivers::{CATALOGUE, Driver, driver_names};

/// Longest file of a site's codes: thousands of steps.
const CODES_BYTES_MAX: u64 = 1024 * 1024;

/// Writes a page to print, with the programming codes that set a scanner up, step by step.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tallyman set-up-sheet
  tallyman set-up-sheet honeywell --out sheet.html
  tallyman set-up-sheet --device 05e0:1200 --out sheet.html
  tallyman set-up-sheet newland --host rs232 --codes our-codes.toml --out sheet.html

The first lists the sheets. Open the page in a browser and print it. Codes that are not sure are marked: check them \
against the guide of your model. What you found there goes into a file of your own, see docs/set-up-sheets.md.")]
pub struct Arguments {
    /// The driver, as `honeywell`. Without it, and without --device, the sheets are listed.
    driver: Option<String>,
    /// A USB id of the scanner, as `05e0:1200`: the sheet of its maker.
    #[arg(long, value_name = "VENDOR:PRODUCT", value_parser = usb_id, conflicts_with = "driver")]
    device: Option<UsbId>,
    /// How the scanner will be connected, as `usb-serial`; the list shows what there is. The first if left out.
    #[arg(long, value_name = "HOST")]
    host: Option<String>,
    /// A site's own codes: what this TOML file says replaces or extends what the driver knows.
    #[arg(long, value_name = "FILE")]
    codes: Option<PathBuf>,
    /// Where the page goes; an existing file is replaced. Standard output if left out.
    #[arg(long, value_name = "FILE.html")]
    out: Option<PathBuf>,
}

/// A vendor, or a vendor and a product, four hexadecimal digits each.
#[derive(Debug, Clone, PartialEq, Eq)]
struct UsbId {
    vendor: String,
    product: Option<String>,
}

fn usb_id(text: &str) -> Result<UsbId, String> {
    let is_id = |id: &str| id.len() == 4 && id.bytes().all(|digit| digit.is_ascii_hexdigit());
    let (vendor, product) = match text.split_once(':') {
        Some((vendor, product)) => (vendor, Some(product)),
        None => (text, None),
    };
    if !is_id(vendor) || !product.is_none_or(is_id) {
        return Err(format!(
            "`{text}` is no USB id; `tallyman devices` shows it as 05e0:1200"
        ));
    }
    Ok(UsbId {
        vendor: vendor.to_owned(),
        product: product.map(str::to_owned),
    })
}

/// Runs the command.
///
/// # Errors
/// There is no such driver, device or host, the site's codes cannot be used, or the page cannot be written.
pub fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    let Some(driver) = chosen(&arguments)? else {
        ensure!(
            arguments.host.is_none() && arguments.codes.is_none() && arguments.out.is_none(),
            "Name a driver, or a scanner with --device. `tallyman set-up-sheet` alone lists the sheets."
        );
        return print(list()?.as_bytes());
    };
    let sheet = match &arguments.codes {
        Some(path) => programming::sheet_with(driver, &read(path)?, &path.display().to_string())?,
        None => programming::sheet(driver)?,
    };
    let host = host(&sheet, arguments.host.as_deref())?;
    let html = page::page(&sheet, host).into_string();
    match &arguments.out {
        Some(path) => {
            fs::write(path, html).with_context(|| format!("{} cannot be written", path.display()))?;
            eprintln!("{}: {}", path.display(), summary(&sheet, host));
            eprintln!(
                "Open it in a browser and print it at 100 %. Check unsure codes against the guide of your model."
            );
        }
        None if io::stdout().is_terminal() => bail!(
            "The sheet is a page for a browser. Say where it goes, as --out {}.html, or send it into a file.",
            driver.name
        ),
        None => return print(html.as_bytes()),
    }
    Ok(ExitCode::SUCCESS)
}

/// Writes to standard output. Whoever reads it may have seen enough before the end.
fn print(text: &[u8]) -> anyhow::Result<ExitCode> {
    match io::stdout().lock().write_all(text) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(error).context("standard output cannot be written")
        }
        _ => Ok(ExitCode::SUCCESS),
    }
}

/// The driver whose sheet is wanted; `None` if none was named.
fn chosen(arguments: &Arguments) -> anyhow::Result<Option<&'static Driver>> {
    if let Some(id) = &arguments.device {
        let found = programming::for_usb(&id.vendor, id.product.as_deref());
        return found.map(Some).with_context(|| {
            format!(
                "No sheet is for devices of the maker {}. Print the one for any scanner: `tallyman set-up-sheet \
                 plain_text`, or `hid_pos`.",
                id.vendor
            )
        });
    }
    let Some(name) = &arguments.driver else {
        return Ok(None);
    };
    let driver = tallyman_drivers::driver(name)
        .with_context(|| format!("There is no driver `{name}`. There are {}.", driver_names()))?;
    Ok(Some(driver))
}

fn host<'a>(sheet: &'a Sheet, word: Option<&str>) -> anyhow::Result<&'a Host> {
    let words: Vec<&str> = sheet.hosts.iter().map(|host| host.word.as_str()).collect();
    match word {
        None => sheet.hosts.first().context("the sheet has no hosts"),
        Some(word) => sheet.host(word).with_context(|| {
            format!(
                "The sheet {} has no host `{word}`. It has {}.",
                sheet.driver,
                words.join(", ")
            )
        }),
    }
}

/// Reads a site's codes.
fn read(path: &Path) -> anyhow::Result<String> {
    let name = path.display();
    let file = fs::File::open(path).with_context(|| format!("{name} cannot be read"))?;
    let mut text = String::new();
    let count = file
        .take(CODES_BYTES_MAX + 1)
        .read_to_string(&mut text)
        .with_context(|| format!("{name} cannot be read as text"))?;
    ensure!(
        count as u64 <= CODES_BYTES_MAX,
        "{name} is longer than 1 MiB: that is no list of programming codes."
    );
    Ok(text)
}

/// What a sheet has, in a sentence or two.
fn summary(sheet: &Sheet, host: &Host) -> String {
    let steps = sheet.steps_for(host);
    let (mut count, mut codes, mut unsure) = (0, 0, 0);
    for step in steps {
        count += 1;
        codes += usize::from(step.code.is_some());
        unsure += usize::from(step.code.is_some() && sheet.certainty(step) == Certainty::Unsure);
    }
    let codes = match codes {
        0 => "no codes: look them up in the guide".to_owned(),
        codes if codes == count => "all with codes".to_owned(),
        codes => format!("{codes} with codes, the others to be looked up in the guide"),
    };
    let doubt = match unsure {
        0 => String::new(),
        _ => format!(" {unsure} of the codes are unsure."),
    };
    format!("{} steps, {codes}.{doubt}", count)
}

/// The sheets there are, with their hosts.
fn list() -> anyhow::Result<String> {
    let mut text = String::from(
        "Set-up sheets. `tallyman set-up-sheet NAME --host HOST --out sheet.html` writes one.\n\n",
    );
    for driver in CATALOGUE {
        let sheet = programming::sheet(driver)?;
        text += &format!("{}: {}\n  for {}\n", driver.name, sheet.title, sheet.devices);
        for host in &sheet.hosts {
            text += &format!("  {:<12}{}\n", host.word, summary(&sheet, host));
        }
    }
    Ok(text)
}
