//! The filmstrip: every octave of every dream as a still that can be brought back, kept by the
//! browser across visits up to a budget, the oldest dropped first.
//!
//! Stills form a tree: a dream grows from the still that it was dreamed on.

use std::sync::Arc;

use dream_protocol::{Event, Picture, RECIPE_KEYWORD, Recipe};
use js_sys::{Object, Reflect};
use leptos::{prelude::*, task::spawn_local};
use serde::{Deserialize, Serialize};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::Blob;

use crate::{
    bridge::Bridge,
    picture, recipes,
    state::{Original, State},
    store::Store,
};

/// At most so many bytes are kept.
pub const BUDGET: u64 = 64_000_000;
/// Longest side of a still's thumbnail.
const THUMBNAIL: u32 = 120;

/// A state that can be brought back.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Still {
    /// Tells it from the others; later ones have larger keys.
    pub key: u32,
    /// Which dream it belongs to, from 1; 0 for a picture to begin with.
    pub run: u32,
    /// Octave that it ended, and of how many; 0 for a picture to begin with.
    pub octave: [u32; 2],
    /// The still that its dream was dreamed on.
    pub parent: Option<u32>,
    /// The picture that it all began with.
    pub start: Option<u32>,
    /// Name of that picture.
    pub name: String,
    /// How it was dreamed.
    pub recipe: Option<Recipe>,
    /// Size of its file.
    pub bytes: u64,
    /// What it looks like.
    pub thumbnail: Picture,
}

/// All stills, with their files, and where the next belong.
#[derive(Clone, Default)]
pub struct Film {
    /// Oldest first.
    pub stills: Vec<Still>,
    files: Vec<(u32, Blob)>,
    store: Option<Store>,
    /// Key of the next still.
    next: u32,
    /// The dream under way or last.
    run: u32,
    parent: Option<u32>,
    start: Option<u32>,
}

/// Brings back what earlier visits have left.
pub fn open(state: State) {
    spawn_local(async move {
        // A browser that keeps nothing still has a filmstrip for as long as the page is open.
        let Ok(store) = Store::open().await else { return };
        let values = store.all().await.unwrap_or_default();
        state.film.update(|film| {
            let now = std::mem::take(film);
            for value in values {
                if let Some((still, file)) = read(&value) {
                    film.add(still, file);
                }
            }
            film.store = Some(store);
            for (still, (_, file)) in now.stills.into_iter().zip(now.files) {
                film.add(still, file);
            }
        });
    });
}

/// Notes that a dream begins: on the picture to begin with, or on the still on show.
pub fn begin(state: State, on_still: bool) {
    let Some(original) = state.original.get_untracked() else { return };
    let on = state.still.get_untracked();
    let shown = state.film.with_untracked(|film| {
        on.and_then(|on| film.find(on)).map(|still| (still.key, still.start.unwrap_or(still.key)))
    });
    match shown {
        Some((key, start)) => state.film.update(|film| {
            film.run = film.last_run() + 1;
            film.parent = Some(if on_still { key } else { start });
            film.start = Some(start);
        }),
        None => {
            let key = state.film.try_update(|film| {
                let key = film.reserve();
                film.run = film.last_run() + 1;
                (film.parent, film.start) = (Some(key), Some(key));
                key
            });
            let Some(key) = key else { return };
            state.still.set(Some(key));
            let still = Still {
                key,
                run: 0,
                octave: [0, 0],
                parent: None,
                start: None,
                name: original.name,
                recipe: None,
                bytes: 0,
                thumbnail: thumbnail(&original.picture),
            };
            keep(state, still, original.picture);
        }
    }
}

/// Which octave of how many an event ends, if it ends one whose picture should be kept.
pub fn ends(state: State, event: &Event) -> Option<[u32; 2]> {
    let progress = state.progress.get_untracked();
    match event {
        Event::Frame { .. } => {
            let at = progress?;
            let ended = at.iteration >= at.iterations && at.octave < at.octaves;
            ended.then_some([at.octave, at.octaves])
        }
        Event::Done { .. } => Some(progress.map_or([1, 1], |at| [at.octave, at.octaves])),
        _ => None,
    }
}

/// Keeps the frame on show as the end of an octave.
pub fn take(state: State, octave: [u32; 2]) {
    let (Some(frame), Some(original)) =
        (state.frame.get_untracked(), state.original.get_untracked())
    else {
        return;
    };
    let still = state.film.try_update(|film| Still {
        key: film.reserve(),
        run: film.run,
        octave,
        parent: film.parent,
        start: film.start,
        name: original.name,
        recipe: state.made.get_untracked(),
        bytes: 0,
        thumbnail: thumbnail(&frame),
    });
    let Some(still) = still else { return };
    state.still.set(Some(still.key));
    keep(state, still, frame);
}

/// Shows a still again, with the settings that made it and the picture it began with.
pub fn restore(state: State, bridge: Bridge, key: u32) {
    let ticket = state.begin_reading();
    spawn_local(async move {
        let found = state.film.with_untracked(|film| {
            let still = film.find(key)?.clone();
            Some((film.file(still.start.unwrap_or(key)), film.file(key)?, still))
        });
        let Some((start, file, still)) = found else {
            state.end_reading(ticket);
            return;
        };
        let picture = picture::decode(&still.name, &file).await;
        let original = match start {
            Some(start) => picture::decode(&still.name, &start).await.ok(),
            None => None,
        };
        if !state.end_reading(ticket) {
            return;
        }
        let picture = match picture {
            Ok(picture) => Arc::new(picture),
            Err(error) => return state.alert(error.to_string()),
        };
        bridge.abandon();
        let original = original.map_or_else(|| picture.clone(), Arc::new);
        let (name, held) = (still.name.clone(), state.held.get_untracked());
        state.open(Original { name, scene: None, picture: original });
        state.still.set(Some(key));
        if let Some(recipe) = still.recipe {
            state.settings.set(recipe.settings.clone());
            state.made.set(Some(recipe));
            state.frame.set(Some(picture));
        }
        let last = state.film.with_untracked(|film| film.ends_last_run(key));
        state.ended.set(held.filter(|_| last));
    });
}

/// Compares what is on show with a still, in place of the picture it began with.
pub fn compare(state: State, key: u32) {
    let found =
        state.film.with_untracked(|film| Some((film.find(key)?.name.clone(), film.file(key)?)));
    let Some((name, file)) = found else { return };
    spawn_local(async move {
        match picture::decode(&name, &file).await {
            Ok(picture) => {
                state.beside.set(Some((key, Arc::new(picture))));
                if state.compare.get_untracked() < 1.0 {
                    state.compare.set(50.0);
                }
            }
            Err(error) => state.alert(error.to_string()),
        }
    });
}

/// Shows the still after the one on show, or before it.
pub fn step(state: State, bridge: Bridge, forth: bool) {
    let key = state.film.with_untracked(|film| {
        let at =
            film.stills.iter().position(|still| Some(still.key) == state.still.get_untracked());
        let next = match (at, forth) {
            (None, _) => film.stills.len().checked_sub(1)?,
            (Some(at), true) => at + 1,
            (Some(at), false) => at.checked_sub(1)?,
        };
        Some(film.stills.get(next)?.key)
    });
    if let Some(key) = key {
        restore(state, bridge, key);
    }
}

/// Forgets all stills, here and in the browser.
pub fn clear(state: State) {
    let dropped = state.film.try_update(|film| {
        film.files.clear();
        std::mem::take(&mut film.stills)
    });
    state.still.set(None);
    forget(state, dropped.unwrap_or_default());
}

fn keep(state: State, mut still: Still, picture: Arc<Picture>) {
    spawn_local(async move {
        let text = still.recipe.as_ref().and_then(recipes::text);
        let text = text.as_deref().map(|text| (RECIPE_KEYWORD, text));
        let file = match picture::png_file(&picture, text).await {
            Ok(file) => file,
            Err(error) => return state.alert(error.to_string()),
        };
        still.bytes = file.size() as u64;
        let store = state.film.with_untracked(|film| film.store.clone());
        if let (Some(store), Some(value)) = (store, value(&still, &file)) {
            // A full disk costs the still its next visit, nothing else.
            let _ = store.put(still.key, &value).await;
        }
        let dropped = state.film.try_update(|film| {
            film.add(still, file);
            film.drop_oldest(state.still.get_untracked())
        });
        forget(state, dropped.unwrap_or_default());
    });
}

fn forget(state: State, dropped: Vec<Still>) {
    let store = state.film.with_untracked(|film| film.store.clone());
    if let Some(store) = store {
        spawn_local(async move {
            for still in dropped {
                // What cannot be removed is dropped again on the next visit.
                let _ = store.remove(still.key).await;
            }
        });
    }
}

impl Film {
    /// The still of that key.
    pub fn find(&self, key: u32) -> Option<&Still> {
        self.stills.iter().find(|still| still.key == key)
    }

    /// What all files take.
    pub fn bytes(&self) -> u64 {
        self.stills.iter().map(|still| still.bytes).sum()
    }

    fn file(&self, key: u32) -> Option<Blob> {
        self.files.iter().find(|(of, _)| *of == key).map(|(_, file)| file.clone())
    }

    fn reserve(&mut self) -> u32 {
        self.next += 1;
        self.next
    }

    fn last_run(&self) -> u32 {
        self.stills.iter().map(|still| still.run).max().unwrap_or(0).max(self.run)
    }

    fn ends_last_run(&self, key: u32) -> bool {
        self.stills.iter().rfind(|still| still.run == self.run).is_some_and(|it| it.key == key)
    }

    fn add(&mut self, still: Still, file: Blob) {
        self.next = self.next.max(still.key);
        let at = self.stills.partition_point(|other| other.key < still.key);
        self.files.insert(at, (still.key, file));
        self.stills.insert(at, still);
    }

    /// Drops stills until the others are within the budget; not the one on show, nor the picture
    /// that it began with.
    fn drop_oldest(&mut self, shown: Option<u32>) -> Vec<Still> {
        let start = shown.and_then(|shown| self.find(shown)?.start);
        let mut dropped = Vec::new();
        while self.bytes() > BUDGET {
            let free = |still: &Still| Some(still.key) != shown && Some(still.key) != start;
            let Some(at) = self.stills.iter().position(free) else { break };
            dropped.push(self.stills.remove(at));
            self.files.remove(at);
        }
        dropped
    }
}

fn value(still: &Still, file: &Blob) -> Option<JsValue> {
    let value = Object::new();
    let words = still.serialize(&serde_wasm_bindgen::Serializer::new()).ok()?;
    Reflect::set(&value, &"still".into(), &words).ok()?;
    Reflect::set(&value, &"file".into(), file).ok()?;
    Some(value.into())
}

fn read(value: &JsValue) -> Option<(Still, Blob)> {
    let field = |name: &str| Reflect::get(value, &name.into()).ok();
    let still = serde_wasm_bindgen::from_value(field("still")?).ok()?;
    Some((still, field("file")?.dyn_into().ok()?))
}

/// The picture, small: every pixel is one of the picture's.
fn thumbnail(picture: &Picture) -> Picture {
    let longest = picture.width.max(picture.height).max(1);
    let fit = |side: u32| (side * THUMBNAIL.min(longest) / longest).max(1);
    let (width, height) = (fit(picture.width), fit(picture.height));
    let place = |at: u32, of: u32, all: u32| (2 * at + 1) * all / (2 * of);
    let mut rgba = Vec::with_capacity((width * height * 4) as usize);
    for y in 0..height {
        let row = place(y, height, picture.height) as usize * picture.width as usize;
        for x in 0..width {
            let at = 4 * (row + place(x, width, picture.width) as usize);
            rgba.extend_from_slice(&picture.rgba[at..at + 4]);
        }
    }
    Picture { width, height, rgba }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thumbnail_keeps_proportions_and_tones() {
        let pixel = |at: u32| [(at % 400 / 2) as u8, (at / 400) as u8, 7, 255];
        let picture =
            Picture { width: 400, height: 200, rgba: (0..80_000).flat_map(pixel).collect() };
        let small = thumbnail(&picture);
        assert_eq!((small.width, small.height), (120, 60));
        assert_eq!(small.rgba.len(), 120 * 60 * 4);
        let middle = &small.rgba[(30 * 120 + 60) * 4..][..4];
        assert!(middle[0].abs_diff(100) < 3 && middle[1].abs_diff(100) < 3, "{middle:?}");
        let tiny = Picture { width: 1, height: 1, rgba: vec![1, 2, 3, 4] };
        assert_eq!(thumbnail(&tiny), tiny);
    }
}
