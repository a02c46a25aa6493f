//! Tells an ONNX file from others by its first bytes, before anything large is read.

use crate::error::OnnxError;

/// How other files begin, and what to tell their owner.
const OTHERS: [(&[u8], &str); 9] = [
    (
        b"PK\x03\x04",
        "it is a zip archive or a PyTorch checkpoint; export the network with torch.onnx.export",
    ),
    (b"\x80\x02", "it is a Python pickle; export the network with torch.onnx.export"),
    (b"\x89PNG", "it is a PNG picture; open it as a photo"),
    (b"\xff\xd8\xff", "it is a JPEG picture; open it as a photo"),
    (b"\x89HDF", "it is an HDF5 (Keras) file; convert it with tf2onnx"),
    (b"GGUF", "it is a GGUF language model"),
    (b"version https://git-lfs", "it is a Git LFS pointer; fetch the real file with git lfs pull"),
    (b"<", "it is a web page, not the model; the download may have failed"),
    (b"{", "it is text"),
];

/// Checks whether a file that begins with `first_bytes` can be an ONNX model; a few dozen bytes are
/// enough, more do no harm.
///
/// # Errors
/// [`OnnxError::NotOnnx`] saying what the file is instead, as far as that shows.
pub fn looks_like_onnx(first_bytes: &[u8]) -> Result<(), OnnxError> {
    let no = |reason: &str| Err(OnnxError::NotOnnx(reason.to_owned()));
    if first_bytes.is_empty() {
        return no("it is empty");
    }
    if let Some((_, reason)) = OTHERS.iter().find(|(start, _)| first_bytes.starts_with(start)) {
        return no(reason);
    }
    if first_bytes.get(4..8) == Some(b"TFL3") {
        return no("it is a TensorFlow Lite file; convert it with tf2onnx");
    }
    if first_bytes.get(8) == Some(&b'{') {
        return no("it is a safetensors file, which holds weights but no network");
    }
    if first_bytes.iter().all(|&byte| byte == 0) {
        return no("it begins with nothing but zeros");
    }
    if model_fields(first_bytes) { Ok(()) } else { no("it does not begin as an ONNX model does") }
}

/// Whether the bytes read as the fields of a `ModelProto`, as far as they go.
fn model_fields(mut bytes: &[u8]) -> bool {
    while !bytes.is_empty() {
        let Some(tag) = varint(&mut bytes) else { return bytes.is_empty() };
        let length = match (tag >> 3, tag & 7) {
            (1 | 5, 0) => match varint(&mut bytes) {
                Some(_) => 0,
                None => return bytes.is_empty(),
            },
            (2 | 3 | 4 | 6 | 7 | 8 | 14 | 20 | 25 | 26, 2) => match varint(&mut bytes) {
                Some(length) => length,
                None => return bytes.is_empty(),
            },
            _ => return false,
        };
        let skip = usize::try_from(length).unwrap_or(usize::MAX).min(bytes.len());
        bytes = &bytes[skip..];
    }
    true
}

/// Takes a variable-length integer off the front; `None` if the bytes end within it.
fn varint(bytes: &mut &[u8]) -> Option<u64> {
    let mut value = 0;
    for shift in (0..64).step_by(7) {
        let (&first, rest) = bytes.split_first()?;
        *bytes = rest;
        value |= u64::from(first & 0x7f) << shift;
        if first < 0x80 {
            return Some(value);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn onnx_is_told_from_other_files() {
        assert_eq!(looks_like_onnx(&mini_inception::MODEL[..64]), Ok(()));
        assert_eq!(looks_like_onnx(mini_inception::MODEL), Ok(()));
        for other in [
            &b""[..],
            &[0; 4096],
            b"PK\x03\x04....",
            b"\x89PNG\r\n\x1a\n",
            b"version https://git-lfs.github.com/spec/v1",
            b"<!doctype html>",
            b"hello, this is a text",
            &[0xff; 64],
        ] {
            assert!(matches!(looks_like_onnx(other), Err(OnnxError::NotOnnx(_))), "{other:?}");
        }
    }
}
