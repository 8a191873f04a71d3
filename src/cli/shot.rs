//! `tallyman shot FILE.png`: a picture of what the running agent's screen shows.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use tallyman_agent::AgentConfig;
use tallyman_agent::control::ControlClient;

/// Saves a picture of what the running agent's screen shows.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Example:
  tallyman shot screen.png")]
pub struct Arguments {
    /// Where the PNG goes; an existing file is replaced.
    #[arg(value_name = "FILE.png")]
    file: PathBuf,
    /// The configuration file of the agent, for its socket.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

/// Asks the running agent for a picture and saves it.
///
/// # Errors
/// No agent answers, or the file cannot be written.
pub fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    let config = AgentConfig::load(arguments.config.as_deref(), &|name| std::env::var_os(name))?;
    let png = ControlClient::connect(&config.socket_path())?.shot()?;
    std::fs::write(&arguments.file, png)
        .with_context(|| format!("{} cannot be written", arguments.file.display()))?;
    Ok(ExitCode::SUCCESS)
}
