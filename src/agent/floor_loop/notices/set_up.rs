//! What is said about setting a device up, in each language.

use tallyman_floor::words::Language;

use crate::seams::{EnrolTrouble, SetUpPart};

use super::set_up_words::{CHINESE, ENGLISH, GERMAN, POLISH, ROMANIAN, SPANISH, TURKISH, UKRAINIAN};

/// How the set-up of a device goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(in crate::floor_loop) enum Told {
    /// It waits for a code.
    #[default]
    Wanted,
    /// A code was taken.
    Taken,
    /// It was damaged.
    Damaged,
    /// It is of a newer program.
    Newer,
    /// The device's configuration names another hub.
    OtherHub,
    /// It could not be stored.
    NotKept,
    /// The device is set up already.
    AlreadySetUp,
    /// There is no identity yet.
    Trouble(EnrolTrouble),
}

/// The words of a language.
pub(super) struct Words {
    /// What the code is called.
    pub(super) code: &'static str,
    /// What to do first.
    pub(super) scan: &'static str,
    pub(super) wanted: [&'static str; 2],
    pub(super) taken: [&'static str; 2],
    pub(super) damaged: [&'static str; 2],
    pub(super) newer: [&'static str; 2],
    pub(super) other_hub: [&'static str; 2],
    pub(super) not_kept: [&'static str; 2],
    pub(super) already: [&'static str; 2],
    pub(super) awaits: [&'static str; 2],
    pub(super) code_refused: [&'static str; 2],
    pub(super) wrong_hub: [&'static str; 2],
    pub(super) out_of_reach: [&'static str; 2],
    /// The device is set up.
    pub(super) done: &'static str,
    /// What was not taken; the parts follow.
    pub(super) not_taken: &'static str,
    /// Somebody looks at the screen.
    pub(super) looked_at: &'static str,
    /// Site, profile, language, sound, keys, scanners, wireless network.
    pub(super) parts: [&'static str; 7],
}

impl Words {
    pub(super) const fn sentences(&self, told: Told) -> [&'static str; 2] {
        match told {
            Told::Wanted => self.wanted,
            Told::Taken => self.taken,
            Told::Damaged => self.damaged,
            Told::Newer => self.newer,
            Told::OtherHub => self.other_hub,
            Told::NotKept => self.not_kept,
            Told::AlreadySetUp => self.already,
            Told::Trouble(EnrolTrouble::Awaits) => self.awaits,
            Told::Trouble(EnrolTrouble::CodeRefused) => self.code_refused,
            Told::Trouble(EnrolTrouble::WrongHub) => self.wrong_hub,
            Told::Trouble(EnrolTrouble::OutOfReach) => self.out_of_reach,
        }
    }

    pub(super) const fn part(&self, part: SetUpPart) -> &'static str {
        let [site, profile, language, volume, keymap, scanners, wifi] = self.parts;
        match part {
            SetUpPart::Site => site,
            SetUpPart::Profile => profile,
            SetUpPart::Language => language,
            SetUpPart::Volume => volume,
            SetUpPart::Keymap => keymap,
            SetUpPart::Scanners => scanners,
            SetUpPart::Wifi => wifi,
        }
    }
}

pub(super) const fn words(language: Language) -> &'static Words {
    match language {
        Language::English => &ENGLISH,
        Language::German => &GERMAN,
        Language::Spanish => &SPANISH,
        Language::Polish => &POLISH,
        Language::Romanian => &ROMANIAN,
        Language::Turkish => &TURKISH,
        Language::Ukrainian => &UKRAINIAN,
        Language::Chinese => &CHINESE,
    }
}
