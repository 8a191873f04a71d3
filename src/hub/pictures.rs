//! Pictures of items: whatever PNG people give in becomes one that a panel can show. The hub makes it small itself, so that
//! no device has to be fed with what it has no room for.

use tallyman_floor::PictureId;
use tallyman_floor::wire::picture::{PICTURE_BYTES_MAX, PICTURE_SIDE_MAX_PX, id_of};
use tallyman_platform::image::{Bounds, Image, ImageError};
use tokio::sync::Semaphore;

use crate::ledger::LedgerError;

/// Bytes of a file that is looked at at most.
pub const UPLOAD_BYTES_MAX: usize = 1 << 20;

/// What a file may unpack to: 2,048 by 2,048 pixels, which are 12 MiB in memory and as much again while it is made smaller.
const BOUNDS: Bounds = Bounds {
    bytes_max: UPLOAD_BYTES_MAX,
    pixels_max: 2_048 * 2_048,
};

/// Sides that are tried one after the other until the bytes are few enough: a photo with much in it may need a smaller one.
/// The last one fits whatever it shows: 96 x 96 pixels are 27 kB before they are packed.
const SIDES_PX: [u32; 5] = [PICTURE_SIDE_MAX_PX, 200, 160, 128, 96];

/// A picture as it is stored and sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ItemPicture {
    /// Its name, which is the digest of its bytes.
    pub id: PictureId,
    /// The PNG.
    pub png: Vec<u8>,
}

/// Why a file became no picture. Nothing was stored.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PictureError {
    /// The file.
    #[error(
        "{0}. Give in a PNG of 1 MiB and 2,048 by 2,048 pixels at most; the hub makes it small by itself."
    )]
    Image(#[from] ImageError),
    /// Others are worked on.
    #[error("the hub is busy with other pictures. Nothing of this one was stored; send it again later.")]
    Busy,
    /// No size of it is small enough, which none of the usual forms can be.
    #[error("the picture cannot be made small enough")]
    TooLarge,
}

/// Why an item got no picture. Nothing was stored.
#[derive(Debug, thiserror::Error)]
pub enum PictureRefused {
    /// What was sent.
    #[error("{0}")]
    Upload(String),
    /// The file.
    #[error(transparent)]
    Picture(#[from] PictureError),
    /// The store.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

/// Makes pictures, one at a time: each wants memory for a while.
#[derive(Debug)]
pub(crate) struct PictureMaker(Semaphore);

impl Default for PictureMaker {
    fn default() -> Self {
        Self(Semaphore::new(1))
    }
}

impl PictureMaker {
    /// The picture of a file, made on a thread of its own.
    pub(crate) async fn make(&self, file: Vec<u8>) -> Result<ItemPicture, PictureError> {
        let _turn = self.0.acquire().await.map_err(|_| PictureError::Busy)?;
        let made = tokio::task::spawn_blocking(move || made_of(&file)).await;
        made.unwrap_or(Err(PictureError::Busy))
    }
}

/// The picture that becomes of a file.
///
/// # Errors
/// Why it becomes none.
pub fn made_of(file: &[u8]) -> Result<ItemPicture, PictureError> {
    let image = Image::from_png(file, BOUNDS)?;
    let colours = [Image::clone as fn(&Image) -> Image, Image::in_panel_colours];
    for side_px in SIDES_PX {
        let small = image.within(side_px);
        for in_colours in colours {
            let png = in_colours(&small).to_png();
            if !png.is_empty() && png.len() <= PICTURE_BYTES_MAX {
                let id = id_of(&png);
                return Ok(ItemPicture { id, png });
            }
        }
    }
    Err(PictureError::TooLarge)
}

/// What a file of a folder is called, without its ending: an item's number, or a code of it.
pub(crate) fn name_of(file: &str) -> Option<&str> {
    let (name, ending) = file.rsplit_once('.')?;
    let is_picture = ending.eq_ignore_ascii_case("png") && !name.is_empty();
    is_picture.then_some(name)
}

/// The GTIN in 14 digits that a name is, where it is one: 8, 12, 13 or 14 digits.
pub(crate) fn gtin_of(name: &str) -> Option<String> {
    let is_gtin = matches!(name.len(), 8 | 12..=14) && name.bytes().all(|byte| byte.is_ascii_digit());
    is_gtin.then(|| format!("{name:0>14}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noise(width: u32, height: u32) -> Image {
        let mut state = 1_u32;
        let mut next = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            state.to_be_bytes()[0]
        };
        let rgb = (0..width * height * 3).map(|_| next()).collect();
        Image::of_rgb(width, height, rgb).unwrap()
    }

    #[test]
    fn every_picture_fits_a_panel_and_the_wire_whatever_it_shows() {
        let flat = Image::of_rgb(2_000, 1_000, vec![90; 2_000 * 1_000 * 3]).unwrap();
        for (image, side_px) in [
            (flat, 240),
            (Image::of_rgb(30, 20, vec![7; 1_800]).unwrap(), 30),
            (noise(240, 180), 160),
            (noise(96, 500), 240),
        ] {
            let made = made_of(&image.to_png()).unwrap();
            assert!(made.png.len() <= PICTURE_BYTES_MAX, "{}", made.png.len());
            assert_eq!(made.id, id_of(&made.png));
            let bounds = Bounds {
                bytes_max: PICTURE_BYTES_MAX,
                pixels_max: 240 * 240,
            };
            let shown = Image::from_png(&made.png, bounds).unwrap();
            assert!(shown.side() <= PICTURE_SIDE_MAX_PX);
            assert_eq!(shown.side(), side_px, "{}x{}", image.width(), image.height());
        }
    }

    #[test]
    fn the_same_file_is_the_same_picture_and_its_picture_stays_what_it_is() {
        let made = made_of(&noise(300, 300).to_png()).unwrap();
        assert_eq!(made_of(&noise(300, 300).to_png()).unwrap(), made);
        assert_eq!(made_of(&made.png).unwrap(), made);
    }

    #[test]
    fn a_file_is_called_as_its_item_or_a_code_of_it() {
        for (file, name, gtin) in [
            ("MILK-1L.png", Some("MILK-1L"), None),
            ("4006381333931.PNG", Some("4006381333931"), Some("04006381333931")),
            ("a.b.png", Some("a.b"), None),
            ("12345670.png", Some("12345670"), Some("00000012345670")),
            ("MILK.jpg", None, None),
            (".png", None, None),
            ("png", None, None),
        ] {
            assert_eq!(name_of(file), name, "{file}");
            assert_eq!(name.and_then(gtin_of).as_deref(), gtin, "{file}");
        }
    }
}
