//! A step told to people and programs: what came in, where the worker stood, what was answered and why.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::catalogue::Catalogue;
use crate::event::{Effect, Event};
use crate::session::Session;
use crate::session::login::language_of;
use crate::verdict::Verdict;
use crate::wire::trace::{EventBody, ScanningBody};
use crate::wire::v1::ConfirmationBody;
use crate::words::{Names, words};

use super::replay::{CannotReplay, Replayed, Sameness};

/// A step, explained.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Explained {
    /// What the device's clock said.
    pub wall: Option<Timestamp>,
    /// The codes that were scanned.
    pub scanned: Vec<ScannedCode>,
    /// The key that was pressed, where it was a key.
    pub key: Option<String>,
    /// Where the worker stood; nothing where the step cannot be replayed.
    pub stood: Option<Stood>,
    /// The verdict that was given, in full.
    pub verdict: String,
    /// What these rules answer, as the screen says it.
    pub sentences: Vec<String>,
    /// The confirmations that these rules make of it.
    pub confirmations: Vec<ConfirmationBody>,
    /// How the replay ended.
    pub replay: ReplaySays,
}

impl Explained {
    /// Whether the step could not be judged again.
    pub const fn is_without_replay(&self) -> bool {
        matches!(self.replay, ReplaySays::Cannot { .. })
    }

    /// Whether these rules come to the same verdict.
    pub const fn is_same(&self) -> bool {
        matches!(self.replay, ReplaySays::Same)
    }

    /// The lines that tell it to people.
    pub fn lines(&self) -> Vec<(&'static str, String)> {
        let mut lines = Vec::new();
        lines.extend(
            self.wall
                .map(|wall| ("when", format!("{wall}, by the device's clock"))),
        );
        lines.extend(self.key.iter().map(|key| ("key", key.clone())));
        for code in &self.scanned {
            lines.push(("scanned", code.shown()));
            lines.extend(code.meaning().map(|meaning| ("means", meaning)));
        }
        lines.extend(self.stood.iter().map(|stood| ("stood", stood.shown())));
        lines.extend(
            self.stood
                .iter()
                .filter_map(|stood| Some(("asked", stood.question.clone()?))),
        );
        lines.push(("verdict", self.verdict.clone()));
        lines.extend(self.sentences.iter().map(|sentence| ("says", sentence.clone())));
        lines.extend(self.confirmations.iter().map(|body| ("makes", made(body))));
        lines.push((
            "replay",
            match &self.replay {
                ReplaySays::Same => "by these rules the same verdict".to_owned(),
                ReplaySays::Another { replayed } => format!("by these rules ANOTHER verdict: {replayed}"),
                ReplaySays::Cannot { because } => format!("cannot be replayed: {because}"),
            },
        ));
        lines
    }
}

/// A confirmation in a few words.
fn made(body: &ConfirmationBody) -> String {
    let mut words = vec![body.act.clone()];
    if let Some(goods) = &body.goods {
        let quantity = crate::quantity::Quantity::from_micro(goods.quantity_micro);
        words.push(format!(
            "{quantity} {}",
            goods.item.as_ref().unwrap_or(&goods.code)
        ));
        words.extend(goods.lot.iter().map(|lot| format!("lot {lot}")));
    }
    words.extend(body.raw.iter().filter(|raw| raw.source == "rfid").map(|raw| {
        match raw.text.split(' ').count() {
            1 => "by an RFID tag".to_owned(),
            tags if body.pass.is_some() => format!("by {tags} RFID tags of a pass"),
            tags => format!("by {tags} RFID tags of a sweep"),
        }
    }));
    words.extend(body.task.iter().map(|task| format!("task {task}")));
    words.extend(body.line.map(|line| format!("line {line}")));
    words.extend(
        body.exception
            .iter()
            .map(|exception| format!("exception {}", exception.code)),
    );
    words.join(", ")
}

impl ScannedCode {
    fn shown(&self) -> String {
        let symbology = self.symbology.as_deref().unwrap_or_default();
        // Separators are no characters to print.
        let raw = self.raw.replace('\u{1d}', "<GS>");
        format!("{symbology}{raw} by {}", self.scanner)
    }

    fn meaning(&self) -> Option<String> {
        if let Some(reason) = &self.refused {
            return Some(format!("refused: {reason}"));
        }
        if let Some((kind, named)) = &self.site_code {
            return Some(format!("{} {named}", kind.replace('_', " ")));
        }
        let elements: String = self
            .elements
            .iter()
            .map(|(ai, value)| format!("({ai}){value}"))
            .collect();
        if elements.is_empty() {
            return self.kind.map(str::to_owned);
        }
        Some(elements)
    }
}

impl Stood {
    fn shown(&self) -> String {
        let mut words = vec![
            self.title
                .clone()
                .or_else(|| self.task.clone())
                .unwrap_or_else(|| "no task".to_owned()),
        ];
        words.extend(self.line.map(|line| format!("line {line}")));
        words.extend(self.location.iter().map(|location| format!("at {location}")));
        words.extend(self.handling_unit.iter().map(|unit| format!("into {unit}")));
        words.extend(self.worker.iter().map(|worker| format!("worker {worker}")));
        words.join(", ")
    }
}

/// How a replay ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum ReplaySays {
    /// The same verdict.
    Same,
    /// Another verdict.
    Another {
        /// The verdict of these rules.
        replayed: String,
    },
    /// None.
    Cannot {
        /// Why.
        because: String,
    },
}

/// A code, and what it means.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Default)]
pub struct ScannedCode {
    /// The scanner.
    pub scanner: String,
    /// The message as it came.
    pub raw: String,
    /// The symbology identifier.
    pub symbology: Option<String>,
    /// The form of the code.
    pub kind: Option<&'static str>,
    /// Its fields: application identifier and value.
    pub elements: Vec<(String, String)>,
    /// What a rule of the site says that it is, as `location` and what it names.
    pub site_code: Option<(String, String)>,
    /// Why it was refused.
    pub refused: Option<String>,
}

/// Where a worker stood before a step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Default)]
pub struct Stood {
    /// Who was logged in.
    pub worker: Option<String>,
    /// The open task.
    pub task: Option<String>,
    /// Its document.
    pub reference: Option<String>,
    /// What it is, as its title says.
    pub title: Option<String>,
    /// The line in hand.
    pub line: Option<u32>,
    /// The place that was confirmed.
    pub location: Option<String>,
    /// The tote or pallet in hand.
    pub handling_unit: Option<String>,
    /// The open question.
    pub question: Option<String>,
    /// What was typed so far; nothing of a secret.
    pub typed: String,
}

/// Tells a step. `entry` is its text, from which is told what can be where there is no replay.
pub fn explain(entry: &str, replayed: &Result<Replayed, CannotReplay>) -> Explained {
    match replayed {
        Ok(replayed) => of_replayed(replayed),
        Err(reason) => of_entry(entry, reason),
    }
}

fn of_replayed(replayed: &Replayed) -> Explained {
    let (scanned, key) = match (&replayed.event, &replayed.entry.event) {
        (Event::Scans(scans), _) => (scans.iter().map(super::event::scanned_code).collect(), None),
        (_, EventBody::Key(key)) => (Vec::new(), Some(key.clone())),
        _ => (Vec::new(), None),
    };
    Explained {
        wall: Some(replayed.entry.wall),
        scanned,
        key,
        stood: Some(replayed.stood.clone()),
        verdict: replayed.entry.verdict.clone(),
        sentences: sentences(replayed),
        confirmations: replayed.facts().map(ConfirmationBody::from).collect(),
        replay: match &replayed.sameness {
            Sameness::Same => ReplaySays::Same,
            Sameness::Another { replayed, .. } => ReplaySays::Another {
                replayed: replayed.clone(),
            },
        },
    }
}

/// What the screen said to it: the answer, and the question that is open then.
fn sentences(replayed: &Replayed) -> Vec<String> {
    let view = replayed.step.effects.iter().find_map(|effect| match effect {
        Effect::Show(view) => Some(view),
        _ => None,
    });
    let Some(view) = view else { return Vec::new() };
    let answer = view.message.iter().flat_map(|message| message.sentences.iter());
    let question = view.question.iter().map(|question| &question.prompt);
    let asks = matches!(replayed.step.verdict, Verdict::Ask(_));
    answer.chain(question.filter(|_| asks)).cloned().collect()
}

fn of_entry(entry: &str, reason: &CannotReplay) -> Explained {
    let glimpse = Glimpse::of(entry).unwrap_or_default();
    let code = |scan: &ScanningBody| ScannedCode {
        scanner: scan.scanner.clone(),
        raw: scan.raw.clone(),
        symbology: scan.symbology.clone(),
        refused: scan.refused.as_ref().map(|refused| refused.message.clone()),
        ..ScannedCode::default()
    };
    Explained {
        wall: glimpse.wall,
        scanned: glimpse.scans().iter().map(code).collect(),
        key: match &glimpse.event {
            Some(EventBody::Key(key)) => Some(key.clone()),
            _ => None,
        },
        stood: None,
        verdict: glimpse.verdict,
        sentences: Vec::new(),
        confirmations: Vec::new(),
        replay: ReplaySays::Cannot {
            because: reason.to_string(),
        },
    }
}

/// Where a worker stands, in the words of the catalogue's language.
pub(super) fn stood(session: &Session, catalogue: &dyn Catalogue) -> Stood {
    let stage = &session.stage;
    let words = words(language_of(catalogue, session.worker.as_ref()));
    let names = Names::new(catalogue);
    let task = stage.task.as_ref().and_then(|id| catalogue.task(id));
    let question = stage
        .open
        .as_ref()
        .map(|open| words.question(&open.question, &names));
    Stood {
        worker: session.worker.as_ref().map(ToString::to_string),
        task: stage.task.as_ref().map(ToString::to_string),
        reference: task.as_ref().map(|task| task.reference.clone()),
        title: task.as_ref().map(|task| words.title(&task.kind, &task.reference)),
        line: stage.line.map(|line| line.0),
        location: stage.location.as_ref().map(ToString::to_string),
        handling_unit: stage.unit.as_ref().map(ToString::to_string),
        question,
        typed: stage.typed.clone(),
    }
}

/// What can be read of an entry of any version without the entries before it.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(default)]
pub struct Glimpse {
    /// The form's version.
    pub v: u32,
    /// The run.
    pub run: u64,
    /// The place in the run.
    pub at: u32,
    /// What the device's clock said.
    pub wall: Option<Timestamp>,
    /// What happened.
    pub event: Option<EventBody>,
    /// The first confirmation that it would make.
    pub next: Option<(u32, u64)>,
    /// How many it made.
    pub made: u32,
    /// The verdict, as text.
    pub verdict: String,
}

impl Glimpse {
    /// Looks at an entry; `None` where it is none.
    pub fn of(entry: &str) -> Option<Self> {
        let glimpse: Self = serde_json::from_str(entry).ok()?;
        (glimpse.v > 0).then_some(glimpse)
    }

    /// The epoch, the first seq and the number of the confirmations that it made; `None` where it made none.
    pub fn makes(&self) -> Option<(u32, u64, u32)> {
        let (epoch, seq) = self.next?;
        (self.made > 0).then_some((epoch, seq, self.made))
    }

    /// Whether it made this confirmation.
    pub fn has_made(&self, epoch: u32, seq: u64) -> bool {
        self.makes().is_some_and(|(of, first, made)| {
            of == epoch && (first..first.saturating_add(u64::from(made))).contains(&seq)
        })
    }

    /// The codes that were scanned.
    pub fn scans(&self) -> &[ScanningBody] {
        match &self.event {
            Some(EventBody::Scans(scans)) => scans,
            _ => &[],
        }
    }

    /// Whether a code with this text was scanned.
    pub fn has_scanned(&self, text: &str) -> bool {
        self.scans().iter().any(|scan| scan.raw.contains(text))
    }
}
