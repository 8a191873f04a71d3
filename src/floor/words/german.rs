//! German.

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

pub(super) struct German;

impl Words for German {
    fn locale(&self) -> Locale {
        Locale {
            decimal_mark: ',',
            date_pattern: "%d.%m.%Y",
        }
    }

    fn tasks(&self) -> &'static str {
        "Aufträge"
    }

    fn which_task(&self) -> &'static str {
        "Welcher Auftrag?"
    }

    fn title(&self, kind: &TaskKind, reference: &str) -> String {
        let kind = match kind {
            TaskKind::Receive(_) => "Wareneingang",
            TaskKind::Putaway => "Einlagern",
            TaskKind::Replenish => "Nachfüllen",
            TaskKind::Move => "Umlagern",
            TaskKind::Pick(_) => "Kommissionieren",
            TaskKind::Pack(_) => "Packen",
            TaskKind::Load(_) => "Verladen",
            TaskKind::Count(_) => "Zählen",
            TaskKind::Return(_) => "Rücknahme",
            TaskKind::Inspect(_) => "Prüfen",
        };
        format!("{kind} {reference}")
    }

    fn instruction(&self, instruction: Instruction) -> &'static str {
        match instruction {
            Instruction::ChooseTask => "Beleg scannen oder Ziffer drücken",
            Instruction::NoTasks => "Keine Aufträge. Beleg scannen, sobald einer da ist",
            Instruction::ScanTote => "Behälter scannen",
            Instruction::GoTo => "Hingehen und Platz scannen",
            Instruction::ScanPlace => "Platz scannen, wo es liegt",
            Instruction::ScanLocation => "Platz zum Zählen scannen",
            Instruction::ScanItem => "Artikel scannen",
            Instruction::ScanAnyItem => "Einen Artikel scannen",
            Instruction::ScanUnit => "Behälter, Karton oder Palette scannen",
            Instruction::ScanCarton => "Karton scannen, in den gepackt wird",
            Instruction::BringTo => "Hinbringen und Platz scannen",
            Instruction::PutInto => "Hineinlegen und Behälter scannen",
            Instruction::ScanVehicle => "Tor oder Fahrzeug scannen",
            Instruction::ScanSource => "Platz scannen, von dem du nimmst",
            Instruction::ScanDestination => "Platz scannen, wohin es kommt",
            Instruction::HandOver => "Behälter dort abstellen und Platz scannen",
            Instruction::Complete => "Alles erledigt. Fertig drücken",
            Instruction::CheckFirst => "Erst den Lkw ansehen: OK drücken",
            Instruction::ScanDamaged => "Beschädigte Ware scannen",
            Instruction::ScanToLookUp => "Artikel, Platz oder Behälter scannen",
            Instruction::Asking => "Die Zentrale wird gefragt …",
            Instruction::NothingInStock => "Nichts davon im Bestand",
            Instruction::InStock => "Im Bestand",
            Instruction::KeepSweeping => "Weiter an der Ware entlang schwenken",
            Instruction::SweepDone => "Es kommt nichts Neues. Fertig drücken",
            Instruction::TooCloseToTell => "Ware zu dicht beieinander. Etiketten scannen",
            Instruction::NothingMissing => "Hier fehlt nichts",
            Instruction::AskAgain => "Die Zentrale weiß es noch nicht. OK fragt noch einmal",
            Instruction::ChooseMissing => "Drück die Nummer dessen, was du suchst",
            Instruction::FollowSignal => "Geh dahin, wo das Signal stärker wird",
            Instruction::DriveThrough => "Ware durch das Portal fahren oder scannen",
            Instruction::Passing => "Ware fährt durch das Portal",
            Instruction::CheckLabel => "Dieses Stück suchen und sein Etikett scannen",
        }
    }

    fn type_label(&self) -> &'static str {
        "Code vom Etikett eintippen"
    }

    fn question(&self, question: &Question, names: &Names<'_>) -> String {
        match question {
            Question::Quantity { item, .. } => format!("Wie viel {}?", names.item(item)),
            Question::Lot { item } => format!("Charge von {} scannen oder tippen", names.item(item)),
            Question::Expiry { item } => {
                format!(
                    "Ablaufdatum von {} scannen oder tippen, etwa 31.12.27",
                    names.item(item)
                )
            }
            Question::Serial { item } => format!("Seriennummer von {} scannen oder tippen", names.item(item)),
            Question::Over { item, by } => {
                format!(
                    "Das sind {} {} mehr als erwartet. Trotzdem erfassen?",
                    names.quantity(*by),
                    names.item(item)
                )
            }
            Question::Exception { .. } => "Was stimmt nicht?".to_owned(),
            Question::Reason { code, quantity, .. } => {
                match quantity.filter(|quantity| !quantity.is_zero()) {
                    Some(quantity) if *code == ExceptionCode::Short => {
                        format!("{} fehlen. Warum?", names.quantity(quantity))
                    }
                    _ => format!("{}. Warum?", self.exception(*code)),
                }
            }
            Question::HowMuch { item, code, .. } => {
                format!("{}: wie viel {}?", self.exception(*code), names.item(item))
            }
            Question::Weight { item } => format!("Was wiegt {} in kg?", names.item(item)),
            Question::Observe { check, unit } => {
                check_question(*check, unit.as_ref().map(|unit| unit.as_str()))
            }
            Question::Substitute { item, wanted } => {
                format!("{} statt {} nehmen?", names.item(item), names.item(wanted))
            }
            Question::ShelfLife { item, expiry } => format!(
                "{} läuft am {} ab. Das ist zu bald. Trotzdem annehmen?",
                names.item(item),
                names.date(*expiry)
            ),
            Question::Condition { item, .. } | Question::State { item } => {
                format!("In welchem Zustand ist {}?", names.item(item))
            }
            Question::StaleHolds {
                minutes: Some(minutes),
            } => format!("Was gesperrt ist, wurde zuletzt vor {minutes} min gemeldet. Trotzdem verladen?"),
            Question::StaleHolds { minutes: None } => {
                "Seit dem Start dieses Geräts weiß niemand, was gesperrt ist. Trotzdem verladen?".to_owned()
            }
            Question::LinkItem { code } => {
                format!("Nichts hat den Code {code}. Scanne oder tippe den Artikel, auf dem er ist.")
            }
            Question::LinkPack { code, item } => {
                format!(
                    "Wie viele {} {} sind in einem {code}?",
                    names.unit(item),
                    names.item(item)
                )
            }
            Question::Menu { .. } => "Was möchtest du tun?".to_owned(),
            Question::Pin { .. } => "Deine PIN eintippen".to_owned(),
            Question::Interrupt { .. } => "Etwas Dringenderes wartet. Dorthin wechseln?".to_owned(),
            Question::Empty { location } => format!("Auf {location} nichts gezählt. Ist der Platz leer?"),
            Question::CountComplete { location } => format!("Ist {location} vollständig gezählt?"),
            Question::EndTask { open_lines: 0 } => "Ist das alles? Auftrag beenden?".to_owned(),
            Question::EndTask { open_lines: 1 } => "1 Position ist noch offen. Auftrag beenden?".to_owned(),
            Question::EndTask { open_lines } => {
                format!("{open_lines} Positionen sind noch offen. Auftrag beenden?")
            }
            Question::Found { code } => {
                format!(
                    "{} steht nicht auf der Liste. Als gefunden erfassen?",
                    names.code(code)
                )
            }
            Question::TakeOver {
                holder,
                silent_minutes: Some(minutes @ 1..),
                ..
            } => format!("{holder} hat diesen Auftrag und meldet sich seit {minutes} min nicht. Übernehmen?"),
            Question::TakeOver { holder, .. } => {
                format!("{holder} hat diesen Auftrag. Trotzdem daran arbeiten?")
            }
            Question::MaybeDone { holder, .. } => {
                format!("{holder} hat das vielleicht schon erledigt. Ist es noch zu tun?")
            }
            Question::Begin { entry } => match entry {
                MenuEntry::Move => "Den Platz scannen, von dem es kommt",
                MenuEntry::FoundUnit => "Die gefundene Palette, Kiste oder den Behälter scannen",
                MenuEntry::Count => "Den Platz scannen, der gezählt wird",
                _ => "Das Etikett scannen",
            }
            .to_owned(),
            Question::HandOver { .. } => {
                "Diesen Code am anderen Gerät scannen oder tippen. Es fragt nach dem, was noch fehlt."
                    .to_owned()
            }
            Question::Figures => "Deine Zahlen seit der Anmeldung".to_owned(),
            Question::TagMissing { item } => format!("{} zählt das Funketikett. Fehlt es?", names.item(item)),
            Question::Unsure { location, tags, .. } => {
                format!("Unsicher: {tags}. Etiketten scannen, oder {location} ohne sie abschließen?")
            }
            Question::Missing {
                location, more: 0, ..
            } => format!("Fehlt in {location}"),
            Question::Missing { location, more, .. } => format!("Fehlt in {location}, und {more} mehr"),
            Question::Locate { piece } => format!("Ist {} gefunden?", piece.serial),
            Question::TwoInView { seen } => {
                format!(
                    "Zwei Codes im Blick: {}. Nur einen anvisieren.",
                    seen.join(" und ")
                )
            }
            Question::WhichItem { code } => {
                format!("{}: Artikel scannen oder Nummer tippen", self.exception(*code))
            }
            Question::NewUnit => "Neue Palette beginnen und Etikett drucken?".to_owned(),
            Question::LookUp => "Was soll nachgesehen werden?".to_owned(),
        }
    }

    fn type_check_digits(&self) -> &'static str {
        "Ziffern neben dem Platz eintippen"
    }

    fn exception(&self, code: ExceptionCode) -> &'static str {
        match code {
            ExceptionCode::Short => "Weniger als erwartet",
            ExceptionCode::Over => "Mehr als erwartet",
            ExceptionCode::Damaged => "Beschädigt",
            ExceptionCode::Found => "Gefunden",
            ExceptionCode::WrongGoods => "Falsche Ware hier",
            ExceptionCode::Expired => "Abgelaufen oder zu alt",
            ExceptionCode::Blocked => "Gesperrt",
            ExceptionCode::LocationFull => "Platz ist voll",
            ExceptionCode::LocationEmpty => "Platz ist leer",
            ExceptionCode::OtherPlace => "Anderer Platz",
            ExceptionCode::UnitFull => "Behälter ist voll",
            ExceptionCode::Unreadable => "Etikett unlesbar",
            ExceptionCode::Substitute => "Ersatzartikel",
            ExceptionCode::Elsewhere => "Anderswo erledigt",
            ExceptionCode::NotReachable => "Nicht erreichbar",
            ExceptionCode::TagMissing => "Funketikett fehlt",
            ExceptionCode::Unsure => "Funketikett unsicher",
        }
    }

    fn released(&self) -> &'static str {
        "Freigegeben"
    }

    fn reason(&self, word: &str) -> String {
        match word {
            "empty" => "Platz ist leer",
            "damaged" => "Beschädigt",
            "not_found" => "Nicht gefunden",
            "broken" => "Zerbrochen",
            "wet" => "Nass",
            "dirty" => "Verschmutzt",
            "packaging" => "Verpackung beschädigt",
            "full" => "Voll",
            "blocked" => "Versperrt",
            "does_not_fit" => "Passt nicht",
            "better_place" => "Besserer Platz",
            "other_item" => "Anderer Artikel",
            "other_lot" => "Andere Charge",
            "mixed" => "Gemischte Ware",
            "not_counted" => "Nicht gezählt",
            "too_high" => "Zu hoch",
            "locked" => "Verschlossen",
            other => other,
        }
        .to_owned()
    }

    fn menu(&self, entry: MenuEntry) -> &'static str {
        match entry {
            MenuEntry::Inquiry => "Bestand ansehen",
            MenuEntry::Move => "Ware umlagern",
            MenuEntry::FoundUnit => "Palette gefunden",
            MenuEntry::Count => "Platz zählen",
            MenuEntry::OtherTask => "Anderer Auftrag",
            MenuEntry::HandOver => "Übergeben",
            MenuEntry::Figures => "Meine Zahlen",
            MenuEntry::PrintLabel => "Etikett drucken",
        }
    }

    fn label_fault(&self, fault: &LabelFault) -> String {
        use LabelFaultKind as Kind;
        let field = fault.ai.as_ref().map(|ai| format!("({ai})"));
        let what = field.clone().unwrap_or_else(|| "Der Code".to_owned());
        let dative = field.unwrap_or_else(|| "dem Code".to_owned());
        match fault.kind {
            Kind::Empty => "Es wurde nichts gelesen.".to_owned(),
            Kind::Length => format!("{what} hat die falsche Länge."),
            Kind::Character => format!("{what} enthält ein Zeichen, das dort nicht stehen darf."),
            Kind::CheckDigit => format!("{what} hat eine falsche Prüfziffer."),
            Kind::Date => format!("{what} ist kein Datum des Kalenders."),
            Kind::Value => format!("{what} hat einen Wert, den es nicht gibt."),
            Kind::Fields => format!("{what} lässt sich nicht in Felder zerlegen."),
            Kind::Twice => format!("{what} steht zweimal da, mit verschiedenen Werten."),
            Kind::Together => format!("{what} darf nicht mit den anderen Feldern stehen."),
            Kind::Missing => {
                format!("Zu {dative} fehlt ein Feld. Auch den anderen Code des Etiketts scannen.")
            }
            Kind::Ambiguous => format!("{what} kann auf zwei Arten gelesen werden."),
        }
    }

    fn rejected(&self, reason: &Reason, names: &Names<'_>) -> Vec<String> {
        match reason {
            Reason::NoWorker => say(&[
                "Niemand ist angemeldet.",
                "Dieser Auftrag ist für eine bestimmte Person.",
                "Bitte Ausweis scannen.",
            ]),
            Reason::NoTask => say(&[
                "Kein Auftrag ist offen.",
                "Beleg scannen oder die Ziffer eines Auftrags drücken.",
            ]),
            Reason::UnknownCode { code } => vec![
                format!("Den Code {code} hat hier nichts."),
                "Das Etikett des Artikels scannen oder Tippen drücken.".to_owned(),
            ],
            Reason::BadLabel { fault } => vec![
                self.label_fault(fault),
                "Ein anderes Etikett scannen oder Tippen drücken.".to_owned(),
            ],
            Reason::NotWanted { scanned, wanted } => vec![
                format!("Das ist {}.", scanned_words(scanned, names)),
                format!("Gebraucht wird {}.", wanted_words(wanted, names)),
                wanted_action(wanted).to_owned(),
            ],
            Reason::WrongLocation { scanned, wanted } => vec![
                format!("Das ist {scanned}."),
                format!("Gebraucht wird {wanted}."),
                format!("Zu {wanted} gehen, oder Fertig oder Fehlt drücken, wenn dort nichts mehr ist."),
            ],
            Reason::WrongItem { scanned, wanted } => vec![
                format!("Das ist {}.", names.item(scanned)),
                format!("Gebraucht wird {}.", names.item(wanted)),
                "Zurücklegen und den richtigen Artikel scannen.".to_owned(),
            ],
            Reason::NotOnList { scanned } => vec![
                format!("Das ist {}.", names.item(scanned)),
                "Das steht nicht auf der Liste.".to_owned(),
                "Zurücklegen. Fertig drücken, wenn alles erledigt ist.".to_owned(),
            ],
            Reason::WrongLot { scanned, wanted } => vec![
                format!("Das ist Charge {scanned}."),
                format!("Gebraucht wird Charge {wanted}."),
                "Zurücklegen und die richtige Charge scannen, oder Fehlt drücken.".to_owned(),
            ],
            Reason::Expired { expiry } => vec![
                format!("Das läuft am {} ab.", names.date(*expiry)),
                "Das ist zu früh.".to_owned(),
                "Beiseitelegen und ein anderes Stück scannen, oder Fehlt drücken.".to_owned(),
            ],
            Reason::LineFull { item } => vec![
                format!("Das ist {}.", names.item(item)),
                "Davon ist alles da.".to_owned(),
                "Zurücklegen. Fertig drücken, wenn alles erledigt ist.".to_owned(),
            ],
            Reason::TooMany { item, quantity, open } => vec![
                format!(
                    "Das wären {} {} {}.",
                    names.quantity(*quantity),
                    names.unit(item),
                    names.item(item)
                ),
                format!("Gebraucht werden nur noch {}.", names.quantity(*open)),
                "Weniger nehmen und wenn nötig einzelne Stücke scannen.".to_owned(),
            ],
            Reason::Blocked { item, lot, reason } => vec![
                match lot {
                    Some(lot) => format!("Das ist {} der Charge {lot}.", names.item(item)),
                    None => format!("Das ist {}.", names.item(item)),
                },
                format!("Gesperrt: {reason}."),
                "Lass es liegen und nimm ein anderes, oder drücke Fehlt.".to_owned(),
            ],
            Reason::MayNotRelease { item, lot, reason } => vec![
                match lot {
                    Some(lot) => format!("Das ist {} der Charge {lot}.", names.item(item)),
                    None => format!("Das ist {}.", names.item(item)),
                },
                format!("Gesperrt: {reason}."),
                "Freigeben kann es nur das Büro. Wähle eine andere Antwort.".to_owned(),
            ],
            Reason::WrongUnit { scanned, wanted } => vec![
                format!("Das ist {scanned}."),
                format!("Gebraucht wird {wanted}."),
                format!("Scanne {wanted}."),
            ],
            Reason::UnitNotOnList { unit } => vec![
                format!("Das ist {unit}."),
                "Steht nicht auf der Liste.".to_owned(),
                "Lass es stehen, oder drücke Problem, wenn es hierher gehört.".to_owned(),
            ],
            Reason::UnitDone { unit } => vec![
                format!("{unit} ist schon erledigt."),
                "Scanne das nächste. Drücke Zurück, wenn es ein Versehen war.".to_owned(),
            ],
            Reason::WrongVehicle { scanned, wanted } => vec![
                format!("Das ist {scanned}."),
                format!("Gebraucht wird {wanted}."),
                "Nicht verladen. Geh zum richtigen Tor.".to_owned(),
            ],
            Reason::WrongCheckDigits { location } => vec![
                "Diese Ziffern gehören zu einem anderen Platz.".to_owned(),
                format!("Gebraucht wird {location}."),
                "Sieh auf die Adresse und tippe dann die Ziffern daneben.".to_owned(),
            ],
            Reason::WrongPin => say(&[
                "Das ist nicht deine PIN.",
                "Tippe sie noch einmal, oder drücke Escape.",
            ]),
            Reason::CountedBefore { .. } => say(&[
                "Das hast du schon gezählt.",
                "Jemand anders muss nachzählen.",
                "Wähle einen anderen Auftrag.",
            ]),
            Reason::NoHandlingUnitNumber => say(&[
                "Dieses Gerät hat keine Nummer mehr für einen neuen Karton oder eine Palette.",
                "Scanne einen mit Etikett, oder geh dorthin, wo es Netz gibt.",
            ]),
            Reason::CodeKnown { code, item } => vec![
                format!("Der Code {code} bedeutet schon {}.", names.item(item)),
                "Frag im Büro, wenn das falsch ist.".to_owned(),
            ],
            Reason::HubUnreachable => say(&[
                "Die Zentrale ist gerade nicht zu erreichen.",
                "Versuche es dort, wo es Netz gibt.",
            ]),
            Reason::PlaceCounted { location } => vec![
                format!("{location} ist schon gezählt."),
                "Den nächsten Platz scannen. Zurück drücken, wenn es ein Versehen war.".to_owned(),
            ],
            Reason::CountedByTag { serial } => vec![
                format!("Seriennummer {serial} ist schon durch ihr Funketikett gezählt."),
                "Das nächste Stück scannen.".to_owned(),
            ],
            Reason::SerialRepeated { serial } => vec![
                format!("Seriennummer {serial} ist schon gezählt."),
                "Das nächste Stück scannen.".to_owned(),
            ],
            Reason::BadEntry { typed, wanted } => vec![
                format!("„{typed}“ passt nicht."),
                format!("Gebraucht wird {}.", wanted_words(wanted, names)),
                "Noch einmal tippen oder Escape drücken.".to_owned(),
            ],
            Reason::NothingToUndo => say(&["Es gibt nichts zurückzunehmen."]),
            Reason::KeyUnused => say(&["Diese Taste tut hier nichts."]),
            Reason::TaskWithdrawn { .. } => say(&[
                "Das Büro hat diesen Auftrag zurückgezogen.",
                "Was erledigt ist, ist sicher.",
                "Bitte einen anderen Auftrag wählen.",
            ]),
            Reason::TaskDone { .. } => say(&["Dieser Auftrag ist erledigt.", "Bitte einen anderen wählen."]),
            Reason::PinRefused => say(&["Die PIN war zu oft falsch.", "Den Ausweis noch einmal scannen."]),
            Reason::WrongWay => say(&[
                "Die Ware fuhr hinaus, nicht herein.",
                "Nichts wurde erfasst. Hereinfahren oder scannen.",
            ]),
            Reason::HandOverUnreadable => say(&[
                "Der Code wurde nicht ganz gelesen.",
                "Noch einmal scannen oder eintippen, wie er dort steht.",
            ]),
            Reason::HandOverUnknown => say(&[
                "Dieses Gerät hat den Auftrag zu diesem Code nicht.",
                "Dorthin gehen, wo der Hub erreichbar ist, oder am anderen Gerät weitermachen.",
            ]),
            Reason::LinkableCode { code } => vec![
                format!("Den Code {code} hat hier nichts."),
                "Das Etikett des Artikels scannen, oder mit Problem sagen, was es ist.".to_owned(),
            ],
            Reason::PlacesOpen { open_lines } => vec![
                match open_lines {
                    1 => "1 Platz ist noch nicht gezählt.".to_owned(),
                    open_lines => format!("{open_lines} Plätze sind noch nicht gezählt."),
                },
                "Zählen, oder Problem drücken, wenn man nicht hinkommt.".to_owned(),
            ],
        }
    }

    fn recorded(&self, draft: &Draft, names: &Names<'_>) -> Vec<String> {
        let (act, forward) = draft.progress_act();
        if !forward {
            return match act.moves_goods() {
                true => vec![format!("Zurückgenommen: {}.", names.goods(draft))],
                false => say(&["Zurückgenommen."]),
            };
        }
        let goods = names.goods(draft);
        let done = match act {
            Act::Received => format!("{goods} angenommen."),
            Act::Picked => format!("{goods} entnommen."),
            Act::Counted => format!("{goods} gezählt."),
            Act::Moved => format!("{goods} umgelagert."),
            Act::Packed => format!("{goods} gepackt."),
            Act::Returned => format!("{goods} zurückgenommen."),
            Act::Inspected if is_released(draft) => format!("{goods} freigegeben."),
            Act::StatusChanged | Act::Inspected => format!("{goods}: erfasst."),
            Act::Loaded => match &draft.from {
                Some(Place::HandlingUnit(unit)) => format!("{unit} ist auf dem Fahrzeug."),
                _ => "Es ist auf dem Fahrzeug.".to_owned(),
            },
            Act::UnitClosed => match &draft.from {
                Some(Place::HandlingUnit(unit)) => format!("{unit} ist geschlossen."),
                _ => "Es ist geschlossen.".to_owned(),
            },
            Act::HandedOver => "Übergeben.".to_owned(),
            Act::Observed | Act::Reported => "Erfasst.".to_owned(),
            Act::CodeLinked => match &draft.goods {
                Some(linked) => format!("{} bedeutet ab jetzt {goods}.", linked.code),
                None => "Der Code ist verknüpft.".to_owned(),
            },
            Act::TaskStarted => "Der Auftrag hat begonnen.".to_owned(),
            Act::LocationCounted => match &draft.to {
                Some(Place::Location(place)) => format!("{place} ist gezählt."),
                _ => "Der Platz ist gezählt.".to_owned(),
            },
            Act::LineClosed if draft.exception.is_none() => "Die Position ist beendet.".to_owned(),
            Act::LineClosed if is_left(draft) => "Die Position bleibt so.".to_owned(),
            Act::LineClosed if is_out_of_reach(draft) => "Der Platz bleibt, wie er ist.".to_owned(),
            Act::LineClosed => "Die Position ist mit Fehlmenge beendet.".to_owned(),
            Act::TaskClosed => "Der Auftrag ist erledigt.".to_owned(),
            Act::Reversed => "Zurückgenommen.".to_owned(),
        };
        let noted = draft.exception.as_ref().and_then(|report| match report.code {
            ExceptionCode::Over => Some("Als Mehrmenge erfasst."),
            ExceptionCode::Found => Some("Als Fund erfasst."),
            ExceptionCode::Damaged => Some("Als beschädigt erfasst."),
            ExceptionCode::Elsewhere => Some("Den Meldungen des anderen Geräts überlassen."),
            ExceptionCode::NotReachable => Some("Das Büro erfährt, dass der Platz nicht erreichbar ist."),
            ExceptionCode::TagMissing => Some("Das Büro erfährt, dass das Funketikett fehlt."),
            ExceptionCode::Unsure => Some("Das Büro erfährt von unsicheren Funketiketten."),
            ExceptionCode::WrongGoods => Some("Das Büro erfährt von der falschen Ware."),
            ExceptionCode::Expired => Some("Als zu alt erfasst."),
            ExceptionCode::Blocked => Some("Als gesperrt erfasst."),
            ExceptionCode::LocationFull => Some("Das Büro erfährt, dass der Platz voll ist."),
            ExceptionCode::LocationEmpty => Some("Das Büro erfährt, dass der Platz leer ist."),
            ExceptionCode::OtherPlace => Some("Mit dem anderen Platz erfasst."),
            ExceptionCode::Substitute => Some("Als Ersatz erfasst."),
            ExceptionCode::Unreadable => Some("Das Büro erfährt von dem Etikett."),
            ExceptionCode::UnitFull | ExceptionCode::Short => None,
        });
        std::iter::once(done).chain(noted.map(str::to_owned)).collect()
    }

    fn pass_words(&self) -> PassWords {
        PassWords {
            recorded: "Durchfahrt {pass}: {n} erfasst.",
            nothing: "Durchfahrt {pass}: nichts Neues.",
            units: "Ganze Paletten: {n}.",
            checks: "Zu prüfen: {n}. Etiketten scannen.",
            too_many: "Zu viele Tags: die Ware in Teilen durchfahren.",
            incomplete: "Ein Teil einer Palette fehlt.",
        }
    }

    fn went(&self, place: &Where, names: &Names<'_>) -> Vec<String> {
        match place {
            Where::LoggedIn => match names.worker() {
                Some(name) => vec![format!("Willkommen, {name}.")],
                None => say(&["Willkommen."]),
            },
            Where::LoggedOut => say(&["Abgemeldet."]),
            Where::Task(_) => say(&["Auftrag geöffnet."]),
            Where::LeftTask(_) => say(&["Auftrag verlassen. Was erledigt ist, ist sicher."]),
            Where::Location(location) => vec![format!("{location} stimmt.")],
            Where::Unit(unit) => vec![format!("{unit} stimmt.")],
            Where::Tote(unit) => vec![format!("Ab jetzt in {unit}.")],
            Where::Vehicle(vehicle) => vec![format!("{vehicle} ist richtig.")],
            Where::Skipped => say(&["Für später gelassen."]),
            Where::Kept(_) => say(&["Der Auftrag wartet. Was du getan hast, ist sicher."]),
            Where::Back => say(&["Einen Schritt zurück."]),
            Where::Opening => say(&["Die nächste Palette wird stückweise erfasst."]),
            Where::InHand { item, quantity } => vec![format!(
                "{} {} {} in der Hand.",
                names.quantity(*quantity),
                names.unit(item),
                names.item(item)
            )],
            Where::UnitInHand(unit) => vec![format!("{unit} in der Hand, mit allem darin.")],
            Where::PutInto(Some(unit)) => vec![format!("Lege es in {unit}.")],
            Where::PutInto(None) => say(&["Lege es in einen neuen Behälter."]),
        }
    }

    fn note(&self, note: Note) -> String {
        match note {
            Note::NothingRecorded => "Nichts wurde erfasst.",
            Note::AimAtOne => "Nur einen Code anvisieren.",
            Note::TaskChanged => "Das Büro hat diesen Auftrag geändert.",
            Note::LabelOrdered => "Das Etikett wird gedruckt.",
        }
        .to_owned()
    }

    fn lease_ends(&self, minutes: u32) -> String {
        match minutes {
            0 => "ist abgelaufen".to_owned(),
            minutes => format!("endet in {minutes} min"),
        }
    }

    fn being_counted(&self) -> &'static str {
        "Wird gezählt"
    }

    fn then(&self, place: &str) -> String {
        format!("Danach {place}")
    }

    fn key(&self, key: KeyUse) -> &'static str {
        match key {
            KeyUse::Yes => "Ja",
            KeyUse::No => "Nein",
            KeyUse::Enter => "OK",
            KeyUse::Backspace => "Löschen",
            KeyUse::Cancel => "Abbrechen",
            KeyUse::Undo => "Zurück",
            KeyUse::Done => "Fertig",
            KeyUse::Short => "Fehlt",
            KeyUse::Skip => "Später",
            KeyUse::Exception => "Problem",
            KeyUse::Menu => "Menü",
            KeyUse::Type => "Tippen",
            KeyUse::Leave => "Verlassen",
            KeyUse::LogOut => "Abmelden",
            KeyUse::StillToDo => "Noch zu tun",
            KeyUse::DoneAlready => "Schon erledigt",
            KeyUse::OpenUnit => "Palette öffnen",
            KeyUse::NewUnit => "Neuer Karton",
            KeyUse::Missing => "Was fehlt?",
        }
    }

    fn label(&self, label: Label) -> &'static str {
        match label {
            Label::Item => "Artikel",
            Label::Number => "Nummer",
            Label::Lot => "Charge",
            Label::Take => "Menge",
            Label::Tote => "In",
            Label::From => "Von",
            Label::To => "Nach",
            Label::Why => "Weil",
            Label::Carton => "Karton",
            Label::Vehicle => "Fahrzeug",
            Label::Missing => "Fehlt",
            Label::HeldBy => "Bei",
            Label::MaybeDoneBy => "Evtl. erledigt von",
            Label::Lease => "Zuteilung",
            Label::InHand => "In der Hand",
            Label::Code => "Strichcode",
            Label::LinesDone => "Positionen",
            Label::LinesPerHour => "Positionen pro Stunde",
            Label::Walking => "Gehen",
            Label::Scanning => "Scannen",
            Label::Waiting => "Warten auf das Gerät",
            Label::Pauses => "Pausen",
            Label::Tags => "Funketiketten",
            Label::MaybeNext => "Vielleicht nebenan",
            Label::Kept => "Gesichert",
            Label::Signal => "Signalstärke",
            Label::Serial => "Seriennummer",
            Label::Matched => "Gefunden",
            Label::Surplus => "Zu viel",
            Label::Stray => "Fremde Tags",
            Label::ToCheck => "Zu prüfen",
        }
    }
}

fn scanned_words(scanned: &Scanned, names: &Names<'_>) -> String {
    match scanned {
        Scanned::Location(location) => format!("der Platz {location}"),
        Scanned::Item(item) => names.item(item),
        Scanned::HandlingUnit(unit) => format!("der Behälter {unit}"),
        Scanned::Badge => "ein Ausweis oder eine Karte".to_owned(),
        Scanned::Reference(reference) => format!("der Beleg {reference}"),
        Scanned::Text(text) => format!("der Code {text}"),
    }
}

fn wanted_words(wanted: &Wanted, names: &Names<'_>) -> String {
    match wanted {
        Wanted::AnyLocation => "ein Platz dieses Auftrags".to_owned(),
        Wanted::Location(location) => format!("der Platz {location}"),
        Wanted::AnyItem => "ein Artikel".to_owned(),
        Wanted::Item(item) => names.item(item),
        Wanted::Tote => "ein Behälter".to_owned(),
        Wanted::AnyUnit => "ein Behälter, Karton oder eine Palette".to_owned(),
        Wanted::HandlingUnit(unit) => format!("der Behälter oder die Palette {unit}"),
        Wanted::Carton => "ein Karton".to_owned(),
        Wanted::Destination => "der Platz, wohin es kommt".to_owned(),
        Wanted::Vehicle(vehicle) => format!("das Fahrzeug {vehicle}"),
        Wanted::Weight => "ein Gewicht in kg".to_owned(),
        Wanted::Check(check) => check_words(*check).to_owned(),
        Wanted::Pin => "deine PIN".to_owned(),
        Wanted::Badge => "ein Ausweis".to_owned(),
        Wanted::Quantity => "eine Zahl über 0".to_owned(),
        Wanted::Lot => "eine Charge".to_owned(),
        Wanted::Date => "ein Datum, etwa 31.12.27".to_owned(),
        Wanted::Serial => "eine Seriennummer".to_owned(),
        Wanted::Answer => "eine Antwort auf die Frage".to_owned(),
        Wanted::Done => "nichts mehr: Alle Positionen sind erledigt".to_owned(),
        Wanted::AnyPlace => "ein Platz".to_owned(),
    }
}

const fn wanted_action(wanted: &Wanted) -> &'static str {
    match wanted {
        Wanted::AnyLocation => "Zuerst das Etikett des Platzes scannen.",
        Wanted::Location(_) => "Hingehen und das Etikett des Platzes scannen.",
        Wanted::AnyItem | Wanted::Item(_) => "Den Artikel scannen oder Tippen drücken.",
        Wanted::Tote => "Zuerst den Behälter scannen.",
        Wanted::AnyUnit | Wanted::HandlingUnit(_) => "Scanne das Etikett.",
        Wanted::Carton => "Scanne zuerst den Karton.",
        Wanted::Destination => "Bring es hin und scanne den Platz.",
        Wanted::Vehicle(_) => "Scanne zuerst das Tor oder das Fahrzeug.",
        Wanted::Weight => "Tippe das Gewicht und drücke Enter, oder drücke Escape.",
        Wanted::Check(_) => "Tippe oder scanne es, oder drücke Escape.",
        Wanted::Pin => "Tippe sie und drücke Enter, oder drücke Escape.",
        Wanted::Badge => "Scanne einen Ausweis, oder drücke Escape.",
        Wanted::Quantity => "Zahl tippen und Enter drücken, oder Escape drücken.",
        Wanted::Lot | Wanted::Date | Wanted::Serial => "Scannen oder tippen, oder Escape drücken.",
        Wanted::Answer => "Enter drücken für ja, Escape für nein.",
        Wanted::Done => "Fertig drücken.",
        Wanted::AnyPlace => "Das Etikett des Platzes scannen.",
    }
}

/// What is to be looked at, as it is asked for.
fn check_question(check: Check, unit: Option<&str>) -> String {
    let of = unit.map_or_else(String::new, |unit| format!(" von {unit}"));
    match check {
        Check::Seal => format!("Nummer der Plombe{of} scannen oder tippen"),
        Check::Temperature => format!("Welche Temperatur{of} in °C?"),
        Check::Weight => format!("Welches Bruttogewicht{of} in kg?"),
        Check::Signature => "Wer übergibt? Ausweis scannen oder Namen tippen".to_owned(),
        Check::Condition => format!("Welcher Zustand{of}?"),
    }
}

const fn check_words(check: Check) -> &'static str {
    match check {
        Check::Seal => "die Nummer einer Plombe",
        Check::Temperature => "eine Temperatur in °C, etwa -18,5",
        Check::Weight => "ein Bruttogewicht in kg",
        Check::Signature => "ein Name",
        Check::Condition => "ein Zustand",
    }
}
