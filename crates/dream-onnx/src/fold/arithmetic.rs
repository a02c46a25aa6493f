//! Arithmetic, comparisons and reductions on constants.

use dream_graph::{Shape, broadcast};
use tract_onnx::pb::tensor_proto::DataType;

use super::Constants;
use crate::{
    attributes::{self, Attributes},
    error::OnnxError,
    tensor::{Data, Tensor},
};

pub(super) fn evaluate(job: &mut Constants, op: &str) -> Result<Option<Tensor>, OnnxError> {
    if let Some((on_floats, on_ints)) = unary(op) {
        let input = job.input(0)?;
        job.afford(&input.shape)?;
        let data = match &input.data {
            Data::Floats(floats) => Data::Floats(floats.iter().map(|&x| on_floats(x)).collect()),
            Data::Ints(ints, kind) => Data::Ints(ints.iter().map(|&x| on_ints(x)).collect(), *kind),
        };
        return Ok(Some(Tensor { shape: input.shape.clone(), data }));
    }
    if let Some(rule) = binary(op) {
        let mut result = job.input(0)?.clone();
        for index in 1..job.inputs.len().max(2) {
            result = job.combine(&result, job.input(index)?, &rule)?;
        }
        return Ok(Some(result));
    }
    Ok(Some(match op {
        "Where" => job.choose()?,
        "ReduceSum" => job.reduce(|a, b| a + b, i64::wrapping_add, false)?,
        "ReduceProd" => job.reduce(|a, b| a * b, i64::wrapping_mul, false)?,
        "ReduceMax" => job.reduce(f32::max, i64::max, false)?,
        "ReduceMin" => job.reduce(f32::min, i64::min, false)?,
        "ReduceMean" => job.reduce(|a, b| a + b, i64::wrapping_add, true)?,
        "ReduceL1" => job.norm(f32::abs, |sum| sum)?,
        "ReduceL2" => job.norm(|x| x * x, f32::sqrt)?,
        "ReduceSumSquare" => job.norm(|x| x * x, |sum| sum)?,
        _ => return Ok(None),
    }))
}

type Unary = (fn(f32) -> f32, fn(i64) -> i64);

fn unary(op: &str) -> Option<Unary> {
    Some(match op {
        "Neg" => (|x| -x, i64::wrapping_neg),
        "Abs" => (f32::abs, i64::wrapping_abs),
        "Sign" => (|x| if x == 0.0 { 0.0 } else { x.signum() }, i64::signum),
        "Floor" => (f32::floor, |x| x),
        "Ceil" => (f32::ceil, |x| x),
        "Round" => (f32::round_ties_even, |x| x),
        "Sqrt" => (f32::sqrt, |x| (x as f64).sqrt() as i64),
        "Exp" => (f32::exp, |x| (x as f64).exp() as i64),
        "Log" => (f32::ln, |x| (x as f64).ln() as i64),
        "Reciprocal" => (f32::recip, |x| 1i64.checked_div(x).unwrap_or(0)),
        "Not" => (|x| f32::from(x == 0.0), |x| i64::from(x == 0)),
        _ => return None,
    })
}

/// Rules on floats and on integers, and whether the result is a truth value.
struct Binary {
    on_floats: fn(f32, f32) -> f32,
    on_ints: fn(i64, i64) -> i64,
    truth: bool,
}

fn binary(op: &str) -> Option<Binary> {
    let number = |on_floats, on_ints| Some(Binary { on_floats, on_ints, truth: false });
    let truth = |on_floats, on_ints| Some(Binary { on_floats, on_ints, truth: true });
    match op {
        "Add" | "Sum" => number(|a, b| a + b, i64::wrapping_add),
        "Sub" => number(|a, b| a - b, i64::wrapping_sub),
        "Mul" => number(|a, b| a * b, i64::wrapping_mul),
        "Div" => number(|a, b| a / b, |a, b| a.checked_div(b).unwrap_or(0)),
        "Mod" => number(
            |a, b| a - (a / b).floor() * b,
            |a, b| match a.checked_rem(b) {
                Some(rest) if rest != 0 && (rest < 0) != (b < 0) => rest + b,
                Some(rest) => rest,
                None => 0,
            },
        ),
        "Pow" => number(f32::powf, |a, b| {
            u32::try_from(b).ok().and_then(|b| a.checked_pow(b)).unwrap_or(0)
        }),
        "Max" => number(f32::max, i64::max),
        "Min" => number(f32::min, i64::min),
        "Equal" => truth(|a, b| f32::from(a == b), |a, b| i64::from(a == b)),
        "Less" => truth(|a, b| f32::from(a < b), |a, b| i64::from(a < b)),
        "LessOrEqual" => truth(|a, b| f32::from(a <= b), |a, b| i64::from(a <= b)),
        "Greater" => truth(|a, b| f32::from(a > b), |a, b| i64::from(a > b)),
        "GreaterOrEqual" => truth(|a, b| f32::from(a >= b), |a, b| i64::from(a >= b)),
        "And" => truth(|a, b| f32::from(a != 0.0 && b != 0.0), |a, b| i64::from(a != 0 && b != 0)),
        "Or" => truth(|a, b| f32::from(a != 0.0 || b != 0.0), |a, b| i64::from(a != 0 || b != 0)),
        _ => None,
    }
}

impl Constants<'_> {
    fn combine(&mut self, a: &Tensor, b: &Tensor, rule: &Binary) -> Result<Tensor, OnnxError> {
        let shape = broadcast(&a.shape, &b.shape).map_err(|reason| self.error(reason))?;
        let (a, b) = (self.repeat(a, shape.clone())?, self.repeat(b, shape.clone())?);
        self.afford(&shape)?;
        let data = match (&a.data, &b.data) {
            (Data::Ints(a, kind), Data::Ints(b, _)) => {
                let kind = if rule.truth { DataType::Bool } else { *kind };
                Data::Ints(
                    a.iter().zip(&b[..]).map(|(&a, &b)| (rule.on_ints)(a, b)).collect(),
                    kind,
                )
            }
            _ => {
                let (a, b) = (a.to_floats(), b.to_floats());
                let values = a.iter().zip(&b[..]).map(|(&a, &b)| (rule.on_floats)(a, b));
                if rule.truth {
                    Data::Ints(values.map(|v| v as i64).collect(), DataType::Bool)
                } else {
                    Data::Floats(values.collect())
                }
            }
        };
        Ok(Tensor { shape, data })
    }

    fn choose(&mut self) -> Result<Tensor, OnnxError> {
        let [condition, yes, no] = [self.input(0)?, self.input(1)?, self.input(2)?];
        let shape = broadcast(&condition.shape, &yes.shape)
            .and_then(|shape| broadcast(&shape, &no.shape))
            .map_err(|reason| self.error(reason))?;
        let condition = self.repeat(condition, shape.clone())?.to_floats();
        let (yes, no) = (self.repeat(yes, shape.clone())?, self.repeat(no, shape.clone())?);
        let data = match (&yes.data, &no.data) {
            (Data::Ints(yes, kind), Data::Ints(no, _)) => {
                Data::Ints(pick(&condition, yes, no), *kind)
            }
            _ => Data::Floats(pick(&condition, &yes.to_floats(), &no.to_floats())),
        };
        Ok(Tensor { shape, data })
    }

    /// `after(Σ before(x))` over axes.
    fn norm(&mut self, before: fn(f32) -> f32, after: fn(f32) -> f32) -> Result<Tensor, OnnxError> {
        let input = self.input(0)?;
        self.afford(&input.shape)?;
        let each = |rule: fn(f32) -> f32, tensor: &Tensor| {
            let values = tensor.to_floats().iter().map(|&x| rule(x)).collect::<Vec<_>>();
            Tensor::floats(tensor.shape.clone(), values)
        };
        let inner = each(before, input);
        let sum = self.reduce_tensor(&inner, |a, b| a + b, i64::wrapping_add, false)?;
        Ok(each(after, &sum))
    }

    fn reduce(
        &mut self,
        on_floats: fn(f32, f32) -> f32,
        on_ints: fn(i64, i64) -> i64,
        mean: bool,
    ) -> Result<Tensor, OnnxError> {
        self.reduce_tensor(self.input(0)?, on_floats, on_ints, mean)
    }

    fn reduce_tensor(
        &mut self,
        input: &Tensor,
        on_floats: fn(f32, f32) -> f32,
        on_ints: fn(i64, i64) -> i64,
        mean: bool,
    ) -> Result<Tensor, OnnxError> {
        let node = self.node;
        let list = match self.optional(1) {
            Some(_) => Some(self.ints(1)?),
            None => node.ints("axes"),
        };
        let axes = match list {
            None | Some([]) if node.int("noop_with_empty_axes", 0) != 0 => {
                return Ok(input.clone());
            }
            None | Some([]) => (0..input.shape.len()).collect(),
            Some(list) => attributes::axes(node, list, input.shape.len())?,
        };
        let kept: Shape = (0..input.shape.len())
            .map(|axis| if axes.contains(&axis) { 1 } else { input.shape[axis] })
            .collect();
        let count = self.afford(&kept)?;
        self.afford(&input.shape)?;
        let group = |flat: usize| {
            let (mut rest, mut target, mut stride) = (flat, 0, 1);
            for axis in (0..kept.len()).rev() {
                target += rest % input.shape[axis] % kept[axis] * stride;
                rest /= input.shape[axis];
                stride *= kept[axis];
            }
            target
        };
        let scale = count as f32 / input.len() as f32;
        let data = match &input.data {
            Data::Ints(ints, kind) => Data::Ints(fold(ints, count, group, on_ints).into(), *kind),
            Data::Floats(floats) => {
                let mut sums = fold(floats, count, group, on_floats);
                if mean {
                    sums.iter_mut().for_each(|sum| *sum *= scale);
                }
                Data::Floats(sums.into())
            }
        };
        let shape = match node.int("keepdims", 1) {
            0 => kept.iter().zip(0..).filter(|(_, a)| !axes.contains(a)).map(|(&n, _)| n).collect(),
            _ => kept,
        };
        Ok(Tensor { shape, data })
    }
}

fn pick<T: Copy, D: FromIterator<T>>(condition: &[f32], yes: &[T], no: &[T]) -> D {
    let both = yes.iter().zip(no);
    condition.iter().zip(both).map(|(&c, (&yes, &no))| if c != 0.0 { yes } else { no }).collect()
}

fn fold<T: Copy + Default>(
    data: &[T],
    count: usize,
    group: impl Fn(usize) -> usize,
    rule: fn(T, T) -> T,
) -> Vec<T> {
    let mut totals: Vec<Option<T>> = vec![None; count];
    for (flat, &value) in data.iter().enumerate() {
        let total = &mut totals[group(flat)];
        *total = Some(total.map_or(value, |total| rule(total, value)));
    }
    totals.into_iter().map(Option::unwrap_or_default).collect()
}
