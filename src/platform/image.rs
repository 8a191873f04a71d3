//! Small pictures in memory: read from PNG (ISO/IEC 15948) within bounds, made smaller, written again.
//!
//! What comes from elsewhere may be anything: the bounds are looked at before anything of that size is held in memory.
//! Pixels that let something shine through are laid on white, so that a picture looks the same on every ground.

use std::io::Cursor;

use png::{BitDepth, ColorType, Compression, DecodingError, Encoder, Filter, Limits, Transformations};

/// Bytes of a pixel: red, green, blue.
const CHANNELS: usize = 3;

/// How much a picture may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// Bytes of the PNG.
    pub bytes_max: usize,
    /// Pixels in all.
    pub pixels_max: u32,
}

/// Why a picture cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ImageError {
    /// It is too long to be looked at.
    #[error("it has {bytes} bytes, and {bytes_max} are taken at most")]
    Bytes {
        /// Its bytes.
        bytes: usize,
        /// The bound.
        bytes_max: usize,
    },
    /// It is of another form.
    #[error("it is no PNG")]
    NotPng,
    /// It would fill the memory.
    #[error("it has {width} by {height} pixels, and {pixels_max} are taken at most")]
    Pixels {
        /// Its width.
        width: u32,
        /// Its height.
        height: u32,
        /// The bound.
        pixels_max: u32,
    },
    /// A damaged or incomplete PNG.
    #[error("it is a damaged PNG: {0}")]
    Damaged(String),
}

/// Pixels in rows, from the top left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Image {
    width: u32,
    height: u32,
    rgb: Vec<u8>,
}

impl Image {
    /// Reads a PNG. Of an animated one it is the first picture.
    ///
    /// # Errors
    /// What it is instead, or why it is too much.
    pub fn from_png(png: &[u8], bounds: Bounds) -> Result<Self, ImageError> {
        if png.len() > bounds.bytes_max {
            return Err(ImageError::Bytes {
                bytes: png.len(),
                bytes_max: bounds.bytes_max,
            });
        }
        if !png.starts_with(b"\x89PNG\r\n\x1a\n") {
            return Err(ImageError::NotPng);
        }
        // Eight bytes a pixel at most before they are made eight bits deep, and what the decoder wants for itself.
        let bytes = (bounds.pixels_max as usize)
            .saturating_mul(8)
            .saturating_add(1 << 20);
        let mut decoder = png::Decoder::new_with_limits(Cursor::new(png), Limits { bytes });
        decoder.set_transformations(Transformations::normalize_to_color8());
        decoder.set_ignore_text_chunk(true);
        let mut reader = decoder.read_info().map_err(damaged)?;
        let (width, height) = (reader.info().width, reader.info().height);
        if u64::from(width) * u64::from(height) > u64::from(bounds.pixels_max) {
            return Err(ImageError::Pixels {
                width,
                height,
                pixels_max: bounds.pixels_max,
            });
        }
        let size = reader.output_buffer_size();
        let mut pixels = vec![0; size.ok_or_else(|| ImageError::Damaged("it is too large".to_owned()))?];
        let frame = reader.next_frame(&mut pixels).map_err(damaged)?;
        pixels.truncate(frame.buffer_size());
        let rgb = on_white(pixels, frame.color_type);
        if rgb.len() != width as usize * height as usize * CHANNELS {
            return Err(ImageError::Damaged(
                "it has not as many pixels as it says".to_owned(),
            ));
        }
        Ok(Self { width, height, rgb })
    }

    /// An image of these pixels, three bytes each; `None` where they are not as many as the sides say.
    pub fn of_rgb(width: u32, height: u32, rgb: Vec<u8>) -> Option<Self> {
        let wanted = (width as usize)
            .checked_mul(height as usize)?
            .checked_mul(CHANNELS)?;
        (wanted > 0 && rgb.len() == wanted).then_some(Self { width, height, rgb })
    }

    /// The width in pixels.
    pub const fn width(&self) -> u32 {
        self.width
    }

    /// The height in pixels.
    pub const fn height(&self) -> u32 {
        self.height
    }

    /// The pixels, row after row: red, green, blue.
    pub fn rgb(&self) -> &[u8] {
        &self.rgb
    }

    /// The longer side in pixels.
    pub fn side(&self) -> u32 {
        self.width.max(self.height)
    }

    /// The same with its longer side no longer than this, each pixel the mean of what it covers. What is small enough stays.
    #[must_use]
    pub fn within(&self, side_max: u32) -> Self {
        let side = self.side();
        if side <= side_max || side_max == 0 {
            return self.clone();
        }
        let scaled = |of: u32| {
            let rounded = (u64::from(of) * u64::from(side_max) + u64::from(side) / 2) / u64::from(side);
            u32::try_from(rounded).unwrap_or(side_max).clamp(1, side_max)
        };
        let (width, height) = (scaled(self.width), scaled(self.height));
        let narrow = self.narrowed(width);
        Self {
            width,
            height,
            rgb: lowered(&narrow, width as usize * CHANNELS, self.height, height),
        }
    }

    /// Its rows made so narrow, each value 256 times what it is.
    fn narrowed(&self, width: u32) -> Vec<u16> {
        let shares = shares(self.width, width);
        let mut narrow = Vec::with_capacity(self.height as usize * width as usize * CHANNELS);
        for row in self.rgb.chunks_exact(self.width as usize * CHANNELS) {
            for share in &shares {
                for channel in 0..CHANNELS {
                    let sum: u64 = share
                        .clone()
                        .map(|(at, weight)| u64::from(row[at * CHANNELS + channel]) * weight)
                        .sum();
                    narrow.push(u16::try_from(sum * 256 / u64::from(self.width)).unwrap_or(u16::MAX));
                }
            }
        }
        narrow
    }

    /// The same in as many colours as panels with 16 bits a pixel show: five bits of red and blue, six of green.
    #[must_use]
    pub fn in_panel_colours(&self) -> Self {
        let coarse = |value: u8, bits: u32| {
            let levels = (1_u32 << bits) - 1;
            let level = (u32::from(value) * levels + 127) / 255;
            u8::try_from((level * 255 + levels / 2) / levels).unwrap_or(u8::MAX)
        };
        let pixel = |pixel: &[u8]| [coarse(pixel[0], 5), coarse(pixel[1], 6), coarse(pixel[2], 5)];
        Self {
            rgb: self.rgb.chunks_exact(CHANNELS).flat_map(pixel).collect(),
            ..*self
        }
    }

    /// As a PNG: the shorter one of two, for what helps with photos does not help with few colours.
    pub fn to_png(&self) -> Vec<u8> {
        let written = [Filter::Adaptive, Filter::NoFilter].map(|filter| self.filtered(filter));
        // Sides and pixels agree, and memory takes everything, so that there always is one.
        let shortest = written.into_iter().flatten().min_by_key(Vec::len);
        shortest.unwrap_or_default()
    }

    fn filtered(&self, filter: Filter) -> Option<Vec<u8>> {
        let mut bytes = Vec::new();
        let mut encoder = Encoder::new(&mut bytes, self.width, self.height);
        encoder.set_color(ColorType::Rgb);
        encoder.set_depth(BitDepth::Eight);
        encoder.set_compression(Compression::High);
        encoder.set_filter(filter);
        let mut writer = encoder.write_header().ok()?;
        writer.write_image_data(&self.rgb).ok()?;
        writer.finish().ok()?;
        Some(bytes)
    }
}

fn damaged(error: DecodingError) -> ImageError {
    ImageError::Damaged(error.to_string())
}

/// The pixels as red, green and blue. What shines through is laid on white.
fn on_white(pixels: Vec<u8>, colour: ColorType) -> Vec<u8> {
    let over = |value: u8, alpha: u8| {
        let (value, alpha) = (u32::from(value), u32::from(alpha));
        u8::try_from((value * alpha + 255 * (255 - alpha) + 127) / 255).unwrap_or(u8::MAX)
    };
    match colour {
        ColorType::Rgb => pixels,
        ColorType::Rgba => pixels
            .chunks_exact(4)
            .flat_map(|pixel| [0, 1, 2].map(|channel| over(pixel[channel], pixel[3])))
            .collect(),
        ColorType::GrayscaleAlpha => pixels
            .chunks_exact(2)
            .flat_map(|pixel| [over(pixel[0], pixel[1]); CHANNELS])
            .collect(),
        // A palette was turned into colours while it was read.
        ColorType::Grayscale | ColorType::Indexed => {
            pixels.into_iter().flat_map(|grey| [grey; CHANNELS]).collect()
        }
    }
}

/// What each of the `into` new places covers of the old ones: the places and their weights, which add up to `from`.
fn shares(from: u32, into: u32) -> Vec<impl Iterator<Item = (usize, u64)> + Clone> {
    let (from, into) = (u64::from(from), u64::from(into));
    let share = move |nth: u64| {
        // On a ruler on which an old place is `into` long, and a new one `from`.
        let (begin, end) = (nth * from, (nth + 1) * from);
        (begin / into..end.div_ceil(into)).map(move |at| {
            let covered = ((at + 1) * into).min(end) - (at * into).max(begin);
            (usize::try_from(at).unwrap_or(usize::MAX), covered)
        })
    };
    (0..into).map(share).collect()
}

/// Rows of `row` values made fewer.
fn lowered(narrow: &[u16], row: usize, from: u32, into: u32) -> Vec<u8> {
    let mut low = Vec::with_capacity(row * into as usize);
    for share in shares(from, into) {
        let mut sums = vec![0_u64; row];
        for (at, weight) in share {
            let values = narrow.get(at * row..(at + 1) * row).unwrap_or_default();
            for (sum, value) in sums.iter_mut().zip(values) {
                *sum += u64::from(*value) * weight;
            }
        }
        let mean = |sum: u64| u8::try_from((sum / u64::from(from) + 128) / 256).unwrap_or(u8::MAX);
        low.extend(sums.into_iter().map(mean));
    }
    low
}

#[cfg(test)]
mod tests;
