//! Set-up sheets: what must be scanned once, from paper, before a scanner does what its driver needs.
//!
//! Some scanners take programming codes and nothing else, and some must change their host type before any driver can
//! talk to them. What to scan, in which order and why is data: `programming.toml` in the driver's folder. Makers print
//! such codes in their guides, and few of them tell how the bars are made. So every step says where in the guide its
//! printed code is; it has bars of its own only where the form is known, and it says how sure that is. A site that
//! has looked a code up, or seen it work, says so in a file of its own, which is laid over the driver's.
//!
//! Nothing here does I/O: text in, a [`Sheet`] out.

mod check;
mod file;
mod find;
#[cfg(test)]
mod tests;

pub use check::SheetError;
pub use find::{for_usb, sheet, sheet_with};

use serde::Deserialize;
use tallyman_codes::Bars;

/// The widest code a sheet may hold, in modules with quiet zones: 180 mm, the width between the margins of A4, at
/// 0.254 mm (10 mil) a module, which every scanner reads.
pub const MODULES_MAX: u32 = 700;

/// A set-up sheet, complete and checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sheet {
    /// The driver whose folder it is from.
    pub driver: &'static str,
    /// Whose scanners it is for.
    pub title: String,
    /// For which families.
    pub devices: String,
    /// USB vendor ids of the maker, four hexadecimal digits each.
    pub usb_vendors: Vec<String>,
    /// The maker's guide that has the printed codes.
    pub guide: String,
    /// Why the sheet is needed, and what the driver does by itself.
    pub why: String,
    /// What to know before the first code.
    pub notes: Vec<String>,
    /// How commands become bars; `None` where the maker does not tell.
    pub encoding: Option<Encoding>,
    /// The ways the scanner may be connected, the usual one first. Never empty.
    pub hosts: Vec<Host>,
    /// All steps of all hosts, in the order in which they are scanned.
    pub steps: Vec<Step>,
    /// The name of the site's file, where one was laid over.
    pub site_file: Option<String>,
}

impl Sheet {
    /// The host with this word.
    pub fn host(&self, word: &str) -> Option<&Host> {
        self.hosts.iter().find(|host| host.word == word)
    }

    /// The steps for one way of connecting, in their order.
    pub fn steps_for(&self, host: &Host) -> impl Iterator<Item = &Step> {
        self.steps
            .iter()
            .filter(|step| step.hosts.is_empty() || step.hosts.contains(&host.word))
    }

    /// How sure a step is as it is printed: with bars, no surer than the way they are made.
    pub fn certainty(&self, step: &Step) -> Certainty {
        let encoding = self.encoding.as_ref().filter(|_| step.code.is_some());
        encoding.map_or(step.certainty, |encoding| encoding.certainty.min(step.certainty))
    }
}

/// How a maker's commands are drawn as bars.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Encoding {
    /// The symbol.
    pub symbology: ProgrammingSymbology,
    /// How sure that is.
    pub certainty: Certainty,
    /// Where the fact is from.
    pub source: String,
}

/// The symbols that programming codes are drawn in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProgrammingSymbology {
    /// Code 128, the command and nothing else.
    #[serde(rename = "code_128")]
    Code128,
    /// Code 128 with FNC3 first, which tells the reader that the message is for itself (ISO/IEC 15417).
    #[serde(rename = "code_128_fnc3")]
    Code128Fnc3,
}

impl ProgrammingSymbology {
    /// For people, in the middle of a sentence.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Code128 => "Code 128",
            Self::Code128Fnc3 => "Code 128 with FNC3 first",
        }
    }
}

/// How sure a fact is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Certainty {
    /// From memory, or from one source that may be another model's. To be checked before use.
    Unsure,
    /// Stated by the source that is named. Not tried by the project.
    Stated,
    /// Seen to work on a device.
    Seen,
}

/// A way of connecting the scanner: other interface, other steps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Host {
    /// The word on the command line, as `usb-serial`.
    pub word: String,
    /// For people, as `USB, as a serial port`.
    pub name: String,
    /// The device's lines in the agent's configuration, without its name.
    pub configuration: String,
    /// How to see that the scanner is there.
    pub then: String,
    /// What stands behind `tallyman record` to see what the scanner sends.
    pub record: String,
}

/// One step of a sheet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Its stable word, by which a site's file replaces it.
    pub key: String,
    /// Its place in the order.
    pub stage: Stage,
    /// What is set, in a few words.
    pub title: String,
    /// What the scanner does when it reads the code.
    pub does: String,
    /// Why it is wanted.
    pub why: String,
    /// When to scan it, where it is not for every scanner; completes "Only if …".
    pub only_if: Option<String>,
    /// For which hosts; empty for all.
    pub hosts: Vec<String>,
    /// The setting and its value in the words of the guide.
    pub setting: String,
    /// The chapter of the guide that has the printed code.
    pub chapter: String,
    /// The code to print, where its form is known.
    pub code: Option<Code>,
    /// How sure the command and the setting are.
    pub certainty: Certainty,
    /// Where the fact is from.
    pub source: String,
    /// Whether the site's file changed or added it.
    pub from_site: bool,
}

/// A code to scan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Code {
    /// The command as text.
    pub command: String,
    /// The same as bars.
    pub bars: Bars,
}

/// What a step is for; sheets go through the stages in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// The scanner begins to listen to programming codes.
    Enter,
    /// Everything goes back to the factory's settings.
    Defaults,
    /// The interface.
    HostType,
    /// Rate and form of a serial line, or the country of a keyboard.
    Line,
    /// What stands before each code: symbology identifiers, prefixes.
    Identifiers,
    /// The scanner's own beep.
    Beep,
    /// What ends each code.
    Suffix,
    /// Anything else a site wants.
    Other,
    /// The scanner stops listening to programming codes.
    Exit,
}
