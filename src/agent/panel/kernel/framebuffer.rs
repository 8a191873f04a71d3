//! What a framebuffer is like, and switching it dark. Its pixels are written with write(2).
#![allow(unsafe_code)]

use std::io;
use std::os::fd::AsFd;

use rustix::io::retry_on_intr;
use rustix::ioctl::{IntegerSetter, Opcode, Updater, ioctl};

use super::super::pixels::Field;

/// Linux, `include/uapi/linux/fb.h`.
const FBIOGET_VSCREENINFO: Opcode = 0x4600;
const FBIOGET_FSCREENINFO: Opcode = 0x4602;
const FBIOBLANK: Opcode = 0x4611;
const FB_BLANK_UNBLANK: usize = 0;
const FB_BLANK_POWERDOWN: usize = 4;
const FB_TYPE_PACKED_PIXELS: u32 = 0;
const FB_VISUAL_TRUECOLOR: u32 = 2;
const FB_VISUAL_DIRECTCOLOR: u32 = 4;

/// struct fb_bitfield.
#[repr(C)]
#[derive(Debug, Clone, Copy, Default)]
struct Bitfield {
    offset: u32,
    length: u32,
    msb_right: u32,
}

/// struct fb_var_screeninfo.
#[repr(C)]
#[derive(Debug, Default)]
struct Variable {
    xres: u32,
    yres: u32,
    xres_virtual: u32,
    yres_virtual: u32,
    xoffset: u32,
    yoffset: u32,
    bits_per_pixel: u32,
    grayscale: u32,
    colours: [Bitfield; 4],
    /// nonstd to reserved: how the panel is driven.
    rest: [u32; 20],
}

/// struct fb_fix_screeninfo; `usize` is the kernel's unsigned long.
#[repr(C)]
#[derive(Debug, Default)]
struct Fixed {
    id: [u8; 16],
    smem_start: usize,
    smem_len: u32,
    kind: u32,
    type_aux: u32,
    visual: u32,
    steps: [u16; 3],
    line_length: u32,
    mmio_start: usize,
    mmio_len: u32,
    accel: u32,
    capabilities: u16,
    reserved: [u16; 2],
}

/// What a framebuffer is like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Geometry {
    /// What its driver calls it.
    pub driver: String,
    /// Visible pixels across.
    pub width: u32,
    /// Visible pixels down.
    pub height: u32,
    /// Pixels left of the visible ones.
    pub left: u32,
    /// Rows above the visible ones.
    pub above: u32,
    /// Bits of a pixel.
    pub bits: u32,
    /// Where red, green, blue and alpha lie.
    pub fields: [Field; 4],
    /// Bytes from one row to the next.
    pub stride: u32,
    /// Bytes of its memory.
    pub bytes: u32,
    /// Whether pixels lie one after the other and are colours by themselves, without a palette or planes.
    pub has_plain_colours: bool,
}

/// Asks a framebuffer what it is like now.
///
/// # Errors
/// What the kernel says; `ENOTTY` for what is no framebuffer.
pub fn geometry(node: impl AsFd) -> io::Result<Geometry> {
    let node = node.as_fd();
    let (mut variable, mut fixed) = (Variable::default(), Fixed::default());
    // SAFETY: both requests write one struct of the layout above, which the tests hold against the kernel's header, and
    // read and keep nothing else of ours. Every bit pattern is a value of it.
    retry_on_intr(|| unsafe { ioctl(node, Updater::<FBIOGET_VSCREENINFO, _>::new(&mut variable)) })?;
    // SAFETY: as above.
    retry_on_intr(|| unsafe { ioctl(node, Updater::<FBIOGET_FSCREENINFO, _>::new(&mut fixed)) })?;
    let id = fixed.id.split(|byte| *byte == 0).next().unwrap_or_default();
    let is_plain = fixed.kind == FB_TYPE_PACKED_PIXELS
        && matches!(fixed.visual, FB_VISUAL_TRUECOLOR | FB_VISUAL_DIRECTCOLOR)
        && variable.grayscale == 0
        && variable.colours.iter().all(|colour| colour.msb_right == 0);
    Ok(Geometry {
        driver: String::from_utf8_lossy(id).into_owned(),
        width: variable.xres,
        height: variable.yres,
        left: variable.xoffset,
        above: variable.yoffset,
        bits: variable.bits_per_pixel,
        fields: variable.colours.map(|colour| Field {
            offset: colour.offset,
            length: colour.length,
        }),
        stride: fixed.line_length,
        bytes: fixed.smem_len,
        has_plain_colours: is_plain,
    })
}

/// Switches a framebuffer's panel off, or on again.
///
/// # Errors
/// What the kernel says; `EINVAL` where the driver cannot.
pub fn blank(node: impl AsFd, dark: bool) -> io::Result<()> {
    let (node, level) = (
        node.as_fd(),
        if dark {
            FB_BLANK_POWERDOWN
        } else {
            FB_BLANK_UNBLANK
        },
    );
    // SAFETY: FBIOBLANK takes a plain number and reads no memory of ours.
    retry_on_intr(|| unsafe { ioctl(node, IntegerSetter::<FBIOBLANK>::new_usize(level)) })?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::mem::{offset_of, size_of};

    #[test]
    fn the_layouts_are_the_kernels() {
        let long = size_of::<usize>();
        assert_eq!(size_of::<Variable>(), 160);
        assert_eq!(offset_of!(Variable, bits_per_pixel), 24);
        assert_eq!(offset_of!(Variable, colours), 32);
        assert_eq!(offset_of!(Variable, rest), 80);
        assert_eq!(size_of::<Fixed>(), if long == 8 { 80 } else { 68 });
        assert_eq!(offset_of!(Fixed, smem_len), 16 + long);
        assert_eq!(offset_of!(Fixed, line_length), if long == 8 { 48 } else { 44 });
    }

    #[test]
    fn what_is_no_framebuffer_is_told() {
        let file = tempfile::tempfile().unwrap();
        let not_one = Some(rustix::io::Errno::NOTTY.raw_os_error());
        assert_eq!(geometry(&file).unwrap_err().raw_os_error(), not_one);
        assert_eq!(blank(&file, true).unwrap_err().raw_os_error(), not_one);
    }
}
