//! What the browser keeps of the inside across visits: portraits, and what was marked. Where it
//! keeps nothing, portraits are drawn again.

use dream_protocol::Picture;
use leptos::prelude::*;

use crate::{
    state::{Channel, State},
    store::{PORTRAITS, Store},
};

/// A portrait from an earlier visit.
pub async fn portrait(state: State, channel: &Channel) -> Option<Picture> {
    let (store, key) = (store(state)?, key(state, channel)?);
    store.get::<Picture>(PORTRAITS, key).await.ok().flatten().map(|(picture, _)| picture)
}

/// Keeps a portrait.
pub async fn keep_portrait(state: State, channel: &Channel, picture: &Picture) {
    if let (Some(store), Some(key)) = (store(state), key(state, channel)) {
        // One that is not kept is drawn again.
        let _ = store.put(PORTRAITS, key, picture, None).await;
    }
}

/// What was marked on earlier visits.
pub async fn favourites(state: State) -> Vec<Channel> {
    let Some((store, model)) = store(state).zip(model(state)) else { return Vec::new() };
    let kept = store.get::<Vec<Channel>>(PORTRAITS, model).await;
    kept.ok().flatten().map(|(marked, _)| marked).unwrap_or_default()
}

/// Keeps what is marked now.
pub async fn keep_favourites(state: State) {
    let marked = state.inside.favourites.get_untracked();
    if let Some((store, model)) = store(state).zip(model(state))
        && let Err(error) = store.put(PORTRAITS, model, &marked, None).await
    {
        state.alert(error.to_string());
    }
}

fn store(state: State) -> Option<Store> {
    state.film.with_untracked(|film| film.store.clone())
}

fn model(state: State) -> Option<String> {
    state.model.with_untracked(|model| model.as_ref().map(|model| model.sha256.clone()))
}

fn key(state: State, (layer, channel): &Channel) -> Option<String> {
    Some(format!("{}/{layer}/{channel}", model(state)?))
}
