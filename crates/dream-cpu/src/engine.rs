//! The engine: plans when a program is prepared, executes its dispatches one after another.

use std::sync::Arc;

use dream_graph::{
    Buffer, Dispatch, Engine, EngineError, Footprint, ForwardPass, IterationParams, Program, Tile,
};

use crate::{
    execute::{Planned, execute},
    memory::{Memory, missing},
    plan::{Forward, node_error, slice},
};

/// The engine's name in messages.
pub(crate) const ENGINE: &str = "CPU";

/// Executes programs on the processor. All work is done at once; nothing is ever pending.
#[derive(Default)]
pub struct CpuEngine {
    memory: Memory,
    prepared: Option<Prepared>,
}

struct Prepared {
    program: Program,
    forward: Forward,
    prologue: Vec<Planned>,
    enter: Vec<Planned>,
    backward: Vec<Planned>,
    leave: Vec<Planned>,
    ascent: Vec<Planned>,
    epilogue: Vec<Planned>,
}

impl CpuEngine {
    fn prepared(&mut self) -> Result<(&mut Memory, &Prepared), EngineError> {
        match &self.prepared {
            Some(prepared) => Ok((&mut self.memory, prepared)),
            None => Err(EngineError::NotPrepared),
        }
    }
}

impl Prepared {
    fn new(program: Program) -> Result<Self, EngineError> {
        let graph = &program.graph;
        let names: Vec<&str> =
            program.saved.iter().map(|&id| graph.value(id).name.as_str()).collect();
        let plan = |dispatches: &[Dispatch]| -> Result<Vec<Planned>, EngineError> {
            dispatches.iter().map(Planned::new).collect()
        };
        Ok(Self {
            forward: Forward::of(graph, &names)?,
            prologue: plan(&program.prologue)?,
            enter: plan(&program.enter)?,
            backward: plan(&program.backward)?,
            leave: plan(&program.leave)?,
            ascent: plan(&program.ascent)?,
            epilogue: plan(&program.epilogue)?,
            program,
        })
    }

    /// Runs tract and checks that it agrees with the graph about every shape.
    fn forward(&self, memory: &mut Memory) -> Result<(), EngineError> {
        memory.saved.clear();
        memory.saved = self.forward.values(memory.buffer(Buffer::NetInput)?)?;
        for (value, &id) in memory.saved.iter().zip(&self.program.saved) {
            let expected = self.program.graph.value(id);
            if slice(value)?.len() != expected.shape.iter().product::<usize>() {
                let reason = format!("tract gives {:?} for {:?}", value.shape(), expected.shape);
                return Err(node_error(&expected.name, &reason));
            }
        }
        Ok(())
    }
}

impl Engine for CpuEngine {
    fn prepare(&mut self, program: Arc<Program>) -> Result<(), EngineError> {
        self.prepared = None;
        let program = program.placed(ForwardPass::Foreign);
        self.memory.lay_out(&program);
        self.prepared = Some(Prepared::new(program)?);
        Ok(())
    }

    fn write(&mut self, buffer: Buffer, data: &[f32]) -> Result<(), EngineError> {
        let target = self.memory.buffer_mut(buffer)?;
        if target.len() != data.len() {
            return Err(missing(buffer, data.len()));
        }
        target.copy_from_slice(data);
        Ok(())
    }

    fn begin(&mut self) -> Result<(), EngineError> {
        let (memory, prepared) = self.prepared()?;
        execute(memory, &prepared.prologue, None)
    }

    async fn iterate(&mut self, burst: &[IterationParams]) -> Result<(), EngineError> {
        let (memory, prepared) = self.prepared()?;
        for &params in burst {
            for &tile in &prepared.program.tiles {
                let step = Some((params, tile));
                execute(memory, &prepared.enter, step)?;
                prepared.forward(memory)?;
                execute(memory, &prepared.backward, step)?;
                execute(memory, &prepared.leave, step)?;
            }
            execute(memory, &prepared.ascent, Some((params, Tile::WHOLE)))?;
        }
        Ok(())
    }

    fn end(&mut self) -> Result<(), EngineError> {
        let (memory, prepared) = self.prepared()?;
        execute(memory, &prepared.epilogue, None)
    }

    async fn settle(&mut self) -> Result<(), EngineError> {
        Ok(())
    }

    async fn read(&mut self, buffer: Buffer) -> Result<Vec<f32>, EngineError> {
        self.memory.buffer(buffer).map(<[f32]>::to_vec)
    }

    fn footprint(&self, program: &Program) -> Footprint {
        let program = program.placed(ForwardPass::Foreign);
        Footprint { total: program.bytes(), largest: program.largest_buffer() }
    }

    fn limits(&self) -> Footprint {
        // What a page's 4 GB of memory leave beside the network and tract's own copies; natively
        // the system knows better.
        let total = if cfg!(target_arch = "wasm32") { 1 << 30 } else { u64::MAX };
        Footprint { total, largest: total }
    }
}
