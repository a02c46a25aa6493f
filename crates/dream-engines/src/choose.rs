//! Which engine runs the dream, and why.

use dream_cpu::CpuEngine;
use dream_graph::EngineError;
use dream_protocol::EngineChoice;

use crate::any::AnyEngine;

/// An engine with what a user should know about the choice.
pub struct Chosen {
    /// The engine.
    pub engine: AnyEngine,
    /// Its name as users know it.
    pub name: &'static str,
    /// Why it was chosen.
    pub reason: String,
}

/// Makes the engine that was asked for, or the best one for `auto`.
///
/// # Errors
/// [`EngineError::Unavailable`] for an engine that this build does not have.
pub fn choose(choice: EngineChoice) -> Result<Chosen, EngineError> {
    let reason = match choice {
        EngineChoice::Cpu => "you asked for it",
        EngineChoice::Auto => "it is the only engine of this version",
        EngineChoice::Gpu => return Err(unavailable("GPU")),
        EngineChoice::Hybrid => return Err(unavailable("hybrid")),
    };
    let engine = AnyEngine::Cpu(CpuEngine::default());
    Ok(Chosen { engine, name: "CPU", reason: reason.to_owned() })
}

fn unavailable(engine: &'static str) -> EngineError {
    let reason = "this version has no WebGPU yet; choose cpu or auto".to_owned();
    EngineError::Unavailable { engine, reason }
}
