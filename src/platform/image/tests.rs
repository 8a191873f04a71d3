//! What is read is what was written; what is larger, damaged or something else is an error and never a panic.

use png::{BitDepth, ColorType, Encoder};
use proptest::prelude::*;

use super::*;

const BOUNDS: Bounds = Bounds {
    bytes_max: 100_000,
    pixels_max: 10_000,
};

fn png_of(width: u32, height: u32, colour: ColorType, depth: BitDepth, data: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes, width, height);
    encoder.set_color(colour);
    encoder.set_depth(depth);
    if colour == ColorType::Indexed {
        encoder.set_palette(vec![255, 0, 0, 0, 0, 255]);
    }
    let mut writer = encoder.write_header().unwrap();
    writer.write_image_data(data).unwrap();
    writer.finish().unwrap();
    bytes
}

#[test]
fn every_form_of_a_pixel_becomes_a_colour_on_white() {
    use BitDepth::{Eight, One, Sixteen};
    type Case<'a> = (ColorType, BitDepth, &'a [u8], [u8; 3]);
    let table: [Case<'_>; 9] = [
        (ColorType::Rgb, Eight, &[1, 2, 3], [1, 2, 3]),
        (ColorType::Rgb, Sixteen, &[1, 99, 2, 99, 3, 99], [1, 2, 3]),
        (ColorType::Rgba, Eight, &[9, 9, 9, 0], [255, 255, 255]),
        (ColorType::Rgba, Eight, &[9, 8, 7, 255], [9, 8, 7]),
        (ColorType::Rgba, Eight, &[0, 0, 0, 128], [127, 127, 127]),
        (ColorType::Grayscale, Eight, &[77], [77, 77, 77]),
        (ColorType::Grayscale, One, &[0x80], [255, 255, 255]),
        (ColorType::GrayscaleAlpha, Eight, &[0, 0], [255, 255, 255]),
        (ColorType::Indexed, One, &[0x80], [0, 0, 255]),
    ];
    for (colour, depth, data, wanted) in table {
        let png = png_of(1, 1, colour, depth, data);
        let image = Image::from_png(&png, BOUNDS).unwrap();
        assert_eq!(image.rgb(), wanted, "{colour:?} {depth:?}");
    }
}

#[test]
fn what_is_too_much_is_refused_before_it_is_unpacked() {
    let large = png_of(200, 51, ColorType::Grayscale, BitDepth::Eight, &[0; 200 * 51]);
    let refused = Image::from_png(&large, BOUNDS).unwrap_err();
    let wanted = ImageError::Pixels {
        width: 200,
        height: 51,
        pixels_max: 10_000,
    };
    assert_eq!(refused, wanted);
    // Its head alone says that it would fill the memory of any machine.
    let mut huge = large.clone();
    huge[16..24].copy_from_slice(&[0x7f, 0xff, 0xff, 0xff, 0x7f, 0xff, 0xff, 0xff]);
    assert!(Image::from_png(&huge, BOUNDS).is_err());
    let long = vec![0; BOUNDS.bytes_max + 1];
    assert!(matches!(
        Image::from_png(&long, BOUNDS),
        Err(ImageError::Bytes { .. })
    ));
    for other in [&b"\xff\xd8\xff\xe0 a photo"[..], b"", b"GIF89a", b"\x89PNG"] {
        assert_eq!(Image::from_png(other, BOUNDS), Err(ImageError::NotPng));
    }
    assert!(matches!(
        Image::from_png(
            &large[..60],
            Bounds {
                pixels_max: 20_000,
                ..BOUNDS
            }
        ),
        Err(ImageError::Damaged(_))
    ));
}

#[test]
fn a_smaller_image_has_the_means_of_what_it_covers() {
    let grey = |values: &[u8]| values.iter().flat_map(|value| [*value; 3]).collect::<Vec<u8>>();
    let image = |width, height, values: &[u8]| Image::of_rgb(width, height, grey(values)).unwrap();
    // Halves, and thirds of three into two: the one in the middle counts half to each side.
    assert_eq!(
        image(4, 1, &[0, 100, 200, 220]).within(2),
        image(2, 1, &[50, 210])
    );
    assert_eq!(image(3, 1, &[0, 90, 240]).within(2), image(2, 1, &[30, 190]));
    assert_eq!(image(2, 2, &[0, 40, 80, 120]).within(1), image(1, 1, &[60]));
    let small = image(2, 1, &[5, 6]);
    assert_eq!(small.within(2), small, "nothing is made larger");
    assert_eq!(image(1_000, 1, &[7; 1_000]).within(10), image(10, 1, &[7; 10]));
}

#[test]
fn colours_of_a_panel_keep_black_and_white() {
    let image = Image::of_rgb(3, 1, vec![0, 0, 0, 255, 255, 255, 130, 130, 130]).unwrap();
    assert_eq!(
        image.in_panel_colours().rgb(),
        [0, 0, 0, 255, 255, 255, 132, 130, 132]
    );
}

proptest! {
    #[test]
    fn what_is_written_is_read(width in 1_u32..40, height in 1_u32..40, seed: u8) {
        let rgb: Vec<u8> = (0..width * height * 3).map(|at| (at as u8).wrapping_mul(seed)).collect();
        let image = Image::of_rgb(width, height, rgb).unwrap();
        prop_assert_eq!(&Image::from_png(&image.to_png(), BOUNDS).unwrap(), &image);
        for side_max in [1, 7, 39] {
            let small = image.within(side_max);
            prop_assert!(small.side() <= side_max.max(1) && small.width() > 0 && small.height() > 0);
            prop_assert_eq!(small.rgb().len() as u32, small.width() * small.height() * 3);
        }
    }

    #[test]
    fn any_bytes_and_any_damage_are_an_image_or_an_error(
        bytes in proptest::collection::vec(any::<u8>(), 0..200), at in 8_usize..400, with: u8,
    ) {
        let _ = Image::from_png(&bytes, BOUNDS);
        let mut png = Image::of_rgb(20, 20, (0..1_200_u32).map(|at| (at * at) as u8).collect()).unwrap().to_png();
        let at = at % png.len();
        png[at] = with;
        if let Ok(image) = Image::from_png(&png, BOUNDS) {
            prop_assert!(image.width() * image.height() <= BOUNDS.pixels_max);
        }
    }
}
