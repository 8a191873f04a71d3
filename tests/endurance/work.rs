//! The work of the floor: a task for each device that is large enough never to end, and how its operator opens it.

use std::fmt::Write as _;

/// Places in a receipt.
const LINES: usize = 20;

/// Pieces that no run can reach.
const PIECES: u64 = 10_000_000;

/// What one device works on.
#[derive(Debug, Clone)]
pub struct Work {
    /// The device.
    pub name: String,
    /// Its place among the devices.
    pub number: usize,
    /// What is scanned before the first piece.
    pub opening: Vec<String>,
    /// Codes of the pieces.
    pub codes: Vec<String>,
}

/// The kinds of work take turns.
enum Kind {
    Receive,
    Pick,
    Count,
}

fn kind(number: usize) -> Kind {
    match number % 3 {
        0 => Kind::Receive,
        1 => Kind::Pick,
        _ => Kind::Count,
    }
}

/// The work of so many devices.
pub fn plan(devices: usize) -> Vec<Work> {
    (0..devices)
        .map(|number| Work {
            name: format!("d{number}"),
            number,
            opening: opening(number),
            codes: match kind(number) {
                Kind::Receive => (0..LINES).map(code).collect(),
                Kind::Pick | Kind::Count => vec![code(number % LINES)],
            },
        })
        .collect()
}

fn opening(number: usize) -> Vec<String> {
    match kind(number) {
        Kind::Receive => vec![format!("]C0PO-{number}")],
        Kind::Pick => vec![
            format!("]C0SO-{number}"),
            format!("]C0TOTE-{number}"),
            format!("]C0LOC-A-{number}"),
        ],
        Kind::Count => vec![format!("]C0CS-{number}"), format!("]C0LOC-A-{number}")],
    }
}

/// The label of an item, from the prefix that GS1 keeps for examples.
fn code(item: usize) -> String {
    format!("]E0{}", gtin(item))
}

fn gtin(item: usize) -> String {
    let digits = format!("9521101{item:05}");
    let check = tallyman_codes::check_digit::of(digits.as_bytes()).map_or('0', char::from);
    format!("{digits}{check}")
}

/// Items, as the hub imports them.
pub fn items() -> String {
    let mut csv = String::from("item,name,unit,code\n");
    for item in 0..LINES {
        writeln!(csv, "ITEM-{item},Article {item},each,{}", gtin(item)).expect("written");
    }
    csv
}

/// Locations.
pub fn locations(plan: &[Work]) -> String {
    let mut csv = String::from("location,zone\nDOCK-1,Docks\n");
    for work in plan {
        writeln!(csv, "A-{},Aisle A", work.number).expect("written");
    }
    csv
}

/// What lies in the locations at first.
pub fn stock(plan: &[Work]) -> String {
    let mut csv = String::from("location,item,quantity\n");
    for work in plan {
        writeln!(csv, "A-{0},ITEM-{1},{PIECES}", work.number, work.number % LINES).expect("written");
    }
    csv
}

/// Tasks, one for each device.
pub fn tasks(plan: &[Work]) -> String {
    let mut csv = String::from("task,kind,reference,dock,line,item,quantity,location\n");
    for Work { number, .. } in plan {
        match kind(*number) {
            Kind::Receive => (0..LINES).for_each(|line| {
                writeln!(
                    csv,
                    "R-{number},receive,PO-{number},DOCK-1,{},ITEM-{line},{PIECES},",
                    line + 1
                )
                .expect("written");
            }),
            Kind::Pick => writeln!(
                csv,
                "P-{number},pick,SO-{number},,1,ITEM-{},{PIECES},A-{number}",
                number % LINES
            )
            .expect("written"),
            Kind::Count => writeln!(csv, "C-{number},count,CS-{number},,1,,,A-{number}").expect("written"),
        }
    }
    csv
}
