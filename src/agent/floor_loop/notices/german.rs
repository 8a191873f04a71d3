//! German.

use super::{Notice, PrinterNotice, PrinterState, Texts};

pub(super) struct German;

impl Texts for German {
    fn heading(&self, notice: Notice) -> (&'static str, &'static str) {
        match notice {
            Notice::NoRoom => ("Nicht begonnen", "Für diese Aufgabe ist zu wenig Speicher frei"),
            Notice::Mistake => ("Nicht gezählt", "Das Programm hat einen Fehler gemacht"),
            Notice::Full | Notice::Failed | Notice::Unreadable | Notice::Busy | Notice::SetUp(_) => {
                ("Nicht gezählt", "Nichts wurde gespeichert")
            }
        }
    }

    fn sentences(&self, notice: Notice) -> [&'static str; 2] {
        match notice {
            Notice::Full => [
                "Der Speicher dieses Geräts ist voll: Der letzte Scan wurde nicht gezählt.",
                "Alles davor ist sicher. Gerät zur Schichtleitung bringen.",
            ],
            Notice::NoRoom => [
                "Der Speicher dieses Geräts ist fast voll, darum beginnt keine Aufgabe.",
                "Alles Gezählte ist sicher. Anderes Gerät nehmen, dieses zur Schichtleitung bringen.",
            ],
            Notice::Failed => [
                "Der Speicher dieses Geräts ist ausgefallen: Der letzte Scan wurde vielleicht nicht gezählt.",
                "Nicht weiter damit arbeiten, Gerät zur Schichtleitung bringen.",
            ],
            Notice::Unreadable => [
                "Dieses Gerät kann nicht lesen, was es gespeichert hat: Der letzte Scan wurde nicht gezählt.",
                "Gerät zur Schichtleitung bringen.",
            ],
            Notice::Busy => [
                "Der Speicher dieses Geräts war belegt: Der letzte Scan wurde nicht gezählt.",
                "Noch einmal scannen.",
            ],
            // Said in words of their own.
            Notice::SetUp(_) => ["", ""],
            Notice::Mistake => [
                "Der letzte Scan wurde nicht gezählt.",
                "Noch einmal versuchen; kommt es wieder, der Schichtleitung sagen.",
            ],
        }
    }

    fn starting(&self) -> &'static str {
        "Startet"
    }

    fn repetition(&self) -> &'static str {
        "Derselbe Code kam zweimal zugleich: einmal gezählt."
    }

    fn printer(&self, notice: PrinterNotice) -> &'static str {
        match notice {
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
        }
    }

    fn battery(&self) -> &'static str {
        "Der Akku ist fast leer: jetzt wechseln. Alles Gezählte ist sicher."
    }

    fn silent_neighbour(&self) -> &'static str {
        "Das Portal nebenan antwortet nicht: Etiketten scannen."
    }
}
