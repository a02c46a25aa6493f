//! Operators that move elements without changing them.

use dream_graph::{AxisMap, Op, Operand, Shape, ValueId, broadcast};

use super::{Entry, Site};
use crate::{
    attributes::{self, Attributes},
    error::{OnnxError, unsupported},
    shapes::{self, Span},
};

/// An axis longer than this in a slice, padding or resize is a broken or hostile file.
const MAX_AXIS: usize = 1 << 22;

impl Site<'_, '_> {
    pub(super) fn rearrange(&mut self, op: &str) -> Result<Option<ValueId>, OnnxError> {
        match op {
            "Reshape" => self.reshape(),
            "Flatten" => {
                let x = self.value(0)?;
                let shape = shapes::flatten(self.node, self.shape(x))?;
                self.emit(Op::Reshape { shape }, vec![Operand::Value(x)])
            }
            "Squeeze" | "Unsqueeze" => {
                let x = self.value(0)?;
                let axes = match self.ints(1)? {
                    Some(axes) => Some(axes),
                    None => self.node.ints("axes").map(<[i64]>::to_vec),
                };
                let shape = match op {
                    "Squeeze" => shapes::squeeze(self.node, self.shape(x), axes.as_deref())?,
                    _ => shapes::unsqueeze(self.node, self.shape(x), &axes.unwrap_or_default())?,
                };
                self.emit(Op::Reshape { shape }, vec![Operand::Value(x)])
            }
            "Transpose" => {
                let x = self.value(0)?;
                let perm = shapes::permutation(self.node, self.shape(x).len())?;
                self.emit(Op::Transpose { perm }, vec![Operand::Value(x)])
            }
            "Concat" => self.concat(),
            "Slice" => self.slice(),
            "Gather" => self.gather(),
            "GatherND" => self.gather_nd(),
            "Expand" | "Tile" => self.repeat(op),
            "Pad" => self.pad(),
            "DepthToSpace" | "SpaceToDepth" => self.blocks(op),
            _ => return Ok(None),
        }
        .map(Some)
    }

    fn reshape(&mut self) -> Result<ValueId, OnnxError> {
        let x = self.value(0)?;
        let mut wanted = match self.ints(1)? {
            Some(wanted) => wanted,
            None => self.node.ints("shape").unwrap_or_default().to_vec(),
        };
        if let Some(batch) = wanted.first_mut().filter(|n| **n == self.importer.batch as i64)
            && !self.follows_size(1)
        {
            *batch = 1;
        }
        let now = self.shape(x);
        let followed = match self.exported_shapes() {
            Some((from, to)) if from != now && !self.follows_size(1) => {
                shapes::follow(from, to, now)
            }
            _ => None,
        };
        let shape = match followed {
            Some(shape) => shape,
            None => shapes::reshape(self.node, now, &wanted)?,
        };
        self.emit(Op::Reshape { shape }, vec![Operand::Value(x)])
    }

    fn concat(&mut self) -> Result<ValueId, OnnxError> {
        let operands =
            (0..self.inputs.len()).map(|i| self.operand(i)).collect::<Result<Vec<_>, _>>()?;
        let rank = operands.first().map_or(0, |first| self.importer.graph.shape(first).len());
        let axis = attributes::axis(self.node, self.node.int("axis", 1), rank, false)?;
        // Exporters write empty constants where nothing is to be joined.
        let graph = &self.importer.graph;
        let operands = operands.into_iter().filter(|o| !graph.shape(o).contains(&0)).collect();
        self.emit(Op::Concat { axis }, operands)
    }

    fn slice(&mut self) -> Result<ValueId, OnnxError> {
        let x = self.value(0)?;
        let operands = match self.inputs.len() {
            1 => None,
            _ => Some([self.ints(1)?, self.ints(2)?, self.ints(3)?, self.ints(4)?]),
        };
        let now = self.shape(x);
        let spans_of = |shape: &[usize]| {
            let operands = operands.as_ref().map(|o| o.each_ref().map(|list| list.as_deref()));
            shapes::slice(self.node, shape, operands)
        };
        let mut spans = spans_of(now)?;
        if let Some((from, _)) = self.exported_shapes().filter(|_| !self.follows_size(2)) {
            let exported = spans_of(from)?;
            for (axis, span) in spans.iter_mut().enumerate() {
                let reached_end = exported.get(axis).is_some_and(|e| {
                    e.step == 1 && e.start == span.start && e.start + e.length == from[axis]
                });
                if reached_end && span.step == 1 {
                    span.length = now[axis].saturating_sub(span.start);
                }
            }
        }
        let maps = self.maps(x, &spans)?;
        self.emit(Op::Remap { maps, fill: 0.0 }, vec![Operand::Value(x)])
    }

    pub(super) fn split(&mut self) -> Result<Vec<Entry>, OnnxError> {
        let x = self.value(0)?;
        let (axis, parts) = shapes::split(self.node, self.shape(x), self.ints(1)?.as_deref())?;
        let mut entries = Vec::with_capacity(parts.len());
        for (part, name) in parts.into_iter().zip(&self.node.output) {
            let mut spans: Vec<Span> = self.shape(x).iter().map(|&n| Span::whole(n)).collect();
            spans[axis] = part;
            let maps = self.maps(x, &spans)?;
            let op = Op::Remap { maps, fill: 0.0 };
            entries.push(Entry::Value(self.push(name.clone(), op, vec![Operand::Value(x)])?));
        }
        Ok(entries)
    }

    /// One map per axis from spans.
    fn maps(&self, x: ValueId, spans: &[Span]) -> Result<Vec<AxisMap>, OnnxError> {
        let map = |(&length, span): (&usize, &Span)| {
            self.axis_map(length, span.length, |i| Some(span.at(i)))
        };
        self.shape(x).iter().zip(spans).map(map).collect()
    }

    /// A map of one axis by the source of each position.
    fn axis_map(
        &self,
        input: usize,
        output: usize,
        source: impl Fn(usize) -> Option<usize>,
    ) -> Result<AxisMap, OnnxError> {
        if output > MAX_AXIS || (0..output).filter_map(&source).any(|s| s >= input) {
            return Err(self.error(format!("makes an axis of {output} from one of {input}")));
        }
        Ok(AxisMap::from_sources(input, (0..output).map(source)))
    }

    /// A remap that changes one axis only.
    fn along(
        &self,
        x: &Operand,
        axis: usize,
        output: usize,
        source: impl Fn(usize) -> Option<usize>,
    ) -> Result<Op, OnnxError> {
        let shape = self.importer.graph.shape(x);
        let mut maps: Vec<AxisMap> = shape.iter().map(|&n| AxisMap::identity(n)).collect();
        maps[axis] = self.axis_map(shape[axis], output, source)?;
        Ok(Op::Remap { maps, fill: 0.0 })
    }

    fn gather(&mut self) -> Result<ValueId, OnnxError> {
        let x = Operand::Value(self.value(0)?);
        let shape = self.importer.graph.shape(&x).to_vec();
        let axis = attributes::axis(self.node, self.node.int("axis", 0), shape.len(), false)?;
        let list = self.ints(1)?.ok_or_else(|| self.error("lacks its indices"))?;
        let picks = shapes::indices(self.node, &list, shape[axis])?;
        let op = self.along(&x, axis, picks.len(), |i| Some(picks[i]))?;
        let indices = self.tensor(1)?.shape.clone();
        if indices.len() == 1 {
            return self.emit(op, vec![x]);
        }
        let picked = self.step(op, vec![x])?;
        let shape = [&shape[..axis], &indices, &shape[axis + 1..]].concat();
        self.emit(Op::Reshape { shape }, vec![picked])
    }

    /// Picks by constant index tuples over the leading axes.
    fn gather_nd(&mut self) -> Result<ValueId, OnnxError> {
        let x = Operand::Value(self.value(0)?);
        let shape = self.importer.graph.shape(&x).to_vec();
        let list = self.ints(1)?.ok_or_else(|| self.error("lacks its indices"))?;
        let indices = self.tensor(1)?.shape.clone();
        if self.node.int("batch_dims", 0) != 0 {
            return Err(unsupported(self.node, "with batch axes"));
        }
        let Some((&depth, outer)) =
            indices.split_last().filter(|(d, _)| (1..=shape.len()).contains(*d))
        else {
            return Err(self.error(format!("indices {indices:?} do not fit {shape:?}")));
        };
        let mut picks = Vec::with_capacity(list.len() / depth);
        for tuple in list.chunks_exact(depth) {
            let mut flat = 0;
            for (&index, &length) in tuple.iter().zip(&shape) {
                flat = flat * length + shapes::index(self.node, index, length)?;
            }
            picks.push(flat);
        }
        let merged = shape[..depth].iter().product();
        let rest = &shape[depth..];
        let x = self.step(Op::Reshape { shape: [&[merged], rest].concat() }, vec![x])?;
        let op = self.along(&x, 0, picks.len(), |i| Some(picks[i]))?;
        let x = self.step(op, vec![x])?;
        self.emit(Op::Reshape { shape: [outer, rest].concat() }, vec![x])
    }

    /// Expand and Tile: each axis repeats.
    fn repeat(&mut self, op: &str) -> Result<ValueId, OnnxError> {
        let mut x = Operand::Value(self.value(0)?);
        let list = self.ints(1)?.ok_or_else(|| self.error("lacks its second operand"))?;
        let list = list.iter().map(|&n| usize::try_from(n).ok()).collect::<Option<Shape>>();
        let list = list.ok_or_else(|| self.error("has negative lengths"))?;
        let mut now = self.importer.graph.shape(&x).to_vec();
        let target = if op == "Tile" {
            if list.len() != now.len() {
                return Err(self.error("needs one count per axis"));
            }
            now.iter().zip(&list).map(|(&n, &times)| n.saturating_mul(times)).collect()
        } else {
            let mut target = list;
            if let Some((from, to)) = self.exported_shapes().filter(|_| !self.follows_size(1)) {
                let lead = to.len().saturating_sub(from.len());
                for axis in 0..from.len().min(target.len().saturating_sub(lead)) {
                    if from[axis] == to[axis + lead] {
                        target[axis + lead] = now[axis];
                    }
                }
            }
            broadcast(&now, &target).map_err(|reason| self.error(reason))?
        };
        if now.len() < target.len() {
            now.splice(0..0, vec![1; target.len() - now.len()]);
            x = self.step(Op::Reshape { shape: now.clone() }, vec![x])?;
        }
        let map = |(&from, &to): (&usize, &usize)| self.axis_map(from, to, |i| Some(i % from));
        let maps = now.iter().zip(&target).map(map).collect::<Result<Vec<_>, _>>()?;
        self.emit(Op::Remap { maps, fill: 0.0 }, vec![x])
    }

    fn pad(&mut self) -> Result<ValueId, OnnxError> {
        let x = self.value(0)?;
        let rank = self.shape(x).len();
        let pads = match self.ints(1)? {
            Some(pads) => pads,
            None => {
                let old = self.node.ints("pads").or_else(|| self.node.ints("paddings"));
                old.unwrap_or_default().to_vec()
            }
        };
        let axes = match self.ints(3)? {
            Some(list) => attributes::axis_list(self.node, &list, rank)?,
            None => (0..rank).collect(),
        };
        if pads.len() != 2 * axes.len() {
            return Err(self.error(format!("has {} pads for {} axes", pads.len(), axes.len())));
        }
        let fill = match self.optional(2)? {
            Some(value) => value.to_floats().first().copied().unwrap_or(0.0),
            None => self.node.float("value", 0.0),
        };
        let mode = self.node.text("mode");
        let mut maps: Vec<AxisMap> = self.shape(x).iter().map(|&n| AxisMap::identity(n)).collect();
        for (i, &axis) in axes.iter().enumerate() {
            let (before, after) = (pads[i], pads[i + axes.len()]);
            let length = self.shape(x)[axis] as i64;
            let total = length.checked_add(before).and_then(|n| n.checked_add(after));
            let Some(output) = total.and_then(|n| usize::try_from(n).ok()) else {
                return Err(self.error(format!("crops an axis of {length} away")));
            };
            let source = |i: usize| padded_source(mode, i as i64 - before, length);
            maps[axis] = self.axis_map(length as usize, output, source)?;
        }
        self.emit(Op::Remap { maps, fill }, vec![Operand::Value(x)])
    }

    /// Moves blocks of pixels into channels or back.
    fn blocks(&mut self, op: &str) -> Result<ValueId, OnnxError> {
        let x = self.value(0)?;
        let [n, c, h, w] = self.shape(x)[..] else { return Err(self.error("needs an image")) };
        let b = usize::try_from(self.node.int("blocksize", 0)).unwrap_or(0);
        let fits = match op {
            "SpaceToDepth" => b > 0 && h % b == 0 && w % b == 0,
            _ => b > 0 && b < 1 << 16 && c % (b * b) == 0,
        };
        if !fits {
            return Err(self.error(format!("cannot cut [{n}, {c}, {h}, {w}] into blocks of {b}")));
        }
        let (split, perm, shape) = match (op, self.node.text("mode")) {
            ("SpaceToDepth", _) => (
                vec![n, c, h / b, b, w / b, b],
                [0, 3, 5, 1, 2, 4],
                vec![n, c * b * b, h / b, w / b],
            ),
            (_, "CRD") => {
                let d = c / (b * b);
                (vec![n, d, b, b, h, w], [0, 1, 4, 2, 5, 3], vec![n, d, h * b, w * b])
            }
            _ => {
                let d = c / (b * b);
                (vec![n, b, b, d, h, w], [0, 3, 4, 1, 5, 2], vec![n, d, h * b, w * b])
            }
        };
        let x = self.step(Op::Reshape { shape: split }, vec![Operand::Value(x)])?;
        let x = self.step(Op::Transpose { perm: perm.to_vec() }, vec![x])?;
        self.emit(Op::Reshape { shape }, vec![x])
    }
}

/// Where a padded position of an axis of `length` comes from.
fn padded_source(mode: &str, position: i64, length: i64) -> Option<usize> {
    let inside = match mode {
        "reflect" if length > 1 => {
            let period = 2 * (length - 1);
            let folded = position.rem_euclid(period);
            folded.min(period - folded)
        }
        "edge" | "reflect" => position.clamp(0, length - 1),
        "wrap" => position.rem_euclid(length.max(1)),
        _ => position,
    };
    (0..length).contains(&inside).then_some(inside as usize)
}
