//! Ways of dreaming to choose by looking, and a surprise. Each names a layer of the built-in network
//! and how deep it lies, for networks whose layers have other names.

use dream_protocol::{DreamSettings, ModelCard, Objective, SEED};
use js_sys::Math;
use leptos::prelude::*;

use crate::{bridge::Bridge, state::State};

/// A way of dreaming.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Preset {
    /// Its name.
    pub name: &'static str,
    /// File of its thumbnail, a dream of its own, without ending.
    pub file: &'static str,
    /// Layer of the built-in network.
    layer: &'static str,
    /// Where that lies: 0 for the first layer, 1 for the last.
    depth: f64,
    octaves: u32,
    octave_scale: f32,
    iterations: u32,
    step_size: f32,
}

const fn preset(
    [name, file, layer]: [&'static str; 3],
    depth: f64,
    (octaves, octave_scale): (u32, f32),
    (iterations, step_size): (u32, f32),
) -> Preset {
    Preset { name, file, layer, depth, octaves, octave_scale, iterations, step_size }
}

/// All of them, from fine to grand.
pub const ALL: [Preset; 12] = [
    preset(["Brushwork", "brushwork", "conv2/3x3"], 0.05, (3, 1.4), (12, 1.5)),
    preset(["Scales", "scales", "inception_3a/output"], 0.15, (3, 1.4), (12, 1.5)),
    preset(["Swirls", "swirls", "inception_3b/output"], 0.25, (4, 1.4), (12, 1.5)),
    preset(["Big swirls", "big-swirls", "inception_3b/output"], 0.25, (6, 1.5), (14, 2.0)),
    preset(["Ripples", "ripples", "inception_4a/output"], 0.4, (4, 1.4), (12, 1.5)),
    preset(["Feathers", "feathers", "inception_4b/output"], 0.5, (4, 1.4), (12, 1.5)),
    preset(["Eyes", "eyes", "inception_4c/output"], 0.6, (4, 1.4), (12, 1.5)),
    preset(["All eyes", "all-eyes", "inception_4c/output"], 0.6, (3, 1.3), (30, 2.0)),
    preset(["Creatures", "creatures", "inception_4d/output"], 0.7, (5, 1.4), (14, 1.8)),
    preset(["Menagerie", "menagerie", "inception_4e/output"], 0.8, (5, 1.5), (16, 1.8)),
    preset(["Apparitions", "apparitions", "inception_5a/output"], 0.9, (5, 1.5), (20, 2.0)),
    preset(["Deep end", "deep-end", "inception_5b/output"], 1.0, (4, 1.6), (24, 2.5)),
];

impl Preset {
    /// The settings with this way of dreaming; size and seed stay.
    pub fn put_into(&self, settings: &DreamSettings, model: Option<&ModelCard>) -> DreamSettings {
        let layer = model.map_or(self.layer.to_owned(), |model| layer(self, model));
        DreamSettings {
            objectives: vec![Objective::layer(layer)],
            octaves: self.octaves,
            octave_scale: self.octave_scale,
            iterations: self.iterations,
            step_size: self.step_size,
            seed: settings.seed,
            size: settings.size,
            ..DreamSettings::default()
        }
    }
}

/// Chooses a way of dreaming.
pub fn choose(state: State, preset: Preset) {
    let chosen = state.model.with_untracked(|model| {
        state.settings.with_untracked(|settings| preset.put_into(settings, model.as_ref()))
    });
    state.settings.set(chosen);
}

/// Dreams in a way that nobody has chosen: one of the presets, bent a little, with a new seed.
pub fn surprise(state: State, bridge: Bridge) {
    let below = |count: usize| ((Math::random() * count as f64) as usize).min(count - 1);
    choose(state, ALL[below(ALL.len())]);
    let other = ALL[below(ALL.len())];
    let twice = below(3) == 0;
    state.settings.update(|settings| {
        settings.seed = below(SEED.max as usize + 1) as u32;
        settings.octaves = 3 + below(4) as u32;
        settings.step_size = (settings.step_size * (7 + below(7)) as f32).round() / 10.0;
        if twice {
            let layer = state
                .model
                .with_untracked(|model| model.as_ref().map(|model| layer(&other, model)));
            settings.objectives.extend(layer.map(Objective::layer));
        }
    });
    if state.original.with_untracked(Option::is_some) {
        bridge.abandon();
        bridge.dream();
    }
}

/// The layer of that name, or the one that lies as deep.
fn layer(preset: &Preset, model: &ModelCard) -> String {
    let named = model.layers.iter().find(|layer| layer.name == preset.layer);
    let last = model.layers.len().saturating_sub(1) as f64;
    let deep = || model.layers.get((preset.depth * last).round() as usize);
    named.or_else(deep).map_or_else(|| model.default_layer.clone(), |layer| layer.name.clone())
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use dream_protocol::Layer;

    use super::*;

    fn model(names: &[&str]) -> ModelCard {
        let layer = |name: &&str| Layer { name: (*name).into(), channels: 8, stride: 4 };
        ModelCard {
            name: "net".into(),
            sha256: String::new(),
            bytes: 1,
            layers: names.iter().map(layer).collect(),
            default_layer: names[0].into(),
            classifies: false,
            labels: Vec::new(),
            notes: Vec::new(),
        }
    }

    #[test]
    fn every_preset_can_be_dreamed_and_has_its_picture() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../www/presets");
        for preset in ALL {
            let settings = preset.put_into(&DreamSettings::default(), None);
            assert_eq!(settings.check(), Ok(()), "{}", preset.name);
            let file = folder.join(format!("{}.jpg", preset.file));
            let bytes = fs::metadata(&file).map_or(0, |file| file.len());
            assert!((1000..15_000).contains(&bytes), "{}: {bytes} bytes", file.display());
        }
    }

    #[test]
    fn another_network_lends_its_layers() {
        let layer = |preset: &Preset, names: &[&str]| {
            let settings = preset.put_into(&DreamSettings::default(), Some(&model(names)));
            settings.objectives[0].layer.clone()
        };
        assert_eq!(layer(&ALL[6], &["a", "inception_4c/output", "c"]), "inception_4c/output");
        assert_eq!(layer(&ALL[0], &["a", "b", "c"]), "a");
        assert_eq!(layer(&ALL[11], &["a", "b", "c"]), "c");
    }
}
