//! Any picture in, the same picture out: dreams so faint that the original shines through tell
//! whether it was decoded right.

use std::path::Path;

use image::{
    DynamicImage, GrayImage, ImageBuffer, ImageDecoder, ImageReader, Luma, Rgba, RgbaImage,
    imageops,
};

use crate::command::Folder;

/// The faintest dream: one octave, one iteration, a tenth of a level a pixel.
const FAINT: &str = "--octaves 1 --iterations 1 --step-size 0.1 --jitter 0";
/// Mean difference in levels that a faint dream and JPEG compression may make together.
const TOLERANCE: f64 = 1.5;

const RED: [u8; 3] = [200, 30, 30];
const GREEN: [u8; 3] = [30, 200, 30];
const BLUE: [u8; 3] = [30, 30, 200];
const GREY: [u8; 3] = [120; 3];

/// Four coloured quarters, clockwise from the upper left.
fn quarters(colours: [[u8; 3]; 4]) -> RgbaImage {
    RgbaImage::from_fn(48, 32, |x, y| {
        let quarter = [[0, 1], [3, 2]][usize::from(y >= 16)][usize::from(x >= 24)];
        let [red, green, blue] = colours[quarter];
        Rgba([red, green, blue, 255])
    })
}

fn dreamt(folder: &Folder, input: &str) -> RgbaImage {
    folder.dream(&format!("dream {input} -o out.png {FAINT}")).success();
    image::open(folder.path("out.png")).expect("a picture").into_rgba8()
}

/// Mean difference of colour levels.
fn difference(a: &RgbaImage, b: &RgbaImage) -> f64 {
    assert_eq!(a.dimensions(), b.dimensions());
    let sum: u64 = a.iter().zip(b.iter()).map(|(&a, &b)| u64::from(a.abs_diff(b))).sum();
    sum as f64 / a.len() as f64
}

fn fixture(name: &str) -> String {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    fixtures.join(name).to_str().expect("UTF-8").to_owned()
}

#[test]
fn cmyk_comes_out_in_its_colours() {
    let folder = Folder::new("cmyk");
    let dream = dreamt(&folder, &fixture("cmyk.jpg"));
    assert!(difference(&dream, &quarters([RED, GREEN, BLUE, GREY])) < TOLERANCE);
    let mut inverted = quarters([RED, GREEN, BLUE, GREY]);
    imageops::invert(&mut inverted);
    assert!(difference(&dream, &inverted) > 10.0 * TOLERANCE);
}

#[test]
fn exif_rotation_is_respected() {
    let folder = Folder::new("exif");
    let stored = ImageReader::open(fixture("rotated.jpg")).expect("a file");
    let stored = stored.into_decoder().expect("a JPEG").dimensions();
    assert_eq!(stored, (32, 48), "the fixture lies on its side");
    let dream = dreamt(&folder, &fixture("rotated.jpg"));
    assert!(difference(&dream, &quarters([RED, GREEN, BLUE, GREY])) < TOLERANCE);
    let upside_down = quarters([BLUE, GREY, RED, GREEN]);
    assert!(difference(&dream, &upside_down) > 10.0 * TOLERANCE);
}

#[test]
fn sixteen_bits_and_grey_keep_their_levels() {
    let folder = Folder::new("depth");
    let wide: ImageBuffer<Luma<u16>, Vec<u16>> =
        ImageBuffer::from_fn(40, 30, |x, y| Luma([(x * 1600 + y * 30) as u16]));
    wide.save(folder.path("wide.png")).expect("a PNG");
    let narrow = GrayImage::from_fn(40, 30, |x, y| Luma([((x * 1600 + y * 30) / 257) as u8]));
    narrow.save(folder.path("narrow.png")).expect("a PNG");
    let expected = DynamicImage::from(narrow).into_rgba8();
    assert!(difference(&dreamt(&folder, "wide.png"), &expected) < TOLERANCE);
    assert!(difference(&dreamt(&folder, "narrow.png"), &expected) < TOLERANCE);
    let flat = RgbaImage::from_pixel(40, 30, Rgba([128, 128, 128, 255]));
    assert!(difference(&flat, &expected) > 10.0 * TOLERANCE);
}

#[test]
fn alpha_is_kept() {
    let folder = Folder::new("alpha");
    let veiled = RgbaImage::from_fn(40, 30, |x, y| Rgba([90, 120, 60, (x * 6 + y) as u8]));
    veiled.save(folder.path("veiled.png")).expect("a PNG");
    let alpha = |image: &RgbaImage| image.pixels().map(|pixel| pixel.0[3]).collect::<Vec<_>>();
    assert_eq!(alpha(&dreamt(&folder, "veiled.png")), alpha(&veiled));

    let outcome = folder.dream(&format!("dream veiled.png -o out.jpg {FAINT}"));
    assert!(outcome.stderr.contains("note: JPEG has no transparency"), "{outcome:?}");
    outcome.success();
    let laid = image::open(folder.path("out.jpg")).expect("a picture");
    assert!(!laid.color().has_alpha());
    assert!(laid.into_rgba8().get_pixel(0, 0).0[0] > 200, "what was clear is white");
}

#[test]
fn one_pixel_dreams() {
    let folder = Folder::new("pixel");
    RgbaImage::from_pixel(1, 1, Rgba([9, 80, 7, 255])).save(folder.path("in.png")).expect("a PNG");
    let outcome = folder.dream(&format!("dream in.png -o out.png {FAINT}"));
    assert!(outcome.stderr.contains("note: Enlarged from 1 × 1 to "), "{outcome:?}");
    outcome.success();
    let dream = image::open(folder.path("out.png")).expect("a picture").into_rgba8();
    let (width, height) = dream.dimensions();
    assert!(width == height && width > 1);
    let flat = RgbaImage::from_pixel(width, height, Rgba([9, 80, 7, 255]));
    assert!(difference(&dream, &flat) < TOLERANCE);
}

#[test]
fn a_panorama_is_scaled_with_a_note() {
    let folder = Folder::new("panorama");
    let panorama = RgbaImage::from_fn(9000, 90, |x, y| Rgba([(x / 40) as u8, y as u8, 99, 255]));
    panorama.save(folder.path("in.png")).expect("a PNG");
    let outcome = folder.dream(&format!("dream in.png -o out.png --size 320 {FAINT}"));
    assert!(outcome.stderr.contains("note: Reduced from 9000 × 90 to 8192 × 82"), "{outcome:?}");
    outcome.success();
    let dream = image::open(folder.path("out.png")).expect("a picture").into_rgba8();
    assert_eq!(dream.width(), 320);
}
