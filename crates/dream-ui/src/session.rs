//! What the user is doing is kept in the browser as it changes, and is back after a reload or a
//! killed tab: the picture, the settings with the pictures that they name, and what the last finished
//! octave has left.

use std::{sync::Arc, time::Duration};

use dream_protocol::{DreamSettings, Remix};
use leptos::{prelude::*, task::spawn_local};
use serde::{Deserialize, Serialize};

use crate::{
    arrivals,
    bridge::Bridge,
    film, intake,
    materials::{self, Material},
    notices::Notices,
    objectives::NO_MATERIAL,
    picture,
    reactive::{effect, memo},
    scene::Scene,
    state::{Original, State},
    store::{MATERIALS, SESSION, Store, StoreError},
};

/// How long the settings must rest before they are kept.
const REST: Duration = Duration::from_millis(400);

const ORIGINAL: &str = "original";
const DOING: &str = "doing";

/// The picture to begin with, beside its pixels; start pictures are drawn again.
#[derive(Serialize, Deserialize)]
struct KeptOriginal {
    name: String,
    scene: Option<String>,
    size: [u32; 2],
}

/// A picture that the settings name, beside its pixels.
#[derive(Serialize, Deserialize)]
struct KeptMaterial {
    name: String,
    size: [u32; 2],
}

/// What is done with it.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
struct Doing {
    settings: DreamSettings,
    remix: Remix,
    /// Which of the filmstrip's stills is on show.
    still: Option<u32>,
}

/// Begins with the picture that another app has handed over, else with what was kept, else with
/// the first start picture; keeps what changes from then on.
pub fn begin(state: State, bridge: Bridge, notices: Notices) {
    let ticket = state.begin_reading();
    spawn_local(async move {
        let store = Store::open().await;
        let shared = arrivals::shared().await;
        let mut kept = None;
        if let Ok(store) = &store {
            film::open(state, store).await;
            // What cannot be read cannot be brought back.
            kept = restored(store).await.unwrap_or(None);
        }
        // Whoever has opened a picture meanwhile wants that one.
        if state.end_reading(ticket) {
            match (shared, kept) {
                (Some(photo), _) => intake::open_photo(state, bridge, photo),
                (None, Some((original, doing))) => {
                    state.open(original);
                    if let Ok(store) = &store {
                        bring_back(state, store, &doing.settings).await;
                    }
                    take_up(state, doing).await;
                    notices.restored.set(true);
                }
                (None, None) => intake::open_scene(state, bridge, Scene::Clouds),
            }
        }
        match store {
            Ok(store) => watch(state, store),
            Err(error) => tell_when_it_matters(state, error.to_string()),
        }
    });
}

/// Begins as on a first visit; the filmstrip stays.
pub fn start_afresh(state: State, bridge: Bridge, notices: Notices) {
    notices.restored.set(false);
    bridge.abandon();
    state.settings.set(DreamSettings::default());
    state.remix.set(Remix::default());
    state.wanted.set(Some(state.built_in.get_untracked()));
    intake::open_scene(state, bridge, Scene::Clouds);
}

/// What was kept, if it is worth bringing back.
async fn restored(store: &Store) -> Result<Option<(Original, Doing)>, StoreError> {
    let Some((kept, pixels)) = store.get::<KeptOriginal>(SESSION, ORIGINAL).await? else {
        return Ok(None);
    };
    let doing = store.get::<Doing>(SESSION, DOING).await?.map(|it| it.0).unwrap_or_default();
    let scene = kept.scene.and_then(|name| Scene::ALL.into_iter().find(|it| it.name() == name));
    if scene == Some(Scene::Clouds) && doing == Doing::default() {
        return Ok(None);
    }
    let original = match (scene, pixels) {
        (Some(scene), _) => intake::painted(scene).await,
        (None, Some(pixels)) => match picture::from_blob(kept.size, &pixels).await {
            Some(picture) => Original { name: kept.name, scene, picture: picture.into() },
            None => return Ok(None),
        },
        (None, None) => return Ok(None),
    };
    Ok(Some((original, doing)))
}

/// Has the pictures again that settings name; those that are lost will be asked for.
async fn bring_back(state: State, store: &Store, settings: &DreamSettings) {
    for key in materials::keys(settings) {
        let kept = store.get::<KeptMaterial>(MATERIALS, key).await.ok().flatten();
        let Some((KeptMaterial { name, size }, Some(pixels))) = kept else { continue };
        if let Some(picture) = picture::from_blob(size, &pixels).await {
            let material = Material { name, picture: picture.into() };
            state.materials.update(|it| it.put_back(key, material));
        }
    }
}

/// Keeps the pictures that the settings name from now on, and no others.
async fn keep_named(state: State, store: &Store, named: &[u32], before: &[u32]) {
    for key in named.iter().filter(|key| !before.contains(key)) {
        let material = state.materials.with_untracked(|it| it.get(*key).cloned());
        let Some(Material { name, picture }) = material else { continue };
        let words = KeptMaterial { name, size: [picture.width, picture.height] };
        let kept = match picture::blob(&picture.rgba, "") {
            Ok(pixels) => store.put(MATERIALS, *key, &words, Some(&pixels)).await,
            Err(error) => Err(error.into()),
        };
        tell(state, kept);
    }
    let gone = before.iter().filter(|key| !named.contains(key));
    tell(state, store.remove(MATERIALS, gone.map(|key| (*key).into()).collect()).await);
}

/// Shows what the last finished octave has left. Settings in the address of the page come before
/// those that were kept.
async fn take_up(state: State, Doing { settings, remix, still }: Doing) {
    let linked = state.restored.get_untracked().map(|linked| linked.recipe);
    if linked.is_none_or(|it| is_link_to(&it.settings, &settings) && it.remix == remix) {
        state.restored.set(None);
        state.settings.set(settings);
        state.remix.set(remix);
    }
    let Some(key) = still else { return };
    let name = state.original.with_untracked(|it| it.as_ref().map(|it| it.name.clone()));
    let found = state.film.with_untracked(|film| {
        let still = film.find(key).filter(|still| Some(&still.name) == name.as_ref())?;
        Some((still.clone(), film.pixels(key)?.1))
    });
    let Some((still, pixels)) = found else { return };
    if let Some(picture) = picture::from_blob(still.size, &pixels).await {
        state.still.set(Some(key));
        if still.recipe.is_some() {
            state.made.set(still.recipe);
            state.frame.set(Some(Arc::new(picture)));
        }
    }
}

/// Whether the address means these settings: it names the layer even where it is the model's own,
/// and does not say which pictures it means.
fn is_link_to(linked: &DreamSettings, settings: &DreamSettings) -> bool {
    let [mut linked, mut settings] =
        [linked, settings].map(|it| materials::renamed(it, |_| NO_MATERIAL));
    if settings.objectives.is_empty() {
        settings.objectives.push(Default::default());
    }
    for (linked, own) in linked.objectives.iter_mut().zip(&settings.objectives) {
        if own.layer.is_empty() {
            linked.layer.clear();
        }
    }
    linked == settings
}

/// Keeps every change.
fn watch(state: State, store: Store) {
    let store = StoredValue::new_local(store);
    effect(move || {
        let Some(Original { name, scene, picture }) = state.original.get() else { return };
        let size = [picture.width, picture.height];
        let words = KeptOriginal { name, scene: scene.map(|it| it.name().to_owned()), size };
        spawn_local(async move {
            let pixels = scene.is_none().then(|| picture::blob(&picture.rgba, "")).transpose();
            let kept = match pixels {
                Ok(pixels) => {
                    store.get_value().put(SESSION, ORIGINAL, &words, pixels.as_ref()).await
                }
                Err(error) => Err(error.into()),
            };
            tell(state, kept);
        });
    });
    let named = memo(move || state.settings.with(materials::keys));
    let kept = StoredValue::new(untrack(|| named.get()));
    effect(move || {
        let (named, before) = (named.get(), kept.get_value());
        kept.set_value(named.clone());
        spawn_local(async move { keep_named(state, &store.get_value(), &named, &before).await });
    });
    effect(move || {
        let doing = Doing {
            settings: state.settings.get(),
            remix: state.remix.get(),
            still: state.still.get(),
        };
        let later = move || {
            spawn_local(async move {
                tell(state, store.get_value().put(SESSION, DOING, &doing, None).await);
            });
        };
        let timer = set_timeout_with_handle(later, REST);
        on_cleanup(move || {
            // Without timers nothing was to be kept either.
            let _ = timer.map(|timer| timer.clear());
        });
    });
}

fn tell(state: State, kept: Result<(), StoreError>) {
    if let Err(error) = kept {
        state.alert(error.to_string());
    }
}

/// Where nothing can be kept, that is said once there is something to lose.
fn tell_when_it_matters(state: State, words: String) {
    effect(move || {
        let own = state.original.with(|it| it.as_ref().is_some_and(|it| it.scene.is_none()));
        if own || state.frame.with(Option::is_some) {
            state.alert(words.clone());
        }
    });
}

#[cfg(test)]
mod tests {
    use dream_protocol::{Mask, Objective};

    use super::*;

    #[test]
    fn an_address_means_the_same_settings_whatever_their_pictures_are_called() {
        let settings = |layer: &str, key: u32, seed: u32| {
            let mask = Mask::Material { index: key };
            let objectives = vec![Objective { mask, ..Objective::layer(layer) }];
            DreamSettings { objectives, seed, ..DreamSettings::default() }
        };
        assert!(is_link_to(&settings("a", 0, 1), &settings("", 77, 1)));
        assert!(is_link_to(&settings("a", 0, 1), &settings("a", 77, 1)));
        assert!(!is_link_to(&settings("a", 0, 1), &settings("b", 77, 1)));
        assert!(!is_link_to(&settings("a", 0, 1), &settings("", 77, 2)));
        let default =
            DreamSettings { objectives: vec![Objective::layer("a")], ..Default::default() };
        assert!(is_link_to(&default, &DreamSettings::default()));
    }
}
