//! Files put together as a ZIP, stored as they are: pictures are compressed already, and the page
//! is kept small (PKWARE's APPNOTE, sections 4.3 and 4.4).

use crate::png::checksum;

/// The date that every file has: the first that the format knows, 1 January 1980.
const DATE: u16 = 0x21;

/// The archive of files with their names.
pub fn stored(files: &[(String, Vec<u8>)]) -> Vec<u8> {
    let (mut archive, mut directory) = (Vec::new(), Vec::new());
    for (name, bytes) in files {
        let offset = archive.len() as u32;
        let about = about(name, bytes);
        archive.extend(*b"PK\x03\x04");
        archive.extend(&about);
        archive.extend(name.as_bytes());
        archive.extend(bytes);
        directory.extend(*b"PK\x01\x02\x14\0");
        directory.extend(&about);
        // No comment, the first disk, nothing about the file but what stands above.
        directory.extend([0; 10]);
        directory.extend(offset.to_le_bytes());
        directory.extend(name.as_bytes());
    }
    let (count, start) = ((files.len() as u16).to_le_bytes(), archive.len() as u32);
    let size = directory.len() as u32;
    archive.extend(directory);
    archive.extend(*b"PK\x05\x06\0\0\0\0");
    archive.extend([count, count].concat());
    archive.extend([size, start].map(u32::to_le_bytes).concat());
    archive.extend([0; 2]);
    archive
}

/// What the local header and the directory both say of a file, from the version that reads it to
/// the length of what is said beside.
fn about(name: &str, bytes: &[u8]) -> Vec<u8> {
    let mut about = Vec::with_capacity(26);
    // Version 2.0; names in UTF-8; stored; midnight.
    for number in [20, 1 << 11, 0, 0, DATE] {
        about.extend(number.to_le_bytes());
    }
    about.extend(checksum(bytes).to_le_bytes());
    about.extend([bytes.len() as u32; 2].map(u32::to_le_bytes).concat());
    about.extend((name.len() as u16).to_le_bytes());
    about.extend([0; 2]);
    about
}

#[cfg(test)]
mod tests {
    use std::io::{Cursor, Read};

    use super::*;

    #[test]
    fn another_program_reads_the_same_files() {
        let files = [("ä.png".to_owned(), vec![1, 2, 3]), ("b.csv".to_owned(), vec![7; 700])];
        let archive = stored(&files);
        let mut read = zip::ZipArchive::new(Cursor::new(&archive)).expect("an archive");
        assert_eq!(read.len(), 2);
        for (at, (name, bytes)) in files.iter().enumerate() {
            let mut file = read.by_index(at).expect("a file");
            let mut content = Vec::new();
            file.read_to_end(&mut content).expect("its bytes");
            assert_eq!((file.name(), &content), (&**name, bytes));
        }
        let damaged: Vec<u8> =
            archive.iter().map(|&byte| if byte == 7 { 8 } else { byte }).collect();
        let mut read = zip::ZipArchive::new(Cursor::new(damaged)).expect("an archive");
        let mut file = read.by_index(1).expect("a file");
        assert!(file.read_to_end(&mut Vec::new()).is_err(), "the checksum tells");
    }
}
