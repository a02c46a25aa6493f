//! How a dream climbs, as lines of a small plot.

use dream_protocol::{Objective, Scores};

use crate::words;

/// One line of the plot, which is one unit wide and high.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// What it is of, and what it has become in its last octave.
    pub told: String,
    /// Its path, in the words of SVG.
    pub path: String,
}

/// A line for every objective, and, where there are several, one for their weighted sum, which is
/// what the dream raises. Each octave begins at 0, because octaves cannot be compared; `expected`
/// is the number of iterations that the plot has room for.
pub fn lines(curve: &[Scores], objectives: &[Objective], expected: usize) -> Vec<Line> {
    let count = curve.last().map_or(0, |last| last.values.len());
    if count != objectives.len() {
        return Vec::new();
    }
    let mut named: Vec<(String, Vec<f32>)> = objectives
        .iter()
        .enumerate()
        .map(|(at, objective)| (name(objective), curve.iter().map(|it| value(it, at)).collect()))
        .collect();
    if count > 1 {
        let sum = |scores: &Scores| -> f32 {
            scores.values.iter().zip(objectives).map(|(value, it)| it.weight * value).sum()
        };
        named.push(("All together".into(), curve.iter().map(sum).collect()));
    }
    let rises: Vec<Vec<f32>> = named.iter().map(|(_, values)| rises(values, curve)).collect();
    let all = || rises.iter().flatten().copied();
    let (least, most) = (all().fold(0.0, f32::min), all().fold(0.0, f32::max));
    let height = |rise: f32| 1.0 - (rise - least) / (most - least).max(1e-6);
    let width = expected.max(curve.len()).max(2) - 1;
    let line = |((name, _), rises): (&(String, Vec<f32>), &Vec<f32>)| {
        let mut path = String::new();
        for (at, rise) in rises.iter().enumerate() {
            let begins = at == 0 || curve[at - 1].octave != curve[at].octave;
            let step = if begins { 'M' } else { 'L' };
            let places = [at as f32 / width as f32, height(*rise)];
            let [x, y] = places.map(|place| words::fixed(place.into(), 3));
            path.push_str(&format!("{step}{x} {y}"));
        }
        let last = rises.last().copied().unwrap_or_default() * 100.0;
        let sign = if last < 0.0 { "−" } else { "+" };
        let told = format!("{name}: {sign}{} % in this octave", words::fixed(last.abs().into(), 0));
        Line { told, path }
    };
    named.iter().zip(&rises).map(line).collect()
}

fn name(objective: &Objective) -> String {
    match objective.layer.as_str() {
        "" => "Default layer".into(),
        layer => layer.into(),
    }
}

/// Steered dreams may have had fewer objectives before.
fn value(scores: &Scores, at: usize) -> f32 {
    scores.values.get(at).copied().unwrap_or_default()
}

/// By what share of its size at the beginning of the octave each value lies above it.
fn rises(values: &[f32], curve: &[Scores]) -> Vec<f32> {
    let mut first = 0.0;
    let mut octave = 0;
    let rise = |(value, scores): (&f32, &Scores)| {
        if scores.octave != octave {
            (first, octave) = (*value, scores.octave);
        }
        (value - first) / first.abs().max(f32::MIN_POSITIVE)
    };
    values.iter().zip(curve).map(rise).map(|rise| rise.clamp(-1e3, 1e3)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn curve(rows: &[(u32, &[f32])]) -> Vec<Scores> {
        rows.iter().map(|&(octave, values)| Scores { octave, values: values.to_vec() }).collect()
    }

    #[test]
    fn octaves_begin_anew_and_rise_in_shares() {
        let curve = curve(&[(1, &[10.0]), (1, &[15.0]), (2, &[40.0]), (2, &[80.0])]);
        let lines = lines(&curve, &[Objective::layer("a")], 5);
        let path = "M0.000 1.000L0.250 0.500M0.500 1.000L0.750 0.000".to_owned();
        assert_eq!(lines, [Line { told: "a: +100 % in this octave".into(), path }]);
    }

    #[test]
    fn several_objectives_have_a_sum() {
        let curve = curve(&[(1, &[10.0, -4.0]), (1, &[5.0, -2.0])]);
        let objectives =
            [Objective::layer("a"), Objective { weight: 2.0, ..Objective::layer("b") }];
        let lines = lines(&curve, &objectives, 0);
        let told: Vec<_> = lines.iter().map(|line| line.told.as_str()).collect();
        let expected = [
            "a: −50 % in this octave",
            "b: +50 % in this octave",
            "All together: −50 % in this octave",
        ];
        assert_eq!(told, expected);
        assert!(super::lines(&curve, &objectives[..1], 0).is_empty(), "another dream's");
        assert!(super::lines(&[], &objectives, 0).is_empty());
    }
}
