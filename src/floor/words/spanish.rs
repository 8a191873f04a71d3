//! Spanish.

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

pub(super) struct Spanish;

impl Words for Spanish {
    fn locale(&self) -> Locale {
        Locale {
            decimal_mark: ',',
            date_pattern: "%d/%m/%Y",
        }
    }

    fn tasks(&self) -> &'static str {
        "Tareas"
    }

    fn which_task(&self) -> &'static str {
        "¿Qué tarea?"
    }

    fn title(&self, kind: &TaskKind, reference: &str) -> String {
        let kind = match kind {
            TaskKind::Receive(_) => "Recibir",
            TaskKind::Putaway => "Ubicar",
            TaskKind::Replenish => "Reponer",
            TaskKind::Move => "Mover",
            TaskKind::Pick(_) => "Preparar",
            TaskKind::Pack(_) => "Embalar",
            TaskKind::Load(_) => "Cargar",
            TaskKind::Count(_) => "Contar",
            TaskKind::Return(_) => "Devolución",
            TaskKind::Inspect(_) => "Inspeccionar",
        };
        format!("{kind} {reference}")
    }

    fn instruction(&self, instruction: Instruction) -> &'static str {
        match instruction {
            Instruction::ChooseTask => "Escanea un documento o pulsa un número",
            Instruction::NoTasks => "No hay tareas. Escanea un documento cuando lo tengas",
            Instruction::ScanTote => "Escanea la cubeta",
            Instruction::GoTo => "Ve allí y escanea la ubicación",
            Instruction::ScanPlace => "Escanea la ubicación donde está",
            Instruction::ScanLocation => "Escanea una ubicación para contar",
            Instruction::ScanItem => "Escanea el artículo",
            Instruction::ScanAnyItem => "Escanea un artículo",
            Instruction::ScanUnit => "Escanea la cubeta, la caja o el palé",
            Instruction::ScanCarton => "Escanea la caja en la que embalas",
            Instruction::BringTo => "Llévalo allí y escanea la ubicación",
            Instruction::PutInto => "Ponlo ahí y escanea la cubeta",
            Instruction::ScanVehicle => "Escanea el muelle o el camión",
            Instruction::ScanSource => "Escanea la ubicación de donde lo coges",
            Instruction::ScanDestination => "Escanea la ubicación adonde va",
            Instruction::HandOver => "Deja allí la cubeta y escanea la ubicación",
            Instruction::ScanDamaged => "Escanea la mercancía dañada",
            Instruction::ScanToLookUp => "Escanea un artículo, un lugar o una cubeta",
            Instruction::Asking => "Preguntando al hub …",
            Instruction::NothingInStock => "No hay existencias",
            Instruction::InStock => "En existencias",
            Instruction::KeepSweeping => "Sigue pasando el lector por la mercancía",
            Instruction::SweepDone => "No llega nada nuevo. Pulsa Listo",
            Instruction::TooCloseToTell => "Mercancía demasiado cerca. Escanea etiquetas",
            Instruction::NothingMissing => "Aquí no falta nada",
            Instruction::AskAgain => "El hub aún no lo sabe. Pulsa OK para preguntar otra vez",
            Instruction::ChooseMissing => "Pulsa el número de lo que buscas",
            Instruction::FollowSignal => "Ve hacia donde crece la señal",
            Instruction::DriveThrough => "Pasa la mercancía por el portal o escanéala",
            Instruction::Passing => "La mercancía pasa por el portal",
            Instruction::CheckLabel => "Busca esta pieza y escanea su etiqueta",
            Instruction::Complete => "Todo hecho. Pulsa Listo",
            Instruction::CheckFirst => "Mira primero el camión: pulsa OK",
        }
    }

    fn type_label(&self) -> &'static str {
        "Teclea el código de la etiqueta"
    }

    fn question(&self, question: &Question, names: &Names<'_>) -> String {
        match question {
            Question::Quantity { item, .. } => format!("¿Cuánto hay de {}?", names.item(item)),
            Question::Lot { item } => format!("Escanea o teclea el lote de {}", names.item(item)),
            Question::Expiry { item } => {
                format!(
                    "Escanea o teclea la caducidad de {}, como 31.12.27",
                    names.item(item)
                )
            }
            Question::Serial { item } => {
                format!("Escanea o teclea el número de serie de {}", names.item(item))
            }
            Question::Over { item, by } => {
                format!(
                    "De {1} hay {0} más de lo esperado. ¿Lo registro?",
                    names.quantity(*by),
                    names.item(item)
                )
            }
            Question::Exception { .. } => "¿Qué ocurre?".to_owned(),
            Question::Reason { code, quantity, .. } => {
                match quantity.filter(|quantity| !quantity.is_zero()) {
                    Some(quantity) if *code == ExceptionCode::Short => {
                        format!("Faltan {}. ¿Por qué?", names.quantity(quantity))
                    }
                    _ => format!("{}. ¿Por qué?", self.exception(*code)),
                }
            }
            Question::HowMuch { item, code, .. } => {
                format!("{}: ¿cuánto de {}?", self.exception(*code), names.item(item))
            }
            Question::Weight { item } => format!("¿Cuánto pesa {}, en kg?", names.item(item)),
            Question::Observe { check, unit } => {
                check_question(*check, unit.as_ref().map(|unit| unit.as_str()))
            }
            Question::Substitute { item, wanted } => {
                format!("¿Das {} en lugar de {}?", names.item(item), names.item(wanted))
            }
            Question::ShelfLife { item, expiry } => format!(
                "{} caduca el {}. Es demasiado pronto. ¿Lo coges igualmente?",
                names.item(item),
                names.date(*expiry)
            ),
            Question::Condition { item, .. } | Question::State { item } => {
                format!("¿En qué estado está {}?", names.item(item))
            }
            Question::StaleHolds {
                minutes: Some(minutes),
            } => format!("El último aviso de bloqueos fue hace {minutes} min. ¿Cargas igualmente?"),
            Question::StaleHolds { minutes: None } => {
                "Desde el arranque no se sabe qué está bloqueado. ¿Cargas igualmente?".to_owned()
            }
            Question::LinkItem { code } => {
                format!("Nada tiene el código {code}. Escanea o teclea su artículo.")
            }
            Question::LinkPack { code, item } => {
                format!(
                    "¿Cuántos {} de {} hay en un {code}?",
                    names.unit(item),
                    names.item(item)
                )
            }
            Question::Menu { .. } => "¿Qué quieres hacer?".to_owned(),
            Question::Pin { .. } => "Teclea tu PIN".to_owned(),
            Question::Interrupt { .. } => "Hay algo más urgente. ¿Cambias?".to_owned(),
            Question::Empty { location } => format!("No has contado nada en {location}. ¿Está vacía?"),
            Question::CountComplete { location } => format!("¿Está completo el recuento de {location}?"),
            Question::EndTask { open_lines: 0 } => "¿Eso es todo? ¿Terminas la tarea?".to_owned(),
            Question::EndTask { open_lines: 1 } => {
                "Aún queda 1 línea abierta. ¿Terminas la tarea?".to_owned()
            }
            Question::EndTask { open_lines } => {
                format!("Aún quedan {open_lines} líneas abiertas. ¿Terminas la tarea?")
            }
            Question::Found { code } => {
                format!(
                    "{} no está en la lista. ¿Lo registro como encontrado?",
                    names.code(code)
                )
            }
            Question::TakeOver {
                holder,
                silent_minutes: Some(minutes @ 1..),
                ..
            } => format!("{holder} tiene esta tarea y no da señal desde hace {minutes} min. ¿La asumes?"),
            Question::TakeOver { holder, .. } => {
                format!("{holder} tiene esta tarea. ¿Trabajas en ella igualmente?")
            }
            Question::MaybeDone { holder, .. } => {
                format!("Quizá {holder} ya hizo esto. ¿Falta por hacer?")
            }
            Question::TwoInView { seen } => {
                format!("Hay dos códigos a la vista: {}. Apunta a uno.", seen.join(" y "))
            }
            Question::WhichItem { code } => {
                format!(
                    "{}: escanea el artículo o teclea su número",
                    self.exception(*code)
                )
            }
            Question::LookUp => "¿Qué quieres consultar?".to_owned(),
            Question::HandOver { .. } => {
                "Escanea o teclea este código en el otro dispositivo. Allí se pregunta lo no enviado."
                    .to_owned()
            }
            Question::Figures => "Tus cifras desde que entraste".to_owned(),
            Question::TagMissing { item } => {
                format!("{} se cuenta por su etiqueta RFID. ¿Le falta?", names.item(item))
            }
            Question::Unsure { location, tags, .. } => {
                format!("Sin certeza: {tags}. Escanea sus etiquetas, ¿o cierras {location} sin ellas?")
            }
            Question::Missing {
                location, more: 0, ..
            } => format!("Falta en {location}"),
            Question::Missing { location, more, .. } => format!("Falta en {location}, y {more} más"),
            Question::Locate { piece } => format!("¿Has encontrado {}?", piece.serial),
            Question::NewUnit => "¿Empiezas un palé nuevo e imprimes su etiqueta?".to_owned(),
            Question::Begin { entry } => match entry {
                MenuEntry::Move => "Escanea la ubicación de donde lo coges",
                MenuEntry::FoundUnit => "Escanea la cubeta, la caja o el palé que encontraste",
                MenuEntry::Count => "Escanea la ubicación que vas a contar",
                _ => "Escanea su etiqueta",
            }
            .to_owned(),
        }
    }

    fn type_check_digits(&self) -> &'static str {
        "Teclea los dígitos junto a la ubicación"
    }

    fn exception(&self, code: ExceptionCode) -> &'static str {
        match code {
            ExceptionCode::Short => "Menos de lo esperado",
            ExceptionCode::Over => "Más de lo esperado",
            ExceptionCode::Damaged => "Dañado",
            ExceptionCode::Found => "Encontrado",
            ExceptionCode::WrongGoods => "Mercancía equivocada aquí",
            ExceptionCode::Expired => "Caducado o demasiado viejo",
            ExceptionCode::Blocked => "Bloqueado",
            ExceptionCode::LocationFull => "Ubicación llena",
            ExceptionCode::LocationEmpty => "Ubicación vacía",
            ExceptionCode::OtherPlace => "Otra ubicación",
            ExceptionCode::UnitFull => "Cubeta llena",
            ExceptionCode::Unreadable => "Etiqueta ilegible",
            ExceptionCode::Substitute => "Sustituto",
            ExceptionCode::NotReachable => "No se puede alcanzar",
            ExceptionCode::TagMissing => "Falta etiqueta RFID",
            ExceptionCode::Unsure => "Etiqueta RFID sin certeza",
            ExceptionCode::Elsewhere => "Hecho en otro lado",
        }
    }

    fn released(&self) -> &'static str {
        "Liberado"
    }

    fn reason(&self, word: &str) -> String {
        match word {
            "empty" => "Ubicación vacía",
            "damaged" => "Dañado",
            "not_found" => "No encontrado",
            "broken" => "Roto",
            "wet" => "Mojado",
            "dirty" => "Sucio",
            "packaging" => "Embalaje dañado",
            "full" => "Lleno",
            "too_high" => "Demasiado alto",
            "locked" => "Cerrado con llave",
            "blocked" => "Bloqueado",
            "does_not_fit" => "No cabe",
            "better_place" => "Mejor ubicación",
            "other_item" => "Otro artículo",
            "other_lot" => "Otro lote",
            "mixed" => "Mercancía mezclada",
            "not_counted" => "Sin contar",
            other => other,
        }
        .to_owned()
    }

    fn menu(&self, entry: MenuEntry) -> &'static str {
        match entry {
            MenuEntry::Inquiry => "Consultar existencias",
            MenuEntry::Move => "Mover mercancía",
            MenuEntry::FoundUnit => "Palé encontrado",
            MenuEntry::Count => "Contar una ubicación",
            MenuEntry::OtherTask => "Otra tarea",
            MenuEntry::HandOver => "Entregar",
            MenuEntry::Figures => "Mis cifras",
            MenuEntry::PrintLabel => "Imprimir etiqueta",
        }
    }

    fn label_fault(&self, fault: &LabelFault) -> String {
        use LabelFaultKind as Kind;
        let field = fault.ai.as_ref().map(|ai| format!("({ai})"));
        let what = field.unwrap_or_else(|| "El código".to_owned());
        match fault.kind {
            Kind::Empty => "No se ha leído nada.".to_owned(),
            Kind::Length => format!("{what} tiene una longitud incorrecta."),
            Kind::Character => format!("{what} tiene un carácter que no puede tener."),
            Kind::CheckDigit => format!("{what} tiene un dígito de control incorrecto."),
            Kind::Date => format!("{what} no es una fecha del calendario."),
            Kind::Value => format!("{what} tiene un valor que no existe."),
            Kind::Fields => format!("{what} no se puede separar en campos."),
            Kind::Twice => format!("{what} aparece dos veces con valores distintos."),
            Kind::Together => format!("{what} no puede estar con los otros campos."),
            Kind::Missing => format!(
                "{what} necesita otro campo que falta. Escanea también el otro código de la etiqueta."
            ),
            Kind::Ambiguous => format!("{what} se puede leer de dos maneras."),
        }
    }

    fn rejected(&self, reason: &Reason, names: &Names<'_>) -> Vec<String> {
        match reason {
            Reason::NoWorker => say(&[
                "Nadie ha iniciado sesión.",
                "Esta tarea es para una persona determinada.",
                "Escanea tu tarjeta.",
            ]),
            Reason::NoTask => say(&[
                "No hay ninguna tarea abierta.",
                "Escanea un documento o pulsa el número de una tarea.",
            ]),
            Reason::UnknownCode { code } => vec![
                format!("Aquí nada tiene el código {code}."),
                "Escanea la etiqueta del artículo o pulsa Teclear.".to_owned(),
            ],
            Reason::BadLabel { fault } => vec![
                self.label_fault(fault),
                "Escanea otra etiqueta o pulsa Teclear.".to_owned(),
            ],
            Reason::NotWanted { scanned, wanted } => vec![
                format!("Esto es {}.", scanned_words(scanned, names)),
                format!("Hace falta {}.", wanted_words(wanted, names)),
                wanted_action(wanted).to_owned(),
            ],
            Reason::WrongLocation { scanned, wanted } => vec![
                format!("Esto es {scanned}."),
                format!("Hace falta {wanted}."),
                format!("Ve a {wanted}, o pulsa Listo o Falta si ya has terminado allí."),
            ],
            Reason::WrongItem { scanned, wanted } => vec![
                format!("Esto es {}.", names.item(scanned)),
                format!("Hace falta {}.", names.item(wanted)),
                "Devuélvelo a su sitio y escanea el correcto.".to_owned(),
            ],
            Reason::NotOnList { scanned } => vec![
                format!("Esto es {}.", names.item(scanned)),
                "No está en la lista.".to_owned(),
                "Devuélvelo a su sitio. Pulsa Listo cuando termines.".to_owned(),
            ],
            Reason::WrongLot { scanned, wanted } => vec![
                format!("Este es el lote {scanned}."),
                format!("Hace falta el lote {wanted}."),
                "Devuélvelo y escanea uno del lote correcto, o pulsa Falta.".to_owned(),
            ],
            Reason::Expired { expiry } => vec![
                format!("Esto caduca el {}.", names.date(*expiry)),
                "Es demasiado pronto.".to_owned(),
                "Apártalo y escanea otro, o pulsa Falta.".to_owned(),
            ],
            Reason::LineFull { item } => vec![
                format!("Esto es {}.", names.item(item)),
                "De esto ya está todo lo de la lista.".to_owned(),
                "Devuélvelo a su sitio. Pulsa Listo cuando termines.".to_owned(),
            ],
            Reason::TooMany { item, quantity, open } => vec![
                format!(
                    "Serían {} {} de {}.",
                    names.quantity(*quantity),
                    names.unit(item),
                    names.item(item)
                ),
                format!("Solo hacen falta {} más.", names.quantity(*open)),
                "Coge menos y, si hace falta, escanea pieza a pieza.".to_owned(),
            ],
            Reason::Blocked { item, lot, reason } => vec![
                match lot {
                    Some(lot) => format!("Esto es {} del lote {lot}.", names.item(item)),
                    None => format!("Esto es {}.", names.item(item)),
                },
                format!("Está bloqueado: {reason}."),
                "Déjalo donde está y coge otro, o pulsa Falta.".to_owned(),
            ],
            Reason::MayNotRelease { item, lot, reason } => vec![
                match lot {
                    Some(lot) => format!("Esto es {} del lote {lot}.", names.item(item)),
                    None => format!("Esto es {}.", names.item(item)),
                },
                format!("Está bloqueado: {reason}."),
                "Solo la oficina puede liberarlo. Elige otra respuesta.".to_owned(),
            ],
            Reason::WrongUnit { scanned, wanted } => vec![
                format!("Esto es {scanned}."),
                format!("Hace falta {wanted}."),
                format!("Escanea {wanted}."),
            ],
            Reason::UnitNotOnList { unit } => vec![
                format!("Esto es {unit}."),
                "No está en la lista.".to_owned(),
                "Déjalo, o pulsa Problema si debería estar aquí.".to_owned(),
            ],
            Reason::UnitDone { unit } => vec![
                format!("{unit} ya está hecho."),
                "Escanea el siguiente. Pulsa Deshacer si fue un error.".to_owned(),
            ],
            Reason::WrongVehicle { scanned, wanted } => vec![
                format!("Esto es {scanned}."),
                format!("Hace falta {wanted}."),
                "No cargues. Ve al muelle correcto.".to_owned(),
            ],
            Reason::WrongCheckDigits { location } => vec![
                "Estos dígitos son de otra ubicación.".to_owned(),
                format!("Hace falta {location}."),
                "Mira la dirección y teclea los dígitos que están al lado.".to_owned(),
            ],
            Reason::WrongPin => say(&["Ese no es tu PIN.", "Tecléalo otra vez o pulsa Escape."]),
            Reason::CountedBefore { .. } => say(&[
                "Esto ya lo contaste tú.",
                "Lo tiene que contar otra persona.",
                "Elige otra tarea.",
            ]),
            Reason::NoHandlingUnitNumber => say(&[
                "A este dispositivo no le quedan números para una caja o un palé nuevo.",
                "Escanea uno con etiqueta o ve adonde haya conexión con el hub.",
            ]),
            Reason::CodeKnown { code, item } => vec![
                format!("El código {code} ya significa {}.", names.item(item)),
                "Pregunta en la oficina si no es correcto.".to_owned(),
            ],
            Reason::HubUnreachable => say(&[
                "Ahora no se puede consultar el hub.",
                "Inténtalo otra vez donde haya red.",
            ]),
            Reason::PlaceCounted { location } => vec![
                format!("{location} ya está contada."),
                "Escanea la siguiente ubicación. Pulsa Deshacer si fue un error.".to_owned(),
            ],
            Reason::CountedByTag { serial } => vec![
                format!("El número de serie {serial} ya está contado por su etiqueta RFID."),
                "Escanea la siguiente pieza.".to_owned(),
            ],
            Reason::SerialRepeated { serial } => vec![
                format!("El número de serie {serial} ya está contado."),
                "Escanea la siguiente pieza.".to_owned(),
            ],
            Reason::BadEntry { typed, wanted } => vec![
                format!("\"{typed}\" no es válido."),
                format!("Hace falta {}.", wanted_words(wanted, names)),
                "Teclea otra vez o pulsa Escape.".to_owned(),
            ],
            Reason::NothingToUndo => say(&["No hay nada que deshacer."]),
            Reason::KeyUnused => say(&["Esta tecla no hace nada aquí."]),
            Reason::TaskWithdrawn { .. } => say(&[
                "La oficina ha retirado esta tarea.",
                "Lo que hiciste está guardado.",
                "Elige otra tarea.",
            ]),
            Reason::TaskDone { .. } => say(&["Esta tarea está hecha.", "Elige otra."]),
            Reason::PlacesOpen { open_lines } => vec![
                match open_lines {
                    1 => "Falta contar 1 lugar.".to_owned(),
                    open_lines => format!("Faltan por contar {open_lines} lugares."),
                },
                "Cuéntalo, o pulsa Problema si no se puede alcanzar.".to_owned(),
            ],
            Reason::PinRefused => say(&[
                "El PIN ha fallado demasiadas veces.",
                "Escanea otra vez tu tarjeta.",
            ]),
            Reason::WrongWay => say(&[
                "La mercancía salió, no entró.",
                "No se registró nada. Métela o escanéala.",
            ]),
            Reason::HandOverUnreadable => say(&[
                "El código no se ha leído entero.",
                "Escanéalo otra vez o tecléalo tal como está.",
            ]),
            Reason::HandOverUnknown => say(&[
                "Este dispositivo no tiene la tarea de este código.",
                "Ve donde haya red o sigue con el otro dispositivo.",
            ]),
            Reason::LinkableCode { code } => vec![
                format!("Aquí nada tiene el código {code}."),
                "Escanea la etiqueta del artículo, o pulsa Problema y di qué es.".to_owned(),
            ],
        }
    }

    fn recorded(&self, draft: &Draft, names: &Names<'_>) -> Vec<String> {
        let (act, forward) = draft.progress_act();
        if !forward {
            return match act.moves_goods() {
                true => vec![format!("Deshecho: {}.", names.goods(draft))],
                false => say(&["Deshecho."]),
            };
        }
        let goods = names.goods(draft);
        let done = match act {
            Act::Received => format!("Recibido: {goods}."),
            Act::Picked => format!("Preparado: {goods}."),
            Act::Counted => format!("Contado: {goods}."),
            Act::Moved => format!("Movido: {goods}."),
            Act::Packed => format!("Embalado: {goods}."),
            Act::Returned => format!("Devuelto: {goods}."),
            Act::Inspected if is_released(draft) => format!("Liberado: {goods}."),
            Act::StatusChanged | Act::Inspected => format!("Registrado: {goods}."),
            Act::Loaded => match &draft.from {
                Some(Place::HandlingUnit(unit)) => format!("{unit} está en el camión."),
                _ => "Está en el camión.".to_owned(),
            },
            Act::UnitClosed => match &draft.from {
                Some(Place::HandlingUnit(unit)) => format!("{unit} está cerrado."),
                _ => "Está cerrado.".to_owned(),
            },
            Act::HandedOver => "Entregado.".to_owned(),
            Act::Observed | Act::Reported => "Registrado.".to_owned(),
            Act::CodeLinked => match &draft.goods {
                Some(linked) => format!("{} significa {goods} desde ahora.", linked.code),
                None => "El código está vinculado.".to_owned(),
            },
            Act::TaskStarted => "La tarea ha empezado.".to_owned(),
            Act::LocationCounted => match &draft.to {
                Some(Place::Location(place)) => format!("{place} está contada."),
                _ => "La ubicación está contada.".to_owned(),
            },
            Act::LineClosed if draft.exception.is_none() => "La línea está cerrada.".to_owned(),
            Act::LineClosed if is_out_of_reach(draft) => "El lugar se deja como está.".to_owned(),
            Act::LineClosed if is_left(draft) => "La línea se deja.".to_owned(),
            Act::LineClosed => "La línea se cierra con falta.".to_owned(),
            Act::TaskClosed => "La tarea está hecha.".to_owned(),
            Act::Reversed => "Deshecho.".to_owned(),
        };
        let noted = draft.exception.as_ref().and_then(|report| match report.code {
            ExceptionCode::Over => Some("Registrado como más de lo esperado."),
            ExceptionCode::Found => Some("Registrado como encontrado."),
            ExceptionCode::Damaged => Some("Registrado como dañado."),
            ExceptionCode::NotReachable => Some("La oficina sabe que no se puede llegar al lugar."),
            ExceptionCode::TagMissing => Some("La oficina sabe que falta la etiqueta RFID."),
            ExceptionCode::Unsure => Some("La oficina sabe de etiquetas RFID sin certeza."),
            ExceptionCode::Elsewhere => Some("Queda para los registros del otro dispositivo."),
            ExceptionCode::WrongGoods => Some("La oficina recibe aviso de la mercancía equivocada."),
            ExceptionCode::Expired => Some("Registrado como demasiado viejo."),
            ExceptionCode::Blocked => Some("Registrado como bloqueado."),
            ExceptionCode::LocationFull => Some("La oficina recibe aviso de que la ubicación está llena."),
            ExceptionCode::LocationEmpty => Some("La oficina recibe aviso de que la ubicación está vacía."),
            ExceptionCode::OtherPlace => Some("Registrado con la otra ubicación."),
            ExceptionCode::Substitute => Some("Registrado como sustituto."),
            ExceptionCode::Unreadable => Some("La oficina recibe aviso de la etiqueta."),
            ExceptionCode::UnitFull | ExceptionCode::Short => None,
        });
        std::iter::once(done).chain(noted.map(str::to_owned)).collect()
    }

    fn pass_words(&self) -> PassWords {
        PassWords {
            recorded: "Paso {pass}: {n} registrados.",
            nothing: "Paso {pass}: nada nuevo.",
            units: "Palés enteros: {n}.",
            checks: "Por revisar: {n}. Escanea sus etiquetas.",
            too_many: "Demasiados tags: pasa la mercancía por partes.",
            incomplete: "Falta una parte de un palé.",
        }
    }

    fn went(&self, place: &Where, names: &Names<'_>) -> Vec<String> {
        match place {
            Where::LoggedIn => match names.worker() {
                Some(name) => vec![format!("Te damos la bienvenida, {name}.")],
                None => say(&["Te damos la bienvenida."]),
            },
            Where::LoggedOut => say(&["Has cerrado la sesión."]),
            Where::Task(_) => say(&["Tarea abierta."]),
            Where::LeftTask(_) => say(&["Has salido de la tarea. Lo que hiciste está guardado."]),
            Where::Location(location) => vec![format!("{location} es correcta.")],
            Where::Unit(unit) => vec![format!("{unit} es correcta.")],
            Where::Tote(unit) => vec![format!("Desde ahora, en {unit}.")],
            Where::Vehicle(vehicle) => vec![format!("{vehicle} es correcto.")],
            Where::Skipped => say(&["Queda para más tarde."]),
            Where::Kept(_) => say(&["La tarea te espera. Lo que hiciste está guardado."]),
            Where::Back => say(&["Un paso atrás."]),
            Where::Opening => say(&["El siguiente palé se registra pieza a pieza."]),
            Where::InHand { item, quantity } => vec![format!(
                "En mano: {} {} de {}.",
                names.quantity(*quantity),
                names.unit(item),
                names.item(item)
            )],
            Where::UnitInHand(unit) => vec![format!("En mano: {unit}, con todo lo que lleva dentro.")],
            Where::PutInto(Some(unit)) => vec![format!("Ponlo en {unit}.")],
            Where::PutInto(None) => say(&["Ponlo en una cubeta nueva."]),
        }
    }

    fn note(&self, note: Note) -> String {
        match note {
            Note::NothingRecorded => "No se ha registrado nada.",
            Note::AimAtOne => "Apunta a un solo código.",
            Note::TaskChanged => "La oficina ha cambiado esta tarea.",
            Note::LabelOrdered => "La etiqueta se está imprimiendo.",
        }
        .to_owned()
    }

    fn lease_ends(&self, minutes: u32) -> String {
        match minutes {
            0 => "ha vencido".to_owned(),
            minutes => format!("vence en {minutes} min"),
        }
    }

    fn being_counted(&self) -> &'static str {
        "Se está contando"
    }

    fn then(&self, place: &str) -> String {
        format!("Después {place}")
    }

    fn key(&self, key: KeyUse) -> &'static str {
        match key {
            KeyUse::Yes => "Sí",
            KeyUse::No => "No",
            KeyUse::Enter => "OK",
            KeyUse::Backspace => "Borrar",
            KeyUse::Cancel => "Cancelar",
            KeyUse::Undo => "Deshacer",
            KeyUse::Done => "Listo",
            KeyUse::Short => "Falta",
            KeyUse::Skip => "Saltar",
            KeyUse::Exception => "Problema",
            KeyUse::Menu => "Menú",
            KeyUse::Type => "Teclear",
            KeyUse::Leave => "Salir",
            KeyUse::LogOut => "Cerrar sesión",
            KeyUse::StillToDo => "Por hacer",
            KeyUse::DoneAlready => "Ya hecho",
            KeyUse::OpenUnit => "Abrir palé",
            KeyUse::NewUnit => "Caja nueva",
            KeyUse::Missing => "¿Qué falta?",
        }
    }

    fn label(&self, label: Label) -> &'static str {
        match label {
            Label::Item => "Artículo",
            Label::Number => "Número",
            Label::Lot => "Lote",
            Label::Take => "Coge",
            Label::Tote => "En",
            Label::From => "De",
            Label::To => "A",
            Label::Why => "Porque",
            Label::Carton => "Caja",
            Label::Vehicle => "Camión",
            Label::Missing => "Falta",
            Label::Code => "Código",
            Label::LinesDone => "Líneas",
            Label::LinesPerHour => "Líneas por hora",
            Label::Walking => "Andando",
            Label::Scanning => "Escaneando",
            Label::Waiting => "Esperando al dispositivo",
            Label::Pauses => "Pausas",
            Label::Tags => "Etiquetas RFID",
            Label::MaybeNext => "Quizá al lado",
            Label::Kept => "Guardado",
            Label::Signal => "Señal",
            Label::Serial => "Número de serie",
            Label::Matched => "Encontrado",
            Label::Surplus => "De más",
            Label::Stray => "Tags ajenos",
            Label::ToCheck => "Por revisar",
            Label::HeldBy => "Lo tiene",
            Label::MaybeDoneBy => "Quizá hecho por",
            Label::Lease => "Asignación",
            Label::InHand => "En mano",
        }
    }
}

fn scanned_words(scanned: &Scanned, names: &Names<'_>) -> String {
    match scanned {
        Scanned::Location(location) => format!("la ubicación {location}"),
        Scanned::Item(item) => names.item(item),
        Scanned::HandlingUnit(unit) => format!("la cubeta o el palé {unit}"),
        Scanned::Badge => "una tarjeta".to_owned(),
        Scanned::Reference(reference) => format!("el documento {reference}"),
        Scanned::Text(text) => format!("el código {text}"),
    }
}

fn wanted_words(wanted: &Wanted, names: &Names<'_>) -> String {
    match wanted {
        Wanted::AnyLocation => "una ubicación de esta tarea".to_owned(),
        Wanted::Location(location) => format!("la ubicación {location}"),
        Wanted::AnyItem => "un artículo".to_owned(),
        Wanted::Item(item) => names.item(item),
        Wanted::Tote => "una cubeta".to_owned(),
        Wanted::AnyUnit => "una cubeta, una caja o un palé".to_owned(),
        Wanted::HandlingUnit(unit) => format!("la cubeta o el palé {unit}"),
        Wanted::Carton => "una caja".to_owned(),
        Wanted::Destination => "la ubicación adonde va".to_owned(),
        Wanted::Vehicle(vehicle) => format!("el camión {vehicle}"),
        Wanted::Weight => "un peso en kg".to_owned(),
        Wanted::Check(check) => check_words(*check).to_owned(),
        Wanted::Pin => "tu PIN".to_owned(),
        Wanted::Badge => "una tarjeta".to_owned(),
        Wanted::Quantity => "un número mayor que 0".to_owned(),
        Wanted::Lot => "un lote".to_owned(),
        Wanted::Date => "una fecha, como 31.12.27".to_owned(),
        Wanted::Serial => "un número de serie".to_owned(),
        Wanted::Answer => "una respuesta a la pregunta".to_owned(),
        Wanted::Done => "nada más: todas las líneas están hechas".to_owned(),
        Wanted::AnyPlace => "una ubicación".to_owned(),
    }
}

const fn wanted_action(wanted: &Wanted) -> &'static str {
    match wanted {
        Wanted::AnyLocation => "Escanea primero la etiqueta de la ubicación.",
        Wanted::Location(_) => "Ve allí y escanea su etiqueta.",
        Wanted::AnyItem | Wanted::Item(_) => "Escanea el artículo o pulsa Teclear.",
        Wanted::Tote => "Escanea primero la cubeta.",
        Wanted::AnyUnit | Wanted::HandlingUnit(_) => "Escanea su etiqueta.",
        Wanted::Carton => "Escanea primero la caja.",
        Wanted::Destination => "Llévalo allí y escanea la ubicación.",
        Wanted::Vehicle(_) => "Escanea primero el muelle o el camión.",
        Wanted::Weight => "Teclea el peso y pulsa Enter, o pulsa Escape.",
        Wanted::Check(_) => "Tecléalo o escanéalo, o pulsa Escape.",
        Wanted::Pin => "Tecléalo y pulsa Enter, o pulsa Escape.",
        Wanted::Badge => "Escanea una tarjeta o pulsa Escape.",
        Wanted::Quantity => "Teclea el número y pulsa Enter, o pulsa Escape.",
        Wanted::Lot | Wanted::Date | Wanted::Serial => "Escanéalo o tecléalo, o pulsa Escape.",
        Wanted::Answer => "Pulsa Enter para sí, Escape para no.",
        Wanted::Done => "Pulsa Listo.",
        Wanted::AnyPlace => "Escanea la etiqueta de la ubicación.",
    }
}

/// What is to be looked at, as it is asked for.
fn check_question(check: Check, unit: Option<&str>) -> String {
    let of = unit.map_or_else(String::new, |unit| format!(" de {unit}"));
    match check {
        Check::Seal => format!("Escanea o teclea el número del precinto{of}"),
        Check::Temperature => format!("¿Cuál es la temperatura{of}, en °C?"),
        Check::Weight => format!("¿Cuál es el peso bruto{of}, en kg?"),
        Check::Signature => "¿Quién entrega? Escanea la tarjeta o teclea el nombre".to_owned(),
        Check::Condition => format!("¿Cuál es el estado{of}?"),
    }
}

const fn check_words(check: Check) -> &'static str {
    match check {
        Check::Seal => "el número de un precinto",
        Check::Temperature => "una temperatura en °C, como -18,5",
        Check::Weight => "un peso bruto en kg",
        Check::Signature => "un nombre",
        Check::Condition => "un estado",
    }
}
