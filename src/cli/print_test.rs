//! `tallyman print-test`: a label that shows whether the running agent's printer prints.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use tallyman_agent::AgentConfig;
use tallyman_agent::control::ControlClient;

/// How long a label may take until people are told to look at `status`.
const PATIENCE: Duration = Duration::from_secs(30);

/// How often it is looked whether it is printed.
const LOOK: Duration = Duration::from_millis(250);

/// Prints a test label on the printer of the running agent, and says what became of it.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  tallyman print-test
  tallyman print-test --config /etc/tallyman/agent.toml

Exit code 1: the label waits, and why is printed.")]
pub struct Arguments {
    /// The configuration file of the agent, for its socket.
    #[arg(long, value_name = "FILE")]
    config: Option<std::path::PathBuf>,
}

/// Asks the running agent for a test label, and waits until its printer has it.
///
/// # Errors
/// No agent answers, or it has no printer.
pub fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    let config = AgentConfig::load(arguments.config.as_deref(), &|name| std::env::var_os(name))?;
    let mut agent = ControlClient::connect(&config.socket_path())?;
    agent.print_test()?;
    let began = Instant::now();
    loop {
        let printer = agent
            .status()?
            .printer
            .context("the agent says nothing of a printer")?;
        if printer.waiting == 0 {
            println!("printed; the printer is {}", printer.state);
            return Ok(ExitCode::SUCCESS);
        }
        let is_hindered = !matches!(printer.state.as_str(), "unknown" | "ready");
        if is_hindered || began.elapsed() > PATIENCE {
            println!("{printer}");
            return Ok(ExitCode::from(1));
        }
        #[expect(
            clippy::disallowed_methods,
            reason = "a person waits, and nothing tells when a label is out"
        )]
        std::thread::sleep(LOOK);
    }
}
