//! The service worker, which keeps the site for use without a network. A new version of the site
//! waits until the user wants it.

use std::{cell::Cell, rc::Rc};

use js_sys::Reflect;
use leptos::{prelude::*, task::spawn_local};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    RegistrationOptions, ServiceWorkerContainer, ServiceWorkerRegistration, ServiceWorkerState,
    ServiceWorkerUpdateViaCache,
};

use crate::{
    notices::Notices,
    reactive::effect,
    state::{Health, State},
};

/// Its script, next to the page.
const SCRIPT: &str = "./sw.js";
/// What makes a waiting version take over.
const TAKE_OVER: &str = "take over";

/// Keeps the site once the engine runs, so that nothing that the user waits for comes later.
pub fn keep_site(state: State, notices: Notices) {
    let begun = Rc::new(Cell::new(false));
    effect(move || {
        if state.worker.get() == Health::Alive && !begun.replace(true) {
            spawn_local(async move {
                // Without a secure origin or room, the page works all the same.
                let registered = register(notices).await;
                notices.offline.set(Some(registered.is_ok()));
            });
        }
    });
}

/// Lets the waiting version take over; the page is loaded anew when it has.
pub fn update() {
    spawn_local(async move {
        let waiting = async {
            let registered = JsFuture::from(container().ok_or(JsValue::NULL)?.ready()?).await?;
            let registration: ServiceWorkerRegistration = registered.dyn_into()?;
            registration.waiting().map(|it| it.post_message(&TAKE_OVER.into())).transpose()
        };
        if waiting.await.is_err() {
            reload();
        }
    });
}

async fn register(notices: Notices) -> Result<(), JsValue> {
    let container = container().ok_or(JsValue::NULL)?;
    let options = RegistrationOptions::new();
    options.set_update_via_cache(ServiceWorkerUpdateViaCache::None);
    let registering = container.register_with_options(SCRIPT, &options);
    let registration: ServiceWorkerRegistration = JsFuture::from(registering).await?.dyn_into()?;
    // On a first visit, the worker begins with the next one: nothing has to be loaded anew.
    if container.controller().is_some() {
        listen(&container, "controllerchange", reload);
    }
    let seen = registration.clone();
    let look = move || {
        if seen.waiting().is_some() && seen.active().is_some() {
            notices.update.set(true);
        }
    };
    look();
    let found = registration.clone();
    listen(&registration, "updatefound", move || {
        let Some(installing) = found.installing() else { return };
        let (worker, registration) = (installing.clone(), found.clone());
        let look = look.clone();
        listen(&installing, "statechange", move || {
            look();
            if worker.state() == ServiceWorkerState::Redundant && registration.active().is_none() {
                notices.offline.set(Some(false));
            }
        });
    });
    JsFuture::from(container.ready()?).await.map(drop)
}

/// The browser's service workers; none outside secure origins.
fn container() -> Option<ServiceWorkerContainer> {
    let container = Reflect::get(&window().navigator(), &"serviceWorker".into()).ok()?;
    container.dyn_into().ok()
}

fn listen(target: &web_sys::EventTarget, event: &str, handler: impl FnMut() + 'static) {
    let handler = Closure::<dyn FnMut()>::new(handler);
    let added = target.add_event_listener_with_callback(event, handler.as_ref().unchecked_ref());
    if added.is_ok() {
        handler.forget();
    }
}

fn reload() {
    // It can only be refused where there is no page.
    let _ = window().location().reload();
}
