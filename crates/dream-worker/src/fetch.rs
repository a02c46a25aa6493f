//! Reads files: the built-in model, which the worker's script has begun to fetch, and the user's
//! files from the page's object URLs, a piece at a time, so that one that is not what it should be
//! is refused before it fills the memory.

use dream_protocol::File;
use js_sys::{Promise, Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{ReadableStreamDefaultReader, Response};

use crate::port;

/// The bytes of the built-in model.
///
/// # Errors
/// Why they could not be fetched.
pub async fn built_in() -> Result<Vec<u8>, String> {
    let fetched = async {
        let fetching: Promise =
            Reflect::get(&js_sys::global(), &"builtInModel".into())?.dyn_into()?;
        JsFuture::from(fetching).await
    };
    fetched.await.map(|bytes| Uint8Array::new(&bytes).to_vec()).map_err(|error| reason(&error))
}

/// The file's bytes. `check` sees the first piece and can refuse the rest.
///
/// # Errors
/// What `check` says, or why the file cannot be read.
pub async fn read(
    file: &File,
    check: impl Fn(&[u8]) -> Result<(), String>,
) -> Result<Vec<u8>, String> {
    let unreadable = |error: JsValue| {
        let reason = reason(&error);
        format!("the browser could not read it ({reason}); it may have been moved or changed")
    };
    let mut bytes = Vec::new();
    let size = usize::try_from(file.bytes).ok();
    let reader = open(&file.url).await.map_err(unreadable)?;
    while let Some(piece) = next_piece(&reader).await.map_err(unreadable)? {
        if bytes.is_empty() {
            if let Err(reason) = check(&piece.to_vec()) {
                // The rest is not wanted; whether cancelling succeeds changes nothing.
                let _ = JsFuture::from(reader.cancel()).await;
                return Err(reason);
            }
            size.and_then(|size| bytes.try_reserve_exact(size).ok()).ok_or_else(|| {
                let megabytes = file.bytes / 1_000_000;
                format!("its {megabytes} MB do not fit into the memory that a web page may use")
            })?;
        }
        bytes.extend(piece.to_vec());
    }
    if bytes.is_empty() {
        check(&bytes)?;
    }
    Ok(bytes)
}

async fn open(url: &str) -> Result<ReadableStreamDefaultReader, JsValue> {
    let response = JsFuture::from(port::scope().fetch_with_str(url)).await?;
    let response: Response = response.dyn_into()?;
    let body = response.body().ok_or_else(|| JsValue::from_str("no body"))?;
    Ok(body.get_reader().unchecked_into())
}

async fn next_piece(reader: &ReadableStreamDefaultReader) -> Result<Option<Uint8Array>, JsValue> {
    let result = JsFuture::from(reader.read()).await?;
    if Reflect::get(&result, &"done".into())?.is_truthy() {
        return Ok(None);
    }
    Reflect::get(&result, &"value".into())?.dyn_into().map(Some)
}

fn reason(error: &JsValue) -> String {
    let message = Reflect::get(error, &"message".into()).ok().and_then(|it| it.as_string());
    message.unwrap_or_default()
}
