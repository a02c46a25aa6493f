//! What to look for: one layer, or under “More” whatever adds up to something.

use dream_protocol::{
    COSINE_POWER, ModelCard, Objective, ObjectiveKind, Range, WEIGHT, classes_like,
};
use leptos::{ev::FocusEvent, prelude::*};
use web_sys::HtmlInputElement;

use super::{
    fields::{Check, FileField, Pick, Track},
    page,
};
use crate::{
    objectives::{KINDS, NO_MATERIAL, channels, channels_text, edit, number, turned},
    reactive::{live, memo, text, whether},
    state::State,
    words,
};

/// At most so many classes are offered.
const FITTING: usize = 6;
/// Where an objective is looked for, in percent.
const PLACE: Range = Range { name: "Place", min: 0.0, max: 100.0, step: 1.0, default: 50.0 };

/// The layer, and everything else under “More”.
#[component]
pub fn Objectives() -> impl IntoView {
    let (state, _) = page();
    let count = memo(move || state.settings.with(|it| it.objectives.len().max(1)));
    let first = memo(move || kind(state, 0));
    let told = live(move || match (count.get(), first.get()) {
        (1, 0) => None,
        (1, kind) => Some(KINDS[kind].name.to_owned()),
        (count, _) => Some(format!("{count} objectives")),
    });
    let add = move |_| {
        state.settings.update(|settings| {
            edit(settings, 0, |_| {});
            settings.objectives.push(Objective::default());
        });
    };
    let balance = memo(move || state.settings.with(|it| it.balance));
    let set_balance = Callback::new(move |to| state.settings.update(|it| it.balance = to));
    view! {
        <LayerSelect at=0/>
        <details class="sub">
            <summary>"More"<small>{told}</small></summary>
            <For each=move || 0..count.get() key=|at| *at children=move |at| view! { <Card at count/> }/>
            <button class="wide" type="button" on:click=add>"Add an objective"</button>
            <Check name="Balance" hint="all of them equally strong before their weights count"
                value=balance change=set_balance/>
        </details>
    }
}

/// Which layer to raise: the only one, or that of one of several objectives.
#[component]
pub fn LayerSelect(at: usize) -> impl IntoView {
    let (state, _) = page();
    let chosen = memo(move || state.layer_of(at));
    let is_class = memo(move || matches!(objective(state, at).kind, ObjectiveKind::Class { .. }));
    let choose = move |event| {
        let name = event_target_value(&event);
        state.settings.update(|it| edit(it, at, |it| it.layer = name));
    };
    let hint = live(move || {
        if is_class.get() {
            return Some("a class has a layer of its own, the last".to_owned());
        }
        state.model.with(|model| Some(words::layer_hint(model.as_ref()?, &chosen.get()?)))
    });
    let groups =
        live(move || state.model.with(|model| model.as_ref().map(|it| groups(it, chosen))));
    let id = if at == 0 { "layer".to_owned() } else { format!("layer-{at}") };
    let hint_id = format!("{id}-hint");
    view! {
        <label class="field" for=id.clone()>"Layer"</label>
        <select
            id=id
            aria-describedby=hint_id.clone()
            disabled=whether(move || is_class.get() || state.model.with(Option::is_none))
            on:change=choose
        >
            {groups}
        </select>
        <p class="hint" id=hint_id>{hint}</p>
    }
}

/// The layers from shallow to deep, under what such layers tend to bring out.
fn groups(model: &ModelCard, chosen: Memo<Option<String>>) -> impl IntoView + use<> {
    let count = model.layers.len();
    let mut names = words::DEPTHS.map(|_| Vec::new());
    for (at, layer) in model.layers.iter().enumerate() {
        names[words::depth(at, count)].push(layer.name.clone());
    }
    let group = move |(label, names): (&'static str, Vec<String>)| {
        let option = move |name: String| {
            let (value, this) = (name.clone(), name.clone());
            let selected = whether(move || chosen.with(|it| it.as_ref() == Some(&this)));
            view! { <option value=value prop:selected=selected>{name}</option> }
        };
        let options = names.into_iter().map(option).collect_view();
        view! { <optgroup label=label>{options}</optgroup> }
    };
    let filled = words::DEPTHS.into_iter().zip(names).filter(|(_, names)| !names.is_empty());
    filled.map(group).collect_view()
}

/// One objective; the layer of the first one is chosen above.
#[component]
fn Card(at: usize, count: Memo<usize>) -> impl IntoView {
    let (state, _) = page();
    let chosen = memo(move || kind(state, at));
    let choose = Callback::new(move |to| change(state, at, move |it| *it = turned(it, to)));
    let options = KINDS.iter().map(|kind| (kind.name, kind.hint)).collect();
    let weight = memo(move || f64::from(objective(state, at).weight));
    let weigh = Callback::new(move |to: f64| change(state, at, move |it| it.weight = to as f32));
    let remove = move |_| {
        state.settings.update(|it| {
            if at < it.objectives.len() {
                it.objectives.remove(at);
            }
        });
    };
    let layer = (at > 0).then(|| view! { <LayerSelect at/> });
    let name = format!("Objective {}", at + 1);
    view! {
        <fieldset class="objective">
            <legend>{name.clone()}</legend>
            <button class="link" type="button" hidden=whether(move || count.get() == 1) on:click=remove
                aria-label=format!("Remove {}", name.to_ascii_lowercase())>"Remove"</button>
            <Pick id=format!("kind-{at}") name="Kind" options chosen choose/>
            {layer}
            {live(move || particulars(state, at, chosen.get()))}
            <Track range=WEIGHT id=format!("weight-{at}") name=WEIGHT.name hint="below zero: less of it"
                value=weight change=weigh/>
        </fieldset>
    }
}

/// What the objective's kind needs.
fn particulars(state: State, at: usize, kind: usize) -> AnyView {
    match (KINDS[kind].first)() {
        ObjectiveKind::L2 | ObjectiveKind::Mean => ().into_any(),
        ObjectiveKind::Channels { .. } => view! { <Channels at/> <BeforeRelu at/> }.into_any(),
        ObjectiveKind::Class { .. } => view! { <Class at/> }.into_any(),
        ObjectiveKind::Neuron { .. } => {
            view! { <Channels at/> <BeforeRelu at/> <Place at/> }.into_any()
        }
        ObjectiveKind::GuideChannels { .. } | ObjectiveKind::GuideMatch { .. } => {
            view! { <Picture at name="Choose a guide picture"/> }.into_any()
        }
        ObjectiveKind::Style { .. } => view! {
            <Picture at name="Choose a style picture"/>
            <button class="wide" type="button" on:click=move |_| state.spread_style(at)>
                "Compare at four layers"
            </button>
            <p class="hint">"from fine to coarse, as styles are usually compared"</p>
        }
        .into_any(),
        ObjectiveKind::Direction { .. } => {
            let told = Signal::derive(move || match objective(state, at).kind {
                ObjectiveKind::Direction { direction, .. } if !direction.is_empty() => {
                    format!("Another direction (this has {} channels)", direction.len())
                }
                _ => "Open a direction".into(),
            });
            view! {
                <FileField name=told accept=".json" purpose=at.to_string()/>
                <p class="hint">"the file that dream teach has made of 5 to 20 pictures"</p>
                <CosinePower at/>
            }
            .into_any()
        }
        ObjectiveKind::Caricature { .. } => view! { <CosinePower at/> }.into_any(),
    }
}

#[component]
fn Channels(at: usize) -> impl IntoView {
    let (state, _) = page();
    let count = move || state.channels_of(at).unwrap_or(u32::MAX);
    let trouble = RwSignal::new(None::<String>);
    let neuron = matches!(objective_untracked(state, at).kind, ObjectiveKind::Neuron { .. });
    let shown = text(move || match objective(state, at).kind {
        ObjectiveKind::Channels { channels, .. } => channels_text(&channels),
        ObjectiveKind::Neuron { channel, .. } => channel.to_string(),
        _ => String::new(),
    });
    let read = move |event| {
        let read = match channels(&event_target_value(&event), untrack(count)) {
            Ok(several) if neuron && several.len() > 1 => {
                Err("a neuron has one channel".to_owned())
            }
            read => read,
        };
        trouble.set(read.as_ref().err().cloned());
        let Ok(to) = read else { return };
        change(state, at, move |it| match &mut it.kind {
            ObjectiveKind::Channels { channels, .. } => *channels = to,
            ObjectiveKind::Neuron { channel, .. } => *channel = to[0],
            _ => {}
        });
    };
    let id = format!("channels-{at}");
    let hint_id = format!("{id}-hint");
    let (name, example) = if neuron { ("Channel", "") } else { ("Channels", ": 3, 17-20") };
    let hint = text(move || match trouble.get() {
        Some(words) => words,
        None => format!("from 0 to {}{example}", count().saturating_sub(1)),
    });
    let wrong = whether(move || trouble.with(Option::is_some));
    view! {
        <label class="field" for=id.clone()>{name}</label>
        <input id=id class="text" type="text" inputmode="numeric" autocomplete="off" aria-describedby=hint_id.clone()
            aria-invalid=text(move || wrong.get()) prop:value=shown on:change=read/>
        <p class="hint" class:trouble=wrong id=hint_id>{hint}</p>
    }
}

#[component]
fn BeforeRelu(at: usize) -> impl IntoView {
    let (state, _) = page();
    let value = memo(move || match objective(state, at).kind {
        ObjectiveKind::Channels { before_relu, .. } | ObjectiveKind::Neuron { before_relu, .. } => {
            before_relu
        }
        _ => false,
    });
    let set = Callback::new(move |to| {
        change(state, at, move |it| match &mut it.kind {
            ObjectiveKind::Channels { before_relu, .. }
            | ObjectiveKind::Neuron { before_relu, .. } => *before_relu = to,
            _ => {}
        });
    });
    view! {
        <Check name="Before ReLU" hint="also raises what the picture has none of yet" value change=set/>
    }
}

#[component]
fn Place(at: usize) -> impl IntoView {
    let (state, _) = page();
    let axis = move |name: &'static str, x: bool| {
        let value = memo(move || match objective(state, at).kind {
            ObjectiveKind::Neuron { x: place, .. } if x => f64::from(place) * 100.0,
            ObjectiveKind::Neuron { y: place, .. } => f64::from(place) * 100.0,
            _ => 0.0,
        });
        let set = Callback::new(move |to: f64| {
            change(state, at, move |it| {
                if let ObjectiveKind::Neuron { x: across, y: down, .. } = &mut it.kind {
                    *(if x { across } else { down }) = (to / 100.0) as f32;
                }
            });
        });
        let id = format!("{}-{at}", if x { "x" } else { "y" });
        view! { <Track range=PLACE id name hint="percent" value change=set/> }
    };
    let points = move || state.pointing.get() == Some(at);
    view! {
        <button class="wide" type="button" aria-pressed=text(points)
            on:click=move |_| state.pointing.set((!points()).then_some(at))>
            "Point at the picture"
        </button>
        {axis("From left", true)}
        {axis("From top", false)}
    }
}

#[component]
fn Class(at: usize) -> impl IntoView {
    let (state, _) = page();
    let typed = RwSignal::new(None::<String>);
    let index = move || match objective(state, at).kind {
        ObjectiveKind::Class { index } => index,
        _ => 0,
    };
    let label = move |index: u32| {
        state.model.with(|model| {
            let known = model.as_ref().and_then(|it| it.labels.get(index as usize).cloned());
            known.unwrap_or_else(|| index.to_string())
        })
    };
    let set = move |to: u32| {
        typed.set(None);
        change(state, at, move |it| it.kind = ObjectiveKind::Class { index: to });
    };
    let fitting = memo(move || {
        let text = typed.get().unwrap_or_default();
        let classes = state
            .model
            .with(|model| classes_like(model.as_ref().map_or(&[], |it| &it.labels), &text));
        let number = text.trim().parse::<usize>().ok();
        number.into_iter().chain(classes).take(FITTING).collect::<Vec<_>>()
    });
    let offers = live(move || {
        let offer = |at: usize| {
            let index = at as u32;
            view! { <button type="button" on:click=move |_| set(index)>{label(index)}</button> }
        };
        fitting.get().into_iter().map(offer).collect_view()
    });
    let classifies = move || state.model.with(|it| it.as_ref().is_some_and(|it| it.classifies));
    let hint =
        text(move || match (classifies(), typed.with(Option::is_some), fitting.with(Vec::len)) {
            (false, ..) => {
                "this model knows no classes: open one that does, or choose another kind"
            }
            (_, false, _) => "type a part of its name, or its number",
            (_, _, 0) => "no class is called like that",
            _ => "choose one:",
        });
    let select = |event: FocusEvent| event_target::<HtmlInputElement>(&event).select();
    let id = format!("class-{at}");
    let hint_id = format!("{id}-hint");
    view! {
        <label class="field" for=id.clone()>"Class"</label>
        <input id=id class="text" type="text" autocomplete="off" aria-describedby=hint_id.clone()
            prop:value=text(move || typed.get().unwrap_or_else(|| label(index())))
            on:focus=select
            on:input=move |event| typed.set(Some(event_target_value(&event)))/>
        <p class="hint" id=hint_id aria-live="polite">{hint}</p>
        <div class="offers" role="group" aria-label="Classes">{offers}</div>
    }
}

#[component]
fn Picture(at: usize, name: &'static str) -> impl IntoView {
    let (state, _) = page();
    let key = memo(move || objective(state, at).kind.material().unwrap_or_default() as u32);
    let chosen = move || state.materials.with(|it| it.get(key.get()).map(|it| it.name.clone()));
    let hint = text(move || match (chosen(), key.get()) {
        (Some(name), _) => name,
        (None, NO_MATERIAL) => "none yet; it can also be dropped here".into(),
        (None, _) => "the picture of the recipe is not here: choose it again".into(),
    });
    view! {
        <FileField name=name.to_owned() accept="image/*" purpose=at.to_string()/>
        <p class="hint">{hint}</p>
    }
}

#[component]
fn CosinePower(at: usize) -> impl IntoView {
    let (state, _) = page();
    let value = memo(move || match objective(state, at).kind {
        ObjectiveKind::Direction { cosine_power, .. }
        | ObjectiveKind::Caricature { cosine_power } => cosine_power.into(),
        _ => 0.0,
    });
    let set = Callback::new(move |to: f64| {
        change(state, at, move |it| match &mut it.kind {
            ObjectiveKind::Direction { cosine_power, .. }
            | ObjectiveKind::Caricature { cosine_power } => *cosine_power = to as f32,
            _ => {}
        });
    });
    view! {
        <Track range=COSINE_POWER id=format!("power-{at}") name=COSINE_POWER.name
            hint="likeness before strength" value change=set/>
    }
}

/// Objective number `at`; tracked.
fn objective(state: State, at: usize) -> Objective {
    state.settings.with(|it| it.objectives.get(at).cloned()).unwrap_or_default()
}

fn objective_untracked(state: State, at: usize) -> Objective {
    untrack(|| objective(state, at))
}

fn kind(state: State, at: usize) -> usize {
    state.settings.with(|it| it.objectives.get(at).map_or(0, |it| number(&it.kind)))
}

fn change(state: State, at: usize, change: impl FnOnce(&mut Objective)) {
    state.settings.update(|settings| edit(settings, at, change));
}
