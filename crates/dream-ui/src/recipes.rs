//! Recipes on the page: in the PNG that is saved, in the address as `#recipe=…`, and back from
//! both. A fragment is never sent to a server.

use std::time::Duration;

use dream_protocol::{DreamSettings, ModelId, RECIPE_KEYWORD, Recipe};
use js_sys::{Function, JSON, Math};
use leptos::prelude::*;
use serde::Serialize;
use wasm_bindgen::{JsCast, JsValue, closure::Closure};

use crate::{
    materials::{self, KEYS},
    png,
    reactive::{effect, memo},
    state::{Original, Restored, State},
};

/// What the fragment of an address begins with that holds a recipe.
const FRAGMENT: &str = "#recipe=";
/// How long settings must rest before the address tells them.
const REST: Duration = Duration::from_millis(500);

/// The recipe of a dream with these settings; tracked.
pub fn of(state: State, settings: DreamSettings) -> Recipe {
    let model = state.model.with(|model| model.as_ref().map(ModelId::from));
    Recipe { remix: state.remix.get(), ..Recipe::new(model.unwrap_or_default(), settings) }
}

/// The recipe of the picture on show, as text.
pub fn text_of_frame(state: State) -> Option<String> {
    let recipe = state.made.get_untracked()?;
    let (settings, _) = materials::counted(&recipe.settings);
    text(&Recipe { remix: state.mixed.get_untracked(), settings, ..recipe })
}

/// What a PNG says about how it was dreamed.
pub fn in_png(bytes: &[u8]) -> Option<Recipe> {
    read(&png::text(bytes, RECIPE_KEYWORD)?)
}

/// What a text says, if it is a recipe.
pub fn read(text: &str) -> Option<Recipe> {
    serde_wasm_bindgen::from_value(JSON::parse(text).ok()?).ok()
}

/// Takes up a recipe. One that no dream can have is told and changes nothing.
pub fn restore(state: State, recipe: Recipe, file: Option<String>, before: Option<Original>) {
    let checked = recipe.settings.check().and_then(|()| recipe.remix.check());
    if let Err(error) = checked {
        state.alert(format!("The recipe cannot be used: {error}. Your settings stay."));
        return;
    }
    // What it counts are pictures that are not here, whatever is.
    let first = (Math::random() * f64::from(KEYS)) as u32;
    state.settings.set(materials::renamed(&recipe.settings, |at| (first + at) % KEYS));
    state.remix.set(recipe.remix.clone());
    state.wanted.set(Some(recipe.model.sha256.clone()));
    state.restored.set(Some(Restored { file, recipe, before }));
}

/// The address of this page with the settings as they are now.
pub fn link(state: State) -> Option<String> {
    let location = window().location();
    let page = location.origin().ok()? + &location.pathname().ok()? + &location.search().ok()?;
    Some(page + FRAGMENT + &encoded(&text(&untrack(|| of_settings(state)))?)?)
}

/// Takes up the recipe in the address, now and whenever it changes, and keeps the address up with
/// the settings from now on.
pub fn keep_in_address(state: State) {
    read_address(state);
    let changed = Closure::<dyn Fn()>::new(move || read_address(state));
    let listener = changed.as_ref().unchecked_ref();
    if window().add_event_listener_with_callback("hashchange", listener).is_ok() {
        changed.forget();
    }
    let recipe = memo(move || of_settings(state));
    effect(move || {
        let recipe = recipe.get();
        let plain = recipe.settings == DreamSettings::default()
            && recipe.remix.is_neutral()
            && recipe.model.sha256 == state.built_in.get();
        if plain && !fragment().starts_with(FRAGMENT) {
            return;
        }
        let tell = move || {
            let encoded = text(&recipe).as_deref().and_then(encoded);
            let address = if plain { None } else { encoded.map(|it| FRAGMENT.to_owned() + &it) };
            let location = window().location();
            let plainly = || location.pathname().ok().zip(location.search().ok());
            let Some(address) = address.or_else(|| plainly().map(|(path, search)| path + &search))
            else {
                return;
            };
            // A browser that will not change its address leaves the page as useful.
            let _ = window()
                .history()
                .map(|history| history.replace_state_with_url(&JsValue::NULL, "", Some(&address)));
        };
        let told = set_timeout_with_handle(tell, REST);
        on_cleanup(move || {
            // Without timers nothing was told either.
            let _ = told.map(|timer| timer.clear());
        });
    });
}

/// What the next dream would be, its materials counted; tracked. The layer is named even where it is the model's own.
fn of_settings(state: State) -> Recipe {
    let (settings, _) = state.settings.with(materials::counted);
    of(state, settings)
}

fn read_address(state: State) {
    let fragment = fragment();
    let Some(code) = fragment.strip_prefix(FRAGMENT) else { return };
    match decoded(code).as_deref().and_then(read) {
        // The page has written it itself.
        Some(recipe) if untrack(|| of_settings(state)).settings == recipe.settings => {
            state.wanted.set(Some(recipe.model.sha256));
        }
        Some(recipe) => restore(state, recipe, None, None),
        None => state.alert(
            "The recipe in the address of this page is damaged; perhaps the link was cut short.",
        ),
    }
}

fn fragment() -> String {
    window().location().hash().unwrap_or_default()
}

/// A recipe as JSON.
pub fn text(recipe: &Recipe) -> Option<String> {
    let value = recipe.serialize(&serde_wasm_bindgen::Serializer::json_compatible()).ok()?;
    // JavaScript knows no single precision: 1.4 would become 1.399999976158142.
    let shorter = Closure::<dyn Fn(JsValue, JsValue) -> JsValue>::new(|_, value: JsValue| {
        let shortest = |number: f64| js_sys::parse_float(&(number as f32).to_string());
        value.as_f64().map_or(value, |number| shortest(number).into())
    });
    let shorter: &Function = shorter.as_ref().unchecked_ref();
    JSON::stringify_with_replacer(&value, shorter).ok()?.as_string()
}

/// A text as base64url (RFC 4648, without padding).
fn encoded(text: &str) -> Option<String> {
    let bytes: String = text.bytes().map(char::from).collect();
    let code = window().btoa(&bytes).ok()?;
    Some(code.trim_end_matches('=').replace('+', "-").replace('/', "_"))
}

fn decoded(code: &str) -> Option<String> {
    let bytes = window().atob(&code.replace('-', "+").replace('_', "/")).ok()?;
    String::from_utf8(bytes.chars().map(|letter| letter as u8).collect()).ok()
}
