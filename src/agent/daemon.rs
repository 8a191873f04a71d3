//! The agent as a service: ready when it is, ended by a signal, started again when its disk has failed.

use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::net::UnixDatagram;

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
    let agent = Agent::start(config, Seams::of_this_machine()?).await?;
    notify("READY=1");
    tracing::info!(version = env!("CARGO_PKG_VERSION"), "the agent is ready");
    let failed = wait(&agent, terminate.recv(), interrupt.recv()).await;
    notify("STOPPING=1");
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

/// Tells systemd, where it asked to be told (sd_notify(3)). Nobody is worse off when it does not hear.
fn notify(state: &str) {
    let Some(address) = std::env::var_os("NOTIFY_SOCKET") else {
        return;
    };
    let sent = UnixDatagram::unbound().and_then(|socket| match address.as_bytes() {
        [b'@', name @ ..] => {
            use std::os::linux::net::SocketAddrExt as _;
            let address = std::os::unix::net::SocketAddr::from_abstract_name(name)?;
            socket.send_to_addr(state.as_bytes(), &address)
        }
        _ => socket.send_to(state.as_bytes(), &address),
    });
    if let Err(error) = sent {
        tracing::debug!(%error, "systemd was not told");
    }
}
