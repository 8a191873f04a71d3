//! What lies in the warehouse, as people call it in each language: as long as such names are.

use tallyman_floor::{Item, ItemCode, ItemId, Language, Quantity, Tracking};

use super::label;
use crate::screen::samples::picture_id;

/// Names of bolt, nut, milk, drill and cheese; a piece; a person; why a place was chosen; three conditions.
struct Words {
    names: [&'static str; 5],
    unit: &'static str,
    person: &'static str,
    why: &'static str,
    conditions: [&'static str; 3],
}

const fn words(language: Language) -> Words {
    match language {
        Language::English => Words {
            names: [
                "Hex bolt M8 x 40, zinc plated",
                "Hex nut M8",
                "Fresh milk 3.5 %, 1 l",
                "Cordless drill 18 V",
                "Gouda, whole wheel",
            ],
            unit: "each",
            person: "Maria",
            why: "same item there",
            conditions: ["as new", "opened", "broken"],
        },
        Language::German => Words {
            names: [
                "Sechskantschraube M8 × 40, verzinkt",
                "Sechskantmutter M8",
                "Frische Vollmilch 3,5 %, 1 l",
                "Akku-Schlagbohrschrauber 18 V",
                "Gouda, ganzer Laib",
            ],
            unit: "Stück",
            person: "Jürgen",
            why: "gleicher Artikel liegt dort",
            conditions: ["wie neu", "geöffnet", "beschädigt"],
        },
        Language::Spanish => Words {
            names: [
                "Tornillo hexagonal M8 × 40, cincado",
                "Tuerca hexagonal M8",
                "Leche fresca entera, 1 l",
                "Taladro sin cable 18 V",
                "Queso gouda, pieza entera",
            ],
            unit: "uds.",
            person: "Begoña",
            why: "mismo artículo en el lugar",
            conditions: ["como nuevo", "abierto", "roto"],
        },
        Language::Polish => Words {
            names: [
                "Śruba sześciokątna M8 × 40, ocynkowana",
                "Nakrętka sześciokątna M8",
                "Mleko świeże 3,5 %, 1 l",
                "Wiertarka akumulatorowa 18 V",
                "Ser gouda, cały krąg",
            ],
            unit: "szt.",
            person: "Łukasz",
            why: "leży tam ten sam towar",
            conditions: ["jak nowy", "otwarty", "uszkodzony"],
        },
        Language::Romanian => Words {
            names: [
                "Șurub hexagonal M8 × 40, zincat",
                "Piuliță hexagonală M8",
                "Lapte proaspăt 3,5 %, 1 l",
                "Mașină de găurit cu acumulator 18 V",
                "Cașcaval gouda, roată întreagă",
            ],
            unit: "buc.",
            person: "Ștefan",
            why: "același articol este acolo",
            conditions: ["ca nou", "deschis", "stricat"],
        },
        Language::Turkish => Words {
            names: [
                "Altıgen başlı cıvata M8 × 40, galvanizli",
                "Altıgen somun M8",
                "Günlük süt %3,5 yağlı, 1 l",
                "Şarjlı matkap 18 V",
                "Gouda peyniri, bütün tekerlek",
            ],
            unit: "adet",
            person: "İbrahim",
            why: "aynı ürün orada",
            conditions: ["yeni gibi", "açılmış", "kırık"],
        },
        Language::Ukrainian => Words {
            names: [
                "Болт шестигранний M8 × 40, оцинкований",
                "Гайка шестигранна M8",
                "Молоко свіже 3,5 %, 1 л",
                "Дриль-шуруповерт акумуляторний 18 В",
                "Сир «Гауда», ціла голова",
            ],
            unit: "шт.",
            person: "Їжакевич",
            why: "там лежить такий самий товар",
            conditions: ["як новий", "розпакований", "пошкоджений"],
        },
        Language::Chinese => Words {
            names: [
                "六角头螺栓 M8×40，镀锌",
                "六角螺母 M8",
                "鲜牛奶 3.5%，1升",
                "充电式电钻 18V",
                "高达奶酪（整块）",
            ],
            unit: "个",
            person: "王小明",
            why: "那里有相同商品",
            conditions: ["完好如新", "已拆封", "已损坏"],
        },
    }
}

pub(super) const fn person(language: Language) -> &'static str {
    words(language).person
}

pub(super) const fn why(language: Language) -> &'static str {
    words(language).why
}

pub(super) const fn conditions(language: Language) -> [&'static str; 3] {
    words(language).conditions
}

pub(super) fn items(language: Language) -> Vec<Item> {
    let Words { names, unit, .. } = words(language);
    let item = |id: &str, nth: usize, codes: &[(&str, i64)], tracking: Tracking| Item {
        id: ItemId::from(id),
        name: names[nth].to_owned(),
        unit: unit.to_owned(),
        codes: codes
            .iter()
            .map(|&(code, pack)| ItemCode {
                code: label(code),
                unit: unit.to_owned(),
                pack: Quantity::from_micro(pack * 1_000_000),
            })
            .collect(),
        tracking,
        shelf_life_min_days: tracking.expiry.then_some(10),
        substitutes: if id == "bolt" {
            vec![ItemId::from("drill")]
        } else {
            Vec::new()
        },
        owner: None,
        picture: Some(picture_id()),
    };
    let plain = Tracking::default();
    let by_lot = Tracking {
        lot: true,
        expiry: true,
        ..plain
    };
    let by_serial = Tracking {
        serial: true,
        tag: true,
        ..plain
    };
    let by_weight = Tracking {
        weight: true,
        ..plain
    };
    vec![
        item("bolt", 0, &[("BOLT", 1), ("CASE", 12)], plain),
        item("nut", 1, &[("NUT", 1)], plain),
        item("milk", 2, &[("MILK", 1)], by_lot),
        item("drill", 3, &[("DRILL", 1)], by_serial),
        item("cheese", 4, &[("CHEESE", 1)], by_weight),
    ]
}
