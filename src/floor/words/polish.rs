//! Polish.

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

pub(super) struct Polish;

impl Words for Polish {
    fn locale(&self) -> Locale {
        Locale {
            decimal_mark: ',',
            date_pattern: "%d.%m.%Y",
        }
    }

    fn tasks(&self) -> &'static str {
        "Zadania"
    }

    fn which_task(&self) -> &'static str {
        "Które zadanie?"
    }

    fn title(&self, kind: &TaskKind, reference: &str) -> String {
        let kind = match kind {
            TaskKind::Receive(_) => "Przyjęcie",
            TaskKind::Putaway => "Odłożenie",
            TaskKind::Replenish => "Uzupełnienie",
            TaskKind::Move => "Przesunięcie",
            TaskKind::Pick(_) => "Kompletacja",
            TaskKind::Pack(_) => "Pakowanie",
            TaskKind::Load(_) => "Załadunek",
            TaskKind::Count(_) => "Liczenie",
            TaskKind::Return(_) => "Zwrot",
            TaskKind::Inspect(_) => "Kontrola",
        };
        format!("{kind} {reference}")
    }

    fn instruction(&self, instruction: Instruction) -> &'static str {
        match instruction {
            Instruction::ChooseTask => "Zeskanuj dokument lub naciśnij numer",
            Instruction::NoTasks => "Brak zadań. Zeskanuj dokument, gdy go masz",
            Instruction::ScanTote => "Zeskanuj pojemnik",
            Instruction::GoTo => "Idź tam i zeskanuj miejsce",
            Instruction::ScanPlace => "Zeskanuj miejsce, gdzie leży towar",
            Instruction::ScanLocation => "Zeskanuj miejsce do policzenia",
            Instruction::ScanItem => "Zeskanuj artykuł",
            Instruction::ScanAnyItem => "Zeskanuj dowolny artykuł",
            Instruction::ScanUnit => "Zeskanuj pojemnik, karton lub paletę",
            Instruction::ScanCarton => "Zeskanuj karton, do którego pakujesz",
            Instruction::BringTo => "Zanieś to tam i zeskanuj miejsce",
            Instruction::PutInto => "Włóż to tam i zeskanuj pojemnik",
            Instruction::ScanVehicle => "Zeskanuj bramę lub pojazd",
            Instruction::ScanSource => "Zeskanuj miejsce, z którego bierzesz",
            Instruction::ScanDestination => "Zeskanuj miejsce docelowe",
            Instruction::HandOver => "Odstaw tam pojemnik i zeskanuj miejsce",
            Instruction::ScanDamaged => "Zeskanuj uszkodzony towar",
            Instruction::ScanToLookUp => "Zeskanuj artykuł, miejsce lub pojemnik",
            Instruction::Asking => "Pytam hub …",
            Instruction::NothingInStock => "Nie ma go na stanie",
            Instruction::InStock => "Na stanie",
            Instruction::KeepSweeping => "Przesuwaj czytnik dalej wzdłuż towaru",
            Instruction::SweepDone => "Nic nowego nie przybywa. Naciśnij Gotowe",
            Instruction::TooCloseToTell => "Towar zbyt blisko siebie. Skanuj etykiety",
            Instruction::NothingMissing => "Niczego tu nie brakuje",
            Instruction::AskAgain => "Hub jeszcze tego nie wie. Naciśnij OK, by zapytać znów",
            Instruction::ChooseMissing => "Naciśnij numer tego, czego szukasz",
            Instruction::FollowSignal => "Idź tam, gdzie sygnał rośnie",
            Instruction::DriveThrough => "Przejedź z towarem przez bramkę albo go zeskanuj",
            Instruction::Passing => "Towar przejeżdża przez bramkę",
            Instruction::CheckLabel => "Znajdź tę sztukę i zeskanuj etykietę",
            Instruction::Complete => "Wszystko zrobione. Naciśnij Gotowe",
            Instruction::CheckFirst => "Najpierw obejrzyj pojazd: naciśnij OK",
        }
    }

    fn type_label(&self) -> &'static str {
        "Wpisz kod z etykiety"
    }

    fn question(&self, question: &Question, names: &Names<'_>) -> String {
        match question {
            Question::Quantity { item, .. } => format!("Ile jest {}?", names.item(item)),
            Question::Lot { item } => format!("Zeskanuj lub wpisz partię: {}", names.item(item)),
            Question::Expiry { item } => {
                format!(
                    "Zeskanuj lub wpisz datę ważności: {}, np. 31.12.27",
                    names.item(item)
                )
            }
            Question::Serial { item } => format!("Zeskanuj lub wpisz numer seryjny: {}", names.item(item)),
            Question::Over { item, by } => {
                format!(
                    "{1}: o {0} więcej, niż oczekiwano. Zapisać?",
                    names.quantity(*by),
                    names.item(item)
                )
            }
            Question::Exception { .. } => "Co jest nie tak?".to_owned(),
            Question::Reason { code, quantity, .. } => {
                match quantity.filter(|quantity| !quantity.is_zero()) {
                    Some(quantity) if *code == ExceptionCode::Short => {
                        format!("Brakuje {}. Dlaczego?", names.quantity(quantity))
                    }
                    _ => format!("{}. Dlaczego?", self.exception(*code)),
                }
            }
            Question::HowMuch { item, code, .. } => {
                format!("{}: ile jest {}?", self.exception(*code), names.item(item))
            }
            Question::Weight { item } => format!("Ile waży {}, w kg?", names.item(item)),
            Question::Observe { check, unit } => {
                check_question(*check, unit.as_ref().map(|unit| unit.as_str()))
            }
            Question::Substitute { item, wanted } => {
                format!("Dać {} zamiast {}?", names.item(item), names.item(wanted))
            }
            Question::ShelfLife { item, expiry } => format!(
                "{} traci ważność {}. To za wcześnie. Wziąć mimo to?",
                names.item(item),
                names.date(*expiry)
            ),
            Question::Condition { item, .. } | Question::State { item } => {
                format!("W jakim stanie jest {}?", names.item(item))
            }
            Question::StaleHolds {
                minutes: Some(minutes),
            } => format!("Listę blokad odebrano ostatnio {minutes} min temu. Ładować mimo to?"),
            Question::StaleHolds { minutes: None } => {
                "Od startu urządzenia nie wiadomo, co jest zablokowane. Ładować mimo to?".to_owned()
            }
            Question::LinkItem { code } => {
                format!("Nic nie ma kodu {code}. Zeskanuj lub wpisz jego artykuł.")
            }
            Question::LinkPack { code, item } => {
                format!(
                    "Ile {} ({}) jest w jednym {code}?",
                    names.unit(item),
                    names.item(item)
                )
            }
            Question::Menu { .. } => "Co chcesz zrobić?".to_owned(),
            Question::Pin { .. } => "Wpisz swój PIN".to_owned(),
            Question::Interrupt { .. } => "Czeka coś pilniejszego. Przejść do tego?".to_owned(),
            Question::Empty { location } => {
                format!("W {location} nic nie policzono. Czy miejsce jest puste?")
            }
            Question::CountComplete { location } => format!("Czy liczenie {location} jest pełne?"),
            Question::EndTask { open_lines: 0 } => "Czy to wszystko? Zakończyć zadanie?".to_owned(),
            Question::EndTask { open_lines: 1 } => {
                "1 pozycja jest jeszcze otwarta. Zakończyć zadanie?".to_owned()
            }
            Question::EndTask { open_lines } => {
                format!(
                    "{open_lines} {}. Zakończyć zadanie?",
                    plural(
                        *open_lines,
                        "pozycje są jeszcze otwarte",
                        "pozycji jest jeszcze otwartych"
                    )
                )
            }
            Question::Found { code } => {
                format!(
                    "{} nie jest na liście. Zapisać jako znalezione?",
                    names.code(code)
                )
            }
            Question::TakeOver {
                holder,
                silent_minutes: Some(minutes @ 1..),
                ..
            } => format!("{holder} ma to zadanie i nie zgłasza się od {minutes} min. Przejąć je?"),
            Question::TakeOver { holder, .. } => format!("{holder} ma to zadanie. Pracować nad nim mimo to?"),
            Question::MaybeDone { holder, .. } => {
                format!("{holder} może mieć to już za sobą. Czy jest to do zrobienia?")
            }
            Question::TwoInView { seen } => {
                format!("Widać dwa kody: {}. Celuj w jeden.", seen.join(" i "))
            }
            Question::WhichItem { code } => {
                format!("{}: zeskanuj artykuł lub wpisz jego numer", self.exception(*code))
            }
            Question::LookUp => "Co chcesz sprawdzić?".to_owned(),
            Question::HandOver { .. } => {
                "Zeskanuj lub wpisz ten kod na drugim urządzeniu. O niewysłane zapyta ono.".to_owned()
            }
            Question::Figures => "Twoje wyniki od zalogowania".to_owned(),
            Question::TagMissing { item } => {
                format!("{} liczy znacznik RFID. Czy go brakuje?", names.item(item))
            }
            Question::Unsure { location, tags, .. } => {
                format!("Niepewne: {tags}. Zeskanuj ich etykiety albo zamknąć {location} bez nich?")
            }
            Question::Missing {
                location, more: 0, ..
            } => format!("Brakuje w {location}"),
            Question::Missing { location, more, .. } => format!("Brakuje w {location}, i jeszcze {more}"),
            Question::Locate { piece } => format!("Czy {} się znalazło?", piece.serial),
            Question::NewUnit => "Zacząć nową paletę i wydrukować jej etykietę?".to_owned(),
            Question::Begin { entry } => match entry {
                MenuEntry::Move => "Zeskanuj miejsce, z którego bierzesz",
                MenuEntry::FoundUnit => "Zeskanuj znaleziony pojemnik, karton lub paletę",
                MenuEntry::Count => "Zeskanuj miejsce, które chcesz policzyć",
                _ => "Zeskanuj etykietę",
            }
            .to_owned(),
        }
    }

    fn type_check_digits(&self) -> &'static str {
        "Wpisz cyfry obok miejsca"
    }

    fn exception(&self, code: ExceptionCode) -> &'static str {
        match code {
            ExceptionCode::Short => "Mniej, niż oczekiwano",
            ExceptionCode::Over => "Więcej, niż oczekiwano",
            ExceptionCode::Damaged => "Uszkodzone",
            ExceptionCode::Found => "Znalezione",
            ExceptionCode::WrongGoods => "Zły towar na miejscu",
            ExceptionCode::Expired => "Po terminie lub za stare",
            ExceptionCode::Blocked => "Zablokowane",
            ExceptionCode::LocationFull => "Miejsce jest pełne",
            ExceptionCode::LocationEmpty => "Miejsce jest puste",
            ExceptionCode::OtherPlace => "Inne miejsce",
            ExceptionCode::UnitFull => "Pojemnik jest pełny",
            ExceptionCode::Unreadable => "Etykieta nieczytelna",
            ExceptionCode::Substitute => "Zamiennik",
            ExceptionCode::NotReachable => "Niedostępne",
            ExceptionCode::TagMissing => "Brak znacznika RFID",
            ExceptionCode::Unsure => "Znacznik RFID niepewny",
            ExceptionCode::Elsewhere => "Zrobione gdzie indziej",
        }
    }

    fn released(&self) -> &'static str {
        "Zwolnione"
    }

    fn reason(&self, word: &str) -> String {
        match word {
            "empty" => "Miejsce jest puste",
            "damaged" => "Uszkodzone",
            "not_found" => "Nie znaleziono",
            "broken" => "Złamane lub rozbite",
            "wet" => "Mokre",
            "dirty" => "Brudne",
            "packaging" => "Uszkodzone opakowanie",
            "full" => "Pełne",
            "too_high" => "Za wysoko",
            "locked" => "Zamknięte",
            "blocked" => "Zablokowane",
            "does_not_fit" => "Nie mieści się",
            "better_place" => "Lepsze miejsce",
            "other_item" => "Inny artykuł",
            "other_lot" => "Inna partia",
            "mixed" => "Pomieszany towar",
            "not_counted" => "Nie policzono",
            other => other,
        }
        .to_owned()
    }

    fn menu(&self, entry: MenuEntry) -> &'static str {
        match entry {
            MenuEntry::Inquiry => "Sprawdź zapas",
            MenuEntry::Move => "Przesuń towar",
            MenuEntry::FoundUnit => "Znaleziona paleta",
            MenuEntry::Count => "Policz miejsce",
            MenuEntry::OtherTask => "Inne zadanie",
            MenuEntry::HandOver => "Przekaż",
            MenuEntry::Figures => "Moje wyniki",
            MenuEntry::PrintLabel => "Drukuj etykietę",
        }
    }

    fn label_fault(&self, fault: &LabelFault) -> String {
        use LabelFaultKind as Kind;
        let field = fault.ai.as_ref().map(|ai| format!("({ai})"));
        let what = field.unwrap_or_else(|| "Kod".to_owned());
        match fault.kind {
            Kind::Empty => "Nic nie zeskanowano.".to_owned(),
            Kind::Length => format!("{what} ma złą długość."),
            Kind::Character => format!("{what} zawiera niedozwolony znak."),
            Kind::CheckDigit => format!("{what} ma błędną cyfrę kontrolną."),
            Kind::Date => format!("{what} nie jest datą z kalendarza."),
            Kind::Value => format!("{what} ma wartość, która nie istnieje."),
            Kind::Fields => format!("{what} nie daje się podzielić na pola."),
            Kind::Twice => format!("{what} występuje dwa razy z różnymi wartościami."),
            Kind::Together => format!("{what} nie może stać razem z innymi polami."),
            Kind::Missing => format!("{what} wymaga pola, którego brakuje. Zeskanuj też drugi kod etykiety."),
            Kind::Ambiguous => format!("{what} można odczytać na dwa sposoby."),
        }
    }

    fn rejected(&self, reason: &Reason, names: &Names<'_>) -> Vec<String> {
        match reason {
            Reason::NoWorker => say(&[
                "Nikt nie jest zalogowany.",
                "To zadanie jest dla określonej osoby.",
                "Zeskanuj swój identyfikator.",
            ]),
            Reason::NoTask => say(&[
                "Żadne zadanie nie jest otwarte.",
                "Zeskanuj dokument lub naciśnij numer zadania.",
            ]),
            Reason::UnknownCode { code } => vec![
                format!("Nic tu nie ma kodu {code}."),
                "Zeskanuj etykietę artykułu lub naciśnij Wpisz.".to_owned(),
            ],
            Reason::BadLabel { fault } => vec![
                self.label_fault(fault),
                "Zeskanuj inną etykietę lub naciśnij Wpisz.".to_owned(),
            ],
            Reason::NotWanted { scanned, wanted } => vec![
                format!("To jest {}.", scanned_words(scanned, names)),
                format!("Potrzebne: {}.", wanted_words(wanted, names)),
                wanted_action(wanted).to_owned(),
            ],
            Reason::WrongLocation { scanned, wanted } => vec![
                format!("To jest {scanned}."),
                format!("Potrzebne: {wanted}."),
                format!("Idź do {wanted} lub naciśnij Gotowe albo Brak, jeśli tam już skończone."),
            ],
            Reason::WrongItem { scanned, wanted } => vec![
                format!("To jest {}.", names.item(scanned)),
                format!("Potrzebne: {}.", names.item(wanted)),
                "Odłóż to na miejsce i zeskanuj właściwy artykuł.".to_owned(),
            ],
            Reason::NotOnList { scanned } => vec![
                format!("To jest {}.", names.item(scanned)),
                "Tego nie ma na liście.".to_owned(),
                "Odłóż to na miejsce. Naciśnij Gotowe, gdy skończysz.".to_owned(),
            ],
            Reason::WrongLot { scanned, wanted } => vec![
                format!("To jest partia {scanned}."),
                format!("Potrzebna jest partia {wanted}."),
                "Odłóż to i zeskanuj sztukę z właściwej partii lub naciśnij Brak.".to_owned(),
            ],
            Reason::Expired { expiry } => vec![
                format!("To traci ważność {}.", names.date(*expiry)),
                "To za wcześnie.".to_owned(),
                "Odstaw to na bok i zeskanuj inną sztukę lub naciśnij Brak.".to_owned(),
            ],
            Reason::LineFull { item } => vec![
                format!("To jest {}.", names.item(item)),
                "Lista ma już wszystko z tego.".to_owned(),
                "Odłóż to na miejsce. Naciśnij Gotowe, gdy skończysz.".to_owned(),
            ],
            Reason::TooMany { item, quantity, open } => vec![
                format!(
                    "To byłoby {} {} ({}).",
                    names.quantity(*quantity),
                    names.unit(item),
                    names.item(item)
                ),
                format!("Potrzeba jeszcze tylko {}.", names.quantity(*open)),
                "Weź mniej, a w razie potrzeby skanuj pojedyncze sztuki.".to_owned(),
            ],
            Reason::Blocked { item, lot, reason } => vec![
                match lot {
                    Some(lot) => format!("To jest {} z partii {lot}.", names.item(item)),
                    None => format!("To jest {}.", names.item(item)),
                },
                format!("To jest zablokowane: {reason}."),
                "Zostaw to na miejscu i weź inną sztukę lub naciśnij Brak.".to_owned(),
            ],
            Reason::MayNotRelease { item, lot, reason } => vec![
                match lot {
                    Some(lot) => format!("To jest {} z partii {lot}.", names.item(item)),
                    None => format!("To jest {}.", names.item(item)),
                },
                format!("To jest zablokowane: {reason}."),
                "Zwolnić może to tylko biuro. Wybierz inną odpowiedź.".to_owned(),
            ],
            Reason::WrongUnit { scanned, wanted } => vec![
                format!("To jest {scanned}."),
                format!("Potrzebne: {wanted}."),
                format!("Zeskanuj {wanted}."),
            ],
            Reason::UnitNotOnList { unit } => vec![
                format!("To jest {unit}."),
                "Tego nie ma na liście.".to_owned(),
                "Zostaw to lub naciśnij Problem, jeśli powinno tu być.".to_owned(),
            ],
            Reason::UnitDone { unit } => vec![
                format!("{unit} jest już gotowe."),
                "Zeskanuj następne. Naciśnij Cofnij, jeśli to pomyłka.".to_owned(),
            ],
            Reason::WrongVehicle { scanned, wanted } => vec![
                format!("To jest {scanned}."),
                format!("Potrzebne: {wanted}."),
                "Nie ładuj. Idź do właściwej bramy.".to_owned(),
            ],
            Reason::WrongCheckDigits { location } => vec![
                "Te cyfry należą do innego miejsca.".to_owned(),
                format!("Potrzebne: {location}."),
                "Sprawdź adres i wpisz cyfry obok niego.".to_owned(),
            ],
            Reason::WrongPin => say(&[
                "To nie jest twój PIN.",
                "Wpisz go jeszcze raz lub naciśnij Escape.",
            ]),
            Reason::CountedBefore { .. } => say(&[
                "To liczenie masz już za sobą.",
                "Drugi raz musi liczyć ktoś inny.",
                "Wybierz inne zadanie.",
            ]),
            Reason::NoHandlingUnitNumber => say(&[
                "To urządzenie nie ma już numeru dla nowego kartonu ani palety.",
                "Zeskanuj coś z etykietą lub idź tam, gdzie jest łączność z hubem.",
            ]),
            Reason::CodeKnown { code, item } => vec![
                format!("Kod {code} oznacza już {}.", names.item(item)),
                "Zapytaj w biurze, jeśli to błąd.".to_owned(),
            ],
            Reason::HubUnreachable => say(&[
                "Hub teraz nie odpowiada.",
                "Spróbuj ponownie tam, gdzie jest sieć.",
            ]),
            Reason::PlaceCounted { location } => vec![
                format!("{location} jest już policzone."),
                "Zeskanuj następne miejsce. Naciśnij Cofnij, jeśli to pomyłka.".to_owned(),
            ],
            Reason::CountedByTag { serial } => vec![
                format!("Numer seryjny {serial} jest już policzony przez znacznik RFID."),
                "Zeskanuj następną sztukę.".to_owned(),
            ],
            Reason::SerialRepeated { serial } => vec![
                format!("Numer seryjny {serial} jest już policzony."),
                "Zeskanuj następną sztukę.".to_owned(),
            ],
            Reason::BadEntry { typed, wanted } => vec![
                format!("\"{typed}\" nie pasuje."),
                format!("Potrzebne: {}.", wanted_words(wanted, names)),
                "Wpisz jeszcze raz lub naciśnij Escape.".to_owned(),
            ],
            Reason::NothingToUndo => say(&["Nie ma czego cofnąć."]),
            Reason::KeyUnused => say(&["Ten klawisz nic tu nie robi."]),
            Reason::TaskWithdrawn { .. } => say(&[
                "Biuro wycofało to zadanie.",
                "To, co zrobione, jest bezpieczne.",
                "Wybierz inne zadanie.",
            ]),
            Reason::TaskDone { .. } => say(&["To zadanie jest zrobione.", "Wybierz inne."]),
            Reason::PlacesOpen { open_lines } => vec![
                match open_lines {
                    1 => "1 miejsce nie jest jeszcze policzone.".to_owned(),
                    open_lines => format!("Miejsca jeszcze niepoliczone: {open_lines}."),
                },
                "Policz je albo naciśnij Problem, jeśli nie ma do niego dostępu.".to_owned(),
            ],
            Reason::PinRefused => say(&[
                "PIN był błędny zbyt wiele razy.",
                "Zeskanuj identyfikator jeszcze raz.",
            ]),
            Reason::WrongWay => say(&[
                "Towar wyjechał, a nie wjechał.",
                "Nic nie zapisano. Wjedź z nim albo go zeskanuj.",
            ]),
            Reason::HandOverUnreadable => say(&[
                "Kod nie został odczytany w całości.",
                "Zeskanuj go jeszcze raz albo wpisz tak, jak jest podany.",
            ]),
            Reason::HandOverUnknown => say(&[
                "To urządzenie nie ma zadania z tego kodu.",
                "Idź tam, gdzie jest sieć, albo pracuj dalej na drugim urządzeniu.",
            ]),
            Reason::LinkableCode { code } => vec![
                format!("Nic tu nie ma kodu {code}."),
                "Zeskanuj etykietę artykułu lub naciśnij Problem i powiedz, co to jest.".to_owned(),
            ],
        }
    }

    fn recorded(&self, draft: &Draft, names: &Names<'_>) -> Vec<String> {
        let (act, forward) = draft.progress_act();
        if !forward {
            return match act.moves_goods() {
                true => vec![format!("Cofnięto: {}.", names.goods(draft))],
                false => say(&["Cofnięto."]),
            };
        }
        let goods = names.goods(draft);
        let done = match act {
            Act::Received => format!("Przyjęto: {goods}."),
            Act::Picked => format!("Pobrano: {goods}."),
            Act::Counted => format!("Policzono: {goods}."),
            Act::Moved => format!("Przesunięto: {goods}."),
            Act::Packed => format!("Spakowano: {goods}."),
            Act::Returned => format!("Przyjęto zwrot: {goods}."),
            Act::Inspected if is_released(draft) => format!("Zwolniono: {goods}."),
            Act::StatusChanged | Act::Inspected => format!("Zapisano: {goods}."),
            Act::Loaded => match &draft.from {
                Some(Place::HandlingUnit(unit)) => format!("{unit} jest w pojeździe."),
                _ => "Jest w pojeździe.".to_owned(),
            },
            Act::UnitClosed => match &draft.from {
                Some(Place::HandlingUnit(unit)) => format!("Zamknięto: {unit}."),
                _ => "Zamknięto.".to_owned(),
            },
            Act::HandedOver => "Przekazano.".to_owned(),
            Act::Observed | Act::Reported => "Zapisano.".to_owned(),
            Act::CodeLinked => match &draft.goods {
                Some(linked) => format!("Od teraz {} oznacza {goods}.", linked.code),
                None => "Kod jest powiązany.".to_owned(),
            },
            Act::TaskStarted => "Zadanie rozpoczęte.".to_owned(),
            Act::LocationCounted => match &draft.to {
                Some(Place::Location(place)) => format!("{place} jest policzone."),
                _ => "Miejsce jest policzone.".to_owned(),
            },
            Act::LineClosed if draft.exception.is_none() => "Pozycja jest zamknięta.".to_owned(),
            Act::LineClosed if is_out_of_reach(draft) => "Miejsce zostaje pominięte.".to_owned(),
            Act::LineClosed if is_left(draft) => "Pozycja zostaje pominięta.".to_owned(),
            Act::LineClosed => "Pozycja jest zamknięta z brakiem.".to_owned(),
            Act::TaskClosed => "Zadanie jest zrobione.".to_owned(),
            Act::Reversed => "Cofnięto.".to_owned(),
        };
        let noted = draft.exception.as_ref().and_then(|report| match report.code {
            ExceptionCode::Over => Some("Zapisano jako więcej, niż oczekiwano."),
            ExceptionCode::Found => Some("Zapisano jako znalezione."),
            ExceptionCode::Damaged => Some("Zapisano jako uszkodzone."),
            ExceptionCode::NotReachable => Some("Biuro dowie się, że do miejsca nie ma dostępu."),
            ExceptionCode::TagMissing => Some("Biuro dowie się, że brakuje znacznika RFID."),
            ExceptionCode::Unsure => Some("Biuro dowie się o niepewnych znacznikach RFID."),
            ExceptionCode::Elsewhere => Some("Pozostawiono zapisom drugiego urządzenia."),
            ExceptionCode::WrongGoods => Some("Biuro dowie się o złym towarze."),
            ExceptionCode::Expired => Some("Zapisano jako za stare."),
            ExceptionCode::Blocked => Some("Zapisano jako zablokowane."),
            ExceptionCode::LocationFull => Some("Biuro dowie się, że miejsce jest pełne."),
            ExceptionCode::LocationEmpty => Some("Biuro dowie się, że miejsce jest puste."),
            ExceptionCode::OtherPlace => Some("Zapisano z innym miejscem."),
            ExceptionCode::Substitute => Some("Zapisano jako zamiennik."),
            ExceptionCode::Unreadable => Some("Biuro dowie się o etykiecie."),
            ExceptionCode::UnitFull | ExceptionCode::Short => None,
        });
        std::iter::once(done).chain(noted.map(str::to_owned)).collect()
    }

    fn pass_words(&self) -> PassWords {
        PassWords {
            recorded: "Przejazd {pass}: zapisano {n}.",
            nothing: "Przejazd {pass}: nic nowego.",
            units: "Całe palety: {n}.",
            checks: "Do sprawdzenia: {n}. Zeskanuj ich etykiety.",
            too_many: "Za dużo tagów: przejedź z towarem w częściach.",
            incomplete: "Brakuje części palety.",
        }
    }

    fn went(&self, place: &Where, names: &Names<'_>) -> Vec<String> {
        match place {
            Where::LoggedIn => match names.worker() {
                Some(name) => vec![format!("Witaj, {name}.")],
                None => say(&["Witaj."]),
            },
            Where::LoggedOut => say(&["Wylogowano."]),
            Where::Task(_) => say(&["Zadanie otwarte."]),
            Where::LeftTask(_) => say(&["Zadanie opuszczone. To, co zrobione, jest bezpieczne."]),
            Where::Location(location) => vec![format!("{location} się zgadza.")],
            Where::Unit(unit) => vec![format!("{unit} się zgadza.")],
            Where::Tote(unit) => vec![format!("Od teraz do {unit}.")],
            Where::Vehicle(vehicle) => vec![format!("{vehicle} się zgadza.")],
            Where::Skipped => say(&["Zostawiono na później."]),
            Where::Kept(_) => say(&["Zadanie czeka. To, co zrobione, jest bezpieczne."]),
            Where::Back => say(&["Jeden krok wstecz."]),
            Where::Opening => say(&["Następna paleta będzie przyjęta sztuka po sztuce."]),
            Where::InHand { item, quantity } => vec![format!(
                "W ręku: {} {} {}.",
                names.quantity(*quantity),
                names.unit(item),
                names.item(item)
            )],
            Where::UnitInHand(unit) => vec![format!("W ręku: {unit} z całą zawartością.")],
            Where::PutInto(Some(unit)) => vec![format!("Włóż to do {unit}.")],
            Where::PutInto(None) => say(&["Włóż to do nowego pojemnika."]),
        }
    }

    fn note(&self, note: Note) -> String {
        match note {
            Note::NothingRecorded => "Nic nie zapisano.",
            Note::AimAtOne => "Celuj w jeden kod.",
            Note::TaskChanged => "Biuro zmieniło to zadanie.",
            Note::LabelOrdered => "Etykieta się drukuje.",
        }
        .to_owned()
    }

    fn lease_ends(&self, minutes: u32) -> String {
        match minutes {
            0 => "już minął".to_owned(),
            minutes => format!("mija za {minutes} min"),
        }
    }

    fn being_counted(&self) -> &'static str {
        "Trwa liczenie"
    }

    fn then(&self, place: &str) -> String {
        format!("Potem {place}")
    }

    fn key(&self, key: KeyUse) -> &'static str {
        match key {
            KeyUse::Yes => "Tak",
            KeyUse::No => "Nie",
            KeyUse::Enter => "OK",
            KeyUse::Backspace => "Usuń",
            KeyUse::Cancel => "Anuluj",
            KeyUse::Undo => "Cofnij",
            KeyUse::Done => "Gotowe",
            KeyUse::Short => "Brak",
            KeyUse::Skip => "Pomiń",
            KeyUse::Exception => "Problem",
            KeyUse::Menu => "Menu",
            KeyUse::Type => "Wpisz",
            KeyUse::Leave => "Wyjdź",
            KeyUse::LogOut => "Wyloguj",
            KeyUse::StillToDo => "Do zrobienia",
            KeyUse::DoneAlready => "Już zrobione",
            KeyUse::OpenUnit => "Otwórz paletę",
            KeyUse::NewUnit => "Nowy karton",
            KeyUse::Missing => "Czego brakuje?",
        }
    }

    fn label(&self, label: Label) -> &'static str {
        match label {
            Label::Item => "Artykuł",
            Label::Number => "Numer",
            Label::Lot => "Partia",
            Label::Take => "Weź",
            Label::Tote => "Do",
            Label::From => "Z",
            Label::To => "Dokąd",
            Label::Why => "Bo",
            Label::Carton => "Karton",
            Label::Vehicle => "Pojazd",
            Label::Missing => "Brakuje",
            Label::Code => "Kod",
            Label::LinesDone => "Pozycje",
            Label::LinesPerHour => "Pozycje na godzinę",
            Label::Walking => "Chodzenie",
            Label::Scanning => "Skanowanie",
            Label::Waiting => "Czekanie na urządzenie",
            Label::Pauses => "Przerwy",
            Label::Tags => "Znaczniki RFID",
            Label::MaybeNext => "Może obok",
            Label::Kept => "Zapisane",
            Label::Signal => "Sygnał",
            Label::Serial => "Numer seryjny",
            Label::Matched => "Zgodne",
            Label::Surplus => "Nadmiar",
            Label::Stray => "Obce tagi",
            Label::ToCheck => "Do sprawdzenia",
            Label::HeldBy => "Ma to",
            Label::MaybeDoneBy => "Może zrobione przez",
            Label::Lease => "Przydział",
            Label::InHand => "W ręku",
        }
    }
}

/// The form that goes with a number of 2 and more: 2 to 4, 22 to 24 and so on have one of their own.
const fn plural(number: usize, few: &'static str, many: &'static str) -> &'static str {
    match (number % 10, number % 100) {
        (_, 12..=14) => many,
        (2..=4, _) => few,
        _ => many,
    }
}

fn scanned_words(scanned: &Scanned, names: &Names<'_>) -> String {
    match scanned {
        Scanned::Location(location) => format!("miejsce {location}"),
        Scanned::Item(item) => names.item(item),
        Scanned::HandlingUnit(unit) => format!("pojemnik lub paleta {unit}"),
        Scanned::Badge => "identyfikator lub karta".to_owned(),
        Scanned::Reference(reference) => format!("dokument {reference}"),
        Scanned::Text(text) => format!("kod {text}"),
    }
}

fn wanted_words(wanted: &Wanted, names: &Names<'_>) -> String {
    match wanted {
        Wanted::AnyLocation => "miejsce z tego zadania".to_owned(),
        Wanted::Location(location) => format!("miejsce {location}"),
        Wanted::AnyItem => "artykuł".to_owned(),
        Wanted::Item(item) => names.item(item),
        Wanted::Tote => "pojemnik".to_owned(),
        Wanted::AnyUnit => "pojemnik, karton lub paleta".to_owned(),
        Wanted::HandlingUnit(unit) => format!("pojemnik lub paleta {unit}"),
        Wanted::Carton => "karton".to_owned(),
        Wanted::Destination => "miejsce docelowe".to_owned(),
        Wanted::Vehicle(vehicle) => format!("pojazd {vehicle}"),
        Wanted::Weight => "waga w kg".to_owned(),
        Wanted::Check(check) => check_words(*check).to_owned(),
        Wanted::Pin => "twój PIN".to_owned(),
        Wanted::Badge => "identyfikator".to_owned(),
        Wanted::Quantity => "liczba większa od 0".to_owned(),
        Wanted::Lot => "partia".to_owned(),
        Wanted::Date => "data, np. 31.12.27".to_owned(),
        Wanted::Serial => "numer seryjny".to_owned(),
        Wanted::Answer => "odpowiedź na pytanie".to_owned(),
        Wanted::Done => "już nic, wszystkie pozycje są zrobione".to_owned(),
        Wanted::AnyPlace => "miejsce".to_owned(),
    }
}

const fn wanted_action(wanted: &Wanted) -> &'static str {
    match wanted {
        Wanted::AnyLocation => "Najpierw zeskanuj etykietę miejsca.",
        Wanted::Location(_) => "Idź tam i zeskanuj etykietę miejsca.",
        Wanted::AnyItem | Wanted::Item(_) => "Zeskanuj artykuł lub naciśnij Wpisz.",
        Wanted::Tote => "Najpierw zeskanuj pojemnik.",
        Wanted::AnyUnit | Wanted::HandlingUnit(_) => "Zeskanuj etykietę.",
        Wanted::Carton => "Najpierw zeskanuj karton.",
        Wanted::Destination => "Zanieś to tam i zeskanuj miejsce.",
        Wanted::Vehicle(_) => "Najpierw zeskanuj bramę lub pojazd.",
        Wanted::Weight => "Wpisz wagę i naciśnij Enter lub naciśnij Escape.",
        Wanted::Check(_) => "Wpisz lub zeskanuj to albo naciśnij Escape.",
        Wanted::Pin => "Wpisz go i naciśnij Enter lub naciśnij Escape.",
        Wanted::Badge => "Zeskanuj identyfikator lub naciśnij Escape.",
        Wanted::Quantity => "Wpisz liczbę i naciśnij Enter lub naciśnij Escape.",
        Wanted::Lot | Wanted::Date | Wanted::Serial => "Zeskanuj lub wpisz albo naciśnij Escape.",
        Wanted::Answer => "Enter to tak, Escape to nie.",
        Wanted::Done => "Naciśnij Gotowe.",
        Wanted::AnyPlace => "Zeskanuj etykietę miejsca.",
    }
}

/// What is to be looked at, as it is asked for.
fn check_question(check: Check, unit: Option<&str>) -> String {
    let of = unit.map_or_else(String::new, |unit| format!(" ({unit})"));
    match check {
        Check::Seal => format!("Zeskanuj lub wpisz numer plomby{of}"),
        Check::Temperature => format!("Jaka jest temperatura{of}, w °C?"),
        Check::Weight => format!("Jaka jest waga brutto{of}, w kg?"),
        Check::Signature => "Kto przekazuje? Zeskanuj identyfikator lub wpisz nazwisko".to_owned(),
        Check::Condition => format!("Jaki jest stan{of}?"),
    }
}

const fn check_words(check: Check) -> &'static str {
    match check {
        Check::Seal => "numer plomby",
        Check::Temperature => "temperatura w °C, np. -18,5",
        Check::Weight => "waga brutto w kg",
        Check::Signature => "imię i nazwisko",
        Check::Condition => "stan",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_plural_goes_with_the_number() {
        for number in [2, 3, 4, 22, 34, 102] {
            assert_eq!(plural(number, "few", "many"), "few", "{number}");
        }
        for number in [0, 5, 11, 12, 13, 14, 15, 21, 25, 100, 112, 214] {
            assert_eq!(plural(number, "few", "many"), "many", "{number}");
        }
    }
}
