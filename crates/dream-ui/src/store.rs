//! What the browser keeps across visits, in IndexedDB: maps from keys to values in words and a file.

use js_sys::{Array, ArrayBuffer, Object, Promise, Reflect};
use leptos::prelude::window;
use serde::{Serialize, de::DeserializeOwned};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    Blob, DomException, IdbDatabase, IdbObjectStore, IdbOpenDbRequest, IdbRequest, IdbTransaction,
    IdbTransactionMode,
};

/// The filmstrip's stills, by their keys.
pub const STILLS: &str = "stills";
/// What the user is doing.
pub const SESSION: &str = "session";
/// Fetched models, by their hashes.
pub const MODELS: &str = "models";
/// What channels want to see, by model, layer and channel.
pub const PORTRAITS: &str = "portraits";
/// The pictures that the settings name, by their keys.
pub const MATERIALS: &str = "materials";

/// Grows with the number of maps.
const VERSION: u32 = 4;

/// The maps, open; clones are the same ones.
#[derive(Clone)]
pub struct Store {
    database: IdbDatabase,
}

/// What is kept under a key.
pub type Value<T> = (T, Option<Blob>);

/// Why something is not kept.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The site may not take more room.
    #[error(
        "The browser has no room left to keep this for your next visit. \
         It is still here: save it, or free some space."
    )]
    Full,
    /// Nothing can be kept, in private windows for example.
    #[error("This browser keeps nothing for your next visit ({0}). Save what you want to keep.")]
    Broken(String),
}

impl Store {
    /// Opens the maps, empty on the first visit.
    ///
    /// # Errors
    /// [`StoreError::Broken`] where the browser has no such thing.
    pub async fn open() -> Result<Self, StoreError> {
        let factory = window().indexed_db()?.ok_or(JsValue::from_str("it has no database"))?;
        let request: IdbOpenDbRequest = factory.open_with_u32("pareidolia", VERSION)?;
        let opening = request.clone();
        let upgrade = Closure::once(move || {
            let database = opening.result().and_then(|it| it.dyn_into::<IdbDatabase>());
            for map in [STILLS, SESSION, MODELS, PORTRAITS, MATERIALS] {
                // It is there already, or is missed when it is used.
                let _ = database.as_ref().map(|database| database.create_object_store(map));
            }
        });
        request.set_onupgradeneeded(Some(upgrade.as_ref().unchecked_ref()));
        let database = answer(&request).await?.dyn_into()?;
        Ok(Self { database })
    }

    /// All values of a map, in the order of their keys; without those that this version of the page
    /// does not write.
    ///
    /// # Errors
    /// What the browser says.
    pub async fn all<T: DeserializeOwned>(&self, map: &str) -> Result<Vec<Value<T>>, StoreError> {
        let values = answer(&self.map(map, IdbTransactionMode::Readonly)?.1.get_all()?).await?;
        Ok(values.dyn_into::<Array>()?.iter().filter_map(|value| read(&value)).collect())
    }

    /// The value of a key; none also where it is not what this version of the page writes.
    ///
    /// # Errors
    /// What the browser says.
    pub async fn get<T: DeserializeOwned>(
        &self,
        map: &str,
        key: impl Into<JsValue>,
    ) -> Result<Option<Value<T>>, StoreError> {
        let map = self.map(map, IdbTransactionMode::Readonly)?.1;
        Ok(read(&answer(&map.get(&key.into())?).await?))
    }

    /// Keeps a value under a key.
    ///
    /// # Errors
    /// [`StoreError::Full`], or what the browser says.
    pub async fn put<T: Serialize>(
        &self,
        map: &str,
        key: impl Into<JsValue>,
        words: &T,
        file: Option<&Blob>,
    ) -> Result<(), StoreError> {
        let words = words.serialize(&serde_wasm_bindgen::Serializer::new());
        let value = Object::new();
        Reflect::set(&value, &"words".into(), &words.map_err(JsValue::from)?)?;
        Reflect::set(&value, &"file".into(), &file.into())?;
        let key = key.into();
        let kept = self.put_value(map, &key, &value).await;
        let (Err(StoreError::Broken(_)), Some(file)) = (&kept, file) else { return kept };
        // Safari's private windows keep bytes, but no files.
        Reflect::set(&value, &"file".into(), &JsFuture::from(file.array_buffer()).await?)?;
        self.put_value(map, &key, &value).await
    }

    async fn put_value(&self, map: &str, key: &JsValue, value: &JsValue) -> Result<(), StoreError> {
        let (transaction, map) = self.map(map, IdbTransactionMode::Readwrite)?;
        map.put_with_key(value, key)?;
        done(&transaction).await
    }

    /// Forgets keys: all of them, even if the page is left meanwhile, or none.
    ///
    /// # Errors
    /// What the browser says.
    pub async fn remove(&self, map: &str, keys: Vec<JsValue>) -> Result<(), StoreError> {
        let (transaction, map) = self.map(map, IdbTransactionMode::Readwrite)?;
        for key in keys {
            map.delete(&key)?;
        }
        done(&transaction).await
    }

    fn map(
        &self,
        name: &str,
        mode: IdbTransactionMode,
    ) -> Result<(IdbTransaction, IdbObjectStore), JsValue> {
        let transaction = self.database.transaction_with_str_and_mode(name, mode)?;
        let map = transaction.object_store(name)?;
        Ok((transaction, map))
    }
}

impl From<JsValue> for StoreError {
    fn from(error: JsValue) -> Self {
        match error.dyn_ref::<DomException>() {
            Some(error) if error.name() == "QuotaExceededError" => Self::Full,
            Some(error) => Self::Broken(error.message()),
            None => Self::Broken(format!("{error:?}")),
        }
    }
}

fn read<T: DeserializeOwned>(value: &JsValue) -> Option<Value<T>> {
    let words = Reflect::get(value, &"words".into()).ok()?;
    let file = Reflect::get(value, &"file".into()).ok()?;
    let file = match file.dyn_into::<ArrayBuffer>() {
        Ok(bytes) => Blob::new_with_buffer_source_sequence(&Array::of1(&bytes)).ok(),
        Err(file) => file.dyn_into().ok(),
    };
    Some((serde_wasm_bindgen::from_value(words).ok()?, file))
}

/// Waits for a request's result. Another tab with an older page may be in the way of opening.
async fn answer(request: &IdbRequest) -> Result<JsValue, JsValue> {
    let answered = Promise::new(&mut |resolve, reject| {
        request.set_onsuccess(Some(&resolve));
        request.set_onerror(Some(&reject));
        if let Some(opening) = request.dyn_ref::<IdbOpenDbRequest>() {
            opening.set_onblocked(Some(&reject));
        }
    });
    match JsFuture::from(answered).await {
        Ok(_) => request.result(),
        Err(_) => Err(request.error()?.map_or(JsValue::UNDEFINED, JsValue::from)),
    }
}

/// Waits until what was asked is safe on the disk: only then is it known whether there was room.
async fn done(transaction: &IdbTransaction) -> Result<(), StoreError> {
    let ended = Promise::new(&mut |resolve, reject| {
        transaction.set_oncomplete(Some(&resolve));
        transaction.set_onabort(Some(&reject));
    });
    match JsFuture::from(ended).await {
        Ok(_) => Ok(()),
        Err(_) => Err(transaction.error().map_or(JsValue::UNDEFINED, JsValue::from).into()),
    }
}
