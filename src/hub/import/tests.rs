//! Tables of files and what is said about them.

use std::collections::{HashMap, HashSet};

use super::*;
use crate::ledger::interpret::Tracked;
use crate::ledger::views::Names;

fn names() -> Names {
    let tracked = |lot, serial| Tracked {
        lot,
        serial,
        owner: String::new(),
    };
    Names {
        items: HashMap::from([
            ("MILK".to_owned(), tracked(true, false)),
            ("DRILL".to_owned(), tracked(false, true)),
        ]),
        locations: HashSet::from(["A-01".to_owned(), "DOCK-1".to_owned()]),
    }
}

/// The mistakes of a file, a line each.
fn mistakes(kind: ImportKind, format: ImportFormat, content: &[u8]) -> Vec<String> {
    let file = ImportFile {
        name: "file",
        format,
        content,
    };
    let mut mistakes = Mistakes::default();
    let table = Table::read(kind, &file, &mut mistakes);
    match kind {
        ImportKind::Items => drop(items::read(&table, &mut mistakes)),
        ImportKind::Locations => drop(locations::read(&table, &mut mistakes)),
        ImportKind::Tasks => drop(tasks::read(&table, "main", &names(), &mut mistakes)),
        ImportKind::Stock => drop(stock::read(&table, &names(), &mut mistakes)),
        ImportKind::Holds => drop(holds::read(&table, &names(), &mut mistakes)),
        ImportKind::Reasons => drop(reasons::read(&table, &mut mistakes)),
    }
    mistakes.kept.iter().map(Mistake::to_string).collect()
}

fn csv(kind: ImportKind, text: &str) -> Vec<String> {
    mistakes(kind, ImportFormat::Csv, text.as_bytes())
}

/// Each file and the beginning of each line that is said about it.
#[test]
fn mistakes_name_line_column_and_value() {
    use ImportKind::{Items, Locations, Stock, Tasks};
    let table: [(ImportKind, &str, &[&str]); 29] = [
        (Items, "", &["The file has no rows."]),
        (Items, "item,name\n", &["The file has no rows."]),
        (
            Items,
            "name\nMilk\n",
            &[
                "line 1, column item: The column is missing",
                "line 2, column item: is empty",
            ],
        ),
        (
            Items,
            "item,nmae\nMILK,Milk\n",
            &["line 1, column nmae: There is no such column. Known are item, name"],
        ),
        (
            Items,
            "item,item\nMILK,Milk\n",
            &["line 1, column item: The column is there twice."],
        ),
        (
            Items,
            "item,name\nMILK\n",
            &["line 2: The line has 1 cells and the header 2."],
        ),
        (
            Items,
            "item,code\nMILK,4006381333932\n",
            &["line 2, column code: \"4006381333932\": has the length of a GTIN"],
        ),
        (
            Items,
            "item,code,pack\nMILK,X,0\n",
            &["line 2, column pack: \"0\": is no quantity. Allowed is"],
        ),
        (
            Items,
            "item,code,pack\nMILK,,12\n",
            &["line 2, column pack: \"12\": stands without a code."],
        ),
        (
            Items,
            "item,lot\nMILK,maybe\n",
            &["line 2, column lot: \"maybe\": is neither yes nor no."],
        ),
        (
            Items,
            "item,code\nMILK,X\nCREAM,X\n",
            &["line 3, column code: \"X\": is there twice; the other is on line 2."],
        ),
        (
            Items,
            "item,name\nMILK,\"two\nlines\"\n",
            &["line 2, column name: \"two\\nlines\": has a control character"],
        ),
        (
            Items,
            "item,name\nMILK,\"Milk\nCREAM,Cream\n",
            &["line 2: A quotation mark is opened and never closed."],
        ),
        (
            Items,
            "item,name\nMILK,Milk\nCREAM,\"Cream",
            &["line 3: A quotation mark is opened and never closed."],
        ),
        (
            Items,
            "item,name\nPIPE,\"Pipe 3\" long\"\n",
            &["line 2: A quotation mark stands inside a quoted cell."],
        ),
        (
            Locations,
            "location\nA\nA\n",
            &["line 3, column location: \"A\": is there twice; the other is on line 2."],
        ),
        (
            Stock,
            "location,item,quantity\nB-99,MILK,1\n",
            &[
                "line 2, column location: \"B-99\": is not in the location list.",
                "line 2, column lot: is empty, and lots of this item are recorded.",
            ],
        ),
        (
            Stock,
            "location,item,quantity,lot\nA-01,GHOST,-1,\n",
            &[
                "line 2, column item: \"GHOST\": is not in the item list.",
                "line 2, column quantity: \"-1\": is no quantity.",
            ],
        ),
        (
            Stock,
            "location,item,quantity,serial\nA-01,DRILL,2,S1\n",
            &["line 2, column quantity: \"2\": is not 1"],
        ),
        (
            Stock,
            "location,item,quantity,expiry\nA-01,DRILL,1,31.12.2027\n",
            &["line 2, column expiry: \"31.12.2027\": is no date."],
        ),
        (
            Stock,
            "location,item,quantity,status\nA-01,DRILL,1,lost\n",
            &["line 2, column status: \"lost\": is not known. Allowed are available, hold, damaged."],
        ),
        (
            Tasks,
            "task,kind,item,quantity\nR-1,receive,DRILL,1\n",
            &["line 2, column dock: is empty"],
        ),
        (
            Tasks,
            "task,kind,item,quantity,location\nP-1,steal,DRILL,1,A-01\n",
            &["line 2, column kind: \"steal\": is not known. Allowed are receive, putaway, replenish,"],
        ),
        (
            Tasks,
            "task,kind,item,quantity,location\nP-1,pick,,,\n",
            &[
                "line 2, column item: is empty",
                "line 2, column quantity: is empty",
                "line 2, column location: is empty",
            ],
        ),
        (
            Tasks,
            "task,kind,quantity,location\nC-1,count,4,A-01\n",
            &["line 2, column quantity: \"4\": must be empty: a count is blind"],
        ),
        (
            Tasks,
            "task,kind,item,location\nC-1,count,,A-01\nC-1,,DRILL,A-01\n",
            &["line 3, column location: \"A-01\": is there as a whole and by item"],
        ),
        (
            Tasks,
            "task,kind,scope,location\nC-1,count,yearly,A-01\n",
            &[
                "line 2, column scope: \"yearly\": is not known. Allowed are cycle, physical_inventory, zero_stock.",
            ],
        ),
        (
            Tasks,
            "task,kind,location,priority\nC-1,count,A-01,1\nC-1,pick,A-01,2\n",
            &[
                "line 3, column kind: \"pick\": differs from \"count\" on line 2",
                "line 3, column priority: \"2\": differs from \"1\" on line 2",
            ],
        ),
        (
            Tasks,
            "task,kind,line,location\nC-1,count,1,A-01\nC-1,,1,A-01\nC-1,,x,A-01\n",
            &[
                "line 3, column line: \"1\": is there twice in task C-1.",
                "line 4, column line: \"x\": is no whole number",
            ],
        ),
    ];
    for (kind, text, wanted) in table {
        let told = csv(kind, text);
        assert_eq!(told.len(), wanted.len(), "{text:?}: {told:#?}");
        for (told, wanted) in told.iter().zip(wanted) {
            assert!(told.starts_with(wanted), "{text:?}: {told}");
        }
    }
}

/// The same of lists that are replaced as a whole, and of check digits.
#[test]
fn mistakes_in_lists_are_told() {
    use ImportKind::{Holds, Locations, Reasons};
    let full: String = (1..=10)
        .map(|number| format!("short,reason {number}\n"))
        .collect();
    let full = format!("code,word\n{full}");
    let table: [(ImportKind, &str, &[&str]); 12] = [
        (
            Locations,
            "location,check_digits\nA-01,4\nA-02,x7\nA-03,1234567\nA-04,\n",
            &[
                "line 2, column check_digits: \"4\": is not 2 to 6 digits.",
                "line 3, column check_digits: \"x7\": is not 2 to 6 digits.",
                "line 4, column check_digits: \"1234567\": is not 2 to 6 digits.",
            ],
        ),
        (Holds, "item,lot,reason\nMILK,L1,recall\nDRILL,,check\n", &[]),
        (Holds, "item,lot,reason\n", &[]),
        (Holds, "", &["The file has no rows."]),
        (
            Holds,
            "item,lot,reason\nDRILL,L1,recall\nTEA,,recall\nMILK,,\n",
            &[
                "line 2, column lot: \"L1\": is named, and lots of this item are not recorded.",
                "line 3, column item: \"TEA\": is not in the item list.",
                "line 4, column reason: is empty",
            ],
        ),
        (
            Holds,
            "item,lot,reason\nMILK,L1,a\nMILK,,a\nMILK,L1,b\n",
            &["line 4, column item: \"MILK\": is there twice; the other is on line 2."],
        ),
        (
            Reasons,
            "code,number,word\ndamaged,1,wet\ndamaged,,torn\nshort,1,wet\n",
            &[],
        ),
        (
            Reasons,
            "code,word\nstolen,yes\n,x\n",
            &[
                "line 2, column code: \"stolen\": is not known. Allowed are short, over",
                "line 3, column code: is empty. Allowed are short, over",
            ],
        ),
        (
            Reasons,
            "code,number,word\nshort,1,empty\nshort,1,gone\n",
            &["line 3, column number: \"1\": is there twice for this code."],
        ),
        (
            Reasons,
            "code,word\nshort,empty\nshort,empty\n",
            &["line 3, column word: \"empty\": is there twice for this code."],
        ),
        (
            Reasons,
            "code,number,word\nshort,10,empty\n",
            &["line 2, column number: \"10\": is no whole number from 1 to 9."],
        ),
        (
            Reasons,
            &full,
            &["line 11, column word: \"reason 10\": is one reason too many"],
        ),
    ];
    for (kind, text, wanted) in table {
        let told = csv(kind, text);
        assert_eq!(told.len(), wanted.len(), "{text:?}: {told:#?}");
        for (told, wanted) in told.iter().zip(wanted) {
            assert!(told.starts_with(wanted), "{text:?}: {told}");
        }
    }
    let json = |text: &str| mistakes(Holds, ImportFormat::Json, text.as_bytes());
    assert_eq!(json("[]"), Vec::<String>::new());
}

#[test]
fn json_is_told_by_line_too() {
    let json = |text: &str| mistakes(ImportKind::Tasks, ImportFormat::Json, text.as_bytes());
    let starts = |text: &str, wanted: &str| {
        let told = json(text);
        assert!(
            told.len() == 1 && told[0].starts_with(wanted),
            "{text}: {told:#?}"
        );
    };
    starts("{", "line 1: A JSON array of objects is wanted");
    starts("[\n{\"task\":1,}\n]", "line 2: A JSON array of objects is wanted");
    starts("[]", "The file has no rows.");
    starts("[\n\n7]", "line 3: A JSON array of objects is wanted");
    starts(
        "[{\"task\":\"C-1\",\"kind\":\"count\",\n\"lines\":7}]",
        "line 2, column lines: is no list",
    );
    starts(
        "[{\"task\":\"C-1\",\"kind\":\"count\",\"lines\":[\n{\"location\":\"A-01\",\n\"colour\":1}]}]",
        "line 2, column lines.colour: There is no such member. Known are line, item",
    );
    starts(
        "[{\"task\":\"P-1\",\"kind\":\"pick\",\"lines\":[\n\n{\"item\":\"DRILL\",\"quantity\":1e3,\"location\":\"A-01\"}]}]",
        "line 3, column quantity: \"1e3\": is no quantity.",
    );
}

#[test]
fn files_of_other_programs_are_understood() {
    assert_eq!(
        csv(
            ImportKind::Locations,
            "\u{feff}location;zone\r\nA-01;\"Aisle; A\"\r\n"
        ),
        [""; 0]
    );
    assert_eq!(csv(ImportKind::Items, "Item , NAME\n MILK , Milk \n"), [""; 0]);
    let told = mistakes(ImportKind::Locations, ImportFormat::Csv, b"location\nA\nB\xe4r\n");
    assert!(
        told[0].starts_with("line 3: The file is not UTF-8 from here on."),
        "{told:?}"
    );
}

#[test]
fn only_so_many_mistakes_are_told() {
    let mut text = "item,lot\n".to_owned();
    text.push_str("MILK,maybe\n");
    for number in 0..200 {
        text.push_str(&format!("I-{number},maybe\n"));
    }
    let file = ImportFile::named("items.csv", text.as_bytes());
    let mut mistakes = Mistakes::default();
    let table = Table::read(ImportKind::Items, &file, &mut mistakes);
    let items = items::read(&table, &mut mistakes);
    let error = mistakes.unless_any("items.csv", items).unwrap_err().to_string();
    assert_eq!(error.lines().count(), 2 + MISTAKES_MAX);
    assert!(error.ends_with("items.csv: and 151 more."), "{error}");
}

/// A line that names a handling unit and no quantity means the unit with whatever is in it; without a unit it is a mistake.
#[test]
fn a_line_may_mean_a_whole_unit() {
    let head = "task,kind,reference,line,item,quantity,handling_unit,location,to\n";
    let unit = "095201230000000010";
    for row in [
        format!("T-1,pick,A,1,,,{unit},A-01,\n"),
        format!("T-1,pick,A,1,MILK,,{unit},A-01,\n"),
        format!("T-1,putaway,A,1,,,{unit},DOCK-1,A-01\n"),
        format!("T-1,replenish,A,1,,,{unit},DOCK-1,A-01\n"),
        format!("T-1,move,A,1,,,{unit},DOCK-1,A-01\n"),
    ] {
        assert_eq!(csv(ImportKind::Tasks, &format!("{head}{row}")), [""; 0], "{row}");
    }
    for (row, told) in [
        (
            "T-1,pick,A,1,MILK,,,A-01,\n".to_owned(),
            "column quantity: is empty",
        ),
        (format!("T-1,pick,A,1,,4,{unit},A-01,\n"), "column item: is empty"),
        (format!("T-1,pick,A,1,BEER,,{unit},A-01,\n"), "column item"),
        (
            format!("T-1,pack,A,1,MILK,,{unit},,\n"),
            "column quantity: is empty",
        ),
    ] {
        let mistakes = csv(ImportKind::Tasks, &format!("{head}{row}"));
        assert!(
            mistakes.iter().any(|mistake| mistake.contains(told)),
            "{row}: {mistakes:?}"
        );
    }
}

#[test]
fn codes_are_kept_as_devices_look_them_up() {
    let text = "item,code,pack\nMILK,4006381333931,\nMILK,=12345678,\nMILK,CASE-1,12\nMILK,96385074,\n";
    let file = ImportFile::named("items.csv", text.as_bytes());
    let mut mistakes = Mistakes::default();
    let items = items::read(
        &Table::read(ImportKind::Items, &file, &mut mistakes),
        &mut mistakes,
    );
    assert_eq!(mistakes.kept, []);
    let codes: Vec<(&str, i64)> = items[0]
        .codes
        .iter()
        .map(|code| (code.code.as_str(), code.pack_micro))
        .collect();
    let one = 1_000_000;
    let wanted = [
        ("04006381333931", one),
        ("12345678", one),
        ("CASE-1", 12 * one),
        ("00000096385074", one),
    ];
    assert_eq!(codes, wanted);
}

/// Each word of a kind plans that kind, and no other. What the row lacks for it is told.
#[test]
fn every_kind_of_work_can_be_planned_by_a_file() {
    for word in tallyman_floor::TaskKind::WORDS {
        let text = format!("task,kind,location\nT-1,{word},A-01\n");
        let file = ImportFile::named("tasks.csv", text.as_bytes());
        let mut mistakes = Mistakes::default();
        let table = Table::read(ImportKind::Tasks, &file, &mut mistakes);
        let tasks = tasks::read(&table, "main", &names(), &mut mistakes);
        let kind = serde_json::to_value(&tasks[0].kind).unwrap();
        assert_eq!(kind.as_object().unwrap().keys().collect::<Vec<_>>(), [word]);
        let columns = include_str!("../../../docs/imports.md");
        assert!(
            columns.contains(&format!("`{word}`")),
            "docs/imports.md tells of {word}"
        );
    }
}

#[test]
fn an_inspection_says_where_what_and_what_it_was_before() {
    use tallyman_floor::wire::v1::{InspectBody, TaskKindBody};
    let told = csv(
        ImportKind::Tasks,
        "task,kind,status,item,quantity,location\nQ-1,inspect,broken,,,\n",
    );
    let wanted = [
        "line 2, column status: \"broken\": is not known. Allowed are available, hold, damaged.",
        "line 2, column item: is empty",
        "line 2, column quantity: is empty",
        "line 2, column location: is empty",
    ];
    assert_eq!(told.len(), wanted.len(), "{told:#?}");
    for (told, wanted) in told.iter().zip(wanted) {
        assert!(told.starts_with(wanted), "{told}");
    }
    for (status, kept) in [("hold", "hold"), ("", ""), ("available", "")] {
        let text = format!("task,kind,status,item,quantity,location\nQ-1,inspect,{status},DRILL,2,A-01\n");
        let file = ImportFile::named("tasks.csv", text.as_bytes());
        let mut mistakes = Mistakes::default();
        let table = Table::read(ImportKind::Tasks, &file, &mut mistakes);
        let tasks = tasks::read(&table, "main", &names(), &mut mistakes);
        assert_eq!(mistakes.kept, []);
        let status = kept.to_owned();
        assert_eq!(tasks[0].kind, TaskKindBody::Inspect(InspectBody { status }));
    }
}

proptest::proptest! {
    /// Whatever the bytes are, reading ends with rows or mistakes.
    #[test]
    fn no_file_brings_it_down(content: Vec<u8>, kind in 0..4_usize, json: bool) {
        let format = if json { ImportFormat::Json } else { ImportFormat::Csv };
        let _ = mistakes(ImportKind::ALL[kind], format, &content);
    }

    #[test]
    fn no_text_brings_it_down(text in "[ -~\n,;\"{}\\[\\]:]{0,200}", kind in 0..4_usize, json: bool) {
        let format = if json { ImportFormat::Json } else { ImportFormat::Csv };
        let _ = mistakes(ImportKind::ALL[kind], format, text.as_bytes());
    }
}
