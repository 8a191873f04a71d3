//! Polish.

use super::{Notice, PrinterNotice, PrinterState, Texts};

pub(super) struct Polish;

impl Texts for Polish {
    fn heading(&self, notice: Notice) -> (&'static str, &'static str) {
        match notice {
            Notice::NoRoom => ("Nie rozpoczęto", "Za mało pamięci na to zadanie"),
            Notice::Mistake => ("Nie policzono", "Program popełnił błąd"),
            Notice::Full | Notice::Failed | Notice::Unreadable | Notice::Busy | Notice::SetUp(_) => {
                ("Nie policzono", "Nic nie zapisano")
            }
        }
    }

    fn sentences(&self, notice: Notice) -> [&'static str; 2] {
        match notice {
            Notice::Full => [
                "Pamięć tego urządzenia jest pełna: ostatni skan nie został policzony.",
                "Wszystko wcześniejsze jest bezpieczne. Zanieś urządzenie przełożonemu.",
            ],
            Notice::NoRoom => [
                "Pamięć tego urządzenia jest prawie pełna, więc nie zaczęto zadania.",
                "Wszystko policzone jest bezpieczne. Weź inne urządzenie, a to zanieś przełożonemu.",
            ],
            Notice::Failed => [
                "Pamięć tego urządzenia zawiodła: ostatni skan mógł nie zostać policzony.",
                "Nie pracuj nim dalej i zanieś je przełożonemu.",
            ],
            Notice::Unreadable => [
                "Urządzenie nie może odczytać tego, co zapisało: ostatni skan nie został policzony.",
                "Zanieś urządzenie przełożonemu.",
            ],
            Notice::Busy => [
                "Pamięć tego urządzenia była zajęta: ostatni skan nie został policzony.",
                "Zeskanuj jeszcze raz.",
            ],
            // Said in words of their own.
            Notice::SetUp(_) => ["", ""],
            Notice::Mistake => [
                "Ostatni skan nie został policzony.",
                "Spróbuj ponownie; jeśli to się powtórzy, powiedz przełożonemu.",
            ],
        }
    }

    fn starting(&self) -> &'static str {
        "Uruchamianie"
    }

    fn repetition(&self) -> &'static str {
        "Ten sam kod przyszedł dwa razy naraz: policzono raz."
    }

    fn printer(&self, notice: PrinterNotice) -> &'static str {
        match notice {
            PrinterNotice::Waits(PrinterState::PaperOut) => "Drukarka nie ma etykiet: włóż nowe, ruszy sama.",
            PrinterNotice::Waits(PrinterState::RibbonOut) => "Drukarka nie ma taśmy: włóż nową, ruszy sama.",
            PrinterNotice::Waits(PrinterState::HeadOpen) => "Drukarka jest otwarta: zamknij ją, ruszy sama.",
            PrinterNotice::Waits(PrinterState::Paused) => {
                "Drukarka jest wstrzymana: naciśnij jej klawisz pauzy."
            }
            PrinterNotice::Waits(_) => "Drukarka nie odpowiada: etykieta czeka. Sprawdź, czy jest włączona.",
            PrinterNotice::Prints => "Drukarka znowu drukuje.",
            PrinterNotice::TooMany => "Za dużo etykiet czeka na drukarkę: najstarsza nie będzie wydrukowana.",
            PrinterNotice::Unprintable => {
                "Etykieta nie będzie wydrukowana: treść się nie mieści. Powiedz przełożonemu."
            }
            PrinterNotice::NoPrinter => "Nie ma etykiety: to urządzenie nie ma drukarki.",
        }
    }

    fn battery(&self) -> &'static str {
        "Bateria jest prawie pusta: wymień ją teraz. Wszystko policzone jest bezpieczne."
    }

    fn silent_neighbour(&self) -> &'static str {
        "Sąsiednia bramka nie odpowiada: zeskanuj etykiety."
    }
}
