//! `tallyman demo`: the whole thing without hardware, to be clicked through, or played as one scripted shift.

use std::future::Future;
use std::process::ExitCode;

use anyhow::Context as _;
use clap::Args;
use tallyman_platform::entropy::{Entropy as _, SystemEntropy};
use tallyman_sim::demo::Demo;
use tallyman_sim::shift::{self, ShiftError, ShiftOptions};
use tokio::signal::unix::{SignalKind, signal};

use crate::EXIT_INTERRUPTED;

/// Seeds that are drawn where none is given: short enough to read out and type.
const SEEDS: u64 = 1_000_000;

/// What was checked does not hold.
const EXIT_BROKEN: u8 = 1;

/// Shows a hub and three devices in the browser, with virtual scanners; or plays a whole shift and checks it.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  tallyman demo\n  tallyman demo --shift --seed 7 --json\n\n\
    Everything runs on this machine, on loopback, in a temporary folder that is removed at the end."
)]
pub struct Arguments {
    /// Play one scripted shift, without waiting for people, and check that nothing was lost or doubled.
    #[arg(long)]
    shift: bool,
    /// What the shift is made from; the same seed gives the same work, mistakes and faults. Drawn by chance if absent.
    #[arg(long, value_name = "N", requires = "shift")]
    seed: Option<u64>,
    /// Print the result as one JSON object on standard output; the table goes to standard error.
    #[arg(long, requires = "shift")]
    json: bool,
}

/// Runs the command.
///
/// # Errors
/// When the demo cannot be set up on this machine.
pub fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    let program = std::env::current_exe().context("the program does not know where it lies")?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("the runtime cannot be started")?;
    runtime.block_on(async {
        if !arguments.shift {
            return show(program).await;
        }
        let seed = arguments.seed.unwrap_or_else(|| SystemEntropy.below(SEEDS));
        eprintln!("Playing a shift of three devices with seed {seed}; this takes about half a minute.");
        let options = ShiftOptions { program, seed };
        match until_signal(shift::play(options)).await? {
            Some(played) => told(played, arguments.json),
            None => Ok(ExitCode::from(EXIT_INTERRUPTED)),
        }
    })
}

/// Prints what became of a shift.
fn told(played: Result<shift::ShiftReport, ShiftError>, json: bool) -> anyhow::Result<ExitCode> {
    let report = match played {
        Ok(report) => report,
        Err(error @ ShiftError::Work { .. }) => {
            eprintln!("tallyman: the shift did not go as it must: {error}");
            return Ok(ExitCode::from(EXIT_BROKEN));
        }
        Err(error) => return Err(error.into()),
    };
    if json {
        eprint!("{report}");
        println!("{}", report.to_json());
    } else {
        print!("{report}");
    }
    Ok(match report.holds() {
        true => ExitCode::SUCCESS,
        false => ExitCode::from(EXIT_BROKEN),
    })
}

/// Shows the demo until somebody ends it.
async fn show(program: std::path::PathBuf) -> anyhow::Result<ExitCode> {
    let Some(demo) = until_signal(Demo::open(program)).await? else {
        return Ok(ExitCode::SUCCESS);
    };
    let demo = demo?;
    eprintln!("The demo is open. Have a look in your browser:\n");
    eprintln!(
        "  {:<32} three devices with their scanners",
        format!("http://{}/", demo.address())
    );
    eprintln!(
        "  {:<32} the hub: tasks, stock, devices, exceptions",
        format!("http://{}/", demo.hub_address())
    );
    eprintln!("\nCtrl-C ends it and removes everything.");
    until_signal(demo.served()).await?;
    demo.close().await?;
    Ok(ExitCode::SUCCESS)
}

/// Does something until it is done, or until somebody wants it to end. What is dropped ends its processes itself.
async fn until_signal<T>(doing: impl Future<Output = T>) -> anyhow::Result<Option<T>> {
    let mut interrupted = signal(SignalKind::interrupt()).context("signals cannot be received")?;
    let mut terminated = signal(SignalKind::terminate()).context("signals cannot be received")?;
    Ok(tokio::select! {
        done = doing => Some(done),
        _ = interrupted.recv() => None,
        _ = terminated.recv() => None,
    })
}
