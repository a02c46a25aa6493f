//! Kernels around the network: image to network input, gradient to image, and statistics.

use dream_graph::{Dispatch, EngineError, Preprocessing, Source, Statistic, Surface};

use crate::{
    shaders::Shader,
    uniforms::{
        CropParams, RollParams, SmoothParams, StatisticParams, StatisticSumsParams, surface_number,
    },
    work::Work,
};

use super::{INVOCATIONS, from_scratch, input, into_scratch, offset, operand, out_offset, work};

/// Elements of a partial sum of a statistic, about.
const SUMMED: usize = 128;
/// Partial sums at most; one workgroup adds them up.
const MOST_SUMS: usize = 1 << 14;

/// Reads the gradient at a layer.
pub(super) fn crop(
    dispatch: &Dispatch,
    size: [usize; 2],
    stride: [usize; 2],
) -> Result<Vec<Work>, EngineError> {
    let x = operand(dispatch, 0)?;
    let count = dispatch.write.len;
    let params = CropParams {
        count: count as u32,
        out_offset: out_offset(dispatch),
        x_offset: offset(x),
        height: size[0] as u32,
        width: size[1] as u32,
        stride_y: stride[0] as u32,
        stride_x: stride[1] as u32,
        accumulate: dispatch.accumulate.into(),
    };
    Ok(vec![work(dispatch, Shader::Crop, &params, vec![input(x)], count)])
}

/// Reads the image, or, for [`Shader::RollOut`], the gradient at the network's input.
pub(super) fn roll(
    dispatch: &Dispatch,
    shader: Shader,
    size: [usize; 2],
    tile: [usize; 2],
    preprocessing: &Preprocessing,
) -> Result<Vec<Work>, EngineError> {
    let x = operand(dispatch, 0)?;
    let count = dispatch.write.len;
    let ([mean_0, mean_1, mean_2], [scale_0, scale_1, scale_2]) =
        (preprocessing.mean, preprocessing.scale);
    let params = RollParams {
        count: count as u32,
        out_offset: out_offset(dispatch),
        x_offset: offset(x),
        height: size[0] as u32,
        width: size[1] as u32,
        tile_height: tile[0] as u32,
        tile_width: tile[1] as u32,
        mean_0,
        mean_1,
        mean_2,
        scale_0,
        scale_1,
        scale_2,
        accumulate: dispatch.accumulate.into(),
    };
    Ok(vec![work(dispatch, shader, &params, vec![input(x)], count)])
}

/// Reads x: first partial sums, then the statistic.
pub(super) fn statistic(
    dispatch: &Dispatch,
    statistic: Statistic,
) -> Result<Vec<Work>, EngineError> {
    let x = operand(dispatch, 0)?;
    let (count, sums) = partial_sums(x);
    let number = number(statistic);
    let add = StatisticSumsParams {
        count: count as u32,
        x_offset: offset(x),
        sums: sums as u32,
        statistic: number,
    };
    let add = work(dispatch, Shader::StatisticSums, &add, vec![input(x)], sums);
    let finish = add_up(dispatch, sums, statistic, 1.0 / count as f32);
    Ok(vec![into_scratch(add, sums), finish])
}

/// Elements of an operand, and the partial sums in which to add them up.
pub(super) fn partial_sums(x: &Source) -> (usize, usize) {
    let count = match x {
        Source::View(view) => view.len,
        Source::Constant(data) => data.len(),
    };
    (count, count.div_ceil(SUMMED).next_multiple_of(INVOCATIONS).min(MOST_SUMS))
}

/// The statistic of the partial sums in scratch, `factor` being one over the number of elements.
pub(super) fn add_up(dispatch: &Dispatch, sums: usize, statistic: Statistic, factor: f32) -> Work {
    let params = StatisticParams {
        out_offset: out_offset(dispatch),
        sums: sums as u32,
        statistic: number(statistic),
        factor,
        accumulate: dispatch.accumulate.into(),
    };
    work(dispatch, Shader::Statistic, &params, vec![from_scratch(sums)], INVOCATIONS)
}

/// The shaders' number of a statistic.
fn number(statistic: Statistic) -> u32 {
    match statistic {
        Statistic::Mean => 0,
        Statistic::MeanAbs => 1,
        Statistic::RootMeanSquare => 2,
    }
}

/// Reads x.
pub(super) fn smooth(
    dispatch: &Dispatch,
    shape: &[usize; 3],
    axis: usize,
    factor: f32,
    surface: Surface,
) -> Result<Vec<Work>, EngineError> {
    let x = operand(dispatch, 0)?;
    let count = dispatch.write.len;
    let params = SmoothParams {
        count: count as u32,
        out_offset: out_offset(dispatch),
        x_offset: offset(x),
        length: shape[axis] as u32,
        inner: shape[axis + 1..].iter().product::<usize>() as u32,
        factor,
        surface: surface_number(surface),
        accumulate: dispatch.accumulate.into(),
    };
    Ok(vec![work(dispatch, Shader::Smooth, &params, vec![input(x)], count)])
}
