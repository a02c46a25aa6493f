//! Constants that lie in data files beside the model.
//!
//! Nothing is read from disk here: callers ask which files a model names, and hand their bytes in.
//! Names that lead out of the model's folder are refused.

use std::collections::BTreeMap;

use prost::Message;
use tract_onnx::pb::{ModelProto, TensorProto, tensor_proto::DataLocation};

use crate::{error::OnnxError, sniff::looks_like_onnx};

/// Names of the data files that a model needs beside itself, relative to its folder, sorted.
///
/// # Errors
/// Bytes that are not ONNX, or a name that leads out of the model's folder.
pub fn external_files(model: &[u8]) -> Result<Vec<String>, OnnxError> {
    let mut proto = decode(model)?;
    let mut files = Vec::new();
    for tensor in tensors(&mut proto).filter(|tensor| is_external(tensor)) {
        files.push(location(tensor)?.to_owned());
    }
    files.sort();
    files.dedup();
    Ok(files)
}

/// Decodes the outermost message.
pub(crate) fn decode(model: &[u8]) -> Result<ModelProto, OnnxError> {
    looks_like_onnx(model)?;
    ModelProto::decode(model).map_err(|error| OnnxError::Damaged(error.to_string()))
}

/// Copies the bytes of external constants into the model.
pub(crate) fn embed(
    model: &mut ModelProto,
    files: &BTreeMap<String, Vec<u8>>,
) -> Result<(), OnnxError> {
    for tensor in tensors(model).filter(|tensor| is_external(tensor)) {
        let name = location(tensor)?.to_owned();
        let error = |reason: String| OnnxError::External {
            tensor: tensor.name.clone(),
            location: name.clone(),
            reason,
        };
        let file = files.get(&name).ok_or_else(|| {
            error("that file was not given; open it together with the model".into())
        })?;
        let number = |key: &str| match entry(tensor, key) {
            Some(text) => match text.parse::<usize>() {
                Ok(number) => Ok(Some(number)),
                Err(_) => Err(error(format!("its {key} {text:?} is no number"))),
            },
            None => Ok(None),
        };
        let offset = number("offset")?.unwrap_or(0);
        let length = number("length")?.unwrap_or(file.len().saturating_sub(offset));
        let range = offset.checked_add(length).and_then(|end| file.get(offset..end));
        let bytes = range.ok_or_else(|| {
            error(format!("bytes {offset} to {offset} + {length} are beyond its {}", file.len()))
        })?;
        tensor.raw_data = bytes.to_vec();
        tensor.data_location = None;
    }
    Ok(())
}

fn tensors(model: &mut ModelProto) -> impl Iterator<Item = &mut TensorProto> {
    model.graph.iter_mut().flat_map(|graph| {
        let attributes = graph.node.iter_mut().flat_map(|node| node.attribute.iter_mut());
        graph.initializer.iter_mut().chain(attributes.filter_map(|attribute| attribute.t.as_mut()))
    })
}

fn is_external(tensor: &TensorProto) -> bool {
    tensor.data_location == Some(DataLocation::External as i32)
}

fn entry<'a>(tensor: &'a TensorProto, key: &str) -> Option<&'a str> {
    tensor.external_data.iter().find(|entry| entry.key == key).map(|entry| entry.value.as_str())
}

fn location(tensor: &TensorProto) -> Result<&str, OnnxError> {
    let name = entry(tensor, "location").unwrap_or_default();
    let safe = !name.is_empty()
        && !name.contains(['\\', ':', '\0'])
        && name.split('/').all(|part| !part.is_empty() && part != "..");
    if safe {
        Ok(name)
    } else {
        Err(OnnxError::External {
            tensor: tensor.name.clone(),
            location: name.to_owned(),
            reason: "that is no file inside the model's folder".into(),
        })
    }
}
