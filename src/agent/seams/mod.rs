//! Where the parts of the agent meet: the traits that the room owns, and the values that cross them.
//!
//! The floor loop, sync, intake and control know these and never each other; one file ([`crate::wiring`]) joins
//! them. A simulator replaces the implementations and keeps everything else.

pub mod at_work;
pub mod console;
pub mod happening;
pub mod hub_news;
pub mod input;
pub mod key_names;
pub mod keys;
pub mod neighbours;
pub mod numbers;
pub mod passes;
pub mod pictures;
pub mod printer;
pub mod reader;
pub mod set_up;
pub mod store;
pub mod sweeps;
pub mod transport;
pub mod world;

pub use at_work::AtWork;
pub use console::Console;
pub use happening::{Happening, Sounded};
pub use hub_news::{Done, FromHub};
pub use input::{INPUTS_MAX, Incoming, Input, Ping};
pub use keys::{KeyError, Keys};
pub use numbers::{HeldBlock, HeldNumbers, NumberStore};
pub use passes::{KeptPass, PassPart, PassStore};
pub use pictures::{PictureFault, PictureStore, PictureWishes};
pub use printer::{PrinterNotice, PrinterState, PrinterStatus};
pub use reader::{Lamps, ReaderWish};
pub use set_up::{EnrolTrouble, SetUp, SetUpNews, SetUpPart, SetUpRefusal};
pub use store::{
    CacheChange, HubMark, HubMoved, HubStory, Identity, Opened, OutboxRecord, OutboxSlice, Place, StepCommit,
    Store, StoreError, StoreFigures, SyncMarks, TraceRow,
};
pub use sweeps::{KeptSweep, SweepPart, SweepStore, SweptPlace};
pub use transport::{Credential, Fault, Token, Transport};
pub use world::{Change, World};
