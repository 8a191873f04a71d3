//! What the running agent is doing, as one value: for `tallyman status`, the control socket and the status bar.

pub mod metrics;

use serde::{Deserialize, Serialize};

/// The state of an agent. Members are only ever added.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Status {
    /// The program's version.
    pub version: String,
    /// What the device calls itself.
    pub name: String,
    /// The device, as the hub named it; `None` before enrolment.
    pub device: Option<String>,
    /// The site it works in.
    pub site: Option<String>,
    /// The epoch of its journal.
    pub epoch: u32,
    /// Who is logged in.
    pub worker: Option<String>,
    /// The task that is open.
    pub task: Option<String>,
    /// Confirmations, as `37 waiting, oldest 12 min, all safe`.
    pub outbox: OutboxStatus,
    /// The link to the hub.
    pub link: LinkReport,
    /// The scanners.
    pub devices: Vec<DeviceReport>,
    /// Inputs on their way to the floor loop.
    pub inputs: InputReport,
    /// The store.
    pub store: StoreReport,
    /// The label printer; `None` where there is none.
    #[serde(default)]
    pub printer: Option<PrinterReport>,
    /// Pictures of items that are kept; `None` where none are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pictures: Option<PicturesReport>,
    /// Neighbouring portals on other devices that did not answer when a pass was over: what was heard is checked by label.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub silent_neighbours: Vec<String>,
    /// The panel that shows the screen; `None` where there is none.
    #[serde(default)]
    pub panel: Option<PanelReport>,
    /// Keypads and the touch panel.
    #[serde(default)]
    pub input_nodes: Vec<InputNodeReport>,
    /// The battery; `None` where there is none.
    #[serde(default)]
    pub battery: Option<BatteryReport>,
}

/// The battery.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct BatteryReport {
    /// What the kernel calls it.
    pub name: String,
    /// How full it is, in percent.
    pub percent: Option<u8>,
    /// Whether it is being charged, or is full and at the charger.
    pub charging: bool,
    /// For how many minutes it lasts as the device is used now; `None` while too little is known.
    pub minutes_left: Option<u32>,
    /// Its temperature, in tenths of a degree Celsius.
    pub temperature_tenths: Option<i32>,
    /// Its voltage, in millivolts.
    pub voltage_mv: Option<u32>,
    /// Whether a swap is asked for at the next break.
    pub swap_soon: bool,
}

impl std::fmt::Display for BatteryReport {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}", self.name)?;
        if let Some(percent) = self.percent {
            write!(formatter, ", {percent} %")?;
        }
        if self.charging {
            write!(formatter, ", at the charger")?;
        }
        if let Some(minutes) = self.minutes_left {
            write!(formatter, ", {minutes} min left at this pace")?;
        }
        if let Some(millivolts) = self.voltage_mv {
            write!(formatter, ", {millivolts} mV")?;
        }
        if let Some(tenths) = self.temperature_tenths {
            write!(formatter, ", {:.1} °C", f64::from(tenths) / 10.0)?;
        }
        if self.swap_soon {
            write!(formatter, "; a swap is asked for")?;
        }
        Ok(())
    }
}

/// A keypad or a touch panel.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct InputNodeReport {
    /// Its name in the configuration.
    pub name: String,
    /// `keys` or `touch`.
    pub used_for: String,
    /// `opening`, `open`, `waiting` (to be opened again) or `stopped`.
    pub phase: String,
    /// The node that is or was open.
    pub node: Option<String>,
    /// Why it was lost or could not be opened the last time, with what to do.
    pub last_error: Option<String>,
    /// Keys of the agent that were pressed on it since the start.
    pub presses: u64,
    /// Presses that were contacts that bounce, since it was opened.
    pub bounces: u64,
    /// Keys that are down for too long, by the kernel's names.
    pub stuck: Vec<String>,
    /// Where in the picture a finger was last, in pixels from the left and from the top.
    pub touched: Option<(u32, u32)>,
}

impl std::fmt::Display for InputNodeReport {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            name,
            used_for,
            phase,
            presses,
            ..
        } = self;
        write!(formatter, "{name} ({used_for}): {phase}, {presses} presses")?;
        if let Some((x, y)) = self.touched {
            write!(formatter, ", touched at {x},{y}")?;
        }
        if !self.stuck.is_empty() {
            write!(formatter, ", STUCK: {}", self.stuck.join(", "))?;
        }
        match &self.last_error {
            Some(error) => write!(formatter, "; {error}"),
            None => Ok(()),
        }
    }
}

/// The panel that shows the screen.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct PanelReport {
    /// `framebuffer` or `drm`; empty until it was open.
    pub output: String,
    /// Its node, as `/dev/fb0`; empty until it was open.
    pub node: String,
    /// `opening`, `open`, `dark` (while nobody is there) or `waiting` (to be opened again).
    pub state: String,
    /// Pixels across, as the worker holds the device.
    pub width: u32,
    /// Pixels down.
    pub height: u32,
    /// By how many degrees the picture is turned for it.
    pub rotation: u32,
    /// Pictures that it took since the start.
    pub pictures: u64,
    /// Why it shows nothing, or may show something else, with what to do.
    pub last_error: Option<String>,
}

impl std::fmt::Display for PanelReport {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}", self.state)?;
        if !self.node.is_empty() {
            let Self {
                node,
                output,
                width,
                height,
                rotation,
                ..
            } = self;
            write!(
                formatter,
                ", {node} ({output}) {width}x{height}, turned by {rotation}"
            )?;
        }
        match &self.last_error {
            Some(error) => write!(formatter, "; {error}"),
            None => Ok(()),
        }
    }
}

/// Pictures of items on this device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PicturesReport {
    /// How many.
    pub count: usize,
    /// Bytes that they take on the disk.
    pub bytes: u64,
}

/// The label printer, as it was when it had something to print last.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PrinterReport {
    /// `unknown` (nothing was to be printed yet), `ready`, `paper_out`, `ribbon_out`, `head_open`, `paused` or `unreachable`.
    pub state: String,
    /// Labels that wait.
    pub waiting: usize,
    /// Labels that it took since the start.
    pub printed: u64,
    /// Labels that were not printed: too many waited, or they could not be one.
    pub dropped: u64,
    /// What went wrong the last time.
    pub last_fault: Option<String>,
    /// SSCCs that are left for labels.
    pub sscc_left: u64,
    /// LPNs that are left for labels.
    pub lpn_left: u64,
}

impl std::fmt::Display for PrinterReport {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            formatter,
            "{}, {} waiting, {} printed",
            self.state.replace('_', " "),
            self.waiting,
            self.printed
        )?;
        if self.dropped > 0 {
            write!(formatter, ", {} not printed", self.dropped)?;
        }
        write!(
            formatter,
            ", {} SSCC and {} LPN left",
            self.sscc_left, self.lpn_left
        )?;
        match &self.last_fault {
            Some(fault) if self.state == "unreachable" || self.dropped > 0 => write!(formatter, "; {fault}"),
            _ => Ok(()),
        }
    }
}

/// Confirmations that wait for the hub.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutboxStatus {
    /// How many wait.
    pub waiting: u64,
    /// How long the oldest has been waiting, in seconds.
    pub oldest_seconds: Option<u64>,
    /// Whether new confirmations can be kept.
    pub safe: bool,
    /// The last confirmation's place in the epoch, 0 where there is none.
    pub last_seq: u64,
    /// Everything up to here is at the hub.
    pub applied_seq: u64,
    /// Everything up to here is in a checked backup of the hub.
    pub stable_seq: u64,
    /// All of it in a sentence.
    pub sentence: String,
}

/// The link to the hub.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkReport {
    /// `unknown`, `not_enrolled`, `online`, `offline`, `refused` or `blocked`.
    pub state: String,
    /// For how long, in seconds.
    pub for_seconds: u64,
    /// How long ago the hub answered last, in seconds.
    pub answered_seconds: Option<u64>,
    /// What went wrong the last time, with what to do.
    pub last_fault: Option<String>,
    /// Confirmations that the hub told a supervisor about, since the start.
    pub exceptions: u64,
    /// Confirmations that the hub keeps until they are understood, since the start.
    pub quarantined: u64,
}

/// A scanner.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceReport {
    /// Its name in the configuration.
    pub name: String,
    /// Its driver.
    pub driver: String,
    /// `opening`, `open`, `waiting` or `stopped`.
    pub phase: String,
    /// Why the link was lost or could not be opened the last time.
    pub last_error: Option<String>,
    /// Codes and tags since the start.
    pub reads: u64,
    /// Bytes that belonged to no good frame.
    pub garbage_bytes: u64,
    /// Mechanical repetitions that were dropped.
    pub repetitions_dropped: u64,
    /// Whether its own beep may be taken for ours: it cannot be switched off, or was not read back as off.
    pub beep_not_trusted: bool,
    /// The node that is or was open, as `/dev/ttyACM0`.
    pub node: Option<String>,
    /// Reports of this device that wait because the program is busy; the device is held off meanwhile.
    pub waiting: usize,
    /// How long the oldest of them has been waiting, in microseconds.
    pub oldest_waiting_us: Option<u64>,
    /// The longest one has waited since the start, in microseconds.
    pub worst_wait_us: u64,
    /// What it answered about itself and its settings; the newest of each name.
    pub answers: Vec<DeviceAnswer>,
    /// What it said about itself and its work; the newest of each kind.
    pub notices: Vec<DeviceNotice>,
}

/// A scanner's answer to a question of its driver.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceAnswer {
    /// What was asked, as `revision`.
    pub name: String,
    /// The answer.
    pub text: String,
}

/// What a scanner said about itself or its work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceNotice {
    /// The stable word, as `no_read`, `settings_changed`, `settings_refused`.
    pub code: String,
    /// The newest sentence.
    pub message: String,
    /// How long ago it was said last, in seconds.
    pub seconds_ago: u64,
    /// How often it was said since the start.
    pub count: u64,
}

impl DeviceReport {
    /// What the driver changed in the scanner's settings, or could not change, as sentences.
    pub fn set_up(&self) -> impl Iterator<Item = &str> {
        let is_set_up = |notice: &&DeviceNotice| {
            matches!(
                notice.code.as_str(),
                "settings_changed" | "settings_refused" | "no_answer"
            )
        };
        self.notices
            .iter()
            .filter(is_set_up)
            .map(|notice| notice.message.as_str())
    }
}

/// Inputs on their way to the floor loop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct InputReport {
    /// How many wait now.
    pub waiting: usize,
    /// How many may wait.
    pub waiting_max: usize,
    /// The longest one has waited since the start, in microseconds.
    pub worst_wait_us: u64,
    /// Reads of a trigger pull that came after its answer and changed nothing.
    pub late_reads: u64,
}

/// The store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoreReport {
    /// The file.
    pub path: String,
    /// `good`, `full`, or what failed.
    pub health: String,
    /// Commits since the start.
    pub commits: u64,
    /// How long the last commit took, its sync included, in microseconds.
    pub last_commit_us: u64,
    /// Records that were found damaged since the start; the hub keeps them aside.
    pub damaged: u64,
    /// Bytes this program can still write on the file system.
    pub free_bytes: Option<u64>,
}

impl OutboxStatus {
    /// The sentence for people.
    pub fn sentence_of(waiting: u64, oldest_seconds: Option<u64>, safe: bool) -> String {
        let safety = if safe {
            "all safe"
        } else {
            "nothing more is counted: the storage needs attention"
        };
        match (waiting, oldest_seconds) {
            (0, _) => format!("nothing waiting, {safety}"),
            (_, Some(seconds)) => format!("{waiting} waiting, oldest {}, {safety}", span(seconds)),
            (_, None) => format!("{waiting} waiting, {safety}"),
        }
    }
}

/// A span in the unit that people would use.
pub fn span(seconds: u64) -> String {
    match seconds {
        0..120 => format!("{seconds} s"),
        120..7_200 => format!("{} min", seconds / 60),
        7_200..172_800 => format!("{} h", seconds / 3_600),
        _ => format!("{} days", seconds / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_picker_reads_how_much_waits_and_that_it_is_safe() {
        for (waiting, oldest, safe, sentence) in [
            (37, Some(720), true, "37 waiting, oldest 12 min, all safe"),
            (1, Some(5), true, "1 waiting, oldest 5 s, all safe"),
            (0, None, true, "nothing waiting, all safe"),
            (3, Some(200_000), true, "3 waiting, oldest 2 days, all safe"),
            (3, None, true, "3 waiting, all safe"),
        ] {
            assert_eq!(OutboxStatus::sentence_of(waiting, oldest, safe), sentence);
        }
        let full = OutboxStatus::sentence_of(37, Some(720), false);
        assert!(!full.contains("all safe"), "{full}");
    }
}
