//! A dream changes the picture, the same way every time, and can be stopped.

use std::fs;

use image::{Rgba, RgbaImage};

use crate::command::Folder;

const SMALL: &str = "--octaves 2 --iterations 2 --jitter 8 --engine cpu";

#[test]
fn a_dream_changes_the_picture_the_same_way_for_the_same_seed() {
    let folder = Folder::with_picture("seed");
    for (output, seed) in [("a.png", 7), ("b.png", 7), ("c.png", 8)] {
        folder.dream(&format!("dream in.png -o {output} {SMALL} --seed {seed}")).success();
    }
    let dream = folder.pixels("a.png");
    assert_eq!(dream.dimensions(), (72, 56));
    assert_ne!(dream, folder.pixels("in.png"));
    assert_eq!(dream, folder.pixels("b.png"));
    assert_ne!(dream, folder.pixels("c.png"));
}

#[test]
fn layers_and_their_weights_count() {
    let folder = Folder::with_picture("weights");
    let [shallow, deep] = ["inception_3a/output", "inception_4c/output"];
    let runs = [
        ("shallow.png", format!("--layer {shallow}")),
        ("deep.png", format!("--layer {deep}")),
        ("both.png", format!("--layer {shallow}=0.5 --layer {deep}=2")),
        ("same.png", format!("--layer {shallow}=1 --layer {deep}=4")),
    ];
    for (output, layers) in &runs {
        folder.dream(&format!("dream in.png -o {output} {SMALL} {layers}")).success();
    }
    let [shallow, deep, both, same] = runs.map(|(name, _)| folder.pixels(name));
    assert_ne!(shallow, deep);
    assert_ne!(both, shallow);
    assert_ne!(both, deep);
    let far = both.iter().zip(same.iter()).map(|(&a, &b)| a.abs_diff(b)).max();
    assert!(far <= Some(1), "only the ratio of weights counts, but levels differ by {far:?}");
}

#[test]
fn every_wish_changes_the_dream() {
    let folder = Folder::with_picture("wishes");
    let dream = |output: &str, more: &str| {
        folder.dream(&format!("dream in.png -o {output} {SMALL} {more}")).success();
        folder.pixels(output)
    };
    let plain = dream("plain.png", "");
    assert_eq!(dream("same.png", "--finish mean --goal start --color free"), plain);
    let wishes = [
        "--finish deviation",
        "--finish laplacian",
        "--finish laplacian --laplacian-levels 1",
        "--finish smooth",
        "--total-variation 0.5",
        "--parametrisation fourier",
        "--parametrisation fourier --total-variation 0.5",
        "--parametrisation fourier --step-size -1.5",
        "--random-scale 0.2",
        "--random-rotation 20",
        "--l2 0.2",
        "--l2 0.2 --goal grey",
        "--alpha-norm 0.4 --goal grey",
        "--blur 1",
        "--color keep",
        "--color luminance",
        "--color palette",
        "--edges tileable --layer inception_3a/output",
        "--edges panorama --layer inception_3a/output",
    ];
    let mut seen = vec![plain];
    for (i, wish) in wishes.iter().enumerate() {
        let dream = dream(&format!("{i}.png"), wish);
        assert!(!seen.contains(&dream), "{wish} changes nothing");
        seen.push(dream);
    }
    let switch = dream("switch.png", "--tileable --layer inception_3a/output");
    assert_eq!(seen.iter().position(|it| *it == switch), Some(wishes.len() - 1));
}

#[test]
fn dreams_begin_with_noise_or_a_colour_and_go_on() {
    let folder = Folder::with_picture("starts");
    let dream = |output: &str, arguments: &str| {
        folder.dream(&format!("dream -o {output} {SMALL} {arguments}")).success();
        folder.pixels(output)
    };
    let noise = dream("noise.png", "--start noise --size 64x48 --seed 3");
    assert_eq!(noise.dimensions(), (64, 48));
    assert_eq!(noise, dream("same.png", "--start noise --size 64x48 --seed 3"));
    assert_ne!(noise, dream("other.png", "--start noise --size 64x48 --seed 4"));
    let flat = dream("flat.png", "--start #102030 --size 48");
    assert_eq!(flat.dimensions(), (48, 48));
    let over_picture = dream("like.png", "in.png --start noise");
    assert_eq!(over_picture.dimensions(), (72, 56));

    // Every round of --again has shifts of its own; without any it can be repeated by hand.
    let still = "--octaves 2 --iterations 2 --jitter 0";
    let dream = |input: &str, output: &str, more: &str| {
        folder.dream(&format!("dream {input} -o {output} {still} {more}")).success();
        folder.pixels(output)
    };
    let once = dream("in.png", "once.png", "");
    let again = dream("in.png", "again.png", "--again 1");
    let by_hand = dream("once.png", "by_hand.png", "");
    let far = |a: &RgbaImage, b: &RgbaImage| {
        let sum: u64 = a.iter().zip(b.iter()).map(|(&a, &b)| u64::from(a.abs_diff(b))).sum();
        sum as f64 / a.len() as f64
    };
    // By hand, levels are rounded in between.
    let (same, control) = (far(&again, &by_hand), far(&once, &by_hand));
    assert!(3.0 * same < control, "{same} levels against {control}");
}

#[test]
fn a_mask_keeps_its_dark_half() {
    let folder = Folder::with_picture("mask");
    let half = RgbaImage::from_fn(36, 28, |x, _| {
        let level = if x < 18 { 0 } else { 255 };
        Rgba([level, level, level, 255])
    });
    half.save(folder.path("half.png")).expect("a PNG");
    let dream = |output: &str, more: &str| {
        folder.dream(&format!("dream in.png -o {output} {SMALL} {more}")).success();
        folder.pixels(output)
    };
    let original = folder.pixels("in.png");
    let masked = dream("masked.png", "--mask half.png");
    let same = |dream: &RgbaImage, columns: std::ops::Range<u32>| {
        columns
            .into_iter()
            .all(|x| (0..56).all(|y| dream.get_pixel(x, y) == original.get_pixel(x, y)))
    };
    assert!(same(&masked, 0..34) && !same(&masked, 40..72));
    assert!(!same(&dream("free.png", ""), 0..34));
    assert_ne!(dream("auto.png", "--mask auto"), folder.pixels("free.png"));
}

#[test]
fn the_ending_chooses_the_format() {
    let folder = Folder::with_picture("format");
    let signatures: [(&str, &[u8]); 4] = [
        ("out", b"\x89PNG"),
        ("out.jpg", b"\xff\xd8\xff"),
        ("out.webp", b"RIFF"),
        ("out.tiff", b"II*\0"),
    ];
    for (output, signature) in signatures {
        folder.dream(&format!("dream in.png -o {output} --octaves 1 --iterations 1")).success();
        let bytes = fs::read(folder.path(output)).expect("a file");
        assert!(bytes.starts_with(signature), "{output}");
    }
}

#[test]
fn quiet_says_nothing() {
    let folder = Folder::with_picture("quiet");
    let run = |more: &str| {
        let one = format!("dream in.png -o out.png --octaves 1 --iterations 1 {more}");
        folder.dream(&one)
    };
    assert_eq!(run("--quiet").stderr, "");
    assert!(run("").stderr.contains("note: Dream saved to out.png: 72 × 56 pixels"));
}

/// Sends the first Ctrl-C and tells whether there was something to save by then.
#[cfg(unix)]
fn stopped_after(folder: &Folder, seconds: u64) -> bool {
    use std::{process::Command, thread::sleep, time::Duration};

    let long = "dream in.png -o out.png --octaves 1 --iterations 100 --size 2048 --quiet";
    let mut child = folder
        .command(&long.split_whitespace().collect::<Vec<_>>())
        .spawn()
        .expect("the binary runs");
    sleep(Duration::from_secs(seconds));
    assert!(child.try_wait().expect("a state").is_none(), "it ended by itself");
    let kill = Command::new("kill").args(["-INT", &child.id().to_string()]).status();
    assert!(kill.expect("kill runs").success());
    assert_eq!(child.wait().expect("it ends").code(), Some(130));
    folder.path("out.png").exists()
}

#[test]
#[cfg(unix)]
fn ctrl_c_saves_what_there_is() {
    let folder = Folder::new("interrupt");
    let large = RgbaImage::from_fn(1800, 1300, |x, y| Rgba([x as u8, y as u8, (x ^ y) as u8, 255]));
    large.save(folder.path("in.png")).expect("a PNG");
    assert!([2, 6, 18, 54].into_iter().any(|seconds| stopped_after(&folder, seconds)));
    let dream = folder.pixels("out.png");
    assert_eq!(dream.dimensions(), (1800, 1300));
    assert_ne!(dream, large);
}
