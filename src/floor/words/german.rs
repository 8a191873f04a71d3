//! German.

use super::{Instruction, KeyUse, Label, Names, Words};
use crate::confirmation::{Act, Draft, ExceptionCode, Place};
use crate::kinds::ShortReason;
use crate::session::work::Note;
use crate::task::TaskKind;
use crate::verdict::{Question, Reason, Scanned, Wanted, Where};

pub(super) struct German;

impl Words for German {
    fn tasks(&self) -> &'static str {
        "Aufträge"
    }

    fn which_task(&self) -> &'static str {
        "Welcher Auftrag?"
    }

    fn title(&self, kind: &TaskKind, reference: &str) -> String {
        let kind = match kind {
            TaskKind::Receive { .. } => "Wareneingang",
            TaskKind::Pick { .. } => "Kommissionieren",
            TaskKind::Count => "Zählen",
        };
        format!("{kind} {reference}")
    }

    fn instruction(&self, instruction: Instruction) -> &'static str {
        match instruction {
            Instruction::ChooseTask => "Beleg scannen oder Ziffer drücken",
            Instruction::NoTasks => "Keine Aufträge. Beleg scannen, sobald einer da ist",
            Instruction::ScanTote => "Behälter scannen",
            Instruction::GoTo => "Hingehen und Platz scannen",
            Instruction::ScanLocation => "Platz zum Zählen scannen",
            Instruction::ScanItem => "Artikel scannen",
            Instruction::ScanAnyItem => "Einen Artikel scannen",
            Instruction::Complete => "Alles erledigt. Fertig drücken",
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
                    "Das sind {by} {} mehr als erwartet. Trotzdem erfassen?",
                    names.item(item)
                )
            }
            Question::ShortReason { missing } if missing.is_zero() => "Warum fehlt etwas?".to_owned(),
            Question::ShortReason { missing } => format!("{missing} fehlen. Warum?"),
            Question::Empty { location } => format!("Auf {location} nichts gezählt. Ist der Platz leer?"),
            Question::CountComplete { location } => format!("Ist {location} vollständig gezählt?"),
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
            Question::TwoInView { seen } => {
                format!(
                    "Zwei Codes im Blick: {}. Nur einen anvisieren.",
                    seen.join(" und ")
                )
            }
        }
    }

    fn short_reason(&self, reason: ShortReason) -> &'static str {
        match reason {
            ShortReason::Empty => "Platz ist leer",
            ShortReason::Damaged => "Beschädigt",
            ShortReason::NotFound => "Nicht gefunden",
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
            Reason::BadLabel { message } => vec![
                "Dieses Etikett ist fehlerhaft.".to_owned(),
                message.clone(),
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
                format!("Das läuft am {} ab.", expiry.strftime("%d.%m.%Y")),
                "Das ist zu früh.".to_owned(),
                "Beiseitelegen und ein anderes Stück scannen, oder Fehlt drücken.".to_owned(),
            ],
            Reason::LineFull { item } => vec![
                format!("Das ist {}.", names.item(item)),
                "Davon ist alles da.".to_owned(),
                "Zurücklegen. Fertig drücken, wenn alles erledigt ist.".to_owned(),
            ],
            Reason::TooMany { item, quantity, open } => vec![
                format!("Das wären {quantity} {} {}.", names.unit(item), names.item(item)),
                format!("Gebraucht werden nur noch {open}."),
                "Weniger nehmen und wenn nötig einzelne Stücke scannen.".to_owned(),
            ],
            Reason::PlaceCounted { location } => vec![
                format!("{location} ist schon gezählt."),
                "Den nächsten Platz scannen. Zurück drücken, wenn es ein Versehen war.".to_owned(),
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
            Act::LocationCounted => match &draft.to {
                Some(Place::Location(place)) => format!("{place} ist gezählt."),
                _ => "Der Platz ist gezählt.".to_owned(),
            },
            Act::LineClosed if is_left(draft) => "Die Position bleibt so.".to_owned(),
            Act::LineClosed => "Die Position ist mit Fehlmenge beendet.".to_owned(),
            Act::TaskClosed => "Der Auftrag ist erledigt.".to_owned(),
            Act::Reversed => "Zurückgenommen.".to_owned(),
        };
        let noted = draft.exception.as_ref().and_then(|report| match report.code {
            ExceptionCode::Over => Some("Als Übermenge erfasst."),
            ExceptionCode::Found => Some("Als gefunden erfasst."),
            ExceptionCode::Damaged => Some("Als beschädigt erfasst."),
            ExceptionCode::Elsewhere => Some("Dem anderen Gerät überlassen."),
            ExceptionCode::Short => None,
        });
        std::iter::once(done).chain(noted.map(str::to_owned)).collect()
    }

    fn went(&self, place: &Where, _names: &Names<'_>) -> Vec<String> {
        match place {
            Where::LoggedIn => say(&["Willkommen."]),
            Where::LoggedOut => say(&["Abgemeldet."]),
            Where::Task(_) => say(&["Auftrag geöffnet."]),
            Where::LeftTask(_) => say(&["Auftrag verlassen. Was erledigt ist, ist sicher."]),
            Where::Location(location) => vec![format!("{location} stimmt.")],
            Where::Tote(unit) => vec![format!("Ab jetzt in {unit}.")],
            Where::Back => say(&["Einen Schritt zurück."]),
        }
    }

    fn note(&self, note: Note) -> String {
        match note {
            Note::NothingRecorded => "Nichts wurde erfasst.",
            Note::AimAtOne => "Nur einen Code anvisieren.",
            Note::TaskChanged => "Das Büro hat diesen Auftrag geändert.",
        }
        .to_owned()
    }

    fn lease_ends(&self, minutes: u32) -> String {
        match minutes {
            0 => "ist abgelaufen".to_owned(),
            minutes => format!("endet in {minutes} min"),
        }
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
            KeyUse::Type => "Tippen",
            KeyUse::Leave => "Verlassen",
            KeyUse::LogOut => "Abmelden",
            KeyUse::StillToDo => "Noch zu tun",
            KeyUse::DoneAlready => "Schon erledigt",
        }
    }

    fn label(&self, label: Label) -> &'static str {
        match label {
            Label::Item => "Artikel",
            Label::Number => "Nummer",
            Label::Lot => "Charge",
            Label::Take => "Menge",
            Label::Tote => "In",
            Label::HeldBy => "Bei",
            Label::MaybeDoneBy => "Evtl. erledigt von",
            Label::Lease => "Zuteilung",
        }
    }
}

/// Whether a line was left to the records of another device.
fn is_left(draft: &Draft) -> bool {
    let report = draft.exception.as_ref();
    report.is_some_and(|report| report.code == ExceptionCode::Elsewhere)
}

fn say(sentences: &[&str]) -> Vec<String> {
    sentences.iter().map(|&sentence| sentence.to_owned()).collect()
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
        Wanted::Quantity => "eine Zahl über 0".to_owned(),
        Wanted::Lot => "eine Charge".to_owned(),
        Wanted::Date => "ein Datum, etwa 31.12.27".to_owned(),
        Wanted::Serial => "eine Seriennummer".to_owned(),
        Wanted::Answer => "eine Antwort auf die Frage".to_owned(),
        Wanted::Done => "nichts mehr: Alle Positionen sind erledigt".to_owned(),
    }
}

const fn wanted_action(wanted: &Wanted) -> &'static str {
    match wanted {
        Wanted::AnyLocation => "Zuerst das Etikett des Platzes scannen.",
        Wanted::Location(_) => "Hingehen und das Etikett des Platzes scannen.",
        Wanted::AnyItem | Wanted::Item(_) => "Den Artikel scannen oder Tippen drücken.",
        Wanted::Tote => "Zuerst den Behälter scannen.",
        Wanted::Quantity => "Zahl tippen und Enter drücken, oder Escape drücken.",
        Wanted::Lot | Wanted::Date | Wanted::Serial => "Scannen oder tippen, oder Escape drücken.",
        Wanted::Answer => "Enter drücken für ja, Escape für nein.",
        Wanted::Done => "Fertig drücken.",
    }
}
