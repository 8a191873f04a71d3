//! Input nodes: finding one by path, USB ids or name, opening it for this program alone, reading its events.

use std::io;
use std::path::{Path, PathBuf};

pub use evdev::EventType as EventKind;
use evdev::raw_stream::{EventStream, RawDevice};
use evdev::{AbsoluteAxisCode, EventType, KeyCode};
use tallyman_drivers::contract::devices::Subsystem;
use tallyman_drivers::link::nodes::{self, Node, SYSFS};

use super::keymap::code_name;
use super::touch::{Axes, Range};

/// Why an input node cannot be used. The messages say what to do.
#[derive(Debug, thiserror::Error)]
pub enum InputNodeError {
    /// Nothing plugged in is the device.
    #[error("no input device is {0}: plug it in, or correct its name; /proc/bus/input/devices lists all")]
    Absent(String),
    /// Several could be the device.
    #[error("several input devices are {what} ({nodes}): name one by its path, as /dev/input/by-path/…")]
    Ambiguous {
        /// The name.
        what: String,
        /// The nodes.
        nodes: String,
    },
    /// It may not be opened.
    #[error("{} may not be opened: add the user of the agent to the node's group (`input`)", .0.display())]
    Denied(PathBuf),
    /// Somebody else has it.
    #[error("{} is in use by another program, which has grabbed it: end it", .0.display())]
    Busy(PathBuf),
    /// A key is down, whose release would be lost to everybody else.
    #[error("the key {key} of {} is down: let it go, or mend it", .path.display())]
    KeyDown {
        /// The node.
        path: PathBuf,
        /// The key.
        key: String,
    },
    /// It has no keys, or nothing to touch.
    #[error("{} has no {what}", .path.display())]
    Unfit {
        /// The node.
        path: PathBuf,
        /// What it lacks.
        what: &'static str,
    },
    /// Anything else the system says.
    #[error("{} failed: {cause}", .path.display())]
    System {
        /// The node.
        path: PathBuf,
        /// What the system says.
        cause: io::Error,
    },
}

impl InputNodeError {
    /// Sorts what the system says.
    pub(super) fn of(path: &Path, cause: io::Error) -> Self {
        use rustix::io::Errno;
        let path = path.to_path_buf();
        match cause.raw_os_error().map(Errno::from_raw_os_error) {
            Some(Errno::NOENT | Errno::NODEV | Errno::NXIO) => Self::Absent(path.display().to_string()),
            Some(Errno::ACCESS | Errno::PERM) => Self::Denied(path),
            Some(Errno::BUSY) => Self::Busy(path),
            _ => Self::System { path, cause },
        }
    }
}

/// The node that a name of the configuration stands for: a path, USB ids as `05e0:1200`, or what the device calls itself.
///
/// # Errors
/// [`InputNodeError::Absent`] and [`InputNodeError::Ambiguous`].
pub fn find(name: &str, sysfs: &Path) -> Result<PathBuf, InputNodeError> {
    if name.starts_with('/') {
        return Ok(PathBuf::from(name));
    }
    let is_it = |node: &Node| {
        let ids = node.usb.as_ref();
        let has_ids = ids.is_some_and(|usb| format!("{}:{}", usb.vendor, usb.product) == name);
        node.subsystem == Subsystem::Input && (has_ids || node.product == name)
    };
    let found: Vec<PathBuf> = nodes::nodes(sysfs)
        .into_iter()
        .filter(is_it)
        .map(|node| node.path)
        .collect();
    match found.as_slice() {
        [] => Err(InputNodeError::Absent(name.to_owned())),
        [one] => Ok(one.clone()),
        several => Err(InputNodeError::Ambiguous {
            what: name.to_owned(),
            nodes: several
                .iter()
                .map(|path| path.display().to_string())
                .collect::<Vec<_>>()
                .join(", "),
        }),
    }
}

/// An open input node.
pub struct InputNode {
    path: PathBuf,
    device: RawDevice,
}

impl InputNode {
    /// Opens the node of a name.
    ///
    /// # Errors
    /// [`InputNodeError`] says what to do.
    pub fn open(name: &str) -> Result<Self, InputNodeError> {
        let path = find(name, Path::new(SYSFS))?;
        let device = RawDevice::open(&path).map_err(|cause| InputNodeError::of(&path, cause))?;
        Ok(Self { path, device })
    }

    /// Every input node that has keys and may be opened, and why the others may not.
    pub fn all_with_keys() -> Vec<Result<Self, InputNodeError>> {
        let nodes = nodes::nodes(Path::new(SYSFS)).into_iter();
        nodes
            .filter(|node| node.subsystem == Subsystem::Input)
            .map(|node| {
                let opened = RawDevice::open(&node.path);
                opened
                    .map(|device| Self {
                        path: node.path.clone(),
                        device,
                    })
                    .map_err(|cause| InputNodeError::of(&node.path, cause))
            })
            .filter(|opened| {
                opened
                    .as_ref()
                    .map_or(true, |node| node.device.supported_keys().is_some())
            })
            .collect()
    }

    /// The node.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What the device calls itself.
    pub fn name(&self) -> &str {
        self.device.name().unwrap_or_default()
    }

    /// Takes the node for this program alone: its keys reach no console and no other program.
    ///
    /// # Errors
    /// [`InputNodeError::KeyDown`] while a key is down, [`InputNodeError::Busy`] where another program has it.
    pub fn grab(&mut self) -> Result<(), InputNodeError> {
        let failed = |cause| InputNodeError::of(&self.path, cause);
        if let Some(down) = self.device.get_key_state().map_err(failed)?.iter().next() {
            return Err(InputNodeError::KeyDown {
                path: self.path.clone(),
                key: code_name(down.code()),
            });
        }
        self.device
            .grab()
            .map_err(|cause| InputNodeError::of(&self.path, cause))
    }

    /// Whether another program has taken the node: nothing of it can be heard then.
    pub fn is_taken(&self) -> bool {
        // A node opened once more, so that this one is never in the way.
        let Ok(mut again) = RawDevice::open(&self.path) else {
            return false;
        };
        // It is given back when `again` is closed.
        again.grab().is_err()
    }

    /// The axes, where it can be touched.
    ///
    /// # Errors
    /// [`InputNodeError::Unfit`] where it cannot.
    pub fn axes(&self) -> Result<Axes, InputNodeError> {
        let absent = || InputNodeError::Unfit {
            path: self.path.clone(),
            what: "axes of a touch panel",
        };
        let supported = self.device.supported_absolute_axes().ok_or_else(absent)?;
        let has = |pair: [AbsoluteAxisCode; 2]| pair.into_iter().all(|axis| supported.contains(axis));
        let single = [AbsoluteAxisCode::ABS_X, AbsoluteAxisCode::ABS_Y];
        let several = [
            AbsoluteAxisCode::ABS_MT_POSITION_X,
            AbsoluteAxisCode::ABS_MT_POSITION_Y,
        ];
        let (pair, only_several) = match (has(single), has(several)) {
            (true, _) => (single, false),
            (false, true) => (several, true),
            (false, false) => return Err(absent()),
        };
        let told: Vec<_> = self
            .device
            .get_absinfo()
            .map_err(|cause| InputNodeError::of(&self.path, cause))?
            .collect();
        let range = |wanted: AbsoluteAxisCode| {
            let (_, info) = told.iter().find(|(axis, _)| *axis == wanted)?;
            Some(Range {
                least: info.minimum(),
                most: info.maximum(),
            })
        };
        let [x, y] = pair.map(range);
        Ok(Axes {
            x: x.ok_or_else(absent)?,
            y: y.ok_or_else(absent)?,
            only_several,
        })
    }

    /// # Errors
    /// [`InputNodeError::Unfit`] where it has no keys.
    pub fn must_have_keys(&self) -> Result<(), InputNodeError> {
        match self.device.supported_keys() {
            Some(_) => Ok(()),
            None => Err(InputNodeError::Unfit {
                path: self.path.clone(),
                what: "keys",
            }),
        }
    }

    /// Its events from now on.
    ///
    /// # Errors
    /// What the system says.
    pub fn events(self) -> Result<Events, InputNodeError> {
        let Self { path, device } = self;
        match device.into_event_stream() {
            Ok(stream) => Ok(Events { path, stream }),
            Err(cause) => Err(InputNodeError::of(&path, cause)),
        }
    }
}

/// The events of a node.
pub struct Events {
    path: PathBuf,
    stream: EventStream,
}

impl Events {
    /// The next event: its type, its code, its value.
    ///
    /// # Errors
    /// When the device is gone.
    pub async fn next(&mut self) -> Result<(EventType, u16, i32), InputNodeError> {
        let event = self.stream.next_event().await;
        event
            .map(|event| (event.event_type(), event.code(), event.value()))
            .map_err(|cause| InputNodeError::of(&self.path, cause))
    }
}

/// Whether a code is of a key and not of a finger, pen or mouse.
pub fn is_key(code: u16) -> bool {
    let pointers = KeyCode::BTN_LEFT.code()..=KeyCode::BTN_TASK.code();
    let fingers = KeyCode::BTN_TOOL_PEN.code()..=KeyCode::BTN_TOOL_QUADTAP.code();
    !pointers.contains(&code) && !fingers.contains(&code)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    /// A folder like `/sys` with these input nodes: number, ids, name.
    fn sysfs(nodes: &[(u32, &str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        let class = folder.path().join("class/input");
        fs::create_dir_all(&class).unwrap();
        for (number, id, name) in nodes {
            let (vendor, product) = id.split_once(':').unwrap();
            let usb = folder.path().join(format!("devices/usb1/1-{number}"));
            let input = usb.join(format!("1-{number}:1.0/input/input{number}"));
            let event = input.join(format!("event{number}"));
            fs::create_dir_all(&event).unwrap();
            fs::write(usb.join("idVendor"), vendor).unwrap();
            fs::write(usb.join("idProduct"), product).unwrap();
            fs::write(input.join("name"), name).unwrap();
            std::os::unix::fs::symlink(&input, event.join("device")).unwrap();
            std::os::unix::fs::symlink(&event, class.join(format!("event{number}"))).unwrap();
        }
        folder
    }

    #[test]
    fn a_device_is_found_by_what_it_is_and_not_by_its_number() {
        let sysfs = sysfs(&[
            (3, "05e0:1200", "Keypad"),
            (4, "1234:0001", "gpio-keys"),
            (5, "1234:0002", "Panel"),
            (6, "1234:0002", "Panel"),
        ]);
        let find = |name: &str| find(name, sysfs.path());
        for (name, wanted) in [
            ("05e0:1200", "/dev/input/event3"),
            ("Keypad", "/dev/input/event3"),
            ("gpio-keys", "/dev/input/event4"),
            // A path is taken as it is; links of udev are not in sysfs.
            (
                "/dev/input/by-path/platform-keys-event",
                "/dev/input/by-path/platform-keys-event",
            ),
        ] {
            assert_eq!(find(name).unwrap(), Path::new(wanted), "{name}");
        }
        assert!(matches!(find("Keyboard"), Err(InputNodeError::Absent(_))));
        let several = find("Panel").unwrap_err().to_string();
        assert!(several.contains("event5, /dev/input/event6"), "{several}");
    }

    #[test]
    fn what_is_no_input_node_is_told() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let told = InputNode::open(&file.path().to_string_lossy()).err().unwrap();
        assert!(matches!(told, InputNodeError::System { .. }), "{told}");
        let told = InputNode::open("/nowhere/event0").err().unwrap();
        assert!(matches!(told, InputNodeError::Absent(_)), "{told}");
    }
}
