//! `tallyman set-up`: types a set-up code on the first screen of the running agent.

use std::process::ExitCode;

use tallyman_agent::AgentConfig;
use tallyman_agent::control::ControlClient;

/// Sets the running agent's device up with a code, as a scan of it would.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  tallyman set-up TALL-YSET-UP26-32G2-…
  tallyman set-up K7QM-2XRP-ABCD-EFGH      (the one-time code, where hub.url is set)
  tallyman set-up --file /media/stick/tallyman-set-up.txt

Exit code 1: the code is not taken, and why is printed.")]
pub struct Arguments {
    /// The code; spaces, dashes and case do not matter.
    #[arg(required_unless_present = "file", conflicts_with = "file")]
    code: Option<String>,
    /// A file with the code in its first line.
    #[arg(long, value_name = "FILE")]
    file: Option<std::path::PathBuf>,
    /// The configuration file of the agent, for its socket.
    #[arg(long, value_name = "FILE")]
    config: Option<std::path::PathBuf>,
}

/// Types the code, and says what the screen says to it.
///
/// # Errors
/// No agent answers, or its device is set up already.
pub fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    let config = AgentConfig::load(arguments.config.as_deref(), &|name| std::env::var_os(name))?;
    let code = match (arguments.code, arguments.file) {
        (Some(code), _) => code,
        (None, Some(file)) => std::fs::read_to_string(&file)?
            .lines()
            .next()
            .unwrap_or_default()
            .to_owned(),
        (None, None) => String::new(),
    };
    let mut agent = ControlClient::connect(&config.socket_path())?;
    if let Some(device) = agent.status()?.device {
        // Its keys belong to a worker.
        anyhow::bail!(
            "this device is set up already, as {device}. To set it up anew, end the agent and run `tallyman agent \
             --set-store-aside`, once nothing waits on it"
        );
    }
    agent.press("escape")?;
    for character in code.chars().filter(char::is_ascii_alphanumeric) {
        agent.press(&character.to_string())?;
    }
    agent.press("enter")?;
    // Asked for behind the keys: the screen has seen them all, or a new start is under way, which is as good as taken.
    let Ok(view) = agent.view() else {
        println!("taken; `tallyman status` says how it goes on");
        return Ok(ExitCode::SUCCESS);
    };
    let message = view
        .message
        .unwrap_or_else(|| tallyman_agent::control::forms::MessageForm {
            tone: String::new(),
            sentences: Vec::new(),
        });
    println!("{}", message.sentences.join(" "));
    Ok(if message.tone == "bad" {
        ExitCode::from(1)
    } else {
        ExitCode::SUCCESS
    })
}
