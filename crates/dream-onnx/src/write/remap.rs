//! Linear maps per axis as operators that tract knows: Slice, Pad, Gather, or a matrix product.

use dream_graph::AxisMap;

use super::{Writer, int, ints, text};

impl Writer<'_> {
    /// Writes one operator per axis that changes.
    pub(super) fn remap(&mut self, maps: &[AxisMap], fill: f32, input: String, output: String) {
        let mut x = input;
        let rank = maps.len();
        for (axis, map) in maps.iter().enumerate().filter(|(_, map)| !map.is_identity()) {
            x = self.along(x, map, fill, axis, rank);
        }
        self.push("Identity", vec![x], output, Vec::new());
    }

    fn along(&mut self, x: String, map: &AxisMap, fill: f32, axis: usize, rank: usize) -> String {
        let Some(sources) = map.sources() else { return self.product(x, map, axis, rank) };
        let inside: Vec<usize> = sources.iter().copied().flatten().collect();
        let before = sources.iter().take_while(|source| source.is_none()).count();
        let after = sources.len() - before - inside.len();
        let solid = sources[before..].iter().take(inside.len()).all(Option::is_some);
        if !solid || inside.is_empty() {
            return self.product(x, map, axis, rank);
        }
        let x = self.pick(x, &inside, map.input(), axis);
        if before == 0 && after == 0 {
            return x;
        }
        let mut pads = vec![0; 2 * rank];
        (pads[axis], pads[axis + rank]) = (before as i64, after as i64);
        let (pads, value) = (self.ints(pads), self.floats(&[], &[fill]));
        self.step("Pad", vec![x, pads, value], vec![text("mode", "constant")])
    }

    fn pick(&mut self, x: String, sources: &[usize], length: usize, axis: usize) -> String {
        let start = sources.first().copied().unwrap_or(0);
        if sources.iter().copied().eq(0..length) {
            x
        } else if sources.iter().copied().eq(start..start + sources.len()) {
            let bounds = [start, start + sources.len(), axis].map(|n| self.ints([n as i64]));
            let [starts, ends, axes] = bounds;
            self.step("Slice", vec![x, starts, ends, axes], Vec::new())
        } else {
            let indices = self.ints(sources.iter().map(|&source| source as i64));
            self.step("Gather", vec![x, indices], vec![int("axis", axis as i64)])
        }
    }

    /// The axis moved last, multiplied by the transposed map, and moved back.
    fn product(&mut self, x: String, map: &AxisMap, axis: usize, rank: usize) -> String {
        let mut matrix = vec![0.0; map.input() * map.output()];
        for i in 0..map.output() {
            for tap in map.row(i) {
                matrix[tap.source as usize * map.output() + i] += tap.weight as f32;
            }
        }
        let matrix = self.floats(&[map.input(), map.output()], &matrix);
        let mut perm: Vec<i64> = (0..rank as i64).collect();
        perm.swap(axis, rank - 1);
        let moved = axis + 1 != rank;
        let mut x = x;
        if moved {
            x = self.step("Transpose", vec![x], vec![ints("perm", perm.clone())]);
        }
        x = self.step("MatMul", vec![x, matrix], Vec::new());
        if moved {
            x = self.step("Transpose", vec![x], vec![ints("perm", perm)]);
        }
        x
    }
}
