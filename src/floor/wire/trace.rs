//! The form of a trace entry: one step of a session, written so that it can be judged again on another machine.
//!
//! Entries follow each other in runs. The first entry of a run says everything that its step asked for; each later one
//! says only what it asked for and the run has not said yet, or what has changed since. So an entry is read together
//! with those before it in its run, and a run is short enough that little is lost with one of them. Of the catalogue
//! nothing is written that no step asked for, and of a secret only whether it was right.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::v1::{HoldsBody, ItemBody, LocationBody, SiteRuleBody, TaskBody};

/// The version of the form that this program writes and reads. Version 1 said what came in and the word of the verdict
/// alone.
pub const VERSION: u32 = 2;

/// One step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StepBody {
    /// The form's version, [`VERSION`].
    pub v: u32,
    /// The run: microseconds since the boot when it began.
    pub run: u64,
    /// The place in the run, from 0.
    pub at: u32,
    /// The program's version, in the first entry of a run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub program: Option<String>,
    /// The system start that the monotonic time belongs to, where it is another one than in the entry before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub boot: Option<String>,
    /// Microseconds since that start.
    pub us: u64,
    /// What the device's clock said.
    pub wall: Timestamp,
    /// The local day, where it is another one than in the entry before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub today: Option<Date>,
    /// What the hub's clock said now, and when it was last heard of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hub: Option<(Timestamp, Timestamp)>,
    /// For how long the worker waited for the answer to the step before, in microseconds.
    #[serde(default, skip_serializing_if = "is_default")]
    pub waited_us: u64,
    /// The session before the step in its stored form, where it is not as the entry before left it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<String>,
    /// The digest of the session before the step.
    pub before: String,
    /// What happened.
    pub event: EventBody,
    /// The identity of the first confirmation that the step would make, as epoch and seq, where it was asked for or
    /// something was made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<(u32, u64)>,
    /// The device, where the step asked for it: tasks that it begins are named after it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device: Option<String>,
    /// How many confirmations it made.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub made: u32,
    /// What the catalogue answered that the run has not said yet.
    #[serde(default, skip_serializing_if = "is_default")]
    pub said: SaidBody,
    /// The verdict, whole, as text.
    pub verdict: String,
    /// Why the step cannot be replayed, where it was not noted whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lost: Option<String>,
}

/// What stands before the sum at the end of an entry.
const SUM: &str = ",\"sum\":\"";

/// Hexadecimal digits of a sum.
const SUM_DIGITS: usize = 8;

impl StepBody {
    /// The entry as it is stored and sent: as JSON, with a sum over its text as the last member.
    pub fn sealed(&self) -> String {
        // Strings and numbers only: there is nothing in it that JSON cannot say.
        let mut text = serde_json::to_string(self).unwrap_or_default();
        text.pop();
        let sum = sum(&text);
        text.push_str(SUM);
        text.push_str(&sum);
        text.push_str("\"}");
        text
    }

    /// Whether the text of an entry has the sum that it was written with: a flipped bit often leaves a text that reads
    /// well.
    pub fn is_sound(text: &str) -> bool {
        let Some(begun) = text.len().checked_sub(SUM.len() + SUM_DIGITS + 2) else {
            return false;
        };
        let (Some(body), Some(end)) = (text.get(..begun), text.get(begun..)) else {
            return false;
        };
        end.strip_prefix(SUM).and_then(|end| end.strip_suffix("\"}")) == Some(sum(body).as_str())
    }
}

fn sum(text: &str) -> String {
    let hash = blake3::hash(text.as_bytes()).to_hex();
    hash.chars().take(SUM_DIGITS).collect()
}

/// See [`crate::Event`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EventBody {
    /// The session was taken up again.
    Refresh,
    /// The codes of one trigger pull.
    Scans(Vec<ScanningBody>),
    /// A key: a digit, a character behind `'`, or the word of another key. Digits of a secret are all `0`.
    Key(String),
    /// The hub changed or withdrew a task.
    TaskChanged(String),
    /// What the hub said to an inquiry.
    Told(ToldBody),
    /// Goods went through a portal.
    Passed(PassedBody),
}

/// See [`crate::Passed`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PassedBody {
    /// The portal.
    pub portal: String,
    /// The pass.
    pub number: u64,
    /// `in` or `out`, where the portal could tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub way: Option<String>,
    /// Whether every tag that was heard was told.
    pub is_whole: bool,
}

/// See [`crate::InquiryAnswer`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ToldBody {
    /// `item`, `location`, `handling_unit`, or `missing`.
    pub kind: String,
    /// Which one was asked about.
    pub named: String,
    /// Goods: item, place, lot, and millionths of the base unit where that is told. `None` where the hub was out of
    /// reach.
    pub rows: Option<Vec<ToldRow>>,
    /// Of each row the handling unit and the location; left out where no row tells one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub places: Vec<(Option<String>, Option<String>)>,
    /// The count, where it was asked what one has not found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of: Option<String>,
    /// The serial number of each row; left out where no row tells one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub serials: Vec<Option<String>>,
    /// The hub had not heard yet that the place is counted.
    #[serde(default, skip_serializing_if = "is_default")]
    pub is_being_counted: bool,
}

/// Goods in a place: item, place, lot, and millionths of the base unit.
pub type ToldRow = (String, String, Option<String>, Option<i64>);

/// See [`crate::Scanning`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ScanningBody {
    /// The scanner.
    pub scanner: String,
    /// The message as it came.
    pub raw: String,
    /// The symbology identifier.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub symbology: Option<String>,
    /// Whether an RFID reader read it.
    #[serde(default, skip_serializing_if = "is_default")]
    pub rfid: bool,
    /// What it means, where that does not follow from the message by the rules.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scan: Option<ScanBody>,
    /// Why it is refused, where that does not follow from the message by the rules.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused: Option<RefusedBody>,
}

/// See [`tallyman_codes::Refusal`]: what rules of the work look at, and what people are told.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RefusedBody {
    /// The word for programs.
    pub code: String,
    /// The application identifier concerned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ai: Option<String>,
    /// The sentence.
    pub message: String,
}

/// See [`tallyman_codes::Scan`]: what rules of the work look at.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ScanBody {
    /// The text.
    pub text: String,
    /// The form, a word of [`tallyman_codes::ScanKind::as_str`].
    pub kind: String,
    /// Application identifiers and values.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub elements: Vec<(String, String)>,
    /// `location`, `badge`, `handling_unit` or `command`, and what it names, where a rule of the site claims the code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub site_code: Option<(String, String)>,
    /// What an RFID tag names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub epc_uri: Option<String>,
}

/// What the catalogue answered.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct SaidBody {
    /// The site.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub site: Option<String>,
    /// The language, by its code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// What codes mean.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rules: Option<RulesBody>,
    /// Items, whole.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub items: Vec<ItemBody>,
    /// Items that are not known.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub no_items: Vec<String>,
    /// Codes and the item that each means, if any.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub codes: Vec<(String, Option<String>)>,
    /// Tasks, whole, without figures.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tasks: Vec<TaskBody>,
    /// Tasks as a list shows them: without their lines.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub heads: Vec<TaskBody>,
    /// Tasks that are not known.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub no_tasks: Vec<String>,
    /// The open tasks, in their order.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub open: Option<Vec<String>>,
    /// Document numbers and the task of each, if any.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub references: Vec<(String, Option<String>)>,
    /// What is confirmed of tasks, as far as it is not what the entries before made of it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub progress: Vec<ProgressBody>,
    /// Tasks and who holds each, if anybody does.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub claims: Vec<(String, Option<HeldBody>)>,
    /// Places and whether the site has each; nothing where the device was not told its places.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub locations: Vec<(String, Option<bool>)>,
    /// Places and what is known of each beside its address.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub places: Vec<(String, Option<LocationBody>)>,
    /// People by their badge.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub workers: Vec<(String, Option<PersonBody>)>,
    /// Badges, and whether the PIN that was typed was the right one. The PIN itself is nowhere.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub pins: Vec<(String, bool)>,
    /// Exception codes and the reasons to choose from.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<(String, Vec<String>)>,
    /// What may not be used.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub holds: Option<SaidHoldsBody>,
    /// The number for the next handling unit, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_unit: Option<(Option<String>,)>,
    /// Sweeps: task, place, and the figures; nothing where no RFID reader takes part.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sweeps: Vec<(String, String, Option<SweepBody>)>,
    /// Pieces of sweeps: task, place, GTIN, serial number, and how sure the tag is where it was heard.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub swept_pieces: Vec<(String, String, String, String, Option<String>)>,
    /// The tags of sweeps: task, place, and each tag.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub swept_tags: Vec<(String, String, Vec<SweptTagBody>)>,
    /// How strongly the tag was heard that was looked for, if at all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signal: Option<(Option<u8>,)>,
}

/// See [`crate::SweepFigures`]: sure, maybe, stray, kept, and whether the sweep was done.
pub type SweepBody = (u32, u32, u32, u32, bool);

/// See [`crate::SweptTag`]: the EPC in hexadecimal digits, its length in bits, the protocol control word, and how sure it
/// was.
pub type SweptTagBody = (String, Option<u16>, Option<u16>, String);

/// See [`crate::Holds`].
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct SaidHoldsBody {
    /// The hub never said.
    #[serde(skip_serializing_if = "is_default")]
    pub never: bool,
    /// The list, where it is another one than before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub list: Option<HoldsBody>,
    /// When the hub last said that it is the list.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub heard: Option<Timestamp>,
}

/// See [`crate::Worker`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PersonBody {
    /// What people call them.
    pub name: String,
    /// What they read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// Whether the badge alone is not enough.
    #[serde(default, skip_serializing_if = "is_default")]
    pub has_pin: bool,
}

/// What codes mean at the site.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct RulesBody {
    /// The day that two-digit years are resolved against.
    pub today: Date,
    /// The site's own codes.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub site: Vec<SiteRuleBody>,
    /// Settings that are on, by their name.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub settings: Vec<String>,
    /// Layouts of in-house item numbers: template, what is measured, and decimals.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub in_house: Vec<(String, String, u8)>,
    /// Rules for the broken labels of suppliers.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub repairs: Vec<String>,
}

/// What is confirmed of a task, as far as it is other than the run has it.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ProgressBody {
    /// The task.
    pub task: String,
    /// Lines: number, millionths of the base unit, and 1 where the line was ended.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub lines: Vec<(u32, i64, u8)>,
    /// Pieces confirmed by serial number: item and number.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub serials: Vec<(String, String)>,
    /// Pieces that are confirmed no more.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub no_serials: Vec<(String, String)>,
    /// Whether a worker ended the task.
    #[serde(skip_serializing_if = "is_default")]
    pub closed: bool,
}

/// See [`crate::Claim`].
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct HeldBody {
    /// The device's own lease.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub own: Option<TermBody>,
    /// The other device that holds it: its name, when it was heard of, and its lease.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub holder: Option<(String, Timestamp, TermBody)>,
    /// Who may have done which lines.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub doubts: Vec<(String, Vec<u32>)>,
}

/// See [`crate::Lease`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TermBody {
    /// Its number.
    pub fence: u64,
    /// When it ends at the earliest.
    pub until: Timestamp,
    /// Milliseconds that it lasts after the hub has heard of its device.
    pub renewed_ms: u64,
}

fn is_zero(number: &u32) -> bool {
    *number == 0
}

fn is_default<T: Default + PartialEq>(member: &T) -> bool {
    *member == T::default()
}
