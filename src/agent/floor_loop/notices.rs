//! The screens of the loop itself: what a worker reads when there is nothing a session could say.

use tallyman_floor::words::Language;
use tallyman_floor::{Message, Tone, View};

use crate::seams::{PrinterNotice, PrinterState, StoreError};

/// What there is to say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Notice {
    /// The device has no identity.
    NotEnrolled,
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
            StoreError::NotEnrolled => Self::NotEnrolled,
        }
    }

    /// The screen.
    pub(super) fn view(self, language: Language) -> View {
        let tone = if self == Self::NotEnrolled {
            Tone::Calm
        } else {
            Tone::Bad
        };
        let (title, instruction) = self.heading(language);
        View {
            title: title.to_owned(),
            instruction: instruction.to_owned(),
            message: Some(Message {
                tone,
                sentences: self.sentences(language).map(str::to_owned).to_vec(),
            }),
            ..View::default()
        }
    }

    const fn heading(self, language: Language) -> (&'static str, &'static str) {
        match (language, self) {
            (Language::English, Self::NotEnrolled) => {
                ("Not enrolled", "This device is not known to a hub yet")
            }
            (Language::English, Self::NoRoom) => ("Not begun", "There is too little storage for this task"),
            (Language::German, Self::NoRoom) => {
                ("Nicht begonnen", "Für diese Aufgabe ist zu wenig Speicher frei")
            }
            (Language::English, Self::Mistake) => ("Not counted", "The program made a mistake"),
            (Language::English, _) => ("Not counted", "Nothing was stored"),
            (Language::German, Self::NotEnrolled) => ("Nicht angemeldet", "Dieses Gerät kennt noch kein Hub"),
            (Language::German, Self::Mistake) => ("Nicht gezählt", "Das Programm hat einen Fehler gemacht"),
            (Language::German, _) => ("Nicht gezählt", "Nichts wurde gespeichert"),
        }
    }

    const fn sentences(self, language: Language) -> [&'static str; 2] {
        match language {
            Language::English => self.in_english(),
            Language::German => self.in_german(),
        }
    }

    const fn in_english(self) -> [&'static str; 2] {
        match self {
            Self::NotEnrolled => [
                "Nothing can be scanned before that.",
                "Ask the administrator for an enrolment code.",
            ],
            Self::Full => [
                "The storage of this device is full: the last scan was not counted.",
                "Everything before it is safe. Bring the device to your supervisor.",
            ],
            Self::NoRoom => [
                "The storage of this device is nearly full, so no task is begun.",
                "Everything counted is safe. Take another device and bring this one to your supervisor.",
            ],
            Self::Failed => [
                "The storage of this device has failed: the last scan may not have been counted.",
                "Stop working with it and bring it to your supervisor.",
            ],
            Self::Unreadable => [
                "This device cannot read what it stored: the last scan was not counted.",
                "Bring the device to your supervisor.",
            ],
            Self::Busy => [
                "The storage of this device was busy: the last scan was not counted.",
                "Scan it again.",
            ],
            Self::Mistake => [
                "The last scan was not counted.",
                "Try again; if it comes back, tell your supervisor.",
            ],
        }
    }

    const fn in_german(self) -> [&'static str; 2] {
        match self {
            Self::NotEnrolled => [
                "Vorher kann nichts gescannt werden.",
                "Ein Anmeldecode kommt von der Verwaltung.",
            ],
            Self::Full => [
                "Der Speicher dieses Geräts ist voll: Der letzte Scan wurde nicht gezählt.",
                "Alles davor ist sicher. Gerät zur Schichtleitung bringen.",
            ],
            Self::NoRoom => [
                "Der Speicher dieses Geräts ist fast voll, darum beginnt keine Aufgabe.",
                "Alles Gezählte ist sicher. Anderes Gerät nehmen, dieses zur Schichtleitung bringen.",
            ],
            Self::Failed => [
                "Der Speicher dieses Geräts ist ausgefallen: Der letzte Scan wurde vielleicht nicht gezählt.",
                "Nicht weiter damit arbeiten, Gerät zur Schichtleitung bringen.",
            ],
            Self::Unreadable => [
                "Dieses Gerät kann nicht lesen, was es gespeichert hat: Der letzte Scan wurde nicht gezählt.",
                "Gerät zur Schichtleitung bringen.",
            ],
            Self::Busy => [
                "Der Speicher dieses Geräts war belegt: Der letzte Scan wurde nicht gezählt.",
                "Noch einmal scannen.",
            ],
            Self::Mistake => [
                "Der letzte Scan wurde nicht gezählt.",
                "Noch einmal versuchen; kommt es wieder, der Schichtleitung sagen.",
            ],
        }
    }
}

/// The program starts.
pub(super) fn starting(language: Language) -> View {
    let instruction = match language {
        Language::English => "Starting",
        Language::German => "Startet",
    };
    View {
        title: "Tallyman".to_owned(),
        instruction: instruction.to_owned(),
        ..View::default()
    }
}

/// The answer that stays on the screen when a mechanical repetition was dropped.
pub(super) fn with_repetition(view: &View, language: Language) -> View {
    let told = match language {
        Language::English => "The same code came twice at once: counted once.",
        Language::German => "Derselbe Code kam zweimal zugleich: einmal gezählt.",
    };
    with_sentence(view, told)
}

/// What stays on the screen, with what there is to know about labels. What was said of them before goes.
pub(super) fn with_printer(view: &View, notice: PrinterNotice, language: Language) -> View {
    let mut view = view.clone();
    if let Some(message) = &mut view.message {
        message.sentences.retain(|sentence| !is_about_printer(sentence));
    }
    view.message = view.message.filter(|message| !message.sentences.is_empty());
    with_sentence(&view, printer_sentence(notice, language))
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
    let languages = [Language::English, Language::German];
    PRINTER_NOTICES.into_iter().any(|notice| {
        languages
            .iter()
            .any(|language| printer_sentence(notice, *language) == sentence)
    })
}

const fn printer_sentence(notice: PrinterNotice, language: Language) -> &'static str {
    match language {
        Language::English => match notice {
            PrinterNotice::Waits(PrinterState::PaperOut) => {
                "The printer has no labels: put some in, it goes on by itself."
            }
            PrinterNotice::Waits(PrinterState::RibbonOut) => {
                "The printer has no ribbon: put one in, it goes on by itself."
            }
            PrinterNotice::Waits(PrinterState::HeadOpen) => {
                "The printer is open: close it, it goes on by itself."
            }
            PrinterNotice::Waits(PrinterState::Paused) => "The printer is paused: press its pause key.",
            PrinterNotice::Waits(_) => {
                "The printer does not answer: the label waits. See whether it is switched on."
            }
            PrinterNotice::Prints => "The printer prints again.",
            PrinterNotice::TooMany => "Too many labels wait for the printer: the oldest is not printed.",
            PrinterNotice::Unprintable => {
                "The label is not printed: what it has to say does not fit. Tell your supervisor."
            }
            PrinterNotice::NoPrinter => "No label is printed: this device has no printer.",
        },
        Language::German => match notice {
            PrinterNotice::Waits(PrinterState::PaperOut) => {
                "Der Drucker hat keine Etiketten: einlegen, es geht von selbst weiter."
            }
            PrinterNotice::Waits(PrinterState::RibbonOut) => {
                "Der Drucker hat kein Farbband: einlegen, es geht von selbst weiter."
            }
            PrinterNotice::Waits(PrinterState::HeadOpen) => {
                "Der Drucker ist offen: schließen, es geht von selbst weiter."
            }
            PrinterNotice::Waits(PrinterState::Paused) => "Der Drucker hält: seine Pause-Taste drücken.",
            PrinterNotice::Waits(_) => {
                "Der Drucker antwortet nicht: Das Etikett wartet. Ist er eingeschaltet?"
            }
            PrinterNotice::Prints => "Der Drucker druckt wieder.",
            PrinterNotice::TooMany => {
                "Zu viele Etiketten warten auf den Drucker: Das älteste wird nicht gedruckt."
            }
            PrinterNotice::Unprintable => {
                "Das Etikett wird nicht gedruckt: Der Inhalt passt nicht. Der Schichtleitung sagen."
            }
            PrinterNotice::NoPrinter => "Kein Etikett: Dieses Gerät hat keinen Drucker.",
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_told_of_the_printer_takes_the_place_of_what_was_told_before() {
        let view = with_repetition(&View::default(), Language::English);
        for language in [Language::English, Language::German] {
            let mut shown = view.clone();
            for notice in PRINTER_NOTICES {
                shown = with_printer(&shown, notice, language);
                let sentences = &shown.message.as_ref().unwrap().sentences;
                assert_eq!(sentences.len(), 2, "{sentences:?}");
                assert_eq!(sentences[1], printer_sentence(notice, language));
            }
        }
    }
}
