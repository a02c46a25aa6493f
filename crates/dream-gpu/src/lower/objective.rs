//! Seeds of objectives that no other kernel makes.

use dream_graph::{CURVE, Dispatch, EngineError, LayerGrid, Statistic};

use crate::{
    shaders::Shader,
    uniforms::{
        DirectionParams, DotSumsParams, MaskParams, MatchParams, NeuronParams, NormaliseParams,
        RecordParams, RedirectParams,
    },
    work::Work,
};

use super::{
    STRETCH, from_scratch,
    image::{add_up, partial_sums},
    input, into_scratch, offset, operand, out_offset, work,
};

/// Reads nothing.
pub(super) fn neuron(
    dispatch: &Dispatch,
    grid: &LayerGrid,
    channel: usize,
    [place_y, place_x]: [usize; 2],
    value: f32,
) -> Result<Vec<Work>, EngineError> {
    let count = dispatch.write.len;
    let params = NeuronParams {
        count: count as u32,
        out_offset: out_offset(dispatch),
        channel: channel as u32,
        height: grid.size[0] as u32,
        width: grid.size[1] as u32,
        image_height: grid.image[0] as u32,
        image_width: grid.image[1] as u32,
        rows: grid.whole[0] as u32,
        columns: grid.whole[1] as u32,
        stride_y: grid.stride[0] as u32,
        stride_x: grid.stride[1] as u32,
        place_y: place_y as u32,
        place_x: place_x as u32,
        value,
        accumulate: dispatch.accumulate.into(),
    };
    Ok(vec![work(dispatch, Shader::Neuron, &params, vec![], count.div_ceil(STRETCH))])
}

/// Reads a, the guide: first where each position matches best, then the guide there.
pub(super) fn best_match(
    dispatch: &Dispatch,
    [channels, positions, guides]: [usize; 3],
    factor: f32,
) -> Result<Vec<Work>, EngineError> {
    let (x, guide) = (operand(dispatch, 0)?, operand(dispatch, 1)?);
    let count = dispatch.write.len;
    let params = MatchParams {
        count: count as u32,
        out_offset: out_offset(dispatch),
        x_offset: offset(x),
        guide_offset: offset(guide),
        channels: channels as u32,
        positions: positions as u32,
        guides: guides as u32,
        factor,
        accumulate: dispatch.accumulate.into(),
    };
    let find = MatchParams { count: positions as u32, ..params };
    let reads = vec![input(x), input(guide)];
    let find = work(dispatch, Shader::MatchPosition, &find, reads, positions);
    let find = Work { flops: 2.0 * (channels * positions * guides) as f64, ..find };
    let reads = vec![input(guide), from_scratch(positions)];
    let take = work(dispatch, Shader::Match, &params, reads, count);
    Ok(vec![into_scratch(find, positions), take])
}

/// Reads a, d: first what each of them counts for, position by position, then their sum.
pub(super) fn direction(
    dispatch: &Dispatch,
    channels: usize,
    grid: &LayerGrid,
    [cell_rows, cell_columns]: [usize; 2],
    [power, factor]: [f32; 2],
) -> Result<Vec<Work>, EngineError> {
    let (x, d) = (operand(dispatch, 0)?, operand(dispatch, 1)?);
    let (count, positions) = (dispatch.write.len, grid.size[0] * grid.size[1]);
    let params = DirectionParams {
        count: count as u32,
        out_offset: out_offset(dispatch),
        x_offset: offset(x),
        d_offset: offset(d),
        channels: channels as u32,
        height: grid.size[0] as u32,
        width: grid.size[1] as u32,
        image_height: grid.image[0] as u32,
        image_width: grid.image[1] as u32,
        stride_y: grid.stride[0] as u32,
        stride_x: grid.stride[1] as u32,
        cell_rows: cell_rows as u32,
        cell_columns: cell_columns as u32,
        power,
        factor,
        accumulate: dispatch.accumulate.into(),
    };
    let terms = DirectionParams { count: positions as u32, ..params };
    let reads = vec![input(x), input(d)];
    let terms = work(dispatch, Shader::DirectionTerms, &terms, reads, positions);
    let reads = vec![input(x), input(d), from_scratch(2 * positions)];
    let sum = work(dispatch, Shader::Direction, &params, reads, count);
    Ok(vec![into_scratch(terms, 2 * positions), sum])
}

/// Reads x, the mask.
pub(super) fn mask(
    dispatch: &Dispatch,
    grid: &LayerGrid,
    [cell_rows, cell_columns]: [usize; 2],
) -> Result<Vec<Work>, EngineError> {
    let (x, mask) = (operand(dispatch, 0)?, operand(dispatch, 1)?);
    let count = dispatch.write.len;
    let params = MaskParams {
        count: count as u32,
        out_offset: out_offset(dispatch),
        x_offset: offset(x),
        mask_offset: offset(mask),
        height: grid.size[0] as u32,
        width: grid.size[1] as u32,
        image_height: grid.image[0] as u32,
        image_width: grid.image[1] as u32,
        stride_y: grid.stride[0] as u32,
        stride_x: grid.stride[1] as u32,
        cell_rows: cell_rows as u32,
        cell_columns: cell_columns as u32,
        accumulate: dispatch.accumulate.into(),
    };
    Ok(vec![work(dispatch, Shader::Mask, &params, vec![input(x), input(mask)], count)])
}

/// Reads x, y: first partial sums, then their sum.
pub(super) fn dot(dispatch: &Dispatch, factor: f32) -> Result<Vec<Work>, EngineError> {
    let (x, y) = (operand(dispatch, 0)?, operand(dispatch, 1)?);
    let (count, sums) = partial_sums(x);
    let params = DotSumsParams {
        count: count as u32,
        x_offset: offset(x),
        y_offset: offset(y),
        sums: sums as u32,
    };
    let add = work(dispatch, Shader::DotSums, &params, vec![input(x), input(y)], sums);
    Ok(vec![into_scratch(add, sums), add_up(dispatch, sums, Statistic::Mean, factor)])
}

/// Reads dy, y, and what got through.
pub(super) fn redirect(dispatch: &Dispatch) -> Result<Vec<Work>, EngineError> {
    let [dy, y, sum] = [operand(dispatch, 0)?, operand(dispatch, 1)?, operand(dispatch, 2)?];
    let count = dispatch.write.len;
    let params = RedirectParams {
        count: count as u32,
        out_offset: out_offset(dispatch),
        dy_offset: offset(dy),
        y_offset: offset(y),
        sum_offset: offset(sum),
        accumulate: dispatch.accumulate.into(),
    };
    let reads = vec![input(dy), input(y), input(sum)];
    Ok(vec![work(dispatch, Shader::Redirect, &params, reads, count.div_ceil(STRETCH))])
}

/// Reads x.
pub(super) fn record(dispatch: &Dispatch) -> Result<Vec<Work>, EngineError> {
    let x = operand(dispatch, 0)?;
    let count = dispatch.write.len / CURVE;
    let params = RecordParams {
        count: count as u32,
        out_offset: out_offset(dispatch),
        x_offset: offset(x),
        rows: CURVE as u32,
    };
    Ok(vec![work(dispatch, Shader::Record, &params, vec![input(x)], count)])
}

/// Reads x, ‖x‖².
pub(super) fn normalise(dispatch: &Dispatch, factor: f32) -> Result<Vec<Work>, EngineError> {
    let (x, square) = (operand(dispatch, 0)?, operand(dispatch, 1)?);
    let count = dispatch.write.len;
    let params = NormaliseParams {
        count: count as u32,
        out_offset: out_offset(dispatch),
        x_offset: offset(x),
        square_offset: offset(square),
        factor,
        accumulate: dispatch.accumulate.into(),
    };
    let reads = vec![input(x), input(square)];
    Ok(vec![work(dispatch, Shader::Normalise, &params, reads, count.div_ceil(STRETCH))])
}
