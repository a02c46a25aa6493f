//! Options that several commands share, and the parsing of their values. A value out of range is
//! wrong usage: clap reports it and exits with 2.

mod dreaming;
mod extent;
mod prior;

use std::{fmt::Display, path::PathBuf, str::FromStr};

use clap::{
    Args,
    builder::{PossibleValue, PossibleValuesParser, TypedValueParser},
};
use dream_graph::{ColorLayout, Preprocessing};
use dream_onnx::Model;
use dream_protocol::{Choice, EngineChoice, Range, SettingsError, Start};

pub use dreaming::{Asked, DreamingOptions, put};
pub use extent::{Extent, extent};
pub use prior::{PriorOptions, mask};

/// Which model.
#[derive(Args, Debug)]
pub struct ModelOption {
    /// ONNX file of the network [default: the built-in mini-inception]
    #[arg(long = "model", value_name = "FILE")]
    pub path: Option<PathBuf>,
}

/// Which engine.
#[derive(Args, Debug)]
pub struct EngineOption {
    /// What computes the gradients
    #[arg(long = "engine", value_name = "NAME", default_value = "auto", value_parser = engine())]
    pub choice: EngineChoice,
}

/// How pixels become network input, for model files that do not say.
#[derive(Args, Debug)]
#[command(next_help_heading = "Input of the model, where its file does not say it right")]
pub struct InputOptions {
    /// Order of the colour channels: rgb or bgr
    #[arg(long, value_name = "ORDER", value_parser = layout())]
    input_layout: Option<ColorLayout>,
    /// Subtracted from pixels of 0–255: one number or one per channel, in the network's order
    #[arg(long, value_name = "A,B,C", value_parser = per_channel, allow_hyphen_values = true)]
    input_mean: Option<[f32; 3]>,
    /// Multiplied after the subtraction: one number or one per channel, in the network's order
    #[arg(long, value_name = "A,B,C", value_parser = scale_per_channel, allow_hyphen_values = true)]
    input_scale: Option<[f32; 3]>,
}

impl InputOptions {
    /// The model with what the user said in place of what the file says or we assumed.
    pub fn apply(&self, model: Model) -> Model {
        if self.input_layout.is_none() && self.input_mean.is_none() && self.input_scale.is_none() {
            return model;
        }
        let Preprocessing { layout, mean, scale } = *model.preprocessing();
        model.with_preprocessing(Preprocessing {
            layout: self.input_layout.unwrap_or(layout),
            mean: self.input_mean.unwrap_or(mean),
            scale: self.input_scale.unwrap_or(scale),
        })
    }
}

/// Parser of a number within the range of a setting.
pub fn within<T>(range: Range) -> impl Fn(&str) -> Result<T, String> + Clone
where
    T: FromStr<Err: Display> + Into<f64> + Copy,
{
    move |text| {
        let value: T = text.parse().map_err(|error: T::Err| error.to_string())?;
        range.check(value.into()).map_err(|error| error.to_string())?;
        Ok(value)
    }
}

/// Parser of an engine's name.
pub fn engine() -> impl TypedValueParser<Value = EngineChoice> {
    PossibleValuesParser::new(["auto", "cpu", "gpu", "hybrid"])
        .try_map(|name| name.parse::<EngineChoice>())
}

/// Parses what a dream begins with.
///
/// # Errors
/// What no dream begins with.
pub fn start(text: &str) -> Result<Start, SettingsError> {
    text.parse()
}

/// Parser of one of a few named possibilities.
pub fn choice<C: Choice + Send + Sync>() -> impl TypedValueParser<Value = C> {
    let value = |choice: &C| PossibleValue::new(choice.key()).help(choice.words().1);
    PossibleValuesParser::new(C::ALL.iter().map(value)).try_map(|key| {
        let found = C::ALL.iter().copied().find(|choice| choice.key() == key);
        found.ok_or_else(|| format!("there is no {key}"))
    })
}

/// Help of a numeric setting with its range and default.
pub fn explain(text: &str, range: &Range) -> String {
    format!("{text}, {} to {} [default: {}]", range.min, range.max, range.default)
}

fn layout() -> impl TypedValueParser<Value = ColorLayout> {
    PossibleValuesParser::new(["rgb", "bgr"])
        .map(|name| if name == "bgr" { ColorLayout::Bgr } else { ColorLayout::Rgb })
}

fn per_channel(text: &str) -> Result<[f32; 3], String> {
    let numbers: Vec<f32> = text
        .split(',')
        .map(|number| number.trim().parse::<f32>())
        .collect::<Result<_, _>>()
        .map_err(|error| error.to_string())?;
    match *numbers.as_slice() {
        _ if numbers.iter().any(|number| !number.is_finite()) => {
            Err("every number must be finite".to_owned())
        }
        [all] => Ok([all; 3]),
        [first, second, third] => Ok([first, second, third]),
        _ => Err("give one number or three, separated by commas".to_owned()),
    }
}

fn scale_per_channel(text: &str) -> Result<[f32; 3], String> {
    match per_channel(text)? {
        scale if scale.contains(&0.0) => Err("a scale of 0 leaves nothing to see".to_owned()),
        scale => Ok(scale),
    }
}

#[cfg(test)]
mod tests {
    use dream_protocol::{OCTAVE_SCALE, OCTAVES};

    use super::*;

    #[test]
    fn numbers_are_held_against_their_range() {
        let octaves = within::<u32>(OCTAVES);
        assert_eq!(octaves("10"), Ok(10));
        assert!(octaves("11").is_err_and(|error| error.contains("between 1 and 10")));
        assert!(octaves("-1").is_err());
        assert!(octaves("1.5").is_err());
        let scale = within::<f32>(OCTAVE_SCALE);
        assert_eq!(scale("1.4"), Ok(1.4));
        assert!(scale("nan").is_err());
        assert!(scale("1").is_err());
    }

    #[test]
    fn channels_take_one_number_or_three() {
        assert_eq!(per_channel("104,117, 123"), Ok([104.0, 117.0, 123.0]));
        assert_eq!(per_channel("-1"), Ok([-1.0; 3]));
        for bad in ["", "1,2", "1,2,3,4", "a", "1,nan,2"] {
            assert!(per_channel(bad).is_err(), "{bad}");
        }
        assert!(scale_per_channel("1,0,1").is_err());
        assert!(scale_per_channel("0.5").is_ok());
    }
}
