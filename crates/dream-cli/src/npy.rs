//! NumPy files in and out: 32-bit floats in C order, nothing else.

use std::{fs, path::Path};

use anyhow::{Context, Result, anyhow, bail, ensure};
use npyz::{NpyFile, Order, WriterBuilder};

/// Reads an image batch of one: its height, its width and its `[1, 3, height, width]` values.
///
/// # Errors
/// A file that is missing, is no `.npy`, has another type or shape, or ends too early.
pub fn read_image(path: &Path) -> Result<(usize, usize, Vec<f32>)> {
    let bytes = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    parse_image(&bytes).with_context(|| format!("cannot use {}", path.display()))
}

/// Writes values of any shape.
///
/// # Errors
/// A file that cannot be written.
pub fn write(path: &Path, shape: &[usize], values: &[f32]) -> Result<()> {
    let failed = || format!("cannot write {}", path.display());
    fs::write(path, to_bytes(shape, values).with_context(failed)?).with_context(failed)
}

fn parse_image(bytes: &[u8]) -> Result<(usize, usize, Vec<f32>)> {
    let file = NpyFile::new(bytes).map_err(|_| anyhow!("it is not a .npy file"))?;
    let &[1, 3, height, width] = file.shape() else {
        bail!("its shape is {:?}, but must be [1, 3, height, width]", file.shape());
    };
    ensure!(height > 0 && width > 0, "its shape is {:?}: there are no pixels", file.shape());
    ensure!(file.order() == Order::C, "it is in Fortran order; save it in C order");
    let dtype = file.dtype().descr();
    let values = file
        .data::<f32>()
        .map_err(|_| anyhow!("its values are {dtype}, but must be float32"))?
        .collect::<Result<Vec<_>, _>>()
        .map_err(|_| anyhow!("it ends too early for its shape"))?;
    Ok((usize::try_from(height)?, usize::try_from(width)?, values))
}

fn to_bytes(shape: &[usize], values: &[f32]) -> Result<Vec<u8>> {
    let shape: Vec<u64> = shape.iter().map(|&side| side as u64).collect();
    let mut bytes = Vec::new();
    let mut writer =
        npyz::WriteOptions::new().default_dtype().shape(&shape).writer(&mut bytes).begin_nd()?;
    writer.extend(values.iter().copied())?;
    writer.finish()?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn complaint(bytes: &[u8]) -> String {
        parse_image(bytes).expect_err("a bad file").to_string()
    }

    #[test]
    fn what_is_written_is_read() {
        let values: Vec<f32> = (0..18).map(|i| i as f32 / 3.0 - 2.0).collect();
        let bytes = to_bytes(&[1, 3, 2, 3], &values).expect("bytes");
        assert_eq!(parse_image(&bytes).expect("the same"), (2, 3, values));
    }

    #[test]
    fn every_wrong_file_is_named() {
        let good = to_bytes(&[1, 3, 2, 2], &[0.5; 12]).expect("bytes");
        assert!(parse_image(&good).is_ok());
        assert!(complaint(b"not numpy").contains("not a .npy"));
        assert!(complaint(&good[..good.len() - 1]).contains("ends too early"));
        let grey = to_bytes(&[1, 1, 2, 2], &[0.5; 4]).expect("bytes");
        assert!(complaint(&grey).contains("[1, 1, 2, 2]"));
        let empty = to_bytes(&[1, 3, 0, 2], &[]).expect("bytes");
        assert!(complaint(&empty).contains("no pixels"));
        let other = |from: &str, to: &str| {
            let text: String = good.iter().map(|&byte| char::from(byte)).collect();
            text.replacen(from, to, 1).chars().map(|c| c as u8).collect::<Vec<u8>>()
        };
        assert!(complaint(&other("<f4", "<f8")).contains("float32"));
        assert!(complaint(&other("False", "True ")).contains("Fortran"));
    }
}
