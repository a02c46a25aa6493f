//! What holds a dream back besides its objectives, on every engine: forces against differences of
//! what they come from, and whole dreams that are as they were asked to be.
#![cfg(not(target_arch = "wasm32"))]
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::sync::Arc;

use dream::Session;
use dream_engines::AnyEngine;
use dream_onnx::Model;
use dream_protocol::{ColorMode, DreamSettings, Goal, Objective, Picture, Prior};
use engine_tests::{Candidate, climb::moved, engines, noise, read_model};
use pollster::block_on;

const SIZE: [usize; 2] = [11, 14];
const LEN: usize = 3 * SIZE[0] * SIZE[1];

/// Levels with steep and flat places.
fn levels() -> Vec<f32> {
    noise(3, LEN).iter().map(|x| 128.0 + 110.0 * x * x.abs()).collect()
}

/// Where a prior alone draws levels that were not dreamed on.
fn drawn(engine: &mut AnyEngine, levels: &[f32], prior: &Prior) -> Vec<f32> {
    let gradient = (vec![3, SIZE[0], SIZE[1]], vec![0.0; LEN]);
    moved(engine, levels, &gradient, prior, 1.0)
}

/// The slope of `f` along each level, by central differences.
fn slopes(f: impl Fn(&[f64]) -> f64, x: &[f32]) -> Vec<f64> {
    let mut x: Vec<f64> = x.iter().map(|&x| x.into()).collect();
    let slope = |i: usize| {
        let mut at = |value| {
            let before = std::mem::replace(&mut x[i], value);
            let result = f(&x);
            x[i] = before;
            result
        };
        (at(f64::from(levels()[i]) + 0.01) - at(f64::from(levels()[i]) - 0.01)) / 0.02
    };
    (0..LEN).map(slope).collect()
}

/// Σ 8 · ln cosh(d / 8) over all neighbours that differ by d.
fn total_variation(x: &[f64]) -> f64 {
    let [height, width] = SIZE;
    let at = |c: usize, y: usize, z: usize| x[(c * height + y) * width + z];
    let rho = |d: f64| 8.0 * (d / 8.0).cosh().ln();
    let mut sum = 0.0;
    for c in 0..3 {
        for y in 0..height {
            for z in 0..width {
                sum += if y + 1 < height { rho(at(c, y + 1, z) - at(c, y, z)) } else { 0.0 };
                sum += if z + 1 < width { rho(at(c, y, z + 1) - at(c, y, z)) } else { 0.0 };
            }
        }
    }
    sum
}

#[test]
fn forces_are_the_slopes_of_what_they_lower() {
    let x = levels();
    let grey = |f: fn(f64) -> f64| move |x: &[f64]| x.iter().map(|x| f(x - 127.5)).sum::<f64>();
    type Energy = Box<dyn Fn(&[f64]) -> f64>;
    let energies: [(Prior, Energy); 3] = [
        (Prior { total_variation: 0.5, ..Prior::default() }, Box::new(total_variation)),
        (Prior { l2: 0.5, goal: Goal::Grey, ..Prior::default() }, Box::new(grey(|d| d * d / 2.0))),
        (
            Prior { alpha_norm: 0.5 * 0.8, goal: Goal::Grey, ..Prior::default() },
            Box::new(grey(|d| 0.8 * 127.5f64.powi(2) * (d / 127.5).powi(6) / 6.0)),
        ),
    ];
    for mut chosen in block_on(engines()) {
        for (prior, energy) in &energies {
            let force = drawn(&mut chosen.engine, &x, prior);
            let expected: Vec<f64> = slopes(energy, &x).iter().map(|slope| -0.5 * slope).collect();
            let largest = expected.iter().fold(0.0f64, |max, e| max.max(e.abs()));
            let worst = force.iter().zip(&expected);
            let worst = worst.fold(0.0f64, |max, (a, e)| max.max((f64::from(*a) - e).abs()));
            assert!(worst < 1e-3 * largest, "{prior:?} on {}: {worst} of {largest}", chosen.name);
            let mirrored =
                force.iter().zip(&expected).any(|(a, e)| (f64::from(*a) + e).abs() > 1e-1);
            assert!(mirrored, "{prior:?}: a flipped sign passes");
        }
        let still = drawn(&mut chosen.engine, &x, &Prior::default());
        assert!(still.iter().all(|&moved| moved == 0.0), "something draws without being asked");
        let start = Prior { l2: 0.5, alpha_norm: 0.4, blur: 2.0, ..Prior::default() };
        let still = drawn(&mut chosen.engine, &x, &start);
        assert!(still.iter().all(|&moved| moved.abs() < 1e-4), "the start is drawn to itself");
    }
}

fn model() -> Model {
    read_model("mini-inception", mini_inception::MODEL).unwrap()
}

/// A picture with shapes and colours of many kinds; also very light and very dark ones.
fn picture() -> Picture {
    let (width, height) = (72, 56);
    let pixel = |i: u32| {
        let (x, y) = ((i % width) as f32, (i / width) as f32);
        let wave = |fx: f32, fy: f32| 127.5 + 126.0 * (x * fx + (y * fy).sin() * 3.0).sin();
        [wave(0.11, 0.05) as u8, wave(0.03, 0.13) as u8, wave(0.07, 0.02) as u8, 255]
    };
    Picture { width, height, rgba: (0..width * height).flat_map(pixel).collect() }
}

/// Levels of red, green and blue.
type Planes = [Vec<f64>; 3];

/// The dream of the picture with a prior, as planes of red, green and blue.
fn dreamt(candidate: Candidate, prior: Prior) -> Planes {
    let model = model();
    let objectives = vec![Objective::layer(model.default_layer())];
    let settings = DreamSettings {
        objectives,
        octaves: 2,
        iterations: 6,
        step_size: 4.0,
        prior,
        ..Default::default()
    };
    let mut session =
        Session::new(Arc::new(model), candidate.engine, &picture(), &[], &settings).unwrap();
    while block_on(session.advance()).unwrap().is_some() {}
    planes(&block_on(session.finish()).unwrap())
}

fn planes(picture: &Picture) -> Planes {
    [0, 1, 2].map(|c| picture.rgba.iter().skip(c).step_by(4).map(|&level| level.into()).collect())
}

/// A dream with a prior and the same without, on every engine.
fn dreams<const N: usize>(priors: [Prior; N]) -> Vec<(&'static str, Planes, [Planes; N])> {
    let name_of = |candidate: &Candidate| candidate.name;
    let names: Vec<_> = block_on(engines()).iter().map(name_of).collect();
    let on = |name: &str, prior| {
        let mut candidates = block_on(engines()).into_iter();
        dreamt(candidates.find(|candidate| candidate.name == name).unwrap(), prior)
    };
    let dreams = names
        .into_iter()
        .map(|name| (name, on(name, Prior::default()), priors.map(|prior| on(name, prior))));
    dreams.collect()
}

fn mean(values: impl Iterator<Item = f64> + Clone) -> f64 {
    values.clone().sum::<f64>() / values.count() as f64
}

/// Mean difference of neighbours in a row.
fn variation(planes: &Planes) -> f64 {
    let differences = planes.iter().flat_map(|plane| {
        plane.chunks(72).flat_map(|row| row.windows(2).map(|pair| (pair[1] - pair[0]).abs()))
    });
    mean(differences)
}

fn less(a: &Planes, b: &Planes) -> Planes {
    [0, 1, 2].map(|c| a[c].iter().zip(&b[c]).map(|(a, b)| a - b).collect())
}

fn distance(planes: &Planes) -> f64 {
    mean(planes.iter().flatten().map(|level| level.abs()))
}

fn farthest(planes: &Planes) -> f64 {
    planes.iter().flatten().fold(0.0f64, |max, level| max.max(level.abs()))
}

#[test]
fn priors_hold_dreams_back() {
    let start = planes(&picture());
    let grey = [0, 1, 2].map(|c| vec![127.5; start[c].len()]);
    let none = Prior::default();
    let priors = [
        Prior { total_variation: 1.0, ..none },
        Prior { l2: 0.2, ..none },
        Prior { l2: 0.2, goal: Goal::Grey, ..none },
        Prior { alpha_norm: 0.4, ..none },
        Prior { alpha_norm: 0.4, goal: Goal::Grey, ..none },
        Prior { blur: 0.7, ..none },
    ];
    let mut wrong = Vec::new();
    for (name, free, [tv, l2, l2_grey, alpha, alpha_grey, blur]) in dreams(priors) {
        let to = |goal: &Planes, planes: &Planes| distance(&less(planes, goal));
        let far = |goal: &Planes, planes: &Planes| farthest(&less(planes, goal));
        let sharpness = |it: &Planes| variation(&less(it, &start)) / to(&start, it);
        let with_and_without = |measure: &dyn Fn(&Planes) -> f64, it| [measure(it), measure(&free)];
        let rows = [
            ("total variation", with_and_without(&variation, &tv), 0.85),
            ("L2 to the start", with_and_without(&|it| to(&start, it), &l2), 0.8),
            ("L2 to grey", with_and_without(&|it| to(&grey, it), &l2_grey), 0.8),
            ("α-norm to the start", with_and_without(&|it| far(&start, it), &alpha), 0.95),
            ("α-norm to grey", with_and_without(&|it| far(&grey, it), &alpha_grey), 0.9),
            ("blur", with_and_without(&sharpness, &blur), 0.8),
        ];
        for (what, [with, without], factor) in rows {
            println!("{what} on {name}: {with:.2} instead of {without:.2}");
            if with >= factor * without {
                wrong.push(format!("{what} on {name}: {with:.2} instead of {without:.2}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Cb and Cr of ITU-R BT.601.
fn chroma(planes: &Planes) -> Vec<[f64; 2]> {
    let pixel = |i: usize| {
        let [r, g, b] = [0, 1, 2].map(|c| planes[c][i]);
        let y = 0.299 * r + 0.587 * g + 0.114 * b;
        [0.564 * (b - y), 0.713 * (r - y)]
    };
    (0..planes[0].len()).map(pixel).collect()
}

#[test]
fn colours_are_kept_and_light_is_not() {
    let start = planes(&picture());
    let colours = chroma(&start);
    let moved = |planes: &Planes| {
        let now = chroma(planes);
        let pairs = now.iter().flatten().zip(colours.iter().flatten());
        pairs.fold(0.0f64, |max, (a, b)| max.max((a - b).abs()))
    };
    let mode = |color| Prior { color, ..Prior::default() };
    for (name, free, modes) in dreams([mode(ColorMode::Keep), mode(ColorMode::Luminance)]) {
        for dream in &modes {
            assert!(moved(dream) < 1.0, "colours moved by {} on {name}", moved(dream));
            assert!(distance(&less(dream, &start)) > 2.0, "nothing was dreamed on {name}");
        }
        assert!(moved(&free) > 10.0, "free colours pass on {name}");
        let [keep, luminance] = &modes;
        assert!(distance(&less(keep, luminance)) > 0.5, "both modes are the same on {name}");
    }
}

#[test]
fn a_palette_adds_no_colours() {
    let start = planes(&picture());
    let colours = chroma(&start);
    let cpu = || Candidate { name: "CPU", engine: AnyEngine::Cpu(Default::default()) };
    let dream = |color| dreamt(cpu(), Prior { color, ..Prior::default() });
    // How far the farthest colour is from all of the start's.
    let strangest = |dream: &Planes| {
        let nearest = |[cb, cr]: [f64; 2]| {
            let away = colours.iter().map(|it| (it[0] - cb).hypot(it[1] - cr));
            away.fold(f64::INFINITY, f64::min)
        };
        chroma(dream).into_iter().map(nearest).fold(0.0, f64::max)
    };
    let [palette, free, keep] = [ColorMode::Palette, ColorMode::Free, ColorMode::Keep].map(dream);
    println!("{:.1} with a palette, {:.1} without", strangest(&palette), strangest(&free));
    assert!(strangest(&palette) < 8.0, "{:.1}", strangest(&palette));
    assert!(strangest(&free) > 16.0, "free colours pass");
    assert!(distance(&less(&palette, &start)) > 2.0, "nothing was dreamed");
    assert!(distance(&less(&palette, &keep)) > 0.5, "colours stay where they are");
}
