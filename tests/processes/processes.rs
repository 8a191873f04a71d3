//! The program as real processes: what the command line promises, and what a kill signal cannot break.

mod demo;
mod shift;
