//! A configuration without what nobody else may read: of its texts only those stay whose key is known to be harmless.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use toml::{Table, Value};

/// What stands where something was left out.
pub(super) const REMOVED: &str = "(removed)";

/// The keys with texts that anybody may read, of both configurations. A key that is not here is not trusted: it may be a
/// secret that was typed under a wrong name.
const HARMLESS: &[&str] = &[
    "address",
    "backlight",
    "beeper",
    "ca_file",
    "certificate_file",
    "certificate_pin",
    "certificate_sha256",
    "company_prefix",
    "console",
    "device",
    "dock",
    "door",
    "doubt",
    "driver",
    "file",
    "folder",
    "form",
    "good",
    "host_names",
    "id",
    "inside",
    "interrupted",
    "key_credential",
    "key_file",
    "kind",
    "kinds",
    "language",
    "level",
    "listen",
    "map",
    "name",
    "neighbours",
    "neighbours_elsewhere",
    "output",
    "outside",
    "path",
    "pattern",
    "photo_eyes",
    "port",
    "prefix",
    "quiet",
    "reading",
    "ready",
    "server_name",
    "site",
    "socket",
    "stable",
    "stop",
    "store",
    "suffix",
    "tcp",
    "templates",
    "theme",
    "trusted_proxies",
    "url",
    "usb",
    "vibrator",
    "wifi_iwd",
    "wifi_network_manager",
];

/// Shorter texts are not looked for elsewhere: they stand in any log by chance.
const SECRET_CHARACTERS_MIN: usize = 4;

/// A configuration as it may be shown.
pub(super) struct Redacted {
    /// The text, without comments.
    pub(super) text: String,
    /// What was left out.
    pub(super) secrets: Vec<String>,
    table: Table,
}

impl Redacted {
    /// A path under these keys, where it is set.
    pub(super) fn path(&self, keys: &[&str]) -> Option<PathBuf> {
        let (last, above) = keys.split_last()?;
        let mut table = &self.table;
        for key in above {
            table = table.get(*key)?.as_table()?;
        }
        let path = table.get(*last)?.as_str().filter(|path| !path.is_empty())?;
        Some(path.into())
    }
}

/// Reads a configuration file.
///
/// # Errors
/// Why there is nothing to show, without quoting what is in it.
pub(super) fn file(path: &Path) -> Result<Redacted, String> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| format!("{} cannot be read: {}", path.display(), error.kind()))?;
    let mut table: Table = text
        .parse()
        .map_err(|_| format!("{} is no TOML, and is left out", path.display()))?;
    let mut secrets = BTreeSet::new();
    redact_table(&mut table, "", &mut secrets);
    Ok(Redacted {
        text: toml::to_string_pretty(&table).unwrap_or_default(),
        secrets: secrets.into_iter().collect(),
        table,
    })
}

fn redact_table(table: &mut Table, above: &str, secrets: &mut BTreeSet<String>) {
    for (key, value) in table.iter_mut() {
        // Of a database even the address says who may write to the ledger.
        let is_harmless = HARMLESS.contains(&key.as_str()) && !(above == "database" && key == "url");
        redact(value, key, is_harmless, secrets);
    }
}

fn redact(value: &mut Value, key: &str, is_harmless: bool, secrets: &mut BTreeSet<String>) {
    match value {
        Value::String(text) if text.is_empty() => {}
        Value::String(text) if is_harmless => {
            if let Some((shown, secret)) = without_user(text) {
                secrets.insert(secret);
                *text = shown;
            }
        }
        Value::String(text) => {
            secrets.insert(std::mem::replace(text, REMOVED.to_owned()));
        }
        Value::Array(values) => values
            .iter_mut()
            .for_each(|value| redact(value, key, is_harmless, secrets)),
        Value::Table(table) => redact_table(table, key, secrets),
        Value::Integer(_) | Value::Float(_) | Value::Boolean(_) | Value::Datetime(_) => {}
    }
}

/// An address without the user and password in it, and what was left out.
fn without_user(text: &str) -> Option<(String, String)> {
    let (scheme, rest) = text.split_once("://")?;
    let authority = rest.split('/').next().unwrap_or(rest);
    let (user, _) = authority.rsplit_once('@')?;
    let shown = format!("{scheme}://{REMOVED}{}", &rest[user.len()..]);
    Some((shown, user.to_owned()))
}

/// The secrets among the variables that set parts of a configuration.
pub(super) fn of_environment(
    variables: impl IntoIterator<Item = (OsString, OsString)>,
) -> impl Iterator<Item = String> {
    variables.into_iter().filter_map(|(name, value)| {
        let name = name.into_string().ok()?;
        let is_secret = ["KEY", "CODE", "DATABASE", "PASSWORD", "TOKEN", "SECRET"]
            .iter()
            .any(|word| name.contains(word));
        (name.starts_with("TALLYMAN_") && is_secret).then(|| value.to_string_lossy().into_owned())
    })
}

/// Takes secrets out of a text, wherever they came from. Parts of an address stand alone too, as the password in a message.
pub(super) fn scrub(text: &mut String, secrets: &[String]) {
    let mut parts: Vec<&str> = secrets
        .iter()
        .flat_map(|secret| {
            let passwords = secret.split(['@', '/']).filter_map(|part| part.split_once(':'));
            [secret.as_str()]
                .into_iter()
                .chain(passwords.map(|(_, word)| word))
        })
        .filter(|secret| secret.chars().count() >= SECRET_CHARACTERS_MIN)
        .collect();
    // The longest first, so that no end of one stays.
    parts.sort_by_key(|part| std::cmp::Reverse(part.len()));
    for part in parts {
        if text.contains(part) {
            *text = text.replace(part, REMOVED);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_loses_its_user_and_nothing_else() {
        for (text, shown) in [
            ("https://hub.example/a@b", None),
            ("hub", None),
            ("https://u:p@hub:1/x", Some("https://(removed)@hub:1/x")),
            ("https://token@hub", Some("https://(removed)@hub")),
        ] {
            assert_eq!(
                without_user(text).map(|(shown, _)| shown).as_deref(),
                shown,
                "{text}"
            );
        }
    }

    /// Every text of the shipped configurations is either shown or known as a secret: a new key has to be judged.
    #[test]
    fn every_text_of_the_shipped_configurations_was_judged() {
        const KNOWN_SECRETS: &[&str] = &["access_key", "enrolment_code"];
        for shipped in [
            include_str!("../../../config/agent.toml"),
            include_str!("../../../config/hub.toml"),
        ] {
            let mut unjudged = Vec::new();
            judge(&shipped.parse::<Table>().unwrap(), &mut unjudged);
            unjudged.retain(|key| !KNOWN_SECRETS.contains(&key.as_str()));
            assert!(unjudged.is_empty(), "harmless or secret? {unjudged:?}");
        }
    }

    fn judge(table: &Table, unjudged: &mut Vec<String>) {
        for (key, value) in table {
            match value {
                Value::Table(below) => judge(below, unjudged),
                Value::Array(values) => values
                    .iter()
                    .filter_map(Value::as_table)
                    .for_each(|below| judge(below, unjudged)),
                Value::String(_) if !HARMLESS.contains(&key.as_str()) => unjudged.push(key.clone()),
                _ => {}
            }
        }
    }

    #[test]
    fn secrets_are_taken_out_of_other_texts() {
        let mut text = "cannot connect as hub with hunter2: hunter2hub".to_owned();
        scrub(
            &mut text,
            &["postgresql://hub:hunter2@db/x".to_owned(), "abc".to_owned()],
        );
        assert_eq!(text, "cannot connect as hub with (removed): (removed)hub");
    }
}
