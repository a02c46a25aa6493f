//! Pictures as PNG files, pixel for pixel: a canvas would lose colour where a picture is
//! translucent, because it stores colours multiplied by alpha.
//!
//! The rows are filtered here, the browser compresses them, and the parts are put together here.

use dream_protocol::Picture;

const SIGNATURE: [u8; 8] = [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1A, b'\n'];

/// The rows of a picture, each behind the number of the filter that makes it smallest.
/// Opaque pictures have three bytes a pixel, others four.
pub fn filtered_rows(picture: &Picture) -> Vec<u8> {
    let size = pixel_size(picture);
    let width = picture.width as usize * size;
    let mut out = Vec::with_capacity((width + 1) * picture.height as usize);
    let mut above = vec![0; width];
    let mut candidate = vec![0; width];
    for row in picture.rgba.chunks_exact(picture.width as usize * 4) {
        let row: Vec<u8> =
            row.chunks_exact(4).flat_map(|pixel| pixel.iter().take(size)).copied().collect();
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
    out
}

/// The file, given its [`filtered_rows`] as a zlib stream.
pub fn file(picture: &Picture, compressed_rows: &[u8]) -> Vec<u8> {
    let colour_type = if pixel_size(picture) == 3 { 2 } else { 6 };
    let mut header = Vec::with_capacity(13);
    header.extend(picture.width.to_be_bytes());
    header.extend(picture.height.to_be_bytes());
    header.extend([8, colour_type, 0, 0, 0]);
    let mut out = SIGNATURE.to_vec();
    push_chunk(&mut out, *b"IHDR", &header);
    push_chunk(&mut out, *b"IDAT", compressed_rows);
    push_chunk(&mut out, *b"IEND", &[]);
    out
}

fn pixel_size(picture: &Picture) -> usize {
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

/// CRC-32 as PNG uses it.
fn checksum(bytes: &[u8]) -> u32 {
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
        file(picture, &miniz_oxide::deflate::compress_to_vec_zlib(&filtered_rows(picture), 6))
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
    fn a_damaged_file_is_told_from_a_good_one() {
        let mut bytes = encoded(&picture(true));
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        assert!(image::load_from_memory(&bytes).is_err());
    }
}
