//! Options for what is wished of the picture besides the objectives.

use std::path::{Path, PathBuf};

use anyhow::Result;
use clap::Args;
use dream_protocol::{
    ALPHA_NORM, BLUR, ColorMode, Edges, Finish, Goal, L2, LAPLACIAN_LEVELS, Mask, Parametrisation,
    Picture, Prior, RANDOM_ROTATION, RANDOM_SCALE, REDIRECTED, TOTAL_VARIATION,
};

use super::{choice, explain, within};
use crate::picture;

/// How the gradient becomes a step, what holds the picture back, its colours and edges.
#[derive(Args, Debug)]
#[command(next_help_heading = "Look of the dream")]
pub struct PriorOptions {
    /// How the gradient becomes a step
    #[arg(long, value_name = "HOW", default_value = "mean", value_parser = choice::<Finish>())]
    finish: Finish,
    #[arg(long, value_name = "N", default_value_t = LAPLACIAN_LEVELS.default as u32, value_parser = within::<u32>(LAPLACIAN_LEVELS),
        help = explain("Bands of the gradient that --finish laplacian evens out", &LAPLACIAN_LEVELS))]
    laplacian_levels: u32,
    #[arg(long, value_name = "LEVELS", default_value_t = TOTAL_VARIATION.default as f32, value_parser = within::<f32>(TOTAL_VARIATION),
        help = explain("Total variation: levels of 0–255 by which every update draws a pixel toward each neighbour that differs, which leaves flat areas and sharp edges", &TOTAL_VARIATION))]
    total_variation: f32,
    #[arg(long, value_name = "SHARE", default_value_t = L2.default as f32, value_parser = within::<f32>(L2),
        help = explain("L2 norm: share of a pixel's distance from the goal that every update takes back", &L2))]
    l2: f32,
    #[arg(long, value_name = "SHARE", default_value_t = ALPHA_NORM.default as f32, value_parser = within::<f32>(ALPHA_NORM),
        help = explain("α-norm: the same for the distance's fifth power, which draws back only the farthest pixels", &ALPHA_NORM))]
    alpha_norm: f32,
    /// What the norms draw the picture back to
    #[arg(long, value_name = "WHAT", default_value = "start", value_parser = choice::<Goal>())]
    goal: Goal,
    #[arg(long, value_name = "PX", default_value_t = BLUR.default as f32, value_parser = within::<f32>(BLUR),
        help = explain("Blur of what the dream has added, in every update; the picture under it stays sharp", &BLUR))]
    blur: f32,
    /// Which colours the dream may have
    #[arg(long, value_name = "MODE", default_value = "free", value_parser = choice::<ColorMode>())]
    color: ColorMode,
    /// Where the dream may change the picture: a picture of light and dark, which change all and
    /// nothing; or auto, which is as far as the first layer responds to the picture
    #[arg(long, value_name = "FILE|auto")]
    mask: Option<PathBuf>,
    /// What lies beyond the dream's edges; one whose edges meet begins best with a picture whose
    /// edges do, noise or a flat colour
    #[arg(long, value_name = "WHAT", default_value = "plain", value_parser = choice::<Edges>())]
    edges: Edges,
    /// The same as --edges tileable
    #[arg(long, conflicts_with = "edges")]
    tileable: bool,
    /// What climbs: the pixels, or their spectrum by Adam, which makes smooth and colourful images
    #[arg(long, value_name = "WHAT", default_value = "pixels", value_parser = choice::<Parametrisation>())]
    parametrisation: Parametrisation,
    #[arg(long, value_name = "SHARE", default_value_t = RANDOM_SCALE.default as f32, value_parser = within::<f32>(RANDOM_SCALE),
        help = explain("By how much the network sees the image larger or smaller, at random in every update", &RANDOM_SCALE))]
    random_scale: f32,
    #[arg(long, value_name = "DEGREES", default_value_t = RANDOM_ROTATION.default as f32, value_parser = within::<f32>(RANDOM_ROTATION),
        help = explain("By how far the network sees the image turned to either side, at random in every update", &RANDOM_ROTATION))]
    random_rotation: f32,
    #[arg(long, value_name = "N", default_value_t = REDIRECTED.default as u32, value_parser = within::<u32>(REDIRECTED),
        help = explain("Updates at the beginning in which a gradient that silent units would swallow makes them speak instead", &REDIRECTED))]
    redirected: u32,
}

impl PriorOptions {
    /// As settings. A mask joins the `materials`.
    ///
    /// # Errors
    /// A mask that cannot be read.
    pub fn prior(&self, materials: &mut Vec<Picture>, notes: &mut Vec<String>) -> Result<Prior> {
        let mask = self.mask.as_ref().map(|it| mask(it, materials, notes)).transpose()?;
        Ok(Prior {
            parametrisation: self.parametrisation,
            finish: self.finish,
            laplacian_levels: self.laplacian_levels,
            total_variation: self.total_variation,
            l2: self.l2,
            alpha_norm: self.alpha_norm,
            goal: self.goal,
            blur: self.blur,
            color: self.color,
            mask: mask.unwrap_or_default(),
            edges: if self.tileable { Edges::Tileable } else { self.edges },
            random_scale: self.random_scale,
            random_rotation: self.random_rotation,
            redirected: self.redirected,
        })
    }
}

/// A mask as it is named: `auto`, or a file, whose picture joins the `materials`.
///
/// # Errors
/// A picture that cannot be read.
pub fn mask(name: &Path, materials: &mut Vec<Picture>, notes: &mut Vec<String>) -> Result<Mask> {
    if name.as_os_str() == "auto" {
        return Ok(Mask::Activations);
    }
    materials.push(picture::read(name, notes)?);
    Ok(Mask::Material { index: materials.len() as u32 - 1 })
}
