//! Convolution weights in the order in which the shaders read them.

use dream_graph::winograd;

/// How weights `[out, in / groups, kernel_h, kernel_w]` are laid out for a shader: as
/// `[group][tile of output channels][ky][kx][input channel][output channel in the tile]`, or
/// `[..][ky][input channel][kx][..]` or `[..][input channel][ky][kx][..]`, padded with zeros to whole tiles.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Packing {
    /// Independent convolutions.
    pub groups: usize,
    /// Output channels per group, as the shader sees them.
    pub outputs: usize,
    /// Input channels per group, as the shader sees them.
    pub inputs: usize,
    /// Whether the shader's outputs are the convolution's inputs: its gradient.
    pub transposed: bool,
    /// Rows and columns of a stride whose pixels are outputs of their own, `[phase][channel]`; a
    /// phase's taps are as many positions of the kernel further on.
    pub phases: [usize; 2],
    /// Height and width of the convolution's kernel.
    pub kernel: [usize; 2],
    /// The kernel's rows and columns that the shader uses.
    pub taps: [Taps; 2],
    /// Output channels of a tile.
    pub tile: usize,
    /// What comes first within a tile.
    pub order: Order,
    /// Whether kernels are transformed for minimal filtering: each of their 36 places is a group.
    pub filtering: bool,
}

/// What a tile goes through first: the kernel's positions, its rows, or its input channels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Order {
    /// `[ky][kx][input channel]`.
    Taps,
    /// `[ky][input channel][kx]`.
    Rows,
    /// `[input channel][ky][kx]`.
    Inputs,
}

/// Every so many positions of a kernel along one axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Taps {
    /// The first position; where the kernel has none, the weight is zero.
    pub first: isize,
    /// To the next one; negative for a kernel read backwards.
    pub step: isize,
    /// How many.
    pub count: usize,
}

impl Packing {
    /// How many elements there are of `weights`, leaving out zeros that fill up tiles.
    pub fn elements(&self, weights: usize) -> usize {
        let [height, width] = self.kernel;
        if self.filtering { weights / (height * width) * winograd::PLACES } else { weights }
    }
}

impl Taps {
    /// All positions in order.
    pub fn all(count: usize) -> Self {
        Self { first: 0, step: 1, count }
    }

    fn positions(self) -> impl Iterator<Item = isize> {
        (0..self.count).map(move |i| self.first + self.step * i as isize)
    }
}

/// Packs weights.
pub(crate) fn packed(weight: &[f32], packing: Packing) -> Vec<f32> {
    let Packing { groups, outputs, inputs, transposed, phases, kernel, taps, tile, .. } = packing;
    if packing.filtering {
        let places = winograd::weights(weight, kernel[0], transposed);
        let (groups, taps) = (winograd::PLACES, [Taps::all(1); 2]);
        let product = Packing { groups, kernel: [1, 1], taps, filtering: false, ..packing };
        return packed(&places, product);
    }
    let [height, width] = kernel;
    let tiles = outputs.div_ceil(tile);
    let channels = outputs / (phases[0] * phases[1]);
    let mut packed = Vec::with_capacity(groups * tiles * tile * inputs * height * width);
    let columns = taps[1].count;
    let taps: Vec<[isize; 2]> =
        taps[0].positions().flat_map(|ky| taps[1].positions().map(move |kx| [ky, kx])).collect();
    // So many taps at a time, each time for all inputs.
    let together = match packing.order {
        Order::Taps => 1,
        Order::Rows => columns,
        Order::Inputs => taps.len(),
    };
    let some = taps.chunks(together.max(1));
    let rows: Vec<([isize; 2], usize)> = some
        .flat_map(|taps| {
            (0..inputs).flat_map(move |input| taps.iter().map(move |&tap| (tap, input)))
        })
        .collect();
    for group in 0..groups {
        for first in (0..tiles).map(|index| index * tile) {
            for &([ky, kx], input) in &rows {
                let element = |output: usize| {
                    let (phase, channel) = (output / channels, output % channels);
                    let [row, column] = [phase / phases[1], phase % phases[1]];
                    let (ky, kx) = (ky + row as isize, kx + column as isize);
                    let within = |k: isize, side: usize| (k as usize) < side;
                    let plane = if transposed {
                        (group * inputs + input) * channels + channel
                    } else {
                        (group * channels + channel) * inputs + input
                    };
                    match within(ky, height) && within(kx, width) {
                        true => weight[(plane * height + ky as usize) * width + kx as usize],
                        false => 0.0,
                    }
                };
                let all = first..first + tile;
                packed.extend(all.map(|o| if o < outputs { element(o) } else { 0.0 }));
            }
        }
    }
    packed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tiles_are_padded_and_gradients_read_backwards() {
        let weight: Vec<f32> = (0..12).map(|i| i as f32).collect();
        let forward = Packing {
            groups: 1,
            outputs: 3,
            inputs: 2,
            transposed: false,
            phases: [1, 1],
            kernel: [1, 2],
            taps: [Taps::all(1), Taps::all(2)],
            tile: 2,
            order: Order::Taps,
            filtering: false,
        };
        let expected =
            [0.0, 4.0, 2.0, 6.0, 1.0, 5.0, 3.0, 7.0, 8.0, 0.0, 10.0, 0.0, 9.0, 0.0, 11.0, 0.0];
        assert_eq!(packed(&weight, forward), expected);
        let inputs_first = Packing { order: Order::Inputs, ..forward };
        let expected =
            [0.0, 4.0, 1.0, 5.0, 2.0, 6.0, 3.0, 7.0, 8.0, 0.0, 9.0, 0.0, 10.0, 0.0, 11.0, 0.0];
        assert_eq!(packed(&weight, inputs_first), expected);
        let tall = Packing { kernel: [2, 2], taps: [Taps::all(2); 2], inputs: 1, ..forward };
        let tall = Packing { outputs: 1, tile: 1, ..tall };
        let weight_of = |inputs: usize| (0..4 * inputs).map(|i| i as f32).collect::<Vec<_>>();
        let rows_first = Packing { order: Order::Rows, inputs: 2, ..tall };
        assert_eq!(packed(&weight_of(2), rows_first), [0.0, 1.0, 4.0, 5.0, 2.0, 3.0, 6.0, 7.0]);
        let backwards = Taps { first: 1, step: -1, count: 2 };
        let gradient = Packing {
            outputs: 2,
            inputs: 3,
            transposed: true,
            taps: [Taps::all(1), backwards],
            ..forward
        };
        let expected = [1.0, 3.0, 5.0, 7.0, 9.0, 11.0, 0.0, 2.0, 4.0, 6.0, 8.0, 10.0];
        assert_eq!(packed(&weight, gradient), expected);
        // Three kernels of 1 × 4 with stride 2: each phase has every other weight.
        let phases = Packing {
            outputs: 2,
            inputs: 3,
            transposed: true,
            phases: [1, 2],
            kernel: [1, 4],
            taps: [Taps::all(1), Taps { first: 3, step: -2, count: 3 }],
            ..forward
        };
        let expected = [
            [3.0, 0.0, 7.0, 0.0, 11.0, 0.0],
            [1.0, 2.0, 5.0, 6.0, 9.0, 10.0],
            [0.0, 0.0, 0.0, 4.0, 0.0, 8.0],
        ];
        assert_eq!(packed(&weight, phases), expected.concat());
    }
}
