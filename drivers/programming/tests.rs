//! A site's file over a driver's, and what is told about files that make no sheet.

use super::{Certainty, Sheet, for_usb, sheet, sheet_with};
use crate::driver;

fn with(name: &str, site: &str) -> Result<Sheet, String> {
    sheet_with(driver(name).unwrap(), site, "site.toml").map_err(|error| error.to_string())
}

fn keys<'a>(sheet: &'a Sheet, host: &str) -> Vec<&'a str> {
    let host = sheet.host(host).unwrap();
    sheet.steps_for(host).map(|step| step.key.as_str()).collect()
}

#[test]
fn a_site_replaces_adds_and_takes_away() {
    let site = r#"
        notes = ["Xenon 1950g, looked up on 2026-11-12."]

        [encoding]
        certainty = "seen"

        [[step]]
        key = "beep_off"
        certainty = "seen"
        source = "seen on our Xenon 1950g"

        [[step]]
        key = "defaults"
        remove = true

        [[step]]
        key = "metadata"
        command = ""

        [[step]]
        key = "volume"
        stage = "beep"
        title = "Low volume"
        does = "What still beeps is low."
        why = "The hall is quiet."
        setting = "Beeper volume low"
        chapter = "Input/Output Settings"
        command = "BEPLVL1."
        certainty = "stated"
        source = "User's guide, page 4-3"
    "#;
    let sheet = with("honeywell", site).unwrap();
    assert_eq!(
        keys(&sheet, "usb-serial"),
        [
            "host_usb_serial",
            "no_prefix",
            "metadata",
            "aim_prefix",
            "beep_off",
            "volume",
            "suffix_cr"
        ]
    );
    assert_eq!(sheet.notes[0], "Xenon 1950g, looked up on 2026-11-12.");
    assert_eq!(sheet.site_file.as_deref(), Some("site.toml"));
    let step = |key: &str| sheet.steps.iter().find(|step| step.key == key).unwrap();
    let command = |key: &str| step(key).code.as_ref().map(|code| code.command.as_str());
    assert_eq!(
        command("beep_off"),
        Some("BEPBEP0."),
        "what the site does not say stays"
    );
    assert_eq!(sheet.certainty(step("beep_off")), Certainty::Seen);
    assert_eq!(step("beep_off").source, "seen on our Xenon 1950g");
    assert_eq!((command("metadata"), command("volume")), (None, Some("BEPLVL1.")));
    assert!(step("volume").from_site && !step("suffix_cr").from_site);
}

#[test]
fn a_step_with_bars_is_no_surer_than_the_way_they_are_made() {
    let sheet = sheet(driver("honeywell").unwrap()).unwrap();
    let metadata = sheet.steps.iter().find(|step| step.key == "metadata").unwrap();
    assert_eq!(metadata.certainty, Certainty::Stated);
    assert_eq!(sheet.certainty(metadata), Certainty::Unsure);
    // Without bars there is nothing to be unsure of but the setting itself.
    let without = with("honeywell", "[[step]]\nkey = \"metadata\"\ncommand = \"\"\n").unwrap();
    let metadata = without.steps.iter().find(|step| step.key == "metadata").unwrap();
    assert_eq!(without.certainty(metadata), Certainty::Stated);
}

#[test]
fn a_site_can_give_codes_where_the_project_has_none() {
    let codes = r#"
        [[step]]
        key = "beep_off"
        command = "B0"
    "#;
    let refused = with("datalogic", codes).unwrap_err();
    assert!(refused.contains("step beep_off has a command"), "{refused}");
    let encoding =
        "[encoding]\nsymbology = \"code_128\"\ncertainty = \"stated\"\nsource = \"guide, page 12\"\n";
    let sheet = with("datalogic", &format!("{encoding}{codes}")).unwrap();
    assert!(sheet.steps.iter().any(|step| step.code.is_some()));
}

#[test]
fn what_is_wrong_is_told_with_its_place() {
    let long = format!("[[step]]\nkey = \"beep_off\"\ncommand = \"{}\"\n", "a".repeat(80));
    let cases: &[(&str, &str)] = &[
        (
            "[[step]]\nkey = \"beep_off\"\ncomand = \"X\"\n",
            "site.toml is no list of programming codes: TOML parse error at line 3, column 1",
        ),
        (
            "[[step]]\nkey = \"volume\"\nstage = \"beep\"\n",
            "site.toml: step volume has no `title`; write `title = \"…\"` there",
        ),
        (
            "title = \" \"\n",
            "site.toml: the sheet has no `title`; write `title = \"…\"` there",
        ),
        (
            "[[host]]\nword = \"ps2\"\n",
            "site.toml: host ps2 has no `name`; write `name = \"…\"` there",
        ),
        (
            "[[step]]\nkey = \"beep_off\"\nhosts = [\"usb\"]\n",
            "site.toml: step beep_off is for the host `usb`, which is not there; there are usb-serial, rs232, hid-pos",
        ),
        (
            "[[step]]\nkey = \"beep_off\"\ncommand = \"BEPBEP0…\"\n",
            "site.toml: the command of step beep_off cannot be drawn: `…` at character 7 has no bars in Code 128; use \
             ASCII characters only",
        ),
        (
            &long,
            "site.toml: the code of step beep_off is 946 modules wide, and a page holds 700; divide the command into \
             two steps",
        ),
    ];
    for (site, message) in cases {
        let told = with("honeywell", site).unwrap_err();
        assert!(told.starts_with(message), "{site}\nsays {told}");
    }
    for site in [
        "step = 3",
        "[[step]]\n",
        "[encoding]\nsymbology = \"aztec\"\n",
        "\u{0}",
    ] {
        let told = with("honeywell", site).unwrap_err();
        assert!(told.starts_with("site.toml is no list"), "{site:?} says {told}");
    }
}

#[test]
fn a_usb_device_finds_its_makers_sheet_and_else_its_drivers() {
    let found = |vendor: &str, product: Option<&str>| for_usb(vendor, product).map(|driver| driver.name);
    for (vendor, product, name) in [
        ("05e0", Some("1200"), Some("zebra_ssi")),
        ("05E0", None, Some("zebra_ssi")),
        ("0c2e", Some("ffff"), Some("honeywell")),
        ("1eab", Some("0110"), Some("newland")),
        ("065a", Some("0009"), Some("plain_text")),
        ("065a", Some("0001"), Some("keyboard_wedge")),
        ("067E", Some("0801"), Some("keyboard_wedge")),
        ("ffff", Some("0001"), None),
    ] {
        assert_eq!(found(vendor, product), name, "{vendor}:{product:?}");
    }
}
