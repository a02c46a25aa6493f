//! Dreams as files of every kind, on the clipboard, and handed to other programs.

use std::{future::Future, pin::Pin, sync::Arc, time::Duration};

use dream_protocol::{Picture, RECIPE_KEYWORD};
use js_sys::{Array, Object, Promise, Reflect};
use leptos::{prelude::*, task::spawn_local};
use wasm_bindgen::{JsCast, JsValue, prelude::wasm_bindgen};
use wasm_bindgen_futures::{JsFuture, future_to_promise};
use web_sys::{Blob, File, FilePropertyBag, HtmlAnchorElement, Url};

use crate::{picture, recipes, state::State};

/// A way out for the picture on show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Pixel for pixel, with its recipe inside.
    Png,
    /// Small, without transparency.
    Jpeg,
    /// Smaller.
    WebP,
    /// Photo and dream in one picture.
    Sides,
    /// To the clipboard.
    Copy,
    /// To another program, as the system offers them.
    Share,
}

#[wasm_bindgen]
extern "C" {
    type ClipboardItem;

    #[wasm_bindgen(constructor, catch)]
    fn new(items: &Object) -> Result<ClipboardItem, JsValue>;

    #[wasm_bindgen(js_namespace = ["navigator", "clipboard"], js_name = write, catch)]
    fn write_clipboard(items: &Array) -> Result<Promise, JsValue>;

    #[wasm_bindgen(js_namespace = ["navigator", "clipboard"], js_name = writeText, catch)]
    fn write_text(text: &str) -> Result<Promise, JsValue>;

    #[wasm_bindgen(js_namespace = navigator, js_name = share, catch)]
    fn share_data(data: &Object) -> Result<Promise, JsValue>;
}

impl Kind {
    /// What its button says.
    pub fn label(self) -> &'static str {
        match self {
            Self::Png => "Save PNG",
            Self::Jpeg => "Save JPEG",
            Self::WebP => "Save WebP",
            Self::Sides => "Save before and after",
            Self::Copy => "Copy the picture",
            Self::Share => "Share…",
        }
    }

    fn file_name(self, name: &str) -> String {
        match self {
            Self::Jpeg => format!("{name}-dream.jpg"),
            Self::WebP => format!("{name}-dream.webp"),
            Self::Sides => format!("{name}-before-after.png"),
            Self::Png | Self::Copy | Self::Share => format!("{name}-dream.png"),
        }
    }
}

/// Whether this browser hands pictures to other programs.
pub fn can_share() -> bool {
    Reflect::get(&window().navigator(), &"canShare".into()).is_ok_and(|it| it.is_function())
}

/// Lets the picture on show out; `saving` tells while it is being written.
pub fn save(state: State, kind: Kind, saving: RwSignal<bool>) {
    let (Some(frame), Some(original)) =
        (state.frame.get_untracked(), state.original.get_untracked())
    else {
        return;
    };
    let recipe = recipes::text_of_frame(state);
    let name = kind.file_name(&original.name);
    let file = written(kind, frame, original.picture, recipe);
    let left: Pin<Box<dyn Future<Output = Result<(), String>>>> = match kind {
        Kind::Copy => Box::pin(copied(file)),
        Kind::Share => Box::pin(async move { shared(&file.await?, &name).await }),
        _ => Box::pin(async move {
            let file = file.await?;
            download(&file, &name)
                .map_err(|error| format!("The file could not be saved ({}).", words(&error)))
        }),
    };
    saving.set(true);
    spawn_local(async move {
        if let Err(message) = left.await {
            state.alert(message);
        }
        saving.set(false);
    });
}

/// Copies the address of this page with the settings as they are.
pub fn copy_link(state: State, copied: RwSignal<bool>) {
    let text = recipes::link(state).ok_or_else(|| JsValue::from_str("there is no address"));
    let promise = text.and_then(|text| write_text(&text));
    spawn_local(async move {
        let outcome = match promise {
            Ok(promise) => JsFuture::from(promise).await.map(drop),
            Err(error) => Err(error),
        };
        match outcome {
            Ok(()) => copied.set(true),
            Err(error) => state.alert(format!(
                "The browser does not let the page copy ({}). The link is this page's address.",
                words(&error)
            )),
        }
    });
}

/// Offers a file to be saved.
///
/// # Errors
/// What the browser says when it cannot.
pub fn download(file: &Blob, name: &str) -> Result<(), JsValue> {
    let url = Url::create_object_url_with_blob(file)?;
    let link: HtmlAnchorElement = document().create_element("a")?.dyn_into()?;
    link.set_href(&url);
    link.set_download(name);
    link.click();
    // The browser reads the file after the click has been handled.
    set_timeout(move || drop(Url::revoke_object_url(&url)), Duration::from_secs(60));
    Ok(())
}

async fn written(
    kind: Kind,
    frame: Arc<Picture>,
    original: Arc<Picture>,
    recipe: Option<String>,
) -> Result<Blob, String> {
    let text = recipe.as_deref().map(|recipe| (RECIPE_KEYWORD, recipe));
    let file = match kind {
        Kind::Jpeg => picture::encoded(&frame, "image/jpeg", Some("#fff")).await,
        Kind::WebP => picture::encoded(&frame, "image/webp", None).await,
        Kind::Sides => picture::side_by_side(&original, &frame).await,
        Kind::Png | Kind::Copy | Kind::Share => picture::png_file(&frame, text).await,
    };
    file.map_err(|error| error.to_string())
}

/// Copies a file that is still being written: the permission that a click gives does not outlast
/// the writing, so the clipboard takes the promise of a file.
fn copied(
    file: impl Future<Output = Result<Blob, String>> + 'static,
) -> impl Future<Output = Result<(), String>> {
    let promise = future_to_promise(async move { Ok(file.await?.into()) });
    let items = Object::new();
    let copied = Reflect::set(&items, &"image/png".into(), &promise)
        .and_then(|_| ClipboardItem::new(&items))
        .and_then(|item| write_clipboard(&Array::of1(&item.into())));
    async move {
        let outcome = match copied {
            Ok(promise) => JsFuture::from(promise).await,
            Err(error) => Err(error),
        };
        let refused = |error| {
            format!("The browser does not let the page copy the picture ({}).", words(&error))
        };
        outcome.map(drop).map_err(refused)
    }
}

async fn shared(file: &Blob, name: &str) -> Result<(), String> {
    let share = || {
        let kind = FilePropertyBag::new();
        kind.set_type(&file.type_());
        let file = File::new_with_blob_sequence_and_options(&Array::of1(file), name, &kind)?;
        let data = Object::new();
        Reflect::set(&data, &"files".into(), &Array::of1(&file))?;
        share_data(&data)
    };
    let outcome = match share() {
        Ok(promise) => JsFuture::from(promise).await,
        Err(error) => Err(error),
    };
    match outcome {
        Err(error) if !words(&error).contains("AbortError") => {
            Err(format!("The picture could not be shared ({}).", words(&error)))
        }
        // Whoever changes their mind has nothing to be told.
        Ok(_) | Err(_) => Ok(()),
    }
}

fn words(error: &JsValue) -> String {
    String::from(error.unchecked_ref::<Object>().to_string())
}
