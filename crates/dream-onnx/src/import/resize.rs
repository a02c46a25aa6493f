//! Resize and its forerunner Upsample: nearest, linear and cubic, in every coordinate convention.

use dream_graph::{AxisMap, Op, Operand, Shape, Tap, ValueId};

use super::Site;
use crate::{
    attributes::{self, Attributes},
    error::{OnnxError, unsupported},
};

/// An output axis longer than this is a broken or hostile file.
const MAX_AXIS: usize = 1 << 20;

/// The same for the matrix that a resize amounts to along one axis.
const MAX_MATRIX: usize = 1 << 27;

/// One axis of a resize: lengths, output positions per input position, and how they meet.
struct Axis<'a> {
    input: usize,
    output: usize,
    scale: f64,
    coordinates: &'a str,
}

impl Site<'_, '_> {
    pub(super) fn resize(&mut self, op: &str) -> Result<Option<ValueId>, OnnxError> {
        let (scales, sizes, coordinates) = match op {
            "Upsample" => (self.scales(1)?, None, "asymmetric"),
            "Resize" if self.importer.opset < 11 => (self.scales(1)?, None, "asymmetric"),
            "Resize" => {
                let coordinates = match self.node.text("coordinate_transformation_mode") {
                    "" => "half_pixel",
                    given => given,
                };
                (self.scales(2)?, self.ints(3)?, coordinates)
            }
            _ => return Ok(None),
        };
        let x = self.value(0)?;
        let node = self.node;
        if node.int("antialias", 0) != 0 {
            return Err(unsupported(node, "with antialiasing"));
        }
        if !matches!(node.text("keep_aspect_ratio_policy"), "" | "stretch") {
            return Err(unsupported(node, "with a fixed aspect ratio"));
        }
        let shape = self.shape(x).to_vec();
        let axes = match node.ints("axes") {
            Some(list) => attributes::axis_list(node, list, shape.len())?,
            None => (0..shape.len()).collect(),
        };
        let scales = match (scales, sizes) {
            (_, Some(sizes)) if !sizes.is_empty() => self.ratios(&shape, &axes, &sizes)?,
            (Some(scales), _) => scales.iter().map(|&s| (f64::from(s), None)).collect(),
            _ => return Err(self.error("has neither scales nor sizes")),
        };
        if scales.len() != axes.len() {
            return Err(self.error(format!("has {} scales for {} axes", scales.len(), axes.len())));
        }
        let mut maps: Vec<AxisMap> = shape.iter().map(|&n| AxisMap::identity(n)).collect();
        for (&axis, (scale, output)) in axes.iter().zip(scales) {
            let input = shape[axis];
            let output = output.unwrap_or((input as f64 * scale).floor() as usize);
            if output == 0 || output > MAX_AXIS {
                return Err(self.error(format!("makes an axis of {output} from one of {input}")));
            }
            if output != input || scale != 1.0 {
                maps[axis] = self.resample(&Axis { input, output, scale, coordinates })?;
            }
        }
        self.emit(Op::Remap { maps, fill: 0.0 }, vec![Operand::Value(x)]).map(Some)
    }

    /// Scales from an operand, or from the attribute of the oldest files; `None` if absent.
    fn scales(&self, index: usize) -> Result<Option<Vec<f32>>, OnnxError> {
        let scales = match self.optional(index)? {
            Some(tensor) => tensor.to_floats().to_vec(),
            None => self.node.attribute("scales").map(|a| a.floats.clone()).unwrap_or_default(),
        };
        Ok((!scales.is_empty()).then_some(scales))
    }

    /// Scale and length per axis from sizes. Sizes written as plain numbers keep their ratio to the
    /// image that the file was exported for.
    fn ratios(
        &self,
        shape: &[usize],
        axes: &[usize],
        sizes: &[i64],
    ) -> Result<Vec<(f64, Option<usize>)>, OnnxError> {
        let exported: Option<Shape> = match self.exported_shapes() {
            Some((from, _)) if !self.follows_size(3) => Some(from.to_vec()),
            _ => None,
        };
        axes.iter()
            .zip(sizes)
            .map(|(&axis, &size)| {
                let size = usize::try_from(size)
                    .map_err(|_| self.error(format!("makes an axis of {size}")))?;
                let from = exported.as_ref().map_or(shape[axis], |from| from[axis]);
                let scale = size as f64 / from as f64;
                let now = (shape[axis] as f64 * scale).round() as usize;
                Ok((now as f64 / shape[axis] as f64, Some(now)))
            })
            .collect()
    }

    fn resample(&self, axis: &Axis) -> Result<AxisMap, OnnxError> {
        let node = self.node;
        if !matches!(
            axis.coordinates,
            "half_pixel"
                | "pytorch_half_pixel"
                | "half_pixel_symmetric"
                | "align_corners"
                | "asymmetric"
        ) {
            return Err(unsupported(node, &format!("with coordinates {:?}", axis.coordinates)));
        }
        if axis.input.saturating_mul(axis.output) > MAX_MATRIX {
            return Err(self.error("resizes an absurdly long axis"));
        }
        let rows: Vec<Vec<Tap>> = match node.text("mode") {
            "" | "nearest" => {
                let mode = match node.text("nearest_mode") {
                    "" if axis.coordinates == "asymmetric" && self.importer.opset < 11 => "floor",
                    "" => "round_prefer_floor",
                    given => given,
                };
                axis.rows(|position| vec![(round(mode, position), 1.0)])
            }
            "linear" | "bilinear" => axis.rows(|position| {
                let low = position.floor();
                vec![(low as i64, 1.0 - (position - low)), (low as i64 + 1, position - low)]
            }),
            "cubic" if node.int("exclude_outside", 0) == 0 => {
                let a = f64::from(node.float("cubic_coeff_a", -0.75));
                axis.rows(|position| {
                    let low = position.floor();
                    let taps = (-1..3).map(|k| {
                        let distance = (position - low - f64::from(k)).abs();
                        (low as i64 + i64::from(k), cubic(a, distance))
                    });
                    taps.collect()
                })
            }
            mode => return Err(unsupported(node, &format!("with mode {mode:?}"))),
        };
        Ok(AxisMap::from_rows(axis.input, rows))
    }
}

impl Axis<'_> {
    /// Rows of the map: taps per output position, positions beyond the edge moved onto it.
    fn rows(&self, taps: impl Fn(f64) -> Vec<(i64, f64)>) -> Vec<Vec<Tap>> {
        (0..self.output)
            .map(|i| {
                let mut row: Vec<Tap> = Vec::new();
                for (source, weight) in taps(self.position(i as f64)) {
                    let source = source.clamp(0, self.input as i64 - 1) as u32;
                    match row.iter_mut().find(|tap| tap.source == source) {
                        Some(tap) => tap.weight += weight,
                        None if weight == 0.0 => {}
                        None => row.push(Tap { source, weight }),
                    }
                }
                row
            })
            .collect()
    }

    /// The input position that an output position shows.
    fn position(&self, i: f64) -> f64 {
        let (input, output) = (self.input as f64, self.output as f64);
        match self.coordinates {
            "asymmetric" => i / self.scale,
            "align_corners" if self.output > 1 => i * (input - 1.0) / (output - 1.0),
            "align_corners" => 0.0,
            "pytorch_half_pixel" if self.output == 1 => 0.0,
            "half_pixel_symmetric" => {
                let adjustment = output / (self.scale * input);
                input / 2.0 * (1.0 - adjustment) + (i + 0.5) / self.scale - 0.5
            }
            _ => (i + 0.5) / self.scale - 0.5,
        }
    }
}

fn round(mode: &str, position: f64) -> i64 {
    let rounded = match mode {
        "floor" => position.floor(),
        "ceil" => position.ceil(),
        "round_prefer_ceil" => (position + 0.5).floor(),
        _ => (position - 0.5).ceil(),
    };
    rounded as i64
}

/// The weight of a neighbour at a distance, Keys' cubic convolution.
fn cubic(a: f64, distance: f64) -> f64 {
    let d = distance;
    if d <= 1.0 {
        ((a + 2.0) * d - (a + 3.0)) * d * d + 1.0
    } else if d < 2.0 {
        ((a * d - 5.0 * a) * d + 8.0 * a) * d - 4.0 * a
    } else {
        0.0
    }
}
