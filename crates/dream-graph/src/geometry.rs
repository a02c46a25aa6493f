//! Specifications made concrete: the only place with padding and rounding arithmetic.

use crate::op::{ConvSpec, LrnSpec, Padding, PoolSpec, WindowSpec};

/// Channels, height and width of an image.
pub type Image = [usize; 3];

/// A [`WindowSpec`] laid over an image of one size. Pairs are (vertical, horizontal).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WindowGeometry {
    /// Height and width of the image.
    pub input: [usize; 2],
    /// Number of windows down and across.
    pub output: [usize; 2],
    /// Positions of a window.
    pub kernel: [usize; 2],
    /// Distance between windows.
    pub stride: [usize; 2],
    /// Distance between a window's positions.
    pub dilation: [usize; 2],
    /// Padding above and left.
    pub before: [usize; 2],
    /// Padding below and right as the file states it; `ceil_mode` may reach further.
    pub after: [usize; 2],
}

/// A convolution of one size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConvGeometry {
    /// Channels read.
    pub in_channels: usize,
    /// Channels written.
    pub out_channels: usize,
    /// Independent convolutions.
    pub groups: usize,
    /// Windows.
    pub window: WindowGeometry,
}

/// A pooling of one size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PoolGeometry {
    /// Channels read and written.
    pub channels: usize,
    /// Windows.
    pub window: WindowGeometry,
    /// Whether padded positions count in a mean.
    pub count_include_pad: bool,
}

/// A local response normalisation of one size.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LrnGeometry {
    /// Shape read and written.
    pub image: Image,
    /// The constants.
    pub spec: LrnSpec,
}

impl ConvSpec {
    /// Lays the convolution over an image; `None` if the image is smaller than a window.
    pub fn geometry(&self, [_, h, w]: Image) -> Option<ConvGeometry> {
        Some(ConvGeometry {
            in_channels: self.in_channels,
            out_channels: self.out_channels,
            groups: self.groups,
            window: self.window.geometry([h, w], false)?,
        })
    }
}

impl PoolSpec {
    /// Lays the pooling over an image; `None` if the image is smaller than a window.
    pub fn geometry(&self, [channels, h, w]: Image) -> Option<PoolGeometry> {
        let window = self.window.geometry([h, w], self.ceil_mode)?;
        Some(PoolGeometry { channels, window, count_include_pad: self.count_include_pad })
    }
}

impl LrnSpec {
    /// Lays the normalisation over an image.
    pub fn geometry(&self, image: Image) -> LrnGeometry {
        LrnGeometry { image, spec: *self }
    }
}

impl WindowSpec {
    fn geometry(&self, input: [usize; 2], ceil_mode: bool) -> Option<WindowGeometry> {
        let mut geometry = WindowGeometry {
            input,
            output: [0; 2],
            kernel: self.kernel,
            stride: self.stride,
            dilation: self.dilation,
            before: [0; 2],
            after: [0; 2],
        };
        for (axis, &length) in input.iter().enumerate() {
            let (output, before, after) = self.axis(axis, length, ceil_mode)?;
            geometry.output[axis] = output;
            geometry.before[axis] = before;
            geometry.after[axis] = after;
        }
        Some(geometry)
    }

    /// Windows, padding before and padding after along one axis.
    fn axis(&self, axis: usize, input: usize, ceil_mode: bool) -> Option<(usize, usize, usize)> {
        let stride = self.stride[axis];
        let reach =
            self.dilation[axis].checked_mul(self.kernel[axis].checked_sub(1)?)?.checked_add(1)?;
        if stride == 0 || input == 0 {
            return None;
        }
        match self.padding {
            Padding::Explicit { before, after } => {
                let (before, after) = (before[axis], after[axis]);
                let padded = input.checked_add(before)?.checked_add(after)?;
                let signed = |length: usize| i64::try_from(length).ok();
                let (room, step) = (signed(padded)? - signed(reach)?, signed(stride)?);
                let reaches_past = ceil_mode && room.rem_euclid(step) != 0;
                let windows = room.div_euclid(step) + 1 + i64::from(reaches_past);
                let windows = usize::try_from(windows).ok().filter(|&windows| windows > 0)?;
                // A last window that reaches past the edge must still begin inside the image or
                // the padding before it (PyTorch's rule, which ONNX adopted).
                let outside = reaches_past && (windows - 1) * stride >= input + before;
                Some((windows - usize::from(outside), before, after))
            }
            Padding::SameUpper | Padding::SameLower => {
                let output = input.div_ceil(stride);
                let total = ((output - 1) * stride).checked_add(reach)?.saturating_sub(input);
                let small = total / 2;
                Some(match self.padding {
                    Padding::SameLower => (output, total - small, small),
                    _ => (output, small, total - small),
                })
            }
        }
    }
}

impl WindowGeometry {
    /// First and one-past-last kernel position along `axis` whose input position lies inside the
    /// image, for output position `output`.
    pub fn inside(&self, axis: usize, output: usize) -> (usize, usize) {
        let start = output * self.stride[axis];
        let (before, dilation) = (self.before[axis], self.dilation[axis]);
        let first = before.saturating_sub(start).div_ceil(dilation);
        let last = (self.input[axis] + before).saturating_sub(start).div_ceil(dilation);
        (first.min(self.kernel[axis]), last.min(self.kernel[axis]))
    }

    /// Input position of kernel position `k` at output position `output`; it must lie inside.
    pub fn source(&self, axis: usize, output: usize, k: usize) -> usize {
        output * self.stride[axis] + k * self.dilation[axis] - self.before[axis]
    }
}

impl PoolGeometry {
    /// What a mean at output position (y, x) divides by.
    pub fn divisor(&self, y: usize, x: usize) -> usize {
        let count = |axis: usize, output: usize| {
            let window = &self.window;
            if self.count_include_pad {
                let end = window.input[axis] + window.before[axis] + window.after[axis];
                let room = end.saturating_sub(output * window.stride[axis]);
                room.div_ceil(window.dilation[axis]).min(window.kernel[axis])
            } else {
                let (first, last) = window.inside(axis, output);
                last - first
            }
        };
        (count(0, y) * count(1, x)).max(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// input, kernel, stride, dilation, before, after, ceil → output, worked by hand.
    type Row = (usize, usize, usize, usize, usize, usize, bool, Option<usize>);

    const ROWS: [Row; 15] = [
        (224, 7, 2, 1, 3, 3, false, Some(112)),
        (112, 3, 2, 1, 0, 0, true, Some(56)),
        (112, 3, 2, 1, 0, 0, false, Some(55)),
        (14, 3, 2, 1, 0, 0, true, Some(7)),
        (28, 3, 1, 1, 1, 1, false, Some(28)),
        (4, 2, 2, 1, 1, 1, true, Some(3)),
        (5, 2, 2, 1, 1, 1, true, Some(3)),
        (9, 3, 1, 2, 2, 2, false, Some(9)),
        (2, 3, 2, 1, 0, 0, true, Some(1)),
        (1, 4, 2, 1, 0, 0, true, None),
        (2, 3, 2, 1, 0, 0, false, None),
        (3, 1, 2, 1, 0, 0, true, Some(2)),
        (13, 2, 3, 1, 0, 0, false, Some(4)),
        (0, 1, 1, 1, 0, 0, false, None),
        (9, 3, 1, 1 << 62, 0, 0, false, None),
    ];

    fn output_of((input, k, s, d, before, after, ceil, _): Row) -> Option<usize> {
        let padding = Padding::Explicit { before: [before; 2], after: [after; 2] };
        let window = WindowSpec { kernel: [k; 2], stride: [s; 2], dilation: [d; 2], padding };
        window.geometry([input; 2], ceil).map(|g| g.output[0])
    }

    #[test]
    fn output_sizes_match_hand_worked_rows() {
        for row in ROWS {
            assert_eq!(output_of(row), row.7, "{row:?}");
        }
        let mutated = (225, 7, 2, 1, 3, 3, false, Some(112));
        assert_ne!(output_of(mutated), mutated.7);
    }

    #[test]
    fn same_padding_puts_the_odd_row_where_it_says() {
        let window =
            |padding| WindowSpec { kernel: [3, 3], stride: [2, 2], dilation: [1, 1], padding };
        let upper =
            window(Padding::SameUpper).geometry([14, 15], false).map(|g| (g.before, g.after));
        let lower =
            window(Padding::SameLower).geometry([14, 15], false).map(|g| (g.before, g.after));
        assert_eq!(upper, Some(([0, 1], [1, 1])));
        assert_eq!(lower, Some(([1, 1], [0, 1])));
    }

    #[test]
    fn means_divide_by_the_positions_they_count() {
        let padding = Padding::Explicit { before: [1; 2], after: [1; 2] };
        let window = WindowSpec { kernel: [3; 2], stride: [1; 2], dilation: [1; 2], padding };
        let spec = |count_include_pad| PoolSpec {
            window: window.clone(),
            ceil_mode: false,
            count_include_pad,
        };
        let exclude = spec(false).geometry([1, 5, 5]).map(|g| [g.divisor(0, 0), g.divisor(2, 2)]);
        let include = spec(true).geometry([1, 5, 5]).map(|g| [g.divisor(0, 0), g.divisor(2, 2)]);
        assert_eq!(exclude, Some([4, 9]));
        assert_eq!(include, Some([9, 9]));
    }
}
