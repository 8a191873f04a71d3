//! What filter values mean (EPC Tag Data Standard, section 10). They are a hint for selecting tags in a field of
//! many; never take them for a packaging level.

use super::identity::Kind;

/// The meaning of a filter value; `None` for a reserved one, which is accepted on reading and never written.
pub(super) fn meaning(kind: Kind, filter: u8) -> Option<&'static str> {
    match (kind, filter) {
        (Kind::Usdod, _) => match filter {
            0 => Some("pallet"),
            1 => Some("case"),
            2 => Some("unit pack"),
            _ => None,
        },
        (Kind::Adi, _) => aerospace(filter),
        (Kind::Gid, _) => None,
        (_, 0) => Some("all others"),
        (Kind::Sgtin, 1) => Some("point of sale item"),
        (Kind::Sgtin | Kind::Sscc, 2) => Some("full case for transport"),
        (Kind::Sgtin, 4) => Some("inner pack"),
        (Kind::Sgtin | Kind::Sscc, 6) => Some("unit load"),
        (Kind::Sgtin, 7) => Some("unit inside a trade item, or component not sold singly"),
        (Kind::Gdti, 1) => Some("travel document"),
        (Kind::Giai, 1) => Some("rail vehicle"),
        _ => None,
    }
}

/// Whether a filter value may be written.
pub(super) fn is_defined(kind: Kind, filter: u8) -> bool {
    meaning(kind, filter).is_some()
}

fn aerospace(filter: u8) -> Option<&'static str> {
    Some(match filter {
        0 => "all others",
        1 => "item not covered by another value",
        2 => "carton",
        6 => "pallet",
        8 => "seat cushions",
        9 => "seat covers",
        10 => "seat belts",
        11 => "galley equipment",
        12 => "unit load devices",
        13 => "security items",
        14 => "life vests",
        15 => "oxygen generators",
        16 => "engine components",
        17 => "avionics",
        18 => "flight test equipment",
        19 => "other emergency equipment",
        20 => "other rotables",
        21 => "other repairables",
        22 => "other cabin interior",
        23 => "other repair",
        24 => "seat structure",
        25 => "in-flight entertainment",
        56 => "location",
        57 => "documentation",
        58 => "tools",
        59 => "ground support",
        60 => "other non-flying items",
        61..=63 => "company use",
        _ => return None,
    })
}
