//! The requests of the kernel's mode setting that show one plain buffer on one connector.
//!
//! Source of every struct and number: Linux, `include/uapi/drm/drm.h` and `drm_mode.h`.
#![allow(unsafe_code)]

use std::fs::File;
use std::io;
use std::os::fd::{AsFd, BorrowedFd};

use rustix::io::retry_on_intr;
use rustix::ioctl::{Opcode, Updater, ioctl, opcode};

/// `DRM_FORMAT_XRGB8888`, four characters.
pub const FORMAT_XRGB8888: u32 = u32::from_le_bytes(*b"XR24");
/// `DRM_FORMAT_RGB565`.
pub const FORMAT_RGB565: u32 = u32::from_le_bytes(*b"RG16");

const CAP_DUMB_BUFFER: u64 = 1;
const CONNECTED: u32 = 1;
const MODE_TYPE_PREFERRED: u32 = 1 << 3;
/// Most of a kind that is asked for; a card has a handful of connectors and some dozens of modes.
const COUNT_MAX: u32 = 1_024;

/// An open card.
pub type Card = File;

#[repr(C)]
#[derive(Default)]
struct GetCap {
    capability: u64,
    value: u64,
}

#[repr(C)]
#[derive(Default)]
struct CardRes {
    framebuffers: u64,
    crtcs: u64,
    connectors: u64,
    encoders: u64,
    count_framebuffers: u32,
    count_crtcs: u32,
    count_connectors: u32,
    count_encoders: u32,
    sizes: [u32; 4],
}

/// struct drm_mode_modeinfo: a size, and how the panel is driven for it.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Mode {
    clock: u32,
    hdisplay: u16,
    horizontal: [u16; 4],
    vdisplay: u16,
    vertical: [u16; 4],
    vrefresh: u32,
    flags: u32,
    kind: u32,
    name: [u8; 32],
}

impl Mode {
    /// Pixels across.
    pub const fn width(&self) -> u32 {
        self.hdisplay as u32
    }

    /// Pixels down.
    pub const fn height(&self) -> u32 {
        self.vdisplay as u32
    }

    /// Whether it is the panel's own.
    pub const fn is_preferred(&self) -> bool {
        self.kind & MODE_TYPE_PREFERRED != 0
    }
}

#[repr(C)]
#[derive(Default)]
struct Crtc {
    connectors: u64,
    count_connectors: u32,
    crtc: u32,
    framebuffer: u32,
    x: u32,
    y: u32,
    gamma_size: u32,
    mode_valid: u32,
    mode: Mode,
}

#[repr(C)]
#[derive(Default)]
struct GetEncoder {
    encoder: u32,
    kind: u32,
    crtc: u32,
    possible_crtcs: u32,
    possible_clones: u32,
}

#[repr(C)]
#[derive(Default)]
struct GetConnector {
    encoders: u64,
    modes: u64,
    properties: u64,
    property_values: u64,
    count_modes: u32,
    count_properties: u32,
    count_encoders: u32,
    encoder: u32,
    connector: u32,
    kind: u32,
    kind_number: u32,
    connection: u32,
    millimetres: [u32; 2],
    subpixel: u32,
    padding: u32,
}

#[repr(C)]
#[derive(Default)]
struct CreateDumb {
    height: u32,
    width: u32,
    bits: u32,
    flags: u32,
    handle: u32,
    pitch: u32,
    size: u64,
}

#[repr(C)]
#[derive(Default)]
struct MapDumb {
    handle: u32,
    padding: u32,
    offset: u64,
}

#[repr(C)]
#[derive(Default)]
struct AddFramebuffer {
    framebuffer: u32,
    width: u32,
    height: u32,
    format: u32,
    flags: u32,
    handles: [u32; 4],
    pitches: [u32; 4],
    offsets: [u32; 4],
    modifiers: [u64; 4],
}

/// struct drm_clip_rect: a part of a buffer, its ends not included.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Clip {
    /// The first column.
    pub left: u16,
    /// The first row.
    pub top: u16,
    /// The column behind the last.
    pub right: u16,
    /// The row behind the last.
    pub bottom: u16,
}

#[repr(C)]
#[derive(Default)]
struct Dirty {
    framebuffer: u32,
    flags: u32,
    colour: u32,
    count_clips: u32,
    clips: u64,
}

/// Makes one request of a card.
///
/// # Safety
/// `OPCODE` must be the request whose argument is a `T`, and each address in `value` must be that of as many elements as its
/// count says, which nobody else uses meanwhile.
unsafe fn request<const OPCODE: Opcode, T>(card: BorrowedFd<'_>, value: &mut T) -> io::Result<()> {
    // SAFETY: the kernel reads and writes `value` and what it points to, as the caller promises; it keeps no address.
    retry_on_intr(|| unsafe { ioctl(card, Updater::<OPCODE, T>::new(&mut *value)) })?;
    Ok(())
}

const GET_CAP: Opcode = opcode::read_write::<GetCap>(b'd', 0x0C);
const GET_RESOURCES: Opcode = opcode::read_write::<CardRes>(b'd', 0xA0);
const SET_CRTC: Opcode = opcode::read_write::<Crtc>(b'd', 0xA2);
const GET_ENCODER: Opcode = opcode::read_write::<GetEncoder>(b'd', 0xA6);
const GET_CONNECTOR: Opcode = opcode::read_write::<GetConnector>(b'd', 0xA7);
const REMOVE_FRAMEBUFFER: Opcode = opcode::read_write::<u32>(b'd', 0xAF);
const DIRTY_FRAMEBUFFER: Opcode = opcode::read_write::<Dirty>(b'd', 0xB1);
const CREATE_DUMB: Opcode = opcode::read_write::<CreateDumb>(b'd', 0xB2);
const MAP_DUMB: Opcode = opcode::read_write::<MapDumb>(b'd', 0xB3);
const DESTROY_DUMB: Opcode = opcode::read_write::<u32>(b'd', 0xB4);
const ADD_FRAMEBUFFER: Opcode = opcode::read_write::<AddFramebuffer>(b'd', 0xB8);

/// The address of a list, as the kernel takes it.
fn address<T>(list: &mut [T]) -> u64 {
    list.as_mut_ptr() as usize as u64
}

/// A list of as many elements as the kernel says it has, within reason.
fn list<T: Clone + Default>(count: u32) -> Vec<T> {
    vec![T::default(); count.min(COUNT_MAX) as usize]
}

/// Whether a card can give buffers that are plain memory.
///
/// # Errors
/// What the kernel says; `ENOTTY` for what is no card.
pub fn can_do_dumb_buffers(card: &Card) -> io::Result<bool> {
    let mut asked = GetCap {
        capability: CAP_DUMB_BUFFER,
        value: 0,
    };
    // SAFETY: the opcode is made of the argument's own type; it holds no address.
    unsafe { request::<GET_CAP, _>(card.as_fd(), &mut asked)? };
    Ok(asked.value != 0)
}

/// The connectors of a card, and its CRTCs.
///
/// # Errors
/// What the kernel says.
pub fn resources(card: &Card) -> io::Result<(Vec<u32>, Vec<u32>)> {
    let mut counts = CardRes::default();
    // SAFETY: all counts are 0, so that no address is used.
    unsafe { request::<GET_RESOURCES, _>(card.as_fd(), &mut counts)? };
    let (mut connectors, mut crtcs) = (
        list::<u32>(counts.count_connectors),
        list::<u32>(counts.count_crtcs),
    );
    let mut asked = CardRes {
        connectors: address(&mut connectors),
        crtcs: address(&mut crtcs),
        count_connectors: connectors.len() as u32,
        count_crtcs: crtcs.len() as u32,
        ..CardRes::default()
    };
    // SAFETY: each address is that of a list of as many numbers as its count says; the other counts are 0.
    unsafe { request::<GET_RESOURCES, _>(card.as_fd(), &mut asked)? };
    // There may be fewer by now.
    connectors.truncate(asked.count_connectors as usize);
    crtcs.truncate(asked.count_crtcs as usize);
    Ok((connectors, crtcs))
}

/// A place where a panel can be connected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Connector {
    /// Its number.
    pub id: u32,
    /// Whether a panel is connected.
    pub is_connected: bool,
    /// What the panel can show.
    pub modes: Vec<Mode>,
    /// The encoder in use, and then those that can be.
    pub encoders: Vec<u32>,
}

/// Asks about a connector.
///
/// # Errors
/// What the kernel says.
pub fn connector(card: &Card, id: u32) -> io::Result<Connector> {
    let mut counts = GetConnector {
        connector: id,
        ..GetConnector::default()
    };
    // SAFETY: all counts are 0, so that no address is used. The kernel looks at the connector anew.
    unsafe { request::<GET_CONNECTOR, _>(card.as_fd(), &mut counts)? };
    let (mut modes, mut encoders) = (
        list::<Mode>(counts.count_modes),
        list::<u32>(counts.count_encoders),
    );
    let mut asked = GetConnector {
        connector: id,
        modes: address(&mut modes),
        encoders: address(&mut encoders),
        count_modes: modes.len() as u32,
        count_encoders: encoders.len() as u32,
        ..GetConnector::default()
    };
    // SAFETY: each address is that of a list of as many elements as its count says. A list whose count is 0 is not
    // written to.
    unsafe { request::<GET_CONNECTOR, _>(card.as_fd(), &mut asked)? };
    // Where there are more by now than there was room for, the kernel left the list as it was.
    modes.truncate(asked.count_modes as usize);
    modes.retain(|mode| mode.width() > 0 && mode.height() > 0);
    encoders.truncate(asked.count_encoders as usize);
    encoders.retain(|encoder| *encoder != 0);
    if asked.encoder != 0 {
        encoders.insert(0, asked.encoder);
    }
    Ok(Connector {
        id,
        is_connected: asked.connection == CONNECTED,
        modes,
        encoders,
    })
}

/// The CRTC that an encoder uses (0 for none), and those that it can use, a bit for each in their order.
///
/// # Errors
/// What the kernel says.
pub fn crtc_of_encoder(card: &Card, encoder: u32) -> io::Result<(u32, u32)> {
    let mut asked = GetEncoder {
        encoder,
        ..GetEncoder::default()
    };
    // SAFETY: the opcode is made of the argument's own type; it holds no address.
    unsafe { request::<GET_ENCODER, _>(card.as_fd(), &mut asked)? };
    Ok((asked.crtc, asked.possible_crtcs))
}

/// A buffer that is plain memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DumbBuffer {
    /// Its number on the card.
    pub handle: u32,
    /// Bytes from one row to the next.
    pub pitch: u32,
    /// Its bytes.
    pub size: u64,
}

/// Makes a buffer.
///
/// # Errors
/// What the kernel says.
pub fn create_dumb(card: &Card, width: u32, height: u32, bits: u32) -> io::Result<DumbBuffer> {
    let mut asked = CreateDumb {
        width,
        height,
        bits,
        ..CreateDumb::default()
    };
    // SAFETY: the opcode is made of the argument's own type; it holds no address.
    unsafe { request::<CREATE_DUMB, _>(card.as_fd(), &mut asked)? };
    Ok(DumbBuffer {
        handle: asked.handle,
        pitch: asked.pitch,
        size: asked.size,
    })
}

/// Gives a buffer back. Memory that is mapped of it stays until it is unmapped.
///
/// # Errors
/// What the kernel says.
pub fn destroy_dumb(card: &Card, mut handle: u32) -> io::Result<()> {
    // SAFETY: the argument is one number.
    unsafe { request::<DESTROY_DUMB, _>(card.as_fd(), &mut handle) }
}

/// Where in the card's file a buffer can be mapped.
///
/// # Errors
/// What the kernel says.
pub fn map_offset(card: &Card, handle: u32) -> io::Result<u64> {
    let mut asked = MapDumb {
        handle,
        ..MapDumb::default()
    };
    // SAFETY: the opcode is made of the argument's own type; it holds no address.
    unsafe { request::<MAP_DUMB, _>(card.as_fd(), &mut asked)? };
    Ok(asked.offset)
}

/// Makes a buffer one that can be shown, in a format. Gives its number.
///
/// # Errors
/// What the kernel says; `EINVAL` where the card has no such format.
pub fn add_framebuffer(
    card: &Card,
    buffer: &DumbBuffer,
    width: u32,
    height: u32,
    format: u32,
) -> io::Result<u32> {
    let mut asked = AddFramebuffer {
        width,
        height,
        format,
        handles: [buffer.handle, 0, 0, 0],
        pitches: [buffer.pitch, 0, 0, 0],
        ..AddFramebuffer::default()
    };
    // SAFETY: the opcode is made of the argument's own type; it holds no address.
    unsafe { request::<ADD_FRAMEBUFFER, _>(card.as_fd(), &mut asked)? };
    Ok(asked.framebuffer)
}

/// Takes a buffer from those that can be shown; a panel that shows it goes dark.
///
/// # Errors
/// What the kernel says.
pub fn remove_framebuffer(card: &Card, mut framebuffer: u32) -> io::Result<()> {
    // SAFETY: the argument is one number.
    unsafe { request::<REMOVE_FRAMEBUFFER, _>(card.as_fd(), &mut framebuffer) }
}

/// A connector, and the CRTC that drives it in a mode.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pipe {
    /// The connector.
    pub connector: u32,
    /// The CRTC.
    pub crtc: u32,
    /// The mode.
    pub mode: Mode,
}

/// Shows a buffer.
///
/// # Errors
/// What the kernel says; `EACCES` where another program has the card.
pub fn set_pipe(card: &Card, pipe: &Pipe, framebuffer: u32) -> io::Result<()> {
    let mut connectors = [pipe.connector];
    let mut asked = Crtc {
        connectors: address(&mut connectors),
        count_connectors: 1,
        crtc: pipe.crtc,
        framebuffer,
        mode_valid: 1,
        mode: pipe.mode,
        ..Crtc::default()
    };
    // SAFETY: the address is that of one number, and the count is 1.
    unsafe { request::<SET_CRTC, _>(card.as_fd(), &mut asked) }
}

/// Switches a CRTC off, and with it the panel.
///
/// # Errors
/// As [`set_pipe`].
pub fn switch_off(card: &Card, crtc: u32) -> io::Result<()> {
    let mut asked = Crtc {
        crtc,
        ..Crtc::default()
    };
    // SAFETY: the count is 0, so that no address is used.
    unsafe { request::<SET_CRTC, _>(card.as_fd(), &mut asked) }
}

/// Says which parts of a buffer have changed.
///
/// # Errors
/// What the kernel says; `ENOSYS` where the panel reads the memory by itself and needs not be told.
pub fn mark_dirty(card: &Card, framebuffer: u32, clips: &mut [Clip]) -> io::Result<()> {
    let mut asked = Dirty {
        framebuffer,
        count_clips: clips.len() as u32,
        clips: address(clips),
        ..Dirty::default()
    };
    // SAFETY: the address is that of as many rectangles as the count says; the kernel reads them.
    unsafe { request::<DIRTY_FRAMEBUFFER, _>(card.as_fd(), &mut asked) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::mem::{offset_of, size_of};

    #[test]
    fn the_layouts_are_the_kernels() {
        let sizes = [
            (size_of::<GetCap>(), 16),
            (size_of::<CardRes>(), 64),
            (size_of::<Mode>(), 68),
            (size_of::<Crtc>(), 104),
            (size_of::<GetEncoder>(), 20),
            (size_of::<GetConnector>(), 80),
            (size_of::<CreateDumb>(), 32),
            (size_of::<MapDumb>(), 16),
            (size_of::<AddFramebuffer>(), 104),
            (size_of::<Clip>(), 8),
            (size_of::<Dirty>(), 24),
            (offset_of!(CardRes, count_connectors), 40),
            (offset_of!(Mode, vdisplay), 14),
            (offset_of!(Mode, name), 36),
            (offset_of!(Crtc, mode), 36),
            (offset_of!(GetConnector, connection), 60),
            (offset_of!(AddFramebuffer, pitches), 36),
            // Eight bytes each, on every machine that aligns them so.
            (offset_of!(AddFramebuffer, modifiers), 72),
        ];
        for (index, (is, wanted)) in sizes.into_iter().enumerate() {
            assert_eq!(is, wanted, "row {index}");
        }
    }

    #[test]
    fn the_numbers_are_the_kernels() {
        // As `drm.h` expands on most machines, which number directions alike.
        assert_eq!(GET_RESOURCES, 0xC040_64A0);
        assert_eq!(SET_CRTC, 0xC068_64A2);
        assert_eq!(CREATE_DUMB, 0xC020_64B2);
        assert_eq!(ADD_FRAMEBUFFER, 0xC068_64B8);
    }

    #[test]
    fn what_is_no_card_is_told() {
        let file = tempfile::tempfile().unwrap();
        let not_one = Some(rustix::io::Errno::NOTTY.raw_os_error());
        let told = [
            can_do_dumb_buffers(&file).map(drop),
            resources(&file).map(drop),
            connector(&file, 1).map(drop),
            create_dumb(&file, 1, 1, 32).map(drop),
            switch_off(&file, 1),
            mark_dirty(&file, 1, &mut [Clip::default()]),
        ];
        for error in told {
            assert_eq!(error.unwrap_err().raw_os_error(), not_one);
        }
    }
}
