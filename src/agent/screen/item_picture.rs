//! A picture of an item, ready to be painted: read from its PNG once, in every size that a screen may want of it, so that
//! painting copies pixels and does nothing else.

use std::fmt;

use embedded_graphics::prelude::*;
use embedded_graphics::primitives::Rectangle;
use tallyman_floor::PictureId;
use tallyman_floor::wire::picture::{PICTURE_BYTES_MAX, PICTURE_SIDE_MAX_PX};
use tallyman_platform::image::{Bounds, Image, ImageError};

use super::canvas::{Canvas, inset, part};
use super::panel::Look;

/// What a picture may unpack to. All sizes of one take 400 kB at most.
const BOUNDS: Bounds = Bounds {
    bytes_max: PICTURE_BYTES_MAX,
    pixels_max: PICTURE_SIDE_MAX_PX * PICTURE_SIDE_MAX_PX,
};

/// Longer sides in pixels in which a picture is kept; a screen takes the largest that it has room for.
const SIDES_PX: [u32; 7] = [PICTURE_SIDE_MAX_PX, 176, 136, 104, 80, 64, 48];

/// A picture of an item in all its sizes.
#[derive(PartialEq, Eq)]
pub struct ItemPicture {
    id: PictureId,
    /// The largest first.
    sizes: Vec<Image>,
}

impl ItemPicture {
    /// Reads a picture and makes its sizes. It takes some milliseconds: not while something is painted.
    ///
    /// # Errors
    /// Why it cannot be shown.
    pub fn read(id: PictureId, png: &[u8]) -> Result<Self, ImageError> {
        let whole = Image::from_png(png, BOUNDS)?;
        let smaller = SIDES_PX.into_iter().filter(|side| *side < whole.side());
        let mut sizes: Vec<Image> = smaller.map(|side| whole.within(side)).collect();
        sizes.insert(0, whole);
        Ok(Self { id, sizes })
    }

    /// Its name.
    pub const fn id(&self) -> &PictureId {
        &self.id
    }

    /// The size of the largest that fits into a place, with the line around it.
    pub(super) fn size_within(&self, look: &Look, room: Size) -> Option<Size> {
        let around = 2 * look.hairline();
        let fits =
            |image: &&Image| image.width() + around <= room.width && image.height() + around <= room.height;
        let image = self.sizes.iter().find(fits)?;
        Some(Size::new(image.width() + around, image.height() + around))
    }

    /// The size of the smallest whose longer side is no shorter than this; of the whole picture where that is small itself.
    pub(super) fn least_size(&self, look: &Look, side: u32) -> Size {
        let around = 2 * look.hairline();
        let enough = self.sizes.iter().rev().find(|image| image.side() >= side);
        let image = enough.or(self.sizes.first());
        image.map_or(Size::zero(), |image| {
            Size::new(image.width() + around, image.height() + around)
        })
    }

    /// Paints the largest that fits into the middle of an area; nothing where none does.
    pub(super) fn paint(&self, canvas: &mut Canvas<'_>, look: &Look, area: Rectangle) {
        let Some(size) = self.size_within(look, area.size) else {
            return;
        };
        let (left, top) = (
            (area.size.width - size.width) / 2,
            (area.size.height - size.height) / 2,
        );
        let framed = part(area, left, top, size.width, size.height);
        let inner = inset(framed, look.hairline(), look.hairline());
        let image = self
            .sizes
            .iter()
            .find(|image| image.width() == inner.size.width && image.height() == inner.size.height);
        if let Some(image) = image {
            canvas.fill(framed, look.colours.edge);
            canvas.image(image, inner.top_left);
            canvas.item_picture(framed);
        }
    }
}

impl fmt::Debug for ItemPicture {
    /// Two of the same name are the same.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "ItemPicture({})", self.id)
    }
}
