//! Requests in, events out, over `postMessage`; pixels are moved, not copied.

use std::{
    cell::RefCell,
    collections::VecDeque,
    future::poll_fn,
    rc::Rc,
    task::{Poll, Waker},
};

use dream_protocol::{DreamSettings, Event, Failure, FailureKind, Picture, Request, RequestId};
use js_sys::{Array, Object, Reflect, Uint8Array};
use serde::Serialize;
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use web_sys::{DedicatedWorkerGlobalScope, MessageEvent};

/// The worker's end of the channel.
pub struct Port {
    queue: Rc<RefCell<Queue>>,
}

#[derive(Default)]
struct Queue {
    requests: VecDeque<Request>,
    waker: Option<Waker>,
}

impl Port {
    /// Begins to listen.
    pub fn open() -> Self {
        let queue = Rc::new(RefCell::new(Queue::default()));
        let received = Rc::clone(&queue);
        let on_message = Closure::<dyn FnMut(MessageEvent)>::new(move |message: MessageEvent| {
            match serde_wasm_bindgen::from_value(message.data()) {
                Ok(request) => received.borrow_mut().push(request),
                Err(error) => refuse(&message.data(), &error.to_string()),
            }
        });
        scope().set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        on_message.forget();
        Self { queue }
    }

    /// The next request, when there is one.
    pub async fn next(&self) -> Request {
        poll_fn(|context| {
            let mut queue = self.queue.borrow_mut();
            match queue.requests.pop_front() {
                Some(request) => Poll::Ready(request),
                None => {
                    queue.waker = Some(context.waker().clone());
                    Poll::Pending
                }
            }
        })
        .await
    }

    /// Whether the dream has been asked to stop; other requests stay for later.
    pub fn stopped(&self, dream: RequestId) -> bool {
        let is_stop = |request: &Request| matches!(request, Request::Stop { id } if *id == dream);
        let requests = &mut self.queue.borrow_mut().requests;
        let before = requests.len();
        requests.retain(|request| !is_stop(request));
        requests.len() < before
    }

    /// The next picture to name the classes of, before all other requests.
    pub fn classification(&self) -> Option<(RequestId, Picture)> {
        let requests = &mut self.queue.borrow_mut().requests;
        let at = requests.iter().position(|it| matches!(it, Request::Classify { .. }))?;
        match requests.remove(at) {
            Some(Request::Classify { id, picture }) => Some((id, picture)),
            _ => None,
        }
    }

    /// The settings that the dream has been asked to go on with, and the pictures that they name
    /// where those are others: the last of several.
    pub fn updated(&self, dream: RequestId) -> Option<(DreamSettings, Option<Vec<Picture>>)> {
        let mut updated = None;
        let mut pictures = None;
        self.queue.borrow_mut().requests.retain_mut(|request| match request {
            Request::Update { id, settings, materials } if *id == dream => {
                updated = Some(settings.clone());
                pictures = materials.take().or(pictures.take());
                false
            }
            _ => true,
        });
        updated.map(|settings| (settings, pictures))
    }
}

#[cfg(test)]
impl FromIterator<Request> for Port {
    fn from_iter<I: IntoIterator<Item = Request>>(requests: I) -> Self {
        let queue = Queue { requests: requests.into_iter().collect(), waker: None };
        Self { queue: Rc::new(RefCell::new(queue)) }
    }
}

impl Queue {
    fn push(&mut self, request: Request) {
        self.requests.push_back(request);
        if let Some(waker) = self.waker.take() {
            waker.wake();
        }
    }
}

/// Posts an event to the page.
pub fn post(event: &Event) {
    let posted = event
        .serialize(&serde_wasm_bindgen::Serializer::new())
        .map_err(JsValue::from)
        .and_then(|message| scope().post_message_with_transfer(&message, &pixel_buffer(&message)));
    if let Err(error) = posted {
        wasm_bindgen::throw_val(error);
    }
}

/// The global object of this worker.
pub fn scope() -> DedicatedWorkerGlobalScope {
    js_sys::global().unchecked_into()
}

/// Answers what cannot be read: under its id, where it has one, so that whoever asked learns of it
/// and nobody else is troubled.
fn refuse(message: &JsValue, reason: &str) {
    let id = field(&content(message), "id").and_then(|id| id.as_f64()).map(|id| id as RequestId);
    let (kind, message) = match id {
        Some(_) => (
            FailureKind::Settings,
            format!("The engine does not understand what it was asked ({reason})."),
        ),
        None => (
            FailureKind::Crash,
            format!("page and engine are of different versions ({reason}); reload the page"),
        ),
    };
    post(&Event::Failed { id, failure: Failure { kind, message } });
}

/// The buffer of the message's picture, if it has one.
fn pixel_buffer(message: &JsValue) -> Array {
    let pixels = field(&content(message), "picture").and_then(|picture| field(&picture, "rgba"));
    match pixels.and_then(|pixels| pixels.dyn_into::<Uint8Array>().ok()) {
        Some(pixels) => Array::of1(&pixels.buffer()),
        None => Array::new(),
    }
}

/// What belongs to the one key of a message, its name.
fn content(message: &JsValue) -> JsValue {
    match message.dyn_ref::<Object>() {
        Some(message) => Object::values(message).get(0),
        None => JsValue::UNDEFINED,
    }
}

fn field(of: &JsValue, name: &str) -> Option<JsValue> {
    Reflect::get(of, &name.into()).ok()
}
