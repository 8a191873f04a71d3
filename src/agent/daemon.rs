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

/// Runs the agent until SIGTERM or SIGINT, then ends it in order. One that was set up ends as well, and starts anew with its
/// configuration read again.
///
/// # Errors
/// [`DaemonError`]; whoever supervises the service should start it again after [`DaemonError::Store`].
pub async fn run_until_signal(config: AgentConfig) -> Result<(), DaemonError> {
    // Before anything starts, so that no signal is missed.
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut config = config;
    loop {
        let agent = Agent::start(config.clone(), Seams::of_this_machine()?).await?;
        notify("READY=1");
        tracing::info!(version = env!("CARGO_PKG_VERSION"), "the agent is ready");
        let why = wait(&agent, terminate.recv(), interrupt.recv()).await;
        if !matches!(why, Why::SetUp) {
            notify("STOPPING=1");
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
