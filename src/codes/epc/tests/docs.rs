//! The page about EPCs, held against the program.

use super::super::scheme::{Layout, SCHEMES};
use super::super::{Warning, decode};
use super::examples::bytes;

const PAGE: &str = include_str!("../../../../docs/epc.md");

/// The rows of the table under a heading, without its head, each cell without quotes.
fn rows(heading: &str) -> Vec<Vec<&'static str>> {
    let (_, section) = PAGE.split_once(&format!("## {heading}\n")).unwrap();
    let table = section
        .lines()
        .skip_while(|line| !line.starts_with('|'))
        .take_while(|line| line.starts_with('|'));
    table
        .skip(2)
        .map(|line| {
            line.trim_matches('|')
                .split('|')
                .map(|cell| cell.trim().trim_matches('`'))
                .collect()
        })
        .collect()
}

#[test]
fn the_examples_are_made_by_the_program() {
    let examples = rows("Examples");
    assert_eq!(examples.len(), 11);
    for row in examples {
        let [hex, scheme, filter, fields, uri] = row.try_into().unwrap();
        let epc = decode(&bytes(hex), None, None).unwrap();
        assert_eq!(epc.scheme(), Some(scheme));
        assert_eq!(
            epc.filter().map_or(String::new(), |filter| filter.to_string()),
            filter
        );
        assert_eq!(epc.uri().unwrap_or_default(), uri);
        let read: String = epc
            .elements()
            .iter()
            .map(|element| format!("({}){}", element.ai, element.value))
            .collect();
        assert_eq!(read, fields);
    }
}

#[test]
fn the_table_of_schemes_is_whole() {
    let listed: Vec<String> = rows("Schemes")
        .iter()
        .map(|row| [row[0], row[1], row[2]].join(" "))
        .collect();
    let known: Vec<String> = SCHEMES
        .iter()
        .map(|scheme| {
            let bits = match scheme.layout {
                Layout::Classic(classic) => classic.bits.map_or("varies".to_owned(), |bits| bits.to_string()),
                Layout::Plus(_) => "varies".to_owned(),
            };
            format!("{:02X} {} {bits}", scheme.header, scheme.name)
        })
        .collect();
    assert_eq!(listed, known);
}

#[test]
fn every_warning_is_explained() {
    let (_, behind) = PAGE.split_once("Everything else that is odd").unwrap();
    for warning in [
        Warning::Padding,
        Warning::PcLength,
        Warning::Unprogrammed,
        Warning::Tid,
        Warning::Pieces,
        Warning::NoSerial,
        Warning::DateType,
        Warning::Appended,
        Warning::Toggle,
    ] {
        assert!(
            behind.contains(&format!("| `{}` |", warning.code())),
            "{warning:?}"
        );
    }
}
