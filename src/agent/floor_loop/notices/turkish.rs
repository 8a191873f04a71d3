//! Turkish.

use super::{Notice, PrinterNotice, PrinterState, Texts};

pub(super) struct Turkish;

impl Texts for Turkish {
    fn heading(&self, notice: Notice) -> (&'static str, &'static str) {
        match notice {
            Notice::NoRoom => ("Başlamadı", "Bu görev için depolama alanı çok az"),
            Notice::Mistake => ("Sayılmadı", "Program bir hata yaptı"),
            Notice::Full | Notice::Failed | Notice::Unreadable | Notice::Busy | Notice::SetUp(_) => {
                ("Sayılmadı", "Hiçbir şey kaydedilmedi")
            }
        }
    }

    fn sentences(&self, notice: Notice) -> [&'static str; 2] {
        match notice {
            Notice::Full => [
                "Bu cihazın depolama alanı dolu: son okutma sayılmadı.",
                "Öncekilerin hepsi kayıtlı. Cihazı vardiya amirine götür.",
            ],
            Notice::NoRoom => [
                "Bu cihazın depolama alanı neredeyse dolu, bu yüzden görev başlamadı.",
                "Sayılanların hepsi kayıtlı. Başka bir cihaz al, bunu vardiya amirine götür.",
            ],
            Notice::Failed => [
                "Bu cihazın depolaması bozuldu: son okutma sayılmamış olabilir.",
                "Bu cihazla çalışma, onu vardiya amirine götür.",
            ],
            Notice::Unreadable => [
                "Bu cihaz kaydettiklerini okuyamıyor: son okutma sayılmadı.",
                "Cihazı vardiya amirine götür.",
            ],
            Notice::Busy => [
                "Bu cihazın depolaması meşguldü: son okutma sayılmadı.",
                "Yeniden okut.",
            ],
            // Said in words of their own.
            Notice::SetUp(_) => ["", ""],
            Notice::Mistake => [
                "Son okutma sayılmadı.",
                "Yeniden dene; yine olursa vardiya amirine söyle.",
            ],
        }
    }

    fn starting(&self) -> &'static str {
        "Başlıyor"
    }

    fn repetition(&self) -> &'static str {
        "Aynı kod aynı anda iki kez geldi: bir kez sayıldı."
    }

    fn printer(&self, notice: PrinterNotice) -> &'static str {
        match notice {
            PrinterNotice::Waits(PrinterState::PaperOut) => {
                "Yazıcıda etiket bitti: etiket tak, kendiliğinden devam eder."
            }
            PrinterNotice::Waits(PrinterState::RibbonOut) => {
                "Yazıcıda ribon bitti: ribon tak, kendiliğinden devam eder."
            }
            PrinterNotice::Waits(PrinterState::HeadOpen) => "Yazıcı açık: kapat, kendiliğinden devam eder.",
            PrinterNotice::Waits(PrinterState::Paused) => {
                "Yazıcı duraklatıldı: yazıcının duraklatma tuşuna bas."
            }
            PrinterNotice::Waits(_) => "Yazıcı cevap vermiyor: etiket bekliyor. Açık olup olmadığına bak.",
            PrinterNotice::Prints => "Yazıcı yeniden basıyor.",
            PrinterNotice::TooMany => "Yazıcıyı bekleyen çok etiket var: en eskisi basılmaz.",
            PrinterNotice::Unprintable => "Etiket basılmadı: içeriği sığmıyor. Vardiya amirine söyle.",
            PrinterNotice::NoPrinter => "Etiket basılmadı: bu cihazın yazıcısı yok.",
        }
    }

    fn battery(&self) -> &'static str {
        "Pil bitmek üzere: şimdi değiştir. Sayılan her şey güvende."
    }

    fn silent_neighbour(&self) -> &'static str {
        "Yandaki portal yanıt vermiyor: etiketleri okut."
    }
}
