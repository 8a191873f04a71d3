//! English.

use super::{Notice, PrinterNotice, PrinterState, Texts};

pub(super) struct English;

impl Texts for English {
    fn heading(&self, notice: Notice) -> (&'static str, &'static str) {
        match notice {
            Notice::NoRoom => ("Not begun", "There is too little storage for this task"),
            Notice::Mistake => ("Not counted", "The program made a mistake"),
            Notice::Full | Notice::Failed | Notice::Unreadable | Notice::Busy | Notice::SetUp(_) => {
                ("Not counted", "Nothing was stored")
            }
        }
    }

    fn sentences(&self, notice: Notice) -> [&'static str; 2] {
        match notice {
            Notice::Full => [
                "The storage of this device is full: the last scan was not counted.",
                "Everything before it is safe. Bring the device to your supervisor.",
            ],
            Notice::NoRoom => [
                "The storage of this device is nearly full, so no task is begun.",
                "Everything counted is safe. Take another device and bring this one to your supervisor.",
            ],
            Notice::Failed => [
                "The storage of this device has failed: the last scan may not have been counted.",
                "Stop working with it and bring it to your supervisor.",
            ],
            Notice::Unreadable => [
                "This device cannot read what it stored: the last scan was not counted.",
                "Bring the device to your supervisor.",
            ],
            Notice::Busy => [
                "The storage of this device was busy: the last scan was not counted.",
                "Scan it again.",
            ],
            // Said in words of their own.
            Notice::SetUp(_) => ["", ""],
            Notice::Mistake => [
                "The last scan was not counted.",
                "Try again; if it comes back, tell your supervisor.",
            ],
        }
    }

    fn starting(&self) -> &'static str {
        "Starting"
    }

    fn repetition(&self) -> &'static str {
        "The same code came twice at once: counted once."
    }

    fn printer(&self, notice: PrinterNotice) -> &'static str {
        match notice {
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
        }
    }

    fn battery(&self) -> &'static str {
        "The battery is nearly empty: change it now. Everything counted is safe."
    }

    fn silent_neighbour(&self) -> &'static str {
        "The portal next door does not answer: scan the labels."
    }
}
