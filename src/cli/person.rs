//! `tallyman person`: people of a hub, on its machine: the first administrator, a password that was forgotten.

use std::collections::BTreeSet;
use std::io::{BufRead as _, IsTerminal as _, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};
use serde::Serialize;
use tallyman_hub::HubConfig;
use tallyman_hub::access::command::{DeskError, PeopleDesk};
use tallyman_hub::ledger::people::{Person, PersonSetting, Role, SiteScope};
use tallyman_platform::config::Secret;
use tallyman_platform::entropy::SystemEntropy;
use tallyman_platform::paths::Paths;

use crate::hub;

/// People who sign in to the hub's pages: adds them, lists them, resets a password.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  tallyman person add --role administrator --name 'Anna K.' anna
  tallyman person password anna
  tallyman person add --role worker --no-password --badge B1042 --language de jan
  tallyman person change --badge B1043 jan
  tallyman person pin jan
  tallyman person list
  pass show tallyman/anna | tallyman person add --role supervisor --site main anna

A password or PIN is asked for on the terminal, or read as one line from standard input; it is never an argument. A hub that keeps its
store in a file must be stopped meanwhile, but for list: devices wait and lose nothing. With a database hubs may run. What is done
here is in the audit trail. The exit code is 1 where it was not done.")]
pub struct Arguments {
    /// The hub's configuration file. Default: hub.toml in the configuration folder, where there is one.
    #[arg(long, value_name = "FILE", global = true)]
    config: Option<PathBuf>,
    /// The store file, instead of the configured one.
    #[arg(long, value_name = "FILE", global = true)]
    store: Option<PathBuf>,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, clap::Subcommand)]
enum Verb {
    /// Adds a person.
    Add(Add),
    /// Lists everybody.
    List {
        /// Print one JSON object a line.
        #[arg(long)]
        jsonl: bool,
    },
    /// Gives a person another password, and ends their sessions.
    Password {
        /// The login name.
        login: String,
    },
    /// Gives a person another badge, or another language on devices.
    Change {
        /// The login name.
        login: String,
        /// What a scan of their badge says; empty for none.
        #[arg(long, value_name = "TEXT", required_unless_present = "language")]
        badge: Option<String>,
        /// What they read on devices, as de; empty for each device's own language.
        #[arg(long, value_name = "CODE")]
        language: Option<String>,
    },
    /// Gives a person another PIN, which devices ask for beside the badge.
    Pin {
        /// The login name.
        login: String,
        /// Take the PIN away: the badge is enough.
        #[arg(long)]
        remove: bool,
    },
    /// Lets a person sign in no more, and ends their sessions.
    Disable {
        /// The login name.
        login: String,
    },
    /// Lets a person sign in again.
    Enable {
        /// The login name.
        login: String,
    },
}

#[derive(Debug, clap::Args)]
struct Add {
    /// The name to sign in with.
    login: String,
    /// What they may do.
    #[arg(long, value_parser = ["worker", "supervisor", "administrator", "integrator"])]
    role: String,
    /// The name for people. Default: the login name.
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// A site that they may see; may be given several times. Default: all.
    #[arg(long, value_name = "ID")]
    site: Vec<String>,
    /// What a scan of their badge says.
    #[arg(long, value_name = "TEXT", default_value = "")]
    badge: String,
    /// What they read on devices, as de. Default: each device's own language.
    #[arg(long, value_name = "CODE", default_value = "")]
    language: String,
    /// Without a password: for a worker who only has a badge.
    #[arg(long)]
    no_password: bool,
}

/// Does what the verb says.
///
/// # Errors
/// A configuration or store that cannot be used, or a password that cannot be read.
pub fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    let paths = Paths::of_this_process();
    let config = hub::load(arguments.config.as_deref(), &paths)?;
    let store = match arguments.store {
        Some(_) if hub::uses_database(&config) => {
            bail!("--store names a file, and the configuration a database. Leave one out")
        }
        Some(store) => store,
        None if hub::uses_database(&config) => PathBuf::new(),
        None => hub::store_of(&config, &paths)?,
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let user = ["SUDO_USER", "USER", "LOGNAME"]
        .iter()
        .find_map(|name| std::env::var(name).ok())
        .unwrap_or_else(|| "unknown".to_owned());
    runtime.block_on(async {
        if let Verb::List { jsonl } = arguments.verb {
            return list(&PeopleDesk::people(&config, &store).await?, jsonl);
        }
        // Asked first: while somebody thinks of a password, nothing is held open.
        let asked = ask(&config, &arguments.verb)?;
        let mut desk = PeopleDesk::open(&config, &store, Box::new(SystemEntropy), &user).await?;
        let done = match arguments.verb {
            Verb::Add(add) => {
                let setting = setting(&config, &add)?;
                desk.add(setting, asked.as_ref().map(Secret::expose)).await
            }
            Verb::Password { login } => {
                let password = asked.unwrap_or_else(|| Secret::new(""));
                desk.set_password(&login, password.expose()).await
            }
            Verb::Change {
                login,
                badge,
                language,
            } => desk.set_badge(&login, badge, language).await,
            Verb::Pin { login, .. } => desk.set_pin(&login, asked.as_ref().map(Secret::expose)).await,
            Verb::Disable { login } => desk.disable(&login, true).await,
            Verb::Enable { login } => desk.disable(&login, false).await,
            Verb::List { .. } => Ok(()),
        };
        match done {
            Ok(()) => {
                println!("Done.");
                Ok(ExitCode::SUCCESS)
            }
            Err(DeskError::Ledger(error)) => Err(error.into()),
            Err(error) => {
                eprintln!("{error}");
                Ok(ExitCode::FAILURE)
            }
        }
    })
}

fn setting(config: &HubConfig, add: &Add) -> anyhow::Result<PersonSetting> {
    for site in &add.site {
        if !config.sites.iter().any(|known| known.id == *site) {
            bail!("there is no site {site:?} in the configuration");
        }
    }
    let sites: BTreeSet<String> = add.site.iter().cloned().collect();
    Ok(PersonSetting {
        login: add.login.clone(),
        name: add.name.clone().unwrap_or_else(|| add.login.clone()),
        role: Role::from_word(&add.role).context("this is no role")?,
        sites: if sites.is_empty() {
            SiteScope::All
        } else {
            SiteScope::Listed(sites)
        },
        badge: add.badge.clone(),
        language: add.language.clone(),
        disabled: false,
    })
}

/// A person as one line for programs.
#[derive(Serialize)]
struct Line<'a> {
    login: &'a str,
    name: &'a str,
    role: &'a str,
    sites: String,
    badge: &'a str,
    language: &'a str,
    disabled: bool,
    has_password: bool,
    has_pin: bool,
    signed_in: Option<jiff::Timestamp>,
}

fn list(people: &[Person], jsonl: bool) -> anyhow::Result<ExitCode> {
    for person in people {
        let setting = &person.setting;
        let line = Line {
            login: &setting.login,
            name: &setting.name,
            role: setting.role.word(),
            sites: setting.sites.to_text(),
            badge: &setting.badge,
            language: &setting.language,
            disabled: setting.disabled,
            has_password: person.has_password,
            has_pin: person.has_pin,
            signed_in: person.signed_in,
        };
        if jsonl {
            println!("{}", serde_json::to_string(&line)?);
        } else {
            let state = if line.disabled { "  disabled" } else { "" };
            let Line {
                login,
                name,
                role,
                sites,
                ..
            } = line;
            println!("{login:<20} {role:<14} {sites:<20} {name}{state}");
        }
    }
    if people.is_empty() && !jsonl {
        println!("There is nobody yet.");
    }
    Ok(ExitCode::SUCCESS)
}

/// The password or PIN, where the verb needs one.
fn ask(config: &HubConfig, verb: &Verb) -> anyhow::Result<Option<Secret>> {
    let characters = config.people.password_characters_min;
    let prompt = match verb {
        Verb::Add(Add {
            login,
            no_password: false,
            ..
        })
        | Verb::Password { login } => format!("Password for {login} (at least {characters} characters): "),
        Verb::Pin { login, remove: false } => format!("PIN for {login} (4 to 8 digits): "),
        _ => return Ok(None),
    };
    if !std::io::stdin().is_terminal() {
        return Ok(Some(Secret::new(line()?)));
    }
    let first = hidden(&prompt)?;
    let again = hidden("Again: ")?;
    if first != again {
        bail!("what was typed is not the same twice. Nothing was done");
    }
    Ok(Some(Secret::new(first)))
}

/// A line of standard input, without its end.
fn line() -> anyhow::Result<String> {
    let mut line = String::new();
    std::io::stdin()
        .lock()
        .read_line(&mut line)
        .context("nothing could be read from standard input")?;
    Ok(line.trim_end_matches(['\n', '\r']).to_owned())
}

/// A line typed on the terminal that does not show it.
fn hidden(prompt: &str) -> anyhow::Result<String> {
    let stdin = std::io::stdin();
    let before = tcgetattr(&stdin).context("the terminal cannot be asked for a password")?;
    let mut silent = before.clone();
    // Nor may it end the program in the middle, which would leave the terminal silent.
    silent.local_modes.remove(LocalModes::ECHO | LocalModes::ISIG);
    eprint!("{prompt}");
    std::io::stderr().flush()?;
    tcsetattr(&stdin, OptionalActions::Flush, &silent).context("the terminal cannot be made silent")?;
    let typed = line();
    tcsetattr(&stdin, OptionalActions::Flush, &before)
        .context("the terminal stays silent; run: stty echo")?;
    eprintln!();
    typed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sites_have_to_be_there() {
        let add = |site: &[&str]| Add {
            login: "anna".to_owned(),
            role: "supervisor".to_owned(),
            name: None,
            site: site.iter().map(|site| (*site).to_owned()).collect(),
            badge: String::new(),
            language: String::new(),
            no_password: false,
        };
        let config = HubConfig::default();
        assert_eq!(setting(&config, &add(&[])).unwrap().sites, SiteScope::All);
        assert_eq!(setting(&config, &add(&["main"])).unwrap().sites.to_text(), "main");
        let said = setting(&config, &add(&["elsewhere"])).unwrap_err().to_string();
        assert!(said.contains("elsewhere"), "{said}");
    }
}
