//! Constants of a file, decoded and checked: floats of any width become f32, integers i64.

use std::sync::Arc;

use dream_graph::{Shape, elements};
use half::{bf16, f16};
use tract_onnx::pb::{TensorProto, tensor_proto::DataType};

use crate::error::OnnxError;

/// Axes of a constant at most; more are no network's.
pub(crate) const MAX_RANK: usize = 64;

/// Whether a shape can be one: few axes, and a number of elements that would fit memory's address
/// even if empty axes were not empty.
pub(crate) fn is_plausible(shape: &[usize]) -> bool {
    let product = shape.iter().try_fold(1usize, |product, &n| product.checked_mul(n.max(1)));
    shape.len() <= MAX_RANK && product.is_some_and(|n| n <= isize::MAX as usize / 8)
}

/// A constant tensor.
#[derive(Clone, Debug)]
pub(crate) struct Tensor {
    /// Lengths of its axes.
    pub shape: Shape,
    /// Its elements, row-major.
    pub data: Data,
}

/// Elements of a constant.
#[derive(Clone, Debug)]
pub(crate) enum Data {
    /// Numbers, from floats of any width.
    Floats(Arc<[f32]>),
    /// Integers or truth values, and the type that the file gives them.
    Ints(Arc<[i64]>, DataType),
}

impl Tensor {
    /// Numbers of a shape.
    pub fn floats(shape: Shape, data: impl Into<Arc<[f32]>>) -> Self {
        Self { shape, data: Data::Floats(data.into()) }
    }

    /// 64-bit integers of a shape.
    pub fn ints(shape: Shape, data: impl Into<Arc<[i64]>>) -> Self {
        Self { shape, data: Data::Ints(data.into(), DataType::Int64) }
    }

    /// Number of elements.
    pub fn len(&self) -> usize {
        match &self.data {
            Data::Floats(data) => data.len(),
            Data::Ints(data, _) => data.len(),
        }
    }

    /// The numbers, if they are floats.
    pub fn as_floats(&self) -> Option<&Arc<[f32]>> {
        match &self.data {
            Data::Floats(data) => Some(data),
            Data::Ints(..) => None,
        }
    }

    /// The integers, if they are.
    pub fn as_ints(&self) -> Option<&Arc<[i64]>> {
        match &self.data {
            Data::Ints(data, _) => Some(data),
            Data::Floats(_) => None,
        }
    }

    /// The elements as numbers, whatever they are.
    pub fn to_floats(&self) -> Arc<[f32]> {
        match &self.data {
            Data::Floats(data) => data.clone(),
            Data::Ints(data, _) => data.iter().map(|&i| i as f32).collect(),
        }
    }

    /// The same elements under another shape, which must hold as many.
    pub fn reshaped(&self, shape: Shape) -> Option<Self> {
        let fits = is_plausible(&shape) && elements(&shape) == Some(self.len());
        fits.then(|| Self { shape, data: self.data.clone() })
    }

    /// A tensor of `shape` whose elements are picked from this one by flat index.
    pub fn picked(&self, shape: Shape, sources: &[usize]) -> Option<Self> {
        fn pick<T: Copy>(data: &[T], sources: &[usize]) -> Option<Arc<[T]>> {
            sources.iter().map(|&i| data.get(i).copied()).collect()
        }
        let data = match &self.data {
            Data::Floats(data) => Data::Floats(pick(data, sources)?),
            Data::Ints(data, kind) => Data::Ints(pick(data, sources)?, *kind),
        };
        let fits = is_plausible(&shape) && elements(&shape) == Some(sources.len());
        fits.then_some(Self { shape, data })
    }
}

/// Decodes a tensor of a file. What it claims to hold must really be there.
///
/// # Errors
/// A negative or absurd shape, data of another length, or an element type that is no number.
pub(crate) fn decode(proto: &TensorProto) -> Result<Tensor, OnnxError> {
    let error = |reason: String| OnnxError::Tensor { tensor: proto.name.clone(), reason };
    let shape = proto.dims.iter().map(|&d| usize::try_from(d).ok()).collect::<Option<Shape>>();
    let shape = shape.ok_or_else(|| error(format!("its shape {:?} is negative", proto.dims)))?;
    let count = elements(&shape)
        .filter(|_| is_plausible(&shape))
        .ok_or_else(|| error(format!("its shape {shape:?} is absurd")))?;
    let kind = DataType::try_from(proto.data_type)
        .map_err(|_| error(format!("its element type {} is unknown", proto.data_type)))?;
    let data = match kind {
        DataType::Float => {
            Data::Floats(numbers(proto, &proto.float_data, f32::from_le_bytes, |&f| f))
        }
        DataType::Double => Data::Floats(numbers(
            proto,
            &proto.double_data,
            |b| f64::from_le_bytes(b) as f32,
            |&f| f as f32,
        )),
        DataType::Float16 => Data::Floats(numbers(
            proto,
            &proto.int32_data,
            |b| f16::from_le_bytes(b).to_f32(),
            |&i| f16::from_bits(i as u16).to_f32(),
        )),
        DataType::Bfloat16 => Data::Floats(numbers(
            proto,
            &proto.int32_data,
            |b| bf16::from_le_bytes(b).to_f32(),
            |&i| bf16::from_bits(i as u16).to_f32(),
        )),
        _ => Data::Ints(
            integers(proto, kind, count).ok_or_else(|| {
                error(format!("its element type {} is not supported", kind.as_str_name()))
            })?,
            kind,
        ),
    };
    let tensor = Tensor { shape, data };
    if tensor.len() == count {
        Ok(tensor)
    } else {
        Err(error(format!(
            "{:?} needs {count} elements, the file has {}",
            tensor.shape,
            tensor.len()
        )))
    }
}

/// Elements from the raw bytes if there are any, else from the typed list.
fn numbers<const N: usize, S, T>(
    proto: &TensorProto,
    typed: &[S],
    raw: impl Fn([u8; N]) -> T,
    one: impl Fn(&S) -> T,
) -> Arc<[T]> {
    if proto.raw_data.is_empty() {
        typed.iter().map(one).collect()
    } else {
        proto.raw_data.as_chunks::<N>().0.iter().map(|&bytes| raw(bytes)).collect()
    }
}

fn integers(proto: &TensorProto, kind: DataType, count: usize) -> Option<Arc<[i64]>> {
    let small = &proto.int32_data;
    Some(match kind {
        DataType::Int64 => numbers(proto, &proto.int64_data, i64::from_le_bytes, |&i| i),
        DataType::Int32 => numbers(proto, small, |b| i32::from_le_bytes(b).into(), |&i| i.into()),
        DataType::Int16 => numbers(proto, small, |b| i16::from_le_bytes(b).into(), |&i| i.into()),
        DataType::Uint16 => numbers(proto, small, |b| u16::from_le_bytes(b).into(), |&i| i.into()),
        DataType::Int8 => numbers(proto, small, |b| i8::from_le_bytes(b).into(), |&i| i.into()),
        DataType::Uint8 | DataType::Bool => {
            numbers(proto, small, |[b]: [u8; 1]| b.into(), |&i| i.into())
        }
        DataType::Uint32 => {
            numbers(proto, &proto.uint64_data, |b| u32::from_le_bytes(b).into(), |&i| i as i64)
        }
        DataType::Uint64 => {
            numbers(proto, &proto.uint64_data, |b| u64::from_le_bytes(b) as i64, |&i| i as i64)
        }
        DataType::Int4 | DataType::Uint4 => nibbles(proto, kind, count),
        _ => return None,
    })
}

/// Four-bit integers, two to a byte, the low half first.
fn nibbles(proto: &TensorProto, kind: DataType, count: usize) -> Arc<[i64]> {
    let bytes: Vec<u8> = if proto.raw_data.is_empty() {
        proto.int32_data.iter().map(|&i| i as u8).collect()
    } else {
        proto.raw_data.clone()
    };
    let widen = |nibble: u8| match kind {
        DataType::Int4 => i64::from((nibble << 4) as i8 >> 4),
        _ => i64::from(nibble),
    };
    let both = bytes.iter().flat_map(|&byte| [widen(byte & 15), widen(byte >> 4)]);
    both.take(count).collect()
}
