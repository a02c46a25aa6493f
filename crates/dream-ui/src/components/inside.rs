//! The inside of the network: all channels of a layer with their portraits, what each layer makes of
//! the picture, and what fires at the place pointed at.

use std::sync::Arc;

use dream_protocol::Picture;
use leptos::{
    html::{Canvas, Dialog},
    prelude::*,
};

use super::page;
use crate::{
    inside,
    picture::draw,
    reactive::{effect, live, memo, text, whether},
    state::{Channel, Sight},
    words,
};

/// Opens the inside, from among the settings.
#[component]
pub fn InsideButtons() -> impl IntoView {
    let (state, bridge) = page();
    let pointing = state.inside.pointing;
    let open = move |sight| move |_| inside::show(state, bridge, sight);
    view! {
        <div class="ways-inside" role="group" aria-label="Look inside">
            <button type="button" title="A picture of what each channel of a layer wants to see"
                on:click=open(Sight::Channels)>"Browse channels…"</button>
            <button type="button" title="A small dream of your picture for each layer"
                on:click=open(Sight::Layers)>"Compare layers…"</button>
            <button type="button" title="Then press on the picture: the channels that answer most there"
                aria-pressed=text(move || pointing.get())
                on:click=move |_| pointing.update(|it| *it = !*it)>"See what fires"</button>
        </div>
        <Fired/>
    }
}

/// What fires at the place pointed at, to be raised or lowered there.
#[component]
fn Fired() -> impl IntoView {
    let (state, _) = page();
    let hint = live(move || {
        let waits = state.inside.pointing.get() && state.inside.fired.with(Option::is_none);
        waits.then_some("Press on the picture to see which channels of the layer fire there.")
    });
    let fired = live(move || {
        let fired = state.inside.fired.get()?;
        let [x, y] = fired.at.map(|part| words::percent(part, 0));
        let cell = |channel: u32, activation: f32| {
            let key = (fired.layer.clone(), channel);
            let add = move |weight| move |_| inside::add_here(state, channel, weight);
            view! {
                <li>
                    <Portrait key/>
                    <span>{format!("Channel {channel}")}<small>{words::fixed(activation.into(), 1)}</small></span>
                    <button type="button" aria-label=format!("More of channel {channel} here")
                        on:click=add(1.0)>"More"</button>
                    <button type="button" aria-label=format!("Less of channel {channel} here")
                        on:click=add(-1.0)>"Less"</button>
                </li>
            }
        };
        let strongest = fired.firing.iter().take(inside::NAMED);
        let cells = strongest.map(|it| cell(it.channel, it.activation)).collect_view();
        Some(view! {
            <p class="hint">{format!("Fires at {x} from the left, {y} from the top, in {}:", fired.layer)}</p>
            <ol class="fired">{cells}</ol>
        })
    });
    view! { <div aria-live="polite"><p class="hint">{hint}</p>{fired}</div> }
}

/// The sheet with channels or layers.
#[component]
pub fn InsideView() -> impl IntoView {
    let (state, bridge) = page();
    let inside = state.inside;
    let dialog = NodeRef::<Dialog>::new();
    effect(move || {
        let (Some(dialog), wanted) = (dialog.get(), inside.sight.get().is_some()) else { return };
        if wanted && !dialog.open() {
            // It is not open, and it is in the document.
            let _ = dialog.show_modal();
        } else if !wanted {
            dialog.close();
        }
    });
    let close = move || inside.sight.set(None);
    let content = live(move || match inside.sight.get()? {
        Sight::Channels => Some(view! { <Channels/> }.into_any()),
        Sight::Layers => Some(view! { <Layers/> }.into_any()),
    });
    let tab = move |sight: Sight, name: &'static str| {
        let on = text(move || inside.sight.get() == Some(sight));
        view! {
            <button type="button" aria-pressed=on
                on:click=move |_| inside::show(state, bridge, sight)>{name}</button>
        }
    };
    view! {
        <dialog class="inside" node_ref=dialog aria-label="Inside the network" on:close=move |_| close()>
            <header>
                {tab(Sight::Channels, "Channels")}
                {tab(Sight::Layers, "Layers")}
                <button type="button" on:click=move |_| close()>"Close"</button>
            </header>
            {content}
        </dialog>
    }
}

/// All channels of a layer.
#[component]
fn Channels() -> impl IntoView {
    let (state, bridge) = page();
    let inside = state.inside;
    let options = live(move || {
        let names = state.model.with(|model| {
            let layers = model.iter().flat_map(|model| &model.layers);
            layers.map(|layer| layer.name.clone()).collect::<Vec<_>>()
        });
        let option = |name: String| {
            let (value, this) = (name.clone(), name.clone());
            let selected = move || inside.layer.with(|it| *it == this);
            view! { <option value=value prop:selected=selected>{name}</option> }
        };
        names.into_iter().map(option).collect_view()
    });
    let again = move || inside::show(state, bridge, Sight::Channels);
    let search = move |event| {
        inside.search.set(event_target_value(&event));
        again();
    };
    let favourites = move |event| {
        inside.only_favourites.set(event_target_checked(&event));
        again();
    };
    let on_picture = move |event| {
        inside.on_picture.set(event_target_checked(&event));
        again();
    };
    let shown = memo(move || inside.shown());
    let left = move || inside.order.with(Vec::len) > inside.many.get();
    view! {
        <p class="hint">
            "Each picture was grown, from noise or your picture, until its channel fired. Those that \
             fire most at your picture come first. Press one to dream with it."
        </p>
        <div class="filters">
            <label>"Layer " <select on:change=move |event| {
                inside::choose_layer(state, bridge, event_target_value(&event));
            }>{options}</select></label>
            <label>"Channel number " <input type="search" inputmode="numeric"
                prop:value=text(move || inside.search.get()) on:input=search/></label>
            <label class="check"><input type="checkbox" on:change=favourites
                prop:checked=whether(move || inside.only_favourites.get())/> "Favourites only"</label>
            <label class="check"><input type="checkbox" on:change=on_picture
                prop:checked=whether(move || inside.on_picture.get())/> "On your picture"</label>
        </div>
        <ul class="portraits">
            <For each=move || shown.get() key=Channel::clone let:channel>
                <ChannelCell channel/>
            </For>
        </ul>
        <button type="button" class="wide" hidden=whether(move || !left())
            on:click=move |_| inside::more(state, bridge)>"More channels"</button>
    }
}

#[component]
fn ChannelCell(channel: Channel) -> impl IntoView {
    let (state, _) = page();
    let number = channel.1;
    let (raised, marked) = (channel.clone(), channel.clone());
    let of = channel.clone();
    let is_marked = move || state.inside.favourites.with(|it| it.contains(&of));
    let sketched = (channel.0.clone(), Some(number));
    let picture = Signal::derive(move || match state.inside.on_picture.get() {
        true => state.inside.sketches.with(|it| it.get(&sketched).cloned()),
        false => state.inside.portraits.with(|it| it.get(&channel).cloned()),
    });
    view! {
        <li>
            <button type="button" aria-label=format!("Dream with channel {number}")
                on:click=move |_| inside::raise(state, raised.clone())>
                <Small picture/>
                <span>{number}</span>
            </button>
            <button type="button" class="star" aria-label=format!("Favourite channel {number}")
                aria-pressed=text(is_marked)
                on:click=move |_| inside::mark(state, &marked)>"★"</button>
        </li>
    }
}

/// What each layer makes of the picture.
#[component]
fn Layers() -> impl IntoView {
    let (state, _) = page();
    let cells = live(move || {
        let names = state.model.with(|model| {
            let layers = model.iter().flat_map(|model| &model.layers);
            layers.map(|layer| layer.name.clone()).collect::<Vec<_>>()
        });
        let cell = move |name: String| {
            let [raised, label] = [(); 2].map(|()| name.clone());
            let of = (name.clone(), None);
            let picture =
                Signal::derive(move || state.inside.sketches.with(|it| it.get(&of).cloned()));
            view! {
                <li>
                    <button type="button" aria-label=format!("Dream with layer {label}")
                        on:click=move |_| inside::raise_layer(state, &raised)>
                        <Small picture/>
                        <span>{name}</span>
                    </button>
                </li>
            }
        };
        names.into_iter().map(cell).collect_view()
    });
    view! {
        <p class="hint">
            "What each layer makes of your picture, from shallow to deep. Press one to dream with it."
        </p>
        <ul class="portraits layers">{cells}</ul>
    }
}

#[component]
fn Portrait(key: Channel) -> impl IntoView {
    let (state, _) = page();
    let picture = Signal::derive(move || state.inside.portraits.with(|it| it.get(&key).cloned()));
    view! { <Small picture/> }
}

/// A small picture, once there is one.
#[component]
fn Small(#[prop(into)] picture: Signal<Option<Arc<Picture>>>) -> impl IntoView {
    let (state, _) = page();
    let canvas = NodeRef::<Canvas>::new();
    let picture = memo(move || picture.get());
    effect(move || {
        if let (Some(canvas), Some(picture)) = (canvas.get(), picture.get())
            && let Err(error) = draw(&canvas, &picture)
        {
            state.alert(format!("The browser cannot draw ({error:?})."));
        }
    });
    let drawn = whether(move || picture.with(Option::is_some));
    view! { <canvas node_ref=canvas aria-hidden="true" class:drawn=drawn width="64" height="64"></canvas> }
}
