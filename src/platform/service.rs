//! What a service tells whoever supervises it, by the protocol of sd_notify(3): ready, alive, about to end. Without a
//! supervisor nothing is told, and nobody is worse off.

use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::net::{SocketAddr, UnixDatagram};
use std::time::Duration;

/// So often in the supervisor's patience is it told that the service goes round: sd_watchdog_enabled(3) recommends
/// half of it, and a third leaves room for one slow look.
const FED_PER_PATIENCE: u32 = 3;

/// The supervisor of this process.
#[derive(Debug)]
pub struct Supervisor {
    told_at: Option<(UnixDatagram, SocketAddr)>,
    patience: Option<Duration>,
}

impl Supervisor {
    /// The one that started this process.
    pub fn of_this_process() -> Self {
        Self::named_in(|name| std::env::var_os(name), std::process::id())
    }

    /// The one that an environment names: `NOTIFY_SOCKET` says where, `WATCHDOG_USEC` how long it waits for a sign of
    /// life, `WATCHDOG_PID` whose.
    pub fn named_in(environment: impl Fn(&str) -> Option<OsString>, process: u32) -> Self {
        let told_at = environment("NOTIFY_SOCKET").and_then(|name| {
            let address = address_of(&name)?;
            let socket = UnixDatagram::unbound().ok()?;
            // A supervisor that does not read must not hold up the service.
            socket.set_nonblocking(true).ok()?;
            Some((socket, address))
        });
        let number = |name: &str| environment(name)?.to_str()?.parse::<u64>().ok();
        let is_meant = number("WATCHDOG_PID").is_none_or(|meant| meant == u64::from(process));
        let patience = number("WATCHDOG_USEC")
            .filter(|us| *us > 0 && is_meant && told_at.is_some())
            .map(Duration::from_micros);
        Self { told_at, patience }
    }

    /// Says that the service does what it is for.
    pub fn is_ready(&self) {
        self.tell("READY=1");
    }

    /// Says that the service is about to end in order.
    pub fn is_stopping(&self) {
        self.tell("STOPPING=1");
    }

    /// Says that the service is alive, for as long as `goes_round` keeps answering. Where one answer fails to come
    /// nothing is said any more, and the supervisor ends the service and starts it again. Never returns.
    pub async fn keep_alive<F>(&self, mut goes_round: impl FnMut() -> F)
    where
        F: Future<Output = ()>,
    {
        let Some(patience) = self.patience else {
            return std::future::pending().await;
        };
        loop {
            goes_round().await;
            self.tell("WATCHDOG=1");
            tokio::time::sleep(patience / FED_PER_PATIENCE).await;
        }
    }

    fn tell(&self, state: &str) {
        let Some((socket, address)) = &self.told_at else {
            return;
        };
        if let Err(error) = socket.send_to_addr(state.as_bytes(), address) {
            tracing::debug!(%error, state, "the supervisor was not told");
        }
    }
}

/// A path, or with `@` before it a name in the abstract name space.
fn address_of(name: &OsString) -> Option<SocketAddr> {
    match name.as_bytes() {
        [b'@', abstract_name @ ..] => {
            use std::os::linux::net::SocketAddrExt as _;
            SocketAddr::from_abstract_name(abstract_name).ok()
        }
        [b'/', ..] => SocketAddr::from_pathname(name).ok(),
        // Anything else, as vsock:, is for the manager of another machine.
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;

    struct Listening {
        socket: UnixDatagram,
        name: OsString,
        _folder: tempfile::TempDir,
    }

    fn listening() -> Listening {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("notify");
        let socket = UnixDatagram::bind(&path).unwrap();
        socket.set_nonblocking(true).unwrap();
        Listening {
            socket,
            name: path.into_os_string(),
            _folder: folder,
        }
    }

    impl Listening {
        fn heard(&self) -> Vec<String> {
            let mut heard = Vec::new();
            let mut bytes = [0; 64];
            while let Ok(length) = self.socket.recv(&mut bytes) {
                heard.push(String::from_utf8_lossy(&bytes[..length]).into_owned());
            }
            heard
        }

        fn supervisor(&self, watchdog: &[(&str, &str)]) -> Supervisor {
            Supervisor::named_in(
                |name| match name {
                    "NOTIFY_SOCKET" => Some(self.name.clone()),
                    other => watchdog
                        .iter()
                        .find(|(known, _)| *known == other)
                        .map(|(_, value)| OsString::from(value)),
                },
                42,
            )
        }
    }

    #[test]
    fn readiness_and_the_end_are_told() {
        let listening = listening();
        let supervisor = listening.supervisor(&[]);
        supervisor.is_ready();
        supervisor.is_stopping();
        assert_eq!(listening.heard(), ["READY=1", "STOPPING=1"]);
    }

    #[test]
    fn a_name_without_a_file_is_understood() {
        let name = format!("tallyman-test-{}", std::process::id());
        let address = address_of(&OsString::from(format!("@{name}"))).unwrap();
        let socket = UnixDatagram::bind_addr(&address).unwrap();
        let environment = |key: &str| (key == "NOTIFY_SOCKET").then(|| OsString::from(format!("@{name}")));
        Supervisor::named_in(environment, 1).is_ready();
        let mut bytes = [0; 64];
        let length = socket.recv(&mut bytes).unwrap();
        assert_eq!(&bytes[..length], b"READY=1");
    }

    #[test]
    fn only_a_watchdog_that_is_meant_for_this_process_is_fed() {
        let listening = listening();
        for (watchdog, patience) in [
            (&[][..], None),
            (&[("WATCHDOG_USEC", "3000000")][..], Some(Duration::from_secs(3))),
            (
                &[("WATCHDOG_USEC", "3000000"), ("WATCHDOG_PID", "42")][..],
                Some(Duration::from_secs(3)),
            ),
            (&[("WATCHDOG_USEC", "3000000"), ("WATCHDOG_PID", "43")][..], None),
            (&[("WATCHDOG_USEC", "0")][..], None),
            (&[("WATCHDOG_USEC", "soon")][..], None),
        ] {
            assert_eq!(listening.supervisor(watchdog).patience, patience, "{watchdog:?}");
        }
        let nobody = Supervisor::named_in(|name| (name == "WATCHDOG_USEC").then(|| "3".into()), 42);
        assert_eq!(nobody.patience, None);
    }

    #[tokio::test(start_paused = true)]
    async fn a_service_that_hangs_is_silent() {
        let listening = listening();
        let supervisor = listening.supervisor(&[("WATCHDOG_USEC", "3000000")]);
        let looks = Cell::new(0);
        let goes_round = || {
            looks.set(looks.get() + 1);
            let hangs = looks.get() > 3;
            async move {
                if hangs {
                    std::future::pending().await
                }
            }
        };
        let watched = tokio::time::timeout(Duration::from_secs(60), supervisor.keep_alive(goes_round));
        assert!(watched.await.is_err());
        assert_eq!(listening.heard(), ["WATCHDOG=1"; 3]);
    }
}
