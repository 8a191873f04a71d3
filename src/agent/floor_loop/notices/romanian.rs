//! Romanian.

use super::{Notice, PrinterNotice, PrinterState, Texts};

pub(super) struct Romanian;

impl Texts for Romanian {
    fn heading(&self, notice: Notice) -> (&'static str, &'static str) {
        match notice {
            Notice::NoRoom => ("Neînceput", "Este prea puțină memorie pentru această sarcină"),
            Notice::Mistake => ("Nenumărat", "Programul a făcut o greșeală"),
            Notice::Full | Notice::Failed | Notice::Unreadable | Notice::Busy | Notice::SetUp(_) => {
                ("Nenumărat", "Nu s-a salvat nimic")
            }
        }
    }

    fn sentences(&self, notice: Notice) -> [&'static str; 2] {
        match notice {
            Notice::Full => [
                "Memoria acestui dispozitiv e plină: ultima scanare nu a fost numărată.",
                "Tot ce a fost înainte e în siguranță. Du dispozitivul la șeful de tură.",
            ],
            Notice::NoRoom => [
                "Memoria acestui dispozitiv e aproape plină, așa că nu începe nicio sarcină.",
                "Tot ce ai numărat e în siguranță. Ia alt dispozitiv și du-l pe acesta la șeful de tură.",
            ],
            Notice::Failed => [
                "Memoria acestui dispozitiv s-a stricat: poate că ultima scanare nu a fost numărată.",
                "Nu mai lucra cu el și du-l la șeful de tură.",
            ],
            Notice::Unreadable => [
                "Acest dispozitiv nu poate citi ce a salvat: ultima scanare nu a fost numărată.",
                "Du dispozitivul la șeful de tură.",
            ],
            Notice::Busy => [
                "Memoria acestui dispozitiv era ocupată: ultima scanare nu a fost numărată.",
                "Scanează din nou.",
            ],
            // Said in words of their own.
            Notice::SetUp(_) => ["", ""],
            Notice::Mistake => [
                "Ultima scanare nu a fost numărată.",
                "Încearcă din nou; dacă se repetă, spune-i șefului de tură.",
            ],
        }
    }

    fn starting(&self) -> &'static str {
        "Pornește"
    }

    fn repetition(&self) -> &'static str {
        "Același cod a venit de două ori odată: numărat o dată."
    }

    fn printer(&self, notice: PrinterNotice) -> &'static str {
        match notice {
            PrinterNotice::Waits(PrinterState::PaperOut) => {
                "Imprimanta nu are etichete: pune unele noi și continuă singură."
            }
            PrinterNotice::Waits(PrinterState::RibbonOut) => {
                "Imprimanta nu are ribon: pune unul nou și continuă singură."
            }
            PrinterNotice::Waits(PrinterState::HeadOpen) => {
                "Imprimanta e deschisă: închide-o și continuă singură."
            }
            PrinterNotice::Waits(PrinterState::Paused) => "Imprimanta e în pauză: apasă tasta ei de pauză.",
            PrinterNotice::Waits(_) => "Imprimanta nu răspunde: eticheta așteaptă. Vezi dacă e pornită.",
            PrinterNotice::Prints => "Imprimanta tipărește din nou.",
            PrinterNotice::TooMany => {
                "Prea multe etichete așteaptă imprimanta: cea mai veche nu se tipărește."
            }
            PrinterNotice::Unprintable => {
                "Eticheta nu se tipărește: conținutul nu încape. Spune-i șefului de tură."
            }
            PrinterNotice::NoPrinter => "Nu se tipărește nicio etichetă: acest dispozitiv nu are imprimantă.",
        }
    }

    fn battery(&self) -> &'static str {
        "Bateria este aproape goală: schimbă acum bateria. Tot ce s-a numărat este în siguranță."
    }

    fn silent_neighbour(&self) -> &'static str {
        "Portalul vecin nu răspunde: scanează etichetele."
    }
}
