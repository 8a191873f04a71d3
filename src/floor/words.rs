//! What workers read, in their language.
//!
//! Every text has a method of [`Words`] or a variant of an enum that a method matches whole, so a text that a
//! language lacks does not compile. Sentences for people are made here and nowhere else.
//!
//! A further language is a variant of [`Language`], a file here that implements [`Words`], and a row in [`words`].

mod chinese;
mod english;
mod german;
mod locale;
mod polish;
mod romanian;
mod spanish;
mod turkish;
mod ukrainian;

#[cfg(test)]
mod cases;

use jiff::civil::Date;

use crate::catalogue::Catalogue;
use crate::confirmation::{Draft, ExceptionCode, StockStatus};
use crate::ids::{ItemId, PictureId, WorkerId};
use crate::label_fault::LabelFault;
use crate::quantity::Quantity;
use crate::session::reporting::code_of;
use crate::session::work::{Note, PassTold};
use crate::task::TaskKind;
use crate::verdict::{MenuEntry, Question, Reason, Where};

use locale::Locale;

/// The languages the screens speak.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Language {
    /// English.
    #[default]
    English,
    /// German.
    German,
    /// Spanish.
    Spanish,
    /// Polish.
    Polish,
    /// Romanian.
    Romanian,
    /// Turkish.
    Turkish,
    /// Ukrainian.
    Ukrainian,
    /// Chinese, in simplified characters.
    Chinese,
}

impl Language {
    /// Every language, for tables and tests.
    pub const ALL: [Self; 8] = [
        Self::English,
        Self::German,
        Self::Spanish,
        Self::Polish,
        Self::Romanian,
        Self::Turkish,
        Self::Ukrainian,
        Self::Chinese,
    ];

    /// Its code by ISO 639-1, as configuration files write it.
    pub const fn code(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::German => "de",
            Self::Spanish => "es",
            Self::Polish => "pl",
            Self::Romanian => "ro",
            Self::Turkish => "tr",
            Self::Ukrainian => "uk",
            Self::Chinese => "zh",
        }
    }

    /// The language with this code.
    pub fn of_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|language| language.code() == code)
    }
}

/// The words of a language.
pub(crate) const fn words(language: Language) -> &'static dyn Words {
    match language {
        Language::English => &english::English,
        Language::German => &german::German,
        Language::Spanish => &spanish::Spanish,
        Language::Polish => &polish::Polish,
        Language::Romanian => &romanian::Romanian,
        Language::Turkish => &turkish::Turkish,
        Language::Ukrainian => &ukrainian::Ukrainian,
        Language::Chinese => &chinese::Chinese,
    }
}

/// Everything a screen says. Plain, short and friendly; a reject says what was scanned, what was wanted, and what to
/// press or scan.
pub(crate) trait Words {
    /// How it writes figures and dates.
    fn locale(&self) -> Locale;
    /// The heading of the list of tasks.
    fn tasks(&self) -> &'static str;
    /// The question over the list of tasks.
    fn which_task(&self) -> &'static str;
    /// The heading of a task.
    fn title(&self, kind: &TaskKind, reference: &str) -> String;
    /// What is wanted next.
    fn instruction(&self, instruction: Instruction) -> &'static str;
    /// Asks for a label that cannot be scanned.
    fn type_label(&self) -> &'static str;
    /// An open question.
    fn question(&self, question: &Question, names: &Names<'_>) -> String;
    /// Asks for the digits painted beside a place.
    fn type_check_digits(&self) -> &'static str;
    /// An exception code, as a worker chooses it.
    fn exception(&self, code: ExceptionCode) -> &'static str;
    /// A stock status, as an inspector chooses it: what is no release is called as it is reported.
    fn status(&self, status: StockStatus) -> &'static str {
        code_of(status).map_or_else(|| self.released(), |code| self.exception(code))
    }
    /// Goods that may be used: what an inspector says of them.
    fn released(&self) -> &'static str;
    /// A reason: the words of [`crate::site::usual_reasons`] in the language, any other word of the site as it is.
    fn reason(&self, word: &str) -> String;
    /// An entry of the menu.
    fn menu(&self, entry: MenuEntry) -> &'static str;
    /// Why something does not count: up to three sentences.
    fn label_fault(&self, fault: &LabelFault) -> String;

    fn rejected(&self, reason: &Reason, names: &Names<'_>) -> Vec<String>;
    /// What was recorded.
    fn recorded(&self, draft: &Draft, names: &Names<'_>) -> Vec<String>;
    /// What a pass through a portal came to.
    fn passed(&self, pass: &PassTold, names: &Names<'_>) -> Vec<String> {
        self.pass_words().told(pass, names)
    }
    /// The sentences about a pass.
    fn pass_words(&self) -> PassWords;
    /// Where the work goes on.
    fn went(&self, place: &Where, names: &Names<'_>) -> Vec<String>;
    /// What a screen says where the verdict alone does not tell it.
    fn note(&self, note: Note) -> String;
    /// In how many minutes this device's lease on the task ends; 0 when it has ended.
    fn lease_ends(&self, minutes: u32) -> String;
    /// What stands in the place of a quantity where a place is being counted.
    fn being_counted(&self) -> &'static str;
    /// The place after this one.
    fn then(&self, place: &str) -> String;
    /// What a key does.
    fn key(&self, key: KeyUse) -> &'static str;
    /// What a line of a screen is about.
    fn label(&self, label: Label) -> &'static str;
}

/// The sentences about a pass: `{pass}` stands for its number, `{n}` for how many.
pub(crate) struct PassWords {
    /// So many pieces were recorded.
    pub recorded: &'static str,
    /// Nothing was recorded that was not before.
    pub nothing: &'static str,
    /// So many pallets and cartons were recorded as a whole.
    pub units: &'static str,
    /// So many labels are to be looked at.
    pub checks: &'static str,
    /// More tags were heard than a pass keeps.
    pub too_many: &'static str,
    /// A pallet lacks something of what is announced on it.
    pub incomplete: &'static str,
}

impl PassWords {
    fn told(&self, pass: &PassTold, names: &Names<'_>) -> Vec<String> {
        let number = pass.number.to_string();
        let said = |sentence: &str, count: u32| {
            let counted = sentence.replace("{n}", &names.count(count));
            counted.replace("{pass}", &number)
        };
        let mut sentences = Vec::new();
        match (pass.pieces, pass.units) {
            (0, 0) => sentences.push(said(self.nothing, 0)),
            (0, _) => {}
            (pieces, _) => sentences.push(said(self.recorded, pieces)),
        }
        if pass.units > 0 {
            sentences.push(said(self.units, pass.units));
        }
        if pass.checks > 0 {
            sentences.push(said(self.checks, pass.checks));
        } else if !pass.is_whole {
            sentences.push(said(self.too_many, 0));
        } else if pass.is_incomplete {
            sentences.push(said(self.incomplete, 0));
        }
        sentences
    }
}

/// Whether a line was left to the records of another device.
fn is_left(draft: &Draft) -> bool {
    reports(draft, ExceptionCode::Elsewhere)
}

/// Whether a place was left because it cannot be reached.
fn is_out_of_reach(draft: &Draft) -> bool {
    reports(draft, ExceptionCode::NotReachable)
}

/// Whether goods were found to be in order.
fn is_released(draft: &Draft) -> bool {
    let goods = draft.goods.as_ref();
    goods.is_some_and(|goods| goods.status == StockStatus::Available)
}

fn reports(draft: &Draft, code: ExceptionCode) -> bool {
    let report = draft.exception.as_ref();
    report.is_some_and(|report| report.code == code)
}

/// Sentences that nothing is put into.
fn say(sentences: &[&str]) -> Vec<String> {
    sentences.iter().map(|&sentence| sentence.to_owned()).collect()
}

/// What is wanted next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Instruction {
    /// Scan a document or press a number.
    ChooseTask,
    /// There is no task for this device.
    NoTasks,
    /// Scan the tote that the goods go into.
    ScanTote,
    /// Go to the place shown and scan it.
    GoTo,
    /// Scan the place where the goods lie, whichever it is.
    ScanPlace,
    /// Scan one of the task's places.
    ScanLocation,
    /// Scan the item shown.
    ScanItem,
    /// Scan whatever is there.
    ScanAnyItem,
    /// Scan the tote, carton or pallet.
    ScanUnit,
    /// Scan the carton to pack into.
    ScanCarton,
    /// Go there with the goods and scan the place.
    BringTo,
    /// Put the goods into the tote shown and scan it.
    PutInto,
    /// Scan the door or the truck.
    ScanVehicle,
    /// Scan where the goods are taken from.
    ScanSource,
    /// Scan where they go.
    ScanDestination,
    /// Put the tote down at the place shown and scan it.
    HandOver,
    /// All lines are done.
    Complete,
    /// Something is to be looked at or measured before the goods.
    CheckFirst,
    /// Scan the goods that are damaged.
    ScanDamaged,
    /// Scan what is to be looked up.
    ScanToLookUp,
    /// The hub is being asked.
    Asking,
    /// The hub has nothing of it in stock.
    NothingInStock,
    /// What the hub has in stock.
    InStock,
    /// Go on along the goods with the reader: new tags still come.
    KeepSweeping,
    /// Hardly a new tag comes any more.
    SweepDone,
    /// The same, and most tags may as well lie beside the place: radio does not tell them apart.
    TooCloseToTell,
    /// The book has nothing here that was not counted.
    NothingMissing,
    /// The hub has not told: ask once more.
    AskAgain,
    /// Choose what is to be looked for.
    ChooseMissing,
    /// Go where the signal of the tag grows.
    FollowSignal,
    /// Drive through the portal, or scan what comes.
    DriveThrough,
    /// Goods pass the portal.
    Passing,
    /// Look for this piece or pallet and scan its label.
    CheckLabel,
}

impl Instruction {
    /// Every instruction, for tests.
    #[cfg(test)]
    pub const ALL: [Self; 33] = [
        Self::ChooseTask,
        Self::NoTasks,
        Self::ScanTote,
        Self::GoTo,
        Self::ScanPlace,
        Self::ScanLocation,
        Self::ScanItem,
        Self::ScanAnyItem,
        Self::ScanUnit,
        Self::ScanCarton,
        Self::BringTo,
        Self::PutInto,
        Self::ScanVehicle,
        Self::ScanSource,
        Self::ScanDestination,
        Self::HandOver,
        Self::Complete,
        Self::CheckFirst,
        Self::ScanDamaged,
        Self::ScanToLookUp,
        Self::Asking,
        Self::NothingInStock,
        Self::InStock,
        Self::KeepSweeping,
        Self::SweepDone,
        Self::TooCloseToTell,
        Self::NothingMissing,
        Self::AskAgain,
        Self::ChooseMissing,
        Self::FollowSignal,
        Self::DriveThrough,
        Self::Passing,
        Self::CheckLabel,
    ];
}

/// What a key does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum KeyUse {
    Yes,
    No,
    Enter,
    Backspace,
    Cancel,
    Undo,
    Done,
    Short,
    Skip,
    Exception,
    Menu,
    Type,
    Leave,
    LogOut,
    StillToDo,
    DoneAlready,
    OpenUnit,
    NewUnit,
    Missing,
}

impl KeyUse {
    /// Every use, for tests.
    #[cfg(test)]
    pub const ALL: [Self; 19] = [
        Self::Yes,
        Self::No,
        Self::Enter,
        Self::Backspace,
        Self::Cancel,
        Self::Undo,
        Self::Done,
        Self::Short,
        Self::Skip,
        Self::Exception,
        Self::Menu,
        Self::Type,
        Self::Leave,
        Self::LogOut,
        Self::StillToDo,
        Self::DoneAlready,
        Self::OpenUnit,
        Self::NewUnit,
        Self::Missing,
    ];
}

/// What a line of a screen is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Label {
    Item,
    Number,
    Lot,
    Take,
    Tote,
    From,
    To,
    Why,
    Carton,
    Vehicle,
    Missing,
    HeldBy,
    MaybeDoneBy,
    Lease,
    InHand,
    Code,
    LinesDone,
    LinesPerHour,
    Walking,
    Scanning,
    Waiting,
    Pauses,
    Tags,
    MaybeNext,
    Kept,
    Signal,
    Serial,
    Matched,
    Surplus,
    Stray,
    ToCheck,
}

impl Label {
    /// Every label, for tests.
    #[cfg(test)]
    pub const ALL: [Self; 31] = [
        Self::Item,
        Self::Number,
        Self::Lot,
        Self::Take,
        Self::Tote,
        Self::From,
        Self::To,
        Self::Why,
        Self::Carton,
        Self::Vehicle,
        Self::Missing,
        Self::HeldBy,
        Self::MaybeDoneBy,
        Self::Lease,
        Self::InHand,
        Self::Code,
        Self::LinesDone,
        Self::LinesPerHour,
        Self::Walking,
        Self::Scanning,
        Self::Waiting,
        Self::Pauses,
        Self::Tags,
        Self::MaybeNext,
        Self::Kept,
        Self::Signal,
        Self::Serial,
        Self::Matched,
        Self::Surplus,
        Self::Stray,
        Self::ToCheck,
    ];
}

/// The names that people use for what has a number.
pub(crate) struct Names<'a> {
    catalogue: &'a dyn Catalogue,
    worker: Option<String>,
}

impl<'a> Names<'a> {
    pub const fn new(catalogue: &'a dyn Catalogue) -> Self {
        Self {
            catalogue,
            worker: None,
        }
    }

    /// The same, and somebody works.
    pub fn of_worker(self, worker: Option<&WorkerId>) -> Self {
        let person = worker.and_then(|worker| self.catalogue.worker(worker));
        let name = person.map(|person| person.name.clone());
        Self {
            worker: name.filter(|name| !name.is_empty()),
            ..self
        }
    }

    /// What people call whoever works; `None` where nobody told.
    pub fn worker(&self) -> Option<&str> {
        self.worker.as_deref()
    }

    /// What people call an item; its number where nobody told.
    pub fn item(&self, id: &ItemId) -> String {
        match self.catalogue.item(id) {
            Some(item) if !item.name.is_empty() => item.name.clone(),
            _ => id.to_string(),
        }
    }

    /// What people call the item that has a code; the code where none has.
    pub fn code(&self, code: &str) -> String {
        let known = self.catalogue.find_code(code);
        known.map_or_else(|| code.to_owned(), |(item, _)| self.item(&item.id))
    }

    /// The picture of an item, where it has one.
    pub fn picture(&self, id: &ItemId) -> Option<PictureId> {
        self.catalogue.item(id)?.picture.clone()
    }

    /// The name of an item's base unit.
    pub fn unit(&self, id: &ItemId) -> String {
        self.catalogue
            .item(id)
            .map(|item| item.unit.clone())
            .unwrap_or_default()
    }

    /// A quantity as the worker's language writes it. Whatever is shown of one goes through here.
    pub fn quantity(&self, quantity: Quantity) -> String {
        self.locale().quantity(quantity)
    }

    /// How many, as the worker's language writes it.
    pub fn count(&self, count: u32) -> String {
        Quantity::whole(i64::from(count)).map_or_else(|| count.to_string(), |count| self.quantity(count))
    }

    /// A date as the worker's language writes it.
    pub fn date(&self, date: Date) -> String {
        self.locale().date(date)
    }

    fn locale(&self) -> Locale {
        words(self.catalogue.language()).locale()
    }

    /// How much of what a fact is about, as `2 each Hex bolt`.
    pub fn goods(&self, draft: &Draft) -> String {
        let Some(goods) = &draft.goods else {
            return String::new();
        };
        let quantity = self.quantity(goods.quantity);
        let Some(item) = &goods.item else {
            return format!("{quantity} {}", goods.code);
        };
        let (unit, name) = (self.unit(item), self.item(item));
        format!("{quantity} {unit} {name}")
    }
}
