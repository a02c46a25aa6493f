//! Looking inside the network: portraits of its channels, what each layer makes of the picture, and
//! what fires where one points.

mod kept;

use std::sync::Arc;

use dream_protocol::{
    DreamSettings, Objective, ObjectiveKind, Picture, Request, portrait_settings,
};
use leptos::{prelude::*, task::spawn_local};

use crate::{
    bridge::Bridge,
    film,
    pace::until,
    reactive::memo,
    state::{Answer, Channel, Fired, Raised, Sight, State},
};

/// Side of a portrait in pixels.
const PORTRAIT: u32 = 64;
/// Iterations of each octave of a portrait.
const PORTRAIT_ITERATIONS: u32 = 16;
/// Longest side of what a layer or a channel makes of the picture.
const SKETCH: u32 = 128;
/// Longest side of the pictures that the worker gets for it.
const ENOUGH: u32 = 512;
/// Channels shown at first, and that many more whenever more are asked for.
pub const PAGE: usize = 24;
/// Channels named where one points.
pub const NAMED: usize = 6;

/// Keeps what is known of the inside true to model and picture.
pub fn keep_true(state: State) {
    let model = memo(move || state.model.with(|it| it.as_ref().map(|it| it.sha256.clone())));
    Effect::new(move |before: Option<Option<String>>| {
        let now = model.get();
        state.original.track();
        state.inside.forget(before.is_some_and(|before| before != now));
        now
    });
}

/// Shows a part of the inside, and begins to draw what it lacks.
pub fn show(state: State, bridge: Bridge, sight: Sight) {
    let inside = state.inside;
    inside.sight.set(Some(sight));
    spawn_local(async move {
        let marked = kept::favourites(state).await;
        inside.favourites.update(|favourites| favourites.extend(marked));
    });
    if sight == Sight::Channels && inside.layer.with_untracked(String::is_empty) {
        let chosen = untrack(|| state.layer());
        choose_layer(state, bridge, chosen.unwrap_or_default());
        return;
    }
    draw(state, bridge);
}

/// Shows the channels of a layer, those first that fire most at the picture.
pub fn choose_layer(state: State, bridge: Bridge, layer: String) {
    let inside = state.inside;
    let channels = state.model.with_untracked(|model| {
        let layers = model.as_ref()?.layers.iter();
        layers.into_iter().find(|it| it.name == layer).map(|it| it.channels)
    });
    inside.layer.set(layer);
    inside.order.set((0..channels.unwrap_or(0)).collect());
    inside.sorted.set(false);
    inside.many.set(PAGE);
    draw(state, bridge);
}

/// Shows more channels.
pub fn more(state: State, bridge: Bridge) {
    state.inside.many.update(|many| *many += PAGE);
    draw(state, bridge);
}

/// Marks a channel, or takes the mark away; kept across visits.
pub fn mark(state: State, channel: &Channel) {
    state.inside.mark(channel);
    spawn_local(kept::keep_favourites(state));
}

/// Dreams with a channel from now on.
pub fn raise(state: State, (layer, channel): Channel) {
    state.settings.update(|settings| {
        let kind = of_channel(channel);
        settings.objectives = vec![Objective { kind, ..Objective::layer(layer) }];
    });
    state.inside.sight.set(None);
}

fn of_channel(channel: u32) -> ObjectiveKind {
    ObjectiveKind::Channels { channels: vec![channel], before_relu: true }
}

/// Dreams with a layer from now on.
pub fn raise_layer(state: State, layer: &str) {
    state.settings.update(|settings| settings.objectives = vec![Objective::layer(layer)]);
    state.inside.sight.set(None);
}

/// Adds a channel at the place that was pointed at to what is raised; a negative weight lowers it.
pub fn add_here(state: State, channel: u32, weight: f32) {
    let Some(Fired { at: [x, y], layer, .. }) = state.inside.fired.get_untracked() else { return };
    let kind = ObjectiveKind::Neuron { channel, x, y, before_relu: true };
    state.settings.update(|settings| {
        // A whole layer would drown a single channel at a single place.
        settings.balance = true;
        settings.objectives.push(Objective { layer, weight, kind, ..Default::default() });
    });
}

/// Asks what fires at a place of the picture on show, and draws who that is.
pub fn point(state: State, bridge: Bridge, at: [f32; 2]) {
    let layer = untrack(|| state.layer());
    let (Some(layer), Some(picture)) = (layer, on_show(state)) else { return };
    spawn_local(async move {
        let (picture, of) = (small(&picture), layer.clone());
        let asked = bridge.ask(|id| Request::Probe { id, picture, layer: of, at: Some(at) });
        if let Some(Answer::Probe(firing)) = asked.await {
            state.inside.fired.set(Some(Fired { at, layer, firing }));
            draw(state, bridge);
        }
    });
}

/// Draws whatever is on show and has no picture yet, one after another, for as long as it is on show.
fn draw(state: State, bridge: Bridge) {
    let inside = state.inside;
    if inside.drawing.get_untracked() {
        return;
    }
    inside.drawing.set(true);
    spawn_local(async move {
        sort(state, bridge).await;
        while let Some(wanted) = untrack(|| next(state)) {
            // A dream goes first.
            until(move || state.dream.with_untracked(Option::is_none)).await;
            if !drawn(state, bridge, wanted).await {
                break;
            }
            sort(state, bridge).await;
        }
        inside.drawing.set(false);
    });
}

/// What has no picture yet.
enum Wanted {
    Portrait(Channel),
    Sketch(Raised),
}

fn next(state: State) -> Option<Wanted> {
    let inside = state.inside;
    let lacks = |channel: &Channel| inside.portraits.with(|drawn| !drawn.contains_key(channel));
    let lacks_sketch = |of: &Raised| inside.sketches.with(|drawn| !drawn.contains_key(of));
    let fired = inside.fired.get().map(|Fired { layer, firing, .. }| {
        firing.iter().take(NAMED).map(|it| (layer.clone(), it.channel)).collect::<Vec<_>>()
    });
    match inside.sight.get() {
        Some(Sight::Layers) => state
            .model
            .with(|model| {
                let mut all = model.as_ref()?.layers.iter().map(|it| (it.name.clone(), None));
                all.find(lacks_sketch)
            })
            .map(Wanted::Sketch),
        Some(Sight::Channels) if inside.on_picture.get() => {
            let mut all = inside.shown().into_iter().map(|(layer, it)| (layer, Some(it)));
            all.find(lacks_sketch).map(Wanted::Sketch)
        }
        Some(Sight::Channels) => inside.shown().into_iter().find(lacks).map(Wanted::Portrait),
        None => fired.unwrap_or_default().into_iter().find(lacks).map(Wanted::Portrait),
    }
}

/// Draws it; says whether that succeeded.
async fn drawn(state: State, bridge: Bridge, wanted: Wanted) -> bool {
    let inside = state.inside;
    let engine = state.engine_choice.get_untracked();
    let (picture, settings) = match &wanted {
        Wanted::Portrait(of @ (layer, channel)) => {
            if let Some(kept) = kept::portrait(state, of).await {
                let kept = Arc::new(kept);
                inside.portraits.update(|drawn| drop(drawn.insert(of.clone(), kept)));
                return true;
            }
            // Noise takes its place.
            let blank = vec![255; (4 * PORTRAIT * PORTRAIT) as usize];
            let blank = Picture { width: PORTRAIT, height: PORTRAIT, rgba: blank };
            (blank, portrait_settings(layer, *channel, PORTRAIT, PORTRAIT_ITERATIONS))
        }
        Wanted::Sketch((layer, channel)) => {
            let Some(original) = state.original.get_untracked() else { return false };
            let kind = channel.map_or(ObjectiveKind::L2, of_channel);
            let settings = DreamSettings {
                objectives: vec![Objective { kind, ..Objective::layer(layer) }],
                octaves: 2,
                iterations: 8,
                size: SKETCH,
                ..DreamSettings::default()
            };
            (small(&original.picture), settings)
        }
    };
    let asked = bridge.ask(|id| Request::Sketch { id, picture, settings, engine });
    let Some(Answer::Sketch(picture)) = asked.await else { return false };
    match wanted {
        Wanted::Portrait(channel) => {
            kept::keep_portrait(state, &channel, &picture).await;
            inside.portraits.update(|drawn| drop(drawn.insert(channel, picture)));
        }
        Wanted::Sketch(of) => {
            inside.sketches.update(|drawn| drop(drawn.insert(of, picture)));
        }
    }
    true
}

/// Brings the channels on show into the order in which they fire at the picture, once.
async fn sort(state: State, bridge: Bridge) {
    let inside = state.inside;
    let unsorted =
        inside.sight.get_untracked() == Some(Sight::Channels) && !inside.sorted.get_untracked();
    let Some(picture) = on_show(state).filter(|_| unsorted) else { return };
    let layer = inside.layer.get_untracked();
    let (picture, of) = (small(&picture), layer.clone());
    let asked = bridge.ask(|id| Request::Probe { id, picture, layer: of, at: None });
    let answer = asked.await;
    if inside.layer.get_untracked() != layer {
        // The turn of the layer that was chosen meanwhile comes before the next portrait.
        return;
    }
    if let Some(Answer::Probe(firing)) = answer {
        inside.order.set(firing.iter().map(|it| it.channel).collect());
    }
    inside.sorted.set(true);
}

fn on_show(state: State) -> Option<Arc<Picture>> {
    let original = || state.original.get_untracked().map(|original| original.picture);
    state.frame.get_untracked().or_else(original)
}

/// The picture with at most [`ENOUGH`] pixels along its longest side: every pixel is one of the
/// picture's.
fn small(picture: &Picture) -> Picture {
    film::smaller(picture, ENOUGH)
}
