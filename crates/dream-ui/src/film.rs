//! The filmstrip: every octave of every dream as a still that can be brought back, kept by the
//! browser across visits up to a budget, the oldest dropped first.
//!
//! Stills form a tree: a dream grows from the still that it was dreamed on.

mod stills;

use std::sync::Arc;

use dream_protocol::{Event, Picture};
use leptos::{prelude::*, task::spawn_local};
use web_sys::Blob;

pub use stills::{BUDGET, Film, Still, smaller};

use self::stills::{size, thumbnail};
use crate::{
    bridge::Bridge,
    picture,
    state::{Original, State},
    store::{STILLS, Store},
};

/// Brings back what earlier visits have left.
pub async fn open(state: State, store: &Store) {
    // A browser that keeps nothing still has a filmstrip for as long as the page is open.
    let kept = store.all::<Still>(STILLS).await.unwrap_or_default();
    state.film.update(|film| {
        let now = std::mem::take(film);
        for (still, pixels) in kept {
            if let Some(pixels) = pixels {
                film.add(still, pixels);
            }
        }
        film.store = Some(store.clone());
        for (still, (_, pixels)) in now.stills.into_iter().zip(now.pixels) {
            film.add(still, pixels);
        }
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
                size: size(&original.picture),
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
        size: size(&frame),
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
            Some((film.pixels(still.start.unwrap_or(key)), film.pixels(key)?, still))
        });
        let Some((start, kept, still)) = found else {
            state.end_reading(ticket);
            return;
        };
        let picture = picture_of(kept).await;
        let original = match start {
            Some(start) => picture_of(start).await,
            None => None,
        };
        if !state.end_reading(ticket) {
            return;
        }
        let Some(picture) = picture.map(Arc::new) else { return lost(state, &still.name) };
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
        state.film.with_untracked(|film| Some((film.find(key)?.name.clone(), film.pixels(key)?)));
    let Some((name, kept)) = found else { return };
    spawn_local(async move {
        let Some(picture) = picture_of(kept).await else { return lost(state, &name) };
        state.beside.set(Some((key, Arc::new(picture))));
        if state.compare.get_untracked() < 1.0 {
            state.compare.set(50.0);
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
        film.pixels.clear();
        std::mem::take(&mut film.stills)
    });
    state.still.set(None);
    forget(state, dropped.unwrap_or_default());
}

fn keep(state: State, still: Still, picture: Arc<Picture>) {
    let pixels = match picture::blob(&picture.rgba, "") {
        Ok(pixels) => pixels,
        Err(error) => return state.alert(format!("The filmstrip cannot keep it ({error:?}).")),
    };
    let (kept, file) = (still.clone(), pixels.clone());
    let dropped = state.film.try_update(|film| {
        film.add(still, pixels);
        film.drop_oldest(state.still.get_untracked())
    });
    forget(state, dropped.unwrap_or_default());
    let store = state.film.with_untracked(|film| film.store.clone());
    if let Some(store) = store {
        spawn_local(async move {
            if let Err(error) = store.put(STILLS, kept.key, &kept, Some(&file)).await {
                state.alert(error.to_string());
            }
        });
    }
}

fn forget(state: State, dropped: Vec<Still>) {
    let store = state.film.with_untracked(|film| film.store.clone());
    if let Some(store) = store {
        spawn_local(async move {
            let keys = dropped.iter().map(|still| still.key.into()).collect();
            // What cannot be removed is dropped again on the next visit.
            let _ = store.remove(STILLS, keys).await;
        });
    }
}

fn lost(state: State, name: &str) {
    state.alert(format!("The browser has lost this picture of {name}."));
}

async fn picture_of((size, pixels): ([u32; 2], Blob)) -> Option<Picture> {
    picture::from_blob(size, &pixels).await
}
