//! Ukrainian. Names stand in the nominative, beside a colon or behind a noun that takes the case.

use super::locale::Locale;
use super::{
    Instruction, KeyUse, Label, Names, PassWords, Words, is_left, is_out_of_reach, is_released, say,
};
use crate::confirmation::{Act, Draft, ExceptionCode, Place};
use crate::label_fault::{LabelFault, LabelFaultKind};
use crate::plan::Check;
use crate::session::work::Note;
use crate::task::TaskKind;
use crate::verdict::{MenuEntry, Question, Reason, Scanned, Wanted, Where};

pub(super) struct Ukrainian;

impl Words for Ukrainian {
    fn locale(&self) -> Locale {
        Locale {
            decimal_mark: ',',
            date_pattern: "%d.%m.%Y",
        }
    }

    fn tasks(&self) -> &'static str {
        "Завдання"
    }

    fn which_task(&self) -> &'static str {
        "Яке завдання?"
    }

    fn title(&self, kind: &TaskKind, reference: &str) -> String {
        let kind = match kind {
            TaskKind::Receive(_) => "Приймання",
            TaskKind::Putaway => "Розміщення",
            TaskKind::Replenish => "Поповнення",
            TaskKind::Move => "Переміщення",
            TaskKind::Pick(_) => "Відбір",
            TaskKind::Pack(_) => "Пакування",
            TaskKind::Load(_) => "Завантаження",
            TaskKind::Count(_) => "Підрахунок",
            TaskKind::Return(_) => "Повернення",
            TaskKind::Inspect(_) => "Перевірка",
        };
        format!("{kind} {reference}")
    }

    fn instruction(&self, instruction: Instruction) -> &'static str {
        match instruction {
            Instruction::ChooseTask => "Відскануй документ або натисни цифру",
            Instruction::NoTasks => "Завдань немає. Відскануй документ, коли він буде",
            Instruction::ScanTote => "Відскануй ящик",
            Instruction::GoTo => "Іди туди й відскануй місце",
            Instruction::ScanPlace => "Відскануй місце, де лежить товар",
            Instruction::ScanLocation => "Відскануй місце, яке рахуєш",
            Instruction::ScanItem => "Відскануй цей товар",
            Instruction::ScanAnyItem => "Відскануй товар",
            Instruction::ScanUnit => "Відскануй ящик, коробку чи палету",
            Instruction::ScanCarton => "Відскануй коробку, у яку пакуєш",
            Instruction::BringTo => "Віднеси туди й відскануй місце",
            Instruction::PutInto => "Поклади туди й відскануй ящик",
            Instruction::ScanVehicle => "Відскануй ворота або машину",
            Instruction::ScanSource => "Відскануй місце, звідки береш",
            Instruction::ScanDestination => "Відскануй місце, куди кладеш",
            Instruction::HandOver => "Постав ящик там і відскануй місце",
            Instruction::ScanDamaged => "Відскануй пошкоджений товар",
            Instruction::ScanToLookUp => "Відскануй товар, місце або тару",
            Instruction::Asking => "Запитую центр …",
            Instruction::NothingInStock => "На складі немає",
            Instruction::InStock => "На складі",
            Instruction::KeepSweeping => "Веди зчитувач далі вздовж товару",
            Instruction::SweepDone => "Нового більше немає. Натисни «Готово»",
            Instruction::TooCloseToTell => "Товар надто близько. Скануй етикетки",
            Instruction::NothingMissing => "Тут нічого не бракує",
            Instruction::AskAgain => "Центр ще не знає. Натисни «Гаразд», щоб спитати знову",
            Instruction::ChooseMissing => "Натисни номер того, що шукаєш",
            Instruction::FollowSignal => "Іди туди, де сигнал сильніший",
            Instruction::DriveThrough => "Провези товар крізь портал або відскануй його",
            Instruction::Passing => "Товар проїжджає крізь портал",
            Instruction::CheckLabel => "Знайди цю штуку й відскануй її етикетку",
            Instruction::Complete => "Усе готово. Натисни «Готово»",
            Instruction::CheckFirst => "Спершу оглянь машину: натисни «Гаразд»",
        }
    }

    fn type_label(&self) -> &'static str {
        "Набери код з етикетки"
    }

    fn question(&self, question: &Question, names: &Names<'_>) -> String {
        match question {
            Question::Quantity { item, .. } => format!("{}: скільки?", names.item(item)),
            Question::Lot { item } => format!("{}: відскануй або набери номер партії", names.item(item)),
            Question::Expiry { item } => {
                format!(
                    "{}: відскануй або набери термін придатності, як-от 31.12.27",
                    names.item(item)
                )
            }
            Question::Serial { item } => format!("{}: відскануй або набери серійний номер", names.item(item)),
            Question::Over { item, by } => {
                format!(
                    "{}: на {} більше, ніж очікували. Записати?",
                    names.item(item),
                    names.quantity(*by)
                )
            }
            Question::Exception { .. } => "Що не так?".to_owned(),
            Question::Reason { code, quantity, .. } => {
                match quantity.filter(|quantity| !quantity.is_zero()) {
                    Some(quantity) if *code == ExceptionCode::Short => {
                        format!("Бракує {}. Чому?", names.quantity(quantity))
                    }
                    _ => format!("{}. Чому?", self.exception(*code)),
                }
            }
            Question::HowMuch { item, code, .. } => {
                format!("{}: скільки? Товар: {}", self.exception(*code), names.item(item))
            }
            Question::Weight { item } => format!("{}: скільки важить у кг?", names.item(item)),
            Question::Observe { check, unit } => {
                check_question(*check, unit.as_ref().map(|unit| unit.as_str()))
            }
            Question::Substitute { item, wanted } => {
                format!(
                    "Потрібен товар {}. Дати натомість {}?",
                    names.item(wanted),
                    names.item(item)
                )
            }
            Question::ShelfLife { item, expiry } => format!(
                "{}: придатний до {}. Це замало. Усе одно взяти?",
                names.item(item),
                names.date(*expiry)
            ),
            Question::Condition { item, .. } | Question::State { item } => {
                format!("{}: у якому стані?", names.item(item))
            }
            Question::StaleHolds {
                minutes: Some(minutes),
            } => format!("Список заблокованого оновлено {minutes} хв тому. Усе одно завантажувати?"),
            Question::StaleHolds { minutes: None } => {
                "Список заблокованого не оновлено від запуску пристрою. Усе одно завантажувати?".to_owned()
            }
            Question::LinkItem { code } => {
                format!("Код {code} невідомий. Відскануй або набери товар, на якому він є.")
            }
            Question::LinkPack { code, item } => {
                format!(
                    "Скільки {} товару {} в одній упаковці {code}?",
                    names.unit(item),
                    names.item(item)
                )
            }
            Question::Menu { .. } => "Що хочеш зробити?".to_owned(),
            Question::Pin { .. } => "Набери свій PIN-код".to_owned(),
            Question::Interrupt { .. } => "Є терміновіше завдання. Перейти до нього?".to_owned(),
            Question::Empty { location } => format!("{location}: нічого не пораховано. Тут порожньо?"),
            Question::CountComplete { location } => format!("{location}: усе пораховано?"),
            Question::EndTask { open_lines: 0 } => "Це все? Завершити завдання?".to_owned(),
            Question::EndTask { open_lines } => {
                let lines = plural(*open_lines, ["рядок", "рядки", "рядків"]);
                format!("Ще треба закрити {open_lines} {lines}. Завершити завдання?")
            }
            Question::Found { code } => {
                format!("{}: немає у списку. Записати як знайдене?", names.code(code))
            }
            Question::TakeOver {
                holder,
                silent_minutes: Some(minutes @ 1..),
                ..
            } => format!("Це завдання має пристрій {holder}, уже {minutes} хв без зв’язку. Забрати?"),
            Question::TakeOver { holder, .. } => {
                format!("Це завдання має пристрій {holder}. Усе одно працювати з ним?")
            }
            Question::MaybeDone { holder, .. } => {
                format!("Можливо, це вже зробив пристрій {holder}. Ще треба робити?")
            }
            Question::TwoInView { seen } => {
                format!("Видно два коди: {}. Наведи на один.", seen.join(" і "))
            }
            Question::WhichItem { code } => {
                format!("{}: відскануй товар або набери його номер", self.exception(*code))
            }
            Question::LookUp => "Що хочеш перевірити?".to_owned(),
            Question::HandOver { .. } => {
                "Відскануй або введи цей код на іншому пристрої. Про ненадіслане він запитає.".to_owned()
            }
            Question::Figures => "Твої показники від початку роботи".to_owned(),
            Question::TagMissing { item } => {
                format!("{} рахують за радіоміткою. Її немає?", names.item(item))
            }
            Question::Unsure { location, tags, .. } => {
                format!("Непевні: {tags}. Відскануй їхні етикетки чи закрити {location} без них?")
            }
            Question::Missing {
                location, more: 0, ..
            } => format!("Бракує в {location}"),
            Question::Missing { location, more, .. } => format!("Бракує в {location}, і ще {more}"),
            Question::Locate { piece } => format!("Чи знайдено {}?", piece.serial),
            Question::NewUnit => "Почати нову палету й надрукувати етикетку?".to_owned(),
            Question::Begin { entry } => match entry {
                MenuEntry::Move => "Відскануй місце, звідки береш",
                MenuEntry::FoundUnit => "Відскануй знайдений ящик, коробку чи палету",
                MenuEntry::Count => "Відскануй місце, яке рахуєш",
                _ => "Відскануй етикетку",
            }
            .to_owned(),
        }
    }

    fn type_check_digits(&self) -> &'static str {
        "Набери цифри біля місця"
    }

    fn exception(&self, code: ExceptionCode) -> &'static str {
        match code {
            ExceptionCode::Short => "Менше, ніж очікували",
            ExceptionCode::Over => "Більше, ніж очікували",
            ExceptionCode::Damaged => "Пошкоджено",
            ExceptionCode::Found => "Знайдено",
            ExceptionCode::WrongGoods => "Тут не той товар",
            ExceptionCode::Expired => "Термін минув або спливає",
            ExceptionCode::Blocked => "Заблоковано",
            ExceptionCode::LocationFull => "Місце повне",
            ExceptionCode::LocationEmpty => "Місце порожнє",
            ExceptionCode::OtherPlace => "Інше місце",
            ExceptionCode::UnitFull => "Ящик повний",
            ExceptionCode::Unreadable => "Етикетка не читається",
            ExceptionCode::Substitute => "Заміна товару",
            ExceptionCode::NotReachable => "Недосяжне",
            ExceptionCode::TagMissing => "Немає радіомітки",
            ExceptionCode::Unsure => "Радіомітка непевна",
            ExceptionCode::Elsewhere => "Зроблено на іншому пристрої",
        }
    }

    fn released(&self) -> &'static str {
        "Дозволено"
    }

    fn reason(&self, word: &str) -> String {
        match word {
            "empty" => "Місце порожнє",
            "damaged" => "Пошкоджено",
            "not_found" => "Не знайдено",
            "broken" => "Розбито",
            "wet" => "Мокре",
            "dirty" => "Брудне",
            "packaging" => "Пошкоджено упаковку",
            "full" => "Повне",
            "too_high" => "Зависоко",
            "locked" => "Замкнено",
            "blocked" => "Заставлено",
            "does_not_fit" => "Не вміщається",
            "better_place" => "Краще місце",
            "other_item" => "Інший товар",
            "other_lot" => "Інша партія",
            "mixed" => "Змішаний товар",
            "not_counted" => "Не пораховано",
            other => other,
        }
        .to_owned()
    }

    fn menu(&self, entry: MenuEntry) -> &'static str {
        match entry {
            MenuEntry::Inquiry => "Переглянути запас",
            MenuEntry::Move => "Перемістити товар",
            MenuEntry::FoundUnit => "Знайдено палету",
            MenuEntry::Count => "Порахувати місце",
            MenuEntry::OtherTask => "Інше завдання",
            MenuEntry::HandOver => "Передати",
            MenuEntry::Figures => "Мої показники",
            MenuEntry::PrintLabel => "Друк етикетки",
        }
    }

    fn label_fault(&self, fault: &LabelFault) -> String {
        use LabelFaultKind as Kind;
        let field = fault.ai.as_ref().map(|ai| format!("({ai})"));
        let what = field.unwrap_or_else(|| "Код".to_owned());
        match fault.kind {
            Kind::Empty => "Нічого не зчитано.".to_owned(),
            Kind::Length => format!("{what} має неправильну довжину."),
            Kind::Character => format!("{what} містить недозволений знак."),
            Kind::CheckDigit => format!("{what} має неправильну контрольну цифру."),
            Kind::Date => format!("{what} не є датою календаря."),
            Kind::Value => format!("{what} має значення, якого не існує."),
            Kind::Fields => format!("{what} не розкладається на поля."),
            Kind::Twice => format!("{what} стоїть двічі з різними значеннями."),
            Kind::Together => format!("{what} не може стояти з іншими полями."),
            Kind::Missing => format!("{what} потребує поля, якого бракує. Відскануй і другий код етикетки."),
            Kind::Ambiguous => format!("{what} можна прочитати двома способами."),
        }
    }

    fn rejected(&self, reason: &Reason, names: &Names<'_>) -> Vec<String> {
        match reason {
            Reason::NoWorker => say(&[
                "Ніхто не ввійшов у систему.",
                "Це завдання для певної людини.",
                "Відскануй свій бейдж.",
            ]),
            Reason::NoTask => say(&[
                "Жодне завдання не відкрите.",
                "Відскануй документ або натисни цифру завдання.",
            ]),
            Reason::UnknownCode { code } => vec![
                format!("Код {code} тут невідомий."),
                "Відскануй етикетку самого товару або натисни «Набрати».".to_owned(),
            ],
            Reason::BadLabel { fault } => vec![
                self.label_fault(fault),
                "Відскануй іншу етикетку або натисни «Набрати».".to_owned(),
            ],
            Reason::NotWanted { scanned, wanted } => vec![
                format!("Це {}.", scanned_words(scanned, names)),
                wanted_sentence(wanted, names),
                wanted_action(wanted).to_owned(),
            ],
            Reason::WrongLocation { scanned, wanted } => vec![
                format!("Це місце {scanned}."),
                format!("Потрібне місце {wanted}."),
                "Іди туди. Якщо там більше нічого, натисни «Готово» або «Бракує».".to_owned(),
            ],
            Reason::WrongItem { scanned, wanted } => vec![
                format!("Це {}.", names.item(scanned)),
                format!("Потрібен товар {}.", names.item(wanted)),
                "Поклади назад і відскануй правильний.".to_owned(),
            ],
            Reason::NotOnList { scanned } => vec![
                format!("Це {}.", names.item(scanned)),
                "Цього немає у списку.".to_owned(),
                "Поклади назад. Коли все зроблено, натисни «Готово».".to_owned(),
            ],
            Reason::WrongLot { scanned, wanted } => vec![
                format!("Це партія {scanned}."),
                format!("Потрібна партія {wanted}."),
                "Поклади назад і відскануй правильну партію або натисни «Бракує».".to_owned(),
            ],
            Reason::Expired { expiry } => vec![
                format!("Це придатне до {}.", names.date(*expiry)),
                "Це замало.".to_owned(),
                "Відклади й відскануй інше або натисни «Бракує».".to_owned(),
            ],
            Reason::LineFull { item } => vec![
                format!("Це {}.", names.item(item)),
                "Його вже досить.".to_owned(),
                "Поклади назад. Коли все зроблено, натисни «Готово».".to_owned(),
            ],
            Reason::TooMany { item, quantity, open } => vec![
                format!(
                    "Це було б {} {} {}.",
                    names.quantity(*quantity),
                    names.unit(item),
                    names.item(item)
                ),
                format!("Потрібно ще тільки {}.", names.quantity(*open)),
                "Візьми менше, а якщо треба, скануй поштучно.".to_owned(),
            ],
            Reason::Blocked { item, lot, reason } => vec![
                match lot {
                    Some(lot) => format!("Це {}, партія {lot}.", names.item(item)),
                    None => format!("Це {}.", names.item(item)),
                },
                format!("Заблоковано: {reason}."),
                "Не чіпай це й візьми інше або натисни «Бракує».".to_owned(),
            ],
            Reason::MayNotRelease { item, lot, reason } => vec![
                match lot {
                    Some(lot) => format!("Це {}, партія {lot}.", names.item(item)),
                    None => format!("Це {}.", names.item(item)),
                },
                format!("Заблоковано: {reason}."),
                "Зняти блокування може лише офіс. Вибери іншу відповідь.".to_owned(),
            ],
            Reason::WrongUnit { scanned, wanted } => vec![
                format!("Це {scanned}."),
                format!("Потрібно {wanted}."),
                format!("Відскануй {wanted}."),
            ],
            Reason::UnitNotOnList { unit } => vec![
                format!("Це {unit}."),
                "Цього немає у списку.".to_owned(),
                "Залиш на місці. Якщо це має бути тут, натисни «Проблема».".to_owned(),
            ],
            Reason::UnitDone { unit } => vec![
                format!("{unit} уже зроблено."),
                "Відскануй наступне. Якщо це помилка, натисни «Крок назад».".to_owned(),
            ],
            Reason::WrongVehicle { scanned, wanted } => vec![
                format!("Це {scanned}."),
                format!("Потрібна машина {wanted}."),
                "Не завантажуй. Іди до правильних воріт.".to_owned(),
            ],
            Reason::WrongCheckDigits { location } => vec![
                "Ці цифри від іншого місця.".to_owned(),
                format!("Потрібне місце {location}."),
                "Подивись на адресу й набери цифри біля неї.".to_owned(),
            ],
            Reason::WrongPin => say(&["Це не твій PIN-код.", "Набери ще раз або натисни Escape."]),
            Reason::CountedBefore { .. } => say(&[
                "Твій підрахунок тут уже є.",
                "Перерахувати має хтось інший.",
                "Вибери інше завдання.",
            ]),
            Reason::NoHandlingUnitNumber => say(&[
                "На пристрої немає номера для нової коробки чи палети.",
                "Відскануй готову етикетку або йди туди, де є зв’язок.",
            ]),
            Reason::CodeKnown { code, item } => vec![
                format!("Код {code} уже означає {}.", names.item(item)),
                "Якщо це не так, запитай в офісі.".to_owned(),
            ],
            Reason::HubUnreachable => say(&["Зараз немає зв’язку з центром.", "Спробуй там, де є мережа."]),
            Reason::PlaceCounted { location } => vec![
                format!("Місце {location} уже пораховано."),
                "Відскануй наступне. Якщо це помилка, натисни «Крок назад».".to_owned(),
            ],
            Reason::CountedByTag { serial } => vec![
                format!("Серійний номер {serial} уже пораховано за радіоміткою."),
                "Відскануй наступну штуку.".to_owned(),
            ],
            Reason::SerialRepeated { serial } => vec![
                format!("Серійний номер {serial} уже пораховано."),
                "Відскануй наступну штуку.".to_owned(),
            ],
            Reason::BadEntry { typed, wanted } => vec![
                format!("«{typed}» не підходить."),
                wanted_sentence(wanted, names),
                "Набери ще раз або натисни Escape.".to_owned(),
            ],
            Reason::NothingToUndo => say(&["Скасовувати нічого."]),
            Reason::KeyUnused => say(&["Ця клавіша тут нічого не робить."]),
            Reason::TaskWithdrawn { .. } => say(&[
                "Офіс відкликав це завдання.",
                "Усе зроблене збережено.",
                "Вибери інше завдання.",
            ]),
            Reason::TaskDone { .. } => say(&["Це завдання вже зроблено.", "Вибери інше."]),
            Reason::PlacesOpen { open_lines } => vec![
                match open_lines {
                    1 => "1 місце ще не пораховано.".to_owned(),
                    open_lines => format!("Ще не пораховано місць: {open_lines}."),
                },
                "Порахуй його або натисни «Проблема», якщо до нього не дістатися.".to_owned(),
            ],
            Reason::PinRefused => say(&["PIN був хибним забагато разів.", "Відскануй бейдж ще раз."]),
            Reason::WrongWay => say(&[
                "Товар виїхав, а не заїхав.",
                "Нічого не записано. Завези його або відскануй.",
            ]),
            Reason::HandOverUnreadable => say(&[
                "Код прочитано не повністю.",
                "Відскануй його ще раз або введи так, як там написано.",
            ]),
            Reason::HandOverUnknown => say(&[
                "На цьому пристрої немає завдання з цього коду.",
                "Іди туди, де є мережа, або продовжуй на іншому пристрої.",
            ]),
            Reason::LinkableCode { code } => vec![
                format!("Код {code} тут невідомий."),
                "Відскануй етикетку самого товару. Знаєш, що це? Натисни «Проблема».".to_owned(),
            ],
        }
    }

    fn recorded(&self, draft: &Draft, names: &Names<'_>) -> Vec<String> {
        let (act, forward) = draft.progress_act();
        if !forward {
            return match act.moves_goods() {
                true => vec![format!("Скасовано: {}.", names.goods(draft))],
                false => say(&["Скасовано."]),
            };
        }
        let goods = names.goods(draft);
        let done = match act {
            Act::Received => format!("Прийнято: {goods}."),
            Act::Picked => format!("Відібрано: {goods}."),
            Act::Counted => format!("Пораховано: {goods}."),
            Act::Moved => format!("Переміщено: {goods}."),
            Act::Packed => format!("Запаковано: {goods}."),
            Act::Returned => format!("Прийнято назад: {goods}."),
            Act::Inspected if is_released(draft) => format!("Дозволено: {goods}."),
            Act::StatusChanged | Act::Inspected => format!("Записано: {goods}."),
            Act::Loaded => match &draft.from {
                Some(Place::HandlingUnit(unit)) => format!("{unit} уже в машині."),
                _ => "Це вже в машині.".to_owned(),
            },
            Act::UnitClosed => match &draft.from {
                Some(Place::HandlingUnit(unit)) => format!("Закрито: {unit}."),
                _ => "Закрито.".to_owned(),
            },
            Act::HandedOver => "Передано.".to_owned(),
            Act::Observed | Act::Reported => "Записано.".to_owned(),
            Act::CodeLinked => match &draft.goods {
                Some(linked) => format!("Відтепер код {} означає {goods}.", linked.code),
                None => "Код прив’язано.".to_owned(),
            },
            Act::TaskStarted => "Завдання розпочато.".to_owned(),
            Act::LocationCounted => match &draft.to {
                Some(Place::Location(place)) => format!("Місце {place} пораховано."),
                _ => "Місце пораховано.".to_owned(),
            },
            Act::LineClosed if draft.exception.is_none() => "Рядок закрито.".to_owned(),
            Act::LineClosed if is_out_of_reach(draft) => "Місце залишено як є.".to_owned(),
            Act::LineClosed if is_left(draft) => "Рядок залишено як є.".to_owned(),
            Act::LineClosed => "Рядок закрито з нестачею.".to_owned(),
            Act::TaskClosed => "Завдання зроблено.".to_owned(),
            Act::Reversed => "Скасовано.".to_owned(),
        };
        let noted = draft.exception.as_ref().and_then(|report| match report.code {
            ExceptionCode::Over => Some("Записано як надлишок."),
            ExceptionCode::Found => Some("Записано як знайдене."),
            ExceptionCode::Damaged => Some("Записано як пошкоджене."),
            ExceptionCode::NotReachable => Some("Офіс дізнається, що до місця не дістатися."),
            ExceptionCode::TagMissing => Some("Офіс дізнається, що немає радіомітки."),
            ExceptionCode::Unsure => Some("Офіс дізнається про непевні радіомітки."),
            ExceptionCode::Elsewhere => Some("Залишено записам іншого пристрою."),
            ExceptionCode::WrongGoods => Some("Офіс дізнається про не той товар."),
            ExceptionCode::Expired => Some("Записано: термін минув або спливає."),
            ExceptionCode::Blocked => Some("Записано як заблоковане."),
            ExceptionCode::LocationFull => Some("Офіс дізнається, що місце повне."),
            ExceptionCode::LocationEmpty => Some("Офіс дізнається, що місце порожнє."),
            ExceptionCode::OtherPlace => Some("Записано з іншим місцем."),
            ExceptionCode::Substitute => Some("Записано як заміну."),
            ExceptionCode::Unreadable => Some("Офіс дізнається про етикетку."),
            ExceptionCode::UnitFull | ExceptionCode::Short => None,
        });
        std::iter::once(done).chain(noted.map(str::to_owned)).collect()
    }

    fn pass_words(&self) -> PassWords {
        PassWords {
            recorded: "Проїзд {pass}: записано {n}.",
            nothing: "Проїзд {pass}: нічого нового.",
            units: "Цілих палет: {n}.",
            checks: "Перевірити: {n}. Відскануй їхні етикетки.",
            too_many: "Забагато міток: провези товар частинами.",
            incomplete: "Бракує частини палети.",
        }
    }

    fn went(&self, place: &Where, names: &Names<'_>) -> Vec<String> {
        match place {
            Where::LoggedIn => match names.worker() {
                Some(name) => vec![format!("Вітаємо, {name}.")],
                None => say(&["Вітаємо."]),
            },
            Where::LoggedOut => say(&["Сеанс завершено."]),
            Where::Task(_) => say(&["Завдання відкрито."]),
            Where::LeftTask(_) => say(&["Завдання залишено. Усе зроблене збережено."]),
            Where::Location(location) => vec![format!("{location}: правильно.")],
            Where::Unit(unit) => vec![format!("{unit}: правильно.")],
            Where::Tote(unit) => vec![format!("Відтепер клади в {unit}.")],
            Where::Vehicle(vehicle) => vec![format!("{vehicle}: правильно.")],
            Where::Skipped => say(&["Залишено на потім."]),
            Where::Kept(_) => say(&["Завдання чекає. Усе зроблене збережено."]),
            Where::Back => say(&["Один крок назад."]),
            Where::Opening => say(&["Наступну палету скануй поштучно."]),
            Where::InHand { item, quantity } => vec![format!(
                "У руках {} {} {}.",
                names.quantity(*quantity),
                names.unit(item),
                names.item(item)
            )],
            Where::UnitInHand(unit) => vec![format!("У руках {unit} з усім вмістом.")],
            Where::PutInto(Some(unit)) => vec![format!("Поклади в {unit}.")],
            Where::PutInto(None) => say(&["Поклади в новий ящик."]),
        }
    }

    fn note(&self, note: Note) -> String {
        match note {
            Note::NothingRecorded => "Нічого не записано.",
            Note::AimAtOne => "Наведи на один код.",
            Note::TaskChanged => "Офіс змінив це завдання.",
            Note::LabelOrdered => "Етикетка друкується.",
        }
        .to_owned()
    }

    fn lease_ends(&self, minutes: u32) -> String {
        match minutes {
            0 => "минув".to_owned(),
            minutes => format!("ще {minutes} хв"),
        }
    }

    fn being_counted(&self) -> &'static str {
        "Рахують"
    }

    fn then(&self, place: &str) -> String {
        format!("Потім {place}")
    }

    fn key(&self, key: KeyUse) -> &'static str {
        match key {
            KeyUse::Yes => "Так",
            KeyUse::No => "Ні",
            KeyUse::Enter => "Гаразд",
            KeyUse::Backspace => "Стерти",
            KeyUse::Cancel => "Скасувати",
            KeyUse::Undo => "Крок назад",
            KeyUse::Done => "Готово",
            KeyUse::Short => "Бракує",
            KeyUse::Skip => "Пізніше",
            KeyUse::Exception => "Проблема",
            KeyUse::Menu => "Меню",
            KeyUse::Type => "Набрати",
            KeyUse::Leave => "Залишити",
            KeyUse::LogOut => "Вийти",
            KeyUse::StillToDo => "Ще зробити",
            KeyUse::DoneAlready => "Уже зроблено",
            KeyUse::OpenUnit => "Відкрити палету",
            KeyUse::NewUnit => "Нова коробка",
            KeyUse::Missing => "Чого бракує?",
        }
    }

    fn label(&self, label: Label) -> &'static str {
        match label {
            Label::Item => "Товар",
            Label::Number => "Номер",
            Label::Lot => "Партія",
            Label::Take => "Кількість",
            Label::Tote => "У що",
            Label::From => "Звідки",
            Label::To => "Куди",
            Label::Why => "Чому",
            Label::Carton => "Коробка",
            Label::Vehicle => "Машина",
            Label::Missing => "Бракує",
            Label::Code => "Код",
            Label::LinesDone => "Рядки",
            Label::LinesPerHour => "Рядків за годину",
            Label::Walking => "Ходьба",
            Label::Scanning => "Сканування",
            Label::Waiting => "Очікування пристрою",
            Label::Pauses => "Перерви",
            Label::Tags => "Радіомітки",
            Label::MaybeNext => "Може, поруч",
            Label::Kept => "Збережено",
            Label::Signal => "Сигнал",
            Label::Serial => "Серійний номер",
            Label::Matched => "Збіглося",
            Label::Surplus => "Зайве",
            Label::Stray => "Чужі мітки",
            Label::ToCheck => "Перевірити",
            Label::HeldBy => "Виконує",
            Label::MaybeDoneBy => "Можливо, зробив",
            Label::Lease => "Термін",
            Label::InHand => "У руках",
        }
    }
}

/// The form of a noun that a number wants: for 1, 21, 31; for 2 to 4, 22 to 24; for the others with 11 to 14.
const fn plural(number: usize, forms: [&'static str; 3]) -> &'static str {
    let [one, few, many] = forms;
    match (number % 100, number % 10) {
        (11..=14, _) => many,
        (_, 1) => one,
        (_, 2..=4) => few,
        _ => many,
    }
}

fn scanned_words(scanned: &Scanned, names: &Names<'_>) -> String {
    match scanned {
        Scanned::Location(location) => format!("місце {location}"),
        Scanned::Item(item) => names.item(item),
        Scanned::HandlingUnit(unit) => format!("ящик чи палета {unit}"),
        Scanned::Badge => "бейдж або картка".to_owned(),
        Scanned::Reference(reference) => format!("документ {reference}"),
        Scanned::Text(text) => format!("код {text}"),
    }
}

/// A sentence each, as the adjective agrees with its noun.
fn wanted_sentence(wanted: &Wanted, names: &Names<'_>) -> String {
    match wanted {
        Wanted::AnyLocation => "Потрібне місце з цього завдання.".to_owned(),
        Wanted::Location(location) => format!("Потрібне місце {location}."),
        Wanted::AnyItem => "Потрібен товар.".to_owned(),
        Wanted::Item(item) => format!("Потрібен товар {}.", names.item(item)),
        Wanted::Tote => "Потрібен ящик.".to_owned(),
        Wanted::AnyUnit => "Потрібен ящик, коробка чи палета.".to_owned(),
        Wanted::HandlingUnit(unit) => format!("Потрібен ящик чи палета {unit}."),
        Wanted::Carton => "Потрібна коробка.".to_owned(),
        Wanted::Destination => "Потрібне місце, куди це везуть.".to_owned(),
        Wanted::Vehicle(vehicle) => format!("Потрібна машина {vehicle}."),
        Wanted::Weight => "Потрібна вага в кг.".to_owned(),
        Wanted::Check(check) => wanted_check(*check).to_owned(),
        Wanted::Pin => "Потрібен твій PIN-код.".to_owned(),
        Wanted::Badge => "Потрібен бейдж.".to_owned(),
        Wanted::Quantity => "Потрібне число, більше за 0.".to_owned(),
        Wanted::Lot => "Потрібен номер партії.".to_owned(),
        Wanted::Date => "Потрібна дата, як-от 31.12.27.".to_owned(),
        Wanted::Serial => "Потрібен серійний номер.".to_owned(),
        Wanted::Answer => "Потрібна відповідь на запитання.".to_owned(),
        Wanted::Done => "Більше нічого не треба: усі рядки готові.".to_owned(),
        Wanted::AnyPlace => "Потрібне місце.".to_owned(),
    }
}

const fn wanted_action(wanted: &Wanted) -> &'static str {
    match wanted {
        Wanted::AnyLocation => "Спершу відскануй етикетку місця.",
        Wanted::Location(_) => "Іди туди й відскануй його етикетку.",
        Wanted::AnyItem | Wanted::Item(_) => "Відскануй товар або натисни «Набрати».",
        Wanted::Tote => "Спершу відскануй ящик.",
        Wanted::AnyUnit | Wanted::HandlingUnit(_) => "Відскануй етикетку.",
        Wanted::Carton => "Спершу відскануй коробку.",
        Wanted::Destination => "Віднеси туди й відскануй місце.",
        Wanted::Vehicle(_) => "Спершу відскануй ворота або машину.",
        Wanted::Weight => "Набери вагу й натисни Enter або натисни Escape.",
        Wanted::Check(_) => "Набери чи відскануй або натисни Escape.",
        Wanted::Pin => "Набери його й натисни Enter або натисни Escape.",
        Wanted::Badge => "Відскануй бейдж або натисни Escape.",
        Wanted::Quantity => "Набери число й натисни Enter або натисни Escape.",
        Wanted::Lot | Wanted::Date | Wanted::Serial => "Відскануй чи набери або натисни Escape.",
        Wanted::Answer => "Натисни Enter, якщо так, і Escape, якщо ні.",
        Wanted::Done => "Натисни «Готово».",
        Wanted::AnyPlace => "Відскануй етикетку місця.",
    }
}

/// What is to be looked at, as it is asked for.
fn check_question(check: Check, unit: Option<&str>) -> String {
    let of = unit.map_or_else(String::new, |unit| format!(" ({unit})"));
    match check {
        Check::Seal => format!("Відскануй або набери номер пломби{of}"),
        Check::Temperature => format!("Яка температура{of} в °C?"),
        Check::Weight => format!("Яка вага брутто{of} в кг?"),
        Check::Signature => "Хто передає? Відскануй бейдж або набери ім’я".to_owned(),
        Check::Condition => format!("У якому стані{of}?"),
    }
}

const fn wanted_check(check: Check) -> &'static str {
    match check {
        Check::Seal => "Потрібен номер пломби.",
        Check::Temperature => "Потрібна температура в °C, як-от -18,5.",
        Check::Weight => "Потрібна вага брутто в кг.",
        Check::Signature => "Потрібне ім’я.",
        Check::Condition => "Потрібно вказати стан.",
    }
}

#[cfg(test)]
mod tests {
    use super::plural;

    #[test]
    fn a_number_takes_its_form_of_the_noun() {
        let forms = ["рядок", "рядки", "рядків"];
        for (number, form) in [
            (0, "рядків"),
            (1, "рядок"),
            (2, "рядки"),
            (4, "рядки"),
            (5, "рядків"),
            (11, "рядків"),
            (12, "рядків"),
            (14, "рядків"),
            (20, "рядків"),
            (21, "рядок"),
            (22, "рядки"),
            (111, "рядків"),
            (121, "рядок"),
        ] {
            assert_eq!(plural(number, forms), form, "{number}");
        }
    }
}
