//! The rules of the work: items, tasks, sessions, verdicts, confirmations, views, and the wire between agent
//! and hub.
//!
//! The room is pure: the same events against the same catalogue give the same verdicts on the device, in the
//! simulator, and at the hub when somebody asks "why was this accepted".

#[cfg(test)]
mod cases;
pub mod catalogue;
pub mod claim;
pub mod confirmation;
pub mod event;
pub mod ids;
pub mod item;
mod kinds;
pub mod label;
pub mod label_fault;
pub mod numbers;
pub mod passed;
pub mod plan;
pub mod progress;
#[cfg(test)]
mod properties;
pub mod quantity;
pub mod rfid;
pub mod session;
pub mod site;
mod standing;
pub mod swept;
pub mod task;
pub mod trace;
pub mod verdict;
pub mod view;
pub mod wire;
pub mod words;

pub use catalogue::{Catalogue, MapCatalogue};
pub use claim::{Claim, Doubt, Holder, Lease};
pub use confirmation::{
    Act, Confirmation, Draft, ExceptionCode, ExceptionReport, Goods, Observation, PassReference, Place,
    RawScan, Reverses, Source, StockStatus, Times, WorkReference,
};
pub use event::{Effect, Event, HubTime, Key, Now, Scanning, Step};
pub use ids::{
    ConfirmationId, DeviceId, HandlingUnitId, ItemId, LineNumber, LocationId, OwnerId, PictureId, SiteId,
    TaskId, WorkerId,
};
pub use item::{Item, ItemCode, Tracking};
pub use label::{Inquiry, InquiryAnswer, LabelOrder, StockRow};
pub use numbers::{NumberBlock, NumberForm, NumberKind};
pub use passed::{Announced, Light, Passed, PortalWish};
pub use plan::{
    Against, Check, CountPlan, CountScope, Disposition, InspectPlan, LoadPlan, PackPlan, PickPlan,
    ReceivePlan, ReturnPlan,
};
pub use progress::{LineProgress, Progress};
pub use quantity::Quantity;
pub use session::Session;
pub use session::figures::SinceLogIn;
pub use session::hand_over::task_key;
pub use site::{Hold, Holds, Location, Worker};
pub use swept::{Radio, SweepFigures, SweepWish, Swept, SweptTag};
pub use task::{Line, QuantityEntry, Task, TaskKind, TaskState};
pub use verdict::{MissingPiece, Question, Reason, Scanned, Verdict, Wanted, Where};
pub use view::{Big, KeyHint, Message, QuestionView, Tone, View, ViewLine};
pub use words::Language;
