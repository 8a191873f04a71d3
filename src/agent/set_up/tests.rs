//! A set-up over real configuration files: what is taken, what goes before it, and what is told.

use std::path::Path;

use serde_json::json;
use tallyman_floor::wire::set_up::{SetUpCode, Wifi};
use tallyman_floor::wire::v1::ProfileBody;

use super::*;

/// A device with this in its configuration, besides where its store is.
fn config(folder: &Path, text: &str) -> AgentConfig {
    let file = folder.join("agent.toml");
    let store = folder.join("agent.db");
    let text = format!("{text}\n[store]\npath = \"{}\"\n", store.display());
    std::fs::write(&file, text).unwrap();
    AgentConfig::load(Some(&file), &|_| None).unwrap()
}

fn code() -> SetUpCode {
    SetUpCode {
        address: "https://hub:7070".to_owned(),
        pin: Some([7; 32]),
        code: "K7QM2XRPABCDEFGH".to_owned(),
        site: "main".to_owned(),
        profile: "dock".to_owned(),
        wifi: None,
    }
}

fn profile() -> ProfileBody {
    ProfileBody {
        name: "dock".to_owned(),
        language: Some("de".to_owned()),
        volume: None,
        keymap: None,
        scanners: Some(vec![json!({
            "name": "ring", "driver": "plain_text", "link": { "serial": { "path": "/dev/ring" } }
        })]),
    }
}

#[test]
fn a_code_and_a_profile_fill_a_bare_configuration() {
    let folder = tempfile::tempdir().unwrap();
    let before = config(folder.path(), "");
    let desk = Desk::of(&before);
    desk.take(&code()).unwrap();
    assert!(*desk.subscribe().borrow());
    let taken = before.read_again().unwrap();
    assert_eq!(
        (taken.hub.url.as_str(), taken.hub.enrolment_code.expose()),
        ("https://hub:7070", "K7QM2XRPABCDEFGH")
    );
    assert_eq!(taken.hub.trust().unwrap().pin, Some(Pin::from_bytes([7; 32])));

    let desk = Desk::of(&taken);
    desk.keep("main", Some(&profile())).unwrap();
    // The program ends here: the code is still there, to ask again.
    assert!(!before.read_again().unwrap().hub.enrolment_code.is_empty());
    desk.done();
    let set_up = before.read_again().unwrap();
    assert!(set_up.hub.enrolment_code.is_empty());
    assert_eq!(set_up.hub.url, "https://hub:7070");
    assert_eq!((set_up.language.code(), set_up.devices.len()), ("de", 1));
    let news = Desk::of(&set_up).take_news().unwrap();
    let changed: Vec<_> = news
        .changed
        .iter()
        .map(|(part, now)| (*part, now.as_str()))
        .collect();
    assert_eq!(
        changed,
        [
            (SetUpPart::Site, "main"),
            (SetUpPart::Profile, "dock"),
            (SetUpPart::Language, "de"),
            (SetUpPart::Scanners, "ring")
        ]
    );
    assert_eq!(Desk::of(&set_up).take_news(), None, "told once");
    use std::os::unix::fs::PermissionsExt as _;
    let mode = std::fs::metadata(set_up.set_up_path())
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn what_an_administrator_wrote_goes_before() {
    let scanner =
        "[[device]]\nname = \"own\"\ndriver = \"plain_text\"\nlink = { serial = { path = \"/dev/own\" } }";
    for (text, refused) in [
        ("[hub]\nurl = \"https://other\"", true),
        ("[hub]\nurl = \"https://hub:7070\"", true),
        (
            "[hub]\ncertificate_pin = \"0808080808080808080808080808080808080808080808080808080808080808\"",
            true,
        ),
        ("[hub]\nenrolment_code = \"OTHER\"", true),
        ("[hub]\nurl = \"\"", false),
        (scanner, false),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let before = config(folder.path(), text);
        let answer = Desk::of(&before).take(&code());
        assert_eq!(
            answer,
            if refused {
                Err(SetUpRefusal::OtherHub)
            } else {
                Ok(())
            },
            "{text}"
        );
        assert_eq!(before.set_up_path().exists(), !refused);
    }
    let folder = tempfile::tempdir().unwrap();
    let before = config(folder.path(), &format!("language = \"pl\"\n{scanner}"));
    let desk = Desk::of(&before);
    desk.take(&code()).unwrap();
    desk.keep("main", Some(&profile())).unwrap();
    let news = desk.take_news().unwrap();
    assert_eq!(news.not_taken, [SetUpPart::Language, SetUpPart::Scanners]);
    let after = before.read_again().unwrap();
    assert_eq!(
        (after.language.code(), after.devices[0].name.as_str()),
        ("pl", "own")
    );
}

#[test]
fn a_setting_that_cannot_be_does_not_take_the_others_along() {
    let folder = tempfile::tempdir().unwrap();
    let before = config(folder.path(), "");
    let desk = Desk::of(&before);
    let wrong = ProfileBody {
        scanners: Some(vec![json!({ "name": "x", "driver": "no_such", "link": {} })]),
        keymap: Some("of another version".to_owned()),
        ..profile()
    };
    desk.keep("main", Some(&wrong)).unwrap();
    desk.done();
    let after = before.read_again().unwrap();
    assert_eq!((after.language.code(), after.devices.len()), ("de", 0));
    let news = desk.take_news().unwrap();
    assert!(news.not_taken.contains(&SetUpPart::Scanners), "{news:?}");
    // And a file that a later version wrote, or nobody, stops no device.
    for text in [
        "{",
        "{\"profile\":{\"name\":\"x\",\"language\":\"xx\"},\"address\":\"https://hub\"}",
    ] {
        std::fs::write(before.set_up_path(), text).unwrap();
        before.read_again().unwrap();
    }
    assert_eq!(before.read_again().unwrap().hub.url, "https://hub");
}

#[test]
fn a_device_that_was_set_up_by_its_configuration_alone_keeps_no_file() {
    let folder = tempfile::tempdir().unwrap();
    let config = config(
        folder.path(),
        "[hub]\nurl = \"https://hub\"\nenrolment_code = \"K7\"",
    );
    let desk = Desk::of(&config);
    desk.keep("main", None).unwrap();
    desk.done();
    assert!(!config.set_up_path().exists() && !*desk.subscribe().borrow());
}

#[test]
fn sticks_are_looked_at_only_by_a_device_that_waits_to_be_set_up() {
    let folder = tempfile::tempdir().unwrap();
    let with = |more: &str| Desk::of(&config(folder.path(), more)).looks_at_sticks();
    assert!(with("[set_up]\nfolder = \"/media\""));
    assert!(!with(""), "no folder");
    assert!(!with(
        "[set_up]\nfolder = \"/media\"\n[hub]\nurl = \"http://hub\"\nenrolment_code = \"K7QM2XRP\""
    ));
}

#[test]
fn a_code_on_a_stick_is_taken_and_a_network_is_told() {
    let (folder, sticks) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let stick = sticks.path().join("STICK");
    std::fs::create_dir(&stick).unwrap();
    let config = config(
        folder.path(),
        &format!("[set_up]\nfolder = \"{}\"", sticks.path().display()),
    );
    let file = stick.join("tallyman-set-up.txt");
    for text in ["", "nothing", "TALLYSETUP234"] {
        std::fs::write(&file, text).unwrap();
        Desk::of(&config).look_at_stick();
        assert!(!config.set_up_path().exists(), "{text}");
    }
    let with_network = SetUpCode {
        wifi: Some(Wifi {
            name: "Halle 3".to_owned(),
            password: String::new(),
        }),
        ..code()
    };
    std::fs::write(
        &file,
        format!("\u{feff}For the dock:\r\n{}\r\n", with_network.to_text().unwrap()),
    )
    .unwrap();
    Desk::of(&config).look_at_stick();
    let taken = config.read_again().unwrap();
    assert_eq!(taken.hub.url, "https://hub:7070");
    let desk = Desk::of(&taken);
    desk.keep("main", None).unwrap();
    desk.done();
    assert_eq!(
        desk.take_news().unwrap().not_taken,
        [SetUpPart::Wifi],
        "nothing is configured for it"
    );
}
