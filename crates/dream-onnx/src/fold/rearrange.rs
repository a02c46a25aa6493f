//! Constants put into another shape or order: every element of the result is one of the operand.

use dream_graph::{Shape, broadcast, elements};

use super::Constants;
use crate::{
    attributes::{self, Attributes},
    error::OnnxError,
    shapes::{self, Span},
    tensor::{Data, Tensor},
};

pub(super) fn evaluate(job: &mut Constants, op: &str) -> Result<Option<Tensor>, OnnxError> {
    Ok(Some(match op {
        "Reshape" => job.reshape()?,
        "Flatten" => {
            let input = job.input(0)?;
            let shape = shapes::flatten(job.node, &input.shape)?;
            job.with_shape(input, shape)?
        }
        "Squeeze" | "Unsqueeze" => {
            let input = job.input(0)?;
            let axes = job.axes_operand(1)?;
            let shape = match op {
                "Squeeze" => shapes::squeeze(job.node, &input.shape, axes)?,
                _ => shapes::unsqueeze(job.node, &input.shape, axes.unwrap_or_default())?,
            };
            job.with_shape(input, shape)?
        }
        "Transpose" => {
            let input = job.input(0)?;
            let perm = shapes::permutation(job.node, input.shape.len())?;
            let shape: Shape = perm.iter().map(|&axis| input.shape[axis]).collect();
            job.rearrange(input, shape, |index, strides| {
                index.iter().zip(&perm).map(|(&i, &axis)| i * strides[axis]).sum()
            })?
        }
        "Slice" => job.slice()?,
        "Gather" => job.gather()?,
        "Concat" => job.concat()?,
        "Expand" => {
            let input = job.input(0)?;
            let target = job.shape_of(job.ints(1)?)?;
            let shape = broadcast(&input.shape, &target).map_err(|reason| job.error(reason))?;
            job.repeat(input, shape)?
        }
        "Tile" => {
            let (input, repeats) = (job.input(0)?, job.shape_of(job.ints(1)?)?);
            if repeats.len() != input.shape.len() {
                return Err(job.error("needs one count per axis"));
            }
            let shape = input.shape.iter().zip(&repeats).map(|(&n, &r)| n.saturating_mul(r));
            let shape: Shape = shape.collect();
            let lengths = input.shape.clone();
            job.rearrange(input, shape, move |index, strides| {
                (0..index.len()).map(|a| index[a] % lengths[a].max(1) * strides[a]).sum()
            })?
        }
        _ => return Ok(None),
    }))
}

impl Constants<'_> {
    fn with_shape(&self, input: &Tensor, shape: Shape) -> Result<Tensor, OnnxError> {
        let fits = input.reshaped(shape.clone());
        fits.ok_or_else(|| self.error(format!("{:?} does not fit {shape:?}", input.shape)))
    }

    /// Axes from an operand (newer files) or from the attribute `axes`.
    fn axes_operand(&self, index: usize) -> Result<Option<&[i64]>, OnnxError> {
        match self.optional(index) {
            Some(_) => self.ints(index).map(Some),
            None => Ok(self.node.ints("axes")),
        }
    }

    fn reshape(&self) -> Result<Tensor, OnnxError> {
        let input = self.input(0)?;
        let shape = shapes::reshape(self.node, &input.shape, self.ints(1)?)?;
        self.with_shape(input, shape)
    }

    /// A tensor of `shape` whose element at an index comes from a flat index of `input`.
    fn rearrange(
        &mut self,
        input: &Tensor,
        shape: Shape,
        source: impl Fn(&[usize], &[usize]) -> usize,
    ) -> Result<Tensor, OnnxError> {
        let count = self.afford(&shape)?;
        let strides = strides(&input.shape);
        let mut index = vec![0; shape.len()];
        let mut sources = Vec::with_capacity(count);
        for _ in 0..count {
            sources.push(source(&index, &strides));
            advance(&mut index, &shape);
        }
        input.picked(shape, &sources).ok_or_else(|| self.error("reaches outside its operand"))
    }

    /// Broadcasts `input` to `shape`.
    pub(super) fn repeat(&mut self, input: &Tensor, shape: Shape) -> Result<Tensor, OnnxError> {
        if input.shape == shape {
            return Ok(input.clone());
        }
        let lengths = input.shape.clone();
        let lead = shape.len() - lengths.len().min(shape.len());
        self.rearrange(input, shape, move |index, strides| {
            let own = index[lead..].iter().zip(&lengths);
            own.zip(strides).map(|((&i, &n), &stride)| if n == 1 { 0 } else { i * stride }).sum()
        })
    }

    fn slice(&mut self) -> Result<Tensor, OnnxError> {
        let input = self.input(0)?;
        let operands = match self.inputs.len() {
            1 => None,
            _ => Some([
                Some(self.ints(1)?),
                Some(self.ints(2)?),
                self.optional(3).map(|_| self.ints(3)).transpose()?,
                self.optional(4).map(|_| self.ints(4)).transpose()?,
            ]),
        };
        let spans = shapes::slice(self.node, &input.shape, operands)?;
        let shape = spans.iter().map(|span| span.length).collect();
        self.rearrange(input, shape, |index, strides| {
            index.iter().zip(&spans).zip(strides).map(|((&i, span), s)| span.at(i) * s).sum()
        })
    }

    fn gather(&mut self) -> Result<Tensor, OnnxError> {
        let (input, indices) = (self.input(0)?, self.input(1)?);
        let axis = attributes::axis(self.node, self.node.int("axis", 0), input.shape.len(), false)?;
        let picks = shapes::indices(self.node, self.ints(1)?, input.shape[axis])?;
        let mut shape = input.shape[..axis].to_vec();
        shape.extend(&indices.shape);
        shape.extend(&input.shape[axis + 1..]);
        let inner: usize = input.shape[axis + 1..].iter().product();
        let length = input.shape[axis];
        let count = self.afford(&shape)?;
        let sources: Vec<usize> = (0..count)
            .map(|flat| {
                let (outer, rest) = (flat / inner / picks.len(), flat / inner % picks.len());
                (outer * length + picks[rest]) * inner + flat % inner
            })
            .collect();
        input.picked(shape, &sources).ok_or_else(|| self.error("reaches outside its operand"))
    }

    fn concat(&mut self) -> Result<Tensor, OnnxError> {
        let parts = (0..self.inputs.len()).map(|i| self.input(i)).collect::<Result<Vec<_>, _>>()?;
        let first = self.input(0)?;
        let rank = first.shape.len();
        let axis = attributes::axis(self.node, self.node.int("axis", 0), rank, false)?;
        let mut shape = first.shape.clone();
        shape[axis] = 0;
        for part in &parts {
            let beside = |s: &[usize]| [&s[..axis], &s[axis + 1..]].concat();
            if part.shape.len() != rank || beside(&part.shape) != beside(&first.shape) {
                return Err(
                    self.error(format!("cannot join {:?} and {:?}", first.shape, part.shape))
                );
            }
            shape[axis] = shape[axis].saturating_add(part.shape[axis]);
        }
        self.afford(&shape)?;
        let outer: usize = shape[..axis].iter().product();
        let runs = |part: &Tensor| part.shape[axis..].iter().product::<usize>();
        let ints = parts.iter().map(|part| part.as_ints()).collect::<Option<Vec<_>>>();
        let data = match (ints, &first.data) {
            (Some(ints), Data::Ints(_, kind)) => {
                let joined = (0..outer).flat_map(|o| {
                    let all = ints.iter().zip(&parts);
                    all.flat_map(move |(data, part)| &data[o * runs(part)..][..runs(part)])
                });
                Data::Ints(joined.copied().collect(), *kind)
            }
            _ => {
                let floats: Vec<_> = parts.iter().map(|part| part.to_floats()).collect();
                let joined = (0..outer).flat_map(|o| {
                    let all = floats.iter().zip(&parts);
                    all.flat_map(move |(data, part)| &data[o * runs(part)..][..runs(part)])
                });
                Data::Floats(joined.copied().collect())
            }
        };
        Ok(Tensor { shape, data })
    }

    pub(super) fn split(&mut self) -> Result<Vec<Tensor>, OnnxError> {
        let input = self.input(0)?;
        let sizes = self.optional(1).map(|_| self.ints(1)).transpose()?;
        let (axis, parts) = shapes::split(self.node, &input.shape, sizes)?;
        let mut tensors = Vec::with_capacity(parts.len());
        for Span { start, length, .. } in parts {
            let mut shape = input.shape.clone();
            shape[axis] = length;
            tensors.push(self.rearrange(input, shape, |index, strides| {
                let shifted = |a: usize| if a == axis { index[a] + start } else { index[a] };
                (0..index.len()).map(|a| shifted(a) * strides[a]).sum()
            })?);
        }
        Ok(tensors)
    }
}

/// Distance in elements between neighbours along each axis.
fn strides(shape: &[usize]) -> Vec<usize> {
    (0..shape.len()).map(|axis| elements(&shape[axis + 1..]).unwrap_or(usize::MAX)).collect()
}

/// The next index in row-major order.
fn advance(index: &mut [usize], shape: &[usize]) {
    for (i, &length) in index.iter_mut().zip(shape).rev() {
        *i += 1;
        if *i < length {
            return;
        }
        *i = 0;
    }
}
