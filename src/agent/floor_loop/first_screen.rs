//! The screen of a device that no hub knows yet: it takes a set-up code, scanned or typed, and says how that goes.

use tallyman_codes::DeviceName;
use tallyman_floor::wire::set_up::{PREFIX, SetUpCode, SetUpFault, TEXT_BYTES_MAX, is_meant, plain_code};
use tallyman_floor::{Key, QuestionView, Tone, View};

use crate::seams::{EnrolTrouble, SetUpNews, SetUpRefusal, World};

use super::FloorLoop;
use super::notices::{self, Notice, Told};

/// Fewer characters than these are no one-time code.
const ONE_TIME_CHARACTERS_MIN: usize = 8;

/// What such a screen says, and what was typed on it.
#[derive(Debug, Default)]
pub(super) struct FirstScreen {
    told: Told,
    typed: String,
    /// What a set-up changed: it stays on the screen, whatever comes of the hub, until the worker does something.
    pub(super) news: Option<SetUpNews>,
}

impl<W: World> FloorLoop<W> {
    /// A set-up code was scanned, on whatever device.
    pub(super) fn take_set_up(&mut self, text: &str, device: Option<&DeviceName>) {
        if self.is_enrolled {
            // What is here stays: nobody who knows the codes of the house gives a device away by a scan.
            self.notify(Notice::SetUp(Told::AlreadySetUp));
            self.outlets.sound(Tone::Bad, "reject", device, Vec::new());
            return;
        }
        let told = match SetUpCode::read(text) {
            Ok(code) => self
                .outlets
                .set_up
                .take(&code)
                .map_or_else(|refusal| refused(&refusal), |()| Told::Taken),
            Err(fault) => of_fault(&fault),
        };
        self.tell_first(told, device);
    }

    /// A key on the first screen: a code is typed.
    pub(super) fn take_first_key(&mut self, key: Key) {
        let typed = &mut self.first.typed;
        match key {
            // No code is as long.
            Key::Digit(_) | Key::Character(_) if typed.len() >= TEXT_BYTES_MAX => return,
            Key::Digit(digit) => typed.push_str(&digit.to_string()),
            Key::Character(character) if !character.is_control() => typed.push(character),
            Key::Backspace => {
                typed.pop();
            }
            Key::Escape => typed.clear(),
            Key::Enter if !typed.is_empty() => {
                let typed = std::mem::take(typed);
                return self.take_typed(&typed);
            }
            _ => return,
        }
        self.show_first();
    }

    /// The whole code, the same without what all begin with, or the one-time code where the hub is known.
    fn take_typed(&mut self, typed: &str) {
        let whole = if is_meant(typed) {
            typed.to_owned()
        } else {
            format!("{PREFIX}{typed}")
        };
        let read = SetUpCode::read(&whole);
        let is_one_time = self.outlets.knows_hub && plain_code(typed).len() >= ONE_TIME_CHARACTERS_MIN;
        match read {
            Err(_) if is_one_time && !is_meant(typed) => {
                let taken = self.outlets.set_up.take_one_time_code(typed);
                let told = taken.map_or_else(|refusal| refused(&refusal), |()| Told::Taken);
                self.tell_first(told, None);
            }
            _ => self.take_set_up(&whole, None),
        }
    }

    /// Why there is no identity yet.
    pub(super) fn hear_trouble(&mut self, trouble: EnrolTrouble) {
        if !self.is_enrolled {
            self.first.told = Told::Trouble(trouble);
            self.show_first();
        }
    }

    fn tell_first(&mut self, told: Told, device: Option<&DeviceName>) {
        self.first.told = told;
        self.show_first();
        // Calm and never good: what is kept is no fact of the work.
        let (tone, word) = if told == Told::Taken {
            (Tone::Calm, "go")
        } else {
            (Tone::Bad, "reject")
        };
        self.outlets.sound(tone, word, device, Vec::new());
    }

    pub(super) fn show_first(&self) {
        let language = self.outlets.language;
        let view = Notice::SetUp(self.first.told).view(language);
        let typed = &self.first.typed;
        let question = (!typed.is_empty()).then(|| QuestionView {
            prompt: notices::set_up_code(language).to_owned(),
            typed: Some(typed.clone()),
            choices: Vec::new(),
        });
        self.outlets.show(View { question, ..view });
    }

    /// What is shown, with what a set-up changed.
    pub(super) fn with_news(&self, view: View) -> View {
        match &self.first.news {
            Some(news) => notices::with_news(&view, news, self.outlets.language()),
            None => view,
        }
    }

    /// Says on the screen that somebody looks at it.
    pub(super) fn tell_look(&self) {
        let view = self.outlets.view.borrow().clone();
        self.outlets
            .show(notices::with_look(&view, self.outlets.language));
    }
}

fn refused(refusal: &SetUpRefusal) -> Told {
    tracing::error!(%refusal, "the set-up code is not taken");
    match refusal {
        SetUpRefusal::OtherHub => Told::OtherHub,
        SetUpRefusal::NotKept(_) => Told::NotKept,
    }
}

fn of_fault(fault: &SetUpFault) -> Told {
    tracing::warn!(%fault, "the set-up code is not taken");
    match fault {
        SetUpFault::Newer(_) => Told::Newer,
        SetUpFault::Other | SetUpFault::Damaged | SetUpFault::Field(_) => Told::Damaged,
    }
}
