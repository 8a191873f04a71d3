//! Fixed and handheld RFID readers that speak the Low Level Reader Protocol (LLRP), over TCP and TLS.

pub mod choices;
pub mod enumerations;
pub mod messages;
pub mod numbers;
pub mod parameters;
pub mod read;
pub mod schema;
pub mod tree;
pub mod wire;
pub mod write;

use messages::MESSAGES;
use parameters::PARAMETERS;
use schema::{MessageSpec, ParameterSpec};

/// The table's row of a message type.
pub fn message_spec(number: u16) -> Option<&'static MessageSpec> {
    let place = MESSAGES.binary_search_by_key(&number, |spec| spec.number).ok()?;
    MESSAGES.get(place)
}

/// The table's row of a parameter type.
pub fn parameter_spec(number: u16) -> Option<&'static ParameterSpec> {
    let place = PARAMETERS
        .binary_search_by_key(&number, |spec| spec.number)
        .ok()?;
    PARAMETERS.get(place)
}

/// The standard's name of a message type, or `UNKNOWN`.
pub fn message_name(number: u16) -> &'static str {
    message_spec(number).map_or("UNKNOWN", |spec| spec.name)
}

/// The standard's name of a parameter type, or `Unknown`.
pub fn parameter_name(number: u16) -> &'static str {
    parameter_spec(number).map_or("Unknown", |spec| spec.name)
}

#[cfg(test)]
mod tests;
