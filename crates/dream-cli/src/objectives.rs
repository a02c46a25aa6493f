//! The options that say what a dream raises.

use std::{fs, path::PathBuf};

use anyhow::{Context, Result, anyhow};
use clap::{Args, ValueEnum};
use dream_protocol::{COSINE_POWER, Concept, Objective, ObjectiveKind, Picture, classes_like};

use crate::{
    model::Loaded,
    options::{self, explain, within},
    picture,
};

/// Parts of the way through the network at which styles are compared unless layers are named.
const STYLE_DEPTHS: [f64; 4] = [0.1, 0.3, 0.5, 0.7];
/// Classes that an unclear label is answered with at most.
const FITTING: usize = 6;

/// What to raise. Without any of these: everything in the model's default layer.
#[derive(Args, Debug)]
#[command(next_help_heading = "What to raise (may be repeated; weights below 0 lower instead)")]
pub struct ObjectiveOptions {
    /// All that a layer sees: ½Σa² of its activation a [default: the model's default layer]
    #[arg(long = "layer", value_name = "NAME[=W]", value_parser = layer)]
    layers: Vec<Objective>,
    /// The mean of a layer
    #[arg(long = "mean", value_name = "NAME[=W]", value_parser = mean)]
    means: Vec<Objective>,
    /// One channel of a layer, or several, counted from 0: inception_4c/output:7,12=0.5
    #[arg(long = "channel", value_name = "[LAYER:]C,..[=W]", value_parser = channels)]
    channels: Vec<Objective>,
    /// One channel at a place, given as parts of width and height: inception_4c/output:7@0.5,0.25
    #[arg(long = "neuron", value_name = "[LAYER:]C@X,Y[=W]", value_parser = neuron)]
    neurons: Vec<Objective>,
    /// Take channels and neurons before their rectifier, so that silent ones can be raised too
    #[arg(long)]
    before_relu: bool,
    /// A class: its number, or a part of its label that fits no other (`dream classify` tells them)
    #[arg(long = "class", value_name = "LABEL[=W]", value_parser = weighted_text)]
    classes: Vec<Weighted>,
    /// What a guide picture shows, as far as it is there
    #[arg(long, value_name = "FILE")]
    guide: Option<PathBuf>,
    /// How the guide leads: by the channels that it excites, or by the best match for every place
    #[arg(long, value_name = "WAY", value_enum, default_value_t = GuideBy::Channels, requires = "guide")]
    guide_by: GuideBy,
    /// Layer at which the guide leads [default: the model's default layer]
    #[arg(long, value_name = "NAME[=W]", value_parser = layer, requires = "guide")]
    guide_layer: Vec<Objective>,
    /// The textures of a style picture (Gram matrices); with --start noise, nothing but these
    #[arg(long, value_name = "FILE")]
    style: Option<PathBuf>,
    /// Layer at which styles are compared [default: four layers from shallow to deep]
    #[arg(long, value_name = "NAME[=W]", value_parser = layer, requires = "style")]
    style_layer: Vec<Objective>,
    /// A concept that `dream teach` has saved
    #[arg(long = "direction", value_name = "FILE[=W]", value_parser = weighted_text)]
    directions: Vec<Weighted>,
    /// What the picture itself shows at a layer, exaggerated
    #[arg(long = "caricature", value_name = "NAME[=W]", value_parser = layer)]
    caricatures: Vec<Objective>,
    #[arg(long, value_name = "P", default_value_t = COSINE_POWER.default as f32, value_parser = within::<f32>(COSINE_POWER),
        help = explain("How much the angle counts for directions and caricatures", &COSINE_POWER))]
    cosine_power: f32,
    /// Give all of these the same strength before their weights count
    #[arg(long)]
    pub balance: bool,
    /// Raise those of one layer only where a picture is light, or (auto) where the layer responds
    #[arg(long = "mask-for", value_name = "LAYER=FILE|auto", value_parser = layer_mask)]
    masks: Vec<LayerMask>,
}

/// How a guide leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum GuideBy {
    /// Channels count as much as the guide excites them
    Channels,
    /// Every place goes towards the place of the guide that matches it best
    Match,
}

/// Where the objectives of a layer count.
#[derive(Clone, Debug, PartialEq)]
struct LayerMask {
    layer: String,
    mask: String,
}

/// Words with a weight behind them.
#[derive(Clone, Debug, PartialEq)]
struct Weighted {
    text: String,
    weight: f32,
}

/// What to raise, with the pictures that it takes.
#[derive(Debug, Default)]
pub struct Raised {
    /// The objectives.
    pub objectives: Vec<Objective>,
    /// Guides and styles, as the objectives number them.
    pub materials: Vec<Picture>,
}

impl ObjectiveOptions {
    /// The objectives that were asked for; none means the default.
    ///
    /// # Errors
    /// A layer, class or file that is not there, in words that say what to do.
    pub fn raised(&self, loaded: &Loaded, notes: &mut Vec<String>) -> Result<Raised> {
        let mut raised = Raised::default();
        let plain = [&self.layers, &self.means, &self.channels, &self.neurons];
        raised.objectives.extend(plain.into_iter().flatten().map(|it| self.finished(it)));
        let kind = ObjectiveKind::Caricature { cosine_power: self.cosine_power };
        let exaggerated = |it: &Objective| Objective { kind: kind.clone(), ..it.clone() };
        raised.objectives.extend(self.caricatures.iter().map(exaggerated));
        for class in &self.classes {
            let index = class_of(loaded, &class.text)?;
            raised.objectives.push(Objective {
                weight: class.weight,
                kind: ObjectiveKind::Class { index },
                ..Objective::default()
            });
        }
        for direction in &self.directions {
            raised.objectives.push(self.direction(direction)?);
        }
        if let Some(guide) = &self.guide {
            let index = raised.materials.len() as u32;
            raised.materials.push(picture::read(guide, notes)?);
            let kind = match self.guide_by {
                GuideBy::Channels => ObjectiveKind::GuideChannels { guide: index },
                GuideBy::Match => ObjectiveKind::GuideMatch { guide: index },
            };
            let default = [Objective::default()];
            let layers = if self.guide_layer.is_empty() { &default } else { &self.guide_layer[..] };
            let of = |layer: &Objective| Objective { kind: kind.clone(), ..layer.clone() };
            raised.objectives.extend(layers.iter().map(of));
        }
        if let Some(style) = &self.style {
            let kind = ObjectiveKind::Style { style: raised.materials.len() as u32 };
            raised.materials.push(picture::read(style, notes)?);
            let of = |layer: Objective| Objective { kind: kind.clone(), ..layer };
            let layers = match &self.style_layer[..] {
                [] => style_layers(loaded, notes),
                layers => layers.to_vec(),
            };
            raised.objectives.extend(layers.into_iter().map(of));
        }
        for objective in raised.objectives.iter().filter(|it| !it.layer.is_empty()) {
            loaded.layer(&objective.layer)?;
        }
        for LayerMask { layer, mask } in &self.masks {
            let mask = options::mask(mask.as_ref(), &mut raised.materials, notes)?;
            let default = loaded.model.default_layer();
            let has_layer = |it: &&mut Objective| match it.layer.as_str() {
                "" => layer == default && !matches!(it.kind, ObjectiveKind::Class { .. }),
                own => layer == own,
            };
            let mut found = raised.objectives.iter_mut().filter(has_layer).peekable();
            if found.peek().is_none() {
                return Err(anyhow!(
                    "--mask-for {layer}: no objective that you name has that layer"
                ));
            }
            found.for_each(|it| it.mask = mask);
        }
        Ok(raised)
    }

    /// The objective with what other options say about it.
    fn finished(&self, objective: &Objective) -> Objective {
        let mut objective = objective.clone();
        match &mut objective.kind {
            ObjectiveKind::Channels { before_relu, .. }
            | ObjectiveKind::Neuron { before_relu, .. } => *before_relu = self.before_relu,
            _ => {}
        }
        objective
    }

    fn direction(&self, Weighted { text: path, weight }: &Weighted) -> Result<Objective> {
        let failed = || format!("cannot use the concept {path}");
        let text = fs::read_to_string(path).with_context(failed)?;
        let concept: Concept = serde_json::from_str(&text)
            .map_err(|error| anyhow!("it is not what `dream teach` writes ({error})"))
            .with_context(failed)?;
        let Concept { layer, direction, .. } = concept;
        let cosine_power = self.cosine_power;
        let kind = ObjectiveKind::Direction { direction, cosine_power };
        Ok(Objective { weight: *weight, kind, ..Objective::layer(layer) })
    }
}

/// Layers spread over most of the network's depth.
fn style_layers(loaded: &Loaded, notes: &mut Vec<String>) -> Vec<Objective> {
    let layers = loaded.model.layers();
    let at = |depth: f64| ((layers.len() - 1) as f64 * depth).round() as usize;
    let mut chosen: Vec<usize> = STYLE_DEPTHS.into_iter().map(at).collect();
    chosen.dedup();
    let names: Vec<&str> = chosen.into_iter().map(|at| layers[at].name.as_str()).collect();
    notes.push(format!("Styles are compared at {}.", names.join(", ")));
    names.into_iter().map(Objective::layer).collect()
}

/// The class of that number or label.
fn class_of(loaded: &Loaded, text: &str) -> Result<u32> {
    let head = loaded.head()?;
    let labels = loaded.model.labels();
    if let Ok(index) = text.parse::<usize>() {
        let count = head.classes;
        let unknown = || anyhow!("the model {} has no class {index}; it has {count}", loaded.name);
        return (index < count).then_some(index as u32).ok_or_else(unknown);
    }
    if labels.is_empty() {
        let name = &loaded.name;
        return Err(anyhow!("the model {name} has no labels; name the class by its number"));
    }
    match classes_like(labels, text)[..] {
        [index] => Ok(index as u32),
        [] => Err(anyhow!(
            "the model {} has no class with {text:?} in its label; `dream classify` shows labels",
            loaded.name
        )),
        ref several => {
            let named = several.iter().take(FITTING).map(|&i| format!("{i} {}", labels[i]));
            let more = if several.len() > FITTING { ", …" } else { "" };
            Err(anyhow!(
                "{text:?} fits {} classes: {}{more}; say more of the label, or its number",
                several.len(),
                named.collect::<Vec<_>>().join(", ")
            ))
        }
    }
}

/// Splits `TEXT=weight`. Names may contain `=`: what follows the last one is a weight only if it is
/// a number.
fn weighted(text: &str) -> Result<(&str, f32), String> {
    let (name, weight) = match text.rsplit_once('=').map(|(name, w)| (name, w.parse::<f32>())) {
        Some((name, Ok(weight))) => (name, weight),
        _ => (text, 1.0),
    };
    if name.is_empty() {
        return Err("there is no name; write NAME or NAME=weight".to_owned());
    }
    if !weight.is_finite() {
        return Err("the weight is not a finite number".to_owned());
    }
    Ok((name, weight))
}

fn weighted_text(text: &str) -> Result<Weighted, String> {
    let (text, weight) = weighted(text)?;
    Ok(Weighted { text: text.to_owned(), weight })
}

fn layer(text: &str) -> Result<Objective, String> {
    let (name, weight) = weighted(text)?;
    Ok(Objective { weight, ..Objective::layer(name) })
}

fn mean(text: &str) -> Result<Objective, String> {
    Ok(Objective { kind: ObjectiveKind::Mean, ..layer(text)? })
}

/// `LAYER=FILE`; a layer's name may contain `=`, so that the last one counts.
fn layer_mask(text: &str) -> Result<LayerMask, String> {
    match text.rsplit_once('=') {
        Some((layer, mask)) if !layer.is_empty() && !mask.is_empty() => {
            Ok(LayerMask { layer: layer.to_owned(), mask: mask.to_owned() })
        }
        _ => Err("write LAYER=FILE or LAYER=auto".to_owned()),
    }
}

/// `[LAYER:]C,..[=W]`
fn channels(text: &str) -> Result<Objective, String> {
    let (text, weight) = weighted(text)?;
    let (layer, channels) = text.rsplit_once(':').unwrap_or(("", text));
    let channels = channels.split(',').map(channel).collect::<Result<_, _>>()?;
    let kind = ObjectiveKind::Channels { channels, before_relu: false };
    Ok(Objective { weight, kind, ..Objective::layer(layer) })
}

/// `[LAYER:]C@X,Y[=W]`
fn neuron(text: &str) -> Result<Objective, String> {
    let (text, weight) = weighted(text)?;
    let parts =
        text.rsplit_once('@').and_then(|(unit, place)| Some((unit, place.split_once(',')?)));
    let Some((unit, (x, y))) = parts else {
        return Err("write LAYER:CHANNEL@X,Y, X and Y from 0 to 1".to_owned());
    };
    let (layer, unit) = unit.rsplit_once(':').unwrap_or(("", unit));
    let place = |text: &str| match text.trim().parse::<f32>() {
        Ok(place) if (0.0..=1.0).contains(&place) => Ok(place),
        _ => Err(format!("{text} is not a place from 0 to 1")),
    };
    let kind = ObjectiveKind::Neuron {
        channel: channel(unit)?,
        x: place(x)?,
        y: place(y)?,
        before_relu: false,
    };
    Ok(Objective { weight, kind, ..Objective::layer(layer) })
}

fn channel(text: &str) -> Result<u32, String> {
    let number = text.trim().parse();
    number.map_err(|_| format!("{text:?} is not the number of a channel, counted from 0"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_weight_is_what_follows_the_last_equals_sign_if_a_number() {
        let parsed = |text| layer(text).map(|it| (it.layer, it.weight));
        let layer = |name: &str, weight| Ok((name.to_owned(), weight));
        assert_eq!(parsed("inception_4c/output"), layer("inception_4c/output", 1.0));
        assert_eq!(parsed("inception_4c/output=0.5"), layer("inception_4c/output", 0.5));
        assert_eq!(parsed("a=b"), layer("a=b", 1.0));
        assert_eq!(parsed("a=b=-2"), layer("a=b", -2.0));
        assert!(parsed("=2").is_err());
        assert!(parsed("").is_err());
        assert!(parsed("a=inf").is_err());
        assert!(parsed("a=nan").is_err());
    }

    #[test]
    fn channels_and_places_are_read_from_behind() {
        let kind = |channels: &[u32]| ObjectiveKind::Channels {
            channels: channels.to_vec(),
            before_relu: false,
        };
        let objective =
            |layer: &str, weight, kind| Ok(Objective { weight, kind, ..Objective::layer(layer) });
        assert_eq!(channels("a:0/b:3,14=-2"), objective("a:0/b", -2.0, kind(&[3, 14])));
        assert_eq!(channels("7"), objective("", 1.0, kind(&[7])));
        let at = ObjectiveKind::Neuron { channel: 3, x: 0.5, y: 1.0, before_relu: false };
        assert_eq!(neuron("a/b:3@0.5,1=2"), objective("a/b", 2.0, at));
        for bad in ["a:", "a:x", "a:1,", "a:-1"] {
            assert!(channels(bad).is_err(), "{bad}");
        }
        for bad in ["a:1", "a:1@0.5", "a:1@2,0", "a:@0,0"] {
            assert!(neuron(bad).is_err(), "{bad}");
        }
    }
}
