//! What the RFID readers of the device are to do: it follows the work, and returns to their own settings when it is done.

use tallyman_drivers::Inventory;

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
