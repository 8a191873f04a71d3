//! Version 1 of the messages between agent and hub. JSON over HTTP; unknown members are ignored by readers.
//!
//! | request | body | answer | signed |
//! |---|---|---|---|
//! | `POST /v1/enrol` | [`EnrolRequest`] | [`Enrolled`] | yes |
//! | `POST /v1/device/challenge` | [`ChallengeRequest`] | [`Challenge`] | no |
//! | `POST /v1/device/token` | [`TokenRequest`] | [`TokenGranted`] | yes |
//! | `POST /v1/confirmations` | [`Batch`] | [`Receipt`] | yes |
//! | `GET /v1/tasks?cursor=…` | | [`Delta`] | no |
//! | `GET /v1/device/cursor` | | [`DeviceCursor`] | no |
//! | `POST /v1/device/epoch` | [`EpochRequest`] | [`EpochGranted`] | yes |
//! | `POST /v1/traces` | [`TraceUpload`] | 204 | yes |
//! | `POST /v1/claims` | [`ClaimRequest`] | [`Claims`] | yes |
//! | `POST /v1/claims/release` | [`ReleaseRequest`] | 204 | yes |
//! | `POST /v1/numbers` | [`NumbersRequest`] | [`Numbers`] | yes |
//! | `POST /v1/portals/neighbours` | [`NeighbourRequest`] | [`NeighbourAnswers`] | yes |
//! | `POST /v1/portals/questions` | [`PortalWatch`] | [`NeighbourQuestions`] | yes |
//! | `POST /v1/portals/answers` | [`NeighbourReply`] | 204 | yes |
//!
//! Every request but the first three carries `Authorization: Bearer <token>`; what is signed, and how, is said in
//! [`super::proof`]. Errors are [`Problem`].

mod credentials;
mod neighbours;
mod numbers;

pub use credentials::{
    Challenge, ChallengeRequest, EnrolRequest, Enrolled, ProfileBody, SCREEN_BYTES_MAX, ScreenUpload,
    TokenGranted, TokenRequest,
};
pub use neighbours::{
    HeardTagBody, NEIGHBOUR_TAGS_MAX, NEIGHBOURS_MAX, NeighbourAnswers, NeighbourHeard, NeighbourQuestion,
    NeighbourQuestions, NeighbourReply, NeighbourRequest, PORTAL_NAME_BYTES_MAX, PortalWatch, SETTLE_MS_MAX,
    SilentNeighbour,
};
pub use numbers::{
    NUMBER_BLOCKS_MAX, NUMBERS_KEY_MAX, NUMBERS_MAX, NumberBlockBody, Numbers, NumbersRequest,
};

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// Confirmations on the way: consecutive records of one device and epoch.
#[derive(Debug, Serialize, Deserialize)]
pub struct Batch {
    /// The device.
    pub device: String,
    /// The epoch all records belong to.
    pub epoch: u32,
    /// The chain hash before the first record, in hexadecimal.
    pub previous_hash: String,
    /// The records, by seq without gaps; at most [`BATCH_RECORDS_MAX`].
    pub records: Vec<Record>,
    /// The device's clocks when the batch was made, to place its times.
    pub clock: ClockReading,
    /// How the device is, for the devices page.
    pub heartbeat: Heartbeat,
}

/// Records in one batch at most; a batch of 1,000 is about 200 kB before compression.
pub const BATCH_RECORDS_MAX: usize = 1_000;

/// One record of a journal, byte for byte as it is stored.
#[derive(Debug, Serialize, Deserialize)]
pub struct Record {
    /// Its place in the journal.
    pub seq: u64,
    /// Its chain hash, in hexadecimal.
    pub hash: String,
    /// A [`ConfirmationBody`], kept as the bytes that were hashed.
    pub body: Box<RawValue>,
}

/// The body of a confirmation. Members are only ever added; readers keep the bytes, so nothing is lost.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConfirmationBody {
    /// Which record this was before it was written again in a later epoch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first: Option<FirstBody>,
    /// The form's version, 1.
    pub v: u32,
    /// The warehouse.
    pub site: String,
    /// Who did it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub worker: Option<String>,
    /// The task.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub task: Option<String>,
    /// The revision of the task the device had seen; 0 without a task.
    #[serde(default)]
    pub revision: u32,
    /// The line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
    /// The number of the lease it was done under; `None` without a lease.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fence: Option<u64>,
    /// What was done, a word of [`crate::Act::word`].
    pub act: String,
    /// With which goods.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub goods: Option<GoodsBody>,
    /// Where from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<PlaceBody>,
    /// Where to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<PlaceBody>,
    /// What was looked at or measured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub observed: Option<ObservationBody>,
    /// The task that the floor itself began with this record: with `task_started` only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started: Option<Box<TaskBody>>,
    /// The exception reported.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exception: Option<ExceptionBody>,
    /// What is taken back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reverses: Option<ReversesBody>,
    /// The read behind it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub raw: Option<RawScanBody>,
    /// The pass through a portal that it came of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pass: Option<PassBody>,
    /// The device's boot.
    pub boot: String,
    /// Microseconds since that boot.
    pub boottime_us: u64,
    /// The device's wall clock.
    pub wall: Timestamp,
}

/// The record that a fact was first. Its hash is the whole story of its epoch up to it, so no two facts have the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FirstBody {
    /// The epoch.
    pub epoch: u32,
    /// The place in that epoch's journal.
    pub seq: u64,
    /// The chain hash it had there, in hexadecimal.
    pub hash: String,
}

/// See [`crate::Goods`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GoodsBody {
    /// The item.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub item: Option<String>,
    /// The code scanned.
    pub code: String,
    /// Millionths of the base unit.
    pub quantity_micro: i64,
    /// The packaging.
    pub unit: String,
    /// Millionths of the base unit in one packaging.
    pub pack_micro: i64,
    /// The lot.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lot: Option<String>,
    /// The serial numbers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub serials: Vec<String>,
    /// The expiry date.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expiry: Option<Date>,
    /// The net weight of all of it, in millionths of a kilogram, where no two pieces weigh the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weight_micro_kg: Option<i64>,
    /// The handling unit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub handling_unit: Option<String>,
    /// The stock status, a word of [`crate::StockStatus::word`].
    pub status: String,
    /// The owner.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
}

/// See [`crate::Place`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PlaceBody {
    /// A location.
    Location(String),
    /// A handling unit.
    HandlingUnit(String),
    /// A truck, trailer or container.
    Vehicle(String),
    /// Outside, before.
    Supplier,
    /// Outside, after.
    Customer,
}

/// See [`crate::Observation`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ObservationBody {
    /// What, a word of [`crate::Check::word`].
    pub check: String,
    /// What it is.
    pub value: String,
}

/// See [`crate::ExceptionReport`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExceptionBody {
    /// A word of [`crate::ExceptionCode::word`].
    pub code: String,
    /// The reason chosen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Millionths of the base unit concerned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quantity_micro: Option<i64>,
}

/// See [`crate::Reverses`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReversesBody {
    /// The epoch.
    pub epoch: u32,
    /// The place in that epoch's journal.
    pub seq: u64,
    /// What it said was done.
    pub act: String,
}

/// See [`crate::RawScan`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RawScanBody {
    /// The scanner.
    pub scanner: String,
    /// The message.
    pub text: String,
    /// The symbology identifier.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub symbology: Option<String>,
    /// `scan`, `rfid` or `typed`.
    pub source: String,
}

/// See [`crate::PassReference`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PassBody {
    /// The portal.
    pub portal: String,
    /// The pass.
    pub number: u64,
}

/// A device's clocks at one moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClockReading {
    /// The boot.
    pub boot: String,
    /// Microseconds since that boot.
    pub boottime_us: u64,
    /// The wall clock.
    pub wall: Timestamp,
}

/// How a device is, sent with every batch and with an empty one now and then.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Heartbeat {
    /// The program's version.
    pub version: String,
    /// Confirmations that wait, this batch included.
    pub waiting: u64,
    /// Who is logged in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub worker: Option<String>,
    /// The task that is open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub task: Option<String>,
    /// The scanners and their state, as one line each.
    #[serde(default)]
    pub scanners: Vec<String>,
    /// How full its battery is, 0 to 100; `None` where it has none, or cannot tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub battery_percent: Option<u8>,
    /// For how long the oldest confirmation has waited, in seconds; `None` where none waits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub oldest_seconds: Option<u64>,
}

/// The hub's answer to a batch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// The hub's life.
    pub generation: String,
    /// The epoch the marks belong to.
    pub epoch: u32,
    /// Everything up to here is journalled and posted.
    pub applied_seq: u64,
    /// Everything up to here is in a checked backup, or applied where backups are off.
    pub stable_seq: u64,
    /// The seq the hub wants next, where the batch could not be taken whole; the device rewinds to it. With `fork`
    /// the first record of the batch that differs from the hub's, or the seq after the last where none does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected_seq: Option<u64>,
    /// Set when the journal's story differs from the hub's: the device must ask for a new epoch.
    #[serde(default)]
    pub fork: bool,
    /// What did not go plainly; records not named here did.
    #[serde(default)]
    pub outcomes: Vec<Outcome>,
    /// Milliseconds to wait before the next batch.
    #[serde(default)]
    pub pace_ms: u64,
    /// Records the hub wants in one batch at most.
    pub records_max: usize,
    /// An administrator wants to see what the screen shows: the device says so on it and sends it, once.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub screen_wanted: bool,
    /// The hub's clock.
    pub server_time: Timestamp,
}

/// What became of one record that did not go plainly. It is applied all the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    /// The record.
    pub seq: u64,
    /// `exception`: posted, and a supervisor was told. `quarantined`: kept as it came, to be understood later.
    pub kind: String,
    /// A stable word for programs.
    pub code: String,
    /// A sentence for people.
    pub message: String,
}

/// What changed since a cursor: whole tasks and items, never parts of one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
pub struct Delta {
    /// The hub's life. Another one than before means: forget the cursor and the cache.
    pub generation: String,
    /// Where to go on from; opaque.
    pub cursor: String,
    /// The cache is to be emptied before this is put in.
    pub reset: bool,
    /// There is more: ask again at once.
    pub more: bool,
    /// The asking device's mark at the moment of the snapshot: its confirmations up to here are in the figures. The end of
    /// its newest epoch that has any; epoch 0 where none has.
    pub applied: Mark,
    /// Tasks, whole.
    #[serde(default)]
    pub tasks: Vec<TaskBody>,
    /// Tasks that are no longer for this device.
    #[serde(default)]
    pub removed_tasks: Vec<String>,
    /// Items, whole.
    #[serde(default)]
    pub items: Vec<ItemBody>,
    /// Locations of the site, as their addresses.
    #[serde(default)]
    pub locations: Vec<String>,
    /// What is known of some of these locations beside the address.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub location_details: Vec<LocationBody>,
    /// What may not be used, whole, where it changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub holds: Option<HoldsBody>,
    /// The people who work with devices, whole, where they changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub workers: Option<Vec<WorkerBody>>,
    /// The site's own reasons for exception codes, whole, where they changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reasons: Option<Vec<ReasonsBody>>,
    /// The site's own codes, whole, where they changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub site_rules: Option<Vec<SiteRuleBody>>,
    /// The hub's clock.
    pub server_time: Timestamp,
}

/// A place in a device's journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Default)]
pub struct Mark {
    /// The epoch.
    pub epoch: u32,
    /// The seq, 0 before the first.
    pub seq: u64,
}

/// A task, whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskBody {
    /// The task.
    pub id: String,
    /// The site.
    pub site: String,
    /// What is to be done.
    pub kind: TaskKindBody,
    /// The revision.
    pub revision: u32,
    /// `open`, `done` or `cancelled`.
    pub state: String,
    /// The document.
    pub reference: String,
    /// The urgency.
    #[serde(default)]
    pub priority: i32,
    /// Who it is meant for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assigned_to: Option<String>,
    /// `each_scan` or `scan_then_enter`.
    pub quantity_entry: String,
    /// Who holds it; `None` where nobody does, and from hubs that know no claims.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claim: Option<ClaimBody>,
    /// What devices that held it before may have done without the hub knowing yet.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub doubts: Vec<DoubtBody>,
    /// The lines.
    pub lines: Vec<LineBody>,
}

/// A [`TaskBody`] without its lines, read from the text of a whole one: what a list of tasks needs.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[allow(missing_docs, reason = "each member is that of the same name in TaskBody")]
pub struct TaskHead {
    pub id: String,
    pub site: String,
    pub kind: TaskKindBody,
    pub revision: u32,
    pub state: String,
    pub reference: String,
    #[serde(default)]
    pub priority: i32,
    #[serde(default)]
    pub assigned_to: Option<String>,
    pub quantity_entry: String,
    #[serde(default)]
    pub claim: Option<ClaimBody>,
    #[serde(default)]
    pub doubts: Vec<DoubtBody>,
}

impl From<TaskHead> for TaskBody {
    fn from(head: TaskHead) -> Self {
        Self {
            id: head.id,
            site: head.site,
            kind: head.kind,
            revision: head.revision,
            state: head.state,
            reference: head.reference,
            priority: head.priority,
            assigned_to: head.assigned_to,
            quantity_entry: head.quantity_entry,
            claim: head.claim,
            doubts: head.doubts,
            lines: Vec::new(),
        }
    }
}

/// Who holds a task: a lease, as the hub gave it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClaimBody {
    /// The device.
    pub device: String,
    /// What people call it.
    pub device_name: String,
    /// Who worked with it then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub worker: Option<String>,
    /// The number of the lease: of one task, a later lease has a higher one.
    pub fence: u64,
    /// When the lease ends unless the hub hears from the device before, by the hub's clock.
    pub until: Timestamp,
    /// When the hub last heard of the device, by its clock.
    pub heard: Timestamp,
    /// Whether it was leased ahead, for a zone without a network.
    #[serde(default)]
    pub ahead: bool,
    /// Milliseconds that it lasts after each time the hub hears of the device.
    #[serde(default)]
    pub lease_ms: u64,
}

/// Lines that a device may have done before its task was taken over. It goes when the device has handed in all it had.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DoubtBody {
    /// The device.
    pub device: String,
    /// What people call it.
    pub device_name: String,
    /// Who worked with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub worker: Option<String>,
    /// The lines.
    pub lines: Vec<u32>,
}

/// Asks for tasks, to work on them alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
pub struct ClaimRequest {
    /// Tasks by their number, at most [`CLAIMS_MAX`].
    #[serde(default)]
    pub tasks: Vec<String>,
    /// Who works.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub worker: Option<String>,
    /// The worker was told who holds the tasks and since when nobody heard of them, and takes them over.
    #[serde(default)]
    pub take_over: bool,
    /// Work to take along where the hub cannot be reached.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ahead: Option<AheadBody>,
}

/// Tasks claimed or released in one request at most.
pub const CLAIMS_MAX: usize = 200;

/// Work to take along.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
pub struct AheadBody {
    /// `receive`, `pick` or `count`; every kind where `None`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// So many of the next tasks that are meant for nobody else, besides all that are assigned to the worker.
    #[serde(default)]
    pub tasks_max: u32,
    /// For so long, in minutes; the hub gives no more than a shift.
    pub minutes: u32,
}

/// What became of a request for tasks. The leases come with the next delta, together with the figures they are
/// about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    /// The hub's life.
    pub generation: String,
    /// Leases the device has now.
    #[serde(default)]
    pub granted: Vec<GrantedBody>,
    /// Tasks it does not have, and why.
    #[serde(default)]
    pub refused: Vec<RefusedBody>,
    /// The hub's clock.
    pub server_time: Timestamp,
}

/// A lease that was given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GrantedBody {
    /// The task.
    pub task: String,
    /// The number of the lease.
    pub fence: u64,
    /// Milliseconds until it ends unless the hub hears from the device before.
    pub lease_ms: u64,
}

/// A lease that was not given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefusedBody {
    /// The task.
    pub task: String,
    /// `held`, `closed` (done or cancelled) or `unknown`.
    pub code: String,
    /// Who holds it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub holder: Option<ClaimBody>,
}

/// Gives leases back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
pub struct ReleaseRequest {
    /// The leases, at most [`CLAIMS_MAX`]. One that is not the newest of its task is passed over.
    pub leases: Vec<LeaseBody>,
}

/// A lease by its number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeaseBody {
    /// The task.
    pub task: String,
    /// Its number.
    pub fence: u64,
}

/// See [`crate::TaskKind`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TaskKindBody {
    /// A receipt.
    Receive(ReceiveBody),
    /// A putaway.
    Putaway {},
    /// A replenishment.
    Replenish {},
    /// A move.
    Move {},
    /// A pick.
    Pick(PickBody),
    /// A pack.
    Pack(PackBody),
    /// A load.
    Load(LoadBody),
    /// A count.
    Count(CountBody),
    /// A return.
    Return(ReturnBody),
    /// An inspection.
    Inspect(InspectBody),
}

/// See [`crate::ReceivePlan`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
pub struct ReceiveBody {
    /// Where the goods are put down.
    pub dock: String,
    /// `asn`, `purchase_order` or `blind`; an ASN where empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub against: String,
    /// What is taken beyond the expected, in percent.
    #[serde(default)]
    pub over_tolerance_percent: u32,
    /// How much less than expected ends a line without a question, in percent.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub under_tolerance_percent: u32,
    /// What is checked, words of [`crate::Check::word`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub checks: Vec<String>,
}

/// See [`crate::PickPlan`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
pub struct PickBody {
    /// The tote.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub into: Option<String>,
    /// Where the tote is handed over to the next zone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hand_over: Option<String>,
}

/// See [`crate::PackPlan`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
pub struct PackBody {
    /// The tote that is packed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// Whether cartons are weighed.
    #[serde(default)]
    pub weigh: bool,
}

/// See [`crate::LoadPlan`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
pub struct LoadBody {
    /// The dock door.
    pub door: String,
    /// The truck.
    pub vehicle: String,
    /// What is checked, words of [`crate::Check::word`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub checks: Vec<String>,
}

/// See [`crate::CountPlan`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
pub struct CountBody {
    /// `cycle`, `physical_inventory` or `zero_stock`; a cycle count where empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub scope: String,
    /// The task that is counted again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recount_of: Option<String>,
    /// Who may not count.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub not_by: Vec<String>,
}

/// See [`crate::InspectPlan`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
pub struct InspectBody {
    /// What the goods are before they are looked at, a word of [`crate::StockStatus::word`]; available where empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub status: String,
}

/// See [`crate::ReturnPlan`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
pub struct ReturnBody {
    /// Where they are looked at.
    pub dock: String,
    /// What follows from their condition.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub dispositions: Vec<DispositionBody>,
}

/// See [`crate::Disposition`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DispositionBody {
    /// The condition.
    pub condition: String,
    /// A word of [`crate::StockStatus::word`].
    pub status: String,
    /// Where they go.
    pub to: String,
}

/// Whether a figure can be left out.
#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
const fn is_zero(figure: &u32) -> bool {
    *figure == 0
}

/// See [`crate::Location`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
pub struct LocationBody {
    /// The address.
    pub id: String,
    /// The digits painted beside it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub check_digits: Option<String>,
    /// The zone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zone: Option<String>,
}

/// See [`crate::Holds`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
pub struct HoldsBody {
    /// Counts the changes of the list.
    pub version: u64,
    /// What is on hold.
    #[serde(default)]
    pub entries: Vec<HoldBody>,
}

/// See [`crate::Hold`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HoldBody {
    /// The item.
    pub item: String,
    /// The lot; every lot where `None`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lot: Option<String>,
    /// Why.
    pub reason: String,
}

/// See [`crate::Worker`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorkerBody {
    /// As the badge says.
    pub id: String,
    /// What people call them.
    pub name: String,
    /// What they read, as `de`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// What a PIN is checked by: a salted hash in the form of a PHC string; `None` where the badge is enough.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pin_hash: Option<String>,
}

/// The reasons of a site for one exception code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReasonsBody {
    /// A word of [`crate::ExceptionCode::word`].
    pub code: String,
    /// The reasons, in the order of their keys.
    pub reasons: Vec<String>,
}

/// A line and what all devices confirmed of it so far.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
pub struct LineBody {
    /// Its number.
    pub number: u32,
    /// The item.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub item: Option<String>,
    /// Millionths of the base unit expected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected_micro: Option<i64>,
    /// The location.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<String>,
    /// Where to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// Why there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// The handling unit that is meant, or that the goods are in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub handling_unit: Option<String>,
    /// The tote or carton that they go into.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub into: Option<String>,
    /// The lot wanted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lot: Option<String>,
    /// The serial number of the one piece that is meant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub serial: Option<String>,
    /// The earliest expiry allowed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expiry_min: Option<Date>,
    /// The owner.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// Millionths of the base unit confirmed by all devices up to the delta's mark.
    #[serde(default)]
    pub confirmed_micro: i64,
    /// Whether the line was ended.
    #[serde(default)]
    pub closed: bool,
}

/// An item, whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
pub struct ItemBody {
    /// The item.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The base unit.
    pub unit: String,
    /// Its codes.
    pub codes: Vec<ItemCodeBody>,
    /// Whether lots are recorded.
    #[serde(default)]
    pub lot: bool,
    /// Whether serial numbers are recorded.
    #[serde(default)]
    pub serial: bool,
    /// Whether expiry dates are recorded.
    #[serde(default)]
    pub expiry: bool,
    /// Whether net weights are recorded.
    #[serde(default)]
    pub weight: bool,
    /// Whether each piece carries an RFID tag.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub tag: bool,
    /// Days that must be left before the expiry date when it comes in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shelf_life_min_days: Option<u32>,
    /// Items that may be given in its place.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub substitutes: Vec<String>,
    /// The owner.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// The digest of its picture, which `GET /v1/pictures/{digest}` gives: the first 16 bytes of BLAKE3 of the PNG, in
    /// lower-case hexadecimal digits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub picture: Option<String>,
}

/// A code of an item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ItemCodeBody {
    /// The code.
    pub code: String,
    /// The packaging.
    pub unit: String,
    /// Millionths of the base unit in one.
    pub pack_micro: i64,
}

/// One rule of the site's own codes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SiteRuleBody {
    /// The pattern.
    pub pattern: String,
    /// `location`, `badge`, `handling_unit` or `command`.
    pub kind: String,
}

/// Where the hub stands with the asking device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceCursor {
    /// The hub's life.
    pub generation: String,
    /// The epoch the hub expects.
    pub epoch: u32,
    /// Everything up to here is applied.
    pub applied_seq: u64,
    /// Everything up to here is in a checked backup.
    pub stable_seq: u64,
}

/// Asks for a new epoch: the store is new, restored, or shorter than the hub's mark.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EpochRequest {
    /// The epoch the device has.
    pub epoch: u32,
    /// The last seq its journal holds, 0 when none.
    pub last_seq: u64,
    /// Why, for the audit: `store_short`, `store_restored`, `fork`, `hub_restored`.
    pub reason: String,
}

/// A new epoch; its journal starts at seq 1.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EpochGranted {
    /// The epoch.
    pub epoch: u32,
    /// What the hub has journalled of the epoch that the device asked from: the device writes again what comes after,
    /// whatever an earlier answer made it believe. `None` from hubs that do not say it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub applied_seq: Option<u64>,
    /// How far the hub is in each epoch of this device before the new one. Empty from hubs that do not say it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub marks: Vec<EpochMark>,
    /// Records that the hub has under a later place than their first: a copy of the device's store that is older than that
    /// move does not know of it, and must not write them again.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub moved: Vec<MovedRecord>,
}

/// A record that was written again in a later epoch, as the hub has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MovedRecord {
    /// The chain hash it had first, in hexadecimal.
    pub first: String,
    /// The epoch it is in now.
    pub epoch: u32,
    /// Its place there.
    pub seq: u64,
}

/// How far a hub is in one epoch of a device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EpochMark {
    /// The epoch.
    pub epoch: u32,
    /// Everything up to here is journalled.
    pub applied_seq: u64,
    /// The chain hash of the record there, in hexadecimal: a device that has the same has told the same story.
    pub last_hash: String,
}

/// Inputs of steps, for "why was this accepted". Sent after the facts, lost without harm.
#[derive(Debug, Serialize, Deserialize)]
pub struct TraceUpload {
    /// The device.
    pub device: String,
    /// The entries, oldest first.
    pub entries: Vec<TraceEntry>,
}

/// One input of a session.
#[derive(Debug, Serialize, Deserialize)]
pub struct TraceEntry {
    /// Its place in the device's trace.
    pub number: u64,
    /// The input, as the device wrote it.
    pub input: Box<RawValue>,
}

/// Why a request was not done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// A stable word for programs.
    pub code: String,
    /// A sentence for people: what is wrong and what to do.
    pub message: String,
}

/// The answer to `GET /v1/stock`: what the ledger has, at most 50 rows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
pub struct StockAnswer {
    /// Goods by place and lot.
    #[serde(default)]
    pub rows: Vec<StockRowBody>,
    /// Where the handling unit stands that was asked for: a location or a truck; left out where nobody knows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stands_at: Option<PlaceBody>,
    /// It was asked what a count has not found, and this hub has not heard yet that the place is counted: nothing is told
    /// before.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub being_counted: bool,
}

/// See [`crate::StockRow`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StockRowBody {
    /// The item.
    pub item: String,
    /// The location or handling unit.
    pub place: String,
    /// The lot.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lot: Option<String>,
    /// How much, in millionths of the base unit; left out where the place is being counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quantity_micro: Option<i64>,
    /// The handling unit it is in, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub handling_unit: Option<String>,
    /// The location it is in, or where the handling unit stands that it is in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<String>,
    /// The serial number, where single pieces were asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub serial: Option<String>,
}
