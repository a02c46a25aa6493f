//! Output shapes: one rule per operator.

use crate::{
    geometry::Image,
    graph::{GraphError, Shape},
    op::{MatMulSpec, Op},
};

/// More elements than this in one value is a broken or hostile file, or a hopeless picture.
const MAX_ELEMENTS: usize = 1 << 31;

/// Shape of the output of `op`, or why the operands do not fit.
pub(crate) fn infer(node: &str, op: &Op, inputs: &[&[usize]]) -> Result<Shape, GraphError> {
    let error = |reason: String| GraphError::Shape { node: node.to_owned(), op: op.name(), reason };
    let first = inputs.first().ok_or_else(|| error("has no operand".into()))?;
    let windowed = |output: Option<[usize; 3]>, [_, height, width]: Image| {
        let too_small =
            || GraphError::TooSmall { node: node.to_owned(), op: op.name(), height, width };
        output.map(|[c, h, w]| vec![1, c, h, w]).ok_or_else(too_small)
    };
    let shape = match op {
        Op::Conv(conv) => {
            let [c, h, w] = image(first).map_err(error)?;
            let spec = &conv.spec;
            check_conv(spec, conv.weight.len(), c).map_err(error)?;
            let output = spec.geometry([c, h, w]).map(|g| g.window.output);
            windowed(output.map(|[h, w]| [spec.out_channels, h, w]), [c, h, w])?
        }
        Op::MaxPool(spec) | Op::AvgPool(spec) => {
            let [c, h, w] = image(first).map_err(error)?;
            let output = spec.geometry([c, h, w]).map(|g| g.window.output);
            windowed(output.map(|[h, w]| [c, h, w]), [c, h, w])?
        }
        Op::Lrn(_) => {
            image(first).map_err(error)?;
            first.to_vec()
        }
        Op::BatchNorm { scale, shift } => match first.get(1) {
            Some(&c) if c == scale.len() && c == shift.len() => first.to_vec(),
            _ => return Err(error(format!("{} channels for {first:?}", scale.len()))),
        },
        Op::Unary(_) | Op::Identity => first.to_vec(),
        Op::Binary(_) => {
            let second = inputs.get(1).ok_or_else(|| error("has one operand".into()))?;
            broadcast(first, second).map_err(error)?
        }
        Op::Concat { axis } => concat(inputs, *axis).map_err(error)?,
        Op::Remap { maps, .. } => {
            if maps.len() != first.len() || maps.iter().zip(*first).any(|(m, &n)| m.input() != n) {
                return Err(error(format!("its maps do not fit {first:?}")));
            }
            maps.iter().map(|map| map.output()).collect()
        }
        Op::Transpose { perm } => {
            let mut sorted = perm.clone();
            sorted.sort_unstable();
            if !sorted.iter().copied().eq(0..first.len()) {
                return Err(error(format!("{perm:?} does not permute {first:?}")));
            }
            perm.iter().map(|&axis| first[axis]).collect()
        }
        Op::Reshape { shape } => {
            if elements(shape) != elements(first) {
                return Err(error(format!("{first:?} does not fit {shape:?}")));
            }
            shape.clone()
        }
        Op::MatMul(spec) => {
            let second = inputs.get(1).ok_or_else(|| error("has one operand".into()))?;
            matmul(spec, first, second).map_err(error)?
        }
        Op::Reduce { axes, keep_dims, .. } => {
            if axes.iter().any(|&axis| axis >= first.len()) {
                return Err(error(format!("{first:?} has no axes {axes:?}")));
            }
            let kept = first.iter().enumerate().filter_map(|(axis, &n)| {
                if axes.contains(&axis) { keep_dims.then_some(1) } else { Some(n) }
            });
            kept.collect()
        }
        Op::Softmax { axis } => match first.get(*axis) {
            Some(_) => first.to_vec(),
            None => return Err(error(format!("{first:?} has no axis {axis}"))),
        },
        Op::LayerNorm { axis, scale, bias, .. } => {
            let normalised = first.get(*axis..).and_then(elements);
            if *axis >= first.len() || normalised != Some(scale.len()) || scale.len() != bias.len()
            {
                return Err(error(format!("{} scales for {first:?}", scale.len())));
            }
            first.to_vec()
        }
    };
    match elements(&shape) {
        Some(1..=MAX_ELEMENTS) => Ok(shape),
        _ => Err(error(format!("an output of shape {shape:?} is empty or too large"))),
    }
}

/// Number of elements of a shape; `None` if it does not fit a machine word.
pub fn elements(shape: &[usize]) -> Option<usize> {
    shape.iter().try_fold(1usize, |product, &n| product.checked_mul(n))
}

/// Channels, height and width of an image tensor `[1, c, h, w]`.
///
/// # Errors
/// The shape in words, if it is none.
pub fn image(shape: &[usize]) -> Result<Image, String> {
    match *shape {
        [1, c, h, w] => Ok([c, h, w]),
        _ => Err(format!("needs an image [1, channels, height, width], not {shape:?}")),
    }
}

/// NumPy's broadcasting of two shapes.
///
/// # Errors
/// The two shapes in words, if they do not broadcast.
pub fn broadcast(a: &[usize], b: &[usize]) -> Result<Shape, String> {
    let rank = a.len().max(b.len());
    let axis =
        |shape: &[usize], i: usize| (i + shape.len()).checked_sub(rank).map_or(1, |i| shape[i]);
    (0..rank)
        .map(|i| match (axis(a, i), axis(b, i)) {
            (m, n) if m == n || n == 1 => Ok(m),
            (1, n) => Ok(n),
            _ => Err(format!("{a:?} and {b:?} do not broadcast")),
        })
        .collect()
}

fn check_conv(spec: &crate::op::ConvSpec, weights: usize, channels: usize) -> Result<(), String> {
    let groups = spec.groups;
    let divides = |channels: usize| groups > 0 && channels.is_multiple_of(groups);
    if !divides(spec.in_channels) || !divides(spec.out_channels) {
        return Err(format!(
            "{} to {} channels cannot be split into {groups} groups",
            spec.in_channels, spec.out_channels
        ));
    }
    if spec.in_channels != channels {
        return Err(format!("reads {} channels, but {channels} reach it", spec.in_channels));
    }
    let [kh, kw] = spec.window.kernel;
    if elements(&[spec.out_channels, channels / groups, kh, kw]) != Some(weights) {
        return Err(format!("{weights} weights do not fill its kernel"));
    }
    match spec.window.dilation {
        [0, _] | [_, 0] => Err("has a dilation of 0".into()),
        _ => Ok(()),
    }
}

fn concat(inputs: &[&[usize]], axis: usize) -> Result<Shape, String> {
    let mut shape = inputs[0].to_vec();
    if axis >= shape.len() {
        return Err(format!("{shape:?} has no axis {axis}"));
    }
    for input in &inputs[1..] {
        let fits = input.len() == shape.len()
            && (0..shape.len()).all(|i| i == axis || input[i] == shape[i]);
        if !fits {
            return Err(format!("{:?} and {input:?} differ beside axis {axis}", inputs[0]));
        }
        shape[axis] = shape[axis].checked_add(input[axis]).ok_or("is too large")?;
    }
    Ok(shape)
}

fn matmul(spec: &MatMulSpec, a: &[usize], b: &[usize]) -> Result<Shape, String> {
    let (&[ref batch_a @ .., a0, a1], &[ref batch_b @ .., b0, b1]) = (a, b) else {
        return Err(format!("{a:?} and {b:?} are not matrices"));
    };
    let (m, k) = if spec.trans_a { (a1, a0) } else { (a0, a1) };
    let (k_b, n) = if spec.trans_b { (b1, b0) } else { (b0, b1) };
    if k != k_b {
        return Err(format!("{a:?} and {b:?} do not multiply"));
    }
    let mut shape = broadcast(batch_a, batch_b)?;
    shape.extend([m, n]);
    Ok(shape)
}
