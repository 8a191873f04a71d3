//! Memory that is shared with a device: written to, never read, never handed out.
#![allow(unsafe_code)]

use std::io;
use std::os::fd::AsFd;
use std::ptr::{self, NonNull};

use rustix::mm::{MapFlags, ProtFlags, mmap, munmap};

/// A part of a device's memory.
#[derive(Debug)]
pub struct Mapping {
    start: NonNull<u8>,
    length: usize,
}

// SAFETY: the memory belongs to this value alone and to no thread; it is unmapped when the value is dropped, wherever that is.
unsafe impl Send for Mapping {}

impl Mapping {
    /// Maps `length` bytes of a file or device, from `offset` on.
    ///
    /// # Errors
    /// What the kernel says.
    pub fn new(file: impl AsFd, offset: u64, length: usize) -> io::Result<Self> {
        // SAFETY: the kernel chooses a free place, so that no memory of ours is mapped over. The place is unmapped in `drop`.
        let start = unsafe {
            mmap(
                ptr::null_mut(),
                length,
                ProtFlags::READ | ProtFlags::WRITE,
                MapFlags::SHARED,
                file,
                offset,
            )?
        };
        let start = NonNull::new(start.cast()).ok_or(io::ErrorKind::AddrNotAvailable)?;
        Ok(Self { start, length })
    }

    /// Copies bytes to a place in it.
    ///
    /// # Errors
    /// Where they do not all fit; nothing is copied then.
    pub fn write(&mut self, at: usize, bytes: &[u8]) -> io::Result<()> {
        let fits = at.checked_add(bytes.len()).is_some_and(|end| end <= self.length);
        if !fits {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        // SAFETY: the range was checked to lie in the mapping, which is writable and stays until `drop`. No reference to it
        // exists, so `bytes` cannot overlap it. A device that is pulled out leaves pages of the kernel's own behind
        // (drm_dev_unplug), so that a write is never a fault.
        unsafe { ptr::copy_nonoverlapping(bytes.as_ptr(), self.start.as_ptr().add(at), bytes.len()) };
        Ok(())
    }
}

impl Drop for Mapping {
    fn drop(&mut self) {
        // SAFETY: the range is the one that was mapped, and nothing refers to it any more. That it cannot be unmapped would
        // leave it mapped, which harms nobody.
        let _ = unsafe { munmap(self.start.as_ptr().cast(), self.length) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read as _;

    #[test]
    fn what_is_written_is_in_the_file_and_nothing_beyond_it() {
        let mut file = tempfile::tempfile().unwrap();
        file.set_len(8).unwrap();
        let mut mapping = Mapping::new(&file, 0, 8).unwrap();
        mapping.write(0, b"ab").unwrap();
        mapping.write(6, b"yz").unwrap();
        mapping.write(8, b"").unwrap();
        for (at, bytes) in [(7, "12"), (8, "1"), (usize::MAX, "1")] {
            assert!(mapping.write(at, bytes.as_bytes()).is_err(), "{at}");
        }
        drop(mapping);
        let mut told = Vec::new();
        file.read_to_end(&mut told).unwrap();
        assert_eq!(told, b"ab\0\0\0\0yz");
    }

    #[test]
    fn what_cannot_be_mapped_is_told() {
        let file = tempfile::tempfile().unwrap();
        assert!(Mapping::new(&file, 0, 0).is_err());
    }
}
