//! Who paints on the console: the kernel its text, or a program.
#![allow(unsafe_code)]

use std::io;
use std::os::fd::AsFd;

use rustix::ioctl::{IntegerSetter, Opcode, ioctl};

/// Linux, `include/uapi/linux/kd.h`.
const KDSETMODE: Opcode = 0x4B3A;
const KD_TEXT: usize = 0;
const KD_GRAPHICS: usize = 1;

/// Makes the kernel leave a virtual terminal's panel alone, or paint its text there again.
///
/// # Errors
/// What the kernel says: `EPERM` without `CAP_SYS_TTY_CONFIG` where it is not this process's terminal, `ENOTTY` where it is
/// no virtual terminal.
pub fn set_graphics(terminal: impl AsFd, graphics: bool) -> io::Result<()> {
    let mode = if graphics { KD_GRAPHICS } else { KD_TEXT };
    // SAFETY: KDSETMODE takes a plain number and reads no memory of ours. A file of another kind answers ENOTTY; no
    // other driver knows the number 0x4B3A (ioctl-number.rst gives 'K' to kd.h).
    unsafe { ioctl(terminal, IntegerSetter::<KDSETMODE>::new_usize(mode))? };
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_terminal_is_told_and_left_alone() {
        let file = tempfile::tempfile().unwrap();
        for graphics in [true, false] {
            let error = set_graphics(&file, graphics).unwrap_err();
            assert_eq!(
                error.raw_os_error(),
                Some(rustix::io::Errno::NOTTY.raw_os_error())
            );
        }
    }
}
