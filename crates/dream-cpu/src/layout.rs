//! Permuted axes, and walks over strided tensors.

use crate::elementwise::store;

/// Output axis `i` is input axis `perm[i]`.
pub(crate) fn permute(
    shape: &[usize],
    perm: &[usize],
    x: &[f32],
    out: &mut [f32],
    accumulate: bool,
) {
    let strides = strides(shape);
    let target: Vec<usize> = perm.iter().map(|&axis| shape[axis]).collect();
    let steps: Vec<usize> = perm.iter().map(|&axis| strides[axis]).collect();
    let mut values = Vec::with_capacity(x.len());
    walk(&target, [&steps], |[place]| values.push(x[place]));
    store(out, accumulate, values.into_iter());
}

/// Row-major strides of a shape.
pub(crate) fn strides(shape: &[usize]) -> Vec<usize> {
    let mut strides = vec![1; shape.len()];
    for axis in (1..shape.len()).rev() {
        strides[axis - 1] = strides[axis] * shape[axis];
    }
    strides
}

/// Visits every index of `shape` in row-major order with its place under each set of strides.
pub(crate) fn walk<const N: usize>(
    shape: &[usize],
    strides: [&[usize]; N],
    mut visit: impl FnMut([usize; N]),
) {
    let Some((&last, outer)) = shape.split_last() else {
        return visit([0; N]);
    };
    let axis = outer.len();
    let mut index = vec![0; outer.len()];
    let mut places = [0; N];
    loop {
        let mut row = places;
        for _ in 0..last {
            visit(row);
            (0..N).for_each(|n| row[n] += strides[n][axis]);
        }
        // Count the outer index up by one, with carries.
        let mut carry = axis;
        loop {
            if carry == 0 {
                return;
            }
            carry -= 1;
            index[carry] += 1;
            (0..N).for_each(|n| places[n] += strides[n][carry]);
            if index[carry] < outer[carry] {
                break;
            }
            (0..N).for_each(|n| places[n] -= strides[n][carry] * index[carry]);
            index[carry] = 0;
        }
    }
}
