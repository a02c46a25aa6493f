//! How to dream: what all commands that dream take.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use clap::Args;
use dream_engines::with_layers;
use dream_onnx::Model;
use dream_protocol::{
    AGAIN, DreamSettings, ITERATIONS, JITTER, ModelId, OCTAVE_SCALE, OCTAVES, Objective, Picture,
    Prior, Recipe, SEED, SIZE, STEP_SIZE, Start,
};

use super::{
    EngineOption, Extent, InputOptions, ModelOption, PriorOptions, explain, extent, start, within,
};
use crate::{
    model,
    objectives::{ObjectiveOptions, Raised},
    picture, recipe,
};

/// Model, settings and engine.
#[derive(Args, Debug)]
pub struct DreamingOptions {
    #[command(flatten)]
    model: ModelOption,
    #[command(flatten)]
    numbers: Numbers,
    /// Dream as this file says: a PNG that Pareidolia saved, or the recipe as JSON; flags override it
    #[arg(long, value_name = "FILE")]
    recipe: Option<PathBuf>,
    #[command(flatten)]
    pub engine: EngineOption,
    #[command(flatten)]
    objectives: ObjectiveOptions,
    #[command(flatten)]
    prior: PriorOptions,
    #[command(flatten)]
    input_options: InputOptions,
}

/// The numeric settings.
#[derive(Args, Debug)]
struct Numbers {
    #[arg(long, value_name = "N", value_parser = within::<u32>(OCTAVES),
        help = explain("Image sizes to climb through", &OCTAVES))]
    octaves: Option<u32>,
    #[arg(long, value_name = "S", value_parser = within::<f32>(OCTAVE_SCALE),
        help = explain("Ratio between the sizes of neighbouring octaves", &OCTAVE_SCALE))]
    octave_scale: Option<f32>,
    #[arg(long, value_name = "N", value_parser = within::<u32>(ITERATIONS),
        help = explain("Updates per octave", &ITERATIONS))]
    iterations: Option<u32>,
    #[arg(long, value_name = "S", value_parser = within::<f32>(STEP_SIZE),
        allow_negative_numbers = true,
        help = explain("Mean change of a pixel per update, in levels of 0–255; below 0 the dream runs in reverse", &STEP_SIZE))]
    step_size: Option<f32>,
    #[arg(long, value_name = "N", value_parser = within::<u32>(JITTER),
        help = explain("Largest random shift per update in pixels", &JITTER))]
    jitter: Option<u32>,
    #[arg(long, value_name = "N", value_parser = within::<u32>(SEED),
        help = explain("Start of the random shifts; the same seed gives the same dream", &SEED))]
    seed: Option<u32>,
    #[arg(long, value_name = "PX|WxH", value_parser = extent,
        help = explain("Longest side in pixels; larger pictures are scaled down to it. With --start, width and height as 640x480", &SIZE))]
    size: Option<Extent>,
    #[arg(long, value_name = "N", value_parser = within::<u32>(AGAIN),
        help = explain("How often the dream goes on from its own result", &AGAIN))]
    again: Option<u32>,
    /// What to begin with in place of a picture: noise, or a colour as #rrggbb
    #[arg(long, value_name = "WHAT", value_parser = start)]
    start: Option<Start>,
}

/// What was asked for, with what it takes.
pub struct Asked {
    /// The network.
    pub model: Model,
    /// Everything else; layers are named.
    pub recipe: Recipe,
    /// Guides, styles and masks.
    pub materials: Vec<Picture>,
}

impl DreamingOptions {
    /// Reads what the options name. They are held against `settings`, or those of a new dream.
    ///
    /// # Errors
    /// Files that cannot be read, and settings that cannot be.
    pub fn asked(&self, settings: Option<DreamSettings>, notes: &mut Vec<String>) -> Result<Asked> {
        let loaded = model::load(self.model.path.as_deref())?;
        let Raised { objectives, mut materials } = self.objectives.raised(&loaded, notes)?;
        let prior = self.prior.prior(&mut materials, notes)?;
        let id = ModelId::from(&loaded.card());
        let known = Recipe::new(id, settings.unwrap_or_default());
        let mut recipe = self.recipe(known, notes)?;
        self.put_into(&mut recipe.settings, objectives, prior);
        recipe.settings.check()?;
        recipe.settings = with_layers(recipe.settings, &loaded.model)?;
        let model = self.input_options.apply(loaded.model);
        notes.extend_from_slice(model.notes());
        Ok(Asked { model, recipe, materials })
    }

    /// The picture to begin with, or one of the right size.
    ///
    /// # Errors
    /// A picture that cannot be read, or that would lose its shape.
    pub fn picture(&self, input: Option<&Path>, notes: &mut Vec<String>) -> Result<Picture> {
        match (input, self.numbers.size.unwrap_or_default()) {
            (Some(input), Extent::Longest(_)) => picture::read(input, notes),
            (Some(_), Extent::Both { .. }) => {
                bail!("a picture keeps its shape; give its longest side alone as --size")
            }
            (None, size) => {
                let [width, height] = size.sides();
                let rgba = vec![255; 4 * width as usize * height as usize];
                Ok(Picture { width, height, rgba })
            }
        }
    }

    /// The recipe of the file, if one was given, for the model at hand.
    fn recipe(&self, known: Recipe, notes: &mut Vec<String>) -> Result<Recipe> {
        let Some(path) = &self.recipe else { return Ok(known) };
        let recipe = recipe::read(path)?;
        notes.extend(recipe.doubts(&known.model));
        let Recipe { settings, remix, .. } = recipe;
        Ok(Recipe { settings, remix, ..known })
    }

    /// What the flags say, in place of what the settings say.
    fn put_into(&self, settings: &mut DreamSettings, objectives: Vec<Objective>, prior: Prior) {
        if !objectives.is_empty() {
            settings.objectives = objectives;
        }
        settings.balance |= self.objectives.balance;
        if prior != Prior::default() {
            settings.prior = prior;
        }
        self.numbers.put_into(settings);
    }
}

impl Numbers {
    fn put_into(&self, settings: &mut DreamSettings) {
        put(self.octaves, &mut settings.octaves);
        put(self.octave_scale, &mut settings.octave_scale);
        put(self.iterations, &mut settings.iterations);
        put(self.step_size, &mut settings.step_size);
        put(self.jitter, &mut settings.jitter);
        put(self.seed, &mut settings.seed);
        put(self.size.map(Extent::longest), &mut settings.size);
        put(self.again, &mut settings.again);
        put(self.start, &mut settings.start);
    }
}

/// What a flag says, if it was given.
pub fn put<T>(flag: Option<T>, setting: &mut T) {
    if let Some(value) = flag {
        *setting = value;
    }
}
