//! One walk over every driver: what holds for one holds for all, and a new driver is tested by being there.

#[path = "drivers/captures.rs"]
mod captures;
#[path = "drivers/chunks.rs"]
mod chunks;
#[path = "drivers/docs.rs"]
mod docs;
#[path = "drivers/flips.rs"]
mod flips;
#[cfg(feature = "links")]
#[path = "drivers/links.rs"]
mod links;
#[path = "drivers/llrp.rs"]
mod llrp;
#[cfg(feature = "links")]
#[path = "drivers/nodes.rs"]
mod nodes;
#[path = "drivers/noise.rs"]
mod noise;
#[path = "drivers/programming.rs"]
mod programming;
#[path = "drivers/rows.rs"]
mod rows;
#[path = "drivers/sightings.rs"]
mod sightings;
#[path = "support.rs"]
mod support;
#[cfg(feature = "links")]
#[path = "drivers/tls.rs"]
mod tls;
