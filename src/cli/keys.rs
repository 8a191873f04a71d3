//! `tallyman keys`: what the keys of a keypad mean, and learning the codes of one.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::bail;
use tallyman_agent::AgentConfig;
use tallyman_agent::input_nodes::device::{EventKind, Events, InputNode, is_key};
use tallyman_agent::input_nodes::keymap::{Keymap, code_name};
use tallyman_agent::input_nodes::keypad::Move;
use tallyman_agent::seams::key_names::name_of;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

/// Shows what the keys of the keypad mean, or learns the codes of one.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  tallyman keys
  tallyman keys --learn
  tallyman keys --learn gpio-keys | tee keypad.toml

With --learn each key that is pressed gives a row for a keymap file, once: write the agent's key between the quotes
(digits, characters, enter, escape, backspace, undo, done, short, exception, skip, menu, type). Ctrl-C ends it. The
agent takes keypads for itself, so it must not be running with them.")]
pub struct Arguments {
    /// Learns: prints a row for each key that is pressed.
    #[arg(long)]
    learn: bool,
    /// The input devices to listen to, by path, USB ids or name. Default: all that have keys.
    #[arg(value_name = "DEVICE", requires = "learn")]
    devices: Vec<String>,
    /// The configuration file of the agent, for its keymap.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

/// Shows or learns.
///
/// # Errors
/// A keymap or an input device that cannot be used; each says what to do.
pub fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    let config = AgentConfig::load(arguments.config.as_deref(), &|name| std::env::var_os(name))?;
    let map = Keymap::load(&config.keys.map)?;
    if !arguments.learn {
        println!("# {}", config.keys.map);
        println!("[keys]");
        map.rows().for_each(|(code, _)| println!("{}", row(code, &map)));
        return Ok(ExitCode::SUCCESS);
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(learn(&arguments.devices, &map))
}

/// The row of a keymap file for a key; its right side is empty where the key means nothing yet.
fn row(code: u16, map: &Keymap) -> String {
    let meant = map.key(code).map(name_of).unwrap_or_default();
    // As TOML writes a text: there are quotes and backslashes among the characters.
    let meant = meant.replace('\\', "\\\\").replace('"', "\\\"");
    format!("{} = \"{meant}\"", code_name(code))
}

async fn learn(names: &[String], map: &Keymap) -> anyhow::Result<ExitCode> {
    let opened: Vec<_> = if names.is_empty() {
        InputNode::all_with_keys()
    } else {
        names.iter().map(|name| InputNode::open(name)).collect()
    };
    let mut listening = Vec::new();
    for node in opened {
        match node {
            Ok(node) if node.is_taken() => {
                eprintln!(
                    "{} ({}) is taken by another program: stop the agent",
                    node.path().display(),
                    node.name()
                );
            }
            Ok(node) => {
                eprintln!("listening to {} ({})", node.path().display(), node.name());
                let name = node.name().to_owned();
                listening.push((name, node.events()?));
            }
            Err(error) => eprintln!("{error}"),
        }
    }
    if listening.is_empty() {
        bail!("there is no input device to listen to");
    }
    println!("[keys]");
    tokio::select! {
        ended = rows_of(listening, map) => ended.map(|()| ExitCode::SUCCESS),
        interrupted = tokio::signal::ctrl_c() => interrupted.map(|()| ExitCode::SUCCESS).map_err(Into::into),
    }
}

/// Keys that may wait to be printed; nobody presses faster.
const PRESSES_MAX: usize = 64;

/// Prints a row for each key, once, until the last device is gone.
async fn rows_of(listening: Vec<(String, Events)>, map: &Keymap) -> anyhow::Result<()> {
    let (presses_in, mut presses) = mpsc::channel(PRESSES_MAX);
    let mut tasks = JoinSet::new();
    for (name, events) in listening {
        tasks.spawn(hear(name, events, presses_in.clone()));
    }
    drop(presses_in);
    let mut known = BTreeSet::new();
    while let Some((code, name)) = presses.recv().await {
        if known.insert(code) {
            println!("{}  # {code}, {name}", row(code, map));
        }
    }
    Ok(())
}

/// Hands on each key that is pressed on a device, until it is gone.
async fn hear(name: String, mut events: Events, presses: mpsc::Sender<(u16, String)>) {
    loop {
        let (kind, code, value) = match events.next().await {
            Ok(event) => event,
            Err(error) => return eprintln!("{error}"),
        };
        let is_press = kind == EventKind::KEY && Move::of_value(value) == Some(Move::Down);
        if is_press && is_key(code) && presses.send((code, name.clone())).await.is_err() {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_one_of_a_keymap_file() {
        let map = Keymap::parse("x", "[keys]\nKEY_F1 = \"undo\"\n43 = '\\'\n40 = '\"'").unwrap();
        for (code, wanted) in [
            (59, "KEY_F1 = \"undo\""),
            (60, "KEY_F2 = \"\""),
            (43, "KEY_BACKSLASH = \"\\\\\""),
            (40, "KEY_APOSTROPHE = \"\\\"\""),
        ] {
            assert_eq!(row(code, &map), wanted);
        }
        let rows: Vec<String> = map.rows().map(|(code, _)| row(code, &map)).collect();
        let read = Keymap::parse("y", &format!("[keys]\n{}", rows.join("\n"))).unwrap();
        assert_eq!(read, map);
    }
}
