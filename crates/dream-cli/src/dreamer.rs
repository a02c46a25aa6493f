//! Dreams one picture after another, for commands that make many.

use std::sync::Arc;

use anyhow::Result;
use dream::{Session, begin};
use dream_engines::{Engines, with_layers};
use dream_graph::Network;
use dream_onnx::Model;
use dream_protocol::{DreamSettings, EngineChoice, EngineInUse, Picture};
use pollster::block_on;

use crate::{console::Console, interrupt::Interrupt};

/// A network with an engine, and the pictures that its settings name.
pub struct Dreamer<'a> {
    model: Model,
    network: Arc<dyn Network>,
    materials: Vec<Picture>,
    engines: Engines,
    choice: EngineChoice,
    console: &'a Console,
    told: bool,
}

impl<'a> Dreamer<'a> {
    /// One that dreams with this network on that engine.
    pub fn new(
        model: Model,
        materials: Vec<Picture>,
        choice: EngineChoice,
        console: &'a Console,
    ) -> Self {
        let network = Arc::new(model.clone());
        Self {
            model,
            network,
            materials,
            engines: Engines::default(),
            choice,
            console,
            told: false,
        }
    }

    /// Dreams from start to end; `None` where it was interrupted. What is worth knowing is told of
    /// the first dream only.
    ///
    /// # Errors
    /// Settings that cannot be, and engines that fail.
    pub fn dream(
        &mut self,
        picture: &Picture,
        settings: &DreamSettings,
        interrupt: &Interrupt,
    ) -> Result<Option<Picture>> {
        let settings = with_layers(settings.clone(), &self.model)?;
        let start = begin(picture, &settings);
        let default_layer = self.model.default_layer();
        let chosen =
            block_on(self.engines.choose(self.choice, self.network.as_ref(), default_layer))?;
        let EngineInUse { name, reason, .. } = chosen.in_use();
        let network = self.network.clone();
        let mut session = Session::new(network, chosen.engine, &start, &self.materials, &settings)?;
        if !self.told {
            self.told = true;
            session.notes().iter().for_each(|note| self.console.note(note));
            self.console.note(&format!("Dreaming on the {name} engine ({reason})."));
        }
        while !interrupt.pressed() {
            if block_on(session.advance())?.is_none() {
                return Ok(Some(block_on(session.finish())?));
            }
        }
        Ok(None)
    }
}
