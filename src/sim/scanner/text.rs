//! A scanner that sends text with a suffix and takes no commands: what most fixed scanners do out of the box.

use tallyman_codes::Moment;

use super::Scanner;
use super::face::{Beep, Face};
use super::label::Label;
use super::manners::Manners;
use super::mouth::Mouth;
use super::tally::Tally;

/// The suffix that most scanners have from the factory.
const SUFFIX: u8 = b'\r';

/// A text scanner.
#[derive(Debug)]
pub struct TextScanner {
    manners: Manners,
    mouth: Mouth,
    face: Face,
    tally: Tally,
    is_on: bool,
}

impl TextScanner {
    /// One that is switched on.
    pub fn new(manners: Manners) -> Self {
        Self {
            manners,
            mouth: Mouth::default(),
            face: Face::default(),
            tally: Tally::default(),
            is_on: true,
        }
    }
}

impl Scanner for TextScanner {
    fn hear(&mut self, _bytes: &[u8], _at: Moment) {}

    fn deadline(&self) -> Option<Moment> {
        None
    }

    fn idle(&mut self, _at: Moment) {}

    fn said(&mut self, at: Moment) -> Option<Vec<u8>> {
        self.mouth.take(at)
    }

    fn pull(&mut self, label: Option<&Label>, at: Moment) {
        let Some(label) = label else {
            self.tally.misses += 1;
            return;
        };
        if !self.is_on {
            self.tally.ignored += 1;
            return;
        }
        self.face.beep(Beep::Decoded, at);
        self.tally.decoded += 1;
        self.tally.delivered += 1;
        let mut line = label.text.clone();
        line.push(SUFFIX);
        let travel = self.manners.next_code();
        for arrived in self.manners.arrivals(line, travel) {
            self.mouth.say(arrived);
        }
    }

    /// Nobody but a finger pulls its trigger.
    fn lay_before(&mut self, _label: Option<Label>, _at: Moment) {}

    fn behave(&mut self, manners: Manners) {
        self.manners = manners;
    }

    fn power_off(&mut self, _at: Moment) {
        self.is_on = false;
        self.mouth.silence();
    }

    fn power_on(&mut self, _at: Moment) {
        self.is_on = true;
    }

    fn face(&self) -> &Face {
        &self.face
    }

    fn tally(&self) -> &Tally {
        &self.tally
    }

    fn holds(&self) -> usize {
        0
    }

    fn is_set_up(&self) -> bool {
        self.is_on
    }
}
