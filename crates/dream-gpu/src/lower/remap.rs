//! Linear maps along axes. The shader knows two mapped axes with axes that only go along before,
//! between and behind them; everything is brought into that form here.

use dream_graph::{AxisMap, Dispatch, EngineError, Tap};

use crate::{
    shaders::Shader,
    uniforms::RemapParams,
    work::{Input, Work},
};

use super::{elementwise::scale, input, offset, operand, out_offset, work};

/// Some neighbouring axes.
#[derive(Clone, Debug, PartialEq)]
enum Axes {
    /// They go along, so many positions in all.
    Along(usize),
    /// They are mapped.
    Mapped(AxisMap),
}

/// Two maps, and the positions before, between and behind them.
#[derive(Debug, PartialEq)]
struct Layout {
    outer: usize,
    rows: AxisMap,
    middle: usize,
    columns: AxisMap,
    inner: usize,
}

/// Reads x.
pub(super) fn remap(dispatch: &Dispatch, maps: &[AxisMap]) -> Result<Vec<Work>, EngineError> {
    let Some(layout) = layout(maps) else { return scale(dispatch, 1.0) };
    let x = operand(dispatch, 0)?;
    let count = dispatch.write.len;
    let middle_step = layout.columns.input() * layout.inner;
    let row_step = layout.middle * middle_step;
    let params = RemapParams {
        count: count as u32,
        out_offset: out_offset(dispatch),
        x_offset: offset(x),
        height: layout.rows.output() as u32,
        middle: layout.middle as u32,
        width: layout.columns.output() as u32,
        inner: layout.inner as u32,
        outer_step: (layout.rows.input() * row_step) as u32,
        middle_step: middle_step as u32,
        accumulate: dispatch.accumulate.into(),
    };
    let table = table([(&layout.rows, row_step), (&layout.columns, layout.inner)]);
    let reads = vec![input(x), Input::Words(table)];
    Ok(vec![work(dispatch, Shader::Remap, &params, reads, count)])
}

/// The maps as at most two; `None` if they change nothing.
fn layout(maps: &[AxisMap]) -> Option<Layout> {
    let mut axes = merged(maps);
    while axes.iter().filter(|axes| matches!(axes, Axes::Mapped(_))).count() > 2 {
        let (first, last) = shortest_pair(&axes)?;
        let map = axes[first..=last].iter().map(as_map).reduce(|a, b| product(&a, &b))?;
        axes.splice(first..=last, [Axes::Mapped(map)]);
    }
    let mut layout = Layout {
        outer: 1,
        rows: AxisMap::identity(1),
        middle: 1,
        columns: AxisMap::identity(1),
        inner: 1,
    };
    let mut mapped = 0;
    for axes in axes.into_iter().rev() {
        match (axes, mapped) {
            (Axes::Along(length), 0) => layout.inner = length,
            (Axes::Along(length), 1) => layout.middle = length,
            (Axes::Along(length), _) => layout.outer = length,
            (Axes::Mapped(map), 0) => (layout.columns, mapped) = (map, 1),
            (Axes::Mapped(map), _) => (layout.rows, mapped) = (map, 2),
        }
    }
    (mapped > 0).then_some(layout)
}

/// One entry per mapped axis, and one for all neighbours that go along.
fn merged(maps: &[AxisMap]) -> Vec<Axes> {
    let mut axes: Vec<Axes> = Vec::new();
    for map in maps {
        match axes.last_mut() {
            _ if !map.is_identity() => axes.push(Axes::Mapped(map.clone())),
            _ if map.input() == 1 => {}
            Some(Axes::Along(length)) => *length *= map.input(),
            _ => axes.push(Axes::Along(map.input())),
        }
    }
    axes
}

/// The neighbouring mapped axes whose product has the fewest positions.
fn shortest_pair(axes: &[Axes]) -> Option<(usize, usize)> {
    let mapped: Vec<usize> =
        (0..axes.len()).filter(|&i| matches!(axes[i], Axes::Mapped(_))).collect();
    let pairs = mapped.windows(2).map(|pair| (pair[0], pair[1]));
    pairs.min_by_key(|&(first, last)| {
        axes[first..=last].iter().map(|axes| as_map(axes).output()).product::<usize>()
    })
}

fn as_map(axes: &Axes) -> AxisMap {
    match axes {
        Axes::Along(length) => AxisMap::identity(*length),
        Axes::Mapped(map) => map.clone(),
    }
}

/// Both maps as one, on the axis that runs over all pairs of positions.
fn product(a: &AxisMap, b: &AxisMap) -> AxisMap {
    let rows = (0..a.output() * b.output()).map(|i| {
        let (a_row, b_row) = (a.row(i / b.output()), b.row(i % b.output()));
        a_row.iter().flat_map(|outer| {
            b_row.iter().map(|inner| Tap {
                source: outer.source * b.input() as u32 + inner.source,
                weight: outer.weight * inner.weight,
            })
        })
    });
    AxisMap::from_rows(a.input() * b.input(), rows)
}

/// The shader's table: where the rows of both maps begin, then their taps as step and weight.
fn table(maps: [(&AxisMap, usize); 2]) -> Vec<u32> {
    let begins: usize = maps.iter().map(|(map, _)| map.output() + 1).sum();
    let (mut table, mut taps) = (Vec::with_capacity(begins), Vec::new());
    for (map, step) in maps {
        for row in (0..map.output()).map(|i| map.row(i)) {
            table.push((begins + taps.len()) as u32);
            for tap in row {
                taps.push(tap.source * step as u32);
                taps.push((tap.weight as f32).to_bits());
            }
        }
        table.push((begins + taps.len()) as u32);
    }
    table.extend(taps);
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_that_go_along_merge() {
        let (same, half) = (AxisMap::identity, AxisMap::bilinear(4, 2));
        let maps = [same(1), same(3), same(5), half.clone(), same(1), half.clone()];
        assert_eq!(
            merged(&maps),
            [Axes::Along(15), Axes::Mapped(half.clone()), Axes::Mapped(half.clone())]
        );
        let expected =
            Layout { outer: 15, rows: half.clone(), middle: 1, columns: half.clone(), inner: 1 };
        assert_eq!(layout(&maps), Some(expected));
        let one = layout(&[same(2), half.clone(), same(7)]);
        let expected = Layout { outer: 1, rows: same(1), middle: 2, columns: half, inner: 7 };
        assert_eq!(one, Some(expected));
        assert_eq!(layout(&[same(2), same(1)]), None);
    }

    #[test]
    fn more_than_two_maps_become_two() {
        let small = AxisMap::from_sources(2, [Some(1)]);
        let large = AxisMap::from_sources(9, (0..8).map(Some));
        let maps = [large.clone(), small.clone(), AxisMap::identity(3), small];
        let layout = layout(&maps).map(|layout| (layout.rows, layout.columns));
        let picked = AxisMap::from_sources(12, [7, 9, 11].map(Some));
        assert_eq!(layout, Some((large, picked)));
    }

    #[test]
    fn tables_hold_begins_then_taps() {
        let rows = AxisMap::from_sources(3, [Some(2), None]);
        let columns = AxisMap::bilinear(2, 1);
        let half = 0.5f32.to_bits();
        let one = 1f32.to_bits();
        let expected = [5, 7, 7, 7, 11, 20, one, 0, half, 1, half];
        assert_eq!(table([(&rows, 10), (&columns, 1)]), expected);
    }
}
