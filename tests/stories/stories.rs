//! Stories of the warehouse, agent and hub together: what somebody does, what the device answers, and what the
//! ledger says in the end. One file for each kind of work, and one for what goes wrong around it.

mod bad_input;
mod battery;
mod counting;
mod credentials;
mod explaining;
mod house;
mod inspecting;
mod labels;
mod moving;
mod neighbours;
mod outbound;
mod picking;
mod pictures;
mod portal;
mod receiving;
mod returns;
mod rfid;
mod scanners;
mod setting_up;
mod troubles;
mod units;
