//! Ukrainian.

use super::{Notice, PrinterNotice, PrinterState, Texts};

pub(super) struct Ukrainian;

impl Texts for Ukrainian {
    fn heading(&self, notice: Notice) -> (&'static str, &'static str) {
        match notice {
            Notice::NoRoom => ("Не розпочато", "Для цього завдання замало пам’яті"),
            Notice::Mistake => ("Не пораховано", "Програма зробила помилку"),
            Notice::Full | Notice::Failed | Notice::Unreadable | Notice::Busy | Notice::SetUp(_) => {
                ("Не пораховано", "Нічого не збережено")
            }
        }
    }

    fn sentences(&self, notice: Notice) -> [&'static str; 2] {
        match notice {
            Notice::Full => [
                "Пам’ять пристрою повна: останнє сканування не пораховано.",
                "Усе попереднє збережено. Віднеси пристрій старшому зміни.",
            ],
            Notice::NoRoom => [
                "Пам’ять пристрою майже повна, тому завдання не розпочато.",
                "Усе пораховане збережено. Візьми інший пристрій, а цей віднеси старшому зміни.",
            ],
            Notice::Failed => [
                "Пам’ять пристрою відмовила: останнє сканування, можливо, не пораховано.",
                "Більше не працюй із ним, віднеси його старшому зміни.",
            ],
            Notice::Unreadable => [
                "Пристрій не може прочитати збережене: останнє сканування не пораховано.",
                "Віднеси пристрій старшому зміни.",
            ],
            Notice::Busy => [
                "Пам’ять пристрою була зайнята: останнє сканування не пораховано.",
                "Відскануй ще раз.",
            ],
            // Said in words of their own.
            Notice::SetUp(_) => ["", ""],
            Notice::Mistake => [
                "Останнє сканування не пораховано.",
                "Спробуй ще раз; якщо повториться, скажи старшому зміни.",
            ],
        }
    }

    fn starting(&self) -> &'static str {
        "Запускається"
    }

    fn repetition(&self) -> &'static str {
        "Той самий код прийшов двічі водночас: пораховано один раз."
    }

    fn printer(&self, notice: PrinterNotice) -> &'static str {
        match notice {
            PrinterNotice::Waits(PrinterState::PaperOut) => {
                "У принтері немає етикеток: вклади, він продовжить сам."
            }
            PrinterNotice::Waits(PrinterState::RibbonOut) => {
                "У принтері немає стрічки: вклади, він продовжить сам."
            }
            PrinterNotice::Waits(PrinterState::HeadOpen) => "Принтер відкритий: закрий, він продовжить сам.",
            PrinterNotice::Waits(PrinterState::Paused) => "Принтер на паузі: натисни його клавішу паузи.",
            PrinterNotice::Waits(_) => "Принтер не відповідає: етикетка чекає. Перевір, чи він увімкнений.",
            PrinterNotice::Prints => "Принтер знову друкує.",
            PrinterNotice::TooMany => "Забагато етикеток чекає на принтер: найстарішу не надруковано.",
            PrinterNotice::Unprintable => {
                "Етикетку не надруковано: вміст не вміщається. Скажи старшому зміни."
            }
            PrinterNotice::NoPrinter => "Етикетку не надруковано: цей пристрій не має принтера.",
        }
    }

    fn battery(&self) -> &'static str {
        "Батарея майже порожня: заміни її зараз. Усе пораховане збережено."
    }

    fn silent_neighbour(&self) -> &'static str {
        "Сусідній портал не відповідає: відскануй етикетки."
    }
}
