//! The calls to the kernel that a panel needs: requests of ioctl(2) with their values, and memory that is shared with a
//! device. All `unsafe` of this room is in this folder, behind functions that any argument is safe for.

mod console;
mod drm;
mod framebuffer;
mod mapping;

pub use console::set_graphics;
pub use drm::{
    Card, Clip, Connector, DumbBuffer, FORMAT_RGB565, FORMAT_XRGB8888, Mode, Pipe, add_framebuffer,
    can_do_dumb_buffers, connector, create_dumb, crtc_of_encoder, destroy_dumb, map_offset, mark_dirty,
    remove_framebuffer, resources, set_pipe, switch_off,
};
pub use framebuffer::{Geometry, blank, geometry};
pub use mapping::Mapping;
