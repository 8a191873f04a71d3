//! The socket itself: made for its owner alone, served until cancelled, removed at the end.

use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::net::{UnixListener, UnixStream};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::seams::Console;

use super::connection;

/// Connections at once; more wait. The demo uses two for each device.
const CONNECTIONS_MAX: usize = 16;

/// Why the socket cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum SocketError {
    /// Another agent answers at it.
    #[error("{} is in use by another agent; stop it, or set `control.socket` to another path", .0.display())]
    InUse(PathBuf),
    /// The system says no.
    #[error("the control socket {} cannot be made: {cause}; set `control.socket` to another path", .path.display())]
    System {
        /// The socket.
        path: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
}

/// Makes the socket and serves it until cancelled. The future is to be spawned.
///
/// # Errors
/// [`SocketError`] where it cannot be made. A socket that a killed agent left behind is replaced.
pub fn serve(
    path: PathBuf,
    console: Arc<dyn Console>,
    cancel: CancellationToken,
) -> Result<impl Future<Output = ()> + Send, SocketError> {
    let listener = listen(&path)?;
    Ok(async move {
        accept(&listener, console, &cancel).await;
        // Nobody listens any more; who comes now is better told so by the system.
        let _ = std::fs::remove_file(&path);
    })
}

fn listen(path: &Path) -> Result<UnixListener, SocketError> {
    let failed = |cause| SocketError::System {
        path: path.to_path_buf(),
        cause,
    };
    if path.exists() {
        // Who owns the store owns the socket; this only tells two configurations that share a socket apart.
        if std::os::unix::net::UnixStream::connect(path).is_ok() {
            return Err(SocketError::InUse(path.to_path_buf()));
        }
        std::fs::remove_file(path).map_err(failed)?;
    }
    let listener = UnixListener::bind(path).map_err(failed)?;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).map_err(failed)?;
    Ok(listener)
}

async fn accept(listener: &UnixListener, console: Arc<dyn Console>, cancel: &CancellationToken) {
    let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    let connections = TaskTracker::new();
    loop {
        let next = tokio::select! {
            () = cancel.cancelled() => break,
            next = next(listener, &places) => next,
        };
        let Some((stream, place)) = next else { continue };
        let (console, cancel) = (Arc::clone(&console), cancel.clone());
        connections.spawn(async move {
            tokio::select! {
                () = cancel.cancelled() => {}
                () = connection::serve(stream, console.as_ref()) => {}
            }
            drop(place);
        });
    }
    connections.close();
    connections.wait().await;
}

async fn next(
    listener: &UnixListener,
    places: &Arc<Semaphore>,
) -> Option<(UnixStream, tokio::sync::OwnedSemaphorePermit)> {
    let place = Arc::clone(places).acquire_owned().await.ok()?;
    match listener.accept().await {
        Ok((stream, _)) => Some((stream, place)),
        Err(error) => {
            tracing::warn!(%error, "a connection to the control socket failed");
            // Out of descriptors, perhaps: without a pause this would spin.
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
            None
        }
    }
}
