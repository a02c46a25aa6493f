//! What the engine tests share: stored tensors, the engines under test, measures of difference.
//!
//! Every engine runs every case; a new engine joins in [`engines`].

pub mod climb;

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use dream_engines::{AnyEngine, Gpu, GpuEngine, HybridEngine, Tier};
use dream_onnx::{Model, ModelFiles, OnnxError};
use safetensors::{Dtype, SafeTensors};

/// A named tensor: shape and elements.
pub type Tensor = (Vec<usize>, Vec<f32>);

/// An engine under test.
pub struct Candidate {
    /// Its name.
    pub name: &'static str,
    /// The engine.
    pub engine: AnyEngine,
}

/// The engines under test. Those that need a GPU are left out, loudly, where there is no adapter.
pub async fn engines() -> Vec<Candidate> {
    let mut engines = vec![Candidate { name: "CPU", engine: AnyEngine::Cpu(Default::default()) }];
    if let Some(gpu) = gpu().await {
        let whole = |gpu| AnyEngine::Gpu(GpuEngine::new(gpu));
        engines.push(Candidate { name: "GPU", engine: whole(gpu.clone()) });
        // The kernels of devices that this machine may not have.
        for (name, tier) in [
            ("GPU, discrete", Tier::Discrete),
            ("GPU, without subgroups", Tier::Software { subgroups: false }),
        ] {
            engines.push(Candidate { name, engine: whole(gpu.clone().with_tier(tier)) });
        }
        let hybrid = HybridEngine::new(GpuEngine::without_forward(gpu));
        engines.push(Candidate { name: "hybrid", engine: AnyEngine::Hybrid(hybrid) });
    }
    engines
}

/// The GPU, software or not.
///
/// # Panics
/// If there is none and `DREAM_REQUIRE_GPU` asks for one.
#[expect(clippy::panic, reason = "whoever requires a GPU wants to see it missing")]
pub async fn gpu() -> Option<Gpu> {
    match Gpu::open().await {
        Ok(gpu) => Some(gpu),
        Err(error) if std::env::var_os("DREAM_REQUIRE_GPU").is_some() => {
            panic!("DREAM_REQUIRE_GPU is set, but {error}")
        }
        Err(error) => {
            eprintln!("SKIPPED: no GPU tests ({error}); set DREAM_REQUIRE_GPU=1 to demand them");
            None
        }
    }
}

/// Reads a model from bytes, without external data; its input may have any number of channels.
///
/// # Errors
/// Those of [`Model::read_any`].
pub fn read_model(name: &str, model: &[u8]) -> Result<Model, OnnxError> {
    Model::read_any(&ModelFiles { name, model, external: &BTreeMap::new() })
}

/// Reads a safetensors file; numbers of any kind become f32.
///
/// # Panics
/// If the file is not what the generators write.
#[expect(clippy::expect_used, clippy::panic, reason = "a broken fixture is a broken test")]
pub fn read_tensors(bytes: &[u8]) -> BTreeMap<String, Tensor> {
    let tensors = SafeTensors::deserialize(bytes).expect("a fixture is damaged");
    let numbers = |tensor: safetensors::tensor::TensorView<'_>| -> Vec<f32> {
        let words = tensor.data().as_chunks::<4>().0.iter();
        match tensor.dtype() {
            Dtype::F32 => words.map(|&word| f32::from_le_bytes(word)).collect(),
            Dtype::I32 => words.map(|&word| i32::from_le_bytes(word) as f32).collect(),
            Dtype::U8 => tensor.data().iter().map(|&byte| f32::from(byte)).collect(),
            other => panic!("fixtures hold no {other:?}"),
        }
    };
    let named = tensors.tensors().into_iter();
    named.map(|(name, t)| (name, (t.shape().to_vec(), numbers(t)))).collect()
}

/// A folder of this package's fixtures.
pub fn fixtures(folder: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(folder)
}

/// A file of the shared reference material: in the folder that `PAREIDOLIA_SHARED` names, else in
/// `../shared` beside the repository. Says loudly when it is absent.
pub fn shared(file: &str) -> Option<PathBuf> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    let folder = std::env::var_os("PAREIDOLIA_SHARED").map_or_else(beside, PathBuf::from);
    let path = folder.join(file);
    if path.exists() {
        return Some(path);
    }
    eprintln!("SKIPPED: {file} is not here; set PAREIDOLIA_SHARED to the folder that has it");
    None
}

/// Largest difference over the largest expected magnitude. Different lengths, or a number that is
/// none, differ infinitely.
pub fn relative_error(actual: &[f32], expected: &[f32]) -> f32 {
    if actual.len() != expected.len() || actual.iter().any(|a| !a.is_finite()) {
        return f32::INFINITY;
    }
    let largest = expected.iter().fold(f32::MIN_POSITIVE, |max, e| max.max(e.abs()));
    actual.iter().zip(expected).fold(0.0f32, |max, (a, e)| max.max((a - e).abs())) / largest
}

/// The [relative error](relative_error) of nine elements in ten: for gradients on an engine whose
/// forward pass rounds in its own way. GoogLeNet's stored case has units that single precision
/// cannot tell from 0: unit 4134 of `conv2/3x3_reduce` is −2·10⁻⁷ in exact arithmetic, and rounding
/// there is 10⁻⁵. An engine that rounds one above 0 has another gradient at all pixels that the
/// unit sees.
pub fn error_of_most(actual: &[f32], expected: &[f32]) -> f32 {
    if actual.len() != expected.len() || actual.iter().any(|a| !a.is_finite()) {
        return f32::INFINITY;
    }
    let largest = expected.iter().fold(f32::MIN_POSITIVE, |max, e| max.max(e.abs()));
    let mut errors: Vec<f32> = actual.iter().zip(expected).map(|(a, e)| (a - e).abs()).collect();
    errors.sort_unstable_by(f32::total_cmp);
    errors.get(errors.len() * 9 / 10).map_or(0.0, |error| error / largest)
}

/// Peak signal-to-noise ratio of two pictures of levels 0–255, in decibels.
pub fn psnr(a: &[f32], b: &[f32]) -> f64 {
    assert_eq!(a.len(), b.len(), "pictures of different sizes");
    let squares = a.iter().zip(b).map(|(a, b)| f64::from(a - b).powi(2));
    let mean = squares.sum::<f64>() / a.len() as f64;
    10.0 * (255.0f64.powi(2) / mean).log10()
}

/// Numbers that look random and are the same everywhere, in -1 to 1.
pub fn noise(seed: u32, len: usize) -> Vec<f32> {
    let mut state = u64::from(seed) * 2 + 1;
    let mut next = || {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 40) as f32 / (1u64 << 23) as f32 - 1.0
    };
    (0..len).map(|_| next()).collect()
}
