//! Every objective on every engine: its gradient against central differences of its formula, worked
//! out in double precision from tract's forward pass.
#![cfg(not(target_arch = "wasm32"))]
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use dream::gradient_of;
use dream_engines::Forward;
use dream_graph::Network;
use dream_onnx::Model;
use dream_protocol::{DreamSettings, Objective, ObjectiveKind, Picture};
use engine_tests::{engines, noise, read_model};
use pollster::block_on;

const SIZE: [usize; 2] = [40, 48];
const GUIDE: [usize; 2] = [44, 36];
/// Length of the differences, in network units: pictures are full of kinks.
const STEP: f64 = 0.01;
const LAYER: &str = "inception_3a/output";

fn model() -> Model {
    read_model("mini-inception", mini_inception::MODEL).unwrap()
}

/// Smooth pictures: far from kinks on the scale of the differences.
fn picture(seed: u32, [height, width]: [usize; 2]) -> Picture {
    let waves = noise(seed, 9);
    let level = |c: usize, y: usize, x: usize| {
        let phase = waves[c] * y as f32 * 0.4 + waves[3 + c] * x as f32 * 0.4;
        127.0 + 80.0 * (phase + 3.0 * waves[6 + c]).sin()
    };
    let pixel = |i: usize| {
        let of = |c| level(c, i / width, i % width) as u8;
        [of(0), of(1), of(2), 255]
    };
    let rgba = (0..height * width).flat_map(pixel).collect();
    Picture { width: width as u32, height: height as u32, rgba }
}

/// A layer that tract can be asked for.
struct Layer {
    forward: Forward,
    channels: usize,
}

impl Layer {
    fn new(model: &Model, name: &str, [height, width]: [usize; 2]) -> Self {
        let graph = Network::graph(model, height, width, &[name]).unwrap();
        let channels = graph.value(graph.find(name).unwrap()).shape[1];
        Self { forward: Forward::new(model, height, width, &[name]).unwrap(), channels }
    }

    /// Its activation: channels of positions.
    fn at(&self, input: &[f32]) -> Vec<Vec<f64>> {
        let values = self.forward.run(input).unwrap().concat();
        let channel = |a: &[f32]| a.iter().map(|&a| a.into()).collect();
        values.chunks(values.len() / self.channels).map(channel).collect()
    }
}

/// Slope along a direction of unit length, by central differences.
fn slope(value: impl Fn(&[f32]) -> f64, x: &[f32], direction: &[f32]) -> f64 {
    let moved = |step: f64| -> Vec<f32> {
        x.iter().zip(direction).map(|(x, d)| x + step as f32 * d).collect()
    };
    (value(&moved(STEP)) - value(&moved(-STEP))) / (2.0 * STEP)
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn mean(a: &[f64]) -> f64 {
    a.iter().sum::<f64>() / a.len() as f64
}

fn column(a: &[Vec<f64>], p: usize) -> Vec<f64> {
    a.iter().map(|row| row[p]).collect()
}

/// `Σ d·a · max(0.1, cos)^power / positions` for a direction per position.
fn direction(a: &[Vec<f64>], d: impl Fn(usize) -> Vec<f64>, power: f64) -> f64 {
    let term = |p: usize| {
        let (a, d) = (column(a, p), d(p));
        let towards = dot(&a, &d);
        towards * (towards / (1e-6 + dot(&a, &a).sqrt())).max(0.1).powf(power)
    };
    (0..a[0].len()).map(term).sum::<f64>() / a[0].len() as f64
}

fn gram(a: &[Vec<f64>]) -> Vec<f64> {
    a.iter().flat_map(|x| a.iter().map(|y| dot(x, y) / x.len() as f64)).collect()
}

/// The objective's value from its formula.
fn value(kind: &ObjectiveKind, a: &[Vec<f64>], start: &[Vec<f64>], guide: &[Vec<f64>]) -> f64 {
    let half_squares = |row: &Vec<f64>| 0.5 * dot(row, row);
    match kind {
        ObjectiveKind::L2 => a.iter().map(half_squares).sum(),
        ObjectiveKind::Mean => mean(&a.concat()),
        ObjectiveKind::Channels { channels, .. } => {
            channels.iter().map(|&c| mean(&a[c as usize])).sum()
        }
        ObjectiveKind::Class { index } => a[*index as usize][0],
        ObjectiveKind::Neuron { channel, x, y, .. } => {
            // A layer of stride 8 over 40 × 48 pixels.
            let (row, column) = ((y * 5.0) as usize, (x * 6.0) as usize);
            a[*channel as usize][row * 6 + column]
        }
        ObjectiveKind::GuideChannels { .. } => {
            let sums: Vec<f64> = guide.iter().map(|row| row.iter().sum()).collect();
            let all: f64 = sums.iter().map(|sum| sum.abs()).sum();
            a.iter().zip(&sums).map(|(row, sum)| sum / all * half_squares(row)).sum()
        }
        ObjectiveKind::GuideMatch { .. } => {
            let best = |p: usize| {
                let here = column(a, p);
                let scores = (0..guide[0].len()).map(|q| dot(&here, &column(guide, q)));
                scores.fold(f64::MIN, f64::max)
            };
            (0..a[0].len()).map(best).sum()
        }
        ObjectiveKind::Direction { direction: d, cosine_power } => {
            let d: Vec<f64> = d.iter().map(|&d| d.into()).collect();
            let length = dot(&d, &d).sqrt();
            let unit: Vec<f64> = d.iter().map(|d| d / length).collect();
            direction(a, |_| unit.clone(), (*cosine_power).into())
        }
        ObjectiveKind::Caricature { cosine_power } => {
            direction(a, |p| column(start, p), (*cosine_power).into())
        }
        ObjectiveKind::Style { .. } => {
            let squares = gram(a).into_iter().zip(gram(guide)).map(|(g, t)| (g - t).powi(2));
            -0.25 * squares.sum::<f64>() / (a.len() as f64).powi(2)
        }
    }
}

fn cases(channels: usize) -> Vec<ObjectiveKind> {
    let direction: Vec<f32> = noise(9, channels);
    let before_relu = false;
    vec![
        ObjectiveKind::L2,
        ObjectiveKind::Mean,
        ObjectiveKind::Channels { channels: vec![3, 17], before_relu },
        ObjectiveKind::Neuron { channel: 3, x: 0.62, y: 0.33, before_relu },
        ObjectiveKind::GuideChannels { guide: 0 },
        ObjectiveKind::GuideMatch { guide: 0 },
        ObjectiveKind::Direction { direction: direction.clone(), cosine_power: 0.0 },
        ObjectiveKind::Direction { direction, cosine_power: 2.0 },
        ObjectiveKind::Caricature { cosine_power: 1.0 },
        ObjectiveKind::Style { style: 0 },
    ]
}

fn length(gradient: &[f32]) -> f64 {
    gradient.iter().map(|&g| f64::from(g).powi(2)).sum::<f64>().sqrt()
}

fn settings(objectives: Vec<Objective>, balance: bool) -> DreamSettings {
    DreamSettings { objectives, balance, ..Default::default() }
}

fn input(model: &Model, picture: &Picture, size: [usize; 2]) -> Vec<f32> {
    dream::network_input(picture, size, model.preprocessing()).unwrap()
}

/// The gradient's length is the slope along it: nothing but the gradient has that.
#[test]
fn gradients_are_the_slopes_of_their_formulas() {
    let model = model();
    let (start, guide) = (picture(3, SIZE), picture(8, GUIDE));
    let head = model.head().unwrap().logits.clone();
    let channels = model.layers().iter().find(|it| it.name == LAYER).unwrap().channels;
    let class = (head.as_str(), vec![ObjectiveKind::Class { index: 281 }]);
    let x = input(&model, &start, SIZE);
    let shown = Layer::new(&model, LAYER, GUIDE).at(&input(&model, &guide, GUIDE));
    for (layer, kinds) in [(LAYER, cases(channels)), class] {
        let seen = Layer::new(&model, layer, SIZE);
        let own = seen.at(&x);
        for kind in kinds {
            let value = |x: &[f32]| -0.5 * value(&kind, &seen.at(x), &own, &shown);
            for mut chosen in block_on(engines()) {
                let objective =
                    Objective { weight: -0.5, kind: kind.clone(), ..Objective::layer(layer) };
                let settings = settings(vec![objective], false);
                let materials = [guide.clone()];
                let engine = &mut chosen.engine;
                let gradient = gradient_of(&model, engine, &settings, &start, &materials);
                let gradient = block_on(gradient).unwrap();
                let norm = length(&gradient);
                let along: Vec<f32> =
                    gradient.iter().map(|&g| (f64::from(g) / norm) as f32).collect();
                let found = slope(value, &x, &along);
                let place = format!("{kind:?} at {layer} on {}", chosen.name);
                let error = (found - norm).abs() / norm;
                assert!(norm > 0.0 && error < 0.015, "{place}: slope {found}, length {norm}");
                // The control: no other direction has that slope.
                let other: Vec<f32> = along.iter().rev().copied().collect();
                let other = slope(value, &x, &other);
                assert!((other - norm).abs() / norm > 0.2, "{place}: any direction passes");
            }
        }
    }
}

#[test]
fn channels_before_the_rectifier_are_those_of_the_convolution() {
    let model = model();
    let start = picture(3, SIZE);
    let x = input(&model, &start, SIZE);
    let half_silent = |a: &Vec<f64>| a.contains(&0.0) && a.iter().any(|&a| a > 0.0);
    let channel = Layer::new(&model, LAYER, SIZE).at(&x).iter().position(half_silent).unwrap();
    let graph = Network::graph(&model, SIZE[0], SIZE[1], &[LAYER]).unwrap();
    let joined = graph.producer(graph.find(LAYER).unwrap()).unwrap();
    let branch = graph.producer(joined.inputs[0].value().unwrap()).unwrap();
    let conv = &graph.value(branch.inputs[0].value().unwrap()).name;
    let conv = Layer::new(&model, conv, SIZE);
    for mut chosen in block_on(engines()) {
        let mut gradient = |layer: &str, before_relu: bool| {
            let channels = vec![channel as u32];
            let kind = ObjectiveKind::Channels { channels, before_relu };
            let objective = Objective { kind, ..Objective::layer(layer) };
            let settings = settings(vec![objective], false);
            block_on(gradient_of(&model, &mut chosen.engine, &settings, &start, &[])).unwrap()
        };
        let (after, before) = (gradient(LAYER, false), gradient(LAYER, true));
        assert!(after != before, "{}: the rectifier makes no difference", chosen.name);
        let norm = length(&before);
        let along: Vec<f32> = before.iter().map(|&g| (f64::from(g) / norm) as f32).collect();
        let found = slope(|x| mean(&conv.at(x)[channel]), &x, &along);
        assert!((found - norm).abs() / norm < 0.015, "{}: {found} {norm}", chosen.name);
    }
}

/// Two layers whose gradients differ in length by far: balanced, neither drowns the other.
#[test]
fn balanced_layers_count_the_same() {
    let model = model();
    let start = picture(3, SIZE);
    let layers = [Objective::layer(LAYER), Objective::layer(model.default_layer())];
    for mut chosen in block_on(engines()) {
        let mut gradient = |objectives: &[Objective], balance: bool| {
            let settings = settings(objectives.to_vec(), balance);
            block_on(gradient_of(&model, &mut chosen.engine, &settings, &start, &[])).unwrap()
        };
        let alone = [0, 1].map(|i| gradient(&layers[i..=i], true));
        let both = gradient(&layers, true);
        let sum: Vec<f32> = alone[0].iter().zip(&alone[1]).map(|(a, b)| a + b).collect();
        let apart = |a: &[f32], b: &[f32]| {
            let difference: Vec<f32> = a.iter().zip(b).map(|(a, b)| a - b).collect();
            length(&difference) / length(b)
        };
        assert!(apart(&both, &sum) < 1e-3, "{}", chosen.name);
        // A sum of both signs is the difference of the gradients.
        let lowered = Objective { weight: -0.5, ..layers[1].clone() };
        let difference = gradient(&[layers[0].clone(), lowered], true);
        let expected: Vec<f32> = alone[0].iter().zip(&alone[1]).map(|(a, b)| a - 0.5 * b).collect();
        assert!(apart(&difference, &expected) < 1e-3, "{}", chosen.name);
        assert!(apart(&both, &expected) > 0.1, "the weight's sign goes unnoticed");
        // Whatever a layer's own weight, it counts as much; not so where nothing is balanced.
        let heavy = [Objective { weight: 4.0, ..layers[0].clone() }];
        let ratio = |balance| length(&gradient(&heavy, balance)) / length(&alone[0]);
        let mut ratio = ratio;
        assert!((ratio(true) - 4.0).abs() < 1e-3);
        assert!((ratio(false) - 4.0).abs() > 1.0, "an unbalanced layer passes");
    }
}
