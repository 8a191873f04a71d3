//! The screens of the loop itself: what a worker reads when there is nothing a session could say.

mod chinese;
mod english;
mod german;
mod polish;
mod romanian;
mod set_up;
mod set_up_words;
mod spanish;
mod turkish;
mod ukrainian;

use tallyman_floor::words::Language;
use tallyman_floor::{Message, Tone, View};

use crate::seams::{EnrolTrouble, PrinterNotice, PrinterState, SetUpNews, StoreError};

pub(super) use set_up::Told;
use set_up::words;

/// What there is to say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Notice {
    /// The device has no identity, or is asked to take another one.
    SetUp(Told),
    /// No room: nothing was stored.
    Full,
    /// Too little room to begin a task.
    NoRoom,
    /// The disk has failed under a commit; nobody knows what became of it.
    Failed,
    /// What is stored cannot be read.
    Unreadable,
    /// It may work the next time.
    Busy,
    /// A step panicked.
    Mistake,
}

impl Notice {
    /// What a failed store means for the worker.
    pub(super) const fn of(error: &StoreError) -> Self {
        match error {
            StoreError::Full(_) => Self::Full,
            StoreError::Dead(_) => Self::Failed,
            StoreError::Unreadable(_) => Self::Unreadable,
            StoreError::Busy(_) | StoreError::Elsewhere(_) => Self::Busy,
            StoreError::NotEnrolled => Self::SetUp(Told::Wanted),
        }
    }

    /// The screen.
    pub(super) fn view(self, language: Language) -> View {
        let texts = texts(language);
        let (heading, tone, sentences) = match self {
            Self::SetUp(told) => {
                let words = words(language);
                let is_calm = matches!(
                    told,
                    Told::Wanted
                        | Told::Taken
                        | Told::Trouble(EnrolTrouble::Awaits | EnrolTrouble::OutOfReach)
                );
                let tone = if is_calm { Tone::Calm } else { Tone::Bad };
                let instruction = if told == Told::AlreadySetUp {
                    ""
                } else {
                    words.scan
                };
                ((words.code, instruction), tone, words.sentences(told))
            }
            _ => (texts.heading(self), Tone::Bad, texts.sentences(self)),
        };
        View {
            title: heading.0.to_owned(),
            instruction: heading.1.to_owned(),
            message: Some(Message {
                tone,
                sentences: sentences.map(str::to_owned).to_vec(),
            }),
            ..View::default()
        }
    }
}

/// What the set-up code is called.
pub(super) fn set_up_code(language: Language) -> &'static str {
    words(language).code
}

/// The screen with what a set-up changed.
pub(super) fn with_news(view: &View, news: &SetUpNews, language: Language) -> View {
    let words = words(language);
    let changed: Vec<String> = news
        .changed
        .iter()
        .map(|(part, now)| format!("{} {now}", words.part(*part)))
        .collect();
    let mut sentences = vec![words.done.to_owned()];
    if !changed.is_empty() {
        sentences.push(format!("{}.", changed.join(", ")));
    }
    if !news.not_taken.is_empty() {
        let parts: Vec<&str> = news.not_taken.iter().map(|part| words.part(*part)).collect();
        sentences.push(format!("{}: {}.", words.not_taken, parts.join(", ")));
    }
    View {
        message: Some(Message {
            tone: Tone::Calm,
            sentences,
        }),
        ..view.clone()
    }
}

/// The screen with a note that somebody looks at it.
pub(super) fn with_look(view: &View, language: Language) -> View {
    with_sentence(view, words(language).looked_at)
}

/// What the loop itself says in a language. A text that a language lacks does not compile.
trait Texts {
    /// The title and the instruction of a notice.
    fn heading(&self, notice: Notice) -> (&'static str, &'static str);
    /// What happened, and what to do.
    fn sentences(&self, notice: Notice) -> [&'static str; 2];
    /// The program starts.
    fn starting(&self) -> &'static str;
    /// A mechanical repetition was dropped.
    fn repetition(&self) -> &'static str;
    /// What there is to know about labels.
    fn printer(&self, notice: PrinterNotice) -> &'static str;
    /// The battery is to be changed, and what was counted is safe.
    fn battery(&self) -> &'static str;
    /// A neighbouring portal does not answer, so labels are scanned.
    fn silent_neighbour(&self) -> &'static str;
}

const fn texts(language: Language) -> &'static dyn Texts {
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

/// The program starts.
pub(super) fn starting(language: Language) -> View {
    View {
        title: "Tallyman".to_owned(),
        instruction: texts(language).starting().to_owned(),
        ..View::default()
    }
}

/// The answer that stays on the screen when a mechanical repetition was dropped.
pub(super) fn with_repetition(view: &View, language: Language) -> View {
    with_sentence(view, texts(language).repetition())
}

/// What stays on the screen, with what there is to know about labels. What was said of them before goes.
pub(super) fn with_printer(view: &View, notice: PrinterNotice, language: Language) -> View {
    let mut view = view.clone();
    if let Some(message) = &mut view.message {
        message.sentences.retain(|sentence| !is_about_printer(sentence));
    }
    view.message = view.message.filter(|message| !message.sentences.is_empty());
    with_sentence(&view, texts(language).printer(notice))
}

/// A view, and that a neighbouring portal does not answer.
pub(super) fn with_silent_neighbour(view: &View, language: Language) -> View {
    with_sentence(view, texts(language).silent_neighbour())
}

/// A view, and that the battery is to be changed.
pub(super) fn with_battery(view: &View, language: Language) -> View {
    with_sentence(view, texts(language).battery())
}

fn with_sentence(view: &View, told: &str) -> View {
    let mut view = view.clone();
    let message = view.message.get_or_insert_with(|| Message {
        tone: Tone::Calm,
        sentences: Vec::new(),
    });
    if !message.sentences.iter().any(|sentence| sentence == told) {
        // A message has three sentences at most.
        message.sentences.truncate(2);
        message.sentences.push(told.to_owned());
    }
    view
}

/// Everything that is told about labels.
const PRINTER_NOTICES: [PrinterNotice; 11] = [
    PrinterNotice::Waits(PrinterState::Unknown),
    PrinterNotice::Waits(PrinterState::Ready),
    PrinterNotice::Waits(PrinterState::PaperOut),
    PrinterNotice::Waits(PrinterState::RibbonOut),
    PrinterNotice::Waits(PrinterState::HeadOpen),
    PrinterNotice::Waits(PrinterState::Paused),
    PrinterNotice::Waits(PrinterState::Unreachable),
    PrinterNotice::Prints,
    PrinterNotice::TooMany,
    PrinterNotice::Unprintable,
    PrinterNotice::NoPrinter,
];

fn is_about_printer(sentence: &str) -> bool {
    PRINTER_NOTICES.into_iter().any(|notice| {
        Language::ALL
            .into_iter()
            .any(|language| texts(language).printer(notice) == sentence)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_battery_and_a_silent_neighbour_are_told_in_every_language_once() {
        for with in [with_battery, with_silent_neighbour] {
            let mut told = std::collections::BTreeSet::new();
            for language in Language::ALL {
                let shown = with(&with(&View::default(), language), language);
                let sentences = shown.message.unwrap().sentences;
                assert_eq!(sentences.len(), 1, "{sentences:?}");
                assert!(told.insert(sentences), "{language:?} is not translated");
            }
        }
    }

    #[test]
    fn what_is_told_of_the_printer_takes_the_place_of_what_was_told_before() {
        let view = with_repetition(&View::default(), Language::English);
        for language in Language::ALL {
            let mut shown = view.clone();
            for notice in PRINTER_NOTICES {
                shown = with_printer(&shown, notice, language);
                let sentences = &shown.message.as_ref().unwrap().sentences;
                assert_eq!(sentences.len(), 2, "{sentences:?}");
                assert_eq!(sentences[1], texts(language).printer(notice));
            }
        }
    }
}
