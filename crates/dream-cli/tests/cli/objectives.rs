//! Whatever can be raised can be raised from the command line.

use std::collections::BTreeSet;

use image::{Rgba, RgbaImage};

use crate::command::Folder;

const SMALL: &str = "--octaves 1 --jitter 4 --engine cpu";

/// A folder with a soft picture, `in.png`, and bars `across0.png` and `down0.png` and following.
fn with_pictures(test: &str) -> Folder {
    let folder = Folder::new(test);
    let level =
        |x: u32, y: u32, k: f32| (127.0 + 90.0 * (x as f32 * k + y as f32 * 0.1).sin()) as u8;
    let soft = RgbaImage::from_fn(72, 56, |x, y| {
        Rgba([level(x, y, 0.2), level(y, x, 0.3), level(x, y, 0.1), 255])
    });
    soft.save(folder.path("in.png")).expect("a PNG");
    for i in 0..3 {
        for (name, across) in [("across", true), ("down", false)] {
            let bars = RgbaImage::from_fn(64, 64, |x, y| {
                let along = if across { y } else { x } + i;
                let level = if (along / (5 + i)).is_multiple_of(2) { 40 } else { 200 };
                Rgba([level, level, level, 255])
            });
            bars.save(folder.path(&format!("{name}{i}.png"))).expect("a PNG");
        }
    }
    folder
}

fn dreamt(folder: &Folder, options: &str) -> Vec<u8> {
    folder.dream(&format!("dream in.png -o out.png {SMALL} --iterations 3 {options}")).success();
    image::open(folder.path("out.png")).expect("a picture").into_rgba8().into_raw()
}

#[test]
fn every_objective_has_its_own_dream() {
    let folder = with_pictures("objectives");
    let layer = "inception_3a/output";
    let options = [
        String::new(),
        "--step-size -1.5".into(),
        format!("--layer {layer}"),
        format!("--mean {layer}"),
        format!("--channel {layer}:40"),
        format!("--channel {layer}:40,41"),
        format!("--channel {layer}:40=-1"),
        format!("--channel {layer}:40 --before-relu"),
        format!("--neuron {layer}:40@0.5,0.5"),
        format!("--channel {layer}:40 --layer {layer}"),
        format!("--channel {layer}:40 --layer {layer} --balance"),
        "--class 281".into(),
        "--guide across0.png".into(),
        "--guide across0.png --guide-by match".into(),
        format!("--guide across0.png --guide-layer {layer}"),
        "--guide down0.png".into(),
        "--style across0.png".into(),
        format!("--style across0.png --style-layer {layer}"),
        format!("--caricature {layer}"),
        format!("--caricature {layer} --cosine-power 4"),
    ];
    let dreams: BTreeSet<Vec<u8>> = options.iter().map(|it| dreamt(&folder, it)).collect();
    assert_eq!(dreams.len(), options.len());
    let layers = folder.dream("layers").success();
    let default = layers.lines().find(|line| line.ends_with("default")).expect("a default");
    let default = default.split_whitespace().next().expect("a name");
    assert!(dreamt(&folder, &format!("--layer {default}")) == dreamt(&folder, ""));
}

#[test]
fn a_class_is_found_by_its_label_and_told_before_and_after() {
    let folder = with_pictures("class");
    // As large as the network that names classes sees it.
    let small = image::open(folder.path("in.png")).expect("a picture");
    let large = small.resize_exact(224, 224, image::imageops::FilterType::Triangle);
    large.save(folder.path("large.png")).expect("a PNG");
    let dream = |class: &str| {
        let numbers = "--octaves 2 --iterations 10 --engine cpu";
        folder.dream(&format!("dream large.png -o out.png {numbers} --class {class}"))
    };
    let told = dream("tabby");
    let line = |when: &str| {
        let start = format!("note: What the network sees {when}: ");
        let line = told.stderr.lines().find_map(|line| line.strip_prefix(&start));
        line.unwrap_or_else(|| panic!("{told:?}")).to_owned()
    };
    let (before, after) = (line("before"), line("after"));
    assert!(!before.contains("tabby") && after.contains("tabby"), "{before}; {after}");
    assert_eq!(after.matches('%').count(), 5);
    assert!(dreamt(&folder, "--class tabby") == dreamt(&folder, "--class 281"));
    assert!(
        !folder.dream(&format!("dream in.png -o out.png {SMALL}")).stderr.contains("network sees")
    );

    let unclear = dream("shark").failure();
    assert!(unclear.contains("\"shark\" fits") && unclear.contains("tiger shark"), "{unclear}");
    let unknown = dream("unicorn").failure();
    assert!(unknown.contains("no class with \"unicorn\" in its label"), "{unknown}");
    let beyond = dream("1000").failure();
    assert!(beyond.contains("has no class 1000; it has 1000"), "{beyond}");
}

#[test]
fn a_concept_is_taught_and_dreamed() {
    let folder = with_pictures("teach");
    let teach = "teach across0.png across1.png across2.png --against down0.png down1.png down2.png";
    let told = folder.dream(&format!("{teach} -o bars.json --layer inception_3a/output")).success();
    assert!(told.contains("inception_3a/output tells 6 of 6 pictures apart"), "{told}");
    let dream = dreamt(&folder, "--direction bars.json");
    assert!(dream != dreamt(&folder, "--direction bars.json=-1"));
    assert!(dream != dreamt(&folder, "--layer inception_3a/output"));

    folder.write("diary.json", b"a diary");
    folder.write("short.json", br#"{"model":"","layer":"inception_3a/output","direction":[1]}"#);
    let same = "teach in.png --against in.png -o none.json";
    for (arguments, words) in [
        ("dream in.png -o no.png --direction diary.json", "not what `dream teach` writes"),
        ("dream in.png -o no.png --direction missing.json", "cannot use the concept missing.json"),
        ("dream in.png -o no.png --direction short.json", "taught at another layer"),
        (same, "sees no difference"),
        ("teach in.png --against missing.png -o none.json", "cannot read missing.png"),
    ] {
        let complaint = folder.dream(arguments).failure();
        assert!(complaint.contains(words), "`dream {arguments}` says: {complaint}");
    }
    assert!(!folder.path("none.json").exists() && !folder.path("no.png").exists());
}

#[test]
fn an_objective_is_raised_where_its_mask_is_light() {
    let folder = with_pictures("mask-for");
    let half = RgbaImage::from_fn(72, 56, |x, _| match x < 36 {
        true => Rgba([0, 0, 0, 255]),
        false => Rgba([255; 4]),
    });
    half.save(folder.path("right.png")).expect("a PNG");
    let layer = "inception_3a/output";
    let before = image::open(folder.path("in.png")).expect("a picture").into_rgba8().into_raw();
    let sides = |options: &str| -> [u32; 2] {
        let after = dreamt(&folder, &format!("--layer {layer} {options}"));
        let mut changes = [0, 0];
        for (i, (a, b)) in after.iter().zip(&before).enumerate() {
            changes[usize::from(i / 4 % 72 >= 36)] += u32::from(a.abs_diff(*b));
        }
        changes
    };
    let [left, right] = sides("");
    let [dark, light] = sides(&format!("--mask-for {layer}=right.png"));
    assert!(dark * right * 2 < light * left, "{left} {right} became {dark} {light}");
    assert_ne!(sides(&format!("--mask-for {layer}=auto")), [left, right]);
}

/// A channel that the picture leaves silent has no gradient behind its rectifier.
#[test]
fn silent_channels_are_made_to_speak() {
    let folder = with_pictures("redirected");
    let before = image::open(folder.path("in.png")).expect("a picture").into_rgba8().into_raw();
    let run = |channel: u32, options: &str| {
        dreamt(&folder, &format!("--channel inception_3a/output:{channel} {options}"))
    };
    let silent = (0..256).find(|&channel| run(channel, "--quiet") == before);
    let silent = silent.expect("a channel that the picture leaves silent");
    assert!(run(silent, "--redirected 3") != before);
}

#[test]
fn the_rise_of_every_objective_is_told() {
    let folder = with_pictures("rise");
    let options = "--layer inception_3a/output --channel inception_3b/output:7 --iterations 6";
    let told = folder.dream(&format!("dream in.png -o out.png {SMALL} {options}")).stderr;
    let start = "note: Objectives in the last octave: inception_3a/output from ";
    let line = told.lines().find_map(|line| line.strip_prefix(start)).expect("their values");
    let (first, rest) = line.split_once(", inception_3b/output from ").expect("two of them");
    let [first, other] = [first, rest.trim_end_matches('.')].map(|pair| -> (f64, f64) {
        let numbers = pair.split_once(" to ").map(|(from, to)| (from.parse(), to.parse()));
        let Some((Ok(from), Ok(to))) = numbers else { panic!("{line}") };
        (from, to)
    });
    // The whole layer drowns the one channel.
    assert!(first.1 > first.0 && other.0 != other.1, "{line}");
}

#[test]
fn what_cannot_be_raised_is_refused_in_words() {
    let folder = with_pictures("refused");
    for (options, words) in [
        ("--channel inception_3a/output:9999", "has no channel 9999"),
        ("--channel inception_3a/ouput:1", "did you mean inception_3a/output"),
        ("--neuron zebra:1@0,0", "has no layer zebra"),
        ("--guide missing.png", "cannot read missing.png"),
        ("--mask-for inception_3a/output=in.png", "no objective that you name has that layer"),
        ("--mean inception_3a/output --mask-for inception_3a/output=no.png", "cannot read no.png"),
        ("--class 7 --mask-for loss3/classifier=auto", "no objective that you name"),
        ("--style in.png --style-layer zebra", "has no layer zebra"),
    ] {
        let complaint = folder.dream(&format!("dream in.png -o no.png {options}")).failure();
        assert!(complaint.contains(words), "{options} says: {complaint}");
    }
    for (options, words) in [
        ("--channel inception_3a/output:x", "not the number of a channel"),
        ("--neuron inception_3a/output:1", "write LAYER:CHANNEL@X,Y"),
        ("--neuron inception_3a/output:1@2,0", "not a place from 0 to 1"),
        ("--guide-by match", "--guide"),
        ("--style-layer inception_3a/output", "--style"),
        ("--cosine-power 99", "between 0 and 8"),
        ("--mask-for inception_3a/output", "write LAYER=FILE or LAYER=auto"),
        ("--step-size -99", "between -10 and 10"),
    ] {
        let outcome = folder.dream(&format!("dream in.png -o no.png {options}"));
        assert_eq!(outcome.code, Some(2), "{options}: {outcome:?}");
        assert!(outcome.stderr.contains(words), "{options} says: {}", outcome.stderr);
    }
    assert!(!folder.path("no.png").exists());
}

/// Bars are painted from noise: rows of the picture differ more than columns, or the other way.
#[test]
fn textures_grow_from_noise() {
    let folder = with_pictures("texture");
    let variations = |style: &str| -> [f64; 2] {
        let numbers = "--octaves 2 --iterations 15 --size 96x96 --engine cpu";
        let run = format!("dream --start noise -o out.png {numbers} --style {style}");
        folder.dream(&run).success();
        let painted = image::open(folder.path("out.png")).expect("a picture").into_luma8();
        let mean = |of: &dyn Fn(u32) -> u8| (0..96).map(|i| f64::from(of(i))).sum::<f64>() / 96.0;
        let rows: Vec<f64> = (0..96).map(|y| mean(&|x| painted.get_pixel(x, y).0[0])).collect();
        let columns: Vec<f64> = (0..96).map(|x| mean(&|y| painted.get_pixel(x, y).0[0])).collect();
        [rows, columns].map(|means| {
            let middle = means.iter().sum::<f64>() / 96.0;
            means.iter().map(|mean| (mean - middle).powi(2)).sum::<f64>()
        })
    };
    let ([rows, columns], [rows_down, columns_down]) =
        (variations("across0.png"), variations("down0.png"));
    assert!(rows > 2.0 * columns, "{rows} {columns}");
    assert!(columns_down > 2.0 * rows_down, "{columns_down} {rows_down}");
}
