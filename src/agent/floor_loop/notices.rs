//! The screens of the loop itself: what a worker reads when there is nothing a session could say.

use tallyman_floor::words::Language;
use tallyman_floor::{Message, Tone, View};

use crate::seams::StoreError;

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
