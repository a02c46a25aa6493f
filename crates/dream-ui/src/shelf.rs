//! The models that can be had here: which there are, which are kept, and what happens when the user
//! wants one.

use dream_protocol::{File as ModelFile, ShelfModel};
use leptos::{prelude::*, task::spawn_local};
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortController, Blob, Response, Url};

use crate::{
    bridge::Bridge,
    download::{self, DownloadError},
    reactive::effect,
    state::State,
};

/// The list of models, next to the page.
const LIST: &str = "./models.json";

/// The shelf, as signals.
#[derive(Clone, Copy)]
pub struct Shelf {
    /// The models; the first is the built-in one.
    pub models: RwSignal<Vec<ShelfModel>>,
    /// Bytes that are here, by hash of the file.
    pub here: RwSignal<Vec<(String, u64)>>,
    /// The model on its way, by the hash of its file.
    pub fetching: RwSignal<Option<String>>,
    /// Why the last one did not come, with its hash.
    pub trouble: RwSignal<Option<(String, String)>>,
    cancel: StoredValue<Option<AbortController>, LocalStorage>,
}

impl Shelf {
    /// Reads the list, from this site, and looks which models are kept. From then on, a recipe that
    /// was made with one of them opens it; nothing is fetched for a recipe.
    pub fn open(state: State, bridge: Bridge) -> Self {
        let shelf = Self {
            models: RwSignal::default(),
            here: RwSignal::default(),
            fetching: RwSignal::default(),
            trouble: RwSignal::default(),
            cancel: StoredValue::new_local(None),
        };
        spawn_local(async move {
            match list().await {
                Some(models) => {
                    for model in &models {
                        shelf.note(model, download::bytes_here(model).await);
                    }
                    shelf.models.set(models);
                }
                None => state.alert(
                    "The list of models could not be read. Reload the page to try again; \
                     the built-in model works.",
                ),
            }
        });
        effect(move || {
            let (models, model) = (shelf.models.get(), state.model.get());
            let (false, Some(model), Some(wanted)) = (models.is_empty(), model, state.wanted.get())
            else {
                return;
            };
            state.wanted.set(None);
            let found = models.into_iter().find(|it| it.sha256 == wanted);
            let Some(found) = found.filter(|it| it.sha256 != model.sha256) else { return };
            if shelf.built_in(&wanted) || shelf.bytes_here(&wanted) == found.bytes {
                shelf.choose(bridge, found);
            }
        });
        shelf
    }

    /// Whether the model with that hash is the built-in one.
    pub fn built_in(self, hash: &str) -> bool {
        self.models.with(|models| models.first().is_some_and(|it| it.sha256 == hash))
    }

    /// How many bytes of the model with that hash are here.
    pub fn bytes_here(self, hash: &str) -> u64 {
        let of = |(of, _): &&(String, u64)| *of == hash;
        self.here.with(|here| here.iter().find(of).map_or(0, |(_, bytes)| *bytes))
    }

    /// Opens a model, fetching it first where it is not kept.
    pub fn choose(self, bridge: Bridge, model: ShelfModel) {
        if untrack(|| self.built_in(&model.sha256)) {
            return bridge.open_model(Vec::new());
        }
        self.trouble.set(None);
        self.fetching.set(Some(model.sha256.clone()));
        spawn_local(async move {
            let opened = self.obtain(&model).await;
            self.fetching.set(None);
            self.cancel.set_value(None);
            self.note(&model, download::bytes_here(&model).await);
            match opened.and_then(|file| Ok((Url::create_object_url_with_blob(&file)?, file))) {
                Ok((url, file)) => {
                    let (name, bytes) = (model.file_name().to_owned(), file.size() as u64);
                    bridge.open_model(vec![ModelFile { name, bytes, url }]);
                }
                Err(error) => self.trouble.set(Some((model.sha256, error.to_string()))),
            }
        });
    }

    /// Ends the download under way.
    pub fn cancel(self) {
        self.cancel.with_value(|cancel| {
            if let Some(cancel) = cancel {
                cancel.abort();
            }
        });
    }

    /// Forgets what is kept of a model.
    pub fn remove(self, model: ShelfModel) {
        self.trouble.set(None);
        spawn_local(async move {
            download::remove(&model).await;
            self.note(&model, 0);
        });
    }

    async fn obtain(self, model: &ShelfModel) -> Result<Blob, DownloadError> {
        if let Some(file) = download::kept(model).await {
            return Ok(file);
        }
        let cancel = AbortController::new()?;
        let signal = cancel.signal();
        self.cancel.set_value(Some(cancel));
        let fetched = download::fetch(model, &signal, |bytes| self.note(model, bytes)).await?;
        if !fetched.kept {
            let words = "It is in use, but the browser has no room to keep it for the next visit.";
            self.trouble.set(Some((model.sha256.clone(), words.to_owned())));
        }
        Ok(fetched.file)
    }

    fn note(self, model: &ShelfModel, bytes: u64) {
        self.here.update(|here| {
            here.retain(|(hash, _)| *hash != model.sha256);
            here.push((model.sha256.clone(), bytes));
        });
    }
}

async fn list() -> Option<Vec<ShelfModel>> {
    let response = JsFuture::from(window().fetch_with_str(LIST)).await.ok()?;
    let response: Response = response.dyn_into().ok().filter(Response::ok)?;
    let list = JsFuture::from(response.json().ok()?).await.ok()?;
    serde_wasm_bindgen::from_value(list).ok()
}
