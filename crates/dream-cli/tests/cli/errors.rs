//! Bad input of every kind: the exit code, one line that says what to do, and nothing left behind.

use image::{Rgba, RgbaImage};

use crate::command::Folder;

/// A folder with a good picture, a model without a class head, and much that is neither.
fn with_rubbish(test: &str) -> Folder {
    let folder = Folder::new(test);
    let picture = RgbaImage::from_pixel(32, 32, Rgba([9, 80, 7, 255]));
    picture.save(folder.path("good.png")).expect("a PNG");
    folder.write("text.png", b"a diary, not a picture");
    folder.write("empty.png", b"");
    folder.write("hostile.png", &hostile_png());
    folder.write("text.onnx", b"a diary, not a model");
    folder.write("zeros.onnx", &[0; 1 << 16]);
    folder.write("half.onnx", &mini_inception::MODEL[..mini_inception::MODEL.len() / 2]);
    folder.write("text.npy", b"a diary, not an array");
    folder
}

/// A PNG header of 2147483647 × 2147483647 pixels and nothing more; the checksum is right.
fn hostile_png() -> Vec<u8> {
    let header = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\x7f\xff\xff\xff\x7f\xff\xff\xff\x08\x06\0\0\0";
    let mut checksum = u32::MAX;
    for &byte in &header[12..] {
        checksum ^= u32::from(byte);
        for _ in 0..8 {
            checksum = (checksum >> 1) ^ (0xedb8_8320 & (checksum & 1).wrapping_neg());
        }
    }
    [&header[..], &(!checksum).to_be_bytes()].concat()
}

#[test]
fn bad_input_fails_in_words() {
    let folder = with_rubbish("failures");
    let rows = [
        ("dream missing.png -o out.png", "cannot read missing.png: No such file"),
        ("dream . -o out.png", "it is a folder"),
        ("dream text.png -o out.png", "not a picture of a known format"),
        ("dream empty.png -o out.png", "not a picture of a known format"),
        ("dream hostile.png -o out.png", "scale the picture down first"),
        ("dream good.png -o out.doc", ".doc is no known picture format; use one of png, jpg"),
        ("dream good.png -o nowhere/out.png", "there is no folder nowhere"),
        ("dream good.png -o .", "it is a folder"),
        (
            "dream good.png -o out.png --layer inception_4c/ouput",
            "did you mean inception_4c/output",
        ),
        ("dream good.png -o out.png --layer zebra", "`dream layers` lists them all"),
        ("dream good.png -o out.png --model missing.onnx", "cannot use the model missing.onnx"),
        ("dream good.png -o out.png --model text.onnx", "cannot use the model text.onnx"),
        ("dream good.png -o out.png --model good.png", "PNG picture"),
        ("layers zeros.onnx", "zeros.onnx"),
        ("layers half.onnx", "half.onnx"),
        ("layers .", "it is a folder"),
        ("classify text.png", "not a picture of a known format"),
        ("gradient --layer inception_4c/output --input text.npy --output g.npy", "not a .npy file"),
        ("gradient --layer inception_4c/output --input missing.npy --output g.npy", "No such file"),
        ("dream good.png -o out.png --mask text.png", "not a picture of a known format"),
        ("dream good.png -o out.png --size 64x48", "a picture keeps its shape"),
        ("bench --layer zebra", "has no layer zebra"),
    ];
    for (arguments, words) in rows {
        let complaint = folder.dream(arguments).failure();
        assert!(complaint.contains(words), "`dream {arguments}` says: {complaint}");
    }
    for output in ["out.png", "out.doc", "g.npy"] {
        assert!(!folder.path(output).exists(), "{output} was left behind");
    }
    folder.dream("dream good.png -o out.png --octaves 1 --iterations 1").success();
    assert!(folder.path("out.png").exists());
}

#[test]
fn wrong_usage_exits_with_two() {
    let folder = with_rubbish("usage");
    let rows = [
        ("", "Usage"),
        ("sleep", "unrecognized subcommand"),
        ("dream good.png", "--output"),
        ("dream good.png -o out.png --octaves 0", "between 1 and 10"),
        ("dream good.png -o out.png --octave-scale 1", "between 1.1 and 2"),
        ("dream good.png -o out.png --iterations many", "invalid digit"),
        ("dream good.png -o out.png --step-size nan", "between -10 and 10"),
        ("dream good.png -o out.png --size 9000", "between 32 and 8192"),
        ("dream good.png -o out.png --engine steam", "possible values: auto, cpu, gpu, hybrid"),
        (
            "dream good.png -o out.png --continue-on steam",
            "possible values: auto, cpu, gpu, hybrid",
        ),
        ("dream good.png -o out.png --layer =2", "there is no name"),
        ("dream good.png -o out.png --input-scale 0", "a scale of 0"),
        ("dream -o out.png", "<INPUT>"),
        ("dream -o out.png --start red", "noise or a colour as #rrggbb"),
        ("dream -o out.png --start noise --size 9x9", "between 32 and 8192"),
        ("dream good.png -o out.png --again 21", "between 0 and 20"),
        ("dream good.png -o out.png --finish fine", "possible values: mean, deviation"),
        ("dream good.png -o out.png --total-variation 2", "between 0 and 1"),
        ("dream good.png -o out.png --color red", "possible values: free, keep, luminance"),
        ("dream good.png -o out.png --edges round", "possible values: plain, tileable, panorama"),
        ("dream good.png -o out.png --tileable --edges plain", "cannot be used with"),
        ("gradient --input x.npy --output g.npy", "--layer"),
        ("gradient --class 1 --channel 2 --input x.npy --output g.npy", "cannot be used with"),
    ];
    for (arguments, words) in rows {
        let outcome = folder.dream(arguments);
        assert_eq!(outcome.code, Some(2), "`dream {arguments}`: {outcome:?}");
        assert!(outcome.stderr.contains(words), "`dream {arguments}` says: {}", outcome.stderr);
    }
    assert!(!folder.path("out.png").exists());
    assert_eq!(folder.dream("--help").code, Some(0));
    assert!(folder.dream("--version").success().starts_with("dream "));
}
