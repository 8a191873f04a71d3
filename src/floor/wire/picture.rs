//! Pictures of items on their way: a PNG, named by its digest.

use crate::ids::PictureId;

/// Bytes of a picture at most. The hub makes no larger ones, and nobody takes one.
pub const PICTURE_BYTES_MAX: usize = 48 << 10;

/// The longest side of a picture in pixels: what a panel of a handheld has room for beside the text.
pub const PICTURE_SIDE_MAX_PX: u32 = 240;

/// What a picture is called: the first 16 bytes of BLAKE3 of its PNG.
pub fn id_of(png: &[u8]) -> PictureId {
    let mut digest = [0; 16];
    digest.copy_from_slice(&blake3::hash(png).as_bytes()[..16]);
    PictureId::new(digest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_is_named_by_what_is_in_it() {
        // The first 16 bytes of the first test vector of BLAKE3, of no bytes.
        assert_eq!(id_of(b"").as_str(), "af1349b9f5f9a1a6a0404dea36dcc949");
        assert_ne!(id_of(b"a picture"), id_of(b"a pictura"));
    }
}
