//! Hot plug: the kernel says that a device came, and every device that waits is opened at once.
//!
//! The kernel's own events come before the node has its permissions, so the waiting ones are woken a few times over
//! three seconds. An event that is missed costs a few seconds: waits end by themselves.

use std::io;
use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::time::Duration;

use rustix::net::netlink::{KOBJECT_UEVENT, SocketAddrNetlink};
use rustix::net::{AddressFamily, RecvFlags, SocketFlags, SocketType};
use tokio::io::unix::AsyncFd;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

/// The kernel's own multicast group; udev's (2) has a format of its own.
const KERNEL_GROUP: u32 = 1;
/// Longest event (the kernel's buffer for its variables is 2 KiB, the path comes on top).
const EVENT_BYTES_MAX: usize = 8 * 1024;
/// After an arrival, when the waiting devices are woken: at once, and while udev sets permissions.
const WAKE_MS: [u64; 4] = [0, 300, 1_000, 3_000];

/// What the kernel says about a device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Uevent {
    /// `add`, `remove`, `bind`, `change` …
    pub action: String,
    /// The class, as `tty`.
    pub subsystem: String,
    /// The node below `/dev`, if it has one.
    pub node: Option<String>,
}

impl Uevent {
    /// Reads an event: `add@/devices/…`, then `KEY=VALUE`, each ended by a zero.
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let mut parts = bytes
            .split(|byte| *byte == 0)
            .filter_map(|part| std::str::from_utf8(part).ok());
        let (action, _path) = parts.next()?.split_once('@')?;
        let mut event = Self {
            action: action.to_owned(),
            subsystem: String::new(),
            node: None,
        };
        for (key, value) in parts.filter_map(|part| part.split_once('=')) {
            match key {
                "SUBSYSTEM" => value.clone_into(&mut event.subsystem),
                "DEVNAME" => event.node = Some(value.to_owned()),
                _ => {}
            }
        }
        Some(event)
    }

    /// Whether a scanner may have come.
    pub fn is_arrival(&self) -> bool {
        matches!(self.action.as_str(), "add" | "bind" | "change")
            && matches!(self.subsystem.as_str(), "tty" | "input" | "hidraw" | "usb")
    }
}

/// The kernel's events.
#[derive(Debug)]
pub struct HotPlug {
    socket: AsyncFd<OwnedFd>,
}

impl HotPlug {
    /// Begins to listen.
    ///
    /// # Errors
    /// Where the system has no such socket, as in some containers; devices are then found by the slow retry alone.
    pub fn listen() -> io::Result<Self> {
        let socket = rustix::net::socket_with(
            AddressFamily::NETLINK,
            SocketType::DGRAM,
            SocketFlags::NONBLOCK | SocketFlags::CLOEXEC,
            Some(KOBJECT_UEVENT),
        )?;
        rustix::net::bind(&socket, &SocketAddrNetlink::new(0, KERNEL_GROUP))?;
        #[allow(
            deprecated,
            reason = "an OwnedFd keeps its descriptor; the replacement would need unsafe code"
        )]
        let socket = AsyncFd::new(socket)?;
        Ok(Self { socket })
    }

    /// Waits for the next event that can be read.
    ///
    /// # Errors
    /// When the socket fails. Events lost in a burst are no failure.
    pub async fn next(&mut self) -> io::Result<Uevent> {
        let mut buffer = vec![0; EVENT_BYTES_MAX];
        loop {
            let mut ready = self.socket.readable().await?;
            let received = ready.try_io(|socket| {
                rustix::net::recv(socket.get_ref(), &mut *buffer, RecvFlags::empty()).map_err(Into::into)
            });
            match received {
                Ok(Ok((count, _))) => {
                    if let Some(event) = buffer.get(..count).and_then(Uevent::parse) {
                        return Ok(event);
                    }
                }
                // The kernel's buffer overflowed: something came, look at everything.
                Ok(Err(error)) if error.raw_os_error() == Some(rustix::io::Errno::NOBUFS.raw_os_error()) => {
                    return Ok(Uevent {
                        action: "add".to_owned(),
                        subsystem: "usb".to_owned(),
                        node: None,
                    });
                }
                Ok(Err(error)) => return Err(error),
                Err(_would_block) => {}
            }
        }
    }
}

/// Wakes the devices that wait whenever one may have come, until cancelled. `waiting` are the handles'
/// `retry_now`.
pub async fn wake_on_arrival(waiting: Vec<Arc<Notify>>, cancel: CancellationToken) {
    let mut hot_plug = match HotPlug::listen() {
        Ok(hot_plug) => hot_plug,
        Err(error) => {
            tracing::warn!(%error, "the kernel's device events cannot be heard; new devices are found within seconds");
            return;
        }
    };
    loop {
        let event = tokio::select! {
            () = cancel.cancelled() => return,
            event = hot_plug.next() => event,
        };
        match event {
            Ok(event) if event.is_arrival() => {}
            Ok(_) => continue,
            Err(error) => {
                tracing::warn!(%error, "the kernel's device events stopped; new devices are found within seconds");
                return;
            }
        }
        let mut passed_ms = 0;
        for wake_ms in WAKE_MS {
            tokio::select! {
                () = cancel.cancelled() => return,
                () = tokio::time::sleep(Duration::from_millis(wake_ms - passed_ms)) => {}
            }
            passed_ms = wake_ms;
            for device in &waiting {
                device.notify_waiters();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_read() {
        let bytes =
            b"add@/devices/pci0/usb1/1-1/1-1:1.0/tty/ttyACM0\0ACTION=add\0SUBSYSTEM=tty\0DEVNAME=ttyACM0\0";
        let event = Uevent::parse(bytes).unwrap();
        assert_eq!(
            (event.subsystem.as_str(), event.node.as_deref()),
            ("tty", Some("ttyACM0"))
        );
        assert!(event.is_arrival());
        assert!(!Uevent::parse(b"remove@/x\0SUBSYSTEM=tty\0").unwrap().is_arrival());
        assert_eq!(Uevent::parse(b"libudev\0\xFE\xED\xCA\xFE"), None);
    }

    #[tokio::test]
    async fn the_kernel_can_be_listened_to_or_says_why_not() {
        if let Err(error) = HotPlug::listen() {
            assert!(error.raw_os_error().is_some(), "{error}");
        }
    }
}
