//! Holds `docs/codes.md` against the program: its examples are run, its tables written anew, and both compared.
//! `UPDATE=1` writes the page instead.

use std::path::{Path, PathBuf};

use clap::Parser;
use tallyman_codes::Symbology;
use tallyman_codes::ai::{Ai, ENTRIES, Entry};
use tallyman_codes::charset::CharSet;
use tallyman_codes::code_id::Vendor;
use tallyman_codes::fault::{Fault, FaultCode};

use super::{Arguments, answer_all, table::Style};

/// How examples are run: the command line without its first word.
#[derive(Parser)]
struct Decode {
    #[command(flatten)]
    arguments: Arguments,
}

fn page() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/codes.md")
}

#[test]
fn the_page_says_what_the_program_does() {
    let written = std::fs::read_to_string(page()).expect("docs/codes.md");
    let made = tables(&examples(&written));
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(page(), made).expect("docs/codes.md can be written");
        return;
    }
    for (number, (written, made)) in written.lines().zip(made.lines()).enumerate() {
        assert_eq!(
            written,
            made,
            "docs/codes.md, line {}: run the test with UPDATE=1",
            number + 1
        );
    }
    assert_eq!(
        written.lines().count(),
        made.lines().count(),
        "docs/codes.md: run the test with UPDATE=1"
    );
}

/// The page with the output behind each `$ ` line written anew.
fn examples(page: &str) -> String {
    let (mut made, mut inside) = (String::new(), false);
    for line in page.lines() {
        if let Some(command) = line.strip_prefix("$ ") {
            inside = true;
            made.push_str(&format!("$ {command}\n{}", output_of(command)));
            continue;
        }
        inside &= !line.starts_with("```");
        if !inside {
            made.push_str(line);
            made.push('\n');
        }
    }
    made
}

/// Runs `tallyman decode …`, perhaps behind `echo '…' |`.
fn output_of(command: &str) -> String {
    let (input, command) = command.split_once(" | ").unwrap_or(("", command));
    let input: Vec<String> = words(input.strip_prefix("echo ").unwrap_or(input));
    let command = command
        .strip_prefix("tallyman ")
        .expect("a command of the program");
    let decode = Decode::try_parse_from(words(command)).expect("right arguments");
    let mut output = Vec::new();
    let lines: String = input.iter().map(|line| format!("{line}\n")).collect();
    answer_all(
        &decode.arguments,
        Style::Plain,
        &mut lines.as_bytes(),
        &mut output,
    )
    .expect("an answer");
    String::from_utf8(output).expect("text")
}

/// Words as a shell parts them, single quotes and nothing more.
fn words(line: &str) -> Vec<String> {
    let (mut words, mut word, mut quoted) = (Vec::new(), None::<String>, false);
    for character in line.chars() {
        match character {
            '\'' => {
                quoted = !quoted;
                word.get_or_insert_default();
            }
            ' ' if !quoted => words.extend(word.take()),
            other => word.get_or_insert_default().push(other),
        }
    }
    words.extend(word);
    words
}

/// The page with each generated table written anew: what stands between `<!-- made: NAME -->` and `<!-- end -->`.
fn tables(page: &str) -> String {
    let (mut made, mut inside) = (String::new(), false);
    for line in page.lines() {
        inside &= line != "<!-- end -->";
        if !inside {
            made.push_str(line);
            made.push('\n');
        }
        if let Some(name) = line
            .strip_prefix("<!-- made: ")
            .and_then(|rest| rest.strip_suffix(" -->"))
        {
            inside = true;
            made.push_str(&table(name));
        }
    }
    made
}

fn table(name: &str) -> String {
    match name {
        "identifiers" => ENTRIES.iter().map(row).fold(
            "| AI | title | value | separator behind | Digital Link |\n|---|---|---|---|---|\n".to_owned(),
            |table, row| table + &row,
        ),
        "refusals" => FaultCode::ALL.iter().fold(
            "| code | as told for a lot (10) |\n|---|---|\n".to_owned(),
            |table, code| {
                let ai = if *code == FaultCode::UnknownAi {
                    b"05"
                } else {
                    b"10"
                };
                let fault = Fault {
                    code: *code,
                    ai: Ai::new(ai),
                    at: 0,
                };
                table + &format!("| `{}` | {} |\n", code.as_str(), fault.sentence())
            },
        ),
        "symbologies" => Symbology::all().fold(
            "| identifier | symbology |\n|---|---|\n".to_owned(),
            |table, symbology| table + &format!("| `{}` | {} |\n", symbology.id(), symbology.name()),
        ),
        "code_ids" => {
            let vendors = [
                ("Zebra", Vendor::Zebra),
                ("Honeywell", Vendor::Honeywell),
                ("Datalogic, USA set", Vendor::DatalogicUsa),
                ("Datalogic, EU set", Vendor::DatalogicEu),
            ];
            vendors.into_iter().fold(
                "| vendor | code ids |\n|---|---|\n".to_owned(),
                |table, (name, vendor)| {
                    let ids: Vec<String> = vendor
                        .code_ids()
                        .map(|code_id| code_id_of(vendor, code_id))
                        .collect();
                    table + &format!("| {name} | {} |\n", ids.join(", "))
                },
            )
        }
        other => panic!("no table {other}"),
    }
}

fn code_id_of(vendor: Vendor, code_id: &str) -> String {
    match vendor.symbology(code_id) {
        Some(id) => format!("`{code_id}` `{id}`"),
        None => format!("`{code_id}` none"),
    }
}

fn row(entry: &Entry) -> String {
    let link = match (entry.is_key, entry.in_query) {
        (true, true) => "key, query",
        (true, false) => "key",
        (false, true) => "query",
        (false, false) => "",
    };
    let separator = if entry.predefined > 0 { "no" } else { "yes" };
    format!(
        "| {} | {} | {} | {separator} | {link} |\n",
        entry.ais,
        entry.title.replace('|', "\\|"),
        format_of(entry)
    )
}

fn format_of(entry: &Entry) -> String {
    let parts: Vec<String> = entry
        .parts
        .iter()
        .map(|part| {
            let set = match part.set {
                CharSet::Numeric => "N",
                CharSet::Set82 => "X",
                CharSet::Set39 => "Y",
                CharSet::Set64 => "Z",
            };
            let length = if part.min == part.max {
                part.max.to_string()
            } else {
                format!("..{}", part.max)
            };
            if part.optional {
                format!("[{set}{length}]")
            } else {
                format!("{set}{length}")
            }
        })
        .collect();
    parts.join(" + ")
}

#[test]
fn one_line_has_one_answer_whatever_it_holds() {
    let mut input =
        b"{\"scan\":\"]C10109521234543213\"}\nno object\n\n{\"scan\":1}\n{\"scan\":\"a\",\"uri\":\"b\"}\n"
            .to_vec();
    input.extend(b"{\"epc\":\"30\",\"bits\":9}\n{\"epc\":\"3X\"}\n{\"scan_hex\":\"5\"}\n\xFF\xFE\n");
    input.extend(vec![b' '; super::LINE_BYTES_MAX + 1]);
    input.extend(
        b"\n{\"scan_hex\":\"5D4331303130393532313233343534333231330A\"}\n{\"scan\":\"4006381333931\"}",
    );
    let mut output = Vec::new();
    let decode = Decode::try_parse_from(["decode", "--jsonl", "--today", "2026-11-23"]).unwrap();
    answer_all(
        &decode.arguments,
        Style::Plain,
        &mut input.as_slice(),
        &mut output,
    )
    .unwrap();
    let answers: Vec<serde_json::Value> = output
        .split(|&byte| byte == b'\n')
        .filter_map(|line| serde_json::from_slice(line).ok())
        .collect();
    let codes: Vec<&str> = answers
        .iter()
        .map(|answer| {
            answer["error"]["code"]
                .as_str()
                .or(answer["kind"].as_str())
                .unwrap()
        })
        .collect();
    let input = "input";
    assert_eq!(
        codes,
        [
            "element_string",
            input,
            input,
            input,
            input,
            input,
            input,
            input,
            input,
            input,
            "unknown_ai",
            "gtin"
        ]
    );
    assert!(answers.iter().all(|answer| answer["ok"].is_boolean()));
}

#[test]
fn wrong_settings_are_told() {
    for setting in ["no", "colour=red", "bare_sscc=yes", "gs_alias=A"] {
        let decode = Decode::try_parse_from(["decode", "x", "--set", setting]).unwrap();
        assert!(
            answer_all(
                &decode.arguments,
                Style::Plain,
                &mut [].as_slice(),
                &mut Vec::new()
            )
            .is_err(),
            "{setting}"
        );
    }
    assert!(Decode::try_parse_from(["decode"]).is_err());
    assert!(Decode::try_parse_from(["decode", "x", "--jsonl"]).is_err());
}
