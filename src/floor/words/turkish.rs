//! Turkish. Names stand in the nominative, beside a colon or before a word that takes the suffix.

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

pub(super) struct Turkish;

impl Words for Turkish {
    fn locale(&self) -> Locale {
        Locale {
            decimal_mark: ',',
            date_pattern: "%d.%m.%Y",
        }
    }

    fn tasks(&self) -> &'static str {
        "Görevler"
    }

    fn which_task(&self) -> &'static str {
        "Hangi görev?"
    }

    fn title(&self, kind: &TaskKind, reference: &str) -> String {
        let kind = match kind {
            TaskKind::Receive(_) => "Mal kabul",
            TaskKind::Putaway => "Yerleştirme",
            TaskKind::Replenish => "İkmal",
            TaskKind::Move => "Taşıma",
            TaskKind::Pick(_) => "Toplama",
            TaskKind::Pack(_) => "Paketleme",
            TaskKind::Load(_) => "Yükleme",
            TaskKind::Count(_) => "Sayım",
            TaskKind::Return(_) => "İade",
            TaskKind::Inspect(_) => "Kontrol",
        };
        format!("{kind} {reference}")
    }

    fn instruction(&self, instruction: Instruction) -> &'static str {
        match instruction {
            Instruction::ChooseTask => "Bir belge okut veya bir rakama bas",
            Instruction::NoTasks => "Görev yok. Belge gelince okut",
            Instruction::ScanTote => "Kasayı okut",
            Instruction::GoTo => "Oraya git ve yeri okut",
            Instruction::ScanPlace => "Malın durduğu yeri okut",
            Instruction::ScanLocation => "Sayılacak bir yer okut",
            Instruction::ScanItem => "Ürünü okut",
            Instruction::ScanAnyItem => "Bir ürün okut",
            Instruction::ScanUnit => "Kasayı, koliyi veya paleti okut",
            Instruction::ScanCarton => "Paketleyeceğin koliyi okut",
            Instruction::BringTo => "Oraya götür ve yeri okut",
            Instruction::PutInto => "İçine koy ve kasayı okut",
            Instruction::ScanVehicle => "Kapıyı veya aracı okut",
            Instruction::ScanSource => "Malı aldığın yeri okut",
            Instruction::ScanDestination => "Malı koyacağın yeri okut",
            Instruction::HandOver => "Kasayı oraya bırak ve yeri okut",
            Instruction::ScanDamaged => "Hasarlı malı okut",
            Instruction::ScanToLookUp => "Bir ürün, yer ya da kasa okut",
            Instruction::Asking => "Merkeze soruluyor …",
            Instruction::NothingInStock => "Stokta yok",
            Instruction::InStock => "Stokta",
            Instruction::KeepSweeping => "Okuyucuyu ürünler boyunca gezdirmeye devam et",
            Instruction::SweepDone => "Yeni bir şey gelmiyor. Bitti tuşuna bas",
            Instruction::TooCloseToTell => "Mallar çok yakın. Etiketleri okut",
            Instruction::NothingMissing => "Burada eksik yok",
            Instruction::AskAgain => "Merkez henüz bilmiyor. Yeniden sormak için Tamam tuşuna bas",
            Instruction::ChooseMissing => "Aradığın ürünün numarasına bas",
            Instruction::FollowSignal => "Sinyalin güçlendiği yere git",
            Instruction::DriveThrough => "Ürünleri portaldan geçir ya da okut",
            Instruction::Passing => "Ürünler portaldan geçiyor",
            Instruction::CheckLabel => "Bu parçayı bul ve etiketini okut",
            Instruction::Complete => "Hepsi tamam. Bitti tuşuna bas",
            Instruction::CheckFirst => "Önce araca bak: Tamam tuşuna bas",
        }
    }

    fn type_label(&self) -> &'static str {
        "Etiketteki kodu yaz"
    }

    fn question(&self, question: &Question, names: &Names<'_>) -> String {
        match question {
            Question::Quantity { item, .. } => format!("{}: kaç adet?", names.item(item)),
            Question::Lot { item } => format!("{}: parti numarasını okut veya yaz", names.item(item)),
            Question::Expiry { item } => {
                format!(
                    "{}: son kullanma tarihini okut veya yaz, örnek 31.12.27",
                    names.item(item)
                )
            }
            Question::Serial { item } => format!("{}: seri numarasını okut veya yaz", names.item(item)),
            Question::Over { item, by } => {
                format!(
                    "{}: beklenenden {} fazla. Kaydedilsin mi?",
                    names.item(item),
                    names.quantity(*by)
                )
            }
            Question::Exception { .. } => "Sorun ne?".to_owned(),
            Question::Reason { code, quantity, .. } => {
                match quantity.filter(|quantity| !quantity.is_zero()) {
                    Some(quantity) if *code == ExceptionCode::Short => {
                        format!("{} eksik. Neden?", names.quantity(quantity))
                    }
                    _ => format!("{}. Neden?", self.exception(*code)),
                }
            }
            Question::HowMuch { item, code, .. } => {
                format!("{}: kaç adet {}?", self.exception(*code), names.item(item))
            }
            Question::Weight { item } => format!("{}: ağırlığı kaç kg?", names.item(item)),
            Question::Observe { check, unit } => {
                check_question(*check, unit.as_ref().map(|unit| unit.as_str()))
            }
            Question::Substitute { item, wanted } => {
                format!("{} yerine {} verilsin mi?", names.item(wanted), names.item(item))
            }
            Question::ShelfLife { item, expiry } => format!(
                "{}: son tarih {}. Bu çok yakın. Yine de alınsın mı?",
                names.item(item),
                names.date(*expiry)
            ),
            Question::Condition { item, .. } | Question::State { item } => {
                format!("{}: durumu nasıl?", names.item(item))
            }
            Question::StaleHolds {
                minutes: Some(minutes),
            } => format!("Bloke listesi {minutes} dk önce güncellendi. Yine de yüklensin mi?"),
            Question::StaleHolds { minutes: None } => {
                "Cihaz açıldığından beri bloke listesi güncellenmedi. Yine de yüklensin mi?".to_owned()
            }
            Question::LinkItem { code } => {
                format!("{code} kodu hiçbir üründe yok. Üzerinde olduğu ürünü okut veya yaz.")
            }
            Question::LinkPack { code, item } => {
                format!(
                    "{code}: bir tanesinde kaç {} {} var?",
                    names.unit(item),
                    names.item(item)
                )
            }
            Question::Menu { .. } => "Ne yapmak istiyorsun?".to_owned(),
            Question::Pin { .. } => "PIN kodunu yaz".to_owned(),
            Question::Interrupt { .. } => "Daha acil bir görev bekliyor. Ona geçmek ister misin?".to_owned(),
            Question::Empty { location } => {
                format!("{location}: hiçbir şey sayılmadı. Burası boş mu?")
            }
            Question::CountComplete { location } => format!("{location}: sayım tamam mı?"),
            Question::EndTask { open_lines: 0 } => "Hepsi bu kadar mı? Görev bitsin mi?".to_owned(),
            // A noun after a number has no plural.
            Question::EndTask { open_lines } => {
                format!("{open_lines} satır hâlâ açık. Görev bitsin mi?")
            }
            Question::Found { code } => {
                format!("{} listede yok. Bulundu diye kaydedilsin mi?", names.code(code))
            }
            Question::TakeOver {
                holder,
                silent_minutes: Some(minutes @ 1..),
                ..
            } => format!("Bu görev şu cihazda: {holder}. {minutes} dk haber yok. Devralmak ister misin?"),
            Question::TakeOver { holder, .. } => {
                format!("Bu görev şu cihazda: {holder}. Yine de çalışmak ister misin?")
            }
            Question::MaybeDone { holder, .. } => {
                format!("Bunu şu cihaz yapmış olabilir: {holder}. Hâlâ yapılacak mı?")
            }
            Question::TwoInView { seen } => {
                format!("İki kod görünüyor: {}. Okuyucuyu birine tut.", seen.join(" ve "))
            }
            Question::WhichItem { code } => {
                format!("{}: ürünü okut veya numarasını yaz", self.exception(*code))
            }
            Question::LookUp => "Neye bakmak istiyorsun?".to_owned(),
            Question::HandOver { .. } => {
                "Bu kodu öteki cihazda okut ya da yaz. Gönderilmeyenler orada sorulur.".to_owned()
            }
            Question::Figures => "Girişinden beri sayıların".to_owned(),
            Question::TagMissing { item } => {
                format!("{} RFID etiketiyle sayılır. Etiketi eksik mi?", names.item(item))
            }
            Question::Unsure { location, tags, .. } => {
                format!("Emin değil: {tags}. Etiketlerini okut; yoksa {location} onlarsız kapansın mı?")
            }
            Question::Missing {
                location, more: 0, ..
            } => format!("{location} yerinde eksik"),
            Question::Missing { location, more, .. } => format!("{location} yerinde eksik, {more} tane daha"),
            Question::Locate { piece } => format!("{} bulundu mu?", piece.serial),
            Question::NewUnit => "Yeni palet başlasın ve etiketi basılsın mı?".to_owned(),
            Question::Begin { entry } => match entry {
                MenuEntry::Move => "Malı aldığın yeri okut",
                MenuEntry::FoundUnit => "Bulduğun kasayı, koliyi veya paleti okut",
                MenuEntry::Count => "Sayılacak yeri okut",
                _ => "Etiketini okut",
            }
            .to_owned(),
        }
    }

    fn type_check_digits(&self) -> &'static str {
        "Yerin yanındaki rakamları yaz"
    }

    fn exception(&self, code: ExceptionCode) -> &'static str {
        match code {
            ExceptionCode::Short => "Beklenenden az",
            ExceptionCode::Over => "Beklenenden fazla",
            ExceptionCode::Damaged => "Hasarlı",
            ExceptionCode::Found => "Bulundu",
            ExceptionCode::WrongGoods => "Burada yanlış ürün var",
            ExceptionCode::Expired => "Tarihi geçmiş veya yakın",
            ExceptionCode::Blocked => "Bloke",
            ExceptionCode::LocationFull => "Yer dolu",
            ExceptionCode::LocationEmpty => "Yer boş",
            ExceptionCode::OtherPlace => "Başka yer",
            ExceptionCode::UnitFull => "Kasa dolu",
            ExceptionCode::Unreadable => "Etiket okunmuyor",
            ExceptionCode::Substitute => "Yerine başka ürün",
            ExceptionCode::NotReachable => "Ulaşılamıyor",
            ExceptionCode::TagMissing => "RFID etiketi eksik",
            ExceptionCode::Unsure => "RFID etiketi belirsiz",
            ExceptionCode::Elsewhere => "Başka yerde yapıldı",
        }
    }

    fn released(&self) -> &'static str {
        "Serbest"
    }

    fn reason(&self, word: &str) -> String {
        match word {
            "empty" => "Yer boş",
            "damaged" => "Hasarlı",
            "not_found" => "Bulunamadı",
            "broken" => "Kırık",
            "wet" => "Islak",
            "dirty" => "Kirli",
            "packaging" => "Ambalaj hasarlı",
            "full" => "Dolu",
            "too_high" => "Çok yüksek",
            "locked" => "Kilitli",
            "blocked" => "Önü kapalı",
            "does_not_fit" => "Sığmıyor",
            "better_place" => "Daha iyi bir yer",
            "other_item" => "Başka ürün",
            "other_lot" => "Başka parti",
            "mixed" => "Karışık mal",
            "not_counted" => "Sayılmadı",
            other => other,
        }
        .to_owned()
    }

    fn menu(&self, entry: MenuEntry) -> &'static str {
        match entry {
            MenuEntry::Inquiry => "Stok sorgula",
            MenuEntry::Move => "Mal taşı",
            MenuEntry::FoundUnit => "Palet buldum",
            MenuEntry::Count => "Yer say",
            MenuEntry::OtherTask => "Başka görev",
            MenuEntry::HandOver => "Devret",
            MenuEntry::Figures => "Rakamlarım",
            MenuEntry::PrintLabel => "Etiket bas",
        }
    }

    fn label_fault(&self, fault: &LabelFault) -> String {
        use LabelFaultKind as Kind;
        let field = fault.ai.as_ref().map(|ai| format!("({ai})"));
        let what = field.unwrap_or_else(|| "Kod".to_owned());
        match fault.kind {
            Kind::Empty => "Hiçbir şey okunmadı.".to_owned(),
            Kind::Length => format!("{what}: uzunluğu yanlış."),
            Kind::Character => format!("{what}: izin verilmeyen bir karakter var."),
            Kind::CheckDigit => format!("{what}: kontrol basamağı yanlış."),
            Kind::Date => format!("{what}: takvimde böyle bir tarih yok."),
            Kind::Value => format!("{what}: böyle bir değer yok."),
            Kind::Fields => format!("{what}: alanlarına ayrılamıyor."),
            Kind::Twice => format!("{what}: farklı değerlerle iki kez geçiyor."),
            Kind::Together => format!("{what}: diğer alanlarla birlikte olamaz."),
            Kind::Missing => format!("{what}: gereken bir alan eksik. Etiketin diğer kodunu da okut."),
            Kind::Ambiguous => format!("{what}: iki türlü okunabiliyor."),
        }
    }

    fn rejected(&self, reason: &Reason, names: &Names<'_>) -> Vec<String> {
        match reason {
            Reason::NoWorker => say(&[
                "Kimse oturum açmadı.",
                "Bu görev belirli bir kişi için.",
                "Kartını okut.",
            ]),
            Reason::NoTask => say(&["Açık görev yok.", "Bir belge okut veya bir görevin rakamına bas."]),
            Reason::UnknownCode { code } => vec![
                format!("{code} kodu burada hiçbir şeyde yok."),
                "Ürünün kendi etiketini okut veya Yaz tuşuna bas.".to_owned(),
            ],
            Reason::BadLabel { fault } => vec![
                self.label_fault(fault),
                "Başka bir etiket okut veya Yaz tuşuna bas.".to_owned(),
            ],
            Reason::NotWanted { scanned, wanted } => vec![
                format!("Okutulan: {}.", scanned_words(scanned, names)),
                wanted_sentence(wanted, names),
                wanted_action(wanted).to_owned(),
            ],
            Reason::WrongLocation { scanned, wanted } => vec![
                format!("Okutulan: {scanned}."),
                format!("İstenen: {wanted}."),
                "Oraya git. Orada iş bittiyse Bitti veya Eksik tuşuna bas.".to_owned(),
            ],
            Reason::WrongItem { scanned, wanted } => vec![
                format!("Okutulan: {}.", names.item(scanned)),
                format!("İstenen: {}.", names.item(wanted)),
                "Geri koy ve doğru ürünü okut.".to_owned(),
            ],
            Reason::NotOnList { scanned } => vec![
                format!("Okutulan: {}.", names.item(scanned)),
                "Bu, listede yok.".to_owned(),
                "Geri koy. İşin bitince Bitti tuşuna bas.".to_owned(),
            ],
            Reason::WrongLot { scanned, wanted } => vec![
                format!("Okutulan parti: {scanned}."),
                format!("İstenen parti: {wanted}."),
                "Geri koy ve doğru partiden okut veya Eksik tuşuna bas.".to_owned(),
            ],
            Reason::Expired { expiry } => vec![
                format!("Bunun son tarihi: {}.", names.date(*expiry)),
                "Bu çok yakın.".to_owned(),
                "Kenara ayır ve başkasını okut veya Eksik tuşuna bas.".to_owned(),
            ],
            Reason::LineFull { item } => vec![
                format!("Okutulan: {}.", names.item(item)),
                "Bunun hepsi tamam.".to_owned(),
                "Geri koy. İşin bitince Bitti tuşuna bas.".to_owned(),
            ],
            Reason::TooMany { item, quantity, open } => vec![
                format!(
                    "Bununla {} {} {} olur.",
                    names.quantity(*quantity),
                    names.unit(item),
                    names.item(item)
                ),
                format!("Yalnız {} daha gerekli.", names.quantity(*open)),
                "Daha az al ve gerekirse tek tek okut.".to_owned(),
            ],
            Reason::Blocked { item, lot, reason } => vec![
                match lot {
                    Some(lot) => format!("Okutulan: {}, parti {lot}.", names.item(item)),
                    None => format!("Okutulan: {}.", names.item(item)),
                },
                format!("Bloke: {reason}."),
                "Yerinde bırak ve başkasını al veya Eksik tuşuna bas.".to_owned(),
            ],
            Reason::MayNotRelease { item, lot, reason } => vec![
                match lot {
                    Some(lot) => format!("Okutulan: {}, parti {lot}.", names.item(item)),
                    None => format!("Okutulan: {}.", names.item(item)),
                },
                format!("Bloke: {reason}."),
                "Bunu yalnızca ofis serbest bırakabilir. Başka bir yanıt seç.".to_owned(),
            ],
            Reason::WrongUnit { scanned, wanted } => vec![
                format!("Okutulan: {scanned}."),
                format!("İstenen: {wanted}."),
                format!("Şunu okut: {wanted}."),
            ],
            Reason::UnitNotOnList { unit } => vec![
                format!("Okutulan: {unit}."),
                "Bu, listede yok.".to_owned(),
                "Yerinde bırak. Burada olması gerekiyorsa Sorun tuşuna bas.".to_owned(),
            ],
            Reason::UnitDone { unit } => vec![
                format!("{unit} zaten tamam."),
                "Sıradakini okut. Yanlış olduysa Geri al tuşuna bas.".to_owned(),
            ],
            Reason::WrongVehicle { scanned, wanted } => vec![
                format!("Okutulan: {scanned}."),
                format!("İstenen: {wanted}."),
                "Yükleme. Doğru kapıya git.".to_owned(),
            ],
            Reason::WrongCheckDigits { location } => vec![
                "Bu rakamlar başka bir yere ait.".to_owned(),
                format!("İstenen: {location}."),
                "Adrese bak, sonra yanındaki rakamları yaz.".to_owned(),
            ],
            Reason::WrongPin => say(&[
                "Bu, senin PIN kodun değil.",
                "Yeniden yaz veya Escape tuşuna bas.",
            ]),
            Reason::CountedBefore { .. } => say(&[
                "Bunu daha önce sen saydın.",
                "Başka biri yeniden saymalı.",
                "Başka bir görev seç.",
            ]),
            Reason::NoHandlingUnitNumber => say(&[
                "Bu cihazda yeni koli veya palet için numara kalmadı.",
                "Etiketli bir tane okut veya ağın çektiği bir yere git.",
            ]),
            Reason::CodeKnown { code, item } => vec![
                format!("{code} kodu zaten şu ürünün: {}.", names.item(item)),
                "Yanlışsa ofise sor.".to_owned(),
            ],
            Reason::HubUnreachable => say(&[
                "Merkeze şu anda ulaşılamıyor.",
                "Ağın çektiği bir yerde yeniden dene.",
            ]),
            Reason::PlaceCounted { location } => vec![
                format!("{location} zaten sayıldı."),
                "Sıradaki yeri okut. Yanlış olduysa Geri al tuşuna bas.".to_owned(),
            ],
            Reason::CountedByTag { serial } => vec![
                format!("{serial} seri numarası RFID etiketiyle zaten sayıldı."),
                "Sıradakini okut.".to_owned(),
            ],
            Reason::SerialRepeated { serial } => vec![
                format!("{serial} seri numarası zaten sayıldı."),
                "Sıradakini okut.".to_owned(),
            ],
            Reason::BadEntry { typed, wanted } => vec![
                format!("“{typed}” uymuyor."),
                wanted_sentence(wanted, names),
                "Yeniden yaz veya Escape tuşuna bas.".to_owned(),
            ],
            Reason::NothingToUndo => say(&["Geri alınacak bir şey yok."]),
            Reason::KeyUnused => say(&["Bu tuş burada bir işe yaramaz."]),
            Reason::TaskWithdrawn { .. } => say(&[
                "Ofis bu görevi geri çekti.",
                "Yaptıkların kayıtlı.",
                "Başka bir görev seç.",
            ]),
            Reason::TaskDone { .. } => say(&["Bu görev bitti.", "Başka bir görev seç."]),
            Reason::PlacesOpen { open_lines } => vec![
                match open_lines {
                    1 => "1 yer henüz sayılmadı.".to_owned(),
                    open_lines => format!("{open_lines} yer henüz sayılmadı."),
                },
                "Say ya da ulaşılamıyorsa Sorun tuşuna bas.".to_owned(),
            ],
            Reason::PinRefused => say(&["PIN çok fazla kez yanlış girildi.", "Kartını yeniden okut."]),
            Reason::WrongWay => say(&[
                "Ürünler girmedi, çıktı.",
                "Hiçbir şey kaydedilmedi. İçeri al ya da okut.",
            ]),
            Reason::HandOverUnreadable => {
                say(&["Kod tam okunmadı.", "Yeniden okut ya da göründüğü gibi yaz."])
            }
            Reason::HandOverUnknown => say(&[
                "Bu cihazda bu kodun görevi yok.",
                "Ağın olduğu yere git ya da öteki cihazla devam et.",
            ]),
            Reason::LinkableCode { code } => vec![
                format!("{code} kodu burada hiçbir şeyde yok."),
                "Ürünün kendi etiketini okut. Ne olduğunu biliyorsan Sorun tuşuna bas.".to_owned(),
            ],
        }
    }

    fn recorded(&self, draft: &Draft, names: &Names<'_>) -> Vec<String> {
        let (act, forward) = draft.progress_act();
        if !forward {
            return match act.moves_goods() {
                true => vec![format!("Geri alındı: {}.", names.goods(draft))],
                false => say(&["Geri alındı."]),
            };
        }
        let goods = names.goods(draft);
        let done = match act {
            Act::Received => format!("{goods} kabul edildi."),
            Act::Picked => format!("{goods} toplandı."),
            Act::Counted => format!("{goods} sayıldı."),
            Act::Moved => format!("{goods} taşındı."),
            Act::Packed => format!("{goods} paketlendi."),
            Act::Returned => format!("{goods} iade alındı."),
            Act::Inspected if is_released(draft) => format!("{goods} serbest bırakıldı."),
            Act::StatusChanged | Act::Inspected => format!("{goods}: kaydedildi."),
            Act::Loaded => match &draft.from {
                Some(Place::HandlingUnit(unit)) => format!("{unit} araca yüklendi."),
                _ => "Araca yüklendi.".to_owned(),
            },
            Act::UnitClosed => match &draft.from {
                Some(Place::HandlingUnit(unit)) => format!("{unit} kapatıldı."),
                _ => "Kapatıldı.".to_owned(),
            },
            Act::HandedOver => "Devredildi.".to_owned(),
            Act::Observed | Act::Reported => "Kaydedildi.".to_owned(),
            Act::CodeLinked => match &draft.goods {
                Some(linked) => format!("{} artık şu demek: {goods}.", linked.code),
                None => "Kod bağlandı.".to_owned(),
            },
            Act::TaskStarted => "Görev başladı.".to_owned(),
            Act::LocationCounted => match &draft.to {
                Some(Place::Location(place)) => format!("{place} sayıldı."),
                _ => "Yer sayıldı.".to_owned(),
            },
            Act::LineClosed if draft.exception.is_none() => "Satır kapandı.".to_owned(),
            Act::LineClosed if is_out_of_reach(draft) => "Yer olduğu gibi bırakıldı.".to_owned(),
            Act::LineClosed if is_left(draft) => "Satır olduğu gibi kaldı.".to_owned(),
            Act::LineClosed => "Satır eksik olarak kapandı.".to_owned(),
            Act::TaskClosed => "Görev bitti.".to_owned(),
            Act::Reversed => "Geri alındı.".to_owned(),
        };
        let noted = draft.exception.as_ref().and_then(|report| match report.code {
            ExceptionCode::Over => Some("Beklenenden fazla olarak kaydedildi."),
            ExceptionCode::Found => Some("Bulundu olarak kaydedildi."),
            ExceptionCode::Damaged => Some("Hasarlı olarak kaydedildi."),
            ExceptionCode::NotReachable => Some("Ofise yere ulaşılamadığı bildirilir."),
            ExceptionCode::TagMissing => Some("RFID etiketinin eksik olduğu ofise bildirilir."),
            ExceptionCode::Unsure => Some("Belirsiz RFID etiketleri ofise bildirilir."),
            ExceptionCode::Elsewhere => Some("Diğer cihazın kayıtlarına bırakıldı."),
            ExceptionCode::WrongGoods => Some("Yanlış ürün ofise bildirildi."),
            ExceptionCode::Expired => Some("Tarihi geçmiş veya yakın olarak kaydedildi."),
            ExceptionCode::Blocked => Some("Bloke olarak kaydedildi."),
            ExceptionCode::LocationFull => Some("Yerin dolu olduğu ofise bildirildi."),
            ExceptionCode::LocationEmpty => Some("Yerin boş olduğu ofise bildirildi."),
            ExceptionCode::OtherPlace => Some("Başka yerle kaydedildi."),
            ExceptionCode::Substitute => Some("Yerine verilen ürün olarak kaydedildi."),
            ExceptionCode::Unreadable => Some("Etiket ofise bildirildi."),
            ExceptionCode::UnitFull | ExceptionCode::Short => None,
        });
        std::iter::once(done).chain(noted.map(str::to_owned)).collect()
    }

    fn pass_words(&self) -> PassWords {
        PassWords {
            recorded: "Geçiş {pass}: {n} kaydedildi.",
            nothing: "Geçiş {pass}: yeni bir şey yok.",
            units: "Tam paletler: {n}.",
            checks: "Bakılacak: {n}. Etiketlerini okut.",
            too_many: "Çok fazla etiket: ürünleri bölerek geçir.",
            incomplete: "Bir paletin bir kısmı eksik.",
        }
    }

    fn went(&self, place: &Where, names: &Names<'_>) -> Vec<String> {
        match place {
            Where::LoggedIn => match names.worker() {
                Some(name) => vec![format!("Hoş geldin, {name}.")],
                None => say(&["Hoş geldin."]),
            },
            Where::LoggedOut => say(&["Oturumun kapandı."]),
            Where::Task(_) => say(&["Görev açıldı."]),
            Where::LeftTask(_) => say(&["Görevden çıktın. Yaptıkların kayıtlı."]),
            Where::Location(location) => vec![format!("{location} doğru.")],
            Where::Unit(unit) => vec![format!("{unit} doğru.")],
            Where::Tote(unit) => vec![format!("Bundan sonra şuraya koy: {unit}.")],
            Where::Vehicle(vehicle) => vec![format!("{vehicle} doğru.")],
            Where::Skipped => say(&["Sonraya bırakıldı."]),
            Where::Kept(_) => say(&["Görev bekliyor. Yaptıkların kayıtlı."]),
            Where::Back => say(&["Bir adım geri alındı."]),
            Where::Opening => say(&["Sıradaki palet tek tek alınacak."]),
            Where::InHand { item, quantity } => vec![format!(
                "Elinde: {} {} {}.",
                names.quantity(*quantity),
                names.unit(item),
                names.item(item)
            )],
            Where::UnitInHand(unit) => vec![format!("Elinde: {unit}, içindekilerle birlikte.")],
            Where::PutInto(Some(unit)) => vec![format!("Şuraya koy: {unit}.")],
            Where::PutInto(None) => say(&["Yeni bir kasaya koy."]),
        }
    }

    fn note(&self, note: Note) -> String {
        match note {
            Note::NothingRecorded => "Hiçbir şey kaydedilmedi.",
            Note::AimAtOne => "Okuyucuyu tek bir koda tut.",
            Note::TaskChanged => "Ofis bu görevi değiştirdi.",
            Note::LabelOrdered => "Etiket basılıyor.",
        }
        .to_owned()
    }

    fn lease_ends(&self, minutes: u32) -> String {
        match minutes {
            0 => "doldu".to_owned(),
            minutes => format!("{minutes} dk sonra dolar"),
        }
    }

    fn being_counted(&self) -> &'static str {
        "Sayılıyor"
    }

    fn then(&self, place: &str) -> String {
        format!("Sonra: {place}")
    }

    fn key(&self, key: KeyUse) -> &'static str {
        match key {
            KeyUse::Yes => "Evet",
            KeyUse::No => "Hayır",
            KeyUse::Enter => "Tamam",
            KeyUse::Backspace => "Sil",
            KeyUse::Cancel => "İptal",
            KeyUse::Undo => "Geri al",
            KeyUse::Done => "Bitti",
            KeyUse::Short => "Eksik",
            KeyUse::Skip => "Atla",
            KeyUse::Exception => "Sorun",
            KeyUse::Menu => "Menü",
            KeyUse::Type => "Yaz",
            KeyUse::Leave => "Çık",
            KeyUse::LogOut => "Oturumu kapat",
            KeyUse::StillToDo => "Yapılacak",
            KeyUse::DoneAlready => "Zaten yapıldı",
            KeyUse::OpenUnit => "Paleti aç",
            KeyUse::NewUnit => "Yeni koli",
            KeyUse::Missing => "Eksik ne?",
        }
    }

    fn label(&self, label: Label) -> &'static str {
        match label {
            Label::Item => "Ürün",
            Label::Number => "Numara",
            Label::Lot => "Parti",
            Label::Take => "Miktar",
            Label::Tote => "İçine",
            Label::From => "Nereden",
            Label::To => "Nereye",
            Label::Why => "Neden",
            Label::Carton => "Koli",
            Label::Vehicle => "Araç",
            Label::Missing => "Eksik",
            Label::Code => "Kod",
            Label::LinesDone => "Satırlar",
            Label::LinesPerHour => "Saatte satır",
            Label::Walking => "Yürüme",
            Label::Scanning => "Okutma",
            Label::Waiting => "Cihazı bekleme",
            Label::Pauses => "Molalar",
            Label::Tags => "RFID etiketi",
            Label::MaybeNext => "Belki yan gözde",
            Label::Kept => "Kayıtlı",
            Label::Signal => "Sinyal",
            Label::Serial => "Seri numarası",
            Label::Matched => "Bulunan",
            Label::Surplus => "Fazla",
            Label::Stray => "Yabancı etiket",
            Label::ToCheck => "Bakılacak",
            Label::HeldBy => "Şu anda",
            Label::MaybeDoneBy => "Belki yapan",
            Label::Lease => "Süre",
            Label::InHand => "Elinde",
        }
    }
}

fn scanned_words(scanned: &Scanned, names: &Names<'_>) -> String {
    match scanned {
        Scanned::Location(location) => format!("{location} yeri"),
        Scanned::Item(item) => names.item(item),
        Scanned::HandlingUnit(unit) => format!("{unit} kasası veya paleti"),
        Scanned::Badge => "bir kart".to_owned(),
        Scanned::Reference(reference) => format!("{reference} belgesi"),
        Scanned::Text(text) => format!("{text} kodu"),
    }
}

fn wanted_sentence(wanted: &Wanted, names: &Names<'_>) -> String {
    let wanted = match wanted {
        Wanted::AnyLocation => "bu görevin bir yeri".to_owned(),
        Wanted::Location(location) => format!("{location} yeri"),
        Wanted::AnyItem => "bir ürün".to_owned(),
        Wanted::Item(item) => names.item(item),
        Wanted::Tote => "bir kasa".to_owned(),
        Wanted::AnyUnit => "bir kasa, koli veya palet".to_owned(),
        Wanted::HandlingUnit(unit) => format!("{unit} kasası veya paleti"),
        Wanted::Carton => "bir koli".to_owned(),
        Wanted::Destination => "malın gideceği yer".to_owned(),
        Wanted::Vehicle(vehicle) => format!("{vehicle} aracı"),
        Wanted::Weight => "kg olarak ağırlık".to_owned(),
        Wanted::Check(check) => check_words(*check).to_owned(),
        Wanted::Pin => "PIN kodun".to_owned(),
        Wanted::Badge => "bir kart".to_owned(),
        Wanted::Quantity => "sıfırdan büyük bir sayı".to_owned(),
        Wanted::Lot => "bir parti numarası".to_owned(),
        Wanted::Date => "bir tarih, örnek 31.12.27".to_owned(),
        Wanted::Serial => "bir seri numarası".to_owned(),
        Wanted::Answer => "sorunun cevabı".to_owned(),
        Wanted::Done => return "Başka bir şey gerekmiyor: bütün satırlar tamam.".to_owned(),
        Wanted::AnyPlace => "bir yer".to_owned(),
    };
    format!("İstenen: {wanted}.")
}

const fn wanted_action(wanted: &Wanted) -> &'static str {
    match wanted {
        Wanted::AnyLocation => "Önce yerin etiketini okut.",
        Wanted::Location(_) => "Oraya git ve etiketini okut.",
        Wanted::AnyItem | Wanted::Item(_) => "Ürünü okut veya Yaz tuşuna bas.",
        Wanted::Tote => "Önce kasayı okut.",
        Wanted::AnyUnit | Wanted::HandlingUnit(_) => "Etiketini okut.",
        Wanted::Carton => "Önce koliyi okut.",
        Wanted::Destination => "Oraya götür ve yeri okut.",
        Wanted::Vehicle(_) => "Önce kapıyı veya aracı okut.",
        Wanted::Weight => "Ağırlığı yaz ve Enter tuşuna bas veya Escape tuşuna bas.",
        Wanted::Check(_) => "Yaz veya okut ya da Escape tuşuna bas.",
        Wanted::Pin => "Yaz ve Enter tuşuna bas veya Escape tuşuna bas.",
        Wanted::Badge => "Bir kart okut veya Escape tuşuna bas.",
        Wanted::Quantity => "Sayıyı yaz ve Enter tuşuna bas veya Escape tuşuna bas.",
        Wanted::Lot | Wanted::Date | Wanted::Serial => "Okut veya yaz ya da Escape tuşuna bas.",
        Wanted::Answer => "Evet için Enter, hayır için Escape tuşuna bas.",
        Wanted::Done => "Bitti tuşuna bas.",
        Wanted::AnyPlace => "Yerin etiketini okut.",
    }
}

/// What is to be looked at, as it is asked for.
fn check_question(check: Check, unit: Option<&str>) -> String {
    let of = unit.map_or_else(String::new, |unit| format!(" ({unit})"));
    match check {
        Check::Seal => format!("Mühür numarasını okut veya yaz{of}"),
        Check::Temperature => format!("Sıcaklık kaç °C{of}?"),
        Check::Weight => format!("Brüt ağırlık kaç kg{of}?"),
        Check::Signature => "Teslim eden kim? Kartı okut veya adı yaz".to_owned(),
        Check::Condition => format!("Durumu nasıl{of}?"),
    }
}

const fn check_words(check: Check) -> &'static str {
    match check {
        Check::Seal => "mühür numarası",
        Check::Temperature => "°C olarak sıcaklık, örnek -18,5",
        Check::Weight => "kg olarak brüt ağırlık",
        Check::Signature => "bir ad",
        Check::Condition => "bir durum",
    }
}
