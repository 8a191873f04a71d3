//! Tests of the room as a whole: the table walked from end to end, what is built is read back, the settled cases,
//! and that no input of any kind panics.

mod dictionary;
mod properties;
mod sample;
mod settled;
mod table;
