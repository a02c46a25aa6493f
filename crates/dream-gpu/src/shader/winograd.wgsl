// What the transforms of minimal filtering with 3 x 3 kernels share: their uniform, and what they write.
// `dream_graph::winograd` says what they compute, and has their points. Stands before winograd_read.wgsl
// and winograd_write.wgsl.

struct Params {
    count: u32,      // channels * tiles
    tiles: u32,      // of a strip: rows of tiles one after another, filled up to a multiple of four
    across: u32,     // tiles in a row
    first_row: u32,  // row of tiles that the strip begins with
    rows: u32,       // of tiles
    height: u32,     // of what is read, or of what is written
    width: u32,
    before_y: i32,   // padding before; negative skips input
    before_x: i32,
    x_offset: u32,      // elements
    out_offset: u32,    // elements
    accumulate: u32,    // != 0: out += value
    rectified: u32,     // != 0: 0 where the rectifier has let nothing through
    rectifier_offset: u32,      // elements
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> out: array<Pack>;

// A tile of a channel: its row and column among those of the strip.
struct Tile {
    channel: u32,
    row: u32,
    column: u32,
}

fn tile_of(i: u32) -> Tile {
    let channel = quotient(i, params.tiles);
    let tile = i - channel * params.tiles;
    let row = quotient(tile, params.across);
    return Tile(channel, row, tile - row * params.across);
}
