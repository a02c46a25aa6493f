//! What operators that only move elements do to shapes. Constants and images share these rules.

use dream_graph::{Shape, elements};
use tract_onnx::pb::NodeProto;

use crate::{
    attributes::{self, Attributes},
    error::{OnnxError, bad_node},
    tensor::MAX_RANK,
};

/// Positions along one axis: `start`, `start + step`, … `length` of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Span {
    /// The first position.
    pub start: usize,
    /// How many positions.
    pub length: usize,
    /// Distance between positions, negative to go backwards.
    pub step: i64,
}

impl Span {
    /// A whole axis.
    pub fn whole(length: usize) -> Self {
        Self { start: 0, length, step: 1 }
    }

    /// The `i`-th position.
    pub fn at(&self, i: usize) -> usize {
        (self.start as i64 + i as i64 * self.step) as usize
    }
}

/// Index values, checked and counted from the front.
pub(crate) fn indices(
    node: &NodeProto,
    list: &[i64],
    length: usize,
) -> Result<Vec<usize>, OnnxError> {
    list.iter().map(|&at| index(node, at, length)).collect()
}

/// An index value, checked and counted from the front.
pub(crate) fn index(node: &NodeProto, at: i64, length: usize) -> Result<usize, OnnxError> {
    let from_front = if at < 0 { at.saturating_add(length as i64) } else { at };
    match usize::try_from(from_front) {
        Ok(found) if found < length => Ok(found),
        _ => Err(bad_node(node, format!("picks position {at} of {length}"))),
    }
}

/// Flatten: two axes, split before `axis`.
pub(crate) fn flatten(node: &NodeProto, shape: &[usize]) -> Result<Shape, OnnxError> {
    let axis = attributes::axis(node, node.int("axis", 1), shape.len(), true)?;
    Ok(vec![shape[..axis].iter().product(), shape[axis..].iter().product()])
}

/// Squeeze: without the axes of length 1 that are named, or without any.
pub(crate) fn squeeze(
    node: &NodeProto,
    shape: &[usize],
    axes: Option<&[i64]>,
) -> Result<Shape, OnnxError> {
    let gone = match axes {
        Some(list) => attributes::axes(node, list, shape.len())?,
        None => (0..shape.len()).filter(|&axis| shape[axis] == 1).collect(),
    };
    if let Some(&axis) = gone.iter().find(|&&axis| shape[axis] != 1) {
        return Err(bad_node(node, format!("cannot drop axis {axis} of {shape:?}")));
    }
    Ok((0..shape.len()).filter(|axis| !gone.contains(axis)).map(|axis| shape[axis]).collect())
}

/// Unsqueeze: with axes of length 1 at the named places of the result.
pub(crate) fn unsqueeze(
    node: &NodeProto,
    shape: &[usize],
    axes: &[i64],
) -> Result<Shape, OnnxError> {
    let rank = shape.len() + axes.len();
    check_rank(node, rank)?;
    let new = attributes::axes(node, axes, rank)?;
    if new.len() != axes.len() {
        return Err(bad_node(node, format!("names an axis twice: {axes:?}")));
    }
    let mut old = shape.iter();
    let length = |axis| if new.contains(&axis) { Some(1) } else { old.next().copied() };
    Ok((0..rank).filter_map(length).collect())
}

/// Reshape: 0 keeps an axis (unless `allowzero`), −1 stands for what is left.
pub(crate) fn reshape(
    node: &NodeProto,
    shape: &[usize],
    wanted: &[i64],
) -> Result<Shape, OnnxError> {
    check_rank(node, wanted.len())?;
    let keep_zero = node.int("allowzero", 0) != 0;
    let error = || bad_node(node, format!("{shape:?} does not fit {wanted:?}"));
    let mut result = Vec::with_capacity(wanted.len());
    let mut open = None;
    for (axis, &length) in wanted.iter().enumerate() {
        result.push(match length {
            0 if !keep_zero => *shape.get(axis).ok_or_else(error)?,
            -1 if open.is_none() => {
                open = Some(axis);
                1
            }
            length => usize::try_from(length).map_err(|_| error())?,
        });
    }
    let total = elements(shape).ok_or_else(error)?;
    if let Some(axis) = open {
        let rest = elements(&result).filter(|&rest| rest > 0).ok_or_else(error)?;
        result[axis] = total / rest;
    }
    if elements(&result) == Some(total) { Ok(result) } else { Err(error()) }
}

fn check_rank(node: &NodeProto, rank: usize) -> Result<(), OnnxError> {
    if rank <= MAX_RANK { Ok(()) } else { Err(bad_node(node, format!("makes {rank} axes"))) }
}

/// Transpose: which operand axis each axis of the result is.
pub(crate) fn permutation(node: &NodeProto, rank: usize) -> Result<Vec<usize>, OnnxError> {
    let Some(perm) = node.ints("perm") else { return Ok((0..rank).rev().collect()) };
    let found = attributes::axes(node, perm, rank)?;
    if found.len() != rank || perm.len() != rank {
        return Err(bad_node(node, format!("{perm:?} does not permute {rank} axes")));
    }
    attributes::axis_list(node, perm, rank)
}

/// Slice: a span per axis. `operands` are starts, ends, axes and steps of newer files; older ones
/// have attributes.
pub(crate) fn slice(
    node: &NodeProto,
    shape: &[usize],
    operands: Option<[Option<&[i64]>; 4]>,
) -> Result<Vec<Span>, OnnxError> {
    let named = || [node.ints("starts"), node.ints("ends"), node.ints("axes"), None];
    let [starts, ends, axes, steps] = operands.unwrap_or_else(named);
    let (Some(starts), Some(ends)) = (starts, ends) else {
        return Err(bad_node(node, "does not say from where to where"));
    };
    let all: Vec<i64> = (0..starts.len() as i64).collect();
    let axes = axes.unwrap_or(&all);
    let ones = vec![1; starts.len()];
    let steps = steps.unwrap_or(&ones);
    if [ends.len(), axes.len(), steps.len()] != [starts.len(); 3] {
        return Err(bad_node(node, "has as many starts as neither ends, axes nor steps"));
    }
    let mut spans: Vec<Span> = shape.iter().map(|&length| Span::whole(length)).collect();
    for (i, &axis) in axes.iter().enumerate() {
        let axis = attributes::axis(node, axis, shape.len(), false)?;
        spans[axis] = span(shape[axis] as i64, starts[i], ends[i], steps[i])
            .ok_or_else(|| bad_node(node, "has a step of 0"))?;
    }
    Ok(spans)
}

fn span(length: i64, start: i64, end: i64, step: i64) -> Option<Span> {
    let step = step.clamp(-i64::from(i32::MAX), i64::from(i32::MAX));
    let (lowest, highest) = if step > 0 { (0, length) } else { (-1, length - 1) };
    let place = |bound: i64| {
        let from_front = if bound < 0 { bound.saturating_add(length) } else { bound };
        from_front.clamp(lowest, highest)
    };
    let (start, end) = (place(start), place(end));
    let reach = match step {
        0 => return None,
        1.. => end - start,
        _ => start - end,
    };
    let count = (reach.max(0) as u64).div_ceil(step.unsigned_abs()) as usize;
    Some(Span { start: start.max(0) as usize, length: count, step })
}

/// Split: the axis, and a span per output. `sizes` is the operand of newer files.
pub(crate) fn split(
    node: &NodeProto,
    shape: &[usize],
    sizes: Option<&[i64]>,
) -> Result<(usize, Vec<Span>), OnnxError> {
    let axis = attributes::axis(node, node.int("axis", 0), shape.len(), false)?;
    let length = shape[axis];
    let lengths = match sizes.or_else(|| node.ints("split")) {
        Some(list) => list.iter().map(|&n| usize::try_from(n).unwrap_or(usize::MAX)).collect(),
        None => {
            let parts = node.output.len().max(1);
            let each = length.div_ceil(parts);
            (0..parts).map(|i| length.saturating_sub(i * each).min(each)).collect::<Vec<_>>()
        }
    };
    let total = lengths.iter().try_fold(0usize, |sum, &n| sum.checked_add(n));
    if total != Some(length) || lengths.len() != node.output.len() {
        return Err(bad_node(node, format!("{lengths:?} do not share out {length}")));
    }
    let mut start = 0;
    let spans = lengths.into_iter().map(|length| {
        let span = Span { start, length, step: 1 };
        start += length;
        span
    });
    Ok((axis, spans.collect()))
}

/// Which axes of a reshaped tensor hold which axes of the original: the finest pairs of ranges
/// with equal products. Axes of length 1 stay with their neighbours where nothing else decides.
pub(crate) fn groups(from: &[usize], to: &[usize]) -> Option<Vec<(Shape, Shape)>> {
    let (mut i, mut j) = (0, 0);
    let mut found = Vec::new();
    while i < from.len() || j < to.len() {
        let (mut group, mut product) = ((Vec::new(), Vec::new()), (1usize, 1usize));
        if i < from.len() {
            product.0 = from[i];
            group.0.push(i);
            i += 1;
        }
        if j < to.len() {
            product.1 = to[j];
            group.1.push(j);
            j += 1;
        }
        while product.0 != product.1 {
            if product.0 < product.1 && i < from.len() {
                product.0 = product.0.checked_mul(from[i])?;
                group.0.push(i);
                i += 1;
            } else if product.0 > product.1 && j < to.len() {
                product.1 = product.1.checked_mul(to[j])?;
                group.1.push(j);
                j += 1;
            } else {
                return None;
            }
        }
        found.push(group);
    }
    Some(found)
}

/// The shape that a reshape written for `from` → `to` gives an operand of shape `now`: each group
/// of axes whose lengths differ from `from` passes the difference on.
pub(crate) fn follow(from: &[usize], to: &[usize], now: &[usize]) -> Option<Shape> {
    if from.len() != now.len() {
        return None;
    }
    let mut shape = to.to_vec();
    for (old, new) in groups(from, to)? {
        if old.iter().all(|&axis| from[axis] == now[axis]) {
            continue;
        }
        let total = elements(&old.iter().map(|&axis| now[axis]).collect::<Shape>())?;
        // Of several resulting axes, those that keep a length of the original's keep following it;
        // at most one may take what is left.
        let kept = pair_up(&old, &new, from, to);
        let mut open = None;
        let mut rest = total;
        for &axis in &new {
            match kept.iter().find(|(_, to_axis)| *to_axis == axis) {
                Some(&(from_axis, _)) => {
                    shape[axis] = now[from_axis];
                    rest = rest.checked_div(shape[axis])?;
                }
                None if to[axis] == 1 => {}
                None if open.is_none() => open = Some(axis),
                None => return None,
            }
        }
        match open {
            Some(axis) => shape[axis] = rest,
            None if rest != 1 => return None,
            None => {}
        }
    }
    (elements(&shape) == elements(now)).then_some(shape)
}

/// Axes of a group with the same length on both sides, paired in order, if the group is no merge.
fn pair_up(old: &[usize], new: &[usize], from: &[usize], to: &[usize]) -> Vec<(usize, usize)> {
    if new.iter().filter(|&&axis| to[axis] != 1).count() < 2 {
        return Vec::new();
    }
    let mut left = old.iter().copied().peekable();
    let mut pairs = Vec::new();
    for &axis in new.iter().filter(|&&axis| to[axis] != 1) {
        if let Some(same) = left.by_ref().find(|&o| from[o] == to[axis]) {
            pairs.push((same, axis));
        }
    }
    pairs
}

#[cfg(test)]
mod tests {
    use super::*;

    /// From, to, the operand now, and what the result must be.
    type Row = (&'static [usize], &'static [usize], &'static [usize], Option<&'static [usize]>);

    #[test]
    fn baked_reshapes_follow_another_image_size() {
        let rows: [Row; 7] = [
            (&[1, 116, 28, 28], &[1, 2, 58, 28, 28], &[1, 116, 12, 10], Some(&[1, 2, 58, 12, 10])),
            (&[1, 58, 2, 28, 28], &[1, 116, 28, 28], &[1, 58, 2, 12, 10], Some(&[1, 116, 12, 10])),
            (&[1, 512, 7, 7], &[1, 25088], &[1, 512, 3, 4], Some(&[1, 6144])),
            (&[1, 64, 14, 14], &[1, 64, 196], &[1, 64, 5, 6], Some(&[1, 64, 30])),
            (&[1, 96, 1, 1], &[1, 96], &[1, 96, 1, 1], Some(&[1, 96])),
            (&[1, 64, 196], &[1, 64, 14, 14], &[1, 64, 30], None),
            (&[4, 3, 8, 8], &[4, 192], &[1, 3, 8, 8], Some(&[1, 192])),
        ];
        for (from, to, now, expected) in rows {
            assert_eq!(follow(from, to, now).as_deref(), expected, "{from:?} → {to:?} at {now:?}");
        }
    }

    #[test]
    fn spans_count_as_numpy_does() {
        let rows = [
            (10, 0, 10, 1, Some((0, 10))),
            (10, -3, i64::MAX, 1, Some((7, 3))),
            (10, 1, 9, 3, Some((1, 3))),
            (10, -1, i64::MIN, -1, Some((9, 10))),
            (10, 8, 2, 1, Some((8, 0))),
            (10, 0, 1, 0, None),
        ];
        for (length, start, end, step, expected) in rows {
            let found = span(length, start, end, step).map(|s| (s.start, s.length));
            assert_eq!(found, expected, "[{start}:{end}:{step}] of {length}");
        }
    }
}
