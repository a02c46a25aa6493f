//! Fetches a model that the user has asked for, and keeps it in the browser: with progress, to be
//! cancelled and taken up again, and never used unless its SHA-256 is the one on the shelf.

use dream_protocol::ShelfModel;
use js_sys::{Array, Object, Reflect, Uint8Array};
use leptos::prelude::window;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    AbortSignal, Blob, Headers, ReadableStreamDefaultReader, ReferrerPolicy, RequestCache,
    RequestCredentials, RequestInit, Response, SubtleCrypto,
};

use crate::store::{MODELS, Store};

const PARTIAL_CONTENT: u16 = 206;
const RANGE_NOT_SATISFIABLE: u16 = 416;

/// Why a model was not fetched. What has come of it is kept and taken up next time, where that
/// makes sense.
#[derive(Debug, thiserror::Error)]
pub enum DownloadError {
    /// The user did not want it any more.
    #[error("Cancelled; what has come so far is kept.")]
    Cancelled,
    /// No network.
    #[error("There is no network. Try again when there is; what has come so far is kept.")]
    Offline,
    /// No connection, or no permission to read what it says.
    #[error(
        "{0} could not be asked: it does not answer, or does not let this page read its answer. \
         Download the file yourself and open it here."
    )]
    Unreachable(String),
    /// An answer that is no file.
    #[error("{host} does not have the file (it answers {status}). It may have moved.")]
    Refused {
        /// Who was asked.
        host: String,
        /// What it said.
        status: u16,
    },
    /// The connection broke.
    #[error("The connection broke off; what has come so far is kept. Try again to go on.")]
    CutOff,
    /// Not the file that it should be.
    #[error(
        "What {0} sent is not the file that was expected, so it was thrown away: \
         its SHA-256 is another."
    )]
    WrongHash(String),
    /// No room, no secure origin.
    #[error("The browser cannot do this here: {0}.")]
    Browser(String),
}

/// A fetched model.
pub struct Fetched {
    /// Its file.
    pub file: Blob,
    /// Whether it could be kept for the next visit; there may be no room.
    pub kept: bool,
}

/// The model's file, if it is kept and sound.
pub async fn kept(model: &ShelfModel) -> Option<Blob> {
    let store = Store::open().await.ok()?;
    let file = read(&store, &model.sha256).await?;
    if hash(&file).await.ok()? == model.sha256 {
        return Some(file);
    }
    forget(&store, model).await;
    None
}

/// How many bytes are here: all, or those of a download that was broken off.
pub async fn bytes_here(model: &ShelfModel) -> u64 {
    let Ok(store) = Store::open().await else { return 0 };
    for key in [&model.sha256, &part(model)] {
        if let Some(file) = read(&store, key).await {
            return file.size() as u64;
        }
    }
    0
}

/// Forgets the model's file and what has come of it.
pub async fn remove(model: &ShelfModel) {
    if let Ok(store) = Store::open().await {
        forget(&store, model).await;
    }
}

/// Fetches the file from where the shelf says, going on where an earlier attempt broke off.
///
/// # Errors
/// [`DownloadError`] in words for the user.
pub async fn fetch(
    model: &ShelfModel,
    cancelled: &AbortSignal,
    progress: impl Fn(u64),
) -> Result<Fetched, DownloadError> {
    let host = model.host().unwrap_or("this site").to_owned();
    crypto()?;
    let store = Store::open().await;
    let mut before = match &store {
        Ok(store) => read(store, &part(model)).await.filter(|it| it.size() < model.bytes as f64),
        Err(_) => None,
    };
    let mut response = ask(model, before.as_ref(), cancelled, &host).await?;
    if response.status() == RANGE_NOT_SATISFIABLE {
        before = None;
        response = ask(model, None, cancelled, &host).await?;
    }
    if !response.ok() {
        return Err(DownloadError::Refused { host, status: response.status() });
    }
    let pieces = Array::new();
    let mut bytes = 0;
    if let Some(before) = before.filter(|_| response.status() == PARTIAL_CONTENT) {
        bytes = before.size() as u64;
        pieces.push(&before);
    }
    let ended = receive(&response, &pieces, &mut bytes, model.bytes, &progress).await;
    let file = Blob::new_with_blob_sequence(&pieces)?;
    let keep = async |key: &str| match &store {
        Ok(store) => store.put(MODELS, key, &(), Some(&file)).await.is_ok(),
        Err(_) => false,
    };
    if ended.is_err() || bytes < model.bytes {
        // Where there is no room for it, the next attempt begins anew.
        keep(&part(model)).await;
        return Err(match () {
            () if cancelled.aborted() => DownloadError::Cancelled,
            () if !window().navigator().on_line() => DownloadError::Offline,
            () => DownloadError::CutOff,
        });
    }
    remove(model).await;
    if bytes > model.bytes || hash(&file).await? != model.sha256 {
        return Err(DownloadError::WrongHash(host));
    }
    let kept = keep(&model.sha256).await;
    Ok(Fetched { file, kept })
}

/// Reads an answer piece by piece, no further than it may be long.
async fn receive(
    response: &Response,
    pieces: &Array,
    bytes: &mut u64,
    most: u64,
    progress: &impl Fn(u64),
) -> Result<(), JsValue> {
    let body = response.body().ok_or_else(|| JsValue::from_str("no body"))?;
    let reader: ReadableStreamDefaultReader = body.get_reader().unchecked_into();
    loop {
        let piece = JsFuture::from(reader.read()).await?;
        if Reflect::get(&piece, &"done".into())?.is_truthy() {
            return Ok(());
        }
        let piece: Uint8Array = Reflect::get(&piece, &"value".into())?.dyn_into()?;
        *bytes += u64::from(piece.length());
        pieces.push(&piece);
        progress(*bytes);
        if *bytes > most {
            // It is the wrong file; the rest of it is not wanted.
            return JsFuture::from(reader.cancel()).await.map(drop);
        }
    }
}

async fn ask(
    model: &ShelfModel,
    before: Option<&Blob>,
    cancelled: &AbortSignal,
    host: &str,
) -> Result<Response, DownloadError> {
    let request = RequestInit::new();
    request.set_cache(RequestCache::NoStore);
    request.set_credentials(RequestCredentials::Omit);
    request.set_referrer_policy(ReferrerPolicy::NoReferrer);
    request.set_signal(Some(cancelled));
    if let Some(before) = before {
        let headers = Headers::new()?;
        headers.set("Range", &format!("bytes={}-", before.size()))?;
        request.set_headers(&headers);
    }
    let asked = window().fetch_with_str_and_init(&model.address, &request);
    let response = JsFuture::from(asked).await.map_err(|_| match () {
        () if cancelled.aborted() => DownloadError::Cancelled,
        () if !window().navigator().on_line() => DownloadError::Offline,
        () => DownloadError::Unreachable(host.to_owned()),
    })?;
    Ok(response.dyn_into()?)
}

/// SHA-256 in lower-case hexadecimal.
async fn hash(file: &Blob) -> Result<String, DownloadError> {
    let bytes: Object = JsFuture::from(file.array_buffer()).await?.dyn_into()?;
    let digest = crypto()?.digest_with_str_and_buffer_source("SHA-256", &bytes)?;
    let digest = Uint8Array::new(&JsFuture::from(digest).await?).to_vec();
    Ok(digest.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// The browser's cryptography, without which nothing that comes can be checked.
fn crypto() -> Result<SubtleCrypto, DownloadError> {
    let crypto = window().crypto()?.subtle();
    if crypto.is_undefined() {
        let why = "it checks files only for pages that come over https".to_owned();
        return Err(DownloadError::Browser(why));
    }
    Ok(crypto)
}

async fn read(store: &Store, key: &str) -> Option<Blob> {
    store.get::<()>(MODELS, key).await.ok()??.1
}

async fn forget(store: &Store, model: &ShelfModel) {
    // What is not there need not be removed.
    let _ = store.remove(MODELS, vec![model.sha256.as_str().into(), part(model).into()]).await;
}

/// Models are kept by what they are, wherever they came from.
fn part(model: &ShelfModel) -> String {
    format!("{}.part", model.sha256)
}

impl From<JsValue> for DownloadError {
    fn from(error: JsValue) -> Self {
        let message = Reflect::get(&error, &"message".into()).ok().and_then(|it| it.as_string());
        Self::Browser(message.unwrap_or_else(|| format!("{error:?}")))
    }
}
