//! Convolutions and their gradients, which are convolutions too.
//!
//! The gradient of a convolution with stride s falls apart into s · s independent ones with stride
//! 1, one for every position of a pixel within a stride (its phase): pixels of one phase meet the
//! same rows and columns of the kernel. Where there are few channels, all phases are the outputs of
//! one convolution instead, which `interleave.wgsl` puts in their places.

use std::sync::Arc;

use dream_graph::{ConvGeometry, Dispatch, EngineError, WindowGeometry};

use crate::{
    device::Tier,
    shaders::Shader,
    uniforms::InterleaveParams,
    weights::Taps,
    work::{Place, Work},
};

use super::{
    Target, from_scratch, out_offset,
    pass::{Axis, Ends, Pass},
    rectifier, winograd, work as flat,
};

/// Lowers a convolution.
pub(crate) fn conv(
    dispatch: &Dispatch,
    geometry: &ConvGeometry,
    weight: &Arc<[f32]>,
    bias: Option<&Arc<[f32]>>,
    relu: bool,
    tier: Tier,
) -> Result<Vec<Work>, EngineError> {
    let window = &geometry.window;
    let axis = |axis: usize| Axis {
        grid: window.output[axis],
        stride: window.stride[axis],
        dilation: window.dilation[axis],
        before: window.before[axis] as i64,
        taps: Taps::all(window.kernel[axis]),
        step: 1,
        origin: 0,
    };
    let pass = Pass {
        groups: geometry.groups,
        outputs: geometry.out_channels / geometry.groups,
        inputs: geometry.in_channels / geometry.groups,
        transposed: false,
        phases: [1, 1],
        kernel: window.kernel,
        image: window.input,
        target: window.output,
        axes: [axis(0), axis(1)],
        filtering: false,
    };
    let ends = Ends::of(dispatch)?;
    Ok(vec![pass.work(&dispatch.node, ends, weight, bias, relu, tier)])
}

/// Lowers the gradient of a convolution.
pub(crate) fn conv_grad(
    dispatch: &Dispatch,
    geometry: &ConvGeometry,
    weight: &Arc<[f32]>,
    target: Target,
) -> Result<Vec<Work>, EngineError> {
    let tier = target.tier;
    let window = &geometry.window;
    let [rows, columns] = window.stride;
    let pass = |axes| Pass {
        groups: geometry.groups,
        outputs: geometry.in_channels / geometry.groups,
        inputs: geometry.out_channels / geometry.groups,
        transposed: true,
        phases: [1, 1],
        kernel: window.kernel,
        image: window.output,
        target: window.input,
        axes,
        filtering: false,
    };
    let phases = (0..rows).flat_map(|row| (0..columns).map(move |column| [row, column]));
    let needed = |pass: &Pass| {
        let only_adds = dispatch.accumulate && !dispatch.kernel.rectified();
        let adds_nothing = || only_adds && pass.axes.iter().any(|it| it.taps.count == 0);
        pass.axes.iter().all(|axis| axis.grid > 0) && !adds_nothing()
    };
    let each: Vec<Pass> = phases
        .map(|[row, column]| pass([phase(window, 0, row), phase(window, 1, column)]))
        .filter(needed)
        .collect();
    if let [only] = &each[..]
        && winograd::pays(only, target)
    {
        let ends = Ends::of(dispatch)?;
        return Ok(winograd::works(only, &dispatch.node, &ends, weight, tier));
    }
    let work = |it: &Pass| {
        let ends = Ends::of(dispatch)?;
        Ok(it.work(&dispatch.node, ends, weight, None, false, tier))
    };
    let works = || each.iter().map(work).collect();
    if geometry.groups > 1 || window.dilation != [1, 1] || each.len() < 2 {
        return works();
    }
    let axes = [all_phases(window, 0), all_phases(window, 1)];
    let all = Pass {
        outputs: rows * columns * geometry.in_channels,
        phases: window.stride,
        target: axes.map(|axis| axis.grid),
        ..pass(axes)
    };
    if all.cost(tier) >= each.iter().map(|it| it.cost(tier)).sum() {
        return works();
    }
    let [height, width] = window.input;
    let (rectified, rectifier_offset, rectifier) = rectifier(dispatch)?;
    let params = InterleaveParams {
        count: dispatch.write.len as u32,
        out_offset: out_offset(dispatch),
        channels: geometry.in_channels as u32,
        height: height as u32,
        width: width as u32,
        rows: axes[0].grid as u32,
        columns: axes[1].grid as u32,
        step_y: rows as u32,
        step_x: columns as u32,
        accumulate: dispatch.accumulate.into(),
        rectified,
        rectifier_offset,
    };
    let words = all.outputs * axes[0].grid * axes[1].grid;
    let ends = Ends::of(dispatch)?.into(Place::Scratch { index: 0, words });
    let products = Work {
        // The zeros among its weights are no work.
        flops: each.iter().map(Pass::flops).sum(),
        ..all.work(&dispatch.node, ends, weight, None, false, tier)
    };
    let reads = vec![from_scratch(words), rectifier];
    let interleave = flat(dispatch, Shader::Interleave, &params, reads, dispatch.write.len);
    Ok(vec![products, interleave])
}

/// Pixels `q · stride + phase` along an axis: kernel position k brings them dy at
/// `q + (phase + before − k · dilation) / stride`, where that is a whole number.
fn phase(window: &WindowGeometry, axis: usize, phase: usize) -> Axis {
    let (stride, dilation) = (window.stride[axis], window.dilation[axis]);
    let source = (phase + window.before[axis]) as i64;
    let meets = |k: &usize| (source - (k * dilation) as i64).rem_euclid(stride as i64) == 0;
    let mut meeting = (0..window.kernel[axis]).rev().filter(meets);
    let (first, second) = (meeting.next(), meeting.next());
    let between = first.zip(second).map_or(stride, |(first, second)| first - second);
    let first = first.unwrap_or(0) as isize;
    let count = (0..window.kernel[axis]).filter(meets).count();
    Axis {
        grid: window.input[axis].saturating_sub(phase).div_ceil(stride),
        stride: 1,
        dilation: between * dilation / stride,
        before: -((source - first as i64 * dilation as i64).div_euclid(stride as i64)),
        taps: Taps { first, step: -(between as isize), count },
        step: stride,
        origin: phase,
    }
}

/// All phases along an axis together: position q has the pixels from `q · stride` on.
fn all_phases(window: &WindowGeometry, axis: usize) -> Axis {
    let [stride, before, kernel] = [window.stride, window.before, window.kernel].map(|of| of[axis]);
    // A pixel p of the stride meets dy at q + (p + before − k) / stride for kernel position k.
    let [stride, before] = [stride as i64, before as i64];
    let lowest = -(kernel as i64 - 1 - before).div_euclid(stride);
    let highest = (stride - 1 + before).div_euclid(stride);
    Axis {
        grid: window.input[axis].div_ceil(stride as usize),
        stride: 1,
        dilation: 1,
        before: -lowest,
        taps: Taps {
            first: (before - lowest * stride) as isize,
            step: -stride as isize,
            count: (highest - lowest + 1) as usize,
        },
        step: 1,
        origin: 0,
    }
}

#[cfg(test)]
mod tests {
    use dream_graph::{Buffer, Kernel, Source, View};

    use super::*;

    fn on(tier: Tier) -> Target {
        Target { tier, largest: 128 << 20 }
    }

    /// Shaders of the gradient of a convolution between so many channels, with padding all round.
    fn shaders(channels: usize, kernel: usize, size: usize, target: Target) -> Vec<Shader> {
        let window = WindowGeometry {
            input: [size; 2],
            output: [size; 2],
            kernel: [kernel; 2],
            stride: [1; 2],
            dilation: [1; 2],
            before: [kernel / 2; 2],
            after: [kernel / 2; 2],
        };
        let geometry =
            ConvGeometry { in_channels: channels, out_channels: channels, groups: 1, window };
        let weight: Arc<[f32]> = vec![0.0; channels * channels * kernel * kernel].into();
        let view =
            |slot| View { buffer: Buffer::Slot(slot), offset: 0, len: channels * size * size };
        let dispatch = Dispatch {
            node: String::new(),
            kernel: Kernel::ConvGrad { geometry, weight: weight.clone(), relu: false },
            reads: vec![Source::View(view(0))],
            write: view(1),
            accumulate: false,
        };
        let works = conv_grad(&dispatch, &geometry, &weight, target).unwrap_or_default();
        works.iter().map(|work| work.shader).collect()
    }

    #[test]
    fn gradients_go_by_minimal_filtering_where_that_is_faster() {
        let software = on(Tier::Software { subgroups: true });
        let strip = [Shader::WinogradRead, Shader::ConvPointwise32, Shader::WinogradWriteFours];
        assert_eq!(shaders(64, 3, 28, software), strip);
        assert_eq!(shaders(64, 3, 96, software), [strip; 3].concat());
        for few in [shaders(16, 3, 28, software), shaders(64, 3, 14, software)] {
            assert_eq!(few, [Shader::ConvPatch]);
        }
        assert_eq!(shaders(512, 3, 28, software), [Shader::ConvPatch], "too many weights");
        let small = Target { largest: 1 << 18, ..software };
        assert_eq!(shaders(64, 3, 28, small), [Shader::ConvPatch], "too little room");
        assert_eq!(shaders(64, 5, 28, software), [Shader::ConvRows5]);
        assert_eq!(shaders(64, 3, 28, on(Tier::Discrete)), [Shader::ConvTiled]);
    }

    #[test]
    fn pointwise_convolutions_take_four_pixels_at_once_where_planes_are_fours() {
        let software = on(Tier::Software { subgroups: false });
        assert_eq!(shaders(64, 1, 14, software), [Shader::ConvPointwise32]);
        assert_eq!(shaders(64, 1, 15, software), [Shader::Conv32]);
        assert_eq!(shaders(64, 1, 14, on(Tier::Discrete)), [Shader::ConvTiled]);
    }
}
