//! What becomes of files that the user opens, drops or pastes: photos and models are told apart,
//! photos are decoded, models go to the worker.

use dream_protocol::{Concept, File as ModelFile, Mask, ObjectiveKind, Picture};
use js_sys::{JSON, Math, Uint8Array};
use leptos::{prelude::*, task::spawn_local};
use wasm_bindgen::{JsCast, closure::Closure};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, ClipboardEvent, DataTransfer, DragEvent, Element, File, FileList, Url};

use crate::{
    bridge::Bridge,
    materials::{self, KEYS, Material},
    objectives,
    pace::breathe,
    picture, png, recipes,
    scene::{Scene, WIDTH},
    state::{Original, State},
};

/// Pixels of a start picture painted between two breaths of the page.
const BAND: u32 = 6000;

/// What a file seems to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Photo,
    Model,
    Recipe,
}

/// Opens what the user dropped or pasted, whatever it is.
pub fn open_files(state: State, bridge: Bridge, files: Vec<File>) {
    spawn_local(async move {
        let mut kinds = Vec::new();
        for file in &files {
            kinds.push(kind(&file.name(), &file.type_(), &first_bytes(file).await));
        }
        if kinds.contains(&Kind::Model) {
            open_model(state, bridge, files);
        } else if kinds.first() == Some(&Kind::Recipe) {
            open_recipe(state, &files[0]).await;
        } else if let Some(file) = files.into_iter().next() {
            open_photo(state, bridge, file);
        }
    });
}

/// Shows a photo; one that cannot be read leaves the picture that was there. A dream that was saved
/// with its recipe also brings back its settings.
pub fn open_photo(state: State, bridge: Bridge, file: File) {
    let ticket = state.begin_reading();
    spawn_local(async move {
        let name = file.name();
        let decoded = picture::decode(&name, &file, picture::LARGEST_SIDE).await;
        let recipe = recipes::in_png(&png_bytes(&file).await);
        if !state.end_reading(ticket) {
            return;
        }
        match decoded {
            Ok(picture) => {
                bridge.abandon();
                let before = state.original.get_untracked();
                state.open(Original { name: stem(&name), scene: None, picture: picture.into() });
                if let Some(recipe) = recipe {
                    recipes::restore(state, recipe, Some(name), before);
                }
            }
            Err(error) => state.alert(error.to_string()),
        }
    });
}

/// Shows a start picture.
pub fn open_scene(state: State, bridge: Bridge, scene: Scene) {
    let ticket = state.begin_reading();
    spawn_local(async move {
        let original = painted(scene).await;
        if state.end_reading(ticket) {
            bridge.abandon();
            state.open(original);
        }
    });
}

/// A start picture to dream on.
pub async fn painted(scene: Scene) -> Original {
    let name = scene.name().to_ascii_lowercase();
    Original { name, scene: Some(scene), picture: painted_at(scene, WIDTH).await.into() }
}

/// A start picture of a width, painted between breaths of the page.
pub async fn painted_at(scene: Scene, width: u32) -> Picture {
    let mut picture = Scene::canvas(width);
    let (height, band) = (picture.height, BAND / width);
    for top in (0..height).step_by(band as usize) {
        breathe().await;
        scene.paint(&mut picture, top..(top + band).min(height));
    }
    picture
}

/// What the file of the mask is for, in place of the number of an objective.
pub const FOR_MASK: &str = "mask";

/// Opens a file for the mask, or for the objective of a number: a picture, or a concept.
pub fn open_for(state: State, purpose: &str, file: File) {
    let objective: Option<usize> = purpose.parse().ok();
    spawn_local(async move {
        let name = file.name();
        if name.to_ascii_lowercase().ends_with(".json")
            && let Some(at) = objective
        {
            return open_concept(state, at, &file).await;
        }
        let picture = match picture::decode(&name, &file, materials::SIDE).await {
            Ok(picture) => picture,
            Err(error) => return state.alert(error.to_string()),
        };
        let key = keep_material(state, name, picture);
        let Some(at) = objective else { return state.set_mask(Mask::Material { index: key }) };
        state.settings.update(|settings| {
            objectives::edit(settings, at, |it| match &mut it.kind {
                ObjectiveKind::GuideChannels { guide: index }
                | ObjectiveKind::GuideMatch { guide: index }
                | ObjectiveKind::Style { style: index } => *index = key,
                _ => {}
            });
        });
    });
}

/// Keeps a picture for objectives or the mask, and gives its key.
pub fn keep_material(state: State, name: String, picture: Picture) -> u32 {
    let random = (Math::random() * f64::from(KEYS)) as u32;
    let material = Material { name, picture: picture.into() };
    let added = state.materials.try_update(|materials| {
        state.settings.with_untracked(|settings| materials.add(random, material, settings))
    });
    added.unwrap_or_default()
}

async fn open_concept(state: State, at: usize, file: &File) {
    let text = String::from_utf8(bytes(file).await).unwrap_or_default();
    let concept: Option<Concept> =
        JSON::parse(&text).ok().and_then(|value| serde_wasm_bindgen::from_value(value).ok());
    let Some(concept) = concept else {
        return state
            .alert(format!("{} is not a concept that dream teach has saved.", file.name()));
    };
    let has = |name: &str| {
        state.model.with_untracked(|it| {
            it.as_ref().is_some_and(|it| it.layers.iter().any(|layer| layer.name == name))
        })
    };
    if !has(&concept.layer) {
        let Concept { model, layer, .. } = concept;
        return state.alert(format!(
            "{} was taught to the model {model}, at its layer {layer}, which this model lacks: open {model} first.",
            file.name()
        ));
    }
    state.settings.update(|settings| {
        objectives::edit(settings, at, |it| {
            if let ObjectiveKind::Direction { direction, .. } = &mut it.kind {
                *direction = concept.direction;
                it.layer = concept.layer;
            }
        });
    });
}

/// Hands a model with its external-data files to the worker.
pub fn open_model(state: State, bridge: Bridge, files: Vec<File>) {
    let model_file = |file: &File| {
        let url = Url::create_object_url_with_blob(file).ok()?;
        Some(ModelFile { name: file.name(), bytes: file.size() as u64, url })
    };
    let count = files.len();
    let files: Vec<_> = files.iter().filter_map(model_file).collect();
    if files.is_empty() || files.len() < count {
        state.alert("The browser did not let the page read the model. Try to open it again.");
    } else {
        bridge.open_model(files);
    }
}

/// Watches the whole window for files that are dropped or pasted; `dragging` tells while files
/// hover over it.
pub fn watch_window(state: State, bridge: Bridge, dragging: RwSignal<bool>) {
    let over = move |event: DragEvent| {
        if event.data_transfer().is_some_and(|data| data.types().includes(&"Files".into(), 0)) {
            event.prevent_default();
            dragging.set(true);
        }
    };
    let leave = move |event: DragEvent| {
        if event.related_target().is_none() {
            dragging.set(false);
        }
    };
    let drop = move |event: DragEvent| {
        event.prevent_default();
        dragging.set(false);
        let on = event.target().and_then(|it| it.dyn_into::<Element>().ok());
        let field = on.and_then(|it| it.closest("[data-takes]").ok().flatten());
        let purpose = field.and_then(|it| it.get_attribute("data-takes"));
        let files = list(event.data_transfer().and_then(|data| data.files()));
        match (purpose, files.into_iter().next()) {
            (Some(purpose), Some(file)) => open_for(state, &purpose, file),
            _ => open_transfer(state, bridge, event.data_transfer()),
        }
    };
    let paste = move |event: ClipboardEvent| open_transfer(state, bridge, event.clipboard_data());
    listen("dragover", over);
    listen("dragleave", leave);
    listen("drop", drop);
    listen("paste", paste);
}

/// The files of an input or a drop.
pub fn list(files: Option<FileList>) -> Vec<File> {
    let files = files.as_ref();
    files.map_or(Vec::new(), |files| (0..files.length()).filter_map(|at| files.item(at)).collect())
}

fn open_transfer(state: State, bridge: Bridge, data: Option<DataTransfer>) {
    let files = list(data.and_then(|data| data.files()));
    if !files.is_empty() {
        open_files(state, bridge, files);
    }
}

fn listen<E: wasm_bindgen::convert::FromWasmAbi + JsCast + 'static>(
    event: &str,
    handler: impl FnMut(E) + 'static,
) {
    let handler = Closure::<dyn FnMut(E)>::new(handler);
    let added = window().add_event_listener_with_callback(event, handler.as_ref().unchecked_ref());
    if added.is_ok() {
        handler.forget();
    }
}

async fn open_recipe(state: State, file: &File) {
    match String::from_utf8(bytes(file).await).ok().as_deref().and_then(recipes::read) {
        Some(recipe) => recipes::restore(state, recipe, Some(file.name()), None),
        None => state.alert(format!("{} is not a recipe that Pareidolia knows.", file.name())),
    }
}

async fn first_bytes(file: &File) -> Vec<u8> {
    match file.slice_with_i32_and_i32(0, 16) {
        Ok(slice) => bytes(&slice).await,
        Err(_) => Vec::new(),
    }
}

/// The bytes of a PNG; nothing of any other file.
async fn png_bytes(file: &File) -> Vec<u8> {
    if png::is_png(&first_bytes(file).await) { bytes(file).await } else { Vec::new() }
}

async fn bytes(file: &Blob) -> Vec<u8> {
    let buffer = JsFuture::from(file.array_buffer()).await;
    buffer.map_or(Vec::new(), |buffer| Uint8Array::new(&buffer).to_vec())
}

/// By the name's ending first, then by what the system or the first bytes say. An ONNX file begins
/// with its format version (field 1) and the name of its producer or its graph (field 2 or above).
fn kind(name: &str, mime: &str, first_bytes: &[u8]) -> Kind {
    let name = name.to_ascii_lowercase();
    if name.ends_with(".onnx") {
        return Kind::Model;
    }
    match first_bytes {
        _ if name.ends_with(".json") => Kind::Recipe,
        _ if mime.starts_with("image/") => Kind::Photo,
        [0x08, version, next, ..] if *version < 64 && *next >= 0x12 => Kind::Model,
        _ => Kind::Photo,
    }
}

fn stem(name: &str) -> String {
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem).trim();
    if stem.is_empty() { "picture".into() } else { stem.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn photos_and_models_are_told_apart() {
        let onnx = [0x08, 0x08, 0x12, 0x07, b'p', b'y'];
        let png = [0x89, b'P', b'N', b'G'];
        assert_eq!(kind("net.onnx", "", &[]), Kind::Model);
        assert_eq!(kind("Net.ONNX", "image/png", &png), Kind::Model);
        assert_eq!(kind("net", "", &onnx), Kind::Model);
        assert_eq!(kind("photo.jpg", "image/jpeg", &onnx), Kind::Photo);
        assert_eq!(kind("photo", "", &png), Kind::Photo);
        assert_eq!(kind("castle.JSON", "application/json", b"{}"), Kind::Recipe);
        assert_eq!(kind("letter.txt", "text/plain", b"Dear"), Kind::Photo);
    }

    #[test]
    fn a_saved_dream_is_named_after_its_photo() {
        assert_eq!(stem("castle.jpg"), "castle");
        assert_eq!(stem("a.b.png"), "a.b");
        assert_eq!(stem(".png"), "picture");
    }
}
