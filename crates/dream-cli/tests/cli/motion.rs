//! Series of frames: journeys into a dream, and films.

use std::fs;

use image::{AnimationDecoder, Rgba, RgbaImage, codecs::gif::GifDecoder};

use crate::command::Folder;

const QUICK: &str = "--octaves 1 --iterations 1 --engine cpu";

fn frame(folder: &Folder, series: &str, frame: u32) -> RgbaImage {
    folder.pixels(&format!("{series}/{frame:05}.png"))
}

/// A film of soft waves that move to the left, `film/`.
fn with_film(test: &str, frames: u32) -> Folder {
    let folder = Folder::new(test);
    fs::create_dir(folder.path("film")).expect("a folder");
    for i in 0..frames {
        let wave = |x: f32, y: f32| (127.0 + 90.0 * (x / 6.0).sin() * (y / 7.0).cos()) as u8;
        let picture = RgbaImage::from_fn(96, 80, |x, y| {
            let level = wave((x + 3 * i) as f32, y as f32);
            Rgba([level, 255 - level, 120, 255])
        });
        // A folder's order is that of numbers.
        picture.save(folder.path(&format!("film/f{}.png", 8 + i))).expect("a PNG");
    }
    folder
}

#[test]
fn a_frame_of_a_journey_is_the_one_before_it_zoomed_and_dreamed() {
    let folder = Folder::with_picture("zoom");
    folder
        .dream(&format!("zoom in.png -o still --frames 2 --zoom 0.2 --step-size 0 {QUICK}"))
        .success();
    let [first, second] = [0, 1].map(|i| frame(&folder, "still", i));
    assert!(first == folder.pixels("in.png"), "something was dreamed with steps of 0");
    // The notebook's zoom: (1 − s)·p + s·side/2, bilinear.
    let [width, height] = [first.width(), first.height()].map(|side| side as f32);
    let between = |image: &RgbaImage, x: f32, y: f32, channel: usize| {
        let at = |x: u32, y: u32| f32::from(image.get_pixel(x, y).0[channel]);
        let (left, top, u, v) = (x as u32, y as u32, x.fract(), y.fract());
        let line = |y| at(left, y) * (1.0 - u) + at(left + 1, y) * u;
        line(top) * (1.0 - v) + line(top + 1) * v
    };
    for (x, y, pixel) in second.enumerate_pixels() {
        let [x, y] = [0.8 * x as f32 + 0.1 * width, 0.8 * y as f32 + 0.1 * height];
        let error = f32::from(pixel.0[1]) - between(&first, x, y, 1);
        assert!(error.abs() <= 1.0, "{x} {y}: {error}");
    }
    folder.dream(&format!("zoom in.png -o dreamed --frames 2 --zoom 0.2 {QUICK}")).success();
    assert!(frame(&folder, "dreamed", 0) != first);
    assert!(frame(&folder, "dreamed", 1) != second);
}

#[test]
fn a_journey_goes_on_where_it_ended() {
    let folder = Folder::with_picture("zoom-on");
    let zoom = |output: &str, frames: u32, more: &str| {
        folder.dream(&format!("zoom in.png -o {output} --frames {frames} {QUICK} {more}"))
    };
    zoom("once", 3, "").success();
    zoom("twice", 2, "").success();
    let written =
        |name: &str| fs::metadata(folder.path(name)).and_then(|it| it.modified()).expect("a file");
    let before = written("twice/00001.png");
    zoom("twice", 3, "").success();
    assert_eq!(written("twice/00001.png"), before, "it is not dreamed again");
    (0..3).for_each(|i| assert!(frame(&folder, "once", i) == frame(&folder, "twice", i)));
    let error = zoom("twice", 3, "--seed 9").failure();
    assert!(error.contains("other settings"), "{error}");
}

#[test]
fn keyframes_change_what_is_dreamed_on_the_way() {
    let folder = Folder::with_picture("zoom-keys");
    let journey = r#"{"frames": 3, "settings": {"octaves": 1, "iterations": 2},
        "keyframes": [{"frame": 0, "zoom": 0, "strength": 1.5, "layer": "inception_3a/output"},
                      {"frame": 2, "zoom": 0.3, "strength": 4, "layer": "inception_4c/output"}]}"#;
    folder.write("journey.json", journey.as_bytes());
    folder.dream("zoom in.png -o keys --journey journey.json --engine cpu").success();
    folder.dream("dream in.png -o alone.png --octaves 1 --iterations 2 --engine cpu --layer inception_3a/output").success();
    assert!(frame(&folder, "keys", 0) == folder.pixels("alone.png"));
    let recipe = |frame: u32| {
        let output = folder
            .dream(&format!("dream in.png -o again.png --engine cpu --recipe keys/{frame:05}.png"));
        output.success();
        folder.pixels("again.png")
    };
    assert!(recipe(1) != recipe(0), "layers have not crossed over");
    let noted = |model: &str| {
        let settings = r#""settings": {"octaves": 1, "iterations": 1}"#;
        folder.write("of.json", format!("{{{model}\"frames\": 1, {settings}}}").as_bytes());
        let made = folder.dream("zoom in.png -o of --journey of.json --engine cpu");
        made.stderr.contains("made with the model elsewhere, but this is mini-inception")
    };
    assert!(noted(r#""model": {"name": "elsewhere", "sha256": "00"}, "#) && !noted(""));
    let rows = [
        (r#"{"keyframes": [{"frame": 1, "layer": "inception_9z"}]}"#, "no layer inception_9z"),
        (r#"{"keyframes": [{"frame": 1, "zoom": 7}]}"#, "keyframe 1: Zoom is 7"),
        (r#"{"keyframes": [{"frame": 1, "zoooom": 0}]}"#, "unknown field"),
    ];
    for (bad, words) in rows {
        folder.write("bad.json", bad.as_bytes());
        let error = folder.dream("zoom in.png -o bad --journey bad.json").failure();
        assert!(error.contains(words), "{error}");
    }
    assert!(fs::metadata(folder.path("bad")).is_err());
}

#[test]
fn a_series_may_be_a_gif() {
    let folder = Folder::with_picture("zoom-gif");
    folder.dream(&format!("zoom in.png -o journey.gif --frames 3 --fps 10 {QUICK}")).success();
    let file = fs::File::open(folder.path("journey.gif")).expect("a file");
    let decoder = GifDecoder::new(std::io::BufReader::new(file)).expect("a GIF");
    let frames = decoder.into_frames().collect_frames().expect("frames");
    assert_eq!(frames.len(), 3);
    assert_eq!(frames[0].delay().numer_denom_ms(), (100, 1));
    assert!(frames[0].buffer() != frames[1].buffer());
    // And a film may begin as one.
    folder.dream(&format!("film journey.gif -o frames {QUICK}")).success();
    assert_eq!(fs::read_dir(folder.path("frames")).expect("a folder").count(), 3);
}

#[test]
fn a_film_carries_what_was_dreamed() {
    let folder = with_film("film", 3);
    let film = |output: &str, more: &str| {
        folder.dream(&format!("film film -o {output} {QUICK} --step-size 6 {more}")).success();
        [0, 1, 2].map(|i| frame(&folder, output, i))
    };
    let (carried, alone) = (film("carried", ""), film("alone", "--blend 0"));
    for (i, dreamed) in alone.iter().enumerate() {
        folder
            .dream(&format!("dream film/f{}.png -o one.png {QUICK} --step-size 6", 8 + i))
            .success();
        assert!(*dreamed == folder.pixels("one.png"), "carried in spite of a blend of 0");
    }
    assert!(carried[0] == alone[0]);
    // What was dreamed before and is dreamed again adds up.
    let change = |dream: &RgbaImage, i: usize| {
        let original = folder.pixels(&format!("film/f{}.png", 8 + i));
        let pairs = dream.as_raw().iter().zip(original.as_raw());
        pairs.map(|(a, b)| f64::from(a.abs_diff(*b))).sum::<f64>()
    };
    assert!(change(&carried[2], 2) > 1.2 * change(&alone[2], 2));
}

#[test]
fn flashes_are_told_and_damped() {
    let folder = Folder::new("flashes");
    fs::create_dir(folder.path("film")).expect("a folder");
    for i in 0..10 {
        let even =
            RgbaImage::from_pixel(80, 80, Rgba(if i % 2 == 0 { [0, 0, 0, 255] } else { [255; 4] }));
        even.save(folder.path(&format!("film/{i}.png"))).expect("a PNG");
    }
    let run = |more: &str| folder.dream(&format!("film film --step-size 0 {QUICK} {more}"));
    let told = run("-o told");
    assert!(told.stderr.contains("flashes up to 4 times a second"), "{told:?}");
    let calm = run("-o calm --calm");
    assert!(calm.stderr.contains("Damped"), "{calm:?}");
    assert!(frame(&folder, "calm", 8) != frame(&folder, "told", 8));
    // What is calm is measured so when it is taken for a film itself.
    let again = folder.dream(&format!("film calm -o again --step-size 0 --blend 0 {QUICK}"));
    assert!(!again.stderr.contains("flashes"), "{again:?}");
}

#[test]
fn what_is_no_film_says_so() {
    let folder = Folder::with_picture("no-film");
    fs::create_dir(folder.path("empty")).expect("a folder");
    let rows =
        [("empty", "no picture in empty"), ("in.png", "at least two"), ("missing", "cannot read")];
    for (input, words) in rows {
        let error = folder.dream(&format!("film {input} -o out")).failure();
        assert!(error.contains(words), "{input}: {error}");
    }
}
