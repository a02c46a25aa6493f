//! A recipe: everything that, with its photo, remakes a dream.
//!
//! It travels as JSON: in the PNG of a dream (an iTXt chunk named [`RECIPE_KEYWORD`]) and in the
//! fragment of the page's address. Recipes outlive versions: a field that is missing has its
//! default, one that is unknown is passed over.

use serde::{Deserialize, Serialize};

use crate::{DreamSettings, ModelCard, Remix};

/// Keyword of the PNG chunk that holds a recipe.
pub const RECIPE_KEYWORD: &str = "pareidolia";

/// The version of the recipes that are written now.
const VERSION: u32 = 1;

/// Everything that remakes a dream, but for the photo.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Recipe {
    /// Grows when an older program could no longer make sense of a recipe.
    pub version: u32,
    /// The program that wrote it, for people.
    pub app: String,
    /// The model that dreamed.
    pub model: ModelId,
    /// How it dreamed.
    pub settings: DreamSettings,
    /// How what the octaves added was put together afterwards.
    pub remix: Remix,
    /// Whether settings changed while it dreamed, or it dreamed on a dream: the settings alone
    /// then give another picture.
    pub steered: bool,
}

/// A model, told from all others.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ModelId {
    /// File name without its ending, or the embedded model's name.
    pub name: String,
    /// SHA-256 of its files, in hexadecimal.
    pub sha256: String,
}

impl Recipe {
    /// The recipe of a dream that this program makes.
    pub fn new(model: ModelId, settings: DreamSettings) -> Self {
        let app = concat!("Pareidolia ", env!("CARGO_PKG_VERSION")).to_owned();
        Self { version: VERSION, app, model, settings, ..Self::default() }
    }

    /// What keeps these settings from remaking the dream with `model`, a sentence each.
    pub fn doubts(&self, model: &ModelId) -> Vec<String> {
        let mut doubts = Vec::new();
        if self.version > VERSION {
            let app = &self.app;
            doubts.push(format!(
                "The recipe was written by a newer program ({app}), which may know settings that this one does not."
            ));
        }
        let Self { model: ModelId { name, sha256 }, .. } = self;
        if !sha256.is_empty() && *sha256 != model.sha256 {
            let likewise =
                if *name == model.name { "another file of that name" } else { &model.name };
            doubts.push(format!(
                "The recipe was made with the model {name}, but this is {likewise}: open {name} to remake the dream."
            ));
        }
        if self.steered {
            doubts.push(
                "The dream was steered while it grew: these settings alone make a similar one, not the same.".into(),
            );
        }
        doubts
    }
}

impl From<&ModelCard> for ModelId {
    fn from(card: &ModelCard) -> Self {
        Self { name: card.name.clone(), sha256: card.sha256.clone() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn model(name: &str, sha256: &str) -> ModelId {
        ModelId { name: name.into(), sha256: sha256.into() }
    }

    fn read(json: &str) -> Recipe {
        serde_json::from_str(json).expect("a recipe")
    }

    #[test]
    fn a_recipe_survives_its_text() {
        let settings = DreamSettings { octave_scale: 1.35, seed: 7, ..Default::default() };
        let remix = Remix { gains: vec![1.0, 0.25], strength: -1.0, color: 0.5 };
        let recipe = Recipe { remix, steered: true, ..Recipe::new(model("net", "ab"), settings) };
        let text = serde_json::to_string(&recipe).expect("text");
        assert_eq!(read(&text), recipe);
        assert_ne!(read(&text.replace("1.35", "1.4")), recipe);
    }

    #[test]
    fn what_is_missing_has_its_default_and_what_is_unknown_is_passed_over() {
        let recipe = read(r#"{"settings":{"seed":9,"flavour":"plum"},"tomorrow":[1]}"#);
        let settings = DreamSettings { seed: 9, ..Default::default() };
        assert_eq!(recipe, Recipe { settings, ..Recipe::default() });
    }

    #[test]
    fn doubts_are_told_in_words() {
        let recipe = Recipe::new(model("net", "ab"), DreamSettings::default());
        assert_eq!(recipe.doubts(&model("net", "ab")), [""; 0]);
        let told = |recipe: &Recipe, other| recipe.doubts(&other).join(" ");
        assert!(told(&recipe, model("web", "cd")).contains("this is web"));
        assert!(told(&recipe, model("net", "cd")).contains("another file"));
        let steered = Recipe { steered: true, version: 99, ..recipe };
        assert_eq!(steered.doubts(&model("net", "ab")).len(), 2);
    }
}
