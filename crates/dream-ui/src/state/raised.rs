//! What is raised, as far as the model decides it.

use dream_protocol::{Layer, Mask, Objective, ObjectiveKind};
use leptos::prelude::*;

use super::State;
use crate::{mask::Strengths, materials, objectives};

/// Parts of the way through the network at which styles are compared.
const STYLE_DEPTHS: [f64; 4] = [0.1, 0.3, 0.5, 0.7];

impl State {
    /// The layer of the first objective.
    pub fn layer(&self) -> Option<String> {
        self.layer_of(0)
    }

    /// The layer of objective number `at`: the chosen one if this model has it, else the model's
    /// default.
    pub fn layer_of(&self, at: usize) -> Option<String> {
        self.with_layer(at, |layer, default| layer.map_or(default, |it| &it.name).to_owned())
    }

    /// How many channels the layer of objective number `at` has.
    pub fn channels_of(&self, at: usize) -> Option<u32> {
        let name = self.layer_of(at)?;
        self.model.with(|model| {
            let layers = &model.as_ref()?.layers;
            Some(layers.iter().find(|layer| layer.name == name)?.channels)
        })
    }

    /// Compares the style of objective number `at` at four layers, in place of one.
    pub fn spread_style(&self, at: usize) {
        let names = self.model.with_untracked(|model| {
            let layers = model.as_ref().map_or(&[][..], |it| &it.layers);
            let last = layers.len().saturating_sub(1) as f64;
            let at = |depth: f64| layers.get((depth * last).round() as usize);
            let mut names: Vec<_> =
                STYLE_DEPTHS.into_iter().filter_map(at).map(|layer| layer.name.clone()).collect();
            names.dedup();
            names
        });
        self.settings.update(|settings| {
            let Some(style) = settings.objectives.get(at).cloned() else { return };
            let of = |layer| Objective { layer, ..style.clone() };
            settings.objectives.splice(at..=at, names.into_iter().map(of));
        });
    }

    /// What the next dream still needs, in words.
    pub fn lacks(&self) -> Option<String> {
        let settings = self.dream_settings();
        self.materials.with(|it| objectives::all_lack(&settings, |key| it.get(key).is_some()))
    }

    /// The mask that is painted or loaded; tracked.
    pub fn mask(&self) -> Option<Strengths> {
        let Mask::Material { index } = self.settings.with(|it| it.prior.mask) else { return None };
        self.materials.with(|it| it.get(index).map(|it| Strengths::of(&it.picture)))
    }

    /// The name of that mask.
    pub fn mask_named(&self) -> Option<String> {
        let Mask::Material { index } = self.settings.with(|it| it.prior.mask) else { return None };
        self.materials.with(|it| it.get(index).map(|it| it.name.clone()))
    }

    /// How many of the pictures that the settings name are not here.
    pub fn missing(&self) -> usize {
        let missing = |key: &u32| self.materials.with(|it| it.get(*key).is_none());
        self.settings.with(|it| materials::keys(it).iter().filter(|key| missing(key)).count())
    }

    /// Makes objective number `at` look for its neuron at a place, 0 to 1 across and down.
    pub fn point(&self, at: usize, place: [f64; 2]) {
        self.settings.update(|settings| {
            objectives::edit(settings, at, |it| {
                if let ObjectiveKind::Neuron { x, y, .. } = &mut it.kind {
                    [*x, *y] = place.map(|it| it.clamp(0.0, 1.0) as f32);
                }
            });
        });
        self.pointing.set(None);
    }

    fn with_layer<T>(&self, at: usize, read: impl FnOnce(Option<&Layer>, &str) -> T) -> Option<T> {
        self.model.with(|model| {
            let model = model.as_ref()?;
            self.settings.with(|settings| {
                let chosen = settings.objectives.get(at).map(|it| &it.layer);
                let layer = chosen.and_then(|name| model.layers.iter().find(|it| it.name == *name));
                Some(read(layer, &model.default_layer))
            })
        })
    }
}
