//! What the worker answers besides dreaming: measurements, what the network sees, small dreams.

use std::sync::Arc;

use dream::{DreamError, Session};
use dream_engines::{
    Classifier, ClassifyError,
    bench::{Order, Watch, bench, table},
    with_layers,
};
use dream_protocol::{Classified, DreamSettings, EngineChoice, Event, Picture, RequestId, SIZE};

use super::Worker;
use crate::{failures::engine_failure, model::Held};

/// At most this many classes are named.
const TOP: usize = 5;
/// Seconds after which a measurement begins no further round.
const BENCH_SECONDS: f64 = 60.0;

impl Worker {
    /// Measures an iteration.
    pub(super) async fn bench(
        &mut self,
        id: RequestId,
        layer: Option<String>,
        size: u32,
        engine: EngineChoice,
    ) -> Result<Event, DreamError> {
        SIZE.check(size.into())?;
        let Held { model, card } = &self.held;
        let layer = layer.as_deref().unwrap_or(&card.default_layer);
        let seconds = BENCH_SECONDS;
        let order = Order { network: model, model: &card.name, layer, size, engine, seconds };
        let report = bench(&order, &mut self.engines, &mut Posting { id, post: self.post }).await?;
        Ok(Event::Measured { id, table: table(&report) })
    }

    /// Answers what the network sees.
    pub(super) fn classify(&mut self, id: RequestId, picture: &Picture) {
        match self.seen(picture) {
            Ok(classes) => self.post(Event::Classified { id, classes }),
            Err(error) => self.fail(id, engine_failure(&error.to_string())),
        }
    }

    /// Makes a small dream from start to end.
    pub(super) async fn sketch(
        &mut self,
        picture: &Picture,
        settings: DreamSettings,
        engine: EngineChoice,
    ) -> Result<Picture, DreamError> {
        let settings = with_layers(settings, &self.held.model)?;
        let engine = self.choose(engine).await?.engine;
        let network = Arc::new(self.held.model.clone());
        let mut session = Session::new(network, engine, picture, &[], &settings)?;
        while session.advance().await?.is_some() {}
        session.finish().await
    }

    fn seen(&mut self, picture: &Picture) -> Result<Vec<Classified>, ClassifyError> {
        let classifier = match self.classifier.take() {
            Some(classifier) => classifier,
            None => Classifier::new(&self.held.model)?,
        };
        self.classifier.insert(classifier).classify(picture, TOP)
    }
}

/// Tells the page how far a measurement is.
struct Posting {
    id: RequestId,
    post: fn(&Event),
}

impl Watch for Posting {
    fn hear(&mut self, fraction: f64, words: &str) {
        let Self { id, post } = *self;
        post(&Event::Measuring { id, fraction, words: words.to_owned() });
    }

    fn peak_memory(&self) -> Option<u64> {
        None
    }
}
