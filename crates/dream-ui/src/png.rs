//! Pictures as PNG files, pixel for pixel: a canvas would lose colour where a picture is
//! translucent, because it stores colours multiplied by alpha.
//!
//! The rows are filtered here, the browser compresses them, and the parts are put together here.

use std::ops::Range;

use dream_protocol::Picture;

const SIGNATURE: [u8; 8] = [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1A, b'\n'];

/// Adds rows of a picture, each behind the number of the filter that makes it smallest. `size` is
/// the picture's [`pixel_size`].
pub fn push_filtered(out: &mut Vec<u8>, picture: &Picture, rows: Range<u32>, size: usize) {
    let width = picture.width as usize * size;
    let row = |y: u32| -> Vec<u8> {
        let row = &picture.rgba[y as usize * picture.width as usize * 4..];
        let pixels = row.chunks_exact(4).take(picture.width as usize);
        pixels.flat_map(|pixel| pixel.iter().take(size)).copied().collect()
    };
    let mut above = rows.start.checked_sub(1).map_or_else(|| vec![0; width], row);
    let mut candidate = vec![0; width];
    for y in rows {
        let row = row(y);
        let mut smallest = u32::MAX;
        let start = out.len();
        for filter in [0, 1, 2, 4] {
            let cost = apply_filter(filter, &row, &above, size, &mut candidate);
            if cost < smallest {
                smallest = cost;
                out.truncate(start);
                out.push(filter);
                out.extend_from_slice(&candidate);
            }
        }
        above = row;
    }
}

/// The file, given its filtered rows as a zlib stream, with a text that it carries.
pub fn file(picture: &Picture, compressed_rows: &[u8], text: Option<(&str, &str)>) -> Vec<u8> {
    let colour_type = if pixel_size(picture) == 3 { 2 } else { 6 };
    let mut header = Vec::with_capacity(13);
    header.extend(picture.width.to_be_bytes());
    header.extend(picture.height.to_be_bytes());
    header.extend([8, colour_type, 0, 0, 0]);
    let mut out = SIGNATURE.to_vec();
    push_chunk(&mut out, *b"IHDR", &header);
    if let Some((keyword, text)) = text {
        // Not compressed, in no language, and with no translated keyword.
        let parts = [keyword.as_bytes(), &[0; 5], text.as_bytes()];
        push_chunk(&mut out, *b"iTXt", &parts.concat());
    }
    push_chunk(&mut out, *b"IDAT", compressed_rows);
    push_chunk(&mut out, *b"IEND", &[]);
    out
}

/// Whether this is the beginning of a PNG.
pub fn is_png(bytes: &[u8]) -> bool {
    bytes.starts_with(&SIGNATURE)
}

/// The text of a PNG under a keyword, if it carries one that is not compressed.
pub fn text(bytes: &[u8], keyword: &str) -> Option<String> {
    let mut rest = bytes.strip_prefix(&SIGNATURE)?;
    loop {
        let (length, after) = rest.split_first_chunk::<4>()?;
        let (name, after) = after.split_first_chunk::<4>()?;
        let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
        let data = after.get(..length)?;
        if name == b"iTXt"
            && let Some([0, 0, 0, more @ ..]) = data.strip_prefix(keyword.as_bytes())
        {
            // Language and translated keyword end with zeros of their own.
            let text = more.splitn(3, |byte| *byte == 0).nth(2)?;
            return String::from_utf8(text.to_vec()).ok();
        }
        rest = after.get(length + 4..)?;
    }
}

/// Bytes of a pixel in the file: opaque pictures have three, others four.
pub fn pixel_size(picture: &Picture) -> usize {
    if picture.rgba.chunks_exact(4).all(|pixel| pixel[3] == 255) { 3 } else { 4 }
}

/// Writes the filtered row to `out`; returns the sum of its bytes as signed distances from zero.
fn apply_filter(filter: u8, row: &[u8], above: &[u8], size: usize, out: &mut [u8]) -> u32 {
    let mut cost = 0;
    for at in 0..row.len() {
        let (left, corner) = if at < size { (0, 0) } else { (row[at - size], above[at - size]) };
        let guess = match filter {
            0 => 0,
            1 => left,
            2 => above[at],
            _ => paeth(left, above[at], corner),
        };
        out[at] = row[at].wrapping_sub(guess);
        cost += u32::from((out[at] as i8).unsigned_abs());
    }
    cost
}

/// Whichever neighbour is nearest to `left + up - corner`.
fn paeth(left: u8, up: u8, corner: u8) -> u8 {
    let (a, b, c) = (i16::from(left), i16::from(up), i16::from(corner));
    let (from_left, from_up, from_corner) = ((b - c).abs(), (a - c).abs(), (a + b - 2 * c).abs());
    if from_left <= from_up && from_left <= from_corner {
        left
    } else if from_up <= from_corner {
        up
    } else {
        corner
    }
}

fn push_chunk(out: &mut Vec<u8>, name: [u8; 4], data: &[u8]) {
    out.extend((data.len() as u32).to_be_bytes());
    let start = out.len();
    out.extend(name);
    out.extend_from_slice(data);
    let sum = checksum(&out[start..]);
    out.extend(sum.to_be_bytes());
}

/// CRC-32 as PNG and ZIP use it.
pub fn checksum(bytes: &[u8]) -> u32 {
    let turn = |sum: u32| if sum & 1 == 1 { 0xEDB8_8320 ^ (sum >> 1) } else { sum >> 1 };
    let table: [u32; 256] =
        std::array::from_fn(|byte| (0..8).fold(byte as u32, |sum, _| turn(sum)));
    !bytes
        .iter()
        .fold(!0, |sum, byte| table[((sum ^ u32::from(*byte)) & 0xFF) as usize] ^ (sum >> 8))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture(opaque: bool) -> Picture {
        let (width, height) = (37, 23);
        let pixel = |at: u32| {
            let (x, y) = (at % width, at / width);
            let alpha = if opaque { 255 } else { (x * 7) as u8 };
            [(x * 5 + y) as u8, (y * 9) as u8, (x * y + 13 * (x % 3)) as u8, alpha]
        };
        Picture { width, height, rgba: (0..width * height).flat_map(pixel).collect() }
    }

    fn encoded(picture: &Picture) -> Vec<u8> {
        let mut rows = Vec::new();
        for band in [0..9, 9..picture.height] {
            push_filtered(&mut rows, picture, band, pixel_size(picture));
        }
        let rows = miniz_oxide::deflate::compress_to_vec_zlib(&rows, 6);
        file(picture, &rows, Some(("keyword", "Wörter")))
    }

    #[test]
    fn another_decoder_reads_the_same_pixels() {
        for opaque in [true, false] {
            let picture = picture(opaque);
            let decoded = image::load_from_memory(&encoded(&picture)).expect("a readable PNG");
            assert_eq!(decoded.color().has_alpha(), !opaque);
            assert_eq!(decoded.into_rgba8().into_raw(), picture.rgba);
        }
    }

    #[test]
    fn a_text_is_found_by_its_keyword() {
        let bytes = encoded(&picture(true));
        assert_eq!(text(&bytes, "keyword"), Some("Wörter".into()));
        assert_eq!(text(&bytes, "key"), None);
        assert_eq!(text(&bytes[..50], "keyword"), None);
        assert_eq!(text(b"a letter", "keyword"), None);
    }

    #[test]
    fn a_damaged_file_is_told_from_a_good_one() {
        let mut bytes = encoded(&picture(true));
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        assert!(image::load_from_memory(&bytes).is_err());
    }
}
