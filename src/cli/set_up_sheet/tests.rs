//! The command and its page.

use clap::Parser as _;

use super::*;

fn arguments(driver: &str) -> Arguments {
    Arguments {
        driver: (!driver.is_empty()).then(|| driver.to_owned()),
        device: None,
        host: None,
        codes: None,
        out: None,
    }
}

fn every_page() -> Vec<(Sheet, Host, String)> {
    let mut pages = Vec::new();
    for driver in CATALOGUE {
        let sheet = programming::sheet(driver).unwrap();
        for host in &sheet.hosts {
            pages.push((
                sheet.clone(),
                host.clone(),
                page::page(&sheet, host).into_string(),
            ));
        }
    }
    pages
}

#[test]
fn a_page_needs_nothing_from_elsewhere() {
    for (sheet, host, html) in every_page() {
        for outside in ["http:", "https:", "src=", "href=", "url(", "@import", "<script"] {
            let place = format!("{} by {}", sheet.driver, host.word);
            assert!(!html.contains(outside), "{place} has {outside}");
        }
    }
}

#[test]
fn every_step_has_its_bars_or_says_that_there_are_none_and_doubt_is_marked() {
    for (sheet, host, html) in every_page() {
        let place = format!("{} by {}", sheet.driver, host.word);
        let steps: Vec<_> = sheet.steps_for(&host).collect();
        let codes: Vec<_> = steps.iter().filter_map(|step| step.code.as_ref()).collect();
        // One picture more is the proof's.
        assert_eq!(html.matches("<svg").count(), codes.len() + 1, "{place}");
        for code in &codes {
            let across = format!("viewBox=\"0 0 {} ", code.bars.modules());
            assert!(html.contains(&across), "{place}: {}", code.command);
            let caption = format!("<figcaption>{}</figcaption>", code.command);
            assert!(html.contains(&caption), "{place}: {}", code.command);
        }
        let missing = html.matches("NO CODE HERE: ").count();
        assert_eq!(missing, steps.len() - codes.len(), "{place}");
        let doubtful =
            |step: &&&programming::Step| step.code.is_some() && sheet.certainty(step) == Certainty::Unsure;
        let unsure = html
            .matches("check against the guide of your model before scanning")
            .count();
        assert_eq!(unsure, steps.iter().filter(doubtful).count(), "{place}");
    }
}

#[test]
fn the_proof_is_a_command_that_there_is() {
    for (sheet, host, html) in every_page() {
        let line = format!("tallyman record {} --reads 1", host.record);
        assert!(html.contains(&line), "{line}");
        let parsed = crate::CommandLine::try_parse_from(line.split(' '));
        assert!(parsed.is_ok(), "{} by {}: {line}", sheet.driver, host.word);
    }
}

#[test]
fn what_a_site_writes_is_text_and_no_markup() {
    let site = "title = \"<script>alert(1)</script>\"\nnotes = [\"a & `b<c`\"]\n[[step]]\nkey = \"enter\"\n\
                command = \"@A<\\rB\"\n";
    let sheet =
        programming::sheet_with(tallyman_drivers::driver("newland").unwrap(), site, "<site>").unwrap();
    let html = page::page(&sheet, &sheet.hosts[0]).into_string();
    assert!(!html.contains("<script") && !html.contains("<site>"));
    for written in [
        "&lt;script&gt;",
        "a &amp; <code>b&lt;c</code>",
        "@A&lt;&lt;0D&gt;B",
        "; by &lt;site&gt;",
    ] {
        assert!(html.contains(written), "{written}");
    }
}

#[test]
fn a_sheet_is_written_to_a_file_with_a_sites_codes() {
    let folder = tempfile::tempdir().unwrap();
    let (codes, out) = (folder.path().join("codes.toml"), folder.path().join("sheet.html"));
    fs::write(&codes, "[[step]]\nkey = \"beep_off\"\ncommand = \"@OUR1\"\n").unwrap();
    let code = run(Arguments {
        codes: Some(codes),
        out: Some(out.clone()),
        host: Some("rs232".to_owned()),
        ..arguments("newland")
    });
    assert_eq!(code.unwrap(), ExitCode::SUCCESS);
    let html = fs::read_to_string(out).unwrap();
    assert!(html.contains("<figcaption>@OUR1</figcaption>") && !html.contains("@GRBENA0"));
}

#[test]
fn what_cannot_be_done_is_told() {
    let told = |arguments: Arguments| run(arguments).unwrap_err().to_string();
    assert!(told(arguments("hony")).starts_with("There is no driver `hony`. There are plain_text, "));
    assert_eq!(
        told(Arguments {
            host: Some("ps2".to_owned()),
            ..arguments("honeywell")
        }),
        "The sheet honeywell has no host `ps2`. It has usb-serial, rs232, hid-pos."
    );
    assert!(
        told(Arguments {
            device: Some(usb_id("ffff:0001").unwrap()),
            ..arguments("")
        })
        .starts_with("No sheet is for devices of the maker ffff.")
    );
    assert!(
        told(Arguments {
            out: Some(PathBuf::from("sheet.html")),
            ..arguments("")
        })
        .starts_with("Name a driver")
    );
    let nowhere = PathBuf::from("/nowhere/codes.toml");
    assert_eq!(
        told(Arguments {
            codes: Some(nowhere),
            ..arguments("newland")
        }),
        "/nowhere/codes.toml cannot be read"
    );
}

#[test]
fn usb_ids_have_four_digits() {
    assert_eq!(usb_id("05E0").unwrap().product, None);
    assert_eq!(usb_id("05e0:1200").unwrap().product.as_deref(), Some("1200"));
    for wrong in ["", "5e0", "05e0:", "05e0:12", "05e0:1200:1", "zebra", "05g0"] {
        assert!(usb_id(wrong).unwrap_err().contains("is no USB id"), "{wrong}");
    }
}

#[test]
fn the_list_names_every_sheet_and_host() {
    let text = list().unwrap();
    for (sheet, host, _) in every_page() {
        assert!(text.contains(&format!("{}: {}", sheet.driver, sheet.title)));
        assert!(text.contains(&format!("  {:<12}", host.word)), "{}", host.word);
    }
}
