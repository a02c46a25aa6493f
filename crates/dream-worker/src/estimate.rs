//! About how long a dream takes: its pixels, by what a small dream like it takes here.

use std::sync::Arc;

use dream::{DreamError, Plan, Session};
use dream_engines::AnyEngine;
use dream_graph::Network;
use dream_protocol::{DreamSettings, Edges, EngineChoice, Objective, Picture, Prior, Start};

/// Pixels times iterations below which nobody asks how long it takes.
const LARGE: f64 = 2e7;
/// Side of the small dream.
const SIDE: u32 = 160;
/// Its iterations; the first is not counted.
const ITERATIONS: u32 = 4;

/// What was measured with the model: on which engine, at which layers, and pixels per second.
#[derive(Default)]
pub struct Paces(Vec<(EngineChoice, Vec<String>, f64)>);

impl Paces {
    /// How many seconds a large dream takes; nothing for a small one.
    ///
    /// # Errors
    /// Whatever keeps the small dream from being dreamed.
    pub async fn seconds(
        &mut self,
        network: Arc<dyn Network>,
        engine: AnyEngine,
        settings: &DreamSettings,
        plan: Plan,
    ) -> Result<Option<u32>, DreamError> {
        let rounds = f64::from(settings.iterations) * f64::from(1 + settings.again);
        let work = plan.pixels as f64 * rounds;
        if work < LARGE {
            return Ok(None);
        }
        let mut layers: Vec<_> = settings.objectives.iter().map(|it| it.layer.clone()).collect();
        layers.sort_unstable();
        let choice = engine.choice();
        let known = self.0.iter().find(|(on, at, _)| *on == choice && *at == layers);
        let pace = match known {
            Some((.., pace)) => *pace,
            None => {
                let pace = measured(network, engine, settings).await?;
                self.0.push((choice, layers, pace));
                pace
            }
        };
        Ok(Some((work / pace).ceil() as u32))
    }
}

async fn measured(
    network: Arc<dyn Network>,
    engine: AnyEngine,
    settings: &DreamSettings,
) -> Result<f64, DreamError> {
    // What needs a picture costs about as much as its layer alone.
    let alone = |it: &Objective| match it.kind.material() {
        Some(_) => Objective::layer(&it.layer),
        None => Objective { mask: Default::default(), ..it.clone() },
    };
    let small = DreamSettings {
        objectives: settings.objectives.iter().map(alone).collect(),
        octaves: 1,
        iterations: ITERATIONS,
        size: SIDE,
        again: 0,
        start: Start::Noise,
        prior: Prior { mask: Default::default(), edges: Edges::Plain, ..settings.prior },
        ..settings.clone()
    };
    let rgba = vec![255; (SIDE * SIDE * 4) as usize];
    let picture = Picture { width: SIDE, height: SIDE, rgba };
    let mut session = Session::new(network, engine, &picture, &[], &small)?;
    let mut pace = 1.0;
    while let Some(progress) = session.advance().await? {
        pace = progress.pixels_per_second;
    }
    Ok(pace)
}
