//! Pictures that come from outside the page: shared by another app, which the service worker has
//! taken in, or opened with the installed app from the system's file manager.

use js_sys::{Array, Function, Promise, Reflect};
use leptos::prelude::{document, window};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{Blob, Cache, File, FilePropertyBag, Response};

use crate::{bridge::Bridge, intake, state::State};

/// Where the service worker leaves a shared picture, and what then stands in the address.
const SHARED: &str = "pareidolia-shared";
const MARK: &str = "shared";

/// The picture that was shared with this page, if there is one; it is handed out once.
pub async fn shared() -> Option<File> {
    let search = window().location().search().ok()?;
    if !search.trim_start_matches('?').split('&').any(|part| part == MARK) {
        return None;
    }
    // A reload is to bring back what the user does with the picture, not the picture again.
    let history = window().history().ok()?;
    history.replace_state_with_url(&JsValue::NULL, "", Some("./")).ok()?;
    take().await.ok().flatten()
}

async fn take() -> Result<Option<File>, JsValue> {
    let cache: Cache = JsFuture::from(window().caches()?.open(SHARED)).await?.dyn_into()?;
    let address = format!("{}{MARK}", document().base_uri()?.unwrap_or_default());
    let found = JsFuture::from(cache.match_with_str(&address)).await?;
    JsFuture::from(cache.delete_with_str(&address)).await?;
    let Ok(response) = found.dyn_into::<Response>() else { return Ok(None) };
    let name = response.headers().get("X-File-Name")?.unwrap_or_default();
    let name = String::from(js_sys::decode_uri_component(&name)?);
    let content: Blob = JsFuture::from(response.blob()?).await?.dyn_into()?;
    let kind = FilePropertyBag::new();
    kind.set_type(&content.type_());
    File::new_with_blob_sequence_and_options(&Array::of1(&content), &name, &kind).map(Some)
}

/// Opens the pictures that the system hands over when it starts the installed app with a file.
/// Browsers without such a thing have no queue.
pub fn watch_launches(state: State, bridge: Bridge) {
    let queue = Reflect::get(&window(), &"launchQueue".into()).unwrap_or_default();
    let set = Reflect::get(&queue, &"setConsumer".into()).and_then(JsValue::dyn_into::<Function>);
    let Ok(set) = set else { return };
    let launched = Closure::<dyn FnMut(JsValue)>::new(move |launch: JsValue| {
        spawn_local(async move {
            match files(&launch).await {
                Ok(files) if files.is_empty() => {}
                Ok(files) => intake::open_files(state, bridge, files),
                Err(error) => state.alert(format!("The file could not be opened ({error:?}).")),
            }
        });
    });
    if set.call1(&queue, launched.as_ref()).is_ok() {
        launched.forget();
    }
}

async fn files(launch: &JsValue) -> Result<Vec<File>, JsValue> {
    let mut files = Vec::new();
    for handle in Array::from(&Reflect::get(launch, &"files".into())?) {
        let get: Function = Reflect::get(&handle, &"getFile".into())?.dyn_into()?;
        let reading: Promise = get.call0(&handle)?.dyn_into()?;
        files.push(JsFuture::from(reading).await?.dyn_into()?);
    }
    Ok(files)
}
