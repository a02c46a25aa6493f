//! The worker's life: once its model is loaded, one request or one burst at a time.

mod asides;

use std::{ops::ControlFlow, sync::Arc};

use dream::{DreamError, Session};
use dream_engines::{
    AnyEngine, Chosen, Classifier, EngineError, Engines, Gpu, Tier, probe, with_layers,
};
use dream_protocol::{
    DreamSettings, EngineChoice, Event, Failure, FailureKind, File, Need, Picture, Remix, Request,
    RequestId,
};
use futures_channel::oneshot;

use crate::{
    estimate::Paces,
    failures::{engine_failure, failure, gone},
    fetch,
    model::{self, Held},
    pace::{Clock, breathe},
    port::{self, Port, post},
};

/// Serves the page until the worker ends.
pub async fn run(port: Port) {
    let device = open_device();
    let built_in = match fetch::built_in().await.and_then(|bytes| model::built_in(&bytes)) {
        Ok(held) => held,
        Err(reason) => {
            let message = format!("its built-in model could not be loaded ({reason})");
            let failure = Failure { kind: FailureKind::Crash, message };
            post(&Event::Failed { id: None, failure });
            return port::scope().close();
        }
    };
    post(&Event::Ready { model: built_in.card.clone() });
    let (held, mut engines, paces) = (built_in.clone(), Engines::default(), Paces::default());
    engines.adopt(device);
    let mut worker =
        Worker { port, built_in, held, classifier: None, engines, paces, ended: None, post };
    let mut state = State::Loaded;
    loop {
        if matches!(state, State::Dreaming(_)) {
            breathe().await;
        }
        state = worker.step(state).await;
    }
}

/// Opens the device and makes its pipelines while the model is still on its way. Whoever needs the
/// device waits for it, and hears why where there is none.
fn open_device() -> impl Future<Output = Result<Gpu, EngineError>> {
    let (sender, receiver) = oneshot::channel();
    wasm_bindgen_futures::spawn_local(async move {
        let opened = Gpu::open().await;
        // Software adapters compile in the page's way, for seconds, and few dreams use them.
        if let Ok(gpu) = &opened
            && !matches!(gpu.tier(), Tier::Software { .. })
        {
            gpu.warm_up();
        }
        // Nobody waits for it where every dream is the CPU's.
        let _ = sender.send(opened);
    });
    async {
        let ended =
            |_| EngineError::Unavailable { engine: "GPU", reason: "nobody opened it".into() };
        receiver.await.map_err(ended)?
    }
}

/// What the worker is at.
enum State {
    /// Waiting for a request.
    Loaded,
    /// Dreaming, one burst at a time.
    Dreaming(Box<Dream>),
    /// The dream's engine has failed; waiting to hear on which to go on, or to stop.
    Interrupted(Box<Dream>),
}

/// A dream under way.
struct Dream {
    id: RequestId,
    session: Session<AnyEngine>,
    clock: Clock,
}

/// What the worker has for as long as it lives.
struct Worker {
    port: Port,
    built_in: Held,
    held: Held,
    /// Planned when the held model is first asked what it sees.
    classifier: Option<Classifier>,
    engines: Engines,
    /// How fast the held model dreams.
    paces: Paces,
    /// The dream that ended last, to be remixed or taken up again.
    ended: Option<Box<Dream>>,
    post: fn(&Event),
}

impl Worker {
    async fn step(&mut self, state: State) -> State {
        match state {
            State::Loaded => {
                let request = self.port.next().await;
                self.answer(request).await
            }
            State::Dreaming(dream) => self.proceed(dream).await,
            State::Interrupted(dream) => {
                let request = self.port.next().await;
                self.decide(dream, request).await
            }
        }
    }

    async fn answer(&mut self, request: Request) -> State {
        match request {
            Request::LoadModel { id, files } => match self.open(&files).await {
                Ok(held) => {
                    self.held = held;
                    self.classifier = None;
                    self.paces = Paces::default();
                    self.post(Event::ModelLoaded { id, model: self.held.card.clone() });
                }
                Err(message) => self.fail(id, Failure { kind: FailureKind::Model, message }),
            },
            Request::Plan { id, width, height, materials, settings, engine } => {
                let sides = |[width, height]: [u32; 2]| [height, width].map(|side| side as usize);
                let materials: Vec<_> = materials.into_iter().map(sides).collect();
                match self.plan(sides([width, height]), &materials, settings, engine).await {
                    Ok((chosen, need)) => {
                        self.post(Event::Planned { id, engine: chosen.in_use(), need });
                    }
                    Err(error) => self.fail(id, failure(&error)),
                }
            }
            Request::Dream { id, picture, materials, settings, engine } => {
                // It would hold memory that this one may need.
                self.ended = None;
                match self.begin(id, &picture, &materials, settings, engine).await {
                    Ok(dream) => return State::Dreaming(Box::new(dream)),
                    Err(error) => self.fail(id, failure(&error)),
                }
            }
            Request::Bench { id, layer, size, engine } => {
                match self.bench(id, layer, size, engine).await {
                    Ok(measured) => self.post(measured),
                    Err(error) => self.fail(id, failure(&error)),
                }
            }
            Request::Classify { id, picture } => self.classify(id, &picture),
            Request::Sketch { id, picture, settings, engine } => {
                match self.sketch(&picture, settings, engine).await {
                    Ok(picture) => self.post(Event::Sketched { id, picture }),
                    Err(error) => self.fail(id, failure(&error)),
                }
            }
            Request::Probe { id, picture, layer, at } => {
                match probe(&self.held.model, &picture, &layer, at) {
                    Ok(firing) => self.post(Event::Probed { id, firing }),
                    Err(error) => self.fail(id, engine_failure(&error.to_string())),
                }
            }
            Request::KeepGoing { id, settings, materials } => {
                return self.keep_going(id, settings, materials.as_deref()).await;
            }
            Request::Remix { id, remix } => self.remix(id, &remix),
            // The dream has ended by itself meanwhile.
            Request::Continue { .. } | Request::Stop { .. } | Request::Update { .. } => {}
        }
        State::Loaded
    }

    async fn open(&self, files: &[File]) -> Result<Held, String> {
        if files.is_empty() { Ok(self.built_in.clone()) } else { model::open(files).await }
    }

    async fn plan(
        &mut self,
        size: [usize; 2],
        materials: &[[usize; 2]],
        settings: DreamSettings,
        engine: EngineChoice,
    ) -> Result<(Chosen, Need), DreamError> {
        let settings = with_layers(settings, &self.held.model)?;
        let chosen = self.choose(engine).await?;
        let plan = dream::plan(&self.held.model, &settings, &chosen.engine, size, materials)?;
        let network = Arc::new(self.held.model.clone());
        let engine = self.choose(engine).await?.engine;
        // A plan without a time is a plan.
        let seconds = self.paces.seconds(network, engine, &settings, plan).await.ok().flatten();
        Ok((chosen, Need { seconds, ..plan.into() }))
    }

    async fn begin(
        &mut self,
        id: RequestId,
        picture: &Picture,
        materials: &[Picture],
        settings: DreamSettings,
        engine: EngineChoice,
    ) -> Result<Dream, DreamError> {
        let settings = with_layers(settings, &self.held.model)?;
        let chosen = self.choose(engine).await?;
        let engine = chosen.in_use();
        let network = Arc::new(self.held.model.clone());
        let session = Session::new(network, chosen.engine, picture, materials, &settings)?;
        let (need, notes) = (session.plan().into(), session.notes().to_vec());
        self.post(Event::Started { id, engine, need, notes });
        let mut clock = Clock::default();
        clock.start();
        Ok(Dream { id, session, clock })
    }

    /// One burst, or the end if the page has asked for it.
    async fn proceed(&mut self, mut dream: Box<Dream>) -> State {
        // What the network sees meanwhile may be asked between two bursts.
        while let Some((id, picture)) = self.port.classification() {
            self.classify(id, &picture);
        }
        let went = if self.port.stopped(dream.id) {
            self.end(&mut dream, true).await
        } else {
            self.burst(&mut dream).await
        };
        match went {
            Ok(ControlFlow::Continue(())) => State::Dreaming(dream),
            Ok(ControlFlow::Break(())) => {
                self.ended = Some(dream);
                State::Loaded
            }
            Err(DreamError::Engine(error)) => self.interrupt(dream, &error),
            Err(error) => {
                self.fail(dream.id, failure(&error));
                State::Loaded
            }
        }
    }

    async fn burst(&mut self, dream: &mut Dream) -> Result<ControlFlow<()>, DreamError> {
        let id = dream.id;
        if let Some((settings, materials)) = self.port.updated(id) {
            let steered = match with_layers(settings, &self.held.model) {
                Ok(settings) => dream.session.update(&settings, materials.as_deref()).await,
                Err(error) => Err(error),
            };
            match steered {
                Ok(()) => {}
                Err(DreamError::Engine(error)) => return Err(error.into()),
                Err(error) => self.post(Event::Refused { id, failure: failure(&error) }),
            }
        }
        let Some(progress) = dream.session.advance().await? else {
            return self.end(dream, false).await;
        };
        self.post(Event::Progress { id, progress });
        if dream.clock.preview_due(progress.iteration == progress.iterations) {
            let picture = dream.session.frame().await?;
            let scores = dream.session.scores().await?;
            self.post(Event::Frame { id, picture, scores });
        }
        Ok(ControlFlow::Continue(()))
    }

    async fn end(&self, dream: &mut Dream, stopped: bool) -> Result<ControlFlow<()>, DreamError> {
        let picture = dream.session.finish().await?;
        dream.clock.stop();
        self.done(dream, picture, stopped);
        Ok(ControlFlow::Break(()))
    }

    fn done(&self, dream: &Dream, picture: Picture, stopped: bool) {
        let (seconds, octaves) = (dream.clock.seconds(), dream.session.remixable() as u32);
        self.post(Event::Done { id: dream.id, picture, stopped, seconds, octaves });
    }

    /// Takes up the dream that ended last.
    async fn keep_going(
        &mut self,
        id: RequestId,
        settings: DreamSettings,
        materials: Option<&[Picture]>,
    ) -> State {
        let Some(mut dream) = self.ended.take_if(|dream| dream.id == id) else {
            self.fail(id, gone());
            return State::Loaded;
        };
        let taken_up = match with_layers(settings, &self.held.model) {
            Ok(settings) => dream.session.keep_going(&settings, materials).await,
            Err(error) => Err(error),
        };
        match taken_up {
            Ok(()) => {
                dream.clock = Clock::default();
                dream.clock.start();
                State::Dreaming(dream)
            }
            Err(error) => {
                self.fail(id, failure(&error));
                self.ended = Some(dream);
                State::Loaded
            }
        }
    }

    fn remix(&self, id: RequestId, remix: &Remix) {
        let dream = self.ended.as_ref().filter(|dream| dream.id == id);
        match (dream, remix.check()) {
            (Some(dream), Ok(())) => {
                let picture = dream.session.remix(remix);
                self.post(Event::Remixed { id, picture });
            }
            (Some(_), Err(error)) => self.fail(id, failure(&error.into())),
            (None, _) => self.fail(id, gone()),
        }
    }

    fn interrupt(&self, mut dream: Box<Dream>, error: &EngineError) -> State {
        dream.clock.stop();
        let failure = engine_failure(&error.to_string());
        let picture = dream.session.kept();
        self.post(Event::Interrupted { id: dream.id, failure, picture });
        State::Interrupted(dream)
    }

    /// What becomes of an interrupted dream. Whatever else is asked meanwhile is answered; only
    /// another dream takes its place.
    async fn decide(&mut self, dream: Box<Dream>, request: Request) -> State {
        match request {
            Request::Continue { id, engine } if id == dream.id => self.resume(dream, engine).await,
            Request::Stop { id } if id == dream.id => {
                self.done(&dream, dream.session.kept(), true);
                self.ended = Some(dream);
                State::Loaded
            }
            request => match self.answer(request).await {
                State::Loaded => State::Interrupted(dream),
                state => state,
            },
        }
    }

    async fn resume(&mut self, mut dream: Box<Dream>, engine: EngineChoice) -> State {
        let chosen = match self.choose(engine).await {
            Ok(chosen) => chosen,
            Err(error) => return self.interrupt(dream, &error),
        };
        let engine = chosen.in_use();
        match dream.session.resume(chosen.engine) {
            Ok(()) => {
                dream.clock.start();
                let (need, notes) = (dream.session.plan().into(), dream.session.notes().to_vec());
                self.post(Event::Started { id: dream.id, engine, need, notes });
                State::Dreaming(dream)
            }
            Err(DreamError::Engine(error)) => self.interrupt(dream, &error),
            Err(error) => {
                self.fail(dream.id, failure(&error));
                State::Loaded
            }
        }
    }

    async fn choose(&mut self, engine: EngineChoice) -> Result<Chosen, EngineError> {
        let Held { model, card } = &self.held;
        self.engines.choose(engine, model, &card.default_layer).await
    }

    fn fail(&self, id: RequestId, failure: Failure) {
        self.post(Event::Failed { id: Some(id), failure });
    }

    fn post(&self, event: Event) {
        (self.post)(&event);
    }
}

#[cfg(test)]
#[path = "run_tests.rs"]
mod tests;
