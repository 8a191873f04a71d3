//! What the RFID readers of the device are to do: it follows the work, and returns to their own settings when it is done.

use std::collections::BTreeMap;

use tallyman_codes::DeviceName;
use tallyman_drivers::Inventory;

/// The outputs of readers by their port, and whether each is high.
pub type Lamps = BTreeMap<(DeviceName, u16), bool>;

/// What is wanted of the readers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ReaderWish {
    /// To read as they were set up, while their trigger is pulled.
    #[default]
    Scan,
    /// To read with these settings: at once, or while the trigger is pulled.
    Read {
        /// How.
        inventory: Inventory,
        /// Whether the trigger need not be pulled.
        at_once: bool,
    },
    /// To be silent: a question is open.
    Rest,
}
