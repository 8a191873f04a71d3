//! Romanian.

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

pub(super) struct Romanian;

impl Words for Romanian {
    fn locale(&self) -> Locale {
        Locale {
            decimal_mark: ',',
            date_pattern: "%d.%m.%Y",
        }
    }

    fn tasks(&self) -> &'static str {
        "Sarcini"
    }

    fn which_task(&self) -> &'static str {
        "Care sarcină?"
    }

    fn title(&self, kind: &TaskKind, reference: &str) -> String {
        let kind = match kind {
            TaskKind::Receive(_) => "Recepție",
            TaskKind::Putaway => "Depozitare",
            TaskKind::Replenish => "Realimentare",
            TaskKind::Move => "Mutare",
            TaskKind::Pick(_) => "Pregătire",
            TaskKind::Pack(_) => "Ambalare",
            TaskKind::Load(_) => "Încărcare",
            TaskKind::Count(_) => "Numărare",
            TaskKind::Return(_) => "Retur",
            TaskKind::Inspect(_) => "Inspecție",
        };
        format!("{kind} {reference}")
    }

    fn instruction(&self, instruction: Instruction) -> &'static str {
        match instruction {
            Instruction::ChooseTask => "Scanează un document sau apasă un număr",
            Instruction::NoTasks => "Nicio sarcină. Scanează un document când ai unul",
            Instruction::ScanTote => "Scanează cutia de colectare",
            Instruction::GoTo => "Mergi acolo și scanează locul",
            Instruction::ScanPlace => "Scanează locul unde e marfa",
            Instruction::ScanLocation => "Scanează un loc de numărat",
            Instruction::ScanItem => "Scanează articolul",
            Instruction::ScanAnyItem => "Scanează un articol",
            Instruction::ScanUnit => "Scanează cutia, cartonul sau paletul",
            Instruction::ScanCarton => "Scanează cartonul în care ambalezi",
            Instruction::BringTo => "Du marfa acolo și scanează locul",
            Instruction::PutInto => "Pune marfa acolo și scanează cutia",
            Instruction::ScanVehicle => "Scanează poarta sau camionul",
            Instruction::ScanSource => "Scanează locul de unde iei",
            Instruction::ScanDestination => "Scanează locul unde ajunge",
            Instruction::HandOver => "Lasă cutia acolo și scanează locul",
            Instruction::ScanDamaged => "Scanează marfa deteriorată",
            Instruction::ScanToLookUp => "Scanează un articol, un loc sau o cutie",
            Instruction::Asking => "Întreb hubul …",
            Instruction::NothingInStock => "Nu există pe stoc",
            Instruction::InStock => "Pe stoc",
            Instruction::KeepSweeping => "Plimbă mai departe cititorul pe lângă marfă",
            Instruction::SweepDone => "Nu mai vine nimic nou. Apasă Gata",
            Instruction::TooCloseToTell => "Marfa e prea apropiată. Scanează etichete",
            Instruction::NothingMissing => "Aici nu lipsește nimic",
            Instruction::AskAgain => "Hubul nu știe încă. Apasă OK ca să întrebi din nou",
            Instruction::ChooseMissing => "Apasă numărul a ceea ce cauți",
            Instruction::FollowSignal => "Mergi încotro crește semnalul",
            Instruction::DriveThrough => "Treci marfa prin portal sau scaneaz-o",
            Instruction::Passing => "Marfa trece prin portal",
            Instruction::CheckLabel => "Caută această bucată și scanează-i eticheta",
            Instruction::Complete => "Totul e gata. Apasă Gata",
            Instruction::CheckFirst => "Uită-te întâi la camion: apasă OK",
        }
    }

    fn type_label(&self) -> &'static str {
        "Tastează codul de pe etichetă"
    }

    fn question(&self, question: &Question, names: &Names<'_>) -> String {
        match question {
            Question::Quantity { item, .. } => format!("Cât este din {}?", names.item(item)),
            Question::Lot { item } => format!("Scanează sau tastează lotul pentru {}", names.item(item)),
            Question::Expiry { item } => {
                format!(
                    "Scanează sau tastează data expirării pentru {}, ca 31.12.27",
                    names.item(item)
                )
            }
            Question::Serial { item } => format!(
                "Scanează sau tastează numărul de serie pentru {}",
                names.item(item)
            ),
            Question::Over { item, by } => {
                format!(
                    "Sunt cu {} mai mult din {} decât era așteptat. Înregistrezi?",
                    names.quantity(*by),
                    names.item(item)
                )
            }
            Question::Exception { .. } => "Ce nu e în regulă?".to_owned(),
            Question::Reason { code, quantity, .. } => {
                match quantity.filter(|quantity| !quantity.is_zero()) {
                    Some(quantity) if *code == ExceptionCode::Short => {
                        format!("Lipsesc {}. De ce?", names.quantity(quantity))
                    }
                    _ => format!("{}. De ce?", self.exception(*code)),
                }
            }
            Question::HowMuch { item, code, .. } => {
                format!("{}: cât din {}?", self.exception(*code), names.item(item))
            }
            Question::Weight { item } => format!("Cât cântărește {}, în kg?", names.item(item)),
            Question::Observe { check, unit } => {
                check_question(*check, unit.as_ref().map(|unit| unit.as_str()))
            }
            Question::Substitute { item, wanted } => {
                format!("Dai {} în loc de {}?", names.item(item), names.item(wanted))
            }
            Question::ShelfLife { item, expiry } => format!(
                "{} expiră la {}. E prea devreme. Iei totuși?",
                names.item(item),
                names.date(*expiry)
            ),
            Question::Condition { item, .. } | Question::State { item } => {
                format!("În ce stare este {}?", names.item(item))
            }
            Question::StaleHolds {
                minutes: Some(minutes),
            } => format!("Blocările au fost primite ultima dată acum {minutes} min. Încarci totuși?"),
            Question::StaleHolds { minutes: None } => {
                "De la pornirea dispozitivului nu se știe ce e blocat. Încarci totuși?".to_owned()
            }
            Question::LinkItem { code } => {
                format!("Nimic nu are codul {code}. Scanează sau tastează articolul lui.")
            }
            Question::LinkPack { code, item } => {
                format!(
                    "Câte {} de {} sunt într-un {code}?",
                    names.unit(item),
                    names.item(item)
                )
            }
            Question::Menu { .. } => "Ce vrei să faci?".to_owned(),
            Question::Pin { .. } => "Tastează PIN-ul tău".to_owned(),
            Question::Interrupt { .. } => "Așteaptă ceva mai urgent. Treci la el?".to_owned(),
            Question::Empty { location } => format!("Nimic numărat în {location}. Locul e gol?"),
            Question::CountComplete { location } => format!("Numărarea din {location} e completă?"),
            Question::EndTask { open_lines: 0 } => "Asta e tot? Închei sarcina?".to_owned(),
            Question::EndTask { open_lines: 1 } => "1 linie e încă deschisă. Închei sarcina?".to_owned(),
            Question::EndTask { open_lines } => {
                format!(
                    "{open_lines} {}linii sunt încă deschise. Închei sarcina?",
                    of_many(*open_lines)
                )
            }
            Question::Found { code } => {
                format!("{} nu e pe listă. Înregistrezi ca găsit?", names.code(code))
            }
            Question::TakeOver {
                holder,
                silent_minutes: Some(minutes @ 1..),
                ..
            } => format!("{holder} are sarcina și nu a mai dat semn de {minutes} min. O preiei?"),
            Question::TakeOver { holder, .. } => {
                format!("{holder} are această sarcină. Lucrezi totuși la ea?")
            }
            Question::MaybeDone { holder, .. } => {
                format!("Poate că {holder} a făcut asta. Mai e de făcut?")
            }
            Question::TwoInView { seen } => {
                format!("Se văd două coduri: {}. Țintește unul.", seen.join(" și "))
            }
            Question::WhichItem { code } => {
                format!(
                    "{}: scanează articolul sau tastează numărul lui",
                    self.exception(*code)
                )
            }
            Question::LookUp => "Ce vrei să cauți?".to_owned(),
            Question::HandOver { .. } => {
                "Scanează sau tastează codul pe celălalt dispozitiv. Ce nu e trimis se întreabă acolo."
                    .to_owned()
            }
            Question::Figures => "Cifrele tale de la conectare".to_owned(),
            Question::TagMissing { item } => {
                format!("{} se numără după eticheta RFID. Lipsește?", names.item(item))
            }
            Question::Unsure { location, tags, .. } => {
                format!("Nesigure: {tags}. Scanează-le etichetele sau închizi {location} fără ele?")
            }
            Question::Missing {
                location, more: 0, ..
            } => format!("Lipsește din {location}"),
            Question::Missing { location, more, .. } => format!("Lipsește din {location}, și încă {more}"),
            Question::Locate { piece } => format!("S-a găsit {}?", piece.serial),
            Question::NewUnit => "Începi un palet nou și îi tipărești eticheta?".to_owned(),
            Question::Begin { entry } => match entry {
                MenuEntry::Move => "Scanează locul de unde iei",
                MenuEntry::FoundUnit => "Scanează cutia, cartonul sau paletul găsit",
                MenuEntry::Count => "Scanează locul pe care îl numeri",
                _ => "Scanează eticheta",
            }
            .to_owned(),
        }
    }

    fn type_check_digits(&self) -> &'static str {
        "Tastează cifrele de lângă loc"
    }

    fn exception(&self, code: ExceptionCode) -> &'static str {
        match code {
            ExceptionCode::Short => "Mai puțin decât era așteptat",
            ExceptionCode::Over => "Mai mult decât era așteptat",
            ExceptionCode::Damaged => "Deteriorat",
            ExceptionCode::Found => "Găsit",
            ExceptionCode::WrongGoods => "Marfă greșită aici",
            ExceptionCode::Expired => "Expirat sau prea vechi",
            ExceptionCode::Blocked => "Blocat",
            ExceptionCode::LocationFull => "Locul e plin",
            ExceptionCode::LocationEmpty => "Locul e gol",
            ExceptionCode::OtherPlace => "Alt loc",
            ExceptionCode::UnitFull => "Cutia e plină",
            ExceptionCode::Unreadable => "Etichetă ilizibilă",
            ExceptionCode::Substitute => "Înlocuitor",
            ExceptionCode::NotReachable => "Nu se poate ajunge",
            ExceptionCode::TagMissing => "Lipsește eticheta RFID",
            ExceptionCode::Unsure => "Etichetă RFID nesigură",
            ExceptionCode::Elsewhere => "Făcut în altă parte",
        }
    }

    fn released(&self) -> &'static str {
        "Eliberat"
    }

    fn reason(&self, word: &str) -> String {
        match word {
            "empty" => "Locul e gol",
            "damaged" => "Deteriorat",
            "not_found" => "Negăsit",
            "broken" => "Spart",
            "wet" => "Ud",
            "dirty" => "Murdar",
            "packaging" => "Ambalaj deteriorat",
            "full" => "Plin",
            "too_high" => "Prea sus",
            "locked" => "Încuiat",
            "blocked" => "Blocat",
            "does_not_fit" => "Nu încape",
            "better_place" => "Loc mai bun",
            "other_item" => "Alt articol",
            "other_lot" => "Alt lot",
            "mixed" => "Marfă amestecată",
            "not_counted" => "Nenumărat",
            other => other,
        }
        .to_owned()
    }

    fn menu(&self, entry: MenuEntry) -> &'static str {
        match entry {
            MenuEntry::Inquiry => "Caută în stoc",
            MenuEntry::Move => "Mută marfă",
            MenuEntry::FoundUnit => "Palet găsit",
            MenuEntry::Count => "Numără un loc",
            MenuEntry::OtherTask => "Altă sarcină",
            MenuEntry::HandOver => "Predă",
            MenuEntry::Figures => "Cifrele mele",
            MenuEntry::PrintLabel => "Tipărește eticheta",
        }
    }

    fn label_fault(&self, fault: &LabelFault) -> String {
        use LabelFaultKind as Kind;
        let field = fault.ai.as_ref().map(|ai| format!("({ai})"));
        let what = field.unwrap_or_else(|| "Codul".to_owned());
        match fault.kind {
            Kind::Empty => "Nu s-a citit nimic.".to_owned(),
            Kind::Length => format!("{what} are o lungime greșită."),
            Kind::Character => format!("{what} conține un caracter nepermis."),
            Kind::CheckDigit => format!("{what} are o cifră de control greșită."),
            Kind::Date => format!("{what} nu este o dată din calendar."),
            Kind::Value => format!("{what} are o valoare care nu există."),
            Kind::Fields => format!("{what} nu poate fi împărțit în câmpuri."),
            Kind::Twice => format!("{what} apare de două ori cu valori diferite."),
            Kind::Together => format!("{what} nu poate sta cu celelalte câmpuri."),
            Kind::Missing => {
                format!("{what} are nevoie de un câmp care lipsește. Scanează și celălalt cod al etichetei.")
            }
            Kind::Ambiguous => format!("{what} se poate citi în două feluri."),
        }
    }

    fn rejected(&self, reason: &Reason, names: &Names<'_>) -> Vec<String> {
        match reason {
            Reason::NoWorker => say(&[
                "Nimeni nu este conectat.",
                "Această sarcină este pentru o anumită persoană.",
                "Scanează ecusonul tău.",
            ]),
            Reason::NoTask => say(&[
                "Nicio sarcină nu este deschisă.",
                "Scanează un document sau apasă numărul unei sarcini.",
            ]),
            Reason::UnknownCode { code } => vec![
                format!("Nimic de aici nu are codul {code}."),
                "Scanează eticheta articolului sau apasă Tastează.".to_owned(),
            ],
            Reason::BadLabel { fault } => vec![
                self.label_fault(fault),
                "Scanează altă etichetă sau apasă Tastează.".to_owned(),
            ],
            Reason::NotWanted { scanned, wanted } => vec![
                format!("Ai scanat: {}.", scanned_words(scanned, names)),
                format!("Trebuie: {}.", wanted_words(wanted, names)),
                wanted_action(wanted).to_owned(),
            ],
            Reason::WrongLocation { scanned, wanted } => vec![
                format!("Ai scanat: {scanned}."),
                format!("Trebuie: {wanted}."),
                format!("Mergi la {wanted} sau apasă Gata ori Lipsă dacă ai terminat acolo."),
            ],
            Reason::WrongItem { scanned, wanted } => vec![
                format!("Ai scanat: {}.", names.item(scanned)),
                format!("Trebuie: {}.", names.item(wanted)),
                "Pune marfa la loc și scanează articolul corect.".to_owned(),
            ],
            Reason::NotOnList { scanned } => vec![
                format!("Ai scanat: {}.", names.item(scanned)),
                "Nu e pe listă.".to_owned(),
                "Pune marfa la loc. Apasă Gata când ai terminat.".to_owned(),
            ],
            Reason::WrongLot { scanned, wanted } => vec![
                format!("Acesta este lotul {scanned}."),
                format!("Trebuie lotul {wanted}."),
                "Pune marfa la loc și scanează una din lotul corect sau apasă Lipsă.".to_owned(),
            ],
            Reason::Expired { expiry } => vec![
                format!("Marfa expiră la {}.", names.date(*expiry)),
                "E prea devreme.".to_owned(),
                "Pune-o deoparte și scanează alta sau apasă Lipsă.".to_owned(),
            ],
            Reason::LineFull { item } => vec![
                format!("Ai scanat: {}.", names.item(item)),
                "Lista are deja tot din acest articol.".to_owned(),
                "Pune marfa la loc. Apasă Gata când ai terminat.".to_owned(),
            ],
            Reason::TooMany { item, quantity, open } => vec![
                format!(
                    "Ar fi {} {} de {}.",
                    names.quantity(*quantity),
                    names.unit(item),
                    names.item(item)
                ),
                format!("Mai trebuie doar {}.", names.quantity(*open)),
                "Ia mai puține și scanează bucată cu bucată dacă e nevoie.".to_owned(),
            ],
            Reason::Blocked { item, lot, reason } => vec![
                match lot {
                    Some(lot) => format!("Ai scanat: {} din lotul {lot}.", names.item(item)),
                    None => format!("Ai scanat: {}.", names.item(item)),
                },
                format!("Este blocat: {reason}."),
                "Lasă marfa unde e și ia alta sau apasă Lipsă.".to_owned(),
            ],
            Reason::MayNotRelease { item, lot, reason } => vec![
                match lot {
                    Some(lot) => format!("Ai scanat: {} din lotul {lot}.", names.item(item)),
                    None => format!("Ai scanat: {}.", names.item(item)),
                },
                format!("Este blocat: {reason}."),
                "Doar biroul îl poate elibera. Alege alt răspuns.".to_owned(),
            ],
            Reason::WrongUnit { scanned, wanted } => vec![
                format!("Ai scanat: {scanned}."),
                format!("Trebuie: {wanted}."),
                format!("Scanează {wanted}."),
            ],
            Reason::UnitNotOnList { unit } => vec![
                format!("Ai scanat: {unit}."),
                "Nu e pe listă.".to_owned(),
                "Lasă-l acolo sau apasă Problemă dacă ar trebui să fie aici.".to_owned(),
            ],
            Reason::UnitDone { unit } => vec![
                format!("{unit} e deja gata."),
                "Scanează următorul. Apasă Anulează dacă a fost o greșeală.".to_owned(),
            ],
            Reason::WrongVehicle { scanned, wanted } => vec![
                format!("Ai scanat: {scanned}."),
                format!("Trebuie: {wanted}."),
                "Nu încărca. Mergi la poarta corectă.".to_owned(),
            ],
            Reason::WrongCheckDigits { location } => vec![
                "Aceste cifre sunt ale altui loc.".to_owned(),
                format!("Trebuie: {location}."),
                "Uită-te la adresă, apoi tastează cifrele de lângă ea.".to_owned(),
            ],
            Reason::WrongPin => say(&["Acesta nu e PIN-ul tău.", "Tastează-l din nou sau apasă Escape."]),
            Reason::CountedBefore { .. } => say(&[
                "Ai numărat deja asta.",
                "Altcineva trebuie să numere din nou.",
                "Alege altă sarcină.",
            ]),
            Reason::NoHandlingUnitNumber => say(&[
                "Dispozitivul nu mai are numere pentru un carton sau un palet nou.",
                "Scanează unul cu etichetă sau mergi unde există legătură cu hubul.",
            ]),
            Reason::CodeKnown { code, item } => vec![
                format!("Codul {code} înseamnă deja {}.", names.item(item)),
                "Întreabă la birou dacă e greșit.".to_owned(),
            ],
            Reason::HubUnreachable => say(&[
                "Hubul nu poate fi întrebat acum.",
                "Încearcă din nou unde există rețea.",
            ]),
            Reason::PlaceCounted { location } => vec![
                format!("{location} e deja numărat."),
                "Scanează locul următor. Apasă Anulează dacă a fost o greșeală.".to_owned(),
            ],
            Reason::CountedByTag { serial } => vec![
                format!("Numărul de serie {serial} e deja numărat după eticheta RFID."),
                "Scanează bucata următoare.".to_owned(),
            ],
            Reason::SerialRepeated { serial } => vec![
                format!("Numărul de serie {serial} e deja numărat."),
                "Scanează bucata următoare.".to_owned(),
            ],
            Reason::BadEntry { typed, wanted } => vec![
                format!("\"{typed}\" nu se potrivește."),
                format!("Trebuie: {}.", wanted_words(wanted, names)),
                "Tastează din nou sau apasă Escape.".to_owned(),
            ],
            Reason::NothingToUndo => say(&["Nu e nimic de anulat."]),
            Reason::KeyUnused => say(&["Această tastă nu face nimic aici."]),
            Reason::TaskWithdrawn { .. } => say(&[
                "Biroul a retras această sarcină.",
                "Ce ai făcut este în siguranță.",
                "Alege altă sarcină.",
            ]),
            Reason::TaskDone { .. } => say(&["Această sarcină e gata.", "Alege alta."]),
            Reason::PlacesOpen { open_lines } => vec![
                match open_lines {
                    1 => "1 loc nu este încă numărat.".to_owned(),
                    open_lines => format!("Locuri nenumărate încă: {open_lines}."),
                },
                "Numără-l sau apasă Problemă dacă nu se poate ajunge la el.".to_owned(),
            ],
            Reason::PinRefused => say(&[
                "PIN-ul a fost greșit de prea multe ori.",
                "Scanează din nou legitimația.",
            ]),
            Reason::WrongWay => say(&[
                "Marfa a ieșit, nu a intrat.",
                "Nu s-a înregistrat nimic. Adu-o înăuntru sau scaneaz-o.",
            ]),
            Reason::HandOverUnreadable => say(&[
                "Codul nu a fost citit întreg.",
                "Scanează-l din nou sau tastează-l exact cum apare.",
            ]),
            Reason::HandOverUnknown => say(&[
                "Acest dispozitiv nu are sarcina acestui cod.",
                "Mergi unde există rețea sau continuă pe celălalt dispozitiv.",
            ]),
            Reason::LinkableCode { code } => vec![
                format!("Nimic de aici nu are codul {code}."),
                "Scanează eticheta articolului sau apasă Problemă și spune ce este.".to_owned(),
            ],
        }
    }

    fn recorded(&self, draft: &Draft, names: &Names<'_>) -> Vec<String> {
        let (act, forward) = draft.progress_act();
        if !forward {
            return match act.moves_goods() {
                true => vec![format!("Anulat: {}.", names.goods(draft))],
                false => say(&["Anulat."]),
            };
        }
        let goods = names.goods(draft);
        let done = match act {
            Act::Received => format!("Recepționat: {goods}."),
            Act::Picked => format!("Pregătit: {goods}."),
            Act::Counted => format!("Numărat: {goods}."),
            Act::Moved => format!("Mutat: {goods}."),
            Act::Packed => format!("Ambalat: {goods}."),
            Act::Returned => format!("Preluat din retur: {goods}."),
            Act::Inspected if is_released(draft) => format!("Eliberat: {goods}."),
            Act::StatusChanged | Act::Inspected => format!("Înregistrat: {goods}."),
            Act::Loaded => match &draft.from {
                Some(Place::HandlingUnit(unit)) => format!("{unit} este în camion."),
                _ => "Este în camion.".to_owned(),
            },
            Act::UnitClosed => match &draft.from {
                Some(Place::HandlingUnit(unit)) => format!("{unit} este închis."),
                _ => "Este închis.".to_owned(),
            },
            Act::HandedOver => "Predat.".to_owned(),
            Act::Observed | Act::Reported => "Înregistrat.".to_owned(),
            Act::CodeLinked => match &draft.goods {
                Some(linked) => format!("De acum {} înseamnă {goods}.", linked.code),
                None => "Codul este legat.".to_owned(),
            },
            Act::TaskStarted => "Sarcina a început.".to_owned(),
            Act::LocationCounted => match &draft.to {
                Some(Place::Location(place)) => format!("{place} este numărat."),
                _ => "Locul este numărat.".to_owned(),
            },
            Act::LineClosed if draft.exception.is_none() => "Linia este închisă.".to_owned(),
            Act::LineClosed if is_out_of_reach(draft) => "Locul este lăsat.".to_owned(),
            Act::LineClosed if is_left(draft) => "Linia este lăsată.".to_owned(),
            Act::LineClosed => "Linia este închisă cu lipsă.".to_owned(),
            Act::TaskClosed => "Sarcina e gata.".to_owned(),
            Act::Reversed => "Anulat.".to_owned(),
        };
        let noted = draft.exception.as_ref().and_then(|report| match report.code {
            ExceptionCode::Over => Some("Înregistrat ca mai mult decât era așteptat."),
            ExceptionCode::Found => Some("Înregistrat ca găsit."),
            ExceptionCode::Damaged => Some("Înregistrat ca deteriorat."),
            ExceptionCode::NotReachable => Some("Biroul află că la loc nu se poate ajunge."),
            ExceptionCode::TagMissing => Some("Biroul află că lipsește eticheta RFID."),
            ExceptionCode::Unsure => Some("Biroul află de etichetele RFID nesigure."),
            ExceptionCode::Elsewhere => Some("Lăsat pe seama înregistrărilor celuilalt dispozitiv."),
            ExceptionCode::WrongGoods => Some("Biroul află de marfa greșită."),
            ExceptionCode::Expired => Some("Înregistrat ca prea vechi."),
            ExceptionCode::Blocked => Some("Înregistrat ca blocat."),
            ExceptionCode::LocationFull => Some("Biroul află că locul e plin."),
            ExceptionCode::LocationEmpty => Some("Biroul află că locul e gol."),
            ExceptionCode::OtherPlace => Some("Înregistrat cu celălalt loc."),
            ExceptionCode::Substitute => Some("Înregistrat ca înlocuitor."),
            ExceptionCode::Unreadable => Some("Biroul află de etichetă."),
            ExceptionCode::UnitFull | ExceptionCode::Short => None,
        });
        std::iter::once(done).chain(noted.map(str::to_owned)).collect()
    }

    fn pass_words(&self) -> PassWords {
        PassWords {
            recorded: "Trecerea {pass}: {n} înregistrate.",
            nothing: "Trecerea {pass}: nimic nou.",
            units: "Paleți întregi: {n}.",
            checks: "De verificat: {n}. Scanează-le etichetele.",
            too_many: "Prea multe taguri: treci marfa pe părți.",
            incomplete: "Lipsește o parte dintr-un palet.",
        }
    }

    fn went(&self, place: &Where, names: &Names<'_>) -> Vec<String> {
        match place {
            Where::LoggedIn => match names.worker() {
                Some(name) => vec![format!("Bun venit, {name}.")],
                None => say(&["Bun venit."]),
            },
            Where::LoggedOut => say(&["Te-ai deconectat."]),
            Where::Task(_) => say(&["Sarcină deschisă."]),
            Where::LeftTask(_) => say(&["Ai ieșit din sarcină. Ce ai făcut este în siguranță."]),
            Where::Location(location) => vec![format!("{location} e corect.")],
            Where::Unit(unit) => vec![format!("{unit} e corect.")],
            Where::Tote(unit) => vec![format!("De acum în {unit}.")],
            Where::Vehicle(vehicle) => vec![format!("{vehicle} e corect.")],
            Where::Skipped => say(&["Lăsat pentru mai târziu."]),
            Where::Kept(_) => say(&["Sarcina te așteaptă. Ce ai făcut este în siguranță."]),
            Where::Back => say(&["Un pas înapoi."]),
            Where::Opening => say(&["Următorul palet se preia bucată cu bucată."]),
            Where::InHand { item, quantity } => vec![format!(
                "În mână: {} {} de {}.",
                names.quantity(*quantity),
                names.unit(item),
                names.item(item)
            )],
            Where::UnitInHand(unit) => vec![format!("În mână: {unit}, cu tot ce e în el.")],
            Where::PutInto(Some(unit)) => vec![format!("Pune marfa în {unit}.")],
            Where::PutInto(None) => say(&["Pune marfa într-o cutie nouă."]),
        }
    }

    fn note(&self, note: Note) -> String {
        match note {
            Note::NothingRecorded => "Nu s-a înregistrat nimic.",
            Note::AimAtOne => "Țintește un singur cod.",
            Note::TaskChanged => "Biroul a schimbat această sarcină.",
            Note::LabelOrdered => "Eticheta se tipărește.",
        }
        .to_owned()
    }

    fn lease_ends(&self, minutes: u32) -> String {
        match minutes {
            0 => "a expirat".to_owned(),
            minutes => format!("expiră în {minutes} min"),
        }
    }

    fn being_counted(&self) -> &'static str {
        "Se numără"
    }

    fn then(&self, place: &str) -> String {
        format!("Apoi {place}")
    }

    fn key(&self, key: KeyUse) -> &'static str {
        match key {
            KeyUse::Yes => "Da",
            KeyUse::No => "Nu",
            KeyUse::Enter => "OK",
            KeyUse::Backspace => "Șterge",
            KeyUse::Cancel => "Renunță",
            KeyUse::Undo => "Anulează",
            KeyUse::Done => "Gata",
            KeyUse::Short => "Lipsă",
            KeyUse::Skip => "Sari",
            KeyUse::Exception => "Problemă",
            KeyUse::Menu => "Meniu",
            KeyUse::Type => "Tastează",
            KeyUse::Leave => "Ieși",
            KeyUse::LogOut => "Deconectare",
            KeyUse::StillToDo => "De făcut",
            KeyUse::DoneAlready => "Deja făcut",
            KeyUse::OpenUnit => "Deschide palet",
            KeyUse::NewUnit => "Carton nou",
            KeyUse::Missing => "Ce lipsește?",
        }
    }

    fn label(&self, label: Label) -> &'static str {
        match label {
            Label::Item => "Articol",
            Label::Number => "Număr",
            Label::Lot => "Lot",
            Label::Take => "Ia",
            Label::Tote => "În",
            Label::From => "Din",
            Label::To => "La",
            Label::Why => "Pentru că",
            Label::Carton => "Carton",
            Label::Vehicle => "Camion",
            Label::Missing => "Lipsă",
            Label::Code => "Cod",
            Label::LinesDone => "Linii",
            Label::LinesPerHour => "Linii pe oră",
            Label::Walking => "Mers",
            Label::Scanning => "Scanare",
            Label::Waiting => "Așteptarea dispozitivului",
            Label::Pauses => "Pauze",
            Label::Tags => "Etichete RFID",
            Label::MaybeNext => "Poate alături",
            Label::Kept => "Salvat",
            Label::Signal => "Semnal",
            Label::Serial => "Număr de serie",
            Label::Matched => "Găsite",
            Label::Surplus => "În plus",
            Label::Stray => "Taguri străine",
            Label::ToCheck => "De verificat",
            Label::HeldBy => "La",
            Label::MaybeDoneBy => "Poate făcut de",
            Label::Lease => "Alocare",
            Label::InHand => "În mână",
        }
    }
}

/// What stands between a number of 2 and more and what is counted: from 20 on, `de`, but for 101 to 119 and so on.
const fn of_many(number: usize) -> &'static str {
    match number % 100 {
        1..=19 => "",
        _ => "de ",
    }
}

fn scanned_words(scanned: &Scanned, names: &Names<'_>) -> String {
    match scanned {
        Scanned::Location(location) => format!("locul {location}"),
        Scanned::Item(item) => names.item(item),
        Scanned::HandlingUnit(unit) => format!("cutia sau paletul {unit}"),
        Scanned::Badge => "un ecuson sau un card".to_owned(),
        Scanned::Reference(reference) => format!("documentul {reference}"),
        Scanned::Text(text) => format!("codul {text}"),
    }
}

fn wanted_words(wanted: &Wanted, names: &Names<'_>) -> String {
    match wanted {
        Wanted::AnyLocation => "un loc din această sarcină".to_owned(),
        Wanted::Location(location) => format!("locul {location}"),
        Wanted::AnyItem => "un articol".to_owned(),
        Wanted::Item(item) => names.item(item),
        Wanted::Tote => "o cutie".to_owned(),
        Wanted::AnyUnit => "o cutie, un carton sau un palet".to_owned(),
        Wanted::HandlingUnit(unit) => format!("cutia sau paletul {unit}"),
        Wanted::Carton => "un carton".to_owned(),
        Wanted::Destination => "locul unde ajunge".to_owned(),
        Wanted::Vehicle(vehicle) => format!("camionul {vehicle}"),
        Wanted::Weight => "o greutate în kg".to_owned(),
        Wanted::Check(check) => check_words(*check).to_owned(),
        Wanted::Pin => "PIN-ul tău".to_owned(),
        Wanted::Badge => "un ecuson".to_owned(),
        Wanted::Quantity => "un număr peste 0".to_owned(),
        Wanted::Lot => "un lot".to_owned(),
        Wanted::Date => "o dată, ca 31.12.27".to_owned(),
        Wanted::Serial => "un număr de serie".to_owned(),
        Wanted::Answer => "un răspuns la întrebare".to_owned(),
        Wanted::Done => "nimic, toate liniile sunt gata".to_owned(),
        Wanted::AnyPlace => "un loc".to_owned(),
    }
}

const fn wanted_action(wanted: &Wanted) -> &'static str {
    match wanted {
        Wanted::AnyLocation => "Scanează întâi eticheta locului.",
        Wanted::Location(_) => "Mergi acolo și scanează eticheta locului.",
        Wanted::AnyItem | Wanted::Item(_) => "Scanează articolul sau apasă Tastează.",
        Wanted::Tote => "Scanează întâi cutia.",
        Wanted::AnyUnit | Wanted::HandlingUnit(_) => "Scanează eticheta.",
        Wanted::Carton => "Scanează întâi cartonul.",
        Wanted::Destination => "Du marfa acolo și scanează locul.",
        Wanted::Vehicle(_) => "Scanează întâi poarta sau camionul.",
        Wanted::Weight => "Tastează greutatea și apasă Enter sau apasă Escape.",
        Wanted::Check(_) => "Tastează sau scanează ori apasă Escape.",
        Wanted::Pin => "Tastează-l și apasă Enter sau apasă Escape.",
        Wanted::Badge => "Scanează un ecuson sau apasă Escape.",
        Wanted::Quantity => "Tastează numărul și apasă Enter sau apasă Escape.",
        Wanted::Lot | Wanted::Date | Wanted::Serial => "Scanează sau tastează ori apasă Escape.",
        Wanted::Answer => "Apasă Enter pentru da, Escape pentru nu.",
        Wanted::Done => "Apasă Gata.",
        Wanted::AnyPlace => "Scanează eticheta locului.",
    }
}

/// What is to be looked at, as it is asked for.
fn check_question(check: Check, unit: Option<&str>) -> String {
    let of = unit.map_or_else(String::new, |unit| format!(" ({unit})"));
    match check {
        Check::Seal => format!("Scanează sau tastează numărul sigiliului{of}"),
        Check::Temperature => format!("Care este temperatura{of}, în °C?"),
        Check::Weight => format!("Care este greutatea brută{of}, în kg?"),
        Check::Signature => "Cine predă? Scanează ecusonul sau tastează numele".to_owned(),
        Check::Condition => format!("Care este starea{of}?"),
    }
}

const fn check_words(check: Check) -> &'static str {
    match check {
        Check::Seal => "numărul unui sigiliu",
        Check::Temperature => "o temperatură în °C, ca -18,5",
        Check::Weight => "o greutate brută în kg",
        Check::Signature => "un nume",
        Check::Condition => "o stare",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_numbers_take_de() {
        for number in [2, 19, 102, 119] {
            assert_eq!(of_many(number), "", "{number}");
        }
        for number in [20, 21, 100, 120] {
            assert_eq!(of_many(number), "de ", "{number}");
        }
    }
}
