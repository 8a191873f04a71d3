//! Spanish.

use super::{Notice, PrinterNotice, PrinterState, Texts};

pub(super) struct Spanish;

impl Texts for Spanish {
    fn heading(&self, notice: Notice) -> (&'static str, &'static str) {
        match notice {
            Notice::NoRoom => ("Sin empezar", "Queda muy poca memoria para esta tarea"),
            Notice::Mistake => ("Sin contar", "El programa cometió un error"),
            Notice::Full | Notice::Failed | Notice::Unreadable | Notice::Busy | Notice::SetUp(_) => {
                ("Sin contar", "No se guardó nada")
            }
        }
    }

    fn sentences(&self, notice: Notice) -> [&'static str; 2] {
        match notice {
            Notice::Full => [
                "La memoria de este dispositivo está llena: el último escaneo no se contó.",
                "Todo lo anterior está guardado. Lleva el dispositivo a tu responsable.",
            ],
            Notice::NoRoom => [
                "La memoria de este dispositivo está casi llena: no se empieza ninguna tarea.",
                "Todo lo contado está guardado. Coge otro dispositivo y lleva este a tu responsable.",
            ],
            Notice::Failed => [
                "La memoria de este dispositivo ha fallado: quizá no se contó el último escaneo.",
                "Deja de trabajar con él y llévalo a tu responsable.",
            ],
            Notice::Unreadable => [
                "Este dispositivo no puede leer lo que guardó: el último escaneo no se contó.",
                "Lleva el dispositivo a tu responsable.",
            ],
            Notice::Busy => [
                "La memoria de este dispositivo estaba ocupada: el último escaneo no se contó.",
                "Escanéalo otra vez.",
            ],
            // Said in words of their own.
            Notice::SetUp(_) => ["", ""],
            Notice::Mistake => [
                "El último escaneo no se contó.",
                "Inténtalo otra vez; si se repite, avisa a tu responsable.",
            ],
        }
    }

    fn starting(&self) -> &'static str {
        "Arrancando"
    }

    fn repetition(&self) -> &'static str {
        "El mismo código llegó dos veces a la vez: se contó una."
    }

    fn printer(&self, notice: PrinterNotice) -> &'static str {
        match notice {
            PrinterNotice::Waits(PrinterState::PaperOut) => {
                "La impresora no tiene etiquetas: pon más y sigue sola."
            }
            PrinterNotice::Waits(PrinterState::RibbonOut) => {
                "La impresora no tiene cinta: pon una y sigue sola."
            }
            PrinterNotice::Waits(PrinterState::HeadOpen) => {
                "La impresora está abierta: ciérrala y sigue sola."
            }
            PrinterNotice::Waits(PrinterState::Paused) => {
                "La impresora está en pausa: pulsa su tecla de pausa."
            }
            PrinterNotice::Waits(_) => {
                "La impresora no responde: la etiqueta espera. Mira si está encendida."
            }
            PrinterNotice::Prints => "La impresora imprime otra vez.",
            PrinterNotice::TooMany => {
                "Demasiadas etiquetas esperan a la impresora: la más antigua no se imprime."
            }
            PrinterNotice::Unprintable => {
                "La etiqueta no se imprime: su contenido no cabe. Avisa a tu responsable."
            }
            PrinterNotice::NoPrinter => {
                "No se imprime ninguna etiqueta: este dispositivo no tiene impresora."
            }
        }
    }

    fn battery(&self) -> &'static str {
        "La batería está casi vacía: cámbiala ahora. Todo lo contado está a salvo."
    }

    fn silent_neighbour(&self) -> &'static str {
        "El portal de al lado no responde: escanea las etiquetas."
    }
}
