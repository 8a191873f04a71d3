//! Layers, and what is said about every mistake.

use std::path::Path;

use proptest::prelude::*;
use serde::Deserialize;

use super::*;

#[derive(Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
struct Settings {
    site: String,
    hub: Hub,
    #[serde(default)]
    device: Vec<Device>,
}

#[derive(Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
struct Hub {
    url: String,
    port: u16,
    retry: bool,
    token: Secret,
}

#[derive(Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
struct Device {
    name: String,
    #[serde(default)]
    sound: Sound,
}

#[derive(Debug, Deserialize, PartialEq, Default)]
#[serde(rename_all = "lowercase")]
enum Sound {
    #[default]
    Loud,
    Soft,
}

const DEFAULTS: &str = r#"# Shipped.
site = "main"

[hub]
url = "https://hub.example"
port = 443
retry = true
token = ""
"#;

const VARIABLES: &[Variable] = &[
    Variable {
        name: "TALLYMAN_HUB_URL",
        key: "hub.url",
        value: VariableValue::Text,
    },
    Variable {
        name: "TALLYMAN_HUB_PORT",
        key: "hub.port",
        value: VariableValue::Toml,
    },
    Variable {
        name: "TALLYMAN_HUB_TOKEN",
        key: "hub.token",
        value: VariableValue::Text,
    },
];

fn load_with(file: File<'_>, environment: &[(&str, &str)]) -> Result<Settings, ConfigError> {
    let environment = |name: &str| {
        environment
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, value)| OsString::from(value))
    };
    load(&Sources {
        defaults: DEFAULTS,
        file,
        variables: VARIABLES,
        environment: &environment,
    })
}

fn load_text(text: &str) -> Result<Settings, String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("agent.toml");
    std::fs::write(&path, text).unwrap();
    load_with(File::Required(&path), &[]).map_err(|error| {
        error
            .to_string()
            .replace(&format!("{}/", folder.path().display()), "")
    })
}

#[test]
fn later_layers_win_key_by_key() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("agent.toml");
    std::fs::write(
        &path,
        "hub.port = 8443\n[[device]]\nname = \"ring\"\nsound = \"soft\"\n",
    )
    .unwrap();
    let environment = [
        ("TALLYMAN_HUB_URL", "http://\"quoted\"\\"),
        ("TALLYMAN_HUB_TOKEN", "123"),
    ];
    let settings = load_with(File::IfPresent(&path), &environment).unwrap();
    assert_eq!(
        settings,
        Settings {
            site: "main".to_owned(),
            hub: Hub {
                url: "http://\"quoted\"\\".to_owned(),
                port: 8443,
                retry: true,
                token: Secret::new("123"),
            },
            device: vec![Device {
                name: "ring".to_owned(),
                sound: Sound::Soft
            }],
        }
    );
}

#[test]
fn without_file_and_environment_the_defaults_hold() {
    let expected: Settings = parse("defaults", DEFAULTS).unwrap();
    assert_eq!(load_with(File::None, &[]).unwrap(), expected);
    assert_eq!(
        load_with(File::IfPresent(Path::new("/nowhere/agent.toml")), &[]).unwrap(),
        expected
    );
    assert_eq!(load_text("").unwrap(), expected);
}

#[test]
fn every_mistake_is_told_with_its_place_and_key() {
    for (text, expected) in [
        (
            "[hub]\nprot = 80\n",
            "agent.toml:2:1: unknown key `hub.prot`, did you mean `hub.port`?",
        ),
        (
            "  sitte = \"x\"",
            "agent.toml:1:3: unknown key `sitte`, did you mean `site`?",
        ),
        (
            "hub.colour = 1",
            "agent.toml:1:5: unknown key `hub.colour`; known are `url`, `port`, `retry`, `token`.",
        ),
        (
            "[hub]\nport = 70000",
            "agent.toml:2:8: the value of `hub.port` does not fit: invalid value: integer `70000`, expected u16.",
        ),
        (
            "hub = { port = \"80\" }",
            "agent.toml:1:16: the value of `hub.port` does not fit: invalid type: string \"80\", expected u16.",
        ),
        (
            "site = \"ü\"\n\n[[device]]\n",
            "agent.toml:3:1: the key `device[1].name` is missing and has no default. Add it to the file.",
        ),
        (
            "[[device]]\nname = \"a\"\n[[device]]\nname = \"b\"\nsound = \"lound\"",
            "agent.toml:5:9: `device[2].sound` cannot be `lound`, did you mean `loud`?",
        ),
        ("site = \"a\"\nsite = \"b\"", "agent.toml:2:1: duplicate key."),
        ("[hub\nport = 1", "agent.toml:1:5: unclosed table, expected `]`."),
        (
            "hub = 7",
            "agent.toml:1:7: the value of `hub` does not fit: invalid type: integer `7`, expected struct Hub.",
        ),
    ] {
        assert_eq!(load_text(text).unwrap_err(), expected, "{text}");
    }
}

#[test]
fn columns_count_characters() {
    let message = load_text("hub = { url = \"äöü\", prot = 1 }").unwrap_err();
    assert!(message.starts_with("agent.toml:1:22: "), "{message}");
}

#[test]
fn a_bad_variable_is_named() {
    for (value, expected) in [
        ("many", "the environment variable TALLYMAN_HUB_PORT: "),
        (
            "-1",
            "the environment variable TALLYMAN_HUB_PORT: the value of `hub.port` does not fit: ",
        ),
        (
            "1\nhub.retry = false",
            "the environment variable TALLYMAN_HUB_PORT: the value must be one line.",
        ),
        ("", "the environment variable TALLYMAN_HUB_PORT: "),
    ] {
        let message = load_with(File::None, &[("TALLYMAN_HUB_PORT", value)])
            .unwrap_err()
            .to_string();
        assert!(message.starts_with(expected), "{message}");
    }
}

#[test]
fn a_missing_file_matters_only_if_it_was_named() {
    let path = Path::new("/nowhere/agent.toml");
    let error = load_with(File::Required(path), &[]).unwrap_err();
    assert!(matches!(&error, ConfigError::Missing { path: named } if named == path));
    assert!(error.to_string().contains("Create it"), "{error}");
    let folder = tempfile::tempdir().unwrap();
    assert!(matches!(
        load_with(File::IfPresent(folder.path()), &[]),
        Err(ConfigError::Unreadable { .. })
    ));
}

#[test]
fn what_is_no_text_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("agent.toml");
    std::fs::write(&path, [0xff, 0xfe]).unwrap();
    assert!(
        load_with(File::Required(&path), &[])
            .unwrap_err()
            .to_string()
            .contains("not UTF-8")
    );
    std::fs::write(&path, " ".repeat(FILE_BYTES_MAX as usize + 1)).unwrap();
    assert!(
        load_with(File::Required(&path), &[])
            .unwrap_err()
            .to_string()
            .contains("larger than 1 MiB")
    );
    std::fs::write(&path, " ".repeat(FILE_BYTES_MAX as usize)).unwrap();
    load_with(File::Required(&path), &[]).unwrap();
}

#[test]
fn a_secret_never_shows() {
    let settings = load_with(File::None, &[("TALLYMAN_HUB_TOKEN", "swordfish")]).unwrap();
    assert_eq!(settings.hub.token.expose(), "swordfish");
    assert!(!format!("{settings:?} {}", settings.hub.token).contains("swordfish"));
    assert!(
        !toml::Value::try_from(&settings.hub.token)
            .unwrap()
            .to_string()
            .contains("swordfish")
    );
    for wrong in [
        "31337",
        "3133.7",
        "true",
        "[31337]",
        "{ a = 31337 }",
        "1979-05-27",
    ] {
        let message = load_text(&format!("[hub]\ntoken = {wrong}")).unwrap_err();
        assert!(
            message.contains("hub.token") && !message.contains("3133") && !message.contains("1979"),
            "{message}"
        );
    }
}

#[test]
fn a_key_without_default_is_asked_for_where_it_can_be_given() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("agent.toml");
    let missing = |defaults: &str, file: Option<&str>, token: Option<&str>| {
        std::fs::write(&path, file.unwrap_or_default()).unwrap();
        let sources = Sources {
            defaults,
            file: if file.is_some() {
                File::Required(&path)
            } else {
                File::None
            },
            variables: VARIABLES,
            environment: &|name| token.filter(|_| name == "TALLYMAN_HUB_TOKEN").map(OsString::from),
        };
        let text = load::<Settings>(&sources).unwrap_err().to_string();
        text.replace(&format!("{}/", folder.path().display()), "")
    };
    let site = "the key `site` is missing and has no default. Add it to the file.";
    let url = "the key `hub.url` is missing and has no default. Add it to the file, or set the variable TALLYMAN_HUB_URL.";
    let hub = "hub.port = 1\nhub.retry = true\nsite = \"main\"\n";
    assert_eq!(missing("", None, None), format!("the configuration: {site}"));
    assert_eq!(missing("", Some("\n\n"), None), format!("agent.toml: {site}"));
    assert_eq!(missing(hub, None, Some("x")), format!("the configuration: {url}"));
    assert_eq!(missing(hub, Some(""), Some("x")), format!("agent.toml: {url}"));
    assert_eq!(
        missing(hub, Some("\n[hub]\ntoken = \"x\""), None),
        format!("agent.toml:2:1: {url}")
    );
    let alone = parse::<Settings>("given.toml", "").unwrap_err().to_string();
    assert_eq!(alone, format!("given.toml: {site}"));
}

#[test]
fn a_mistake_in_the_defaults_is_not_blamed_on_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("agent.toml");
    std::fs::write(&path, "# Nothing.\n# And a second line.\n").unwrap();
    let sources = Sources {
        defaults: "site = \"main\"\nhub.wrong = 1",
        file: File::Required(&path),
        variables: &[],
        environment: &|_| None,
    };
    let message = load::<Settings>(&sources).unwrap_err().to_string();
    assert!(
        message.starts_with("the shipped configuration:2:5: unknown key `hub.wrong`"),
        "{message}"
    );
}

proptest! {
    #[test]
    fn no_text_panics(text in "[a-z\\[\\]{}=.\"' \n0-9#ü,]{0,60}") {
        let _ = load_text(&text);
    }

    #[test]
    fn any_text_comes_through_a_variable(text in any::<String>()) {
        prop_assume!(!text.contains('\0'));
        let settings = load_with(File::None, &[("TALLYMAN_HUB_URL", &text)]).unwrap();
        prop_assert_eq!(settings.hub.url, text);
    }
}
