//! The program as real processes: what the command line promises, and what a kill signal cannot break.

mod bad_input;
mod demo;
mod shift;
