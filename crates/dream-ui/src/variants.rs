//! A set of variants: the same dream with several seeds, as a ZIP with a table of what was dreamed
//! into each picture.

use dream_protocol::{Classified, DreamSettings, RECIPE_KEYWORD, Range, SEED};
use js_sys::Uint8Array;
use leptos::{prelude::*, task::spawn_local};
use wasm_bindgen_futures::JsFuture;

use crate::{
    bridge::Bridge,
    export, pace, picture, recipes,
    state::{Outcome, State},
    words, zip,
};

/// How many there can be: each is held until all are dreamed.
pub const COUNT: Range = Range { name: "Variants", min: 2.0, max: 24.0, step: 1.0, default: 6.0 };

/// A picture of the set.
struct Variant {
    settings: DreamSettings,
    png: Vec<u8>,
    classes: Vec<Classified>,
}

/// Dreams `count` variants and saves those that are finished, also when the user stops early.
pub fn dream(state: State, bridge: Bridge, count: u32) {
    let name = state.original.with_untracked(|it| it.as_ref().map(|it| it.name.clone()));
    let name = name.unwrap_or_default();
    spawn_local(async move {
        let before = state.settings.get_untracked();
        let mut variants = Vec::new();
        for at in 0..count {
            state.variants.set(Some((at + 1, count)));
            let seed = (before.seed + at) % (SEED.max as u32 + 1);
            state.settings.set(DreamSettings { seed, ..before.clone() });
            match one(state, bridge).await {
                Ok(Some(variant)) => variants.push(variant),
                Ok(None) => break,
                Err(message) => {
                    state.alert(message);
                    break;
                }
            }
        }
        state.variants.set(None);
        state.settings.set(before);
        if variants.is_empty() {
            return;
        }
        let file = picture::blob(&archive(&name, variants), "application/zip");
        let saved = file.and_then(|file| export::download(&file, &format!("{name}-variants.zip")));
        if let Err(error) = saved {
            state.alert(format!("The set could not be saved ({error:?})."));
        }
    });
}

/// One variant; none if the dream was stopped or broke.
async fn one(state: State, bridge: Bridge) -> Result<Option<Variant>, String> {
    bridge.dream();
    pace::until(|| state.dream.with_untracked(Option::is_none) && !state.mixing.get_untracked())
        .await;
    let finished =
        matches!(state.outcome.get_untracked(), Some(Outcome::Done { stopped: false, .. }));
    let (Some(frame), Some(made), true) =
        (state.frame.get_untracked(), state.made.get_untracked(), finished)
    else {
        return Ok(None);
    };
    let text = recipes::text_of_frame(state);
    let text = text.as_deref().map(|text| (RECIPE_KEYWORD, text));
    let file = picture::png_file(&frame, text).await.map_err(|error| error.to_string())?;
    let buffer = JsFuture::from(file.array_buffer()).await.map_err(|error| format!("{error:?}"))?;
    let png = Uint8Array::new(&buffer).to_vec();
    let classifies = state.model.with_untracked(|it| it.as_ref().is_some_and(|it| it.classifies));
    let classes = if classifies { bridge.classified(&frame).await } else { Vec::new() };
    Ok(Some(Variant { settings: made.settings, png, classes }))
}

/// The pictures, as they are, and the table.
fn archive(name: &str, variants: Vec<Variant>) -> Vec<u8> {
    let mut files = Vec::new();
    let mut table =
        "file,seed,layers,step size,iterations,octaves,looks like,probability\r\n".to_owned();
    for variant in variants {
        let file = format!("{name}-seed-{:04}.png", variant.settings.seed);
        table.push_str(&row(&file, &variant));
        files.push((file, variant.png));
    }
    files.push((format!("{name}-variants.csv"), table.into_bytes()));
    zip::stored(&files)
}

/// A line of the table (RFC 4180).
fn row(file: &str, Variant { settings, classes, .. }: &Variant) -> String {
    let layers: Vec<_> = settings.objectives.iter().map(|it| &*it.layer).collect();
    let seen = classes.first();
    let cells = [
        file.to_owned(),
        settings.seed.to_string(),
        layers.join(" + "),
        settings.step_size.to_string(),
        settings.iterations.to_string(),
        settings.octaves.to_string(),
        seen.map_or(String::new(), |class| class.label.clone()),
        seen.map_or(String::new(), |class| words::fixed(class.probability.into(), 3)),
    ];
    cells.map(|cell| quoted(&cell)).join(",") + "\r\n"
}

fn quoted(cell: &str) -> String {
    if cell.contains(['"', ',', '\r', '\n']) {
        format!("\"{}\"", cell.replace('"', "\"\""))
    } else {
        cell.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use dream_protocol::Objective;

    use super::*;

    #[test]
    fn a_row_says_what_was_dreamed_into_a_picture() {
        let objectives = vec![Objective::layer("4c")];
        let settings = DreamSettings { objectives, seed: 7, ..DreamSettings::default() };
        let label = "cat, \"tabby\"".into();
        let classes = vec![Classified { index: 1, label, probability: 0.25 }];
        let variant = Variant { settings, png: Vec::new(), classes };
        assert_eq!(row("a.png", &variant), "a.png,7,4c,1.5,10,4,\"cat, \"\"tabby\"\"\",0.250\r\n");
    }
}
