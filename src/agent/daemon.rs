//! The agent as a service: ready when it is, ended by a signal, started again when its disk has failed.

use tallyman_platform::service::Supervisor;
use tokio::signal::unix::{SignalKind, signal};

use crate::config::AgentConfig;
use crate::running::RunningAgent;
use crate::wiring::{Agent, Seams, StartError};

/// Why the service ended other than by a signal.
#[derive(Debug, thiserror::Error)]
pub enum DaemonError {
    /// It could not start.
    #[error(transparent)]
    Start(#[from] StartError),
    /// The system gives no clock or signals.
    #[error("the system refused what the agent needs: {0}")]
    System(#[from] std::io::Error),
    /// The store takes nothing any more.
    #[error("{}. The agent ends, so that its next start can check what is stored.", .0.trim_end_matches('.'))]
    Store(String),
}

/// Runs the agent until SIGTERM or SIGINT, then ends it in order. One that was set up ends as well, and starts anew with its
/// configuration read again.
///
/// # Errors
/// [`DaemonError`]; whoever supervises the service should start it again after [`DaemonError::Store`].
pub async fn run_until_signal(config: AgentConfig) -> Result<(), DaemonError> {
    // Before anything starts, so that no signal is missed.
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let supervisor = Supervisor::of_this_process();
    let mut config = config;
    loop {
        let agent = Agent::start(config.clone(), Seams::of_this_machine()?).await?;
        supervisor.is_ready();
        tracing::info!(version = env!("CARGO_PKG_VERSION"), "the agent is ready");
        let why = tokio::select! {
            why = wait(&agent, terminate.recv(), interrupt.recv()) => why,
            // This never ends; it is silent as soon as the floor loop or the store hangs.
            () = supervisor.keep_alive(|| agent.goes_round()) => Why::Told,
        };
        if !matches!(why, Why::SetUp) {
            supervisor.is_stopping();
        }
        agent.shutdown().await;
        match why {
            Why::Told => {
                tracing::info!("the agent has ended");
                return Ok(());
            }
            Why::Failed(reason) => return Err(DaemonError::Store(reason)),
            Why::SetUp => {
                tracing::info!("the agent was set up, and starts anew with that");
                config = config.read_again().map_err(StartError::from)?;
            }
        }
    }
}

/// Why an agent ends.
enum Why {
    /// Somebody told it to.
    Told,
    /// Its store has failed.
    Failed(String),
    /// It was set up.
    SetUp,
}

async fn wait(
    agent: &RunningAgent,
    terminate: impl Future<Output = Option<()>>,
    interrupt: impl Future<Output = Option<()>>,
) -> Why {
    tokio::select! {
        _ = terminate => Why::Told,
        _ = interrupt => Why::Told,
        reason = agent.store_failed() => Why::Failed(reason),
        () = agent.set_up_changed() => Why::SetUp,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn why_it_ends_is_a_sentence_whether_the_reason_is_one_or_not() {
        for reason in [
            "the disk has failed. Replace it.",
            "the disk has failed. Replace it",
        ] {
            assert_eq!(
                DaemonError::Store(reason.to_owned()).to_string(),
                "the disk has failed. Replace it. The agent ends, so that its next start can check what is stored."
            );
        }
    }
}
