//! What tract's matrix products are summed up by in WebAssembly.
//!
//! tract's own kernel for it sums up 8 × 8 elements at once. x86 has fifteen registers for what a browser
//! compiles, so that sums are put aside and fetched again for every factor. This one goes over a tile's
//! rows in bands of [`BAND`], whose sums stay in registers: half as fast again.
//!
//! Every sum is taken over its factors one after the other, wherever it lies, so that equal inputs give
//! outputs that are equal to the last bit.

use std::{arch::wasm32::*, array::from_fn, slice::from_raw_parts};

use tract_onnx::tract_core::{
    internal::inventory,
    prelude::*,
    tract_linalg::{
        BinOp,
        isa::Arch,
        mmm::{DynKernel, FusedKerSpec as Step, FusedSpec, MatMatMul, OutputStoreKer},
        mmm_routines::MmmRoutine,
        mmm_tiers::MmmTier,
        pack::PackedFormat,
    },
};

/// Rows whose sums are in registers together.
const BAND: usize = 4;
/// Rows of a tile: the more, the less often tract begins one.
const ROWS: usize = 16;
/// Columns of a tile, and the vectors of a row.
const COLUMNS: usize = 8;
const VECTORS: usize = COLUMNS / 4;
/// What tract calls it.
const NAME: &str = "dream_f32_16x8";

/// The sums of a tile, row by row.
type Tile = [[v128; VECTORS]; ROWS];

inventory::submit! { MmmRoutine { make } }

inventory::submit! {
    MmmTier {
        arch: Some(Arch::Wasm32Simd128),
        // tract's own is 1.
        precedence: 2,
        name: NAME,
        applies: |_| true,
        preferred: |_, kind, query, _| {
            // Rows of a tile beyond the matrix are computed in vain.
            let fills = query.m.is_none_or(|rows| 2 * rows > ROWS) && query.n != Some(1);
            (kind == DatumType::F32 && fills).then_some(NAME)
        },
    }
}

fn make() -> Box<dyn MatMatMul> {
    let [rows, columns] = [ROWS, COLUMNS].map(|size| PackedFormat::new(DatumType::F32, size, 16));
    let mut kernel = DynKernel::<ROWS, COLUMNS, f32>::new(NAME, run, rows, columns);
    kernel.arch = Some(Arch::Wasm32Simd128);
    kernel.can_fuse = |step| !matches!(step, FusedSpec::LeakyRelu(_));
    kernel.row_major_store = true;
    kernel.mmm()
}

/// Takes the steps of a tile; returns 1 at one that products of floats do not have.
#[expect(unsafe_code, reason = "tract's kernels are told by pointers where their operands lie")]
unsafe fn run(steps: &[Step<f32>]) -> isize {
    let mut tile = all(0.0);
    for step in steps {
        let (op, other) = match *step {
            Step::Done => break,
            Step::Clear => {
                tile = all(0.0);
                continue;
            }
            Step::AddMatMul { k, pa, pb, .. } => {
                let a = unsafe { from_raw_parts(pa.cast(), k) };
                let b = unsafe { from_raw_parts(pb.cast(), k) };
                multiply(&mut tile, a, b);
                continue;
            }
            Step::Store(to) => {
                unsafe { store(&tile, to) };
                continue;
            }
            Step::AddUnicast(from) => (BinOp::Add, unsafe { load(from) }),
            Step::ScalarMin(x) => (BinOp::Min, all(x)),
            Step::ScalarMax(x) => (BinOp::Max, all(x)),
            Step::ScalarAdd(x) => (BinOp::Add, all(x)),
            Step::ScalarMul(x) => (BinOp::Mul, all(x)),
            Step::ScalarSub(x) => (BinOp::Sub, all(x)),
            Step::ScalarSubF(x) => (BinOp::SubF, all(x)),
            Step::PerRowMin(x) => (BinOp::Min, down(unsafe { &*x.cast() })),
            Step::PerRowMax(x) => (BinOp::Max, down(unsafe { &*x.cast() })),
            Step::PerRowAdd(x) => (BinOp::Add, down(unsafe { &*x.cast() })),
            Step::PerRowMul(x) => (BinOp::Mul, down(unsafe { &*x.cast() })),
            Step::PerRowSub(x) => (BinOp::Sub, down(unsafe { &*x.cast() })),
            Step::PerRowSubF(x) => (BinOp::SubF, down(unsafe { &*x.cast() })),
            Step::PerColMin(x) => (BinOp::Min, across(unsafe { &*x.cast() })),
            Step::PerColMax(x) => (BinOp::Max, across(unsafe { &*x.cast() })),
            Step::PerColAdd(x) => (BinOp::Add, across(unsafe { &*x.cast() })),
            Step::PerColMul(x) => (BinOp::Mul, across(unsafe { &*x.cast() })),
            Step::PerColSub(x) => (BinOp::Sub, across(unsafe { &*x.cast() })),
            Step::PerColSubF(x) => (BinOp::SubF, across(unsafe { &*x.cast() })),
            _ => return 1,
        };
        combine(&mut tile, op, &other);
    }
    0
}

/// Adds the product of two panels.
fn multiply(tile: &mut Tile, a: &[[f32; ROWS]], b: &[[v128; VECTORS]]) {
    for (index, band) in tile.as_chunks_mut::<BAND>().0.iter_mut().enumerate() {
        let mut sums = *band;
        for (a, b) in a.iter().zip(b) {
            let a = &a.as_chunks::<BAND>().0[index];
            for (sums, &a) in sums.iter_mut().zip(a) {
                for (sum, &b) in sums.iter_mut().zip(b) {
                    *sum = f32x4_add(*sum, f32x4_mul(f32x4_splat(a), b));
                }
            }
        }
        *band = sums;
    }
}

/// Combines each sum with an operand.
fn combine(tile: &mut Tile, op: BinOp, other: &Tile) {
    let sums = tile.as_flattened_mut().iter_mut().zip(other.as_flattened());
    match op {
        BinOp::Min => sums.for_each(|(sum, &x)| *sum = f32x4_min(x, *sum)),
        BinOp::Max => sums.for_each(|(sum, &x)| *sum = f32x4_max(x, *sum)),
        BinOp::Add => sums.for_each(|(sum, &x)| *sum = f32x4_add(x, *sum)),
        BinOp::Mul => sums.for_each(|(sum, &x)| *sum = f32x4_mul(x, *sum)),
        BinOp::Sub => sums.for_each(|(sum, &x)| *sum = f32x4_sub(x, *sum)),
        BinOp::SubF => sums.for_each(|(sum, &x)| *sum = f32x4_sub(*sum, x)),
    }
}

/// A tile of one value.
fn all(value: f32) -> Tile {
    [[f32x4_splat(value); VECTORS]; ROWS]
}

/// A tile of a value for each row.
fn down(values: &[f32; ROWS]) -> Tile {
    values.map(|value| [f32x4_splat(value); VECTORS])
}

/// A tile of a value for each column.
fn across(values: &[[f32; 4]; VECTORS]) -> Tile {
    [values.map(|[x, y, z, w]| f32x4(x, y, z, w)); ROWS]
}

/// Where in memory an element of a tile lies.
#[expect(unsafe_code, reason = "as told by tract")]
unsafe fn place(memory: OutputStoreKer, row: usize, column: usize) -> *mut f32 {
    let [row, column] = [row, column].map(|index| index as isize);
    let offset = row * memory.row_byte_stride + column * memory.col_byte_stride;
    unsafe { memory.ptr.offset(offset).cast() }
}

#[expect(unsafe_code, reason = "as told by tract")]
unsafe fn load(memory: OutputStoreKer) -> Tile {
    let element = |row, column| unsafe { *place(memory, row, column) };
    from_fn(|row| {
        from_fn(|vector| {
            let [x, y, z, w] = from_fn(|lane| element(row, 4 * vector + lane));
            f32x4(x, y, z, w)
        })
    })
}

#[expect(unsafe_code, reason = "as told by tract")]
unsafe fn store(tile: &Tile, memory: OutputStoreKer) {
    for (row, sums) in tile.iter().enumerate() {
        if memory.col_byte_stride == size_of::<f32>() as isize {
            unsafe { place(memory, row, 0).cast::<[v128; VECTORS]>().write_unaligned(*sums) };
            continue;
        }
        for (vector, &sum) in sums.iter().enumerate() {
            let place = |lane| unsafe { place(memory, row, 4 * vector + lane) };
            unsafe {
                *place(0) = f32x4_extract_lane::<0>(sum);
                *place(1) = f32x4_extract_lane::<1>(sum);
                *place(2) = f32x4_extract_lane::<2>(sum);
                *place(3) = f32x4_extract_lane::<3>(sum);
            }
        }
    }
}
