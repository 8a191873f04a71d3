//! `tallyman shot`: what the running agent's screen shows, as a picture or as data.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use tallyman_agent::AgentConfig;
use tallyman_agent::control::ControlClient;

/// Saves a picture of what the running agent's screen shows, or prints it as data.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  tallyman shot screen.png
  tallyman shot --json | jq .view.message.sentences
  tallyman shot --json | jq -r .bar.hub

With --json the texts stand under `view`, those of the bar above it under `bar`, and under `fields` what a finger can touch and where, in pixels of the picture.")]
pub struct Arguments {
    /// Where the PNG goes; an existing file is replaced.
    #[arg(value_name = "FILE.png", required_unless_present = "json")]
    file: Option<PathBuf>,
    /// Print what is shown as one JSON object.
    #[arg(long)]
    json: bool,
    /// The configuration file of the agent, for its socket.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

/// Asks the running agent, and saves or prints what it answers.
///
/// # Errors
/// No agent answers, or the file cannot be written.
pub fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    let config = AgentConfig::load(arguments.config.as_deref(), &|name| std::env::var_os(name))?;
    let mut agent = ControlClient::connect(&config.socket_path())?;
    if let Some(file) = &arguments.file {
        let png = agent.shot()?;
        std::fs::write(file, png).with_context(|| format!("{} cannot be written", file.display()))?;
    }
    if arguments.json {
        let shown =
            serde_json::json!({ "view": agent.view()?, "bar": agent.bar()?, "fields": agent.fields()? });
        println!("{shown}");
    }
    Ok(ExitCode::SUCCESS)
}
