//! The hub as its devices, programs and people meet it: through the router, on a store in a folder of its own.

mod anything;
mod bench;
mod pages;
mod story;
mod sync;
