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

    /// The objective whose mask is painted and loaded, if it is still there; tracked.
    pub fn masked(&self) -> Option<usize> {
        let count = self.settings.with(|it| it.objectives.len());
        self.masked.get().filter(|at| *at < count)
    }

    /// What the mask that is painted and loaded is; tracked.
    pub fn mask_setting(&self) -> Mask {
        let masked = self.masked();
        self.settings.with(|it| masked.map_or(it.prior.mask, |at| it.objectives[at].mask))
    }

    /// Makes it another.
    pub fn set_mask(&self, mask: Mask) {
        let masked = untrack(|| self.masked());
        self.settings.update(|it| match masked {
            Some(at) => it.objectives[at].mask = mask,
            None => it.prior.mask = mask,
        });
    }

    /// The mask that is painted or loaded; tracked.
    pub fn mask(&self) -> Option<Strengths> {
        let Mask::Material { index } = self.mask_setting() else { return None };
        self.materials.with(|it| it.get(index).map(|it| Strengths::of(&it.picture)))
    }

    /// The name of that mask.
    pub fn mask_named(&self) -> Option<String> {
        let Mask::Material { index } = self.mask_setting() else { return None };
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

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use dream_protocol::{EngineChoice, ModelCard, Picture};

    use super::*;
    use crate::materials::Material;

    fn page(classifies: bool) -> State {
        let layer =
            |name: &str| Layer { name: name.into(), channels: name.len() as u32, stride: 4 };
        let layers: Vec<_> = (0..11).map(|at| layer(&format!("layer {at}"))).collect();
        let state = State::new(EngineChoice::Auto);
        state.model.set(Some(ModelCard {
            name: "net".into(),
            sha256: String::new(),
            bytes: 7,
            default_layer: layers[6].name.clone(),
            layers,
            classifies,
            labels: Vec::new(),
            notes: Vec::new(),
        }));
        state
    }

    fn raise(state: State, layer: &str, kind: ObjectiveKind) {
        let objective = Objective { kind, ..Objective::layer(layer) };
        state.settings.update(|it| it.objectives.push(objective));
    }

    fn pixels() -> Material {
        let picture = Arc::new(Picture { width: 1, height: 1, rgba: vec![255; 4] });
        Material { name: "style.png".into(), picture }
    }

    #[test]
    fn classes_find_their_own_layer_wherever_there_are_classes() {
        for classifies in [true, false] {
            let state = page(classifies);
            raise(state, "logits of another model", ObjectiveKind::Class { index: 3 });
            raise(state, "unheard of", ObjectiveKind::Mean);
            let raised = state.dream_settings().objectives;
            let class =
                Objective { kind: ObjectiveKind::Class { index: 3 }, ..Objective::default() };
            let expected = if classifies { class } else { Objective::layer("layer 6") };
            assert_eq!(raised, [expected]);
        }
    }

    #[test]
    fn each_objective_has_its_layer() {
        let state = page(true);
        assert_eq!(state.layer_of(0).as_deref(), Some("layer 6"));
        raise(state, "layer 1", ObjectiveKind::L2);
        raise(state, "layer 10", ObjectiveKind::L2);
        assert_eq!(state.layer().as_deref(), Some("layer 1"));
        assert_eq!(state.layer_of(1).as_deref(), Some("layer 10"));
        assert_eq!((state.channels_of(0), state.channels_of(1)), (Some(7), Some(8)));
    }

    #[test]
    fn a_style_is_spread_over_the_network_with_its_picture() {
        let state = page(true);
        raise(state, "layer 1", ObjectiveKind::L2);
        raise(state, "layer 1", ObjectiveKind::Style { style: 5 });
        state.spread_style(1);
        let raised = state.settings.get_untracked().objectives;
        let layers: Vec<_> = raised.iter().map(|it| it.layer.as_str()).collect();
        assert_eq!(layers, ["layer 1", "layer 1", "layer 3", "layer 5", "layer 7"]);
        assert!(raised[1..].iter().all(|it| it.kind == ObjectiveKind::Style { style: 5 }));
    }

    #[test]
    fn pictures_that_are_not_there_are_missed_until_they_are() {
        let state = page(true);
        assert_eq!((state.missing(), state.lacks()), (0, None));
        raise(state, "layer 1", ObjectiveKind::Style { style: 5 });
        state.settings.update(|it| it.prior.mask = Mask::Material { index: 6 });
        assert_eq!(state.missing(), 2);
        assert!(state.lacks().is_some_and(|it| it.contains("Style")));
        for key in [5, 6] {
            let settings = state.settings.get_untracked();
            state.materials.update(|it| assert_eq!(it.add(key, pixels(), &settings), key));
        }
        assert_eq!((state.missing(), state.lacks()), (0, None));
        assert_eq!(state.mask_named().as_deref(), Some("style.png"));
        assert_eq!(state.mask().map(|it| it.values), Some(vec![255]));
    }

    #[test]
    fn pointing_at_the_picture_moves_the_neuron() {
        let state = page(true);
        let neuron = |x, y| ObjectiveKind::Neuron { channel: 0, x, y, before_relu: false };
        raise(state, "layer 1", neuron(0.5, 0.5));
        state.pointing.set(Some(0));
        state.point(0, [0.25, 1.5]);
        assert_eq!(state.settings.get_untracked().objectives[0].kind, neuron(0.25, 1.0));
        assert_eq!(state.pointing.get_untracked(), None);
    }
}
