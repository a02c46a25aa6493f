//! Values kept by the browser across visits, in IndexedDB: a map from numbers to whatever can be
//! cloned, files included.

use js_sys::{Array, Promise};
use leptos::prelude::window;
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use wasm_bindgen_futures::JsFuture;
use web_sys::{IdbDatabase, IdbObjectStore, IdbOpenDbRequest, IdbRequest, IdbTransactionMode};

/// The one map.
const MAP: &str = "stills";

/// The map, open.
#[derive(Clone)]
pub struct Store {
    database: IdbDatabase,
}

impl Store {
    /// Opens it, empty on the first visit.
    ///
    /// # Errors
    /// What the browser says when it keeps nothing, in private windows for example.
    pub async fn open() -> Result<Self, JsValue> {
        let factory = window().indexed_db()?.ok_or("this browser keeps nothing")?;
        let request: IdbOpenDbRequest = factory.open_with_u32("pareidolia", 1)?;
        let opening = request.clone();
        let upgrade = Closure::once(move || {
            let database = opening.result().and_then(|it| it.dyn_into::<IdbDatabase>());
            // Whatever goes wrong here is told again when the map is used.
            let _ = database.and_then(|database| database.create_object_store(MAP));
        });
        request.set_onupgradeneeded(Some(upgrade.as_ref().unchecked_ref()));
        let database = answer(&request).await?.dyn_into()?;
        Ok(Self { database })
    }

    /// All values, in the order of their keys.
    ///
    /// # Errors
    /// What the browser says.
    pub async fn all(&self) -> Result<Vec<JsValue>, JsValue> {
        let values = answer(&self.map(IdbTransactionMode::Readonly)?.get_all()?).await?;
        Ok(values.dyn_into::<Array>()?.to_vec())
    }

    /// Keeps a value under a key.
    ///
    /// # Errors
    /// What the browser says, when there is no room for example.
    pub async fn put(&self, key: u32, value: &JsValue) -> Result<(), JsValue> {
        let map = self.map(IdbTransactionMode::Readwrite)?;
        answer(&map.put_with_key(value, &key.into())?).await.map(drop)
    }

    /// Forgets a key.
    ///
    /// # Errors
    /// What the browser says.
    pub async fn remove(&self, key: u32) -> Result<(), JsValue> {
        let map = self.map(IdbTransactionMode::Readwrite)?;
        answer(&map.delete(&key.into())?).await.map(drop)
    }

    fn map(&self, mode: IdbTransactionMode) -> Result<IdbObjectStore, JsValue> {
        self.database.transaction_with_str_and_mode(MAP, mode)?.object_store(MAP)
    }
}

/// Waits for a request's result.
async fn answer(request: &IdbRequest) -> Result<JsValue, JsValue> {
    let answered = Promise::new(&mut |resolve, reject| {
        request.set_onsuccess(Some(&resolve));
        request.set_onerror(Some(&reject));
    });
    match JsFuture::from(answered).await {
        Ok(_) => request.result(),
        Err(_) => Err(request.error()?.map_or(JsValue::UNDEFINED, JsValue::from)),
    }
}
