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
    #[error("the store has failed: {0}. The agent ends, so that its next start can check what is stored.")]
    Store(String),
}

/// Runs the agent until SIGTERM or SIGINT, then ends it in order.
///
/// # Errors
/// [`DaemonError`]; whoever supervises the service should start it again after [`DaemonError::Store`].
pub async fn run_until_signal(config: AgentConfig) -> Result<(), DaemonError> {
    // Before anything starts, so that no signal is missed.
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let supervisor = Supervisor::of_this_process();
    let agent = Agent::start(config, Seams::of_this_machine()?).await?;
    supervisor.is_ready();
    tracing::info!(version = env!("CARGO_PKG_VERSION"), "the agent is ready");
    let failed = tokio::select! {
        failed = wait(&agent, terminate.recv(), interrupt.recv()) => failed,
        // This never ends; it is silent as soon as the floor loop or the store hangs.
        () = supervisor.keep_alive(|| agent.goes_round()) => None,
    };
    supervisor.is_stopping();
    agent.shutdown().await;
    tracing::info!("the agent has ended");
    failed.map_or(Ok(()), |reason| Err(DaemonError::Store(reason)))
}

async fn wait(
    agent: &RunningAgent,
    terminate: impl Future<Output = Option<()>>,
    interrupt: impl Future<Output = Option<()>>,
) -> Option<String> {
    tokio::select! {
        _ = terminate => None,
        _ = interrupt => None,
        reason = agent.store_failed() => Some(reason),
    }
}
