//! The page's end of the worker: starts it, sends requests, feeds its events to the state, notices
//! when it dies, and starts it again with the picture and the user's model kept.
//!
//! The worker holds a Web Lock named like itself for as long as it lives. The page asks for the
//! same lock once the worker is ready, and is granted it the moment the worker is gone, however
//! silently; a worker that is merely busy is never mistaken for a dead one.

mod requests;

use std::time::Duration;

use dream_protocol::{Event, File, Request, RequestId};
use js_sys::{Array, Function, Math, Object, Promise, Reflect, Uint8Array};
use leptos::prelude::*;
use serde::Serialize;
use wasm_bindgen::{JsCast, JsValue, closure::Closure, prelude::wasm_bindgen};
use web_sys::{ErrorEvent, MessageEvent, Url, Worker, WorkerOptions, WorkerType};

use crate::{
    film,
    state::{Dream, Health, Outcome, Phase, State},
};

/// The worker's script, next to the page.
const SCRIPT: &str = "./dream-worker_loader.js";
/// How long a dream may take to stop before its worker is replaced.
const STOP_PATIENCE: Duration = Duration::from_secs(10);

/// The page's end of the worker.
#[derive(Clone, Copy)]
pub struct Bridge {
    state: State,
    inner: StoredValue<Inner, LocalStorage>,
}

#[derive(Default)]
struct Inner {
    link: Option<Link>,
    /// Counts the workers, so that the last words of a replaced one are ignored.
    generation: u32,
    last_id: RequestId,
    /// What was asked and has not been sent: before the worker listens, or for a breath.
    waiting: Vec<Request>,
    /// The user's model that the worker holds, to be given to the next worker.
    model: Vec<File>,
    /// The user's model that is being opened.
    opening: Vec<File>,
}

struct Link {
    worker: Worker,
    name: String,
    _on_message: Closure<dyn FnMut(MessageEvent)>,
    _on_error: Closure<dyn FnMut(ErrorEvent)>,
}

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = ["navigator", "locks"], js_name = request, catch)]
    fn request_lock(name: &str, granted: &Function) -> Result<Promise, JsValue>;
}

impl Bridge {
    /// Starts the first worker.
    pub fn start(state: State) -> Self {
        let bridge = Self { state, inner: StoredValue::new_local(Inner::default()) };
        bridge.spawn();
        bridge
    }

    /// Replaces the worker; picture, settings and the user's model stay.
    pub fn restart(&self) {
        self.state.worker.set(Health::Starting);
        self.spawn();
    }

    fn spawn(&self) {
        self.terminate();
        let generation = self.update(|inner| {
            inner.generation += 1;
            inner.generation
        });
        let link = self.link(generation).map_err(|error| describe(&error));
        match link {
            Ok(link) => self.update(|inner| inner.link = Some(link)),
            Err(why) => self.died(generation, why),
        }
    }

    fn link(&self, generation: u32) -> Result<Link, JsValue> {
        let name = format!("pareidolia-{generation}-{}", (Math::random() * 1e15) as u64);
        let options = WorkerOptions::new();
        options.set_type(WorkerType::Module);
        options.set_name(&name);
        let worker = Worker::new_with_options(SCRIPT, &options)?;
        let bridge = *self;
        let on_message = Closure::new(move |event: MessageEvent| bridge.hear(generation, &event));
        let on_error = Closure::new(move |event: ErrorEvent| {
            event.prevent_default();
            let message =
                Reflect::get(&event, &"message".into()).ok().and_then(|it| it.as_string());
            let unnamed = || "its program could not be loaded".to_owned();
            bridge.died(generation, message.filter(|it| !it.is_empty()).unwrap_or_else(unnamed));
        });
        worker.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        worker.set_onerror(Some(on_error.as_ref().unchecked_ref()));
        Ok(Link { worker, name, _on_message: on_message, _on_error: on_error })
    }

    fn hear(&self, generation: u32, message: &MessageEvent) {
        if !self.is_current(generation) {
            return;
        }
        let event = match serde_wasm_bindgen::from_value::<Event>(message.data()) {
            Ok(event) => event,
            Err(error) => return self.died(generation, format!("it spoke in riddles ({error})")),
        };
        let octave = film::ends(self.state, &event);
        let (ready, crashed) =
            (matches!(event, Event::Ready { .. }), matches!(event, Event::Failed { id: None, .. }));
        self.settle_model(&event);
        let heard = match &event {
            Event::Frame { id, .. } | Event::Done { id, .. } => self.state.dreams(*id),
            _ => false,
        };
        self.state.apply(event);
        if let Some(octave) = octave.filter(|_| heard) {
            film::take(self.state, octave);
        }
        if ready {
            self.watch(generation);
            self.catch_up();
        }
        if crashed {
            self.terminate();
            self.update(|inner| inner.waiting.clear());
        }
    }

    /// Keeps the files of the model that the worker now holds, and lets go of the others.
    fn settle_model(&self, event: &Event) {
        let opening = self.state.opening.get_untracked();
        let unneeded = match event {
            Event::ModelLoaded { id, .. } if opening == Some(*id) => self.update(|inner| {
                let loaded = std::mem::take(&mut inner.opening);
                std::mem::replace(&mut inner.model, loaded)
            }),
            Event::Failed { id: Some(id), .. } if opening == Some(*id) => {
                self.update(|inner| std::mem::take(&mut inner.opening))
            }
            _ => return,
        };
        release(&unneeded);
    }

    /// Gives a new worker the user's model and what it was asked before it listened.
    fn catch_up(&self) {
        let is_model = |request: &Request| matches!(request, Request::LoadModel { .. });
        let opens_another = self.inner.with_value(|inner| inner.waiting.iter().any(is_model));
        let model = self.update(|inner| std::mem::take(&mut inner.model));
        if !model.is_empty() && !opens_another {
            self.open_model(model);
        }
        self.send_waiting();
    }

    fn send_waiting(&self) {
        for request in self.update(|inner| std::mem::take(&mut inner.waiting)) {
            self.send(request);
        }
    }

    /// Asks for the lock that the worker holds while it lives.
    fn watch(&self, generation: u32) {
        let name = self.inner.with_value(|inner| inner.link.as_ref().map(|link| link.name.clone()));
        let bridge = *self;
        let granted = Closure::once_into_js(move || {
            bridge.died(generation, "the browser ended it, perhaps for want of memory".into());
        });
        // Without locks (a page that is not from a secure origin) only loud deaths are noticed.
        let _ = request_lock(&name.unwrap_or_default(), granted.unchecked_ref());
    }

    fn died(&self, generation: u32, why: String) {
        if self.is_current(generation) {
            self.terminate();
            self.update(|inner| inner.waiting.clear());
            self.state.worker_died(why);
        }
    }

    fn terminate(&self) {
        self.update(|inner| {
            inner.generation += 1;
            if let Some(link) = inner.link.take() {
                link.worker.terminate();
            }
        });
    }

    fn lose_patience(&self, id: RequestId) {
        let waits = |dream: Dream| dream == Dream { id, phase: Phase::Stopping };
        if !self.state.dream.get_untracked().is_some_and(waits) {
            return;
        }
        self.state.end_dream(Some(Outcome::Failed));
        self.state.alert(
            "The engine did not stop in time and was started again. \
             The picture is its last preview.",
        );
        self.restart();
    }

    fn send(&self, request: Request) {
        if self.state.worker.get_untracked() != Health::Alive {
            self.update(|inner| inner.waiting.push(request));
            return;
        }
        let posted = self.inner.with_value(|inner| match &inner.link {
            Some(link) => post(&link.worker, &request),
            None => Ok(()),
        });
        if let Err(error) = posted {
            let generation = self.inner.with_value(|inner| inner.generation);
            self.died(generation, describe(&error));
        }
    }

    fn next_id(&self) -> RequestId {
        self.update(|inner| {
            inner.last_id += 1;
            inner.last_id
        })
    }

    fn is_current(&self, generation: u32) -> bool {
        self.inner.with_value(|inner| inner.generation == generation)
    }

    fn update<T>(&self, change: impl FnOnce(&mut Inner) -> T) -> T {
        let mut result = None;
        self.inner.update_value(|inner| result = Some(change(inner)));
        result.expect("the bridge lives as long as the page")
    }
}

fn post(worker: &Worker, request: &Request) -> Result<(), JsValue> {
    let message = request.serialize(&serde_wasm_bindgen::Serializer::new())?;
    worker.post_message_with_transfer(&message, &pixel_buffer(&message))
}

/// The buffer of the message's picture, if it has one, to be moved and not copied.
fn pixel_buffer(message: &JsValue) -> Array {
    let content = Object::values(message.unchecked_ref()).get(0);
    let field = |of: &JsValue, name: &str| Reflect::get(of, &name.into()).ok();
    let pixels = field(&content, "picture").and_then(|picture| field(&picture, "rgba"));
    match pixels.and_then(|pixels| pixels.dyn_into::<Uint8Array>().ok()) {
        Some(pixels) => Array::of1(&pixels.buffer()),
        None => Array::new(),
    }
}

fn release(files: &[File]) {
    for file in files {
        // Revoking cannot fail for a string; the result is only how the binding is typed.
        let _ = Url::revoke_object_url(&file.url);
    }
}

fn describe(error: &JsValue) -> String {
    let message = Reflect::get(error, &"message".into()).ok().and_then(|it| it.as_string());
    message.unwrap_or_else(|| format!("{error:?}"))
}
