//! Walks over strided tensors, made short: axes that all operands step through alike become one.

/// An axis of a walk over `N` tensors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Axis<const N: usize> {
    /// Positions along it.
    pub length: usize,
    /// Elements from one position to the next, per tensor.
    pub steps: [usize; N],
}

/// Row-major strides of a shape.
pub(super) fn strides(shape: &[usize]) -> Vec<usize> {
    let mut strides = vec![1; shape.len()];
    for axis in (1..shape.len()).rev() {
        strides[axis - 1] = strides[axis] * shape[axis];
    }
    strides
}

/// Strides of `shape` laid over `output` as NumPy broadcasts: 0 along repeated axes.
pub(super) fn broadcast_strides(shape: &[usize], output: &[usize]) -> Vec<usize> {
    let missing = output.len() - shape.len();
    let own = strides(shape);
    let step = |axis: usize| if shape[axis] == 1 { 0 } else { own[axis] };
    (0..output.len()).map(|axis| axis.checked_sub(missing).map_or(0, step)).collect()
}

/// The walk over `shape` with these strides: without axes of length 1, neighbours merged wherever
/// every tensor steps through both as through one. Outermost first.
pub(super) fn merged<const N: usize>(shape: &[usize], strides: [&[usize]; N]) -> Vec<Axis<N>> {
    let mut axes: Vec<Axis<N>> = Vec::new();
    for (at, &length) in shape.iter().enumerate().filter(|(_, length)| **length != 1) {
        let steps = strides.map(|strides| strides[at]);
        match axes.last_mut() {
            Some(last) if (0..N).all(|n| last.steps[n] == steps[n] * length) => {
                *last = Axis { length: last.length * length, steps };
            }
            _ => axes.push(Axis { length, steps }),
        }
    }
    axes
}

/// Appends all axes but the outermost to a shader's table, innermost first: length, then steps.
/// Returns their number and the outermost's steps; it needs no length.
pub(super) fn tabulate<const N: usize>(axes: &[Axis<N>], table: &mut Vec<u32>) -> (u32, [u32; N]) {
    let Some((outermost, inner)) = axes.split_first() else { return (0, [0; N]) };
    for axis in inner.iter().rev() {
        table.push(axis.length as u32);
        table.extend(axis.steps.map(|step| step as u32));
    }
    (inner.len() as u32, outermost.steps.map(|step| step as u32))
}

/// Product of the axes' lengths.
pub(super) fn count<const N: usize>(axes: &[Axis<N>]) -> usize {
    axes.iter().map(|axis| axis.length).product()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_shapes_are_one_axis_and_channels_two() {
        let shape = [1, 6, 5, 7];
        let own = strides(&shape);
        let all = Axis { length: 210, steps: [1, 1] };
        assert_eq!(merged(&shape, [&own, &own]), [all]);
        let channel = broadcast_strides(&[6, 1, 1], &shape);
        let (outer, inner) =
            (Axis { length: 6, steps: [35, 1] }, Axis { length: 35, steps: [1, 0] });
        assert_eq!(merged(&shape, [&own, &channel]), [outer, inner]);
        assert_eq!(merged::<1>(&[1, 1], [&[1, 1]]), []);
    }

    #[test]
    fn tables_leave_the_outermost_axis_out() {
        let mut table = vec![];
        let axes = [
            Axis { length: 4, steps: [6, 0] },
            Axis { length: 3, steps: [2, 1] },
            Axis { length: 2, steps: [1, 5] },
        ];
        assert_eq!(tabulate(&axes, &mut table), (2, [6, 0]));
        assert_eq!(table, [2, 1, 5, 3, 2, 1]);
        assert_eq!(count(&axes), 24);
    }

    #[test]
    fn permuted_axes_that_stay_together_merge() {
        let own = strides(&[2, 3, 4, 5]);
        let permuted = [own[2], own[3], own[0], own[1]];
        let axes = merged(&[4, 5, 2, 3], [&permuted]);
        assert_eq!(axes, [Axis { length: 20, steps: [1] }, Axis { length: 6, steps: [20] }]);
    }
}
