//! How a network wants its pixels: as its file says, else as networks of its kind do.

use std::collections::BTreeMap;

use dream_graph::{ColorLayout, Preprocessing};

use crate::{error::OnnxError, network::Network};

/// What is said to users when nothing in a file tells how pixels are normalised.
const ASSUMED: &str = "The file does not say how pixels become network input; ImageNet's mean and \
    deviation in RGB order are assumed, as in torchvision.";

/// How pixels become input, and a note if that is an assumption.
pub(crate) fn preprocessing(
    network: &Network,
) -> Result<(Preprocessing, Option<String>), OnnxError> {
    if let Some(stated) = stated(&network.metadata)? {
        return Ok((stated, None));
    }
    if is_caffe(network) {
        let mean = [104.0, 117.0, 123.0];
        return Ok((Preprocessing { layout: ColorLayout::Bgr, mean, scale: [1.0; 3] }, None));
    }
    let torchvision = Preprocessing {
        layout: ColorLayout::Rgb,
        mean: [0.485, 0.456, 0.406].map(|mean| mean * 255.0),
        scale: [0.229, 0.224, 0.225].map(|deviation| 1.0 / (255.0 * deviation)),
    };
    Ok((torchvision, Some(ASSUMED.to_owned())))
}

/// What the file's metadata states, if it states anything.
fn stated(metadata: &BTreeMap<String, String>) -> Result<Option<Preprocessing>, OnnxError> {
    let [layout, mean, scale] =
        ["input_layout", "input_mean", "input_scale"].map(|key| metadata.get(key));
    if layout.is_none() && mean.is_none() && scale.is_none() {
        return Ok(None);
    }
    let layout = match layout.map(|text| text.trim().to_ascii_uppercase()).as_deref() {
        None | Some("RGB") => ColorLayout::Rgb,
        Some("BGR") => ColorLayout::Bgr,
        Some(other) => {
            return Err(OnnxError::Input(format!(
                "its input_layout {other:?} is neither RGB nor BGR"
            )));
        }
    };
    let (mean, scale) = (triple("input_mean", mean, 0.0)?, triple("input_scale", scale, 1.0)?);
    if scale.contains(&0.0) {
        return Err(OnnxError::Input("its input_scale is 0".into()));
    }
    Ok(Some(Preprocessing { layout, mean, scale }))
}

/// One number for all channels or one for each.
fn triple(key: &str, text: Option<&String>, default: f32) -> Result<[f32; 3], OnnxError> {
    let Some(text) = text else { return Ok([default; 3]) };
    let parts = text.split([',', ' ']).filter(|part| !part.is_empty());
    let numbers: Option<Vec<f32>> = parts.map(|part| part.parse().ok()).collect();
    match numbers.as_deref() {
        Some(&[one]) if one.is_finite() => Ok([one; 3]),
        Some(&[a, b, c]) if a.is_finite() && b.is_finite() && c.is_finite() => Ok([a, b, c]),
        _ => Err(OnnxError::Input(format!("its {key} {text:?} is not one number or three"))),
    }
}

/// Whether this is one of the Model Zoo's networks from Caffe (GoogLeNet, Inception v1 and v2 and
/// their kin): they keep Caffe's tensor names.
fn is_caffe(network: &Network) -> bool {
    matches!(network.input.name.as_str(), "data_0" | "gpu_0/data_0")
        || network.name.contains("bvlc")
        || network.names.iter().any(|name| name.starts_with("inception_3a/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metadata_states_preprocessing_per_channel_or_for_all() {
        let state = |mean: &str, scale: &str| {
            let pairs = [("input_layout", "bgr"), ("input_mean", mean), ("input_scale", scale)];
            stated(&pairs.map(|(k, v)| (k.to_owned(), v.to_owned())).into())
        };
        let expected = Preprocessing {
            layout: ColorLayout::Bgr,
            mean: [104.0, 117.0, 123.0],
            scale: [0.5; 3],
        };
        assert_eq!(state("104,117, 123", "0.5"), Ok(Some(expected)));
        assert_eq!(stated(&BTreeMap::new()), Ok(None));
        assert!(state("104,117", "1").is_err());
        assert!(state("1,2,3", "0").is_err());
        assert!(state("1,2,inf", "1").is_err());
    }
}
