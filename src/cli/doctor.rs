//! `tallyman doctor`: checks what an agent needs, and says what to do about each finding.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use tallyman_agent::AgentConfig;
use tallyman_agent::checks::{self, Finding, Grade};

/// Checks configuration, devices, store, clock and hub link, and says what to do about each finding.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  tallyman doctor
  tallyman doctor --config /etc/tallyman/agent.toml --json

Works beside a running agent and without one. Exits 1 where something is wrong; warnings alone exit 0.")]
pub struct Arguments {
    /// The configuration file of the agent.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// One JSON object a finding instead of lines for people.
    #[arg(long)]
    json: bool,
}

/// How long a device or the hub may take to answer.
const PATIENCE: Duration = Duration::from_secs(3);

/// Checks and reports.
///
/// # Errors
/// The configuration cannot be read; everything else is a finding.
pub fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    let config = AgentConfig::load(arguments.config.as_deref(), &|name| std::env::var_os(name))?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let findings = runtime.block_on(checks::all(&config, PATIENCE));
    for finding in &findings {
        if arguments.json {
            println!("{}", serde_json::to_string(finding)?);
        } else {
            print_for_people(finding);
        }
    }
    let is_wrong = findings.iter().any(|finding| finding.grade == Grade::Wrong);
    Ok(if is_wrong {
        ExitCode::from(1)
    } else {
        ExitCode::SUCCESS
    })
}

fn print_for_people(finding: &Finding) {
    let sign = match finding.grade {
        Grade::Good => "ok   ",
        Grade::Warning => "note ",
        Grade::Wrong => "WRONG",
    };
    println!("{sign} {:<14} {}", finding.what, finding.text);
}
