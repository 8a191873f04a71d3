//! What the floor loop asks of the cached world beside what a session does.

use std::sync::Arc;

use jiff::Timestamp;
use tallyman_codes::Rules;
use tallyman_floor::wire::v1::Delta;
use tallyman_floor::{Catalogue, Draft, Swept, TaskId};

use super::store::{Place, StoreError};
use super::sweeps::SweptPlace;

/// The catalogue of the device, which follows the journal and the cache.
pub trait World: Catalogue + Send {
    /// Confirmations were committed: their progress counts from now on.
    fn committed(&mut self, places: &[Place], drafts: &[Draft]);

    /// A part of a delta was stored. Answers what a session may notice of it.
    fn cached(&mut self, part: &Delta) -> Vec<Change>;

    /// At this time of the hub's clock the cache held everything that the hub had to tell.
    fn up_to_date(&mut self, hub_time: Timestamp);

    /// The journal was rearranged (a new epoch, a restored hub): everything that was derived from it is derived anew.
    ///
    /// # Errors
    /// [`StoreError::Unreadable`] where the journal cannot be read.
    fn rebuild(&mut self, next: Place) -> Result<(), StoreError>;

    /// What codes mean from now on: the day or the site's own codes changed.
    fn set_rules(&mut self, rules: Arc<Rules>);

    /// How far the sweep of the place in hand is from now on; `None` where no place is swept.
    fn set_sweep(&mut self, sweep: Option<(SweptPlace, Arc<Swept>)>);

    /// How strongly the tag is heard that is looked for, of 100.
    fn set_signal(&mut self, signal: Option<u8>);

    /// A lookup since the last call failed for a reason other than "not there". A verdict that rests on it is void.
    fn take_fault(&mut self) -> Option<StoreError>;
}

/// What a delta changed that a session may notice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// The task is another one now, or gone.
    Task(TaskId),
    /// Figures, names or the list of tasks.
    Figures,
}
