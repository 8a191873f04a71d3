//! What fuzzing feeds: one function for each entry that takes input from outside, each with what must hold for
//! every input. cargo-fuzz and the long random loop share them.

pub mod codes;
pub mod drivers;

/// A target: takes any bytes, and panics where something that must hold does not.
pub type Target = fn(&[u8]);

/// All targets with their names.
pub fn targets() -> impl Iterator<Item = &'static (&'static str, Target)> {
    CODES.iter().chain(drivers::TARGETS)
}

/// The targets of the room `codes`.
pub const CODES: &[(&str, Target)] = &[
    ("scan_text", codes::scan_text),
    ("scan_bytes", codes::scan_bytes),
    ("element_string", codes::element_string),
    ("bracketed", codes::bracketed),
    ("digital_link", codes::digital_link),
    ("epc", codes::epc),
    ("label_repair", codes::label_repair),
    ("site_pattern", codes::site_pattern),
];
