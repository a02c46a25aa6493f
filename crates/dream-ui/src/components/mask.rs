//! Where the dream may change the picture: everywhere, where it sees most, or where it is painted.

use dream_protocol::Mask;
use leptos::{ev::Event, prelude::*};
use web_sys::HtmlDetailsElement;

use super::{
    fields::{FileField, Pick, Track},
    page,
};
use crate::{
    intake::{self, FOR_MASK},
    mask::{Brush, FEATHER, SIZE, Strengths},
    reactive::{memo, text, whether},
    state::State,
    words,
};

/// What a mask can be.
const MASKS: [(&str, &str); 3] = [
    ("Everywhere", "the dream may change the whole picture"),
    ("Where it sees most", "as far as the layer responds to the photo"),
    ("Painted", "where you paint, or where a mask that you load is light"),
];

/// The mask, collapsed at first; while it is open, it is shown on the picture.
#[component]
pub fn MaskSection() -> impl IntoView {
    let (state, _) = page();
    let chosen = memo(move || match state.settings.with(|it| it.prior.mask) {
        Mask::None => 0,
        Mask::Activations => 1,
        Mask::Material { .. } => 2,
    });
    let choose = Callback::new(move |at| {
        let set = |mask| state.settings.update(|it| it.prior.mask = mask);
        match at {
            0 => set(Mask::None),
            1 => set(Mask::Activations),
            _ => even(state, 0),
        }
        brush(state, |brush| brush.paints = at == 2);
    });
    let toggle = move |event: Event| {
        let open = event_target::<HtmlDetailsElement>(&event).open();
        brush(state, |brush| (brush.shown, brush.paints) = (open, brush.paints && open));
    };
    let ways = [("Add", false), ("Erase", true)].map(|(name, erases)| {
        let on = move || {
            let brush = state.brush.get();
            brush.paints && brush.erases == erases
        };
        let press = move |_| {
            let on = on();
            brush(state, |brush| (brush.paints, brush.erases) = (!on, erases));
        };
        view! { <button type="button" aria-pressed=text(on) on:click=press>{name}</button> }
    });
    let size = Callback::new(move |to| brush(state, |brush| brush.size = to));
    let feather = Callback::new(move |to| brush(state, |brush| brush.feather = to));
    let told = text(move || match (state.mask_named(), chosen.get()) {
        (None, 2) => words::NO_MASK.to_owned(),
        (name, _) => name.unwrap_or_default(),
    });
    view! {
        <details on:toggle=toggle>
            <summary>"Mask"</summary>
            <Pick id="mask" name="Where" options=MASKS.to_vec() chosen choose/>
            <FileField name="Load a mask".to_owned() accept="image/*" purpose=FOR_MASK/>
            <div hidden=whether(move || chosen.get() != 2)>
                <p class="hint">{told}</p>
                <div class="row" role="group" aria-label="Brush">{ways}</div>
                <Track range=SIZE id="brush-size" name=SIZE.name hint="percent of the picture"
                    value=Signal::derive(move || state.brush.get().size) change=size/>
                <Track range=FEATHER id="feather" name=FEATHER.name hint="how soft its edge is"
                    value=Signal::derive(move || state.brush.get().feather) change=feather/>
                <div class="row" role="group" aria-label="The whole mask">
                    <button type="button" on:click=move |_| invert(state)>"Invert"</button>
                    <button type="button" on:click=move |_| even(state, 0)>"Clear"</button>
                    <button type="button" on:click=move |_| even(state, 255)>"Fill"</button>
                </div>
                <p class="hint">"Pink is where it dreams. Undo takes a stroke back."</p>
            </div>
        </details>
    }
}

/// The mask is the same everywhere.
fn even(state: State, strength: u8) {
    let size = state
        .original
        .with_untracked(|it| it.as_ref().map(|it| (it.picture.width, it.picture.height)));
    let Some((width, height)) = size else { return };
    put(state, &Strengths::even(width, height, strength));
}

fn invert(state: State) {
    if let Some(mask) = untrack(|| state.mask()) {
        put(state, &mask.inverted());
    }
}

/// Takes a mask that was painted.
pub fn put(state: State, mask: &Strengths) {
    let index = intake::keep_material(state, "Painted here".into(), mask.picture());
    state.settings.update(|it| it.prior.mask = Mask::Material { index });
}

fn brush(state: State, change: impl FnOnce(&mut Brush)) {
    state.brush.update(change);
}
