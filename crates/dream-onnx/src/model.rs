//! A file that has been read: what it offers, and its layout at any image size.

use std::{collections::BTreeMap, iter, sync::Arc};

use dream_graph::{Graph, GraphError, Op, Operand, Preprocessing, Shape, ValueId};
use sha2::{Digest, Sha256};
use tract_onnx::pb;

use crate::{
    error::OnnxError,
    external,
    import::{Entry, Layout, Shapes, lay_out},
    layers::{Head, Layer, Survey, head},
    network::{NEWEST_OPSET, Network},
    preprocessing::preprocessing,
    write,
};

/// The image side at which a network is surveyed if its file does not fix one.
const USUAL_SIDE: usize = 224;

/// A network read from an ONNX file: float, whatever the file's form, and ready to be laid out at
/// any image size. Cheap to clone.
#[derive(Clone)]
pub struct Model {
    inner: Arc<Inner>,
    preprocessing: Preprocessing,
    /// Whether the first note says that preprocessing is assumed.
    assumed: bool,
    notes: Vec<String>,
}

/// A model file and the data files beside it.
#[derive(Clone, Copy)]
pub struct ModelFiles<'a> {
    /// File name, for messages.
    pub name: &'a str,
    /// The bytes of the `.onnx` file.
    pub model: &'a [u8],
    /// The bytes of the data files that [`external_files`](crate::external_files) names.
    pub external: &'a BTreeMap<String, Vec<u8>>,
}

impl ModelFiles<'_> {
    /// SHA-256 of all bytes, the `.onnx` file first, in hexadecimal.
    pub fn sha256(&self) -> String {
        let parts = iter::once(self.model).chain(self.external.values().map(Vec::as_slice));
        let hash = parts.fold(Sha256::new(), Sha256::chain_update).finalize();
        hash.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

/// A network laid out at one image size, for differentiation and for tract.
pub struct Resolved {
    /// The operators that the targets need; values are named as in the file.
    pub graph: Graph,
    /// The same as a minimal ONNX model; its outputs are the targets, in their order.
    pub proto: pb::ModelProto,
}

struct Inner {
    network: Network,
    /// Shapes of all tensors at the size that the file fixes, if it does.
    exported: Option<(Shape, Shapes)>,
    layers: Vec<Layer>,
    default_layer: String,
    labels: Vec<String>,
    head: Option<Head>,
}

impl Model {
    /// Reads a model.
    ///
    /// # Errors
    /// Whatever keeps the network from being dreamed with, naming node, operator or tensor.
    pub fn read(files: &ModelFiles) -> Result<Self, OnnxError> {
        let model = Self::read_any(files)?;
        if let Some(channels) = model.inner.network.input.declared[1].filter(|&c| c != 3) {
            return Err(OnnxError::Input(format!(
                "its input {} has {channels} channels; a picture has 3",
                model.inner.network.input.name
            )));
        }
        if model.inner.layers.is_empty() { Err(OnnxError::NoLayers) } else { Ok(model) }
    }

    /// Reads a network whose input may have any number of channels and which may lack spatial
    /// layers: single operators in tests.
    ///
    /// # Errors
    /// As [`read`](Self::read).
    pub fn read_any(files: &ModelFiles) -> Result<Self, OnnxError> {
        let mut proto = external::decode(files.model)?;
        external::embed(&mut proto, files.external)?;
        let network = Network::new(proto)?;
        let mut notes = Vec::new();
        if network.opset > NEWEST_OPSET {
            notes.push(format!(
                "The file uses ONNX operator set {}, newer than the {NEWEST_OPSET} that is known here.",
                network.opset
            ));
        }
        let (preprocessing, assumption) = preprocessing(&network)?;
        let assumed = assumption.is_some();
        notes.splice(0..0, assumption);
        let inner = Arc::new(Inner::survey(network, &mut notes)?);
        Ok(Self { inner, preprocessing, assumed, notes })
    }

    /// The layers to choose from, shallow to deep.
    pub fn layers(&self) -> &[Layer] {
        &self.inner.layers
    }

    /// Name of the layer to begin with; empty if there is none.
    pub fn default_layer(&self) -> &str {
        &self.inner.default_layer
    }

    /// Height and width of the images that the network was made for: as the file fixes them, else
    /// the usual 224.
    pub fn native_size(&self) -> [usize; 2] {
        let exported = self.inner.exported.as_ref().map(|(shape, _)| [shape[2], shape[3]]);
        exported.unwrap_or([USUAL_SIDE; 2])
    }

    /// Class names in the order of the logits; empty if the file has none.
    pub fn labels(&self) -> &[String] {
        &self.inner.labels
    }

    /// The class head, if there is one.
    pub fn head(&self) -> Option<&Head> {
        self.inner.head.as_ref()
    }

    /// How pixels become network input.
    pub fn preprocessing(&self) -> &Preprocessing {
        &self.preprocessing
    }

    /// What a user should know about the file.
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// The same network with pixels normalised as the user says.
    #[must_use]
    pub fn with_preprocessing(mut self, preprocessing: Preprocessing) -> Self {
        if self.assumed {
            self.notes.remove(0);
        }
        Self { preprocessing, assumed: false, ..self }
    }

    /// Lays out what `targets` need for images of `height` × `width` pixels.
    ///
    /// # Errors
    /// An unknown target, or a size that the network cannot take.
    pub fn resolve(
        &self,
        height: usize,
        width: usize,
        targets: &[&str],
    ) -> Result<Resolved, OnnxError> {
        let graph = self.inner.lay_out(height, width, targets)?;
        let proto = write::protobuf(&graph, targets);
        Ok(Resolved { graph, proto })
    }
}

impl dream_graph::Network for Model {
    fn graph(&self, height: usize, width: usize, targets: &[&str]) -> Result<Graph, GraphError> {
        self.inner.lay_out(height, width, targets).map_err(|error| match error {
            OnnxError::Graph(error) => error,
            OnnxError::UnknownLayer(name) => GraphError::UnknownLayer(name),
            error => GraphError::Import(error.to_string()),
        })
    }

    fn preprocessing(&self) -> &Preprocessing {
        &self.preprocessing
    }
}

impl Inner {
    /// Lays a network out once, at its own size, to see what it offers.
    fn survey(network: Network, notes: &mut Vec<String>) -> Result<Self, OnnxError> {
        let [_, channels, height, width] = network.input.declared;
        let fixed = height.is_some() && width.is_some();
        let side = |declared: Option<usize>| declared.unwrap_or(USUAL_SIDE);
        let shape = vec![1, channels.unwrap_or(3), side(height), side(width)];
        let targets: Vec<&str> = network.outputs.iter().map(String::as_str).collect();
        let layout = lay_out(&network, shape.clone(), &targets, None, !fixed)?;
        let Layout { graph, entries } = &layout;
        let survey = Survey::new(graph, &network.names);
        let layers = match network.metadata.get("layers") {
            Some(list) => {
                let names = list.lines().map(str::trim).filter(|name| !name.is_empty());
                names.filter_map(|name| survey.named(name)).collect()
            }
            None => survey.layers(),
        };
        if let Some(Entry::Impossible(error)) =
            targets.iter().filter_map(|name| entries.get(*name)).find(|e| e.is_impossible())
        {
            if layers.is_empty() {
                return Err(error.clone());
            }
            notes.push(format!("Part of the network cannot be used: {error}."));
        }
        let stated = network.metadata.get("default_layer").map(|name| name.trim());
        let default_layer = match stated.filter(|name| survey.named(name).is_some()) {
            Some(name) => name.to_owned(),
            None => survey.default_layer().unwrap_or_default(),
        };
        let head = targets.iter().find_map(|name| match entries.get(*name) {
            Some(Entry::Value(id)) => head(graph, *id, name, &network.names),
            _ => None,
        });
        let labels = labels(&network, head.as_ref(), notes);
        let exported = fixed.then(|| (shape, shapes(&layout)));
        Ok(Self { network, exported, layers, default_layer, labels, head })
    }

    fn lay_out(&self, height: usize, width: usize, targets: &[&str]) -> Result<Graph, OnnxError> {
        let network = &self.network;
        if height == 0 || width == 0 {
            return Err(OnnxError::Input(format!("a picture of {height} × {width} is empty")));
        }
        let found: Vec<&str> =
            targets.iter().map(|name| self.tensor(name)).collect::<Result<_, _>>()?;
        let shape = vec![1, network.input.declared[1].unwrap_or(3), height, width];
        let reference = self.exported.as_ref().filter(|(exported, _)| *exported != shape);
        let reference = reference.map(|(_, shapes)| shapes);
        let Layout { mut graph, entries } = lay_out(network, shape, &found, reference, false)?;
        for (name, tensor) in targets.iter().zip(found) {
            let id = match entries.get(tensor) {
                Some(Entry::Value(id)) => *id,
                Some(Entry::Impossible(error)) => return Err(error.clone()),
                Some(Entry::Constant(..)) => {
                    return Err(GraphError::Unreachable((*name).to_owned()).into());
                }
                None => return Err(OnnxError::UnknownLayer((*name).to_owned())),
            };
            if graph.find(name).is_err() {
                push_alias(&mut graph, name, id)?;
            }
        }
        Ok(graph)
    }

    /// The tensor that a user means: by its name in the file, or by the name that it had before a
    /// tool quantised the network.
    fn tensor<'a>(&'a self, name: &'a str) -> Result<&'a str, OnnxError> {
        let names = &self.network.names;
        if names.contains(name) {
            return Ok(name);
        }
        let quantised = names.get(&format!("{name}_quantized")).map(String::as_str);
        quantised.ok_or_else(|| OnnxError::UnknownLayer(name.to_owned()))
    }
}

impl Entry {
    fn is_impossible(&self) -> bool {
        matches!(self, Entry::Impossible(_))
    }
}

/// Gives a value another name.
fn push_alias(graph: &mut Graph, name: &str, id: ValueId) -> Result<(), GraphError> {
    graph.push(name, Op::Identity, vec![Operand::Value(id)]).map(|_| ())
}

fn shapes(layout: &Layout) -> Shapes {
    let shape = |entry: &Entry| match entry {
        Entry::Value(id) => Some(layout.graph.value(*id).shape.clone()),
        _ => None,
    };
    layout.entries.iter().filter_map(|(name, e)| Some((name.clone(), shape(e)?))).collect()
}

/// Class names, if there is one for every class.
fn labels(network: &Network, head: Option<&Head>, notes: &mut Vec<String>) -> Vec<String> {
    let Some(text) = network.metadata.get("labels") else { return Vec::new() };
    let labels: Vec<String> = text.lines().map(|line| line.trim().to_owned()).collect();
    match head {
        Some(head) if head.classes == labels.len() => labels,
        Some(head) => {
            let (classes, count) = (head.classes, labels.len());
            notes.push(format!("The file names {count} classes for {classes}; they are not used."));
            Vec::new()
        }
        None => Vec::new(),
    }
}
