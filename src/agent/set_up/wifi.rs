//! The wireless network of a set-up code: given to the configured command, or written as a file of NetworkManager or iwd.
//! Where nothing is configured it is left alone.

use std::io::{self, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};

use tallyman_floor::wire::set_up::Wifi;
use tallyman_platform::files;

use crate::config::SetUpConfig;

/// Who may read a password.
const MODE: u32 = 0o600;

/// Hands the network on. False where nothing is configured for it.
pub(super) fn hand_on(config: &SetUpConfig, wifi: &Wifi) -> io::Result<bool> {
    let is_set = |path: &Path| !path.as_os_str().is_empty();
    if let Some((program, arguments)) = config.wifi_command.split_first() {
        return run(program, arguments, wifi).map(|()| true);
    }
    if is_set(&config.wifi_network_manager) {
        let name = format!("tallyman-{}.nmconnection", hex(&wifi.name));
        files::replace(
            config.wifi_network_manager.join(name),
            network_manager(wifi).as_bytes(),
            MODE,
        )?;
        return Ok(true);
    }
    if is_set(&config.wifi_iwd) {
        let (name, text) = iwd(wifi);
        files::replace(config.wifi_iwd.join(name), text.as_bytes(), MODE)?;
        return Ok(true);
    }
    Ok(false)
}

/// The command gets the name as its last argument and the password on its input: arguments can be read by others.
fn run(program: &str, arguments: &[String], wifi: &Wifi) -> io::Result<()> {
    let mut child = Command::new(program)
        .args(arguments)
        .arg(&wifi.name)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()?;
    if let Some(mut input) = child.stdin.take() {
        // A command that reads none has ended its input.
        let _ = input.write_all(format!("{}\n", wifi.password).as_bytes());
    }
    let status = child.wait()?;
    if status.success() {
        return Ok(());
    }
    Err(io::Error::other(format!("{program} ended with {status}")))
}

/// NetworkManager's keyfile (nm-settings-keyfile(5)): `\` and leading spaces are escaped, the name is a list of bytes.
fn network_manager(wifi: &Wifi) -> String {
    let bytes: Vec<String> = wifi.name.bytes().map(|byte| byte.to_string()).collect();
    let mut text = format!(
        "[connection]\nid=tallyman {}\ntype=wifi\n\n[wifi]\nmode=infrastructure\nssid={};\n",
        hex(&wifi.name),
        bytes.join(";")
    );
    if !wifi.password.is_empty() {
        let password = wifi.password.replace('\\', "\\\\");
        let password = password
            .strip_prefix(' ')
            .map_or(password.clone(), |rest| format!("\\s{rest}"));
        text.push_str(&format!("\n[wifi-security]\nkey-mgmt=wpa-psk\npsk={password}\n"));
    }
    text.push_str("\n[ipv4]\nmethod=auto\n\n[ipv6]\nmethod=auto\n");
    text
}

/// iwd's file (iwd.network(5)): a name of other characters than these is `=` and hexadecimal digits.
fn iwd(wifi: &Wifi) -> (String, String) {
    let is_plain = wifi
        .name
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || b"-_ ".contains(&byte));
    let name = if is_plain {
        wifi.name.clone()
    } else {
        format!("={}", hex(&wifi.name))
    };
    if wifi.password.is_empty() {
        return (
            format!("{name}.open"),
            "[Settings]\nAutoConnect=true\n".to_owned(),
        );
    }
    let password = wifi.password.replace('\\', "\\\\");
    let password = password
        .strip_prefix(' ')
        .map_or(password.clone(), |rest| format!("\\s{rest}"));
    (
        format!("{name}.psk"),
        format!("[Security]\nPassphrase={password}\n"),
    )
}

fn hex(text: &str) -> String {
    text.bytes().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wifi(name: &str, password: &str) -> Wifi {
        Wifi {
            name: name.to_owned(),
            password: password.to_owned(),
        }
    }

    #[test]
    fn a_network_goes_where_the_configuration_says_and_nowhere_else() {
        let folder = tempfile::tempdir().unwrap();
        let here = folder.path().to_path_buf();
        let none = SetUpConfig::default();
        assert!(!hand_on(&none, &wifi("Halle", "correct horse")).unwrap());
        let manager = SetUpConfig {
            wifi_network_manager: here.clone(),
            ..SetUpConfig::default()
        };
        assert!(hand_on(&manager, &wifi("../x", " back\\slash")).unwrap());
        let text = std::fs::read_to_string(here.join("tallyman-2e2e2f78.nmconnection")).unwrap();
        assert!(
            text.contains("ssid=46;46;47;120;\n") && text.contains("psk=\\sback\\\\slash\n"),
            "{text}"
        );
        let iwd = SetUpConfig {
            wifi_iwd: here.clone(),
            ..SetUpConfig::default()
        };
        for (name, password, file) in [
            ("Halle 3", "correct horse", "Halle 3.psk"),
            ("../x", "correct horse", "=2e2e2f78.psk"),
            ("Gast", "", "Gast.open"),
        ] {
            assert!(hand_on(&iwd, &wifi(name, password)).unwrap());
            assert!(here.join(file).is_file(), "{file}");
        }
        let told = here.join("told");
        let command = SetUpConfig {
            wifi_command: vec![
                "sh".to_owned(),
                "-c".to_owned(),
                format!("(echo \"$0\"; cat) > '{}'", told.display()),
            ],
            ..SetUpConfig::default()
        };
        assert!(hand_on(&command, &wifi("Halle", "correct horse")).unwrap());
        assert_eq!(std::fs::read_to_string(told).unwrap(), "Halle\ncorrect horse\n");
        let failing = SetUpConfig {
            wifi_command: vec!["false".to_owned()],
            ..SetUpConfig::default()
        };
        assert!(hand_on(&failing, &wifi("Halle", "correct horse")).is_err());
    }
}
