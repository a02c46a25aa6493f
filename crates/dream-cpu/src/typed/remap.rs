//! Linear maps per axis as operators that tract knows: Slice, Pad, Gather, or a matrix product.

use dream_graph::AxisMap;
use tract_onnx::tract_core::{
    internal::AxisOp,
    ops::{
        array::{Gather, Pad, PadMode, Slice},
        einsum::EinSum,
    },
    prelude::*,
};

use super::Wiring;

impl Wiring {
    /// One operator per axis that changes.
    pub(super) fn remap(
        &mut self,
        maps: &[AxisMap],
        fill: f32,
        x: OutletId,
    ) -> TractResult<OutletId> {
        let changed = maps.iter().enumerate().filter(|(_, map)| !map.is_identity());
        changed.clone().try_fold(x, |x, (axis, map)| self.along(x, map, fill, axis, maps.len()))
    }

    fn along(
        &mut self,
        x: OutletId,
        map: &AxisMap,
        fill: f32,
        axis: usize,
        rank: usize,
    ) -> TractResult<OutletId> {
        let Some(sources) = map.sources() else { return self.product(x, map, axis, rank) };
        let inside: Vec<usize> = sources.iter().copied().flatten().collect();
        let before = sources.iter().take_while(|source| source.is_none()).count();
        let after = sources.len() - before - inside.len();
        let solid = sources[before..].iter().take(inside.len()).all(Option::is_some);
        if !solid || inside.is_empty() {
            return self.product(x, map, axis, rank);
        }
        let x = self.pick(x, &inside, map.input(), axis)?;
        if before == 0 && after == 0 {
            return Ok(x);
        }
        let mut pads = vec![(0, 0); rank];
        pads[axis] = (before, after);
        let mode = PadMode::Constant(tensor0(fill).into_arc_tensor());
        self.step(Pad { pads, mode }, &[x])
    }

    fn pick(
        &mut self,
        x: OutletId,
        sources: &[usize],
        length: usize,
        axis: usize,
    ) -> TractResult<OutletId> {
        let start = sources.first().copied().unwrap_or(0);
        if sources.iter().copied().eq(0..length) {
            Ok(x)
        } else if sources.iter().copied().eq(start..start + sources.len()) {
            self.step(Slice::new(axis, start, start + sources.len()), &[x])
        } else {
            let indices: Vec<i64> = sources.iter().map(|&source| source as i64).collect();
            let name = self.name();
            let indices = self.model.add_const(name, tensor1(&indices))?;
            self.step(Gather::new(axis), &[x, indices])
        }
    }

    /// The axis moved last, multiplied by the transposed map, and moved back.
    fn product(
        &mut self,
        x: OutletId,
        map: &AxisMap,
        axis: usize,
        rank: usize,
    ) -> TractResult<OutletId> {
        let mut matrix = vec![0.0; map.input() * map.output()];
        for i in 0..map.output() {
            for tap in map.row(i) {
                matrix[tap.source as usize * map.output() + i] += tap.weight as f32;
            }
        }
        let matrix = self.constant(&[map.input(), map.output()], &matrix)?;
        let moved = self.step(AxisOp::Move(axis, rank - 1), &[x])?;
        let batch: String = ('a'..='z').take(rank - 1).collect();
        let axes = format!("{batch}K,KN->{batch}N").parse()?;
        let y = self.step(EinSum::new(axes, f32::datum_type()), &[moved, matrix])?;
        self.step(AxisOp::Move(rank - 1, axis), &[y])
    }
}
