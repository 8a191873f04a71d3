//! The hub as its devices and programs meet it: through the router, on a store in a folder of its own.

mod bench;
mod story;
mod sync;
